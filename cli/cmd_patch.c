/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/texts.h"

#include "diffing/patch.h"

static void
print_patch(struct cli *cli, const struct patch *p, const struct mask_key *key)
{
	struct buf text = BUF_INIT;
	struct jw w;

	if (cli->json) {
		jw_init(&w, &cli->out, false);
		jw_object(&w, NULL);
		patch_json(p, key, &w);
		jw_end(&w);
		buf_addc(&cli->out, '\n');
		return;
	}
	patch_text(p, key, &text);
	text_visible(&cli->out, buf_span(&text), true);
	buf_wipe(&text);
}

static int
cmd_patch(struct cli *cli)
{
	struct err err = ERR_INIT;
	struct cli_texts t;
	struct patch *p;
	int code = 2;

	if (cli_texts_read(cli, 2, &t)) {
		if (patch_make(&cli->arena, &t.dialect, t.text[0], t.text[1], &p, &err) != 0) {
			cli_fail(cli, &err);
		} else {
			print_patch(cli, p, t.key);
			code = p->n > 0 ? 1 : 0;
		}
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

const struct command CMD_PATCH = {
	.name = "patch",
	.args = "A B --platform NAME",
	.summary = "The commands that take a device from one configuration to another.",
	.help = "What a person would type in configuration mode, in an order that works.\n"
		"`-` is standard input. Secrets are shown as fingerprints.\n\n"
		"Exit code: 0 no commands, 1 some, 2 trouble.\n\n"
		"example:\n"
		"  fairlead patch running.cfg intended.cfg --platform arista_eos",
	.options = OPTIONS,
	.run = cmd_patch,
	.trouble = 2,
};
