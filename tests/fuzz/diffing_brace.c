/* SPDX-License-Identifier: Apache-2.0 */
/* SYNTAX_BRACE with statements that end in `;` and sections that stand for
 * themselves. */
#include "tests/fuzz/diffing_texts.h"

/* Once, and kept: what it costs is not what is tested. */
static void
make(struct dialect *d)
{
	static const char *const comments[] = { "#", "/*" };
	static struct dialect_rule separators[2], ordered[2], volatiles[2], owned[2], secrets[1],
	    lifelines[1];

	separators[0] = rule("hash", "^(#|;)", NULL);
	separators[1] = rule("in", "^-", "^b");
	ordered[0] = rule("list", "^l", NULL);
	ordered[1] = rule("inside", ".", "^f");
	volatiles[0] = rule("vol", "^v", NULL);
	volatiles[1] = rule("inside", "^w", "^a");
	owned[0] = rule("own", "^o", NULL);
	owned[1] = rule("text", "^B", NULL);
	secrets[0] = rule("key", "k (?<secret>\\S+)", NULL);
	lifelines[0] = rule("life", "^(a|l)", NULL);
	*d = (struct dialect){ .name = "fuzz", .syntax = SYNTAX_BRACE, .repeats = true,
		.comments = comments, .n_comments = 2 };
	RULES(d, separators, separators);
	RULES(d, ordered, ordered);
	RULES(d, volatiles, volatiles);
	RULES(d, owned, owned);
	RULES(d, secrets, secrets);
	RULES(d, lifelines, lifelines);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dialect dialect;

	if (dialect.name == NULL)
		make(&dialect);
	return two_texts(&dialect, data, size);
}
