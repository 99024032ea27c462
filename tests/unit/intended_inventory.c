/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inventory: what is inherited, and what bad input gets.
 */
#include "intended/inventory.h"
#include "intended_repo.h"

struct world {
	struct intended_device *v;
	size_t n;
	struct problems ps;
	const char *text;	/* of the problems */
};

/* NULL: there is no such file. */
static struct world
resolve(const char *hosts, const char *groups, const char *defaults)
{
	const char *texts[] = { hosts, groups, defaults };
	struct inventory_docs docs = { 0 };
	struct world w = { 0 };

	problems_init(&w.ps, &test_arena);
	for (int k = 0; k < INVENTORY_KINDS; k++) {
		struct doc_node *node = NULL;

		if (texts[k] != NULL)
			doc_parse_yaml(&node, &test_arena, INVENTORY_PATHS[k],
			    span_str(texts[k]), &DOC_LIMITS_INVENTORY, &w.ps);
		docs.node[k] = node;
		docs.broken[k] = texts[k] != NULL && node == NULL;
	}
	inventory_read(&w.v, &w.n, &docs, &test_arena, &w.ps);
	w.text = problems_text(&w.ps);
	return w;
}

static const struct intended_device *
find(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->v[i].name, name) == 0)
			return &w->v[i];
	fail_msg("no device %s; %s", name, w->text);
	return NULL;
}

static const char *
joined(const char *const *v, size_t n)
{
	const char *out = "";

	for (size_t i = 0; i < n; i++)
		out = arena_printf(&test_arena, "%s%s%s", out, i > 0 ? " " : "", v[i]);
	return out;
}

static void
inventory__a_host_is_read(void **state)
{
	struct world w = resolve(
	    "leaf1:\n"
	    "  hostname: 192.0.2.1\n"
	    "  port: 2201\n"
	    "  username: admin\n"
	    "  platform: eos\n"
	    "  data:\n"
	    "    anything: {goes: [1, 2]}\n"
	    "    fairlead:\n"
	    "      addresses: [192.0.2.1, \"2001:db8::1\", oob-leaf1.example.net]\n"
	    "      via: jump1\n"
	    "      credential: lab\n"
	    "      serial: ABC123\n"
	    "      site: dc1\n"
	    "      role: leaf\n"
	    "      tags: [core, prod]\n"
	    "      vars: {vrf: MGMT, timer: 5}\n", NULL, NULL);
	const struct intended_device *d = find(&w, "leaf1");

	(void)state;
	assert_string_equal(w.text, "");
	assert_false(d->broken);
	assert_string_equal(d->file, "inventory/hosts.yaml");
	assert_int_equal(d->pos.line, 1);
	assert_string_equal(joined(d->addresses, d->n_addresses),
	    "192.0.2.1 2001:db8::1 oob-leaf1.example.net");
	assert_int_equal(d->port, 2201);
	assert_string_equal(d->username, "admin");
	assert_string_equal(d->platform, "eos");
	assert_string_equal(joined(d->via, d->n_via), "jump1");
	assert_string_equal(d->credential, "lab");
	assert_string_equal(d->serial, "ABC123");
	assert_string_equal(d->site, "dc1");
	assert_string_equal(d->role, "leaf");
	assert_string_equal(joined(d->tags, d->n_tags), "core prod");
	assert_int_equal(d->vars.n, 2);
	assert_string_equal(d->vars.keys[1], "timer");
	assert_string_equal(d->vars.values[1], "5");
	assert_non_null(doc_get(intended_data(d, "anything"), "goes"));
	assert_null(intended_data(d, "nothing"));
}

static void
inventory__nulls_and_empty_hosts_are_not_given(void **state)
{
	struct world w = resolve("leaf1:\nleaf2: {hostname: ~, port: null, username: , "
	    "password: ~, password: ~}\n", NULL, NULL);
	(void)state;

	/* A duplicate key is the document's error: no devices at all. */
	assert_int_equal(w.n, 0);
	w = resolve("leaf1:\nleaf2: {hostname: ~, port: null, username: , password: ~, "
	    "data: , groups: , connection_options: ~, platform: }\n"
	    "leaf3: {data: {fairlead: ~, site: ~}, password: \"\"}\n"
	    "leaf4: {data: {fairlead: {site: ~, tags: }}}\n", "", "");
	assert_string_equal(w.text, "");
	assert_int_equal(w.n, 4);
	assert_string_equal(w.v[1].addresses[0], "leaf2");
	assert_int_equal(w.v[1].port, 22);
	assert_null(w.v[1].username);
	assert_null(w.v[1].platform);
	assert_null(w.v[3].site);
	assert_int_equal(w.v[3].n_tags, 0);
}

