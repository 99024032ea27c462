/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a device: the first address that answers, login, prompt, privilege,
 * terminal, and the proof that it is the one that was meant. Nothing is done
 * on a device whose identity does not agree.
 */
#include "devices/device_private.h"

#include <strings.h>

/* --- logging in --- */

static int
gain_privilege(struct device *d, const struct credential *c, struct err *err)
{
	const struct platform *p = d->platform;
	struct expect_question question = { p->privilege_password.re, { "", 0 } };
	struct expect_command command = { .line = span_str(p->privilege_send),
		.questions = &question, .n_questions = 1, .enters = true,
		.mode = p->privilege_to };
	struct buf reply = BUF_INIT;
	int rc;

	if (p->privilege_from < 0 || expect_mode(d->cli) != p->privilege_from)
		return 0;
	if (c->enable != NULL)
		question.answer.p = secret_reveal(c->enable, &question.answer.len);
	rc = expect_send(d->cli, &command, &reply, err);
	buf_wipe(&reply);
	if (rc != 0 || expect_mode(d->cli) == p->privilege_to)
		return rc;
	err_set(err, ERR_AUTH, "`%s` did not lead to mode %s", p->privilege_send,
	    p->modes[p->privilege_to].name);
	err_next(err, c->enable != NULL ? "check `enable` of the credential %s" :
	    "set `enable` of the credential %s, or give the user more privilege", c->name);
	return ERR_AUTH;
}

static int
start_shell(struct device *d, const struct device_target *t, struct err *err)
{
	const struct platform *p = d->platform;
	struct expect_conf conf = { .modes = p->modes, .n_modes = p->n_modes,
		.pager = p->pager.re, .pager_answer = p->pager_answer, .enter = p->enter,
		.echo = p->echo, .silence_ms = t->silence_ms, .command_ms = t->command_ms,
		.max_output = t->max_output, .dialect = &p->dialect, .sys = t->sys };
	int rc;

	if ((rc = session_shell(d->session, p->terminal_type, (int)p->columns, (int)p->rows,
	    &d->wire, err)) != 0)
		return rc;
	d->cli = expect_new(&conf, &d->wire);
	if ((rc = expect_login(d->cli, err)) != 0 ||
	    (rc = gain_privilege(d, t->credential, err)) != 0)
		return rc;
	return p->verbs[VERB_LOGIN].n > 0 ? device_verb(d, VERB_LOGIN, NULL, err) : 0;
}

/* --- identity --- */

/* Equal, case aside; a domain that only one of them has does not count. */
static bool
same_host(const char *x, const char *y)
{
	size_t nx = strcspn(x, "."), ny = strcspn(y, ".");

	if (strcasecmp(x, y) == 0)
		return true;
	if (x[nx] == '.' && y[ny] == '.')
		return false;
	return nx == ny && strncasecmp(x, y, nx) == 0;
}

static int
compare_identity(const struct device *d, struct err *err)
{
	const struct device_identity *id = &d->identity;

	if (d->platform->compare_hostname && strcmp(d->hostname, "*") != 0 &&
	    !same_host(id->hostname, d->hostname)) {
		err_set(err, ERR_IDENTITY, "the device that answers at %s calls itself \"%s\", not "
		    "\"%s\"", id->address, id->hostname, d->hostname);
		err_next(err, "correct the address or the name in the inventory, or set the "
		    "device's variable `hostname`");
		return ERR_IDENTITY;
	}
	if (!d->platform->compare_serial || d->serial == NULL ||
	    strcasecmp(id->serial, d->serial) == 0)
		return 0;
	err_set(err, ERR_IDENTITY, "the device that answers at %s has the serial number \"%s\", "
	    "not \"%s\"", id->address, id->serial, d->serial);
	err_next(err, "correct the inventory when the device was replaced");
	return ERR_IDENTITY;
}

static void
take_value(const struct verb_run *r, const char *name, char *out, size_t size)
{
	const char *value = verb_value(r, name);

	snprintf(out, size, "%s", value != NULL ? value : "");
}

static int
read_identity(struct device *d, struct err *err)
{
	struct device_identity *id = &d->identity;
	struct verb_run r = device_run(d, NULL);
	int rc;

	if ((rc = verb_run(&r, VERB_IDENTITY, err)) == 0) {
		take_value(&r, "hostname", id->hostname, sizeof(id->hostname));
		take_value(&r, "serial", id->serial, sizeof(id->serial));
		take_value(&r, "version", id->version, sizeof(id->version));
		take_value(&r, "model", id->model, sizeof(id->model));
		rc = compare_identity(d, err);
	}
	verb_run_release(&r);
	return rc;
}

