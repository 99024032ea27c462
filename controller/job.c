/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One device, from plan to proof: the second thing to read after
 * reconcile.c. Straight line; every call blocks within its own deadline.
 *
 *	job_arm     connect, prove identity, refuse if somebody is in the way,
 *	            read and copy running, plan again, checks before, stage,
 *	            the device's own diff and check, refuse if running moved,
 *	            ARM under its own timer;
 *	            then a new session, read back, checks after
 *	job_finish  CONFIRM, save, record
 *
 * Any failure before arm discards the candidate; any failure after arm
 * reverts and proves it (job_undo.c).
 */
#include "controller/job.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "controller/copies.h"
#include "controller/results.h"

/* Confirm only while this much of the timer is left: a confirm that crosses
 * the expiry could apply the change a second time. */
#define CONFIRM_RESERVE_MS 3000
/* Bytes of a difference that fit into an error. */
#define DIFFERENCE_MAX 400

static const struct device_ops *
ops(const struct job *j)
{
	return j->c->devices;
}

static const struct platform_caps *
caps(const struct job *j)
{
	return platform_caps(j->target.target.platform);
}

const struct dialect *
job_dialect(const struct job *j)
{
	return j->texts.masking.dialect.name != NULL ? &j->texts.masking.dialect :
	    platform_dialect(j->target.target.platform);
}

/*
 * The journal.
 */
static void
remember_change(struct job *j)
{
	struct buf b = BUF_INIT;

	if (j->change == NULL)
		return;
	device_change_json(j->change, &b);
	j->rec.change = arena_strdup(&j->arena, buf_str(&b));
	buf_release(&b);
}

int
job_enter(struct job *j, enum job_state state)
{
	enum job_state before = (enum job_state)j->rec.state;
	struct event e = { .run = j->rec.run, .device = j->rec.device,
		.what = job_state_word(state) };
	struct journal_write w = { .job = &j->rec, .event = &e };
	char name[48];
	int r;

	remember_change(j);
	snprintf(name, sizeof(name), "%s-unwritten", job_state_word(state));
	failpoint(name);
	j->rec.state = (int)state;
	e.at = record_time(&j->arena, j->c->sys);
	e.change = j->rec.change;
	e.text = j->rec.deadline != NULL && state == JOB_PROVING ?
	    arena_printf(&j->arena, "armed; the device reverts by itself at %s",
	    j->rec.deadline) : NULL;
	r = j->c->journal.ops->write(j->c->journal.self, &w, &j->err);
	if (r != 0) {
		j->rec.state = (int)before;
		return r;
	}
	log_info("job", j->rec.device, "%s -> %s%s%s", job_state_word(before),
	    job_state_word(state), e.text != NULL ? ": " : "", e.text != NULL ? e.text : "");
	failpoint(job_state_word(state));
	return 0;
}

static void
end_known(struct job *j, struct device_record *known)
{
	const struct job_record *rec = &j->rec;

	known->last_run = rec->run;
	known->last_end = job_end_word((enum job_end)rec->end);
	known->why = job_end_bad((enum job_end)rec->end) ? rec->why : NULL;
	switch ((enum job_end)rec->end) {
	case END_DEPLOYED:
	case END_UNCHANGED:
		known->applied_commit = rec->commit;
		known->applied_blob = rec->blob;
		known->applied_hash = rec->end == END_DEPLOYED ? rec->new_hash : rec->old_hash;
		known->applied_secrets = rec->secrets;
		known->applied_at = known->seen = rec->finished;
		known->applied_run = rec->run;
		known->running_hash = known->applied_hash;
		known->sync = SYNC_IN_SYNC;
		known->health = HEALTH_HEALTHY;
		known->held = known->held_inputs = NULL;
		break;
	case END_REVERTED:
		known->held = rec->why;
		known->held_inputs = held_inputs(j->c, j->intent, j->device,
		    rec->secrets != NULL ? rec->secrets : "", &j->arena);
		known->health = HEALTH_DEGRADED;
		break;
	case END_QUARANTINED:
		known->quarantined = rec->why;
		known->sync = SYNC_UNKNOWN;
		known->health = HEALTH_DEGRADED;
		break;
	default:
		break;
	}
}

