/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mirror's refs: asking the remote for its head, fetching, judging what
 * came, and cleaning up at home. Pushing is push.c.
 *
 *	refs/remotes/origin/B	the branch as last accepted: only ever moves to
 *				a descendant, or by mirror_accept_rewrite()
 *	refs/rewritten/B	where the remote's branch is instead
 *	refs/notes/fairlead	the remote's notes, under their own name
 *	refs/incoming		what a fetch brought, until it was judged
 *
 * Refs are written by git update-ref: several at once or none, and on disk
 * when it returns.
 */
#include <fts.h>
#include <unistd.h>

#include "git/inside.h"

#define BRANCHES_SHOWN 5

/*
 * Open and tidy
 */

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* A git that was killed leaves its locks, which would stop all that follow,
 * and its half packs. The state directory is ours alone, so nobody holds them. */
static int
sweep(const char *dir, struct err *err)
{
	char *roots[] = { mem_strdup(dir), NULL };
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	size_t at = strlen(dir);
	FTSENT *e;
	int rc = 0;

	if (walk == NULL)
		rc = err_errno(err, ERR_IO, "%s", dir);
	while (walk != NULL && (e = fts_read(walk)) != NULL) {
		/* A branch may be called tmp_x; none may end in .lock. */
		bool half = strncmp(e->fts_name, "tmp_", 4) == 0 &&
		    strncmp(e->fts_path + at, "/objects/", 9) == 0;

		if (e->fts_info == FTS_F && (half || ends_with(e->fts_name, ".lock")))
			unlink(e->fts_accpath);
	}
	if (walk != NULL)
		fts_close(walk);
	free(roots[0]);
	return rc;
}

int
mirror_open(struct mirror **out, const struct mirror_settings *s, struct sys *sys,
    struct err *err)
{
	struct mirror *m = mem_zalloc(sizeof(*m));
	int rc = transport_init(&m->git, s, sys, err);

	if (rc == 0)
		rc = file_mkdirs(m->git.dir, 0700, err);
	if (rc == 0)
		rc = file_mkdirs(arena_printf(&m->git.arena, "%s/home", m->git.dir), 0700, err);
	if (rc == 0 && !s->shared)
		rc = sweep(m->git.dir, err);
	/* Not again: it takes a lock, and others may be looking. */
	if (rc == 0 && access(arena_printf(&m->git.arena, "%s/objects/pack", m->git.dir), F_OK) != 0) {
		const char *const args[] = { "init", "--quiet", "--bare", "--template=", NULL };
		struct transport_run run = { .args = args };

		rc = transport_local(&m->git, &run, "make the repository", err);
	}
	if (rc != 0) {
		mirror_close(m);
		return rc;
	}
	*out = m;
	return 0;
}

void
mirror_close(struct mirror *m)
{
	if (m == NULL)
		return;
	transport_release(&m->git);
	free(m);
}

const char *
mirror_dir(const struct mirror *m)
{
	return m->git.dir;
}

int
mirror_maintain(struct mirror *m, int64_t timeout_ms, struct err *err)
{
	const char *const args[] = { "repack", "--quiet", "-d", "-l", "--geometric=2", NULL };
	struct transport_run run = { .args = args, .timeout_ms = timeout_ms };

	return transport_local(&m->git, &run, "pack its objects", err);
}

/*
 * Names
 */

static int
branch_check(const char *branch, struct err *err)
{
	if (repo_branch_ok(branch))
		return 0;
	err_set(err, ERR_USAGE, "%.100s is not a branch name", branch != NULL ? branch : "(none)");
	return err_next(err, "give the name without refs/heads/, as `git branch` prints it");
}

