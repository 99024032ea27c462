#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Benchmarks: Fairlead beside yardsticks, in one run, alternating, three times
# each; prints medians and ratios beside the budgets. Never a verdict: exits 0
# when it could measure. docs/benchmarks.md says what the rows mean.
#
#	tests/bench/run.sh		builds what it needs, about three minutes
#	BIN=DIR tests/bench/run.sh	with programs that are built (FAIRLEAD_BENCH)
#	DEVICES=N ROUNDS=N FLEET=N	other sizes (1000, 3, 10000)
set -eu
cd "$(dirname "$0")/../.."
TOP=$PWD
HERE=$TOP/tests/bench
. examples/lib.sh
DEVICES=${DEVICES:-1000} ROUNDS=${ROUNDS:-3} FLEET=${FLEET:-10000}
PUSHED=100
[ "$DEVICES" -ge $PUSHED ] || PUSHED=$DEVICES

if [ -z "${BIN:-}" ]; then
	need_packages $BUILD_PACKAGES git jq diffutils
	cmake --preset release -B build/bench -DFAIRLEAD_BENCH=ON >/dev/null
	cmake --build build/bench --target fairlead fairlead-lab bare_loop device_loop diff_loop measure
	BIN=$TOP/build/bench/bin
fi
# Up to 20,000 descriptors, or as many as we may have.
limit=$(ulimit -Hn)
[ "$limit" != unlimited ] && [ "$limit" -lt 20000 ] || limit=20000
ulimit -n "$limit"

work_dir
began=$(date +%s)
say() { printf '== %s (%s s)\n' "$*" $(($(date +%s) - began)) >&2; }
# A child in the background, ended by its id when all is over.
start() {
	"$@" &
	child=$!
	PIDS="$PIDS $child"
}
end() {
	kill "$1"
	wait "$1" || true
	PIDS=$(echo "$PIDS " | sed "s/ $1 / /")
}
now() { date +%s.%3N; }
# median FILE EXPRESSION, of records, one a line
median() { jq -s "map($2) | sort | .[(length - 1) / 2 | floor]" "$W/$1"; }
calc() { awk "BEGIN { printf \"%.${2:-2}f\", $1 }"; }
row() { printf '| %s | %s | %s | %s | %s |\n' "$@" >> "$W/table"; }
# Log records with seconds since 1970 as .s
logs() { jq -c '.s = (.at[0:19] + "Z" | fromdate) + (.at[20:23] | tonumber) / 1000' "$1"; }
logged() { [ "$(grep -c "$2" "$1")" -ge "$3" ]; }
# repository NAME: what is in $W/NAME becomes a remote, $W/NAME.git
repository() {
	git init -q --bare -b main "$W/$1.git"
	git -C "$W/$1" init -q -b main
	git -C "$W/$1" add -A
	git -C "$W/$1" commit -q -m Start
	git -C "$W/$1" push -q "$W/$1.git" main
}
commit() {
	git -C "$W/$1" commit -q -a -m "$2"
	git -C "$W/$1" push -q "$W/$1.git" main
}
# settings NAME MODE POLL
settings() {
	cat > "$W/$1.yaml" <<-END
		instance: bench
		state: $W/$1.state
		mode: $2
		repository: { url: $W/$1.git, poll: $3 }
		credentials:
		  default:
		    read: { user: admin, password: { file: $W/password } }
		    write: { user: admin, password: { file: $W/password } }
		deploy: { timer: 60s }
	END
}
# switches NAME N: the first N switches of the lab as an intended repository
switches() {
	mkdir -p "$W/$1/inventory" "$W/$1/configs"
	for n in $(seq "$2"); do
		cp "$W/lab/sw$n/running.cfg" "$W/$1/configs/sw$n.cfg"
	done
	jq -r --argjson n "$2" '.devices[:$n][] |
	    "\(.name): { hostname: \(.address), port: \(.port), platform: arista_eos }"' \
	    "$W/lab.ready" >> "$W/$1/inventory/hosts.yaml"
}

