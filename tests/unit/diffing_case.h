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
	const char *name, *line, *within;
};
/* Each list ends with a row without a name. For blocks, within is the close. */
struct dialect_text {
	enum syntax syntax;
	const char *comments[4];
	struct rule_text separators[RULES_MAX], ordered[RULES_MAX], blocks[RULES_MAX],
	    volatiles[RULES_MAX], owned[RULES_MAX], secrets[RULES_MAX], lifelines[RULES_MAX];
};

static const struct dialect_text EOS_TEXT = {
	.syntax = SYNTAX_INDENT,
	.comments = { "!" },
	.separators = { { "bang", "^!(?!!)", NULL }, { "end", "^end$", NULL } },
	.ordered = { { "policy", "^policy-map ", NULL }, { "acl", "^ip access-list ", NULL } },
	.blocks = { { "banner", "^banner (login|motd)$", "^EOF$" },
	    { "comment", "^comment$", "^EOF$" } },
	.volatiles = { { "clock", "^ntp clock-period ", NULL },
	    { "counter", "^last-change ", "^interface " } },
	.owned = { { "licence", "^license ", NULL },
	    { "self-signed", "^certificate self-signed ", "^crypto pki " } },
	.secrets = { { "user", "^username \\S+ .*secret \\S+ (?<secret>\\S+)", NULL },
	    { "bgp", "^neighbor \\S+ password (?:\\d+ )?(?<secret>\\S+)", "^router bgp " },
	    { "key", "\\bkey \\d+ (?<secret>\\S+)", NULL } },
	.lifelines = { { "management", "^interface Management", NULL },
	    { "admin", "^username admin ", NULL },
	    { "mgmt-acl", "^ip access-list MGMT", NULL },
	    { "licence", "^license permit-mgmt", NULL },
	    { "ssh", "^no shutdown$", "^management ssh" } },
};
static const struct dialect_text BIRD_TEXT = {
	.syntax = SYNTAX_BRACE,
	.comments = { "#", "/*" },
	.separators = { { "comment", "^(#(?!!)|/\\*)", NULL } },
	.ordered = { { "filter", "^(filter|function) ", NULL }, { "inside", ".", "^filter " } },
	.volatiles = { { "debug", "^debug ", NULL } },
	.owned = { { "local", "^include \"/run/", NULL }, { "ours", "^protocol pipe ", NULL } },
	.secrets = { { "password", "^password \"(?<secret>[^\"]*)\"", "^protocol bgp " } },
	.lifelines = { { "device", "^protocol device", NULL } },
};

struct test_dialect {
	struct dialect d;
	const char *comments[4];
	struct dialect_rule rules[6][RULES_MAX];
	struct dialect_block blocks[RULES_MAX];
	struct re *compiled[RULES_MAX * 16];
	size_t n;
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
test_rules(struct test_dialect *t, int list, const struct rule_text *v)
{
	size_t n = 0;

	for (; v[n].name != NULL; n++) {
		t->rules[list][n].name = v[n].name;
		t->rules[list][n].line = test_re(t, v[n].line);
		t->rules[list][n].within = test_re(t, v[n].within);
	}
	return n;
}

static inline struct test_dialect *
test_dialect(const struct dialect_text *text)
{
	struct test_dialect *t = mem_zalloc(sizeof(*t));
	struct dialect *d = &t->d;

	d->name = "test";
	d->syntax = text->syntax;
	while (d->n_comments < 4 && text->comments[d->n_comments] != NULL) {
		t->comments[d->n_comments] = text->comments[d->n_comments];
		d->n_comments++;
	}
	d->comments = t->comments;
	d->n_separators = test_rules(t, 0, text->separators);
	d->n_ordered = test_rules(t, 1, text->ordered);
	d->n_volatiles = test_rules(t, 2, text->volatiles);
	d->n_owned = test_rules(t, 3, text->owned);
	d->n_secrets = test_rules(t, 4, text->secrets);
	d->n_lifelines = test_rules(t, 5, text->lifelines);
	d->separators = t->rules[0];
	d->ordered = t->rules[1];
	d->volatiles = t->rules[2];
	d->owned = t->rules[3];
	d->secrets = t->rules[4];
	d->lifelines = t->rules[5];
	for (; text->blocks[d->n_blocks].name != NULL; d->n_blocks++) {
		struct dialect_block *b = &t->blocks[d->n_blocks];

		b->name = text->blocks[d->n_blocks].name;
		b->open = test_re(t, text->blocks[d->n_blocks].line);
		b->close = test_re(t, text->blocks[d->n_blocks].within);
	}
	d->blocks = t->blocks;
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

	diff_splice(a, d, running, intended, &out, carried);
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
