/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of one connection, straight down: refuse or be silent if a fault
 * says so, key exchange, login, then bytes to the dialect's terminal and
 * back, with the faults of the wire on the way out.
 *
 * libssh calls back for login and channel events; the callbacks only note
 * what happened. Bytes are handed to the terminal outside of them, so that
 * writing (which may read) never comes back into it.
 *
 * `guard` is a second descriptor of the socket: another thread may shut it
 * down (device.kill) without ever touching a number that was reused.
 */
#include "lab/conn.h"

#include <errno.h>
#include <libssh/callbacks.h>
#include <libssh/server.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

enum {
	LOGIN_MS = 120000,	/* real time to log in */
	MAX_TRIES = 6,
	MAX_INPUT = 64 << 20,
	LOOKALIKE_MS = 150,
	GOODBYE_MS = 2000,	/* real time for the client to close */
};

struct conn {
	struct conn *next;	/* of its device; under its lock */
	const struct door *door;
	struct device *dev;
	int guard;
	bool killed;		/* under the device's lock */
	const char *from;

	ssh_session ssh;
	ssh_channel channel;
	ssh_event event;
	struct ssh_server_callbacks_struct server_cb;
	struct ssh_channel_callbacks_struct channel_cb;
	char user[64];
	int tries;
	bool greeted, authenticated, shell;
	bool eof, closed;	/* nothing more to read; nothing more at all */
	char *command;		/* of an exec request */
	bool tty;
	int width, rows;
	bool resized;
	struct buf in;		/* arrived, not yet handed over */
	struct cli *cli;
	int64_t received, sent;
	bool spoke;		/* we wrote since the last input */
};

/* --- waiting ---------------------------------------------------------- */

static bool
killed(struct conn *c)
{
	bool k;

	device_lock(c->dev);
	k = c->killed;
	device_unlock(c->dev);
	return k;
}

/* Until the client leaves or the connection is killed; reads nothing. */
static void
wait_end(struct conn *c)
{
	struct pollfd p = { c->guard, POLLRDHUP, 0 };

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
}

/* Sleep device time, but not past a kill. */
static void
pause_ms(struct conn *c, int64_t ms)
{
	struct mono end = mono_add_ms(sys_mono(c->door->sys), ms);
	int64_t left;

	while ((left = mono_left_ms(c->door->sys, end)) > 0 && !killed(c)) {
		int64_t slice = 50 * c->door->sys->scale;

		sys_sleep_ms(c->door->sys, left < slice ? left : slice);
	}
}

/* While nothing gets through to or from the device, the connection hangs, as
 * a TCP connection does; it goes on when the device is back. False: killed. */
static bool
wait_reachable(struct conn *c, bool only_hard)
{
	bool hard, ok;

	device_lock(c->dev);
	while (!c->killed) {
		ok = device_reachable(c->dev, &hard);
		if (ok || (only_hard && !hard))
			break;
		pthread_cond_wait(&c->dev->wake, &c->dev->lock);
	}
	ok = !c->killed;
	device_unlock(c->dev);
	return ok;
}

/* --- kinds of end ----------------------------------------------------- */

