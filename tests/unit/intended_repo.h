/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of intended/ share: problems as text, and repositories made
 * by git(1) in a temporary directory, through fast-import so that a commit can
 * hold what no checkout would.
 */
#ifndef FAIRLEAD_TESTS_INTENDED_REPO_H
#define FAIRLEAD_TESTS_INTENDED_REPO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/proc.h"
#include "intended/snapshot.h"

static struct arena test_arena;

static inline int
arena_end(void **state)
{
	(void)state;
	arena_release(&test_arena);
	return 0;
}

/* All problems, a line each. */
static inline const char *
problems_text(const struct problems *ps)
{
	struct buf b = BUF_INIT;
	const char *out;

	for (size_t i = 0; i < ps->n; i++) {
		problem_format(&ps->v[i], &b);
		if (ps->v[i].device != NULL)
			buf_addf(&b, " [%s]", ps->v[i].device);
		buf_addc(&b, '\n');
	}
	out = arena_strdup(&test_arena, buf_str(&b));
	buf_release(&b);
	return out;
}

#define assert_has(text, words) do { \
	if (strstr((text), (words)) == NULL) \
		fail_msg("no \"%s\" in: %s", (words), (text)); \
} while (0)
#define assert_hasnt(text, words) do { \
	if (strstr((text), (words)) != NULL) \
		fail_msg("\"%s\" in: %s", (words), (text)); \
} while (0)
#define assert_code(code, rc, err) do { \
	int rc_ = (rc); \
	if (rc_ != (code)) \
		fail_msg("%s instead of %s: %s", err_word(rc_), err_word(code), (err)->text); \
} while (0)

static char repo_dir[64];
static struct buf import;

static inline const char *
git(struct span input, const char *command, const char *arg, const char *arg2)
{
	const char *argv[] = { "git", "-C", repo_dir, command, arg, arg2, NULL };
	const char *env[] = {
		arena_printf(&test_arena, "PATH=%s", getenv("PATH")), "LC_ALL=C",
		arena_printf(&test_arena, "GIT_DIR=%s", repo_dir), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=T", "GIT_AUTHOR_EMAIL=t@example.com",
		"GIT_COMMITTER_NAME=T", "GIT_COMMITTER_EMAIL=t@example.com", NULL,
	};
	struct proc p = { .argv = argv, .env = env, .input = input, .timeout_ms = 60000,
		.max_output = 1 << 20 };
	struct proc_result res;
	struct err err = ERR_INIT;
	const char *out;

	assert_code(0, proc_run(sys_real(), &p, &res, &err), &err);
	if (res.status != 0)
		fail_msg("git %s: %d: %s", command, res.status, buf_str(&res.err));
	out = arena_strndup(&test_arena, buf_str(&res.out),
	    span_rtrim(buf_span(&res.out)).len);
	proc_result_release(&res);
	return out;
}

static inline int
repo_begin(void **state)
{
	(void)state;
	snprintf(repo_dir, sizeof(repo_dir), "/tmp/fairlead-intended-XXXXXX");
	assert_non_null(mkdtemp(repo_dir));
	git(span_str(""), "init", "-q", "--bare");
	return 0;
}

static inline int
repo_end(void **state)
{
	struct err err = ERR_INIT;

	assert_code(0, file_rmtree(repo_dir, &err), &err);
	return arena_end(state);
}

/* A commit from nothing: commit_begin(), entries, commit_end(). */
static inline void
commit_begin(void)
{
	buf_clear(&import);
	buf_adds(&import, "reset refs/heads/main\ncommit refs/heads/main\n"
	    "committer T <t@example.com> 1700000000 +0000\ndata 7\nchange\n");
}

static inline void
add_bytes(const char *mode, const char *path, const void *p, size_t len)
{
	buf_addf(&import, "M %s inline %s\ndata %zu\n", mode, path, len);
	buf_add(&import, p, len);
	buf_addc(&import, '\n');
}

static inline void
add(const char *path, const char *text)
{
	add_bytes("100644", path, text, strlen(text));
}

static inline void
add_link(const char *path, const char *target)
{
	add_bytes("120000", path, target, strlen(target));
}

static inline void
add_submodule(const char *path)
{
	buf_addf(&import, "M 160000 0123456789012345678901234567890123456789 %s\n", path);
}

static inline struct oid
commit_end(void)
{
	struct oid id;

	git(buf_span(&import), "fast-import", "--quiet", "--force");
	buf_release(&import);
	assert_true(oid_parse(git(span_str(""), "rev-parse", "main", NULL), &id));
	return id;
}

static inline struct repo *
repo_opened(void)
{
	struct repo *r = NULL;
	struct err err = ERR_INIT;

	assert_code(0, repo_open(&r, repo_dir, &err), &err);
	return r;
}

#endif
