/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SYNTAX_BRACE: `text {` opens, `}` (or `};`) closes, `text;` is a statement;
 * where the dialect says so (`line_ends`), the end of a line is one's end, and
 * `;` is a letter.
 *
 * A statement's compared form has one blank where the text has blanks or line
 * ends outside of quotes, none before its `;` and one before its `{`, so that
 * a form on one line equals the form on many. Between [ and ], braces belong
 * to the statement: a prefix pattern such as 10.0.0.0/8{8,24}.
 *
 * Nothing that the text leaves out is guessed: a quote, comment or section
 * that is not ended goes on to the end of the text and is marked NODE_OPEN,
 * as is a statement before a `}` that lacks its `;`.
 */
#include "diffing/tree.h"

struct lexer {
	struct tree *tree;
	const char *p, *end;
	const char *raw;	/* where the next node's bytes begin */
	uint32_t line, column;
	bool fresh;		/* only blanks so far on this line */
	bool unended;		/* a quote or comment went on to the end */
	bool line_ends;
	struct buf form;	/* the compared form being built */
};

/* What ended a statement. */
enum ending { END_SEMICOLON, END_LINE, END_BRACE, END_MISSING };

/* What a letter does outside of quotes and comments. */
#define BLANK 1		/* parts words */
#define MARK 2		/* is a word of its own, or opens a quote */
#define APART 4		/* a comment may follow it without a blank */
static const unsigned char letters[256] = {
	[' '] = BLANK, ['\t'] = BLANK, ['\n'] = BLANK, ['\r'] = BLANK,
	[';'] = MARK | APART, ['{'] = MARK | APART, ['}'] = MARK | APART,
	['['] = MARK | APART, [']'] = MARK | APART, ['"'] = MARK | APART,
	['\''] = MARK | APART, ['('] = APART, [')'] = APART, [','] = APART,
};

static bool
is(char c, unsigned what)
{
	return (letters[(unsigned char)c] & what) != 0;
}

static void
step(struct lexer *x)
{
	if (*x->p == '\n') {
		x->line++;
		x->column = 0;
		x->fresh = true;
	} else {
		x->column = tree_column(x->column, *x->p);
	}
	x->p++;
}

/* True when there was any. */
static bool
skip_blanks(struct lexer *x)
{
	const char *from = x->p;

	while (x->p < x->end && is(*x->p, BLANK))
		step(x);
	return x->p > from;
}

/* Past text: the column counts only up to the first letter of a line. */
static void
advance(struct lexer *x, const char *to)
{
	const char *lf;

	while ((lf = memchr(x->p, '\n', (size_t)(to - x->p))) != NULL) {
		x->line++;
		x->p = lf + 1;
	}
	x->p = to;
	x->fresh = false;
}

/* Behind the quote at p; one without an end takes the rest. */
static const char *
quote_end(struct lexer *x)
{
	const char *end = tree_quote_end(x->p, x->end);

	x->unended |= end == NULL;
	return end != NULL ? end : x->end;
}

/* The end of the comment at p, or NULL when none begins there. */
static const char *
comment_end(struct lexer *x)
{
	struct span rest = { x->p, (size_t)(x->end - x->p) };
	const char *prefix = rules_comment(x->tree->words->rules, rest), *p;

	if (prefix == NULL)
		return NULL;
	if (strcmp(prefix, "/*") == 0) {
		p = memmem(rest.p + 2, rest.len - 2, "*/", 2);
		x->unended |= p == NULL;
		return p != NULL ? p + 2 : x->end;
	}
	p = memchr(rest.p, '\n', rest.len);
	return p != NULL ? p : x->end;
}

/* A comment begins a word: `http://x` is none. */
static bool
word_begins(const struct lexer *x)
{
	return x->form.len == 0 || is(x->p[-1], BLANK | APART);
}

static bool
is_separator(const struct lexer *x, struct span text)
{
	struct tree *t = x->tree;
	struct parents up = { .n = 0 };

	for (; up.n < t->depth; up.n++)
		up.v[up.n] = tree_word(t, t->open[up.n + 1]);
	return rules_find(t->words->rules, RULE_SEPARATOR, words_first_line(text), &up) != NULL;
}

