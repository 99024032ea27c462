/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One element of the inventory: a host, a group, or the defaults. Every key
 * that Nornir defines is accepted. Secrets are refused here, so that none gets
 * as far as a snapshot, and so is anything that could mean something else to
 * a resolver or a terminal than to its reader.
 */
#include <arpa/inet.h>
#include <stdio.h>

#include "intended/inventory.h"

/* Addresses, jump hosts, tags: every device may inherit them. */
#define LIST_MAX	64

struct raw {
	const char *hostname, *username, *platform;
	int64_t port;
	const struct doc_node *password, *data, *connection_options;
	struct field_strings groups;
};

/* Without `groups`, the last row, for the defaults. */
static const struct field RAW_ROWS[] = {
	{ .key = "hostname", .type = FIELD_STRING, .offset = offsetof(struct raw, hostname),
	  .help = "Address or DNS name; the name of the device when absent." },
	{ .key = "port", .type = FIELD_INT, .offset = offsetof(struct raw, port),
	  .min = 1, .max = 65535, .help = "Port of its SSH server." },
	{ .key = "username", .type = FIELD_STRING, .offset = offsetof(struct raw, username),
	  .help = "Login name; the credential's when absent." },
	{ .key = "platform", .type = FIELD_STRING, .offset = offsetof(struct raw, platform),
	  .help = "Platform name, ours or as NAPALM, Netmiko or Scrapli spell it." },
	{ .key = "password", .type = FIELD_NODE, .offset = offsetof(struct raw, password),
	  .help = "Refused: secrets do not belong into Git." },
	{ .key = "data", .type = FIELD_NODE, .offset = offsetof(struct raw, data),
	  .help = "Free, but for data.fairlead." },
	{ .key = "connection_options", .type = FIELD_NODE,
	  .offset = offsetof(struct raw, connection_options), .help = "Not used." },
	{ .key = "groups", .type = FIELD_STRINGS, .offset = offsetof(struct raw, groups),
	  .help = "Groups it inherits from, the first one first." },
};
#define RAW_N (sizeof(RAW_ROWS) / sizeof(RAW_ROWS[0]))

static const struct field_table RAW_TABLES[INVENTORY_KINDS] = {
	[INVENTORY_HOSTS] = { "host", "A device.", sizeof(struct raw), RAW_ROWS, RAW_N },
	[INVENTORY_GROUPS] = { "group", "A group.", sizeof(struct raw), RAW_ROWS, RAW_N },
	[INVENTORY_DEFAULTS] = { "defaults", "For all.", sizeof(struct raw), RAW_ROWS,
	    RAW_N - 1 },
};

static const struct field EXTRAS_ROWS[] = {
	{ .key = "addresses", .type = FIELD_STRINGS, .offset = offsetof(struct extras, addresses),
	  .help = "Addresses in the order in which they are tried; "
	  "the first proves management after a change." },
	{ .key = "via", .type = FIELD_STRINGS, .offset = offsetof(struct extras, via),
	  .help = "Jump hosts on the way, the first one first." },
	{ .key = "credential", .type = FIELD_NAME, .offset = offsetof(struct extras, credential),
	  .help = "Name of a credential in the controller's settings." },
	{ .key = "serial", .type = FIELD_STRING, .offset = offsetof(struct extras, serial),
	  .help = "Serial number that the device must show." },
	{ .key = "site", .type = FIELD_NAME, .offset = offsetof(struct extras, site),
	  .help = "Where it is; a folder of the results." },
	{ .key = "role", .type = FIELD_NAME, .offset = offsetof(struct extras, role),
	  .help = "What it does in the network." },
	{ .key = "tags", .type = FIELD_STRINGS, .offset = offsetof(struct extras, tags),
	  .help = "Words for selectors." },
	{ .key = "vars", .type = FIELD_PAIRS, .offset = offsetof(struct extras, vars),
	  .help = "Values for the platform definition." },
};
const struct field_table INTENDED_EXTRAS = FIELD_TABLE("inventory.data.fairlead",
    struct extras, EXTRAS_ROWS, "What Fairlead reads from an inventory's `data.fairlead`.");

