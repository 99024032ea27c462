/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same as bare_loop, through devices/: what a plan does with a device,
 * without journal, Git and difference. Between its numbers and those of
 * bare_loop stand the prompt engine, the identity and the platform's
 * definition; between them and those of `fairlead plan`, the controller.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/doc.h"
#include "devices/device.h"
#include "loop.h"

#define PLATFORM "arista_eos"	/* what fairlead-lab plays */

static const struct platform *platform;
static struct credential credential = { .name = "bench" };

static enum pin_verdict
any_key(void *ctx, const char *device, const struct host_key *key)
{
	(void)ctx;
	(void)device;
	(void)key;
	return PIN_MATCH;
}

bool
loop_prepare(const char *user, const char *password)
{
	struct platforms *all;
	struct arena a = ARENA_INIT;
	struct problems ps;
	struct err err = ERR_INIT;

	problems_init(&ps, &a);
	if (platforms_load(&all, NULL, &ps, &err) != 0 || device_init(&err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		return false;
	}
	platform = platforms_find(all, PLATFORM);
	credential.user = user;
	credential.password = secret_new(password, strlen(password));
	return platform != NULL;
}

bool
loop_read(const struct loop_target *t, struct loop_session *out)
{
	const char *address = t->address;
	struct device_target target = { .name = t->name, .platform = platform,
		.addresses = &address, .n_addresses = 1, .port = (int)t->port,
		.credential = &credential, .pins.check = any_key, .instance = "bench",
		.connect_ms = 60000, .silence_ms = 60000, .command_ms = 60000,
		.max_output = (size_t)32 << 20, .sys = sys_real() };
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct device *d = NULL;
	int r;

	if ((r = device_ssh_ops()->open(&d, &target, &err)) == 0)
		r = device_ssh_ops()->running(d, &text, &err);
	if (r != 0)
		fprintf(stderr, "%s: %s\n", t->name, err.text);
	out->handle = d;
	out->bytes = text.len;
	buf_wipe(&text);
	return r == 0;
}

void
loop_close(struct loop_session *s)
{
	device_ssh_ops()->close(s->handle);
}
