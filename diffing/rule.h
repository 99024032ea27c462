/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a dialect, made quick to ask. A pattern costs a fifth of a
 * microsecond a line even when the line obviously does not match, and most
 * lines match no rule: so each pattern that begins with `^` and plain letters
 * is asked only about lines that begin with these letters.
 */
#ifndef FAIRLEAD_DIFFING_RULE_H
#define FAIRLEAD_DIFFING_RULE_H

#include "diffing/dialect.h"

/* Deepest level of a tree: what stands deeper is one value with its parent.
 * Real configurations end at about 20. */
#define TREE_DEPTH 100

enum rule_kind {
	RULE_SEPARATOR,
	RULE_BLOCK,		/* openings, in the order of dialect->blocks */
	RULE_VOLATILE,
	RULE_OWNED,
	RULE_EXCEPT,
	RULE_ONLY,
	RULE_BLANK,
	RULE_ORDERED,
	RULE_SEQUENCE,
	RULE_RANGE,
	RULE_IDENTITY,
	RULE_SECRET,
	RULE_LIFELINE,
	RULE_DESTRUCTIVE,
	RULE_REFERENCE,
	RULE_NEGATION,
	RULE_RESET,
	RULE_MODE,
	RULE_EXCLUSIVE,
	RULE_UNIQUE,
	RULE_KEPT,
	RULE_REFUSED,
	RULE_LIST,
	RULE_KINDS
};

/* Bytes of a path that rules are asked about. Longer ones are no configuration. */
#define RULES_PATH_MAX ((size_t)16 << 10)

#define LITERAL_MAX 15
struct literal {
	unsigned char len;
	char text[LITERAL_MAX];
};
struct rule_set {
	const struct dialect_rule *v;
	const struct literal *literals;	/* what a line must begin with, per rule */
	size_t n;
	bool within;			/* some rule looks at parents */
	bool ends;			/* some rule ends what is open */
	bool first[256];		/* first bytes of lines that may match */
};
struct rules {
	const struct dialect *dialect;
	struct rule_set sets[RULE_KINDS];
};

/* The parents of a line, outermost first, without the top level. */
struct parents {
	size_t n;
	bool paths;		/* they and the line are words of one path */
	struct span v[TREE_DEPTH];
};

/* Lives in arena a and borrows the dialect. */
void rules_init(struct rules *r, struct arena *a, const struct dialect *d);
/* Whether any `line` of that kind matches; `within` is not looked at. */
bool rules_may(const struct rules *r, enum rule_kind kind, struct span line);
/* The first rule that matches a line under its parents, or NULL. A pattern
 * that gives up counts as the answer that shows more: not a separator, not
 * ignored, but ordered and a lifeline. */
const struct dialect_rule *rules_find(const struct rules *r, enum rule_kind kind,
    struct span line, const struct parents *up);
/* The same for a path that rules_path() made. */
const struct dialect_rule *rules_find_path(const struct rules *r, enum rule_kind kind,
    struct span path);
/* Whether rule i of that kind can match a single line that begins so. */
bool rules_begins(const struct rules *r, enum rule_kind kind, size_t i, struct span line);
/* Whether `within` allows a rule here; when its pattern gives up, `doubt`. */
bool rules_within(const struct dialect_rule *rule, const struct parents *up, bool doubt);
/* The path of a line below its parents as rules see it; in `out`, when it has
 * to be put together. */
struct span rules_path(const struct rules *r, struct span line, const struct parents *up,
    struct buf *out);
/* What a line of SYNTAX_SET begins with, or NULL. */
const struct dialect_verb *rules_verb(const struct rules *r, struct span line);
/* The verb whose mark a word is (`inactive:`), or NULL. */
const struct dialect_verb *rules_mark(const struct dialect *d, struct span word);
/* The prefix with which text begins a comment, or NULL. */
const char *rules_comment(const struct rules *r, struct span text);

/* Whether the path of a line is longer than rules are asked about. */
bool rules_too_long(struct span line, const struct parents *up);
/* A named group of a pattern in a line that it matches; p NULL when it takes no
 * part. */
struct span rules_group(const struct re *re, const char *name, struct span line);

#endif
