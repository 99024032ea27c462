/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slices, buffers, strict numbers, and text made safe to look at. Nothing
 * here trusts its input: every length is bounded by a buffer's maximum, every
 * number by its limits, and a bad byte is shown, never passed on.
 */
#include "base/text.h"

#include <inttypes.h>

bool
span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool
span_is(struct span a, const char *s)
{
	return span_eq(a, span_str(s));
}

bool
span_starts(struct span a, const char *prefix)
{
	size_t len = strlen(prefix);

	return a.len >= len && (len == 0 || memcmp(a.p, prefix, len) == 0);
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

struct span
span_trim(struct span s)
{
	while (s.len > 0 && blank(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	return s;
}

struct span
span_rtrim(struct span s)
{
	while (s.len > 0 && (blank(s.p[s.len - 1]) || s.p[s.len - 1] == '\r' ||
			     s.p[s.len - 1] == '\n'))
		s.len--;
	return s;
}

bool
span_line(struct span *rest, struct span *line)
{
	const char *lf;

	if (rest->len == 0)
		return false;
	lf = memchr(rest->p, '\n', rest->len);
	*line = span_of(rest->p, lf != NULL ? (size_t)(lf - rest->p) : rest->len);
	rest->p += line->len + (lf != NULL);
	rest->len -= line->len + (lf != NULL);
	return true;
}

static size_t
buf_max(const struct buf *b)
{
	return b->max != 0 && b->max < BUF_MAX ? b->max : BUF_MAX;
}

/* As realloc(3), but small blocks, which may hold a secret, leave no copy
 * behind. Large ones would cost too much, and are moved by the kernel. */
static char *
regrow(char *old, size_t len, size_t cap)
{
	char *p;

	if (len > (size_t)256 << 10)
		return mem_realloc(old, cap, 1);
	p = mem_realloc(NULL, cap, 1);
	if (len > 0)
		memcpy(p, old, len);
	mem_wipe(old, len);
	free(old);
	return p;
}

/* Room for len more bytes and a NUL; the caller has checked the maximum. */
static void
buf_grow(struct buf *b, size_t len)
{
	size_t cap = b->cap != 0 ? b->cap : 64;

	if (b->data != NULL && b->cap - b->len > len)
		return;
	while (cap <= b->len + len)
		cap *= 2;
	b->data = regrow(b->data, b->len, cap);
	b->cap = cap;
	b->data[b->len] = '\0';
}

char *
buf_reserve(struct buf *b, size_t len)
{
	if (b->len > buf_max(b) || len > buf_max(b) - b->len) {
		b->truncated = true;
		return NULL;
	}
	buf_grow(b, len);
	return b->data + b->len;
}

/* How many of len more bytes the maximum allows. */
static size_t
buf_allow(struct buf *b, size_t len)
{
	size_t max = buf_max(b), left = b->len < max ? max - b->len : 0;

	if (len <= left)
		return len;
	b->truncated = true;
	return left;
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	len = buf_allow(b, len);
	buf_grow(b, len);
	if (len > 0)
		memcpy(b->data + b->len, p, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_addspan(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.len);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list twice;
	size_t len;
	int n;

	va_copy(twice, ap);
	n = vsnprintf(NULL, 0, fmt, twice);
	va_end(twice);
	if (n < 0)
		return;
	len = buf_allow(b, (size_t)n);
	buf_grow(b, len);
	vsnprintf(b->data + b->len, len + 1, fmt, ap);
	b->len += len;
}

void
buf_cut(struct buf *b, size_t len)
{
	if (len >= b->len)
		return;
	b->len = len;
	b->data[len] = '\0';
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n > b->len)
		n = b->len;
	if (n == 0)
		return;
	b->len -= n;
	memmove(b->data, b->data + n, b->len + 1);
}

const char *
buf_str(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

struct span
buf_span(const struct buf *b)
{
	return span_of(buf_str(b), b->len);
}

char *
buf_detach(struct buf *b)
{
	char *p = b->data != NULL ? b->data : mem_strdup("");

	b->data = NULL;
	buf_release(b);
	return p;
}

void
buf_clear(struct buf *b)
{
	buf_cut(b, 0);
	b->truncated = false;
}

void
buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ .max = b->max };
}

void
buf_wipe(struct buf *b)
{
	mem_wipe(b->data, b->cap);
	buf_release(b);
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at *s, moved past; false when there are none or too many. */
static bool
take_digits(const char **s, int64_t *out)
{
	int64_t v = 0;

	if (!digit(**s))
		return false;
	for (; digit(**s); (*s)++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, **s - '0', &v))
			return false;
	*out = v;
	return true;
}

bool
text_int(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool minus;
	int64_t v = 0;

	if (s == NULL)
		return false;
	minus = *s == '-';
	s += minus;
	if (!digit(*s))
		return false;
	for (; digit(*s); s++) {
		int d = minus ? -(*s - '0') : *s - '0';

		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, d, &v))
			return false;
	}
	if (*s != '\0' || v < min || v > max)
		return false;
	*out = v;
	return true;
}

