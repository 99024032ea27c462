/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes without a shell: an argument vector, an environment given
 * whole, a process group of its own that is killed at the deadline, caps on
 * output and on the size of files it may write.
 */
#ifndef FAIRLEAD_BASE_PROC_H
#define FAIRLEAD_BASE_PROC_H

#include "base/sys.h"
#include "base/text.h"

struct proc {
	const char *const *argv;	/* NULL-terminated; argv[0] looked up in our PATH */
	const char *const *env;		/* NULL-terminated "K=V"; NULL: inherit */
	const char *dir;		/* working directory, or NULL */
	struct span input;		/* written to stdin, then closed */
	int64_t timeout_ms;		/* of sys's clock; then SIGTERM, 1 s later SIGKILL */
	size_t max_output;		/* of stdout and of stderr, each; past it: killed */
	int64_t max_file;		/* RLIMIT_FSIZE in bytes; 0: as ours */
};

struct proc_result {
	int status;		/* exit code, or 128 + signal */
	bool timed_out;
	bool too_long;		/* max_output was reached */
	struct buf out, err;
};

/* Run to the end. Fails (ERR_IO; ERR_FULL without descriptors) only when the
 * child could not be started; everything else is in *result, which the caller
 * releases in either case. What is left of the child's group after its end is
 * killed, and output is waited for a quarter of a second at most, so nobody
 * who holds its pipes holds us. The child gets no descriptor of ours but 0 to 2, and signals as usual. */
int proc_run(struct sys *sys, const struct proc *p, struct proc_result *result,
    struct err *err);
void proc_result_release(struct proc_result *result);

#endif
