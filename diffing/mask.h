/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Masking inside the room: every text that leaves it passes here. In doubt
 * (a pattern gives up, a rule has no group `secret`) more is masked.
 */
#ifndef FAIRLEAD_DIFFING_MASK_H
#define FAIRLEAD_DIFFING_MASK_H

#include "diffing/diff.h"
#include "diffing/tree.h"

struct mask_range {
	const char *from, *to;
};
struct masker {
	const struct rules *rules;
	const struct mask_key *key;
	int *groups;		/* of each secret rule: number of `secret`, or 0 */
	/* What was found in the last text asked about. */
	struct mask_range *found;
	size_t n, cap;
};

/* Borrows rules and key; masker_release() when done. */
void masker_init(struct masker *m, const struct rules *r, const struct mask_key *key);
void masker_release(struct masker *m);
/* Add text, which stands below `up`, with its secrets masked. Returns how many
 * there were. */
size_t mask_add(struct masker *m, struct span text, const struct parents *up,
    struct buf *out);
/* The same for a text whose compared form is `normal`: when that has secrets,
 * it is added in place of the text. */
size_t mask_add_node(struct masker *m, struct span text, struct span normal,
    const struct parents *up, struct buf *out);

#endif
