/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations on what is remembered: status, history, suspensions, holds and
 * quarantines. None of them touches a device or the remote.
 */
#include "controller/ops.h"

#include "controller/plan.h"
#include "controller/results.h"
#include "controller/source.h"

#define FIELD(struct_, type_, key_, member_, help_) \
	{ .key = (key_), .type = (type_), .offset = offsetof(struct struct_, member_), \
	    .help = (help_) }

static const struct field SELECT_ROWS[] = {
	FIELD(select_request, FIELD_STRINGS, "select", select, "Selectors; none: all devices."),
};
const struct field_table SELECT_REQUEST =
    FIELD_TABLE("request", struct select_request, SELECT_ROWS, "Which devices.");

static const struct field HISTORY_ROWS[] = {
	{ .key = "limit", .type = FIELD_INT, .offset = offsetof(struct history_request, limit),
	    .min = 1, .max = 10000, .def = "20", .help = "How many runs." },
};
const struct field_table HISTORY_REQUEST =
    FIELD_TABLE("request", struct history_request, HISTORY_ROWS, "Which runs.");

static const struct field SHOW_ROWS[] = {
	FIELD(show_request, FIELD_STRING, "run", run, "Run id or its beginning."),
};
const struct field_table SHOW_REQUEST =
    FIELD_TABLE("request", struct show_request, SHOW_ROWS, "Which run.");

static const struct field DEVICE_ROWS[] = {
	{ .key = "device", .type = FIELD_NAME, .offset = offsetof(struct device_request, device),
	    .flags = FIELD_REQUIRED, .help = "Device name." },
	FIELD(device_request, FIELD_STRING, "reason", reason, "Why."),
	FIELD(device_request, FIELD_BOOL, "secrets", secrets, "Show secrets."),
	FIELD(device_request, FIELD_STRING, "before", before, "Rollback copy of this run."),
};
const struct field_table DEVICE_REQUEST =
    FIELD_TABLE("request", struct device_request, DEVICE_ROWS, "Which device.");

static const struct field REWRITE_ROWS[] = {
	FIELD(rewrite_request, FIELD_STRING, "commit", commit, "What the branch is now."),
	FIELD(rewrite_request, FIELD_STRING, "reason", reason, "Why."),
};
const struct field_table REWRITE_REQUEST =
    FIELD_TABLE("request", struct rewrite_request, REWRITE_ROWS, "Which history to accept.");

static const struct field SUSPEND_ROWS[] = {
	{ .key = "select", .type = FIELD_STRING, .offset = offsetof(struct suspend_request, select),
	    .flags = FIELD_REQUIRED, .help = "Selector." },
	FIELD(suspend_request, FIELD_STRING, "reason", reason, "Why."),
	FIELD(suspend_request, FIELD_DURATION, "for", for_ms, "How long; absent: until resumed."),
};
const struct field_table SUSPEND_REQUEST =
    FIELD_TABLE("request", struct suspend_request, SUSPEND_ROWS, "Which devices.");

/*
 * Status: the inventory's devices joined with what is known of them; without
 * an inventory yet, what is known.
 */
struct status_walk {
	struct api_call *call;
	const struct intent *in;
	const struct selector *selector;
};

static int
emit_known(void *ctx, const void *record, struct arena *a)
{
	const struct device_record *d = record;
	struct status_walk *walk = ctx;
	struct intended_device as = { .name = d->device, .site = d->site,
		.platform = d->platform };

	(void)a;
	/* Others come with the inventory, or have left it. */
	if (walk->in != NULL && (d->quarantined == NULL ||
	    snapshot_device(walk->in->snapshot, d->device) != NULL))
		return 0;
	if (selector_match(walk->selector, &as))
		api_emit_record(walk->call, "device", &DEVICE_RECORD, d);
	return 0;
}

static int
emit_intended(struct status_walk *walk, struct err *err)
{
	const struct snapshot *s = walk->in->snapshot;
	const struct journal *j = &walk->call->c->journal;
	struct device_record known;
	struct arena a = ARENA_INIT;
	size_t i;
	int r = 0;

	for (i = 0; i < s->n_devices && r == 0; i++) {
		const struct intended_device *d = &s->devices[i];

		if (!selector_match(walk->selector, d))
			continue;
		memset(&known, 0, sizeof(known));
		r = j->ops->device(j->self, d->name, &known, &a, err);
		if (r == ERR_NOTFOUND)
			r = 0;
		known.device = d->name;
		known.site = d->site;
		known.platform = d->platform;
		if (known.why == NULL)
			known.why = intent_broken(walk->in, d->name);
		known.sync = sync_at(&known, d);
		if (r == 0)
			api_emit_record(walk->call, "device", &DEVICE_RECORD, &known);
		arena_release(&a);
	}
	return r;
}

