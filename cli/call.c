/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands share: options, errors, and calling an operation through the
 * daemon or in this process.
 */
#include "cli/cli.h"

#include <pthread.h>
#include <stdarg.h>
#include <unistd.h>

#include "controller/api.h"

#define FILE_MAX ((size_t)256 << 20)

bool
cli_flag(const struct cli *cli, const char *name)
{
	return map_has(&cli->options, name);
}

const char *
cli_value(const struct cli *cli, const char *name)
{
	return map_get(&cli->options, name);
}

void
cli_flush(struct cli *cli)
{
	struct err err = ERR_INIT;
	int r = cli->out.len > 0 ? out_flush(&cli->out, STDOUT_FILENO, &err) : 0;

	/* The reader of our pipe may have left; work in this process goes on. */
	if (r == ERR_CLOSED && cli->here == NULL)
		_exit(cli_trouble(cli));
	if (r == 0 || r == ERR_CLOSED || cli->lost)
		return;
	cli->lost = true;
	cli_warn("%s", err.text);
}

int
cli_trouble(const struct cli *cli)
{
	return cli->command != NULL && cli->command->trouble != 0 ? cli->command->trouble : 1;
}

static void
end_record(struct cli *cli, struct jw *w)
{
	jw_end(w);
	buf_addc(&cli->out, '\n');
	cli_flush(cli);
}

static void
print(struct buf *b)
{
	out_flush(b, STDERR_FILENO, NULL);
	buf_release(b);
}

int
cli_fail(struct cli *cli, const struct err *err)
{
	struct buf b = BUF_INIT, shown = BUF_INIT;
	struct jw w;

	if (cli->json) {
		jw_init(&w, &cli->out, false);
		jw_object(&w, NULL);
		jw_err(&w, "error", err);
		end_record(cli, &w);
	}
	buf_addf(&b, "fairlead: %s\n", err->text);
	if (err->next[0] != '\0')
		buf_addf(&b, "  next: %s\n", err->next);
	text_visible(&shown, buf_span(&b), true);
	buf_release(&b);
	print(&shown);
	return 1;
}

int
cli_usage(const struct cli *cli, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	if (fmt != NULL) {
		buf_adds(&b, "fairlead: ");
		va_start(ap, fmt);
		buf_vaddf(&b, fmt, ap);
		va_end(ap);
		buf_addc(&b, '\n');
	}
	if (cli->command != NULL)
		buf_addf(&b, "usage: fairlead %s %s; `fairlead %s --help` says more\n",
		    cli->command->name, cli->command->args, cli->command->name);
	else
		buf_adds(&b, "`fairlead --help` lists the commands\n");
	print(&b);
	return cli_trouble(cli);
}

void
cli_warn(const char *fmt, ...)
{
	struct buf b = BUF_INIT, shown = BUF_INIT;
	va_list ap;

	buf_adds(&b, "warning: ");
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	buf_addc(&b, '\n');
	text_visible(&shown, buf_span(&b), true);
	buf_release(&b);
	print(&shown);
}

static void
problem_record(struct cli *cli, const struct problem *p)
{
	struct jw w;

	jw_init(&w, &cli->out, false);
	jw_object(&w, NULL);
	jw_object(&w, "problem");
	jw_string(&w, "severity", p->severity == SEV_ERROR ? "error" : "warning");
	jw_string(&w, "file", p->file);
	jw_int(&w, "line", p->pos.line);
	jw_int(&w, "column", p->pos.column);
	if (p->device != NULL)
		jw_string(&w, "device", p->device);
	jw_string(&w, "text", p->text);
	jw_end(&w);
	end_record(cli, &w);
}

void
cli_problems(struct cli *cli, const struct problems *ps, int fd)
{
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < ps->n; i++) {
		if (cli->json) {
			problem_record(cli, &ps->v[i]);
			continue;
		}
		problem_format(&ps->v[i], &b);
		buf_addc(&b, '\n');
	}
	if (ps->more > 0 && !cli->json)
		buf_addf(&b, "and %zu more problems\n", ps->more);
	out_flush(&b, fd, NULL);
	buf_release(&b);
}

bool
cli_confirm(const struct cli *cli, const char *question)
{
	struct buf b = BUF_INIT;
	char answer[16] = "";

	(void)cli;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return false;
	buf_addf(&b, "%s [y/N] ", question);
	print(&b);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	    (answer[0] == 'y' || answer[0] == 'Y');
}

int
cli_read_file(const char *path, char **out, size_t *len, struct err *err)
{
	struct buf b = BUF_LIMIT(FILE_MAX);
	char chunk[65536];
	ssize_t n;

	if (strcmp(path, "-") != 0)
		return file_read(path, FILE_MAX, out, len, err);
	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		buf_add(&b, chunk, (size_t)n);
	buf_adds(&b, "");
	*len = b.len;
	*out = buf_detach(&b);
	return 0;
}

void
cli_say_file(struct cli *cli, const char *what, const char *path)
{
	struct jw w;

	if (!cli->json) {
		buf_addf(&cli->out, "%-7s %s\n", what, path);
		return;
	}
	jw_init(&w, &cli->out, false);
	jw_object(&w, NULL);
	jw_object(&w, what);
	jw_string(&w, "path", path);
	jw_end(&w);
	end_record(cli, &w);
}

