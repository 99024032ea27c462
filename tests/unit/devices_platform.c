/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Definitions: the shipped ones load without a word, and each kind of mistake
 * is one message at the place where it stands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/re.h"
#include "base/secret.h"
#include "base/sys.h"
#include "devices/platform.h"

static void
print_problems(const struct problems *ps)
{
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < ps->n; i++) {
		buf_clear(&line);
		problem_format(&ps->v[i], &line);
		print_message("%s\n", buf_str(&line));
	}
	buf_release(&line);
}

static void
shipped__load_without_a_problem(void **state)
{
	struct arena arena = ARENA_INIT;
	struct problems ps;
	struct platforms *all = NULL;
	struct err err = ERR_INIT;
	char hash[65];
	int rc;

	(void)state;
	problems_init(&ps, &arena);
	rc = platforms_load(&all, NULL, &ps, &err);
	print_problems(&ps);
	assert_int_equal(rc, 0);
	assert_int_equal(ps.n, 0);
	assert_true(platforms_count(all) >= 2);
	for (size_t i = 0; i < platforms_count(all); i++) {
		const struct platform *p = platforms_at(all, i);

		assert_string_equal(platform_name(p),
		    platform_name(platforms_find(all, platform_name(p))));
		assert_true(platform_title(p)[0] != '\0');
		hash_hex(span_str(platform_source(p)), hash);
		assert_string_equal(hash, platform_hash(p));
		assert_true(platform_dialect(p)->n_secrets > 0);
		assert_true(platform_dialect(p)->n_lifelines > 0);
		for (const char *const *a = platform_aliases(p); *a != NULL; a++)
			assert_ptr_equal(platforms_find(all, *a), p);
	}
	assert_null(platforms_at(all, platforms_count(all)));
	platforms_free(all);
	arena_release(&arena);
}

