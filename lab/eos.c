/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of the simulated EOS: modes, prompts, commands. A line
 * goes, in exec mode, through the tables of commands below; in configuration
 * modes it is first a "show" command or a command of the session level, else
 * a line of the configuration (lab/conf.h).
 *
 * The device is locked while a line is being done, never while waiting.
 */
#include "lab/eos.h"

/* What a line ran into: its text is printed, after "> line" and with the line
 * number when it came from a file or a script. */
#define INVALID "% Invalid input"
#define INCOMPLETE "% Incomplete command"
#define AMBIGUOUS "% Ambiguous command"
#define PRIVILEGED "% Invalid input (privileged mode required)"

static void
complain(struct eos *e, const char *line, const char *why)
{
	struct term *t = &e->cli.term;

	e->cli.status = 1;
	if (e->script_line > 0)
		term_printf(t, "> %s\n%s at line %d\n", line, why, e->script_line);
	else
		term_printf(t, "%s\n", why);
}

/* --- the prompt ------------------------------------------------------- */

static void
prompt(struct eos *e)
{
	struct buf b = BUF_INIT;
	char host[128];

	device_hostname(e->cli.dev, host, sizeof(host));
	buf_adds(&b, host);
	if (e->mode != EOS_EXEC) {
		buf_adds(&b, "(config");
		if (e->mode == EOS_SESSION)
			buf_addf(&b, "-s-%.6s", e->session);
		if (e->conf.depth > 0)
			buf_addc(&b, '-');
		conf_prompt(&e->conf, &b);
		buf_addc(&b, ')');
	}
	buf_addc(&b, e->enabled ? '#' : '>');
	term_next(&e->cli.term, TERM_LINE, buf_str(&b));
	buf_release(&b);
}

/* Back to exec mode; a configuration session stays as it is. */
static void
leave_config(struct eos *e)
{
	if (e->mode == EOS_SESSION)
		session_leave(e->cli.dev, e->session, e->cli.line);
	conf_top(&e->conf);
	e->mode = EOS_EXEC;
	e->session[0] = '\0';
}

static void
hang_up(struct eos *e)
{
	leave_config(e);
	e->cli.term.mode = TERM_CLOSED;
}

/* --- faults at steps -------------------------------------------------- */

/* True when a fault took over: nothing more is done or said. */
static bool
struck(struct eos *e, enum step step, bool after)
{
	enum act act = device_step(e->cli.dev, step, after);

	if (act == ACT_NONE)
		return false;
	term_mute(&e->cli.term);
	e->cli.dropped = act == ACT_DROP;
	e->cli.stalled = act == ACT_STALL;
	return true;
}

/* --- commands --------------------------------------------------------- */

static void
do_enable(struct eos *e, const char *line)
{
	(void)line;
	if (e->cli.dev->enable_password == NULL || e->enabled || e->script_line > 0) {
		e->enabled = true;
		return;
	}
	e->asking = true;
}

static void
do_disable(struct eos *e, const char *line)
{
	(void)line;
	e->enabled = false;
}

static void
do_exit(struct eos *e, const char *line)
{
	(void)line;
	hang_up(e);
}

static int
last_number(const char *line)
{
	int64_t n = 0;

	text_int(strrchr(line, ' ') + 1, 0, INT32_MAX, &n);
	return (int)n;
}

static void
do_length(struct eos *e, const char *line)
{
	int n = last_number(line);

	e->cli.term.rows = e->cli.term.tty ? n : 0;
	if (n == 0)
		term_print(&e->cli.term, "Pagination disabled.\n");
	else
		term_printf(&e->cli.term, "Pagination set to %d lines.\n", n);
}

static void
do_width(struct eos *e, const char *line)
{
	e->cli.term.width = e->cli.term.tty ? last_number(line) : 0;
	term_printf(&e->cli.term, "Width set to %d columns.\n", last_number(line));
}

static void
do_configure(struct eos *e, const char *line)
{
	(void)line;
	e->mode = EOS_CONFIG;
}

