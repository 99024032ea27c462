/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fairlead-lab: simulated devices in one process, until SIGTERM or SIGINT;
 * and `ctl`, which talks to such a process. Options are a table; see
 * lab/lab.h for what they mean.
 */
#include <getopt.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/writer.h"
#include "lab/lab.h"

enum { MAX_LIST = 256 };

struct args {
	struct lab_options lab;
	const char *faults[MAX_LIST + 1], *keys[MAX_LIST + 1];
	size_t n_faults, n_keys;
	int64_t count, port, scale, connections;
	bool help, verbose;
};

enum arg_kind { ARG_FLAG, ARG_STRING, ARG_INT, ARG_LIST };

struct arg {
	const char *name;
	enum arg_kind kind;
	size_t offset, count_offset;	/* of the value; of a list's count */
	int64_t min, max;
	const char *value, *help;
};

#define AT(field) offsetof(struct args, field)
static const struct arg run_args[] = {
	{ "dir", ARG_STRING, AT(lab.dir), 0, 0, 0, "DIR",
	  "keys, histories and the control socket; made when absent" },
	{ "count", ARG_INT, AT(count), 0, 1, 65536, "N", "how many devices" },
	{ "config", ARG_STRING, AT(lab.config), 0, 0, 0, "PATH",
	  "a configuration for all, or a directory of <device>.cfg" },
	{ "prefix", ARG_STRING, AT(lab.prefix), 0, 0, 0, "TEXT", "names are TEXT1.. (sw)" },
	{ "base-address", ARG_STRING, AT(lab.base_address), 0, 0, 0, "ADDRESS",
	  "of the first device, in 127/8 (127.1.0.1)" },
	{ "port", ARG_INT, AT(port), 0, 0, 65535, "N", "port of all (0: a free one)" },
	{ "ports", ARG_FLAG, AT(lab.ports), 0, 0, 0, NULL,
	  "127.0.0.1 and consecutive ports from --port instead of addresses" },
	{ "dialect", ARG_STRING, AT(lab.dialect), 0, 0, 0, "NAME", "arista_eos" },
	{ "os-version", ARG_STRING, AT(lab.version), 0, 0, 0, "TEXT", "4.28.3M" },
	{ "user", ARG_STRING, AT(lab.user), 0, 0, 0, "NAME", "who may log in (admin)" },
	{ "password", ARG_STRING, AT(lab.password), 0, 0, 0, "TEXT", "and how (admin)" },
	{ "key", ARG_LIST, AT(keys), AT(n_keys), 0, 0, "FILE",
	  "a public key that may log in too; may be repeated" },
	{ "enable-password", ARG_STRING, AT(lab.enable_password), 0, 0, 0, "TEXT",
	  "asked by enable" },
	{ "one-host-key", ARG_FLAG, AT(lab.one_host_key), 0, 0, 0, NULL,
	  "the same host key for all devices" },
	{ "time-scale", ARG_INT, AT(scale), 0, 1, 100000, "N",
	  "device time runs N times faster" },
	{ "fault", ARG_LIST, AT(faults), AT(n_faults), 0, 0, "DEVICE:FAULT",
	  "a fault (below); DEVICE may hold * and ?; may be repeated" },
	{ "faults", ARG_STRING, AT(lab.fault_file), 0, 0, 0, "FILE",
	  "YAML: a map of devices to lists of faults" },
	{ "max-connections", ARG_INT, AT(connections), 0, 1, 100000, "N",
	  "served at once (12000)" },
	{ "verbose", ARG_FLAG, AT(verbose), 0, 0, 0, NULL, "log more" },
	{ "help", ARG_FLAG, AT(help), 0, 0, 0, NULL, "this text" },
};
#define N_ARGS (sizeof(run_args) / sizeof(run_args[0]))

static const char usage_head[] =
    "usage: fairlead-lab run --dir DIR --count N [option...]\n"
    "       fairlead-lab ctl DIR DEVICE COMMAND [ARG...]\n"
    "\n"
    "run starts simulated devices behind one SSH server, prints one line of JSON when\n"
    "they are ready, and runs until SIGTERM or SIGINT.\n"
    "\n";