void
element_error(struct inventory *inv, struct element *e, struct doc_pos pos,
    const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	e->broken = true;
	problem_add_device(inv->ps, SEV_ERROR, e->file, pos, e->device, "%s", text);
}

/* A null is "not given", as in Nornir. */
static bool
given(const struct doc_node *n)
{
	return n != NULL && !n->null;
}

/* An address or DNS name: nothing that a resolver, a log or an argument
 * vector could read as something else. */
static bool
address_ok(const char *s)
{
	size_t len = strlen(s);
	unsigned char v6[16];

	if (len == 0 || len > 253 || s[0] == '-' || s[0] == '.' || s[0] == '%')
		return false;
	if (s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789._:%-")] != '\0')
		return false;
	if (strchr(s, ':') != NULL) {
		char address[64];
		size_t n = strcspn(s, "%");

		if (n >= sizeof(address))
			return false;
		memcpy(address, s, n);
		address[n] = '\0';
		return inet_pton(AF_INET6, address, v6) == 1;
	}
	return strchr(s, '%') == NULL;
}

/* A user, platform, jump host, tag: visible ASCII without blanks. */
static bool
word_ok(const char *s)
{
	size_t len = strlen(s);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] <= ' ' || (unsigned char)s[i] > '~')
			return false;
	return len > 0 && len <= 255 && s[0] != '-';
}

static void
words_check(struct inventory *inv, struct element *e, const struct doc_node *node,
    const char *key, const char *const *v, size_t n, bool addresses)
{
	for (size_t i = 0; i < n; i++) {
		if (addresses ? address_ok(v[i]) : word_ok(v[i]))
			continue;
		if (addresses)
			element_error(inv, e, field_pos(node, key), "%s: \"%s\" is not an "
			    "address or DNS name (a port goes into \"port\")", key, v[i]);
		else
			element_error(inv, e, field_pos(node, key), "%s: \"%s\" must be one "
			    "word of visible ASCII, not starting with \"-\"", key, v[i]);
	}
}

static void
one_word_check(struct inventory *inv, struct element *e, const struct doc_node *node,
    const char *key, const char *value, bool address)
{
	words_check(inv, e, node, key, &value, value != NULL ? 1 : 0, address);
}

static bool
is_secret_key(const char *key)
{
	static const char *const KEYS[] = { "password", "secret", "passphrase" };

	for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++)
		if (strcmp(key, KEYS[i]) == 0)
			return true;
	return false;
}

static bool
has_text(const struct doc_node *n)
{
	return given(n) && (n->kind != DOC_SCALAR || n->text[0] != '\0');
}

/* The place of the first password below a node; connection_options holds them
 * per plug-in and in `extras`. The depth is bounded by the document's limits. */
static const struct doc_pair *
find_secret(const struct doc_node *n)
{
	const struct doc_pair *found = NULL;

	for (size_t i = 0; i < n->n && found == NULL; i++) {
		if (n->kind == DOC_LIST)
			found = find_secret(n->items[i]);
		else if (is_secret_key(n->pairs[i].key) && has_text(n->pairs[i].value))
			found = &n->pairs[i];
		else
			found = find_secret(n->pairs[i].value);
	}
	return found;
}

static void
secret_error(struct inventory *inv, struct element *e, struct doc_pos pos, const char *key)
{
	element_error(inv, e, pos, "%s in Git: move it to \"credentials:\" in the "
	    "controller's settings, name that credential in data.fairlead.credential, "
	    "and change it on the devices: history keeps it", key);
}

