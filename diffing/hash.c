/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes of a difference and of a text. Both are first brought into one form,
 * parts below parts, in which brothers whose order means nothing are sorted;
 * then the parts are written to the hash, each with its count of children, so
 * that no two forms write the same.
 *
 * Brothers that cannot be told apart by their own line (a section that occurs
 * twice) are sorted by the hash of what is below them, which then also stands
 * for it. Each part is thus written once: the work is that of the sort.
 */
#include "base/secret.h"
#include "diffing/diff.h"
#include "diffing/mask.h"
#include "diffing/match.h"

struct part {
	struct span label;
	uint32_t place;		/* among brothers; 0 where order means nothing */
	char kind;
	const char *digest;	/* of the children, when the label is not enough */
	struct part *kids;
	size_t n;
};

static int
by_label(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
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
	const struct part *x = a, *y = b;

	return strcmp(x->digest, y->digest);
}

static void write_parts(struct hasher *h, struct arena *a, struct part *v, size_t n);

static void
hash_parts(struct arena *a, struct part *v, size_t n, char out[65])
{
	struct hasher *h = hasher_new();

	write_parts(h, a, v, n);
	hasher_end(h, out);
}

/* Sort brothers with equal labels by what is below them. */
static void
sort_equal(struct arena *a, struct part *v, size_t n)
{
	bool leaves = true;

	for (size_t i = 0; i < n; i++)
		leaves = leaves && v[i].n == 0;
	if (n < 2 || leaves)
		return;
	for (size_t i = 0; i < n; i++) {
		char *digest = arena_alloc(a, 65);

		hash_parts(a, v[i].kids, v[i].n, digest);
		v[i].digest = digest;
	}
	qsort(v, n, sizeof(*v), by_digest);
}

static void
sort_parts(struct arena *a, struct part *v, size_t n)
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
write_parts(struct hasher *h, struct arena *a, struct part *v, size_t n)
{
	char head[64];
	int len;

	sort_parts(a, v, n);
	for (size_t i = 0; i < n; i++) {
		len = snprintf(head, sizeof(head), "%c %u %zu %c", v[i].kind,
		    (unsigned)v[i].place, v[i].n, v[i].digest != NULL ? 'd' : 'i');
		hasher_part(h, span_of(head, (size_t)len));
		hasher_part(h, v[i].label);
		if (v[i].digest != NULL)
			hasher_part(h, span_str(v[i].digest));
		else
			write_parts(h, a, v[i].kids, v[i].n);
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

static struct span
joined(struct former *f, struct span x, char between, struct span y)
{
	char *p = arena_alloc(&f->arena, x.len + y.len + 1);

	memcpy(p, x.p, x.len);
	p[x.len] = between;
	memcpy(p + x.len + 1, y.p, y.len);
	return span_of(p, x.len + y.len + 1);
}

/* What a node says: what is compared of it, and of a changed one the old. */
static struct span
label_of(struct former *f, const struct diff_node *n)
{
	struct span label = masked_label(f, n->compared);

	return n->kind != DIFF_CHANGED ? label :
	    joined(f, masked_label(f, n->old_normal), '\x02', label);
}

static const char kinds[] = {
	[DIFF_CONTEXT] = ' ', [DIFF_ADDED] = '+', [DIFF_REMOVED] = '-', [DIFF_MOVED] = '~',
	[DIFF_CHANGED] = '!', [DIFF_IGNORED] = ' ',
};

/* The differences that count, as parts. */
static struct part *
form_diff(struct former *f, const struct diff_node *v, size_t n, size_t *count)
{
	struct part *parts = arena_calloc(&f->arena, n, sizeof(*parts)), *part;

	*count = 0;
	for (size_t i = 0; i < n; i++) {
		if (!v[i].counts)
			continue;
		part = &parts[(*count)++];
		*part = (struct part){ .kind = kinds[v[i].kind], .place = v[i].place,
			.label = label_of(f, &v[i]) };
		f->up.v[f->up.n++] = words_first_line(v[i].normal);
		part->kids = form_diff(f, v[i].children, v[i].n, &part->n);
		f->up.n--;
	}
	return parts;
}

/* Of paths, each whole: where a text ends a line in it means nothing. */
struct paths {
	struct part *v;
	size_t n;
};

static void
form_paths(struct former *f, const struct diff_node *v, size_t n, struct span above,
    struct paths *out)
{
	for (size_t i = 0; i < n; i++) {
		bool below = false;
		struct span path, own;
		char *digest;

		if (!v[i].counts)
			continue;
		for (size_t k = 0; k < v[i].n; k++)
			below |= v[i].children[k].counts;
		own = label_of(f, &v[i]);
		path = joined(f, above, ' ', own);
		if (kinds[v[i].kind] != ' ' && (!below || v[i].kind == DIFF_MOVED ||
		    v[i].kind == DIFF_CHANGED))
			ARENA_PUSH(&f->arena, out->v, out->n) = (struct part){
			    .kind = kinds[v[i].kind], .place = v[i].place,
			    .label = path };
		f->up.v[f->up.n++] = words_first_line(v[i].normal);
		/* A path stands for those below it by its hash, however long. */
		digest = arena_alloc(&f->arena, 65);
		hash_hex(path, digest);
		form_paths(f, v[i].children, v[i].n, span_str(digest), out);
		f->up.n--;
	}
}

void
diff_hash(const struct diff *d, const struct mask_key *key, char out[65])
{
	struct former f = { .text = BUF_INIT, .up.paths = d->paths };
	struct paths paths = { NULL, 0 };

	rules_init(&f.rules, &f.arena, d->dialect);
	masker_init(&f.masker, &f.rules, key);
	if (d->paths)
		form_paths(&f, d->nodes, d->n, span_str(""), &paths);
	else
		paths.v = form_diff(&f, d->nodes, d->n, &paths.n);
	hash_parts(&f.arena, paths.v, paths.n, out);
	masker_release(&f.masker);
	buf_release(&f.text);
	arena_release(&f.arena);
}

/* The compared lines below item i, as parts. */
static struct part *
form_config(struct arena *a, const struct config *c, uint32_t i, size_t *n)
{
	bool ordered = (c->v[i].flags & ITEM_ORDERED) != 0;
	struct part *parts;
	size_t count = 0;

	for (uint32_t k = config_first(c, i); k != 0; k = config_next(c, k))
		count += config_counts(c, k);
	parts = arena_calloc(a, count, sizeof(*parts));
	*n = 0;
	for (uint32_t k = config_first(c, i); k != 0; k = config_next(c, k)) {
		struct part *part = &parts[*n];

		if (!config_counts(c, k))
			continue;
		part->kind = '=';
		part->label = config_word(c, k);
		part->place = ordered ? (uint32_t)*n + 1 : 0;
		part->kids = form_config(a, c, k, &part->n);
		(*n)++;
	}
	return parts;
}

void
normal_hash(const struct dialect *d, struct span text, char out[65])
{
	struct match m;
	struct part *parts;
	size_t n;

	match_init_one(&m, d, text);
	parts = form_config(&m.arena, &m.a, 0, &n);
	hash_parts(&m.arena, parts, n, out);
	match_release(&m);
}
