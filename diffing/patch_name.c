/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What operations of a patch have to do with each other by name and by number. A
 * name exists before what uses it and goes after that; of a name that is used
 * before and after, one definition is there at any time; a number is free before
 * another line takes it.
 */
#include <ctype.h>

#include "diffing/config_build.h"
#include "diffing/patch_build.h"

/* --- names --- */

static struct name *
name_of(struct patcher *p, size_t rule, struct span text)
{
	const char *key = arena_printf(p->scratch, "%zu %.*s", rule, (int)text.len, text.p);
	struct name *n = map_get(&p->names, key);

	if (n == NULL) {
		n = ARENA_NEW(p->scratch, struct name);
		n->text = arena_strndup(p->scratch, text.p, text.len);
		map_put(&p->names, key, n);
	}
	return n;
}

/* What an item says by one rule about references. */
struct saying {
	struct name *defines, *uses;
};

static struct saying
saying_of(struct patcher *p, const struct config *c, uint32_t i, size_t rule)
{
	const struct dialect_rule *r = &p->dialect->references[rule];
	struct span line = words_first_line(config_word(c, i)), name = { NULL, 0 };
	struct saying s = { NULL, NULL };
	struct parents up = { .n = 0 };

	if (r->within != NULL)
		config_parents(c, i, &up);
	if (rules_begins(c->rules, RULE_REFERENCE, rule, line) && rules_within(r, &up, false))
		name = rules_group(r->line, "name", line);
	if (name.p != NULL)
		s.defines = name_of(p, rule, name);
	if (r->other != NULL && (name = rules_group(r->other, "name", line)).p != NULL)
		s.uses = name_of(p, rule, name);
	if (s.uses == s.defines)
		s.uses = NULL;
	return s;
}

const struct config *
order_side(const struct patcher *p, enum side side)
{
	return side == FROM ? &p->match.a : &p->match.b;
}

static bool
is_compared(const struct config *c, uint32_t i)
{
	return config_counts(c, i) && (c->v[i].flags & (ITEM_GONE | ITEM_INSIDE)) == 0;
}

/* What is ignored stays as it is in the device. */
static void
count_names(struct patcher *p, const struct config *c, enum side side)
{
	for (uint32_t i = 1; i < c->n; i++) {
		bool compared = is_compared(c, i);

		if ((c->v[i].flags & ITEM_LINE) == 0 || (side == TO && !compared))
			continue;
		for (size_t r = 0; r < p->dialect->n_references; r++) {
			struct saying s = saying_of(p, c, i, r);

			for (size_t t = side; t <= (compared ? side : TO); t++) {
				if (s.defines != NULL && s.defines->defined[t]++ == 0 && t == FROM)
					s.defines->home = c->v[i].parent;
				if (s.uses != NULL)
					s.uses->used[t]++;
			}
		}
	}
}

void
order_init(struct patcher *p)
{
	count_names(p, &p->match.a, FROM);
	count_names(p, &p->match.b, TO);
}

bool
order_defines(struct patcher *p, enum side side, uint32_t item, bool *bound)
{
	bool defines = false;

	*bound = false;
	for (size_t r = 0; r < p->dialect->n_references; r++) {
		const struct name *n = saying_of(p, order_side(p, side), item, r).defines;

		defines |= n != NULL;
		*bound |= n != NULL && n->used[FROM] > 0 && n->used[TO] > 0;
	}
	return defines;
}

enum ends
order_ends(struct patcher *p, uint32_t item, const struct dialect_rule *rule)
{
	const struct config *a = &p->match.a;
	struct span name = rules_group(rule->line, "name", words_first_line(config_word(a, item)));
	enum ends ends = ENDS_NOT;

	for (size_t r = 0; r < p->dialect->n_references; r++) {
		struct saying s = saying_of(p, a, item, r);

		if (s.defines != NULL && s.defines->defined[TO] == 0)
			return ENDS_HERE;
		if (s.uses != NULL && s.uses->defined[FROM] > 0 && s.uses->defined[TO] == 0 &&
		    name.p != NULL && span_is(name, s.uses->text))
			ends = s.uses->home == a->v[item].parent ? ENDS_HERE : ENDS_ELSEWHERE;
	}
	return ends;
}

