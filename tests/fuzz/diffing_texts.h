/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two texts, split at the first NUL: whatever they are, they print back, differ
 * in nothing from themselves, differ from each other exactly when their hashes
 * do, and the candidate spliced from them brings what the difference shows and
 * nothing else. Each syntax has a target of its own, with a dialect made of
 * short words, so that chance meets its rules.
 */
#ifndef FAIRLEAD_TESTS_FUZZ_DIFFING_TEXTS_H
#define FAIRLEAD_TESTS_FUZZ_DIFFING_TEXTS_H

#include "diffing/diff.h"
#include "diffing/match.h"
#include "diffing/patch.h"

#define MUST(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "not: %s\n", #x); \
			abort(); \
		} \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mask_key key;

static inline const struct re *
pattern(const char *text)
{
	struct re *re = NULL;

	MUST(text == NULL || re_compile(&re, text, NULL) == 0);
	return re;
}

static inline struct dialect_rule
rule(const char *name, const char *line, const char *within)
{
	return (struct dialect_rule){ .name = name, .line = pattern(line),
		.within = pattern(within) };
}

/* A list of n rules. */
#define RULES(d, list, v) ((d)->list = (v), (d)->n_##list = sizeof(v) / sizeof((v)[0]))

static inline void
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
static inline bool
ignored_outside(const struct diff_node *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == DIFF_IGNORED || (v[i].kind != DIFF_REMOVED &&
		    ignored_outside(v[i].children, v[i].n)))
			return true;
	return false;
}

static inline void
explain(const struct diff *shown, const struct diff *done, const struct buf *candidate)
{
	struct buf text = BUF_INIT;

	diff_text(shown, &key, true, &text);
	buf_adds(&text, "--- with the candidate\n");
	diff_text(done, &key, true, &text);
	buf_adds(&text, "--- which is\n");
	text_visible(&text, buf_span(candidate), true);
	fprintf(stderr, "%s\n", buf_str(&text));
	buf_release(&text);
}

static inline void
splices(const struct dialect *d, const struct diff *shown, struct span from, struct span to)
{
	struct arena a = ARENA_INIT;
	struct buf candidate = BUF_INIT;
	char one[65], two[65];
	struct diff *done;
	size_t carried;

	/* A carried line may be what tells the form of a text that is empty. */
	if (!diff_splice(&a, d, from, to, &candidate, &carried) ||
	    !match_one_form(d, (const struct span[]){ to, buf_span(&candidate) }, 2)) {
		buf_release(&candidate);
		arena_release(&a);
		return;
	}
	done = diff_make(&a, d, from, buf_span(&candidate));
	diff_hash(shown, &key, one);
	diff_hash(done, &key, two);
	if (strcmp(one, two) != 0)
		explain(shown, done, &candidate);
	MUST(strcmp(one, two) == 0);
	if (shown->added != done->added || shown->removed != done->removed)
		explain(shown, done, &candidate);
	MUST(shown->added == done->added && shown->removed == done->removed);
	normal_hash(d, to, one);
	normal_hash(d, buf_span(&candidate), two);
	if (strcmp(one, two) != 0)
		explain(shown, done, &candidate);
	MUST(strcmp(one, two) == 0);
	/* Of a list in one statement of paths, ignored values stay as intended. */
	if (carried > 0 && !d->paths && ignored_outside(done->nodes, done->n))
		explain(shown, done, &candidate);
	MUST(carried == 0 || d->paths || !ignored_outside(done->nodes, done->n));
	buf_release(&candidate);
	arena_release(&a);
}

static inline void
shows(const struct dialect *d, const struct diff *diff, struct span from, struct span to)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct judgement judged;
	struct patch *patch;
	struct jw w;

	diff_text(diff, &key, true, &out);
	MUST((out.len == 0) == (diff->n == 0));
	jw_init(&w, &out, false);
	diff_json(diff, &key, &w, NULL);
	diff_judge(&a, d, &key, from, to, &judged);
	diff_json(diff3_make(&a, d, &(struct diff3){ .applied = to, .intended = from,
	    .running = to, .sent = true }), &key, &w, NULL);
	if (patch_make(&a, d, from, to, &patch, &err) == 0)
		patch_text(patch, &key, &out);
	diff_markdown(diff, &key, 1000, &out);
	jw_init(&w, &out, false);
	parse_json(d, &key, from, &w, NULL);
	parse_text(d, &key, to, &out);
	buf_release(&out);
	arena_release(&a);
}

static inline void
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
	/* Of two forms, comments are not compared. */
	MUST(!match_one_form(d, (const struct span[]){ from, to }, 2) ||
	    diff_same(diff) == (strcmp(one, two) == 0));
	MUST(diff_same(diff) == diff_same(back));
	shows(d, diff, from, to);
	splices(d, diff, from, to);
	arena_release(&a);
}

static inline int
two_texts(const struct dialect *d, const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *cut = size > 0 ? memchr(text, 0, size) : NULL;
	struct span from = { text, cut != NULL ? (size_t)(cut - text) : size };
	struct span to = { cut != NULL ? cut + 1 : "",
		cut != NULL ? size - from.len - 1 : 0 };

	check(d, from, to);
	return 0;
}

#endif
