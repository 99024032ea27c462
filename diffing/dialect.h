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

/* One rule about lines. `line` matches a line without its indent; `within`,
 * when set, must match one of the parents (also without indent). */
struct dialect_rule {
	const char *name;	/* for "ignored by rule NAME" */
	const struct re *line;
	const struct re *within;
};
/* A block whose inner lines are one value, kept byte for byte: a banner until
 * EOF. `close` matches the line that ends it (which belongs to it). */
struct dialect_block {
	const char *name;
	const struct re *open;
	const struct re *close;
};

struct dialect {
	const char *name;
	enum syntax syntax;
	const char *const *comments;	/* prefixes of comment lines: "!", "#", "//" */
	size_t n_comments;
	/* Lines that carry nothing (separators, comments, `end`): not compared. */
	const struct dialect_rule *separators;
	size_t n_separators;
	/* Contexts in which order means something: `line` matches the parent. */
	const struct dialect_rule *ordered;
	size_t n_ordered;
	const struct dialect_block *blocks;
	size_t n_blocks;
	/* Not compared: timestamps, clock-period. Carried from running. */
	const struct dialect_rule *volatiles;
	size_t n_volatiles;
	/* The device's own: licence, self-signed PKI. Carried from running. */
	const struct dialect_rule *owned;
	size_t n_owned;
	/* The group named `secret` of each match is masked as a fingerprint. */
	const struct dialect_rule *secrets;
	size_t n_secrets;
	/* What keeps the device reachable and us allowed in. */
	const struct dialect_rule *lifelines;
	size_t n_lifelines;
};

#endif
