/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that are one value: banners, certificates, policies. Where a block ends
 * is asked line by line, so that those who read a configuration as it comes
 * (devices/strip.c) and those who have it whole agree.
 */
#ifndef FAIRLEAD_DIFFING_BLOCK_H
#define FAIRLEAD_DIFFING_BLOCK_H

#include "diffing/rule.h"

#define BLOCK_DELIM_MAX 8	/* bytes of a banner's delimiter */

struct block {
	const struct dialect_block *rule;	/* NULL: in none */
	char delim[BLOCK_DELIM_MAX];
	size_t delim_len;
	int left;			/* endings to come */
	size_t head;			/* bytes of the first line that name it */
};

/* Whether a line (without indent and blanks at its end) opens a block. One
 * that ends on its own line has rule NULL afterwards, as if it were over. */
bool block_open(struct block *b, const struct rules *r, struct span line,
    const struct parents *up);
/* The next line of an open block, which may end it: then rule is NULL. */
void block_line(struct block *b, struct span line);
/* Add the compared form of a block that was opened as `b`: lines without CR and
 * blanks at their ends, and any delimiter as `^C`; of a language without indent. */
void block_form(const struct block *b, struct span text, struct buf *out);

#endif
