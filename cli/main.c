/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "controller/controller.h"
#include "version.h"

#define DEFAULT_CONFIG "/etc/fairlead/fairlead.yaml"
#define OPTIONS_MAX 24

static const struct command *const COMMANDS[] = {
	&CMD_INIT, &CMD_ADOPT, &CMD_LINT, &CMD_PLAN, &CMD_APPLY, &CMD_RUN, &CMD_STATUS,
	&CMD_HISTORY, &CMD_SHOW, &CMD_FETCH, &CMD_DIFF, &CMD_PATCH, &CMD_DIFF3, &CMD_PARSE, &CMD_TRUST, &CMD_SUSPEND,
	&CMD_RESUME, &CMD_RELEASE, &CMD_ACK, &CMD_PLATFORM,
};
#define COMMANDS_N (sizeof(COMMANDS) / sizeof(COMMANDS[0]))

static const struct cli_option COMMON[] = {
	{ "config", "FILE", "settings of the controller (" DEFAULT_CONFIG
			    ", or $FAIRLEAD_CONFIG)" },
	{ "json", NULL, "one JSON record a line on stdout" },
	{ "verbose", NULL, "log more on stderr" },
	{ "help", NULL, "this text" },
#ifdef FAIRLEAD_FAULTS
	{ "time-scale", "N", "make time run N times faster (test builds)" },
#endif
	{ NULL, NULL, NULL },
};

static void
print_options(const struct cli_option *o, struct buf *b)
{
	struct buf name = BUF_INIT;

	for (; o != NULL && o->name != NULL; o++) {
		buf_clear(&name);
		buf_addf(&name, "--%s%s%s", o->name, o->arg != NULL ? " " : "",
		    o->arg != NULL ? o->arg : "");
		buf_addf(b, "  %-24s %s\n", buf_str(&name), o->help);
	}
	buf_release(&name);
}

static int
print_help(struct cli *cli)
{
	const struct command *c = cli->command;
	struct buf *b = &cli->out;
	size_t i;

	if (c != NULL) {
		buf_addf(b, "usage: fairlead %s%s%s [options]\n\n%s\n\n%s\n\noptions:\n", c->name,
		    c->args[0] != '\0' ? " " : "", c->args, c->summary, c->help);
		print_options(c->options, b);
	} else {
		buf_adds(b, "usage: fairlead COMMAND [ARGUMENT...] [options]\n\n"
		    "GitOps for network devices: what is merged in Git is what runs.\n\n"
		    "commands:\n");
		for (i = 0; i < COMMANDS_N; i++)
			buf_addf(b, "  %-10s %-22s %s\n", COMMANDS[i]->name, COMMANDS[i]->args,
			    COMMANDS[i]->summary);
		buf_adds(b, "\n`fairlead COMMAND --help` says more, with an example.\n"
		    "SELECTOR: leaf1, leaf*, site=dc1, role=leaf, group=spines, tag=core, "
		    "platform=bird;\n  a comma is and, several are or.\n\noptions:\n");
	}
	print_options(COMMON, b);
	cli_flush(cli);
	return 0;
}

static const struct command *
find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS_N; i++)
		if (strcmp(COMMANDS[i]->name, name) == 0)
			return COMMANDS[i];
	return NULL;
}

static int
add_options(struct option *into, int n, const struct cli_option *o)
{
	for (; o != NULL && o->name != NULL && n < OPTIONS_MAX; o++)
		into[n++] = (struct option){ o->name,
			o->arg != NULL ? required_argument : no_argument, NULL, 0 };
	return n;
}