struct outbox {
	size_t due;
	bool open;			/* a run is under way, or was interrupted */
	bool daemon;
	struct buf source;		/* why Git is not followed, or empty */
	int64_t errors;			/* in the newest commit */
};

static void
fill_outbox(struct jw *w, const void *arg)
{
	const struct outbox *o = arg;

	jw_int(w, "outbox", (int64_t)o->due);
	jw_bool(w, "open", o->open);
	jw_bool(w, "interrupted", o->open && !o->daemon);
	if (o->daemon && o->source.len > 0)
		jw_span(w, "source", buf_span(&o->source));
	jw_int(w, "errors", o->errors);
}

static int
note_open(void *ctx, const void *record, struct arena *a)
{
	(void)record;
	(void)a;
	*(bool *)ctx = true;
	return 0;
}

static int
emit_suspension(void *ctx, const void *record, struct arena *a)
{
	(void)a;
	api_emit_record(ctx, "suspension", &SUSPEND_RECORD, record);
	return 0;
}

int
op_status(struct api_call *call, struct err *err)
{
	const struct select_request *q = call->request;
	const struct journal *j = &call->c->journal;
	struct status_walk walk = { .call = call };
	struct intent *in = NULL;
	struct selector *selector;
	struct outbox outbox = { .daemon = call->c->daemon };
	int r;

	if ((r = selector_parse(&selector, call->arena, q->select.v, q->select.n, err)) != 0)
		return r;
	walk.selector = selector;
	if (source_last(call->c, &in, NULL) == 0) {
		walk.in = in;
		outbox.errors = (int64_t)in->problems.errors;
		r = emit_intended(&walk, err);
	}
	if (r == 0 && (r = j->ops->devices(j->self, emit_known, &walk, err)) == 0 &&
	    (r = j->ops->suspensions(j->self, emit_suspension, call, err)) == 0 &&
	    (r = j->ops->meta_get(j->self, SOURCE_ERROR, &outbox.source, err)) == 0 &&
	    (r = results_due(call->c, &outbox.due, err)) == 0 &&
	    (r = j->ops->runs_due(j->self, true, note_open, &outbox.open, err)) == 0)
		api_emit(call, "controller", fill_outbox, &outbox);
	buf_release(&outbox.source);
	intent_unref(in);
	return r;
}

/*
 * History.
 */
static int
emit_run(void *ctx, const void *record, struct arena *a)
{
	(void)a;
	api_emit_record(ctx, "run", &RUN_RECORD, record);
	return 0;
}

int
ops_emit_job(void *ctx, const void *record, struct arena *a)
{
	(void)a;
	api_emit_record(ctx, "job", &JOB_RECORD, record);
	return 0;
}

int
op_history(struct api_call *call, struct err *err)
{
	const struct history_request *q = call->request;
	const struct journal *j = &call->c->journal;

	return j->ops->runs(j->self, (size_t)q->limit, emit_run, call, err);
}

struct newest {
	struct arena *arena;
	const char *id;
};

static int
newest_run(void *ctx, const void *record, struct arena *a)
{
	struct newest *newest = ctx;

	(void)a;
	newest->id = arena_strdup(newest->arena, ((const struct run_record *)record)->id);
	return 0;
}

int
op_show(struct api_call *call, struct err *err)
{
	const struct show_request *q = call->request;
	const struct journal *j = &call->c->journal;
	struct newest newest = { call->arena, q->run };
	struct run_record run;
	int r;

	if (q->run == NULL && (r = j->ops->runs(j->self, 1, newest_run, &newest, err)) != 0)
		return r;
	if (newest.id == NULL)
		return err_set(err, ERR_NOTFOUND, "there was no run yet");
	if ((r = j->ops->run(j->self, newest.id, &run, call->arena, err)) != 0)
		return err_next(err, "`fairlead history` lists the runs");
	api_emit_record(call, "run", &RUN_RECORD, &run);
	return j->ops->jobs(j->self, run.id, ops_emit_job, call, err);
}

/*
 * A person's decisions. Each leaves an audit record.
 */
static int
write_decision(struct api_call *call, struct journal_write *w, const char *device,
    const char *what, const char *text, struct err *err)
{
	struct audit_record audit = { .device = device, .who = call->who, .what = what,
		.text = record_text(call->arena, text),
		.at = record_time(call->arena, call->c->sys) };

	w->audit = &audit;
	return call->c->journal.ops->write(call->c->journal.self, w, err);
}

