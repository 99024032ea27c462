/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line out, one answer in. The loop reads until the incomplete line looks
 * like the end (a prompt, a question, a pager) and then waits to see whether
 * more follows; what it waits for and how long is decided in two small
 * functions, tail_of() and quiet_of().
 *
 * The echo is the proof that what follows answers what was sent: it is looked
 * for before any prompt is, and a reply that starts with something else ends
 * the session, for then a prompt was believed too early before.
 */
#include "devices/expect_private.h"

#include "devices/words.h"

#define NOISE_LINES 8		/* lines a device may print before it echoes */
#define LINE_LOOK 512		/* a longer line is no prompt */

struct expect *
expect_new(const struct expect_conf *conf, const struct wire *wire)
{
	struct expect *e = mem_zalloc(sizeof(*e));

	e->conf = *conf;
	e->wire = *wire;
	screen_init(&e->screen, conf->max_output);
	return e;
}

void
expect_free(struct expect *e)
{
	if (e == NULL)
		return;
	screen_release(&e->screen);
	mem_wipe(e, sizeof(*e));
	free(e);
}

int
expect_mode(const struct expect *e)
{
	return e->mode;
}

const char *
expect_host(const struct expect *e)
{
	return e->host;
}

/* The last thing the device said, for an error. */
static const char *
last_words(const struct expect *e, struct buf *out)
{
	struct span line = buf_span(&e->screen.line);

	if (span_trim(line).len == 0)
		line = words_last(buf_span(&e->screen.text));
	if (!e->bulk)
		words_add(out, e->conf.dialect, line);
	return out->len > 0 ? buf_str(out) : "nothing";
}

int
expect_fail(const struct expect *e, struct err *err, int code, const char *what)
{
	struct buf words = BUF_INIT;
	int rc = err_set(err, code, "%s; the last it said: %s", what,
	    last_words(e, &words));

	buf_wipe(&words);
	return rc;
}

/* --- reading and writing --- */

void
expect_begin(struct expect *e)
{
	screen_clear(&e->screen, false);
	e->heard = sys_mono(e->conf.sys);
	e->streaming = false;
	e->gap_ms /= 2;
	e->total = 0;
}

int
expect_write(struct expect *e, struct span s, struct err *err)
{
	e->streaming = false;
	return s.len > 0 ? e->wire.write(e->wire.ctx, s.p, s.len, err) : 0;
}

int
expect_enter(struct expect *e, struct span line, struct err *err)
{
	struct buf out = BUF_INIT;
	int rc;

	buf_addspan(&out, line);
	buf_adds(&out, e->conf.enter);
	rc = expect_write(e, buf_span(&out), err);
	buf_wipe(&out);
	return rc;
}

int
expect_read(struct expect *e, int real_ms, struct err *err)
{
	char bytes[16384];
	int n = e->wire.read(e->wire.ctx, bytes, sizeof(bytes), real_ms, err);
	struct mono now = sys_mono(e->conf.sys);
	int64_t gap = mono_diff_ms(now, e->heard);

	if (n <= 0) {
		if (n == ERR_CLOSED)
			return expect_fail(e, err, n, "it closed the session");
		return n;
	}
	/* Only a pause inside a line says how slow the device sends: between
	 * lines it may have been thinking. */
	if (e->streaming && e->screen.line.len > 0 && gap > e->gap_ms)
		e->gap_ms = gap;
	screen_feed(&e->screen, bytes, (size_t)n);
	mem_wipe(bytes, (size_t)n);
	e->heard = now;
	e->streaming = true;
	e->total += (size_t)n;
	if (e->screen.text.truncated || e->screen.line.truncated ||
	    e->total / 4 > e->conf.max_output)
		return err_set(err, ERR_OUTPUT,
		    "it printed more than the %zu bytes that one command may",
		    e->conf.max_output);
	return 1;
}

int
expect_doubt(bool (*is_sure)(void *ctx, struct span reply), void *ctx, struct span reply,
    int sure)
{
	if (is_sure == NULL)
		return QUIET_MS;
	return is_sure(ctx, reply) ? sure : QUIET_DOUBT_MS;
}

