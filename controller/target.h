/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an intended device to something one can log in to: platform, addresses,
 * credential loaded from its source, and the host keys that are trusted. Only
 * `fairlead trust` adds a key; nothing here ever learns one.
 */
#ifndef FAIRLEAD_CONTROLLER_TARGET_H
#define FAIRLEAD_CONTROLLER_TARGET_H

#include "controller/intent.h"

enum target_use { TARGET_READ, TARGET_WRITE, TARGET_TRUST };

struct target {
	struct device_target target;
	/* private */
	struct credential credential;
	struct secret *password, *passphrase, *enable;
	struct pin_record *pins;
	size_t n_pins;
	struct arena arena;
};

/* ERR_USAGE without a credential for this use, ERR_SECRET when one cannot be
 * loaded, ERR_UNSUPPORTED for an unknown platform. TARGET_TRUST needs none. */
int target_init(struct target *t, const struct controller *c,
    const struct intended_device *d, enum target_use use, struct err *err);
void target_release(struct target *t);

/* Say what to do about an error of a device that did not say so itself. */
void target_advise(const struct intended_device *d, struct err *err);

/* Trust a key from now on: replaces all keys of the device, with an audit
 * record that names who. */
int target_pin(struct controller *c, const char *device, const struct host_key *key,
    const char *who, struct err *err);
/* Whether this key is trusted already. */
enum pin_verdict target_pin_check(const struct target *t, const struct host_key *key);

#endif
