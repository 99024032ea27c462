/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets are found by the dialect's rules in the whole text of a node, in
 * each line of a block without its indent, behind the prefix of a comment, and
 * behind what takes a line back: a password that somebody commented out is
 * still one. More blanks between words than one say nothing.
 */
#include "diffing/mask.h"

#include "base/secret.h"

/* More than this in one text is no list of secrets: all of it is masked. */
#define FOUND_MAX 10000

void
masker_init(struct masker *m, const struct rules *r, const struct mask_key *key)
{
	const struct rule_set *set = &r->sets[RULE_SECRET];

	*m = (struct masker){ .rules = r, .key = key };
	m->groups = mem_calloc(set->n, sizeof(*m->groups));
	for (size_t i = 0; i < set->n; i++) {
		int group = re_group(set->v[i].line, "secret");

		m->groups[i] = group > 0 ? group : 0;
	}
}

void
masker_release(struct masker *m)
{
	free(m->groups);
	free(m->found);
}

static void
found(struct masker *m, struct span s)
{
	if (m->n == m->cap) {
		m->cap = m->cap > 0 ? 2 * m->cap : 16;
		m->found = mem_realloc(m->found, m->cap, sizeof(*m->found));
	}
	m->found[m->n++] = (struct mask_range){ s.p, s.p + s.len };
}

/* ${secret:name}, in quotes or not: what people write in Git instead of a
 * secret. */
static bool
is_reference(struct span s)
{
	if (s.len >= 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.len - 1] == s.p[0])
		s = span_of(s.p + 1, s.len - 2);
	if (!span_starts(s, "${secret:") || s.len < 11 || s.p[s.len - 1] != '}')
		return false;
	for (size_t i = 9; i + 1 < s.len; i++)
		if (strchr("\"'{}$\\ \t\r\n", s.p[i]) != NULL)
			return false;
	return true;
}

/* All matches of rule i in a text. False when the pattern gave up. */
static bool
find_rule(struct masker *m, size_t i, struct span text)
{
	const struct re *re = m->rules->sets[RULE_SECRET].v[i].line;
	const char *end = text.p + text.len, *next;
	struct re_match match;
	struct span s;
	int r;

	for (size_t tries = 0; text.len > 0; tries++) {
		r = re_find(re, text, &match);
		if (r < 0 || tries > FOUND_MAX)
			return false;
		if (r == 0)
			return true;
		s = match.group[m->groups[i] < match.n ? m->groups[i] : 0];
		if (s.p != NULL && s.len > 0 && !is_reference(s))
			found(m, s);
		next = match.group[0].p + match.group[0].len;
		if (s.p != NULL && s.p + s.len > next)
			next = s.p + s.len;
		if (next <= text.p)
			next = text.p + 1;
		text = span_of(next, (size_t)(end - next));
	}
	return true;
}

static bool
find_each(struct masker *m, struct span text, bool single, const struct parents *up)
{
	const struct rule_set *set = &m->rules->sets[RULE_SECRET];

	for (size_t i = 0; i < set->n; i++) {
		if (single && !rules_begins(m->rules, RULE_SECRET, i, text))
			continue;
		if ((up->paths || rules_within(&set->v[i], up, true)) && !find_rule(m, i, text))
			return false;
	}
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The text with single blanks between words, and where each of its bytes stands in
 * the text; empty when it has no others. */
static void
single_blanks(struct span text, struct buf *out, const char ***from)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.p[i] == '\t' || (i > 0 && is_blank(text.p[i]) && is_blank(text.p[i - 1]));
	if (n == 0)
		return;
	*from = mem_calloc(text.len, sizeof(**from));
	for (size_t i = 0; i < text.len; i++) {
		if (i > 0 && is_blank(text.p[i]) && is_blank(text.p[i - 1]))
			continue;
		(*from)[out->len] = text.p + i;
		buf_addc(out, is_blank(text.p[i]) ? ' ' : text.p[i]);
	}
}