static void
do_session(struct eos *e, const char *line)
{
	struct span w = word_at(line, 3);
	char name[SESSION_NAME];
	struct session *s;
	const char *why;

	if (w.len >= sizeof(name)) {
		complain(e, line, INVALID);
		return;
	}
	if (w.len > 0)
		snprintf(name, sizeof(name), "%.*s", (int)w.len, w.p);
	else
		snprintf(name, sizeof(name), "sess-%d-%d", e->cli.line,
		    (int)e->cli.dev->stats.commands);
	why = session_enter(e->cli.dev, name, e->cli.user, e->cli.line, &s);
	if (why != NULL) {
		complain(e, line, why);
		return;
	}
	e->mode = EOS_SESSION;
	snprintf(e->session, sizeof(e->session), "%s", name);
}

/* "HH:MM:SS" -> ms; false when it is not one, or zero. */
static bool
read_timer(struct span w, int64_t *ms)
{
	int64_t part[3];
	char text[16], *p = text;

	snprintf(text, sizeof(text), "%.*s", (int)w.len, w.p);
	for (int i = 0; i < 3; i++) {
		char *colon = i < 2 ? strchr(p, ':') : NULL;

		if (i < 2 && colon == NULL)
			return false;
		if (colon != NULL)
			*colon = '\0';
		if (strlen(p) < 1 || strlen(p) > 2 || !text_int(p, 0, i == 0 ? 99 : 59, &part[i]))
			return false;
		p = colon != NULL ? colon + 1 : p;
	}
	*ms = ((part[0] * 60 + part[1]) * 60 + part[2]) * 1000;
	return *ms > 0;
}

static struct session *
named_session(struct eos *e, const char *line, const char *name)
{
	struct session *s = session_find(e->cli.dev, name);

	if (s == NULL)
		complain(e, line, "% Error: the session does not exist");
	return s;
}

/* Commit with the steps that faults strike at. timer: "HH:MM:SS" or empty. */
static bool
commit(struct eos *e, const char *line, const char *name, struct span timer)
{
	struct session *s = named_session(e, line, name);
	int64_t ms = 0;
	enum step step;
	const char *why;

	if (s == NULL)
		return false;
	if (timer.len > 0 && !read_timer(timer, &ms)) {
		complain(e, line, INVALID);
		return false;
	}
	step = ms > 0 ? STEP_ARM : s->state == SESSION_TIMER ? STEP_CONFIRM : STEP_COMMIT;
	if (struck(e, step, false))
		return false;
	why = session_commit(e->cli.dev, s, ms, e->cli.user);
	if (why != NULL)
		complain(e, line, why);
	else
		struck(e, step, true);
	return why == NULL;
}

static bool
abort_session(struct eos *e, const char *line, const char *name)
{
	struct session *s = named_session(e, line, name);
	const char *why;

	if (s == NULL || struck(e, STEP_ABORT, false))
		return false;
	why = session_abort(e->cli.dev, s, e->cli.user);
	if (why != NULL)
		complain(e, line, why);
	else
		struck(e, STEP_ABORT, true);
	return why == NULL;
}

static const char *
third_word(const char *line, char name[SESSION_NAME])
{
	struct span w = word_at(line, 3);

	snprintf(name, SESSION_NAME, "%.*s", (int)w.len, w.p);
	return name;
}

static void
do_session_commit(struct eos *e, const char *line)
{
	char name[SESSION_NAME];

	commit(e, line, third_word(line, name), word_at(line, 6));
}

static void
do_session_abort(struct eos *e, const char *line)
{
	char name[SESSION_NAME];

	abort_session(e, line, third_word(line, name));
}

static void
do_session_delete(struct eos *e, const char *line)
{
	struct span w = word_at(line, 4);
	char name[SESSION_NAME];

	snprintf(name, sizeof(name), "%.*s", (int)w.len, w.p);
	abort_session(e, line, name);
}

static void
do_save(struct eos *e, const char *line)
{
	const char *why = device_save(e->cli.dev, e->cli.user);

	if (why != NULL)
		complain(e, line, why);
	else
		term_print(&e->cli.term, "Copy completed successfully.\n");
}

