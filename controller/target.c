/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/target.h"

static int
keep_pin(void *ctx, const void *record, struct arena *a)
{
	const struct pin_record *p = record;
	struct target *t = ctx;
	struct pin_record *mine;

	(void)a;
	mine = &ARENA_PUSH(&t->arena, t->pins, t->n_pins);
	mine->type = arena_strdup(&t->arena, p->type);
	mine->fingerprint = arena_strdup(&t->arena, p->fingerprint);
	return 0;
}

enum pin_verdict
target_pin_check(const struct target *t, const struct host_key *key)
{
	size_t i;

	for (i = 0; i < t->n_pins; i++)
		if (strcmp(t->pins[i].fingerprint, key->fingerprint) == 0)
			return PIN_MATCH;
	return t->n_pins == 0 ? PIN_UNKNOWN : PIN_CHANGED;
}

static enum pin_verdict
check_pin(void *ctx, const char *device, const struct host_key *key)
{
	(void)device;
	return target_pin_check(ctx, key);
}

static void
pinned_types(void *ctx, const char *device, char *out, size_t size)
{
	const struct target *t = ctx;
	struct buf b = BUF_LIMIT(size - 1);
	size_t i;

	(void)device;
	for (i = 0; i < t->n_pins; i++)
		buf_addf(&b, "%s%s", i > 0 ? "," : "", t->pins[i].type);
	snprintf(out, size, "%s", buf_str(&b));
	buf_release(&b);
}

static int
load_optional(struct secret **out, const struct secret_setting *s, struct sys *sys,
    struct err *err)
{
	struct secret_source source;

	return secret_setting_source(s, &source) ? secret_load(out, &source, sys, err) : 0;
}

static int
load_login(struct target *t, const struct controller *c, const struct intended_device *d,
    bool write, struct err *err)
{
	const char *kind = write ? "write" : "read";
	const char *name = d->credential != NULL ? d->credential : "default";
	const struct credential_setting *s = settings_credential(&c->settings, name);
	const struct login_setting *l = s == NULL ? NULL : write ? &s->write : &s->read;
	int r;

	if (l == NULL || (l->key == NULL && l->password.file == NULL &&
	    l->password.env == NULL && l->password.command.n == 0)) {
		err_set(err, ERR_USAGE, "there is no %s credential \"%s\"", kind, name);
		return err_next(err, "give credentials.%s.%s a key or a password in the "
		    "controller's settings", name, kind);
	}
	t->credential.name = name;
	t->credential.user = d->username != NULL ? d->username : l->user;
	t->credential.key_file = l->key;
	if (t->credential.user == NULL)
		return err_set(err, ERR_USAGE, "credentials.%s.%s has no user", name, kind);
	if ((r = load_optional(&t->password, &l->password, c->sys, err)) != 0 ||
	    (r = load_optional(&t->passphrase, &l->passphrase, c->sys, err)) != 0 ||
	    (r = load_optional(&t->enable, &l->enable, c->sys, err)) != 0)
		return err_wrap(err, "credentials.%s.%s", name, kind);
	t->credential.password = t->password;
	t->credential.key_passphrase = t->passphrase;
	t->credential.enable = t->enable;
	return 0;
}

int
target_init(struct target *t, const struct controller *c, const struct intended_device *d,
    enum target_use use, struct err *err)
{
	const struct limits_settings *l = &c->settings.limits;
	struct device_target *out = &t->target;
	int r;

	memset(t, 0, sizeof(*t));
	if (d->platform == NULL ||
	    (out->platform = platforms_find(c->platforms, d->platform)) == NULL)
		return err_set(err, ERR_UNSUPPORTED, "unknown platform \"%s\"",
		    d->platform != NULL ? d->platform : "");
	if (!platform_caps(out->platform)->reads) {
		err_set(err, ERR_UNSUPPORTED, "of platform %s only the grammar is known: its "
		    "configurations can be compared, but it cannot be reached",
		    platform_name(out->platform));
		return err_next(err, "write a definition with verbs for it, after one whose PROOF in "
		    "`fairlead platform list` is more than that");
	}
	if ((use != TARGET_TRUST &&
	    (r = load_login(t, c, d, use == TARGET_WRITE, err)) != 0) ||
	    (r = c->journal.ops->pins(c->journal.self, d->name, keep_pin, t, err)) != 0) {
		target_release(t);
		return r;
	}
	out->name = d->name;
	out->addresses = d->addresses;
	out->n_addresses = d->n_addresses;
	out->port = d->port;
	out->credential = &t->credential;
	out->pins.check = check_pin;
	out->pins.types = pinned_types;
	out->pins.ctx = t;
	out->serial = d->serial;
	out->var_keys = d->vars.keys;
	out->var_values = d->vars.values;
	out->n_vars = d->vars.n;
	out->instance = c->settings.instance;
	out->connect_ms = l->connect_ms;
	out->silence_ms = l->silence_ms;
	out->command_ms = l->command_ms;
	out->max_output = (size_t)l->max_output;
	out->sys = c->sys;
	return 0;
}

void
target_release(struct target *t)
{
	secret_free(t->password);
	secret_free(t->passphrase);
	secret_free(t->enable);
	arena_release(&t->arena);
	memset(t, 0, sizeof(*t));
}

static const struct {
	int code;
	const char *advice;
} ADVICE[] = {
	{ ERR_UNREACHABLE, "see whether it is up, and whether that is its address" },
	{ ERR_TIMEOUT, "log in by hand and see where it hangs" },
	{ ERR_CLOSED, "try again; log in by hand and see in its log why it hung up" },
	{ ERR_PROMPT, "log in by hand and compare its prompts with `fairlead platform show`" },
	{ ERR_REJECTED, "correct in Git what it complains about; lines are those of the whole "
	    "candidate" },
	{ ERR_OUTPUT, "log in by hand and compare what it prints with `fairlead platform show`" },
};

void
target_advise(const struct intended_device *d, struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof(ADVICE) / sizeof(ADVICE[0]) && err->next[0] == '\0'; i++)
		if (ADVICE[i].code == err->code)
			err_next(err, "%s (%s port %d)", ADVICE[i].advice, d->addresses[0],
			    d->port);
}

int
target_pin(struct controller *c, const char *device, const struct host_key *key,
    const char *who, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct pin_record pin = { .device = device, .type = key->type,
		.fingerprint = key->fingerprint, .who = who };
	struct audit_record audit = { .device = device, .who = who, .what = "trust" };
	struct journal_write w = { .pin = &pin, .unpin = device, .audit = &audit };
	int r;

	pin.at = audit.at = record_time(&a, c->sys);
	audit.text = arena_printf(&a, "trusts host key %s %s", key->type, key->fingerprint);
	r = c->journal.ops->write(c->journal.self, &w, err);
	arena_release(&a);
	return r;
}
