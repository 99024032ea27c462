/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct device_ops over the interpreter: what the job calls. Each operation is
 * one verb; what is here is only what a definition cannot say: turning a verb's
 * answer into the caller's type. How a device comes to be open is device_open.c.
 */
#include "devices/device_private.h"

#include "devices/strip.h"
#include "devices/words.h"

/* --- running a verb --- */

struct verb_run
device_run(struct device *d, struct device_change *c)
{
	return (struct verb_run){ .platform = d->platform, .cli = d->cli,
		.transport = &d->transport, .sys = d->sys, .device = d->name,
		.instance = d->instance, .vars = d->vars, .max_output = d->max_output,
		.change = c, .kept = c };
}

int
device_verb(struct device *d, enum verb verb, struct device_change *c, struct err *err)
{
	struct verb_run r = device_run(d, c);
	int rc = verb_run(&r, verb, err);

	verb_run_release(&r);
	return rc;
}

/* A verb that gives text; configuration is stripped. */
static int
text_verb(struct device *d, enum verb verb, struct device_change *c, bool strip,
    struct buf *out, struct err *err)
{
	struct verb_run r = device_run(d, c);
	struct buf text = BUF_LIMIT(d->max_output);
	int rc;

	r.result = &text;
	if ((rc = verb_run(&r, verb, err)) == 0) {
		if (strip)
			strip_text(d->platform, buf_span(&text), out);
		else
			buf_addspan(out, buf_span(&text));
	}
	buf_wipe(&text);
	verb_run_release(&r);
	return rc;
}

/* --- reading --- */

static const struct device_identity *
op_identity(const struct device *d)
{
	return &d->identity;
}

static int
op_keepalive(struct device *d, struct err *err)
{
	return session_keepalive(d->session, err);
}

/* Time left, from the parts the device gave. */
static int64_t
time_left(const struct verb_run *r)
{
	const char *h = verb_value(r, "hours"), *m = verb_value(r, "minutes");
	const char *s = verb_value(r, "seconds");
	double left = 0;

	if (h == NULL && m == NULL && s == NULL)
		return -1;
	left += h != NULL ? strtod(h, NULL) * 3600 : 0;
	left += m != NULL ? strtod(m, NULL) * 60 : 0;
	left += s != NULL ? strtod(s, NULL) : 0;
	return left >= 0 && left < 1e9 ? (int64_t)(left * 1000) : -1;
}

static int
op_pending(struct device *d, const struct device_change *c, struct device_pending_info *out,
    struct err *err)
{
	struct verb_run r = device_run(d, NULL);
	struct buf words = BUF_INIT;
	int rc = 0;

	*out = (struct device_pending_info){ .state = PENDING_NONE, .left_ms = -1 };
	if (d->platform->verbs[VERB_PENDING].n == 0)
		return 0;
	r.kept = c;
	if ((rc = verb_run(&r, VERB_PENDING, err)) == 0) {
		out->state = (enum device_pending)r.word;
		out->left_ms = out->state == PENDING_NONE ? -1 : time_left(&r);
		if (r.matched != NULL && out->state != PENDING_NONE)
			words_add(&words, &d->platform->dialect, span_str(r.matched));
		snprintf(out->what, sizeof(out->what), "%s", buf_str(&words));
	}
	buf_release(&words);
	verb_run_release(&r);
	return rc;
}

static int
op_running(struct device *d, struct buf *out, struct err *err)
{
	return text_verb(d, VERB_RUNNING, NULL, true, out, err);
}

static int
op_startup_same(struct device *d, bool *same, struct err *err)
{
	struct verb_run r = device_run(d, NULL);
	int rc;

	*same = true;
	if (d->platform->verbs[VERB_STARTUP_SAME].n == 0)
		return 0;
	rc = verb_run(&r, VERB_STARTUP_SAME, err);
	*same = rc == 0 && r.word == 0;
	verb_run_release(&r);
	return rc;
}

static int
op_run(struct device *d, const char *command, struct buf *out, struct err *err)
{
	struct verb_run r = device_run(d, NULL);
	int rc;

	r.command = command;
	r.result = out;
	rc = verb_run(&r, VERB_RUN, err);
	verb_run_release(&r);
	return rc;
}

