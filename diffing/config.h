/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a text means: items below items, made from the nodes of its tree. A
 * section that stands twice is one item, a path is one item a word, a list of
 * brothers has an item of its own above its entries; a node knows its item.
 * Items stand behind their parents, and brothers in the order in which they
 * first appear.
 */
#ifndef FAIRLEAD_DIFFING_CONFIG_H
#define FAIRLEAD_DIFFING_CONFIG_H

#include "diffing/tree.h"

#define ITEM_LINE 1u		/* a line of its own when shown; else its children are */
#define ITEM_ORDERED 2u		/* the order of its children means something */
#define ITEM_CARRIES 4u		/* is not compared wholly, or has such below */
#define ITEM_VALUE 8u		/* compared without a volatile value */
#define ITEM_INSIDE 16u		/* below an ignored one */
#define ITEM_GONE 32u		/* a `delete` took it back */
#define ITEM_MOVED 64u		/* has a mate, but in another order */
#define ITEM_CHANGED 128u	/* has a mate, with another text or value */
#define ITEM_HOLLOW 256u	/* a step of paths that only leads to ignored ones */
#define ITEM_EACH 512u		/* one number of a line that stands for one each */
#define ITEM_STAYS 1024u	/* ignored ones below it are carried to its mate */
#define ITEM_SAID 2048u		/* of a path: a statement ends with it */

/* What the word of a list of brothers begins with: text has no line end in it. */
#define CONFIG_LIST "\n"

struct item {
	uint32_t word;		/* what is compared: a line, or a word of a path */
	uint32_t exact;		/* the same before a value was cut or a list sorted */
	uint32_t parent;
	uint32_t first, last, next;	/* children, brother; 0: none */
	uint32_t node;		/* where it stands first, or NODE_NONE */
	uint32_t shape;		/* equal: equal with all descendants (match.h) */
	uint32_t mate;		/* the same in the other text (match.h), or NODE_NONE */
	const struct dialect_rule *rule;	/* why it, or its value, is ignored; or NULL */
	uint16_t flags;
	uint8_t depth;		/* 1: top level */
};

struct config {
	struct tree tree;
	struct arena *arena;
	struct words *words;
	const struct rules *rules;
	struct item *v;		/* 0 is the top level */
	uint32_t n, cap;
	size_t steps;		/* work done, for tests */
	/* while reading */
	uint32_t *index;	/* of parent and word; item or 0 */
	size_t index_size, indexed;
	struct range_line {	/* the last line of numbers */
		uint32_t item, parent;
		struct span head;
		struct range *v;
		size_t n;
	} last;
	size_t each;		/* how many lines of one number were made */
	uint32_t *moves;	/* lines that move an entry of a list */
	size_t n_moves;
	bool comments;
	bool paths;		/* items are words of paths */
};

/* Read a text and what it means. Lives in arena a and borrows the text. With
 * `comments`, those that no rule calls separators are compared. */
void config_read(struct config *c, struct arena *a, struct words *w, struct span text,
    bool comments);

/* The compared text of item i. */
static inline struct span
config_word(const struct config *c, uint32_t i)
{
	return c->words->v[c->v[i].word].text;
}
/* The same before a value was cut or a list sorted. */
static inline struct span
config_exact(const struct config *c, uint32_t i)
{
	return c->words->v[c->v[i].exact].text;
}
static inline bool
config_is_comment(const struct config *c, uint32_t i)
{
	return c->v[i].node != NODE_NONE && c->tree.nodes[c->v[i].node].kind == NODE_COMMENT;
}
/* The compared text for people: a list is called what its entries begin with. */
static inline struct span
config_title(const struct config *c, uint32_t i)
{
	struct span word = config_word(c, i);
	size_t skip = span_starts(word, CONFIG_LIST) ? strlen(CONFIG_LIST) : 0;

	return span_of(word.p + skip, word.len - skip);
}
/* Whether item i is compared. */
static inline bool
config_counts(const struct config *c, uint32_t i)
{
	return c->v[i].rule == NULL || (c->v[i].flags & ITEM_VALUE) != 0;
}
/* The first rule of a kind that matches item i where it stands, or NULL. */
const struct dialect_rule *config_rule(const struct config *c, enum rule_kind kind,
    uint32_t i);
/* The parents of item i as rules see them: lists are none. */
void config_parents(const struct config *c, uint32_t i, struct parents *up);
/* Its next brother that is not gone, and its first child; 0: none. */
static inline uint32_t
config_next(const struct config *c, uint32_t i)
{
	do
		i = c->v[i].next;
	while (i != 0 && (c->v[i].flags & ITEM_GONE) != 0);
	return i;
}
static inline uint32_t
config_first(const struct config *c, uint32_t i)
{
	i = c->v[i].first;
	return i != 0 && (c->v[i].flags & ITEM_GONE) != 0 ? config_next(c, i) : i;
}
/* The first below item i that is compared; 0: none. */
static inline uint32_t
config_first_compared(const struct config *c, uint32_t i)
{
	for (i = config_first(c, i); i != 0 && !config_counts(c, i); i = config_next(c, i))
		continue;
	return i;
}
/* The item behind i of those below `top`, its children first; 0 at the end. */
static inline uint32_t
config_after(const struct config *c, uint32_t top, uint32_t i)
{
	uint32_t next = config_first(c, i);

	for (; next == 0 && i != top; i = c->v[i].parent)
		next = config_next(c, i);
	return next;
}
/* What item i is about, beside its value, in arena a; p NULL when nothing says
 * so. */
struct span config_identity(const struct config *c, uint32_t i, struct arena *a);

/*
 * range.c
 */
struct range {
	uint32_t from, to;
};
/* Add the numbers of a list such as `10-12,20`. False when it is none, or is too
 * long. */
bool range_read(struct arena *a, struct span list, struct range **v, size_t *n);
/* Sort them, and make one of those that touch; returns how many are left. */
size_t range_merge(struct range *v, size_t n);
/* Print them sorted and merged, `10-12,20`; sorts v. */
void range_print(struct range *v, size_t n, struct buf *out);

#endif
