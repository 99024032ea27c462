/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The candidate: intended with running's ignored lines put where they stand.
 *
 * A carried line goes behind the nearest brother above it that intended has
 * too, else to the end of its parent; in the column of that brother, so that
 * it becomes a brother and what follows stays where it is (read_indent.c says
 * why that holds). Where the text in front is not ended (NODE_OPEN), it goes
 * in front of that instead. A line whose parent goes, goes with it.
 */
#include "diffing/diff.h"
#include "diffing/match.h"

struct graft {
	uint32_t where;		/* in front of this node of b */
	uint32_t depth;		/* of its parent: deeper ones go in first */
	uint32_t node;		/* of a */
	uint32_t column;
};
struct splicer {
	struct match match;
	struct arena *arena;
	struct graft *grafts;
	size_t n;
	bool crlf;		/* intended ends its lines so */
	struct buf *out;
	size_t carried;
};

/* The place for a line below b's node `parent`, when no brother is known. */
static struct graft
end_of(const struct splicer *s, uint32_t parent)
{
	const struct tree *b = &s->match.b;
	const struct node *n = b->nodes;
	struct graft g = { .where = parent + 1, .column = NODE_NONE };
	uint32_t last = 0;

	for (uint32_t k = parent + 1; k < n[parent].end; k = n[k].end)
		if (tree_counts(b, k))
			last = k;
	if (last != 0) {
		g.where = (n[last].flags & NODE_OPEN) != 0 ? last : tree_tail(b, last);
		g.column = n[last].column;
	} else if (parent != 0 && b->words->rules->dialect->syntax == SYNTAX_INDENT) {
		g.where = tree_tail(b, parent);
	}
	return g;
}

/* The place next to brother i of b. */
static struct graft
beside(const struct splicer *s, uint32_t i)
{
	const struct tree *b = &s->match.b;
	bool open = (b->nodes[i].flags & NODE_OPEN) != 0;

	return (struct graft){ .where = open ? i : tree_tail(b, i),
		.column = b->nodes[i].column };
}

/* As deep below b's parent as it was below a's. */
static uint32_t
own_column(const struct splicer *s, uint32_t i, uint32_t parent)
{
	const struct node *a = s->match.a.nodes;
	uint32_t column = a[i].column, above = a[a[i].parent].column;

	if (parent == 0)
		return column;
	return s->match.b.nodes[parent].column + (column > above ? column - above : 1);
}

/* Find places for the ignored children of a pair. */
static void
graft_children(struct splicer *s, uint32_t ia, uint32_t ib)
{
	const struct node *a = s->match.a.nodes;
	struct graft g = { .where = NODE_NONE };

	for (uint32_t k = ia + 1; k < a[ia].end; k = a[k].end) {
		if (tree_counts(&s->match.a, k) && a[k].mate != NODE_NONE)
			g = beside(s, a[k].mate);
		if (a[k].rule == NULL)
			continue;
		if (g.where == NODE_NONE)
			g = end_of(s, ib);
		g.node = k;
		g.depth = s->match.b.nodes[ib].depth;
		ARENA_PUSH(s->arena, s->grafts, s->n) = g;
		if (g.column == NODE_NONE)
			s->grafts[s->n - 1].column = own_column(s, k, ib);
	}
}

