#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Banners and descriptions that look like the device's own prompt, an error, a
# question or a terminal command: they are read, compared and deployed as the
# texts they are, and never drive the terminal of who looks at them.
. "$TOP/tests/e2e/switches_lib.sh"
switches 2
ours

# Texts that look like something else are texts. texts FAULT...
texts() {
	lab sw2 save
	cp "$W/lab/sw2/running.cfg" "$W/network/configs/sw2.cfg"
	push 'Strange texts on sw2'
	try same fairlead plan sw2
	exits "$1: what is there is what Git says" 0
	name_vlan "after-$1" sw2
	try texts fairlead apply sw2 --yes
	exits "$1: a change between the texts" 0
	runs_vlan "after-$1" sw2
	contains "$1: the banner" "^$2" "$(running sw2)"
}
lab sw2 fault lookalike latency:200ms
lab sw2 edit 'interface Ethernet1' 'description sw2#' 'interface Ethernet2' 'description sw2(config)#'
texts prompts 'sw2(config)#'
lab sw2 fault clear
lab sw2 edit 'banner motd' '% Invalid input' ' --More-- ' 'Password: ' 'end' 'sw2# ' \
    'Copy completed successfully.' 'EOF' 'interface Ethernet2' \
    'description % Invalid input (at token 1: no)'
texts errors '% Invalid input'

# What is shown to people never drives their terminal.
lab sw1 edit 'interface Ethernet1' "$(printf 'description \033]52;c;AAAA\007 \302\233 \342\200\256x')"
lab sw1 save
on_terminal() {
	script -qec "'$BIN/fairlead' $* --config '$W/fairlead.yaml' --time-scale $SCALE" /dev/null
}
for command in 'plan sw1' 'fetch sw1' 'apply sw1 --yes --undo-drift'; do
	try terminal on_terminal "$command"
	says "$command" 'Ethernet1\|succeeded'
	[ -z "$(printf '%s' "$said" | LC_ALL=C tr -d '[:print:]\r\n')" ] ||
	    fail "$command: bytes that drive a terminal"
done
