/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs: the one path from a commit to a report.
 */
#ifndef FAIRLEAD_CONTROLLER_RECONCILE_H
#define FAIRLEAD_CONTROLLER_RECONCILE_H

#include "controller/gate.h"

/* A device in a run: what the run itself must remember; the rest is in the
 * journal. */
struct run_device {
	const struct intended_device *device;
	enum job_end end;		/* END_NONE until it has one */
	bool change;			/* it has a plan with changes and open gates */
	int wave;			/* from 1 */
};

struct run {
	struct controller *c;
	struct intent *intent;		/* a reference */
	struct run_record rec;
	struct permission allowed;
	struct field_pairs approved;	/* device -> plan id a person looked at */
	bool looked;			/* and nothing else may be deployed */
	struct run_device *devices;
	size_t n;
	bool stopped;			/* no new device starts */
	const char *stopped_by;		/* device whose failure stopped it */
	pthread_mutex_t lock;		/* of ends, stopped */
	struct arena arena;
};

struct run_request {
	const char *who, *reason;
	const char *const *selectors;	/* of devices; n 0: all */
	size_t n_selectors;
	/* Take only devices this callback accepts (NULL: all). */
	bool (*only)(void *ctx, const struct intended_device *d);
	void *ctx;
	struct permission allowed;
	struct field_pairs approved;
	bool looked;
};

/* Make a run over the intent's devices and journal its beginning. ERR_NOTFOUND
 * when nothing is selected. Takes its own reference of in; the request is
 * copied. */
int run_begin(struct run **out, struct controller *c, struct intent *in,
    const struct run_request *request, struct err *err);
/* An open run of another process, to be finished by recover(). Without an
 * intent (in NULL: its commit is gone) its jobs are ended from their rows. */
int run_reopen(struct run **out, struct controller *c, struct intent *in,
    const struct run_record *rec, struct err *err);
void run_free(struct run *run);
/* What may be done to a device: only the plan that a person looked at, where one
 * looked. Borrows from the run. */
struct permission run_permission(const struct run *run, const char *device);
/* End a job that cannot be taken up again: quarantined where it may have been
 * armed, else failed. END_NONE when that could not be written. */
enum job_end run_end_lost(struct controller *c, const struct job_record *left,
    const char *why);
/* Whether every device of the run has its end. A run that was told to stop may
 * have one that does not answer: it stays open, for the next process. */
bool run_decided(struct run *run);
/* Journal its end: counts, outcome, and so its place in the outbox. */
void run_end(struct run *run, const struct err *failed);

/* From plan to report, in the calling thread. */
void reconcile(struct run *run);
/* The same in a thread of its own, which frees the run. */
int reconcile_start(struct run *run, struct err *err);

/* Waves of jobs over the planned devices (rollout.c). */
void rollout(struct run *run);

/* Finish what earlier processes left open: ask each device, end each job and
 * run exactly once (recover.c). `each` gets every run that was finished. */
int recover(struct controller *c, void (*each)(void *ctx, const struct run_record *run),
    void *ctx, struct err *err);

/* Run fn(ctx, i) for every i below n on the workers, at most `parallel` at a
 * time, until go() says no (NULL: always yes); returns when all that started
 * have ended. Must not be called from a worker. */
void fan_out(struct workers *w, size_t n, size_t parallel, bool (*go)(void *ctx),
    void (*fn)(void *ctx, size_t i), void *ctx);

#endif
