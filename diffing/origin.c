/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three texts: whose doing is a difference between running and intended? Both
 * are compared with what was applied; a line of theirs is there too, or is
 * there with another value, or is not.
 */
#include "diffing/diff_build.h"

/* Of the brothers that were asked about last. */
struct order {
	bool asked, moved;
	uint32_t parent;
};
struct judge3 {
	const struct diff3 *in;
	struct arena *arena;
	struct match plan;	/* running, intended */
	struct match ran, meant;	/* applied and running; applied and intended */
	struct order ran_order, meant_order;
	struct diff *diff;
	struct parents up;
};

const char *
diff_origin_word(enum diff_origin o)
{
	static const char *const words[ORIGINS] = { "", "pending", "drift", "conflict",
		"rewrite", "not-accepted" };

	return words[o];
}

/* What applied has of an item of the second text of a match. */
enum presence { ABSENT, OTHER, SAME };

static enum presence
presence_of(const struct match *m, uint32_t i)
{
	const struct item *b = m->b.v;

	if (i == 0)
		return ABSENT;
	if (b[i].mate != NODE_NONE)
		return (b[i].flags & ITEM_CHANGED) != 0 ? OTHER : SAME;
	/* What is the same with all below it was not looked into. */
	while (b[i].parent != 0 && b[i].mate == NODE_NONE)
		i = b[i].parent;
	return b[i].mate != NODE_NONE && match_same(m, b[i].mate, i) ? SAME : ABSENT;
}

/* Whether anything moved among the brothers of an item. Which of two that change
 * places is said to move is arbitrary. */
static bool
any_moved(const struct match *m, uint32_t i, struct order *known)
{
	const struct config *b = &m->b;
	uint32_t parent = b->v[i].parent;

	if (known->asked && known->parent == parent)
		return known->moved;
	*known = (struct order){ .asked = true, .parent = parent };
	for (uint32_t k = config_first(b, parent); k != 0 && !known->moved; k = config_next(b, k))
		known->moved = (b->v[k].flags & ITEM_MOVED) != 0;
	return known->moved;
}

static enum diff_origin
origin_of_place(struct judge3 *j, const struct diff_node *n)
{
	bool ran = any_moved(&j->ran, n->a, &j->ran_order);
	bool meant = any_moved(&j->meant, n->b, &j->meant_order);

	if (ran && meant) {
		ran = (j->ran.b.v[n->a].flags & ITEM_MOVED) != 0;
		meant = (j->meant.b.v[n->b].flags & ITEM_MOVED) != 0;
	}
	if (ran == meant)
		return ran ? ORIGIN_CONFLICT : ORIGIN_PENDING;
	return ran ? ORIGIN_DRIFT : ORIGIN_PENDING;
}

/* The text that applied has in place of an item, of a path with the words that
 * the node has in front: they may be what makes a secret of it. */
static struct span
applied_text(const struct judge3 *j, const struct match *m, uint32_t i, struct span text)
{
	struct span s = config_exact(&m->a, m->b.v[i].mate);
	struct buf own = BUF_INIT, all = BUF_INIT;

	if (m->b.paths) {
		path_add_word(&own, config_exact(&m->b, i));
		if (text.len >= own.len)
			buf_addspan(&all, span_rtrim(span_of(text.p, text.len - own.len)));
		path_add_word(&all, s);
		s = buf_span(&all);
	}
	s.p = arena_strndup(j->arena, s.p, s.len);
	buf_release(&own);
	buf_release(&all);
	return s;
}

/* --- before a push --- */

static enum diff_origin
origin_of_value(struct judge3 *j, struct diff_node *n)
{
	enum presence r = presence_of(&j->ran, n->a), i = presence_of(&j->meant, n->b);

	if (r == SAME || i == SAME)
		return r == SAME ? ORIGIN_PENDING : ORIGIN_DRIFT;
	if (r == OTHER)
		n->applied = applied_text(j, &j->ran, n->a, n->old);
	return ORIGIN_CONFLICT;
}

