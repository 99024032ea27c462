/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of git/ share: a temporary directory, remotes made with the
 * git(1) of the host, and commits made with fast-import. The remotes are real
 * repositories, so what is tested is what git does, not what we think it does.
 */
#ifndef FAIRLEAD_TESTS_GIT_WORLD_H
#define FAIRLEAD_TESTS_GIT_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/proc.h"
#include "git/mirror.h"

#define BIG ((size_t)256 << 20)

static struct arena world;	/* all texts of a test; released after it */
static char world_dir[64];

static inline const char *
in_world(const char *name)
{
	return arena_printf(&world, "%s/%s", world_dir, name);
}

/* In memory where that can hold hooks and scripts: hundreds of small commits
 * are synced to disk, and other tests keep the disk busy. */
static inline int
world_begin(void **state)
{
	struct statvfs fs;
	bool memory = statvfs("/dev/shm", &fs) == 0 && (fs.f_flag & ST_NOEXEC) == 0 &&
	    access("/dev/shm", W_OK) == 0;

	(void)state;
	snprintf(world_dir, sizeof(world_dir), "%s/fairlead-git-XXXXXX",
	    memory ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(world_dir));
	return 0;
}

static inline int
world_end(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_rmtree(world_dir, &err), 0);
	arena_release(&world);
	return 0;
}

/* The path of this very program: it is also git's ssh and askpass. */
static inline const char *
world_self(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(n > 0);
	return arena_strndup(&world, path, (size_t)n);
}

/* Run a program; its output without the last line end. status NULL: it must
 * end well. */
static inline const char *
run_program(int *status, struct span input, const char *const *argv)
{
	const char *env[] = {
		arena_printf(&world, "PATH=%s", getenv("PATH")),
		arena_printf(&world, "HOME=%s", world_dir),
		"LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=T", "GIT_AUTHOR_EMAIL=t@example.com",
		"GIT_COMMITTER_NAME=T", "GIT_COMMITTER_EMAIL=t@example.com", NULL,
	};
	struct proc p = { .argv = argv, .env = env, .input = input, .timeout_ms = 60000,
		.max_output = BIG };
	struct proc_result res;
	struct err err = ERR_INIT;
	const char *out;

	if (proc_run(sys_real(), &p, &res, &err) != 0)
		fail_msg("%s: %s", argv[0], err.text);
	if (status != NULL)
		*status = res.status;
	else if (res.status != 0)
		fail_msg("%s %s: %d: %s", argv[0], argv[1], res.status, buf_str(&res.err));
	out = arena_strndup(&world, buf_str(&res.out), span_rtrim(buf_span(&res.out)).len);
	proc_result_release(&res);
	return out;
}

/* git in a repository of the world; arguments end with NULL. */
static inline const char *
git_in(const char *repo, struct span input, ...)
{
	const char *argv[24] = { "git", "-C", in_world(repo) };
	va_list ap;
	size_t n = 3;

	va_start(ap, input);
	do {
		assert_true(n < 24);
		argv[n] = va_arg(ap, const char *);
	} while (argv[n++] != NULL);
	va_end(ap);
	return run_program(NULL, input, argv);
}
#define GIT(repo, ...) git_in((repo), span_of("", 0), __VA_ARGS__, (char *)NULL)
#define GIT_IN(repo, input, ...) git_in((repo), (input), __VA_ARGS__, (char *)NULL)

static inline void
remote_make(const char *repo)
{
	const char *argv[] = { "git", "init", "-q", "--bare", "-b", "main", in_world(repo), NULL };

	run_program(NULL, span_of("", 0), argv);
}

/* Commit files ("path", "text", ..., NULL; text NULL: delete) on a branch. */
static inline struct oid
commit_files_on(bool orphan, const char *repo, const char *branch, ...)
{
	struct buf b = BUF_INIT;
	const char *path, *text;
	struct oid id;
	va_list ap;
	int has;
	const char *probe[] = { "git", "-C", in_world(repo), "rev-parse", "-q", "--verify",
		arena_printf(&world, "refs/heads/%s", branch), NULL };

	run_program(&has, span_of("", 0), probe);
	if (orphan)
		buf_addf(&b, "reset refs/heads/%s\n", branch);
	buf_addf(&b, "commit refs/heads/%s\ncommitter T <t@example.com> 1700000000 +0000\n"
	    "data 7\nchange\n", branch);
	if (has == 0 && !orphan)
		buf_addf(&b, "from refs/heads/%s^0\n", branch);
	va_start(ap, branch);
	while ((path = va_arg(ap, const char *)) != NULL) {
		text = va_arg(ap, const char *);
		if (text == NULL)
			buf_addf(&b, "D %s\n", path);
		else
			buf_addf(&b, "M 100644 inline %s\ndata %zu\n%s\n", path, strlen(text),
			    text);
	}
	va_end(ap);
	GIT_IN(repo, buf_span(&b), "fast-import", "--quiet", "--force");
	buf_release(&b);
	assert_true(oid_parse(run_program(NULL, span_of("", 0), probe), &id));
	return id;
}
#define COMMIT(repo, branch, ...) \
	commit_files_on(false, (repo), (branch), __VA_ARGS__, (char *)NULL, (char *)NULL)
#define COMMIT_ORPHAN(repo, branch, ...) \
	commit_files_on(true, (repo), (branch), __VA_ARGS__, (char *)NULL, (char *)NULL)

static inline struct oid
oid_of(const char *hex)
{
	struct oid id;

	if (!oid_parse(hex, &id))
		fail_msg("not an object id: %s", hex);
	return id;
}

static inline const char *
tip(const char *repo, const char *ref)
{
	return GIT(repo, "rev-parse", ref);
}

static inline struct mirror_settings
mirror_to(const char *url)
{
	struct mirror_settings s = { .dir = in_world("mirror"), .url = url,
		.self = world_self(), .timeout_ms = 20000, .max_bytes = (int64_t)1 << 30 };

	return s;
}

static inline struct mirror *
opened(const struct mirror_settings *s)
{
	struct mirror *m = NULL;
	struct err err = ERR_INIT;

	if (mirror_open(&m, s, sys_real(), &err) != 0)
		fail_msg("%s (%s)", err.text, err.next);
	return m;
}

/* Assert a code; the message tells what came instead. */
#define assert_code(code, rc, err) do { \
	int rc_ = (rc); \
	if (rc_ != (code)) \
		fail_msg("%s instead of %s: %s (%s)", err_word(rc_), err_word(code), \
		    (err)->text, (err)->next); \
} while (0)
#define assert_has(text, words) do { \
	if (strstr((text), (words)) == NULL) \
		fail_msg("no \"%s\" in: %s", (words), (text)); \
} while (0)

#endif
