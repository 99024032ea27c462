#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What examples/quickstart.sh shows, asserted: real BIRD, real sshd, and Git
# over ssh to a real server instead of a path.
. "$TOP/tests/e2e/lib.sh"

GIT_PORT=$(free_port)
start_sshd gitserver "$GIT_PORT"
printf '[127.0.0.1]:%s %s\n' "$GIT_PORT" "$(cut -d' ' -f1,2 "$W/gitserver/host_key.pub")" \
    > "$W/known_hosts"
REMOTE_URL="ssh://$(id -un)@127.0.0.1:$GIT_PORT$W/network.git"
REMOTE_OPTIONS=", ssh_key: $W/key, known_hosts: $W/known_hosts"

set_stage
act_first_contact
act_change
equal 'a plan with changes exits' 2 "$plan_code"
equal 'apply exits' 0 "$apply_code"
equal 'the second plan exits' 0 "$second_plan_code"
contains 'edge1 has the route' 192.0.2.128/25 "$(bird_routes edge1)"
for n in 1 2 3 4; do
	contains "sw$n runs the VLAN" cameras "$(cat "$W/lab/sw$n/running.cfg")"
	contains "sw$n saved it" cameras "$(cat "$W/lab/sw$n/startup.cfg")"
done
contains 'the note' '6 deployed' "$(results log -1 --notes=fairlead --format=%N main)"

act_failing_check
equal 'apply with a failing check exits' 1 "$failing_code"
equal 'edge1 has its routes back' "$before" "$after"
contains 'edge1 is held' held "$held"
fairlead plan edge1 >/dev/null
! fairlead status edge1 | grep held || fail 'edge1 is held on what Git does not say any more'

act_rejected
equal 'apply of a rejected change exits' 1 "$rejected_code"
contains 'the device said why' 'syntax error' "$(fairlead show)"

act_killed
contains 'the change was armed' 100.64.0.0/10 "$armed"
equal 'edge2 has its routes back' "$before" "$after"
contains 'the report says so' 'reverted' "$(results show "fairlead-results:$recovered_report")"

# No secret in anything that left the state directory's sealed copies.
for secret in $(cat "$W/secrets/switches" "$W/secrets/admin-sha512"); do
	for commit in $(results rev-list --all); do
		! results grep -qF "$secret" "$commit" -- || fail "a secret is in commit $commit"
	done
	! grep -rqF "$secret" "$W/state" "$W"/*.log || fail "a secret is in the state directory"
done
