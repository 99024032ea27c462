/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Upload by SFTP. libssh's SFTP waits for its replies in a loop that starts
 * anew after each of its own timeouts, so a server that stops answering would
 * hold us for ever: a watchdog shuts the socket down at the deadline, through
 * the descriptor that is ours (session.c), and the call then fails.
 */
#include "devices/session_private.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <libssh/sftp.h>

#include "base/workers.h"

/* Every server takes messages of this size; bigger ones are not promised. */
#define CHUNK 32768

struct watchdog {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct timespec until;
	bool done, bitten;
	int fd;
	struct thread *thread;
};

static void
watch(void *arg)
{
	struct watchdog *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->done && pthread_cond_timedwait(&w->wake, &w->lock, &w->until) == 0)
		;
	if (!w->done) {
		w->bitten = true;
		shutdown(w->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&w->lock);
}

static int
watchdog_start(struct watchdog *w, int fd, int real_ms, struct err *err)
{
	int rc;

	*w = (struct watchdog){ .fd = fd, .until = cond_until(real_ms) };
	pthread_mutex_init(&w->lock, NULL);
	cond_init(&w->wake);
	if ((rc = thread_start(&w->thread, "upload", watch, w, err)) != 0) {
		pthread_cond_destroy(&w->wake);
		pthread_mutex_destroy(&w->lock);
	}
	return rc;
}

/* True when it had to end the session. */
static bool
watchdog_stop(struct watchdog *w)
{
	pthread_mutex_lock(&w->lock);
	w->done = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	thread_join(w->thread);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	return w->bitten;
}

static int
fail(sftp_session sftp, const char *path, const char *what, struct err *err)
{
	static const char *const words[] = { "no error", "end of file", "no such file or directory",
		"permission denied", "failure (no space?)", "bad message", "no connection",
		"connection lost", "not supported" };
	int e = sftp_get_error(sftp);
	const char *why = e >= 0 && e < (int)(sizeof(words) / sizeof(words[0])) ? words[e] :
	    "an unknown error";

	return err_set(err, ERR_OUTPUT, "SFTP: %s %s: %s", what, path, why);
}

static int
write_all(sftp_session sftp, sftp_file file, const char *path, struct span text,
    struct err *err)
{
	for (size_t at = 0; at < text.len;) {
		size_t n = text.len - at < CHUNK ? text.len - at : CHUNK;
		ssize_t done = sftp_write(file, text.p + at, n);

		if (done <= 0)
			return fail(sftp, path, "writing", err);
		at += (size_t)done;
	}
	if (sftp_extension_supported(sftp, "fsync@openssh.com", "1") != 0 &&
	    sftp_fsync(file) != 0)
		return fail(sftp, path, "syncing", err);
	return 0;
}

static int
verify_size(sftp_session sftp, const char *path, size_t size, struct err *err)
{
	sftp_attributes attributes = sftp_stat(sftp, path);
	uint64_t found;

	if (attributes == NULL)
		return fail(sftp, path, "looking at", err);
	found = attributes->size;
	sftp_attributes_free(attributes);
	if (found == size)
		return 0;
	return err_set(err, ERR_UNPROVEN, "SFTP: %s has %llu bytes after writing %zu", path,
	    (unsigned long long)found, size);
}

static int
write_file(sftp_session sftp, const char *path, int64_t mode, struct span text,
    struct err *err)
{
	/* New files are for the owner only until somebody says otherwise. */
	sftp_file file = sftp_open(sftp, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int rc = 0;

	if (file == NULL)
		return fail(sftp, path, "opening", err);
	if (mode >= 0 && sftp_chmod(sftp, path, (mode_t)mode) != 0)
		rc = fail(sftp, path, "setting the mode of", err);
	if (rc == 0)
		rc = write_all(sftp, file, path, text, err);
	if (sftp_close(file) != 0 && rc == 0)
		rc = fail(sftp, path, "closing", err);
	return rc != 0 ? rc : verify_size(sftp, path, text.len, err);
}

int
session_upload(void *ctx, const char *path, int64_t mode, struct span text,
    int64_t timeout_ms, struct err *err)
{
	struct session *s = ctx;
	int64_t limit = timeout_ms > 0 ? timeout_ms : s->command_ms;
	sftp_session sftp = NULL;
	struct watchdog dog;
	int rc;

	if ((rc = session_limit(s, mono_add_ms(sys_mono(s->sys), limit), err)) != 0 ||
	    (rc = watchdog_start(&dog, s->guard, sys_real_ms(s->sys, limit), err)) != 0)
		return rc;
	sftp = sftp_new(s->ssh);
	if (sftp == NULL || sftp_init(sftp) != 0) {
		rc = session_fail(s, SSH_ERROR, ERR_UNSUPPORTED, err, "SFTP");
		err_next(err, "enable the SFTP subsystem of the device's SSH server");
	} else {
		rc = write_file(sftp, path, mode, text, err);
	}
	sftp_free(sftp);
	if (watchdog_stop(&dog))
		rc = err_set(err, ERR_TIMEOUT, "SFTP: it stopped answering while %s was written",
		    path);
	return rc;
}
