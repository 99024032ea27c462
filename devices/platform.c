/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading definitions: the embedded ones and those of a directory, which win
 * by name; and what everybody may ask of one. Reading goes tables first
 * (platform_raw.c), then rules about text (platform_rules.c), then steps and
 * verbs (platform_steps.c, platform_verbs.c); the later ones run only on what
 * the earlier ones found whole, so that one mistake is one message.
 */
#include "devices/platform_raw.h"

#include <dirent.h>

#include "base/secret.h"
#include "devices/embedded.h"

#define DEFINITION_MAX ((size_t)1 << 20)	/* bytes of one file */
#define DEFINITIONS_MAX 1000			/* files in a directory */

struct platforms {
	struct platform **v;
	size_t n;
	struct arena arena;
	struct map names;		/* own names and aliases */
};

/* --- for the files of the loader --- */

void
loading_problem(struct loading *l, struct doc_pos pos, const char *fmt, ...)
{
	struct buf text = BUF_INIT;
	va_list ap;
	bool known = false;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	/* A part is read for each verb that uses it: one message will do. */
	for (size_t i = 0; i < l->ps->n; i++)
		known = known || (l->ps->v[i].pos.line == pos.line &&
		    l->ps->v[i].pos.column == pos.column && l->ps->v[i].file == l->file &&
		    strcmp(l->ps->v[i].text, buf_str(&text)) == 0);
	if (!known)
		problem_add(l->ps, SEV_ERROR, l->file, pos, "%s", buf_str(&text));
	buf_release(&text);
}

bool
loading_pattern(struct loading *l, struct pattern *out, const char *source, struct doc_pos pos)
{
	const char *why = "";

	*out = (struct pattern){ .re = NULL };
	if (source == NULL)
		return false;
	if (!pattern_parse(out, l->a, source, &why)) {
		loading_problem(l, pos, "%s", why);
		return false;
	}
	ARENA_PUSH(l->a, l->p->res, l->p->n_res) = out->re;
	return true;
}

int
loading_class(struct loading *l, const char *word, struct doc_pos pos)
{
	int code = err_code_of(word);

	if (code != ERR_BUG)
		return code;
	loading_problem(l, pos, "\"%s\" is no class of errors: rejected, busy, auth, unproven, "
	    "unsupported, output, denied, content, ...", word);
	return ERR_OUTPUT;
}

/* --- values --- */

static void
load_locals(struct loading *l, const struct field_pairs *pairs, bool kept, const char *key)
{
	struct platform *p = l->p;
	const struct doc_node *node = doc_get(p->node, key);

	for (size_t i = 0; i < pairs->n; i++) {
		struct doc_pos pos = field_pos(node, pairs->keys[i]);
		int type = 0;

		while (type < VALUE_TYPES && strcmp(value_type_words[type], pairs->values[i]) != 0)
			type++;
		if (type == VALUE_TYPES)
			loading_problem(l, pos, "\"%s\" is no type: text, number, name, path, hex, "
			    "time, words", pairs->values[i]);
		else if (!text_name_ok(pairs->keys[i]) || platform_var(p, pairs->keys[i]) != NULL ||
		    platform_local(p, pairs->keys[i]) != NULL)
			loading_problem(l, pos, "\"%s\" is not a name, or is used twice",
			    pairs->keys[i]);
		else
			ARENA_PUSH(l->a, p->locals, p->n_locals) = (struct local){
			    pairs->keys[i], (enum value_type)type, kept };
	}
}

static void
load_vars(struct loading *l, const struct field_list *list)
{
	const struct doc_node *node = doc_get(l->p->node, "vars");
	struct pattern p;

	l->p->vars = list->v;
	l->p->n_vars = list->n;
	for (size_t i = 0; i < list->n; i++) {
		struct var *v = &l->p->vars[i];

		if (loading_pattern(l, &p, v->match, field_pos(node->pairs[i].value, "match")))
			v->re = p.re;
		if (v->def != NULL && !value_ok((enum value_type)v->type, span_str(v->def)))
			loading_problem(l, field_pos(node->pairs[i].value, "default"),
			    "the default \"%s\" is not %s", v->def,
			    value_type_help((enum value_type)v->type));
	}
}

/* --- one file --- */

void
platform_free(struct platform *p)
{
	struct arena arena;

	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_res; i++)
		re_free(p->res[i]);
	arena = p->arena;	/* p lives in it */
	arena_release(&arena);
}

static void
take(struct platform *p, const struct raw_platform *raw)
{
	p->name = raw->name;
	p->title = raw->title;
	p->aliases = raw->aliases;
	if (p->aliases.v == NULL)
		p->aliases.v = arena_calloc(&p->arena, 1, sizeof(*p->aliases.v));
	p->transport = raw->transport;
	p->caps = raw->caps;
	p->compare_hostname = raw->identity.compare_hostname;
	p->compare_serial = raw->identity.compare_serial;
}

