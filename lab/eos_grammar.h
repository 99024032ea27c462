/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration language of the simulated EOS: tables in eos_grammar.c,
 * what a table cannot say in eos_check.c.
 */
#ifndef FAIRLEAD_LAB_EOS_GRAMMAR_H
#define FAIRLEAD_LAB_EOS_GRAMMAR_H

#include "lab/conf.h"

extern const struct grammar EOS_GRAMMAR;

/* What the device shows that nobody configured: defaults it always prints,
 * and the ports it has. Each is a line for conf_load(). */
extern const char EOS_DEFAULTS[];

/* Checks of single rows; see rule.check. */
const char *eos_check_user(struct conf *c, struct match *m);
const char *eos_check_enable(struct conf *c, struct match *m);
const char *eos_check_bgp_password(struct conf *c, struct match *m);
const char *eos_check_address(struct conf *c, struct match *m);
const char *eos_check_vrf_instance(struct conf *c, struct match *m);
const char *eos_check_if_vrf(struct conf *c, struct match *m);
const char *eos_check_bgp(struct conf *c, struct match *m);
const char *eos_check_ospf(struct conf *c, struct match *m);
const char *eos_check_channel_group(struct conf *c, struct match *m);
const char *eos_check_model(struct conf *c, struct match *m);
const char *eos_check_portfast(struct conf *c, struct match *m);
const char *eos_check_sequence(struct conf *c, struct match *m);

/* The stored form of a clear password ("sha512 $6$..."), in out. */
void eos_hash_password(const char *clear, struct buf *out);
/* Whether a password fits a stored form ("sha512 $6$...", "5 $1$..."). */
bool eos_password_fits(const char *stored, const char *clear);

#endif