# --- the network ---

say "$DEVICES switches start"
echo admin > "$W/password"
awk -f "$HERE/device.awk" > "$W/device.cfg"
start "$BIN/fairlead-lab" run --dir "$W/lab" --count "$DEVICES" --config "$W/device.cfg" \
    > "$W/lab.ready" 2> "$W/lab.log"
wait_for 1200 test -s "$W/lab.ready" || { cat "$W/lab.log"; exit 1; }
jq -r '.devices[] | "\(.name) \(.address) \(.port)"' "$W/lab.ready" > "$W/targets"

# --- a: reading ---

say "host keys of $DEVICES switches are learned"
switches all "$DEVICES"
repository all
settings all manual 60s
"$BIN/measure" "$W/trust" "$BIN/fairlead" trust $(seq -f sw%g "$DEVICES") --yes \
    --config "$W/all.yaml" > /dev/null
"$BIN/fairlead" plan --config "$W/all.yaml" > /dev/null # the first plan baselines
for round in $(seq "$ROUNDS"); do
	say "reading, round $round"
	"$BIN/bare_loop" admin admin < "$W/targets" >> "$W/bare"
	"$BIN/device_loop" admin admin < "$W/targets" >> "$W/device"
	"$BIN/measure" "$W/plan" "$BIN/fairlead" plan --config "$W/all.yaml" > "$W/plan.txt"
	grep -q "^0 of $DEVICES " "$W/plan.txt" || { tail -1 "$W/plan.txt"; exit 1; }
	"$BIN/bare_loop" --turns admin admin < "$W/targets" >> "$W/turns"
	"$BIN/bare_loop" --turns --quiet admin admin < "$W/targets" >> "$W/quiet"
	"$BIN/bare_loop" --hold admin admin < "$W/targets" >> "$W/bare.held"
	"$BIN/device_loop" --hold admin admin < "$W/targets" >> "$W/device.held"
	"$BIN/measure" "$W/one" "$BIN/fairlead" plan sw1 --config "$W/all.yaml" > "$W/plan.txt"
done
failed=$(cat "$W/bare" "$W/device" "$W/turns" "$W/quiet" "$W/bare.held" "$W/device.held" |
    jq -s 'map(.failures) | add')
[ "$failed" = 0 ] || { echo "$failed reads failed"; exit 1; }

bare=$(median bare ".cpu / .devices * 1000")
wall=$(median bare .wall)
held=$(median bare.held ".held_kb / .devices")
beside() { # WHAT FILE BUDGET: CPU of a file against the bare loop
	cpu=$(median "$2" ".cpu / $DEVICES * 1000")
	row "$1, CPU a device" "$(calc "$bare") ms" "$(calc "$cpu") ms" \
	    "$(calc "$cpu / $bare")" "$3"
}
beside "the bare loop with Fairlead's commands" turns ""
beside "the bare loop with its commands and waits" quiet ""
beside "reading (devices/ alone)" device "1.3"
beside "\`fairlead plan\`" plan "1.3"
for what in "reading (devices/ alone):device" "\`fairlead plan\`:plan"; do
	v=$(median "${what##*:}" .wall)
	row "${what%:*}, wall" "$(calc "$wall") s" "$(calc "$v") s" "$(calc "$v / $wall")" "2"
done
v=$(median device.held ".held_kb / .devices")
row "memory a held session" "$(calc "$held" 0) kB" "$(calc "$v" 0) kB" \
    "$(calc "$v / $held")" "150 kB and texts"
workers=$((DEVICES < 256 ? DEVICES : 256))
v=$(calc "($(median plan .peak_kb) - $(median one .peak_kb)) / $workers" 0)
row "\`fairlead plan\`, peak memory a worker" "" "$v kB" "" "150 kB and texts"
row "learning $DEVICES host keys (\`fairlead trust\`)" "" \
    "$(calc "$(median trust .wall)" 1) s" "" ""

# --- b: from a push to all confirmed ---

