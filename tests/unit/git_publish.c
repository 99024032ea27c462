/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing: what ends up on the remote, when alone, when raced, when refused
 * and when killed in the middle. Read back with git(1), as people read it.
 */
#include "tests/unit/git_world.h"

#include "base/workers.h"
#include "git/publish.h"

/* What a test wants published: files "path", "text" (NULL: remove), ... */
struct plan {
	const char *const *files;
	const struct oid *noted;
	const char *note;
	void (*meanwhile)(struct plan *p);	/* somebody else, during the render */
	int renders;
	struct oid base;			/* of the last render */
};

static int
render_plan(void *ctx, struct repo *repo, const struct oid *base, struct publish_set *set,
    struct err *err)
{
	struct plan *p = ctx;

	(void)repo;
	(void)err;
	p->base = *base;
	p->renders++;
	for (size_t i = 0; p->files != NULL && p->files[i] != NULL; i += 2) {
		if (p->files[i + 1] != NULL)
			publish_add(set, p->files[i], span_str(p->files[i + 1]));
		else
			publish_remove(set, p->files[i]);
	}
	if (p->note != NULL)
		publish_add_note(set, p->noted, p->note);
	set->message = "results [skip ci]\n\nrun 1\n";
	if (p->meanwhile != NULL)
		p->meanwhile(p);
	return 0;
}

static int
publish_plan(struct mirror *m, struct plan *p, struct publish_result *result, struct err *err)
{
	const struct publish_options o = { .branch = "results", .name = "Fairlead",
		.email = "fairlead@example.com", .attempts = 3 };

	p->renders = 0;
	return publish(m, &o, render_plan, p, result, sys_real(), err);
}

static struct mirror *
opened_to(const char *repo)
{
	struct mirror_settings s = mirror_to(in_world(repo));

	return opened(&s);
}

static void
published(struct mirror *m, struct plan *p, int attempts)
{
	struct publish_result result;
	struct err err = ERR_INIT;

	assert_code(0, publish_plan(m, p, &result, &err), &err);
	assert_int_equal(result.attempts, attempts);
	assert_int_equal(p->renders, attempts);
	assert_string_equal(result.commit.hex, tip("r", "refs/heads/results"));
	assert_int_equal(err.code, 0);
}

static const char *
tree_of(const char *repo)
{
	return GIT(repo, "ls-tree", "-r", "--format=%(objectmode) %(path)", "results");
}

static const char *
commits(const char *repo, const char *ref)
{
	return GIT(repo, "rev-list", "--count", ref);
}

#define FILES(...) (const char *const[]){ __VA_ARGS__, NULL }

static void
publish__begins_a_branch_and_adds_to_it(void **state)
{
	struct plan p = { .files = FILES("README.md", "hello\n", "runs/1/report.md", "one\n") };
	struct publish_result result;
	struct err err = ERR_INIT;
	struct mirror *m;
	const char *head;

	(void)state;
	remote_make("r");
	m = opened_to("r");
	published(m, &p, 1);
	assert_true(oid_none(&p.base));
	assert_string_equal(tree_of("r"), "100644 README.md\n100644 runs/1/report.md");
	assert_string_equal(GIT("r", "log", "--format=%an <%ae> %cn %s|%b", "results"),
	    "Fairlead <fairlead@example.com> Fairlead results [skip ci]|run 1");
	assert_string_equal(GIT("r", "cat-file", "-p", "results:README.md"), "hello");

	head = tip("r", "results");
	p.files = FILES("runs/2/report.md", "two\n");
	published(m, &p, 1);
	assert_string_equal(p.base.hex, head);
	assert_string_equal(tree_of("r"),
	    "100644 README.md\n100644 runs/1/report.md\n100644 runs/2/report.md");
	assert_string_equal(tip("r", "results^"), head);

	/* The same again: nothing to say. */
	head = tip("r", "results");
	published(m, &p, 1);
	assert_string_equal(tip("r", "results"), head);
	p.files = NULL;
	published(m, &p, 1);
	p.files = FILES("runs/2/none", NULL, "none/x", NULL, "runs", NULL);
	published(m, &p, 1);
	assert_string_equal(tip("r", "results"), head);

	/* And to a fresh repository nothing at all. */
	remote_make("empty");
	mirror_close(m);
	m = opened_to("empty");
	assert_code(0, publish_plan(m, &p, &result, &err), &err);
	assert_true(oid_none(&result.commit));
	assert_string_equal(GIT("empty", "for-each-ref"), "");
	GIT("r", "fsck", "--strict");
	mirror_close(m);
}

