/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a document by a table of fields. One small function a type turns a
 * node into the value; everything else (absent, required, default, unknown)
 * is the same for all. A default goes through the same function as what people
 * write, so a default that people could not write does not get past a test.
 */
#include "base/field_in.h"

#include <assert.h>
#include <ctype.h>
#include <strings.h>

#include "base/re.h"

#define KEY_MAX 64	/* longer keys get no suggestion */
#define KNOWN_MAX 12	/* so many known keys are listed */

struct in {
	struct arena *a;
	const char *file;
	struct problems *ps;
};

static void read_struct(struct in *in, void *out, const struct field_table *t,
    const struct doc_node *node);

/* What was found, for a message: quoted and short. */
static const char *
found(struct in *in, const struct doc_node *node)
{
	if (node->kind == DOC_LIST)
		return "a list";
	if (node->kind == DOC_MAP)
		return "a map";
	if (node->null)
		return "nothing";
	if (strlen(node->text) > 60)
		return arena_printf(in->a, "\"%.57s...\"", node->text);
	return arena_printf(in->a, "\"%s\"", node->text);
}

static void
expected(struct in *in, const struct field *f, const struct doc_node *node, const char *what)
{
	problem_add(in->ps, SEV_ERROR, in->file, node->pos, "%s: expected %s, found %s", f->key,
	    what, found(in, node));
}

/* The text of a node that must be one; NULL after a problem. */
static const char *
text_of(struct in *in, const struct field *f, const struct doc_node *node, const char *what)
{
	if (node->kind == DOC_SCALAR && !node->null)
		return node->text;
	expected(in, f, node, what);
	return NULL;
}

static bool
limited(const struct field *f)
{
	return f->min != 0 || f->max != 0;
}

static void
read_string(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	const char *text = text_of(in, f, node, "a text");

	if (text != NULL)
		*(const char **)out = text;
}

static void
read_name(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	static const char what[] = "a name of letters, digits, \"_\", \"-\" and \".\" "
	    "(at most 128, first a letter, digit or \"_\")";
	const char *text = text_of(in, f, node, what);

	if (text == NULL)
		return;
	if (text_name_ok(text))
		*(const char **)out = text;
	else
		expected(in, f, node, what);
}

/* How other YAML readers spell the booleans; here a text is a text. */
static bool
other_boolean(const char *text)
{
	static const char *const words[] = { "yes", "no", "on", "off", "y", "n", "true", "false" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(words[i], text) == 0)
			return true;
	}
	return false;
}

static void
read_bool(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	const char *text = text_of(in, f, node, "true or false");

	if (text == NULL)
		return;
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		*(bool *)out = text[0] == 't';
	else if (other_boolean(text))
		expected(in, f, node, "true or false (yes, no, on and off are not read as such)");
	else
		expected(in, f, node, "true or false");
}

static void
read_int(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	const char *text = text_of(in, f, node, "a whole number");
	int64_t min = limited(f) ? f->min : INT64_MIN, max = limited(f) ? f->max : INT64_MAX;
	int64_t value;

	if (text == NULL)
		return;
	if (!text_int(text, INT64_MIN, INT64_MAX, &value))
		expected(in, f, node, "a whole number");
	else if (value < min || value > max)
		expected(in, f, node, arena_printf(in->a, "a number from %lld to %lld",
		    (long long)min, (long long)max));
	else
		*(int64_t *)out = value;
}

static void
read_duration(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	static const char what[] = "a duration such as 30s or 5m";
	const char *text = text_of(in, f, node, what);
	char min[32], max[32];
	int64_t value;

	if (text == NULL)
		return;
	if (!text_duration(text, &value))
		expected(in, f, node, what);
	else if (limited(f) && (value < f->min || value > f->max))
		expected(in, f, node, arena_printf(in->a, "a duration from %s to %s",
		    text_duration_str(f->min, min), text_duration_str(f->max, max)));
	else
		*(int64_t *)out = value;
}

