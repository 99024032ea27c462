/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of a change: lifelines, what it destroys, and, of three texts,
 * whose doing it is.
 */
#include "tests/unit/diffing_case.h"

static const struct dialect_text PATHS_TEXT = {
	.syntax = SYNTAX_BRACE,
	.paths = true,
	.comments = { "#" },
	.forms = { { SYNTAX_SET, "^(?:set|delete) " } },
	.verbs = { { "set ", VERB_ADDS, NULL }, { "delete ", VERB_DELETES, NULL } },
	.ordered = { { .name = "terms", .line = " term$" } },
	.secrets = { { .name = "password", .line = " password \"?(?<secret>[^\"]+)" } },
	.lifelines = { { .name = "hostname", .line = "^system host-name$" },
	    { .name = "management", .line = "^interfaces fxp0$" },
	    { .name = "cuts", .line = "^interfaces fxp0 disable$", .added = true },
	    { .name = "filter", .line = "^filter RE term$" },
	    { .name = "users", .line = "^system login$" } },
	.destructive = {
	    { .name = "interface", .line = "^interfaces \\S+$", .other = " address " },
	    { .name = "admin", .line = "^system login user \\S+ class super$", .last = true },
	    { .name = "instance", .line = "^instances \\S+$" } },
};
static const struct dialect_text LINES_TEXT = {
	.syntax = SYNTAX_INDENT,
	.comments = { "!" },
	.separators = { { .name = "bang", .line = "^!" } },
	.ordered = { { .name = "acl", .line = "^ip access-list " } },
	.identities = { { .name = "host", .line = "^hostname (?<value>.*)" },
	    { .name = "description", .line = "^description (?<value>.*)" } },
	.secrets = { { .name = "user", .line = "^username \\S+ secret (?<secret>\\S+)" } },
	.lifelines = { { .name = "user", .line = "^username admin " } },
	.destructive = {
	    { .name = "interface", .line = "^interface ", .other = "^ip address " },
	    { .name = "user", .line = "^username ", .last = true },
	    { .name = "vrf", .line = "^vrf " } },
};

struct judge_case {
	const char *name;
	const struct dialect_text *dialect;
	const char *running, *candidate, *findings;
};

static const struct judge_case lifelines[] = {
	{ "nothing changes", &EOS_TEXT,
	    "interface Management1\n   ip address 192.0.2.10/24\n",
	    "!\ninterface Management1\n ip address 192.0.2.10/24\n", "" },
	{ "a line of a lifeline section", &EOS_TEXT,
	    "interface Management1\n   ip address 192.0.2.10/24\n",
	    "interface Management1\n   ip address 192.0.2.11/24\n",
	    "removes \"ip address 192.0.2.10/24\" under \"interface Management1\"\n" },
	{ "a lifeline section, in one sentence", &EOS_TEXT,
	    "interface Management1\n   vrf MGMT\n   ip address 192.0.2.10/24\n", "",
	    "removes \"interface Management1\"\n" },
	{ "a lifeline inside a section that goes", &EOS_TEXT,
	    "management ssh\n   vrf MGMT\n   no shutdown\n", "",
	    "removes \"no shutdown\" under \"management ssh\"\n" },
	{ "the same line elsewhere is none", &EOS_TEXT,
	    "interface Ethernet1\n   no shutdown\n", "", "" },
	{ "what is new in an unordered section is none", &EOS_TEXT,
	    "interface Management1\n   vrf MGMT\n",
	    "interface Management1\n   vrf MGMT\n   description x\n", "" },
	{ "an entry in front of an access list is one", &EOS_TEXT,
	    "ip access-list MGMT\n   permit ip any any\n",
	    "ip access-list MGMT\n   deny ip any any\n   permit ip any any\n",
	    "adds \"deny ip any any\" under \"ip access-list MGMT\"\n" },
	{ "so is another order", &EOS_TEXT,
	    "ip access-list MGMT\n   permit a\n   deny b\n   deny c\n",
	    "ip access-list MGMT\n   deny b\n   deny c\n   permit a\n",
	    "moves \"permit a\" under \"ip access-list MGMT\"\n" },
	{ "one the device owns, when the candidate forgot it", &EOS_TEXT,
	    "license permit-mgmt\n", "", "removes \"license permit-mgmt\"\n" },
	{ "secrets are masked", &EOS_TEXT,
	    "username admin privilege 15 secret sha512 abc\n", "",
	    "removes \"username admin privilege 15 secret sha512 <secret:200fd2f9dada90b9>\"\n" },
	{ "in braces", &BIRD_TEXT,
	    "protocol device { scan time 10; }\n", "protocol device {\n}\n",
	    "removes \"scan time 10;\" under \"protocol device {\"\n" },
	{ "a path that ends below where the rule does", &PATHS_TEXT,
	    "system { host-name r1; location x; }", "system { host-name r2; }",
	    "changes \"system host-name r2\"\n" },
	{ "the same in set lines", &PATHS_TEXT,
	    "set system host-name r1\nset system location x\n", "set system location x\n",
	    "removes \"system host-name r1\"\n" },
	{ "a step of paths that goes", &PATHS_TEXT,
	    "set interfaces fxp0 unit 0 family inet address 192.0.2.1/24\nset system location x\n",
	    "set system location x\n", "removes \"interfaces fxp0\"\n" },
	{ "something below a step", &PATHS_TEXT,
	    "set interfaces fxp0 unit 0 address 192.0.2.1/24\nset interfaces fxp0 unit 0 mtu 9000\n",
	    "interfaces { fxp0 { unit 0 { mtu 9000; } } }",
	    "removes \"interfaces fxp0 unit 0 address 192.0.2.1/24\"\n" },
	{ "a path that cuts off by coming", &PATHS_TEXT,
	    "set interfaces fxp0 mtu 9000\n", "interfaces { fxp0 { mtu 9000; disable; } }",
	    "adds \"interfaces fxp0 disable\"\n" },
	{ "a term that comes to a filter", &PATHS_TEXT,
	    "filter RE { term a { then accept; } }",
	    "filter RE { term b { then reject; } term a { then accept; } }",
	    "adds \"filter RE term b\"\n" },
	{ "a path with a secret", &PATHS_TEXT,
	    "system { login { user a { password \"x y\"; } } }", "system { login { user a; } }",
	    "removes \"system login user a password \"<secret:9751c465e97ea4b2>\"\"\n" },
};