/* The example in Nornir's own documentation of extended_groups(). */
static const char GRAPH[] =
    "group_a: {groups: [group_1, group_2]}\n"
    "group_b: {groups: [group_2, group_3]}\n"
    "group_1: {groups: [group_X]}\n"
    "group_2: {username: two, port: 2}\n"
    "group_3: {username: three, platform: three}\n"
    "group_X: {port: 10, platform: x}\n";

static void
groups__are_depth_first_and_once(void **state)
{
	struct world w = resolve("h: {groups: [group_a, group_b]}", GRAPH,
	    "{username: d, port: 99, hostname: d}");
	const struct intended_device *d = find(&w, "h");

	(void)state;
	assert_string_equal(w.text, "");
	assert_string_equal(joined(d->groups, d->n_groups),
	    "group_a group_1 group_X group_2 group_b group_3");
	assert_int_equal(d->port, 10);
	assert_string_equal(d->username, "two");
	assert_string_equal(d->platform, "x");
	assert_string_equal(d->addresses[0], "d");
}

/* Own value, then the groups in order, each before its own groups, then the
 * defaults: one case a step. */
static void
attributes__come_from_the_nearest(void **state)
{
	static const struct {
		const char *host, *groups, *defaults, *username;
	} CASES[] = {
		{ "username: own, groups: [a]", "a: {username: a}", "username: d", "own" },
		{ "groups: [a, b]", "{a: {username: a}, b: {username: b}}", "username: d", "a" },
		{ "groups: [a, b]", "{a: {}, b: {username: b}}", "username: d", "b" },
		{ "groups: [a, b]", "{a: {groups: [p]}, b: {username: b}, p: {username: p}}",
		  "username: d", "p" },
		{ "groups: [a]", "{a: {groups: [p], username: ~}, p: }", "username: d", "d" },
		{ "groups: a", "{a: {username: scalar}}", "", "scalar" },
		{ "groups: []", "{a: {username: a}}", "username: d", "d" },
		{ "username: \"~\"", "", "username: d", "~" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct world w = resolve(arena_printf(&test_arena, "h: {%s}", CASES[i].host),
		    CASES[i].groups, CASES[i].defaults);

		assert_string_equal(w.text, "");
		assert_string_equal(find(&w, "h")->username, CASES[i].username);
	}
}

static void
data__is_inherited_by_top_level_key_and_never_merged(void **state)
{
	struct world w = resolve(
	    "h: {groups: [a], data: {own: {x: 1}, blank: ~}}",
	    "a: {data: {own: {y: 2}, ga: 1, blank: text}}",
	    "data: {ga: 2, dd: {deep: 3}}");
	const struct intended_device *d = find(&w, "h");

	(void)state;
	assert_string_equal(w.text, "");
	assert_string_equal(doc_text(intended_data(d, "own"), "x"), "1");
	assert_null(doc_get(intended_data(d, "own"), "y"));
	assert_string_equal(intended_data(d, "ga")->text, "1");
	assert_string_equal(doc_text(intended_data(d, "dd"), "deep"), "3");
	assert_true(intended_data(d, "blank")->null);
}

static void
data_fairlead__is_inherited_key_by_key(void **state)
{
	struct world w = resolve(
	    "h: {groups: [a], data: {fairlead: {serial: S1, tags: [], site: ~}}}\n"
	    "i: {groups: [a]}\n"
	    "j:\n",
	    "a: {data: {fairlead: {via: [j1, j2], tags: [t], site: dc1, role: leaf}}}",
	    "data: {fairlead: {credential: main, site: none, vars: {a: b}}}");
	const struct intended_device *d = find(&w, "h");

	(void)state;
	assert_string_equal(w.text, "");
	assert_string_equal(d->serial, "S1");
	assert_string_equal(joined(d->via, d->n_via), "j1 j2");
	assert_int_equal(d->n_tags, 0);		/* an empty list is given */
	assert_string_equal(d->site, "dc1");	/* a null is not */
	assert_string_equal(d->role, "leaf");
	assert_string_equal(d->credential, "main");
	assert_string_equal(d->vars.values[0], "b");
	assert_null(find(&w, "i")->serial);
	assert_string_equal(joined(find(&w, "i")->tags, 1), "t");
	assert_string_equal(find(&w, "j")->site, "none");
	assert_int_equal(find(&w, "j")->n_via, 0);
}

static void
site_and_role__fall_back_to_plain_data(void **state)
{
	struct world w = resolve(
	    "h: {groups: [a]}\n"
	    "i: {groups: [a], data: {site: own, role: ~, fairlead: {role: spine}}}\n"
	    "j: {data: {site: New York, role: [x]}}\n"
	    "k: {data: {site: New York}}\n"
	    "l: {data: {site: ../..}}\n",
	    "a: {data: {site: ga, role: leaf}}", NULL);

	(void)state;
	assert_string_equal(find(&w, "h")->site, "ga");
	assert_string_equal(find(&w, "h")->role, "leaf");
	assert_string_equal(find(&w, "i")->site, "own");
	assert_string_equal(find(&w, "i")->role, "spine");
	assert_null(find(&w, "j")->site);
	assert_null(find(&w, "j")->role);
	assert_null(find(&w, "l")->site);
	assert_int_equal(w.ps.errors, 0);
	assert_int_equal(w.ps.n, 3);
	assert_has(w.text, "warning: data.site New York is not used");
	assert_has(w.text, "data.role (not a scalar)");
	assert_has(w.text, "data.site ../..");
}

/*
 * Bad input: what is said, and whether the device `h` is broken by it. The
 * device `ok` never is.
 */
struct bad {
	const char *host, *groups, *defaults;
	const char *said;
	bool broken;
};
static const struct bad BAD[] = {
	{ "{hostnam: x}", NULL, NULL, "hosts.yaml:2:5: error: unknown key \"hostnam\"; did you "
	  "mean \"hostname\"?", true },
	{ "{port: 70000}", NULL, NULL, "hosts.yaml:2:11: error: port", true },
	{ "{port: ssh}", NULL, NULL, "port", true },
	{ "[x]", NULL, NULL, "expected a map", true },
	{ "text", NULL, NULL, "expected a map", true },
	{ "{data: text}", NULL, NULL, "data: expected a map", true },
	{ "{data: {fairlead: 1}}", NULL, NULL, "expected a map", true },
	{ "{data: {fairlead: {sit: x}}}", NULL, NULL, "did you mean \"site\"?", true },
	{ "{data: {fairlead: {site: a/b}}}", NULL, NULL, "site: expected a name", true },
	{ "{data: {fairlead: {credential: -x}}}", NULL, NULL, "credential: expected", true },
	{ "{data: {fairlead: {tags: {a: b}}}}", NULL, NULL, "tags: expected", true },
	{ "{data: {fairlead: {vars: [a]}}}", NULL, NULL, "vars: expected", true },
	{ "{groups: [nobody]}", "a: {}", NULL, "hosts.yaml:2:13: error: group \"nobody\" is not "
	  "in inventory/groups.yaml [h]", true },
	{ "{groups: [nobody]}", NULL, NULL, "group \"nobody\" is not in", true },
	{ "{groups: {a: b}}", "a: {}", NULL, "groups: expected", true },
	{ "{groups: [a]}", "a: {groups: [b]}", NULL, "groups.yaml:1:13: error: group \"b\" is not "
	  "in", true },
	{ "{groups: [a]}", "a: {groups: [a]}", NULL, "group \"a\" is in itself: a in a",
	  true },
	{ "{groups: [a]}", "a: {groups: [b]}\nb: {groups: [c]}\nc: {groups: [a]}", NULL,
	  "groups.yaml:3:13: error: group \"a\" is in itself: a in b in c in a", true },
	{ "{groups: [b]}", "a: {groups: [b]}\nb: {groups: [c]}\nc: {groups: [a]}", NULL,
	  "is in itself", true },
	{ "{groups: [z]}", "a: {groups: [b]}\nb: {groups: [a]}\nz: {}", NULL,
	  "is in itself", false },
	{ "{groups: [a]}", "a: {colour: red}", NULL, "groups.yaml:1:5: error: unknown key "
	  "\"colour\"", true },
	{ "{groups: [z]}", "a: {colour: red}\nz: {}", NULL, "unknown key", false },
	{ "{groups: [a]}", "a: [", NULL, "groups.yaml", true },
	{ "{}", "a: [", NULL, "groups.yaml", false },
	{ "{groups: [a]}", "- a\n- b", NULL, "groups.yaml:1:1: error: expected a map at the top",
	  true },
	{ "{password: hunter2}", NULL, NULL, "hosts.yaml:2:15: error: password in Git: move it to "
	  "\"credentials:\" in the controller's settings", true },
	{ "{password: 1}", NULL, NULL, "password in Git", true },
	{ "{groups: [a]}", "a: {password: hunter2}", NULL, "groups.yaml:1:15: error: password in "
	  "Git", true },
	{ "{connection_options: {netmiko: {password: hunter2}}}", NULL, NULL,
	  "error: password in Git", true },
	{ "{connection_options: {netmiko: {extras: {secret: hunter2}}}}", NULL, NULL,
	  "error: secret in Git", true },
	{ "{connection_options: {n: {extras: {l: [{passphrase: hunter2}]}}}}", NULL, NULL,
	  "error: passphrase in Git", true },
	{ "{connection_options: {netmiko: {password: ~, port: 22}}}", NULL, NULL,
	  "warning: connection_options is not used (1 ", false },
	{ "{hostname: \"\"}", NULL, NULL, "hostname: \"\" is not an address", true },
	{ "{hostname: -oProxyCommand=x}", NULL, NULL, "is not an address", true },
	{ "{hostname: \"a b\"}", NULL, NULL, "is not an address", true },
	{ "{hostname: \"10.0.0.1:22\"}", NULL, NULL, "a port goes into \"port\"", true },
	{ "{hostname: \"a\\u001b[2J\"}", NULL, NULL, "is not an address", true },
	{ "{hostname: \"fe80::1%eth0\"}", NULL, NULL, "", false },
	{ "{hostname: \"a%eth0\"}", NULL, NULL, "is not an address", true },
	{ "{data: {fairlead: {addresses: [192.0.2.9, \"x y\"]}}}", NULL, NULL,
	  "addresses: \"x y\" is not an address", true },
	{ "{data: {fairlead: {addresses: [192.0.2.9, 192.0.2.9]}}}", NULL, NULL,
	  "address 192.0.2.9 port 22 is also that of \"h\"", true },
	{ "{data: {fairlead: {via: [-oX]}}}", NULL, NULL, "via: \"-oX\" must be one word", true },
	{ "{data: {fairlead: {tags: [\"a,b c\"]}}}", NULL, NULL, "tags: ", true },
	{ "{username: \"a\\nb\"}", NULL, NULL, "username: ", true },
	{ "{platform: \"\\u202e\"}", NULL, NULL, "platform: ", true },
};

static void
bad_input__is_named_and_breaks_only_its_device(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		const struct bad *b = &BAD[i];
		struct world w = resolve(arena_printf(&test_arena, "ok: {hostname: ok}\nh: %s",
		    b->host), b->groups, b->defaults);

		assert_has(w.text, b->said);
		assert_hasnt(w.text, "hunter2");
		if (find(&w, "h")->broken != b->broken)
			fail_msg("case %zu: broken is %d: %s", i, !b->broken, w.text);
		assert_true(w.ps.errors > 0 || !b->broken);
		assert_false(find(&w, "ok")->broken);
	}
}

