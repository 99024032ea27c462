/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SYNTAX_INDENT: a line that stands deeper than the line above is its child.
 *
 * Separators and blank lines neither open nor close anything, wherever they
 * stand: `!` in column 0 in the middle of a section does not end it, on the
 * device or here. Everything else does, so brothers stand in columns that
 * never grow; splice.c relies on it.
 */
#include "diffing/block.h"
#include "diffing/tree.h"

struct reader {
	struct tree *tree;
	struct line_reader lines;
};

/* How many open nodes stand to the left of a column. */
static uint32_t
depth_at(const struct tree *t, uint32_t column)
{
	uint32_t depth = t->depth;

	while (depth > 0 && t->nodes[t->open[depth]].column >= column)
		depth--;
	return depth;
}

static void
open_parents(const struct tree *t, struct parents *up)
{
	up->paths = false;
	for (up->n = 0; up->n < t->depth; up->n++)
		up->v[up->n] = words_first_line(tree_word(t, t->open[up->n + 1]));
}

/* Take the lines up to the end of the block that n opens, if it does. Without
 * an end it goes on to the end of the text, as it would on the device. */
static void
take_block(struct reader *r, struct node *n)
{
	struct words *w = r->tree->words;
	struct buf form = BUF_INIT;
	struct block block, opened;
	struct parents up;
	struct line l;

	open_parents(r->tree, &up);
	if (!block_open(&block, w->rules, n->text, &up))
		return;
	opened = block;
	n->kind = NODE_BLOCK;
	while (block.rule != NULL && tree_line(&r->lines, &l)) {
		n->text.len = (size_t)(l.text.p + l.text.len - n->text.p);
		block_line(&block, l.text);
	}
	if (block.rule != NULL)
		n->flags |= NODE_OPEN | NODE_CUT;
	block_form(&opened, n->text, &form);
	n->word = words_put(w, buf_span(&form), true);
	buf_release(&form);
}

/* Take the lines that stand deeper, their indent counted from n's column so
 * that the value stays the same where the whole is indented otherwise. */
static void
take_deep(struct reader *r, struct node *n)
{
	struct buf value = BUF_INIT;
	struct line_reader ahead = r->lines;
	struct line l;

	buf_addspan(&value, n->text);
	while (tree_line(&ahead, &l)) {
		if (l.text.len == 0)
			continue;
		if (l.column <= n->column)
			break;
		buf_addc(&value, '\n');
		for (uint32_t i = n->column; i < l.column; i++)
			buf_addc(&value, ' ');
		buf_addspan(&value, l.text);
		n->kind = NODE_DEEP;
		n->text.len = (size_t)(l.text.p + l.text.len - n->text.p);
		r->lines = ahead;
	}
	if (n->kind == NODE_DEEP)
		n->word = words_put(r->tree->words, buf_span(&value), true);
	buf_release(&value);
}

/* Several blanks as one, where a rule says so. */
static void
join_blanks(struct tree *t, struct node *n)
{
	struct span rest = n->text;
	struct buf form = BUF_INIT;
	struct parents up;

	if (memmem(rest.p, rest.len, "  ", 2) == NULL || !words_may(t->words, n->word, RULE_BLANK))
		return;
	open_parents(t, &up);
	if (rules_find(t->words->rules, RULE_BLANK, rest, &up) == NULL)
		return;
	for (size_t i = 0; i < rest.len; i++)
		if (rest.p[i] != ' ' || i == 0 || rest.p[i - 1] != ' ')
			buf_addc(&form, rest.p[i]);
	n->word = words_put(t->words, buf_span(&form), true);
	buf_release(&form);
}

static void
take_line(struct reader *r, const struct line *l)
{
	struct tree *t = r->tree;
	struct node n = { .raw = l->raw.p, .text = l->text, .column = l->column,
		.line = r->lines.line, .word = words_put(t->words, l->text, false) };
	bool ends = false;

	if (l->text.len == 0 || tree_separator(t, n.word, depth_at(t, l->column), &ends)) {
		n.kind = NODE_NOTHING;
		tree_add(t, &n);
		while (ends && t->depth > depth_at(t, l->column))
			tree_leave(t);
		return;
	}
	while (t->depth > depth_at(t, l->column))
		tree_leave(t);
	if (t->depth + 1 == TREE_DEPTH)
		take_deep(r, &n);
	else if (words_may(t->words, n.word, RULE_BLOCK))
		take_block(r, &n);
	if (n.kind == NODE_LINE)
		join_blanks(t, &n);
	tree_add(t, &n);
	tree_enter(t);
}

void
read_indent(struct tree *t)
{
	struct reader r = { .tree = t, .lines = { .rest = t->text } };
	struct line l;

	while (!tree_full(t) && tree_line(&r.lines, &l))
		take_line(&r, &l);
	/* A block that is not ended leaves its parents without an end, too. */
	if ((t->nodes[t->n - 1].flags & NODE_OPEN) != 0)
		for (uint32_t d = 1; d <= t->depth; d++)
			t->nodes[t->open[d]].flags |= NODE_OPEN;
}
