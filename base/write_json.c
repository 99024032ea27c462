/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON, streamed into a buffer. Reports hold text from devices and from
 * strangers' commits, and people look at JSON in terminals: so everything a
 * terminal could act on (C0, DEL, C1, bidi controls, line separators) leaves
 * as a \u escape, which every JSON reader turns back into the same text.
 */
#include "base/writer.h"

#include <assert.h>
#include <inttypes.h>

void
jw_init(struct jw *w, struct buf *out, bool pretty)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
	w->pretty = pretty;
}

static void
new_line(struct jw *w)
{
	if (!w->pretty)
		return;
	buf_addc(w->out, '\n');
	for (int i = 0; i < w->depth; i++)
		buf_adds(w->out, "  ");
}

/* The code point at p and its length; 0 when the bytes are not UTF-8. */
static size_t
decode(const char *p, size_t len, uint32_t *cp)
{
	unsigned char c = (unsigned char)p[0];
	size_t n = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	*cp = c;
	if (c < 0x80)
		return 1;
	if (n > len || !text_utf8_ok(p, n))
		return 0;
	*cp = c & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		*cp = *cp << 6 | ((unsigned char)p[i] & 0x3f);
	return n;
}

static bool
acts_on_terminal(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == 0x061c || cp == 0x200e ||
	    cp == 0x200f || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
}

static void
add_escape(struct buf *out, uint32_t cp)
{
	static const char letters[] = "btn\0fr";

	if (cp >= '\b' && cp <= '\r' && letters[cp - '\b'] != '\0') {
		buf_addc(out, '\\');
		buf_addc(out, letters[cp - '\b']);
	} else if (cp == '"' || cp == '\\') {
		buf_addc(out, '\\');
		buf_addc(out, (char)cp);
	} else {
		buf_addf(out, "\\u%04" PRIx32, cp);
	}
}

static void
add_quoted(struct buf *out, struct span s)
{
	size_t plain = 0;	/* start of bytes not yet copied */
	size_t i = 0;

	buf_addc(out, '"');
	while (i < s.len) {
		uint32_t cp = 0;
		size_t n = decode(s.p + i, s.len - i, &cp);

		if (n > 0 && cp != '"' && cp != '\\' && !acts_on_terminal(cp)) {
			i += n;
			continue;
		}
		buf_add(out, s.p + plain, i - plain);
		if (n == 0)
			buf_addf(out, "\\\\x%02x", (unsigned char)s.p[i]);
		else
			add_escape(out, cp);
		i += n == 0 ? 1 : n;
		plain = i;
	}
	if (i > plain)
		buf_add(out, s.p + plain, i - plain);
	buf_addc(out, '"');
}

/* What comes before any value: comma, line, key. */
static void
start_value(struct jw *w, const char *key)
{
	int top = w->depth - 1;

	if (top < 0) {
		assert(key == NULL);
		return;
	}
	assert((w->kind[top] == '{') == (key != NULL));
	if (w->some[top])
		buf_addc(w->out, ',');
	w->some[top] = true;
	new_line(w);
	if (key != NULL) {
		add_quoted(w->out, span_str(key));
		buf_adds(w->out, w->pretty ? ": " : ":");
	}
}

static void
open_container(struct jw *w, const char *key, char kind)
{
	start_value(w, key);
	assert(w->depth < JW_DEPTH);
	w->kind[w->depth] = kind;
	w->some[w->depth] = false;
	w->depth++;
	buf_addc(w->out, kind);
}

void
jw_object(struct jw *w, const char *key)
{
	open_container(w, key, '{');
}

void
jw_array(struct jw *w, const char *key)
{
	open_container(w, key, '[');
}

void
jw_end(struct jw *w)
{
	assert(w->depth > 0);
	w->depth--;
	if (w->some[w->depth])
		new_line(w);
	buf_addc(w->out, w->kind[w->depth] == '{' ? '}' : ']');
}

void
jw_span(struct jw *w, const char *key, struct span value)
{
	start_value(w, key);
	add_quoted(w->out, value);
}

void
jw_string(struct jw *w, const char *key, const char *value)
{
	if (value == NULL)
		jw_null(w, key);
	else
		jw_span(w, key, span_str(value));
}

void
jw_stringf(struct jw *w, const char *key, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	jw_span(w, key, buf_span(&text));
	buf_release(&text);
}

void
jw_int(struct jw *w, const char *key, int64_t value)
{
	start_value(w, key);
	buf_addf(w->out, "%" PRId64, value);
}

void
jw_bool(struct jw *w, const char *key, bool value)
{
	start_value(w, key);
	buf_adds(w->out, value ? "true" : "false");
}

void
jw_null(struct jw *w, const char *key)
{
	start_value(w, key);
	buf_adds(w->out, "null");
}

void
jw_raw(struct jw *w, const char *key, struct span json)
{
	start_value(w, key);
	buf_addspan(w->out, json);
}

static void
scalar(struct jw *w, const char *key, const struct doc_node *node)
{
	if (node->null)
		jw_null(w, key);
	else if (node->bare)
		jw_raw(w, key, span_str(node->text));
	else
		jw_string(w, key, node->text);
}

/* A document is at most DOC_DEPTH deep, so this recursion is bounded. */
void
jw_node(struct jw *w, const char *key, const struct doc_node *node)
{
	if (node == NULL) {
		jw_null(w, key);
		return;
	}
	switch (node->kind) {
	case DOC_SCALAR:
		scalar(w, key, node);
		return;
	case DOC_LIST:
		jw_array(w, key);
		for (size_t i = 0; i < node->n; i++)
			jw_node(w, NULL, node->items[i]);
		break;
	case DOC_MAP:
		jw_object(w, key);
		for (size_t i = 0; i < node->n; i++)
			jw_node(w, node->pairs[i].key, node->pairs[i].value);
		break;
	}
	jw_end(w);
}

void
jw_err(struct jw *w, const char *key, const struct err *err)
{
	if (err == NULL || err->code == 0) {
		jw_null(w, key);
		return;
	}
	jw_object(w, key);
	jw_string(w, "code", err_word(err->code));
	jw_string(w, "fault", fault_word(err_fault(err->code)));
	jw_string(w, "text", err->text);
	jw_string(w, "next", err->next);
	jw_end(w);
}
