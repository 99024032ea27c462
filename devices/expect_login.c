/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Learning the prompt. Nothing is known yet but what prompts look like, and a
 * banner may look like one; so a prompt is learned only when it stands there
 * twice in a row, the second time in answer to an empty line of ours.
 */
#include "devices/expect_private.h"

#define NUDGES 8	/* empty lines sent */

/* The last completed line that is not blank. */
static struct span
line_before(const struct expect *e)
{
	struct span rest = buf_span(&e->screen.text), line, last = { "", 0 };

	while (span_line(&rest, &line))
		if (span_trim(line).len > 0)
			last = line;
	return last;
}

/* Two equal prompts in a row, the second after an empty line of ours. */
static bool
learned(struct expect *e, int nudges)
{
	struct span line = buf_span(&e->screen.line), host;
	int mode;

	if (nudges == 0 || !expect_prompt(e, line, true, &mode, &host) ||
	    !span_eq(span_rtrim(line_before(e)), span_rtrim(line)))
		return false;
	e->host[0] = '\0';
	expect_believe(e, mode, host);
	return true;
}

/* Answers to empty lines that are still on their way. */
static int
drain(struct expect *e, int quiet, struct err *err)
{
	int rc;

	do
		rc = expect_read(e, expect_quiet(e, quiet), err);
	while (rc > 0);
	return rc;
}

static bool
at_any_prompt(const struct expect *e)
{
	struct span host;
	int mode;

	return expect_prompt(e, buf_span(&e->screen.line), true, &mode, &host);
}

/* How long to wait for more before the next empty line is sent. */
static int
nudge_wait(const struct expect *e, int nudges)
{
	if (nudges == 0 && at_any_prompt(e))
		return expect_quiet(e, QUIET_SURE_MS);
	return sys_real_ms(e->conf.sys, e->conf.silence_ms / (NUDGES + 2));
}

int
expect_login(struct expect *e, struct err *err)
{
	struct mono deadline = mono_add_ms(sys_mono(e->conf.sys), e->conf.command_ms);
	int rc, patience, nudges = 0, quiet = QUIET_SURE_MS;

	expect_begin(e);
	while (!learned(e, nudges)) {
		int wait = nudge_wait(e, nudges);

		if ((rc = expect_patience(e, deadline, &patience, err)) != 0)
			break;
		rc = expect_read(e, wait < patience ? wait : patience, err);
		if (rc == 0 && nudges < NUDGES) {
			/* Sent into silence, it may be answered late. */
			if (nudges++ > 0 || !at_any_prompt(e))
				quiet = QUIET_MS;
			rc = expect_enter(e, span_of("", 0), err);
		}
		if (rc < 0)
			return rc;
	}
	if (e->prompt[0] != '\0')
		return drain(e, quiet, err);
	if (e->total == 0)
		return rc;
	/* Bytes came, but none that this platform calls a prompt. */
	if (err != NULL) {
		err_wrap(err, "no prompt of this platform was seen");
		err->code = ERR_PROMPT;
	}
	return ERR_PROMPT;
}
