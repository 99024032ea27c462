/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Discovery. What a path is follows from its last parts alone, so that AVD's
 * tree, a plain folder, and both below any other folder are found in one walk.
 * Two files for one device are an error, never a choice of ours.
 */
#include "intended/discover.h"

enum place {
	PLACE_NONE, PLACE_HOSTS, PLACE_GROUPS, PLACE_DEFAULTS, PLACE_POLICY, PLACE_CHECK,
	PLACE_CONFIG,
};

static const struct {
	const char *path;
	enum place place;
} FIXED[] = {
	{ "inventory/hosts.yaml", PLACE_HOSTS },
	{ "inventory/groups.yaml", PLACE_GROUPS },
	{ "inventory/defaults.yaml", PLACE_DEFAULTS },
	{ "fairlead.yaml", PLACE_POLICY },
};
/* What people write instead; read by nobody, which they should know. */
static const char *const MISSPELT[] = {
	"inventory/hosts.yml", "inventory/groups.yml", "inventory/defaults.yml",
	"fairlead.yml",
};
static const char *const CONFIG_SUFFIXES[] = { ".cfg", ".conf", ".txt" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Paths.
 */

/* The last parts of a path, the last one first; absent ones have length 0. */
#define TAIL	4
struct tail {
	struct span part[TAIL];
	size_t n;	/* as many as there are, TAIL at most */
};

static struct tail
tail_of(const char *path)
{
	struct tail t = { .n = 0 };
	size_t end = strlen(path);

	while (t.n < TAIL) {
		size_t start = end;

		while (start > 0 && path[start - 1] != '/')
			start--;
		t.part[t.n++] = span_of(path + start, end - start);
		if (start == 0)
			break;
		end = start - 1;
	}
	return t;
}

/* Cut a suffix off a file name; false when it has another or nothing else. */
static bool
cut_suffix(struct span *name, const char *suffix)
{
	size_t n = strlen(suffix);

	if (name->len <= n || memcmp(name->p + name->len - n, suffix, n) != 0)
		return false;
	name->len -= n;
	return true;
}

static bool
below_intended(const struct tail *t)
{
	return t->n >= 3 && span_is(t->part[1], "configs") && span_is(t->part[2], "intended");
}

/* The device that a path's form gives it to; length 0: it is no configuration. */
static struct span
device_part(const struct tail *t)
{
	struct span name = t->part[0];

	if (below_intended(t))
		return cut_suffix(&name, CONFIG_SUFFIXES[0]) ? name : span_of(NULL, 0);
	if (t->n == 2 && span_is(t->part[1], "configs"))
		for (size_t i = 0; i < COUNT(CONFIG_SUFFIXES); i++)
			if (cut_suffix(&name, CONFIG_SUFFIXES[i]))
				return name;
	return span_of(NULL, 0);
}

/* AVD's folder above `intended`. The one that holds the inventory, as in many
 * Ansible trees, is no site. */
static const char *
site_part(const struct tail *t, struct arena *a)
{
	const char *site;

	if (!below_intended(t) || t->n < 4 || span_is(t->part[3], "inventory"))
		return NULL;
	site = arena_strndup(a, t->part[3].p, t->part[3].len);
	return text_name_ok(site) ? site : NULL;
}

static bool
is_check(const struct tail *t)
{
	struct span name = t->part[0];

	return t->n == 2 && span_is(t->part[1], "checks") &&
	    (cut_suffix(&name, ".yaml") || cut_suffix(&name, ".yml"));
}

static enum place
place_of(const struct discovery *d, const char *path)
{
	struct tail t = tail_of(path);

	for (size_t i = 0; i < COUNT(FIXED); i++)
		if (strcmp(path, FIXED[i].path) == 0)
			return FIXED[i].place;
	if (is_check(&t))
		return PLACE_CHECK;
	if (d->template != NULL)
		return text_glob(d->glob, path) ? PLACE_CONFIG : PLACE_NONE;
	return device_part(&t).len > 0 ? PLACE_CONFIG : PLACE_NONE;
}

/* True when one is the other, or a folder that leads to it. */
static bool
leads_to(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	return n == 0 || (strncmp(path, dir, n) == 0 && (path[n] == '\0' || path[n] == '/'));
}

/* Whether files that matter could lie below a folder. */
static bool
dir_matters(const char *dir, void *ctx)
{
	const struct discovery *d = ctx;
	struct tail t = tail_of(dir);

	if (strcmp(dir, "inventory") == 0 || strcmp(dir, "checks") == 0)
		return true;
	if (d->template != NULL)
		return leads_to(dir, d->fixed) || leads_to(d->fixed, dir);
	if (t.part[0].len > 0 && t.part[0].p[0] == '.')
		return false;
	if (t.n >= 2 && span_is(t.part[1], "intended"))
		return span_is(t.part[0], "configs");
	return !below_intended(&t);
}

/* A folder of the layout: a symlink or submodule there hides what matters. */
static bool
dir_is_ours(const struct discovery *d, const char *dir)
{
	struct tail t = tail_of(dir);

	if (strcmp(dir, "inventory") == 0 || strcmp(dir, "checks") == 0)
		return true;
	if (d->template != NULL)
		return d->fixed[0] != '\0' && leads_to(dir, d->fixed);
	if (t.n >= 2 && span_is(t.part[1], "intended"))
		return span_is(t.part[0], "configs");
	return strcmp(dir, "configs") == 0 || span_is(t.part[0], "intended");
}

/*
 * The template.
 */
static const char *const TEMPLATE_KEYS[] = { "{device}", "{site}", "{role}", "{platform}" };

/* The value of the key that starts at p, and the length of the key in *n; 0:
 * no key starts here. */
static const char *
template_value(const char *p, const struct intended_device *d, size_t *n)
{
	const char *values[COUNT(TEMPLATE_KEYS)] = { NULL };

	if (d != NULL) {
		values[0] = d->name;
		values[1] = d->site;
		values[2] = d->role;
		values[3] = d->platform;
	}
	for (size_t i = 0; i < COUNT(TEMPLATE_KEYS); i++) {
		*n = strlen(TEMPLATE_KEYS[i]);
		if (strncmp(p, TEMPLATE_KEYS[i], *n) == 0)
			return values[i];
	}
	*n = 0;
	return NULL;
}

static int
template_error(const char *template, const char *why, struct err *err)
{
	err_set(err, ERR_USAGE, "path template \"%s\": %s", template, why);
	return err_next(err, "write a path from the root of the repository, such as "
	    "sites/{site}/{device}.cfg; {device} is needed; {site}, {role} and {platform} "
	    "may be used");
}

static int
template_set(struct discovery *d, const char *template, struct arena *a, struct err *err)
{
	struct buf glob = BUF_INIT;
	const char *why = NULL, *slash;
	size_t n;

	if (template[0] == '/' || template[0] == '\0')
		why = "not a path from the root of the repository";
	else if (strstr(template, TEMPLATE_KEYS[0]) == NULL)
		why = "{device} is missing";
	for (const char *p = template; *p != '\0' && why == NULL; p += n) {
		template_value(p, NULL, &n);
		buf_adds(&glob, n > 0 ? "*" : "");
		if (n == 0 && strchr("{}*?", *p) != NULL)
			why = "an unknown key, a brace or a wildcard";
		if (n == 0)
			buf_addc(&glob, p[n++]);
	}
	d->template = arena_strdup(a, template);
	d->glob = arena_strdup(a, buf_str(&glob));
	buf_release(&glob);
	n = strcspn(template, "{");
	d->fixed = arena_strndup(a, template, n);
	slash = strrchr(d->fixed, '/');
	d->fixed = arena_strndup(a, template, slash != NULL ? (size_t)(slash - d->fixed) : 0);
	return why != NULL ? template_error(template, why, err) : 0;
}

const char *
discover_path(const char *template, const struct intended_device *d, struct arena *a,
    const char **missing)
{
	struct buf path = BUF_INIT;
	const char *value, *out;
	size_t n;

	*missing = NULL;
	for (const char *p = template; *p != '\0' && *missing == NULL; p += n) {
		value = template_value(p, d, &n);
		if (n > 0 && value == NULL)
			*missing = arena_strndup(a, p, n);
		else if (n > 0)
			buf_adds(&path, value);
		else
			buf_addc(&path, p[n++]);
	}
	out = *missing == NULL ? arena_strdup(a, buf_str(&path)) : NULL;
	buf_release(&path);
	return out;
}

/*
 * The walk.
 */
static const char *
kind_word(enum entry_kind kind)
{
	return kind == ENTRY_SYMLINK ? "a symbolic link" : "a submodule";
}

static const struct doc_pos NOWHERE = { 0, 0 };

#define NOT_FOLLOWED "%s: links and submodules are not followed, commit the file itself"

static void
say_link(struct discovery *d, const char *path, enum entry_kind kind)
{
	problem_add(d->ps, SEV_ERROR, path, NOWHERE, NOT_FOLLOWED, kind_word(kind));
}

static void
say_misspelt(struct discovery *d, const char *path)
{
	for (size_t i = 0; i < COUNT(MISSPELT); i++)
		if (strcmp(path, MISSPELT[i]) == 0)
			problem_add(d->ps, SEV_WARNING, MISSPELT[i], NOWHERE,
			    "not read: its name must end in .yaml");
}

static struct found
found_of(struct discovery *d, const struct entry *e)
{
	struct tail t = tail_of(e->path);
	struct span device = d->template == NULL ? device_part(&t) : span_of(NULL, 0);

	return (struct found){
		.path = arena_strdup(d->arena, e->path), .kind = e->kind, .blob = e->oid,
		.size = e->kind == ENTRY_FILE ? e->size : 0,
		.device = device.len > 0 ? arena_strndup(d->arena, device.p, device.len) : NULL,
		.site = device.len > 0 ? site_part(&t, d->arena) : NULL,
	};
}

static int
each_entry(const struct entry *e, void *ctx)
{
	struct discovery *d = ctx;
	enum place place = place_of(d, e->path);

	/* A configuration's is said with its device, by discover_assign(). */
	if (e->kind != ENTRY_FILE && place != PLACE_CONFIG &&
	    (place != PLACE_NONE || dir_is_ours(d, e->path)))
		say_link(d, e->path, e->kind);
	switch (place) {
	case PLACE_HOSTS:
	case PLACE_GROUPS:
	case PLACE_DEFAULTS:
		d->inventory[place - PLACE_HOSTS] = found_of(d, e);
		break;
	case PLACE_POLICY:
		d->policy = found_of(d, e);
		break;
	case PLACE_CHECK:
		ARENA_PUSH(d->arena, d->checks, d->n_checks) = found_of(d, e);
		break;
	case PLACE_CONFIG:
		ARENA_PUSH(d->arena, d->configs, d->n_configs) = found_of(d, e);
		break;
	case PLACE_NONE:
		say_misspelt(d, e->path);
	}
	return 0;
}

int
discover(struct discovery *d, struct repo *r, const struct oid *commit,
    const char *template, struct arena *a, struct problems *ps, struct err *err)
{
	size_t refused = 0;
	int rc = 0;

	*d = (struct discovery){ .arena = a, .ps = ps };
	if (template != NULL)
		rc = template_set(d, template, a, err);
	if (rc == 0)
		rc = repo_walk(r, commit, "", &WALK_LIMITS, dir_matters, each_entry, d,
		    &refused, err);
	if (rc == 0 && refused > 0)
		problem_add(ps, SEV_WARNING, "", NOWHERE, "%zu paths were left out: control "
		    "bytes, text that is not UTF-8, or a part \"..\" or \".git\"", refused);
	return rc;
}

/*
 * Files to devices.
 */

/* The only file of a device so far. */
static void
assign(struct discovery *d, struct intended_device *dev, struct found *f, int64_t max_bytes)
{
	f->owner = dev;
	dev->config_path = f->path;
	if (dev->site == NULL)
		dev->site = f->site;
	if (f->kind != ENTRY_FILE) {
		device_error(dev, d->ps, f->path, NOT_FOLLOWED, kind_word(f->kind));
		return;
	}
	dev->blob = f->blob;
	dev->size = f->size;
	if (f->size == 0)
		device_error(dev, d->ps, f->path, "empty: it would wipe the device");
	else if (f->size > max_bytes)
		device_error(dev, d->ps, f->path, "%lld bytes: at most %lld",
		    (long long)f->size, (long long)max_bytes);
}

/* Neither is used: which one is meant is not ours to guess. */
static void
assign_second(struct discovery *d, struct intended_device *dev, struct found *f)
{
	f->owner = dev;
	memset(&dev->blob, 0, sizeof(dev->blob));
	dev->size = 0;
	device_error(dev, d->ps, f->path, "a second configuration of \"%s\", beside %s: "
	    "remove one, or set a path template", dev->name, dev->config_path);
}

static void
assign_by_form(struct discovery *d, const struct map *by_name, int64_t max_bytes)
{
	for (size_t i = 0; i < d->n_configs; i++) {
		struct found *f = &d->configs[i];
		struct intended_device *dev = map_get(by_name, f->device);

		if (dev != NULL && dev->config_path == NULL)
			assign(d, dev, f, max_bytes);
		else if (dev != NULL)
			assign_second(d, dev, f);
	}
}

/* One file that the template gives to two devices: neither gets it. */
static void
say_shared(struct discovery *d, struct intended_device *dev, const struct found *f)
{
	static const char SAID[] = "the path template \"%s\" gives this file to \"%s\" too";

	dev->config_path = f->path;
	memset(&f->owner->blob, 0, sizeof(f->owner->blob));
	device_error(dev, d->ps, f->path, SAID, d->template, f->owner->name);
	device_error(f->owner, d->ps, f->path, SAID, d->template, dev->name);
}

static void
assign_by_template(struct discovery *d, struct intended_device *devices, size_t n,
    int64_t max_bytes)
{
	struct arena tmp = ARENA_INIT;
	struct map by_path;

	map_init(&by_path, &tmp);
	for (size_t i = 0; i < d->n_configs; i++)
		map_put(&by_path, d->configs[i].path, &d->configs[i]);
	for (size_t i = 0; i < n; i++) {
		const char *missing, *path;
		struct found *f;

		path = discover_path(d->template, &devices[i], d->arena, &missing);
		f = path != NULL ? map_get(&by_path, path) : NULL;
		if (path == NULL)
			device_error(&devices[i], d->ps, NULL, "no %s, which the path template "
			    "\"%s\" needs", missing, d->template);
		else if (f != NULL && f->owner != NULL)
			say_shared(d, &devices[i], f);
		else if (f != NULL)
			assign(d, &devices[i], f, max_bytes);
	}
	arena_release(&tmp);
}

/* Errors first: the list of problems is bounded. */
static void
say_rest(struct discovery *d, struct intended_device *devices, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (devices[i].config_path != NULL && devices[i].platform == NULL)
			device_error(&devices[i], d->ps, NULL, "no platform: set it on the "
			    "device or on a group, as in \"platform: eos\"");
	for (size_t i = 0; i < d->n_configs; i++)
		if (d->configs[i].owner == NULL && d->configs[i].kind != ENTRY_FILE)
			say_link(d, d->configs[i].path, d->configs[i].kind);
	for (size_t i = 0; i < n; i++)
		if (devices[i].config_path == NULL)
			problem_add_device(d->ps, SEV_WARNING, devices[i].file, devices[i].pos,
			    devices[i].name, "%s is unmanaged: no configuration was found, "
			    "nothing will be deployed", devices[i].name);
	for (size_t i = 0; i < d->n_configs; i++)
		if (d->configs[i].owner == NULL && d->configs[i].kind == ENTRY_FILE)
			problem_add(d->ps, SEV_WARNING, d->configs[i].path, NOWHERE,
			    "configuration without a device: nobody in %s has it",
			    INVENTORY_PATHS[INVENTORY_HOSTS]);
}

void
discover_assign(struct discovery *d, struct intended_device *devices, size_t n,
    const struct map *by_name, int64_t max_bytes)
{
	if (d->template != NULL)
		assign_by_template(d, devices, n, max_bytes);
	else
		assign_by_form(d, by_name, max_bytes);
	say_rest(d, devices, n);
}
