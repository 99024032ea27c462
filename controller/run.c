/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a run in the journal, and the helper that spreads its devices
 * over the workers.
 */
#include "controller/reconcile.h"

#include "base/log.h"

static const char *
new_run_id(struct controller *c, struct arena *a)
{
	char at[32], hex[7];
	uint8_t random[3];
	struct buf b = BUF_INIT;
	const char *p, *id;

	wall_str(sys_wall(c->sys), at);
	c->sys->random(c->sys, random, sizeof(random));
	text_hex(random, sizeof(random), hex);
	for (p = at; *p != '\0' && *p != '.'; p++)
		if (*p != '-' && *p != ':')
			buf_addc(&b, *p == 'T' ? 't' : *p);
	buf_addf(&b, "z-%s", hex);
	id = arena_strdup(a, buf_str(&b));
	buf_release(&b);
	return id;
}

static int
select_devices(struct run *run, const struct run_request *q, struct err *err)
{
	const struct snapshot *s = run->intent->snapshot;
	struct selector *selector;
	size_t i;
	int r;

	if ((r = selector_parse(&selector, &run->arena, q->selectors, q->n_selectors,
	    err)) != 0)
		return r;
	for (i = 0; i < s->n_devices; i++)
		if (selector_match(selector, &s->devices[i]) &&
		    (q->only == NULL || q->only(q->ctx, &s->devices[i])))
			ARENA_PUSH(&run->arena, run->devices, run->n) =
			    (struct run_device){ .device = &s->devices[i] };
	return run->n > 0 ? 0 : intent_nobody(run->intent, err);
}

static struct run *
run_alloc(struct controller *c, struct intent *in)
{
	struct run *run = mem_zalloc(sizeof(*run));

	run->c = c;
	run->intent = in != NULL ? intent_ref(in) : NULL;
	pthread_mutex_init(&run->lock, NULL);
	return run;
}

int
run_begin(struct run **out, struct controller *c, struct intent *in,
    const struct run_request *q, struct err *err)
{
	struct run *run = run_alloc(c, in);
	const struct commit_info *info = &in->snapshot->info;
	struct event e = { .what = "started" };
	struct audit_record audit = { .what = "run" };
	struct journal_write w = { .run = &run->rec, .event = &e, .audit = &audit };
	size_t i;
	int r;

	if (admit_stopping(c->admit)) {
		run_free(run);
		return err_set(err, ERR_CANCELLED, "Fairlead is stopping");
	}
	run->allowed = q->allowed;
	run->looked = q->looked;
	run->approved.keys = arena_calloc(&run->arena, q->approved.n + 1, sizeof(char *));
	run->approved.values = arena_calloc(&run->arena, q->approved.n + 1, sizeof(char *));
	for (i = 0; i < q->approved.n; i++) {
		run->approved.keys[i] = arena_strdup(&run->arena, q->approved.keys[i]);
		run->approved.values[i] = arena_strdup(&run->arena, q->approved.values[i]);
	}
	run->approved.n = q->approved.n;
	run->rec.id = e.run = audit.run = new_run_id(c, &run->arena);
	run->rec.commit = in->snapshot->commit.hex;
	run->rec.subject = info->subject;
	run->rec.author = arena_printf(&run->arena, "%s <%s>", info->author_name,
	    info->author_email);
	run->rec.branch = c->settings.repository.branch;
	run->rec.who = audit.who = arena_strdup(&run->arena, q->who);
	run->rec.reason = q->reason != NULL ? record_text(&run->arena, q->reason) : NULL;
	run->rec.first = q->allowed.first;
	run->rec.started = e.at = audit.at = record_time(&run->arena, c->sys);
	run->rec.open = true;
	if ((r = select_devices(run, q, err)) == 0) {
		run->rec.devices = (int64_t)run->n;
		e.text = audit.text = arena_printf(&run->arena, "commit %.12s, %zu devices, "
		    "asked by %s", run->rec.commit, run->n, run->rec.who);
		r = c->journal.ops->write(c->journal.self, &w, err);
	}
	if (r != 0)
		run_free(run);
	else
		*out = run;
	return r;
}

