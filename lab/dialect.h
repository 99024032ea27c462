/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kind of device: what it shows, what it understands. One row a network OS
 * in dialects[] (dialect.c); everything else in this room is common to all.
 */
#ifndef FAIRLEAD_LAB_DIALECT_H
#define FAIRLEAD_LAB_DIALECT_H

#include "lab/conf.h"
#include "lab/term.h"

struct device;

/* One terminal session or command of somebody on a device. The dialect's own
 * state follows it in memory. */
struct cli {
	struct term term;
	struct device *dev;
	char user[64];
	int line;		/* vty number */
	bool dropped;		/* close now, sending nothing more */
	bool stalled;		/* answer nothing more, read nothing more */
	bool endless;		/* print without end */
	int status;		/* exit status of an exec request */
};

/* What a generated configuration is made from. */
struct seed {
	const char *name;
	int index;		/* from 1 */
	const char *user;
	const char *secret;	/* stored form of the password */
};

struct dialect {
	const char *name;
	const char *version;	/* of the simulated software, unless told */
	const struct grammar *grammar;
	const char *defaults;	/* lines that a clean device shows */
	/* True for lines of the initial configuration that are hardware: the
	 * ports that exist whatever is configured. */
	bool (*hardware)(const struct node *n);
	/* A sensible configuration. */
	void (*generate)(const struct seed *seed, struct buf *out);
	/* The text that history and startup keep: no header, with its end. */
	void (*render)(const struct node *root, struct buf *out);
	/* The name a configuration gives the device; into out. */
	void (*hostname)(const struct node *root, char *out, size_t size);
	/* The stored secret of a user ("" when none is needed), or NULL when the
	 * configuration does not know the user. Owned by root. */
	const char *(*user_secret)(const struct node *root, const char *user);
	bool (*secret_fits)(const char *stored, const char *password);
	void (*store_secret)(const char *password, struct buf *stored);
	/* Lines that decide whether the management address answers, as one
	 * text: while it differs from that at birth, nobody reaches it. */
	void (*management)(const struct node *root, struct buf *out);
	/* Text before login, or nothing. */
	void (*banner)(const struct node *root, struct buf *out);

	/* Sessions. The device must not be locked. */
	struct cli *(*open)(struct device *dev, const char *user, int line, bool tty,
	    int width, int rows);
	void (*login)(struct cli *cli);	/* print what greets, and the prompt */
	void (*resize)(struct cli *cli, int width, int rows);
	void (*exec)(struct cli *cli, const char *command);
	void (*close)(struct cli *cli);	/* frees it */
};

/* The dialect of this name, or NULL. */
const struct dialect *dialect_find(const char *name);
extern const struct dialect DIALECT_EOS;

#endif
