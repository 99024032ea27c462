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
#include "diffing/config_build.h"

#define LCS_COST 1000
/* Of so many brothers with one line, those that are most alike pair. */
#define ALIKE_MAX 16

static void
marry(struct match *m, uint32_t a, uint32_t b, uint16_t flags)
{
	m->a.v[a].mate = b;
	m->b.v[b].mate = a;
	m->a.v[a].flags |= flags;
	m->b.v[b].flags |= flags;
	if (match_same(m, a, b))
		return;
	ids_push(&m->queue, a);
	ids_push(&m->queue, b);
}

static uint32_t
key_of(const struct config *c, uint32_t i, bool by_shape)
{
	return by_shape ? c->v[i].shape : c->v[i].word;
}

struct side {
	struct match *match;
	const struct config *config;
};

static int
by_rank(const void *a, const void *b, void *ctx)
{
	const struct side *s = ctx;
	const struct item *x = &s->config->v[*(const uint32_t *)a];
	const struct item *y = &s->config->v[*(const uint32_t *)b];
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
    uint16_t flags)
{
	uint32_t *next = mem_calloc(b->n, sizeof(*next));

	for (size_t j = b->n; j > 0; j--) {
		uint32_t *head = &m->heads[key_of(&m->b, b->v[j - 1], by_shape)];

		if (m->b.v[b->v[j - 1]].mate != NODE_NONE)
			continue;
		next[j - 1] = *head;
		*head = (uint32_t)j;
	}
	for (size_t i = 0; i < a->n; i++) {
		uint32_t *head = &m->heads[key_of(&m->a, a->v[i], by_shape)];
		uint32_t j = *head;

		if (m->a.v[a->v[i]].mate != NODE_NONE || j == 0)
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
keep_singles(struct match *m, const struct config *c, struct ids *ids)
{
	struct side side = { m, c };
	size_t n = 0;

	for (size_t i = 0; i < ids->n; i++)
		if (c->v[ids->v[i]].mate == NODE_NONE)
			ids->v[n++] = ids->v[i];
	ids->n = n;
	if (n > 1)
		qsort_r(ids->v, n, sizeof(*ids->v), by_rank, &side);
}

/* The compared children of node i, and unless NULL, the ignored ones. */
static void
list_children(const struct config *c, uint32_t i, struct ids *kids, struct ids *skipped)
{
	kids->n = 0;
	if (skipped != NULL)
		skipped->n = 0;
	for (uint32_t k = config_first(c, i); k != 0; k = config_next(c, k)) {
		if (config_counts(c, k))
			ids_push(kids, k);
		else if (skipped != NULL)
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
	const struct item *x = m->a.v, *y = m->b.v;
	size_t n = 0;

	list_children(&m->a, a, &m->alike[0], NULL);
	list_children(&m->b, b, &m->alike[1], NULL);
	m->steps += m->alike[0].n + m->alike[1].n;
	for (size_t i = 0; i < m->alike[0].n; i++) {
		const struct item *kid = &x[m->alike[0].v[i]];

		m->heads[kid->word]++;
		m->heads[kid->shape] += kid->shape != kid->word;
	}
	for (size_t i = 0; i < m->alike[1].n; i++) {
		const struct item *kid = &y[m->alike[1].v[i]];

		n += take(&m->heads[kid->word]);
		n += kid->shape != kid->word && take(&m->heads[kid->shape]);
	}
	for (size_t i = 0; i < m->alike[0].n; i++) {
		const struct item *kid = &x[m->alike[0].v[i]];

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
same_line(const struct config *c, const struct ids *ids)
{
	struct ids s = { ids->v, 0, 0 };

	while (s.n < ids->n && c->v[s.v[s.n]].word == c->v[s.v[0]].word)
		s.n++;
	return s;
}

/* Pair by line alone. Both lists are sorted by word and rank. */
static void
pair_lines(struct match *m, struct ids a, struct ids b)
{
	while (a.n > 0 && b.n > 0) {
		struct ids x = same_line(&m->a, &a), y = same_line(&m->b, &b);
		uint32_t word_x = m->a.v[*x.v].word, word_y = m->b.v[*y.v].word;

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
keys_of(const struct config *c, const struct ids *ids, bool by_shape)
{
	uint32_t *keys = mem_calloc(ids->n, sizeof(*keys));

	for (size_t i = 0; i < ids->n; i++)
		keys[i] = key_of(c, ids->v[i], by_shape);
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
stretch_of_singles(const struct config *c, const struct ids *ids, size_t from)
{
	struct ids s = { ids->v + from, 0, 0 };

	while (from + s.n < ids->n && c->v[s.v[s.n]].mate == NODE_NONE)
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
	pair_equal(m, a, b, true, ITEM_MOVED);
	pair_equal(m, a, b, false, ITEM_MOVED);
}

/* Most brothers are the same at both ends. */
static void
pair_ends(struct match *m, struct ids *a, struct ids *b)
{
	while (a->n > 0 && b->n > 0 &&
	    m->a.v[a->v[0]].shape == m->b.v[b->v[0]].shape) {
		marry(m, *a->v++, *b->v++, 0);
		a->n--;
		b->n--;
		m->steps++;
	}
	while (a->n > 0 && b->n > 0 &&
	    m->a.v[a->v[a->n - 1]].shape == m->b.v[b->v[b->n - 1]].shape) {
		marry(m, a->v[--a->n], b->v[--b->n], 0);
		m->steps++;
	}
}

/* What a single one is about. */
struct about {
	struct span key;
	uint32_t item;
};

static int
by_key(const void *a, const void *b)
{
	const struct about *x = a, *y = b;
	size_t len = x->key.len < y->key.len ? x->key.len : y->key.len;
	int order = len > 0 ? memcmp(x->key.p, y->key.p, len) : 0;

	if (order != 0)
		return order;
	if (x->key.len != y->key.len)
		return x->key.len < y->key.len ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

static struct about *
list_about(const struct config *c, const struct ids *ids, struct arena *a, size_t *n)
{
	struct about *v = arena_calloc(a, ids->n, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < ids->n; i++) {
		if (c->v[ids->v[i]].mate != NODE_NONE)
			continue;
		v[*n] = (struct about){ config_identity(c, ids->v[i], a), ids->v[i] };
		*n += v[*n].key.p != NULL;
	}
	if (*n > 1)
		qsort(v, *n, sizeof(*v), by_key);
	return v;
}

/* Pair the single ones that are about the same, as changed. */
static void
pair_changed(struct match *m, const struct ids *a, const struct ids *b)
{
	struct arena scratch = ARENA_INIT;
	size_t nx, ny, i = 0, j = 0;
	struct about *x = list_about(&m->a, a, &scratch, &nx);
	struct about *y = list_about(&m->b, b, &scratch, &ny);

	while (i < nx && j < ny) {
		struct about left = x[i], right = y[j];
		int order;

		left.item = right.item = 0;
		order = by_key(&left, &right);
		if (order == 0)
			marry(m, x[i].item, y[j].item, ITEM_CHANGED);
		i += order <= 0;
		j += order >= 0;
	}
	m->steps += nx + ny;
	arena_release(&scratch);
}

/* The only one below an item that is compared, with none below it; 0: none. */
static uint32_t
only_leaf(const struct config *c, uint32_t i)
{
	uint32_t only = config_first_compared(c, i), k = only;

	if (only == 0 || config_first_compared(c, only) != 0)
		return 0;
	while ((k = config_next(c, k)) != 0)
		if (config_counts(c, k))
			return 0;
	return only;
}

/* Of a path, the one value that both have is the same value, changed. */
static void
pair_only(struct match *m, uint32_t a, uint32_t b)
{
	uint32_t x = only_leaf(&m->a, a), y = only_leaf(&m->b, b);

	if (a != 0 && x != 0 && y != 0 && m->a.v[x].mate == NODE_NONE &&
	    m->b.v[y].mate == NODE_NONE)
		marry(m, x, y, ITEM_CHANGED);
}

/* A step that leads to nothing compared on one side may be one that does on the
 * other. */
static void
pair_hollow(struct match *m, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < m->skipped[0].n; i++) {
		uint32_t x = m->skipped[0].v[i], y = config_find(&m->b, b, m->a.v[x].word);

		if ((m->a.v[x].flags & ITEM_HOLLOW) != 0 && y != 0)
			marry(m, x, y, 0);
	}
	for (size_t i = 0; i < m->skipped[1].n; i++) {
		uint32_t y = m->skipped[1].v[i], x = config_find(&m->a, a, m->b.v[y].word);

		if ((m->b.v[y].flags & ITEM_HOLLOW) != 0 && x != 0 &&
		    m->b.v[y].mate == NODE_NONE && m->a.v[x].mate == NODE_NONE)
			marry(m, x, y, 0);
	}
}

static void
pair_children(struct match *m, uint32_t a, uint32_t b)
{
	bool ordered = ((m->a.v[a].flags | m->b.v[b].flags) & ITEM_ORDERED) != 0;
	struct ids x, y;

	list_children(&m->a, a, &m->kids[0], &m->skipped[0]);
	list_children(&m->b, b, &m->kids[1], &m->skipped[1]);
	x = m->kids[0];
	y = m->kids[1];
	if (m->skipped[0].n + m->skipped[1].n > 0)
		pair_hollow(m, a, b);
	pair_ends(m, &x, &y);
	if (x.n > 0 && y.n > 0 && ordered) {
		pair_ordered(m, &x, &y);
	} else if (x.n > 0 && y.n > 0) {
		pair_equal(m, &x, &y, true, 0);
		keep_singles(m, &m->a, &x);
		keep_singles(m, &m->b, &y);
		pair_lines(m, x, y);
	}
	if (x.n > 0 && y.n > 0)
		pair_changed(m, &x, &y);
	if (m->a.paths && m->b.paths)
		pair_only(m, a, b);
	if (m->skipped[0].n > 0 && m->skipped[1].n > 0)
		pair_equal(m, &m->skipped[0], &m->skipped[1], true, 0);
}

bool
match_same(const struct match *m, uint32_t a, uint32_t b)
{
	const struct item *x = &m->a.v[a], *y = &m->b.v[b];

	if (!config_counts(&m->a, a) && !config_counts(&m->b, b) &&
	    ((x->flags | y->flags) & ITEM_HOLLOW) == 0)
		return true;
	return x->shape == y->shape && x->shape != NODE_NONE &&
	    ((x->flags | y->flags) & ITEM_CARRIES) == 0;
}

/* What is ignored is carried into the mate of what it is in; a step that leads to
 * ignored ones goes by what is below it, where the other text has it too. */
static void
mark_stays(struct match *m)
{
	struct config *a = &m->a;

	for (uint32_t i = a->n - 1; i > 0 && (a->v[0].flags & ITEM_CARRIES) != 0; i--) {
		const struct item *x = &a->v[i];
		bool counts = config_counts(a, i);
		bool step = x->mate != NODE_NONE && (counts || (x->flags & ITEM_HOLLOW) != 0);

		if ((x->flags & ITEM_GONE) == 0 && (step ? (x->flags & ITEM_STAYS) != 0 : !counts))
			a->v[x->parent].flags |= ITEM_STAYS;
	}
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
	config_read(&m->a, &m->arena, &m->words, a, true);
	shape_all(m, &m->a);
}

bool
match_one_form(const struct dialect *d, const struct span *texts, size_t n)
{
	struct arena scratch = ARENA_INIT;
	struct rules rules;
	bool one = true;

	if (d->n_forms == 0)
		return true;
	rules_init(&rules, &scratch, d);
	for (size_t i = 1; i < n; i++)
		one = one && tree_form(&rules, texts[i]) == tree_form(&rules, texts[0]);
	arena_release(&scratch);
	return one;
}

void
match_init(struct match *m, const struct dialect *d, struct span a, struct span b)
{
	const struct span texts[] = { a, b };

	match_init_as(m, d, a, b, match_one_form(d, texts, 2));
}

void
match_init_as(struct match *m, const struct dialect *d, struct span a, struct span b,
    bool comments)
{
	start(m, d, a.len);
	config_read(&m->a, &m->arena, &m->words, a, comments);
	config_read(&m->b, &m->arena, &m->words, b, comments);
	shape_all(m, &m->a);
	shape_all(m, &m->b);
	m->heads = arena_calloc(&m->arena, m->words.n + m->n_shapes, sizeof(*m->heads));
	marry(m, 0, 0, 0);
	for (size_t i = 0; i < m->queue.n; i += 2)
		pair_children(m, m->queue.v[i], m->queue.v[i + 1]);
	mark_stays(m);
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
	return m->steps + m->words.steps + m->a.steps + m->b.steps;
}
