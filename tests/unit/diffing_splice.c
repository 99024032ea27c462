/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The candidate: what is carried, where it goes, and the property it exists
 * for: what the diff shows is what changes, and nothing else.
 */
#include "tests/unit/diffing_gen.h"

#define TREES 2000
#define TEN "          "
#define FIFTY TEN TEN TEN TEN TEN
#define FAR FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY

struct splice_case {
	const char *name;
	const struct dialect_text *dialect;
	const char *running, *intended, *candidate;
	size_t carried;
};

static const struct splice_case cases[] = {
	{ "nothing to carry leaves every byte", &EOS_TEXT,
	    "a\n", "b  \r\n\tc\r\n!\nntp clock-period 7", "b  \r\n\tc\r\n!\nntp clock-period 7", 0 },
	{ "behind the brother it stood behind", &EOS_TEXT,
	    "hostname x\nntp clock-period 1\nntp server y\n",
	    "hostname x\n!\nntp server y\n",
	    "hostname x\nntp clock-period 1\n!\nntp server y\n", 1 },
	{ "behind the nearest brother that stays", &EOS_TEXT,
	    "a\nb\nntp clock-period 1\nc\n", "c\na\n", "c\na\nntp clock-period 1\n", 1 },
	{ "at the end of its parent without one, in front of `end`", &EOS_TEXT,
	    "ntp clock-period 1\na\n", "a\n   b\n!\nend\n",
	    "a\n   b\nntp clock-period 1\n!\nend\n", 1 },
	{ "behind the separators inside its brother, in front of those behind it", &EOS_TEXT,
	    "vrf A\n   x\nlicense k\n", "vrf A\n   x\n   !\n!\nb\n",
	    "vrf A\n   x\n   !\nlicense k\n!\nb\n", 1 },
	{ "in the column of its new place, with what is below it", &EOS_TEXT,
	    "crypto pki chain\n certificate self-signed 01\n  30\n  31\n other\n",
	    "crypto pki chain\n   other\nz\n",
	    "crypto pki chain\n   other\n   certificate self-signed 01\n    30\n    31\nz\n", 3 },
	{ "below a parent that has nothing else", &EOS_TEXT,
	    "interface Et1\n   last-change 5\n", "interface Et1\n!\ninterface Et2\n",
	    "interface Et1\n   last-change 5\n!\ninterface Et2\n", 1 },
	{ "intended's own version is left out", &EOS_TEXT,
	    "a\nlicense one\n   key\n", "license two\n   key\n!\na\n", "!\na\nlicense one\n   key\n",
	    2 },
	{ "with a parent that goes, it goes", &EOS_TEXT,
	    "interface Et1\n   last-change 5\nb\n", "b\n", "b\n", 0 },
	{ "in front of a block that has no end", &EOS_TEXT,
	    "a\nntp clock-period 1\n", "b\nbanner motd\nhello\n",
	    "b\nntp clock-period 1\nbanner motd\nhello\n", 1 },
	{ "one behind, one in front, deeper first", &EOS_TEXT,
	    "ntp clock-period 1\na\nlicense x\n", " a\nbanner motd\nhello\n",
	    " a\n license x\nntp clock-period 1\nbanner motd\nhello\n", 2 },
	{ "a missing last line end is added first", &EOS_TEXT,
	    "a\nntp clock-period 1", "a", "a\nntp clock-period 1\n", 1 },
	{ "a statement", &BIRD_TEXT,
	    "log syslog all;\ndebug protocols all;\nprotocol pipe p { table x; }\nprotocol device {\n}\n",
	    "log syslog all; # where to\nprotocol device {\n}\n",
	    "log syslog all; # where to\ndebug protocols all;\nprotocol pipe p { table x; }\n"
	    "protocol device {\n}\n", 3 },
	{ "a statement into a section on one line", &BIRD_TEXT,
	    "protocol bgp b { ipv4; debug all; local as 1; }\n",
	    "protocol bgp b { ipv4; local as 1; }\n",
	    "protocol bgp b { ipv4; \n    debug all;\nlocal as 1; }\n", 1 },
	{ "a statement into an empty section", &BIRD_TEXT,
	    "protocol bgp b { debug all; }\n", "protocol bgp b {\n}\n",
	    "protocol bgp b {\n    debug all;\n}\n", 1 },
	{ "what is left out leaves its line end: the apostrophe stays alone", &BIRD_TEXT,
	    "debug all;\n", "p 'x {debug {\n} y';\n}", "p 'x {\ny';\n}\ndebug all;\n", 1 },
	{ "in front of a statement that has no end", &BIRD_TEXT,
	    "p { x; debug all; }\n", "p { y }\n", "p { \n    debug all;\ny }\n", 1 },
};

static void
splice__carries_lines_to_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct splice_case *c = &cases[i];
		struct test_dialect *t = test_dialect(c->dialect);
		struct arena a = ARENA_INIT;
		size_t carried = 99;
		struct span s;

		s = test_splice(&a, &t->d, span_str(c->running), span_str(c->intended),
		    &carried);
		if (!span_is(s, c->candidate) || carried != c->carried)
			fail_msg("%s: %zu carried\n%s\ninstead of\n%s", c->name, carried, s.p,
			    c->candidate);
		arena_release(&a);
		test_dialect_free(t);
	}
}

