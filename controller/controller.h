/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The controller: everything that lives as long as the process, made in one
 * place and handed down. There is no other global state. Opened by the daemon
 * or, without one, by a command for the time it runs; the lock on the state
 * directory keeps them apart.
 */
#ifndef FAIRLEAD_CONTROLLER_CONTROLLER_H
#define FAIRLEAD_CONTROLLER_CONTROLLER_H

#include <pthread.h>

#include "base/workers.h"
#include "controller/admit.h"
#include "controller/journal.h"
#include "controller/settings.h"
#include "devices/device.h"
#include "diffing/diff.h"
#include "git/publish.h"

/* The Git side, as a table: the real one is controller/source.c over git/. */
struct publish_ops {
	/* As publish() of git/publish.h, onto the results branch. */
	int (*publish)(void *self, publish_render_fn render, void *ctx,
	    struct publish_result *out, struct err *err);
};

struct intent;
struct controller {
	struct settings settings;
	struct sys *sys;
	bool shared;			/* opened beside another process, without the lock */
	const char *self;		/* path of this binary, for git's helpers */
	const struct device_ops *devices;
	struct platforms *platforms;
	struct journal journal;
	const struct publish_ops *publish;
	struct admit *admit;
	struct workers *workers;
	uint8_t seal_key[SEAL_KEY_LEN];	/* of rollback copies */
	struct mask_key mask_key;	/* of fingerprints of masked secrets */

	pthread_mutex_t git_lock;	/* one Git transport at a time */
	pthread_mutex_t publish_lock;	/* one publisher of the outbox at a time */
	struct mirror *mirror;		/* the repository */
	struct mirror *results;		/* where results go; may be the same mirror */

	pthread_mutex_t lock;		/* of what follows */
	struct intent *latest;		/* newest one built */
	bool daemon;			/* recovery ran at start; set before threads */
	int runs;			/* run threads alive */
	pthread_cond_t runs_done;

	/* private */
	struct arena arena;
	int lock_fd;
};

/* Take the lock (ERR_LOCKED when another process has it), open journal, keys,
 * mirrors and definitions. Nothing is fetched and no device is touched. With
 * `shared` it goes without the lock, for operations that need no more than
 * API_SHARED. Problems of settings and definitions are added to ps. */
int controller_open(struct controller **out, const char *settings_file,
    const char *self, struct sys *sys, bool shared, struct problems *ps,
    struct err *err);
/* The other end of the helpers that git(1) calls: main() asks first thing
 * whether this process is one. True: *code is its exit code. */
bool controller_is_git_helper(int argc, char **argv, int *code);
/* Journal what must not be lost: while the disk is full or broken, again and
 * again. False when the process was told to stop meanwhile. */
bool controller_record(struct controller *c, const struct journal_write *w,
    const char *device);
/* Whether the lock is still the file of that name: somebody may have removed the
 * state directory, and another controller may work in a new one. */
bool controller_alone(const struct controller *c);
/* Waits for the runs that are under way, flushes nothing. */
void controller_close(struct controller *c);

#endif
