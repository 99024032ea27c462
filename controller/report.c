/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/report.h"

/* Forges stop rendering at about a megabyte; diffs past this are linked. */
#define MARKDOWN_DIFF_MAX ((size_t)60 << 10)
#define MARKDOWN_MAX ((size_t)700 << 10)
#define ATTENTION_MAX 200

/*
 * Paths. Names of devices and sites were checked when the inventory was read.
 */
const char *
run_path(const struct run_record *run, const char *file, struct arena *a)
{
	return arena_printf(a, "runs/%.4s/%.2s/%s/%s", run->id, run->id + 4, run->id, file);
}

const char *
device_path(const char *top, const char *site, const char *device, const char *suffix,
    struct arena *a)
{
	if (site == NULL || site[0] == '\0')
		return arena_printf(a, "%s/%s%s", top, device, suffix);
	return arena_printf(a, "%s/%s/%s%s", top, site, device, suffix);
}

/*
 * JSON.
 */
static void
schema_and_instance(struct jw *w, const char *schema, const char *instance)
{
	jw_stringf(w, "schema", "fairlead/%s/1", schema);
	if (instance != NULL)
		jw_string(w, "instance", instance);
}

void
report_json(const struct run_report *r, struct buf *out)
{
	struct jw w;
	size_t i;

	jw_init(&w, out, true);
	jw_object(&w, NULL);
	schema_and_instance(&w, "run", r->instance);
	record_json(&w, "run", &RUN_RECORD, &r->run);
	jw_array(&w, "jobs");
	for (i = 0; i < r->n; i++)
		record_json(&w, NULL, &JOB_RECORD, &r->jobs[i]);
	jw_end(&w);
	jw_end(&w);
	buf_addc(out, '\n');
}

void
report_checks_json(const struct job_record *job, struct buf *out)
{
	const struct check_record *checks = job->checks.v;
	struct jw w;
	size_t i;

	jw_init(&w, out, true);
	jw_object(&w, NULL);
	schema_and_instance(&w, "checks", NULL);
	jw_string(&w, "device", job->device);
	jw_array(&w, "checks");
	for (i = 0; i < job->checks.n; i++)
		record_json(&w, NULL, &CHECK_RECORD, &checks[i]);
	jw_end(&w);
	jw_end(&w);
	buf_addc(out, '\n');
}

void
network_json(const struct network_report *r, struct buf *out)
{
	struct jw w;
	size_t i;

	jw_init(&w, out, true);
	jw_object(&w, NULL);
	schema_and_instance(&w, "status", r->instance);
	jw_string(&w, "commit", r->commit);
	jw_string(&w, "at", r->at);
	jw_array(&w, "devices");
	for (i = 0; i < r->n; i++)
		record_json(&w, NULL, &DEVICE_RECORD, &r->devices[i]);
	jw_end(&w);
	jw_array(&w, "runs");
	for (i = 0; i < r->n_runs; i++)
		record_json(&w, NULL, &RUN_RECORD, &r->runs[i]);
	jw_end(&w);
	jw_end(&w);
	buf_addc(out, '\n');
}

void
device_json(const struct device_record *d, struct buf *out)
{
	struct jw w;

	jw_init(&w, out, true);
	jw_object(&w, NULL);
	schema_and_instance(&w, "device", NULL);
	record_json(&w, "device", &DEVICE_RECORD, d);
	jw_end(&w);
	buf_addc(out, '\n');
}

/*
 * CSV: one row a device.
 */
static void
csv_text(struct buf *out, bool first, const char *s)
{
	csv_cell(out, first, span_str(s != NULL ? s : ""));
}

static void
csv_number(struct buf *out, int64_t n)
{
	char s[24];

	snprintf(s, sizeof(s), "%lld", (long long)n);
	csv_text(out, false, s);
}

