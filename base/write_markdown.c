/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Markdown for GitHub, GitLab and Gitea. Text from devices and commits must
 * show as it is and do nothing. Three layers can bring it to life, each with
 * its own remedy:
 *
 *  - Markdown itself: a backslash in front of what means something;
 *  - HTML: entities for < > and &;
 *  - what the forge looks for in the finished page (mentions, references,
 *    addresses, emoji), where a backslash is long gone: a word joiner (U+2060,
 *    no width) inside, which no forge takes for part of a name or number.
 */
#include "base/writer.h"

#include <ctype.h>
#include <strings.h>

#define WORD_JOINER "\xe2\x81\xa0"

/* The character i places on, 0 past the end. */
static char
peek(struct span s, size_t i)
{
	return i < s.len ? s.p[i] : '\0';
}

static bool
word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static bool
word_before(struct span s, size_t i)
{
	return i > 0 && word_char(s.p[i - 1]);
}

/* "::1:" and "2001:db8:100:1" are addresses, ":tada:" is a picture; but some
 * pictures have names that look like hexadecimal digits. */
static bool
emoji(struct span s, size_t colon)
{
	static const char *const hex_names[] = { "100", "1234", "a", "ab", "abc", "abcd", "b",
		"bee", "cd", "+1", "-1" };
	size_t len = 0, hex = 0;

	while (word_char(peek(s, colon + 1 + len)) || peek(s, colon + 1 + len) == '+' ||
	    peek(s, colon + 1 + len) == '-') {
		hex += isxdigit((unsigned char)s.p[colon + 1 + len]) != 0;
		len++;
	}
	if (len == 0 || peek(s, colon + 1 + len) != ':')
		return false;
	for (size_t i = 0; i < sizeof(hex_names) / sizeof(hex_names[0]); i++) {
		if (span_is(span_of(s.p + colon + 1, len), hex_names[i]))
			return true;
	}
	return hex < len;
}

/* After the character at i a forge could go on to read a name, a number or
 * an address. */
static bool
needs_joiner(struct span s, size_t i)
{
	char next = peek(s, i + 1);

	switch (s.p[i]) {
	case '@':
		return true;
	case '#':
	case '!':
	case '$':
	case '&':
		return isdigit((unsigned char)next);
	case '~':
	case '%':
	case '^':
		return word_char(next) || next == '"';
	case ':':
		return next == '/' || emoji(s, i);
	case '-':
		return isdigit((unsigned char)next) && i >= 2 &&
		    strncasecmp(s.p + i - 2, "gh", 2) == 0 && !word_before(s, i - 2);
	case 'w':
	case 'W':
		return next == '.' && i >= 2 && strncasecmp(s.p + i - 2, "ww", 2) == 0;
	default:
		return false;
	}
}

/* Only at the start of a line does it mean something: "- item", "1. item",
 * "+ item", "=====". */
static bool
special_at_start(struct span s, size_t i)
{
	size_t digits = 0;

	if (i == 0)
		return s.p[0] == '-' || s.p[0] == '+' || s.p[0] == '=';
	if (s.p[i] != '.' && s.p[i] != ')')
		return false;
	while (digits < i && isdigit((unsigned char)s.p[digits]))
		digits++;
	return digits == i;
}

static void
add_char(struct buf *out, struct span s, size_t i, const char *line_end)
{
	char c = s.p[i];

	if (c == '\n')
		buf_adds(out, line_end);
	else if (c == '\t')
		buf_addc(out, ' ');
	else if (c == '<')
		buf_adds(out, "&lt;");
	else if (c == '>')
		buf_adds(out, "&gt;");
	else if (c == '&')
		buf_adds(out, "&amp;");
	else if (strchr("\\`*_{}[]#!|~$", c) != NULL || special_at_start(s, i))
		buf_addf(out, "\\%c", c);
	else
		buf_addc(out, c);
	if (needs_joiner(s, i))
		buf_adds(out, WORD_JOINER);
}

static void
add_text(struct buf *out, struct span s, const char *line_end)
{
	struct buf seen = BUF_INIT;
	struct span text;

	text_visible(&seen, s, true);
	text = span_trim(buf_span(&seen));
	for (size_t i = 0; i < text.len; i++)
		add_char(out, text, i, line_end);
	buf_release(&seen);
}

void
md_text(struct buf *out, struct span s)
{
	add_text(out, s, " ");
}

void
md_cell(struct buf *out, struct span s)
{
	add_text(out, s, "<br>");
}

/* One more than the longest run of backticks, at least `least`. */
static size_t
fence_len(struct span s, size_t least)
{
	size_t run = 0;

	for (size_t i = 0; i < s.len; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		if (run >= least)
			least = run + 1;
	}
	return least;
}

static void
add_times(struct buf *out, char c, size_t n)
{
	while (n-- > 0)
		buf_addc(out, c);
}

/* The blanks around are taken off again by the reader: needed when the text
 * has a backtick or a blank at an end. */
static void
add_code(struct buf *out, struct span s, bool cell)
{
	struct buf seen = BUF_INIT;
	struct span text;
	size_t ticks;
	bool pad;

	text_visible(&seen, s, true);
	text = buf_span(&seen);
	ticks = fence_len(text, 1);
	pad = text.len == 0 || strchr("` \n", text.p[0]) != NULL ||
	    strchr("` \n", text.p[text.len - 1]) != NULL;
	add_times(out, '`', ticks);
	add_times(out, ' ', pad);
	for (size_t i = 0; i < text.len; i++) {
		if (cell && text.p[i] == '|')
			buf_addc(out, '\\');
		buf_addc(out, text.p[i] == '\n' ? ' ' : text.p[i]);
	}
	add_times(out, ' ', pad);
	add_times(out, '`', ticks);
	buf_release(&seen);
}

void
md_code(struct buf *out, struct span s)
{
	add_code(out, s, false);
}

void
md_cell_code(struct buf *out, struct span s)
{
	add_code(out, s, true);
}

void
md_fence(struct buf *out, const char *lang, struct span s)
{
	struct buf seen = BUF_INIT;
	size_t ticks;

	text_visible(&seen, s, true);
	ticks = fence_len(buf_span(&seen), 3);
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
	add_times(out, '`', ticks);
	for (; lang != NULL && (isalnum((unsigned char)*lang) || *lang == '-'); lang++)
		buf_addc(out, *lang);
	buf_addc(out, '\n');
	buf_addspan(out, buf_span(&seen));
	if (seen.len > 0 && seen.data[seen.len - 1] != '\n')
		buf_addc(out, '\n');
	add_times(out, '`', ticks);
	buf_addc(out, '\n');
	buf_release(&seen);
}
