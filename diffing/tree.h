/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration as a tree, lossless: the nodes stand in the order of the
 * text, each with the bytes that are its own, and together they are the text.
 * A node's descendants follow it up to `end`; so a subtree is a range, and
 * walking needs no recursion.
 */
#ifndef FAIRLEAD_DIFFING_TREE_H
#define FAIRLEAD_DIFFING_TREE_H

#include "diffing/word.h"

enum node_kind {
	NODE_LINE,		/* a line or statement, with children or not */
	NODE_BLOCK,		/* a block; the inner lines are kept as they are */
	NODE_COMMENT,		/* a comment that is compared, in SYNTAX_BRACE */
	NODE_DEEP,		/* a line at TREE_DEPTH with all that is deeper */
	NODE_NOTHING,		/* blank, separator, closing brace: not compared */
};

#define NODE_OPEN 1u	/* not ended: text put behind it would run into it */
#define NODE_CUT 4u	/* not ended where the text ends */
#define NODE_LIST 2u	/* paths: several end in it, so it says more than one thing */

#define NODE_NONE UINT32_MAX
#define TREE_COLUMN_MAX 1024u	/* deeper is as deep: no device indents so */

struct node {
	const char *raw;	/* its bytes; they end where the next node's begin */
	struct span text;	/* from its first letter to its last, as in the input */
	uint32_t word;		/* its text without CR, blanks at ends; a statement or a
				 * command in its form */
	uint32_t parent;
	uint32_t end;		/* behind its last descendant */
	uint32_t column;	/* of its first letter, tabs counted to 8 */
	uint32_t line;		/* from 1 */
	uint32_t item;		/* what it means (config.h), or NODE_NONE */
	uint32_t again;		/* the next node that means the same, or NODE_NONE */
	uint8_t kind, flags;
	uint8_t depth;		/* 1: top level */
};

struct tree {
	struct arena *arena;
	struct words *words;
	struct span text;
	enum syntax syntax;	/* the form this text has */
	struct node *nodes;	/* 0 is the top level; nodes[n].raw is the end */
	uint32_t n, cap;
	/* while reading */
	uint32_t open[TREE_DEPTH + 1];	/* the current line and its parents; 0 first */
	uint32_t depth;			/* of the innermost of them */
};

/* Read a text. The tree lives in arena a and borrows the text. */
void tree_read(struct tree *t, struct arena *a, struct words *w, struct span text);
/* The form a text has. */
enum syntax tree_form(const struct rules *r, struct span text);
/* The line, from 1, of what begins last and does not end before the text does; 0:
 * all does. */
uint32_t tree_unended(const struct tree *t);
/* The text again, from the nodes. */
void tree_print(const struct tree *t, struct buf *out);

/* Whether anything but separators is below node i. */
bool tree_has_children(const struct tree *t, uint32_t i);
/* The text of node i as one line. */
struct span tree_word(const struct tree *t, uint32_t i);
/* All bytes of nodes i up to j. */
struct span tree_raw(const struct tree *t, uint32_t i, uint32_t j);
/* Behind the last byte that belongs to node i: its `end`, without the blank
 * and separator lines that follow it in SYNTAX_INDENT, with the comments that
 * follow it on its line in SYNTAX_BRACE. */
uint32_t tree_tail(const struct tree *t, uint32_t i);
/* The parents of node i; of none beyond the innermost TREE_DEPTH. */
void tree_parents(const struct tree *t, uint32_t i, struct parents *up);

/*
 * For the readers, one a syntax.
 */
void read_indent(struct tree *t);
void read_brace(struct tree *t);
void read_set(struct tree *t);
void read_section(struct tree *t);
/* The lines of a text, one after the other. */
struct line_reader {
	struct span rest;
	uint32_t line;		/* number of the last one, from 1 */
};
struct line {
	struct span raw, text;	/* text: without indent, trailing blanks, line end */
	uint32_t column;
};
bool tree_line(struct line_reader *r, struct line *l);
/* Behind the quote that opens at p, or NULL when it has no end. " may span lines
 * and knows \"; ' must close on its line, else it is an apostrophe, and over. */
const char *tree_quote_end(const char *p, const char *end);
/* Whether a line is a separator below the nodes that are open now, `depth` of
 * them; *ends when it ends them. */
bool tree_separator(const struct tree *t, uint32_t word, uint32_t depth, bool *ends);
/* Append a node below the innermost open one. */
uint32_t tree_add(struct tree *t, const struct node *n);
/* Make the last node added the innermost open one, or close the innermost. */
void tree_enter(struct tree *t);
void tree_leave(struct tree *t);
bool tree_full(const struct tree *t);
/* Add text as it is compared: line ends are LF, lines have no blanks at their
 * ends. */
void tree_clean_lines(struct span text, struct buf *out);
/* The column behind a letter that stands in `column`. */
static inline uint32_t
tree_column(uint32_t column, char c)
{
	if (column >= TREE_COLUMN_MAX)
		return TREE_COLUMN_MAX;
	return c == '\t' ? (column / 8 + 1) * 8 : column + 1;
}

#endif
