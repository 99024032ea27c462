/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prompt engine over a scripted device: a table of what it is sent and
 * what it then prints, byte by byte in simulated time, so that a device that
 * sends one byte a second costs the test nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "devices/expect.h"
#include "devices/screen.h"

/* --- a device of a table --- */

struct turn {
	const char *want;	/* the line it is sent, "*" for any, NULL ends */
	const char *give;	/* what it prints then */
	size_t chunk;		/* bytes at a time; 0: all at once */
	int gap;		/* milliseconds between them */
	int delay;		/* before the first */
};

#define T(want, give) { want, give, 0, 0, 0 }

struct fake {
	struct sys sys;		/* first: the engine gets a pointer to it */
	int64_t now_ms;
	const struct turn *turn;
	struct buf line;	/* of what was sent, up to its line end */
	struct buf sent;	/* all of it */
	struct buf out;		/* still to be printed */
	size_t at, chunk;
	int gap;
	int64_t due;
	const char *endless;	/* printed for ever */
	bool closes;		/* when nothing is left to print */
	int surprises;		/* lines that were not in the script */
};

static struct mono
fake_mono(struct sys *sys)
{
	struct fake *f = (struct fake *)sys;

	return (struct mono){ f->now_ms * 1000000 };
}

static void
give(struct fake *f, const struct turn *t)
{
	buf_adds(&f->out, t->give);
	f->chunk = t->chunk;
	f->gap = t->gap;
	f->due = f->now_ms + t->delay;
}

static int
fake_read(void *ctx, void *p, size_t n, int real_ms, struct err *err)
{
	struct fake *f = ctx;
	size_t left = f->out.len - f->at;

	if (left == 0 && f->endless != NULL) {
		buf_adds(&f->out, f->endless);
		left = f->out.len - f->at;
	}
	if (left == 0 && f->closes)
		return err_set(err, ERR_CLOSED, "closed");
	if (left == 0 || f->due > f->now_ms + real_ms) {
		f->now_ms += real_ms;
		return 0;
	}
	if (f->due > f->now_ms)
		f->now_ms = f->due;
	if (f->chunk > 0 && left > f->chunk)
		left = f->chunk;
	if (left > n)
		left = n;
	memcpy(p, f->out.data + f->at, left);
	f->at += left;
	f->due = f->now_ms + f->gap;
	return (int)left;
}

static void
line_sent(struct fake *f)
{
	const char *line = buf_str(&f->line);

	if (f->turn != NULL && f->turn->want != NULL &&
	    (strcmp(f->turn->want, "*") == 0 || strcmp(f->turn->want, line) == 0))
		give(f, f->turn++);
	else
		f->surprises++;
	buf_clear(&f->line);
}

static int
fake_write(void *ctx, const void *p, size_t n, struct err *err)
{
	struct fake *f = ctx;
	const char *bytes = p;

	(void)err;
	buf_add(&f->sent, p, n);
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != '\n' && bytes[i] != 0x04 && bytes[i] != ' ')
			buf_addc(&f->line, bytes[i]);
		else if (bytes[i] == ' ' && f->line.len > 0)
			buf_addc(&f->line, ' ');
		else
			line_sent(f);
	}
	return 0;
}

/* --- the engine under test --- */

struct rig {
	struct fake f;
	struct re *exec, *priv, *config, *pager;
	struct expect_mode modes[3];
	struct expect *e;
	struct buf reply;
	struct err err;
};

static struct re *
re(const char *pattern)
{
	struct re *r;

	assert_int_equal(re_compile(&r, pattern, NULL), 0);
	return r;
}

