/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The candidate: intended with running's ignored lines put where they stand.
 *
 * A carried line goes behind the nearest brother above it that intended has
 * too, else to the end of its parent; in the column of that brother, so that
 * it becomes a brother and what follows stays where it is (read_indent.c says
 * why that holds). Where the text in front is not ended (NODE_OPEN), it goes
 * in front of that instead. A line whose parent goes, goes with it. Of a line
 * with a volatile value, running's value takes the place of intended's.
 */
#include "diffing/splice.h"

#include "diffing/config_build.h"
#include "diffing/section.h"

/* The last counted child of a node of b, or 0. */
static uint32_t
last_child(const struct config *b, uint32_t node)
{
	const struct node *n = b->tree.nodes;
	uint32_t last = 0;

	for (uint32_t k = node + 1; k < n[node].end; k = n[k].end)
		if (n[k].kind != NODE_NOTHING && n[k].item != NODE_NONE &&
		    config_counts(b, n[k].item))
			last = k;
	return last;
}

/* The place next to node i of b. */
static struct graft
beside(const struct splicer *s, uint32_t i)
{
	const struct tree *b = &s->match.b.tree;
	bool open = (b->nodes[i].flags & NODE_OPEN) != 0;

	return (struct graft){ .where = open ? i : tree_tail(b, i),
		.column = b->nodes[i].column, .beside = i };
}

static struct graft
end_of(const struct splicer *s, uint32_t node)
{
	const struct config *b = &s->match.b;
	uint32_t last = last_child(b, node);

	if (last != 0)
		return beside(s, last);
	if (node != 0 && b->tree.syntax == SYNTAX_INDENT)
		return (struct graft){ .where = tree_tail(&b->tree, node), .column = NODE_NONE };
	return (struct graft){ .where = node + 1, .column = NODE_NONE };
}

/* Many are carried into one section, one after another. */
struct graft
splice_end_of(struct splicer *s, uint32_t node)
{
	if (s->asked != node + 1)
		s->end = end_of(s, node);
	s->asked = node + 1;
	return s->end;
}

/* The node of b that stands for an item: a list of brothers has its last. */
static uint32_t
place_of(const struct config *b, uint32_t i)
{
	while (i != 0 && b->v[i].node == NODE_NONE)
		i = b->v[i].last;
	return i == 0 ? 0 : b->v[i].node;
}

void
splice_graft(struct splicer *s, struct graft g, uint32_t ib, struct buf *text)
{
	g.depth = s->match.b.v[ib].depth;
	g.order = s->n;
	g.text = span_of(arena_strndup(s->arena, buf_str(text), text->len), text->len);
	ARENA_PUSH(s->arena, s->grafts, s->n) = g;
}

/* --- lines --- */

static void
add_blanks(struct buf *out, uint32_t n)
{
	for (; n > 0; n--)
		buf_addc(out, ' ');
}

static void
end_line(const struct splicer *s, struct buf *out)
{
	if (out->len == 0 || out->data[out->len - 1] == '\n')
		return;
	buf_adds(out, s->crlf && out->data[out->len - 1] != '\r' ? "\r\n" : "\n");
}

