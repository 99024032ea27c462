/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one commit means for this controller. The rules that need more than one
 * document live here: platforms and their variables, credentials, selectors of
 * checks, and whether the checks of a device fit inside its rollback timer.
 */
#include "controller/intent.h"

#include "controller/fill.h"

/* Time kept free inside the rollback timer for login, read-back and confirm. */
#define TIMER_RESERVE_MS (30 * 1000)

struct policy {
	int64_t version;
};
static const struct field POLICY_ROWS[] = {
	{ .key = "version", .type = FIELD_INT, .offset = offsetof(struct policy, version),
	    .min = 1, .max = 1, .def = "1", .help = "Version of this format." },
};
static const struct field_table POLICY_TABLE = FIELD_TABLE("policy", struct policy,
    POLICY_ROWS, "Policy that travels with the repository.");

static void
device_error(struct intent *in, const struct intended_device *d, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
device_error(struct intent *in, const struct intended_device *d, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	problem_add_device(&in->problems, SEV_ERROR, d->file, d->pos, d->name, "%s",
	    buf_str(&b));
	buf_release(&b);
}

static void
check_device(struct intent *in, const struct intended_device *d,
    const struct settings *settings, const struct platforms *platforms)
{
	const struct platform *p;
	struct buf why = BUF_INIT;

	if (d->platform == NULL) {
		/* With a configuration, discovery has said so. */
		if (d->config_path == NULL)
			device_error(in, d, "device %s has no platform", d->name);
	} else if ((p = platforms_find(platforms, d->platform)) == NULL) {
		device_error(in, d, "unknown platform \"%s\"; `fairlead platform list` "
		    "shows what there is", d->platform);
	} else if (platform_vars_check(p, d->vars.keys, d->vars.values, d->vars.n,
	    &why) != 0) {
		device_error(in, d, "data.fairlead.vars: %s", buf_str(&why));
	}
	if (settings != NULL && d->credential != NULL &&
	    settings_credential(settings, d->credential) == NULL)
		device_error(in, d, "credential \"%s\" is not in the settings of the "
		    "controller", d->credential);
	buf_release(&why);
}

static void
read_checks(struct intent *in)
{
	const struct snapshot *s = in->snapshot;
	struct err err = ERR_INIT;
	const struct check *c;
	size_t i;

	for (i = 0; i < s->n_checks; i++)
		if (s->checks[i].node != NULL)
			checks_read(&in->checks, s->checks[i].node, s->checks[i].path,
			    &in->arena, &in->problems);
	in->check_selectors = arena_calloc(&in->arena, in->checks.n + 1,
	    sizeof(in->check_selectors[0]));
	for (i = 0; i < in->checks.n; i++) {
		c = &in->checks.v[i];
		if (c->select != NULL && selector_parse(&in->check_selectors[i], &in->arena,
		    &c->select, 1, &err) != 0)
			problem_add(&in->problems, SEV_ERROR, c->file, c->pos,
			    "check %s: select: %s", c->id, err.text);
	}
}

/* The after-checks of one device run one after the other, under the timer. */
static void
check_timer(struct intent *in, const struct intended_device *d,
    const struct settings *settings)
{
	int64_t timer_ms = settings->deploy.timer_ms;
	char have[32], need[32];
	int64_t sum = TIMER_RESERVE_MS;
	size_t i;

	for (i = 0; i < in->checks.n; i++)
		if (in->checks.v[i].when[CHECK_AFTER] &&
		    (in->check_selectors[i] == NULL ||
		    selector_match(in->check_selectors[i], d)))
			sum += in->checks.v[i].settle_for_ms;
	if (sum > timer_ms)
		problem_add_device(&in->problems, SEV_ERROR, settings->file,
		    (struct doc_pos){ 0, 0 }, d->name, "deploy.timer %s is too short for %s: its "
		    "after-checks may take %s (with %d s for login and confirm); raise it, or "
		    "shorten `settle` of the checks", text_duration_str(timer_ms, have), d->name,
		    text_duration_str(sum, need), TIMER_RESERVE_MS / 1000);
}

/* Checks that do not parse could let anything pass, and a policy that does not
 * parse could have forbidden it: then nothing is deployed. */
static char *
common_error(struct intent *in)
{
	size_t i;

	if (in->problems.more_errors + in->snapshot->problems.more_errors > 0)
		return arena_printf(&in->arena, "the commit has more than %d errors",
		    ERRORS_MAX);
	for (i = 0; i < in->problems.n; i++)
		if (in->problems.v[i].severity == SEV_ERROR &&
		    in->problems.v[i].device == NULL &&
		    (strncmp(in->problems.v[i].file, "checks/", 7) == 0 ||
		    strcmp(in->problems.v[i].file, "fairlead.yaml") == 0))
			return arena_printf(&in->arena, "%s: %s",
			    in->problems.v[i].file, in->problems.v[i].text);
	return NULL;
}

/* The first error of the inventory that is not one device's: a document that
 * does not parse, or a group. */
static const struct problem *
inventory_error(const struct intent *in)
{
	const struct problem *p = in->problems.v;
	size_t i;

	for (i = 0; i < in->problems.n; i++)
		if (p[i].severity == SEV_ERROR && p[i].device == NULL &&
		    strncmp(p[i].file, "inventory/", 10) == 0)
			return &p[i];
	return NULL;
}

static void
index_device(struct intent *in, const char *device, struct buf *text)
{
	if (!map_has(&in->broken, device))
		map_put(&in->broken, device, arena_strdup(&in->arena, buf_str(text)));
	buf_clear(text);
}

static void
index_problems(struct intent *in)
{
	const struct problem *p, *inventory = inventory_error(in);
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < in->problems.n; i++) {
		p = &in->problems.v[i];
		if (p->severity != SEV_ERROR || p->device == NULL)
			continue;
		problem_format(p, &b);
		/* What a group should have given looks missing on the device. */
		if (inventory != NULL && strncmp(p->file, "inventory/", 10) == 0) {
			buf_adds(&b, "; and ");
			problem_format(inventory, &b);
		}
		index_device(in, p->device, &b);
	}
	buf_release(&b);
}

