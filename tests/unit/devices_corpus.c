/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real configurations, when there are some beside the repository, with the
 * grammars that are shipped: all of them print back and differ in nothing from
 * themselves, whatever the order of what has none; and pairs of them show what
 * is known of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sys.h"
#include "diffing/diff.h"
#include "diffing/match.h"
#include "tests/unit/devices_shipped.h"

#define CORPUS "../shared/corpus/"
#define SHUFFLES 5

static const struct mask_key KEY = { { 9 } };

/* The folders of other systems are read by the grammar for what is unknown. */
static const struct dialect *
dialect_of(const char *path)
{
	static const struct {
		const char *folder, *platform;
	} rows[] = {
		{ "eos/", "arista_eos" }, { "ios/", "cisco_ios" }, { "iosxe/", "cisco_ios" },
		{ "iosxr/", "cisco_iosxr" }, { "nxos/", "cisco_nxos" },
		{ "junos/", "juniper_junos" }, { "sros/", "nokia_sros" },
		{ "srlinux/", "nokia_srlinux" }, { "vyos/", "vyos" },
		{ "routeros/", "mikrotik_routeros" }, { "cumulus/", "frr" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(path, rows[i].folder, strlen(rows[i].folder)) == 0)
			return shipped_dialect(rows[i].platform);
	return shipped_dialect("generic");
}

static struct span
read_file(struct arena *a, const char *name)
{
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t len = 0;
	struct span s;

	if (file_read(arena_printf(a, CORPUS "%s", name), 16 << 20, &text, &len, &err) < 0)
		fail_msg("%s", err.text);
	s = span_of(arena_strndup(a, text, len), len);
	free(text);
	return s;
}

/* Call check for each row of a table, with its fields; returns how many. */
static size_t
for_rows(const char *table, void (*check)(struct arena *a, char **fields))
{
	char *text = NULL, *row, *save = NULL;
	size_t len = 0, n = 0;

	if (file_read(table, 1 << 20, &text, &len, NULL) < 0) {
		print_message("no corpus here\n");
		return 0;
	}
	strtok_r(text, "\n", &save);
	for (; (row = strtok_r(NULL, "\n", &save)) != NULL; n++) {
		struct arena a = ARENA_INIT;
		char *fields[4] = { row, NULL, NULL, NULL };

		for (size_t i = 1; i < 4 && (row = strchr(row, '\t')) != NULL; i++) {
			*row++ = '\0';
			fields[i] = row;
		}
		check(&a, fields);
		arena_release(&a);
	}
	free(text);
	print_message("%zu of %s\n", n, table);
	assert_true(n > 0);
	return n;
}

/* --- files --- */

static uint32_t
next_random(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % below;
}

/* Whether brothers below an item may change places: lists of brothers have an
 * order that no parent tells. */
static bool
may_shuffle(const struct config *c, uint32_t item)
{
	if ((c->v[item].flags & (ITEM_ORDERED | ITEM_INSIDE)) != 0 || !config_counts(c, item))
		return false;
	for (uint32_t k = config_first(c, item); k != 0; k = config_next(c, k))
		if (c->v[k].node == NODE_NONE || (c->v[k].flags & ITEM_ORDERED) != 0)
			return false;
	return true;
}

static void add_shuffled(const struct config *c, uint32_t node, uint64_t *seed, struct buf *out);

static void
add_node(const struct config *c, uint32_t k, uint64_t *seed, struct buf *out)
{
	const struct node *n = c->tree.nodes;

	buf_addspan(out, tree_raw(&c->tree, k, k + 1));
	if (n[k].end == k + 1)
		return;
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
	add_shuffled(c, k, seed, out);
}

/* The children of a node, in any order where it means nothing. Only in texts
 * whose nodes are whole lines. */
static void
add_shuffled(const struct config *c, uint32_t node, uint64_t *seed, struct buf *out)
{
	const struct node *n = c->tree.nodes;
	uint32_t *kids = NULL, item = n[node].item;
	struct arena a = ARENA_INIT;
	size_t count = 0;
	bool shuffle = item != NODE_NONE && may_shuffle(c, item);

	/* Brothers in several columns would become children of one another. */
	for (uint32_t k = node + 1; k < n[node].end; k = n[k].end) {
		ARENA_PUSH(&a, kids, count) = k;
		shuffle = shuffle && n[k].column == n[kids[0]].column;
	}
	for (size_t i = count; shuffle && i > 1; i--) {
		size_t j = next_random(seed, (uint32_t)i);
		uint32_t kid = kids[i - 1];

		kids[i - 1] = kids[j];
		kids[j] = kid;
	}
	for (size_t i = 0; i < count; i++) {
		if (out->len > 0 && out->data[out->len - 1] != '\n')
			buf_addc(out, '\n');
		add_node(c, kids[i], seed, out);
	}
	arena_release(&a);
}

static void
check_shuffled(struct arena *a, const char *name, const struct dialect *d, struct span text)
{
	struct match m;
	struct buf shuffled = BUF_INIT;
	uint64_t seed = 1;

	match_init_one(&m, d, text);
	for (int i = 0; i < SHUFFLES && m.a.tree.syntax == SYNTAX_INDENT; i++) {
		struct diff *diff;

		buf_clear(&shuffled);
		add_shuffled(&m.a, 0, &seed, &shuffled);
		diff = diff_make(a, d, text, buf_span(&shuffled));
		if (!diff_same(diff)) {
			struct buf shown = BUF_INIT;

			diff_text(diff, &KEY, false, &shown);
			fail_msg("%s, shuffled: %.2000s", name, buf_str(&shown));
		}
	}
	buf_release(&shuffled);
	match_release(&m);
}

static void
check_file(struct arena *a, char **fields)
{
	const struct dialect *d = dialect_of(fields[0]);
	struct span text = read_file(a, fields[0]);
	struct buf out = BUF_INIT;
	size_t carried = 0;
	struct match m;

	match_init_one(&m, d, text);
	tree_print(&m.a.tree, &out);
	if (!span_eq(buf_span(&out), text))
		fail_msg("%s does not print back", fields[0]);
	match_release(&m);
	if (diff_make(a, d, text, text)->n != 0)
		fail_msg("%s differs from itself", fields[0]);
	buf_clear(&out);
	if (!diff_splice(a, d, text, text, &out, &carried))
		fail_msg("%s has no candidate", fields[0]);
	if (!diff_same(diff_make(a, d, text, buf_span(&out))) ||
	    diff_make(a, d, text, buf_span(&out))->ignored != 0)
		fail_msg("%s: its own candidate is another", fields[0]);
	buf_release(&out);
	check_shuffled(a, fields[0], d, text);
}

static void
corpus__files_print_back_and_are_themselves(void **state)
{
	(void)state;
	for_rows(CORPUS "ORIGIN.tsv", check_file);
}

/* --- pairs --- */

static void
check_pair(struct arena *a, char **fields)
{
	const struct dialect *d = dialect_of(fields[0]);
	const char *kind = fields[2];
	struct span from = read_file(a, fields[0]), to = read_file(a, fields[1]);
	struct diff *diff = diff_make(a, d, from, to), *back = diff_make(a, d, to, from), *done;
	bool same = strcmp(kind, "reorder_only") == 0 || strcmp(kind, "separators_only") == 0 ||
	    span_eq(from, to);
	struct buf candidate = BUF_INIT;
	size_t carried = 0;

	/* The captured ones may have nothing of their own. */
	if (strcmp(kind, "authored_vs_captured") != 0 && diff_same(diff) != same)
		fail_msg("%s is %s", fields[0], kind);
	if (strcmp(kind, "ordered_change") == 0 && diff->moved != 2)
		fail_msg("%s: %zu moved", fields[0], diff->moved);
	if (strcmp(kind, "add_only") == 0 && (diff->removed | diff->changed) != 0)
		fail_msg("%s is %s", fields[0], kind);
	if (strcmp(kind, "del_only") == 0 && (diff->added | diff->changed) != 0)
		fail_msg("%s is %s", fields[0], kind);
	if (diff->added != back->removed || diff->removed != back->added ||
	    diff->changed != back->changed || diff->ignored != back->ignored)
		fail_msg("%s: the other way round is not the inverse", fields[0]);
	if (!diff_splice(a, d, from, to, &candidate, &carried))
		fail_msg("%s has no candidate", fields[0]);
	done = diff_make(a, d, from, buf_span(&candidate));
	if (done->added != diff->added || done->removed != diff->removed ||
	    done->changed != diff->changed || done->moved != diff->moved)
		fail_msg("%s: the candidate changes other lines than the difference shows",
		    fields[0]);
	if (!diff_same(diff_make(a, d, to, buf_span(&candidate))))
		fail_msg("%s: the candidate is not what is intended", fields[0]);
	buf_release(&candidate);
}

static void
corpus__pairs_show_what_they_say(void **state)
{
	(void)state;
	for_rows(CORPUS "PAIRS.tsv", check_pair);
}

/* What a device itself computed says the same: its + and - lines are ours. */
struct device_diff {
	const char *pair, *expected;
};
static const struct device_diff device_diffs[] = {
	{ "ios/pairs/napalm-initial-new_good",
	    "  interface GigabitEthernet2\n"
	    "-  no ip address\n"
	    "+  ip address 172.20.0.1 255.255.255.0\n"
	    "+ router bgp 65000\n"
	    "+  bgp log-neighbor-changes\n"
	    "+  neighbor 1.1.1.1 remote-as 12345\n" },
	{ "junos/pairs/napalm-initial-new_good",
	    "  interfaces {\n"
	    "      ge-0/0/1 {\n"
	    "          unit 0 {\n"
	    "+             family inet {\n"
	    "+                 address 192.168.77.11/24;\n"
	    "+             }\n"
	    "          }\n"
	    "      }\n"
	    "  }\n" },
	{ "iosxr/pairs/napalm-initial-new_good",
	    "+ hostname ios-xrv-unittest-changed\n"
	    "  interface GigabitEthernet0/0/0/0\n"
	    "+  ipv4 address 192.168.78.12 255.255.255.0\n"
	    "- interface GigabitEthernet0/0/0/1\n"
	    "+ router bgp 65000\n"
	    "+  vrf test\n"
	    "+   neighbor 1.1.1.2\n"
	    "+    remote-as 1\n"
	    "+  vrf test2\n"
	    "+   neighbor 2.2.2.3\n"
	    "+    remote-as 2\n"
	    "- ssh server rate-limit 600\n" },
};

static void
corpus__differences_are_those_of_the_device(void **state)
{
	(void)state;
	if (access(CORPUS "PAIRS.tsv", R_OK) != 0) {
		print_message("no corpus here\n");
		return;
	}
	for (size_t i = 0; i < sizeof(device_diffs) / sizeof(device_diffs[0]); i++) {
		const struct device_diff *c = &device_diffs[i];
		struct arena a = ARENA_INIT;
		struct buf text = BUF_INIT;

		diff_text(diff_make(&a, dialect_of(c->pair),
		    read_file(&a, arena_printf(&a, "%s/before.cfg", c->pair)),
		    read_file(&a, arena_printf(&a, "%s/after.cfg", c->pair))), &KEY, false, &text);
		assert_string_equal(buf_str(&text), c->expected);
		buf_release(&text);
		arena_release(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus__files_print_back_and_are_themselves),
		cmocka_unit_test(corpus__pairs_show_what_they_say),
		cmocka_unit_test(corpus__differences_are_those_of_the_device),
	};

	return cmocka_run_group_tests(tests, shipped_load, shipped_free);
}
