/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/plan.h"

#include "base/log.h"
#include "controller/gate.h"
#include "controller/results.h"
#include "controller/source.h"
#include "controller/target.h"

/* A report is for reading: past this a diff is cut, and says so. */
#define DIFF_MAX ((size_t)2 << 20)

void
texts_release(struct texts *t)
{
	buf_wipe(&t->running);
	buf_wipe(&t->candidate);
	filled_release(&t->filled);
	masking_release(&t->masking);
}

/* Visible, masked text in the arena. */
static const char *
shown(struct arena *a, struct span s)
{
	struct buf b = BUF_INIT, out = BUF_INIT;
	const char *text;
	bool cut;

	buf_addspan(&b, s);
	secret_mask(&b);
	if ((cut = b.len > DIFF_MAX))
		buf_cut(&b, DIFF_MAX);
	text_visible(&out, buf_span(&b), true);
	if (cut)
		buf_adds(&out, "\n(cut here: the rest is longer than a report may be)\n");
	text = arena_strdup(a, buf_str(&out));
	buf_release(&b);
	buf_release(&out);
	return text;
}

static const char *
plan_id(const struct intended_device *d, const struct platform *p, const char *secrets,
    const char *change, struct arena *a)
{
	struct hasher *h = hasher_new();
	char hex[65];

	hasher_part(h, span_str(d->name));
	hasher_part(h, span_str(d->blob.hex));
	hasher_part(h, span_str(secrets));
	hasher_part(h, span_str(change));
	hasher_part(h, span_str(platform_hash(p)));
	hasher_end(h, hex);
	return arena_strndup(a, hex, 16);
}

const char *
held_inputs(const struct controller *c, const struct intent *in,
    const struct intended_device *d, const char *secrets, struct arena *a)
{
	const struct platform *p = platforms_find(c->platforms, d->platform);
	const struct snapshot *s = in->snapshot;
	struct hasher *h = hasher_new();
	char hex[65];
	size_t i;

	hasher_part(h, span_str(d->blob.hex));
	hasher_part(h, span_str(secrets));
	hasher_part(h, span_str(p != NULL ? platform_hash(p) : ""));
	hasher_part(h, span_str(d->credential != NULL ? d->credential : ""));
	hasher_part(h, span_str(arena_printf(a, "%d %lld", d->port,
	    (long long)c->settings.deploy.timer_ms)));
	for (i = 0; i < d->n_addresses; i++)
		hasher_part(h, span_str(d->addresses[i]));
	for (i = 0; i < d->vars.n; i++) {
		hasher_part(h, span_str(d->vars.keys[i]));
		hasher_part(h, span_str(d->vars.values[i]));
	}
	for (i = 0; i < s->n_checks; i++)
		hasher_part(h, span_str(s->checks[i].blob.hex));
	hasher_end(h, hex);
	return arena_strndup(a, hex, 16);
}

static enum sync
sync_of(const struct device_record *known, const struct intended_device *d, bool same,
    const char *running_hash, const char *secrets)
{
	bool moved, drifted;

	if (known->applied_hash == NULL)
		return SYNC_NEW;
	if (same)
		return SYNC_IN_SYNC;
	drifted = strcmp(known->applied_hash, running_hash) != 0;
	moved = strcmp(known->applied_blob, d->blob.hex) != 0 ||
	    strcmp(known->applied_secrets != NULL ? known->applied_secrets : "", secrets) != 0;
	if (drifted)
		return moved ? SYNC_DIVERGED : SYNC_DRIFTED;
	return SYNC_PENDING;
}

/* What is cut off is not sent, nor what cannot hold what the device owns. */
static int
refuse_text(const struct intended_device *d, const struct dialect *dialect,
    struct span running, struct err *err)
{
	uint32_t line = text_unended(dialect, running);

	if (line != 0) {
		err_set(err, ERR_OUTPUT, "what begins in line %u of the running configuration "
		    "does not end", (unsigned)line);
		return err_next(err, "look at that line on the device, and whether all of it "
		    "was read");
	}
	err_set(err, ERR_CONTENT, "%s: something in it does not end, or it cannot hold what the "
	    "device owns", d->config_path);
	return err_next(err, "`fairlead lint` names the line of a file that is cut off");
}

