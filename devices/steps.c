/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter: one function a kind of step, in a table. Commands (send,
 * exec, paste, heredoc) go through steps_command.c, which also judges what
 * came back; this file has the flow: match, compare, each, parts, actions, and
 * the values.
 *
 * A step answers with FLOW_ON (next step), FLOW_DONE (the verb is over, well)
 * or a negative error code.
 */
#include "devices/steps_private.h"

#include "devices/words.h"

#define EACH_MAX 64		/* turns of one `each` */

/* --- values --- */

static const char *
builtin(const struct verb_run *r, const char *name)
{
	if (strcmp(name, "instance") == 0)
		return r->instance;
	if (strcmp(name, "device") == 0)
		return r->device;
	if (strcmp(name, "id") == 0)
		return r->kept != NULL ? change_id(r->kept) : NULL;
	if (strcmp(name, "prompt_host") == 0)
		return r->cli != NULL ? expect_host(r->cli) : NULL;
	return NULL;
}

/* A value of the journal is believed only when it has its type. */
static const char *
kept_value(const struct verb_run *r, const struct local *l)
{
	const char *v = r->kept != NULL ? change_get(r->kept, l->name) : NULL;

	return v != NULL && value_ok(l->type, span_str(v)) ? v : NULL;
}

const char *
verb_value(const struct verb_run *r, const char *name)
{
	const struct local *l = platform_local(r->platform, name);
	const struct var *v = platform_var(r->platform, name);
	const char *value;

	if (l != NULL && l->kept)
		return kept_value(r, l);
	if (v != NULL)
		return r->vars[v - r->platform->vars];
	if ((value = map_get(&r->values, name)) != NULL)
		return value;
	return builtin(r, name);
}

static const char *
lookup_get(const void *ctx, const char *name)
{
	return verb_value(ctx, name);
}

struct lookup
steps_lookup(const struct verb_run *r)
{
	return (struct lookup){ lookup_get, r };
}

int
steps_set(struct verb_run *r, const char *name, struct span value, struct err *err)
{
	const struct local *l = platform_local(r->platform, name);
	enum value_type type = l != NULL ? l->type : VALUE_TEXT;
	struct buf words = BUF_INIT;
	char *copy;

	if (!value_ok(type, value)) {
		words_add(&words, &r->platform->dialect, value);
		err_set(err, ERR_OUTPUT, "the device gave \"%s\" for `%s`, which must be %s",
		    buf_str(&words), name, value_type_help(type));
		buf_release(&words);
		return ERR_OUTPUT;
	}
	copy = arena_strndup(&r->arena, value.p, value.len);
	if (l != NULL && l->kept && r->change == NULL)
		return err_set(err, ERR_BUG, "`%s` is kept with a change, and there is none", name);
	if (l != NULL && l->kept)
		return change_set(r->change, name, copy, err);
	map_put(&r->values, name, copy);
	return 0;
}

static int
sink_set(void *ctx, const char *name, struct span value, struct err *err)
{
	return steps_set(ctx, name, value, err);
}

struct pattern_sink
steps_sink(struct verb_run *r)
{
	return (struct pattern_sink){ sink_set, r };
}

int
steps_find(struct verb_run *r, const struct pattern *p, struct span text, struct span *whole,
    struct err *err)
{
	struct lookup values = steps_lookup(r);
	struct pattern_sink sink = steps_sink(r);

	return pattern_find(p, &values, text, &sink, whole, err);
}

/* --- actions --- */

static int run_steps(struct verb_run *r, const struct steps *steps, struct err *err);

int
steps_fail(struct verb_run *r, const struct action *a, const char *words, struct err *err)
{
	struct lookup values = steps_lookup(r);
	struct buf say = BUF_INIT, next = BUF_INIT;

	if (a->say == NULL || template_fill(a->say, &values, &say, NULL) != 0)
		buf_adds(&say, "the platform definition says that this failed");
	if (words != NULL && words[0] != '\0')
		buf_addf(&say, " (the device: %s)", words);
	err_set(err, a->fail, "%s", buf_str(&say));
	if (a->next != NULL && template_fill(a->next, &values, &next, NULL) == 0)
		err_next(err, "%s", buf_str(&next));
	buf_release(&say);
	buf_release(&next);
	return a->fail;
}

