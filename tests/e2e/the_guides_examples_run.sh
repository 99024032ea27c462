#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What docs/ tells people to type is typed here, in order, and what it says is
# printed is what is printed: on a real BIRD router, a simulated switch, Git
# over a real sshd, and the daemon. The blocks of a page:
#
#	```sh test			commands; the last one ends with 0,
#	```sh test exit=N		or with N
#	```sh test answer=y		typed on a terminal, with this answer
#	```text output			what they print; `...` is any text, alone on
#					a line any lines
#	```LANG file=PATH		a file
#	```diff apply=PATH		a change of a file
#	<!-- test			what happens elsewhere; readers do not see it
#
# Nobody needs to be root: the places of the pages are put below $ROOT, and what
# only root or systemd can do has a stand-in. VERBOSE=1 shows what is typed.
. "$TOP/tests/e2e/lib.sh"
PAGES=${PAGES:-"guide operations settings repository results platforms diffing"}
ROOT=$W/root
unset -f fairlead	# the installed one, as operators have it

#
# The network of the pages: r1, sw1, git.example.net, and alice's account.
#
set_network() {
	R1=$(free_port) SW1=$(free_port) GIT=$(free_port)
	cat > "$W/r1.conf" <<'END'
hostname "r1";
router id 192.0.2.1;

protocol device {
}

protocol static statics {
	ipv4;
	route 198.51.100.0/24 blackhole;
	route 203.0.113.0/24 blackhole;
}
END
	start_bird r1 "$R1" "$W/r1.conf"
	start_sshd gitserver "$GIT"
	git init -q --bare -b main "$W/network.git"
	mkdir -p "$W/home" "$W/start" "$ROOT/usr/local/bin"
	sed 's,\${secret:admin-sha512},$6$guide$gA0DTzr9e7v3fC8BxqEoOGHBPL8Ct2nJqzWLdxHXWQ4d,' \
	    "$TOP/examples/site/configs/sw1.cfg" > "$W/start/sw1.cfg"
	# On an address of its own, so that outputs tell the two devices apart.
	"$BIN/fairlead-lab" run --dir "$W/lab" --config "$W/start" --count 1 --port "$SW1" \
	    --password canary-pa55word >"$W/lab.ready" 2>"$W/lab.log" &
	PIDS="$PIDS $!"
	wait_for 100 test -s "$W/lab.ready" || fail 'the lab does not start'
}
set_account() {
	export PATH="$ROOT/usr/local/bin:$PATH" HOME="$W/home" PAGER=cat
	# A step that goes astray must not find the source tree's repository.
	export GIT_CEILING_DIRECTORIES="$TOP:$W"
	export GIT_SSH_COMMAND="ssh -q -i $W/key -o IdentitiesOnly=yes \
	    -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=$W/alice_known_hosts"
	echo "$W/home" > "$W/cwd"
	umask 022
}

# What the pages say, and what it is here. Addresses: a device is a port.
write_places() {
	while IFS='|' read -r page here; do
		echo "s|$page|$here|g" >> "$W/to_here"
		echo "s|$here|$page|g" >> "$W/to_page"
	done <<-END
		ssh://git@git.example.net/network.git|ssh://$(id -un)@127.0.0.1:$GIT$W/network.git
		ssh-keyscan git.example.net|ssh-keyscan -p $GIT 127.0.0.1
		/etc/ssh/ssh_host_ed25519_key.pub|$W/r1/host_key.pub
		/etc/bird/bird.conf|$W/r1/bird.conf
		/run/bird/bird.ctl|$W/r1/bird.ctl
		/etc/systemd|$ROOT/etc/systemd
		/etc/fairlead|$ROOT/etc/fairlead
		/var/lib/fairlead|$ROOT/var/lib/fairlead
		/run/fairlead|$ROOT/run/fairlead
		/var/backups|$ROOT/var/backups
		user: fairlead-ro|user: $(id -un)
		user: fairlead-rw|user: $(id -un)
		poll: 30s|poll: 500ms
		hostname: 192.0.2.11,|hostname: 127.1.0.1, port: $SW1,
	END
	cat >> "$W/to_here" <<-END
		s/hostname: 192.0.2.1\$/hostname: 127.0.0.1\n  port: $R1/
	END
	cat >> "$W/to_page" <<-END
		s/$(id -un) (uid $(id -u))/alice (uid 1000)/g
		s/port $SW1/port 22/g; s/127\.1\.0\.1/192.0.2.11/g; s/127\.0\.0\.1/192.0.2.1/g
	END
}

