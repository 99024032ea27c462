/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of a definition that is rules about text: prompts, pager, errors,
 * what is stripped, and the grammar that diffing/ reads. Every rule may carry
 * samples: `like:` must match and `unlike:` must not, or the file is refused,
 * so that a definition tests itself wherever it is loaded. A prompt sample
 * must moreover belong to its own mode only.
 */
#include "devices/platform_raw.h"

/* --- samples --- */

static void
sample(struct loading *l, const struct re *re, const char *what, const struct doc_node *node,
    bool want)
{
	if (node->kind != DOC_SCALAR) {
		loading_problem(l, node->pos, "%s: a sample must be a text", what);
		return;
	}
	if ((re_find(re, span_str(node->text), NULL) == 1) != want)
		loading_problem(l, node->pos, "%s: the sample \"%s\" %s", what, node->text,
		    want ? "does not match" : "must not match, but does");
}

static void
samples(struct loading *l, const struct re *re, const char *what, const struct doc_node *node,
    bool want)
{
	if (node == NULL || re == NULL)
		return;
	if (node->kind == DOC_SCALAR)
		sample(l, re, what, node, want);
	else if (node->kind == DOC_MAP)
		loading_problem(l, node->pos, "%s: samples are a list of texts", what);
	for (size_t i = 0; node->kind == DOC_LIST && i < node->n; i++)
		sample(l, re, what, node->items[i], want);
}

void
loading_samples(struct loading *l, const struct re *re, const char *what,
    const struct doc_node *like, const struct doc_node *unlike)
{
	samples(l, re, what, like, true);
	samples(l, re, what, unlike, false);
}

/* Compile what field_read() has accepted already; NULL for nothing. */
static const struct re *
compile(struct loading *l, const char *source, struct doc_pos pos)
{
	struct pattern p = { .re = NULL };

	if (source == NULL || !loading_pattern(l, &p, source, pos))
		return NULL;
	if (p.text.n > 1)
		loading_problem(l, pos, "no ${...} here: this is tried without a device");
	return p.re;
}

/* --- prompts --- */

/* A sample of one mode must not look like another. */
static void
one_mode(struct loading *l, const struct doc_node *like, size_t own)
{
	for (size_t i = 0; like->kind == DOC_LIST && i < like->n; i++)
		for (size_t m = 0; m < l->p->n_modes; m++)
			if (m != own && like->items[i]->kind == DOC_SCALAR &&
			    l->p->modes[m].prompt != NULL &&
			    re_find(l->p->modes[m].prompt, span_str(like->items[i]->text),
			    NULL) == 1)
				loading_problem(l, like->items[i]->pos,
				    "prompt %s: its sample \"%s\" matches mode %s as well",
				    l->p->modes[own].name, like->items[i]->text,
				    l->p->modes[m].name);
}

static void
load_prompts(struct loading *l, const struct field_list *list, const struct doc_node *node)
{
	const struct raw_prompt *raw = list->v;

	l->p->modes = arena_calloc(l->a, list->n, sizeof(*l->p->modes));
	l->p->n_modes = list->n;
	for (size_t i = 0; i < list->n; i++) {
		const struct doc_node *own = node->pairs[i].value;
		struct doc_pos pos = field_pos(own, "match");
		const char *s = raw[i].match;
		const struct re *re = compile(l, s, pos);

		l->p->modes[i] = (struct expect_mode){ raw[i].mode, re };
		if (re == NULL)
			continue;
		if (s[0] != '^' || s[strlen(s) - 1] != '$')
			loading_problem(l, pos, "prompt %s must go from ^ to $", raw[i].mode);
		if (re_group(re, "host") < 0)
			loading_problem(l, pos, "prompt %s has no group (?<host>...)",
			    raw[i].mode);
		loading_samples(l, re, "prompt", raw[i].like, raw[i].unlike);
	}
	for (size_t i = 0; i < list->n; i++)
		if (raw[i].like != NULL)
			one_mode(l, raw[i].like, i);
}

static int
mode_of(struct loading *l, const struct doc_node *node, const char *key, const char *name)
{
	int mode = platform_mode(l->p, name);

	if (name != NULL && mode < 0)
		loading_problem(l, field_pos(node, key), "%s: there is no mode \"%s\"", key, name);
	return mode;
}

