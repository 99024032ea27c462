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
