/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Items from the nodes of lines: one a line, but that equal brothers are one
 * where the device would make them one, that lists of numbers are compared as
 * sets, and that the entries of a list written as brothers have the list above
 * them. config_path.c makes those of paths.
 */
#include "diffing/config.h"

#include "diffing/config_build.h"
#include "diffing/section.h"

/* Whether rules see item i as a parent: a list of brothers is none. */
static bool
is_parent(const struct config *c, uint32_t i)
{
	return c->paths || (c->v[i].flags & ITEM_LINE) != 0;
}

void
config_parents(const struct config *c, uint32_t i, struct parents *up)
{
	uint32_t chain[TREE_DEPTH];
	size_t n = 0;

	for (i = c->v[i].parent; i != 0; i = c->v[i].parent)
		if (is_parent(c, i))
			chain[n++] = i;
	up->n = n;
	up->paths = c->paths;
	for (size_t k = 0; k < n; k++)
		up->v[k] = words_first_line(config_word(c, chain[n - 1 - k]));
}

const struct dialect_rule *
config_rule(const struct config *c, enum rule_kind kind, uint32_t i)
{
	const struct rules *r = c->rules;
	struct parents up = { .n = 0 };

	if (r->sets[kind].n == 0 || (!c->paths && !words_may(c->words, c->v[i].word, kind)))
		return NULL;
	if (c->paths || r->sets[kind].within)
		config_parents(c, i, &up);
	return rules_find(r, kind, words_first_line(config_word(c, i)), &up);
}

bool
config_is_open(const struct config *c, uint32_t i)
{
	/* A step of a path stands in the statement of what is below it. */
	while (c->v[i].node == NODE_NONE && config_first(c, i) != 0)
		i = config_first(c, i);
	return c->v[i].node != NODE_NONE &&
	    (c->tree.nodes[c->v[i].node].flags & NODE_OPEN) != 0;
}

/* --- growing --- */

/* Where an item is in the index, or is to be: there is one that is not gone at most,
 * and those that are do not stand in front of it. */
static size_t
slot_of(const struct config *c, uint32_t parent, uint32_t word)
{
	const uint32_t key[2] = { parent, word };
	size_t at = words_hash(c->words, key, sizeof(key)) & (c->index_size - 1);
	size_t gone = SIZE_MAX;

	for (; c->index[at] != 0; at = (at + 1) & (c->index_size - 1)) {
		const struct item *item = &c->v[c->index[at]];

		if (item->parent != parent || item->word != word)
			continue;
		if ((item->flags & ITEM_GONE) == 0)
			return at;
		gone = at;
	}
	return gone != SIZE_MAX ? gone : at;
}

static void
grow_index(struct config *c)
{
	const uint32_t *old = c->index;
	size_t size = c->index_size;

	c->index_size = size > 0 ? 2 * size : 1024;
	c->index = arena_calloc(c->arena, c->index_size, sizeof(*c->index));
	for (size_t i = 0; i < size; i++)
		if (old[i] != 0)
			c->index[slot_of(c, c->v[old[i]].parent, c->v[old[i]].word)] = old[i];
}

uint32_t
config_add(struct config *c, uint32_t parent, uint32_t word)
{
	struct item *item;

	if (c->n == c->cap) {
		struct item *v = arena_calloc(c->arena, (size_t)c->cap * 2, sizeof(*v));

		memcpy(v, c->v, c->n * sizeof(*v));
		c->v = v;
		c->cap *= 2;
	}
	item = &c->v[c->n];
	*item = (struct item){ .word = word, .exact = word, .parent = parent, .node = NODE_NONE,
		.shape = NODE_NONE, .mate = NODE_NONE,
		.depth = (uint8_t)(c->v[parent].depth + 1) };
	if (!config_counts(c, parent) || (c->v[parent].flags & ITEM_INSIDE) != 0)
		item->flags |= ITEM_INSIDE;
	if (c->v[parent].last != 0)
		c->v[c->v[parent].last].next = c->n;
	else
		c->v[parent].first = c->n;
	c->v[parent].last = c->n;
	c->steps++;
	return c->n++;
}

