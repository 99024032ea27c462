/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handlers of the operations and the requests they take (private to
 * controller/; the public face is api.h).
 */
#ifndef FAIRLEAD_CONTROLLER_OPS_H
#define FAIRLEAD_CONTROLLER_OPS_H

#include "controller/api.h"
#include "controller/intent.h"

struct select_request {
	struct field_strings select;	/* none: all */
};
struct history_request {
	int64_t limit;
};
struct show_request {
	const char *run;		/* id, or a unique beginning of one; NULL: newest */
};
struct device_request {
	const char *device, *reason;
	bool secrets;			/* fetch: unmasked */
	const char *before;		/* fetch: the rollback copy of this run instead */
};
struct trust_request {
	const char *device, *type, *fingerprint;
};
struct apply_request {
	struct field_strings select;
	const char *reason;
	bool first, lifeline, drift;
	bool looked;			/* only what is in plans may be deployed */
	struct field_pairs plans;	/* device -> plan id that was looked at */
};
struct rewrite_request {
	const char *commit, *reason;
};
struct suspend_request {
	const char *select, *reason;
	int64_t for_ms;			/* 0: until resumed */
};

extern const struct field_table SELECT_REQUEST, HISTORY_REQUEST,
    SHOW_REQUEST, DEVICE_REQUEST, TRUST_REQUEST, APPLY_REQUEST, REWRITE_REQUEST,
    SUSPEND_REQUEST;

/* A journal_each_fn with the api_call as its context. */
int ops_emit_job(void *ctx, const void *record, struct arena *a);

int op_status(struct api_call *call, struct err *err);
int op_history(struct api_call *call, struct err *err);
int op_show(struct api_call *call, struct err *err);
int op_plan(struct api_call *call, struct err *err);
int op_fetch(struct api_call *call, struct err *err);
int op_host_key(struct api_call *call, struct err *err);
int op_trust(struct api_call *call, struct err *err);
int op_apply(struct api_call *call, struct err *err);
int op_suspend(struct api_call *call, struct err *err);
int op_resume(struct api_call *call, struct err *err);
int op_release(struct api_call *call, struct err *err);
int op_ack(struct api_call *call, struct err *err);
int op_ack_rewrite(struct api_call *call, struct err *err);

/* The newest intent: from the remote, or the last one fetched with a warning
 * record when the remote is away. */
int ops_intent(struct api_call *call, struct intent **out, struct err *err);
/* A device of the inventory by its exact name. ERR_NOTFOUND. */
int ops_device(const struct intent *in, const char *name,
    const struct intended_device **out, struct err *err);

#endif
