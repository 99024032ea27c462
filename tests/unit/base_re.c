/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/re.h"
#include "base/workers.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define WINDOW 1024	/* starts searched at a time, with JIT */

static struct re *
compile(const char *pattern)
{
	struct err err = ERR_INIT;
	struct re *re = NULL;

	if (re_compile(&re, pattern, &err) < 0)
		fail_msg("%s", err.text);
	return re;
}

/* The groups joined by '|', "-" for one that took no part; "" for no match. */
static const char *
find(const struct re *re, struct span text, struct buf *out)
{
	struct re_match m;
	int r = re_find(re, text, &m);

	buf_clear(out);
	buf_adds(out, "");
	assert_true(r >= 0);
	for (int i = 0; r == 1 && i < m.n; i++) {
		if (i > 0)
			buf_addc(out, '|');
		if (m.group[i].p == NULL)
			buf_addc(out, '-');
		buf_addspan(out, m.group[i]);
	}
	return buf_str(out);
}

static void
re__finds_and_gives_groups(void **state)
{
	static const struct {
		const char *pattern, *text, *groups;
	} rows[] = {
		{ "b+", "abbc", "bb" },
		{ "x", "abc", "" },
		{ "(a)|(b)|(c)", "b", "b|-|b|-" },
		{ "^(\\S+)#\\s*$", "banner\nleaf1# ", "leaf1# |leaf1" },
		{ "^b$", "a\nb\nc", "b" },
		{ "^b$", "a\r\nb\r\nc", "" },
		{ "a.b", "a\nb", "" },
		{ "^", "", "" },
		{ "(?<=x)y", "xy", "y" },
		{ "(?i)LEAF", "leaf", "leaf" },
		{ "\xe9", "caf\xe9", "\xe9" },
		{ "caf.$", "caf\xc3\xa9", "" },
		{ "caf..$", "caf\xc3\xa9", "caf\xc3\xa9" },
	};
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct re *re = compile(rows[i].pattern);

		assert_string_equal(find(re, span_str(rows[i].text), &out), rows[i].groups);
		assert_string_equal(re_source(re), rows[i].pattern);
		re_free(re);
	}
	buf_release(&out);
}

static void
re__searches_an_empty_text_without_an_address(void **state)
{
	struct re *re = compile("^$");
	struct re_match m;

	(void)state;
	assert_int_equal(re_find(re, span_of(NULL, 0), &m), 1);
	assert_int_equal(m.n, 1);
	assert_non_null(m.group[0].p);
	assert_int_equal(m.group[0].len, 0);
	assert_int_equal(re_find(re, span_of(NULL, 0), NULL), 1);
	re_free(re);
	re_free(NULL);
}

static void
re__looks_only_at_the_span(void **state)
{
	struct re *re = compile("b$");

	(void)state;
	assert_int_equal(re_find(re, span_of("abb", 2), NULL), 1);
	assert_int_equal(re_find(re, span_of("abb", 1), NULL), 0);
	assert_int_equal(re_find(re, span_of("a\0b", 3), NULL), 1);
	re_free(re);
}

static void
compile__says_what_is_wrong_and_where(void **state)
{
	static const struct {
		const char *pattern, *says;
	} rows[] = {
		{ "a(b", "character 4: missing closing parenthesis" },
		{ "[z-a]", "character 4: range out of order" },
		{ "*a", "character 1: quantifier does not follow" },
		{ "(*UTF)a", "character" },
		{ "(?<n>a)(?<n>b)", "two named subpatterns have the same name" },
		{ "()()()()()()()()()()()()()()()()", "has 16 groups, at most 15" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = ERR_INIT;
		struct re *re = (struct re *)&err;

		assert_int_equal(re_compile(&re, rows[i].pattern, &err), ERR_CONTENT);
		assert_null(re);
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].pattern, err.text);
	}
	assert_int_equal(re_compile(&(struct re *){ NULL }, "(", NULL), ERR_CONTENT);
}