static void
defaults__that_are_wrong_break_everybody(void **state)
{
	static const struct {
		const char *text, *said;
	} CASES[] = {
		{ "groups: [a]", "defaults.yaml:1:1: error: unknown key \"groups\"" },
		{ "password: hunter2", "defaults.yaml:1:11: error: password in Git" },
		{ "- a", "defaults.yaml:1:1: error: expected a map at the top" },
		{ "port: [", "defaults.yaml" },
		{ "data: {fairlead: {tag: x}}", "did you mean \"tags\"?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct world w = resolve("h: {}\ni: {}", NULL, CASES[i].text);

		assert_has(w.text, CASES[i].said);
		assert_hasnt(w.text, "hunter2");
		assert_true(find(&w, "h")->broken && find(&w, "i")->broken);
	}
}

static void
groups__that_do_not_parse_are_said_once(void **state)
{
	struct world w = resolve("h: {groups: [a]}\ni: {groups: [a]}\nj: {}", "a: {b", NULL);

	(void)state;
	assert_hasnt(w.text, "is not in");
	assert_true(find(&w, "h")->broken && find(&w, "i")->broken);
	assert_false(find(&w, "j")->broken);
}

static void
names__that_are_unsafe_are_refused_with_their_place(void **state)
{
	static const char *const NAMES[] = {
		"a/b", "'a b'", "..", ".", "-x", ".hidden", "../../etc/passwd", "\"a\\nb\"",
		"\"\\u001b[2J\"", "'leaf1;reboot'", "\"\"", "l\xc3\xa9", "a:b", "~",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
		struct world w = resolve(arena_printf(&test_arena, "ok: {}\n%s: {}\n",
		    NAMES[i]), NULL, NULL);

		assert_has(w.text, "hosts.yaml:2:1: error: ");
		assert_has(w.text, "cannot be a device's name");
		assert_int_equal(w.n, 1);
		assert_false(w.v[0].broken);
	}
}

static void
devices__may_not_share_a_place_or_a_name(void **state)
{
	struct world w = resolve(
	    "a: {hostname: 192.0.2.1}\n"
	    "b: {hostname: 192.0.2.1}\n"
	    "c: {hostname: 192.0.2.1, port: 22, data: {fairlead: {addresses: [Oob.x, c]}}}\n"
	    "d: {hostname: oob.x}\n"
	    "e: {hostname: 192.0.2.1, port: 23}\n"
	    "f: {hostname: 192.0.2.1, data: {fairlead: {via: [j1]}}}\n"
	    "g: {hostname: 192.0.2.1, data: {fairlead: {via: [j2]}}}\n"
	    "Leaf1: {}\n"
	    "leaf1: {hostname: x1}\n"
	    "LEAF1: {hostname: x2}\n"
	    "x: {hostname: A}\n"
	    "y: {hostname: x}\n", NULL, NULL);
	static const char *const SAME[] = { "a", "b", "c", "d", "Leaf1", "leaf1", "LEAF1" };
	static const char *const FINE[] = { "e", "f", "g", "x", "y" };

	(void)state;
	for (size_t i = 0; i < sizeof(SAME) / sizeof(SAME[0]); i++)
		if (!find(&w, SAME[i])->broken)
			fail_msg("%s is not broken: %s", SAME[i], w.text);
	for (size_t i = 0; i < sizeof(FINE) / sizeof(FINE[0]); i++)
		if (find(&w, FINE[i])->broken)
			fail_msg("%s is broken: %s", FINE[i], w.text);
	assert_has(w.text, "hosts.yaml:1:1: error: address 192.0.2.1 port 22 is also that of "
	    "\"b\" [a]");
	assert_has(w.text, "hosts.yaml:2:1: error: address 192.0.2.1 port 22 is also that of "
	    "\"a\" [b]");
	assert_has(w.text, "the name differs only in upper and lower case from that of");
	assert_int_equal(w.ps.errors, 7);
}

static void
unused_keys__are_named_once(void **state)
{
	struct world w = resolve(
	    "h: {}\n"
	    "i: {connection_options: {netmiko: {platform: cisco_ios}}}\n"
	    "j: {connection_options: {netmiko: {platform: cisco_ios}}}\n",
	    "a: {connection_options: {scrapli: {extras: {ssh_config_file: true}}}}",
	    "connection_options: {napalm: {port: 1}}");

	(void)state;
	assert_int_equal(w.ps.errors, 0);
	assert_int_equal(w.ps.n, 1);
	assert_has(w.text, "warning: connection_options is not used (4 in the inventory)");
}

static void
aliases__are_expanded(void **state)
{
	struct world w = resolve(
	    "leaf1: &leaf\n  platform: eos\n  data: {fairlead: {site: dc1}}\n"
	    "leaf2: *leaf\n", NULL, NULL);

	(void)state;
	assert_string_equal(w.text, "");
	assert_string_equal(find(&w, "leaf2")->platform, "eos");
	assert_string_equal(find(&w, "leaf2")->site, "dc1");
}

/* name: {groups: [name of the next]} for n groups. */
static const char *
chain(size_t n)
{
	struct buf b = BUF_INIT;
	const char *out;

	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "g%zu: {groups: [g%zu]}\n", i, i + 1);
	buf_addf(&b, "g%zu: {}\n", n);
	out = arena_strdup(&test_arena, buf_str(&b));
	buf_release(&b);
	return out;
}

