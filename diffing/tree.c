/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both syntaxes share: growing the list of nodes, the questions about a
 * node, and the marks for ignored lines, which need the whole tree.
 */
#include "diffing/tree.h"

#define TREE_MAX ((uint32_t)INT32_MAX)

void
tree_clean_lines(struct span text, struct buf *out)
{
	struct span line;

	for (bool more = span_line(&text, &line); more;) {
		buf_addspan(out, span_rtrim(line));
		more = span_line(&text, &line);
		if (more)
			buf_addc(out, '\n');
	}
}

bool
tree_full(const struct tree *t)
{
	return t->n >= TREE_MAX;
}

static void
grow(struct tree *t)
{
	size_t cap = (size_t)t->cap * 2;
	struct node *nodes = arena_calloc(t->arena, cap + 1, sizeof(*nodes));

	memcpy(nodes, t->nodes, t->n * sizeof(*nodes));
	t->nodes = nodes;
	t->cap = (uint32_t)cap;
}

uint32_t
tree_add(struct tree *t, const struct node *n)
{
	struct node *node;

	if (t->n == t->cap)
		grow(t);
	node = &t->nodes[t->n];
	*node = *n;
	node->parent = t->open[t->depth];
	node->depth = (uint8_t)(t->depth + 1);
	node->end = t->n + 1;
	node->shape = node->mate = NODE_NONE;
	return t->n++;
}

void
tree_enter(struct tree *t)
{
	t->open[++t->depth] = t->n - 1;
}

void
tree_leave(struct tree *t)
{
	t->nodes[t->open[t->depth--]].end = t->n;
}

struct span
tree_word(const struct tree *t, uint32_t i)
{
	return t->words->v[t->nodes[i].word].text;
}

struct span
tree_raw(const struct tree *t, uint32_t i, uint32_t j)
{
	const char *from = t->nodes[i].raw;

	return span_of(from, (size_t)(t->nodes[j].raw - from));
}

bool
tree_counts(const struct tree *t, uint32_t i)
{
	return t->nodes[i].kind != NODE_NOTHING && t->nodes[i].rule == NULL;
}

/* A comment behind the text of node k - 1, on the same line. */
static bool
same_line_comment(const struct tree *t, uint32_t k)
{
	const struct node *n = &t->nodes[k];

	return k < t->n && n->kind == NODE_NOTHING && (n->flags & NODE_OPEN) == 0 &&
	    n->text.len > 0 && n->text.p[0] != '}' && n->text.p[0] != ';' &&
	    n->raw[-1] != '\n';
}

uint32_t
tree_tail(const struct tree *t, uint32_t i)
{
	const struct node *n = &t->nodes[i];
	uint32_t k = n->end;

	if (t->words->rules->dialect->syntax == SYNTAX_BRACE) {
		while (same_line_comment(t, k))
			k++;
		return k;
	}
	while (k > i + 1 && t->nodes[k - 1].kind == NODE_NOTHING &&
	    t->nodes[k - 1].column <= n->column)
		k--;
	return k;
}

void
tree_parents(const struct tree *t, uint32_t i, struct parents *up)
{
	up->n = t->nodes[i].depth > 0 ? t->nodes[i].depth - 1u : 0;
	for (size_t d = up->n; d > 0; d--) {
		i = t->nodes[i].parent;
		up->v[d - 1] = words_first_line(tree_word(t, i));
	}
}

const struct dialect_rule *
tree_rule(const struct tree *t, enum rule_kind kind, uint32_t i)
{
	struct parents up;

	if (!words_may(t->words, t->nodes[i].word, kind))
		return NULL;
	tree_parents(t, i, &up);
	return rules_find(t->words->rules, kind, words_first_line(tree_word(t, i)), &up);
}

static void
mark_carries(struct tree *t, uint32_t i)
{
	while ((t->nodes[i].flags & NODE_CARRIES) == 0) {
		t->nodes[i].flags |= NODE_CARRIES;
		i = t->nodes[i].parent;
	}
}

/* What is ignored is so with its descendants. What is not ended is not: it
 * could not be carried to another place. */
static void
mark_ignored(struct tree *t)
{
	for (uint32_t i = 1; i < t->n;) {
		struct node *n = &t->nodes[i];

		if (n->kind != NODE_NOTHING && (n->flags & NODE_OPEN) == 0) {
			n->rule = tree_rule(t, RULE_OWNED, i);
			if (n->rule == NULL)
				n->rule = tree_rule(t, RULE_VOLATILE, i);
		}
		if (n->rule != NULL)
			mark_carries(t, i);
		i = n->rule != NULL ? n->end : i + 1;
	}
}

/* Exact for SYNTAX_INDENT. */
static uint32_t
expected_nodes(struct span text)
{
	struct span line;
	size_t n = 2;

	while (n < TREE_MAX && span_line(&text, &line))
		n++;
	return (uint32_t)n;
}

void
tree_read(struct tree *t, struct arena *a, struct words *w, struct span text)
{
	*t = (struct tree){ .arena = a, .words = w, .text = text };
	if (text.p == NULL)
		t->text.p = "";
	t->cap = expected_nodes(text);
	t->nodes = arena_calloc(a, (size_t)t->cap + 1, sizeof(*t->nodes));
	t->nodes[0] = (struct node){ .raw = t->text.p, .text = { t->text.p, 0 },
		.word = words_put(w, span_str(""), false), .shape = NODE_NONE,
		.mate = NODE_NONE };
	t->n = 1;
	if (w->rules->dialect->syntax == SYNTAX_BRACE)
		read_brace(t);
	else
		read_indent(t);
	while (t->depth > 0)
		tree_leave(t);
	t->nodes[0].end = t->n;
	t->nodes[t->n].raw = t->text.p + t->text.len;
	mark_ignored(t);
}

void
tree_print(const struct tree *t, struct buf *out)
{
	for (uint32_t i = 0; i < t->n; i++)
		buf_addspan(out, tree_raw(t, i, i + 1));
}
