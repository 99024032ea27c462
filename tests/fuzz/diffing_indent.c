/* SPDX-License-Identifier: Apache-2.0 */
/* SYNTAX_INDENT: blocks with an end and with a delimiter, lists of numbers and of
 * brothers, values that change by themselves. */
#include "tests/fuzz/diffing_texts.h"

/* Once, and kept: what it costs is not what is tested. */
static void
make(struct dialect *d)
{
	static const char *const comments[] = { "!" };
	static struct dialect_rule separators[2], ordered[1], sequences[1], ranges[2],
	    identities[1], volatiles[2], owned[2], secrets[2], lifelines[1], destructive[2],
	    references[1], negations[1], resets[1], modes[1], exclusive[1], kept[1];
	static struct dialect_block blocks[2];

	separators[0] = rule("bang", "^!", NULL);
	separators[1] = rule("in", "^-", "^b");
	ordered[0] = rule("list", "^l", NULL);
	ordered[0].other = pattern("^\\d");
	sequences[0] = rule("sequence", "^s\\S*", NULL);
	ranges[0] = rule("numbers", "^n (?<add>a )?(?<list>[-0-9, to]+)$", NULL);
	ranges[1] = rule("each", "^v (?<list>[-0-9,]+)", NULL);
	ranges[1].each = true;
	identities[0] = rule("about", "^d(?<value>.*)$", NULL);
	volatiles[0] = rule("vol", "^v", NULL);
	volatiles[1] = rule("salt", "^w (?<value>\\S+)", NULL);
	owned[0] = rule("own", "^o", NULL);
	owned[1] = rule("inside", "^p", "^a");
	secrets[0] = rule("key", "k (?<secret>\\S+)", NULL);
	secrets[1] = rule("pair", "(?<secret>.)\\n=$", NULL);
	lifelines[0] = rule("life", "^(a|l)", NULL);
	destructive[0] = rule("gone", "^a", NULL);
	destructive[0].other = pattern("^b");
	destructive[1] = rule("last", "^o", NULL);
	destructive[1].last = true;
	references[0] = rule("name", "^l (?<name>\\S+)", NULL);
	references[0].other = pattern("u (?<name>\\S+)");
	negations[0] = rule("number", "^(?<n>\\d+) ", NULL);
	negations[0].with = "no ${n}\nno";
	resets[0] = rule("reset", "^w", NULL);
	resets[0].other = pattern("^d");
	modes[0] = rule("mode", "^b", NULL);
	exclusive[0] = rule("one", "^d", NULL);
	kept[0] = rule("late", "^k", NULL);
	blocks[0] = (struct dialect_block){ .name = "block", .open = pattern("^(b|B)lock"),
		.close = pattern("^E$"), .times = 2 };
	blocks[1] = (struct dialect_block){ .name = "banner",
		.open = pattern("^c (?<delim>\\S)") };
	*d = (struct dialect){ .name = "fuzz", .syntax = SYNTAX_INDENT, .comments = comments,
		.n_comments = 1, .blocks = blocks, .n_blocks = 2, .negation = "no ",
		.commands = COMMANDS_INDENT, .reset = "default ", .exit = "x" };
	RULES(d, separators, separators);
	RULES(d, ordered, ordered);
	RULES(d, sequences, sequences);
	RULES(d, ranges, ranges);
	RULES(d, identities, identities);
	RULES(d, volatiles, volatiles);
	RULES(d, owned, owned);
	RULES(d, secrets, secrets);
	RULES(d, lifelines, lifelines);
	RULES(d, destructive, destructive);
	RULES(d, references, references);
	RULES(d, negations, negations);
	RULES(d, resets, resets);
	RULES(d, modes, modes);
	RULES(d, exclusive, exclusive);
	RULES(d, kept, kept);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dialect dialect;

	if (dialect.name == NULL)
		make(&dialect);
	return two_texts(&dialect, data, size);
}
