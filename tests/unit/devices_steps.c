/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter over a transport that is a table: which command it is given
 * and what it answers. Definitions are written here, so each test shows the
 * steps it is about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/proc.h"
#include "base/sys.h"
#include "devices/steps.h"

/* --- a transport of a table --- */

struct said {
	const char *command;	/* as the shell gets it; NULL: any */
	const char *out, *err;
	int status;
};

struct fake {
	const struct said *said;	/* what comes next */
	struct buf commands;		/* all it was given, a line each */
	struct buf uploaded;
	int fail;			/* this code instead of an answer */
};

static int
fake_exec(void *ctx, const char *command, int64_t timeout_ms, struct exec_reply *reply,
    struct err *err)
{
	struct fake *f = ctx;
	const struct said *s = f->said;

	(void)timeout_ms;
	buf_addf(&f->commands, "%s\n", command);
	if (f->fail != 0)
		return err_set(err, f->fail, "cut");
	if (s == NULL || s->out == NULL)
		return err_set(err, ERR_BUG, "not in the script: %s", command);
	if (s->command != NULL)
		assert_string_equal(command, s->command);
	buf_adds(&reply->out, s->out);
	if (s->err != NULL)
		buf_adds(&reply->err, s->err);
	reply->status = s->status;
	/* The last row answers for ever. */
	if (s[1].out != NULL)
		f->said++;
	return 0;
}

static int
fake_upload(void *ctx, const char *path, int64_t mode, struct span text, int64_t timeout_ms,
    struct err *err)
{
	struct fake *f = ctx;

	(void)timeout_ms;
	(void)err;
	buf_addf(&f->commands, "upload %s %lld\n", path, (long long)mode);
	buf_addspan(&f->uploaded, text);
	return 0;
}

/* --- a definition and a run --- */

#define HEAD \
	"name: toy\ntitle: Toy\ntransport: exec\n" \
	"capabilities: {candidate: false, native_diff: false, check: false, timer: false,\n" \
	"  confirm: none, on_disconnect: timer-runs, reboot_reverts: false, startup: false,\n" \
	"  timer_min: 1s, timer_max: 1m, timer_margin: 1s, proof: simulator}\n" \
	"grammar:\n  syntax: indent\n  secrets:\n" \
	"    - {name: s, line: '^password (?<secret>\\S+)'}\n" \
	"vars:\n  file: {type: path, default: /etc/toy, help: h}\n" \
	"  note: {type: text, default: n, help: h}\n" \
	"change: {kept: name, load: number, when: time}\n" \
	"locals: {a: text, b: text, n: number, m: number, t: time, u: time, p: path}\n" \
	"errors:\n  - {match: '^ERR', class: busy, next: wait a bit, like: [ERR]}\n" \
	"  - {match: '^BAD', class: rejected, like: [BAD]}\n" \
	"identity:\n  compare_hostname: false\n  compare_serial: false\n" \
	"  steps: [{exec: [id], may: ['^(?<hostname>\\S+)']}]\n" \
	"verbs:\n"
#define RUNNING "  running: [{exec: [cat], result: true}]\n"

struct rig {
	struct arena arena;
	struct platform *toy;
	struct fake f;
	struct transport transport;
	struct verb_run run;
	struct device_change *change;
	struct buf result;
	struct err err;
	const char *vars[2];
};

static void
rig_init(struct rig *r, const char *verbs, const struct said *said)
{
	struct buf text = BUF_INIT, line = BUF_INIT;
	struct problems ps;

	memset(r, 0, sizeof(*r));
	problems_init(&ps, &r->arena);
	buf_addf(&text, "%s%s%s", HEAD, strstr(verbs, "  running:") != NULL ? "" : RUNNING,
	    verbs);
	r->toy = platform_parse("toy.yaml", buf_span(&text), &ps);
	for (size_t i = 0; i < ps.n; i++) {
		problem_format(&ps.v[i], &line);
		print_message("%s\n", buf_str(&line));
	}
	assert_non_null(r->toy);
	buf_release(&text);
	buf_release(&line);
	r->f.said = said;
	r->transport = (struct transport){ fake_exec, fake_upload, &r->f };
	r->change = device_change_new("abc1");
	r->vars[0] = "/etc/toy";
	r->vars[1] = "n";
	r->run = (struct verb_run){ .platform = r->toy,
		.transport = &r->transport, .sys = sys_real(), .device = "sw1",
		.instance = "lab", .vars = r->vars, .max_output = 65536,
		.change = r->change, .kept = r->change, .result = &r->result };
}

