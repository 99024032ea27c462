#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A device that never shows a prompt, prints without end, falls silent or hangs
# up in the middle is left alone, within a deadline and without its flood in
# any report; the others are deployed.
. "$TOP/tests/e2e/switches_lib.sh"
switches 2
echo 'limits: { output: 4M, silence: 20s, command: 2m, connect: 30s }' >> "$W/fairlead.yaml"
ours

round=0
strange() {
	round=$((round + 1))
	fault=$1 what=$2 limit=$3
	lab sw2 fault "$fault"
	name_vlan "round$round" sw1 sw2
	for command in 'plan sw2' 'apply sw2 --yes'; do
		began=$(date +%s)
		try strange fairlead $command
		exits "$fault: $command" 1
		says "$fault: $command" "sw2: .*$what"
		says "$fault: $command" 'next: .*by hand'
		[ $(($(date +%s) - began)) -le "$limit" ] || fail "$fault: it took too long"
		[ ${#said} -lt 5000 ] || fail "$fault: the flood comes through"
	done
	try all fairlead apply --yes
	exits "$fault: apply" 1
	untouched sw2
	runs_vlan "round$round" sw1
	lab sw2 fault clear
}
strange no-prompt 'silent' 9
strange endless '4M\|4 MiB\|4194304\|more than' 20
strange stall:70 silent 9
strange drop-out:600 'closed\|lost\|ended\|gone\|hung up' 9
try well fairlead apply sw2 --yes
exits 'when it is well again' 0