static void
rig_init(struct rig *r, const struct turn *turns)
{
	struct wire wire = { fake_read, fake_write, &r->f };
	struct expect_conf conf = { .modes = r->modes, .n_modes = 3, .enter = "\n",
		.echo = true, .silence_ms = 10000, .command_ms = 300000,
		.max_output = 20000, .sys = &r->f.sys, .pager_answer = " " };

	memset(r, 0, sizeof(*r));
	r->f.sys.mono = fake_mono;
	r->f.sys.scale = 1;
	r->exec = re("^(?<host>[\\w.-]{1,63})>\\s?$");
	r->priv = re("^(?<host>[\\w.-]{1,63})#\\s?$");
	r->config = re("^(?<host>[\\w.-]{1,63})\\(config[\\w-]*\\)#\\s?$");
	r->pager = re("^\\s*--More--\\s*$");
	r->modes[0] = (struct expect_mode){ "exec", r->exec };
	r->modes[1] = (struct expect_mode){ "privileged", r->priv };
	r->modes[2] = (struct expect_mode){ "config", r->config };
	conf.pager = r->pager;
	r->e = expect_new(&conf, &wire);
	if (turns != NULL) {
		give(&r->f, &turns[0]);
		r->f.turn = turns + 1;
	}
}

static void
rig_release(struct rig *r)
{
	expect_free(r->e);
	re_free(r->exec);
	re_free(r->priv);
	re_free(r->config);
	re_free(r->pager);
	buf_release(&r->f.line);
	buf_release(&r->f.sent);
	buf_release(&r->f.out);
	buf_release(&r->reply);
}

static int
command(struct rig *r, const char *line)
{
	struct expect_command c = { .line = span_str(line) };

	buf_clear(&r->reply);
	err_clear(&r->err);
	return expect_send(r->e, &c, &r->reply, &r->err);
}

static void
assert_ok(struct rig *r, int rc)
{
	if (rc != 0)
		print_message("%s: %s\n", err_word(rc), r->err.text);
	assert_int_equal(rc, 0);
}

/* First turn: the greeting. Second: the answer to the empty line of login. */
#define LOGIN T(NULL, "\r\nWelcome\r\nsw1#"), T("", "\r\nsw1#")

/* --- replies --- */

static const struct {
	const char *what;
	const char *give;	/* after `show x` */
	const char *want;	/* the reply */
	size_t chunk;
	int gap;
} replies[] = {
	{ "plain", "show x\r\none\r\ntwo\r\nsw1#", "one\ntwo\n", 0, 0 },
	{ "nothing", "show x\r\nsw1#", "", 0, 0 },
	{ "prompt with a blank", "show x\r\none\r\nsw1# ", "one\n", 0, 0 },
	{ "CR CR LF", "show x\r\r\none\r\r\nsw1#", "one\n", 0, 0 },
	{ "LF only", "show x\none\nsw1#", "one\n", 0, 0 },
	{ "a byte a second", "show x\r\none\r\ntwo\r\nsw1#", "one\ntwo\n", 1, 1000 },
	{ "look-alike inside", "show x\r\nsw1#\r\nafter\r\nsw1#", "sw1#\nafter\n", 0, 0 },
	{ "look-alike, cut there", "show x\r\nsw1#\r\nsw1#", "sw1#\n", 12, 100 },
	{ "look-alike, a byte a second", "show x\r\nbanner\r\nsw1#\r\nEOF\r\nsw1#",
	    "banner\nsw1#\nEOF\n", 1, 1000 },
	{ "look-alike of another host", "show x\r\nsw2#\r\nsw1#", "sw2#\n", 0, 0 },
	{ "look-alike inside a line", "show x\r\ndescription sw1#\r\nsw1#",
	    "description sw1#\n", 0, 0 },
	{ "echo wrapped", "sho\r\nw x\r\none\r\nsw1#", "one\n", 0, 0 },
	{ "echo wrapped by CR", "show\r\n  x\r\none\r\nsw1#", "one\n", 0, 0 },
	{ "echo twice", "show x\r\nshow x\r\none\r\nsw1#", "one\n", 0, 0 },
	{ "echo twice with prompt", "show x\r\nsw1#show x\r\none\r\nsw1#", "one\n", 0, 0 },
	{ "prompt drawn again", "\rsw1#show x\r\none\r\nsw1#", "one\n", 0, 0 },
	{ "echo typed and corrected", "shw\b\x1b[Kow x\r\none\r\nsw1#", "one\n", 0, 0 },
	{ "noise before the echo", "Oct 23 12:20:55 sw1 Agent: %SYS-5-X: hello\r\nshow x\r\n"
	    "one\r\nsw1#", "one\n", 0, 0 },
	{ "colours", "show x\r\n\x1b[1;31mone\x1b[0m\r\n\x1b[7msw1#\x1b[m", "one\n", 0, 0 },
	{ "terminal title", "show x\r\n\x1b]0;sw1\x07one\r\nsw1#", "one\n", 0, 0 },
	{ "C1 bytes", "show x\r\n\x9b" "31mone\x85\r\nsw1#", "one\n", 0, 0 },
	{ "C1 as UTF-8", "show x\r\no\xc2\x9bne\r\nsw1#", "one\n", 0, 0 },
	{ "UTF-8 stays", "show x\r\nd\xc3\xbcsseldorf \xe2\x82\xac\r\nsw1#",
	    "d\xc3\xbcsseldorf \xe2\x82\xac\n", 1, 1 },
	{ "Latin-1 stays", "show x\r\nd\xfcs\r\nsw1#", "d\xfcs\n", 0, 0 },
	{ "progress bar", "show x\r\n[#  ] 10%\r[## ] 50%\r[###] 100%\r\ndone\r\nsw1#",
	    "[###] 100%\ndone\n", 0, 0 },
	{ "overwritten and shorter", "show x\r\nabcdef\rxy\x1b[K\r\nsw1#", "xy\n", 0, 0 },
	{ "trailing blanks stay", "show x\r\none  \r\nsw1#", "one  \n", 0, 0 },
	{ "tab stays", "show x\r\n\tquit\r\nsw1#", "\tquit\n", 0, 0 },
	{ "bell and NUL", "show x\r\no\x07ne\r\nsw1#", "one\n", 0, 0 },
};

