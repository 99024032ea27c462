/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairing, without recursion and with work that grows with the number of
 * lines: brothers find each other through lists by number, so a million equal
 * lines cost no more than a million different ones. Only the longest common
 * subsequence of ordered contexts can cost more; it is bounded by LCS_COST
 * edits, past which more lines than necessary show as moved.
 */
#include "diffing/match.h"

#include "base/lcs.h"

#define LCS_COST 1000
/* Of so many brothers with one line, those that are most alike pair. */
#define ALIKE_MAX 16

static void
marry(struct match *m, uint32_t a, uint32_t b, uint8_t flags)
{
	m->a.nodes[a].mate = b;
	m->b.nodes[b].mate = a;
	m->a.nodes[a].flags |= flags;
	m->b.nodes[b].flags |= flags;
	if (match_same(m, a, b))
		return;
	ids_push(&m->queue, a);
	ids_push(&m->queue, b);
}

static uint32_t
key_of(const struct tree *t, uint32_t i, bool by_shape)
{
	return by_shape ? t->nodes[i].shape : t->nodes[i].word;
}

struct side {
	struct match *match;
	const struct tree *tree;
};

static int
by_rank(const void *a, const void *b, void *ctx)
{
	const struct side *s = ctx;
	const struct node *x = &s->tree->nodes[*(const uint32_t *)a];
	const struct node *y = &s->tree->nodes[*(const uint32_t *)b];
	uint64_t rank_x, rank_y;

	if (x->word != y->word)
		return x->word < y->word ? -1 : 1;
	if (x->shape == y->shape)
		return (x > y) - (x < y);
	rank_x = shape_rank(s->match, x->shape);
	rank_y = shape_rank(s->match, y->shape);
	if (rank_x != rank_y)
		return rank_x < rank_y ? -1 : 1;
	return (x > y) - (x < y);
}

/* Pair the single among a and b that have the same key, first with first. */
static void
pair_equal(struct match *m, const struct ids *a, const struct ids *b, bool by_shape,
    uint8_t flags)
{
	uint32_t *next = mem_calloc(b->n, sizeof(*next));

	for (size_t j = b->n; j > 0; j--) {
		uint32_t *head = &m->heads[key_of(&m->b, b->v[j - 1], by_shape)];

		if (m->b.nodes[b->v[j - 1]].mate != NODE_NONE)
			continue;
		next[j - 1] = *head;
		*head = (uint32_t)j;
	}
	for (size_t i = 0; i < a->n; i++) {
		uint32_t *head = &m->heads[key_of(&m->a, a->v[i], by_shape)];
		uint32_t j = *head;

		if (m->a.nodes[a->v[i]].mate != NODE_NONE || j == 0)
			continue;
		*head = next[j - 1];
		marry(m, a->v[i], b->v[j - 1], flags);
	}
	for (size_t j = 0; j < b->n; j++)
		m->heads[key_of(&m->b, b->v[j], by_shape)] = 0;
	m->steps += a->n + b->n;
	free(next);
}

/* Keep the single ones, by rank. */
static void
keep_singles(struct match *m, const struct tree *t, struct ids *ids)
{
	struct side side = { m, t };
	size_t n = 0;

	for (size_t i = 0; i < ids->n; i++)
		if (t->nodes[ids->v[i]].mate == NODE_NONE)
			ids->v[n++] = ids->v[i];
	ids->n = n;
	if (n > 1)
		qsort_r(ids->v, n, sizeof(*ids->v), by_rank, &side);
}

/* The compared children of node i, and unless NULL, the ignored ones. */
static void
list_children(const struct tree *t, uint32_t i, struct ids *kids, struct ids *skipped)
{
	kids->n = 0;
	if (skipped != NULL)
		skipped->n = 0;
	for (uint32_t k = i + 1; k < t->nodes[i].end; k = t->nodes[k].end) {
		if (tree_counts(t, k))
			ids_push(kids, k);
		else if (skipped != NULL && t->nodes[k].rule != NULL)
			ids_push(skipped, k);
	}
}

/* Take one off a count; true when there was one. */
static bool
take(uint32_t *count)
{
	if (*count == 0)
		return false;
	(*count)--;
	return true;
}

/* How much two nodes have in common: children with the same line, and of
 * those with children of their own, the ones that are the same altogether. */
