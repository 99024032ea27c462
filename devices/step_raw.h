/* SPDX-License-Identifier: Apache-2.0 */
/* A step as it stands in the file; what the tables of step_raw.c read. */
#ifndef FAIRLEAD_DEVICES_STEP_RAW_H
#define FAIRLEAD_DEVICES_STEP_RAW_H

#include "devices/platform_raw.h"

/* Everything a step of any kind can say. */
struct raw_step {
	const char *line, *name, *text, *mode, *drop, *until, *timeout, *status, *end, *ready;
	const char *without_last, *matches, *from, *to, *file_mode;
	const struct doc_node *words, *success, *may, *otherwise, *expect, *cases, *steps;
	const struct doc_node *less, *equal, *greater, *differ, *unset;
	struct field_strings pair;
	struct field_pairs lets;
	int errors, source;
	bool result, relearn;
	int64_t every, within, wait;
	/* answer, fail */
	const char *answer, *fail, *say, *next;
};
struct raw_action {
	const char *when, *answer, *fail, *say, *next;
	bool stop;
	const struct doc_node *steps;
};
struct raw_question {
	const char *match, *answer;
};

/* By kind: the key that names it and the keys it takes. */
struct step_table {
	const char *key;
	const struct field_table *table;
};
extern const struct step_table step_tables[STEP_KINDS];
extern const struct field_table step_action_table, step_case_table, step_question_table;

#endif