/* Let the close be a reset, not a farewell. */
static void
reset_on_close(int fd)
{
	struct linger l = { 1, 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

void
conn_kill_all(struct device *dev)
{
	for (struct conn *c = dev->conns; c != NULL; c = c->next) {
		c->killed = true;
		shutdown(c->guard, SHUT_RDWR);
	}
	pthread_cond_broadcast(&dev->wake);
}

static void
drop(struct conn *c)
{
	reset_on_close(c->guard);
	shutdown(c->guard, SHUT_RDWR);
	c->closed = true;
}

/* --- faults of the wire ----------------------------------------------- */

/* What the device's faults mean for this connection now. */
struct wire {
	int64_t latency, slow, drop_out, drop_in, stall;	/* -1: not */
	bool lookalike, no_prompt;
	char host[128];
};

static int64_t
number_of(struct device *dev, enum fault_kind kind)
{
	const struct lab_fault *f = fault_find(&dev->faults, kind);

	return f != NULL ? f->number : -1;
}

static void
wire_now(struct conn *c, struct wire *w)
{
	struct device *dev = c->dev;

	device_lock(dev);
	w->latency = number_of(dev, FAULT_LATENCY);
	w->slow = number_of(dev, FAULT_SLOW);
	w->drop_out = number_of(dev, FAULT_DROP_OUT);
	w->drop_in = number_of(dev, FAULT_DROP_IN);
	w->stall = number_of(dev, FAULT_STALL);
	w->lookalike = fault_find(&dev->faults, FAULT_LOOKALIKE) != NULL;
	w->no_prompt = fault_find(&dev->faults, FAULT_NO_PROMPT) != NULL;
	device_hostname(dev, w->host, sizeof(w->host));
	device_unlock(dev);
}

/* A fault that counts strikes was used. */
static void
used_up(struct conn *c, enum fault_kind kind)
{
	const struct lab_fault *f;

	device_lock(c->dev);
	f = fault_find(&c->dev->faults, kind);
	if (f != NULL)
		fault_struck(&c->dev->faults, f);
	device_unlock(c->dev);
}

static bool
raw_write(struct conn *c, const char *p, size_t n)
{
	while (n > 0) {
		int w = ssh_channel_write(c->channel, p, (uint32_t)(n < 32768 ? n : 32768));

		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
		c->sent += w;
	}
	return true;
}

/* A byte, or a tenth of a second's worth, at a time. */
static bool
slow_write(struct conn *c, const char *p, size_t n, int64_t rate)
{
	size_t step = rate >= 10 ? (size_t)rate / 10 : 1;
	int64_t ms = rate >= 10 ? 100 : 1000 / (rate > 0 ? rate : 1);

	while (n > 0) {
		size_t part = n < step ? n : step;

		pause_ms(c, ms);
		if (killed(c) || !raw_write(c, p, part))
			return false;
		p += part;
		n -= part;
	}
	return true;
}

/* Length of "#", ">" or "(config...)#" at p, 0 when it is none of them. */
static size_t
prompt_tail(const char *p, size_t n)
{
	const char *close = n > 0 && p[0] == '(' ? memchr(p, ')', n) : NULL;
	size_t skip = close != NULL ? (size_t)(close - p) + 1 : 0;

	return skip < n && (p[skip] == '#' || p[skip] == '>') ? skip + 1 : 0;
}

/* Length up to and with the first line that looks like the prompt, or n. */
static size_t
to_lookalike(const char *p, size_t n, const char *host)
{
	size_t len = strlen(host), at = 0;
	const char *lf;

	while (at < n && (lf = memchr(p + at, '\n', n - at)) != NULL) {
		size_t tail = 0;

		at = (size_t)(lf - p) + 1;
		if (n - at > len && memcmp(p + at, host, len) == 0)
			tail = prompt_tail(p + at + len, n - at - len);
		if (tail > 0 && at + len + tail < n)
			return at + len + tail;
	}
	return n;
}

static bool
careful_write(struct conn *c, const struct wire *w, const char *p, size_t n)
{
	while (n > 0) {
		size_t part = w->lookalike ? to_lookalike(p, n, w->host) : n;

		if (w->slow >= 0 ? !slow_write(c, p, part, w->slow) : !raw_write(c, p, part))
			return false;
		p += part;
		n -= part;
		if (n > 0)
			pause_ms(c, LOOKALIKE_MS * c->door->sys->scale);
	}
	return true;
}

/* Send what the terminal has to say. False: the connection is at its end. */
static bool
speak(struct conn *c)
{
	struct buf *out = &c->cli->term.out;
	struct wire w;
	size_t n = out->len;
	bool cut;

	if (n == 0)
		return true;
	wire_now(c, &w);
	if (w.latency > 0)
		pause_ms(c, w.latency);
	cut = w.drop_out >= 0 && c->sent + (int64_t)n > w.drop_out;
	if (cut)
		n = c->sent < w.drop_out ? (size_t)(w.drop_out - c->sent) : 0;
	if (!careful_write(c, &w, out->data, n))
		return false;
	buf_clear(out);
	c->spoke = true;
	if (!cut)
		return true;
	used_up(c, FAULT_DROP_OUT);
	drop(c);
	return false;
}

/* What the answer to one command never ends with. */
static void
speak_for_ever(struct conn *c)
{
	char line[96];

	for (int64_t i = 0; !killed(c); i++) {
		snprintf(line, sizeof(line), "   filler line %lld of an output without end\r\n",
		    (long long)i);
		if (!raw_write(c, line, strlen(line)))
			return;
	}
}

/* --- callbacks -------------------------------------------------------- */

static void
greet(struct conn *c)
{
	struct buf text = BUF_INIT;
	ssh_string s;

	if (c->greeted)
		return;
	c->greeted = true;
	device_lock(c->dev);
	c->dev->dialect->banner(c->dev->running, &text);
	device_unlock(c->dev);
	if (text.len > 0 && (s = ssh_string_from_char(buf_str(&text))) != NULL) {
		ssh_send_issue_banner(c->ssh, s);
		ssh_string_free(s);
	}
	buf_release(&text);
}

static int
judge(struct conn *c, const char *user, bool ok, bool counts)
{
	device_lock(c->dev);
	if (!ok && counts)
		c->dev->stats.refused++;
	device_unlock(c->dev);
	if (ok) {
		snprintf(c->user, sizeof(c->user), "%s", user);
		return SSH_AUTH_SUCCESS;
	}
	if (counts && ++c->tries >= MAX_TRIES)
		c->closed = true;
	return SSH_AUTH_DENIED;
}

static int
on_none(ssh_session ssh, const char *user, void *data)
{
	(void)ssh;
	(void)user;
	greet(data);
	return SSH_AUTH_DENIED;
}

static int
on_password(ssh_session ssh, const char *user, const char *password, void *data)
{
	struct conn *c = data;
	bool ok;

	(void)ssh;
	greet(c);
	device_lock(c->dev);
	ok = device_password_ok(c->dev, user, password);
	device_unlock(c->dev);
	c->authenticated |= ok;
	return judge(c, user, ok, true);
}

static bool
known_key(const struct door *door, ssh_key key)
{
	for (size_t i = 0; i < door->n_user_keys; i++)
		if (ssh_key_cmp(door->user_keys[i], key, SSH_KEY_CMP_PUBLIC) == 0)
			return true;
	return false;
}

/* Asked first whether the key would do, then with the signature checked. */
static int
on_key(ssh_session ssh, const char *user, ssh_key key, char state, void *data)
{
	struct conn *c = data;
	bool ok = known_key(c->door, key);

	(void)ssh;
	greet(c);
	device_lock(c->dev);
	ok = ok && device_user_ok(c->dev, user);
	device_unlock(c->dev);
	if (state == SSH_PUBLICKEY_STATE_NONE)
		return judge(c, user, ok, false);
	ok = ok && state == SSH_PUBLICKEY_STATE_VALID;
	c->authenticated |= ok;
	return judge(c, user, ok, true);
}

static int
on_pty(ssh_session ssh, ssh_channel ch, const char *term, int width, int rows, int pw, int ph,
    void *data)
{
	struct conn *c = data;

	(void)ssh;
	(void)ch;
	(void)term;
	(void)pw;
	(void)ph;
	c->tty = true;
	c->width = width > 0 ? width : 80;
	c->rows = rows > 0 ? rows : 24;
	return 0;
}

static int
on_resize(ssh_session ssh, ssh_channel ch, int width, int rows, int pw, int ph, void *data)
{
	struct conn *c = data;

	c->resized = c->tty;
	return on_pty(ssh, ch, "", width, rows, pw, ph, data);
}

static int
on_shell(ssh_session ssh, ssh_channel ch, void *data)
{
	struct conn *c = data;

	(void)ssh;
	(void)ch;
	if (c->shell || c->command != NULL)
		return 1;
	c->shell = true;
	return 0;
}

static int
on_exec(ssh_session ssh, ssh_channel ch, const char *command, void *data)
{
	struct conn *c = data;

	(void)ssh;
	(void)ch;
	if (c->shell || c->command != NULL)
		return 1;
	c->command = mem_strdup(command);
	return 0;
}

static int
on_data(ssh_session ssh, ssh_channel ch, void *p, uint32_t n, int is_stderr, void *data)
{
	struct conn *c = data;

	(void)ssh;
	(void)ch;
	(void)is_stderr;
	if (c->in.len + n > MAX_INPUT)
		c->closed = true;
	else
		buf_add(&c->in, p, n);
	return (int)n;
}

static void
on_eof(ssh_session ssh, ssh_channel ch, void *data)
{
	struct conn *c = data;

	(void)ssh;
	(void)ch;
	c->eof = true;
}

static void
on_close(ssh_session ssh, ssh_channel ch, void *data)
{
	struct conn *c = data;

	(void)ssh;
	(void)ch;
	c->closed = true;
}

static ssh_channel
on_open(ssh_session ssh, void *data)
{
	struct conn *c = data;

	if (c->channel != NULL)
		return NULL;
	c->channel = ssh_channel_new(ssh);
	c->channel_cb = (struct ssh_channel_callbacks_struct){
		.userdata = c,
		.channel_pty_request_function = on_pty,
		.channel_pty_window_change_function = on_resize,
		.channel_shell_request_function = on_shell,
		.channel_exec_request_function = on_exec,
		.channel_data_function = on_data,
		.channel_eof_function = on_eof,
		.channel_close_function = on_close,
	};
	ssh_callbacks_init(&c->channel_cb);
	ssh_set_channel_callbacks(c->channel, &c->channel_cb);
	return c->channel;
}

/* --- the stages ------------------------------------------------------- */

/* Refused or silent before a word of SSH; true when that was all. */
static bool
shut_out(struct conn *c)
{
	const struct lab_fault *cut;
	bool hard, refuse, silent;

	device_lock(c->dev);
	cut = fault_find(&c->dev->faults, FAULT_CUT);
	refuse = fault_find(&c->dev->faults, FAULT_REFUSE) != NULL;
	silent = fault_find(&c->dev->faults, FAULT_SILENT) != NULL;
	if (refuse)
		fault_struck(&c->dev->faults, fault_find(&c->dev->faults, FAULT_REFUSE));
	else if (silent)
		fault_struck(&c->dev->faults, fault_find(&c->dev->faults, FAULT_SILENT));
	else if (!device_reachable(c->dev, &hard)) {
		silent = cut != NULL && strcmp(cut->text, "silent") == 0;
		refuse = !silent;
	}
	device_unlock(c->dev);
	if (silent)
		wait_end(c);
	return refuse || silent;
}

static bool
hostkey_fault(struct conn *c)
{
	const struct lab_fault *f;

	device_lock(c->dev);
	f = fault_find(&c->dev->faults, FAULT_HOSTKEY);
	if (f != NULL)
		fault_struck(&c->dev->faults, f);
	device_unlock(c->dev);
	return f != NULL;
}

/* libssh takes the descriptor. */
static bool
handshake(struct conn *c, ssh_key host_key, int fd)
{
	ssh_bind bind = ssh_bind_new();
	ssh_key key = ssh_key_dup(hostkey_fault(c) ? c->door->other_key : host_key);
	bool no = false, ok;

	c->ssh = ssh_new();
	ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
	ok = ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key) == SSH_OK;
	ok = ok && ssh_bind_accept_fd(bind, c->ssh, fd) == SSH_OK;
	if (!ok)
		close(fd);
	ssh_bind_free(bind);
	if (!ok)
		return false;
	c->server_cb = (struct ssh_server_callbacks_struct){
		.userdata = c,
		.auth_none_function = on_none,
		.auth_password_function = on_password,
		.auth_pubkey_function = on_key,
		.channel_open_request_session_function = on_open,
	};
	ssh_callbacks_init(&c->server_cb);
	ssh_set_server_callbacks(c->ssh, &c->server_cb);
	ssh_set_auth_methods(c->ssh, SSH_AUTH_METHOD_PASSWORD |
	    (c->door->n_user_keys > 0 ? SSH_AUTH_METHOD_PUBLICKEY : 0));
	return ssh_handle_key_exchange(c->ssh) == SSH_OK;
}

/* Until a shell or a command was asked for. */
static bool
login(struct conn *c)
{
	struct sys *sys = c->door->sys;
	struct mono end = mono_add_ms(sys_mono(sys), (int64_t)LOGIN_MS * sys->scale);

	c->event = ssh_event_new();
	ssh_event_add_session(c->event, c->ssh);
	while (!c->closed && !(c->authenticated && (c->shell || c->command != NULL))) {
		int64_t left = mono_left_ms(sys, end);

		if (left == 0 || ssh_event_dopoll(c->event, sys_real_ms(sys, left)) != SSH_OK)
			return false;
	}
	return !c->closed;
}

static int
take_line(struct conn *c)
{
	int line;

	device_lock(c->dev);
	line = c->dev->next_line++;
	c->dev->stats.logins++;
	device_unlock(c->dev);
	return line;
}

static void
note_login(struct conn *c)
{
	device_lock(c->dev);
	c->dev->last_login = sys_wall(c->door->sys);
	snprintf(c->dev->last_from, sizeof(c->dev->last_from), "%s", c->from);
	device_unlock(c->dev);
}

/* Count what came; false when a fault ends the conversation here. */
static bool
listen_to(struct conn *c, size_t n)
{
	struct wire w;

	wire_now(c, &w);
	c->received += (int64_t)n;
	device_lock(c->dev);
	c->dev->stats.bytes_in += (int64_t)n;
	c->dev->stats.turns += c->spoke;
	device_unlock(c->dev);
	c->spoke = false;
	if (w.stall >= 0 && c->received >= w.stall) {
		used_up(c, FAULT_STALL);
		wait_end(c);
		return false;
	}
	if (w.drop_in >= 0 && c->received >= w.drop_in) {
		used_up(c, FAULT_DROP_IN);
		drop(c);
		return false;
	}
	return wait_reachable(c, false);
}

/* What the terminal wants done after it handled input. False: the end. */
static bool
follow(struct conn *c)
{
	if (c->cli->dropped) {
		drop(c);
		return false;
	}
	if (c->cli->stalled) {
		wait_end(c);
		return false;
	}
	if (!wait_reachable(c, true) || !speak(c))
		return false;
	if (c->cli->endless) {
		speak_for_ever(c);
		return false;
	}
	return c->cli->term.mode != TERM_CLOSED;
}

/* Input to the terminal, its answer to the client. False: the end. */
static bool
hear(struct conn *c, const struct buf *in)
{
	if (!listen_to(c, in->len))
		return false;
	if (c->resized)
		c->dev->dialect->resize(c->cli, c->width, c->rows);
	c->resized = false;
	term_feed(&c->cli->term, in->data, in->len);
	return follow(c);
}

static void
converse(struct conn *c)
{
	bool on = true;

	while (on && !c->closed) {
		struct buf in = c->in;

		if (in.len == 0) {
			on = !c->eof && ssh_event_dopoll(c->event, -1) == SSH_OK;
			continue;
		}
		memset(&c->in, 0, sizeof(c->in));
		on = hear(c, &in);
		buf_release(&in);
	}
}

static void
say_goodbye(struct conn *c)
{
	if (c->closed || c->cli->dropped || c->cli->stalled)
		return;
	ssh_channel_request_send_exit_status(c->channel, c->cli->status);
	ssh_channel_send_eof(c->channel);
	ssh_channel_close(c->channel);
	/* Closing with input unread would reset the connection, and what we
	 * said last would be lost: let the client close first. */
	while (!c->closed && ssh_event_dopoll(c->event, GOODBYE_MS) == SSH_OK)
		;
}

/* The dialect takes over. */
static void
talk(struct conn *c)
{
	const struct dialect *d = c->dev->dialect;
	struct wire w;

	wire_now(c, &w);
	if (c->command != NULL) {
		d->exec(c->cli, c->command);
		follow(c);
	} else if (w.no_prompt) {
		used_up(c, FAULT_NO_PROMPT);
		wait_end(c);
		return;
	} else {
		d->login(c->cli);
		note_login(c);
		if (follow(c))
			converse(c);
	}
	say_goodbye(c);
}

static void
session(struct conn *c)
{
	const struct dialect *d = c->dev->dialect;

	c->cli = d->open(c->dev, c->user, take_line(c), c->tty, c->width, c->rows);
	talk(c);
	device_lock(c->dev);
	c->dev->stats.bytes_out += c->sent;
	device_unlock(c->dev);
	d->close(c->cli);
}

static void
enter(struct conn *c)
{
	device_lock(c->dev);
	c->next = c->dev->conns;
	c->dev->conns = c;
	c->killed = c->dev->closing;
	c->dev->stats.connections++;
	c->dev->stats.open++;
	device_unlock(c->dev);
}

static void
leave(struct conn *c)
{
	device_lock(c->dev);
	for (struct conn **p = &c->dev->conns; *p != NULL; p = &(*p)->next)
		if (*p == c) {
			*p = c->next;
			break;
		}
	c->dev->stats.open--;
	close(c->guard);
	device_unlock(c->dev);
}

void
conn_serve(const struct door *door, struct device *dev, ssh_key host_key, int fd,
    const char *from)
{
	struct conn *c = mem_zalloc(sizeof(*c));

	c->door = door;
	c->dev = dev;
	c->from = from;
	c->guard = dup(fd);
	enter(c);
	if (c->guard < 0 || killed(c) || shut_out(c)) {
		reset_on_close(fd);
		close(fd);
	} else if (handshake(c, host_key, fd) && login(c)) {
		session(c);
	}
	if (c->event != NULL) {
		ssh_event_remove_session(c->event, c->ssh);
		ssh_event_free(c->event);
	}
	if (c->ssh != NULL) {
		ssh_disconnect(c->ssh);
		ssh_free(c->ssh);
	}
	leave(c);
	buf_release(&c->in);
	free(c->command);
	free(c);
}
