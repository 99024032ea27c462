/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/strip.h"

#include "diffing/block.h"

#define HEAD_LINES 20
#define TAIL_LINES 5

struct at {
	bool head, tail, any;	/* where it is, and that some rule is for all lines */
	struct block block;	/* its rule is NULL outside of one */
};

static bool
applies(const struct strip_rule *rule, const struct at *at)
{
	switch (rule->where) {
	case STRIP_HEAD:
		return at->head;
	case STRIP_TAIL:
		return at->tail;
	default:
		return true;
	}
}

static bool
stripped(const struct platform *p, const struct at *at, struct span line)
{
	/* What stands in a block is a person's text. */
	if (at->block.rule != NULL || !(at->head || at->tail || at->any))
		return false;
	for (size_t i = 0; i < p->n_strips; i++)
		if (applies(&p->strips[i], at) &&
		    re_find(p->strips[i].line, span_rtrim(line), NULL) == 1)
			return true;
	return false;
}

static void
follow_blocks(const struct platform *p, struct at *at, struct span line)
{
	struct parents none = { .n = 0 };

	line = span_trim(span_rtrim(line));
	if (at->block.rule != NULL)
		block_line(&at->block, line);
	else if (rules_may(&p->rules, RULE_BLOCK, line))
		block_open(&at->block, &p->rules, line, &none);
}

/* Where the last TAIL_LINES lines begin. */
static const char *
tail_of(struct span text)
{
	const char *lf = text.p + text.len;

	if (text.len > 0 && lf[-1] == '\n')
		lf--;
	for (int i = 0; i < TAIL_LINES; i++) {
		if (lf == text.p ||
		    (lf = memrchr(text.p, '\n', (size_t)(lf - text.p))) == NULL)
			return text.p;
	}
	return lf + 1;
}

void
strip_text(const struct platform *p, struct span text, struct buf *out)
{
	const char *from = text.p, *tail = tail_of(text);
	struct span rest = text, line;
	struct at at = { .head = true };

	for (size_t i = 0; i < p->n_strips; i++)
		at.any |= p->strips[i].where == STRIP_ANY;
	for (size_t i = 1; span_line(&rest, &line); i++) {
		at.tail = line.p >= tail;
		if (stripped(p, &at, line)) {
			buf_add(out, from, (size_t)(line.p - from));
			from = rest.p;
		}
		follow_blocks(p, &at, line);
		at.head = i < HEAD_LINES;
	}
	buf_add(out, from, (size_t)(text.p + text.len - from));
}
