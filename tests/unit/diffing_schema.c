/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/diff.schema.json describes the JSON of differences: what the product
 * prints fits, all that the schema names is printed by some case, and what is
 * wrong does not fit. The validator knows the keywords that the schema uses; an
 * unknown one fails.
 */
#include "tests/unit/diffing_case.h"

#include "base/doc.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct arena arena;
static const struct doc_node *schema;

static struct doc_node *
parse(const char *file, struct span text)
{
	struct doc_node *node;
	struct problems ps;

	problems_init(&ps, &arena);
	if (doc_parse_json(&node, &arena, file, text, &DOC_LIMITS, &ps) != 0)
		fail_msg("%s:%d: %s", file, ps.v[0].pos.line, ps.v[0].text);
	return node;
}

static int
set_up(void **state)
{
	struct err err = ERR_INIT;
	char *text;
	size_t len;

	(void)state;
	if (file_read("docs/diff.schema.json", 1 << 20, &text, &len, &err) < 0)
		fail_msg("%s", err.text);
	schema = parse("docs/diff.schema.json", span_of(text, len));
	free(text);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/*
 * The validator. It says where and why a value does not fit, or NULL, and
 * marks the schemas of properties that it met, in `met`.
 */
#define MET_MAX 64
static const struct doc_node *met[MET_MAX];
static size_t n_met;

static void
meet(const struct doc_node *s)
{
	for (size_t i = 0; i < n_met; i++)
		if (met[i] == s)
			return;
	assert_true(n_met < MET_MAX);
	met[n_met++] = s;
}

static bool
is_integer(const struct doc_node *v)
{
	const char *p = v->text;

	if (v->kind != DOC_SCALAR || !v->bare)
		return false;
	p += *p == '-';
	return *p != '\0' && strspn(p, "0123456789") == strlen(p);
}

static long
number(const struct doc_node *v)
{
	return strtol(v->text, NULL, 10);
}

static bool
is_string(const struct doc_node *v)
{
	return v->kind == DOC_SCALAR && !v->bare && !v->null;
}

static bool
has_type(const struct doc_node *v, const char *type)
{
	if (strcmp(type, "object") == 0)
		return v->kind == DOC_MAP;
	if (strcmp(type, "array") == 0)
		return v->kind == DOC_LIST;
	if (strcmp(type, "string") == 0)
		return is_string(v);
	if (strcmp(type, "integer") == 0)
		return is_integer(v);
	if (strcmp(type, "boolean") == 0)
		return v->kind == DOC_SCALAR && v->bare &&
		    (strcmp(v->text, "true") == 0 || strcmp(v->text, "false") == 0);
	fail_msg("unknown type %s", type);
	return false;
}

static bool
is_one_of(const struct doc_node *v, const struct doc_node *words)
{
	bool found = false;

	for (size_t i = 0; i < words->n; i++)
		found |= strcmp(v->text, words->items[i]->text) == 0;
	return found;
}

static const char *misfit(const struct doc_node *s, const struct doc_node *v, const char *at);

static const char *
misfit_items(const struct doc_node *s, const struct doc_node *v, const char *at)
{
	const char *why = NULL;

	for (size_t i = 0; i < v->n && why == NULL; i++)
		why = misfit(s, v->items[i], arena_printf(&arena, "%s[%zu]", at, i));
	return why;
}

static const char *
misfit_properties(const struct doc_node *s, const struct doc_node *v, const char *at)
{
	const struct doc_node *properties = doc_get(s, "properties");
	const char *why = NULL;

	for (size_t i = 0; i < v->n && why == NULL; i++) {
		const char *key = v->pairs[i].key;
		const char *below = arena_printf(&arena, "%s.%s", at, key);
		const struct doc_node *one = doc_get(properties, key);

		if (one == NULL && doc_get(s, "additionalProperties") != NULL)
			return arena_printf(&arena, "%s: unknown", below);
		if (one == NULL)
			continue;
		meet(one);
		why = misfit(one, v->pairs[i].value, below);
	}
	return why;
}

static const char *
misfit_keyword(const struct doc_node *s, const struct doc_pair *k, const struct doc_node *v,
    const char *at)
{
	const char *key = k->key;

	if (strcmp(key, "$schema") == 0 || strcmp(key, "title") == 0 ||
	    strcmp(key, "description") == 0)
		return NULL;
	if (strcmp(key, "type") == 0)
		return has_type(v, k->value->text) ? NULL :
		    arena_printf(&arena, "%s: no %s", at, k->value->text);
	if (strcmp(key, "enum") == 0)
		return is_string(v) && is_one_of(v, k->value) ? NULL :
		    arena_printf(&arena, "%s: none of the words", at);
	if (strcmp(key, "minimum") == 0)
		return !is_integer(v) || number(v) >= number(k->value) ? NULL :
		    arena_printf(&arena, "%s: below %s", at, k->value->text);
	if (strcmp(key, "items") == 0)
		return v->kind == DOC_LIST ? misfit_items(k->value, v, at) : NULL;
	if (strcmp(key, "properties") == 0)
		return v->kind == DOC_MAP ? misfit_properties(s, v, at) : NULL;
	if (strcmp(key, "required") == 0) {
		for (size_t i = 0; v->kind == DOC_MAP && i < k->value->n; i++)
			if (doc_get(v, k->value->items[i]->text) == NULL)
				return arena_printf(&arena, "%s: no %s", at,
				    k->value->items[i]->text);
		return NULL;
	}
	if (strcmp(key, "additionalProperties") == 0) {
		assert_string_equal(k->value->text, "false");
		assert_non_null(doc_get(s, "properties"));
		return NULL;
	}
	fail_msg("the schema has a keyword that is not known here: %s", key);
	return NULL;
}

static const char *
misfit(const struct doc_node *s, const struct doc_node *v, const char *at)
{
	const char *why = NULL;

	for (size_t i = 0; i < s->n && why == NULL; i++)
		why = misfit_keyword(s, &s->pairs[i], v, at);
	return why;
}

/*
 * What is printed.
 */
static const struct dialect_text LINES = {
	.syntax = SYNTAX_INDENT,
	.comments = { "!" },
	.separators = { { .name = "bang", .line = "^!" } },
	.ordered = { { .name = "acl", .line = "^access-list " } },
	.sequences = { { .name = "list", .line = "^prefix-list \\S+(?= )" } },
	.ranges = { { .name = "vlans", .line = "^vlans (?<list>[\\d,-]+)$" } },
	.identities = { { .name = "mtu", .line = "^mtu (?<value>\\d+)$" } },
	.blocks = { { .name = "banner", .line = "^banner$", .other = "^EOF$" } },
	.volatiles = { { .name = "clock", .line = "^clock (?<value>\\d+)$" } },
	.owned = { { .name = "licence", .line = "^licence " } },
	.secrets = { { .name = "user", .line = "^user \\S+ (?<secret>\\S+)" } },
};
static const struct dialect_text PATHS = {
	.syntax = SYNTAX_BRACE, .paths = true,
	.comments = { "#" },
	.separators = { { .name = "comment", .line = "^#" } },
	.forms = { { SYNTAX_SET, "^set " } },
	.verbs = { { "set ", VERB_ADDS, NULL }, { "deactivate ", VERB_MARKS, "inactive:" } },
	.ordered = { { .name = "terms", .line = " term$" } },
	.identities = { { .name = "mtu", .line = "^port \\S+ mtu (?<value>\\d+)$" } },
	.owned = { { .name = "licence", .line = "^licence$" } },
};
static const struct dialect_text MENUS = {
	.syntax = SYNTAX_SECTION,
	.verbs = { { "add", VERB_ADDS, NULL }, { "set", VERB_ADDS, NULL } },
	.ordered = { { .name = "filter", .line = "^/filter$" } },
	.identities = { { .name = "setting", .line = "^set (?<value>.*)$" } },
};
/* What differs as `except` and `only` say. */
static const struct dialect_text SCOPE = {
	.syntax = SYNTAX_INDENT,
	.only = { { .name = "only", .line = "^port " } },
	.except = { { .name = "except", .line = "^mtu " } },
};

struct json_case {
	const char *name;
	const struct dialect_text *dialect;
	const char *applied, *from, *to;	/* to NULL: a very long text */
	bool sent;
	struct rewrite learned;
};
#define TWO(text, d, a, b) .name = text, .dialect = d, .from = a, .to = b
#define THREE(text, was, intended, running) \
	.name = text, .dialect = &LINES, .applied = was, .from = running, .to = intended

static const struct json_case cases[] = {
	{ TWO("nothing", &LINES, "a\n", "a\n") },
	{ TWO("lines that come, go, change and move", &LINES,
	    "a\nport 1\n mtu 1500\n b\naccess-list A\n x\n y\nprefix-list P x\nprefix-list P y\n",
	    "c\nport 1\n mtu 9000\n d\naccess-list A\n y\n x\nprefix-list P y\nprefix-list P x\n") },
	{ TWO("numbers, blocks and secrets", &LINES,
	    "vlans 1-3\nvlans 5\nbanner\nx\nEOF\nuser a first\n",
	    "vlans 1-4\nbanner\ny\n\tz\x01\xff\nEOF\nuser a second\n") },
	{ TWO("ignored lines and values, also inside what goes", &LINES,
	    "clock 1\nlicence A\nport 1\n licence B\n b\n", "clock 2\nlicence C\n") },
	{ TWO("what is outside of the scope", &SCOPE, "a\nport 1\n mtu 1\n x\n",
	    "b\nport 1\n mtu 2\n y\n") },
	{ TWO("paths in braces", &PATHS,
	    "port 1 { mtu 1500; x; }\nfilter F { term a { x; } term b { y; } }\nlicence A;\n",
	    "port 1 { mtu 9000; inactive: y; }\nfilter F { term b { y; } term a { x; } }\n") },
	{ TWO("paths in set lines", &PATHS, "set port 1 mtu 1500\nset port 1 vlan [ 1 2 ]\n",
	    "set port 1 mtu 9000\nset port 1 vlan 2\ndeactivate port 1\nset licence A\n") },
	{ TWO("paths in both forms", &PATHS, "port 1 { mtu 1500; }\n",
	    "set port 1 x\nset port 2 x\n") },
	{ TWO("menus", &MENUS, "/filter\nadd a=1\nadd a=2\n/x\nset n=1\n",
	    "/filter\nadd a=2\nadd a=1\nadd a=3\n/x set n=2\n") },
	{ TWO("a long line and a long parent", &LINES, "", NULL) },
	{ THREE("three: Git's, the device's, both", "port 1\n mtu 1500\n a\n b\nc\n",
	    "port 1\n mtu 9100\n a\nd\n", "port 1\n mtu 9000\n b\nc\n") },
	{ THREE("three: the same", "b\n", "a\nclock 2\n", "a\nclock 1\n") },
	{ THREE("three: sent and read back", "port 1\n mtu 1500\nport 2\n mtu 1500\n",
	    "port 1\n mtu 9000\nport 2\n mtu 9000\n",
	    "port 1\n mtu 1400\n x\nport 2\n mtu 1500\n y\n"), .sent = true },
	{ THREE("three: a rewrite that is known", "", "speed 100g\n", "speed forced 100g\n"),
	    .learned = { "", "speed 100g", "speed forced 100g" } },
};

/* One that is longer than what the JSON form has room for. */
static struct span
long_text(void)
{
	struct buf text = BUF_INIT;
	struct span s;

	for (int i = 0; i < 300; i++)
		buf_addc(&text, 'p');
	buf_adds(&text, "\n ");
	for (int i = 0; i < 70000; i++)
		buf_addc(&text, 'x');
	s = span_of(arena_strndup(&arena, text.data, text.len), text.len);
	buf_release(&text);
	return s;
}

static struct doc_node *
printed(const struct json_case *c)
{
	struct test_dialect *t = test_dialect(c->dialect);
	struct span to = c->to != NULL ? span_str(c->to) : long_text();
	struct buf out = BUF_INIT;
	struct doc_node *node;
	struct diff *d;
	struct jw w;

	if (c->applied == NULL)
		d = diff_make(&arena, &t->d, span_str(c->from), to);
	else
		d = diff3_make(&arena, &t->d, &(struct diff3){ .applied = span_str(c->applied),
		    .intended = to, .running = span_str(c->from), .sent = c->sent,
		    .learned = &c->learned, .n_learned = c->learned.sent != NULL });
	jw_init(&w, &out, false);
	diff_json(d, &TEST_KEY, &w, NULL);
	node = parse(c->name, buf_span(&out));
	buf_release(&out);
	test_dialect_free(t);
	return node;
}

static void
what_is_printed_fits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *why = misfit(schema, printed(&cases[i]), "$");

		if (why != NULL)
			fail_msg("%s: %s", cases[i].name, why);
	}
}

