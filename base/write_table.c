/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table for terminals and logs, and the one way out of the process: what
 * people see has its secrets masked and its control bytes made visible.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/writer.h"

#define GAP 2	/* blanks between columns */

struct cell {
	const char *text;
	size_t width;
};

struct table {
	struct arena a;
	size_t columns;
	size_t *widths;
	struct cell **rows;	/* the first holds the heads */
	size_t n;
};

/* Code points: close enough to columns of a terminal for what devices say. */
static size_t
width_of(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

struct table *
table_new(const char *const *heads)
{
	struct table *t = mem_zalloc(sizeof(*t));

	while (heads[t->columns] != NULL)
		t->columns++;
	t->widths = arena_calloc(&t->a, t->columns, sizeof(*t->widths));
	table_row(t, heads);
	return t;
}

void
table_row(struct table *t, const char *const *cells)
{
	struct cell *row = arena_calloc(&t->a, t->columns, sizeof(*row));
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < t->columns; i++) {
		buf_clear(&text);
		text_visible(&text, span_str(cells[i]), false);
		row[i].text = arena_strdup(&t->a, buf_str(&text));
		row[i].width = width_of(row[i].text);
		if (row[i].width > t->widths[i])
			t->widths[i] = row[i].width;
	}
	buf_release(&text);
	ARENA_PUSH(&t->a, t->rows, t->n) = row;
}

static void
write_row(const struct table *t, const struct cell *row, struct buf *out)
{
	size_t blanks = 0;	/* owed: none at the end of a line */

	for (size_t i = 0; i < t->columns; i++) {
		for (; row[i].width > 0 && blanks > 0; blanks--)
			buf_addc(out, ' ');
		buf_adds(out, row[i].text);
		blanks += t->widths[i] - row[i].width + GAP;
	}
	buf_addc(out, '\n');
}

void
table_write(struct table *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++)
		write_row(t, t->rows[i], out);
}

void
table_free(struct table *t)
{
	struct arena a;

	if (t == NULL)
		return;
	a = t->a;
	free(t);
	arena_release(&a);
}

/* Write some of it; waits when fd is not ready. */
static ssize_t
write_some(int fd, const char *p, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	for (;;) {
		n = write(fd, p, len);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n;
		if (errno == EAGAIN)
			poll(&ready, 1, -1);
	}
}

int
out_flush(struct buf *b, int fd, struct err *err)
{
	size_t done = 0;
	int r = 0;

	secret_mask(b);
	while (done < b->len) {
		ssize_t n = write_some(fd, b->data + done, b->len - done);

		if (n < 0) {
			r = err_errno(err, errno == EPIPE ? ERR_CLOSED : ERR_IO,
			    "output: cannot write");
			break;
		}
		done += (size_t)n;
	}
	buf_clear(b);
	return r;
}
