#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a person meets in the first hour: keys, settings and repositories that
# are not right yet, each answered by a sentence that names the place; and
# --json, which is JSON and nothing else.
. "$TOP/tests/e2e/switches_lib.sh"
switches 2

try key fairlead trust sw1 --fingerprint SHA256:other
exits 'another fingerprint' 1
says 'another fingerprint' 'sw1: its key differs: it shows SHA256:.*, you gave SHA256:other'
shown=$(fairlead trust sw1 --json </dev/null 2>/dev/null | jq -r '.key.fingerprint // empty')
try key fairlead trust sw1 --fingerprint "$shown"
exits 'its fingerprint' 0
says 'its fingerprint' 'sw1: trusted now'
ours

# lint: devices by name, secrets that were committed, settings that are not there.
cp "$W/start/sw2.cfg" "$W/network/configs/sw2.cfg"
echo 'sw9: { hostname: 192.0.2.9, groups: [switches] }' >> "$W/network/inventory/hosts.yaml"
push 'A secret, and a device without a configuration'
try lint fairlead lint "$W/network"
exits lint 0
says lint 'configs/sw2.cfg:3:1: warning: secrets in Git: 1, the first here'
says lint 'warning: sw9 is unmanaged'
says lint '0 errors, 2 warnings'
try lint env FAIRLEAD_CONFIG="$W/none.yaml" "$BIN/fairlead" lint "$W/network"
exits 'settings that are not there' 1
says 'settings that are not there' "$W/none.yaml: No such file"

# Settings: a relative place, and files that everybody can read.
sed 's,^state: .*,state: state,' "$W/fairlead.yaml" > "$W/relative.yaml"
try state "$BIN/fairlead" status --config "$W/relative.yaml"
exits 'a relative state' 1
says 'a relative state' 'state: "state" is relative'
chmod 644 "$W/fairlead.yaml" "$W/secrets/switches"
try modes fairlead lint "$W/network"
for file in fairlead.yaml secrets/switches; do
	says "$file" "$W/$file: warning: mode 0644 .* run: chmod o= $W/$file"
done
equal 'each is said once' 2 "$(grep -c chmod "$W/modes.log")"
chmod 600 "$W/fairlead.yaml" "$W/secrets/switches"

# A device without a configuration makes nothing fail.
try apply fairlead apply --yes
exits 'apply with an unmanaged device' 0
says 'apply with an unmanaged device' 'sw9: unmanaged: the repository has no configuration'
says 'apply with an unmanaged device' 'nothing to do: 3 unchanged'
try plan fairlead plan sw9
says 'its plan' '^sw9: unmanaged: the repository'

# adopt: where the template says, and a word about secrets.
sed 's,poll:,configs: "net/{site}/{device}.conf"\, poll:,' "$W/fairlead.yaml" > "$W/template.yaml"
try adopt "$BIN/fairlead" adopt sw1 --dir "$W/network" --config "$W/template.yaml"
exits adopt 0
says adopt 'net/dc1/sw1.conf: secrets as the device stores them: 1, the first on line'
rm -r "$W/network/net"

# The timer is a setting, and said to be one.
sed 's,timer: 60s,timer: 10s,' "$W/fairlead.yaml" > "$W/timer.yaml"
mkdir "$W/network/checks"
printf 'checks:\n  - { id: up, run: show version, match: "~ Arista" }\n' > "$W/network/checks/up.yaml"
push 'A check'
try timer "$BIN/fairlead" lint "$W/network" --config "$W/timer.yaml"
exits timer 1
says timer 'timer.yaml: error: deploy.timer 10s is too short for sw1'

try suspend fairlead suspend 'leaf*' --reason 'first
second'
exits 'a selector that matches nothing' 0
says 'a selector that matches nothing' 'warning: no device is "leaf\*" now'
says 'a reason of two lines' 'first | second'
contains 'it is recorded' 'suspended: leaf\*: first | second' "$(fairlead status)"

# --json is JSON, whatever happens.
cd "$W/network"
is_json() {
	code=0
	fairlead "$@" --json >"$W/json" 2>"$W/json.log" </dev/null || code=$?
	jq -es 'all(type == "object")' "$W/json" >/dev/null ||
	    fail "fairlead $*: not JSON: $(cat "$W/json")"
}
for command in 'init new' 'init new' 'lint' 'adopt sw1' 'plan' 'apply --yes' 'status' 'history' \
    'show' 'fetch sw1' 'suspend sw1' 'resume sw1' 'platform list'; do
	is_json $command
	equal "fairlead $command --json exits" 0 "$code"
done
for command in 'plan nobody' 'adopt nobody' 'lint ..'; do
	is_json $command
	equal "fairlead $command --json exits" 1 "$code"
	jq -es 'any(.error.text | length > 0)' "$W/json" >/dev/null || fail "$command: no error record"
done
