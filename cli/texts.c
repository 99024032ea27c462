/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/texts.h"

#include <stdlib.h>
#include <unistd.h>

static int
load_dialect(struct cli *cli, struct cli_texts *t, struct err *err)
{
	const char *name = cli_value(cli, "platform");
	const struct platform *p;
	struct problems ps;
	int r;

	problems_init(&ps, &cli->arena);
	r = platforms_load_one(&t->platforms, cli_value(cli, "dir"), name, &ps, err);
	if (r != 0) {
		cli_problems(cli, &ps, STDERR_FILENO);
		return r;
	}
	if ((p = platforms_find(t->platforms, name)) == NULL) {
		err_set(err, ERR_USAGE, "unknown platform \"%s\"", name);
		return err_next(err, "`fairlead platform list` shows what there is");
	}
	t->dialect = *platform_dialect(p);
	return 0;
}

static int
load_scope(struct cli *cli, struct cli_texts *t, struct err *err)
{
	const char *only = cli_value(cli, "only"), *except = cli_value(cli, "except");
	int r;

	if (only != NULL) {
		if ((r = re_compile(&t->patterns[0], only, err)) != 0)
			return err_wrap(err, "--only");
		t->only = (struct dialect_rule){ .name = "only", .line = t->patterns[0] };
		t->dialect.only = &t->only;
		t->dialect.n_only = 1;
	}
	if (except != NULL) {
		if ((r = re_compile(&t->patterns[1], except, err)) != 0)
			return err_wrap(err, "--except");
		t->except = (struct dialect_rule){ .name = "except", .line = t->patterns[1] };
		t->dialect.except = &t->except;
		t->dialect.n_except = 1;
	}
	return 0;
}

static int
load_texts(struct cli *cli, size_t n, struct cli_texts *t, struct err *err)
{
	size_t len = 0;
	int r;

	for (size_t i = 0; i < n; i++) {
		if ((r = cli_read_file(cli->words[i], &t->data[i], &len, err)) != 0)
			return r;
		t->text[i] = span_of(t->data[i], len);
	}
	return 0;
}

bool
cli_texts_read(struct cli *cli, size_t n, struct cli_texts *t)
{
	static const char *const NUMBERS[] = { "", "one file", "two files", "three files" };
	struct err err = ERR_INIT;
	size_t inputs = 0;

	*t = (struct cli_texts){ .platforms = NULL };
	for (size_t i = 0; i < cli->n_words; i++)
		inputs += strcmp(cli->words[i], "-") == 0;
	if (cli->n_words != n || cli_value(cli, "platform") == NULL) {
		cli_usage(cli, "%s takes %s and --platform", cli->command->name, NUMBERS[n]);
		return false;
	}
	if (inputs > 1) {
		cli_usage(cli, "standard input can be one of the files, not %zu", inputs);
		return false;
	}
	if (cli_flag(cli, "show-secrets") && !isatty(STDOUT_FILENO)) {
		cli_usage(cli, "--show-secrets is for a terminal only: here they would end in a "
		    "file or a pipe");
		return false;
	}
	if (load_dialect(cli, t, &err) != 0 || load_scope(cli, t, &err) != 0 ||
	    load_texts(cli, n, t, &err) != 0) {
		cli_fail(cli, &err);
		return false;
	}
	cli->sys->random(cli->sys, t->random.bytes, sizeof(t->random.bytes));
	t->key = cli_flag(cli, "show-secrets") ? NULL : &t->random;
	return true;
}

void
cli_texts_warn(const struct cli *cli, size_t i, uint32_t line)
{
	if (line != 0)
		cli_warn("%s:%u: what begins here does not end; see whether the file is whole",
		    cli->words[i], line);
}

void
cli_texts_release(struct cli_texts *t)
{
	platforms_free(t->platforms);
	re_free(t->patterns[0]);
	re_free(t->patterns[1]);
	for (size_t i = 0; i < CLI_TEXTS_MAX; i++)
		free(t->data[i]);
}

static const char *
colour_of(struct span line)
{
	switch (line.len > 0 ? line.p[0] : ' ') {
	case '+':
		return "\033[32m";
	case '-':
		return "\033[31m";
	case '~':
		return "\033[33m";
	case 'i':
		return "\033[2m";
	default:
		return NULL;
	}
}

void
cli_add_diff(struct cli *cli, const struct diff *d, const struct mask_key *key)
{
	const char *dumb = getenv("TERM"), *plain = getenv("NO_COLOR"), *colour;
	struct buf text = BUF_INIT;
	struct span rest, line;
	bool coloured = isatty(STDOUT_FILENO) && (plain == NULL || *plain == '\0') &&
	    dumb != NULL && strcmp(dumb, "dumb") != 0;

	diff_text(d, key, cli_flag(cli, "ignored"), &text);
	for (rest = buf_span(&text); coloured && span_line(&rest, &line);) {
		colour = colour_of(line);
		buf_adds(&cli->out, colour != NULL ? colour : "");
		buf_addspan(&cli->out, line);
		buf_adds(&cli->out, colour != NULL ? "\033[0m\n" : "\n");
	}
	if (!coloured)
		buf_addspan(&cli->out, buf_span(&text));
	buf_wipe(&text);
}