static void
publish__files_and_directories_take_each_others_place(void **state)
{
	const struct {
		const char *const *files;
		const char *tree;
	} steps[] = {
		{ FILES("a", "1", "b/x", "1", "b/y", "1", "c", "1"),
		    "100644 a\n100644 b/x\n100644 b/y\n100644 c" },
		{ FILES("a/deep/er", "2"), "100644 a/deep/er\n100644 b/x\n100644 b/y\n100644 c" },
		{ FILES("b", "2"), "100644 a/deep/er\n100644 b\n100644 c" },
		{ FILES("a/deep/er", NULL), "100644 b\n100644 c" },
		{ FILES("b", NULL, "b/z", "3"), "100644 b/z\n100644 c" },
		{ FILES("b/z", NULL, "b", "4"), "100644 b\n100644 c" },
		{ FILES("c", "x", "c", "y", "c", NULL), "100644 b" },
		{ FILES("b-c", "1", "b/c", "1", "b.c", "1"), "100644 b-c\n100644 b.c\n100644 b/c" },
		{ FILES("b-c", NULL, "b/c", NULL, "b.c", NULL), "" },
	};
	struct mirror *m;

	(void)state;
	remote_make("r");
	m = opened_to("r");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct plan p = { .files = steps[i].files };

		published(m, &p, 1);
		assert_string_equal(tree_of("r"), steps[i].tree);
	}
	GIT("r", "fsck", "--strict");
	mirror_close(m);
}

static void
publish__what_others_keep_on_the_branch_stays(void **state)
{
	struct plan p = { .files = FILES("mine", "1", "dir/mine", "1") };
	struct buf tree = BUF_INIT;
	const char *blob;
	struct mirror *m;

	(void)state;
	remote_make("r");
	blob = GIT_IN("r", span_str("mine"), "hash-object", "-w", "--stdin");
	buf_addf(&tree, "100755 blob %s\tscript\n120000 blob %s\tmine\n"
	    "160000 commit %040d\tmodule\n", blob, blob, 7);
	GIT("r", "update-ref", "refs/heads/results", GIT("r", "commit-tree", "-m", "x",
	    GIT_IN("r", buf_span(&tree), "mktree", "--missing")));
	m = opened_to("r");
	published(m, &p, 1);
	assert_string_equal(tree_of("r"),
	    "100644 dir/mine\n100644 mine\n160000 module\n100755 script");
	buf_release(&tree);
	mirror_close(m);
}

static void
publish__paths_that_no_repository_may_hold_are_our_bug(void **state)
{
	static const char *const bad[] = { "", "/x", "x/", "a//b", ".", "../x", "a/../b", ".git/x",
		"a/.GIT", "nl\nx", "esc\x1b",
		"1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8/9/0/1/2/3" };
	struct publish_result result;
	struct mirror *m;

	(void)state;
	remote_make("r");
	m = opened_to("r");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct plan p = { .files = FILES("good", "1", bad[i], "1") };
		struct err err = ERR_INIT;

		assert_code(ERR_BUG, publish_plan(m, &p, &result, &err), &err);
	}
	assert_string_equal(GIT("r", "for-each-ref"), "");
	mirror_close(m);
}

