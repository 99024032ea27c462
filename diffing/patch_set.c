/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of platforms where each is a verb and a whole path, given to a
 * candidate that is checked as one: first all that is deleted, then all that is
 * set, then the marks, then what changes its place among brothers.
 */
#include "diffing/patch_build.h"

#define BYTES_MAX ((size_t)64 << 20)	/* of commands: each has its whole path */

struct lines {
	struct span *v;
	size_t n;
};
struct setter {
	struct patcher *p;
	struct buf path;
	size_t before;		/* its length without the word entered last */
	const char *set, *delete, *move;
	struct lines deletes, sets, marks, moves;
	bool untypable;		/* a word has what its quotes cannot hold */
	size_t bytes;		/* of all commands */
};

/* --- words --- */

/* A word may mean something to the device's shell. */
static void
add_word(struct setter *s, struct span word)
{
	const char *quote = s->p->dialect->quote;
	bool plain = word.len > 0;

	for (size_t i = 0; i < word.len; i++) {
		plain = plain && strchr(" \t\r\n;{}[]#\"'$&|()\\`", word.p[i]) == NULL;
		s->untypable |= word.p[i] == '\n' || (word.p[i] == '\'' && *quote == '\'');
	}
	s->untypable |= *quote == '"' && path_is_odd(word);
	if (s->path.len > 0)
		buf_addc(&s->path, ' ');
	if (plain)
		buf_addspan(&s->path, word);
	else
		path_quote(&s->path, word, *quote);
}

static size_t
enter(struct setter *s, const struct config *c, uint32_t i)
{
	size_t len = s->before = s->path.len;

	add_word(s, config_exact(c, i));
	return len;
}

static void
say(struct setter *s, struct lines *to, const char *verb)
{
	if ((s->bytes += s->path.len) > BYTES_MAX)
		return;
	ARENA_PUSH(s->p->scratch, to->v, to->n) = span_str(arena_printf(s->p->scratch, "%s%s",
	    verb, buf_str(&s->path)));
}

static const struct dialect_verb *
mark_of(const struct setter *s, const struct config *c, uint32_t i)
{
	return rules_mark(s->p->dialect, config_word(c, i));
}

static bool
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n > m && m > 0 && strcmp(s + n - m, end) == 0;
}

/* The verb that takes a mark back: activate, of deactivate; unprotect, of
 * protect. */
static const char *
opposite(const struct setter *s, const struct dialect_verb *mark)
{
	const struct dialect *d = s->p->dialect;

	for (size_t k = 0; k < d->n_verbs; k++)
		if (d->verbs[k].does == VERB_ADDS && (ends_in(d->verbs[k].prefix, mark->prefix) ||
		    ends_in(mark->prefix, d->verbs[k].prefix)))
			return d->verbs[k].prefix;
	return NULL;
}

/* A mark of a value is one of its setting, and names that alone; where nothing else
 * is in a section, it may be the section's. */
static bool
is_of_setting(const struct config *c, uint32_t mark)
{
	uint32_t i = c->v[mark].parent;

	return i != 0 && config_first(c, i) == mark && config_next(c, mark) == 0 &&
	    config_first(c, c->v[i].parent) == i && config_next(c, i) == 0 &&
	    config_rule(c, RULE_LIST, c->v[i].parent) == NULL;
}

static void
say_mark(struct setter *s, struct lines *to, const char *verb, const struct config *c,
    uint32_t mark)
{
	size_t len = is_of_setting(c, mark) ? s->before : s->path.len;

	ARENA_PUSH(s->p->scratch, to->v, to->n) = span_str(arena_printf(s->p->scratch, "%s%.*s",
	    verb, (int)len, buf_str(&s->path)));
}

static int
refuse_comment(struct setter *s, enum side side, uint32_t i)
{
	return patch_refuse(s->p, "make it on the device by hand, or push: replace",
	    "a comment below %s cannot be written as a command",
	    patch_quote(s->p, side, order_side(s->p, side)->v[i].parent));
}

/* --- one side only --- */

/* With all below it; but of what holds ignored statements, only the others, and of
 * a list each for itself. */