static void
load_session(struct loading *l, const struct raw_platform *raw, const struct doc_node *root)
{
	const struct doc_node *privilege = doc_get(root, "privilege");
	const struct doc_node *home = doc_get(root, "home");
	const struct doc_node *pager = doc_get(root, "pager");
	struct platform *p = l->p;

	p->terminal_type = raw->terminal.type;
	p->columns = raw->terminal.columns;
	p->rows = raw->terminal.rows;
	p->enter = raw->terminal.enter != NULL ? raw->terminal.enter : "\n";
	p->echo = raw->terminal.echo;
	if (loading_pattern(l, &p->pager, raw->pager.match, field_pos(pager, "match")))
		loading_samples(l, p->pager.re, "pager", raw->pager.like, raw->pager.unlike);
	p->pager_answer = raw->pager.answer;
	p->privilege_from = mode_of(l, privilege, "from", raw->privilege.from);
	p->privilege_to = mode_of(l, privilege, "to", raw->privilege.to);
	p->privilege_send = raw->privilege.send;
	loading_pattern(l, &p->privilege_password, raw->privilege.password,
	    field_pos(privilege, "password"));
	p->home_mode = mode_of(l, home, "mode", raw->home.mode);
	p->home_send = raw->home.send;
}

/* --- errors and strip --- */

static void
load_errors(struct loading *l, const struct field_list *list, const struct doc_node *node)
{
	const struct raw_error *raw = list->v;

	l->p->errors = arena_calloc(l->a, list->n, sizeof(*l->p->errors));
	for (size_t i = 0; i < list->n; i++) {
		struct error_rule *rule = &l->p->errors[l->p->n_errors];
		const struct doc_node *own = node->items[i];

		if (!loading_pattern(l, &rule->match, raw[i].match, field_pos(own, "match")))
			continue;
		rule->next = raw[i].next;
		if (raw[i].class != NULL)
			rule->code = loading_class(l, raw[i].class, field_pos(own, "class"));
		loading_samples(l, rule->match.re, "error", raw[i].like, raw[i].unlike);
		l->p->n_errors++;
	}
}

static void
load_strips(struct loading *l, const struct field_list *list, const struct doc_node *node)
{
	const struct raw_strip *raw = list->v;

	l->p->strips = arena_calloc(l->a, list->n, sizeof(*l->p->strips));
	for (size_t i = 0; i < list->n; i++) {
		struct doc_pos pos = field_pos(node->items[i], "match");
		const struct re *re = compile(l, raw[i].match, pos);

		if (re == NULL)
			continue;
		loading_samples(l, re, raw[i].name, raw[i].like, raw[i].unlike);
		l->p->strips[l->p->n_strips++] =
		    (struct strip_rule){ (enum strip_where)raw[i].where, re };
	}
}

/* --- grammar --- */

static const struct dialect_rule *
load_rules(struct loading *l, const struct field_list *list, const struct doc_node *node,
    const char *other, const char *group)
{
	const struct raw_rule *raw = list->v;
	struct dialect_rule *rules = arena_calloc(l->a, list->n, sizeof(*rules));

	for (size_t i = 0; i < list->n; i++) {
		const struct doc_node *own = node->items[i];
		struct doc_pos pos = field_pos(own, "line");
		struct dialect_rule *rule = &rules[i];

		rule->name = raw[i].name;
		rule->line = compile(l, raw[i].line, pos);
		rule->within = compile(l, raw[i].within, field_pos(own, "within"));
		rule->with = raw[i].with;
		rule->whole = raw[i].whole;
		rule->last = raw[i].last;
		rule->added = raw[i].added;
		rule->ends = raw[i].ends;
		rule->each = raw[i].each;
		if (other != NULL)
			rule->other = compile(l, raw[i].other, field_pos(own, other));
		if (rule->line == NULL)
			continue;
		/* What a line is about may be said the other way round. */
		if (group != NULL && re_group(rule->line, group) < 0 &&
		    (strcmp(group, "value") != 0 || re_group(rule->line, "key") < 0))
			loading_problem(l, pos, "%s: no group (?<%s>...)", raw[i].name, group);
		loading_samples(l, rule->line, raw[i].name, raw[i].like, raw[i].unlike);
	}
	return rules;
}

