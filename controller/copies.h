/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rollback copies: what ran on a device before a change, unmasked, sealed with
 * AES-256-GCM under the state directory, fsynced before the change begins.
 * The newest `rollback.keep` a device are kept.
 */
#ifndef FAIRLEAD_CONTROLLER_COPIES_H
#define FAIRLEAD_CONTROLLER_COPIES_H

#include "controller/controller.h"

/* *name (in a) is the copy's file below the state directory. */
int copy_keep(const struct controller *c, const char *device, const char *run,
    struct span text, const char **name, struct arena *a, struct err *err);
/* The text of a copy. Wipe out with buf_wipe(). */
int copy_read(const struct controller *c, const char *name, struct buf *out, struct err *err);

#endif
