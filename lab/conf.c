/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The editor behind lab/conf.h. It keeps the path of the current section as
 * text, not as pointers: another session may remove the section, or the
 * whole tree may be replaced, between two lines.
 */
#include "lab/conf.h"

#include <ctype.h>

/* A line of a loose mode; its section, if any, is made by indentation. */
static const struct rule loose_rule = { .syntax = "..." };

static enum conf_code do_line(struct conf *c, const char *text, int indent, bool only_here);

void
conf_init(struct conf *c, const struct grammar *g, const struct node *clean, void *ctx)
{
	memset(c, 0, sizeof(*c));
	c->g = g;
	c->clean = clean;
	c->ctx = ctx;
}

static void
forget_loose(struct conf *c)
{
	free(c->loose_line);
	c->loose_line = NULL;
}

static void
pop(struct conf *c)
{
	struct level *l = &c->level[--c->depth];

	for (size_t i = 0; i < l->n; i++) {
		free(l->lines[i]);
		free(l->keys[i]);
	}
	free(l->lines);
	free(l->keys);
	memset(l, 0, sizeof(*l));
	forget_loose(c);
}

static void
pop_to(struct conf *c, int depth)
{
	while (c->depth > depth)
		pop(c);
}

static void
forget_text(struct conf *c)
{
	c->texts_left = 0;
	buf_clear(&c->text);
	free(c->text_line);
	free(c->text_key);
	c->text_line = c->text_key = NULL;
	c->text_rule = NULL;
}

void
conf_top(struct conf *c)
{
	pop_to(c, 0);
	forget_text(c);
	forget_loose(c);
}

void
conf_release(struct conf *c)
{
	conf_top(c);
	buf_release(&c->text);
	free(c->at);
	c->at = NULL;
}

static enum conf_code
refuse(struct conf *c, const char *why)
{
	if (why != c->error)
		snprintf(c->error, sizeof(c->error), "%s", why);
	return CONF_ERROR;
}

struct node *
conf_here(const struct conf *c)
{
	return c->at[0];
}

/* Find (or make) the sections of the current place into c->at. */
static void
locate(struct conf *c)
{
	c->at = mem_realloc(c->at, 1, sizeof(*c->at));
	c->at[0] = c->root;
	c->n_at = 1;
	for (int d = 0; d < c->depth; d++) {
		const struct level *l = &c->level[d];
		struct node **next = mem_calloc(c->n_at * l->n, sizeof(*next));
		size_t n = 0;

		for (size_t i = 0; i < c->n_at; i++)
			for (size_t j = 0; j < l->n; j++) {
				next[n] = tree_put(c->at[i], l->rule, l->keys[j],
				    l->lines[j], false);
				next[n++]->ordered = c->g->modes[l->mode].ordered;
			}
		free(c->at);
		c->at = next;
		c->n_at = n;
	}
}

static int
indent_of(const char *raw)
{
	int n = 0;

	for (; *raw == ' ' || *raw == '\t'; raw++)
		n += *raw == '\t' ? 8 : 1;
	return n;
}

static enum conf_code
push(struct conf *c, const struct rule *rule, unsigned mode, int indent)
{
	struct level *l = &c->level[c->depth];

	if (c->depth == CONF_DEPTH)
		return refuse(c, "% Invalid input");
	memset(l, 0, sizeof(*l));
	l->rule = rule;
	l->mode = mode;
	l->indent = indent;
	c->depth++;
	forget_loose(c);
	return CONF_OK;
}

static void
level_add(struct level *l, const char *line, const char *key)
{
	l->lines = mem_realloc(l->lines, l->n + 1, sizeof(*l->lines));
	l->keys = mem_realloc(l->keys, l->n + 1, sizeof(*l->keys));
	l->lines[l->n] = mem_strdup(line);
	l->keys[l->n++] = mem_strdup(key);
}

/* --- ranges ----------------------------------------------------------- */