static void
publish__goes_on_after_the_mirror_was_packed(void **state)
{
	struct plan p = { .files = FILES("f", "1") };
	struct repo *r = NULL;
	struct err err = ERR_INIT;
	struct mirror *m;
	struct oid head;

	(void)state;
	remote_make("r");
	m = opened_to("r");
	published(m, &p, 1);
	assert_code(0, repo_open(&r, mirror_dir(m), &err), &err);
	for (int i = 0; i < 3; i++) {
		p.files = FILES("f", arena_printf(&world, "%d.", i));
		published(m, &p, 1);
		assert_code(0, mirror_maintain(m, 20000, &err), &err);
		assert_has(GIT("mirror", "count-objects", "-v"), "count: 0\n");
		/* A reader that was there before still finds what is new. */
		head = oid_of(tip("r", "results"));
		assert_int_equal(repo_is_ancestor(r, &p.base, &head, &err), 1);
	}
	repo_close(r);
	mirror_close(m);
}

/*
 * Notes
 */

static const char *
note_on(const struct oid *c)
{
	return GIT("r", "notes", "--ref=fairlead", "show", c->hex);
}

static void
notes__are_appended_once(void **state)
{
	struct oid a, b, elsewhere = oid_of("0123456789012345678901234567890123456789");
	struct plan p = { .files = FILES("f", "1") };
	struct mirror *m;

	(void)state;
	remote_make("r");
	a = COMMIT("r", "main", "x", "1");
	b = COMMIT("r", "main", "x", "2");
	/* A person wrote one, in git's own layout. */
	GIT("r", "notes", "--ref=fairlead", "add", "-m", "looks good", a.hex);
	m = opened_to("r");
	p.noted = &a;
	p.note = "run 1: deployed to 3 devices\n";
	published(m, &p, 1);
	assert_string_equal(note_on(&a), "looks good\n\nrun 1: deployed to 3 devices");
	published(m, &p, 1);
	assert_string_equal(note_on(&a), "looks good\n\nrun 1: deployed to 3 devices");
	assert_string_equal(commits("r", "refs/notes/fairlead"), "2");
	p.note = "run 2: rolled back";
	published(m, &p, 1);
	p.noted = &b;
	published(m, &p, 1);
	assert_string_equal(note_on(&a),
	    "looks good\n\nrun 1: deployed to 3 devices\n\nrun 2: rolled back");
	assert_string_equal(note_on(&b), "run 2: rolled back");
	assert_has(GIT("r", "log", "--notes=fairlead", "--format=%N", "main"),
	    "run 2: rolled back");
	/* The results may live where the deployed commit is not. */
	p.noted = &elsewhere;
	published(m, &p, 1);
	assert_has(GIT("r", "notes", "--ref=fairlead", "list"), elsewhere.hex);
	/* git goes on with what we wrote. */
	GIT("r", "notes", "--ref=fairlead", "append", "-m", "thanks", b.hex);
	p.noted = &b;
	p.note = "run 3";
	published(m, &p, 1);
	assert_string_equal(note_on(&b), "run 2: rolled back\n\nthanks\n\nrun 3");
	assert_string_equal(commits("r", "results"), "1");
	mirror_close(m);
}

static void
notes__are_found_in_every_layout_that_git_writes(void **state)
{
	static const char *const ids[] = { "1111111111111111111111111111111111111111",
		"2222222222222222222222222222222222222222",
		"3333333333333333333333333333333333333333" };
	const char *paths[] = { ids[0],
		arena_printf(&world, "%.2s/%s", ids[1], ids[1] + 2),
		arena_printf(&world, "%.2s/%.2s/%s", ids[2], ids[2] + 2, ids[2] + 4) };
	struct plan p = { .files = FILES("f", "1"), .note = "new" };
	struct buf in = BUF_INIT;
	struct mirror *m;

	(void)state;
	remote_make("r");
	buf_adds(&in, "commit refs/notes/fairlead\ncommitter T <t@example.com> 1 +0000\n"
	    "data 5\nnotes\n");
	for (int i = 0; i < 3; i++)
		buf_addf(&in, "M 100644 inline %s\ndata 4\nold\n\n", paths[i]);
	GIT_IN("r", buf_span(&in), "fast-import", "--quiet", "--force");
	m = opened_to("r");
	for (int i = 0; i < 3; i++) {
		struct oid id = oid_of(ids[i]);

		p.noted = &id;
		published(m, &p, 1);
		assert_string_equal(GIT("r", "cat-file", "-p", GIT("r", "notes", "--ref=fairlead",
		    "list", ids[i])), "old\n\nnew");
	}
	buf_release(&in);
	mirror_close(m);
}

