/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps from strings to pointers: slots in insertion order, and an open
 * addressing index over them. The hash is SipHash-1-3 under a seed made once
 * a process: whoever writes the keys (a repository, a device) cannot know
 * which of them collide.
 */
#include "base/text.h"

#include <pthread.h>

#include "base/sys.h"

static uint64_t seed[2];

static void
make_seed(void)
{
	struct sys *sys = sys_real();

	sys->random(sys, seed, sizeof(seed));
}

static inline uint64_t
rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static uint64_t
hash(const char *p, size_t len)
{
	uint64_t v[4] = {
		seed[0] ^ 0x736f6d6570736575u, seed[1] ^ 0x646f72616e646f6du,
		seed[0] ^ 0x6c7967656e657261u, seed[1] ^ 0x7465646279746573u,
	};
	uint64_t word, last = (uint64_t)len << 56;
	size_t whole = len & ~(size_t)7;

	for (size_t i = 0; i < whole; i += 8) {
		memcpy(&word, p + i, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	for (size_t i = whole; i < len; i++)
		last |= (uint64_t)(unsigned char)p[i] << 8 * (i - whole);
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void
map_init(struct map *m, struct arena *a)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_seed);
	*m = (struct map){ .arena = a };
}

/* The place in the index where key is, or where it would go. An entry is
 * the slot's number plus one; 0 is empty, and there always is an empty one. */
static uint32_t *
find(const struct map *m, const char *key)
{
	size_t i = hash(key, strlen(key)) & (m->index_size - 1);

	while (m->index[i] != 0 && strcmp(m->slots[m->index[i] - 1].key, key) != 0)
		i = (i + 1) & (m->index_size - 1);
	return &m->index[i];
}

static struct map_slot *
lookup(const struct map *m, const char *key)
{
	uint32_t at;

	if (m->n == 0)
		return NULL;
	at = *find(m, key);
	return at != 0 ? &m->slots[at - 1] : NULL;
}

void *
map_get(const struct map *m, const char *key)
{
	const struct map_slot *slot = lookup(m, key);

	return slot != NULL ? slot->value : NULL;
}

bool
map_has(const struct map *m, const char *key)
{
	return lookup(m, key) != NULL;
}

/* At most half full. The old index stays in the arena: together they cost as
 * much as the new one. */
static void
grow(struct map *m)
{
	m->index_size = m->index_size != 0 ? m->index_size * 2 : 8;
	m->index = arena_calloc(m->arena, m->index_size, sizeof(*m->index));
	for (size_t i = 0; i < m->n; i++)
		*find(m, m->slots[i].key) = (uint32_t)i + 1;
}

void
map_put(struct map *m, const char *key, void *value)
{
	struct map_slot *slot = lookup(m, key);

	if (slot != NULL) {
		slot->value = value;
		return;
	}
	if (2 * (m->n + 1) > m->index_size)
		grow(m);
	key = arena_strdup(m->arena, key);
	*find(m, key) = (uint32_t)m->n + 1;
	ARENA_PUSH(m->arena, m->slots, m->n) = (struct map_slot){ key, value };
}
