/* SPDX-License-Identifier: Apache-2.0 */
/* The source, not the library: the test counts its steps. */
#include "base/lcs.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The runs rebuild both inputs; returns how many items they delete and add. */
static size_t
assert_rebuilds(const uint32_t *x, size_t nx, const uint32_t *y, size_t ny,
    const struct lcs_run *runs, size_t n)
{
	size_t i = 0, j = 0, edits = 0;

	for (size_t r = 0; r < n; r++) {
		assert_true(runs[r].del + runs[r].add > 0 || r == n - 1);
		assert_true(runs[r].same > 0 || r == 0);
		assert_true(i + runs[r].same + runs[r].del <= nx);
		assert_true(j + runs[r].same + runs[r].add <= ny);
		for (size_t k = 0; k < runs[r].same; k++)
			assert_int_equal(x[i + k], y[j + k]);
		i += runs[r].same + runs[r].del;
		j += runs[r].same + runs[r].add;
		edits += runs[r].del + runs[r].add;
	}
	assert_int_equal(i, nx);
	assert_int_equal(j, ny);
	return edits;
}

/* The least number of edits, by the table that nobody gets wrong. */
static size_t
oracle(const uint32_t *x, size_t nx, const uint32_t *y, size_t ny)
{
	size_t *row = mem_calloc(ny + 1, sizeof(*row)), best;

	for (size_t i = 1; i <= nx; i++) {
		size_t corner = 0;

		for (size_t j = 1; j <= ny; j++) {
			size_t above = row[j];

			if (x[i - 1] == y[j - 1])
				row[j] = corner + 1;
			else if (row[j - 1] > row[j])
				row[j] = row[j - 1];
			corner = above;
		}
	}
	best = nx + ny - 2 * row[ny];
	free(row);
	return best;
}

static size_t
fill_random(uint32_t *items, size_t max, uint32_t letters, unsigned *seed)
{
	size_t n = (size_t)rand_r(seed) % (max + 1);

	for (size_t i = 0; i < n; i++)
		items[i] = (uint32_t)rand_r(seed) % letters;
	return n;
}

/* y is x with some items changed, as one version of a file is of another. */
static size_t
edit_random(const uint32_t *x, size_t nx, uint32_t *y, size_t max, unsigned *seed)
{
	size_t n = 0;

	for (size_t i = 0; i < nx && n < max; i++) {
		int dice = rand_r(seed) % 10;

		if (dice != 0)
			y[n++] = x[i];
		if (dice <= 1 && n < max)
			y[n++] = (uint32_t)rand_r(seed) % 20;
	}
	return n;
}

static void
lcs__known_cases(void **state)
{
	static const struct {
		const char *x, *y;
		size_t edits, runs;
	} rows[] = {
		{ "", "", 0, 0 }, { "a", "", 1, 1 }, { "", "a", 1, 1 }, { "a", "a", 0, 1 },
		{ "a", "b", 2, 1 }, { "abc", "abc", 0, 1 }, { "abc", "axc", 2, 2 },
		{ "abc", "abcd", 1, 1 }, { "bcd", "abcd", 1, 2 }, { "abcabba", "cbabac", 5, 0 },
		{ "abab", "baba", 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = ARENA_INIT;
		uint32_t x[8], y[8];
		size_t nx = strlen(rows[i].x), ny = strlen(rows[i].y), n = 99;
		struct lcs_run *runs;

		for (size_t k = 0; k < nx; k++)
			x[k] = (uint32_t)rows[i].x[k];
		for (size_t k = 0; k < ny; k++)
			y[k] = (uint32_t)rows[i].y[k];
		runs = lcs(&a, x, nx, y, ny, 100, &n);
		assert_int_equal(assert_rebuilds(x, nx, y, ny, runs, n), rows[i].edits);
		if (rows[i].runs > 0 || nx + ny == 0)
			assert_int_equal(n, rows[i].runs);
		arena_release(&a);
	}
}

static void
lcs__random_pairs_rebuild_and_are_minimal(void **state)
{
	static const uint32_t letters[] = { 1, 2, 3, 5, 20, 1000 };
	unsigned seed = 20261121;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct arena a = ARENA_INIT;
		uint32_t x[90], y[90];
		size_t nx = fill_random(x, 90, letters[round % 6], &seed);
		size_t ny = round % 2 != 0 ? fill_random(y, 90, letters[round % 6], &seed)
					   : edit_random(x, nx, y, 90, &seed);
		size_t least = oracle(x, nx, y, ny), n;
		struct lcs_run *runs = lcs(&a, x, nx, y, ny, least, &n);

		assert_int_equal(assert_rebuilds(x, nx, y, ny, runs, n), least);
		runs = lcs(&a, x, nx, y, ny, SIZE_MAX, &n);
		assert_int_equal(assert_rebuilds(x, nx, y, ny, runs, n), least);
		/* Under every smaller bound it is longer at most. */
		runs = lcs(&a, x, nx, y, ny, (size_t)rand_r(&seed) % (least + 1), &n);
		assert_true(assert_rebuilds(x, nx, y, ny, runs, n) >= least);
		arena_release(&a);
	}
}

