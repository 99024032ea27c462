/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prompt engine: sends lines to an interactive shell and knows when the
 * device has finished answering. It works over a table of two functions, so
 * it does not know SSH and can be run over any stream of bytes.
 *
 * A prompt is believed only when all of this holds: it is the last text and
 * has no line end; it matches the prompt of a mode; its host part is the one
 * learned at login; what was sent has been echoed before it; and nothing more
 * arrives for a while. The while is short when the reply is what the caller
 * expects, longer when it is not, and grows with the slowness of the device.
 * A device that sends one byte a second is alive; silence is not.
 *
 * After ERR_TIMEOUT, ERR_CLOSED, ERR_OUTPUT or ERR_PROMPT the stream is of no
 * more use. Everything received is wiped when it is dropped.
 */
#ifndef FAIRLEAD_DEVICES_EXPECT_H
#define FAIRLEAD_DEVICES_EXPECT_H

#include "base/re.h"
#include "base/secret.h"
#include "base/sys.h"
#include "base/text.h"
#include "diffing/dialect.h"

/* A stream of bytes in both directions. */
struct wire {
	/* Bytes read (at least 1), 0 when none came within real_ms, or a
	 * negative code: ERR_CLOSED at the end of the stream. */
	int (*read)(void *ctx, void *p, size_t n, int real_ms, struct err *err);
	/* All of it, or a negative code. */
	int (*write)(void *ctx, const void *p, size_t n, struct err *err);
	void *ctx;
};

/* A mode of the device's shell. The pattern is anchored and has a group
 * `host`. */
struct expect_mode {
	const char *name;
	const struct re *prompt;
};

struct expect_conf {
	const struct expect_mode *modes;
	size_t n_modes;
	const struct re *pager;		/* or NULL */
	const char *pager_answer;
	const char *enter;		/* what ends a line: "\n" */
	bool echo;			/* the device repeats what it is sent */
	int64_t silence_ms;		/* longest silence */
	int64_t command_ms;		/* longest time of a command */
	size_t max_output;		/* bytes of one reply */
	const struct dialect *dialect;	/* masks what errors quote; or NULL */
	struct sys *sys;
};

struct expect;
/* conf's arrays and the wire's ctx must outlive it. */
struct expect *expect_new(const struct expect_conf *conf, const struct wire *wire);
void expect_free(struct expect *e);

/* Wait for the first prompt and learn it: two equal ones in a row. */
int expect_login(struct expect *e, struct err *err);
/* Index of the mode the last prompt showed. */
int expect_mode(const struct expect *e);
const char *expect_host(const struct expect *e);

/* A question the device may ask before it is done. */
struct expect_question {
	const struct re *match;		/* against the line it stands on */
	struct span answer;		/* without line end; may be a secret */
};

struct expect_command {
	struct span line;		/* without line end */
	const struct expect_question *questions;
	size_t n_questions;
	/* Whether the reply so far is what is expected (or is a known error):
	 * then the prompt after it is believed at once, else late. NULL: nothing
	 * in particular is expected. */
	bool (*sure)(void *ctx, struct span reply);
	void *ctx;
	bool text;			/* the reply may hold anything: a configuration */
	bool enters;			/* it leads to `mode`: a prompt of that one is */
	int mode;			/* believed at once too */
	bool relearn;			/* the host part may change now */
	int64_t timeout_ms;		/* instead of command_ms, or 0 */
};
/* Send a line, wait for the prompt. *reply gets what stands between the echo
 * and the prompt; lines end in LF. */
int expect_send(struct expect *e, const struct expect_command *c, struct buf *reply,
    struct err *err);

/* Many lines at once, without a round trip a line. */
struct expect_bulk {
	struct span open;		/* line that starts it; p NULL: none */
	struct span text;		/* LF-terminated lines, no other control but TAB */
	struct span end;		/* bytes sent after the text, or p NULL */
	const struct re *ready;		/* heredoc: what the device says when it listens */
	/* A line that is no echo: true stops the sending. NULL: never. */
	bool (*stop)(void *ctx, struct span line);
	bool (*sure)(void *ctx, struct span reply);
	void *ctx;
	int64_t timeout_ms;
};
/* `open`, then the text as input to it, then `end`: one prompt at the end.
 * *reply gets the lines that are not echoes of the text. */
int expect_heredoc(struct expect *e, const struct expect_bulk *b, struct buf *reply,
    struct err *err);
/* Each line of the text is a command with a prompt after it. Stops sending at
 * the first line that stop() says; *line is then its number (from 1), else 0. */
int expect_paste(struct expect *e, const struct expect_bulk *b, struct buf *reply,
    size_t *line, struct err *err);

#endif
