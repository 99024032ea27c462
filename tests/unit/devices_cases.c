/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cases of tests/golden/diffing/, a file a platform: two configurations,
 * whether they are the same, and what the difference reads like. A case is a
 * sentence and its parts:
 *
 *	=== the order of interfaces is no change
 *	<<< from
 *	<<< to
 *	<<< is same			or: is different
 *	<<< holds			some of the changes: sign, blank, text
 *	<<< ignored			names of rules, all of them
 *	<<< diff			as diff_text() prints it
 *	<<< patch			as patch_text() prints it, or why it is refused:
 *					`! ` and the sentence, `next: ` and what to do
 *
 * `is` must be there: a case that only shows a text would prove nothing. So
 * must `ignored`, where something is, and `diff`, where something differs;
 * `patch` is there where commands are the point.
 *
 * With FAIRLEAD_UPDATE_GOLDEN=1 the parts `diff` and `patch` are written anew;
 * so they come last.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/sys.h"
#include "diffing/diff.h"
#include "diffing/patch.h"
#include "tests/unit/devices_shipped.h"

#define DIR_OF_CASES "tests/golden/diffing"
#define FILE_MAX ((size_t)4 << 20)

enum part { PART_FROM, PART_TO, PART_HOLDS, PART_IGNORED, PART_DIFF, PART_PATCH, PARTS };
static const char *const part_names[PARTS] = { "from", "to", "holds", "ignored", "diff",
	"patch" };

struct one_case {
	struct span name;
	struct span parts[PARTS];	/* p NULL: not there */
	bool judged, same;
	struct span whole;		/* up to its generated parts */
};
static const struct mask_key KEY = { { 7 } };

static bool
is_marker(struct span line)
{
	return span_starts(line, "=== ") || span_starts(line, "<<< ");
}

/* The lines up to the next marker; the blank line in front of a case is none. */
static struct span
body(struct span *rest)
{
	struct span text = { rest->p, 0 }, line, ahead = *rest;

	while (span_line(&ahead, &line) && !is_marker(line)) {
		*rest = ahead;
		text.len = (size_t)(rest->p - text.p);
	}
	if (rest->len > 0 && span_starts(*rest, "=== ") && text.len >= 1 &&
	    (text.len == 1 || text.p[text.len - 2] == '\n'))
		text.len--;
	return text;
}

static bool
next_case(struct span *rest, struct one_case *c)
{
	struct span line, ahead;
	bool generated = false;

	*c = (struct one_case){ .same = false };
	do {
		c->whole.p = rest->p;
		if (!span_line(rest, &line))
			return false;
	} while (!span_starts(line, "=== "));
	c->name = span_of(line.p + 4, line.len - 4);
	for (ahead = *rest; span_line(&ahead, &line) && !span_starts(line, "=== ");
	     ahead = *rest) {
		const char *from = rest->p;
		size_t part = 0;

		*rest = ahead;
		if (!span_starts(line, "<<< "))
			continue;
		line = span_of(line.p + 4, line.len - 4);
		if (span_is(line, "is same") || span_is(line, "is different")) {
			c->same = span_is(line, "is same");
			c->judged = true;
			continue;
		}
		while (part < PARTS && !span_is(line, part_names[part]))
			part++;
		if (part == PARTS)
			fail_msg("no part is called %.*s", (int)line.len, line.p);
		if (c->parts[part].p != NULL || (generated && part < PART_DIFF))
			fail_msg("%.*s: the part %.*s is there twice, or behind those that are "
			    "generated", (int)c->name.len, c->name.p, (int)line.len, line.p);
		if (part >= PART_DIFF && !generated) {
			generated = true;
			c->whole.len = (size_t)(from - c->whole.p);
		}
		c->parts[part] = body(rest);
	}
	if (!generated)
		c->whole.len = (size_t)(rest->p - c->whole.p);
	return true;
}

/* --- what the difference holds --- */

static bool
has_change(const struct diff_node *v, size_t n, char sign, struct span text)
{
	static const char signs[] = {
		[DIFF_CONTEXT] = ' ', [DIFF_ADDED] = '+', [DIFF_REMOVED] = '-',
		[DIFF_MOVED] = '~', [DIFF_CHANGED] = '+', [DIFF_IGNORED] = 'i',
	};

	for (size_t i = 0; i < n; i++) {
		if (signs[v[i].kind] == sign && span_eq(v[i].text, text))
			return true;
		if (v[i].kind == DIFF_CHANGED && sign == '-' && span_eq(v[i].old, text))
			return true;
		if (has_change(v[i].children, v[i].n, sign, text))
			return true;
	}
	return false;
}

static bool
is_listed(struct span list, const char *name)
{
	struct span line;

	while (span_line(&list, &line))
		if (span_is(line, name))
			return true;
	return false;
}

static bool
has_rule(const struct diff_node *v, size_t n, struct span name)
{
	for (size_t i = 0; i < n; i++)
		if ((v[i].kind == DIFF_IGNORED && span_is(name, v[i].rule)) ||
		    has_rule(v[i].children, v[i].n, name))
			return true;
	return false;
}

/* The first rule that ignores a line and is not in the list; or NULL. */
static const char *
unlisted_rule(const struct diff_node *v, size_t n, struct span list)
{
	const char *found = NULL;

	for (size_t i = 0; i < n && found == NULL; i++)
		if (v[i].kind == DIFF_IGNORED && !is_listed(list, v[i].rule))
			found = v[i].rule;
		else
			found = unlisted_rule(v[i].children, v[i].n, list);
	return found;
}