static void
groups__nested_too_deep_are_an_error(void **state)
{
	struct world w = resolve("h: {groups: [g0]}\ni: {groups: [g25]}", chain(30), NULL);

	(void)state;
	assert_string_equal(w.text, "");
	assert_int_equal(find(&w, "h")->n_groups, 31);
	w = resolve("h: {groups: [g0]}\ni: {groups: [g39999]}", chain(40000), NULL);
	assert_has(w.text, "nested deeper than 32");
	assert_true(find(&w, "h")->broken);
	assert_true(find(&w, "h")->n_groups <= 32);
	assert_false(find(&w, "i")->broken);
	/* Groups seen before they are reached from below count as well. */
	w = resolve("h: {groups: [z0]}", arena_printf(&test_arena,
	    "%sz1: {groups: [g0]}\nz0: {groups: [z1]}\n", chain(30)), NULL);
	assert_has(w.text, "nested deeper than 32");
	assert_true(find(&w, "h")->broken);
}

/* Each host has a list of its own that leads to all groups: 4,000 x 4,000
 * steps if nobody counted. */
static void
groups__inherited_by_everybody_are_bounded(void **state)
{
	struct buf hosts = BUF_INIT, groups = BUF_INIT;
	struct world w;

	(void)state;
	buf_adds(&groups, "hub: {groups: [");
	for (int i = 0; i < 4000; i++) {
		buf_addf(&hosts, "h%d: {groups: [x%d, hub]}\n", i, i);
		buf_addf(&groups, "x%d, ", i);
	}
	buf_adds(&groups, "]}\n");
	for (int i = 0; i < 4000; i++)
		buf_addf(&groups, "x%d: {}\n", i);
	w = resolve(buf_str(&hosts), buf_str(&groups), NULL);
	assert_has(w.text, "the devices inherit from more than 4000000 groups");
	assert_int_equal(w.ps.errors, 1);
	assert_false(w.v[0].broken);
	assert_true(w.v[3999].broken);
	buf_release(&hosts);
	buf_release(&groups);
}