/* Commands of the session level. */
static void
do_commit(struct eos *e, const char *line)
{
	char name[SESSION_NAME];

	snprintf(name, sizeof(name), "%s", e->session);
	if (commit(e, line, name, word_at(line, 3)))
		leave_config(e);
}

static void
do_abort(struct eos *e, const char *line)
{
	char name[SESSION_NAME];

	snprintf(name, sizeof(name), "%s", e->session);
	if (abort_session(e, line, name))
		leave_config(e);
}

static void
do_clean(struct eos *e, const char *line)
{
	struct session *s = session_find(e->cli.dev, e->session);

	if (s == NULL || s->tree == NULL) {
		complain(e, line, "% Error: the session is not pending");
		return;
	}
	tree_free(s->tree);
	s->tree = tree_copy(e->cli.dev->clean);
}

static void
do_copy_terminal(struct eos *e, const char *line)
{
	(void)line;
	term_print(&e->cli.term,
	    "enter input line by line; when done enter one or more control-d\n");
	term_next(&e->cli.term, TERM_COOKED, "");
}

struct command {
	const char *syntax;
	bool privileged;
	enum step step;		/* done around it here; commits do it themselves */
	void (*run)(struct eos *e, const char *line);
	void (*show)(struct eos *e, const char *line, bool json, struct buf *out);
};

static const struct command shows[] = {
	{ "show version [detail]", false, STEP_NONE, NULL, eos_show_version },
	{ "show hostname", false, STEP_NONE, NULL, eos_show_hostname },
	{ "show clock", false, STEP_NONE, NULL, eos_show_clock },
	{ "show privilege", false, STEP_NONE, NULL, eos_show_privilege },
	{ "show inventory", false, STEP_NONE, NULL, eos_show_inventory },
	{ "show running-config", true, STEP_READ, NULL, eos_show_running },
	{ "show running-config sanitized", true, STEP_READ, NULL, eos_show_sanitized },
	{ "show running-config diffs", true, STEP_READ, NULL, eos_show_running_diffs },
	{ "show startup-config", true, STEP_READ, NULL, eos_show_startup },
	{ "show session-config named <word> [diffs]", true, STEP_DIFF, NULL,
	  eos_show_session_named },
	{ "show configuration sessions", true, STEP_NONE, NULL, eos_show_sessions },
	{ "show configuration sessions detail", true, STEP_NONE, NULL,
	  eos_show_sessions_detail },
};

static const struct command session_shows[] = {
	{ "show session-config", true, STEP_DIFF, NULL, eos_show_session },
	{ "show session-config diffs", true, STEP_DIFF, NULL, eos_show_session_diffs },
};

static const struct command execs[] = {
	{ "enable [<n:0-15>]", false, STEP_ENABLE, do_enable, NULL },
	{ "disable [<n:0-15>]", false, STEP_NONE, do_disable, NULL },
	{ "exit", false, STEP_NONE, do_exit, NULL },
	{ "logout", false, STEP_NONE, do_exit, NULL },
	{ "quit", false, STEP_NONE, do_exit, NULL },
	{ "terminal length <n:0-32767>", false, STEP_NONE, do_length, NULL },
	{ "terminal width <n:10-32767>", false, STEP_NONE, do_width, NULL },
	{ "configure [terminal]", true, STEP_NONE, do_configure, NULL },
	{ "configure session [<word>]", true, STEP_SESSION, do_session, NULL },
	{ "configure session <word> commit [timer <word>]", true, STEP_NONE,
	  do_session_commit, NULL },
	{ "configure session <word> abort", true, STEP_NONE, do_session_abort, NULL },
	{ "no configure session <word>", true, STEP_NONE, do_session_delete, NULL },
	{ "copy running-config startup-config", true, STEP_SAVE, do_save, NULL },
	{ "write [memory]", true, STEP_SAVE, do_save, NULL },
};