# Words that differ each time, on both sides. Columns are as wide as these.
mask() {
	tr -d '\r' | sed -E \
	    -e 's/SHA256:[A-Za-z0-9+\/]{43}/SHA256:KEY/g' \
	    -e 's/[0-9]{8}t[0-9]{6}z-[0-9a-f]{6}/RUN/g' \
	    -e 's/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]{3})?Z/TIME/g' \
	    -e 's/^[0-9]{2}:[0-9]{2}:[0-9]{2} /CLOCK /' \
	    -e 's,runs/20[0-9]{2}/[0-9]{2}/,runs/YEAR/MONTH/,g' \
	    -e 's/\b([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{16}|[0-9a-f]{12})\b/ID/g' \
	    -e 's/^[0-9a-f]{7} /ID /; s/^fairlead [0-9.]+ \(.*\)$/fairlead VERSION/' \
	    -e 's/([^ ]) +/\1 /g; s/ $//'
}

#
# Stand-ins for what only root or systemd can do, and for building once more.
#
sudo() {
	case $1 in
	# The packages that the guide names are those that this host builds with.
	apt-get) shift 3; dpkg-query -W "$@" >/dev/null ;;
	-u) shift 2; "$@" ;;
	*) "$@" ;;
	esac
}
useradd() { :; }
usermod() { :; }
chown() { :; }
install() { command install $(printf '%s ' "$@" | sed 's/-[og] [a-z]* //g'); }
cmake() {
	case $* in
	*'--preset release') grep -q '"name": "release"' "$TOP/CMakePresets.json" ;;
	'--install build/release') DESTDIR=$ROOT command cmake --install "${BIN%/bin}" >/dev/null ;;
	*) echo "no stand-in for cmake $*"; return 1 ;;
	esac
}
# What the installed unit says, without systemd.
systemctl() {
	for unit; do :; done
	name=${unit#fairlead@}
	case $1 in
	daemon-reload) return ;;
	enable | start) unit_start ;;
	stop) unit_stop ;;
	restart) unit_stop && unit_start ;;
	*) echo "no stand-in for systemctl $*"; return 1 ;;
	esac
}
unit_start() {
	unit=$ROOT/usr/local/lib/systemd/system/fairlead@.service
	! grep -q '^RuntimeDirectory=fairlead/%i$' "$unit" || mkdir -p "$ROOT/run/fairlead/$name"
	command=$(sed -n "s,/etc/fairlead/%i,$ROOT/etc/fairlead/$name,; s,^ExecStart=,$ROOT,p" "$unit")
	$command >"$W/unit-$name.log" 2>&1 &
	echo $! > "$W/unit-$name.pid"
	wait_for 100 grep -q '"ready: ' "$W/unit-$name.log" || fail "$name does not start"
}
unit_stop() {
	pid=$(cat "$W/unit-$name.pid")
	kill "$pid"
	rm "$W/unit-$name.pid"
	wait_for 600 [ ! -d "/proc/$pid" ]
}
journalctl() { cat "$W/unit-default.log"; }
# For steps that readers do not see.
switch() { "$BIN/fairlead-lab" ctl "$W/lab" sw1 "$@" >/dev/null; }

# The daemon has dealt with what was pushed, as on the page a while has passed.
catch_up() {
	[ -f "$W/unit-default.pid" ] || return 0
	head=$(git -C "$W/network.git" rev-parse --short=12 main)
	wait_for 1200 grep -q "commit $head" "$W/unit-default.log" &&
	    wait_for 200 nothing_waits
}
nothing_waits() {
	sleep 0.3
	fairlead status --json | jq -se 'any(.controller | .outbox == 0 and (.open | not))' >/dev/null
}

#
# Blocks. Each is in $W/block; where the last one left off is in $W/cwd.
#
at_place() { cd "$(cat "$W/cwd")" && "$@"; }
translate() { sed -f "$W/to_here" "$W/block"; }

