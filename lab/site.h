/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of a lab with their places and host keys, from options. */
#ifndef FAIRLEAD_LAB_SITE_H
#define FAIRLEAD_LAB_SITE_H

#include <libssh/libssh.h>
#include <netinet/in.h>

#include "lab/lab.h"

struct site {
	struct device *dev;
	char address[INET_ADDRSTRLEN];
	int port;
	ssh_key key;
	char *fingerprint;	/* "SHA256:..." */
};

struct sites {
	struct site *v;
	size_t n;
	char *user, *password, *enable_password;	/* the devices borrow them */
};

/* Make all devices; their addresses and ports are still empty. On failure
 * sites_release() is needed too. */
int sites_make(struct sites *out, const struct lab_options *o, struct err *err);
void sites_release(struct sites *s);
/* Give the faults of the options to the devices they name. */
int sites_faults(struct sites *s, const struct lab_options *o, struct err *err);
/* A new host key, written to path unless it is NULL. */
int site_make_key(ssh_key *key, const char *path, struct err *err);

#endif
