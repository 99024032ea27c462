/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML through libyaml's events, never its loader: the loader keeps duplicate
 * keys and turns aliases into cycles, and depth can only be stopped early on
 * events (each is made from at most 1 KiB of text ahead, so libyaml's work,
 * quadratic in flow depth, stays small when we stop at the limit).
 *
 * One handler an event. A handler returns false when going on makes no sense;
 * what is merely wrong (a tag, a duplicate key) is a problem and the reading
 * goes on, so that a person sees all of them at once.
 */
#include "base/doc_read.h"

#include <yaml.h>

/* Maps up to this size look for duplicates one by one. */
#define SMALL_MAP 16

struct anchor {
	struct doc_node *node;
	size_t weight;		/* nodes it stands for */
	size_t bytes;		/* text in them */
	int height;		/* levels of lists and maps in it */
	bool open;		/* its end was not seen yet */
};

/* A list or map that is open. */
struct level {
	struct doc_node *node;
	struct anchor *anchor;	/* or NULL */
	size_t nodes_before, bytes_before;
	int height;		/* so far, itself included */
	bool has_key;		/* map: a key waits for its value */
	const char *key;
	struct doc_pos key_pos;
	struct map seen;	/* large map: key -> its line */
};

struct yaml_in {
	struct reading r;
	yaml_parser_t parser;
	struct doc_node *root;	/* NULL before the first value */
	struct level levels[DOC_DEPTH];
	int depth;
	int documents;
	size_t bytes;		/* text of all keys and scalars, aliases expanded */
	struct map anchors;	/* name -> struct anchor */
	struct arena scratch;	/* dies with the reading */
};

static struct doc_pos
mark_pos(yaml_mark_t mark)
{
	struct doc_pos pos = { (int)mark.line + 1, (int)mark.column + 1 };

	return pos;
}

/*
 * libyaml's words and ours. `opened`: the sentence has a %d for the line where
 * the thing began.
 */
struct sentence {
	const char *theirs;
	const char *ours;
	bool opened;
	bool at_start;		/* the place to look at is where the thing began */
};
#define TAB_SENTENCE "a tab cannot indent YAML: use spaces"
#define TAG_SENTENCE "tags (\"!name\") are not supported: quote a text that begins with !"
static const struct sentence sentences[] = {
	{ "could not find expected ':'",
	    "expected \":\" after this key, or the text before it goes on at a wrong "
	    "indentation", false, true },
	{ "did not find expected key",
	    "expected a key here: check quotes, or the indentation against line %d", true, false },
	{ "did not find expected '-' indicator",
	    "expected \"- \" here: check the indentation against the list at line %d", true,
	    false },
	{ "did not find expected ',' or ']'",
	    "expected \",\" or \"]\": the list begun at line %d is still open", true, false },
	{ "did not find expected ',' or '}'",
	    "expected \",\" or \"}\": the map begun at line %d is still open", true, false },
	{ "did not find expected node content", "expected a value here", false, false },
	{ "did not find expected <document start>",
	    "the document ended before this: check quotes and indentation", false, false },
	{ "mapping values are not allowed in this context",
	    "a \":\" is not expected here: quote the text, or check the indentation", false,
	    false },
	{ "mapping keys are not allowed in this context",
	    "a \"?\" key is not expected here: check the indentation", false, false },
	{ "block sequence entries are not allowed in this context",
	    "a \"- \" item is not expected here: check the indentation", false, false },
	{ "found a tab character where an indentation space is expected", TAB_SENTENCE, false,
	    false },
	{ "found a tab character that violates indentation", TAB_SENTENCE, false, false },
	{ "found unexpected end of stream", "the quote opened here is never closed", false,
	    true },
	{ "found unexpected document indicator",
	    "the quote opened at line %d is still open here", true, false },
	{ "found unknown escape character",
	    "unknown escape in double quotes: write \\\\ for a backslash, or use single quotes",
	    false, false },
	{ "did not find expected hexdecimal number",
	    "expected hexadecimal digits after \\x, \\u or \\U", false, false },
	{ "found invalid Unicode character escape code",
	    "this escape is not a Unicode character", false, false },
	{ "did not find expected alphabetic or numeric character",
	    "a name of letters, digits, - and _ must follow & or *: quote a text that begins "
	    "so", false, true },
	{ "did not find expected comment or line break",
	    "only a comment may follow | or > on its line", false, false },
	{ "found an indentation indicator equal to 0", "the digit after | or > is 1 to 9", false,
	    false },
	{ "found unexpected ':'", "quote a text with \":\" in it here", false, false },
	{ "found undefined tag handle", TAG_SENTENCE, false, true },
	{ "did not find expected '!'", TAG_SENTENCE, false, true },
	{ "did not find expected tag URI", TAG_SENTENCE, false, true },
	{ "did not find expected whitespace or line break",
	    "expected a blank here: quote a text that begins with !, & or *", false, true },
	{ "found incompatible YAML document", "%YAML 1.1 and 1.2 are read, no other", false,
	    false },
};

