/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations over a Unix socket, JSON lines both ways. The socket is 0660:
 * whoever may open it may ask, and SO_PEERCRED says who it was. A thread a
 * connection, at most CALLS_MAX; a request is one line of at most a megabyte,
 * sent within a few seconds.
 */
#include "controller/api.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define CALLS_MAX 64
#define REQUEST_MAX ((size_t)1 << 20)
#define REQUEST_MS 10000
#define ANSWER_MAX ((size_t)256 << 20)

static const struct timeval SEND_TIMEOUT = { .tv_sec = 10 };

struct api_server {
	struct controller *c;
	int fd;
	int stop[2];			/* a pipe: closing one end stops the accept loop */
	struct thread *thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int calls;
};

struct connection {
	struct api_server *server;
	int fd;
	bool gone;			/* the client has left; its call goes on */
	pthread_mutex_t lock;		/* records come from many threads */
};

static int
address_of(struct sockaddr_un *a, const char *path, struct err *err)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(a->sun_path))
		return err_set(err, ERR_USAGE, "socket path is too long: %s", path);
	memcpy(a->sun_path, path, strlen(path) + 1);
	return 0;
}

static bool
send_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static void
emit(void *ctx, struct span json)
{
	struct connection *k = ctx;

	pthread_mutex_lock(&k->lock);
	if (!k->gone && (!send_all(k->fd, json.p, json.len) || !send_all(k->fd, "\n", 1)))
		k->gone = true;
	pthread_mutex_unlock(&k->lock);
}

