/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/workers.h"
#include "controller/journal.h"

struct world {
	char dir[64];
	char path[96];
	struct journal j;
	struct arena a;
	struct err err;
};

static int
setup(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	snprintf(w->dir, sizeof(w->dir), "/tmp/journal.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof(w->path), "%s/journal.db", w->dir);
	assert_int_equal(journal_open(&w->j, w->path, &w->err), 0);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	journal_close(&w->j);
	file_rmtree(w->dir, NULL);
	arena_release(&w->a);
	free(w);
	return 0;
}

static int
write_row(struct world *w, const struct journal_write *row)
{
	return w->j.ops->write(w->j.self, row, &w->err);
}

static void
reopen(struct world *w)
{
	journal_close(&w->j);
	assert_int_equal(journal_open(&w->j, w->path, &w->err), 0);
}

static void
journal__a_run_reads_back_as_it_was_written(void **state)
{
	struct world *w = *state;
	struct run_record run = { .id = "20260101t000000z-aaaaaa", .commit = "c0ffee",
		.subject = "a \"quoted\" subject\nwith a line", .who = "poll", .open = true,
		.devices = 3 }, back;
	struct journal_write row = { .run = &run };

	assert_int_equal(write_row(w, &row), 0);
	reopen(w);
	assert_int_equal(w->j.ops->run(w->j.self, "20260101t", &back, &w->a, &w->err), 0);
	assert_string_equal(back.id, run.id);
	assert_string_equal(back.subject, run.subject);
	assert_true(back.open);
	assert_false(back.published);
	assert_int_equal(back.devices, 3);
	assert_null(back.finished);
}

static void
journal__an_ambiguous_run_prefix_is_not_found(void **state)
{
	struct world *w = *state;
	struct run_record a = { .id = "20260101t000000z-aaaaaa" },
	    b = { .id = "20260101t000000z-bbbbbb" }, back;
	struct journal_write row_a = { .run = &a }, row_b = { .run = &b };

	assert_int_equal(write_row(w, &row_a), 0);
	assert_int_equal(write_row(w, &row_b), 0);
	assert_int_equal(w->j.ops->run(w->j.self, "20260101", &back, &w->a, &w->err),
	    ERR_NOTFOUND);
	assert_int_equal(w->j.ops->run(w->j.self, "nosuch", &back, &w->a, &w->err),
	    ERR_NOTFOUND);
	assert_int_equal(w->j.ops->run(w->j.self, b.id, &back, &w->a, &w->err), 0);
}

static int
count(void *ctx, const void *record, struct arena *a)
{
	(void)record;
	(void)a;
	++*(int *)ctx;
	return 0;
}

static void
journal__a_finished_run_is_due_until_published(void **state)
{
	struct world *w = *state;
	struct run_record run = { .id = "r1", .open = true };
	struct journal_write row = { .run = &run };
	int open = 0, due = 0;

	write_row(w, &row);
	w->j.ops->runs_due(w->j.self, true, count, &open, &w->err);
	w->j.ops->runs_due(w->j.self, false, count, &due, &w->err);
	assert_int_equal(open, 1);
	assert_int_equal(due, 0);
	run.open = false;
	write_row(w, &row);
	open = due = 0;
	w->j.ops->runs_due(w->j.self, true, count, &open, &w->err);
	w->j.ops->runs_due(w->j.self, false, count, &due, &w->err);
	assert_int_equal(open, 0);
	assert_int_equal(due, 1);
	run.published = true;
	write_row(w, &row);
	due = 0;
	w->j.ops->runs_due(w->j.self, false, count, &due, &w->err);
	assert_int_equal(due, 0);
}

static int
take_json(void *ctx, const void *record, struct arena *a)
{
	struct jw jw;

	(void)a;
	jw_init(&jw, ctx, false);
	record_json(&jw, NULL, &AUDIT_RECORD, record);
	buf_addc(ctx, '\n');
	return 0;
}

/* What an auditor does: each record without its own hash, hashed again. */
static void
journal__audit_records_form_one_chain(void **state)
{
	struct world *w = *state;
	struct buf lines = BUF_INIT, again = BUF_INIT;
	struct span rest, line;
	char hash[65], previous[65];
	int i, n = 0;

	for (i = 0; i < 5; i++) {
		struct audit_record audit = { .at = "t", .who = "w", .what = "deployed",
			.text = "x" };
		struct journal_write row = { .audit = &audit };

		assert_int_equal(write_row(w, &row), 0);
		assert_int_equal(audit.seq, i + 1);
		if (i == 2)
			reopen(w);
	}
	w->j.ops->audits(w->j.self, 0, take_json, &lines, &w->err);
	memset(previous, '0', 64);
	previous[64] = '\0';
	rest = buf_span(&lines);
	while (span_line(&rest, &line)) {
		struct audit_record back;
		struct jw jw;

		assert_int_equal(record_read(&back, &AUDIT_RECORD, line, &w->a, &w->err), 0);
		assert_string_equal(back.previous, previous);
		snprintf(previous, sizeof(previous), "%s", back.hash);
		back.hash = NULL;
		buf_clear(&again);
		jw_init(&jw, &again, false);
		record_json(&jw, NULL, &AUDIT_RECORD, &back);
		hash_hex(buf_span(&again), hash);
		assert_string_equal(hash, previous);
		n++;
	}
	assert_int_equal(n, 5);
	buf_release(&lines);
	buf_release(&again);
}

static void
journal__parts_of_one_write_stand_or_fall_together(void **state)
{
	struct world *w = *state;
	/* A device without a name breaks NOT NULL: the run must not appear either. */
	struct run_record run = { .id = "r1" };
	struct job_record job = { .run = "r1", .device = NULL };
	struct journal_write row = { .run = &run, .job = &job };
	struct run_record back;

	assert_int_not_equal(write_row(w, &row), 0);
	assert_int_equal(w->j.ops->run(w->j.self, "r1", &back, &w->a, &w->err), ERR_NOTFOUND);
}

static void
journal__a_newer_one_is_refused(void **state)
{
	struct world *w = *state;
	struct journal j = { NULL, NULL };
	sqlite3 *db;

	journal_close(&w->j);
	assert_int_equal(sqlite3_open(w->path, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA user_version = 999", NULL, NULL, NULL);
	sqlite3_close(db);
	assert_int_equal(journal_open(&j, w->path, &w->err), ERR_USAGE);
	assert_non_null(strstr(w->err.text, "newer"));
}

static void
journal__a_damaged_file_is_an_error_not_a_crash(void **state)
{
	struct world *w = *state;
	struct journal j = { NULL, NULL };
	char junk[8192];

	journal_close(&w->j);
	memset(junk, 'x', sizeof(junk));
	file_rmtree(w->dir, NULL);
	file_mkdirs(w->dir, 0700, &w->err);
	assert_int_equal(file_write_atomic(sys_real(), w->path, junk, sizeof(junk), 0600,
	    &w->err), 0);
	assert_int_equal(journal_open(&j, w->path, &w->err), ERR_IO);
}

/*
 * Many writers share commits; every write that returned is there.
 */
#define WRITERS 8
#define EACH 50
struct writer {
	struct world *w;
	int number;
	int failed;
};

static void
write_many(void *arg)
{
	struct writer *writer = arg;
	char name[32];
	int i;

	for (i = 0; i < EACH; i++) {
		struct event e = { .run = "r", .what = "note", .text = name };
		struct device_record d = { .device = name };
		struct journal_write row = { .event = &e, .device = &d };
		struct err err = ERR_INIT;

		snprintf(name, sizeof(name), "d%d-%d", writer->number, i);
		if (writer->w->j.ops->write(writer->w->j.self, &row, &err) != 0)
			writer->failed++;
	}
}

static void
journal__concurrent_writes_are_all_there(void **state)
{
	struct world *w = *state;
	struct writer writers[WRITERS];
	struct thread *threads[WRITERS];
	int i, devices = 0, events = 0;

	for (i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ w, i, 0 };
		assert_int_equal(thread_start(&threads[i], "w", write_many, &writers[i],
		    &w->err), 0);
	}
	for (i = 0; i < WRITERS; i++) {
		thread_join(threads[i]);
		assert_int_equal(writers[i].failed, 0);
	}
	w->j.ops->devices(w->j.self, count, &devices, &w->err);
	w->j.ops->events(w->j.self, "r", 0, 100000, count, &events, &w->err);
	assert_int_equal(devices, WRITERS * EACH);
	assert_int_equal(events, WRITERS * EACH);
	assert_int_equal(w->j.ops->wait(w->j.self, 0, 10), WRITERS * EACH);
}

static void
journal__pins_are_replaced_as_a_whole(void **state)
{
	struct world *w = *state;
	struct pin_record a = { .device = "d", .type = "ssh-ed25519", .fingerprint = "A" },
	    b = { .device = "d", .type = "ecdsa", .fingerprint = "B" };
	struct journal_write row_a = { .pin = &a }, row_b = { .pin = &b, .unpin = "d" };
	int n = 0;

	write_row(w, &row_a);
	write_row(w, &row_b);
	w->j.ops->pins(w->j.self, "d", count, &n, &w->err);
	assert_int_equal(n, 1);
}

/* Old published runs go with what belongs to them; what is open or unpublished
 * stays, however old. */
static void
journal__forgets_old_published_runs_only(void **state)
{
	static const struct { const char *id; bool open, published; int jobs; } rows[] = {
		{ "r1", true, false, 1 }, { "r2", false, false, 1 }, { "r3", false, true, 0 },
		{ "r4", false, true, 1 }, { "r5", false, true, 1 },
	};
	struct world *w = *state;
	struct stat st;

	for (size_t i = 0; i < 5; i++) {
		struct run_record run = { .id = rows[i].id, .open = rows[i].open,
			.published = rows[i].published };
		struct job_record job = { .run = rows[i].id, .device = "leaf1" };
		struct event e = { .run = rows[i].id, .what = "note" };
		struct journal_write row = { .run = &run, .job = &job, .event = &e };

		assert_int_equal(write_row(w, &row), 0);
	}
	assert_int_equal(write_row(w, &(struct journal_write){ .keep_runs = 2 }), 0);
	for (size_t i = 0; i < 5; i++) {
		struct run_record run;
		int jobs = 0, events = 0;

		assert_int_equal(w->j.ops->jobs(w->j.self, rows[i].id, count, &jobs, NULL), 0);
		assert_int_equal(w->j.ops->events(w->j.self, rows[i].id, 0, 9, count, &events,
		    NULL), 0);
		assert_int_equal(jobs, rows[i].jobs);
		assert_int_equal(events, rows[i].jobs);
		assert_int_equal(w->j.ops->run(w->j.self, rows[i].id, &run, &w->a, NULL),
		    rows[i].jobs == 1 ? 0 : ERR_NOTFOUND);
	}
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
journal__open_jobs_are_those_of_open_runs(void **state)
{
	struct world *w = *state;
	int n = 0;

	for (int i = 0; i < 3; i++) {
		const char *id = arena_printf(&w->a, "r%d", i);
		struct run_record run = { .id = id, .open = i != 1 };
		struct job_record job = { .run = id, .device = i == 2 ? "leaf2" : "leaf1" };
		struct journal_write row = { .run = &run, .job = &job };

		assert_int_equal(write_row(w, &row), 0);
	}
	assert_int_equal(w->j.ops->open_jobs(w->j.self, "leaf1", count, &n, &w->err), 0);
	assert_int_equal(n, 1);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(journal__forgets_old_published_runs_only),
		T(journal__open_jobs_are_those_of_open_runs),
		T(journal__a_run_reads_back_as_it_was_written),
		T(journal__an_ambiguous_run_prefix_is_not_found),
		T(journal__a_finished_run_is_due_until_published),
		T(journal__audit_records_form_one_chain),
		T(journal__parts_of_one_write_stand_or_fall_together),
		T(journal__a_newer_one_is_refused),
		T(journal__a_damaged_file_is_an_error_not_a_crash),
		T(journal__concurrent_writes_are_all_there),
		T(journal__pins_are_replaced_as_a_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
