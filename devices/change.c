/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change on its way, as a value with a JSON form. It is read back from a
 * journal that another version may have written and a disk may have damaged,
 * so parsing takes nothing for granted; the types of its values are checked
 * against the platform when they are used (steps.c).
 */
#include "devices/change.h"

#define VALUES_MAX 32
#define VALUE_MAX 1024
#define ID_MAX 32

struct device_change {
	char id[ID_MAX + 1];
	int64_t timer_ms;
	size_t n;
	char *names[VALUES_MAX], *values[VALUES_MAX];
};

static bool
id_ok(const char *id)
{
	size_t n = strlen(id);

	if (n == 0 || n > ID_MAX)
		return false;
	return strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789") == n;
}

struct device_change *
device_change_new(const char *id)
{
	struct device_change *c = mem_zalloc(sizeof(*c));

	if (id_ok(id))
		memcpy(c->id, id, strlen(id) + 1);
	return c;
}

void
device_change_free(struct device_change *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++) {
		free(c->names[i]);
		free(c->values[i]);
	}
	free(c);
}

const char *
change_id(const struct device_change *c)
{
	return c->id[0] != '\0' ? c->id : NULL;
}

int64_t
device_change_timer(const struct device_change *c)
{
	return c->timer_ms;
}

void
change_set_timer(struct device_change *c, int64_t ms)
{
	c->timer_ms = ms;
}

const char *
change_get(const struct device_change *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->names[i], name) == 0)
			return c->values[i];
	return NULL;
}

int
change_set(struct device_change *c, const char *name, const char *value, struct err *err)
{
	size_t i = 0;

	if (!text_name_ok(name) || strlen(value) > VALUE_MAX)
		return err_set(err, ERR_LIMIT, "a change cannot keep the value `%.64s`", name);
	while (i < c->n && strcmp(c->names[i], name) != 0)
		i++;
	if (i == VALUES_MAX)
		return err_set(err, ERR_LIMIT, "a change keeps at most %d values", VALUES_MAX);
	if (i == c->n) {
		c->names[c->n++] = mem_strdup(name);
	} else {
		free(c->values[i]);
	}
	c->values[i] = mem_strdup(value);
	return 0;
}

void
device_change_json(const struct device_change *c, struct buf *out)
{
	struct jw w;

	jw_init(&w, out, false);
	jw_object(&w, NULL);
	jw_string(&w, "id", c->id);
	if (c->timer_ms > 0)
		jw_int(&w, "timer_ms", c->timer_ms);
	jw_object(&w, "values");
	for (size_t i = 0; i < c->n; i++)
		jw_string(&w, c->names[i], c->values[i]);
	jw_end(&w);
	jw_end(&w);
}

static int
take_values(struct device_change *c, const struct doc_node *values, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; values != NULL && values->kind == DOC_MAP && i < values->n; i++) {
		const struct doc_node *v = values->pairs[i].value;

		if (v->kind != DOC_SCALAR)
			return err_set(err, ERR_CONTENT, "a change of the journal is damaged");
		if ((rc = change_set(c, values->pairs[i].key, v->text, err)) != 0)
			return rc;
	}
	return rc;
}

int
device_change_parse(struct device_change **out, struct span json, struct err *err)
{
	const struct doc_limits limits = { 65536, 200, 4, false };
	struct arena arena = ARENA_INIT;
	struct device_change *c = NULL;
	struct problems ps;
	struct doc_node *node;
	const char *id;
	int rc;

	*out = NULL;
	problems_init(&ps, &arena);
	if ((rc = doc_parse_json(&node, &arena, "journal", json, &limits, &ps)) != 0 ||
	    (id = doc_text(node, "id")) == NULL || !id_ok(id)) {
		rc = err_set(err, ERR_CONTENT, "a change of the journal is damaged");
		goto out;
	}
	c = device_change_new(id);
	c->timer_ms = doc_int(node, "timer_ms", 0);
	if (c->timer_ms < 0)
		c->timer_ms = 0;
	if ((rc = take_values(c, doc_get(node, "values"), err)) != 0)
		goto out;
	*out = c;
	c = NULL;
out:
	device_change_free(c);
	arena_release(&arena);
	return rc;
}
