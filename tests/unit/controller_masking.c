/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "controller/masking.h"

/* What stands between two literals is hidden, however the device spaces them;
 * other lines are left alone. */
static void
pattern__hides_what_stands_where_git_has_a_reference(void **state)
{
	static const struct {
		const char *before, *after;
		bool braces;
		const char *line;
		const char *hidden;		/* NULL: the line does not match */
	} rows[] = {
		{ "snmp-server location ", "", false, "snmp-server location Old Value", "Old Value" },
		{ "snmp-server location ", "", false, "snmp-server contact x", NULL },
		{ "   location  ", " rack 1  ", false, "location Old rack 1", "Old" },
		{ "   location\t", " rack 1", false, "location Old rack 2", NULL },
		{ "key 7 ", "$", false, "key 7 a.b$", "a.b" },
		{ "username (.*) secret ", "", false, "username bob secret x", NULL },
		{ "username (.*) secret ", "", false, "username (.*) secret x", "x" },
		{ "\tpassword \"", "\";", true, "password \"old\";", "old" },
		{ "protocol bgp x { password \"", "\"; }", true, "password \"old\";", "old" },
		{ "\tpassword \"", "\"; # note", true, "password \"old\";", "old" },
		{ "password \"", "\" ;", true, "passive \"old\";", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf pattern = BUF_INIT;
		struct re_match m;
		struct re *re;

		assert_true(masking_pattern(span_str(rows[i].before), span_str(rows[i].after),
		    rows[i].braces, &pattern));
		assert_int_equal(re_compile(&re, buf_str(&pattern), NULL), 0);
		if (re_find(re, span_str(rows[i].line), &m) == 1) {
			assert_non_null(rows[i].hidden);
			assert_true(span_is(m.group[re_group(re, "secret")], rows[i].hidden));
		} else {
			assert_null(rows[i].hidden);
		}
		re_free(re);
		buf_release(&pattern);
	}
}

/* Nothing beside the reference: every line would be hidden. */
static void
pattern__needs_something_to_go_by(void **state)
{
	struct buf pattern = BUF_INIT;

	(void)state;
	assert_false(masking_pattern(span_str("   "), span_str(" "), false, &pattern));
	assert_false(masking_pattern(span_str("x { "), span_str("; y"), true, &pattern));
	assert_int_equal(pattern.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pattern__hides_what_stands_where_git_has_a_reference),
		cmocka_unit_test(pattern__needs_something_to_go_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
