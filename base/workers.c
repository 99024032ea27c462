/* SPDX-License-Identifier: Apache-2.0 */
#include "base/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "base/mem.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES ((size_t)2 << 20)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_BYTES ((size_t)2 << 20)
#endif
#endif
#ifndef STACK_BYTES
#define STACK_BYTES ((size_t)256 << 10)
#endif

struct thread {
	pthread_t id;
	char name[16];
	void (*fn)(void *arg);
	void *arg;
	bool detached;
};

static void *
thread_main(void *arg)
{
	struct thread *t = arg;

	pthread_setname_np(pthread_self(), t->name);
	t->fn(t->arg);
	if (t->detached) {
		pthread_detach(pthread_self());
		free(t);
	}
	return NULL;
}

/* The signal mask is inherited, so it is set here: a thread that sets its own
 * would take signals for an instant. */
static int
create(pthread_t *id, void *(*fn)(void *), void *arg)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int e;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	e = pthread_create(id, &attr, fn, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return e;
}

int
thread_start(struct thread **out, const char *name, void (*fn)(void *arg), void *arg,
    struct err *err)
{
	struct thread *t = mem_zalloc(sizeof(*t));

	snprintf(t->name, sizeof(t->name), "%.15s", name);
	t->fn = fn;
	t->arg = arg;
	t->detached = out == NULL;
	errno = create(&t->id, thread_main, t);
	if (errno != 0) {
		free(t);
		return err_errno(err, ERR_FULL, "cannot start the thread %s", name);
	}
	if (out != NULL)
		*out = t;
	return 0;
}

void
thread_join(struct thread *t)
{
	pthread_join(t->id, NULL);
	free(t);
}

struct task {
	struct task *next;
	void (*fn)(void *arg);
	void *arg;
};

struct workers {
	pthread_mutex_t lock;
	pthread_cond_t wake;	/* work came, or the end */
	struct task *first, **last;
	size_t queued, idle;
	bool ending;
	int max, n;
	struct thread **threads;
};

static void
worker(void *arg)
{
	struct workers *w = arg;

	pthread_mutex_lock(&w->lock);
	while (w->first != NULL || !w->ending) {
		struct task *task = w->first;

		if (task == NULL) {
			w->idle++;
			pthread_cond_wait(&w->wake, &w->lock);
			w->idle--;
			continue;
		}
		w->first = task->next;
		if (w->first == NULL)
			w->last = &w->first;
		w->queued--;
		pthread_mutex_unlock(&w->lock);
		task->fn(task->arg);
		free(task);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
}

static int
add_worker(struct workers *w, struct err *err)
{
	int rc = thread_start(&w->threads[w->n], "worker", worker, w, err);

	w->n += rc == 0;
	return rc;
}

/* The first thread is made here, so that whatever is submitted will run even
 * when the system gives no more of them later. */
int
workers_new(struct workers **out, int max, struct err *err)
{
	struct workers *w;
	int rc;

	if (max < 1)
		return err_set(err, ERR_USAGE, "the number of workers must be at least 1");
	w = mem_zalloc(sizeof(*w));
	w->threads = mem_calloc((size_t)max, sizeof(*w->threads));
	w->max = max;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	rc = add_worker(w, err);
	if (rc != 0) {
		workers_free(w);
		return rc;
	}
	*out = w;
	return 0;
}

void
workers_submit(struct workers *w, void (*fn)(void *arg), void *arg)
{
	struct task *task = mem_zalloc(sizeof(*task));

	task->fn = fn;
	task->arg = arg;
	pthread_mutex_lock(&w->lock);
	*w->last = task;
	w->last = &task->next;
	w->queued++;
	/* An idle thread counts until it runs again, so compare with all that
	 * wait; failing to add one is fine, the others get there. */
	if (w->queued > w->idle && w->n < w->max && !w->ending)
		(void)add_worker(w, NULL);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

void
workers_free(struct workers *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_broadcast(&w->wake);
	pthread_mutex_unlock(&w->lock);
	for (int i = 0; i < w->n; i++)
		thread_join(w->threads[i]);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->wake);
	free(w->threads);
	free(w);
}

void
cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(c, &attr);
	pthread_condattr_destroy(&attr);
}

struct timespec
cond_until(int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}
