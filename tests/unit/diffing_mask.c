/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No secret leaves the room: in any form of output, on any line a rule can
 * see, in blocks and in comments.
 */
#include "tests/unit/diffing_case.h"

#include "base/secret.h"
#include "diffing/patch.h"

static const struct dialect_text EOS_KEYS = {
	.syntax = SYNTAX_INDENT,
	.comments = { "!", "#" },
	.separators = { { .name = "bang", .line = "^!" } },
	.ordered = { { .name = "list", .line = "^list" } },
	.blocks = { { .name = "keys", .line = "^keys$", .other = "^EOF$" } },
	.volatiles = { { .name = "vol", .line = "^vol" } },
	.secrets = { { .name = "key", .line = "key (?<secret>\\S+)" },
	    { .name = "line", .line = "^secret .* (?<secret>\\S+)$" },
	    { .name = "pem", .line = "BEGIN\\n(?<secret>(?s:.*?))\\n *END", .within = "^keep" },
	    { .name = "bgp", .line = "^password (?<secret>.+)", .within = "^router bgp " },
	    { .name = "whole", .line = "^snmp \\S+" },
	    { .name = "explodes", .line = "^(?<secret>(x+x+)+)[yz]" } },
};
static const struct dialect_text BIRD_KEYS = {
	.syntax = SYNTAX_BRACE,
	.comments = { "#", "/*" },
	.separators = { { .name = "comment", .line = "^(#|/\\*)" } },
	.secrets = { { .name = "password", .line = "^password \"(?<secret>[^\"]*)\"", .within = "^protocol bgp " } },
};

/* {s} in the expected text stands for the masked form of `secret`. */
struct mask_case {
	const char *name;
	const struct dialect_text *dialect;
	const char *text, *secret, *masked;
};

static const struct mask_case cases[] = {
	{ "one", &EOS_KEYS, "a\n  key abc x\r\n", "abc", "a\n  key {s} x\r\n" },
	{ "many in a line", &EOS_KEYS, "key abc key abc", "abc", "key {s} key {s}" },
	{ "two rules, one secret", &EOS_KEYS, "secret key abc\n", "abc", "secret key {s}\n" },
	{ "only below the parent the rule names", &EOS_KEYS,
	    "router bgp 1\n vrf A\n  password abc\npassword abc\n", "abc",
	    "router bgp 1\n vrf A\n  password {s}\npassword abc\n" },
	{ "on a line of a block", &EOS_KEYS, "keys\n  x\n\tkey abc \nEOF\n", "abc",
	    "keys\n  x\n\tkey {s}\nEOF\n" },
	{ "in a comment", &EOS_KEYS, "!  ## secret 5 abc\n", "abc", "!  ## secret 5 {s}\n" },
	{ "a rule without the group masks its match", &EOS_KEYS, "snmp abc ro\n", "snmp abc",
	    "{s} ro\n" },
	{ "a pattern that gives up masks the line", &EOS_KEYS,
	    "a\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "a\n{s}\n" },
	{ "a reference is none", &EOS_KEYS,
	    "key ${secret:bgp-1}\nkey \"${secret:a/b}\"\nkey ${secret:a}b\n", "${secret:a}b",
	    "key ${secret:bgp-1}\nkey \"${secret:a/b}\"\nkey {s}\n" },
	{ "bytes are bytes", &EOS_KEYS, "key \xe9\xff\n", "\xe9\xff", "key {s}\n" },
	{ "a statement, on one line or more", &BIRD_KEYS,
	    "protocol bgp x {\n  password \"abc\"; password\n\t\"abc\";\n}\npassword \"abc\";\n",
	    "abc",
	    "protocol bgp x {\n  password \"{s}\"; password \"{s}\";\n}\npassword \"abc\";\n" },
	{ "a statement somebody commented out", &BIRD_KEYS,
	    "protocol bgp x {\n  # password \"abc\";\n  /* password \"abc\"; */\n}\n", "abc",
	    "protocol bgp x {\n  # password \"{s}\";\n  /* password \"{s}\"; */\n}\n" },
	{ "a comment inside a statement", &BIRD_KEYS,
	    "protocol bgp x {\n  a\n  # password \"abc\"\n  b;\n}\n", "abc",
	    "protocol bgp x {\n  a\n  # password \"{s}\"\n  b;\n}\n" },
};

static const char *
fill(struct arena *a, const char *text, const char *secret)
{
	struct buf out = BUF_INIT;
	const char *filled;
	char print[17];

	secret_fingerprint(TEST_KEY.bytes, sizeof(TEST_KEY.bytes), secret, strlen(secret), print);
	while (*text != '\0') {
		if (strncmp(text, "{s}", 3) == 0) {
			buf_addf(&out, "<secret:%s>", print);
			text += 3;
		} else {
			buf_addc(&out, *text++);
		}
	}
	filled = arena_strndup(a, buf_str(&out), out.len);
	buf_release(&out);
	return filled;
}

static void
mask_text__masks_every_secret_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mask_case *c = &cases[i];
		struct test_dialect *t = test_dialect(c->dialect);
		struct arena a = ARENA_INIT;
		struct buf out = BUF_INIT;
		const char *expected = fill(&a, c->masked, c->secret);

		mask_text(&t->d, &TEST_KEY, span_str(c->text), &out);
		if (strcmp(buf_str(&out), expected) != 0)
			fail_msg("%s:\n%s\ninstead of\n%s", c->name, buf_str(&out), expected);
		buf_release(&out);
		arena_release(&a);
		test_dialect_free(t);
	}
}

