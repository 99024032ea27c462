/* SPDX-License-Identifier: Apache-2.0 */
#include "base/writer.h"

/* What a cell holds is quoted, not changed, but for bytes that act on a
 * terminal: line ends are data in CSV. */
static void
add_quoted(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s.p[i]);
	}
}

static void
add_visible(struct buf *out, struct span s)
{
	const char *cr;

	while (s.len > 0 && (cr = memchr(s.p, '\r', s.len)) != NULL) {
		size_t len = (size_t)(cr - s.p);

		text_visible(out, span_of(s.p, len), true);
		buf_addc(out, '\r');
		s = span_of(cr + 1, s.len - len - 1);
	}
	text_visible(out, s, true);
}

void
csv_cell(struct buf *out, bool first, struct span s)
{
	struct buf seen = BUF_INIT;
	struct span text;
	bool quote = false;

	/* Spreadsheets take such a cell for a formula and run it. */
	if (s.len > 0 && memchr("=+-@\t\r", s.p[0], 6) != NULL)
		buf_addc(&seen, '\'');
	add_visible(&seen, s);
	text = buf_span(&seen);
	for (size_t i = 0; i < text.len && !quote; i++)
		quote = memchr("\",\r\n\t", text.p[i], 5) != NULL;
	quote = quote || (text.len > 0 && (text.p[0] == ' ' || text.p[text.len - 1] == ' '));
	if (!first)
		buf_addc(out, ',');
	if (quote)
		buf_addc(out, '"');
	add_quoted(out, text);
	if (quote)
		buf_addc(out, '"');
	buf_release(&seen);
}

void
csv_end(struct buf *out)
{
	buf_adds(out, "\r\n");
}
