/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels: the interactive shell as a wire for the prompt engine, and one
 * channel a command for exec.
 */
#include "devices/session_private.h"

/* Standard output is waited for in slices, for libssh wakes only for the
 * stream that is asked about and a program may fill the other. Real ms. */
#define SLICE_MS 100

static int
open_channel(struct session *s, ssh_channel *out, struct err *err)
{
	struct mono deadline = mono_add_ms(sys_mono(s->sys), s->silence_ms);
	ssh_channel ch = ssh_channel_new(s->ssh);
	int rc;

	*out = NULL;
	if (ch == NULL)
		return session_fail(s, SSH_ERROR, ERR_CLOSED, err, "a channel");
	if ((rc = session_limit(s, deadline, err)) == 0 &&
	    (rc = ssh_channel_open_session(ch)) != SSH_OK)
		rc = session_fail(s, rc, ERR_CLOSED, err, "a channel");
	if (rc != 0) {
		ssh_channel_free(ch);
		return rc;
	}
	*out = ch;
	return 0;
}

/* --- the shell --- */

static int
wire_read(void *ctx, void *p, size_t n, int real_ms, struct err *err)
{
	struct session *s = ctx;
	int got = ssh_channel_read_timeout(s->shell, p, (uint32_t)n, 0, real_ms);

	if (got > 0)
		return got;
	if (got == SSH_ERROR || ssh_channel_is_eof(s->shell) || ssh_channel_is_closed(s->shell))
		return err_set(err, ERR_CLOSED, "the session was closed");
	return 0;
}

static int
wire_write(void *ctx, const void *p, size_t n, struct err *err)
{
	struct session *s = ctx;
	struct mono deadline = mono_add_ms(sys_mono(s->sys), s->silence_ms);
	const char *bytes = p;
	int rc;

	while (n > 0) {
		uint32_t part = n < 32768 ? (uint32_t)n : 32768;

		if ((rc = session_limit(s, deadline, err)) != 0)
			return rc;
		rc = ssh_channel_write(s->shell, bytes, part);
		if (rc < 0)
			return session_fail(s, rc, ERR_CLOSED, err, "sending");
		bytes += rc;
		n -= (size_t)rc;
		if (rc > 0)
			deadline = mono_add_ms(sys_mono(s->sys), s->silence_ms);
	}
	return 0;
}

int
session_shell(struct session *s, const char *type, int columns, int rows, struct wire *out,
    struct err *err)
{
	int rc;

	if ((rc = open_channel(s, &s->shell, err)) != 0)
		return rc;
	if ((rc = ssh_channel_request_pty_size(s->shell, type, columns, rows)) != SSH_OK)
		return session_fail(s, rc, ERR_CLOSED, err, "a terminal");
	if ((rc = ssh_channel_request_shell(s->shell)) != SSH_OK)
		return session_fail(s, rc, ERR_CLOSED, err, "a shell");
	*out = (struct wire){ wire_read, wire_write, s };
	return 0;
}

/* --- exec --- */

/* Take what has come on one stream. Bytes, 0 none, negative on error. */
static int
take(ssh_channel ch, bool is_err, struct buf *out)
{
	char bytes[16384];
	int n, all = 0;

	while ((n = ssh_channel_read_nonblocking(ch, bytes, sizeof(bytes), is_err)) > 0) {
		buf_add(out, bytes, (size_t)n);
		all += n;
		if (out->truncated)
			break;
	}
	mem_wipe(bytes, sizeof(bytes));
	return n == SSH_ERROR ? -1 : all;
}

/* Read both streams to their end. */
static int
collect(struct session *s, ssh_channel ch, struct mono deadline, struct exec_reply *reply,
    struct err *err)
{
	struct mono silent = mono_add_ms(sys_mono(s->sys), s->silence_ms);
	int a, b;

	for (;;) {
		a = take(ch, false, &reply->out);
		b = take(ch, true, &reply->err);
		if (reply->out.truncated)
			return err_set(err, ERR_OUTPUT, "it printed more than %zu bytes",
			    reply->out.len);
		if (a > 0 || b > 0)
			silent = mono_add_ms(sys_mono(s->sys), s->silence_ms);
		else if (ssh_channel_is_eof(ch) || ssh_channel_is_closed(ch))
			return 0;
		else if (a < 0 || b < 0)
			return session_fail(s, SSH_ERROR, ERR_CLOSED, err, "reading");
		if (mono_left_ms(s->sys, deadline) == 0)
			return err_set(err, ERR_TIMEOUT, "it did not finish in time");
		if (mono_left_ms(s->sys, silent) == 0)
			return err_set(err, ERR_TIMEOUT, "it fell silent");
		if (a <= 0 && b <= 0)
			(void)ssh_channel_poll_timeout(ch, SLICE_MS, 0);
	}
}

int
session_exec(void *ctx, const char *command, int64_t timeout_ms, struct exec_reply *reply,
    struct err *err)
{
	struct session *s = ctx;
	struct mono deadline = mono_add_ms(sys_mono(s->sys),
	    timeout_ms > 0 ? timeout_ms : s->command_ms);
	ssh_channel ch = NULL;
	int rc;

	if ((rc = open_channel(s, &ch, err)) != 0)
		return rc;
	if ((rc = session_limit(s, deadline, err)) != 0)
		goto out;
	if ((rc = ssh_channel_request_exec(ch, command)) != SSH_OK) {
		rc = session_fail(s, rc, ERR_CLOSED, err, "a command");
		goto out;
	}
	/* Nothing on its standard input. */
	(void)ssh_channel_send_eof(ch);
	if ((rc = collect(s, ch, deadline, reply, err)) != 0)
		goto out;
	if (session_limit(s, deadline, NULL) == 0)
		reply->status = ssh_channel_get_exit_status(ch);
out:
	ssh_channel_free(ch);
	return rc;
}