enum job_end
run_end_lost(struct controller *c, const struct job_record *left, const char *why)
{
	bool touched = left->state >= JOB_ARMING;
	struct event e = { .run = left->run, .device = left->device, .what = "ended" };
	struct audit_record audit = { .run = left->run, .device = left->device };
	struct journal_write w = { .event = &e, .audit = &audit };
	struct job_record rec = *left;
	struct device_record known;
	struct arena a = ARENA_INIT;

	rec.end = touched ? END_QUARANTINED : END_FAILED;
	rec.why = record_text(&a, arena_printf(&a, "Fairlead was stopped while %s, and %s%s",
	    job_state_word((enum job_state)left->state), why,
	    touched ? ": look at the device" : "; nothing changed"));
	rec.state = JOB_FINISHED;
	rec.finished = e.at = record_time(&a, c->sys);
	audit.at = e.at;
	audit.what = job_end_word((enum job_end)rec.end);
	e.text = audit.text = rec.why;
	w.job = &rec;
	if (touched && c->journal.ops->device(c->journal.self, left->device, &known, &a,
	    NULL) == 0) {
		known.quarantined = rec.why;
		w.device = &known;
	}
	if (!controller_record(c, &w, left->device))
		rec.end = END_NONE;
	arena_release(&a);
	return (enum job_end)rec.end;
}

static int
reopen_job(void *ctx, const void *record, struct arena *a)
{
	const struct job_record *rec = record;
	struct run *run = ctx;
	const struct intended_device *d = run->intent == NULL ? NULL :
	    snapshot_device(run->intent->snapshot, rec->device);
	enum job_end end = (enum job_end)rec->end;

	(void)a;
	if (end == END_NONE && d == NULL)
		end = run_end_lost(run->c, rec, "the commit is not in the repository any "
		    "more");
	ARENA_PUSH(&run->arena, run->devices, run->n) = (struct run_device){
		.device = d, .end = end, .change = end == END_NONE && d != NULL };
	return 0;
}

int
run_reopen(struct run **out, struct controller *c, struct intent *in,
    const struct run_record *rec, struct err *err)
{
	struct run *run = run_alloc(c, in);
	int r;

	if ((r = c->journal.ops->run(c->journal.self, rec->id, &run->rec, &run->arena,
	    err)) == 0)
		r = c->journal.ops->jobs(c->journal.self, rec->id, reopen_job, run, err);
	if (r != 0)
		run_free(run);
	else
		*out = run;
	return r;
}

void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	intent_unref(run->intent);
	pthread_mutex_destroy(&run->lock);
	arena_release(&run->arena);
	free(run);
}

struct permission
run_permission(const struct run *run, const char *device)
{
	struct permission allowed = run->allowed;
	size_t i;

	/* "": they looked at others only. */
	allowed.plan = run->looked ? "" : NULL;
	for (i = 0; i < run->approved.n; i++)
		if (strcmp(run->approved.keys[i], device) == 0)
			allowed.plan = run->approved.values[i];
	return allowed;
}

bool
run_decided(struct run *run)
{
	bool decided = true;
	size_t i;

	pthread_mutex_lock(&run->lock);
	for (i = 0; i < run->n; i++)
		decided = decided && run->devices[i].end != END_NONE;
	pthread_mutex_unlock(&run->lock);
	if (!decided)
		log_warn("run", NULL, "%s stays open: a device is undecided; the next start "
		    "asks it", run->rec.id);
	return decided;
}

static void
count(struct run_record *rec, enum job_end end)
{
	switch (end) {
	case END_DEPLOYED:
		rec->deployed++;
		break;
	case END_UNCHANGED:
	case END_BASELINED:
	case END_UNMANAGED:
		rec->unchanged++;
		break;
	case END_REFUSED:
		rec->refused++;
		break;
	case END_REVERTED:
		rec->reverted++;
		break;
	case END_QUARANTINED:
		rec->quarantined++;
		break;
	case END_BLOCKED:
		rec->blocked++;
		break;
	case END_SKIPPED:
		rec->skipped++;
		break;
	default:
		rec->failed++;
	}
}

