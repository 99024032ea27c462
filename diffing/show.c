/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A difference as engineers read it. Control bytes of a device are shown,
 * never passed on to a terminal.
 */
#include "diffing/show.h"

#include "base/lcs.h"
#include "diffing/diff_build.h"

/* Deeper indent is not worth its blanks. */
#define INDENT_MAX 120
/* Lines that are the same, shown around those that are not, in a block; and the
 * work to find them. */
#define AROUND 3
#define LCS_COST 1000

void
show_init(struct show *s, const struct diff *d, const struct mask_key *key)
{
	*s = (struct show){ .diff = d, .text = BUF_INIT, .up.paths = d->paths };
	rules_init(&s->rules, &s->arena, d->dialect);
	masker_init(&s->masker, &s->rules, key);
}

void
show_release(struct show *s)
{
	masker_release(&s->masker);
	buf_release(&s->text);
	arena_release(&s->arena);
}

struct span
show_mask(struct show *s, struct span text, struct span normal)
{
	buf_clear(&s->text);
	mask_add_node(&s->masker, text, normal, &s->up, &s->text);
	return buf_span(&s->text);
}

struct span
show_masked(struct show *s, const struct diff_node *n)
{
	return show_mask(s, n->text, n->normal);
}

struct span
show_masked_old(struct show *s, const struct diff_node *n)
{
	return show_mask(s, n->old, n->old_normal);
}

void
show_enter(struct show *s, const struct diff_node *n)
{
	s->up.v[s->up.n++] = words_first_line(n->normal);
}

void
show_leave(struct show *s)
{
	s->up.n--;
}

/* --- unified text --- */

struct text {
	struct show show;
	struct buf *out;
	bool ignored;
};

static const char *
sign_of(const struct diff_node *n)
{
	static const char *const signs[] = {
		[DIFF_CONTEXT] = "  ", [DIFF_ADDED] = "+ ", [DIFF_REMOVED] = "- ",
		[DIFF_MOVED] = "~ ", [DIFF_CHANGED] = "+ ", [DIFF_IGNORED] = "i ",
	};

	return signs[n->kind];
}

static void
add_indent(struct buf *out, uint32_t column)
{
	for (uint32_t i = 0; i < column && i < INDENT_MAX; i++)
		buf_addc(out, ' ');
}

/* A line of braces of which nothing is below but its mark, which stands in front. */
static bool
is_marked(const struct diff_node *n)
{
	return n->n == 1 && n->children[0].mark && n->children[0].bare &&
	    n->children[0].kind == n->kind &&
	    (n->kind == DIFF_ADDED || n->kind == DIFF_REMOVED);
}

/* What a path needs to be a line of its form again. */
static const char *
ending_of(const struct text *t, const struct diff_node *n)
{
	const struct diff *d = t->show.diff;

	if (!d->paths || d->syntax != SYNTAX_BRACE || n->bare)
		return "";
	return n->section && !is_marked(n) ? " {" : d->dialect->line_ends ? "" : ";";
}

/* What a line begins with: in set lines a verb; in braces a mark, also that of the
 * line. A mark at the end of a path is cut off, for it is said so. */
static const char *
beginning_of(const struct text *t, const struct diff_node *n, struct span *masked)
{
	const struct diff *d = t->show.diff;
	const struct dialect_verb *verb = NULL, *adds = NULL;
	struct span mark = n->text;

	if (!d->paths || (d->syntax == SYNTAX_SET && t->show.up.n > 0))
		return "";
	if (d->syntax == SYNTAX_BRACE && is_marked(n))
		mark = n->children[0].text;
	else if (!n->mark || n->bare)
		mark.len = 0;
	for (size_t i = 0; i < d->dialect->n_verbs; i++) {
		const struct dialect_verb *v = &d->dialect->verbs[i];

		if (v->does == VERB_ADDS && adds == NULL)
			adds = v;
		if (v->mark != NULL && mark.len >= strlen(v->mark) && memcmp(mark.p + mark.len -
		    strlen(v->mark), v->mark, strlen(v->mark)) == 0)
			verb = v;
	}
	if (verb != NULL && n->mark && masked->len > strlen(verb->mark))
		masked->len -= strlen(verb->mark) + 1;
	if (d->syntax == SYNTAX_BRACE)
		return verb != NULL ? verb->mark : "";
	return verb != NULL ? verb->prefix : adds != NULL ? adds->prefix : "";
}

