#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Commands, options, settings, files and headings that README.md and docs/ name
# in their text exist, and the sample repository has nothing that lint could
# say. What the pages print is for the_guides_examples_run.sh.
. "$TOP/tests/e2e/lib.sh"
cd "$TOP"

# A page without its blocks, and the headings of a page as GitHub links to them.
prose() { awk '/^```/ { inside = !inside; next } !inside' "$1"; }
headings() {
	prose "$1" | sed -n 's/^#* //p' | tr 'A-Z ' 'a-z-' | tr -cd 'a-z0-9_\n-'
}
options_of() { "$BIN/fairlead" "$1" --help | sed -n 's/^  --\([a-z-]*\) .*/\1/p'; }

# `fairlead NAME ... --option`
check_commands() {
	grep -o '`fairlead [a-z][^`]*`' "$1" | tr -d '`' | sort -u | while read -r _ name rest; do
		"$BIN/fairlead" "$name" --help >/dev/null 2>&1 || fail "$1: there is no fairlead $name"
		for word in $rest; do
			option=${word#--}
			[ "$option" = "$word" ] || options_of "$name" | grep -qx -- "$option" ||
			    fail "$1: fairlead $name has no $word"
		done
	done
}
# `deploy.timer`: a row of the table `deploy` in the reference.
check_settings() {
	grep -oE '`(repository|results|secrets|deploy|limits|rollback)\.[a-z_]+[:`]' "$1" |
	    tr -d '`:' | grep -v '\.git$' | sort -u | while IFS=. read -r table key; do
		sed -n "/^### .$table.\$/,/^##/p" docs/settings.md | grep -q "^| .$key. |" ||
		    fail "$1: there is no setting $table.$key"
	done
}
check_links() {
	prose "$1" | grep -o '](\([^):]*\))' | sed 's/](\(.*\))/\1/' | while IFS='#' read -r file anchor; do
		target=$1
		[ -z "$file" ] || target=$(dirname "$1")/$file
		[ -e "$target" ] || fail "$1: $file is not there"
		[ -z "$anchor" ] || headings "$target" | grep -qx -- "$anchor" ||
		    fail "$1: $target has no heading #$anchor"
	done
}
for page in README.md docs/*.md; do
	check_commands "$page"
	check_settings "$page"
	check_links "$page"
done

# The table of commands in README.md is the list of --help, no more and no less.
sed -n '/^| command /,/^$/s/^| \([^|]*\)|.*/\1/p' README.md | grep -o '`[^`]*`' | tr -d '`' |
    sed 's/^fairlead //' | sort > "$W/readme"
"$BIN/fairlead" --help | sed -n '/^commands:/,/^$/s/^  \([a-z0-9]*\) .*/\1/p' | sort > "$W/help"
diff -u "$W/readme" "$W/help" || fail 'README.md does not list the commands that there are'
for script in examples/quickstart.sh tests/run.sh; do
	grep -q "^$script" README.md && [ -x "$script" ] || fail "README.md and $script disagree"
done

cp -r examples/site "$W/site"
git -C "$W/site" init -q -b main
git -C "$W/site" add -A
git -C "$W/site" commit -q -m 'The sample'
env -u FAIRLEAD_CONFIG "$BIN/fairlead" lint "$W/site" > "$W/lint" || fail "$(cat "$W/lint")"
contains 'examples/site' ' 6 with a configuration, 0 errors, 0 warnings' "$(cat "$W/lint")"
