/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How records look as text: shared by commands that show the same things.
 */
#ifndef FAIRLEAD_CLI_SHOW_H
#define FAIRLEAD_CLI_SHOW_H

#include "cli/cli.h"

struct plan_counts {
	size_t devices, changes, blocked, failed, unmanaged;
};
void count_plan(const struct doc_node *plan, struct plan_counts *counts);
void show_plan(const struct doc_node *plan, struct buf *out);
void show_plan_sum(const struct plan_counts *counts, struct buf *out);
/* "device: end: why", with the error's next step. */
void show_job(const struct doc_node *job, struct buf *out);
/* A run as one paragraph. */
void show_run(const struct doc_node *run, struct buf *out);
/* Warnings and the like, on stderr. */
void show_other(const char *type, const struct doc_node *node);
/* The text of a "running" record, byte for byte. */
struct span running_text(const struct doc_node *running, struct arena *a);
/* Text of a key, "" when absent. */
const char *text_of(const struct doc_node *n, const char *key);

#endif