/* --- what is wrong --- */

static void
complain(struct buf *wrong, const char *file, const struct one_case *c, const char *what,
    struct span text)
{
	buf_addf(wrong, "%s: %.*s: %s%.*s\n", file, (int)c->name.len, c->name.p, what,
	    (int)text.len, text.p);
}

static void
check(const char *file, const struct one_case *c, const struct diff *d, struct buf *wrong)
{
	const char *rule = unlisted_rule(d->nodes, d->n, c->parts[PART_IGNORED]);
	struct span rest, line;

	if (!c->judged)
		complain(wrong, file, c, "has no part `is same` or `is different`", span_str(""));
	else if (diff_same(d) != c->same)
		complain(wrong, file, c, "is ", span_str(c->same ? "different" : "the same"));
	for (rest = c->parts[PART_HOLDS]; span_line(&rest, &line);)
		if (line.len > 2 && !has_change(d->nodes, d->n, line.p[0],
		    span_of(line.p + 2, line.len - 2)))
			complain(wrong, file, c, "does not hold ", line);
	for (rest = c->parts[PART_IGNORED]; span_line(&rest, &line);)
		if (line.len > 0 && !has_rule(d->nodes, d->n, line))
			complain(wrong, file, c, "ignores nothing by ", line);
	if (rule != NULL)
		complain(wrong, file, c, "has not listed, but ignores by ", span_str(rule));
}

/* The commands; or the refusal, for a person needs that just as much. */
static void
add_patch(struct arena *a, const struct dialect *d, const struct one_case *c, struct buf *out)
{
	struct err err = ERR_INIT;
	struct patch *p;

	if (patch_make(a, d, c->parts[PART_FROM], c->parts[PART_TO], &p, &err) == 0)
		patch_text(p, &KEY, out);
	else
		buf_addf(out, "! %s\nnext: %s\n", err.text, err.next);
}

/* A generated part: it goes to out, and unless it is written anew it must be what
 * the case has. */
static void
compare(const char *file, const struct one_case *c, enum part part, struct span text,
    bool update, struct buf *out, struct buf *wrong)
{
	buf_addf(out, "<<< %s\n%.*s", part_names[part], (int)text.len, text.p);
	if (update || span_eq(text, c->parts[part]))
		return;
	complain(wrong, file, c, c->parts[part].p == NULL ? "has no part " : "has another ",
	    span_str(part_names[part]));
	buf_addspan(wrong, text);
}

/* --- files --- */

static void
run_case(const char *file, const struct dialect *d, const struct one_case *c, bool update,
    struct buf *out, struct buf *wrong)
{
	struct arena a = ARENA_INIT;
	struct buf text = BUF_INIT;
	struct diff *diff = diff_make(&a, d, c->parts[PART_FROM], c->parts[PART_TO]);

	check(file, c, diff, wrong);
	buf_addspan(out, span_rtrim(c->whole));
	buf_addc(out, '\n');
	diff_text(diff, &KEY, true, &text);
	if (text.len > 0 || (!update && c->parts[PART_DIFF].p != NULL))
		compare(file, c, PART_DIFF, buf_span(&text), update, out, wrong);
	buf_clear(&text);
	if (c->parts[PART_PATCH].p != NULL) {
		add_patch(&a, d, c, &text);
		compare(file, c, PART_PATCH, buf_span(&text), update, out, wrong);
	}
	buf_release(&text);
	arena_release(&a);
}

static void
run_file(const char *file, struct buf *wrong)
{
	bool update = getenv("FAIRLEAD_UPDATE_GOLDEN") != NULL;
	char path[300], *text = NULL, name[256];
	const struct dialect *d;
	struct buf out = BUF_INIT;
	struct one_case c;
	struct span rest;
	size_t len = 0, n = 0;

	snprintf(path, sizeof(path), DIR_OF_CASES "/%s", file);
	snprintf(name, sizeof(name), "%.*s", (int)(strlen(file) - 4), file);
	d = shipped_dialect(name);
	assert_int_equal(file_read(path, FILE_MAX, &text, &len, NULL), 0);
	for (rest = span_of(text, len); next_case(&rest, &c); n++) {
		if (n > 0 && update)
			buf_addc(&out, '\n');
		run_case(file, d, &c, update, &out, wrong);
	}
	print_message("%s: %zu cases\n", name, n);
	assert_true(n > 0);
	if (update)
		assert_int_equal(file_write_atomic(sys_real(), path, buf_str(&out), out.len, 0644, NULL), 0);
	buf_release(&out);
	free(text);
}

static int
is_cases(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot != NULL && strcmp(dot, ".txt") == 0;
}

static void
cases__read_as_an_engineer_expects(void **state)
{
	struct buf wrong = BUF_INIT;
	struct dirent **files;
	int n;

	(void)state;
	n = scandir(DIR_OF_CASES, &files, is_cases, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		run_file(files[i]->d_name, &wrong);
		free(files[i]);
	}
	free(files);
	fputs(buf_str(&wrong), stderr);
	if (wrong.len > 0)
		fail_msg("see above");
	buf_release(&wrong);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases__read_as_an_engineer_expects),
	};

	return cmocka_run_group_tests(tests, shipped_load, shipped_free);
}
