/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents: what goes in, and the tree or the problem that comes out. A tree
 * is written as {key:value} and [item]; a quoted text as "text", a null as ~,
 * a JSON number or boolean as =text, any other text as it is.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/doc.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* libyaml's parser, counted: its work grows with the events asked for. */
static int events;
int yaml_parser_parse(void *parser, void *event);

int
yaml_parser_parse(void *parser, void *event)
{
	int (*real)(void *, void *);

	*(void **)&real = dlsym(RTLD_NEXT, "yaml_parser_parse");
	events++;
	return real(parser, event);
}

static void
add_tree(struct buf *out, const struct doc_node *n)
{
	if (n->kind == DOC_SCALAR) {
		const char *mark = n->quoted ? "\"" : n->bare ? "=" : "";

		buf_addf(out, "%s%s%s", n->null ? "~" : mark, n->null ? "" : n->text,
		    n->quoted ? "\"" : "");
		return;
	}
	buf_addc(out, n->kind == DOC_LIST ? '[' : '{');
	for (size_t i = 0; i < n->n; i++) {
		if (i > 0)
			buf_addc(out, ' ');
		if (n->kind == DOC_MAP)
			buf_addf(out, "%s:", n->pairs[i].key);
		add_tree(out, n->kind == DOC_MAP ? n->pairs[i].value : n->items[i]);
	}
	buf_addc(out, n->kind == DOC_LIST ? ']' : '}');
}

typedef int parse_fn(struct doc_node **, struct arena *, const char *, struct span,
    const struct doc_limits *, struct problems *);

/* The tree, or all problems joined by '\n'. Heap. */
static char *
outcome(parse_fn *parse, struct span text, const struct doc_limits *limits)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct doc_node *node = NULL;
	struct problems ps;
	int r;

	problems_init(&ps, &a);
	r = parse(&node, &a, "f", text, limits, &ps);
	assert_int_equal(r, ps.errors > 0 ? ERR_CONTENT : 0);
	assert_true((r == 0) == (node != NULL));
	if (r == 0)
		add_tree(&out, node);
	for (size_t i = 0; i < ps.n; i++) {
		if (i > 0)
			buf_addc(&out, '\n');
		problem_format(&ps.v[i], &out);
	}
	arena_release(&a);
	return buf_detach(&out);
}

struct row {
	const char *in, *out;
};

static void
check_rows(parse_fn *parse, const struct row *rows, size_t n, const struct doc_limits *limits)
{
	for (size_t i = 0; i < n; i++) {
		char *got = outcome(parse, span_str(rows[i].in), limits);

		if (strcmp(got, rows[i].out) != 0)
			fail_msg("\n%s\ngives  %s\nwanted %s", rows[i].in != NULL ? rows[i].in : "",
			    got, rows[i].out);
		free(got);
	}
}

static void
yaml__becomes_a_tree_of_texts(void **state)
{
	static const struct row rows[] = {
		{ NULL, "{}" },
		{ "", "{}" },
		{ "# only a comment\n", "{}" },
		{ "---\n...\n", "{}" },
		{ "a: 1\n", "{a:1}" },
		{ "a: no\nb: 0o17\nc: 1e3\nd: 1.10\ne: 12:30\n",
		    "{a:no b:0o17 c:1e3 d:1.10 e:12:30}" },
		{ "a:\nb: ~\nc: null\nd: Null\ne: NULL\nf: nil\n", "{a:~ b:~ c:~ d:~ e:~ f:nil}" },
		{ "a: ''\nb: \"~\"\nc: 'null'\n", "{a:\"\" b:\"~\" c:\"null\"}" },
		{ "- a\n- [b, {c: d}]\n-\n", "[a [b {c:d}] ~]" },
		{ "[]", "[]" },
		{ "{}", "{}" },
		{ "text", "text" },
		{ "a: |\n  x\n  y\nb: >\n  x\n  y\n", "{a:\"x\ny\n\" b:\"x y\n\"}" },
		{ "a: \"\\x1b\\u00e9\"\n", "{a:\"\x1b\xc3\xa9\"}" },
		{ "\"\": x\n", "{:x}" },
		{ "\"<<\": x\n", "{<<:x}" },
		{ "? a\n? b\n", "{a:~ b:~}" },
		{ "%YAML 1.2\n---\na: b\n", "{a:b}" },
		{ "\xef\xbb\xbf" "a: b\n", "{a:b}" },
		{ "a: x\r\nb: |\r\n  y\r\n  z\r\n", "{a:x b:\"y\nz\n\"}" },
		{ "a:\tb\n", "{a:b}" },
		{ "\xc3\xa9: \xf0\x9f\x99\x82\n", "{\xc3\xa9:\xf0\x9f\x99\x82}" },
	};

	(void)state;
	check_rows(doc_parse_yaml, rows, COUNT(rows), &DOC_LIMITS);
}