static void
send__reply_is_what_stands_between_echo_and_prompt(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		const struct turn turns[] = { LOGIN,
			{ "show x", replies[i].give, replies[i].chunk, replies[i].gap, 0 },
			T("next", "next\r\nfine\r\nsw1#"), T(NULL, NULL) };
		struct rig r;
		int rc;

		rig_init(&r, turns);
		assert_ok(&r, expect_login(r.e, &r.err));
		rc = command(&r, "show x");
		if (rc != 0 || strcmp(buf_str(&r.reply), replies[i].want) != 0)
			print_message("%s: %d %s: \"%s\"\n", replies[i].what, rc, r.err.text,
			    buf_str(&r.reply));
		assert_int_equal(rc, 0);
		assert_string_equal(buf_str(&r.reply), replies[i].want);
		/* Nothing is left over for the next command. */
		assert_ok(&r, command(&r, "next"));
		assert_string_equal(buf_str(&r.reply), "fine\n");
		assert_int_equal(r.f.surprises, 0);
		rig_release(&r);
	}
}

static void
send__wide_line_is_one_line(void **state)
{
	struct buf give = BUF_INIT;
	struct turn turns[] = { LOGIN, T("show x", NULL), T(NULL, NULL) };
	struct rig r;

	(void)state;
	buf_adds(&give, "show x\r\n");
	for (int i = 0; i < 5000; i++)
		buf_addc(&give, 'w');
	buf_adds(&give, "\r\nsw1#");
	turns[2].give = buf_str(&give);
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_ok(&r, command(&r, "show x"));
	assert_int_equal(r.reply.len, 5001);
	rig_release(&r);
	buf_release(&give);
}

static void
send__mode_is_that_of_the_prompt(void **state)
{
	const struct turn turns[] = { LOGIN,
		T("configure", "configure\r\nsw1(config)#"),
		T("end", "end\r\nsw1#"), T(NULL, NULL) };
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_int_equal(expect_mode(r.e), 1);
	assert_string_equal(expect_host(r.e), "sw1");
	assert_ok(&r, command(&r, "configure"));
	assert_int_equal(expect_mode(r.e), 2);
	assert_ok(&r, command(&r, "end"));
	assert_int_equal(expect_mode(r.e), 1);
	rig_release(&r);
}

static bool
always(void *ctx, struct span reply)
{
	(void)ctx;
	(void)reply;
	return true;
}

