/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a simulated device on disk: every configuration it ever ran,
 * by hash, and a line for each moment at which one began to run, with why.
 * Tests read it as the truth. Written plainly, without fsync: a lab does not
 * outlive its host, and a thousand devices start at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/writer.h"
#include "lab/device.h"

static int
write_all(struct sys *sys, int fd, struct span s)
{
	while (s.len > 0) {
		ssize_t n = sys->write(sys, fd, s.p, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		s.p += n;
		s.len -= (size_t)n;
	}
	return 0;
}

/* Write a file under the device's directory; `whole` replaces it at once. */
static void
put_file(struct device *dev, const char *name, struct span text, bool whole)
{
	struct buf path = BUF_INIT, tmp = BUF_INIT;
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (whole ? O_TRUNC : O_APPEND);
	int fd;

	buf_addf(&path, "%s/%s", dev->dir, name);
	buf_addf(&tmp, "%s%s", buf_str(&path), whole ? ".new" : "");
	fd = dev->sys->open(dev->sys, buf_str(&tmp), flags, 0644);
	if (fd < 0 || write_all(dev->sys, fd, text) < 0 ||
	    (whole && dev->sys->rename(dev->sys, buf_str(&tmp), buf_str(&path)) < 0))
		log_error("history", dev->name, "cannot write %s", buf_str(&path));
	if (fd >= 0)
		close(fd);
	buf_release(&path);
	buf_release(&tmp);
}

static void
put_by_hash(struct device *dev, const char *hash, struct span text)
{
	struct buf name = BUF_INIT, path = BUF_INIT;

	buf_addf(&name, "configs/%s.cfg", hash);
	buf_addf(&path, "%s/%s", dev->dir, buf_str(&name));
	if (access(buf_str(&path), F_OK) != 0)
		put_file(dev, buf_str(&name), text, true);
	buf_release(&name);
	buf_release(&path);
}

static void
put_line(struct device *dev, const char *what, const char *hash, const char *why,
    const char *user, const char *session)
{
	struct buf b = BUF_INIT;
	char stamp[32];
	struct jw w;

	jw_init(&w, &b, false);
	jw_object(&w, NULL);
	jw_string(&w, "time", wall_str(sys_wall(dev->sys), stamp));
	jw_int(&w, "uptime_ms", device_uptime_ms(dev));
	jw_string(&w, "what", what);
	jw_string(&w, "why", why);
	jw_string(&w, "user", user);
	jw_string(&w, "session", session);
	jw_string(&w, "sha256", hash);
	jw_end(&w);
	buf_addc(&b, '\n');
	put_file(dev, "history.jsonl", buf_span(&b), false);
	buf_release(&b);
}

void
history_running(struct device *dev, const char *why, const char *user, const char *session)
{
	struct buf text = BUF_INIT;
	char hash[65];

	if (dev->dir == NULL)
		return;
	dev->dialect->render(dev->running, &text);
	hash_hex(buf_span(&text), hash);
	put_by_hash(dev, hash, buf_span(&text));
	put_line(dev, "running", hash, why, user, session);
	put_file(dev, "running.cfg", buf_span(&text), true);
	buf_release(&text);
}

void
history_startup(struct device *dev, const char *why, const char *user)
{
	char hash[65];

	if (dev->dir == NULL)
		return;
	hash_hex(span_str(dev->startup), hash);
	put_by_hash(dev, hash, span_str(dev->startup));
	put_line(dev, "startup", hash, why, user, NULL);
	put_file(dev, "startup.cfg", span_str(dev->startup), true);
}

int
history_open(struct device *dev, struct err *err)
{
	struct buf path = BUF_INIT;
	int r;

	buf_addf(&path, "%s/configs", dev->dir);
	r = file_mkdirs(buf_str(&path), 0755, err);
	buf_release(&path);
	return r;
}
