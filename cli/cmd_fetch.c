/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

#include <unistd.h>

static void
render(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	(void)ctx;
	/* Into a file as it is; a terminal must not be driven by a device. */
	if (strcmp(type, "running") == 0 && isatty(STDOUT_FILENO))
		text_visible(&cli->out, running_text(n, &cli->arena), true);
	else if (strcmp(type, "running") == 0)
		buf_addspan(&cli->out, running_text(n, &cli->arena));
	else
		show_other(type, n);
}

static int
cmd_fetch(struct cli *cli)
{
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;
	struct jw w;
	int r;

	if (cli->n_words != 1)
		return cli_usage(cli, "fetch takes one device");
	if (cli_flag(cli, "show-secrets") && !isatty(STDOUT_FILENO))
		return cli_usage(cli, "--show-secrets works on a terminal only");
	jw_init(&w, &request, false);
	jw_object(&w, NULL);
	jw_string(&w, "device", cli->words[0]);
	jw_bool(&w, "secrets", cli_flag(cli, "show-secrets"));
	if (cli_value(cli, "before") != NULL)
		jw_string(&w, "before", cli_value(cli, "before"));
	jw_end(&w);
	r = cli_call(cli, "fetch", buf_span(&request), render, NULL, &err);
	buf_release(&request);
	return r != 0 ? cli_fail(cli, &err) : 0;
}

static const struct cli_option OPTIONS[] = {
	{ "before", "RUN", "what ran before this run: the rollback copy it kept" },
	{ "show-secrets", NULL, "do not mask secrets; on a terminal only" },
	{ NULL, NULL, NULL },
};

const struct command CMD_FETCH = {
	.name = "fetch",
	.args = "DEVICE",
	.summary = "The running configuration of a device, secrets masked.",
	.help = "example:\n"
		"  fairlead fetch leaf1 > leaf1.txt\n"
		"  fairlead fetch leaf1 --before 20261121t0955",
	.options = OPTIONS,
	.run = cmd_fetch,
};
