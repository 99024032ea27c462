/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A patch from its operations: which style makes them, and how they are written
 * down, with the commands that enter and leave modes between them.
 */
#include <stdarg.h>
#include <stdio.h>

#include "diffing/mask.h"
#include "diffing/patch_build.h"

#define INDENT_DEFAULT 3
#define QUOTE_MAX 100		/* bytes of a line in a sentence */
#define INDENT_MAX 40		/* levels that are worth their blanks */
#define PATCH_MAX 20000		/* lines that differ: more are a replacement */

int
patch_refuse(struct patcher *p, const char *next, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(p->err, ERR_UNSUPPORTED, "platform %s: %s", p->dialect->name, text);
	return p->err != NULL ? err_next(p->err, "%s", next) : ERR_UNSUPPORTED;
}

const char *
patch_quote(struct patcher *p, enum side side, uint32_t item)
{
	static const struct mask_key none;
	const struct config *c = order_side(p, side);
	struct buf text = BUF_INIT;
	struct masker m;
	struct parents up;
	const char *quoted;
	size_t depth, secrets = 0;

	if (item == 0)
		return "the top level";
	config_parents(c, item, &up);
	depth = up.n;
	up.v[depth] = words_first_line(config_title(c, item));
	masker_init(&m, &p->match.rules, &none);
	for (up.n = c->paths ? 0 : depth; up.n <= depth; up.n++) {
		if (text.len > 0)
			buf_addc(&text, ' ');
		secrets += mask_add(&m, up.v[up.n], &up, &text);
	}
	quoted = secrets > 0 ? "a line with a secret" : arena_printf(p->scratch, "\"%.*s%s\"",
	    QUOTE_MAX, buf_str(&text), text.len > QUOTE_MAX ? "..." : "");
	masker_release(&m);
	buf_release(&text);
	return quoted;
}

uint32_t
patch_op(struct patcher *p, const struct place *in, enum phase phase, int64_t at)
{
	if (p->n_ops == 0)
		ARENA_PUSH(p->scratch, p->ops, p->n_ops) = (struct op){ .n = 0 };
	ARENA_PUSH(p->scratch, p->ops, p->n_ops) = (struct op){ .in = in, .phase = phase,
		.at = at };
	return p->n_ops - 1;
}

void
patch_say(struct patcher *p, uint32_t op, uint32_t deeper, struct span text)
{
	struct op *o = &p->ops[op];

	ARENA_PUSH(p->scratch, o->lines, o->n) = (struct patch_line){
		(o->in != NULL ? o->in->depth + 1 : 0) + deeper, text };
}

void
patch_line(struct patcher *p, uint32_t depth, struct span text)
{
	char *copy = arena_strndup(p->arena, text.p, text.len);

	ARENA_PUSH(p->arena, p->patch->lines, p->patch->n) = (struct patch_line){ depth,
		span_of(copy, text.len) };
}

const struct place *
patch_place(struct patcher *p, const struct place *up, struct span text)
{
	struct place *in = ARENA_NEW(p->scratch, struct place);

	*in = (struct place){ up, text, up != NULL ? up->depth + 1 : 0 };
	return in;
}

int64_t
patch_at(const struct patcher *p, const struct diff_node *n)
{
	const struct config *b = &p->match.b;
	uint32_t node = n->b != 0 ? b->v[n->b].node : NODE_NONE;

	return node != NODE_NONE ? (int64_t)b->tree.nodes[node].line : n->line;
}

struct span
patch_keep(struct arena *a, const struct buf *b)
{
	return span_of(arena_strndup(a, buf_str(b), b->len), b->len);
}

void
patch_expand(const struct dialect_rule *rule, const char *s, struct span line, struct buf *out)
{
	struct re_match m;

	if (re_find(rule->line, line, &m) <= 0)
		m.n = 0;
	while (*s != '\0') {
		const char *end = s[0] == '$' && s[1] == '{' ? strchr(s, '}') : NULL;
		char name[64];
		int group;

		if (end == NULL || (size_t)(end - s) >= sizeof(name)) {
			buf_addc(out, *s++);
			continue;
		}
		memcpy(name, s + 2, (size_t)(end - s) - 2);
		name[end - s - 2] = '\0';
		group = re_group(rule->line, name);
		if (group >= 0 && group < m.n && m.group[group].p != NULL)
			buf_addspan(out, m.group[group]);
		s = end + 1;
	}
}

/* How much deeper the platform's own text writes what is inside. */
static uint32_t
indent_of(const struct patcher *p)
{
	const struct tree *trees[2] = { &p->match.b.tree, &p->match.a.tree };

	if (!p->modes)
		return 0;
	for (size_t t = 0; t < 2; t++)
		for (uint32_t i = 1; i < trees[t]->n; i++) {
			const struct node *n = &trees[t]->nodes[i];
			uint32_t above = trees[t]->nodes[n->parent].column;

			if (n->depth == 2 && n->kind == NODE_LINE && n->column > above)
				return n->column - above < 8 ? n->column - above : 8;
		}
	return INDENT_DEFAULT;
}

static int
refuse_unended(struct patcher *p)
{
	uint32_t old = p->diff->unended[FROM], line = p->diff->unended[TO];

	if (old == 0 && line == 0)
		return 0;
	return patch_refuse(p, "see whether the file is whole", "what begins in line %u of the %s "
	    "configuration does not end", line != 0 ? line : old, line != 0 ? "new" : "old");
}

