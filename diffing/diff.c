/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference as a tree, from two texts whose lines are paired (match.h).
 *
 * Brothers are listed in the order of b; what only a has stands before the
 * next pair, so that `- old` comes right above `+ new`. A subtree that is gone
 * or new is listed whole; the ignored lines in it stay ignored (they go with
 * their parent, or diff_splice() will not bring them), so that a timestamp in it
 * does not alter what is approved.
 */
#include "diffing/diff.h"

#include "diffing/match.h"

struct builder {
	struct match match;
	struct diff *diff;
	struct arena *arena;
	/* Nodes of the levels under construction, innermost last. */
	struct diff_node *stack;
	size_t n, cap;
};

static void
push(struct builder *b, const struct diff_node *n)
{
	if (b->n == b->cap) {
		b->cap = b->cap > 0 ? 2 * b->cap : 64;
		b->stack = mem_realloc(b->stack, b->cap, sizeof(*b->stack));
	}
	b->stack[b->n++] = *n;
}

/* Move the nodes from `base` on to where they stay, as the children of n. */
static void
pop_children(struct builder *b, size_t base, struct diff_node *n)
{
	n->n = b->n - base;
	if (n->n > 0) {
		n->children = arena_calloc(b->arena, n->n, sizeof(*n->children));
		memcpy(n->children, b->stack + base, n->n * sizeof(*n->children));
	}
	for (size_t i = 0; i < n->n; i++)
		n->counts |= n->children[i].counts;
	b->n = base;
}

static struct diff_node
node_of(struct builder *b, const struct tree *t, uint32_t i, enum diff_kind kind)
{
	const struct node *n = &t->nodes[i];
	const struct word *w = &t->words->v[n->word];
	struct diff_node d = { .kind = kind, .line = (int)n->line, .column = n->column,
		.text = n->text, .normal = w->text };

	if (w->copied)
		d.normal.p = arena_strndup(b->arena, w->text.p, w->text.len);
	/* A parent on several lines reads better on one. */
	if (n->end > i + 1 && n->kind == NODE_LINE)
		d.text = d.normal;
	d.counts = kind != DIFF_CONTEXT && kind != DIFF_IGNORED;
	return d;
}

static void
count(struct diff *d, enum diff_kind kind)
{
	d->added += kind == DIFF_ADDED;
	d->removed += kind == DIFF_REMOVED;
	d->moved += kind == DIFF_MOVED;
	d->ignored += kind == DIFF_IGNORED;
}

static const char *
rule_name(const struct tree *t, uint32_t i)
{
	return t->nodes[i].rule != NULL ? t->nodes[i].rule->name : NULL;
}

/* A subtree that only one side has. `rule` is why it is ignored, or NULL. */
static void
add_subtree(struct builder *b, const struct tree *t, uint32_t i, const char *rule,
    uint32_t place)
{
	bool added = t == &b->match.b, ordered = (t->nodes[i].flags & NODE_ORDERED) != 0;
	enum diff_kind kind = rule != NULL ? DIFF_IGNORED : added ? DIFF_ADDED : DIFF_REMOVED;
	struct diff_node d = node_of(b, t, i, kind);
	size_t base = b->n;
	uint32_t at = 0;

	count(b->diff, kind);
	d.rule = rule;
	d.added = added;
	d.place = place;
	for (uint32_t k = i + 1; k < t->nodes[i].end; k = t->nodes[k].end) {
		const char *own = rule_name(t, k);

		if (t->nodes[k].kind == NODE_NOTHING)
			continue;
		at += own == NULL;
		add_subtree(b, t, k, own != NULL ? own : rule, ordered ? at : 0);
	}
	pop_children(b, base, &d);
	push(b, &d);
}

/* One side of a pair of parents, walked child by child. */
struct walk {
	const struct tree *tree;
	uint32_t at, end;
	uint32_t place;		/* compared children so far */
	bool ordered;
};

static struct walk
walk_of(const struct tree *t, uint32_t i, bool ordered)
{
	return (struct walk){ t, i + 1, t->nodes[i].end, 0, ordered };
}

/* The next child that is not nothing, or 0. */
static uint32_t
walk_next(struct walk *w)
{
	while (w->at < w->end) {
		uint32_t i = w->at;

		w->at = w->tree->nodes[i].end;
		if (w->tree->nodes[i].kind == NODE_NOTHING)
			continue;
		w->place += w->tree->nodes[i].rule == NULL;
		return i;
	}
	return 0;
}

/* Add the children without a mate, up to the child `until`, which is taken
 * too; 0: all that are left. */
static void
add_singles(struct builder *b, struct walk *w, uint32_t until)
{
	uint32_t i;

	while ((i = walk_next(w)) != 0 && i != until)
		if (w->tree->nodes[i].mate == NODE_NONE)
			add_subtree(b, w->tree, i, rule_name(w->tree, i),
			    w->ordered ? w->place : 0);
}

static void add_level(struct builder *b, uint32_t ia, uint32_t ib);

static void
add_pair(struct builder *b, uint32_t ia, uint32_t ib, uint32_t place)
{
	bool moved = (b->match.b.nodes[ib].flags & NODE_MOVED) != 0;
	struct diff_node d;
	size_t base = b->n;

	if (!match_same(&b->match, ia, ib))
		add_level(b, ia, ib);
	if (!moved && b->n == base)
		return;
	d = moved ? node_of(b, &b->match.b, ib, DIFF_MOVED) :
	    node_of(b, &b->match.a, ia, DIFF_CONTEXT);
	d.place = moved ? place : 0;
	count(b->diff, d.kind);
	pop_children(b, base, &d);
	push(b, &d);
}

/*
 * The children of a pair. b is walked twice: `ahead` looks for the next pair,
 * then the singles of both sides before it are added, a's first. What stands
 * in a before a pair was passed already where order means nothing and the
 * pair comes earlier in a than the one before it.
 */
static void
add_level(struct builder *b, uint32_t ia, uint32_t ib)
{
	const struct node *a_nodes = b->match.a.nodes, *b_nodes = b->match.b.nodes;
	bool ordered = ((a_nodes[ia].flags | b_nodes[ib].flags) & NODE_ORDERED) != 0;
	struct walk a = walk_of(&b->match.a, ia, ordered);
	struct walk behind = walk_of(&b->match.b, ib, ordered), ahead = behind;
	uint32_t i, mate;

	while ((i = walk_next(&ahead)) != 0) {
		mate = b_nodes[i].mate;
		if (mate == NODE_NONE)
			continue;
		if (mate >= a.at && (b_nodes[i].flags & NODE_MOVED) == 0)
			add_singles(b, &a, mate);
		add_singles(b, &behind, i);
		add_pair(b, mate, i, ordered ? ahead.place : 0);
	}
	add_singles(b, &a, 0);
	add_singles(b, &behind, 0);
}

struct diff *
diff_make(struct arena *arena, const struct dialect *d, struct span from, struct span to)
{
	struct diff *diff = ARENA_NEW(arena, struct diff);
	struct builder b = { .diff = diff, .arena = arena };
	struct diff_node root = { .kind = DIFF_CONTEXT };

	diff->dialect = d;
	match_init(&b.match, d, from, to);
	add_level(&b, 0, 0);
	pop_children(&b, 0, &root);
	diff->nodes = root.children;
	diff->n = root.n;
	diff->steps = match_steps(&b.match);
	match_release(&b.match);
	free(b.stack);
	return diff;
}

bool
diff_same(const struct diff *d)
{
	return d->added == 0 && d->removed == 0 && d->moved == 0;
}
