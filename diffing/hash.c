/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes of a difference and of a text. Both are first brought into one form,
 * items below items, in which brothers whose order means nothing are sorted;
 * then the items are written to the hash, each with its count of children, so
 * that no two forms write the same.
 *
 * Brothers that cannot be told apart by their own line (a section that occurs
 * twice) are sorted by the hash of what is below them, which then also stands
 * for it. Each item is thus written once: the work is that of the sort.
 */
#include "base/secret.h"
#include "diffing/diff.h"
#include "diffing/mask.h"
#include "diffing/match.h"

struct item {
	struct span label;
	uint32_t place;		/* among brothers; 0 where order means nothing */
	char kind;
	const char *digest;	/* of the children, when the label is not enough */
	struct item *kids;
	size_t n;
};

static int
by_label(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	size_t len = x->label.len < y->label.len ? x->label.len : y->label.len;
	int order;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	order = len > 0 ? memcmp(x->label.p, y->label.p, len) : 0;
	if (order != 0)
		return order;
	return (x->label.len > y->label.len) - (x->label.len < y->label.len);
}

static int
by_digest(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return strcmp(x->digest, y->digest);
}

static void write_items(struct hasher *h, struct arena *a, struct item *v, size_t n);

static void
hash_items(struct arena *a, struct item *v, size_t n, char out[65])
{
	struct hasher *h = hasher_new();

	write_items(h, a, v, n);
	hasher_end(h, out);
}

/* Sort brothers with equal labels by what is below them. */
static void
sort_equal(struct arena *a, struct item *v, size_t n)
{
	bool leaves = true;

	for (size_t i = 0; i < n; i++)
		leaves = leaves && v[i].n == 0;
	if (n < 2 || leaves)
		return;
	for (size_t i = 0; i < n; i++) {
		char *digest = arena_alloc(a, 65);

		hash_items(a, v[i].kids, v[i].n, digest);
		v[i].digest = digest;
	}
	qsort(v, n, sizeof(*v), by_digest);
}

static void
sort_items(struct arena *a, struct item *v, size_t n)
{
	size_t j;

	if (n > 1)
		qsort(v, n, sizeof(*v), by_label);
	for (size_t i = 0; i < n; i = j) {
		for (j = i + 1; j < n && by_label(&v[i], &v[j]) == 0; j++)
			;
		sort_equal(a, v + i, j - i);
	}
}

static void
write_items(struct hasher *h, struct arena *a, struct item *v, size_t n)
{
	char head[64];
	int len;

	sort_items(a, v, n);
	for (size_t i = 0; i < n; i++) {
		len = snprintf(head, sizeof(head), "%c %u %zu %c", v[i].kind,
		    (unsigned)v[i].place, v[i].n, v[i].digest != NULL ? 'd' : 'i');
		hasher_part(h, span_of(head, (size_t)len));
		hasher_part(h, v[i].label);
		if (v[i].digest != NULL)
			hasher_part(h, span_str(v[i].digest));
		else
			write_items(h, a, v[i].kids, v[i].n);
	}
}

struct former {
	struct arena arena;
	struct rules rules;
	struct masker masker;
	struct parents up;
	struct buf text;
};

static struct span
masked_label(struct former *f, struct span normal)
{
	buf_clear(&f->text);
	if (mask_add(&f->masker, normal, &f->up, &f->text) == 0)
		return normal;
	return span_of(arena_strndup(&f->arena, f->text.data, f->text.len), f->text.len);
}

/* The differences that count, as items. */
static struct item *
form_diff(struct former *f, const struct diff_node *v, size_t n, size_t *count)
{
	static const char kinds[] = {
		[DIFF_CONTEXT] = ' ', [DIFF_ADDED] = '+', [DIFF_REMOVED] = '-',
		[DIFF_MOVED] = '~', [DIFF_IGNORED] = '?',
	};
	struct item *items = arena_calloc(&f->arena, n, sizeof(*items)), *item;

	*count = 0;
	for (size_t i = 0; i < n; i++) {
		if (!v[i].counts)
			continue;
		item = &items[(*count)++];
		*item = (struct item){ .kind = kinds[v[i].kind], .place = v[i].place,
			.label = masked_label(f, v[i].normal) };
		f->up.v[f->up.n++] = words_first_line(v[i].normal);
		item->kids = form_diff(f, v[i].children, v[i].n, &item->n);
		f->up.n--;
	}
	return items;
}

void
diff_hash(const struct diff *d, const struct mask_key *key, char out[65])
{
	struct former f = { .text = BUF_INIT };
	struct item *items;
	size_t n;

	rules_init(&f.rules, &f.arena, d->dialect);
	masker_init(&f.masker, &f.rules, key);
	items = form_diff(&f, d->nodes, d->n, &n);
	hash_items(&f.arena, items, n, out);
	masker_release(&f.masker);
	buf_release(&f.text);
	arena_release(&f.arena);
}

/* The compared lines below node i, as items. */
static struct item *
form_tree(struct arena *a, const struct tree *t, uint32_t i, size_t *n)
{
	bool ordered = (t->nodes[i].flags & NODE_ORDERED) != 0;
	struct item *items;
	size_t count = 0;

	for (uint32_t k = i + 1; k < t->nodes[i].end; k = t->nodes[k].end)
		count += tree_counts(t, k);
	items = arena_calloc(a, count, sizeof(*items));
	*n = 0;
	for (uint32_t k = i + 1; k < t->nodes[i].end; k = t->nodes[k].end) {
		struct item *item = &items[*n];

		if (!tree_counts(t, k))
			continue;
		item->kind = '=';
		item->label = tree_word(t, k);
		item->place = ordered ? (uint32_t)*n + 1 : 0;
		item->kids = form_tree(a, t, k, &item->n);
		(*n)++;
	}
	return items;
}

void
normal_hash(const struct dialect *d, struct span text, char out[65])
{
	struct match m;
	struct item *items;
	size_t n;

	match_init_one(&m, d, text);
	items = form_tree(&m.arena, &m.a, 0, &n);
	hash_items(&m.arena, items, n, out);
	match_release(&m);
}
