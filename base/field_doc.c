/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A field table told to others: as JSON Schema for editors and CI, and as a
 * reference page for people. YAML readers type `5` and `1.10` as numbers where
 * we see text, so the schema takes numbers and booleans wherever a text goes.
 */
#include "base/field_in.h"

#include <inttypes.h>

#define DURATION_PATTERN "^(0|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$"
#define SIZE_PATTERN "^[0-9]+([kKMGT](iB)?)?B?$"
#define NAME_PATTERN "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"

static void schema_struct(struct jw *w, const struct field_table *t);
static void schema_type(struct jw *w, const struct field *f);

const char *
field_size_str(int64_t bytes, char out[32])
{
	static const char *const units[] = { "", "k", "M", "G", "T" };
	size_t i = 0;

	while (i + 1 < sizeof(units) / sizeof(units[0]) && bytes != 0 && bytes % 1024 == 0) {
		bytes /= 1024;
		i++;
	}
	snprintf(out, 32, "%" PRId64 "%s", bytes, units[i]);
	return out;
}

static bool
limited(const struct field *f)
{
	return f->min != 0 || f->max != 0;
}

static void
type_words(struct jw *w, const char *const *words)
{
	jw_array(w, "type");
	for (; *words != NULL; words++)
		jw_string(w, NULL, *words);
	jw_end(w);
}

static void
schema_text(struct jw *w, const struct field *f)
{
	static const char *const words[] = { "string", "number", "boolean", NULL };

	type_words(w, words);
	if (f->type == FIELD_NAME)
		jw_string(w, "pattern", NAME_PATTERN);
}

static void
schema_bool(struct jw *w, const struct field *f)
{
	(void)f;
	jw_string(w, "type", "boolean");
}

static void
schema_limits(struct jw *w, const struct field *f)
{
	if (!limited(f))
		return;
	jw_int(w, "minimum", f->min);
	jw_int(w, "maximum", f->max);
}

static void
schema_int(struct jw *w, const struct field *f)
{
	jw_string(w, "type", "integer");
	schema_limits(w, f);
}

static void
schema_duration(struct jw *w, const struct field *f)
{
	(void)f;
	jw_string(w, "type", "string");
	jw_string(w, "pattern", DURATION_PATTERN);
	jw_int(w, "minLength", 1);
}

static void
schema_size(struct jw *w, const struct field *f)
{
	static const char *const words[] = { "string", "integer", NULL };

	type_words(w, words);
	jw_string(w, "pattern", SIZE_PATTERN);
	schema_limits(w, f);
}

static void
schema_enum(struct jw *w, const struct field *f)
{
	jw_array(w, "enum");
	for (size_t i = 0; f->words[i] != NULL; i++)
		jw_string(w, NULL, f->words[i]);
	jw_end(w);
}

static void
schema_regex(struct jw *w, const struct field *f)
{
	(void)f;
	jw_string(w, "type", "string");
	jw_string(w, "format", "regex");
}

static void
schema_strings(struct jw *w, const struct field *f)
{
	jw_array(w, "anyOf");
	jw_object(w, NULL);
	schema_text(w, f);
	jw_end(w);
	jw_object(w, NULL);
	jw_string(w, "type", "array");
	jw_object(w, "items");
	schema_text(w, f);
	jw_end(w);
	jw_end(w);
	jw_end(w);
}

static void
schema_pairs(struct jw *w, const struct field *f)
{
	jw_string(w, "type", "object");
	jw_object(w, "additionalProperties");
	schema_text(w, f);
	jw_end(w);
}

static void
schema_nested(struct jw *w, const struct field *f)
{
	schema_struct(w, f->table);
}

static void
schema_list(struct jw *w, const struct field *f)
{
	jw_string(w, "type", "array");
	jw_object(w, "items");
	schema_struct(w, f->table);
	jw_end(w);
}

static void
schema_map(struct jw *w, const struct field *f)
{
	const struct field_table *t = f->table;

	jw_string(w, "type", "object");
	for (size_t i = 0; i < t->n; i++) {
		if ((t->rows[i].flags & FIELD_KEY) == 0 || t->rows[i].type != FIELD_NAME)
			continue;
		jw_object(w, "propertyNames");
		jw_string(w, "pattern", NAME_PATTERN);
		jw_end(w);
	}
	jw_object(w, "additionalProperties");
	schema_struct(w, t);
	jw_end(w);
}

static void
schema_anything(struct jw *w, const struct field *f)
{
	(void)w;
	(void)f;
}

/* What each type is called and how its schema is written. */
static const struct {
	const char *word;
	void (*schema)(struct jw *, const struct field *);
} kinds[] = {
	[FIELD_STRING] = { "text", schema_text },
	[FIELD_NAME] = { "name", schema_text },
	[FIELD_BOOL] = { "true or false", schema_bool },
	[FIELD_INT] = { "number", schema_int },
	[FIELD_DURATION] = { "duration", schema_duration },
	[FIELD_SIZE] = { "size", schema_size },
	[FIELD_ENUM] = { "one of", schema_enum },
	[FIELD_REGEX] = { "regular expression", schema_regex },
	[FIELD_STRINGS] = { "text or list of texts", schema_strings },
	[FIELD_PAIRS] = { "map of texts", schema_pairs },
	[FIELD_STRUCT] = { "map", schema_nested },
	[FIELD_LIST] = { "list of maps", schema_list },
	[FIELD_MAP] = { "map of maps", schema_map },
	[FIELD_NODE] = { "anything", schema_anything },
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == FIELD_NODE + 1, "a row for each type");

