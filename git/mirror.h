/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mirror: a bare repository under the state directory and the remote it
 * follows. git(1) is the transport, run as a child without a shell, with a
 * deadline, a closed configuration (no system or user config, no hooks, no
 * redirects, only the protocol of the configured URL, fsck of what arrives)
 * and a file size limit. Secrets never stand in its arguments or URL: GIT_SSH
 * and GIT_ASKPASS name our own binary (git_child_main()), which reads them
 * where the settings say. (A token that the operator keeps in an environment
 * variable stays in that variable.)
 *
 * All functions block up to the deadline; one thread at a time per mirror.
 */
#ifndef FAIRLEAD_GIT_MIRROR_H
#define FAIRLEAD_GIT_MIRROR_H

#include "base/secret.h"
#include "git/repo.h"

struct mirror_settings {
	const char *dir;	/* bare repository; created when missing */
	const char *url;	/* file://, an absolute path, ssh://, user@host:path, https:// */
	const char *self;	/* path of the fairlead binary, for GIT_SSH and GIT_ASKPASS */
	int64_t timeout_ms;	/* deadline of one transport command */
	int64_t max_bytes;	/* largest pack file accepted */
	/* ssh: key file (0600) or the agent when NULL; host keys are always
	 * checked against known_hosts. */
	const char *ssh_key;
	const char *ssh_known_hosts;	/* NULL: ~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts */
	/* https: user name and token; the token is read by the askpass child */
	const char *https_user;		/* NULL: "oauth2" */
	struct secret_source https_token; /* all NULL: the remote asks for none */
	const char *https_ca;		/* CA bundle, or NULL: the system's */
	bool shared;			/* another process works in it: sweep nothing */
};

struct mirror;
/* Creates or opens the repository, and removes what a killed git left in it.
 * Refuses (ERR_USAGE) other URL schemes and URLs with a password (https: or a
 * user name, which may be a token) in them, saying where to put it. */
int mirror_open(struct mirror **out, const struct mirror_settings *s, struct sys *sys,
    struct err *err);
void mirror_close(struct mirror *m);
/* For repo_open(). */
const char *mirror_dir(const struct mirror *m);

/* What the remote's branch is now: one ref advertisement, nothing fetched.
 * ERR_HISTORY when the branch (or the whole repository) is empty or missing,
 * ERR_REMOTE when the remote is away, refuses, or is silent. */
int mirror_remote_head(struct mirror *m, const char *branch, struct oid *out,
    struct err *err);
/* Bring a branch up to date under refs/remotes/origin/ (and, when notes is
 * true, refs/notes/fairlead under its own name). The old value is kept in *was
 * (none at first); a branch that is not a descendant of `was` is fetched all
 * the same, under refs/rewritten/<branch>, and ERR_HISTORY says so with *was
 * and *now filled: refs/remotes/origin stays. ERR_HISTORY with *now none: the
 * branch is missing. ERR_LIMIT: more than max_bytes; ERR_CONTENT: malformed
 * objects; ERR_REMOTE; ERR_FULL. */
int mirror_fetch(struct mirror *m, const char *branch, bool notes, struct oid *was,
    struct oid *now, struct err *err);
/* Accept a rewritten branch: refs/remotes/origin/<branch> follows it to `head`.
 * ERR_NOTFOUND when none is waiting, ERR_RACE when it is elsewhere by now. */
int mirror_accept_rewrite(struct mirror *m, const char *branch, const struct oid *head,
    struct err *err);

/* Pack loose objects and merge small packs: fetches and publishing leave many,
 * and nothing else ever packs them. For an idle hour; readers in other threads
 * are not disturbed. */
int mirror_maintain(struct mirror *m, int64_t timeout_ms, struct err *err);

/* The other end of GIT_SSH and GIT_ASKPASS: main() calls it first thing when
 * the environment holds FAIRLEAD_GIT_CHILD; it does not return for ssh. */
int git_child_main(int argc, char **argv);

#endif
