/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change does that a person should look at twice: what running has and
 * the candidate lacks or alters. A line is a lifeline when a rule matches it or
 * one of its parents; a section that goes takes those inside with it. In an
 * ordered context (an access list) what comes or moves alters what stays, so
 * that counts too. What is destroyed is what goes, by its own rules. Both walk
 * the paired items and not the difference as it is shown, because a rule about
 * paths may end where no line does.
 */
#include "diffing/diff_build.h"
#include "diffing/mask.h"

#define QUOTE_MAX 200		/* bytes of one line in a sentence */

struct judge {
	struct arena *arena;	/* of the sentences */
	struct match match;
	struct masker masker;
	struct buf sentence;
	struct field_strings *out;	/* where they go now */
	enum { UNASKED, NONE, SOME } *left;	/* of a rule of last ones: in b */
};

/* --- sentences --- */

static void
add_quoted(struct judge *j, const struct buf *text)
{
	struct span shown = buf_span(text);

	if (shown.len > QUOTE_MAX)
		shown.len = QUOTE_MAX;
	buf_addc(&j->sentence, '"');
	text_visible(&j->sentence, shown, false);
	buf_adds(&j->sentence, shown.len < text->len ? "...\"" : "\"");
}

/* A line, then its parents, outermost first. */
static void
add_line(struct judge *j, struct parents *up, struct span line)
{
	struct buf text = BUF_INIT;
	size_t depth = up->n;

	mask_add(&j->masker, line, up, &text);
	add_quoted(j, &text);
	for (up->n = 0; up->n < depth; up->n++) {
		buf_clear(&text);
		mask_add(&j->masker, up->v[up->n], up, &text);
		buf_adds(&j->sentence, up->n == 0 ? " under " : ", ");
		add_quoted(j, &text);
	}
	buf_release(&text);
}

static void
add_path(struct judge *j, struct parents *up, struct span word)
{
	struct buf text = BUF_INIT, shown = BUF_INIT;
	size_t depth = up->n;

	up->v[depth] = word;
	for (up->n = 0; up->n <= depth; up->n++) {
		if (up->n > 0)
			buf_addc(&text, ' ');
		/* In quotes, which tell where a secret with blanks ends. */
		buf_clear(&shown);
		path_add_word(&shown, up->v[up->n]);
		mask_add(&j->masker, buf_span(&shown), up, &text);
	}
	add_quoted(j, &text);
	buf_release(&text);
	buf_release(&shown);
}

static void
say(struct judge *j, const char *verb, const struct config *c, uint32_t i)
{
	uint32_t only = c->paths ? config_first(c, i) : 0;
	struct parents up;
	struct span line;

	/* A value goes with what it is of. */
	if (only != 0 && config_next(c, only) == 0 && config_first(c, only) == 0)
		i = only;
	line = words_first_line(config_exact(c, i));
	config_parents(c, i, &up);
	buf_clear(&j->sentence);
	buf_addf(&j->sentence, "%s ", verb);
	(c->paths ? add_path : add_line)(j, &up, line);
	ARENA_PUSH(j->arena, j->out->v, j->out->n) = arena_strndup(j->arena,
	    j->sentence.data, j->sentence.len);
	ARENA_PUSH(j->arena, j->out->v, j->out->n) = NULL;
	j->out->n--;
}

/* --- lifelines --- */

static void
lifelines_gone(struct judge *j, uint32_t i, bool inside)
{
	const struct config *a = &j->match.a;

	if (inside || config_rule(a, RULE_LIFELINE, i) != NULL) {
		say(j, "removes", a, i);
		return;
	}
	for (uint32_t k = config_first(a, i); k != 0; k = config_next(a, k))
		lifelines_gone(j, k, false);
}

static void
lifelines_new(struct judge *j, uint32_t i, bool altering)
{
	const struct config *b = &j->match.b;
	const struct dialect_rule *rule = config_rule(b, RULE_LIFELINE, i);

	if (altering || (rule != NULL && (rule->added || (b->v[i].flags & ITEM_ORDERED) != 0))) {
		say(j, "adds", b, i);
		return;
	}
	for (uint32_t k = config_first(b, i); k != 0; k = config_next(b, k))
		lifelines_new(j, k, false);
}