static const struct {
	const char *word;
	int64_t ms;
} units[] = {
	{ "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 },
};
#define UNITS (sizeof(units) / sizeof(units[0]))

/* The unit at *s, moved past; only those from `first` on, so that each comes
 * once and the larger before the smaller. Returns UNITS when none. */
static size_t
take_unit(const char **s, size_t first)
{
	size_t len = 0;

	while ((*s)[len] >= 'a' && (*s)[len] <= 'z')
		len++;
	for (size_t i = first; i < UNITS; i++) {
		if (!span_is(span_of(*s, len), units[i].word))
			continue;
		*s += len;
		return i;
	}
	return UNITS;
}

bool
text_duration(const char *s, int64_t *out_ms)
{
	int64_t v, sum = 0;
	size_t unit, first = 0;

	if (s == NULL || *s == '\0')
		return false;
	if (strcmp(s, "0") == 0) {
		*out_ms = 0;
		return true;
	}
	for (; *s != '\0'; first = unit + 1) {
		if (!take_digits(&s, &v))
			return false;
		unit = take_unit(&s, first);
		if (unit == UNITS || __builtin_mul_overflow(v, units[unit].ms, &v) ||
		    __builtin_add_overflow(sum, v, &sum))
			return false;
	}
	*out_ms = sum;
	return true;
}

const char *
text_duration_str(int64_t ms, char out[32])
{
	/* Unsigned, because -INT64_MIN is not an int64_t. */
	uint64_t left = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
	int at = snprintf(out, 32, "%s", ms < 0 ? "-" : "");

	if (left == 0)
		snprintf(out, 32, "0s");
	for (size_t i = 0; i < UNITS; i++) {
		uint64_t n = left / (uint64_t)units[i].ms;

		left %= (uint64_t)units[i].ms;
		if (n > 0)
			at += snprintf(out + at, (size_t)(32 - at), "%" PRIu64 "%s", n,
			    units[i].word);
	}
	return out;
}

bool
text_size(const char *s, int64_t *out_bytes)
{
	static const char letters[] = "kMGT";
	const char *letter;
	int64_t v;

	if (s == NULL || !take_digits(&s, &v))
		return false;
	letter = *s != '\0' ? strchr(letters, *s == 'K' ? 'k' : *s) : NULL;
	if (letter != NULL) {
		s++;
		if (__builtin_mul_overflow(v, (int64_t)1024 << 10 * (letter - letters), &v))
			return false;
		s += *s == 'i' && s[1] == 'B';
	}
	if (*s == 'B')
		s++;
	if (*s != '\0')
		return false;
	*out_bytes = v;
	return true;
}

/* Going back only to the last star is enough, and never exponential. */
bool
text_glob(const char *pattern, const char *s)
{
	const char *star = NULL, *back = NULL;

	while (*s != '\0') {
		if (*pattern == '*') {
			star = ++pattern;
			back = s;
		} else if (*pattern != '\0' && (*pattern == '?' || *pattern == *s)) {
			pattern++;
			s++;
		} else if (star != NULL) {
			pattern = star;
			s = ++back;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool
text_name_ok(const char *s)
{
	size_t n = 0;

	if (s == NULL || *s == '.' || *s == '-')
		return false;
	for (; s[n] != '\0'; n++) {
		char c = s[n];

		if (!digit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    c != '_' && c != '.' && c != '-')
			return false;
		if (n >= 128)
			return false;
	}
	return n > 0;
}

const char *
text_errno(int e, char out[128])
{
	char own[128];

	snprintf(out, 128, "%s", strerror_r(e, own, sizeof(own)));
	return out;
}

/* Length of the letter at p (1 to 4), or 0 when it is not UTF-8. */
static size_t
letter(const unsigned char *p, size_t len, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3
	    : p[0] < 0xf5 ? 4 : 0;

	if (n == 0 || n > len)
		return 0;
	*cp = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	if (*cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return n;
}

bool
text_utf8_ok(const char *p, size_t len)
{
	uint32_t cp;
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = letter((const unsigned char *)p + i, len - i, &cp);
		if (n == 0)
			return false;
	}
	return true;
}

/* Letters that act instead of being seen: C1, marks and overrides of writing
 * direction, separators that some viewers take for line ends. */
static bool
invisible(uint32_t cp)
{
	return (cp >= 0x80 && cp <= 0x9f) || cp == 0x61c || cp == 0x200e || cp == 0x200f ||
	    (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

static bool
control(unsigned char c, bool keep_lf)
{
	return (c < 0x20 && c != '\t' && !(c == '\n' && keep_lf)) || c == 0x7f;
}

void
text_visible(struct buf *b, struct span s, bool keep_lf)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t clean = 0;	/* start of the run that is copied as it is */
	uint32_t cp = 0;

	for (size_t i = 0, n; i < s.len; i += n) {
		bool bad;

		n = letter(p + i, s.len - i, &cp);
		bad = n == 0 || (n == 1 && control(p[i], keep_lf));
		if (!bad && (n == 1 || !invisible(cp)))
			continue;
		buf_add(b, p + clean, i - clean);
		if (bad)
			buf_addf(b, "\\x%02x", p[i]);
		else
			buf_addf(b, "\\u{%04" PRIx32 "}", cp);
		n += n == 0;
		clean = i + n;
	}
	if (s.len > clean)
		buf_add(b, p + clean, s.len - clean);
}

void
text_hex(const void *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = p;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

static int
nibble(char c)
{
	if (digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
text_unhex(const char *hex, size_t len, uint8_t *out)
{
	if (len % 2 != 0)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		int high = nibble(hex[i]), low = nibble(hex[i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i / 2] = (uint8_t)(high << 4 | low);
	}
	return true;
}
