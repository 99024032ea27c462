/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps that make the device do something, and the judgement on what came
 * back: the platform's errors, the patterns that prove success, exit status,
 * mode. The order is fixed: a known error says more than a missing success, and
 * both say more than a wrong mode.
 */
#include "devices/steps_private.h"

#include "base/log.h"
#include "devices/words.h"

void
shell_quote(struct buf *out, struct span s)
{
	buf_addc(out, '\'');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, s.p[i]);
	}
	buf_addc(out, '\'');
}

/* --- judging --- */

/* The first line that a rule of the platform calls an error. */
static const struct error_rule *
find_error(const struct verb_run *r, struct span text, struct span *line)
{
	struct lookup values = steps_lookup(r);
	struct span rest = text, one;

	while (span_line(&rest, &one))
		for (size_t i = 0; i < r->platform->n_errors; i++) {
			const struct error_rule *rule = &r->platform->errors[i];

			/* A rule that explodes is no reason to go on. */
			if (pattern_find(&rule->match, &values, one, NULL, NULL, NULL) == 0)
				continue;
			*line = one;
			return rule;
		}
	return NULL;
}

static int
error_of(const struct verb_run *r, struct err *err)
{
	struct span line = { "", 0 };
	const struct error_rule *rule = find_error(r, buf_span(&r->reply), &line);
	struct buf words = BUF_INIT;

	if (rule == NULL)
		rule = find_error(r, buf_span(&r->extra), &line);
	if (rule == NULL)
		return 0;
	words_add(&words, &r->platform->dialect, line);
	err_set(err, rule->code, "the device says: %s", buf_str(&words));
	if (rule->next != NULL)
		err_next(err, "%s", rule->next);
	buf_release(&words);
	return rule->code;
}

/* 1 when all patterns match (their groups are set), 0 when one does not. */
static int
success_of(struct verb_run *r, const struct step *s, struct err *err)
{
	int rc = 1;

	if (s->kind == STEP_EXEC && s->status >= 0 && r->status != s->status)
		return 0;
	for (size_t i = 0; i < s->n_success && rc == 1; i++)
		rc = steps_find(r, &s->success[i], buf_span(&r->reply), NULL, err);
	for (size_t i = 0; i < s->n_may && rc == 1; i++) {
		int found = steps_find(r, &s->may[i], buf_span(&r->reply), NULL, err);

		if (found < 0)
			rc = found;
	}
	return rc;
}

static int
no_success(struct verb_run *r, const struct step *s, struct err *err)
{
	struct buf words = BUF_INIT;
	struct span last = words_last(buf_span(&r->reply));
	int rc = s->errors == ERRORS_UNLESS_SUCCESS ? error_of(r, err) : 0;

	if (rc != 0)
		return rc;
	if (r->extra.len > 0)
		last = words_last(buf_span(&r->extra));
	words_add(&words, &r->platform->dialect, last);
	if (s->otherwise.given && s->otherwise.fail != 0)
		rc = steps_fail(r, &s->otherwise, buf_str(&words), err);
	else if (s->otherwise.given)
		rc = steps_act(r, &s->otherwise, err);
	else if (s->kind == STEP_EXEC && s->status >= 0 && r->status != s->status)
		rc = err_set(err, ERR_OUTPUT, "%s ended with status %d: %s", s->words[0].source,
		    r->status, buf_str(&words));
	else
		rc = err_set(err, ERR_OUTPUT, "`%s`: what proves success was not seen "
		    "(%s:%d); the last the device said: %s",
		    s->n_words > 0 ? s->words[0].source : "paste", r->platform->file,
		    s->pos.line, buf_str(&words));
	buf_release(&words);
	return rc;
}

static int
check_mode(const struct verb_run *r, const struct step *s, int before, struct err *err)
{
	int now, want = s->mode >= 0 ? s->mode : before;

	if (r->cli == NULL || (s->kind == STEP_PASTE && s->mode < 0))
		return 0;
	if ((now = expect_mode(r->cli)) == want)
		return 0;
	return err_set(err, ERR_PROMPT, "after `%s` it is in mode %s, not in %s",
	    s->n_words > 0 ? s->words[0].source : "paste", r->platform->modes[now].name,
	    r->platform->modes[want].name);
}

/* Whether the reply so far is what the step waits for: for the prompt engine. */
struct waiting {
	struct verb_run *r;
	const struct step *s;
};

static bool
is_sure(void *ctx, struct span reply)
{
	struct waiting *w = ctx;
	struct lookup values = steps_lookup(w->r);
	struct span line;

	for (size_t i = 0; i < w->s->n_success; i++)
		if (pattern_find(&w->s->success[i], &values, reply, NULL, NULL, NULL) != 1)
			return w->s->errors == ERRORS_ALWAYS && reply.len < 4096 &&
			    find_error(w->r, reply, &line) != NULL;
	return true;
}

