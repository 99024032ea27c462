/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a job fails, or was left behind by a process that died: bring the
 * device to a decided state, and prove it.
 *
 * Before arm nothing is active: the candidate is discarded. From ARMING on the
 * journal alone never decides; the device is asked what became of the change,
 * again and again until its own timer must have ended, and the answer is a row
 * of one table. Three ends are possible: the old configuration runs and was
 * compared with the rollback copy (reverted); the new one runs, and we had
 * begun to confirm it after passed checks (deployed); anything else is
 * quarantined with a sentence for a person.
 */
#include "controller/job.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "controller/results.h"

/* After the timer must have ended, how long a device may stay away (it may be
 * restarting) before a person is called. */
#define AWAY_MS (10 * 60 * 1000)
#define RETRY_MS 2000
#define REFUSED_MS (2 * 60 * 1000)
#define REVERT_TRIES 3
#define SAVE_TRIES 3

enum verdict { VERDICT_AGAIN, VERDICT_REVERT, VERDICT_PROVE, VERDICT_QUARANTINE };

/* What the device says of the change -> what to do about it, before and after
 * we began to confirm. */
static const struct {
	enum verdict before, confirming;
	const char *words;
} ANSWERS[] = {
	[OUTCOME_UNKNOWN] = { VERDICT_QUARANTINE, VERDICT_QUARANTINE,
	    "the device cannot say what became of the change" },
	[OUTCOME_COMPARE] = { VERDICT_PROVE, VERDICT_PROVE, "nothing is pending" },
	[OUTCOME_PENDING] = { VERDICT_REVERT, VERDICT_REVERT, "the change is still pending" },
	[OUTCOME_CONFIRMED] = { VERDICT_QUARANTINE, VERDICT_PROVE,
	    "the change was confirmed, and not by Fairlead" },
	[OUTCOME_REVERTED] = { VERDICT_PROVE, VERDICT_PROVE, "the device reverted" },
	[OUTCOME_RESTARTED] = { VERDICT_PROVE, VERDICT_PROVE, "the device restarted" },
	[OUTCOME_STAGED] = { VERDICT_PROVE, VERDICT_PROVE, "the change is staged only" },
};

struct undo {
	struct job *j;
	bool confirming;	/* checks had passed and confirm had begun */
	bool refused;		/* the device said no to arm, in its own words */
	struct mono expires;	/* the device's timer must have ended */
	struct mono give_up;
	int reverts, saves;
	struct buf text;	/* what the device showed when it was compared */
	struct err last;	/* why the last try got no answer */
	char cause[512];	/* what failed in the first place */
};

static const struct device_ops *
ops(const struct undo *u)
{
	return u->j->c->devices;
}

static void
hang_up(struct job *j)
{
	j->c->devices->close(j->session);
	j->c->devices->close(j->proof);
	j->session = j->proof = NULL;
}

/* REFUSED: somebody said no. FAILED: something broke. */
static enum job_end
end_before_arm(const struct job *j)
{
	switch (j->err.code) {
	case ERR_REJECTED:
	case ERR_GATE:
	case ERR_BUSY:
	case ERR_IDENTITY:
	case ERR_HOSTKEY:
	case ERR_UNSUPPORTED:
	case ERR_UNPROVEN:
	case ERR_CONTENT:
	case ERR_SECRET:
		return END_REFUSED;
	default:
		return END_FAILED;
	}
}

/* The candidate is inactive; leaving it behind would be untidy, not unsafe,
 * and the next job on this device removes leftovers of ours. */
static void
discard(struct undo *u)
{
	struct job *j = u->j;
	struct device *on = j->proof != NULL ? j->proof : j->session;
	struct err err = ERR_INIT, first = j->err;

	if (on != NULL && ops(u)->discard(on, j->change, &err) == 0)
		return;
	hang_up(j);
	if (job_log_in(j, &j->session, false) != 0 ||
	    ops(u)->discard(j->session, j->change, &j->err) != 0)
		log_warn("job", j->rec.device, "a staged candidate stays behind: %s",
		    j->err.text);
	j->err = first;
}

static void
end_untouched(struct undo *u)
{
	struct job *j = u->j;

	if (j->rec.state >= JOB_STAGING)
		discard(u);
	job_end(j, end_before_arm(j), arena_printf(&j->arena, "%s; nothing changed", u->cause));
}

static enum verdict
answer(struct undo *u, enum device_outcome *outcome)
{
	struct job *j = u->j;
	struct err err = ERR_INIT;
	struct err first = j->err;
	int r;

	hang_up(j);
	err_clear(&u->last);
	r = job_log_in(j, &j->proof, false);
	err = j->err;
	j->err = first;
	if (r != 0 || (r = ops(u)->outcome(j->proof, j->change, outcome, &err)) != 0) {
		u->last = err;
		return VERDICT_AGAIN;
	}
	log_info("job", j->rec.device, "asked the device: %s", ANSWERS[*outcome].words);
	return u->confirming ? ANSWERS[*outcome].confirming : ANSWERS[*outcome].before;
}

