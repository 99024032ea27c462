/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: what Fairlead remembers between processes. Every external
 * effect has a row before it and a result after it; a write returns when it
 * is on disk. The shipped one is SQLite (journal.c, its only room) with one
 * writer thread that commits in groups; simulations bring their own table.
 *
 * Thread-safe. Strings that come back live in the caller's arena.
 */
#ifndef FAIRLEAD_CONTROLLER_JOURNAL_H
#define FAIRLEAD_CONTROLLER_JOURNAL_H

#include "controller/record.h"

/* Something that happened, for `watch`, logs and the report's time line. */
struct event {
	int64_t seq;			/* given by the journal, from 1 */
	const char *at, *run, *device;	/* device NULL: the run as a whole */
	const char *what;		/* a job_state word, "started", "ended", "note", ... */
	const char *text;		/* one line for people; masked */
	const char *change;		/* JSON of the device_change, with job steps */
};
extern const struct field_table EVENT_RECORD;

/* What one write does, all of it or nothing. NULL parts are left out. */
struct journal_write {
	const struct run_record *run;		/* insert or replace by id */
	const struct job_record *job;		/* by run and device */
	const struct device_record *device;	/* by device */
	struct event *event;			/* appended */
	struct audit_record *audit;		/* appended; seq and hashes are filled in */
	const struct pin_record *pin;		/* by device and type */
	const char *unpin;			/* remove the pins of this device first */
	const struct suspend_record *suspend;	/* by selector */
	const char *resume;			/* remove this selector's suspension */
	struct { const char *key, *value; } meta[2];	/* values kept under names */
	/* Forget published runs, their jobs and events, but for this many of the
	 * newest; 0: forget nothing. Audit records and devices stay. */
	int64_t keep_runs;
};

typedef int (*journal_each_fn)(void *ctx, const void *record, struct arena *a);

struct journal_ops {
	/* Durable when it returns 0. ERR_FULL when the disk is. */
	int (*write)(void *self, const struct journal_write *w, struct err *err);
	/* One row; ERR_NOTFOUND. run: an id or a unique beginning of one. */
	int (*run)(void *self, const char *id, struct run_record *out, struct arena *a,
	    struct err *err);
	int (*job)(void *self, const char *run, const char *device, struct job_record *out,
	    struct arena *a, struct err *err);
	int (*device)(void *self, const char *name, struct device_record *out,
	    struct arena *a, struct err *err);
	/* Newest first, at most `limit`; each gets a struct run_record. */
	int (*runs)(void *self, size_t limit, journal_each_fn each, void *ctx,
	    struct err *err);
	/* open: still running; !open: finished and not yet published. Oldest first. */
	int (*runs_due)(void *self, bool open, journal_each_fn each, void *ctx,
	    struct err *err);
	int (*jobs)(void *self, const char *run, journal_each_fn each, void *ctx,
	    struct err *err);
	/* A device's jobs in runs that are open. */
	int (*open_jobs)(void *self, const char *device, journal_each_fn each, void *ctx,
	    struct err *err);
	int (*devices)(void *self, journal_each_fn each, void *ctx, struct err *err);
	int (*pins)(void *self, const char *device, journal_each_fn each, void *ctx,
	    struct err *err);
	int (*suspensions)(void *self, journal_each_fn each, void *ctx, struct err *err);
	/* Events after seq, oldest first; run NULL: all. At most `limit`. */
	int (*events)(void *self, const char *run, int64_t after, size_t limit,
	    journal_each_fn each, void *ctx, struct err *err);
	/* Audit records after seq, oldest first. A callback's return of 1 ends the
	 * walk, here and everywhere, without being an error. */
	int (*audits)(void *self, int64_t after, journal_each_fn each, void *ctx,
	    struct err *err);
	/* Wait until an event after seq exists or ms of real time pass; the
	 * newest seq. */
	int64_t (*wait)(void *self, int64_t after, int ms);
	/* A value kept under a name ("" when absent). */
	int (*meta_get)(void *self, const char *key, struct buf *out, struct err *err);
	void (*close)(void *self);
};

struct journal {
	const struct journal_ops *ops;
	void *self;
};

/* Open or create the SQLite journal. ERR_IO when damaged, ERR_USAGE when a
 * newer Fairlead wrote it. */
int journal_open(struct journal *out, const char *path, struct err *err);
void journal_close(struct journal *j);

#endif