/* "vlan 10-12" -> each "vlan 10", "vlan 11", ... handed to one(). */
static bool
each_in_range(const struct match *m, void (*one)(void *ctx, const char *line), void *ctx)
{
	const char *line = buf_str(&m->line);
	const char *last = strrchr(line, ' ') + 1;
	size_t letters = strcspn(last, "0123456789");
	int *v = mem_calloc(4096, sizeof(*v));
	size_t n = strpbrk(last, ",-") != NULL ? number_list(last + letters, v, 4096) : 0;

	for (size_t i = 0; i < n; i++) {
		struct buf b = BUF_INIT;

		buf_addf(&b, "%.*s%d", (int)(last - line + (long)letters), line, v[i]);
		one(ctx, buf_str(&b));
		buf_release(&b);
	}
	free(v);
	return n > 0;
}

/* --- setting and removing --------------------------------------------- */

static bool
is_root(const struct conf *c)
{
	return c->depth == 0;
}

/* What a clean device shows is never absent. */
static void
restore_clean(struct conf *c)
{
	for (size_t i = 0; c->clean != NULL && i < c->clean->n; i++) {
		const struct node *want = c->clean->kids[i];
		struct node *n;

		if (tree_find(c->root, want->rule, want->key) != NULL)
			continue;
		n = tree_put(c->root, want->rule, want->key, want->line, want->negated);
		n->ordered = want->ordered;
	}
}

static void
remove_starting(struct node *parent, const char *words)
{
	size_t i = 0;

	while (i < parent->n) {
		if (words_start(parent->kids[i]->line, words))
			tree_drop(parent, parent->kids[i]);
		else
			i++;
	}
}

/* The two words that name a peer, when all that is said of it goes; else "". */
static struct span
whole_peer(const struct match *m, bool partial)
{
	const char *line = buf_str(&m->line);
	struct span name = word_at(line, 2);
	bool whole = (m->rule->flags & R_BY2) != 0 && (partial ? word_at(line, 3).len == 0 :
	    (m->rule->flags & R_OWNER) != 0 && word_at(line, 5).len == 0);

	return whole ? span_of(line, (size_t)(name.p + name.len - line)) : span_of("", 0);
}

static void
remove_peer(struct node *parent, const char *words)
{
	remove_starting(parent, words);
	for (size_t i = 0; i < parent->n; i++)
		remove_peer(parent->kids[i], words);
}

static void
remove_line(struct conf *c, const struct match *m, bool partial)
{
	struct span peer = whole_peer(m, partial);
	char *words = mem_strndup(peer.p, peer.len);

	for (size_t i = 0; i < c->n_at; i++) {
		if (peer.len > 0)
			remove_peer(c->at[i], words);
		else if (partial)
			remove_starting(c->at[i], buf_str(&m->line));
		else
			tree_drop(c->at[i],
			    tree_find(c->at[i], m->rule, buf_str(&m->key)));
	}
	if (is_root(c))
		restore_clean(c);
	c->changed = true;
	free(words);
}

static void
set_line(struct conf *c, const struct match *m, bool negated)
{
	for (size_t i = 0; i < c->n_at; i++) {
		struct node *n = tree_put(c->at[i], m->rule, buf_str(&m->key),
		    buf_str(&m->line), negated);

		n->ordered = c->g->modes[m->rule->opens].ordered;
	}
	c->changed = true;
}

struct range {
	struct conf *c;
	const struct match *m;
};

static void
remove_one(void *ctx, const char *line)
{
	struct range *r = ctx;

	for (size_t i = 0; i < r->c->n_at; i++)
		tree_drop(r->c->at[i], tree_find(r->c->at[i], r->m->rule, line));
}

static void
open_one(void *ctx, const char *line)
{
	struct range *r = ctx;

	level_add(&r->c->level[r->c->depth - 1], line, line);
}

static enum conf_code
open_section(struct conf *c, const struct match *m, int indent)
{
	struct range r = { c, m };

	if (push(c, m->rule, m->rule->opens, indent) != CONF_OK)
		return CONF_ERROR;
	if (!(m->rule->flags & R_RANGE) || !each_in_range(m, open_one, &r))
		level_add(&c->level[c->depth - 1], buf_str(&m->line), buf_str(&m->key));
	locate(c);
	c->changed = true;
	return CONF_OK;
}

static enum conf_code
take_away(struct conf *c, const struct match *m, bool partial)
{
	struct range r = { c, m };
	bool keeps = (m->rule->flags & (R_KEEP_NO | R_ON)) && !partial && !m->reset;

	if (keeps)
		set_line(c, m, true);
	else if ((m->rule->flags & R_RANGE) && !partial && each_in_range(m, remove_one, &r))
		restore_clean(c);
	else
		remove_line(c, m, partial);
	c->changed = true;
	return CONF_OK;
}

