/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference as a tree, from two texts whose items are paired (match.h).
 *
 * Brothers are listed in the order of b; what only a has stands before the
 * next pair, so that `- old` comes right above `+ new`. A subtree that is gone
 * or new is listed whole; the ignored lines in it stay ignored (they go with
 * their parent, or diff_splice() will not bring them), so that a timestamp in it
 * does not alter what is approved. Items that are no lines of their own (the
 * steps of a path, a list of brothers) are not nodes: what is below them stands
 * in their place, with their words in front.
 */
#include "diffing/diff_build.h"

#include "diffing/config_build.h"

/* Bytes of a path in front of a line. */
#define PATH_MAX_SAID 256

struct builder {
	struct match *match;
	struct diff *diff;
	struct arena *arena;
	/* Nodes of the levels under construction, innermost last. */
	struct diff_node *stack;
	size_t n, cap;
	struct buf path;	/* words of items above that are no lines */
	uint32_t level;
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

/* --- what a node says --- */

static struct span
lasting(struct builder *b, const struct config *c, uint32_t word)
{
	const struct word *w = &c->words->v[word];

	return w->copied ? span_of(arena_strndup(b->arena, w->text.p, w->text.len),
	    w->text.len) : w->text;
}

static bool
needs_quotes(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (memchr(" \t\r\n;{}[]#\"'", s.p[i], 12) != NULL)
			return true;
	/* What begins like a comment would be one. */
	return s.len == 0 || span_starts(s, "/*") || span_starts(s, "//");
}

bool
path_is_odd(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '\\' && (++i == s.len || s.p[i] == '"'))
			return true;
	return false;
}

void
path_quote(struct buf *out, struct span word, char quote)
{
	buf_addc(out, quote);
	for (size_t i = 0; i < word.len; i++) {
		if (word.p[i] == '"' && quote == '"')
			buf_addc(out, '\\');
		buf_addc(out, word.p[i]);
	}
	buf_addc(out, quote);
}

void
path_add_word(struct buf *out, struct span word)
{
	if (out->len > 0)
		buf_addc(out, ' ');
	if (needs_quotes(word))
		path_quote(out, word, path_is_odd(word) ? '\'' : '"');
	else
		buf_addspan(out, word);
}

/* A word with those in front of it that have no line of their own. */
static struct span
path_text(struct builder *b, struct span word)
{
	size_t len = b->path.len;
	struct span text;

	path_add_word(&b->path, word);
	text = span_of(arena_strndup(b->arena, b->path.data, b->path.len), b->path.len);
	buf_cut(&b->path, len);
	return text;
}

/* Where an item stands first, or what is below it. */
static uint32_t
node_of(const struct config *c, uint32_t i)
{
	while (c->v[i].node == NODE_NONE && config_first(c, i) != 0)
		i = config_first(c, i);
	return c->v[i].node;
}

static void
say_path(struct builder *b, const struct config *c, uint32_t i, struct diff_node *d)
{
	struct span word = config_exact(c, i);
	bool comment = config_is_comment(c, i);

	/* A step may be a part of a form that the tree has made. */
	d->text = d->normal = comment ? span_of(arena_strndup(b->arena, word.p, word.len), word.len) :
	    path_text(b, word);
	d->compared = c->v[i].word == c->v[i].exact ? d->text : path_text(b, config_word(c, i));
	d->column = 4 * b->level;
	d->section = config_first(c, i) != 0;
	d->mark = rules_mark(b->diff->dialect, word) != NULL;
	d->bare = comment || (d->mark && b->path.len == 0);
}

/* The number of a line that stood for several; a rule may mean only lists. */
static struct span
number_in(const struct config *c, uint32_t i, struct span text)
{
	const struct dialect_rule *rule = config_rule(c, RULE_RANGE, i);

	return rule != NULL ? rules_group(rule->line, "list", text) : span_of(NULL, 0);
}

