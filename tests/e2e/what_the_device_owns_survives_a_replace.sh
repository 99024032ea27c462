#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lines that a platform's rules call the device's own are not in Git and are on
# the device. A replace of the whole configuration leaves them: no plan shows
# them, the candidate carries them in their place, and the next plan is empty.
# The same section without that rule would be taken away, and the plan says so.
. "$TOP/tests/e2e/switches_lib.sh"
switches 1
ours
mkdir "$W/platforms"
own() {
	fairlead platform show arista_eos | sed "/^  owned:/a\\
    - {name: ours, line: '^vlan 99\$'}\\
    - {name: port, line: '^spanning-tree portfast', within: '^interface '}" \
	    > "$W/platforms/arista_eos.yaml"
	echo "platforms: $W/platforms" >> "$W/fairlead.yaml"
}
lab sw1 edit 'vlan 99' 'name kept-by-the-device'
lab sw1 edit 'interface Ethernet2' 'spanning-tree portfast'
lab sw1 save

try without fairlead plan sw1
exits 'without the rule there is a difference' 2
says 'it says what would go' '- vlan 99'

own
try owned fairlead plan sw1
exits 'with it there is none' 0

name_vlan guests sw1
try change fairlead plan sw1
exits 'a change of something else' 2
says 'it is shown' 'name guests'
[ "${said#*vlan 99}" = "$said" ] || fail "what stays is shown: $said"
try apply fairlead apply sw1 --yes
exits 'it is deployed' 0

runs_vlan guests sw1
runs_vlan kept-by-the-device sw1
contains 'in its place' 'spanning-tree portfast' \
    "$(running sw1 | sed -n '/^interface Ethernet2/,/^!/p')"
try after fairlead plan sw1
exits 'and the next plan is empty' 0
