/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One commit becomes one snapshot. The steps stand in snapshot_fill(); each
 * adds to the same list of problems and none stops the next. After the build
 * nothing changes but the count of references, so threads share a snapshot
 * without a lock.
 */
#include "intended/snapshot.h"

#include <assert.h>
#include <stdlib.h>

#include "intended/discover.h"

#define CONFIG_BYTES	((int64_t)16 << 20)

static const struct doc_pos NOWHERE = { 0, 0 };

/* Parse a document that discovery found. *node stays NULL, with a problem
 * added, when its content is wrong. */
static int
document_read(struct snapshot *s, struct repo *r, const struct found *f,
    const struct doc_limits *limits, const struct doc_node **node, struct err *err)
{
	struct buf text = BUF_INIT;
	struct doc_node *root = NULL;
	int rc;

	*node = NULL;
	if (f->kind != ENTRY_FILE)
		return 0;	/* discovery said so */
	if (f->size > (int64_t)limits->max_bytes) {
		problem_add(&s->problems, SEV_ERROR, f->path, NOWHERE,
		    "%lld bytes: at most %zu", (long long)f->size, limits->max_bytes);
		return 0;
	}
	rc = repo_blob(r, &f->blob, limits->max_bytes, &text, err);
	if (rc == 0 && doc_parse_yaml(&root, &s->arena, f->path, buf_span(&text), limits,
	    &s->problems) == 0)
		*node = root;
	buf_release(&text);
	return rc;
}

static int
inventory_fill(struct snapshot *s, struct repo *r, const struct discovery *d,
    struct err *err)
{
	struct inventory_docs docs = { 0 };

	for (int k = 0; k < INVENTORY_KINDS; k++) {
		const struct found *f = &d->inventory[k];
		int rc = f->path == NULL ? 0 : document_read(s, r, f,
		    &DOC_LIMITS_INVENTORY, &docs.node[k], err);

		if (rc != 0)
			return rc;
		docs.broken[k] = f->path != NULL && docs.node[k] == NULL;
	}
	if (d->inventory[INVENTORY_HOSTS].path == NULL)
		problem_add(&s->problems, SEV_ERROR, INVENTORY_PATHS[INVENTORY_HOSTS], NOWHERE,
		    "missing: it lists the devices (\"fairlead init\" writes one to start from)");
	inventory_read(&s->devices, &s->n_devices, &docs, &s->arena, &s->problems);
	map_init(&s->by_name, &s->arena);
	for (size_t i = 0; i < s->n_devices; i++)
		map_put(&s->by_name, s->devices[i].name, &s->devices[i]);
	return 0;
}

static int
documents_fill(struct snapshot *s, struct repo *r, const struct discovery *d,
    struct err *err)
{
	int rc = 0;

	if (d->policy.path != NULL) {
		s->policy_blob = d->policy.blob;
		rc = document_read(s, r, &d->policy, &DOC_LIMITS, &s->policy, err);
	}
	s->checks = arena_calloc(&s->arena, d->n_checks, sizeof(s->checks[0]));
	for (size_t i = 0; i < d->n_checks && rc == 0; i++) {
		struct snapshot_doc *doc = &s->checks[s->n_checks++];

		doc->path = d->checks[i].path;
		doc->blob = d->checks[i].blob;
		rc = document_read(s, r, &d->checks[i], &DOC_LIMITS, &doc->node, err);
	}
	return rc;
}

static int
snapshot_fill(struct snapshot *s, struct repo *r, const struct snapshot_options *o,
    struct err *err)
{
	struct discovery d;
	int rc = repo_commit(r, &s->commit, &s->arena, &s->info, err);

	if (rc == 0)
		rc = discover(&d, r, &s->commit, o->config_template, &s->arena, &s->problems,
		    err);
	if (rc == 0)
		rc = inventory_fill(s, r, &d, err);
	if (rc == 0)
		rc = documents_fill(s, r, &d, err);
	if (rc == 0)
		discover_assign(&d, s->devices, s->n_devices, &s->by_name,
		    s->max_config_bytes);
	return rc;
}

int
snapshot_build(struct snapshot **out, struct repo *r, const struct oid *commit,
    const struct snapshot_options *o, struct err *err)
{
	struct snapshot *s = mem_zalloc(sizeof(*s));
	int rc;

	s->commit = *commit;
	s->max_config_bytes = o->max_config_bytes > 0 ? o->max_config_bytes : CONFIG_BYTES;
	atomic_init(&s->refs, 1);
	problems_init(&s->problems, &s->arena);
	rc = snapshot_fill(s, r, o, err);
	if (rc == 0)
		*out = s;
	else
		snapshot_unref(s);
	return rc;
}

struct snapshot *
snapshot_ref(struct snapshot *s)
{
	int before = atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);

	assert(before > 0);
	(void)before;
	return s;
}

void
snapshot_unref(struct snapshot *s)
{
	/* What other threads did with it must be over before it is freed. */
	if (s == NULL || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
		return;
	arena_release(&s->arena);
	free(s);
}

const struct intended_device *
snapshot_device(const struct snapshot *s, const char *name)
{
	return map_get(&s->by_name, name);
}

/* What discovery found out without reading. */
static int
text_usable(const struct snapshot *s, const struct intended_device *d, struct err *err)
{
	if (d->config_path == NULL) {
		err_set(err, ERR_NOTFOUND, "%s is unmanaged: it has no configuration in the "
		    "repository", d->name);
		return err_next(err, "commit one, or run: fairlead adopt %s", d->name);
	}
	if (oid_none(&d->blob))
		err_set(err, ERR_CONTENT, "%s: not usable as the configuration of %s",
		    d->config_path, d->name);
	else if (d->size == 0)
		err_set(err, ERR_CONTENT, "%s is empty: it would wipe %s", d->config_path,
		    d->name);
	else if (d->size > s->max_config_bytes)
		err_set(err, ERR_CONTENT, "%s is %lld bytes, at most %lld", d->config_path,
		    (long long)d->size, (long long)s->max_config_bytes);
	else
		return 0;
	return err_next(err, "fairlead lint says what is wrong with it");
}

static int
text_error(const struct problems *ps, struct err *err)
{
	struct buf first = BUF_INIT;
	size_t i = 0;

	while (ps->v[i].severity != SEV_ERROR)
		i++;
	problem_format(&ps->v[i], &first);
	if (ps->errors > 1)
		buf_addf(&first, " (and %zu more)", ps->errors - 1);
	err_set(err, ERR_CONTENT, "%s", buf_str(&first));
	buf_release(&first);
	return err_next(err, "fairlead lint says what is wrong with it");
}

int
snapshot_text(const struct snapshot *s, struct repo *r,
    const struct intended_device *d, struct buf *out, struct err *err)
{
	struct arena tmp = ARENA_INIT;
	struct problems ps;
	size_t before = out->len;
	int rc = text_usable(s, d, err);

	if (rc != 0)
		return rc;
	problems_init(&ps, &tmp);
	rc = repo_blob(r, &d->blob, (size_t)s->max_config_bytes, out, err);
	if (rc == 0 && intended_text_check(d->config_path, span_of(out->data + before,
	    out->len - before), &ps) != 0)
		rc = text_error(&ps, err);
	if (rc != 0)
		buf_cut(out, before);
	arena_release(&tmp);
	return rc;
}