/* Reasons are shown in tables and sentences. */
static char *
one_line(struct arena *a, const char *s)
{
	struct span rest = span_str(s), line;
	struct buf b = BUF_INIT;
	char *out;

	while (span_line(&rest, &line)) {
		buf_adds(&b, b.len > 0 ? " | " : "");
		buf_addspan(&b, span_rtrim(line));
	}
	out = arena_strdup(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static int
parse_options(struct cli *cli, int argc, char **argv)
{
	struct option options[OPTIONS_MAX + 1];
	int n, at, c;

	memset(options, 0, sizeof(options));
	n = add_options(options, 0, COMMON);
	add_options(options, n, cli->command->options);
	optind = 2;
	while ((c = getopt_long(argc, argv, "hv", options, &at)) != -1) {
		if (c == 'h')
			map_put(&cli->options, "help", arena_strdup(&cli->arena, ""));
		else if (c == 'v')
			map_put(&cli->options, "verbose", arena_strdup(&cli->arena, ""));
		else if (c != 0)
			return cli_usage(cli, NULL);
		else
			map_put(&cli->options, options[at].name,
			    one_line(&cli->arena, optarg != NULL ? optarg : ""));
	}
	cli->words = arena_calloc(&cli->arena, (size_t)(argc - optind) + 1, sizeof(char *));
	while (optind < argc)
		cli->words[cli->n_words++] = argv[optind++];
	return 0;
}

#ifdef FAIRLEAD_FAULTS
static int
scale_time(struct cli *cli)
{
	const char *scale = cli_value(cli, "time-scale");
	int64_t n = 1;

	if (scale == NULL)
		return 0;
	if (!text_int(scale, 1, 10000, &n))
		return cli_usage(cli, "--time-scale takes a number from 1 to 10000");
	sys_set_scale(cli->sys, (int)n);
	return 0;
}
#else
static int
scale_time(struct cli *cli)
{
	(void)cli;
	return 0;
}
#endif

/* No core dump and no ptrace by others: this process holds credentials. */
static void
harden(void)
{
	struct rlimit none = { 0, 0 };

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
}

static const char *
own_path(struct cli *cli, const char *argv0)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	return n > 0 ? arena_strndup(&cli->arena, path, (size_t)n) : argv0;
}

static int
run_command(struct cli *cli, int argc, char **argv)
{
	const char *config = getenv("FAIRLEAD_CONFIG");
	int r;

	if ((r = parse_options(cli, argc, argv)) != 0)
		return r;
	if (cli_flag(cli, "help"))
		return print_help(cli);
	cli->json = cli_flag(cli, "json");
	cli->verbose = cli_flag(cli, "verbose");
	cli->config = cli_value(cli, "config") != NULL ? cli_value(cli, "config") :
	    config != NULL ? config : DEFAULT_CONFIG;
	if ((r = scale_time(cli)) != 0)
		return r;
	log_init(STDERR_FILENO, cli->verbose ? LOG_DEBUG_ :
	    cli->command == &CMD_RUN ? LOG_INFO_ : LOG_ERROR_, LOG_FORM_AUTO);
	r = cli->command->run(cli);
	cli_flush(cli);
	cli_hang_up(cli);
	return cli->lost ? cli_trouble(cli) : r;
}

int
main(int argc, char **argv)
{
	struct cli cli = { .words = NULL };
	int r;

	if (controller_is_git_helper(argc, argv, &r))
		return r;
	harden();
	signal(SIGPIPE, SIG_IGN);
	cli.sys = sys_real();
	cli.self = own_path(&cli, argv[0]);
	map_init(&cli.options, &cli.arena);
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		if (argc > 2)
			cli.command = find_command(argv[2]);
		r = argc < 2 ? (print_help(&cli), 1) : print_help(&cli);
	} else if (strcmp(argv[1], "--version") == 0) {
		buf_addf(&cli.out, "fairlead %s (%s)\n", FAIRLEAD_VERSION, FAIRLEAD_COMMIT);
		cli_flush(&cli);
		r = 0;
	} else if ((cli.command = find_command(argv[1])) == NULL) {
		r = cli_usage(&cli, argv[1][0] == '-' ? "options come after the command: \"%s\"" :
		    "there is no command \"%s\"", argv[1]);
	} else {
		r = run_command(&cli, argc, argv);
	}
	buf_release(&cli.out);
	arena_release(&cli.arena);
	return r;
}