static int
delete_tree(struct setter *s, uint32_t i)
{
	const struct config *a = &s->p->match.a;
	const struct dialect_verb *mark = mark_of(s, a, i);
	const char *verb = mark != NULL ? opposite(s, mark) : NULL;
	size_t len;
	int r = 0;

	if (config_is_comment(a, i))
		return refuse_comment(s, FROM, i);
	if (mark != NULL) {
		say_mark(s, &s->deletes, verb != NULL ? verb : s->delete, a, i);
		return 0;
	}
	len = enter(s, a, i);
	if (config_first(a, i) == 0 || ((a->v[i].flags & ITEM_CARRIES) == 0 &&
	    config_rule(a, RULE_LIST, i) == NULL))
		say(s, &s->deletes, s->delete);
	else
		for (uint32_t k = config_first(a, i); k != 0 && r == 0; k = config_next(a, k))
			if (config_counts(a, k))
				r = delete_tree(s, k);
	buf_cut(&s->path, len);
	return r;
}

/* Whether it takes a line to say that an item is there: what is set below it does
 * that, and a note does not stand for anything else. */
static bool
is_leaf(const struct setter *s, uint32_t i)
{
	const struct config *b = &s->p->match.b;
	const struct dialect_verb *mark;

	for (uint32_t k = config_first(b, i); k != 0; k = config_next(b, k))
		if (config_counts(b, k) && ((mark = mark_of(s, b, k)) == NULL ||
		    opposite(s, mark) == NULL))
			return false;
	return true;
}

static int
set_tree(struct setter *s, uint32_t i)
{
	const struct config *b = &s->p->match.b;
	const struct dialect_verb *mark = mark_of(s, b, i);
	size_t len;
	int r = 0;

	if (config_is_comment(b, i))
		return refuse_comment(s, TO, i);
	if (mark != NULL) {
		say_mark(s, &s->marks, mark->prefix, b, i);
		return 0;
	}
	len = enter(s, b, i);
	if (is_leaf(s, i))
		say(s, &s->sets, s->set);
	for (uint32_t k = config_first(b, i); k != 0 && r == 0; k = config_next(b, k))
		if (config_counts(b, k))
			r = set_tree(s, k);
	buf_cut(&s->path, len);
	return r;
}

/* --- order --- */

static bool
is_changed(const struct item *i)
{
	return i->mate != NODE_NONE && (i->flags & ITEM_CHANGED) != 0;
}

/* Whether an item stays where it is, so that others can be put next to it. */
static bool
is_fixed(const struct config *c, uint32_t i)
{
	return c->v[i].mate != NODE_NONE && (c->v[i].flags & (ITEM_MOVED | ITEM_CHANGED)) == 0;
}

static void
say_move(struct setter *s, uint32_t ib, uint32_t i, const char *where, uint32_t other)
{
	const struct config *b = &s->p->match.b;
	bool entry = config_first(b, i) != 0 || config_first(b, other) != 0;
	size_t len = enter(s, b, i);

	add_word(s, span_str(where));
	/* An entry is named with the word of its list, a value is not. */
	if (entry && ib != 0)
		add_word(s, config_exact(b, ib));
	add_word(s, config_exact(b, other));
	say(s, &s->moves, s->move);
	buf_cut(&s->path, len);
}

static uint32_t
first_fixed(const struct config *b, uint32_t i)
{
	while (i != 0 && !(config_counts(b, i) && is_fixed(b, i)))
		i = config_next(b, i);
	return i;
}

/* What is set comes behind all that stays; what is to stand elsewhere is moved
 * behind the one in front of it, from the first to the last. */
static int
put_in_order(struct setter *s, uint32_t ib)
{
	const struct config *b = &s->p->match.b;
	uint32_t before = 0, old = 0, next;

	for (uint32_t k = config_first(b, ib); k != 0; k = config_next(b, k))
		if (config_counts(b, k) && b->v[k].mate != NODE_NONE && !is_changed(&b->v[k]))
			old = k;
	for (uint32_t k = config_first(b, ib); k != 0; k = config_next(b, k)) {
		if (!config_counts(b, k) || mark_of(s, b, k) != NULL)
			continue;
		if (old == 0 || is_fixed(b, k)) {
			old = k == old ? 0 : old;
			before = k;
			continue;
		}
		next = before == 0 ? first_fixed(b, k) : 0;
		if (s->move == NULL)
			return patch_refuse(s->p, "push: replace",
			    "the order of %s cannot be changed by commands: %s would have to "
			    "come between others", patch_quote(s->p, TO, ib),
			    patch_quote(s->p, TO, k));
		if (before != 0)
			say_move(s, ib, k, "after", before);
		else if (next != 0)
			say_move(s, ib, k, "before", next);
		old = k == old ? 0 : old;
		before = k;
	}
	return 0;
}