static size_t
likeness(struct match *m, uint32_t a, uint32_t b)
{
	const struct node *x = m->a.nodes, *y = m->b.nodes;
	size_t n = 0;

	list_children(&m->a, a, &m->alike[0], NULL);
	list_children(&m->b, b, &m->alike[1], NULL);
	m->steps += m->alike[0].n + m->alike[1].n;
	for (size_t i = 0; i < m->alike[0].n; i++) {
		const struct node *kid = &x[m->alike[0].v[i]];

		m->heads[kid->word]++;
		m->heads[kid->shape] += kid->shape != kid->word;
	}
	for (size_t i = 0; i < m->alike[1].n; i++) {
		const struct node *kid = &y[m->alike[1].v[i]];

		n += take(&m->heads[kid->word]);
		n += kid->shape != kid->word && take(&m->heads[kid->shape]);
	}
	for (size_t i = 0; i < m->alike[0].n; i++) {
		const struct node *kid = &x[m->alike[0].v[i]];

		m->heads[kid->word] = m->heads[kid->shape] = 0;
	}
	return n;
}

/* Pair brothers with one line: the most alike first, else as they stand. */
static void
pair_alike(struct match *m, const struct ids *a, const struct ids *b)
{
	size_t like[ALIKE_MAX][ALIKE_MAX], left = a->n < b->n ? a->n : b->n;
	bool out_a[ALIKE_MAX] = { false }, out_b[ALIKE_MAX] = { false };

	for (size_t i = 0; i < a->n; i++)
		for (size_t j = 0; j < b->n; j++)
			like[i][j] = likeness(m, a->v[i], b->v[j]);
	for (; left > 0; left--) {
		size_t best_i = a->n, best_j = 0;

		for (size_t i = 0; i < a->n; i++)
			for (size_t j = 0; j < b->n; j++)
				if (!out_a[i] && !out_b[j] && (best_i == a->n ||
				    like[i][j] > like[best_i][best_j])) {
					best_i = i;
					best_j = j;
				}
		out_a[best_i] = out_b[best_j] = true;
		marry(m, a->v[best_i], b->v[best_j], 0);
	}
}

/* The brothers at the front that have one line. */
static struct ids
same_line(const struct tree *t, const struct ids *ids)
{
	struct ids s = { ids->v, 0, 0 };

	while (s.n < ids->n && t->nodes[s.v[s.n]].word == t->nodes[s.v[0]].word)
		s.n++;
	return s;
}

/* Pair by line alone. Both lists are sorted by word and rank. */
static void
pair_lines(struct match *m, struct ids a, struct ids b)
{
	while (a.n > 0 && b.n > 0) {
		struct ids x = same_line(&m->a, &a), y = same_line(&m->b, &b);
		uint32_t word_x = m->a.nodes[*x.v].word, word_y = m->b.nodes[*y.v].word;

		if (word_x == word_y && x.n * y.n > 1 && x.n <= ALIKE_MAX && y.n <= ALIKE_MAX)
			pair_alike(m, &x, &y);
		else if (word_x == word_y)
			for (size_t i = 0; i < x.n && i < y.n; i++)
				marry(m, x.v[i], y.v[i], 0);
		if (word_x <= word_y) {
			a.v += x.n;
			a.n -= x.n;
		}
		if (word_y <= word_x) {
			b.v += y.n;
			b.n -= y.n;
		}
	}
}

static uint32_t *
keys_of(const struct tree *t, const struct ids *ids, bool by_shape)
{
	uint32_t *keys = mem_calloc(ids->n, sizeof(*keys));

	for (size_t i = 0; i < ids->n; i++)
		keys[i] = key_of(t, ids->v[i], by_shape);
	return keys;
}

/* Pair along the longest common subsequence. */
static void
pair_sequence(struct match *m, const struct ids *a, const struct ids *b, bool by_shape)
{
	struct arena scratch = ARENA_INIT;
	uint32_t *x = keys_of(&m->a, a, by_shape), *y = keys_of(&m->b, b, by_shape);
	struct lcs_run *runs;
	size_t n, i = 0, j = 0;

	runs = lcs(&scratch, x, a->n, y, b->n, LCS_COST, &n);
	for (size_t k = 0; k < n; k++) {
		for (size_t s = 0; s < runs[k].same; s++)
			marry(m, a->v[i++], b->v[j++], 0);
		i += runs[k].del;
		j += runs[k].add;
	}
	m->steps += a->n + b->n;
	free(x);
	free(y);
	arena_release(&scratch);
}