/* A value that counts its indent from its first line: the others shift too. */
static void
add_deep(const struct node *n, uint32_t column, struct buf *out)
{
	struct span rest = n->text, line;

	for (bool first = true; span_line(&rest, &line); first = false) {
		uint32_t at = 0;
		size_t i = 0;

		for (; i < line.len && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
			at = tree_column(at, line.p[i]);
		if (!first && i < line.len)
			add_blanks(out, at > n->column ? at - n->column : 0);
		add_blanks(out, i < line.len ? column : 0);
		buf_add(out, line.p + i, line.len - i);
		if (rest.len > 0)
			buf_addc(out, '\n');
	}
}

/* Node i of a and what belongs to it, its first letter in `column`. */
static void
copy_lines(struct splicer *s, uint32_t i, uint32_t column, struct buf *out)
{
	const struct tree *a = &s->match.a.tree;
	uint32_t tail = tree_tail(a, i), from = a->nodes[i].column;

	for (uint32_t k = i; k < tail; k++) {
		const struct node *n = &a->nodes[k];
		const char *end = a->nodes[k + 1].raw;
		uint32_t at = n->column + column >= from ? n->column + column - from : 0;

		s->carried += n->kind != NODE_NOTHING;
		if (column == from) {
			buf_add(out, n->raw, (size_t)(end - n->raw));
		} else if (n->kind == NODE_DEEP) {
			add_deep(n, at, out);
		} else {
			add_blanks(out, n->text.len > 0 ? at : 0);
			buf_addspan(out, n->text);
		}
		end_line(s, out);
	}
}

void
splice_copy_statement(struct splicer *s, uint32_t i, uint32_t column, struct buf *out)
{
	const struct tree *a = &s->match.a.tree;
	const char *from = a->nodes[i].text.p;
	uint32_t end = a->nodes[i].end;

	for (uint32_t k = i; k < end; k++)
		s->carried += a->nodes[k].kind != NODE_NOTHING;
	add_blanks(out, column);
	buf_addspan(out, span_rtrim(span_of(from, (size_t)(a->nodes[end].raw - from))));
}

/* The form of a command without its menu. */
static struct span
command_of(const struct splicer *s, uint32_t node)
{
	struct span text = tree_word(&s->match.a.tree, node);
	struct span menu = section_menu(s->match.rules.dialect, text);

	return span_trim(span_of(text.p + menu.len, text.len - menu.len));
}

/* A command, with its menu where it is not to stand below that: next to a
 * command that has it, or in place of one. */
static void
copy_command(struct splicer *s, uint32_t i, const struct graft *g, uint32_t parent,
    struct buf *out)
{
	const struct config *a = &s->match.a;
	const struct tree *b = &s->match.b.tree;
	const struct dialect *d = s->match.rules.dialect;
	struct span there = tree_word(b, g->beside != 0 ? g->beside : parent), menu;

	s->carried++;
	menu = section_menu(d, there);
	if (g->beside != 0 ? menu.len > 0 : menu.len < there.len) {
		buf_addspan(out, config_word(a, a->v[a->tree.nodes[i].item].parent));
		buf_addc(out, ' ');
	}
	buf_addspan(out, command_of(s, i));
}

/* As deep below b's parent as it was below a's. */
static uint32_t
own_column(const struct splicer *s, uint32_t i, uint32_t parent)
{
	const struct node *a = s->match.a.tree.nodes;
	uint32_t column = a[i].column, above = a[a[i].parent].column;

	if (parent == 0)
		return column;
	return s->match.b.tree.nodes[parent].column + (column > above ? column - above : 1);
}

static void
graft_nodes(struct splicer *s, struct graft g, uint32_t item, uint32_t ib)
{
	const struct config *a = &s->match.a;
	uint32_t parent = place_of(&s->match.b, ib);
	struct buf text = BUF_INIT;

	for (uint32_t i = a->v[item].node; i != NODE_NONE; i = a->tree.nodes[i].again) {
		struct graft own = g;

		if (own.column == NODE_NONE)
			own.column = own_column(s, i, parent);
		buf_clear(&text);
		if (a->tree.syntax == SYNTAX_BRACE)
			splice_copy_statement(s, i, own.column, &text);
		else if (a->tree.syntax == SYNTAX_SECTION)
			copy_command(s, i, &own, parent, &text);
		else
			copy_lines(s, i, own.column, &text);
		splice_graft(s, own, ib, &text);
	}
	buf_release(&text);
}

/* A menu that intended has not, with its commands, behind all others. */
static void
graft_menu(struct splicer *s, uint32_t menu)
{
	const struct config *a = &s->match.a;
	struct graft g = splice_end_of(s, 0);
	struct buf text = BUF_INIT;

	g.column = 0;
	g.where = s->match.b.tree.n;
	buf_addspan(&text, config_word(a, menu));
	for (uint32_t k = config_first(a, menu); k != 0; k = config_next(a, k)) {
		buf_addc(&text, '\n');
		buf_addspan(&text, command_of(s, a->v[k].node));
		s->carried++;
	}
	splice_graft(s, g, 0, &text);
	buf_release(&text);
}

/* Find places for the ignored children of a pair. */
static void
graft_children(struct splicer *s, uint32_t ia, uint32_t ib)
{
	const struct config *a = &s->match.a, *b = &s->match.b;
	struct graft g = { .where = NODE_NONE };

	/* What is not ended takes all that is put behind it. */
	if (ib != 0 && (b->tree.nodes[place_of(b, ib)].flags & NODE_OPEN) != 0)
		return;
	for (uint32_t k = config_first(a, ia); k != 0; k = config_next(a, k)) {
		if (config_counts(a, k) && a->v[k].mate != NODE_NONE)
			g = beside(s, place_of(b, a->v[k].mate));
		if (config_counts(a, k))
			continue;
		if ((a->v[k].flags & ITEM_HOLLOW) != 0) {
			if (a->v[k].mate == NODE_NONE)
				graft_menu(s, k);
			continue;
		}
		/* A command of no menu stands in front of all of them. */
		if (a->tree.syntax == SYNTAX_SECTION && ib == 0)
			g = (struct graft){ .where = 1, .column = 1 };
		if (g.where == NODE_NONE)
			g = splice_end_of(s, place_of(b, ib));
		graft_nodes(s, g, k, ib);
	}
}

/* --- writing --- */

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
	return (a->order > b->order) - (a->order < b->order);
}

