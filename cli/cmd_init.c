/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <unistd.h>

/* A repository that lints clean, small enough to be read whole. */
static const struct {
	const char *path, *text;
} FILES[] = {
	{ "README.md",
	    "# Intended configurations\n\n"
	    "What is merged here is what runs on the network.\n\n"
	    "- `inventory/`: the devices (Nornir SimpleInventory)\n"
	    "- `configs/<device>.cfg`: the full configuration each device should have\n"
	    "- `checks/`: what must hold before and after a change\n"
	    "- `fairlead.yaml`: policy\n\n"
	    "`fairlead lint` checks all of it.\n" },
	{ "fairlead.yaml", "# Policy that travels with this repository.\nversion: 1\n" },
	{ "inventory/hosts.yaml",
	    "# One entry a device. `fairlead adopt NAME` then brings its configuration.\n"
	    "#\n"
	    "# leaf1:\n"
	    "#   hostname: 192.0.2.11\n"
	    "#   platform: arista_eos\n"
	    "#   groups: [leaves]\n"
	    "#   data:\n"
	    "#     site: dc1\n" },
	{ "inventory/groups.yaml",
	    "# Values that several devices share.\n"
	    "leaves:\n"
	    "  data:\n"
	    "    role: leaf\n" },
	{ "inventory/defaults.yaml", "# Values for all devices.\nport: 22\n" },
	{ "checks/README.md",
	    "# Checks\n\n"
	    "Every `*.yaml` here is a list of checks, for example:\n\n"
	    "```yaml\n"
	    "checks:\n"
	    "  - id: routes\n"
	    "    title: All static routes are there\n"
	    "    select: platform=bird\n"
	    "    run: show route count\n"
	    "    match: \"~ ^3 of 3 routes\"\n"
	    "    settle: { for: 10s, every: 1s }\n"
	    "```\n" },
	{ "configs/README.md",
	    "# Configurations\n\nOne file a device: `<device>.cfg`, `.conf` or `.txt`, the "
	    "whole configuration.\n" },
};

static int
cmd_init(struct cli *cli)
{
	const char *dir = cli->n_words == 1 ? cli->words[0] : ".";
	struct err err = ERR_INIT;
	const char *path;
	size_t i;

	if (cli->n_words > 1)
		return cli_usage(cli, "init takes one directory");
	for (i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++) {
		path = arena_printf(&cli->arena, "%s/%s", dir, FILES[i].path);
		if (access(path, F_OK) == 0)
			cli_say_file(cli, "kept", path);
		else if (cli_write_file(cli, path, span_str(FILES[i].text), &err) != 0)
			return cli_fail(cli, &err);
	}
	if (!cli->json)
		buf_adds(&cli->out, "next: add devices to inventory/hosts.yaml, commit and push; "
		    "write the controller's settings (docs/guide.md, step 3, has a first "
		    "file); then `fairlead adopt NAME` in this directory\n");
	return 0;
}

static const struct cli_option OPTIONS[] = { { NULL, NULL, NULL } };

const struct command CMD_INIT = {
	.name = "init",
	.args = "[DIR]",
	.summary = "Start an intended repository.",
	.help = "Writes a commented skeleton. Files that exist are kept.\n\n"
		"example:\n"
		"  fairlead init network && cd network && git init -b main",
	.options = OPTIONS,
	.run = cmd_init,
};
