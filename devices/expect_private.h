/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What expect.c (one command, one answer), expect_login.c and expect_bulk.c
 * (many lines) share. Nobody else includes this.
 */
#ifndef FAIRLEAD_DEVICES_EXPECT_PRIVATE_H
#define FAIRLEAD_DEVICES_EXPECT_PRIVATE_H

#include "devices/expect.h"
#include "devices/screen.h"

/* How long nothing more may arrive before a prompt is believed, in real
 * milliseconds: it is the network that is waited for, not the device. */
#define QUIET_NOW_MS 0		/* the reply is as expected; the next echo is the proof */
#define QUIET_SURE_MS 10	/* it is, but it is a text that may hold anything */
#define QUIET_MS 150		/* nothing in particular was */
#define QUIET_DOUBT_MS 2000	/* it is not: perhaps more is to come */
#define QUIET_MAX_MS 5000
#define HOST_MAX 256

struct expect {
	struct expect_conf conf;
	struct wire wire;
	struct screen screen;
	int mode;
	char host[HOST_MAX];
	char prompt[HOST_MAX];	/* the last one believed, as it stood */
	struct mono heard;	/* when bytes last came */
	bool streaming;		/* they came, and nothing was sent since */
	int64_t gap_ms;		/* longest pause seen inside a line */
	size_t total;		/* bytes since the command began */
	bool broken;		/* out of step with the device: of no more use */
	bool bulk;		/* what comes may be an echo of the candidate: not quoted */
};

/* What stands on the incomplete line. */
enum tail { TAIL_TEXT, TAIL_PROMPT, TAIL_PAGER, TAIL_QUESTION };

/* Match the incomplete line against the prompts. `any_host`: the host part may
 * be another one. True with *mode and *host set. */
bool expect_prompt(const struct expect *e, struct span line, bool any_host, int *mode,
    struct span *host);
/* Begin: forget what was received, note the time. */
void expect_begin(struct expect *e);
int expect_write(struct expect *e, struct span s, struct err *err);
int expect_enter(struct expect *e, struct span line, struct err *err);
/* Read for at most real_ms and feed the screen: 1 bytes came, 0 none,
 * negative error (also past max_output bytes). */
int expect_read(struct expect *e, int real_ms, struct err *err);
/* Real milliseconds of quiet for one of the above, more for a slow device. */
int expect_quiet(const struct expect *e, int quiet);
/* Which of the above a reply calls for: `sure` when it is as expected. */
int expect_doubt(bool (*is_sure)(void *ctx, struct span reply), void *ctx,
    struct span reply, int sure);
/* Real milliseconds until silence or the deadline; ERR_TIMEOUT when past. */
int expect_patience(const struct expect *e, struct mono deadline, int *real_ms,
    struct err *err);
/* An error with the last thing the device said; returns code. */
int expect_fail(const struct expect *e, struct err *err, int code, const char *what);
/* The echo of `line` among the completed lines: 1 with *end after it, 0 not
 * yet, -1 something else stands there. */
int expect_echo(const struct expect *e, struct span line, size_t *end);
/* Note the prompt that stands on the line. */
void expect_believe(struct expect *e, int mode, struct span host);
/* Answer the pager: its text goes from the line. */
int expect_page(struct expect *e, struct err *err);
bool expect_at_pager(const struct expect *e);

#endif
