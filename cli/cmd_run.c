/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "controller/daemon.h"

#include <unistd.h>

static int
cmd_run(struct cli *cli)
{
	struct controller *c = NULL;
	struct err err = ERR_INIT;
	struct problems ps;
	int r;

	if (cli->n_words > 0)
		return cli_usage(cli, "run takes no arguments");
	problems_init(&ps, &cli->arena);
	daemon_block_signals();
	r = controller_open(&c, cli->config, cli->self, cli->sys, false, &ps, &err);
	cli_problems(cli, &ps, STDERR_FILENO);
	if (r == 0)
		r = daemon_run(c, &err);
	controller_close(c);
	return r != 0 ? cli_fail(cli, &err) : 0;
}

static const struct cli_option OPTIONS[] = { { NULL, NULL, NULL } };

const struct command CMD_RUN = {
	.name = "run",
	.args = "",
	.summary = "The controller daemon.",
	.help = "Polls the repository, plans each new commit, deploys what its mode and gates\n"
		"allow, and commits reports to the results branch. What an earlier process\n"
		"left undecided is found out from the devices first.\n\n"
		"SIGTERM ends it when the devices in change are decided; a second one at\n"
		"once (the devices revert by their own timers).\n\n"
		"example:\n"
		"  fairlead run --config /etc/fairlead/fairlead.yaml",
	.options = OPTIONS,
	.run = cmd_run,
};