int
expect_quiet(const struct expect *e, int quiet)
{
	int slow = sys_real_ms(e->conf.sys, e->gap_ms * 2);

	if (e->gap_ms > 0 && slow > quiet)
		quiet = slow;
	return quiet < QUIET_MAX_MS ? quiet : QUIET_MAX_MS;
}

int
expect_patience(const struct expect *e, struct mono deadline, int *real_ms, struct err *err)
{
	struct sys *sys = e->conf.sys;
	int64_t silence = mono_left_ms(sys, mono_add_ms(e->heard, e->conf.silence_ms));
	int64_t all = mono_left_ms(sys, deadline);

	if (all == 0)
		return expect_fail(e, err, ERR_TIMEOUT, "it did not finish in time");
	if (silence == 0)
		return expect_fail(e, err, ERR_TIMEOUT, "it fell silent");
	*real_ms = sys_real_ms(sys, silence < all ? silence : all);
	return 0;
}

/* --- what stands on the line --- */

/* Devices cut the host part of long prompts: a long beginning will do. */
static bool
host_same(const char *known, struct span host)
{
	size_t len = strlen(known);

	return span_is(host, known) ||
	    (host.len >= 16 && host.len < len && memcmp(known, host.p, host.len) == 0);
}

bool
expect_prompt(const struct expect *e, struct span line, bool any_host, int *mode,
    struct span *host)
{
	struct re_match m;
	int group;

	if (line.len == 0 || line.len > LINE_LOOK)
		return false;
	for (size_t i = 0; i < e->conf.n_modes; i++) {
		const struct re *re = e->conf.modes[i].prompt;

		if (re_find(re, line, &m) != 1 || m.group[0].len != line.len)
			continue;
		group = re_group(re, "host");
		*host = group > 0 && group < m.n ? m.group[group] : span_of("", 0);
		if (host->p == NULL || host->len >= HOST_MAX)
			continue;
		*mode = (int)i;
		if (any_host || host_same(e->host, *host))
			return true;
	}
	return false;
}

void
expect_believe(struct expect *e, int mode, struct span host)
{
	size_t n = e->screen.line.len < HOST_MAX ? e->screen.line.len : HOST_MAX - 1;

	memcpy(e->prompt, buf_str(&e->screen.line), n);
	e->prompt[n] = '\0';
	e->mode = mode;
	if (host_same(e->host, host))
		return;		/* may be the cut form of it */
	memcpy(e->host, host.p, host.len);
	e->host[host.len] = '\0';
}

bool
expect_at_pager(const struct expect *e)
{
	return e->conf.pager != NULL && e->screen.line.len <= LINE_LOOK &&
	    re_find(e->conf.pager, buf_span(&e->screen.line), NULL) == 1;
}

int
expect_page(struct expect *e, struct err *err)
{
	struct re_match m;

	if (re_find(e->conf.pager, buf_span(&e->screen.line), &m) == 1)
		screen_erase(&e->screen, (size_t)(m.group[0].p - e->screen.line.data));
	return expect_write(e, span_str(e->conf.pager_answer), err);
}

/* --- the echo --- */

enum echo { ECHO_NONE, ECHO_PARTLY, ECHO_WHOLE };

/* Whether text starts with `line`, blanks and line ends aside, and nothing
 * else stands on the last of those lines. *end is where the next one starts. */
static enum echo
echo_at(struct span text, struct span line, size_t *end)
{
	size_t i = 0;

	for (size_t j = 0; j < line.len; j++) {
		if (line.p[j] == ' ' || line.p[j] == '\t')
			continue;
		while (i < text.len && strchr(" \t\n", text.p[i]) != NULL)
			i++;
		if (i == text.len)
			return ECHO_PARTLY;
		if (text.p[i++] != line.p[j])
			return ECHO_NONE;
	}
	while (i < text.len && text.p[i] == ' ')
		i++;
	if (i == text.len)
		return ECHO_PARTLY;
	*end = i + 1;
	return text.p[i] == '\n' ? ECHO_WHOLE : ECHO_NONE;
}

