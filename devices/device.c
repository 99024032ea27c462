/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct device_ops over sessions and the interpreter: what the job calls. Each
 * operation is one verb; what is here is only what a definition cannot say:
 * logging in, who answers, and turning a verb's answer into the caller's type.
 */
#include "devices/device.h"

#include <strings.h>

#include "devices/change.h"
#include "devices/session.h"
#include "devices/steps.h"
#include "devices/strip.h"
#include "devices/words.h"

struct device {
	struct arena arena;
	const struct platform *platform;
	const char *name, *instance, *serial, *hostname;
	const char **vars;		/* parallel to the platform's */
	size_t max_output;
	struct sys *sys;
	struct session *session;
	struct transport transport;
	struct wire wire;
	struct expect *cli;		/* transport cli */
	struct device_identity identity;
};

/* --- running a verb --- */

static struct verb_run
new_run(struct device *d, struct device_change *c)
{
	return (struct verb_run){ .platform = d->platform, .cli = d->cli,
		.transport = &d->transport, .sys = d->sys, .device = d->name,
		.instance = d->instance, .vars = d->vars, .max_output = d->max_output,
		.change = c, .kept = c };
}

static int
do_verb(struct device *d, enum verb verb, struct device_change *c, struct err *err)
{
	struct verb_run r = new_run(d, c);
	int rc = verb_run(&r, verb, err);

	verb_run_release(&r);
	return rc;
}

/* A verb that gives text; configuration is stripped. */
static int
text_verb(struct device *d, enum verb verb, struct device_change *c, bool strip,
    struct buf *out, struct err *err)
{
	struct verb_run r = new_run(d, c);
	struct buf text = BUF_LIMIT(d->max_output);
	int rc;

	r.result = &text;
	if ((rc = verb_run(&r, verb, err)) == 0) {
		if (strip)
			strip_text(d->platform, buf_span(&text), out);
		else
			buf_addspan(out, buf_span(&text));
	}
	buf_wipe(&text);
	verb_run_release(&r);
	return rc;
}

/* --- logging in --- */

static int
gain_privilege(struct device *d, const struct credential *c, struct err *err)
{
	const struct platform *p = d->platform;
	struct expect_question question = { p->privilege_password.re, { "", 0 } };
	struct expect_command command = { .line = span_str(p->privilege_send),
		.questions = &question, .n_questions = 1 };
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
	return p->verbs[VERB_LOGIN].n > 0 ? do_verb(d, VERB_LOGIN, NULL, err) : 0;
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
	struct verb_run r = new_run(d, NULL);
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

static void
op_close(struct device *d)
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

static int
op_open(struct device **out, const struct device_target *t, struct err *err)
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
	op_close(d);
	return rc;
}

static const struct device_identity *
op_identity(const struct device *d)
{
	return &d->identity;
}

static int
op_keepalive(struct device *d, struct err *err)
{
	return session_keepalive(d->session, err);
}

/* --- reading --- */

/* Time left, from the parts the device gave. */
static int64_t
time_left(const struct verb_run *r)
{
	const char *h = verb_value(r, "hours"), *m = verb_value(r, "minutes");
	const char *s = verb_value(r, "seconds");
	double left = 0;

	if (h == NULL && m == NULL && s == NULL)
		return -1;
	left += h != NULL ? strtod(h, NULL) * 3600 : 0;
	left += m != NULL ? strtod(m, NULL) * 60 : 0;
	left += s != NULL ? strtod(s, NULL) : 0;
	return left >= 0 && left < 1e9 ? (int64_t)(left * 1000) : -1;
}

static int
op_pending(struct device *d, const struct device_change *c, struct device_pending_info *out,
    struct err *err)
{
	struct verb_run r = new_run(d, NULL);
	struct buf words = BUF_INIT;
	int rc = 0;

	*out = (struct device_pending_info){ .state = PENDING_NONE, .left_ms = -1 };
	if (d->platform->verbs[VERB_PENDING].n == 0)
		return 0;
	r.kept = c;
	if ((rc = verb_run(&r, VERB_PENDING, err)) == 0) {
		out->state = (enum device_pending)r.word;
		out->left_ms = out->state == PENDING_NONE ? -1 : time_left(&r);
		if (r.matched != NULL && out->state != PENDING_NONE)
			words_add(&words, &d->platform->dialect, span_str(r.matched));
		snprintf(out->what, sizeof(out->what), "%s", buf_str(&words));
	}
	buf_release(&words);
	verb_run_release(&r);
	return rc;
}

static int
op_running(struct device *d, struct buf *out, struct err *err)
{
	return text_verb(d, VERB_RUNNING, NULL, true, out, err);
}

static int
op_startup_same(struct device *d, bool *same, struct err *err)
{
	struct verb_run r = new_run(d, NULL);
	int rc;

	*same = true;
	if (d->platform->verbs[VERB_STARTUP_SAME].n == 0)
		return 0;
	rc = verb_run(&r, VERB_STARTUP_SAME, err);
	*same = rc == 0 && r.word == 0;
	verb_run_release(&r);
	return rc;
}

