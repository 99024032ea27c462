/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of operations: everything a person or a program can ask of a
 * controller. The command line runs it in-process under the state directory's
 * lock or, with a daemon running, over its Unix socket as JSON lines. Same
 * code, same gates.
 *
 * An operation takes a request (a JSON object read by its field table), emits
 * records (JSON objects, one a line), and ends with an error or none. A client
 * that goes away cancels nothing.
 */
#ifndef FAIRLEAD_CONTROLLER_API_H
#define FAIRLEAD_CONTROLLER_API_H

#include "controller/controller.h"

/* What an operation needs. */
enum api_need {
	API_SHARED,	/* rows of the journal that nobody else writes back: it may
			 * run beside another process, without the lock */
	API_ALONE,	/* the lock: it reads devices, or writes what was read */
	API_CHANGE,	/* and it changes devices: crash recovery first */
};

struct api_call {
	struct controller *c;
	const char *who;		/* "alice (uid 1000)" */
	const void *request;		/* the struct that the field table describes */
	struct arena *arena;		/* lives as long as the call */
	/* Hand one record to the client; thread-safe. Never fails: a client
	 * that is gone is noticed by nobody. */
	void (*emit)(void *ctx, struct span json);
	void *ctx;
};

struct api_op {
	const char *name;
	enum api_need need;
	const struct field_table *request;
	int (*handler)(struct api_call *call, struct err *err);
};

/* "alice (uid 1000)". */
void api_who(uid_t uid, char *out, size_t size);
/* Whether an operation of this name is API_SHARED. */
bool api_shared(const char *op);
/* Run one operation by name with a request in JSON ("" for none). */
int api_run(struct controller *c, const char *op, struct span request, const char *who,
    void (*emit)(void *ctx, struct span json), void *ctx, struct err *err);
/* {"TYPE": {...}} of a record, masked, at the end of out; and emit one. */
void api_record_json(const char *type, const struct field_table *t, const void *record,
    struct buf *out);
void api_emit_record(struct api_call *call, const char *type, const struct field_table *t,
    const void *record);
/* Emit {"warning":{"text":...}}. */
void api_warn(struct api_call *call, const char *text);
/* Emit what `fill` writes into an object under `type`. */
void api_emit(struct api_call *call, const char *type,
    void (*fill)(struct jw *w, const void *arg), const void *arg);

/*
 * Over the socket. One request a connection:
 *	-> {"op":"plan","request":{...}}
 *	<- {"plan":{...}} ...
 *	<- {"end":{"code":"ok"}} or {"end":{"code":...,"text":...,"next":...}}
 */
struct api_server;
int api_server_start(struct api_server **out, struct controller *c, struct err *err);
/* Stops accepting and waits for calls that are under way. */
void api_server_stop(struct api_server *s);
/* Ask the daemon. *asked is false when none listens there. */
int api_client(const char *socket, const char *op, struct span request, bool *asked,
    void (*emit)(void *ctx, struct span json), void *ctx, struct err *err);

#endif
