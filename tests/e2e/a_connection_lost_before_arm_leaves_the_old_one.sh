#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The device hangs up or falls silent at each step before the change is armed,
# and after any number of bytes: nothing was changed, nothing of ours is left
# behind that matters, and the same apply works when the device does.
. "$TOP/tests/e2e/switches_lib.sh"
switches 1
echo 'limits: { silence: 20s, connect: 30s }' >> "$W/fairlead.yaml"
ours
old=$(running sw1)
name_vlan cameras sw1

for fault in drop-before:login drop-before:read drop-after:read \
    drop-before:session drop-after:session drop-before:clean drop-after:clean \
    drop-before:load drop-after:load drop-before:diff drop-after:diff \
    stall-before:read stall-after:session stall-before:load stall-after:load \
    drop-in:90 drop-in:300 drop-in:700 drop-out:500 drop-out:1500; do
	# Twice: once for the plan, once for the job, where the step is in both.
	lab sw1 fault "$fault*2"
	try lost fairlead apply --yes
	lab sw1 fault clear
	if [ $code = 0 ]; then
		fail "$fault did not strike: $said"
	fi
	says "$fault" 'sw1: failed: .*'
	says "$fault" 'next: .*'
	untouched sw1
	equal "$fault: what runs" "$old" "$(running sw1)"
	equal "$fault: an armed session" null \
	    "$("$BIN/fairlead-lab" ctl "$W/lab" sw1 show | jq .armed)"
	echo "$fault: $(printf '%s\n' "$said" | grep '^sw1: failed')"
done
try well fairlead apply --yes
exits 'when it is well' 0
runs_vlan cameras sw1
equal 'sessions left behind' 0 "$("$BIN/fairlead-lab" ctl "$W/lab" sw1 show |
    jq '[.sessions[] | select(.state == "pending")] | length')"
