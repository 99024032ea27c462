#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Nobody listens, somebody listens and hangs up, or says nothing, or no such
# name: address and next step are said, within one deadline, and the others
# are deployed.
. "$TOP/tests/e2e/switches_lib.sh"
switches 2
ours

round=0
away() {
	round=$((round + 1))
	what=$1 place=$2
	name_vlan "round$round" sw1 sw2
	for command in 'plan sw2' 'fetch sw2' 'trust sw2'; do
		began=$(date +%s)
		try away fairlead $command
		exits "$what: $command" 1
		says "$what: $command" "$place"
		says "$what: $command" 'next: .*'
		[ $(($(date +%s) - began)) -le 6 ] || fail "$what: more than one deadline"
	done
	try all fairlead apply --yes
	exits "$what: apply" 1
	says "$what: apply" '1 deployed.* 1 failed'
	untouched sw2
	runs_vlan "round$round" sw1
	contains "$what: its health" '"health":"unreachable"' "$(fairlead status sw2 --json)"
}
lab sw2 fault refuse
away 'hangs up' '127.0.0.1'
lab sw2 fault clear
lab sw2 fault silent
away 'says nothing' '127.0.0.1 port [0-9]* accepts the connection and then says nothing'
lab sw2 fault clear
hosts=$(cat "$W/network/inventory/hosts.yaml")
sed -i '/^sw2/s,port: [0-9]*,port: 9,' "$W/network/inventory/hosts.yaml"
away 'nobody listens' '127.0.0.1 port 9: Connection refused'
sed -i '/^sw2/s,hostname: [0-9.]*,hostname: nowhere.invalid,' "$W/network/inventory/hosts.yaml"
away 'no such name' 'nowhere.invalid'
printf '%s\n' "$hosts" > "$W/network/inventory/hosts.yaml"
push 'It is where it was'

try back fairlead apply --yes
exits 'when it is back' 0
runs_vlan "round$round" sw2