type_commands() {
	(
		cd "$(cat "$W/cwd")"
		trap 'pwd > "$W/cwd"' EXIT
		set -e
		. "$W/typed"
	) >"$W/out" 2>&1 </dev/null
}
type_on_terminal() {
	: > "$W/out"
	{
		wait_for 300 grep -q 'y/N' "$W/out"
		echo "$1"
	} | (at_place script -qefc "sh -e $W/typed" /dev/null) >"$W/out"
}
run_block() {
	translate > "$W/typed"
	[ ! -e "$ROOT/etc/fairlead/default.yaml" ] ||
	    export FAIRLEAD_CONFIG="$ROOT/etc/fairlead/fairlead.yaml"
	want=0 code=0
	case $1 in
	*answer=*) type_on_terminal "${1#*answer=}" || code=$? ;;
	*)
		[ "$1" = "${1#*exit=}" ] || want=${1#*exit=}
		set +e	# not `||`, under which the commands would not stop at an error
		type_commands
		code=$?
		set -e
		;;
	esac
	[ -z "${VERBOSE:-}" ] || sed "s|^|$page:$from: |" "$W/typed" "$W/out"
	[ $code = "$want" ] || fail "$page:$from: ends with $code: $(cat "$W/out")"
	! grep -qE 'git push|systemctl .*start' "$W/typed" || catch_up ||
	    fail "$page:$from: the daemon does not catch up"
}

# Whether $2 is $1, in which `...` is any text, and alone on a line any lines.
fits() {
	perl -e 'local $/; my ($want, $have) = map { open my $f, "<", $_ or die; <$f> } @ARGV;
	    $want = quotemeta $want;
	    $want =~ s/^(\\\.){3}\\\n/(?:.*\\n)*?/gm;
	    $want =~ s/(\\\.){3}/.*/g;
	    exit $have !~ /\A$want\z/' "$1" "$2"
}
compare_output() {
	mask < "$W/block" > "$W/want"
	sed -f "$W/to_page" "$W/out" | mask > "$W/have"
	fits "$W/want" "$W/have" ||
	    fail "$page:$from: prints something else: $(diff -u "$W/want" "$W/have")"
}
write_file() {
	mkdir -p "$(dirname "$1")"
	translate > "$1"
}
change_file() { translate | patch -s --fuzz=0 -r - "$1"; }

do_block() {
	path=$(printf '%s\n' "${1#*=}" | sed -f "$W/to_here")
	case $1 in
	'sh test'*) run_block "$1"; examples=$((examples + 1)) ;;
	hidden) run_block hidden ;;
	'text output') compare_output ;;
	*' file='*) (at_place write_file "$path") ;;
	'diff apply='*) (at_place change_file "$path") || fail "$page:$from: does not apply" ;;
	sh* | text* | diff* | console*) fail "$page:$from: a block that no test runs" ;;
	esac
}
run_page() {
	page=docs/$1.md at=0 kind= examples=0
	[ ! -d "$W/home/network" ] || echo "$W/home/network" > "$W/cwd"
	while IFS= read -r text; do
		at=$((at + 1))
		if [ -z "$kind" ]; then
			case $text in
			'<!-- test') kind=hidden end='-->' ;;
			'```') kind=plain end='```' ;;
			'```'*) kind=${text#???} end='```' ;;
			esac
			: > "$W/block"
			from=$at
		elif [ "$text" = "$end" ]; then
			do_block "$kind"
			kind=
		else
			printf '%s\n' "$text" >> "$W/block"
		fi
	done < "$TOP/$page"
	[ -z "$kind" ] || fail "$page:$from: this block has no end"
	[ $examples -gt 0 ] || fail "$page: no example was run"
	echo "$page: $examples examples"
}

# The daemons are no children of this shell; each has its number in a file.
finish() {
	code=$?
	set +e
	for file in "$W"/unit-*.pid; do
		name=${file##*/unit-} name=${name%.pid}
		[ ! -f "$file" ] || unit_stop
	done
	(exit $code)
	cleanup
}
trap finish EXIT

set_network
write_places
set_account
for name in $PAGES; do
	run_page "$name"
done
