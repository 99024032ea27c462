/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

static void
render(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	struct plan_counts *counts = ctx;

	if (strcmp(type, "plan") == 0) {
		count_plan(n, counts);
		show_plan(n, &cli->out);
	} else if (strcmp(type, "source") == 0) {
		buf_addf(&cli->out, "commit %.12s %s\n\n", doc_text(n, "commit"),
		    doc_text(n, "subject"));
	} else {
		show_other(type, n);
	}
}

static int
cmd_plan(struct cli *cli)
{
	struct plan_counts counts = { 0 };
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;
	struct jw w;
	int r;

	request_select(&w, &request, cli);
	jw_end(&w);
	r = cli_call(cli, "plan", buf_span(&request), render, &counts, &err);
	buf_release(&request);
	if (r != 0)
		return cli_fail(cli, &err);
	if (!cli->json)
		show_plan_sum(&counts, &cli->out);
	return counts.failed > 0 ? 1 : counts.changes > 0 ? 2 : 0;
}

static const struct cli_option OPTIONS[] = { { NULL, NULL, NULL } };

const struct command CMD_PLAN = {
	.name = "plan",
	.args = "[SELECTOR...]",
	.summary = "What would change.",
	.help = "Fetches the branch, reads each selected device with its read credential, and\n"
		"shows the difference between running and intended. Changes nothing.\n\n"
		"Exit code: 0 nothing would change, 2 something would, 1 trouble.\n\n"
		"examples:\n"
		"  fairlead plan\n"
		"  fairlead plan site=dc1,role=leaf spine1",
	.options = OPTIONS,
	.run = cmd_plan,
};