static void
secrets_check(struct inventory *inv, struct element *e, const struct doc_node *node,
    const struct raw *raw)
{
	const struct doc_pair *secret;

	if (has_text(raw->password))
		secret_error(inv, e, field_pos(node, "password"), "password");
	if (!given(raw->connection_options))
		return;
	if (inv->unused++ == 0) {
		inv->unused_file = e->file;
		inv->unused_pos = field_pos(node, "connection_options");
	}
	secret = find_secret(raw->connection_options);
	if (secret != NULL)
		secret_error(inv, e, secret->pos, secret->key);
}

static void
list_check(struct inventory *inv, struct element *e, const struct doc_node *node,
    const char *key, struct field_strings *list, bool addresses)
{
	if (list->n > LIST_MAX) {
		element_error(inv, e, field_pos(node, key), "%s: %zu entries, at most %d",
		    key, list->n, LIST_MAX);
		list->n = LIST_MAX;
	}
	words_check(inv, e, node, key, list->v, list->n, addresses);
}

static void
extras_read(struct inventory *inv, struct element *e, const struct doc_node *node)
{
	struct extras *x = &e->values.extras;

	if (field_read(x, &INTENDED_EXTRAS, node, inv->arena, e->file, inv->ps) != 0)
		e->broken = true;
	for (size_t i = 0; i < INTENDED_EXTRAS.n; i++)
		if (given(doc_get(node, EXTRAS_ROWS[i].key)))
			e->values.given |= 1u << i;
	list_check(inv, e, node, "addresses", &x->addresses, true);
	list_check(inv, e, node, "via", &x->via, false);
	list_check(inv, e, node, "tags", &x->tags, false);
}

static void
data_read(struct inventory *inv, struct element *e, const struct doc_node *data)
{
	const struct doc_node *extras = doc_get(data, "fairlead");

	if (!given(data))
		return;
	if (data->kind != DOC_MAP) {
		element_error(inv, e, data->pos, "data: expected a map of keys and values");
		return;
	}
	e->data = data;
	e->values.site = doc_get(data, "site");
	e->values.role = doc_get(data, "role");
	if (given(extras))
		extras_read(inv, e, extras);
}

void
element_read(struct inventory *inv, struct element *e, enum inventory_kind kind,
    const struct doc_node *node)
{
	struct raw raw = { 0 };

	if (!given(node))
		return;
	if (field_read(&raw, &RAW_TABLES[kind], node, inv->arena, e->file, inv->ps) != 0)
		e->broken = true;
	e->values.hostname = raw.hostname;
	e->values.username = raw.username;
	e->values.platform = raw.platform;
	e->values.port = raw.port;
	e->groups = raw.groups;
	e->groups_pos = field_pos(node, "groups");
	one_word_check(inv, e, node, "hostname", raw.hostname, true);
	one_word_check(inv, e, node, "username", raw.username, false);
	one_word_check(inv, e, node, "platform", raw.platform, false);
	secrets_check(inv, e, node, &raw);
	data_read(inv, e, raw.data);
}

static size_t
row_size(enum field_type type)
{
	switch (type) {
	case FIELD_STRINGS:
		return sizeof(struct field_strings);
	case FIELD_PAIRS:
		return sizeof(struct field_pairs);
	default:
		return sizeof(const char *);
	}
}

static void
extras_inherit(struct values *v, const struct values *from)
{
	unsigned missing = from->given & ~v->given;

	for (size_t i = 0; i < INTENDED_EXTRAS.n; i++)
		if ((missing >> i & 1) != 0)
			memcpy((char *)&v->extras + EXTRAS_ROWS[i].offset,
			    (const char *)&from->extras + EXTRAS_ROWS[i].offset,
			    row_size(EXTRAS_ROWS[i].type));
	v->given |= missing;
}

void
values_inherit(struct values *v, const struct values *from)
{
	if (v->hostname == NULL)
		v->hostname = from->hostname;
	if (v->username == NULL)
		v->username = from->username;
	if (v->platform == NULL)
		v->platform = from->platform;
	if (v->port == 0)
		v->port = from->port;
	if (v->site == NULL)
		v->site = from->site;
	if (v->role == NULL)
		v->role = from->role;
	extras_inherit(v, from);
}
