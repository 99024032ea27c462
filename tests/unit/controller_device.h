/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device as a table, for the test of the job: no connection, no time but the
 * number now_ms, and what goes wrong with it is a row. One at a time: F.
 *
 * It is stricter than ours must be. It notes every configuration that was ever
 * active, and whatever must never happen to it ("wrong"): an effect without
 * its journal row, a confirm after the timer, anything done to what is somebody
 * else's.
 */
#ifndef FAIRLEAD_TESTS_CONTROLLER_DEVICE_H
#define FAIRLEAD_TESTS_CONTROLLER_DEVICE_H

#include <stdio.h>
#include <stdlib.h>

#include "controller/record.h"
#include "devices/change.h"

#define S 1000			/* ms */
#define FOREVER (INT64_MAX / 4)
#define N(table) (sizeof(table) / sizeof((table)[0]))

static const char OLD[] = "name r\nmetric 1\n";
static const char NEW[] = "name r\nmetric 2\nneighbor 192.0.2.9\n";
static const char NEITHER[] = "name r\nmetric 3\n";

#define OPS(X) X(NOTHING) X(OPEN) X(PENDING) X(RUNNING) X(STARTUP) X(RUN) X(STAGE) X(DIFF) \
	X(CHECK) X(ARM) X(READBACK) X(CONFIRM) X(REVERT) X(DISCARD) X(SAVE) X(OUTCOME)
enum op {
#define X(op) op,
	OPS(X)
#undef X
	OPS_N
};
static const char *const OP_WORDS[] = {
#define X(op) #op,
	OPS(X)
#undef X
};

enum kind {
	FINE,
	NO,		/* an error, nothing done, the session lives */
	BEFORE,		/* the session ends, nothing done */
	AFTER,		/* the session ends, it is done: a lost answer */
	LIE,		/* an error, but it is done, the session lives */
};
static const char *const KIND_WORDS[] = { "fine", "no", "cut before", "cut after", "lie" };
struct mishap {
	enum op op;
	int nth;		/* which call, from 1; 0: every */
	enum kind kind;
	int code;		/* of NO and LIE; 0: ERR_OUTPUT */
	int64_t away_ms;	/* when cut: nobody can log in for so long */
	int64_t slow_ms;	/* the answer is true when it is made, and comes later */
};
enum twist {
	PLAIN,
	BUSY, UNSAVED, EDITED, AS_INTENDED,	/* so it is found */
	NO_DIFF, MOVED, CHECK_FAILS, TAKEN_OVER,	/* so it becomes */
	STUCK,					/* its timer does not fire */
	RESTARTS, CLOCK_AHEAD, CLOCK_BACK,	/* when the session is cut */
	SLOW_ROW,				/* of CONFIRMING, 6 s */
};

struct device {
	bool open, dead;
	struct device *next;
};

static struct {
	struct mishap faults[2];
	enum twist twist;
	bool own;		/* only the arming session confirms, and holds the change */
	bool knows;		/* staged, confirmed, reverted; else running must tell */
	int say;		/* enum device_outcome, whatever is true; -1: what is true */
	int64_t now_ms, away_until, jump_ms, until;
	const char *running, *startup, *before, *found;
	struct buf ever, wrong;		/* O, N, x: what became active, in order */
	char staged[33], ours[33];	/* ids: on the device; armed, also when over */
	bool armed, confirmed, foreign, restarted;
	struct device *sessions, *arming;
	int count[OPS_N];
	/* The journal: state of its last row, and the one whose write fails. */
	int on_disk, full_at;
	int64_t full_ms, full_until;	/* 0: that one; else all for so long */
} F;

static void
wrong(bool is, const char *what)
{
	if (is)
		buf_addf(&F.wrong, "%s (row %s); ", what,
		    job_state_word((enum job_state)F.on_disk));
}

static void
activate(const char *text)
{
	F.armed = F.armed && text == NEW;
	F.running = text;
	buf_addc(&F.ever, text == OLD ? 'O' : text == NEW ? 'N' : 'x');
}

static void
tick(void)
{
	if (F.armed && F.now_ms >= F.until)
		activate(F.before);
}

static void
drop(struct device *d)
{
	d->dead = true;
	if (d == F.arming && F.own && F.armed)
		activate(F.before);
}

static void
cut(struct device *d, const struct mishap *f)
{
	if (d != NULL)
		drop(d);
	F.away_until = F.now_ms + f->away_ms;
	F.jump_ms = F.twist == CLOCK_AHEAD ? 86400 * S : F.twist == CLOCK_BACK ? -86400 * S : 0;
	if (F.twist != RESTARTS || F.restarted)
		return;
	if (F.running != F.startup)
		activate(F.startup);
	F.confirmed = false;
	F.restarted = true;
}

