#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The file system of the state directory is full: nothing new is changed, what
# is in change ends old or new, the daemon stays, and with room again it goes
# on by itself and every report arrives. A small tmpfs, in a mount namespace
# of its own, which needs root.
if [ -z "${IN_NAMESPACE:-}" ]; then
	if ! unshare -m mount -t tmpfs none /mnt 2>/dev/null; then
		echo 'SKIPPED: no tmpfs may be mounted here (needs root)'
		exit 0
	fi
	IN_NAMESPACE=1 exec unshare -m sh "$0"
fi
. "$TOP/tests/e2e/switches_lib.sh"
POLL=10s
switches 2
mkdir "$W/state"
mount -t tmpfs -o size=4m none "$W/state"
trap 'code=$?; umount -l "$W/state"; (exit $code); cleanup' EXIT
fill() { cat /dev/zero > "$W/state/filler" 2>/dev/null || true; }
room() { rm "$W/state/filler"; }

ours
start_daemon
name_vlan one sw1 sw2
fill
for command in 'apply sw1 --yes' 'apply sw2 --yes'; do
	try full fairlead $command
	exits "full: $command" 1
	says "full: $command" 'full\|No space left'
	says "full: $command" 'next: .*room'
done
for command in status history 'suspend sw1'; do
	try full fairlead $command
	[ "$code" = 0 ] || says "full: $command" 'full'
	[ "$code" = 0 ] || says "full: $command" 'next: .*room'
done
untouched sw1 sw2
kill -0 $daemon || fail 'the daemon is gone'
room
fairlead resume sw1 >/dev/null 2>&1 || true
try room fairlead apply sw1 --yes
exits 'with room again' 0
runs_vlan one sw1

# It fills up while a change is armed.
mkdir -p "$W/network/checks"
cat > "$W/network/checks/slow.yaml" <<-END
	checks:
	- { id: patience, run: show version, match: never this, when: [after], severity: warn,
	    settle: { for: 20s, every: 1s } }
END
name_vlan two sw2
fairlead apply sw2 --yes >"$W/armed.log" 2>&1 &
armed=$!
wait_for 300 grep -q proving "$W/armed.log" || fail 'it does not get to proving'
fill
sleep 4
kill -0 $daemon || fail 'the daemon is gone'
room
wait $armed && code=0 || code=$?
end=$(fairlead show "$(sed -n 's,^run \(.*\): .*: .*,\1,p' "$W/armed.log")" --json | jq -r 'select(.job) | .job.end')
case $end in
deployed) runs_vlan two sw2 ;;
reverted) runs_vlan users sw2 ;;
*) fail "it ended as $end: $(cat "$W/armed.log")" ;;
esac
echo "full while armed: $end"
equal 'what is armed' null "$("$BIN/fairlead-lab" ctl "$W/lab" sw2 show | jq .armed)"
contains 'the daemon said so' 'full' "$(cat "$W/daemon.log")"
stop_daemon
equal 'open runs' 0 "$(fairlead history --json | grep -c '"open":true')"
! fairlead status | grep 'wait for the results' || fail 'a report did not arrive'
equal 'reports' "$(fairlead history --json | wc -l)" \
    "$(results ls-tree -r --name-only fairlead-results | grep -c 'report\.json')"
fairlead release sw2 >/dev/null 2>&1 || true
try after fairlead apply sw2 --yes
exits 'afterwards' 0
runs_vlan two sw2
