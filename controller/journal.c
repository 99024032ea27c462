/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal over SQLite: WAL, synchronous=FULL. One writer thread takes all
 * writes that wait, puts them into one transaction and wakes their callers
 * after the commit: with many jobs at work a commit is shared, with one it is
 * immediate. Reads have a connection of their own under a mutex.
 *
 * Rows are JSON records (controller/record.h) beside the columns that are
 * looked up, so a new field needs no migration. `user_version` is raised when
 * the meaning of a column changes; a newer one is refused.
 *
 * Guarantees: a write that returned 0 survives power loss; parts of one write
 * are never seen apart; audit records form one hash chain.
 */
#include "controller/journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/secret.h"
#include "base/workers.h"

#define SCHEMA_VERSION 1

static const char SCHEMA[] =
    /* seq is the order of runs: their ids begin with a clock, which may jump. */
    "CREATE TABLE IF NOT EXISTS run (seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " id TEXT NOT NULL UNIQUE, open INTEGER NOT NULL, published INTEGER NOT NULL,"
    " json TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS run_due ON run (open, published);"
    "CREATE TABLE IF NOT EXISTS job (run TEXT NOT NULL, device TEXT NOT NULL,"
    " json TEXT NOT NULL, PRIMARY KEY (run, device)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS device (name TEXT PRIMARY KEY, json TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " run TEXT, json TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS event_run ON event (run, seq);"
    "CREATE TABLE IF NOT EXISTS audit (seq INTEGER PRIMARY KEY, run TEXT,"
    " hash TEXT NOT NULL, json TEXT NOT NULL);"
    "CREATE TABLE IF NOT EXISTS pin (device TEXT NOT NULL, type TEXT NOT NULL,"
    " json TEXT NOT NULL, PRIMARY KEY (device, type)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS suspension (selector TEXT PRIMARY KEY,"
    " json TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
    " WITHOUT ROWID;";

static const struct field EVENT_ROWS[] = {
	{ .key = "seq", .type = FIELD_INT, .offset = offsetof(struct event, seq),
	    .help = "Number, growing." },
	{ .key = "at", .type = FIELD_STRING, .offset = offsetof(struct event, at),
	    .help = "When." },
	{ .key = "run", .type = FIELD_STRING, .offset = offsetof(struct event, run),
	    .help = "Run id." },
	{ .key = "device", .type = FIELD_STRING, .offset = offsetof(struct event, device),
	    .help = "Device." },
	{ .key = "what", .type = FIELD_STRING, .offset = offsetof(struct event, what),
	    .help = "What happened, a stable word." },
	{ .key = "text", .type = FIELD_STRING, .offset = offsetof(struct event, text),
	    .help = "In words." },
	{ .key = "change", .type = FIELD_STRING, .offset = offsetof(struct event, change),
	    .help = "What names the change on the device." },
};
const struct field_table EVENT_RECORD =
    FIELD_TABLE("event", struct event, EVENT_ROWS, "Something that happened.");

/* A write on its way; lives on its caller's stack until done. */
struct request {
	const struct journal_write *write;
	struct err *err;
	int result;
	bool done;
	struct request *next;
};

struct sqlite_journal {
	sqlite3 *writer, *reader;
	pthread_mutex_t read_lock;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t work, finished;
	struct request *first, **last;
	bool stop;
	int64_t newest_event;		/* committed */
	pthread_cond_t event;
	struct thread *thread;
};

static int
sql_fail(sqlite3 *db, const char *what, struct err *err)
{
	int code = sqlite3_errcode(db) == SQLITE_FULL ? ERR_FULL : ERR_IO;

	err_set(err, code, "journal: %s: %s", what, sqlite3_errmsg(db));
	return code != ERR_FULL ? code :
	    err_next(err, "make room on the file system of the state directory");
}

/* Prepare, bind strings (NULL: SQL NULL), and hand over the statement. */
static int
sql_prepare(sqlite3 *db, sqlite3_stmt **st, const char *sql, const char *const *args,
    int n, struct err *err)
{
	int i;

	*st = NULL;
	if (sqlite3_prepare_v3(db, sql, -1, 0, st, NULL) != SQLITE_OK)
		return sql_fail(db, "prepare", err);
	for (i = 0; i < n; i++)
		if (sqlite3_bind_text(*st, i + 1, args[i], -1, SQLITE_STATIC) != SQLITE_OK) {
			sqlite3_finalize(*st);
			*st = NULL;
			return sql_fail(db, "bind", err);
		}
	return 0;
}

