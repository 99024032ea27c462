/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket DIR/ctl.sock: a JSON list of words on a line in, a JSON
 * object on a line out, one request a connection. The commands are a table;
 * one thread does them one after the other, which is all that tests need.
 */
#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/doc.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/workers.h"
#include "base/writer.h"
#include "lab/lab.h"

enum { MAX_REQUEST = 16 << 20, MAX_REPLY = 64 << 20, IO_MS = 10000 };

struct ctl {
	struct lab *lab;
	int fd, wake;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct thread *thread;
};

/* --- what can be asked ------------------------------------------------ */

struct request {
	struct device *dev;	/* locked */
	const char *const *args;
	size_t n;
	struct jw *out;		/* inside an object */
};

static void
hash_text(struct jw *w, const char *key, struct span text)
{
	char hash[65];

	hash_hex(text, hash);
	jw_string(w, key, hash);
}

static void
add_sessions(struct device *dev, struct jw *w)
{
	static const char *const words[] = {
		[SESSION_PENDING] = "pending", [SESSION_TIMER] = "timer",
		[SESSION_COMMITTED] = "committed", [SESSION_ABORTED] = "aborted",
	};

	jw_array(w, "sessions");
	for (const struct session *s = dev->sessions; s != NULL; s = s->next) {
		jw_object(w, NULL);
		jw_string(w, "name", s->name);
		jw_string(w, "state", words[s->state]);
		jw_string(w, "user", s->user);
		jw_bool(w, "inside", s->line != 0);
		jw_end(w);
	}
	jw_end(w);
}

static void
add_faults(struct device *dev, struct jw *w)
{
	jw_array(w, "faults");
	for (int i = 0; i < dev->faults.n; i++) {
		struct buf b = BUF_INIT;

		fault_format(&dev->faults.v[i], &b);
		jw_string(w, NULL, buf_str(&b));
		buf_release(&b);
	}
	jw_end(w);
}

static void
add_stats(const struct stats *s, struct jw *w)
{
	jw_object(w, "stats");
	jw_int(w, "connections", s->connections);
	jw_int(w, "open", s->open);
	jw_int(w, "logins", s->logins);
	jw_int(w, "refused", s->refused);
	jw_int(w, "commands", s->commands);
	jw_int(w, "round_trips", s->turns);
	jw_int(w, "bytes_in", s->bytes_in);
	jw_int(w, "bytes_out", s->bytes_out);
	jw_int(w, "boots", s->boots);
	jw_int(w, "commits", s->commits);
	jw_int(w, "reverts", s->reverts);
	jw_end(w);
}

static int
show_status(struct request *r, struct err *err)
{
	struct device *dev = r->dev;
	struct buf running = BUF_INIT;
	char host[128];
	bool hard;

	(void)err;
	device_hostname(dev, host, sizeof(host));
	jw_string(r->out, "hostname", host);
	jw_string(r->out, "serial", device_serial(dev));
	jw_bool(r->out, "reachable", device_reachable(dev, &hard));
	jw_bool(r->out, "down", dev->down);
	jw_int(r->out, "uptime_ms", device_uptime_ms(dev));
	dev->dialect->render(dev->running, &running);
	hash_text(r->out, "running", buf_span(&running));
	hash_text(r->out, "startup", span_str(dev->startup));
	jw_string(r->out, "armed", dev->armed != NULL ? dev->armed->name : NULL);
	jw_int(r->out, "left_ms", session_left_ms(dev));
	add_sessions(dev, r->out);
	add_faults(dev, r->out);
	add_stats(&dev->stats, r->out);
	buf_release(&running);
	return 0;
}

static int
do_show(struct request *r, struct err *err)
{
	const char *what = r->n > 0 ? r->args[0] : "status";
	struct buf text = BUF_INIT;

	if (strcmp(what, "status") == 0)
		return show_status(r, err);
	if (strcmp(what, "running") == 0)
		r->dev->dialect->render(r->dev->running, &text);
	else if (strcmp(what, "startup") == 0)
		buf_adds(&text, r->dev->startup);
	else if (strcmp(what, "seen") == 0)
		buf_addspan(&text, buf_span(&r->dev->seen));
	else
		return err_set(err, ERR_USAGE, "show status, running, startup or seen, not %s",
		    what);
	jw_span(r->out, "text", buf_span(&text));
	buf_release(&text);
	return 0;
}