static const char usage_ctl[] =
    "\n"
    "ctl commands (DEVICE * is all of them):\n"
    "  show [status]            what state it is in, as JSON\n"
    "  show running|startup|seen  configurations; the last lines it was told\n"
    "  edit LINE...             change its running configuration (-: lines from stdin)\n"
    "  save                     running to startup\n"
    "  reboot [TIME]            startup is loaded; down for TIME (5s)\n"
    "  fault FAULT...|clear     add faults, or take all away\n"
    "  kill                     drop its connections\n"
    "\n"
    "faults, as KIND[:ARG][*TIMES]; without TIMES they stay:\n";

static const char usage_tail[] =
    "\n"
    "examples:\n"
    "  fairlead-lab run --dir /tmp/lab --count 4 --port 2200\n"
    "  fairlead-lab run --dir /tmp/lab --count 2 --fault 'sw1:drop-after:arm*1'\n"
    "  ssh -p 2200 admin@127.1.0.1\n"
    "  fairlead-lab ctl /tmp/lab sw1 edit 'interface Ethernet3' 'description by hand'\n"
    "\n"
    "A device answers only while its management port has the address it was born with, and\n"
    "lets a user in only while its configuration knows him: a configuration that loses these\n"
    "is lost, as on a real one. What it ever ran is in DIR/<device>/history.jsonl and\n"
    "DIR/<device>/configs/<sha256>.cfg; see lab/README.md.\n";

static void
usage(struct buf *out)
{
	buf_adds(out, usage_head);
	for (size_t i = 0; i < N_ARGS; i++) {
		char head[48];

		snprintf(head, sizeof(head), "--%s%s%s", run_args[i].name,
		    run_args[i].value != NULL ? " " : "",
		    run_args[i].value != NULL ? run_args[i].value : "");
		buf_addf(out, "  %-24s %s\n", head, run_args[i].help);
	}
	buf_adds(out, usage_ctl);
	fault_help(out);
	buf_adds(out, usage_tail);
}

static int
set_arg(struct args *a, const struct arg *arg, const char *value, struct err *err)
{
	char *at = (char *)a + arg->offset;

	switch (arg->kind) {
	case ARG_FLAG:
		*(bool *)(void *)at = true;
		break;
	case ARG_STRING:
		*(const char **)(void *)at = value;
		break;
	case ARG_INT:
		if (!text_int(value, arg->min, arg->max, (int64_t *)(void *)at))
			return err_set(err, ERR_USAGE, "--%s: a number from %lld to %lld, not %s",
			    arg->name, (long long)arg->min, (long long)arg->max, value);
		break;
	case ARG_LIST: {
		size_t *n = (size_t *)(void *)((char *)a + arg->count_offset);

		if (*n == MAX_LIST)
			return err_set(err, ERR_USAGE, "--%s: too many", arg->name);
		((const char **)(void *)at)[(*n)++] = value;
		break;
	}
	}
	return 0;
}

static int
parse_args(struct args *a, int argc, char **argv, struct err *err)
{
	struct option options[N_ARGS + 1];
	int r = 0, i, c;

	memset(options, 0, sizeof(options));
	for (size_t k = 0; k < N_ARGS; k++) {
		options[k].name = run_args[k].name;
		options[k].has_arg = run_args[k].kind == ARG_FLAG ? no_argument :
		    required_argument;
	}
	opterr = 0;
	while (r == 0 && (c = getopt_long(argc, argv, "", options, &i)) != -1)
		r = c == 0 ? set_arg(a, &run_args[i], optarg, err) :
		    err_set(err, ERR_USAGE, "not an option, or its value is missing: %s",
			argv[optind - 1]);
	if (r == 0 && optind < argc)
		r = err_set(err, ERR_USAGE, "not understood: %s", argv[optind]);
	if (r == 0 && !a->help && a->lab.dir == NULL)
		r = err_set(err, ERR_USAGE, "--dir is needed");
	return r;
}

