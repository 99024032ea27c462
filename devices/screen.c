/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal of one line. Devices draw over what they printed (pagers,
 * progress bars, long echoes), so a byte is not text until its line ends.
 * Everything that moves to another line is ignored: no device command needs
 * it, and honouring it would let output rewrite what was judged before.
 *
 * Work per byte is constant but for overwriting inside a line, which moves at
 * most that line; lines are bounded by LINE_MAX_BYTES.
 */
#include "devices/screen.h"

enum escape { PLAIN, ESC, ESC_SKIP, CSI, STRING, STRING_ESC };

#define LINE_MAX_BYTES ((size_t)1 << 20)

void
screen_init(struct screen *s, size_t max)
{
	*s = (struct screen){ .text = BUF_LIMIT(max), .line = BUF_LIMIT(LINE_MAX_BYTES) };
}

void
screen_release(struct screen *s)
{
	buf_wipe(&s->text);
	buf_wipe(&s->line);
}

void
screen_clear(struct screen *s, bool keep_line)
{
	if (s->text.data != NULL)
		mem_wipe(s->text.data, s->text.len);
	buf_clear(&s->text);
	s->text.truncated = false;
	if (keep_line)
		return;
	buf_clear(&s->line);
	s->line.truncated = false;
	s->cursor = 0;
	s->redrawn = false;
}

void
screen_erase(struct screen *s, size_t from)
{
	if (from >= s->line.len)
		return;
	buf_cut(&s->line, from);
	if (s->cursor > from)
		s->cursor = from;
	s->redrawn = true;
}

static bool
continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void
end_line(struct screen *s)
{
	struct span line = buf_span(&s->line);

	while (s->redrawn && line.len > 0 && line.p[line.len - 1] == ' ')
		line.len--;
	buf_addspan(&s->text, line);
	buf_addc(&s->text, '\n');
	if (s->line.truncated)
		s->text.truncated = true;
	buf_clear(&s->line);
	s->cursor = 0;
	s->redrawn = false;
}

static void
put(struct screen *s, char c)
{
	size_t end = s->cursor + 1;

	if (s->cursor == s->line.len) {
		buf_addc(&s->line, c);
		s->cursor = s->line.len;
		return;
	}
	s->redrawn = true;
	if (continues(c)) {
		/* The rest of a character: its first byte was put already. */
		buf_addc(&s->line, c);
		if (s->line.truncated)
			return;
		memmove(s->line.data + end, s->line.data + s->cursor,
		    s->line.len - end);
		s->line.data[s->cursor] = c;
		s->cursor = end;
		return;
	}
	while (end < s->line.len && continues(s->line.data[end]))
		end++;
	s->line.data[s->cursor++] = c;
	memmove(s->line.data + s->cursor, s->line.data + end, s->line.len - end);
	buf_cut(&s->line, s->line.len - (end - s->cursor));
}

static void
left(struct screen *s, size_t n)
{
	while (n-- > 0 && s->cursor > 0) {
		do
			s->cursor--;
		while (s->cursor > 0 && continues(s->line.data[s->cursor]));
	}
}

static void
right(struct screen *s, size_t n)
{
	while (n-- > 0 && s->cursor < s->line.len) {
		do
			s->cursor++;
		while (s->cursor < s->line.len && continues(s->line.data[s->cursor]));
	}
}

/* The first parameter, 1 when it is missing. */
static size_t
first_arg(const struct screen *s)
{
	size_t v = 0;

	for (size_t i = 0; i < s->n_args && s->args[i] >= '0' && s->args[i] <= '9'; i++)
		v = v * 10 + (size_t)(s->args[i] - '0');
	if (v > 10000)
		v = 10000;
	return v > 0 ? v : 1;
}

static void
erase_line(struct screen *s)
{
	bool all = s->n_args > 0 && s->args[0] == '2';

	if (s->n_args > 0 && s->args[0] == '1') {
		s->redrawn = true;
		memset(s->line.data, ' ', s->cursor);
	} else if (all) {
		screen_erase(s, 0);
	} else {
		screen_erase(s, s->cursor);
	}
}

static void
control_sequence(struct screen *s, char final)
{
	switch (final) {
	case 'D':
		left(s, first_arg(s));
		break;
	case 'C':
		right(s, first_arg(s));
		break;
	case 'G':
		s->cursor = 0;
		right(s, first_arg(s) - 1);
		break;
	case 'K':
		if (s->line.len > 0)
			erase_line(s);
		break;
	default:
		break;
	}
}

