/* SPDX-License-Identifier: Apache-2.0 */
#include "diffing/rule.h"

#include <ctype.h>

/* What to think when a pattern gives up: see rules_find(). */
static const bool doubt_of[RULE_KINDS] = {
	[RULE_ORDERED] = true,
	[RULE_LIFELINE] = true,
	[RULE_DESTRUCTIVE] = true,
	[RULE_SECRET] = true,
};

static bool
hit(const struct re *re, struct span text, bool doubt)
{
	int r = re_find(re, text, NULL);

	return r < 0 ? doubt : r > 0;
}

/* Behind the class [...] that starts at s: `]` may stand first in it, and
 * [:alpha:] inside it. */
static const char *
skip_class(const char *s)
{
	s += s[1] == '^' ? 2 : 1;
	if (*s == ']')
		s++;
	while (*s != '\0' && *s != ']') {
		const char *end = s[0] == '[' && s[1] == ':' ? strstr(s, ":]") : NULL;

		if (end != NULL)
			s = end + 2;
		else
			s += *s == '\\' && s[1] != '\0' ? 2 : 1;
	}
	return *s != '\0' ? s + 1 : s;
}

/* Whether a pattern is, or may be, alternatives at its top level. */
static bool
alternatives(const char *s)
{
	int depth = 0;

	while (*s != '\0') {
		if (*s == '[') {
			s = skip_class(s);
			continue;
		}
		if (*s == '\\' && (s[1] == 'Q' || s[1] == '\0'))
			return true;
		if (*s == '|' && depth <= 0)
			return true;
		depth += (*s == '(') - (*s == ')');
		s += *s == '\\' ? 2 : 1;
	}
	return false;
}

/* The letters that every match must begin with; none when in doubt. */
static void
literal_of(struct literal *l, const char *s)
{
	if (*s != '^' || alternatives(s))
		return;
	for (s++; l->len < LITERAL_MAX && (isalnum((unsigned char)*s) ||
	     (*s != '\0' && strchr(" -_/:,!#\"=@%&;<>~'", *s) != NULL)); s++)
		l->text[l->len++] = *s;
	if (l->len > 0 && (*s == '?' || *s == '*' || *s == '{'))
		l->len--;
}

static void
set_init(struct rule_set *set, struct arena *a, const struct dialect_rule *v, size_t n)
{
	struct literal *literals = arena_calloc(a, n, sizeof(*literals));

	*set = (struct rule_set){ .v = v, .literals = literals, .n = n };
	for (size_t i = 0; i < n; i++) {
		literal_of(&literals[i], re_source(v[i].line));
		set->within |= v[i].within != NULL;
		set->ends |= v[i].ends;
		if (literals[i].len > 0)
			set->first[(unsigned char)literals[i].text[0]] = true;
		else
			memset(set->first, true, sizeof(set->first));
	}
}

void
rules_init(struct rules *r, struct arena *a, const struct dialect *d)
{
	struct dialect_rule *openings = arena_calloc(a, d->n_blocks, sizeof(*openings));

	for (size_t i = 0; i < d->n_blocks; i++)
		openings[i] = (struct dialect_rule){ .name = d->blocks[i].name,
			.line = d->blocks[i].open, .within = d->blocks[i].within };
	r->dialect = d;
	set_init(&r->sets[RULE_SEPARATOR], a, d->separators, d->n_separators);
	set_init(&r->sets[RULE_BLOCK], a, openings, d->n_blocks);
	set_init(&r->sets[RULE_VOLATILE], a, d->volatiles, d->n_volatiles);
	set_init(&r->sets[RULE_OWNED], a, d->owned, d->n_owned);
	set_init(&r->sets[RULE_BLANK], a, d->blanks, d->n_blanks);
	set_init(&r->sets[RULE_ORDERED], a, d->ordered, d->n_ordered);
	set_init(&r->sets[RULE_EXCEPT], a, d->except, d->n_except);
	set_init(&r->sets[RULE_ONLY], a, d->only, d->n_only);
	set_init(&r->sets[RULE_SEQUENCE], a, d->sequences, d->n_sequences);
	set_init(&r->sets[RULE_RANGE], a, d->ranges, d->n_ranges);
	set_init(&r->sets[RULE_IDENTITY], a, d->identities, d->n_identities);
	set_init(&r->sets[RULE_SECRET], a, d->secrets, d->n_secrets);
	set_init(&r->sets[RULE_LIFELINE], a, d->lifelines, d->n_lifelines);
	set_init(&r->sets[RULE_DESTRUCTIVE], a, d->destructive, d->n_destructive);
	set_init(&r->sets[RULE_REFERENCE], a, d->references, d->n_references);
	set_init(&r->sets[RULE_NEGATION], a, d->negations, d->n_negations);
	set_init(&r->sets[RULE_RESET], a, d->resets, d->n_resets);
	set_init(&r->sets[RULE_MODE], a, d->modes, d->n_modes);
	set_init(&r->sets[RULE_EXCLUSIVE], a, d->exclusive, d->n_exclusive);
	set_init(&r->sets[RULE_UNIQUE], a, d->unique, d->n_unique);
	set_init(&r->sets[RULE_KEPT], a, d->kept, d->n_kept);
	set_init(&r->sets[RULE_REFUSED], a, d->refused, d->n_refused);
	set_init(&r->sets[RULE_LIST], a, d->lists, d->n_lists);
}

