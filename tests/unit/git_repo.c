/* SPDX-License-Identifier: Apache-2.0 */
/* Reading objects: honest repositories, then crafted ones. */
#include "tests/unit/git_world.h"

static struct repo *
open_repo(const char *name)
{
	struct repo *r = NULL;
	struct err err = ERR_INIT;

	assert_code(0, repo_open(&r, in_world(name), &err), &err);
	return r;
}

/* A raw object, however wrong it is. */
static const char *
raw_object(const char *repo, const char *type, struct span content)
{
	return GIT_IN(repo, content, "hash-object", "-t", type, "--literally", "-w", "--stdin");
}

/* Add "<mode> <name>\0<id>" to a raw tree. */
static void
raw_entry(struct buf *tree, const char *mode, const char *name, const char *hex)
{
	uint8_t id[20];

	assert_true(text_unhex(hex, 40, id));
	buf_addf(tree, "%s %s", mode, name);
	buf_addc(tree, '\0');
	buf_add(tree, id, 20);
}

static struct oid
raw_commit(const char *repo, const char *tree)
{
	const char *text = arena_printf(&world, "tree %s\nauthor T <t@example.com> 1 +0000\n"
	    "committer T <t@example.com> 1 +0000\n\nraw\n", tree);

	return oid_of(raw_object(repo, "commit", span_str(text)));
}

/* One line a file: "path size" or "path link", "path module". */
static int
list(const struct entry *e, void *ctx)
{
	struct buf *out = ctx;

	buf_adds(out, e->path);
	if (e->kind == ENTRY_FILE)
		buf_addf(out, " %lld\n", (long long)e->size);
	else
		buf_adds(out, e->kind == ENTRY_SYMLINK ? " link\n" : " module\n");
	return 0;
}

static int
note_change(enum change_kind kind, const char *path, void *ctx)
{
	buf_addf(ctx, "%c %s\n", "ADM"[kind], path);
	return 0;
}

static const char *
walked(struct repo *r, const struct oid *c, const char *prefix, size_t *refused)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	const char *text;

	assert_code(0, repo_walk(r, c, prefix, &WALK_LIMITS, NULL, list, &out, refused, &err),
	    &err);
	text = arena_strdup(&world, buf_str(&out));
	buf_release(&out);
	return text;
}

static void
oid__only_forty_hex_digits_are_an_id(void **state)
{
	static const struct {
		const char *hex;
		bool ok;
	} cases[] = {
		{ "0123456789abcdef0123456789abcdef01234567", true },
		{ "0123456789ABCDEF0123456789abcdef01234567", true },
		{ "0123456789abcdef0123456789abcdef0123456", false },
		{ "0123456789abcdef0123456789abcdef012345678", false },
		{ "0123456789abcdef0123456789abcdef0123456g", false },
		{ "", false },
	};
	struct oid id;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(oid_parse(cases[i].hex, &id), cases[i].ok);
	assert_true(oid_parse(cases[1].hex, &id));
	assert_string_equal(id.hex, cases[0].hex);
}

static void
open__a_directory_that_is_no_repository_is_an_error(void **state)
{
	struct repo *r = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_code(ERR_IO, repo_open(&r, world_dir, &err), &err);
	assert_null(r);
	assert_has(err.text, world_dir);
}

static void
resolve__names_and_ids_lead_to_commits(void **state)
{
	struct oid a, b, got;
	struct repo *r;

	(void)state;
	remote_make("r");
	a = COMMIT("r", "main", "x", "1");
	b = COMMIT("r", "main", "x", "2");
	GIT("r", "tag", "-a", "-m", "t", "v1", a.hex);
	GIT("r", "update-ref", "refs/remotes/origin/far", a.hex);
	GIT("r", "update-ref", "refs/notes/fairlead", b.hex);
	/* Whoever may push branches does not get to redefine an id. */
	GIT("r", "update-ref", arena_printf(&world, "refs/heads/%s", a.hex), b.hex);
	r = open_repo("r");
	{
		const struct {
			const char *rev;
			const struct oid *is;	/* NULL: not found */
		} cases[] = {
			{ "main", &b }, { "HEAD", &b }, { "refs/heads/main", &b }, { "v1", &a },
			{ "far", &a }, { "origin/far", NULL }, { "refs/notes/fairlead", &b },
			{ a.hex, &a }, { arena_strndup(&world, b.hex, 10), &b },
			{ arena_strndup(&world, b.hex, 3), NULL }, { "nope", NULL }, { "", NULL },
			{ ":/change", NULL }, { "main@{0}", NULL }, { "--all", NULL },
			{ "../../HEAD", NULL }, { "config", NULL }, { "main:x", NULL },
			{ tip("r", "main:x"), NULL }, { tip("r", "main^{tree}"), NULL },
			{ "0123456789012345678901234567890123456789", NULL },
		};

		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct err err = ERR_INIT;
			int rc = repo_resolve(r, cases[i].rev, &got, &err);

			if (rc != (cases[i].is != NULL ? 0 : ERR_NOTFOUND))
				fail_msg("%s: %d %s", cases[i].rev, rc, err.text);
			if (rc == 0)
				assert_string_equal(got.hex, cases[i].is->hex);
		}
	}
	repo_close(r);
}