say "$PUSHED switches follow a branch"
switches pushed "$PUSHED"
repository pushed
settings pushed auto 100ms
"$BIN/fairlead" trust $(seq -f sw%g "$PUSHED") --yes --config "$W/pushed.yaml" > /dev/null
start "$BIN/fairlead" run --config "$W/pushed.yaml" 2> "$W/pushed.log"
pushed=$child
wait_for 600 logged "$W/pushed.log" '"results".*published' 1
for round in $(seq "$ROUNDS"); do
	sed -i "s,name segment-10\(-.*\)*\$,name segment-10-$round," "$W"/pushed/configs/*.cfg
	at=$(now)
	commit pushed "Another name for VLAN 10"
	wait_for 1200 logged "$W/pushed.log" '"results".*published' $((round + 1)) ||
	    { tail -5 "$W/pushed.log"; exit 1; }
	logs "$W/pushed.log" | jq -s -c --argjson at "$at" '
	    (map(select(.token == "run" and (.text | test(": [0-9]+ deployed")))) | last) as $run |
	    (map(select(.token == "results")) | last) as $results |
	    { deployed: ($run.text | capture("(?<n>[0-9]+) deployed").n | tonumber),
	      confirmed: ($run.s - $at), results: ($results.s - $run.s) }' >> "$W/push"
	say "push, round $round: $(tail -1 "$W/push")"
done
end $pushed
[ "$(median push .deployed)" = "$PUSHED" ] || { tail -5 "$W/pushed.log"; exit 1; }
row "push to $PUSHED switches confirmed (auto, one canary)" "" \
    "$(calc "$(median push .confirmed)" 1) s" "" ""
row "results of that run: rendered, committed, pushed" "" \
    "$(calc "$(median push .results)") s" "" ""

# --- c: difference ---

say "difference of two large configurations"
awk -f "$HERE/large.awk" > "$W/a.cfg"
awk -v changed=1 -f "$HERE/large.awk" > "$W/b.cfg"
for round in $(seq "$ROUNDS"); do
	"$BIN/measure" "$W/gnu" diff "$W/a.cfg" "$W/b.cfg" > /dev/null || true
	"$BIN/measure" "$W/diff" "$BIN/fairlead" diff "$W/a.cfg" "$W/b.cfg" \
	    --platform arista_eos > /dev/null || true
done
gnu=$(median gnu .wall)
v=$(median diff .wall)
row "\`fairlead diff\` of 2 x 120,001 lines, 1 % changed, wall (GNU diff)" \
    "$(calc "$gnu * 1000" 0) ms" "$(calc "$v * 1000" 0) ms" "$(calc "$v / $gnu" 1)" "5"
row "its peak memory" "$(calc "$(median gnu .peak_kb) / 1000" 0) MB" \
    "$(calc "$(median diff .peak_kb) / 1000" 0) MB" "" "64 MB"
for sections in 167 1667 16667 166667; do
	awk -v sections=$sections -f "$HERE/large.awk" > "$W/n.a"
	awk -v sections=$sections -v changed=1 -f "$HERE/large.awk" > "$W/n.b"
	"$BIN/measure" "$W/gnu.$sections" diff "$W/n.a" "$W/n.b" > /dev/null || true
	"$BIN/diff_loop" arista_eos "$W/n.a" "$W/n.b" 5 > "$W/n.$sections"
	lines=$(jq .lines "$W/n.$sections")
	row "difference of 2 x $lines lines, in process (GNU diff's whole run)" \
	    "$(calc "$(median gnu.$sections .wall) * 1000" 0) ms" \
	    "$(jq -r '"\(.diff_ms * 10 | round / 10) ms, \(.diff_ms * 100000 / .lines | round / 100) us a line, \(.peak_kb / 1000 | round) MB"' "$W/n.$sections")" "" ""
done

# --- d, e: a large fleet ---

say "$FLEET devices in the inventory"
mkdir -p "$W/fleet/inventory" "$W/fleet/configs"
awk -v n="$FLEET" -v dir="$W/fleet" -f "$HERE/fleet.awk"
switches fleet 1
repository fleet
settings fleet manual 60s
"$BIN/fairlead" trust sw1 --yes --config "$W/fleet.yaml" > /dev/null

# Every device of the fleet refuses the connection: a run that costs little
# itself, and whose results are as large as those of any other.
start "$BIN/fairlead" run --verbose --config "$W/fleet.yaml" 2> "$W/fleet.log"
fleet=$child
wait_for 1200 logged "$W/fleet.log" '"results".*published' 1 ||
    { tail -5 "$W/fleet.log"; exit 1; }
peak=$(awk '/VmHWM/ { print $2 }' "/proc/$fleet/status")
# The newest object tells when all was written; the push comes after it.
written=$(find "$W/fleet.state/mirror.git/objects" -type f -printf '%T@\n' | sort -n | tail -1)
logs "$W/fleet.log" | jq -s -c --argjson written "$written" '
    (map(select(.token == "run" and (.text | test(": [0-9]+ deployed")))) | last) as $run |
    (map(select(.token == "results")) | last) as $results |
    { written: ($written - $run.s), published: ($results.s - $run.s) }' >> "$W/fleet.results"
say "results of $FLEET devices: $(tail -1 "$W/fleet.results")"
row "results of a run over $FLEET devices, to the last object written" "" \
    "$(calc "$(median fleet.results .written)") s" "" "5 s"
row "the same with syncfs and push" "" \
    "$(calc "$(median fleet.results .published)") s" "" ""
row "peak memory of the daemon meanwhile" "" "$(calc "$peak / 1000" 0) MB" "" "300 MB"

# From `api: plan` in the log to the snapshot, and to the first word to sw1.
asked() {
	"$BIN/fairlead" plan sw1 --config "$W/fleet.yaml" > /dev/null
	logs "$W/fleet.log" | jq -s -c '
	    (map(select(.token == "api" and (.text | test("^plan")))) | last).s as $asked |
	    map(select(.s >= $asked)) |
	    { snapshot: ((map(select(.token == "source")) | last | .s) // $asked - $asked),
	      sent: ((map(select(.token == "send")) | first | .s) - $asked) }' >> "$W/$1"
}
asked warm
for round in $(seq "$ROUNDS"); do
	asked same
	echo "ip route 10.255.$round.0/24 192.0.2.1" >> "$W/fleet/configs/d00001.cfg"
	commit fleet "One device"
	asked moved
done
end $fleet
same=$(median same .sent)
v=$(median moved .sent)
row "plan of one device after a one-device commit in $FLEET, to its first command" \
    "$(calc "$same * 1000" 0) ms (nothing moved)" "$(calc "$v * 1000" 0) ms" "" \
    "50 ms to the first packet"

for round in $(seq "$ROUNDS"); do
	at=$(now)
	start "$BIN/fairlead" run --config "$W/fleet.yaml" 2> "$W/start.log"
	wait_for 200 logged "$W/start.log" 'ready: instance' 1
	logs "$W/start.log" | jq -s -c --argjson at "$at" '
	    { ready: ((map(select(.token == "daemon")) | first | .s) - $at) }' >> "$W/ready"
	end "$child"
done
row "start to ready with $FLEET devices" "" "$(calc "$(median ready .ready)") s" "" "1 s"

# --- all of it ---

say "done"
echo
echo "$(nproc) cores, $(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo) GB;" \
    "load $(cut -d' ' -f1 /proc/loadavg) at the end;" \
    "$("$BIN/fairlead" --version | head -1); libssh $(pkg-config --modversion libssh);" \
    "$(git --version)"
echo "$DEVICES switches, configurations of $(wc -c < "$W/all/configs/sw1.cfg") bytes;" \
    "medians of $ROUNDS rounds, yardstick and Fairlead in turn"
echo
echo "| what | yardstick | Fairlead | ratio | budget |"
echo "| --- | ---: | ---: | ---: | ---: |"
cat "$W/table"