static int
sql_run(sqlite3 *db, const char *sql, const char *const *args, int n, struct err *err)
{
	sqlite3_stmt *st;
	int r;

	if ((r = sql_prepare(db, &st, sql, args, n, err)) != 0)
		return r;
	if (sqlite3_step(st) != SQLITE_DONE)
		r = sql_fail(db, "write", err);
	sqlite3_finalize(st);
	return r;
}

static const char *
to_json(struct buf *b, const struct field_table *t, const void *record)
{
	struct jw w;

	buf_clear(b);
	jw_init(&w, b, false);
	record_json(&w, NULL, t, record);
	return buf_str(b);
}

/*
 * The parts of a write, in the writer's transaction.
 */
static int
put_run(struct sqlite_journal *j, const struct run_record *run, struct buf *b,
    struct err *err)
{
	const char *args[] = { run->id, run->open ? "1" : "0", run->published ? "1" : "0",
		to_json(b, &RUN_RECORD, run) };

	return sql_run(j->writer, "INSERT INTO run (id, open, published, json) VALUES "
	    "(?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET open = ?2, published = ?3, "
	    "json = ?4", args, 4, err);
}

static int
put_job(struct sqlite_journal *j, const struct job_record *job, struct buf *b,
    struct err *err)
{
	const char *args[] = { job->run, job->device, to_json(b, &JOB_RECORD, job) };

	return sql_run(j->writer, "INSERT OR REPLACE INTO job VALUES (?, ?, ?)", args, 3, err);
}

static int
put_device(struct sqlite_journal *j, const struct device_record *d, struct buf *b,
    struct err *err)
{
	const char *args[] = { d->device, to_json(b, &DEVICE_RECORD, d) };

	return sql_run(j->writer, "INSERT OR REPLACE INTO device VALUES (?, ?)", args, 2, err);
}

static int
put_event(struct sqlite_journal *j, struct event *e, struct buf *b, struct err *err)
{
	const char *args[] = { e->run, to_json(b, &EVENT_RECORD, e) };
	int r;

	r = sql_run(j->writer, "INSERT INTO event (run, json) VALUES (?, ?)", args, 2, err);
	if (r == 0)
		e->seq = sqlite3_last_insert_rowid(j->writer);
	return r;
}

static int
audit_head(struct sqlite_journal *j, int64_t *seq, char hash[65], struct err *err)
{
	sqlite3_stmt *st;
	int r;

	*seq = 0;
	memset(hash, '0', 64);
	hash[64] = '\0';
	if ((r = sql_prepare(j->writer, &st,
	    "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", NULL, 0, err)) != 0)
		return r;
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*seq = sqlite3_column_int64(st, 0);
		memcpy(hash, sqlite3_column_text(st, 1), 64);
		break;
	case SQLITE_DONE:
		break;
	default:
		r = sql_fail(j->writer, "audit", err);
	}
	sqlite3_finalize(st);
	return r;
}

static int
put_audit(struct sqlite_journal *j, struct audit_record *a, struct buf *b, struct err *err)
{
	char previous[65], hash[65], seq[24];
	struct buf chained = BUF_INIT;
	int64_t last;
	int r;

	if ((r = audit_head(j, &last, previous, err)) != 0)
		return r;
	a->seq = last + 1;
	a->previous = previous;
	a->hash = NULL;
	/* The hash covers the record as it stands without its own hash. */
	buf_adds(&chained, to_json(b, &AUDIT_RECORD, a));
	hash_hex(buf_span(&chained), hash);
	buf_release(&chained);
	a->hash = hash;
	snprintf(seq, sizeof(seq), "%lld", (long long)a->seq);
	r = sql_run(j->writer, "INSERT INTO audit VALUES (?, ?, ?, ?)",
	    (const char *[]){ seq, a->run, hash, to_json(b, &AUDIT_RECORD, a) }, 4, err);
	a->previous = a->hash = NULL;
	return r;
}

static int
put_pin(struct sqlite_journal *j, const struct pin_record *p, struct buf *b,
    struct err *err)
{
	const char *args[] = { p->device, p->type, to_json(b, &PIN_RECORD, p) };

	return sql_run(j->writer, "INSERT OR REPLACE INTO pin VALUES (?, ?, ?)", args, 3, err);
}

static int
put_suspension(struct sqlite_journal *j, const struct suspend_record *s, struct buf *b,
    struct err *err)
{
	const char *args[] = { s->selector, to_json(b, &SUSPEND_RECORD, s) };