static void
read_size(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	static const char what[] = "a size such as 64k or 16M";
	const char *text = text_of(in, f, node, what);
	char min[32], max[32];
	int64_t value;

	if (text == NULL)
		return;
	if (!text_size(text, &value))
		expected(in, f, node, what);
	else if (limited(f) && (value < f->min || value > f->max))
		expected(in, f, node, arena_printf(in->a, "a size from %s to %s",
		    field_size_str(f->min, min), field_size_str(f->max, max)));
	else
		*(int64_t *)out = value;
}

static const char *
one_of(struct in *in, const char *const *words)
{
	struct buf text = BUF_INIT;
	const char *out;

	buf_adds(&text, "one of ");
	for (size_t i = 0; words[i] != NULL; i++)
		buf_addf(&text, "%s%s", i > 0 ? ", " : "", words[i]);
	out = arena_strdup(in->a, buf_str(&text));
	buf_release(&text);
	return out;
}

static void
read_enum(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	const char *text = text_of(in, f, node, one_of(in, f->words));

	if (text == NULL)
		return;
	for (int i = 0; f->words[i] != NULL; i++) {
		if (strcmp(f->words[i], text) == 0) {
			*(int *)out = i;
			return;
		}
	}
	expected(in, f, node, one_of(in, f->words));
}

static void
read_regex(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	const char *text = text_of(in, f, node, "a regular expression");
	struct err err = ERR_INIT;
	struct re *re = NULL;

	if (text == NULL)
		return;
	if (re_compile(&re, text, &err) < 0)
		problem_add(in->ps, SEV_ERROR, in->file, node->pos, "%s: %s", f->key, err.text);
	else
		*(const char **)out = text;
	re_free(re);
}

static void
read_strings(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	struct field_strings *list = out;
	size_t n = node->kind == DOC_LIST ? node->n : 1;
	const char **v;

	if (node->kind == DOC_MAP) {
		expected(in, f, node, "a text or a list of texts");
		return;
	}
	v = arena_calloc(in->a, n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		v[i] = text_of(in, f, node->kind == DOC_LIST ? node->items[i] : node,
		    "a text or a list of texts");
		if (v[i] == NULL)
			return;
	}
	list->v = v;
	list->n = n;
}

static void
read_pairs(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	struct field_pairs pairs = { .n = node->n };

	if (node->kind != DOC_MAP) {
		expected(in, f, node, "a map of names and texts");
		return;
	}
	pairs.keys = arena_calloc(in->a, node->n, sizeof(*pairs.keys));
	pairs.values = arena_calloc(in->a, node->n, sizeof(*pairs.values));
	for (size_t i = 0; i < node->n; i++) {
		pairs.keys[i] = node->pairs[i].key;
		pairs.values[i] = text_of(in, f, node->pairs[i].value, "a text for each name");
		if (pairs.values[i] == NULL)
			return;
	}
	*(struct field_pairs *)out = pairs;
}

static void
read_nested(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	if (node->kind == DOC_MAP)
		read_struct(in, out, f->table, node);
	else
		expected(in, f, node, "a map");
}

static void *
new_list(struct in *in, struct field_list *list, const struct field *f, size_t n)
{
	list->n = n;
	list->v = arena_calloc(in->a, n, f->table->size);
	return list->v;
}

static void
read_list(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	char *v;

	if (node->kind != DOC_LIST) {
		expected(in, f, node, "a list of maps");
		return;
	}
	v = new_list(in, out, f, node->n);
	for (size_t i = 0; i < node->n; i++)
		read_nested(in, v + i * f->table->size, f, node->items[i]);
}

static void read_value(struct in *in, void *out, const struct field *f,
    const struct doc_node *node);