static struct ids
stretch_of_singles(const struct tree *t, const struct ids *ids, size_t from)
{
	struct ids s = { ids->v + from, 0, 0 };

	while (from + s.n < ids->n && t->nodes[s.v[s.n]].mate == NODE_NONE)
		s.n++;
	return s;
}

/* By shape along the sequence, then by line in each gap that this leaves,
 * then whatever is left, as moved. */
static void
pair_ordered(struct match *m, const struct ids *a, const struct ids *b)
{
	size_t i = 0, j = 0;

	pair_sequence(m, a, b, true);
	while (i < a->n && j < b->n) {
		struct ids x = stretch_of_singles(&m->a, a, i);
		struct ids y = stretch_of_singles(&m->b, b, j);

		if (x.n > 0 && y.n > 0)
			pair_sequence(m, &x, &y, false);
		i += x.n + 1;
		j += y.n + 1;
	}
	pair_equal(m, a, b, true, NODE_MOVED);
	pair_equal(m, a, b, false, NODE_MOVED);
}

/* Most brothers are the same at both ends. */
static void
pair_ends(struct match *m, struct ids *a, struct ids *b)
{
	while (a->n > 0 && b->n > 0 &&
	    m->a.nodes[a->v[0]].shape == m->b.nodes[b->v[0]].shape) {
		marry(m, *a->v++, *b->v++, 0);
		a->n--;
		b->n--;
		m->steps++;
	}
	while (a->n > 0 && b->n > 0 &&
	    m->a.nodes[a->v[a->n - 1]].shape == m->b.nodes[b->v[b->n - 1]].shape) {
		marry(m, a->v[--a->n], b->v[--b->n], 0);
		m->steps++;
	}
}

static void
pair_children(struct match *m, uint32_t a, uint32_t b)
{
	bool ordered = ((m->a.nodes[a].flags | m->b.nodes[b].flags) & NODE_ORDERED) != 0;
	struct ids x, y;

	list_children(&m->a, a, &m->kids[0], &m->skipped[0]);
	list_children(&m->b, b, &m->kids[1], &m->skipped[1]);
	x = m->kids[0];
	y = m->kids[1];
	pair_ends(m, &x, &y);
	if (x.n > 0 && y.n > 0 && ordered) {
		pair_ordered(m, &x, &y);
	} else if (x.n > 0 && y.n > 0) {
		pair_equal(m, &x, &y, true, 0);
		keep_singles(m, &m->a, &x);
		keep_singles(m, &m->b, &y);
		pair_lines(m, x, y);
	}
	if (m->skipped[0].n > 0 && m->skipped[1].n > 0)
		pair_equal(m, &m->skipped[0], &m->skipped[1], true, 0);
}

bool
match_same(const struct match *m, uint32_t a, uint32_t b)
{
	const struct node *x = &m->a.nodes[a], *y = &m->b.nodes[b];

	if (x->rule != NULL && y->rule != NULL)
		return true;
	return x->shape == y->shape && x->shape != NODE_NONE &&
	    ((x->flags | y->flags) & NODE_CARRIES) == 0;
}

static void
read_into(struct match *m, struct tree *t, struct span text)
{
	tree_read(t, &m->arena, &m->words, text);
	m->steps += t->n;
}

static void
start(struct match *m, const struct dialect *d, size_t bytes)
{
	*m = (struct match){ .arena = ARENA_INIT };
	rules_init(&m->rules, &m->arena, d);
	words_init(&m->words, &m->arena, &m->rules, bytes / 32);
}

void
match_init_one(struct match *m, const struct dialect *d, struct span a)
{
	start(m, d, a.len);
	read_into(m, &m->a, a);
	shape_tree(m, &m->a);
}

void
match_init(struct match *m, const struct dialect *d, struct span a, struct span b)
{
	start(m, d, a.len);
	read_into(m, &m->a, a);
	read_into(m, &m->b, b);
	shape_tree(m, &m->a);
	shape_tree(m, &m->b);
	m->heads = arena_calloc(&m->arena, m->words.n + m->n_shapes, sizeof(*m->heads));
	marry(m, 0, 0, 0);
	for (size_t i = 0; i < m->queue.n; i += 2)
		pair_children(m, m->queue.v[i], m->queue.v[i + 1]);
}

void
match_release(struct match *m)
{
	for (int i = 0; i < 2; i++) {
		free(m->kids[i].v);
		free(m->skipped[i].v);
		free(m->alike[i].v);
	}
	free(m->queue.v);
	arena_release(&m->arena);
}

size_t
match_steps(const struct match *m)
{
	return m->steps + m->words.steps;
}
