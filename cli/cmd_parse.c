/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/texts.h"

static int
cmd_parse(struct cli *cli)
{
	struct cli_texts t;
	struct jw w;
	int code = 2;

	if (cli_texts_read(cli, 1, &t)) {
		cli_texts_warn(cli, 0, text_unended(&t.dialect, t.text[0]));
		if (cli->json) {
			jw_init(&w, &cli->out, false);
			parse_json(&t.dialect, t.key, t.text[0], &w, NULL);
			buf_addc(&cli->out, '\n');
		} else {
			parse_text(&t.dialect, t.key, t.text[0], &cli->out);
		}
		code = 0;
	}
	cli_flush(cli);
	cli_texts_release(&t);
	return code;
}

static const struct cli_option OPTIONS[] = {
	CLI_TEXTS_OPTIONS,
	CLI_SCOPE_OPTIONS,
	{ NULL, NULL, NULL },
};

const struct command CMD_PARSE = {
	.name = "parse",
	.args = "FILE --platform NAME",
	.summary = "How a configuration file is understood.",
	.help = "What is compared of it, a line each, below what it belongs to: line number, text,\n"
		"and what the platform's rules say about it. `-` is standard input. Secrets are\n"
		"shown as fingerprints.\n\n"
		"Exit code: 0 read, 2 trouble.\n\n"
		"example:\n"
		"  fairlead parse leaf1.cfg --platform arista_eos --json",
	.options = OPTIONS,
	.run = cmd_parse,
	.trouble = 2,
};