/* Read up to the first LF. False when the client leaves, dawdles or rambles. */
static bool
read_line(struct sys *sys, int fd, struct buf *line, size_t max, int timeout_ms)
{
	struct mono until = mono_add_ms(sys_mono(sys), timeout_ms);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char chunk[4096], *end;
	ssize_t n;

	while (line->len < max) {
		if (poll(&p, 1, sys_real_ms(sys, mono_left_ms(sys, until))) <= 0 ||
		    mono_left_ms(sys, until) == 0)
			return false;
		n = recv(fd, chunk, sizeof(chunk), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		buf_add(line, chunk, (size_t)n);
		if ((end = memchr(line->data, '\n', line->len)) != NULL) {
			buf_cut(line, (size_t)(end - line->data));
			return true;
		}
	}
	return false;
}

void
api_who(uid_t uid, char *out, size_t size)
{
	struct passwd pw, *found = NULL;
	char space[1024];

	getpwuid_r(uid, &pw, space, sizeof(space), &found);
	snprintf(out, size, "%s (uid %u)", found != NULL ? found->pw_name : "?", (unsigned)uid);
}

static void
who_is(int fd, char *out, size_t size)
{
	struct ucred cred = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(cred);

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	api_who(cred.uid, out, size);
}

static int
handle(struct connection *k, struct span line, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct problems ps;
	struct doc_node *node, *request;
	struct buf body = BUF_INIT;
	char who[128];
	struct jw w;
	int r;

	problems_init(&ps, &a);
	who_is(k->fd, who, sizeof(who));
	if (doc_parse_json(&node, &a, "request", line, &DOC_LIMITS, &ps) != 0 ||
	    doc_text(node, "op") == NULL) {
		r = err_set(err, ERR_USAGE, "%s", ps.n > 0 ? ps.v[0].text :
		    "a request is {\"op\":NAME,\"request\":{...}}");
	} else {
		if ((request = doc_get(node, "request")) != NULL) {
			jw_init(&w, &body, false);
			jw_node(&w, NULL, request);
		}
		log_debug("api", NULL, "%s by %s", doc_text(node, "op"), who);
		r = api_run(k->server->c, doc_text(node, "op"), buf_span(&body), who, emit, k,
		    err);
	}
	buf_release(&body);
	arena_release(&a);
	return r;
}

static void
send_end(struct connection *k, int result, const struct err *err)
{
	struct buf b = BUF_INIT;
	struct jw w;

	jw_init(&w, &b, false);
	jw_object(&w, NULL);
	if (result != 0) {
		jw_err(&w, "end", err);
	} else {
		jw_object(&w, "end");
		jw_string(&w, "code", "ok");
		jw_end(&w);
	}
	jw_end(&w);
	secret_mask(&b);
	emit(k, buf_span(&b));
	buf_release(&b);
}

static void
serve(void *arg)
{
	struct connection *k = arg;
	struct api_server *s = k->server;
	struct buf line = BUF_LIMIT(REQUEST_MAX + 4096);
	struct err err = ERR_INIT;

	if (read_line(s->c->sys, k->fd, &line, REQUEST_MAX, REQUEST_MS))
		send_end(k, handle(k, buf_span(&line), &err), &err);
	close(k->fd);
	pthread_mutex_destroy(&k->lock);
	buf_release(&line);
	free(k);
	pthread_mutex_lock(&s->lock);
	s->calls--;
	pthread_cond_signal(&s->ended);
	pthread_mutex_unlock(&s->lock);
}

static bool
take_call(struct api_server *s)
{
	bool room;

	pthread_mutex_lock(&s->lock);
	room = s->calls < CALLS_MAX;
	s->calls += room;
	pthread_mutex_unlock(&s->lock);
	return room;
}

static void
accept_one(struct api_server *s)
{
	struct connection *k;
	struct err err = ERR_INIT;
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE)
			sys_sleep_ms(s->c->sys, 100);	/* somebody must leave first */
		return;
	}
	if (!take_call(s)) {
		close(fd);
		return;
	}
	/* A client that stops reading is gone: workers never wait for it. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &SEND_TIMEOUT, sizeof(SEND_TIMEOUT));
	k = mem_zalloc(sizeof(*k));
	k->server = s;
	k->fd = fd;
	pthread_mutex_init(&k->lock, NULL);
	if (thread_start(NULL, "api", serve, k, &err) != 0) {
		log_error("api", NULL, "%s", err.text);
		close(fd);
		free(k);
		pthread_mutex_lock(&s->lock);
		s->calls--;
		pthread_mutex_unlock(&s->lock);
	}
}

static void
accept_main(void *arg)
{
	struct api_server *s = arg;
	struct pollfd p[2] = { { .fd = s->fd, .events = POLLIN },
		{ .fd = s->stop[0], .events = POLLIN } };

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents != 0)
			return;
		if (p[0].revents != 0)
			accept_one(s);
	}
}

/* A socket that nobody answers at is what a process that was killed left. */
static int
remove_stale(const struct sockaddr_un *a, const char *path, struct err *err)
{
	struct stat st;
	bool answers;
	int fd;

	if (lstat(path, &st) != 0)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_IO, "%s is there and is not a socket", path);
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return err_errno(err, ERR_FULL, "socket");
	answers = connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0;
	close(fd);
	if (answers)
		return err_set(err, ERR_LOCKED, "another daemon listens at %s", path);
	return unlink(path) == 0 ? 0 : err_errno(err, ERR_IO, "%s", path);
}

static int
listen_at(const char *path, struct err *err)
{
	struct sockaddr_un a;
	int fd, r;

	if ((r = address_of(&a, path, err)) != 0)
		return r;
	if ((r = remove_stale(&a, path, err)) != 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&a, sizeof(a)) != 0 ||
	    chmod(path, 0660) != 0 || listen(fd, 64) != 0) {
		err_errno(err, ERR_IO, "socket %s", path);
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	return fd;
}

int
api_server_start(struct api_server **out, struct controller *c, struct err *err)
{
	struct api_server *s;
	int fd, r;

	if ((fd = listen_at(c->settings.socket, err)) < 0)
		return fd;
	s = mem_zalloc(sizeof(*s));
	s->c = c;
	s->fd = fd;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->ended, NULL);
	if (pipe2(s->stop, O_CLOEXEC) != 0)
		r = err_errno(err, ERR_FULL, "pipe");
	else
		r = thread_start(&s->thread, "accept", accept_main, s, err);
	if (r != 0) {
		close(fd);
		free(s);
		return r;
	}
	*out = s;
	return 0;
}

