/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports: rendering records for people and machines. JSON is canonical, the
 * rest is rendered from the same records. Pure: records in, text out; what
 * came from outside is escaped for its sink by base/writer.h.
 */
#ifndef FAIRLEAD_CONTROLLER_REPORT_H
#define FAIRLEAD_CONTROLLER_REPORT_H

#include "controller/record.h"

/* A run with its jobs, sorted by device. */
struct run_report {
	const char *instance;
	struct run_record run;
	struct job_record *jobs;
	size_t n;
};
void report_json(const struct run_report *r, struct buf *out);
void report_markdown(const struct run_report *r, struct buf *out);
void report_csv(const struct run_report *r, struct buf *out);
void report_checks_json(const struct job_record *job, struct buf *out);
/* One line: "succeeded: 2 deployed, 4 unchanged". */
void report_verdict(const struct run_record *run, struct buf *out);

/* The network at a glance. */
struct network_report {
	const char *instance, *commit, *at;
	struct device_record *devices;	/* sorted by name */
	size_t n;
	struct run_record *runs;	/* newest first */
	size_t n_runs;
};
void network_json(const struct network_report *r, struct buf *out);
void network_markdown(const struct network_report *r, struct buf *out);

/* One device; `job` is its part in the run being published, or NULL. */
void device_json(const struct device_record *d, struct buf *out);
void device_markdown(const struct device_record *d, const struct job_record *job,
    struct buf *out);

/* Paths on the results branch, in a. */
const char *run_path(const struct run_record *run, const char *file, struct arena *a);
const char *device_path(const char *top, const char *site, const char *device,
    const char *suffix, struct arena *a);

#endif