	return sql_run(j->writer, "INSERT OR REPLACE INTO suspension VALUES (?, ?)", args, 2,
	    err);
}

static int
forget_runs(struct sqlite_journal *j, int64_t keep, struct err *err)
{
	static const char OLD[] = "(SELECT id FROM run WHERE open = '0' AND published = '1' "
	    "ORDER BY seq DESC LIMIT -1 OFFSET ?)";
	static const char *const from[] = { "job WHERE run", "event WHERE run", "run WHERE id" };
	char sql[160], n[24];
	const char *arg = n;
	size_t i;
	int r = 0;

	snprintf(n, sizeof(n), "%lld", (long long)keep);
	for (i = 0; i < sizeof(from) / sizeof(from[0]) && r == 0; i++) {
		snprintf(sql, sizeof(sql), "DELETE FROM %s IN %s", from[i], OLD);
		r = sql_run(j->writer, sql, &arg, 1, err);
	}
	return r;
}

static int
put_all(struct sqlite_journal *j, const struct journal_write *w, struct buf *b,
    struct err *err)
{
	size_t i;
	int r = 0;

	if (w->run != NULL && r == 0)
		r = put_run(j, w->run, b, err);
	if (w->job != NULL && r == 0)
		r = put_job(j, w->job, b, err);
	if (w->device != NULL && r == 0)
		r = put_device(j, w->device, b, err);
	if (w->event != NULL && r == 0)
		r = put_event(j, w->event, b, err);
	if (w->audit != NULL && r == 0)
		r = put_audit(j, w->audit, b, err);
	if (w->unpin != NULL && r == 0)
		r = sql_run(j->writer, "DELETE FROM pin WHERE device = ?", &w->unpin, 1, err);
	if (w->pin != NULL && r == 0)
		r = put_pin(j, w->pin, b, err);
	if (w->suspend != NULL && r == 0)
		r = put_suspension(j, w->suspend, b, err);
	for (i = 0; i < sizeof(w->meta) / sizeof(w->meta[0]) && r == 0; i++)
		if (w->meta[i].key != NULL)
			r = sql_run(j->writer, "INSERT OR REPLACE INTO meta VALUES (?, ?)",
			    (const char *[]){ w->meta[i].key, w->meta[i].value }, 2, err);
	if (w->keep_runs > 0 && r == 0)
		r = forget_runs(j, w->keep_runs, err);
	if (w->resume != NULL && r == 0)
		r = sql_run(j->writer, "DELETE FROM suspension WHERE selector = ?",
		    &w->resume, 1, err);
	return r;
}

/*
 * One group: each request in a savepoint of its own, so that one that fails
 * takes nobody with it; then one commit for all.
 */
static void
commit_group(struct sqlite_journal *j, struct request *first)
{
	struct buf b = BUF_INIT;
	struct request *q;
	struct err err = ERR_INIT;
	int r;

	r = sql_run(j->writer, "BEGIN IMMEDIATE", NULL, 0, &err);
	for (q = first; q != NULL && r == 0; q = q->next) {
		if ((r = sql_run(j->writer, "SAVEPOINT one", NULL, 0, &err)) != 0)
			break;
		q->result = put_all(j, q->write, &b, q->err);
		r = sql_run(j->writer, q->result == 0 ? "RELEASE one" :
		    "ROLLBACK TO one", NULL, 0, &err);
	}
	failpoint("journal-commit");
	if (r == 0)
		r = sql_run(j->writer, "COMMIT", NULL, 0, &err);
	if (r != 0)
		sqlite3_exec(j->writer, "ROLLBACK", NULL, NULL, NULL);
	for (q = first; q != NULL && r != 0; q = q->next) {
		*q->err = err;
		q->result = r;
	}
	buf_release(&b);
}

static int64_t
newest_of(const struct request *q)
{
	int64_t newest = 0;

	for (; q != NULL; q = q->next)
		if (q->result == 0 && q->write->event != NULL &&
		    q->write->event->seq > newest)
			newest = q->write->event->seq;
	return newest;
}