/* Without verbs a file is the grammar of a platform; with them it needs more. */
static void
need_keys(struct loading *l)
{
	static const char *const keys[] = { "transport", "capabilities", "identity" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (doc_get(l->p->node, keys[i]) == NULL)
			loading_problem(l, l->p->node->pos, "verbs need the key \"%s\"", keys[i]);
}

/* Every problem is added; the platform is good only when there was none. */
static void
load(struct loading *l)
{
	struct platform *p = l->p;
	struct raw_platform raw;
	size_t errors = l->ps->errors;

	hash_hex(span_str(p->source), p->hash);
	if (doc_parse_yaml(&p->node, l->a, p->file, span_str(p->source), &DOC_LIMITS, l->ps) != 0)
		return;
	if (field_read(&raw, &platform_table, p->node, l->a, p->file, l->ps) != 0)
		return;
	take(p, &raw);
	load_vars(l, &raw.vars);
	load_locals(l, &raw.change, true, "change");
	load_locals(l, &raw.locals, false, "locals");
	platform_load_rules(l, &raw, p->node);
	rules_init(&p->rules, &p->arena, &p->dialect);
	if (raw.verbs == NULL) {
		p->caps.proof = "grammar";
		return;
	}
	need_keys(l);
	if (l->ps->errors == errors && p->transport == TRANSPORT_CLI && p->n_modes == 0)
		loading_problem(l, p->node->pos, "transport cli needs prompts");
	if (l->ps->errors == errors)
		platform_load_verbs(l, &raw);
}

struct platform *
platform_parse(const char *file, struct span text, struct problems *ps)
{
	struct arena arena = ARENA_INIT;
	struct platform *p = ARENA_NEW(&arena, struct platform);
	struct loading l = { .p = p, .a = &p->arena, .ps = ps };
	size_t errors = ps->errors;

	p->arena = arena;
	p->file = l.file = arena_strdup(ps->arena, file);
	p->source = arena_strndup(&p->arena, text.p, text.len);
	p->privilege_from = p->privilege_to = p->home_mode = -1;
	map_init(&l.used_parts, &p->arena);
	if (strlen(p->source) != text.len)
		problem_add(ps, SEV_ERROR, l.file, (struct doc_pos){ 0, 0 }, "it holds a NUL byte");
	else
		load(&l);
	if (ps->errors > errors) {
		platform_free(p);
		return NULL;
	}
	return p;
}

/* --- all of them --- */

/* A later definition of the same name takes the place of the earlier. */
static void
add(struct platforms *all, struct platform *p)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i]->name, p->name) == 0) {
			platform_free(all->v[i]);
			all->v[i] = p;
			return;
		}
	ARENA_PUSH(&all->arena, all->v, all->n) = p;
}

/* Names first: an alias never hides another platform's own name. */
static void
index_names(struct platforms *all, struct problems *ps)
{
	map_init(&all->names, &all->arena);
	for (size_t i = 0; i < all->n; i++)
		map_put(&all->names, all->v[i]->name, all->v[i]);
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < all->v[i]->aliases.n; k++) {
			const char *alias = all->v[i]->aliases.v[k];
			const struct platform *other = map_get(&all->names, alias);

			if (other != NULL && other != all->v[i])
				problem_add(ps, SEV_ERROR, all->v[i]->file,
				    field_pos(all->v[i]->node, "aliases"),
				    "the alias \"%s\" is taken by %s", alias, other->name);
			map_put(&all->names, alias, all->v[i]);
		}
}

static int
by_name(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static int
is_definition(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".yaml") == 0;
}

/* The names of the definitions in a directory, sorted, in the arena. */
static int
list_dir(struct arena *a, const char *dir, const char ***out, size_t *n, struct err *err)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	*n = 0;
	*out = NULL;
	if (d == NULL)
		return err_errno(err, ERR_IO, "platform definitions in %s", dir);
	while ((entry = readdir(d)) != NULL && *n < DEFINITIONS_MAX)
		if (is_definition(entry))
			ARENA_PUSH(a, *out, *n) = arena_printf(a, "%s/%s", dir, entry->d_name);
	closedir(d);
	if (*n > 0)
		qsort(*out, *n, sizeof(**out), by_name);
	return 0;
}

/* Whether a definition says, in a line of its own, that this is its name. */
static bool
mentions(struct span text, const char *name)
{
	struct span line;

	while (span_line(&text, &line)) {
		const char *at = memmem(line.p, line.len, name, strlen(name));

		if (at != NULL && (span_starts(line, "name: ") || span_starts(line, "aliases: ")))
			return true;
	}
	return false;
}

static int
load_dir(struct platforms *all, const char *dir, const char *only, struct problems *ps,
    struct err *err)
{
	const char **files;
	size_t n, len;
	struct platform *p;
	char *text;
	int rc;

	if ((rc = list_dir(&all->arena, dir, &files, &n, err)) != 0)
		return rc;
	for (size_t i = 0; i < n; i++) {
		if ((rc = file_read(files[i], DEFINITION_MAX, &text, &len, err)) != 0)
			return rc;
		p = only != NULL && !mentions(span_of(text, len), only) ? NULL :
		    platform_parse(files[i], span_of(text, len), ps);
		free(text);
		if (p != NULL)
			add(all, p);
	}
	return 0;
}

