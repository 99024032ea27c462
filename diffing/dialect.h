/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of a platform's configuration text, as data. devices/platform.c
 * fills it from the platform's YAML; this room only reads it. Immutable after
 * it is built; shared by threads.
 */
#ifndef FAIRLEAD_DIFFING_DIALECT_H
#define FAIRLEAD_DIFFING_DIALECT_H

#include "base/re.h"
#include "base/text.h"

enum syntax {
	SYNTAX_INDENT,		/* EOS, IOS, NX-OS, ...: deeper indent is a child */
	SYNTAX_BRACE,		/* BIRD, Junos, ...: { } make children */
	SYNTAX_SET,		/* Junos, VyOS, ...: each line is a whole path */
	SYNTAX_SECTION,		/* RouterOS: /path, then commands below it */
};

/*
 * One rule about lines. `line` matches a line without its indent and without
 * blanks at its end; `within`, when set, must match one of its parents.
 *
 * In SYNTAX_BRACE a line is a statement with its `;`, or what opens a section
 * with its `{`, on one line with single blanks, none before the `;` and one
 * before the `{`: `route 10.0.0.0/8 blackhole;`, `protocol static {`. Of a
 * block, rules see the first line; `secrets` see all.
 *
 * Where words make paths (`paths`), a line is the whole path from the top, its
 * words with single blanks, without braces, `;` and quotes: `interfaces
 * ge-0/0/0 unit 0 family inet`. Rules are asked about each beginning of it. One
 * with `within` is for another form of the same platform's text, except that
 * secrets are hidden all the same.
 *
 * A pattern that gives up counts as the answer that shows more and hides more
 * secrets. What begins with `^` and plain letters costs next to nothing.
 */
struct dialect_rule {
	const char *name;	/* for "ignored by rule NAME" */
	const struct re *line;
	const struct re *within;
	const struct re *other;	/* see the lists below */
	const char *with, *whole;
	bool last, added, ends, each;
};
/* A block whose inner lines are one value, kept byte for byte: a banner until
 * EOF. `close` matches the line that ends it (which belongs to it), `times`
 * times; or `open` has a group `delim`, and the next time that text occurs is
 * the end. Without one the block goes on to the end of the text. Not in
 * SYNTAX_BRACE: there, quotes and comments say where they end. */
struct dialect_block {
	const char *name;
	const struct re *open;
	const struct re *close;
	const struct re *within;
	int times;
	bool indented;		/* a language: its indent and blank lines mean nothing */
};
/* Another form the same platform's text may have, known by its first line that
 * is no comment. */
struct dialect_form {
	enum syntax syntax;
	const struct re *when;
};
/* What a line of SYNTAX_SET begins with, and what it does to the path that
 * follows; also at the top of braces with line ends. A mark is a word of its own
 * below the path: `deactivate X` and `inactive: X {` both mean X with `inactive:`
 * below it. */
enum verb_does { VERB_ADDS, VERB_DELETES, VERB_MARKS, VERB_MOVES };
struct dialect_verb {
	const char *prefix;	/* "set ", "delete "; in SYNTAX_SECTION "add" */
	enum verb_does does;
	const char *mark;
};
/* How a person types changes: see patch.h. */
enum command_style { COMMANDS_NONE, COMMANDS_INDENT, COMMANDS_SET, COMMANDS_SECTION };

