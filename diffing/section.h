/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SYNTAX_SECTION knows about its texts, for those who read and write it.
 */
#ifndef FAIRLEAD_DIFFING_SECTION_H
#define FAIRLEAD_DIFFING_SECTION_H

#include "diffing/tree.h"

/* The menu at the front of a text: `/ip address` of `/ip address add a=b`; empty
 * when the text is a command alone. */
struct span section_menu(const struct dialect *d, struct span text);
/* The next word of a command, a run of letters, quotes and [ ... ] in it; empty at
 * the end. */
struct span section_word(struct span *rest);
/* Whether a part of a line is what stands behind the `=` of a parameter, or ends a
 * word, so that another may stand there. */
bool section_is_value(struct span line, struct span value);
bool section_is_verb(const struct dialect *d, struct span word);

#endif