/* The character libyaml stopped at, for the message that needs it. */
static char
char_at(const struct reading *r, size_t index)
{
	for (size_t i = 0; i < r->text.len; i++) {
		if (((unsigned char)r->text.p[i] & 0xc0) != 0x80 && index-- == 0)
			return r->text.p[i];
	}
	return '\0';
}

static void
bad_start(struct yaml_in *in)
{
	char c = char_at(&in->r, in->parser.problem_mark.index);
	struct doc_pos pos = mark_pos(in->parser.problem_mark);

	if (c == '\t')
		reading_problem(&in->r, pos, TAB_SENTENCE);
	else
		reading_problem(&in->r, pos, "a text cannot begin with \"%c\": quote it", c);
}

static void
say(struct yaml_in *in, const struct sentence *s)
{
	yaml_parser_t *p = &in->parser;
	struct doc_pos pos = mark_pos(s->at_start ? p->context_mark : p->problem_mark);
	struct buf text = BUF_INIT;
	const char *line = strstr(s->ours, "%d");

	if (s->opened && line != NULL)
		buf_addf(&text, "%.*s%d%s", (int)(line - s->ours), s->ours,
		    mark_pos(p->context_mark).line, line + 2);
	else
		buf_adds(&text, s->ours);
	reading_problem(&in->r, pos, "%s", buf_str(&text));
	buf_release(&text);
}

static bool
syntax_problem(struct yaml_in *in)
{
	const char *theirs = in->parser.problem != NULL ? in->parser.problem : "cannot be read";

	if (strcmp(theirs, "found character that cannot start any token") == 0) {
		bad_start(in);
		return false;
	}
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (strcmp(sentences[i].theirs, theirs) == 0) {
			say(in, &sentences[i]);
			return false;
		}
	}
	reading_problem(&in->r, mark_pos(in->parser.problem_mark), "not YAML: %s%s%s", theirs,
	    in->parser.context != NULL ? " " : "",
	    in->parser.context != NULL ? in->parser.context : "");
	return false;
}

static struct level *
top(struct yaml_in *in)
{
	return in->depth > 0 ? &in->levels[in->depth - 1] : NULL;
}

static bool
wants_key(struct yaml_in *in)
{
	struct level *l = top(in);

	return l != NULL && l->node->kind == DOC_MAP && !l->has_key;
}

/* Put a value where it belongs. */
static void
place(struct yaml_in *in, struct doc_node *node, int height)
{
	struct level *l = top(in);

	if (l == NULL) {
		in->root = node;
		return;
	}
	if (l->height < height + 1)
		l->height = height + 1;
	if (l->node->kind == DOC_LIST) {
		ARENA_PUSH(in->r.a, l->node->items, l->node->n) = node;
	} else {
		struct doc_pair pair = { l->key, l->key_pos, node };

		ARENA_PUSH(in->r.a, l->node->pairs, l->node->n) = pair;
		l->has_key = false;
	}
}

/* Line of the pair with this key, 0 when there is none; the key counts as
 * seen from now on. */
static int
seen_line(struct yaml_in *in, struct level *l, const char *key, int line)
{
	const struct doc_node *map = l->node;
	void *seen;

	if (map->n < SMALL_MAP) {
		for (size_t i = 0; i < map->n; i++) {
			if (strcmp(map->pairs[i].key, key) == 0)
				return map->pairs[i].pos.line;
		}
		return 0;
	}
	if (l->seen.arena == NULL) {
		map_init(&l->seen, &in->scratch);
		for (size_t i = 0; i < map->n; i++)
			map_put(&l->seen, map->pairs[i].key,
			    (void *)(intptr_t)map->pairs[i].pos.line);
	}
	seen = map_get(&l->seen, key);
	if (seen == NULL)
		map_put(&l->seen, key, (void *)(intptr_t)line);
	return (int)(intptr_t)seen;
}

static void
check_key(struct yaml_in *in, struct level *l, const yaml_event_t *e)
{
	bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	int line = seen_line(in, l, l->key, l->key_pos.line);

	if (line > 0)
		reading_problem(&in->r, l->key_pos, "duplicate key \"%.200s\", first at line %d",
		    l->key, line);
	if (plain && l->key[0] == '\0')
		reading_problem(&in->r, l->key_pos, "expected a key before the \":\"");
	if (plain && strcmp(l->key, "<<") == 0)
		reading_problem(&in->r, l->key_pos, "merge keys (\"<<\") are not supported: write "
		    "the keys out");
	if (e->data.scalar.anchor != NULL)
		reading_problem(&in->r, l->key_pos, "an anchor (\"&\") cannot stand on a key");
}