void
report_csv(const struct run_report *r, struct buf *out)
{
	static const char *const HEADS[] = { "run", "device", "site", "platform", "end", "wave",
		"added", "removed", "changed", "moved", "plan", "started", "finished", "error",
		"why" };
	const struct job_record *j;
	size_t i;

	for (i = 0; i < sizeof(HEADS) / sizeof(HEADS[0]); i++)
		csv_text(out, i == 0, HEADS[i]);
	csv_end(out);
	for (j = r->jobs; j < r->jobs + r->n; j++) {
		csv_text(out, true, r->run.id);
		csv_text(out, false, j->device);
		csv_text(out, false, j->site);
		csv_text(out, false, j->platform);
		csv_text(out, false, job_end_word((enum job_end)j->end));
		csv_number(out, j->wave);
		csv_number(out, j->added);
		csv_number(out, j->removed);
		csv_number(out, j->changed);
		csv_number(out, j->moved);
		csv_text(out, false, j->plan);
		csv_text(out, false, j->started);
		csv_text(out, false, j->finished);
		csv_text(out, false, j->error.code);
		csv_text(out, false, j->why);
		csv_end(out);
	}
}

/*
 * Markdown. Small helpers first: each escapes what it is given.
 */
static void
cells(struct buf *out, const char *const *texts, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		buf_adds(out, "| ");
		md_cell(out, span_str(texts[i] != NULL ? texts[i] : ""));
		buf_addc(out, ' ');
	}
	buf_adds(out, "|\n");
}

static void
heads(struct buf *out, const char *const *texts, size_t n)
{
	size_t i;

	cells(out, texts, n);
	for (i = 0; i < n; i++)
		buf_adds(out, "| --- ");
	buf_adds(out, "|\n");
}

#define CELLS(out, ...) \
	cells((out), (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))
