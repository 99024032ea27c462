/* SPDX-License-Identifier: Apache-2.0 */
/* What device.c (operations) and device_open.c (how one comes to be) share. */
#ifndef FAIRLEAD_DEVICES_DEVICE_PRIVATE_H
#define FAIRLEAD_DEVICES_DEVICE_PRIVATE_H

#include "devices/change.h"
#include "devices/session.h"
#include "devices/steps.h"

struct device {
	struct arena arena;
	const struct platform *platform;
	const char *name, *instance, *serial, *hostname;
	const char **vars;		/* parallel to the platform's */
	size_t max_output;
	struct sys *sys;
	struct session *session;
	struct transport transport;
	struct wire wire;
	struct expect *cli;		/* transport cli */
	struct device_identity identity;
};

/* device_ops.open and .close. */
int device_open(struct device **out, const struct device_target *t, struct err *err);
void device_close(struct device *d);

/* A verb to be run on it; release with verb_run_release(). c may be NULL. */
struct verb_run device_run(struct device *d, struct device_change *c);
/* Run a verb whose answer is only that it went well. */
int device_verb(struct device *d, enum verb verb, struct device_change *c, struct err *err);

#endif
