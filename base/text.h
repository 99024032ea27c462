/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text: byte slices, growable buffers with a hard maximum, strict numbers,
 * and string-keyed maps.
 */
#ifndef FAIRLEAD_BASE_TEXT_H
#define FAIRLEAD_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/* A borrowed slice of bytes; not NUL-terminated. */
struct span {
	const char *p;
	size_t len;
};

static inline struct span
span_of(const char *p, size_t len)
{
	struct span s = { p, len };
	return s;
}
static inline struct span
span_str(const char *s)
{
	return span_of(s, s != NULL ? strlen(s) : 0);
}
bool span_eq(struct span a, struct span b);
bool span_is(struct span a, const char *s);
bool span_starts(struct span a, const char *prefix);
/* Without spaces and tabs at both ends (span_trim), at the right (rtrim;
 * also CR and LF). */
struct span span_trim(struct span s);
struct span span_rtrim(struct span s);
/* Cut the next line, without its LF, off the front of *rest. False at the
 * end. A last line without LF is a line. CR is kept. */
bool span_line(struct span *rest, struct span *line);

/*
 * A growable buffer. Always NUL-terminated after the first add; `max` is a
 * hard bound on len (0: BUF_MAX), past which nothing more is kept and
 * `truncated` is set: hostile input costs no more than max.
 */
#define BUF_MAX ((size_t)1 << 30)
struct buf {
	char *data;
	size_t len, cap, max;
	bool truncated;
};
#define BUF_INIT { NULL, 0, 0, 0, false }
#define BUF_LIMIT(n) { NULL, 0, 0, (n), false }

void buf_add(struct buf *b, const void *p, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addspan(struct buf *b, struct span s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Room for len more bytes at data + len; NULL past max. Caller adds to len. */
char *buf_reserve(struct buf *b, size_t len);
/* Keep the first len bytes. */
void buf_cut(struct buf *b, size_t len);
/* Remove n bytes at the front. */
void buf_drop(struct buf *b, size_t n);
/* The text so far, "" when empty; valid until the next add. */
const char *buf_str(const struct buf *b);
struct span buf_span(const struct buf *b);
/* Hand over the heap text (free() it); the buffer is empty afterwards. */
char *buf_detach(struct buf *b);
void buf_clear(struct buf *b);		/* keep memory */
void buf_release(struct buf *b);	/* free memory */
void buf_wipe(struct buf *b);		/* zero, then free: it held secrets */

/* Whole-string decimal integer within [min, max]; false otherwise. */
bool text_int(const char *s, int64_t min, int64_t max, int64_t *out);
/* "500ms", "30s", "5m", "1h30m", "2d": whole string, to milliseconds. */
bool text_duration(const char *s, int64_t *out_ms);
/* Milliseconds as people write them: "1h30m", "5s", "250ms". */
const char *text_duration_str(int64_t ms, char out[32]);
/* "64k", "1M", "16MiB", "120": whole string, to bytes (powers of 1024). */
bool text_size(const char *s, int64_t *out_bytes);
/* Shell-style match of the whole text: '*' and '?' only. */
bool text_glob(const char *pattern, const char *s);
/* A name that may become a path part or a device argument:
 * [A-Za-z0-9_][A-Za-z0-9._-]{0,127}, never "." or "..". */
bool text_name_ok(const char *s);
/* The text of errno value e (thread-safe strerror). */
const char *text_errno(int e, char out[128]);
/* True when p holds valid UTF-8 (no surrogates, no overlong forms). */
bool text_utf8_ok(const char *p, size_t len);
/* Add s with everything a terminal or log could act on made visible:
 * C0 (but TAB, and LF if keep_lf), DEL, C1, bidi controls, line separators
 * and invalid UTF-8 become \xNN or \u{NNNN}. */
void text_visible(struct buf *b, struct span s, bool keep_lf);
/* Lower-case hex of n bytes; out holds 2n + 1. */
void text_hex(const void *p, size_t n, char *out);
/* Inverse; false on a bad digit or odd length. out holds len/2. */
bool text_unhex(const char *hex, size_t len, uint8_t *out);

/*
 * A map from strings to pointers, in an arena. Keeps insertion order. Keys
 * are copied. Lookup is O(1) under a per-process random hash seed, so that
 * hostile keys cannot line up.
 */
struct map_slot {
	const char *key;
	void *value;
};
struct map {
	struct arena *arena;
	struct map_slot *slots;	/* in insertion order; n of them */
	size_t n;
	uint32_t *index;
	size_t index_size;
};
void map_init(struct map *m, struct arena *a);
void *map_get(const struct map *m, const char *key);	/* NULL when absent */
bool map_has(const struct map *m, const char *key);
void map_put(struct map *m, const char *key, void *value); /* replaces */

#endif
