/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the three documents to devices, and the rules that hold between
 * devices: no two may share a place on the network, or a name on a disk that
 * does not tell upper from lower case.
 */
#include <stdio.h>
#include <stdlib.h>

#include "intended/inventory.h"

const char *const INVENTORY_PATHS[INVENTORY_KINDS] = {
	[INVENTORY_HOSTS] = "inventory/hosts.yaml",
	[INVENTORY_GROUPS] = "inventory/groups.yaml",
	[INVENTORY_DEFAULTS] = "inventory/defaults.yaml",
};

void
device_error(struct intended_device *d, struct problems *ps, const char *file,
    const char *fmt, ...)
{
	static const struct doc_pos NOWHERE = { 0, 0 };
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->broken = true;
	problem_add_device(ps, SEV_ERROR, file != NULL ? file : d->file,
	    file != NULL ? NOWHERE : d->pos, d->name, "%s", text);
}

/* data.site and data.role are the operator's, for other tools too: what
 * cannot be a path part is not an error, it is only of no use to us. Said
 * once for each value. */
static const char *
free_name(struct inventory *inv, struct map *told, const char *key,
    const struct doc_node *node)
{
	const char *text;

	if (node == NULL || node->null)
		return NULL;
	text = node->kind == DOC_SCALAR ? node->text : "(not a scalar)";
	if (node->kind == DOC_SCALAR && text_name_ok(text))
		return text;
	text = arena_printf(told->arena, "%s %.200s", key, text);
	if (!map_has(told, text))
		problem_add(inv->ps, SEV_WARNING, INVENTORY_PATHS[INVENTORY_HOSTS],
		    (struct doc_pos){ 0, 0 }, "data.%s is not used: letters, digits and "
		    "._- only; set data.fairlead.%s", text, key);
	map_put(told, text, inv);
	return NULL;
}

static void
device_fill(struct inventory *inv, struct intended_device *d, const struct values *v,
    struct map *told)
{
	const struct extras *x = &v->extras;

	d->platform = v->platform;
	d->port = v->port != 0 ? (int)v->port : 22;
	d->username = v->username;
	d->credential = x->credential;
	d->serial = x->serial;
	d->site = x->site != NULL ? x->site : free_name(inv, told, "site", v->site);
	d->role = x->role != NULL ? x->role : free_name(inv, told, "role", v->role);
	d->tags = x->tags.v;
	d->n_tags = x->tags.n;
	d->via = x->via.v;
	d->n_via = x->via.n;
	d->vars = x->vars;
	d->addresses = x->addresses.v;
	d->n_addresses = x->addresses.n;
	if (d->n_addresses == 0)
		ARENA_PUSH(inv->arena, d->addresses, d->n_addresses) =
		    v->hostname != NULL ? v->hostname : d->name;
}

static void
device_read(struct inventory *inv, struct intended_device *d, const struct doc_pair *pair,
    struct map *told)
{
	struct element e = {
		.name = pair->key, .device = pair->key, .pos = pair->pos,
		.file = INVENTORY_PATHS[INVENTORY_HOSTS],
	};
	struct values v;

	element_read(inv, &e, INVENTORY_HOSTS, pair->value);
	d->name = e.name;
	d->file = e.file;
	d->pos = e.pos;
	d->own_data = e.data;
	d->scope = groups_scope(inv, &e);
	d->groups = d->scope->groups;
	d->n_groups = d->scope->n_groups;
	d->broken = e.broken || d->scope->broken;
	v = e.values;
	values_inherit(&v, &d->scope->values);
	device_fill(inv, d, &v, told);
}

