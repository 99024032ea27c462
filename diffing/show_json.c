/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as JSON: docs/diff.schema.json says what is in it. */
#include "diffing/show.h"

/* Bounds of the JSON form, whatever the texts: bytes of one text and of one
 * parent in a path, and of all changes together. */
#define JSON_TEXT_MAX ((size_t)64 << 10)
#define JSON_PARENT_MAX 256
#define JSON_MAX ((size_t)64 << 20)

static struct span
head(struct span s, size_t max)
{
	return s.len > max ? span_of(s.p, max) : s;
}

static const char *
side_of(const struct diff_node *n)
{
	return n->old.p != NULL ? "changed" : n->added ? "added" : "removed";
}

static void
json_change(struct show *s, struct jw *w, const struct diff_node *n, const struct span *path)
{
	static const char *const kinds[] = {
		[DIFF_ADDED] = "added", [DIFF_REMOVED] = "removed", [DIFF_MOVED] = "moved",
		[DIFF_CHANGED] = "changed", [DIFF_IGNORED] = "ignored",
	};

	jw_object(w, NULL);
	jw_string(w, "kind", kinds[n->kind]);
	jw_array(w, "path");
	for (size_t i = 0; i < s->up.n; i++)
		jw_span(w, NULL, path[i]);
	jw_end(w);
	jw_span(w, "text", head(show_masked(s, n), JSON_TEXT_MAX));
	jw_int(w, "line", n->line);
	if (n->old.p != NULL) {
		jw_span(w, "old", head(show_masked_old(s, n), JSON_TEXT_MAX));
		jw_int(w, "old_line", n->old_line);
	}
	if (n->origin != ORIGIN_NONE)
		jw_string(w, "origin", diff_origin_word(n->origin));
	if (n->applied.p != NULL)
		jw_span(w, "applied", head(show_mask(s, n->applied, n->applied), JSON_TEXT_MAX));
	if (n->kind == DIFF_IGNORED) {
		jw_string(w, "side", side_of(n));
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
		parent = head(show_masked(s, &v[i]), JSON_PARENT_MAX);
		path[s->up.n] = span_of(arena_strndup(&s->arena, parent.p, parent.len),
		    parent.len);
		show_enter(s, &v[i]);
		more = json_level(s, w, v[i].children, v[i].n, start, path);
		show_leave(s);
	}
	return more;
}

static void
json_origins(const struct diff *d, struct jw *w)
{
	size_t all = 0;

	for (int i = 0; i < ORIGINS; i++)
		all += d->origins[i];
	if (all == 0)
		return;
	jw_object(w, "origins");
	for (int i = ORIGIN_PENDING; i < ORIGINS; i++)
		jw_int(w, diff_origin_word((enum diff_origin)i), (int64_t)d->origins[i]);
	jw_end(w);
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
	jw_int(w, "changed", (int64_t)d->changed);
	jw_int(w, "moved", (int64_t)d->moved);
	jw_int(w, "ignored", (int64_t)d->ignored);
	json_origins(d, w);
	jw_array(w, "changes");
	all = json_level(&s, w, d->nodes, d->n, w->out->len, path);
	jw_end(w);
	jw_bool(w, "truncated", !all);
	jw_end(w);
	show_release(&s);
}
