/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small state machine over bytes. Order of what the client sees after a
 * line: its line end, the tty's echo of what ran ahead (with a hint in its
 * middle), the command's output page by page, the next prompt.
 */
#include "lab/term.h"

enum {
	LINE_MAX_BYTES = 8192,	/* of the line editor */
	TTY_LINE_MAX = 4095,	/* of a tty in canonical mode */
	TEXT_MAX_BYTES = 64 << 20,
	CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, CTRL_L = 12, CTRL_R = 18, CTRL_U = 21,
	CTRL_W = 23, CTRL_Z = 26, ESCAPE = 27, DEL = 127,
};

#define MORE "\033[7m --More-- \033[0m"
#define MORE_GONE "\r          \r"

void
term_init(struct term *t, const struct term_ops *ops, void *ctx, bool tty, int width, int rows)
{
	memset(t, 0, sizeof(*t));
	t->ops = ops;
	t->ctx = ctx;
	t->tty = tty;
	t->width = tty ? width : 0;
	t->rows = tty ? rows : 0;
	t->line.max = LINE_MAX_BYTES;
	t->text.max = TEXT_MAX_BYTES;
}

void
term_release(struct term *t)
{
	buf_release(&t->out);
	buf_release(&t->in);
	buf_release(&t->line);
	buf_release(&t->text);
	buf_release(&t->reply);
	buf_release(&t->page);
	buf_release(&t->hint);
	buf_release(&t->prompt);
}

void
term_print(struct term *t, const char *s)
{
	buf_adds(&t->reply, s);
}

void
term_printf(struct term *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&t->reply, fmt, ap);
	va_end(ap);
}

void
term_hint(struct term *t, const char *s)
{
	buf_adds(&t->hint, s);
}

void
term_mute(struct term *t)
{
	buf_clear(&t->reply);
	buf_clear(&t->hint);
}

void
term_next(struct term *t, enum term_mode mode, const char *prompt)
{
	t->mode = mode;
	buf_clear(&t->prompt);
	buf_adds(&t->prompt, prompt);
}

/* LF as CRLF; without a tty as it is. */
static void
emit(struct term *t, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\n' && t->tty)
			buf_addc(&t->out, '\r');
		buf_addc(&t->out, s.p[i]);
	}
}

/* The tty shows what it gets: CR and LF as a line end, control bytes as ^X. */
static void
tty_echo(struct term *t, struct span s)
{
	if (!t->tty)
		return;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\r' || c == '\n')
			buf_adds(&t->out, "\r\n");
		else if (c == CTRL_D)
			continue;
		else if (c < 32 && c != '\t')
			buf_addf(&t->out, "^%c", c + 64);
		else
			buf_addc(&t->out, (char)c);
	}
}

/* --- output ----------------------------------------------------------- */

static void
show_prompt(struct term *t)
{
	if (t->mode != TERM_LINE && t->mode != TERM_SECRET)
		return;
	t->column = 0;
	if (!t->tty)
		return;
	buf_addspan(&t->out, buf_span(&t->prompt));
	t->column = (int)t->prompt.len;
}

/* Show at most `lines` lines of the page; what is left waits. */
static void
show_page(struct term *t, int lines)
{
	struct span rest = buf_span(&t->page), line;
	size_t shown = 0;

	while ((t->rows == 0 || t->unpaged || lines-- > 0) && span_line(&rest, &line))
		shown = t->page.len - rest.len;
	emit(t, span_of(buf_str(&t->page), shown));
	buf_drop(&t->page, shown);
	if (t->page.len > 0) {
		buf_adds(&t->out, MORE);
		return;
	}
	t->mode = t->after_page;
	t->unpaged = false;
	show_prompt(t);
}

/* The command is done: show what it said, then what comes next. */
void
term_flush(struct term *t)
{
	buf_addspan(&t->page, buf_span(&t->reply));
	buf_clear(&t->reply);
	t->after_page = t->mode;
	if (t->mode != TERM_CLOSED)
		t->mode = TERM_PAGER;
	show_page(t, t->rows > 1 ? t->rows - 1 : 1);
}

static void
run_line(struct term *t)
{
	char *line = mem_strndup(buf_str(&t->line), t->line.len);
	size_t seen = t->echoed > t->at ? t->echoed : t->at;
	size_t ahead = t->in.len - seen, half = ahead / 2;
	const char *from = buf_str(&t->in) + seen;

	buf_clear(&t->line);
	t->ops->line(t->ctx, line);
	free(line);
	tty_echo(t, span_of(from, half));
	emit(t, buf_span(&t->hint));
	tty_echo(t, span_of(from + half, ahead - half));
	t->echoed = t->in.len;
	buf_clear(&t->hint);
	term_flush(t);
}

/* --- the line editor -------------------------------------------------- */

/* A wrap is what readline does at the right margin: a space that lands on the
 * next line, and back to its first column. */
static void
advance(struct term *t)
{
	t->column++;
	if (t->width > 0 && t->column >= t->width) {
		buf_adds(&t->out, " \r");
		t->column = 0;
	}
}

static void
insert_char(struct term *t, char c)
{
	if (t->line.len >= LINE_MAX_BYTES) {
		buf_addc(&t->out, '\a');
		return;
	}
	buf_addc(&t->line, c);
	if (!t->tty || t->mode == TERM_SECRET)
		return;
	buf_addc(&t->out, c);
	advance(t);
}

static void
erase_chars(struct term *t, size_t n)
{
	for (; n > 0 && t->line.len > 0; n--) {
		buf_cut(&t->line, t->line.len - 1);
		if (t->tty && t->mode != TERM_SECRET)
			buf_adds(&t->out, "\b \b");
		t->column -= t->column > 0;
	}
}

