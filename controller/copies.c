/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/copies.h"

#include <dirent.h>
#include <unistd.h>

#include "base/log.h"

#define COPY_MAX ((size_t)256 << 20)

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Run ids begin with the time, so the oldest copies sort first; but the clock
 * may have gone back, so never the one just made. Failing to prune is no reason
 * to stop a change. */
static void
prune(const struct controller *c, const char *dir, const char *device, const char *made)
{
	struct arena a = ARENA_INIT;
	const char **names = NULL;
	struct dirent *e;
	size_t n = 0, i;
	DIR *d;

	if ((d = opendir(dir)) == NULL)
		return;
	while ((e = readdir(d)) != NULL)
		if (strstr(e->d_name, ".sealed") != NULL)
			ARENA_PUSH(&a, names, n) = arena_strdup(&a, e->d_name);
	closedir(d);
	if (n > 0)
		qsort(names, n, sizeof(names[0]), by_name);
	for (i = 0; i + (size_t)c->settings.rollback.keep < n; i++)
		if (strcmp(names[i], made) != 0 && unlink(arena_printf(&a, "%s/%s", dir,
		    names[i])) != 0)
			log_warn("copies", device, "cannot remove old copy %s", names[i]);
	arena_release(&a);
}

int
copy_keep(const struct controller *c, const char *device, const char *run,
    struct span text, const char **name, struct arena *a, struct err *err)
{
	const char *dir = arena_printf(a, "%s/copies/%s", c->settings.state, device);
	struct buf sealed = BUF_INIT;
	int r;

	*name = arena_printf(a, "copies/%s/%s.sealed", device, run);
	seal(c->sys, c->seal_key, *name, text, &sealed);
	if ((r = file_mkdirs(dir, 0700, err)) == 0 &&
	    (r = file_write_atomic(c->sys, arena_printf(a, "%s/%s", c->settings.state, *name),
	    sealed.data, sealed.len, 0600, err)) == 0)
		prune(c, dir, device, *name + strlen("copies/") + strlen(device) + 1);
	buf_release(&sealed);
	return r != 0 ? err_wrap(err, "rollback copy") : 0;
}

int
copy_read(const struct controller *c, const char *name, struct buf *out, struct err *err)
{
	struct buf path = BUF_INIT;
	char *sealed = NULL;
	size_t len;
	int r;

	buf_addf(&path, "%s/%s", c->settings.state, name);
	if ((r = file_read(buf_str(&path), COPY_MAX, &sealed, &len, err)) == 0)
		r = unseal(c->seal_key, name, span_of(sealed, len), out, err);
	free(sealed);
	buf_release(&path);
	return r != 0 ? err_wrap(err, "rollback copy %s", name) : 0;
}
