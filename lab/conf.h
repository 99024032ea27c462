/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration mode: where somebody stands in a tree, and what the next
 * line does to it. Used for a person's terminal, for a pasted or copied
 * text and for loading a file; the grammar (lab/grammar.h) says what lines
 * there are.
 *
 * A line that the current section does not know is tried in the sections
 * around it, which leaves them, as on the device; indentation means nothing,
 * but in "loose" modes (rare features of which only the first line is in the
 * grammar), where deeper indentation is the only sign of a section.
 */
#ifndef FAIRLEAD_LAB_CONF_H
#define FAIRLEAD_LAB_CONF_H

#include "lab/grammar.h"

#define CONF_DEPTH 8

struct level {
	const struct rule *rule;
	unsigned mode;
	int indent;		/* of the line that opened it */
	char **lines, **keys;	/* n: more than one in a range (vlan 10-12) */
	size_t n;
};

struct conf {
	const struct grammar *g;
	struct node *root;	/* borrowed; set before each call */
	const struct node *clean;	/* what a device shows that nobody configured
					 * anything on; comes back when removed; or NULL */
	void *ctx;		/* for the checks of the grammar's rows */
	struct level level[CONF_DEPTH];
	int depth;
	bool changed;		/* a line touched the tree; the caller clears it */
	char error[160];	/* "% ..." after CONF_ERROR */
	char warning[320];	/* "! ..." after CONF_OK, or "" */
	/* The rest is conf.c's. */
	struct node **at;	/* the sections the current line is for */
	size_t n_at;
	unsigned texts_left;	/* "EOF"s still to come */
	struct buf text;
	const struct rule *text_rule;	/* NULL: a mode comment */
	char *text_line, *text_key;
	bool comment_open;	/* the line before was "!! ..." */
	char *loose_line;	/* last loose line here: it may become a section */
	int loose_indent;
	bool loose_flat;	/* it was typed without indentation */
};

enum conf_code {
	CONF_OK,
	CONF_ERROR,	/* refused; conf.error says why */
	CONF_TEXT,	/* lines are text now, up to EOF */
	CONF_EXIT,	/* "exit" at the top */
	CONF_END,	/* "end" */
};

void conf_init(struct conf *c, const struct grammar *g, const struct node *clean, void *ctx);
void conf_release(struct conf *c);
/* Back to the top, forgetting an unfinished text. */
void conf_top(struct conf *c);
/* Do one line, without its line end. */
enum conf_code conf_line(struct conf *c, const char *raw);
/* Do all lines of a text. bad() is called for each refused line (from 1) and
 * each warning; "end" goes to the top and on. */
void conf_load(struct conf *c, struct span text,
    void (*bad)(void *ctx, int line, const char *raw, const char *why), void *ctx);
/* What the prompt shows of the place: "" or "if-Et1". */
void conf_prompt(const struct conf *c, struct buf *out);
/* The node a check is asked about: the first section of the current line. */
struct node *conf_here(const struct conf *c);

#endif
