/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <unistd.h>

#include "devices/platform.h"

static const char *
yes(bool b)
{
	return b ? "yes" : "no";
}

static const char *
confirm_word(const struct platform_caps *c)
{
	static const char *const WORDS[] = { "nobody", "any session", "arming session" };

	return WORDS[c->confirm];
}

static const char *
drop_word(const struct platform_caps *c)
{
	return !c->timer ? "-" : c->on_disconnect == DROP_TIMER_RUNS ? "timer runs" :
	    "reverts at once";
}

static void
list_json(struct cli *cli, const struct platform *p)
{
	const struct platform_caps *c = platform_caps(p);
	const char *const *alias;
	struct jw w;

	jw_init(&w, &cli->out, false);
	jw_object(&w, NULL);
	jw_object(&w, "platform");
	jw_string(&w, "name", platform_name(p));
	jw_string(&w, "title", platform_title(p));
	jw_bool(&w, "reachable", c->reads);
	jw_bool(&w, "candidate", c->candidate);
	jw_bool(&w, "native_diff", c->native_diff);
	jw_bool(&w, "check", c->check);
	jw_bool(&w, "timer", c->timer);
	jw_string(&w, "confirm", confirm_word(c));
	jw_string(&w, "on_disconnect", drop_word(c));
	jw_bool(&w, "reboot_reverts", c->reboot_reverts);
	jw_string(&w, "proof", c->proof);
	jw_string(&w, "hash", platform_hash(p));
	jw_string(&w, "file", platform_file(p));
	jw_array(&w, "aliases");
	for (alias = platform_aliases(p); *alias != NULL; alias++)
		jw_string(&w, NULL, *alias);
	jw_end(&w);
	jw_end(&w);
	jw_end(&w);
	buf_addc(&cli->out, '\n');
}

static void
list_row(struct table *t, const struct platform *p)
{
	const struct platform_caps *c = platform_caps(p);

	if (!c->reads)
		table_row(t, (const char *const[]){ platform_name(p), platform_title(p), "-", "-",
		    "-", "-", "-", "-", "-", c->proof });
	else
		table_row(t, (const char *const[]){ platform_name(p), platform_title(p),
		    yes(c->candidate), yes(c->native_diff), yes(c->check), yes(c->timer),
		    confirm_word(c), drop_word(c), c->reboot_reverts ? "reverts" : "-",
		    c->proof });
}

static int
list(struct cli *cli, const struct platforms *platforms)
{
	static const char *const HEADS[] = { "NAME", "TITLE", "CANDIDATE", "DIFF", "CHECK",
		"TIMER", "CONFIRMED BY", "ON DISCONNECT", "ON REBOOT", "PROOF", NULL };
	struct table *t = table_new(HEADS);
	size_t i;

	for (i = 0; i < platforms_count(platforms); i++) {
		if (cli->json)
			list_json(cli, platforms_at(platforms, i));
		else
			list_row(t, platforms_at(platforms, i));
	}
	if (!cli->json)
		table_write(t, &cli->out);
	table_free(t);
	return 0;
}

static int
show(struct cli *cli, const struct platforms *platforms)
{
	const struct platform *p = platforms_find(platforms, cli->words[1]);
	struct err err = ERR_INIT;

	if (p == NULL) {
		err_set(&err, ERR_NOTFOUND, "unknown platform \"%s\"", cli->words[1]);
		err_next(&err, "`fairlead platform list` shows what there is");
		return cli_fail(cli, &err);
	}
	if (cli->json)
		list_json(cli, p);
	else
		buf_adds(&cli->out, platform_source(p));
	return 0;
}

static int
cmd_platform(struct cli *cli)
{
	struct platforms *platforms = NULL;
	struct err err = ERR_INIT;
	struct problems ps;
	int code;

	if (cli->n_words == 0)
		return cli_usage(cli, "platform takes list or show");
	problems_init(&ps, &cli->arena);
	if (platforms_load(&platforms, cli_value(cli, "dir"), &ps, &err) != 0) {
		cli_problems(cli, &ps, STDERR_FILENO);
		return cli_fail(cli, &err);
	}
	if (strcmp(cli->words[0], "list") == 0 && cli->n_words == 1)
		code = list(cli, platforms);
	else if (strcmp(cli->words[0], "show") == 0 && cli->n_words == 2)
		code = show(cli, platforms);
	else
		code = cli_usage(cli, "platform takes `list` or `show NAME`");
	cli_flush(cli);
	platforms_free(platforms);
	return code;
}

static const struct cli_option OPTIONS[] = {
	{ "dir", "DIR", "directory of own definitions, which win by name" },
	{ NULL, NULL, NULL },
};

const struct command CMD_PLATFORM = {
	.name = "platform",
	.args = "list | show NAME",
	.summary = "Platforms and what each can do.",
	.help = "A platform is a YAML file; `show` prints it, to be read beside the vendor's\n"
		"manual or copied into a directory of own definitions.\n\n"
		"examples:\n"
		"  fairlead platform list\n"
		"  fairlead platform show arista_eos",
	.options = OPTIONS,
	.run = cmd_platform,
};
