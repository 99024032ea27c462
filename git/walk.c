/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking trees. One engine steps through two trees side by side and stops
 * at every file in which they differ; a plain walk is the same thing with no
 * old tree. It is a loop with its own stack, so that depth costs heap and not
 * thread stack, and it counts every name it looks at: 100 kB of crafted trees
 * can name 10^8 paths, and the walk ends at the cap instead.
 *
 * No name is skipped in silence: an entry is the same on both sides,
 * delivered, declined by `want`, or counted as refused.
 */
#include "git/inside.h"
#include "git/libgit2.h"

const struct walk_limits WALK_LIMITS = { 1000000, 32 };

struct level {
	git_tree *old, *new;	/* either may be NULL */
	size_t i, j;		/* next entry of each */
	size_t path_len;	/* of walker.path up to here, '/' included */
};

struct walker {
	struct repo *repo;
	const struct walk_limits *limits;
	bool (*want)(const char *dir, void *ctx);
	void *ctx;
	struct level *levels;
	int depth;		/* levels in use */
	size_t seen, refused;
	char path[PATH_LIMIT + 1];
};

static void
walker_init(struct walker *w, struct repo *r, const struct walk_limits *limits)
{
	w->repo = r;
	w->limits = limits;
	w->want = NULL;
	w->ctx = NULL;
	w->levels = mem_calloc((size_t)limits->max_depth + 1, sizeof(*w->levels));
	w->depth = 0;
	w->seen = w->refused = 0;
	w->path[0] = '\0';
}

static void
walker_pop(struct walker *w)
{
	struct level *l = &w->levels[--w->depth];

	git_tree_free(l->old);
	git_tree_free(l->new);
}

static void
walker_release(struct walker *w)
{
	while (w->depth > 0)
		walker_pop(w);
	free(w->levels);
}

/* Enter the directories of the first path_len bytes of w->path. */
static int
walker_push(struct walker *w, const git_oid *old, const git_oid *new, size_t path_len,
    struct err *err)
{
	struct level *l = &w->levels[w->depth];
	int rc = 0;

	if (w->depth > w->limits->max_depth)
		return err_set(err, ERR_LIMIT, "directories are nested deeper than %d",
		    w->limits->max_depth);
	memset(l, 0, sizeof(*l));
	l->path_len = path_len;
	w->depth++;
	if (old != NULL)
		rc = repo_tree(&l->old, w->repo, old, err);
	if (rc == 0 && new != NULL)
		rc = repo_tree(&l->new, w->repo, new, err);
	return rc;
}

/* The next name of a level, as one side or both have it. */
static bool
level_next(struct level *l, const git_tree_entry **old, const git_tree_entry **new)
{
	const git_tree_entry *a, *b;
	int order;

	a = l->old != NULL ? git_tree_entry_byindex(l->old, l->i) : NULL;
	b = l->new != NULL ? git_tree_entry_byindex(l->new, l->j) : NULL;
	/* A file and a directory of one name do not compare equal: that is a
	 * delete and an add, which is what it is. */
	order = a == NULL ? 1 : b == NULL ? -1 : git_tree_entry_cmp(a, b);
	*old = order <= 0 ? a : NULL;
	*new = order >= 0 ? b : NULL;
	l->i += *old != NULL;
	l->j += *new != NULL;
	return *old != NULL || *new != NULL;
}

static bool
same(const git_tree_entry *a, const git_tree_entry *b)
{
	return a != NULL && b != NULL &&
	    git_tree_entry_filemode_raw(a) == git_tree_entry_filemode_raw(b) &&
	    git_oid_equal(git_tree_entry_id(a), git_tree_entry_id(b));
}

static const git_oid *
id_of(const git_tree_entry *e)
{
	return e != NULL ? git_tree_entry_id(e) : NULL;
}

/* Put name at the end of the current directory's path. */
static bool
walker_name(struct walker *w, const char *name)
{
	size_t at = w->levels[w->depth - 1].path_len, len = strlen(name);

	/* Room for the '/' of a directory as well. */
	if (!repo_name_ok(name, len) || at + len + 1 > PATH_LIMIT)
		return false;
	memcpy(w->path + at, name, len + 1);
	return true;
}

static int
walker_enter(struct walker *w, const git_tree_entry *old, const git_tree_entry *new,
    struct err *err)
{
	size_t len = strlen(w->path);

	if (w->want != NULL && !w->want(w->path, w->ctx))
		return 0;
	w->path[len] = '/';
	w->path[len + 1] = '\0';
	return walker_push(w, id_of(old), id_of(new), len + 1, err);
}

