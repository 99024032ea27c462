/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses that move: one leaves its interface before it comes to another. Where
 * something else speaks against that order, and where two change places, the old
 * line goes for itself first.
 */
#include <ctype.h>

#include "diffing/patch_build.h"

#define HOSTS_MAX 1024		/* pairs of lines that have one address */
#define LINE_HOSTS_MAX 8

struct host {
	struct stay {
		uint32_t op, item;
		uint32_t undo;	/* an operation that only takes it back; 0: none */
	} *v[2];
	size_t n[2];
};

static bool
is_host(struct span word)
{
	size_t dots = 0, colons = 0;

	for (size_t i = 0; i < word.len; i++) {
		dots += word.p[i] == '.';
		colons += word.p[i] == ':';
		if (!isxdigit((unsigned char)word.p[i]) && word.p[i] != '.' && word.p[i] != ':')
			return false;
	}
	return dots == 3 || colons >= 2;
}

void
order_note_hosts(struct patcher *p, uint32_t op, enum side side, uint32_t item)
{
	struct span line = words_first_line(config_word(order_side(p, side), item));
	const char *at = line.p, *end = line.p + line.len;
	bool mask = false;
	size_t n = 0;

	if (memmem(line.p, line.len, "address", 7) == NULL)
		return;
	while (at < end) {
		const char *from = at;
		struct host *h;
		const char *key;

		while (at < end && strchr(" =/", *at) == NULL)
			at++;
		/* Behind an address stands its mask. */
		mask = is_host(span_of(from, (size_t)(at - from))) && !mask;
		if (mask && n++ < LINE_HOSTS_MAX) {
			key = arena_strndup(p->scratch, from, (size_t)(at - from));
			if ((h = map_get(&p->hosts, key)) == NULL)
				map_put(&p->hosts, key, h = ARENA_NEW(p->scratch, struct host));
			ARENA_PUSH(p->scratch, h->v[side], h->n[side]) = (struct stay){ op, item, 0 };
		}
		at += at < end;
	}
}

/* Whether an operation needs another to come first, now. */
static bool
needs(const struct patcher *p, uint32_t op, uint32_t other, struct arena *a)
{
	uint8_t *seen = arena_calloc(a, p->n_ops, sizeof(*seen));
	uint32_t *v = arena_calloc(a, p->n_ops, sizeof(*v)), n = 0;

	seen[op] = 1;
	for (v[n++] = op; n > 0 && seen[other] == 0;) {
		const struct op *o = &p->ops[v[--n]];

		for (size_t i = 0; i < o->n_before; i++)
			if (seen[o->before[i]] == 0) {
				seen[o->before[i]] = 1;
				v[n++] = o->before[i];
			}
	}
	return seen[other] != 0;
}

/* Where a line stands that an operation overwrites, or takes with its section. */
static bool
place_of(struct patcher *p, const struct stay *s, const struct place **in)
{
	uint32_t parent = p->match.a.v[s->item].parent;

	*in = p->ops[s->op].in;
	if (p->ops[s->op].overwrites == s->item)
		return true;
	if (p->op_of[FROM][parent] != s->op || p->match.a.v[parent].mate != NODE_NONE)
		return false;
	*in = patch_place(p, *in, config_word(&p->match.a, parent));
	return true;
}

/* One operation before those of its place that another needs. */
static void
before_needed(struct patcher *p, uint32_t first, uint32_t op)
{
	for (size_t i = 0; i < p->ops[op].n_before; i++)
		if (p->ops[p->ops[op].before[i]].in == p->ops[first].in)
			order_before(p, first, p->ops[op].before[i]);
}

/* Two lines that change places: one of them goes first, for itself. */
static void
take_back(struct patcher *p, struct stay *s, uint32_t then)
{
	const struct place *in;
	bool own;

	if (s->undo == 0 && place_of(p, s, &in)) {
		s->undo = patch_op(p, in, PHASE_REMOVE, -p->ops[s->op].at);
		patch_say(p, s->undo, 0, indent_undo(p, FROM, s->item, &own));
		/* Also before what makes the device forget it: that is behind an event. */
		before_needed(p, s->undo, s->op);
		for (size_t i = 0; i < p->ops[s->op].n_before; i++)
			if (p->ops[p->ops[s->op].before[i]].n == 0)
				before_needed(p, s->undo, p->ops[s->op].before[i]);
		order_before(p, s->undo, s->op);
	}
	if (s->undo != 0)
		order_before(p, s->undo, then);
}

static void
order_host(struct patcher *p, const struct host *h, size_t from, size_t to)
{
	struct arena scratch = ARENA_INIT;
	struct stay *s = &h->v[FROM][from];
	uint32_t then = h->v[TO][to].op;

	if (!needs(p, s->op, then, &scratch))
		order_before(p, s->op, then);
	else if (s->op != then && p->modes)
		take_back(p, s, then);
	arena_release(&scratch);
}

void
order_hosts(struct patcher *p)
{
	for (size_t s = 0; s < p->hosts.n; s++) {
		const struct host *h = p->hosts.slots[s].value;

		/* In more VRFs than this at once, an address does not move. */
		if (h->n[FROM] * h->n[TO] > HOSTS_MAX)
			continue;
		for (size_t i = 0; i < h->n[FROM]; i++)
			for (size_t k = 0; k < h->n[TO]; k++)
				order_host(p, h, i, k);
	}
}
