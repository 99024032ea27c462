/* SPDX-License-Identifier: Apache-2.0 */
/* One table with every type in it, read from texts, and told as a schema and
 * as a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/field.h"
#include "base/re.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct login {
	const char *name, *user;
	int64_t timeout_ms;
};
struct rule {
	const char *select;
	int mode;
};
struct sample {
	const char *address, *site, *prompt;
	bool save;
	int64_t port, timer_ms, max_bytes;
	int mode;
	struct field_strings tags, command;
	struct field_pairs vars;
	struct login login;
	struct field_list rules, logins;
	const struct doc_node *data;
};

static const char *const modes[] = { "observe", "manual", "auto", NULL };

#define AT(s, m) offsetof(struct s, m)
static const struct field login_rows[] = {
	{ "name", FIELD_NAME, AT(login, name), FIELD_KEY, 0, 0, NULL, NULL, NULL, "Its name." },
	{ "user", FIELD_STRING, AT(login, user), FIELD_REQUIRED, 0, 0, NULL, NULL, NULL,
	    "User on the device." },
	{ "timeout", FIELD_DURATION, AT(login, timeout_ms), 0, 0, 0, NULL, NULL, "10s",
	    "How long to wait." },
};
static const struct field_table login_table =
    FIELD_TABLE("sample.login", struct login, login_rows, "How to log in.");

static const struct field rule_rows[] = {
	{ "select", FIELD_STRING, AT(rule, select), FIELD_REQUIRED, 0, 0, NULL, NULL, NULL,
	    "Which devices." },
	{ "mode", FIELD_ENUM, AT(rule, mode), 0, 0, 0, modes, NULL, "observe", "Their mode." },
};
static const struct field_table rule_table =
    FIELD_TABLE("sample.rule", struct rule, rule_rows, NULL);

static const struct field rows[] = {
	{ "address", FIELD_STRING, AT(sample, address), FIELD_REQUIRED, 0, 0, NULL, NULL, NULL,
	    "Where it is." },
	{ "site", FIELD_NAME, AT(sample, site), 0, 0, 0, NULL, NULL, "lab",
	    "Its place | rack." },
	{ "prompt", FIELD_REGEX, AT(sample, prompt), 0, 0, 0, NULL, NULL, "^[a-z|]+#$",
	    "Its prompt." },
	{ "save", FIELD_BOOL, AT(sample, save), 0, 0, 0, NULL, NULL, "true", "Save it." },
	{ "port", FIELD_INT, AT(sample, port), 0, 1, 65535, NULL, NULL, "22", "TCP port." },
	{ "timer", FIELD_DURATION, AT(sample, timer_ms), 0, 60000, 7200000, NULL, NULL, "5m",
	    "Rollback timer." },
	{ "max", FIELD_SIZE, AT(sample, max_bytes), 0, 1024, 1 << 20, NULL, NULL, "64k",
	    "Most bytes." },
	{ "mode", FIELD_ENUM, AT(sample, mode), 0, 0, 0, modes, NULL, "manual",
	    "What it may do." },
	{ "tags", FIELD_STRINGS, AT(sample, tags), 0, 0, 0, NULL, NULL, "[a, b]", "Words." },
	{ "command", FIELD_STRINGS, AT(sample, command), 0, 0, 0, NULL, NULL, NULL,
	    "A program." },
	{ "vars", FIELD_PAIRS, AT(sample, vars), 0, 0, 0, NULL, NULL, "{k: v}", "Values." },
	{ "login", FIELD_STRUCT, AT(sample, login), 0, 0, 0, NULL, &login_table, NULL,
	    "The only login." },
	{ "rules", FIELD_LIST, AT(sample, rules), 0, 0, 0, NULL, &rule_table, NULL,
	    "In order." },
	{ "logins", FIELD_MAP, AT(sample, logins), 0, 0, 0, NULL, &login_table, NULL,
	    "By name." },
	{ "data", FIELD_NODE, AT(sample, data), 0, 0, 0, NULL, NULL, NULL, "Anything." },
};
static const struct field_table table =
    FIELD_TABLE("sample", struct sample, rows, "One device.");

struct world {
	struct arena a;
	struct problems ps;
	struct sample s;
	struct doc_node *node;
	int r;
};

static void
world_read(struct world *w, const char *text)
{
	memset(w, 0, sizeof(*w));
	memset(&w->s, 0xee, sizeof(w->s));
	problems_init(&w->ps, &w->a);
	assert_int_equal(doc_parse_yaml(&w->node, &w->a, "f", span_str(text), &DOC_LIMITS, &w->ps),
	    0);
	w->r = field_read(&w->s, &table, w->node, &w->a, "f", &w->ps);
}

static void
read__fills_every_type(void **state)
{
	static const char text[] =
	    "address: 192.0.2.1\nsite: dc1\nprompt: '#$'\nsave: false\nport: \"830\"\n"
	    "timer: 1h30m\nmax: 1M\nmode: auto\ntags: one\ncommand: [echo, 'a b', 1.10]\n"
	    "vars: {a: 1, b: no}\nlogin: {user: u, timeout: 1s}\n"
	    "rules:\n  - {select: leaf*, mode: auto}\n  - select: '*'\n"
	    "logins:\n  read: {user: r}\n  write: {user: w, timeout: 2s}\n"
	    "data: [x]\n";
	const struct login *logins;
	const struct rule *rules;
	struct world w;

	(void)state;
	world_read(&w, text);
	assert_int_equal(w.r, 0);
	assert_int_equal(w.ps.n, 0);
	assert_string_equal(w.s.address, "192.0.2.1");
	assert_string_equal(w.s.site, "dc1");
	assert_string_equal(w.s.prompt, "#$");
	assert_false(w.s.save);
	assert_int_equal(w.s.port, 830);
	assert_int_equal(w.s.timer_ms, 5400000);
	assert_int_equal(w.s.max_bytes, 1 << 20);
	assert_int_equal(w.s.mode, 2);
	assert_int_equal(w.s.tags.n, 1);
	assert_string_equal(w.s.tags.v[0], "one");
	assert_int_equal(w.s.command.n, 3);
	assert_string_equal(w.s.command.v[2], "1.10");
	assert_null(w.s.command.v[3]);
	assert_int_equal(w.s.vars.n, 2);
	assert_string_equal(w.s.vars.keys[1], "b");
	assert_string_equal(w.s.vars.values[1], "no");
	assert_string_equal(w.s.login.user, "u");
	assert_int_equal(w.s.login.timeout_ms, 1000);
	assert_null(w.s.login.name);
	rules = w.s.rules.v;
	assert_int_equal(w.s.rules.n, 2);
	assert_string_equal(rules[0].select, "leaf*");
	assert_int_equal(rules[0].mode, 2);
	assert_string_equal(rules[1].select, "*");
	assert_int_equal(rules[1].mode, 0);
	logins = w.s.logins.v;
	assert_int_equal(w.s.logins.n, 2);
	assert_string_equal(logins[0].name, "read");
	assert_int_equal(logins[0].timeout_ms, 10000);
	assert_string_equal(logins[1].name, "write");
	assert_string_equal(logins[1].user, "w");
	assert_int_equal(logins[1].timeout_ms, 2000);
	assert_ptr_equal(w.s.data, doc_get(w.node, "data"));
	arena_release(&w.a);
}

static void
check_defaults(const struct sample *s)
{
	assert_string_equal(s->site, "lab");
	assert_string_equal(s->prompt, "^[a-z|]+#$");
	assert_true(s->save);
	assert_int_equal(s->port, 22);
	assert_int_equal(s->timer_ms, 300000);
	assert_int_equal(s->max_bytes, 65536);
	assert_int_equal(s->mode, 1);
	assert_int_equal(s->tags.n, 2);
	assert_string_equal(s->tags.v[1], "b");
	assert_int_equal(s->command.n, 0);
	assert_null(s->command.v);
	assert_int_equal(s->vars.n, 1);
	assert_string_equal(s->vars.values[0], "v");
	assert_null(s->login.user);
	assert_int_equal(s->login.timeout_ms, 10000);
	assert_int_equal(s->rules.n, 0);
	assert_int_equal(s->logins.n, 0);
}

static void
read__takes_the_default_of_what_is_absent_or_null(void **state)
{
	struct world w;

	(void)state;
	world_read(&w, "address: x\n");
	assert_int_equal(w.r, 0);
	check_defaults(&w.s);
	assert_null(w.s.data);
	arena_release(&w.a);
	world_read(&w,
	    "{address: x, site: , prompt: ~, save: null, port: , timer: , max: , mode: , "
	    "tags: , vars: , login: , rules: , logins: , data: }");
	assert_int_equal(w.r, 0);
	check_defaults(&w.s);
	assert_true(w.s.data->null);
	arena_release(&w.a);
	memset(&w.s, 0xee, sizeof(w.s));
	assert_int_equal(field_read(&w.s, &table, NULL, &w.a, "f", &w.ps), 0);
	check_defaults(&w.s);
	arena_release(&w.a);
}

static void
read__keeps_the_default_of_what_is_wrong(void **state)
{
	struct world w;

	(void)state;
	world_read(&w, "{address: [], site: a b, prompt: (, save: yes, port: 0, timer: 5, max: x, "
	    "mode: x, tags: {}, vars: [], login: [], rules: {}, logins: []}");
	assert_int_equal(w.r, ERR_CONTENT);
	assert_int_equal(w.ps.errors, 13);
	check_defaults(&w.s);
	arena_release(&w.a);
}

static void
read__says_what_was_found_and_expected(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "{}", "f:1:1: error: missing key \"address\"" },
		{ "address:\n", "f:1:9: error: missing key \"address\"" },
		{ "[]", "f:1:1: error: sample: expected a map, found a list" },
		{ "word", "f:1:1: error: sample: expected a map, found \"word\"" },
		{ "address: {}", "f:1:10: error: address: expected a text, found a map" },
		{ "address: x\nadress: y",
		    "f:2:1: error: unknown key \"adress\"; did you mean "
		    "\"address\"?" },
		{ "address: x\nTimer: 5m",
		    "f:2:1: error: unknown key \"Timer\"; did you mean "
		    "\"timer\"?" },
		{ "address: x\nzzzz: y", "f:2:1: error: unknown key \"zzzz\"" },
		{ "address: x\nlogin: {user: u, name: n}",
		    "f:2:18: error: unknown key \"name\"; "
		    "known here: user, timeout" },
		{ "address: x\nsite: a/b",
		    "f:2:7: error: site: expected a name of letters, digits, "
		    "\"_\", \"-\" and \".\" (at most 128, first a letter, digit or \"_\"), "
		    "found "
		    "\"a/b\"" },
		{ "address: x\nsave: on",
		    "f:2:7: error: save: expected true or false (yes, no, on "
		    "and off are not read as such), found \"on\"" },
		{ "address: x\nsave: 1",
		    "f:2:7: error: save: expected true or false, found \"1\"" },
		{ "address: x\nport: ssh",
		    "f:2:7: error: port: expected a whole number, found "
		    "\"ssh\"" },
		{ "address: x\nport: 70000",
		    "f:2:7: error: port: expected a number from 1 to "
		    "65535, found \"70000\"" },
		{ "address: x\ntimer: five",
		    "f:2:8: error: timer: expected a duration such as 30s "
		    "or 5m, found \"five\"" },
		{ "address: x\ntimer: 5s",
		    "f:2:8: error: timer: expected a duration from 1m to "
		    "2h, found \"5s\"" },
		{ "address: x\nmax: many",
		    "f:2:6: error: max: expected a size such as 64k or 16M, "
		    "found \"many\"" },
		{ "address: x\nmax: 1G",
		    "f:2:6: error: max: expected a size from 1k to 1M, found "
		    "\"1G\"" },
		{ "address: x\nmode: Auto",
		    "f:2:7: error: mode: expected one of observe, manual, "
		    "auto, found \"Auto\"" },
		{ "address: x\nprompt: a(",
		    "f:2:9: error: prompt: pattern \"a(\" is wrong at "
		    "character 3: missing closing parenthesis" },
		{ "address: x\ntags: [a, [b]]",
		    "f:2:11: error: tags: expected a text or a list of "
		    "texts, found a list" },
		{ "address: x\ntags: [a, ]\ncommand: [~]",
		    "f:3:11: error: command: expected a text "
		    "or a list of texts, found nothing" },
		{ "address: x\nvars: {a: [b]}",
		    "f:2:11: error: vars: expected a text for each "
		    "name, found a list" },
		{ "address: x\nlogin: {}", "f:2:8: error: missing key \"user\"" },
		{ "address: x\nlogin: u", "f:2:8: error: login: expected a map, found \"u\"" },
		{ "address: x\nrules: {select: a}",
		    "f:2:8: error: rules: expected a list of maps, "
		    "found a map" },
		{ "address: x\nrules:\n- a",
		    "f:3:3: error: rules: expected a map, found \"a\"" },
		{ "address: x\nlogins:\n  a/b: {user: u}",
		    "f:3:3: error: name: expected a name of "
		    "letters, digits, \"_\", \"-\" and \".\" (at most 128, first a letter, "
		    "digit or "
		    "\"_\"), found \"a/b\"" },
		{ "address: x\nlogins:\n  read:\n", "f:3:8: error: missing key \"user\"" },
		{ "address: x\nport: "
	     "12345678901234567890123456789012345678901234567890123456789012",
		    "f:2:7: error: port: expected a whole number, found "
		    "\"123456789012345678901234567890123456789012345678901234567...\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out = BUF_INIT;
		struct world w;

		world_read(&w, cases[i].in);
		assert_int_equal(w.r, ERR_CONTENT);
		assert_int_equal(w.ps.n, 1);
		problem_format(&w.ps.v[0], &out);
		assert_string_equal(buf_str(&out), cases[i].out);
		buf_release(&out);
		arena_release(&w.a);
	}
}

static void
read__reports_all_problems_at_once(void **state)
{
	struct world w;

	(void)state;
	world_read(&w, "prot: 22\nrules: [{select: a, mode: x}, {mode: auto}]\n");
	assert_int_equal(w.r, ERR_CONTENT);
	assert_int_equal(w.ps.n, 4);
	assert_string_equal(w.ps.v[0].text, "missing key \"address\"");
	assert_int_equal(w.ps.v[1].pos.column, 27);
	assert_string_equal(w.ps.v[2].text, "missing key \"select\"");
	assert_string_equal(w.ps.v[3].text, "unknown key \"prot\"; did you mean \"port\"?");
	arena_release(&w.a);
}

static void
read__bounds_what_it_says_about_a_hostile_key(void **state)
{
	struct buf text = BUF_INIT;
	struct world w;

	(void)state;
	buf_adds(&text, "address: x\n? ");
	while (text.len < 100000)
		buf_adds(&text, "adress");
	buf_adds(&text, "\n: y\n");
	world_read(&w, buf_str(&text));
	assert_int_equal(w.ps.n, 1);
	assert_in_range(strlen(w.ps.v[0].text), 100, 400);
	arena_release(&w.a);
	buf_release(&text);
}

static void
pos__points_at_the_value_or_the_map(void **state)
{
	struct world w;

	(void)state;
	world_read(&w, "address: x\n");
	assert_int_equal(field_pos(w.node, "address").column, 10);
	assert_int_equal(field_pos(w.node, "port").column, 1);
	assert_int_equal(field_pos(NULL, "port").line, 0);
	arena_release(&w.a);
}

/* The schema as a tree; dots in `path` separate keys, items have a number. */
static const struct doc_node *
at(const struct doc_node *n, const char *path)
{
	struct span rest = span_str(path);

	while (rest.len > 0 && n != NULL) {
		const char *dot = memchr(rest.p, '.', rest.len);
		size_t len = dot != NULL ? (size_t)(dot - rest.p) : rest.len;
		char key[64];
		int64_t i;

		assert_in_range(len, 1, sizeof(key) - 1);
		memcpy(key, rest.p, len);
		key[len] = '\0';
		if (n->kind == DOC_LIST && text_int(key, 0, (int64_t)n->n - 1, &i))
			n = n->items[i];
		else
			n = doc_get(n, key);
		rest = span_of(rest.p + len + (dot != NULL), rest.len - len - (dot != NULL));
	}
	return n;
}