static bool
is_error(void *ctx, struct span line)
{
	struct waiting *w = ctx;
	struct span found;

	return w->s->errors == ERRORS_ALWAYS && find_error(w->r, line, &found) != NULL;
}

/* --- the candidate --- */

static struct span
last_line(struct span text)
{
	size_t from = text.len;

	while (from > 0 && text.p[from - 1] == '\n')
		from--;
	text.len = from;
	while (from > 0 && text.p[from - 1] != '\n')
		from--;
	return span_of(text.p + from, text.len - from);
}

/* The candidate as it is sent: without CR, ending in LF, without its last line
 * when the step says so. Other control bytes would be keys. The caller wipes. */
static int
prepare(struct verb_run *r, const struct step *s, struct buf *out, struct err *err)
{
	struct span text = r->candidate;
	size_t line = 1;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		line += c == '\n';
		if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
			return err_set(err, ERR_CONTENT,
			    "line %zu of the candidate holds the control byte 0x%02x", line, c);
		if (c != '\r')
			buf_addc(out, (char)c);
	}
	if (out->len == 0)
		return err_set(err, ERR_CONTENT, "the candidate is empty");
	if (s->without_last.re != NULL &&
	    re_find(s->without_last.re, last_line(buf_span(out)), NULL) == 1)
		buf_cut(out, (size_t)(last_line(buf_span(out)).p - out->data));
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
	return 0;
}

/* --- acting --- */

static int64_t
timeout_of(const struct verb_run *r, const struct step *s)
{
	const struct platform_caps *caps = &r->platform->caps;
	int64_t timer = r->kept != NULL ? device_change_timer(r->kept) : 0;

	if (!s->timeout_timer)
		return s->timeout_ms;
	return (timer > 0 ? timer : caps->timer_max_ms) + caps->timer_margin_ms + 5000;
}

static int
act_send(struct verb_run *r, const struct step *s, struct waiting *w, struct err *err)
{
	struct expect_question questions[8];
	struct lookup values = steps_lookup(r);
	struct buf line = BUF_INIT, answers[8];
	size_t n = 0;
	int rc;

	if ((rc = template_fill(&s->words[0], &values, &line, err)) != 0)
		goto out;
	for (; n < s->n_questions && n < 8; n++) {
		answers[n] = (struct buf)BUF_INIT;
		rc = template_fill(&s->questions[n].answer, &values, &answers[n], err);
		questions[n] = (struct expect_question){ s->questions[n].match.re,
			buf_span(&answers[n]) };
		if (rc != 0) {
			n++;
			goto out;
		}
	}
	log_debug("send", r->device, "%s", buf_str(&line));
	rc = expect_send(r->cli, &(struct expect_command){ .line = buf_span(&line),
	    .questions = questions, .n_questions = n, .ctx = w,
	    .sure = s->n_success > 0 ? is_sure : NULL, .relearn = s->relearn,
	    .text = s->result, .enters = s->mode >= 0, .mode = s->mode,
	    .timeout_ms = s->until.re != NULL ? 0 : timeout_of(r, s) }, &r->reply, err);
out:
	while (n > 0)
		buf_release(&answers[--n]);
	buf_release(&line);
	return rc;
}

/* A word that is nothing but one value of type words becomes its words. */
static bool
is_words(const struct verb_run *r, const struct template *t)
{
	const struct local *l;

	if (t->n != 2 || t->parts[0].literal.len != 0 || t->parts[1].literal.len != 0)
		return false;
	l = platform_local(r->platform, t->parts[0].name);
	return strcmp(t->parts[0].name, "command") == 0 || (l != NULL && l->type == VALUE_WORDS);
}

static void
add_words(struct buf *out, struct span text)
{
	size_t i = 0, from;

	while (i < text.len) {
		while (i < text.len && text.p[i] == ' ')
			i++;
		for (from = i; i < text.len && text.p[i] != ' ';)
			i++;
		if (i == from)
			break;
		buf_addc(out, ' ');
		shell_quote(out, span_of(text.p + from, i - from));
	}
}

static int
command_line(struct verb_run *r, const struct step *s, struct buf *out, struct err *err)
{
	struct lookup values = steps_lookup(r);
	struct buf word = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; i < s->n_words && rc == 0; i++) {
		buf_clear(&word);
		if ((rc = template_fill(&s->words[i], &values, &word, err)) != 0)
			break;
		if (i > 0 && is_words(r, &s->words[i])) {
			add_words(out, buf_span(&word));
			continue;
		}
		if (i > 0)
			buf_addc(out, ' ');
		shell_quote(out, buf_span(&word));
	}
	buf_release(&word);
	return rc;
}

