#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Everything that must hold, on a bare Debian 12: installs what is missing,
# builds with sanitizers, runs all tests. Prints the seconds of each part.
#
#	tests/run.sh		what CI runs (within 25 minutes on 2 cores)
#	tests/run.sh --long	also the long soaks
set -eu
cd "$(dirname "$0")/.."
TOP=$PWD
. examples/lib.sh

long=no
[ "${1:-}" != --long ] || long=yes
began=$(date +%s)
mark() {
	now=$(date +%s)
	echo "== $1: $((now - began)) s"
	began=$now
}

need_packages $BUILD_PACKAGES $RUN_PACKAGES libcmocka-dev clang libclang-rt-14-dev \
    python3 openssl perl-base jq
mark "bring-up"

cmake --preset dev >build-dev.log 2>&1 || { cat build-dev.log; exit 1; }
rm -f build-dev.log
cmake --build --preset dev
mark "build (ASan, UBSan)"
if [ $long = yes ]; then exclude='^$'; else exclude='^long$'; fi
ctest --preset dev -j2 -LE "$exclude" --output-on-failure
mark "tests (ASan, UBSan)"

cmake --preset tsan >/dev/null
cmake --build --preset tsan
mark "build (TSan)"
ctest --preset tsan -j2 -L 'unit|tsan' -LE "$exclude" --output-on-failure
mark "tests (TSan)"

cmake --preset fuzz -DFAIRLEAD_FUZZ_SECONDS="${FUZZ_SECONDS:-30}" >/dev/null
cmake --build --preset fuzz --target fuzzers
mark "build (libFuzzer)"
ctest --preset fuzz -j2 -L fuzz --output-on-failure
mark "fuzz"
