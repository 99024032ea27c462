/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

#include <unistd.h>

struct adopted {
	const char *dir;
	struct err *err;
	int result;
};

/* Running text as it is, secrets in the form the device stores them: this is
 * what the device should have, so it is what belongs into Git. */
static void
write_running(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	struct adopted *a = ctx;
	const char *path = doc_text(n, "path");

	if (strcmp(type, "running") != 0) {
		show_other(type, n);
		return;
	}
	path = path != NULL ? arena_printf(&cli->arena, "%s/%s", a->dir, path) :
	    arena_printf(&cli->arena, "%s/configs/%s.cfg", a->dir, text_of(n, "device"));
	a->result = cli_write_file(cli, path, running_text(n, &cli->arena), a->err);
	if (a->result == 0 && doc_int(n, "secrets", 0) > 0)
		cli_warn("%s: secrets as the device stores them: %lld, the first on line %lld; "
		    "write ${secret:NAME} in their place before you commit", path,
		    (long long)doc_int(n, "secrets", 0),
		    (long long)doc_int(n, "secrets_line", 0));
}

static int
adopt_one(struct cli *cli, const char *device, struct adopted *a)
{
	struct buf request = BUF_INIT;
	struct jw w;
	int r;

	jw_init(&w, &request, false);
	jw_object(&w, NULL);
	jw_string(&w, "device", device);
	jw_bool(&w, "secrets", true);
	jw_end(&w);
	r = cli_query(cli, "fetch", buf_span(&request), write_running, a, a->err);
	buf_release(&request);
	return r != 0 ? r : a->result;
}

static int
cmd_adopt(struct cli *cli)
{
	const char *dir = cli_value(cli, "dir");
	struct err err = ERR_INIT;
	struct adopted a = { .dir = dir != NULL ? dir : ".", .err = &err };
	const char *hosts = arena_printf(&cli->arena, "%s/inventory/hosts.yaml", a.dir);
	bool some = false;
	size_t i;
	int r = 0;

	if (cli->n_words == 0)
		return cli_usage(cli, "name at least one device");
	if (access(hosts, F_OK) != 0) {
		err_set(&err, ERR_USAGE, "%s is not a clone of the intended repository: there "
		    "is no %s", a.dir, hosts);
		err_next(&err, "run it in the clone, or name it with --dir");
		return cli_fail(cli, &err);
	}
	/* One that is down does not keep the others. */
	for (i = 0; i < cli->n_words; i++) {
		err_clear(&err);
		if (adopt_one(cli, cli->words[i], &a) != 0)
			r = cli_fail(cli, &err);
		else
			some = true;
	}
	if (some && !cli->json)
		buf_adds(&cli->out, "next: look at `git diff`, commit, and push; once merged, the "
		    "next plan is empty\n");
	return r;
}

static const struct cli_option OPTIONS[] = {
	{ "dir", "DIR", "clone of the intended repository (the current directory)" },
	{ NULL, NULL, NULL },
};

const struct command CMD_ADOPT = {
	.name = "adopt",
	.args = "DEVICE...",
	.summary = "Running becomes intended text.",
	.help = "Reads each device and writes its running configuration into the clone of the\n"
		"intended repository, to be reviewed, committed and merged like any change.\n\n"
		"example:\n"
		"  cd network && fairlead adopt leaf1 && git add -A && git commit -m 'leaf1: adopt'",
	.options = OPTIONS,
	.run = cmd_adopt,
};
