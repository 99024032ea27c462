/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of a simulated device: sections with lines below them.
 * Children are kept in the order in which the device shows them, so showing
 * a tree is one walk. The order is (rule, key) unless the section keeps the
 * order of entry (lab/grammar.h says which).
 */
#ifndef FAIRLEAD_LAB_TREE_H
#define FAIRLEAD_LAB_TREE_H

#include "base/text.h"

struct rule;

struct node {
	const struct rule *rule;	/* NULL: the root */
	char *line;		/* canonical, without indent; "" for the root */
	char *key;		/* the words that identify it: one line a key */
	bool negated;		/* the line is "no ..." and the device shows that */
	bool ordered;		/* children keep the order of entry */
	char *text;		/* lines up to the final EOF (banners), or NULL */
	char *comment;		/* mode comment, LF-separated lines, or NULL */
	struct node **kids;
	size_t n, cap;
};

struct node *tree_new(void);
void tree_free(struct node *n);	/* with all below; NULL is fine */
struct node *tree_copy(const struct node *n);
bool tree_equal(const struct node *a, const struct node *b);

struct node *tree_find(const struct node *parent, const struct rule *rule, const char *key);
/* The child with this key, its line and sign set; made when absent. Keeps
 * what is below it. */
struct node *tree_put(struct node *parent, const struct rule *rule, const char *key,
    const char *line, bool negated);
/* Remove one child; NULL is fine. */
void tree_drop(struct node *parent, struct node *child);
/* Remove all below n. */
void tree_clear(struct node *n);
/* The first child whose line begins with these whole words, or NULL. */
struct node *tree_starts(const struct node *parent, const char *words);
/* True when `line` begins with the whole words of `words`. */
bool words_start(const char *line, const char *words);
/* Compare as people sort: runs of digits by value. */
int natural_cmp(const char *a, const char *b);

/* The text of a whole configuration as the device shows it: a "!" between
 * blocks, three spaces an indent, final "!" and "end" left to the caller. */
void tree_render(const struct node *root, struct buf *out);

#endif
