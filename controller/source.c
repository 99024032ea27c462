/* SPDX-License-Identifier: Apache-2.0 */
#include "controller/source.h"

#include "base/log.h"

#define MAINTAIN_TIMEOUT_MS (2 * 60 * 1000)

static void
mirror_settings_of(const struct controller *c, struct mirror_settings *m, bool results,
    struct arena *a)
{
	const struct repository_settings *r = &c->settings.repository;
	const struct results_settings *s = &c->settings.results;

	memset(m, 0, sizeof(*m));
	m->dir = arena_printf(a, "%s/%s.git", c->settings.state,
	    results ? "results" : "mirror");
	m->self = c->self;
	m->shared = c->shared;
	m->timeout_ms = r->timeout_ms;
	m->max_bytes = r->max_bytes;
	m->url = results ? s->url : r->url;
	m->ssh_key = results ? s->ssh_key : r->ssh_key;
	m->ssh_known_hosts = results ? s->known_hosts : r->known_hosts;
	m->https_user = results ? s->user : r->user;
	m->https_ca = results ? s->ca : r->ca;
	secret_setting_source(results ? &s->token : &r->token, &m->https_token);
}

int
source_open(struct controller *c, struct err *err)
{
	struct mirror_settings m;
	int r;

	mirror_settings_of(c, &m, false, &c->arena);
	if ((r = mirror_open(&c->mirror, &m, c->sys, err)) != 0)
		return err_wrap(err, "repository");
	c->results = c->mirror;
	if (c->settings.results.url != NULL) {
		mirror_settings_of(c, &m, true, &c->arena);
		c->results = NULL;
		if ((r = mirror_open(&c->results, &m, c->sys, err)) != 0)
			return err_wrap(err, "results");
	}
	c->publish = &SOURCE_PUBLISH;
	return 0;
}

void
source_close(struct controller *c)
{
	if (c->results != c->mirror)
		mirror_close(c->results);
	mirror_close(c->mirror);
	c->mirror = c->results = NULL;
}

int
source_repo(const struct controller *c, struct repo **out, struct err *err)
{
	return repo_open(out, mirror_dir(c->mirror), err);
}

static int
fetched_head(struct controller *c, struct repo *repo, struct oid *out, struct err *err)
{
	struct buf ref = BUF_INIT;
	int r;

	buf_addf(&ref, "refs/remotes/origin/%s", c->settings.repository.branch);
	r = repo_resolve(repo, buf_str(&ref), out, err);
	buf_release(&ref);
	return r;
}

int
source_poll(struct controller *c, bool *moved, struct err *err)
{
	struct repo *repo = NULL;
	struct oid remote, have = { "" };
	int r;

	pthread_mutex_lock(&c->git_lock);
	r = mirror_remote_head(c->mirror, c->settings.repository.branch, &remote, err);
	pthread_mutex_unlock(&c->git_lock);
	if (r != 0 || (r = source_repo(c, &repo, err)) != 0)
		return r;
	*moved = fetched_head(c, repo, &have, NULL) != 0 || !oid_eq(&remote, &have);
	repo_close(repo);
	return 0;
}

static struct intent *
latest_if(struct controller *c, const struct oid *commit)
{
	struct intent *in = NULL;

	pthread_mutex_lock(&c->lock);
	if (c->latest != NULL && oid_eq(&c->latest->snapshot->commit, commit))
		in = intent_ref(c->latest);
	pthread_mutex_unlock(&c->lock);
	return in;
}

static void
keep_latest(struct controller *c, struct intent *in)
{
	struct intent *old;

	pthread_mutex_lock(&c->lock);
	old = c->latest;
	c->latest = intent_ref(in);
	pthread_mutex_unlock(&c->lock);
	intent_unref(old);
}

static int
intent_at(struct controller *c, struct repo *repo, const struct oid *commit,
    struct intent **out, struct err *err)
{
	int r;

	if ((*out = latest_if(c, commit)) != NULL)
		return 0;
	if ((r = intent_build(out, &c->settings, c->platforms, repo, commit, err)) != 0)
		return r;
	log_info("source", NULL, "commit %.12s: %zu devices, %zu errors, %zu warnings",
	    commit->hex, (*out)->snapshot->n_devices, (*out)->problems.errors,
	    (*out)->problems.n - (*out)->problems.errors);
	return 0;
}

