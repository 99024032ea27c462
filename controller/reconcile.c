/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a commit to a report: the first thing to read.
 *
 *	fetch -> verify source -> snapshot	source.c, before a run begins
 *	-> plan -> gate				here, a device at a time
 *	-> roll out				rollout.c, waves of jobs (job.c)
 *	-> report -> notify			run.c ends the run, results.c publishes
 *
 * A run thread goes through it once, top to bottom, and blocks; the devices'
 * work is done by the workers. What it knows is in the journal at every step,
 * so that recover.c can finish what a dead process began.
 */
#include "controller/reconcile.h"

#include "base/log.h"
#include "controller/plan.h"
#include "controller/results.h"

/* A plan with changes passes the gates, or is blocked with the first reason. */
static int
gate(struct run *run, const struct intended_device *d, struct job_record *rec,
    struct arena *a, struct err *err)
{
	const struct permission allowed = run_permission(run, d->name);
	const struct gate_record *closed;
	bool open;
	int r;

	if ((r = gates_evaluate(run->c, run->intent, d, &allowed, rec, &open, a, err)) != 0 ||
	    open)
		return r;
	closed = rec->gates.v;
	rec->end = END_BLOCKED;
	rec->why = closed[0].sentence;
	return 0;
}

static void
plan_and_gate(struct run *run, struct run_device *rd, struct arena *a)
{
	struct event e = { .run = run->rec.id, .device = rd->device->name };
	struct job_record rec;
	struct journal_write w = { .job = &rec, .event = &e };
	struct err err = ERR_INIT;

	if (plan_device(run->c, run->intent, rd->device, &run->rec, &rec, a, &err) != 0 ||
	    (rec.end == END_NONE && gate(run, rd->device, &rec, a, &err) != 0)) {
		error_record_set(&rec.error, a, &err);
		rec.end = END_FAILED;
		rec.why = rec.error.text;
	}
	if (rec.end != END_NONE) {
		rec.state = JOB_FINISHED;
		rec.finished = record_time(a, run->c->sys);
	}
	e.at = record_time(a, run->c->sys);
	e.what = rec.end == END_NONE ? "planned" : "ended";
	e.text = rec.end == END_NONE ? arena_printf(a, "plan %s: %s", rec.plan, counts_of(&rec, a)) :
	    arena_printf(a, "%s: %s", job_end_word((enum job_end)rec.end), rec.why);
	if (!controller_record(run->c, &w, rd->device->name))
		return;
	pthread_mutex_lock(&run->lock);
	rd->end = (enum job_end)rec.end;
	rd->change = rec.end == END_NONE;
	pthread_mutex_unlock(&run->lock);
}

static void
plan_one(void *ctx, size_t i)
{
	struct arena a = ARENA_INIT;
	struct run *run = ctx;

	plan_and_gate(run, &run->devices[i], &a);
	arena_release(&a);
}

/* For whoever watches: the report exists, and waits for its remote. */
static void
say_waiting(struct run *run, const struct err *why)
{
	struct event e = { .run = run->rec.id, .what = "outbox" };
	struct journal_write w = { .event = &e };

	e.at = record_time(&run->arena, run->c->sys);
	e.text = record_text(&run->arena, arena_printf(&run->arena, "%s%s%s", why->text,
	    why->next[0] != '\0' ? "; " : "", why->next));
	controller_record(run->c, &w, NULL);
}

void
reconcile(struct run *run)
{
	struct controller *c = run->c;
	struct err err = ERR_INIT;

	log_info("run", NULL, "%s: commit %.12s, %zu devices, asked by %s", run->rec.id,
	    run->rec.commit, run->n, run->rec.who);
	fan_out(c->workers, run->n, (size_t)c->settings.limits.workers, NULL, plan_one, run);
	rollout(run);
	if (!run_decided(run)) {
		err_set(&err, ERR_CANCELLED, "told to stop; the next start decides the rest");
		say_waiting(run, &err);
		return;
	}
	run_end(run, NULL);
	if (results_publish(c, &err) != 0)
		say_waiting(run, &err);
}

static void
reconcile_main(void *arg)
{
	struct run *run = arg;
	struct controller *c = run->c;

	reconcile(run);
	run_free(run);
	pthread_mutex_lock(&c->lock);
	c->runs--;
	pthread_cond_broadcast(&c->runs_done);
	pthread_mutex_unlock(&c->lock);
}

int
reconcile_start(struct run *run, struct err *err)
{
	struct controller *c = run->c;
	int r;

	pthread_mutex_lock(&c->lock);
	c->runs++;
	pthread_mutex_unlock(&c->lock);
	if ((r = thread_start(NULL, "run", reconcile_main, run, err)) != 0) {
		pthread_mutex_lock(&c->lock);
		c->runs--;
		pthread_cond_broadcast(&c->runs_done);
		pthread_mutex_unlock(&c->lock);
		run_end(run, err);
		run_free(run);
	}
	return r;
}
