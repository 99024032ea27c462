/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents: YAML and JSON from outside as one kind of tree with positions.
 * Scalars stay strings and are typed by the schema (base/field.h), so `no`,
 * `on`, `0o17`, `1e3` and `1.10` cannot turn into something else. Duplicate
 * keys, non-UTF-8, control characters, more than one YAML document, tags, merge
 * keys and anything over the limits are problems with a position. The only room
 * of libyaml and of jansson.
 */
#ifndef FAIRLEAD_BASE_DOC_H
#define FAIRLEAD_BASE_DOC_H

#include "base/text.h"

struct doc_pos {
	int line, column;	/* from 1; 0: unknown */
};

/* A problem found in something from outside: printed as
 * file:line:column: error: text (next). */
enum severity { SEV_ERROR, SEV_WARNING };
struct problem {
	enum severity severity;
	const char *file;	/* path in the repository, or of the settings */
	struct doc_pos pos;
	const char *device;	/* name when it concerns one device, or NULL */
	const char *text;
};
/* A growing list; all problems are reported at once. At most so many are kept,
 * the rest counted in `more`: errors decide what is deployed, so many of them. */
#define ERRORS_MAX 20000
#define WARNINGS_MAX 1000
struct problems {
	struct arena *arena;
	struct problem *v;
	size_t n;
	size_t errors, warnings;	/* all there were */
	size_t more;			/* of them, not kept */
	size_t more_errors;
};
void problems_init(struct problems *ps, struct arena *a);
void problem_add(struct problems *ps, enum severity severity, const char *file,
    struct doc_pos pos, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void problem_add_device(struct problems *ps, enum severity severity, const char *file,
    struct doc_pos pos, const char *device, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* "file:line:column: error: text" without LF, visible characters only. */
void problem_format(const struct problem *p, struct buf *out);

enum doc_kind { DOC_SCALAR, DOC_LIST, DOC_MAP };
struct doc_node;
struct doc_pair {
	const char *key;
	struct doc_pos pos;	/* of the key */
	struct doc_node *value;	/* never NULL; an empty one is "" with null set */
};
struct doc_node {
	enum doc_kind kind;
	struct doc_pos pos;
	const char *text;	/* scalar: NUL-terminated, no NUL inside */
	bool quoted;		/* scalar was quoted: "~" and "null" are then text */
	bool null;		/* empty, ~, null, Null or NULL, unquoted (JSON: null) */
	bool bare;		/* from JSON: a number, true or false, as it was written */
	size_t n;		/* items or pairs */
	struct doc_node **items;	/* list */
	struct doc_pair *pairs;		/* map, in document order */
};

#define DOC_DEPTH 64		/* no limit may be deeper: walkers recurse */
struct doc_limits {
	size_t max_bytes;	/* of the document; of its texts, aliases expanded */
	size_t max_nodes;	/* keys, scalars, lists and maps, aliases expanded */
	int max_depth;		/* lists and maps in each other, the root counts */
	bool aliases;		/* expand YAML aliases, under max_nodes; else refuse */
};
/* 1 MiB, 100,000 nodes, depth 64, no aliases. */
extern const struct doc_limits DOC_LIMITS;
/* 16 MiB, 2,000,000 nodes, depth 64, aliases expanded. */
extern const struct doc_limits DOC_LIMITS_INVENTORY;

/* Parse a whole document. 0 and *out, or ERR_CONTENT with at least one
 * problem added and *out NULL. An empty document is an empty map. Depth is
 * counted on events, before libyaml can go quadratic on it. All memory is in
 * `a`. The tree is for reading only: an alias shares the node of its anchor. */
int doc_parse_yaml(struct doc_node **out, struct arena *a, const char *file,
    struct span text, const struct doc_limits *limits, struct problems *ps);
/* The same tree, with positions, from JSON (RFC 8259); numbers and booleans
 * are scalars that keep their text (1.10 stays 1.10, 2^64 stays exact). */
int doc_parse_json(struct doc_node **out, struct arena *a, const char *file,
    struct span text, const struct doc_limits *limits, struct problems *ps);

/* The value of a key, or NULL (also when n is NULL or not a map). */
struct doc_node *doc_get(const struct doc_node *n, const char *key);
/* The text of a scalar below a key, or NULL. */
const char *doc_text(const struct doc_node *n, const char *key);
/* The integer of a scalar below a key, or `absent`. */
int64_t doc_int(const struct doc_node *n, const char *key, int64_t absent);
bool doc_bool(const struct doc_node *n, const char *key);	/* "true" */

#endif
