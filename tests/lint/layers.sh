#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rooms include only downward: every #include "room/..." must be allowed by
# docs/layers.txt (and every room may include itself).
set -eu
bad=0
while IFS=: read -r room below; do
	[ -d "$room" ] || continue
	for inc in $(grep -ho '^#include "[a-z]*/' "$room"/*.[ch] | sed 's/.*"//; s,/,,' | sort -u); do
		case " $room $below " in
		*" $inc "*) ;;
		*)
			echo "$room/ includes $inc/, which docs/layers.txt does not allow:"
			grep -l "^#include \"$inc/" "$room"/*.[ch] | sed 's/^/  /'
			bad=1
			;;
		esac
	done
done < docs/layers.txt
exit $bad
