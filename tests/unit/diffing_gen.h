/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random configurations for the property tests of diffing/: a tree made from
 * a seed, written in either syntax, changed, shuffled, and reduced to a text
 * that says what it means, which knows nothing of the code under test.
 */
#ifndef FAIRLEAD_TESTS_DIFFING_GEN_H
#define FAIRLEAD_TESTS_DIFFING_GEN_H

#include <stdio.h>

#include "tests/unit/diffing_case.h"

#define GEN_KIDS 10
struct gen {
	char text[24];
	bool ordered, ignored;
	size_t n;
	struct gen *kids[GEN_KIDS + 2];
};

static const struct dialect_text GEN_INDENT = {
	.syntax = SYNTAX_INDENT,
	.repeats = true,
	.comments = { "!" },
	.separators = { { .name = "bang", .line = "^!" } },
	.ordered = { { .name = "list", .line = "^list" } },
	.blocks = { { .name = "text", .line = "^text", .other = "^EOF$" } },
	.volatiles = { { .name = "volatile", .line = "^vol" } },
	.owned = { { .name = "owned", .line = "^own" } },
};
static const struct dialect_text GEN_BRACE = {
	.syntax = SYNTAX_BRACE,
	.comments = { "#", "/*" },
	.separators = { { .name = "comment", .line = "^(#|/\\*)" } },
	.ordered = { { .name = "list", .line = "^list" } },
	.volatiles = { { .name = "volatile", .line = "^vol" } },
	.owned = { { .name = "owned", .line = "^own" } },
};

static inline uint32_t
gen_next(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % below;
}

/* Few different texts, so that equal brothers are common. */
static inline struct gen *
gen_make(struct arena *a, uint64_t *seed, int depth)
{
	static const char *const words[] = { "line", "list", "sect", "vol", "own", "line" };
	struct gen *g = ARENA_NEW(a, struct gen);
	const char *word = words[gen_next(seed, 6)];
	uint32_t n = depth < 4 ? gen_next(seed, GEN_KIDS) : 0;

	snprintf(g->text, sizeof(g->text), "%s %u", word, (unsigned)gen_next(seed, 5));
	g->ordered = strncmp(word, "list", 4) == 0;
	g->ignored = strcmp(word, "vol") == 0 || strcmp(word, "own") == 0;
	if (depth > 0 && (strcmp(word, "line") == 0 || strcmp(word, "vol") == 0))
		n = 0;
	if (depth > 0 && n > 4 && gen_next(seed, 2) == 0)
		n = 0;
	while (g->n < n)
		g->kids[g->n++] = gen_make(a, seed, depth + 1);
	return g;
}

/* A top level, which is neither ordered nor ignored. */
static inline struct gen *
gen_top(struct arena *a, uint64_t *seed)
{
	struct gen *g = gen_make(a, seed, 0);

	g->ordered = g->ignored = false;
	g->text[0] = '\0';
	return g;
}

static inline struct gen *
gen_copy(struct arena *a, const struct gen *g)
{
	struct gen *c = ARENA_NEW(a, struct gen);

	*c = *g;
	for (size_t i = 0; i < g->n; i++)
		c->kids[i] = gen_copy(a, g->kids[i]);
	return c;
}

/* Remove, add, repeat and move lines here and there. */
static inline void
gen_change(struct arena *a, struct gen *g, uint64_t *seed, uint32_t rarity)
{
	for (size_t i = 0; i < g->n; i++) {
		if (gen_next(seed, rarity) != 0) {
			gen_change(a, g->kids[i], seed, rarity);
			continue;
		}
		switch (gen_next(seed, 4)) {
		case 0:
			g->kids[i] = g->kids[--g->n];
			break;
		case 1:
			g->kids[i] = gen_make(a, seed, 3);
			break;
		case 2:
			if (g->n < GEN_KIDS + 2)
				g->kids[g->n++] = gen_copy(a, g->kids[i]);
			break;
		default:
			if (g->n < GEN_KIDS + 2)
				g->kids[g->n++] = gen_make(a, seed, 3);
		}
	}
}

/* In all contexts whose order means nothing. */
static inline void
gen_shuffle(struct gen *g, uint64_t *seed)
{
	for (size_t i = g->n; !g->ordered && i > 1; i--) {
		size_t j = gen_next(seed, (uint32_t)i);
		struct gen *kid = g->kids[i - 1];

		g->kids[i - 1] = g->kids[j];
		g->kids[j] = kid;
	}
	for (size_t i = 0; i < g->n; i++)
		gen_shuffle(g->kids[i], seed);
}

/* What the tree means: ignored lines left out, unordered ones sorted. In
 * braces a section is none without them, whatever is in it. */
static inline int
gen_by_text(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static inline char *
gen_meaning(struct arena *a, const struct gen *g, enum syntax syntax)
{
	char *kids[GEN_KIDS + 2], *text;
	size_t n = 0;

	text = arena_printf(a, "%s%s(", g->text, syntax == SYNTAX_BRACE && g->n > 0 &&
	    g->text[0] != '\0' ? "{" : "");
	for (size_t i = 0; i < g->n; i++)
		if (!g->kids[i]->ignored)
			kids[n++] = gen_meaning(a, g->kids[i], syntax);
	if (!g->ordered)
		qsort(kids, n, sizeof(*kids), gen_by_text);
	for (size_t i = 0; i < n; i++)
		text = arena_printf(a, "%s%s,", text, kids[i]);
	return arena_printf(a, "%s)", text);
}

static inline void
gen_indent(const struct gen *g, uint64_t *seed, int column, struct buf *out)
{
	static const char *const ends[] = { "\n", "\n", "\n", "\r\n", "  \n", "\n!\n", "\n\n" };
	int deeper = column + 1 + (int)gen_next(seed, 4);

	for (size_t i = 0; i < g->n; i++) {
		buf_addf(out, "%*s%s%s", column, "", g->kids[i]->text, ends[gen_next(seed, 7)]);
		gen_indent(g->kids[i], seed, deeper, out);
	}
}

static inline void
gen_brace(const struct gen *g, uint64_t *seed, int column, struct buf *out)
{
	static const char *const ends[] = { "\n", "\n", " ", "\r\n", " # x;{\n", "\n/* } */" };

	for (size_t i = 0; i < g->n; i++) {
		const struct gen *k = g->kids[i];

		buf_addf(out, "%*s%s%s%s", column, "", k->text, k->n > 0 ? " {" : ";",
		    ends[gen_next(seed, 6)]);
		gen_brace(k, seed, column + 4, out);
		if (k->n > 0)
			buf_addf(out, "%*s}%s", column, "", ends[gen_next(seed, 6)]);
	}
}

static inline struct span
gen_write(struct arena *a, const struct gen *g, enum syntax syntax, uint64_t *seed)
{
	struct buf out = BUF_INIT;
	struct span s;

	if (syntax == SYNTAX_INDENT)
		gen_indent(g, seed, 0, &out);
	else
		gen_brace(g, seed, 0, &out);
	s = span_of(arena_strndup(a, buf_str(&out), out.len), out.len);
	buf_release(&out);
	return s;
}

#endif
