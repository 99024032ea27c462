/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots of real repositories: what is found, what hostile content gets,
 * and that one bad file never stops the other devices.
 */
#include <assert.h>
#include <pthread.h>
#include <unistd.h>

#include "intended_repo.h"

static const struct doc_pos ANYWHERE = { 0, 0 };

struct built {
	struct repo *r;
	struct snapshot *s;
	const char *text;	/* of the problems */
};

static struct built
build_with(const struct snapshot_options *o)
{
	struct built b = { .r = repo_opened() };
	struct oid commit = commit_end();
	struct err err = ERR_INIT;

	assert_code(0, snapshot_build(&b.s, b.r, &commit, o, &err), &err);
	b.text = problems_text(&b.s->problems);
	return b;
}

static struct built
build(void)
{
	static const struct snapshot_options NONE = { NULL, 0 };

	return build_with(&NONE);
}

static void
built_release(struct built *b)
{
	snapshot_unref(b->s);
	repo_close(b->r);
}

static const struct intended_device *
device(const struct built *b, const char *name)
{
	const struct intended_device *d = snapshot_device(b->s, name);

	if (d == NULL)
		fail_msg("no device %s; %s", name, b->text);
	return d;
}

/* The text of a device, or the message of the error. */
static const char *
text_of(const struct built *b, const char *name, int code)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	const char *text;

	assert_code(code, snapshot_text(b->s, b->r, device(b, name), &out, &err), &err);
	text = arena_strdup(&test_arena, code == 0 ? buf_str(&out) : err.text);
	assert_true(code == 0 || out.len == 0);
	buf_release(&out);
	return text;
}

#define HOSTS "inventory/hosts.yaml"
#define TWO "leaf1: {platform: eos}\nleaf2: {platform: eos}\n"

static void
snapshot__holds_what_a_commit_says(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, "leaf2: {groups: [eos]}\nedge1: {platform: bird}\nleaf1: {groups: [eos]}\n");
	add("inventory/groups.yaml", "eos: {platform: arista_eos}\n");
	add("inventory/defaults.yaml", "username: admin\n");
	add("fairlead.yaml", "waves: []\n");
	add("checks/b.yml", "checks: []\n");
	add("checks/a.yaml", "checks:\n  - id: x\n");
	add("checks/README.md", "[[[");
	add("checks/deep/c.yaml", "[[[");
	add("configs/leaf1.cfg", "hostname leaf1\n");
	add("configs/leaf2.txt", "hostname leaf2\n");
	add("configs/edge1.conf", "router id 1.1.1.1;\n");
	add("configs/README.md", "about\n");
	add("README.md", "about\n");
	b = build();
	assert_string_equal(b.text, "");
	assert_int_equal(b.s->n_devices, 3);
	assert_string_equal(b.s->devices[0].name, "edge1");
	assert_string_equal(b.s->devices[2].name, "leaf2");
	assert_string_equal(b.s->info.subject, "change");
	assert_string_equal(device(&b, "leaf1")->platform, "arista_eos");
	assert_string_equal(device(&b, "leaf1")->config_path, "configs/leaf1.cfg");
	assert_int_equal(device(&b, "leaf1")->size, 15);
	assert_string_equal(text_of(&b, "edge1", 0), "router id 1.1.1.1;\n");
	assert_string_equal(text_of(&b, "leaf2", 0), "hostname leaf2\n");
	assert_non_null(doc_get(b.s->policy, "waves"));
	assert_false(oid_none(&b.s->policy_blob));
	assert_int_equal(b.s->n_checks, 2);
	assert_string_equal(b.s->checks[0].path, "checks/a.yaml");
	assert_string_equal(b.s->checks[1].path, "checks/b.yml");
	assert_int_equal(doc_get(b.s->checks[0].node, "checks")->items[0]->pos.line, 2);
	assert_null(snapshot_device(b.s, "leaf3"));
	built_release(&b);
}

