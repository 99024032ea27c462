#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A second merge while the first is being rolled out: every device ends at the
# second, each commit at a time, and status never says in-sync of a device that
# does not run what Git says now.
. "$TOP/tests/e2e/switches_lib.sh"
MODE=auto POLL=500ms SCALE=5
switches 3
ours
start_daemon
name_vlan one sw1 sw2 sw3
wait_for 300 grep -q proving "$W/daemon.log" || fail 'nothing is in change'
name_vlan two sw1 sw2 sw3
wait_for 100 sh -c "[ \$(grep -c '3 devices, asked by poll' '$W/daemon.log') = 2 ]" ||
    fail 'the second run does not begin'
! fairlead status | grep 'in-sync' || fail 'status: in sync with a commit that is not the newest'
wait_for 1200 sh -c "[ \$(grep -c '\"run\".*deployed, ' '$W/daemon.log') = 2 ]" || fail 'the runs do not end'
for d in sw1 sw2 sw3; do runs_vlan two $d; done
equal 'status' 3 "$(fairlead status | grep -c 'in-sync')"
equal 'ends' 'succeeded succeeded' "$(fairlead history --json | jq -r .run.outcome | paste -sd' ')"
stop_daemon
