/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference: readable cases, properties over generated trees, hostile
 * shapes by counted work, and real pairs where there are some.
 */
#include "tests/unit/diffing_gen.h"

#define TREES 2000

struct diff_case {
	const char *name;
	const struct dialect_text *dialect;
	const char *from, *to, *text;
	bool ignored;		/* show them */
};

static const struct diff_case cases[] = {
	{ "nothing", &EOS_TEXT, "a\n", "a\n", "", true },
	{ "a changed line stands below its old form", &EOS_TEXT,
	    "interface Ethernet1\n   description x\n   mtu 1500\n",
	    "interface Ethernet1\n   description y\n   mtu 1500\n",
	    "  interface Ethernet1\n"
	    "-    description x\n"
	    "+    description y\n", true },
	{ "a parent is printed once for its changes", &EOS_TEXT,
	    "router bgp 1\n   vrf A\n      x\n   vrf B\n      y\n",
	    "router bgp 1\n   vrf A\n      x\n      z\n   vrf B\n",
	    "  router bgp 1\n"
	    "     vrf A\n"
	    "+       z\n"
	    "     vrf B\n"
	    "-       y\n", true },
	{ "sections come and go whole", &EOS_TEXT,
	    "vlan 10\n   name a\n!\n", "vlan 20\n   name a\n!\n",
	    "- vlan 10\n"
	    "-    name a\n"
	    "+ vlan 20\n"
	    "+    name a\n", true },
	{ "order, separators and line ends mean nothing", &EOS_TEXT,
	    "a\n   b\n   c\n!\nd\n", "d\r\n\r\na\n  c \n  !\n  b\nend", "", true },
	{ "twice is once, where the device makes it one", &EOS_TEXT,
	    "a\na\nb\n   x\nb\n   y\n", "a\nb\n   y\n   x\n", "", true },
	{ "but not in a list with an order", &EOS_TEXT,
	    "ip access-list A\n   x\n   x\n", "ip access-list A\n   x\n",
	    "  ip access-list A\n"
	    "-    x\n", true },
	{ "and not where two are two", &BIRD_TEXT,
	    "protocol static { ipv4; }\nprotocol static { ipv4; }\n", "protocol static { ipv4; }\n",
	    "- protocol static {\n"
	    "-     ipv4;\n"
	    "- }\n", true },
	{ "two sections with one name are one", &EOS_TEXT,
	    "a\n   x\na\n   y\n", "a\n   z\na\n   x\n",
	    "  a\n"
	    "+    z\n"
	    "-    y\n", true },
	{ "of several sections with one name the most alike pair", &BIRD_TEXT,
	    "protocol kernel { ipv4 { export all; }; learn; }\n"
	    "protocol kernel { ipv6 { export all; }; learn; }\n",
	    "protocol kernel {\n\tipv6 {\n\t\texport none;\n\t};\n\tlearn;\n}\n"
	    "protocol kernel {\n\tipv4 {\n\t\texport none;\n\t};\n\tlearn;\n}\n",
	    "  protocol kernel {\n"
	    "      ipv6 {\n"
	    "-         export all;\n"
	    "+                 export none;\n"
	    "      }\n"
	    "  }\n"
	    "  protocol kernel {\n"
	    "      ipv4 {\n"
	    "-         export all;\n"
	    "+                 export none;\n"
	    "      }\n"
	    "  }\n", true },
	{ "order means something in a policy map", &EOS_TEXT,
	    "policy-map P\n   class a\n      set 1\n   class b\n   class c\n",
	    "policy-map P\n   class b\n   class c\n   class a\n      set 2\n",
	    "  policy-map P\n"
	    "~    class a\n"
	    "-       set 1\n"
	    "+       set 2\n", true },
	{ "a line in front of an access list", &EOS_TEXT,
	    "ip access-list A\n   permit x\n", "ip access-list A\n   deny y\n   permit x\n",
	    "  ip access-list A\n"
	    "+    deny y\n", true },
	{ "a block is one value, shown line by line", &EOS_TEXT,
	    "banner motd\nhello\n  you\nEOF\n", "banner motd\nhello\n  all\nEOF\n",
	    "  banner motd\n"
	    "  hello\n"
	    "-   you\n"
	    "+   all\n"
	    "  EOF\n", true },
	{ "of a long block what is around the change", &EOS_TEXT,
	    "banner motd\n1\n2\n3\n4\n5\n6\n7\n8\n9\nEOF\n",
	    "banner motd\n1\n2\n3\n4\n5\nsix\n7\n8\n9\n10\nEOF\n",
	    "  banner motd\n"
	    "  ... 2 lines\n"
	    "  3\n"
	    "  4\n"
	    "  5\n"
	    "- 6\n"
	    "+ six\n"
	    "  7\n"
	    "  8\n"
	    "  9\n"
	    "+ 10\n"
	    "  EOF\n", true },
	{ "ignored lines name their rule", &EOS_TEXT,
	    "ntp clock-period 1\ninterface Et1\n   last-change 5\n",
	    "license l\ninterface Et1\n   last-change 6\n   mtu 1\n",
	    "i ntp clock-period 1  [removed, ignored: clock]\n"
	    "i license l  [added, ignored: licence]\n"
	    "  interface Et1\n"
	    "i    last-change 5  [removed, ignored: counter]\n"
	    "i    last-change 6  [added, ignored: counter]\n"
	    "+    mtu 1\n", true },
	{ "ignored lines can be left out, with parents that have only those", &EOS_TEXT,
	    "ntp clock-period 1\ninterface Et1\n   last-change 5\n",
	    "interface Et1\n   last-change 6\n", "", false },
	{ "control bytes are shown", &EOS_TEXT,
	    "", "banner \033[2J\xe9\n", "+ banner \\x1b[2J\\xe9\n", true },
	{ "braces are closed", &BIRD_TEXT,
	    "protocol static { ipv4; route 10.0.0.0/8 blackhole; }\n",
	    "protocol static {\n\tipv4;\n\troute 10.1.0.0/16 blackhole;\n}\n"
	    "protocol bgp x { ipv4 { import all; }; }\n",
	    "  protocol static {\n"
	    "-     route 10.0.0.0/8 blackhole;\n"
	    "+         route 10.1.0.0/16 blackhole;\n"
	    "  }\n"
	    "+ protocol bgp x {\n"
	    "+     ipv4 {\n"
	    "+         import all;\n"
	    "+     }\n"
	    "+ }\n", true },
	{ "a statement keeps its lines", &BIRD_TEXT,
	    "define N = [ 10.0.0.0/8{8,24},\n\t10.0.0.0/9 ];\n",
	    "define N = [ 10.0.0.0/8{8,24},\n\t10.0.0.0/8 ];\n",
	    "- define N = [ 10.0.0.0/8{8,24},\n"
	    "- \t10.0.0.0/9 ];\n"
	    "+ define N = [ 10.0.0.0/8{8,24},\n"
	    "+ \t10.0.0.0/8 ];\n", true },
	{ "inside a filter order means something, at any depth", &BIRD_TEXT,
	    "filter f { if x then { a; b; c; } accept; }",
	    "filter f { if x then { b; c; a; } accept; }",
	    "  filter f {\n"
	    "      if x then {\n"
	    "~         a;\n"
	    "      }\n"
	    "  }\n", true },
	{ "a missing brace is a difference", &BIRD_TEXT,
	    "a { b; }", "a { b;",
	    "- a {\n"
	    "-     b;\n"
	    "- }\n"
	    "+ a { (not closed)\n"
	    "+     b;\n", true },
};