static const struct judge_case destroyed[] = {
	{ "a section without what makes it worth a word", &LINES_TEXT,
	    "interface Lo0\n description x\n", "", "" },
	{ "a section with it", &LINES_TEXT, "interface Lo0\n ip address 192.0.2.1\n", "",
	    "destroys \"interface Lo0\"\n" },
	{ "one that stays", &LINES_TEXT,
	    "interface Lo0\n ip address 192.0.2.1\n", "interface Lo0\n shutdown\n", "" },
	{ "one of two", &LINES_TEXT, "username a secret x\nusername b secret y\n",
	    "username b secret y\n", "" },
	{ "the last one, masked", &LINES_TEXT, "username a secret x\n", "",
	    "destroys \"username a secret <secret:4f252667ffcd552b>\"\n" },
	{ "two, when none is left", &LINES_TEXT, "vrf A\nusername a secret x\nvrf B\n", "vrf B\n",
	    "destroys \"vrf A\"\n"
	    "destroys \"username a secret <secret:4f252667ffcd552b>\"\n" },
	{ "a step of paths with what is far below", &PATHS_TEXT,
	    "set interfaces ge-0 unit 0 family inet address 192.0.2.1/24\nset interfaces ge-1 mtu 1\n",
	    "set system x\n", "destroys \"interfaces ge-0\"\n" },
	{ "the same in braces", &PATHS_TEXT,
	    "interfaces { ge-0 { unit 0 { address 192.0.2.1/24; } } ge-1 { mtu 1; } }",
	    "interfaces { ge-1 { mtu 1; } }", "destroys \"interfaces ge-0\"\n" },
	{ "all instances", &PATHS_TEXT, "instances { a { x; } b { y; } }", "",
	    "destroys \"instances a x\"\ndestroys \"instances b y\"\n" },
	{ "the last administrator's rights", &PATHS_TEXT,
	    "set system login user a class super\nset system login user b class super\n",
	    "set system login user a class read\nset system login user b class read\n",
	    "destroys \"system login user a class super\"\n"
	    "destroys \"system login user b class super\"\n" },
};

