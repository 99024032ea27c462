/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Items where words make paths: one a word, so that `a { b c; }`, `a b { c; }`
 * and `set a b c` mean the same. A list `[ x y ]` is several words below one.
 * Quotes around a word are not part of it.
 */
#include "diffing/config_build.h"

struct walk {
	struct config *config;
	struct span rest;	/* of the statement */
	uint32_t node, at;	/* the statement, and the item reached */
	uint32_t end, common;	/* the last item a path ended with; what all have */
	size_t ends;		/* how many did */
	uint32_t open[TREE_DEPTH];	/* where a brace inside the statement began */
	size_t depth;
	bool list;		/* it ends with a list so far */
	bool opens;		/* nothing said what the statement ends with before */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What parts words: in a statement all of them, in a value none. */
static bool
is_mark(char c)
{
	return c == '[' || c == ']' || c == '{' || c == '}';
}

/* What stands between double quotes, where \" is a quote. */
static struct span
unquoted(struct walk *w, struct span inside)
{
	const char *end = inside.p + inside.len;
	char *text, *to;

	if (memmem(inside.p, inside.len, "\\\"", 2) == NULL)
		return inside;
	to = text = arena_alloc(w->config->arena, inside.len);
	for (const char *p = inside.p; p < end; p++) {
		if (*p == '\\' && p + 1 < end && *++p != '"')
			*to++ = '\\';
		*to++ = *p;
	}
	return span_of(text, (size_t)(to - text));
}

/* The next word without its quotes, or a mark. False at the end. `quoted` when
 * it had quotes, so that "[" is no list. */
static bool
next_word(struct walk *w, struct span *word, bool *quoted)
{
	const char *p = w->rest.p, *end = p + w->rest.len, *from, *quote;

	while (p < end && is_blank(*p))
		p++;
	from = p;
	*quoted = false;
	if (p < end && (*p == '"' || *p == '\'') && (quote = tree_quote_end(p, end)) != NULL &&
	    quote - p >= 2 && (quote == end || is_blank(*quote) || is_mark(*quote) ||
	    *quote == ';')) {
		*quoted = true;
		*word = span_of(p + 1, (size_t)(quote - p) - 2);
		if (*p == '"')
			*word = unquoted(w, *word);
		w->rest = span_of(quote, (size_t)(end - quote));
		return true;
	}
	if (p < end && is_mark(*p))
		p++;
	else
		while (p < end && !is_blank(*p) && !is_mark(*p))
			p++;
	*word = span_of(from, (size_t)(p - from));
	w->rest = span_of(p, (size_t)(end - p));
	return word->len > 0;
}

/* Down one word. At the deepest level what follows is part of the last. */
static uint32_t
step(struct walk *w, uint32_t at, struct span word)
{
	struct config *c = w->config;
	struct buf both = BUF_INIT;
	uint32_t number;

	if (c->v[at].depth + 1 < TREE_DEPTH)
		return config_put(c, at, words_put(c->words, word, false));
	buf_addspan(&both, config_word(c, at));
	buf_addc(&both, ' ');
	buf_addspan(&both, word);
	buf_addspan(&both, w->rest);
	w->rest.len = 0;
	number = words_put(c->words, buf_span(&both), true);
	buf_release(&both);
	return config_put(c, c->v[at].parent, number);
}

/* The innermost item that both are, or are below. */
static uint32_t
common_parent(const struct config *c, uint32_t x, uint32_t y)
{
	while (x != y) {
		if (c->v[x].depth >= c->v[y].depth)
			x = c->v[x].parent;
		else
			y = c->v[y].parent;
	}
	return x;
}

/* A path ends at item `at`: it shows as a line of its own, and is there also when
 * nothing is below it. */
static void
end_at(struct walk *w, uint32_t at)
{
	struct config *c = w->config;

	c->v[at].flags |= ITEM_SAID;
	if (at != 0 && c->tree.syntax != SYNTAX_SET)
		c->v[at].flags |= ITEM_LINE;
	/* One that several end in stands for what they have in common. */
	if (w->ends == 1 && c->v[w->end].node == NODE_NONE)
		c->v[w->end].node = w->node;
	if (w->ends > 0 && c->v[at].node == NODE_NONE)
		c->v[at].node = w->node;
	w->common = w->ends == 0 ? at : common_parent(c, w->common, at);
	w->end = at;
	w->ends++;
}

/* What the statement stands for: what its path ends with, or when it has
 * several, what they have in common. */
static void
stands_for(struct walk *w)
{
	struct config *c = w->config;
	struct span text = tree_word(&c->tree, w->node);
	bool section = c->tree.syntax == SYNTAX_BRACE && text.len > 0 &&
	    text.p[text.len - 1] == '{';

	if (section)
		w->end = w->at;
	/* What opens a section says nothing about it, unless that is all. */
	if (section && w->opens && tree_has_children(&c->tree, w->node))
		c->v[w->at].flags &= (uint16_t)~ITEM_SAID;
	if (w->ends > 1 || w->end == 0 || (section && w->list))
		c->tree.nodes[w->node].flags |= NODE_LIST;
	if ((w->ends == 1 || section) && w->end != 0)
		config_stands(c, w->end, w->node);
	else
		c->tree.nodes[w->node].item = w->common;
}

/* The words between [ and ], each below the same item. */
static void
take_list(struct walk *w)
{
	struct span word;
	bool quoted;

	while (next_word(w, &word, &quoted) && (quoted || !span_is(word, "]")))
		if (quoted || !is_mark(word.p[0]))
			end_at(w, step(w, w->at, word));
}

/* Whether the path to an item ends in these words. */
static bool
ends_in(const struct config *c, uint32_t i, struct span words)
{
	const char *blank;

	for (; i != 0; i = c->v[i].parent) {
		blank = memrchr(words.p, ' ', words.len);
		if (blank == NULL)
			return span_eq(config_word(c, i), words);
		if (!span_eq(config_word(c, i), span_of(blank + 1,
		    (size_t)(words.p + words.len - blank - 1))))
			return false;
		words.len = (size_t)(blank - words.p);
	}
	return false;
}

static bool
is_leaf(const struct config *c, uint32_t i)
{
	const struct dialect *d = c->rules->dialect;

	for (size_t k = 0; k < d->n_leaves; k++)
		if (ends_in(c, i, span_str(d->leaves[k])))
			return true;
	return false;
}

/* The value of a leaf, with which its path ends, when more follows. */
static void
take_leaf(struct walk *w)
{
	uint32_t up = w->config->v[w->at].parent;
	struct span before = w->rest, word;
	bool quoted, more;

	if (!next_word(w, &word, &quoted) || (!quoted && is_mark(word.p[0]))) {
		w->rest = before;
		return;
	}
	w->at = step(w, w->at, word);
	before = w->rest;
	while ((more = next_word(w, &word, &quoted)) && !quoted && span_is(word, "]"))
		continue;
	if (more && (quoted || !is_mark(word.p[0]))) {
		end_at(w, w->at);
		w->at = up;
	}
	w->rest = before;
}

static void
take_words(struct walk *w)
{
	struct config *c = w->config;
	struct span word;
	bool quoted;

	while (next_word(w, &word, &quoted)) {
		if (quoted || !is_mark(word.p[0])) {
			w->at = step(w, w->at, word);
			w->list = false;
			if (is_leaf(w->config, w->at))
				take_leaf(w);
		} else if (word.p[0] == '[') {
			take_list(w);
			w->list = true;
		} else if (word.p[0] == '{' && w->rest.len > 0 && w->depth < TREE_DEPTH) {
			w->open[w->depth++] = w->at;
		} else if (word.p[0] == '}' && w->depth > 0) {
			end_at(w, w->at);
			w->at = w->open[--w->depth];
		}
	}
	w->opens = (c->v[w->at].flags & ITEM_SAID) == 0;
	if (!w->list)
		end_at(w, w->at);
	stands_for(w);
}

static bool
is_skipped(const struct dialect *d, struct span word)
{
	for (size_t i = 0; i < d->n_skipped; i++)
		if (span_is(word, d->skipped[i]))
			return true;
	return false;
}

/* Words in front of a statement that are no part of its path. */
static const char *
take_front(struct walk *w)
{
	const struct dialect *d = w->config->rules->dialect;
	const struct dialect_verb *verb;
	const char *mark = NULL;
	struct span word, before;
	bool quoted;

	for (before = w->rest; next_word(w, &word, &quoted) && !quoted; before = w->rest) {
		verb = rules_mark(d, word);
		if (verb == NULL && !is_skipped(d, word))
			break;
		mark = verb != NULL ? verb->mark : mark;
	}
	w->rest = before;
	return mark;
}

/* Of a statement that says more than an entry of a list, the entry. */
static uint32_t
entry_of(const struct config *c, uint32_t from, uint32_t at)
{
	uint32_t entry = at, i = at;

	for (; i != from && i != 0; i = c->v[i].parent)
		if (c->v[i].parent != 0 && config_rule(c, RULE_LIST, c->v[i].parent) != NULL)
			entry = i;
	/* At the deepest level a statement ends beside where it began. */
	return i == from ? entry : at;
}

static void
put_mark(struct walk *w, uint32_t at, const char *mark)
{
	struct config *c = w->config;
	uint32_t i = config_put(c, at, words_put(c->words, span_str(mark), false));

	c->v[i].flags |= ITEM_LINE;
	if (c->v[i].node == NODE_NONE)
		c->v[i].node = w->node;
}

/* Without its `;`. */
static struct span
statement_of(const struct config *c, uint32_t node)
{
	struct span s = tree_word(&c->tree, node);

	if (!c->rules->dialect->line_ends && s.len > 0 && s.p[s.len - 1] == ';')
		s.len--;
	return s;
}

/* An item goes with all below it, and the parents that only led to it. */
static void
forget(struct config *c, uint32_t i)
{
	do {
		c->v[i].flags |= ITEM_GONE;
		i = c->v[i].parent;
		/* So that each is passed once. */
		c->v[i].first = config_first(c, i);
		c->v[i].last = c->v[i].first == 0 ? 0 : c->v[i].last;
	} while (i != 0 && c->v[i].node == NODE_NONE && config_first(c, i) == 0);
}

/* Take a path back, if it is there. */
static void
delete_path(struct walk *w)
{
	struct config *c = w->config;
	struct span word;
	bool quoted;

	while (next_word(w, &word, &quoted)) {
		if (!quoted && is_mark(word.p[0]))
			continue;
		w->at = config_find(c, w->at, words_put(c->words, word, false));
		if (w->at == 0)
			return;
	}
	if (w->at != 0)
		forget(c, w->at);
}

/* What a statement at the top begins with does something to its path. False
 * when that is all. */
static bool
take_verb(struct walk *w)
{
	const struct dialect_verb *verb = rules_verb(w->config->rules, w->rest);
	size_t len = verb != NULL ? strlen(verb->prefix) : 0;

	w->rest = span_of(w->rest.p + len, w->rest.len - len);
	if (verb == NULL || verb->does != VERB_DELETES)
		return true;
	delete_path(w);
	return false;
}

static void
add_statement(struct config *c, uint32_t node)
{
	struct walk w = { .config = c, .rest = statement_of(c, node), .node = node,
		.at = c->tree.nodes[c->tree.nodes[node].parent].item };
	const char *mark = take_front(&w);
	uint32_t from = w.at;

	if (w.at == 0 && c->rules->dialect->line_ends && !take_verb(&w))
		return;
	take_words(&w);
	if (mark != NULL)
		put_mark(&w, entry_of(c, from, w.at), mark);
}

/* A comment belongs to what it stands in. */
static void
add_comment(struct config *c, uint32_t node)
{
	uint32_t parent = c->tree.nodes[c->tree.nodes[node].parent].item, i;

	i = config_add(c, parent, c->tree.nodes[node].word);
	c->v[i].flags |= ITEM_LINE;
	config_stands(c, i, node);
}

static void
add_set_line(struct config *c, uint32_t node)
{
	struct walk w = { .config = c, .rest = tree_word(&c->tree, node), .node = node };
	const struct dialect_verb *verb = rules_verb(c->rules, w.rest);
	size_t prefix = verb != NULL ? strlen(verb->prefix) : 0;

	w.rest = span_of(w.rest.p + prefix, w.rest.len - prefix);
	if (verb != NULL && verb->does == VERB_DELETES)
		delete_path(&w);
	if (verb != NULL && verb->does == VERB_MOVES)
		ARENA_PUSH(c->arena, c->moves, c->n_moves) = node;
	if (verb != NULL && (verb->does == VERB_DELETES || verb->does == VERB_MOVES))
		return;
	take_words(&w);
	if (verb != NULL && verb->does == VERB_MARKS && verb->mark != NULL)
		put_mark(&w, w.at, verb->mark);
}

/* Out of its brothers, and among them again behind `after` (0: as the first). */
static void
relink(struct config *c, uint32_t *previous, uint32_t i, uint32_t after)
{
	struct item *v = c->v, *parent = &v[v[i].parent];
	uint32_t next = v[i].next, *from = previous[i] != 0 ? &v[previous[i]].next : &parent->first;
	uint32_t *to;

	*from = next;
	if (next != 0)
		previous[next] = previous[i];
	else
		parent->last = previous[i];
	to = after != 0 ? &v[after].next : &parent->first;
	v[i].next = *to;
	if (*to != 0)
		previous[*to] = i;
	else
		parent->last = i;
	previous[i] = after;
	*to = i;
}

/* PATH before|after NAME, where NAME is as many words as the end of PATH. */
static void
move_entry(struct config *c, uint32_t node, uint32_t *previous)
{
	struct walk w = { .config = c, .rest = tree_word(&c->tree, node), .node = node };
	const struct dialect_verb *verb = rules_verb(c->rules, w.rest);
	uint32_t chain[TREE_DEPTH], n = 0, down = 0, entry, other;
	bool quoted, before = false;
	struct span word;

	w.rest = span_of(w.rest.p + strlen(verb->prefix), w.rest.len - strlen(verb->prefix));
	for (entry = 0; next_word(&w, &word, &quoted) && n < TREE_DEPTH; chain[n++] = entry) {
		other = config_find(c, entry, words_put(c->words, word, false));
		before = span_is(word, "before");
		if (other == 0)
			break;
		entry = other;
	}
	if (entry == 0 || (!before && !span_is(word, "after")))
		return;
	for (struct walk ahead = w; next_word(&ahead, &word, &quoted);)
		down++;
	if (down == 0 || down > n)
		return;
	for (other = down < n ? chain[n - 1 - down] : 0; next_word(&w, &word, &quoted);)
		if ((other = config_find(c, other, words_put(c->words, word, false))) == 0)
			return;
	if (other != entry && c->v[other].parent == c->v[entry].parent &&
	    !(before && previous[other] == entry))
		relink(c, previous, entry, before ? previous[other] : other);
}

static void
move_entries(struct config *c)
{
	uint32_t *previous = c->n_moves > 0 ?
	    arena_calloc(c->arena, c->n, sizeof(*previous)) : NULL;

	for (uint32_t i = 0; i < c->n && previous != NULL; i++)
		for (uint32_t k = c->v[i].first; k != 0 && c->v[k].next != 0; k = c->v[k].next)
			previous[c->v[k].next] = k;
	for (size_t i = 0; i < c->n_moves; i++)
		move_entry(c, c->moves[i], previous);
}

/* `deactivate X` says of a leaf without its value what `inactive: X V` says of it
 * with one: a mark beside one word that nothing is below stands below that. */
static void
sink_mark(struct config *c, uint32_t i)
{
	uint32_t parent = c->v[i].parent, leaf = 0, new;

	for (uint32_t k = config_first(c, parent); k != 0; k = config_next(c, k)) {
		if (k == i)
			continue;
		if (leaf != 0 || config_first(c, k) != 0)
			return;
		leaf = k;
	}
	if (leaf == 0 || parent == 0 || rules_mark(c->rules->dialect, config_word(c, leaf)) != NULL)
		return;
	new = config_put(c, leaf, c->v[i].word);
	c->v[new].flags |= ITEM_LINE;
	c->v[new].node = c->v[i].node;
	c->v[i].flags |= ITEM_GONE;
}

static void
sink_marks(struct config *c)
{
	for (uint32_t i = 1, n = c->n; i < n; i++)
		if ((c->v[i].flags & ITEM_GONE) == 0 && config_first(c, i) == 0 &&
		    rules_mark(c->rules->dialect, config_word(c, i)) != NULL)
			sink_mark(c, i);
}

/* --- rules --- */

static bool
is_value(const struct dialect_rule *rule)
{
	return rule != NULL && re_group(rule->line, "value") >= 0;
}

/* The word of an item that is a volatile value is the same whatever it is. */
static void
cut_value(struct config *c, const struct dialect_rule *rule, uint32_t i, struct span path)
{
	struct span value = rules_group(rule->line, "value", path);

	if (config_first(c, i) != 0 || value.p == NULL ||
	    value.p + value.len != path.p + path.len)
		return;
	c->v[i].flags |= ITEM_VALUE;
	c->v[i].rule = rule;
	config_mark_carries(c, i);
	/* Two values of one are one. */
	if (!config_rename(c, i, words_put(c->words, span_str(CONFIG_CUT), false)))
		c->v[i].flags |= ITEM_GONE;
}

/* The word of an item that is a list of numbers is the sorted list. */
static void
sort_numbers(struct config *c, uint32_t i, struct span path)
{
	const struct dialect_rule *rule = rules_find_path(c->rules, RULE_RANGE, path);
	struct span list;
	uint32_t word;

	if (rule == NULL)
		return;
	list = rules_group(rule->line, "list", path);
	if (list.p == NULL || list.p + list.len != path.p + path.len ||
	    !span_eq(list, config_word(c, i)))
		return;
	word = config_range(c, rule, path);
	if (word == NODE_NONE)
		return;
	list = c->words->v[word].text;
	list.p += path.len - config_word(c, i).len;
	list.len -= path.len - config_word(c, i).len;
	c->v[i].word = words_put(c->words, list, false);
}

static void
mark(struct config *c, uint32_t i, struct span path)
{
	static const enum rule_kind kinds[] = { RULE_OWNED, RULE_EXCEPT, RULE_VOLATILE };
	const struct dialect_rule *rule = NULL;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]) && rule == NULL; k++)
		rule = rules_find_path(c->rules, kinds[k], path);
	if (is_value(rule)) {
		cut_value(c, rule, i, path);
	} else if (rule != NULL && !config_is_open(c, i)) {
		c->v[i].rule = rule;
		config_mark_carries(c, i);
	}
	if (config_counts(c, i))
		sort_numbers(c, i, path);
	if (config_counts(c, i) && config_first(c, i) != 0 &&
	    rules_find_path(c->rules, RULE_ORDERED, path) != NULL)
		c->v[i].flags |= ITEM_ORDERED;
}

