/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks read from a document, and the verdict on an output.
 *
 * What a device prints is compared as text with LF line ends and without the
 * blanks around it: `!~ down$` must not pass because a line ends in CR LF. A
 * verdict is never a pass in doubt.
 */
#include "checks/check.h"

#define SETTLE_MIN_MS 10
#define SETTLE_MAX_MS 3600000
#define SETTLE_EVERY_MS 1000	/* when only `for` is given */
#define QUOTE_MAX 200		/* bytes of an output in `why` */

struct raw_settle {
	int64_t for_ms, every_ms;
};
struct raw_check {
	const char *id, *title, *select, *run, *match;
	struct field_strings when;
	struct raw_settle settle;
	int severity;
};
struct raw_checks {
	const struct doc_node *checks;
};

static const char *const phases[CHECK_PHASES] = {
	[CHECK_BEFORE] = "before", [CHECK_AFTER] = "after",
};
static const char *const severities[] = {
	[CHECK_BLOCK] = "block", [CHECK_WARN] = "warn", [CHECK_INFO] = "info", NULL,
};

#define AT(type, member) offsetof(struct type, member)
static const struct field settle_rows[] = {
	{ "for", FIELD_DURATION, AT(raw_settle, for_ms), FIELD_REQUIRED, SETTLE_MIN_MS,
	    SETTLE_MAX_MS, NULL, NULL, NULL,
	    "How long after a change to ask again until the check passes." },
	{ "every", FIELD_DURATION, AT(raw_settle, every_ms), 0, SETTLE_MIN_MS, SETTLE_MAX_MS,
	    NULL, NULL, NULL, "How long to wait between two questions; 1s, or `for` if less." },
};
static const struct field_table settle_table =
    FIELD_TABLE("check.settle", struct raw_settle, settle_rows,
	"Patience after a change: state needs time to settle.");

static const struct field check_rows[] = {
	{ "id", FIELD_NAME, AT(raw_check, id), FIELD_REQUIRED, 0, 0, NULL, NULL, NULL,
	    "Name of the check, unique in the file." },
	{ "title", FIELD_STRING, AT(raw_check, title), 0, 0, 0, NULL, NULL, NULL,
	    "What holds when it passes, as a sentence; the id if absent." },
	{ "select", FIELD_STRING, AT(raw_check, select), 0, 0, 0, NULL, NULL, NULL,
	    "Selector of the devices it is for; all if absent." },
	{ "run", FIELD_STRING, AT(raw_check, run), FIELD_REQUIRED, 0, 0, NULL, NULL, NULL,
	    "Command on the device, one line." },
	{ "match", FIELD_STRING, AT(raw_check, match), FIELD_REQUIRED, 0, 0, NULL, NULL, NULL,
	    "What the output must be: a text is equality with the whole output without blanks "
	    "around it, `~ RE` a regular expression; a leading `!` negates." },
	{ "when", FIELD_STRINGS, AT(raw_check, when), 0, 0, 0, NULL, NULL, "[before, after]",
	    "before, after, or both: around a change." },
	{ "settle", FIELD_STRUCT, AT(raw_check, settle), 0, 0, 0, NULL, &settle_table, NULL,
	    "After a change, ask again until it passes or time ends." },
	{ "severity", FIELD_ENUM, AT(raw_check, severity), 0, 0, 0, severities, NULL, "block",
	    "block stops or reverts the change, warn and info only report." },
};
static const struct field_table check_table =
    FIELD_TABLE("check", struct raw_check, check_rows, "A statement about device state.");

static const struct field checks_rows[] = {
	{ "checks", FIELD_NODE, AT(raw_checks, checks), FIELD_REQUIRED, 0, 0, NULL, NULL, NULL,
	    "List of checks." },
};
static const struct field_table checks_table =
    FIELD_TABLE("checks", struct raw_checks, checks_rows, "A file of checks.");

/* One check on its way from the document. */
struct reading {
	const struct doc_node *node;
	const char *file;
	struct arena *arena;
	struct problems *ps;
	struct raw_check raw;
};

