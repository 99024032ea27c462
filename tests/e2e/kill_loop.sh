# SPDX-License-Identifier: Apache-2.0
# The loop of the two scenarios above: needs DEVICE, runs_now, alter NUMBER,
# break_check, leftovers (of ours on the device); sourced after the stage is set.

apply() { fairlead apply "$DEVICE" --yes $EXTRA; }

# Everything the branch must hold after each round: as many run folders as the
# journal has runs, each finished, each device in them with one end.
check_results() {
	folders=$(results ls-tree -r --name-only fairlead-results -- runs | grep -c report.json)
	equal "$1: reports on the branch" "$(fairlead history --json --limit 1000 | wc -l)" "$folders"
	fairlead history --json --limit 1000 | grep '"open":true' && fail "$1: a run is open"
	for path in $(results ls-tree -r --name-only fairlead-results -- runs | grep report.json); do
		results show "fairlead-results:$path" | grep -q '"end": "none"' &&
		    fail "$1: no final record in $path"
	done
	true
}

# Killed at a point, then started again: what runs must be what the report of
# the killed run says.
kill_at() {
	point=$1
	old=$(runs_now)
	code=0
	FAIRLEAD_FAILPOINT=$point apply >"$W/killed.log" 2>&1 || code=$?
	equal "$point: the controller was killed" 137 "$code"
	killed=$(fairlead history --json --limit 1 | jq -r .run.id)
	apply >"$W/again.log" 2>&1 || true
	between=$(runs_now)
	equal "$point: left behind" '' "$(leftovers)"
	end=$(fairlead show "$killed" --json | jq -r 'select(.job) | .job.end')
	case $end in
	deployed | unchanged) ;;
	reverted | failed | skipped)
		# The second apply may have deployed it afterwards; a held one not.
		;;
	*) fail "$point: the killed run ended as '$end'" ;;
	esac
	echo "$point: $end"
	check_results "$point"
}

n=0
for point in reading-unwritten reading staging-unwritten staging arming-unwritten arming \
    armed-unwritten proving confirming-unwritten confirming confirmed-unwritten saving \
    saved-unwritten finished-unwritten finished; do
	n=$((n + 1))
	alter $n
	push "Round $n: $point"
	before=$(runs_now)
	kill_at "$point"
	fairlead release "$DEVICE" >/dev/null 2>&1 || true
	apply >"$W/last.log" 2>&1 || { cat "$W/last.log"; fail "$point: it cannot be deployed afterwards"; }
	fairlead plan "$DEVICE" $EXTRA >"$W/plan.log" 2>&1 || fail "$point: the plan is not empty"
	now=$(runs_now)
	[ "$before" != "$now" ] || fail "$point: nothing was deployed at last"
	[ "$between" = "$before" ] || [ "$between" = "$now" ] ||
	    fail "$point: neither old nor new ran: $between"
done

# The same on the way back, with a change that fails its check.
good=$(runs_now)
for point in reverting-unwritten reverting reverted-unwritten; do
	break_check
	push "A change that fails: $point"
	kill_at "$point"
	equal "$point: the killed run" reverted "$end"
	equal "$point: what runs" "$good" "$(runs_now)"
	git -C "$W/network" revert --no-edit HEAD >/dev/null
	git -C "$W/network" push -q origin HEAD:main
	fairlead release "$DEVICE" >/dev/null
done
