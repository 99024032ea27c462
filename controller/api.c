/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/api.h"

#include "base/log.h"
#include "controller/ops.h"
#include "controller/reconcile.h"

static const struct api_op API_OPS[] = {
	{ "status", API_SHARED, &SELECT_REQUEST, op_status },
	{ "history", API_SHARED, &HISTORY_REQUEST, op_history },
	{ "show", API_SHARED, &SHOW_REQUEST, op_show },
	{ "plan", API_ALONE, &APPLY_REQUEST, op_plan },
	{ "fetch", API_ALONE, &DEVICE_REQUEST, op_fetch },
	{ "host-key", API_ALONE, &DEVICE_REQUEST, op_host_key },
	{ "trust", API_SHARED, &TRUST_REQUEST, op_trust },
	{ "apply", API_CHANGE, &APPLY_REQUEST, op_apply },
	{ "suspend", API_SHARED, &SUSPEND_REQUEST, op_suspend },
	{ "resume", API_SHARED, &SUSPEND_REQUEST, op_resume },
	{ "release", API_ALONE, &DEVICE_REQUEST, op_release },
	{ "ack", API_ALONE, &DEVICE_REQUEST, op_ack },
	{ "ack-rewrite", API_ALONE, &REWRITE_REQUEST, op_ack_rewrite },
};

static const struct api_op *
find_op(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(API_OPS) / sizeof(API_OPS[0]); i++)
		if (strcmp(API_OPS[i].name, name) == 0)
			return &API_OPS[i];
	return NULL;
}

bool
api_shared(const char *name)
{
	const struct api_op *op = find_op(name);

	return op != NULL && op->need == API_SHARED;
}

static int
read_request(const struct api_op *op, struct span json, void *out, struct arena *a,
    struct err *err)
{
	struct doc_node *node;
	struct problems ps;

	problems_init(&ps, a);
	/* Not to all devices by having forgotten to say which. */
	if (json.len == 0 && op->need == API_CHANGE)
		return err_set(err, ERR_USAGE, "%s: it needs a request", op->name);
	if (json.len == 0)
		json = span_str("{}");
	if (doc_parse_json(&node, a, op->name, json, &DOC_LIMITS, &ps) == 0 &&
	    field_read(out, op->request, node, a, op->name, &ps) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "%s: %s", op->name,
	    ps.n > 0 ? ps.v[0].text : "request");
}

static void
say_recovered(void *ctx, const struct run_record *run)
{
	api_emit_record(ctx, "recovered", &RUN_RECORD, run);
}

/* Nothing is changed while an earlier change is undecided. */
static void
recover_first(struct api_call *call, const struct api_op *op)
{
	struct err undecided = ERR_INIT;

	if (op->need != API_CHANGE || call->c->daemon)
		return;
	/* What stays undecided is gated, device by device. */
	if (recover(call->c, say_recovered, call, &undecided) != 0) {
		log_error("recover", NULL, "%s", undecided.text);
		api_warn(call, undecided.text);
	}
}

int
api_run(struct controller *c, const char *name, struct span request, const char *who,
    void (*emit)(void *ctx, struct span json), void *ctx, struct err *err)
{
	const struct api_op *op = find_op(name);
	struct arena a = ARENA_INIT;
	struct api_call call = { .c = c, .who = who, .arena = &a, .emit = emit, .ctx = ctx };
	void *parsed;
	int r;

	if (op == NULL)
		return err_set(err, ERR_USAGE, "unknown operation \"%s\"", name);
	call.request = parsed = arena_alloc(&a, op->request->size);
	if ((r = read_request(op, request, parsed, &a, err)) == 0) {
		recover_first(&call, op);
		r = op->handler(&call, err);
	}
	arena_release(&a);
	return r;
}

void
api_emit(struct api_call *call, const char *type,
    void (*fill)(struct jw *w, const void *arg), const void *arg)
{
	struct buf b = BUF_INIT;
	struct jw w;

	jw_init(&w, &b, false);
	jw_object(&w, NULL);
	jw_object(&w, type);
	fill(&w, arg);
	jw_end(&w);
	jw_end(&w);
	call->emit(call->ctx, buf_span(&b));
	buf_wipe(&b);
}

static void
fill_warning(struct jw *w, const void *arg)
{
	jw_string(w, "text", arg);
}

void
api_warn(struct api_call *call, const char *text)
{
	api_emit(call, "warning", fill_warning, text);
}

void
api_record_json(const char *type, const struct field_table *t, const void *record,
    struct buf *out)
{
	struct jw w;

	jw_init(&w, out, false);
	jw_object(&w, NULL);
	record_json(&w, type, t, record);
	jw_end(&w);
	secret_mask(out);
}

void
api_emit_record(struct api_call *call, const char *type, const struct field_table *t,
    const void *record)
{
	struct buf b = BUF_INIT;

	api_record_json(type, t, record, &b);
	call->emit(call->ctx, buf_span(&b));
	buf_release(&b);
}
