#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Another one's commit timer, sessions, unsaved or running edits on the device:
# Fairlead says so and keeps off, and never confirms, aborts or overwrites them.
. "$TOP/tests/e2e/switches_lib.sh"
switches 2
ours
state_of() { "$BIN/fairlead-lab" ctl "$W/lab" "$1" show | jq -c "$2"; }
# Its sessions, timers and unsaved edits are gone with the fault.
fresh() {
	lab sw2 fault clear
	lab sw2 reboot
	sleep 1
	wait_for 100 fairlead fetch sw2 || fail 'sw2 does not come back'
}
name_vlan cameras sw1 sw2

# keeps_off WHAT TEXT NEXT [option...]: apply leaves sw2 as it is.
keeps_off() {
	what=$1 text=$2 next=$3
	shift 3
	before=$(running sw2) sessions=$(state_of sw2 '[.sessions[] | [.name, .state]]')
	try busy fairlead apply sw2 --yes "$@"
	exits "$what" 1
	says "$what" "sw2: \(refused\|blocked\|failed\): .*$text"
	says "$what" "$next"
	equal "$what: what runs" "$before" "$(running sw2)"
	equal "$what: its sessions" "$sessions" "$(state_of sw2 '[.sessions[] | [.name, .state]]')"
}
lab sw2 fault foreign-timer:10m
keeps_off 'a foreign commit timer' 'somebody else has a change pending' 'wait until'
try pending fairlead plan sw2
says 'a plan under a foreign timer' 'undecided: somebody else has a change pending on it'
try others fairlead apply sw1 --yes
exits 'the others' 0
fresh
lab sw2 fault foreign-sessions:5
keeps_off 'five foreign sessions' 'Maximum number of pending sessions' 'next: abort one of the sessions'
fresh

lab sw2 edit 'interface Ethernet2' 'description by hand'
keeps_off 'drift' 'somebody changed the device since the last deploy' 'fairlead adopt sw2'
keeps_off 'an unsaved edit' 'what the device would load at a restart' 'next: on the device, save' --undo-drift
lab sw2 save

# Somebody edits between the look and the deploy: what was looked at is deployed,
# or nothing. (A terminal that answers y late.)
sed -i 's,timer: 60s,timer: 60s\, on_drift: include,' "$W/fairlead.yaml"
mkfifo "$W/answer"
script -qfec "'$BIN/fairlead' apply sw2 --config '$W/fairlead.yaml' --time-scale $SCALE" /dev/null \
    <"$W/answer" >"$W/asked.log" 2>&1 &
asked=$!
exec 9>"$W/answer"
wait_for 100 grep -q 'Deploy this' "$W/asked.log" || fail 'it does not ask'
lab sw2 edit 'interface Ethernet2' 'description again by hand'
lab sw2 save
before=$(changes sw2)
echo y >&9
exec 9>&-
wait $asked && fail 'what nobody looked at was deployed'
contains 'another plan' 'no longer' "$(cat "$W/asked.log")"
equal 'changes of sw2' "$before" "$(changes sw2)"

try meant fairlead apply sw2 --yes
exits 'undone when it is meant' 0
runs_vlan cameras sw2
