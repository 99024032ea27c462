/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change does that a person should look at twice. Lifelines are judged
 * as a change: what running has and the candidate lacks or alters. So this
 * reads the difference between the two. A line is a lifeline when a rule
 * matches it or one of its parents; a section that goes takes those inside with
 * it. In an ordered context (an access list) what comes or moves alters what
 * stays, so that counts too. What is destroyed is what goes, by its own rules.
 */
#include "diffing/diff_build.h"
#include "diffing/mask.h"

#define QUOTE_MAX 200		/* bytes of one line in a sentence */

struct judge {
	struct arena *arena;	/* of the sentences */
	struct match match;
	const struct rules *rules;
	struct masker masker;
	struct parents up;
	struct buf sentence;
	const char **found;
	size_t n;
};

static void
add_quoted(struct judge *j, struct span line, const struct parents *up)
{
	struct buf text = BUF_INIT;
	struct span shown;

	mask_add(&j->masker, line, up, &text);
	shown = buf_span(&text);
	if (shown.len > QUOTE_MAX)
		shown.len = QUOTE_MAX;
	buf_addc(&j->sentence, '"');
	text_visible(&j->sentence, shown, false);
	buf_adds(&j->sentence, shown.len < text.len ? "...\"" : "\"");
	buf_release(&text);
}

static void
add_sentence(struct judge *j, const char *verb, const struct diff_node *n)
{
	struct parents above = { .n = 0, .paths = j->up.paths };

	buf_clear(&j->sentence);
	buf_addf(&j->sentence, "%s ", verb);
	add_quoted(j, words_first_line(n->normal), &j->up);
	for (; above.n < j->up.n; above.n++) {
		buf_adds(&j->sentence, above.n == 0 ? " under " : ", ");
		add_quoted(j, j->up.v[above.n], &above);
		above.v[above.n] = j->up.v[above.n];
	}
	ARENA_PUSH(j->arena, j->found, j->n) = arena_strndup(j->arena, j->sentence.data,
	    j->sentence.len);
}

static bool
is_kind(const struct judge *j, enum rule_kind kind, struct span line)
{
	return line.p != NULL &&
	    rules_find(j->rules, kind, words_first_line(line), &j->up) != NULL;
}

static bool
is_lifeline(const struct judge *j, const struct diff_node *n)
{
	return is_kind(j, RULE_LIFELINE, n->normal) || is_kind(j, RULE_LIFELINE, n->old_normal);
}

/* What happens to a lifeline here, or NULL. */
static const char *
verb_of(const struct judge *j, const struct diff_node *n, bool inside)
{
	const struct dialect_rule *rule;

	switch (n->kind) {
	case DIFF_REMOVED:
		return "removes";
	case DIFF_CHANGED:
		return "changes";
	case DIFF_MOVED:
		return "moves";
	case DIFF_IGNORED:
		return n->added || n->old.p != NULL ? NULL : "removes";
	case DIFF_ADDED:
		rule = rules_find(j->rules, RULE_LIFELINE, words_first_line(n->normal), &j->up);
		return (inside && n->place > 0) || (rule != NULL && rule->added) ? "adds" : NULL;
	default:
		return NULL;
	}
}

static void
go_down(struct judge *j, const struct diff_node *n)
{
	j->up.v[j->up.n++] = words_first_line(n->normal);
}

/* `inside`: a parent is a lifeline. */
static void
judge_lifelines(struct judge *j, const struct diff_node *v, size_t n, bool inside)
{
	for (size_t i = 0; i < n; i++) {
		bool lifeline = inside || is_lifeline(j, &v[i]);
		const char *verb = lifeline ? verb_of(j, &v[i], inside) : NULL;

		if (verb != NULL)
			add_sentence(j, verb, &v[i]);
		if (verb != NULL && v[i].kind != DIFF_MOVED && v[i].kind != DIFF_CHANGED)
			continue;
		go_down(j, &v[i]);
		judge_lifelines(j, v[i].children, v[i].n, lifeline);
		j->up.n--;
	}
}

static bool
any_below(const struct diff_node *n, const struct re *re)
{
	for (size_t i = 0; i < n->n; i++)
		if (re_find(re, words_first_line(n->children[i].normal), NULL) != 0 ||
		    any_below(&n->children[i], re))
			return true;
	return false;
}

/* Whether the candidate has a line for which the same rule holds. */
static bool
any_left(const struct judge *j, const struct dialect_rule *rule)
{
	const struct config *b = &j->match.b;

	for (uint32_t i = 1; i < b->n; i++)
		if ((b->v[i].flags & ITEM_GONE) == 0 &&
		    config_rule(b, RULE_DESTRUCTIVE, i) == rule)
			return true;
	return false;
}

static bool
destroys(const struct judge *j, const struct diff_node *n)
{
	const struct dialect_rule *rule;

	if (n->kind != DIFF_REMOVED)
		return false;
	rule = rules_find(j->rules, RULE_DESTRUCTIVE, words_first_line(n->normal), &j->up);
	return rule != NULL && (rule->other == NULL || any_below(n, rule->other)) &&
	    !(rule->last && any_left(j, rule));
}

static void
judge_destroyed(struct judge *j, const struct diff_node *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (destroys(j, &v[i])) {
			add_sentence(j, "destroys", &v[i]);
			continue;
		}
		go_down(j, &v[i]);
		judge_destroyed(j, v[i].children, v[i].n);
		j->up.n--;
	}
}

static size_t
findings(enum rule_kind kind, struct arena *a, const struct dialect *d,
    const struct mask_key *key, struct span running, struct span candidate,
    const char ***out)
{
	struct judge j = { .arena = a, .sentence = BUF_INIT };
	const struct diff *diff;

	match_init(&j.match, d, running, candidate);
	diff = diff_of(&j.match.arena, d, &j.match);
	j.rules = &j.match.rules;
	j.up.paths = diff->paths;
	masker_init(&j.masker, j.rules, key);
	if (kind == RULE_LIFELINE)
		judge_lifelines(&j, diff->nodes, diff->n, false);
	else
		judge_destroyed(&j, diff->nodes, diff->n);
	masker_release(&j.masker);
	buf_release(&j.sentence);
	match_release(&j.match);
	*out = j.found;
	return j.n;
}

size_t
lifeline_findings(struct arena *a, const struct dialect *d, const struct mask_key *key,
    struct span running, struct span candidate, const char ***out)
{
	return findings(RULE_LIFELINE, a, d, key, running, candidate, out);
}

size_t
destructive_findings(struct arena *a, const struct dialect *d, const struct mask_key *key,
    struct span running, struct span candidate, const char ***out)
{
	return findings(RULE_DESTRUCTIVE, a, d, key, running, candidate, out);
}