static void
yaml__says_what_is_wrong_and_where(void **state)
{
	static const struct row rows[] = {
		{ "a: b: c",
		    "f:1:5: error: a \":\" is not expected here: quote the text, or check "
		    "the indentation" },
		{ "\xc3\xa9: \xc3\xa9: x",
		    "f:1:5: error: a \":\" is not expected here: quote the "
		    "text, or check the indentation" },
		{ "a:\n\tb: c", "f:2:1: error: a tab cannot indent YAML: use spaces" },
		{ "a:\r\n\tb: c", "f:2:1: error: a tab cannot indent YAML: use spaces" },
		{ "a:\n  - x\n y: z",
		    "f:3:2: error: expected a key here: check quotes, or the "
		    "indentation against line 1" },
		{ "- a\nb: c",
		    "f:2:1: error: expected \"- \" here: check the indentation against "
		    "the list at line 1" },
		{ "a: - b",
		    "f:1:4: error: a \"- \" item is not expected here: check the "
		    "indentation" },
		{ "k: v\nother line\nx: y",
		    "f:2:1: error: expected \":\" after this key, or the "
		    "text before it goes on at a wrong indentation" },
		{ "\na: [1,\n2\nb: 3\n",
		    "f:4:2: error: expected \",\" or \"]\": the list begun at "
		    "line 2 is still open" },
		{ "a: {x: 1\nb: 3\n",
		    "f:2:2: error: expected \",\" or \"}\": the map begun at line "
		    "1 is still open" },
		{ "[,]", "f:1:2: error: expected a value here" },
		{ "a: \"b\n\n", "f:1:4: error: the quote opened here is never closed" },
		{ "a: 'b\n---\nc'",
		    "f:2:1: error: the quote opened at line 1 is still open here" },
		{ "a: @b", "f:1:4: error: a text cannot begin with \"@\": quote it" },
		{ "a: \xc3\xa9\nb: `c`",
		    "f:2:4: error: a text cannot begin with \"`\": quote it" },
		{ "a: \"\\q\"",
		    "f:1:5: error: unknown escape in double quotes: write \\\\ for a "
		    "backslash, or use single quotes" },
		{ "a: *",
		    "f:1:4: error: a name of letters, digits, - and _ must follow & or *: "
		    "quote a text that begins so" },
		{ "a: *.cfg",
		    "f:1:4: error: a name of letters, digits, - and _ must follow & or *: "
		    "quote a text that begins so" },
		{ "a: |x\n  b", "f:1:5: error: only a comment may follow | or > on its line" },
		{ "  a: 1\n b: 2",
		    "f:2:2: error: the document ended before this: check quotes and "
		    "indentation" },
		{ "%YAML 2.0\n---\na", "f:1:1: error: %YAML 1.1 and 1.2 are read, no other" },
		{ ": x",
		    "f:1:1: error: expected a key here: check quotes, or the indentation "
		    "against line 1" },
		{ "{: x}", "f:1:2: error: expected a value here" },
		{ "?\n: x", "f:1:2: error: expected a key before the \":\"" },
		{ "[a]: b", "f:1:1: error: expected a text as the key, found a list" },
		{ "? {a: b}\n: c", "f:1:3: error: expected a text as the key, found a map" },
		{ "- a\n---\n- b",
		    "f:2:1: error: a second document begins here: one file holds one "
		    "document" },
		{ "a: \"\\0\"",
		    "f:1:4: error: a NUL character (\\0) is not allowed in a text" },
	};

	(void)state;
	check_rows(doc_parse_yaml, rows, COUNT(rows), &DOC_LIMITS);
}

