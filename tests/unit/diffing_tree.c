/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/diffing_case.h"

#include "diffing/config.h"

struct parsed {
	struct arena arena;
	struct rules rules;
	struct words words;
	struct config config;
};

static void
parse(struct parsed *p, const struct dialect *d, struct span text)
{
	*p = (struct parsed){ .arena = ARENA_INIT };
	rules_init(&p->rules, &p->arena, d);
	words_init(&p->words, &p->arena, &p->rules, 0);
	config_read(&p->config, &p->arena, &p->words, text, true);
}

/* The compared lines: a dot a level, the compared form, what is odd. */
static void
outline(const struct config *c, struct buf *out)
{
	const struct tree *t = &c->tree;

	for (uint32_t i = 1; i < t->n; i++) {
		const struct node *n = &t->nodes[i];

		if (n->kind == NODE_NOTHING)
			continue;
		for (int d = 1; d < n->depth; d++)
			buf_addc(out, '.');
		text_visible(out, tree_word(t, i), false);
		if (n->kind == NODE_BLOCK)
			buf_adds(out, " (block)");
		if ((n->flags & NODE_OPEN) != 0)
			buf_adds(out, " (open)");
		if (n->item != NODE_NONE && c->v[n->item].rule != NULL)
			buf_addf(out, " (%s)", c->v[n->item].rule->name);
		buf_addc(out, '\n');
	}
}

struct tree_case {
	const char *name;
	const struct dialect_text *dialect;
	const char *text, *outline;
};

static const struct tree_case cases[] = {
	{ "nothing", &EOS_TEXT, "", "" },
	{ "deeper is a child, of any width", &EOS_TEXT,
	    "a\n   b\n     c\n  d\ne\n",
	    "a\n.b\n..c\n.d\ne\n" },
	{ "a tab counts to eight", &EOS_TEXT,
	    "a\n\tb\n        c\n\t d\n",
	    "a\n.b\n.c\n..d\n" },
	{ "separators and blank lines end nothing", &EOS_TEXT,
	    "a\n   b\n!\n\n   c\n! remark\nend\nd\n",
	    "a\n.b\n.c\nd\n" },
	{ "a mode comment is a line", &EOS_TEXT,
	    "a\n   !! keep\n",
	    "a\n.!! keep\n" },
	{ "CR, trailing blanks and a missing last line end are no matter", &EOS_TEXT,
	    "a  \r\n b\t\r\nc",
	    "a\n.b\nc\n" },
	{ "a block is one value", &EOS_TEXT,
	    "banner motd\n  hello \r\n! x\n   EOF\nb\n",
	    "banner motd\\x0a  hello\\x0a! x\\x0a   EOF (block)\nb\n" },
	{ "a block without an end takes the rest", &EOS_TEXT,
	    "a\n  banner motd\nb\n",
	    "a (open)\n.banner motd\\x0ab (block) (open)\n" },
	{ "ignored lines are known by their place", &EOS_TEXT,
	    "last-change 1\ninterface Et1\n   last-change 2\nlicense x\n   y\n",
	    "last-change 1\ninterface Et1\n.last-change 2 (counter)\nlicense x (licence)\n.y\n" },
	{ "bytes are bytes", &EOS_TEXT,
	    "caf\xe9\n   \xff\x01 x\n",
	    "caf\\xe9\n.\\xff\\x01 x\n" },

	{ "braces nest", &BIRD_TEXT,
	    "protocol static {\n  ipv4;\n  route 10.0.0.0/8 blackhole;\n}\nlog syslog all;\n",
	    "protocol static {\n.ipv4;\n.route 10.0.0.0/8 blackhole;\nlog syslog all;\n" },
	{ "one line is as good as many", &BIRD_TEXT,
	    "protocol static{ipv4 ;route   10.0.0.0/8\n blackhole;};log syslog all;",
	    "protocol static {\n.ipv4;\n.route 10.0.0.0/8 blackhole;\nlog syslog all;\n" },
	{ "comments carry nothing, unless a rule says so", &BIRD_TEXT,
	    "# a { b;\na { /* } */ b; # ; }\n} #! kept\nc /* x\n y */ d;\n",
	    "a {\n.b;\n#! kept\nc d;\n" },
	{ "quotes hide braces", &BIRD_TEXT,
	    "a \"} ; # \\\" {\" 'b;c' d'e;\nf;",
	    "a \"} ; # \\\" {\" 'b;c' d'e;\nf;\n" },
	{ "a comment begins a word", &BIRD_TEXT,
	    "url http://x/#y;\nset [1,# no\n2];",
	    "url http://x/#y;\nset [1, 2];\n" },
	{ "braces between brackets are prefix patterns", &BIRD_TEXT,
	    "if net ~ [ 10.0.0.0/8{8,24}, 0.0.0.0/0 ] then {\n accept;\n}\n",
	    "if net ~ [ 10.0.0.0/8{8,24}, 0.0.0.0/0 ] then {\n.accept;\n" },
	{ "what is not ended shows", &BIRD_TEXT,
	    "a { b }\nc {\n d;\n e",
	    "a {\n.b (open)\nc { (not closed) (open)\n.d;\n.e (open)\n" },
	{ "a brace too many shows", &BIRD_TEXT,
	    "a { b; } }\nc;\n",
	    "a {\n.b;\n}\nc;\n" },
	{ "a quote without an end takes the rest", &BIRD_TEXT,
	    "a \"b; }\nc;\n",
	    "a \"b; }\\x0ac; (open)\n" },
};

