/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two texts read, and their items paired: what of `a` is what of `b`. What diff
 * and splice both stand on, so that they cannot disagree.
 *
 * Two items have the same shape when they and all their compared descendants
 * are equal, in any order where order means nothing. Brothers pair by shape
 * first, then by their own line alone: of several, those most alike, whatever
 * order they stand in. In ordered contexts they pair along the longest common
 * subsequence, and what is left there pairs as moved. What is left then pairs,
 * as changed, by what it is about. Items that are ignored pair by shape only.
 */
#ifndef FAIRLEAD_DIFFING_MATCH_H
#define FAIRLEAD_DIFFING_MATCH_H

#include "diffing/config.h"

struct shape {
	uint32_t word, n;
	const uint32_t *kids;	/* shapes of the compared children */
	uint64_t hash;
	uint64_t rank;		/* see shape_rank(); 0: not asked yet */
	bool ordered;
};
struct ids {
	uint32_t *v;
	size_t n, cap;
};

struct match {
	struct arena arena;	/* everything below; gone with match_release() */
	struct rules rules;
	struct words words;
	struct config a, b;
	struct shape *shapes;	/* shape numbers from words.n on; below: a word alone */
	size_t n_shapes;
	uint32_t *shape_index;
	size_t shape_index_size;
	uint32_t *heads;	/* scratch, by shape; all zero between uses */
	struct ids kids[2];	/* scratch: compared children of the pair at hand */
	struct ids skipped[2];	/* scratch: its ignored children */
	struct ids alike[2];	/* scratch: children of two that may pair */
	struct ids queue;	/* pairs still to look into: a, b, a, b, ... */
	size_t steps;		/* work done, for tests */
};

/* Read and pair. The texts must outlive the match. */
void match_init(struct match *m, const struct dialect *d, struct span a, struct span b);
/* The same, where others are read as well: `comments` as config_read(). */
void match_init_as(struct match *m, const struct dialect *d, struct span a, struct span b,
    bool comments);
/* Whether texts have one form; set lines cannot hold comments. */
bool match_one_form(const struct dialect *d, const struct span *texts, size_t n);
/* Read one text only: its shapes and order marks, in m->a. */
void match_init_one(struct match *m, const struct dialect *d, struct span a);
void match_release(struct match *m);
/* Whether a pair has no difference below, not even an ignored one; then the
 * items below are not paired. */
bool match_same(const struct match *m, uint32_t a, uint32_t b);
size_t match_steps(const struct match *m);

/*
 * shape.c
 */
/* Number the shapes of a text; no words may be added afterwards. */
void shape_all(struct match *m, struct config *c);
/* A number that follows from what a shape holds, in every process the same,
 * and not from where it stands. Shapes of one rank only pair as they come. */
uint64_t shape_rank(struct match *m, uint32_t shape);
void ids_push(struct ids *ids, uint32_t v);

#endif