static void
yaml__refuses_what_means_something_else_elsewhere(void **state)
{
	static const struct row rows[] = {
		{ "a: 1\nb: 2\n\"a\": 3\n",
		    "f:3:1: error: duplicate key \"a\", first at line 1" },
		{ "x:\n  a: {b: 1, b: 2}\n",
		    "f:2:13: error: duplicate key \"b\", first at line 2" },
		{ "a: !t b\n",
		    "f:1:4: error: tags (\"!name\") are not supported: quote a text that "
		    "begins with !" },
		{ "!!map\na: b\n",
		    "f:1:1: error: tags (\"!name\") are not supported: quote a text "
		    "that begins with !" },
		{ "a: ! b\n",
		    "f:1:4: error: tags (\"!name\") are not supported: quote a text that "
		    "begins with !" },
		{ "a: !h!t b\n",
		    "f:1:4: error: tags (\"!name\") are not supported: quote a text "
		    "that begins with !" },
		{ "%TAG ! x\n---\na\n",
		    "f:1:1: error: tags are not supported: remove the %TAG "
		    "line" },
		{ "a: &x b\n",
		    "f:1:4: error: anchors (\"&x\") are not allowed in this file: quote "
		    "a text that begins with &" },
		{ "a: *x\n",
		    "f:1:4: error: aliases (\"*x\") are not allowed in this file: quote a "
		    "text that begins with *" },
		{ "<<: {a: b}\n",
		    "f:1:1: error: merge keys (\"<<\") are not supported: write the "
		    "keys out" },
		{ "a: !t b\na: *c\n",
		    "f:1:4: error: tags (\"!name\") are not supported: quote a "
		    "text that begins with !\n"
		    "f:2:1: error: duplicate key \"a\", first at line 1\n"
		    "f:2:4: error: aliases (\"*c\") are not allowed in this file: quote a "
		    "text that "
		    "begins with *" },
	};

	(void)state;
	check_rows(doc_parse_yaml, rows, COUNT(rows), &DOC_LIMITS);
}

static void
yaml__expands_aliases_where_they_are_allowed(void **state)
{
	static const struct row rows[] = {
		{ "a: &x [1, 2]\nb: *x\nc: *x\n", "{a:[1 2] b:[1 2] c:[1 2]}" },
		{ "a: &x 1\nb: &x 2\nc: *x\n", "{a:1 b:2 c:2}" },
		{ "a: &x {k: &y v}\nb: *y\n", "{a:{k:v} b:v}" },
		{ "a: &x [&x 1, *x]\nb: *x\n", "{a:[1 1] b:1}" },
		{ "a: &x [*x]\n", "f:1:8: error: alias \"*x\" is inside what it stands for" },
		{ "&x a: [*x]\n", "f:1:1: error: an anchor (\"&\") cannot stand on a key\n"
		    "f:1:8: error: no anchor \"&x\" before this alias" },
		{ "&x\na: {b: [*x]}\n", "f:2:9: error: alias \"*x\" is inside what it stands for" },
		{ "a: *x\nb: *y\n", "f:1:4: error: no anchor \"&x\" before this alias\n"
		    "f:2:4: error: no anchor \"&y\" before this alias" },
		{ "a: &x b\n*x : c\n", "f:2:1: error: expected a text as the key, found an alias" },
		{ "a: &x {b: c}\nd: {<<: *x}\n", "f:2:5: error: merge keys (\"<<\") are not "
		    "supported: write the keys out" },
	};

	(void)state;
	check_rows(doc_parse_yaml, rows, COUNT(rows), &DOC_LIMITS_INVENTORY);
}