static void
parse__reads_the_outline(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct test_dialect *t = test_dialect(cases[i].dialect);
		struct buf out = BUF_INIT;
		struct parsed p;

		parse(&p, &t->d, span_str(cases[i].text));
		outline(&p.config, &out);
		if (strcmp(buf_str(&out), cases[i].outline) != 0)
			fail_msg("%s:\n%s\ninstead of\n%s", cases[i].name, buf_str(&out),
			    cases[i].outline);
		buf_clear(&out);
		tree_print(&p.config.tree, &out);
		if (!span_is(buf_span(&out), cases[i].text))
			fail_msg("%s: prints as\n%s", cases[i].name, buf_str(&out));
		buf_release(&out);
		arena_release(&p.arena);
		test_dialect_free(t);
	}
}

static void
assert_prints(const struct dialect_text *text, struct span s)
{
	struct test_dialect *t = test_dialect(text);
	struct buf out = BUF_INIT;
	struct parsed p;

	parse(&p, &t->d, s);
	tree_print(&p.config.tree, &out);
	assert_true(span_eq(buf_span(&out), s));
	buf_release(&out);
	arena_release(&p.arena);
	test_dialect_free(t);
}

/* Any bytes at all print back: letters that mean something, at random. */
static void
parse__prints_any_bytes_back(void **state)
{
	static const char letters[] = "ab \t\n\r{};\"'#/*[]!\\\0\xe9";
	uint32_t x = 1;
	char text[200];

	(void)state;
	for (int round = 0; round < 5000; round++) {
		size_t len = (size_t)round % sizeof(text);

		for (size_t i = 0; i < len; i++) {
			x = x * 1664525 + 1013904223;
			text[i] = letters[(x >> 16) % (sizeof(letters) - 1)];
		}
		assert_prints(&EOS_TEXT, span_of(text, len));
		assert_prints(&BIRD_TEXT, span_of(text, len));
	}
}

/* Depth 10,000: what is deeper than the limit is one value, nothing is lost. */
static void
parse__bounds_depth(void **state)
{
	struct test_dialect *eos = test_dialect(&EOS_TEXT), *bird = test_dialect(&BIRD_TEXT);
	struct buf indent = BUF_INIT, brace = BUF_INIT;
	struct parsed p;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		for (int d = 0; d < i; d++)
			buf_addc(&indent, ' ');
		buf_adds(&indent, "x\n");
		buf_adds(&brace, "x {\n");
	}
	for (int i = 0; i < 10000; i++)
		buf_adds(&brace, "}\n");
	parse(&p, &eos->d, buf_span(&indent));
	assert_int_equal(p.config.tree.n, TREE_DEPTH + 1);
	arena_release(&p.arena);
	parse(&p, &bird->d, buf_span(&brace));
	assert_int_equal(p.config.tree.nodes[TREE_DEPTH].depth, TREE_DEPTH);
	assert_int_equal(p.config.tree.n, 2 * TREE_DEPTH);
	arena_release(&p.arena);
	assert_prints(&EOS_TEXT, buf_span(&indent));
	assert_prints(&BIRD_TEXT, buf_span(&brace));
	buf_release(&indent);
	buf_release(&brace);
	test_dialect_free(eos);
	test_dialect_free(bird);
}

/* The letters a pattern must begin with are only taken when they are sure. */
static void
rules__are_asked_whenever_they_could_match(void **state)
{
	static const struct {
		const char *pattern, *line;
		bool match;
	} v[] = {
		{ "^abc", "abcd", true }, { "^abc", "xabc", false }, { "abc", "xabc", true },
		{ "^abc?d", "abd", true }, { "^abc*d", "abd", true },
		{ "^abc{0,1}d", "abd", true }, { "^abc|x", "xy", true },
		{ "^(abc|x)", "xy", true }, { "^ab[|(]c|x", "xy", true },
		{ "^ab[[:alpha:](]c|x", "xy", true }, { "^a\\|b", "a|b", true },
		{ "^\\Qa(\\E|x", "xy", true }, { "(?i)^ABC", "abc", true },
		{ "^a-quite-long-beginning?x", "a-quite-long-beginninx", true },
		{ "^$", "", true }, { "^$", "x", false }, { "", "x", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct dialect_text text = { .volatiles = { { .name = "r", .line = v[i].pattern } } };
		struct test_dialect *t = test_dialect(&text);
		struct arena a = ARENA_INIT;
		struct rules r;

		rules_init(&r, &a, &t->d);
		if (rules_may(&r, RULE_VOLATILE, span_str(v[i].line)) != v[i].match)
			fail_msg("%s on %s", v[i].pattern, v[i].line);
		arena_release(&a);
		test_dialect_free(t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse__reads_the_outline),
		cmocka_unit_test(parse__prints_any_bytes_back),
		cmocka_unit_test(parse__bounds_depth),
		cmocka_unit_test(rules__are_asked_whenever_they_could_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
