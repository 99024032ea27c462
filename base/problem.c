/* SPDX-License-Identifier: Apache-2.0 */
#include "base/doc.h"

/* A text is clipped here: it may quote a key of a megabyte. */
#define PROBLEM_TEXT 1024

void
problems_init(struct problems *ps, struct arena *a)
{
	memset(ps, 0, sizeof(*ps));
	ps->arena = a;
}

/* Clip to whole UTF-8 characters. */
static char * __attribute__((format(printf, 2, 0)))
problem_text(struct arena *a, const char *fmt, va_list ap)
{
	char text[PROBLEM_TEXT];
	int want = vsnprintf(text, sizeof(text), fmt, ap);
	size_t len;

	if (want < 0)
		return arena_strdup(a, "(text could not be made)");
	if ((size_t)want < sizeof(text))
		return arena_strdup(a, text);
	len = sizeof(text) - 4;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return arena_printf(a, "%.*s...", (int)len, text);
}

static void __attribute__((format(printf, 6, 0)))
problem_vadd(struct problems *ps, enum severity severity, const char *file,
    struct doc_pos pos, const char *device, const char *fmt, va_list ap)
{
	struct problem p = { .severity = severity, .pos = pos };

	bool error = severity == SEV_ERROR;
	size_t *seen = error ? &ps->errors : &ps->warnings;

	if ((*seen)++ >= (error ? ERRORS_MAX : WARNINGS_MAX)) {
		ps->more++;
		ps->more_errors += error;
		return;
	}
	p.file = arena_strdup(ps->arena, file);
	p.device = arena_strdup(ps->arena, device);
	p.text = problem_text(ps->arena, fmt, ap);
	ARENA_PUSH(ps->arena, ps->v, ps->n) = p;
}

void
problem_add(struct problems *ps, enum severity severity, const char *file,
    struct doc_pos pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_vadd(ps, severity, file, pos, NULL, fmt, ap);
	va_end(ap);
}

void
problem_add_device(struct problems *ps, enum severity severity, const char *file,
    struct doc_pos pos, const char *device, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_vadd(ps, severity, file, pos, device, fmt, ap);
	va_end(ap);
}

void
problem_format(const struct problem *p, struct buf *out)
{
	if (p->file != NULL) {
		text_visible(out, span_str(p->file), false);
		if (p->pos.line > 0)
			buf_addf(out, ":%d", p->pos.line);
		if (p->pos.line > 0 && p->pos.column > 0)
			buf_addf(out, ":%d", p->pos.column);
		buf_adds(out, ": ");
	}
	buf_adds(out, p->severity == SEV_ERROR ? "error: " : "warning: ");
	text_visible(out, span_str(p->text), false);
}