static int
run(struct rig *r, enum verb verb)
{
	verb_run_release(&r->run);
	memset(&r->run.arena, 0, sizeof(r->run.arena));
	err_clear(&r->err);
	buf_clear(&r->result);
	return verb_run(&r->run, verb, &r->err);
}

static void
rig_release(struct rig *r)
{
	verb_run_release(&r->run);
	platform_free(r->toy);
	device_change_free(r->change);
	buf_release(&r->f.commands);
	buf_release(&r->f.uploaded);
	buf_release(&r->result);
	arena_release(&r->arena);
}

/* --- tables of steps --- */

#define SAID(c, o, e, s) { c, o, e, s }
#define END { NULL, NULL, NULL, 0 }

static const struct {
	const char *what;
	const char *save;	/* steps of the verb save, in flow style */
	struct said said[4];
	int want;		/* code */
	const char *text;	/* in the error */
	const char *next;
} rows[] = {
	{ "success is seen", "[{exec: [x], success: '^done$'}]",
	    { SAID("'x'", "working\ndone\n", NULL, 0), END }, 0, NULL, NULL },
	{ "no success", "[{exec: [x], success: '^done$'}]",
	    { SAID(NULL, "half done\n", NULL, 0), END }, ERR_OUTPUT, "half done", NULL },
	{ "nothing said at all", "[{exec: [x], success: '^done$'}]",
	    { SAID(NULL, "", NULL, 0), END }, ERR_OUTPUT,
	    "what proves success was not seen", NULL },
	{ "success needs all patterns", "[{exec: [x], success: ['^one$', '^two$']}]",
	    { SAID(NULL, "one\n", NULL, 0), END }, ERR_OUTPUT, NULL, NULL },
	{ "status", "[{exec: [x], success: done}]",
	    { SAID(NULL, "done\n", "no space left\n", 3), END }, ERR_OUTPUT,
	    "status 3: no space left", NULL },
	{ "status may be any", "[{exec: [x], status: any, success: done}]",
	    { SAID(NULL, "done\n", NULL, 3), END }, 0, NULL, NULL },
	{ "another status", "[{exec: [x], status: '2', success: done}]",
	    { SAID(NULL, "done\n", NULL, 2), END }, 0, NULL, NULL },
	{ "ended by a signal", "[{exec: [x], success: done}]",
	    { SAID(NULL, "done\n", NULL, -1), END }, ERR_OUTPUT, NULL, NULL },
	{ "known error beats success", "[{exec: [x], success: done}]",
	    { SAID(NULL, "done\nERR busy now\n", NULL, 0), END }, ERR_BUSY, "ERR busy now",
	    "wait a bit" },
	{ "known error on stderr", "[{exec: [x], success: done}]",
	    { SAID(NULL, "done\n", "BAD line\n", 0), END }, ERR_REJECTED, "BAD line", NULL },
	{ "error unless success", "[{exec: [x], success: done, errors: unless-success}]",
	    { SAID(NULL, "ERR in a text\ndone\n", NULL, 0), END }, 0, NULL, NULL },
	{ "error unless success, none", "[{exec: [x], success: done, errors: unless-success}]",
	    { SAID(NULL, "ERR in a text\n", NULL, 0), END }, ERR_BUSY, NULL, NULL },
	{ "errors never", "[{exec: [x], success: done, errors: never}]",
	    { SAID(NULL, "ERR\n", NULL, 0), END }, ERR_OUTPUT, NULL, NULL },
	{ "otherwise says it",
	    "[{exec: [x], success: d, otherwise: {fail: rejected, say: 'no ${device}', next: "
	    "go}}]",
	    { SAID(NULL, "because\n", NULL, 0), END }, ERR_REJECTED,
	    "no sw1 (the device: because)", "go" },
	{ "secret in the device's words", "[{exec: [x], success: '^d$'}]",
	    { SAID(NULL, "password hunter2\n", NULL, 0), END }, ERR_OUTPUT,
	    "password <secret>", NULL },
	{ "match takes the first case", "[{exec: [x]}, {match: reply, cases: [{when: one}, "
	    "{when: two, fail: busy, say: second}]}]",
	    { SAID(NULL, "one two\n", NULL, 0), END }, 0, NULL, NULL },
	{ "match fails by a case", "[{exec: [x]}, {match: reply, cases: [{when: '^one'}, "
	    "{when: two, fail: busy, say: second}]}]",
	    { SAID(NULL, "two\n", NULL, 0), END }, ERR_BUSY, "second", NULL },
	{ "match without otherwise fails", "[{exec: [x]}, {match: reply, cases: [{when: one}]}]",
	    { SAID(NULL, "three\n", NULL, 0), END }, ERR_OUTPUT, "does not know: three", NULL },
	{ "a case with an unset value is passed over", "[{exec: [x]}, {match: reply, cases: "
	    "[{when: '${kept}', fail: busy, say: s}, {when: three}]}]",
	    { SAID(NULL, "three\n", NULL, 0), END }, 0, NULL, NULL },
	{ "a value in a pattern is not a pattern", "[{let: {kept: 'a.c'}}, {exec: [x]}, "
	    "{match: reply, cases: [{when: '^${kept}$'}]}]",
	    { SAID(NULL, "abc\n", NULL, 0), END }, ERR_OUTPUT, NULL, NULL },
	{ "require a set value", "[{require: kept}, {exec: [x], success: d}]",
	    { SAID(NULL, "d\n", NULL, 0), END }, ERR_NOTFOUND, "`kept` is not set", NULL },
	{ "an unset value is not sent", "[{exec: [x, '${kept}'], success: d}]",
	    { SAID(NULL, "d\n", NULL, 0), END }, ERR_NOTFOUND, "`kept` is not set", NULL },
	{ "groups must have their type", "[{exec: [x], success: '^(?<p>.+)$'}]",
	    { SAID(NULL, "/tmp/'; reboot\n", NULL, 0), END }, ERR_OUTPUT, "absolute path", NULL },
	{ "numbers near are equal", "[{exec: [x], success: '(?<n>\\d+) (?<m>\\d+)'}, "
	    "{compare: [n, m], within: 2, differ: {fail: unproven, say: far}}]",
	    { SAID(NULL, "100 102\n", NULL, 0), END }, 0, NULL, NULL },
	{ "numbers far differ", "[{exec: [x], success: '(?<n>\\d+) (?<m>\\d+)'}, "
	    "{compare: [n, m], within: 2, differ: {fail: unproven, say: far}}]",
	    { SAID(NULL, "100 103\n", NULL, 0), END }, ERR_UNPROVEN, "far", NULL },
	{ "numbers are not texts", "[{exec: [x], success: '(?<n>\\d+) (?<m>\\d+)'}, "
	    "{compare: [n, m], greater: {fail: unproven, say: more}}]",
	    { SAID(NULL, "9 10\n", NULL, 0), END }, 0, NULL, NULL },
	{ "greater", "[{exec: [x], success: '(?<n>\\d+) (?<m>\\d+)'}, "
	    "{compare: [n, m], greater: {fail: unproven, say: more}, differ: {}}]",
	    { SAID(NULL, "11 10\n", NULL, 0), END }, ERR_UNPROVEN, "more", NULL },
	{ "times", "[{exec: [x], success: '(?<t>\\S+ \\S+), (?<u>\\S+ \\S+)'}, "
	    "{compare: [t, u], within: 1000, equal: {stop: true}}, {fail: unproven, say: no}]",
	    { SAID(NULL, "2026-11-21 23:59:59.900, 2026-11-22 00:00:00.100\n", NULL, 0), END }, 0,
	    NULL, NULL },
	{ "elapsed", "[{exec: [x], success: '(?<t>\\S+ \\S+), (?<u>\\S+ \\S+)'}, "
	    "{elapsed: load, from: t, to: u}, {require: load, matches: '^200$'}]",
	    { SAID(NULL, "2026-02-28 23:59:59.900, 2026-03-01 00:00:00.100\n", NULL, 0), END }, 0,
	    NULL, NULL },
	{ "elapsed over a leap day", "[{exec: [x], success: '(?<t>\\S+ \\S+), (?<u>\\S+ \\S+)'}, "
	    "{elapsed: load, from: t, to: u}, {require: load, matches: '^86400200$'}]",
	    { SAID(NULL, "2024-02-28 23:59:59.900, 2024-03-01 00:00:00.100\n", NULL, 0), END }, 0,
	    NULL, NULL },
	{ "times backwards", "[{exec: [x], success: '(?<t>\\S+ \\S+), (?<u>\\S+ \\S+)'}, "
	    "{elapsed: load, from: u, to: t}]",
	    { SAID(NULL, "2026-11-21 00:00:00.000, 2026-11-22 00:00:00.000\n", NULL, 0), END },
	    ERR_OUTPUT, "backwards", NULL },
	{ "a time without milliseconds", "[{exec: [x], success: '(?<t>\\S+ \\S+)'}]",
	    { SAID(NULL, "2026-11-21 00:00:00\n", NULL, 0), END }, ERR_OUTPUT,
	    "milliseconds", NULL },
	{ "compare with nothing", "[{exec: [x], success: x}, {compare: [load, load], "
	    "equal: {fail: busy, say: e}, unset: {fail: unproven, say: nothing}}]",
	    { SAID(NULL, "x\n", NULL, 0), END }, ERR_UNPROVEN, "nothing", NULL },
	{ "compare with nothing differs", "[{exec: [x], success: x}, {compare: [load, load], "
	    "differ: {fail: busy, say: d}}]",
	    { SAID(NULL, "x\n", NULL, 0), END }, ERR_BUSY, "d", NULL },
	{ "until", "[{exec: [x], until: '^up$', every: 10ms, timeout: 5s, success: up}]",
	    { SAID(NULL, "down\n", NULL, 0), SAID(NULL, "down\n", NULL, 0),
	    SAID(NULL, "up\n", NULL, 0), END }, 0, NULL, NULL },
	{ "until an error", "[{exec: [x], until: '^up$', every: 10ms, timeout: 5s, success: up}]",
	    { SAID(NULL, "down\n", NULL, 0), SAID(NULL, "ERR\n", NULL, 0), END }, ERR_BUSY,
	    NULL, NULL },
	{ "until too long", "[{exec: [x], until: '^up$', every: 10ms, timeout: 50ms, success: up}]",
	    { SAID(NULL, "down\n", NULL, 0), END }, ERR_UNPROVEN, "in time", NULL },
	{ "until the timer is over",
	    "[{exec: [x], until: '^up$', every: 10ms, timeout: timer, success: up}]",
	    { SAID(NULL, "down\n", NULL, 0), SAID(NULL, "up\n", NULL, 0), END }, 0, NULL, NULL },
	{ "fail",
	    "[{exec: [x], success: x}, {fail: unsupported, say: 'not ${note}', next: 'try "
	    "${file}'}]",
	    { SAID(NULL, "x\n", NULL, 0), END }, ERR_UNSUPPORTED, "not n", "try /etc/toy" },
	{ "wait", "[{exec: [x], success: x}, {wait: 20ms}]",
	    { SAID(NULL, "x\n", NULL, 0), END }, 0, NULL, NULL },
};

