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
		log_error("recover", rd->device->name, "%s", err.text);
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

static int
recover_run(void *ctx, const void *record, struct arena *a)
{
	const struct run_record *rec = record;
	struct recovery *recovery = ctx;
	struct controller *c = recovery->c;
	struct intent *in = NULL;
	struct run *run = NULL;
	int r;

	(void)a;
	log_warn("recover", NULL, "run %s was interrupted", rec->id);
	r = source_commit(c, rec->commit, &in, recovery->err);
	if (r == ERR_NOTFOUND)
		err_clear(recovery->err);
	if ((r == 0 || r == ERR_NOTFOUND) && (r = run_reopen(&run, c, in, rec, recovery->err)) == 0) {
		fan_out(c->workers, run->n, (size_t)c->settings.limits.workers, NULL,
		    recover_one, run);
		if (run_decided(run)) {
			run_end(run, NULL);
			recovery->each(recovery->ctx, &run->rec);
		}
	}
	run_free(run);
	intent_unref(in);
	return r != 0 ? err_wrap(recovery->err, "run %s", rec->id) : 0;
}

int
recover(struct controller *c, void (*each)(void *ctx, const struct run_record *run),
    void *ctx, struct err *err)
{
	struct recovery recovery = { .c = c, .each = each, .ctx = ctx, .err = err };

	return c->journal.ops->runs_due(c->journal.self, true, recover_run, &recovery, err);
}
