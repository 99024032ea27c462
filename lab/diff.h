/* SPDX-License-Identifier: Apache-2.0 */
/* Unified differences as devices print them. */
#ifndef FAIRLEAD_LAB_DIFF_H
#define FAIRLEAD_LAB_DIFF_H

#include "base/text.h"

/* Add the difference of two texts with three lines of context, headed by
 * "--- from" and "+++ to". Nothing is added when they are equal. */
void diff_unified(struct span a, struct span b, const char *from, const char *to,
    struct buf *out);

#endif
