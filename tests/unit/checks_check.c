/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "checks/check.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct world {
	struct arena a;
	struct problems ps;
	struct check_list list;
	int r;
};

static void
world_read(struct world *w, const char *text)
{
	struct doc_node *node = NULL;

	*w = (struct world){ .a = ARENA_INIT };
	problems_init(&w->ps, &w->a);
	assert_int_equal(doc_parse_yaml(&node, &w->a, "checks/x.yaml", span_str(text),
	    &DOC_LIMITS, &w->ps), 0);
	w->r = checks_read(&w->list, node, "checks/x.yaml", &w->a, &w->ps);
}

static void
world_release(struct world *w)
{
	checks_release(&w->list);
	arena_release(&w->a);
}

static void
read__fills_all_fields(void **state)
{
	struct world w;
	const struct check *c;

	(void)state;
	world_read(&w,
	    "checks:\n"
	    "  - id: routes\n"
	    "    title: All static routes are there\n"
	    "    select: platform=bird\n"
	    "    run: show route count\n"
	    "    match: '~ ^3 of 3 routes'\n"
	    "    when: after\n"
	    "    settle: { for: 10s, every: 500ms }\n"
	    "    severity: warn\n");
	assert_int_equal(w.r, 0);
	assert_int_equal(w.list.n, 1);
	c = &w.list.v[0];
	assert_string_equal(c->id, "routes");
	assert_string_equal(c->title, "All static routes are there");
	assert_string_equal(c->select, "platform=bird");
	assert_string_equal(c->run, "show route count");
	assert_string_equal(c->file, "checks/x.yaml");
	assert_int_equal(c->pos.line, 2);
	assert_false(c->when[CHECK_BEFORE]);
	assert_true(c->when[CHECK_AFTER]);
	assert_int_equal(c->settle_for_ms, 10000);
	assert_int_equal(c->settle_every_ms, 500);
	assert_int_equal(c->severity, CHECK_WARN);
	world_release(&w);
}

static void
read__has_defaults(void **state)
{
	struct world w;
	const struct check *c;

	(void)state;
	world_read(&w,
	    "checks:\n"
	    "  - { id: a, run: show x, match: y }\n"
	    "  - { id: b, run: show x, match: y, settle: { for: 5s } }\n"
	    "  - { id: c, run: show x, match: y, settle: { for: 100ms } }\n");
	assert_int_equal(w.r, 0);
	assert_int_equal(w.list.n, 3);
	c = w.list.v;
	assert_string_equal(c[0].title, "a");
	assert_null(c[0].select);
	assert_true(c[0].when[CHECK_BEFORE] && c[0].when[CHECK_AFTER]);
	assert_int_equal(c[0].severity, CHECK_BLOCK);
	assert_int_equal(c[0].settle_for_ms, 0);
	assert_int_equal(c[1].settle_every_ms, 1000);
	assert_int_equal(c[2].settle_every_ms, 100);
	world_release(&w);
}

/* Each leaves out the second of three checks, or everything. */
static const struct {
	const char *text, *problem;
	size_t kept;
} wrong[] = {
	{ "x: y\n", "unknown key \"x\"", 0 },
	{ "checks: {a: b}\n", "checks: expected a list", 0 },
	{ "checks:\n  - x\n", "expected a map", 0 },
	{ "checks:\n  - {id: a, run: r, match: m}\n  - {id: a, run: s, match: m}\n"
	  "  - {id: b, run: r, match: m}\n",
	    "checks/x.yaml:3:10: error: id: \"a\" is used twice in this file", 2 },
	{ "checks:\n  - {id: a, match: m}\n  - {id: b, run: r, match: m}\n",
	    "missing key \"run\"", 1 },
	{ "checks:\n  - {id: a, run: r}\n", "missing key \"match\"", 0 },
	{ "checks:\n  - {id: a/b, run: r, match: m}\n", "id: expected a name", 0 },
	{ "checks:\n  - {id: a, run: ' ', match: m}\n", "run: expected a command", 0 },
	{ "checks:\n  - {id: a, run: \"r\\nreload\", match: m}\n", "run: a command is one line", 0 },
	{ "checks:\n  - {id: a, run: \"r\\x7f\", match: m}\n", "run: a command is one line", 0 },
	{ "checks:\n  - {id: a, run: \"r\\N\", match: m}\n", "run: a command is one line", 0 },
	{ "checks:\n  - {id: a, run: r, match: '~ ('}\n", "match: pattern \"(\" is wrong", 0 },
	{ "checks:\n  - {id: a, run: r, match: '!~ '}\n", "match: expected a regular", 0 },
	{ "checks:\n  - {id: a, run: r, match: m, when: later}\n", "expected before or after", 0 },
	{ "checks:\n  - {id: a, run: r, match: m, when: []}\n", "found an empty list", 0 },
	{ "checks:\n  - {id: a, run: r, match: m, settle: {for: 1s, every: 2s}}\n",
	    "`every` is longer than `for`", 0 },
	{ "checks:\n  - {id: a, run: r, match: m, settle: {every: 2s}}\n",
	    "missing key \"for\"", 0 },
	{ "checks:\n  - {id: a, run: r, match: m, severity: fatal}\n",
	    "severity: expected one of block, warn, info", 0 },
};

