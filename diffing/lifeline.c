/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lifelines are judged as a change: what running has and the candidate lacks.
 * So this reads the difference between the two. A line is a lifeline when a
 * rule matches it or one of its parents; a section that goes takes those
 * inside with it. In an ordered context (an access list) what comes or moves
 * alters what stays, so that counts too.
 */
#include "diffing/diff.h"
#include "diffing/mask.h"

#define QUOTE_MAX 200		/* bytes of one line in a sentence */

struct judge {
	struct arena *arena;	/* of the sentences */
	struct rules rules;
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
	struct parents above = { .n = 0 };

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
is_lifeline(const struct judge *j, const struct diff_node *n)
{
	return rules_find(&j->rules, RULE_LIFELINE, words_first_line(n->normal), &j->up) != NULL;
}

/* What happens to a lifeline here, or NULL. */
static const char *
verb_of(const struct diff_node *n)
{
	if (n->kind == DIFF_REMOVED || (n->kind == DIFF_IGNORED && !n->added))
		return "removes";
	if (n->kind == DIFF_MOVED)
		return "moves";
	return n->kind == DIFF_ADDED && n->place > 0 ? "adds" : NULL;
}

/* `inside`: a parent is a lifeline. */
static void
judge_level(struct judge *j, const struct diff_node *v, size_t n, bool inside)
{
	for (size_t i = 0; i < n; i++) {
		bool lifeline = inside || is_lifeline(j, &v[i]);
		const char *verb = lifeline ? verb_of(&v[i]) : NULL;

		if (verb != NULL && (inside || v[i].kind != DIFF_ADDED))
			add_sentence(j, verb, &v[i]);
		if (verb != NULL && v[i].kind != DIFF_MOVED)
			continue;
		j->up.v[j->up.n++] = words_first_line(v[i].normal);
		judge_level(j, v[i].children, v[i].n, lifeline);
		j->up.n--;
	}
}

size_t
lifeline_findings(struct arena *a, const struct dialect *d, const struct mask_key *key,
    struct span running, struct span candidate, const char ***out)
{
	struct arena scratch = ARENA_INIT;
	struct judge j = { .arena = a, .sentence = BUF_INIT };
	struct diff *diff = diff_make(&scratch, d, running, candidate);

	rules_init(&j.rules, &scratch, d);
	masker_init(&j.masker, &j.rules, key);
	judge_level(&j, diff->nodes, diff->n, false);
	masker_release(&j.masker);
	buf_release(&j.sentence);
	arena_release(&scratch);
	*out = j.found;
	return j.n;
}
