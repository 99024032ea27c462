/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Longest common subsequence (Myers 1986, linear space), over numbers that
 * stand for lines. Minimal when at most `max_cost` edits are needed, items
 * that only one side has not counted. Work is bounded: past that, what was
 * found from the front and from the back within max_cost / 2 edits each is
 * kept and the rest is one replacement, which is correct, only not minimal.
 * Time is at most in the order of max_cost^2 + nx + ny steps, memory linear.
 */
#ifndef FAIRLEAD_BASE_LCS_H
#define FAIRLEAD_BASE_LCS_H

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/* One run: `same` equal items, then `del` of a and `add` of b. */
struct lcs_run {
	size_t same, del, add;
};
/* Returns the runs, in arena a; *n of them. They cover both inputs: `same` is
 * 0 in the first run at most, del + add in the last. NULL when both are empty. */
struct lcs_run *lcs(struct arena *a, const uint32_t *x, size_t nx, const uint32_t *y,
    size_t ny, size_t max_cost, size_t *n);

#endif