static const struct mishap *
mishap_of(enum op op)
{
	static const struct mishap none = { .op = NOTHING };

	for (size_t i = 0; i < N(F.faults); i++)
		if (F.faults[i].op == op &&
		    (F.faults[i].nth == 0 || F.faults[i].nth == F.count[op]))
			return &F.faults[i];
	return &none;
}

static int
say_no(const struct mishap *f, struct err *err)
{
	return err_set(err, f->code != 0 ? f->code : ERR_OUTPUT, "the device says no");
}

static int
enter(struct device *d, enum op op, struct err *err)
{
	const struct mishap *f;

	tick();
	wrong(op != OPEN && !d->open, "a closed session was used");
	if (op != OPEN && d->dead)
		return err_set(err, ERR_CLOSED, "the session has ended");
	F.count[op]++;
	f = mishap_of(op);
	if (f->kind == NO)
		return say_no(f, err);
	if (f->kind != BEFORE)
		return 0;
	cut(d, f);
	return err_set(err, op == OPEN ? ERR_UNREACHABLE : ERR_CLOSED, "cut before");
}

static int
leave(struct device *d, enum op op, struct err *err)
{
	const struct mishap *f = mishap_of(op);

	F.now_ms += f->slow_ms;
	if (f->kind != AFTER)
		return f->kind == LIE ? say_no(f, err) : 0;
	cut(d, f);
	return err_set(err, op == OPEN ? ERR_UNREACHABLE : ERR_CLOSED, "cut after");
}

static void
stage(struct device_change *c, const struct span *candidate)
{
	wrong(F.on_disk != JOB_STAGING, "staged without its row");
	wrong(F.armed || F.foreign, "staged while a change is armed");
	wrong(!span_is(*candidate, NEW), "staged what was not intended");
	snprintf(F.staged, sizeof(F.staged), "%s", change_id(c));
	change_set(c, "staged", "yes", NULL);
	if (F.twist == MOVED)
		F.running = F.found = NEITHER;
}

static void
arm(struct device *d, struct device_change *c, const int64_t *timer_ms)
{
	wrong(F.on_disk != JOB_ARMING, "armed without its row");
	wrong(F.armed || F.foreign, "armed over another change");
	wrong(strcmp(F.staged, change_id(c)) != 0, "armed before it was staged");
	F.before = F.running;
	F.arming = d;
	F.until = F.twist == STUCK ? FOREVER : F.now_ms + *timer_ms;
	snprintf(F.ours, sizeof(F.ours), "%s", change_id(c));
	activate(NEW);
	F.armed = true;
	if (mishap_of(ARM)->kind == FINE)
		change_set(c, "armed", "yes", NULL);
}

static void
confirm(struct device *d, bool ours)
{
	wrong(F.on_disk != JOB_CONFIRMING, "confirmed without its row");
	wrong(!F.armed, "confirmed after its end, or without arm");
	wrong(F.foreign || !ours, "confirmed what is somebody else's");
	wrong(F.own && d != F.arming, "confirmed by a session that may not");
	F.confirmed = F.armed;
	F.armed = false;
	F.staged[0] = '\0';
}

/* Who cannot show that what is armed is his waits for the timer. */
static int
revert(const struct device_change *c, bool ours, struct err *err)
{
	/* A disk that is full is no reason to leave it armed. */
	wrong(F.on_disk != JOB_REVERTING && F.full_until == 0, "reverted without its row");
	wrong(F.foreign || (F.armed && !ours), "reverted what is somebody else's");
	if (F.confirmed)
		return err_set(err, ERR_UNSUPPORTED, "confirmed already");
	if (F.armed && change_get(c, "armed") == NULL)
		F.now_ms = F.until;
	F.until = F.now_ms;
	F.say = -1;
	tick();
	return 0;
}

static void
save(bool ours)
{
	if (F.startup == F.running)
		return;
	wrong(F.on_disk != JOB_CONFIRMING && F.on_disk != JOB_SAVING, "saved without its row");
	wrong(!F.confirmed || !ours, "saved before it was confirmed");
	wrong(F.running != NEW, "saved what is not ours");
	F.startup = F.running;
}

static enum device_outcome
outcome(void)
{
	if (F.say >= 0)
		return (enum device_outcome)F.say;
	if (F.foreign)
		return OUTCOME_UNKNOWN;
	if (F.armed)
		return OUTCOME_PENDING;
	if (!F.knows)
		return OUTCOME_COMPARE;
	return F.restarted ? OUTCOME_RESTARTED : F.confirmed ? OUTCOME_CONFIRMED :
	    F.ours[0] == '\0' ? OUTCOME_STAGED : OUTCOME_REVERTED;
}

