#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ${secret:NAME} on a line that no rule of the platform knows: neither its value
# nor the one before the rotation is in plans, reports, the journal, logs, the
# results branch or what fetch prints; also when the line leaves Git. A value
# with a line end is not sent at all.
. "$TOP/tests/e2e/switches_lib.sh"
switches 1
ours
sed -i 's,^hostname sw1,&\n!\nsnmp-server location ${secret:rotated}  rack 1,' "$W/network/configs/sw1.cfg"
push 'A place that nobody may know'
nothing_shows() {
	for value in OldValueCanary NewValueCanary ThirdValueCanary; do
		for commit in $(results rev-list --all); do
			! results grep -qF "$value" "$commit" -- || fail "$1: $value is on the results branch"
		done
		! grep -rqF "$value" "$W/state" "$W"/*.log || fail "$1: $value is in the state or a log"
		! fairlead fetch sw1 | grep -F "$value" || fail "$1: fetch shows $value"
	done
}
for value in OldValueCanary NewValueCanary ThirdValueCanary; do
	echo "$value" > "$W/secrets/rotated"
	try plan fairlead plan sw1
	exits "$value: plan" 2
	try apply fairlead apply sw1 --yes
	exits "$value: apply" 0
	contains 'it is on the device' "snmp-server location $value" "$(running sw1)"
	nothing_shows "$value"
done
sed -i '/snmp-server location/d' "$W/network/configs/sw1.cfg"
push 'No place'
try apply fairlead apply sw1 --yes
exits 'the line is taken out' 0
! running sw1 | grep location || fail 'it is still there'
nothing_shows 'taken out'

sed -i 's,^hostname sw1,&\n!\nsnmp-server location ${secret:rotated},' "$W/network/configs/sw1.cfg"
push 'A place again'
n=$(changes sw1)
printf 'abc\nhostname evil\n' > "$W/secrets/rotated"
try evil fairlead apply sw1 --yes
exits 'a value with a line end' 1
says 'a value with a line end' 'rotated (it holds a line end or control byte)'
equal 'nothing was sent' "$n" "$(changes sw1)"
contains 'status' unknown "$(fairlead status sw1)"

# What is secret on a platform that is not known is not known either.
run=$(fairlead history --json | jq -r '.run | select(.deployed == 1) | .id' | head -1)
contains 'the copy' 'hostname sw1' "$(fairlead fetch sw1 --before "$run")"
try nothing fairlead fetch sw1 --before nosuch
exits 'a run that never was' 1
says 'a run that never was' 'nosuch'
sed -i 's,arista_eos,nosuch_os,' "$W/network/inventory/groups.yaml"
push 'Another platform'
try unknown fairlead fetch sw1 --before "$run"
exits 'an unknown platform' 1
says 'an unknown platform' 'platform is not known'
! printf '%s' "$said" | grep 'Canary\|hostname' || fail 'it shows the copy'
