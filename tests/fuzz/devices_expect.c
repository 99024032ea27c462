/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The prompt engine against a device that says anything at all, in simulated
 * time. What must hold: it ends within its deadlines, in bounded work; a reply
 * holds no control byte but LF and TAB; nothing but what it was told, answers
 * and line ends is ever sent.
 *
 * The first byte chooses what is done and how the rest is cut into reads.
 */
#include <assert.h>

#include "devices/expect.h"

struct fake {
	struct sys sys;
	int64_t now_ms;
	const uint8_t *data;
	size_t left, chunk;
	int gap;
	size_t written, reads;
};

static struct mono
fake_mono(struct sys *sys)
{
	return (struct mono){ ((struct fake *)sys)->now_ms * 1000000 };
}

static int
fake_read(void *ctx, void *p, size_t n, int real_ms, struct err *err)
{
	struct fake *f = ctx;

	/* Each read gives a byte or lets time pass, so there is an end. */
	assert(++f->reads < 300000);
	if (f->left == 0) {
		f->now_ms += real_ms;
		return f->chunk % 2 == 0 ? 0 : err_set(err, ERR_CLOSED, "closed");
	}
	f->now_ms += f->gap;
	if (n > f->chunk)
		n = f->chunk;
	if (n > f->left)
		n = f->left;
	memcpy(p, f->data, n);
	f->data += n;
	f->left -= n;
	return (int)n;
}

static int
fake_write(void *ctx, const void *p, size_t n, struct err *err)
{
	struct fake *f = ctx;

	(void)p;
	(void)err;
	f->written += n;
	return 0;
}

static bool
stops(void *ctx, struct span line)
{
	(void)ctx;
	return span_starts(line, "%");
}

static bool
sure(void *ctx, struct span reply)
{
	(void)ctx;
	return reply.len % 2 == 0;
}

static void
reply_check(const struct buf *reply)
{
	for (size_t i = 0; i < reply->len; i++) {
		unsigned char c = (unsigned char)reply->data[i];

		assert((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t');
	}
}

static void
converse(struct expect *e, int what, const struct expect_question *q)
{
	static const char text[] = "hostname x\nbanner motd\nsw1#\nEOF\n\nend\n";
	struct expect_command c = { .line = span_str("show x"), .questions = q,
		.n_questions = 1, .sure = what & 1 ? sure : NULL, .relearn = (what & 2) != 0 };
	struct expect_bulk b = { .open = span_str("copy"), .text = span_str(text),
		.end = { "\x04", 1 }, .stop = stops, .sure = what & 1 ? sure : NULL };
	struct buf reply = BUF_LIMIT(65536);
	struct err err = ERR_INIT;
	size_t line;
	int rc = expect_login(e, &err);

	if (rc == 0 && (what & 12) == 0)
		rc = expect_heredoc(e, &b, &reply, &err);
	else if (rc == 0 && (what & 12) == 4)
		rc = expect_paste(e, &b, &reply, &line, &err);
	for (int i = 0; rc == 0 && i < 4; i++)
		rc = expect_send(e, &c, &reply, &err);
	assert(rc == 0 || err.text[0] != '\0');
	reply_check(&reply);
	buf_release(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct re *prompt, *config, *pager, *question;
	struct fake f = { .sys = { .mono = fake_mono, .scale = 1 } };
	struct wire wire = { fake_read, fake_write, &f };
	struct expect_mode modes[2];
	struct expect_question q;
	struct expect_conf conf = { .modes = modes, .n_modes = 2, .pager_answer = " ",
		.enter = "\n", .silence_ms = 10000, .command_ms = 60000, .max_output = 16384,
		.sys = &f.sys };
	struct expect *e;

	if (size == 0 || size > 65536)
		return 0;
	if (prompt == NULL) {
		assert(re_compile(&prompt, "^(?<host>[\\w.-]{1,63})#\\s?$", NULL) == 0);
		assert(re_compile(&config, "^(?<host>[\\w.-]{1,63})\\(config[\\w-]*\\)#$",
		    NULL) == 0);
		assert(re_compile(&pager, "^\\s*--More--\\s*$", NULL) == 0);
		assert(re_compile(&question, "\\?\\s*$", NULL) == 0);
	}
	modes[0] = (struct expect_mode){ "privileged", prompt };
	modes[1] = (struct expect_mode){ "config", config };
	q = (struct expect_question){ question, { "y", 1 } };
	conf.pager = pager;
	conf.echo = (data[0] & 0x10) != 0;
	f.data = data + 1;
	f.left = size - 1;
	f.chunk = (size_t)1 << ((data[0] >> 5) & 7);
	f.gap = data[0] & 0x80 ? 40 : 0;
	e = expect_new(&conf, &wire);
	converse(e, data[0] & 15, &q);
	/* Login, a bulk and four commands, each within its time. */
	assert(f.now_ms <= 7 * 70000 + 40 * 65536);
	assert(f.written < 16384);
	expect_free(e);
	return 0;
}
