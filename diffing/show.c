/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A difference as engineers read it, and as JSON. Nothing here leaves the
 * room unmasked, and control bytes of a device are shown, never passed on to
 * a terminal.
 */
#include "diffing/diff.h"
#include "diffing/mask.h"

/* Bounds of the JSON form, whatever the texts: bytes of one text and of one
 * parent in a path, and of all changes together. */
#define JSON_TEXT_MAX ((size_t)64 << 10)
#define JSON_PARENT_MAX 256
#define JSON_MAX ((size_t)64 << 20)
/* Deeper indent is not worth its blanks. */
#define INDENT_MAX 120

struct show {
	const struct diff *diff;
	struct arena arena;
	struct rules rules;
	struct masker masker;
	struct parents up;
	struct buf text;	/* scratch: one masked text */
	struct buf *out;
	bool ignored;
};

static void
show_init(struct show *s, const struct diff *d, const struct mask_key *key)
{
	*s = (struct show){ .diff = d, .text = BUF_INIT };
	rules_init(&s->rules, &s->arena, d->dialect);
	masker_init(&s->masker, &s->rules, key);
}

static void
show_release(struct show *s)
{
	masker_release(&s->masker);
	buf_release(&s->text);
	arena_release(&s->arena);
}

static struct span
masked(struct show *s, const struct diff_node *n)
{
	buf_clear(&s->text);
	mask_add_node(&s->masker, n->text, n->normal, &s->up, &s->text);
	return buf_span(&s->text);
}

static const char *
sign_of(const struct diff_node *n)
{
	static const char *const signs[] = {
		[DIFF_CONTEXT] = "  ", [DIFF_ADDED] = "+ ", [DIFF_REMOVED] = "- ",
		[DIFF_MOVED] = "~ ", [DIFF_IGNORED] = "i ",
	};

	return signs[n->kind];
}

static void
add_indent(struct buf *out, uint32_t column)
{
	for (uint32_t i = 0; i < column && i < INDENT_MAX; i++)
		buf_addc(out, ' ');
}

/* The inner lines of a block have their own indent. */
static void
show_text(struct show *s, const struct diff_node *n)
{
	struct span rest = masked(s, n), line;

	for (bool first = true; span_line(&rest, &line); first = false) {
		if (!first)
			buf_addc(s->out, '\n');
		buf_adds(s->out, sign_of(n));
		if (first)
			add_indent(s->out, n->column);
		text_visible(s->out, span_rtrim(line), false);
	}
}

static bool
is_section(const struct show *s, const struct diff_node *n)
{
	return s->diff->dialect->syntax == SYNTAX_BRACE && n->normal.len > 0 &&
	    n->normal.p[n->normal.len - 1] == '{' && rules_comment(&s->rules, n->normal) == NULL;
}

static void show_level(struct show *s, const struct diff_node *v, size_t n);

static void
show_node(struct show *s, const struct diff_node *n)
{
	show_text(s, n);
	/* A moved section without changes inside, or an empty one. */
	if (is_section(s, n) && n->n == 0)
		buf_adds(s->out, n->kind == DIFF_MOVED ? " ... }" : " }");
	if (n->kind == DIFF_IGNORED)
		buf_addf(s->out, "  [%s, ignored: %s]", n->added ? "added" : "removed",
		    n->rule);
	buf_addc(s->out, '\n');
	s->up.v[s->up.n++] = words_first_line(n->normal);
	show_level(s, n->children, n->n);
	s->up.n--;
	if (!is_section(s, n) || n->n == 0)
		return;
	buf_adds(s->out, sign_of(n));
	add_indent(s->out, n->column);
	buf_adds(s->out, "}\n");
}

static void
show_level(struct show *s, const struct diff_node *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].counts || s->ignored)
			show_node(s, &v[i]);
}

void
diff_text(const struct diff *d, const struct mask_key *key, bool ignored, struct buf *out)
{
	struct show s;

	show_init(&s, d, key);
	s.out = out;
	s.ignored = ignored;
	show_level(&s, d->nodes, d->n);
	show_release(&s);
}

static struct span
head(struct span s, size_t max)
{
	return s.len > max ? span_of(s.p, max) : s;
}

static void
json_change(struct show *s, struct jw *w, const struct diff_node *n, const struct span *path)
{
	static const char *const kinds[] = {
		[DIFF_ADDED] = "added", [DIFF_REMOVED] = "removed", [DIFF_MOVED] = "moved",
		[DIFF_IGNORED] = "ignored",
	};

	jw_object(w, NULL);
	jw_string(w, "kind", kinds[n->kind]);
	jw_array(w, "path");
	for (size_t i = 0; i < s->up.n; i++)
		jw_span(w, NULL, path[i]);
	jw_end(w);
	jw_span(w, "text", head(masked(s, n), JSON_TEXT_MAX));
	jw_int(w, "line", n->line);
	if (n->kind == DIFF_IGNORED) {
		jw_string(w, "side", n->added ? "added" : "removed");
		jw_string(w, "rule", n->rule);
	}
	jw_end(w);
}

/* path[] holds the masked parents. False when JSON_MAX was reached. */
static bool
json_level(struct show *s, struct jw *w, const struct diff_node *v, size_t n, size_t start,
    struct span *path)
{
	struct span parent;
	bool more = true;

	for (size_t i = 0; i < n && more; i++) {
		if (w->out->len - start > JSON_MAX)
			return false;
		if (v[i].kind != DIFF_CONTEXT)
			json_change(s, w, &v[i], path);
		if (v[i].n == 0)
			continue;
		parent = head(masked(s, &v[i]), JSON_PARENT_MAX);
		path[s->up.n] = span_of(arena_strndup(&s->arena, parent.p, parent.len),
		    parent.len);
		s->up.v[s->up.n++] = words_first_line(v[i].normal);
		more = json_level(s, w, v[i].children, v[i].n, start, path);
		s->up.n--;
	}
	return more;
}

void
diff_json(const struct diff *d, const struct mask_key *key, struct jw *w, const char *jkey)
{
	struct span path[TREE_DEPTH];
	struct show s;
	bool all;

	show_init(&s, d, key);
	jw_object(w, jkey);
	jw_int(w, "added", (int64_t)d->added);
	jw_int(w, "removed", (int64_t)d->removed);
	jw_int(w, "moved", (int64_t)d->moved);
	jw_int(w, "ignored", (int64_t)d->ignored);
	jw_array(w, "changes");
	all = json_level(&s, w, d->nodes, d->n, w->out->len, path);
	jw_end(w);
	jw_bool(w, "truncated", !all);
	jw_end(w);
	show_release(&s);
}
