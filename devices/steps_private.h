/* SPDX-License-Identifier: Apache-2.0 */
/* What steps.c (flow, values) and steps_command.c (commands) share. */
#ifndef FAIRLEAD_DEVICES_STEPS_PRIVATE_H
#define FAIRLEAD_DEVICES_STEPS_PRIVATE_H

#include "devices/steps.h"

enum flow { FLOW_ON = 0, FLOW_DONE = 1 };

struct lookup steps_lookup(const struct verb_run *r);
struct pattern_sink steps_sink(struct verb_run *r);
/* Set a value; ERR_OUTPUT when it has not its type. */
int steps_set(struct verb_run *r, const char *name, struct span value, struct err *err);
/* pattern_find() that sets the values of its groups. */
int steps_find(struct verb_run *r, const struct pattern *p, struct span text,
    struct span *whole, struct err *err);
/* Do what a case says; a flow or an error. */
int steps_act(struct verb_run *r, const struct action *a, struct err *err);
/* The error of an action; words of the device may be NULL. */
int steps_fail(struct verb_run *r, const struct action *a, const char *words,
    struct err *err);

/* send, exec, paste, heredoc. */
int steps_command(struct verb_run *r, const struct step *s, struct err *err);
int steps_upload(struct verb_run *r, const struct step *s, struct err *err);

#endif
