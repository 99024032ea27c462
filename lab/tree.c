/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes are single heap objects, because a device is edited in place line by
 * line for as long as it runs; an arena would only grow. Children sit in a
 * sorted array: a configuration of ten thousand lines in one section is
 * still loaded in moments.
 */
#include "lab/tree.h"

#include <ctype.h>

#include "lab/grammar.h"

struct node *
tree_new(void)
{
	struct node *n = mem_zalloc(sizeof(*n));

	n->line = mem_strdup("");
	n->key = mem_strdup("");
	return n;
}

void
tree_clear(struct node *n)
{
	for (size_t i = 0; i < n->n; i++)
		tree_free(n->kids[i]);
	free(n->kids);
	n->kids = NULL;
	n->n = n->cap = 0;
}

void
tree_free(struct node *n)
{
	if (n == NULL)
		return;
	tree_clear(n);
	free(n->line);
	free(n->key);
	free(n->text);
	free(n->comment);
	free(n);
}

static char *
dup_or_null(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

struct node *
tree_copy(const struct node *n)
{
	struct node *c = mem_zalloc(sizeof(*c));

	c->rule = n->rule;
	c->line = mem_strdup(n->line);
	c->key = mem_strdup(n->key);
	c->negated = n->negated;
	c->ordered = n->ordered;
	c->text = dup_or_null(n->text);
	c->comment = dup_or_null(n->comment);
	if (n->n > 0)
		c->kids = mem_calloc(n->n, sizeof(*c->kids));
	c->n = c->cap = n->n;
	for (size_t i = 0; i < n->n; i++)
		c->kids[i] = tree_copy(n->kids[i]);
	return c;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
tree_equal(const struct node *a, const struct node *b)
{
	if (strcmp(a->line, b->line) != 0 || a->negated != b->negated || a->n != b->n ||
	    !same_text(a->text, b->text) || !same_text(a->comment, b->comment))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!tree_equal(a->kids[i], b->kids[i]))
			return false;
	return true;
}

int
natural_cmp(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			size_t na, nb;
			int r;

			while (*a == '0' && isdigit((unsigned char)a[1]))
				a++;
			while (*b == '0' && isdigit((unsigned char)b[1]))
				b++;
			na = strspn(a, "0123456789");
			nb = strspn(b, "0123456789");
			if (na != nb)
				return na < nb ? -1 : 1;
			r = memcmp(a, b, na);
			if (r != 0)
				return r;
			a += na;
			b += nb;
		} else if (*a != *b) {
			return (unsigned char)*a - (unsigned char)*b;
		} else {
			a++;
			b++;
		}
	}
	return (unsigned char)*a - (unsigned char)*b;
}

/* Second words of two keys: names before numbers. */
static int
second_cmp(const char *a, const char *b)
{
	struct span wa = word_at(a, 2), wb = word_at(b, 2);
	bool na = wa.len > 0 && isdigit((unsigned char)wa.p[0]);
	bool nb = wb.len > 0 && isdigit((unsigned char)wb.p[0]);

	if (na != nb)
		return na ? 1 : -1;
	return span_eq(wa, wb) ? 0 : natural_cmp(wa.p, wb.p);
}

/* Rows of one table: the address order is the table's order. */
static int
node_cmp(const struct node *n, const struct rule *rule, const char *key)
{
	int r;

	if ((n->rule->flags & rule->flags & R_BY2) && (r = second_cmp(n->key, key)) != 0)
		return r;
	if (n->rule != rule)
		return n->rule < rule ? -1 : 1;
	r = natural_cmp(n->key, key);
	return r != 0 ? r : strcmp(n->key, key);
}

/* The same where the order of entry counts: at the end of its row's lines, or
 * of the section. */
static size_t
place_in_order(const struct node *parent, const struct rule *rule, const char *key,
    bool *found)
{
	size_t end = parent->ordered ? parent->n : 0;

	for (size_t i = 0; i < parent->n; i++) {
		const struct node *k = parent->kids[i];

		if (k->rule == rule && strcmp(k->key, key) == 0) {
			*found = true;
			return i;
		}
		if (!parent->ordered && k->rule <= rule)
			end = i + 1;
	}
	return end;
}

