/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory. Running out of it ends the process with one line on stderr: device
 * timers revert and the journal recovers, which is safer than limping on.
 * Bounds on every outside length make that a rare event.
 */
#ifndef FAIRLEAD_BASE_MEM_H
#define FAIRLEAD_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* Never NULL; zeroed. Release with free(). */
void *mem_zalloc(size_t size);
void *mem_calloc(size_t n, size_t size);
void *mem_realloc(void *p, size_t n, size_t size);
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t len);
/* Zero memory in a way the compiler keeps. */
void mem_wipe(void *p, size_t len);

/*
 * An arena: allocate many, release at once. One per snapshot, run, job and
 * request; what lives inside is borrowed by everyone and dies together.
 * Not thread-safe: one owner at a time.
 */
struct arena_block;
struct arena {
	struct arena_block *head;
	size_t total;		/* bytes handed out, for reports and tests */
};
#define ARENA_INIT { NULL, 0 }

/* Zeroed, aligned for any type, never NULL. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_calloc(struct arena *a, size_t n, size_t size);
/* Copies; NULL in gives NULL out. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Everything is gone; the arena is empty and may be used again. */
void arena_release(struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

/*
 * Append to an array that lives in an arena: the array is a pointer and a
 * count, its capacity is the next power of two of the count.
 *	ARENA_PUSH(a, list, n) = item;
 */
void *arena_push_(struct arena *a, void *items, size_t n, size_t size);
#define ARENA_PUSH(a, items, n) \
	(((items) = arena_push_((a), (items), (n), sizeof(*(items)))), &(items)[(n)++])[0]

#endif
