/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device, as the job sees it: a table of functions over an open session.
 * The one instance that ships is the interpreter of platform definitions over
 * SSH (device_ssh_ops()); tests and other transports bring their own.
 *
 * All functions block, each within the target's deadlines, and are called by
 * one thread at a time per device. After ERR_CLOSED, ERR_TIMEOUT or
 * ERR_UNREACHABLE the session is dead: close it. What a device says comes back
 * in err->text, made visible and masked.
 */
#ifndef FAIRLEAD_DEVICES_DEVICE_H
#define FAIRLEAD_DEVICES_DEVICE_H

#include "base/secret.h"
#include "devices/platform.h"

/* How to log in. Secrets are owned by whoever built it. */
struct credential {
	const char *name;
	const char *user;
	const struct secret *password;	/* or NULL */
	const char *key_file;		/* private key, or NULL */
	const struct secret *key_passphrase;	/* or NULL */
	const struct secret *enable;	/* privilege password, or NULL */
};

/* What is known of a host key. */
enum pin_verdict { PIN_MATCH, PIN_UNKNOWN, PIN_CHANGED };
/* SHA-256 of the public key blob as OpenSSH prints it: "SHA256:" and unpadded
 * base64 (RFC 4648, section 4). */
struct host_key {
	char type[64];		/* "ssh-ed25519" */
	char fingerprint[64];
};
struct pin_check {
	enum pin_verdict (*check)(void *ctx, const char *device, const struct host_key *key);
	void *ctx;
	/* Key types pinned for the device, preferred first, so that negotiation
	 * asks for what is pinned; "" for none. out holds size bytes. */
	void (*types)(void *ctx, const char *device, char *out, size_t size);
};

struct device_target {
	const char *name;		/* of the inventory */
	const struct platform *platform;
	const char *const *addresses;	/* tried in order; name or literal address */
	size_t n_addresses;
	bool first_address_only;	/* the proof after arm must use the first */
	int port;
	const struct credential *credential;
	struct pin_check pins;
	const char *serial;		/* expected, or NULL: not checked */
	const char *const *var_keys, *const *var_values;	/* of the inventory */
	size_t n_vars;
	const char *instance;		/* in session and file names on the device */
	int64_t connect_ms;		/* TCP and key exchange and login */
	int64_t silence_ms;		/* longest silence while a command runs */
	int64_t command_ms;		/* longest time of one command */
	size_t max_output;		/* bytes of one command's output */
	struct sys *sys;
};

struct device;			/* an open session, logged in, prompt learned */

struct device_identity {
	char hostname[256];
	char serial[128];	/* "" when the platform does not say */
	char version[128];
	char model[128];
	char address[256];	/* the one that answered */
};

/*
 * A change on its way: the values that name it on the device (session name,
 * staged file, stamps read before and after). The job journals it as JSON
 * before and after each step that can alter it, so that another process can
 * find out from the device what became of it.
 */
struct device_change;
struct device_change *device_change_new(const char *id);	/* [a-z0-9]{1,32}, unique */
void device_change_free(struct device_change *c);
/* The timer it was armed with, in ms; 0 when it was not. */
int64_t device_change_timer(const struct device_change *c);
void device_change_json(const struct device_change *c, struct buf *out);
int device_change_parse(struct device_change **out, struct span json, struct err *err);

enum device_pending {
	PENDING_NONE,
	PENDING_OURS,		/* this change's timer is running */
	PENDING_FOREIGN,	/* somebody else's timer or lock */
};
struct device_pending_info {
	enum device_pending state;
	int64_t left_ms;	/* until the device reverts; -1: it does not say */
	char what[256];		/* the device's words */
};

/* What became of an armed change, as far as the device can tell. */
enum device_outcome {
	OUTCOME_UNKNOWN,	/* ask somebody */
	OUTCOME_COMPARE,	/* nothing pending; running tells (old or new) */
	OUTCOME_PENDING,	/* armed and not confirmed: the timer runs */
	OUTCOME_CONFIRMED,	/* confirmed; save may still be due */
	OUTCOME_REVERTED,	/* the old configuration runs */
	OUTCOME_RESTARTED,	/* it restarted meanwhile, with the saved one */
	OUTCOME_STAGED,		/* it is on the device and not active; but where the
				 * device lists a reverted one so too, it was */
};

struct device_ops {
	/* Connect, check the host key before any credential is sent, log in,
	 * learn the prompt, prepare the terminal, read the identity and compare
	 * it (hostname with target->name where the platform says so, serial). */
	int (*open)(struct device **out, const struct device_target *t, struct err *err);
	void (*close)(struct device *d);	/* NULL is fine */
	const struct device_identity *(*identity)(const struct device *d);

	/* Keep an idle session alive. */
	int (*keepalive)(struct device *d, struct err *err);
	/* Whether a timed commit or lock is in the way; c NULL: nothing is ours. */
	int (*pending)(struct device *d, const struct device_change *c,
	    struct device_pending_info *out, struct err *err);
	/* The running configuration, without what the platform strips. */
	int (*running)(struct device *d, struct buf *out, struct err *err);
	/* Whether what would be loaded at a restart is what runs now: *same.
	 * Platforms without a startup configuration answer true. */
	int (*startup_same)(struct device *d, bool *same, struct err *err);
	/* A command of the platform's `run` verb, for checks and people. */
	int (*run)(struct device *d, const char *command, struct buf *out, struct err *err);

	/* Put the candidate on the device, invisible to forwarding. Leftovers of
	 * our own earlier changes are removed first. */
	int (*stage)(struct device *d, struct device_change *c, struct span candidate,
	    struct err *err);
	/* The device's own words on what would change; empty when it has none. */
	int (*diff)(struct device *d, struct device_change *c, struct buf *out, struct err *err);
	/* The device's own commit-check. ERR_REJECTED with its words. */
	int (*check)(struct device *d, struct device_change *c, struct err *err);
	/* Activate under the device's own timer. On any error the outcome is
	 * unknown: ask outcome(). */
	int (*arm)(struct device *d, struct device_change *c, int64_t timer_ms, struct err *err);
	/* What runs now, read back as proof while armed (most platforms: the
	 * same as running). */
	int (*readback)(struct device *d, struct device_change *c, struct buf *out,
	    struct err *err);
	int (*confirm)(struct device *d, struct device_change *c, struct err *err);
	/* Revert now: before or after the timer would. Where the device cannot
	 * prove that what is armed is ours (the answer to arm was lost), this
	 * waits for its timer instead. ERR_UNSUPPORTED when the device says
	 * that it is confirmed already. */
	int (*revert)(struct device *d, struct device_change *c, struct err *err);
	/* Remove what stage() left, when the change was not armed or is over. */
	int (*discard)(struct device *d, struct device_change *c, struct err *err);
	/* Make it survive a restart; nothing when that was done before. */
	int (*save)(struct device *d, struct device_change *c, struct err *err);
	/* After a crash, or when arm or confirm lost its answer. ERR_NOTFOUND
	 * when the change never came to staging. */
	int (*outcome)(struct device *d, struct device_change *c, enum device_outcome *out,
	    struct err *err);
};

const struct device_ops *device_ssh_ops(void);

/* The host key a device shows, without logging in: for `fairlead trust`. */
int device_host_key(const struct device_target *t, struct host_key *out, struct err *err);

/* Process-wide preparation of the SSH library. Once, before threads; the
 * process must ignore SIGPIPE. */
int device_init(struct err *err);

#endif
