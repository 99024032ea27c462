/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Longest common subsequence by Myers' divide and conquer: search from both
 * ends of a box at once, split it where the searches meet, solve the halves.
 * What is not in the result is marked, item by item; the runs are read off
 * the marks.
 *
 * Memory is linear. The halves of a box cost half as much each, so recursion
 * is as deep as log2(max_cost). Items that the other side does not have at
 * all are marked beforehand: they cannot be common, and a large block of new
 * lines then costs nothing.
 */
#include "base/lcs.h"

#include <stdbool.h>
#include <string.h>

#define NONE ((ptrdiff_t)-1)

struct input {
	const uint32_t *items;		/* those that the other side may have */
	const size_t *origin;		/* and where they were */
	bool *marks;			/* by origin: not common */
};

struct work {
	struct input x, y;
	ptrdiff_t rounds;		/* bound of one search: max_cost / 2 */
	ptrdiff_t *forward, *backward;	/* by diagonal, see `struct search` */
	size_t steps;			/* diagonals visited, for the test */
};

struct box {
	size_t x0, x1, y0, y1;
};

/*
 * One of the two searches of a box, in coordinates that run from its corner
 * (0, 0) to the opposite one at (n, m), whichever of the two that is. After
 * round d, reach[k] is the largest i that d edits can get to on diagonal
 * k = i - j, for each k in lo..hi with the parity of d.
 */
struct search {
	const uint32_t *x, *y;
	ptrdiff_t step, n, m;
	ptrdiff_t *reach;
	ptrdiff_t lo, hi;
};

static void
mark(struct input *in, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		in->marks[in->origin[i]] = true;
}

/* Along a diagonal as far as the items are equal. */
static ptrdiff_t
slide(const struct search *s, ptrdiff_t i, ptrdiff_t k)
{
	while (i < s->n && i - k < s->m && s->x[i * s->step] == s->y[(i - k) * s->step])
		i++;
	return i;
}

static void
search_round(struct search *s, ptrdiff_t d)
{
	ptrdiff_t *reach = s->reach;

	s->lo = d <= s->m ? -d : -s->m + ((d - s->m) & 1);
	s->hi = d <= s->n ? d : s->n - ((d - s->n) & 1);
	reach[-d - 1] = reach[d + 1] = NONE;
	for (ptrdiff_t k = s->lo; k <= s->hi; k += 2) {
		ptrdiff_t drop = reach[k - 1], add = reach[k + 1], i = NONE;

		if (drop != NONE && drop < s->n)
			i = drop + 1;
		if (add > i && add - k <= s->m)
			i = add;
		reach[k] = i != NONE ? slide(s, i, k) : NONE;
	}
}

/* Where search a, after its round, meets b: the diagonal, or false. */
static bool
meet(const struct search *a, const struct search *b, ptrdiff_t *at)
{
	for (ptrdiff_t k = a->lo; k <= a->hi; k += 2) {
		ptrdiff_t other = a->n - a->m - k;

		if (other < b->lo || other > b->hi || a->reach[k] == NONE ||
		    b->reach[other] == NONE || a->reach[k] + b->reach[other] < a->n)
			continue;
		*at = k;
		return true;
	}
	return false;
}

/* The diagonal on which the search came farthest. */
static ptrdiff_t
farthest(const struct search *s)
{
	ptrdiff_t best = s->lo;

	for (ptrdiff_t k = s->lo; k <= s->hi; k += 2)
		if (s->reach[k] != NONE && 2 * s->reach[k] - k > 2 * s->reach[best] - best)
			best = k;
	return best;
}

/* The box between the end of the solved front and the start of the solved
 * back. It is empty when the searches met. */
static struct box
gap_of(const struct box *b, const struct search *f, ptrdiff_t fk, const struct search *r,
    ptrdiff_t rk)
{
	struct box gap = *b;

	if (f != NULL) {
		gap.x0 += (size_t)f->reach[fk];
		gap.y0 += (size_t)(f->reach[fk] - fk);
	}
	if (r != NULL) {
		gap.x1 -= (size_t)r->reach[rk];
		gap.y1 -= (size_t)(r->reach[rk] - rk);
	}
	if (f != NULL && r == NULL) {
		gap.x1 = gap.x0;
		gap.y1 = gap.y0;
	} else if (f == NULL) {
		gap.x0 = gap.x1;
		gap.y0 = gap.y1;
	}
	return gap;
}

/* Search from both ends until they meet or the bound is reached. */
static struct box
split(struct work *w, const struct box *b)
{
	ptrdiff_t n = (ptrdiff_t)(b->x1 - b->x0), m = (ptrdiff_t)(b->y1 - b->y0), at;
	struct search f = { w->x.items + b->x0, w->y.items + b->y0, 1, n, m, w->forward, 0, 0 };
	struct search r = { w->x.items + b->x1 - 1, w->y.items + b->y1 - 1, -1, n, m,
		w->backward, 0, 0 };
	bool odd = ((n - m) & 1) != 0;
	struct box gap;

	/* The box is trimmed: no edit, no progress. */
	f.reach[0] = r.reach[0] = 0;
	for (ptrdiff_t d = 1; d <= w->rounds; d++) {
		w->steps += 2 * (size_t)d;
		search_round(&f, d);
		if (odd && meet(&f, &r, &at))
			return gap_of(b, &f, at, NULL, 0);
		search_round(&r, d);
		if (!odd && meet(&r, &f, &at))
			return gap_of(b, NULL, 0, &r, at);
	}
	gap = gap_of(b, &f, farthest(&f), &r, farthest(&r));
	if (gap.x0 <= gap.x1 && gap.y0 <= gap.y1)
		return gap;
	/* They passed each other off the path: keep the front only. */
	gap.x1 = b->x1;
	gap.y1 = b->y1;
	return gap;
}

