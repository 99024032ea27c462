/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interpreter: runs one verb of a platform definition over a transport. It
 * knows no vendor and no SSH. What it guarantees, whatever the definition or
 * the device says:
 *
 *  - a verb succeeds only by what its steps call success;
 *  - a value goes into a shell line only when its type allows it there, and
 *    into an exec command only between single quotes;
 *  - the candidate is never in an error, a log line or a buffer left behind;
 *  - every wait has an end.
 */
#ifndef FAIRLEAD_DEVICES_STEPS_H
#define FAIRLEAD_DEVICES_STEPS_H

#include "devices/change.h"
#include "devices/definition.h"

struct exec_reply {
	struct buf out, err;
	int status;		/* exit status; -1: it ended by a signal or said none */
};
/* What a transport must bring besides a wire. */
struct transport {
	/* Run a command. timeout_ms 0: the usual. The caller has given reply's
	 * buffers their bounds. */
	int (*exec)(void *ctx, const char *command, int64_t timeout_ms,
	    struct exec_reply *reply, struct err *err);
	/* Write a file whole; its size is verified. mode -1: as the file is. */
	int (*upload)(void *ctx, const char *path, int64_t mode, struct span text,
	    int64_t timeout_ms, struct err *err);
	void *ctx;
};

struct verb_run {
	const struct platform *platform;
	struct expect *cli;		/* transport cli, else NULL */
	const struct transport *transport;
	struct sys *sys;
	const char *device, *instance;
	const char *const *vars;	/* values, parallel to platform->vars */
	size_t max_output;
	struct device_change *change;	/* where kept values are set; or NULL */
	const struct device_change *kept;	/* where they are read; or NULL */
	const char *command;		/* verb run */
	struct span candidate;		/* verb stage */
	int64_t timer_ms;		/* verb arm */

	int word;			/* out: index into the verb's words */
	struct buf *result;		/* out: text; or NULL */
	const char *matched;		/* out: the line that the last match found, or NULL */

	/* private */
	enum verb verb;
	struct arena arena;
	struct map values;
	struct buf reply, extra;	/* the last reply; what exec said on stderr */
	int status;
};

/* Zeroed by the caller but for the inputs. ERR_UNSUPPORTED when the platform
 * has no such verb; ERR_NOTFOUND when a value it needs was never set. */
int verb_run(struct verb_run *r, enum verb verb, struct err *err);
/* A value the verb has set, or NULL; until verb_run_release(). */
const char *verb_value(const struct verb_run *r, const char *name);
void verb_run_release(struct verb_run *r);

/* Add s as one word of a POSIX shell. */
void shell_quote(struct buf *out, struct span s);

#endif