static void
escape_byte(struct screen *s, unsigned char c)
{
	switch (s->state) {
	case ESC:
		if (c == '[')
			s->state = CSI;
		else if (c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_')
			s->state = STRING;
		else if (c >= 0x20 && c <= 0x2f)
			s->state = ESC_SKIP;
		else
			s->state = PLAIN;
		s->n_args = 0;
		break;
	case ESC_SKIP:
		s->state = PLAIN;
		break;
	case CSI:
		if (c >= 0x40 && c <= 0x7e) {
			control_sequence(s, (char)c);
			s->state = PLAIN;
		} else if (c < 0x20 || c > 0x7e) {
			s->state = PLAIN;	/* not a sequence after all */
		} else if (s->n_args < sizeof(s->args)) {
			s->args[s->n_args++] = (char)c;
		}
		break;
	case STRING:
		if (c == 0x07 || c == 0x9c || c == '\n')
			s->state = PLAIN;
		else if (c == 0x1b)
			s->state = STRING_ESC;
		break;
	default:	/* STRING_ESC */
		s->state = c == '\\' ? PLAIN : STRING;
		break;
	}
}

static void
control_byte(struct screen *s, unsigned char c)
{
	switch (c) {
	case '\n':
		end_line(s);
		break;
	case '\r':
		s->cursor = 0;
		break;
	case '\b':
		left(s, 1);
		break;
	case '\t':
		put(s, '\t');
		break;
	case 0x1b:
		s->state = ESC;
		break;
	default:
		break;
	}
}

/* Eight-bit controls are controls only outside a UTF-8 character; and they
 * are controls as well when written as one (C2 80 to C2 9F). */
static void
high_byte(struct screen *s, unsigned char c)
{
	if (s->tail > 0 && continues((char)c)) {
		if (s->lead == 0xc2) {
			s->tail = 0;
			if (c < 0xa0)
				return;
			put(s, (char)s->lead);
		}
		s->tail = s->tail > 0 ? s->tail - 1 : 0;
		put(s, (char)c);
		return;
	}
	s->tail = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
	s->lead = c;
	if (c == 0x9b) {
		s->state = CSI;
		s->n_args = 0;
	} else if (c == 0x9d || c == 0x90 || c == 0x98 || c == 0x9e || c == 0x9f) {
		s->state = STRING;
	} else if (c >= 0xa0 && c != 0xc2) {
		put(s, (char)c);
	}
}

/* Whole lines of plain text, which is nearly all there is: nothing is drawn on
 * them, so they need not be put together in `line` first. */
static size_t
plain_lines(struct screen *s, const char *p, size_t n)
{
	size_t taken = 0, len, end;

	if (s->state != PLAIN || s->line.len > 0 || s->redrawn)
		return 0;
	while (taken < n) {
		const char *line = p + taken;

		for (len = 0; taken + len < n && line[len] >= 0x20 && line[len] < 0x7f; len++)
			;
		end = len + (taken + len < n && line[len] == '\r');
		if (taken + end == n || line[end] != '\n')
			break;
		buf_add(&s->text, line, len);
		buf_addc(&s->text, '\n');
		taken += end + 1;
		s->tail = 0;
	}
	return taken;
}

/* Plain text at the end of a line. */
static size_t
plain_run(struct screen *s, const char *p, size_t n)
{
	size_t i = 0;

	if (s->state != PLAIN || s->cursor != s->line.len)
		return 0;
	while (i < n && p[i] >= 0x20 && p[i] < 0x7f)
		i++;
	buf_add(&s->line, p, i);
	s->cursor = s->line.len;
	if (i > 0)
		s->tail = 0;
	return i;
}

void
screen_feed(struct screen *s, const char *p, size_t n)
{
	size_t i = 0;

	while ((i += plain_lines(s, p + i, n - i)) < n &&
	    (i += plain_run(s, p + i, n - i)) < n) {
		unsigned char c = (unsigned char)p[i++];

		if (s->state != PLAIN) {
			escape_byte(s, c);
		} else if (c < 0x20 || c == 0x7f) {
			s->tail = 0;
			control_byte(s, c);
		} else if (c >= 0x80) {
			high_byte(s, c);
		} else {
			s->tail = 0;
			put(s, (char)c);
		}
	}
}
