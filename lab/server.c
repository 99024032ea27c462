/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab's sockets and threads.
 *
 * One socket serves all devices: it is bound to every address of the
 * loopback device, and the local address of a connection says which device
 * is meant. Where that is refused, or ports are wanted, each device has its
 * own. libssh's own listening has a backlog of ten, hence our sockets.
 *
 * Lock order: a device's lock, then the timer lock. The timer thread takes
 * them one after the other, never together.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/workers.h"
#include "base/writer.h"
#include "lab/conn.h"
#include "lab/site.h"

enum {
	MAX_CONNECTIONS = 12000,
	BACKLOG = 4096,
	TIMER_REST_MS = 5,	/* real; between two looks at all timers */
};

struct listener {
	int fd;
	struct site *site;	/* NULL: by the local address */
};

struct lab {
	struct sys *sys;
	struct sites sites;
	struct arena arena;
	struct map by_name;
	uint32_t base;		/* address of the first device, host order */
	struct door door;
	struct listener *listeners;
	size_t n_listeners;
	int wake;		/* eventfd: the accepting thread is to end */
	struct workers *workers;
	struct thread *acceptor, *timer;
	pthread_mutex_t lock;	/* of the two flags */
	pthread_cond_t kick;
	bool kicked, stopping;
	struct ctl *ctl;
};

/* --- sockets ---------------------------------------------------------- */

static int
listen_on(int *out, uint32_t address, int port, bool loopback_only, struct err *err)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char text[INET_ADDRSTRLEN];

	if (fd < 0)
		return err_errno(err, ERR_IO, "cannot make a socket");
	sin.sin_addr.s_addr = htonl(address);
	sin.sin_port = htons((uint16_t)port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if ((loopback_only && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) != 0) ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0 || listen(fd, BACKLOG) != 0) {
		err_errno(err, ERR_IO, "cannot listen on %s port %d",
		    inet_ntop(AF_INET, &sin.sin_addr, text, sizeof(text)), port);
		close(fd);
		return ERR_IO;
	}
	*out = fd;
	return 0;
}

static int
port_of(int fd)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	if (getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
		return 0;
	return ntohs(sin.sin_port);
}

static void
add_listener(struct lab *lab, int fd, struct site *site)
{
	lab->listeners[lab->n_listeners++] = (struct listener){ fd, site };
}

/* All of loopback through one socket; false when the system refuses that. */
static bool
listen_for_all(struct lab *lab, int port)
{
	int fd;

	if (listen_on(&fd, INADDR_ANY, port, true, NULL) != 0)
		return false;
	for (size_t i = 0; i < lab->sites.n; i++)
		lab->sites.v[i].port = port_of(fd);
	add_listener(lab, fd, NULL);
	return true;
}

static int
open_sockets(struct lab *lab, const struct lab_options *o, struct err *err)
{
	int port = o->port, fd;

	lab->listeners = mem_calloc(lab->sites.n, sizeof(*lab->listeners));
	for (size_t i = 0; i < lab->sites.n; i++) {
		struct in_addr in = { htonl(lab->base + (o->ports ? 0 : (uint32_t)i)) };

		inet_ntop(AF_INET, &in, lab->sites.v[i].address, INET_ADDRSTRLEN);
	}
	if (!o->ports && listen_for_all(lab, port))
		return 0;
	for (size_t i = 0; i < lab->sites.n; i++) {
		struct site *s = &lab->sites.v[i];

		if (listen_on(&fd, o->ports ? INADDR_LOOPBACK : lab->base + (uint32_t)i, port,
		    false, err) != 0)
			return ERR_IO;
		s->port = port_of(fd);
		add_listener(lab, fd, s);
		if (o->ports && port != 0)
			port++;
		else if (!o->ports)
			port = s->port;
	}
	return 0;
}

/* --- accepting -------------------------------------------------------- */

struct visit {
	struct lab *lab;
	struct site *site;
	int fd;
	char from[INET_ADDRSTRLEN];
};

static void
serve(void *arg)
{
	struct visit *v = arg;

	conn_serve(&v->lab->door, v->site->dev, v->site->key, v->fd, v->from);
	free(v);
}

static struct site *
site_meant(struct lab *lab, int fd)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	uint32_t i;

	if (getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
		return NULL;
	i = ntohl(sin.sin_addr.s_addr) - lab->base;
	return i < lab->sites.n ? &lab->sites.v[i] : NULL;
}