int
cli_write_file(struct cli *cli, const char *path, struct span text, struct err *err)
{
	char *parent = arena_strdup(&cli->arena, path);
	int r;

	*strrchr(parent, '/') = '\0';
	if ((r = file_mkdirs(parent, 0755, err)) == 0 &&
	    (r = file_write_atomic(cli->sys, path, text.p, text.len, 0644, err)) == 0)
		cli_say_file(cli, "written", path);
	return r;
}

/*
 * Calling.
 */
struct answer {
	struct cli *cli;
	render_fn render;
	void *ctx;
	bool print;		/* records as they are */
	struct err unread;	/* a record was lost on its way to a person */
	pthread_mutex_t lock;	/* in-process records come from many threads */
};

static void
take_record(void *ctx, struct span json)
{
	struct answer *answer = ctx;
	struct cli *cli = answer->cli;
	struct arena a = ARENA_INIT;
	struct problems ps;
	struct doc_node *node;

	problems_init(&ps, &a);
	pthread_mutex_lock(&answer->lock);
	if (answer->print) {
		buf_addspan(&cli->out, json);
		buf_addc(&cli->out, '\n');
		cli_flush(cli);
	}
	if (answer->render != NULL && (doc_parse_json(&node, &a, "record", json,
	    &DOC_LIMITS_INVENTORY, &ps) != 0 || node->kind != DOC_MAP || node->n != 1)) {
		err_set(&answer->unread, ERR_LIMIT, "a record of %zu bytes could not be read: %s",
		    json.len, ps.n > 0 ? ps.v[0].text : "it is not an object with one key");
	} else if (answer->render != NULL) {
		answer->render(cli, node->pairs[0].key, node->pairs[0].value, answer->ctx);
		if (answer->print)
			buf_clear(&cli->out);	/* --json: the records say it all */
		cli_flush(cli);
	}
	pthread_mutex_unlock(&answer->lock);
	arena_release(&a);
}

void
cli_hang_up(struct cli *cli)
{
	controller_close(cli->here);
	cli->here = NULL;
}

static int
open_here(struct cli *cli, const char *op, struct err *err)
{
	bool shared = api_shared(op);
	struct problems ps;
	int r;

	if (cli->here != NULL && (shared || !cli->here->shared))
		return 0;
	cli_hang_up(cli);
	problems_init(&ps, &cli->arena);
	r = controller_open(&cli->here, cli->config, cli->self, cli->sys, shared, &ps, err);
	cli_problems(cli, &ps, STDERR_FILENO);
	return r;
}

static int
call(struct cli *cli, struct answer *answer, const char *op, struct span request,
    struct err *err)
{
	struct settings settings;
	struct problems ps;
	bool asked = false;
	char who[128];
	int r;

	problems_init(&ps, &cli->arena);
	if ((r = settings_read(&settings, cli->config, &cli->arena, &ps, err)) != 0) {
		cli_problems(cli, &ps, STDERR_FILENO);
		return r;
	}
	pthread_mutex_init(&answer->lock, NULL);
	answer->cli = cli;
	if (cli->here == NULL)
		r = api_client(settings.socket, op, request, &asked, take_record, answer, err);
	if (!asked && (cli->here != NULL || r != ERR_DENIED)) {
		err_clear(err);
		api_who(getuid(), who, sizeof(who));
		if ((r = open_here(cli, op, err)) == 0)
			r = api_run(cli->here, op, request, who, take_record, answer, err);
	}
	pthread_mutex_destroy(&answer->lock);
	if (r == 0 && answer->unread.code != 0) {
		*err = answer->unread;
		r = err->code;
	}
	return r;
}

int
cli_call(struct cli *cli, const char *op, struct span request, render_fn render, void *ctx,
    struct err *err)
{
	struct answer answer = { .render = render, .ctx = ctx, .print = cli->json };

	return call(cli, &answer, op, request, err);
}

int
cli_query(struct cli *cli, const char *op, struct span request, render_fn render,
    void *ctx, struct err *err)
{
	struct answer answer = { .render = render, .ctx = ctx };

	return call(cli, &answer, op, request, err);
}

void
request_select(struct jw *w, struct buf *b, const struct cli *cli)
{
	size_t i;

	jw_init(w, b, false);
	jw_object(w, NULL);
	jw_array(w, "select");
	for (i = 0; i < cli->n_words; i++)
		jw_string(w, NULL, cli->words[i]);
	jw_end(w);
}

int
cli_each_word(struct cli *cli, const char *op, const char *key, render_fn render, void *ctx)
{
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;
	struct jw w;
	size_t i;
	int r = 0;

	if (cli->n_words == 0)
		return cli_usage(cli, "an argument is missing");
	for (i = 0; i < cli->n_words && r == 0; i++) {
		buf_clear(&request);
		jw_init(&w, &request, false);
		jw_object(&w, NULL);
		jw_string(&w, key, cli->words[i]);
		jw_string(&w, "reason", cli_value(cli, "reason"));
		if (cli_value(cli, "for") != NULL)
			jw_string(&w, "for", cli_value(cli, "for"));
		jw_end(&w);
		r = cli_call(cli, op, buf_span(&request), render, ctx, &err);
	}
	buf_release(&request);
	return r != 0 ? cli_fail(cli, &err) : 0;
}
