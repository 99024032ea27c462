/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/masking.h"

#include "controller/fill.h"
#include "controller/source.h"

/* Bytes of a line beside its secret that tell it from others. */
#define LITERAL_MIN 3

/* Blanks are as the device likes them. */
static void
add_literal(struct buf *out, struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
			re_quote(out, span_of(s.p + i, 1));
		else if (i == 0 || (s.p[i - 1] != ' ' && s.p[i - 1] != '\t'))
			buf_adds(out, "\\s+");
}

bool
masking_pattern(struct span before, struct span after, bool braces, struct buf *out)
{
	size_t i;

	/* A rule sees one statement, not the line that holds several. */
	for (i = before.len; braces && i > 0; i--)
		if (strchr("{};", before.p[i - 1]) != NULL) {
			before = span_of(before.p + i, before.len - i);
			break;
		}
	for (i = 0; braces && i < after.len; i++)
		if (strchr("{};", after.p[i]) != NULL) {
			after.len = i;
			break;
		}
	while (before.len > 0 && (before.p[0] == ' ' || before.p[0] == '\t'))
		before = span_of(before.p + 1, before.len - 1);
	after = span_rtrim(after);
	if (span_rtrim(before).len + after.len < LITERAL_MIN)
		return false;
	buf_adds(out, "^");
	add_literal(out, before);
	buf_adds(out, "(?<secret>.+?)");
	add_literal(out, after);
	buf_adds(out, braces ? "\\s*[;{}]?$" : "$");
	return true;
}

static void
add_pattern(struct masking *m, struct span line, struct dialect_rule *rules)
{
	struct buf pattern = BUF_INIT;
	const char *first, *last, *next, *end = line.p + line.len, *close;

	first = last = memmem(line.p, line.len, SECRET_OPEN, strlen(SECRET_OPEN));
	while ((next = memmem(last + 1, (size_t)(end - last - 1), SECRET_OPEN, strlen(SECRET_OPEN))) != NULL)
		last = next;
	close = memchr(last, '}', (size_t)(end - last));
	if (close != NULL && masking_pattern(
	    span_of(line.p, (size_t)(first - line.p)),
	    span_of(close + 1, (size_t)(end - close - 1)),
	    m->dialect.syntax == SYNTAX_BRACE, &pattern) &&
	    re_compile(&m->patterns[m->n], buf_str(&pattern), NULL) == 0) {
		rules[m->n] = (struct dialect_rule){ .name = "reference in Git",
			.line = m->patterns[m->n] };
		m->n++;
	}
	buf_release(&pattern);
}

static size_t
count_lines(struct span text)
{
	struct span line;
	size_t n = 0;

	while (span_line(&text, &line))
		n += memmem(line.p, line.len, SECRET_OPEN, strlen(SECRET_OPEN)) != NULL;
	return n;
}

static void
add_text(struct masking *m, struct span text, struct dialect_rule *rules)
{
	struct span line;

	while (span_line(&text, &line))
		if (memmem(line.p, line.len, SECRET_OPEN, strlen(SECRET_OPEN)) != NULL)
			add_pattern(m, line, rules);
}

static int
read_texts(const struct controller *c, const struct intent *in,
    const struct intended_device *d, const struct device_record *known,
    struct buf *intended, struct buf *applied, struct err *err)
{
	const size_t max = (size_t)in->snapshot->max_config_bytes;
	struct repo *repo = NULL;
	struct oid blob;
	int r;

	if ((r = source_repo(c, &repo, err)) != 0)
		return r;
	if (known != NULL && known->applied_blob != NULL &&
	    oid_parse(known->applied_blob, &blob) && !oid_eq(&blob, &d->blob))
		(void)repo_blob(repo, &blob, max, applied, NULL);
	if (d->config_path != NULL)
		r = snapshot_text(in->snapshot, repo, d, intended, err);
	repo_close(repo);
	return r;
}

int
masking_init(struct masking *m, const struct controller *c, const struct intent *in,
    const struct intended_device *d, const struct device_record *known, struct err *err)
{
	const struct platform *p = d->platform == NULL ? NULL :
	    platforms_find(c->platforms, d->platform);
	struct buf intended = BUF_INIT, applied = BUF_INIT;
	struct dialect_rule *rules;
	size_t n, more;
	int r;

	memset(m, 0, sizeof(*m));
	if (p == NULL)
		return err_set(err, ERR_UNSUPPORTED, "its platform is not known, so what is "
		    "secret on it is not known either");
	m->dialect = *platform_dialect(p);
	n = m->dialect.n_secrets;
	r = read_texts(c, in, d, known, &intended, &applied, err);
	more = count_lines(buf_span(&intended)) + count_lines(buf_span(&applied));
	m->patterns = arena_calloc(&m->arena, more + 1, sizeof(m->patterns[0]));
	rules = arena_calloc(&m->arena, n + more + 1, sizeof(rules[0]));
	if (n > 0)
		memcpy(rules, m->dialect.secrets, n * sizeof(rules[0]));
	add_text(m, buf_span(&intended), rules + n);
	add_text(m, buf_span(&applied), rules + n);
	m->dialect.secrets = rules;
	m->dialect.n_secrets = n + m->n;
	buf_release(&intended);
	buf_release(&applied);
	return r;
}

void
masking_release(struct masking *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		re_free(m->patterns[i]);
	m->n = 0;
	arena_release(&m->arena);
}