bool
rules_begins(const struct rules *r, enum rule_kind kind, size_t i, struct span line)
{
	const struct literal *l = &r->sets[kind].literals[i];

	return line.len >= l->len && (l->len == 0 || memcmp(line.p, l->text, l->len) == 0);
}

static bool
line_hit(const struct rules *r, enum rule_kind kind, size_t i, struct span line)
{
	return rules_begins(r, kind, i, line) &&
	    hit(r->sets[kind].v[i].line, line, doubt_of[kind]);
}

bool
rules_may(const struct rules *r, enum rule_kind kind, struct span line)
{
	const struct rule_set *set = &r->sets[kind];

	if (set->n == 0 || (line.len > 0 && !set->first[(unsigned char)line.p[0]]))
		return false;
	for (size_t i = 0; i < set->n; i++)
		if (line_hit(r, kind, i, line))
			return true;
	return false;
}

/* Without the front that rules do not see. */
static struct span
without_root(const struct dialect *d, struct span path)
{
	struct re_match m;

	if (d->root == NULL || re_find(d->root, path, &m) <= 0 || m.group[0].p != path.p)
		return path;
	return span_of(path.p + m.group[0].len, path.len - m.group[0].len);
}

struct span
rules_path(const struct rules *r, struct span line, const struct parents *up, struct buf *out)
{
	if (up->n == 0)
		return without_root(r->dialect, line);
	for (size_t i = 0; i < up->n; i++) {
		buf_addspan(out, up->v[i]);
		buf_addc(out, ' ');
	}
	buf_addspan(out, line);
	return without_root(r->dialect, buf_span(out));
}

bool
rules_within(const struct dialect_rule *rule, const struct parents *up, bool doubt)
{
	if (rule->within == NULL)
		return true;
	/* `^$` is the top level. */
	if (up->n == 0)
		return hit(rule->within, span_of("", 0), doubt);
	for (size_t i = up->n; i > 0; i--)
		if (up->v[i - 1].len > RULES_PATH_MAX ? doubt :
		    hit(rule->within, up->v[i - 1], doubt))
			return true;
	return false;
}

bool
rules_too_long(struct span line, const struct parents *up)
{
	size_t len = line.len;

	for (size_t i = 0; i < up->n; i++)
		len += up->v[i].len;
	return len > RULES_PATH_MAX;
}

const struct dialect_rule *
rules_find(const struct rules *r, enum rule_kind kind, struct span line,
    const struct parents *up)
{
	const struct rule_set *set = &r->sets[kind];
	const struct dialect_rule *found;
	struct buf path = BUF_INIT;

	if (set->n > 0 && up->paths && rules_too_long(line, up))
		return doubt_of[kind] ? &set->v[0] : NULL;
	if (set->n > 0 && up->paths) {
		found = rules_find_path(r, kind, rules_path(r, line, up, &path));
		buf_release(&path);
		return found;
	}
	for (size_t i = 0; i < set->n; i++)
		if (line_hit(r, kind, i, line) && rules_within(&set->v[i], up, doubt_of[kind]))
			return &set->v[i];
	return NULL;
}

const struct dialect_rule *
rules_find_path(const struct rules *r, enum rule_kind kind, struct span path)
{
	const struct rule_set *set = &r->sets[kind];

	for (size_t i = 0; i < set->n; i++)
		if (set->v[i].within == NULL && line_hit(r, kind, i, path))
			return &set->v[i];
	return NULL;
}

const struct dialect_verb *
rules_verb(const struct rules *r, struct span line)
{
	const struct dialect *d = r->dialect;
	const struct dialect_verb *best = NULL;

	for (size_t i = 0; i < d->n_verbs; i++)
		if (span_starts(line, d->verbs[i].prefix) &&
		    (best == NULL || strlen(d->verbs[i].prefix) > strlen(best->prefix)))
			best = &d->verbs[i];
	return best;
}

const char *
rules_comment(const struct rules *r, struct span text)
{
	const struct dialect *d = r->dialect;

	for (size_t i = 0; i < d->n_comments; i++)
		if (span_starts(text, d->comments[i]))
			return d->comments[i];
	return NULL;
}

const struct dialect_verb *
rules_mark(const struct dialect *d, struct span word)
{
	for (size_t i = 0; i < d->n_verbs; i++)
		if (d->verbs[i].does == VERB_MARKS && d->verbs[i].mark != NULL &&
		    span_is(word, d->verbs[i].mark))
			return &d->verbs[i];
	return NULL;
}

struct span
rules_group(const struct re *re, const char *name, struct span line)
{
	int group = re_group(re, name);
	struct re_match m;

	if (group < 0 || re_find(re, line, &m) <= 0 || group >= m.n)
		return span_of(NULL, 0);
	return m.group[group];
}
