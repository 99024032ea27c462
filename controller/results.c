/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/results.h"

#include "base/log.h"
#include "controller/intent.h"
#include "controller/plan.h"
#include "controller/report.h"
#include "controller/source.h"

#define LAST_RUNS 20
#define RUNNING_MAX ((size_t)64 << 20)

/* One run on its way to the branch: what render() needs each time it is called. */
struct publication {
	struct controller *c;
	struct intent *in;		/* the newest, or NULL */
	struct run_report report;
	struct network_report network;
	struct buf audit;		/* audit.jsonl of this run */
	int64_t audit_seq;		/* newest audit record in it */
	const char *head_key;		/* of the place that is published to */
	struct oid last;		/* what was published there last, or none */
	bool rewritten;			/* the branch does not hold that any more */
	struct arena arena;
	struct err *err;
};

/*
 * Gathering. Records are read once, with their strings in the arena.
 */
static int
each_json(void *ctx, const void *record, const struct field_table *t, void *copy)
{
	struct publication *p = ctx;
	struct buf b = BUF_INIT;
	struct jw w;
	int r;

	/* A record's strings die with the callback; its JSON form is its copy. */
	jw_init(&w, &b, false);
	record_json(&w, NULL, t, record);
	r = record_read(copy, t, buf_span(&b), &p->arena, p->err);
	buf_release(&b);
	return r;
}

static int
add_job(void *ctx, const void *record, struct arena *a)
{
	struct publication *p = ctx;

	(void)a;
	return each_json(p, record, &JOB_RECORD,
	    &ARENA_PUSH(&p->arena, p->report.jobs, p->report.n));
}

/* What left the inventory is nobody's business any more; only a quarantine
 * stays until a person ends it. */
static int
add_device(void *ctx, const void *record, struct arena *a)
{
	struct publication *p = ctx;
	struct device_record d = *(const struct device_record *)record;
	const struct intended_device *now = p->in == NULL ? NULL :
	    snapshot_device(p->in->snapshot, d.device);

	(void)a;
	if (p->in != NULL && now == NULL && d.quarantined == NULL)
		return 0;
	d.sync = now != NULL ? (int)sync_at(&d, now) : d.sync;
	return each_json(p, &d, &DEVICE_RECORD,
	    &ARENA_PUSH(&p->arena, p->network.devices, p->network.n));
}

static int
add_run(void *ctx, const void *record, struct arena *a)
{
	struct publication *p = ctx;

	(void)a;
	if (((const struct run_record *)record)->open)
		return 0;
	return each_json(p, record, &RUN_RECORD,
	    &ARENA_PUSH(&p->arena, p->network.runs, p->network.n_runs));
}

/* The chain from where the last publication ended to the end of this run, so
 * that the branch holds every record, once and in order. */
static int
add_audit(void *ctx, const void *record, struct arena *a)
{
	const struct audit_record *audit = record;
	struct publication *p = ctx;
	struct jw w;

	(void)a;
	jw_init(&w, &p->audit, false);
	record_json(&w, NULL, &AUDIT_RECORD, audit);
	buf_addc(&p->audit, '\n');
	p->audit_seq = audit->seq;
	return audit->run != NULL && strcmp(audit->run, p->report.run.id) == 0 &&
	    strcmp(audit->what, "run-end") == 0;
}

static int
gather(struct publication *p, const char *run, struct err *err)
{
	const struct settings *s = &p->c->settings;
	const struct journal *j = &p->c->journal;
	struct buf seq = BUF_INIT, last = BUF_INIT;
	int64_t after = 0;
	int r;

	p->err = err;
	(void)source_last(p->c, &p->in, NULL);	/* none: a first one that failed */
	p->head_key = arena_printf(&p->arena, "results-head %s %s", s->results.url != NULL ?
	    s->results.url : s->repository.url, s->results.branch);
	p->report.instance = p->network.instance = p->c->settings.instance;
	if ((r = j->ops->run(j->self, run, &p->report.run, &p->arena, err)) == 0 &&
	    (r = j->ops->jobs(j->self, run, add_job, p, err)) == 0 &&
	    (r = j->ops->devices(j->self, add_device, p, err)) == 0 &&
	    (r = j->ops->runs(j->self, LAST_RUNS, add_run, p, err)) == 0 &&
	    (r = j->ops->meta_get(j->self, p->head_key, &last, err)) == 0 &&
	    (r = j->ops->meta_get(j->self, "audit-published", &seq, err)) == 0) {
		oid_parse(buf_str(&last), &p->last);
		text_int(buf_str(&seq), 0, INT64_MAX, &after);
		r = j->ops->audits(j->self, after, add_audit, p, err);
	}
	p->network.commit = p->report.run.commit;
	p->network.at = p->report.run.finished;
	buf_release(&seq);
	buf_release(&last);
	return r;
}

