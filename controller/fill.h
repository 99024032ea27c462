/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets in configurations: ${secret:NAME} is a reference in Git and becomes
 * a value on the way to the device, never before. The values stay alive (and
 * so known to the mask of every sink) as long as struct filled does.
 */
#ifndef FAIRLEAD_CONTROLLER_FILL_H
#define FAIRLEAD_CONTROLLER_FILL_H

#include "controller/controller.h"
#include "intended/snapshot.h"

#define SECRET_OPEN "${secret:"

struct filled {
	struct secret **secrets;
	size_t n;
	char fingerprint[65];	/* of all names and values, keyed; "" without any */
};

/* Copy text to out with every reference replaced. ERR_SECRET lists all names
 * that have no source. Wipe out with buf_wipe(). */
int fill(const struct controller *c, struct span text, struct buf *out,
    struct filled *filled, struct err *err);
void filled_release(struct filled *f);

/* References that are malformed, or (with settings) have no source. */
void fill_lint(const struct settings *settings, const struct intended_device *d,
    struct span text, struct problems *ps);

#endif