static void
steps__do_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf verbs = BUF_INIT;
		struct rig r;
		int rc;

		buf_addf(&verbs, "  save: %s\n", rows[i].save);
		rig_init(&r, buf_str(&verbs), rows[i].said);
		rc = run(&r, VERB_SAVE);
		if (rc != rows[i].want)
			print_message("%s: %s: %s\n", rows[i].what, err_word(rc), r.err.text);
		assert_int_equal(rc, rows[i].want);
		if (rows[i].text != NULL && strstr(r.err.text, rows[i].text) == NULL)
			print_message("%s: \"%s\"\n", rows[i].what, r.err.text);
		if (rows[i].text != NULL)
			assert_non_null(strstr(r.err.text, rows[i].text));
		if (rows[i].next != NULL)
			assert_string_equal(r.err.next, rows[i].next);
		if (rc != 0)
			assert_true(span_starts(span_str(r.err.text), "save: "));
		rig_release(&r);
		buf_release(&verbs);
	}
}

/* --- answers and results --- */

static void
answer__is_the_word_of_the_case(void **state)
{
	static const char verbs[] =
	    "  pending:\n    - exec: [x]\n    - match: reply\n      cases:\n"
	    "        - {when: '^mine (?<hours>\\d+):(?<minutes>\\d+)', answer: ours}\n"
	    "        - {when: '^theirs', do: [{exec: [y]}, {answer: foreign}]}\n"
	    "      otherwise: {answer: none}\n";
	static const struct {
		const char *out;
		int want;
	} cases[] = { { "mine 01:30\n", 1 }, { "theirs\n", 2 }, { "nobody\n", 0 } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct said said[] = { SAID(NULL, cases[i].out, NULL, 0), END };
		struct rig r;

		rig_init(&r, verbs, said);
		assert_int_equal(run(&r, VERB_PENDING), 0);
		assert_int_equal(r.run.word, cases[i].want);
		if (i == 0) {
			assert_string_equal(verb_value(&r.run, "hours"), "01");
			assert_string_equal(verb_value(&r.run, "minutes"), "30");
			assert_null(verb_value(&r.run, "seconds"));
		}
		rig_release(&r);
	}
}

