/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Named values and the two things made from them: templates ("configure
 * session ${session}") and patterns (a regular expression that may hold
 * values). A value has a type, checked whenever it is set, so that nothing
 * from a device, an inventory or a journal can leave the place it is put in:
 * no type allows a control byte, and only `text` and `words` allow a space or
 * a quote. How a value is quoted when it is sent is the transport's affair
 * (steps.c).
 */
#ifndef FAIRLEAD_DEVICES_VALUES_H
#define FAIRLEAD_DEVICES_VALUES_H

#include "base/doc.h"
#include "base/re.h"

enum value_type {
	VALUE_TEXT,	/* one visible line, at most 1024 bytes */
	VALUE_NUMBER,	/* digits, optionally a fraction */
	VALUE_NAME,	/* [A-Za-z0-9._-], at most 128 */
	VALUE_PATH,	/* absolute, no "..", no character a shell or quote knows */
	VALUE_HEX,	/* lower-case digits, at most 128 */
	VALUE_TIME,	/* YYYY-MM-DD HH:MM:SS.mmm, no zone */
	VALUE_WORDS,	/* text that exec turns into several words */
	VALUE_TYPES
};
extern const char *const value_type_words[VALUE_TYPES + 1];	/* NULL-terminated */
bool value_ok(enum value_type type, struct span s);
/* What value_ok() wants, as part of a sentence. */
const char *value_type_help(enum value_type type);
/* Milliseconds since 1970 of a VALUE_TIME read as if it were UTC. */
int64_t value_time_ms(const char *time);

/* Where names are looked up; the interpreter's scopes stand behind it. */
struct lookup {
	const char *(*get)(const void *ctx, const char *name);	/* NULL: not set */
	const void *ctx;
};

struct template_part {
	struct span literal;	/* before the value */
	const char *name;	/* of the value, or NULL at the end */
};
struct template {
	const char *source;
	const struct template_part *parts;
	size_t n;
};
/* Parse "${name}" out of source. False when a brace is not closed or a name is
 * not one; `why` says so. */
bool template_parse(struct template *out, struct arena *a, const char *source,
    const char **why);
/* Fill in. A value that is not set is ERR_NOTFOUND, which names it. */
int template_fill(const struct template *t, const struct lookup *values, struct buf *out,
    struct err *err);

/* A regular expression; `${name}` in it stands for the value, quoted. */
struct pattern {
	struct template text;
	struct re *re;		/* compiled at load; for the names of its groups only
				 * when the text has values */
};
/* Compiles with every value replaced by a letter, to check it. */
bool pattern_parse(struct pattern *out, struct arena *a, const char *source,
    const char **why);
void pattern_release(struct pattern *p);
/* 1 found, 0 not (also when a value it needs is not set), ERR_LIMIT when it
 * explodes. With `set`, every named group that took part is handed over; a
 * negative return of set ends it with that code. */
struct pattern_sink {
	int (*set)(void *ctx, const char *name, struct span value, struct err *err);
	void *ctx;
};
int pattern_find(const struct pattern *p, const struct lookup *values, struct span text,
    const struct pattern_sink *sink, struct span *whole, struct err *err);
/* Whether it can be tried at all: every value it needs is set. */
bool pattern_ready(const struct pattern *p, const struct lookup *values);

#endif