static void
lists__are_bounded(void **state)
{
	struct buf b = BUF_INIT;
	struct world w;

	(void)state;
	buf_adds(&b, "data: {fairlead: {via: [");
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "j%d,", i);
	buf_adds(&b, "]}}");
	w = resolve("h: {}", NULL, buf_str(&b));
	assert_has(w.text, "via: 100000 entries, at most 64");
	assert_int_equal(w.v[0].n_via, 64);
	assert_true(w.v[0].broken);
	buf_release(&b);
}

static void
inventory__without_hosts_has_no_devices(void **state)
{
	static const char *const TEXTS[] = { NULL, "", "~", "# nothing\n", "{}", "- a", "text" };

	(void)state;
	for (size_t i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
		struct world w = resolve(TEXTS[i], NULL, NULL);

		assert_int_equal(w.n, 0);
		assert_int_equal(w.ps.errors, i >= 5 ? 1 : 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(inventory__a_host_is_read, arena_end),
		cmocka_unit_test_teardown(inventory__nulls_and_empty_hosts_are_not_given,
		    arena_end),
		cmocka_unit_test_teardown(groups__are_depth_first_and_once, arena_end),
		cmocka_unit_test_teardown(attributes__come_from_the_nearest, arena_end),
		cmocka_unit_test_teardown(data__is_inherited_by_top_level_key_and_never_merged,
		    arena_end),
		cmocka_unit_test_teardown(data_fairlead__is_inherited_key_by_key, arena_end),
		cmocka_unit_test_teardown(site_and_role__fall_back_to_plain_data, arena_end),
		cmocka_unit_test_teardown(bad_input__is_named_and_breaks_only_its_device,
		    arena_end),
		cmocka_unit_test_teardown(defaults__that_are_wrong_break_everybody, arena_end),
		cmocka_unit_test_teardown(groups__that_do_not_parse_are_said_once, arena_end),
		cmocka_unit_test_teardown(names__that_are_unsafe_are_refused_with_their_place,
		    arena_end),
		cmocka_unit_test_teardown(devices__may_not_share_a_place_or_a_name, arena_end),
		cmocka_unit_test_teardown(unused_keys__are_named_once, arena_end),
		cmocka_unit_test_teardown(aliases__are_expanded, arena_end),
		cmocka_unit_test_teardown(groups__nested_too_deep_are_an_error, arena_end),
		cmocka_unit_test_teardown(groups__inherited_by_everybody_are_bounded, arena_end),
		cmocka_unit_test_teardown(lists__are_bounded, arena_end),
		cmocka_unit_test_teardown(inventory__without_hosts_has_no_devices, arena_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