/* The commit of a local ref; none when there is no such ref. */
static int
local_ref(struct mirror *m, const char *ref, struct oid *out, struct err *err)
{
	struct repo *r = NULL;
	struct err why = ERR_INIT;
	int rc = repo_open(&r, m->git.dir, err);

	out->hex[0] = '\0';
	if (rc != 0)
		return rc;
	rc = repo_resolve(r, ref, out, &why);
	repo_close(r);
	if (rc == ERR_NOTFOUND)
		return 0;
	return rc == 0 ? 0 : err_set(err, rc, "%s", why.text);
}

const char *
mirror_origin_ref(struct arena *a, const char *branch)
{
	return arena_printf(a, "refs/remotes/origin/%s", branch);
}

static const char *
rewritten_ref(struct arena *a, const char *branch)
{
	return arena_printf(a, "refs/rewritten/%s", branch);
}

int
mirror_refs(struct mirror *m, const struct buf *commands, struct err *err)
{
	const char *const args[] = { "update-ref", "--no-deref", "--stdin", NULL };
	struct transport_run run = { .args = args, .input = buf_str(commands) };

	if (commands->len == 0)
		return 0;
	return transport_local(&m->git, &run, "update its refs", err);
}

/*
 * Asking
 */

/* git ls-remote: lines of "<id> TAB <ref>" in res->out. */
static int
ls_remote(struct mirror *m, const char *const *refs, struct proc_result *res, struct err *err)
{
	const char *args[8] = { "ls-remote", "--quiet", "--refs", "--end-of-options", m->git.url };
	struct transport_run run = { .args = args };
	int rc;

	for (size_t n = 5; *refs != NULL && n < 7; n++)
		args[n] = *refs++;
	rc = transport_git(&m->git, &run, res, err);
	if (rc == 0 && res->status != 0)
		rc = transport_explain(&m->git, res, ERR_REMOTE, err);
	return rc;
}

/* Of a line of ls-remote. */
static bool
ref_parse(struct span line, struct oid *id, struct span *name)
{
	char hex[41];

	if (line.len < 42 || line.p[40] != '\t')
		return false;
	memcpy(hex, line.p, 40);
	hex[40] = '\0';
	*name = span_of(line.p + 41, line.len - 41);
	return oid_parse(hex, id);
}

int
mirror_advert(struct mirror *m, const char *branch, struct advert *out, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct proc_result res;
	struct span rest, line, name;
	const char *refs[] = { NULL, NOTES_REF, NULL };
	struct oid id;
	int rc = branch_check(branch, err);

	memset(out, 0, sizeof(*out));
	if (rc != 0)
		return rc;
	refs[0] = arena_printf(&a, "refs/heads/%s", branch);
	rc = ls_remote(m, refs, &res, err);
	rest = buf_span(&res.out);
	/* A pattern matches the end of a name: refs/x/refs/heads/main too. */
	while (rc == 0 && span_line(&rest, &line)) {
		if (!ref_parse(line, &id, &name))
			continue;
		if (span_is(name, refs[0]))
			out->head = id;
		if (span_is(name, NOTES_REF))
			out->notes = id;
	}
	proc_result_release(&res);
	arena_release(&a);
	return rc;
}

/* The branch is not there: say which are. Costs one more advertisement. */
static int
branch_missing(struct mirror *m, const char *branch, struct err *err)
{
	const char *const heads[] = { "refs/heads/*", NULL };
	struct buf list = BUF_LIMIT(200);
	struct proc_result res;
	struct span rest, line, name;
	struct oid id;
	size_t n = 0;
	int rc = ls_remote(m, heads, &res, err);

	rest = buf_span(&res.out);
	while (rc == 0 && span_line(&rest, &line)) {
		if (!ref_parse(line, &id, &name) || !span_starts(name, "refs/heads/"))
			continue;
		if (n++ >= BRANCHES_SHOWN)
			continue;
		buf_adds(&list, n > 1 ? ", " : "");
		text_visible(&list, span_of(name.p + 11, name.len - 11), false);
	}
	if (rc == 0 && n == 0) {
		rc = err_set(err, ERR_HISTORY, "%s: the repository is empty, it has no branch %s",
		    m->git.url, branch);
		err_next(err, "push a first commit to %s", branch);
	} else if (rc == 0) {
		rc = err_set(err, ERR_HISTORY, "%s: there is no branch %s", m->git.url, branch);
		err_next(err, "it has %s%s", buf_str(&list), n > BRANCHES_SHOWN ? ", ..." : "");
	}
	buf_release(&list);
	proc_result_release(&res);
	return rc;
}