/* Place of a key: its index, or where it belongs, with *found telling. */
static size_t
place(const struct node *parent, const struct rule *rule, const char *key, bool *found)
{
	size_t lo = 0, hi = parent->n;

	*found = false;
	if (parent->ordered || (rule->flags & R_ORDER))
		return place_in_order(parent, rule, key, found);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int r = node_cmp(parent->kids[mid], rule, key);

		if (r == 0) {
			*found = true;
			return mid;
		}
		if (r < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct node *
tree_find(const struct node *parent, const struct rule *rule, const char *key)
{
	bool found;
	size_t i = place(parent, rule, key, &found);

	return found ? parent->kids[i] : NULL;
}

static struct node *
insert(struct node *parent, size_t at, const struct rule *rule, const char *key)
{
	struct node *n = mem_zalloc(sizeof(*n));

	n->rule = rule;
	n->key = mem_strdup(key);
	if (parent->n == parent->cap) {
		parent->cap = parent->cap != 0 ? parent->cap * 2 : 4;
		parent->kids = mem_realloc(parent->kids, parent->cap, sizeof(*parent->kids));
	}
	memmove(parent->kids + at + 1, parent->kids + at,
	    (parent->n - at) * sizeof(*parent->kids));
	parent->kids[at] = n;
	parent->n++;
	return n;
}

struct node *
tree_put(struct node *parent, const struct rule *rule, const char *key, const char *line,
    bool negated)
{
	bool found;
	size_t i = place(parent, rule, key, &found);
	struct node *n = found ? parent->kids[i] : insert(parent, i, rule, key);

	if (n->line == NULL || strcmp(n->line, line) != 0) {
		char *copy = mem_strdup(line);

		free(n->line);
		n->line = copy;
	}
	n->negated = negated;
	return n;
}

void
tree_drop(struct node *parent, struct node *child)
{
	for (size_t i = 0; i < parent->n; i++) {
		if (parent->kids[i] != child)
			continue;
		parent->n--;
		memmove(parent->kids + i, parent->kids + i + 1,
		    (parent->n - i) * sizeof(*parent->kids));
		tree_free(child);
		return;
	}
}

bool
words_start(const char *line, const char *words)
{
	size_t len = strlen(words);

	return strncmp(line, words, len) == 0 && (line[len] == '\0' || line[len] == ' ');
}

struct node *
tree_starts(const struct node *parent, const char *words)
{
	for (size_t i = 0; i < parent->n; i++)
		if (!parent->kids[i]->negated && words_start(parent->kids[i]->line, words))
			return parent->kids[i];
	return NULL;
}

static void
indent(struct buf *out, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_adds(out, "   ");
}

/* One line for a run of empty neighbours: "vlan 10-12,20". Returns how many
 * nodes it took. */
static size_t
render_group(const struct node *parent, size_t i, struct buf *out)
{
	const struct node *first = parent->kids[i];
	int head = (int)(strrchr(first->line, ' ') - first->line);
	size_t n = 0;
	int from = 0, last = -1;

	buf_addf(out, "%.*s ", head, first->line);
	for (; i + n < parent->n; n++) {
		const struct node *k = parent->kids[i + n];
		int64_t v = 0;

		if (k->rule != first->rule || k->n > 0 || k->comment != NULL ||
		    !text_int(strrchr(k->line, ' ') + 1, 0, INT32_MAX, &v))
			break;
		if (last >= 0 && v == last + 1) {
			last = (int)v;
			continue;
		}
		if (last >= 0)
			buf_addf(out, last > from ? "-%d," : ",", last);
		buf_addf(out, "%d", (int)v);
		from = last = (int)v;
	}
	if (last > from)
		buf_addf(out, "-%d", last);
	buf_addc(out, '\n');
	return n;
}

static void
render_comment(const char *comment, int depth, struct buf *out)
{
	struct span rest = span_str(comment), line;

	while (span_line(&rest, &line)) {
		indent(out, depth);
		buf_addf(out, "!! %.*s\n", (int)line.len, line.p);
	}
}

static void render_kids(const struct node *n, int depth, struct buf *out);

static void
render_node(const struct node *n, int depth, struct buf *out)
{
	indent(out, depth);
	buf_addf(out, "%s%s\n", n->negated ? "no " : "", n->line);
	if (n->text != NULL)
		buf_addf(out, "%sEOF\n", n->text);
	if (n->comment != NULL)
		render_comment(n->comment, depth + 1, out);
	render_kids(n, depth + 1, out);
}

static bool
is_section(const struct node *n)
{
	return (n->rule->opens != 0 && !n->negated) || n->n > 0 || n->text != NULL;
}

/* Whether the device draws a "!" between two neighbours. */
static bool
apart(const struct node *a, const struct node *b, int depth)
{
	if (is_section(a) || is_section(b))
		return true;
	for (const struct rule *r = a->rule + 1; depth == 0 && r <= b->rule; r++)
		if (!(r->flags & R_JOIN))
			return true;
	return false;
}

static void
render_kids(const struct node *n, int depth, struct buf *out)
{
	size_t i = 0;

	while (i < n->n) {
		const struct node *k = n->kids[i];

		if (i > 0 ? apart(n->kids[i - 1], k, depth) : depth > 0 && is_section(k)) {
			indent(out, depth);
			buf_adds(out, "!\n");
		}
		if ((k->rule->flags & R_GROUP) && k->n == 0 && k->comment == NULL) {
			i += render_group(n, i, out);
			continue;
		}
		render_node(k, depth, out);
		i++;
	}
}

void
tree_render(const struct node *root, struct buf *out)
{
	render_kids(root, 0, out);
}
