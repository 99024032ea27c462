/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups: a graph from outside. It may have cycles, be as deep as the file is
 * long, and be entered from every host, so: cycles and depths are cut, with an
 * error, before anything follows an edge; what a list of groups gives is
 * worked out once per list, not per host; and the sum of all that is bounded.
 */
#include <stdlib.h>

#include "intended/inventory.h"

/* Nobody's inventory is as deep; scope_add_group() recurses as deep as this. */
#define DEPTH_MAX	32
/* Steps through groups for all lists together; 10,000 hosts that each have
 * a list of their own may still inherit from 400 groups each. */
#define VISITS_MAX	((size_t)4000000)

enum group_state { GROUP_UNSEEN, GROUP_OPEN, GROUP_DONE };
struct group {
	struct element e;
	struct group **parents;
	size_t n_parents;
	enum group_state state;
	int height;		/* groups above it, on the longest way */
	unsigned stamp;		/* of the scope that has it already */
};
/* A group that is being looked at: its next edge, and how many are kept. */
struct frame {
	struct group *group;
	size_t next, kept;
};

/* The groups that an element names, NULL-free; those missing are its error. */
static struct group **
groups_of(struct inventory *inv, struct element *e, size_t *n)
{
	struct group **v = arena_calloc(inv->arena, e->groups.n, sizeof(struct group *));

	*n = 0;
	for (size_t i = 0; i < e->groups.n; i++) {
		struct group *g = map_get(&inv->groups, e->groups.v[i]);

		if (g != NULL)
			v[(*n)++] = g;
		else if (inv->no_groups)
			e->broken = true;
		else
			element_error(inv, e, e->groups_pos, "group \"%s\" is not in %s",
			    e->groups.v[i], INVENTORY_PATHS[INVENTORY_GROUPS]);
	}
	return v;
}

static void
cycle_error(struct inventory *inv, const struct frame *stack, size_t depth,
    const struct group *again)
{
	struct group *g = stack[depth - 1].group;
	struct buf way = BUF_LIMIT(200);
	size_t i = depth - 1;

	while (stack[i].group != again)
		i--;
	for (; i < depth; i++)
		buf_addf(&way, "%s in ", stack[i].group->e.name);
	element_error(inv, &g->e, g->e.groups_pos, "group \"%s\" is in itself: %s%s",
	    again->e.name, buf_str(&way), way.truncated ? "..." : again->e.name);
	buf_release(&way);
}

/* Keep the next edge of the group on top of the stack, or cut it. */
static void
edge_follow(struct inventory *inv, struct frame *stack, size_t depth)
{
	struct frame *f = &stack[depth - 1];
	struct group *g = f->group, *p = g->parents[f->next++];

	if (p->state == GROUP_OPEN) {
		cycle_error(inv, stack, depth, p);
	} else if (p->height + 1 == DEPTH_MAX) {
		element_error(inv, &g->e, g->e.groups_pos, "the groups of \"%s\" are in groups "
		    "nested deeper than %d", g->e.name, DEPTH_MAX);
	} else {
		g->parents[f->kept++] = p;
		if (g->height < p->height + 1)
			g->height = p->height + 1;
	}
}

/* Depth first, with a stack on the heap: nothing bounds the depth yet. */
static void
visit(struct inventory *inv, struct group *root, struct frame *stack)
{
	size_t depth = 0;

	root->state = GROUP_OPEN;
	stack[depth++] = (struct frame){ root, 0, 0 };
	while (depth > 0) {
		struct frame *f = &stack[depth - 1];
		struct group *p = f->next < f->group->n_parents
		    ? f->group->parents[f->next] : NULL;

		if (p == NULL) {
			f->group->n_parents = f->kept;
			f->group->state = GROUP_DONE;
			depth--;
		} else if (p->state == GROUP_UNSEEN) {
			p->state = GROUP_OPEN;
			stack[depth++] = (struct frame){ p, 0, 0 };
		} else {
			edge_follow(inv, stack, depth);
		}
	}
}

static void
graph_check(struct inventory *inv)
{
	struct frame *stack = mem_calloc(inv->groups.n, sizeof(*stack));

	for (size_t i = 0; i < inv->groups.n; i++) {
		struct group *g = inv->groups.slots[i].value;

		if (g->state == GROUP_UNSEEN)
			visit(inv, g, stack);
	}
	free(stack);
}

void
groups_read(struct inventory *inv, const struct doc_node *node)
{
	map_init(&inv->groups, inv->arena);
	map_init(&inv->scopes, inv->arena);
	for (size_t i = 0; node != NULL && i < node->n; i++) {
		struct group *g = ARENA_NEW(inv->arena, struct group);

		g->e.name = node->pairs[i].key;
		g->e.file = INVENTORY_PATHS[INVENTORY_GROUPS];
		g->e.pos = node->pairs[i].pos;
		element_read(inv, &g->e, INVENTORY_GROUPS, node->pairs[i].value);
		map_put(&inv->groups, g->e.name, g);
	}
	for (size_t i = 0; i < inv->groups.n; i++) {
		struct group *g = inv->groups.slots[i].value;

		g->parents = groups_of(inv, &g->e, &g->n_parents);
	}
	graph_check(inv);
}

/* What an element adds to those nearer than it. */
static void
scope_add(struct inventory *inv, struct inventory_scope *s, const struct element *e)
{
	if (e->data != NULL)
		ARENA_PUSH(inv->arena, s->data, s->n_data) = e->data;
	values_inherit(&s->values, &e->values);
	s->broken |= e->broken;
}

static void
scope_add_group(struct inventory *inv, struct inventory_scope *s, struct group *g)
{
	if (g->stamp == inv->stamp || inv->visits > VISITS_MAX)
		return;
	g->stamp = inv->stamp;
	inv->visits += 1 + g->n_parents;
	ARENA_PUSH(inv->arena, s->groups, s->n_groups) = g->e.name;
	scope_add(inv, s, &g->e);
	for (size_t i = 0; i < g->n_parents; i++)
		scope_add_group(inv, s, g->parents[i]);
}

static struct inventory_scope *
scope_new(struct inventory *inv, struct element *e, struct group **groups, size_t n)
{
	struct inventory_scope *s = ARENA_NEW(inv->arena, struct inventory_scope);
	bool had_room = inv->visits <= VISITS_MAX;

	inv->stamp++;
	for (size_t i = 0; i < n; i++)
		scope_add_group(inv, s, groups[i]);
	scope_add(inv, s, &inv->defaults);
	if (inv->visits <= VISITS_MAX)
		return s;
	s->broken = true;
	if (had_room)
		element_error(inv, e, e->groups_pos, "the devices inherit from more than "
		    "%zu groups, taken together: from here on none is read", VISITS_MAX);
	return s;
}

const struct inventory_scope *
groups_scope(struct inventory *inv, struct element *e)
{
	struct buf key = BUF_INIT;
	struct inventory_scope *s;
	size_t n;
	struct group **groups = groups_of(inv, e, &n);

	for (size_t i = 0; i < n; i++)
		buf_addf(&key, "%p ", (void *)groups[i]);
	s = map_get(&inv->scopes, buf_str(&key));
	if (s == NULL) {
		s = scope_new(inv, e, groups, n);
		map_put(&inv->scopes, buf_str(&key), s);
	}
	buf_release(&key);
	return s;
}