static void
mark_all(struct config *c)
{
	struct buf path = BUF_INIT;
	struct parents up;

	for (uint32_t i = 1; i < c->n; i++) {
		const struct item *parent = &c->v[c->v[i].parent];

		c->v[i].flags |= parent->flags & ITEM_GONE;
		if ((c->v[i].flags & ITEM_GONE) != 0)
			continue;
		if (!config_counts(c, c->v[i].parent) || (parent->flags & ITEM_INSIDE) != 0) {
			c->v[i].flags |= ITEM_INSIDE;
			continue;
		}
		buf_clear(&path);
		config_parents(c, i, &up);
		/* Rules are not asked, and what is in doubt shows more. */
		if (rules_too_long(config_word(c, i), &up))
			c->v[i].flags |= ITEM_ORDERED;
		else
			mark(c, i, rules_path(c->rules, config_word(c, i), &up, &path));
	}
	buf_release(&path);
}

void
config_read_paths(struct config *c)
{
	const struct tree *t = &c->tree;

	for (uint32_t i = 1; i < t->n; i++) {
		/* What stands below a `delete` is not there either. */
		if (t->nodes[t->nodes[i].parent].item == NODE_NONE)
			continue;
		if (t->nodes[i].kind == NODE_COMMENT && c->comments)
			add_comment(c, i);
		else if (t->nodes[i].kind == NODE_LINE && t->syntax == SYNTAX_SET)
			add_set_line(c, i);
		else if (t->nodes[i].kind == NODE_LINE)
			add_statement(c, i);
	}
	move_entries(c);
	sink_marks(c);
	mark_all(c);
	config_mark_hollow(c);
}
