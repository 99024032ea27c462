/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inventory inside this room: three documents in, devices out. Semantics
 * are those of Nornir 3's SimpleInventory:
 *
 *  - hostname, port, username, platform: the host's own, else the first given
 *    in its groups, each group before its own groups (depth first, each group
 *    once), else the defaults'. A null is not given.
 *  - `data`: the same order, for each top-level key by itself; values are not
 *    merged with each other, and a null counts as given.
 *
 * What is ours, data.fairlead, is finer: each of its keys is looked up along
 * that order by itself, so a host that sets `serial` keeps its group's `via`.
 */
#ifndef FAIRLEAD_INTENDED_INVENTORY_H
#define FAIRLEAD_INTENDED_INVENTORY_H

#include "intended/snapshot.h"

enum inventory_kind { INVENTORY_HOSTS, INVENTORY_GROUPS, INVENTORY_DEFAULTS, INVENTORY_KINDS };
extern const char *const INVENTORY_PATHS[INVENTORY_KINDS];

struct inventory_docs {
	const struct doc_node *node[INVENTORY_KINDS];	/* NULL: absent or broken */
	bool broken[INVENTORY_KINDS];	/* there, but unusable: a problem says why */
};

/* Devices sorted by name, without their configurations. Nodes of the documents
 * are borrowed; the rest is in `a`. All that is wrong is in ps; a device with
 * an unsafe name is left out, any other with an error is `broken`. */
void inventory_read(struct intended_device **devices, size_t *n,
    const struct inventory_docs *docs, struct arena *a, struct problems *ps);

/* An error that concerns one device, which is broken by it. file NULL: where
 * the device is declared. */
void device_error(struct intended_device *d, struct problems *ps, const char *file,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * element.c: one host, one group, or the defaults.
 */

/* data.fairlead. */
struct extras {
	struct field_strings addresses, via, tags;
	const char *credential, *serial, *site, *role;
	struct field_pairs vars;
};
/* What is inherited value by value. */
struct values {
	const char *hostname, *username, *platform;	/* NULL: not given */
	int64_t port;					/* 0: not given */
	const struct doc_node *site, *role;	/* data.site, data.role; may be null nodes */
	struct extras extras;
	unsigned given;			/* bit i: row i of INTENDED_EXTRAS */
};
struct element {
	const char *name, *file;
	struct doc_pos pos;
	const char *device;		/* name when it is a host, else NULL */
	struct values values;
	struct field_strings groups;
	struct doc_pos groups_pos;
	const struct doc_node *data;	/* a map, or NULL */
	bool broken;
};

struct inventory {
	struct arena *arena;
	struct problems *ps;
	struct map groups;		/* name to struct group */
	bool no_groups;			/* groups.yaml is broken, which was said */
	struct element defaults;
	/* groups.c: what lists of groups give, by list */
	struct map scopes;
	unsigned stamp;
	size_t visits;
	/* connection_options: how many there are and where the first is */
	size_t unused;
	const char *unused_file;
	struct doc_pos unused_pos;
};

/* Read an element from its node (NULL: nothing given). e has name, file, pos
 * and device set. */
void element_read(struct inventory *inv, struct element *e, enum inventory_kind kind,
    const struct doc_node *node);
void element_error(struct inventory *inv, struct element *e, struct doc_pos pos,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Fill what v was not given. */
void values_inherit(struct values *v, const struct values *from);

/*
 * groups.c: the graph of groups, and what an element inherits from it.
 */

/* What one list of groups and the defaults give; shared by all hosts that
 * have that list. */
struct inventory_scope {
	const char **groups;		/* own and inherited, nearest first */
	size_t n_groups;
	const struct doc_node **data;	/* maps, nearest first, defaults last */
	size_t n_data;
	struct values values;
	bool broken;			/* a group of it, or the defaults, are */
};

void groups_read(struct inventory *inv, const struct doc_node *node);
/* The scope of an element's groups; a group that is missing is its error. */
const struct inventory_scope *groups_scope(struct inventory *inv, struct element *e);

#endif