static void
send__sure_reply_is_believed_sooner(void **state)
{
	const struct turn turns[] = { LOGIN, T("a", "a\r\nsw1#"), T("b", "b\r\nsw1#"),
		T("c", "c\r\nsw1(config)#"), T(NULL, NULL) };
	struct expect_command b = { .line = { "b", 1 }, .sure = always };
	struct expect_command c = { .line = { "c", 1 }, .enters = true, .mode = 2 };
	struct rig r;
	int64_t unsure, sure;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	unsure = r.f.now_ms;
	assert_ok(&r, command(&r, "a"));
	unsure = r.f.now_ms - unsure;
	sure = r.f.now_ms;
	assert_ok(&r, expect_send(r.e, &b, &r.reply, &r.err));
	sure = r.f.now_ms - sure;
	assert_true(sure < unsure && sure <= 20);
	/* And so is a mode that was to be entered. */
	sure = r.f.now_ms;
	assert_ok(&r, expect_send(r.e, &c, &r.reply, &r.err));
	assert_true(r.f.now_ms - sure <= 20);
	rig_release(&r);
}

/* --- pager, questions, new host --- */

static void
pager__is_answered_and_leaves_no_trace(void **state)
{
	static const char *const erasures[] = {
		"\r          \r", "\b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b",
		    "\r\x1b[K", "",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(erasures) / sizeof(erasures[0]); i++) {
		struct buf second = BUF_INIT;
		struct turn turns[] = { LOGIN,
			T("show x", "show x\r\none\r\n\x1b[7m --More-- \x1b[m"),
			T("", NULL), T(NULL, NULL) };
		struct rig r;

		buf_addf(&second, "%stwo\r\nsw1#", erasures[i]);
		turns[3].give = buf_str(&second);
		rig_init(&r, turns);
		assert_ok(&r, expect_login(r.e, &r.err));
		assert_ok(&r, command(&r, "show x"));
		assert_string_equal(buf_str(&r.reply), "one\ntwo\n");
		rig_release(&r);
		buf_release(&second);
	}
}

static void
question__is_answered_once_where_it_stands(void **state)
{
	const struct turn turns[] = {
		T(NULL, "sw1>"), T("", "\r\nsw1>"),
		T("enable", "enable\r\nPassword: "),
		{ "s3cret", "\r\nsw1#", 0, 0, 3000 }, T(NULL, NULL) };
	struct re *match = re("^Password:\\s*$");
	struct expect_question q = { match, { "s3cret", 6 } };
	struct expect_command c = { .line = { "enable", 6 }, .questions = &q,
		.n_questions = 1 };
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_ok(&r, expect_send(r.e, &c, &r.reply, &r.err));
	assert_int_equal(expect_mode(r.e), 1);
	assert_int_equal(r.f.surprises, 0);
	re_free(match);
	rig_release(&r);
}

static void
question__that_never_ends_is_an_error(void **state)
{
	const struct turn turns[] = { LOGIN, T("x", "x\r\n[confirm]"),
#define AGAIN T("y", "y\r\n[confirm]")
		AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN,
		AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, T(NULL, NULL) };
	struct re *match = re("\\[confirm\\]$");
	struct expect_question q = { match, { "y", 1 } };
	struct expect_command c = { .line = { "x", 1 }, .questions = &q, .n_questions = 1 };
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_int_equal(expect_send(r.e, &c, &r.reply, &r.err), ERR_PROMPT);
	re_free(match);
	rig_release(&r);
}

static void
relearn__new_host_is_proven_by_a_second_prompt(void **state)
{
	const struct turn turns[] = { LOGIN, T("commit", "commit\r\nnew-name#"),
		T("", "\r\nnew-name#"), T("next", "next\r\nnew-name#"), T(NULL, NULL) };
	struct expect_command c = { .line = { "commit", 6 }, .relearn = true };
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_ok(&r, expect_send(r.e, &c, &r.reply, &r.err));
	assert_string_equal(expect_host(r.e), "new-name");
	assert_ok(&r, command(&r, "next"));
	rig_release(&r);
}

static void
host__cut_in_long_prompts_is_the_same_host(void **state)
{
	const struct turn turns[] = {
		T(NULL, "a-very-long-host-name-indeed#"), T("",
		    "\r\na-very-long-host-name-indeed#"),
		T("conf", "conf\r\na-very-long-host-nam(config)#"),
		T("end", "end\r\na-very-long-host-name-indeed#"), T(NULL, NULL) };
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_ok(&r, command(&r, "conf"));
	assert_ok(&r, command(&r, "end"));
	assert_string_equal(expect_host(r.e), "a-very-long-host-name-indeed");
	rig_release(&r);
}