static int
do_edit(struct request *r, struct err *err)
{
	struct buf lines = BUF_INIT, errors = BUF_INIT;
	int code = 0;

	for (size_t i = 0; i < r->n; i++)
		buf_addf(&lines, "%s\n", r->args[i]);
	device_edit(r->dev, buf_span(&lines), "console", &errors);
	if (errors.len > 0)
		code = err_set(err, ERR_USAGE, "%s", buf_str(&errors));
	buf_release(&lines);
	buf_release(&errors);
	return code;
}

static int
do_save(struct request *r, struct err *err)
{
	const char *why = device_save(r->dev, "console");

	return why == NULL ? 0 : err_set(err, ERR_IO, "%s", why);
}

static int
do_reboot(struct request *r, struct err *err)
{
	int64_t ms = -1;

	if (r->n > 0 && !text_duration(r->args[0], &ms))
		return err_set(err, ERR_USAGE, "not a time: %s", r->args[0]);
	device_reboot(r->dev, ms, "boot");
	return 0;
}

static int
do_fault(struct request *r, struct err *err)
{
	struct lab_fault f;
	int code = 0;

	if (r->n == 0)
		return err_set(err, ERR_USAGE, "which fault? (clear: none)");
	for (size_t i = 0; code == 0 && i < r->n; i++) {
		if (strcmp(r->args[i], "clear") == 0) {
			device_fault_clear(r->dev);
			continue;
		}
		code = fault_parse(&f, r->args[i], err);
		if (code == 0)
			code = device_fault(r->dev, &f, err);
	}
	return code;
}

static int
do_kill(struct request *r, struct err *err)
{
	(void)err;
	if (r->dev->kill != NULL)
		r->dev->kill(r->dev);
	return 0;
}

struct command {
	const char *word;
	int (*run)(struct request *r, struct err *err);
};
static const struct command commands[] = {
	{ "show", do_show }, { "edit", do_edit }, { "save", do_save }, { "reboot", do_reboot },
	{ "fault", do_fault }, { "kill", do_kill },
};

static const struct command *
command_of(const char *word)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].word, word) == 0)
			return &commands[i];
	return NULL;
}

static int
do_on(struct device *dev, const struct command *cmd, const char *const *args, size_t n,
    struct jw *w, struct err *err)
{
	struct request r = { dev, args, n, w };
	int code;

	device_lock(dev);
	device_tick(dev);
	code = cmd->run(&r, err);
	device_unlock(dev);
	return code;
}

/* "*": every device, each under its name. */
static int
do_on_all(struct lab *lab, const struct command *cmd, const char *const *args, size_t n,
    struct jw *w, struct err *err)
{
	int code = 0;

	for (size_t i = 0; code == 0 && i < lab_count(lab); i++) {
		struct device *dev = lab_device(lab, i);

		jw_object(w, dev->name);
		code = do_on(dev, cmd, args, n, w, err);
		jw_end(w);
	}
	return code;
}

static int
answer(struct lab *lab, const char *const *words, size_t n, struct jw *w, struct err *err)
{
	const struct command *cmd = n > 1 ? command_of(words[1]) : NULL;
	struct device *dev = n > 0 ? lab_find(lab, words[0]) : NULL;

	if (n < 2)
		return err_set(err, ERR_USAGE, "DEVICE COMMAND [ARG...] is wanted");
	if (cmd == NULL)
		return err_set(err, ERR_USAGE, "no such command: %s", words[1]);
	if (strcmp(words[0], "*") == 0)
		return do_on_all(lab, cmd, words + 2, n - 2, w, err);
	if (dev == NULL)
		return err_set(err, ERR_NOTFOUND, "no such device: %s", words[0]);
	return do_on(dev, cmd, words + 2, n - 2, w, err);
}

void
ctl_do(struct lab *lab, const char *const *words, size_t n, struct buf *out)
{
	struct err err = ERR_INIT;
	struct jw w;
	int code;

	jw_init(&w, out, false);
	jw_object(&w, NULL);
	code = answer(lab, words, n, &w, &err);
	if (code != 0)
		jw_string(&w, "error", err.text);
	jw_end(&w);
	buf_addc(out, '\n');
}

/* --- the socket ------------------------------------------------------- */

static int
socket_path(char *out, size_t size, const char *dir, struct err *err)
{
	if ((size_t)snprintf(out, size, "%s/ctl.sock", dir) >= size)
		return err_set(err, ERR_USAGE, "the path of the lab's directory is too long "
		    "for a socket (%zu bytes at most): %s", size - sizeof("/ctl.sock"), dir);
	return 0;
}

