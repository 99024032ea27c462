/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/diff.h"

#include "base/lcs.h"

enum { CONTEXT = 3, MAX_COST = 20000 };

struct lines {
	struct span *v;
	uint32_t *id;
	size_t n;
};

/* Lines as numbers: equal text, equal number. */
static void
number(struct arena *a, struct map *seen, struct span text, struct lines *l)
{
	struct span line;

	memset(l, 0, sizeof(*l));
	while (span_line(&text, &line)) {
		char *key = arena_strndup(a, line.p, line.len);
		uintptr_t id = (uintptr_t)map_get(seen, key);
		size_t n = l->n;

		if (id == 0) {
			id = seen->n + 1;
			map_put(seen, key, (void *)id);
		}
		ARENA_PUSH(a, l->v, l->n) = line;
		ARENA_PUSH(a, l->id, n) = (uint32_t)id;
	}
}

/* One line of output: its sign and where it is in both texts. */
struct edit {
	char sign;
	size_t a, b;
};

static struct edit *
edits(struct arena *arena, const struct lines *a, const struct lines *b, size_t *n)
{
	size_t runs, ia = 0, ib = 0;
	struct lcs_run *r = lcs(arena, a->id, a->n, b->id, b->n, MAX_COST, &runs);
	struct edit *e = NULL;

	*n = 0;
	for (size_t i = 0; i < runs; i++) {
		for (size_t k = 0; k < r[i].same; k++)
			ARENA_PUSH(arena, e, *n) = (struct edit){ ' ', ia++, ib++ };
		for (size_t k = 0; k < r[i].del; k++)
			ARENA_PUSH(arena, e, *n) = (struct edit){ '-', ia++, ib };
		for (size_t k = 0; k < r[i].add; k++)
			ARENA_PUSH(arena, e, *n) = (struct edit){ '+', ia, ib++ };
	}
	return e;
}

static void
hunk(const struct edit *e, size_t from, size_t to, const struct lines *a,
    const struct lines *b, struct buf *out)
{
	size_t na = 0, nb = 0;

	for (size_t i = from; i < to; i++) {
		na += e[i].sign != '+';
		nb += e[i].sign != '-';
	}
	buf_addf(out, "@@ -%zu,%zu +%zu,%zu @@\n", e[from].a + (na > 0), na,
	    e[from].b + (nb > 0), nb);
	for (size_t i = from; i < to; i++) {
		buf_addc(out, e[i].sign);
		buf_addspan(out, e[i].sign == '+' ? b->v[e[i].b] : a->v[e[i].a]);
		buf_addc(out, '\n');
	}
}

/* End of the hunk that begins with the change at i: past its last change,
 * with context; changes closer than twice the context are one hunk. */
static size_t
hunk_end(const struct edit *e, size_t n, size_t i)
{
	size_t last = i;

	for (; i < n && i <= last + 2 * CONTEXT; i++)
		if (e[i].sign != ' ')
			last = i;
	return last + CONTEXT + 1 < n ? last + CONTEXT + 1 : n;
}

void
diff_unified(struct span a, struct span b, const char *from, const char *to, struct buf *out)
{
	struct arena arena = ARENA_INIT;
	struct map seen;
	struct lines la, lb;
	struct edit *e;
	size_t n, i = 0;
	bool first = true;

	map_init(&seen, &arena);
	number(&arena, &seen, a, &la);
	number(&arena, &seen, b, &lb);
	e = edits(&arena, &la, &lb, &n);
	while (i < n) {
		size_t start, end;

		if (e[i].sign == ' ') {
			i++;
			continue;
		}
		if (first)
			buf_addf(out, "--- %s\n+++ %s\n", from, to);
		first = false;
		start = i > CONTEXT ? i - CONTEXT : 0;
		end = hunk_end(e, n, i);
		hunk(e, start, end, &la, &lb, out);
		i = end;
	}
	arena_release(&arena);
}