static enum conf_code
put(struct conf *c, const struct match *m, int indent)
{
	const struct rule *r = m->rule;

	if (r->opens != 0)
		return open_section(c, m, indent);
	if (r->texts > 0) {
		c->texts_left = r->texts;
		c->text_rule = r;
		c->text_line = mem_strdup(buf_str(&m->line));
		c->text_key = mem_strdup(buf_str(&m->key));
		return CONF_TEXT;
	}
	if ((r->flags & R_ON) || (r->def != NULL && strcmp(r->def, buf_str(&m->line)) == 0))
		remove_line(c, m, false);
	else
		set_line(c, m, false);
	return CONF_OK;
}

/* --- sequence numbers, one-line forms --------------------------------- */

/* Content of a numbered line after "seq 10 ", or NULL; *seq is its number. */
static const char *
after_number(const char *line, const char *prefix, long *seq)
{
	char *end;

	if (strncmp(line, prefix, strlen(prefix)) != 0)
		return NULL;
	*seq = strtol(line + strlen(prefix), &end, 10);
	return *end == ' ' ? end + 1 : NULL;
}

/* A line without a number: give it one, or find the one it has. */
static enum conf_code
do_numbered(struct conf *c, const struct match *m)
{
	const char *prefix = c->g->modes[c->level[c->depth - 1].mode].seq;
	const struct node *section = conf_here(c);
	long last = 0, seq = 0;
	struct buf b = BUF_INIT;
	enum conf_code code;

	for (size_t i = 0; i < section->n; i++) {
		const char *content = after_number(section->kids[i]->line, prefix, &seq);

		if (content != NULL && strcmp(content, buf_str(&m->line)) == 0) {
			if (m->negated)
				tree_drop(c->at[0], section->kids[i]);
			c->changed = m->negated;
			return CONF_OK;
		}
		last = seq > last ? seq : last;
	}
	if (m->negated)
		return CONF_OK;
	buf_addf(&b, "%s%ld %s", prefix, last + 10, buf_str(&m->line));
	code = do_line(c, buf_str(&b), 0, false);
	buf_release(&b);
	return code;
}

/* "ip prefix-list X seq 10 permit ...": the section, then the line in it. */
static enum conf_code
do_split(struct conf *c, const struct match *m)
{
	const char *line = buf_str(&m->line), *rest = line;
	struct buf head = BUF_INIT, tail = BUF_INIT;
	enum conf_code code = CONF_OK;
	int depth = c->depth;

	for (unsigned i = 0; i < m->rule->split; i++)
		rest += strcspn(rest, " ") + 1;
	buf_add(&head, line, (size_t)(rest - line - 1));
	buf_addf(&tail, "%s%s", m->negated ? "no " : "", rest);
	if (!m->negated || tree_starts(conf_here(c), buf_str(&head)) != NULL) {
		code = do_line(c, buf_str(&head), 0, true);
		if (code == CONF_OK)
			code = do_line(c, buf_str(&tail), 0, false);
		pop_to(c, depth);
	}
	buf_release(&head);
	buf_release(&tail);
	return code;
}

/* --- one line --------------------------------------------------------- */

static enum conf_code
apply(struct conf *c, struct match *m, bool partial, int indent)
{
	const char *why = NULL;

	locate(c);
	if (m->rule->flags & R_SPLIT)
		return do_split(c, m);
	if ((m->rule->flags & R_SEQ) && c->depth > 0)
		return do_numbered(c, m);
	if (m->rule->check != NULL && !partial)
		why = m->rule->check(c, m);
	if (why != NULL)
		return refuse(c, why);
	return m->negated || m->reset ? take_away(c, m, partial) : put(c, m, indent);
}

static const char *const code_text[] = {
	[MATCH_NONE] = "% Invalid input",
	[MATCH_AMBIGUOUS] = "% Ambiguous command",
	[MATCH_INCOMPLETE] = "% Incomplete command",
};

/* Find a row for the line here (at the depth *at) or further out. Whole words
 * come first, so that an abbreviation of something here never hides a word
 * out there. */
