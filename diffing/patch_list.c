/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists whose order means something, edited in place. With numbers, an entry goes
 * by its number before another takes it. Without, entries go anywhere and come at
 * the end; what would have to come between is refused. A list in use has an entry
 * at any time.
 */
#include "diffing/patch_build.h"

static const struct item *
list_above(const struct config *c, uint32_t item)
{
	return &c->v[c->v[item].parent];
}

static int
refuse(struct patcher *p, enum side side, uint32_t list, const char *why)
{
	return patch_refuse(p, "give its entries numbers, or push: replace",
	    "the order of %s cannot be changed by commands: %s",
	    patch_quote(p, side, list), why);
}

/* Whether a list has an equal entry, so that a command could mean that one. */
static bool
has_twin(struct patcher *p, const struct config *c, uint32_t item)
{
	for (uint32_t k = config_first(c, c->v[item].parent); k != 0; k = config_next(c, k)) {
		p->steps++;
		if (k != item && c->v[k].word == c->v[item].word)
			return true;
	}
	return false;
}

int
list_fits(struct patcher *p, const struct diff_node *n)
{
	const struct config *a = &p->match.a, *b = &p->match.b;

	if (n->place == 0)
		return 0;
	if (n->kind == DIFF_MOVED)
		return refuse(p, TO, b->v[n->b].parent, "an entry moved");
	if (n->kind == DIFF_REMOVED)
		return has_twin(p, a, n->a) ? refuse(p, FROM, a->v[n->a].parent,
		    "one of two equal entries goes") : 0;
	if (list_above(b, n->b)->mate == NODE_NONE)
		return 0;
	if (has_twin(p, b, n->b))
		return refuse(p, TO, b->v[n->b].parent, "two equal entries come");
	for (uint32_t k = config_next(b, n->b); k != 0; k = config_next(b, k))
		if (config_counts(b, k) && b->v[k].mate != NODE_NONE)
			return refuse(p, TO, b->v[n->b].parent, "an entry comes between others");
	return 0;
}

static bool
is_numbered(const struct patcher *p, const struct diff_node *n)
{
	const struct dialect_rule *rule = config_rule(&p->match.b, RULE_ORDERED, n->b);
	uint16_t flags = p->match.a.v[n->a].flags | p->match.b.v[n->b].flags;

	return (flags & ITEM_ORDERED) == 0 && rule != NULL && rule->other != NULL;
}

bool
list_is(const struct patcher *p, const struct diff_node *n)
{
	uint16_t flags = p->match.a.v[n->a].flags | p->match.b.v[n->b].flags;

	return (flags & ITEM_ORDERED) != 0 || is_numbered(p, n);
}

/* An entry that goes or comes; with a number, when it has one. */
struct entry {
	const struct diff_node *node;
	const char *slot, *text;	/* the number, and what is behind it; or NULL */
	struct entry *same;		/* another that goes, with the same text */
	bool done;
};
/* The edit of one list, in the order of the texts. */
struct edit {
	struct patcher *p;
	struct entry *old, *new;
	size_t n_old, n_new;
	struct map slots, texts;	/* of those that go */
	struct map wanted;		/* slots of those that come */
	uint32_t op;
};

static void
say_old(struct edit *e, struct entry *x)
{
	bool own;

	if (!x->done)
		patch_say(e->p, e->op, 0, indent_undo(e->p, FROM, x->node->a, &own));
	x->done = true;
}

static void
read_entry(struct edit *e, struct entry *x)
{
	struct span line = words_first_line(x->node->normal);
	struct buf slot = BUF_INIT;
	size_t words = 0;

	if (order_slot(line, &slot)) {
		x->slot = arena_strdup(e->p->scratch, buf_str(&slot));
		for (size_t i = 0; i < slot.len; i++)
			words += slot.data[i] == ' ';
		for (; words > 0 && line.len > 0; line.p++, line.len--)
			words -= *line.p == ' ';
		x->text = arena_strndup(e->p->scratch, line.p, line.len);
	}
	buf_release(&slot);
}

/* Whoever has numbers must know which are taken. */
static void
read_entries(struct edit *e)
{
	map_init(&e->slots, e->p->scratch);
	map_init(&e->texts, e->p->scratch);
	map_init(&e->wanted, e->p->scratch);
	for (size_t i = 0; i < e->n_old; i++) {
		struct entry *x = &e->old[i];

		read_entry(e, x);
		if (x->slot == NULL)
			continue;
		map_put(&e->slots, x->slot, x);
		x->same = map_get(&e->texts, x->text);
		map_put(&e->texts, x->text, x);
	}
	for (size_t i = 0; i < e->n_new; i++) {
		read_entry(e, &e->new[i]);
		if (e->new[i].slot != NULL)
			map_put(&e->wanted, e->new[i].slot, &e->new[i]);
	}
}

/* The entries that must go before one comes: that with its number, and those that
 * say the same, as a device takes the second of two for none. With `say` they go
 * now; returns how many they are. */
