/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What bare_loop and device_loop share: everything but how one device is read,
 * so that only that differs between their numbers.
 *
 *	PROGRAM [--threads N] [--hold] [--turns] [--quiet] USER PASSWORD
 *	    < lines of NAME ADDRESS PORT
 *
 * Reads all devices from a pool of threads and prints one line of JSON:
 * devices, failures, bytes read, wall and CPU seconds of this process, and its
 * memory. With --hold there is a thread a device and every session stays open
 * until all have read; `held_kb` is what the process grew by up to then.
 */
#ifndef FAIRLEAD_BENCH_LOOP_H
#define FAIRLEAD_BENCH_LOOP_H

#include <stdbool.h>
#include <stddef.h>

struct loop_target {
	char name[64], address[64];
	unsigned port;
};
/* --turns: bare_loop says all that Fairlead says to a device; --quiet: and waits
 * as long for quiet. */
extern bool loop_turns, loop_quiet;
struct loop_session {
	void *handle;		/* for loop_close(); NULL: it never was open */
	size_t bytes;		/* of the configuration that was read */
};

/* To be written by the program. Before the threads start; false: message said. */
bool loop_prepare(const char *user, const char *password);
/* Connect, log in, read the running configuration, forget it. */
bool loop_read(const struct loop_target *t, struct loop_session *s);
void loop_close(struct loop_session *s);

#endif
