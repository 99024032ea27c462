/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding what matters in a commit: one walk of its tree, no contents read.
 */
#ifndef FAIRLEAD_INTENDED_DISCOVER_H
#define FAIRLEAD_INTENDED_DISCOVER_H

#include "intended/inventory.h"

struct found {
	const char *path;	/* NULL: not found */
	enum entry_kind kind;
	struct oid blob;
	int64_t size;
	const char *device;	/* of a configuration without a template: the name */
	const char *site;	/* ... and the AVD folder, or NULL */
	struct intended_device *owner;	/* of a configuration, or NULL */
};
struct discovery {
	const char *template;	/* or NULL */
	struct found inventory[INVENTORY_KINDS];
	struct found policy;
	struct found *checks, *configs;		/* in tree order */
	size_t n_checks, n_configs;
	/* private */
	struct arena *arena;
	struct problems *ps;
	const char *glob;	/* the template with * for each key */
	const char *fixed;	/* its folders before the first key */
};

/* ERR_USAGE for a wrong template, else as repo_walk() fails. Symlinks and
 * submodules in places that matter are problems; they stay in the lists, with
 * their kind, so that nobody takes them for missing. */
int discover(struct discovery *d, struct repo *r, const struct oid *commit,
    const char *template, struct arena *a, struct problems *ps, struct err *err);

/* Give each device its configuration. Afterwards those not used by any device
 * are warned about, and so are devices without one. */
void discover_assign(struct discovery *d, struct intended_device *devices, size_t n,
    const struct map *by_name, int64_t max_bytes);

/* The path that the template gives to a device, in the arena; NULL when the
 * device lacks a value, whose key is then in *missing. */
const char *discover_path(const char *template, const struct intended_device *d,
    struct arena *a, const char **missing);

#endif
