#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The branch was forced to another history, or back to an older commit (a stale
# replica looks the same): nothing is planned or deployed from it, by a person
# or by the daemon, until a person says that it was meant.
. "$TOP/tests/e2e/switches_lib.sh"
MODE=auto POLL=2s
switches 1
ours
first=$(git -C "$W/network" rev-parse HEAD)
name_vlan cameras sw1
try deploy fairlead apply --yes
exits 'the first change' 0

# rewritten WHAT: plan, apply and the daemon refuse, and say what to do.
rewritten() {
	before=$(running sw1) n=$(changes sw1)
	for command in plan 'apply --yes' 'fetch sw1' 'trust sw1 --yes'; do
		try refused fairlead $command
		exits "$1: $command" 1
		says "$1: $command" "branch main $1"
		says "$1: $command" 'next: .*`fairlead ack --rewrite [0-9a-f]*`'
	done
	start_daemon
	wait_for 100 grep -q "branch main $1" "$W/daemon.log" || fail 'the daemon says nothing'
	sleep 1
	equal 'the daemon says it once' 1 "$(grep -c "branch main $1" "$W/daemon.log")"
	try status fairlead status
	exits 'status meanwhile' 0
	stop_daemon
	equal "$1: changes on sw1" "$n" "$(changes sw1)"
	equal "$1: what runs" "$before" "$(running sw1)"
}

git -C "$W/network" push -qf origin "$first:main"
rewritten 'went back from'

git -C "$W/network" reset -q --hard "$first"
name_vlan evil sw1 2>/dev/null || git -C "$W/network" push -qf origin HEAD:main
rewritten 'was rewritten'

# Meant after all: accepted, once, and on record; then it goes on as usual.
try other fairlead ack --rewrite "$first"
exits 'accepting another commit' 1
says 'accepting another commit' "next: look at it, then .fairlead ack --rewrite"
head=$(git -C "$W/network" rev-parse HEAD)
try accepted fairlead ack --rewrite "$head" --reason 'CHG-7'
exits 'accepting' 0
try again fairlead ack --rewrite "$head"
exits 'nothing left to accept' 1
try plan fairlead plan
exits 'the plan afterwards' 2
says 'the plan afterwards' 'name evil'
untouched_since=$(changes sw1)
try apply fairlead apply --yes
exits 'the deploy afterwards' 0
runs_vlan evil sw1
[ "$(changes sw1)" -gt "$untouched_since" ] || fail 'nothing was deployed'
contains 'the audit trail' '"what":"ack-rewrite".*CHG-7' \
    "$(for path in $(results ls-tree -r --name-only fairlead-results -- runs | grep audit); do
	results show "fairlead-results:$path"; done)"