static uint32_t
event(struct patcher *p, uint32_t *op)
{
	if (*op == 0)
		*op = patch_op(p, NULL, PHASE_FORGET, INT64_MAX);
	return *op;
}

void
order_free(struct patcher *p, uint32_t op, uint32_t item)
{
	for (size_t r = 0; r < p->dialect->n_references; r++) {
		struct name *n = saying_of(p, &p->match.b, item, r).defines;

		if (n != NULL && n->used[FROM] == 0)
			order_before(p, op, event(p, &n->exists));
		if (n != NULL && n->used[FROM] > 0 && n->used[TO] == 0)
			order_before(p, event(p, &n->unused), op);
	}
}

/* --- numbered places --- */

static bool
is_number(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!isdigit((unsigned char)word.p[i]))
			return false;
	return word.len > 0;
}

#define SLOT_WORDS 24
static size_t
split(struct span line, struct span v[SLOT_WORDS])
{
	size_t n = 0;
	const char *at = line.p, *end = line.p + line.len;

	while (at < end && n < SLOT_WORDS) {
		const char *from = at;

		while (at < end && *at != ' ')
			at++;
		v[n++] = span_of(from, (size_t)(at - from));
		at += at < end;
	}
	return n;
}

bool
order_slot(struct span line, struct buf *out)
{
	struct span v[SLOT_WORDS];
	size_t n = split(line, v), verb = 0, end = 0;

	while (verb < n && !span_is(v[verb], "permit") && !span_is(v[verb], "deny"))
		verb++;
	if (verb < n && verb > 0 && is_number(v[verb - 1]))
		end = verb;			/* seq 10 permit ... */
	else if (verb > 0 && verb < n && n - verb <= 3 && is_number(v[n - 1]))
		end = n;			/* route-map X permit 10 */
	else if (n > 1 && is_number(v[0]))
		end = 1;			/* 10 match ... */
	else if (n > 2 && is_number(v[1]))
		end = 2;			/* index 10 ... */
	for (size_t i = 0; i < end; i++)
		if (i != verb) {
			buf_addspan(out, v[i]);
			buf_addc(out, ' ');
		}
	return end > 0;
}

/* Whether the number of a line is the name that it defines: access-list 10. */
static bool
is_name(struct patcher *p, const struct config *c, uint32_t item, const struct buf *slot)
{
	struct span words[SLOT_WORDS], line = span_trim(buf_span(slot));
	size_t n = split(line, words);

	for (size_t r = 0; r < p->dialect->n_references; r++) {
		struct saying s = saying_of(p, c, item, r);

		if (s.defines != NULL && n > 0 && span_is(words[n - 1], s.defines->text))
			return true;
	}
	return false;
}

/* What can be there once: a number, or the name of one object. */
static bool
slot_of(struct patcher *p, const struct config *c, uint32_t item, struct buf *out)
{
	const struct dialect_rule *rule = config_rule(c, RULE_UNIQUE, item);
	struct span line = words_first_line(config_word(c, item));

	if (rule == NULL)
		return order_slot(line, out) && !is_name(p, c, item, out);
	buf_addf(out, "%s ", rule->name);
	buf_addspan(out, rules_group(rule->line, "name", line));
	return true;
}

/* What stands in the place of a new line goes first. */
static void
note_slot(struct patcher *p, uint32_t op, enum side side, uint32_t item)
{
	const struct config *c = order_side(p, side);
	uint32_t parent = c->v[item].parent;
	struct buf slot = BUF_INIT;
	const char *key;

	if (slot_of(p, c, item, &slot)) {
		if (side == TO)
			parent = p->match.b.v[parent].mate;
		key = arena_printf(p->scratch, "%u %s", parent, buf_str(&slot));
		if (side == FROM)
			map_put(&p->slots, key, &p->match.a.v[item]);
		else if (map_has(&p->slots, key))
			order_before(p, p->op_of[FROM][(struct item *)map_get(&p->slots, key) -
			    p->match.a.v], op);
	}
	buf_release(&slot);
}

