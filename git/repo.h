/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a bare repository: commits, trees and blobs straight from the
 * object database. There is never a checkout. Everything in the repository is
 * hostile: counts, depths and sizes are capped, sizes are read from the object
 * header before the object. The only room of libgit2 (repo.c, walk.c,
 * publish.c).
 *
 * A struct repo belongs to one thread at a time; open another for another
 * thread, that costs microseconds.
 */
#ifndef FAIRLEAD_GIT_REPO_H
#define FAIRLEAD_GIT_REPO_H

#include "base/err.h"
#include "base/sys.h"
#include "base/text.h"

/* An object id, 40 lower-case hex digits; "" is none. */
struct oid {
	char hex[41];
};
bool oid_parse(const char *hex, struct oid *out);
static inline bool
oid_eq(const struct oid *a, const struct oid *b)
{
	return strcmp(a->hex, b->hex) == 0;
}
static inline bool
oid_none(const struct oid *a)
{
	return a->hex[0] == '\0';
}

struct repo;
/* dir is a bare repository. ERR_IO. */
int repo_open(struct repo **out, const char *dir, struct err *err);
void repo_close(struct repo *r);

/* A branch, tag, note ref or (abbreviated) id to the commit it names.
 * ERR_NOTFOUND. */
int repo_resolve(struct repo *r, const char *rev, struct oid *out, struct err *err);
/* 1 when `old` is `new` or an ancestor of it, 0 when not, negative on error. */
int repo_is_ancestor(struct repo *r, const struct oid *old, const struct oid *new,
    struct err *err);

struct commit_info {
	struct oid oid;
	const char *author_name, *author_email;
	const char *committer_name, *committer_email;
	struct wall when;	/* committer time */
	const char *subject;	/* first line of the message, valid UTF-8 */
	size_t parents;
};
int repo_commit(struct repo *r, const struct oid *commit, struct arena *a,
    struct commit_info *out, struct err *err);

enum entry_kind { ENTRY_FILE, ENTRY_SYMLINK, ENTRY_SUBMODULE };
struct entry {
	const char *path;	/* from the root, '/' between parts */
	enum entry_kind kind;
	struct oid oid;
	int64_t size;		/* of a file, from the object header */
};
struct walk_limits {
	size_t max_entries;	/* files and directories seen; ERR_LIMIT past it */
	int max_depth;		/* directories; deeper is ERR_LIMIT */
};
extern const struct walk_limits WALK_LIMITS;	/* 1,000,000 and 32 */
/* Every file below prefix ("" for all) at a commit, in tree order. `want` is
 * asked before a directory is entered (path without trailing '/'; NULL: all)
 * so that large foreign trees cost nothing. A path with control bytes or
 * invalid UTF-8, a part "." ".." ".git" or one over 255 bytes is not delivered
 * (a directory: not entered); it is counted in *refused. The callback's
 * nonzero return ends the walk and is returned. */
int repo_walk(struct repo *r, const struct oid *commit, const char *prefix,
    const struct walk_limits *limits, bool (*want)(const char *dir, void *ctx),
    int (*each)(const struct entry *e, void *ctx), void *ctx, size_t *refused,
    struct err *err);
/* One path. ERR_NOTFOUND when absent or a directory. */
int repo_entry(struct repo *r, const struct oid *commit, const char *path,
    struct arena *a, struct entry *out, struct err *err);
/* Append a blob of at most max bytes (ERR_LIMIT before it is read). */
int repo_blob(struct repo *r, const struct oid *blob, size_t max, struct buf *out,
    struct err *err);

enum change_kind { CHANGE_ADDED, CHANGE_DELETED, CHANGE_MODIFIED };
/* Paths that differ between two commits (no rename detection: a rename is a
 * delete and an add). old may be none: everything is added. */
int repo_changed(struct repo *r, const struct oid *old, const struct oid *new,
    int (*each)(enum change_kind kind, const char *path, void *ctx), void *ctx,
    struct err *err);

#endif