/*
 * Rendering onto a tree. Called again after a lost race.
 */
static void
add_file(struct publish_set *set, const char *path, struct buf *b)
{
	secret_mask(b);
	publish_add(set, path, buf_span(b));
	buf_clear(b);
}

static void
render_run(struct publication *p, struct publish_set *set, struct buf *b)
{
	const struct run_record *run = &p->report.run;
	struct arena *a = &set->arena;

	report_json(&p->report, b);
	add_file(set, run_path(run, "report.json", a), b);
	report_markdown(&p->report, b);
	add_file(set, run_path(run, "report.md", a), b);
	report_csv(&p->report, b);
	add_file(set, run_path(run, "devices.csv", a), b);
	buf_addspan(b, buf_span(&p->audit));
	add_file(set, run_path(run, "audit.jsonl", a), b);
}

static int
by_device(const void *name, const void *record)
{
	return strcmp(name, ((const struct device_record *)record)->device);
}

/* The journal gives devices sorted by name. */
static const struct device_record *
find_device(const struct publication *p, const char *name)
{
	return p->network.n == 0 ? NULL : bsearch(name, p->network.devices, p->network.n,
	    sizeof(p->network.devices[0]), by_device);
}

static void
render_running(struct publication *p, const struct job_record *job,
    struct publish_set *set, struct buf *b)
{
	const char *path = arena_printf(&set->arena, "%s/running/%s.cfg",
	    p->c->settings.state, job->device);
	char *text = NULL;
	size_t len;

	if (file_read(path, RUNNING_MAX, &text, &len, NULL) == 0) {
		buf_add(b, text, len);
		add_file(set, device_path("running", job->site, job->device, ".cfg",
		    &set->arena), b);
	}
	free(text);
}

static void
render_job(struct publication *p, const struct job_record *job, struct publish_set *set,
    struct buf *b)
{
	const struct run_record *run = &p->report.run;
	const struct device_record *known = find_device(p, job->device);
	struct arena *a = &set->arena;

	if (job->diff != NULL) {
		buf_adds(b, job->diff);
		add_file(set, run_path(run, arena_printf(a, "diffs/%s.diff", job->device), a),
		    b);
	}
	if (job->checks.n > 0) {
		report_checks_json(job, b);
		add_file(set, run_path(run, arena_printf(a, "checks/%s.json", job->device), a),
		    b);
	}
	if (known != NULL) {
		device_json(known, b);
		add_file(set, device_path("devices", job->site, job->device, ".json", a), b);
		device_markdown(known, job, b);
		add_file(set, device_path("devices", job->site, job->device, ".md", a), b);
	}
	render_running(p, job, set, b);
}

static void
render_schemas(struct publish_set *set, struct buf *b)
{
	static const struct {
		const char *name;
		const struct field_table *table;
	} SCHEMAS[] = { { "run", &RUN_RECORD }, { "job", &JOB_RECORD },
		{ "device", &DEVICE_RECORD }, { "audit", &AUDIT_RECORD } };
	const char *file;
	size_t i;

	for (i = 0; i < sizeof(SCHEMAS) / sizeof(SCHEMAS[0]); i++) {
		file = arena_printf(&set->arena, "schema/%s.schema.json", SCHEMAS[i].name);
		field_schema(SCHEMAS[i].table, file, b);
		add_file(set, file, b);
	}
}

static int
render(void *ctx, struct repo *repo, const struct oid *base, struct publish_set *set,
    struct err *err)
{
	struct publication *p = ctx;
	struct buf b = BUF_INIT;
	struct oid commit;
	size_t i;

	(void)err;
	p->rewritten = !oid_none(&p->last) &&
	    (oid_none(base) || repo_is_ancestor(repo, &p->last, base, NULL) != 1);
	render_run(p, set, &b);
	for (i = 0; i < p->report.n; i++)
		render_job(p, &p->report.jobs[i], set, &b);
	network_json(&p->network, &b);
	add_file(set, "status.json", &b);
	network_markdown(&p->network, &b);
	add_file(set, "README.md", &b);
	render_schemas(set, &b);
	report_verdict(&p->report.run, &b);
	secret_mask(&b);
	set->message = arena_printf(&set->arena, "run %s: %s\n\nCommit %s, asked by %s.\n\n"
	    "[skip ci]\n", p->report.run.id, buf_str(&b), p->report.run.commit,
	    p->report.run.who);
	if (oid_parse(p->report.run.commit, &commit))
		publish_add_note(set, &commit, arena_printf(&set->arena,
		    "fairlead %s: run %s: %s\n", p->c->settings.instance, p->report.run.id,
		    buf_str(&b)));
	buf_release(&b);
	return 0;
}