int
mirror_remote_head(struct mirror *m, const char *branch, struct oid *out,
    struct err *err)
{
	struct advert ad;
	int rc = mirror_advert(m, branch, &ad, err);

	if (rc == 0 && oid_none(&ad.head))
		rc = branch_missing(m, branch, err);
	if (rc == 0)
		*out = ad.head;
	return rc;
}

/*
 * Fetching
 */

/* 0; 1: the remote has no such ref. refspecs: at most two, NULL-terminated. */
static int
fetch(struct mirror *m, const char *const *refspecs, struct err *err)
{
	const char *args[14] = { "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
		"--no-recurse-submodules", "--no-auto-maintenance", "--refmap=",
		"--end-of-options", m->git.url };
	struct transport_run run = { .args = args, .max_file = m->git.max_bytes };
	struct span text;
	struct proc_result res;
	int rc;

	for (size_t n = 9; *refspecs != NULL && n < 13; n++)
		args[n] = *refspecs++;
	rc = transport_git(&m->git, &run, &res, err);
	text = buf_span(&res.err);
	if (rc == 0 && res.status != 0) {
		if (memmem(text.p, text.len, "couldn't find remote ref", 24) != NULL)
			rc = 1;
		else
			rc = transport_explain(&m->git, &res, ERR_REMOTE, err);
	}
	proc_result_release(&res);
	return rc;
}

/* Is now a successor of was? Otherwise ERR_HISTORY and what happened. */
static int
judge(struct mirror *m, const char *branch, const struct oid *was, const struct oid *now,
    struct err *err)
{
	struct repo *r = NULL;
	int rc = repo_open(&r, m->git.dir, err);

	if (rc != 0 || oid_none(was)) {
		repo_close(r);
		return rc;
	}
	rc = repo_is_ancestor(r, was, now, err);
	if (rc == 0) {
		bool back = repo_is_ancestor(r, now, was, NULL) == 1;

		rc = err_set(err, ERR_HISTORY, back ?
		    "%s: branch %s went back from %.12s to the older %.12s" :
		    "%s: branch %s was rewritten: %.12s, seen before, is not part of %.12s",
		    m->git.url, branch, was->hex, now->hex);
		err_next(err, back ?
		    "a stale replica or an old backup serves it, or somebody reset the branch; "
		    "accept the rewrite if it was meant" :
		    "ask who forced the push; accept the rewrite if it was meant");
	}
	repo_close(r);
	return rc == 1 ? 0 : rc;
}

/* Move what came in to where the verdict says. */
static int
settle(struct mirror *m, struct arena *a, const char *branch, const struct oid *was,
    const struct oid *now, struct err *err)
{
	struct buf commands = BUF_INIT;
	struct err why = ERR_INIT;
	int rc, verdict = judge(m, branch, was, now, &why);
	bool good = verdict == 0;

	if (good || verdict == ERR_HISTORY)
		buf_addf(&commands, "update %s %s\n",
		    good ? mirror_origin_ref(a, branch) : rewritten_ref(a, branch), now->hex);
	if (good)
		buf_addf(&commands, "delete %s\n", rewritten_ref(a, branch));
	buf_adds(&commands, "delete refs/incoming\n");
	rc = mirror_refs(m, &commands, err);
	buf_release(&commands);
	if (rc == 0 && !good && err != NULL)
		*err = why;
	return rc != 0 ? rc : verdict;
}

