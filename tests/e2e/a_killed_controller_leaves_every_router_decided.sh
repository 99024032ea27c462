#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kill -9 at every journaled step of a job on a real BIRD: the next start finds
# out from the router, old or new runs and never else, and the results branch
# has exactly one final record of the run.
. "$TOP/tests/e2e/lib.sh"
DEVICE=edge1
EXTRA=
set_stage
fairlead trust edge1 --yes >/dev/null
fairlead plan edge1 >/dev/null

runs_now() { bird_routes edge1; }
leftovers() { ls "$W/edge1" | grep 'fairlead-' || true; }
alter() {
	sed -i "s,^\troute 100.64.*,," "$W/network/configs/edge1.conf"
	sed -i "s,^\troute 198,\troute 100.64.$1.0/24 blackhole;\n&," \
	    "$W/network/configs/edge1.conf"
}
break_check() {
	sed -i '/route 203/d; /route 100/d' "$W/network/configs/edge1.conf"
}
. "$TOP/tests/e2e/kill_loop.sh"
