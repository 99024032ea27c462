/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carrying where words make paths. Set lines need no place. In braces a
 * carried statement goes into the section of its parent, or when intended
 * writes that parent in one line with others, into the nearest section above,
 * with the words between.
 */
#include "diffing/splice.h"

struct print {
	const struct config *config;	/* what is printed */
	struct buf *out;
	struct buf words;		/* of the statement at hand */
	const char *verb;		/* of set lines; NULL: braces */
	const char *end;		/* of a statement */
	uint32_t column;
	size_t lines;
};

static void
print_line(struct print *p, const char *end)
{
	if (p->verb != NULL)
		buf_adds(p->out, p->verb);
	for (uint32_t i = 0; i < p->column; i++)
		buf_addc(p->out, ' ');
	buf_addspan(p->out, buf_span(&p->words));
	buf_addf(p->out, "%s\n", end);
	p->lines++;
}

/* An item and all below it; words in front of it are in p->words. */
static void
print_item(struct print *p, uint32_t i)
{
	const struct config *c = p->config;
	uint32_t first = config_first(c, i);
	size_t len = p->words.len;
	bool section;

	path_add_word(&p->words, config_exact(c, i));
	section = first != 0 && p->verb == NULL && (c->v[i].flags & ITEM_LINE) != 0;
	if (first == 0)
		print_line(p, p->end);
	if (section) {
		struct buf words = p->words;

		print_line(p, " {");
		p->words = (struct buf)BUF_INIT;
		p->column += 4;
		for (uint32_t k = first; k != 0; k = config_next(c, k))
			print_item(p, k);
		p->column -= 4;
		buf_release(&p->words);
		p->words = words;
		buf_addf(p->out, "%*s}\n", (int)p->column, "");
	}
	for (uint32_t k = section ? 0 : first; k != 0; k = config_next(c, k))
		print_item(p, k);
	buf_cut(&p->words, len);
}

/* Item k of a, below the items of `chain`, outermost first. */
static void
print_below(struct print *p, const uint32_t *chain, size_t n, uint32_t k)
{
	const struct config *c = p->config;
	uint32_t column = p->column;
	size_t open = 0;

	for (size_t i = n; i > 0; i--) {
		path_add_word(&p->words, config_word(c, chain[i - 1]));
		if (p->verb != NULL || (c->v[chain[i - 1]].flags & ITEM_LINE) == 0)
			continue;
		print_line(p, " {");
		buf_clear(&p->words);
		p->column += 4;
		open++;
	}
	print_item(p, k);
	for (; open > 0; open--) {
		p->column -= 4;
		buf_addf(p->out, "%*s}\n", (int)p->column, "");
	}
	p->column = column;
	buf_clear(&p->words);
}

static const char *
adding_verb(const struct dialect *d)
{
	for (size_t i = 0; i < d->n_verbs; i++)
		if (d->verbs[i].does == VERB_ADDS)
			return d->verbs[i].prefix;
	return "";
}

/* A section that can hold more: one without anything in it says by that that it is
 * there. */
static bool
is_section(const struct config *b, uint32_t item)
{
	uint32_t node = b->v[item].node;
	struct span text;

	if (item == 0)
		return true;
	if (node == NODE_NONE || b->tree.nodes[node].item != item ||
	    !tree_has_children(&b->tree, node))
		return false;
	text = tree_word(&b->tree, node);
	return text.len > 0 && text.p[text.len - 1] == '{';
}

/* Whether all below an item stands in one node; other statements may add to it. */
static bool
stands_in(const struct config *a, uint32_t item, uint32_t node)
{
	for (uint32_t k = config_first(a, item); k != 0; k = config_next(a, k)) {
		uint32_t own = a->v[k].node;

		if (own != NODE_NONE && (own < node || own >= a->tree.nodes[node].end ||
		    a->tree.nodes[own].again != NODE_NONE))
			return false;
		if (!stands_in(a, k, node))
			return false;
	}
	return true;
}

/* Whether a's statement is item k and begins right below ia. */
static bool
stands_alone(const struct config *a, uint32_t ia, uint32_t k)
{
	uint32_t node = a->v[k].node;

	return a->tree.syntax == SYNTAX_BRACE && node != NODE_NONE &&
	    a->tree.nodes[node].item == k && a->tree.nodes[node].again == NODE_NONE &&
	    (a->tree.nodes[node].flags & NODE_LIST) == 0 &&
	    a->tree.nodes[a->tree.nodes[node].parent].item == ia &&
	    (a->v[k].flags & ITEM_LINE) != 0 && stands_in(a, k, node);
}

static void
graft_path(struct splicer *s, uint32_t ia, uint32_t ib, uint32_t k)
{
	const struct config *a = &s->match.a, *b = &s->match.b;
	const struct dialect *d = s->match.rules.dialect;
	bool set = b->tree.syntax == SYNTAX_SET;
	struct buf text = BUF_INIT;
	struct print p = { .config = a, .out = &text, .words = BUF_INIT,
		.verb = set ? adding_verb(d) : NULL, .end = set || d->line_ends ? "" : ";" };
	uint32_t chain[TREE_DEPTH], from = ia, to = ib, node;
	size_t n = 0;
	struct graft g;

	while (to != 0 && (set || !is_section(b, to))) {
		chain[n++] = from;
		from = a->v[from].parent;
		to = b->v[to].parent;
	}
	node = to == 0 ? 0 : b->v[to].node;
	g = splice_end_of(s, node);
	if (g.column == NODE_NONE)
		g.column = node == 0 ? 0 : b->tree.nodes[node].column + 4;
	p.column = set ? 0 : g.column;
	if (n == 0 && !set && stands_alone(a, ia, k)) {
		splice_copy_statement(s, a->v[k].node, g.column, &text);
	} else {
		print_below(&p, chain, n, k);
		s->carried += p.lines;
	}
	splice_graft(s, g, to, &text);
	buf_release(&p.words);
	buf_release(&text);
}

void
splice_graft_paths(struct splicer *s, uint32_t ia, uint32_t ib)
{
	const struct config *a = &s->match.a;

	/* Of a step that intended has too, what is below it comes by itself. */
	for (uint32_t k = config_first(a, ia); k != 0; k = config_next(a, k))
		if (!config_counts(a, k) &&
		    ((a->v[k].flags & ITEM_HOLLOW) == 0 || a->v[k].mate == NODE_NONE))
			graft_path(s, ia, ib, k);
}
