#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One commit with everything wrong in it that a commit can hold: each is named
# with its place, all at once, and only the devices it is about are left out.
. "$TOP/tests/e2e/switches_lib.sh"
switches 4
ours
cd "$W/network"

printf 'vlan 20\n\033]52;c;AAAA\007\n' >> configs/sw2.cfg
: > configs/sw3.cfg
head -c 50000000 /dev/zero | tr '\0' x | fold -w 99 > configs/sw4.cfg
cat >> inventory/hosts.yaml <<-END
	link: { hostname: 192.0.2.91, groups: [switches] }
	module: { hostname: 192.0.2.92, groups: [switches] }
	strange: { hostname: 192.0.2.93, platform: vax_vms }
	typo: { hostname: 192.0.2.94, groups: [switches], prot: 22 }
	"a/b": { hostname: 192.0.2.95, groups: [switches] }
	"two words": { hostname: 192.0.2.96, groups: [switches] }
	"..": { hostname: 192.0.2.97, groups: [switches] }
	"../evil": { hostname: 192.0.2.98, groups: [switches] }
END
ln -s /etc/passwd configs/link.cfg
for d in strange typo; do cp configs/sw1.cfg configs/$d.cfg; done
sed -i 's,name users,name cameras,' configs/sw1.cfg
git add -A
git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),configs/module.cfg"
git commit -qm 'Everything wrong'
git push -q origin HEAD:main

try lint fairlead lint "$W/network"
exits lint 1
says lint 'configs/sw2.cfg:[0-9]*:1: error: control byte 0x1b'
says lint 'configs/sw3.cfg: error: empty: it would wipe the device'
says lint 'configs/sw4.cfg: error: 5[0-9]* bytes: at most 16777216'
says lint 'configs/link.cfg: error: a symbolic link: .*commit the file itself'
says lint 'configs/module.cfg: error: a submodule: '
says lint 'hosts.yaml:[0-9]*:[0-9]*: error: unknown platform "vax_vms"; `fairlead platform list`'
says lint 'hosts.yaml:[0-9]*:[0-9]*: error: .*prot'
for name in a/b 'two words' .. ../evil; do
	says lint "hosts.yaml:[0-9]*:[0-9]*: error: \"$name\" cannot be a device's name"
done
[ -z "$(printf '%s' "$said" | tr -d '[:print:]\n')" ] || fail 'lint printed control bytes'

try plan fairlead plan
exits 'a plan' 1
says 'a plan' '^sw1: pending'
for d in sw2 sw3 sw4 link module strange typo; do
	says "$d" "^$d: .*error: "
done
try apply fairlead apply --yes
exits 'apply' 1
says 'apply' '1 deployed.* blocked'
runs_vlan cameras sw1
untouched sw2 sw3 sw4
contains 'the report' '^| sw3 .* blocked .*it would wipe' "$(show_report 'failed:')"
find "$W" -name 'evil*' -o -name b.cfg | grep . && fail 'a path came out of a name'
try good fairlead apply sw1 --yes
exits 'the good one alone' 0
