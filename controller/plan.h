/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans: what would change on one device, and why, computed against running.
 *
 * A plan id is a hash over device, intended blob, fingerprint of the secrets
 * filled in, the masked change in normal form, and the platform definition.
 * The commit and the running text are recorded beside it, not part of it: the
 * job plans again against what it just read, and the same change goes on.
 */
#ifndef FAIRLEAD_CONTROLLER_PLAN_H
#define FAIRLEAD_CONTROLLER_PLAN_H

#include "controller/fill.h"
#include "controller/masking.h"

/* The texts of one device on their way; they hold secrets. */
struct texts {
	struct buf running;	/* as read, stripped */
	struct buf candidate;	/* intended, secrets filled, carried lines spliced in */
	struct filled filled;
	struct masking masking;	/* dialect.name NULL: not yet */
};
void texts_release(struct texts *t);

/* Pure given running: fills texts->candidate and the plan's fields of *rec
 * (plan, hashes, diff, counts, lifelines, sync). Strings in `a`. */
int plan_compute(const struct controller *c, const struct intent *in,
    const struct intended_device *d, const struct device_record *known,
    struct texts *texts, struct job_record *rec, struct arena *a, struct err *err);

/* Read the device with its read credential and plan. Updates what is known of
 * the device in the journal (sync, health); a new device that already runs its
 * intended text is baselined (end END_BASELINED). On failure rec holds the
 * error and end END_FAILED; the return value is that of the journal. */
int plan_device(struct controller *c, const struct intent *in,
    const struct intended_device *d, const struct run_record *run,
    struct job_record *rec, struct arena *a, struct err *err);

/* How a device stands to what Git says now, which may be newer than its plan. */
enum sync sync_at(const struct device_record *known, const struct intended_device *d);
/* What is known of a device; an empty record when nothing is. */
int known_device(const struct controller *c, const struct intended_device *d,
    struct device_record *out, struct arena *a, struct err *err);
/* *what: which other run than `run` (NULL: any) left a change on the device
 * undecided, in words; NULL when none did. Until recover() has asked the
 * device, what runs there means nothing. */
int undecided_change(const struct controller *c, const char *device, const char *run,
    const char **what, struct arena *a, struct err *err);
/* The inputs on which a failed device is held: changes when anything that
 * could make the next try different changes. */
const char *held_inputs(const struct controller *c, const struct intent *in,
    const struct intended_device *d, const char *secrets, struct arena *a);

#endif
