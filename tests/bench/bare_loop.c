/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bare loop: what reading running configurations costs at the very least
 * with libssh and as many threads as Fairlead has workers. It connects, logs
 * in with a password, switches paging off, reads `show running-config` and
 * leaves. It checks no host key, learns no prompt, asks the device for no name,
 * knows no error: the yardstick that run.sh holds Fairlead against, in the
 * same run and over the same devices. What it lacks, it lacks on purpose.
 * With --turns it sends the same commands as Fairlead, and with --quiet it also
 * waits for quiet before it believes a prompt: so what the dialogue costs is
 * told from what the engine costs.
 */
#include <libssh/libssh.h>

#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"

#define HANDSHAKES 64		/* as devices/session.c */
#define TIMEOUT_S 60L
#define QUIET_MS 10		/* QUIET_SURE_MS of devices/ */
#define MAX_OUTPUT ((size_t)32 << 20)

static const char *user, *password;
static sem_t handshakes;

struct reply {
	char *text;
	size_t len, size;
};

bool
loop_prepare(const char *u, const char *p)
{
	user = u;
	password = p;
	return ssh_init() == 0 && sem_init(&handshakes, 0, HANDSHAKES) == 0;
}

static ssh_session
open_session(const struct loop_target *t)
{
	ssh_session s = ssh_new();
	bool no = false;
	int yes = 1;
	long timeout = TIMEOUT_S;

	ssh_options_set(s, SSH_OPTIONS_HOST, t->address);
	ssh_options_set(s, SSH_OPTIONS_PORT, &t->port);
	ssh_options_set(s, SSH_OPTIONS_USER, user);
	ssh_options_set(s, SSH_OPTIONS_TIMEOUT, &timeout);
	ssh_options_set(s, SSH_OPTIONS_NODELAY, &yes);
	ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(s, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	ssh_options_set(s, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	sem_wait(&handshakes);
	if (ssh_connect(s) != SSH_OK ||
	    ssh_userauth_password(s, NULL, password) != SSH_AUTH_SUCCESS) {
		fprintf(stderr, "%s: %s\n", t->name, ssh_get_error(s));
		ssh_free(s);
		s = NULL;
	}
	sem_post(&handshakes);
	return s;
}

/* A privileged prompt stands on the last line. */
static bool
at_prompt(const struct reply *r)
{
	const char *end = r->text + r->len, *line;

	if (r->len < 2 || end[-1] != '#')
		return false;
	line = memrchr(r->text, '\n', r->len);
	if (line == NULL)
		line = r->text;
	return memchr(line, ' ', (size_t)(end - line)) == NULL;
}

static bool
read_reply(ssh_channel ch, struct reply *r)
{
	char chunk[16384];
	int n;

	r->len = 0;
	do {
		n = ssh_channel_read_timeout(ch, chunk, sizeof(chunk), 0,
		    (int)TIMEOUT_S * 1000);
		if (n <= 0 || r->len + (size_t)n > MAX_OUTPUT)
			return false;
		if (r->len + (size_t)n > r->size) {
			r->size = 2 * (r->len + (size_t)n);
			r->text = realloc(r->text, r->size);
			if (r->text == NULL)
				abort();
		}
		memcpy(r->text + r->len, chunk, (size_t)n);
		r->len += (size_t)n;
	} while (!at_prompt(r));
	return !loop_quiet ||
	    ssh_channel_read_timeout(ch, chunk, sizeof(chunk), 0, QUIET_MS) == 0;
}

static bool
command(ssh_channel ch, const char *line, struct reply *r)
{
	int n = (int)strlen(line);

	return ssh_channel_write(ch, line, (uint32_t)n) == n && read_reply(ch, r);
}

static bool
read_running(ssh_session s, struct reply *r)
{
	static const char *const turns[] = { "\r", "terminal length 0\r",
		"terminal width 511\r", "show hostname\r", "show version\r" };
	ssh_channel ch = ssh_channel_new(s);
	bool ok;

	ok = ch != NULL && ssh_channel_open_session(ch) == SSH_OK &&
	    ssh_channel_request_pty_size(ch, "vt100", 511, 100) == SSH_OK &&
	    ssh_channel_request_shell(ch) == SSH_OK && read_reply(ch, r);
	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]) && ok; i++)
		if (loop_turns || i == 1)
			ok = command(ch, turns[i], r);
	return ok && command(ch, "show running-config\r", r);
}

bool
loop_read(const struct loop_target *t, struct loop_session *out)
{
	struct reply r = { NULL, 0, 0 };
	ssh_session s = open_session(t);
	bool ok = s != NULL && read_running(s, &r);

	if (s != NULL && !ok)
		fprintf(stderr, "%s: %s\n", t->name, ssh_get_error(s));
	out->handle = s;
	out->bytes = r.len;
	free(r.text);
	return ok;
}

void
loop_close(struct loop_session *s)
{
	if (s->handle == NULL)
		return;
	ssh_disconnect(s->handle);
	ssh_free(s->handle);
}
