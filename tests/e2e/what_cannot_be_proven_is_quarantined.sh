#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A device that came back from a revert as neither old nor new, one that cannot
# save what was confirmed, and one that never came back: nothing touches them
# any more, the rollout ends there, and a person ends it after a look.
. "$TOP/tests/e2e/switches_lib.sh"
SCALE=${SLOW:-30} TIMER=5m
switches 4
echo 'limits: { silence: 60s, connect: 90s }' >> "$W/fairlead.yaml"
ours

# doubt DEVICE WORDS: after an apply to it that could not be proven.
doubt() {
	exits "$1" 1
	says "$1" "$1: quarantined: .*$2"
	contains "$1: status" '"quarantined":"' "$(fairlead status "$1" --json)"
	n=$(wc -l < "$W/lab/$1/history.jsonl")
	says "$1" "next: look at the device itself, then .fairlead ack $1"
	try plan fairlead plan "$1"
	says "$1: its plan" "${3:-quarantined: .*look at the device, then .fairlead ack $1}"
	try again fairlead apply "$1" --yes --undo-drift
	exits "$1: again" 1
	equal "$1: nothing happened to it" "$n" "$(wc -l < "$W/lab/$1/history.jsonl")"
}
for d in sw1 sw2 sw3; do
	sed -i "s,description server.*,description server one," "$W/network/configs/$d.cfg"
done
name_vlan one sw1 sw2 sw3 sw4

lab sw1 fault 'ignore:name one' bad-revert
try bad fairlead apply sw1 sw4 --yes
doubt sw1 'neither the old nor the new'
untouched sw4
lab sw1 fault clear
try ack fairlead ack sw1 --reason 'a line more; undone'
exits ack 0
try ack fairlead ack sw1
exits 'ack of what is not quarantined' 1
says 'ack of what is not quarantined' 'sw1 is not quarantined'
lab sw1 save
try apply fairlead apply sw1 sw4 --yes --undo-drift
exits 'after the ack' 0
runs_vlan one sw1
runs_vlan one sw4

lab sw2 fault save-error
try save fairlead apply sw2 --yes
lab sw2 fault clear
doubt sw2 'save'
runs_vlan one sw2
fairlead ack sw2 >/dev/null

# Armed, and never seen again.
lab sw3 fault drop-after:arm cut
fairlead apply sw3 --yes >"$W/gone.log" 2>&1 &
gone=$!
wait_for 300 grep -q arming "$W/gone.log" || fail 'it does not get to arm'
lab sw3 reboot 10h
wait $gone && code=0 || code=$?
said=$(cat "$W/gone.log")
doubt sw3 'should have reverted it, but' 'next: see whether it is up'
try others fairlead apply sw1 sw4 --yes
exits 'the others' 0