static void
say_line(struct builder *b, const struct config *c, uint32_t i, struct diff_node *d)
{
	const struct node *n;

	/* A list of brothers, where the other text has a line of its name. */
	if (c->v[i].node == NODE_NONE) {
		d->text = d->normal = d->compared = lasting(b, c, c->v[i].word);
		return;
	}
	n = &c->tree.nodes[c->v[i].node];
	d->text = n->text;
	d->column = n->column;
	d->normal = lasting(b, c, c->v[i].exact);
	d->compared = c->v[i].word == c->v[i].exact ? d->normal : lasting(b, c, c->v[i].word);
	d->section = c->tree.syntax == SYNTAX_BRACE && n->kind == NODE_LINE &&
	    d->normal.len > 0 && d->normal.p[d->normal.len - 1] == '{';
	/* A parent on several lines reads better on one; numbers on several lines
	 * are one set, or each a line; a menu stands in front of its command. */
	if ((config_first(c, i) != 0 && n->kind == NODE_LINE) ||
	    c->tree.syntax == SYNTAX_SECTION || (c->v[i].flags & ITEM_EACH) != 0)
		d->text = d->normal;
	if ((c->v[i].flags & ITEM_EACH) != 0)
		d->number = number_in(c, i, d->text);
	if (n->again != NODE_NONE && c->v[i].word != c->v[i].exact &&
	    (c->v[i].flags & ITEM_VALUE) == 0)
		d->text = d->normal = d->compared;
}

static uint32_t
number_of(const struct diff_node *n)
{
	uint32_t number = 0;

	for (size_t i = 0; i < n->number.len; i++)
		number = 10 * number + (uint32_t)(n->number.p[i] - '0');
	return number;
}

size_t
diff_run(const struct diff_node *v, size_t n, struct buf *text)
{
	struct arena a = ARENA_INIT;
	struct range *numbers = NULL;
	size_t run = 0, count = 0;
	const char *end;

	while (run < n && v[run].number.p != NULL && v[run].n == 0 && v[run].kind == v->kind &&
	    v[run].line == v->line && v[run].counts && v[run].origin == v->origin &&
	    (v->kind == DIFF_ADDED || v->kind == DIFF_REMOVED))
		run++;
	for (size_t i = 0; run > 1 && i < run; i++)
		ARENA_PUSH(&a, numbers, count) = (struct range){ number_of(&v[i]),
			number_of(&v[i]) };
	if (run > 1) {
		end = v->number.p + v->number.len;
		buf_add(text, v->text.p, (size_t)(v->number.p - v->text.p));
		range_print(numbers, count, text);
		buf_add(text, end, (size_t)(v->text.p + v->text.len - end));
	}
	arena_release(&a);
	return run > 1 ? run : 1;
}

static struct diff_node
say(struct builder *b, const struct config *c, uint32_t i, enum diff_kind kind)
{
	struct diff_node d = { .kind = kind };
	uint32_t node = node_of(c, i);

	if (node != NODE_NONE)
		d.line = (int)c->tree.nodes[node].line;
	if (c->paths)
		say_path(b, c, i, &d);
	else
		say_line(b, c, i, &d);
	d.counts = kind != DIFF_CONTEXT && kind != DIFF_IGNORED;
	return d;
}

static void
count(struct diff *d, enum diff_kind kind)
{
	d->added += kind == DIFF_ADDED;
	d->removed += kind == DIFF_REMOVED;
	d->moved += kind == DIFF_MOVED;
	d->changed += kind == DIFF_CHANGED;
	d->ignored += kind == DIFF_IGNORED;
}

static const char *
rule_name(const struct config *c, uint32_t i)
{
	return config_counts(c, i) ? NULL : c->v[i].rule->name;
}

/* --- levels --- */

/* Into an item that is no line of its own: its word comes in front. Returns
 * what leave() needs. */
static size_t
enter_path(struct builder *b, const struct config *c, uint32_t i)
{
	size_t len = b->path.len;

	if (c->paths)
		path_add_word(&b->path, config_word(c, i));
	return len;
}

/* The path in front belongs to the node that was made; those below begin anew. */
struct level {
	struct buf path;
};

static struct level
enter_level(struct builder *b)
{
	struct level l = { b->path };

	b->path = (struct buf)BUF_INIT;
	b->level++;
	return l;
}