static void
read__leaves_out_what_is_wrong_and_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct buf out = BUF_INIT;
		struct world w;

		world_read(&w, wrong[i].text);
		for (size_t k = 0; k < w.ps.n; k++)
			problem_format(&w.ps.v[k], &out);
		if (w.r != ERR_CONTENT || w.list.n != wrong[i].kept ||
		    strstr(buf_str(&out), wrong[i].problem) == NULL)
			fail_msg("%s: %zu kept, %s", wrong[i].text, w.list.n, buf_str(&out));
		buf_release(&out);
		world_release(&w);
	}
}

static void
read__appends(void **state)
{
	struct check_list list = { NULL, 0 };
	struct arena a = ARENA_INIT;
	struct doc_node *node = NULL;
	struct problems ps;

	(void)state;
	problems_init(&ps, &a);
	assert_int_equal(doc_parse_yaml(&node, &a, "f",
	    span_str("checks:\n  - {id: a, run: r, match: ~ x}\n"), &DOC_LIMITS, &ps), 0);
	assert_int_equal(checks_read(&list, node, "f", &a, &ps), 0);
	assert_int_equal(checks_read(&list, node, "g", &a, &ps), 0);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.v[0].file, "f");
	assert_string_equal(list.v[1].file, "g");
	checks_release(&list);
	arena_release(&a);
}

static const struct {
	const char *match, *output;
	enum check_status status;
	const char *why;
} verdicts[] = {
	{ "up", " up \r\n", CHECK_PASS, "expected \"up\", found \"up\"" },
	{ "up", "upper", CHECK_FAIL, "expected \"up\", found \"upper\"" },
	{ "'! up'", "down", CHECK_PASS, "expected not \"up\", found \"down\"" },
	{ "'!up'", "up", CHECK_FAIL, "expected not \"up\", found \"up\"" },
	{ "''", "\r\n \n", CHECK_PASS, "expected \"\", found \"\"" },
	{ "'!'", "x", CHECK_PASS, "expected not \"\", found \"x\"" },
	{ "\"a\\nb\"", "a\r\nb\r\n", CHECK_PASS, "expected \"a | b\", found \"a | b\"" },
	{ "~ ^3 of 3$", "Table\r\n3 of 3\r\nend", CHECK_PASS,
	    "expected a match of \"^3 of 3$\", found \"Table | 3 of 3 | end\"" },
	{ "~ ^3 of 3$", "2 of 3", CHECK_FAIL, "expected a match of \"^3 of 3$\", found \"2 of 3\"" },
	{ "'!~ down$'", "Et1 down\r\nEt2 up\r\n", CHECK_FAIL,
	    "expected not a match of \"down$\", found \"Et1 down | Et2 up\"" },
	{ "'! ~ down$'", "up", CHECK_PASS, "expected not a match of \"down$\", found \"up\"" },
	{ "~ ^(x+x+)+[yz]", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", CHECK_ERROR,
	    "expected a match of \"^(x+x+)+[yz]\", found "
	    "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\", on which the pattern gave up" },
	{ "'!~ ^(x+x+)+[yz]'", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", CHECK_ERROR,
	    "expected not a match of \"^(x+x+)+[yz]\", found "
	    "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\", on which the pattern gave up" },
	{ "up", "\033[2J", CHECK_FAIL, "expected \"up\", found \"\\x1b[2J\"" },
};

static void
eval__judges_the_output(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		struct buf text = BUF_INIT, why = BUF_INIT;
		enum check_status status;
		struct world w;

		buf_addf(&text, "checks:\n  - id: a\n    run: r\n    match: %s\n",
		    verdicts[i].match);
		world_read(&w, buf_str(&text));
		assert_int_equal(w.list.n, 1);
		status = check_eval(&w.list.v[0], span_str(verdicts[i].output), &why);
		if (status != verdicts[i].status || strcmp(buf_str(&why), verdicts[i].why) != 0)
			fail_msg("%s on %s: %s, %s", verdicts[i].match, verdicts[i].output,
			    check_status_word(status), buf_str(&why));
		buf_release(&text);
		buf_release(&why);
		world_release(&w);
	}
}

static void
eval__cuts_a_long_output(void **state)
{
	struct buf output = BUF_INIT, why = BUF_INIT;
	struct world w;

	(void)state;
	for (int i = 0; i < 10000; i++)
		buf_adds(&output, "line\n");
	world_read(&w, "checks:\n  - {id: a, run: r, match: x}\n");
	assert_int_equal(check_eval(&w.list.v[0], buf_span(&output), &why), CHECK_FAIL);
	assert_true(why.len < 600);
	assert_non_null(strstr(buf_str(&why), "\" ..."));
	buf_release(&output);
	buf_release(&why);
	world_release(&w);
}

static void
status__has_words(void **state)
{
	(void)state;
	assert_string_equal(check_status_word(CHECK_PASS), "pass");
	assert_string_equal(check_status_word(CHECK_FAIL), "fail");
	assert_string_equal(check_status_word(CHECK_ERROR), "error");
	assert_string_equal(check_status_word(CHECK_SKIP), "skip");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read__fills_all_fields),
		cmocka_unit_test(read__has_defaults),
		cmocka_unit_test(read__leaves_out_what_is_wrong_and_says_why),
		cmocka_unit_test(read__appends),
		cmocka_unit_test(eval__judges_the_output),
		cmocka_unit_test(eval__cuts_a_long_output),
		cmocka_unit_test(status__has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