static void
ancestor__is_said_in_one_direction_only(void **state)
{
	struct oid a, b, other, gone = oid_of("0123456789012345678901234567890123456789");
	struct err err = ERR_INIT;
	struct repo *r;

	(void)state;
	remote_make("r");
	a = COMMIT("r", "main", "x", "1");
	b = COMMIT("r", "main", "x", "2");
	other = COMMIT_ORPHAN("r", "other", "x", "3");
	r = open_repo("r");
	assert_int_equal(repo_is_ancestor(r, &a, &b, &err), 1);
	assert_int_equal(repo_is_ancestor(r, &b, &b, &err), 1);
	assert_int_equal(repo_is_ancestor(r, &b, &a, &err), 0);
	assert_int_equal(repo_is_ancestor(r, &a, &other, &err), 0);
	assert_int_equal(err.code, 0);
	assert_code(ERR_NOTFOUND, repo_is_ancestor(r, &gone, &b, &err), &err);
	repo_close(r);
}

static void
commit__what_people_wrote_is_fit_to_show(void **state)
{
	struct commit_info info;
	struct buf raw = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct repo *r;
	struct oid c;

	(void)state;
	remote_make("r");
	c = COMMIT("r", "main", "x", "1");
	buf_addf(&raw, "tree %s\nparent %s\nauthor Zo\xc3\xab <z@example.com> 1700000000 +0100\n"
	    "committer E\x1b[31mvil <e@example.com> 99999999999999 +0000\n\n"
	    "sub\xffject \x1b]52;c;x\x07 \xe2\x80\xae\r\nbody\n", tip("r", "main^{tree}"), c.hex);
	r = open_repo("r");
	c = oid_of(raw_object("r", "commit", buf_span(&raw)));
	assert_code(0, repo_commit(r, &c, &a, &info, &err), &err);
	assert_string_equal(info.author_name, "Zo\xc3\xab");
	assert_string_equal(info.author_email, "z@example.com");
	assert_null(strchr(info.committer_name, '\x1b'));
	assert_null(strchr(info.subject, '\x1b'));
	assert_true(text_utf8_ok(info.subject, strlen(info.subject)));
	assert_has(info.subject, "ject");
	assert_null(strstr(info.subject, "body"));
	assert_int_equal(info.parents, 1);
	assert_true(info.when.us == INT64_C(253402300799) * 1000000);
	buf_release(&raw);
	repo_close(r);
	arena_release(&a);
}

static void
commit__a_huge_message_is_not_read(void **state)
{
	struct commit_info info;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct buf raw = BUF_INIT;
	struct repo *r;
	struct oid c;

	(void)state;
	remote_make("r");
	COMMIT("r", "main", "x", "1");
	buf_addf(&raw, "tree %s\nauthor T <t@example.com> 1 +0000\n"
	    "committer T <t@example.com> 1 +0000\n\n", tip("r", "main^{tree}"));
	memset(buf_reserve(&raw, 2 << 20), 'x', 2 << 20);
	raw.len += 2 << 20;
	c = oid_of(raw_object("r", "commit", buf_span(&raw)));
	r = open_repo("r");
	assert_code(ERR_LIMIT, repo_commit(r, &c, &a, &info, &err), &err);
	buf_release(&raw);
	repo_close(r);
}

static bool
not_big(const char *dir, void *ctx)
{
	(void)ctx;
	return strcmp(dir, "big") != 0 && strcmp(dir, "a/skip") != 0;
}

static int
stop_at_second(const struct entry *e, void *ctx)
{
	int *n = ctx;

	(void)e;
	return ++*n == 2 ? 77 : 0;
}