static void
answer__missing_at_the_end_is_an_error(void **state)
{
	const struct said said[] = { SAID(NULL, "x\n", NULL, 0), END };
	struct rig r;

	(void)state;
	rig_init(&r, "  pending: [{exec: [x]}, {match: reply, cases: [{when: y, answer: none}], "
	    "otherwise: {}}]\n", said);
	assert_int_equal(run(&r, VERB_PENDING), ERR_OUTPUT);
	rig_release(&r);
}

static void
result__is_the_reply_without_what_is_dropped(void **state)
{
	const struct said said[] = { SAID(NULL, "READY\none\ntwo\n", NULL, 0), END };
	struct rig r;

	(void)state;
	rig_init(&r, "  running: [{exec: [cat], drop: '\\AREADY\\n', result: true}]\n", said);
	assert_int_equal(run(&r, VERB_RUNNING), 0);
	assert_string_equal(buf_str(&r.result), "one\ntwo\n");
	rig_release(&r);
}

static void
verb__that_is_missing_is_unsupported(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "", NULL);
	assert_int_equal(run(&r, VERB_SAVE), ERR_UNSUPPORTED);
	rig_release(&r);
}

static void
transport__error_ends_the_verb(void **state)
{
	struct rig r;

	(void)state;
	rig_init(&r, "  save: [{exec: [x], success: x, otherwise: {}}]\n", NULL);
	r.f.fail = ERR_CLOSED;
	assert_int_equal(run(&r, VERB_SAVE), ERR_CLOSED);
	rig_release(&r);
}

