#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The device hangs up, falls silent or restarts at confirm or save. Whether it
# took the confirm is asked of the device: then it is the new configuration,
# saved; else the old one.
. "$TOP/tests/e2e/switches_lib.sh"
. "$TOP/tests/e2e/struck_lib.sh"
switches 1
echo 'limits: { silence: 20s, connect: 30s }' >> "$W/fairlead.yaml"
ours

struck reverted drop-before:confirm
struck reverted stall-before:confirm
for fault in drop-after:confirm stall-after:confirm drop-before:save drop-after:save \
    stall-before:save stall-after:save reboot:save; do
	struck deployed "$fault"
done
# Confirmed, and restarted before it was saved: the saved one is the old one.
struck reverted reboot:confirm
