/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one-line terminal: what a person would see, whatever pieces it comes in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "devices/screen.h"

struct drawing {
	const char *sent, *text, *line;
};

static const struct drawing DRAWINGS[] = {
	{ "a\r\nb\r\n", "a\nb\n", "" },
	{ "a\n\nb\n", "a\n\nb\n", "" },
	{ "a\r\r\nb", "a\n", "b" },
	{ "abc\rX\r\nd\r\n", "Xbc\nd\n", "" },
	{ "abc\b\bX\r\n", "aXc\n", "" },
	{ "one \r\n", "one \n", "" },
	{ " --More-- \r\x1b[Ktwo  \r\nthree  \r\n", "two\nthree  \n", "" },
	{ "\x1b[1mbold\x1b[0m\r\nplain\r\n", "bold\nplain\n", "" },
	{ "a\tb\r\n", "a\tb\n", "" },
	{ "caf\xc3\xa9\r\nx\r\n", "caf\xc3\xa9\nx\n", "" },
	{ "\xc2\r\nx\r\n", "\nx\n", "" },
	{ "a\x7f\x01z\r\n", "az\n", "" },
	{ "text\r\nsw1#", "text\n", "sw1#" },
};

static void
feed(struct screen *s, const char *p, size_t n, size_t piece)
{
	for (size_t i = 0; i < n; i += piece)
		screen_feed(s, p + i, n - i < piece ? n - i : piece);
}

static void
screen__shows_what_a_person_would_see(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(DRAWINGS) / sizeof(DRAWINGS[0]); i++) {
		struct screen s;

		screen_init(&s, 10000);
		screen_feed(&s, DRAWINGS[i].sent, strlen(DRAWINGS[i].sent));
		assert_string_equal(buf_str(&s.text), DRAWINGS[i].text);
		assert_string_equal(buf_str(&s.line), DRAWINGS[i].line);
		screen_release(&s);
	}
}

static void
assert_same(const char *p, size_t n, size_t piece)
{
	struct screen whole, parts;

	screen_init(&whole, 300);
	screen_init(&parts, 300);
	feed(&whole, p, n, n);
	feed(&parts, p, n, piece);
	assert_string_equal(buf_str(&whole.text), buf_str(&parts.text));
	assert_string_equal(buf_str(&whole.line), buf_str(&parts.line));
	assert_int_equal(whole.text.truncated, parts.text.truncated);
	screen_release(&whole);
	screen_release(&parts);
}

/* Whole lines are taken on a shorter way than single bytes. */
static void
screen__pieces_make_no_difference(void **state)
{
	static const char *const bits[] = { "a", "line of text", " ", "\r\n", "\n", "\r",
		"\r\n\r\n", "\b", "\t", "\x1b[K", "\x1b[3D", "\x1b]0;x\x07", "\xc3\xa9", "\xc2",
		("\x9b" "2K"), "\x7f" };
	uint32_t random = 1;
	char sent[2048];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = 0;

		for (int i = 0; i < 40; i++) {
			const char *bit;

			random = random * 1664525u + 1013904223u;
			bit = bits[(random >> 16) % (sizeof(bits) / sizeof(bits[0]))];
			memcpy(sent + n, bit, strlen(bit));
			n += strlen(bit);
		}
		for (size_t piece = 1; piece < 8; piece++)
			assert_same(sent, n, piece);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screen__shows_what_a_person_would_see),
		cmocka_unit_test(screen__pieces_make_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
