/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Admission: where threads that work with devices meet, and the only place.
 * A piece of work starts when it holds its device's exclusive lease and a free
 * slot, in the order: confirm and revert, deploys, plans, sweeps; first come
 * first served within one class. One writer per device, and no two of ours
 * ever talk past each other on it.
 */
#ifndef FAIRLEAD_CONTROLLER_ADMIT_H
#define FAIRLEAD_CONTROLLER_ADMIT_H

#include <stdbool.h>

#include "base/err.h"

enum admit_class { ADMIT_CONFIRM, ADMIT_DEPLOY, ADMIT_PLAN, ADMIT_SWEEP, ADMIT_CLASSES };

struct admit;
/* slots: device leases given at one time, over all classes. */
struct admit *admit_new(int slots);
void admit_free(struct admit *a);
/* Block until admitted. ERR_CANCELLED after admit_stop(), but for
 * ADMIT_CONFIRM, which is always served. */
int admit_enter(struct admit *a, enum admit_class class, const char *device,
    struct err *err);
void admit_leave(struct admit *a, const char *device);
/* Turn away everything but ADMIT_CONFIRM from now on: the process will end. */
void admit_stop(struct admit *a);
bool admit_stopping(struct admit *a);

#endif