/* Which of the two runs now; negative: no answer. */
enum runs { RUNS_OTHER, RUNS_OLD, RUNS_NEW };
static int
compare_running(struct undo *u, bool readback)
{
	struct job *j = u->j;
	char hash[65];
	int r;

	buf_wipe(&u->text);
	r = readback ? ops(u)->readback(j->proof, j->change, &u->text, &u->last) :
	    ops(u)->running(j->proof, &u->text, &u->last);
	if (r != 0)
		return r;
	normal_hash(job_dialect(j), buf_span(&u->text), hash);
	return strcmp(hash, j->rec.old_hash) == 0 ? RUNS_OLD :
	    strcmp(hash, j->rec.new_hash) == 0 ? RUNS_NEW : RUNS_OTHER;
}

static void
revert(struct undo *u)
{
	struct job *j = u->j;
	struct err first = j->err, err = ERR_INIT;

	/* Past some tries the device's own timer is the better revert. */
	if (u->reverts++ >= REVERT_TRIES)
		return;
	if (u->reverts == 1 && !u->refused && compare_running(u, true) == RUNS_OTHER) {
		err_clear(&u->last);
		snprintf(u->cause + strlen(u->cause), sizeof(u->cause) - strlen(u->cause),
		    "; somebody changed the device meanwhile, which is taken back too");
	}
	err_clear(&u->last);
	if (j->rec.state != JOB_REVERTING && job_enter(j, JOB_REVERTING) != 0)
		log_error("job", j->rec.device, "reverting without a journal row: %s",
		    j->err.text);
	j->err = first;
	if (ops(u)->revert(j->proof, j->change, &err) != 0)
		log_warn("job", j->rec.device, "revert: %s", err.text);
	failpoint("reverted-unwritten");
}

static void
quarantine(struct undo *u, const char *why)
{
	struct job *j = u->j;

	if (j->err.code == 0)
		err_set(&j->err, ERR_UNPROVEN, "%s", why);
	err_next(&j->err, "look at the device itself, then `fairlead ack %s`", j->rec.device);
	job_end(j, END_QUARANTINED, arena_printf(&j->arena, "%s; %s", u->cause, why));
}

/* Confirmed, as the device says: what is left is to make it survive. */
static bool
finish_new(struct undo *u)
{
	struct job *j = u->j;
	struct err err = ERR_INIT;

	if (ops(u)->save(j->proof, j->change, &err) == 0) {
		results_keep_running(j->c, j->rec.device, job_dialect(j), buf_span(&u->text));
		job_end(j, END_DEPLOYED, "confirmed and saved; found out from the device after "
		    "an interruption");
		return true;
	}
	u->last = err;
	if (++u->saves < SAVE_TRIES)
		return false;
	/* Each try may wear the flash, or be what makes the device restart. */
	quarantine(u, arena_printf(&j->arena, "the new configuration is confirmed and runs, "
	    "but saving it could not be proven (%s): save it on the device", err.text));
	return true;
}

static void
end_reverted(struct undo *u, enum device_outcome outcome)
{
	struct job *j = u->j;

	discard(u);
	job_end(j, END_REVERTED, arena_printf(&j->arena, "%s; %s, and running was compared "
	    "with the rollback copy: equal", u->cause, outcome == OUTCOME_RESTARTED ?
	    "the device restarted with its saved configuration" : "the old configuration "
	    "is back"));
}

/* Nothing is pending any more: running decides. True when the job has ended. */
static bool
prove(struct undo *u, enum device_outcome outcome)
{
	bool untouched = u->refused && u->reverts == 0;
	int which = compare_running(u, false);

	/* Confirmed and not saved: running may come from the file that is to be
	 * written, and then what was armed can be read back. */
	if (outcome == OUTCOME_CONFIRMED && (which == RUNS_OLD || which == RUNS_OTHER))
		which = compare_running(u, true);
	/* Whatever runs, perhaps the same from another controller: ours never did. */
	if (untouched && outcome == OUTCOME_STAGED && which >= 0)
		which = RUNS_OLD;
	switch (which) {
	case RUNS_OLD:
		if (untouched)
			end_untouched(u);
		else
			end_reverted(u, outcome);
		return true;
	case RUNS_NEW:
		if (u->confirming)
			return finish_new(u);
		quarantine(u, "the new configuration runs, confirmed by somebody else before "
		    "it was checked");
		return true;
	case RUNS_OTHER:
		quarantine(u, "what runs now is neither the old nor the new configuration");
		return true;
	default:
		return false;
	}
}