static int
make(struct patcher *p)
{
	const struct diff *d = p->diff;
	int r;

	if (diff_same(d))
		return 0;
	if ((r = refuse_unended(p)) != 0)
		return r;
	if (memchr(p->match.a.tree.text.p, 0, p->match.a.tree.text.len) != NULL ||
	    memchr(p->match.b.tree.text.p, 0, p->match.b.tree.text.len) != NULL)
		return patch_refuse(p, "see where the file comes from", "it has a NUL byte, which "
		    "nobody can type");
	if (d->added + d->removed + d->changed + d->moved > PATCH_MAX)
		return patch_refuse(p, "push: replace", "%zu lines differ, and more than %d are "
		    "not for commands", d->added + d->removed + d->changed + d->moved, PATCH_MAX);
	switch (p->dialect->commands) {
	case COMMANDS_INDENT:
		return patch_indent(p);
	case COMMANDS_SET:
		return patch_set(p);
	case COMMANDS_SECTION:
		return patch_section(p);
	default:
		return patch_refuse(p, "send the whole configuration: push: replace",
		    "changes cannot be written as commands");
	}
}

int
patch_make(struct arena *arena, const struct dialect *d, struct span from, struct span to,
    struct patch **out, struct err *err)
{
	struct patcher p = { .arena = arena, .dialect = d, .err = err };
	int r;

	*out = p.patch = ARENA_NEW(arena, struct patch);
	p.patch->dialect = d;
	match_init(&p.match, d, from, to);
	p.scratch = &p.match.arena;
	p.diff = diff_of(p.scratch, d, &p.match);
	p.modes = d->commands == COMMANDS_INDENT;
	p.exit = span_str(d->exit != NULL && *d->exit != '\0' ? d->exit : "exit");
	p.patch->indent = indent_of(&p);
	p.op_of[FROM] = arena_calloc(p.scratch, p.match.a.n, sizeof(uint32_t));
	p.op_of[TO] = arena_calloc(p.scratch, p.match.b.n, sizeof(uint32_t));
	map_init(&p.names, p.scratch);
	map_init(&p.slots, p.scratch);
	map_init(&p.hosts, p.scratch);
	map_init(&p.undone, p.scratch);
	map_init(&p.kept, p.scratch);
	map_init(&p.kinds, p.scratch);
	map_init(&p.holders, p.scratch);
	r = make(&p);
	match_release(&p.match);
	return r;
}

/* --- text --- */

struct writer {
	const struct patch *patch;
	struct arena arena;
	struct rules rules;
	struct masker masker;
	struct parents up;
};

static void
writer_init(struct writer *w, const struct patch *p, const struct mask_key *key)
{
	*w = (struct writer){ .patch = p };
	w->up.paths = p->dialect->commands == COMMANDS_SET;
	rules_init(&w->rules, &w->arena, p->dialect);
	masker_init(&w->masker, &w->rules, key);
}

static void
writer_release(struct writer *w)
{
	masker_release(&w->masker);
	arena_release(&w->arena);
}

/* The text of a command with its secrets masked. */
static void
add_masked(struct writer *w, const struct patch_line *l, struct buf *out)
{
	w->up.n = l->depth < TREE_DEPTH ? l->depth : TREE_DEPTH - 1;
	w->up.v[w->up.n] = words_first_line(l->text);
	mask_add(&w->masker, l->text, &w->up, out);
}

static void
add_raw(const struct patch *p, const struct patch_line *l, struct buf *out)
{
	for (uint32_t i = 0; i < l->depth * p->indent && i < INDENT_MAX * p->indent; i++)
		buf_addc(out, ' ');
	buf_addspan(out, l->text);
	buf_addc(out, '\n');
}

void
patch_text(const struct patch *p, const struct mask_key *key, struct buf *out)
{
	struct writer w;
	struct buf masked = BUF_INIT;

	if (key != NULL)
		writer_init(&w, p, key);
	for (size_t i = 0; i < p->n; i++) {
		struct patch_line line = p->lines[i];

		if (key == NULL) {
			add_raw(p, &line, out);
			continue;
		}
		buf_clear(&masked);
		add_masked(&w, &line, &masked);
		line.text = buf_span(&masked);
		for (uint32_t k = 0; k < line.depth * p->indent && k < INDENT_MAX * p->indent; k++)
			buf_addc(out, ' ');
		text_visible(out, line.text, true);
		buf_addc(out, '\n');
	}
	buf_release(&masked);
	if (key != NULL)
		writer_release(&w);
}

void
patch_json(const struct patch *p, const struct mask_key *key, struct jw *jw)
{
	struct writer w;
	struct buf masked = BUF_INIT;

	if (key != NULL)
		writer_init(&w, p, key);
	jw_array(jw, "commands");
	for (size_t i = 0; i < p->n; i++) {
		buf_clear(&masked);
		if (key != NULL)
			add_masked(&w, &p->lines[i], &masked);
		jw_object(jw, NULL);
		jw_int(jw, "depth", p->lines[i].depth);
		jw_span(jw, "text", key != NULL ? buf_span(&masked) : p->lines[i].text);
		jw_end(jw);
	}
	jw_end(jw);
	jw_int(jw, "lines", (int64_t)p->n);
	buf_release(&masked);
	if (key != NULL)
		writer_release(&w);
}
