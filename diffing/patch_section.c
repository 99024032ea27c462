/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of platforms with menus of items: an item comes by `add`, goes by
 * `remove` of the one that has all its parameters, and changes by `set` of the one
 * that has those it is known by. What an unset parameter falls back to is the
 * device's to know, and items come at the end of their menu: what needs more is
 * refused.
 */
#include "diffing/config_build.h"
#include "diffing/patch_build.h"
#include "diffing/section.h"

#define ADD "add"
#define PUSH_REPLACE "change it on the device by hand, or push: replace"

/* --- parameters --- */

#define PARAMS_MAX 1000		/* of a command */
#define STEPS_MAX 4000000	/* looks at items that have one parameter */

struct params {
	struct span *v;		/* name=value, or a word */
	size_t n;
};

/* Without the verb in front. */
static struct params
params_of(struct patcher *p, struct span line)
{
	struct params v = { NULL, 0 };
	struct span word;
	bool verb = true;

	for (; (word = section_word(&line)).len > 0; verb = false)
		if (!verb)
			ARENA_PUSH(p->scratch, v.v, v.n) = word;
	return v;
}

static struct span
name_of(struct span param)
{
	const char *equals = memchr(param.p, '=', param.len);

	return equals != NULL ? span_of(param.p, (size_t)(equals - param.p)) : param;
}

static bool
has_many(struct span line)
{
	size_t n = 0;

	while (n <= PARAMS_MAX && line.len > 0 && section_word(&line).len > 0)
		n++;
	return n > PARAMS_MAX;
}

static bool
has(const struct params *v, struct span param)
{
	for (size_t i = 0; i < v->n; i++)
		if (span_eq(v->v[i], param))
			return true;
	return false;
}

static bool
has_name(const struct params *v, struct span name)
{
	for (size_t i = 0; i < v->n; i++)
		if (span_eq(name_of(v->v[i]), name))
			return true;
	return false;
}

/* A condition of `find`: what is no plain value stands in quotes. */
static void
add_condition(struct span param, struct buf *out)
{
	struct span name = name_of(param);
	struct span value = span_of(param.p + name.len, param.len - name.len);
	bool quotes = value.len > 1 && value.p[1] != '"' &&
	    (value.p[1] == '!' || memchr(value.p, ',', value.len) != NULL);

	buf_addspan(out, name);
	if (!quotes) {
		buf_addspan(out, value);
	} else {
		buf_adds(out, "=\"");
		buf_add(out, value.p + 1, value.len - 1);
		buf_addc(out, '"');
	}
	buf_addc(out, ' ');
}

/* --- items --- */

static bool
is_add(struct span line)
{
	return span_starts(line, ADD " ") || span_is(line, ADD);
}

/* Items of a menu that have one parameter. */
struct holders {
	uint32_t *v;
	size_t n;
};

static struct holders *
holders_of(struct patcher *p, uint32_t menu, struct span param)
{
	const char *key = arena_printf(p->scratch, "%u %.*s", menu, (int)param.len, param.p);
	struct holders *h = map_get(&p->holders, key);

	if (h == NULL)
		map_put(&p->holders, key, h = ARENA_NEW(p->scratch, struct holders));
	return h;
}

/* All parameters of the items of a menu that stay, so that each is read once. */
static void
index_menu(struct patcher *p, uint32_t menu)
{
	const struct config *a = &p->match.a;
	struct holders *done = holders_of(p, menu, span_of("", 0));

	if (done->n > 0)
		return;
	ARENA_PUSH(p->scratch, done->v, done->n) = 0;
	for (uint32_t k = config_first(a, menu); k != 0; k = config_next(a, k)) {
		struct params v = { NULL, 0 };

		if (is_add(config_exact(a, k)) && !(config_counts(a, k) && a->v[k].mate == NODE_NONE))
			v = params_of(p, config_exact(a, k));
		for (size_t i = 0; i < v.n; i++) {
			struct holders *h = holders_of(p, menu, v.v[i]);

			ARENA_PUSH(p->scratch, h->v, h->n) = k;
		}
	}
}

