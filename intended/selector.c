/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Selectors: which devices a command, a check or a mode means. A selector is
 * a list of alternatives, each a list of terms that must all hold. The keys
 * are a table, so the error that lists them cannot be out of date.
 */
#include "intended/snapshot.h"

enum term_key { TERM_NAME, TERM_SITE, TERM_ROLE, TERM_GROUP, TERM_TAG, TERM_PLATFORM, TERM_KEYS };

/* A name has no key: it stands alone. */
static const char *const KEYS[TERM_KEYS] = {
	[TERM_SITE] = "site", [TERM_ROLE] = "role", [TERM_GROUP] = "group",
	[TERM_TAG] = "tag", [TERM_PLATFORM] = "platform",
};

struct term {
	enum term_key key;
	const char *glob;
};
struct alternative {
	struct term *terms;
	size_t n;
};
struct selector {
	struct alternative *v;
	size_t n;
};

/* Say what may be written; returns the code of the error. */
static int
allowed(struct err *err)
{
	struct buf list = BUF_INIT;
	int rc;

	for (int k = TERM_SITE; k < TERM_KEYS; k++)
		buf_addf(&list, ", %s=VALUE", KEYS[k]);
	rc = err_next(err, "write leaf1, leaf*%s; a comma means and, a blank means or",
	    buf_str(&list));
	buf_release(&list);
	return rc;
}

static bool
name_glob_ok(const char *s)
{
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789._-*?")] == '\0';
}

static int
term_parse(struct term *t, struct arena *a, struct span text, struct err *err)
{
	const char *word = arena_strndup(a, text.p, text.len);
	const char *eq = strchr(word, '=');
	struct span key;

	if (eq == NULL) {
		t->key = TERM_NAME;
		t->glob = word;
		if (*word != '\0' && name_glob_ok(word))
			return 0;
		err_set(err, ERR_USAGE, "selector: \"%s\" cannot be a device name", word);
		return allowed(err);
	}
	key = span_of(word, (size_t)(eq - word));
	t->glob = eq + 1;
	for (t->key = TERM_SITE; t->key < TERM_KEYS; t->key++)
		if (span_is(key, KEYS[t->key]))
			break;
	if (t->key == TERM_KEYS) {
		err_set(err, ERR_USAGE, "selector: \"%s\": unknown key", word);
		return allowed(err);
	}
	if (*t->glob == '\0') {
		err_set(err, ERR_USAGE, "selector: \"%s\" has no value", word);
		return allowed(err);
	}
	return 0;
}

/* Cut the text before the next separator off *rest; false at the end. A
 * separator at the end leaves one more, empty, piece. */
static bool
cut(struct span *rest, char separator, struct span *piece)
{
	const char *at;

	if (rest->p == NULL)
		return false;
	at = memchr(rest->p, separator, rest->len);
	piece->p = rest->p;
	piece->len = at != NULL ? (size_t)(at - rest->p) : rest->len;
	if (at == NULL)
		*rest = span_of(NULL, 0);
	else
		*rest = span_of(at + 1, rest->len - piece->len - 1);
	return true;
}

static int
alternative_parse(struct selector *s, struct arena *a, struct span text, struct err *err)
{
	struct alternative alt = { NULL, 0 };
	struct span piece;

	while (cut(&text, ',', &piece)) {
		struct term t;
		int rc = term_parse(&t, a, piece, err);

		if (rc != 0)
			return rc;
		ARENA_PUSH(a, alt.terms, alt.n) = t;
	}
	ARENA_PUSH(a, s->v, s->n) = alt;
	return 0;
}

static int
word_parse(struct selector *s, struct arena *a, const char *word, struct err *err)
{
	struct span rest = span_str(word), piece;
	size_t before = s->n;

	while (cut(&rest, ' ', &piece)) {
		int rc = piece.len == 0 ? 0 : alternative_parse(s, a, piece, err);

		if (rc != 0)
			return rc;
	}
	/* A blank word must not quietly mean "everything". */
	if (s->n == before) {
		err_set(err, ERR_USAGE, "selector: empty");
		return allowed(err);
	}
	return 0;
}

int
selector_parse(struct selector **out, struct arena *a, const char *const *words,
    size_t n, struct err *err)
{
	struct selector *s = ARENA_NEW(a, struct selector);

	for (size_t i = 0; i < n; i++) {
		int rc = word_parse(s, a, words[i], err);

		if (rc != 0)
			return rc;
	}
	*out = s;
	return 0;
}

/* What a device has under a key: a list, for one value a list of one. */
static size_t
values_of(const struct intended_device *d, enum term_key key, const char *const **out)
{
	const char *const *one;

	switch (key) {
	case TERM_GROUP:
		*out = d->groups;
		return d->n_groups;
	case TERM_TAG:
		*out = d->tags;
		return d->n_tags;
	case TERM_SITE:
		one = &d->site;
		break;
	case TERM_ROLE:
		one = &d->role;
		break;
	case TERM_PLATFORM:
		one = &d->platform;
		break;
	default:
		one = &d->name;
	}
	*out = one;
	return *one != NULL ? 1 : 0;
}

static bool
term_match(const struct term *t, const struct intended_device *d)
{
	const char *const *values;
	size_t n = values_of(d, t->key, &values);

	for (size_t i = 0; i < n; i++)
		if (text_glob(t->glob, values[i]))
			return true;
	return false;
}

static bool
alternative_match(const struct alternative *alt, const struct intended_device *d)
{
	for (size_t i = 0; i < alt->n; i++)
		if (!term_match(&alt->terms[i], d))
			return false;
	return true;
}

bool
selector_match(const struct selector *s, const struct intended_device *d)
{
	for (size_t i = 0; i < s->n; i++)
		if (alternative_match(&s->v[i], d))
			return true;
	return s->n == 0;
}