static void
walk__delivers_files_in_tree_order_below_a_prefix(void **state)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct repo *r;
	size_t refused = 9;
	struct oid c;
	int n = 0;

	(void)state;
	remote_make("r");
	c = COMMIT("r", "main", "a/b/f", "1", "a/skip/g", "22", "a-b", "333", "big/x", "4444", "z",
	    "");
	r = open_repo("r");
	assert_string_equal(walked(r, &c, "", &refused),
	    "a-b 3\na/b/f 1\na/skip/g 2\nbig/x 4\nz 0\n");
	assert_int_equal(refused, 0);
	assert_string_equal(walked(r, &c, "a", NULL), "a/b/f 1\na/skip/g 2\n");
	assert_string_equal(walked(r, &c, "a/b/", NULL), "a/b/f 1\n");
	assert_string_equal(walked(r, &c, "none", NULL), "");
	assert_string_equal(walked(r, &c, "z", NULL), "");
	assert_string_equal(walked(r, &c, "a/../a", NULL), "");
	assert_code(0, repo_walk(r, &c, "", &WALK_LIMITS, not_big, list, &out, NULL, &err), &err);
	assert_string_equal(buf_str(&out), "a-b 3\na/b/f 1\nz 0\n");
	assert_int_equal(repo_walk(r, &c, "", &WALK_LIMITS, NULL, stop_at_second, &n, NULL, &err),
	    77);
	assert_int_equal(n, 2);
	buf_release(&out);
	repo_close(r);
}

static void
walk__odd_names_are_refused_and_counted(void **state)
{
	static const char *const odd[] = { "..", ".", ".git", ".GIT", "a/b", "/etc", "nl\nx",
		"esc\x1b[2J", "del\x7f", "latin\xe9", "c1\xc2\x9b", "bidi\xe2\x80\xae", "tab\tx" };
	const size_t n = sizeof(odd) / sizeof(odd[0]);
	const char *blob, *sub, *tree;
	struct buf raw = BUF_INIT;
	struct repo *r;
	size_t refused;
	struct oid c;

	(void)state;
	remote_make("r");
	blob = raw_object("r", "blob", span_str("text"));
	raw_entry(&raw, "100644", "inner", blob);
	sub = raw_object("r", "tree", buf_span(&raw));
	buf_clear(&raw);
	raw_entry(&raw, "100644", "good", blob);
	raw_entry(&raw, "100644", "na\xc3\xafve name", blob);
	raw_entry(&raw, "100755", "script", blob);
	raw_entry(&raw, "120000", "link", blob);
	raw_entry(&raw, "160000", "module", blob);
	raw_entry(&raw, "100644", "file that is a tree", sub);
	for (size_t i = 0; i < n; i++) {
		raw_entry(&raw, "100644", odd[i], blob);
		raw_entry(&raw, "40000", odd[i], sub);
	}
	tree = raw_object("r", "tree", buf_span(&raw));
	c = raw_commit("r", tree);
	r = open_repo("r");
	assert_string_equal(walked(r, &c, "", &refused),
	    "good 4\nna\xc3\xafve name 4\nscript 4\nlink link\nmodule module\n");
	assert_int_equal(refused, 2 * n + 1);
	buf_release(&raw);
	repo_close(r);
}

static void
walk__a_tree_bomb_ends_at_the_cap(void **state)
{
	const struct walk_limits few = { 5000, 32 }, shallow = { 1000000, 5 };
	struct buf raw = BUF_INIT, out = BUF_INIT;
	struct err err = ERR_INIT;
	struct oid c, none = { "" };
	const char *id;
	struct repo *r;

	(void)state;
	out.max = 1000;
	remote_make("r");
	id = raw_object("r", "blob", span_str("boom"));
	/* Ten names, ten levels: 10^10 paths in a few kilobytes. */
	for (int level = 0; level < 10; level++) {
		buf_clear(&raw);
		for (char name[] = "0"; name[0] <= '9'; name[0]++)
			raw_entry(&raw, level == 0 ? "100644" : "40000", name, id);
		id = raw_object("r", "tree", buf_span(&raw));
	}
	c = raw_commit("r", id);
	r = open_repo("r");
	assert_code(ERR_LIMIT, repo_walk(r, &c, "", &few, NULL, list, &out, NULL, &err), &err);
	assert_has(err.text, "5000");
	assert_code(ERR_LIMIT, repo_walk(r, &c, "", &shallow, NULL, list, &out, NULL, &err), &err);
	assert_code(ERR_LIMIT, repo_changed(r, &none, &c, note_change, &out, &err), &err);
	buf_release(&raw);
	buf_release(&out);
	repo_close(r);
}