/*
 * Races
 */

static void
somebody_commits(struct plan *p)
{
	/* Also creates the branch when there is none. */
	COMMIT("r", "results", arena_printf(&world, "theirs/%d", p->renders), "x");
}

static void
somebody_commits_once(struct plan *p)
{
	if (p->renders == 1)
		somebody_commits(p);
}

static void
race__lost_means_render_again_on_the_new_tree(void **state)
{
	struct plan p = { .files = FILES("mine", "1"), .meanwhile = somebody_commits_once };
	struct mirror *m;

	(void)state;
	remote_make("r");
	m = opened_to("r");
	published(m, &p, 2);
	assert_string_equal(p.base.hex, tip("r", "results^"));
	assert_string_equal(tree_of("r"), "100644 mine\n100644 theirs/1");
	p.files = FILES("mine", "2");
	published(m, &p, 2);
	assert_string_equal(commits("r", "results"), "4");
	mirror_close(m);
}

static void
race__lost_every_time_gives_up_and_says_so(void **state)
{
	struct plan p = { .files = FILES("mine", "1"), .meanwhile = somebody_commits };
	struct publish_result result;
	struct err err = ERR_INIT;
	struct mirror *m;

	(void)state;
	remote_make("r");
	m = opened_to("r");
	assert_code(ERR_RACE, publish_plan(m, &p, &result, &err), &err);
	assert_int_equal(result.attempts, 3);
	assert_has(err.text, "3 attempts");
	assert_true(err.next[0] != '\0');
	assert_string_equal(commits("r", "results"), "3");
	p.meanwhile = NULL;
	published(m, &p, 1);
	mirror_close(m);
}

#define ROUNDS 20

struct racer {
	struct mirror *m;
	const struct oid *noted;
	char name;
	int done;
	struct err err;
};

static int
render_racer(void *ctx, struct repo *repo, const struct oid *base, struct publish_set *set,
    struct err *err)
{
	struct racer *r = ctx;
	struct arena a = ARENA_INIT;
	struct buf page = BUF_INIT;
	struct entry e;
	int rc = 0;

	/* A shared page: what it says plus one line of ours. */
	if (!oid_none(base) && repo_entry(repo, base, "page", &a, &e, NULL) == 0)
		rc = repo_blob(repo, &e.oid, 100000, &page, err);
	buf_addf(&page, "%c%d\n", r->name, r->done);
	publish_add(set, "page", buf_span(&page));
	publish_add(set, arena_printf(&a, "runs/%c/%d", r->name, r->done), span_str("x"));
	publish_add_note(set, r->noted, arena_printf(&a, "run %c%d.", r->name, r->done));
	buf_release(&page);
	arena_release(&a);
	return rc;
}

static void
race_many(void *arg)
{
	const struct publish_options o = { .branch = "results", .name = "F", .email = "f@x",
		.attempts = 50 };
	struct publish_result result;
	struct racer *r = arg;

	for (r->done = 0; r->done < ROUNDS; r->done++)
		if (publish(r->m, &o, render_racer, r, &result, sys_real(), &r->err) != 0)
			return;
}

