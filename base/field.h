/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Field tables: a row says key, type, limits and help of one field of a
 * struct. The same table is the parser, its error messages, the JSON Schema
 * and the reference page, so they cannot disagree.
 */
#ifndef FAIRLEAD_BASE_FIELD_H
#define FAIRLEAD_BASE_FIELD_H

#include "base/doc.h"
#include "base/writer.h"

enum field_type {
	FIELD_STRING,	/* const char * */
	FIELD_NAME,	/* const char *; text_name_ok() */
	FIELD_BOOL,	/* bool; true/false only (yes/no/on/off are errors that say so) */
	FIELD_INT,	/* int64_t within [min, max] */
	FIELD_DURATION,	/* int64_t milliseconds within [min, max]; "5m" */
	FIELD_SIZE,	/* int64_t bytes within [min, max]; "16M" */
	FIELD_ENUM,	/* int: index into words */
	FIELD_REGEX,	/* const char *; must compile (base/re.h) */
	FIELD_STRINGS,	/* struct field_strings; one scalar or a list of them */
	FIELD_PAIRS,	/* struct field_pairs; map of scalar to scalar */
	FIELD_STRUCT,	/* nested struct in place, read by `table` */
	FIELD_LIST,	/* struct field_list of structs read by `table` */
	FIELD_MAP,	/* struct field_list of structs read by `table`; the map key
			 * goes into the field whose row is flagged FIELD_KEY */
	FIELD_NODE,	/* const struct doc_node *: as it stands, for the owner to read */
};

struct field_strings {
	size_t n;
	const char **v;		/* v[n] is NULL, so it can be an argv */
};
struct field_pairs {
	size_t n;
	const char **keys, **values;
};
struct field_list {
	size_t n;
	void *v;		/* array of table->size structs */
};

#define FIELD_REQUIRED	1u
#define FIELD_KEY	2u	/* filled with the map key of FIELD_MAP; not a key itself */
#define FIELD_SECRET_OK	4u	/* reserved for keys that may hold a reference only */

struct field_table;
struct field {
	const char *key;
	enum field_type type;
	size_t offset;
	unsigned flags;
	int64_t min, max;		/* INT, DURATION (ms), SIZE; both 0: any */
	const char *const *words;	/* ENUM: NULL-terminated */
	const struct field_table *table;/* STRUCT, LIST, MAP */
	const char *def;		/* default as YAML text, or NULL: zero; it must
					 * be right by the row's own rules (asserted) */
	const char *help;		/* a sentence; goes to schema and docs */
};
struct field_table {
	const char *name;	/* "settings", "settings.repository" */
	const char *help;
	size_t size;		/* of the struct */
	const struct field *rows;
	size_t n;
};
#define FIELD_TABLE(tname, stype, trows, thelp) \
	{ (tname), (thelp), sizeof(stype), (trows), sizeof(trows) / sizeof((trows)[0]) }

/* Fill *out (zeroed first, then defaults) from a map node. Unknown keys,
 * wrong types and values out of limits are problems that say where, what was
 * found and what was expected; an unknown key names the nearest known one. A
 * null value is an absent key (but FIELD_NODE gets the node). A struct that
 * is absent, and *out when node is NULL, has its defaults and misses nothing.
 * 0, or ERR_CONTENT when any error was added (the rest is still filled).
 * Strings point into the node's arena. `a` holds the lists. */
int field_read(void *out, const struct field_table *t, const struct doc_node *node,
    struct arena *a, const char *file, struct problems *ps);
/* Positions for errors found later: the node of a key in a map node. */
struct doc_pos field_pos(const struct doc_node *node, const char *key);

/* JSON Schema (2020-12) of a table, as one JSON document. */
void field_schema(const struct field_table *t, const char *id, struct buf *out);
/* Reference page: a Markdown table a struct. */
void field_reference(const struct field_table *t, struct buf *out);

#endif