static void
each__runs_for_every_match_and_is_bounded(void **state)
{
	const struct said said[] = { SAID("'ls'", "x-1\nother\nx-2\nnot x-3\nx-4\n", NULL, 0),
		SAID(NULL, "ok\n", NULL, 0), END };
	struct buf many = BUF_INIT;
	struct said flood[] = { SAID("'ls'", NULL, NULL, 0), SAID(NULL, "ok\n", NULL, 0), END };
	struct rig r;

	(void)state;
	rig_init(&r, "  save: [{exec: [ls]}, {each: '^(?<a>x-\\d+)$', do: [{exec: [rm, '${a}']}]}, "
	    "{exec: [sync], success: ok}]\n", said);
	assert_int_equal(run(&r, VERB_SAVE), 0);
	assert_string_equal(buf_str(&r.f.commands),
	    "'ls'\n'rm' 'x-1'\n'rm' 'x-2'\n'rm' 'x-4'\n'sync'\n");
	for (int i = 0; i < 1000; i++)
		buf_addf(&many, "x-%d\n", i);
	flood[0].out = buf_str(&many);
	r.f.said = flood;
	assert_int_equal(run(&r, VERB_SAVE), ERR_LIMIT);
	rig_release(&r);
	buf_release(&many);
}

/* --- values --- */