static void
avd__two_sites_are_found_with_their_names(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, "a: {platform: eos}\nb: {platform: eos, data: {site: own}}\n"
	    "c: {platform: eos}\nd: {platform: eos}\ne: {platform: eos}\n");
	add("sites/dc1/intended/configs/a.cfg", "a\n");
	add("sites/dc2/intended/configs/b.cfg", "b\n");
	add("dc3/intended/configs/c.cfg", "c\n");
	add("intended/configs/d.cfg", "d\n");
	add("inventory/intended/configs/e.cfg", "e\n");
	/* What else AVD writes, and what is not a place for us. */
	add("sites/dc1/intended/structured_configs/a.cfg", "[");
	add("sites/dc1/intended/configs/a.yml", "[");
	add("sites/dc1/intended/configs/more/a.cfg", "[");
	add("sites/dc1/intended/batfish/configs/a.cfg", "[");
	add("sites/dc1/documentation/a.cfg", "[");
	add(".github/intended/configs/a.cfg", "[");
	add("backup/configs/a.cfg", "[");
	b = build();
	assert_string_equal(b.text, "");
	assert_string_equal(device(&b, "a")->site, "dc1");
	assert_string_equal(device(&b, "b")->site, "own");
	assert_string_equal(device(&b, "c")->site, "dc3");
	assert_null(device(&b, "d")->site);
	assert_null(device(&b, "e")->site);
	assert_string_equal(text_of(&b, "e", 0), "e\n");
	built_release(&b);
}

static void
template__gives_the_path(void **state)
{
	const struct snapshot_options o = { "net/{site}/{role}-{platform}/{device}.conf", 0 };
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS,
	    "a: {platform: eos, data: {site: dc1, fairlead: {role: leaf}}}\n"
	    "b: {platform: eos, data: {site: dc1}}\n"
	    "c: {platform: eos, data: {site: dc2, role: spine}}\n"
	    "d: {platform: eos, data: {site: dc2, role: spine}}\n");
	add("net/dc1/leaf-eos/a.conf", "a\n");
	add("net/dc1/leaf-eos/other.conf", "a\n");
	add_link("net/dc2/spine-eos/c.conf", "d.conf");
	/* Where discovery would look. */
	add("configs/a.cfg", "x\n");
	add("configs/d.cfg", "x\n");
	b = build_with(&o);
	assert_string_equal(text_of(&b, "a", 0), "a\n");
	assert_false(device(&b, "a")->broken);
	assert_true(device(&b, "b")->broken);
	assert_has(b.text, "error: no {role}, which the path template");
	assert_true(device(&b, "c")->broken);
	assert_has(b.text, "net/dc2/spine-eos/c.conf: error: a symbolic link");
	assert_null(device(&b, "d")->config_path);
	assert_has(b.text, "warning: d is unmanaged");
	assert_has(b.text, "net/dc1/leaf-eos/other.conf: warning: configuration without a device");
	assert_hasnt(b.text, "configs/");
	built_release(&b);
}

static void
template__hides_nothing_behind_links(void **state)
{
	const struct snapshot_options o = { "net/all/{device}.cfg", 0 };
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, TWO);
	add_link("net", "elsewhere");
	add("elsewhere/all/leaf1.cfg", "x\n");
	b = build_with(&o);
	assert_has(b.text, "net: error: a symbolic link");
	built_release(&b);
}

static void
template__that_gives_one_file_to_two_is_an_error(void **state)
{
	const struct snapshot_options o = { "{role}{device}.cfg", 0 };
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, "bc: {platform: x, data: {role: a}}\nc: {platform: x, data: {role: ab}}\n");
	add("abc.cfg", "x\n");
	b = build_with(&o);
	assert_true(device(&b, "bc")->broken && device(&b, "c")->broken);
	text_of(&b, "bc", ERR_CONTENT);
	text_of(&b, "c", ERR_CONTENT);
	assert_has(b.text, "gives this file to \"bc\" too [c]");
	assert_has(b.text, "gives this file to \"c\" too [bc]");
	built_release(&b);
}

static void
template__that_is_wrong_is_a_usage_error(void **state)
{
	static const char *const TEMPLATES[] = {
		"", "/etc/{device}", "configs/all.cfg", "{device}/{colour}", "{device", "device}",
		"*/{device}.cfg", "{device}}", "{{device}}", "{device}/{}", "{device}?",
	};
	struct repo *r;
	struct oid commit;

	(void)state;
	commit_begin();
	add(HOSTS, TWO);
	commit = commit_end();
	r = repo_opened();
	for (size_t i = 0; i < sizeof(TEMPLATES) / sizeof(TEMPLATES[0]); i++) {
		const struct snapshot_options o = { TEMPLATES[i], 0 };
		struct snapshot *s = NULL;
		struct err err = ERR_INIT;

		assert_code(ERR_USAGE, snapshot_build(&s, r, &commit, &o, &err), &err);
		assert_has(err.next, "{device}");
		assert_null(s);
	}
	repo_close(r);
}

