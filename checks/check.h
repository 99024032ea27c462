/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks: statements about device state, as data, and the verdict on one
 * output. Pure: no I/O, no clock. The controller runs the commands.
 *
 *	checks:
 *	  - id: routes
 *	    title: All static routes are there
 *	    select: "platform=bird"
 *	    run: show route count
 *	    match: "~ ^3 of 3 routes"
 *	    when: [before, after]
 *	    settle: { for: 10s, every: 1s }
 *	    severity: block
 *
 * match: a plain value is equality with the whole output (blanks at both ends
 * removed); `~ RE` is a regular expression; a leading `!` negates either.
 */
#ifndef FAIRLEAD_CHECKS_CHECK_H
#define FAIRLEAD_CHECKS_CHECK_H

#include "base/field.h"
#include "base/re.h"

enum check_phase { CHECK_BEFORE, CHECK_AFTER, CHECK_PHASES };
enum check_severity { CHECK_BLOCK, CHECK_WARN, CHECK_INFO };
enum check_status { CHECK_PASS, CHECK_FAIL, CHECK_ERROR, CHECK_SKIP };

struct check {
	const char *file;
	struct doc_pos pos;
	const char *id, *title;
	const char *select;		/* selector, or NULL: all devices */
	const char *run;		/* command, as the platform's `run` verb takes it */
	bool when[CHECK_PHASES];
	enum check_severity severity;
	int64_t settle_for_ms, settle_every_ms;
	/* private */
	bool negate;
	const char *equals;
	struct re *re;
};
struct check_list {
	struct check *v;
	size_t n;
};

/* Read one checks document and append to *list. Problems are added to ps; a
 * check with a problem is left out. Regexes live until checks_release(). */
int checks_read(struct check_list *list, const struct doc_node *node, const char *file,
    struct arena *a, struct problems *ps);
void checks_release(struct check_list *list);

/* The verdict on an output. A regex that explodes is CHECK_ERROR, never a
 * pass. `why` gets one visible line: what was expected, what was found. */
enum check_status check_eval(const struct check *c, struct span output, struct buf *why);
const char *check_status_word(enum check_status s);

#endif