static enum match_code
find_row(struct conf *c, struct match *m, const char *text, bool only_here, int *at)
{
	enum match_code worst = MATCH_NONE;
	int last = only_here ? c->depth : 0;

	for (int pass = 0; pass < 2; pass++)
		for (int d = c->depth; d >= last; d--) {
			unsigned mode = d > 0 ? c->level[d - 1].mode : 0;
			enum match_code code = grammar_match(&c->g->modes[mode], text,
			    pass == 0, m->negated || m->reset, m);

			*at = d;
			if (code == MATCH_FULL || code == MATCH_PARTIAL)
				return code;
			worst = code > worst ? code : worst;
		}
	return worst;
}

static enum conf_code
dispatch(struct conf *c, struct match *m, const char *text, int indent, bool only_here)
{
	int at = 0;
	enum match_code code = find_row(c, m, text, only_here, &at);

	if (code != MATCH_FULL && code != MATCH_PARTIAL)
		return refuse(c, code_text[code]);
	pop_to(c, at);
	return apply(c, m, code == MATCH_PARTIAL, indent);
}

static const char *
strip_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(text, word, len) != 0 || (text[len] != ' ' && text[len] != '\0'))
		return NULL;
	return text + len + strspn(text + len, " ");
}

static enum conf_code
do_line(struct conf *c, const char *text, int indent, bool only_here)
{
	const char *no = strip_word(text, "no"), *reset = strip_word(text, "default");
	struct match m;
	enum conf_code code;

	lab_match_init(&m);
	m.negated = no != NULL;
	m.reset = reset != NULL;
	text = no != NULL ? no : reset != NULL ? reset : text;
	code = dispatch(c, &m, text, indent, only_here);
	lab_match_release(&m);
	return code;
}

/* --- loose modes ------------------------------------------------------ */

static bool
in_loose(const struct conf *c)
{
	return c->depth > 0 && c->g->modes[c->level[c->depth - 1].mode].loose;
}

static enum conf_code
loose_line(struct conf *c, const char *text, int indent)
{
	const char *no = strip_word(text, "no");
	const char *key = no != NULL ? no : text;

	locate(c);
	for (size_t i = 0; i < c->n_at; i++) {
		struct node *n = tree_find(c->at[i], &loose_rule, key);

		if (no != NULL && n != NULL && !n->negated)
			tree_drop(c->at[i], n);
		else
			tree_put(c->at[i], &loose_rule, key, key, no != NULL);
	}
	c->changed = true;
	forget_loose(c);
	c->loose_line = mem_strdup(key);
	c->loose_indent = indent;
	c->loose_flat = false;
	return CONF_OK;
}

/* Where an indented line of a loose mode belongs. False: not in here. */
static bool
loose_place(struct conf *c, int indent)
{
	if (c->loose_line != NULL && indent > c->loose_indent) {
		char *line = c->loose_line;
		int at = c->loose_indent;
		unsigned mode = c->level[c->depth - 1].mode;

		c->loose_line = NULL;
		if (push(c, &loose_rule, mode, at) == CONF_OK)
			level_add(&c->level[c->depth - 1], line, line);
		free(line);
	}
	while (in_loose(c) && indent <= c->level[c->depth - 1].indent && indent > 0)
		pop(c);
	return in_loose(c) && indent > c->level[c->depth - 1].indent;
}

/* --- comments and texts ----------------------------------------------- */

static void
append_text(char **to, const char *line)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "%s%s\n", *to != NULL ? *to : "", line);
	free(*to);
	*to = buf_detach(&b);
}

static enum conf_code
mode_comment(struct conf *c, const char *text)
{
	locate(c);
	for (size_t i = 0; i < c->n_at; i++) {
		if (!c->comment_open) {
			free(c->at[i]->comment);
			c->at[i]->comment = NULL;
		}
		append_text(&c->at[i]->comment, text + strspn(text, " "));
	}
	c->comment_open = true;
	c->changed = true;
	return CONF_OK;
}

static void
set_text(char **to, const char *text)
{
	free(*to);
	*to = text[0] != '\0' ? mem_strdup(text) : NULL;
}

static enum conf_code
finish_text(struct conf *c)
{
	locate(c);
	for (size_t i = 0; i < c->n_at; i++) {
		struct node *n;

		if (c->text_rule == NULL) {
			set_text(&c->at[i]->comment, buf_str(&c->text));
			continue;
		}
		n = tree_put(c->at[i], c->text_rule, c->text_key, c->text_line, false);
		free(n->text);
		n->text = mem_strdup(buf_str(&c->text));
	}
	c->changed = true;
	forget_text(c);
	return CONF_OK;
}