static void
compile__takes_fifteen_groups_and_no_endless_pattern(void **state)
{
	struct buf pattern = BUF_INIT;
	struct re *re = compile("()()()()()()()()()()()()()()(x)");
	struct re_match m;

	(void)state;
	assert_int_equal(re_find(re, span_str("x"), &m), 1);
	assert_int_equal(m.n, 16);
	assert_true(span_is(m.group[15], "x"));
	re_free(re);
	while (pattern.len < 20000)
		buf_adds(&pattern, "abcdefgh");
	assert_int_equal(re_compile(&re, buf_str(&pattern), NULL), ERR_CONTENT);
	buf_release(&pattern);
}

static void
names__come_in_the_order_they_are_written(void **state)
{
	struct re *re = compile("(?<zone>.)(.)(?<area>.)");
	struct re *none = compile("(a)");
	const char *const *names = re_names(re);

	(void)state;
	assert_string_equal(names[0], "zone");
	assert_string_equal(names[1], "area");
	assert_null(names[2]);
	assert_int_equal(re_group(re, "zone"), 1);
	assert_int_equal(re_group(re, "area"), 3);
	assert_int_equal(re_group(re, "port"), -1);
	assert_null(re_names(none)[0]);
	re_free(re);
	re_free(none);
}

static void
quote__makes_any_text_match_itself(void **state)
{
	struct buf pattern = BUF_INIT, text = BUF_INIT, longer = BUF_INIT;
	struct re *re, *spaced;

	(void)state;
	for (int c = 255; c >= 0; c--)
		buf_addc(&text, (char)c);
	re_quote(&pattern, buf_span(&text));
	re = compile(buf_str(&pattern));
	assert_int_equal(re_find(re, buf_span(&text), NULL), 1);
	buf_adds(&longer, "(?x)^");
	buf_addspan(&longer, buf_span(&pattern));
	spaced = compile(buf_str(&longer));
	assert_int_equal(re_find(spaced, buf_span(&text), NULL), 1);
	buf_clear(&pattern);
	re_quote(&pattern, span_str("leaf1.a_b"));
	assert_string_equal(buf_str(&pattern), "leaf1\\.a_b");
	re_free(re);
	re_free(spaced);
	buf_release(&pattern);
	buf_release(&text);
	buf_release(&longer);
}

static void
find__refuses_a_pattern_that_explodes(void **state)
{
	static const struct {
		const char *pattern;
		char fill;
		size_t len;
	} rows[] = {
		{ "(a+)+$[xy]", 'a', 40 },
		{ "^(\\s*-*)*\\s*[xy]", '-', 36 },
		/* Little work from each start, but many starts. */
		{ "(?:a|a)*?(?:a|b)*?[xy]", 'a', 60000 },
		{ "(?:a|b)*+(?:c|$)[xy]", 'a', 400000 },
		{ "(*NO_JIT)(a+)+$[xy]", 'a', 40 },
		{ "(*NO_JIT) +$[xy]", ' ', 100000 },
	};
	struct buf text = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct re *re = compile(rows[i].pattern);
		struct re_match m;

		buf_clear(&text);
		while (text.len < rows[i].len)
			buf_addc(&text, rows[i].fill);
		if (re_find(re, buf_span(&text), &m) != ERR_LIMIT)
			fail_msg("%s", rows[i].pattern);
		re_free(re);
	}
	buf_release(&text);
}

static void
find__gives_a_greedy_pattern_the_stack_it_needs(void **state)
{
	struct re *re = compile("^(?:a|b)*c");
	struct buf text = BUF_INIT;
	struct re_match m;

	(void)state;
	while (text.len < 100000)
		buf_adds(&text, "ab");
	buf_addc(&text, 'c');
	assert_int_equal(re_find(re, buf_span(&text), &m), 1);
	assert_int_equal(m.group[0].len, text.len);
	re_free(re);
	buf_release(&text);
}

