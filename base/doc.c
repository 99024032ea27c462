/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is the same for YAML and JSON: limits, the first look at the bytes,
 * and reading a finished tree. Bytes are looked at before any library sees
 * them, because libraries report a bad byte without a place a person finds.
 */
#include "base/doc_read.h"

#include <assert.h>

const struct doc_limits DOC_LIMITS = {
	.max_bytes = (size_t)1 << 20,
	.max_nodes = 100000,
	.max_depth = DOC_DEPTH,
	.aliases = false,
};
const struct doc_limits DOC_LIMITS_INVENTORY = {
	.max_bytes = (size_t)16 << 20,
	.max_nodes = 2000000,
	.max_depth = DOC_DEPTH,
	.aliases = true,
};

void
reading_problem(struct reading *r, struct doc_pos pos, const char *fmt, ...)
{
	struct buf text = BUF_LIMIT(4096);
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	problem_add(r->ps, SEV_ERROR, r->file, pos, "%s", buf_str(&text));
	buf_release(&text);
}

bool
reading_failed(const struct reading *r)
{
	return r->ps->errors > r->errors;
}

bool
reading_count(struct reading *r, struct doc_pos pos, size_t n)
{
	if (n <= r->limits->max_nodes - r->nodes) {
		r->nodes += n;
		return true;
	}
	reading_problem(r, pos, "more than %zu keys and values: split the file",
	    r->limits->max_nodes);
	return false;
}

struct doc_pos
reading_pos(const struct reading *r, size_t offset)
{
	struct doc_pos pos = { 1, 1 };
	const char *p = r->text.p;

	for (size_t i = 0; i < offset && i < r->text.len; i++) {
		bool crlf = p[i] == '\r' && i + 1 < r->text.len && p[i + 1] == '\n';

		if (crlf || ((unsigned char)p[i] & 0xc0) == 0x80)
			continue;
		pos.column++;
		if (p[i] == '\n' || p[i] == '\r') {
			pos.line++;
			pos.column = 1;
		}
	}
	return pos;
}

struct doc_node *
reading_node(struct reading *r, enum doc_kind kind, struct doc_pos pos)
{
	struct doc_node *node = ARENA_NEW(r->a, struct doc_node);

	node->kind = kind;
	node->pos = pos;
	node->text = "";
	return node;
}

/* Length of the character at p, 0 when it is not UTF-8. */
static size_t
char_len(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (p[0] < 0x80)
		return 1;
	return n <= left && text_utf8_ok((const char *)p, n) ? n : 0;
}

/* Characters of two and three bytes that have no business in YAML: C1, the
 * line and paragraph separator (line ends to libyaml and to nobody else), a
 * byte order mark inside, and what is no character. */
static bool
odd_char(const unsigned char *p, size_t n)
{
	if (n == 2)
		return p[0] == 0xc2 && p[1] < 0xa0;
	if (n != 3)
		return false;
	return (p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)) ||
	    (p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) ||
	    (p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe);
}

static bool
control(unsigned char c)
{
	return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

static bool
refuse_char(struct reading *r, size_t at, size_t n)
{
	struct buf shown = BUF_INIT;
	struct doc_pos pos = reading_pos(r, at);
	unsigned char c = (unsigned char)r->text.p[at];

	text_visible(&shown, span_of(r->text.p + at, n == 0 ? 1 : n), false);
	if (c == '\0')
		reading_problem(r, pos, "a NUL byte: this is not a text file");
	else if (n == 0)
		reading_problem(r, pos, "the byte 0x%02x here is not UTF-8: save the file as UTF-8",
		    c);
	else
		reading_problem(r, pos, "the invisible character %s is not allowed: remove it, or "
		    "write it as an escape in double quotes", buf_str(&shown));
	buf_release(&shown);
	return false;
}

static bool
check_bytes(struct reading *r, bool yaml)
{
	const unsigned char *p = (const unsigned char *)r->text.p;
	size_t n;

	for (size_t i = 0; i < r->text.len; i += n) {
		n = char_len(p + i, r->text.len - i);
		if (n == 0 || p[i] == '\0')
			return refuse_char(r, i, n);
		if (yaml && (control(p[i]) || odd_char(p + i, n)))
			return refuse_char(r, i, n);
	}
	return true;
}

/* libyaml compares each %TAG with all before it, within one event: a file of
 * them costs seconds a megabyte. Tags are refused anyway. */
static bool
check_directives(struct reading *r)
{
	const char *p = r->text.p;

	for (size_t i = 0; i + 4 < r->text.len; i++) {
		bool line_start = i == 0 || p[i - 1] == '\n' || p[i - 1] == '\r';

		if (line_start && memcmp(p + i, "%TAG", 4) == 0) {
			reading_problem(r, reading_pos(r, i), "tags are not supported: remove "
			    "the %%TAG line");
			return false;
		}
	}
	return true;
}

bool
reading_start(struct reading *r, bool yaml)
{
	struct doc_pos nowhere = { 0, 0 };

	assert(r->limits->max_depth <= DOC_DEPTH);
	r->errors = r->ps->errors;
	if (r->text.p == NULL)
		r->text.p = "";
	if (r->text.len > r->limits->max_bytes) {
		reading_problem(r, nowhere, "the file has %zu bytes, at most %zu are read",
		    r->text.len, r->limits->max_bytes);
		return false;
	}
	if (span_starts(r->text, "\xef\xbb\xbf"))
		r->text = span_of(r->text.p + 3, r->text.len - 3);
	return check_bytes(r, yaml) && (!yaml || check_directives(r));
}

struct doc_node *
doc_get(const struct doc_node *n, const char *key)
{
	if (n == NULL || n->kind != DOC_MAP)
		return NULL;
	for (size_t i = 0; i < n->n; i++) {
		if (strcmp(n->pairs[i].key, key) == 0)
			return n->pairs[i].value;
	}
	return NULL;
}

const char *
doc_text(const struct doc_node *n, const char *key)
{
	const struct doc_node *value = doc_get(n, key);

	return value != NULL && value->kind == DOC_SCALAR ? value->text : NULL;
}

int64_t
doc_int(const struct doc_node *n, const char *key, int64_t absent)
{
	const char *text = doc_text(n, key);
	int64_t value;

	return text != NULL && text_int(text, INT64_MIN, INT64_MAX, &value) ? value : absent;
}

bool
doc_bool(const struct doc_node *n, const char *key)
{
	const char *text = doc_text(n, key);

	return text != NULL && strcmp(text, "true") == 0;
}