static void
judge_all(const struct judge_case *v, size_t n, bool lifeline)
{
	for (size_t i = 0; i < n; i++) {
		struct test_dialect *t = test_dialect(v[i].dialect);
		struct arena a = ARENA_INIT;
		struct buf out = BUF_INIT;
		struct judgement judged;
		const struct field_strings *found;

		diff_judge(&a, &t->d, &TEST_KEY, span_str(v[i].running),
		    span_str(v[i].candidate), &judged);
		found = lifeline ? &judged.lifelines : &judged.destroys;
		for (size_t k = 0; k < found->n; k++)
			buf_addf(&out, "%s\n", found->v[k]);
		if (strcmp(buf_str(&out), v[i].findings) != 0)
			fail_msg("%s:\n%s\ninstead of\n%s", v[i].name, buf_str(&out),
			    v[i].findings);
		buf_release(&out);
		arena_release(&a);
		test_dialect_free(t);
	}
}

static void
lifeline__is_a_change_to_what_running_has(void **state)
{
	(void)state;
	judge_all(lifelines, sizeof(lifelines) / sizeof(lifelines[0]), true);
}

static void
destroyed__is_what_goes_with_all_that_hung_on_it(void **state)
{
	(void)state;
	judge_all(destroyed, sizeof(destroyed) / sizeof(destroyed[0]), false);
}

/* --- three texts --- */

struct origin_case {
	const char *name;
	const struct dialect_text *dialect;
	const char *applied, *intended, *running;
	bool sent;
	const char *origins;	/* sign, text, origin */
};

static const struct origin_case origins[] = {
	{ "nobody moved", &LINES_TEXT, "a\n", "a\n", "a\n", false, "" },
	{ "Git moved", &LINES_TEXT, "a\nb\n", "a\nc\n", "a\nb\n", false,
	    "-b pending\n+c pending\n" },
	{ "the device moved", &LINES_TEXT, "a\nb\n", "a\nb\n", "a\nc\n", false,
	    "-c drift\n+b drift\n" },
	{ "both to the same end", &LINES_TEXT, "a\n", "a\nb\n", "a\nb\n", false, "" },
	{ "each moved a line of its own", &LINES_TEXT, "a\nb\n", "a\nb\nc\n", "a\nb\nd\n", false,
	    "-d drift\n+c pending\n" },
	{ "Git gave a value that the device has not", &LINES_TEXT, "hostname a\n", "hostname b\n",
	    "hostname a\n", false, "*hostname b pending\n" },
	{ "somebody gave another", &LINES_TEXT, "hostname a\n", "hostname a\n",
	    "hostname b\n", false, "*hostname a drift\n" },
	{ "both gave one", &LINES_TEXT, "hostname a\n", "hostname b\n", "hostname c\n", false,
	    "*hostname b conflict\n" },
	{ "one removed what the other changed", &LINES_TEXT, "hostname a\n", "", "hostname c\n", false,
	    "-hostname c conflict\n" },
	{ "the other way", &LINES_TEXT, "hostname a\n", "hostname c\n", "", false,
	    "+hostname c conflict\n" },
	{ "Git reordered", &LINES_TEXT, "ip access-list A\n a\n b\n", "ip access-list A\n b\n a\n",
	    "ip access-list A\n a\n b\n", false, " ip access-list A \n~a pending\n" },
	{ "the device reordered", &LINES_TEXT, "ip access-list A\n a\n b\n",
	    "ip access-list A\n a\n b\n", "ip access-list A\n b\n a\n", false,
	    " ip access-list A \n~b drift\n" },
	{ "a whole section is somebody's", &LINES_TEXT, "a\n", "a\n", "a\ninterface x\n mtu 1\n",
	    false, "-interface x drift\n-mtu 1 drift\n" },
	{ "paths", &PATHS_TEXT, "system { a 1; b 1; }", "set system a 2\nset system b 1\n",
	    "system { a 1; b 3; }", false,
	    " system \n*a 2 pending\n*b 1 drift\n" },
	{ "a line that was sent and is missing", &LINES_TEXT, "a\n", "a\nb\n", "a\n", true,
	    "+b not-accepted\n" },
	{ "one that was to go and stayed", &LINES_TEXT, "a\nb\n", "a\n", "a\nb\n", true,
	    "-b not-accepted\n" },
	{ "one that nobody sent", &LINES_TEXT, "a\n", "a\n", "a\nb\n", true, "-b drift\n" },
	{ "one that reads otherwise", &LINES_TEXT, "a\n", "a\nspeed 10g\n", "a\nspeed 10000\n",
	    true, "-speed 10000 rewrite\n+speed 10g rewrite\n" },
	{ "a value that reads otherwise", &LINES_TEXT, "", "hostname R1\n", "hostname r1\n",
	    true, "*hostname R1 rewrite\n" },
	{ "two that do are too many", &LINES_TEXT, "", "speed 10g\nduplex full\n", "speed 10000\n",
	    true, "-speed 10000 drift\n+speed 10g not-accepted\n+duplex full not-accepted\n" },
	{ "no lifeline is rewritten", &LINES_TEXT, "", "username admin x\n", "username admin X\n",
	    true, "-username admin X drift\n+username admin x not-accepted\n" },
	{ "nothing in an ordered context is", &LINES_TEXT, "ip access-list A\n a\n",
	    "ip access-list A\n a\n b\n", "ip access-list A\n a\n B\n", true,
	    " ip access-list A \n-B drift\n+b not-accepted\n" },
	{ "nothing below a lifeline is", &PATHS_TEXT, "set system login user a\n",
	    "set system login user a\nset system login user a full x\n",
	    "set system login user a\nset system login user a full X\n", true,
	    "*system login user a full x not-accepted\n" },
};