static void
schema__tells_the_table(void **state)
{
	static const struct {
		const char *path, *text;
	} cases[] = {
		{ "$schema", "https://json-schema.org/draft/2020-12/schema" },
		{ "$id", "https://example.net/sample.json" },
		{ "title", "sample" },
		{ "description", "One device." },
		{ "type", "object" },
		{ "additionalProperties", "false" },
		{ "required.0", "address" },
		{ "properties.address.type.0", "string" },
		{ "properties.address.type.1", "number" },
		{ "properties.site.pattern", "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$" },
		{ "properties.site.default", "lab" },
		{ "properties.prompt.format", "regex" },
		{ "properties.save.type", "boolean" },
		{ "properties.save.default", "true" },
		{ "properties.port.type", "integer" },
		{ "properties.port.minimum", "1" },
		{ "properties.port.maximum", "65535" },
		{ "properties.port.default", "22" },
		{ "properties.timer.description", "Rollback timer. (1m to 2h)" },
		{ "properties.timer.default", "5m" },
		{ "properties.max.maximum", "1048576" },
		{ "properties.mode.enum.2", "auto" },
		{ "properties.tags.anyOf.1.items.type.0", "string" },
		{ "properties.tags.default.1", "b" },
		{ "properties.vars.additionalProperties.type.0", "string" },
		{ "properties.vars.default.k", "v" },
		{ "properties.login.required.0", "user" },
		{ "properties.login.additionalProperties", "false" },
		{ "properties.rules.items.properties.mode.enum.0", "observe" },
		{ "properties.logins.propertyNames.pattern",
		    "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$" },
		{ "properties.logins.additionalProperties.required.0", "user" },
		{ "properties.data.description", "Anything." },
	};
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct problems ps;
	struct doc_node *schema;

	(void)state;
	problems_init(&ps, &a);
	field_schema(&table, "https://example.net/sample.json", &out);
	assert_int_equal(doc_parse_json(&schema, &a, "s", buf_span(&out), &DOC_LIMITS, &ps), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct doc_node *n = at(schema, cases[i].path);

		if (n == NULL || strcmp(n->text, cases[i].text) != 0)
			fail_msg("%s: %s", cases[i].path, n != NULL ? n->text : "(absent)");
	}
	assert_true(at(schema, "properties.port.default")->bare);
	assert_null(at(schema, "properties.login.properties.name"));
	assert_null(at(schema, "properties.data.type"));
	assert_null(at(schema, "properties.vars.required"));
	arena_release(&a);
	buf_release(&out);
}

