/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP to a device: every address of a name in turn, each with its share of the
 * time, until one accepts and has said something.
 */
#ifndef FAIRLEAD_DEVICES_DIAL_H
#define FAIRLEAD_DEVICES_DIAL_H

#include "base/sys.h"

/* *fd: connected, non-blocking, close-on-exec, no Nagle, keepalives on; the
 * caller's. ERR_UNREACHABLE otherwise. A server that accepts and says nothing
 * is unreachable as well: the first bytes are waited for, not read. */
int dial(int *fd, const char *address, int port, struct sys *sys, struct mono deadline,
    struct err *err);

#endif