static enum conf_code
text_line(struct conf *c, const char *raw)
{
	struct span line;

	if (strcmp(raw, "EOF") == 0 || (c->text_rule == NULL && strip_word(raw +
	    strspn(raw, " "), "EOF") != NULL)) {
		if (--c->texts_left == 0)
			return finish_text(c);
		buf_adds(&c->text, "EOF\n");
		return CONF_TEXT;
	}
	line = c->text_rule == NULL ? span_rtrim(span_trim(span_str(raw))) : span_str(raw);
	if (c->text.len + line.len < (1 << 20)) {
		buf_addspan(&c->text, line);
		buf_addc(&c->text, '\n');
	}
	return CONF_TEXT;
}

/* "exit", "end", comments and blank lines; -1: none of these. */
static int
common_line(struct conf *c, const char *text, int indent)
{
	if (strncmp(text, "!!", 2) == 0 && c->depth > 0)
		return (int)mode_comment(c, text + 2);
	c->comment_open = false;
	if (*text == '!' && indent == 0)
		while (in_loose(c))
			pop(c);
	if (*text == '\0' || *text == '!')
		return CONF_OK;
	if (strcmp(text, "end") == 0)
		return CONF_END;
	if (strcmp(text, "exit") != 0)
		return -1;
	if (c->depth == 0)
		return CONF_EXIT;
	pop(c);
	return CONF_OK;
}

enum conf_code
conf_line(struct conf *c, const char *raw)
{
	const char *text = raw + strspn(raw, " \t");
	enum conf_code code;
	int common;

	c->warning[0] = '\0';
	if (c->texts_left > 0)
		return text_line(c, raw);
	common = common_line(c, text, indent_of(raw));
	if (common >= 0)
		return (enum conf_code)common;
	if (in_loose(c) && loose_place(c, indent_of(raw)))
		return loose_line(c, text, indent_of(raw));
	if (strcmp(text, "comment") == 0 && c->depth > 0) {
		c->texts_left = 1;
		return CONF_TEXT;
	}
	code = do_line(c, text, indent_of(raw), false);
	if (code == CONF_ERROR && in_loose(c) && (c->loose_line == NULL || c->loose_flat)) {
		code = loose_line(c, text, c->level[c->depth - 1].indent + 1);
		c->loose_flat = true;
	}
	return code;
}

void
conf_load(struct conf *c, struct span text,
    void (*bad)(void *ctx, int line, const char *raw, const char *why), void *ctx)
{
	struct span line;
	int number = 0;

	while (span_line(&text, &line)) {
		char *raw;
		enum conf_code code;

		line = c->texts_left > 0 ? line : span_rtrim(line);
		if (line.len > 0 && line.p[line.len - 1] == '\r')
			line.len--;
		raw = mem_strndup(line.p, line.len);
		number++;
		code = conf_line(c, raw);
		if (code == CONF_ERROR)
			bad(ctx, number, raw, c->error);
		else if (c->warning[0] != '\0')
			bad(ctx, number, raw, c->warning);
		if (code == CONF_END)
			conf_top(c);
		free(raw);
	}
}

/* --- the prompt ------------------------------------------------------- */

/* %2 is word 2, %s2 its short form. */
static void
prompt_item(const char **s, const char *line, struct buf *out)
{
	bool brief = **s == 's';
	char name[64];
	struct span w;

	*s += brief;
	w = word_at(line, (size_t)(**s - '0'));
	(*s)++;
	if (brief && interface_short(w, name, sizeof(name)))
		buf_adds(out, name);
	else
		buf_addspan(out, w);
}

void
conf_prompt(const struct conf *c, struct buf *out)
{
	const struct level *l;
	const char *s;

	if (c->depth == 0)
		return;
	l = &c->level[c->depth - 1];
	s = l->rule->prompt != NULL ? l->rule->prompt : "%1";
	while (*s != '\0') {
		if (*s == '%') {
			s++;
			prompt_item(&s, l->lines[0], out);
		} else {
			buf_addc(out, *s++);
		}
	}
}