static void
yaml__finds_bytes_that_are_no_text(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		const char *out;
	} rows[] = {
		{ "a: \0b", 5, "f:1:4: error: a NUL byte: this is not a text file" },
		{ "a\n\xff\xfe", 4,
		    "f:2:1: error: the byte 0xff here is not UTF-8: save the file "
		    "as UTF-8" },
		{ "a: \xc3", 4,
		    "f:1:4: error: the byte 0xc3 here is not UTF-8: save the file as "
		    "UTF-8" },
		{ "a: \xc0\x80", 5,
		    "f:1:4: error: the byte 0xc0 here is not UTF-8: save the file "
		    "as UTF-8" },
		{ "a: \xed\xa0\x80", 6,
		    "f:1:4: error: the byte 0xed here is not UTF-8: save the "
		    "file as UTF-8" },
		{ "\xff\xfe"
	     "a\0",
		    4,
		    "f:1:1: error: the byte 0xff here is not UTF-8: save the "
		    "file as UTF-8" },
		{ "\xc3\xa9\xc3\xa9: \x1b[2J", 10,
		    "f:1:5: error: the invisible character \\x1b is "
		    "not allowed: remove it, or write it as an escape in double quotes" },
		{ "a: \x7f", 4,
		    "f:1:4: error: the invisible character \\x7f is not allowed: remove "
		    "it, or write it as an escape in double quotes" },
		{ "a: \xc2\x9b", 5,
		    "f:1:4: error: the invisible character \\u{009b} is not "
		    "allowed: remove it, or write it as an escape in double quotes" },
		{ "a: \xe2\x80\xa8"
	     "b: c",
		    10,
		    "f:1:4: error: the invisible character \\u{2028} is "
		    "not allowed: remove it, or write it as an escape in double quotes" },
		{ "a: \xef\xbb\xbf", 6,
		    "f:1:4: error: the invisible character \\u{feff} is not "
		    "allowed: remove it, or write it as an escape in double quotes" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *got = outcome(doc_parse_yaml, span_of(rows[i].in, rows[i].len), &DOC_LIMITS);

		assert_string_equal(got, rows[i].out);
		free(got);
	}
}

static void
add_times(struct buf *out, const char *s, size_t n)
{
	while (n-- > 0)
		buf_adds(out, s);
}

/* n times `head`, then n times `tail`. */
static char *
outcome_of(parse_fn *parse, const char *head, const char *tail, size_t n,
    const struct doc_limits *limits)
{
	struct buf text = BUF_INIT;
	char *got;

	add_times(&text, head, n);
	add_times(&text, tail, n);
	got = outcome(parse, buf_span(&text), limits);
	buf_release(&text);
	return got;
}

/* A deep flow costs libyaml time in the square of its depth, so what counts
 * is how much of it is asked for. */
