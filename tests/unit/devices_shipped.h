/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platforms that are shipped, loaded once for a group of tests.
 */
#ifndef FAIRLEAD_TESTS_DEVICES_SHIPPED_H
#define FAIRLEAD_TESTS_DEVICES_SHIPPED_H

#include "devices/platform.h"

static struct platforms *shipped;

static inline int
shipped_load(void **state)
{
	struct err err = ERR_INIT;
	struct arena a = ARENA_INIT;
	struct problems ps;
	int r;

	(void)state;
	problems_init(&ps, &a);
	r = platforms_load(&shipped, NULL, &ps, &err);
	if (r != 0)
		print_error("%s: %s\n", err.text, ps.n > 0 ? ps.v[0].text : "");
	arena_release(&a);
	return r;
}

static inline int
shipped_free(void **state)
{
	(void)state;
	platforms_free(shipped);
	return 0;
}

/* Its grammar; a name that is not shipped ends the test. */
static inline const struct dialect *
shipped_dialect(const char *name)
{
	const struct platform *p = platforms_find(shipped, name);

	if (p == NULL)
		fail_msg("there is no platform %s", name);
	return platform_dialect(p);
}

#endif