static void
writer_main(void *arg)
{
	struct sqlite_journal *j = arg;
	struct request *group, *next;
	int64_t newest;

	pthread_mutex_lock(&j->lock);
	for (;;) {
		while (j->first == NULL && !j->stop)
			pthread_cond_wait(&j->work, &j->lock);
		if (j->first == NULL)
			break;
		group = j->first;
		j->first = NULL;
		j->last = &j->first;
		pthread_mutex_unlock(&j->lock);
		commit_group(j, group);
		pthread_mutex_lock(&j->lock);
		if ((newest = newest_of(group)) > j->newest_event)
			j->newest_event = newest;
		for (; group != NULL; group = next) {
			next = group->next;
			group->done = true;	/* its stack may be gone after this */
		}
		pthread_cond_broadcast(&j->finished);
		pthread_cond_broadcast(&j->event);
	}
	pthread_mutex_unlock(&j->lock);
}

static int
submit(struct sqlite_journal *j, struct request *q, struct err *err)
{
	struct err mine = ERR_INIT;

	q->err = err != NULL ? err : &mine;
	pthread_mutex_lock(&j->lock);
	*j->last = q;
	j->last = &q->next;
	pthread_cond_signal(&j->work);
	while (!q->done)
		pthread_cond_wait(&j->finished, &j->lock);
	pthread_mutex_unlock(&j->lock);
	return q->result;
}

static int
sqlite_write(void *self, const struct journal_write *w, struct err *err)
{
	struct request q = { .write = w };

	return submit(self, &q, err);
}

/*
 * Reading. Rows are copied out under the lock and handed over without it, so
 * that callbacks may write.
 */
struct rows {
	struct arena arena;
	const char **json;
	int64_t *seq;
	size_t n;
};

static int
read_rows(struct sqlite_journal *j, const char *sql, const char *const *args, int n,
    struct rows *rows, struct err *err)
{
	sqlite3_stmt *st = NULL;
	size_t n_seq = 0;
	int r, step;

	memset(rows, 0, sizeof(*rows));
	pthread_mutex_lock(&j->read_lock);
	if ((r = sql_prepare(j->reader, &st, sql, args, n, err)) != 0)
		goto out;
	while ((step = sqlite3_step(st)) == SQLITE_ROW) {
		ARENA_PUSH(&rows->arena, rows->json, rows->n) = arena_strndup(&rows->arena,
		    (const char *)sqlite3_column_text(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0));
		ARENA_PUSH(&rows->arena, rows->seq, n_seq) =
		    sqlite3_column_count(st) > 1 ? sqlite3_column_int64(st, 1) : 0;
	}
	if (step != SQLITE_DONE)
		r = sql_fail(j->reader, "read", err);
out:
	sqlite3_finalize(st);
	pthread_mutex_unlock(&j->read_lock);
	return r;
}

/* The largest record decides the scratch space. */
union any_record {
	struct run_record run;
	struct job_record job;
	struct device_record device;
	struct pin_record pin;
	struct suspend_record suspend;
	struct audit_record audit;
	struct event event;
};

static int
each_row(struct sqlite_journal *j, const char *sql, const char *const *args, int n,
    const struct field_table *t, journal_each_fn each, void *ctx, struct err *err)
{
	union any_record record;
	struct arena a = ARENA_INIT;
	struct rows rows;
	size_t i;
	int r;

	r = read_rows(j, sql, args, n, &rows, err);
	for (i = 0; i < rows.n && r == 0; i++) {
		r = record_read(&record, t, span_str(rows.json[i]), &a, err);
		if (r == 0 && t == &EVENT_RECORD)
			record.event.seq = rows.seq[i];
		if (r == 0)
			r = each(ctx, &record, &a);
		arena_release(&a);
	}
	arena_release(&rows.arena);
	return r > 0 ? 0 : r;
}

static int
one_row(struct sqlite_journal *j, const char *sql, const char *const *args, int n,
    const struct field_table *t, void *out, struct arena *a, const char *what,
    struct err *err)
{
	struct rows rows;
	int r;

	r = read_rows(j, sql, args, n, &rows, err);
	if (r == 0 && rows.n == 0)
		r = err_set(err, ERR_NOTFOUND, "no %s %s", t->name, what);
	else if (r == 0 && rows.n > 1)
		r = err_set(err, ERR_NOTFOUND, "%s names more than one %s", what, t->name);
	else if (r == 0)
		r = record_read(out, t, span_str(arena_strdup(a, rows.json[0])), a, err);
	arena_release(&rows.arena);
	return r;
}

static int
sqlite_run(void *self, const char *id, struct run_record *out, struct arena *a,
    struct err *err)
{
	char upper[80];
	const char *args[] = { id, upper };