/* In the text as it is, and with single blanks. */
static bool
find_rules(struct masker *m, struct span text, bool single, const struct parents *up)
{
	bool sure = find_each(m, text, single, up);
	struct buf words = BUF_INIT;
	const char **from = NULL;
	size_t before = m->n;

	if (sure && single)
		single_blanks(text, &words, &from);
	if (words.len > 0)
		sure = find_each(m, buf_span(&words), single, up);
	for (size_t i = before; i < m->n; i++) {
		struct mask_range *r = &m->found[i];

		r->to = from[r->to - words.data - 1] + 1;
		r->from = from[r->from - words.data];
	}
	buf_release(&words);
	free(from);
	return sure;
}

/* The same in the path that ends in a text; what is found goes where it stands
 * in the text. */
static bool
find_path(struct masker *m, struct span text, const struct parents *up)
{
	struct buf path = BUF_INIT;
	const char *from;
	size_t before = m->n, n = before;
	bool sure;

	/* Of the parents: the text is looked at anyway. */
	if (rules_too_long(span_of("", 0), up))
		return false;
	sure = find_rules(m, rules_path(m->rules, text, up, &path), true, up);
	from = path.data + path.len - text.len;
	for (size_t i = before; path.len > 0 && i < m->n; i++) {
		struct mask_range r = m->found[i];

		if (r.to <= from)
			continue;
		r.from = r.from > from ? text.p + (r.from - from) : text.p;
		r.to = text.p + (r.to - from);
		m->found[n++] = r;
	}
	if (path.len > 0)
		m->n = n;
	buf_release(&path);
	return sure;
}

/* The same, and once more behind the verb, the negation, what takes that back,
 * or the comment prefixes the text begins with. */
static bool
find_here(struct masker *m, struct span text, bool single, const struct parents *up)
{
	const struct dialect_verb *verb = up->paths ? rules_verb(m->rules, text) : NULL;
	const char *before[] = { m->rules->dialect->negation, m->rules->dialect->reset };
	const char *prefix;
	struct span inner = text;

	while ((prefix = rules_comment(m->rules, inner)) != NULL && *prefix != '\0') {
		inner.p += strlen(prefix);
		inner.len -= strlen(prefix);
		inner = span_trim(inner);
	}
	if (verb != NULL && inner.len == text.len)
		before[0] = verb->prefix;
	for (size_t i = 0; i < 2; i++)
		if (before[i] != NULL && span_starts(inner, before[i]))
			inner = span_of(inner.p + strlen(before[i]), inner.len - strlen(before[i]));
	if (up->paths && up->n > 0 && !find_path(m, inner, up))
		return false;
	return find_rules(m, text, single, up) &&
	    (inner.len == text.len || find_rules(m, inner, single, up));
}