/* At the top of a configuration session only. */
static const struct command session_level[] = {
	{ "commit", true, STEP_NONE, do_commit, NULL },
	{ "commit timer <word>", true, STEP_NONE, do_commit, NULL },
	{ "abort", true, STEP_NONE, do_abort, NULL },
	{ "rollback clean-config", true, STEP_CLEAN, do_clean, NULL },
	{ "copy terminal: session-config", true, STEP_NONE, do_copy_terminal, NULL },
};

/* In any configuration mode. */
static const struct command config_level[] = {
	{ "copy running-config startup-config", true, STEP_SAVE, do_save, NULL },
	{ "write [memory]", true, STEP_SAVE, do_save, NULL },
};

struct table {
	const struct command *v;
	size_t n;
};
#define TABLE(t) { (t), sizeof(t) / sizeof((t)[0]) }
enum { T_SHOWS, T_SESSION_SHOWS, T_EXECS, T_SESSION_LEVEL, T_CONFIG_LEVEL };
static const struct table tables[] = {
	[T_SHOWS] = TABLE(shows), [T_SESSION_SHOWS] = TABLE(session_shows),
	[T_EXECS] = TABLE(execs), [T_SESSION_LEVEL] = TABLE(session_level),
	[T_CONFIG_LEVEL] = TABLE(config_level),
};

/* Look a line up in the tables of a mask; the best code, and on MATCH_FULL
 * the command and the canonical line. */
static enum match_code
look_up(const char *text, unsigned mask, const struct command **found, struct match *m)
{
	enum match_code best = MATCH_NONE;
	struct rule rules[64];
	const struct command *commands[64];
	struct mode mode = { .name = "exec", .rules = rules };

	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (size_t i = 0; (mask & (1u << t)) && i < tables[t].n; i++) {
			commands[mode.n] = &tables[t].v[i];
			rules[mode.n++] = (struct rule){ .syntax = tables[t].v[i].syntax };
		}
	best = grammar_match(&mode, text, false, false, m);
	if (best == MATCH_FULL)
		*found = commands[m->rule - rules];
	m->rule = NULL;
	return best;
}

/* --- running a command ------------------------------------------------ */

static bool
endless_here(struct eos *e, const char *line)
{
	const struct lab_fault *f = fault_find(&e->cli.dev->faults, FAULT_ENDLESS);

	return f != NULL && words_start(line, f->text[0] != '\0' ? f->text :
	    "show running-config");
}

static void
run_show(struct eos *e, const struct command *cmd, const char *line, const char *pipes)
{
	struct buf text = BUF_INIT;
	bool no_more = false;

	cmd->show(e, line, eos_wants_json(pipes), &text);
	if (!eos_pipes(pipes, &text, &no_more)) {
		complain(e, line, INVALID);
	} else {
		if (text.len > 0 && text.data[0] == '%')
			e->cli.status = 1;
		term_print(&e->cli.term, buf_str(&text));
		e->cli.endless = endless_here(e, line);
	}
	e->cli.term.unpaged = no_more;
	buf_release(&text);
}

static void
run_command(struct eos *e, const struct command *cmd, const char *line, const char *pipes)
{
	if (cmd->privileged && !e->enabled) {
		complain(e, line, PRIVILEGED);
		return;
	}
	if (struck(e, cmd->step, false))
		return;
	if (cmd->show != NULL)
		run_show(e, cmd, line, pipes);
	else
		cmd->run(e, line);
	struck(e, cmd->step, true);
}

static const char *
code_text(enum match_code code)
{
	return code == MATCH_AMBIGUOUS ? AMBIGUOUS : code == MATCH_INCOMPLETE ? INCOMPLETE :
	    INVALID;
}

/* Split "show x | include y" in place; returns the pipes or "". */
static const char *
split_pipes(char *line)
{
	char *bar = strstr(line, " |");

	if (bar == NULL)
		return "";
	*bar = '\0';
	return bar + 2 + strspn(bar + 2, " ");
}

