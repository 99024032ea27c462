/* SPDX-License-Identifier: Apache-2.0 */
/* One SSH connection to a simulated device. */
#ifndef FAIRLEAD_LAB_CONN_H
#define FAIRLEAD_LAB_CONN_H

#include <libssh/libssh.h>

#include "lab/device.h"

/* What connections share; fixed once the lab runs. */
struct door {
	struct sys *sys;
	ssh_key *user_keys;	/* n of them */
	size_t n_user_keys;
	ssh_key other_key;	/* what the hostkey fault shows */
};

/* Serve a connection to its end; takes the descriptor. host_key is only
 * read. `from` is the client's address. Blocks. */
void conn_serve(const struct door *door, struct device *dev, ssh_key host_key, int fd,
    const char *from);
/* For device.kill: end all connections of a device, whose lock is held. */
void conn_kill_all(struct device *dev);

#endif