/* A file below `levels` directories of one name. */
static struct oid
nested(const char *repo, int levels, const char *name)
{
	struct buf raw = BUF_INIT;
	const char *id = raw_object(repo, "blob", span_str("down"));

	raw_entry(&raw, "100644", "f", id);
	for (int i = 0; i <= levels; i++) {
		id = raw_object(repo, "tree", buf_span(&raw));
		buf_clear(&raw);
		raw_entry(&raw, "40000", name, id);
	}
	buf_release(&raw);
	return raw_commit(repo, id);
}

static void
walk__depth_and_path_length_are_bounded(void **state)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct oid c;
	struct repo *r;
	size_t refused;

	(void)state;
	remote_make("r");
	r = open_repo("r");
	c = nested("r", WALK_LIMITS.max_depth, "d");
	assert_string_equal(walked(r, &c, "", &refused) + 2 * WALK_LIMITS.max_depth, "f 4\n");
	c = nested("r", WALK_LIMITS.max_depth + 1, "d");
	assert_code(ERR_LIMIT, repo_walk(r, &c, "", &WALK_LIMITS, NULL, list, &out, NULL, &err),
	    &err);
	c = nested("r", 21, arena_printf(&world, "%0200d", 1));
	assert_string_equal(walked(r, &c, "", &refused), "");
	assert_int_equal(refused, 1);
	c = nested("r", 1, arena_printf(&world, "%0256d", 1));
	assert_string_equal(walked(r, &c, "", &refused), "");
	assert_int_equal(refused, 1);
	buf_release(&out);
	repo_close(r);
}

static void
objects__size_and_type_are_checked_before_reading(void **state)
{
	const size_t zeros = (size_t)64 << 20;
	struct buf raw = BUF_INIT, out = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct entry e;
	struct oid c, tree, id;
	const char *blob;
	struct repo *r;
	char *bytes = mem_zalloc(zeros + 1);

	(void)state;
	remote_make("r");
	blob = raw_object("r", "blob", span_of(bytes, zeros));
	tree = oid_of(raw_object("r", "tree", span_of(bytes, zeros + 1)));
	raw_entry(&raw, "100644", "zeros", blob);
	raw_entry(&raw, "40000", "zz", tree.hex);
	raw_entry(&raw, "40000", "zzz", blob);
	c = raw_commit("r", raw_object("r", "tree", buf_span(&raw)));
	r = open_repo("r");
	assert_code(0, repo_entry(r, &c, "zeros", &a, &e, &err), &err);
	assert_int_equal(e.size, zeros);
	assert_int_equal(e.kind, ENTRY_FILE);
	assert_code(ERR_LIMIT, repo_blob(r, &e.oid, zeros - 1, &out, &err), &err);
	assert_int_equal(out.cap, 0);
	assert_code(ERR_LIMIT, repo_entry(r, &c, "zz/x", &a, &e, &err), &err);
	assert_code(ERR_CONTENT, repo_entry(r, &c, "zzz/x", &a, &e, &err), &err);
	assert_code(ERR_CONTENT, repo_blob(r, &tree, zeros * 2, &out, &err), &err);
	assert_code(ERR_CONTENT, repo_entry(r, &tree, "x", &a, &e, &err), &err);
	id = oid_of("0123456789012345678901234567890123456789");
	assert_code(ERR_NOTFOUND, repo_blob(r, &id, 10, &out, &err), &err);
	free(bytes);
	buf_release(&raw);
	arena_release(&a);
	repo_close(r);
}

static void
entry__one_path_is_found_or_not(void **state)
{
	static const char *const missing[] = { "", "a", "a/", "a/none", "a/f/g", "../a/f", "a//f",
		"/a/f", "a/f/.." };
	struct buf out = BUF_INIT;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct entry e;
	struct repo *r;
	struct oid c;

	(void)state;
	remote_make("r");
	c = COMMIT("r", "main", "a/f", "hello", "b", "x");
	r = open_repo("r");
	assert_code(0, repo_entry(r, &c, "a/f", &a, &e, &err), &err);
	assert_int_equal(e.size, 5);
	assert_string_equal(e.path, "a/f");
	buf_adds(&out, ">");
	assert_code(0, repo_blob(r, &e.oid, 5, &out, &err), &err);
	assert_string_equal(buf_str(&out), ">hello");
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		assert_code(ERR_NOTFOUND, repo_entry(r, &c, missing[i], &a, &e, &err), &err);
	buf_release(&out);
	arena_release(&a);
	repo_close(r);
}