void
job_end(struct job *j, enum job_end end, const char *why)
{
	struct event e = { .run = j->rec.run, .device = j->rec.device, .what = "ended" };
	struct audit_record audit = { .run = j->rec.run, .device = j->rec.device,
		.who = j->run->who, .what = job_end_word(end) };
	struct journal_write w = { .job = &j->rec, .device = &j->known, .event = &e,
		.audit = &audit };

	if (j->err.code != 0) {
		target_advise(j->device, &j->err);
		error_record_set(&j->rec.error, &j->arena, &j->err);
	}
	remember_change(j);
	j->rec.end = (int)end;
	j->rec.why = record_text(&j->arena, why);
	j->rec.finished = record_time(&j->arena, j->c->sys);
	j->rec.state = JOB_FINISHED;
	e.at = audit.at = j->rec.finished;
	e.text = audit.text = arena_printf(&j->arena, "%s: %s", job_end_word(end), j->rec.why);
	failpoint("finished-unwritten");
	end_known(j, &j->known);
	if (!controller_record(j->c, &w, j->rec.device))
		j->rec.end = END_NONE;	/* undecided: the next process asks the device */
	failpoint("finished");
	if (job_end_bad(end))
		log_warn("job", j->rec.device, "%s", e.text);
	else
		log_info("job", j->rec.device, "%s", e.text);
}

/*
 * Before anything changes.
 */
int
job_log_in(struct job *j, struct device **out, bool first_address_only)
{
	int r;

	if (j->target.target.platform == NULL &&
	    (r = target_init(&j->target, j->c, j->device, TARGET_WRITE, &j->err)) != 0)
		return r;
	j->target.target.first_address_only = first_address_only;
	return ops(j)->open(out, &j->target.target, &j->err);
}

static int
connect_device(struct job *j)
{
	int r;

	j->rec.started = record_time(&j->arena, j->c->sys);
	if ((r = job_log_in(j, &j->session, false)) != 0)
		return r;
	j->rec.version = arena_strdup(&j->arena, ops(j)->identity(j->session)->version);
	return 0;
}

static int
refuse_if_busy(struct job *j)
{
	struct device_pending_info info;
	int r;

	if ((r = ops(j)->pending(j->session, NULL, &info, &j->err)) != 0)
		return r;
	if (info.state == PENDING_NONE)
		return 0;
	err_set(&j->err, ERR_BUSY, "somebody else has a change pending: %s", info.what);
	return err_next(&j->err, "wait until it is confirmed or gone; Fairlead never confirms "
	    "or discards what is not its own");
}

static int
read_and_copy(struct job *j)
{
	struct span running;
	int r;

	buf_wipe(&j->texts.running);
	if ((r = ops(j)->running(j->session, &j->texts.running, &j->err)) != 0)
		return r;
	running = buf_span(&j->texts.running);
	return copy_keep(j->c, j->rec.device, j->rec.run, running, &j->rec.copy, &j->arena,
	    &j->err);
}

static int
refuse_if_unsaved(struct job *j)
{
	bool same = false;
	int r;

	if ((r = ops(j)->startup_same(j->session, &same, &j->err)) != 0 || same)
		return r;
	err_set(&j->err, ERR_GATE, "what the device would load at a restart is not what it runs");
	return err_next(&j->err, "on the device, save what runs, or make it load what it would "
	    "load at a restart");
}

/* The same change as was planned, or nothing; but where nobody looked at the
 * plan, an earlier run of ours may have moved running. 1: it is as intended
 * already. */
static int
plan_again(struct job *j)
{
	const char *planned = j->rec.plan;
	bool open, ours;
	int r;

	if ((r = plan_compute(j->c, j->intent, j->device, &j->known, &j->texts, &j->rec,
	    &j->arena, &j->err)) != 0)
		return r;
	ours = j->known.applied_hash != NULL &&
	    strcmp(j->known.applied_hash, j->rec.old_hash) == 0;
	if (j->allowed.plan == NULL && !ours)
		j->allowed.plan = planned;
	if ((r = gates_evaluate(j->c, j->intent, j->device, &j->allowed, &j->rec, &open,
	    &j->arena, &j->err)) != 0)
		return r;
	if (j->rec.diff == NULL) {
		job_end(j, END_UNCHANGED, "running is as intended");
		return 1;
	}
	if (!open)
		return err_set(&j->err, ERR_GATE, "%s",
		    ((const struct gate_record *)j->rec.gates.v)[0].sentence);
	return 0;
}

