#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fairlead from nothing on a bare Debian 12: installs what is missing, builds,
# and plays the whole story with two real BIRD routers behind OpenSSH's sshd
# and four simulated Arista EOS switches. Cleans up behind itself.
set -eu
cd "$(dirname "$0")/.."
TOP=$PWD
. examples/lib.sh
. examples/story.sh

if [ -z "${BIN:-}" ]; then
	need_packages $BUILD_PACKAGES $RUN_PACKAGES perl-base
	echo "building (a minute or two the first time)"
	cmake --preset release >/dev/null
	cmake --build --preset release
	BIN=$TOP/build/release/bin
fi

began=$(date +%s)
work_dir
play_story
echo
echo "That was the whole story, in $(($(date +%s) - began)) seconds."
echo "Next: docs/guide.md, from nothing to your own first device."