static void
change__values_are_kept_and_typed(void **state)
{
	const struct said said[] = { SAID(NULL, "d\n", NULL, 0), END };
	struct device_change *evil = NULL;
	struct rig r;

	(void)state;
	rig_init(&r, "  save: [{let: {kept: 'fl-${instance}-${id}'}}, {exec: [x], success: d}]\n"
	    "  discard: [{exec: [x, '${kept}'], success: d}]\n", said);
	assert_int_equal(run(&r, VERB_SAVE), 0);
	assert_string_equal(change_get(r.change, "kept"), "fl-lab-abc1");
	assert_int_equal(run(&r, VERB_DISCARD), 0);
	assert_non_null(strstr(buf_str(&r.f.commands), "'x' 'fl-lab-abc1'\n"));
	/* A journal that was tampered with does not reach the device. */
	assert_int_equal(device_change_parse(&evil,
	    span_str("{\"id\":\"a\",\"values\":{\"kept\":\"x'; reboot\"}}"), NULL), 0);
	r.run.change = evil;
	r.run.kept = evil;
	assert_int_equal(run(&r, VERB_DISCARD), ERR_NOTFOUND);
	assert_null(strstr(buf_str(&r.f.commands), "reboot"));
	device_change_free(evil);
	rig_release(&r);
}

static void
command__becomes_quoted_words(void **state)
{
	static const struct {
		const char *command;
		int want;
		const char *line;
	} cases[] = {
		{ "show route", 0, "'birdc' '--' 'show' 'route'\n" },
		{ "  show   route  ", 0, "'birdc' '--' 'show' 'route'\n" },
		{ "show; reboot", 0, "'birdc' '--' 'show;' 'reboot'\n" },
		{ "show $(id) `id` && x | y > z", 0,
		    "'birdc' '--' 'show' '$(id)' '`id`' '&&' 'x' '|' 'y' '>' 'z'\n" },
		{ "show 'a b' \"c\" \\", 0,
		    "'birdc' '--' 'show' ''\\''a' 'b'\\''' '\"c\"' '\\'\n" },
		{ "show\nreboot", ERR_CONTENT, NULL },
		{ "show\x1b[0m", ERR_CONTENT, NULL },
		{ "", ERR_CONTENT, NULL },
		{ "\xc2\x9b", ERR_CONTENT, NULL },
	};
	const struct said said[] = { SAID(NULL, "ok\n", NULL, 0), END };
	struct rig r;

	(void)state;
	rig_init(&r, "  run: [{exec: [birdc, --, '${command}'], result: true}]\n", said);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_clear(&r.f.commands);
		r.run.command = cases[i].command;
		assert_int_equal(run(&r, VERB_RUN), cases[i].want);
		assert_string_equal(buf_str(&r.f.commands),
		    cases[i].line != NULL ? cases[i].line : "");
	}
	rig_release(&r);
}

/* The quoting, judged by a real shell. */
static void
quote__survives_a_real_shell(void **state)
{
	static const char *const hostile[] = {
		"plain", "", "a b", "'", "''", "'; echo pwned; '", "$(echo pwned)", "`id`",
		    "\\", "\\'",
		"\"", "*", "~", "!", "a\nb", "\t", "-n", "$HOME", "a'\\''b", "\xc3\xbc",
		    "#", "{a,b}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct buf line = BUF_INIT;
		struct proc_result result;
		struct proc p = { .timeout_ms = 10000, .max_output = 65536 };
		const char *argv[] = { "/bin/sh", "-c", NULL, NULL };

		buf_adds(&line, "printf '[%s]' ");
		shell_quote(&line, span_str(hostile[i]));
		argv[2] = buf_str(&line);
		p.argv = argv;
		assert_int_equal(proc_run(sys_real(), &p, &result, NULL), 0);
		buf_clear(&line);
		buf_addf(&line, "[%s]", hostile[i]);
		assert_string_equal(buf_str(&result.out), buf_str(&line));
		proc_result_release(&result);
		buf_release(&line);
	}
}

