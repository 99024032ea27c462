/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must hold for all texts, over generated ones: applying a difference to
 * what it is from gives what it is to; a device that makes equal lines one; and
 * paths, whose braces and set lines mean the same in any of their forms.
 */
#include "tests/unit/diffing_gen.h"

#define TREES 5000

/* --- applying a difference --- */

/* Lines below lines, as the difference sees them. */
struct line_tree {
	struct span text;
	bool gone;
	size_t n;
	struct line_tree **kids;
};

static struct line_tree *
tree_of(struct arena *a, const struct gen *g)
{
	struct line_tree *t = ARENA_NEW(a, struct line_tree);

	t->text = span_str(g->text);
	for (size_t i = 0; i < g->n; i++)
		if (!g->kids[i]->ignored)
			ARENA_PUSH(a, t->kids, t->n) = tree_of(a, g->kids[i]);
	return t;
}

static struct line_tree *
find(struct line_tree *t, const struct diff_node *n)
{
	struct span text = n->old.p != NULL ? n->old_normal : n->normal;

	for (size_t i = 0; i < t->n; i++)
		if (!t->kids[i]->gone && span_eq(t->kids[i]->text, text))
			return t->kids[i];
	return NULL;
}

static struct line_tree *
grown(struct arena *a, const struct diff_node *n)
{
	struct line_tree *t = ARENA_NEW(a, struct line_tree);

	t->text = n->normal;
	for (size_t i = 0; i < n->n; i++)
		if (n->children[i].kind != DIFF_IGNORED)
			ARENA_PUSH(a, t->kids, t->n) = grown(a, &n->children[i]);
	return t;
}

static bool apply(struct arena *a, struct line_tree *t, const struct diff_node *v, size_t n);

/* Put a line at its place among those that are left, from 1. */
static void
put(struct arena *a, struct line_tree *t, struct line_tree *kid, uint32_t place)
{
	struct line_tree **kids = NULL;
	size_t n = 0, at = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->kids[i]->gone)
			continue;
		if (++at == place) {
			ARENA_PUSH(a, kids, n) = kid;
			kid = NULL;
		}
		ARENA_PUSH(a, kids, n) = t->kids[i];
	}
	if (kid != NULL)
		ARENA_PUSH(a, kids, n) = kid;
	t->kids = kids;
	t->n = n;
}

/* What goes or moves first; then what comes, in the order of the result. */
static bool
apply(struct arena *a, struct line_tree *t, const struct diff_node *v, size_t n)
{
	struct line_tree **moved = arena_calloc(a, n, sizeof(*moved));

	for (size_t i = 0; i < n; i++) {
		struct line_tree *kid;

		if (v[i].kind == DIFF_ADDED || v[i].kind == DIFF_IGNORED)
			continue;
		if ((kid = find(t, &v[i])) == NULL)
			return false;
		if (v[i].kind == DIFF_REMOVED || v[i].kind == DIFF_MOVED)
			kid->gone = true;
		if (v[i].kind == DIFF_MOVED) {
			moved[i] = ARENA_NEW(a, struct line_tree);
			*moved[i] = *kid;
			moved[i]->gone = false;
			kid = moved[i];
		}
		if (v[i].kind == DIFF_CHANGED)
			kid->text = v[i].normal;
		if (v[i].kind != DIFF_REMOVED && !apply(a, kid, v[i].children, v[i].n))
			return false;
	}
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == DIFF_ADDED || v[i].kind == DIFF_MOVED)
			put(a, t, v[i].kind == DIFF_ADDED ? grown(a, &v[i]) : moved[i],
			    v[i].place);
	return true;
}

static void
write_tree(const struct line_tree *t, enum syntax syntax, int column, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct line_tree *k = t->kids[i];

		if (k->gone)
			continue;
		buf_addf(out, "%*s%.*s\n", column, "", (int)k->text.len, k->text.p);
		write_tree(k, syntax, column + 2, out);
		if (syntax == SYNTAX_BRACE && k->text.len > 0 &&
		    k->text.p[k->text.len - 1] == '{')
			buf_addf(out, "%*s}\n", column, "");
	}
}