/* 1: the file w->path differs, *old and *new (one may be NULL) are its
 * entries until the next call; 0: the end. */
static int
walker_next(struct walker *w, const git_tree_entry **old, const git_tree_entry **new,
    struct err *err)
{
	while (w->depth > 0) {
		const git_tree_entry *e;
		int rc = 0;

		if (!level_next(&w->levels[w->depth - 1], old, new)) {
			walker_pop(w);
			continue;
		}
		if (++w->seen > w->limits->max_entries)
			return err_set(err, ERR_LIMIT, "more than %zu files and directories",
			    w->limits->max_entries);
		if (same(*old, *new))
			continue;
		e = *new != NULL ? *new : *old;
		if (!walker_name(w, git_tree_entry_name(e))) {
			w->refused++;
			continue;
		}
		if (git_tree_entry_filemode(e) != GIT_FILEMODE_TREE)
			return 1;
		rc = walker_enter(w, *old, *new, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* Fill in *e. 0 when the entry is a file by its mode and no blob in fact. */
static int
entry_fill(struct walker *w, const git_tree_entry *from, struct entry *e, struct err *err)
{
	git_filemode_t mode = git_tree_entry_filemode(from);
	size_t size = 0;
	int rc = 0;

	e->path = w->path;
	e->kind = mode == GIT_FILEMODE_LINK ? ENTRY_SYMLINK :
	    mode == GIT_FILEMODE_COMMIT ? ENTRY_SUBMODULE : ENTRY_FILE;
	git_oid_tostr(e->oid.hex, sizeof(e->oid.hex), git_tree_entry_id(from));
	if (e->kind == ENTRY_FILE)
		rc = repo_blob_size(w->repo, git_tree_entry_id(from), &size, err);
	e->size = (int64_t)size;
	if (rc == ERR_CONTENT) {
		err_clear(err);
		return 0;
	}
	return rc == 0 ? 1 : rc;
}

/* Stand in front of the files below prefix; at a missing one there are none. */
static int
walker_start(struct walker *w, const struct oid *commit, const char *prefix, struct err *err)
{
	size_t len = prefix != NULL ? strlen(prefix) : 0;
	unsigned int mode;
	git_oid root, id;
	int rc;

	while (len > 0 && prefix[len - 1] == '/')
		len--;
	if (len + 1 > PATH_LIMIT)
		return 0;
	if (len > 0)
		memcpy(w->path, prefix, len);
	w->path[len] = '\0';
	rc = repo_root(w->repo, commit, &root, err);
	if (rc == 0)
		rc = repo_find(w->repo, &root, w->path, &id, &mode, err);
	if (rc != 1 || mode != GIT_FILEMODE_TREE)
		return rc < 0 ? rc : 0;
	if (len > 0)
		w->path[len++] = '/';
	return walker_push(w, NULL, &id, len, err);
}

int
repo_walk(struct repo *r, const struct oid *commit, const char *prefix,
    const struct walk_limits *limits, bool (*want)(const char *dir, void *ctx),
    int (*each)(const struct entry *e, void *ctx), void *ctx, size_t *refused,
    struct err *err)
{
	const git_tree_entry *none, *found;
	struct walker w;
	struct entry e;
	int rc;

	walker_init(&w, r, limits);
	w.want = want;
	w.ctx = ctx;
	rc = walker_start(&w, commit, prefix, err);
	while (rc == 0 && (rc = walker_next(&w, &none, &found, err)) == 1) {
		rc = entry_fill(&w, found, &e, err);
		if (rc == 1)
			rc = each(&e, ctx);
		else if (rc == 0)
			w.refused++;
	}
	if (refused != NULL)
		*refused = w.refused;
	walker_release(&w);
	return rc;
}

int
repo_changed(struct repo *r, const struct oid *old, const struct oid *new,
    int (*each)(enum change_kind kind, const char *path, void *ctx), void *ctx,
    struct err *err)
{
	const git_tree_entry *a, *b;
	git_oid before, after;
	struct walker w;
	int rc = 0;

	walker_init(&w, r, &WALK_LIMITS);
	if (!oid_none(old))
		rc = repo_root(r, old, &before, err);
	if (rc == 0)
		rc = repo_root(r, new, &after, err);
	if (rc == 0)
		rc = walker_push(&w, oid_none(old) ? NULL : &before, &after, 0, err);
	while (rc == 0 && (rc = walker_next(&w, &a, &b, err)) == 1)
		rc = each(a == NULL ? CHANGE_ADDED : b == NULL ? CHANGE_DELETED : CHANGE_MODIFIED,
		    w.path, ctx);
	walker_release(&w);
	return rc;
}
