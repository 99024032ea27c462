/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A snapshot: what people want at one commit. Built whole, immutable, counted
 * by references; holds blob ids, not texts. One bad file never stops the other
 * devices: its device is `broken`, and all problems are listed with places.
 *
 * The repository layout is the operator's own (docs/repository.md): Nornir
 * SimpleInventory under inventory/, configurations found as
 * (any)/intended/configs/<device>.cfg, else configs/<device>.{cfg,conf,txt}, or by a
 * path template.
 */
#ifndef FAIRLEAD_INTENDED_SNAPSHOT_H
#define FAIRLEAD_INTENDED_SNAPSHOT_H

#include <stdatomic.h>

#include "base/doc.h"
#include "base/field.h"
#include "git/repo.h"

struct inventory_scope;

struct intended_device {
	const char *name;		/* text_name_ok() */
	const char *file;		/* where it is declared */
	struct doc_pos pos;
	const char *platform;		/* as written; devices/ knows the spellings.
					 * NULL only when unmanaged or broken */
	const char **addresses;		/* data.fairlead.addresses, else hostname, else name */
	size_t n_addresses;
	int port;			/* 22 when not given */
	const char *username;		/* NULL: the credential's */
	const char *credential;		/* data.fairlead.credential, or NULL: "default" */
	const char *serial;		/* or NULL */
	const char *site;		/* data.fairlead.site, else data.site, else the AVD
					 * folder above `intended`, else NULL;
					 * text_name_ok(), so it may be a path part */
	const char *role;		/* data.fairlead.role, else data.role, or NULL;
					 * text_name_ok() */
	const char **tags, **groups, **via;
	size_t n_tags, n_groups, n_via;	/* groups: own and inherited, nearest first */
	struct field_pairs vars;	/* data.fairlead.vars: for the platform definition */
	/* private: intended_data() reads them */
	const struct doc_node *own_data;
	const struct inventory_scope *scope;

	const char *config_path;	/* NULL: unmanaged */
	struct oid blob;		/* none: unmanaged, or the file cannot be used
					 * (a symlink, two files for one device) */
	int64_t size;
	bool broken;			/* an error of its own, or of a group it is in:
					 * never deployed */
};

/* A value of the operator's free `data`, found as Nornir's host[key] finds it:
 * the device's own, else the first group's that has the key, else the
 * defaults'. Values are never merged with each other. NULL when nobody has it. */
const struct doc_node *intended_data(const struct intended_device *d, const char *key);

/* The rows of data.fairlead, for the schema and the reference page. Unlike the
 * rest of `data`, each of its keys is inherited by itself. */
extern const struct field_table INTENDED_EXTRAS;

/* A document for another room: policy, checks. */
struct snapshot_doc {
	const char *path;
	struct oid blob;
	const struct doc_node *node;	/* NULL when it did not parse (a problem says why) */
};

struct snapshot {
	struct oid commit;
	struct commit_info info;
	struct intended_device *devices;	/* sorted by name */
	size_t n_devices;
	const struct doc_node *policy;		/* fairlead.yaml, or NULL */
	struct oid policy_blob;			/* set with policy NULL: it did not parse */
	struct snapshot_doc *checks;		/* checks/ *.yaml and *.yml, in path order */
	size_t n_checks;
	struct problems problems;
	/* private */
	struct arena arena;
	struct map by_name;
	int64_t max_config_bytes;
	atomic_int refs;
};

struct snapshot_options {
	const char *config_template;	/* "sites/{site}/{device}.cfg", or NULL: discovery;
					 * {device} (required), {site}, {role}, {platform} */
	int64_t max_config_bytes;	/* 16 MiB when 0 */
};

/* Fails only when the commit cannot be read at all, or with ERR_USAGE for a
 * wrong template; bad content is in (*out)->problems. The caller holds one
 * reference. */
int snapshot_build(struct snapshot **out, struct repo *r, const struct oid *commit,
    const struct snapshot_options *o, struct err *err);
struct snapshot *snapshot_ref(struct snapshot *s);	/* thread-safe */
void snapshot_unref(struct snapshot *s);
const struct intended_device *snapshot_device(const struct snapshot *s, const char *name);

/* Append a device's intended text, read from the object database and checked:
 * ERR_CONTENT when empty, over the limit, not text (control bytes other than
 * TAB LF CR and ETX are refused with their line), or ERR_NOTFOUND when
 * unmanaged. On failure nothing is appended. Any thread, with its own repo. */
int snapshot_text(const struct snapshot *s, struct repo *r,
    const struct intended_device *d, struct buf *out, struct err *err);
/* The check behind it, also for a candidate from elsewhere. Appends problems;
 * returns 0 or ERR_CONTENT. Empty or blank text is an error: it would wipe.
 * Bytes of any eight-bit encoding pass; lines end with LF, at 1 MiB at most. */
int intended_text_check(const char *path, struct span text, struct problems *ps);

/*
 * Selectors: `leaf1`, `leaf*`, `site=dc1`, `role=leaf`, `group=spines`,
 * `tag=core`, `platform=arista_eos`; a comma means and, several selectors
 * mean or (as does a blank inside one). Values may hold globs. No selector at
 * all selects everything.
 */
struct selector;
/* ERR_USAGE says what is allowed. The selector lives in the arena. */
int selector_parse(struct selector **out, struct arena *a, const char *const *words,
    size_t n, struct err *err);
bool selector_match(const struct selector *s, const struct intended_device *d);

#endif