/* A long text is searched in windows; nothing may show where they meet. */
static void
find__does_not_show_its_windows(void **state)
{
	static const struct {
		const char *pattern;
		size_t before;		/* bytes of the match before the 'M' */
	} rows[] = {
		{ "M", 0 }, { "aaaM", 3 }, { "(?<=a)M", 0 }, { "a{5}M(?=a)", 5 },
		{ "Ma{2000}", 0 }, { "(*NO_JIT)aaaM", 3 }, { "(*NO_JIT)(?<=a)M", 0 },
	};
	struct buf text = BUF_INIT;

	(void)state;
	while (text.len < 5 * WINDOW)
		buf_addc(&text, 'a');
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct re *re = compile(rows[i].pattern);

		for (size_t at = WINDOW - 8; at <= 2 * WINDOW + 8; at++) {
			struct re_match m;

			text.data[at] = 'M';
			assert_int_equal(re_find(re, buf_span(&text), &m), 1);
			assert_ptr_equal(m.group[0].p, text.data + at - rows[i].before);
			text.data[at] = 'a';
		}
		assert_int_equal(re_find(re, buf_span(&text), NULL), 0);
		re_free(re);
	}
	buf_release(&text);
}

static void
find__anchors_a_long_text_only_at_its_ends(void **state)
{
	static const struct {
		const char *pattern;
		int found;
	} rows[] = {
		{ "^b", 0 }, { "\\Ab", 0 }, { "\\Aa", 1 }, { "(?<!a)b", 0 }, { "c$", 1 },
		{ "c\\z", 1 }, { "\\z", 1 }, { "b$", 0 },
	};
	struct buf text = BUF_INIT;

	(void)state;
	buf_addc(&text, 'a');
	while (text.len < 4 * WINDOW)
		buf_adds(&text, "ba");
	buf_addc(&text, 'c');
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct re *re = compile(rows[i].pattern);

		if (re_find(re, buf_span(&text), NULL) != rows[i].found)
			fail_msg("%s", rows[i].pattern);
		re_free(re);
	}
	buf_release(&text);
}

static void
search_often(void *arg)
{
	struct re *re = arg;
	struct buf text = BUF_INIT;
	struct re_match m;

	while (text.len < 3 * WINDOW)
		buf_adds(&text, "ab ");
	buf_adds(&text, "leaf1#");
	for (int i = 0; i < 200; i++) {
		assert_int_equal(re_find(re, buf_span(&text), &m), 1);
		assert_true(span_is(m.group[1], "leaf1"));
	}
	buf_release(&text);
}

static void
pattern__is_shared_by_threads(void **state)
{
	struct re *re = compile("(\\w+\\d)#$");
	struct thread *threads[8];

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(thread_start(&threads[i], "re", search_often, re, NULL), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		thread_join(threads[i]);
	re_free(re);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(re__finds_and_gives_groups),
		cmocka_unit_test(re__searches_an_empty_text_without_an_address),
		cmocka_unit_test(re__looks_only_at_the_span),
		cmocka_unit_test(compile__says_what_is_wrong_and_where),
		cmocka_unit_test(compile__takes_fifteen_groups_and_no_endless_pattern),
		cmocka_unit_test(names__come_in_the_order_they_are_written),
		cmocka_unit_test(quote__makes_any_text_match_itself),
		cmocka_unit_test(find__refuses_a_pattern_that_explodes),
		cmocka_unit_test(find__gives_a_greedy_pattern_the_stack_it_needs),
		cmocka_unit_test(find__does_not_show_its_windows),
		cmocka_unit_test(find__anchors_a_long_text_only_at_its_ends),
		cmocka_unit_test(pattern__is_shared_by_threads),
	};

	return cmocka_run_group_tests_name("base_re", tests, NULL, NULL);
}
