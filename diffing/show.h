/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the forms of a shown difference share: where it is in the tree, and the
 * masked texts. Nothing leaves the room but through here.
 */
#ifndef FAIRLEAD_DIFFING_SHOW_H
#define FAIRLEAD_DIFFING_SHOW_H

#include "diffing/diff.h"
#include "diffing/mask.h"

struct show {
	const struct diff *diff;
	struct arena arena;
	struct rules rules;
	struct masker masker;
	struct parents up;
	struct buf text;	/* scratch: one masked text */
};

void show_init(struct show *s, const struct diff *d, const struct mask_key *key);
void show_release(struct show *s);
/* A text masked; the text of a node, or what it was. Until the next call. */
struct span show_mask(struct show *s, struct span text, struct span normal);
struct span show_masked(struct show *s, const struct diff_node *n);
struct span show_masked_old(struct show *s, const struct diff_node *n);
void show_enter(struct show *s, const struct diff_node *n);
void show_leave(struct show *s);

#endif
