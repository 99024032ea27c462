#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Suspended and held devices are left alone, with a sentence that says why and
# what ends it, until a person, a term or a new commit ends it; the rest goes on.
. "$TOP/tests/e2e/switches_lib.sh"
switches 2
ours

name_vlan one sw1 sw2
try suspend fairlead suspend 'role=leaf,sw1' --reason 'line card, CHG-5'
exits suspend 0
try status fairlead status
says status 'suspended: role=leaf,sw1: line card, CHG-5'
try plan fairlead plan
says 'the plan' 'closed: suspended: line card, CHG-5 .*`fairlead resume` ends it'
try apply fairlead apply --yes
exits 'apply' 1
says 'apply' '1 deployed, 1 blocked'
untouched sw1
runs_vlan one sw2
try wrong fairlead resume sw1
exits 'resume by another selector' 1
says 'resume by another selector' 'next: `fairlead status` lists suspensions'
try wrong fairlead suspend 'colour=blue'
exits 'a selector that is none' 1
try resume fairlead resume 'role=leaf,sw1'
exits resume 0
try apply fairlead apply --yes
exits 'afterwards' 0
runs_vlan one sw1

# For a term: it ends by itself.
name_vlan two sw1
fairlead suspend sw1 --for 12s >/dev/null
try early fairlead apply sw1 --yes
exits 'within the term' 1
says 'within the term' 'suspended: no reason given .* until 20'
sleep 12
try late fairlead apply sw1 --yes
exits 'after the term' 0

# Held after it was taken back: by hand, or by another commit.
fails() {
	sed -i "s,description server.*,description server $1," "$W/network/configs/sw1.cfg"
	name_vlan "$1" sw1 sw2
	lab sw1 fault "ignore:name $1"
	try reverted fairlead apply sw1 --yes
	exits 'a change it does not take' 1
	says 'a change it does not take' 'sw1: reverted'
	lab sw1 fault clear
	n=$(changes sw1)
	try held fairlead apply --yes
	exits 'the same again' 1
	says 'the same again' 'sw1: blocked: held since its last try: .*`fairlead release sw1`'
	equal 'a held device is not touched' "$n" "$(changes sw1)"
	runs_vlan "$1" sw2
}
fails three
contains status 'held' "$(fairlead status sw1 --json)"
try release fairlead release sw1 --reason 'it is well'
exits release 0
try again fairlead release sw1
exits 'nothing to release' 1
says 'nothing to release' 'sw1 is not held'
try apply fairlead apply sw1 --yes
exits 'after the release' 0
fails four
name_vlan five sw1
try apply fairlead apply sw1 --yes
exits 'after another commit' 0
runs_vlan five sw1
for what in suspend resume release; do
	contains 'the audit trail' "\"what\":\"$what\"" "$(
	    for path in $(results ls-tree -r --name-only fairlead-results -- runs | grep audit); do
		results show "fairlead-results:$path"
	    done)"
done
