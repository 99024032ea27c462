/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform definition from hostile text: it is refused with a problem that
 * has a place, or it is whole.
 */
#include <assert.h>

#include "devices/definition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct problems ps;
	struct platform *p;

	if (size > 65536)
		return 0;
	problems_init(&ps, &arena);
	p = platform_parse("fuzz.yaml", span_of((const char *)data, size), &ps);
	assert((p == NULL) == (ps.errors > 0));
	if (p != NULL) {
		assert(text_name_ok(platform_name(p)));
		assert(platform_title(p) != NULL && platform_aliases(p) != NULL);
		assert(strlen(platform_hash(p)) == 64);
		/* What only knows the grammar has no verbs at all. */
		for (size_t i = 0; i < VERBS; i++)
			assert(p->caps.reads || p->verbs[i].n == 0);
		assert(!p->caps.reads || p->verbs[VERB_RUNNING].n > 0);
		for (size_t i = 0; i < p->dialect.n_secrets; i++)
			assert(re_group(p->dialect.secrets[i].line, "secret") > 0);
		for (size_t i = 0; i < p->n_modes; i++)
			assert(re_group(p->modes[i].prompt, "host") > 0);
	}
	platform_free(p);
	arena_release(&arena);
	return 0;
}