/* --- login --- */

static const struct {
	const char *what;
	struct turn turns[6];
	int want;		/* error code */
	const char *text;	/* in the error */
} logins[] = {
	{ "banner with a look-alike", { T(NULL, "sw9#\r\nbe welcome\r\nsw1>"),
	    T("", "\r\nsw1>") }, 0, NULL },
	{ "a look-alike waits in the banner", { { NULL, "sw9#\r\nbe welcome\r\nsw1>", 4, 2000, 0 },
	    T("", "\r\nsw1>") }, 0, NULL },
	{ "a byte a second", { { NULL, "hi\r\nsw1>", 1, 1000, 0 }, { "", "\r\nsw1>", 1, 1000, 0 } },
	    0, NULL },
	{ "nothing until asked", { T(NULL, ""), T("", "\r\nsw1>"), T("", "\r\nsw1>") }, 0, NULL },
	{ "slow to start", { { NULL, "Booting\r\nsw1>", 0, 0, 9000 }, T("*", "\r\nsw1>"),
	    T("*", "\r\nsw1>"), T("*", "\r\nsw1>"), T("*", "\r\nsw1>") }, 0, NULL },
	{ "silent", { T(NULL, "") }, ERR_TIMEOUT, "fell silent" },
	{ "no prompt", { T(NULL, "Press RETURN to get started") }, ERR_PROMPT, "Press RETURN" },
	{ "another prompt", { T(NULL, "$ "), T("", "\r\n$ ") }, ERR_PROMPT, "no prompt of this" },
};

static void
login__learns_the_prompt_or_says_what_it_saw(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		struct rig r;
		int rc;

		rig_init(&r, logins[i].turns);
		rc = expect_login(r.e, &r.err);
		if (rc != logins[i].want)
			print_message("%s: %d %s\n", logins[i].what, rc, r.err.text);
		assert_int_equal(rc, logins[i].want);
		if (rc == 0)
			assert_string_equal(expect_host(r.e), "sw1");
		else
			assert_non_null(strstr(r.err.text, logins[i].text));
		assert_true(r.f.now_ms <= 400000);
		rig_release(&r);
	}
}

/* --- what goes wrong --- */

static void
fail__silence_names_the_last_line(void **state)
{
	const struct turn turns[] = { LOGIN, T("x", "x\r\nworking on it"), T(NULL, NULL) };
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_int_equal(command(&r, "x"), ERR_TIMEOUT);
	assert_non_null(strstr(r.err.text, "silent"));
	assert_non_null(strstr(r.err.text, "working on it"));
	/* It is out of step now and stays unused. */
	assert_int_equal(command(&r, "x"), ERR_CLOSED);
	rig_release(&r);
}

static void
fail__endless_output_is_cut(void **state)
{
	const struct turn turns[] = { LOGIN, T("x", "x\r\n"), T(NULL, NULL) };
	static const char *const endless[] = { "more and more\r\n", "bar\r", "no line end ",
		"\x1b[0m", "sw1#\r\n", "--More--\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(endless) / sizeof(endless[0]); i++) {
		struct rig r;

		rig_init(&r, turns);
		assert_ok(&r, expect_login(r.e, &r.err));
		r.f.endless = endless[i];
		assert_int_equal(command(&r, "x"), ERR_OUTPUT);
		rig_release(&r);
	}
}

static void
fail__slow_endless_output_ends_in_time(void **state)
{
	const struct turn turns[] = { LOGIN, { "x", "x\r\n", 1, 1000, 0 }, T(NULL, NULL) };
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	r.f.endless = "ever on ";
	assert_int_equal(command(&r, "x"), ERR_TIMEOUT);
	assert_non_null(strstr(r.err.text, "in time"));
	rig_release(&r);
}

static void
fail__closed_midway_is_said(void **state)
{
	const struct turn turns[] = { LOGIN, T("x", "x\r\nhalf a li"), T(NULL, NULL) };
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	r.f.closes = true;
	assert_int_equal(command(&r, "x"), ERR_CLOSED);
	assert_non_null(strstr(r.err.text, "half a li"));
	rig_release(&r);
}

