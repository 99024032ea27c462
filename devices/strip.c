/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/strip.h"

#define HEAD_LINES 20
#define TAIL_LINES 5

struct at {
	size_t line, lines;
	const struct dialect_block *block;	/* inside one, or NULL */
};

static bool
applies(const struct strip_rule *rule, const struct at *at)
{
	switch (rule->where) {
	case STRIP_HEAD:
		return at->line < HEAD_LINES;
	case STRIP_TAIL:
		return at->line + TAIL_LINES >= at->lines;
	default:
		return true;
	}
}

static bool
stripped(const struct platform *p, const struct at *at, struct span line)
{
	/* What stands in a block is a person's text. */
	if (at->block != NULL)
		return false;
	for (size_t i = 0; i < p->n_strips; i++)
		if (applies(&p->strips[i], at) &&
		    re_find(p->strips[i].line, line, NULL) == 1)
			return true;
	return false;
}

static void
follow_blocks(const struct dialect *d, struct at *at, struct span line)
{
	line = span_trim(span_rtrim(line));
	if (at->block != NULL) {
		if (re_find(at->block->close, line, NULL) == 1)
			at->block = NULL;
		return;
	}
	for (size_t i = 0; i < d->n_blocks && at->block == NULL; i++)
		if (re_find(d->blocks[i].open, line, NULL) == 1)
			at->block = &d->blocks[i];
}

void
strip_text(const struct platform *p, struct span text, struct buf *out)
{
	struct span rest = text, line;
	struct at at = { 0, 0, NULL };

	while (span_line(&rest, &line))
		at.lines++;
	for (rest = text; span_line(&rest, &line); at.line++) {
		if (!stripped(p, &at, span_rtrim(line))) {
			buf_addspan(out, line);
			/* A last line without its end keeps it that way. */
			if (rest.len > 0 || text.p[text.len - 1] == '\n')
				buf_addc(out, '\n');
		}
		follow_blocks(&p->dialect, &at, line);
	}
}
