/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SYNTAX_INDENT: a line that stands deeper than the line above is its child.
 *
 * Separators and blank lines neither open nor close anything, wherever they
 * stand: `!` in column 0 in the middle of a section does not end it, on the
 * device or here. Everything else does, so brothers stand in columns that
 * never grow; splice.c relies on it.
 */
#include "diffing/tree.h"

struct reader {
	struct tree *tree;
	struct span rest;
	uint32_t line;
};
struct line {
	struct span raw, text;	/* text: without indent, trailing blanks, line end */
	uint32_t column;
};

static bool
next_line(struct reader *r, struct line *l)
{
	const char *from = r->rest.p;
	struct span line;

	if (!span_line(&r->rest, &line))
		return false;
	l->raw = span_of(from, (size_t)(r->rest.p - from));
	l->text = span_rtrim(line);
	l->column = 0;
	while (l->text.len > 0 && (l->text.p[0] == ' ' || l->text.p[0] == '\t')) {
		l->column = tree_column(l->column, l->text.p[0]);
		l->text.p++;
		l->text.len--;
	}
	r->line++;
	return true;
}

/* How many open nodes stand to the left of a column. */
static uint32_t
depth_at(const struct tree *t, uint32_t column)
{
	uint32_t depth = t->depth;

	while (depth > 0 && t->nodes[t->open[depth]].column >= column)
		depth--;
	return depth;
}

static bool
is_separator(const struct tree *t, uint32_t word, uint32_t column)
{
	struct parents up = { .n = 0 };

	if (!words_may(t->words, word, RULE_SEPARATOR))
		return false;
	if (!t->words->rules->sets[RULE_SEPARATOR].within)
		return true;
	up.n = depth_at(t, column);
	for (size_t d = 0; d < up.n; d++)
		up.v[d] = words_first_line(tree_word(t, t->open[d + 1]));
	return rules_find(t->words->rules, RULE_SEPARATOR, t->words->v[word].text, &up) != NULL;
}

static const struct dialect_block *
block_of(const struct tree *t, struct span line)
{
	const struct rules *r = t->words->rules;
	const struct dialect_rule *rule;
	struct parents up = { .n = 0 };

	rule = rules_find(r, RULE_BLOCK, line, &up);
	return &r->dialect->blocks[rule - r->sets[RULE_BLOCK].v];
}

/* Take the lines up to the one that closes the block. Without one the block
 * goes on to the end of the text, as it would on the device. */
static void
take_block(struct reader *r, struct node *n)
{
	const struct dialect_block *block = block_of(r->tree, n->text);
	struct buf clean = BUF_INIT;
	struct line l;

	n->kind = NODE_BLOCK;
	n->flags |= NODE_OPEN;
	while ((n->flags & NODE_OPEN) != 0 && next_line(r, &l)) {
		n->text.len = (size_t)(l.text.p + l.text.len - n->text.p);
		if (re_find(block->close, l.text, NULL) > 0)
			n->flags &= (uint8_t)~NODE_OPEN;
	}
	tree_clean_lines(n->text, &clean);
	n->word = words_put(r->tree->words, buf_span(&clean), true);
	buf_release(&clean);
}

/* Take the lines that stand deeper, their indent counted from n's column so
 * that the value stays the same where the whole is indented otherwise. */
static void
take_deep(struct reader *r, struct node *n)
{
	struct buf value = BUF_INIT;
	struct reader ahead = *r;
	struct line l;

	buf_addspan(&value, n->text);
	while (next_line(&ahead, &l)) {
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
		*r = ahead;
	}
	if (n->kind == NODE_DEEP)
		n->word = words_put(r->tree->words, buf_span(&value), true);
	buf_release(&value);
}

static void
take_line(struct reader *r, const struct line *l)
{
	struct tree *t = r->tree;
	struct node n = { .raw = l->raw.p, .text = l->text, .column = l->column,
		.line = r->line, .word = words_put(t->words, l->text, false) };

	if (l->text.len == 0 || is_separator(t, n.word, l->column)) {
		n.kind = NODE_NOTHING;
		tree_add(t, &n);
		return;
	}
	while (t->depth > depth_at(t, l->column))
		tree_leave(t);
	if (t->depth + 1 == TREE_DEPTH)
		take_deep(r, &n);
	else if (words_may(t->words, n.word, RULE_BLOCK))
		take_block(r, &n);
	tree_add(t, &n);
	tree_enter(t);
}

void
read_indent(struct tree *t)
{
	struct reader r = { .tree = t, .rest = t->text };
	struct line l;

	while (!tree_full(t) && next_line(&r, &l))
		take_line(&r, &l);
	/* A block that is not ended leaves its parents without an end, too. */
	if ((t->nodes[t->n - 1].flags & NODE_OPEN) != 0)
		for (uint32_t d = 1; d <= t->depth; d++)
			t->nodes[t->open[d]].flags |= NODE_OPEN;
}
