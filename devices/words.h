/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device's own words for an error or a log line: one line, short, control
 * bytes visible, secrets masked (the live ones and those the platform's rules
 * find, hashes included).
 */
#ifndef FAIRLEAD_DEVICES_WORDS_H
#define FAIRLEAD_DEVICES_WORDS_H

#include "diffing/dialect.h"

/* d may be NULL. */
void words_add(struct buf *out, const struct dialect *d, struct span line);
/* The last line of text that is not blank; empty when there is none. */
struct span words_last(struct span text);

#endif