static enum diff_origin
origin_before(struct judge3 *j, struct diff_node *n)
{
	enum presence p;

	switch (n->kind) {
	case DIFF_REMOVED:
		p = presence_of(&j->ran, n->a);
		if (p == OTHER)
			n->applied = applied_text(j, &j->ran, n->a, n->text);
		return p == SAME ? ORIGIN_PENDING : p == ABSENT ? ORIGIN_DRIFT : ORIGIN_CONFLICT;
	case DIFF_ADDED:
		p = presence_of(&j->meant, n->b);
		if (p == OTHER)
			n->applied = applied_text(j, &j->meant, n->b, n->text);
		return p == SAME ? ORIGIN_DRIFT : p == ABSENT ? ORIGIN_PENDING : ORIGIN_CONFLICT;
	case DIFF_MOVED:
		return origin_of_place(j, n);
	case DIFF_CHANGED:
		return origin_of_value(j, n);
	default:
		return ORIGIN_NONE;
	}
}

/* --- after it --- */

/* Whether an item or one of its parents is a lifeline, or has an order. */
static bool
is_guarded(const struct config *c, uint32_t i)
{
	for (; i != 0; i = c->v[i].parent)
		if ((c->v[i].flags & ITEM_ORDERED) != 0 ||
		    config_rule(c, RULE_LIFELINE, i) != NULL ||
		    config_rule(c, RULE_ORDERED, i) != NULL)
			return true;
	return (c->v[0].flags & ITEM_ORDERED) != 0;
}

/* Whether the device's own words may ever be taken for ours. */
static bool
may_rewrite(const struct judge3 *j, const struct diff_node *n)
{
	return !is_guarded(&j->plan.a, n->a) && !is_guarded(&j->plan.b, n->b) &&
	    config_rule(&j->plan.a, RULE_SECRET, n->a) == NULL &&
	    config_rule(&j->plan.b, RULE_SECRET, n->b) == NULL;
}

static enum diff_origin
origin_after(struct judge3 *j, struct diff_node *n)
{
	switch (n->kind) {
	case DIFF_REMOVED:
		return presence_of(&j->ran, n->a) == SAME ? ORIGIN_NOT_ACCEPTED : ORIGIN_DRIFT;
	case DIFF_CHANGED:
		/* What the device showed before, it can show. */
		return presence_of(&j->ran, n->a) != SAME &&
		    presence_of(&j->meant, n->b) != SAME && may_rewrite(j, n) ?
		    ORIGIN_REWRITE : ORIGIN_NOT_ACCEPTED;
	case DIFF_ADDED:
	case DIFF_MOVED:
		return ORIGIN_NOT_ACCEPTED;
	default:
		return ORIGIN_NONE;
	}
}

/* One line sent and one shown, below one parent, are one line. */
static void
pair_rewrite(struct judge3 *j, struct diff_node *v, size_t n)
{
	struct diff_node *sent = NULL, *shown = NULL;
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].kind == DIFF_ADDED && presence_of(&j->meant, v[i].b) != SAME)
			sent = &v[i];
		else if (v[i].kind == DIFF_REMOVED && v[i].origin == ORIGIN_DRIFT)
			shown = &v[i];
		else if (v[i].kind != DIFF_ADDED && v[i].kind != DIFF_REMOVED)
			continue;
		count++;
	}
	if (count == 2 && sent != NULL && shown != NULL && sent->n == 0 && shown->n == 0 &&
	    may_rewrite(j, sent) && may_rewrite(j, shown))
		sent->origin = shown->origin = ORIGIN_REWRITE;
}

/* --- learned before --- */

static void
add_path(struct buf *out, const struct parents *up)
{
	for (size_t i = 0; i < up->n; i++) {
		if (i > 0)
			buf_addc(out, '\n');
		buf_addspan(out, up->v[i]);
	}
}

static void
forgive(struct judge3 *j, struct diff_node *n)
{
	j->diff->added -= n->kind == DIFF_ADDED;
	j->diff->removed -= n->kind == DIFF_REMOVED;
	j->diff->changed -= n->kind == DIFF_CHANGED;
	j->diff->ignored++;
	n->added = n->kind == DIFF_ADDED;
	n->kind = DIFF_IGNORED;
	n->rule = "rewrite";
	n->origin = ORIGIN_REWRITE;
	n->counts = false;
}

