/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apply: make a run, and tell the client what happens until it has ended. The
 * run has a thread of its own: a client that goes away cancels nothing.
 */
#include "controller/ops.h"

#include <signal.h>

#include "controller/reconcile.h"
#include "controller/source.h"

#define FIELD(type_, key_, member_, help_) \
	{ .key = (key_), .type = (type_), .offset = offsetof(struct apply_request, member_), \
	    .help = (help_) }

static const struct field APPLY_ROWS[] = {
	FIELD(FIELD_STRINGS, "select", select, "Selectors; none: all devices."),
	FIELD(FIELD_STRING, "reason", reason, "Why, for the report."),
	FIELD(FIELD_BOOL, "first", first, "Replace what runs on new devices."),
	FIELD(FIELD_BOOL, "lifeline", lifeline, "Allow changes to lifelines."),
	FIELD(FIELD_BOOL, "drift", drift, "Undo drift."),
	FIELD(FIELD_BOOL, "looked", looked, "Deploy only what is in plans."),
	FIELD(FIELD_PAIRS, "plans", plans, "Plan ids that were looked at, by device."),
};
const struct field_table APPLY_REQUEST =
    FIELD_TABLE("request", struct apply_request, APPLY_ROWS, "What to deploy.");

#define WATCH_BATCH 1000

struct watch {
	struct api_call *call;
	int64_t seen;
	size_t batch;		/* events in the last look */
	bool finished;
};

/*
 * Without a daemon, SIGINT, SIGTERM and SIGHUP stop the run as they stop the
 * daemon: what is in change ends as it must. The second one kills.
 */
static volatile sig_atomic_t told_to_stop;

static void
on_signal(int signal_number)
{
	(void)signal_number;
	told_to_stop = 1;
}

static void
catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESETHAND };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &act, NULL);
}

static bool
run_over(struct api_call *call)
{
	struct controller *c = call->c;
	bool over;

	if (told_to_stop && !admit_stopping(c->admit)) {
		api_warn(call, "stopping: what is in change ends, nothing new starts; a second "
		    "signal leaves at once, and the next start asks the devices");
		admit_stop(c->admit);
	}
	pthread_mutex_lock(&c->lock);
	over = c->runs == 0 && admit_stopping(c->admit);
	pthread_mutex_unlock(&c->lock);
	return over;
}

static int
emit_event(void *ctx, const void *record, struct arena *a)
{
	const struct event *e = record;
	struct watch *watch = ctx;

	(void)a;
	api_emit_record(watch->call, "event", &EVENT_RECORD, e);
	watch->seen = e->seq;
	watch->batch++;
	if (e->device == NULL && (strcmp(e->what, "published") == 0 ||
	    strcmp(e->what, "outbox") == 0))
		watch->finished = true;
	return 0;
}

/* Until the run has ended and its report is published, or waits for its remote. */
static int
watch_run(struct api_call *call, const char *run, struct err *err)
{
	const struct journal *j = &call->c->journal;
	struct watch watch = { .call = call };
	int64_t newest;
	int r;

	do {
		watch.finished = run_over(call);	/* its last word may be lost */
		newest = j->ops->wait(j->self, watch.seen, 1000);
		watch.batch = 0;
		if ((r = j->ops->events(j->self, run, watch.seen, WATCH_BATCH, emit_event,
		    &watch, err)) != 0)
			return r;
		if (watch.batch < WATCH_BATCH && newest > watch.seen)
			watch.seen = newest;	/* what is left was of other runs */
	} while (!watch.finished);
	return 0;
}

int
op_apply(struct api_call *call, struct err *err)
{
	const struct apply_request *q = call->request;
	const struct journal *j = &call->c->journal;
	struct run_request request = { .who = call->who, .reason = q->reason,
		.selectors = q->select.v, .n_selectors = q->select.n, .approved = q->plans,
		.looked = q->looked,
		.allowed = { .person = true, .first = q->first, .lifeline = q->lifeline,
		    .drift = q->drift } };
	struct intent *in = NULL;
	struct run *run = NULL;
	struct run_record rec;
	const char *id = NULL;
	int r;

	if (!call->c->daemon)
		catch_signals();
	if ((r = source_fetch(call->c, &in, err)) != 0)
		return r;
	if ((r = run_begin(&run, call->c, in, &request, err)) == 0) {
		id = arena_strdup(call->arena, run->rec.id);
		r = reconcile_start(run, err);
	}
	intent_unref(in);
	if (r != 0 || (r = watch_run(call, id, err)) != 0 ||
	    (r = j->ops->jobs(j->self, id, ops_emit_job, call, err)) != 0 ||
	    (r = j->ops->run(j->self, id, &rec, call->arena, err)) != 0)
		return r;
	api_emit_record(call, "run", &RUN_RECORD, &rec);
	return 0;
}
