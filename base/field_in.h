/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader and the describer of field tables share. Private to
 * base/field*.c. */
#ifndef FAIRLEAD_BASE_FIELD_IN_H
#define FAIRLEAD_BASE_FIELD_IN_H

#include "base/field.h"

/* The default of a field as a node; NULL when it has none. */
const struct doc_node *field_default(const struct field *f, struct arena *a);
/* Bytes as people write them: "64k", "16M", "120". */
const char *field_size_str(int64_t bytes, char out[32]);

#endif
