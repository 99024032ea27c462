/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connecting and closing. Who owns the socket is the one subtle thing here:
 * libssh closes the descriptor we gave it when it receives a disconnect or the
 * socket fails, and leaves it open on a clean ssh_disconnect(). Closing it
 * blindly would sometimes close another session's socket that got the number
 * meanwhile. So: `guard` is a dup() of our own; the descriptor that libssh
 * still admits to just before the disconnect is closed by us; guard is last.
 *
 * At most HANDSHAKES key exchanges run at once in the process: more would only
 * make all of them slow, until devices hit their login grace time. The wait
 * for a slot needs no limit of its own, for each holder has one.
 */
#include "devices/session_private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devices/dial.h"

#define HANDSHAKES 64

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static int library_rc;
static sem_t handshakes;

static void
library_init(void)
{
	library_rc = ssh_init();
	ssh_set_log_level(SSH_LOG_NOLOG);
	if (library_rc == 0)
		library_rc = sem_init(&handshakes, 0, HANDSHAKES);
}

int
session_library_init(struct err *err)
{
	pthread_once(&library_once, library_init);
	if (library_rc != 0)
		return err_set(err, ERR_LIMIT, "the SSH library could not be prepared");
	return 0;
}

int
session_limit(struct session *s, struct mono deadline, struct err *err)
{
	int64_t left = mono_left_ms(s->sys, deadline);
	long seconds, micros;
	int ms;

	if (left == 0)
		return err_set(err, ERR_TIMEOUT, "it took too long");
	ms = sys_real_ms(s->sys, left);
	seconds = ms / 1000;
	micros = (long)(ms % 1000) * 1000;
	ssh_options_set(s->ssh, SSH_OPTIONS_TIMEOUT, &seconds);
	ssh_options_set(s->ssh, SSH_OPTIONS_TIMEOUT_USEC, &micros);
	return 0;
}

int
session_fail(struct session *s, int rc, int code, struct err *err, const char *what)
{
	struct buf why = BUF_INIT;

	if (rc == SSH_AGAIN)
		return err_set(err, ERR_TIMEOUT, "%s: it did not answer in time", what);
	/* A library's text may quote the peer. */
	text_visible(&why, span_str(ssh_get_error(s->ssh)), false);
	err_set(err, code, "%s: %.300s", what, buf_str(&why));
	buf_release(&why);
	return code;
}

/* Key types in the order to ask for: the pinned ones first, then the others,
 * so that a device whose key type changed is told from one without any. */
static void
host_key_types(const struct device_target *t, struct buf *out)
{
	static const char *const known[] = { "ssh-ed25519", "ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa" };
	const size_t n = sizeof(known) / sizeof(known[0]);
	char pinned[256] = "";
	bool taken[5] = { false };
	const char *algorithm;

	if (t->pins.types != NULL)
		t->pins.types(t->pins.ctx, t->name, pinned, sizeof(pinned));
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < n; i++) {
			if (taken[i] || (round == 0 && strstr(pinned, known[i]) == NULL))
				continue;
			taken[i] = true;
			/* SHA-1 signatures are not asked for. */
			algorithm = strcmp(known[i], "ssh-rsa") == 0 ?
			    "rsa-sha2-512,rsa-sha2-256" : known[i];
			buf_addf(out, "%s%s", out->len > 0 ? "," : "", algorithm);
		}
}

static int
set_options(struct session *s, const struct device_target *t, const char *address, int fd,
    struct err *err)
{
	struct buf types = BUF_INIT;
	unsigned port = (unsigned)t->port;
	bool no = false;
	int rc;

	host_key_types(t, &types);
	rc = ssh_options_set(s->ssh, SSH_OPTIONS_HOST, address) |
	    ssh_options_set(s->ssh, SSH_OPTIONS_PORT, &port) |
	    ssh_options_set(s->ssh, SSH_OPTIONS_FD, &fd) |
	    ssh_options_set(s->ssh, SSH_OPTIONS_PROCESS_CONFIG, &no) |
	    ssh_options_set(s->ssh, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") |
	    ssh_options_set(s->ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") |
	    ssh_options_set(s->ssh, SSH_OPTIONS_HOSTKEYS, buf_str(&types));
	if (rc == 0 && t->credential != NULL && t->credential->user != NULL)
		rc = ssh_options_set(s->ssh, SSH_OPTIONS_USER, t->credential->user);
	buf_release(&types);
	return rc == 0 ? 0 : session_fail(s, SSH_ERROR, ERR_USAGE, err, "SSH options");
}

static int
read_host_key(struct session *s, struct host_key *out, struct err *err)
{
	unsigned char *hash = NULL;
	ssh_key key = NULL;
	char *text = NULL;
	size_t n = 0;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	if (ssh_get_server_publickey(s->ssh, &key) != SSH_OK ||
	    ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &n) != 0 ||
	    (text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, n)) == NULL) {
		rc = session_fail(s, SSH_ERROR, ERR_HOSTKEY, err, "host key");
		goto out;
	}
	snprintf(out->type, sizeof(out->type), "%s", ssh_key_type_to_char(ssh_key_type(key)));
	snprintf(out->fingerprint, sizeof(out->fingerprint), "%s", text);
out:
	ssh_string_free_char(text);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return rc;
}

