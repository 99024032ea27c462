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

static void
see_device(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	(void)cli;
	(void)n;
	if (strcmp(type, "device") == 0)
		*(bool *)ctx = true;
}

/* It is recorded all the same: devices may come later. */
static void
warn_idle(struct cli *cli, const char *selector)
{
	struct buf b = BUF_INIT;
	struct err err = ERR_INIT;
	bool some = false;
	struct jw w;

	jw_init(&w, &b, false);
	jw_object(&w, NULL);
	jw_array(&w, "select");
	jw_string(&w, NULL, selector);
	jw_end(&w);
	jw_end(&w);
	if (cli_query(cli, "status", buf_span(&b), see_device, &some, &err) == 0 && !some)
		cli_warn("no device is \"%s\" now; `fairlead status` lists the devices", selector);
	buf_release(&b);
}

static int
cmd_suspend(struct cli *cli)
{
	int r = cli_each_word(cli, "suspend", "select", render, NULL);
	size_t i;

	for (i = 0; i < cli->n_words && r == 0; i++)
		warn_idle(cli, cli->words[i]);
	return r;
}

static int
cmd_resume(struct cli *cli)
{
	return cli_each_word(cli, "resume", "select", render, NULL);
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