/* --- changing --- */

static int
op_stage(struct device *d, struct device_change *c, struct span candidate, struct err *err)
{
	struct verb_run r = device_run(d, c);
	int rc;

	if (change_id(c) == NULL)
		return err_set(err, ERR_BUG, "the change has no id");
	if (span_rtrim(candidate).len == 0)
		return err_set(err, ERR_CONTENT, "stage: the candidate is empty");
	r.candidate = candidate;
	rc = verb_run(&r, VERB_STAGE, err);
	verb_run_release(&r);
	return rc;
}

static int
op_diff(struct device *d, struct device_change *c, struct buf *out, struct err *err)
{
	if (d->platform->verbs[VERB_DIFF].n == 0)
		return 0;
	return text_verb(d, VERB_DIFF, c, false, out, err);
}

static int
op_check(struct device *d, struct device_change *c, struct err *err)
{
	return device_verb(d, VERB_CHECK, c, err);
}

static int
op_arm(struct device *d, struct device_change *c, int64_t timer_ms, struct err *err)
{
	const struct platform_caps *caps = &d->platform->caps;
	char min[32], max[32];
	struct verb_run r = device_run(d, c);
	int rc;

	if (timer_ms < caps->timer_min_ms || timer_ms > caps->timer_max_ms)
		return err_set(err, ERR_UNSUPPORTED, "arm: the timer of %s is %s to %s",
		    d->platform->title, text_duration_str(caps->timer_min_ms, min),
		    text_duration_str(caps->timer_max_ms, max));
	change_set_timer(c, timer_ms);
	r.timer_ms = timer_ms;
	rc = verb_run(&r, VERB_ARM, err);
	verb_run_release(&r);
	return rc;
}

static int
op_readback(struct device *d, struct device_change *c, struct buf *out, struct err *err)
{
	enum verb verb = d->platform->verbs[VERB_READBACK].n > 0 ? VERB_READBACK : VERB_RUNNING;

	return text_verb(d, verb, c, true, out, err);
}

static int
op_confirm(struct device *d, struct device_change *c, struct err *err)
{
	return device_verb(d, VERB_CONFIRM, c, err);
}

static int
op_revert(struct device *d, struct device_change *c, struct err *err)
{
	return device_verb(d, VERB_REVERT, c, err);
}

static int
op_discard(struct device *d, struct device_change *c, struct err *err)
{
	return device_verb(d, VERB_DISCARD, c, err);
}

static int
op_save(struct device *d, struct device_change *c, struct err *err)
{
	if (d->platform->verbs[VERB_SAVE].n == 0)
		return 0;
	return device_verb(d, VERB_SAVE, c, err);
}

static int
op_outcome(struct device *d, struct device_change *c, enum device_outcome *out,
    struct err *err)
{
	struct verb_run r = device_run(d, c);
	int rc = verb_run(&r, VERB_OUTCOME, err);

	*out = rc == 0 ? (enum device_outcome)r.word : OUTCOME_UNKNOWN;
	verb_run_release(&r);
	return rc;
}

const struct device_ops *
device_ssh_ops(void)
{
	static const struct device_ops ops = {
		.open = device_open, .close = device_close, .identity = op_identity,
		.keepalive = op_keepalive, .pending = op_pending, .running = op_running,
		.startup_same = op_startup_same, .run = op_run, .stage = op_stage,
		.diff = op_diff, .check = op_check, .arm = op_arm, .readback = op_readback,
		.confirm = op_confirm, .revert = op_revert, .discard = op_discard,
		.save = op_save, .outcome = op_outcome,
	};

	return &ops;
}

/* The words of the definitions are the enumerators, in order. */
_Static_assert(PENDING_NONE == 0 && PENDING_OURS == 1 && PENDING_FOREIGN == 2, "pending");
_Static_assert(OUTCOME_UNKNOWN == 0 && OUTCOME_COMPARE == 1 && OUTCOME_PENDING == 2 &&
    OUTCOME_CONFIRMED == 3 && OUTCOME_REVERTED == 4 && OUTCOME_RESTARTED == 5 &&
    OUTCOME_STAGED == 6, "outcome");

int
device_init(struct err *err)
{
	return session_library_init(err);
}
