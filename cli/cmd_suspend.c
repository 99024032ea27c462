/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

static void
render(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	(void)ctx;
	if (strcmp(type, "suspension") == 0)
		buf_addf(&cli->out, "suspended %s: %s%s%s\n", text_of(n, "selector"),
		    text_of(n, "reason"), doc_text(n, "until") != NULL ? ", until " : "",
		    text_of(n, "until"));
}

static int
ask(struct cli *cli, const char *op)
{
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;
	struct jw w;
	size_t i;
	int r = 0;

	if (cli->n_words == 0)
		return cli_usage(cli, "name at least one selector (`*` is all devices)");
	for (i = 0; i < cli->n_words && r == 0; i++) {
		buf_clear(&request);
		jw_init(&w, &request, false);
		jw_object(&w, NULL);
		jw_string(&w, "select", cli->words[i]);
		if (cli_value(cli, "reason") != NULL)
			jw_string(&w, "reason", cli_value(cli, "reason"));
		if (cli_value(cli, "for") != NULL)
			jw_string(&w, "for", cli_value(cli, "for"));
		jw_end(&w);
		r = cli_call(cli, op, buf_span(&request), render, NULL, &err);
	}
	buf_release(&request);
	return r != 0 ? cli_fail(cli, &err) : 0;
}

static int
cmd_suspend(struct cli *cli)
{
	return ask(cli, "suspend");
}

static int
cmd_resume(struct cli *cli)
{
	return ask(cli, "resume");
}

static const struct cli_option SUSPEND_OPTIONS[] = {
	{ "reason", "TEXT", "why; it is shown wherever the devices are blocked" },
	{ "for", "DURATION", "how long, such as 2h; without it, until resumed" },
	{ NULL, NULL, NULL },
};
static const struct cli_option RESUME_OPTIONS[] = { { NULL, NULL, NULL } };

const struct command CMD_SUSPEND = {
	.name = "suspend",
	.args = "SELECTOR...",
	.summary = "Keep off devices while a person works there.",
	.help = "No change is deployed to the selected devices until `fairlead resume` with\n"
		"the same selector, or until --for has passed.\n\n"
		"example:\n"
		"  fairlead suspend leaf1 --reason 'replacing a line card' --for 2h",
	.options = SUSPEND_OPTIONS,
	.run = cmd_suspend,
};

const struct command CMD_RESUME = {
	.name = "resume",
	.args = "SELECTOR...",
	.summary = "End a suspension.",
	.help = "example:\n"
		"  fairlead resume leaf1",
	.options = RESUME_OPTIONS,
	.run = cmd_resume,
};