static void
forgive_one(struct judge3 *j, const struct rewrite *w, struct diff_node *v, size_t n)
{
	struct diff_node *sent = NULL, *shown = NULL;

	for (size_t i = 0; i < n; i++) {
		if (v[i].n > 0)
			continue;
		if (v[i].kind == DIFF_CHANGED && span_is(v[i].normal, w->sent) &&
		    span_is(v[i].old_normal, w->shown))
			forgive(j, &v[i]);
		else if (v[i].kind == DIFF_ADDED && span_is(v[i].normal, w->sent))
			sent = &v[i];
		else if (v[i].kind == DIFF_REMOVED && span_is(v[i].normal, w->shown))
			shown = &v[i];
	}
	if (sent != NULL && shown != NULL) {
		forgive(j, sent);
		forgive(j, shown);
	}
}

static void
forgive_learned(struct judge3 *j, struct diff_node *v, size_t n)
{
	struct buf path = BUF_INIT;

	if (n == 0 || j->in->n_learned == 0)
		return;
	add_path(&path, &j->up);
	for (size_t i = 0; i < j->in->n_learned; i++)
		if (span_is(buf_span(&path), j->in->learned[i].path))
			forgive_one(j, &j->in->learned[i], v, n);
	buf_release(&path);
}

/* --- all --- */

static void
judge_level(struct judge3 *j, struct diff_node *v, size_t n)
{
	bool counts;

	for (size_t i = 0; i < n; i++)
		v[i].origin = j->in->sent ? origin_after(j, &v[i]) : origin_before(j, &v[i]);
	if (j->in->sent)
		pair_rewrite(j, v, n);
	else
		forgive_learned(j, v, n);
	for (size_t i = 0; i < n; i++) {
		j->diff->origins[v[i].origin]++;
		j->up.v[j->up.n++] = words_first_line(v[i].normal);
		judge_level(j, v[i].children, v[i].n);
		j->up.n--;
		counts = v[i].kind != DIFF_CONTEXT && v[i].kind != DIFF_IGNORED;
		for (size_t k = 0; k < v[i].n; k++)
			counts |= v[i].children[k].counts;
		v[i].counts = counts;
	}
}

struct diff *
diff3_make(struct arena *a, const struct dialect *d, const struct diff3 *in)
{
	const struct span texts[] = { in->applied, in->intended, in->running };
	bool comments = match_one_form(d, texts, 3);
	struct judge3 j = { .in = in, .arena = a };

	match_init_as(&j.plan, d, in->running, in->intended, comments);
	match_init_as(&j.ran, d, in->applied, in->running, comments);
	match_init_as(&j.meant, d, in->applied, in->intended, comments);
	j.diff = diff_of(a, d, &j.plan);
	j.up.paths = j.diff->paths;
	judge_level(&j, j.diff->nodes, j.diff->n);
	j.diff->origins[ORIGIN_NONE] = 0;
	match_release(&j.plan);
	match_release(&j.ran);
	match_release(&j.meant);
	return j.diff;
}

static const char *
kept(struct arena *a, struct span s)
{
	return arena_strndup(a, s.p, s.len);
}

static void
collect(struct arena *a, const struct diff_node *v, size_t n, struct parents *up,
    struct rewrite **out, size_t *count)
{
	const struct diff_node *sent = NULL, *shown = NULL;
	struct buf path = BUF_INIT;

	add_path(&path, up);
	for (size_t i = 0; i < n; i++) {
		if (v[i].origin == ORIGIN_REWRITE && v[i].kind == DIFF_CHANGED)
			ARENA_PUSH(a, *out, *count) = (struct rewrite){
			    arena_strdup(a, buf_str(&path)), kept(a, v[i].normal),
			    kept(a, v[i].old_normal) };
		else if (v[i].origin == ORIGIN_REWRITE)
			*(v[i].kind == DIFF_ADDED ? &sent : &shown) = &v[i];
		up->v[up->n++] = words_first_line(v[i].normal);
		collect(a, v[i].children, v[i].n, up, out, count);
		up->n--;
	}
	if (sent != NULL && shown != NULL)
		ARENA_PUSH(a, *out, *count) = (struct rewrite){ arena_strdup(a, buf_str(&path)),
		    kept(a, sent->normal), kept(a, shown->normal) };
	buf_release(&path);
}

size_t
diff3_rewrites(struct arena *a, const struct diff *d, struct rewrite **out)
{
	struct parents up = { .n = 0 };
	size_t n = 0;

	*out = NULL;
	collect(a, d->nodes, d->n, &up, out, &n);
	return n;
}
