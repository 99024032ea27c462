/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two texts, split at the first NUL, in both syntaxes: whatever they are, they
 * print back, differ in nothing from themselves, differ from each other
 * exactly when their hashes do, and the candidate spliced from them brings
 * what the difference shows and nothing else.
 */
#include "diffing/diff.h"
#include "diffing/tree.h"

#define MUST(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "not: %s\n", #x); \
			abort(); \
		} \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mask_key key;

static const struct re *
pattern(const char *text)
{
	struct re *re = NULL;

	MUST(re_compile(&re, text, NULL) == 0);
	return re;
}

static struct dialect_rule
rule(const char *name, const char *line, const char *within)
{
	return (struct dialect_rule){ name, pattern(line),
		within != NULL ? pattern(within) : NULL };
}

static const char *const comments[2][2] = { { "!", "#" }, { "#", "/*" } };
static struct dialect_rule separators[2][2], ordered[2], volatiles[2], owned[2], secrets[2],
    lifelines[1];
static struct dialect_block blocks[1];
static struct dialect dialects[2];

/* Once, and kept: what it costs is not what is tested. */
static void
make_dialects(void)
{
	separators[0][0] = rule("bang", "^!", NULL);
	separators[0][1] = separators[1][1] = rule("in", "^-", "^b");
	separators[1][0] = rule("hash", "^(#|;)", NULL);
	ordered[0] = rule("list", "^l", NULL);
	ordered[1] = rule("inside", ".", "^f");
	volatiles[0] = rule("vol", "^v", NULL);
	volatiles[1] = rule("inside", "^w", "^a");
	owned[0] = rule("own", "^o", NULL);
	owned[1] = rule("text", "^B", NULL);
	secrets[0] = rule("key", "k (?<secret>\\S+)", NULL);
	secrets[1] = rule("pair", "(?<secret>.)\\n=$", NULL);
	lifelines[0] = rule("life", "^(a|l)", NULL);
	blocks[0] = (struct dialect_block){ "block", pattern("^(b|B)lock"), pattern("^E$") };
	for (int i = 0; i < 2; i++)
		dialects[i] = (struct dialect){ .name = "fuzz",
			.syntax = i == 0 ? SYNTAX_INDENT : SYNTAX_BRACE,
			.comments = comments[i], .n_comments = 2,
			.separators = separators[i], .n_separators = 2,
			.ordered = ordered, .n_ordered = 2, .blocks = blocks, .n_blocks = 1,
			.volatiles = volatiles, .n_volatiles = 2, .owned = owned, .n_owned = 2,
			.secrets = secrets, .n_secrets = 2, .lifelines = lifelines,
			.n_lifelines = 1 };
}

static void
prints_back(const struct dialect *d, struct span text)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct rules rules;
	struct words words;
	struct tree t;

	rules_init(&rules, &a, d);
	words_init(&words, &a, &rules, 0);
	tree_read(&t, &a, &words, text);
	tree_print(&t, &out);
	MUST(span_eq(buf_span(&out), text));
	for (uint32_t i = 0; i < t.n; i++)
		MUST(t.nodes[i].end <= t.n && t.nodes[i].raw <= t.nodes[i + 1].raw);
	buf_clear(&out);
	mask_text(d, &key, text, &out);
	buf_release(&out);
	arena_release(&a);
}

/* Nothing ignored may be left that is not inside a section that goes. */
static bool
ignored_outside(const struct diff_node *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == DIFF_IGNORED || (v[i].kind != DIFF_REMOVED &&
		    ignored_outside(v[i].children, v[i].n)))
			return true;
	return false;
}

static void
splices(const struct dialect *d, const struct diff *shown, struct span from, struct span to)
{
	struct arena a = ARENA_INIT;
	struct buf candidate = BUF_INIT;
	char one[65], two[65];
	struct diff *done;
	size_t carried;

	diff_splice(&a, d, from, to, &candidate, &carried);
	done = diff_make(&a, d, from, buf_span(&candidate));
	diff_hash(shown, &key, one);
	diff_hash(done, &key, two);
	MUST(strcmp(one, two) == 0);
	MUST(shown->added == done->added && shown->removed == done->removed);
	normal_hash(d, to, one);
	normal_hash(d, buf_span(&candidate), two);
	MUST(strcmp(one, two) == 0);
	MUST(carried == 0 || !ignored_outside(done->nodes, done->n));
	buf_release(&candidate);
	arena_release(&a);
}

static void
shows(const struct dialect *d, const struct diff *diff, struct span from, struct span to)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	const char **findings = NULL;
	struct jw w;

	diff_text(diff, &key, true, &out);
	MUST((out.len == 0) == (diff->n == 0));
	jw_init(&w, &out, false);
	diff_json(diff, &key, &w, NULL);
	lifeline_findings(&a, d, &key, from, to, &findings);
	buf_release(&out);
	arena_release(&a);
}

static void
check(const struct dialect *d, struct span from, struct span to)
{
	struct arena a = ARENA_INIT;
	struct diff *diff = diff_make(&a, d, from, to), *back = diff_make(&a, d, to, from);
	char one[65], two[65];

	prints_back(d, from);
	prints_back(d, to);
	MUST(diff_make(&a, d, from, from)->n == 0);
	MUST(diff_make(&a, d, to, to)->n == 0);
	normal_hash(d, from, one);
	normal_hash(d, to, two);
	MUST(diff_same(diff) == (strcmp(one, two) == 0));
	MUST(diff_same(diff) == diff_same(back));
	shows(d, diff, from, to);
	splices(d, diff, from, to);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *cut = size > 0 ? memchr(text, 0, size) : NULL;
	struct span from = { text, cut != NULL ? (size_t)(cut - text) : size };
	struct span to = { cut != NULL ? cut + 1 : "",
		cut != NULL ? size - from.len - 1 : 0 };

	if (dialects[0].name == NULL)
		make_dialects();
	check(&dialects[0], from, to);
	check(&dialects[1], from, to);
	return 0;
}