/* Whether these conditions would also find an item of a that is to stay: among
 * those that have the rarest of them. */
static bool
finds_others(struct patcher *p, uint32_t item, const struct params *conditions)
{
	uint32_t menu = p->match.a.v[item].parent;
	const struct holders *rarest = NULL, *h;

	index_menu(p, menu);
	for (size_t i = 0; i < conditions->n; i++) {
		h = holders_of(p, menu, conditions->v[i]);
		if (rarest == NULL || h->n < rarest->n)
			rarest = h;
	}
	for (size_t i = 0; rarest != NULL && i < rarest->n; i++) {
		struct params v = params_of(p, config_exact(&p->match.a, rarest->v[i]));
		size_t n = 0;

		/* What cannot be looked at may be one. */
		if (p->steps++ > STEPS_MAX)
			return true;
		for (size_t k = 0; k < conditions->n; k++)
			n += has(&v, conditions->v[k]);
		if (n == conditions->n && rarest->v[i] != item)
			return true;
	}
	return false;
}

static int
refuse(struct patcher *p, enum side side, uint32_t item, const char *why)
{
	const struct config *c = order_side(p, side);

	return patch_refuse(p, PUSH_REPLACE, "an item of %s, line %u, %s",
	    patch_quote(p, side, c->v[item].parent), c->v[item].node != NODE_NONE ?
	    c->tree.nodes[c->v[item].node].line : 0, why);
}

static void
say_find(struct patcher *p, uint32_t op, const char *verb, const struct params *conditions,
    struct span more)
{
	struct buf out = BUF_INIT;

	buf_addf(&out, "%s [ find ", verb);
	for (size_t i = 0; i < conditions->n; i++)
		add_condition(conditions->v[i], &out);
	buf_addc(&out, ']');
	buf_addspan(&out, more);
	patch_say(p, op, 0, patch_keep(p->scratch, &out));
	buf_release(&out);
}

static int
add_new(struct patcher *p, const struct diff_node *n, const struct place *in)
{
	bool bound, early = order_defines(p, TO, n->b, &bound);
	const struct config *b = &p->match.b;
	uint32_t op;

	if (n->place > 0 && b->v[b->v[n->b].parent].mate != NODE_NONE)
		for (uint32_t k = config_next(b, n->b); k != 0; k = config_next(b, k))
			if (config_counts(b, k) && b->v[k].mate != NODE_NONE)
				return refuse(p, TO, n->b, "would have to come between others");
	op = patch_op(p, in, early ? PHASE_DEFINE : PHASE_ADD, n->line);
	p->op_of[TO][n->b] = op;
	patch_say(p, op, 0, n->text);
	order_note(p, op, TO, n->b);
	return 0;
}

static int
add_old(struct patcher *p, const struct diff_node *n, const struct place *in)
{
	bool bound, late = order_defines(p, FROM, n->a, &bound) ||
	    config_rule(&p->match.a, RULE_KEPT, n->a) != NULL;
	struct params all = params_of(p, n->text);
	uint32_t op;

	if (!is_add(n->text))
		return refuse(p, FROM, n->a, "falls back to a default that is not known");
	if (all.n == 0 || finds_others(p, n->a, &all))
		return refuse(p, FROM, n->a,
		    "cannot be removed alone: another has the same parameters");
	op = patch_op(p, in, late ? PHASE_FORGET : PHASE_REMOVE, -(int64_t)n->line);
	p->op_of[FROM][n->a] = op;
	say_find(p, op, "remove", &all, span_of("", 0));
	order_note(p, op, FROM, n->a);
	return 0;
}

/* The parameters that an item is known by: those in the key, or outside of the
 * value. */
