#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The repository is away, silent, empty, or has no such branch: a sentence that
# names it and what to do, after one deadline at most, and no device touched.
# What was fetched once is still planned with, but nothing is deployed from it.
. "$TOP/tests/e2e/switches_lib.sh"
switches 1
ours
name_vlan cameras sw1

# refused NAME URL WHAT NEXT: a new controller, whose first look fails.
refused() {
	rm -rf "$W/state2"
	sed "s|^state:.*|state: $W/state2|; s|url: \"[^\"]*\"|url: \"$2\", timeout: 20s|" \
	    "$W/fairlead.yaml" > "$W/other.yaml"
	for command in plan 'apply --yes'; do
		began=$(date +%s)
		try "$1" "$BIN/fairlead" $command --config "$W/other.yaml" --time-scale "$SCALE"
		exits "$1: $command" 1
		says "$1: $command" "$2"
		says "$1: $command" "$3"
		says "$1: $command" "next: .*$4"
		[ $(($(date +%s) - began)) -le 8 ] || fail "$1: more than one deadline"
	done
	untouched sw1
}
git init -q --bare -b main "$W/empty.git"
refused missing "$W/nowhere.git" 'no such repository' 'check the URL'
refused empty "$W/empty.git" 'the repository is empty, it has no branch main' 'push a first commit'
refused closed "ssh://git@127.0.0.1:1/network.git" 'cannot connect' 'check the URL and the network'

PORT=$(free_port)
perl -MIO::Socket::INET -e 'my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1",
    LocalPort => shift, Listen => 9, ReuseAddr => 1) or die; my @kept;
    $| = 1; print "ready\n"; while (my $c = $l->accept) { push @kept, $c; print "call\n" }' \
    "$PORT" > "$W/silent.calls" &
PIDS="$PIDS $!"
wait_for 50 grep -q ready "$W/silent.calls"
refused silent "ssh://git@127.0.0.1:$PORT/network.git" 'said nothing' 'tried again'
equal 'a silent remote is called once a command' 2 "$(grep -c call "$W/silent.calls")"

settings "$W/network.git" 'results: { branch: fairlead-results }'
sed -i 's/poll:/branch: production, poll:/' "$W/fairlead.yaml"
try branch fairlead plan
exits 'a missing branch' 1
says 'a missing branch' 'there is no branch production'
says 'a missing branch' 'next: it has .*main'

# Gone after it was fetched: planned with what is here, never deployed from it.
settings "$W/network.git"
try fetched fairlead plan
exits 'while it is there' 2
mv "$W/network.git" "$W/away.git"
try away fairlead plan
exits 'a plan without the remote' 2
says 'a plan without the remote' 'warning: .*no such repository.*; using commit'
try away fairlead apply --yes
exits 'apply without the remote' 1
says 'apply without the remote' 'next: check the URL'
untouched sw1
mv "$W/away.git" "$W/network.git"
try back fairlead apply --yes
exits 'apply when it is back' 0
runs_vlan cameras sw1
