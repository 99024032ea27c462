/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One commit on the results branch and one on the notes, built in memory on
 * what the remote has now, pushed without force. A lost race means: fetch,
 * render again on the new tree, push again; so shared pages are never merged
 * as text, and publishing the same thing twice changes nothing.
 *
 * Built for tens of thousands of files in one commit: the set is sorted once,
 * each directory is written once, bottom up, and a file that is the same as
 * in the base costs a hash. Objects are loose and not synced one by one; one
 * syncfs() before the push is what makes them safe.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "git/inside.h"
#include "git/libgit2.h"
#include "git/publish.h"

#define DEPTH_MAX 32
#define NOTE_MAX ((size_t)1 << 20)
#define BACKOFF_FIRST_MS 50
#define BACKOFF_MAX_MS 3000

/*
 * The set
 */

static void
add_file(struct publish_set *set, struct publish_file file)
{
	ARENA_PUSH(&set->arena, set->files, set->n) = file;
}

void
publish_add(struct publish_set *set, const char *path, struct span text)
{
	struct publish_file file = { arena_strdup(&set->arena, path),
		{ arena_strndup(&set->arena, text.p, text.len), text.len }, false };

	add_file(set, file);
}

void
publish_remove(struct publish_set *set, const char *path)
{
	struct publish_file file = { arena_strdup(&set->arena, path), { "", 0 }, true };

	add_file(set, file);
}

void
publish_add_note(struct publish_set *set, const struct oid *commit, const char *text)
{
	struct publish_note note = { *commit, arena_strdup(&set->arena, text) };

	ARENA_PUSH(&set->arena, set->notes, set->n_notes) = note;
}

/*
 * Trees
 */

struct builder {
	struct repo *repo;
	/* For blobs: the loose objects alone. Through the repository, each
	 * write would look through all packs for the object first. */
	git_odb *loose;
	const char *name, *email;
	struct sys *sys;
	bool wrote;		/* something that is not on disk yet */
};

static int
builder_open(struct builder *b, const char *dir, struct err *err)
{
	const int zlib_default = -1, no_sync = 0;
	git_odb_backend *backend = NULL;
	struct buf objects = BUF_INIT;
	int rc = repo_open(&b->repo, dir, err);

	buf_adds(&objects, dir);
	buf_adds(&objects, "/objects");
	if (rc == 0 && (git_odb_new(&b->loose) != 0 || git_odb_backend_loose(&backend,
	    buf_str(&objects), zlib_default, no_sync, 0, 0) != 0 ||
	    git_odb_add_backend(b->loose, backend, 1) != 0))
		rc = repo_fail(err, ERR_IO, "%s", buf_str(&objects));
	buf_release(&objects);
	return rc;
}

static void
builder_close(struct builder *b)
{
	git_odb_free(b->loose);
	repo_close(b->repo);
}

/* A renderer's mistake, or a device name that got past its check. */
static int
path_check(const char *path, struct err *err)
{
	const char *part = path;
	int depth = 0;

	for (;;) {
		size_t len = strcspn(part, "/");

		if (!repo_name_ok(part, len) || ++depth > DEPTH_MAX)
			return err_set(err, ERR_BUG, "results path \"%.200s\" is not allowed",
			    path);
		if (part[len] == '\0')
			return 0;
		part += len + 1;
	}
}

/* By path; what was added last comes last. */
static int
by_path(const void *a, const void *b)
{
	const struct publish_file *const *x = a, *const *y = b;
	int order = strcmp((*x)->path, (*y)->path);

	return order != 0 ? order : (*x > *y) - (*x < *y);
}

/* Sorted, one a path: the last one said. Below one directory all files stand
 * together, since a common prefix sorts together. */
static int
sort_files(struct arena *a, const struct publish_file *files, size_t n,
    const struct publish_file ***out, size_t *n_out, struct err *err)
{
	const struct publish_file **sorted = arena_calloc(a, n + 1, sizeof(struct publish_file *));
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		int rc = path_check(files[i].path, err);

		if (rc != 0)
			return rc;
		sorted[i] = &files[i];
	}
	qsort(sorted, n, sizeof(*sorted), by_path);
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || strcmp(sorted[i]->path, sorted[i + 1]->path) != 0)
			sorted[kept++] = sorted[i];
	*out = sorted;
	*n_out = kept;
	return 0;
}