static void
race__two_publishers_lose_nothing(void **state)
{
	struct racer racers[2];
	struct thread *threads[2];
	struct err err = ERR_INIT;
	struct oid noted;
	const char *page, *note, *tree;

	(void)state;
	remote_make("r");
	noted = COMMIT("r", "main", "x", "1");
	for (int i = 0; i < 2; i++) {
		struct mirror_settings s = mirror_to(in_world("r"));

		s.dir = in_world(i == 0 ? "m0" : "m1");
		racers[i] = (struct racer){ .m = opened(&s), .noted = &noted,
			.name = (char)('a' + i), .err = ERR_INIT };
	}
	for (int i = 0; i < 2; i++)
		assert_code(0, thread_start(&threads[i], "racer", race_many, &racers[i], &err),
		    &err);
	for (int i = 0; i < 2; i++)
		thread_join(threads[i]);
	page = GIT("r", "cat-file", "-p", "results:page");
	note = note_on(&noted);
	tree = tree_of("r");
	for (int i = 0; i < 2; i++) {
		assert_code(0, racers[i].err.code, &racers[i].err);
		for (int n = 0; n < ROUNDS; n++) {
			assert_has(page, arena_printf(&world, "%c%d", 'a' + i, n));
			assert_has(note, arena_printf(&world, "run %c%d.", 'a' + i, n));
			assert_has(tree, arena_printf(&world, "runs/%c/%d", 'a' + i, n));
		}
		mirror_close(racers[i].m);
	}
	assert_int_equal(strlen(page), 2 * (10 * 3 + 10 * 4) - 1);
	assert_string_equal(commits("r", "results"), "40");
	assert_string_equal(commits("r", "refs/notes/fairlead"), "40");
	assert_string_equal(GIT("r", "rev-list", "--merges", "results"), "");
}

static void
race__a_branch_that_was_deleted_or_rewritten_is_followed(void **state)
{
	struct plan p = { .files = FILES("mine", "1") };
	struct mirror *m;

	(void)state;
	remote_make("r");
	m = opened_to("r");
	published(m, &p, 1);
	GIT("r", "update-ref", "-d", "refs/heads/results");
	published(m, &p, 1);
	assert_string_equal(commits("r", "results"), "1");
	COMMIT_ORPHAN("r", "results", "theirs", "1");
	published(m, &p, 1);
	assert_string_equal(tree_of("r"), "100644 mine\n100644 theirs");
	mirror_close(m);
}

/*
 * Refusals and absence
 */

static void
hook(const char *name, const char *text)
{
	const char *path = in_world(arena_printf(&world, "r/hooks/%s", name));
	struct err err = ERR_INIT;

	assert_code(0, file_mkdirs(in_world("r/hooks"), 0700, &err), &err);
	assert_code(0, file_write_atomic(sys_real(), path, text, strlen(text), 0700, &err), &err);
}

static void
refused__a_hook_s_own_words_are_told(void **state)
{
	struct plan p = { .files = FILES("mine", "1") };
	struct publish_result result;
	struct err err = ERR_INIT;
	struct mirror *m;
	struct oid noted;

	(void)state;
	remote_make("r");
	noted = COMMIT("r", "main", "x", "1");
	p.noted = &noted;
	p.note = "run 1";
	hook("pre-receive", "#!/bin/sh\necho ======\necho 'the freeze\x1b[31m lasts until Monday'\n"
	    "exit 1\n");
	m = opened_to("r");
	assert_code(ERR_DENIED, publish_plan(m, &p, &result, &err), &err);
	assert_int_equal(result.attempts, 1);
	assert_has(err.text, "pre-receive hook declined");
	assert_has(err.text, "lasts until Monday");
	assert_null(strchr(err.text, '\x1b'));
	assert_has(err.next, "results");
	/* One ref refused, the other does not go alone. */
	hook("pre-receive", "#!/bin/sh\n");
	hook("update", "#!/bin/sh\ncase $1 in refs/notes/*) echo no notes; exit 1;; esac\n");
	assert_code(ERR_DENIED, publish_plan(m, &p, &result, &err), &err);
	assert_has(err.text, "no notes");
	assert_has(err.next, "refs/notes/fairlead");
	assert_string_equal(GIT("r", "for-each-ref", "--format=%(refname)"), "refs/heads/main");
	hook("update", "#!/bin/sh\n");
	published(m, &p, 1);
	mirror_close(m);
}

