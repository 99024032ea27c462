/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

static void
show_checks(const struct doc_node *checks, struct buf *out)
{
	size_t i;

	for (i = 0; checks != NULL && i < checks->n; i++)
		buf_addf(out, "  check %s (%s): %s %s\n", text_of(checks->items[i], "id"),
		    text_of(checks->items[i], "phase"), text_of(checks->items[i], "status"),
		    text_of(checks->items[i], "why"));
}

static void
render(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	const char *diff = doc_text(n, "diff");

	(void)ctx;
	if (strcmp(type, "run") == 0) {
		show_run(n, &cli->out);
		buf_addc(&cli->out, '\n');
	} else if (strcmp(type, "job") == 0) {
		show_job(n, &cli->out);
		show_checks(doc_get(n, "checks"), &cli->out);
		if (diff != NULL)
			buf_addf(&cli->out, "%s\n", diff);
	}
}

static int
cmd_show(struct cli *cli)
{
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;
	struct jw w;
	int r;

	if (cli->n_words > 1)
		return cli_usage(cli, "show takes one run");
	jw_init(&w, &request, false);
	jw_object(&w, NULL);
	if (cli->n_words == 1)
		jw_string(&w, "run", cli->words[0]);
	jw_end(&w);
	r = cli_call(cli, "show", buf_span(&request), render, NULL, &err);
	buf_release(&request);
	return r != 0 ? cli_fail(cli, &err) : 0;
}

static const struct cli_option OPTIONS[] = { { NULL, NULL, NULL } };

const struct command CMD_SHOW = {
	.name = "show",
	.args = "[RUN]",
	.summary = "One run: every device, its end, its change.",
	.help = "RUN is an id or the beginning of one; without it, the newest run.\n\n"
		"example:\n"
		"  fairlead show 20261121t101512z",
	.options = OPTIONS,
	.run = cmd_show,
};
