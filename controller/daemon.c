/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads: main waits for signals; "git" polls the repository, begins a run
 * for each new head and empties the outbox; "recover" finishes what an earlier
 * process left; the socket has its own (socket.c); runs have one each.
 */
#include "controller/daemon.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "controller/api.h"
#include "controller/reconcile.h"
#include "controller/results.h"
#include "controller/source.h"

/* How often the mirrors are packed and old runs forgotten, and how many runs
 * the journal keeps; the results branch has them all. */
#define MAINTAIN_MS (6 * 60 * 60 * 1000)
#define KEEP_RUNS 1000
#define RECOVER_AGAIN_S 60	/* what could not be taken up is tried again */
#define WHO "poll"	/* asked for the runs of new commits */

struct daemon {
	struct controller *c;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	struct thread *git, *recovery;
	char last_error[512];		/* of the git thread, so it is said once */
	bool said;			/* and is in the journal */
	bool recovered;			/* runs ended that gated their devices */
	/* The git thread's own. */
	struct intent *reconciled;	/* what the last run was made for */
	bool again;			/* make one more for the same commit */
	struct mono maintained;		/* when the mirrors were packed last */
};

void
daemon_block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/*
 * The git thread.
 */

/* A device belongs to the run of a new commit when what Git says about it is
 * not what was applied, for whatever reason an earlier run did not do it, or
 * changed since the last one. */
static bool
concerns(void *ctx, const struct intended_device *d)
{
	const struct daemon *dm = ctx;
	const struct intended_device *before = dm->reconciled == NULL ? NULL :
	    snapshot_device(dm->reconciled->snapshot, d->name);
	struct device_record known;
	struct arena a = ARENA_INIT;
	bool yes;

	if (d->config_path == NULL)
		return false;
	yes = dm->c->journal.ops->device(dm->c->journal.self, d->name, &known, &a, NULL) != 0 ||
	    known.applied_blob == NULL || strcmp(known.applied_blob, d->blob.hex) != 0 ||
	    (before != NULL && !intent_device_same(before, d));
	arena_release(&a);
	return yes;
}

static int
begin_run(struct daemon *dm, struct intent *in, struct err *err)
{
	struct run_request request = { .who = WHO, .reason = "the branch moved",
		.only = concerns, .ctx = dm };
	struct run *run;
	int r;

	if ((r = run_begin(&run, dm->c, in, &request, err)) == 0)
		r = reconcile_start(run, err);
	if (r != 0 && r != ERR_NOTFOUND)
		return r;
	if (r == ERR_NOTFOUND) {
		log_info("run", NULL, "commit %.12s concerns no device",
		    in->snapshot->commit.hex);
		err_clear(err);
	}
	intent_unref(dm->reconciled);
	dm->reconciled = intent_ref(in);
	dm->again = false;
	return 0;
}

/* Whether the last run for a commit was for this one, and left nothing out. */
static int
judge_run(void *ctx, const void *record, struct arena *a)
{
	const struct run_record *run = record;
	const char **commit = ctx;

	(void)a;
	if (strcmp(run->who, WHO) != 0)
		return 0;
	if (strcmp(run->commit, *commit) == 0 && !run->open && run->error.code == NULL &&
	    run->skipped == 0 && run->failed == 0)
		*commit = NULL;
	return 1;
}

static bool
done_before(struct daemon *dm, const struct intent *in)
{
	const struct journal *j = &dm->c->journal;
	const char *commit = in->snapshot->commit.hex;

	return j->ops->runs(j->self, KEEP_RUNS, judge_run, &commit, NULL) == 0 &&
	    commit == NULL;
}

static int
follow(struct daemon *dm, struct err *err)
{
	struct intent *in = NULL;
	bool moved = false;
	int r;

	if ((r = source_poll(dm->c, &moved, err)) != 0)
		return r;
	r = moved ? source_fetch(dm->c, &in, err) : source_last(dm->c, &in, err);
	if (r == 0 && !dm->again && dm->reconciled == NULL && done_before(dm, in))
		dm->reconciled = intent_ref(in);
	if (r == 0 && (dm->again || dm->reconciled == NULL ||
	    !oid_eq(&dm->reconciled->snapshot->commit, &in->snapshot->commit)))
		r = begin_run(dm, in, err);
	intent_unref(in);
	return r;
}

/* In the log, and for `fairlead status`, when it changes. */
static void
say_once(struct daemon *dm, const struct err *err)
{
	const struct journal *j = &dm->c->journal;
	const struct journal_write w = { .meta = { { SOURCE_ERROR, err->text } } };

	if (strncmp(dm->last_error, err->text, sizeof(dm->last_error) - 1) != 0 ||
	    !dm->said)
		dm->said = j->ops->write(j->self, &w, NULL) == 0;
	if (err->code == 0 && dm->last_error[0] != '\0')
		log_info("source", NULL, "the repository answers again");
	else if (err->code != 0 && strncmp(dm->last_error, err->text,
	    sizeof(dm->last_error) - 1) != 0)
		log_warn("source", NULL, "%s%s%s", err->text,
		    err->next[0] != '\0' ? "; " : "", err->next);
	snprintf(dm->last_error, sizeof(dm->last_error), "%.511s", err->text);
}

