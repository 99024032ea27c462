/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pairing, without recursion and with work that grows with the number of
 * lines: shapes are numbered from the leaves up, and brothers find each other
 * through lists by number, so a million equal lines cost no more than a
 * million different ones. Only the longest common subsequence of ordered
 * contexts can cost more; it is bounded by LCS_COST edits, past which more
 * lines than necessary show as moved.
 */
#include "diffing/match.h"

#include "base/lcs.h"

#define LCS_COST 1000

static void
push(struct ids *ids, uint32_t v)
{
	if (ids->n == ids->cap) {
		ids->cap = ids->cap > 0 ? 2 * ids->cap : 16;
		ids->v = mem_realloc(ids->v, ids->cap, sizeof(*ids->v));
	}
	ids->v[ids->n++] = v;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
sort(uint32_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (v[i - 1] <= v[i])
			continue;
		qsort(v, n, sizeof(*v), by_number);
		return;
	}
}

static void
index_shapes(struct match *m, size_t size)
{
	m->shape_index_size = size;
	m->shape_index = arena_calloc(&m->arena, size, sizeof(*m->shape_index));
	for (size_t i = 0; i < m->n_shapes; i++) {
		size_t at = m->shapes[i].hash & (size - 1);

		while (m->shape_index[at] != 0)
			at = (at + 1) & (size - 1);
		m->shape_index[at] = (uint32_t)i + 1;
	}
}

static bool
shape_is(const struct shape *s, const struct shape *other)
{
	return s->hash == other->hash && s->word == other->word && s->n == other->n &&
	    s->ordered == other->ordered &&
	    memcmp(s->kids, other->kids, s->n * sizeof(*s->kids)) == 0;
}

/* The number of the shape of a word with children. */
static uint32_t
shape_put(struct match *m, uint32_t word, const struct ids *kids, bool ordered)
{
	uint64_t hash = words_hash(&m->words, kids->v, kids->n * sizeof(*kids->v));
	struct shape s = { .word = word, .n = (uint32_t)kids->n, .kids = kids->v,
		.hash = hash + word * 0x9e3779b97f4a7c15u, .ordered = ordered };
	size_t at = s.hash & (m->shape_index_size - 1);
	uint32_t *own;

	for (; m->shape_index[at] != 0; at = (at + 1) & (m->shape_index_size - 1)) {
		m->steps++;
		if (shape_is(&m->shapes[m->shape_index[at] - 1], &s))
			return (uint32_t)m->words.n + m->shape_index[at] - 1;
	}
	own = arena_calloc(&m->arena, s.n, sizeof(*own));
	memcpy(own, s.kids, s.n * sizeof(*own));
	s.kids = own;
	ARENA_PUSH(&m->arena, m->shapes, m->n_shapes) = s;
	m->shape_index[at] = (uint32_t)m->n_shapes;
	if (2 * m->n_shapes > m->shape_index_size)
		index_shapes(m, 2 * m->shape_index_size);
	return (uint32_t)(m->words.n + m->n_shapes - 1);
}

/* Number the shapes of a tree, children before parents. */
static void
shape_tree(struct match *m, struct tree *t)
{
	struct ids *kids = &m->kids[0];

	for (uint32_t i = t->n - 1; i > 0; i--) {
		struct node *n = &t->nodes[i];

		if (n->kind == NODE_NOTHING)
			continue;
		kids->n = 0;
		for (uint32_t k = i + 1; k < n->end; k = t->nodes[k].end)
			if (tree_counts(t, k))
				push(kids, t->nodes[k].shape);
		m->steps += 1 + kids->n;
		if (kids->n > 1 && tree_rule(t, RULE_ORDERED, i) != NULL)
			n->flags |= NODE_ORDERED;
		else
			sort(kids->v, kids->n);
		n->shape = n->word;
		if (kids->n > 0)
			n->shape = shape_put(m, n->word, kids, (n->flags & NODE_ORDERED) != 0);
	}
	/* The top level is the empty line, which a rule may match as `^$`. */
	if (tree_rule(t, RULE_ORDERED, 0) != NULL)
		t->nodes[0].flags |= NODE_ORDERED;
}

static void
marry(struct match *m, uint32_t a, uint32_t b, uint8_t flags)
{
	m->a.nodes[a].mate = b;
	m->b.nodes[b].mate = a;
	m->a.nodes[a].flags |= flags;
	m->b.nodes[b].flags |= flags;
	if (match_same(m, a, b))
		return;
	push(&m->queue, a);
	push(&m->queue, b);
}

static uint32_t
key_of(const struct tree *t, uint32_t i, bool by_shape)
{
	return by_shape ? t->nodes[i].shape : t->nodes[i].word;
}

/* A number that follows from what a shape holds, in every process the same,
 * and not from where it stands. Shapes of one rank only pair as they come. */
static uint64_t
rank_of(struct match *m, uint32_t shape)
{
	static const uint64_t seed[2] = { 0x243f6a8885a308d3u, 0x13198a2e03707345u };
	struct span text;
	struct shape *s;
	uint64_t rank;

	if (shape < m->words.n) {
		text = m->words.v[shape].text;
		return word_hash(seed, text.p, text.len);
	}
	s = &m->shapes[shape - m->words.n];
	if (s->rank != 0)
		return s->rank;
	rank = rank_of(m, s->word);
	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t kid = rank_of(m, s->kids[i]);

		rank = s->ordered ? word_hash(seed, &rank, sizeof(rank)) ^ kid :
		    rank + word_hash(seed, &kid, sizeof(kid));
	}
	m->steps += s->n;
	s->rank = rank | 1;
	return s->rank;
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
	rank_x = rank_of(s->match, x->shape);
	rank_y = rank_of(s->match, y->shape);
	if (rank_x != rank_y)
		return rank_x < rank_y ? -1 : 1;
	return (x > y) - (x < y);
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
list_children(const struct tree *t, uint32_t i, struct ids *kids, struct ids *skipped)
{
	kids->n = skipped->n = 0;
	for (uint32_t k = i + 1; k < t->nodes[i].end; k = t->nodes[k].end) {
		if (tree_counts(t, k))
			push(kids, k);
		else if (t->nodes[k].rule != NULL)
			push(skipped, k);
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
		pair_equal(m, &x, &y, false, 0);
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
	index_shapes(m, 64);
	shape_tree(m, &m->a);
}

void
match_init(struct match *m, const struct dialect *d, struct span a, struct span b)
{
	start(m, d, a.len);
	read_into(m, &m->a, a);
	read_into(m, &m->b, b);
	index_shapes(m, 1024);
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
	}
	free(m->queue.v);
	arena_release(&m->arena);
}

size_t
match_steps(const struct match *m)
{
	return m->steps + m->words.steps;
}
