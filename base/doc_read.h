/* SPDX-License-Identifier: Apache-2.0 */
/* What the YAML and the JSON reader share. Private to base/doc*.c. */
#ifndef FAIRLEAD_BASE_DOC_READ_H
#define FAIRLEAD_BASE_DOC_READ_H

#include "base/doc.h"

/* One document being read. */
struct reading {
	struct arena *a;
	const char *file;
	struct span text;	/* without a byte order mark */
	const struct doc_limits *limits;
	struct problems *ps;
	size_t errors;		/* ps->errors when the reading began */
	size_t nodes;		/* so far, see doc_limits.max_nodes */
};

/* Check the limits of size and the bytes themselves. `yaml`: also refuse
 * characters that libyaml takes for line ends or refuses without a position.
 * False when a problem was added. */
bool reading_start(struct reading *r, bool yaml);
void reading_problem(struct reading *r, struct doc_pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Count n more nodes; false, with a problem at pos, past the limit. */
bool reading_count(struct reading *r, struct doc_pos pos, size_t n);
bool reading_failed(const struct reading *r);
/* Line and column (in characters) of a byte of the text. */
struct doc_pos reading_pos(const struct reading *r, size_t offset);
struct doc_node *reading_node(struct reading *r, enum doc_kind kind, struct doc_pos pos);

#endif