	/* Ids are ASCII, so everything that begins with `id` sorts below this. */
	snprintf(upper, sizeof(upper), "%.70s~", id);
	return one_row(self, "SELECT json FROM run WHERE id >= ? AND id < ? LIMIT 2", args, 2,
	    &RUN_RECORD, out, a, id, err);
}

static int
sqlite_job(void *self, const char *run, const char *device, struct job_record *out,
    struct arena *a, struct err *err)
{
	const char *args[] = { run, device };

	return one_row(self, "SELECT json FROM job WHERE run = ? AND device = ?", args, 2,
	    &JOB_RECORD, out, a, device, err);
}

static int
sqlite_device(void *self, const char *name, struct device_record *out, struct arena *a,
    struct err *err)
{
	return one_row(self, "SELECT json FROM device WHERE name = ?", &name, 1,
	    &DEVICE_RECORD, out, a, name, err);
}

static int
sqlite_runs(void *self, size_t limit, journal_each_fn each, void *ctx, struct err *err)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT json FROM run ORDER BY seq DESC LIMIT %zu", limit);
	return each_row(self, sql, NULL, 0, &RUN_RECORD, each, ctx, err);
}

static int
sqlite_runs_due(void *self, bool open, journal_each_fn each, void *ctx, struct err *err)
{
	return each_row(self, open ? "SELECT json FROM run WHERE open = '1' ORDER BY seq" :
	    "SELECT json FROM run WHERE open = '0' AND published = '0' ORDER BY seq", NULL, 0,
	    &RUN_RECORD, each, ctx, err);
}

static int
sqlite_jobs(void *self, const char *run, journal_each_fn each, void *ctx, struct err *err)
{
	return each_row(self, "SELECT json FROM job WHERE run = ? ORDER BY device", &run, 1,
	    &JOB_RECORD, each, ctx, err);
}

static int
sqlite_open_jobs(void *self, const char *device, journal_each_fn each, void *ctx,
    struct err *err)
{
	return each_row(self, "SELECT job.json FROM run CROSS JOIN job ON job.run = run.id "
	    "WHERE run.open = '1' AND job.device = ?", &device, 1, &JOB_RECORD, each, ctx,
	    err);
}

static int
sqlite_devices(void *self, journal_each_fn each, void *ctx, struct err *err)
{
	return each_row(self, "SELECT json FROM device ORDER BY name", NULL, 0,
	    &DEVICE_RECORD, each, ctx, err);
}

static int
sqlite_pins(void *self, const char *device, journal_each_fn each, void *ctx,
    struct err *err)
{
	return each_row(self, "SELECT json FROM pin WHERE device = ? ORDER BY type", &device,
	    1, &PIN_RECORD, each, ctx, err);
}

static int
sqlite_suspensions(void *self, journal_each_fn each, void *ctx, struct err *err)
{
	return each_row(self, "SELECT json FROM suspension ORDER BY selector", NULL, 0,
	    &SUSPEND_RECORD, each, ctx, err);
}

static int
sqlite_events(void *self, const char *run, int64_t after, size_t limit,
    journal_each_fn each, void *ctx, struct err *err)
{
	char sql[160];

	snprintf(sql, sizeof(sql), "SELECT json, seq FROM event WHERE %s seq > %lld "
	    "ORDER BY seq LIMIT %zu", run != NULL ? "run = ? AND" : "", (long long)after,
	    limit);
	return each_row(self, sql, &run, run != NULL ? 1 : 0, &EVENT_RECORD, each, ctx, err);
}

static int
sqlite_audits(void *self, int64_t after, journal_each_fn each, void *ctx,
    struct err *err)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "SELECT json FROM audit WHERE seq > %lld ORDER BY seq",
	    (long long)after);
	return each_row(self, sql, NULL, 0, &AUDIT_RECORD, each, ctx, err);
}

static int64_t
sqlite_wait(void *self, int64_t after, int ms)
{
	struct sqlite_journal *j = self;
	struct timespec until = cond_until(ms);
	int64_t newest;

	pthread_mutex_lock(&j->lock);
	while (j->newest_event <= after &&
	    pthread_cond_timedwait(&j->event, &j->lock, &until) != ETIMEDOUT)
		;
	newest = j->newest_event;
	pthread_mutex_unlock(&j->lock);
	return newest;
}

static int
sqlite_meta_get(void *self, const char *key, struct buf *out, struct err *err)
{
	struct rows rows;
	int r;

	r = read_rows(self, "SELECT value FROM meta WHERE key = ?", &key, 1, &rows, err);
	if (r == 0 && rows.n > 0)
		buf_adds(out, rows.json[0]);
	arena_release(&rows.arena);
	return r;
}

