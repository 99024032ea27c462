/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated device: its configurations, its configuration sessions with
 * the one commit timer, its life (boot, reboot), its faults, and the record
 * of everything it ever ran.
 *
 * Everything here is guarded by device.lock, which the caller holds unless
 * said otherwise; nobody sleeps or does network I/O under it. The timer
 * thread (lab/server.c) calls device_tick(); every function that looks at
 * time calls it too, so a late thread changes nothing.
 */
#ifndef FAIRLEAD_LAB_DEVICE_H
#define FAIRLEAD_LAB_DEVICE_H

#include <pthread.h>

#include "base/sys.h"
#include "lab/dialect.h"
#include "lab/fault.h"

enum session_state { SESSION_PENDING, SESSION_TIMER, SESSION_COMMITTED, SESSION_ABORTED };

#define SESSION_NAME 128
struct session {
	struct session *next;
	char name[SESSION_NAME];
	enum session_state state;
	struct node *tree;	/* the candidate while pending, else NULL */
	char user[64];		/* who is inside, or was */
	int line;		/* vty of who is inside; 0: nobody */
	char committed_by[64];
	struct wall completed;
	struct mono touched;	/* pending ones are dropped after a day */
};

struct stats {
	int64_t connections, logins, refused, open;
	int64_t commands, turns;	/* turns: input after output */
	int64_t bytes_in, bytes_out;
	int64_t boots, commits, reverts;
};

enum act { ACT_NONE, ACT_DROP, ACT_STALL };

struct conn;

struct device {
	const struct dialect *dialect;
	struct sys *sys;
	char *name;
	char *dir;		/* history and configurations; NULL: kept nowhere */
	char version[32];
	char serial[24], mac[16];	/* mac: 12 hex digits */
	pthread_mutex_t lock;
	pthread_cond_t wake;	/* reachability, faults or life changed */

	struct node *running, *clean;
	char *startup;		/* text */
	struct wall saved;
	char saved_by[64];
	char *birth_management;	/* see dialect.management */
	bool unmanaged;		/* what runs differs from that: nobody gets through */
	struct node *birth;	/* for user_secret: the initial configuration */
	const char *password, *enable_password;	/* borrowed; of the lab's user */
	const char *user;

	struct session *sessions;	/* in order of their making */
	struct session *armed;		/* the one whose timer runs, or NULL */
	struct node *checkpoint;	/* what comes back when it expires */
	struct mono expires;
	char **used;			/* names committed since boot */
	size_t n_used;

	struct mono booted;
	struct wall booted_at;
	struct mono up_at;		/* down until then */
	bool down;
	struct wall last_login;
	char last_from[64];
	struct lab_faults faults;
	char refusal[FAULT_TEXT + 32];	/* of the last commit that a fault refused */
	struct stats stats;
	struct buf seen;		/* last lines it was told, for ctl */
	int next_line;			/* vty numbers */

	/* The server's: called with the lock held. */
	struct conn *conns;
	bool closing;			/* the lab ends: serve nobody any more */
	void (*kill)(struct device *dev);	/* end all connections */
	void (*timer_changed)(void *ctx);	/* device_next() may be sooner now */
	void *server;
};

struct device_options {
	const struct dialect *dialect;
	struct sys *sys;
	const char *name;
	const char *dir;	/* made when absent; NULL: nothing on disk */
	const char *config;	/* initial configuration text */
	const char *version;	/* NULL: the dialect's */
	const char *user, *password, *enable_password;	/* borrowed */
	int index;		/* from 1; makes serial number and MAC */
};

/* Boot a device from its initial configuration, which becomes its startup
 * too. Lines that it refuses are logged. The device needs no lock yet. */
int device_new(struct device **out, const struct device_options *o, struct err *err);
void device_free(struct device *dev);	/* nobody else knows it any more */

void device_lock(struct device *dev);
void device_unlock(struct device *dev);

/* Let what is due happen. */
void device_tick(struct device *dev);
/* When something will be due that others can see; false: nothing. */
bool device_next(struct device *dev, struct mono *when);

/* Sessions. All return NULL, or the line the device prints instead. */
const char *session_enter(struct device *dev, const char *name, const char *user, int line,
    struct session **out);
struct session *session_find(struct device *dev, const char *name);
void session_leave(struct device *dev, const char *name, int line);
/* timer_ms 0: for good. Of a session whose timer runs: confirm, or wind the
 * timer up again. */
const char *session_commit(struct device *dev, struct session *s, int64_t timer_ms,
    const char *user);
const char *session_abort(struct device *dev, struct session *s, const char *user);
int64_t session_left_ms(struct device *dev);	/* of the armed one */
int64_t session_limit(const struct device *dev);	/* how many may be pending */

/* The running configuration was edited in place. */
void device_edited(struct device *dev, const char *why, const char *user);
/* Edit it in place with these lines; errors go to the buffer. */
void device_edit(struct device *dev, struct span lines, const char *user, struct buf *errors);
/* NULL, or why not. */
const char *device_save(struct device *dev, const char *user);
/* Reboot: sessions and connections are gone, startup is loaded; it is down
 * for down_ms. */
void device_reboot(struct device *dev, int64_t down_ms, const char *why);

/* A step of the conversation is to begin (after: is done). */
enum act device_step(struct device *dev, enum step step, bool after);
/* Add a fault and let it take effect. */
int device_fault(struct device *dev, const struct lab_fault *f, struct err *err);
void device_fault_clear(struct device *dev);
/* Whether its management address answers; hard: not even what was written
 * already arrives. */
bool device_reachable(struct device *dev, bool *hard);
/* The name it goes by; serial number too when a fault changes it. */
void device_hostname(struct device *dev, char *out, size_t size);
const char *device_serial(const struct device *dev);
/* Whether this password opens this user's session. */
bool device_password_ok(struct device *dev, const char *user, const char *password);
bool device_user_ok(struct device *dev, const char *user);	/* keys */
/* Keep a line of what it was told. */
void device_saw(struct device *dev, const char *user, int line, const char *text);
int64_t device_uptime_ms(struct device *dev);

/* history.c: write down what runs now and why; files running.cfg,
 * startup.cfg, history.jsonl, configs/<sha256>.cfg. */
void history_running(struct device *dev, const char *why, const char *user,
    const char *session);
void history_startup(struct device *dev, const char *why, const char *user);
int history_open(struct device *dev, struct err *err);

#endif
