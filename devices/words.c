/* SPDX-License-Identifier: Apache-2.0 */
#include "devices/words.h"

#include "base/secret.h"

#define WORDS_MAX 160

/* Cut at the front of a secret: what follows it may be part of it. */
static struct span
before_secret(const struct dialect *d, struct span line, bool *cut)
{
	struct re_match m;

	for (size_t i = 0; d != NULL && i < d->n_secrets; i++) {
		int group = re_group(d->secrets[i].line, "secret");

		if (re_find(d->secrets[i].line, line, &m) == 0)
			continue;
		*cut = true;
		if (group <= 0 || group >= m.n || m.group[group].p == NULL)
			return span_of(line.p, 0);
		line.len = (size_t)(m.group[group].p - line.p);
	}
	return line;
}

void
words_add(struct buf *out, const struct dialect *d, struct span line)
{
	struct buf words = BUF_INIT;
	bool cut = false;

	line = before_secret(d, span_trim(span_rtrim(line)), &cut);
	buf_addspan(&words, line);
	if (cut)
		buf_adds(&words, "<secret>");
	secret_mask(&words);
	if (words.len > WORDS_MAX) {
		buf_cut(&words, WORDS_MAX);
		buf_adds(&words, "...");
	}
	text_visible(out, buf_span(&words), false);
	buf_wipe(&words);
}

struct span
words_last(struct span text)
{
	struct span line, last = { "", 0 };

	while (span_line(&text, &line))
		if (span_trim(span_rtrim(line)).len > 0)
			last = line;
	return last;
}
