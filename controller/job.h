/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device job: one device, from plan to proof. job.c reads like the runbook
 * of a careful engineer; job_undo.c is what that engineer does when a line of
 * it fails, and what the next process does when this one dies.
 *
 * Invariants: a journal row before each effect; nothing is confirmed without
 * passed checks on a new session; a device that was armed ends with its old
 * or its new configuration, proven, or is quarantined and says so.
 */
#ifndef FAIRLEAD_CONTROLLER_JOB_H
#define FAIRLEAD_CONTROLLER_JOB_H

#include "controller/gate.h"
#include "controller/plan.h"
#include "controller/target.h"

struct job {
	struct controller *c;
	struct intent *intent;			/* a reference */
	const struct intended_device *device;
	const struct run_record *run;		/* its caller's */
	struct permission allowed;

	struct job_record rec;
	struct device_record known;		/* nobody else writes it under our lease */
	struct arena arena;			/* of the record and everything below */
	struct target target;
	struct device *session;			/* the one that stages and arms */
	struct device *proof;			/* the one that proves, on a new connection */
	struct device_change *change;
	struct texts texts;
	struct mono deadline;			/* when the device's timer ends */
	size_t n_checks;
	struct err err;
};

/* The job of a planned device, from its journal row: a fresh one, or one that
 * another process left behind. Takes its own reference of in. ERR_NOTFOUND when
 * the device is not in the intent. */
int job_new(struct job **out, struct controller *c, struct intent *in,
    const struct run_record *run, const struct permission *allowed, const char *device,
    struct err *err);
void job_free(struct job *j);

/* All of it, to its end: job_arm(), job_finish(), and job_undo() when either
 * fails. Blocks; the caller holds the device's lease. Afterwards the journal
 * has the end, and j->rec says it. */
void job_run(struct job *j);

/* The halves. 0: go on; 1: ended well already; negative: failed, j->err. */
int job_arm(struct job *j);
int job_finish(struct job *j);
/* Bring the device to a decided state after a failure in j->rec.state, also
 * one that another process left behind. Ends the job, unless the process is
 * told to stop while the device does not answer: then the next one asks. */
void job_undo(struct job *j);

/* Shared by the two files: journal a state (the only writer of rec.state), and
 * journal the end. */
int job_enter(struct job *j, enum job_state state);
void job_end(struct job *j, enum job_end end, const char *why);
/* The platform's dialect, with what is secret on this device. */
const struct dialect *job_dialect(const struct job *j);
/* Log in anew. */
int job_log_in(struct job *j, struct device **out, bool first_address_only);

#endif