static void
shipped__are_found_by_other_tools_names(void **state)
{
	static const struct {
		const char *name, *platform;
	} rows[] = {
		{ "arista_eos", "arista_eos" }, { "eos", "arista_eos" },
		{ "arista.eos.eos", "arista_eos" }, { "bird", "bird" }, { "bird2", "bird" },
	};
	struct arena arena = ARENA_INIT;
	struct problems ps;
	struct platforms *all = NULL;

	(void)state;
	problems_init(&ps, &arena);
	assert_int_equal(platforms_load(&all, NULL, &ps, NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct platform *p = platforms_find(all, rows[i].name);

		assert_non_null(p);
		assert_string_equal(platform_name(p), rows[i].platform);
	}
	assert_null(platforms_find(all, "no-such-system"));
	platforms_free(all);
	arena_release(&arena);
}

static void
shipped__say_what_they_can_do(void **state)
{
	struct arena arena = ARENA_INIT;
	struct problems ps;
	struct platforms *all = NULL;
	const struct platform_caps *eos, *bird;

	(void)state;
	problems_init(&ps, &arena);
	assert_int_equal(platforms_load(&all, NULL, &ps, NULL), 0);
	eos = platform_caps(platforms_find(all, "eos"));
	bird = platform_caps(platforms_find(all, "bird"));
	assert_true(eos->candidate && eos->native_diff && eos->timer && eos->startup);
	assert_false(eos->check);
	assert_int_equal(eos->confirm, CONFIRM_ANY_SESSION);
	assert_int_equal(eos->on_disconnect, DROP_TIMER_RUNS);
	assert_int_equal(eos->timer_min_ms, 10000);
	assert_true(bird->candidate && bird->check && bird->timer && !bird->native_diff);
	assert_string_equal(bird->proof, "real");
	assert_int_equal(platform_dialect(platforms_find(all, "eos"))->syntax, SYNTAX_INDENT);
	assert_int_equal(platform_dialect(platforms_find(all, "bird"))->syntax, SYNTAX_BRACE);
	platforms_free(all);
	arena_release(&arena);
}

/* --- a small definition, and what can be wrong with it --- */

#define CAPS \
	"capabilities: {candidate: false, native_diff: false, check: false, timer: false,\n" \
	"  confirm: none, on_disconnect: timer-runs, reboot_reverts: false, startup: false,\n" \
	"  proof: simulator}\n"
#define HEAD "name: toy\ntitle: Toy\ntransport: exec\n" CAPS
#define GRAMMAR "grammar: {syntax: indent}\n"
#define IDENTITY \
	"identity:\n  compare_hostname: false\n  compare_serial: false\n" \
	"  steps: [{exec: [uname, -n], success: '^(?<hostname>\\S+)'}]\n"
#define VERBS "verbs:\n  running: [{exec: [cat, /x], result: true}]\n"
#define TOY HEAD GRAMMAR IDENTITY VERBS

/* Write the text as a definition into a directory of its own and load it. */
static int
load_text(const char *text, struct platforms **all, struct problems *ps)
{
	char dir[] = "/tmp/fairlead-platform-XXXXXX", path[64];
	struct err err = ERR_INIT;
	int rc;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/toy.yaml", dir);
	assert_int_equal(file_write_atomic(sys_real(), path, text, strlen(text), 0600, &err), 0);
	rc = platforms_load(all, dir, ps, &err);
	unlink(path);
	rmdir(dir);
	return rc;
}

static void
own__definition_is_found_beside_the_embedded_ones(void **state)
{
	struct arena arena = ARENA_INIT;
	struct problems ps;
	struct platforms *all = NULL;
	int rc;

	(void)state;
	problems_init(&ps, &arena);
	rc = load_text(TOY, &all, &ps);
	print_problems(&ps);
	assert_int_equal(rc, 0);
	assert_non_null(platforms_find(all, "toy"));
	assert_non_null(platforms_find(all, "bird"));
	platforms_free(all);
	arena_release(&arena);
}

static void
own__definition_wins_by_name(void **state)
{
	static const char text[] = "name: bird\ntitle: Mine\ntransport: exec\n" CAPS
	    GRAMMAR IDENTITY VERBS;
	struct arena arena = ARENA_INIT;
	struct problems ps;
	struct platforms *all = NULL;

	(void)state;
	problems_init(&ps, &arena);
	assert_int_equal(load_text(text, &all, &ps), 0);
	assert_string_equal(platform_title(platforms_find(all, "bird")), "Mine");
	platforms_free(all);
	arena_release(&arena);
}

static const struct {
	const char *text;
	const char *want;	/* in the first problem */
	int line;		/* of it, or 0 */
} broken[] = {
	{ "", "missing key \"name\"", 0 },
	{ "[", "", 0 },
	{ TOY "nmae: x\n", "unknown key \"nmae\"", 0 },
	{ TOY "locals: {a: strnig}\n", "\"strnig\" is no type", 0 },
	{ TOY "locals: {a: text}\nchange: {a: text}\n", "used twice", 0 },
	{ TOY "vars: {p: {type: path, default: relative, help: h}}\n",
	    "the default \"relative\" is not an absolute path", 0 },
	{ TOY "errors: [{match: '(', class: rejected, like: []}]\n", "pattern", 0 },
	{ TOY "errors: [{match: 'x', class: sad, like: [x]}]\n", "\"sad\" is no class", 0 },
	{ TOY "errors: [{match: '^x$', class: busy, like: [xy]}]\n",
	    "the sample \"xy\" does not match", 0 },
	{ TOY "errors: [{match: 'x', class: busy, like: [x], unlike: [axb]}]\n",
	    "the sample \"axb\" must not match", 0 },
	{ TOY "prompts: {a: {match: 'x(?<host>y)#$', like: ['xy#']}}\n", "from ^ to $", 0 },
	{ TOY "prompts: {a: {match: '^x#$', like: ['x#']}}\n", "no group (?<host>", 0 },
	{ TOY "prompts:\n  a: {match: '^(?<host>\\w+)#$', like: ['x#']}\n"
	    "  b: {match: '^(?<host>x)#$', like: ['x#']}\n", "matches mode b as well", 0 },
	{ TOY "home: {mode: nowhere, send: end}\n", "there is no mode \"nowhere\"", 0 },
	{ HEAD IDENTITY VERBS "grammar: {syntax: indent, secrets: [{name: s, line: 'x'}]}\n",
	    "no group (?<secret>", 0 },
	{ HEAD IDENTITY VERBS "grammar: {syntax: tabular}\n", "one of indent, brace", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {runing: []}\n", "there is no verb \"runing\"", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{exec: [cat, /x]}]}\n",
	    "no step has `result: true`", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{exec: 'cat /x', result: true}]}\n",
	    "expected a list of words", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{exec: [cat, '${file}'], result: true}]}\n",
	    "there is no value `file`", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{exec: [cat, '${reply}'], result: true}]}\n",
	    "there is no value `reply`", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{exec: [cat, '${file'], result: true}]}\n",
	    "without `}`", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{exec: [cat], sucess: x, result: true}]}\n",
	    "unknown key \"sucess\"", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{exec: [cat], success: '(?<q>x)', result: "
	    "true}]}\n",
	    "`q` cannot be set", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{exec: [cat], success: '(', result: "
	    "true}]}\n",
	    "pattern", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{do: it}]}\n", "expected a step", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{send: show, result: true}]}\n",
	    "need transport cli", 0 },
	{ TOY "parts: {p: [{wait: 1s}]}\n", "the part \"p\" is not used", 0 },
	{ HEAD GRAMMAR IDENTITY "verbs: {running: [{part: p}]}\n", "there is no part \"p\"", 0 },
	{ HEAD GRAMMAR IDENTITY "parts: {p: [{part: p}]}\nverbs: {running: [{part: p}]}\n",
	    "deep", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS "  save: [{exec: [sync]}]\n",
	    "save changes the device, so it must end in a proof", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS "  save: [{exec: [sync], success: ok}, {exec: [x]}]\n",
	    "must end in a proof", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS
	    "  save: [{exec: [x]}, {match: reply, cases: [{when: a}], otherwise: {}}]\n",
	    "must end in a proof", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS
	    "  save: [{match: reply, cases: [{when: a, do: [{exec: [x]}]}]}]\n",
	    "must end in a proof", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS "  save: [{fail: busy, say: s}, {exec: [x], success: "
	    "y}]\n",
	    "never reached", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS "  pending: [{exec: [x]}]\n", "no step gives its answer", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS "  pending: [{answer: maybe}]\n",
	    "\"maybe\" is no answer of pending", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS "  save: [{exec: [x], success: y, result: true}]\n",
	    "no text as its result", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS "vars: {v: {type: path, help: h}}\n"
	    "locals: {o: text}\n" "login: [{exec: [sh, -c, 'cat ${v}']}]\n",
	    "would be read by the shell", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS "login: [{exec: [x], otherwise: {fail: busy}}]\n",
	    "`fail` and `say` come together", 0 },
	{ HEAD GRAMMAR IDENTITY VERBS "login: [{exec: [x], timeout: soon}]\n", "timeout", 0 },
	{ "name: toy\ntitle: Toy\ntransport: exec\n" GRAMMAR IDENTITY VERBS
	    "capabilities: {candidate: false, native_diff: false, check: true, timer: false,\n"
	    "  confirm: none, on_disconnect: timer-runs, reboot_reverts: false, startup: "
	    "false,\n"
	    "  proof: simulator}\n", "check needs the verb check", 0 },
	{ "name: toy\ntitle: Toy\ntransport: cli\n" CAPS GRAMMAR IDENTITY VERBS,
	    "transport cli needs prompts", 0 },
	{ "name: toy\ntitle: Toy\ntransport: telnet\n" CAPS GRAMMAR IDENTITY VERBS,
	    "one of cli, exec", 3 },
	{ TOY "aliases: [bird]\n", "the alias \"bird\" is taken", 0 },
};

