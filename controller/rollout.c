/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Roll out: the planned devices of a run, in waves of jobs. One device goes
 * first and must succeed (the canary), then the rest, at most
 * deploy.max_parallel at a time. The first failure stops the run: what is in
 * change ends as it must, nothing new starts.
 *
 * Crossing points with the workers: the index of a device goes in, its end
 * comes back under run->lock.
 */
#include "controller/reconcile.h"

#include "base/log.h"
#include "controller/job.h"

struct wave {
	struct run *run;
	size_t *devices;	/* indices into run->devices */
	size_t n;
};

static bool
may_start(void *ctx)
{
	struct wave *wave = ctx;
	bool stopped;

	pthread_mutex_lock(&wave->run->lock);
	stopped = wave->run->stopped;
	pthread_mutex_unlock(&wave->run->lock);
	return !stopped && !admit_stopping(wave->run->c->admit);
}

static void
note_end(struct run *run, struct run_device *rd, enum job_end end)
{
	pthread_mutex_lock(&run->lock);
	rd->end = end;
	if (job_end_bad(end) && !run->stopped) {
		run->stopped = true;
		run->stopped_by = rd->device->name;
	}
	pthread_mutex_unlock(&run->lock);
}

/* The end of a device that was never begun; one that was has no end before the
 * device has been asked. */
static void
end_planned(struct run *run, struct run_device *rd, enum job_end end, const char *why,
    const struct err *err)
{
	struct event e = { .run = run->rec.id, .device = rd->device->name, .what = "ended" };
	struct arena a = ARENA_INIT;
	struct job_record rec;
	struct journal_write w = { .job = &rec, .event = &e };
	const struct journal *journal = &run->c->journal;

	if (journal->ops->job(journal->self, run->rec.id, rd->device->name, &rec, &a,
	    NULL) == 0 && rec.state == JOB_PLANNED) {
		rec.state = JOB_FINISHED;
		rec.end = end;
		rec.why = record_text(&a, why);
		if (err != NULL)
			error_record_set(&rec.error, &a, err);
		e.at = rec.finished = record_time(&a, run->c->sys);
		e.text = arena_printf(&a, "%s: %s", job_end_word(end), rec.why);
		if (controller_record(run->c, &w, rd->device->name))
			note_end(run, rd, end);
	}
	arena_release(&a);
}

static void
deploy_one(void *ctx, size_t i)
{
	struct wave *wave = ctx;
	struct run *run = wave->run;
	struct run_device *rd = &run->devices[wave->devices[i]];
	struct controller *c = run->c;
	const struct permission allowed = run_permission(run, rd->device->name);
	struct err err = ERR_INIT;
	struct job *job = NULL;

	if (admit_enter(c->admit, ADMIT_DEPLOY, rd->device->name, &err) != 0)
		return;		/* stopping: it ends as skipped */
	if (may_start(wave)) {
		if (job_new(&job, c, run->intent, &run->rec, &allowed, rd->device->name,
		    &err) == 0) {
			job->rec.wave = rd->wave;
			job_run(job);
			note_end(run, rd, (enum job_end)job->rec.end);
		} else {
			end_planned(run, rd, END_FAILED, err.text, &err);
		}
		job_free(job);
	}
	admit_leave(c->admit, rd->device->name);
}

/* The first device to be changed is the canary, a wave of its own. */
static int
fill_waves(struct run *run)
{
	int wave = 1;
	size_t i;

	for (i = 0; i < run->n; i++)
		if (run->devices[i].change) {
			run->devices[i].wave = wave;
			wave = 2;
		}
	return wave;
}

static void
roll_wave(struct run *run, int number)
{
	struct wave wave = { .run = run };
	struct arena a = ARENA_INIT;
	size_t i;

	for (i = 0; i < run->n; i++)
		if (run->devices[i].change && run->devices[i].wave == number)
			ARENA_PUSH(&a, wave.devices, wave.n) = i;
	if (wave.n > 0)
		log_info("run", NULL, "%s: wave %d, %zu devices", run->rec.id, number, wave.n);
	fan_out(run->c->workers, wave.n, (size_t)run->c->settings.deploy.max_parallel,
	    may_start, deploy_one, &wave);
	arena_release(&a);
}

void
rollout(struct run *run)
{
	int waves = fill_waves(run), wave;
	const char *why;
	size_t i;

	for (wave = 1; wave <= waves; wave++)
		roll_wave(run, wave);
	why = run->stopped_by != NULL ? arena_printf(&run->arena, "not started: the run stopped "
	    "after %s failed", run->stopped_by) : "not started: Fairlead was told to stop";
	for (i = 0; i < run->n; i++)
		if (run->devices[i].change && run->devices[i].end == END_NONE)
			end_planned(run, &run->devices[i], END_SKIPPED, why, NULL);
}