/*
 * Checks. Blocking ones decide; an error is never a pass.
 */
static void
record_check(struct job *j, const struct check *k, enum check_phase phase,
    enum check_status status, const char *why, int64_t attempts)
{
	struct check_record *checks = j->rec.checks.v;
	static const char *const SEVERITIES[] = { "block", "warn", "info" };

	ARENA_PUSH(&j->arena, checks, j->n_checks) = (struct check_record){
		.id = k->id, .title = k->title, .phase = phase == CHECK_BEFORE ? "before" : "after",
		.severity = SEVERITIES[k->severity], .status = check_status_word(status),
		.why = arena_strdup(&j->arena, why), .attempts = attempts };
	j->rec.checks.v = checks;
	j->rec.checks.n = j->n_checks;
}

static enum check_status
ask_once(struct job *j, struct device *on, const struct check *k, struct buf *why)
{
	struct buf output = BUF_INIT, masked = BUF_INIT;
	struct err err = ERR_INIT;
	enum check_status status;

	buf_clear(why);
	if (ops(j)->run(on, k->run, &output, &err) != 0) {
		buf_adds(why, err.text);
		secret_mask(why);
		status = CHECK_ERROR;
	} else {
		/* The verdict quotes what it found, so the output is masked first. */
		mask_text(job_dialect(j), &j->c->mask_key, buf_span(&output), &masked);
		secret_mask(&masked);
		status = check_eval(k, buf_span(&masked), why);
	}
	buf_release(&masked);
	buf_wipe(&output);
	return status;
}

/* After a change state needs time to settle: ask until it passes or time ends. */
static int
run_check(struct job *j, struct device *on, const struct check *k, enum check_phase phase)
{
	struct mono until = mono_add_ms(sys_mono(j->c->sys),
	    phase == CHECK_AFTER ? k->settle_for_ms : 0);
	struct buf why = BUF_INIT;
	enum check_status status;
	int64_t attempts = 0;
	int r = 0;

	for (;;) {
		status = ask_once(j, on, k, &why);
		attempts++;
		if (status == CHECK_PASS || mono_left_ms(j->c->sys, until) == 0)
			break;
		sys_sleep_ms(j->c->sys, k->settle_every_ms);
	}
	record_check(j, k, phase, status, buf_str(&why), attempts);
	if (status != CHECK_PASS && k->severity == CHECK_BLOCK)
		r = err_set(&j->err, ERR_UNPROVEN, "check %s %s the change: %s: %s", k->id,
		    phase == CHECK_BEFORE ? "before" : "after", check_status_word(status),
		    buf_str(&why));
	buf_release(&why);
	return r;
}

static int
run_checks(struct job *j, struct device *on, enum check_phase phase)
{
	const struct intent *in = j->intent;
	size_t i;
	int r;

	for (i = 0; i < in->checks.n; i++) {
		if (!in->checks.v[i].when[phase] || (in->check_selectors[i] != NULL &&
		    !selector_match(in->check_selectors[i], j->device)))
			continue;
		if ((r = run_check(j, on, &in->checks.v[i], phase)) != 0)
			return r;
	}
	return 0;
}

/*
 * The change.
 */
/* A whole replacement would silently undo what somebody changed since we read. */
static int
refuse_if_moved(struct job *j)
{
	struct buf running = BUF_INIT;
	char hash[65];
	int r;

	if ((r = ops(j)->running(j->session, &running, &j->err)) == 0) {
		normal_hash(job_dialect(j), buf_span(&running), hash);
		if (strcmp(hash, j->rec.old_hash) != 0)
			r = err_set(&j->err, ERR_GATE, "somebody changed the device after it "
			    "was read");
	}
	buf_wipe(&running);
	return r;
}

/* The candidate, inactive, with the device's own word that it would take it,
 * where it has one: a device that sees no difference has not taken it. */