/* The same where the device has drawn its prompt again before the echo. */
static enum echo
echo_after_prompt(const struct expect *e, struct span text, struct span line, size_t *end)
{
	size_t skip = strlen(e->prompt);
	enum echo found;

	if (skip == 0 || !span_starts(text, e->prompt))
		return ECHO_NONE;
	found = echo_at(span_of(text.p + skip, text.len - skip), line, end);
	*end += skip;
	return found;
}

/* Find the echo of `line` in the completed lines. Blank lines, our own prompt
 * on a line of its own, and a few lines of noise may stand before it; but
 * after noise it must stand alone: noise, then prompt and echo, is the rest
 * of an earlier answer. */
static enum echo
echo_find(const struct expect *e, struct span line, size_t *end)
{
	struct span rest = buf_span(&e->screen.text), one, from;
	enum echo found;
	int noise = 0;

	if (!e->conf.echo) {
		*end = 0;
		return ECHO_WHOLE;
	}
	for (from = rest; span_line(&rest, &one) && noise <= NOISE_LINES; from = rest) {
		size_t at = (size_t)(from.p - e->screen.text.data);

		found = echo_at(from, line, end);
		if (found == ECHO_NONE && noise == 0)
			found = echo_after_prompt(e, from, line, end);
		if (found != ECHO_NONE) {
			*end += at;
			return found;
		}
		if (span_trim(one).len > 0 && !span_is(one, e->prompt))
			noise++;
	}
	return noise > NOISE_LINES ? ECHO_NONE : ECHO_PARTLY;
}

int
expect_echo(const struct expect *e, struct span line, size_t *end)
{
	switch (echo_find(e, line, end)) {
	case ECHO_WHOLE:
		return 1;
	case ECHO_PARTLY:
		return 0;
	default:
		return -1;
	}
}

/* Input that came faster than it was read is echoed twice. */
static size_t
skip_second_echo(const struct expect *e, struct span line, size_t from)
{
	struct span text = buf_span(&e->screen.text), rest;
	size_t end;

	if (!e->conf.echo || span_trim(line).len == 0 || from >= text.len)
		return from;
	rest = span_of(text.p + from, text.len - from);
	if (echo_at(rest, line, &end) == ECHO_WHOLE ||
	    echo_after_prompt(e, rest, line, &end) == ECHO_WHOLE)
		return from + end;
	return from;
}

/* --- one command --- */

struct turn {
	struct expect *e;
	const struct expect_command *c;
	struct mono deadline;
	enum echo echo;
	size_t reply_at;	/* offset of the reply, once the echo is whole */
	int mode;		/* of the prompt on the line */
	struct span host;
	size_t question;
	int answers;
	size_t answered_at;	/* bytes received when the last answer was sent */
};

static enum tail
tail_of(struct turn *t)
{
	struct expect *e = t->e;
	struct span line = buf_span(&e->screen.line);

	if (t->echo != ECHO_WHOLE)
		t->echo = echo_find(e, t->c->line, &t->reply_at);
	if (line.len == 0 || line.len > LINE_LOOK || t->echo != ECHO_WHOLE)
		return TAIL_TEXT;
	if (t->answers > 0 && e->total == t->answered_at)
		return TAIL_TEXT;	/* the question that was just answered */
	for (size_t i = 0; i < t->c->n_questions; i++)
		if (re_find(t->c->questions[i].match, line, NULL) == 1) {
			t->question = i;
			return TAIL_QUESTION;
		}
	if (expect_at_pager(e))
		return TAIL_PAGER;
	return expect_prompt(e, line, t->c->relearn, &t->mode, &t->host) ?
	    TAIL_PROMPT : TAIL_TEXT;
}

static struct span
reply_of(const struct turn *t)
{
	struct span text = buf_span(&t->e->screen.text);

	return span_of(text.p + t->reply_at, text.len - t->reply_at);
}

