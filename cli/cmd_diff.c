/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/texts.h"

/* Of Markdown: more than a forge takes in a comment is cut. */
#define MARKDOWN_MAX ((size_t)60000)

static void
print_diff(struct cli *cli, const struct diff *d, const struct mask_key *key)
{
	struct jw w;

	if (cli->json) {
		jw_init(&w, &cli->out, false);
		diff_json(d, key, &w, NULL);
		buf_addc(&cli->out, '\n');
	} else if (cli_flag(cli, "markdown")) {
		diff_markdown(d, key, MARKDOWN_MAX, &cli->out);
	} else {
		cli_add_diff(cli, d, key);
	}
}

static int
cmd_diff(struct cli *cli)
{
	struct cli_texts t;
	struct diff *d;
	int code = 2;

	if (cli->json && cli_flag(cli, "markdown"))
		return cli_usage(cli, "--json or --markdown, not both");
	if (cli_texts_read(cli, 2, &t)) {
		d = diff_make(&cli->arena, &t.dialect, t.text[0], t.text[1]);
		cli_texts_warn(cli, 0, d->unended[0]);
		cli_texts_warn(cli, 1, d->unended[1]);
		print_diff(cli, d, t.key);
		code = diff_same(d) ? 0 : 1;
	}
	cli_flush(cli);
	cli_texts_release(&t);
	return code;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXTS_OPTIONS,
	CLI_SCOPE_OPTIONS,
	{ "ignored", NULL, "also show what the platform's rules ignore" },
	{ "markdown", NULL, "as Markdown, for a comment or a report" },
	{ NULL, NULL, NULL },
};

const struct command CMD_DIFF = {
	.name = "diff",
	.args = "A B --platform NAME",
	.summary = "The difference between two configuration files.",
	.help = "By meaning: what only stands elsewhere is no difference, unless its order means\n"
		"something. + added, - removed, ~ moved. `-` is standard input. Secrets are\n"
		"shown as fingerprints.\n\n"
		"Exit code: 0 same, 1 different, 2 trouble.\n\n"
		"example:\n"
		"  fairlead diff old.cfg new.cfg --platform arista_eos",
	.options = OPTIONS,
	.run = cmd_diff,
	.trouble = 2,
};

/*
 * Three texts.
 */
static int
cmd_diff3(struct cli *cli)
{
	struct cli_texts t;
	struct diff *d;
	int code = 2;

	if (cli_texts_read(cli, 3, &t)) {
		d = diff3_make(&cli->arena, &t.dialect, &(struct diff3){ .applied = t.text[0],
		    .intended = t.text[1], .running = t.text[2],
		    .sent = cli_flag(cli, "sent") });
		cli_texts_warn(cli, 0, text_unended(&t.dialect, t.text[0]));
		cli_texts_warn(cli, 1, d->unended[1]);
		cli_texts_warn(cli, 2, d->unended[0]);
		print_diff(cli, d, t.key);
		code = diff_same(d) ? 0 : 1;
	}
	cli_flush(cli);
	cli_texts_release(&t);
	return code;
}

static const struct cli_option OPTIONS3[] = {
	CLI_TEXTS_OPTIONS,
	CLI_SCOPE_OPTIONS,
	{ "sent", NULL, "INTENDED was just sent over APPLIED, and RUNNING was read back" },
	{ "ignored", NULL, "also show what the platform's rules ignore" },
	{ NULL, NULL, NULL },
};

const struct command CMD_DIFF3 = {
	.name = "diff3",
	.args = "APPLIED INTENDED RUNNING --platform NAME",
	.summary = "Whose doing a difference is: Git's or the device's.",
	.help = "The difference from RUNNING to INTENDED, each line with its origin: `pending`, Git\n"
		"moved on; `drift`, somebody changed the device; `conflict`, both did.\n\n"
		"With --sent: `not-accepted`, the device was sent it and does not have it so;\n"
		"`rewrite`, the device shows it in its own words; `drift`, it came by itself.\n\n"
		"Exit code: 0 no difference, 1 some, 2 trouble.\n\n"
		"example:\n"
		"  fairlead diff3 applied.cfg intended.cfg running.cfg --platform arista_eos",
	.options = OPTIONS3,
	.run = cmd_diff3,
	.trouble = 2,
};