static void
leave_level(struct builder *b, struct level *l)
{
	buf_release(&b->path);
	b->path = l->path;
	b->level--;
}

/* Whether a text says that an item is there, and of it nothing that counts. */
static bool
is_bare(const struct config *c, uint32_t i)
{
	return config_counts(c, i) && config_first_compared(c, i) == 0;
}

/* A long path is said once, not in front of all that is below it. */
static bool
has_line(const struct builder *b, const struct config *c, uint32_t i)
{
	return (c->v[i].flags & ITEM_LINE) != 0 || config_first(c, i) == 0 ||
	    ((c->v[i].flags & ITEM_SAID) != 0 && is_bare(c, i)) ||
	    b->path.len + config_word(c, i).len > PATH_MAX_SAID;
}

/* A subtree that only one side has. `rule` is why it is ignored, or NULL. */
static void
add_subtree(struct builder *b, const struct config *c, uint32_t i, const char *rule,
    uint32_t place)
{
	bool added = c == &b->match->b, ordered = (c->v[i].flags & ITEM_ORDERED) != 0;
	bool line = has_line(b, c, i);
	struct diff_node d = { .kind = DIFF_CONTEXT };
	size_t base = b->n, len = 0;
	struct level level;
	uint32_t at = 0;

	if (line) {
		d = say(b, c, i, rule != NULL ? DIFF_IGNORED : added ? DIFF_ADDED : DIFF_REMOVED);
		count(b->diff, d.kind);
		d.rule = rule;
		d.added = added;
		d.place = place;
		*(added ? &d.b : &d.a) = i;
		level = enter_level(b);
	} else {
		len = enter_path(b, c, i);
	}
	for (uint32_t k = config_first(c, i); k != 0; k = config_next(c, k)) {
		const char *own = rule_name(c, k);

		at += own == NULL;
		add_subtree(b, c, k, own != NULL ? own : rule, ordered ? at : 0);
	}
	if (line) {
		leave_level(b, &level);
		pop_children(b, base, &d);
		push(b, &d);
	} else {
		buf_cut(&b->path, len);
	}
}

/* One side of a pair of parents, walked child by child. */
struct walk {
	const struct config *config;
	uint32_t next;
	uint32_t place;		/* compared children so far */
	bool ordered;
};

static struct walk
walk_of(const struct config *c, uint32_t i, bool ordered)
{
	return (struct walk){ c, config_first(c, i), 0, ordered };
}

/* The next child, or 0. */
static uint32_t
walk_next(struct walk *w)
{
	uint32_t i = w->next;

	if (i == 0)
		return 0;
	w->next = config_next(w->config, i);
	w->place += config_counts(w->config, i);
	return i;
}

/* Add the children without a mate, up to the child `until`, which is taken
 * too; 0: all that are left. */
static void
add_singles(struct builder *b, struct walk *w, uint32_t until)
{
	uint32_t i;

	while ((i = walk_next(w)) != 0 && i != until)
		if (w->config->v[i].mate == NODE_NONE)
			add_subtree(b, w->config, i, rule_name(w->config, i),
			    w->ordered ? w->place : 0);
}

static void add_level(struct builder *b, uint32_t ia, uint32_t ib);

enum diff_kind
diff_kind_of(const struct match *m, uint32_t ia, uint32_t ib)
{
	const struct item *x = &m->a.v[ia], *y = &m->b.v[ib];

	/* A step that led to ignored ones only was not there by itself. */
	if (!config_counts(&m->a, ia) && is_bare(&m->b, ib))
		return DIFF_ADDED;
	if (!config_counts(&m->b, ib) && config_counts(&m->a, ia) &&
	    (is_bare(&m->a, ia) || (x->flags & ITEM_STAYS) == 0))
		return DIFF_REMOVED;
	if ((y->flags & ITEM_CHANGED) != 0)
		return DIFF_CHANGED;
	if ((y->flags & ITEM_MOVED) != 0)
		return DIFF_MOVED;
	return config_counts(&m->b, ib) && x->exact != y->exact &&
	    (y->flags & ITEM_VALUE) != 0 ? DIFF_IGNORED : DIFF_CONTEXT;
}

