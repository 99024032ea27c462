/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "base/workers.h"
#include "controller/admit.h"

/* The order in which waiters were let in. */
struct order {
	struct admit *admit;
	pthread_mutex_t lock;
	char letters[16];
	int n;
};
struct waiter {
	struct order *order;
	enum admit_class class;
	const char *device;
	char letter;
	int result;
	struct thread *thread;
};

static void
wait_turn(void *arg)
{
	struct waiter *w = arg;
	struct err err = ERR_INIT;

	w->result = admit_enter(w->order->admit, w->class, w->device, &err);
	if (w->result != 0)
		return;
	pthread_mutex_lock(&w->order->lock);
	w->order->letters[w->order->n++] = w->letter;
	pthread_mutex_unlock(&w->order->lock);
	admit_leave(w->order->admit, w->device);
}

static void
start(struct waiter *w)
{
	struct err err = ERR_INIT;

	assert_int_equal(thread_start(&w->thread, "w", wait_turn, w, &err), 0);
	usleep(30000);		/* it stands in line before the next one comes */
}

static void
admit__classes_go_first_by_rank_then_by_arrival(void **state)
{
	struct order o = { .admit = admit_new(1), .lock = PTHREAD_MUTEX_INITIALIZER };
	struct waiter w[] = {
		{ &o, ADMIT_SWEEP, "a", 's', 0, NULL },
		{ &o, ADMIT_PLAN, "b", 'p', 0, NULL },
		{ &o, ADMIT_DEPLOY, "c", 'd', 0, NULL },
		{ &o, ADMIT_DEPLOY, "d", 'e', 0, NULL },
	};
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(admit_enter(o.admit, ADMIT_DEPLOY, "x", &err), 0);
	for (i = 0; i < 4; i++)
		start(&w[i]);
	admit_leave(o.admit, "x");
	for (i = 0; i < 4; i++)
		thread_join(w[i].thread);
	assert_string_equal(o.letters, "deps");
	admit_free(o.admit);
}

static void
admit__one_device_is_leased_once(void **state)
{
	struct order o = { .admit = admit_new(10), .lock = PTHREAD_MUTEX_INITIALIZER };
	struct waiter same = { &o, ADMIT_CONFIRM, "x", '1', 0, NULL },
	    other = { &o, ADMIT_SWEEP, "y", '2', 0, NULL };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(admit_enter(o.admit, ADMIT_PLAN, "x", &err), 0);
	start(&same);
	start(&other);
	thread_join(other.thread);
	assert_string_equal(o.letters, "2");
	admit_leave(o.admit, "x");
	thread_join(same.thread);
	assert_string_equal(o.letters, "21");
	admit_free(o.admit);
}

static void
admit__confirm_and_revert_need_no_slot(void **state)
{
	struct admit *a = admit_new(1);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(admit_enter(a, ADMIT_DEPLOY, "x", &err), 0);
	assert_int_equal(admit_enter(a, ADMIT_CONFIRM, "y", &err), 0);
	admit_leave(a, "y");
	admit_leave(a, "x");
	admit_free(a);
}

static void
admit__stopping_turns_away_all_but_confirm(void **state)
{
	struct order o = { .admit = admit_new(1), .lock = PTHREAD_MUTEX_INITIALIZER };
	struct waiter waiting = { &o, ADMIT_DEPLOY, "y", '1', 0, NULL };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(admit_enter(o.admit, ADMIT_DEPLOY, "x", &err), 0);
	start(&waiting);
	admit_stop(o.admit);
	thread_join(waiting.thread);
	assert_int_equal(waiting.result, ERR_CANCELLED);
	assert_int_equal(admit_enter(o.admit, ADMIT_PLAN, "z", &err), ERR_CANCELLED);
	assert_int_equal(admit_enter(o.admit, ADMIT_CONFIRM, "z", &err), 0);
	admit_leave(o.admit, "z");
	admit_leave(o.admit, "x");
	/* Also with a slot that is free. */
	assert_int_equal(admit_enter(o.admit, ADMIT_PLAN, "z", &err), ERR_CANCELLED);
	assert_int_equal(admit_enter(o.admit, ADMIT_DEPLOY, "x", &err), ERR_CANCELLED);
	admit_free(o.admit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(admit__classes_go_first_by_rank_then_by_arrival),
		cmocka_unit_test(admit__one_device_is_leased_once),
		cmocka_unit_test(admit__confirm_and_revert_need_no_slot),
		cmocka_unit_test(admit__stopping_turns_away_all_but_confirm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
