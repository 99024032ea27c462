/* SPDX-License-Identifier: Apache-2.0 */
/* Worth most under ThreadSanitizer. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/workers.h"

/* A meeting of n threads: the last to come lets all go. */
static pthread_barrier_t meeting;
static atomic_int done;

static void
meet(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&meeting);
	atomic_fetch_add(&done, 1);
}

static void
workers__run_as_many_at_once_as_they_may(void **state)
{
	struct workers *w;

	(void)state;
	/* It could not end with fewer than 8 threads. */
	pthread_barrier_init(&meeting, NULL, 8);
	atomic_store(&done, 0);
	assert_int_equal(workers_new(&w, 8, NULL), 0);
	for (int i = 0; i < 64; i++)
		workers_submit(w, meet, NULL);
	workers_free(w);
	assert_int_equal(atomic_load(&done), 64);
	pthread_barrier_destroy(&meeting);
}

/* An idle thread that was woken and has not run yet is spoken for. */
static void
workers__work_for_two_gets_two_threads(void **state)
{
	struct workers *w;

	(void)state;
	pthread_barrier_init(&meeting, NULL, 2);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(workers_new(&w, 2, NULL), 0);
		usleep(1000);	/* most likely the first is idle by then */
		workers_submit(w, meet, NULL);
		workers_submit(w, meet, NULL);
		workers_free(w);
	}
	pthread_barrier_destroy(&meeting);
}

static atomic_int running, most;

static void
count_running(void *arg)
{
	int now = atomic_fetch_add(&running, 1) + 1, seen = atomic_load(&most);

	(void)arg;
	while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
		;
	usleep(500);
	atomic_fetch_sub(&running, 1);
	atomic_fetch_add(&done, 1);
}

static void
workers__never_run_more_than_they_may(void **state)
{
	struct workers *w;

	(void)state;
	atomic_store(&done, 0);
	assert_int_equal(workers_new(&w, 3, NULL), 0);
	for (int i = 0; i < 200; i++)
		workers_submit(w, count_running, NULL);
	workers_free(w);
	assert_int_equal(atomic_load(&done), 200);
	assert_true(atomic_load(&most) <= 3);
}

static int order[100], ordered;

static void
note(void *arg)
{
	order[ordered++] = (int)(intptr_t)arg;
}