static void
refused__a_remote_without_atomic_pushes_still_gets_both(void **state)
{
	struct plan p = { .files = FILES("mine", "1") };
	struct publish_result result;
	struct err err = ERR_INIT;
	struct mirror *m;
	struct oid noted;

	(void)state;
	remote_make("r");
	noted = COMMIT("r", "main", "x", "1");
	p.noted = &noted;
	p.note = "run 1";
	GIT("r", "config", "receive.advertiseAtomic", "false");
	m = opened_to("r");
	published(m, &p, 1);
	assert_string_equal(note_on(&noted), "run 1");
	/* The branch goes, the notes do not; next time only they are left. */
	hook("update", "#!/bin/sh\ncase $1 in refs/notes/*) exit 1;; esac\n");
	p.files = FILES("mine", "2");
	p.note = "run 2";
	assert_code(ERR_DENIED, publish_plan(m, &p, &result, &err), &err);
	assert_string_equal(commits("r", "results"), "2");
	hook("update", "#!/bin/sh\n");
	published(m, &p, 1);
	assert_string_equal(commits("r", "results"), "2");
	assert_string_equal(note_on(&noted), "run 1\n\nrun 2");
	mirror_close(m);
}

static void
remote__away_is_told_apart_and_nothing_is_lost(void **state)
{
	struct plan p = { .files = FILES("mine", "1") };
	struct publish_result result;
	struct err err = ERR_INIT;
	struct mirror *m;

	(void)state;
	remote_make("r");
	m = opened_to("r");
	assert_int_equal(rename(in_world("r"), in_world("away")), 0);
	assert_code(ERR_REMOTE, publish_plan(m, &p, &result, &err), &err);
	assert_int_equal(p.renders, 0);
	assert_int_equal(rename(in_world("away"), in_world("r")), 0);
	published(m, &p, 1);
	mirror_close(m);
}

static int
render_fails(void *ctx, struct repo *repo, const struct oid *base, struct publish_set *set,
    struct err *err)
{
	(void)ctx;
	(void)repo;
	(void)base;
	publish_add(set, "x", span_str("x"));
	return err_set(err, ERR_FULL, "no room to render");
}

static void
render__its_error_is_the_caller_s(void **state)
{
	const struct publish_options o = { .branch = "results", .name = "F", .email = "f@x",
		.attempts = 3 };
	struct publish_options odd = o;
	struct plan p = { .files = FILES("mine", "1") };
	struct publish_result result;
	struct err err = ERR_INIT;
	struct mirror *m;

	(void)state;
	remote_make("r");
	m = opened_to("r");
	assert_code(ERR_FULL, publish(m, &o, render_fails, NULL, &result, sys_real(), &err), &err);
	assert_string_equal(err.text, "no room to render");
	odd.branch = "--force";
	assert_code(ERR_USAGE, publish(m, &odd, render_plan, &p, &result, sys_real(), &err), &err);
	odd.branch = "results";
	odd.name = "<>";
	assert_code(ERR_USAGE, publish(m, &odd, render_plan, &p, &result, sys_real(), &err), &err);
	assert_string_equal(GIT("r", "for-each-ref"), "");
	mirror_close(m);
}

#ifdef FAIRLEAD_FAULTS
/* Another process, since a failpoint is read once: argv is WORLD COMMIT TEXT. */
static int
publish_in_child(char **argv)
{
	struct oid noted = oid_of(argv[2]);
	struct plan p = { .noted = &noted, .note = argv[3], .files = FILES("mine", argv[3]) };
	struct publish_result result;

	snprintf(world_dir, sizeof(world_dir), "%s", argv[1]);
	return publish_plan(opened_to("r"), &p, &result, NULL) != 0;
}