static int
quiet_of(const struct turn *t, enum tail tail)
{
	if (tail != TAIL_PROMPT)
		return expect_quiet(t->e, QUIET_SURE_MS);
	if (t->c->enters && t->mode == t->c->mode && t->mode != t->e->mode &&
	    t->c->sure == NULL)
		return expect_quiet(t->e, QUIET_NOW_MS);
	return expect_quiet(t->e, expect_doubt(t->c->sure, t->c->ctx, reply_of(t),
	    t->c->text ? QUIET_SURE_MS : QUIET_NOW_MS));
}

static int
answer(struct turn *t, struct err *err)
{
	if (++t->answers > 16)
		return err_set(err, ERR_PROMPT, "it asks the same question over and over");
	t->answered_at = t->e->total;
	return expect_enter(t->e, t->c->questions[t->question].answer, err);
}

/* Nothing came for as long as we would wait: act on what stands there. 1 when
 * the prompt is believed. */
static int
settle(struct turn *t, enum tail tail, struct err *err)
{
	switch (tail) {
	case TAIL_PROMPT:
		expect_believe(t->e, t->mode, t->host);
		return 1;
	case TAIL_PAGER:
		return expect_page(t->e, err);
	case TAIL_QUESTION:
		return answer(t, err);
	default:
		return 0;
	}
}

/* Wait until the prompt after this command is believed. */
static int
turn_wait(struct turn *t, struct err *err)
{
	int rc, ms, patience;

	for (;;) {
		enum tail tail = tail_of(t);

		if (t->echo == ECHO_NONE)
			return expect_fail(t->e, err, ERR_PROMPT,
			    "it answers something other than what was sent");
		if ((rc = expect_patience(t->e, t->deadline, &patience, err)) != 0)
			return rc;
		ms = tail == TAIL_TEXT ? patience : quiet_of(t, tail);
		if (ms > patience)
			ms = patience;
		/* Not even a look: what came with the prompt has been read. */
		if ((rc = ms > 0 ? expect_read(t->e, ms, err) : 0) < 0)
			return rc;
		if (rc == 0 && (rc = settle(t, tail, err)) != 0)
			return rc < 0 ? rc : 0;
	}
}

static bool
sendable(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.p[i] < 0x20 || line.p[i] == 0x7f)
			return false;
	return true;
}

static int
turn_take(struct expect *e, const struct expect_command *c, struct turn *t, struct err *err)
{
	int64_t limit = c->timeout_ms > 0 ? c->timeout_ms : e->conf.command_ms;
	int rc;

	if (e->broken)
		return err_set(err, ERR_CLOSED, "the session was given up");
	*t = (struct turn){ .e = e, .c = c, .echo = ECHO_PARTLY,
		.deadline = mono_add_ms(sys_mono(e->conf.sys), limit) };
	expect_begin(e);
	if ((rc = expect_enter(e, c->line, err)) == 0)
		rc = turn_wait(t, err);
	e->broken = rc != 0;
	return rc;
}

/* The prompt has another host part: it is the new one when the device shows
 * it again. */
static int
prove_prompt(struct expect *e, struct err *err)
{
	struct expect_command empty = { .line = { "", 0 } };
	struct turn t;

	return turn_take(e, &empty, &t, err);
}

int
expect_send(struct expect *e, const struct expect_command *c, struct buf *reply,
    struct err *err)
{
	char before[HOST_MAX];
	struct turn t;
	struct span text;
	int rc;

	if (!sendable(c->line))
		return err_set(err, ERR_CONTENT, "a command with control bytes is not sent");
	memcpy(before, e->host, sizeof(before));
	if ((rc = turn_take(e, c, &t, err)) != 0)
		return rc;
	t.reply_at = skip_second_echo(e, c->line, t.reply_at);
	text = reply_of(&t);
	buf_addspan(reply, text);
	if (c->relearn && strcmp(before, e->host) != 0)
		return prove_prompt(e, err);
	return 0;
}