uint32_t
config_find(const struct config *c, uint32_t parent, uint32_t word)
{
	uint32_t i = c->index_size > 0 ? c->index[slot_of(c, parent, word)] : 0;

	return i != 0 && (c->v[i].flags & ITEM_GONE) == 0 ? i : 0;
}

uint32_t
config_put(struct config *c, uint32_t parent, uint32_t word)
{
	uint32_t i = config_find(c, parent, word);

	if (i != 0)
		return i;
	if (3 * c->indexed >= 2 * c->index_size)
		grow_index(c);
	i = config_add(c, parent, word);
	c->index[slot_of(c, parent, word)] = i;
	c->indexed++;
	return i;
}

bool
config_rename(struct config *c, uint32_t i, uint32_t word)
{
	bool free = config_find(c, c->v[i].parent, word) == 0;

	if (free && 3 * c->indexed >= 2 * c->index_size)
		grow_index(c);
	c->v[i].word = word;
	if (!free)
		return false;
	c->index[slot_of(c, c->v[i].parent, word)] = i;
	c->indexed++;
	return true;
}

void
config_stands(struct config *c, uint32_t i, uint32_t node)
{
	struct node *nodes = c->tree.nodes;
	uint32_t last = c->v[i].node;

	nodes[node].item = i;
	/* Several have the node of ITEM_EACH, so it is in nobody's list. */
	if (last == NODE_NONE || last == node || (c->v[i].flags & ITEM_EACH) != 0) {
		c->v[i].node = node;
		c->v[i].flags &= (uint16_t)~ITEM_EACH;
		return;
	}
	/* Newest second, so that adding one costs the same however many. */
	nodes[node].again = nodes[last].again;
	nodes[last].again = node;
}

void
config_mark_carries(struct config *c, uint32_t i)
{
	while ((c->v[i].flags & ITEM_CARRIES) == 0) {
		c->v[i].flags |= ITEM_CARRIES;
		i = c->v[i].parent;
	}
}

/* --- lines --- */

/* What is asked of every line. */
#define LINE_KINDS (WORD_KIND(RULE_OWNED) | WORD_KIND(RULE_EXCEPT) | \
    WORD_KIND(RULE_VOLATILE) | WORD_KIND(RULE_RANGE) | WORD_KIND(RULE_SEQUENCE))

/* A rule about a line that would stand below `parent`. */
static const struct dialect_rule *
ask(const struct config *c, enum rule_kind kind, uint32_t word, uint32_t parent)
{
	const struct rule_set *set = &c->rules->sets[kind];
	struct parents up = { .n = 0 };

	if (set->n == 0 || !words_may(c->words, word, kind))
		return NULL;
	if (set->within && parent != 0) {
		config_parents(c, parent, &up);
		if (is_parent(c, parent))
			up.v[up.n++] = words_first_line(config_word(c, parent));
	}
	return rules_find(c->rules, kind, words_first_line(c->words->v[word].text), &up);
}

/* What the rules say about a line: that it is not compared, or which word is. */
struct verdict {
	const struct dialect_rule *rule;
	uint32_t word;
	bool value;		/* the word lacks a volatile value */
};

static struct verdict
judge(struct config *c, uint32_t node, uint32_t word, uint32_t parent)
{
	struct span line = c->words->v[word].text, value;
	struct verdict v = { NULL, word, false };
	struct buf text = BUF_INIT;

	/* What is not ended could not be carried to another place. */
	if ((c->tree.nodes[node].flags & NODE_OPEN) != 0 ||
	    (v.rule = ask(c, RULE_OWNED, word, parent)) != NULL ||
	    (v.rule = ask(c, RULE_EXCEPT, word, parent)) != NULL ||
	    (v.rule = ask(c, RULE_VOLATILE, word, parent)) == NULL ||
	    re_group(v.rule->line, "value") < 0)
		return v;
	value = rules_group(v.rule->line, "value", line);
	if (value.p == NULL ||
	    (c->tree.syntax == SYNTAX_SECTION && !section_is_value(line, value))) {
		v.rule = NULL;
		return v;
	}
	buf_add(&text, line.p, (size_t)(value.p - line.p));
	buf_adds(&text, CONFIG_CUT);
	buf_add(&text, value.p + value.len, (size_t)(line.p + line.len - value.p - value.len));
	v.word = words_put(c->words, buf_span(&text), true);
	v.value = true;
	buf_release(&text);
	return v;
}