static void
yaml__stops_at_the_depth_limit_at_once(void **state)
{
	static const struct {
		const char *open, *at;
	} rows[] = {
		{ "[", "f:1:65: " }, { "- ", "f:1:129: " }, { "[\n", "f:65:1: " },
		{ "{a: ", "f:1:257: " }, { "[{a: ", "f:1:161: " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *got;

		events = 0;
		got = outcome_of(doc_parse_yaml, rows[i].open, "", 200000 / strlen(rows[i].open),
		    &DOC_LIMITS);
		if (strncmp(got, rows[i].at, strlen(rows[i].at)) != 0 ||
		    strstr(got, "lists and maps nest deeper than 64 levels") == NULL)
			fail_msg("%s: %.80s", rows[i].open, got);
		assert_in_range(events, 66, 200);
		free(got);
	}
}

static void
depth__is_exactly_what_the_limit_says(void **state)
{
	static parse_fn *const parsers[] = { doc_parse_yaml, doc_parse_json };

	(void)state;
	for (size_t i = 0; i < COUNT(parsers); i++) {
		char *fits = outcome_of(parsers[i], "[", "]", 64, &DOC_LIMITS);
		char *deep = outcome_of(parsers[i], "[", "]", 65, &DOC_LIMITS);

		assert_int_equal(strlen(fits), 128);
		assert_int_equal(strncmp(deep, "f:1:65: error: ", 15), 0);
		free(fits);
		free(deep);
	}
}

static void
yaml__counts_the_depth_of_what_an_alias_stands_for(void **state)
{
	struct doc_limits limits = DOC_LIMITS_INVENTORY;
	static const struct row rows[] = {
		{ "a: &x [[1]]\nb: [*x]\n", "{a:[[1]] b:[[[1]]]}" },
		{ "a: &x [[1]]\nb: [[*x]]\n", "f:2:6: error: lists and maps nest deeper than 4 "
		    "levels" },
		{ "a: &x [[1]]\nb: &y [*x]\nc: *y\nd: [*y]\n", "f:4:5: error: lists and maps nest "
		    "deeper than 4 levels" },
	};

	(void)state;
	limits.max_depth = 4;
	check_rows(doc_parse_yaml, rows, COUNT(rows), &limits);
}

static void
yaml__does_not_let_aliases_explode(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf text = BUF_INIT;
	struct problems ps;
	struct doc_node *node;

	(void)state;
	problems_init(&ps, &a);
	buf_adds(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 9; i++) {
		buf_addf(&text, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			buf_addf(&text, "%s*a%d", j > 0 ? "," : "", i - 1);
		buf_adds(&text, "]\n");
	}
	assert_int_equal(doc_parse_yaml(&node, &a, "f", buf_span(&text), &DOC_LIMITS_INVENTORY,
	    &ps), ERR_CONTENT);
	assert_string_equal(ps.v[0].text, "more than 2000000 keys and values: split the file");
	assert_int_equal(ps.v[0].pos.line, 7);
	/* Shared, not copied: refusing it cost next to nothing. */
	assert_in_range(a.total, 1, 100000);
	arena_release(&a);
	buf_release(&text);
}

static void
limits__are_exact(void **state)
{
	struct doc_limits limits = { 30, 7, 64, true };
	static const struct row yaml[] = {
		{ "{a: b, c: d, e: f}", "{a:b c:d e:f}" },
		{ "{a: b, c: d, e: [f]}",
		    "f:1:18: error: more than 7 keys and values: split the file" },
		{ "[&x [1], *x]", "[[1] [1]]" },
		{ "[&x [1], *x, *x, *x]",
		    "f:1:18: error: more than 7 keys and values: split the file" },
		{ "[&x 123456789012345, *x]", "[123456789012345 123456789012345]" },
		{ "[&x 1234567890123456, *x]",
		    "f:1:23: error: aliases stand for more than 30 bytes "
		    "of text: write less, or split the file" },
		{ "[&x [a, 12345678901234],*x]", "[[a 12345678901234] [a 12345678901234]]" },
		{ "[&x [a, 123456789012345],*x]",
		    "f:1:26: error: aliases stand for more than 30 "
		    "bytes of text: write less, or split the file" },
		{ "a: b                          ", "{a:b}" },
		{ "a: b                           ",
		    "f: error: the file has 31 bytes, at most 30 "
		    "are read" },
	};
	static const struct row json[] = {
		{ "{\"a\": 1, \"c\": [3,4]}", "{a:=1 c:[=3 =4]}" },
		{ "{\"a\": 1, \"c\": [2,3,4]}",
		    "f:1:20: error: more than 7 keys and values: split the "
		    "file" },
		{ "[                            ]", "[]" },
		{ "[                             ]",
		    "f: error: the file has 31 bytes, at most 30 "
		    "are read" },
	};

	(void)state;
	check_rows(doc_parse_yaml, yaml, COUNT(yaml), &limits);
	check_rows(doc_parse_json, json, COUNT(json), &limits);
}

static void
limits__of_the_house_hold(void **state)
{
	struct buf text = BUF_INIT;
	char *got;

	(void)state;
	got = outcome_of(doc_parse_yaml, "- a\n", "", 99999, &DOC_LIMITS);
	assert_int_equal(got[0], '[');
	free(got);
	got = outcome_of(doc_parse_yaml, "- a\n", "", 100000, &DOC_LIMITS);
	assert_string_equal(got, "f:100000:3: error: more than 100000 keys and values: split the "
	    "file");
	free(got);
	add_times(&text, "#", (1 << 20) - 1);
	buf_addc(&text, '\n');
	got = outcome(doc_parse_yaml, buf_span(&text), &DOC_LIMITS);
	assert_string_equal(got, "{}");
	free(got);
	buf_addc(&text, '\n');
	got = outcome(doc_parse_yaml, buf_span(&text), &DOC_LIMITS);
	assert_string_equal(got, "f: error: the file has 1048577 bytes, at most 1048576 are read");
	free(got);
	buf_release(&text);
}

/* libyaml compares every %TAG with all before it inside one event. */
static void
yaml__refuses_a_file_of_tag_lines_unread(void **state)
{
	struct buf text = BUF_INIT;
	char *got;

	(void)state;
	buf_adds(&text, "a\r...\r");
	for (int i = 0; text.len < 1000000; i++)
		buf_addf(&text, "%%TAG !%d! b\r", i);
	events = 0;
	got = outcome(doc_parse_yaml, buf_span(&text), &DOC_LIMITS);
	assert_string_equal(got, "f:3:1: error: tags are not supported: remove the %TAG line");
	assert_int_equal(events, 0);
	free(got);
	buf_release(&text);
}

static void
yaml__finds_duplicates_in_large_maps(void **state)
{
	(void)state;
	for (int n = 1; n < 40; n++) {
		struct buf text = BUF_INIT, wanted = BUF_INIT;
		char *got;

		for (int i = 0; i < n; i++)
			buf_addf(&text, "k%d: v\n", i);
		buf_addf(&text, "k%d: w\n", n / 2);
		buf_addf(&wanted, "f:%d:1: error: duplicate key \"k%d\", first at line %d", n + 1,
		    n / 2, n / 2 + 1);
		got = outcome(doc_parse_yaml, buf_span(&text), &DOC_LIMITS);
		assert_string_equal(got, buf_str(&wanted));
		free(got);
		buf_release(&text);
		buf_release(&wanted);
	}
}

static void
json__becomes_the_same_tree(void **state)
{
	static const struct row rows[] = {
		{ "{\"a\": \"b\", \"c\": [true, false, null]}", "{a:\"b\" c:[=true =false ~]}" },
		{ "[1.10, -0, 1e5, 18446744073709551616, 0.1]",
		    "[=1.10 =-0 =1e5 =18446744073709551616 =0.1]" },
		{ "\"null\"", "\"null\"" },
		{ "null", "~" },
		{ " 5 ", "=5" },
		{ "\xef\xbb\xbf[]", "[]" },
		{ "{\"\": {}}", "{:{}}" },
		{ "[\"\\u00e9\\\"\\\\[{,:\", {\"]\": 1}]", "[\"\xc3\xa9\"\\[{,:\" {]:=1}]" },
		{ "{\"z\":1,\"y\":2,\"x\":3,\"w\":4,\"v\":5,\"u\":6,\"t\":7,\"s\":8,\"r\":9}",
		    "{z:=1 y:=2 x:=3 w:=4 v:=5 u:=6 t:=7 s:=8 r:=9}" },
	};

	(void)state;
	check_rows(doc_parse_json, rows, COUNT(rows), &DOC_LIMITS);
}

static void
json__says_what_is_wrong_and_where(void **state)
{
	static const struct row rows[] = {
		{ "", "f:1:1: error: the JSON ends too early" },
		{ "{\"a\":1", "f:1:6: error: the JSON ends too early" },
		{ "[1] x", "f:1:5: error: text after the end of the JSON" },
		{ "{\"a\":1,\n \"b\":2,\n \"a\":3}", "f:3:2: error: duplicate key \"a\"" },
		{ "{\"a\":1,}", "f:1:8: error: not JSON: string or '}' expected near '}'" },
		{ "[\n\n \"\xc3\xa9\", tru]",
		    "f:3:7: error: not JSON: invalid token near 'tru'" },
		{ "[NaN]", "f:1:2: error: not JSON: invalid token near 'NaN'" },
		{ "[01]", "f:1:2: error: not JSON: invalid token near '0'" },
		{ "[1e999]", "f:1:2: error: not JSON: real number overflow near '1e999'" },
		{ "[\"a\nb\"]", "f:1:2: error: not JSON: unexpected newline near '\"a'" },
		{ "\"\\u0000\"",
		    "f:1:1: error: a NUL character (\\u0000) is not allowed in a text" },
		{ "{\"\\u0000\": 1}",
		    "f:1:2: error: a NUL character (\\u0000) is not allowed in a "
		    "text" },
		{ "[\"\xff\"]",
		    "f:1:3: error: the byte 0xff here is not UTF-8: save the file as "
		    "UTF-8" },
		{ "\"abc", "f:1:1: error: the JSON ends too early" },
		{ "\"abc\\", "f:1:1: error: not JSON: invalid escape near '\"abc\\'" },
	};
	char *got;

	(void)state;
	check_rows(doc_parse_json, rows, COUNT(rows), &DOC_LIMITS);
	got = outcome(doc_parse_json, span_of("[\0]", 3), &DOC_LIMITS);
	assert_string_equal(got, "f:1:2: error: a NUL byte: this is not a text file");
	free(got);
}

static void
json__is_refused_by_shape_before_it_is_parsed(void **state)
{
	struct doc_limits limits = DOC_LIMITS;
	char *got;

	(void)state;
	got = outcome_of(doc_parse_json, "[", "", 200000, &DOC_LIMITS);
	assert_string_equal(got, "f:1:65: error: arrays and objects nest deeper than 64 levels");
	free(got);
	got = outcome_of(doc_parse_json, "{\"a\":", "}", 100000, &DOC_LIMITS);
	assert_string_equal(got, "f:1:321: error: arrays and objects nest deeper than 64 levels");
	free(got);
	limits.max_nodes = 10;
	/* Not JSON at the end, but nobody looks that far. */
	got = outcome_of(doc_parse_json, "[1],", "x", 100, &limits);
	assert_string_equal(got, "f:1:21: error: more than 10 keys and values: split the file");
	free(got);
}

/* Every node, as kind and position, in document order. */
static void
add_positions(struct buf *out, const struct doc_node *n)
{
	buf_addf(out, "%d:%d ", n->pos.line, n->pos.column);
	for (size_t i = 0; i < n->n && n->kind != DOC_SCALAR; i++) {
		if (n->kind == DOC_MAP)
			buf_addf(out, "%s@%d:%d ", n->pairs[i].key, n->pairs[i].pos.line,
			    n->pairs[i].pos.column);
		add_positions(out, n->kind == DOC_MAP ? n->pairs[i].value : n->items[i]);
	}
}

static void
tree__knows_where_everything_stands(void **state)
{
	static const struct {
		parse_fn *parse;
		const char *in, *positions;
	} rows[] = {
		{ doc_parse_yaml, "a:\n  - x\n  - \xc3\xa9: y\nb: {c: d}\n",
		    "1:1 a@1:1 2:3 2:5 3:5 \xc3\xa9@3:5 3:8 b@4:1 4:4 c@4:5 4:8 " },
		{ doc_parse_json, "{\n \"\xc3\xa9\": [1, \"\xc3\xa9\xc3\xa9\", {}],\r\n\"b\":null}",
		    "1:1 \xc3\xa9@2:2 2:7 2:8 2:11 2:17 b@3:1 3:5 " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = ARENA_INIT;
		struct buf out = BUF_INIT;
		struct problems ps;
		struct doc_node *node;

		problems_init(&ps, &a);
		assert_int_equal(rows[i].parse(&node, &a, "f", span_str(rows[i].in), &DOC_LIMITS,
		    &ps), 0);
		add_positions(&out, node);
		assert_string_equal(buf_str(&out), rows[i].positions);
		buf_release(&out);
		arena_release(&a);
	}
}

static void
get__reads_a_tree_and_survives_what_is_not_there(void **state)
{
	static const char text[] = "n: 42\nneg: -7\nyes: true\nno: True\nbig: 9223372036854775808\n"
	    "list: [a]\nempty:\n";
	struct arena a = ARENA_INIT;
	struct problems ps;
	struct doc_node *node;

	(void)state;
	problems_init(&ps, &a);
	assert_int_equal(doc_parse_yaml(&node, &a, "f", span_str(text), &DOC_LIMITS, &ps), 0);
	assert_int_equal(doc_int(node, "n", 0), 42);
	assert_int_equal(doc_int(node, "neg", 0), -7);
	assert_int_equal(doc_int(node, "big", 5), 5);
	assert_int_equal(doc_int(node, "list", 5), 5);
	assert_int_equal(doc_int(NULL, "n", 5), 5);
	assert_true(doc_bool(node, "yes"));
	assert_false(doc_bool(node, "no"));
	assert_false(doc_bool(node, "absent"));
	assert_string_equal(doc_text(node, "n"), "42");
	assert_string_equal(doc_text(node, "empty"), "");
	assert_null(doc_text(node, "list"));
	assert_null(doc_get(node, "absent"));
	assert_null(doc_get(NULL, "n"));
	assert_null(doc_get(doc_get(node, "list"), "a"));
	arena_release(&a);
}

static void
problem__is_printed_as_compilers_do(void **state)
{
	static const struct {
		struct problem p;
		const char *text;
	} rows[] = {
		{ { SEV_ERROR, "a/b.yaml", { 3, 7 }, NULL, "no" }, "a/b.yaml:3:7: error: no" },
		{ { SEV_WARNING, "f", { 3, 0 }, NULL, "no" }, "f:3: warning: no" },
		{ { SEV_ERROR, "f", { 0, 0 }, "leaf1", "no" }, "f: error: no" },
		{ { SEV_ERROR, NULL, { 1, 1 }, NULL, "no" }, "error: no" },
		{ { SEV_ERROR, "f\n", { 0, 0 }, NULL, "a\nb\x1b" }, "f\\x0a: error: a\\x0ab\\x1b" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&out);
		problem_format(&rows[i].p, &out);
		assert_string_equal(buf_str(&out), rows[i].text);
	}
	buf_release(&out);
}

static void
problems__are_bounded_in_number_and_size(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf big = BUF_INIT;
	struct problems ps;
	char file[] = "f", device[] = "leaf1";

	(void)state;
	problems_init(&ps, &a);
	add_times(&big, "\xc3\xa9", 5000);
	for (int i = 0; i < 2 * (WARNINGS_MAX + 5); i++)
		problem_add_device(&ps, i % 2 == 0 ? SEV_ERROR : SEV_WARNING, file,
		    (struct doc_pos){ i, 1 }, device, "%s", buf_str(&big));
	file[0] = device[0] = 'X';	/* the list keeps its own */
	assert_int_equal(ps.n, 2 * WARNINGS_MAX + 5);
	assert_int_equal(ps.more, 5);
	assert_int_equal(ps.more_errors, 0);
	assert_int_equal(ps.errors, WARNINGS_MAX + 5);
	assert_string_equal(ps.v[9].file, "f");
	assert_string_equal(ps.v[9].device, "leaf1");
	assert_in_range(strlen(ps.v[9].text), 1000, 1024);
	assert_true(text_utf8_ok(ps.v[9].text, strlen(ps.v[9].text)));
	assert_string_equal(ps.v[9].text + strlen(ps.v[9].text) - 5, "\xc3\xa9...");
	arena_release(&a);
	buf_release(&big);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml__becomes_a_tree_of_texts),
		cmocka_unit_test(yaml__says_what_is_wrong_and_where),
		cmocka_unit_test(yaml__refuses_what_means_something_else_elsewhere),
		cmocka_unit_test(yaml__expands_aliases_where_they_are_allowed),
		cmocka_unit_test(yaml__finds_bytes_that_are_no_text),
		cmocka_unit_test(yaml__stops_at_the_depth_limit_at_once),
		cmocka_unit_test(depth__is_exactly_what_the_limit_says),
		cmocka_unit_test(yaml__counts_the_depth_of_what_an_alias_stands_for),
		cmocka_unit_test(yaml__does_not_let_aliases_explode),
		cmocka_unit_test(limits__are_exact),
		cmocka_unit_test(limits__of_the_house_hold),
		cmocka_unit_test(yaml__refuses_a_file_of_tag_lines_unread),
		cmocka_unit_test(yaml__finds_duplicates_in_large_maps),
		cmocka_unit_test(json__becomes_the_same_tree),
		cmocka_unit_test(json__says_what_is_wrong_and_where),
		cmocka_unit_test(json__is_refused_by_shape_before_it_is_parsed),
		cmocka_unit_test(tree__knows_where_everything_stands),
		cmocka_unit_test(get__reads_a_tree_and_survives_what_is_not_there),
		cmocka_unit_test(problem__is_printed_as_compilers_do),
		cmocka_unit_test(problems__are_bounded_in_number_and_size),
	};

	return cmocka_run_group_tests_name("base_doc", tests, NULL, NULL);
}
