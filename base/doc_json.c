/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON through jansson, which checks the grammar, decodes strings and refuses
 * duplicate keys. jansson keeps neither the text of numbers nor positions, and
 * parses all before anyone can count. So the text is read twice by a scanner
 * that knows only where tokens begin: before jansson, to count depth and
 * nodes; after it, in step with the tree (jansson keeps the order of keys), to
 * give each node its position and each number its text.
 */
#include "base/doc_read.h"

#include <assert.h>
#include <jansson.h>

/* Walks the tokens that are, or open, a value or a key. */
struct cursor {
	struct span text;
	size_t at;		/* where to look on */
	int line;
	size_t line_start;	/* offset, less the continuation bytes of the line */
	int depth;		/* containers open at `at` */
	size_t start, len;	/* the token */
	struct doc_pos pos;
};

static void
skip_string(struct cursor *c)
{
	size_t end = c->at + 1;

	while (end < c->text.len && c->text.p[end] != '"') {
		end += c->text.p[end] == '\\' ? 2 : 1;
	}
	c->at = end < c->text.len ? end + 1 : c->text.len;
}

/* Columns count characters: move the start of the line right by one for each
 * byte that is not the first of its character. */
static void
skip_wide(struct cursor *c, size_t from)
{
	for (size_t i = from; i < c->at; i++) {
		if (((unsigned char)c->text.p[i] & 0xc0) == 0x80)
			c->line_start++;
	}
}

static void
skip_blank(struct cursor *c)
{
	while (c->at < c->text.len && strchr(" \t\r\n:,]}", c->text.p[c->at]) != NULL) {
		char ch = c->text.p[c->at++];

		if (ch == '\n') {
			c->line++;
			c->line_start = c->at;
		}
		c->depth -= ch == ']' || ch == '}';
	}
}

/* The next token; false at the end of the text. */
static bool
next_token(struct cursor *c)
{
	skip_blank(c);
	if (c->at >= c->text.len)
		return false;
	c->start = c->at;
	c->pos.line = c->line;
	c->pos.column = (int)(c->at - c->line_start) + 1;
	if (c->text.p[c->at] == '"') {
		skip_string(c);
	} else if (c->text.p[c->at] == '[' || c->text.p[c->at] == '{') {
		c->at++;
		c->depth++;
	} else {
		while (c->at < c->text.len && strchr(" \t\r\n:,[]{}\"", c->text.p[c->at]) == NULL)
			c->at++;
	}
	c->len = c->at - c->start;
	skip_wide(c, c->start);
	return true;
}

/* The tree says that there is one more. */
static void
step(struct cursor *c)
{
	bool more = next_token(c);

	assert(more);
	(void)more;
}

static bool
check_shape(struct reading *r)
{
	struct cursor c = { .text = r->text, .line = 1 };

	while (next_token(&c)) {
		if (c.depth > r->limits->max_depth) {
			reading_problem(r, c.pos, "arrays and objects nest deeper than %d levels",
			    r->limits->max_depth);
			return false;
		}
		if (!reading_count(r, c.pos, 1))
			return false;
	}
	return true;
}

/* jansson says how far it read: the token it read last, or that place. */
static struct cursor
place_of(const struct reading *r, const json_error_t *e)
{
	struct cursor c = { .text = r->text, .line = 1 };
	size_t end = e->position > 0 ? (size_t)e->position : 0;

	while (next_token(&c)) {
		if (c.start < end && end <= c.at)
			return c;
		if (c.at > end)
			break;
	}
	c.pos = reading_pos(r, end > 0 ? end - 1 : 0);
	c.len = 0;
	return c;
}

static void
jansson_problem(struct reading *r, const json_error_t *e)
{
	struct cursor c = place_of(r, e);

	switch (json_error_code(e)) {
	case json_error_premature_end_of_input:
		reading_problem(r, c.pos, "the JSON ends too early");
		break;
	case json_error_end_of_input_expected:
		reading_problem(r, c.pos, "text after the end of the JSON");
		break;
	case json_error_duplicate_key:
		reading_problem(r, c.pos, "duplicate key %.*s", (int)(c.len < 200 ? c.len : 200),
		    c.text.p + c.start);
		break;
	case json_error_null_character:
	case json_error_null_byte_in_key:
		reading_problem(r, c.pos, "a NUL character (\\u0000) is not allowed in a text");
		break;
	default:
		reading_problem(r, c.pos, "not JSON: %s", e->text);
		break;
	}
}

static struct doc_node *
scalar(struct reading *r, const json_t *json, const struct cursor *c)
{
	struct doc_node *node = reading_node(r, DOC_SCALAR, c->pos);

	if (json_is_string(json)) {
		node->text = arena_strndup(r->a, json_string_value(json),
		    json_string_length(json));
		node->quoted = true;
		return node;
	}
	node->null = json_is_null(json);
	node->bare = !node->null;
	if (node->bare)
		node->text = arena_strndup(r->a, c->text.p + c->start, c->len);
	return node;
}

/* Depth was bounded by check_shape(). */
static struct doc_node *
build(struct reading *r, json_t *json, struct cursor *c)
{
	struct doc_node *node, *value;
	struct doc_pair *pair;
	const char *key;
	json_t *child;
	size_t i;

	step(c);
	if (!json_is_object(json) && !json_is_array(json))
		return scalar(r, json, c);
	node = reading_node(r, json_is_object(json) ? DOC_MAP : DOC_LIST, c->pos);
	json_array_foreach(json, i, child) {
		value = build(r, child, c);
		ARENA_PUSH(r->a, node->items, node->n) = value;
	}
	json_object_foreach(json, key, child) {
		step(c);
		pair = &ARENA_PUSH(r->a, node->pairs, node->n);
		pair->key = arena_strdup(r->a, key);
		pair->pos = c->pos;
		pair->value = build(r, child, c);
	}
	return node;
}

int
doc_parse_json(struct doc_node **out, struct arena *a, const char *file,
    struct span text, const struct doc_limits *limits, struct problems *ps)
{
	/* Integers as reals: jansson's own overflow at 2^63, and the text is
	 * kept here anyway. */
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL;
	struct reading r = { .a = a, .file = file, .text = text, .limits = limits, .ps = ps };
	struct cursor c = { .line = 1 };
	json_error_t e;
	json_t *json;

	*out = NULL;
	if (!reading_start(&r, false) || !check_shape(&r))
		return ERR_CONTENT;
	json = json_loadb(r.text.p, r.text.len, flags, &e);
	if (json == NULL) {
		jansson_problem(&r, &e);
		return ERR_CONTENT;
	}
	c.text = r.text;
	*out = build(&r, json, &c);
	json_decref(json);
	return 0;
}