static void
lcs__past_the_bound_front_and_back_are_still_found(void **state)
{
	enum { N = 2000 };
	static uint32_t x[N], y[N];
	struct arena a = ARENA_INIT;
	struct lcs_run *runs;
	size_t n, edits;
	unsigned seed = 5;

	(void)state;
	/* A hundred changes at each end, on both sides in turn, and noise in
	 * the middle. The bound pays for half of the changes. */
	for (size_t i = 0; i < N; i++) {
		bool edge = i < 500 || i >= N - 500;

		x[i] = edge ? (uint32_t)i + 10 : (uint32_t)rand_r(&seed) % 10;
		y[i] = edge ? (uint32_t)i + 10 : (uint32_t)rand_r(&seed) % 10;
	}
	for (size_t i = 2; i < N - 2; i += 10) {
		y[i] = x[i + 2];
		x[i + 5] = y[i + 7];
	}
	runs = lcs(&a, x, N, y, N, 100, &n);
	edits = assert_rebuilds(x, N, y, N, runs, n);
	assert_true(n > 80);
	assert_true(edits < 3400);
	arena_release(&a);
}

static size_t
count_steps(const uint32_t *x, const uint32_t *y, size_t n, size_t max_cost)
{
	struct work w = { .steps = 0 };
	struct arena a = ARENA_INIT;
	struct lcs_run *runs;
	struct box all;
	size_t k;

	work_init(&w, &all, x, n, y, n, max_cost);
	solve(&w, all);
	runs = runs_of(&a, &w, n, n, &k);
	assert_rebuilds(x, n, y, n, runs, k);
	work_release(&w);
	arena_release(&a);
	return w.steps;
}

static void
lcs__hostile_input_costs_no_more_than_the_bound(void **state)
{
	enum { N = 200000, MAX_COST = 2000 };
	uint32_t *x = mem_calloc(N, sizeof(*x)), *y = mem_calloc(N, sizeof(*y));
	unsigned seed = 3;

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		x[i] = i;
		y[i] = N + i;
	}
	/* All different: next to nothing passes the sieve. */
	assert_true(count_steps(x, y, N, MAX_COST) <= (size_t)MAX_COST * MAX_COST);
	/* The same items backwards: all pass, hardly any two are in order. */
	for (uint32_t i = 0; i < N; i++)
		y[i] = N - 1 - i;
	assert_true(count_steps(x, y, N, MAX_COST) <= (size_t)MAX_COST * MAX_COST);
	/* Two letters at random: many matches, long searches. */
	for (uint32_t i = 0; i < N; i++) {
		x[i] = (uint32_t)rand_r(&seed) % 2;
		y[i] = (uint32_t)rand_r(&seed) % 2;
	}
	assert_true(count_steps(x, y, N, MAX_COST) <= (size_t)MAX_COST * MAX_COST);
	free(x);
	free(y);
}

static void
lcs__a_block_of_new_items_costs_nothing(void **state)
{
	enum { N = 20000 };
	uint32_t *x = mem_calloc(N, sizeof(*x)), *y = mem_calloc(2 * N, sizeof(*y));
	struct arena a = ARENA_INIT;
	struct lcs_run *runs;
	size_t n;

	(void)state;
	/* A new item after each old one: 20,000 edits under a bound of 4,000,
	 * found all the same (the sieve lets every eighth pass at most). */
	for (uint32_t i = 0; i < N; i++) {
		x[i] = i;
		y[2 * i] = i;
		y[2 * i + 1] = 1000000 + 7 * i;
	}
	runs = lcs(&a, x, N, y, 2 * (size_t)N, 4000, &n);
	assert_int_equal(assert_rebuilds(x, N, y, 2 * (size_t)N, runs, n), N);
	assert_int_equal(n, N);
	arena_release(&a);
	free(x);
	free(y);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lcs__known_cases),
		cmocka_unit_test(lcs__random_pairs_rebuild_and_are_minimal),
		cmocka_unit_test(lcs__past_the_bound_front_and_back_are_still_found),
		cmocka_unit_test(lcs__hostile_input_costs_no_more_than_the_bound),
		cmocka_unit_test(lcs__a_block_of_new_items_costs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
