/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After a crash: every run that is still open in the journal is finished. For
 * each of its jobs without an end the device is asked (job_undo.c); then the
 * run ends, once, and its report goes the way of all reports.
 */
#include "controller/reconcile.h"

#include "base/log.h"
#include "controller/job.h"
#include "controller/source.h"

/* What was journaled of the change does not parse: only a person can look. */
static enum job_end
end_unreadable(struct run *run, const struct run_device *rd, const struct err *why)
{
	const struct journal *j = &run->c->journal;
	struct arena a = ARENA_INIT;
	struct job_record rec;
	enum job_end end = END_NONE;

	log_error("recover", rd->device->name, "%s", why->text);
	if (err_fault(why->code) != FAULT_SYSTEM &&
	    j->ops->job(j->self, run->rec.id, rd->device->name, &rec, &a, NULL) == 0)
		end = run_end_lost(run->c, &rec, why->text);
	arena_release(&a);
	return end;
}

static void
recover_one(void *ctx, size_t i)
{
	struct run *run = ctx;
	struct run_device *rd = &run->devices[i];
	struct controller *c = run->c;
	struct err err = ERR_INIT;
	struct job *job = NULL;
	enum job_end end = END_NONE;

	if (!rd->change || admit_enter(c->admit, ADMIT_CONFIRM, rd->device->name, &err) != 0)
		return;
	if (job_new(&job, c, run->intent, &run->rec, &run->allowed, rd->device->name,
	    &err) == 0) {
		log_warn("recover", rd->device->name, "run %s left it in state %s",
		    run->rec.id, job_state_word((enum job_state)job->rec.state));
		job->rec.recovered = true;
		if (job->rec.state == JOB_PLANNED)
			job_end(job, END_SKIPPED, "not started: Fairlead was stopped");
		else
			job_undo(job);
		end = (enum job_end)job->rec.end;
	} else {
		end = end_unreadable(run, rd, &err);
	}
	job_free(job);
	admit_leave(c->admit, rd->device->name);
	pthread_mutex_lock(&run->lock);
	rd->end = end;
	pthread_mutex_unlock(&run->lock);
}

struct recovery {
	struct controller *c;
	void (*each)(void *ctx, const struct run_record *run);
	void *ctx;
	struct err *err;
};

/* A mirror that was lost is fetched anew. */
static int
commit_of(struct controller *c, const struct run_record *rec, struct intent **out,
    struct err *err)
{
	struct intent *newest = NULL;
	int r;

	if ((r = source_commit(c, rec->commit, out, err)) != ERR_NOTFOUND)
		return r;
	err_clear(err);
	if (source_fetch(c, &newest, err) == 0)
		intent_unref(newest);
	else if (err->code != ERR_HISTORY)
		return err->code;	/* it may be there: ask again later */
	err_clear(err);
	return source_commit(c, rec->commit, out, err);
}

static int
recover_run(void *ctx, const void *record, struct arena *a)
{
	const struct run_record *rec = record;
	struct recovery *recovery = ctx;
	struct controller *c = recovery->c;
	struct intent *in = NULL;
	struct run *run = NULL;
	struct err err = ERR_INIT;
	int r;

	(void)a;
	log_warn("recover", NULL, "run %s was interrupted", rec->id);
	r = commit_of(c, rec, &in, &err);
	if ((r == 0 || r == ERR_NOTFOUND) && (r = run_reopen(&run, c, in, rec, &err)) == 0) {
		fan_out(c->workers, run->n, (size_t)c->settings.limits.workers, NULL,
		    recover_one, run);
		if (run_decided(run)) {
			run_end(run, NULL);
			recovery->each(recovery->ctx, &run->rec);
		}
	}
	run_free(run);
	intent_unref(in);
	/* The others are decided all the same. */
	if (r != 0 && recovery->err->code == 0) {
		*recovery->err = err;
		err_wrap(recovery->err, "run %s", rec->id);
	}
	return 0;
}

int
recover(struct controller *c, void (*each)(void *ctx, const struct run_record *run),
    void *ctx, struct err *err)
{
	struct recovery recovery = { .c = c, .each = each, .ctx = ctx, .err = err };
	int r;

	r = c->journal.ops->runs_due(c->journal.self, true, recover_run, &recovery, err);
	return r != 0 ? r : err->code;
}