int
source_fetch(struct controller *c, struct intent **out, struct err *err)
{
	struct oid was, now;
	int r;

	pthread_mutex_lock(&c->git_lock);
	r = mirror_fetch(c->mirror, c->settings.repository.branch, false, &was, &now, err);
	pthread_mutex_unlock(&c->git_lock);
	/* git/ knows what happened to the branch, not how people accept it. */
	if (r == ERR_HISTORY && !oid_none(&now))
		return err_next(err, "%s: `fairlead ack --rewrite %.12s`", err->next, now.hex);
	return r != 0 ? r : source_last(c, out, err);
}

int
source_rewritten(struct controller *c, struct oid *out, struct err *err)
{
	struct buf ref = BUF_INIT;
	struct repo *repo = NULL;
	int r;

	buf_addf(&ref, "refs/rewritten/%s", c->settings.repository.branch);
	if ((r = source_repo(c, &repo, err)) == 0)
		r = repo_resolve(repo, buf_str(&ref), out, err);
	repo_close(repo);
	buf_release(&ref);
	return r;
}

int
source_accept_rewrite(struct controller *c, const struct oid *head, struct err *err)
{
	int r;

	pthread_mutex_lock(&c->git_lock);
	r = mirror_accept_rewrite(c->mirror, c->settings.repository.branch, head, err);
	pthread_mutex_unlock(&c->git_lock);
	return r;
}

static bool
follows(struct repo *repo, const struct oid *old, const struct oid *new)
{
	return repo_is_ancestor(repo, old, new, NULL) == 1;
}

bool
source_follows(const struct controller *c, const char *applied, const struct oid *commit)
{
	struct buf meta = BUF_INIT;
	struct repo *repo = NULL;
	struct oid old, start;
	bool yes = false;

	if (oid_parse(applied, &old) && source_repo(c, &repo, NULL) == 0)
		yes = follows(repo, &old, commit) ||
		    (c->journal.ops->meta_get(c->journal.self, "rewrite", &meta, NULL) == 0 &&
		    oid_parse(buf_str(&meta), &start) && follows(repo, &start, commit) &&
		    !follows(repo, &start, &old));
	repo_close(repo);
	buf_release(&meta);
	return yes;
}

int
source_last(struct controller *c, struct intent **out, struct err *err)
{
	struct repo *repo = NULL;
	struct oid head;
	int r;

	if ((r = source_repo(c, &repo, err)) == 0 &&
	    (r = fetched_head(c, repo, &head, err)) == 0 &&
	    (r = intent_at(c, repo, &head, out, err)) == 0)
		keep_latest(c, *out);
	repo_close(repo);
	return r;
}

int
source_commit(struct controller *c, const char *commit, struct intent **out,
    struct err *err)
{
	struct repo *repo = NULL;
	struct oid oid;
	int r;

	if ((r = source_repo(c, &repo, err)) == 0 &&
	    (r = repo_resolve(repo, commit, &oid, err)) == 0)
		r = intent_at(c, repo, &oid, out, err);
	repo_close(repo);
	return r;
}

int
source_maintain(struct controller *c, struct err *err)
{
	int r;

	/* Beside fetches and readers, as git allows. */
	r = mirror_maintain(c->mirror, MAINTAIN_TIMEOUT_MS, err);
	if (r == 0 && c->results != c->mirror)
		r = mirror_maintain(c->results, MAINTAIN_TIMEOUT_MS, err);
	return r;
}

static int
source_publish(void *self, publish_render_fn render, void *ctx,
    struct publish_result *out, struct err *err)
{
	struct controller *c = self;
	struct publish_options o = {
		.branch = c->settings.results.branch,
		.name = c->settings.results.name,
		.email = c->settings.results.email,
		.attempts = 10,
	};
	int r;

	pthread_mutex_lock(&c->git_lock);
	r = publish(c->results, &o, render, ctx, out, c->sys, err);
	pthread_mutex_unlock(&c->git_lock);
	return r;
}

const struct publish_ops SOURCE_PUBLISH = { .publish = source_publish };