/* The key of a map entry into the field that is flagged for it. */
static void
read_map_key(struct in *in, void *out, const struct field_table *t,
    const struct doc_pair *pair)
{
	struct doc_node key = {
		.kind = DOC_SCALAR,
		.pos = pair->pos,
		.text = pair->key,
		.quoted = true,
	};

	for (size_t i = 0; i < t->n; i++) {
		if ((t->rows[i].flags & FIELD_KEY) != 0)
			read_value(in, (char *)out + t->rows[i].offset, &t->rows[i], &key);
	}
}

static void
read_map(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	size_t size = f->table->size;
	char *v;

	if (node->kind != DOC_MAP) {
		expected(in, f, node, "a map");
		return;
	}
	v = new_list(in, out, f, node->n);
	for (size_t i = 0; i < node->n; i++) {
		const struct doc_node *value = node->pairs[i].value;
		struct doc_node empty = { .kind = DOC_MAP, .pos = value->pos };

		/* `leaf1:` with nothing after it is an entry without settings. */
		read_nested(in, v + i * size, f, value->null ? &empty : value);
		read_map_key(in, v + i * size, f->table, &node->pairs[i]);
	}
}

static void
read_node(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	(void)in;
	(void)f;
	*(const struct doc_node **)out = node;
}

static void (*const readers[])(struct in *, void *, const struct field *,
    const struct doc_node *) = {
	[FIELD_STRING] = read_string,
	[FIELD_NAME] = read_name,
	[FIELD_BOOL] = read_bool,
	[FIELD_INT] = read_int,
	[FIELD_DURATION] = read_duration,
	[FIELD_SIZE] = read_size,
	[FIELD_ENUM] = read_enum,
	[FIELD_REGEX] = read_regex,
	[FIELD_STRINGS] = read_strings,
	[FIELD_PAIRS] = read_pairs,
	[FIELD_STRUCT] = read_nested,
	[FIELD_LIST] = read_list,
	[FIELD_MAP] = read_map,
	[FIELD_NODE] = read_node,
};
_Static_assert(sizeof(readers) / sizeof(readers[0]) == FIELD_NODE + 1, "a reader for each type");

static void
read_value(struct in *in, void *out, const struct field *f, const struct doc_node *node)
{
	readers[f->type](in, out, f, node);
}

/* A scalar as it stands; only lists and maps are worth a YAML parser. */
const struct doc_node *
field_default(const struct field *f, struct arena *a)
{
	struct doc_node *node = NULL;
	struct problems ps;

	if (f->def == NULL)
		return NULL;
	if (f->def[0] == '[' || f->def[0] == '{') {
		problems_init(&ps, a);
		doc_parse_yaml(&node, a, NULL, span_str(f->def), &DOC_LIMITS, &ps);
		assert(node != NULL);
		return node;
	}
	node = ARENA_NEW(a, struct doc_node);
	node->kind = DOC_SCALAR;
	node->text = f->def;
	node->quoted = true;
	return node;
}

static void
set_default(struct in *in, void *out, const struct field *f)
{
	const struct doc_node *node = field_default(f, in->a);
	size_t errors = in->ps->errors;

	if (f->type == FIELD_STRUCT)
		read_struct(in, out, f->table, NULL);
	else if (node != NULL)
		read_value(in, out, f, node);
	assert(in->ps->errors == errors);
	(void)errors;
}

static bool
same_letter(char x, char y)
{
	return tolower((unsigned char)x) == tolower((unsigned char)y);
}

static size_t
least(size_t x, size_t y)
{
	return x < y ? x : y;
}

/* Edits (insert, remove, replace, swap of neighbours) from one key to the
 * other, case aside. Neither is longer than KEY_MAX. */
