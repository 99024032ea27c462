/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands about configuration files share: the platform, the files,
 * what of them counts, and how secrets and signs are shown.
 */
#ifndef FAIRLEAD_CLI_TEXTS_H
#define FAIRLEAD_CLI_TEXTS_H

#include "cli/cli.h"
#include "devices/platform.h"
#include "diffing/diff.h"

#define CLI_TEXTS_MAX 3

struct cli_texts {
	struct platforms *platforms;
	struct dialect dialect;		/* with --only and --except */
	struct dialect_rule only, except;
	struct re *patterns[2];
	char *data[CLI_TEXTS_MAX];
	struct span text[CLI_TEXTS_MAX];
	struct mask_key random;		/* fingerprints compare within one output */
	const struct mask_key *key;	/* NULL: --show-secrets */
};
/* The options that cli_texts_read() knows, for the tables of commands. */
#define CLI_TEXTS_OPTIONS \
	{ "platform", "NAME", "whose configuration it is; required" }, \
	{ "dir", "DIR", "directory of own definitions, which win by name" }, \
	{ "show-secrets", NULL, "secrets as they are; on a terminal only" }
#define CLI_SCOPE_OPTIONS \
	{ "only", "REGEX", "only lines that match, what is below and above them" }, \
	{ "except", "REGEX", "all but lines that match, and what is below them" }

/* Read the n files that the words name, and what the options say. Prints what
 * is wrong and returns false. cli_texts_release() in any case. */
bool cli_texts_read(struct cli *cli, size_t n, struct cli_texts *t);
/* Say on standard error that file i ends in the middle of what begins in a line; 0:
 * that it does not, which says nothing. */
void cli_texts_warn(const struct cli *cli, size_t i, uint32_t line);
void cli_texts_release(struct cli_texts *t);
/* Add a difference as text, in colour on a terminal. */
void cli_add_diff(struct cli *cli, const struct diff *d, const struct mask_key *key);

#endif
