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
};

/*
 * One rule about lines. `line` matches a line without its indent and without
 * blanks at its end; `within`, when set, must match one of the parents.
 *
 * In SYNTAX_BRACE a line is a statement with its `;`, or what opens a section
 * with its `{`, on one line with single blanks, none before the `;` and one
 * before the `{`: `route 10.0.0.0/8 blackhole;`, `protocol static {`. Of a
 * block, rules see the first line; `secrets` see all.
 *
 * A pattern that gives up counts as the answer that shows more and hides more
 * secrets. What begins with `^` and plain letters costs next to nothing.
 */
struct dialect_rule {
	const char *name;	/* for "ignored by rule NAME" */
	const struct re *line;
	const struct re *within;
};
/* A block whose inner lines are one value, kept byte for byte: a banner until
 * EOF. `close` matches the line that ends it (which belongs to it); without
 * one the block goes on to the end of the text. SYNTAX_INDENT only: in braces,
 * quotes and comments say where they end. */
struct dialect_block {
	const char *name;
	const struct re *open;
	const struct re *close;
};

struct dialect {
	const char *name;
	enum syntax syntax;
	/* Prefixes of comments: "!", "#". In SYNTAX_BRACE they begin a comment at
	 * the start of any word, up to the end of the line (slash and star: up to
	 * star and slash). Secrets are looked for behind them. Whether comments
	 * are compared is for `separators` to say: `!! note` on EOS is
	 * configuration. */
	const char *const *comments;
	size_t n_comments;
	/* Lines that carry nothing (separators, comments, `end`): not compared, and
	 * not of the structure. Blank lines are so anyway. */
	const struct dialect_rule *separators;
	size_t n_separators;
	/* Contexts in which order means something: `line` matches the parent. The
	 * top level is the empty line: `^$`. */
	const struct dialect_rule *ordered;
	size_t n_ordered;
	const struct dialect_block *blocks;
	size_t n_blocks;
	/* Not compared: timestamps, clock-period. Carried from running. */
	const struct dialect_rule *volatiles;
	size_t n_volatiles;
	/* The device's own: licence, self-signed PKI. Carried from running. Like
	 * volatile lines with all that is below them. */
	const struct dialect_rule *owned;
	size_t n_owned;
	/* The group named `secret` of each match is masked as a fingerprint. */
	const struct dialect_rule *secrets;
	size_t n_secrets;
	/* What keeps the device reachable and us allowed in; a section with all
	 * that is below it. */
	const struct dialect_rule *lifelines;
	size_t n_lifelines;
};

#endif