/* SECRET in each place a line can have in a difference. */
static const struct {
	const struct dialect_text *dialect;
	const char *from, *to;
} leaks[] = {
	{ &EOS_KEYS, "key SECRET1\n", "key SECRET2\n" },
	{ &EOS_KEYS, "key SECRET1\n a\n", "key SECRET1\n b\n" },
	{ &EOS_KEYS, "list\n key SECRET1\n key SECRET2\n", "list\n key SECRET2\n key SECRET1\n" },
	{ &EOS_KEYS, "vol key SECRET1\n", "vol key SECRET2\n  key SECRET3\n" },
	{ &EOS_KEYS, "keys\nkey SECRET1\nEOF\n", "keys\n secret x SECRET2\nEOF\n" },
	{ &EOS_KEYS, "router bgp 1\n a\n  password SECRET1\n", "router bgp 1\n a\n" },
	{ &BIRD_KEYS, "protocol bgp x { password \"SECRET1\"; }",
	    "protocol bgp x { password\n\t\"SECRET2\"; a { password \"SECRET3\"; b; } }" },
};

static void
outputs__never_hold_a_secret(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(leaks) / sizeof(leaks[0]); i++) {
		struct test_dialect *t = test_dialect(leaks[i].dialect);
		struct arena a = ARENA_INIT;
		struct buf out = BUF_INIT;
		struct judgement judged;
		struct err err = ERR_INIT;
		struct patch *patch;
		struct diff *d;
		struct jw w;

		t->d.lifelines = t->d.destructive = t->d.secrets;
		t->d.n_lifelines = t->d.n_destructive = t->d.n_secrets;
		if (t->d.syntax == SYNTAX_INDENT)
			t->d.commands = COMMANDS_INDENT;
		t->d.negation = "no ";
		d = diff_make(&a, &t->d, span_str(leaks[i].from), span_str(leaks[i].to));
		assert_true(d->n > 0);
		diff_text(d, &TEST_KEY, true, &out);
		jw_init(&w, &out, true);
		diff_json(d, &TEST_KEY, &w, NULL);
		mask_text(&t->d, &TEST_KEY, span_str(leaks[i].from), &out);
		mask_text(&t->d, &TEST_KEY, span_str(leaks[i].to), &out);
		diff_judge(&a, &t->d, &TEST_KEY, span_str(leaks[i].from),
		    span_str(leaks[i].to), &judged);
		for (size_t n = 0; n < judged.lifelines.n; n++)
			buf_adds(&out, judged.lifelines.v[n]);
		for (size_t n = 0; n < judged.destroys.n; n++)
			buf_adds(&out, judged.destroys.v[n]);
		parse_text(&t->d, &TEST_KEY, span_str(leaks[i].from), &out);
		parse_text(&t->d, &TEST_KEY, span_str(leaks[i].to), &out);
		if (patch_make(&a, &t->d, span_str(leaks[i].from), span_str(leaks[i].to), &patch,
		    &err) == 0)
			patch_text(patch, &TEST_KEY, &out);
		else
			buf_addf(&out, "%s%s", err.text, err.next);
		assert_non_null(strstr(buf_str(&out), "<secret:"));
		if (strstr(buf_str(&out), "SECRET") != NULL)
			fail_msg("%zu: %s", i, buf_str(&out));
		buf_release(&out);
		arena_release(&a);
		test_dialect_free(t);
	}
}

static void
outputs__show_a_changed_secret(void **state)
{
	struct test_dialect *t = test_dialect(&EOS_KEYS);
	struct arena a = ARENA_INIT;

	(void)state;
	assert_string_equal(test_diff(&a, &t->d, "key a\n", "key b\n", true),
	    arena_printf(&a, "%s%s", fill(&a, "- key {s}\n", "a"), fill(&a, "+ key {s}\n", "b")));
	assert_string_equal(test_diff(&a, &t->d, "key a\n", "key a\n", true), "");
	arena_release(&a);
	test_dialect_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mask_text__masks_every_secret_and_nothing_else),
		cmocka_unit_test(outputs__never_hold_a_secret),
		cmocka_unit_test(outputs__show_a_changed_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
