/* SPDX-License-Identifier: Apache-2.0 */
#include "intended_repo.h"

static const char *leaf_groups[] = { "leaves", "eos" }, *leaf_tags[] = { "core", "prod" };
static const struct intended_device LEAF = {
	.name = "leaf1", .site = "dc1", .role = "leaf", .platform = "arista_eos",
	.groups = leaf_groups, .n_groups = 2, .tags = leaf_tags, .n_tags = 2,
};
static const struct intended_device BARE = { .name = "bare" };

static struct selector *
parsed(const char *const *words, size_t n)
{
	struct selector *s = NULL;
	struct err err = ERR_INIT;

	assert_code(0, selector_parse(&s, &test_arena, words, n, &err), &err);
	return s;
}

static void
selector__matches_as_the_table_says(void **state)
{
	static const struct {
		const char *words[3];
		bool leaf, bare;
	} CASES[] = {
		{ { NULL }, true, true },
		{ { "leaf1" }, true, false },
		{ { "leaf" }, false, false },
		{ { "leaf*" }, true, false },
		{ { "?eaf1" }, true, false },
		{ { "*" }, true, true },
		{ { "LEAF1" }, false, false },
		{ { "site=dc1" }, true, false },
		{ { "site=dc2" }, false, false },
		{ { "site=*" }, true, false },
		{ { "role=leaf" }, true, false },
		{ { "role=spine" }, false, false },
		{ { "platform=arista_*" }, true, false },
		{ { "group=leaves" }, true, false },
		{ { "group=eos" }, true, false },
		{ { "group=e" }, false, false },
		{ { "tag=prod" }, true, false },
		{ { "tag=lab" }, false, false },
		{ { "site=dc1,role=leaf" }, true, false },
		{ { "site=dc1,role=spine" }, false, false },
		{ { "tag=core,tag=prod,leaf*" }, true, false },
		{ { "site=dc2", "leaf1" }, true, false },
		{ { "site=dc2", "bare" }, false, true },
		{ { "site=dc2 bare" }, false, true },
		{ { "  leaf1  bare " }, true, true },
		{ { "site=a=b" }, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		size_t n = 0;
		struct selector *s;

		while (CASES[i].words[n] != NULL)
			n++;
		s = parsed(CASES[i].words, n);
		if (selector_match(s, &LEAF) != CASES[i].leaf ||
		    selector_match(s, &BARE) != CASES[i].bare)
			fail_msg("case %zu: %s", i, CASES[i].words[0]);
	}
}

static void
selector__that_is_wrong_says_what_is_allowed(void **state)
{
	static const struct {
		const char *word, *said;
	} CASES[] = {
		{ "", "empty" },
		{ "   ", "empty" },
		{ ",", "\"\" cannot be a device name" },
		{ "leaf1,", "\"\" cannot be a device name" },
		{ ",leaf1", "cannot be a device name" },
		{ "a,,b", "cannot be a device name" },
		{ "colour=red", "\"colour=red\": unknown key" },
		{ "=red", "unknown key" },
		{ "site!=dc1", "unknown key" },
		{ "Site=dc1", "unknown key" },
		{ "site=", "\"site=\" has no value" },
		{ "site=dc1,role=", "\"role=\" has no value" },
		{ "a/b", "\"a/b\" cannot be a device name" },
		{ "leaf1;reboot", "cannot be a device name" },
		{ "leaf1\tleaf2", "cannot be a device name" },
		{ "\x1b[2J", "cannot be a device name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		const char *words[] = { "fine", CASES[i].word };
		struct selector *s = NULL;
		struct err err = ERR_INIT;

		assert_code(ERR_USAGE, selector_parse(&s, &test_arena, words, 2, &err), &err);
		assert_has(err.text, CASES[i].said);
		assert_has(err.next, "site=VALUE, role=VALUE, group=VALUE, tag=VALUE, "
		    "platform=VALUE");
		assert_null(s);
	}
}

static void
selector__with_a_hostile_glob_ends(void **state)
{
	const char *words[] = { "site=*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b" };
	char site[4096];
	struct intended_device d = { .name = "x", .site = site };

	(void)state;
	memset(site, 'a', sizeof(site) - 1);
	site[sizeof(site) - 1] = '\0';
	assert_false(selector_match(parsed(words, 1), &d));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(selector__matches_as_the_table_says, arena_end),
		cmocka_unit_test_teardown(selector__that_is_wrong_says_what_is_allowed, arena_end),
		cmocka_unit_test_teardown(selector__with_a_hostile_glob_ends, arena_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