static void
refuse_tag(struct yaml_in *in, const yaml_char_t *tag, struct doc_pos pos)
{
	if (tag != NULL)
		reading_problem(&in->r, pos, "%s", TAG_SENTENCE);
}

/* Remember a node by the name of its anchor; NULL when it has none. */
static struct anchor *
add_anchor(struct yaml_in *in, const yaml_char_t *name, struct doc_node *node)
{
	struct anchor *anchor;

	if (name == NULL)
		return NULL;
	if (!in->r.limits->aliases) {
		reading_problem(&in->r, node->pos, "anchors (\"&%.64s\") are not allowed in this "
		    "file: quote a text that begins with &", (const char *)name);
		return NULL;
	}
	anchor = ARENA_NEW(&in->scratch, struct anchor);
	anchor->node = node;
	anchor->weight = 1;
	anchor->bytes = strlen(node->text);
	map_put(&in->anchors, (const char *)name, anchor);
	return anchor;
}

static bool
null_text(const char *s)
{
	return s[0] == '\0' || strcmp(s, "~") == 0 || strcmp(s, "null") == 0 ||
	    strcmp(s, "Null") == 0 || strcmp(s, "NULL") == 0;
}

static bool
on_scalar(struct yaml_in *in, const yaml_event_t *e)
{
	const char *text = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;
	struct doc_pos pos = mark_pos(e->start_mark);
	struct level *l = top(in);
	struct doc_node *node;

	if (!reading_count(&in->r, pos, 1))
		return false;
	in->bytes += len;
	refuse_tag(in, e->data.scalar.tag, pos);
	if (memchr(text, '\0', len) != NULL)
		reading_problem(&in->r, pos, "a NUL character (\\0) is not allowed in a text");
	if (wants_key(in)) {
		l->has_key = true;
		l->key = arena_strndup(in->r.a, text, len);
		l->key_pos = pos;
		check_key(in, l, e);
		return true;
	}
	node = reading_node(&in->r, DOC_SCALAR, pos);
	node->text = arena_strndup(in->r.a, text, len);
	node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->null = !node->quoted && null_text(node->text);
	add_anchor(in, e->data.scalar.anchor, node);
	place(in, node, 0);
	return true;
}

static bool
refuse_depth(struct yaml_in *in, struct doc_pos pos)
{
	reading_problem(&in->r, pos, "lists and maps nest deeper than %d levels",
	    in->r.limits->max_depth);
	return false;
}

static bool
refuse_key(struct yaml_in *in, struct doc_pos pos, const char *what)
{
	reading_problem(&in->r, pos, "expected a text as the key, found %s", what);
	return false;
}

static bool
open_level(struct yaml_in *in, enum doc_kind kind, const yaml_event_t *e,
    const yaml_char_t *name, const yaml_char_t *tag)
{
	struct doc_pos pos = mark_pos(e->start_mark);
	struct level *l;
	struct doc_node *node;

	if (wants_key(in))
		return refuse_key(in, pos, kind == DOC_LIST ? "a list" : "a map");
	if (in->depth == in->r.limits->max_depth)
		return refuse_depth(in, pos);
	if (!reading_count(&in->r, pos, 1))
		return false;
	refuse_tag(in, tag, pos);
	node = reading_node(&in->r, kind, pos);
	place(in, node, 1);
	l = &in->levels[in->depth++];
	memset(l, 0, sizeof(*l));
	l->node = node;
	l->height = 1;
	l->nodes_before = in->r.nodes - 1;
	l->bytes_before = in->bytes;
	l->anchor = add_anchor(in, name, node);
	if (l->anchor != NULL)
		l->anchor->open = true;
	return true;
}

static bool
on_list(struct yaml_in *in, const yaml_event_t *e)
{
	return open_level(in, DOC_LIST, e, e->data.sequence_start.anchor,
	    e->data.sequence_start.tag);
}

static bool
on_map(struct yaml_in *in, const yaml_event_t *e)
{
	return open_level(in, DOC_MAP, e, e->data.mapping_start.anchor,
	    e->data.mapping_start.tag);
}

static bool
on_close(struct yaml_in *in, const yaml_event_t *e)
{
	struct level *l = top(in), *parent;

	(void)e;
	in->depth--;
	if (l->anchor != NULL) {
		l->anchor->open = false;
		l->anchor->height = l->height;
		l->anchor->weight = in->r.nodes - l->nodes_before;
		l->anchor->bytes = in->bytes - l->bytes_before;
	}
	parent = top(in);
	if (parent != NULL && parent->height < l->height + 1)
		parent->height = l->height + 1;
	return true;
}