static void
device__without_a_file_is_unmanaged_loudly(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, "leaf1:\nleaf2: {platform: eos}\n");
	add("configs/leaf2.cfg", "x\n");
	add("configs/leaf3.cfg", "x\n");
	add("configs/leaf1.bak", "x\n");
	b = build();
	assert_int_equal(b.s->problems.errors, 0);
	assert_has(b.text, "inventory/hosts.yaml:1:1: warning: leaf1 is unmanaged: no "
	    "configuration was found, nothing will be deployed");
	assert_has(b.text, "configs/leaf3.cfg: warning: configuration without a device");
	assert_null(device(&b, "leaf1")->config_path);
	assert_has(text_of(&b, "leaf1", ERR_NOTFOUND), "leaf1 is unmanaged");
	built_release(&b);
}

static void
device__with_a_file_needs_a_platform(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, "leaf1: {}\nleaf2: {platform: eos}\n");
	add("configs/leaf1.cfg", "x\n");
	add("configs/leaf2.cfg", "x\n");
	b = build();
	assert_has(b.text, "error: no platform");
	assert_true(device(&b, "leaf1")->broken);
	assert_false(device(&b, "leaf2")->broken);
	built_release(&b);
}

static void
device__with_two_files_is_an_error_that_lists_both(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, TWO);
	add("configs/leaf1.cfg", "x\n");
	add("configs/leaf1.conf", "x\n");
	add("dc1/intended/configs/leaf1.cfg", "x\n");
	add("dc1/intended/configs/leaf2.cfg", "fine\n");
	b = build();
	assert_has(b.text, "configs/leaf1.conf: error: a second configuration of \"leaf1\", "
	    "beside configs/leaf1.cfg");
	assert_has(b.text, "dc1/intended/configs/leaf1.cfg: error: a second configuration");
	assert_true(device(&b, "leaf1")->broken);
	assert_has(text_of(&b, "leaf1", ERR_CONTENT), "not usable");
	assert_string_equal(text_of(&b, "leaf2", 0), "fine\n");
	assert_false(device(&b, "leaf2")->broken);
	built_release(&b);
}

/* Each of these breaks leaf1 and nothing else. */
static void
device__with_a_bad_file_stops_nobody_else(void **state)
{
	const struct snapshot_options o = { NULL, 100 };
	struct built b;
	char big[101];

	(void)state;
	memset(big, 'x', sizeof(big));
	for (int i = 0; i < 4; i++) {
		static const char *const SAID[] = {
			"configs/leaf1.cfg: error: empty: it would wipe the device [leaf1]",
			"configs/leaf1.cfg: error: 101 bytes: at most 100 [leaf1]",
			"configs/leaf1.cfg: error: a symbolic link: links and submodules",
			"configs/leaf1.cfg: error: a submodule: links and submodules",
		};

		commit_begin();
		add(HOSTS, TWO);
		add("configs/leaf2.cfg", "fine\n");
		if (i < 2)
			add_bytes("100755", "configs/leaf1.cfg", big, i == 0 ? 0 : sizeof(big));
		else if (i == 2)
			add_link("configs/leaf1.cfg", "leaf2.cfg");
		else
			add_submodule("configs/leaf1.cfg");
		b = build_with(&o);
		assert_has(b.text, SAID[i]);
		assert_int_equal(b.s->problems.n, 1);
		assert_true(device(&b, "leaf1")->broken);
		text_of(&b, "leaf1", ERR_CONTENT);
		assert_false(device(&b, "leaf2")->broken);
		assert_string_equal(text_of(&b, "leaf2", 0), "fine\n");
		built_release(&b);
	}
}