static bool
is_tree(const git_tree_entry *e)
{
	return e != NULL && git_tree_entry_filemode(e) == GIT_FILEMODE_TREE;
}

static int
put_file(struct builder *b, git_treebuilder *dir, const char *name,
    const struct publish_file *file, struct err *err)
{
	const git_tree_entry *old = git_treebuilder_get(dir, name);
	git_oid id;

	if (file->remove) {
		if (old != NULL && !is_tree(old) && git_treebuilder_remove(dir, name) != 0)
			return repo_fail(err, ERR_IO, "%s", file->path);
		return 0;
	}
	if (git_odb_hash(&id, file->text.p, file->text.len, GIT_OBJECT_BLOB) != 0)
		return repo_fail(err, ERR_IO, "%s", file->path);
	if (old != NULL && git_tree_entry_filemode(old) == GIT_FILEMODE_BLOB &&
	    git_oid_equal(git_tree_entry_id(old), &id))
		return 0;
	b->wrote = true;
	if (git_odb_write(&id, b->loose, file->text.p, file->text.len, GIT_OBJECT_BLOB) != 0 ||
	    git_treebuilder_insert(NULL, dir, name, &id, GIT_FILEMODE_BLOB) != 0)
		return repo_fail(err, ERR_IO, "%s", file->path);
	return 0;
}

static int put_dir(struct builder *b, git_treebuilder *dir,
    const struct publish_file *const *files, size_t n, size_t at, struct err *err);

/* The directory of files[0..n), whose paths are the same up to `at`, on top
 * of *base (or nothing). 1 and *out; 0: it is empty. */
static int
build_dir(struct builder *b, const git_oid *base, const struct publish_file *const *files,
    size_t n, size_t at, git_oid *out, struct err *err)
{
	git_treebuilder *dir = NULL;
	git_tree *old = NULL;
	size_t same;
	int rc = base != NULL ? repo_tree(&old, b->repo, base, err) : 0;

	if (rc == 0 && git_treebuilder_new(&dir, repo_handle(b->repo), old) != 0)
		rc = repo_fail(err, ERR_IO, "cannot build a directory");
	for (size_t i = 0; i < n && rc == 0; i += same) {
		const char *name = files[i]->path + at;
		size_t len = strcspn(name, "/");

		same = 1;
		if (name[len] == '\0') {
			rc = put_file(b, dir, name, files[i], err);
			continue;
		}
		while (i + same < n && strncmp(files[i + same]->path + at, name, len + 1) == 0)
			same++;
		rc = put_dir(b, dir, files + i, same, at, err);
	}
	if (rc == 0 && git_treebuilder_entrycount(dir) > 0)
		rc = git_treebuilder_write(out, dir) == 0 ? 1 :
		    repo_fail(err, ERR_IO, "cannot write a directory");
	git_treebuilder_free(dir);
	git_tree_free(old);
	return rc;
}

/* The files below one directory of dir. A file in its place gives way. */
static int
put_dir(struct builder *b, git_treebuilder *dir, const struct publish_file *const *files,
    size_t n, size_t at, struct err *err)
{
	const git_tree_entry *old;
	char name[256];
	size_t len = strcspn(files[0]->path + at, "/");
	git_oid base, id;
	bool was;
	int rc;

	memcpy(name, files[0]->path + at, len);	/* path_check(): at most 255 */
	name[len] = '\0';
	old = git_treebuilder_get(dir, name);
	was = is_tree(old);
	if (was)
		git_oid_cpy(&base, git_tree_entry_id(old));
	rc = build_dir(b, was ? &base : NULL, files, n, at + len + 1, &id, err);
	if (rc == 1)
		rc = git_treebuilder_insert(NULL, dir, name, &id, GIT_FILEMODE_TREE);
	else if (rc == 0 && was)
		rc = git_treebuilder_remove(dir, name);
	else
		return rc;
	return rc == 0 ? 0 : repo_fail(err, ERR_IO, "%s", files[0]->path);
}