#define HEADS(out, ...) \
	heads((out), (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void
number(char out[24], int64_t n)
{
	snprintf(out, 24, "%lld", (long long)n);
}

static void
line(struct buf *out, const char *label, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	buf_addf(out, "- %s: ", label);
	md_text(out, span_str(text));
	buf_addc(out, '\n');
}

static void
add_count(struct buf *out, int64_t n, const char *word)
{
	if (n > 0)
		buf_addf(out, "%s%lld %s", out->len > 0 &&
		    out->data[out->len - 1] != ' ' ? ", " : "", (long long)n, word);
}

void
report_verdict(const struct run_record *run, struct buf *out)
{
	buf_addf(out, "%s: ", run->outcome != NULL ? run->outcome : "running");
	add_count(out, run->deployed, "deployed");
	add_count(out, run->unchanged, "unchanged");
	add_count(out, run->refused, "refused");
	add_count(out, run->failed, "failed before the change was active");
	add_count(out, run->reverted, "reverted");
	add_count(out, run->quarantined, "quarantined");
	add_count(out, run->blocked, "blocked");
	add_count(out, run->skipped, "skipped");
	if (out->data[out->len - 1] == ' ')
		buf_cut(out, out->len - 2);
}

static void
md_failure(const struct job_record *j, struct buf *out)
{
	buf_adds(out, "### ");
	md_text(out, span_str(j->device));
	buf_addf(out, ": %s\n\n", job_end_word((enum job_end)j->end));
	line(out, "What", j->why);
	line(out, "Step", j->step);
	if (j->error.code != NULL) {
		line(out, "Whose fault", j->error.fault);
		if (j->why == NULL || strstr(j->why, j->error.text) == NULL)
			line(out, "Error", j->error.text);
		line(out, "Next", j->error.next);
	}
	if (j->end == END_QUARANTINED)
		line(out, "Next", "look at the device; then `fairlead ack DEVICE`");
	if (j->recovered)
		line(out, "Note", "finished by another process than began it");
	buf_addc(out, '\n');
}

static void
md_failures(const struct run_report *r, struct buf *out)
{
	bool some = false;
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (!job_end_bad((enum job_end)r->jobs[i].end) || out->len > MARKDOWN_MAX)
			continue;
		if (!some)
			buf_adds(out, "## What failed, and why\n\n");
		some = true;
		md_failure(&r->jobs[i], out);
	}
}

static void
md_devices(const struct run_report *r, struct buf *out)
{
	const struct job_record *j;
	char added[24], removed[24], changed[24];

	buf_adds(out, "## Devices\n\n");
	HEADS(out, "Device", "Site", "Platform", "Result", "+", "-", "Changed", "Why");
	for (j = r->jobs; j < r->jobs + r->n && out->len < MARKDOWN_MAX; j++) {
		number(added, j->added);
		number(removed, j->removed);
		number(changed, j->changed + j->moved);
		CELLS(out, j->device, j->site, j->platform, job_end_word((enum job_end)j->end),
		    added, removed, changed, j->why);
	}
	if (j < r->jobs + r->n)
		buf_adds(out, "\nMore in devices.csv and report.json.\n");
	buf_addc(out, '\n');
}

static void
md_diff(const struct job_record *j, struct buf *out)
{
	size_t len = strlen(j->diff);

	buf_adds(out, "<details><summary>");
	md_text(out, span_str(j->device));
	buf_adds(out, ": ");
	counts_add(out, j->added, j->removed, j->changed, j->moved);
	buf_adds(out, "</summary>\n\n");
	md_fence(out, "diff", span_of(j->diff, len < MARKDOWN_DIFF_MAX ? len :
	    MARKDOWN_DIFF_MAX));
	if (len > MARKDOWN_DIFF_MAX)
		buf_addf(out, "\nCut here; the whole of it is in diffs/%s.diff.\n", j->device);
	line(out, "Made safe by", j->path);
	for (size_t i = 0; i < j->lifelines.n; i++)
		line(out, "Lifeline", j->lifelines.v[i]);
	for (size_t i = 0; i < j->destroys.n; i++)
		line(out, "Careful", j->destroys.v[i]);
	buf_adds(out, "\n</details>\n\n");
}

static void
md_diffs(const struct run_report *r, struct buf *out)
{
	bool some = false;
	size_t i;

	for (i = 0; i < r->n && out->len < MARKDOWN_MAX; i++) {
		if (r->jobs[i].diff == NULL)
			continue;
		if (!some)
			buf_adds(out, "## What changed\n\n");
		some = true;
		md_diff(&r->jobs[i], out);
	}
	if (i < r->n)
		buf_adds(out, "More in diffs/.\n\n");
}

static void
md_checks(const struct run_report *r, struct buf *out)
{
	const struct check_record *k;
	bool some = false;
	size_t i, c;

	for (i = 0; i < r->n && out->len < MARKDOWN_MAX; i++)
		for (c = 0; c < r->jobs[i].checks.n; c++) {
			k = (const struct check_record *)r->jobs[i].checks.v + c;
			if (!some) {
				buf_adds(out, "## Checks\n\n");
				HEADS(out, "Device", "Check", "Phase", "Result", "Found");
			}
			some = true;
			CELLS(out, r->jobs[i].device, k->title != NULL ? k->title : k->id,
			    k->phase, k->status, k->why);
		}
	if (some)
		buf_addc(out, '\n');
}

void
report_markdown(const struct run_report *r, struct buf *out)
{
	const struct run_record *run = &r->run;
	struct buf verdict = BUF_INIT;

	report_verdict(run, &verdict);
	buf_adds(out, "# ");
	md_text(out, buf_span(&verdict));
	buf_adds(out, "\n\n");
	line(out, "Run", run->id);
	buf_adds(out, "- Commit: ");
	md_code(out, span_str(run->commit));
	buf_addc(out, ' ');
	md_text(out, span_str(run->subject));
	buf_addc(out, '\n');
	line(out, "Author", run->author);
	line(out, "Asked by", run->who);
	line(out, "Reason", run->reason);
	line(out, "Started", run->started);
	line(out, "Finished", run->finished);
	line(out, "Stopped by", run->error.text);
	buf_addc(out, '\n');
	md_failures(r, out);
	md_devices(r, out);
	md_diffs(r, out);
	md_checks(r, out);
	buf_release(&verdict);
}

/*
 * The network page: what a person opens first.
 */
static bool
needs_person(const struct device_record *d)
{
	/* Fairlead does not try these again before the next commit. */
	const bool refused = d->last_end != NULL && d->sync != SYNC_IN_SYNC &&
	    (strcmp(d->last_end, "refused") == 0 || strcmp(d->last_end, "failed") == 0);

	return d->quarantined != NULL || d->held != NULL || d->health == HEALTH_UNREACHABLE ||
	    d->health == HEALTH_DEGRADED || d->sync == SYNC_DRIFTED ||
	    d->sync == SYNC_DIVERGED || refused;
}

static void
md_attention(const struct network_report *r, struct buf *out)
{
	const struct device_record *d;
	size_t n = 0;

	for (d = r->devices; d < r->devices + r->n; d++) {
		if (!needs_person(d) || ++n > ATTENTION_MAX)
			continue;
		if (n == 1) {
			buf_adds(out, "## Needs a person\n\n");
			HEADS(out, "Device", "Site", "Sync", "Health", "Why");
		}
		CELLS(out, d->device, d->site, sync_word((enum sync)d->sync),
		    health_word((enum health)d->health), d->quarantined != NULL ? d->quarantined :
		    d->held != NULL ? d->held : d->why);
	}
	if (n > ATTENTION_MAX)
		buf_addf(out, "\nand %zu more in status.json\n", n - ATTENTION_MAX);
	if (n > 0)
		buf_addc(out, '\n');
}

static void
md_counts(const struct network_report *r, struct buf *out)
{
	size_t sync[SYNC_UNMANAGED + 1] = { 0 }, health[HEALTH_UNREACHABLE + 1] = { 0 }, i;
	char n[24];

	for (i = 0; i < r->n; i++) {
		sync[r->devices[i].sync]++;
		health[r->devices[i].health]++;
	}
	HEADS(out, "Sync", "Devices");
	for (i = 0; i <= SYNC_UNMANAGED; i++)
		if (sync[i] > 0) {
			number(n, (int64_t)sync[i]);
			CELLS(out, sync_word((enum sync)i), n);
		}
	buf_addc(out, '\n');
	HEADS(out, "Health", "Devices");
	for (i = 0; i <= HEALTH_UNREACHABLE; i++)
		if (health[i] > 0) {
			number(n, (int64_t)health[i]);
			CELLS(out, health_word((enum health)i), n);
		}
	buf_addc(out, '\n');
}

void
network_markdown(const struct network_report *r, struct buf *out)
{
	struct arena a = ARENA_INIT;
	struct buf verdict = BUF_INIT;
	size_t i;

	buf_addf(out, "# Network: %zu devices\n\n", r->n);
	line(out, "Instance", r->instance);
	line(out, "Commit", r->commit);
	line(out, "As of", r->at);
	buf_addc(out, '\n');
	md_attention(r, out);
	md_counts(r, out);
	buf_adds(out, "## Last runs\n\n");
	HEADS(out, "Run", "Commit", "Result", "Asked by");
	for (i = 0; i < r->n_runs; i++) {
		buf_clear(&verdict);
		report_verdict(&r->runs[i], &verdict);
		buf_addf(out, "| [%s](%s) ", r->runs[i].id,
		    run_path(&r->runs[i], "report.md", &a));
		CELLS(out, r->runs[i].subject, buf_str(&verdict), r->runs[i].who);
	}
	buf_release(&verdict);
	arena_release(&a);
}

void
device_markdown(const struct device_record *d, const struct job_record *job,
    struct buf *out)
{
	buf_adds(out, "# ");
	md_text(out, span_str(d->device));
	buf_addf(out, ": %s, %s\n\n", sync_word((enum sync)d->sync),
	    health_word((enum health)d->health));
	line(out, "Needs a person", d->quarantined);
	line(out, "Held", d->held);
	line(out, "Note", d->why);
	line(out, "Site", d->site);
	line(out, "Platform", d->platform);
	line(out, "Software", d->version);
	line(out, "Serial", d->serial);
	line(out, "Last read", d->seen);
	line(out, "Applied commit", d->applied_commit);
	line(out, "Applied", d->applied_at);
	line(out, "Last run", d->last_run);
	line(out, "Its end", d->last_end);
	buf_addc(out, '\n');
	if (job != NULL && job->diff != NULL)
		md_diff(job, out);
}
