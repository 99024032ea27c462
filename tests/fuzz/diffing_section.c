/* SPDX-License-Identifier: Apache-2.0 */
/* SYNTAX_SECTION: menus and commands, whose parameters may stand in any order. */
#include "tests/fuzz/diffing_texts.h"

/* Once, and kept: what it costs is not what is tested. */
static void
make(struct dialect *d)
{
	static const char *const comments[] = { "#" };
	static const struct dialect_verb verbs[] = { { "add", VERB_ADDS, NULL },
		{ "set", VERB_ADDS, NULL } };
	static struct dialect_rule separators[1], ordered[1], volatiles[1], owned[1], secrets[1],
	    ranges[1], identities[1];

	separators[0] = rule("hash", "^#", NULL);
	ordered[0] = rule("list", "^/l", NULL);
	volatiles[0] = rule("salt", "w=(?<value>\\S+)", NULL);
	owned[0] = rule("own", "^add o", NULL);
	secrets[0] = rule("key", "k=(?<secret>\\S+)", NULL);
	ranges[0] = rule("numbers", "n=(?<list>[-0-9,]+)$", NULL);
	identities[0] = rule("name", "i=(?<key>\\S+)", NULL);
	*d = (struct dialect){ .name = "fuzz", .syntax = SYNTAX_SECTION, .verbs = verbs,
		.n_verbs = 2, .comments = comments, .n_comments = 1,
		.commands = COMMANDS_SECTION };
	RULES(d, separators, separators);
	RULES(d, ordered, ordered);
	RULES(d, volatiles, volatiles);
	RULES(d, owned, owned);
	RULES(d, secrets, secrets);
	RULES(d, ranges, ranges);
	RULES(d, identities, identities);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dialect dialect;

	if (dialect.name == NULL)
		make(&dialect);
	return two_texts(&dialect, data, size);
}
