/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/fill.h"

#define NAME_MAX_LEN 128

struct reference {
	char name[NAME_MAX_LEN + 1];
	struct span before;	/* text up to the reference */
	int line;
};

/* The next reference in *rest, which is cut behind it. 1 found, 0 none left,
 * -1 malformed (ref->line says where; *rest is cut behind its opening). */
static int
next_reference(struct span *rest, int *line, struct reference *ref)
{
	const char *at, *end, *p;
	size_t len;

	at = rest->len == 0 ? NULL : memmem(rest->p, rest->len, SECRET_OPEN, strlen(SECRET_OPEN));
	ref->before = span_of(rest->p, at != NULL ? (size_t)(at - rest->p) : rest->len);
	for (p = ref->before.p; p < ref->before.p + ref->before.len; p++)
		*line += *p == '\n';
	ref->line = *line;
	if (at == NULL)
		return 0;
	at += strlen(SECRET_OPEN);
	rest->len -= (size_t)(at - rest->p);
	rest->p = at;
	end = memchr(at, '}', rest->len < NAME_MAX_LEN + 1 ? rest->len : NAME_MAX_LEN + 1);
	if (end == NULL)
		return -1;
	len = (size_t)(end - at);
	memcpy(ref->name, at, len);
	ref->name[len] = '\0';
	if (strlen(ref->name) != len || !text_name_ok(ref->name))
		return -1;
	rest->len -= len + 1;
	rest->p = end + 1;
	return 1;
}

static bool
find_source(const struct settings *s, const char *name, struct secret_source *out,
    struct arena *a)
{
	const struct named_secret *v = s->secrets.sources.v;
	size_t i;

	for (i = 0; i < s->secrets.sources.n; i++)
		if (strcmp(v[i].name, name) == 0)
			return secret_setting_source(&v[i].source, out);
	if (s->secrets.directory == NULL)
		return false;
	memset(out, 0, sizeof(*out));
	out->file = arena_printf(a, "%s/%s", s->secrets.directory, name);
	return true;
}

struct filling {
	const struct controller *c;
	struct filled *filled;
	struct arena arena;
	struct map loaded;	/* name -> struct secret */
	struct hasher *hash;
	struct buf missing;
};

static const struct secret *
load_one(struct filling *f, const char *name)
{
	struct secret_source source;
	struct secret *s = map_get(&f->loaded, name);
	struct err err = ERR_INIT;
	const char *p;
	char print[17];
	size_t len, i;

	if (s != NULL)
		return s;
	if (!find_source(&f->c->settings, name, &source, &f->arena)) {
		buf_addf(&f->missing, "%s%s (no source)", f->missing.len > 0 ? ", " : "", name);
		return NULL;
	}
	if (secret_load(&s, &source, f->c->sys, &err) != 0) {
		buf_addf(&f->missing, "%s%s (%s)", f->missing.len > 0 ? ", " : "", name,
		    err.text);
		return NULL;
	}
	p = secret_reveal(s, &len);
	for (i = 0; i < len; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f) {
			buf_addf(&f->missing, "%s%s (it holds a line end or control byte)",
			    f->missing.len > 0 ? ", " : "", name);
			secret_free(s);
			return NULL;
		}
	f->filled->secrets = mem_realloc(f->filled->secrets, f->filled->n + 1,
	    sizeof(f->filled->secrets[0]));
	f->filled->secrets[f->filled->n++] = s;
	map_put(&f->loaded, name, s);
	secret_fingerprint(f->c->mask_key.bytes, sizeof(f->c->mask_key.bytes), p, len, print);
	hasher_part(f->hash, span_str(name));
	hasher_part(f->hash, span_str(print));
	return s;
}

int
fill(const struct controller *c, struct span text, struct buf *out, struct filled *filled,
    struct err *err)
{
	struct filling f = { .c = c, .filled = filled, .missing = BUF_LIMIT(512) };
	const struct secret *s;
	struct reference ref;
	const char *p;
	size_t len;
	int line = 1, found, r = 0;

	memset(filled, 0, sizeof(*filled));
	map_init(&f.loaded, &f.arena);
	f.hash = hasher_new();
	while ((found = next_reference(&text, &line, &ref)) > 0) {
		buf_addspan(out, ref.before);
		if ((s = load_one(&f, ref.name)) == NULL)
			continue;
		p = secret_reveal(s, &len);
		buf_add(out, p, len);
	}
	buf_addspan(out, ref.before);
	hasher_end(f.hash, filled->fingerprint);
	if (filled->n == 0)
		filled->fingerprint[0] = '\0';
	if (found < 0)
		r = err_set(err, ERR_CONTENT, "line %d: malformed secret reference; write "
		    "${secret:NAME}", ref.line);
	else if (f.missing.len > 0)
		r = err_set(err, ERR_SECRET, "secrets cannot be filled in: %s",
		    buf_str(&f.missing));
	if (r == ERR_SECRET)
		err_next(err, "give each a source under `secrets:` in the controller's settings");
	buf_release(&f.missing);
	arena_release(&f.arena);
	return r;
}

void
filled_release(struct filled *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		secret_free(f->secrets[i]);
	free(f->secrets);
	f->secrets = NULL;
	f->n = 0;
}

void
fill_lint(const struct settings *settings, const struct intended_device *d,
    struct span text, struct problems *ps)
{
	struct arena a = ARENA_INIT;
	struct secret_source source;
	struct reference ref;
	int line = 1, found;

	while ((found = next_reference(&text, &line, &ref)) != 0) {
		struct doc_pos pos = { ref.line, 1 };

		if (found < 0)
			problem_add_device(ps, SEV_ERROR, d->config_path, pos, d->name,
			    "malformed secret reference; write ${secret:NAME}");
		else if (settings != NULL && !find_source(settings, ref.name, &source, &a))
			problem_add_device(ps, SEV_ERROR, d->config_path, pos, d->name,
			    "secret \"%s\" has no source in the controller's settings", ref.name);
	}
	arena_release(&a);
}