static int
op_run(struct device *d, const char *command, struct buf *out, struct err *err)
{
	struct verb_run r = new_run(d, NULL);
	int rc;

	r.command = command;
	r.result = out;
	rc = verb_run(&r, VERB_RUN, err);
	verb_run_release(&r);
	return rc;
}

/* --- changing --- */

static int
op_stage(struct device *d, struct device_change *c, struct span candidate, struct err *err)
{
	struct verb_run r = new_run(d, c);
	int rc;

	if (change_id(c) == NULL)
		return err_set(err, ERR_BUG, "the change has no id");
	if (span_rtrim(candidate).len == 0)
		return err_set(err, ERR_CONTENT, "stage: the candidate is empty");
	r.candidate = candidate;
	rc = verb_run(&r, VERB_STAGE, err);
	verb_run_release(&r);
	return rc;
}

static int
op_diff(struct device *d, struct device_change *c, struct buf *out, struct err *err)
{
	if (d->platform->verbs[VERB_DIFF].n == 0)
		return 0;
	return text_verb(d, VERB_DIFF, c, false, out, err);
}

static int
op_check(struct device *d, struct device_change *c, struct err *err)
{
	return do_verb(d, VERB_CHECK, c, err);
}

static int
op_arm(struct device *d, struct device_change *c, int64_t timer_ms, struct err *err)
{
	const struct platform_caps *caps = &d->platform->caps;
	char min[32], max[32];
	struct verb_run r = new_run(d, c);
	int rc;

	if (timer_ms < caps->timer_min_ms || timer_ms > caps->timer_max_ms)
		return err_set(err, ERR_UNSUPPORTED, "arm: the timer of %s is %s to %s",
		    d->platform->title, text_duration_str(caps->timer_min_ms, min),
		    text_duration_str(caps->timer_max_ms, max));
	change_set_timer(c, timer_ms);
	r.timer_ms = timer_ms;
	rc = verb_run(&r, VERB_ARM, err);
	verb_run_release(&r);
	return rc;
}

static int
op_readback(struct device *d, struct device_change *c, struct buf *out, struct err *err)
{
	enum verb verb = d->platform->verbs[VERB_READBACK].n > 0 ? VERB_READBACK : VERB_RUNNING;

	return text_verb(d, verb, c, true, out, err);
}

static int
op_confirm(struct device *d, struct device_change *c, struct err *err)
{
	return do_verb(d, VERB_CONFIRM, c, err);
}

static int
op_revert(struct device *d, struct device_change *c, struct err *err)
{
	return do_verb(d, VERB_REVERT, c, err);
}

static int
op_discard(struct device *d, struct device_change *c, struct err *err)
{
	struct err own = ERR_INIT;
	int rc = do_verb(d, VERB_DISCARD, c, &own);

	/* A value that was never set: it did not come to staging. */
	if (rc == ERR_NOTFOUND)
		return 0;
	if (rc != 0 && err != NULL)
		*err = own;
	return rc;
}

static int
op_save(struct device *d, struct device_change *c, struct err *err)
{
	if (d->platform->verbs[VERB_SAVE].n == 0)
		return 0;
	return do_verb(d, VERB_SAVE, c, err);
}

static int
op_outcome(struct device *d, struct device_change *c, enum device_outcome *out,
    struct err *err)
{
	struct verb_run r = new_run(d, c);
	int rc = verb_run(&r, VERB_OUTCOME, err);

	*out = rc == 0 ? (enum device_outcome)r.word : OUTCOME_UNKNOWN;
	verb_run_release(&r);
	return rc;
}

const struct device_ops *
device_ssh_ops(void)
{
	static const struct device_ops ops = {
		.open = op_open, .close = op_close, .identity = op_identity,
		.keepalive = op_keepalive, .pending = op_pending, .running = op_running,
		.startup_same = op_startup_same, .run = op_run, .stage = op_stage,
		.diff = op_diff, .check = op_check, .arm = op_arm, .readback = op_readback,
		.confirm = op_confirm, .revert = op_revert, .discard = op_discard,
		.save = op_save, .outcome = op_outcome,
	};

	return &ops;
}

/* The words of the definitions are the enumerators, in order. */
_Static_assert(PENDING_NONE == 0 && PENDING_OURS == 1 && PENDING_FOREIGN == 2, "pending");
_Static_assert(OUTCOME_UNKNOWN == 0 && OUTCOME_COMPARE == 1 && OUTCOME_PENDING == 2 &&
    OUTCOME_CONFIRMED == 3 && OUTCOME_REVERTED == 4 && OUTCOME_RESTARTED == 5, "outcome");

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

int
device_init(struct err *err)
{
	return session_library_init(err);
}
