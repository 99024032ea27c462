/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

static bool
all_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static void
arena__gives_zeroed_aligned_memory_of_any_size(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 100, 1023, 4096, 5000, 70000, 3 << 20 };
	struct arena a = ARENA_INIT;

	(void)state;
	for (int round = 0; round < 50; round++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			char *p = arena_alloc(&a, sizes[i]);

			assert_non_null(p);
			assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
			assert_true(all_zero(p, sizes[i]));
			memset(p, 0xa5, sizes[i]);
		}
	}
	arena_release(&a);
	assert_null(a.head);
	assert_int_equal(a.total, 0);
	assert_non_null(arena_alloc(&a, 8));
	arena_release(&a);
}

static void
arena__a_large_piece_leaves_the_room_of_the_small_ones(void **state)
{
	struct arena a = ARENA_INIT;
	char *before, *after;

	(void)state;
	before = arena_alloc(&a, 16);
	memset(arena_alloc(&a, 1 << 20), 1, 1 << 20);
	after = arena_alloc(&a, 16);
	assert_ptr_equal(after, before + 16);
	assert_int_equal(a.total, 32 + (1 << 20));
	arena_release(&a);
}

static void
arena__strings_are_copies(void **state)
{
	struct arena a = ARENA_INIT;
	char text[] = "leaf1";
	char *s = arena_strdup(&a, text), *part = arena_strndup(&a, text, 3);

	(void)state;
	text[0] = 'X';
	assert_string_equal(s, "leaf1");
	assert_string_equal(part, "lea");
	assert_string_equal(arena_strndup(&a, text, 0), "");
	assert_null(arena_strdup(&a, NULL));
	assert_null(arena_strndup(&a, NULL, 3));
	assert_string_equal(arena_printf(&a, "%s-%05d", "x", 42), "x-00042");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	arena_release(&a);
}

/* Two lists in turn, so that growing in place is possible only at times. */
static void
push__keeps_the_items_and_zeroes_new_ones(void **state)
{
	struct item {
		int a, b;
	} *one = NULL, *two = NULL;
	size_t n = 0, m = 0;
	struct arena a = ARENA_INIT;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		ARENA_PUSH(&a, one, n).a = i;
		if (i % 3 == 0)
			ARENA_PUSH(&a, two, m) = (struct item){ -i, i };
	}
	assert_int_equal(n, 5000);
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(one[i].a, i);
		assert_int_equal(one[i].b, 0);
	}
	assert_int_equal(m, 1667);
	for (int i = 0; i < 1667; i++)
		assert_int_equal(two[i].a, -3 * i);
	arena_release(&a);
}

static void
push__alone_in_an_arena_costs_its_items_once(void **state)
{
	struct arena a = ARENA_INIT;
	uint64_t *list = NULL;
	size_t n = 0;

	(void)state;
	for (uint64_t i = 0; i < 256; i++)
		ARENA_PUSH(&a, list, n) = i;
	assert_int_equal(a.total, 256 * sizeof(*list));
	arena_release(&a);
}

static void
heap__copies_any_bytes(void **state)
{
	char *p = mem_strndup("a\0b", 3), *q = mem_strdup("text");
	char *z = mem_calloc(3, 7);

	(void)state;
	assert_memory_equal(p, "a\0b", 4);
	assert_string_equal(q, "text");
	assert_true(all_zero(z, 21));
	q = mem_realloc(q, 100, 10);
	assert_string_equal(q, "text");
	mem_wipe(q, 4);
	assert_true(all_zero(q, 4));
	mem_wipe(NULL, 0);
	free(p);
	free(q);
	free(z);
}

static void
heap__a_product_that_overflows_ends_the_process(void **state)
{
	char said[64] = "";
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		mem_calloc(SIZE_MAX / 2, 3);
		_exit(0);
	}
	close(fds[1]);
	assert_true(read(fds[0], said, sizeof(said) - 1) > 0);
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	assert_string_equal(said, "fairlead: out of memory\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena__gives_zeroed_aligned_memory_of_any_size),
		cmocka_unit_test(arena__a_large_piece_leaves_the_room_of_the_small_ones),
		cmocka_unit_test(arena__strings_are_copies),
		cmocka_unit_test(push__keeps_the_items_and_zeroes_new_ones),
		cmocka_unit_test(push__alone_in_an_arena_costs_its_items_once),
		cmocka_unit_test(heap__copies_any_bytes),
		cmocka_unit_test(heap__a_product_that_overflows_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