static bool
one_line(const char *s)
{
	for (const unsigned char *p = (const unsigned char *)s; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f || (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			return false;
	return true;
}

static void
problem(struct reading *r, const char *key, const char *text)
{
	problem_add(r->ps, SEV_ERROR, r->file, field_pos(r->node, key), "%s", text);
}

static void
take_when(struct check *c, struct reading *r)
{
	for (size_t i = 0; i < r->raw.when.n; i++) {
		bool known = false;

		for (int p = 0; p < CHECK_PHASES; p++) {
			known |= strcmp(r->raw.when.v[i], phases[p]) == 0;
			c->when[p] |= strcmp(r->raw.when.v[i], phases[p]) == 0;
		}
		if (!known)
			problem(r, "when", arena_printf(r->arena, "when: expected before or after, "
			    "found \"%.60s\"", r->raw.when.v[i]));
	}
	if (r->raw.when.n == 0)
		problem(r, "when", "when: expected before, after or both, found an empty list");
}

static void
take_settle(struct check *c, struct reading *r)
{
	const struct raw_settle *s = &r->raw.settle;

	c->settle_for_ms = s->for_ms;
	c->settle_every_ms = s->every_ms;
	if (s->every_ms == 0)
		c->settle_every_ms = s->for_ms < SETTLE_EVERY_MS ? s->for_ms : SETTLE_EVERY_MS;
	if (s->every_ms > s->for_ms)
		problem(r, "settle", "settle: `every` is longer than `for`");
}

static const char *
skip_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return s;
}

/* Without blanks and line ends around it. */
static struct span
bare(struct span s)
{
	s = span_rtrim(s);
	while (s.len > 0 && strchr(" \t\r\n", s.p[0]) != NULL && s.p[0] != '\0')
		s = span_of(s.p + 1, s.len - 1);
	return s;
}

static void
take_match(struct check *c, struct reading *r)
{
	const char *s = skip_blanks(r->raw.match);
	struct err err = ERR_INIT;
	struct span text;

	if (*s == '!') {
		c->negate = true;
		s = skip_blanks(s + 1);
	}
	if (*s != '~') {
		text = bare(span_str(s));
		c->equals = arena_strndup(r->arena, text.p, text.len);
		return;
	}
	s = skip_blanks(s + 1);
	if (*s == '\0')
		problem(r, "match", "match: expected a regular expression after ~");
	else if (re_compile(&c->re, s, &err) < 0)
		problem(r, "match", arena_printf(r->arena, "match: %s", err.text));
}

/* True when the check has no problem; it may own a regex either way. */
static bool
read_check(struct check *c, struct reading *r)
{
	size_t errors = r->ps->errors;

	*c = (struct check){ .file = r->file, .pos = r->node->pos };
	if (field_read(&r->raw, &check_table, r->node, r->arena, r->file, r->ps) < 0)
		return false;
	c->id = r->raw.id;
	c->title = r->raw.title != NULL ? r->raw.title : r->raw.id;
	c->select = r->raw.select;
	c->run = r->raw.run;
	c->severity = (enum check_severity)r->raw.severity;
	if (*skip_blanks(c->run) == '\0')
		problem(r, "run", "run: expected a command, found nothing");
	if (!one_line(c->run))
		problem(r, "run", "run: a command is one line without control characters");
	take_when(c, r);
	take_settle(c, r);
	take_match(c, r);
	return r->ps->errors == errors;
}

/* Also of ids that were left out for other problems. */
static bool
is_new_id(struct map *ids, struct reading *r)
{
	if (r->raw.id == NULL)
		return false;
	if (map_has(ids, r->raw.id)) {
		problem(r, "id", arena_printf(r->arena, "id: \"%s\" is used twice in this file",
		    r->raw.id));
		return false;
	}
	map_put(ids, r->raw.id, r);
	return true;
}

int
checks_read(struct check_list *list, const struct doc_node *node, const char *file,
    struct arena *a, struct problems *ps)
{
	struct raw_checks doc = { NULL };
	size_t errors = ps->errors;
	struct map ids;

	map_init(&ids, a);
	if (field_read(&doc, &checks_table, node, a, file, ps) < 0)
		return ERR_CONTENT;
	if (doc.checks->kind != DOC_LIST) {
		problem_add(ps, SEV_ERROR, file, doc.checks->pos, "checks: expected a list");
		return ERR_CONTENT;
	}
	list->v = mem_realloc(list->v, list->n + doc.checks->n, sizeof(*list->v));
	for (size_t i = 0; i < doc.checks->n; i++) {
		struct reading r = { .node = doc.checks->items[i], .file = file, .arena = a,
			.ps = ps };
		struct check *c = &list->v[list->n];
		bool good = read_check(c, &r);

		if (is_new_id(&ids, &r) && good)
			list->n++;
		else
			re_free(c->re);
	}
	return ps->errors == errors ? 0 : ERR_CONTENT;
}

void
checks_release(struct check_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		re_free(list->v[i].re);
	free(list->v);
	*list = (struct check_list){ NULL, 0 };
}

/* The output as it is judged, in `text`. */
static struct span
judged(struct span output, struct buf *text)
{
	struct span rest = bare(output), line;

	while (span_line(&rest, &line)) {
		if (text->len > 0)
			buf_addc(text, '\n');
		if (rest.len > 0 && line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		buf_addspan(text, line);
	}
	return buf_span(text);
}

static void
add_quoted(struct buf *why, struct span s)
{
	struct span head = span_of(s.p, s.len < QUOTE_MAX ? s.len : QUOTE_MAX);
	struct span rest = head, line;

	buf_addc(why, '"');
	while (span_line(&rest, &line)) {
		text_visible(why, line, false);
		buf_adds(why, rest.len > 0 ? " | " : "");
	}
	buf_addf(why, "\"%s", head.len < s.len ? " ..." : "");
}

enum check_status
check_eval(const struct check *c, struct span output, struct buf *why)
{
	struct buf text = BUF_INIT;
	struct span found = judged(output, &text);
	enum check_status status = CHECK_ERROR;
	int r;

	r = c->re != NULL ? re_find(c->re, found, NULL) : span_is(found, c->equals);
	buf_addf(why, "expected %s", c->negate ? "not " : "");
	if (c->re != NULL)
		buf_adds(why, "a match of ");
	add_quoted(why, span_str(c->re != NULL ? re_source(c->re) : c->equals));
	buf_adds(why, ", found ");
	add_quoted(why, found);
	if (r < 0)
		buf_adds(why, ", on which the pattern gave up");
	else
		status = (r > 0) != c->negate ? CHECK_PASS : CHECK_FAIL;
	buf_release(&text);
	return status;
}

const char *
check_status_word(enum check_status s)
{
	static const char *const words[] = {
		[CHECK_PASS] = "pass", [CHECK_FAIL] = "fail", [CHECK_ERROR] = "error",
		[CHECK_SKIP] = "skip",
	};

	return words[s];
}