/* Connections cost two descriptors each. */
static void
raise_limits(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

static int
run_lab(struct args *a, struct err *err)
{
	struct buf ready = BUF_INIT;
	struct lab *lab = NULL;
	sigset_t stop;
	int sig, r;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	raise_limits();
	r = lab_start(&lab, &a->lab, err);
	if (r != 0)
		return r;
	lab_ready_json(lab, &ready);
	r = out_flush(&ready, STDOUT_FILENO, err);
	if (r == 0)
		sigwait(&stop, &sig);
	lab_stop(lab);
	buf_release(&ready);
	return r;
}

static int
cmd_run(int argc, char **argv, struct err *err)
{
	struct args a;
	struct buf text = BUF_INIT;
	int r;

	memset(&a, 0, sizeof(a));
	a.scale = 1;
	r = parse_args(&a, argc, argv, err);
	if (r != 0)
		return err_next(err, "fairlead-lab run --help");
	if (a.help) {
		usage(&text);
		r = out_flush(&text, STDOUT_FILENO, err);
		buf_release(&text);
		return r;
	}
	log_init(STDERR_FILENO, a.verbose ? LOG_INFO_ : LOG_WARN_, LOG_FORM_AUTO);
	a.lab.sys = sys_real();
	if (a.scale > 1)
		sys_set_scale(a.lab.sys, (int)a.scale);
	a.lab.count = (int)a.count;
	a.lab.port = (int)a.port;
	a.lab.max_connections = (int)a.connections;
	a.lab.faults = a.faults;
	a.lab.keys = a.keys;
	return run_lab(&a, err);
}

/* "edit -": the lines of stdin. */
static int
read_lines(struct arena *arena, const char ***words, size_t *n, struct err *err)
{
	struct buf text = BUF_LIMIT(16 << 20);
	struct span rest, line;
	char part[4096];
	ssize_t got;

	while ((got = read(STDIN_FILENO, part, sizeof(part))) > 0)
		buf_add(&text, part, (size_t)got);
	if (got < 0) {
		buf_release(&text);
		return err_errno(err, ERR_IO, "cannot read stdin");
	}
	rest = buf_span(&text);
	while (span_line(&rest, &line))
		ARENA_PUSH(arena, *words, *n) = arena_strndup(arena, line.p, line.len);
	buf_release(&text);
	return 0;
}

/* The text of a reply, or the whole of it. */
static int
print_reply(struct arena *arena, struct buf *reply, struct err *err)
{
	struct doc_limits limits = { 128 << 20, 10000000, 16, false };
	struct problems ps;
	struct doc_node *doc = NULL;
	const char *text;

	problems_init(&ps, arena);
	if (doc_parse_json(&doc, arena, "reply", buf_span(reply), &limits, &ps) != 0)
		return err_set(err, ERR_BUG, "the lab's answer makes no sense");
	if (doc_text(doc, "error") != NULL)
		return err_set(err, ERR_USAGE, "%s", doc_text(doc, "error"));
	text = doc_text(doc, "text");
	if (text != NULL) {
		buf_clear(reply);
		buf_adds(reply, text);
	}
	return out_flush(reply, STDOUT_FILENO, err);
}

static int
cmd_ctl(int argc, char **argv, struct err *err)
{
	struct arena arena = ARENA_INIT;
	struct buf reply = BUF_INIT;
	const char **words = NULL;
	size_t n = 0;
	int r = 0;

	if (argc < 4)
		return err_set(err, ERR_USAGE, "ctl DIR DEVICE COMMAND [ARG...] is wanted");
	for (int i = 2; r == 0 && i < argc; i++) {
		if (i > 3 && strcmp(argv[3], "edit") == 0 && strcmp(argv[i], "-") == 0)
			r = read_lines(&arena, &words, &n, err);
		else
			ARENA_PUSH(&arena, words, n) = argv[i];
	}
	if (r == 0)
		r = ctl_send(argv[1], words, n, &reply, err);
	if (r == 0)
		r = print_reply(&arena, &reply, err);
	buf_release(&reply);
	arena_release(&arena);
	return r;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	const char *verb = argc > 1 ? argv[1] : "--help";
	struct buf text = BUF_INIT;
	int r;

	if (strcmp(verb, "run") == 0) {
		r = cmd_run(argc - 1, argv + 1, &err);
	} else if (strcmp(verb, "ctl") == 0) {
		r = cmd_ctl(argc - 1, argv + 1, &err);
	} else {
		usage(&text);
		r = strcmp(verb, "--help") == 0 || strcmp(verb, "help") == 0 ? 0 :
		    err_set(&err, ERR_USAGE, "no such command: %s", verb);
		out_flush(&text, r == 0 ? STDOUT_FILENO : STDERR_FILENO, NULL);
	}
	if (r != 0) {
		buf_addf(&text, "fairlead-lab: %s\n", err.text);
		if (err.next[0] != '\0')
			buf_addf(&text, "  next: %s\n", err.next);
		out_flush(&text, STDERR_FILENO, NULL);
	}
	buf_release(&text);
	return r == 0 ? 0 : 1;
}