/* The inner lines of a block have their own indent. */
static void
show_lines(struct text *t, struct span masked, const char *sign, const struct diff_node *n)
{
	const char *beginning = beginning_of(t, n, &masked);
	struct span line;

	for (bool first = true; span_line(&masked, &line); first = false) {
		if (!first)
			buf_addc(t->out, '\n');
		buf_adds(t->out, sign);
		if (first) {
			add_indent(t->out, n->column);
			buf_adds(t->out, beginning);
			if (*beginning != '\0' && t->show.diff->syntax == SYNTAX_BRACE)
				buf_addc(t->out, ' ');
		}
		text_visible(t->out, span_rtrim(line), false);
	}
	buf_adds(t->out, ending_of(t, n));
}

/* The lines of a masked text as numbers, equal ones alike. */
struct lines {
	struct span *v;
	uint32_t *numbers;
	size_t n;
};

static struct lines
lines_of(struct text *t, struct span masked, struct words *w)
{
	struct lines l = { NULL, NULL, 0 };
	struct span line;

	masked.p = arena_strndup(&t->show.arena, masked.p, masked.len);
	while (span_line(&masked, &line))
		ARENA_PUSH(&t->show.arena, l.v, l.n) = span_rtrim(line);
	l.numbers = arena_calloc(&t->show.arena, l.n, sizeof(*l.numbers));
	for (size_t i = 0; i < l.n; i++)
		l.numbers[i] = words_put(w, l.v[i], false);
	return l;
}

static void
show_range(struct text *t, const struct lines *l, size_t from, size_t n, const char *sign,
    uint32_t column)
{
	for (size_t i = from; i < from + n; i++) {
		buf_adds(t->out, sign);
		if (i == 0)
			add_indent(t->out, column);
		text_visible(t->out, l->v[i], false);
		buf_addc(t->out, '\n');
	}
}

/* Lines of a block that are the same: those next to a change. */
static void
show_same(struct text *t, const struct lines *l, size_t from, size_t n, bool last,
    uint32_t column)
{
	size_t head = from == 0 ? 1 : AROUND, tail = last ? 1 : AROUND;

	if (n <= head + tail + 1) {
		show_range(t, l, from, n, "  ", column);
		return;
	}
	show_range(t, l, from, head, "  ", column);
	buf_addf(t->out, "  ... %zu lines\n", n - head - tail);
	show_range(t, l, from + n - tail, tail, "  ", column);
}

/* A block that changed, line by line. */
static void
show_block(struct text *t, const struct diff_node *n)
{
	struct words w;
	struct lines x, y;
	struct lcs_run *runs;
	size_t count, i = 0, j = 0;

	words_init(&w, &t->show.arena, &t->show.rules, 0);
	x = lines_of(t, show_masked_old(&t->show, n), &w);
	y = lines_of(t, show_masked(&t->show, n), &w);
	runs = lcs(&t->show.arena, x.numbers, x.n, y.numbers, y.n, LCS_COST, &count);
	for (size_t k = 0; k < count; k++) {
		show_same(t, &y, j, runs[k].same, k + 1 == count && runs[k].del + runs[k].add == 0,
		    n->column);
		i += runs[k].same;
		j += runs[k].same;
		show_range(t, &x, i, runs[k].del, "- ", n->column);
		show_range(t, &y, j, runs[k].add, "+ ", n->column);
		i += runs[k].del;
		j += runs[k].add;
	}
}

