# SPDX-License-Identifier: Apache-2.0
# The story that the quickstart shows and tests/e2e/the_quickstart_story_holds.sh
# asserts: each act sets variables that the test looks at.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	BOLD=$(printf '\033[1m') PLAIN=$(printf '\033[0m')
else
	BOLD='' PLAIN=''
fi
say() { printf '\n%s== %s%s\n' "$BOLD" "$*" "$PLAIN"; }
# A command as a reader would type it.
typed() {
	printf '%s$' "$BOLD"
	for word; do
		case $word in
		*[!A-Za-z0-9@%+=:,./_-]*) printf " '%s'" "$word" ;;
		*) printf ' %s' "$word" ;;
		esac
	done
	printf '%s\n' "$PLAIN"
}
run() {
	typed "$@"
	"$@" || code=$?
}

# The network: routers, switches, a Git remote, and a controller's settings.
set_stage() {
	E1=$(free_port) E2=$(free_port)
	cp -r "$TOP/examples/site" "$W/site"
	mkdir "$W/secrets" "$W/start"
	# A hash as EOS stores it; Git holds only the reference to it.
	printf '%s\n' '$6$quickstart$gA0DTzr9e7v3fC8BxqEoOGHBPL8Ct2nJqzWLdxHXWQ4dYb1vYvVdGxk9' \
	    > "$W/secrets/admin-sha512"
	for n in 1 2 3 4; do
		sed "s,\${secret:admin-sha512},$(cat "$W/secrets/admin-sha512")," \
		    "$W/site/configs/sw$n.cfg" > "$W/start/sw$n.cfg"
	done
	start_bird edge1 "$E1" "$W/site/configs/edge1.conf"
	start_bird edge2 "$E2" "$W/site/configs/edge2.conf"
	start_lab ${LAB_OPTIONS:-} --config "$W/start" --count 4 --password canary-pa55word
	{
		for n in 1 2; do
			eval port=\$E$n
			cat <<-END
				edge$n:
				  hostname: 127.0.0.1
				  port: $port
				  groups: [edges]
				  data:
				    fairlead:
				      vars: { config: $W/edge$n/bird.conf, socket: $W/edge$n/bird.ctl }
			END
		done
		for n in 1 2 3 4; do
			echo "sw$n: { hostname: 127.0.0.1, port: $(lab_port sw$n), groups: [switches] }"
		done
	} > "$W/site/inventory/hosts.yaml"
	make_remote "$W/site"
	echo canary-pa55word > "$W/secrets/switches"
	cat > "$W/fairlead.yaml" <<-END
		instance: quickstart
		state: $W/state
		mode: manual
		repository: { url: "${REMOTE_URL:-$W/network.git}", poll: 500ms${REMOTE_OPTIONS:-} }
		credentials:
		  default:
		    read: { user: $(id -un), key: $W/key }
		    write: { user: $(id -un), key: $W/key }
		  switches:
		    read: { user: admin, password: { file: $W/secrets/switches } }
		    write: { user: admin, password: { file: $W/secrets/switches } }
		secrets: { directory: $W/secrets }
		deploy: { timer: 60s }
	END
}

results() { git -C "$W/network.git" "$@"; }
# Path of the newest report whose first line holds a word.
report_with() {
	for path in $(results ls-tree -r --name-only fairlead-results -- runs |
	    grep 'report.md$' | sort -r); do
		if results show "fairlead-results:$path" | head -1 | grep -q "$1"; then
			echo "$path"
			return 0
		fi
	done
	return 1
}
show_report() {
	run git -C "$W/network.git" show "fairlead-results:$(report_with "$1")"
}
# commit MESSAGE [FILE...]: what was edited in the clone; shows these files.
commit() {
	message=$1
	shift
	run git add -A
	run git commit -q -m "$message"
	run git show --format= -U1 -- "$@"
	run git push -q origin main
}
take_back() {
	run git revert --no-edit HEAD
	run git push -q origin main
}
show_routes() { run birdc -s "$W/$1/bird.ctl" show route; }