int
mirror_fetch(struct mirror *m, const char *branch, bool notes, struct oid *was,
    struct oid *now, struct err *err)
{
	const char *specs[] = { NULL, NULL, NULL };
	struct arena a = ARENA_INIT;
	struct advert ad = { { "" }, { "" } };
	int rc = branch_check(branch, err);

	now->hex[0] = was->hex[0] = '\0';
	if (rc == 0)
		rc = local_ref(m, mirror_origin_ref(&a, branch), was, err);
	/* Asking for a ref that is missing would fail the whole fetch. */
	if (rc == 0 && notes)
		rc = mirror_advert(m, branch, &ad, err);
	specs[0] = arena_printf(&a, "+refs/heads/%s:refs/incoming", branch);
	if (!oid_none(&ad.notes))
		specs[1] = "+" NOTES_REF ":" NOTES_REF;
	if (rc == 0)
		rc = fetch(m, specs, err);
	if (rc == 1)
		rc = branch_missing(m, branch, err);
	if (rc == 0)
		rc = local_ref(m, "refs/incoming", now, err);
	if (rc == 0 && oid_none(now))
		rc = err_set(err, ERR_HISTORY, "%s: branch %s does not lead to a commit",
		    m->git.url, branch);
	if (rc == 0)
		rc = settle(m, &a, branch, was, now, err);
	arena_release(&a);
	return rc;
}

int
mirror_accept_rewrite(struct mirror *m, const char *branch, const struct oid *head,
    struct err *err)
{
	struct arena a = ARENA_INIT;
	struct buf commands = BUF_INIT;
	struct oid now;
	int rc = branch_check(branch, err);

	if (rc == 0)
		rc = local_ref(m, rewritten_ref(&a, branch), &now, err);
	if (rc == 0 && oid_none(&now))
		rc = err_set(err, ERR_NOTFOUND, "branch %s: no rewritten history is waiting",
		    branch);
	else if (rc == 0 && !oid_eq(&now, head))
		rc = err_set(err, ERR_RACE, "branch %s was rewritten again, to %.12s", branch,
		    now.hex);
	if (rc == 0) {
		buf_addf(&commands, "update %s %s\ndelete %s\n", mirror_origin_ref(&a, branch),
		    now.hex, rewritten_ref(&a, branch));
		rc = mirror_refs(m, &commands, err);
	}
	buf_release(&commands);
	arena_release(&a);
	return rc;
}

int
mirror_follow(struct mirror *m, const char *branch, struct advert *ad, struct err *err)
{
	const char *specs[] = { NULL, NULL, NULL };
	struct arena a = ARENA_INIT;
	const char *origin = mirror_origin_ref(&a, branch);
	struct oid head, notes;
	size_t n = 0;
	int rc = local_ref(m, origin, &head, err);

	if (rc == 0)
		rc = local_ref(m, NOTES_REF, &notes, err);
	if (rc == 0 && !oid_none(&ad->head) && !oid_eq(&head, &ad->head))
		specs[n++] = arena_printf(&a, "+refs/heads/%s:%s", branch, origin);
	if (rc == 0 && !oid_none(&ad->notes) && !oid_eq(&notes, &ad->notes))
		specs[n++] = "+" NOTES_REF ":" NOTES_REF;
	if (rc == 0 && n > 0)
		rc = fetch(m, specs, err);
	if (rc == 1)
		rc = err_set(err, ERR_RACE, "%s: branch %s went away meanwhile", m->git.url,
		    branch);
	/* It may have moved on since it was asked. */
	if (rc == 0 && n > 0 && !oid_none(&ad->head))
		rc = local_ref(m, origin, &ad->head, err);
	if (rc == 0 && n > 0 && !oid_none(&ad->notes))
		rc = local_ref(m, NOTES_REF, &ad->notes, err);
	arena_release(&a);
	return rc;
}