static size_t
last_word(const struct term *t)
{
	const char *s = buf_str(&t->line);
	size_t n = t->line.len;

	while (n > 0 && s[n - 1] == ' ')
		n--;
	while (n > 0 && s[n - 1] != ' ')
		n--;
	return t->line.len - n;
}

static void
enter(struct term *t)
{
	if (t->tty)
		buf_adds(&t->out, "\r\n");
	run_line(t);
}

static void
enter_word(struct term *t, const char *word)
{
	buf_clear(&t->line);
	buf_adds(&t->line, word);
	enter(t);
}

static void
redisplay(struct term *t)
{
	buf_adds(&t->out, "\r\n");
	show_prompt(t);
	emit(t, buf_span(&t->line));
	t->column += (int)t->line.len;
}

static void
help(struct term *t)
{
	buf_adds(&t->out, "?\r\n");
	t->ops->help(t->ctx, buf_str(&t->line));
	emit(t, buf_span(&t->reply));
	buf_clear(&t->reply);
	show_prompt(t);
	emit(t, buf_span(&t->line));
	t->column += (int)t->line.len;
}

/* Keys of the editor that are no text; false when c is text. */
static bool
edit_key(struct term *t, unsigned char c)
{
	bool editor = t->mode == TERM_LINE && t->tty;

	if (c == BACKSPACE || c == DEL)
		erase_chars(t, 1);
	else if (c == CTRL_U)
		erase_chars(t, t->line.len);
	else if (c == CTRL_W)
		erase_chars(t, last_word(t));
	else if (c == CTRL_Z && editor)
		enter_word(t, "end");
	else if (c == CTRL_D && t->line.len == 0)
		enter_word(t, t->mode == TERM_TEXT ? "EOF" : "exit");
	else if (c == CTRL_C)
		enter_word(t, t->mode == TERM_TEXT ? "EOF" : "");
	else if ((c == CTRL_L || c == CTRL_R) && editor)
		redisplay(t);
	else if (c == '\t' && t->mode != TERM_TEXT)
		buf_addc(&t->out, '\a');
	else if (c == '?' && editor)
		help(t);
	else
		return c < 32 && c != '\t';
	return true;
}

/* Escape sequences (arrow keys) are swallowed. */
static bool
in_escape(struct term *t, unsigned char c)
{
	if (c == ESCAPE) {
		t->escape = 1;
		return true;
	}
	if (t->escape == 1)
		t->escape = c == '[' || c == 'O' ? 2 : 0;
	else if (t->escape == 2)
		t->escape = c >= '@' && c <= '~' ? 0 : 2;
	else
		return false;
	return true;
}

static void
editor_byte(struct term *t, unsigned char c)
{
	if (c == '\r' || c == '\n') {
		enter(t);
		return;
	}
	if (in_escape(t, c) || edit_key(t, c))
		return;
	insert_char(t, (char)c);
}

/* --- the tty in canonical mode ---------------------------------------- */

static void
cooked_done(struct term *t, bool interrupted)
{
	char *text;
	size_t len = t->text.len, seen;

	buf_addspan(&t->text, buf_span(&t->line));
	len += t->line.len;
	buf_clear(&t->line);
	text = mem_strndup(buf_str(&t->text), len);
	buf_release(&t->text);
	t->text.max = TEXT_MAX_BYTES;
	t->ops->cooked(t->ctx, span_of(text, len), interrupted);
	free(text);
	seen = t->echoed > t->at ? t->echoed : t->at;
	tty_echo(t, span_of(buf_str(&t->in) + seen, t->in.len - seen));
	t->echoed = t->in.len;
	term_flush(t);
}

static void
cooked_flush(struct term *t)
{
	buf_addspan(&t->text, buf_span(&t->line));
	buf_clear(&t->line);
}

/* Ctrl-D ends the text only at the beginning of a line; amid a line it just
 * hands over what there is, and a second one ends it. */
static void
cooked_byte(struct term *t, unsigned char c, bool shown)
{
	char ch = (char)c;

	if (!shown)
		tty_echo(t, span_of(&ch, 1));
	if (c == CTRL_D && t->line.len == 0) {
		cooked_done(t, false);
	} else if (c == CTRL_D) {
		cooked_flush(t);
	} else if (c == CTRL_C) {
		cooked_done(t, true);
	} else if (c == '\r' || c == '\n') {
		buf_addc(&t->line, '\n');
		cooked_flush(t);
	} else if (c == DEL || c == CTRL_U) {
		buf_cut(&t->line, c == DEL && t->line.len > 0 ? t->line.len - 1 : 0);
	} else if (t->line.len < TTY_LINE_MAX) {
		buf_addc(&t->line, ch);
	}
}

static void
pager_byte(struct term *t, unsigned char c)
{
	if (c == 'q' || c == 'Q' || c == CTRL_C)
		buf_clear(&t->page);
	buf_adds(&t->out, MORE_GONE);
	show_page(t, c == '\r' || c == '\n' ? 1 : t->rows > 1 ? t->rows - 1 : 1);
}

void
term_feed(struct term *t, const char *p, size_t n)
{
	buf_add(&t->in, p, n);
	while (t->at < t->in.len && t->mode != TERM_CLOSED) {
		unsigned char c = (unsigned char)t->in.data[t->at];
		bool shown = t->at < t->echoed;

		t->at++;
		if (t->mode == TERM_COOKED)
			cooked_byte(t, c, shown);
		else if (t->mode == TERM_PAGER)
			pager_byte(t, c);
		else
			editor_byte(t, c);
	}
	buf_clear(&t->in);
	t->at = t->echoed = 0;
}