act_first_contact() {
	say "Two routers, four switches, one repository"
	printf '%s$ export PATH=%s:$PATH:/usr/sbin FAIRLEAD_CONFIG=%s%s\n' "$BOLD" "$BIN" "$W/fairlead.yaml" \
	    "$PLAIN"
	export PATH="$BIN:$PATH:/usr/sbin" FAIRLEAD_CONFIG="$W/fairlead.yaml" GIT_PAGER=cat
	run cd "$W/network"
	run git ls-files
	run cat inventory/groups.yaml
	run cat checks/routes.yaml
	say "Host keys are learned once, by a person (who would compare them)"
	run fairlead trust edge1 edge2 sw1 sw2 sw3 sw4 --yes
	say "The first plan: every device runs what Git says, so it is ours from here"
	run fairlead plan
}

act_change() {
	say "A commit: a route on the routers, a VLAN on the switches"
	for n in 1 2; do
		sed -i 's,^\troute 203,\troute 192.0.2.128/25 blackhole;\n&,' "configs/edge$n.conf"
	done
	for n in 1 2 3 4; do
		sed -i 's,^interface Ethernet1$,vlan 20\n   name cameras\n!\n&,' "configs/sw$n.cfg"
	done
	commit 'Cameras get a VLAN and a route' configs/edge1.conf configs/sw1.cfg
	say "The plan"
	code=0
	run fairlead plan
	plan_code=$code
	say "The deploy: one device first, then the rest, each under its own rollback timer"
	code=0
	run fairlead apply --yes --reason CHG-1
	apply_code=$code
	say "The report, as it stands on the results branch"
	show_report succeeded
	say "A second plan is empty: that is the test of truth"
	code=0
	run fairlead plan
	second_plan_code=$code
}

act_failing_check() {
	say "A change that edge1 accepts but that fails its after-check: too few routes"
	sed -i '/route 203/d; /route 192/d' configs/edge1.conf
	commit 'Drop two routes (too many)' configs/edge1.conf
	before=$(bird_routes edge1)
	code=0
	run fairlead apply edge1 --yes
	failing_code=$code
	after=$(bird_routes edge1)
	say "Taken back, and proven. What edge1 routes now:"
	show_routes edge1
	say "It is held: the same change is not tried again"
	run fairlead plan edge1
	held=$(fairlead status edge1)
	take_back
}

act_rejected() {
	say "A change that edge2 rejects: nothing is touched"
	sed -i 's,route 203,rout 203,' configs/edge2.conf
	commit 'A typing mistake' configs/edge2.conf
	code=0
	run fairlead apply edge2 --yes
	rejected_code=$code
	take_back
}

act_killed() {
	say "kill -9 of the controller while the change is armed and not confirmed"
	# A check that needs a while, so that there is time to kill.
	cat > checks/slow.yaml <<-END
		checks:
		  - id: patience
		    title: Never passes, so that there is time to kill
		    select: edge2
		    run: show route count
		    match: never this
		    when: [after]
		    settle: { for: 20s, every: 1s }
	END
	sed -i 's,^\troute 198,\troute 100.64.0.0/10 blackhole;\n&,' configs/edge2.conf
	commit 'Shared address space' configs/edge2.conf checks/slow.yaml
	before=$(bird_routes edge2)
	echo "${BOLD}\$ fairlead apply edge2 --yes &$PLAIN"
	fairlead apply edge2 --yes > "$W/killed.log" 2>&1 &
	killed=$!
	wait_for 300 grep -q proving "$W/killed.log"
	sleep 1
	cat "$W/killed.log"
	run kill -9 "$(cat "$W/state/lock")"
	wait $killed 2>/dev/null || true
	say "It is dead. edge2 runs the new configuration, its timer ticks:"
	armed=$(bird_routes edge2)
	show_routes edge2
	say "The daemon starts, asks edge2 what became of it, and reports"
	echo "${BOLD}\$ fairlead run &$PLAIN"
	"$BIN/fairlead" run --config "$W/fairlead.yaml" 2>"$W/daemon.log" &
	daemon=$!
	PIDS="$PIDS $daemon"
	wait_for 600 recovered
	run kill $daemon
	wait $daemon || true
	after=$(bird_routes edge2)
	recovered_report=$(recovered)
	run git -C "$W/network.git" show "fairlead-results:$recovered_report"
	show_routes edge2
}
# The report of the killed run: edge2, reverted.
recovered() {
	path=$(report_with reverted) && results show "fairlead-results:$path" |
	    grep -q '^### edge2: reverted' && echo "$path"
}

play_story() {
	set_stage
	act_first_contact
	act_change
	act_failing_check
	act_rejected
	act_killed
}
