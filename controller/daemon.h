/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon: polls, runs, publishes and answers until it is told to stop.
 */
#ifndef FAIRLEAD_CONTROLLER_DAEMON_H
#define FAIRLEAD_CONTROLLER_DAEMON_H

#include "controller/controller.h"

/* Block SIGTERM, SIGINT, SIGHUP for the process; call before any thread. */
void daemon_block_signals(void);
/* Returns after SIGTERM or SIGINT, when what was in change has ended and the
 * outbox was tried once more. A second signal ends the process at once:
 * devices then revert by their own timers, and the next start finds out. */
int daemon_run(struct controller *c, struct err *err);

#endif