static bool
act(struct undo *u, enum verdict verdict, enum device_outcome outcome)
{
	switch (verdict) {
	case VERDICT_REVERT:
		revert(u);
		return false;
	case VERDICT_PROVE:
		return prove(u, outcome);
	case VERDICT_QUARANTINE:
		quarantine(u, ANSWERS[outcome].words);
		return true;
	default:
		return false;
	}
}

/* The timer's end by the clock that never jumps or, when another process armed
 * it, by the one on disk; that may have jumped, so never longer than a timer. */
static void
set_give_up(struct undo *u)
{
	struct job *j = u->j;
	const struct platform *p = platforms_find(j->c->platforms, j->device->platform);
	int64_t armed = device_change_timer(j->change);
	int64_t timer = armed > 0 ? armed : j->c->settings.deploy.timer_ms, left = timer;
	int64_t margin = p != NULL ? platform_caps(p)->timer_margin_ms : 0;
	struct wall end;

	if (j->deadline.ns != 0) {
		left = mono_left_ms(j->c->sys, j->deadline);
	} else if (j->rec.deadline != NULL && wall_parse(j->rec.deadline, &end)) {
		left = (end.us - sys_wall(j->c->sys).us) / 1000;
		left = left < 0 ? 0 : left > timer ? timer : left;
	}
	u->expires = mono_add_ms(sys_mono(j->c->sys), left + margin);
	u->give_up = mono_add_ms(u->expires, AWAY_MS);
}

/* Not after a revert was sent: then it is asked at once what came of it. A login
 * that is refused is not tried again before the device has reverted, and then
 * seldom, or its AAA locks our account everywhere. */
static void
wait_to_ask(struct undo *u)
{
	struct sys *sys = u->j->c->sys;
	int64_t left;

	if (u->reverts > 0 && u->reverts <= REVERT_TRIES && u->last.code == 0)
		return;
	if (u->last.code != ERR_AUTH) {
		sys_sleep_ms(sys, RETRY_MS);
		return;
	}
	left = mono_left_ms(sys, u->expires);
	for (left = left > 0 ? left : REFUSED_MS; left > 0; left -= RETRY_MS) {
		if (admit_stopping(u->j->c->admit))
			return;
		sys_sleep_ms(sys, left < RETRY_MS ? left : RETRY_MS);
	}
}

static void
resolve(struct undo *u)
{
	struct job *j = u->j;
	enum device_outcome outcome = OUTCOME_UNKNOWN;
	enum verdict verdict;

	set_give_up(u);
	for (;;) {
		verdict = answer(u, &outcome);	/* fills outcome, so before act() */
		if (act(u, verdict, outcome))
			return;
		if (mono_left_ms(j->c->sys, u->give_up) == 0)
			break;
		if (u->last.code != 0 && admit_stopping(j->c->admit))
			return;		/* no answer: the next process asks again */
		wait_to_ask(u);
	}
	quarantine(u, arena_printf(&j->arena, "its own timer should have reverted it, but %s",
	    u->last.code != 0 ? u->last.text : ANSWERS[outcome].words));
}

/* What failed where, on record before the device is asked anything. */
static void
note_cause(struct undo *u)
{
	struct job *j = u->j;
	const char *word = job_state_word((enum job_state)j->rec.state);

	if (j->err.code != 0) {
		error_record_set(&j->rec.error, &j->arena, &j->err);
		j->rec.step = word;
		snprintf(u->cause, sizeof(u->cause), "%.390s", j->rec.error.text);
	} else if (j->rec.error.text != NULL) {
		snprintf(u->cause, sizeof(u->cause), "%.350s; Fairlead was stopped while %s",
		    j->rec.error.text, word);
	} else {
		snprintf(u->cause, sizeof(u->cause), "Fairlead was stopped while %s", word);
	}
}

/* In another process nothing is known yet of what is secret here. */
static void
learn_secrets(struct job *j)
{
	struct err err = ERR_INIT;

	if (j->texts.masking.dialect.name == NULL && masking_init(&j->texts.masking, j->c,
	    j->intent, j->device, &j->known, &err) != 0)
		log_warn("job", j->rec.device, "%s", err.text);
}

void
job_undo(struct job *j)
{
	struct undo u = { .j = j, .text = BUF_INIT, .last = ERR_INIT };

	if (j->rec.state == JOB_FINISHED)
		return;
	u.refused = j->rec.state == JOB_ARMING &&
	    (j->err.code == ERR_REJECTED || j->err.code == ERR_BUSY);
	u.confirming = j->rec.state == JOB_CONFIRMING || j->rec.state == JOB_SAVING;
	note_cause(&u);
	if (j->rec.state < JOB_ARMING) {
		end_untouched(&u);
		return;
	}
	learn_secrets(j);
	resolve(&u);
	buf_wipe(&u.text);
}