/* --- open and close --- */

static int
take_vars(struct device *d, const struct device_target *t, struct err *err)
{
	const struct platform *p = d->platform;
	struct buf why = BUF_INIT;
	int rc = 0;

	if (platform_vars_check(p, t->var_keys, t->var_values, t->n_vars, &why) != 0)
		rc = err_set(err, ERR_USAGE, "%s", buf_str(&why));
	buf_release(&why);
	d->hostname = t->name;
	d->vars = arena_calloc(&d->arena, p->n_vars + 1, sizeof(*d->vars));
	for (size_t i = 0; i < p->n_vars; i++)
		d->vars[i] = p->vars[i].def;
	for (size_t i = 0; i < t->n_vars; i++) {
		const struct var *v = platform_var(p, t->var_keys[i]);
		const char *value = arena_strdup(&d->arena, t->var_values[i]);

		if (v != NULL)
			d->vars[v - p->vars] = value;
		else if (strcmp(t->var_keys[i], PLATFORM_VAR_HOSTNAME) == 0)
			d->hostname = value;
	}
	d->hostname = arena_strdup(&d->arena, d->hostname);
	return rc;
}

static bool
another_may_do(int code)
{
	return code == ERR_UNREACHABLE || code == ERR_TIMEOUT || code == ERR_CLOSED;
}

/* The first address that answers. What is wrong with the earlier ones is told
 * when none does. */
static int
connect_any(struct device *d, const struct device_target *t, struct err *err)
{
	size_t n = t->first_address_only && t->n_addresses > 1 ? 1 : t->n_addresses;
	struct buf all = BUF_INIT;
	struct err one = ERR_INIT;
	int rc = err_set(&one, ERR_USAGE, "the device has no address");

	for (size_t i = 0; i < n; i++) {
		err_clear(&one);
		rc = session_open(&d->session, t, t->addresses[i], &one);
		if (rc == 0)
			snprintf(d->identity.address, sizeof(d->identity.address), "%s",
			    t->addresses[i]);
		if (rc == 0 || !another_may_do(rc))
			break;
		buf_addf(&all, "%s%s", all.len > 0 ? "; " : "", one.text);
	}
	if (rc != 0) {
		err_set(err, rc, "%s", another_may_do(rc) ? buf_str(&all) : one.text);
		if (one.next[0] != '\0')
			err_next(err, "%s", one.next);
	}
	buf_release(&all);
	return rc;
}

void
device_close(struct device *d)
{
	struct arena arena;

	if (d == NULL)
		return;
	expect_free(d->cli);
	session_close(d->session);
	arena = d->arena;	/* d lives in it */
	arena_release(&arena);
}

static struct device *
device_new(const struct device_target *t)
{
	struct arena arena = ARENA_INIT;
	struct device *d = ARENA_NEW(&arena, struct device);

	d->arena = arena;
	d->platform = t->platform;
	d->name = arena_strdup(&d->arena, t->name);
	d->instance = arena_strdup(&d->arena, t->instance);
	d->serial = arena_strdup(&d->arena, t->serial);
	d->max_output = t->max_output;
	d->sys = t->sys;
	return d;
}

int
device_open(struct device **out, const struct device_target *t, struct err *err)
{
	struct device *d = device_new(t);
	int rc;

	*out = NULL;
	if ((rc = take_vars(d, t, err)) != 0 || (rc = connect_any(d, t, err)) != 0)
		goto out;
	d->transport = session_transport(d->session);
	if (d->platform->transport == TRANSPORT_CLI && (rc = start_shell(d, t, err)) != 0)
		goto out;
	if ((rc = read_identity(d, err)) != 0)
		goto out;
	*out = d;
	d = NULL;
out:
	device_close(d);
	return rc;
}

int
device_host_key(const struct device_target *t, struct host_key *out, struct err *err)
{
	int rc = err_set(err, ERR_USAGE, "the device has no address");

	for (size_t i = 0; i < t->n_addresses; i++) {
		rc = session_host_key(t, t->addresses[i], out, err);
		if (rc == 0 || !another_may_do(rc) || t->first_address_only)
			break;
	}
	return rc;
}
