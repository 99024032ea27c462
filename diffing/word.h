/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines as numbers: equal lines of both texts, in their compared form, have
 * the same number. What the rules say about a line alone is asked once per
 * different line.
 */
#ifndef FAIRLEAD_DIFFING_WORD_H
#define FAIRLEAD_DIFFING_WORD_H

#include "diffing/rule.h"

struct word {
	struct span text;
	uint32_t hash;
	bool copied;		/* text is in the arena, not in an input */
	uint32_t asked, may;	/* bits by enum rule_kind */
};
struct words {
	struct arena *arena;
	const struct rules *rules;
	struct word *v;
	size_t n;
	uint32_t *index;	/* number + 1, or 0; open addressing */
	size_t index_size;
	uint64_t seed[2];
	size_t steps;		/* places looked at: the work done */
};

/* `expected`: about how many lines will come; more are fine. */
void words_init(struct words *w, struct arena *a, const struct rules *r, size_t expected);
/* The number of a text. It must live as long as the words, unless `copy`. */
uint32_t words_put(struct words *w, struct span text, bool copy);
/* rules_may() of the word's first line for any of several kinds, a bit each,
 * remembered. */
#define WORD_KIND(kind) (1u << (kind))
void words_ask(struct words *w, uint32_t word, unsigned kinds);
static inline bool
words_may_any(struct words *w, uint32_t word, unsigned kinds)
{
	if ((w->v[word].asked & kinds) != kinds)
		words_ask(w, word, kinds);
	return (w->v[word].may & kinds) != 0;
}
static inline bool
words_may(struct words *w, uint32_t word, enum rule_kind kind)
{
	return words_may_any(w, word, WORD_KIND(kind));
}
/* The first line of a text, which is what rules other than secrets see. */
struct span words_first_line(struct span text);
/* A hash that nobody outside can foresee; for tables in memory only. */
uint64_t words_hash(const struct words *w, const void *p, size_t len);
/* The same under a seed of the caller's (seed[1] odd). */
uint64_t word_hash(const uint64_t seed[2], const void *p, size_t len);

#endif
