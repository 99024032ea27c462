/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the syntaxes share: growing the list of nodes, and questions about a
 * node.
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
	node->item = node->again = NODE_NONE;
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

	if (t->syntax == SYNTAX_BRACE) {
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
	up->paths = false;
	up->n = t->nodes[i].depth > 0 ? t->nodes[i].depth - 1u : 0;
	for (size_t d = up->n; d > 0; d--) {
		i = t->nodes[i].parent;
		up->v[d - 1] = words_first_line(tree_word(t, i));
	}
}

bool
tree_line(struct line_reader *r, struct line *l)
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

const char *
tree_quote_end(const char *p, const char *end)
{
	const char *from = p++;

	if (*from == '\'') {
		while (p < end && *p != '\'' && *p != '\n')
			p++;
		return p < end && *p == '\'' ? p + 1 : from + 1;
	}
	while (p < end && *p != '"')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : NULL;
}

bool
tree_separator(const struct tree *t, uint32_t word, uint32_t depth, bool *ends)
{
	const struct rules *r = t->words->rules;
	const struct dialect_rule *rule;
	struct parents up = { .n = 0 };

	*ends = false;
	if (!words_may(t->words, word, RULE_SEPARATOR))
		return false;
	if (!r->sets[RULE_SEPARATOR].within && !r->sets[RULE_SEPARATOR].ends)
		return true;
	for (; up.n < depth; up.n++)
		up.v[up.n] = words_first_line(tree_word(t, t->open[up.n + 1]));
	rule = rules_find(r, RULE_SEPARATOR, t->words->v[word].text, &up);
	*ends = rule != NULL && rule->ends;
	return rule != NULL;
}

/* Whether a line at the front of a text says nothing about its form. */
static bool
says_nothing(const struct rules *r, struct span line, bool *comment)
{
	bool inside = *comment;

	if (!inside && span_starts(line, "/*"))
		inside = *comment = true;
	if (*comment && memmem(line.p, line.len, "*/", 2) != NULL)
		*comment = false;
	return inside || line.len == 0 || rules_comment(r, line) != NULL ||
	    rules_may(r, RULE_SEPARATOR, line);
}

/* Some editors put a byte order mark in front. */
static struct span
without_mark(struct span text)
{
	return span_starts(text, "\xef\xbb\xbf") ? span_of(text.p + 3, text.len - 3) : text;
}

/* Its first line that says something tells. */
enum syntax
tree_form(const struct rules *r, struct span text)
{
	const struct dialect *d = r->dialect;
	struct line_reader reader = { .rest = text };
	bool comment = false;
	struct line l;

	if (d->n_forms == 0)
		return d->syntax;
	reader.rest = without_mark(text);
	while (tree_line(&reader, &l)) {
		if (says_nothing(r, l.text, &comment))
			continue;
		for (size_t i = 0; i < d->n_forms; i++)
			if (re_find(d->forms[i].when, l.text, NULL) > 0)
				return d->forms[i].syntax;
		break;
	}
	return d->syntax;
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
	static void (*const readers[])(struct tree *) = {
		[SYNTAX_INDENT] = read_indent, [SYNTAX_BRACE] = read_brace,
		[SYNTAX_SET] = read_set, [SYNTAX_SECTION] = read_section,
	};

	*t = (struct tree){ .arena = a, .words = w, .text = text };
	if (text.p == NULL)
		t->text.p = "";
	t->cap = expected_nodes(text);
	t->nodes = arena_calloc(a, (size_t)t->cap + 1, sizeof(*t->nodes));
	t->nodes[0] = (struct node){ .raw = t->text.p, .text = { t->text.p, 0 },
		.word = words_put(w, span_str(""), false), .again = NODE_NONE };
	t->n = 1;
	t->text = without_mark(t->text);
	t->syntax = tree_form(w->rules, t->text);
	readers[t->syntax](t);
	while (t->depth > 0)
		tree_leave(t);
	t->nodes[0].end = t->n;
	t->nodes[t->n].raw = t->text.p + t->text.len;
}

bool
tree_has_children(const struct tree *t, uint32_t i)
{
	for (uint32_t k = i + 1; k < t->nodes[i].end; k++)
		if (t->nodes[k].kind != NODE_NOTHING)
			return true;
	return false;
}

uint32_t
tree_unended(const struct tree *t)
{
	for (uint32_t i = t->n; i > 1; i--)
		if ((t->nodes[i - 1].flags & NODE_CUT) != 0)
			return t->nodes[i - 1].line;
	return 0;
}

void
tree_print(const struct tree *t, struct buf *out)
{
	for (uint32_t i = 0; i < t->n; i++)
		buf_addspan(out, tree_raw(t, i, i + 1));
}