static int
by_start(const void *a, const void *b)
{
	const struct mask_range *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

static int
by_end(const void *a, const void *b)
{
	const struct mask_range *x = a, *y = b;

	return (x->to > y->to) - (x->to < y->to);
}

/* A word of a path, from..to, or what is between words. */
struct path_word {
	const char *from, *to;
};

static struct path_word
word_at(const char *p, const char *end)
{
	const char *to = p + 1;

	if (*p == '"' || *p == '\'') {
		to = tree_quote_end(p, end);
		if (to == NULL || to - p < 2)
			to = end;
	} else if (strchr(" \t\r\n", *p) == NULL) {
		while (to < end && strchr(" \t\r\n;[]{}", *to) == NULL)
			to++;
	}
	return (struct path_word){ p, to };
}

/* A secret is a whole word of a path, whatever quotes and blanks are in it: where
 * the word ends that holds the byte before `to`. Goes on from word *w. */
static const char *
word_end(struct path_word *w, const char *end, const char *to)
{
	char first;

	while (w->to < to && w->to < end)
		*w = word_at(w->to, end);
	first = *w->from;
	if ((first == '"' || first == '\'') && w->to - w->from > 1 && w->to[-1] == first &&
	    w->to - 1 >= to)
		return w->to - 1;
	return w->to > to ? w->to : to;
}

/* Into m->found, in order, none overlapping another. */
static void
find_all(struct masker *m, struct span text, const struct parents *up)
{
	struct span rest = text, line;
	struct path_word word = { text.p, text.p };
	bool single = memchr(text.p, '\n', text.len) == NULL, sure;
	size_t n = 0;

	m->n = 0;
	sure = find_here(m, text, single, up);
	while (!single && sure && span_line(&rest, &line))
		sure = find_here(m, span_trim(span_rtrim(line)), true, up);
	if (!sure) {
		m->n = 0;
		found(m, text);
	}
	if (m->n > 1 && up->paths)
		qsort(m->found, m->n, sizeof(*m->found), by_end);
	for (size_t i = 0; i < m->n && up->paths; i++)
		m->found[i].to = word_end(&word, text.p + text.len, m->found[i].to);
	if (m->n > 1)
		qsort(m->found, m->n, sizeof(*m->found), by_start);
	for (size_t i = 0; i < m->n; i++) {
		struct mask_range *last = n > 0 ? &m->found[n - 1] : NULL;

		if (last == NULL || m->found[i].from >= last->to)
			m->found[n++] = m->found[i];
		else if (m->found[i].to > last->to)
			last->to = m->found[i].to;
	}
	m->n = n;
}

static void
add_masked(const struct masker *m, struct span text, struct buf *out)
{
	const char *at = text.p;
	char print[17];

	for (size_t i = 0; i < m->n; i++) {
		const struct mask_range *r = &m->found[i];

		secret_fingerprint(m->key->bytes, sizeof(m->key->bytes), r->from,
		    (size_t)(r->to - r->from), print);
		buf_add(out, at, (size_t)(r->from - at));
		buf_addf(out, "<secret:%s>", print);
		at = r->to;
	}
	buf_add(out, at, (size_t)(text.p + text.len - at));
}

size_t
mask_add(struct masker *m, struct span text, const struct parents *up, struct buf *out)
{
	m->n = 0;
	if (m->key != NULL && text.len > 0 && m->rules->sets[RULE_SECRET].n > 0)
		find_all(m, text, up);
	add_masked(m, text, out);
	return m->n;
}

size_t
mask_add_node(struct masker *m, struct span text, struct span normal,
    const struct parents *up, struct buf *out)
{
	size_t len = out->len, n;

	if (!span_eq(text, normal)) {
		n = mask_add(m, normal, up, out);
		if (n > 0)
			return n;
		buf_cut(out, len);
	}
	return mask_add(m, text, up, out);
}

static bool
span_ends_section(struct span s)
{
	return s.len > 2 && s.p[s.len - 1] == '{';
}

static void
mask_tree(const struct tree *t, struct masker *m, struct buf *out)
{
	bool paths = m->rules->dialect->paths && t->syntax != SYNTAX_INDENT;
	struct parents up;

	for (uint32_t i = 0; i < t->n; i++) {
		const struct node *n = &t->nodes[i];
		const char *end = n->text.p + n->text.len, *next = t->nodes[i + 1].raw;

		tree_parents(t, i, &up);
		up.paths = paths;
		for (size_t d = 0; paths && d < up.n; d++)
			if (span_ends_section(up.v[d]))
				up.v[d].len -= 2;
		buf_add(out, n->raw, (size_t)(n->text.p - n->raw));
		mask_add_node(m, n->text, tree_word(t, i), &up, out);
		buf_add(out, end, (size_t)(next - end));
	}
}

void
mask_text(const struct dialect *d, const struct mask_key *key, struct span text,
    struct buf *out)
{
	struct arena a = ARENA_INIT;
	struct rules rules;
	struct words words;
	struct masker m;
	struct tree t;

	rules_init(&rules, &a, d);
	words_init(&words, &a, &rules, text.len / 32);
	tree_read(&t, &a, &words, text);
	masker_init(&m, &rules, key);
	mask_tree(&t, &m, out);
	masker_release(&m);
	arena_release(&a);
}