static void
trim(const struct work *w, struct box *b)
{
	const uint32_t *x = w->x.items, *y = w->y.items;

	while (b->x0 < b->x1 && b->y0 < b->y1 && x[b->x0] == y[b->y0]) {
		b->x0++;
		b->y0++;
	}
	while (b->x0 < b->x1 && b->y0 < b->y1 && x[b->x1 - 1] == y[b->y1 - 1]) {
		b->x1--;
		b->y1--;
	}
}

static void
solve(struct work *w, struct box b)
{
	for (;;) {
		struct box gap, front;

		trim(w, &b);
		if (b.x0 == b.x1 || b.y0 == b.y1)
			break;
		gap = split(w, &b);
		mark(&w->x, gap.x0, gap.x1);
		mark(&w->y, gap.y0, gap.y1);
		front = (struct box){ b.x0, gap.x0, b.y0, gap.y0 };
		solve(w, front);
		b.x0 = gap.x1;
		b.y0 = gap.y1;
	}
	mark(&w->x, b.x0, b.x1);
	mark(&w->y, b.y0, b.y1);
}

/* A set of numbers that may say yes wrongly, but never no. */
struct sieve {
	uint64_t *bits;
	unsigned shift;
};

static uint32_t
sieve_bit(const struct sieve *s, uint32_t v)
{
	return (v * 2654435761u) >> s->shift;
}

static struct sieve
sieve_of(const uint32_t *items, size_t n)
{
	struct sieve s = { NULL, 32 - 10 };

	while (s.shift > 1 && (size_t)1 << (32 - s.shift) < 8 * n)
		s.shift--;
	s.bits = mem_calloc((size_t)1 << (32 - s.shift - 6), sizeof(*s.bits));
	for (size_t i = 0; i < n; i++) {
		uint32_t bit = sieve_bit(&s, items[i]);

		s.bits[bit / 64] |= (uint64_t)1 << bit % 64;
	}
	return s;
}

/* Keep what the other side may have; mark the rest. Returns how many. */
static size_t
sift(struct input *in, const uint32_t *items, size_t n, const struct sieve *other)
{
	uint32_t *kept = mem_calloc(n, sizeof(*kept));
	size_t *origin = mem_calloc(n, sizeof(*origin)), k = 0;

	in->marks = mem_calloc(n, sizeof(*in->marks));
	for (size_t i = 0; i < n; i++) {
		uint32_t bit = sieve_bit(other, items[i]);

		if ((other->bits[bit / 64] >> bit % 64 & 1) == 0) {
			in->marks[i] = true;
			continue;
		}
		kept[k] = items[i];
		origin[k++] = i;
	}
	in->items = kept;
	in->origin = origin;
	return k;
}

static void
work_init(struct work *w, struct box *all, const uint32_t *x, size_t nx, const uint32_t *y,
    size_t ny, size_t max_cost)
{
	struct sieve in_x = sieve_of(x, nx), in_y = sieve_of(y, ny);
	size_t rounds, kx, ky;

	kx = sift(&w->x, x, nx, &in_y);
	ky = sift(&w->y, y, ny, &in_x);
	free(in_x.bits);
	free(in_y.bits);
	*all = (struct box){ 0, kx, 0, ky };
	rounds = max_cost / 2 + max_cost % 2;
	if (rounds > (kx + ky) / 2 + 1)
		rounds = (kx + ky) / 2 + 1;
	w->rounds = (ptrdiff_t)rounds;
	w->forward = mem_calloc(2 * rounds + 3, sizeof(*w->forward));
	w->backward = mem_calloc(2 * rounds + 3, sizeof(*w->backward));
	w->forward += rounds + 1;
	w->backward += rounds + 1;
}

static void
input_release(struct input *in)
{
	/* free() takes what it does not change without const. */
	free((void *)(uintptr_t)in->items);
	free((void *)(uintptr_t)in->origin);
	free(in->marks);
}

static void
work_release(struct work *w)
{
	input_release(&w->x);
	input_release(&w->y);
	free(w->forward - w->rounds - 1);
	free(w->backward - w->rounds - 1);
}

static size_t
stretch(const bool *marks, size_t from, size_t to)
{
	size_t i = from;

	while (i < to && marks[i])
		i++;
	return i - from;
}

static struct lcs_run *
runs_of(struct arena *a, const struct work *w, size_t nx, size_t ny, size_t *n)
{
	struct lcs_run *runs = NULL, run;
	size_t i = 0, j = 0;

	*n = 0;
	while (i < nx || j < ny) {
		run = (struct lcs_run){ 0, 0, 0 };
		while (i < nx && j < ny && !w->x.marks[i] && !w->y.marks[j]) {
			run.same++;
			i++;
			j++;
		}
		run.del = stretch(w->x.marks, i, nx);
		run.add = stretch(w->y.marks, j, ny);
		i += run.del;
		j += run.add;
		ARENA_PUSH(a, runs, *n) = run;
	}
	return runs;
}

struct lcs_run *
lcs(struct arena *a, const uint32_t *x, size_t nx, const uint32_t *y, size_t ny,
    size_t max_cost, size_t *n)
{
	struct work w = { .steps = 0 };
	struct lcs_run *runs;
	struct box all;

	work_init(&w, &all, x, nx, y, ny, max_cost);
	solve(&w, all);
	runs = runs_of(a, &w, nx, ny, n);
	work_release(&w);
	return runs;
}
