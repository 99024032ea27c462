/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/lint.h"

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
	if ((r = repo_open(&repo, dir, err)) != 0 ||
	    (r = repo_resolve(repo, rev, &commit, err)) != 0 ||
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
