/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGN alignof(max_align_t)
#define BLOCK_MIN ((size_t)4 << 10)
#define BLOCK_MAX ((size_t)8 << 20)
#define HUGE_PAGE ((uintptr_t)2 << 20)

/* Only write(2) and _exit(2): there is no memory for more. */
static _Noreturn void
mem_die(void)
{
	static const char text[] = "fairlead: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(1);
	_exit(1);
}

static size_t
times(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		mem_die();
	return bytes;
}

void *
mem_zalloc(size_t size)
{
	return mem_calloc(1, size);
}

void *
mem_calloc(size_t n, size_t size)
{
	size_t bytes = times(n, size);
	void *p = calloc(1, bytes != 0 ? bytes : 1);

	if (p == NULL)
		mem_die();
	return p;
}

void *
mem_realloc(void *p, size_t n, size_t size)
{
	size_t bytes = times(n, size);
	void *q = realloc(p, bytes != 0 ? bytes : 1);

	if (q == NULL)
		mem_die();
	return q;
}

char *
mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

/* Unlike strndup(3) it copies len bytes, whatever they are. */
char *
mem_strndup(const char *s, size_t len)
{
	char *p = mem_calloc(len + 1, 1);

	if (len > 0)
		memcpy(p, s, len);
	return p;
}

void
mem_wipe(void *p, size_t len)
{
	if (p != NULL)
		explicit_bzero(p, len);
}

/*
 * A block is zeroed when made and its bytes are handed out once, so nothing
 * needs clearing later. head is the block with room; full and oversized
 * blocks hang behind it.
 */
struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

/* Large blocks are filled from end to end: in huge pages, where the machine has them,
 * that costs half the page faults of comparing two large texts. */
static void
want_huge_pages(void *p, size_t bytes)
{
	uintptr_t from = ((uintptr_t)p + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
	uintptr_t to = ((uintptr_t)p + bytes) & ~(HUGE_PAGE - 1);

	if (from < to)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

static struct arena_block *
block_new(size_t size)
{
	size_t bytes;
	struct arena_block *b;

	if (__builtin_add_overflow(size, sizeof(*b), &bytes))
		mem_die();
	b = mem_zalloc(bytes);
	want_huge_pages(b, bytes);
	b->size = size;
	return b;
}

/* As large as everything so far: blocks grow geometrically. */
static size_t
next_block_size(const struct arena *a)
{
	size_t size = BLOCK_MIN;

	while (size < a->total && size < BLOCK_MAX)
		size *= 2;
	return size;
}

static struct arena_block *
block_with_room(struct arena *a, size_t size)
{
	struct arena_block *b = a->head;
	size_t fresh;

	if (b != NULL && b->size - b->used >= size)
		return b;
	fresh = next_block_size(a);
	if (size <= fresh / 4 || b == NULL) {
		b = block_new(size > fresh ? size : fresh);
		b->next = a->head;
		a->head = b;
		return b;
	}
	/* One of its own, behind head, whose room stays in use. */
	b = block_new(size);
	b->next = a->head->next;
	a->head->next = b;
	return b;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b;
	void *p;

	if (size > SIZE_MAX - ALIGN)
		mem_die();
	size = (size + (size == 0) + ALIGN - 1) & ~(ALIGN - 1);
	b = block_with_room(a, size);
	p = b->data + b->used;
	b->used += size;
	a->total += size;
	return p;
}

void *
arena_calloc(struct arena *a, size_t n, size_t size)
{
	return arena_alloc(a, times(n, size));
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s != NULL ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *
arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p;

	if (s == NULL)
		return NULL;
	p = arena_calloc(a, len + 1, 1);
	if (len > 0)
		memcpy(p, s, len);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		mem_die();
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

/* Grow in place when items end where the arena's free room starts. */
static bool
extend(struct arena *a, const void *items, size_t old, size_t fresh)
{
	struct arena_block *b = a->head;
	size_t more;

	old = (old + ALIGN - 1) & ~(ALIGN - 1);
	fresh = (fresh + ALIGN - 1) & ~(ALIGN - 1);
	more = fresh - old;
	if (b == NULL || (const char *)items + old != b->data + b->used ||
	    b->size - b->used < more)
		return false;
	b->used += more;
	a->total += more;
	return true;
}

void *
arena_push_(struct arena *a, void *items, size_t n, size_t size)
{
	void *p;

	if (n == 0)
		return arena_alloc(a, size);
	if ((n & (n - 1)) != 0 || extend(a, items, times(n, size), times(2 * n, size)))
		return items;
	p = arena_calloc(a, 2 * n, size);
	memcpy(p, items, n * size);
	return p;
}

void
arena_release(struct arena *a)
{
	while (a->head != NULL) {
		struct arena_block *b = a->head;

		a->head = b->next;
		free(b);
	}
	a->total = 0;
}