static void
write_grafts(struct splicer *s, size_t *next, uint32_t where)
{
	for (; *next < s->n && s->grafts[*next].where == where; (*next)++) {
		end_line(s, s->out);
		buf_addspan(s->out, s->grafts[*next].text);
		end_line(s, s->out);
	}
}

/* Leave out node i of b; returns what is behind it. Lines that it stood
 * between stay two: an apostrophe closes on its line or not at all. */
static uint32_t
leave_out(struct splicer *s, uint32_t i)
{
	const struct tree *b = &s->match.b.tree;
	uint32_t end = b->nodes[i].end;
	struct span raw = tree_raw(b, i, end);

	if (b->syntax == SYNTAX_INDENT)
		return tree_tail(b, i);
	if (b->syntax == SYNTAX_BRACE && memchr(raw.p, '\n', raw.len) != NULL)
		end_line(s, s->out);
	return end;
}

/* Whether node i of b is, or is part of, what is not compared. */
static bool
is_ignored(const struct match *m, uint32_t i)
{
	const struct config *b = &m->b;
	uint32_t item = b->tree.nodes[i].item, mate;

	if (item == NODE_NONE)
		return false;
	/* It says more than what it opens, of which each goes for itself. */
	if ((b->tree.nodes[i].flags & NODE_LIST) != 0 && b->tree.nodes[i].end > i + 1)
		return false;
	mate = b->v[item].mate;
	if ((b->v[item].flags & ITEM_HOLLOW) != 0)
		return mate == NODE_NONE ||
		    (config_counts(&m->a, mate) && (m->a.v[mate].flags & ITEM_STAYS) == 0);
	return !config_counts(b, item) || (b->v[item].flags & ITEM_INSIDE) != 0;
}

/* Where a value of a word stands in the text of a node; NULL when it is not
 * found. Words in quotes, and commands in another order, have it still. */