static void
diff_text__reads_as_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct test_dialect *t = test_dialect(cases[i].dialect);
		struct arena a = ARENA_INIT;
		const char *text = test_diff(&a, &t->d, cases[i].from, cases[i].to,
		    cases[i].ignored);

		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s:\n%s\ninstead of\n%s", cases[i].name, text, cases[i].text);
		arena_release(&a);
		test_dialect_free(t);
	}
}

static void
diff_json__lists_the_changes_with_their_path(void **state)
{
	struct test_dialect *t = test_dialect(&EOS_TEXT);
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct diff *d;
	struct jw w;

	(void)state;
	d = diff_make(&a, &t->d,
	    span_str("interface Et1\n   mtu 1\nntp clock-period 1\n"
		     "policy-map P\n   class a\n   class b\n"),
	    span_str("interface Et1\n   mtu 2\npolicy-map P\n   class b\n   class a\n"));
	jw_init(&w, &out, false);
	diff_json(d, &TEST_KEY, &w, NULL);
	assert_string_equal(buf_str(&out),
	    "{\"added\":1,\"removed\":1,\"changed\":0,\"moved\":1,\"ignored\":1,\"changes\":["
	    "{\"kind\":\"removed\",\"path\":[\"interface Et1\"],\"text\":\"mtu 1\",\"line\":2},"
	    "{\"kind\":\"added\",\"path\":[\"interface Et1\"],\"text\":\"mtu 2\",\"line\":2},"
	    "{\"kind\":\"ignored\",\"path\":[],\"text\":\"ntp clock-period 1\",\"line\":3,"
	    "\"side\":\"removed\",\"rule\":\"clock\"},"
	    "{\"kind\":\"moved\",\"path\":[\"policy-map P\"],\"text\":\"class a\",\"line\":5}],"
	    "\"truncated\":false}");
	buf_release(&out);
	arena_release(&a);
	test_dialect_free(t);
}

