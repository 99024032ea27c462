/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

static void
render(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	if (strcmp(type, "device") == 0)
		buf_addf(&cli->out, "%s: %s\n", text_of(n, "device"), (const char *)ctx);
}

static int
cmd_release(struct cli *cli)
{
	char done[] = "released: the same change may be tried again";

	return cli_each_word(cli, "release", "device", render, done);
}

static int
accept_rewrite(struct cli *cli)
{
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;
	struct jw w;
	int r;

	if (cli->n_words > 0)
		return cli_usage(cli, "--rewrite is about the branch and takes no device");
	jw_init(&w, &request, false);
	jw_object(&w, NULL);
	jw_string(&w, "commit", cli_value(cli, "rewrite"));
	jw_string(&w, "reason", cli_value(cli, "reason"));
	jw_end(&w);
	r = cli_call(cli, "ack-rewrite", buf_span(&request), render, NULL, &err);
	if (r == 0 && !cli->json)
		buf_adds(&cli->out, "accepted: the branch is followed where it was rewritten "
		    "to; look at `fairlead plan`\n");
	buf_release(&request);
	return r != 0 ? cli_fail(cli, &err) : 0;
}

static int
cmd_ack(struct cli *cli)
{
	char done[] = "acknowledged: it may be planned and deployed again";

	return cli_value(cli, "rewrite") != NULL ? accept_rewrite(cli) :
	    cli_each_word(cli, "ack", "device", render, done);
}

static const struct cli_option OPTIONS[] = {
	{ "reason", "TEXT", "for the audit trail" },
	{ NULL, NULL, NULL },
};
static const struct cli_option ACK_OPTIONS[] = {
	{ "rewrite", "COMMIT", "accept that the branch was rewritten, to this commit" },
	{ "reason", "TEXT", "for the audit trail" },
	{ NULL, NULL, NULL },
};

const struct command CMD_RELEASE = {
	.name = "release",
	.args = "DEVICE...",
	.summary = "Let a held device be tried again.",
	.help = "A device is held after a change on it was taken back, until its inputs change\n"
		"or a person releases it.\n\n"
		"example:\n"
		"  fairlead release leaf1 --reason 'peer was down, is up again'",
	.options = OPTIONS,
	.run = cmd_release,
};

const struct command CMD_ACK = {
	.name = "ack",
	.args = "DEVICE... | --rewrite COMMIT",
	.summary = "End a quarantine after a look at the device; accept a rewritten branch.",
	.help = "A device is quarantined when neither its old nor its new configuration could\n"
		"be proven. Nothing touches it until a person has looked.\n\n"
		"A branch whose history was rewritten is not followed, and nothing is\n"
		"deployed, until a person has said with --rewrite that it was meant.\n\n"
		"examples:\n"
		"  fairlead ack leaf1 --reason 'console shows the old configuration'\n"
		"  fairlead ack --rewrite 2c9d8e7f6a5b --reason 'a secret was taken out of the history'",
	.options = ACK_OPTIONS,
	.run = cmd_ack,
};