/* A comment inside a statement stays in the compared form, with a line end
 * behind it, unless the dialect calls it a separator. */
static void
inner_comment(struct lexer *x, const char *end)
{
	struct span text = span_rtrim(span_of(x->p, (size_t)(end - x->p)));

	if (!is_separator(x, text)) {
		buf_addc(&x->form, ' ');
		buf_addspan(&x->form, text);
		buf_addc(&x->form, '\n');
	}
	advance(x, end);
}

/* Brackets and the braces between them. */
struct nesting {
	size_t square, curly;
};

static void
nest(struct nesting *n, char c)
{
	if (c == '[')
		n->square++;
	else if (c == ']' && n->square > 0)
		n->square--;
	else if (c == '{')
		n->curly++;
	else if (c == '}')
		n->curly--;
	if (n->square == 0)
		n->curly = 0;
}

/* One quote, bracket, or run of plain letters. */
static void
take_word(struct lexer *x, struct nesting *n)
{
	const char *end = x->p + 1;

	if (*x->p == '"' || *x->p == '\'')
		end = quote_end(x);
	else if (is(*x->p, MARK))
		nest(n, *x->p);
	else
		while (end < x->end && !is(*end, BLANK | MARK) && !is(end[-1], APART))
			end++;
	tree_clean_lines(span_of(x->p, (size_t)(end - x->p)), &x->form);
	advance(x, end);
}

/* Whether only blanks are left on this line, or nothing at all. */
static bool
at_line_end(const struct lexer *x)
{
	const char *p = x->p;

	while (p < x->end && is(*p, BLANK) && *p != '\n')
		p++;
	return p == x->end || *p == '\n';
}

/*
 * Read on to the end of the statement at p, adding to x->form; *last is
 * behind its last byte.
 */
static enum ending
take_statement(struct lexer *x, const char **last)
{
	struct nesting nesting = { 0, 0 };
	const char *comment;
	bool gap = false;

	for (*last = x->p;; *last = x->p) {
		if (x->line_ends && nesting.square == 0 && at_line_end(x))
			return END_LINE;
		gap |= skip_blanks(x);
		if (x->p == x->end || (*x->p == '}' && nesting.curly == 0))
			return x->line_ends && nesting.square == 0 ? END_LINE : END_MISSING;
		comment = gap || word_begins(x) ? comment_end(x) : NULL;
		if (comment != NULL) {
			inner_comment(x, comment);
			gap = true;
			continue;
		}
		if ((*x->p == ';' && !x->line_ends) || (*x->p == '{' && nesting.square == 0))
			break;
		if (gap && x->form.len > 0 && x->form.data[x->form.len - 1] != '\n')
			buf_addc(&x->form, ' ');
		gap = false;
		take_word(x, &nesting);
	}
	if (*x->p == '{' && x->form.len > 0)
		buf_addc(&x->form, ' ');
	buf_addc(&x->form, *x->p);
	advance(x, x->p + 1);
	*last = x->p;
	return x->p[-1] == ';' ? END_SEMICOLON : END_BRACE;
}

/* A section at TREE_DEPTH, up to its closing brace, as one statement. */
static enum ending
take_deep(struct lexer *x, const char **last)
{
	size_t level = 1;

	while (level > 0) {
		skip_blanks(x);
		if (x->p == x->end)
			return END_MISSING;
		buf_addc(&x->form, ' ');
		if (*x->p == '}') {
			level--;
			buf_addc(&x->form, '}');
			advance(x, x->p + 1);
			*last = x->p;
		} else {
			level += take_statement(x, last) == END_BRACE;
		}
	}
	return END_SEMICOLON;
}

/* The rest of the line belongs to the node when it is blank. */
static void
end_node(struct lexer *x)
{
	const char *p = x->p;

	while (p < x->end && is(*p, BLANK) && *p != '\n')
		p++;
	if (p < x->end && *p == '\n')
		p++;
	while (x->p < p)
		step(x);
	x->raw = x->p;
}

