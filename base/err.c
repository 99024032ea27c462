/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>

#include "base/text.h"

#define COUNT (ERR_LAST_ - ERR_FIRST_ - 1)

static const struct {
	enum fault fault;
	const char *word;
} table[COUNT] = {
#define X(name, fault, word) [name - ERR_FIRST_ - 1] = { fault, word },
	ERR_TABLE(X)
#undef X
};

/* A text was cut at the end of its array: drop the half of a UTF-8 letter. */
static void
trim_partial_letter(char *s, size_t len)
{
	size_t i = len;

	while (i > 0 && len - i < 3 && ((unsigned char)s[i - 1] & 0xc0) == 0x80)
		i--;
	if (i > 0 && ((unsigned char)s[i - 1] & 0xc0) == 0xc0)
		i--;
	if (!text_utf8_ok(s + i, len - i))
		s[i] = '\0';
}

__attribute__((format(printf, 3, 0))) static void
format(char *out, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(out, size, fmt, ap);

	if (n < 0)
		out[0] = '\0';
	for (char *p = out; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = *p == '\n' ? '|' : '?';
	if (n >= (int)size)
		trim_partial_letter(out, size - 1);
}

/* All texts are made aside first: an argument may be err's own text. */
static int
fill(struct err *err, int code, const char *text)
{
	assert(code > ERR_FIRST_ && code < ERR_LAST_);
	if (err != NULL) {
		err->code = code;
		memcpy(err->text, text, strlen(text) + 1);
		err->next[0] = '\0';
	}
	return code;
}

int
err_set(struct err *err, int code, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	format(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fill(err, code, text);
}

static void
append(char *text, size_t size, const char *more)
{
	size_t len = strlen(text);
	int n = snprintf(text + len, size - len, "%s", more);

	if (n >= (int)(size - len))
		trim_partial_letter(text, size - 1);
}

int
err_errno(struct err *err, int code, const char *fmt, ...)
{
	int e = errno;
	char text[sizeof(err->text)], why[128];
	va_list ap;

	va_start(ap, fmt);
	format(text, sizeof(text), fmt, ap);
	va_end(ap);
	append(text, sizeof(text), ": ");
	append(text, sizeof(text), text_errno(e, why));
	if (e == ENOSPC || e == EDQUOT || e == EMFILE || e == ENFILE)
		code = ERR_FULL;
	return fill(err, code, text);
}

int
err_wrap(struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list ap;

	if (err == NULL)
		return ERR_BUG;
	va_start(ap, fmt);
	format(text, sizeof(text), fmt, ap);
	va_end(ap);
	append(text, sizeof(text), ": ");
	append(text, sizeof(text), err->text);
	memcpy(err->text, text, sizeof(text));
	if (err->code == ERR_OK)
		err->code = ERR_BUG;
	return err->code;
}

int
err_next(struct err *err, const char *fmt, ...)
{
	char next[sizeof(err->next)];
	va_list ap;

	if (err == NULL)
		return ERR_BUG;
	va_start(ap, fmt);
	format(next, sizeof(next), fmt, ap);
	va_end(ap);
	memcpy(err->next, next, sizeof(next));
	return err->code;
}

void
err_clear(struct err *err)
{
	if (err == NULL)
		return;
	err->code = ERR_OK;
	err->text[0] = '\0';
	err->next[0] = '\0';
}

const char *
err_word(int code)
{
	if (code == ERR_OK)
		return "ok";
	if (code <= ERR_FIRST_ || code >= ERR_LAST_)
		return "bug";
	return table[code - ERR_FIRST_ - 1].word;
}

int
err_code_of(const char *word)
{
	if (word != NULL && strcmp(word, "ok") == 0)
		return ERR_OK;
	for (int i = 0; word != NULL && i < COUNT; i++)
		if (strcmp(table[i].word, word) == 0)
			return ERR_FIRST_ + 1 + i;
	return ERR_BUG;
}

enum fault
err_fault(int code)
{
	if (code == ERR_OK)
		return FAULT_NONE;
	if (code <= ERR_FIRST_ || code >= ERR_LAST_)
		return FAULT_US;
	return table[code - ERR_FIRST_ - 1].fault;
}

const char *
fault_word(enum fault fault)
{
	static const char *const words[] = {
		[FAULT_NONE] = "none",
		[FAULT_DEVICE] = "device",
		[FAULT_OPERATOR] = "operator",
		[FAULT_REPOSITORY] = "repository",
		[FAULT_SYSTEM] = "system",
		[FAULT_US] = "us",
	};

	if ((size_t)fault >= sizeof(words) / sizeof(words[0]))
		return "us";
	return words[fault];
}
