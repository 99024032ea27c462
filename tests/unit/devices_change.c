/* SPDX-License-Identifier: Apache-2.0 */
/* A change and its journal form: what is kept comes back, what is damaged
 * does not come back as something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "devices/change.h"

static void
json__round_trip_keeps_everything(void **state)
{
	struct device_change *c = device_change_new("a1b2c3"), *back = NULL;
	struct buf json = BUF_INIT, again = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(change_set(c, "session", "fl-lab-a1b2c3", &err), 0);
	assert_int_equal(change_set(c, "said", "quote \" and \\ and \xc3\xbc", &err), 0);
	assert_int_equal(change_set(c, "session", "fl-lab-other", &err), 0);
	change_set_timer(c, 300000);
	device_change_json(c, &json);
	assert_int_equal(device_change_parse(&back, buf_span(&json), &err), 0);
	assert_string_equal(change_id(back), "a1b2c3");
	assert_string_equal(change_get(back, "session"), "fl-lab-other");
	assert_string_equal(change_get(back, "said"), "quote \" and \\ and \xc3\xbc");
	assert_null(change_get(back, "absent"));
	assert_int_equal(device_change_timer(back), 300000);
	device_change_json(back, &again);
	assert_string_equal(buf_str(&json), buf_str(&again));
	device_change_free(c);
	device_change_free(back);
	device_change_free(NULL);
	buf_release(&json);
	buf_release(&again);
}

static void
json__damage_is_refused(void **state)
{
	static const char *const damaged[] = {
		"", "{", "[]", "{}", "{\"id\":\"\"}", "{\"id\":\"UPPER\"}", "{\"id\":\"a b\"}",
		"{\"id\":\"../x\"}", "{\"id\":\"a123456789012345678901234567890123\"}",
		"{\"id\":\"a\",\"values\":{\"x\":{}}}", "{\"id\":\"a\",\"values\":{\"a b\":\"c\"}}",
		"{\"id\":{}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		struct device_change *c = NULL;
		struct err err = ERR_INIT;
		int rc = device_change_parse(&c, span_str(damaged[i]), &err);

		if (rc == 0)
			print_message("taken: %s\n", damaged[i]);
		assert_true(rc < 0);
		assert_null(c);
		assert_true(err.text[0] != '\0');
	}
}

static void
set__is_bounded(void **state)
{
	struct device_change *c = device_change_new("a");
	struct buf big = BUF_INIT;
	char name[16];

	(void)state;
	for (int i = 0; i < 2000; i++)
		buf_addc(&big, 'x');
	assert_int_equal(change_set(c, "v", buf_str(&big), NULL), ERR_LIMIT);
	assert_int_equal(change_set(c, "a/b", "x", NULL), ERR_LIMIT);
	for (int i = 0; i < 32; i++) {
		snprintf(name, sizeof(name), "v%d", i);
		assert_int_equal(change_set(c, name, "x", NULL), 0);
	}
	assert_int_equal(change_set(c, "one_more", "x", NULL), ERR_LIMIT);
	assert_int_equal(change_set(c, "v3", "y", NULL), 0);
	device_change_free(c);
	buf_release(&big);
}

static void
id__that_is_none_is_not_kept(void **state)
{
	static const char *const ids[] = { "", "A", "a-b", "a;b", "a\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct device_change *c = device_change_new(ids[i]);

		assert_null(change_id(c));
		device_change_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json__round_trip_keeps_everything),
		cmocka_unit_test(json__damage_is_refused),
		cmocka_unit_test(set__is_bounded),
		cmocka_unit_test(id__that_is_none_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