static int
judge_host_key(struct session *s, const struct device_target *t, const char *address,
    struct err *err)
{
	struct host_key key;
	int rc;

	if ((rc = read_host_key(s, &key, err)) != 0)
		return rc;
	switch (t->pins.check(t->pins.ctx, t->name, &key)) {
	case PIN_MATCH:
		return 0;
	case PIN_UNKNOWN:
		err_set(err, ERR_HOSTKEY, "no host key is known for it; %s shows %s %s", address,
		    key.type, key.fingerprint);
		err_next(err, "compare the fingerprint with the device's own, then "
		    "`fairlead trust %s`", t->name);
		return ERR_HOSTKEY;
	default:
		err_set(err, ERR_HOSTKEY, "the host key has changed: %s shows %s %s, which is not "
		    "the known one", address, key.type, key.fingerprint);
		err_next(err, "find out why before anything else; when the device was "
		    "replaced, `fairlead trust %s`", t->name);
		return ERR_HOSTKEY;
	}
}

/* Key exchange, host key, login. `only` set: the host key is all that is
 * wanted. */
static int
handshake(struct session *s, const struct device_target *t, const char *address,
    struct mono deadline, struct host_key *only, struct err *err)
{
	int rc;

	if ((rc = session_limit(s, deadline, err)) != 0)
		return rc;
	if ((rc = ssh_connect(s->ssh)) != SSH_OK) {
		session_fail(s, rc, ERR_UNREACHABLE, err, "SSH key exchange");
		if (err != NULL)
			err->code = ERR_UNREACHABLE;
		return ERR_UNREACHABLE;
	}
	if (only != NULL)
		return read_host_key(s, only, err);
	if ((rc = judge_host_key(s, t, address, err)) != 0)
		return rc;
	return session_login(s, t->credential, deadline, err);
}

static int
establish(struct session **out, const struct device_target *t, const char *address,
    struct host_key *only, struct err *err)
{
	struct mono deadline = mono_add_ms(sys_mono(t->sys), t->connect_ms);
	struct session *s = NULL;
	int fd = -1, rc;

	*out = NULL;
	if ((rc = session_library_init(err)) != 0 ||
	    (rc = dial(&fd, address, t->port, t->sys, deadline, err)) != 0)
		return rc;
	s = mem_zalloc(sizeof(*s));
	s->sys = t->sys;
	s->silence_ms = t->silence_ms;
	s->command_ms = t->command_ms;
	s->guard = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	s->ssh = ssh_new();
	if (s->guard < 0 || s->ssh == NULL) {
		rc = err_errno(err, ERR_FULL, "a session to %s", address);
		close(fd);
		goto out;
	}
	if ((rc = set_options(s, t, address, fd, err)) != 0) {
		close(fd);
		goto out;
	}
	while (sem_wait(&handshakes) != 0 && errno == EINTR)
		;
	/* What was spent waiting for a slot is not the device's fault. */
	deadline = mono_add_ms(sys_mono(t->sys), t->connect_ms);
	rc = handshake(s, t, address, deadline, only, err);
	sem_post(&handshakes);
	if (rc == 0) {
		*out = s;
		s = NULL;
	}
out:
	session_close(s);
	return rc;
}

int
session_open(struct session **out, const struct device_target *t, const char *address,
    struct err *err)
{
	return establish(out, t, address, NULL, err);
}

int
session_host_key(const struct device_target *t, const char *address, struct host_key *out,
    struct err *err)
{
	struct session *s = NULL;
	int rc = establish(&s, t, address, out, err);

	session_close(s);
	return rc;
}

void
session_close(struct session *s)
{
	int left = -1;

	if (s == NULL)
		return;
	if (s->shell != NULL)
		ssh_channel_free(s->shell);
	if (s->ssh != NULL) {
		/* Before the handshake began it has no socket: -1. */
		left = ssh_get_fd(s->ssh);
		ssh_disconnect(s->ssh);
		ssh_free(s->ssh);
	}
	if (left >= 0)
		close(left);
	if (s->guard >= 0)
		close(s->guard);
	free(s);
}

struct transport
session_transport(struct session *s)
{
	return (struct transport){ session_exec, session_upload, s };
}

int
session_keepalive(struct session *s, struct err *err)
{
	struct mono deadline = mono_add_ms(sys_mono(s->sys), s->silence_ms);
	int rc;

	if ((rc = session_limit(s, deadline, err)) != 0)
		return rc;
	if (!ssh_is_connected(s->ssh) || ssh_send_ignore(s->ssh, "keepalive") != SSH_OK)
		return session_fail(s, SSH_ERROR, ERR_CLOSED, err, "keepalive");
	return 0;
}