static void
links__are_errors_where_they_hide_something(void **state)
{
	static const struct {
		const char *path;
		bool error;
	} CASES[] = {
		{ "inventory/groups.yaml", true }, { "inventory/defaults.yaml", true },
		{ "fairlead.yaml", true }, { "checks/a.yaml", true }, { "checks/a.yml", true },
		{ "configs", true }, { "configs/nobody.cfg", true }, { "checks", true },
		{ "intended", true },
		{ "dc1/intended", true }, { "dc1/intended/configs", true },
		{ "docs", false }, { "dc1/intended/documentation", false }, { "configs/x.md", false },
		{ "checks/README.md", false }, { "inventory/extra.yaml", false },
		{ "dc1/configs", false }, { "vendor/lib", false },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(CASES) / sizeof(CASES[0]); i++) {
		const char *path = CASES[i / 2].path;
		struct built b;

		commit_begin();
		add(HOSTS, "{}\n");
		if (i % 2 == 0)
			add_link(path, "../../../etc/passwd");
		else
			add_submodule(path);
		b = build();
		if (b.s->problems.errors != (CASES[i / 2].error ? 1 : 0))
			fail_msg("%s: %s", path, b.text);
		if (CASES[i / 2].error)
			assert_has(b.text, arena_printf(&test_arena, "%s: error: a s", path));
		built_release(&b);
	}
}

static void
inventory__that_is_a_link_is_not_missing(void **state)
{
	static const char *const PATHS[] = { HOSTS, "inventory" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct built b;

		commit_begin();
		add("configs/leaf1.cfg", "x\n");
		add_link(PATHS[i], "elsewhere");
		b = build();
		assert_int_equal(b.s->n_devices, 0);
		assert_has(b.text, arena_printf(&test_arena, "%s: error: a symbolic link",
		    PATHS[i]));
		if (i == 0)
			assert_hasnt(b.text, "missing");
		built_release(&b);
	}
}

static void
inventory__that_is_missing_or_misspelt_is_said(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add("inventory/hosts.yml", "leaf1: {}\n");
	add("fairlead.yml", "x: y\n");
	b = build();
	assert_int_equal(b.s->n_devices, 0);
	assert_null(b.s->policy);
	assert_has(b.text, "inventory/hosts.yaml: error: missing");
	assert_has(b.text, "inventory/hosts.yml: warning: not read: its name must end in .yaml");
	assert_has(b.text, "fairlead.yml: warning: not read");
	built_release(&b);
}

static const char *
repeated(const char *what, size_t n)
{
	struct buf b = BUF_INIT;
	const char *out;

	for (size_t i = 0; i < n; i++)
		buf_adds(&b, what);
	out = arena_strdup(&test_arena, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Nine levels of nine aliases each. */
static const char *
alias_bomb(void)
{
	struct buf b = BUF_INIT;
	const char *out;

	buf_adds(&b, "leaf1: {}\na0: &a0 {data: {x: [y]}}\n");
	for (int i = 1; i < 10; i++) {
		buf_addf(&b, "a%d: &a%d {data: {", i, i);
		for (int j = 0; j < 9; j++)
			buf_addf(&b, "k%d: *a%d, ", j, i - 1);
		buf_adds(&b, "}}\n");
	}
	out = arena_strdup(&test_arena, buf_str(&b));
	buf_release(&b);
	return out;
}

static void
hosts__that_do_not_parse_give_no_devices(void **state)
{
	const char *texts[] = {
		repeated("[", 200000), repeated("a: &a [*a", 1), "leaf1: {}\nleaf1: {}\n",
		"leaf1: {port: 1, port: 2}\n", alias_bomb(), "leaf1: \x01\n", "leaf1: \xff\n",
		"leaf1: !!python/object:os.system x\n", "a: 1\n---\nb: 2\n", "- leaf1\n",
		repeated("- ", 200000), repeated("x: {\n", 200000),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct built b;

		commit_begin();
		add(HOSTS, texts[i]);
		add("configs/leaf1.cfg", "x\n");
		add("checks/a.yaml", "checks: []\n");
		b = build();
		if (b.s->n_devices != 0 || b.s->problems.errors == 0)
			fail_msg("case %zu: %s", i, b.text);
		assert_has(b.text, "inventory/hosts.yaml:");
		assert_non_null(b.s->checks[0].node);
		built_release(&b);
	}
}

static void
hosts__over_the_limit_are_not_read(void **state)
{
	size_t size = ((size_t)16 << 20) + 1;
	char *big = mem_zalloc(size);
	struct built b;

	(void)state;
	memset(big, '#', size);
	commit_begin();
	add_bytes("100644", HOSTS, big, size);
	add_bytes("100644", "checks/a.yaml", big, 1 << 21);
	free(big);
	b = build();
	assert_has(b.text, "inventory/hosts.yaml: error: 16777217 bytes: at most 16777216");
	assert_has(b.text, "checks/a.yaml: error: 2097152 bytes: at most 1048576");
	assert_null(b.s->checks[0].node);
	built_release(&b);
}

static void
documents__that_do_not_parse_leave_the_devices(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, TWO);
	add("configs/leaf1.cfg", "x\n");
	add("fairlead.yaml", "a: 1\na: 2\n");
	add("checks/a.yaml", "a: *b\n");
	add("checks/b.yaml", "checks: []\n");
	b = build();
	assert_int_equal(b.s->n_devices, 2);
	assert_false(device(&b, "leaf1")->broken);
	assert_has(b.text, "fairlead.yaml:2:1: error: ");
	assert_has(b.text, "checks/a.yaml:1:");
	assert_null(b.s->policy);
	assert_false(oid_none(&b.s->policy_blob));	/* there, and wrong */
	assert_null(b.s->checks[0].node);
	assert_non_null(b.s->checks[1].node);
	built_release(&b);
}

static void
groups_and_defaults__that_do_not_parse_break_who_inherits(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, "leaf1: {platform: eos, groups: [a]}\nleaf2: {platform: eos}\n");
	add("inventory/groups.yaml", "a: {\n");
	b = build();
	assert_has(b.text, "inventory/groups.yaml:");
	assert_hasnt(b.text, "is not in");
	assert_true(device(&b, "leaf1")->broken);
	assert_false(device(&b, "leaf2")->broken);
	built_release(&b);
	commit_begin();
	add(HOSTS, TWO);
	add_link("inventory/defaults.yaml", "../elsewhere");
	b = build();
	assert_true(device(&b, "leaf1")->broken && device(&b, "leaf2")->broken);
	built_release(&b);
}