/* Each property is described, and was in something that was printed. */
static void
check_met(const struct doc_node *s, const char *at)
{
	const struct doc_node *properties = doc_get(s, "properties"), *items = doc_get(s, "items");
	bool found = false;

	for (size_t i = 0; properties != NULL && i < properties->n; i++) {
		const struct doc_node *one = properties->pairs[i].value;

		found = false;
		for (size_t k = 0; k < n_met; k++)
			found |= met[k] == one;
		if (!found || doc_text(one, "description") == NULL)
			fail_msg("%s.%s is %s", at, properties->pairs[i].key,
			    found ? "not described" : "in no case");
		check_met(one, arena_printf(&arena, "%s.%s", at, properties->pairs[i].key));
	}
	if (items != NULL)
		check_met(items, arena_printf(&arena, "%s[]", at));
}

static void
what_the_schema_names_is_printed(void **state)
{
	(void)state;
	n_met = 0;
	for (size_t i = 0; i < COUNT(cases); i++)
		misfit(schema, printed(&cases[i]), "$");
	check_met(schema, "$");
}

/* Whether any change of any case has this word under this key. */
static bool
is_printed(const char *key, const char *word)
{
	bool found = false;

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct doc_node *changes = doc_get(printed(&cases[i]), "changes");

		for (size_t k = 0; k < changes->n; k++) {
			const char *text = doc_text(changes->items[k], key);

			found |= text != NULL && strcmp(text, word) == 0;
		}
	}
	return found;
}