static void
apply(struct config *c, uint32_t node, uint32_t i, const struct verdict *v, uint32_t exact)
{
	c->v[i].flags |= v->value ? ITEM_LINE | ITEM_VALUE : ITEM_LINE;
	c->v[i].rule = v->rule;
	if (c->v[i].node == NODE_NONE)
		c->v[i].exact = exact;
	config_stands(c, i, node);
	if (v->rule != NULL)
		config_mark_carries(c, i);
}

/* What the last line of numbers means, when lines were added to it. */
static void
end_range(struct config *c)
{
	struct range_line *l = &c->last;
	struct buf text = BUF_INIT;

	if (l->item != 0 && c->tree.nodes[c->v[l->item].node].again != NODE_NONE) {
		buf_addspan(&text, l->head);
		range_print(l->v, l->n, &text);
		c->v[l->item].word = words_put(c->words, buf_span(&text), true);
		buf_release(&text);
	}
	*l = (struct range_line){ .item = 0 };
}

static uint32_t
put_range(struct config *c, struct span line, struct span list, struct range *v, size_t n)
{
	struct buf text = BUF_INIT;
	uint32_t word;

	buf_add(&text, line.p, (size_t)(list.p - line.p));
	range_print(v, n, &text);
	buf_add(&text, list.p + list.len, (size_t)(line.p + line.len - list.p - list.len));
	word = words_put(c->words, buf_span(&text), true);
	buf_release(&text);
	return word;
}

uint32_t
config_range(struct config *c, const struct dialect_rule *rule, struct span line)
{
	struct span list = rules_group(rule->line, "list", line);
	struct range *v = NULL;
	size_t n = 0;

	if (list.p == NULL || !range_read(c->arena, list, &v, &n))
		return NODE_NONE;
	return put_range(c, line, list, v, n);
}

/* The compared form of a line of numbers, or its word when it is none. *more is
 * set when the numbers were added to the line before. */
static uint32_t
range_word(struct config *c, uint32_t word, uint32_t parent, bool *more)
{
	const struct dialect_rule *rule = ask(c, RULE_RANGE, word, parent);
	struct span line = c->words->v[word].text, list, add, head;
	struct range_line *last = &c->last;
	struct range *v = NULL;
	size_t n = 0;

	if (rule == NULL)
		return word;
	list = rules_group(rule->line, "list", line);
	if (list.p == NULL || !range_read(c->arena, list, &v, &n))
		return word;
	add = rules_group(rule->line, "add", line);
	head = span_of(line.p, (size_t)((add.p != NULL && add.len > 0 ? add.p : list.p) - line.p));
	if (add.p != NULL && add.len > 0 && last->item != 0 && last->parent == parent &&
	    span_eq(last->head, head) && range_read(c->arena, list, &last->v, &last->n)) {
		*more = true;
		return word;
	}
	end_range(c);
	if (list.p + list.len == line.p + line.len)
		*last = (struct range_line){ .parent = parent, .head = head };
	word = put_range(c, line, list, v, n);
	last->v = v;
	last->n = n;
	return word;
}

/* Whether what stands twice is one. */
static bool
merges(const struct config *c)
{
	return !c->rules->dialect->repeats && c->tree.syntax == SYNTAX_INDENT;
}

/* Lines of one number in a text: more are not what a device has. */
#define EACH_MAX 65536

/* One number of a line: a line, or a section that has it for a header. */
static uint32_t
put_one(struct config *c, uint32_t node, uint32_t parent, struct span line, struct span list,
    uint32_t number)
{
	struct range one = { number, number };
	uint32_t word = put_range(c, line, list, &one, 1), i = config_put(c, parent, word);

	if (c->v[i].node == NODE_NONE) {
		c->v[i].node = node;
		c->v[i].exact = word;
		c->v[i].flags |= ITEM_LINE | ITEM_EACH;
	}
	return i;
}

