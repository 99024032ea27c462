/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what a terminal is sent to the text a person would see: lines, with
 * escape sequences gone, carriage returns and backspaces carried out, and C1
 * and other control bytes dropped. Bytes above 0x9f pass as they are.
 */
#ifndef FAIRLEAD_DEVICES_SCREEN_H
#define FAIRLEAD_DEVICES_SCREEN_H

#include "base/text.h"

struct screen {
	struct buf text;	/* completed lines, each with its LF */
	struct buf line;	/* the line that is not complete yet */
	size_t cursor;		/* byte offset in line */
	bool redrawn;		/* the line was written over: blanks at its end are left-overs */
	int state;		/* enum escape of screen.c */
	int tail;		/* UTF-8 continuation bytes still to come */
	unsigned char lead;	/* the byte they follow */
	char args[16];		/* parameters of a control sequence */
	size_t n_args;
};

/* At most `max` bytes of text are kept (then text.truncated is set). */
void screen_init(struct screen *s, size_t max);
/* Wipes: it may have held secrets. */
void screen_release(struct screen *s);
/* Start over, keeping the incomplete line when `keep_line`. */
void screen_clear(struct screen *s, bool keep_line);
void screen_feed(struct screen *s, const char *p, size_t n);
/* Cut the incomplete line at an offset, as if the rest had been erased. */
void screen_erase(struct screen *s, size_t from);

#endif
