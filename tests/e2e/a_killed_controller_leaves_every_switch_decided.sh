#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same loop on a simulated EOS switch, whose memory of every configuration
# it ever ran is the oracle: old or new, never else.
. "$TOP/tests/e2e/lib.sh"
DEVICE=sw1
EXTRA="--time-scale 5"
LAB_OPTIONS="--time-scale 5"
set_stage
cat > "$W/network/checks/users.yaml" <<-END
	checks:
	- { id: users, select: sw1, run: 'show running-config | include ^vlan 10$', match: vlan 10,
	    settle: { for: 1s } }
END
push 'The users have their VLAN'
fairlead trust sw1 --yes >/dev/null
fairlead plan sw1 >/dev/null

runs_now() { cat "$W/lab/sw1/running.cfg"; }
leftovers() {
	"$BIN/fairlead-lab" ctl "$W/lab" sw1 show |
	    jq -r '.sessions[] | select(.state == "pending" or .state == "timer") | .name'
}
alter() {
	sed -i "s,^   name users.*,   name users$1," "$W/network/configs/sw1.cfg"
}
break_check() {
	sed -i '/^vlan 10$/,/^!/d; s/access vlan 10/access vlan 11/' "$W/network/configs/sw1.cfg"
}
. "$TOP/tests/e2e/kill_loop.sh"
