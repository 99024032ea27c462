/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/text.h"

static void
words__each_code_has_one_of_its_own_and_goes_back(void **state)
{
	(void)state;
	for (int code = ERR_FIRST_ + 1; code < ERR_LAST_; code++) {
		assert_true(code < 0);
		assert_true(strlen(err_word(code)) > 0);
		assert_int_equal(err_code_of(err_word(code)), code);
		assert_int_not_equal(err_fault(code), FAULT_NONE);
	}
	assert_string_equal(err_word(ERR_OK), "ok");
	assert_int_equal(err_code_of("ok"), ERR_OK);
	assert_int_equal(err_fault(ERR_OK), FAULT_NONE);
	assert_string_equal(err_word(ERR_HOSTKEY), "host-key");
	assert_string_equal(fault_word(err_fault(ERR_HOSTKEY)), "device");
	assert_string_equal(fault_word(err_fault(ERR_CONTENT)), "repository");
}

static void
words__a_strange_code_is_our_bug(void **state)
{
	static const int strange[] = { 1, -1, ERR_FIRST_, ERR_LAST_, -5000 };

	(void)state;
	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		assert_string_equal(err_word(strange[i]), "bug");
		assert_int_equal(err_fault(strange[i]), FAULT_US);
	}
	assert_int_equal(err_code_of("no such word"), ERR_BUG);
	assert_int_equal(err_code_of(NULL), ERR_BUG);
	assert_string_equal(fault_word((enum fault)99), "us");
}

static void
set__fills_and_returns_the_code(void **state)
{
	struct err err = { 0, "old", "old advice" };

	(void)state;
	assert_int_equal(err_set(&err, ERR_TIMEOUT, "sw1: %d s", 30), ERR_TIMEOUT);
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_string_equal(err.text, "sw1: 30 s");
	assert_string_equal(err.next, "");
	assert_int_equal(err_next(&err, "look at %s", "sw1"), ERR_TIMEOUT);
	assert_string_equal(err.next, "look at sw1");
	err_clear(&err);
	assert_int_equal(err.code, ERR_OK);
	assert_string_equal(err.text, "");
	assert_string_equal(err.next, "");
}

static void
set__without_an_err_gives_the_code(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_IO, "x"), ERR_IO);
	errno = ENOSPC;
	assert_int_equal(err_errno(NULL, ERR_IO, "x"), ERR_FULL);
	assert_int_equal(err_wrap(NULL, "x"), ERR_BUG);
	assert_int_equal(err_next(NULL, "x"), ERR_BUG);
	err_clear(NULL);
}

static void
set__control_bytes_become_question_marks(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, ERR_OUTPUT, "a\nb\tc\033[31md\177e \xc3\xa9");
	assert_string_equal(err.text, "a|b?c?[31md?e \xc3\xa9");
	err_next(&err, "x\ry");
	assert_string_equal(err.next, "x?y");
}

static void
set__may_use_its_own_text(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, ERR_IO, "inner");
	err_set(&err, ERR_REMOTE, "outer: %s", err.text);
	assert_string_equal(err.text, "outer: inner");
	err_next(&err, "first");
	err_next(&err, "%s, then", err.next);
	assert_string_equal(err.next, "first, then");
}

/* At each of the cuts that fall inside a letter, whole letters stay. */
static void
set__too_long_is_cut_between_letters(void **state)
{
	char pad[8] = "", letters[1024];
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i + 4 < sizeof(letters); i += 4)
		memcpy(letters + i, "\xf0\x9f\x9a\xa2", 5);
	for (int i = 0; i < 5; i++) {
		err_set(&err, ERR_IO, "%s%s", pad, letters);
		assert_true(text_utf8_ok(err.text, strlen(err.text)));
		assert_true(strlen(err.text) >= sizeof(err.text) - 4);
		err_wrap(&err, "sw1");
		assert_true(text_utf8_ok(err.text, strlen(err.text)));
		assert_int_equal(strncmp(err.text, "sw1: ", 5), 0);
		pad[i] = 'x';
	}
}

static void
errno__no_room_is_full_and_the_rest_keeps_its_code(void **state)
{
	static const struct {
		int e, code;
		const char *text;
	} rows[] = {
		{ ENOSPC, ERR_FULL, "/f: No space left on device" },
		{ EDQUOT, ERR_FULL, "/f: Disk quota exceeded" },
		{ EMFILE, ERR_FULL, "/f: Too many open files" },
		{ ENFILE, ERR_FULL, "/f: Too many open files in system" },
		{ EACCES, ERR_IO, "/f: Permission denied" },
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		errno = rows[i].e;
		assert_int_equal(err_errno(&err, ERR_IO, "%s", "/f"), rows[i].code);
		assert_int_equal(err.code, rows[i].code);
		assert_string_equal(err.text, rows[i].text);
	}
}

static void
wrap__puts_context_in_front(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, ERR_TIMEOUT, "silent");
	err_next(&err, "wait");
	assert_int_equal(err_wrap(&err, "stage %d", 2), ERR_TIMEOUT);
	assert_int_equal(err_wrap(&err, "sw1"), ERR_TIMEOUT);
	assert_string_equal(err.text, "sw1: stage 2: silent");
	assert_string_equal(err.next, "wait");
	err_clear(&err);
	assert_int_equal(err_wrap(&err, "sw1"), ERR_BUG);
	assert_int_equal(err.code, ERR_BUG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words__each_code_has_one_of_its_own_and_goes_back),
		cmocka_unit_test(words__a_strange_code_is_our_bug),
		cmocka_unit_test(set__fills_and_returns_the_code),
		cmocka_unit_test(set__without_an_err_gives_the_code),
		cmocka_unit_test(set__control_bytes_become_question_marks),
		cmocka_unit_test(set__may_use_its_own_text),
		cmocka_unit_test(set__too_long_is_cut_between_letters),
		cmocka_unit_test(errno__no_room_is_full_and_the_rest_keeps_its_code),
		cmocka_unit_test(wrap__puts_context_in_front),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