int
steps_act(struct verb_run *r, const struct action *a, struct err *err)
{
	int rc = FLOW_ON;

	if (a->steps.n > 0 && (rc = run_steps(r, &a->steps, err)) != FLOW_ON)
		return rc;
	if (a->fail != 0)
		return steps_fail(r, a, NULL, err);
	if (a->answer >= 0 && a->given) {
		r->word = a->answer;
		return FLOW_DONE;
	}
	return a->stop ? FLOW_DONE : FLOW_ON;
}

/* --- steps without a command --- */

/* What a match or require looks at; false when it is not set. */
static bool
looked_at(const struct verb_run *r, const char *name, struct span *out)
{
	const char *value;

	if (strcmp(name, "reply") == 0) {
		*out = buf_span(&r->reply);
		return true;
	}
	value = verb_value(r, name);
	*out = span_str(value);
	return value != NULL;
}

static int
not_set(const char *name, struct err *err)
{
	return err_set(err, ERR_NOTFOUND, "the value `%s` is not set", name);
}

static void
note_line(struct verb_run *r, struct span match)
{
	struct span line;

	if (span_line(&match, &line))
		r->matched = arena_strndup(&r->arena, line.p, line.len);
}

static int
step_match(struct verb_run *r, const struct step *s, struct err *err)
{
	struct buf words = BUF_INIT;
	struct span text, match;
	int rc;

	if (!looked_at(r, s->value, &text))
		return not_set(s->value, err);
	for (size_t i = 0; i < s->n_cases; i++) {
		if ((rc = steps_find(r, &s->cases[i].when, text, &match, err)) < 0)
			return rc;
		if (rc == 1) {
			note_line(r, match);
			return steps_act(r, &s->cases[i].action, err);
		}
	}
	if (s->otherwise.given)
		return steps_act(r, &s->otherwise, err);
	words_add(&words, &r->platform->dialect, words_last(text));
	err_set(err, ERR_OUTPUT, "the device says something that %s:%d does not know: %s",
	    r->platform->file, s->pos.line, buf_str(&words));
	buf_release(&words);
	return ERR_OUTPUT;
}

static int
step_require(struct verb_run *r, const struct step *s, struct err *err)
{
	struct lookup values = steps_lookup(r);
	struct span text;
	int rc;

	if (!looked_at(r, s->value, &text))
		return not_set(s->value, err);
	if (s->matches.re == NULL)
		return FLOW_ON;
	if (!pattern_ready(&s->matches, &values))
		return err_set(err, ERR_NOTFOUND, "a value that `require` needs is not set");
	if ((rc = steps_find(r, &s->matches, text, NULL, err)) != 0)
		return rc < 0 ? rc : FLOW_ON;
	if (s->otherwise.given)
		return steps_act(r, &s->otherwise, err);
	return err_set(err, ERR_OUTPUT, "`%s` is not as %s:%d requires", s->value,
	    r->platform->file, s->pos.line);
}

/* -1, 0, 1; numbers and times that are near are equal. */
static int
order_of(const struct verb_run *r, const struct step *s, const char *x, const char *y)
{
	const struct local *l = platform_local(r->platform, s->left);
	enum value_type type = l != NULL ? l->type : VALUE_TEXT;
	double a, b;
	int cmp;

	if (type == VALUE_NUMBER) {
		a = strtod(x, NULL);
		b = strtod(y, NULL);
	} else if (type == VALUE_TIME) {
		a = (double)value_time_ms(x);
		b = (double)value_time_ms(y);
	} else {
		cmp = strcmp(x, y);
		return (cmp > 0) - (cmp < 0);
	}
	if (a - b <= (double)s->within && b - a <= (double)s->within)
		return 0;
	return a < b ? -1 : 1;
}