struct hash_case {
	const char *name;
	const char *from1, *to1, *from2, *to2;
	bool equal;
};

static const struct hash_case hash_cases[] = {
	{ "the same lines around it do not matter",
	    "a\nb\n", "a\nc\n", "x\nb\ny\n", "x\ny\nc\n", true },
	{ "the order of changes does not matter",
	    "", "a\nb\n", "", "b\na\n", true },
	{ "ignored changes do not matter",
	    "ntp clock-period 1\n", "a\n", "ntp clock-period 2\nlicense x\n", "a\n", true },
	{ "nor those inside what goes",
	    "interface Et1\n last-change 1\n mtu 1\n", "",
	    "interface Et1\n last-change 2\n mtu 1\n", "", true },
	{ "CR and trailing blanks do not matter", "", "a\nb\n", "", "a  \r\nb\r\n", true },
	{ "added is not removed", "", "a\n", "a\n", "", false },
	{ "the parent matters", "a\nb\n", "a\n x\nb\n", "a\nb\n", "a\nb\n x\n", false },
	{ "how often matters", "", "a\n", "", "a\na\n", false },
	{ "children of equal parents matter",
	    "", "a\n x\na\n y\n", "", "a\n x\n y\na\n", false },
	{ "the place in an ordered context matters",
	    "ip access-list A\n x\n y\n", "ip access-list A\n z\n x\n y\n",
	    "ip access-list A\n x\n y\n", "ip access-list A\n x\n z\n y\n", false },
	{ "where a line moves to matters",
	    "ip access-list A\n x\n y\n z\n", "ip access-list A\n y\n x\n z\n",
	    "ip access-list A\n x\n y\n z\n", "ip access-list A\n y\n z\n x\n", false },
	{ "the order in a new ordered section matters",
	    "", "ip access-list A\n x\n y\n", "", "ip access-list A\n y\n x\n", false },
	{ "a changed secret matters",
	    "", "username u secret 5 aaa\n", "", "username u secret 5 bbb\n", false },
};

