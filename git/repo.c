/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading objects with libgit2: names to commits, commits, single paths,
 * blobs. Walking trees is walk.c. Nothing here writes, runs a program, or
 * reads any configuration but the repository's own.
 *
 * Every object is asked for its type and size (git_odb_read_header) before
 * it is read: a repository of a megabyte may hold a blob, or a tree, that
 * unpacks to gigabytes.
 */
#include "git/repo.h"

#include <pthread.h>
#include <strings.h>

#include "git/inside.h"
#include "git/libgit2.h"

/* A commit object with a longer message, or a directory with more names, is
 * not something a person made. */
#define COMMIT_MAX ((size_t)1 << 20)
#define TREE_MAX ((size_t)64 << 20)
#define SUBJECT_MAX ((size_t)500)

struct repo {
	git_repository *git;
	git_odb *odb;
};

static pthread_once_t started = PTHREAD_ONCE_INIT;

/* Never shut down: the count of users would only be kept for its own sake. */
static void
libgit2_start(void)
{
	static const int levels[] = { GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
		GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL };

	git_libgit2_init();
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
	/* The owner matters to programs that run what a repository configures;
	 * libgit2 runs nothing, and root may look into the daemon's mirror. */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	/* What publish.c puts into a tree it has just written or read. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
	git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)32 << 20);
}

int
repo_fail(struct err *err, int code, const char *fmt, ...)
{
	const git_error *last = git_error_last();
	const char *why = last != NULL && last->message != NULL ? last->message : "no reason given";
	struct buf what = BUF_LIMIT(512);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&what, fmt, ap);
	va_end(ap);
	if (code == ERR_IO && strstr(why, "No space left on device") != NULL)
		code = ERR_FULL;
	err_set(err, code, "%s: %s", buf_str(&what), why);
	buf_release(&what);
	return code;
}

bool
oid_parse(const char *hex, struct oid *out)
{
	size_t i;

	for (i = 0; hex[i] != '\0'; i++) {
		char c = hex[i];

		if (i == 40)
			return false;
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		out->hex[i] = c;
	}
	out->hex[i] = '\0';
	return i == 40;
}

static void
oid_from(struct oid *out, const git_oid *id)
{
	git_oid_tostr(out->hex, sizeof(out->hex), id);
}

static int
oid_to(git_oid *out, const struct oid *id, struct err *err)
{
	if (git_oid_fromstr(out, id->hex) != 0)
		return err_set(err, ERR_NOTFOUND, "\"%s\" is not an object id", id->hex);
	return 0;
}

int
repo_open(struct repo **out, const char *dir, struct err *err)
{
	struct repo *r;

	pthread_once(&started, libgit2_start);
	r = mem_zalloc(sizeof(*r));
	if (git_repository_open_ext(&r->git, dir,
	    GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE, NULL) != 0 ||
	    git_repository_odb(&r->odb, r->git) != 0) {
		repo_close(r);
		return repo_fail(err, ERR_IO, "cannot open the repository %s", dir);
	}
	*out = r;
	return 0;
}

void
repo_close(struct repo *r)
{
	if (r == NULL)
		return;
	git_odb_free(r->odb);
	git_repository_free(r->git);
	free(r);
}

struct git_repository *
repo_handle(const struct repo *r)
{
	return r->git;
}

struct git_odb *
repo_odb(const struct repo *r)
{
	return r->odb;
}

bool
repo_branch_ok(const char *branch)
{
	int valid = 0;

	pthread_once(&started, libgit2_start);
	if (branch == NULL || branch[0] == '-' || strlen(branch) > 200)
		return false;
	return git_branch_name_is_valid(&valid, branch) == 0 && valid == 1 &&
	    text_utf8_ok(branch, strlen(branch));
}

/* Printable ASCII needs no second look; the rest is fine when showing it
 * changes nothing. */
static bool
name_plain(const char *name, size_t len)
{
	struct buf shown = BUF_INIT;
	bool plain = true;

	for (size_t i = 0; i < len && plain; i++)
		plain = name[i] >= 0x20 && name[i] < 0x7f;
	if (plain)
		return true;
	text_visible(&shown, span_of(name, len), false);
	plain = span_eq(buf_span(&shown), span_of(name, len)) &&
	    memchr(name, '\t', len) == NULL;
	buf_release(&shown);
	return plain;
}

bool
repo_name_ok(const char *name, size_t len)
{
	if (len == 0 || len > 255 || memchr(name, '/', len) != NULL)
		return false;
	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return false;
	if (len == 4 && strncasecmp(name, ".git", 4) == 0)
		return false;
	return name_plain(name, len);
}

/*
 * Objects, header first
 */

static int
header_check(struct repo *r, const git_oid *id, git_object_t want, size_t max, size_t *size,
    struct err *err)
{
	git_object_t type;
	size_t len;
	char hex[41];
	int rc = git_odb_read_header(&len, &type, r->odb, id);

	git_oid_tostr(hex, sizeof(hex), id);
	if (rc == GIT_ENOTFOUND)
		return err_set(err, ERR_NOTFOUND, "object %s is not in the repository", hex);
	if (rc != 0)
		return repo_fail(err, ERR_IO, "object %s", hex);
	if (type != want)
		return err_set(err, ERR_CONTENT, "object %s is a %s where a %s is expected", hex,
		    git_object_type2string(type), git_object_type2string(want));
	if (len > max)
		return err_set(err, ERR_LIMIT, "%s %s has %zu bytes, more than the limit of %zu",
		    git_object_type2string(want), hex, len, max);
	if (size != NULL)
		*size = len;
	return 0;
}

static int
commit_read(git_commit **out, struct repo *r, const struct oid *commit, struct err *err)
{
	git_oid id;
	int rc = oid_to(&id, commit, err);

	if (rc == 0)
		rc = header_check(r, &id, GIT_OBJECT_COMMIT, COMMIT_MAX, NULL, err);
	if (rc == 0 && git_commit_lookup(out, r->git, &id) != 0)
		rc = repo_fail(err, ERR_CONTENT, "commit %s", commit->hex);
	return rc;
}

int
repo_root(struct repo *r, const struct oid *commit, struct git_oid *tree, struct err *err)
{
	git_commit *c = NULL;
	int rc = commit_read(&c, r, commit, err);

	if (rc != 0)
		return rc;
	git_oid_cpy(tree, git_commit_tree_id(c));
	git_commit_free(c);
	return 0;
}

int
repo_tree(struct git_tree **out, struct repo *r, const struct git_oid *id, struct err *err)
{
	int rc = header_check(r, id, GIT_OBJECT_TREE, TREE_MAX, NULL, err);

	if (rc == 0 && git_tree_lookup(out, r->git, id) != 0)
		rc = repo_fail(err, ERR_CONTENT, "a directory of the repository is malformed");
	return rc;
}

int
repo_blob_size(struct repo *r, const struct git_oid *id, size_t *size, struct err *err)
{
	return header_check(r, id, GIT_OBJECT_BLOB, SIZE_MAX, size, err);
}

/* One step down: name within the tree *id. */
static int
find_step(struct repo *r, const char *name, git_oid *id, unsigned int *mode, struct err *err)
{
	const git_tree_entry *e;
	git_tree *tree = NULL;
	int rc;

	if (*mode != GIT_FILEMODE_TREE)
		return 0;
	rc = repo_tree(&tree, r, id, err);
	if (rc != 0)
		return rc;
	e = git_tree_entry_byname(tree, name);
	if (e != NULL) {
		git_oid_cpy(id, git_tree_entry_id(e));
		*mode = git_tree_entry_filemode(e);
	}
	git_tree_free(tree);
	return e != NULL;
}

int
repo_find(struct repo *r, const struct git_oid *root, const char *path,
    struct git_oid *id, unsigned int *mode, struct err *err)
{
	char name[256];

	git_oid_cpy(id, root);
	*mode = GIT_FILEMODE_TREE;
	while (*path != '\0') {
		size_t len = strcspn(path, "/");
		int rc;

		if (!repo_name_ok(path, len))
			return 0;
		memcpy(name, path, len);
		name[len] = '\0';
		rc = find_step(r, name, id, mode, err);
		if (rc != 1)
			return rc;
		path += len;
		path += *path == '/';
	}
	return 1;
}

/*
 * Names to commits
 */

/* 1 found, 0 no such ref, negative: there is one that leads to no commit. */
static int
resolve_ref(struct repo *r, const char *name, struct oid *out, struct err *err)
{
	git_reference *ref = NULL;
	git_object *commit = NULL;
	int rc = git_reference_lookup(&ref, r->git, name);

	if (rc == GIT_ENOTFOUND || rc == GIT_EINVALIDSPEC)
		return 0;
	if (rc != 0)
		return repo_fail(err, ERR_IO, "ref %s", name);
	rc = git_reference_peel(&commit, ref, GIT_OBJECT_COMMIT);
	if (rc == 0)
		oid_from(out, git_object_id(commit));
	git_object_free(commit);
	git_reference_free(ref);
	return rc == 0 ? 1 : repo_fail(err, ERR_NOTFOUND, "%s does not lead to a commit", name);
}

/* As resolve_ref() for a full or abbreviated id of a commit or tag. */
static int
resolve_id(struct repo *r, const char *rev, struct oid *out, struct err *err)
{
	size_t len = strlen(rev), size;
	git_object *object = NULL, *commit = NULL;
	git_object_t type;
	git_oid abbrev, id;
	int rc;

	if (len < 4 || len > 40 || git_oid_fromstrn(&abbrev, rev, len) != 0)
		return 0;
	rc = git_odb_exists_prefix(&id, r->odb, &abbrev, len);
	if (rc == GIT_EAMBIGUOUS) {
		err_set(err, ERR_NOTFOUND, "%s names more than one object", rev);
		return err_next(err, "give more digits of the commit id");
	}
	if (rc != 0)
		return 0;
	rc = git_odb_read_header(&size, &type, r->odb, &id);
	if (rc == 0 && (type == GIT_OBJECT_COMMIT || type == GIT_OBJECT_TAG) &&
	    size <= COMMIT_MAX && git_object_lookup(&object, r->git, &id, type) == 0 &&
	    git_object_peel(&commit, object, GIT_OBJECT_COMMIT) == 0)
		oid_from(out, git_object_id(commit));
	rc = commit != NULL ? 1 : err_set(err, ERR_NOTFOUND, "%s is not a commit", rev);
	git_object_free(commit);
	git_object_free(object);
	return rc;
}

int
repo_resolve(struct repo *r, const char *rev, struct oid *out, struct err *err)
{
	static const char *const places[] = { "", "refs/heads/", "refs/remotes/origin/",
		"refs/tags/" };
	int rc = 0;

	/* A whole id is never a ref, whatever somebody called a branch. */
	if (strlen(rev) == 40)
		rc = resolve_id(r, rev, out, err);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && rc == 0; i++) {
		struct buf b = BUF_LIMIT(512);

		/* Bare names directly below the git directory are not for
		 * everyone: only HEAD is. */
		if (i == 0 && strncmp(rev, "refs/", 5) != 0 && strcmp(rev, "HEAD") != 0)
			continue;
		buf_adds(&b, places[i]);
		buf_adds(&b, rev);
		rc = b.truncated ? 0 : resolve_ref(r, buf_str(&b), out, err);
		buf_release(&b);
	}
	if (rc == 0)
		rc = resolve_id(r, rev, out, err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	return err_set(err, ERR_NOTFOUND, "no branch, tag or commit %.100s in the repository", rev);
}

int
repo_is_ancestor(struct repo *r, const struct oid *old, const struct oid *new,
    struct err *err)
{
	git_commit *a = NULL, *b = NULL;
	int rc = commit_read(&a, r, old, err);

	if (rc == 0)
		rc = commit_read(&b, r, new, err);
	if (rc == 0 && oid_eq(old, new))
		rc = 1;
	else if (rc == 0)
		rc = git_graph_descendant_of(r->git, git_commit_id(b), git_commit_id(a));
	if (rc < 0 && a != NULL && b != NULL)
		rc = repo_fail(err, ERR_IO, "history of %s", new->hex);
	git_commit_free(b);
	git_commit_free(a);
	return rc;
}

/*
 * Commits, entries, blobs
 */

/* What people wrote, fit for every sink: cut, and nothing hidden in it. */
static const char *
shown(struct arena *a, struct span s)
{
	struct buf b = BUF_INIT;
	const char *copy;

	if (s.len > SUBJECT_MAX) {
		s.len = SUBJECT_MAX;
		while (s.len > SUBJECT_MAX - 4 && (s.p[s.len] & 0xc0) == 0x80)
			s.len--;
	}
	text_visible(&b, s, false);
	copy = arena_strndup(a, buf_str(&b), b.len);
	buf_release(&b);
	return copy;
}

static struct wall
commit_when(const git_commit *c)
{
	const int64_t year_9999 = 253402300799;
	int64_t t = git_commit_time(c);
	struct wall w = { (t < 0 ? 0 : t > year_9999 ? year_9999 : t) * 1000000 };

	return w;
}

int
repo_commit(struct repo *r, const struct oid *commit, struct arena *a,
    struct commit_info *out, struct err *err)
{
	struct span message, subject = { "", 0 };
	git_commit *c = NULL;
	int rc = commit_read(&c, r, commit, err);

	if (rc != 0)
		return rc;
	message = span_str(git_commit_message(c));
	span_line(&message, &subject);
	out->oid = *commit;
	out->author_name = shown(a, span_str(git_commit_author(c)->name));
	out->author_email = shown(a, span_str(git_commit_author(c)->email));
	out->committer_name = shown(a, span_str(git_commit_committer(c)->name));
	out->committer_email = shown(a, span_str(git_commit_committer(c)->email));
	out->when = commit_when(c);
	out->subject = shown(a, span_rtrim(subject));
	out->parents = git_commit_parentcount(c);
	git_commit_free(c);
	return 0;
}

int
repo_entry(struct repo *r, const struct oid *commit, const char *path,
    struct arena *a, struct entry *out, struct err *err)
{
	unsigned int mode;
	git_oid root, id;
	size_t size = 0;
	int rc = repo_root(r, commit, &root, err);

	if (rc == 0)
		rc = repo_find(r, &root, path, &id, &mode, err);
	if (rc < 0)
		return rc;
	if (rc == 0 || mode == GIT_FILEMODE_TREE)
		return err_set(err, ERR_NOTFOUND, "%s: no such file at %.12s", path, commit->hex);
	out->kind = mode == GIT_FILEMODE_LINK ? ENTRY_SYMLINK :
	    mode == GIT_FILEMODE_COMMIT ? ENTRY_SUBMODULE : ENTRY_FILE;
	if (out->kind == ENTRY_FILE)
		rc = repo_blob_size(r, &id, &size, err);
	if (rc < 0)
		return err_wrap(err, "%s", path);
	out->path = arena_strdup(a, path);
	oid_from(&out->oid, &id);
	out->size = (int64_t)size;
	return 0;
}

int
repo_blob(struct repo *r, const struct oid *blob, size_t max, struct buf *out,
    struct err *err)
{
	git_odb_object *object = NULL;
	git_oid id;
	int rc = oid_to(&id, blob, err);

	if (rc == 0)
		rc = header_check(r, &id, GIT_OBJECT_BLOB, max, NULL, err);
	if (rc == 0 && git_odb_read(&object, r->odb, &id) != 0)
		rc = repo_fail(err, ERR_IO, "object %s", blob->hex);
	if (rc == 0)
		buf_add(out, git_odb_object_data(object), git_odb_object_size(object));
	git_odb_object_free(object);
	return rc;
}