static int
step_compare(struct verb_run *r, const struct step *s, struct err *err)
{
	const char *x = verb_value(r, s->left), *y = verb_value(r, s->right);
	const struct action *a;
	int order;

	if (x == NULL || y == NULL)
		return steps_act(r, s->unset.given ? &s->unset : &s->differ, err);
	order = order_of(r, s, x, y);
	a = order == 0 ? &s->equal : order < 0 ? &s->less : &s->greater;
	if (order != 0 && !a->given)
		a = &s->differ;
	return steps_act(r, a, err);
}

/* The rest of text after the line in which a match ended. */
static struct span
next_line(struct span text, struct span match)
{
	const char *end = text.p + text.len, *from = match.p + match.len;
	const char *lf = from < end ? memchr(from, '\n', (size_t)(end - from)) : NULL;

	if (match.len > 0 && from[-1] == '\n')
		lf = from - 1;
	return lf == NULL ? span_of(end, 0) : span_of(lf + 1, (size_t)(end - lf - 1));
}

static int
step_each(struct verb_run *r, const struct step *s, struct err *err)
{
	struct buf copy = BUF_INIT;	/* the steps inside have replies of their own */
	struct span rest, match;
	int rc = FLOW_ON, turns = 0;

	buf_addspan(&copy, buf_span(&r->reply));
	rest = buf_span(&copy);
	while (rest.len > 0 && (rc = steps_find(r, &s->matches, rest, &match, err)) == 1) {
		if (++turns > EACH_MAX) {
			rc = err_set(err, ERR_LIMIT, "more than %d matches of `each`", EACH_MAX);
			break;
		}
		if ((rc = run_steps(r, &s->steps, err)) != FLOW_ON)
			break;
		rest = next_line(rest, match);
	}
	buf_wipe(&copy);
	return rc;
}

static int
step_elapsed(struct verb_run *r, const struct step *s, struct err *err)
{
	const char *from = verb_value(r, s->left), *to = verb_value(r, s->right);
	char number[32];
	int64_t ms;

	if (from == NULL || to == NULL)
		return not_set(from == NULL ? s->left : s->right, err);
	ms = value_time_ms(to) - value_time_ms(from);
	if (ms < 0)
		return err_set(err, ERR_OUTPUT, "the device's times run backwards: %s, %s",
		    from, to);
	snprintf(number, sizeof(number), "%lld", (long long)ms);
	return steps_set(r, s->lets[0].name, span_str(number), err);
}

static int
step_let(struct verb_run *r, const struct step *s, struct err *err)
{
	struct lookup values = steps_lookup(r);
	struct buf text = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; i < s->n_lets && rc == 0; i++) {
		buf_clear(&text);
		if ((rc = template_fill(&s->lets[i].value, &values, &text, err)) == 0)
			rc = steps_set(r, s->lets[i].name, buf_span(&text), err);
	}
	buf_release(&text);
	return rc;
}

static int
step_wait(struct verb_run *r, const struct step *s, struct err *err)
{
	(void)err;
	sys_sleep_ms(r->sys, s->wait_ms);
	return FLOW_ON;
}

static int
step_action(struct verb_run *r, const struct step *s, struct err *err)
{
	return steps_act(r, &s->action, err);
}

static int
step_part(struct verb_run *r, const struct step *s, struct err *err)
{
	return run_steps(r, &s->steps, err);
}

static int (*const runners[STEP_KINDS])(struct verb_run *, const struct step *, struct err *) = {
	[STEP_SEND] = steps_command, [STEP_EXEC] = steps_command,
	[STEP_PASTE] = steps_command, [STEP_HEREDOC] = steps_command,
	[STEP_UPLOAD] = steps_upload, [STEP_MATCH] = step_match,
	[STEP_REQUIRE] = step_require, [STEP_COMPARE] = step_compare,
	[STEP_EACH] = step_each, [STEP_ELAPSED] = step_elapsed, [STEP_LET] = step_let,
	[STEP_WAIT] = step_wait, [STEP_ANSWER] = step_action, [STEP_FAIL] = step_action,
	[STEP_PART] = step_part,
};

