/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that a device prints with its configuration and that are none. */
#ifndef FAIRLEAD_DEVICES_STRIP_H
#define FAIRLEAD_DEVICES_STRIP_H

#include "devices/definition.h"

/* Add text without the lines that the platform's rules strip. */
void strip_text(const struct platform *p, struct span text, struct buf *out);

#endif
