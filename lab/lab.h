/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lab: many simulated devices behind one SSH server. fairlead-lab(1) is a
 * thin main() around it; tests run it in their own process.
 *
 * Threads: one accepts, one watches timers, one each connection (a pool of
 * base/workers.h). A device is shared under its own lock, everything else
 * about a connection belongs to its thread. The lab itself is fixed after
 * lab_start().
 */
#ifndef FAIRLEAD_LAB_LAB_H
#define FAIRLEAD_LAB_LAB_H

#include "lab/device.h"

struct lab;

struct lab_options {
	struct sys *sys;	/* its scale is the time scale */
	const char *dir;	/* keys, histories, control socket; made when absent */
	const char *dialect;	/* NULL: arista_eos */
	const char *version;	/* NULL: the dialect's */
	int count;		/* of generated devices; with a config directory
				 * it may be 0: as many as there are files */
	const char *config;	/* a file for all, or a directory of <device>.cfg */
	const char *prefix;	/* of generated names; NULL: "sw" */
	const char *base_address;	/* of the first device, in 127/8 */
	int port;		/* 0: any free one (with ports: for each) */
	bool ports;		/* 127.0.0.1 and consecutive ports instead */
	const char *user, *password;	/* NULL: admin, admin */
	const char *enable_password;	/* NULL: not asked */
	const char *const *keys;	/* public key files, NULL-terminated; or NULL */
	bool one_host_key;
	const char *const *faults;	/* DEVICE:KIND[:ARG], NULL-terminated; or NULL;
					 * DEVICE may hold * and ? */
	const char *fault_file;	/* YAML: device: [fault, ...]; or NULL */
	int max_connections;	/* 0: 12,000 */
};

/* Start everything. ERR_USAGE for bad options, ERR_IO for sockets and files. */
int lab_start(struct lab **out, const struct lab_options *o, struct err *err);
/* End all connections and threads. */
void lab_stop(struct lab *lab);

/* One line of JSON: devices with address, port, host key fingerprint. */
void lab_ready_json(struct lab *lab, struct buf *out);

size_t lab_count(const struct lab *lab);
struct device *lab_device(struct lab *lab, size_t i);
struct device *lab_find(struct lab *lab, const char *name);	/* or NULL */
const char *lab_address(const struct lab *lab, size_t i);
int lab_port(const struct lab *lab, size_t i);
/* "SHA256:...", as ssh(1) shows it. */
const char *lab_fingerprint(const struct lab *lab, size_t i);

/* ctl.c. A request is a list of words, the device first ("*": all). */
struct ctl;
int ctl_start(struct ctl **out, struct lab *lab, const char *dir, struct err *err);
void ctl_stop(struct ctl *ctl);
/* Do one request here; a JSON object with "error" or the result. */
void ctl_do(struct lab *lab, const char *const *words, size_t n, struct buf *out);
/* Send one to the lab that runs in dir; *reply is the JSON line. */
int ctl_send(const char *dir, const char *const *words, size_t n, struct buf *reply,
    struct err *err);

#endif