static bool
wait_for_next(struct daemon *dm)
{
	int ms = sys_real_ms(dm->c->sys, dm->c->settings.repository.poll_ms);
	struct timespec until = cond_until(ms);
	bool stop;

	pthread_mutex_lock(&dm->lock);
	while (!dm->stop && !dm->recovered &&
	    pthread_cond_timedwait(&dm->wake, &dm->lock, &until) != ETIMEDOUT)
		;
	stop = dm->stop;
	dm->again = dm->again || dm->recovered;
	dm->recovered = false;
	pthread_mutex_unlock(&dm->lock);
	return !stop;
}

/* Every poll and report leaves loose objects, every run its rows. */
static void
maintain(struct daemon *dm)
{
	const struct journal *j = &dm->c->journal;
	const struct journal_write w = { .keep_runs = KEEP_RUNS };
	struct mono now = sys_mono(dm->c->sys);
	struct err err = ERR_INIT;

	if (mono_diff_ms(now, dm->maintained) < MAINTAIN_MS)
		return;
	dm->maintained = now;
	if (source_maintain(dm->c, &err) != 0)
		log_warn("source", NULL, "packing: %s", err.text);
	if (j->ops->write(j->self, &w, &err) != 0)
		log_warn("journal", NULL, "forgetting old runs: %s", err.text);
}

static void
git_main(void *arg)
{
	struct daemon *dm = arg;
	struct err err;

	do {
		err = (struct err)ERR_INIT;
		follow(dm, &err);
		say_once(dm, &err);
		err_clear(&err);
		results_publish(dm->c, &err);
		maintain(dm);
		if (!controller_alone(dm->c)) {
			log_error("daemon", NULL, "the state directory was removed: stopping");
			kill(getpid(), SIGTERM);
		}
	} while (wait_for_next(dm));
}

static void
note_recovered(void *ctx, const struct run_record *run)
{
	log_info("recover", NULL, "run %s, which was interrupted, is decided", run->id);
	*(bool *)ctx = true;
}

/* Reports go out, and the devices that were left out get their run. */
static void
say_recovered(struct daemon *dm, bool *any)
{
	struct err err = ERR_INIT;

	if (!*any)
		return;
	*any = false;
	results_publish(dm->c, &err);
	pthread_mutex_lock(&dm->lock);
	dm->recovered = true;
	pthread_cond_signal(&dm->wake);
	pthread_mutex_unlock(&dm->lock);
}

static void
recover_main(void *arg)
{
	struct daemon *dm = arg;
	struct err err = ERR_INIT;
	bool any = false;

	while (recover(dm->c, note_recovered, &any, &err) != 0 &&
	    !admit_stopping(dm->c->admit)) {
		log_error("recover", NULL, "%s", err.text);
		err_clear(&err);
		say_recovered(dm, &any);
		for (int s = 0; s < RECOVER_AGAIN_S && !admit_stopping(dm->c->admit); s++)
			sys_sleep_ms(dm->c->sys, 1000);
	}
	say_recovered(dm, &any);
}

/*
 * Main.
 */
static void
wait_for_signal(void)
{
	sigset_t set;
	int signal_number;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	while (sigwait(&set, &signal_number) != 0)
		;
	log_info("daemon", NULL, "stopping: what is in change ends, nothing new starts; a "
	    "second signal leaves at once");
	/* From now on the default action: the second signal ends us. */
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void
stop_all(struct daemon *dm, struct api_server *server)
{
	struct controller *c = dm->c;
	struct err err = ERR_INIT;

	admit_stop(c->admit);
	pthread_mutex_lock(&dm->lock);
	dm->stop = true;
	pthread_cond_signal(&dm->wake);
	pthread_mutex_unlock(&dm->lock);
	if (dm->git != NULL)
		thread_join(dm->git);
	if (dm->recovery != NULL)
		thread_join(dm->recovery);
	pthread_mutex_lock(&c->lock);
	while (c->runs > 0)
		pthread_cond_wait(&c->runs_done, &c->lock);
	pthread_mutex_unlock(&c->lock);
	api_server_stop(server);	/* watchers have seen the ends of their runs */
	results_publish(c, &err);
	log_info("daemon", NULL, "stopped");
}

int
daemon_run(struct controller *c, struct err *err)
{
	struct daemon dm = { .c = c, .maintained = sys_mono(c->sys) };
	struct api_server *server = NULL;
	int r;

	c->daemon = true;
	pthread_mutex_init(&dm.lock, NULL);
	cond_init(&dm.wake);
	if ((r = thread_start(&dm.recovery, "recover", recover_main, &dm, err)) == 0 &&
	    (r = api_server_start(&server, c, err)) == 0 &&
	    (r = thread_start(&dm.git, "git", git_main, &dm, err)) == 0) {
		log_info("daemon", NULL, "ready: instance %s, branch %s, default mode %s",
		    c->settings.instance, c->settings.repository.branch,
		    mode_word((enum mode)c->settings.mode));
		wait_for_signal();
	}
	stop_all(&dm, server);
	intent_unref(dm.reconciled);
	pthread_mutex_destroy(&dm.lock);
	pthread_cond_destroy(&dm.wake);
	return r;
}