/* Carried into what does not end, a line would be part of something else. */
static void
splice__says_when_there_is_no_place(void **state)
{
	static const struct {
		const struct dialect_text *dialect;
		const char *running, *intended;
		bool possible;
	} rows[] = {
		{ &BIRD_TEXT, "debug all;\n", "p {\n    x;\n", false },
		{ &BIRD_TEXT, "y;\n", "p {\n    x;\n", true },
		{ &BIRD_TEXT, "debug all;\n", "p {\n    x;\n}\n", true },
		{ &BIRD_TEXT, "debug all;\np {\n", "x;\n", false },
		{ &EOS_TEXT, "ntp clock-period 1\n", "a\n" FAR "b\n", false },
		{ &EOS_TEXT, "ntp clock-period 1\na\n" FAR "b\n", "a\n", false },
		{ &EOS_TEXT, "c\n", "a\n" FAR "b\n", true },
		{ &EOS_TEXT, "ntp clock-period 1\n", "a\n" FIFTY "b\n", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct test_dialect *t = test_dialect(rows[i].dialect);
		struct arena a = ARENA_INIT;
		struct span intended = span_str(rows[i].intended);
		struct buf out = BUF_INIT;
		size_t carried = 99;

		assert_int_equal(diff_splice(&a, &t->d, span_str(rows[i].running), intended,
		    &out, &carried), rows[i].possible);
		if (!rows[i].possible)
			assert_true(carried == 0 && span_eq(buf_span(&out), intended));
		buf_release(&out);
		arena_release(&a);
		test_dialect_free(t);
	}
}

/* Nothing ignored may be left that is not inside a section that goes. */
static bool
ignored_outside(const struct diff_node *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == DIFF_IGNORED || (v[i].kind != DIFF_REMOVED &&
		    ignored_outside(v[i].children, v[i].n)))
			return true;
	return false;
}

static const char *
why_not(struct arena *a, const struct dialect *d, struct span running, struct span intended)
{
	size_t carried, again;
	struct span candidate = test_splice(a, d, running, intended, &carried), twice;
	struct diff *shown = diff_make(a, d, running, intended);
	struct diff *done = diff_make(a, d, running, candidate);

	if (shown->added != done->added || shown->removed != done->removed ||
	    shown->moved != done->moved)
		return "another number of changes";
	if (strcmp(test_diff_hash(a, d, running, intended),
		test_diff_hash(a, d, running, candidate)) != 0)
		return "other changes";
	if (strcmp(test_normal_hash(a, d, candidate), test_normal_hash(a, d, intended)) != 0)
		return "not what is intended";
	if (carried == 0)
		return NULL;
	if (ignored_outside(done->nodes, done->n))
		return "not all kept, or more than kept";
	twice = test_splice(a, d, running, candidate, &again);
	if (again != carried || !diff_same(diff_make(a, d, candidate, twice)) ||
	    diff_make(a, d, candidate, twice)->ignored > 0)
		return "different the second time";
	return NULL;
}

static void
splice__changes_what_the_diff_shows_and_keeps_the_rest(void **state)
{
	struct test_dialect *t[2] = { test_dialect(&GEN_INDENT), test_dialect(&GEN_BRACE) };

	(void)state;
	for (uint64_t start = 1; start <= TREES; start++) {
		struct dialect *d = &t[start % 2]->d;
		struct arena a = ARENA_INIT;
		uint64_t seed = start;
		struct gen *g = gen_top(&a, &seed), *changed = gen_copy(&a, g);
		struct span running, intended;
		const char *why;

		gen_change(&a, changed, &seed, 2 + (uint32_t)start % 20);
		gen_shuffle(changed, &seed);
		running = gen_write(&a, g, d->syntax, &seed);
		intended = gen_write(&a, changed, d->syntax, &seed);
		why = why_not(&a, d, running, intended);
		if (why != NULL)
			fail_msg("seed %llu: %s\n--- running\n%s\n--- intended\n%s",
			    (unsigned long long)start, why, running.p, intended.p);
		arena_release(&a);
	}
	test_dialect_free(t[0]);
	test_dialect_free(t[1]);
}

static bool
check_pair(struct arena *a, const struct dialect *d, const char *before, const char *after,
    const char *kind)
{
	const char *why = why_not(a, d, corpus_file(a, before), corpus_file(a, after));

	(void)kind;
	if (why != NULL)
		fail_msg("%s: %s", before, why);
	return true;
}

/* As if the device owned its management and its VLANs. */
static void
corpus__pairs_keep_what_the_device_owns(void **state)
{
	struct dialect_text text = EOS_TEXT;
	struct test_dialect *t;

	(void)state;
	text.owned[0] = (struct rule_text){ .name = "management", .line = "^(management|vlan|no) " };
	text.volatiles[0] = (struct rule_text){ .name = "words", .line = "^(description|neighbor) " };
	t = test_dialect(&text);
	corpus_rows(CORPUS "PAIRS.tsv", "eos/", check_pair, &t->d);
	test_dialect_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splice__carries_lines_to_their_place),
		cmocka_unit_test(splice__says_when_there_is_no_place),
		cmocka_unit_test(splice__changes_what_the_diff_shows_and_keeps_the_rest),
		cmocka_unit_test(corpus__pairs_keep_what_the_device_owns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