static struct params
known_by(struct patcher *p, const struct diff_node *n)
{
	const struct dialect_rule *rule = config_rule(&p->match.b, RULE_IDENTITY, n->b);
	struct params now = params_of(p, n->text), out = { NULL, 0 };
	bool key = rule != NULL && re_group(rule->line, "key") >= 0;
	struct span value = { NULL, 0 };

	if (rule != NULL)
		value = rules_group(rule->line, key ? "key" : "value", n->text);
	for (size_t i = 0; i < now.n; i++)
		if ((value.p != NULL && now.v[i].p >= value.p &&
		    now.v[i].p < value.p + value.len) == key)
			ARENA_PUSH(p->scratch, out.v, out.n) = now.v[i];
	return out;
}

/* A parameter goes as a rule says, or that of an item by `!name`. False when what
 * a setting falls back to is not known. */
static bool
add_unset(struct patcher *p, struct span param, bool item, struct buf *out)
{
	const struct parents none = { .n = 0 };
	const struct dialect_rule *rule = rules_find(&p->match.rules, RULE_NEGATION, param, &none);

	if (rule == NULL && !item)
		return false;
	buf_addc(out, ' ');
	if (rule != NULL) {
		patch_expand(rule, rule->with, param, out);
	} else {
		buf_addc(out, '!');
		buf_addspan(out, name_of(param));
	}
	return true;
}

static int
add_changed(struct patcher *p, const struct diff_node *n, const struct place *in)
{
	struct params was = params_of(p, n->old), now = params_of(p, n->text), key;
	uint32_t op = patch_op(p, in, PHASE_ADD, n->line);
	struct buf more = BUF_INIT;
	bool add = is_add(n->text);
	int r = 0;

	p->op_of[TO][n->b] = p->op_of[FROM][n->a] = op;
	/* A setting is said whole, of an item only what is new. */
	if (!add)
		buf_addspan(&more, n->text);
	for (size_t i = 0; i < now.n && add; i++)
		if (!has(&was, now.v[i])) {
			buf_addc(&more, ' ');
			buf_addspan(&more, now.v[i]);
		}
	for (size_t i = 0; i < was.n && r == 0; i++)
		if (!has_name(&now, name_of(was.v[i])) && !add_unset(p, was.v[i], add, &more))
			r = refuse(p, FROM, n->a,
			    "has a parameter that falls back to a default that is not known");
	key = known_by(p, n);
	if (r == 0 && add && (key.n == 0 || finds_others(p, n->a, &key)))
		r = refuse(p, FROM, n->a, "is not the only one of its name");
	if (add)
		say_find(p, op, "set", &key, buf_span(&more));
	else
		patch_say(p, op, 0, patch_keep(p->scratch, &more));
	order_note(p, op, FROM, n->a);
	order_note(p, op, TO, n->b);
	buf_release(&more);
	return r;
}

static int
walk(struct patcher *p, const struct diff_node *v, size_t n, const struct place *in)
{
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct diff_node *k = &v[i];

		if (!k->counts)
			continue;
		if (has_many(k->text) || has_many(k->old))
			r = patch_refuse(p, PUSH_REPLACE, "an item in line %d has more than %d "
			    "parameters", k->line, PARAMS_MAX);
		else if (in == NULL && span_starts(k->text, "/"))
			r = walk(p, k->children, k->n, patch_place(p, NULL, k->text));
		else if (k->kind == DIFF_ADDED)
			r = add_new(p, k, in);
		else if (k->kind == DIFF_REMOVED)
			r = add_old(p, k, in);
		else if (k->kind == DIFF_CHANGED)
			r = add_changed(p, k, in);
		else
			r = refuse(p, TO, k->b, "has another place among the others");
	}
	return r;
}

int
patch_section(struct patcher *p)
{
	int r;

	order_init(p);
	r = walk(p, p->diff->nodes, p->diff->n, NULL);
	return r != 0 ? r : order_ops(p);
}