static int
stage(struct job *j)
{
	struct buf diff = BUF_INIT;
	int r;

	if ((r = ops(j)->stage(j->session, j->change, buf_span(&j->texts.candidate),
	    &j->err)) == 0 && caps(j)->native_diff &&
	    (r = ops(j)->diff(j->session, j->change, &diff, &j->err)) == 0 && diff.len == 0 &&
	    (r = refuse_if_moved(j)) == 0)
		r = err_set(&j->err, ERR_REJECTED, "the device sees no difference: it did not "
		    "take the lines");
	if (r == 0 && caps(j)->check)
		r = ops(j)->check(j->session, j->change, &j->err);
	buf_wipe(&diff);
	return r;
}

/* Journaled before the effect, so that it is at most earlier than the truth. */
static int
set_deadline(struct job *j)
{
	int64_t timer = j->c->settings.deploy.timer_ms;
	struct wall end = sys_wall(j->c->sys);
	char at[32], words[32];

	end.us += timer * 1000;
	j->deadline = mono_add_ms(sys_mono(j->c->sys), timer);
	j->rec.deadline = arena_strdup(&j->arena, wall_str(end, at));
	j->rec.path = caps(j)->timer ? arena_printf(&j->arena, "rollback timer of the device, "
	    "%s", text_duration_str(timer, words)) :
	    "no rollback timer: allowed by deploy.allow_without_timer";
	return 0;
}

static int
arm(struct job *j)
{
	int r;

	r = ops(j)->arm(j->session, j->change, j->c->settings.deploy.timer_ms, &j->err);
	failpoint("armed-unwritten");
	return r;
}

/* The first address again, from a new TCP connection: the way in that people
 * and monitoring use must work under the new configuration. */
static int
prove_management(struct job *j)
{
	int r;

	sys_sleep_ms(j->c->sys, caps(j)->settle_ms);
	if (caps(j)->confirm != CONFIRM_ARMING_SESSION) {
		ops(j)->close(j->session);
		j->session = NULL;
	}
	if ((r = job_log_in(j, &j->proof, true)) != 0)
		return err_wrap(&j->err, "management after the change");
	return 0;
}

/* An error is one line; masked before it is cut, or the rest of a secret stays. */
static void
join_lines(struct span text, struct buf *out)
{
	struct span line;

	while (span_line(&text, &line)) {
		buf_adds(out, out->len > 0 ? " | " : "");
		buf_addspan(out, span_rtrim(line));
	}
	secret_mask(out);
	if (out->len > DIFFERENCE_MAX)
		buf_cut(out, DIFFERENCE_MAX);
}

/* Lines that the device did not take, or shows otherwise: not confirmed. */
static int
read_back(struct job *j)
{
	struct buf running = BUF_INIT, text = BUF_INIT, line = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct diff *diff;
	int r;

	if ((r = ops(j)->readback(j->proof, j->change, &running, &j->err)) == 0) {
		diff = diff_make(&a, job_dialect(j), buf_span(&j->texts.candidate),
		    buf_span(&running));
		if (!diff_same(diff)) {
			diff_text(diff, &j->c->mask_key, false, &text);
			join_lines(buf_span(&text), &line);
			err_set(&j->err, ERR_UNPROVEN, "the device does not show what was sent "
			    "(- sent, + shown): %s", buf_str(&line));
			r = err_next(&j->err, "write these lines in Git as the device shows them");
		}
	}
	buf_wipe(&running);
	buf_wipe(&text);
	buf_wipe(&line);
	arena_release(&a);
	return r;
}

int
job_arm(struct job *j)
{
	int r;

	if ((r = job_enter(j, JOB_READING)) != 0 ||
	    (r = connect_device(j)) != 0 ||
	    (r = refuse_if_busy(j)) != 0 ||
	    (r = read_and_copy(j)) != 0 ||
	    (r = refuse_if_unsaved(j)) != 0 ||
	    (r = plan_again(j)) != 0 ||
	    (r = run_checks(j, j->session, CHECK_BEFORE)) != 0 ||
	    (r = job_enter(j, JOB_STAGING)) != 0 ||
	    (r = stage(j)) != 0 ||
	    (r = refuse_if_moved(j)) != 0 ||
	    (r = set_deadline(j)) != 0 ||
	    (r = job_enter(j, JOB_ARMING)) != 0 ||
	    (r = arm(j)) != 0 ||
	    (r = job_enter(j, JOB_PROVING)) != 0 ||
	    (r = prove_management(j)) != 0 ||
	    (r = read_back(j)) != 0 ||
	    (r = run_checks(j, j->proof, CHECK_AFTER)) != 0)
		return r;
	return 0;
}

