/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a dialect accepts, as data: modes, and in each the lines it knows. A
 * row's place in its table is its place in the shown configuration.
 *
 * Syntax of a row, words separated by one space:
 *	word		a keyword; unambiguous beginnings are accepted
 *	a|b|c		one of several keywords
 *	<type> <type:arg>	a value (types in grammar.c), shown in canonical form
 *	[ ... ]		optional
 *	=		what follows is the value: a line with the same words before
 *			"=" replaces this one
 *	~word		this one word is not part of the identity
 *	...		anything, also nothing
 */
#ifndef FAIRLEAD_LAB_GRAMMAR_H
#define FAIRLEAD_LAB_GRAMMAR_H

#include "lab/tree.h"

struct conf;
struct match;

enum {
	R_JOIN = 1,	/* no "!" between this and the row before it */
	R_KEEP_NO = 2,	/* "no X" is shown as such, X too */
	R_ON = 4,	/* on by default: "no X" is shown, X is not */
	R_RANGE = 8,	/* the last word may be a list: one section each */
	R_SPLIT = 16,	/* one-line form of a section and one line in it:
			 * the first `split` words are the section */
	R_SEQ = 32,	/* a sequence number is given to it */
	R_GROUP = 64,	/* empty neighbours are shown as one line (vlan 10-12) */
	R_SAME = 128,	/* another form of the row before it: stored as that row */
	R_BY2 = 256,	/* such rows in a row are sorted by their second word
			 * first, names before numbers (neighbor X ...) */
	R_ORDER = 512,	/* lines of this row stay in the order of entry */
	R_OWNER = 1024,	/* without its value, taking it back takes all lines that
			 * begin with its first two words, also below */
};

struct rule {
	const char *syntax;
	unsigned opens;		/* mode of the section this line opens; 0: none */
	const char *prompt;	/* what the section adds to the prompt; %N is word N,
				 * %sN its short form (Et1) */
	unsigned flags;
	unsigned texts;		/* multi-line texts that follow, each up to EOF */
	unsigned split;		/* words of the section, with R_SPLIT */
	const char *def;	/* the line that says the default, not shown */
	/* Called with the tree unchanged when a line is to be set or removed:
	 * NULL, or a "% ..." line to refuse it. May rewrite m->line and change
	 * other parts of c->root, and leave a warning in c->warning. */
	const char *(*check)(struct conf *c, struct match *m);
};

struct mode {
	const char *name;
	const struct rule *rules;
	size_t n;
	bool ordered;		/* children keep the order of entry */
	bool loose;		/* any indented line is accepted, see conf.c */
	const char *seq;	/* what precedes a sequence number ("seq "), or NULL */
};

struct grammar {
	const struct mode *modes;	/* [0] is the top; the index is rule.opens */
	size_t n;
};

enum match_code { MATCH_NONE, MATCH_AMBIGUOUS, MATCH_INCOMPLETE, MATCH_PARTIAL, MATCH_FULL };

/* One line, understood. Owned by the caller: lab_match_init, lab_match_release. */
struct match {
	const struct rule *rule;
	bool negated;		/* "no ..." */
	bool reset;		/* "default ..." */
	struct buf line;	/* canonical, without "no" */
	struct buf key;
};
void lab_match_init(struct match *m);
void lab_match_release(struct match *m);

/* What a line (without "no", without indent) means in a mode. With `exact`
 * the first word must be whole. With `partial` a line that stops early
 * matches too (MATCH_PARTIAL): "no neighbor 192.0.2.1". */
enum match_code grammar_match(const struct mode *mode, const char *text, bool exact,
    bool partial, struct match *m);

/* The n-th word (from 1) of a line; empty when absent. */
struct span word_at(const char *line, size_t n);
/* Ethernet1 -> Et1 into out; false when it is no interface name. */
bool interface_short(struct span name, char *out, size_t size);
/* "10,20-22" -> numbers, at most max; the count, or 0 when malformed. */
size_t number_list(const char *s, int *out, size_t max);
/* Dotted quad with mask length: address in host order; false when not one. */
bool prefix_parse(const char *s, uint32_t *address, int *len);

#endif
