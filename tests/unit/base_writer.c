/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/secret.h"
#include "base/workers.h"
#include "base/writer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define J "\xe2\x81\xa0"	/* the word joiner that keeps forges from reading on */

struct row {
	const char *in, *out;
};

static void
check_rows(void (*write)(struct buf *, struct span), const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf out = BUF_INIT;

		write(&out, span_str(rows[i].in));
		if (strcmp(buf_str(&out), rows[i].out) != 0)
			fail_msg("\n%s\ngives  %s\nwanted %s", rows[i].in, buf_str(&out),
			    rows[i].out);
		buf_release(&out);
	}
}

static void
write_sample(struct jw *w)
{
	jw_object(w, NULL);
	jw_string(w, "s", "a\"b");
	jw_string(w, "none", NULL);
	jw_int(w, "n", INT64_MIN);
	jw_bool(w, "yes", true);
	jw_stringf(w, "f", "%d/%s", 7, "x");
	jw_array(w, "list");
	jw_null(w, NULL);
	jw_object(w, NULL);
	jw_end(w);
	jw_array(w, NULL);
	jw_bool(w, NULL, false);
	jw_end(w);
	jw_end(w);
	jw_raw(w, "raw", span_str("[1,2]"));
	jw_end(w);
}

static void
json__is_written_on_one_line(void **state)
{
	struct buf out = BUF_INIT;
	struct jw w;

	(void)state;
	jw_init(&w, &out, false);
	write_sample(&w);
	assert_string_equal(buf_str(&out), "{\"s\":\"a\\\"b\",\"none\":null,"
	    "\"n\":-9223372036854775808,\"yes\":true,\"f\":\"7/x\",\"list\":[null,{},[false]],"
	    "\"raw\":[1,2]}");
	buf_release(&out);
}

static void
json__is_written_with_indent(void **state)
{
	struct buf out = BUF_INIT;
	struct jw w;

	(void)state;
	jw_init(&w, &out, true);
	write_sample(&w);
	assert_string_equal(buf_str(&out),
	    "{\n"
	    "  \"s\": \"a\\\"b\",\n"
	    "  \"none\": null,\n"
	    "  \"n\": -9223372036854775808,\n"
	    "  \"yes\": true,\n"
	    "  \"f\": \"7/x\",\n"
	    "  \"list\": [\n"
	    "    null,\n"
	    "    {},\n"
	    "    [\n"
	    "      false\n"
	    "    ]\n"
	    "  ],\n"
	    "  \"raw\": [1,2]\n"
	    "}");
	buf_release(&out);
}

static void
json_text(struct buf *out, struct span s)
{
	struct jw w;

	jw_init(&w, out, false);
	jw_span(&w, NULL, s);
}

