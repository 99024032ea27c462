/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSH sessions: the only files that know libssh are session*.c. A session is
 * used by one thread at a time; different sessions by different threads at all
 * times. Every call ends within the target's limits; when one says
 * ERR_TIMEOUT, ERR_CLOSED or ERR_UNREACHABLE the session is dead.
 */
#ifndef FAIRLEAD_DEVICES_SESSION_H
#define FAIRLEAD_DEVICES_SESSION_H

#include "devices/device.h"
#include "devices/expect.h"
#include "devices/steps.h"

struct session;

/* Process-wide preparation; done by the first session as well. */
int session_library_init(struct err *err);

/* Connect to one address, check the host key, log in. The host key is judged
 * before any credential is sent: ERR_HOSTKEY. ERR_AUTH when the login is
 * refused; other failures are ERR_UNREACHABLE, and another address may do. */
int session_open(struct session **out, const struct device_target *t, const char *address,
    struct err *err);
/* The host key only, without logging in. */
int session_host_key(const struct device_target *t, const char *address,
    struct host_key *out, struct err *err);
void session_close(struct session *s);

/* An interactive shell on a terminal; once a session. The wire is good until
 * session_close(). */
int session_shell(struct session *s, const char *type, int columns, int rows,
    struct wire *out, struct err *err);
/* exec and upload over this session, as the interpreter wants them. */
struct transport session_transport(struct session *s);
/* Something on the line, so that nobody between us forgets the session. */
int session_keepalive(struct session *s, struct err *err);

#endif
