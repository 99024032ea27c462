/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is secret on one device: what its platform's rules say, and what stands
 * where Git has, or had when it was last applied, a ${secret:NAME}. So an old
 * value is hidden too, which no source holds any more.
 */
#ifndef FAIRLEAD_CONTROLLER_MASKING_H
#define FAIRLEAD_CONTROLLER_MASKING_H

#include "controller/intent.h"

struct masking {
	struct dialect dialect;	/* the platform's, with more secrets */
	/* private */
	struct re **patterns;
	size_t n;
	struct arena arena;
};

/* known NULL: nothing is known of the device. ERR_UNSUPPORTED for a platform
 * that is not known: then nothing may be shown. On other errors Git's text could
 * not be read, and the rest is hidden all the same. An applied text that is not
 * there any more is left out. */
int masking_init(struct masking *m, const struct controller *c, const struct intent *in,
    const struct intended_device *d, const struct device_record *known, struct err *err);
void masking_release(struct masking *m);

/* The pattern that hides what stands between two literals of a line (its group
 * is called `secret`), added to out; false when they are too little to tell
 * such a line from any other. */
bool masking_pattern(struct span before, struct span after, bool braces, struct buf *out);

#endif