static int
write_commit(struct builder *b, const struct oid *parent, const git_oid *tree,
    const char *message, struct oid *out, struct err *err)
{
	git_repository *git = repo_handle(b->repo);
	git_commit *above = NULL;
	const git_commit *parents[1];
	git_signature *who = NULL;
	git_tree *root = NULL;
	git_oid id;
	int rc = 0;

	if (git_signature_new(&who, b->name, b->email, sys_wall(b->sys).us / 1000000, 0) != 0)
		rc = repo_fail(err, ERR_USAGE, "committer \"%s\" <%s>", b->name, b->email);
	else if (git_tree_lookup(&root, git, tree) != 0 ||
	    (!oid_none(parent) && (git_oid_fromstr(&id, parent->hex) != 0 ||
	    git_commit_lookup(&above, git, &id) != 0)))
		rc = repo_fail(err, ERR_IO, "cannot commit");
	parents[0] = above;
	b->wrote = true;
	if (rc == 0 && git_commit_create(&id, git, NULL, who, who, NULL, message, root,
	    above != NULL, parents) != 0)
		rc = repo_fail(err, ERR_IO, "cannot commit");
	if (rc == 0)
		git_oid_tostr(out->hex, sizeof(out->hex), &id);
	git_tree_free(root);
	git_commit_free(above);
	git_signature_free(who);
	return rc;
}

/* A commit of these files on top of base; *out is none when it would change
 * nothing. */
static int
commit_files(struct builder *b, const struct oid *base, const struct publish_file *files,
    size_t n, const char *message, struct oid *out, struct err *err)
{
	const struct publish_file **sorted;
	struct arena a = ARENA_INIT;
	bool first = oid_none(base);
	git_oid before, after;
	int rc;

	out->hex[0] = '\0';
	rc = sort_files(&a, files, n, &sorted, &n, err);
	if (rc == 0 && !first)
		rc = repo_root(b->repo, base, &before, err);
	if (rc == 0)
		rc = build_dir(b, first ? NULL : &before, sorted, n, 0, &after, err);
	/* A branch is not begun with nothing, but it may become empty. */
	if (rc == 0 && !first)
		rc = git_odb_write(&after, repo_odb(b->repo), "", 0, GIT_OBJECT_TREE) == 0 ? 1 :
		    repo_fail(err, ERR_IO, "cannot write a directory");
	if (rc == 1 && !first && git_oid_equal(&before, &after))
		rc = 0;
	if (rc == 1)
		rc = write_commit(b, base, &after, message, out, err);
	arena_release(&a);
	return rc;
}

/*
 * Notes: a tree whose paths are commit ids, split after two digits once or
 * twice or not at all; readers take any mixture.
 */

/* Find the note about id: in the set already, or in the tree. *path is where
 * it is or should be, *text what it says, "" when there is none. */
static int
note_read(struct repo *r, const struct oid *tree, struct publish_set *set,
    const struct oid *id, const char **path, struct buf *text, struct err *err)
{
	const char *places[] = {
		arena_printf(&set->arena, "%.2s/%s", id->hex, id->hex + 2),
		id->hex,
		arena_printf(&set->arena, "%.2s/%.2s/%s", id->hex, id->hex + 2, id->hex + 4),
	};
	struct entry e;

	for (size_t i = set->n * 3; i-- > 0;) {
		if (strcmp(set->files[i / 3].path, places[i % 3]) != 0)
			continue;
		*path = set->files[i / 3].path;
		buf_addspan(text, set->files[i / 3].text);
		return 0;
	}
	*path = places[0];
	for (size_t i = 0; i < 3 && !oid_none(tree); i++) {
		struct err why = ERR_INIT;
		int rc = repo_entry(r, tree, places[i], &set->arena, &e, &why);

		if (rc == 0 && e.kind == ENTRY_FILE) {
			*path = places[i];
			return repo_blob(r, &e.oid, NOTE_MAX, text, err);
		}
		if (rc != 0 && rc != ERR_NOTFOUND && rc != ERR_CONTENT)
			return err_set(err, rc, "%s", why.text);
	}
	return 0;
}

/* Add what to the end of text, a blank line between; false when it is there
 * already: this attempt repeats one whose answer was lost. */
static bool
note_append(struct buf *text, const char *what)
{
	struct span s = span_rtrim(span_str(what));

	if (s.len == 0 || memmem(buf_str(text), text->len, s.p, s.len) != NULL)
		return false;
	buf_cut(text, span_rtrim(buf_span(text)).len);
	if (text->len > 0)
		buf_adds(text, "\n\n");
	buf_addspan(text, s);
	buf_addc(text, '\n');
	return true;
}

/* A commit on the notes ref; *out is none when all notes are there. */
static int
commit_notes(struct builder *b, const struct oid *base, const struct publish_set *set,
    struct oid *out, struct err *err)
{
	struct publish_set notes = { .arena = ARENA_INIT };
	int rc = 0;

