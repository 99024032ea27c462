/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For those in this room who need the difference and the two texts it is of.
 */
#ifndef FAIRLEAD_DIFFING_DIFF_BUILD_H
#define FAIRLEAD_DIFFING_DIFF_BUILD_H

#include "diffing/diff.h"
#include "diffing/match.h"

/* diff_make() of texts that are matched; nodes have the items in a and b. */
struct diff *diff_of(struct arena *arena, const struct dialect *d, struct match *m);
/* What happened to a pair, beside what is below it. */
enum diff_kind diff_kind_of(const struct match *m, uint32_t ia, uint32_t ib);
/* Add a word of a path, in quotes when it needs them, a blank in front unless it
 * is the first. */
void path_add_word(struct buf *out, struct span word);
/* Whether a backslash in it would, between double quotes, be taken for one that
 * quotes. */
bool path_is_odd(struct span word);
/* Add it between these quotes: in double ones, \" is a quote. */
void path_quote(struct buf *out, struct span word, char quote);

/* How many nodes from v[0] on came from one line, a number each, and nothing sets
 * them apart; with more than one, `text` is a line that has all their numbers. */
size_t diff_run(const struct diff_node *v, size_t n, struct buf *text);

#endif
