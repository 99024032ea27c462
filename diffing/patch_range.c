/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of numbers that go, when other lines keep some of the numbers: of
 * `vlan 10,20` that became `vlan 20`, only 10 is taken back.
 */
#include <ctype.h>

#include "diffing/config_build.h"
#include "diffing/patch_build.h"

struct kept {
	struct range *v;
	size_t n;
};
struct numbers {
	struct span head, tail;
	struct span add;	/* the word in front of numbers that are added, or empty */
	const char *remove;	/* the same for those that go; or NULL */
	struct range *v;
	size_t n;
	bool spelled;		/* 10 to 20 30, not 10-20,30 */
};

/* The numbers that one line of an item adds: those that a rule names, or with
 * `any` its last word. */
static bool
add_numbers(struct patcher *p, const struct config *c, uint32_t i, struct span line, bool any,
    struct numbers *out)
{
	const char *blank = memrchr(line.p, ' ', line.len), *end = line.p + line.len;
	const struct dialect_rule *rule;
	struct span list, add = { NULL, 0 };
	struct parents up;

	config_parents(c, i, &up);
	rule = rules_find(c->rules, RULE_RANGE, line, &up);
	if (rule != NULL) {
		list = rules_group(rule->line, "list", line);
		add = rules_group(rule->line, "add", line);
		out->add = add.p != NULL && add.len > 0 ? add : out->add;
		out->remove = rule->with;
		out->spelled = strstr(re_source(rule->line), "to ") != NULL;
	} else if (any && blank != NULL && end - blank > 1 && isdigit((unsigned char)blank[1])) {
		list = span_of(blank + 1, (size_t)(end - blank) - 1);
	} else {
		return false;
	}
	if (list.p == NULL || !range_read(p->scratch, list, &out->v, &out->n))
		return false;
	if (out->head.p == NULL) {
		const char *from = add.p != NULL && add.len > 0 ? add.p : list.p;

		out->head = span_of(line.p, (size_t)(from - line.p));
		out->tail = span_of(list.p + list.len, (size_t)(end - list.p) - list.len);
	}
	return true;
}

/* Those of all lines that are one. */
static bool
numbers_of(struct patcher *p, const struct config *c, uint32_t i, bool any, struct numbers *out)
{
	uint32_t node = c->v[i].node;

	*out = (struct numbers){ .n = 0 };
	if ((c->v[i].flags & (ITEM_LINE | ITEM_GONE)) != ITEM_LINE || node == NODE_NONE)
		return false;
	if ((c->v[i].flags & ITEM_EACH) != 0)
		return add_numbers(p, c, i, config_word(c, i), any, out);
	if (config_first(c, i) != 0)
		return add_numbers(p, c, i, words_first_line(tree_word(&c->tree, node)), any, out);
	for (; node != NODE_NONE; node = c->tree.nodes[node].again)
		if (!add_numbers(p, c, i, words_first_line(tree_word(&c->tree, node)), any, out))
			return false;
	return true;
}

static struct kept *
kept_of(const struct patcher *p, uint32_t parent, const struct numbers *n, const char **key)
{
	*key = arena_printf(p->scratch, "%u %.*s,%.*s", parent, (int)n->head.len, n->head.p,
	    (int)n->tail.len, n->tail.p);
	return map_get(&p->kept, *key);
}

void
range_init(struct patcher *p)
{
	const struct config *a = &p->match.a, *b = &p->match.b;
	struct numbers n;
	struct kept *k;
	const char *key;

	if (p->dialect->n_ranges == 0)
		return;
	for (uint32_t i = 1; i < a->n; i++)
		if (a->v[a->v[i].parent].mate != NODE_NONE && numbers_of(p, a, i, false, &n) &&
		    kept_of(p, a->v[a->v[i].parent].mate, &n, &key) == NULL)
			map_put(&p->kept, key, ARENA_NEW(p->scratch, struct kept));
	for (uint32_t i = 1; i < b->n; i++)
		if (numbers_of(p, b, i, false, &n) &&
		    kept_of(p, b->v[i].parent, &n, &key) == NULL)
			map_put(&p->kept, key, ARENA_NEW(p->scratch, struct kept));
	for (uint32_t i = 1; i < b->n && p->kept.n > 0; i++) {
		if (!numbers_of(p, b, i, true, &n) ||
		    (k = kept_of(p, b->v[i].parent, &n, &key)) == NULL)
			continue;
		for (size_t r = 0; r < n.n; r++)
			ARENA_PUSH(p->scratch, k->v, k->n) = n.v[r];
	}
	for (size_t i = 0; i < p->kept.n; i++) {
		k = p->kept.slots[i].value;
		k->n = k->n > 0 ? range_merge(k->v, k->n) : 0;
	}
}

