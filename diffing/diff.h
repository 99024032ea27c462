/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference between two configurations of one dialect: text in, result
 * out, no I/O, no global state. Results live in the caller's arena and point
 * into the input texts, which must outlive them.
 *
 * Guarantees: diff(a, a) is empty; separators, comments that the dialect calls
 * separators, and volatile lines never make a difference; what is ignored is
 * kept with the name of the rule that ignored it. Output is masked: a secret
 * shows as <secret:FINGERPRINT>, so a changed secret still shows.
 */
#ifndef FAIRLEAD_DIFFING_DIFF_H
#define FAIRLEAD_DIFFING_DIFF_H

#include "base/writer.h"
#include "diffing/dialect.h"

enum diff_kind {
	DIFF_CONTEXT,		/* a parent that is the same, with changes below */
	DIFF_ADDED,
	DIFF_REMOVED,
	DIFF_MOVED,		/* ordered contexts only */
	DIFF_IGNORED,		/* differs, but `rule` says it does not count */
};

struct diff_node {
	enum diff_kind kind;
	bool counts;		/* a difference, or has one below, that is not ignored */
	bool added;		/* IGNORED: only b has it; else only a */
	int line;		/* from 1, in a (REMOVED, CONTEXT) or in b (ADDED, MOVED) */
	uint32_t column;	/* of the text in that input, tabs counted to 8 */
	/* In ordered contexts the place among its compared brothers, from 1, in a
	 * (REMOVED) or in b; 0 where order means nothing. */
	uint32_t place;
	struct span text;	/* the line without indent; a block with its inner lines */
	struct span normal;	/* what is compared of it: no CR, no trailing blanks, ... */
	const char *rule;	/* IGNORED: why */
	struct diff_node *children;
	size_t n;
};

struct diff {
	const struct dialect *dialect;
	struct diff_node *nodes;
	size_t n;
	size_t added, removed, moved, ignored;	/* lines, blocks counted as one */
	size_t steps;		/* work done, for tests and benchmarks */
};

/* Never fails: every text is some tree. Texts over 2^31 lines are cut. */
struct diff *diff_make(struct arena *a, const struct dialect *d, struct span from,
    struct span to);
/* True when nothing but ignored differences. */
bool diff_same(const struct diff *d);

/* Key for the fingerprints of masked secrets. */
struct mask_key {
	uint8_t bytes[32];
};
/* Unified text as engineers read it: parents as context, +, -, ~ (moved) and,
 * with `ignored`, i for those that do not count, with side and rule. Control
 * bytes are made visible. */
void diff_text(const struct diff *d, const struct mask_key *key, bool ignored,
    struct buf *out);
/* {"added":N,"removed":N,"moved":N,"ignored":N,"truncated":false,"changes":
 * [{"kind":...,"path":[...],"text":...,"line":N}]}; an ignored one also has
 * "side" (added, removed) and "rule". Bounded: long texts are cut, and past
 * 64 MiB the rest is left out, which `truncated` says. */
void diff_json(const struct diff *d, const struct mask_key *key, struct jw *w,
    const char *jkey);
/* Hash of the masked changes in a normal form: the part of the plan id that
 * says what would change. Equal changes hash equal, wherever they stand. */
void diff_hash(const struct diff *d, const struct mask_key *key, char out[65]);

/* Copy a configuration with every secret masked. */
void mask_text(const struct dialect *d, const struct mask_key *key, struct span text,
    struct buf *out);
/* Hash of the text in its normal form (what diff_same() compares): equal for
 * two texts exactly when diff_same() holds between them, secrets included. */
void normal_hash(const struct dialect *d, struct span text, char out[65]);

/*
 * The candidate that changes only what the plan shows: `intended`, with owned
 * and volatile lines taken from running, in their place. Without such lines it
 * is `intended` byte for byte; else intended's own versions of them are left
 * out. A line whose parent is gone from intended goes with it. *carried counts
 * the lines copied, blocks as one. (Not called splice(): that is splice(2).)
 */
void diff_splice(struct arena *a, const struct dialect *d, struct span running,
    struct span intended, struct buf *out, size_t *carried);

/* Lifelines that `running` has and `candidate` lacks or alters: one sentence
 * each, masked; returns how many were added to *out (in the arena). */
size_t lifeline_findings(struct arena *a, const struct dialect *d,
    const struct mask_key *key, struct span running, struct span candidate,
    const char ***out);

#endif
