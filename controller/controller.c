/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/controller.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "controller/intent.h"
#include "controller/source.h"

/*
 * The mask key is derived from the seal key, so that one file is to be kept.
 */
static int
load_keys(struct controller *c, struct err *err)
{
	struct buf path = BUF_INIT;
	char hex[17];
	int r, i;

	buf_addf(&path, "%s/key", c->settings.state);
	if ((r = seal_key_load(c->sys, buf_str(&path), c->seal_key, err)) == 0)
		for (i = 0; i < 4; i++) {
			buf_clear(&path);
			buf_addf(&path, "mask key %d", i);
			secret_fingerprint(c->seal_key, sizeof(c->seal_key), path.data,
			    path.len, hex);
			text_unhex(hex, 16, c->mask_key.bytes + 8 * i);
		}
	buf_release(&path);
	return r;
}

/* Files made by another user would lock the owner out. */
static int
refuse_foreign_state(const struct controller *c, struct err *err)
{
	struct stat st;

	if (stat(c->settings.state, &st) != 0)
		return err_errno(err, ERR_IO, "%s", c->settings.state);
	if (st.st_uid == geteuid())
		return 0;
	err_set(err, ERR_DENIED, "the state directory %s belongs to user %u",
	    c->settings.state, (unsigned)st.st_uid);
	return err_next(err, "run this as that user; with its daemon running, the group of "
	    "its socket may use it too");
}

static int
take_lock(struct controller *c, struct err *err)
{
	struct buf path = BUF_INIT;
	int r;

	buf_addf(&path, "%s/lock", c->settings.state);
	if ((r = file_lock(buf_str(&path), &c->lock_fd, err)) == ERR_LOCKED)
		err_next(err, "another fairlead works in %s; wait for it, or talk to the "
		    "daemon there", c->settings.state);
	else if (r == 0 && (ftruncate(c->lock_fd, 0) != 0 ||
	    dprintf(c->lock_fd, "%ld\n", (long)getpid()) < 0))
		r = err_errno(err, ERR_IO, "%s", buf_str(&path));
	buf_release(&path);
	return r;
}

static int
open_parts(struct controller *c, struct problems *ps, struct err *err)
{
	const struct settings *s = &c->settings;
	struct buf path = BUF_INIT;
	int r;

	buf_addf(&path, "%s/journal.db", s->state);
	/* Whoever makes the state must be alone. */
	c->shared = c->shared && access(buf_str(&path), F_OK) == 0;
	if ((r = file_mkdirs(s->state, 0700, err)) != 0 ||
	    (r = refuse_foreign_state(c, err)) != 0 ||
	    (!c->shared && (r = take_lock(c, err)) != 0) ||
	    (r = load_keys(c, err)) != 0 ||
	    (r = journal_open(&c->journal, buf_str(&path), err)) != 0 ||
	    (r = platforms_load(&c->platforms, s->platforms, ps, err)) != 0 ||
	    (r = device_init(err)) != 0 ||
	    (r = workers_new(&c->workers, (int)s->limits.workers, err)) != 0 ||
	    (r = source_open(c, err)) != 0)
		goto out;
	c->admit = admit_new((int)s->limits.workers);
out:
	buf_release(&path);
	return r;
}

int
controller_open(struct controller **out, const char *settings_file, const char *self,
    struct sys *sys, bool shared, struct problems *ps, struct err *err)
{
	struct controller *c = mem_zalloc(sizeof(*c));
	int r;

	c->sys = sys;
	c->shared = shared;
	c->self = arena_strdup(&c->arena, self);
	c->lock_fd = -1;
	c->devices = device_ssh_ops();
	pthread_mutex_init(&c->git_lock, NULL);
	pthread_mutex_init(&c->publish_lock, NULL);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->runs_done, NULL);
	if ((r = settings_read(&c->settings, settings_file, &c->arena, ps, err)) != 0 ||
	    (r = open_parts(c, ps, err)) != 0) {
		controller_close(c);
		return r;
	}
	*out = c;
	return 0;
}

bool
controller_record(struct controller *c, const struct journal_write *w, const char *device)
{
	struct err err = ERR_INIT;
	int64_t pause = 1000;

	while (c->journal.ops->write(c->journal.self, w, &err) != 0) {
		log_error("journal", device, "trying again: %s", err.text);
		if (admit_stopping(c->admit))
			return false;
		sys_sleep_ms(c->sys, pause);
		pause = pause < 30000 ? pause * 2 : pause;
	}
	return true;
}

bool
controller_alone(const struct controller *c)
{
	struct stat st;

	return fstat(c->lock_fd, &st) == 0 && st.st_nlink > 0;
}

void
controller_close(struct controller *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	while (c->runs > 0)
		pthread_cond_wait(&c->runs_done, &c->lock);
	pthread_mutex_unlock(&c->lock);
	if (c->workers != NULL)
		workers_free(c->workers);
	intent_unref(c->latest);
	source_close(c);
	journal_close(&c->journal);
	platforms_free(c->platforms);
	admit_free(c->admit);
	if (c->lock_fd >= 0)
		close(c->lock_fd);
	mem_wipe(c->seal_key, sizeof(c->seal_key));
	mem_wipe(&c->mask_key, sizeof(c->mask_key));
	pthread_mutex_destroy(&c->git_lock);
	pthread_mutex_destroy(&c->publish_lock);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->runs_done);
	arena_release(&c->arena);
	free(c);
}

bool
controller_is_git_helper(int argc, char **argv, int *code)
{
	if (getenv("FAIRLEAD_GIT_CHILD") == NULL)
		return false;
	*code = git_child_main(argc, argv);
	return true;
}