/* Put what of one range none of the others, which are merged, covers into v. */
static void
subtract(struct arena *a, struct range r, const struct kept *k, struct range **v, size_t *n)
{
	size_t low = 0, high = k->n;

	/* The first that does not end in front of it. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k->v[middle].to < r.from)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low; i < k->n && k->v[i].from <= r.to; i++) {
		struct range x = k->v[i];

		if (x.from > r.from)
			ARENA_PUSH(a, *v, *n) = (struct range){ r.from, x.from - 1 };
		if (x.to >= r.to)
			return;
		r.from = x.to + 1;
	}
	ARENA_PUSH(a, *v, *n) = r;
}

static void
add_list(const struct numbers *n, struct buf *out)
{
	struct buf list = BUF_INIT;

	range_print(n->v, n->n, &list);
	for (size_t i = 0; i < list.len; i++)
		if (n->spelled && list.data[i] == '-')
			buf_adds(out, " to ");
		else
			buf_addc(out, n->spelled && list.data[i] == ',' ? ' ' : list.data[i]);
	buf_release(&list);
}

static void
say_part(struct patcher *p, uint32_t op, const struct numbers *n, struct span word,
    const struct numbers *all, const struct numbers *without)
{
	struct numbers part = *n;
	struct kept k = { without->v, without->n };
	struct buf out = BUF_INIT;

	part.v = NULL;
	part.n = 0;
	for (size_t i = 0; i < all->n; i++)
		subtract(p->scratch, all->v[i], &k, &part.v, &part.n);
	if (part.n > 0) {
		buf_addspan(&out, n->head);
		buf_addspan(&out, word);
		add_list(&part, &out);
		buf_addspan(&out, n->tail);
		patch_say(p, op, 0, patch_keep(p->scratch, &out));
	}
	buf_release(&out);
}

bool
range_edit(struct patcher *p, uint32_t op, const struct diff_node *n)
{
	const struct config *a = &p->match.a, *b = &p->match.b;
	uint32_t node = b->v[n->b].node;
	struct numbers x, y;

	if (node == NODE_NONE || b->tree.nodes[node].again == NODE_NONE ||
	    !numbers_of(p, b, n->b, false, &y) || y.remove == NULL || y.add.len == 0 ||
	    !numbers_of(p, a, n->a, false, &x))
		return false;
	x.n = range_merge(x.v, x.n);
	y.n = range_merge(y.v, y.n);
	say_part(p, op, &y, y.add, &y, &x);
	say_part(p, op, &y, span_str(y.remove), &x, &y);
	return true;
}

struct span
range_rest(struct patcher *p, uint32_t item, struct span line)
{
	const struct config *a = &p->match.a;
	uint32_t parent = a->v[a->v[item].parent].mate;
	struct buf out = BUF_INIT;
	const struct kept *k;
	struct numbers n, rest;
	const char *key;

	if (p->kept.n == 0 || parent == NODE_NONE || !numbers_of(p, a, item, true, &n) ||
	    (k = kept_of(p, parent, &n, &key)) == NULL)
		return line;
	rest = n;
	rest.v = NULL;
	rest.n = 0;
	for (size_t i = 0; i < n.n; i++)
		subtract(p->scratch, n.v[i], k, &rest.v, &rest.n);
	if (rest.n == 0)
		return span_of("", 0);
	buf_addspan(&out, n.head);
	add_list(&rest, &out);
	buf_addspan(&out, n.tail);
	line = patch_keep(p->scratch, &out);
	buf_release(&out);
	return line;
}