/* The text of a generated tree with each line in its compared form. */
static void
mark_sections(struct gen *g, enum syntax syntax)
{
	for (size_t i = 0; i < g->n && syntax == SYNTAX_BRACE; i++) {
		struct gen *k = g->kids[i];
		size_t len = strlen(k->text);

		mark_sections(k, syntax);
		snprintf(k->text + len, sizeof(k->text) - len, "%s", k->n > 0 ? " {" : ";");
	}
}

/* Which of several equal brothers a difference means is not in its text. */
static void
without_twins(struct gen *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		bool twin = false;

		for (size_t k = 0; k < n; k++)
			twin = twin || strcmp(g->kids[k]->text, g->kids[i]->text) == 0;
		if (!twin)
			g->kids[n++] = g->kids[i];
	}
	g->n = n;
	for (size_t i = 0; i < g->n; i++)
		without_twins(g->kids[i]);
}

static void
diff__applied_gives_what_it_is_to(void **state)
{
	struct test_dialect *t[2] = { test_dialect(&GEN_INDENT), test_dialect(&GEN_BRACE) };

	(void)state;
	for (uint64_t start = 1; start <= TREES; start++) {
		const struct dialect *d = &t[start % 2]->d;
		struct arena a = ARENA_INIT;
		uint64_t seed = start;
		struct gen *g = gen_top(&a, &seed), *changed = gen_copy(&a, g);
		struct buf text = BUF_INIT;
		struct line_tree *tree;
		struct span from, to;
		struct diff *diff;

		gen_change(&a, changed, &seed, 2 + (uint32_t)start % 20);
		without_twins(g);
		without_twins(changed);
		if (start % 3 == 0)
			gen_shuffle(changed, &seed);
		from = gen_write(&a, g, d->syntax, &seed);
		to = gen_write(&a, changed, d->syntax, &seed);
		diff = diff_make(&a, d, from, to);
		mark_sections(g, d->syntax);
		tree = tree_of(&a, g);
		if (!apply(&a, tree, diff->nodes, diff->n))
			fail_msg("seed %llu: it does not apply", (unsigned long long)start);
		write_tree(tree, d->syntax, 0, &text);
		if (strcmp(test_normal_hash(&a, d, buf_span(&text)),
			test_normal_hash(&a, d, to)) != 0)
			fail_msg("seed %llu: from\n%s\nto\n%s\ngives\n%s",
			    (unsigned long long)start, from.p, to.p, buf_str(&text));
		buf_release(&text);
		arena_release(&a);
	}
	test_dialect_free(t[0]);
	test_dialect_free(t[1]);
}

/* --- equal lines are one --- */

/* As a device would: a section entered again goes on, a line said again is
 * there already. */
static void
merge(struct gen *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		struct gen *kid = g->kids[i], *first = NULL;

		for (size_t k = 0; k < n && first == NULL && !kid->ignored; k++)
			if (strcmp(g->kids[k]->text, kid->text) == 0 && !(g->ordered &&
			    (kid->n == 0 || g->kids[k]->n == 0)))
				first = g->kids[k];
		if (first == NULL) {
			g->kids[n++] = kid;
			continue;
		}
		for (size_t k = 0; k < kid->n && first->n < GEN_KIDS + 2; k++)
			first->kids[first->n++] = kid->kids[k];
	}
	g->n = n;
	for (size_t i = 0; i < g->n; i++)
		if (!g->kids[i]->ignored)
			merge(g->kids[i]);
}

/* Few enough that nothing is cut when brothers become one. */
static void
thin(struct gen *g)
{
	if (g->n > 3)
		g->n = 3;
	for (size_t i = 0; i < g->n; i++)
		thin(g->kids[i]);
}