void
api_server_stop(struct api_server *s)
{
	if (s == NULL)
		return;
	close(s->stop[1]);
	thread_join(s->thread);
	unlink(s->c->settings.socket);
	close(s->fd);
	close(s->stop[0]);
	pthread_mutex_lock(&s->lock);
	while (s->calls > 0)
		pthread_cond_wait(&s->ended, &s->lock);
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->ended);
	free(s);
}

/*
 * The client.
 */
static int
dial(const char *path, struct err *err)
{
	struct sockaddr_un a;
	int fd, r;

	if ((r = address_of(&a, path, err)) != 0)
		return r;
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return err_errno(err, ERR_FULL, "socket");
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	r = errno == EACCES ? err_errno(err, ERR_DENIED, "socket %s", path) :
	    err_set(err, ERR_NOTFOUND, "no daemon listens at %s", path);
	close(fd);
	return r;
}

/* {"end":...}: 1 with *err filled (or code 0); else 0. */
static int
read_end(struct span line, struct err *err, int *result)
{
	struct arena a = ARENA_INIT;
	struct doc_node *node = NULL, *end;
	struct problems ps;
	int found = 0;

	if (line.len < 7 || memcmp(line.p, "{\"end\":", 7) != 0)
		return 0;
	problems_init(&ps, &a);
	if (doc_parse_json(&node, &a, "answer", line, &DOC_LIMITS_INVENTORY, &ps) == 0 &&
	    (end = doc_get(node, "end")) != NULL && doc_text(end, "code") != NULL) {
		found = 1;
		*result = 0;
		if (strcmp(doc_text(end, "code"), "ok") != 0) {
			*result = err_set(err, err_code_of(doc_text(end, "code")), "%s",
			    doc_text(end, "text") != NULL ? doc_text(end, "text") : "");
			if (doc_text(end, "next") != NULL)
				err_next(err, "%s", doc_text(end, "next"));
		}
	}
	arena_release(&a);
	return found;
}

static int
read_answers(int fd, void (*each)(void *ctx, struct span json), void *ctx, struct err *err)
{
	struct buf in = BUF_LIMIT(ANSWER_MAX);
	char chunk[65536];
	struct span rest, line;
	int result = 0;
	ssize_t n;
	char *end;

	for (;;) {
		n = recv(fd, chunk, sizeof(chunk), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_add(&in, chunk, (size_t)n);
		while ((end = memchr(in.data, '\n', in.len)) != NULL) {
			rest = span_of(in.data, (size_t)(end - in.data) + 1);
			span_line(&rest, &line);
			if (read_end(line, err, &result)) {
				buf_wipe(&in);
				return result;
			}
			each(ctx, line);
			buf_drop(&in, line.len + 1);
		}
	}
	buf_wipe(&in);
	err_set(err, ERR_CLOSED, "the daemon closed the connection");
	return err_next(err, "what it had begun goes on or is recovered at its next start; "
	    "`fairlead status` and `fairlead history` tell");
}

int
api_client(const char *path, const char *op, struct span request, bool *asked,
    void (*each)(void *ctx, struct span json), void *ctx, struct err *err)
{
	struct buf b = BUF_INIT;
	struct jw w;
	int fd, r;

	*asked = false;
	if ((fd = dial(path, err)) < 0)
		return fd;
	*asked = true;
	jw_init(&w, &b, false);
	jw_object(&w, NULL);
	jw_string(&w, "op", op);
	if (request.len > 0)
		jw_raw(&w, "request", request);
	jw_end(&w);
	buf_addc(&b, '\n');
	r = send_all(fd, b.data, b.len) ? read_answers(fd, each, ctx, err) :
	    err_errno(err, ERR_CLOSED, "the daemon closed the connection");
	buf_wipe(&b);
	close(fd);
	return r;
}