static const char *
find_value(struct span text, struct span word, struct span value)
{
	const char *from = value.p, *found = NULL, *at;
	struct span token, rest = text;

	if (span_eq(text, word))
		return text.p + (value.p - word.p);
	while (from > word.p && from[-1] != ' ')
		from--;
	token = span_of(from, (size_t)(value.p + value.len - from));
	while (token.len > 0 && (at = memmem(rest.p, rest.len, token.p, token.len)) != NULL) {
		found = at + (value.p - from);
		rest = span_of(at + 1, (size_t)(rest.p + rest.len - at - 1));
	}
	return found;
}

/* What a rule sees of a node: of a path, the last word; of a command, what is
 * behind its menu. */
static struct span
seen_of(const struct config *c, uint32_t node)
{
	uint32_t item = c->tree.nodes[node].item;
	struct span word = tree_word(&c->tree, node), menu = { word.p, 0 };

	if (c->paths)
		return config_exact(c, item);
	if (c->tree.syntax == SYNTAX_SECTION)
		menu = section_menu(c->rules->dialect, word);
	return span_trim(span_of(word.p + menu.len, word.len - menu.len));
}

static struct span
value_of(const struct config *c, uint32_t node)
{
	const struct dialect_rule *rule = c->v[c->tree.nodes[node].item].rule;
	struct span seen = seen_of(c, node);

	return c->paths ? seen : rules_group(rule->line, "value", seen);
}

/* Put into another text, it would take what follows with it. */
static bool
has_open_quote(struct span value)
{
	size_t n = 0;

	for (size_t i = 0; i < value.len; i++)
		n += value.p[i] == '"';
	return n % 2 != 0;
}

/* A line of b whose value is running's to say. */
static bool
write_value(struct splicer *s, uint32_t i)
{
	const struct config *a = &s->match.a, *b = &s->match.b;
	const struct node *n = &b->tree.nodes[i];
	const char *end = b->tree.nodes[i + 1].raw, *at;
	struct span from, to, text;
	uint32_t item = n->item, mate;

	if (item == NODE_NONE || n->kind == NODE_NOTHING ||
	    (b->v[item].flags & ITEM_VALUE) == 0)
		return false;
	mate = b->v[item].mate;
	if (mate == NODE_NONE || (a->v[mate].flags & ITEM_VALUE) == 0)
		return false;
	/* It would become one with what intended says below that word. */
	if (b->paths && config_find(b, b->v[item].parent, a->v[mate].exact) != 0)
		return false;
	from = value_of(b, i);
	to = value_of(a, a->v[mate].node);
	if (from.p == NULL || to.p == NULL || span_eq(from, to) || has_open_quote(to))
		return false;
	at = find_value(n->text, seen_of(b, i), from);
	if (at == NULL && b->tree.syntax != SYNTAX_SECTION)
		return false;
	s->carried++;
	if (at == NULL) {
		/* It goes over lines: the command's form is on one. */
		text = tree_word(&b->tree, i);
		buf_add(s->out, text.p, (size_t)(from.p - text.p));
		buf_addspan(s->out, to);
		buf_add(s->out, from.p + from.len, (size_t)(text.p + text.len - from.p - from.len));
		end_line(s, s->out);
		return true;
	}
	buf_add(s->out, n->raw, (size_t)(at - n->raw));
	buf_addspan(s->out, to);
	buf_add(s->out, at + from.len, (size_t)(end - at - from.len));
	return true;
}

/* What was not at the front, and would be, must not be taken for a byte order mark. */
static void
write_node(struct splicer *s, uint32_t i)
{
	struct span raw = tree_raw(&s->match.b.tree, i, i + 1);

	if (s->out->len == 0 && i > 1 && span_starts(raw, "\xef\xbb\xbf"))
		buf_addc(s->out, '\n');
	buf_addspan(s->out, raw);
}

