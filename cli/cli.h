/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: one command, one file, each opening with its entry. The
 * table in main.c is the list; usage and help are made from the entries.
 *
 * Rules: data on stdout, everything else on stderr; with --json every record
 * is one line of JSON as the operation gave it; exit codes are stable:
 * plan, drift, check 0 nothing, 2 findings, 1 trouble; diff 0 same,
 * 1 different, 2 trouble; all others 0 and 1.
 */
#ifndef FAIRLEAD_CLI_CLI_H
#define FAIRLEAD_CLI_CLI_H

#include "base/doc.h"
#include "base/sys.h"
#include "base/writer.h"
#include "controller/settings.h"

struct cli_option {
	const char *name;		/* without the dashes */
	const char *arg;		/* NULL: a flag */
	const char *help;
};

struct cli;
struct controller;
struct command {
	const char *name;
	const char *args;		/* "[SELECTOR...]" */
	const char *summary;		/* one line */
	const char *help;		/* paragraphs; ends with examples */
	const struct cli_option *options;	/* ends with a NULL name */
	int (*run)(struct cli *cli);	/* exit code */
	int trouble;			/* exit code of trouble; 0: 1 */
};

struct cli {
	const char *self;		/* path of this binary */
	const char *config;
	bool json, verbose;
	bool lost;			/* what was for stdout did not get there */
	const struct command *command;
	const char **words;		/* what is not an option; words[n] is NULL */
	size_t n_words;
	struct map options;		/* name -> value; flags have "" */
	struct arena arena;
	struct sys *sys;
	struct buf out;			/* stdout; flushed after each record */
	struct controller *here;	/* in this process, when no daemon listens */
};

extern const struct command CMD_INIT, CMD_ADOPT, CMD_LINT, CMD_PLAN, CMD_APPLY, CMD_RUN,
    CMD_STATUS, CMD_HISTORY, CMD_SHOW, CMD_FETCH, CMD_DIFF, CMD_PATCH, CMD_DIFF3, CMD_PARSE,
    CMD_TRUST, CMD_SUSPEND, CMD_RESUME, CMD_RELEASE, CMD_ACK, CMD_PLATFORM;

bool cli_flag(const struct cli *cli, const char *name);
const char *cli_value(const struct cli *cli, const char *name);	/* NULL when absent */

/* Print an error as people need it, with --json also as a record, and return
 * the exit code 1. */
int cli_fail(struct cli *cli, const struct err *err);
/* Print "warning: ..." on stderr. */
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Print problems, one a line, on fd; with --json as records on stdout. */
void cli_problems(struct cli *cli, const struct problems *ps, int fd);
/* The exit code of trouble. */
int cli_trouble(const struct cli *cli);
/* Print usage on stderr; returns the exit code of trouble. */
int cli_usage(const struct cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Write cli->out to stdout. When that fails it is said, and the exit code is that
 * of trouble. */
void cli_flush(struct cli *cli);
/* Ask a yes-or-no question on the terminal. False without one. */
bool cli_confirm(const struct cli *cli, const char *question);

/* Run an operation: through the daemon when one listens, else in this process.
 * Each record goes to `render` (type and content), which adds text to cli->out;
 * with --json the record is printed and that text is dropped. */
typedef void (*render_fn)(struct cli *cli, const char *type, const struct doc_node *node,
    void *ctx);
int cli_call(struct cli *cli, const char *op, struct span request, render_fn render,
    void *ctx, struct err *err);
/* A call that must see the records also with --json (nothing is printed). */
int cli_query(struct cli *cli, const char *op, struct span request, render_fn render,
    void *ctx, struct err *err);
/* Ends the in-process controller, if there is one: waits for its runs. */
void cli_hang_up(struct cli *cli);

/* {"select":[words...], ...}: open an object with the words as selectors. */
void request_select(struct jw *w, struct buf *b, const struct cli *cli);
/* Call an operation once for each word, which goes under `key`, together with
 * --reason and --for; returns the exit code. */
int cli_each_word(struct cli *cli, const char *op, const char *key, render_fn render,
    void *ctx);

/* Bytes of a file, or of stdin for "-". Heap; free(). */
int cli_read_file(const char *path, char **out, size_t *len, struct err *err);
/* Write a file of a repository, with its folders, and say so. */
int cli_write_file(struct cli *cli, const char *path, struct span text, struct err *err);
/* Say what became of a file: "written PATH", or a record. */
void cli_say_file(struct cli *cli, const char *what, const char *path);

#endif