/* A line that stands for one line a number: `vlan 10-12,20`. False when it is none. */
static bool
add_each(struct config *c, uint32_t node, uint32_t word, uint32_t parent)
{
	const struct dialect_rule *rule = ask(c, RULE_RANGE, word, parent);
	struct span line = c->words->v[word].text, list;
	struct range *v = NULL;
	size_t n = 0, count = 0;

	if (rule == NULL || !rule->each || c->rules->dialect->n_only > 0)
		return false;
	list = rules_group(rule->line, "list", line);
	if (list.p == NULL || !range_read(c->arena, list, &v, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		count += (size_t)v[i].to - v[i].from + 1;
	if (count > EACH_MAX - c->each)
		return false;
	c->each += count;
	c->steps += count;
	for (size_t i = 0; i < n; i++)
		for (size_t k = v[i].from; k <= v[i].to; k++)
			c->tree.nodes[node].item =
			    put_one(c, node, parent, line, list, (uint32_t)k);
	return true;
}

static uint32_t
list_above(struct config *c, uint32_t word, uint32_t parent)
{
	const struct dialect_rule *rule = ask(c, RULE_SEQUENCE, word, parent);
	struct buf name = BUF_INIT;
	struct re_match m;
	uint32_t list;

	if (rule == NULL || re_find(rule->line, c->words->v[word].text, &m) <= 0)
		return parent;
	/* A word that no line can be: a list is never one. */
	buf_adds(&name, CONFIG_LIST);
	buf_addspan(&name, m.group[0]);
	list = config_put(c, parent, words_put(c->words, buf_span(&name), true));
	buf_release(&name);
	c->v[list].flags |= ITEM_ORDERED;
	return list;
}

static void
add_line(struct config *c, uint32_t node, uint32_t parent)
{
	const struct node *n = &c->tree.nodes[node];
	bool inside = (c->v[parent].flags & ITEM_INSIDE) != 0 || !config_counts(c, parent);
	bool section = tree_has_children(&c->tree, node), more = false;
	struct verdict v = { NULL, n->word, false };
	uint32_t i;

	if (!inside && words_may_any(c->words, n->word, LINE_KINDS)) {
		v = judge(c, node, n->word, parent);
		if (v.rule == NULL && !section && merges(c) &&
		    (c->v[parent].flags & ITEM_ORDERED) == 0 &&
		    add_each(c, node, n->word, parent))
			return;
		if (v.rule == NULL)
			v.word = range_word(c, n->word, parent, &more);
		parent = list_above(c, n->word, parent);
	}
	if (more) {
		config_stands(c, c->last.item, node);
		return;
	}
	i = section && (v.rule == NULL || v.value) && !inside && merges(c) ?
	    config_put(c, parent, v.word) : config_add(c, parent, v.word);
	apply(c, node, i, &v, n->word);
	if (section && (v.rule == NULL || v.value) && !inside &&
	    config_rule(c, RULE_ORDERED, i) != NULL)
		c->v[i].flags |= ITEM_ORDERED;
	if (c->last.v != NULL && c->last.item == 0)
		c->last.item = i;
}

/* Of two equal brothers the first stays; of a line and a section, the section; two
 * sections, which were one if their headers had been equal, stay two. */
static void
merge_brothers(struct config *c, uint32_t *seen, uint32_t i)
{
	uint32_t *last = &seen[c->v[i].word], first = *last, gone = i;

	*last = i;
	if (first == 0 || c->v[first].parent != c->v[i].parent ||
	    (c->v[first].first != 0 && c->v[i].first != 0))
		return;
	if (c->v[i].first == 0)
		*last = first;
	else
		gone = first;
	c->v[gone].flags |= ITEM_GONE;
	if ((c->v[gone].flags & ITEM_EACH) != 0)
		return;
	for (uint32_t node = c->v[gone].node, next; node != NODE_NONE; node = next) {
		next = c->tree.nodes[node].again;
		c->tree.nodes[node].again = NODE_NONE;
		config_stands(c, *last, node);
	}
}

/* Sections with one name are one already: lines remain. */
static void
merge_lines(struct config *c)
{
	uint32_t *seen = mem_calloc(c->words->n, sizeof(*seen)), next;

	for (uint32_t i = 0; i < c->n; i++) {
		if ((c->v[i].flags & (ITEM_ORDERED | ITEM_INSIDE)) != 0 || !config_counts(c, i))
			continue;
		for (uint32_t k = c->v[i].first; k != 0; k = next) {
			next = c->v[k].next;
			if (c->v[k].node != NODE_NONE && config_counts(c, k))
				merge_brothers(c, seen, k);
		}
	}
	free(seen);
}

static void
read_lines(struct config *c)
{
	const struct tree *t = &c->tree;

	for (uint32_t i = 1; i < t->n; i++)
		if (t->nodes[i].kind != NODE_NOTHING)
			add_line(c, i, t->nodes[t->nodes[i].parent].item);
	end_range(c);
	if (merges(c))
		merge_lines(c);
}

void
config_mark_hollow(struct config *c)
{
	for (uint32_t i = c->n - 1; i > 0; i--) {
		if (config_first(c, i) == 0 || !config_counts(c, i) ||
		    (c->v[i].flags & (ITEM_INSIDE | ITEM_SAID)) != 0 ||
		    config_first_compared(c, i) != 0)
			continue;
		c->v[i].flags |= ITEM_HOLLOW;
		c->v[i].rule = c->v[config_first(c, i)].rule;
	}
}

/* --- sections --- */

static void
add_command(struct config *c, uint32_t node, uint32_t parent, struct span text)
{
	uint32_t word = words_put(c->words, text, true);
	struct verdict v = judge(c, node, word, parent);
	const struct dialect_rule *rule = ask(c, RULE_RANGE, word, parent);
	uint32_t range = rule != NULL && v.rule == NULL ? config_range(c, rule, text) : NODE_NONE;

	if (range != NODE_NONE)
		v.word = range;
	apply(c, node, config_add(c, parent, v.word), &v, word);
}

/* A menu is one, however often it stands; of commands each is one. */
static void
read_sections(struct config *c)
{
	const struct tree *t = &c->tree;
	uint32_t in = 0;

	for (uint32_t i = 1; i < t->n; i++) {
		struct span text = tree_word(t, i), menu;
		uint32_t parent = in;

		if (t->nodes[i].kind == NODE_NOTHING)
			continue;
		menu = section_menu(c->rules->dialect, text);
		if (menu.len > 0) {
			parent = config_put(c, 0, words_put(c->words, menu, true));
			c->v[parent].flags |= ITEM_LINE;
			if (c->v[parent].node == NODE_NONE)
				c->v[parent].node = i;
			if (config_rule(c, RULE_ORDERED, parent) != NULL)
				c->v[parent].flags |= ITEM_ORDERED;
		}
		if (menu.len == text.len) {
			c->tree.nodes[i].item = in = parent;
			continue;
		}
		text = span_trim(span_of(text.p + menu.len, text.len - menu.len));
		add_command(c, i, parent, text);
	}
	/* A menu without commands says nothing. */
	for (uint32_t i = config_first(c, 0); i != 0; i = config_next(c, i))
		if (span_starts(config_word(c, i), "/") && config_first(c, i) == 0)
			c->v[i].flags |= ITEM_GONE;
	config_mark_hollow(c);
}

/* --- all --- */

/* Children that all have numbers need no order. */
static void
forget_numbered(struct config *c)
{
	for (uint32_t i = 0; i < c->n; i++) {
		const struct dialect_rule *rule;
		uint32_t k;

		if ((c->v[i].flags & ITEM_ORDERED) == 0 ||
		    (rule = config_rule(c, RULE_ORDERED, i)) == NULL || rule->other == NULL)
			continue;
		for (k = config_first(c, i); k != 0; k = config_next(c, k))
			if (config_counts(c, k) &&
			    re_find(rule->other, words_first_line(config_word(c, k)), NULL) <= 0)
				break;
		if (k == 0)
			c->v[i].flags &= (uint16_t)~ITEM_ORDERED;
	}
}

/* What is neither in the scope nor leads to it is not managed. */
static void
mark_unmanaged(struct config *c)
{
	static const struct dialect_rule outside = { .name = "not managed" };
	bool *in = arena_calloc(c->arena, c->n, sizeof(*in));
	bool *above = arena_calloc(c->arena, c->n, sizeof(*above));

	for (uint32_t i = 1; i < c->n; i++)
		in[i] = in[c->v[i].parent] || config_rule(c, RULE_ONLY, i) != NULL;
	for (uint32_t i = c->n - 1; i > 0; i--)
		above[c->v[i].parent] |= in[i] || above[i];
	for (uint32_t i = 1; i < c->n; i++) {
		if (!config_counts(c, c->v[i].parent) || (c->v[c->v[i].parent].flags & ITEM_INSIDE) != 0)
			c->v[i].flags |= ITEM_INSIDE;
		if (in[i] || above[i] || (c->v[i].flags & ITEM_INSIDE) != 0 || config_is_open(c, i))
			continue;
		c->v[i].rule = &outside;
		c->v[i].flags &= (uint16_t)~ITEM_VALUE;
		config_mark_carries(c, i);
	}
}

void
config_read(struct config *c, struct arena *a, struct words *w, struct span text, bool comments)
{
	*c = (struct config){ .arena = a, .words = w, .rules = w->rules, .comments = comments };
	tree_read(&c->tree, a, w, text);
	c->cap = c->tree.n + 16;
	c->v = arena_calloc(a, c->cap, sizeof(*c->v));
	c->v[0] = (struct item){ .word = c->tree.nodes[0].word, .node = NODE_NONE,
		.exact = c->tree.nodes[0].word, .shape = NODE_NONE, .mate = NODE_NONE };
	c->n = 1;
	c->tree.nodes[0].item = 0;
	/* The top level is the empty line, which a rule may match as `^$`. */
	if (config_rule(c, RULE_ORDERED, 0) != NULL)
		c->v[0].flags |= ITEM_ORDERED;
	c->paths = w->rules->dialect->paths && c->tree.syntax != SYNTAX_INDENT;
	if (c->paths)
		config_read_paths(c);
	else if (c->tree.syntax == SYNTAX_SECTION)
		read_sections(c);
	else
		read_lines(c);
	if (c->rules->dialect->n_only > 0)
		mark_unmanaged(c);
	forget_numbered(c);
	c->steps += c->tree.n;
}

/* --- identity --- */

/* Of a block, what names it. */
static struct span
block_name(struct span word)
{
	struct span line = words_first_line(word);
	const char *delim = memmem(line.p, line.len, "^C", 2);

	return delim != NULL ? span_of(line.p, (size_t)(delim - line.p)) : line;
}

static struct span
joined(struct arena *a, struct span x, struct span y)
{
	char *p = arena_alloc(a, x.len + y.len + 2);

	memcpy(p, x.p, x.len);
	p[x.len] = '\x02';
	memcpy(p + x.len + 1, y.p, y.len);
	return span_of(p, x.len + y.len + 1);
}

/* A line without the value that a rule names. */
static struct span
without_value(const struct dialect_rule *rule, struct span line, struct arena *a)
{
	struct span key = rules_group(rule->line, "key", line), value;

	if (key.p != NULL)
		return joined(a, span_str(rule->name), key);
	value = rules_group(rule->line, "value", line);
	if (value.p == NULL)
		return value;
	return joined(a, span_of(line.p, (size_t)(value.p - line.p)),
	    span_of(value.p + value.len, (size_t)(line.p + line.len - value.p - value.len)));
}

struct span
config_identity(const struct config *c, uint32_t i, struct arena *a)
{
	const struct dialect_rule *rule = config_rule(c, RULE_IDENTITY, i);
	const char *negation = c->rules->dialect->negation;
	struct span line = config_word(c, i), key = { NULL, 0 };
	uint32_t node = c->v[i].node;
	struct buf path = BUF_INIT;
	struct parents up;

	if (c->paths && rule != NULL) {
		config_parents(c, i, &up);
		key = without_value(rule, rules_path(c->rules, line, &up, &path), a);
		buf_release(&path);
		return key;
	}
	/* A list of brothers is no line that could be another, and neither is a menu. */
	if (c->paths || (c->v[i].flags & ITEM_LINE) == 0 ||
	    (c->tree.syntax == SYNTAX_SECTION && span_starts(line, "/")))
		return key;
	if (node != NODE_NONE && c->tree.nodes[node].kind == NODE_BLOCK)
		return block_name(line);
	if (rule != NULL && (key = without_value(rule, line, a)).p != NULL)
		return key;
	if (negation == NULL || *negation == '\0')
		return key;
	if (span_starts(line, negation)) {
		line.p += strlen(negation);
		line.len -= strlen(negation);
	}
	return line;
}
