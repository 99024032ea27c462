# SPDX-License-Identifier: Apache-2.0
# For the scenarios: sourced by each, which then reads top to bottom.
set -eu
. "$TOP/examples/lib.sh"
. "$TOP/examples/story.sh"
work_dir

fail() {
	echo "FAILED: $*" >&2
	for log in "$W"/*.log; do
		[ -s "$log" ] && echo "--- $log" >&2 && tail -40 "$log" >&2
	done
	exit 1
}
equal() { [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"; }
contains() { printf '%s\n' "$3" | grep -q -- "$2" || fail "$1: no '$2' in: $3"; }