static void
add_origins(const struct diff_node *v, size_t n, struct buf *out)
{
	static const char signs[] = { [DIFF_CONTEXT] = ' ', [DIFF_ADDED] = '+',
		[DIFF_REMOVED] = '-', [DIFF_MOVED] = '~', [DIFF_CHANGED] = '*',
		[DIFF_IGNORED] = 'i' };

	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "%c%.*s %s\n", signs[v[i].kind], (int)v[i].text.len, v[i].text.p,
		    diff_origin_word(v[i].origin));
		add_origins(v[i].children, v[i].n, out);
	}
}

static void
origin__says_whose_doing_a_line_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		const struct origin_case *c = &origins[i];
		struct test_dialect *t = test_dialect(c->dialect);
		struct arena a = ARENA_INIT;
		struct buf out = BUF_INIT;
		const struct diff *d = diff3_make(&a, &t->d, &(struct diff3){
		    .applied = span_str(c->applied), .intended = span_str(c->intended),
		    .running = span_str(c->running), .sent = c->sent });

		add_origins(d->nodes, d->n, &out);
		if (strcmp(buf_str(&out), c->origins) != 0)
			fail_msg("%s:\n%s\ninstead of\n%s", c->name, buf_str(&out), c->origins);
		buf_release(&out);
		arena_release(&a);
		test_dialect_free(t);
	}
}

/* What a run taught is no difference afterwards, there and nowhere else. */
static void
rewrite__is_learned_for_its_place(void **state)
{
	struct test_dialect *t = test_dialect(&LINES_TEXT);
	struct arena a = ARENA_INIT;
	struct diff3 in = { .applied = span_str("interface a\n x\ninterface b\n x\n"),
		.intended = span_str("interface a\n x\n speed 10g\ninterface b\n x\n"),
		.running = span_str("interface a\n x\n speed 10000\ninterface b\n x\n"),
		.sent = true };
	struct rewrite *learned;
	size_t n;

	(void)state;
	n = diff3_rewrites(&a, diff3_make(&a, &t->d, &in), &learned);
	assert_int_equal(n, 1);
	assert_string_equal(learned[0].path, "interface a");
	assert_string_equal(learned[0].sent, "speed 10g");
	assert_string_equal(learned[0].shown, "speed 10000");
	in.sent = false;
	in.applied = in.intended;
	in.learned = learned;
	in.n_learned = n;
	assert_true(diff_same(diff3_make(&a, &t->d, &in)));
	in.running = span_str("interface a\n x\ninterface b\n x\n speed 10000\n");
	in.intended = span_str("interface a\n x\ninterface b\n x\n speed 10g\n");
	assert_false(diff_same(diff3_make(&a, &t->d, &in)));
	arena_release(&a);
	test_dialect_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lifeline__is_a_change_to_what_running_has),
		cmocka_unit_test(destroyed__is_what_goes_with_all_that_hung_on_it),
		cmocka_unit_test(origin__says_whose_doing_a_line_is),
		cmocka_unit_test(rewrite__is_learned_for_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
