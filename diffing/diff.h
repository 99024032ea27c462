/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference between two configurations of one dialect: text in, result
 * out, no I/O, no global state. Results live in the caller's arena and point
 * into the input texts, which must outlive them.
 *
 * Guarantees: diff(a, a) is empty; separators, comments that the dialect calls
 * separators, and volatile lines never make a difference; what is ignored is
 * kept with the name of the rule that ignored it. What is equal is decided by
 * whole lines; rules about what a line is about only say which of two lines
 * shows as the other, changed. Output is masked: a secret shows as
 * <secret:FINGERPRINT>, so a changed secret still shows.
 */
#ifndef FAIRLEAD_DIFFING_DIFF_H
#define FAIRLEAD_DIFFING_DIFF_H

#include "base/field.h"
#include "base/writer.h"
#include "diffing/dialect.h"

enum diff_kind {
	DIFF_CONTEXT,		/* a parent that is the same, with changes below */
	DIFF_ADDED,
	DIFF_REMOVED,
	DIFF_MOVED,		/* ordered contexts only */
	DIFF_CHANGED,		/* the same line with another value: `old`, then `text` */
	DIFF_IGNORED,		/* differs, but `rule` says it does not count */
};

/* Whose doing a difference between running and intended is: see diff3_make(). */
enum diff_origin {
	ORIGIN_NONE,
	ORIGIN_PENDING,		/* Git moved on */
	ORIGIN_DRIFT,		/* somebody or something changed the device */
	ORIGIN_CONFLICT,	/* both did, to the same line */
	ORIGIN_REWRITE,		/* the device shows what it was sent in its own words */
	ORIGIN_NOT_ACCEPTED,	/* the device was sent it, and does not have it so */
	ORIGINS
};

struct diff_node {
	enum diff_kind kind;
	enum diff_origin origin;	/* of diff3_make() only */
	bool counts;		/* a difference, or has one below, that is not ignored */
	bool added;		/* IGNORED: only b has it; else a, and with `old` both */
	bool section;		/* SYNTAX_BRACE: something may stand below it */
	bool bare;		/* paths: a comment or a mark alone, without `;` */
	bool mark;		/* paths: `inactive:` */
	struct span number;	/* in text: that of a line that stood for several; or p NULL */
	int line;		/* from 1, in b, or in a when only a has it */
	int old_line;		/* with `old`: in a */
	uint32_t column;	/* of the text in that input, tabs counted to 8 */
	/* In ordered contexts the place among its compared brothers, from 1, in a
	 * (REMOVED) or in b; 0 where order means nothing. */
	uint32_t place;
	struct span text;	/* the line without indent; a block with its inner lines */
	struct span normal;	/* the same without CR and blanks at ends of lines */
	struct span compared;	/* what of it is compared: no volatile value, ... */
	struct span old;	/* CHANGED, and IGNORED in its value: as it was; else p NULL */
	struct span old_normal;
	const char *rule;	/* IGNORED: why */
	struct span applied;	/* ORIGIN_CONFLICT: what was applied; p NULL: nothing */
	uint32_t a, b;		/* for this room: its items; 0: none */
	struct diff_node *children;
	size_t n;
};

struct diff {
	const struct dialect *dialect;
	enum syntax syntax;	/* of both texts; of b when they have different forms */
	bool paths;		/* lines are relative paths */
	struct diff_node *nodes;
	size_t n;
	/* Lines, blocks counted as one. */
	size_t added, removed, moved, changed, ignored;
	size_t origins[ORIGINS];	/* of diff3_make(): the same lines by origin */
	/* The lines, from 1, of what begins and does not end, as text_unended() says, in
	 * a and in b. */
	uint32_t unended[2];
	size_t steps;		/* work done, for tests and benchmarks */
};

/* Never fails: every text is some tree. Texts over 2^31 lines are cut. */
struct diff *diff_make(struct arena *a, const struct dialect *d, struct span from,
    struct span to);
/* True when nothing but ignored differences. */
bool diff_same(const struct diff *d);

/*
 * The difference from running to intended, each line with its origin, judged by
 * what was last applied. A line that moved on one side only is that side's; a
 * line that moved on both, to different ends, is a conflict.
 *
 * With `sent`, intended was just sent to a device that ran `applied`, and
 * `running` was read back. Then what is missing is not accepted, unless it
 * stands alone against one new line below the same parent: that is a rewrite.
 * Of lifelines and of what is below a context with an order there are none.
 * Without it, the learned rewrites are no differences: they are IGNORED.
 */