void
order_slots(struct patcher *p)
{
	for (uint32_t i = 1; i < p->match.a.n; i++)
		if (p->op_of[FROM][i] != 0 && p->match.a.v[i].mate == NODE_NONE)
			note_slot(p, p->op_of[FROM][i], FROM, i);
	for (uint32_t i = 1; i < p->match.b.n; i++)
		if (p->op_of[TO][i] != 0 && p->match.b.v[i].mate == NODE_NONE)
			note_slot(p, p->op_of[TO][i], TO, i);
}

void
order_note(struct patcher *p, uint32_t op, enum side side, uint32_t item)
{
	const struct config *c = order_side(p, side);

	order_note_hosts(p, op, side, item);
	for (size_t r = 0; r < p->dialect->n_references; r++) {
		struct saying s = saying_of(p, c, item, r);

		if (s.defines != NULL && side == TO)
			ARENA_PUSH(p->scratch, s.defines->define, s.defines->n_define) = op;
		if (s.defines != NULL && side == FROM)
			ARENA_PUSH(p->scratch, s.defines->forget, s.defines->n_forget) = op;
		if (s.uses != NULL && side == TO &&
		    (s.uses->defined[FROM] == 0 || s.uses->used[FROM] == 0))
			order_before(p, event(p, &s.uses->exists), op);
		if (s.uses != NULL && side == FROM &&
		    (s.uses->defined[TO] == 0 || s.uses->used[TO] == 0))
			order_before(p, op, event(p, &s.uses->unused));
	}
	for (uint32_t k = config_first(c, item); k != 0; k = config_next(c, k))
		if (config_counts(c, k))
			order_note(p, op, side, k);
}

/* --- one definition at any time --- */

static bool
is_among(uint32_t op, const uint32_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == op)
			return true;
	return false;
}

/* How many of the definitions that go have to be gone before this one comes. */
static size_t
takes(const struct patcher *p, uint32_t define, const struct name *n)
{
	size_t count = 0;

	for (size_t i = 0; i < n->n_forget; i++)
		count += is_among(n->forget[i], p->ops[define].before, p->ops[define].n_before);
	return count;
}

static int
keep_defined(struct patcher *p, const struct name *n)
{
	size_t best = 0;

	if (n->n_forget == 0 || n->defined[FROM] > n->n_forget || n->defined[TO] == 0 ||
	    n->used[FROM] == 0 || n->used[TO] == 0)
		return 0;
	for (size_t i = 0; i < n->n_define; i++)
		if (takes(p, n->define[i], n) < takes(p, n->define[best], n))
			best = i;
	if (n->n_define == 0 || is_among(n->define[best], n->forget, n->n_forget))
		return 0;
	if (takes(p, n->define[best], n) == n->n_forget)
		return patch_refuse(p, "give the new one another number or name, or push: replace",
		    "\"%s\" is in use and must not be gone: what it is now cannot be replaced "
		    "under its own number or name", n->text);
	for (size_t i = 0; i < n->n_forget; i++)
		if (!is_among(n->forget[i], p->ops[n->define[best]].before,
		    p->ops[n->define[best]].n_before))
			order_before(p, n->define[best], n->forget[i]);
	return 0;
}

int
order_names(struct patcher *p)
{
	for (size_t s = 0; s < p->names.n; s++) {
		struct name *n = p->names.slots[s].value;
		int r;

		for (size_t i = 0; i < n->n_define && n->exists != 0; i++)
			order_before(p, n->define[i], n->exists);
		for (size_t i = 0; i < n->n_forget && n->unused != 0; i++)
			order_before(p, n->unused, n->forget[i]);
		if ((r = keep_defined(p, n)) != 0)
			return r;
	}
	return 0;
}