static void
index_broken(struct intent *in)
{
	const struct intended_device *d = in->snapshot->devices;
	struct buf b = BUF_INIT;
	char *all;
	size_t i;

	map_init(&in->broken, &in->arena);
	index_problems(in);
	/* An unknown key may be a misspelt port: such a device is left alone too. */
	for (i = 0; i < in->snapshot->n_devices; i++) {
		if (!d[i].broken)
			continue;
		buf_addf(&b, "%s:%d: error: its entry or that of a group it is in is wrong; "
		    "`fairlead lint` says what", d[i].file, d[i].pos.line);
		index_device(in, d[i].name, &b);
	}
	if ((all = common_error(in)) != NULL)
		map_put(&in->broken, "", all);
	buf_release(&b);
}

static void
read_policy(struct intent *in)
{
	struct policy policy;

	if (in->snapshot->policy != NULL)
		field_read(&policy, &POLICY_TABLE, in->snapshot->policy, &in->arena,
		    "fairlead.yaml", &in->problems);
}

int
intent_build(struct intent **out, const struct settings *settings,
    const struct platforms *platforms, struct repo *repo, const struct oid *commit,
    struct err *err)
{
	struct intent *in = mem_zalloc(sizeof(*in));
	struct snapshot_options o = { .config_template = NULL };
	const struct snapshot *s;
	size_t i;
	int r;