static int
build_candidate(const struct controller *c, const struct intent *in,
    const struct intended_device *d, struct texts *t, size_t *carried, struct err *err)
{
	const struct dialect *dialect =
	    platform_dialect(platforms_find(c->platforms, d->platform));
	struct buf intended = BUF_INIT, filled = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct repo *repo = NULL;
	int r;

	if ((r = source_repo(c, &repo, err)) == 0 &&
	    (r = snapshot_text(in->snapshot, repo, d, &intended, err)) == 0) {
		r = fill(c, buf_span(&intended), &filled, &t->filled, err);
		if (r != 0)
			err_wrap(err, "%s", d->config_path);
	}
	if (r == 0 && !diff_splice(&a, dialect, buf_span(&t->running), buf_span(&filled),
	    &t->candidate, carried))
		r = refuse_text(d, dialect, buf_span(&t->running), err);
	repo_close(repo);
	buf_release(&intended);
	buf_wipe(&filled);
	arena_release(&a);
	return r;
}

int
plan_compute(const struct controller *c, const struct intent *in,
    const struct intended_device *d, const struct device_record *known,
    struct texts *t, struct job_record *rec, struct arena *a, struct err *err)
{
	const struct platform *p = platforms_find(c->platforms, d->platform);
	const struct dialect *dialect = &t->masking.dialect;
	struct buf text = BUF_INIT;
	struct arena scratch = ARENA_INIT;
	char hash[65];
	struct diff *diff;
	struct judgement judged = { .lifelines.n = 0 };
	size_t carried = 0, i;
	int r;

	buf_wipe(&t->candidate);
	filled_release(&t->filled);
	masking_release(&t->masking);
	if ((r = masking_init(&t->masking, c, in, d, known, err)) != 0 ||
	    (r = build_candidate(c, in, d, t, &carried, err)) != 0)
		return r;
	diff = diff_make(&scratch, dialect, buf_span(&t->running), buf_span(&t->candidate));
	if (diff->unended[1] != 0) {
		arena_release(&scratch);
		return refuse_text(d, dialect, buf_span(&t->running), err);
	}
	diff_text(diff, &c->mask_key, false, &text);
	rec->diff = diff_same(diff) ? NULL : shown(a, buf_span(&text));
	rec->added = (int64_t)diff->added;
	rec->removed = (int64_t)diff->removed;
	rec->changed = (int64_t)diff->changed;
	rec->moved = (int64_t)diff->moved;
	rec->ignored = (int64_t)diff->ignored;
	rec->carried = (int64_t)carried;
	diff_hash(diff, &c->mask_key, hash);
	rec->secrets = arena_strdup(a, t->filled.fingerprint);
	rec->plan = plan_id(d, p, rec->secrets, hash, a);
	normal_hash(dialect, buf_span(&t->running), hash);
	rec->old_hash = arena_strdup(a, hash);
	/* Most devices are in sync, and then it is the same hash, and no lifeline
	 * is touched. */
	if (!diff_same(diff))
		normal_hash(dialect, buf_span(&t->candidate), hash);
	rec->new_hash = arena_strdup(a, hash);
	rec->sync = (int)sync_of(known, d, diff_same(diff), rec->old_hash, rec->secrets);
	if (diff->n > 0)
		diff_judge(a, dialect, &c->mask_key, buf_span(&t->running),
		    buf_span(&t->candidate), &judged);
	rec->lifelines = judged.lifelines;
	rec->destroys = judged.destroys;
	for (i = 0; i < rec->lifelines.n; i++)
		rec->lifelines.v[i] = shown(a, span_str(rec->lifelines.v[i]));
	for (i = 0; i < rec->destroys.n; i++)
		rec->destroys.v[i] = shown(a, span_str(rec->destroys.v[i]));
	buf_release(&text);
	arena_release(&scratch);
	return 0;
}

enum sync
sync_at(const struct device_record *known, const struct intended_device *d)
{
	if (d->config_path == NULL)
		return SYNC_UNMANAGED;
	if (known->sync == SYNC_IN_SYNC && (known->applied_blob == NULL ||
	    strcmp(known->applied_blob, d->blob.hex) != 0))
		return SYNC_PENDING;
	return (enum sync)known->sync;
}

