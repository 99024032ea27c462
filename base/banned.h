/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that do not compile anywhere in the tree, included before every
 * file by the build. Each has a bounded replacement in base/.
 */
#ifndef FAIRLEAD_BASE_BANNED_H
#define FAIRLEAD_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* No bound: use buf_add*(), arena_printf() or snprintf(). */
#pragma GCC poison strcpy strcat sprintf vsprintf gets strncpy strncat
/* A shell: use proc_run(), which takes an argument vector. */
#pragma GCC poison system popen
/* Hidden static state shared by threads: use the _r forms. */
#pragma GCC poison strtok gmtime localtime ctime asctime strerror
/* No error report: use text_int(). */
#pragma GCC poison atoi atol atoll

#endif
