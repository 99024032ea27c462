/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regular expressions: PCRE2 with JIT, multi-line, bytes as they are, and a
 * match limit, so that a pattern from a file can never hang us. The only room
 * of PCRE2.
 */
#ifndef FAIRLEAD_BASE_RE_H
#define FAIRLEAD_BASE_RE_H

#include "base/text.h"

struct re;			/* compiled; immutable; shared by threads */
struct re_match {
	int n;			/* groups of the pattern, the whole match first */
	struct span group[16];	/* p NULL: group did not take part */
};

/* ERR_CONTENT with the position in the pattern; also for more than 15 groups
 * and for patterns over 16 KiB. */
int re_compile(struct re **out, const char *pattern, struct err *err);
void re_free(struct re *re);
const char *re_source(const struct re *re);
/* 1 found (m may be NULL), 0 not, negative ERR_LIMIT when the pattern explodes
 * on this text (work from one start, heap, or some seconds of CPU in all):
 * treat as an error, never as a match. */
int re_find(const struct re *re, struct span text, struct re_match *m);
/* Number of the named group, or -1. */
int re_group(const struct re *re, const char *name);
/* Names of all named groups, NULL-terminated, owned by re. */
const char *const *re_names(const struct re *re);
/* Add s with every character that means something in a pattern escaped. */
void re_quote(struct buf *out, struct span s);

#endif
