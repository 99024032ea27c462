/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <unistd.h>

#include "devices/platform.h"
#include "diffing/diff.h"

static int
load_dialect(struct cli *cli, struct platforms **platforms, const struct dialect **out,
    struct err *err)
{
	const char *name = cli_value(cli, "platform");
	const struct platform *p;
	struct problems ps;
	int r;

	problems_init(&ps, &cli->arena);
	if ((r = platforms_load(platforms, cli_value(cli, "dir"), &ps, err)) != 0) {
		cli_problems(cli, &ps, STDERR_FILENO);
		return r;
	}
	if ((p = platforms_find(*platforms, name)) == NULL) {
		err_set(err, ERR_USAGE, "unknown platform \"%s\"", name);
		return err_next(err, "`fairlead platform list` shows what there is");
	}
	*out = platform_dialect(p);
	return 0;
}

static void
print_diff(struct cli *cli, const struct diff *d)
{
	struct mask_key key;
	struct jw w;

	/* Fingerprints compare within this output only. */
	cli->sys->random(cli->sys, key.bytes, sizeof(key.bytes));
	if (!cli->json) {
		diff_text(d, &key, cli_flag(cli, "ignored"), &cli->out);
		return;
	}
	jw_init(&w, &cli->out, false);
	diff_json(d, &key, &w, NULL);
	buf_addc(&cli->out, '\n');
}

static int
cmd_diff(struct cli *cli)
{
	char *a = NULL, *b = NULL;
	size_t a_len = 0, b_len = 0;
	struct platforms *platforms = NULL;
	const struct dialect *dialect = NULL;
	struct err err = ERR_INIT;
	struct diff *d;
	int code = 2;

	if (cli->n_words != 2 || cli_value(cli, "platform") == NULL) {
		cli_usage(cli, "diff takes two files and --platform");
		return 2;
	}
	if (load_dialect(cli, &platforms, &dialect, &err) != 0 ||
	    cli_read_file(cli->words[0], &a, &a_len, &err) != 0 ||
	    cli_read_file(cli->words[1], &b, &b_len, &err) != 0) {
		cli_fail(cli, &err);
	} else {
		d = diff_make(&cli->arena, dialect, span_of(a, a_len), span_of(b, b_len));
		print_diff(cli, d);
		code = diff_same(d) ? 0 : 1;
	}
	cli_flush(cli);
	platforms_free(platforms);
	free(a);
	free(b);
	return code;
}

static const struct cli_option OPTIONS[] = {
	{ "dir", "DIR", "directory of own definitions, which win by name" },
	{ "platform", "NAME", "whose configuration it is; required" },
	{ "ignored", NULL, "also show what the platform's rules ignore" },
	{ NULL, NULL, NULL },
};

const struct command CMD_DIFF = {
	.name = "diff",
	.args = "A B --platform NAME",
	.summary = "The difference between two configuration files.",
	.help = "`-` is standard input. Secrets are shown as fingerprints.\n\n"
		"Exit code: 0 same, 1 different, 2 trouble.\n\n"
		"example:\n"
		"  fairlead diff old.cfg new.cfg --platform arista_eos",
	.options = OPTIONS,
	.run = cmd_diff,
};
