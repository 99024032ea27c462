/* SPDX-License-Identifier: Apache-2.0 */
/* The definitions of platforms/, built in by embed.cmake. */
#ifndef FAIRLEAD_DEVICES_EMBEDDED_H
#define FAIRLEAD_DEVICES_EMBEDDED_H

#include <stddef.h>

struct embedded_platform {
	const char *file;		/* NULL ends the list */
	const unsigned char *text;
	size_t len;
};
extern const struct embedded_platform embedded_platforms[];

#endif
