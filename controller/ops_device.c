/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations that read devices: plan, fetch, host keys. None of them changes
 * anything on a device; all but host keys use the read credential.
 */
#include "controller/ops.h"

#include "controller/copies.h"
#include "controller/gate.h"
#include "controller/lint.h"
#include "controller/plan.h"
#include "controller/reconcile.h"
#include "controller/source.h"
#include "controller/target.h"
#include "intended/discover.h"

#define FIELD(struct_, type_, key_, member_, flags_, help_) \
	{ .key = (key_), .type = (type_), .offset = offsetof(struct struct_, member_), \
	    .flags = (flags_), .help = (help_) }

static const struct field TRUST_ROWS[] = {
	FIELD(trust_request, FIELD_NAME, "device", device, FIELD_REQUIRED, "Device name."),
	FIELD(trust_request, FIELD_STRING, "type", type, FIELD_REQUIRED, "Key type."),
	FIELD(trust_request, FIELD_STRING, "fingerprint", fingerprint, FIELD_REQUIRED,
	    "SHA-256 fingerprint that was shown."),
};
const struct field_table TRUST_REQUEST =
    FIELD_TABLE("request", struct trust_request, TRUST_ROWS, "Which key to trust.");

/*
 * Plan: all selected devices at once.
 */
struct planning {
	struct api_call *call;
	struct intent *in;
	struct permission allowed;	/* as the apply would be, that is looked at */
	const struct intended_device **devices;
	size_t n;
	pthread_mutex_t lock;
	struct buf *plans;	/* of each device, until those before it have been said */
	size_t said;
};

/* In the order of the inventory, each as soon as it can be. */
static void
say_plan(struct planning *p, size_t i, const struct job_record *rec)
{
	struct buf b = BUF_INIT;

	api_record_json("plan", &JOB_RECORD, rec, &b);
	pthread_mutex_lock(&p->lock);
	p->plans[i] = b;
	for (; p->said < p->n && p->plans[p->said].len > 0; p->said++) {
		p->call->emit(p->call->ctx, buf_span(&p->plans[p->said]));
		buf_release(&p->plans[p->said]);
	}
	pthread_mutex_unlock(&p->lock);
}

static void
plan_one(void *ctx, size_t i)
{
	struct planning *p = ctx;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct job_record rec;
	bool open;
	int r;

	if ((r = plan_device(p->call->c, p->in, p->devices[i], NULL, &rec, &a, &err)) == 0 &&
	    rec.end == END_NONE)
		r = gates_evaluate(p->call->c, p->in, p->devices[i], &p->allowed, &rec, &open,
		    &a, &err);
	if (r != 0) {
		error_record_set(&rec.error, &a, &err);
		rec.end = END_FAILED;
		rec.why = rec.error.text;
	}
	say_plan(p, i, &rec);
	arena_release(&a);
}

static void
fill_commit(struct jw *w, const void *arg)
{
	const struct intent *in = arg;

	jw_string(w, "commit", in->snapshot->commit.hex);
	jw_string(w, "subject", in->snapshot->info.subject);
	jw_int(w, "errors", (int64_t)in->problems.errors);
}

int
op_plan(struct api_call *call, struct err *err)
{
	const struct apply_request *q = call->request;
	struct planning p = { .call = call, .allowed = { .person = true, .first = q->first,
	    .lifeline = q->lifeline, .drift = q->drift } };
	struct selector *selector;
	const struct snapshot *s;
	size_t i;
	int r;

	if ((r = selector_parse(&selector, call->arena, q->select.v, q->select.n, err)) != 0 ||
	    (r = ops_intent(call, &p.in, err)) != 0)
		return r;
	s = p.in->snapshot;
	for (i = 0; i < s->n_devices; i++)
		if (selector_match(selector, &s->devices[i]))
			ARENA_PUSH(call->arena, p.devices, p.n) = &s->devices[i];
	api_emit(call, "source", fill_commit, p.in);
	if (p.n == 0)
		r = intent_nobody(p.in, err);
	p.plans = arena_calloc(call->arena, p.n + 1, sizeof(p.plans[0]));
	pthread_mutex_init(&p.lock, NULL);
	fan_out(call->c->workers, p.n, (size_t)call->c->settings.limits.workers, NULL,
	    plan_one, &p);
	pthread_mutex_destroy(&p.lock);
	intent_unref(p.in);
	return r;
}

/*
 * Fetch. On a worker, like all device work, so that limits hold.
 */
struct fetching {
	struct api_call *call;
	const struct intent *in;
	const struct intended_device *device;
	struct buf text;
	size_t secrets;		/* in text, when they are asked for */
	int secrets_line;	/* of the first */
	struct err *err;
	int result;
};

static void
fetch_one(void *ctx, size_t i)
{
	struct fetching *f = ctx;
	struct controller *c = f->call->c;
	struct device *dev = NULL;
	struct target t;

	(void)i;
	if ((f->result = target_init(&t, c, f->device, TARGET_READ, f->err)) != 0)
		return;
	if ((f->result = admit_enter(c->admit, ADMIT_PLAN, f->device->name, f->err)) == 0) {
		if ((f->result = c->devices->open(&dev, &t.target, f->err)) == 0)
			f->result = c->devices->running(dev, &f->text, f->err);
		c->devices->close(dev);
		admit_leave(c->admit, f->device->name);
	}
	target_release(&t);
}

