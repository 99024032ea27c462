/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The source: the repository of intended configurations, fetched and verified,
 * and the results remote. Calls block up to the Git deadline and take turns.
 */
#ifndef FAIRLEAD_CONTROLLER_SOURCE_H
#define FAIRLEAD_CONTROLLER_SOURCE_H

#include "controller/intent.h"

int source_open(struct controller *c, struct err *err);
void source_close(struct controller *c);

/* The journal's name for why the daemon cannot follow the branch; "": it can. */
#define SOURCE_ERROR "source-error"

/* Look at the remote branch; *moved when it is not what was fetched last. One
 * ref advertisement. */
int source_poll(struct controller *c, bool *moved, struct err *err);
/* Fetch, verify (fast-forward), and give the intent of the branch's head; the
 * one built last when nothing moved. The caller holds a reference. */
int source_fetch(struct controller *c, struct intent **out, struct err *err);
/* Where the branch was rewritten to; ERR_NOTFOUND when it was not. */
int source_rewritten(struct controller *c, struct oid *out, struct err *err);
/* Follow it there, as a person decided; ERR_RACE when it moved again. */
int source_accept_rewrite(struct controller *c, const struct oid *head, struct err *err);
/* The intent of what was fetched last, without the remote. */
int source_last(struct controller *c, struct intent **out, struct err *err);
/* The intent of one commit that was fetched before. */
int source_commit(struct controller *c, const char *commit, struct intent **out,
    struct err *err);
/* Object database of the mirror, for one thread. */
int source_repo(const struct controller *c, struct repo **out, struct err *err);

/* Whether a commit comes after the one that was applied, in the branch's
 * history or in one that a person accepted in its place. */
bool source_follows(const struct controller *c, const char *applied,
    const struct oid *commit);
/* Pack the mirrors' loose objects; minutes on a large one. */
int source_maintain(struct controller *c, struct err *err);

extern const struct publish_ops SOURCE_PUBLISH;

#endif
