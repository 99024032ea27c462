/* SPDX-License-Identifier: Apache-2.0 */
/* Paths: braces, and SYNTAX_SET with lines that add, delete and mark. */
#include "tests/fuzz/diffing_paths.h"

static struct dialect_form forms[1];

/* Once, and kept: what it costs is not what is tested. */
static void
make(struct dialect *d)
{
	make_paths(d, false);
	forms[0] = (struct dialect_form){ SYNTAX_SET, pattern("^(set|delete|mark) ") };
	d->forms = forms;
	d->n_forms = 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dialect dialect;

	if (dialect.name == NULL)
		make(&dialect);
	return two_texts(&dialect, data, size);
}