static const char *
merged_meaning(struct arena *a, const struct gen *g)
{
	struct gen *copy = gen_copy(a, g);

	merge(copy);
	return gen_meaning(a, copy, SYNTAX_INDENT);
}

static void
diff__sees_what_a_device_that_makes_equal_lines_one_sees(void **state)
{
	struct dialect_text text = GEN_INDENT;
	struct test_dialect *t;

	(void)state;
	text.repeats = false;
	t = test_dialect(&text);
	for (uint64_t start = 1; start <= TREES; start++) {
		struct arena a = ARENA_INIT;
		uint64_t seed = start;
		struct gen *g = gen_top(&a, &seed), *changed;
		struct span from, to;
		bool same, shown;

		thin(g);
		changed = gen_copy(&a, g);
		if (start % 2 == 0)
			gen_change(&a, changed, &seed, 2 + (uint32_t)start % 30);
		thin(changed);
		gen_shuffle(changed, &seed);
		from = gen_write(&a, g, SYNTAX_INDENT, &seed);
		to = gen_write(&a, changed, SYNTAX_INDENT, &seed);
		same = strcmp(merged_meaning(&a, g), merged_meaning(&a, changed)) == 0;
		shown = diff_same(diff_make(&a, &t->d, from, to));
		if (shown != same || same != (strcmp(test_normal_hash(&a, &t->d, from),
			test_normal_hash(&a, &t->d, to)) == 0))
			fail_msg("seed %llu: %s\n--- from\n%s\n--- to\n%s",
			    (unsigned long long)start, same ? "same" : "different", from.p, to.p);
		arena_release(&a);
	}
	test_dialect_free(t);
}

/* --- paths --- */

static const struct dialect_text GEN_PATHS = {
	.syntax = SYNTAX_BRACE,
	.paths = true,
	.comments = { "#" },
	.separators = { { .name = "comment", .line = "^#" } },
	.forms = { { SYNTAX_SET, "^(?:set|delete) " } },
	.verbs = { { "set ", VERB_ADDS, NULL }, { "delete ", VERB_DELETES, NULL } },
	.ordered = { { .name = "ord", .line = "(?:^| )ord\\d+$" } },
	.owned = { { .name = "own", .line = "(?:^| )own\\d+$" } },
	.volatiles = { { .name = "salt", .line = "(?:^| )salt\\d+ (?<value>\\S+)$" } },
};

/* A step of paths. Brothers have different words. */
struct step {
	char word[12];
	size_t n;
	struct step *kids[6];
};

static struct step *
make_step(struct arena *a, uint64_t *seed, int depth, uint32_t number)
{
	static const char *const words[] = { "a", "b", "ord", "own", "salt", "c" };
	struct step *s = ARENA_NEW(a, struct step);
	const char *word = words[gen_next(seed, 6)];
	uint32_t n = depth < 4 ? gen_next(seed, 5) : 0;

	snprintf(s->word, sizeof(s->word), "%s%u", word, (unsigned)number);
	if (strcmp(word, "salt") == 0)
		n = 1;
	for (uint32_t i = 0; i < n; i++) {
		s->kids[s->n] = make_step(a, seed, strcmp(word, "salt") == 0 ? 4 : depth + 1, i);
		if (strcmp(word, "salt") == 0) {
			snprintf(s->kids[0]->word, sizeof(s->kids[0]->word), "v%u",
			    (unsigned)gen_next(seed, 9));
			s->kids[0]->n = 0;
		}
		s->n++;
	}
	return s;
}

static struct step *
copy_step(struct arena *a, const struct step *s)
{
	struct step *c = ARENA_NEW(a, struct step);

	*c = *s;
	for (size_t i = 0; i < s->n; i++)
		c->kids[i] = copy_step(a, s->kids[i]);
	return c;
}