static void
all_words_are_printed(void **state)
{
	static const char *const keys[] = { "kind", "origin", "side" };
	const struct doc_node *change = doc_get(doc_get(doc_get(schema, "properties"),
	    "changes"), "items");

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		const struct doc_node *words = doc_get(doc_get(doc_get(change, "properties"),
		    keys[i]), "enum");

		for (size_t k = 0; k < words->n; k++)
			if (!is_printed(keys[i], words->items[k]->text))
				fail_msg("%s: no case has \"%s\"", keys[i],
				    words->items[k]->text);
	}
}

#define FINE "\"added\":0,\"removed\":0,\"changed\":0,\"moved\":0,\"ignored\":0,"
#define LIST(change) "{" FINE "\"changes\":[" change "],\"truncated\":false}"
#define NUMBERED(n) "{\"added\":" n ",\"removed\":0,\"changed\":0,\"moved\":0,\"ignored\":0," \
    "\"changes\":[],\"truncated\":false}"
static const struct {
	const char *json, *why;
} wrong[] = {
	{ "[]", "$: no object" },
	{ "{}", "$: no added" },
	{ NUMBERED("-1"), "$.added: below 0" },
	{ NUMBERED("1.5"), "$.added: no integer" },
	{ NUMBERED("\"1\""), "$.added: no integer" },
	{ "{" FINE "\"changes\":[]}", "$: no truncated" },
	{ "{" FINE "\"changes\":{},\"truncated\":false}", "$.changes: no array" },
	{ "{" FINE "\"changes\":[],\"truncated\":\"false\"}", "$.truncated: no boolean" },
	{ "{" FINE "\"changes\":[],\"truncated\":false,\"more\":1}", "$.more: unknown" },
	{ "{" FINE "\"origins\":{\"pending\":1},\"changes\":[],\"truncated\":false}",
	    "$.origins: no drift" },
	{ LIST("\"x\""), "$.changes[0]: no object" },
	{ LIST("{\"kind\":\"added\",\"path\":[],\"text\":\"x\"}"), "$.changes[0]: no line" },
	{ LIST("{\"kind\":\"gone\",\"path\":[],\"text\":\"x\",\"line\":1}"),
	    "$.changes[0].kind: none of the words" },
	{ LIST("{\"kind\":\"added\",\"path\":[1],\"text\":\"x\",\"line\":1}"),
	    "$.changes[0].path[0]: no string" },
	{ LIST("{\"kind\":\"added\",\"path\":[],\"text\":null,\"line\":1}"),
	    "$.changes[0].text: no string" },
	{ LIST("{\"kind\":\"added\",\"path\":[],\"text\":\"x\",\"line\":0}"),
	    "$.changes[0].line: below 1" },
	{ LIST("{\"kind\":\"added\",\"path\":[],\"text\":\"x\",\"line\":1,\"why\":\"y\"}"),
	    "$.changes[0].why: unknown" },
	{ LIST("{\"kind\":\"added\",\"path\":[],\"text\":\"x\",\"line\":1,\"origin\":\"me\"}"),
	    "$.changes[0].origin: none of the words" },
};

static void
what_is_wrong_does_not_fit(void **state)
{
	(void)state;
	assert_null(misfit(schema, parse("a right one", span_str(LIST(
	    "{\"kind\":\"added\",\"path\":[\"p\"],\"text\":\"x\",\"line\":1}"))), "$"));
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const char *why = misfit(schema, parse("a wrong one", span_str(wrong[i].json)), "$");

		if (why == NULL)
			fail_msg("%s fits", wrong[i].json);
		assert_string_equal(why, wrong[i].why);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_fits),
		cmocka_unit_test(what_the_schema_names_is_printed),
		cmocka_unit_test(all_words_are_printed),
		cmocka_unit_test(what_is_wrong_does_not_fit),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
