/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SYNTAX_SECTION, RouterOS: `/ip address` is a menu, and the commands behind it
 * are its children; `/ip address add address=...` is a command with its menu, and
 * of what stands behind it, the menu is that before.
 * A `\` at the end of a line and the blanks of the next are not there, and a
 * quote may go on over lines.
 *
 * A command's form has its parameters sorted by name, single blanks, and no
 * quotes where none are needed: `add address=... interface=...`.
 */
#include "diffing/section.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span
section_word(struct span *rest)
{
	const char *p, *end = rest->p + rest->len, *quote;
	struct span word;
	size_t depth = 0;

	while (rest->len > 0 && is_blank(rest->p[0])) {
		rest->p++;
		rest->len--;
	}
	for (p = rest->p; p < end && (depth > 0 || !is_blank(*p)); p++) {
		depth += *p == '[';
		depth -= *p == ']' && depth > 0;
		/* A quote that does not end takes all that follows. */
		if (*p == '"' && (quote = tree_quote_end(p, end)) != NULL)
			p = quote - 1;
		else if (*p == '"')
			p = end - 1;
	}
	word = span_of(rest->p, (size_t)(p - rest->p));
	*rest = span_of(p, (size_t)(end - p));
	return word;
}

bool
section_is_value(struct span line, struct span value)
{
	const char *end = value.p + value.len;
	struct span word, rest = line, other;

	while ((word = section_word(&line)).len > 0 && word.p + word.len < end)
		continue;
	if (word.p + word.len != end || value.p < word.p || value.len == 0)
		return false;
	for (const char *p = word.p; p < value.p; p++)
		if (*p == '"' || *p == '[')
			return false;
	/* Of a parameter that is there twice, the values say which comes first. */
	while ((other = section_word(&rest)).len > 0)
		if (other.p != word.p && value.p > word.p && other.len >= (size_t)(value.p - word.p) &&
		    memcmp(other.p, word.p, (size_t)(value.p - word.p)) == 0)
			return false;
	return value.p[0] == '"' ? tree_quote_end(value.p, end) == end :
	    memchr(value.p, '"', value.len) == NULL && memchr(value.p, '[', value.len) == NULL;
}

bool
section_is_verb(const struct dialect *d, struct span word)
{
	for (size_t i = 0; i < d->n_verbs; i++)
		if (span_is(word, d->verbs[i].prefix))
			return true;
	return false;
}

struct span
section_menu(const struct dialect *d, struct span text)
{
	struct span rest = text, menu = { text.p, 0 }, word;

	if (!span_starts(text, "/"))
		return menu;
	while ((word = section_word(&rest)).len > 0) {
		if (menu.len > 0 && section_is_verb(d, word))
			break;
		menu.len = (size_t)(word.p + word.len - text.p);
	}
	return menu;
}

static bool
is_plain(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (is_blank(s.p[i]) || memchr("\"\\;[](){}$=", s.p[i], 11) != NULL)
			return false;
	return s.len > 0;
}

/* One word, without quotes around a value that needs none, and with single
 * blanks between brackets. */
static void
add_word(struct buf *out, struct span word)
{
	const char *eq = word.p[0] != '[' ? memchr(word.p, '=', word.len) : NULL;
	size_t name = eq != NULL ? (size_t)(eq + 1 - word.p) : 0;
	struct span value = span_of(word.p + name, word.len - name), part;

	buf_add(out, word.p, name);
	part = span_of(value.p + 1, value.len > 2 ? value.len - 2 : 0);
	if (part.len > 0 && value.p[0] == '"' && value.p[value.len - 1] == '"' && is_plain(part)) {
		buf_addspan(out, part);
	} else if (part.len > 0 && value.p[0] == '[' && value.p[value.len - 1] == ']') {
		struct span rest = part;

		for (buf_addc(out, '['); (part = section_word(&rest)).len > 0;) {
			buf_addc(out, ' ');
			buf_addspan(out, part);
		}
		buf_adds(out, " ]");
	} else {
		buf_addspan(out, value);
	}
}

static bool
is_parameter(struct span word)
{
	return word.len > 0 && word.p[0] != '[' && memchr(word.p, '=', word.len) != NULL;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->p, y->p, len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* `/ip/address` is `/ip address`, and so on with `add`: whether a verb is
 * behind its first word. */
static bool
add_menu(const struct dialect *d, struct buf *out, struct span word)
{
	const char *at = word.p, *end = word.p + word.len, *slash;
	bool verb = false;

	/* No menu is called so. */
	if (memchr(word.p, '"', word.len) != NULL || memchr(word.p, '[', word.len) != NULL) {
		buf_addspan(out, word);
		return false;
	}
	buf_addc(out, '/');
	for (; at < end; at = slash) {
		while (at < end && *at == '/')
			at++;
		slash = memchr(at, '/', (size_t)(end - at));
		slash = slash != NULL ? slash : end;
		verb = verb || (out->len > 1 &&
		    section_is_verb(d, span_of(at, (size_t)(slash - at))));
		if (out->len > 1 && slash > at)
			buf_addc(out, ' ');
		if (slash > at)
			add_word(out, span_of(at, (size_t)(slash - at)));
	}
	return verb;
}

/* The form of a command, menu included when the text has one: what stands in
 * front of the verb are no parameters. */
static void
add_form(const struct dialect *d, struct buf *out, struct span text)
{
	bool command = !span_starts(text, "/");
	struct arena a = ARENA_INIT;
	struct span *parameters = NULL, word;
	size_t n = 0;

	for (bool first = true; (word = section_word(&text)).len > 0; first = false) {
		if (first && word.p[0] == '/') {
			command = add_menu(d, out, word);
			continue;
		}
		command = command || section_is_verb(d, word);
		/* The first stays: no command is to look like a menu. */
		if (command && !first && is_parameter(word)) {
			ARENA_PUSH(&a, parameters, n) = word;
			continue;
		}
		if (out->len > 0)
			buf_addc(out, ' ');
		add_word(out, word);
	}
	if (n > 1)
		qsort(parameters, n, sizeof(*parameters), by_bytes);
	for (size_t i = 0; i < n; i++) {
		if (out->len > 0)
			buf_addc(out, ' ');
		add_word(out, parameters[i]);
	}
	arena_release(&a);
}

/* Whether a text ends inside a quote. */
static bool
inside_quote(struct span text)
{
	const char *p = text.p, *end = text.p + text.len;

	while (p < end) {
		if (*p != '"')
			p += *p == '\\' && p + 1 < end ? 2 : 1;
		else if ((p = tree_quote_end(p, end)) == NULL)
			return true;
	}
	return false;
}

/* Add a line to the joined text; true when the command goes on. Only the new
 * part is looked at, so that a long one costs no more than its length. */
static bool
join(struct buf *joined, struct span line, bool *quoted)
{
	bool more = line.len > 0 && line.p[line.len - 1] == '\\' &&
	    (line.len < 2 || line.p[line.len - 2] != '\\');
	struct buf part = BUF_INIT;

	if (more)
		line.len--;
	if (*quoted)
		buf_addc(&part, '"');
	buf_addspan(&part, line);
	*quoted = inside_quote(buf_span(&part));
	buf_release(&part);
	buf_addspan(joined, line);
	if (!more && *quoted)
		buf_addc(joined, '\n');
	return more || *quoted;
}

/* Take a command with the lines it goes on over; its joined text. */
static void
take_command(struct line_reader *r, struct line *l, struct node *n, struct buf *joined)
{
	bool quoted = false, more = join(joined, l->text, &quoted);

	while (more && tree_line(r, l)) {
		n->text.len = (size_t)(l->text.p + l->text.len - n->text.p);
		more = join(joined, l->text, &quoted);
	}
	if (more)
		n->flags |= NODE_OPEN | NODE_CUT;
}

void
read_section(struct tree *t)
{
	struct words *w = t->words;
	struct line_reader r = { .rest = t->text };
	struct buf joined = BUF_INIT, form = BUF_INIT;
	struct line l;

	while (!tree_full(t) && tree_line(&r, &l)) {
		struct node n = { .raw = l.raw.p, .text = l.text, .column = l.column,
			.line = r.line, .word = words_put(w, l.text, false) };
		bool menu = span_starts(l.text, "/"), ends;

		if (l.text.len == 0 || tree_separator(t, n.word, 0, &ends)) {
			n.kind = NODE_NOTHING;
			tree_add(t, &n);
			continue;
		}
		if (menu && t->depth > 0)
			tree_leave(t);
		buf_clear(&joined);
		buf_clear(&form);
		take_command(&r, &l, &n, &joined);
		add_form(w->rules->dialect, &form, buf_span(&joined));
		n.word = words_put(w, buf_span(&form), true);
		/* At another end of the line it would go on in the next. */
		if (form.len > 0 && form.data[form.len - 1] == '\\')
			n.flags |= NODE_OPEN;
		tree_add(t, &n);
		if (menu && section_menu(w->rules->dialect, buf_span(&form)).len == form.len)
			tree_enter(t);
	}
	buf_release(&joined);
	buf_release(&form);
}
