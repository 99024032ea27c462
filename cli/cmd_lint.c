/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

#include <unistd.h>

#include "controller/lint.h"

/* Settings are optional here: a repository can be linted where no controller
 * is. Given explicitly they must be right. */
static int
lint_settings(struct cli *cli, struct settings *settings, bool *have, struct err *err)
{
	struct problems ps;
	int r;

	*have = false;
	if (cli_value(cli, "config") == NULL && getenv("FAIRLEAD_CONFIG") == NULL &&
	    access(cli->config, R_OK) != 0)
		return 0;
	problems_init(&ps, &cli->arena);
	r = settings_read(settings, cli->config, &cli->arena, &ps, err);
	cli_problems(cli, &ps, STDOUT_FILENO);
	*have = r == 0;
	return r;
}

static int
cmd_lint(struct cli *cli)
{
	const char *rev = cli_value(cli, "ref");
	struct lint_result result;
	struct settings settings;
	struct err err = ERR_INIT;
	bool have;

	if (cli->n_words > 1)
		return cli_usage(cli, "lint takes one directory");
	if (lint_settings(cli, &settings, &have, &err) != 0 ||
	    lint_repository(&result, cli->n_words == 1 ? cli->words[0] : ".",
	    rev != NULL ? rev : "HEAD", have ? &settings : NULL, &cli->arena, &err) != 0)
		return cli_fail(cli, &err);
	cli_problems(cli, &result.problems, STDOUT_FILENO);
	if (!cli->json)
		buf_addf(&cli->out, "commit %.12s: %zu devices, %zu with a configuration, "
		    "%zu errors, %zu warnings%s\n", result.commit, result.devices,
		    result.managed, result.problems.errors,
		    result.problems.warnings,
		    have ? "" : " (no settings read: credentials and secrets not checked)");
	return result.problems.errors > 0 ? 1 : 0;
}

static const struct cli_option OPTIONS[] = {
	{ "ref", "REV", "commit, branch or tag to check (HEAD)" },
	{ NULL, NULL, NULL },
};

const struct command CMD_LINT = {
	.name = "lint",
	.args = "[DIR]",
	.summary = "Check a repository and the settings, no device touched.",
	.help = "DIR is a clone or a bare repository (the current directory when not given).\n"
		"What is committed is checked, not what is in the working tree. With settings\n"
		"(--config, $FAIRLEAD_CONFIG, or the default file when it is there)\n"
		"credentials, secrets and timers are checked too.\n\n"
		"Exit code: 0 no errors, 1 errors.\n\n"
		"examples:\n"
		"  fairlead lint\n"
		"  fairlead lint --ref origin/main --config /etc/fairlead/fairlead.yaml",
	.options = OPTIONS,
	.run = cmd_lint,
};