static const char *
outcome_of(const struct run_record *rec)
{
	if (rec->refused + rec->failed + rec->reverted + rec->quarantined > 0 ||
	    rec->error.code != NULL)
		return "failed";
	if (rec->deployed > 0)
		return rec->blocked + rec->skipped > 0 ? "partly deployed" : "succeeded";
	if (rec->blocked + rec->skipped > 0)
		return "blocked";
	return "nothing to do";
}

void
run_end(struct run *run, const struct err *failed)
{
	struct run_record *rec = &run->rec;
	struct controller *c = run->c;
	struct event e = { .run = rec->id, .what = "finished" };
	struct audit_record audit = { .run = rec->id, .who = rec->who, .what = "run-end" };
	struct journal_write w = { .run = rec, .event = &e, .audit = &audit };
	size_t i;

	rec->deployed = rec->unchanged = rec->refused = rec->failed = rec->reverted =
	    rec->quarantined = rec->blocked = rec->skipped = 0;
	for (i = 0; i < run->n; i++)
		count(rec, run->devices[i].end);
	rec->skipped += rec->devices - (int64_t)run->n;	/* killed before they were planned */
	if (failed != NULL)
		error_record_set(&rec->error, &run->arena, failed);
	rec->outcome = outcome_of(rec);
	rec->finished = e.at = audit.at = record_time(&run->arena, c->sys);
	rec->open = false;
	e.text = audit.text = arena_printf(&run->arena, "%s: %lld deployed, %lld unchanged, "
	    "%lld refused, %lld failed, %lld reverted, %lld quarantined, %lld blocked, "
	    "%lld skipped",
	    rec->outcome, (long long)rec->deployed, (long long)rec->unchanged,
	    (long long)rec->refused, (long long)rec->failed, (long long)rec->reverted,
	    (long long)rec->quarantined, (long long)rec->blocked, (long long)rec->skipped);
	if (controller_record(c, &w, NULL))
		log_info("run", NULL, "%s: %s", rec->id, e.text);
}

/*
 * Fan out.
 */
struct fan {
	void (*fn)(void *ctx, size_t i);
	void *ctx;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	size_t running;
};
struct fan_item {
	struct fan *fan;
	size_t i;
};

static void
fan_task(void *arg)
{
	struct fan_item *item = arg;
	struct fan *fan = item->fan;

	fan->fn(fan->ctx, item->i);
	free(item);
	pthread_mutex_lock(&fan->lock);
	fan->running--;
	pthread_cond_signal(&fan->ended);
	pthread_mutex_unlock(&fan->lock);
}

void
fan_out(struct workers *w, size_t n, size_t parallel, bool (*go)(void *ctx),
    void (*fn)(void *ctx, size_t i), void *ctx)
{
	struct fan fan = { .fn = fn, .ctx = ctx };
	struct fan_item *item;
	size_t i;

	pthread_mutex_init(&fan.lock, NULL);
	pthread_cond_init(&fan.ended, NULL);
	pthread_mutex_lock(&fan.lock);
	for (i = 0; i < n; i++) {
		while (fan.running >= parallel)
			pthread_cond_wait(&fan.ended, &fan.lock);
		if (go != NULL && !go(ctx))
			break;
		item = mem_zalloc(sizeof(*item));
		*item = (struct fan_item){ &fan, i };
		fan.running++;
		workers_submit(w, fan_task, item);
	}
	while (fan.running > 0)
		pthread_cond_wait(&fan.ended, &fan.lock);
	pthread_mutex_unlock(&fan.lock);
	pthread_mutex_destroy(&fan.lock);
	pthread_cond_destroy(&fan.ended);
}
