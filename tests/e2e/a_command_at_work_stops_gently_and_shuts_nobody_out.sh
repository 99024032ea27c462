#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Without a daemon: while `apply` works, others can look, suspend and resume;
# what needs the devices says who has them. Told to stop, it brings the device
# in change to its end, skips the rest, and says so.
. "$TOP/tests/e2e/switches_lib.sh"
SCALE=3
switches 2
ours
mkdir -p "$W/network/checks"
cat > "$W/network/checks/slow.yaml" <<-END
	checks:
	- { id: patience, run: show version, match: never this, when: [after], severity: warn,
	    settle: { for: 25s, every: 1s } }
END
name_vlan one sw1 sw2

"$BIN/fairlead" apply --yes --config "$W/fairlead.yaml" --time-scale $SCALE >"$W/apply.log" 2>&1 &
apply=$!
wait_for 300 grep -q proving "$W/apply.log" || fail 'it does not get to proving'
for command in status history show 'suspend sw2 --reason later' 'resume sw2'; do
	try look fairlead $command
	exits "$command" 0
done
for command in 'plan sw2' 'release sw1'; do
	try locked fairlead $command
	exits "$command" 1
	says "$command" 'another fairlead works'
done
kill -INT $apply
code=0
wait $apply || code=$?
said=$(cat "$W/apply.log")
exits 'apply' 1
says 'apply' 'sw1 *ended *deployed'
says 'apply' 'sw2: skipped: not started: Fairlead was told to stop'
runs_vlan one sw1
untouched sw2

# What ran before is in the copy that the run kept.
run=$(fairlead history --json --limit 1 | jq -r .run.id)
contains 'the rollback copy' 'name users' "$(fairlead fetch sw1 --before "${run%-*}")"
contains 'running' 'name one' "$(fairlead fetch sw1)"
equal 'open runs' 0 "$(fairlead history --json | grep -c '"open":true' || true)"
