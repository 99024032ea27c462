/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gates: rules that must hold before a change may go on, as one table. Each
 * refusal is a sentence a person understands, and clears by itself when its
 * cause clears.
 */
#ifndef FAIRLEAD_CONTROLLER_GATE_H
#define FAIRLEAD_CONTROLLER_GATE_H

#include "controller/intent.h"

/* What a person allowed with this run (`apply --first`, `--allow lifeline`). */
struct permission {
	bool person;		/* a person asked for it, not the poll */
	bool first;		/* first contact with new devices */
	bool lifeline;		/* changes to lifelines */
	bool drift;		/* undo drift, whatever the settings say */
	const char *plan;	/* plan id this is for; NULL: any */
};

struct gate_input {
	const struct controller *c;
	const struct intent *intent;
	const struct intended_device *device;
	const struct device_record *known;
	const struct job_record *plan;
	const struct permission *allowed;
	const char *suspended;		/* reason, or NULL */
	const char *undecided;		/* what another run left behind, or NULL */
	enum mode mode;
};

/* Evaluate all gates; closed ones are added to rec->gates (in a) and *open is
 * false when there are any. */
int gates_evaluate(const struct controller *c, const struct intent *in,
    const struct intended_device *d, const struct permission *allowed,
    struct job_record *rec, bool *open, struct arena *a, struct err *err);

/* Before a device is read at all: unmanaged and broken devices get their end
 * (END_BLOCKED) here, and false is returned. */
bool gate_readable(const struct intent *in, const struct intended_device *d,
    struct job_record *rec, struct device_record *known);

/* The mode of a device by the settings. */
enum mode gate_mode(const struct settings *s, const struct intended_device *d);

#endif
