/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define STACK_BYTES (256 << 10)	/* as base/workers.c */
#define MAX_DEVICES 65536

bool loop_turns, loop_quiet;
static struct loop_target targets[MAX_DEVICES];
static int n_targets, n_threads = 256, next_target, failures;
static long long bytes_read;
static bool hold;
static long before_kb, held_kb;
static const char *user, *password;
static pthread_barrier_t barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static long
resident_kb(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f != NULL)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* All have read: one looks, while the others wait. */
static void
wait_for_all(void)
{
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		held_kb = resident_kb() - before_kb;
	pthread_barrier_wait(&barrier);
}

static void
visit(const struct loop_target *t)
{
	struct loop_session s = { NULL, 0 };
	bool ok = loop_read(t, &s);

	if (hold)
		wait_for_all();
	loop_close(&s);
	pthread_mutex_lock(&lock);
	failures += !ok;
	bytes_read += (long long)s.bytes;
	pthread_mutex_unlock(&lock);
}

static void *
thread(void *arg)
{
	int i;

	(void)arg;
	while ((i = __atomic_fetch_add(&next_target, 1, __ATOMIC_RELAXED)) < n_targets)
		visit(&targets[i]);
	return NULL;
}

static void
read_all(void)
{
	pthread_t *ids = calloc((size_t)n_threads, sizeof(*ids));
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (int i = 0; i < n_threads; i++)
		if (ids == NULL || pthread_create(&ids[i], &attr, thread, NULL) != 0)
			abort();
	for (int i = 0; i < n_threads; i++)
		pthread_join(ids[i], NULL);
	pthread_attr_destroy(&attr);
	free(ids);
}

static bool
parse(int argc, char **argv)
{
	int i = 1;

	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--hold") == 0)
			hold = true;
		else if (strcmp(argv[i], "--turns") == 0)
			loop_turns = true;
		else if (strcmp(argv[i], "--quiet") == 0)
			loop_quiet = true;
		else if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
			n_threads = (int)strtol(argv[++i], NULL, 10);
		else
			return false;
	}
	if (argc - i != 2 || n_threads < 1)
		return false;
	user = argv[i];
	password = argv[i + 1];
	return true;
}

static bool
read_targets(void)
{
	struct loop_target *t = targets;

	while (n_targets < MAX_DEVICES &&
	    scanf("%63s %63s %u", t->name, t->address, &t->port) == 3) {
		t++;
		n_targets++;
	}
	return n_targets > 0;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double
since(const struct timespec *began)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - began->tv_sec) +
	    (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

int
main(int argc, char **argv)
{
	struct timespec began;
	struct rusage use, used;
	double wall;

	if (!parse(argc, argv) || !read_targets()) {
		fprintf(stderr, "usage: %s [--threads N] [--hold] [--turns] [--quiet] "
		    "USER PASSWORD < lines of NAME ADDRESS PORT\n", argv[0]);
		return 2;
	}
	if (hold)
		n_threads = n_targets;
	pthread_barrier_init(&barrier, NULL, (unsigned)n_threads);
	if (!loop_prepare(user, password))
		return 1;
	before_kb = resident_kb();
	getrusage(RUSAGE_SELF, &used);
	clock_gettime(CLOCK_MONOTONIC, &began);
	read_all();
	wall = since(&began);
	getrusage(RUSAGE_SELF, &use);
	printf("{\"devices\":%d,\"failures\":%d,\"bytes\":%lld,\"wall\":%.3f,\"cpu\":%.3f,"
	    "\"held_kb\":%ld,\"peak_kb\":%ld}\n", n_targets, failures, bytes_read, wall,
	    seconds(use.ru_utime) + seconds(use.ru_stime) - seconds(used.ru_utime) -
	    seconds(used.ru_stime), held_kb, use.ru_maxrss);
	return 0;
}
