/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of diffing/ share: dialects made from tables of patterns,
 * and the calls under test as strings in, strings out.
 */
#ifndef FAIRLEAD_TESTS_DIFFING_CASE_H
#define FAIRLEAD_TESTS_DIFFING_CASE_H

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/sys.h"
#include "diffing/diff.h"

#define RULES_MAX 16
struct rule_text {
	const char *name, *line, *within, *other, *with;
	bool last, added, each;
};
/* Each list ends with a row without a name. For blocks, other is the close. */
struct dialect_text {
	enum syntax syntax;
	bool line_ends, paths, repeats;
	const char *comments[4], *skipped[4], *root;
	struct dialect_verb verbs[8];
	struct { enum syntax syntax; const char *when; } forms[4];
	struct rule_text separators[RULES_MAX], ordered[RULES_MAX], sequences[RULES_MAX],
	    ranges[RULES_MAX], identities[RULES_MAX], blocks[RULES_MAX], volatiles[RULES_MAX],
	    owned[RULES_MAX], except[RULES_MAX], only[RULES_MAX], secrets[RULES_MAX],
	    lifelines[RULES_MAX], destructive[RULES_MAX], references[RULES_MAX],
	    negations[RULES_MAX], resets[RULES_MAX], modes[RULES_MAX], exclusive[RULES_MAX],
	    unique[RULES_MAX], kept[RULES_MAX], refused[RULES_MAX], blanks[RULES_MAX],
	    lists[RULES_MAX];
	enum command_style commands;
	const char *negation, *reset, *exit, *quote;
};

static const struct dialect_text EOS_TEXT = {
	.syntax = SYNTAX_INDENT,
	.comments = { "!" },
	.separators = { { .name = "bang", .line = "^!(?!!)" }, { .name = "end", .line = "^end$" } },
	.ordered = { { .name = "policy", .line = "^policy-map " }, { .name = "acl", .line = "^ip access-list " } },
	.blocks = { { .name = "banner", .line = "^banner (login|motd)$", .other = "^EOF$" },
	    { .name = "comment", .line = "^comment$", .other = "^EOF$" } },
	.volatiles = { { .name = "clock", .line = "^ntp clock-period " },
	    { .name = "counter", .line = "^last-change ", .within = "^interface " } },
	.owned = { { .name = "licence", .line = "^license " },
	    { .name = "self-signed", .line = "^certificate self-signed ", .within = "^crypto pki " } },
	.secrets = { { .name = "user", .line = "^username \\S+ .*secret \\S+ (?<secret>\\S+)" },
	    { .name = "bgp", .line = "^neighbor \\S+ password (?:\\d+ )?(?<secret>\\S+)", .within = "^router bgp " },
	    { .name = "key", .line = "\\bkey \\d+ (?<secret>\\S+)" } },
	.lifelines = { { .name = "management", .line = "^interface Management" },
	    { .name = "admin", .line = "^username admin " },
	    { .name = "mgmt-acl", .line = "^ip access-list MGMT" },
	    { .name = "licence", .line = "^license permit-mgmt" },
	    { .name = "ssh", .line = "^no shutdown$", .within = "^management ssh" } },
};
static const struct dialect_text BIRD_TEXT = {
	.syntax = SYNTAX_BRACE,
	.comments = { "#", "/*" },
	.separators = { { .name = "comment", .line = "^(#(?!!)|/\\*)" } },
	.ordered = { { .name = "filter", .line = "^(filter|function) " }, { .name = "inside", .line = ".", .within = "^filter " } },
	.volatiles = { { .name = "debug", .line = "^debug " } },
	.owned = { { .name = "local", .line = "^include \"/run/" }, { .name = "ours", .line = "^protocol pipe " } },
	.secrets = { { .name = "password", .line = "^password \"(?<secret>[^\"]*)\"", .within = "^protocol bgp " } },
	.lifelines = { { .name = "device", .line = "^protocol device" } },
};

struct test_dialect {
	struct dialect d;
	struct dialect_rule rules[21][RULES_MAX];
	struct dialect_block blocks[RULES_MAX];
	struct dialect_form forms[4];
	struct re *compiled[RULES_MAX * 48];
	size_t n, lists;
};

static inline const struct re *
test_re(struct test_dialect *t, const char *pattern)
{
	struct err err = ERR_INIT;

	if (pattern == NULL)
		return NULL;
	if (re_compile(&t->compiled[t->n], pattern, &err) < 0)
		fail_msg("%s", err.text);
	return t->compiled[t->n++];
}

static inline size_t
test_rules(struct test_dialect *t, const struct dialect_rule **out, const struct rule_text *v)
{
	struct dialect_rule *rules = t->rules[t->lists++];
	size_t n = 0;

	for (; v[n].name != NULL; n++)
		rules[n] = (struct dialect_rule){ .name = v[n].name,
			.line = test_re(t, v[n].line), .within = test_re(t, v[n].within),
			.other = test_re(t, v[n].other), .with = v[n].with, .last = v[n].last,
			.added = v[n].added, .each = v[n].each };
	*out = rules;
	return n;
}

static inline size_t
test_count(const char *const *v)
{
	size_t n = 0;

	while (n < 4 && v[n] != NULL)
		n++;
	return n;
}

