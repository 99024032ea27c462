/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "controller/lint.h"

static const struct {
	const char *text;
	size_t n;
	int line;
} CASES[] = {
	{ "hostname sw1\n", 0, 0 },
	{ "", 0, 0 },
	{ "username a secret sha512 ${secret:a}\nhostname sw1\n", 0, 0 },
	{ "hostname sw1\n!\nusername a secret sha512 $6$abc\n", 1, 3 },
	{ "hostname sw1\r\nusername a secret sha512 $6$abc\r\n", 1, 2 },
	{ "username a secret sha512 $6$abc\nusername b secret sha512 $6$def\n", 2, 1 },
	{ "username a secret sha512 ${secret:a}\nusername b secret sha512 $6$def", 1, 2 },
	{ "! <secret:0011223344556677>\nusername b secret sha512 $6$def\n", 1, 2 },
	/* The output of `fetch`, committed: it would be deployed like that. */
	{ "username a secret sha512 <secret:0011223344556677>\n", 1, 1 },
};

static void
secrets__are_counted_from_the_first_line_that_has_one(void **state)
{
	struct arena a = ARENA_INIT;
	struct platforms *platforms;
	const struct dialect *d;
	struct problems ps;
	int line;

	(void)state;
	problems_init(&ps, &a);
	assert_int_equal(platforms_load(&platforms, NULL, &ps, NULL), 0);
	d = platform_dialect(platforms_find(platforms, "arista_eos"));
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		size_t n = lint_secrets(d, span_str(CASES[i].text), &line);

		if (n != CASES[i].n || (n > 0 && line != CASES[i].line))
			fail_msg("case %zu: %zu from line %d", i, n, line);
	}
	platforms_free(platforms);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets__are_counted_from_the_first_line_that_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
