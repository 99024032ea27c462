#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unknown and changed host key, refused login, another device behind the
# address: the device is left alone, no credential is sent where the host key
# is not the known one, and the others are deployed.
. "$TOP/tests/e2e/switches_lib.sh"
switches 2

try unknown fairlead plan sw1
exits 'an unknown host key' 1
says 'an unknown host key' 'host key.*SHA256:'
says 'an unknown host key' 'next: .*fairlead trust sw1'
try refused fairlead trust sw1 </dev/null
exits 'trust that nobody answers' 1
says 'trust that nobody answers' 'sw1: ssh-ed25519 SHA256:'
says 'trust that nobody answers' 'next: compare the fingerprint'
try wrong fairlead trust sw1 --fingerprint SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
exits 'trust of another key' 1
try still fairlead plan sw1
exits 'the key is still unknown' 1
ours

stat() { "$BIN/fairlead-lab" ctl "$W/lab" sw2 show | jq ".$1"; }
# faulty FAULT WHAT NEXT: strikes sw2; sw1 goes on.
round=0
faulty() {
	round=$((round + 1))
	fault=$1 what=$2 next=$3
	lab sw2 fault "$fault"
	name_vlan "round$round" sw1 sw2
	for command in 'plan sw2' 'fetch sw2' 'apply sw2 --yes'; do
		try faulty fairlead $command
		exits "$fault: $command" 1
		says "$fault: $command" "sw2: .*$what"
		says "$fault: $command" "next: .*$next"
	done
	try all fairlead apply --yes
	exits "$fault: apply" 1
	says "$fault: apply" '1 deployed.* 1 failed'
	untouched sw2
	runs_vlan "round$round" sw1
	lab sw2 fault clear
}
tries=$(stat stats.logins+.stats.refused)
faulty hostkey 'host key' 'fairlead trust sw2'
equal 'logins tried at a changed host key' "$tries" "$(stat stats.logins+.stats.refused)"
faulty deny 'password\|authentication\|login' 'credential'
faulty hostname:stranger 'stranger' 'address\|inventory'

# A wrong password is not tried again and again.
echo not-the-password > "$W/secrets/switches"
tries=$(stat stats.refused)
try password fairlead plan sw2
exits 'a wrong password' 1
says 'a wrong password' 'next: .*credential'
equal 'refused logins' $((tries + 1)) "$(stat stats.refused)"
rm "$W/secrets/switches"
try nofile fairlead plan sw2
exits 'a password file that is gone' 1
says 'a password file that is gone' "credentials.switches.read.*$W/secrets/switches"
echo canary-pa55word > "$W/secrets/switches"
try healed fairlead apply --yes
exits 'all is well again' 0
runs_vlan "round$round" sw2
contains 'its page' '"health": *"healthy"' "$(fairlead status sw2 --json)"
