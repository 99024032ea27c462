/* SPDX-License-Identifier: Apache-2.0 */
/* Paths: braces in which a line end ends a statement, with leaves of which
 * several stand on one line. */
#include "tests/fuzz/diffing_paths.h"

/* Once, and kept: what it costs is not what is tested. */
static void
make(struct dialect *d)
{
	static const char *const leaves[] = { "x", "y z" };

	make_paths(d, true);
	d->leaves = leaves;
	d->n_leaves = 2;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dialect dialect;

	if (dialect.name == NULL)
		make(&dialect);
	return two_texts(&dialect, data, size);
}