static void
value__types_take_only_their_own(void **state)
{
	static const struct {
		enum value_type type;
		const char *value;
		bool ok;
	} cases[] = {
		{ VALUE_TEXT, "a b 'c' \xc3\xbc", true }, { VALUE_TEXT, "", false },
		{ VALUE_TEXT, "a\nb", false }, { VALUE_TEXT, "a\x7f", false },
		{ VALUE_TEXT, "\xc2\x9b", false }, { VALUE_TEXT, "\xff", false },
		{ VALUE_NUMBER, "0", true }, { VALUE_NUMBER, "12.5", true },
		{ VALUE_NUMBER, "-1", false }, { VALUE_NUMBER, "1.", false },
		{ VALUE_NUMBER, ".5", false }, { VALUE_NUMBER, "1e5", false },
		{ VALUE_NUMBER, "1234567890123456", false },
		{ VALUE_NAME, "fl-a.b_c", true }, { VALUE_NAME, "a b", false },
		{ VALUE_NAME, "a/b", false },
		{ VALUE_PATH, "/", true }, { VALUE_PATH, "/etc/bird/bird.conf", true },
		{ VALUE_PATH, "etc", false }, { VALUE_PATH, "/a/../b", false },
		{ VALUE_PATH, "/..", false }, { VALUE_PATH, "/..a/b..", true },
		{ VALUE_PATH, "/a b", false }, { VALUE_PATH, "/a*", false },
		{ VALUE_PATH, "/a\"", false },
		{ VALUE_HEX, "00ff", true }, { VALUE_HEX, "FF", false },
		{ VALUE_TIME, "2026-11-21 10:15:12.227", true },
		{ VALUE_TIME, "2026-11-21 10:15:12.227123", true },
		{ VALUE_TIME, "2026-11-21 10:15:12", false },
		{ VALUE_TIME, "2026-11-21T10:15:12.227", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (value_ok(cases[i].type, span_str(cases[i].value)) != cases[i].ok)
			fail_msg("%s \"%s\"", value_type_words[cases[i].type], cases[i].value);
	assert_int_equal(value_time_ms("1970-01-01 00:00:00.000"), 0);
	assert_int_equal(value_time_ms("2026-11-21 10:15:12.227"), INT64_C(1795256112227));
}

static void
stage__gives_the_upload_and_its_hash(void **state)
{
	const struct said said[] = { SAID(NULL, "d\n", NULL, 0), END };
	char sum[65];
	struct rig r;

	(void)state;
	rig_init(&r, "  stage: [{exec: [x, '${candidate_sha256}', '${candidate_size}']}, "
	    "{upload: '${file}.new', text: candidate, file_mode: '0640'}]\n", said);
	r.run.candidate = span_str("hostname x\n");
	hash_hex(r.run.candidate, sum);
	assert_int_equal(run(&r, VERB_STAGE), 0);
	assert_non_null(strstr(buf_str(&r.f.commands), sum));
	assert_non_null(strstr(buf_str(&r.f.commands), "'11'\nupload /etc/toy.new 416\n"));
	assert_string_equal(buf_str(&r.f.uploaded), "hostname x\n");
	rig_release(&r);
}

static void
arm__timer_is_rounded_up(void **state)
{
	const struct said said[] = { SAID(NULL, "d\n", NULL, 0), END };
	struct rig r;

	(void)state;
	rig_init(&r,
	    "  arm: [{exec: [x, '${timer_s}', '${timer_m}', '${timer_hms}'], success: d}]\n"
	    "  stage: [{exec: [x], success: d}]\n"
	    "  outcome: [{exec: [x]}, {answer: compare}]\n",
	    said);
	r.run.timer_ms = 3661001;
	assert_int_equal(run(&r, VERB_ARM), 0);
	assert_string_equal(buf_str(&r.f.commands), "'x' '3662' '62' '01:01:02'\n");
	rig_release(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps__do_what_the_table_says),
		cmocka_unit_test(answer__is_the_word_of_the_case),
		cmocka_unit_test(answer__missing_at_the_end_is_an_error),
		cmocka_unit_test(result__is_the_reply_without_what_is_dropped),
		cmocka_unit_test(verb__that_is_missing_is_unsupported),
		cmocka_unit_test(transport__error_ends_the_verb),
		cmocka_unit_test(each__runs_for_every_match_and_is_bounded),
		cmocka_unit_test(change__values_are_kept_and_typed),
		cmocka_unit_test(command__becomes_quoted_words),
		cmocka_unit_test(quote__survives_a_real_shell),
		cmocka_unit_test(value__types_take_only_their_own),
		cmocka_unit_test(stage__gives_the_upload_and_its_hash),
		cmocka_unit_test(arm__timer_is_rounded_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