/* Intended, with its own ignored lines left out and the grafts put in. */
static void
write_all(struct splicer *s)
{
	const struct tree *b = &s->match.b.tree;
	uint32_t skip = 0;	/* behind an ignored line */
	size_t next = 0;

	for (uint32_t i = 1; i < b->n; i++) {
		write_grafts(s, &next, i);
		if (i >= skip && is_ignored(&s->match, i))
			skip = leave_out(s, i);
		if (i >= skip && !write_value(s, i))
			write_node(s, i);
	}
	write_grafts(s, &next, b->n);
}

static void
find_places(struct splicer *s)
{
	const struct match *m = &s->match;

	for (size_t i = 0; i < m->queue.n; i += 2) {
		uint32_t ia = m->queue.v[i], ib = m->queue.v[i + 1];

		if ((m->a.v[ia].flags & ITEM_CARRIES) == 0)
			continue;
		if (m->b.paths)
			splice_graft_paths(s, ia, ib);
		else
			graft_children(s, ia, ib);
	}
	if (s->n > 1)
		qsort(s->grafts, s->n, sizeof(*s->grafts), by_place);
}

static bool
ends_in_crlf(struct span text)
{
	const char *lf = text.len > 0 ? memchr(text.p, '\n', text.len) : NULL;

	return lf != NULL && lf > text.p && lf[-1] == '\r';
}

/* Far to the right nobody knows what is below what. */
static bool
is_far(const struct tree *t)
{
	for (uint32_t i = 1; i < t->n && t->syntax == SYNTAX_INDENT; i++)
		if (t->nodes[i].column >= TREE_COLUMN_MAX / 2)
			return true;
	return false;
}

/* Nor in braces that are cut off, and where a path or a command does not end. */
static bool
is_unended(const struct config *b)
{
	bool ends = b->paths || b->tree.syntax == SYNTAX_SECTION;
	unsigned what = ends ? NODE_OPEN | NODE_CUT : NODE_CUT;

	for (uint32_t i = 1; i < b->tree.n && b->tree.syntax != SYNTAX_INDENT; i++)
		if ((b->tree.nodes[i].flags & what) != 0)
			return true;
	return false;
}

/* Of a difference, whether something ignored is not as it was: inside what goes it
 * goes too. */
static bool
changes_ignored(const struct diff_node *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == DIFF_IGNORED || (v[i].kind != DIFF_REMOVED &&
		    changes_ignored(v[i].children, v[i].n)))
			return true;
	return false;
}

/* Nothing is believed: a candidate must say what is intended, and change nothing
 * that it carries. (Of a list in one statement of paths, ignored values stay as
 * intended.) */
static bool
is_proven(struct arena *a, const struct dialect *d, struct span running, struct span intended,
    struct span candidate)
{
	const struct diff *diff;
	char want[65], got[65];

	normal_hash(d, intended, want);
	normal_hash(d, candidate, got);
	if (strcmp(want, got) != 0)
		return false;
	if (d->paths)
		return true;
	diff = diff_make(a, d, running, candidate);
	return !changes_ignored(diff->nodes, diff->n);
}

bool
diff_splice(struct arena *a, const struct dialect *d, struct span running, struct span intended,
    struct buf *out, size_t *carried)
{
	struct splicer s = { .arena = a, .out = out, .crlf = ends_in_crlf(intended) };
	size_t from = out->len;
	bool carries, possible;

	match_init(&s.match, d, running, intended);
	carries = (s.match.a.v[0].flags & ITEM_CARRIES) != 0;
	possible = !is_unended(&s.match.a) && !is_unended(&s.match.b) &&
	    !is_far(&s.match.a.tree) && !is_far(&s.match.b.tree);
	if (carries && possible) {
		find_places(&s);
		write_all(&s);
		possible = is_proven(a, d, running, intended,
		    span_of(buf_str(out) + from, out->len - from));
	}
	if (!carries || !possible) {
		buf_cut(out, from);
		buf_addspan(out, intended);
		s.carried = 0;
	}
	match_release(&s.match);
	*carried = s.carried;
	return !carries || possible;
}