static size_t
clear_the_way(struct edit *e, const struct entry *new, bool say)
{
	struct entry *number, *x;
	size_t n = 0;

	if (new->slot == NULL)
		return 0;
	number = map_get(&e->slots, new->slot);
	if (number != NULL && !number->done)
		n++;
	if (number != NULL && say)
		say_old(e, number);
	for (x = map_get(&e->texts, new->text); x != NULL; x = x->same) {
		n += x != number && !x->done;
		if (say)
			say_old(e, x);
	}
	return n;
}

static void
say_new(struct edit *e, struct entry *x)
{
	if (x->done)
		return;
	clear_the_way(e, x, true);
	indent_say(e->p, e->op, 0, x->node);
	x->done = true;
}

/* Of a list in use that keeps nothing, one entry comes before the rest goes. */
static bool
say_first(struct edit *e)
{
	size_t best = 0, n, least = SIZE_MAX;

	for (size_t i = 0; i < e->n_new; i++) {
		const char *text = e->new[i].text;

		/* A remark does not keep a list from being empty. */
		if (e->wanted.n > 0 && (text == NULL || strncmp(text, "remark", 6) == 0))
			continue;
		if ((n = clear_the_way(e, &e->new[i], false)) < least) {
			least = n;
			best = i;
		}
	}
	if (e->n_new == 0 || least >= e->n_old)
		return e->n_new == 0;
	say_new(e, &e->new[best]);
	return true;
}

/* What has a place of its own comes before anything goes, so that a session over
 * a list in use is not cut off between. A number that is taken again is free for one
 * command only. */
static void
say_rest(struct edit *e)
{
	for (size_t i = 0; i < e->n_new; i++)
		if (clear_the_way(e, &e->new[i], false) == 0)
			say_new(e, &e->new[i]);
	for (size_t i = e->n_old; i > 0; i--)
		if (e->old[i - 1].slot == NULL || !map_has(&e->wanted, e->old[i - 1].slot))
			say_old(e, &e->old[i - 1]);
	for (size_t i = 0; i < e->n_new; i++)
		say_new(e, &e->new[i]);
}

/* Entries that stay; of a list with numbers, lines that do something. */
static size_t
count_staying(const struct patcher *p, const struct diff_node *n)
{
	const struct config *a = &p->match.a;
	bool numbered = is_numbered(p, n);
	size_t count = 0;

	for (uint32_t k = config_first(a, n->a); k != 0; k = config_next(a, k)) {
		struct buf slot = BUF_INIT;
		struct span line = words_first_line(config_word(a, k));

		count += config_counts(a, k) && a->v[k].mate != NODE_NONE && (!numbered ||
		    (order_slot(line, &slot) && memmem(line.p, line.len, " remark", 7) == NULL));
		buf_release(&slot);
	}
	return count;
}

static int
say_edit(struct edit *e, const struct diff_node *n)
{
	bool bound;

	read_entries(e);
	order_defines(e->p, TO, n->b, &bound);
	if (e->n_old > 0 && bound && count_staying(e->p, n) == 0 && !say_first(e))
		return patch_refuse(e->p, "give the new entry another number, or push: replace",
		    "the only entry of %s cannot be replaced under its own number: the list is "
		    "in use and must not be empty", patch_quote(e->p, TO, n->b));
	say_rest(e);
	return 0;
}

static void
note_edit(struct edit *e)
{
	for (size_t i = 0; i < e->n_old; i++) {
		e->p->op_of[FROM][e->old[i].node->a] = e->op;
		order_note(e->p, e->op, FROM, e->old[i].node->a);
	}
	for (size_t i = 0; i < e->n_new; i++) {
		e->p->op_of[TO][e->new[i].node->b] = e->op;
		order_note(e->p, e->op, TO, e->new[i].node->b);
		if (e->new[i].node->kind == DIFF_CHANGED)
			order_note(e->p, e->op, FROM, e->new[i].node->a);
	}
}

int
list_edit(struct patcher *p, const struct diff_node *n, const struct place *in)
{
	bool bound, early = order_defines(p, TO, n->b, &bound);
	struct edit e = { .p = p };
	int r = 0;

	e.op = patch_op(p, in, early ? PHASE_DEFINE : PHASE_ADD, patch_at(p, n));
	order_free(p, e.op, n->b);
	for (size_t i = 0; i < n->n && r == 0; i++) {
		const struct diff_node *k = &n->children[i];

		if (!k->counts)
			continue;
		r = list_fits(p, k);
		if (k->kind == DIFF_REMOVED)
			ARENA_PUSH(p->scratch, e.old, e.n_old) = (struct entry){ .node = k };
		else if (k->kind == DIFF_ADDED || (k->kind == DIFF_CHANGED && k->n == 0))
			ARENA_PUSH(p->scratch, e.new, e.n_new) = (struct entry){ .node = k };
		else if (r == 0)
			r = indent_walk(p, k, 1, in);
	}
	if (r == 0 && (r = say_edit(&e, n)) == 0)
		note_edit(&e);
	return r;
}
