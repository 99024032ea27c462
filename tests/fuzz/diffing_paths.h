/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FAIRLEAD_TESTS_FUZZ_DIFFING_PATHS_H
#define FAIRLEAD_TESTS_FUZZ_DIFFING_PATHS_H

#include "tests/fuzz/diffing_texts.h"

/* What both targets of paths share. */
static inline void
make_paths(struct dialect *d, bool line_ends)
{
	static const char *const comments[] = { "#", "/*" };
	static const char *const skipped[] = { "replace:" };
	static const struct dialect_verb verbs[] = { { "set ", VERB_ADDS, NULL },
		{ "delete ", VERB_DELETES, NULL }, { "mark ", VERB_MARKS, "off:" } };
	static struct dialect_rule separators[1], ordered[1], volatiles[1], owned[1], secrets[1],
	    lifelines[1], destructive[1], lists[1];

	separators[0] = rule("hash", "^#", NULL);
	ordered[0] = rule("list", "(^| )l$", NULL);
	volatiles[0] = rule("salt", "(^| )w (?<value>\\S+)$", NULL);
	owned[0] = rule("own", "(^| )o$", NULL);
	secrets[0] = rule("key", "k (?<secret>\\S+)", NULL);
	lifelines[0] = rule("life", "^a( |$)", NULL);
	destructive[0] = rule("gone", "^b \\S+$", NULL);
	destructive[0].other = pattern(" c ");
	lists[0] = rule("list", "(^| )m$", NULL);
	*d = (struct dialect){ .name = "fuzz", .syntax = SYNTAX_BRACE, .line_ends = line_ends,
		.paths = true, .verbs = verbs, .n_verbs = 3, .skipped = skipped, .n_skipped = 1,
		.comments = comments, .n_comments = 2, .commands = COMMANDS_SET,
		.negation = "delete ", .quote = line_ends ? "'" : "\"" };
	RULES(d, separators, separators);
	RULES(d, ordered, ordered);
	RULES(d, volatiles, volatiles);
	RULES(d, owned, owned);
	RULES(d, secrets, secrets);
	RULES(d, lifelines, lifelines);
	RULES(d, destructive, destructive);
	RULES(d, lists, lists);
}

#endif
