/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measure FILE COMMAND [ARGUMENT...]: run it and append one line of JSON to
 * FILE: wall and CPU seconds (its children that it waited for included), the
 * largest resident memory of one process in kB, and its exit code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	struct rusage use;
	int status = 0, code;
	double began;
	pid_t pid;
	FILE *f;

	if (argc < 3 || (f = fopen(argv[1], "ae")) == NULL) {
		fprintf(stderr, "usage: measure FILE COMMAND [ARGUMENT...]\n");
		return 126;
	}
	began = now();
	pid = fork();
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid)
		return 126;
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	fprintf(f, "{\"wall\":%.3f,\"cpu\":%.3f,\"peak_kb\":%ld,\"exit\":%d}\n", now() - began,
	    seconds(use.ru_utime) + seconds(use.ru_stime), use.ru_maxrss, code);
	fclose(f);
	return code;
}