static int
run_steps(struct verb_run *r, const struct steps *steps, struct err *err)
{
	int rc = FLOW_ON;

	for (size_t i = 0; i < steps->n && rc == FLOW_ON; i++)
		rc = runners[steps->v[i].kind](r, &steps->v[i], err);
	return rc;
}

/* --- verbs --- */

static void
set_number(struct verb_run *r, const char *name, int64_t v)
{
	map_put(&r->values, name, arena_printf(&r->arena, "%lld", (long long)v));
}

/* Values that only one verb has. Units are rounded up: a timer may be longer
 * than asked for, never shorter. */
static int
set_builtins(struct verb_run *r, struct err *err)
{
	int64_t s = (r->timer_ms + 999) / 1000;
	char sum[65];

	if (r->verb == VERB_RUN) {
		if (!value_ok(VALUE_WORDS, span_str(r->command)))
			return err_set(err, ERR_CONTENT,
			    "a command must be one line of visible text, at most 1024 bytes");
		map_put(&r->values, "command", arena_strdup(&r->arena, r->command));
	}
	if (r->verb == VERB_STAGE) {
		hash_hex(r->candidate, sum);
		map_put(&r->values, "candidate_sha256", arena_strdup(&r->arena, sum));
		set_number(r, "candidate_size", (int64_t)r->candidate.len);
	}
	if (r->verb == VERB_ARM) {
		set_number(r, "timer_s", s);
		set_number(r, "timer_m", (s + 59) / 60);
		map_put(&r->values, "timer_hms", arena_printf(&r->arena, "%02lld:%02lld:%02lld",
		    (long long)(s / 3600), (long long)(s / 60 % 60), (long long)(s % 60)));
	}
	return 0;
}

/* Back to where verbs start: an earlier one may have failed half-way. */
static int
go_home(struct verb_run *r, struct err *err)
{
	const struct platform *p = r->platform;
	struct expect_command c = { .line = span_str(p->home_send) };
	struct buf reply = BUF_INIT;
	int rc = 0;

	if (r->cli == NULL || p->home_mode < 0 || expect_mode(r->cli) == p->home_mode)
		return 0;
	if ((rc = expect_send(r->cli, &c, &reply, err)) == 0 &&
	    expect_mode(r->cli) != p->home_mode)
		rc = err_set(err, ERR_PROMPT, "`%s` does not lead back to mode %s",
		    p->home_send, p->modes[p->home_mode].name);
	buf_wipe(&reply);
	return rc;
}

int
verb_run(struct verb_run *r, enum verb verb, struct err *err)
{
	const struct verb_info *info = &verb_infos[verb];
	int rc;

	r->verb = verb;
	r->word = -1;
	r->reply = (struct buf)BUF_LIMIT(r->max_output);
	r->extra = (struct buf)BUF_LIMIT(65536);
	map_init(&r->values, &r->arena);
	if (r->platform->verbs[verb].n == 0)
		return err_set(err, ERR_UNSUPPORTED, "platform %s has no verb %s",
		    r->platform->name, info->name);
	if ((rc = set_builtins(r, err)) != 0 || (rc = go_home(r, err)) != 0 ||
	    (rc = run_steps(r, &r->platform->verbs[verb], err)) < 0)
		goto out;
	rc = 0;
	if (info->gives == GIVES_WORD && r->word < 0)
		rc = err_set(err, ERR_OUTPUT, "the definition came to its end without an answer");
out:
	if (rc < 0 && err != NULL)
		err_wrap(err, "%s", info->name);
	return rc;
}

void
verb_run_release(struct verb_run *r)
{
	buf_wipe(&r->reply);
	buf_wipe(&r->extra);
	arena_release(&r->arena);
}