static int
load_all(struct platforms **out, const char *dir, const char *only, struct problems *ps,
    struct err *err)
{
	struct platforms *all = mem_zalloc(sizeof(*all));
	size_t errors = ps->errors;
	struct platform *p;
	int rc = 0;

	for (const struct embedded_platform *e = embedded_platforms; e->file != NULL; e++) {
		struct span text = span_of((const char *)e->text, e->len);

		if ((only == NULL || mentions(text, only)) &&
		    (p = platform_parse(e->file, text, ps)) != NULL)
			add(all, p);
	}
	if (dir != NULL)
		rc = load_dir(all, dir, only, ps, err);
	if (rc == 0)
		index_names(all, ps);
	if (rc == 0 && ps->errors > errors)
		rc = err_set(err, ERR_CONTENT, "platform definitions have %zu errors",
		    ps->errors - errors);
	if (rc != 0) {
		platforms_free(all);
		all = NULL;
	}
	*out = all;
	return rc;
}

int
platforms_load(struct platforms **out, const char *dir, struct problems *ps, struct err *err)
{
	return load_all(out, dir, NULL, ps, err);
}

int
platforms_load_one(struct platforms **out, const char *dir, const char *name,
    struct problems *ps, struct err *err)
{
	int rc = load_all(out, dir, name, ps, err);

	if (rc != 0 || platforms_find(*out, name) != NULL)
		return rc;
	platforms_free(*out);
	return load_all(out, dir, NULL, ps, err);
}

void
platforms_free(struct platforms *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n; i++)
		platform_free(all->v[i]);
	arena_release(&all->arena);
	free(all);
}

const struct platform *
platforms_find(const struct platforms *all, const char *name)
{
	return map_get(&all->names, name);
}

size_t
platforms_count(const struct platforms *all)
{
	return all->n;
}

const struct platform *
platforms_at(const struct platforms *all, size_t i)
{
	return i < all->n ? all->v[i] : NULL;
}

/* --- one of them --- */

const char *
platform_name(const struct platform *p)
{
	return p->name;
}

const char *
platform_title(const struct platform *p)
{
	return p->title;
}

const struct platform_caps *
platform_caps(const struct platform *p)
{
	return &p->caps;
}

const struct dialect *
platform_dialect(const struct platform *p)
{
	return &p->dialect;
}

const char *
platform_hash(const struct platform *p)
{
	return p->hash;
}

const char *
platform_source(const struct platform *p)
{
	return p->source;
}

const char *
platform_file(const struct platform *p)
{
	return p->file;
}

const char *const *
platform_aliases(const struct platform *p)
{
	return p->aliases.v;
}

int
platform_mode(const struct platform *p, const char *name)
{
	for (size_t i = 0; name != NULL && i < p->n_modes; i++)
		if (strcmp(p->modes[i].name, name) == 0)
			return (int)i;
	return -1;
}

const struct var *
platform_var(const struct platform *p, const char *name)
{
	for (size_t i = 0; i < p->n_vars; i++)
		if (strcmp(p->vars[i].name, name) == 0)
			return &p->vars[i];
	return NULL;
}

const struct local *
platform_local(const struct platform *p, const char *name)
{
	for (size_t i = 0; i < p->n_locals; i++)
		if (strcmp(p->locals[i].name, name) == 0)
			return &p->locals[i];
	return NULL;
}

static void
check_var(const struct platform *p, const char *key, const char *value, struct buf *why)
{
	const struct var *v = platform_var(p, key);

	/* Every platform has it: the name the device calls itself. */
	if (strcmp(key, PLATFORM_VAR_HOSTNAME) == 0) {
		if (!value_ok(VALUE_TEXT, span_str(value)))
			buf_addf(why, "variable hostname: expected the name the device has\n");
		return;
	}
	if (v == NULL) {
		buf_addf(why, "platform %s has no variable \"%s\"; it has hostname", p->name, key);
		for (size_t i = 0; i < p->n_vars; i++)
			buf_addf(why, ", %s", p->vars[i].name);
		buf_addc(why, '\n');
	} else if (!value_ok((enum value_type)v->type, span_str(value))) {
		buf_addf(why, "variable %s: expected %s, found \"%s\"\n", key,
		    value_type_help((enum value_type)v->type), value);
	} else if (v->re != NULL && re_find(v->re, span_str(value), NULL) != 1) {
		buf_addf(why, "variable %s: \"%s\" does not match %s\n", key, value, v->match);
	}
}

int
platform_vars_check(const struct platform *p, const char *const *keys,
    const char *const *values, size_t n, struct buf *why)
{
	size_t before = why->len;

	for (size_t i = 0; i < n; i++)
		check_var(p, keys[i], values[i], why);
	return why->len > before ? ERR_CONTENT : 0;
}
