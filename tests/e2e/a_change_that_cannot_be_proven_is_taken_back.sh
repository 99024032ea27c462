#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The change cuts its own way in, the device takes only part of it, refuses it,
# or its timer ends while checks still run: the old configuration is back, by
# our word or by the device's own timer, and was compared.
. "$TOP/tests/e2e/switches_lib.sh"
. "$TOP/tests/e2e/struck_lib.sh"
switches 1
echo 'limits: { silence: 20s, connect: 20s }' >> "$W/fairlead.yaml"
ours

for fault in cut cut:now cut:silent; do
	struck reverted "$fault"
	says "$fault" 'management after the change\|arm: '
	contains "$fault: who took it back" '"why":"revert-expired"' \
	    "$(tail -1 "$W/lab/sw1/history.jsonl")"
done
struck reverted 'ignore:name round'
says 'a line it did not take' 'does not show what was sent .*vlan 10 | -    name round'
struck refused 'reject:name round'
says 'a line it refuses' 'the device says: .*Invalid input at line'
struck refused 'commit-error:TCAM is full'
says 'a commit it refuses' 'TCAM is full'

# The device's clock runs much faster than ours: its timer ends while our check
# settles, and what was not confirmed in time is not confirmed late.
mkdir "$W/network/checks"
cat > "$W/network/checks/slow.yaml" <<-END
	checks:
	- { id: patience, run: show version, match: never this, when: [after], severity: warn,
	    settle: { for: 25s, every: 1s } }
END
SCALE=3
struck reverted
says 'a timer that ended' 'timer is not running any more'
contains 'who took it back' '"why":"revert-expired"' "$(tail -1 "$W/lab/sw1/history.jsonl")"