static void
schema_default(struct jw *w, const struct field *f)
{
	struct arena a = ARENA_INIT;

	if (f->def == NULL)
		return;
	if (f->type == FIELD_BOOL || f->type == FIELD_INT)
		jw_raw(w, "default", span_str(f->def));
	else
		jw_node(w, "default", field_default(f, &a));
	arena_release(&a);
}

/* "1m to 2h", or nothing. */
static void
add_limits(struct buf *out, const struct field *f)
{
	char min[32], max[32];

	if (!limited(f))
		return;
	if (f->type == FIELD_DURATION)
		buf_addf(out, "%s to %s", text_duration_str(f->min, min),
		    text_duration_str(f->max, max));
	else if (f->type == FIELD_SIZE)
		buf_addf(out, "%s to %s", field_size_str(f->min, min),
		    field_size_str(f->max, max));
	else
		buf_addf(out, "%" PRId64 " to %" PRId64, f->min, f->max);
}

/* A nested struct describes itself; the row's sentence is about this use. */
static void
schema_help(struct jw *w, const struct field *f)
{
	struct buf limits = BUF_INIT;

	if (f->type == FIELD_DURATION)
		add_limits(&limits, f);
	if (f->help != NULL && limits.len > 0)
		jw_stringf(w, "description", "%s (%s)", f->help, buf_str(&limits));
	else if (f->help != NULL)
		jw_string(w, "description", f->help);
	buf_release(&limits);
}

static void
schema_type(struct jw *w, const struct field *f)
{
	kinds[f->type].schema(w, f);
}

static void
schema_required(struct jw *w, const struct field_table *t)
{
	bool any = false;

	for (size_t i = 0; i < t->n; i++) {
		if ((t->rows[i].flags & FIELD_REQUIRED) == 0)
			continue;
		if (!any)
			jw_array(w, "required");
		any = true;
		jw_string(w, NULL, t->rows[i].key);
	}
	if (any)
		jw_end(w);
}

static void
schema_struct(struct jw *w, const struct field_table *t)
{
	jw_string(w, "type", "object");
	jw_object(w, "properties");
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if ((f->flags & FIELD_KEY) != 0)
			continue;
		jw_object(w, f->key);
		schema_help(w, f);
		schema_type(w, f);
		schema_default(w, f);
		jw_end(w);
	}
	jw_end(w);
	schema_required(w, t);
	jw_bool(w, "additionalProperties", false);
}

void
field_schema(const struct field_table *t, const char *id, struct buf *out)
{
	struct jw w;

	jw_init(&w, out, true);
	jw_object(&w, NULL);
	jw_string(&w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	jw_string(&w, "$id", id);
	jw_string(&w, "title", t->name);
	if (t->help != NULL)
		jw_string(&w, "description", t->help);
	schema_struct(&w, t);
	jw_end(&w);
	buf_addc(out, '\n');
}

static void
reference_type(struct buf *out, const struct field *f)
{
	struct buf limits = BUF_INIT;

	buf_adds(out, kinds[f->type].word);
	for (size_t i = 0; f->type == FIELD_ENUM && f->words[i] != NULL; i++) {
		buf_adds(out, i > 0 ? ", " : " ");
		md_cell_code(out, span_str(f->words[i]));
	}
	add_limits(&limits, f);
	if (limits.len > 0) {
		buf_adds(out, ", ");
		md_cell(out, buf_span(&limits));
	}
	if (f->table != NULL) {
		buf_adds(out, ", see ");
		md_cell_code(out, span_str(f->table->name));
	}
	buf_release(&limits);
}

static void
reference_row(struct buf *out, const struct field *f)
{
	buf_adds(out, "| ");
	md_cell_code(out, span_str(f->key));
	buf_adds(out, " | ");
	reference_type(out, f);
	buf_adds(out, " | ");
	if ((f->flags & FIELD_KEY) != 0)
		buf_adds(out, "the key of the map");
	else if ((f->flags & FIELD_REQUIRED) != 0)
		buf_adds(out, "required");
	else if (f->def != NULL && f->def[0] != '\0')
		md_cell_code(out, span_str(f->def));
	buf_adds(out, " | ");
	md_cell(out, span_str(f->help));
	buf_adds(out, " |\n");
}

static void
reference_table(struct buf *out, const struct field_table *t)
{
	if (out->len > 0)
		buf_addc(out, '\n');
	buf_adds(out, "## ");
	md_code(out, span_str(t->name));
	buf_adds(out, "\n\n");
	if (t->help != NULL) {
		md_text(out, span_str(t->help));
		buf_adds(out, "\n\n");
	}
	buf_adds(out, "| Key | Type | Default | Meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < t->n; i++)
		reference_row(out, &t->rows[i]);
}

/* A struct used in several places is described once. */
static void
reference_once(struct buf *out, const struct field_table *t, struct map *done)
{
	if (map_has(done, t->name))
		return;
	map_put(done, t->name, out);
	reference_table(out, t);
	for (size_t i = 0; i < t->n; i++) {
		if (t->rows[i].table != NULL)
			reference_once(out, t->rows[i].table, done);
	}
}

void
field_reference(const struct field_table *t, struct buf *out)
{
	struct arena a = ARENA_INIT;
	struct map done;

	map_init(&done, &a);
	reference_once(out, t, &done);
	arena_release(&a);
}