/*
 * The outbox.
 */
/* Somebody took reports off the branch, or audit records. */
static int
say_rewritten(struct publication *p, struct err *err)
{
	const struct journal *j = &p->c->journal;
	const char *at = record_time(&p->arena, p->c->sys);
	const char *text = arena_printf(&p->arena, "branch %s did not hold %.12s any more, "
	    "which was published to it", p->c->settings.results.branch, p->last.hex);
	struct event e = { .run = p->report.run.id, .what = "warning", .at = at, .text = text };
	struct audit_record audit = { .what = "results-rewritten", .at = at, .text = text };
	struct journal_write w = { .event = &e, .audit = &audit };

	log_warn("results", NULL, "%s", text);
	return j->ops->write(j->self, &w, err);
}

static int
mark_published(struct publication *p, const struct oid *head, struct err *err)
{
	const struct journal *j = &p->c->journal;
	struct event e = { .run = p->report.run.id, .what = "published",
		.at = record_time(&p->arena, p->c->sys),
		.text = arena_printf(&p->arena, "on %s", p->c->settings.results.branch) };
	struct journal_write w = { .run = &p->report.run, .event = &e,
		.meta = { { p->head_key, head->hex } } };
	char seq[24];

	if (p->audit_seq > 0) {
		snprintf(seq, sizeof(seq), "%lld", (long long)p->audit_seq);
		w.meta[1].key = "audit-published";
		w.meta[1].value = seq;
	}
	p->report.run.published = true;
	return j->ops->write(j->self, &w, err);
}

static int
publish_one(struct controller *c, const char *run, struct err *err)
{
	struct publication p = { .c = c };
	struct publish_result result;
	int r;

	if ((r = gather(&p, run, err)) == 0 &&
	    (r = c->publish->publish(c, render, &p, &result, err)) == 0 &&
	    (!p.rewritten || (r = say_rewritten(&p, err)) == 0) &&
	    (r = mark_published(&p, &result.commit, err)) == 0)
		log_info("results", NULL, "run %s: published as %.12s on %s", run,
		    result.commit.hex, c->settings.results.branch);
	intent_unref(p.in);
	buf_release(&p.audit);
	arena_release(&p.arena);
	return r != 0 ? err_wrap(err, "run %s: results", run) : 0;
}

struct due {
	struct arena arena;
	const char **ids;
	size_t n;
};

static int
collect_due(void *ctx, const void *record, struct arena *a)
{
	struct due *due = ctx;

	(void)a;
	ARENA_PUSH(&due->arena, due->ids, due->n) =
	    arena_strdup(&due->arena, ((const struct run_record *)record)->id);
	return 0;
}

int
results_due(struct controller *c, size_t *n, struct err *err)
{
	struct due due = { .n = 0 };
	int r;

	r = c->journal.ops->runs_due(c->journal.self, false, collect_due, &due, err);
	*n = due.n;
	arena_release(&due.arena);
	return r;
}

int
results_publish(struct controller *c, struct err *err)
{
	struct due due = { .n = 0 };
	struct err one;
	size_t i;
	int r, failed, denied = 0;

	/* Two publishers of one run would race for nothing. */
	pthread_mutex_lock(&c->publish_lock);
	r = c->journal.ops->runs_due(c->journal.self, false, collect_due, &due, err);
	for (i = 0; i < due.n; i++) {
		one = (struct err)ERR_INIT;
		if ((failed = publish_one(c, due.ids[i], &one)) != 0 && r == 0) {
			r = failed;
			*err = one;
		}
		/* One that the remote refuses does not hold up the others; two, and
		 * it refuses us. */
		denied += failed == ERR_DENIED;
		if (failed == ERR_REMOTE || failed == ERR_RACE || failed == ERR_FULL ||
		    denied > 1)
			break;
	}
	pthread_mutex_unlock(&c->publish_lock);
	arena_release(&due.arena);
	if (r != 0)
		log_warn("results", NULL, "%s; it stays in the outbox", err->text);
	return r;
}

void
results_keep_running(const struct controller *c, const char *device,
    const struct dialect *d, struct span text)
{
	struct buf path = BUF_INIT, masked = BUF_INIT;
	struct err err = ERR_INIT;

	buf_addf(&path, "%s/running", c->settings.state);
	mask_text(d, &c->mask_key, text, &masked);
	secret_mask(&masked);
	if (file_mkdirs(buf_str(&path), 0700, &err) == 0) {
		buf_addf(&path, "/%s.cfg", device);
		file_write_atomic(c->sys, buf_str(&path), masked.data, masked.len, 0600, &err);
	}
	if (err.code != 0)
		log_warn("results", device, "running copy: %s", err.text);
	buf_release(&masked);
	buf_release(&path);
}