/* A node whose text is from..to; its compared form is x->form. */
static struct node
node_of(struct lexer *x, const char *from, const char *to, uint32_t line, uint32_t column)
{
	struct words *w = x->tree->words;
	struct node n = { .raw = x->raw, .text = span_of(from, (size_t)(to - from)),
		.line = line, .column = column };

	if (span_eq(n.text, buf_span(&x->form)))
		n.word = words_put(w, n.text, false);
	else
		n.word = words_put(w, buf_span(&x->form), true);
	if (x->unended)
		n.flags |= x->p == x->end ? NODE_OPEN | NODE_CUT : NODE_OPEN;
	return n;
}

/* Where a statement would stand if each had its own line. */
static uint32_t
column_of(const struct lexer *x)
{
	const struct tree *t = x->tree;

	if (x->fresh)
		return x->column;
	return t->depth > 0 ? t->nodes[t->open[t->depth]].column + 4 : 0;
}

static void
add_statement(struct lexer *x)
{
	const char *from = x->p, *last;
	uint32_t line = x->line, column = column_of(x);
	enum ending ending;
	bool section;
	struct node n;

	buf_clear(&x->form);
	ending = take_statement(x, &last);
	section = ending == END_BRACE && x->tree->depth + 1 < TREE_DEPTH;
	if (ending == END_BRACE && !section)
		ending = take_deep(x, &last);
	if (ending == END_MISSING)
		x->unended = true;
	n = node_of(x, from, last, line, column);
	x->unended = false;
	end_node(x);
	if (!section && n.flags == 0 && is_separator(x, buf_span(&x->form)))
		n.kind = NODE_NOTHING;
	tree_add(x->tree, &n);
	if (section)
		tree_enter(x->tree);
}

/* What carries nothing, or a comment: its compared form is its text. */
static void
add_text(struct lexer *x, const char *end, enum node_kind kind)
{
	const char *from = x->p;
	uint32_t line = x->line, column = column_of(x);
	struct node n;

	buf_clear(&x->form);
	tree_clean_lines(span_of(from, (size_t)(end - from)), &x->form);
	advance(x, end);
	n = node_of(x, from, end, line, column);
	n.kind = (uint8_t)kind;
	x->unended = false;
	end_node(x);
	tree_add(x->tree, &n);
}

static void
add_comment(struct lexer *x, const char *end)
{
	struct span text = span_rtrim(span_of(x->p, (size_t)(end - x->p)));

	add_text(x, text.p + text.len, is_separator(x, text) ? NODE_NOTHING : NODE_COMMENT);
}

/* `}` and what may follow it on its line, `;`. One without an opening is a
 * line of its own: it is wrong, and must show. */
static void
add_closing(struct lexer *x)
{
	const char *p = x->p + 1;

	if (x->tree->depth == 0) {
		add_text(x, p, NODE_LINE);
		return;
	}
	while (p < x->end && is(*p, BLANK) && *p != '\n')
		p++;
	add_text(x, p < x->end && *p == ';' ? p + 1 : x->p + 1, NODE_NOTHING);
	tree_leave(x->tree);
}

static void
add_node(struct lexer *x)
{
	const char *comment = comment_end(x);

	if (comment != NULL)
		add_comment(x, comment);
	else if (*x->p == '}')
		add_closing(x);
	else if (*x->p == ';' && !x->line_ends)
		add_text(x, x->p + 1, NODE_NOTHING);
	else
		add_statement(x);
}

/* A section without its closing brace differs from one that has it. */
static void
mark_unclosed(struct lexer *x)
{
	struct tree *t = x->tree;

	for (uint32_t d = 1; d <= t->depth; d++) {
		struct node *n = &t->nodes[t->open[d]];

		buf_clear(&x->form);
		buf_addspan(&x->form, tree_word(t, t->open[d]));
		buf_adds(&x->form, " (not closed)");
		n->word = words_put(t->words, buf_span(&x->form), true);
		n->flags |= NODE_OPEN | NODE_CUT;
	}
}

void
read_brace(struct tree *t)
{
	struct lexer x = { .tree = t, .p = t->text.p, .end = t->text.p + t->text.len,
		.raw = t->text.p, .line = 1, .fresh = true, .form = BUF_INIT,
		.line_ends = t->words->rules->dialect->line_ends };

	while (skip_blanks(&x), x.p < x.end && !tree_full(t))
		add_node(&x);
	if (x.raw < x.p)
		add_text(&x, x.p, NODE_NOTHING);
	mark_unclosed(&x);
	buf_release(&x.form);
}
