/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intent: a snapshot together with what this room makes of it: typed checks,
 * policy, and the problems that only show when documents, settings and
 * platforms are seen together. Immutable and counted, like the snapshot.
 */
#ifndef FAIRLEAD_CONTROLLER_INTENT_H
#define FAIRLEAD_CONTROLLER_INTENT_H

#include "checks/check.h"
#include "controller/controller.h"
#include "intended/snapshot.h"

struct intent {
	struct snapshot *snapshot;
	struct check_list checks;
	struct selector **check_selectors;	/* one a check; NULL: all devices */
	struct problems problems;		/* the snapshot's and ours */
	/* private */
	struct arena arena;
	struct map broken;			/* device name -> text of its first error */
	int refs;
};

/* Build the intent of a commit. Bad content is in its problems; fails only
 * when the commit cannot be read. The caller holds one reference. */
int intent_build(struct intent **out, const struct settings *settings,
    const struct platforms *platforms, struct repo *repo, const struct oid *commit,
    struct err *err);
struct intent *intent_ref(struct intent *in);
void intent_unref(struct intent *in);

/* Why a device may not be deployed at this commit, or NULL. */
const char *intent_broken(const struct intent *in, const char *device);
/* The error of a selection that matches no device, which may be the
 * inventory's fault: ERR_CONTENT when it holds no device at all, ERR_NOTFOUND. */
int intent_nobody(const struct intent *in, struct err *err);
/* True when everything Fairlead takes from the repository for this device is
 * the same in both: configuration, address, platform, variables. */
bool intent_device_same(const struct intended_device *a, const struct intended_device *b);
/* Read every configuration too, and add what is wrong to ps: for `lint`. */
void intent_lint_texts(const struct intent *in, struct repo *repo,
    const struct settings *settings, struct problems *ps);

#endif
