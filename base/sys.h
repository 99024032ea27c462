/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct sys: the operating system as a table of functions. Production uses
 * sys_real(); tests put clocks that jump and disks that fail in its place.
 *
 * Time is a type: monotonic and wall time cannot be mixed up.
 */
#ifndef FAIRLEAD_BASE_SYS_H
#define FAIRLEAD_BASE_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/* Nanoseconds of a clock that never jumps; only differences mean anything. */
struct mono {
	int64_t ns;
};
/* Microseconds since 1970-01-01 UTC; may jump, for people and for disk. */
struct wall {
	int64_t us;
};

struct sys {
	struct mono (*mono)(struct sys *sys);
	struct wall (*wall)(struct sys *sys);
	/* Sleep until t; returns early only when a signal was handled in this
	 * thread, which happens in main alone: it is told to stop. */
	void (*sleep_until)(struct sys *sys, struct mono t);
	/* Fill p with random bytes; ends the process if the system has none. */
	void (*random)(struct sys *sys, void *p, size_t n);
	int (*open)(struct sys *sys, const char *path, int flags, mode_t mode);
	ssize_t (*write)(struct sys *sys, int fd, const void *p, size_t n);
	int (*fsync)(struct sys *sys, int fd);
	int (*rename)(struct sys *sys, const char *from, const char *to);
	int scale;		/* --time-scale: time runs this many times faster */
};

/* The real one. One object for the life of the process. */
struct sys *sys_real(void);
/* Make time run `scale` times faster from now on (tests: a device minute
 * lasts a second). Call once, before threads. */
void sys_set_scale(struct sys *sys, int scale);

struct mono sys_mono(struct sys *sys);
struct wall sys_wall(struct sys *sys);
struct mono mono_add_ms(struct mono t, int64_t ms);
/* Milliseconds from now until t (of this sys's clock); 0 when past. */
int64_t mono_left_ms(struct sys *sys, struct mono t);
int64_t mono_diff_ms(struct mono later, struct mono earlier);
void sys_sleep_ms(struct sys *sys, int64_t ms);
/* How long poll(2) and libraries must wait, in real milliseconds, so that
 * `ms` of this sys's clock pass: ms divided by the scale, at least 1. */
int sys_real_ms(const struct sys *sys, int64_t ms);

/* RFC 3339 in UTC with milliseconds, "2026-11-21T10:15:12.227Z". */
const char *wall_str(struct wall t, char out[32]);
/* Parse what wall_str() writes (fraction optional). */
bool wall_parse(const char *s, struct wall *out);

/*
 * Files. All writes of state go through these.
 */
/* Write a file whole, so that after a crash it is the old or the new one:
 * temporary beside it, fsync, rename, fsync of the directory. */
int file_write_atomic(struct sys *sys, const char *path, const void *p, size_t len,
    mode_t mode, struct err *err);
/* Read at most max bytes; ERR_LIMIT when longer, ERR_NOTFOUND when absent.
 * *out is heap memory with a NUL after its *len bytes; free() it. */
int file_read(const char *path, size_t max, char **out, size_t *len, struct err *err);
/* mkdir -p; new parts get `mode`. */
int file_mkdirs(const char *path, mode_t mode, struct err *err);
/* Remove a directory tree (never follows symlinks). Missing is fine. */
int file_rmtree(const char *path, struct err *err);
/* Take an exclusive lock on a file, creating it; the descriptor holds the
 * lock until closed. ERR_LOCKED when another process has it. */
int file_lock(const char *path, int *fd, struct err *err);

#endif