/* Do a command of these tables; MATCH_FULL when it was one. */
static enum match_code
try_command(struct eos *e, const char *raw, unsigned mask)
{
	char *line = mem_strdup(raw);
	const char *pipes = split_pipes(line);
	const struct command *cmd = NULL;
	enum match_code code;
	struct match m;

	lab_match_init(&m);
	code = look_up(line, mask, &cmd, &m);
	if (code == MATCH_FULL && *pipes != '\0' && cmd->show == NULL)
		code = MATCH_NONE;
	if (code == MATCH_FULL)
		run_command(e, cmd, buf_str(&m.line), pipes);
	lab_match_release(&m);
	free(line);
	return code;
}

static void
exec_line(struct eos *e, const char *line)
{
	enum match_code code;

	line += strspn(line, " ");
	if (*line == '\0' || *line == '!')
		return;
	code = try_command(e, line, 1u << T_SHOWS | 1u << T_EXECS);
	if (code != MATCH_FULL)
		complain(e, line, code_text(code));
}

/* --- configuration lines ---------------------------------------------- */

/* The tree that configuration lines are for, or NULL: it went away. */
static struct node *
edited_tree(struct eos *e)
{
	struct session *s;

	if (e->mode == EOS_CONFIG)
		return e->cli.dev->running;
	s = session_find(e->cli.dev, e->session);
	return s != NULL ? s->tree : NULL;
}

static bool
fault_on_line(struct eos *e, enum fault_kind kind, const char *line)
{
	const struct lab_fault *f = fault_find(&e->cli.dev->faults, kind);

	if (f == NULL || strstr(line, f->text) == NULL)
		return false;
	fault_struck(&e->cli.dev->faults, f);
	return true;
}

/* One line into a tree, with what faults make of it. */
static enum conf_code
edit_line(struct eos *e, struct conf *c, struct node *root, const char *raw)
{
	c->root = root;
	if (c->texts_left == 0 && fault_on_line(e, FAULT_IGNORE, raw))
		return CONF_OK;
	if (c->texts_left == 0 && fault_on_line(e, FAULT_REJECT, raw)) {
		snprintf(c->error, sizeof(c->error), "%s", INVALID);
		return CONF_ERROR;
	}
	return conf_line(c, raw);
}

static void
note_edit(struct eos *e)
{
	if (e->conf.changed && e->mode == EOS_CONFIG)
		device_edited(e->cli.dev, "edit", e->cli.user);
	e->conf.changed = false;
}

static void
config_text(struct eos *e, const char *raw)
{
	bool banner = e->conf.texts_left == 0;
	struct node *root = edited_tree(e);
	enum conf_code code;

	if (root == NULL) {
		complain(e, raw, "% Error: the session is not pending");
		return;
	}
	if (e->mode == EOS_SESSION && struck(e, STEP_LOAD, false))
		return;
	code = edit_line(e, &e->conf, root, raw);
	if (code == CONF_ERROR)
		complain(e, raw, e->conf.error);
	else if (e->conf.warning[0] != '\0')
		term_printf(&e->cli.term, "%s\n", e->conf.warning);
	if (code == CONF_END || code == CONF_EXIT)
		leave_config(e);
	if (code == CONF_TEXT && banner)
		term_hint(&e->cli.term,
		    "Enter TEXT message. Type 'EOF' on its own line to end.\n");
	note_edit(e);
	if (e->mode == EOS_SESSION)
		struck(e, STEP_LOAD, true);
}

static void
config_line(struct eos *e, const char *raw)
{
	const char *line = raw + strspn(raw, " ");
	bool session_top = e->mode == EOS_SESSION && e->conf.depth == 0;
	unsigned mask = 1u << T_SHOWS | 1u << T_CONFIG_LEVEL;

	if (e->conf.texts_left > 0) {
		config_text(e, raw);
		return;
	}
	if (e->mode == EOS_SESSION)
		mask |= 1u << T_SESSION_SHOWS;
	if (session_top)
		mask |= 1u << T_SESSION_LEVEL;
	if (*line == '\0' || *line == '!' || try_command(e, line, mask) != MATCH_FULL)
		config_text(e, raw);
}

/* --- the terminal's calls --------------------------------------------- */