struct rewrite {
	const char *path;	/* parents, outermost first, with LF between; "" : none */
	const char *sent, *shown;
};
struct diff3 {
	struct span applied, intended, running;
	bool sent;
	const struct rewrite *learned;
	size_t n_learned;
};
struct diff *diff3_make(struct arena *a, const struct dialect *d, const struct diff3 *in);
/* The rewrites of a difference, in the arena; their number. */
size_t diff3_rewrites(struct arena *a, const struct diff *d, struct rewrite **out);
/* "pending", "drift", "conflict", "rewrite", "not-accepted"; "" for none. */
const char *diff_origin_word(enum diff_origin o);

/* Key for the fingerprints of masked secrets. Where a key is asked for, NULL
 * shows them as they are: for a person at a terminal only. */
struct mask_key {
	uint8_t bytes[32];
};
/* Unified text as engineers read it: parents as context, +, -, ~ (moved) and,
 * with `ignored`, i for those that do not count, with side and rule. Control
 * bytes are made visible. */
void diff_text(const struct diff *d, const struct mask_key *key, bool ignored,
    struct buf *out);
/* {"added":N,...,"changes":[{"kind":...,"path":[...],"text":...,"line":N}],
 * "truncated":false}, as docs/diff.schema.json says. Bounded: long texts are cut,
 * and past 64 MiB the rest is left out, which `truncated` says. */
void diff_json(const struct diff *d, const struct mask_key *key, struct jw *w,
    const char *jkey);
/* A line of counts and the text in a fence longer than any inside; folded when
 * it is long, cut at a line past `max` bytes, which it says. */
void diff_markdown(const struct diff *d, const struct mask_key *key, size_t max,
    struct buf *out);
/* Hash of the masked changes in a normal form: the part of the plan id that
 * says what would change. Equal changes hash equal, wherever they stand. */
void diff_hash(const struct diff *d, const struct mask_key *key, char out[65]);

/* The line, from 1, of what begins in a text and does not end: a quote, a block, a
 * section in braces. A file that was cut off has one. 0: all ends. */
uint32_t text_unended(const struct dialect *d, struct span text);

/* How a text is understood: its compared lines, each below what it belongs to,
 * with what the rules say; secrets masked. As JSON: {"syntax":..., "lossless":
 * true,"items":[{"depth":1,"line":N,"text":...}]}, depth first. */
void parse_text(const struct dialect *d, const struct mask_key *key, struct span text,
    struct buf *out);
void parse_json(const struct dialect *d, const struct mask_key *key, struct span text,
    struct jw *w, const char *jkey);

/* Copy a configuration with every secret masked. */
void mask_text(const struct dialect *d, const struct mask_key *key, struct span text,
    struct buf *out);
/* Hash of the text in its normal form (what diff_same() compares): equal for two
 * texts of one form exactly when diff_same() holds between them, secrets included;
 * of two forms (braces, set lines) that holds without comments. */
void normal_hash(const struct dialect *d, struct span text, char out[65]);

/*
 * The candidate that changes only what the plan shows: `intended`, with owned
 * and volatile lines taken from running, in their place. Without such lines it
 * is `intended` byte for byte; else intended's own versions of them are left
 * out. A line whose parent is gone from intended goes with it. *carried counts
 * the lines copied, blocks as one. False when there is something to carry and it
 * cannot be done: a text does not say what is below what (braces that are cut off,
 * a statement that does not end, lines over 500 columns to the right), or what came
 * out does not compare as it must; *out is intended then. (Not called splice(): that
 * is splice(2).)
 */
bool diff_splice(struct arena *a, const struct dialect *d, struct span running,
    struct span intended, struct buf *out, size_t *carried);

/* What a person should look at twice, one masked sentence each, in the arena. */
struct judgement {
	/* What running has and the candidate lacks or alters, of what leads to the
	 * device or lets people in. */
	struct field_strings lifelines;
	/* What goes with all that hung on it: a VRF, an interface with addresses,
	 * the last administrator. */
	struct field_strings destroys;
};
void diff_judge(struct arena *a, const struct dialect *d, const struct mask_key *key,
    struct span running, struct span candidate, struct judgement *out);

#endif