/* What the schema says about durations and sizes is what the reader takes. */
static void
schema__patterns_agree_with_the_reader(void **state)
{
	static const struct {
		const char *text;
		bool duration, size;
	} cases[] = {
		{ "5m", true, false }, { "1h30m", true, false }, { "250ms", true, false },
		{ "0", true, true }, { "5", false, true }, { "30m1h", false, false },
		{ "1d2h3m4s5ms", true, false }, { "", false, false }, { "64k", false, true },
		{ "64K", false, true }, { "16MiB", false, true }, { "16MB", false, true },
		{ "1T", false, true }, { "1.5M", false, false }, { "-1", false, false },
		{ "5B", false, true }, { "5iB", false, false }, { "1s1s", false, false },
	};
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct problems ps;
	struct doc_node *schema;

	(void)state;
	problems_init(&ps, &a);
	field_schema(&table, "x", &out);
	assert_int_equal(doc_parse_json(&schema, &a, "s", buf_span(&out), &DOC_LIMITS, &ps), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct re *duration = NULL, *size = NULL;
		struct span text = span_str(cases[i].text);
		int64_t v;

		assert_int_equal(re_compile(&duration, at(schema, "properties.timer.pattern")->text,
		    NULL), 0);
		assert_int_equal(
		    re_compile(&size, at(schema, "properties.max.pattern")->text, NULL),
		    0);
		assert_int_equal(text.len > 0 && re_find(duration, text, NULL), cases[i].duration);
		assert_int_equal(text_duration(cases[i].text, &v), cases[i].duration);
		assert_int_equal(re_find(size, text, NULL), cases[i].size);
		assert_int_equal(text_size(cases[i].text, &v), cases[i].size);
		re_free(duration);
		re_free(size);
	}
	arena_release(&a);
	buf_release(&out);
}