static void
fail__answer_to_something_else_is_noticed(void **state)
{
	/* The rest of an earlier answer, then prompt and echo. */
	const struct turn turns[] = { LOGIN,
		T("x", "rest of the banner\r\nEOF\r\nsw1#x\r\nout\r\nsw1#"), T(NULL, NULL) };
	const struct turn noisy[] = { LOGIN,
		T("x", "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n10\r\nsw1#"), T(NULL, NULL) };
	struct rig r;
	int rc;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	rc = command(&r, "x");
	assert_true(rc == ERR_PROMPT || rc == ERR_TIMEOUT);
	rig_release(&r);

	rig_init(&r, noisy);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_int_equal(command(&r, "x"), ERR_PROMPT);
	rig_release(&r);
}

static void
fail__control_bytes_are_not_sent(void **state)
{
	const struct turn turns[] = { LOGIN, T(NULL, NULL) };
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_int_equal(command(&r, "show\nreload"), ERR_CONTENT);
	assert_int_equal(command(&r, "show\x03"), ERR_CONTENT);
	assert_null(strstr(buf_str(&r.f.sent), "reload"));
	rig_release(&r);
}

/* --- heredoc and paste --- */

static bool
stop_at_error(void *ctx, struct span line)
{
	(void)ctx;
	return span_starts(line, "% Invalid");
}

static struct expect_bulk
bulk_of(const char *open, const char *text)
{
	return (struct expect_bulk){ .open = span_str(open), .text = span_str(text),
		.end = { "\x04", 1 }, .stop = stop_at_error };
}

static void
heredoc__text_is_not_part_of_the_reply(void **state)
{
	/* The candidate holds the marker, an error and a prompt. */
	const struct turn turns[] = { LOGIN,
		T("copy terminal:", "copy terminal:\r\n"),
		T("hostname x", "hostname x\r\n"),
		T("% Invalid input", "% Invalid input\r\n"),
		T("sw1#", "sw1#\r\n"),
		T("done", "done\r\n"),
		T("", "done\r\nsw1#"),
		T(NULL, NULL) };
	struct expect_bulk b = bulk_of("copy terminal:",
	    "hostname x\n% Invalid input\nsw1#\ndone\n");
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_ok(&r, expect_heredoc(r.e, &b, &r.reply, &r.err));
	assert_string_equal(buf_str(&r.reply), "done\n");
	assert_int_equal(r.f.surprises, 0);
	rig_release(&r);
}

static void
heredoc__works_without_echo_of_the_text(void **state)
{
	const struct turn turns[] = { LOGIN,
		T("copy", "copy\r\nenter text\r\n"), T("a", ""), T("b", ""),
		T("", "% Invalid input at line 2\r\ndone\r\nsw1#"), T(NULL, NULL) };
	struct expect_bulk b = bulk_of("copy", "a\nb\n");
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_ok(&r, expect_heredoc(r.e, &b, &r.reply, &r.err));
	assert_string_equal(buf_str(&r.reply), "enter text\n% Invalid input at line 2\ndone\n");
	rig_release(&r);
}

static void
heredoc__refused_opening_sends_nothing(void **state)
{
	const struct turn turns[] = { LOGIN,
		T("copy", "copy\r\n% Invalid input\r\nsw1#"), T(NULL, NULL) };
	struct expect_bulk b = bulk_of("copy", "secret line\n");
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_ok(&r, expect_heredoc(r.e, &b, &r.reply, &r.err));
	assert_string_equal(buf_str(&r.reply), "% Invalid input\n");
	assert_null(strstr(buf_str(&r.f.sent), "secret"));
	rig_release(&r);
}

static void
heredoc__error_does_not_quote_the_candidate(void **state)
{
	const struct turn turns[] = { LOGIN, T("copy", "copy\r\n"),
		T("username a secret hunter2", "username a secret hunter2"), T(NULL, NULL) };
	struct expect_bulk b = bulk_of("copy", "username a secret hunter2\n");
	struct rig r;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_int_equal(expect_heredoc(r.e, &b, &r.reply, &r.err), ERR_TIMEOUT);
	assert_null(strstr(r.err.text, "hunter2"));
	rig_release(&r);
}

