/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands that take a device from one configuration to another, as a
 * person would type them in configuration mode. Text in, lines out; no I/O.
 *
 * Guarantees: only what the difference counts is touched. A name is defined
 * before it is used and goes after its last use; a list that is used before and
 * after is edited in place, and never empty on the way. What cannot be done so
 * is refused with a sentence that says what to do instead.
 */
#ifndef FAIRLEAD_DIFFING_PATCH_H
#define FAIRLEAD_DIFFING_PATCH_H

#include "diffing/diff.h"

struct patch_line {
	uint32_t depth;		/* 0: where configuration mode begins */
	struct span text;	/* without its indent; a block with its inner lines */
};
struct patch {
	const struct dialect *dialect;
	uint32_t indent;	/* blanks a level */
	struct patch_line *lines;
	size_t n;
};

/* The commands from `from` to `to`; none when diff_same(). The patch lives in the
 * arena. ERR_UNSUPPORTED when the dialect has no commands, a change cannot be made
 * by them, or a text is cut off. */
int patch_make(struct arena *arena, const struct dialect *d, struct span from, struct span to,
    struct patch **out, struct err *err);
/* One command a line. With a key, for people: secrets masked, control bytes made
 * visible. Without, for the device: byte for byte. */
void patch_text(const struct patch *p, const struct mask_key *key, struct buf *out);
/* The same as two keys of the object that is open: "commands":[{"depth":N,
 * "text":"..."}],"lines":N */
void patch_json(const struct patch *p, const struct mask_key *key, struct jw *w);

#endif