struct dialect {
	const char *name;
	enum syntax syntax;
	const struct dialect_form *forms;
	size_t n_forms;
	/* SYNTAX_BRACE: a line end ends a statement, as `;` does. */
	bool line_ends;
	/* SYNTAX_BRACE, SYNTAX_SET: words are steps of a path, so that braces and
	 * set lines mean the same, and sections are merged by them. */
	bool paths;
	/* What stands twice is two: lines are not merged with equal brothers. */
	bool repeats;
	const struct dialect_verb *verbs;
	size_t n_verbs;
	/* Paths: the last words of a path that is a leaf: one word follows, and what
	 * comes after it belongs to what the leaf is in: `card-type X level Y`. */
	const char *const *leaves;
	size_t n_leaves;
	/* Paths: words in front of a statement that say nothing (`replace:`). */
	const char *const *skipped;
	size_t n_skipped;
	/* Paths: what rules do not see at the front of a path: `groups X `. */
	const struct re *root;
	/* Prefixes of comments: "!", "#". In SYNTAX_BRACE they begin a comment at
	 * the start of any word, up to the end of the line (slash and star: up to
	 * star and slash). Secrets are looked for behind them. Whether comments
	 * are compared is for `separators` to say: `!! note` on EOS is
	 * configuration. */
	const char *const *comments;
	size_t n_comments;
	/* Lines that carry nothing (separators, comments, `end`): not compared, and
	 * not of the structure; but `ends` ends what is open and not to the left of
	 * it, in SYNTAX_INDENT.
	 * Blank lines are so anyway. */
	const struct dialect_rule *separators;
	size_t n_separators;
	/* SYNTAX_INDENT: lines in which several blanks are one. */
	const struct dialect_rule *blanks;
	size_t n_blanks;
	/* Contexts in which order means something: `line` matches the parent. The
	 * top level is the empty line: `^$`. Not where all children match `other`:
	 * they have numbers. */
	const struct dialect_rule *ordered;
	size_t n_ordered;
	/* Lists whose entries are brothers: among lines that match, those with the
	 * same matched text are one list, and have an order: `access-list 10`. */
	const struct dialect_rule *sequences;
	size_t n_sequences;
	/* Lines with a set of numbers in the group `list`: `10-12,20`. With a group
	 * `add`, the numbers belong to the line before; with `each`, in SYNTAX_INDENT,
	 * the line stands for one line a number. `with` stands in the place of `add` to
	 * take numbers away. */
	const struct dialect_rule *ranges;
	size_t n_ranges;
	/* What a line is about, beside its group `value`, or in its group `key`: with
	 * another value it is the same line, changed. For showing and for commands
	 * only. */
	const struct dialect_rule *identities;
	size_t n_identities;
	const struct dialect_block *blocks;
	size_t n_blocks;
	/* Not compared: timestamps, clock-period. Carried from running. With a
	 * group `value`, only that is not compared. */
	const struct dialect_rule *volatiles;
	size_t n_volatiles;
	/* The device's own: licence, self-signed PKI. Carried from running. Like
	 * volatile lines with all that is below them. */
	const struct dialect_rule *owned;
	size_t n_owned;
	/* The scope of this use of the grammar, beside the platform's rules. What
	 * matches `except`, with all below it, is not managed; when there are
	 * `only`, what neither matches one nor is above or below a line that does
	 * is not. Carried from running, as owned lines are. */
	const struct dialect_rule *except, *only;
	size_t n_except, n_only;
	/* The group named `secret` of each match is masked as a fingerprint. */
	const struct dialect_rule *secrets;
	size_t n_secrets;
	/* What keeps the device reachable and us allowed in; a section with all
	 * that is below it. With `added`, also what cuts it off when it comes. */
	const struct dialect_rule *lifelines;
	size_t n_lifelines;
	/* What is destroyed when it goes; with `other`, only when a line below it
	 * matches that; with `last`, only when no line like it is left. */
	const struct dialect_rule *destructive;
	size_t n_destructive;

	/*
	 * Commands, for patch.h.
	 */
	enum command_style commands;
	const char *negation;	/* "no "; "" when there is none */
	/* What takes `no X` back, where no new line says X: "default "; "": X. */
	const char *reset;
	const char *quote;	/* around a word of a path that needs it: ' or " */
	const char *exit;	/* leaves one level */
	const char *delimiters;	/* typed around a block in place of ^C; "": none */
	/* Names: where `line` matches, the group `name` is defined; where `other`
	 * matches, it is used. */
	const struct dialect_rule *references;
	size_t n_references;
	/* How a line is taken back where `no LINE` is not it; `with` may use the
	 * groups of `line` as ${name}. `whole` takes back at once all brothers that are
	 * about the name in the group `name`, when nothing defines it any more; what
	 * else is about that name goes with them. */
	const struct dialect_rule *negations;
	size_t n_negations;
	/* Lines that make the device forget brothers that match `other`: these are
	 * sent again. */
	const struct dialect_rule *resets;
	size_t n_resets;
	/* Lines that enter a mode, also when nothing is below them. */
	const struct dialect_rule *modes;
	size_t n_modes;
	/* Lines that a new value does not overwrite: the old one goes first. */
	const struct dialect_rule *exclusive;
	size_t n_exclusive;
	/* Lines of which brothers with the same group `name` are one object: the old
	 * one is gone before the new one comes. */
	const struct dialect_rule *unique;
	size_t n_unique;
	/* Lines that go only when all that comes is there: a default route. */
	const struct dialect_rule *kept;
	size_t n_kept;
	/* Lines that no command changes safely, or takes away; with `added`, or adds. */
	const struct dialect_rule *refused;
	size_t n_refused;
	/* Paths whose next word is one of several, a key or a value of a list: taken
	 * back with it. Others are taken back without their value. */
	const struct dialect_rule *lists;
	size_t n_lists;
};

#endif
