/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pushing branch and notes, and reading why the remote would not have them:
 * somebody was first (try again), somebody does not want it (never mind), or
 * something is broken (later). git says it in the lines of --porcelain, hooks
 * and forges say it to people in lines that begin "remote:".
 */
#include "git/inside.h"

/* In the reason of a refused ref: somebody else was first. The rest is policy. */
static const char *const RACES[] = { "fetch first", "non-fast-forward", "stale info",
	"failed to update ref", "failed to lock", "cannot lock ref", "incorrect old value",
	"reference already exists", "atomic transaction failed" };
/* The other ref's fault, or trouble on the remote's side. */
static const char *const NEUTRAL[] = { "atomic push fail" };
static const char *const TROUBLE[] = { "unpacker error", "remote failure" };

#define ANY_OF(table, line) any_of((table), sizeof(table) / sizeof((table)[0]), (line))

static bool
any_of(const char *const *words, size_t n, struct span line)
{
	for (size_t i = 0; i < n; i++)
		if (memmem(line.p, line.len, words[i], strlen(words[i])) != NULL)
			return true;
	return false;
}

/* What hooks and forges print for the person who pushed. */
static void
remote_words(struct buf *out, struct span text)
{
	struct span line;

	while (span_line(&text, &line)) {
		if (!span_starts(line, "remote:"))
			continue;
		line = span_trim(span_rtrim(span_of(line.p + 7, line.len - 7)));
		if (line.len == 0 || strspn(line.p, "=-*# ") >= line.len)
			continue;
		buf_adds(out, "; ");
		text_visible(out, line, false);
	}
}

/* A line of --porcelain, "! TAB from:to TAB reason", by its reason. */
static int
refusal(struct span line)
{
	if (!span_starts(line, "!\t") || ANY_OF(NEUTRAL, line))
		return 0;
	if (ANY_OF(TROUBLE, line))
		return ERR_REMOTE;
	return ANY_OF(RACES, line) ? ERR_RACE : ERR_DENIED;
}

/* The fields of such a line that people want: the remote's ref and the reason. */
static void
refusal_parts(struct span line, struct span *ref, struct span *reason)
{
	const char *tab = memrchr(line.p, '\t', line.len), *colon;

	*ref = span_of(line.p + 2, tab > line.p + 2 ? (size_t)(tab - line.p - 2) : 0);
	*reason = span_rtrim(span_of(tab + 1, line.len - (size_t)(tab + 1 - line.p)));
	colon = memrchr(ref->p, ':', ref->len);
	if (colon != NULL)
		*ref = span_of(colon + 1, ref->len - (size_t)(colon + 1 - ref->p));
}

static int
push_explain(struct mirror *m, const struct proc_result *res, struct err *err)
{
	struct span rest = buf_span(&res->out), line, first = { "", 0 }, ref, reason;
	struct buf why = BUF_LIMIT(600), to = BUF_LIMIT(200);
	int rc = 0;

	while (span_line(&rest, &line)) {
		int code = refusal(line);

		/* A refusal outweighs a race: no retry helps against it. */
		if (code == 0 || (rc != 0 && code != ERR_DENIED))
			continue;
		rc = code;
		first = line;
	}
	if (rc == 0)
		return transport_explain(&m->git, res, ERR_DENIED, err);
	refusal_parts(first, &ref, &reason);
	text_visible(&to, ref, false);
	text_visible(&why, reason, false);
	remote_words(&why, buf_span(&res->err));
	err_set(err, rc, "%s: push to %s: %s", m->git.url, buf_str(&to), buf_str(&why));
	if (rc == ERR_DENIED)
		err_next(err, "allow this account to push to %s, or name another results branch "
		    "or repository", buf_str(&to));
	buf_release(&to);
	buf_release(&why);
	return rc;
}

/* The remote took it: what we have of it is what it has. */
static int
push_record(struct mirror *m, struct arena *a, const char *branch, const struct oid *commit,
    const struct oid *notes, struct err *err)
{
	struct buf commands = BUF_INIT;
	int rc;

	if (!oid_none(commit))
		buf_addf(&commands, "update %s %s\n", mirror_origin_ref(a, branch), commit->hex);
	if (!oid_none(notes))
		buf_addf(&commands, "update %s %s\n", NOTES_REF, notes->hex);
	rc = mirror_refs(m, &commands, err);
	buf_release(&commands);
	return rc;
}

static int
push_once(struct mirror *m, const char *const *specs, bool atomic, struct proc_result *res,
    struct err *err)
{
	const char *args[10] = { "push", "--porcelain", "--quiet", "--no-verify",
		atomic ? "--atomic" : "--no-atomic", "--end-of-options", m->git.url,
		specs[0], specs[1], NULL };
	struct transport_run run = { .args = args };

	return transport_git(&m->git, &run, res, err);
}

int
mirror_push(struct mirror *m, const char *branch, const struct oid *commit,
    const struct oid *notes, struct err *err)
{
	const char *specs[] = { NULL, NULL };
	struct arena a = ARENA_INIT;
	struct proc_result res;
	size_t n = 0;
	int rc;

	if (!oid_none(commit))
		specs[n++] = arena_printf(&a, "%s:refs/heads/%s", commit->hex, branch);
	if (!oid_none(notes))
		specs[n++] = arena_printf(&a, "%s:" NOTES_REF, notes->hex);
	rc = push_once(m, specs, n == 2 && !m->no_atomic, &res, err);
	if (rc == 0 && res.status != 0 && strstr(buf_str(&res.err), "support --atomic") != NULL) {
		/* The notes may then be refused while the branch is taken; the
		 * caller's next attempt finds nothing left to do but them. */
		m->no_atomic = true;
		proc_result_release(&res);
		rc = push_once(m, specs, false, &res, err);
	}
	if (rc == 0 && res.status != 0)
		rc = push_explain(m, &res, err);
	else if (rc == 0)
		rc = push_record(m, &a, branch, commit, notes, err);
	proc_result_release(&res);
	arena_release(&a);
	return rc;
}