static void
killed__at_any_point_the_next_publish_makes_it_whole(void **state)
{
	static const char *const points[] = { "publish-built", "publish-pushed" };
	struct oid noted;

	(void)state;
	remote_make("r");
	noted = COMMIT("r", "main", "x", "1");
	for (size_t i = 0; i < 2; i++) {
		const char *run = arena_printf(&world, "run %zu", i);
		const char *env = arena_printf(&world, "FAIRLEAD_FAILPOINT=%s", points[i]);
		const char *argv[] = { "env", env, world_self(), world_dir, noted.hex, run, NULL };
		struct plan p = { .noted = &noted, .note = run, .files = FILES("mine", run) };
		struct mirror *m;
		int status;

		run_program(&status, span_of("", 0), argv);
		assert_int_equal(status, 128 + 9);
		m = opened_to("r");
		published(m, &p, 1);
		mirror_close(m);
		assert_string_equal(commits("r", "results"), i == 0 ? "1" : "2");
		assert_string_equal(commits("r", "refs/notes/fairlead"), i == 0 ? "1" : "2");
	}
	assert_string_equal(note_on(&noted), "run 0\n\nrun 1");
}
#endif

static int
render_many(void *ctx, struct repo *repo, const struct oid *base, struct publish_set *set,
    struct err *err)
{
	const int *version = ctx;
	char path[128], text[256];

	(void)repo;
	(void)base;
	(void)err;
	for (int i = 0; i < 30000; i++) {
		snprintf(path, sizeof(path), "devices/site%d/device%d.%s", i % 100, i / 3,
		    i % 3 == 0 ? "md" : i % 3 == 1 ? "json" : "diff");
		snprintf(text, sizeof(text), "# device %d, version %d\n", i, i == 0 ? *version : 0);
		publish_add(set, path, span_str(text));
	}
	return 0;
}

static void
publish__thirty_thousand_files_are_one_commit(void **state)
{
	const struct publish_options o = { .branch = "results", .name = "F", .email = "f@x",
		.attempts = 1 };
	struct mirror_settings s;
	struct publish_result result;
	struct err err = ERR_INIT;
	struct mirror *m;
	int version = 1;

	(void)state;
	remote_make("r");
	s = mirror_to(in_world("r"));
	s.timeout_ms = 60000;
	m = opened(&s);
	assert_code(0, publish(m, &o, render_many, &version, &result, sys_real(), &err), &err);
	assert_string_equal(GIT("r", "rev-list", "--count", "results"), "1");
	/* One of them changed: only that is new. */
	version = 2;
	assert_code(0, publish(m, &o, render_many, &version, &result, sys_real(), &err), &err);
	assert_has(GIT("r", "diff", "--name-only", "results^", "results"),
	    "devices/site0/device0.md");
	mirror_close(m);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_begin, world_end)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(publish__begins_a_branch_and_adds_to_it),
		T(publish__files_and_directories_take_each_others_place),
		T(publish__what_others_keep_on_the_branch_stays),
		T(publish__paths_that_no_repository_may_hold_are_our_bug),
		T(publish__goes_on_after_the_mirror_was_packed),
		T(notes__are_appended_once),
		T(notes__are_found_in_every_layout_that_git_writes),
		T(race__lost_means_render_again_on_the_new_tree),
		T(race__lost_every_time_gives_up_and_says_so),
		T(race__two_publishers_lose_nothing),
		T(race__a_branch_that_was_deleted_or_rewritten_is_followed),
		T(refused__a_hook_s_own_words_are_told),
		T(refused__a_remote_without_atomic_pushes_still_gets_both),
		T(remote__away_is_told_apart_and_nothing_is_lost),
		T(render__its_error_is_the_caller_s),
#ifdef FAIRLEAD_FAULTS
		T(killed__at_any_point_the_next_publish_makes_it_whole),
#endif
		T(publish__thirty_thousand_files_are_one_commit),
	};

#ifdef FAIRLEAD_FAULTS
	if (argc == 4)
		return publish_in_child(argv);
#endif
	(void)argc;
	(void)argv;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