/* Take one connection; false when there is none (yet). */
static bool
accept_one(struct lab *lab, const struct listener *l)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int one = 1;
	int fd = accept4(l->fd, (struct sockaddr *)&sin, &len, SOCK_CLOEXEC);
	struct site *site;
	struct visit *v;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE)
			log_warn("accept", NULL, "no descriptors left");
		return false;
	}
	site = l->site != NULL ? l->site : site_meant(lab, fd);
	if (site == NULL) {
		close(fd);
		return true;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	v = mem_zalloc(sizeof(*v));
	v->lab = lab;
	v->site = site;
	v->fd = fd;
	inet_ntop(AF_INET, &sin.sin_addr, v->from, sizeof(v->from));
	workers_submit(lab->workers, serve, v);
	return true;
}

static void
accept_all(void *arg)
{
	struct lab *lab = arg;
	struct pollfd *p = mem_calloc(lab->n_listeners + 1, sizeof(*p));

	p[0] = (struct pollfd){ lab->wake, POLLIN, 0 };
	for (size_t i = 0; i < lab->n_listeners; i++)
		p[i + 1] = (struct pollfd){ lab->listeners[i].fd, POLLIN, 0 };
	for (;;) {
		if (poll(p, lab->n_listeners + 1, -1) < 0 && errno != EINTR)
			break;
		if (p[0].revents != 0)
			break;
		for (size_t i = 0; i < lab->n_listeners; i++)
			while ((p[i + 1].revents & POLLIN) &&
			    accept_one(lab, &lab->listeners[i]))
				;
	}
	free(p);
}

/* --- timers ----------------------------------------------------------- */

static void
kick_timer(void *ctx)
{
	struct lab *lab = ctx;

	pthread_mutex_lock(&lab->lock);
	lab->kicked = true;
	pthread_cond_signal(&lab->kick);
	pthread_mutex_unlock(&lab->lock);
}

/* Let due things happen on all devices; real ms until the next, or -1. */
static int
tick_all(struct lab *lab)
{
	int64_t soonest = -1;

	for (size_t i = 0; i < lab->sites.n; i++) {
		struct device *dev = lab->sites.v[i].dev;
		struct mono when;

		device_lock(dev);
		device_tick(dev);
		if (device_next(dev, &when)) {
			int64_t left = mono_left_ms(lab->sys, when);

			soonest = soonest < 0 || left < soonest ? left : soonest;
		}
		device_unlock(dev);
	}
	return soonest < 0 ? -1 : sys_real_ms(lab->sys, soonest);
}

static void
wait_kick(struct lab *lab, int ms)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += ms / 1000;
	ts.tv_nsec += ms % 1000 * 1000000L;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	while (!lab->kicked && !lab->stopping) {
		if (ms < 0)
			pthread_cond_wait(&lab->kick, &lab->lock);
		else if (pthread_cond_timedwait(&lab->kick, &lab->lock, &ts) != 0)
			break;
	}
	lab->kicked = false;
}

static void
watch_timers(void *arg)
{
	struct lab *lab = arg;
	bool stopping = false;

	while (!stopping) {
		int ms = tick_all(lab);

		pthread_mutex_lock(&lab->lock);
		wait_kick(lab, ms);
		stopping = lab->stopping;
		pthread_mutex_unlock(&lab->lock);
		if (!stopping)
			usleep(TIMER_REST_MS * 1000);
	}
}

/* --- life ------------------------------------------------------------- */

static int
load_user_keys(struct door *door, const char *const *files, struct err *err)
{
	size_t n = 0;

	while (files != NULL && files[n] != NULL)
		n++;
	door->user_keys = n > 0 ? mem_calloc(n, sizeof(*door->user_keys)) : NULL;
	for (size_t i = 0; i < n; i++) {
		if (ssh_pki_import_pubkey_file(files[i], &door->user_keys[i]) != SSH_OK)
			return err_set(err, ERR_USAGE, "cannot read the public key %s", files[i]);
		door->n_user_keys++;
	}
	return 0;
}

static int
base_address(struct lab *lab, const struct lab_options *o, struct err *err)
{
	const char *text = o->ports ? "127.0.0.1" : o->base_address != NULL ? o->base_address :
	    "127.1.0.1";
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1 || ntohl(in.s_addr) >> 24 != 127)
		return err_set(err, ERR_USAGE, "the base address must be in 127/8, not %s", text);
	lab->base = ntohl(in.s_addr);
	return 0;
}

static void
join_devices(struct lab *lab)
{
	map_init(&lab->by_name, &lab->arena);
	for (size_t i = 0; i < lab->sites.n; i++) {
		struct device *dev = lab->sites.v[i].dev;

		map_put(&lab->by_name, dev->name, dev);
		dev->kill = conn_kill_all;
		dev->timer_changed = kick_timer;
		dev->server = lab;
	}
}