static void
names__that_are_unsafe_leave_the_others(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, "'../../etc/passwd': {platform: eos}\n'a b': {platform: eos}\n..: {}\n"
	    "leaf1: {platform: eos}\n");
	add("configs/leaf1.cfg", "x\n");
	add("\"configs/a b.cfg\"", "x\n");
	b = build();
	assert_int_equal(b.s->n_devices, 1);
	assert_int_equal(b.s->problems.errors, 3);
	assert_has(b.text, "hosts.yaml:1:1: error: \"../../etc/passwd\" cannot be a device's name");
	assert_has(b.text, "configs/a b.cfg: warning: configuration without a device");
	assert_false(device(&b, "leaf1")->broken);
	built_release(&b);
}

static void
paths__with_control_bytes_are_counted(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, TWO);
	add("\"configs/leaf1\\n.cfg\"", "x\n");
	add("\"configs/leaf\\033[2J.cfg\"", "x\n");
	b = build();
	assert_has(b.text, "warning: 2 paths were left out");
	built_release(&b);
}

static void
text__is_checked_when_it_is_read(void **state)
{
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, TWO);
	add("configs/leaf1.cfg", "one\ntwo\x1b[2J\nthree\x08\n");
	add("configs/leaf2.cfg", "fine\n");
	b = build();
	/* Contents are not read by the build. */
	assert_int_equal(b.s->problems.n, 0);
	assert_has(text_of(&b, "leaf1", ERR_CONTENT), "configs/leaf1.cfg:2:4: error: control "
	    "byte 0x1b: remove it (and 1 more)");
	assert_string_equal(text_of(&b, "leaf2", 0), "fine\n");
	built_release(&b);
}