static void
fill_running(struct jw *w, const void *arg)
{
	const struct fetching *f = arg;
	const char *template = f->call->c->settings.repository.configs;
	const char *path = f->device->config_path, *missing;
	char *hex;

	if (path == NULL && template != NULL)
		path = discover_path(template, f->device, f->call->arena, &missing);
	jw_string(w, "device", f->device->name);
	if (path != NULL)
		jw_string(w, "path", path);
	jw_span(w, "text", buf_span(&f->text));
	jw_int(w, "secrets", (int64_t)f->secrets);
	jw_int(w, "secrets_line", f->secrets_line);
	if (text_utf8_ok(buf_str(&f->text), f->text.len))
		return;
	hex = mem_zalloc(2 * f->text.len + 1);	/* JSON is UTF-8 only */
	text_hex(f->text.data, f->text.len, hex);
	jw_string(w, "hex", hex);
	explicit_bzero(hex, 2 * f->text.len);
	free(hex);
}

static int
mask_fetched(struct fetching *f, bool secrets)
{
	const struct controller *c = f->call->c;
	struct buf masked = BUF_INIT;
	struct device_record known;
	struct masking m;
	int r;

	if ((r = known_device(c, f->device, &known, f->call->arena, f->err)) != 0)
		return r;
	/* A text that is wrong in Git hides nothing; the rest does. */
	if (masking_init(&m, c, f->in, f->device, &known, f->err) == ERR_UNSUPPORTED)
		return ERR_UNSUPPORTED;
	err_clear(f->err);
	if (secrets) {
		f->secrets = lint_secrets(&m.dialect, buf_span(&f->text), &f->secrets_line);
		masking_release(&m);
		return 0;
	}
	mask_text(&m.dialect, &c->mask_key, buf_span(&f->text), &masked);
	masking_release(&m);
	secret_mask(&masked);
	buf_wipe(&f->text);
	f->text = masked;
	return 0;
}

/* What ran before a run changed it: the copy that was kept. */
static int
fetch_copy(struct fetching *f, const char *id)
{
	struct controller *c = f->call->c;
	const struct journal_ops *j = c->journal.ops;
	struct arena *a = f->call->arena;
	struct run_record run;
	struct job_record job;
	int r;

	if ((r = j->run(c->journal.self, id, &run, a, f->err)) != 0 ||
	    (r = j->job(c->journal.self, run.id, f->device->name, &job, a, f->err)) != 0)
		return err_next(f->err, "`fairlead show %s` lists its devices", id);
	if (job.copy == NULL)
		return err_set(f->err, ERR_NOTFOUND, "run %s made no copy of %s: it changed "
		    "nothing there", run.id, f->device->name);
	return copy_read(c, job.copy, &f->text, f->err);
}

/* Who saw secrets is on record before they are shown. */
static int
audit_secrets(struct api_call *call, const char *device, struct err *err)
{
	struct audit_record audit = { .device = device, .who = call->who,
		.what = "show-secrets", .text = "fetched with its secrets",
		.at = record_time(call->arena, call->c->sys) };
	struct journal_write w = { .audit = &audit };

	return call->c->journal.ops->write(call->c->journal.self, &w, err);
}

int
op_fetch(struct api_call *call, struct err *err)
{
	const struct device_request *q = call->request;
	struct fetching f = { .call = call, .err = err };
	struct intent *in = NULL;
	int r;

	if ((r = ops_intent(call, &in, err)) == 0 &&
	    (r = ops_device(in, q->device, &f.device, err)) == 0 &&
	    (!q->secrets || (r = audit_secrets(call, q->device, err)) == 0)) {
		if (q->before != NULL)
			f.result = fetch_copy(&f, q->before);
		else
			fan_out(call->c->workers, 1, 1, NULL, fetch_one, &f);
		f.in = in;
		if ((r = f.result) == 0 && (r = mask_fetched(&f, q->secrets)) == 0) {
			api_emit(call, "running", fill_running, &f);
		} else {
			target_advise(f.device, err);
			err_wrap(err, "%s", q->device);
		}
	}
	buf_wipe(&f.text);
	intent_unref(in);
	return r;
}

/*
 * Host keys.
 */
struct shown_key {
	const char *device;
	struct host_key key;
	enum pin_verdict verdict;
};

static void
fill_key(struct jw *w, const void *arg)
{
	static const char *const VERDICTS[] = { "trusted", "unknown", "changed" };
	const struct shown_key *k = arg;

	jw_string(w, "device", k->device);
	jw_string(w, "type", k->key.type);
	jw_string(w, "fingerprint", k->key.fingerprint);
	jw_string(w, "verdict", VERDICTS[k->verdict]);
}

int
op_host_key(struct api_call *call, struct err *err)
{
	const struct device_request *q = call->request;
	const struct intended_device *d;
	struct shown_key k = { .device = q->device };
	struct intent *in = NULL;
	struct target t;
	int r;

	if ((r = ops_intent(call, &in, err)) != 0)
		return r;
	if ((r = ops_device(in, q->device, &d, err)) == 0 &&
	    (r = target_init(&t, call->c, d, TARGET_TRUST, err)) == 0) {
		if ((r = device_host_key(&t.target, &k.key, err)) == 0) {
			k.verdict = target_pin_check(&t, &k.key);
			api_emit(call, "key", fill_key, &k);
		} else {
			target_advise(d, err);
		}
		target_release(&t);
	}
	intent_unref(in);
	return r != 0 ? err_wrap(err, "%s", q->device) : 0;
}

int
op_trust(struct api_call *call, struct err *err)
{
	const struct trust_request *q = call->request;
	struct host_key key;

	if (strncmp(q->fingerprint, "SHA256:", 7) != 0)
		return err_set(err, ERR_USAGE, "a fingerprint looks like SHA256:...");
	snprintf(key.type, sizeof(key.type), "%s", q->type);
	snprintf(key.fingerprint, sizeof(key.fingerprint), "%s", q->fingerprint);
	return target_pin(call->c, q->device, &key, call->who, err);
}