static void
diff_hash__says_what_would_change(void **state)
{
	struct dialect_text text = EOS_TEXT;
	struct test_dialect *t;

	(void)state;
	text.repeats = true;
	t = test_dialect(&text);
	for (size_t i = 0; i < sizeof(hash_cases) / sizeof(hash_cases[0]); i++) {
		const struct hash_case *c = &hash_cases[i];
		struct arena a = ARENA_INIT;
		bool equal;

		equal = strcmp(test_diff_hash(&a, &t->d, span_str(c->from1), span_str(c->to1)),
			    test_diff_hash(&a, &t->d, span_str(c->from2), span_str(c->to2))) == 0;
		if (equal != c->equal)
			fail_msg("%s", c->name);
		arena_release(&a);
	}
	test_dialect_free(t);
}

/* What a plan was approved for must stay the same from release to release. */
static void
hashes__are_stable(void **state)
{
	struct test_dialect *t = test_dialect(&EOS_TEXT);
	struct arena a = ARENA_INIT;

	(void)state;
	assert_string_equal(test_normal_hash(&a, &t->d, span_str("a\n   b\n!\nc\n")),
	    "444e35a7b8237ea48ec4659340b94d4fbc68c43455fa80691e2c48832e75e944");
	assert_string_equal(test_diff_hash(&a, &t->d, span_str("a\n"), span_str("a\n   b\n")),
	    "b29f8f72c95b43b233b3be7859214f817831e9a4dbd565352d8420ae7cbfbf21");
	arena_release(&a);
	test_dialect_free(t);
}

/* One generated world: a tree, a changed and a shuffled copy, all written. */
struct world {
	struct arena arena;
	const struct dialect *d;
	uint64_t seed, start;
	struct gen *tree, *changed;
	struct span a, b, shuffled;
};

#define hold(w, what) \
	do { \
		if (!(what)) \
			fail_msg("seed %llu, syntax %d: not %s\n--- a\n%.*s\n--- b\n%.*s", \
			    (unsigned long long)(w)->start, (int)(w)->d->syntax, #what, \
			    (int)(w)->a.len, (w)->a.p, (int)(w)->b.len, (w)->b.p); \
	} while (0)

static void
world_init(struct world *w, const struct dialect *d, uint64_t seed)
{
	struct gen *shuffled;

	*w = (struct world){ .d = d, .seed = seed, .start = seed };
	w->tree = gen_top(&w->arena, &w->seed);
	w->changed = gen_copy(&w->arena, w->tree);
	gen_change(&w->arena, w->changed, &w->seed, 2 + (uint32_t)seed % 30);
	shuffled = gen_copy(&w->arena, w->tree);
	gen_shuffle(shuffled, &w->seed);
	if (seed % 2 == 0)
		gen_shuffle(w->changed, &w->seed);
	w->a = gen_write(&w->arena, w->tree, d->syntax, &w->seed);
	w->b = gen_write(&w->arena, w->changed, d->syntax, &w->seed);
	w->shuffled = gen_write(&w->arena, shuffled, d->syntax, &w->seed);
}

static void
check_same(struct world *w)
{
	struct diff *self = diff_make(&w->arena, w->d, w->a, w->a);
	struct diff *d = diff_make(&w->arena, w->d, w->a, w->b);
	bool same = strcmp(gen_meaning(&w->arena, w->tree, w->d->syntax),
			gen_meaning(&w->arena, w->changed, w->d->syntax)) == 0;
	bool equal = strcmp(test_normal_hash(&w->arena, w->d, w->a),
			 test_normal_hash(&w->arena, w->d, w->b)) == 0;

	hold(w, self->n == 0);
	hold(w, diff_same(d) == same);
	hold(w, equal == same);
}

static void
check_shuffled(struct world *w)
{
	struct diff *d = diff_make(&w->arena, w->d, w->a, w->shuffled);

	hold(w, diff_same(d));
	hold(w, strcmp(test_normal_hash(&w->arena, w->d, w->a),
		    test_normal_hash(&w->arena, w->d, w->shuffled)) == 0);
	hold(w, strcmp(test_diff_hash(&w->arena, w->d, w->a, w->b),
		    test_diff_hash(&w->arena, w->d, w->shuffled, w->b)) == 0);
}