int
op_suspend(struct api_call *call, struct err *err)
{
	const struct suspend_request *q = call->request;
	struct suspend_record s = { .selector = q->select, .who = call->who };
	struct journal_write w = { .suspend = &s };
	struct selector *selector;
	struct wall until = sys_wall(call->c->sys);
	char at[32];
	int r;

	if ((r = selector_parse(&selector, call->arena, &q->select, 1, err)) != 0)
		return r;
	if (strcmp(record_text(call->arena, q->select), q->select) != 0)
		return err_set(err, ERR_USAGE, "the selector holds control characters");
	s.reason = record_text(call->arena, q->reason != NULL ? q->reason : "no reason given");
	s.at = record_time(call->arena, call->c->sys);
	until.us += q->for_ms * 1000;
	if (q->for_ms > 0)
		s.until = arena_strdup(call->arena, wall_str(until, at));
	if ((r = write_decision(call, &w, NULL, "suspend", arena_printf(call->arena,
	    "%s: %s", q->select, s.reason), err)) == 0)
		api_emit_record(call, "suspension", &SUSPEND_RECORD, &s);
	return r;
}

static int
match_selector(void *ctx, const void *record, struct arena *a)
{
	const struct suspend_record *s = record;
	const char **wanted = ctx;

	(void)a;
	if (*wanted != NULL && strcmp(s->selector, *wanted) == 0)
		*wanted = NULL;		/* found */
	return 0;
}

int
op_resume(struct api_call *call, struct err *err)
{
	const struct suspend_request *q = call->request;
	const struct journal *j = &call->c->journal;
	struct journal_write w = { .resume = q->select };
	const char *wanted = q->select;
	int r;

	if ((r = j->ops->suspensions(j->self, match_selector, &wanted, err)) != 0)
		return r;
	if (wanted != NULL) {
		err_set(err, ERR_NOTFOUND, "nothing is suspended as \"%s\"", q->select);
		return err_next(err, "`fairlead status` lists suspensions");
	}
	return write_decision(call, &w, NULL, "resume", q->select, err);
}

static int
change_leased(struct api_call *call, bool quarantine, struct err *err)
{
	const struct device_request *q = call->request;
	const struct journal *j = &call->c->journal;
	struct device_record d;
	struct journal_write w = { .device = &d };
	const char **field = quarantine ? &d.quarantined : &d.held, *was;
	int r;

	if ((r = j->ops->device(j->self, q->device, &d, call->arena, err)) != 0)
		return r;
	if ((was = *field) == NULL)
		return err_set(err, ERR_NOTFOUND, "%s is not %s", q->device,
		    quarantine ? "quarantined" : "held");
	*field = NULL;
	if (!quarantine)
		d.held_inputs = NULL;
	if ((r = write_decision(call, &w, q->device, quarantine ? "ack" : "release",
	    arena_printf(call->arena, "%s%s%s", was, q->reason != NULL ? "; " : "",
	    q->reason != NULL ? q->reason : ""), err)) == 0)
		api_emit_record(call, "device", &DEVICE_RECORD, &d);
	return r;
}

/* Under the device's lease, so that no plan or job writes over it. */
static int
change_device(struct api_call *call, bool quarantine, struct err *err)
{
	const struct device_request *q = call->request;
	int r;

	if ((r = admit_enter(call->c->admit, ADMIT_PLAN, q->device, err)) != 0)
		return r;
	r = change_leased(call, quarantine, err);
	admit_leave(call->c->admit, q->device);
	return r;
}

int
op_release(struct api_call *call, struct err *err)
{
	return change_device(call, false, err);
}

int
op_ack(struct api_call *call, struct err *err)
{
	return change_device(call, true, err);
}

int
op_ack_rewrite(struct api_call *call, struct err *err)
{
	const struct rewrite_request *q = call->request;
	struct oid head;
	struct journal_write w = { .meta = { { "rewrite", head.hex } } };
	int r;

	if ((r = source_rewritten(call->c, &head, err)) != 0)
		return r == ERR_NOTFOUND ? err_next(err, "`fairlead plan` looks at the branch "
		    "and says whether it was rewritten") : r;
	/* It may have been pushed to again since the person looked. */
	if (q->commit == NULL || strlen(q->commit) < 7 ||
	    strncmp(head.hex, q->commit, strlen(q->commit)) != 0) {
		err_set(err, ERR_GATE, "the branch was rewritten to %.12s", head.hex);
		return err_next(err, "look at it, then `fairlead ack --rewrite %.12s`", head.hex);
	}
	if ((r = write_decision(call, &w, NULL, "ack-rewrite", arena_printf(call->arena,
	    "branch %s is %s%s%s", call->c->settings.repository.branch, head.hex,
	    q->reason != NULL ? "; " : "", q->reason != NULL ? q->reason : ""), err)) != 0)
		return r;
	return source_accept_rewrite(call->c, &head, err);
}