/* Our timer must still run, by our clock ... */
static int
refuse_if_late(struct job *j)
{
	if (!caps(j)->timer || mono_left_ms(j->c->sys, j->deadline) > CONFIRM_RESERVE_MS)
		return 0;
	err_set(&j->err, ERR_UNPROVEN, "the checks took longer than the rollback timer allows");
	return err_next(&j->err, "raise deploy.timer, or shorten `settle` of the checks");
}

/* ... and by the device's. */
static int
refuse_if_expired(struct job *j)
{
	struct device_pending_info info;
	int r;

	if (!caps(j)->timer)
		return 0;
	if ((r = ops(j)->pending(j->proof, j->change, &info, &j->err)) != 0)
		return r;
	if (info.state == PENDING_OURS && (info.left_ms < 0 || info.left_ms > CONFIRM_RESERVE_MS))
		return 0;
	err_set(&j->err, ERR_UNPROVEN, "the rollback timer %s%s%s", info.state == PENDING_OURS ?
	    "is about to end, by the device's clock" : "is not running any more",
	    info.what[0] != '\0' ? ": " : "", info.what);
	return err_next(&j->err, "look whether somebody worked on the device, and whether its "
	    "clock runs as it should; then `fairlead release %s`", j->rec.device);
}

static int
confirm(struct job *j)
{
	struct device *on = caps(j)->confirm == CONFIRM_ARMING_SESSION ? j->session : j->proof;
	int r = caps(j)->timer ? ops(j)->confirm(on, j->change, &j->err) : 0;

	failpoint("confirmed-unwritten");
	return r;
}

static int
save(struct job *j)
{
	int r = ops(j)->save(j->proof, j->change, &j->err);

	failpoint("saved-unwritten");
	return r;
}

int
job_finish(struct job *j)
{
	int r;

	if ((r = refuse_if_expired(j)) != 0 ||
	    (r = job_enter(j, JOB_CONFIRMING)) != 0 ||
	    (r = refuse_if_late(j)) != 0 ||	/* the journal's disk may be slow */
	    (r = confirm(j)) != 0 ||
	    (r = job_enter(j, JOB_SAVING)) != 0 ||
	    (r = save(j)) != 0)
		return r;
	results_keep_running(j->c, j->rec.device, job_dialect(j), buf_span(&j->texts.candidate));
	job_end(j, END_DEPLOYED, arena_printf(&j->arena, "%s; proven on a new session, confirmed "
	    "and saved", counts_of(&j->rec, &j->arena)));
	return 0;
}

void
job_run(struct job *j)
{
	int r;

	if ((r = job_arm(j)) == 0)
		r = job_finish(j);
	if (r < 0)
		job_undo(j);
}

static int
fresh_change(struct job *j)
{
	uint8_t random[8];
	char id[17];

	j->c->sys->random(j->c->sys, random, sizeof(random));
	text_hex(random, sizeof(random), id);
	j->change = device_change_new(id);
	return 0;
}

int
job_new(struct job **out, struct controller *c, struct intent *in,
    const struct run_record *run, const struct permission *allowed, const char *device,
    struct err *err)
{
	struct job *j = mem_zalloc(sizeof(*j));
	int r;

	j->c = c;
	j->intent = intent_ref(in);
	j->device = snapshot_device(in->snapshot, device);
	j->run = run;
	j->allowed = *allowed;
	if (j->device == NULL)
		r = err_set(err, ERR_NOTFOUND, "device %s is not in commit %.12s", device,
		    in->snapshot->commit.hex);
	else if ((r = known_device(c, j->device, &j->known, &j->arena, err)) == 0 &&
	    (r = c->journal.ops->job(c->journal.self, run->id, device, &j->rec, &j->arena,
	    err)) == 0)
		r = j->rec.change == NULL ? fresh_change(j) :
		    device_change_parse(&j->change, span_str(j->rec.change), err);
	if (r != 0)
		job_free(j);
	else
		*out = j;
	return r;
}

void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	ops(j)->close(j->session);
	ops(j)->close(j->proof);
	device_change_free(j->change);
	texts_release(&j->texts);
	target_release(&j->target);
	intent_unref(j->intent);
	arena_release(&j->arena);
	free(j);
}
