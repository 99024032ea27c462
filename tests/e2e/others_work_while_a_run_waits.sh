#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# While a run waits for one device (its check settles for long), a plan, a
# fetch and a second run over other devices go through the daemon and finish;
# SIGTERM then waits for the device in change, and ends in order.
. "$TOP/tests/e2e/lib.sh"
set_stage
fairlead trust sw1 sw2 --yes >/dev/null
fairlead plan sw1 sw2 >/dev/null
cat > "$W/network/checks/slow.yaml" <<-END
	checks:
	  - { id: patience, select: sw1, run: show hostname, match: never this, when: [after],
	      settle: { for: 20s, every: 500ms } }
END
sed -i 's,name users,name waits,' "$W/network/configs/sw1.cfg"
sed -i 's,name users,name passes,' "$W/network/configs/sw2.cfg"
push 'One waits, one passes'

"$BIN/fairlead" run --config "$W/fairlead.yaml" 2>"$W/daemon.log" &
daemon=$!
PIDS="$PIDS $daemon"
wait_for 100 test -S "$W/state/control.sock" || fail 'the daemon does not listen'

fairlead apply sw1 --yes >"$W/waits.log" 2>&1 &
waits=$!
wait_for 300 grep -q proving "$W/waits.log" || fail 'the first run does not get that far'

fairlead plan sw2 >"$W/plan.log" 2>&1 && fail 'the plan of sw2 sees no change'
contains 'a plan' 'passes' "$(cat "$W/plan.log")"
contains 'a fetch' 'hostname sw2' "$(fairlead fetch sw2)"
fairlead apply sw2 --yes >"$W/passes.log" 2>&1 || fail 'the second run fails'
contains 'sw2' passes "$(cat "$W/lab/sw2/running.cfg")"
kill -0 $waits || fail 'the first run did not wait'
contains 'status meanwhile' 'a run is under way' "$(fairlead status)"

kill -TERM $daemon
wait $waits && fail 'the check can never pass'
wait $daemon || fail 'the daemon ended badly'
contains 'sw1 was taken back' 'name users' "$(cat "$W/lab/sw1/running.cfg")"
contains 'its report' '1 reverted' "$(results log --format=%s fairlead-results)"
contains 'the second report' '1 deployed' "$(results log --format=%s fairlead-results)"
