/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of state. A file is written whole beside its place and renamed over
 * it, with both synced: after a crash it is the old one or the new one. Trees
 * are removed by descriptor, so a symlink put in the way leads nowhere.
 */
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define TREE_DEPTH 64

static int
write_all(struct sys *sys, int fd, const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = sys->write(sys, fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The directory of path, "." when it has none. */
static char *
parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return mem_strdup(".");
	return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static int
sync_parent(struct sys *sys, const char *path, struct err *err)
{
	char *dir = parent_of(path);
	int rc = 0, fd = sys->open(sys, dir, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0 || sys->fsync(sys, fd) != 0)
		rc = err_errno(err, ERR_IO, "%s: cannot sync the directory", dir);
	if (fd >= 0)
		close(fd);
	free(dir);
	return rc;
}

static int
write_temporary(struct sys *sys, const char *path, const void *p, size_t len, mode_t mode,
    struct err *err)
{
	int fd, rc = 0;

	fd = sys->open(sys, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
	if (fd < 0)
		return err_errno(err, ERR_IO, "%s: cannot create", path);
	if (write_all(sys, fd, p, len) != 0 || sys->fsync(sys, fd) != 0) {
		rc = err_errno(err, ERR_IO, "%s: cannot write", path);
		close(fd);
		return rc;
	}
	if (close(fd) != 0)
		rc = err_errno(err, ERR_IO, "%s: cannot close", path);
	return rc;
}

int
file_write_atomic(struct sys *sys, const char *path, const void *p, size_t len, mode_t mode,
    struct err *err)
{
	struct buf temporary = BUF_INIT;
	uint8_t random[8];
	char hex[2 * sizeof(random) + 1];
	int rc;

	sys->random(sys, random, sizeof(random));
	text_hex(random, sizeof(random), hex);
	buf_addf(&temporary, "%s.tmp-%s", path, hex);
	rc = write_temporary(sys, temporary.data, p, len, mode, err);
	if (rc != 0)
		goto out;
	if (sys->rename(sys, temporary.data, path) != 0) {
		rc = err_errno(err, ERR_IO, "%s: cannot rename into place", path);
		goto out;
	}
	/* In place from here on; only its survival of a crash is open. */
	buf_release(&temporary);
	return sync_parent(sys, path, err);
out:
	unlink(temporary.data);
	buf_release(&temporary);
	return rc;
}

/* Up to max + 1 bytes: the one more tells a file that is too long. */
static int
read_fd(int fd, size_t max, struct buf *b)
{
	struct stat st;
	size_t chunk = 4096;

	if (fstat(fd, &st) == 0 && st.st_size > 0)
		chunk = (size_t)st.st_size < max ? (size_t)st.st_size + 1 : max + 1;
	while (b->len <= max) {
		size_t room = chunk < max + 1 - b->len ? chunk : max + 1 - b->len;
		char *to = buf_reserve(b, room);
		ssize_t n;

		if (to == NULL)
			return 0;
		n = read(fd, to, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		b->len += (size_t)n;
		chunk = 65536;
	}
	return 0;
}

int
file_read(const char *path, size_t max, char **out, size_t *len, struct err *err)
{
	struct buf b = BUF_INIT;
	int rc = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_errno(err, ERR_NOTFOUND, "%s", path);
	if (fd < 0)
		return err_errno(err, ERR_IO, "%s: cannot open", path);
	if (max > BUF_MAX - 1)
		max = BUF_MAX - 1;
	if (read_fd(fd, max, &b) != 0)
		rc = err_errno(err, ERR_IO, "%s: cannot read", path);
	else if (b.len > max)
		rc = err_set(err, ERR_LIMIT, "%s: longer than %zu bytes", path, max);
	close(fd);
	if (rc != 0) {
		buf_wipe(&b);
		return rc;
	}
	buf_add(&b, "", 0);	/* an empty file has its NUL, too */
	b.data[b.len] = '\0';
	*len = b.len;
	*out = buf_detach(&b);
	return 0;
}

int
file_mkdirs(const char *path, mode_t mode, struct err *err)
{
	char *part = mem_strdup(path), *at = part;
	struct stat st;
	int rc = 0;

	do {
		char *slash;

		at += strspn(at, "/");
		slash = strchr(at, '/');
		if (slash != NULL)
			*slash = '\0';
		if (*part != '\0' && mkdir(part, mode) != 0 && errno != EEXIST)
			rc = err_errno(err, ERR_IO, "%s: cannot create the directory", part);
		if (slash != NULL)
			*slash = '/';
		at = slash;
	} while (rc == 0 && at != NULL);
	if (rc == 0 && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)))
		rc = err_set(err, ERR_IO, "%s: is not a directory", path);
	free(part);
	return rc;
}

/* Empty the directory that fd is open on; closes fd. Sets errno. */
static int
empty_directory(int fd, int depth)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL) {
		close(fd);
		return -1;
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		const char *name = entry->d_name;
		int sub;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    unlinkat(fd, name, 0) == 0 || errno == ENOENT)
			continue;
		sub = depth > 0 ? openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
				: (errno = ELOOP, -1);
		if (sub < 0 || empty_directory(sub, depth - 1) != 0 ||
		    unlinkat(fd, name, AT_REMOVEDIR) != 0)
			rc = -1;
	}
	closedir(dir);
	return rc;
}

int
file_rmtree(const char *path, struct err *err)
{
	int fd;

	if (unlink(path) == 0 || errno == ENOENT)
		return 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || empty_directory(fd, TREE_DEPTH) != 0 || rmdir(path) != 0)
		return err_errno(err, ERR_IO, "%s: cannot remove", path);
	return 0;
}

int
file_lock(const char *path, int *fd, struct err *err)
{
	int rc, got = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (got < 0)
		return err_errno(err, ERR_IO, "%s: cannot open", path);
	do
		rc = flock(got, LOCK_EX | LOCK_NB);
	while (rc != 0 && errno == EINTR);
	if (rc != 0 && errno == EWOULDBLOCK)
		rc = err_set(err, ERR_LOCKED, "%s: another process holds the lock", path);
	else if (rc != 0)
		rc = err_errno(err, ERR_IO, "%s: cannot lock", path);
	if (rc != 0) {
		close(got);
		return rc;
	}
	*fd = got;
	return 0;
}
