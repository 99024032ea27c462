/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference parts of docs/ are made from the tables that the program runs
 * by, so that a key, an outcome or a field cannot be documented wrongly. Each
 * part stands between two comments; this test renders it and compares.
 *
 * To bring the pages up to date after a table was changed:
 *
 *	FAIRLEAD_UPDATE_DOCS=1 ctest --preset dev -R unit/controller_reference
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "controller/record.h"
#include "controller/settings.h"
#include "intended/snapshot.h"

#define PAGE_MAX ((size_t)1 << 20)

struct word {
	const char *word, *help;
};
static const struct word ENDS[] = {
#define X(name, word, help) { word, help },
	OUTCOMES(X)
#undef X
};
static const struct word STATES[] = {
#define X(name, word, help) { word, help },
	JOB_STATES(X)
#undef X
};

/* Several tables under one, so that what they share is described once. */
static const struct field RECORDS_ROWS[] = {
	{ .key = "run", .type = FIELD_STRUCT, .table = &RUN_RECORD,
	    .help = "Below." },
	{ .key = "job", .type = FIELD_STRUCT, .table = &JOB_RECORD,
	    .help = "Below." },
	{ .key = "device", .type = FIELD_STRUCT, .table = &DEVICE_RECORD,
	    .help = "Below." },
	{ .key = "audit", .type = FIELD_STRUCT, .table = &AUDIT_RECORD,
	    .help = "Below." },
};
static const struct field_table RECORDS = { "records", NULL, 0, RECORDS_ROWS, 4 };

/* A field table, or a list of words; `bare` leaves out the table itself and
 * keeps those below it. */
static const struct section {
	const char *page, *name;
	const struct field_table *table;
	const struct word *words;
	size_t n;
	bool bare;
} SECTIONS[] = {
	{ "docs/settings.md", "settings", NULL, NULL, 0, false },
	{ "docs/repository.md", "data.fairlead", &INTENDED_EXTRAS, NULL, 0, false },
	{ "docs/results.md", "ends", NULL, ENDS, sizeof(ENDS) / sizeof(ENDS[0]), false },
	{ "docs/results.md", "states", NULL, STATES, sizeof(STATES) / sizeof(STATES[0]), false },
	{ "docs/results.md", "records", &RECORDS, NULL, 0, true },
};
#define SECTIONS_N (sizeof(SECTIONS) / sizeof(SECTIONS[0]))

static void
render_words(const struct section *s, struct buf *out)
{
	buf_adds(out, "| Word | Meaning |\n|---|---|\n");
	for (size_t i = 0; i < s->n; i++) {
		buf_adds(out, "| ");
		md_cell_code(out, span_str(s->words[i].word));
		buf_adds(out, " | ");
		md_cell(out, span_str(s->words[i].help));
		buf_adds(out, " |\n");
	}
}

/* The writer for Markdown expects text from outside, whose mark-up must not
 * come alive. Ours may: without escapes and invisible characters it can be read
 * and copied. */
static void
plain(struct span s, struct buf *out)
{
	static const char JOINER[] = "\xe2\x81\xa0";

	while (s.len > 0) {
		if (span_starts(s, JOINER))
			s = span_of(s.p + 3, s.len - 3);
		else if (s.p[0] == '\\' && s.len > 1 && s.p[1] != '|')
			s = span_of(s.p + 1, s.len - 1);
		if (s.len == 0)
			break;
		buf_addc(out, s.p[0]);
		s = span_of(s.p + 1, s.len - 1);
	}
	buf_addc(out, '\n');
}

/* Its headings one level down: a section has a heading of its own. */
static void
render_table(const struct field_table *t, bool bare, struct buf *out)
{
	struct buf page = BUF_INIT;
	struct span rest, line;
	int tables = 0;

	field_reference(t, &page);
	rest = buf_span(&page);
	while (span_line(&rest, &line)) {
		if (span_starts(line, "## "))
			tables++;
		if (bare && tables < 2)
			continue;
		if (span_starts(line, "## "))
			buf_addc(out, '#');
		plain(line, out);
	}
	buf_release(&page);
}