static void
sqlite_close(void *self)
{
	struct sqlite_journal *j = self;

	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_signal(&j->work);
	pthread_mutex_unlock(&j->lock);
	if (j->thread != NULL)
		thread_join(j->thread);
	sqlite3_close(j->reader);
	sqlite3_close(j->writer);
	pthread_mutex_destroy(&j->lock);
	pthread_mutex_destroy(&j->read_lock);
	pthread_cond_destroy(&j->work);
	pthread_cond_destroy(&j->finished);
	pthread_cond_destroy(&j->event);
	free(j);
}

static const struct journal_ops SQLITE_OPS = {
	.write = sqlite_write,
	.run = sqlite_run,
	.job = sqlite_job,
	.device = sqlite_device,
	.runs = sqlite_runs,
	.runs_due = sqlite_runs_due,
	.jobs = sqlite_jobs,
	.open_jobs = sqlite_open_jobs,
	.devices = sqlite_devices,
	.pins = sqlite_pins,
	.suspensions = sqlite_suspensions,
	.events = sqlite_events,
	.audits = sqlite_audits,
	.wait = sqlite_wait,
	.meta_get = sqlite_meta_get,
	.close = sqlite_close,
};

static int
check_version(sqlite3 *db, struct err *err)
{
	sqlite3_stmt *st;
	int version = 0, r;

	if ((r = sql_prepare(db, &st, "PRAGMA user_version", NULL, 0, err)) != 0)
		return r;
	if (sqlite3_step(st) == SQLITE_ROW)
		version = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	if (version > SCHEMA_VERSION) {
		err_set(err, ERR_USAGE, "journal: written by a newer Fairlead "
		    "(version %d, this one knows %d)", version, SCHEMA_VERSION);
		return err_next(err, "run the newer Fairlead, or start with an empty "
		    "state directory: it is rebuilt from Git and the devices");
	}
	return 0;
}

static int
open_database(struct sqlite_journal *j, const char *path, struct err *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	char version[48];
	int r, fd;

	/* SQLite would make it, and what lies beside it, readable to all. */
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
		return err_errno(err, ERR_IO, "journal %s", path);
	close(fd);
	if (sqlite3_open_v2(path, &j->writer, flags, NULL) != SQLITE_OK ||
	    sqlite3_open_v2(path, &j->reader, flags, NULL) != SQLITE_OK)
		return err_set(err, ERR_IO, "journal %s: %s", path,
		    sqlite3_errmsg(j->reader != NULL ? j->reader : j->writer));
	sqlite3_busy_timeout(j->writer, 10000);
	sqlite3_busy_timeout(j->reader, 10000);
	snprintf(version, sizeof(version), "PRAGMA user_version = %d", SCHEMA_VERSION);
	if ((r = check_version(j->writer, err)) != 0)
		return r;
	if (sqlite3_exec(j->writer, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
	    NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(j->writer, SCHEMA, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(j->writer, version, NULL, NULL, NULL) != SQLITE_OK)
		return sql_fail(j->writer, path, err);
	return 0;
}

static int
load_newest(struct sqlite_journal *j, struct err *err)
{
	struct rows rows;
	int r;

	r = read_rows(j, "SELECT '', max(seq) FROM event", NULL, 0, &rows, err);
	if (r == 0 && rows.n > 0)
		j->newest_event = rows.seq[0];
	arena_release(&rows.arena);
	return r;
}

int
journal_open(struct journal *out, const char *path, struct err *err)
{
	struct sqlite_journal *j = mem_zalloc(sizeof(*j));
	int r;

	j->last = &j->first;
	pthread_mutex_init(&j->lock, NULL);
	pthread_mutex_init(&j->read_lock, NULL);
	pthread_cond_init(&j->work, NULL);
	pthread_cond_init(&j->finished, NULL);
	cond_init(&j->event);
	out->ops = &SQLITE_OPS;
	out->self = j;
	if ((r = open_database(j, path, err)) != 0 || (r = load_newest(j, err)) != 0 ||
	    (r = thread_start(&j->thread, "journal", writer_main, j, err)) != 0) {
		journal_close(out);
		return r;
	}
	return 0;
}

void
journal_close(struct journal *j)
{
	if (j->ops != NULL)
		j->ops->close(j->self);
	j->ops = NULL;
	j->self = NULL;
}