static int
act_exec(struct verb_run *r, const struct step *s, struct err *err)
{
	struct exec_reply reply = { r->reply, r->extra, -1 };
	struct buf line = BUF_INIT;
	int rc;

	if ((rc = command_line(r, s, &line, err)) != 0)
		goto out;
	log_debug("exec", r->device, "%s", buf_str(&line));
	rc = r->transport->exec(r->transport->ctx, buf_str(&line),
	    s->until.re != NULL ? 0 : timeout_of(r, s), &reply, err);
	r->reply = reply.out;
	r->extra = reply.err;
	r->status = reply.status;
	if (rc == 0 && r->reply.truncated)
		rc = err_set(err, ERR_OUTPUT, "%s printed more than %zu bytes",
		    s->words[0].source, r->max_output);
out:
	buf_release(&line);
	return rc;
}

static int
act_bulk(struct verb_run *r, const struct step *s, struct waiting *w, struct err *err)
{
	struct lookup values = steps_lookup(r);
	struct expect_bulk bulk = { .ready = s->ready.re, .stop = is_error,
		.sure = s->n_success > 0 ? is_sure : NULL, .ctx = w,
		.timeout_ms = timeout_of(r, s) };
	struct buf text = BUF_INIT, open = BUF_INIT;
	size_t line = 0;
	int rc;

	if ((rc = prepare(r, s, &text, err)) != 0)
		goto out;
	bulk.text = buf_span(&text);
	if (s->kind == STEP_PASTE) {
		rc = expect_paste(r->cli, &bulk, &r->reply, &line, err);
		goto out;
	}
	if ((rc = template_fill(&s->words[0], &values, &open, err)) != 0)
		goto out;
	bulk.open = buf_span(&open);
	bulk.end = span_str(s->end);
	rc = expect_heredoc(r->cli, &bulk, &r->reply, err);
out:
	buf_wipe(&text);
	buf_release(&open);
	return rc;
}

static int
drop(struct verb_run *r, const struct step *s, struct err *err)
{
	struct span cut, text = buf_span(&r->reply);
	struct buf kept = BUF_LIMIT(r->max_output);
	int rc;

	if (s->drop.re == NULL)
		return 0;
	if ((rc = steps_find(r, &s->drop, text, &cut, err)) != 1)
		return rc;
	buf_add(&kept, text.p, (size_t)(cut.p - text.p));
	buf_add(&kept, cut.p + cut.len, (size_t)(text.p + text.len - cut.p) - cut.len);
	buf_wipe(&r->reply);
	r->reply = kept;
	return 0;
}

static int
act(struct verb_run *r, const struct step *s, struct err *err)
{
	struct waiting w = { r, s };
	int rc;

	if (r->reply.data != NULL)
		mem_wipe(r->reply.data, r->reply.len);
	buf_clear(&r->reply);
	buf_clear(&r->extra);
	r->status = -1;
	if (s->kind == STEP_SEND)
		rc = act_send(r, s, &w, err);
	else if (s->kind == STEP_EXEC)
		rc = act_exec(r, s, err);
	else
		rc = act_bulk(r, s, &w, err);
	return rc != 0 ? rc : drop(r, s, err);
}

/* Act until the reply is what `until` waits for. */
static int
act_until(struct verb_run *r, const struct step *s, struct err *err)
{
	int64_t limit = timeout_of(r, s);
	struct mono deadline = mono_add_ms(sys_mono(r->sys), limit > 0 ? limit : 60000);
	int rc;

	for (;;) {
		if ((rc = act(r, s, err)) != 0)
			return rc;
		if (s->errors == ERRORS_ALWAYS && (rc = error_of(r, err)) != 0)
			return rc;
		if (s->until.re == NULL)
			return 0;
		rc = steps_find(r, &s->until, buf_span(&r->reply), NULL, err);
		if (rc != 0)
			return rc < 0 ? rc : 0;
		if (mono_left_ms(r->sys, deadline) == 0)
			return err_set(err, ERR_UNPROVEN,
			    "`%s` did not come to what %s:%d waits for in time",
			    s->words[s->n_words - 1].source, r->platform->file, s->pos.line);
		sys_sleep_ms(r->sys, s->every_ms);
	}
}

int
steps_command(struct verb_run *r, const struct step *s, struct err *err)
{
	int before = r->cli != NULL ? expect_mode(r->cli) : -1;
	int rc;

	if ((rc = act_until(r, s, err)) != 0 || (rc = success_of(r, s, err)) < 0)
		return rc;
	if (rc == 0)
		return no_success(r, s, err);
	if ((rc = check_mode(r, s, before, err)) != 0)
		return rc;
	if (s->result && r->result != NULL)
		buf_addspan(r->result, buf_span(&r->reply));
	return FLOW_ON;
}

int
steps_upload(struct verb_run *r, const struct step *s, struct err *err)
{
	struct lookup values = steps_lookup(r);
	struct buf path = BUF_INIT;
	int rc;

	if ((rc = template_fill(&s->words[0], &values, &path, err)) != 0)
		goto out;
	log_debug("upload", r->device, "%s, %zu bytes", buf_str(&path), r->candidate.len);
	rc = r->transport->upload(r->transport->ctx, buf_str(&path), s->file_mode, r->candidate,
	    0, err);
out:
	buf_release(&path);
	return rc;
}