static void
workers__one_thread_takes_work_in_order(void **state)
{
	struct workers *w;

	(void)state;
	assert_int_equal(workers_new(&w, 1, NULL), 0);
	for (intptr_t i = 0; i < 100; i++)
		workers_submit(w, note, (void *)i);
	workers_free(w);
	assert_int_equal(ordered, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(order[i], i);
}

struct nested {
	struct workers *w;
	int depth;
};

static void
submit_two(void *arg)
{
	struct nested *task = arg;

	for (int i = 0; i < 2 && task->depth > 0; i++) {
		struct nested *sub = mem_zalloc(sizeof(*sub));

		*sub = (struct nested){ task->w, task->depth - 1 };
		workers_submit(task->w, submit_two, sub);
	}
	atomic_fetch_add(&done, 1);
	free(task);
}

static void
workers__work_may_bring_work_even_while_they_end(void **state)
{
	struct workers *w;
	struct nested *first = mem_zalloc(sizeof(*first));

	(void)state;
	atomic_store(&done, 0);
	assert_int_equal(workers_new(&w, 4, NULL), 0);
	*first = (struct nested){ w, 9 };
	workers_submit(w, submit_two, first);
	workers_free(w);
	assert_int_equal(atomic_load(&done), (1 << 10) - 1);
}

static void
workers__without_work_end_at_once(void **state)
{
	struct workers *w;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(workers_new(&w, 4000, NULL), 0);
	workers_free(w);
	workers_free(NULL);
	assert_int_equal(workers_new(&w, 0, &err), ERR_USAGE);
}

struct seen {
	sigset_t mask;
	char name[16];
	size_t stack;
};

static void
look(void *arg)
{
	struct seen *seen = arg;
	pthread_attr_t attr;

	pthread_sigmask(SIG_SETMASK, NULL, &seen->mask);
	pthread_getname_np(pthread_self(), seen->name, sizeof(seen->name));
	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstacksize(&attr, &seen->stack);
	pthread_attr_destroy(&attr);
}

static void
thread__has_a_name_a_small_stack_and_takes_no_signals(void **state)
{
	struct seen seen = { .stack = 0 };
	struct thread *t;
	sigset_t ours;

	(void)state;
	assert_int_equal(thread_start(&t, "a-name-that-is-too-long", look, &seen, NULL), 0);
	thread_join(t);
	assert_string_equal(seen.name, "a-name-that-is-");
	assert_true(seen.stack >= 256 << 10 && seen.stack <= 3 << 20);
	assert_int_equal(sigismember(&seen.mask, SIGTERM), 1);
	assert_int_equal(sigismember(&seen.mask, SIGPIPE), 1);
	assert_int_equal(sigismember(&seen.mask, SIGCHLD), 1);
	pthread_sigmask(SIG_SETMASK, NULL, &ours);
	assert_int_equal(sigismember(&ours, SIGTERM), 0);
}

/* Secrets come and go while others mask and log. */
static void
mask_and_log(void *arg)
{
	static const char text[] = "password hunter2 shared-secret";
	char own[32];
	int i = (int)(intptr_t)arg;
	struct secret *s;
	struct buf b = BUF_INIT;

	snprintf(own, sizeof(own), "own-secret-%d", i);
	s = secret_new(own, strlen(own));
	buf_addf(&b, "%s %s", text, own);
	secret_mask(&b);
	if (strstr(b.data, own) == NULL && strstr(b.data, "shared-secret") == NULL)
		atomic_fetch_add(&done, 1);
	log_info("test", NULL, "%s", own);
	secret_free(s);
	buf_release(&b);
}

static void
secrets__are_safe_to_use_from_all_threads(void **state)
{
	struct secret *shared = secret_new("shared-secret", 13);
	struct workers *w;

	(void)state;
	log_init(-1, LOG_INFO_, LOG_FORM_JSON);
	atomic_store(&done, 0);
	assert_int_equal(workers_new(&w, 8, NULL), 0);
	for (intptr_t i = 0; i < 400; i++)
		workers_submit(w, mask_and_log, (void *)i);
	workers_free(w);
	assert_int_equal(atomic_load(&done), 400);
	secret_free(shared);
}

#ifdef FAIRLEAD_FAULTS
/* How a process ends that passes "here" three times. */
static int
end_with(const char *setting)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setenv("FAIRLEAD_FAILPOINT", setting, 1);
		failpoint("elsewhere");
		for (int i = 0; i < 3; i++)
			failpoint("here");
		_exit(7);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
failpoint__kills_at_the_pass_that_was_asked_for(void **state)
{
	(void)state;
	assert_int_equal(end_with("here"), 128 + SIGKILL);
	assert_int_equal(end_with("here:3"), 128 + SIGKILL);
	assert_int_equal(end_with("here:4"), 7);
	assert_int_equal(end_with("her"), 7);
	assert_int_equal(end_with("nowhere"), 7);
	assert_int_equal(end_with("here:x"), 1);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef FAIRLEAD_FAULTS
		cmocka_unit_test(failpoint__kills_at_the_pass_that_was_asked_for),
#endif
		cmocka_unit_test(workers__run_as_many_at_once_as_they_may),
		cmocka_unit_test(workers__work_for_two_gets_two_threads),
		cmocka_unit_test(workers__never_run_more_than_they_may),
		cmocka_unit_test(workers__one_thread_takes_work_in_order),
		cmocka_unit_test(workers__work_may_bring_work_even_while_they_end),
		cmocka_unit_test(workers__without_work_end_at_once),
		cmocka_unit_test(thread__has_a_name_a_small_stack_and_takes_no_signals),
		cmocka_unit_test(secrets__are_safe_to_use_from_all_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
