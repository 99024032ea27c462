#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One outside library, one room: a header may only be included where the table
# says. Keeps each dangerous library replaceable, and each room readable.
set -eu
bad=0
while read -r header where; do
	case $header in ''|'#'*) continue ;; esac
	for f in $(grep -lE "^#include <$header" */*.[ch] || true); do
		ok=0
		for w in $where; do
			case $f in $w) ok=1 ;; esac
		done
		if [ $ok = 0 ]; then
			echo "$f includes <$header...>, which belongs to: $where"
			bad=1
		fi
	done
done <<'TABLE'
git2		git/*
libssh		devices/session* lab/*
sqlite3		controller/journal.c
yaml		base/doc*.c
jansson		base/doc*.c
openssl		base/secret.c base/seal.c
pcre2		base/re.c
curl		hooks/*
microhttpd	hooks/*
TABLE

# Vendors are data: no vendor's name in C outside the lab.
names='arista|cisco|juniper|junos|nokia|mikrotik|huawei|vyos'
if grep -niE "$names" base/*.[ch] git/*.[ch] diffing/*.[ch] checks/*.[ch] intended/*.[ch] \
    controller/*.[ch] devices/*.[ch] | grep -vE '^[^:]+:[0-9]+:.*(/\*|\*) ' ; then
	echo "a vendor's name in C code"
	bad=1
fi
exit $bad
