/* SPDX-License-Identifier: Apache-2.0 */
#include "base/failpoint.h"

#ifdef FAIRLEAD_FAULTS

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/text.h"

static struct span wanted;	/* name; p NULL: none */
static int64_t passes = 1;
static atomic_llong passed;

static void
read_environment(void)
{
	const char *s = getenv("FAIRLEAD_FAILPOINT"), *colon;

	if (s == NULL)
		return;
	colon = strchr(s, ':');
	wanted = span_of(s, colon != NULL ? (size_t)(colon - s) : strlen(s));
	if (colon != NULL && !text_int(colon + 1, 1, INT64_MAX, &passes)) {
		fprintf(stderr, "FAIRLEAD_FAILPOINT: '%s' is not name:count\n", s);
		_exit(1);
	}
}

void
failpoint(const char *name)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_environment);
	if (wanted.p == NULL || !span_is(wanted, name))
		return;
	if (atomic_fetch_add(&passed, 1) + 1 == passes)
		kill(getpid(), SIGKILL);
}

#endif
