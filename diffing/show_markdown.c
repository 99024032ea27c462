/* SPDX-License-Identifier: Apache-2.0 */
/* A difference as Markdown: safe in a comment of any forge, whatever a device
 * or a commit wrote. */
#include "diffing/diff.h"

/* Longer ones are folded. */
#define UNFOLDED 20

static void
add_counts(const struct diff *d, struct buf *out)
{
	const struct {
		size_t n;
		const char *word;
	} v[] = { { d->added, "added" }, { d->removed, "removed" }, { d->changed, "changed" },
		{ d->moved, "moved" }, { d->ignored, "ignored" } };
	const char *before = "";

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (v[i].n == 0)
			continue;
		buf_addf(out, "%s%zu %s", before, v[i].n, v[i].word);
		before = ", ";
	}
}

static size_t
count_lines(struct span text)
{
	struct span line;
	size_t n = 0;

	while (span_line(&text, &line))
		n++;
	return n;
}

/* Whole lines within max bytes. */
static struct span
cut(struct span text, size_t max)
{
	if (text.len <= max)
		return text;
	text.len = max;
	while (text.len > 0 && text.p[text.len - 1] != '\n')
		text.len--;
	return text;
}

void
diff_markdown(const struct diff *d, const struct mask_key *key, size_t max, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct span shown;
	size_t lines;
	bool fold;

	if (diff_same(d)) {
		buf_adds(out, "No difference.\n");
		return;
	}
	diff_text(d, key, false, &text);
	lines = count_lines(buf_span(&text));
	shown = cut(buf_span(&text), max);
	fold = lines > UNFOLDED;
	buf_adds(out, fold ? "<details><summary>" : "**");
	add_counts(d, out);
	buf_adds(out, fold ? "</summary>\n\n" : "**\n\n");
	md_fence(out, "diff", shown);
	if (shown.len < text.len)
		buf_addf(out, "\nCut here: %zu more lines.\n", lines - count_lines(shown));
	if (fold)
		buf_adds(out, "\n</details>\n");
	buf_release(&text);
}