static void
paste__every_line_has_its_prompt(void **state)
{
	const struct turn turns[] = { LOGIN,
		T("interface e1", "interface e1\r\nsw1(config-if)#"),
		T("shutdown", "shutdown\r\nsw1(config-if)#"),
		T("exit", "exit\r\nsw1(config)#"), T(NULL, NULL) };
	struct expect_bulk b = { .text = span_str("interface e1\nshutdown\nexit\n"),
		.stop = stop_at_error };
	struct rig r;
	size_t line = 9;

	(void)state;
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_ok(&r, expect_paste(r.e, &b, &r.reply, &line, &r.err));
	assert_string_equal(buf_str(&r.reply), "");
	assert_int_equal(line, 0);
	assert_int_equal(expect_mode(r.e), 2);
	rig_release(&r);
}

static void
paste__stops_at_the_first_error_and_names_its_line(void **state)
{
	struct buf text = BUF_INIT;
	struct turn turns[3000] = { LOGIN };
	struct expect_bulk b = { .stop = stop_at_error };
	struct rig r;
	size_t line = 0, n = 2;

	(void)state;
	for (int i = 0; i < 2900; i++, n++) {
		turns[n] = (struct turn)T("a line of some length",
		    "a line of some length\r\nsw1(config)#");
		if (i == 1)
			turns[n].give = "a line of some length\r\n% Invalid "
			    "input\r\nsw1(config)#";
		buf_adds(&text, "a line of some length\n");
	}
	b.text = buf_span(&text);
	rig_init(&r, turns);
	assert_ok(&r, expect_login(r.e, &r.err));
	assert_ok(&r, expect_paste(r.e, &b, &r.reply, &line, &r.err));
	assert_int_equal(line, 2);
	assert_string_equal(buf_str(&r.reply), "% Invalid input\n");
	/* It is all one network round trip ahead at most. */
	assert_true(r.f.sent.len < text.len);
	rig_release(&r);
	buf_release(&text);
}

/* --- screen --- */

static void
screen__line_is_bounded(void **state)
{
	struct screen s;
	char block[4096];

	(void)state;
	memset(block, 'x', sizeof(block));
	screen_init(&s, 10000);
	for (int i = 0; i < 600; i++)
		screen_feed(&s, block, sizeof(block));
	assert_true(s.line.truncated);
	assert_true(s.line.len <= (size_t)1 << 20);
	screen_feed(&s, "\n", 1);
	assert_true(s.text.truncated);
	assert_true(s.text.len <= 10000);
	screen_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(send__reply_is_what_stands_between_echo_and_prompt),
		cmocka_unit_test(send__wide_line_is_one_line),
		cmocka_unit_test(send__mode_is_that_of_the_prompt),
		cmocka_unit_test(send__sure_reply_is_believed_sooner),
		cmocka_unit_test(pager__is_answered_and_leaves_no_trace),
		cmocka_unit_test(question__is_answered_once_where_it_stands),
		cmocka_unit_test(question__that_never_ends_is_an_error),
		cmocka_unit_test(relearn__new_host_is_proven_by_a_second_prompt),
		cmocka_unit_test(host__cut_in_long_prompts_is_the_same_host),
		cmocka_unit_test(login__learns_the_prompt_or_says_what_it_saw),
		cmocka_unit_test(fail__silence_names_the_last_line),
		cmocka_unit_test(fail__endless_output_is_cut),
		cmocka_unit_test(fail__slow_endless_output_ends_in_time),
		cmocka_unit_test(fail__closed_midway_is_said),
		cmocka_unit_test(fail__answer_to_something_else_is_noticed),
		cmocka_unit_test(fail__control_bytes_are_not_sent),
		cmocka_unit_test(heredoc__text_is_not_part_of_the_reply),
		cmocka_unit_test(heredoc__works_without_echo_of_the_text),
		cmocka_unit_test(heredoc__refused_opening_sends_nothing),
		cmocka_unit_test(heredoc__error_does_not_quote_the_candidate),
		cmocka_unit_test(paste__every_line_has_its_prompt),
		cmocka_unit_test(paste__stops_at_the_first_error_and_names_its_line),
		cmocka_unit_test(screen__line_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