static const char *
changes(struct repo *r, const struct oid *old, const struct oid *new)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	const char *text;

	assert_code(0, repo_changed(r, old, new, note_change, &out, &err), &err);
	text = arena_strdup(&world, buf_str(&out));
	buf_release(&out);
	return text;
}

static void
changed__names_what_differs(void **state)
{
	struct oid none = { "" }, a, b, c;
	struct repo *r;

	(void)state;
	remote_make("r");
	a = COMMIT("r", "main", "same/x", "1", "dir/f", "1", "dir/g", "1", "gone", "1", "swap", "1",
	    "a-b", "1");
	b = COMMIT("r", "main", "dir/f", "2", "dir/h", "1", "gone", NULL, "swap", NULL, "swap/in",
	    "1");
	c = COMMIT("r", "main", "swap/in", NULL, "swap", "1", "dir/f", NULL, "dir/g", NULL, "dir/h",
	    NULL);
	r = open_repo("r");
	assert_string_equal(changes(r, &a, &a), "");
	assert_string_equal(changes(r, &a, &b),
	    "M dir/f\nA dir/h\nD gone\nD swap\nA swap/in\n");
	assert_string_equal(changes(r, &b, &c),
	    "D dir/f\nD dir/g\nD dir/h\nA swap\nD swap/in\n");
	assert_string_equal(changes(r, &none, &c), "A a-b\nA same/x\nA swap\n");
	repo_close(r);
}

static void
changed__equal_directories_are_not_opened(void **state)
{
	struct buf raw = BUF_INIT;
	const char *gone = "0123456789012345678901234567890123456789", *blob;
	struct repo *r;
	struct oid a, b;

	(void)state;
	remote_make("r");
	blob = raw_object("r", "blob", span_str("x"));
	raw_entry(&raw, "40000", "dir", gone);
	a = raw_commit("r", raw_object("r", "tree", buf_span(&raw)));
	raw_entry(&raw, "100755", "new", blob);
	b = raw_commit("r", raw_object("r", "tree", buf_span(&raw)));
	r = open_repo("r");
	assert_string_equal(changes(r, &a, &b), "A new\n");
	buf_release(&raw);
	repo_close(r);
}

static void
changed__a_tree_out_of_order_hides_nothing(void **state)
{
	struct buf raw = BUF_INIT;
	const char *blob, *other;
	struct repo *r;
	struct oid a, b;

	(void)state;
	remote_make("r");
	blob = raw_object("r", "blob", span_str("x"));
	other = raw_object("r", "blob", span_str("y"));
	raw_entry(&raw, "100644", "a", blob);
	raw_entry(&raw, "100644", "m", blob);
	a = raw_commit("r", raw_object("r", "tree", buf_span(&raw)));
	buf_clear(&raw);
	raw_entry(&raw, "100644", "m", blob);
	raw_entry(&raw, "100644", "a", other);
	b = raw_commit("r", raw_object("r", "tree", buf_span(&raw)));
	r = open_repo("r");
	assert_has(changes(r, &a, &b), "A a\n");
	buf_release(&raw);
	repo_close(r);
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_begin, world_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(oid__only_forty_hex_digits_are_an_id),
		T(open__a_directory_that_is_no_repository_is_an_error),
		T(resolve__names_and_ids_lead_to_commits),
		T(ancestor__is_said_in_one_direction_only),
		T(commit__what_people_wrote_is_fit_to_show),
		T(commit__a_huge_message_is_not_read),
		T(walk__delivers_files_in_tree_order_below_a_prefix),
		T(walk__odd_names_are_refused_and_counted),
		T(walk__a_tree_bomb_ends_at_the_cap),
		T(walk__depth_and_path_length_are_bounded),
		T(objects__size_and_type_are_checked_before_reading),
		T(entry__one_path_is_found_or_not),
		T(changed__names_what_differs),
		T(changed__equal_directories_are_not_opened),
		T(changed__a_tree_out_of_order_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