static inline struct test_dialect *
test_dialect(const struct dialect_text *text)
{
	struct test_dialect *t = mem_zalloc(sizeof(*t));
	struct dialect *d = &t->d;

	*d = (struct dialect){ .name = "test", .syntax = text->syntax,
		.line_ends = text->line_ends, .paths = text->paths, .repeats = text->repeats,
		.comments = text->comments, .n_comments = test_count(text->comments),
		.skipped = text->skipped, .n_skipped = test_count(text->skipped),
		.verbs = text->verbs, .forms = t->forms, .blocks = t->blocks,
		.commands = text->commands, .negation = text->negation, .reset = text->reset, .exit = text->exit,
		.quote = text->quote != NULL ? text->quote : "\"" };
	d->root = test_re(t, text->root);
	while (d->n_verbs < 8 && text->verbs[d->n_verbs].prefix != NULL)
		d->n_verbs++;
	for (; d->n_forms < 4 && text->forms[d->n_forms].when != NULL; d->n_forms++)
		t->forms[d->n_forms] = (struct dialect_form){ text->forms[d->n_forms].syntax,
			test_re(t, text->forms[d->n_forms].when) };
#define RULES(list) d->n_##list = test_rules(t, &d->list, text->list)
	RULES(separators);
	RULES(blanks);
	RULES(ordered);
	RULES(sequences);
	RULES(ranges);
	RULES(identities);
	RULES(volatiles);
	RULES(owned);
	RULES(except);
	RULES(only);
	RULES(secrets);
	RULES(lifelines);
	RULES(destructive);
	RULES(references);
	RULES(negations);
	RULES(resets);
	RULES(modes);
	RULES(exclusive);
	RULES(unique);
	RULES(kept);
	RULES(refused);
	RULES(lists);
#undef RULES
	for (; text->blocks[d->n_blocks].name != NULL; d->n_blocks++) {
		const struct rule_text *row = &text->blocks[d->n_blocks];

		t->blocks[d->n_blocks] = (struct dialect_block){ .name = row->name,
			.open = test_re(t, row->line), .close = test_re(t, row->other),
			.within = test_re(t, row->within), .times = row->last ? 2 : 1 };
	}
	return t;
}

static inline void
test_dialect_free(struct test_dialect *t)
{
	for (size_t i = 0; i < t->n; i++)
		re_free(t->compiled[i]);
	free(t);
}

static const struct mask_key TEST_KEY = { { 1, 2, 3 } };

/* The results below live in the arena. */
static inline const char *
test_diff(struct arena *a, const struct dialect *d, const char *from, const char *to,
    bool ignored)
{
	struct buf out = BUF_INIT;
	const char *text;

	diff_text(diff_make(a, d, span_str(from), span_str(to)), &TEST_KEY, ignored, &out);
	text = arena_strndup(a, buf_str(&out), out.len);
	buf_release(&out);
	return text;
}

static inline const char *
test_diff_hash(struct arena *a, const struct dialect *d, struct span from, struct span to)
{
	char *hash = arena_alloc(a, 65);

	diff_hash(diff_make(a, d, from, to), &TEST_KEY, hash);
	return hash;
}

static inline const char *
test_normal_hash(struct arena *a, const struct dialect *d, struct span text)
{
	char *hash = arena_alloc(a, 65);

	normal_hash(d, text, hash);
	return hash;
}

static inline struct span
test_splice(struct arena *a, const struct dialect *d, struct span running,
    struct span intended, size_t *carried)
{
	struct buf out = BUF_INIT;
	struct span text;

	assert_true(diff_splice(a, d, running, intended, &out, carried));
	text = span_of(arena_strndup(a, buf_str(&out), out.len), out.len);
	buf_release(&out);
	return text;
}

/*
 * Real configurations, when there are some beside the repository. A table has
 * a row a line, fields between tabs, names of files first.
 */
#define CORPUS "../shared/corpus/"

static inline struct span
corpus_file(struct arena *a, const char *name)
{
	const char *path = arena_printf(a, CORPUS "%s", name);
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t len = 0;
	struct span s;

	if (file_read(path, 16 << 20, &text, &len, &err) < 0)
		fail_msg("%s", err.text);
	s = span_of(arena_strndup(a, text, len), len);
	free(text);
	return s;
}

/* Call check for each row of a table that begins with `prefix`. Returns for
 * how many it said true. */
static inline size_t
corpus_rows(const char *table, const char *prefix, bool (*check)(struct arena *a,
    const struct dialect *d, const char *first, const char *second, const char *third),
    const struct dialect *d)
{
	char *text = NULL, *row, *save = NULL, *fields = NULL;
	size_t len = 0, n = 0;

	if (file_read(table, 1 << 20, &text, &len, NULL) < 0) {
		print_message("no corpus here\n");
		return 0;
	}
	row = strtok_r(text, "\n", &save);
	while ((row = strtok_r(NULL, "\n", &save)) != NULL) {
		struct arena a = ARENA_INIT;
		const char *first, *second;

		if (strncmp(row, prefix, strlen(prefix)) != 0)
			continue;
		first = strtok_r(row, "\t", &fields);
		second = strtok_r(NULL, "\t", &fields);
		n += check(&a, d, first, second, strtok_r(NULL, "\t", &fields));
		arena_release(&a);
	}
	free(text);
	print_message("%zu of %s, %s\n", n, table, prefix);
	assert_true(n > 0);
	return n;
}

#endif
