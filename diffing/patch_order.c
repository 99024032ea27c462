/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of a patch in an order that works, written down: each after all
 * that it needs, else by phase, else as the texts have them. What needs itself, as
 * names that need each other do, does not wait: there the texts' own order holds.
 */
#include "diffing/patch_build.h"

void
order_before(struct patcher *p, uint32_t first, uint32_t then)
{
	struct op *o = &p->ops[then];

	if (first != then && first != 0 &&
	    (o->n_before == 0 || o->before[o->n_before - 1] != first))
		ARENA_PUSH(p->scratch, o->before, o->n_before) = first;
}

/* --- writing down --- */

static void
go_to(struct patcher *p, const struct place **at, const struct place *to)
{
	const struct place *common = *at, *t = to;
	const struct place *chain[TREE_DEPTH];
	size_t n = 0;

	while (common != t) {
		if (common == NULL || (t != NULL && t->depth > common->depth))
			t = t->up;
		else
			common = common->up;
	}
	for (; *at != common; *at = (*at)->up)
		if (p->modes)
			patch_line(p, (*at)->depth + 1, p->exit);
	for (t = to; t != common && n < TREE_DEPTH; t = t->up)
		chain[n++] = t;
	while (n > 0) {
		n--;
		patch_line(p, chain[n]->depth, chain[n]->text);
	}
	*at = to;
}

static void
write_op(struct patcher *p, const struct op *o, const struct place **at)
{
	if (o->n > 0 || o->enters)
		go_to(p, at, o->in);
	for (size_t k = 0; k < o->n; k++)
		patch_line(p, o->lines[k].depth, o->lines[k].text);
}

/* An operation after all that it needs; what waits for itself is not waited for.
 * `waiting` has room for all. */
static void
write_from(struct patcher *p, uint32_t i, const struct place **at, uint32_t *waiting)
{
	uint32_t n = 0, before;

	if (p->ops[i].seen == 0)
		waiting[n++] = i;
	while (n > 0) {
		struct op *o = &p->ops[waiting[n - 1]];

		o->seen = 1;
		if (o->next < o->n_before) {
			before = o->before[o->next++];
			if (p->ops[before].seen == 0)
				waiting[n++] = before;
			continue;
		}
		write_op(p, o, at);
		n--;
	}
}

static int
by_phase(const void *a, const void *b, void *ctx)
{
	const struct op *ops = ctx, *x = &ops[*(const uint32_t *)a], *y = &ops[*(const uint32_t *)b];

	if (x->phase != y->phase)
		return x->phase < y->phase ? -1 : 1;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x > y) - (x < y);
}

int
order_ops(struct patcher *p)
{
	const struct place *at = NULL;
	uint32_t *order, *waiting;
	int r;

	order_slots(p);
	if ((r = order_names(p)) != 0)
		return r;
	order_hosts(p);
	order = arena_calloc(p->scratch, p->n_ops, sizeof(*order));
	waiting = arena_calloc(p->scratch, p->n_ops, sizeof(*waiting));
	for (uint32_t i = 0; i < p->n_ops; i++)
		order[i] = i;
	if (p->n_ops > 1)
		qsort_r(order, p->n_ops, sizeof(*order), by_phase, p->ops);
	for (uint32_t i = 0; i < p->n_ops; i++)
		write_from(p, order[i], &at, waiting);
	go_to(p, &at, NULL);
	return 0;
}
