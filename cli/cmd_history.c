/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

static void
render(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	char commit[13];

	(void)cli;
	if (strcmp(type, "run") != 0)
		return;
	snprintf(commit, sizeof(commit), "%.12s", text_of(n, "commit"));
	table_row(ctx, (const char *const[]){ text_of(n, "id"), text_of(n, "started"),
	    doc_bool(n, "open") ? "running" : text_of(n, "outcome"), commit,
	    text_of(n, "who"), text_of(n, "subject") });
}

static int
cmd_history(struct cli *cli)
{
	static const char *const HEADS[] = { "RUN", "STARTED", "OUTCOME", "COMMIT", "ASKED BY",
		"SUBJECT", NULL };
	const char *limit = cli_value(cli, "limit");
	struct table *table = table_new(HEADS);
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;
	struct jw w;
	int r;

	jw_init(&w, &request, false);
	jw_object(&w, NULL);
	if (limit != NULL)
		jw_string(&w, "limit", limit);
	jw_end(&w);
	r = cli_call(cli, "history", buf_span(&request), render, table, &err);
	if (r == 0 && !cli->json)
		table_write(table, &cli->out);
	table_free(table);
	buf_release(&request);
	return r != 0 ? cli_fail(cli, &err) : 0;
}

static const struct cli_option OPTIONS[] = {
	{ "limit", "N", "how many runs, newest first (20)" },
	{ NULL, NULL, NULL },
};

const struct command CMD_HISTORY = {
	.name = "history",
	.args = "",
	.summary = "Runs, newest first.",
	.help = "example:\n"
		"  fairlead history --limit 5",
	.options = OPTIONS,
	.run = cmd_history,
};
