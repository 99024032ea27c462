/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many lines without a round trip a line: as input to one command (heredoc)
 * or as commands one after another (paste).
 *
 * The lines sent are a ledger. A line that comes back and equals one of the
 * next few in the ledger is its echo and is forgotten; any other line is the
 * device speaking. So a candidate that contains the success marker, an error
 * or a prompt cannot speak for the device, and the reply holds no more of the
 * candidate than the device itself repeats in other words.
 */
#include "devices/expect_private.h"

#define CHUNK 32768		/* heredoc: bytes sent before looking at what came back */
#define WINDOW 16384		/* paste: bytes sent and not yet echoed */
#define LEDGER_LOOK 8		/* echoes may be missed; so many lines on is looked */
#define OPEN_PAUSE_MS 300	/* heredoc: silence that means the device listens */

struct bulk {
	struct expect *e;
	const struct expect_bulk *b;
	struct mono deadline;
	struct buf *reply;
	struct span unsent;
	struct span ledger;	/* sent or not, not yet echoed */
	size_t line;		/* number of the last line echoed */
	bool echoes;		/* an echo was seen */
	bool stopped;
	size_t stopped_at;	/* value of `line` then */
	bool prompts;		/* paste: echoes stand behind a prompt */
	int mode;
	struct span host;
};

/* Whether `got` is the echo of `sent`. */
static bool
is_echo(const struct bulk *k, struct span got, struct span sent)
{
	struct span host, prefix;
	int mode;

	got = span_rtrim(got);
	sent = span_rtrim(sent);
	if (got.len < sent.len ||
	    memcmp(got.p + got.len - sent.len, sent.p, sent.len) != 0)
		return false;
	prefix = span_of(got.p, got.len - sent.len);
	return prefix.len == 0 || (k->prompts &&
	    (expect_prompt(k->e, prefix, false, &mode, &host) ||
	    expect_prompt(k->e, span_rtrim(prefix), false, &mode, &host)));
}

/* Strike a received line off the ledger. */
static bool
strike(struct bulk *k, struct span got)
{
	struct span rest = k->ledger, sent;

	for (size_t i = 1; i <= LEDGER_LOOK && span_line(&rest, &sent); i++) {
		if (rest.p > k->unsent.p && k->unsent.len > 0)
			return false;	/* not sent yet */
		if (!is_echo(k, got, sent))
			continue;
		k->ledger = rest;
		k->line += i;
		k->echoes = true;
		return true;
	}
	return false;
}

/* Sort out the lines that are complete. */
static void
take_lines(struct bulk *k)
{
	struct span rest = buf_span(&k->e->screen.text), line;

	while (span_line(&rest, &line)) {
		if (strike(k, line))
			continue;
		buf_addspan(k->reply, line);
		buf_addc(k->reply, '\n');
		if (!k->stopped && k->b->stop != NULL && k->b->stop(k->b->ctx, line)) {
			k->stopped = true;
			k->stopped_at = k->line;
		}
	}
	screen_clear(&k->e->screen, true);
}

/* Read what is there, waiting at most real_ms for the first of it. 1 when
 * anything came. */
static int
take(struct bulk *k, int real_ms, struct err *err)
{
	int rc, came = 0;

	while ((rc = expect_read(k->e, real_ms, err)) > 0) {
		take_lines(k);
		real_ms = 0;
		came = 1;
		if (k->reply->truncated)
			return err_set(err, ERR_OUTPUT, "it printed too much");
	}
	return rc < 0 ? rc : came;
}

static bool
at_prompt(struct bulk *k)
{
	return expect_prompt(k->e, buf_span(&k->e->screen.line), false, &k->mode, &k->host);
}

static int
send_chunk(struct bulk *k, struct err *err)
{
	struct buf out = BUF_INIT;
	struct span line;
	int rc;

	while (out.len < (k->prompts ? WINDOW / 4 : CHUNK) && span_line(&k->unsent, &line)) {
		buf_addspan(&out, line);
		buf_adds(&out, k->e->conf.enter);
	}
	rc = expect_write(k->e, buf_span(&out), err);
	buf_wipe(&out);
	return rc;
}

/* How quiet it must be: long when echoes that should come have not. */
static int
bulk_quiet(const struct bulk *k)
{
	int doubt = expect_doubt(k->b->sure, k->b->ctx, buf_span(k->reply),
	    QUIET_SURE_MS);

	if (k->echoes && k->ledger.len > 0 && !k->stopped)
		doubt = QUIET_DOUBT_MS;
	return expect_quiet(k->e, doubt);
}