	if (settings != NULL) {
		o.config_template = settings->repository.configs;
		o.max_config_bytes = settings->repository.max_config;
	}
	in->refs = 1;
	problems_init(&in->problems, &in->arena);
	if ((r = snapshot_build(&in->snapshot, repo, commit, &o, err)) != 0) {
		intent_unref(in);
		return r;
	}
	s = in->snapshot;
	for (i = 0; i < s->problems.n; i++)
		problem_add_device(&in->problems, s->problems.v[i].severity,
		    s->problems.v[i].file, s->problems.v[i].pos, s->problems.v[i].device,
		    "%s", s->problems.v[i].text);
	read_policy(in);
	read_checks(in);
	for (i = 0; i < s->n_devices; i++) {
		check_device(in, &s->devices[i], settings, platforms);
		if (settings != NULL && in->checks.n > 0)
			check_timer(in, &s->devices[i], settings);
	}
	index_broken(in);
	*out = in;
	return 0;
}

struct intent *
intent_ref(struct intent *in)
{
	__atomic_add_fetch(&in->refs, 1, __ATOMIC_RELAXED);
	return in;
}

void
intent_unref(struct intent *in)
{
	if (in == NULL || __atomic_sub_fetch(&in->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	checks_release(&in->checks);
	if (in->snapshot != NULL)
		snapshot_unref(in->snapshot);
	arena_release(&in->arena);
	free(in);
}

const char *
intent_broken(const struct intent *in, const char *device)
{
	const char *all = map_get(&in->broken, "");

	return all != NULL ? all : map_get(&in->broken, device);
}

int
intent_nobody(const struct intent *in, struct err *err)
{
	const struct problem *p = inventory_error(in);
	struct buf b = BUF_INIT;

	if (p != NULL) {
		problem_format(p, &b);
		err_set(err, in->snapshot->n_devices == 0 ? ERR_CONTENT : ERR_NOTFOUND,
		    "no device is selected: %s", buf_str(&b));
		buf_release(&b);
		return err_next(err, "repair the inventory; `fairlead lint` lists all its errors");
	}
	err_set(err, ERR_NOTFOUND, "no device is selected");
	return err_next(err, "`fairlead status` lists the devices of the inventory");
}

static bool
text_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
list_same(const char *const *a, size_t na, const char *const *b, size_t nb)
{
	size_t i;

	for (i = 0; i < na && na == nb; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return na == nb;
}

bool
intent_device_same(const struct intended_device *a, const struct intended_device *b)
{
	return oid_eq(&a->blob, &b->blob) && a->port == b->port &&
	    text_same(a->platform, b->platform) && text_same(a->username, b->username) &&
	    text_same(a->credential, b->credential) && text_same(a->serial, b->serial) &&
	    list_same(a->addresses, a->n_addresses, b->addresses, b->n_addresses) &&
	    list_same(a->vars.keys, a->vars.n, b->vars.keys, b->vars.n) &&
	    list_same(a->vars.values, a->vars.n, b->vars.values, b->vars.n);
}

void
intent_lint_texts(const struct intent *in, struct repo *repo,
    const struct settings *settings, struct problems *ps)
{
	const struct snapshot *s = in->snapshot;
	struct buf text = BUF_INIT;
	struct err err;
	size_t i;

	for (i = 0; i < s->n_devices; i++) {
		const struct intended_device *d = &s->devices[i];

		/* What discovery found wrong with the file was said. */
		if (d->config_path == NULL || oid_none(&d->blob) || d->size == 0 ||
		    d->size > s->max_config_bytes)
			continue;
		buf_clear(&text);
		err = (struct err)ERR_INIT;
		if (repo_blob(repo, &d->blob, (size_t)s->max_config_bytes, &text, &err) != 0)
			problem_add_device(ps, SEV_ERROR, d->config_path, (struct doc_pos){ 0, 0 },
			    d->name, "%s", err.text);
		else if (intended_text_check(d->config_path, buf_span(&text), ps) == 0)
			fill_lint(settings, d, buf_span(&text), ps);
	}
	buf_release(&text);
}