static void
change_step(struct arena *a, struct step *s, uint64_t *seed, uint32_t rarity)
{
	for (size_t i = 0; i < s->n; i++) {
		struct step *kid = s->kids[i];

		if (kid->word[0] == 'v' && kid->n == 0) {
			if (gen_next(seed, 3) == 0)
				snprintf(kid->word, sizeof(kid->word), "v%u",
				    (unsigned)gen_next(seed, 9));
		} else if (gen_next(seed, rarity) != 0) {
			change_step(a, kid, seed, rarity);
		} else if (gen_next(seed, 2) == 0 && s->n > 1 && strncmp(s->word, "salt", 4) != 0) {
			s->kids[i--] = s->kids[--s->n];
		} else if (s->n < 6) {
			s->kids[s->n] = make_step(a, seed, 3, 10 + (uint32_t)s->n);
			s->n++;
		}
	}
}

static bool
is_word(const struct step *s, const char *word)
{
	return strncmp(s->word, word, strlen(word)) == 0;
}

static void
shuffle_steps(struct step *s, uint64_t *seed)
{
	for (size_t i = s->n; !is_word(s, "ord") && i > 1; i--) {
		size_t j = gen_next(seed, (uint32_t)i);
		struct step *kid = s->kids[i - 1];

		s->kids[i - 1] = s->kids[j];
		s->kids[j] = kid;
	}
	for (size_t i = 0; i < s->n; i++)
		shuffle_steps(s->kids[i], seed);
}

/* Braces: of a step with one below, both on one line or not; of leaves, a list
 * or not. */
static void
write_braces(const struct step *s, uint64_t *seed, int column, struct buf *out)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct step *k = s->kids[i];
		size_t leaves = 0;

		buf_addf(out, "%*s%s", column, "", k->word);
		while (k->n == 1 && gen_next(seed, 2) == 0) {
			k = k->kids[0];
			buf_addf(out, " %s", k->word);
		}
		for (size_t j = 0; j < k->n; j++)
			leaves += k->kids[j]->n == 0;
		if (k->n > 1 && leaves == k->n && gen_next(seed, 2) == 0) {
			buf_adds(out, " [");
			for (size_t j = 0; j < k->n; j++)
				buf_addf(out, " %s", k->kids[j]->word);
			buf_adds(out, " ];\n");
		} else if (k->n > 0) {
			buf_adds(out, gen_next(seed, 3) == 0 ? " { # note\n" : " {\n");
			write_braces(k, seed, column + 4, out);
			buf_addf(out, "%*s}\n", column, "");
		} else {
			buf_adds(out, ";\n");
		}
	}
}

/* What it means: what is ignored left out, with the steps that only lead to
 * such; values that change by themselves are one. */
static char *
path_meaning(struct arena *a, const struct step *s)
{
	char *kids[6], *text = arena_printf(a, "%s(", s->word);
	size_t n = 0;

	if (is_word(s, "own"))
		return NULL;
	if (is_word(s, "salt"))
		return arena_printf(a, "%s(*)", s->word);
	for (size_t i = 0; i < s->n; i++)
		if ((kids[n] = path_meaning(a, s->kids[i])) != NULL)
			n++;
	if (n == 0 && s->n > 0)
		return NULL;
	if (!is_word(s, "ord"))
		qsort(kids, n, sizeof(*kids), gen_by_text);
	for (size_t i = 0; i < n; i++)
		text = arena_printf(a, "%s%s,", text, kids[i]);
	return arena_printf(a, "%s)", text);
}

/* Set lines; now and then one too many that is taken back, and one that only
 * says again what those below it say. */
static void
write_set(struct arena *a, const struct step *s, uint64_t *seed, const char *path,
    struct buf *out)
{
	char own[200];