static bool
is_long(struct span s)
{
	return memchr(s.p, '\n', s.len) != NULL;
}

/* Whose doing a line is, and in a conflict what there was before. */
static void
show_origin(struct text *t, const struct diff_node *n)
{
	struct buf was = BUF_INIT;

	if (n->origin == ORIGIN_NONE)
		return;
	buf_addf(t->out, "  [%s", diff_origin_word(n->origin));
	if (n->applied.p != NULL) {
		mask_add(&t->show.masker, n->applied, &t->show.up, &was);
		buf_adds(t->out, "; applied was \"");
		text_visible(t->out, words_first_line(buf_span(&was)), false);
		buf_addc(t->out, '"');
	}
	buf_addc(t->out, ']');
	buf_release(&was);
}

static void
show_ignored(struct text *t, const struct diff_node *n)
{
	buf_addf(t->out, "  [%s, ignored: %s", n->old.p != NULL ? "changed" :
	    n->added ? "added" : "removed", n->rule);
	if (n->old.p != NULL) {
		buf_adds(t->out, "; was \"");
		text_visible(t->out, words_first_line(show_masked_old(&t->show, n)), false);
		buf_addc(t->out, '"');
	}
	buf_addc(t->out, ']');
}

static void show_level(struct text *t, const struct diff_node *v, size_t n);

static void
show_head(struct text *t, const struct diff_node *n)
{
	bool changed = n->kind == DIFF_CHANGED;

	if (changed && (is_long(n->old) || is_long(n->text))) {
		show_block(t, n);
		if (n->origin != ORIGIN_NONE && t->out->len > 0) {
			buf_cut(t->out, t->out->len - 1);
			show_origin(t, n);
			buf_addc(t->out, '\n');
		}
		return;
	}
	if (changed) {
		show_lines(t, show_masked_old(&t->show, n), "- ", n);
		buf_addc(t->out, '\n');
	}
	show_lines(t, show_masked(&t->show, n), sign_of(n), n);
	/* A moved section without changes inside, or an empty one. */
	if (n->section && n->n == 0 && t->show.diff->syntax == SYNTAX_BRACE)
		buf_adds(t->out, n->kind == DIFF_MOVED ? " ... }" : " }");
	show_origin(t, n);
	if (n->kind == DIFF_IGNORED)
		show_ignored(t, n);
	buf_addc(t->out, '\n');
}

static void
show_node(struct text *t, const struct diff_node *n)
{
	show_head(t, n);
	if (t->show.diff->syntax == SYNTAX_BRACE && is_marked(n))
		return;
	show_enter(&t->show, n);
	show_level(t, n->children, n->n);
	show_leave(&t->show);
	if (!n->section || n->n == 0 || t->show.diff->syntax != SYNTAX_BRACE)
		return;
	buf_adds(t->out, n->kind == DIFF_CHANGED ? "  " : sign_of(n));
	add_indent(t->out, n->column);
	buf_adds(t->out, "}\n");
}

/* Numbers of one line in one again. */
static void
show_run(struct text *t, const struct diff_node *n, struct span line)
{
	struct diff_node whole = *n;

	whole.text = whole.normal = line;
	show_node(t, &whole);
}

static void
show_level(struct text *t, const struct diff_node *v, size_t n)
{
	struct buf line = BUF_INIT;
	size_t run;

	for (size_t i = 0; i < n; i += run) {
		buf_clear(&line);
		run = diff_run(&v[i], n - i, &line);
		if (run > 1)
			show_run(t, &v[i], buf_span(&line));
		else if (v[i].counts || t->ignored)
			show_node(t, &v[i]);
	}
	buf_release(&line);
}

void
diff_text(const struct diff *d, const struct mask_key *key, bool ignored, struct buf *out)
{
	struct text t = { .out = out, .ignored = ignored };

	show_init(&t.show, d, key);
	show_level(&t, d->nodes, d->n);
	show_release(&t.show);
}
