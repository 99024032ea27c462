/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platform definitions: one YAML file per network operating system, embedded
 * at build, overridden from a directory on the host. The interpreter knows no
 * vendor; a definition is checked when it is loaded (unknown keys, regexes
 * that do not compile, `like:`/`unlike:` samples that do not match, steps
 * without a success marker), with file:line:column.
 */
#ifndef FAIRLEAD_DEVICES_PLATFORM_H
#define FAIRLEAD_DEVICES_PLATFORM_H

#include "base/doc.h"
#include "base/writer.h"
#include "diffing/dialect.h"

/* What a platform can do: the job switches on these, one place each. */
enum platform_confirm { CONFIRM_NONE, CONFIRM_ANY_SESSION, CONFIRM_ARMING_SESSION };
enum platform_drop { DROP_TIMER_RUNS, DROP_REVERTS_AT_ONCE };
struct platform_caps {
	bool candidate;			/* staged beside running, invisible until armed */
	bool reads;			/* it can be reached; else only its grammar is known */
	bool writes;			/* it can be changed, not only read */
	bool native_diff;		/* the device itself says what would change */
	bool check;			/* commit-check before arm */
	bool timer;			/* the device reverts by itself */
	enum platform_confirm confirm;	/* who may confirm */
	enum platform_drop on_disconnect;
	bool reboot_reverts;		/* a reboot while armed brings the old one back */
	bool startup;			/* running and startup differ until saved */
	int64_t timer_min_ms, timer_max_ms;
	int64_t timer_margin_ms;	/* how late an expiry may be */
	int64_t settle_ms;		/* wait after arm before the new session */
	const char *proof;		/* "real", "transcript", "simulator", "grammar" */
};

struct platform;
/* All definitions there are; immutable once loaded; shared by threads. */
struct platforms;

/* Load the embedded definitions and those of `dir` (NULL: none), which win by
 * name. 0, or ERR_CONTENT when any has an error: problems say which. */
int platforms_load(struct platforms **out, const char *dir, struct problems *ps,
    struct err *err);
/* The same where one is wanted: definitions that do not mention its name or
 * alias are not read, unless none does. */
int platforms_load_one(struct platforms **out, const char *dir, const char *name,
    struct problems *ps, struct err *err);
void platforms_free(struct platforms *p);
/* By our name or another tool's spelling ("eos", "arista.eos.eos"); NULL. */
const struct platform *platforms_find(const struct platforms *p, const char *name);
size_t platforms_count(const struct platforms *p);
const struct platform *platforms_at(const struct platforms *p, size_t i);

const char *platform_name(const struct platform *p);
const char *platform_title(const struct platform *p);	/* "Arista EOS" */
const struct platform_caps *platform_caps(const struct platform *p);
const struct dialect *platform_dialect(const struct platform *p);
const char *platform_hash(const struct platform *p);	/* SHA-256 of its file, hex */
const char *platform_source(const struct platform *p);	/* its YAML text */
const char *platform_file(const struct platform *p);	/* "platforms/bird.yaml" or a path */
/* Other tools' spellings, NULL-terminated. */
const char *const *platform_aliases(const struct platform *p);
/* Variables a device may set in its inventory (data.fairlead.vars): check the
 * names and values given; a line per error is appended to `why`, and the result
 * is ERR_CONTENT. Every platform has `hostname`: the name the device calls
 * itself where it is not its name in the inventory, "*" for any. */
int platform_vars_check(const struct platform *p, const char *const *keys,
    const char *const *values, size_t n, struct buf *why);

#endif
