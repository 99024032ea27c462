# SPDX-License-Identifier: Apache-2.0
# A small stage for what goes wrong: simulated switches only, time ten times
# faster, a Git remote as a path. Sourced by the scenarios.
#
#	switches N [lab option...]	sw1..N, trusted and baselined by nobody yet
#	ours				host keys trusted, first plan made
. "$TOP/tests/e2e/lib.sh"
SCALE=${SCALE:-10}

fairlead() {
	"$BIN/fairlead" "$@" --config "$W/fairlead.yaml" --time-scale "$SCALE"
}
start_daemon() {
	"$BIN/fairlead" run --config "$W/fairlead.yaml" --time-scale "$SCALE" 2>"$W/daemon.log" &
	daemon=$!
	PIDS="$PIDS $daemon"
	wait_for 100 grep -q 'ready: instance' "$W/daemon.log" || fail 'the daemon does not start'
}
stop_daemon() {
	kill -TERM $daemon
	wait $daemon || fail 'the daemon ended badly'
}
lab() { "$BIN/fairlead-lab" ctl "$W/lab" "$@" >/dev/null; }

switches() {
	n=$1
	shift
	mkdir "$W/site" "$W/site/configs" "$W/site/inventory" "$W/secrets"
	for i in $(seq "$n"); do
		cp "$TOP/examples/site/configs/sw$i.cfg" "$W/site/configs/"
	done
	cp "$TOP/examples/site/inventory/groups.yaml" "$W/site/inventory/"
	echo '$6$canary$Zq8vK1xT0dWnP4sB7mYr3LcJ6hGf9aEu2oNi5tXw' > "$W/secrets/admin-sha512"
	mkdir "$W/start"
	for i in $(seq "$n"); do
		sed "s,\${secret:admin-sha512},$(cat "$W/secrets/admin-sha512")," \
		    "$W/site/configs/sw$i.cfg" > "$W/start/sw$i.cfg"
	done
	start_lab --config "$W/start" --count "$n" --password canary-pa55word \
	    --time-scale "$SCALE" "$@"
	jq -r '.devices[] | "\(.name): { hostname: \(.address), port: \(.port), groups: [switches] }"' \
	    "$W/lab.ready" > "$W/site/inventory/hosts.yaml"
	make_remote "$W/site"
	echo canary-pa55word > "$W/secrets/switches"
	settings "$W/network.git"
}

# settings URL [line...]: the controller's, with more lines of YAML.
settings() {
	cat > "$W/fairlead.yaml" <<-END
		instance: bad
		state: $W/state
		mode: ${MODE:-manual}
		repository: { url: "$1", poll: ${POLL:-5s} }
		credentials:
		  switches:
		    read: { user: admin, password: { file: $W/secrets/switches } }
		    write: { user: admin, password: { file: $W/secrets/switches } }
		secrets: { directory: $W/secrets }
		deploy: { timer: ${TIMER:-60s} }
	END
	shift
	[ $# = 0 ] || printf '%s\n' "$@" >> "$W/fairlead.yaml"
}

ours() {
	fairlead trust $(jq -r '.devices[].name' "$W/lab.ready") --yes >/dev/null || fail 'trust'
	fairlead plan >"$W/first.log" 2>&1 || fail 'the first plan is not empty'
}

# try NAME COMMAND...: its exit code in $code, its output in $said and in a log.
# SHOW=1 in the environment shows them.
try() {
	log=$W/$1.log
	shift
	code=0
	"$@" >"$log" 2>&1 || code=$?
	said=$(cat "$log")
	[ -z "${SHOW:-}" ] || printf '== %s: %s\n%s\n' "$log" "$code" "$said"
	case $said in
	*'runtime error:'* | *Sanitizer*) fail "$log: a sanitizer spoke" ;;
	esac
}
exits() { equal "$1: exits" "$2" "$code"; }
says() { contains "$1" "$2" "$said"; }

running() { cat "$W/lab/$1/running.cfg"; }
# What a device ever ran, beside what it booted with.
changes() { grep '"what":"running"' "$W/lab/$1/history.jsonl" | grep -vc '"why":"boot"' || true; }
untouched() {
	for d; do
		equal "$d was left alone: changes" 0 "$(changes "$d")"
	done
}
# Another name for a VLAN on each of the switches.
name_vlan() {
	name=$1
	shift
	for d; do
		sed -i "/^vlan 10$/{n;s,name .*,name $name,}" "$W/network/configs/$d.cfg"
	done
	push "VLAN 10 is called $name on $*"
}
runs_vlan() { contains "$2 runs" "name $1" "$(running "$2")"; }
