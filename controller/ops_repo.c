/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations on the repository of intended configurations.
 */
#include "controller/ops.h"

#include "base/log.h"
#include "controller/source.h"

int
ops_intent(struct api_call *call, struct intent **out, struct err *err)
{
	struct err away = ERR_INIT;
	int r;

	if ((r = source_fetch(call->c, out, &away)) == 0)
		return 0;
	if (r == ERR_REMOTE && source_last(call->c, out, err) == 0) {
		log_warn("source", NULL, "%s", away.text);
		api_warn(call, arena_printf(call->arena,
		    "%s; using commit %.12s, fetched earlier", away.text,
		    (*out)->snapshot->commit.hex));
		return 0;
	}
	err_set(err, away.code, "%s", away.text);
	return away.next[0] != '\0' ? err_next(err, "%s", away.next) : away.code;
}

int
ops_device(const struct intent *in, const char *name, const struct intended_device **out,
    struct err *err)
{
	if ((*out = snapshot_device(in->snapshot, name)) != NULL)
		return 0;
	err_set(err, ERR_NOTFOUND, "there is no device \"%s\" in the inventory at commit %.12s",
	    name, in->snapshot->commit.hex);
	return err_next(err, "`fairlead status` lists the devices");
}
