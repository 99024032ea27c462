/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/lint.h"

#include <limits.h>
#include <sys/stat.h>

static void
keep_problems(struct problems *to, const struct problems *from)
{
	size_t i;

	for (i = 0; i < from->n; i++) {
		const struct problem *p = &from->v[i];

		problem_add_device(to, p->severity, p->file, p->pos, p->device, "%s", p->text);
	}
	to->more += from->more;
	to->more_errors += from->more_errors;
	to->errors += from->more_errors;
	to->warnings += from->more - from->more_errors;
}

/* A clone keeps its repository in .git; a worktree has a file there that says
 * where it is. */
static const char *
git_dir_of(const char *dir, struct arena *a)
{
	const char *dot = arena_printf(a, "%s/.git", dir), *place;
	struct span text;
	struct stat st;
	char *p = NULL;
	size_t len;

	if (stat(dot, &st) != 0)
		return dir;
	if (S_ISDIR(st.st_mode))
		return dot;
	if (file_read(dot, PATH_MAX, &p, &len, NULL) != 0)
		return dir;
	text = span_rtrim(span_of(p, len));
	if (span_starts(text, "gitdir: ")) {
		place = arena_strndup(a, text.p + 8, text.len - 8);
		dir = place[0] == '/' ? place : arena_printf(a, "%s/%s", dir, place);
	}
	free(p);
	return dir;
}

static size_t
count_marks(struct span s)
{
	static const char MARK[] = "<secret:";
	const char *at;
	size_t n;

	for (n = 0; (at = memmem(s.p, s.len, MARK, sizeof(MARK) - 1)) != NULL; n++)
		s = span_of(at + 1, s.len - (size_t)(at + 1 - s.p));
	return n;
}

size_t
lint_secrets(const struct dialect *d, struct span text, int *line)
{
	static const struct mask_key ANY;
	struct buf masked = BUF_INIT;
	size_t i, marks, own, n = 0;

	mask_text(d, &ANY, text, &masked);
	*line = 1;
	for (i = 0; i < text.len && i < masked.len && text.p[i] == masked.data[i]; i++)
		*line += text.p[i] == '\n';
	marks = count_marks(buf_span(&masked));
	own = count_marks(text);	/* a masked text that somebody committed */
	if (!span_eq(text, buf_span(&masked)))
		n = marks > own ? marks - own : 1;
	buf_wipe(&masked);
	return n;
}

static void
look_at_texts(const struct intent *in, struct repo *repo, const struct platforms *platforms,
    struct problems *ps)
{
	const struct intended_device *d = in->snapshot->devices;
	const struct platform *p;
	struct buf text = BUF_INIT;
	struct doc_pos pos = { 0, 1 };
	size_t i, n;

	for (i = 0; i < in->snapshot->n_devices; i++, d++) {
		buf_clear(&text);
		/* What is wrong with a text was said. */
		if (d->platform == NULL || (p = platforms_find(platforms, d->platform)) == NULL ||
		    snapshot_text(in->snapshot, repo, d, &text, NULL) != 0)
			continue;
		pos.line = (int)text_unended(platform_dialect(p), buf_span(&text));
		if (pos.line > 0)
			problem_add_device(ps, SEV_ERROR, d->config_path, pos, d->name,
			    "what begins here does not end: see whether the file is whole");
		n = lint_secrets(platform_dialect(p), buf_span(&text), &pos.line);
		if (n > 0)
			problem_add_device(ps, SEV_WARNING, d->config_path, pos, d->name,
			    "secrets in Git: %zu, the first here; write ${secret:NAME} in their "
			    "place, and change them on the device: history keeps them", n);
	}
	buf_release(&text);
}

int
lint_repository(struct lint_result *out, const char *dir, const char *rev,
    const struct settings *settings, struct arena *a, struct err *err)
{
	struct platforms *platforms = NULL;
	struct intent *in = NULL;
	struct repo *repo = NULL;
	struct oid commit;
	size_t i;
	int r;

	memset(out, 0, sizeof(*out));
	problems_init(&out->problems, a);
	if ((r = repo_open(&repo, git_dir_of(dir, a), err)) != 0) {
		err_next(err, "name a clone, at its top, or a bare repository");
		goto out;
	}
	if ((r = repo_resolve(repo, rev, &commit, err)) != 0 ||
	    (r = platforms_load(&platforms, settings != NULL ? settings->platforms : NULL,
	    &out->problems, err)) != 0 ||
	    (r = intent_build(&in, settings, platforms, repo, &commit, err)) != 0)
		goto out;
	keep_problems(&out->problems, &in->problems);
	intent_lint_texts(in, repo, settings, &out->problems);
	look_at_texts(in, repo, platforms, &out->problems);
	memcpy(out->commit, commit.hex, sizeof(out->commit));
	out->devices = in->snapshot->n_devices;
	for (i = 0; i < out->devices; i++)
		out->managed += in->snapshot->devices[i].config_path != NULL;
out:
	intent_unref(in);
	platforms_free(platforms);
	repo_close(repo);
	return r;
}
