/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/api.h"

#include "controller/ops.h"
#include "controller/reconcile.h"

const struct api_op API_OPS[] = {
	{ "status", API_JOURNAL, &SELECT_REQUEST, op_status, "Devices as last seen." },
	{ "history", API_JOURNAL, &HISTORY_REQUEST, op_history, "Runs, newest first." },
	{ "show", API_JOURNAL, &SHOW_REQUEST, op_show, "One run with its jobs." },
	{ "lint", API_READ, &EMPTY_REQUEST, op_lint, "Problems of the newest commit." },
	{ "plan", API_READ, &SELECT_REQUEST, op_plan, "What would change." },
	{ "fetch", API_READ, &DEVICE_REQUEST, op_fetch, "Running text of a device." },
	{ "host-key", API_READ, &DEVICE_REQUEST, op_host_key, "Host key a device shows." },
	{ "trust", API_JOURNAL, &TRUST_REQUEST, op_trust, "Trust a host key." },
	{ "apply", API_WRITE, &APPLY_REQUEST, op_apply, "Deploy what is selected." },
	{ "suspend", API_JOURNAL, &SUSPEND_REQUEST, op_suspend, "Keep off devices." },
	{ "resume", API_JOURNAL, &SUSPEND_REQUEST, op_resume, "End a suspension." },
	{ "release", API_JOURNAL, &DEVICE_REQUEST, op_release, "Let a held device be tried." },
	{ "ack", API_JOURNAL, &DEVICE_REQUEST, op_ack, "End a quarantine." },
	{ "ack-rewrite", API_JOURNAL, &REASON_REQUEST, op_ack_rewrite,
	    "Follow a branch that was rewritten." },
};
const size_t API_OPS_N = sizeof(API_OPS) / sizeof(API_OPS[0]);

static const struct api_op *
find_op(const char *name)
{
	size_t i;

	for (i = 0; i < API_OPS_N; i++)
		if (strcmp(API_OPS[i].name, name) == 0)
			return &API_OPS[i];
	return NULL;
}

static int
read_request(const struct api_op *op, struct span json, void *out, struct arena *a,
    struct err *err)
{
	struct doc_node *node;
	struct problems ps;

	problems_init(&ps, a);
	if (json.len == 0)
		json = span_str("{}");
	if (doc_parse_json(&node, a, op->name, json, &DOC_LIMITS, &ps) == 0 &&
	    field_read(out, op->request, node, a, op->name, &ps) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "%s: %s", op->name,
	    ps.n > 0 ? ps.v[0].text : "request");
}

/* Nothing is changed while an earlier change is undecided. */
static int
recover_first(struct controller *c, const struct api_op *op, struct err *err)
{
	size_t n;

	return op->need == API_WRITE && !c->daemon ? recover(c, &n, err) : 0;
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
	if ((r = read_request(op, request, parsed, &a, err)) == 0 &&
	    (r = recover_first(c, op, err)) == 0)
		r = op->handler(&call, err);
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

void
api_emit_record(struct api_call *call, const char *type, const struct field_table *t,
    const void *record)
{
	struct buf b = BUF_INIT;
	struct jw w;

	jw_init(&w, &b, false);
	jw_object(&w, NULL);
	record_json(&w, type, t, record);
	jw_end(&w);
	secret_mask(&b);
	call->emit(call->ctx, buf_span(&b));
	buf_release(&b);
}