static size_t
distance(const char *x, const char *y)
{
	size_t rows[3][KEY_MAX + 1], nx = strlen(x), ny = strlen(y);

	for (size_t j = 0; j <= ny; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= nx; i++) {
		size_t *row = rows[i % 3];
		const size_t *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= ny; j++) {
			row[j] = least(above[j], row[j - 1]) + 1;
			row[j] = least(row[j], above[j - 1] + !same_letter(x[i - 1], y[j - 1]));
			if (i > 1 && j > 1 && same_letter(x[i - 1], y[j - 2]) &&
			    same_letter(x[i - 2], y[j - 1]))
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[nx % 3][ny];
}

/* The known key that was probably meant, or NULL. */
static const char *
nearest(const struct field_table *t, const char *key)
{
	size_t best = strlen(key) / 3 + 1;
	const char *name = NULL;

	if (strlen(key) > KEY_MAX)
		return NULL;
	for (size_t i = 0; i < t->n; i++) {
		size_t d;

		if ((t->rows[i].flags & FIELD_KEY) != 0 || strlen(t->rows[i].key) > KEY_MAX)
			continue;
		d = distance(key, t->rows[i].key);
		if (d <= best && (name == NULL || d < best)) {
			best = d;
			name = t->rows[i].key;
		}
	}
	return name;
}

static void
unknown_key(struct in *in, const struct field_table *t, const struct doc_pair *pair)
{
	const char *meant = in->ps->n < WARNINGS_MAX ? nearest(t, pair->key) : NULL;
	struct buf text = BUF_INIT;
	size_t listed = 0;

	buf_addf(&text, "unknown key \"%.200s\"", pair->key);
	if (meant != NULL)
		buf_addf(&text, "; did you mean \"%s\"?", meant);
	for (size_t i = 0; meant == NULL && t->n <= KNOWN_MAX && i < t->n; i++) {
		if ((t->rows[i].flags & FIELD_KEY) == 0)
			buf_addf(&text, "%s%s", listed++ == 0 ? "; known here: " : ", ",
			    t->rows[i].key);
	}
	problem_add(in->ps, SEV_ERROR, in->file, pair->pos, "%s", buf_str(&text));
	buf_release(&text);
}

static bool
knows(const struct field_table *t, const char *key)
{
	for (size_t i = 0; i < t->n; i++) {
		if ((t->rows[i].flags & FIELD_KEY) == 0 && strcmp(t->rows[i].key, key) == 0)
			return true;
	}
	return false;
}

static void
refuse_unknown(struct in *in, const struct field_table *t, const struct doc_node *node)
{
	for (size_t i = 0; i < node->n; i++) {
		if (!knows(t, node->pairs[i].key))
			unknown_key(in, t, &node->pairs[i]);
	}
}

/* node NULL: the whole struct is absent, so nothing in it is missing. */
static void
read_struct(struct in *in, void *out, const struct field_table *t,
    const struct doc_node *node)
{
	memset(out, 0, t->size);
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];
		const struct doc_node *value = doc_get(node, f->key);
		void *at = (char *)out + f->offset;

		if ((f->flags & FIELD_KEY) != 0)
			continue;
		set_default(in, at, f);
		if (value != NULL && (!value->null || f->type == FIELD_NODE))
			read_value(in, at, f, value);
		else if (node != NULL && (f->flags & FIELD_REQUIRED) != 0)
			problem_add(in->ps, SEV_ERROR, in->file,
			    value != NULL ? value->pos : node->pos, "missing key \"%s\"", f->key);
	}
	if (node != NULL)
		refuse_unknown(in, t, node);
}

int
field_read(void *out, const struct field_table *t, const struct doc_node *node,
    struct arena *a, const char *file, struct problems *ps)
{
	struct in in = { a, file, ps };
	size_t errors = ps->errors;

	if (node == NULL || node->kind == DOC_MAP) {
		read_struct(&in, out, t, node);
	} else {
		read_struct(&in, out, t, NULL);
		problem_add(ps, SEV_ERROR, file, node->pos, "%s: expected a map, found %s", t->name,
		    found(&in, node));
	}
	return ps->errors > errors ? ERR_CONTENT : 0;
}

struct doc_pos
field_pos(const struct doc_node *node, const char *key)
{
	const struct doc_node *value = doc_get(node, key);
	struct doc_pos unknown = { 0, 0 };

	if (value != NULL)
		return value->pos;
	return node != NULL ? node->pos : unknown;
}
