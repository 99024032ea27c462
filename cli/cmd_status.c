/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

struct state {
	struct table *table;
	struct buf notes;
};

/* What a person should know first. */
static const char *
note_of(struct cli *cli, const struct doc_node *n)
{
	if (doc_text(n, "quarantined") != NULL)
		return arena_printf(&cli->arena, "QUARANTINED (fairlead ack %s): %s",
		    text_of(n, "device"), doc_text(n, "quarantined"));
	if (doc_text(n, "held") != NULL)
		return arena_printf(&cli->arena, "held (fairlead release %s): %s",
		    text_of(n, "device"), doc_text(n, "held"));
	return text_of(n, "why");
}

static void
render(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	struct state *s = ctx;

	if (strcmp(type, "device") == 0) {
		table_row(s->table, (const char *const[]){ text_of(n, "device"),
		    text_of(n, "site"), text_of(n, "platform"), text_of(n, "sync"),
		    text_of(n, "health"), text_of(n, "seen"), note_of(cli, n) });
	} else if (strcmp(type, "suspension") == 0) {
		buf_addf(&s->notes, "suspended: %s: %s (%s)%s%s\n", text_of(n, "selector"),
		    text_of(n, "reason"), text_of(n, "who"),
		    doc_text(n, "until") != NULL ? " until " : "", text_of(n, "until"));
	} else if (strcmp(type, "controller") == 0) {
		if (doc_text(n, "source") != NULL)
			buf_addf(&s->notes, "Git is not followed: %s\n", text_of(n, "source"));
		if (doc_int(n, "errors", 0) > 0)
			buf_addf(&s->notes, "%lld errors in the newest commit; `fairlead plan` "
			    "and `fairlead lint` say which\n", (long long)doc_int(n, "errors", 0));
		if (doc_int(n, "outbox", 0) > 0)
			buf_addf(&s->notes, "%lld reports wait for the results remote\n",
			    (long long)doc_int(n, "outbox", 0));
		if (doc_bool(n, "interrupted"))
			buf_adds(&s->notes, "a run is open; if no fairlead is at work, the next "
			    "`fairlead run` or `apply` decides it\n");
		else if (doc_bool(n, "open"))
			buf_adds(&s->notes, "a run is under way\n");
	} else {
		show_other(type, n);
	}
}

static int
cmd_status(struct cli *cli)
{
	static const char *const HEADS[] = { "DEVICE", "SITE", "PLATFORM", "SYNC", "HEALTH",
		"SEEN", "NOTE", NULL };
	struct state s = { .table = table_new(HEADS) };
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;
	struct jw w;
	int r;

	request_select(&w, &request, cli);
	jw_end(&w);
	r = cli_call(cli, "status", buf_span(&request), render, &s, &err);
	if (r == 0 && !cli->json) {
		table_write(s.table, &cli->out);
		buf_addspan(&cli->out, buf_span(&s.notes));
	}
	table_free(s.table);
	buf_release(&s.notes);
	buf_release(&request);
	return r != 0 ? cli_fail(cli, &err) : 0;
}

static const struct cli_option OPTIONS[] = { { NULL, NULL, NULL } };

const struct command CMD_STATUS = {
	.name = "status",
	.args = "[SELECTOR...]",
	.summary = "Devices as last seen, holds, suspensions, outbox.",
	.help = "Reads what is remembered; touches no device and no remote.\n\n"
		"examples:\n"
		"  fairlead status\n"
		"  fairlead status site=dc1 --json",
	.options = OPTIONS,
	.run = cmd_status,
};
