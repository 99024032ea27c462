/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shapes: subtrees as numbers, so that comparing two costs nothing. They are
 * numbered from the leaves up; a shape is a word and the shapes of its
 * compared children, which are sorted where order means nothing.
 */
#include "diffing/match.h"

void
ids_push(struct ids *ids, uint32_t v)
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
set_index(struct match *m, size_t size)
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
		set_index(m, 2 * m->shape_index_size);
	return (uint32_t)(m->words.n + m->n_shapes - 1);
}

void
shape_all(struct match *m, struct config *c)
{
	struct ids *kids = &m->kids[0];

	if (m->shape_index_size == 0)
		set_index(m, 256);
	for (uint32_t i = c->n - 1; i > 0; i--) {
		struct item *item = &c->v[i];

		kids->n = 0;
		for (uint32_t k = config_first(c, i); k != 0; k = config_next(c, k))
			if (config_counts(c, k))
				ids_push(kids, c->v[k].shape);
		m->steps += 1 + kids->n;
		if ((item->flags & ITEM_ORDERED) == 0)
			sort(kids->v, kids->n);
		item->shape = item->word;
		if (kids->n > 0)
			item->shape = shape_put(m, item->word, kids,
			    kids->n > 1 && (item->flags & ITEM_ORDERED) != 0);
	}
}

uint64_t
shape_rank(struct match *m, uint32_t shape)
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
	rank = shape_rank(m, s->word);
	for (uint32_t i = 0; i < s->n; i++) {
		uint64_t kid = shape_rank(m, s->kids[i]);

		rank = s->ordered ? word_hash(seed, &rank, sizeof(rank)) ^ kid :
		    rank + word_hash(seed, &kid, sizeof(kid));
	}
	m->steps += s->n;
	s->rank = rank | 1;
	return s->rank;
}