static void
json__escapes_what_a_reader_or_terminal_acts_on(void **state)
{
	static const struct row rows[] = {
		{ "", "\"\"" },
		{ "plain /text/ '", "\"plain /text/ '\"" },
		{ "\"\\", "\"\\\"\\\\\"" },
		{ "\b\t\n\v\f\r", "\"\\b\\t\\n\\u000b\\f\\r\"" },
		{ "\x01\x1b[2J\x7f", "\"\\u0001\\u001b[2J\\u007f\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82",
		    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x99\x82\"" },
		{ "\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", "\"\\u0080\\u009b\\u009f\xc2\xa0\"" },
		{ "\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6", "\"\\u2028\\u202e\\u2066\"" },
		{ "\xd8\x9c\xe2\x80\x8e\xe2\x80\x8f", "\"\\u061c\\u200e\\u200f\"" },
		{ "a\xff"
	     "b\xc3",
		    "\"a\\\\xffb\\\\xc3\"" },
		{ "\xc0\x80", "\"\\\\xc0\\\\x80\"" },
		{ "\xed\xa0\x80", "\"\\\\xed\\\\xa0\\\\x80\"" },
		{ "\xf5\x80\x80\x80", "\"\\\\xf5\\\\x80\\\\x80\\\\x80\"" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	check_rows(json_text, rows, COUNT(rows));
	json_text(&out, span_of("a\0b", 3));
	assert_string_equal(buf_str(&out), "\"a\\u0000b\"");
	buf_clear(&out);
	json_text(&out, span_of(NULL, 0));
	assert_string_equal(buf_str(&out), "\"\"");
	buf_release(&out);
}

/* Every character there is, as a key and as a value, read back by the reader. */
static void
json__reads_back_as_it_was(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct problems ps;
	struct doc_node *node = NULL;
	struct jw w;

	(void)state;
	for (int cp = 1; cp < 0x3000; cp++) {
		if (cp >= 0x800)
			buf_addf(&text, "%c", 0xe0 | cp >> 12);
		if (cp >= 0x80)
			buf_addf(&text, "%c",
			    cp < 0x800 ? 0xc0 | cp >> 6 : 0x80 | (cp >> 6 & 0x3f));
		buf_addf(&text, "%c", cp < 0x80 ? cp : 0x80 | (cp & 0x3f));
	}
	assert_true(text_utf8_ok(buf_str(&text), text.len));
	jw_init(&w, &out, true);
	jw_object(&w, NULL);
	jw_string(&w, buf_str(&text), buf_str(&text));
	jw_end(&w);
	problems_init(&ps, &a);
	assert_int_equal(doc_parse_json(&node, &a, "f", buf_span(&out), &DOC_LIMITS, &ps), 0);
	assert_int_equal(node->n, 1);
	assert_string_equal(node->pairs[0].key, buf_str(&text));
	assert_string_equal(node->pairs[0].value->text, buf_str(&text));
	arena_release(&a);
	buf_release(&text);
	buf_release(&out);
}

static void
node__is_written_as_it_came(void **state)
{
	static const struct {
		bool json;
		struct row row;
	} rows[] = {
		{ true, { "{\"a\": [1.10, -0, 1E5, true, false, null, \"5\", \"true\"], \"b\": {}}",
			  "{\"a\":[1.10,-0,1E5,true,false,null,\"5\",\"true\"],\"b\":{}}" } },
		{ true, { "18446744073709551616", "18446744073709551616" } },
		{ false, { "a: [1.10, true, ~, '~', 'x']\nb:\n",
			   "{\"a\":[\"1.10\",\"true\",null,\"~\",\"x\"],\"b\":null}" } },
		{ false, { "", "{}" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = ARENA_INIT;
		struct buf out = BUF_INIT;
		struct doc_node *node = NULL;
		struct span in = span_str(rows[i].row.in);
		struct problems ps;
		struct jw w;

		problems_init(&ps, &a);
		if (rows[i].json)
			doc_parse_json(&node, &a, "f", in, &DOC_LIMITS, &ps);
		else
			doc_parse_yaml(&node, &a, "f", in, &DOC_LIMITS, &ps);
		assert_non_null(node);
		jw_init(&w, &out, false);
		jw_node(&w, NULL, node);
		assert_string_equal(buf_str(&out), rows[i].row.out);
		buf_release(&out);
		arena_release(&a);
	}
}

static void
node__of_the_deepest_document_fits_below_our_own(void **state)
{
	struct arena a = ARENA_INIT;
	struct buf text = BUF_INIT, out = BUF_INIT;
	struct doc_node *node = NULL;
	struct problems ps;
	struct jw w;

	(void)state;
	for (int i = 0; i < DOC_DEPTH; i++)
		buf_addc(&text, '[');
	for (int i = 0; i < DOC_DEPTH; i++)
		buf_addc(&text, ']');
	problems_init(&ps, &a);
	assert_int_equal(doc_parse_json(&node, &a, "f", buf_span(&text), &DOC_LIMITS, &ps), 0);
	jw_init(&w, &out, false);
	for (int i = DOC_DEPTH; i < JW_DEPTH; i++)
		jw_array(&w, NULL);
	jw_node(&w, NULL, node);
	for (int i = DOC_DEPTH; i < JW_DEPTH; i++)
		jw_end(&w);
	assert_int_equal(out.len, 2 * JW_DEPTH);
	arena_release(&a);
	buf_release(&text);
	buf_release(&out);
}

static void
err__is_written_as_an_object(void **state)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	struct jw w;

	(void)state;
	jw_init(&w, &out, false);
	jw_array(&w, NULL);
	jw_err(&w, NULL, &err);
	jw_err(&w, NULL, NULL);
	err_set(&err, ERR_TIMEOUT, "sw1: silent");
	err_next(&err, "look at it");
	jw_err(&w, NULL, &err);
	jw_node(&w, NULL, NULL);
	jw_end(&w);
	assert_string_equal(buf_str(&out), "[null,null,{\"code\":\"timeout\",\"fault\":\"device\","
	    "\"text\":\"sw1: silent\",\"next\":\"look at it\"},null]");
	buf_release(&out);
}

static void
markdown__text_shows_and_does_nothing(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "router bgp 65001, 10.0.0.1/24 (up)", "router bgp 65001, 10.0.0.1/24 (up)" },
		{ "*a* _b_ `c` [d](e) ![f](g)",
		    "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\!\\[f\\](g)" },
		{ "<script>&amp;", "&lt;script&gt;&amp;amp;" },
		{ "<!-- x -->", "&lt;\\!-- x --&gt;" },
		{ "a|b\\|c", "a\\|b\\\\\\|c" },
		{ "~~a~~ $x$ {y}", "\\~\\~" J "a\\~\\~ \\$x\\$ \\{y\\}" },
		{ "# a", "\\# a" },
		{ "- a", "\\- a" }, { "+ a", "\\+ a" }, { "===", "\\===" }, { "a - b", "a - b" },
		{ "1. a", "1\\. a" }, { "12) a", "12\\) a" }, { "a 1. b", "a 1. b" },
		{ "> a", "&gt; a" },
		{ "  a  ", "a" }, { "\ta\tb", "a b" }, { "    code", "code" },
		{ "a\nb", "a b" },
		{ "a\x1b[31m", "a\\\\x1b\\[31m" },
		{ "\xe2\x80\xae", "\\\\u\\{202e\\}" },
		/* Mentions and references. */
		{ "@root", "@" J "root" }, { "a@b.example", "a@" J "b.example" },
		{ "#1 !1 ~bug %v1 &4 $9 ^alert", "\\#" J "1 \\!" J "1 \\~" J "bug %" J "v1 &amp;" J
		    "4 \\$" J "9 ^" J "alert" },
		{ "org/repo#1", "org/repo\\#" J "1" },
		{ "org/repo@0123abc", "org/repo@" J "0123abc" },
		{ "~\"a b\"", "\\~" J "\"a b\"" },
		{ "GH-12 gh-1 leaf-1 HIGH-1", "GH-" J "12 gh-" J "1 leaf-1 HIGH-1" },
		{ "leaf1# show", "leaf1\\# show" },
		/* Addresses. */
		{ "http://x.example www.x.example WWW.X", "http:" J "//x.example www" J
		    ".x.example WWW" J ".X" },
		{ "ssh://h", "ssh:" J "//h" },
		/* Pictures, and what only looks like them. */
		{ ":tada: :+1:", ":" J "tada: :" J "+1:" },
		{ "2001:db8:cafe:1::5", "2001:db8:cafe:1::5" },
		{ "2001:db8:100:1", "2001:db8:" J "100:1" },
		{ "00:11:22:33:44:55 12:30:00", "00:11:22:33:44:55 12:30:00" },
	};

	(void)state;
	check_rows(md_text, rows, COUNT(rows));
}

static void
markdown__cell_stays_in_its_cell(void **state)
{
	static const struct row rows[] = {
		{ "a|b\nc", "a\\|b<br>c" },
		{ "<br>\n", "&lt;br&gt;<br>" },
		{ "\r\n", "\\\\x0d<br>" },
	};
	static const struct row code[] = {
		{ "a|b", "`a\\|b`" }, { "a\\|b", "`a\\\\|b`" }, { "a\nb", "`a b`" },
	};

	(void)state;
	check_rows(md_cell, rows, COUNT(rows));
	check_rows(md_cell_code, code, COUNT(code));
}

static void
markdown__code_span_holds_anything(void **state)
{
	static const struct row rows[] = {
		{ "a", "`a`" }, { "", "`  `" }, { "`", "`` ` ``" }, { "a`b", "``a`b``" },
		{ "``", "``` `` ```" }, { "`a``b", "``` `a``b ```" }, { " a", "`  a `" },
		{ "a|b <i> @c", "`a|b <i> @c`" }, { "a\nb", "`a b`" }, { "\x1b", "`\\x1b`" },
	};

	(void)state;
	check_rows(md_code, rows, COUNT(rows));
}

static void
fence(struct buf *out, struct span s)
{
	md_fence(out, "diff", s);
}

static void
markdown__fence_is_longer_than_what_it_holds(void **state)
{
	static const struct row rows[] = {
		{ "", "```diff\n```\n" },
		{ "a", "```diff\na\n```\n" },
		{ "a\n\tb\n", "```diff\na\n\tb\n```\n" },
		{ "``", "```diff\n``\n```\n" },
		{ "```\nb", "````diff\n```\nb\n````\n" },
		{ "x `````` y\n```\n", "```````diff\nx `````` y\n```\n```````\n" },
		{ "a\x1b\xff\n", "```diff\na\\x1b\\xff\n```\n" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	check_rows(fence, rows, COUNT(rows));
	buf_adds(&out, "text");
	md_fence(&out, "a\nb", span_str("c"));
	md_fence(&out, NULL, span_str("d"));
	assert_string_equal(buf_str(&out), "text\n```a\nc\n```\n```\nd\n```\n");
	buf_release(&out);
}

static void
one_cell(struct buf *out, struct span s)
{
	csv_cell(out, true, s);
}

static void
csv__quotes_and_defuses(void **state)
{
	static const struct row rows[] = {
		{ "", "" }, { "a b", "a b" }, { "a,b", "\"a,b\"" }, { "a\"b", "\"a\"\"b\"" },
		{ "a\nb", "\"a\nb\"" }, { "a\r\nb", "\"a\r\nb\"" }, { " a", "\" a\"" },
		{ "a ", "\"a \"" }, { "a;b", "a;b" },
		{ "=1+1", "'=1+1" }, { "+1", "'+1" }, { "-1", "'-1" }, { "@A1", "'@A1" },
		{ "\t=1", "\"'\t=1\"" }, { "\r=1", "\"'\r=1\"" }, { "a=1", "a=1" },
		{ "=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"" },
		{ "\x1b[2J\xff", "\\x1b[2J\\xff" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	check_rows(one_cell, rows, COUNT(rows));
	csv_cell(&out, true, span_str("a"));
	csv_cell(&out, false, span_of(NULL, 0));
	csv_cell(&out, false, span_str("b"));
	csv_end(&out);
	assert_string_equal(buf_str(&out), "a,,b\r\n");
	buf_release(&out);
}

static void
table__lines_up_and_leaves_no_blanks_at_the_end(void **state)
{
	static const char *const heads[] = { "DEVICE", "SYNC", "WHY", NULL };
	static const char *const rows[][3] = {
		{ "leaf1", "in-sync", "" },
		{ "a\xc3\xa9\xe2\x82\xac", "", "two\nlines \x1b[2J" },
		{ "spine-with-a-long-name", "new", NULL },
	};
	struct table *t = table_new(heads);
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		table_row(t, rows[i]);
	table_write(t, &out);
	assert_string_equal(buf_str(&out),
	    "DEVICE                  SYNC     WHY\n"
	    "leaf1                   in-sync\n"
	    "a\xc3\xa9\xe2\x82\xac                              two\\x0alines \\x1b[2J\n"
	    "spine-with-a-long-name  new\n");
	table_free(t);
	table_free(NULL);
	buf_release(&out);
}

static void
flush__writes_all_and_masks_secrets(void **state)
{
	struct secret *s = secret_new("hunter2-and-more", 16);
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;
	char got[64];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	buf_adds(&b, "password hunter2-and-more\n");
	assert_int_equal(out_flush(&b, fds[1], &err), 0);
	assert_int_equal(b.len, 0);
	assert_int_equal(read(fds[0], got, sizeof(got)), 18);
	assert_memory_equal(got, "password <secret>\n", 18);
	secret_free(s);
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	buf_adds(&b, "x");
	assert_int_equal(out_flush(&b, fds[1], &err), ERR_CLOSED);
	assert_int_equal(b.len, 0);
	close(fds[1]);
	buf_adds(&b, "x");
	assert_int_equal(out_flush(&b, fds[1], &err), ERR_IO);
	buf_release(&b);
}

static void
drain(void *arg)
{
	size_t *total = arg;
	int fd = (int)*total;
	char piece[4096];
	ssize_t n;

	*total = 0;
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		*total += (size_t)n;
}

static void
flush__waits_for_a_slow_reader(void **state)
{
	struct thread *reader;
	struct buf b = BUF_INIT;
	size_t total;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	while (b.len < 1000000)
		buf_adds(&b, "0123456789");
	total = (size_t)fds[0];
	assert_int_equal(thread_start(&reader, "drain", drain, &total, NULL), 0);
	assert_int_equal(out_flush(&b, fds[1], NULL), 0);
	close(fds[1]);
	thread_join(reader);
	assert_int_equal(total, 1000000);
	close(fds[0]);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json__is_written_on_one_line),
		cmocka_unit_test(json__is_written_with_indent),
		cmocka_unit_test(json__escapes_what_a_reader_or_terminal_acts_on),
		cmocka_unit_test(json__reads_back_as_it_was),
		cmocka_unit_test(node__is_written_as_it_came),
		cmocka_unit_test(node__of_the_deepest_document_fits_below_our_own),
		cmocka_unit_test(err__is_written_as_an_object),
		cmocka_unit_test(markdown__text_shows_and_does_nothing),
		cmocka_unit_test(markdown__cell_stays_in_its_cell),
		cmocka_unit_test(markdown__code_span_holds_anything),
		cmocka_unit_test(markdown__fence_is_longer_than_what_it_holds),
		cmocka_unit_test(csv__quotes_and_defuses),
		cmocka_unit_test(table__lines_up_and_leaves_no_blanks_at_the_end),
		cmocka_unit_test(flush__writes_all_and_masks_secrets),
		cmocka_unit_test(flush__waits_for_a_slow_reader),
	};

	return cmocka_run_group_tests_name("base_writer", tests, NULL, NULL);
}
