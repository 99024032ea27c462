/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal of one session: bytes in, lines out to a dialect; its output
 * back to bytes, through a pager. Pure: no clock, no socket.
 *
 * Two things echo, as on a real box: the line editor while it reads a line,
 * and the tty itself for whatever arrives while a command runs. Input that
 * runs ahead of the prompt is therefore shown twice, once at once and once
 * when it is read.
 */
#ifndef FAIRLEAD_LAB_TERM_H
#define FAIRLEAD_LAB_TERM_H

#include "base/text.h"

enum term_mode {
	TERM_LINE,	/* the line editor, with a prompt */
	TERM_TEXT,	/* lines of a text, no prompt (banners) */
	TERM_SECRET,	/* one line, not shown */
	TERM_COOKED,	/* the tty itself, to Ctrl-D (copy terminal:) */
	TERM_PAGER,	/* waiting at --More-- */
	TERM_CLOSED,
};

struct term_ops {
	/* A line was entered in TERM_LINE, TERM_TEXT or TERM_SECRET. */
	void (*line)(void *ctx, const char *line);
	/* TERM_COOKED ended; interrupted: by Ctrl-C. */
	void (*cooked)(void *ctx, struct span text, bool interrupted);
	/* "?" was typed after `line`. */
	void (*help)(void *ctx, const char *line);
};

struct term {
	bool tty;		/* there is a pty: echo, prompt, pager */
	int width;		/* columns; 0: endless */
	int rows;		/* lines a page; 0: no pager */
	bool unpaged;		/* no pager for the output of this command */
	enum term_mode mode;
	struct buf out;		/* bytes for the client; it clears them */
	const struct term_ops *ops;
	void *ctx;
	/* The rest is term.c's. */
	struct buf in;		/* of one term_feed() */
	size_t at;		/* read up to here */
	size_t echoed;		/* shown by the tty up to here */
	struct buf line;
	struct buf text;	/* of TERM_COOKED */
	struct buf reply;	/* what the running command printed */
	struct buf page;	/* what waits behind --More-- */
	struct buf hint;	/* printed amid the tty's echo, see term_hint() */
	struct buf prompt;
	enum term_mode after_page;
	int column;
	int escape;		/* inside an escape sequence */
};

void term_init(struct term *t, const struct term_ops *ops, void *ctx, bool tty, int width,
    int rows);
void term_release(struct term *t);

/* Bytes from the client. */
void term_feed(struct term *t, const char *p, size_t n);

/* For the dialect, while it handles a line: */
/* Print; LF becomes CRLF. */
void term_print(struct term *t, const char *s);
void term_printf(struct term *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Print something that comes when it comes, amid what the client sends. */
void term_hint(struct term *t, const char *s);
/* What to read next; the prompt is shown for TERM_LINE and TERM_SECRET. */
void term_next(struct term *t, enum term_mode mode, const char *prompt);
/* Forget what the running command printed. */
void term_mute(struct term *t);
/* Send what was printed and the prompt (used once, at login). */
void term_flush(struct term *t);

#endif