static void
reference__is_a_table_a_struct(void **state)
{
	static const char wanted[] =
	    "## `sample`\n"
	    "\n"
	    "One device.\n"
	    "\n"
	    "| Key | Type | Default | Meaning |\n"
	    "|---|---|---|---|\n"
	    "| `address` | text | required | Where it is. |\n"
	    "| `site` | name | `lab` | Its place \\| rack. |\n"
	    "| `prompt` | regular expression | `^[a-z\\|]+#$` | Its prompt. |\n"
	    "| `save` | true or false | `true` | Save it. |\n"
	    "| `port` | number, 1 to 65535 | `22` | TCP port. |\n"
	    "| `timer` | duration, 1m to 2h | `5m` | Rollback timer. |\n"
	    "| `max` | size, 1k to 1M | `64k` | Most bytes. |\n"
	    "| `mode` | one of `observe`, `manual`, `auto` | `manual` | What it may do. |\n"
	    "| `tags` | text or list of texts | `[a, b]` | Words. |\n"
	    "| `command` | text or list of texts |  | A program. |\n"
	    "| `vars` | map of texts | `{k: v}` | Values. |\n"
	    "| `login` | map, see `sample.login` |  | The only login. |\n"
	    "| `rules` | list of maps, see `sample.rule` |  | In order. |\n"
	    "| `logins` | map of maps, see `sample.login` |  | By name. |\n"
	    "| `data` | anything |  | Anything. |\n"
	    "\n"
	    "## `sample.login`\n"
	    "\n"
	    "How to log in.\n"
	    "\n"
	    "| Key | Type | Default | Meaning |\n"
	    "|---|---|---|---|\n"
	    "| `name` | name | the key of the map | Its name. |\n"
	    "| `user` | text | required | User on the device. |\n"
	    "| `timeout` | duration | `10s` | How long to wait. |\n"
	    "\n"
	    "## `sample.rule`\n"
	    "\n"
	    "| Key | Type | Default | Meaning |\n"
	    "|---|---|---|---|\n"
	    "| `select` | text | required | Which devices. |\n"
	    "| `mode` | one of `observe`, `manual`, `auto` | `observe` | Their mode. |\n";
	struct buf out = BUF_INIT;

	(void)state;
	field_reference(&table, &out);
	assert_string_equal(buf_str(&out), wanted);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read__fills_every_type),
		cmocka_unit_test(read__takes_the_default_of_what_is_absent_or_null),
		cmocka_unit_test(read__keeps_the_default_of_what_is_wrong),
		cmocka_unit_test(read__says_what_was_found_and_expected),
		cmocka_unit_test(read__reports_all_problems_at_once),
		cmocka_unit_test(read__bounds_what_it_says_about_a_hostile_key),
		cmocka_unit_test(pos__points_at_the_value_or_the_map),
		cmocka_unit_test(schema__tells_the_table),
		cmocka_unit_test(schema__patterns_agree_with_the_reader),
		cmocka_unit_test(reference__is_a_table_a_struct),
	};

	return cmocka_run_group_tests_name("base_field", tests, NULL, NULL);
}