/* --- both sides --- */

static bool
has_compared(const struct setter *s, const struct config *c, uint32_t i)
{
	for (uint32_t k = config_first(c, i); k != 0; k = config_next(c, k))
		if (config_counts(c, k) && mark_of(s, c, k) == NULL)
			return true;
	return false;
}

/* The only word below an item, when nothing but a mark is below that; 0: none. */
static uint32_t
only_leaf(const struct setter *s, const struct config *c, uint32_t i)
{
	uint32_t k = config_first(c, i), mark = config_first(c, k);

	return k != 0 && config_next(c, k) == 0 && config_counts(c, k) &&
	    mark_of(s, c, k) == NULL && (mark == 0 || mark_of(s, c, mark) != NULL) ? k : 0;
}

/* Whether a pair is a setting with a value, which goes without naming it. Several
 * values are none, nor what a rule calls a list. Of an entry that no rule knows a
 * device asks for the name, so that nothing else happens. */
static bool
is_setting(const struct setter *s, uint32_t ia, uint32_t ib)
{
	const struct config *a = &s->p->match.a, *b = &s->p->match.b;

	return ib != 0 && only_leaf(s, a, ia) != 0 && only_leaf(s, b, ib) != 0 &&
	    config_rule(b, RULE_LIST, ib) == NULL;
}

static int
walk(struct setter *s, uint32_t ia, uint32_t ib)
{
	const struct config *a = &s->p->match.a, *b = &s->p->match.b;
	bool ordered = ((a->v[ia].flags | b->v[ib].flags) & ITEM_ORDERED) != 0;
	bool setting = is_setting(s, ia, ib);
	int r = 0;

	if (setting && (b->v[config_first(b, ib)].mate == NODE_NONE ||
	    is_changed(&b->v[config_first(b, ib)])))
		say(s, &s->deletes, s->delete);
	for (uint32_t k = config_first(a, ia); k != 0 && r == 0 && !setting; k = config_next(a, k))
		if (config_counts(a, k) && (a->v[k].mate == NODE_NONE || is_changed(&a->v[k])))
			r = delete_tree(s, k);
	for (uint32_t k = config_first(b, ib); k != 0 && r == 0; k = config_next(b, k)) {
		uint32_t mate = b->v[k].mate;

		if (mate != NODE_NONE && !is_changed(&b->v[k])) {
			size_t len = enter(s, b, k);

			if (!match_same(&s->p->match, mate, k))
				r = walk(s, mate, k);
			buf_cut(&s->path, len);
		} else if (config_counts(b, k)) {
			r = set_tree(s, k);
		}
	}
	/* With the last that was below it, it may be gone. */
	if (r == 0 && ib != 0 && has_compared(s, a, ia) && !has_compared(s, b, ib))
		say(s, &s->sets, s->set);
	return r == 0 && ordered ? put_in_order(s, ib) : r;
}

static const char *
first_verb(const struct dialect *d, enum verb_does does)
{
	for (size_t k = 0; k < d->n_verbs; k++)
		if (d->verbs[k].does == does && d->verbs[k].prefix[0] != '\0')
			return d->verbs[k].prefix;
	return NULL;
}

static void
write_lines(struct patcher *p, const struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		patch_line(p, 0, l->v[i]);
}

int
patch_set(struct patcher *p)
{
	const struct dialect *d = p->dialect;
	struct setter s = { .p = p, .path = BUF_INIT };
	int r;

	s.set = first_verb(d, VERB_ADDS);
	s.delete = d->negation != NULL && *d->negation != '\0' ? d->negation :
	    first_verb(d, VERB_DELETES);
	s.move = first_verb(d, VERB_MOVES);
	if (!p->diff->paths || s.set == NULL || s.delete == NULL)
		return patch_refuse(p, "send the whole configuration: push: replace",
		    "these texts are not of paths, so their changes cannot be set and deleted");
	r = walk(&s, 0, 0);
	if (r == 0 && s.untypable)
		r = patch_refuse(p, "send the whole configuration: push: replace",
		    "a word holds a quote or a line end, which its line cannot hold");
	if (r == 0 && s.bytes > BYTES_MAX)
		r = patch_refuse(p, "send the whole configuration: push: replace",
		    "the paths that differ are too long for commands");
	write_lines(p, &s.deletes);
	write_lines(p, &s.sets);
	write_lines(p, &s.marks);
	write_lines(p, &s.moves);
	buf_release(&s.path);
	return r;
}
