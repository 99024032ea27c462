/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a device_change, for the interpreter: the values that verbs
 * keep. devices/device.h is its face for everybody else.
 */
#ifndef FAIRLEAD_DEVICES_CHANGE_H
#define FAIRLEAD_DEVICES_CHANGE_H

#include "devices/device.h"

const char *change_id(const struct device_change *c);
/* NULL when not set. */
const char *change_get(const struct device_change *c, const char *name);
/* A copy is kept. ERR_LIMIT past the bounds of a journal row. */
int change_set(struct device_change *c, const char *name, const char *value, struct err *err);
void change_set_timer(struct device_change *c, int64_t ms);

#endif