/* Read up to LF or the end of input. */
static bool
read_line(int fd, struct buf *out, size_t max)
{
	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		char part[4096];
		ssize_t n;

		if (poll(&p, 1, IO_MS) <= 0)
			return false;
		n = read(fd, part, sizeof(part));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		buf_add(out, part, (size_t)n);
		if (memchr(part, '\n', (size_t)n) != NULL)
			return true;
		if (out->len > max)
			return false;
	}
}

static bool
write_all(int fd, struct span s)
{
	while (s.len > 0) {
		ssize_t n = send(fd, s.p, s.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s.p += n;
		s.len -= (size_t)n;
	}
	return true;
}

static void
do_text(struct lab *lab, struct span text, struct buf *reply)
{
	struct arena a = ARENA_INIT;
	struct doc_limits limits = { MAX_REQUEST, 1000000, 4, false };
	struct problems ps;
	struct doc_node *doc = NULL;
	const char **words = NULL;
	size_t n = 0;

	problems_init(&ps, &a);
	if (doc_parse_json(&doc, &a, "request", text, &limits, &ps) == 0 &&
	    doc->kind == DOC_LIST)
		for (size_t i = 0; i < doc->n; i++)
			ARENA_PUSH(&a, words, n) = doc->items[i]->kind == DOC_SCALAR ?
			    doc->items[i]->text : "";
	ctl_do(lab, words, n, reply);
	arena_release(&a);
}

static void
serve_one(struct ctl *ctl, int fd)
{
	struct buf request = BUF_INIT, reply = BUF_INIT;

	if (read_line(fd, &request, MAX_REQUEST)) {
		do_text(ctl->lab, buf_span(&request), &reply);
		write_all(fd, buf_span(&reply));
	}
	buf_release(&request);
	buf_release(&reply);
	close(fd);
}

static void
serve_all(void *arg)
{
	struct ctl *ctl = arg;
	struct pollfd p[2] = { { ctl->wake, POLLIN, 0 }, { ctl->fd, POLLIN, 0 } };

	for (;;) {
		int fd;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[0].revents != 0)
			return;
		fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			serve_one(ctl, fd);
	}
}

int
ctl_start(struct ctl **out, struct lab *lab, const char *dir, struct err *err)
{
	struct ctl *ctl = mem_zalloc(sizeof(*ctl));
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int r = socket_path(ctl->path, sizeof(ctl->path), dir, err);

	ctl->lab = lab;
	ctl->wake = eventfd(0, EFD_CLOEXEC);
	ctl->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(sun.sun_path, ctl->path, sizeof(sun.sun_path));
	unlink(ctl->path);
	if (r == 0 && (bind(ctl->fd, (struct sockaddr *)&sun, sizeof(sun)) != 0 ||
	    listen(ctl->fd, 64) != 0))
		r = err_errno(err, ERR_IO, "cannot listen on %s", ctl->path);
	if (r == 0)
		r = thread_start(&ctl->thread, "lab-ctl", serve_all, ctl, err);
	*out = ctl;
	return r;
}

void
ctl_stop(struct ctl *ctl)
{
	uint64_t one = 1;

	if (ctl == NULL)
		return;
	if (ctl->thread != NULL && write(ctl->wake, &one, sizeof(one)) == sizeof(one))
		thread_join(ctl->thread);
	unlink(ctl->path);
	close(ctl->fd);
	close(ctl->wake);
	free(ctl);
}

static int
exchange(int fd, struct buf *request, struct buf *reply, struct err *err)
{
	if (!write_all(fd, buf_span(request)) || !read_line(fd, reply, MAX_REPLY) ||
	    reply->len == 0)
		return err_set(err, ERR_CLOSED, "the lab does not answer");
	return 0;
}

int
ctl_send(const char *dir, const char *const *words, size_t n, struct buf *reply,
    struct err *err)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct buf request = BUF_INIT;
	int fd, r = socket_path(sun.sun_path, sizeof(sun.sun_path), dir, err);
	struct jw w;

	if (r != 0)
		return r;
	jw_init(&w, &request, false);
	jw_array(&w, NULL);
	for (size_t i = 0; i < n; i++)
		jw_string(&w, NULL, words[i]);
	jw_end(&w);
	buf_addc(&request, '\n');
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		r = err_errno(err, ERR_NOTFOUND, "no lab runs in %s", dir);
	else
		r = exchange(fd, &request, reply, err);
	if (fd >= 0)
		close(fd);
	buf_release(&request);
	return r;
}