static void
text__check_finds_what_a_device_must_not_get(void **state)
{
	static const struct {
		const char *text;
		size_t len;		/* 0: of the string */
		const char *said;	/* "": nothing */
	} CASES[] = {
		{ "hostname x\n", 0, "" },
		{ "no newline", 0, "" },
		{ "tab\there\r\nbanner \x03text\x03\n", 0, "" },
		{ "latin1 \xe9\xa0\x80\n", 0, "" },
		{ "utf8 \xc3\xa9\n", 0, "" },
		{ "", 0, "f:1:1: error: nothing but blanks: it would wipe the device\n" },
		{ " \t\r\n \n", 0, "f:1:1: error: nothing but blanks" },
		{ "\xef\xbb\xbf\n", 0, "nothing but blanks" },
		{ "\xef\xbb\xbfhostname x\n", 0, "f:1:1: warning: starts with a UTF-8 byte order" },
		{ "a\nb\0c\n", 6, "f:2:2: error: control byte 0x00: not a text file, or saved as "
		  "UTF-16" },
		{ "\0", 1, "control byte 0x00" },
		{ "a\x7f\n", 0, "f:1:2: error: control byte 0x7f: remove it" },
		{ "a\x1a", 0, "f:1:2: error: control byte 0x1a" },
		{ "a\x0b\x0c\n", 0, "f:1:3: error: control byte 0x0c" },
		{ "\n\n\x01\x01\x01\x01\x01\x01\x01\n", 0, "f: error: 2 more control bytes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		size_t len = CASES[i].len > 0 ? CASES[i].len : strlen(CASES[i].text);
		bool error = strstr(CASES[i].said, "warning") == NULL && CASES[i].said[0] != '\0';
		struct problems ps;

		problems_init(&ps, &test_arena);
		assert_int_equal(intended_text_check("f", span_of(CASES[i].text, len), &ps),
		    error ? ERR_CONTENT : 0);
		assert_has(problems_text(&ps), CASES[i].said);
		assert_true((ps.n > 0) == (CASES[i].said[0] != '\0'));
	}
}

static void
text__check_refuses_endless_lines(void **state)
{
	size_t size = ((size_t)1 << 20) + 2;
	char *text = mem_zalloc(size);
	struct problems ps;

	(void)state;
	memset(text, 'x', size);
	text[size - 1] = '\n';
	problems_init(&ps, &test_arena);
	assert_int_equal(intended_text_check("f", span_of(text, size), &ps), ERR_CONTENT);
	assert_has(problems_text(&ps), "f:1:1: error: a line of 1048577 bytes: at most 1048576");
	assert_int_equal(intended_text_check("f", span_of(text + 1, size - 1), &ps), 0);
	free(text);
}

/* Problems that were there before are not this text's. */
static void
text__check_counts_only_its_own_problems(void **state)
{
	struct problems ps;

	(void)state;
	problems_init(&ps, &test_arena);
	problem_add(&ps, SEV_ERROR, "other", ANYWHERE, "before");
	assert_int_equal(intended_text_check("f", span_str("x\n"), &ps), 0);
}

static void
snapshot__of_an_unknown_commit_fails(void **state)
{
	const struct snapshot_options o = { NULL, 0 };
	struct repo *r = repo_opened();
	struct snapshot *s = NULL;
	struct err err = ERR_INIT;
	struct oid none;

	(void)state;
	assert_true(oid_parse("0123456789012345678901234567890123456789", &none));
	assert_int_not_equal(snapshot_build(&s, r, &none, &o, &err), 0);
	assert_null(s);
	assert_string_not_equal(err.text, "");
	repo_close(r);
}

static void *
use_snapshot(void *arg)
{
	struct snapshot *s = arg;

	for (int i = 0; i < 1000; i++) {
		struct snapshot *mine = snapshot_ref(s);

		assert(snapshot_device(mine, "leaf1") != NULL);
		snapshot_unref(mine);
	}
	snapshot_unref(s);
	return NULL;
}

static void
snapshot__is_shared_by_threads(void **state)
{
	pthread_t threads[4];
	struct built b;

	(void)state;
	commit_begin();
	add(HOSTS, TWO);
	b = build();
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_snapshot,
		    snapshot_ref(b.s)), 0);
	built_release(&b);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* 10,000 devices in 100 sites, of which each hundredth has a broken file. */
