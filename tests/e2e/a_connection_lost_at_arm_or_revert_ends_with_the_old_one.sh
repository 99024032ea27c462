#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The device hangs up, falls silent or restarts while the change is armed or
# taken back: it is asked, or waited for, and ends with the old configuration.
. "$TOP/tests/e2e/switches_lib.sh"
. "$TOP/tests/e2e/struck_lib.sh"
switches 1
echo 'limits: { silence: 20s, connect: 30s }' >> "$W/fairlead.yaml"
ours

for fault in drop-before:arm drop-after:arm stall-before:arm stall-after:arm reboot:arm; do
	struck reverted "$fault"
done
# It shows less than was sent, so it is taken back; and that goes wrong.
for fault in drop-before:abort drop-after:abort stall-before:abort stall-after:abort reboot:abort; do
	struck reverted "ignore:name round" "$fault"
done
struck deployed