static int
by_name(const void *a, const void *b)
{
	const struct intended_device *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
devices_read(struct inventory *inv, const struct doc_node *hosts,
    struct intended_device **out, size_t *n)
{
	struct arena tmp = ARENA_INIT;
	struct map told;

	*out = arena_calloc(inv->arena, hosts->n, sizeof(**out));
	*n = 0;
	map_init(&told, &tmp);
	for (size_t i = 0; i < hosts->n; i++) {
		const struct doc_pair *pair = &hosts->pairs[i];

		if (text_name_ok(pair->key))
			device_read(inv, &(*out)[(*n)++], pair, &told);
		else
			problem_add(inv->ps, SEV_ERROR, INVENTORY_PATHS[INVENTORY_HOSTS],
			    pair->pos, "\"%s\" cannot be a device's name: letters, digits and "
			    "._- only, at most 128, the first a letter, a digit or _",
			    pair->key);
	}
	if (*n > 0)
		qsort(*out, *n, sizeof(**out), by_name);
	arena_release(&tmp);
}

/* Who was first to have what only one may have. */
struct claim {
	struct intended_device *first;
	bool told;
};

static void
claim(struct map *claims, const char *key, struct intended_device *d, const char *what,
    struct problems *ps)
{
	struct claim *c = map_get(claims, key);

	if (c == NULL) {
		c = ARENA_NEW(claims->arena, struct claim);
		c->first = d;
		map_put(claims, key, c);
		return;
	}
	device_error(d, ps, NULL, "%s that of \"%s\"", what, c->first->name);
	if (!c->told && c->first != d)
		device_error(c->first, ps, NULL, "%s that of \"%s\"", what, d->name);
	c->told = true;
}

static void
lower(char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
}

/* The same address behind another jump host is another place. */
static void
claim_addresses(struct map *claims, struct intended_device *d, struct problems *ps)
{
	struct arena *a = claims->arena;
	const char *way = "";

	for (size_t i = 0; i < d->n_via; i++)
		way = arena_printf(a, "%s %s", way, d->via[i]);
	for (size_t i = 0; i < d->n_addresses; i++) {
		char *key = arena_printf(a, "%s %d%s", d->addresses[i], d->port, way);

		lower(key);
		claim(claims, key, d, arena_printf(a, "address %s port %d is also",
		    d->addresses[i], d->port), ps);
	}
}

static void
devices_check(struct intended_device *devices, size_t n, struct problems *ps)
{
	struct arena tmp = ARENA_INIT;
	struct map addresses, names;

	map_init(&addresses, &tmp);
	map_init(&names, &tmp);
	for (size_t i = 0; i < n; i++) {
		char *name = arena_strdup(&tmp, devices[i].name);

		lower(name);
		claim(&names, name, &devices[i],
		    "the name differs only in upper and lower case from", ps);
		claim_addresses(&addresses, &devices[i], ps);
	}
	arena_release(&tmp);
}

/* The map at the top of a document; NULL when there is none. */
static const struct doc_node *
top_map(const struct inventory_docs *docs, enum inventory_kind kind, bool *broken,
    struct problems *ps)
{
	const struct doc_node *node = docs->node[kind];

	*broken = docs->broken[kind];
	if (node == NULL || node->null || node->kind == DOC_MAP)
		return node == NULL || node->null ? NULL : node;
	problem_add(ps, SEV_ERROR, INVENTORY_PATHS[kind], node->pos,
	    "expected a map at the top: %s", kind == INVENTORY_DEFAULTS
	    ? "hostname, port, username, platform, data" : "a name and its keys");
	*broken = true;
	return NULL;
}

static void
say_unused(const struct inventory *inv)
{
	if (inv->unused > 0)
		problem_add(inv->ps, SEV_WARNING, inv->unused_file, inv->unused_pos,
		    "connection_options is not used (%zu in the inventory); how a device is "
		    "reached is in hostname, port and data.fairlead", inv->unused);
}

void
inventory_read(struct intended_device **devices, size_t *n,
    const struct inventory_docs *docs, struct arena *a, struct problems *ps)
{
	struct inventory inv = { .arena = a, .ps = ps };
	const struct doc_node *top[INVENTORY_KINDS];
	bool broken[INVENTORY_KINDS];

	for (int k = 0; k < INVENTORY_KINDS; k++)
		top[k] = top_map(docs, k, &broken[k], ps);
	inv.no_groups = broken[INVENTORY_GROUPS];
	inv.defaults.file = INVENTORY_PATHS[INVENTORY_DEFAULTS];
	inv.defaults.broken = broken[INVENTORY_DEFAULTS];
	element_read(&inv, &inv.defaults, INVENTORY_DEFAULTS, top[INVENTORY_DEFAULTS]);
	groups_read(&inv, top[INVENTORY_GROUPS]);
	*devices = NULL;
	*n = 0;
	if (top[INVENTORY_HOSTS] != NULL)
		devices_read(&inv, top[INVENTORY_HOSTS], devices, n);
	devices_check(*devices, *n, ps);
	say_unused(&inv);
}

const struct doc_node *
intended_data(const struct intended_device *d, const char *key)
{
	const struct doc_node *found = doc_get(d->own_data, key);

	for (size_t i = 0; i < d->scope->n_data && found == NULL; i++)
		found = doc_get(d->scope->data[i], key);
	return found;
}
