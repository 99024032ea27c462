/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between splice.c and splice_path.c.
 */
#ifndef FAIRLEAD_DIFFING_SPLICE_H
#define FAIRLEAD_DIFFING_SPLICE_H

#include "diffing/diff_build.h"

/* A text that is put into b. */
struct graft {
	uint32_t where;		/* in front of this node of b */
	uint32_t depth;		/* of its parent: deeper ones go in first */
	uint32_t column;	/* of its first letter; NODE_NONE: not known */
	uint32_t beside;	/* the brother in b it follows; 0: none */
	size_t order;
	struct span text;
};
struct splicer {
	struct match match;
	struct arena *arena;
	struct graft *grafts;
	size_t n;
	bool crlf;		/* intended ends its lines so */
	struct buf *out;
	size_t carried;
	uint32_t asked;		/* the node that splice_end_of() was asked about last, + 1 */
	struct graft end;	/* its answer */
};

/* The place at the end of what is below a node of b. */
struct graft splice_end_of(struct splicer *s, uint32_t node);
/* Note a text for a place below item ib of b. */
void splice_graft(struct splicer *s, struct graft g, uint32_t ib, struct buf *text);
/* A statement of SYNTAX_BRACE as it stands in a, from its first to its last
 * letter, in a column. */
void splice_copy_statement(struct splicer *s, uint32_t node, uint32_t column,
    struct buf *out);
/* Find places for the ignored children of a pair, where words make paths. */
void splice_graft_paths(struct splicer *s, uint32_t ia, uint32_t ib);

#endif
