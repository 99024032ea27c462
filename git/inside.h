/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this room share and nobody else includes: the libgit2
 * handle behind a struct repo, the one way to run git(1), and the half of a
 * mirror that only publishing needs.
 */
#ifndef FAIRLEAD_GIT_INSIDE_H
#define FAIRLEAD_GIT_INSIDE_H

#include "base/proc.h"
#include "git/mirror.h"

/*
 * repo.c: objects
 */
#define PATH_LIMIT ((size_t)4096)	/* bytes of a path; longer ones are refused */

struct git_repository;
struct git_odb;
struct git_tree;
struct git_oid;

struct git_repository *repo_handle(const struct repo *r);
struct git_odb *repo_odb(const struct repo *r);
/* err_set() with libgit2's own words after ": "; a full disk is ERR_FULL. */
int repo_fail(struct err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* A branch name as git accepts it, never one that looks like an option. */
bool repo_branch_ok(const char *branch);
/* One part of a path that may be delivered: not empty, "." "..", ".git", no
 * '/', nothing that text_visible() would have to show. */
bool repo_name_ok(const char *name, size_t len);
/* The root tree of a commit. ERR_NOTFOUND, ERR_LIMIT, ERR_IO. */
int repo_root(struct repo *r, const struct oid *commit, struct git_oid *tree, struct err *err);
/* A tree, after a look at its size; git_tree_free() it. */
int repo_tree(struct git_tree **out, struct repo *r, const struct git_oid *id,
    struct err *err);
/* 1 and its id and git mode when there is something at path ("" is the root
 * itself), 0 when not. */
int repo_find(struct repo *r, const struct git_oid *root, const char *path,
    struct git_oid *id, unsigned int *mode, struct err *err);
/* The size of a blob, from its header. ERR_CONTENT when it is no blob. */
int repo_blob_size(struct repo *r, const struct git_oid *id, size_t *size, struct err *err);

/*
 * transport.c: git(1)
 */
struct transport {
	struct arena arena;		/* owns all below */
	struct sys *sys;
	const char *dir, *url;
	int64_t timeout_ms, max_bytes;
	const char **head;		/* "git", "--git-dir=...", "-c", ... */
	size_t n_head;
	const char **env;		/* NULL-terminated */
};
/* Checks the URL (ERR_USAGE) and prepares arguments and environment. */
int transport_init(struct transport *t, const struct mirror_settings *s, struct sys *sys,
    struct err *err);
void transport_release(struct transport *t);

struct transport_run {
	const char *const *args;	/* after "git -c ...", NULL-terminated */
	const char *input;		/* for stdin, or NULL */
	int64_t max_file;		/* as struct proc */
	int64_t timeout_ms;		/* 0: the mirror's */
};
/* 0 when the command ran, whatever it said; release *res in any case. */
int transport_git(struct transport *t, const struct transport_run *run,
    struct proc_result *res, struct err *err);
/* Turn a failed command that talked to the remote into an error. refused:
 * the code for "known to the remote, but not allowed". */
int transport_explain(struct transport *t, const struct proc_result *res, int refused,
    struct err *err);
/* Run a command that touches only this host; doing: what for. 0 when it
 * ended well. ERR_IO, ERR_FULL. */
int transport_local(struct transport *t, const struct transport_run *run, const char *doing,
    struct err *err);

/*
 * mirror.c and push.c
 */
#define NOTES_REF "refs/notes/fairlead"

struct mirror {
	struct transport git;
	bool no_atomic;		/* the remote cannot update two refs as one */
};

/* refs/remotes/origin/<branch> */
const char *mirror_origin_ref(struct arena *a, const char *branch);
/* Run lines of git update-ref --stdin: all or none, on disk when it returns. */
int mirror_refs(struct mirror *m, const struct buf *commands, struct err *err);

/* What the remote has; none when it has no such ref. */
struct advert {
	struct oid head, notes;
};
int mirror_advert(struct mirror *m, const char *branch, struct advert *out, struct err *err);
/* Make the local copies of the branch and the notes what *ad says, fetching
 * what is missing; *ad then says what they are. A rewritten branch is followed:
 * it is ours to publish on. */
int mirror_follow(struct mirror *m, const char *branch, struct advert *ad, struct err *err);
/* Push without force; a none id is left out. 0; ERR_RACE, ERR_DENIED,
 * ERR_REMOTE. On success the local copies follow. */
int mirror_push(struct mirror *m, const char *branch, const struct oid *commit,
    const struct oid *notes, struct err *err);

#endif