/* What is below a pair; `inside`: it or a parent is a lifeline. */
static void
lifelines_below(struct judge *j, uint32_t ia, uint32_t ib, bool inside)
{
	static const char *const verbs[] = { [DIFF_REMOVED] = "removes",
		[DIFF_CHANGED] = "changes", [DIFF_MOVED] = "moves", [DIFF_IGNORED] = NULL };
	const struct config *a = &j->match.a, *b = &j->match.b;
	bool ordered = ((a->v[ia].flags | b->v[ib].flags) & ITEM_ORDERED) != 0;

	for (uint32_t k = config_first(a, ia); k != 0; k = config_next(a, k))
		if (a->v[k].mate == NODE_NONE)
			lifelines_gone(j, k, inside);
	for (uint32_t k = config_first(b, ib); k != 0; k = config_next(b, k)) {
		uint32_t mate = b->v[k].mate;
		const char *verb;
		bool lifeline;

		if (mate == NODE_NONE) {
			lifelines_new(j, k, inside && ordered && config_counts(b, k));
			continue;
		}
		verb = verbs[diff_kind_of(&j->match, mate, k)];
		lifeline = inside || config_rule(a, RULE_LIFELINE, mate) != NULL ||
		    config_rule(b, RULE_LIFELINE, k) != NULL;
		if (lifeline && verb != NULL)
			say(j, verb, b, k);
		if (!match_same(&j->match, mate, k))
			lifelines_below(j, mate, k, lifeline);
	}
}

/* --- what is destroyed --- */

static bool
any_below(const struct config *c, uint32_t i, const struct re *re)
{
	struct buf path = BUF_INIT;
	struct parents up;
	bool found = false;

	for (uint32_t k = config_first(c, i); k != 0 && !found; k = config_after(c, i, k)) {
		struct span line = words_first_line(config_word(c, k));

		if (c->paths) {
			config_parents(c, k, &up);
			buf_clear(&path);
			line = rules_path(c->rules, line, &up, &path);
		}
		found = re_find(re, line, NULL) != 0;
	}
	buf_release(&path);
	return found;
}

/* Whether the candidate has a line for which the same rule holds. */
static bool
any_left(struct judge *j, const struct dialect_rule *rule)
{
	const struct config *b = &j->match.b;
	size_t at = (size_t)(rule - j->match.rules.dialect->destructive);

	if (j->left[at] != UNASKED)
		return j->left[at] == SOME;
	j->left[at] = NONE;
	for (uint32_t i = 1; i < b->n && j->left[at] == NONE; i++)
		if ((b->v[i].flags & ITEM_GONE) == 0 &&
		    config_rule(b, RULE_DESTRUCTIVE, i) == rule)
			j->left[at] = SOME;
	return j->left[at] == SOME;
}

/* `rule` is what holds for an item that goes, or NULL. */
static bool
destroys(struct judge *j, uint32_t i, const struct dialect_rule *rule)
{
	const struct config *a = &j->match.a;

	if (rule == NULL || !config_counts(a, i) || (rule->last && any_left(j, rule)) ||
	    (rule->other != NULL && !any_below(a, i, rule->other)))
		return false;
	say(j, "destroys", a, i);
	return true;
}

static void
destroyed_gone(struct judge *j, uint32_t i)
{
	const struct config *a = &j->match.a;

	if (destroys(j, i, config_rule(a, RULE_DESTRUCTIVE, i)))
		return;
	for (uint32_t k = config_first(a, i); k != 0; k = config_next(a, k))
		destroyed_gone(j, k);
}

static void
destroyed_below(struct judge *j, uint32_t ia)
{
	const struct config *a = &j->match.a;

	for (uint32_t k = config_first(a, ia); k != 0; k = config_next(a, k)) {
		uint32_t mate = a->v[k].mate;
		const struct dialect_rule *rule;

		if (mate == NODE_NONE) {
			destroyed_gone(j, k);
			continue;
		}
		/* Another value may be one that the rule does not mean. */
		rule = (a->v[k].flags & ITEM_CHANGED) != 0 ?
		    config_rule(a, RULE_DESTRUCTIVE, k) : NULL;
		if (rule != NULL && config_rule(&j->match.b, RULE_DESTRUCTIVE, mate) != rule)
			destroys(j, k, rule);
		if (!match_same(&j->match, k, mate))
			destroyed_below(j, k);
	}
}

void
diff_judge(struct arena *arena, const struct dialect *d, const struct mask_key *key,
    struct span running, struct span candidate, struct judgement *out)
{
	struct judge j = { .arena = arena, .sentence = BUF_INIT };

	*out = (struct judgement){ .lifelines.n = 0 };
	match_init(&j.match, d, running, candidate);
	masker_init(&j.masker, &j.match.rules, key);
	j.left = arena_calloc(&j.match.arena, d->n_destructive, sizeof(*j.left));
	j.out = &out->lifelines;
	lifelines_below(&j, 0, 0, false);
	j.out = &out->destroys;
	destroyed_below(&j, 0);
	masker_release(&j.masker);
	buf_release(&j.sentence);
	match_release(&j.match);
}
