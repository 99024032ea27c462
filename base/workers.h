/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pool of threads for blocking, straight-line work. Threads are made on
 * demand with 256 KiB stacks. A task is a function and a pointer; ownership
 * of what it points to moves with it.
 */
#ifndef FAIRLEAD_BASE_WORKERS_H
#define FAIRLEAD_BASE_WORKERS_H

#include <pthread.h>
#include <time.h>

#include "base/err.h"

struct workers;
/* At most `max` threads. */
int workers_new(struct workers **out, int max, struct err *err);
/* Run fn(arg) on a worker; queued (FIFO) when all are busy. Never blocks. */
void workers_submit(struct workers *w, void (*fn)(void *arg), void *arg);
/* Wait until all submitted work is done, then end the threads. */
void workers_free(struct workers *w);

/* A thread of its own with a 256 KiB stack and a name (15 characters) for
 * debuggers; fn's signals are blocked. Join with thread_join(); with out NULL it
 * is detached: its owner must know by other means when it has ended. */
struct thread;
int thread_start(struct thread **out, const char *name, void (*fn)(void *arg), void *arg,
    struct err *err);
void thread_join(struct thread *t);

/* A condition whose timed waits go by a clock that never jumps; the end of
 * such a wait, `ms` of real time from now. */
void cond_init(pthread_cond_t *c);
struct timespec cond_until(int ms);

#endif