static void
broken__definitions_say_what_and_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct arena arena = ARENA_INIT;
		struct problems ps;
		struct platforms *all = NULL;
		int rc;

		problems_init(&ps, &arena);
		rc = load_text(broken[i].text, &all, &ps);
		if (rc != ERR_CONTENT || ps.n == 0 ||
		    strstr(ps.v[0].text, broken[i].want) == NULL ||
		    (broken[i].line != 0 && ps.v[0].pos.line != broken[i].line)) {
			print_problems(&ps);
			print_message("row %zu wants: %s\n", i, broken[i].want);
			fail();
		}
		assert_null(all);
		assert_non_null(strstr(ps.v[0].file, "toy.yaml"));
		if (broken[i].text[0] != '\0')
			assert_true(ps.v[0].pos.line > 0 && ps.v[0].pos.column > 0);
		arena_release(&arena);
	}
}

static void
vars__are_checked_by_type_and_name(void **state)
{
	static const struct {
		const char *key, *value;
		const char *want;	/* NULL: fine */
	} rows[] = {
		{ "config", "/etc/bird/bird.conf", NULL },
		{ "hostname", "r1", NULL },
		{ "hostname", "*", NULL },
		{ "hostname", "a\nb", "hostname" },
		{ "config", "bird.conf", "absolute path" },
		{ "config", "/etc/../x", "absolute path" },
		{ "config", "/etc/bird'; rm", "absolute path" },
		{ "config", "/etc/$(id)", "absolute path" },
		{ "config", "", "absolute path" },
		{ "colour", "red", "it has hostname, config, socket, birdc" },
	};
	struct arena arena = ARENA_INIT;
	struct problems ps;
	struct platforms *all = NULL;

	(void)state;
	problems_init(&ps, &arena);
	assert_int_equal(platforms_load(&all, NULL, &ps, NULL), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf why = BUF_INIT;
		int rc = platform_vars_check(platforms_find(all, "bird"), &rows[i].key,
		    &rows[i].value, 1, &why);

		assert_int_equal(rc, rows[i].want == NULL ? 0 : ERR_CONTENT);
		if (rows[i].want != NULL)
			assert_non_null(strstr(buf_str(&why), rows[i].want));
		else
			assert_int_equal(why.len, 0);
		buf_release(&why);
	}
	platforms_free(all);
	arena_release(&arena);
}

static void
load__missing_directory_is_an_error(void **state)
{
	struct arena arena = ARENA_INIT;
	struct problems ps;
	struct platforms *all = NULL;
	struct err err = ERR_INIT;

	(void)state;
	problems_init(&ps, &arena);
	assert_int_equal(platforms_load(&all, "/nonexistent/platforms", &ps, &err), ERR_IO);
	assert_null(all);
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped__load_without_a_problem),
		cmocka_unit_test(shipped__are_found_by_other_tools_names),
		cmocka_unit_test(shipped__say_what_they_can_do),
		cmocka_unit_test(own__definition_is_found_beside_the_embedded_ones),
		cmocka_unit_test(own__definition_wins_by_name),
		cmocka_unit_test(broken__definitions_say_what_and_where),
		cmocka_unit_test(vars__are_checked_by_type_and_name),
		cmocka_unit_test(load__missing_directory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
