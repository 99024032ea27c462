# SPDX-License-Identifier: Apache-2.0
# struck ENDS FAULT...: one change of sw1 while it has the faults, each once;
# sourced after switches_lib.sh. It must end as one of ENDS, run what the
# report says and nothing else in between, and be deployable afterwards.
round=0
struck() {
	round=$((round + 1)) ends=$1 old=$(running sw1) lines=$(wc -l < "$W/lab/sw1/history.jsonl")
	shift
	sed -i "s,^   description server.*,   description server $round," "$W/network/configs/sw1.cfg"
	name_vlan "round$round" sw1
	for fault; do
		lab sw1 fault "$fault*1"
	done
	try struck fairlead apply --yes
	# A cut lasts as long as the change does; the others strike once.
	equal "$*: faults that did not strike" '' \
	    "$(state_of sw1 '.faults[] | select(startswith("cut") | not)')"
	lab sw1 fault clear
	end=$(fairlead show --json | jq -r 'select(.job) | .job.end')
	case " $ends " in *" $end "*) ;; *) fail "$*: it ended as $end: $said" ;; esac
	if [ "$end" = deployed ]; then
		exits "$*" 0
		runs_vlan "round$round" sw1
		equal "$*: saved" "$(running sw1)" "$(cat "$W/lab/sw1/startup.cfg")"
	else
		exits "$*" 1
		equal "$*: what runs" "$old" "$(running sw1)"
		says "$*" "next: "
	fi
	if [ "$end" = reverted ]; then
		contains "$*: afterwards" "held since its last try" "$(fairlead plan sw1 || true)"
		fairlead release sw1 >/dev/null
	fi
	equal "$*: what is armed" null "$(state_of sw1 .armed)"
	seen=$(tail -n +$((lines + 1)) "$W/lab/sw1/history.jsonl" |
	    jq -r 'select(.what == "running") | .sha256' | sort -u | wc -l)
	[ "$seen" -le 2 ] || fail "$*: it ran $seen configurations"
	echo "$*: $(printf '%s\n' "$said" | grep ' ended ' | cut -c34-)"
}
state_of() { "$BIN/fairlead-lab" ctl "$W/lab" "$1" show | jq "$2"; }
