/* SPDX-License-Identifier: Apache-2.0 */
#include "diffing/block.h"

#include "diffing/tree.h"

static const char *
find_delim(const struct block *b, struct span s)
{
	return b->delim_len > 0 ? memmem(s.p, s.len, b->delim, b->delim_len) : NULL;
}

static void
set_delim(struct block *b, struct span line)
{
	struct span delim = rules_group(b->rule->open, "delim", line);

	b->head = line.len;
	if (delim.p == NULL || delim.len == 0 || delim.len > BLOCK_DELIM_MAX)
		return;
	memcpy(b->delim, delim.p, delim.len);
	b->delim_len = delim.len;
	b->head = (size_t)(delim.p - line.p);
}

bool
block_open(struct block *b, const struct rules *r, struct span line, const struct parents *up)
{
	const struct dialect_rule *rule = rules_find(r, RULE_BLOCK, line, up);
	size_t inner;

	*b = (struct block){ .left = 1 };
	if (rule == NULL)
		return false;
	b->rule = &r->dialect->blocks[rule - r->sets[RULE_BLOCK].v];
	if (b->rule->times > 1)
		b->left = b->rule->times;
	set_delim(b, line);
	inner = b->head + b->delim_len;
	if (find_delim(b, span_of(line.p + inner, line.len - inner)) != NULL)
		b->rule = NULL;
	return true;
}

void
block_line(struct block *b, struct span line)
{
	bool ends = b->delim_len > 0 ? find_delim(b, line) != NULL :
	    b->rule->close != NULL && re_find(b->rule->close, line, NULL) > 0;

	if (ends && --b->left == 0)
		b->rule = NULL;
}

static void
add_trimmed(struct span text, struct buf *out)
{
	struct span line;

	while (span_line(&text, &line)) {
		line = span_trim(span_rtrim(line));
		if (line.len > 0 && out->len > 0)
			buf_addc(out, '\n');
		buf_addspan(out, line);
	}
}

void
block_form(const struct block *b, struct span text, struct buf *out)
{
	struct buf clean = BUF_INIT;
	const char *at, *end, *delim;

	if (b->delim_len == 0) {
		if (b->rule != NULL && b->rule->indented)
			add_trimmed(text, out);
		else
			tree_clean_lines(text, out);
		return;
	}
	tree_clean_lines(text, &clean);
	at = buf_str(&clean);
	end = at + clean.len;
	buf_add(out, at, b->head);
	at += b->head;
	while ((delim = find_delim(b, span_of(at, (size_t)(end - at)))) != NULL) {
		buf_add(out, at, (size_t)(delim - at));
		buf_adds(out, "^C");
		at = delim + b->delim_len;
	}
	buf_add(out, at, (size_t)(end - at));
	buf_release(&clean);
}
