# SPDX-License-Identifier: Apache-2.0
# Shared by the quickstart and the end-to-end tests: real routers (BIRD behind
# OpenSSH's sshd), simulated switches (fairlead-lab), a Git remote, a clone.
# Sourced by sh scripts; every process started here is ended by its id.
#
#	W	work directory, made by work_dir
#	TOP	the source tree
#	BIN	directory of fairlead and fairlead-lab

# Debian packages, installed only when missing.
need_packages() {
	missing=
	for package; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
		    missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "installing:$missing"
	if [ "$(id -u)" = 0 ]; then as=; else as=sudo; fi
	log=$(mktemp)
	if $as apt-get -q update >"$log" 2>&1 && $as env DEBIAN_FRONTEND=noninteractive \
	    apt-get -q install -y --no-install-recommends $missing >>"$log" 2>&1; then
		rm -f "$log"
	else
		cat "$log"
		echo "apt-get failed; what it said is in $log" >&2
		return 1
	fi
}
BUILD_PACKAGES="build-essential cmake ninja-build pkg-config git libgit2-dev libssh-dev
    libjansson-dev libyaml-dev libpcre2-dev libssl-dev libsqlite3-dev"
RUN_PACKAGES="git openssh-server openssh-client openssh-sftp-server bird2"

work_dir() {
	# Settings and secrets of its own are for nobody else.
	umask 077
	W=$(mktemp -d "${TMPDIR:-/tmp}/fairlead.XXXXXX")
	PIDS=
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
	export GIT_AUTHOR_NAME=Operator GIT_AUTHOR_EMAIL=operator@example.net
	export GIT_COMMITTER_NAME=Operator GIT_COMMITTER_EMAIL=operator@example.net
}

cleanup() {
	code=$?
	trap - EXIT INT TERM
	for pid in $PIDS; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in $PIDS; do
		wait "$pid" 2>/dev/null || true
	done
	for pidfile in "$W"/*/bird.pid; do
		[ -f "$pidfile" ] && kill "$(cat "$pidfile")" 2>/dev/null
	done
	if [ $code != 0 ] && [ -n "${KEEP:-}" ]; then
		echo "kept: $W"
	else
		rm -rf "$W"
	fi
	exit $code
}

# Wait up to N tenths of a second for a command to succeed.
wait_for() {
	tries=$1
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

# A free port on loopback, below the range that outgoing connections take.
free_port() {
	perl -MIO::Socket::INET -e 'while (1) { my $p = 15000 + int(rand(17000));
	    my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $p,
	    Listen => 1) or next; print $p; last }'
}

# sshd NAME PORT: OpenSSH's own, unprivileged style, keys of its own; anyone
# with $W/key may log in as the current user.
start_sshd() {
	dir=$W/$1
	mkdir -p "$dir"
	[ -f "$W/key" ] || ssh-keygen -q -t ed25519 -N '' -C quickstart -f "$W/key"
	ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$dir/host_key"
	cp "$W/key.pub" "$dir/authorized_keys"
	cat > "$dir/sshd_config" <<-END
		ListenAddress 127.0.0.1
		Port $2
		HostKey $dir/host_key
		AuthorizedKeysFile $dir/authorized_keys
		PidFile none
		UsePAM no
		StrictModes no
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		MaxStartups 100
		MaxSessions 100
		Subsystem sftp internal-sftp
		SetEnv HOME=$dir
	END
	# Started as root, sshd wants its privilege separation directory.
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	"$(command -v sshd || echo /usr/sbin/sshd)" -D -e -f "$dir/sshd_config" \
	    2>"$dir/sshd.log" &
	PIDS="$PIDS $!"
	wait_for 50 grep -q 'Server listening' "$dir/sshd.log" || {
		cat "$dir/sshd.log"
		return 1
	}
}

# bird NAME PORT CONFIG: a real BIRD 2 behind a real sshd.
start_bird() {
	dir=$W/$1
	mkdir -p "$dir"
	cp "$3" "$dir/bird.conf"
	"$(command -v bird || echo /usr/sbin/bird)" -c "$dir/bird.conf" -s "$dir/bird.ctl" \
	    -P "$dir/bird.pid" || return 1
	start_sshd "$1" "$2"
}

# What a BIRD really runs: its static routes, not a file.
bird_routes() {
	"$(command -v birdc || echo /usr/sbin/birdc)" -s "$W/$1/bird.ctl" show route |
	    sed -n 's,^\([0-9][0-9./]*\).*,\1,p' | sort
}

# Switches sw1..N of fairlead-lab, each on a port of 127.0.0.1 (lab_port sw1).
start_lab() {
	"$BIN/fairlead-lab" run --dir "$W/lab" --ports "$@" >"$W/lab.ready" 2>"$W/lab.log" &
	PIDS="$PIDS $!"
	wait_for 100 test -s "$W/lab.ready" || {
		cat "$W/lab.log"
		return 1
	}
}

lab_port() {
	sed 's/},{/}\n{/g' "$W/lab.ready" |
	    sed -n "s/.*\"name\":\"$1\".*\"port\":\([0-9]*\).*/\1/p"
}

# The bare repository as remote, and a clone to work in.
make_remote() {
	git init -q --bare -b main "$W/network.git"
	git -C "$W/network.git" config receive.advertisePushOptions false
	cp -r "$1" "$W/network"
	git -C "$W/network" init -q -b main
	git -C "$W/network" add -A
	git -C "$W/network" commit -q -m 'Start of the network'
	git -C "$W/network" remote add origin "$W/network.git"
	git -C "$W/network" push -q origin main
}

push() {
	git -C "$W/network" add -A
	git -C "$W/network" commit -q -m "$1"
	git -C "$W/network" push -q origin HEAD:main
}

fairlead() {
	"$BIN/fairlead" "$@" --config "$W/fairlead.yaml"
}