static int
start_threads(struct lab *lab, const struct lab_options *o, struct err *err)
{
	int max = o->max_connections > 0 ? o->max_connections : MAX_CONNECTIONS;
	int r = workers_new(&lab->workers, max, err);

	if (r == 0)
		r = thread_start(&lab->timer, "lab-timer", watch_timers, lab, err);
	if (r == 0)
		r = thread_start(&lab->acceptor, "lab-accept", accept_all, lab, err);
	return r;
}

int
lab_start(struct lab **out, const struct lab_options *o, struct err *err)
{
	struct lab *lab = mem_zalloc(sizeof(*lab));
	int r;

	lab->sys = o->sys;
	lab->door.sys = o->sys;
	lab->wake = eventfd(0, EFD_CLOEXEC);
	pthread_mutex_init(&lab->lock, NULL);
	pthread_cond_init(&lab->kick, NULL);
	r = base_address(lab, o, err);
	if (r == 0)
		r = sites_make(&lab->sites, o, err);
	if (r == 0)
		join_devices(lab);
	if (r == 0)
		r = sites_faults(&lab->sites, o, err);
	if (r == 0)
		r = load_user_keys(&lab->door, o->keys, err);
	if (r == 0)
		r = site_make_key(&lab->door.other_key, NULL, err);
	if (r == 0)
		r = open_sockets(lab, o, err);
	if (r == 0)
		r = start_threads(lab, o, err);
	if (r == 0)
		r = ctl_start(&lab->ctl, lab, o->dir, err);
	if (r != 0) {
		lab_stop(lab);
		return r;
	}
	*out = lab;
	return 0;
}

/* No new connections, then an end to all there are. */
static void
stop_threads(struct lab *lab)
{
	uint64_t one = 1;

	if (lab->acceptor != NULL && write(lab->wake, &one, sizeof(one)) == sizeof(one))
		thread_join(lab->acceptor);
	pthread_mutex_lock(&lab->lock);
	lab->stopping = true;
	pthread_cond_signal(&lab->kick);
	pthread_mutex_unlock(&lab->lock);
	if (lab->timer != NULL)
		thread_join(lab->timer);
	if (lab->workers == NULL)
		return;
	for (size_t i = 0; i < lab->sites.n; i++) {
		struct device *dev = lab->sites.v[i].dev;

		device_lock(dev);
		dev->closing = true;
		conn_kill_all(dev);
		device_unlock(dev);
	}
	workers_free(lab->workers);
}

void
lab_stop(struct lab *lab)
{
	ctl_stop(lab->ctl);
	stop_threads(lab);
	for (size_t i = 0; i < lab->n_listeners; i++)
		close(lab->listeners[i].fd);
	free(lab->listeners);
	close(lab->wake);
	for (size_t i = 0; i < lab->door.n_user_keys; i++)
		ssh_key_free(lab->door.user_keys[i]);
	free(lab->door.user_keys);
	ssh_key_free(lab->door.other_key);
	sites_release(&lab->sites);
	arena_release(&lab->arena);
	pthread_mutex_destroy(&lab->lock);
	pthread_cond_destroy(&lab->kick);
	free(lab);
}

/* --- looking at it ---------------------------------------------------- */

size_t
lab_count(const struct lab *lab)
{
	return lab->sites.n;
}

struct device *
lab_device(struct lab *lab, size_t i)
{
	return lab->sites.v[i].dev;
}

struct device *
lab_find(struct lab *lab, const char *name)
{
	return map_get(&lab->by_name, name);
}

const char *
lab_address(const struct lab *lab, size_t i)
{
	return lab->sites.v[i].address;
}

int
lab_port(const struct lab *lab, size_t i)
{
	return lab->sites.v[i].port;
}

const char *
lab_fingerprint(const struct lab *lab, size_t i)
{
	return lab->sites.v[i].fingerprint;
}

void
lab_ready_json(struct lab *lab, struct buf *out)
{
	struct jw w;

	jw_init(&w, out, false);
	jw_object(&w, NULL);
	jw_bool(&w, "ready", true);
	jw_int(&w, "pid", getpid());
	jw_array(&w, "devices");
	for (size_t i = 0; i < lab->sites.n; i++) {
		const struct site *s = &lab->sites.v[i];

		jw_object(&w, NULL);
		jw_string(&w, "name", s->dev->name);
		jw_string(&w, "platform", s->dev->dialect->name);
		jw_string(&w, "address", s->address);
		jw_int(&w, "port", s->port);
		jw_string(&w, "host_key", s->fingerprint);
		jw_string(&w, "serial", s->dev->serial);
		jw_end(&w);
	}
	jw_end(&w);
	jw_end(&w);
	buf_addc(out, '\n');
}
