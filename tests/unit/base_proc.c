/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/workers.h"

#define SH(script) ((const char *const[]){ "sh", "-c", (script), NULL })

/* Orphans of our children come to us, so that their end can be seen. */
static int
adopt_orphans(void **state)
{
	(void)state;
	return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* A clock a hundred times faster than the real one. */
static struct mono
fast_mono(struct sys *sys)
{
	struct mono t = sys_mono(sys_real());

	t.ns *= sys->scale;
	return t;
}

static struct sys
fast_sys(void)
{
	struct sys sys = *sys_real();

	sys.scale = 100;
	sys.mono = fast_mono;
	return sys;
}

static struct proc_result
run(const struct proc *p)
{
	struct proc_result r;
	struct err err = ERR_INIT;

	if (proc_run(sys_real(), p, &r, &err) != 0)
		fail_msg("%s", err.text);
	return r;
}

static struct proc_result
run_sh(const char *script)
{
	struct proc p = { .argv = SH(script), .timeout_ms = 60000, .max_output = 1 << 20 };

	return run(&p);
}

static void
assert_killed(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static pid_t
pid_in(const struct buf *b)
{
	int64_t pid;
	char text[32];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(buf_str(b), "\n"), buf_str(b));
	assert_true(text_int(text, 2, INT32_MAX, &pid));
	return (pid_t)pid;
}

static void
run__gives_output_and_status(void **state)
{
	static const struct {
		const char *script, *out, *err;
		int status;
	} rows[] = {
		{ "echo out; echo err >&2", "out\n", "err\n", 0 },
		{ "exit 7", "", "", 7 },
		{ "printf x; kill -9 $$", "x", "", 137 },
		{ "cat", "", "", 0 },
		{ "exec >&- 2>&-; sleep 0.1; exit 3", "", "", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct proc_result r = run_sh(rows[i].script);

		assert_string_equal(buf_str(&r.out), rows[i].out);
		assert_string_equal(buf_str(&r.err), rows[i].err);
		assert_int_equal(r.status, rows[i].status);
		assert_false(r.timed_out);
		assert_false(r.too_long);
		proc_result_release(&r);
	}
}

static void
run__passes_arguments_without_a_shell(void **state)
{
	static const char *const argv[] = { "printf", "%s|", "a b", "$HOME", "`id`", ";x", "*", "",
		NULL };
	struct proc p = { .argv = argv, .timeout_ms = 60000, .max_output = 1000 };
	struct proc_result r = run(&p);

	(void)state;
	assert_string_equal(buf_str(&r.out), "a b|$HOME|`id`|;x|*||");
	proc_result_release(&r);
}

static void
run__gives_the_environment_whole_and_the_directory(void **state)
{
	static const char *const env[] = { "A=1", "B=x y", NULL };
	static const char *const argv[] = { "env", NULL };
	struct proc p = { .argv = argv, .env = env, .timeout_ms = 60000, .max_output = 1000 };
	struct proc_result r = run(&p);

	(void)state;
	assert_string_equal(buf_str(&r.out), "A=1\nB=x y\n");
	proc_result_release(&r);
	p = (struct proc){ .argv = SH("pwd -P"), .dir = "/usr", .timeout_ms = 60000,
		.max_output = 1000 };
	r = run(&p);
	assert_string_equal(buf_str(&r.out), "/usr\n");
	proc_result_release(&r);
}

static void
run__feeds_more_than_a_pipe_holds(void **state)
{
	static const char *const cat[] = { "cat", NULL };
	struct buf input = BUF_INIT;
	struct proc p = { .argv = cat, .timeout_ms = 60000, .max_output = 4 << 20 };
	struct proc_result r;

	(void)state;
	for (int i = 0; input.len < 3 << 20; i++)
		buf_addf(&input, "line %d\n", i);
	p.input = buf_span(&input);
	r = run(&p);
	assert_int_equal(r.status, 0);
	assert_true(span_eq(buf_span(&r.out), buf_span(&input)));
	proc_result_release(&r);
	buf_release(&input);
}

/* SIGPIPE is as usual here: it would end the test. */
static void
run__a_child_that_does_not_read_is_no_trouble(void **state)
{
	static const char *const argv[] = { "true", NULL };
	static char input[1 << 20];
	struct proc p = { .argv = argv, .input = { input, sizeof(input) }, .timeout_ms = 60000,
		.max_output = 1000 };
	sigset_t pending;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct proc_result r = run(&p);

		assert_int_equal(r.status, 0);
		proc_result_release(&r);
	}
	sigpending(&pending);
	assert_int_equal(sigismember(&pending, SIGPIPE), 0);
}

static void
start__says_why_it_cannot(void **state)
{
	static const struct {
		const char *argv[2], *dir, *says;
	} rows[] = {
		{ { "no-such-program", NULL }, NULL, "no-such-program: no such program" },
		{ { "", NULL }, NULL, "no such program" },
		{ { "/no/such", NULL }, NULL, "/no/such: cannot start: No such file" },
		{ { "/etc/passwd", NULL }, NULL, "/etc/passwd: cannot start: Permission denied" },
		{ { "true", NULL }, "/no/dir", "cannot start: No such file" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct proc p = { .argv = rows[i].argv, .dir = rows[i].dir, .timeout_ms = 1000 };
		struct err err = ERR_INIT;
		struct proc_result r;

		assert_int_equal(proc_run(sys_real(), &p, &r, &err), ERR_IO);
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("'%s' does not say '%s'", err.text, rows[i].says);
		proc_result_release(&r);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void
output__past_the_cap_ends_the_child(void **state)
{
	static const char *const scripts[] = { "exec yes", "exec yes >&2", "trap '' TERM; yes" };
	struct sys sys = fast_sys();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct proc p = { .argv = SH(scripts[i]), .timeout_ms = 600000, .max_output = 100001 };
		struct err err = ERR_INIT;
		struct proc_result r;

		assert_int_equal(proc_run(&sys, &p, &r, &err), 0);
		assert_true(r.too_long);
		assert_false(r.timed_out);
		assert_int_equal(r.status, i < 2 ? 128 + SIGTERM : 128 + SIGKILL);
		assert_int_equal(r.out.len + r.err.len, 100001);
		proc_result_release(&r);
	}
}

static void
output__of_exactly_the_cap_is_fine(void **state)
{
	struct proc p = { .argv = SH("printf 0123456789"), .timeout_ms = 60000, .max_output = 10 };
	struct proc_result r = run(&p);

	(void)state;
	assert_false(r.too_long);
	assert_int_equal(r.status, 0);
	assert_string_equal(buf_str(&r.out), "0123456789");
	proc_result_release(&r);
}

static void
deadline__ends_the_child_and_its_children(void **state)
{
	static const struct {
		const char *script;
		int status;
	} rows[] = {
		{ "sleep 600 & echo $!; wait", 128 + SIGTERM },
		/* Deaf to SIGTERM, both or the grandchild only. */
		{ "trap '' TERM; sleep 600 & echo $!; wait", 128 + SIGKILL },
		{ "(trap '' TERM; exec sleep 600) & echo $!; sleep 1000", 128 + SIGTERM },
	};
	struct sys sys = fast_sys();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct proc p = { .argv = SH(rows[i].script), .timeout_ms = 50000,
			.max_output = 1000 };
		struct err err = ERR_INIT;
		struct proc_result r;

		assert_int_equal(proc_run(&sys, &p, &r, &err), 0);
		assert_true(r.timed_out);
		assert_false(r.too_long);
		assert_int_equal(r.status, rows[i].status);
		assert_killed(pid_in(&r.out));
		proc_result_release(&r);
		while (waitpid(-1, NULL, 0) > 0)	/* the sleep of the last row */
			;
	}
}

static void
pipes__held_by_a_grandchild_do_not_hold_us(void **state)
{
	struct proc_result r;
	pid_t pid;

	(void)state;
	/* Of the group: it ends with the child. */
	r = run_sh("sleep 600 & echo $!; exit 4");
	assert_int_equal(r.status, 4);
	assert_false(r.timed_out);
	assert_killed(pid_in(&r.out));
	proc_result_release(&r);
	/* Of a session of its own: it lives on, without us. */
	r = run_sh("setsid sleep 600 & echo $!; sleep 0.2; exit 4");
	assert_int_equal(r.status, 4);
	assert_false(r.timed_out);
	pid = pid_in(&r.out);
	assert_int_equal(kill(pid, 0), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_killed(pid);
	proc_result_release(&r);
}

static void
file_size__is_capped(void **state)
{
	char path[] = "/tmp/base_proc-XXXXXX";
	struct proc p = { .argv = SH("yes >\"$0\""), .timeout_ms = 60000, .max_output = 1000,
		.max_file = 4096 };
	const char *argv[] = { "sh", "-c", "exec yes >\"$0\"", path, NULL };
	struct proc_result r;
	struct stat st;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	p.argv = argv;
	r = run(&p);
	assert_int_equal(r.status, 128 + SIGXFSZ);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 4096);
	proc_result_release(&r);
	close(fd);
	unlink(path);
}

static void
child__inherits_no_descriptors_and_no_signal_settings(void **state)
{
	sigset_t term, old;
	struct proc_result r;
	int fd = dup2(STDERR_FILENO, 77);	/* without O_CLOEXEC */

	(void)state;
	assert_int_equal(fd, 77);
	r = run_sh("ls /proc/self/fd | tr '\\n' ' '");
	assert_null(strstr(buf_str(&r.out), "77"));
	proc_result_release(&r);
	close(fd);

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &old);
	signal(SIGINT, SIG_IGN);
	r = run_sh("kill -TERM $$; sleep 600");
	assert_int_equal(r.status, 128 + SIGTERM);
	proc_result_release(&r);
	r = run_sh("kill -INT $$; sleep 600");
	assert_int_equal(r.status, 128 + SIGINT);
	proc_result_release(&r);
	signal(SIGINT, SIG_DFL);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* Then pipes get the numbers 0 to 2. */
static void
run__works_when_the_standard_descriptors_are_closed(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct proc p = { .argv = SH("read x; echo \"$x\"; echo e >&2"),
			.input = span_str("hello\n"), .timeout_ms = 60000, .max_output = 100 };
		struct proc_result r;

		close(0);
		close(1);
		close(2);
		if (proc_run(sys_real(), &p, &r, NULL) != 0)
			_exit(1);
		_exit(strcmp(buf_str(&r.out), "hello\n") == 0 &&
		    strcmp(buf_str(&r.err), "e\n") == 0 && r.status == 0 ? 42 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

static void
echo_number(void *arg)
{
	int *failures = arg;
	static const char *const argv[] = { "cat", NULL };
	struct proc p = { .argv = argv, .input = span_str("text"), .timeout_ms = 60000,
		.max_output = 100 };
	struct proc_result r;

	if (proc_run(sys_real(), &p, &r, NULL) != 0 || r.status != 0 ||
	    strcmp(buf_str(&r.out), "text") != 0)
		__atomic_fetch_add(failures, 1, __ATOMIC_RELAXED);
	proc_result_release(&r);
}

static void
run__many_at_once_from_workers(void **state)
{
	struct workers *w;
	int failures = 0;

	(void)state;
	assert_int_equal(workers_new(&w, 8, NULL), 0);
	for (int i = 0; i < 100; i++)
		workers_submit(w, echo_number, &failures);
	workers_free(w);
	assert_int_equal(failures, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run__gives_output_and_status),
		cmocka_unit_test(run__passes_arguments_without_a_shell),
		cmocka_unit_test(run__gives_the_environment_whole_and_the_directory),
		cmocka_unit_test(run__feeds_more_than_a_pipe_holds),
		cmocka_unit_test(run__a_child_that_does_not_read_is_no_trouble),
		cmocka_unit_test(start__says_why_it_cannot),
		cmocka_unit_test(output__past_the_cap_ends_the_child),
		cmocka_unit_test(output__of_exactly_the_cap_is_fine),
		cmocka_unit_test(deadline__ends_the_child_and_its_children),
		cmocka_unit_test(pipes__held_by_a_grandchild_do_not_hold_us),
		cmocka_unit_test(file_size__is_capped),
		cmocka_unit_test(child__inherits_no_descriptors_and_no_signal_settings),
		cmocka_unit_test(run__works_when_the_standard_descriptors_are_closed),
		cmocka_unit_test(run__many_at_once_from_workers),
	};

	return cmocka_run_group_tests(tests, adopt_orphans, NULL);
}