int
known_device(const struct controller *c, const struct intended_device *d,
    struct device_record *out, struct arena *a, struct err *err)
{
	struct err missing = ERR_INIT;
	int r;

	memset(out, 0, sizeof(*out));
	r = c->journal.ops->device(c->journal.self, d->name, out, a, &missing);
	if (r != 0 && r != ERR_NOTFOUND)
		return err_set(err, r, "%s", missing.text);
	out->device = d->name;
	out->site = d->site;
	out->platform = d->platform;
	return 0;
}

struct undecided {
	const char *run, *what;
	struct arena *arena;
};

static int
note_undecided(void *ctx, const void *record, struct arena *a)
{
	const struct job_record *rec = record;
	struct undecided *u = ctx;

	(void)a;
	if (rec->end == END_NONE && rec->state >= JOB_STAGING &&
	    (u->run == NULL || strcmp(rec->run, u->run) != 0))
		u->what = arena_printf(u->arena, "run %s was interrupted while %s; the device is "
		    "asked first, by the daemon or at the next `fairlead apply`", rec->run,
		    job_state_word((enum job_state)rec->state));
	return 0;
}

int
undecided_change(const struct controller *c, const char *device, const char *run,
    const char **what, struct arena *a, struct err *err)
{
	struct undecided u = { .run = run, .arena = a };
	int r;

	r = c->journal.ops->open_jobs(c->journal.self, device, note_undecided, &u, err);
	*what = u.what;
	return r;
}

/* What runs under somebody's timer may be gone in a minute. A reader who may not
 * ask is not told. */
static int
note_pending(struct controller *c, struct device *dev, const char **pending,
    struct arena *a, struct err *err)
{
	struct device_pending_info info;
	struct err own = ERR_INIT;
	int r;

	if ((r = c->devices->pending(dev, NULL, &info, &own)) == ERR_CLOSED ||
	    r == ERR_TIMEOUT) {
		*err = own;
		return r;
	}
	if (r == 0 && info.state != PENDING_NONE && *pending == NULL)
		*pending = arena_printf(a, "somebody else has a change pending on it (%s); wait "
		    "until it is confirmed or gone", info.what);
	return 0;
}

/* *pending is left alone when nothing is. */
static int
read_running(struct controller *c, const struct intended_device *d, struct texts *t,
    struct device_record *known, const char **pending, struct arena *a, struct err *err)
{
	const struct device_identity *id;
	struct device *dev = NULL;
	struct target target;
	int r;

	if ((r = target_init(&target, c, d, TARGET_READ, err)) != 0)
		return r;
	if ((r = c->devices->open(&dev, &target.target, err)) == 0 &&
	    (r = c->devices->running(dev, &t->running, err)) == 0 &&
	    (r = note_pending(c, dev, pending, a, err)) == 0) {
		id = c->devices->identity(dev);
		known->version = arena_strdup(a, id->version);
		known->hostname = arena_strdup(a, id->hostname);
		known->serial = arena_strdup(a, id->serial);
	}
	c->devices->close(dev);
	target_release(&target);
	return r;
}

/* Nothing was applied by us and nothing needs to be: it is ours from here. */
static void
baseline(const struct intent *in, const struct intended_device *d,
    const struct run_record *run, struct device_record *known, struct job_record *rec)
{
	known->applied_commit = in->snapshot->commit.hex;
	known->applied_blob = d->blob.hex;
	known->applied_hash = rec->old_hash;
	known->applied_secrets = rec->secrets;
	known->applied_at = known->seen;
	known->applied_run = run != NULL ? run->id : NULL;
	known->sync = SYNC_IN_SYNC;
	known->why = NULL;
	rec->sync = SYNC_IN_SYNC;
	rec->end = END_BASELINED;
	rec->why = "new; running equals intended, nothing was sent";
}

