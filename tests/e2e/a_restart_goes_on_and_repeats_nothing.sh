#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The daemon is told to stop in the middle of a rollout: what is in change ends,
# the rest is skipped and is deployed after the next start. A start when all is
# done makes no new run.
. "$TOP/tests/e2e/switches_lib.sh"
MODE=auto POLL=1s SCALE=3
switches 3
ours
mkdir "$W/network/checks"
cat > "$W/network/checks/slow.yaml" <<-END
	checks:
	- { id: patience, run: show version, match: never this, when: [after], severity: warn,
	    settle: { for: 12s, every: 1s } }
END
name_vlan one sw1 sw2 sw3
runs() { fairlead history --json | jq -r '.run | select(.open | not) | .outcome'; }

start_daemon
wait_for 300 grep -q 'proving' "$W/daemon.log" || fail 'nothing is in change'
stop_daemon
runs_vlan one sw1
untouched sw2 sw3
n=$(changes sw1)
equal 'the interrupted run' 'partly deployed' "$(runs)"

start_daemon
wait_for 600 grep -q '2 deployed' "$W/daemon.log" || fail 'it does not go on'
stop_daemon
runs_vlan one sw2
runs_vlan one sw3
equal 'two runs' 2 "$(runs | wc -l)"
equal 'changes on sw1' "$n" "$(changes sw1)"

start_daemon
sleep 3
stop_daemon
equal 'a start with nothing to do' 2 "$(runs | wc -l)"

# Its state is taken away: it does not go on beside whoever comes next.
start_daemon
rm -r "$W/state"
wait_for 100 grep -q 'state directory was removed: stopping' "$W/daemon.log" || fail 'it goes on'
wait $daemon || true
