/* SPDX-License-Identifier: Apache-2.0 */
/* What session.c, session_auth.c, session_channel.c and session_sftp.c share. */
#ifndef FAIRLEAD_DEVICES_SESSION_PRIVATE_H
#define FAIRLEAD_DEVICES_SESSION_PRIVATE_H

#include <libssh/libssh.h>

#include "devices/session.h"

struct session {
	ssh_session ssh;
	ssh_channel shell;
	int guard;		/* our own descriptor of the socket, see session.c */
	struct sys *sys;
	int64_t silence_ms, command_ms;
};

/* Give libssh until the deadline for its next call. ERR_TIMEOUT when past. */
int session_limit(struct session *s, struct mono deadline, struct err *err);
/* The error of a libssh call that returned rc: SSH_AGAIN is a deadline. */
int session_fail(struct session *s, int rc, int code, struct err *err, const char *what);

/* session_auth.c: log in. */
int session_login(struct session *s, const struct credential *c, struct mono deadline,
    struct err *err);
/* session_channel.c */
int session_exec(void *ctx, const char *command, int64_t timeout_ms,
    struct exec_reply *reply, struct err *err);
/* session_sftp.c */
int session_upload(void *ctx, const char *path, int64_t mode, struct span text,
    int64_t timeout_ms, struct err *err);

#endif
