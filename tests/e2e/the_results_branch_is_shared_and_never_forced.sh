#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Somebody else pushes to the results branch, a hook refuses it, the remote is
# away and comes back: what others wrote stays, nothing is forced, devices are
# deployed meanwhile, and every report arrives, once and in order.
. "$TOP/tests/e2e/switches_lib.sh"
switches 1
git init -q --bare -b main "$W/results.git"
echo "results: { url: $W/results.git }" >> "$W/fairlead.yaml"
results() { git -C "$W/results.git" "$@"; }
reports() { results ls-tree -r --name-only fairlead-results | grep -c 'report\.json' || true; }
# Numbers of the audit records on the branch.
audit() {
	results ls-tree -r --name-only fairlead-results -- runs | grep audit | while read -r path; do
		results show "fairlead-results:$path" | jq .seq
	done | sort -n
}
ours
deploy() {
	name_vlan "$1" sw1
	try deploy fairlead apply --yes
	exits "deploy $1" 0
	runs_vlan "$1" sw1
}
deploy one
says 'the first' 'on the results branch'
equal 'reports' 1 "$(reports)"

# A person, in a clone of their own, pushes until it is taken.
git clone -q -b fairlead-results "$W/results.git" "$W/person"
person() {
	echo "$1" >> "$W/person/NOTES.md"
	git -C "$W/person" add -A
	git -C "$W/person" commit -qm "$1"
	until git -C "$W/person" pull -q --no-rebase --no-edit &&
	    git -C "$W/person" push -q; do
		sleep 0.05
	done 2>/dev/null
}
person 'a note of a person'
deploy two
# And all the time while we look and push.
(for i in $(seq 40); do person "race $i"; done) &
racer=$!
deploy three
deploy four
deploy five
wait $racer
equal 'reports' 5 "$(reports)"
equal 'the notes' "$(cat "$W/person/NOTES.md")" "$(results show fairlead-results:NOTES.md)"
equal 'notes' 41 "$(results show fairlead-results:NOTES.md | wc -l)"

# A hook that does not want us: it waits, and says so.
cat > "$W/results.git/hooks/update" <<-END
	#!/bin/sh
	echo 'this branch is closed for the audit' >&2
	exit 1
END
chmod +x "$W/results.git/hooks/update"
head=$(results rev-parse fairlead-results)
deploy six
says 'refused by a hook' 'waits in the outbox'
says 'refused by a hook' 'closed for the audit.*; allow this account to push'
deploy seven
contains 'status' '2 reports wait for the results remote' "$(fairlead status)"
equal 'the branch' "$head" "$(results rev-parse fairlead-results)"
rm "$W/results.git/hooks/update"

# Away altogether; then back: all of them, in order.
mv "$W/results.git" "$W/away.git"
deploy eight
says 'away' 'waits in the outbox'
mv "$W/away.git" "$W/results.git"
deploy nine
equal 'reports' 9 "$(reports)"
equal 'in order' 'six seven eight nine' "$(results log --reverse --format=%b "$head..fairlead-results" |
    sed -n 's,^Commit \([0-9a-f]*\).*,\1,p' | while read -r c; do
	git -C "$W/network" log -1 --format=%s "$c" | sed 's,.*called \([a-z]*\).*,\1,'
    done | paste -sd' ')"
contains 'what was first is still below' "$(results rev-parse "$head")" "$(results rev-list fairlead-results)"
! fairlead status | grep -q 'wait for the results' || fail 'the outbox is not empty'
# The audit chain has no gap and no repetition.
equal 'audit records' "$(seq -s' ' "$(audit | wc -l)")" "$(audit | paste -sd' ')"

# Somebody takes reports away: it is said, and on record from the next one on.
results update-ref refs/heads/fairlead-results "$head"
deploy ten
says 'a branch that went back' 'did not hold .* any more'
deploy eleven
contains 'the record' results-rewritten "$(results grep -h results-rewritten fairlead-results -- runs)"