/* Without ordered contexts: there, which of several lines moved is a choice. */
static void
check_inverse(struct world *w)
{
	struct dialect unordered = *w->d;
	struct diff *d, *back;

	unordered.n_ordered = 0;
	d = diff_make(&w->arena, &unordered, w->a, w->b);
	back = diff_make(&w->arena, &unordered, w->b, w->a);
	hold(w, d->added == back->removed && d->removed == back->added);
	hold(w, d->moved == 0 && d->ignored == back->ignored);
}

static void
for_worlds(void (*check)(struct world *w))
{
	struct test_dialect *t[2] = { test_dialect(&GEN_INDENT), test_dialect(&GEN_BRACE) };
	struct world w;

	for (uint64_t seed = 1; seed <= TREES; seed++) {
		world_init(&w, &t[seed / 2 % 2]->d, seed);
		check(&w);
		arena_release(&w.arena);
	}
	test_dialect_free(t[0]);
	test_dialect_free(t[1]);
}

static void
diff__is_empty_exactly_when_both_mean_the_same(void **state)
{
	(void)state;
	for_worlds(check_same);
}

static void
diff__does_not_see_shuffled_unordered_lines(void **state)
{
	(void)state;
	for_worlds(check_shuffled);
}

static void
diff__inverted_is_the_diff_of_the_inverse(void **state)
{
	(void)state;
	for_worlds(check_inverse);
}

/* Every arrangement of an ordered list but its own is a difference. */
static void
diff__sees_any_shuffle_of_ordered_lines(void **state)
{
	struct test_dialect *t = test_dialect(&GEN_INDENT);
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < TREES; round++) {
		struct arena a = ARENA_INIT;
		struct gen *g = gen_top(&a, &seed), *shuffled = gen_copy(&a, g);
		struct gen *top[2] = { ARENA_NEW(&a, struct gen), ARENA_NEW(&a, struct gen) };
		struct span from, to;
		bool same;

		gen_shuffle(shuffled, &seed);
		snprintf(g->text, sizeof(g->text), "list 1");
		snprintf(shuffled->text, sizeof(shuffled->text), "list 1");
		g->ordered = shuffled->ordered = true;
		top[0]->kids[top[0]->n++] = g;
		top[1]->kids[top[1]->n++] = shuffled;
		same = strcmp(gen_meaning(&a, g, SYNTAX_INDENT),
		    gen_meaning(&a, shuffled, SYNTAX_INDENT)) == 0;
		from = gen_write(&a, top[0], SYNTAX_INDENT, &seed);
		to = gen_write(&a, top[1], SYNTAX_INDENT, &seed);
		if (diff_same(diff_make(&a, &t->d, from, to)) != same)
			fail_msg("round %d\n%s---\n%s", round, from.p, to.p);
		arena_release(&a);
	}
	test_dialect_free(t);
}

/*
 * Hostile shapes: the work is counted, not timed.
 */
static struct buf
repeat(const char *line, size_t n)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_adds(&b, line);
	return b;
}

static void
assert_linear(const struct dialect *d, struct span from, struct span to, size_t lines,
    bool same)
{
	struct arena a = ARENA_INIT;
	struct diff *diff = diff_make(&a, d, from, to);

	assert_int_equal(diff_same(diff), same);
	if (diff->steps > 20 * lines)
		fail_msg("%zu steps for %zu lines", diff->steps, lines);
	arena_release(&a);
}

