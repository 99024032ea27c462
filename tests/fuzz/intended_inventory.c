/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inventory from hostile documents: hosts, groups and defaults in one
 * input, split at NUL. What must hold whatever comes in: names are safe, every
 * device has an address and a scope, selectors and data lookups end, and a
 * broken device has an error somewhere.
 */
#include <assert.h>

#include "intended/inventory.h"

#define INPUT_MAX 65536

static struct span
next_part(struct span *rest)
{
	const char *end = rest->len > 0 ? memchr(rest->p, '\0', rest->len) : NULL;
	struct span part = span_of(rest->p, end != NULL ? (size_t)(end - rest->p) : rest->len);

	*rest = end != NULL ? span_of(end + 1, rest->len - part.len - 1) : span_of(NULL, 0);
	return part;
}

static void
device_check(const struct intended_device *d, const struct selector *s,
    const struct problems *ps)
{
	assert(text_name_ok(d->name));
	assert(d->n_addresses > 0 && d->port > 0 && d->port <= 65535);
	assert(d->site == NULL || text_name_ok(d->site));
	assert(d->role == NULL || text_name_ok(d->role));
	assert(!d->broken || ps->errors > 0);
	intended_data(d, "site");
	selector_match(s, d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const WORDS[] = { "site=*a*,group=*,tag=?", "a*" };
	struct span rest = span_of((const char *)data, size);
	struct inventory_docs docs = { 0 };
	struct intended_device *devices;
	struct arena arena = ARENA_INIT;
	struct selector *s = NULL;
	struct problems ps;
	size_t n;

	if (size > INPUT_MAX)
		return 0;
	problems_init(&ps, &arena);
	for (int k = 0; k < INVENTORY_KINDS; k++) {
		struct doc_node *node = NULL;

		doc_parse_yaml(&node, &arena, INVENTORY_PATHS[k], next_part(&rest),
		    &DOC_LIMITS_INVENTORY, &ps);
		docs.node[k] = node;
		docs.broken[k] = node == NULL;
	}
	inventory_read(&devices, &n, &docs, &arena, &ps);
	selector_parse(&s, &arena, WORDS, 2, NULL);
	for (size_t i = 0; i < n; i++)
		device_check(&devices[i], s, &ps);
	arena_release(&arena);
	return 0;
}
