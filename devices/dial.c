/* SPDX-License-Identifier: Apache-2.0 */
/*
 * We dial ourselves because libssh takes the first address that does not fail
 * at once and never falls back to the next, and because the wait for a silent
 * host must not hold a place among the handshakes.
 */
#include "devices/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* libssh keeps the descriptor in 16 bits. */
#define FD_MAX 0xffff

static int
resolve(struct addrinfo **out, const char *address, int port, struct err *err)
{
	struct addrinfo hints;
	char service[16];
	int rc;

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV;
	snprintf(service, sizeof(service), "%d", port);
	if ((rc = getaddrinfo(address, service, &hints, out)) == 0)
		return 0;
	return err_set(err, ERR_UNREACHABLE, "%s: %s", address, gai_strerror(rc));
}

static void
set_int(int fd, int level, int option, int value)
{
	/* Each only makes a dead peer known sooner. */
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

static int
open_socket(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
	set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
	set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	return fd;
}

/* Wait for an event; 0, or an errno value. */
static int
wait_for(int fd, short events, struct sys *sys, struct mono deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left;
	int n;

	for (;;) {
		if ((left = mono_left_ms(sys, deadline)) == 0)
			return ETIMEDOUT;
		n = poll(&p, 1, sys_real_ms(sys, left));
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return errno;
	}
}

static int
socket_error(int fd)
{
	socklen_t len = sizeof(int);
	int e = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) != 0 ? errno : e;
}

/* One address; 0, or an errno value. */
static int
try_one(int fd, const struct addrinfo *ai, struct sys *sys, struct mono deadline)
{
	int e;

	if (connect(fd, ai->ai_addr, ai->ai_addrlen) != 0) {
		if (errno != EINPROGRESS)
			return errno;
		if ((e = wait_for(fd, POLLOUT, sys, deadline)) != 0 ||
		    (e = socket_error(fd)) != 0)
			return e;
	}
	return wait_for(fd, POLLIN, sys, deadline) == 0 ? 0 : EPROTO;
}

static int
say_why(const char *address, int port, int e, struct err *err)
{
	char text[128];

	if (e == EPROTO)
		return err_set(err, ERR_UNREACHABLE,
		    "%s port %d accepts the connection and then says nothing", address, port);
	if (e == EMFILE || e == ENFILE) {
		errno = e;
		return err_errno(err, ERR_FULL, "a connection to %s", address);
	}
	return err_set(err, ERR_UNREACHABLE, "%s port %d: %s", address, port,
	    text_errno(e, text));
}

int
dial(int *out, const char *address, int port, struct sys *sys, struct mono deadline,
    struct err *err)
{
	struct addrinfo *list = NULL;
	int fd = -1, rc, e = ETIMEDOUT, left = 0;

	if ((rc = resolve(&list, address, port, err)) != 0)
		return rc;
	for (struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next)
		left++;
	for (struct addrinfo *ai = list; ai != NULL; ai = ai->ai_next, left--) {
		struct mono share = mono_add_ms(sys_mono(sys), mono_left_ms(sys, deadline) / left);

		if ((fd = open_socket(ai)) < 0)
			e = errno;
		else if (fd > FD_MAX)
			e = EMFILE;
		else
			e = try_one(fd, ai, sys, share);
		if (e == 0)
			break;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		return say_why(address, port, e, err);
	*out = fd;
	return 0;
}