static void
render(const struct section *s, struct buf *out)
{
	buf_addf(out, "<!-- generated: %s -->\n", s->name);
	if (s->words != NULL)
		render_words(s, out);
	else
		render_table(s->table != NULL ? s->table : settings_table(), s->bare, out);
	buf_addf(out, "<!-- end: %s -->\n", s->name);
}

static char *
read_page(const char *path, size_t *len)
{
	struct err err = ERR_INIT;
	char *text = NULL;

	if (file_read(path, PAGE_MAX, &text, len, &err) != 0)
		fail_msg("%s", err.text);
	return text;
}

/* Where a section begins and ends in its page. */
static void
find(const struct section *s, const char *text, size_t *from, size_t *to)
{
	struct buf mark = BUF_INIT;
	const char *begin, *end;

	buf_addf(&mark, "<!-- generated: %s -->\n", s->name);
	begin = strstr(text, buf_str(&mark));
	buf_clear(&mark);
	buf_addf(&mark, "<!-- end: %s -->\n", s->name);
	end = begin != NULL ? strstr(begin, buf_str(&mark)) : NULL;
	if (end == NULL)
		fail_msg("%s has no section \"%s\" between its two comments", s->page, s->name);
	*from = (size_t)(begin - text);
	*to = (size_t)(end - text) + mark.len;
	buf_release(&mark);
}

static void
replace(const struct section *s, const char *text, size_t len, size_t from, size_t to,
    const struct buf *section)
{
	struct buf page = BUF_INIT;
	struct err err = ERR_INIT;

	buf_add(&page, text, from);
	buf_addspan(&page, buf_span(section));
	buf_add(&page, text + to, len - to);
	if (file_write_atomic(sys_real(), s->page, page.data, page.len, 0644, &err) != 0)
		fail_msg("%s", err.text);
	buf_release(&page);
}

static void
reference__the_pages_say_what_the_tables_say(void **state)
{
	const char *update = getenv("FAIRLEAD_UPDATE_DOCS");
	size_t len, from, to, stale = 0;

	(void)state;
	for (size_t i = 0; i < SECTIONS_N; i++) {
		const struct section *s = &SECTIONS[i];
		struct buf want = BUF_INIT;
		char *text = read_page(s->page, &len);

		find(s, text, &from, &to);
		render(s, &want);
		if (to - from != want.len || memcmp(text + from, want.data, want.len) != 0) {
			if (update != NULL)
				replace(s, text, len, from, to, &want);
			else
				print_error("%s: section \"%s\" is out of date\n", s->page, s->name);
			stale++;
		}
		buf_release(&want);
		free(text);
	}
	if (stale > 0 && update == NULL)
		fail_msg("run: FAIRLEAD_UPDATE_DOCS=1 ctest --preset dev -R "
		    "unit/controller_reference");
}

/* A row without help would be a key that nobody can look up. */
static void
each_row_has_help(const struct field_table *t, int depth)
{
	assert_true(depth < 16);
	for (size_t i = 0; i < t->n; i++) {
		if (t->rows[i].help == NULL || t->rows[i].help[0] == '\0')
			fail_msg("%s.%s has no help", t->name, t->rows[i].key);
		if (t->rows[i].table != NULL)
			each_row_has_help(t->rows[i].table, depth + 1);
	}
}

static void
reference__every_key_is_explained(void **state)
{
	(void)state;
	each_row_has_help(settings_table(), 0);
	for (size_t i = 0; i < SECTIONS_N; i++)
		if (SECTIONS[i].table != NULL)
			each_row_has_help(SECTIONS[i].table, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reference__the_pages_say_what_the_tables_say),
		cmocka_unit_test(reference__every_key_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