static void
hostile__a_million_equal_lines_cost_a_million_steps(void **state)
{
	struct dialect_text text = EOS_TEXT;
	struct test_dialect *once = test_dialect(&EOS_TEXT), *t;
	struct buf from = repeat("x\n", 1000000), to = repeat("x\n", 999999);
	char hash[65];

	(void)state;
	text.repeats = true;
	t = test_dialect(&text);
	assert_linear(&once->d, buf_span(&from), buf_span(&to), 2000000, true);
	assert_linear(&t->d, buf_span(&from), buf_span(&from), 2000000, true);
	assert_linear(&t->d, buf_span(&from), buf_span(&to), 2000000, false);
	normal_hash(&t->d, buf_span(&from), hash);
	buf_release(&from);
	buf_release(&to);
	test_dialect_free(once);
	test_dialect_free(t);
}

static void
hostile__a_million_equal_sections_and_entries(void **state)
{
	struct test_dialect *t = test_dialect(&EOS_TEXT);
	struct buf from = BUF_INIT, to = BUF_INIT, acl = BUF_INIT;

	(void)state;
	for (unsigned i = 0; i < 300000; i++) {
		buf_addf(&from, "x\n y %u\n", i % 3);
		buf_addf(&to, "x\n y %u\n", i % 2);
	}
	assert_linear(&t->d, buf_span(&from), buf_span(&to), 1200000, false);
	buf_clear(&from);
	buf_clear(&to);
	for (unsigned i = 0; i < 100000; i++)
		buf_addf(&acl, " permit %05u\n", i);
	buf_adds(&from, "ip access-list A\n");
	buf_addspan(&from, buf_span(&acl));
	buf_adds(&to, "ip access-list A\n deny first\n");
	buf_add(&to, acl.data + acl.len / 2, acl.len / 2);
	assert_linear(&t->d, buf_span(&from), buf_span(&to), 150000, false);
	buf_release(&from);
	buf_release(&to);
	buf_release(&acl);
	test_dialect_free(t);
}

/* Lines that stand for many are taken apart as long as a device could have them. */
static void
hostile__lines_that_stand_for_others(void **state)
{
	struct dialect_text text = EOS_TEXT;
	struct test_dialect *t;
	struct buf from = repeat("vlan 1-4094\n", 200000), to = repeat("vlan 1-4093\n", 200000);

	(void)state;
	text.ranges[0] = (struct rule_text){ .name = "vlans",
		.line = "^vlan (?<list>\\d[\\d,-]*)$", .each = true };
	text.ranges[1] = (struct rule_text){ .name = NULL };
	t = test_dialect(&text);
	assert_linear(&t->d, buf_span(&from), buf_span(&to), 400000, false);
	buf_clear(&from);
	buf_adds(&from, "vlan 1-4294967295\nvlan 7\n");
	buf_clear(&to);
	buf_adds(&to, "vlan 7\nvlan 1-4294967295\n");
	assert_linear(&t->d, buf_span(&from), buf_span(&to), 4, true);
	buf_release(&from);
	buf_release(&to);
	test_dialect_free(t);
}

/* A rule may know a line only when it has several numbers in it. */
static void
diff_text__numbers_by_a_rule_that_knows_lists_alone(void **state)
{
	struct dialect_text text = EOS_TEXT;
	struct test_dialect *t;
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;

	(void)state;
	text.ranges[0] = (struct rule_text){ .name = "vlans",
		.line = "^vlans (?<list>\\d+,\\d+)$", .each = true };
	text.ranges[1] = (struct rule_text){ .name = NULL };
	t = test_dialect(&text);
	diff_text(diff_make(&a, &t->d, span_str("vlans 1,2\n"), span_str("vlans 2\nvlans 3\n")),
	    &TEST_KEY, false, &out);
	assert_string_equal(buf_str(&out), "- vlans 1\n+ vlans 3\n");
	buf_release(&out);
	arena_release(&a);
	test_dialect_free(t);
}

