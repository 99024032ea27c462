/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint without a controller: a repository on this machine, one commit, and
 * optionally the settings it is meant for. Touches no device and no remote.
 */
#ifndef FAIRLEAD_CONTROLLER_LINT_H
#define FAIRLEAD_CONTROLLER_LINT_H

#include "controller/intent.h"

struct lint_result {
	struct problems problems;	/* in the caller's arena */
	char commit[41];
	size_t devices, managed;
};
/* dir: a clone or a bare repository; settings may be NULL. Fails only when the
 * commit cannot be read; findings are in out->problems. */
int lint_repository(struct lint_result *out, const char *dir, const char *rev,
    const struct settings *settings, struct arena *a, struct err *err);

/* Secrets that stand in a configuration in clear text, as the dialect's rules
 * find them; *line is that of the first. */
size_t lint_secrets(const struct dialect *d, struct span text, int *line);

#endif
