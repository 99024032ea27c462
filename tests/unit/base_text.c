/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
span__compares_bytes(void **state)
{
	(void)state;
	assert_true(span_eq(span_of("ab\0c", 4), span_of("ab\0c", 4)));
	assert_false(span_eq(span_of("ab\0c", 4), span_of("ab\0d", 4)));
	assert_true(span_eq(span_of(NULL, 0), span_str("")));
	assert_true(span_is(span_of("abc", 2), "ab"));
	assert_false(span_is(span_of("abc", 3), "ab"));
	assert_true(span_starts(span_str("leaf1"), "leaf"));
	assert_true(span_starts(span_str("leaf1"), ""));
	assert_false(span_starts(span_str("lea"), "leaf"));
	assert_int_equal(span_str(NULL).len, 0);
}

static void
span__trims(void **state)
{
	static const struct {
		const char *in, *trim, *rtrim;
	} rows[] = {
		{ " \ta b\t ", "a b", " \ta b" },
		{ "a\r\n", "a\r\n", "a" },
		{ " \r\n ", "\r\n", "" },
		{ "", "", "" },
		{ "\t", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(span_is(span_trim(span_str(rows[i].in)), rows[i].trim));
		assert_true(span_is(span_rtrim(span_str(rows[i].in)), rows[i].rtrim));
	}
}

static void
span__cuts_lines(void **state)
{
	static const struct {
		const char *in, *lines;	/* lines joined by '|' */
	} rows[] = {
		{ "", "" },
		{ "a", "a|" },
		{ "a\n", "a|" },
		{ "a\nb", "a|b|" },
		{ "a\r\n\nb\n\n", "a\r||b||" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct span rest = span_str(rows[i].in), line;
		struct buf got = BUF_INIT;

		while (span_line(&rest, &line)) {
			buf_addspan(&got, line);
			buf_addc(&got, '|');
		}
		assert_string_equal(buf_str(&got), rows[i].lines);
		buf_release(&got);
	}
}

static void
buf__grows_and_stays_terminated(void **state)
{
	struct buf b = BUF_INIT;
	char *text;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_span(&b).len, 0);
	for (int i = 0; i < 1000; i++) {
		buf_addf(&b, "%d,", i);
		assert_int_equal(b.data[b.len], '\0');
	}
	assert_int_equal(b.len, 3890);
	assert_memory_equal(b.data, "0,1,2,", 6);
	buf_drop(&b, 4);
	assert_memory_equal(b.data, "2,3,", 4);
	buf_cut(&b, 3);
	assert_string_equal(b.data, "2,3");
	buf_cut(&b, 99);
	buf_drop(&b, 99);
	assert_string_equal(b.data, "");
	buf_add(&b, "x\0y", 3);
	text = buf_detach(&b);
	assert_memory_equal(text, "x\0y", 4);
	free(text);
	assert_null(b.data);
	text = buf_detach(&b);
	assert_string_equal(text, "");
	free(text);
}

static void
buf__keeps_what_fits_and_says_so(void **state)
{
	struct buf b = BUF_LIMIT(10);

	(void)state;
	buf_adds(&b, "0123456789");
	assert_false(b.truncated);
	buf_addc(&b, 'x');
	assert_true(b.truncated);
	assert_string_equal(b.data, "0123456789");
	buf_clear(&b);
	assert_false(b.truncated);
	buf_addf(&b, "%s-%s", "abcdef", "ghijkl");
	assert_true(b.truncated);
	assert_string_equal(b.data, "abcdef-ghi");
	buf_clear(&b);
	assert_non_null(buf_reserve(&b, 10));
	assert_null(buf_reserve(&b, 11));
	assert_true(b.truncated);
	buf_release(&b);
	assert_int_equal(b.max, 10);
}

static void
buf__wiping_frees(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_adds(&b, "hunter2");
	buf_wipe(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	buf_wipe(&b);
}

static void
int__is_strict(void **state)
{
	static const struct {
		const char *s;
		int64_t min, max;
		bool ok;
		int64_t v;
	} rows[] = {
		{ "0", 0, 10, true, 0 },
		{ "-5", -5, 5, true, -5 },
		{ "010", 0, 10, true, 10 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, false, 0 },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, false, 0 },
		{ "11", 0, 10, false, 0 },
		{ "-1", 0, 10, false, 0 },
		{ "", 0, 10, false, 0 },
		{ "-", -10, 10, false, 0 },
		{ "+1", 0, 10, false, 0 },
		{ " 1", 0, 10, false, 0 },
		{ "1 ", 0, 10, false, 0 },
		{ "0x1", 0, 10, false, 0 },
		{ "1.0", 0, 10, false, 0 },
		{ NULL, 0, 10, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t v = 77;

		assert_int_equal(text_int(rows[i].s, rows[i].min, rows[i].max, &v), rows[i].ok);
		assert_int_equal(v, rows[i].ok ? rows[i].v : 77);
	}
}

static void
duration__reads_units_from_large_to_small(void **state)
{
	static const struct {
		const char *s;
		int64_t ms;	/* -1: refused */
	} rows[] = {
		{ "500ms", 500 }, { "30s", 30000 }, { "5m", 300000 }, { "1h30m", 5400000 },
		{ "2d", 172800000 }, { "0", 0 }, { "0s", 0 }, { "1d2h3m4s5ms", 93784005 },
		{ "", -1 }, { "5", -1 }, { "5x", -1 }, { "m", -1 }, { "-5s", -1 }, { "5 s", -1 },
		{ "5s ", -1 }, { "1m1h", -1 }, { "1s1s", -1 }, { "1.5h", -1 }, { "5M", -1 },
		{ "1mss", -1 }, { "99999999999999999999s", -1 }, { "9223372036854775807s", -1 },
		{ NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = -1;

		assert_int_equal(text_duration(rows[i].s, &ms), rows[i].ms >= 0);
		assert_int_equal(ms, rows[i].ms);
	}
}

static void
duration__writes_what_it_reads(void **state)
{
	static const struct {
		int64_t ms;
		const char *s;
	} rows[] = {
		{ 0, "0s" }, { 250, "250ms" }, { 5000, "5s" }, { 5400000, "1h30m" },
		{ 1500, "1s500ms" }, { 172800000, "2d" }, { -5000, "-5s" },
		{ INT64_MAX, "106751991167d7h12m55s807ms" },
		{ INT64_MIN, "-106751991167d7h12m55s808ms" },
	};
	char out[32];
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(text_duration_str(rows[i].ms, out), rows[i].s);
		if (rows[i].ms < 0)
			continue;
		assert_true(text_duration(out, &ms));
		assert_int_equal(ms, rows[i].ms);
	}
}

static void
size__reads_powers_of_1024(void **state)
{
	static const struct {
		const char *s;
		int64_t bytes;	/* -1: refused */
	} rows[] = {
		{ "0", 0 }, { "120", 120 }, { "64k", 65536 }, { "64K", 65536 }, { "1M", 1048576 },
		{ "16MiB", 16777216 }, { "2GB", 2147483648 }, { "1T", 1099511627776 },
		{ "5B", 5 }, { "", -1 }, { "k", -1 }, { "-1", -1 }, { "1kk", -1 }, { "1 M", -1 },
		{ "1iB", -1 }, { "1MiBs", -1 }, { "1MiBB", -1 },
		{ "1BB", -1 }, { "1Mi", -1 }, { "1B", 1 }, { "1m", -1 }, { "99999999T", -1 }, { NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t bytes = -1;

		assert_int_equal(text_size(rows[i].s, &bytes), rows[i].bytes >= 0);
		assert_int_equal(bytes, rows[i].bytes);
	}
}

static void
glob__matches_the_whole_text(void **state)
{
	static const struct {
		const char *pattern, *s;
		bool ok;
	} rows[] = {
		{ "leaf*", "leaf1", true }, { "leaf*", "leaf", true }, { "leaf?", "leaf", false },
		{ "*", "", true }, { "", "", true }, { "", "a", false }, { "a", "", false },
		{ "*1", "leaf11", true }, { "l*f?", "leaf1", true }, { "l*f?", "leaf", false },
		{ "a*b*c", "aXbYbZc", true }, { "a*b*c", "aXbYbZ", false }, { "[a]", "a", false },
		{ "[a]", "[a]", true }, { "**", "x", true }, { "*?*", "", false },
		{ "a\\*", "a\\b", true },
		/* Exponential for a matcher that tries every star again. */
		{ "*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(text_glob(rows[i].pattern, rows[i].s), rows[i].ok);
}

static void
name__is_safe_in_paths_and_arguments(void **state)
{
	static const struct {
		const char *s;
		bool ok;
	} rows[] = {
		{ "leaf1", true }, { "_x", true }, { "1", true }, { "a.b-c_d", true }, { "a..b", true },
		{ "", false }, { ".", false }, { "..", false }, { ".hidden", false }, { "-rf", false },
		{ "a/b", false }, { "a b", false }, { "a\n", false }, { "\xc3\xa9", false },
		{ NULL, false },
	};
	char longest[130];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(text_name_ok(rows[i].s), rows[i].ok);
	memset(longest, 'a', sizeof(longest));
	longest[129] = '\0';
	assert_false(text_name_ok(longest));
	longest[128] = '\0';
	assert_true(text_name_ok(longest));
}

static void
utf8__is_strict(void **state)
{
	static const struct {
		const char *s;
		bool ok;
	} rows[] = {
		{ "", true }, { "abc", true }, { "\xc3\xa9", true }, { "\xe2\x82\xac", true },
		{ "\xf0\x9f\x9a\xa2", true }, { "\xf4\x8f\xbf\xbf", true }, { "\xef\xbf\xbd", true },
		{ "\x80", false }, { "\xc3", false }, { "\xc3(", false }, { "\xc0\x80", false },
		{ "\xc1\xbf", false }, { "\xe0\x80\xaf", false }, { "\xe0\x9f\xbf", false },
		{ "\xed\xa0\x80", false }, { "\xed\xbf\xbf", false }, { "\xf0\x8f\xbf\xbf", false },
		{ "\xf4\x90\x80\x80", false }, { "\xf5\x80\x80\x80", false }, { "\xff", false },
		{ "\xe2\x82", false }, { "\xf0\x9f\x9a", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(text_utf8_ok(rows[i].s, strlen(rows[i].s)), rows[i].ok);
	assert_true(text_utf8_ok("\0", 1));
}

static void
visible__shows_what_would_act(void **state)
{
	static const struct {
		const char *in, *out, *out_lf;
	} rows[] = {
		{ "", "", "" },
		{ "plain \xc3\xa9 \xf0\x9f\x9a\xa2", "plain \xc3\xa9 \xf0\x9f\x9a\xa2", NULL },
		{ "a\nb", "a\\x0ab", "a\nb" },
		{ "a\tb\rc", "a\tb\\x0dc", NULL },
		{ "\033[2J", "\\x1b[2J", NULL },
		{ "\177", "\\x7f", NULL },
		{ "\xc2\x9b" "1m", "\\u{009b}1m", NULL },
		{ "\xe2\x80\xae" "abc", "\\u{202e}abc", NULL },
		{ "x\xe2\x81\xa6y\xe2\x80\xa8z\xef\xbb\xbf", "x\\u{2066}y\\u{2028}z\\u{feff}", NULL },
		{ "\xff\xc3", "\\xff\\xc3", NULL },
		{ "\xe2\x82z", "\\xe2\\x82z", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = BUF_INIT;

		text_visible(&b, span_str(rows[i].in), false);
		assert_string_equal(buf_str(&b), rows[i].out);
		buf_clear(&b);
		text_visible(&b, span_str(rows[i].in), true);
		assert_string_equal(buf_str(&b),
		    rows[i].out_lf != NULL ? rows[i].out_lf : rows[i].out);
		buf_release(&b);
	}
}

static void
visible__shows_a_nul(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	text_visible(&b, span_of("a\0b", 3), true);
	assert_string_equal(b.data, "a\\x00b");
	buf_release(&b);
}

static void
hex__goes_there_and_back(void **state)
{
	uint8_t bytes[256], back[256];
	char hex[513];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	text_hex(bytes, 256, hex);
	assert_memory_equal(hex, "000102", 6);
	assert_string_equal(hex + 508, "feff");
	assert_true(text_unhex(hex, 512, back));
	assert_memory_equal(bytes, back, 256);
	assert_true(text_unhex("fF", 2, back));
	assert_int_equal(back[0], 255);
	assert_false(text_unhex("abc", 3, back));
	assert_false(text_unhex("0g", 2, back));
	assert_false(text_unhex("g0", 2, back));
}

static void
errno__has_a_text(void **state)
{
	char out[128];

	(void)state;
	assert_string_equal(text_errno(ENOENT, out), "No such file or directory");
	assert_string_equal(text_errno(99999, out), "Unknown error 99999");
}

static void
map__keeps_order_and_finds_all(void **state)
{
	struct arena a = ARENA_INIT;
	struct map m;
	char key[16];
	int values[5000];

	(void)state;
	map_init(&m, &a);
	assert_null(map_get(&m, "k1"));
	assert_false(map_has(&m, ""));
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		map_put(&m, key, &values[i]);
	}
	map_put(&m, "", &values[7]);
	map_put(&m, "k3", &values[4]);
	map_put(&m, "null", NULL);
	assert_int_equal(m.n, 5002);
	assert_ptr_equal(map_get(&m, "k3"), &values[4]);
	assert_ptr_equal(map_get(&m, ""), &values[7]);
	assert_true(map_has(&m, "null"));
	assert_null(map_get(&m, "null"));
	assert_false(map_has(&m, "k5000"));
	assert_string_equal(m.slots[4999].key, "k4999");
	for (int i = 4; i < 5000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_ptr_equal(map_get(&m, key), &values[i]);
	}
	arena_release(&a);
}

static void
map__an_unused_one_is_empty(void **state)
{
	struct map m = { 0 };

	(void)state;
	assert_null(map_get(&m, "x"));
	assert_false(map_has(&m, "x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(span__compares_bytes),
		cmocka_unit_test(span__trims),
		cmocka_unit_test(span__cuts_lines),
		cmocka_unit_test(buf__grows_and_stays_terminated),
		cmocka_unit_test(buf__keeps_what_fits_and_says_so),
		cmocka_unit_test(buf__wiping_frees),
		cmocka_unit_test(int__is_strict),
		cmocka_unit_test(duration__reads_units_from_large_to_small),
		cmocka_unit_test(duration__writes_what_it_reads),
		cmocka_unit_test(size__reads_powers_of_1024),
		cmocka_unit_test(glob__matches_the_whole_text),
		cmocka_unit_test(name__is_safe_in_paths_and_arguments),
		cmocka_unit_test(utf8__is_strict),
		cmocka_unit_test(visible__shows_what_would_act),
		cmocka_unit_test(visible__shows_a_nul),
		cmocka_unit_test(hex__goes_there_and_back),
		cmocka_unit_test(errno__has_a_text),
		cmocka_unit_test(map__keeps_order_and_finds_all),
		cmocka_unit_test(map__an_unused_one_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
