/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diff_loop PLATFORM A B ROUNDS: read one text, and compare two, in this
 * process; one line of JSON: lines of A, medians in milliseconds, the work
 * counted, and the largest resident memory in kB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/sys.h"
#include "devices/platform.h"
#include "diffing/diff.h"
#include "diffing/match.h"

#define ROUNDS_MAX 1000

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_size);
	return v[n / 2];
}

static struct span
read_file(const char *path)
{
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t len = 0;

	if (file_read(path, (size_t)1 << 30, &text, &len, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	return span_of(text, len);
}

static size_t
count_lines(struct span text)
{
	struct span line;
	size_t n = 0;

	while (span_line(&text, &line))
		n++;
	return n;
}

int
main(int argc, char **argv)
{
	double parse[ROUNDS_MAX], diff[ROUNDS_MAX], began;
	struct platforms *all = NULL;
	const struct platform *p;
	struct arena arena = ARENA_INIT;
	struct err err = ERR_INIT;
	struct problems ps;
	struct rusage use;
	size_t rounds, steps = 0;
	struct span a, b;

	if (argc != 5 || (rounds = strtoul(argv[4], NULL, 10)) < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: diff_loop PLATFORM A B ROUNDS\n");
		return 1;
	}
	problems_init(&ps, &arena);
	if (platforms_load_one(&all, NULL, argv[1], &ps, &err) != 0 ||
	    (p = platforms_find(all, argv[1])) == NULL) {
		fprintf(stderr, "no platform %s: %s\n", argv[1], err.text);
		return 1;
	}
	a = read_file(argv[2]);
	b = read_file(argv[3]);
	for (size_t i = 0; i < rounds; i++) {
		struct arena scratch = ARENA_INIT;
		struct match m;

		began = now_ms();
		match_init_one(&m, platform_dialect(p), a);
		match_release(&m);
		parse[i] = now_ms() - began;
		began = now_ms();
		steps = diff_make(&scratch, platform_dialect(p), a, b)->steps;
		arena_release(&scratch);
		diff[i] = now_ms() - began;
	}
	getrusage(RUSAGE_SELF, &use);
	printf("{\"lines\":%zu,\"parse_ms\":%.2f,\"diff_ms\":%.2f,\"steps\":%zu,\"peak_kb\":%ld}\n",
	    count_lines(a), median(parse, rounds), median(diff, rounds), steps, use.ru_maxrss);
	return 0;
}
