/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"

static int pipe_fds[2];

static int
make_pipe(void **state)
{
	(void)state;
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) != 0)
		return -1;
	return fcntl(pipe_fds[1], F_SETPIPE_SZ, 1 << 20) < 0 ? -1 : 0;
}

static int
close_pipe(void **state)
{
	(void)state;
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return 0;
}

/* What was logged since the last call, in static memory. */
static const char *
logged(void)
{
	static char text[1 << 16];
	ssize_t n = read(pipe_fds[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
level__hides_what_is_below(void **state)
{
	(void)state;
	log_init(pipe_fds[1], LOG_WARN_, LOG_FORM_TEXT);
	log_info("run", NULL, "hidden");
	log_debug("run", NULL, "hidden");
	assert_string_equal(logged(), "");
	log_error("run", NULL, "shown");
	assert_non_null(strstr(logged(), "error run: shown\n"));
}

static void
text__has_time_level_token_and_device(void **state)
{
	const char *line;

	(void)state;
	log_init(pipe_fds[1], LOG_INFO_, LOG_FORM_TEXT);
	log_info("job", "leaf1", "%d lines\n", 7);
	line = logged();
	assert_true(line[2] == ':' && line[5] == ':' && line[8] == ' ');
	assert_string_equal(line + 9, "info  job leaf1: 7 lines\n");
}

static void
text__is_one_line_whatever_a_device_says(void **state)
{
	(void)state;
	log_init(pipe_fds[1], LOG_INFO_, LOG_FORM_TEXT);
	log_warn("job", "le\naf\033[1m", "a\nb\033[2Jc\xff");
	assert_string_equal(logged() + 9, "warn  job le\\x0aaf\\x1b[1m: a\\x0ab\\x1b[2Jc\\xff\n");
}

static void
json__is_the_form_where_there_is_no_terminal(void **state)
{
	const char *line;

	(void)state;
	log_init(pipe_fds[1], LOG_INFO_, LOG_FORM_AUTO);
	log_info("job", "leaf1", "say \"%s\"", "hi");
	line = logged();
	assert_int_equal(strncmp(line, "{\"at\":\"20", 9), 0);
	assert_non_null(strstr(line, "Z\",\"level\":\"info\",\"token\":\"job\",\"device\":\"leaf1\","
	    "\"text\":\"say \\\"hi\\\"\"}\n"));
	log_info("job", NULL, "x");
	assert_null(strstr(logged(), "device"));
}

static void
secret__is_masked_in_all_parts_before_anything_is_cut(void **state)
{
	struct secret *s = secret_new("hunter2\n", 8), *t = secret_new("s3cr3t", 6);
	struct buf text = BUF_INIT;
	const char *line;

	(void)state;
	log_init(pipe_fds[1], LOG_INFO_, LOG_FORM_JSON);
	log_info("s3cr3t", "x-s3cr3t", "login hunter2\n with s3cr3t");
	line = logged();
	assert_null(strstr(line, "hunter2"));
	assert_null(strstr(line, "s3cr3t"));
	/* Moved on byte by byte, so that it lies across the longest line's end. */
	for (int i = 0; i < 16384 - 8; i++)
		buf_addc(&text, '.');
	for (int i = 0; i < 12; i++) {
		buf_addc(&text, '.');
		log_info("job", NULL, "%ss3cr3t", text.data);
		assert_null(strstr(logged(), "s3c"));
	}
	buf_release(&text);
	secret_free(s);
	secret_free(t);
}

static void
errno__survives(void **state)
{
	(void)state;
	log_init(-1, LOG_INFO_, LOG_FORM_TEXT);
	errno = 77;
	log_info("job", NULL, "nowhere to go");
	assert_int_equal(errno, 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(level__hides_what_is_below),
		cmocka_unit_test(text__has_time_level_token_and_device),
		cmocka_unit_test(text__is_one_line_whatever_a_device_says),
		cmocka_unit_test(json__is_the_form_where_there_is_no_terminal),
		cmocka_unit_test(secret__is_masked_in_all_parts_before_anything_is_cut),
		cmocka_unit_test(errno__survives),
	};

	return cmocka_run_group_tests(tests, make_pipe, close_pipe);
}
