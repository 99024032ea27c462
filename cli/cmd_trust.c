/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

struct shown {
	char type[64], fingerprint[128], verdict[16];
};

static void
take_key(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	struct shown *s = ctx;

	if (strcmp(type, "key") != 0) {
		show_other(type, n);
		return;
	}
	snprintf(s->type, sizeof(s->type), "%s", text_of(n, "type"));
	snprintf(s->fingerprint, sizeof(s->fingerprint), "%s", text_of(n, "fingerprint"));
	snprintf(s->verdict, sizeof(s->verdict), "%s", text_of(n, "verdict"));
	buf_addf(&cli->out, "%s: %s %s (%s)\n", text_of(n, "device"), s->type,
	    s->fingerprint, s->verdict);
}

static void
device_request(struct buf *b, const char *device, const struct shown *key)
{
	struct jw w;

	buf_clear(b);
	jw_init(&w, b, false);
	jw_object(&w, NULL);
	jw_string(&w, "device", device);
	if (key != NULL) {
		jw_string(&w, "type", key->type);
		jw_string(&w, "fingerprint", key->fingerprint);
	}
	jw_end(&w);
}

/* A person says yes, or has said beforehand which key is right (compared). */
static bool
accepted(struct cli *cli, const char *device, const struct shown *key)
{
	char question[256];

	if (cli_value(cli, "fingerprint") != NULL || cli_flag(cli, "yes"))
		return true;
	snprintf(question, sizeof(question), "%sTrust it for %.100s from now on?",
	    strcmp(key->verdict, "changed") == 0 ? "The key has CHANGED. " : "", device);
	return cli_confirm(cli, question);
}

static int
trust_one(struct cli *cli, const char *device, struct err *err)
{
	const char *expected = cli_value(cli, "fingerprint");
	struct buf request = BUF_INIT;
	struct shown key = { .type = "" };
	int r;

	device_request(&request, device, NULL);
	r = cli_call(cli, "host-key", buf_span(&request), take_key, &key, err);
	if (r == 0 && expected != NULL && strcmp(expected, key.fingerprint) != 0) {
		r = err_set(err, ERR_HOSTKEY, "%s: its key differs: it shows %s, you gave %s",
		    device, key.fingerprint, expected);
		err_next(err, "compare both with the device's console");
	} else if (r == 0 && strcmp(key.verdict, "trusted") != 0) {
		device_request(&request, device, &key);
		if (!accepted(cli, device, &key)) {
			r = err_set(err, ERR_HOSTKEY, "%s: the key was not accepted", device);
			err_next(err, "compare the fingerprint with the device's console, then "
			    "answer y, or give --fingerprint SHA256:...");
		} else {
			r = cli_query(cli, "trust", buf_span(&request), NULL, NULL, err);
			if (r == 0 && !cli->json)
				buf_addf(&cli->out, "%s: trusted now\n", device);
		}
	}
	buf_release(&request);
	return r;
}

static int
cmd_trust(struct cli *cli)
{
	struct err err = ERR_INIT;
	int exit_code = 0;
	size_t i;

	if (cli->n_words == 0)
		return cli_usage(cli, "name at least one device");
	if (cli->n_words > 1 && cli_value(cli, "fingerprint") != NULL)
		return cli_usage(cli, "--fingerprint goes with one device");
	for (i = 0; i < cli->n_words; i++) {
		err_clear(&err);
		if (trust_one(cli, cli->words[i], &err) != 0)
			exit_code = cli_fail(cli, &err);
	}
	return exit_code;
}

static const struct cli_option OPTIONS[] = {
	{ "fingerprint", "SHA256:...", "accept exactly this key, without asking" },
	{ "yes", NULL, "accept whatever is shown; for labs" },
	{ NULL, NULL, NULL },
};

const struct command CMD_TRUST = {
	.name = "trust",
	.args = "DEVICE...",
	.summary = "Learn a device's host key, shown first.",
	.help = "Shows the SSH host key that answers at the device's address and, when a person\n"
		"accepts it, trusts it from then on. Nothing else ever learns a key, and an\n"
		"unknown or changed key ends every other command before any credential is sent.\n\n"
		"examples:\n"
		"  fairlead trust leaf1\n"
		"  fairlead trust leaf1 --fingerprint SHA256:0jU4v3cyTQxz1aY4LV8dCAvPO5ZC7a1zXn6fRrHwq2k",
	.options = OPTIONS,
	.run = cmd_trust,
};