static void
check_enable(struct eos *e, const char *password)
{
	e->asking = false;
	if (strcmp(password, e->cli.dev->enable_password) == 0)
		e->enabled = true;
	else
		term_print(&e->cli.term, "% Bad secrets\n\n");
}

/* What to read next. */
static void
read_next(struct eos *e)
{
	struct term *t = &e->cli.term;

	if (t->mode == TERM_CLOSED || t->mode == TERM_COOKED || t->mode == TERM_PAGER)
		return;
	if (e->asking)
		term_next(t, TERM_SECRET, "Password: ");
	else if (e->conf.texts_left > 0)
		term_next(t, TERM_TEXT, "");
	else
		prompt(e);
}

static void
on_line(void *ctx, const char *line)
{
	struct eos *e = ctx;

	if (e->cli.dropped || e->cli.stalled)
		return;
	device_lock(e->cli.dev);
	device_tick(e->cli.dev);
	if (e->asking) {
		check_enable(e, line);
	} else {
		device_saw(e->cli.dev, e->cli.user, e->cli.line, line);
		if (e->mode == EOS_EXEC)
			exec_line(e, line);
		else
			config_line(e, line);
	}
	if (e->cli.dropped || e->cli.stalled)
		term_next(&e->cli.term, TERM_TEXT, "");
	else
		read_next(e);
	device_unlock(e->cli.dev);
}

struct paste {
	struct eos *e;
	struct conf conf;
};

/* Lines of a copied text that are refused, or come with a warning. */
static void
paste_line(struct paste *p, struct node *root, const char *raw, int number)
{
	enum conf_code code = edit_line(p->e, &p->conf, root, raw);
	const char *why = code == CONF_ERROR ? p->conf.error : p->conf.warning;

	if (code == CONF_ERROR || why[0] != '\0')
		term_printf(&p->e->cli.term, "> %s\n%s at line %d\n", raw, why, number);
	if (code == CONF_END)
		conf_top(&p->conf);
}

static void
paste(struct eos *e, struct span text)
{
	struct node *root = edited_tree(e);
	struct paste p = { .e = e };
	struct span line;
	int number = 0;

	conf_init(&p.conf, &EOS_GRAMMAR, e->cli.dev->clean, e->cli.dev);
	while (root != NULL && span_line(&text, &line)) {
		char *raw = mem_strndup(line.p, line.len);

		paste_line(&p, root, raw, ++number);
		free(raw);
	}
	conf_release(&p.conf);
	if (root == NULL)
		complain(e, "", "% Error: the session is not pending");
	else
		term_print(&e->cli.term, "Copy completed successfully.\n");
}

static void
on_cooked(void *ctx, struct span text, bool interrupted)
{
	struct eos *e = ctx;

	if (e->cli.dropped || e->cli.stalled)
		return;
	device_lock(e->cli.dev);
	device_tick(e->cli.dev);
	device_saw(e->cli.dev, e->cli.user, e->cli.line, "(a text to copy terminal:)");
	e->cli.term.mode = TERM_LINE;
	if (interrupted) {
		term_print(&e->cli.term, "\n% Keyboard interrupt\n");
	} else if (!struck(e, STEP_LOAD, false)) {
		paste(e, text);
		struck(e, STEP_LOAD, true);
	}
	if (e->cli.dropped || e->cli.stalled)
		term_next(&e->cli.term, TERM_TEXT, "");
	else
		read_next(e);
	device_unlock(e->cli.dev);
}

/* First words that would do here. */
static void
on_help(void *ctx, const char *line)
{
	struct eos *e = ctx;
	const struct mode *mode = &EOS_GRAMMAR.modes[e->conf.depth > 0 ?
	    e->conf.level[e->conf.depth - 1].mode : 0];
	const char *last = "";

	line += strspn(line, " ");
	if (strchr(line, ' ') != NULL) {
		term_print(&e->cli.term, "  LINE  \n");
		return;
	}
	for (size_t i = 0; i < (e->mode == EOS_EXEC ? tables[T_EXECS].n : mode->n); i++) {
		const char *s = e->mode == EOS_EXEC ? execs[i].syntax : mode->rules[i].syntax;
		size_t len = strcspn(s, " |");

		if (strncmp(s, line, strlen(line)) == 0 && *s != '<' &&
		    (strncmp(last, s, len) != 0 || last[len] != s[len]))
			term_printf(&e->cli.term, "  %.*s\n", (int)len, s);
		last = s;
	}
}