static void
snapshot__of_a_large_network_is_whole(void **state)
{
	struct buf hosts = BUF_INIT, groups = BUF_INIT;
	struct built b;
	size_t broken = 0;

	(void)state;
	buf_adds(&groups, "eos: {platform: arista_eos, data: {ntp: [192.0.2.1]}}\n");
	for (int i = 0; i < 100; i++)
		buf_addf(&groups, "site%d: {groups: [eos], data: {fairlead: {site: s%d}}}\n", i, i);
	commit_begin();
	for (int i = 0; i < 10000; i++) {
		buf_addf(&hosts, "sw%d:\n  hostname: 10.%d.%d.%d\n  groups: [site%d]\n"
		    "  data:\n    rack: r%d\n    fairlead:\n      serial: SN%d\n"
		    "      role: leaf\n", i, i >> 16, i >> 8 & 255, i & 255, i / 100, i % 40, i);
		add(arena_printf(&test_arena, "configs/sw%d.cfg", i), i % 100 == 0 ? "" : "x\n");
	}
	add(HOSTS, buf_str(&hosts));
	add("inventory/groups.yaml", buf_str(&groups));
	b = build();
	assert_int_equal(b.s->n_devices, 10000);
	assert_int_equal(b.s->problems.errors, 100);
	for (size_t i = 0; i < b.s->n_devices; i++)
		broken += b.s->devices[i].broken;
	assert_int_equal(broken, 100);
	assert_string_equal(device(&b, "sw1234")->site, "s12");
	assert_string_equal(device(&b, "sw1234")->serial, "SN1234");
	assert_string_equal(device(&b, "sw1234")->platform, "arista_eos");
	assert_string_equal(device(&b, "sw1234")->addresses[0], "10.0.4.210");
	assert_string_equal(intended_data(device(&b, "sw1234"), "rack")->text, "r34");
	assert_int_equal(intended_data(device(&b, "sw1234"), "ntp")->n, 1);
	built_release(&b);
	buf_release(&hosts);
	buf_release(&groups);
}

/* What newcomers copy. */
static void
example_site__has_no_problems(void **state)
{
	static const struct snapshot_options NONE = { NULL, 0 };
	char here[4096];
	struct oid commit;
	struct snapshot *s = NULL;
	struct err err = ERR_INIT;
	struct repo *r;

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	git(span_str(""), arena_printf(&test_arena, "--work-tree=%s/examples/site", here), "add",
	    "-A");
	assert_true(oid_parse(git(span_str("tree\n"), "commit-tree",
	    git(span_str(""), "write-tree", NULL, NULL), NULL), &commit));
	r = repo_opened();
	assert_code(0, snapshot_build(&s, r, &commit, &NONE, &err), &err);
	assert_string_equal(problems_text(&s->problems), "");
	assert_int_equal(s->n_devices, 6);
	for (size_t i = 0; i < s->n_devices; i++) {
		struct buf text = BUF_INIT;

		assert_code(0, snapshot_text(s, r, &s->devices[i], &text, &err), &err);
		buf_release(&text);
	}
	snapshot_unref(s);
	repo_close(r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, repo_begin, repo_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(snapshot__holds_what_a_commit_says),
		TEST(avd__two_sites_are_found_with_their_names),
		TEST(template__gives_the_path),
		TEST(template__hides_nothing_behind_links),
		TEST(template__that_gives_one_file_to_two_is_an_error),
		TEST(template__that_is_wrong_is_a_usage_error),
		TEST(device__without_a_file_is_unmanaged_loudly),
		TEST(device__with_a_file_needs_a_platform),
		TEST(device__with_two_files_is_an_error_that_lists_both),
		TEST(device__with_a_bad_file_stops_nobody_else),
		TEST(links__are_errors_where_they_hide_something),
		TEST(inventory__that_is_a_link_is_not_missing),
		TEST(inventory__that_is_missing_or_misspelt_is_said),
		TEST(hosts__that_do_not_parse_give_no_devices),
		TEST(hosts__over_the_limit_are_not_read),
		TEST(documents__that_do_not_parse_leave_the_devices),
		TEST(groups_and_defaults__that_do_not_parse_break_who_inherits),
		TEST(names__that_are_unsafe_leave_the_others),
		TEST(paths__with_control_bytes_are_counted),
		TEST(text__is_checked_when_it_is_read),
		cmocka_unit_test_teardown(text__check_finds_what_a_device_must_not_get, arena_end),
		cmocka_unit_test_teardown(text__check_refuses_endless_lines, arena_end),
		cmocka_unit_test_teardown(text__check_counts_only_its_own_problems, arena_end),
		TEST(snapshot__of_an_unknown_commit_fails),
		TEST(snapshot__is_shared_by_threads),
		TEST(snapshot__of_a_large_network_is_whole),
		TEST(example_site__has_no_problems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
