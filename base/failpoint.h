/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failpoints: named places where tests kill the process. Compiled in only
 * with FAIRLEAD_FAULTS; FAIRLEAD_FAILPOINT="name" or "name:3" in the
 * environment makes the (third) pass of `name` end the process as kill -9
 * would, at that very instruction.
 */
#ifndef FAIRLEAD_BASE_FAILPOINT_H
#define FAIRLEAD_BASE_FAILPOINT_H

#ifdef FAIRLEAD_FAULTS
void failpoint(const char *name);
#else
static inline void
failpoint(const char *name)
{
	(void)name;
}
#endif

#endif