static const struct term_ops term_ops = { on_line, on_cooked, on_help };

/* --- the dialect ------------------------------------------------------ */

static struct cli *
eos_open(struct device *dev, const char *user, int line, bool tty, int width, int rows)
{
	struct eos *e = mem_zalloc(sizeof(*e));

	e->cli.dev = dev;
	e->cli.line = line;
	snprintf(e->cli.user, sizeof(e->cli.user), "%s", user);
	term_init(&e->cli.term, &term_ops, e, tty, width, rows);
	device_lock(dev);
	conf_init(&e->conf, &EOS_GRAMMAR, dev->clean, dev);
	e->enabled = eos_login_enabled(dev->running, user);
	device_unlock(dev);
	return &e->cli;
}

static void
eos_login(struct cli *cli)
{
	struct eos *e = (struct eos *)cli;
	struct device *dev = cli->dev;

	device_lock(dev);
	if (cli->term.tty) {
		struct buf when = BUF_INIT;

		eos_last_login(dev, &when);
		term_print(&cli->term, buf_str(&when));
		term_print(&cli->term, eos_banner_text(dev->running, "motd"));
		buf_release(&when);
	}
	if (!struck(e, STEP_LOGIN, false))
		prompt(e);
	device_unlock(dev);
	cli->term.unpaged = true;
	if (!cli->dropped && !cli->stalled)
		term_flush(&cli->term);
}

static void
eos_resize(struct cli *cli, int width, int rows)
{
	cli->term.width = cli->term.tty ? width : 0;
	if (cli->term.rows != 0)
		cli->term.rows = rows;
}

/* Commands given with the SSH request: no prompt, no pager. */
static void
eos_exec(struct cli *cli, const char *command)
{
	struct eos *e = (struct eos *)cli;
	struct span rest = span_str(command), line;

	cli->term.tty = false;
	cli->term.rows = 0;
	device_lock(cli->dev);
	device_tick(cli->dev);
	while (span_line(&rest, &line) && cli->term.mode != TERM_CLOSED && !cli->dropped &&
	    !cli->stalled) {
		char *raw = mem_strndup(line.p, line.len);

		e->script_line++;
		device_saw(cli->dev, cli->user, cli->line, raw);
		if (e->mode == EOS_EXEC)
			exec_line(e, raw);
		else
			config_line(e, raw);
		free(raw);
	}
	leave_config(e);
	device_unlock(cli->dev);
	term_next(&cli->term, TERM_CLOSED, "");
	if (!cli->dropped && !cli->stalled)
		term_flush(&cli->term);
}

static void
eos_close(struct cli *cli)
{
	struct eos *e = (struct eos *)cli;

	device_lock(cli->dev);
	leave_config(e);
	device_unlock(cli->dev);
	conf_release(&e->conf);
	term_release(&cli->term);
	free(e);
}

static void
eos_banner(const struct node *root, struct buf *out)
{
	buf_adds(out, eos_banner_text(root, "login"));
}

const struct dialect DIALECT_EOS = {
	.name = "arista_eos",
	.version = "4.28.3M",
	.grammar = &EOS_GRAMMAR,
	.defaults = EOS_DEFAULTS,
	.hardware = eos_hardware,
	.generate = eos_generate,
	.render = eos_render,
	.hostname = eos_hostname,
	.user_secret = eos_user_secret,
	.secret_fits = eos_password_fits,
	.store_secret = eos_hash_password,
	.management = eos_management,
	.banner = eos_banner,
	.open = eos_open,
	.login = eos_login,
	.resize = eos_resize,
	.exec = eos_exec,
	.close = eos_close,
};