	for (size_t i = 0; i < s->n; i++) {
		snprintf(own, sizeof(own), "%s %s", path, s->kids[i]->word);
		if (gen_next(seed, 10) == 0)
			buf_addf(out, "set%s extra x\ndelete%s extra\n", own, own);
		if (s->kids[i]->n == 0 ||
		    (gen_next(seed, 5) == 0 && path_meaning(a, s->kids[i]) != NULL))
			buf_addf(out, "set%s\n", own);
		write_set(a, s->kids[i], seed, own, out);
	}
}

static struct span
write_paths(struct arena *a, const struct step *s, bool set, uint64_t *seed)
{
	struct buf out = BUF_INIT;
	struct span text;

	buf_adds(&out, gen_next(seed, 2) == 0 ? "# generated\n" : "");
	if (set)
		write_set(a, s, seed, "", &out);
	else
		write_braces(s, seed, 0, &out);
	text = span_of(arena_strndup(a, buf_str(&out), out.len), out.len);
	buf_release(&out);
	return text;
}

static const char *
top_meaning(struct arena *a, const struct step *s)
{
	const char *text = path_meaning(a, s);

	return text != NULL ? text : "(";
}

/* More than cmocka prints. */
static void
fail_here(const struct dialect *d, uint64_t start, const char *what, struct span from,
    struct span to, struct span candidate)
{
	struct arena a = ARENA_INIT;

	fprintf(stderr, "seed %llu: not %s\n--- from\n%s\n--- to\n%s\n--- candidate\n%s\n"
	    "--- from, to\n%s\n--- from, candidate\n%s\n", (unsigned long long)start, what,
	    from.p, to.p, candidate.p, test_diff(&a, d, from.p, to.p, true),
	    test_diff(&a, d, from.p, candidate.p, true));
	arena_release(&a);
	fail();
}

#define must(what) \
	do { \
		if (!(what)) \
			fail_here(&t->d, start, #what, from, to, candidate); \
	} while (0)

static void
paths__mean_the_same_in_every_form(void **state)
{
	struct test_dialect *t = test_dialect(&GEN_PATHS);

	(void)state;
	for (uint64_t start = 1; start <= TREES; start++) {
		struct arena a = ARENA_INIT;
		uint64_t seed = start;
		struct step *s = make_step(&a, &seed, 0, 0), *changed;
		struct span from, to, candidate = { "", 0 };
		struct diff *diff, *back, *done;
		size_t carried;
		bool same;

		s->word[0] = '\0';
		changed = copy_step(&a, s);
		if (start % 4 != 0)
			change_step(&a, changed, &seed, 2 + (uint32_t)start % 10);
		shuffle_steps(changed, &seed);
		from = write_paths(&a, s, start % 2 == 0, &seed);
		to = write_paths(&a, changed, gen_next(&seed, 2) == 0, &seed);
		same = strcmp(top_meaning(&a, s), top_meaning(&a, changed)) == 0;
		diff = diff_make(&a, &t->d, from, to);
		back = diff_make(&a, &t->d, to, from);
		must(diff_same(diff) == same);
		must(diff_same(back) == same);
		must((strcmp(test_normal_hash(&a, &t->d, from),
			 test_normal_hash(&a, &t->d, to)) == 0) == same);
		must(diff_make(&a, &t->d, from, from)->n == 0);
		candidate = test_splice(&a, &t->d, from, to, &carried);
		done = diff_make(&a, &t->d, from, candidate);
		must(strcmp(test_diff_hash(&a, &t->d, from, to),
			 test_diff_hash(&a, &t->d, from, candidate)) == 0);
		must(diff_same(diff_make(&a, &t->d, to, candidate)));
		must(done->added == 0 || diff->added > 0);
		arena_release(&a);
	}
	test_dialect_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(diff__applied_gives_what_it_is_to),
		cmocka_unit_test(diff__sees_what_a_device_that_makes_equal_lines_one_sees),
		cmocka_unit_test(paths__mean_the_same_in_every_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