/* What stands for an alias that was refused, so that reading can go on. */
static bool
place_nothing(struct yaml_in *in, struct doc_pos pos)
{
	place(in, reading_node(&in->r, DOC_SCALAR, pos), 0);
	return true;
}

/* Count what an alias stands for as if it were copied: what walks or prints
 * the tree later must not explode. */
static bool
count_alias(struct yaml_in *in, const struct anchor *anchor, struct doc_pos pos)
{
	if (in->depth + anchor->height > in->r.limits->max_depth)
		return refuse_depth(in, pos);
	if (!reading_count(&in->r, pos, anchor->weight))
		return false;
	in->bytes += anchor->bytes;
	if (in->bytes <= in->r.limits->max_bytes)
		return true;
	reading_problem(&in->r, pos, "aliases stand for more than %zu bytes of text: write less, "
	    "or split the file", in->r.limits->max_bytes);
	return false;
}

static bool
on_alias(struct yaml_in *in, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	struct doc_pos pos = mark_pos(e->start_mark);
	struct anchor *anchor;

	if (wants_key(in))
		return refuse_key(in, pos, "an alias");
	if (!in->r.limits->aliases) {
		reading_problem(&in->r, pos, "aliases (\"*%.64s\") are not allowed in this file: "
		    "quote a text that begins with *", name);
		return place_nothing(in, pos);
	}
	anchor = map_get(&in->anchors, name);
	if (anchor == NULL) {
		reading_problem(&in->r, pos, "no anchor \"&%.64s\" before this alias", name);
		return place_nothing(in, pos);
	}
	if (anchor->open) {
		reading_problem(&in->r, pos, "alias \"*%.64s\" is inside what it stands for", name);
		return false;
	}
	if (!count_alias(in, anchor, pos))
		return false;
	place(in, anchor->node, anchor->height);
	return true;
}

static bool
on_document(struct yaml_in *in, const yaml_event_t *e)
{
	if (++in->documents == 1)
		return true;
	reading_problem(&in->r, mark_pos(e->start_mark), "a second document begins here: one "
	    "file holds one document");
	return false;
}

static bool
on_nothing(struct yaml_in *in, const yaml_event_t *e)
{
	(void)in;
	(void)e;
	return true;
}

static bool (*const handlers[])(struct yaml_in *, const yaml_event_t *) = {
	[YAML_NO_EVENT] = on_nothing,
	[YAML_STREAM_START_EVENT] = on_nothing,
	[YAML_STREAM_END_EVENT] = on_nothing,
	[YAML_DOCUMENT_START_EVENT] = on_document,
	[YAML_DOCUMENT_END_EVENT] = on_nothing,
	[YAML_ALIAS_EVENT] = on_alias,
	[YAML_SCALAR_EVENT] = on_scalar,
	[YAML_SEQUENCE_START_EVENT] = on_list,
	[YAML_SEQUENCE_END_EVENT] = on_close,
	[YAML_MAPPING_START_EVENT] = on_map,
	[YAML_MAPPING_END_EVENT] = on_close,
};

static void
read_events(struct yaml_in *in)
{
	bool going = true, end = false;
	yaml_event_t e;

	while (going && !end) {
		if (!yaml_parser_parse(&in->parser, &e)) {
			syntax_problem(in);
			return;
		}
		end = e.type == YAML_STREAM_END_EVENT;
		going = handlers[e.type](in, &e);
		yaml_event_delete(&e);
	}
}

/* An empty document, as an empty map. */
static struct doc_node *
root_of(struct yaml_in *in)
{
	struct doc_pos start = { 1, 1 };

	if (in->root == NULL || in->root->null)
		return reading_node(&in->r, DOC_MAP, start);
	return in->root;
}

int
doc_parse_yaml(struct doc_node **out, struct arena *a, const char *file,
    struct span text, const struct doc_limits *limits, struct problems *ps)
{
	struct yaml_in in = {
		.r = { .a = a, .file = file, .text = text, .limits = limits, .ps = ps },
	};

	*out = NULL;
	if (!reading_start(&in.r, true))
		return ERR_CONTENT;
	if (!yaml_parser_initialize(&in.parser)) {
		reading_problem(&in.r, (struct doc_pos){ 0, 0 }, "no memory to read it");
		return ERR_CONTENT;
	}
	yaml_parser_set_encoding(&in.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&in.parser, (const unsigned char *)in.r.text.p,
	    in.r.text.len);
	map_init(&in.anchors, &in.scratch);
	read_events(&in);
	yaml_parser_delete(&in.parser);
	arena_release(&in.scratch);
	if (reading_failed(&in.r))
		return ERR_CONTENT;
	*out = root_of(&in);
	return 0;
}