	out->hex[0] = '\0';
	for (size_t i = 0; i < set->n_notes && rc == 0; i++) {
		const struct publish_note *note = &set->notes[i];
		struct buf text = BUF_INIT;
		const char *path;

		rc = note_read(b->repo, base, &notes, &note->commit, &path, &text, err);
		if (rc == 0 && note_append(&text, note->text))
			publish_add(&notes, path, buf_span(&text));
		buf_release(&text);
		if (rc == ERR_LIMIT) {
			/* Somebody else's novel does not stop the results. */
			log_warn("publish", NULL, "the note on %s is too long to add to",
			    note->commit.hex);
			err_clear(err);
			rc = 0;
		}
	}
	if (rc == 0 && notes.n > 0)
		rc = commit_files(b, base, notes.files, notes.n, "Notes added by Fairlead\n", out,
		    err);
	arena_release(&notes.arena);
	return rc;
}

/*
 * One attempt, and the next
 */

/* All loose objects at once. */
static int
sync_objects(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 || syncfs(fd) != 0)
		rc = err_errno(err, ERR_IO, "cannot write %s to disk", dir);
	if (fd >= 0)
		close(fd);
	return rc;
}

struct publisher {
	struct mirror *mirror;
	const struct publish_options *options;
	publish_render_fn render;
	void *ctx;
	struct sys *sys;
};

static int
render_and_commit(struct publisher *p, const struct advert *ad, struct advert *made,
    struct err *err)
{
	struct publish_set set = { .arena = ARENA_INIT };
	struct builder b = { NULL, NULL, p->options->name, p->options->email, p->sys, false };
	int rc = builder_open(&b, mirror_dir(p->mirror), err);

	memset(made, 0, sizeof(*made));
	if (rc == 0)
		rc = p->render(p->ctx, b.repo, &ad->head, &set, err);
	if (rc == 0)
		rc = commit_files(&b, &ad->head, set.files, set.n,
		    set.message != NULL ? set.message : "Results\n", &made->head, err);
	if (rc == 0)
		rc = commit_notes(&b, &ad->notes, &set, &made->notes, err);
	if (rc == 0 && b.wrote)
		rc = sync_objects(mirror_dir(p->mirror), err);
	builder_close(&b);
	arena_release(&set.arena);
	return rc;
}

static int
attempt(struct publisher *p, struct publish_result *result, struct err *err)
{
	const char *branch = p->options->branch;
	struct advert ad, made;
	int rc = mirror_advert(p->mirror, branch, &ad, err);

	if (rc == 0)
		rc = mirror_follow(p->mirror, branch, &ad, err);
	if (rc == 0)
		rc = render_and_commit(p, &ad, &made, err);
	if (rc != 0)
		return rc;
	failpoint("publish-built");
	if (!oid_none(&made.head) || !oid_none(&made.notes))
		rc = mirror_push(p->mirror, branch, &made.head, &made.notes, err);
	failpoint("publish-pushed");
	if (rc == 0)
		result->commit = oid_none(&made.head) ? ad.head : made.head;
	return rc;
}

/* Long enough, and different enough, that two who race do not meet again. */
static void
back_off(struct sys *sys, int lost)
{
	int64_t most = BACKOFF_FIRST_MS << (lost < 8 ? lost : 8);
	uint32_t dice;

	if (most > BACKOFF_MAX_MS)
		most = BACKOFF_MAX_MS;
	sys->random(sys, &dice, sizeof(dice));
	sys_sleep_ms(sys, 1 + dice % most);
}

int
publish(struct mirror *m, const struct publish_options *o, publish_render_fn render,
    void *ctx, struct publish_result *result, struct sys *sys, struct err *err)
{
	struct publisher p = { m, o, render, ctx, sys };
	int rc, most = o->attempts > 0 ? o->attempts : 1;

	memset(result, 0, sizeof(*result));
	for (;;) {
		struct err why = ERR_INIT;

		result->attempts++;
		rc = attempt(&p, result, &why);
		if (rc == ERR_RACE && result->attempts < most) {
			back_off(sys, result->attempts);
			continue;
		}
		if (rc == ERR_RACE) {
			err_set(err, rc, "%s; %d attempts", why.text, result->attempts);
			err_next(err, "others push to %s all the time: give Fairlead a branch "
			    "or repository of its own", o->branch);
		} else if (rc != 0 && err != NULL) {
			*err = why;
		}
		return rc;
	}
}
