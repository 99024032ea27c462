/* SPDX-License-Identifier: Apache-2.0 */
#include "diffing/word.h"

#include <sys/auxv.h>

_Static_assert(RULE_KINDS <= 32, "struct word keeps a bit a kind");

static uint64_t
fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
word_hash(const uint64_t seed[2], const void *p, size_t len)
{
	const unsigned char *at = p;
	uint64_t h = seed[0] ^ len, part;

	for (; len >= sizeof(part); at += sizeof(part), len -= sizeof(part)) {
		memcpy(&part, at, sizeof(part));
		h = fold(h ^ part, seed[1]);
	}
	part = 0;
	if (len > 0)
		memcpy(&part, at, len);
	return fold(h ^ part ^ 0x9e3779b97f4a7c15u, seed[1]);
}

uint64_t
words_hash(const struct words *w, const void *p, size_t len)
{
	return word_hash(w->seed, p, len);
}

/* The kernel gives each process 16 random bytes: no call that can fail, no
 * state of ours, and lines from outside cannot be made to collide. */
static void
make_seed(struct words *w)
{
	const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);

	if (random != NULL)
		memcpy(w->seed, random, sizeof(w->seed));
	w->seed[1] |= 1;
}

static void
set_index(struct words *w, size_t size)
{
	w->index_size = size;
	w->index = arena_calloc(w->arena, size, sizeof(*w->index));
	for (size_t i = 0; i < w->n; i++) {
		size_t at = w->v[i].hash & (size - 1);

		while (w->index[at] != 0)
			at = (at + 1) & (size - 1);
		w->index[at] = (uint32_t)i + 1;
	}
}

void
words_init(struct words *w, struct arena *a, const struct rules *r, size_t expected)
{
	size_t size = 64;

	*w = (struct words){ .arena = a, .rules = r };
	make_seed(w);
	while (size < expected && size < (size_t)1 << 24)
		size *= 2;
	set_index(w, size);
}

static uint32_t
add(struct words *w, size_t at, struct span text, uint32_t hash, bool copy)
{
	if (copy)
		text.p = arena_strndup(w->arena, text.p, text.len);
	ARENA_PUSH(w->arena, w->v, w->n) = (struct word){ .text = text, .hash = hash,
		.copied = copy };
	w->index[at] = (uint32_t)w->n;
	if (3 * w->n > 2 * w->index_size)
		set_index(w, 2 * w->index_size);
	return (uint32_t)w->n - 1;
}

uint32_t
words_put(struct words *w, struct span text, bool copy)
{
	uint32_t hash = (uint32_t)(words_hash(w, text.p, text.len) >> 32);
	size_t at = hash & (w->index_size - 1);

	for (; w->index[at] != 0; at = (at + 1) & (w->index_size - 1)) {
		const struct word *word = &w->v[w->index[at] - 1];

		w->steps++;
		if (word->hash == hash && span_eq(word->text, text))
			return w->index[at] - 1;
	}
	w->steps++;
	return add(w, at, text, hash, copy);
}

struct span
words_first_line(struct span text)
{
	struct span line = { text.p, 0 };

	span_line(&text, &line);
	return line;
}

void
words_ask(struct words *w, uint32_t word, unsigned kinds)
{
	struct word *entry = &w->v[word];
	struct span line = words_first_line(entry->text);

	for (int kind = 0; kind < RULE_KINDS; kind++) {
		uint32_t bit = WORD_KIND(kind);

		if ((kinds & bit) != 0 && (entry->asked & bit) == 0 &&
		    rules_may(w->rules, (enum rule_kind)kind, line))
			entry->may |= bit;
	}
	entry->asked |= kinds;
}