static int
by_place(const void *x, const void *y)
{
	const struct graft *a = x, *b = y;

	if (a->where != b->where)
		return a->where < b->where ? -1 : 1;
	if (a->depth != b->depth)
		return a->depth > b->depth ? -1 : 1;
	/* One behind the brother before, one in front of that which follows. */
	if (a->column != b->column)
		return a->column > b->column ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

static void
end_line(struct splicer *s)
{
	if (s->out->len == 0 || s->out->data[s->out->len - 1] == '\n')
		return;
	buf_adds(s->out, s->crlf && s->out->data[s->out->len - 1] != '\r' ? "\r\n" : "\n");
}

static void
add_blanks(struct buf *out, uint32_t n)
{
	for (; n > 0; n--)
		buf_addc(out, ' ');
}

/* A value that counts its indent from its first line: the others shift too. */
static void
add_deep(struct splicer *s, const struct node *n, uint32_t column)
{
	struct span rest = n->text, line;

	for (bool first = true; span_line(&rest, &line); first = false) {
		uint32_t at = 0;
		size_t i = 0;

		for (; i < line.len && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
			at = tree_column(at, line.p[i]);
		if (!first && i < line.len)
			add_blanks(s->out, at > n->column ? at - n->column : 0);
		add_blanks(s->out, i < line.len ? column : 0);
		buf_add(s->out, line.p + i, line.len - i);
		if (rest.len > 0)
			buf_addc(s->out, '\n');
	}
}

/* Node i of a and what belongs to it, its first letter in `column`. */
static void
copy_lines(struct splicer *s, uint32_t i, uint32_t column)
{
	const struct tree *a = &s->match.a;
	uint32_t tail = tree_tail(a, i), from = a->nodes[i].column;

	for (uint32_t k = i; k < tail; k++) {
		const struct node *n = &a->nodes[k];
		const char *end = a->nodes[k + 1].raw;
		uint32_t at = n->column + column >= from ? n->column + column - from : 0;

		s->carried += n->kind != NODE_NOTHING;
		if (column == from) {
			buf_add(s->out, n->raw, (size_t)(end - n->raw));
		} else if (n->kind == NODE_DEEP) {
			add_deep(s, n, at);
		} else {
			add_blanks(s->out, n->text.len > 0 ? at : 0);
			buf_addspan(s->out, n->text);
		}
		end_line(s);
	}
}

/* In SYNTAX_BRACE only the place between its neighbours matters. */
static void
copy_statement(struct splicer *s, uint32_t i, uint32_t column)
{
	const struct tree *a = &s->match.a;
	const char *from = a->nodes[i].text.p;
	uint32_t end = a->nodes[i].end;

	for (uint32_t k = i; k < end; k++)
		s->carried += a->nodes[k].kind != NODE_NOTHING;
	add_blanks(s->out, column);
	buf_addspan(s->out, span_rtrim(span_of(from, (size_t)(a->nodes[end].raw - from))));
	end_line(s);
}

static void
write_grafts(struct splicer *s, size_t *next, uint32_t where)
{
	bool brace = s->match.rules.dialect->syntax == SYNTAX_BRACE;

	for (; *next < s->n && s->grafts[*next].where == where; (*next)++) {
		const struct graft *g = &s->grafts[*next];

		end_line(s);
		if (brace)
			copy_statement(s, g->node, g->column);
		else
			copy_lines(s, g->node, g->column);
	}
}

/* Leave out node i of b; returns what is behind it. Lines that it stood
 * between stay two: an apostrophe closes on its line or not at all. */
static uint32_t
leave_out(struct splicer *s, uint32_t i)
{
	const struct tree *b = &s->match.b;
	uint32_t end = b->nodes[i].end;
	struct span raw = tree_raw(b, i, end);

	if (s->match.rules.dialect->syntax == SYNTAX_INDENT)
		return tree_tail(b, i);
	if (memchr(raw.p, '\n', raw.len) != NULL)
		end_line(s);
	return end;
}

/* Intended, with its own ignored lines left out and the grafts put in. */
static void
write_all(struct splicer *s)
{
	const struct tree *b = &s->match.b;
	uint32_t skip = 0;	/* behind an ignored line */
	size_t next = 0;

	for (uint32_t i = 1; i < b->n; i++) {
		write_grafts(s, &next, i);
		if (i >= skip && b->nodes[i].rule != NULL)
			skip = leave_out(s, i);
		if (i >= skip)
			buf_addspan(s->out, tree_raw(b, i, i + 1));
	}
	write_grafts(s, &next, b->n);
}

static void
find_places(struct splicer *s)
{
	const struct match *m = &s->match;

	for (size_t i = 0; i < m->queue.n; i += 2)
		if ((m->a.nodes[m->queue.v[i]].flags & NODE_CARRIES) != 0)
			graft_children(s, m->queue.v[i], m->queue.v[i + 1]);
	if (s->n > 1)
		qsort(s->grafts, s->n, sizeof(*s->grafts), by_place);
}

static bool
ends_in_crlf(struct span text)
{
	const char *lf = text.len > 0 ? memchr(text.p, '\n', text.len) : NULL;

	return lf != NULL && lf > text.p && lf[-1] == '\r';
}

void
diff_splice(struct arena *a, const struct dialect *d, struct span running, struct span intended,
    struct buf *out, size_t *carried)
{
	struct splicer s = { .arena = a, .out = out, .crlf = ends_in_crlf(intended) };

	match_init(&s.match, d, running, intended);
	if ((s.match.a.nodes[0].flags & NODE_CARRIES) == 0) {
		buf_addspan(out, intended);
	} else {
		find_places(&s);
		write_all(&s);
	}
	*carried = s.carried;
	match_release(&s.match);
}