static void
plan_known(const struct controller *c, const struct intent *in,
    const struct intended_device *d, const struct run_record *run, const char *undecided,
    struct device_record *known, struct job_record *rec, struct arena *a)
{
	known->health = HEALTH_HEALTHY;
	if (undecided != NULL) {
		rec->sync = SYNC_UNKNOWN;
		rec->why = undecided;	/* for the gate */
	}
	known->sync = rec->sync;
	known->running_hash = rec->old_hash;
	known->why = undecided;
	/* What it was held on is not so any more, or somebody did it by hand. */
	if (known->held != NULL && (rec->diff == NULL || known->held_inputs == NULL ||
	    strcmp(known->held_inputs, held_inputs(c, in, d, rec->secrets, a)) != 0))
		known->held = known->held_inputs = NULL;
	/* A person or recover() decides first what is ours there. */
	if (known->quarantined != NULL || undecided != NULL)
		return;
	if (rec->diff == NULL && rec->sync == SYNC_NEW)
		baseline(in, d, run, known, rec);
	else if (rec->diff == NULL && rec->sync == SYNC_IN_SYNC) {
		rec->end = END_UNCHANGED;
		rec->why = "running is as intended";
		known->applied_commit = in->snapshot->commit.hex;
		known->applied_blob = d->blob.hex;
		known->applied_hash = rec->old_hash;
		known->applied_secrets = rec->secrets;
	}
}

static void
plan_failed(const struct intended_device *d, struct device_record *known,
    struct job_record *rec, struct err *failed, struct arena *a)
{
	target_advise(d, failed);
	error_record_set(&rec->error, a, failed);
	rec->end = END_FAILED;
	rec->step = job_state_word(JOB_READING);
	rec->why = rec->error.text;
	known->why = rec->error.text;
	known->sync = SYNC_UNKNOWN;
	if (err_fault(failed->code) == FAULT_DEVICE)
		known->health = failed->code == ERR_UNREACHABLE || failed->code == ERR_TIMEOUT ?
		    HEALTH_UNREACHABLE : HEALTH_DEGRADED;
}

/* Under the device's lease: what is known of it is read, and written back. */
static int
plan_leased(struct controller *c, const struct intent *in, const struct intended_device *d,
    const struct run_record *run, struct job_record *rec, struct arena *a, struct err *err)
{
	struct journal_write w = { .device = NULL };
	struct err failed = ERR_INIT;
	const char *undecided;
	struct device_record known;
	struct texts t;
	int r;

	memset(&t, 0, sizeof(t));
	if ((r = known_device(c, d, &known, a, err)) != 0 ||
	    (r = undecided_change(c, d->name, rec->run, &undecided, a, err)) != 0)
		return r;
	if (!gate_readable(in, d, rec, &known)) {
		w.device = &known;
		return c->journal.ops->write(c->journal.self, &w, err);
	}
	rec->platform_hash = platform_hash(platforms_find(c->platforms, d->platform));
	if ((r = read_running(c, d, &t, &known, &undecided, a, &failed)) == 0) {
		known.seen = record_time(a, c->sys);
		rec->version = known.version;
		r = plan_compute(c, in, d, &known, &t, rec, a, &failed);
		if (r == 0 && (known.running_hash == NULL ||
		    strcmp(known.running_hash, rec->old_hash) != 0))
			results_keep_running(c, d->name, &t.masking.dialect,
			    buf_span(&t.running));
	}
	if (r == 0)
		plan_known(c, in, d, run, undecided, &known, rec, a);
	else
		plan_failed(d, &known, rec, &failed, a);
	texts_release(&t);
	w.device = &known;
	return c->journal.ops->write(c->journal.self, &w, err);
}

int
plan_device(struct controller *c, const struct intent *in, const struct intended_device *d,
    const struct run_record *run, struct job_record *rec, struct arena *a, struct err *err)
{
	int r;

	memset(rec, 0, sizeof(*rec));
	rec->device = d->name;
	rec->site = d->site;
	rec->platform = d->platform;
	rec->commit = in->snapshot->commit.hex;
	rec->blob = d->blob.hex;
	rec->run = run != NULL ? run->id : NULL;
	if (admit_enter(c->admit, ADMIT_PLAN, d->name, NULL) != 0) {
		rec->end = END_SKIPPED;
		rec->why = "not planned: Fairlead is stopping";
		return 0;
	}
	r = plan_leased(c, in, d, run, rec, a, err);
	admit_leave(c->admit, d->name);
	return r;
}