/* Everything is sent: the prompt that ends it. */
static int
finish(struct bulk *k, struct err *err)
{
	int rc, patience, wait;

	for (;;) {
		bool prompt = at_prompt(k);
		bool pager = !prompt && expect_at_pager(k->e);

		if ((rc = expect_patience(k->e, k->deadline, &patience, err)) != 0)
			return rc;
		wait = prompt ? bulk_quiet(k) :
		    pager ? expect_quiet(k->e, QUIET_SURE_MS) : patience;
		if ((rc = take(k, wait < patience ? wait : patience, err)) < 0)
			return rc;
		if (rc == 0 && prompt) {
			expect_believe(k->e, k->mode, k->host);
			return 0;
		}
		if (rc == 0 && pager && (rc = expect_page(k->e, err)) != 0)
			return rc;
	}
}

static int
bulk_begin(struct bulk *k, struct expect *e, const struct expect_bulk *b, struct buf *reply,
    struct err *err)
{
	int64_t limit = b->timeout_ms > 0 ? b->timeout_ms : e->conf.command_ms;

	*k = (struct bulk){ .e = e, .b = b, .reply = reply, .unsent = b->text,
		.ledger = b->text, .deadline = mono_add_ms(sys_mono(e->conf.sys), limit) };
	if (e->broken)
		return err_set(err, ERR_CLOSED, "the session was given up");
	expect_begin(e);
	e->bulk = true;
	return 0;
}

static int
bulk_end(struct bulk *k, int rc)
{
	k->e->bulk = false;
	k->e->broken = rc != 0;
	return rc;
}

/* The line that starts a heredoc is echoed, and the device says that it is
 * ready or just waits. 1 when it listens, 0 when it is back at a prompt. */
static int
opened(struct bulk *k, struct err *err)
{
	struct expect *e = k->e;
	int pause, patience, rc, echo;
	size_t end;

	pause = expect_quiet(e, QUIET_MS);
	if (pause < OPEN_PAUSE_MS)
		pause = OPEN_PAUSE_MS;
	for (;;) {
		echo = expect_echo(e, k->b->open, &end);
		if (echo > 0 && k->b->ready != NULL &&
		    re_find(k->b->ready, buf_span(&e->screen.text), NULL) == 1)
			return 1;
		if ((rc = expect_patience(e, k->deadline, &patience, err)) != 0)
			return rc;
		rc = expect_read(e, pause < patience ? pause : patience, err);
		if (rc < 0)
			return rc;
		if (rc == 0 && echo > 0)
			return at_prompt(k) ? 0 : 1;
	}
}

/* What the device said between the echo of `open` and the text. */
static void
take_opening(struct bulk *k)
{
	struct buf *text = &k->e->screen.text;
	size_t end = 0;

	if (expect_echo(k->e, k->b->open, &end) > 0 && end <= text->len)
		buf_add(k->reply, text->data + end, text->len - end);
	screen_clear(&k->e->screen, true);
}

static int
pour(struct bulk *k, struct err *err)
{
	int rc = 0;

	while (rc >= 0 && k->unsent.len > 0 && !k->stopped)
		if ((rc = send_chunk(k, err)) == 0)
			rc = take(k, 0, err);
	if (rc >= 0 && k->b->end.p != NULL)
		rc = expect_write(k->e, k->b->end, err);
	return rc < 0 ? rc : 0;
}

int
expect_heredoc(struct expect *e, const struct expect_bulk *b, struct buf *reply,
    struct err *err)
{
	struct bulk k;
	int rc;

	if ((rc = bulk_begin(&k, e, b, reply, err)) != 0 ||
	    (rc = expect_enter(e, b->open, err)) != 0 || (rc = opened(&k, err)) < 0)
		goto out;
	take_opening(&k);
	if (rc == 1 && (rc = pour(&k, err)) != 0)
		goto out;
	rc = finish(&k, err);
out:
	return bulk_end(&k, rc);
}

int
expect_paste(struct expect *e, const struct expect_bulk *b, struct buf *reply, size_t *line,
    struct err *err)
{
	const char *end = b->text.p + b->text.len;
	struct bulk k;
	int rc, patience;

	if ((rc = bulk_begin(&k, e, b, reply, err)) != 0)
		goto out;
	k.prompts = true;
	while (k.ledger.len > 0 && !k.stopped) {
		const char *sent = k.unsent.len > 0 ? k.unsent.p : end;

		if (k.unsent.len > 0 && sent - k.ledger.p < WINDOW)
			rc = send_chunk(&k, err);
		else if ((rc = expect_patience(e, k.deadline, &patience, err)) == 0)
			rc = take(&k, patience, err);
		if (rc < 0)
			goto out;
	}
	*line = k.stopped_at;
	rc = finish(&k, err);
out:
	return bulk_end(&k, rc);
}