static struct diff_node
say_pair(struct builder *b, uint32_t ia, uint32_t ib, enum diff_kind kind, uint32_t place)
{
	struct diff_node old = say(b, &b->match->a, ia, kind), d = old;

	if (kind != DIFF_CONTEXT && kind != DIFF_REMOVED) {
		d = say(b, &b->match->b, ib, kind);
		d.place = place;
	}
	d.section = old.section || say(b, &b->match->b, ib, kind).section;
	if (kind == DIFF_CHANGED || kind == DIFF_IGNORED) {
		d.old = old.text;
		d.old_normal = old.normal;
		d.old_line = old.line;
	}
	if (kind == DIFF_IGNORED)
		d.rule = b->match->b.v[ib].rule->name;
	d.a = ia;
	d.b = ib;
	return d;
}

static void
add_pair(struct builder *b, uint32_t ia, uint32_t ib, uint32_t place)
{
	const struct config *x = &b->match->a, *y = &b->match->b;
	enum diff_kind kind = diff_kind_of(b->match, ia, ib);
	bool same = match_same(b->match, ia, ib);
	bool line = has_line(b, x, ia) || (kind != DIFF_REMOVED && has_line(b, y, ib));
	struct diff_node d;
	struct level level;
	size_t base = b->n, len;

	if (same && kind == DIFF_CONTEXT)
		return;
	if ((kind == DIFF_CONTEXT || kind == DIFF_REMOVED) && !line) {
		len = enter_path(b, y, ib);
		add_level(b, ia, ib);
		buf_cut(&b->path, len);
		return;
	}
	d = say_pair(b, ia, ib, kind, place);
	level = enter_level(b);
	if (!same)
		add_level(b, ia, ib);
	leave_level(b, &level);
	if (kind == DIFF_CONTEXT && b->n == base)
		return;
	count(b->diff, kind);
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
	const struct item *a_items = b->match->a.v, *b_items = b->match->b.v;
	bool ordered = ((a_items[ia].flags | b_items[ib].flags) & ITEM_ORDERED) != 0;
	struct walk a = walk_of(&b->match->a, ia, ordered);
	struct walk behind = walk_of(&b->match->b, ib, ordered), ahead = behind;
	uint32_t i, mate;

	while ((i = walk_next(&ahead)) != 0) {
		mate = b_items[i].mate;
		if (mate == NODE_NONE)
			continue;
		if (a.next != 0 && mate >= a.next && (b_items[i].flags & ITEM_MOVED) == 0)
			add_singles(b, &a, mate);
		add_singles(b, &behind, i);
		add_pair(b, mate, i, ordered ? ahead.place : 0);
	}
	add_singles(b, &a, 0);
	add_singles(b, &behind, 0);
}

struct diff *
diff_of(struct arena *arena, const struct dialect *d, struct match *m)
{
	struct diff *diff = ARENA_NEW(arena, struct diff);
	struct builder b = { .match = m, .diff = diff, .arena = arena, .path = BUF_INIT };
	struct diff_node root = { .kind = DIFF_CONTEXT };

	diff->dialect = d;
	diff->syntax = m->b.tree.syntax;
	if ((diff->syntax == SYNTAX_SET && m->a.paths && m->a.tree.n > 1) || m->b.tree.n == 1)
		diff->syntax = m->a.tree.syntax;
	diff->paths = m->a.paths && m->b.paths;
	add_level(&b, 0, 0);
	pop_children(&b, 0, &root);
	diff->nodes = root.children;
	diff->n = root.n;
	diff->unended[0] = tree_unended(&m->a.tree);
	diff->unended[1] = tree_unended(&m->b.tree);
	diff->steps = match_steps(m);
	buf_release(&b.path);
	free(b.stack);
	return diff;
}

struct diff *
diff_make(struct arena *arena, const struct dialect *d, struct span from, struct span to)
{
	struct match m;
	struct diff *diff;

	match_init(&m, d, from, to);
	diff = diff_of(arena, d, &m);
	match_release(&m);
	return diff;
}

bool
diff_same(const struct diff *d)
{
	return d->added == 0 && d->removed == 0 && d->moved == 0 && d->changed == 0;
}
