#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Inventory, checks and policy that cannot be read as meant: the place is named
# within seconds whatever the size, and what they govern is left alone.
. "$TOP/tests/e2e/switches_lib.sh"
switches 2
ours
name_vlan cameras sw1 sw2
good=$(git -C "$W/network" rev-parse HEAD)

# broken FILE PLACE TEXT: file is written from stdin, on top of the good commit.
broken() {
	mkdir -p "$W/network/checks"
	cat > "$W/network/$1"
	push "Broken $1"
	began=$(date +%s)
	try lint fairlead lint "$W/network"
	exits "lint of $1" 1
	says "lint of $1" "^$1:$2: error: .*$3"
	try plan fairlead plan
	exits "a plan with $1" 1
	says "a plan with $1" "$1"
	try apply fairlead apply --yes
	exits "apply with $1" 1
	says "apply with $1" "$1"
	[ $(($(date +%s) - began)) -le 10 ] || fail "$1: took $(($(date +%s) - began)) s"
	untouched sw1 sw2
	git -C "$W/network" rm -qf "$1"
	git -C "$W/network" checkout -q "$good" -- .
	push "Repaired $1"
}
brackets() { head -c 200000 /dev/zero | tr '\0' '['; }

broken checks/routes.yaml 3:3 'unknown key "settel"' <<-END
	checks:
	- { id: one, run: show version, match: x }
	- settel: 3s
	  id: two
	  run: show version
	  match: x
END
broken checks/routes.yaml 4:3 'duplicate key "run"' <<-END
	checks:
	- id: one
	  run: show version
	  run: show hostname
	  match: x
END
brackets | broken checks/routes.yaml 1:65 'deep'
broken fairlead.yaml 2:1 'unknown key "waves"' <<-END
	version: 1
	waves: [a, b]
END
printf 'a: &a [*a, *a]\n' | broken fairlead.yaml 1:4 'alias\|anchor'
brackets | broken inventory/groups.yaml 1:65 'deep'
groups=$(cat "$W/network/inventory/groups.yaml")
printf '%s\n' "$groups" 'switches: { platform: bird }' |
    broken inventory/groups.yaml '[0-9]*:1' 'duplicate key "switches"'

# Without an inventory there is nobody to plan for: an error, not an empty plan.
hosts=$(cat "$W/network/inventory/hosts.yaml")
broken_hosts() {
	cat > "$W/network/inventory/hosts.yaml"
	push 'Broken hosts'
	for command in plan 'apply --yes' "lint $W/network"; do
		try hosts fairlead $command
		exits "$1: $command" 1
		says "$1: $command" "inventory/hosts.yaml:$2: error: .*$3"
	done
	untouched sw1 sw2
	printf '%s\n' "$hosts" > "$W/network/inventory/hosts.yaml"
	push 'Repaired hosts'
}
brackets | broken_hosts '200 kB of [' 1:65 deep
printf '%s\n%s\n' "$hosts" "$hosts" | broken_hosts 'twice' 3:1 'duplicate key "sw1"'
rm "$W/network/inventory/hosts.yaml"
push 'No hosts'
try none fairlead plan
exits 'a plan without an inventory' 1
says 'a plan without an inventory' 'inventory/hosts.yaml.*missing'
git -C "$W/network" revert --no-edit HEAD >/dev/null
git -C "$W/network" push -q origin HEAD:main

try good fairlead apply --yes
exits 'the repaired one' 0
runs_vlan cameras sw2

# A configuration that was cut off on its way to the repository.
lines=$(grep -c '' "$W/network/configs/sw2.cfg")
printf 'banner login\nAuthorised us' >> "$W/network/configs/sw2.cfg"
push 'Half a banner'
try cut fairlead lint "$W/network"
exits 'lint of half a file' 1
says 'lint of half a file' "^configs/sw2.cfg:$((lines + 1)):1: error: what begins here does not end"
try cut fairlead apply --yes
exits 'apply with half a file' 1
says 'apply with half a file' 'sw2: .*configs/sw2.cfg: something in it does not end'
runs_vlan cameras sw2