/* Wherever chance puts them: the values of one path, which rules cut, are one. */
static void
diff__many_volatile_values_of_a_path_are_one(void **state)
{
	static const struct dialect_text text = {
		.syntax = SYNTAX_BRACE, .paths = true,
		.volatiles = { { .name = "salt", .line = " salt (?<value>\\S+)$" } },
	};
	struct test_dialect *t = test_dialect(&text);
	struct arena a = ARENA_INIT;
	struct buf many = BUF_INIT, one = BUF_INIT;

	(void)state;
	for (int i = 0; i < 300; i++) {
		buf_addf(&many, "key %d salt [", i);
		for (int k = 0; k < 40; k++)
			buf_addf(&many, " %d", 100 * i + k);
		buf_adds(&many, " ];\n");
		buf_addf(&one, "key %d salt x;\n", i);
	}
	assert_true(diff_same(diff_make(&a, &t->d, buf_span(&many), buf_span(&one))));
	assert_string_equal(test_normal_hash(&a, &t->d, buf_span(&many)),
	    test_normal_hash(&a, &t->d, buf_span(&one)));
	buf_release(&many);
	buf_release(&one);
	arena_release(&a);
	test_dialect_free(t);
}

static void
hostile__depth_ten_thousand(void **state)
{
	struct test_dialect *eos = test_dialect(&EOS_TEXT), *bird = test_dialect(&BIRD_TEXT);
	struct buf a = BUF_INIT, b = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		memset(buf_reserve(&a, i), ' ', i);
		a.len += i;
		buf_adds(&a, "x\n");
	}
	buf_addspan(&b, buf_span(&a));
	buf_cut(&b, b.len - 2);
	buf_adds(&b, "y\n");
	assert_linear(&eos->d, buf_span(&a), buf_span(&b), 20000, false);
	buf_clear(&a);
	buf_clear(&b);
	for (int i = 0; i < 10000; i++)
		buf_adds(&a, "x {");
	buf_addspan(&b, buf_span(&a));
	buf_adds(&b, "y;");
	assert_linear(&bird->d, buf_span(&a), buf_span(&a), 20000, true);
	assert_linear(&bird->d, buf_span(&a), buf_span(&b), 20000, false);
	buf_release(&a);
	buf_release(&b);
	test_dialect_free(eos);
	test_dialect_free(bird);
}

static void
hostile__one_line_of_fifty_megabytes(void **state)
{
	struct test_dialect *t[2] = { test_dialect(&EOS_TEXT), test_dialect(&BIRD_TEXT) };
	struct buf a = BUF_INIT, b = BUF_INIT;
	size_t len = (size_t)50 << 20;

	(void)state;
	memset(buf_reserve(&a, len), 'x', len);
	a.len = len;
	buf_addspan(&b, buf_span(&a));
	buf_addc(&b, 'y');
	for (int i = 0; i < 2; i++) {
		assert_linear(&t[i]->d, buf_span(&a), buf_span(&a), 10, true);
		assert_linear(&t[i]->d, buf_span(&a), buf_span(&b), 10, false);
		test_dialect_free(t[i]);
	}
	buf_release(&a);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diff_text__reads_as_written),
		cmocka_unit_test(diff_text__numbers_by_a_rule_that_knows_lists_alone),
		cmocka_unit_test(diff__many_volatile_values_of_a_path_are_one),
		cmocka_unit_test(diff_json__lists_the_changes_with_their_path),
		cmocka_unit_test(diff_hash__says_what_would_change),
		cmocka_unit_test(hashes__are_stable),
		cmocka_unit_test(diff__is_empty_exactly_when_both_mean_the_same),
		cmocka_unit_test(diff__does_not_see_shuffled_unordered_lines),
		cmocka_unit_test(diff__inverted_is_the_diff_of_the_inverse),
		cmocka_unit_test(diff__sees_any_shuffle_of_ordered_lines),
		cmocka_unit_test(hostile__a_million_equal_lines_cost_a_million_steps),
		cmocka_unit_test(hostile__a_million_equal_sections_and_entries),
		cmocka_unit_test(hostile__lines_that_stand_for_others),
		cmocka_unit_test(hostile__depth_ten_thousand),
		cmocka_unit_test(hostile__one_line_of_fifty_megabytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
