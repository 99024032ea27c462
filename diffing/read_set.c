/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SYNTAX_SET: each line is a statement with its whole path, `set a b c`. A
 * quote that begins a word may go on over lines; one without an end is a
 * letter, so that it does not swallow the rest, but the text was cut off.
 */
#include "diffing/tree.h"

/* Behind the last byte of the statement that begins at p; *cut when a quote in it
 * has no end. */
static const char *
statement_end(const char *p, const char *end, bool *cut)
{
	const char *quote;
	bool fresh = true;	/* a word may begin here */

	while (p < end && *p != '\n') {
		if (fresh && (*p == '"' || *p == '\'')) {
			fresh = false;
			quote = tree_quote_end(p, end);
			*cut = *cut || quote == NULL;
			p = quote != NULL ? quote : p + 1;
			continue;
		}
		fresh = *p == ' ' || *p == '\t' || *p == '[' || *p == '{';
		p++;
	}
	return p;
}

/* The text of a line, which a quote may make longer than it. */
static void
take_rest(struct line_reader *r, struct line *l, const char *end, bool *cut)
{
	const char *last = statement_end(l->text.p, end, cut);
	struct line more;

	while (l->raw.p + l->raw.len < last && tree_line(r, &more))
		l->raw.len = (size_t)(more.raw.p + more.raw.len - l->raw.p);
	l->text = span_rtrim(span_of(l->text.p, (size_t)(last - l->text.p)));
}

void
read_set(struct tree *t)
{
	struct words *w = t->words;
	struct line_reader r = { .rest = t->text };
	struct buf form = BUF_INIT;
	struct line l;
	bool ends, cut;

	while (!tree_full(t) && tree_line(&r, &l)) {
		struct node n = { .raw = l.raw.p, .text = l.text, .column = l.column,
			.line = r.line, .kind = NODE_NOTHING };

		if (l.text.len > 0 && rules_comment(w->rules, l.text) == NULL) {
			cut = false;
			take_rest(&r, &l, t->text.p + t->text.len, &cut);
			n.text = l.text;
			n.kind = NODE_LINE;
			n.flags = cut ? NODE_OPEN | NODE_CUT : 0;
		}
		buf_clear(&form);
		tree_clean_lines(n.text, &form);
		n.word = span_eq(n.text, buf_span(&form)) ? words_put(w, n.text, false) :
		    words_put(w, buf_span(&form), true);
		if (n.kind == NODE_LINE && tree_separator(t, n.word, 0, &ends))
			n.kind = NODE_NOTHING;
		tree_add(t, &n);
	}
	buf_release(&form);
}