/* One operation: io is what it takes or gives. */
static int
act(struct device *d, enum op op, struct device_change *c, void *io, struct err *err)
{
	bool ours = F.ours[0] != '\0' && c != NULL && strcmp(change_id(c), F.ours) == 0;
	int r = enter(d, op, err);

	if (r != 0)
		return r;
	switch (op) {
	case PENDING:
		*(enum device_pending *)io = F.foreign || (F.armed && !ours) ? PENDING_FOREIGN :
		    F.armed ? PENDING_OURS : PENDING_NONE;
		break;
	case READBACK:
	case RUNNING:
		buf_adds(io, F.running);
		if (op == READBACK && F.twist == TAKEN_OVER) {
			F.armed = false;
			F.foreign = true;
			F.running = NEITHER;
		}
		break;
	case STARTUP:
		*(bool *)io = F.startup == F.running;
		break;
	case RUN:
		buf_adds(io, F.twist == CHECK_FAILS && F.armed ? "Idle\n" : "Established\n");
		break;
	case STAGE:
		stage(c, io);
		break;
	case DIFF:
		buf_adds(io, F.twist == NO_DIFF ? "" : "+metric 2\n");
		break;
	case CHECK:
		wrong(strcmp(F.staged, change_id(c)) != 0, "checked before it was staged");
		break;
	case ARM:
		arm(d, c, io);
		break;
	case CONFIRM:
		confirm(d, ours);
		break;
	case REVERT:
		r = revert(c, ours, err);
		break;
	case DISCARD:
		wrong(F.armed || F.foreign, "discarded while a change is armed");
		if (strcmp(F.staged, change_id(c)) == 0)
			F.staged[0] = '\0';
		break;
	case SAVE:
		save(ours);
		break;
	default:
		if (change_get(c, "staged") == NULL)
			return err_set(err, ERR_NOTFOUND, "it never came to staging");
		*(enum device_outcome *)io = outcome();
	}
	return r != 0 ? r : leave(d, op, err);
}

static int
fake_open(struct device **out, const struct device_target *t, struct err *err)
{
	struct device *d;
	int live = 0, r;

	(void)t;
	if ((r = enter(NULL, OPEN, err)) != 0)
		return r;
	if (F.now_ms < F.away_until)
		return err_set(err, ERR_UNREACHABLE, "nobody answers");
	for (d = F.sessions; d != NULL; d = d->next)
		live += d->open;
	wrong(live >= (F.own ? 2 : 1), "more sessions than it allows");
	if ((r = leave(NULL, OPEN, err)) != 0)
		return r;
	d = mem_zalloc(sizeof(*d));
	d->open = true;
	d->next = F.sessions;
	*out = F.sessions = d;
	return 0;
}

static void
fake_close(struct device *d)
{
	if (d == NULL)
		return;
	tick();
	wrong(!d->open, "closed twice");
	drop(d);
	d->open = false;
}

static const struct device_identity *
fake_identity(const struct device *d)
{
	static const struct device_identity id = { .hostname = "r", .version = "1.0" };

	wrong(!d->open, "a closed session was used");
	return &id;
}

static int
fake_pending(struct device *d, const struct device_change *c,
    struct device_pending_info *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	out->left_ms = F.armed ? F.until - F.now_ms : -1;
	return act(d, PENDING, (struct device_change *)(uintptr_t)c, &out->state, err);
}

static int
fake_run(struct device *d, const char *command, struct buf *out, struct err *err)
{
	(void)command;
	return act(d, RUN, NULL, out, err);
}

static int
fake_stage(struct device *d, struct device_change *c, struct span candidate, struct err *err)
{
	return act(d, STAGE, c, &candidate, err);
}

static int
fake_arm(struct device *d, struct device_change *c, int64_t timer_ms, struct err *err)
{
	return act(d, ARM, c, &timer_ms, err);
}

#define READ(op, type) \
	static int \
	fake_##op(struct device *d, type *out, struct err *err) \
	{ \
		return act(d, op, NULL, out, err); \
	}
#define STEP(op) \
	static int \
	fake_##op(struct device *d, struct device_change *c, struct err *err) \
	{ \
		return act(d, op, c, NULL, err); \
	}
#define STEP_READ(op, type) \
	static int \
	fake_##op(struct device *d, struct device_change *c, type *out, struct err *err) \
	{ \
		return act(d, op, c, out, err); \
	}
READ(RUNNING, struct buf)
READ(STARTUP, bool)
STEP(CHECK)
STEP(CONFIRM)
STEP(REVERT)
STEP(DISCARD)
STEP(SAVE)
STEP_READ(DIFF, struct buf)
STEP_READ(READBACK, struct buf)
STEP_READ(OUTCOME, enum device_outcome)

static const struct device_ops FAKE = {
	.open = fake_open, .close = fake_close, .identity = fake_identity,
	.pending = fake_pending, .running = fake_RUNNING, .startup_same = fake_STARTUP,
	.run = fake_run, .stage = fake_stage, .diff = fake_DIFF, .check = fake_CHECK,
	.arm = fake_arm, .readback = fake_READBACK, .confirm = fake_CONFIRM,
	.revert = fake_REVERT, .discard = fake_DISCARD, .save = fake_SAVE,
	.outcome = fake_OUTCOME,
};

#endif
