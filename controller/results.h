/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results: the outbox. Finished runs that are not yet on the results branch
 * are rendered from the journal, committed in one commit a run, and marked
 * when the remote has them. While the remote is away they wait; nothing is
 * lost, nothing is published twice.
 */
#ifndef FAIRLEAD_CONTROLLER_RESULTS_H
#define FAIRLEAD_CONTROLLER_RESULTS_H

#include "controller/controller.h"

/* Publish all that is due, oldest first. One caller at a time gets to work,
 * others wait. On failure the rest stays due. */
int results_publish(struct controller *c, struct err *err);
/* How many runs wait in the outbox. */
int results_due(struct controller *c, size_t *n, struct err *err);
/* Keep the last seen running text of a device, masked, for the running/ folder
 * of the results branch. */
void results_keep_running(const struct controller *c, const char *device,
    const struct dialect *d, struct span text);

#endif
