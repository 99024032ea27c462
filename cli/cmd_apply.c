/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/show.h"

#include <unistd.h>

/* The plans a person looks at: shown, and remembered with their ids, so that
 * only what was shown is deployed. */
struct looking {
	struct plan_counts counts;
	struct jw *plans;
};

static void
look(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	struct looking *l = ctx;

	if (strcmp(type, "plan") != 0) {
		show_other(type, n);
		return;
	}
	count_plan(n, &l->counts);
	show_plan(n, &cli->out);
	if (doc_text(n, "plan") != NULL)
		jw_string(l->plans, doc_text(n, "device"), doc_text(n, "plan"));
}

/* An unmanaged device is as Git says: nothing was asked for it. */
static bool
as_intended(const struct doc_node *job)
{
	const char *end = text_of(job, "end");

	return strcmp(end, "deployed") == 0 || strcmp(end, "unchanged") == 0 ||
	    strcmp(end, "baselined") == 0 ||
	    strcmp(text_of(job, "sync"), "unmanaged") == 0;
}

/* hh:mm:ss of an event. */
static const char *
clock_of(const struct doc_node *event)
{
	const char *at = text_of(event, "at");

	return strlen(at) > 11 ? at + 11 : "";
}

/* ctx: whether all jobs so far, and at last the run, ended well. */
static void
follow(struct cli *cli, const char *type, const struct doc_node *n, void *ctx)
{
	const char *outcome = doc_text(n, "outcome");
	bool *good = ctx;

	if (strcmp(type, "event") == 0) {
		if (doc_text(n, "device") != NULL || strcmp(text_of(n, "what"), "outbox") == 0 ||
		    strcmp(text_of(n, "what"), "warning") == 0)
			buf_addf(&cli->out, "%.8s  %-12s %-10s %s\n", clock_of(n),
			    text_of(n, "device"), text_of(n, "what"), text_of(n, "text"));
	} else if (strcmp(type, "job") == 0) {
		*good = *good && as_intended(n);
		if (strcmp(text_of(n, "end"), "deployed") != 0 &&
		    strcmp(text_of(n, "end"), "unchanged") != 0)
			show_job(n, &cli->out);
	} else if (strcmp(type, "recovered") == 0) {
		buf_adds(&cli->out, "an earlier run was interrupted; its devices were asked, and "
		    "it is decided:\n");
		show_run(n, &cli->out);
	} else if (strcmp(type, "run") == 0) {
		*good = *good && outcome != NULL && strcmp(outcome, "failed") != 0;
		show_run(n, &cli->out);
	} else {
		show_other(type, n);
	}
}

static int
ask(struct cli *cli, struct looking *l, struct buf *select, struct err *err)
{
	int r;

	if ((r = cli_query(cli, "plan", buf_span(select), look, l, err)) != 0)
		return cli_fail(cli, err);
	show_plan_sum(&l->counts, &cli->out);
	cli_flush(cli);
	if (l->counts.changes > 0 && !cli_confirm(cli, "Deploy this?")) {
		if (!isatty(STDIN_FILENO))
			return cli_usage(cli, "apply asks on a terminal; elsewhere give --yes");
		return 1;
	}
	return 0;
}

static void
add_options(struct cli *cli, struct jw *w)
{
	jw_string(w, "reason", cli_value(cli, "reason"));
	jw_bool(w, "first", cli_flag(cli, "first"));
	jw_bool(w, "lifeline", cli_flag(cli, "allow-lifeline"));
	jw_bool(w, "drift", cli_flag(cli, "undo-drift"));
}

static int
cmd_apply(struct cli *cli)
{
	struct buf select = BUF_INIT, plans = BUF_INIT;
	struct looking looking = { .plans = NULL };
	struct jw select_w, plans_w;
	struct err err = ERR_INIT;
	bool good = true;
	int r = 0;

	if (cli->json && !cli_flag(cli, "yes"))
		return cli_usage(cli, "apply asks on a terminal; with --json give --yes");
	jw_init(&plans_w, &plans, false);
	jw_object(&plans_w, NULL);
	looking.plans = &plans_w;
	if (!cli_flag(cli, "yes")) {
		request_select(&select_w, &select, cli);
		add_options(cli, &select_w);
		jw_end(&select_w);
		r = ask(cli, &looking, &select, &err);
		buf_clear(&select);
	}
	jw_end(&plans_w);
	if (r == 0) {
		request_select(&select_w, &select, cli);
		add_options(cli, &select_w);
		jw_bool(&select_w, "looked", !cli_flag(cli, "yes"));
		jw_raw(&select_w, "plans", buf_span(&plans));
		jw_end(&select_w);
		if (cli_call(cli, "apply", buf_span(&select), follow, &good, &err) != 0)
			r = cli_fail(cli, &err);
		else
			r = good ? 0 : 1;
	}
	buf_release(&select);
	buf_release(&plans);
	return r;
}

static const struct cli_option OPTIONS[] = {
	{ "yes", NULL, "do not ask; the gates still hold" },
	{ "reason", "TEXT", "why, for the report and the audit trail" },
	{ "first", NULL, "also replace what runs on new devices" },
	{ "allow-lifeline", NULL, "also change what keeps the device reachable" },
	{ "undo-drift", NULL, "also undo what somebody changed on the device" },
	{ NULL, NULL, NULL },
};

const struct command CMD_APPLY = {
	.name = "apply",
	.args = "[SELECTOR...]",
	.summary = "Make it so.",
	.help = "Fetches the branch, shows the plan, asks, and deploys: one device first, then\n"
		"the rest. Each device is changed under its own rollback timer, proven on a\n"
		"new session and by its checks, and only then confirmed. The report goes to\n"
		"the results branch.\n\n"
		"Exit code: 0 all selected devices are as intended or unmanaged, 1 otherwise.\n\n"
		"examples:\n"
		"  fairlead apply leaf1\n"
		"  fairlead apply site=dc1 --yes --reason CHG-1234",
	.options = OPTIONS,
	.run = cmd_apply,
};