static const struct dialect_block *
load_blocks(struct loading *l, const struct field_list *list, const struct doc_node *node)
{
	const struct raw_block *raw = list->v;
	struct dialect_block *blocks = arena_calloc(l->a, list->n, sizeof(*blocks));

	for (size_t i = 0; i < list->n; i++) {
		const struct doc_node *own = node->items[i];
		struct dialect_block *b = &blocks[i];

		b->name = raw[i].name;
		b->times = (int)raw[i].times;
		b->indented = raw[i].indented;
		b->open = compile(l, raw[i].open, field_pos(own, "open"));
		b->close = compile(l, raw[i].close, field_pos(own, "close"));
		b->within = compile(l, raw[i].within, field_pos(own, "within"));
		if (b->open == NULL)
			continue;
		if ((b->close != NULL) == (re_group(b->open, "delim") >= 0))
			loading_problem(l, own->pos, "%s: either `close` or a group (?<delim>...) "
			    "in `open` says what ends it", raw[i].name);
		loading_samples(l, b->open, raw[i].name, raw[i].like, raw[i].unlike);
	}
	return blocks;
}

static const struct dialect_form *
load_forms(struct loading *l, const struct field_list *list, const struct doc_node *node)
{
	const struct raw_form *raw = list->v;
	struct dialect_form *forms = arena_calloc(l->a, list->n, sizeof(*forms));

	for (size_t i = 0; i < list->n; i++) {
		forms[i].syntax = (enum syntax)raw[i].syntax;
		forms[i].when = compile(l, raw[i].when, field_pos(node->items[i], "when"));
		if (forms[i].when != NULL)
			loading_samples(l, forms[i].when, "form", raw[i].like, raw[i].unlike);
	}
	return forms;
}

/* A list of rules, by the name of its member of struct dialect. */
#define LOAD(member, key, other, group) \
	d->member = load_rules(l, &raw->member, doc_get(node, key), other, group), \
	d->n_##member = raw->member.n

static void
load_commands(struct loading *l, const struct raw_commands *raw, const struct doc_node *node)
{
	struct dialect *d = &l->p->dialect;

	d->commands = (enum command_style)raw->style;
	d->negation = raw->negation;
	d->reset = raw->reset;
	d->exit = raw->exit;
	d->quote = raw->quote;
	d->delimiters = raw->delimiters;
	LOAD(references, "references", "uses", "name");
	LOAD(negations, "negations", NULL, NULL);
	LOAD(resets, "resets", "loses", NULL);
	LOAD(modes, "modes", NULL, NULL);
	LOAD(exclusive, "exclusive", NULL, NULL);
	LOAD(unique, "unique", NULL, "name");
	LOAD(kept, "make_before_break", NULL, NULL);
	LOAD(refused, "refused", NULL, NULL);
	LOAD(lists, "lists", NULL, NULL);
}

static void
load_grammar(struct loading *l, const struct raw_grammar *raw, const struct doc_node *node)
{
	struct dialect *d = &l->p->dialect;

	d->name = l->p->name;
	d->syntax = (enum syntax)raw->syntax;
	d->line_ends = raw->line_ends;
	d->paths = raw->paths;
	d->repeats = raw->repeats;
	d->verbs = raw->verbs.v;
	d->n_verbs = raw->verbs.n;
	d->skipped = raw->skipped.v;
	d->n_skipped = raw->skipped.n;
	d->leaves = raw->leaves.v;
	d->n_leaves = raw->leaves.n;
	d->root = compile(l, raw->root, field_pos(node, "root"));
	d->comments = raw->comments.v;
	d->n_comments = raw->comments.n;
	LOAD(separators, "separators", NULL, NULL);
	LOAD(blanks, "blanks", NULL, NULL);
	LOAD(ordered, "ordered", "numbered", NULL);
	LOAD(sequences, "sequences", NULL, NULL);
	LOAD(ranges, "ranges", NULL, "list");
	LOAD(identities, "identity", NULL, "value");
	LOAD(volatiles, "volatile", NULL, NULL);
	LOAD(owned, "owned", NULL, NULL);
	LOAD(secrets, "secrets", NULL, "secret");
	LOAD(lifelines, "lifelines", NULL, NULL);
	LOAD(destructive, "destructive", "having", NULL);
#undef LOAD
	d->blocks = load_blocks(l, &raw->blocks, doc_get(node, "blocks"));
	d->n_blocks = raw->blocks.n;
	d->forms = load_forms(l, &raw->forms, doc_get(node, "forms"));
	d->n_forms = raw->forms.n;
	load_commands(l, &raw->commands, doc_get(node, "commands"));
}

void
platform_load_rules(struct loading *l, const struct raw_platform *raw,
    const struct doc_node *root)
{
	load_prompts(l, &raw->prompts, doc_get(root, "prompts"));
	load_session(l, raw, root);
	load_errors(l, &raw->errors, doc_get(root, "errors"));
	load_strips(l, &raw->strip, doc_get(root, "strip"));
	load_grammar(l, &raw->grammar, doc_get(root, "grammar"));
}
