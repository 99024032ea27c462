/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One device's job, against the device of controller_device.h. The controller
 * around it is whole: settings, a repository, the SQLite journal.
 *
 * After each case everything that was seen is judged, whatever the case was
 * about; a test lists all its bad cases before it fails.
 */
#include "intended_repo.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "controller/copies.h"
#include "controller/job.h"
#include "controller/reconcile.h"
#include "controller/results.h"
#include "controller/source.h"
#include "controller_device.h"

#define TIMER (60 * S)
#define PATIENCE (TIMER + 5 * S + 600 * S)	/* timer, margin, AWAY_MS of job_undo.c */

/*
 * The controller, its clock, and a disk that is full.
 */
static const struct variant {
	const char *device, *words;
	bool own, knows;
} VARIANTS[] = {
	{ "any1", "any session confirms", false, true },
	{ "any1", "any session confirms, running must tell", false, false },
	{ "own1", "one session confirms", true, true },
};

static struct {
	struct sys sys;
	struct controller *c;
	struct intent *intent;
	struct journal_ops journal;	/* the real one, but for write */
	const struct journal_ops *real;
	struct job_record planned[N(VARIANTS)];
	struct arena arena;
	char dir[64];
	struct run_record run;		/* of this case */
	const char *device, *name;
	int n_runs, n_bad;
} W;

static struct mono
fake_mono(struct sys *sys)
{
	(void)sys;
	return (struct mono){ F.now_ms * 1000000 };
}

static struct wall
fake_wall(struct sys *sys)
{
	(void)sys;
	return (struct wall){ (1800000000000 + F.now_ms + F.jump_ms) * 1000 };
}

static void
fake_sleep(struct sys *sys, struct mono t)
{
	(void)sys;
	if (t.ns / 1000000 > F.now_ms)
		F.now_ms = t.ns / 1000000;
}

static int
fake_write(void *self, const struct journal_write *w, struct err *err)
{
	int state = w->job != NULL ? w->job->state : 0, r;
	bool full = F.now_ms < F.full_until;

	if (state != 0 && state == F.full_at) {
		F.full_at = 0;
		F.full_until = F.now_ms + F.full_ms;
		full = true;
	}
	if (full)
		return err_set(err, ERR_FULL, "journal: no space");
	if (state == JOB_CONFIRMING && F.twist == SLOW_ROW)
		F.now_ms += 6 * S;
	if ((r = W.real->write(self, w, err)) == 0 && state != 0)
		F.on_disk = state;
	return r;
}

#define SHOWS "[{exec: [x], result: true}]\n"
#define DOES "[{exec: [x], success: x}]\n"
#define DEFINITION(name, confirm, drop) \
	"name: " name "\ntitle: T\ntransport: exec\n" \
	"capabilities: {candidate: true, native_diff: true, check: true, timer: true,\n" \
	"  confirm: " confirm ", on_disconnect: " drop ", reboot_reverts: true,\n" \
	"  startup: true, timer_min: 1s, timer_max: 1h, timer_margin: 5s, settle: 2s,\n" \
	"  proof: simulator}\ngrammar: {syntax: indent}\n" \
	"identity: {compare_hostname: false, compare_serial: false, steps: [\n" \
	"  {exec: [x], success: '^(?<hostname>\\S+)'}]}\n" \
	"verbs:\n  running: " SHOWS "  diff: " SHOWS "  startup_same: [{answer: same}]\n" \
	"  pending: [{answer: none}]\n  outcome: [{answer: compare}]\n" \
	"  stage: " DOES "  check: " DOES "  arm: " DOES "  confirm: " DOES \
	"  revert: " DOES "  discard: " DOES "  save: " DOES

static const char *
write_file(const char *name, const char *text)
{
	const char *path = arena_printf(&W.arena, "%s/%s", W.dir, name);
	struct err err = ERR_INIT;

	assert_code(0, file_write_atomic(sys_real(), path, text, strlen(text), 0600, &err), &err);
	return path;
}

static const char *
write_world(void)
{
	struct err err = ERR_INIT;

	repo_begin(NULL);
	commit_begin();
	add("inventory/hosts.yaml", "any1: {hostname: 192.0.2.1, platform: any}\n"
	    "own1: {hostname: 192.0.2.2, platform: own}\n");
	add("configs/any1.cfg", NEW);
	add("configs/own1.cfg", NEW);
	add("checks/up.yaml", "checks: [{id: up, run: show state, match: Established}]\n");
	commit_end();
	snprintf(W.dir, sizeof(W.dir), "%s/fairlead-job-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(W.dir));
	file_mkdirs(arena_printf(&W.arena, "%s/platforms", W.dir), 0700, &err);
	write_file("platforms/any.yaml", DEFINITION("any", "any-session", "timer-runs"));
	write_file("platforms/own.yaml", DEFINITION("own", "arming-session", "reverts-at-once"));
	return write_file("settings.yaml", arena_printf(&W.arena,
	    "state: %s/state\nplatforms: %s/platforms\nrepository: {url: %s}\nmode: auto\n"
	    "credentials: {default: {read: {user: u, key: /k}, write: {user: u, key: /k}}}\n"
	    "deploy: {timer: 60s}\nlimits: {workers: 2}\n", W.dir, W.dir, repo_dir));
}

static void
new_device(const struct variant *v)
{
	struct device *d;

	while ((d = F.sessions) != NULL) {
		F.sessions = d->next;
		free(d);
	}
	buf_release(&F.ever);
	buf_release(&F.wrong);
	memset(&F, 0, sizeof(F));
	F.running = F.startup = F.found = OLD;
	F.say = -1;
	F.own = v->own;
	F.knows = v->knows;
	F.now_ms = 1000 * S;
	W.device = v->device;
}

static int
world_begin(void **state)
{
	struct err err = ERR_INIT;
	struct problems ps;

	(void)state;
	log_init(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_ERROR_, LOG_FORM_TEXT);
	problems_init(&ps, &W.arena);
	if (controller_open(&W.c, write_world(), "fairlead", sys_real(), false, &ps,
	    &err) != 0)
		fail_msg("%s: %s", err.text, problems_text(&ps));
	assert_code(0, source_fetch(W.c, &W.intent, &err), &err);
	W.sys = *sys_real();
	W.sys.mono = fake_mono;
	W.sys.wall = fake_wall;
	W.sys.sleep_until = fake_sleep;
	W.c->sys = &W.sys;
	W.c->devices = &FAKE;
	W.real = W.c->journal.ops;
	W.journal = *W.real;
	W.journal.write = fake_write;
	W.c->journal.ops = &W.journal;
	for (size_t i = 0; i < N(VARIANTS); i++) {
		new_device(&VARIANTS[i]);
		assert_code(0, plan_device(W.c, W.intent, snapshot_device(W.intent->snapshot,
		    W.device), NULL, &W.planned[i], &W.arena, &err), &err);
		assert_int_equal(W.planned[i].end, END_NONE);
	}
	return 0;
}

static int
world_end(void **state)
{
	new_device(&VARIANTS[0]);
	W.c->journal.ops = W.real;
	intent_unref(W.intent);
	controller_close(W.c);
	file_rmtree(W.dir, NULL);
	arena_release(&W.arena);
	return repo_end(state);
}

/* A run with one job, on a device of which nothing is known. */
static void
begin(const char *name, struct job_record rec)
{
	const struct device_record known = { .device = W.device };
	const struct journal_write w = { .run = &W.run, .job = &rec, .device = &known };
	struct err err = ERR_INIT;

	W.name = name;
	W.run = (struct run_record){ .id = arena_printf(&W.arena, "r%06d", ++W.n_runs),
		.commit = rec.commit, .who = "test", .open = true };
	rec.run = W.run.id;
	F.on_disk = rec.state;
	results_keep_running(W.c, W.device, platform_dialect(platforms_find(W.c->platforms,
	    rec.platform)), span_str(OLD));
	assert_code(0, W.real->write(W.c->journal.self, &w, &err), &err);
}

static struct job *
new_job(void)
{
	static const struct permission first = { .person = true, .first = true };
	struct err err = ERR_INIT;
	struct job *j = NULL;

	assert_code(0, job_new(&j, W.c, W.intent, &W.run, &first, W.device, &err), &err);
	return j;
}

static void
count_recovered(void *ctx, const struct run_record *run)
{
	assert_false(run->open);
	++*(size_t *)ctx;
}

static void
next_process(void)
{
	struct err err = ERR_INIT;
	size_t n = 0;

	assert_code(0, recover(W.c, count_recovered, &n, &err), &err);
	assert_int_equal(n, 1);
}

/*
 * The verdict, as one letter.
 */
static const char ENDS[] = {
	[END_NONE] = '-', [END_DEPLOYED] = 'D', [END_UNCHANGED] = 'U', [END_REFUSED] = 'X',
	[END_FAILED] = 'F', [END_REVERTED] = 'R', [END_SKIPPED] = 'S', [END_QUARANTINED] = 'Q',
};

static void
expect(bool holds, const char *what, const char *seen)
{
	if (holds)
		return;
	print_error("%s; %s: %s: %s\n", W.device, W.name, what, seen != NULL ? seen : "");
	W.n_bad++;
}

static void
test_end(void)
{
	int bad = W.n_bad;

	W.n_bad = 0;
	assert_int_equal(bad, 0);
}

static int
count_end(void *ctx, const void *record, struct arena *a)
{
	(void)a;
	*(int *)ctx += strcmp(((const struct event *)record)->what, "ended") == 0;
	return 0;
}

/* What the device went through must fit the end: which configurations were
 * ever active, what runs, what it would load, that nothing is left behind. */
static void
judge_device(char end)
{
	const char *ever = buf_str(&F.ever);

	tick();
	expect(F.wrong.len == 0, "wrong", buf_str(&F.wrong));
	for (const struct device *d = F.sessions; d != NULL; d = d->next)
		expect(!d->open, "a session was left open", NULL);
	/* One try in two seconds, and the straight line. */
	expect(F.count[OPEN] < PATIENCE / (2 * S) + 8, "was asked without end", NULL);
	expect(F.count[ARM] <= 1 && F.count[CONFIRM] <= 1, "armed or confirmed twice", ever);
	expect(F.count[REVERT] <= 3 && F.count[SAVE] <= 4, "reverted or saved too often", NULL);
	expect(F.foreign == (F.twist == BUSY || F.twist == TAKEN_OVER), "somebody else's "
	    "change was touched", NULL);
	if (end == 'Q')
		return;
	expect(!F.armed && F.staged[0] == '\0', "something was left on it", NULL);
	expect(F.running == (end == 'D' ? NEW : end == 'R' ? OLD : F.found), "now runs",
	    F.running);
	if (end == 'D')
		expect(ever[0] != 'O' && strcmp(ever, "NO") != 0 && F.startup == NEW,
		    "not saved, or ran", ever);
	else if (end == 'R')
		expect(strcmp(ever, "NON") != 0 && F.startup == OLD, "saved, or ran", ever);
	else
		expect(ever[0] == '\0', "it was active", ever);
}

static void
judge_known(const struct job_record *rec, const struct device_record *known, char want)
{
	bool good = want == 'D' || want == 'U';

	expect((known->applied_run != NULL) == good && (known->held != NULL) == (want == 'R') &&
	    (known->quarantined != NULL) == (want == 'Q'), "the device record says",
	    known->last_end);
	if (good && known->applied_run != NULL)
		expect(strcmp(known->applied_hash, rec->new_hash) == 0 &&
		    strcmp(known->applied_commit, rec->commit) == 0 &&
		    strcmp(known->applied_blob, rec->blob) == 0 &&
		    strcmp(known->applied_run, rec->run) == 0 &&
		    known->sync == SYNC_IN_SYNC, "what was applied is not recorded", NULL);
}

static void
judge(char want)
{
	const char wanted[] = { ' ', 'n', 'o', 't', ' ', want, '\0' };
	const struct journal_write w = { .run = &W.run };
	struct device_record known;
	struct arena a = ARENA_INIT;
	struct err err = ERR_INIT;
	struct buf copy = BUF_INIT;
	struct job_record rec;
	int ends = 0;

	assert_code(0, W.real->job(W.c->journal.self, W.run.id, W.device, &rec, &a, &err), &err);
	assert_code(0, W.real->device(W.c->journal.self, W.device, &known, &a, &err), &err);
	W.real->events(W.c->journal.self, W.run.id, 0, 10000, count_end, &ends, &err);
	expect(ENDS[rec.end] == want, arena_printf(&a, "%s,%s", job_end_word(
	    (enum job_end)rec.end), wanted), rec.why);
	expect(ends == 1 && rec.state == JOB_FINISHED && rec.why != NULL && rec.finished != NULL,
	    "not one final record", job_state_word((enum job_state)rec.state));
	if (ENDS[rec.end] == want)
		judge_known(&rec, &known, want);
	judge_device(want);
	expect(F.count[ARM] == 0 || (rec.copy != NULL && copy_read(W.c, rec.copy, &copy,
	    &err) == 0 && span_is(buf_span(&copy), OLD)), "armed without a copy", err.text);
	buf_wipe(&copy);
	arena_release(&a);
	W.run.open = false;	/* so that no later recovery finds it */
	W.real->write(W.c->journal.self, &w, &err);
}

/*
 * Scenes: each is played to its end by one process, and by two, of which the
 * first is killed where something fails.
 */
struct scene {
	const char *name, *ends;	/* letters: one process, two */
	enum op never;			/* must not be done */
	enum twist twist;
	struct mishap faults[2];
	int full_at;			/* enum job_state */
	int64_t full_ms;
};

static void
play(const struct scene *s, const struct variant *v, bool killed)
{
	struct job *j;

	new_device(v);
	memcpy(F.faults, s->faults, sizeof(F.faults));
	F.full_at = s->full_at;
	F.full_ms = s->full_ms;
	F.twist = s->twist;
	F.foreign = s->twist == BUSY;
	if (s->twist == EDITED || s->twist == AS_INTENDED)
		F.running = F.startup = F.found = s->twist == EDITED ? NEITHER : NEW;
	if (s->twist == UNSAVED)
		F.startup = NEITHER;
	begin(arena_printf(&W.arena, "%s; %s%s%s", v->words, s->name, killed ? ", killed" : "",
	    s->full_ms > 0 ? ", for long" : ""), W.planned[v - VARIANTS]);
	j = new_job();
	if (!killed)
		job_run(j);
	else if (job_arm(j) == 0)
		job_finish(j);
	job_free(j);
	if (killed)
		next_process();
	judge(s->ends[killed]);
	expect(s->never == NOTHING || F.count[s->never] == 0, "was done", OP_WORDS[s->never]);
}

static void
play_all(const struct scene *scenes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t v = 0; v < N(VARIANTS); v++) {
			/* Where the session holds the change, hanging up is the revert. */
			if (VARIANTS[v].own && (scenes[i].twist == STUCK ||
			    scenes[i].faults[0].kind == LIE))
				continue;
			play(&scenes[i], &VARIANTS[v], false);
			play(&scenes[i], &VARIANTS[v], true);
		}
	test_end();
}

static void
job__goes_straight_to_deployed(void **state)
{
	static const int TIMES[OPS_N] = { [OPEN] = 2, [PENDING] = 2, [RUNNING] = 2, [STARTUP] = 1,
		[RUN] = 2, [STAGE] = 1, [DIFF] = 1, [CHECK] = 1, [ARM] = 1, [READBACK] = 1,
		[CONFIRM] = 1, [SAVE] = 1 };
	static const struct scene straight = { .name = "straight", .ends = "DD" };

	(void)state;
	for (size_t v = 0; v < N(VARIANTS); v++) {
		play(&straight, &VARIANTS[v], false);
		for (int op = NOTHING; op < OPS_N; op++)
			expect(F.count[op] == TIMES[op], "not as often", OP_WORDS[op]);
		expect(strcmp(buf_str(&F.ever), "N") == 0, "it ran", buf_str(&F.ever));
	}
	test_end();
}

static const struct {
	enum op op;
	int nth, code;
	const char *one, *two;	/* said no, cut before, cut after: one process, two */
} STEPS[] = {
	{ OPEN, 1, ERR_UNREACHABLE, "FFF", "FFF" },
	{ OPEN, 1, ERR_IDENTITY, "XFF", "FFF" },
	{ PENDING, 1, 0, "FFF", "FFF" },
	{ RUNNING, 1, 0, "FFF", "FFF" },
	{ STARTUP, 1, 0, "FFF", "FFF" },
	{ RUN, 1, 0, "XXX", "FFF" },	/* a check that cannot be asked has not passed */
	{ STAGE, 1, ERR_REJECTED, "XFF", "FFF" },
	{ DIFF, 1, 0, "FFF", "FFF" },
	{ CHECK, 1, ERR_REJECTED, "XFF", "FFF" },
	{ RUNNING, 2, 0, "FFF", "FFF" },
	{ ARM, 1, ERR_BUSY, "XRR", "RRR" },
	{ ARM, 1, ERR_UNPROVEN, "RRR", "RRR" },
	{ OPEN, 2, ERR_TIMEOUT, "RRR", "RRR" },
	{ READBACK, 1, 0, "RRR", "RRR" },
	{ RUN, 2, 0, "RRR", "RRR" },
	{ PENDING, 2, 0, "RRR", "RRR" },
	{ CONFIRM, 1, 0, "RRD", "RRD" },
	{ SAVE, 1, 0, "DDD", "DDD" },
};

static void
job__ends_right_wherever_one_step_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3 * N(STEPS); i++)
		for (size_t v = 0; v < N(VARIANTS); v++) {
			enum kind kind = (enum kind)(NO + i % 3);
			const char ends[] = { STEPS[i / 3].one[i % 3], STEPS[i / 3].two[i % 3] };
			const struct scene s = { .ends = ends,
				.name = arena_printf(&W.arena, "%s %d: %s",
				    OP_WORDS[STEPS[i / 3].op], STEPS[i / 3].nth, KIND_WORDS[kind]),
				.faults = { { STEPS[i / 3].op, STEPS[i / 3].nth, kind,
				    STEPS[i / 3].code, 0, 0 } } };

			play(&s, &VARIANTS[v], false);
			if (kind != NO)		/* killed, it heard nothing */
				play(&s, &VARIANTS[v], true);
		}
	test_end();
}

#define CUT(op, nth, kind) { op, nth, kind, 0, 0, 0 }
#define LATE(op, nth, seconds) { op, nth, FINE, 0, 0, (seconds) * S }
static const struct scene WORSE[] = {
	{ "somebody has a change pending", "XF", STAGE, BUSY, {}, 0, 0 },
	{ "its startup is not saved", "XF", STAGE, UNSAVED, {}, 0, 0 },
	{ "running was edited since the plan", "XF", STAGE, EDITED, {}, 0, 0 },
	{ "running is as intended by now", "UU", STAGE, AS_INTENDED, {}, 0, 0 },
	{ "it sees no difference", "XF", ARM, NO_DIFF, {}, 0, 0 },
	{ "running is edited after it was read", "XF", ARM, MOVED, {}, 0, 0 },
	{ "a check after fails", "RR", CONFIRM, CHECK_FAILS, {}, 0, 0 },
	{ "somebody takes over while we prove", "QQ", REVERT, TAKEN_OVER, {}, 0, 0 },
	{ "never an answer after arm", "QQ", CONFIRM, PLAIN,
	    { CUT(READBACK, 1, NO), CUT(OUTCOME, 0, NO) }, 0, 0 },
	{ "never an answer after confirm", "QQ", SAVE, PLAIN,
	    { CUT(CONFIRM, 1, AFTER), CUT(OUTCOME, 0, BEFORE) }, 0, 0 },
	{ "its timer must revert", "RR", CONFIRM, PLAIN,
	    { CUT(READBACK, 1, NO), CUT(REVERT, 0, NO) }, 0, 0 },
	{ "not even its timer reverts", "QQ", CONFIRM, STUCK,
	    { CUT(READBACK, 1, AFTER), CUT(REVERT, 0, NO) }, 0, 0 },
	{ "arm and revert are not answered", "RR", CONFIRM, PLAIN,
	    { CUT(ARM, 1, AFTER), CUT(REVERT, 1, AFTER) }, 0, 0 },
	{ "it refuses to arm, and did", "RR", CONFIRM, PLAIN,
	    { { ARM, 1, LIE, ERR_REJECTED, 0, 0 } }, 0, 0 },
	{ "running is not shown at first", "RR", CONFIRM, PLAIN,
	    { CUT(READBACK, 1, BEFORE), CUT(RUNNING, 3, BEFORE) }, 0, 0 },
	{ "it is never saved", "QQ", REVERT, PLAIN, { CUT(SAVE, 0, NO) }, 0, 0 },
	{ "it restarts while armed", "RR", CONFIRM, RESTARTS, { CUT(READBACK, 1, BEFORE) }, 0, 0 },
	{ "it restarts before the save", "RR", REVERT, RESTARTS, { CUT(SAVE, 1, BEFORE) }, 0, 0 },
	{ "it restarts after the save", "DD", REVERT, RESTARTS, { CUT(SAVE, 1, AFTER) }, 0, 0 },
	/* A confirm must not come near the timer's end. */
	{ "slow, and in time", "DD", REVERT, PLAIN, { LATE(READBACK, 1, 50) }, 0, 0 },
	{ "slow, 2 s are left", "RR", CONFIRM, PLAIN, { LATE(READBACK, 1, 56) }, 0, 0 },
	{ "slow, and too late", "RR", CONFIRM, PLAIN, { LATE(READBACK, 1, 70) }, 0, 0 },
	{ "slow, 5 s are left, pending takes 4", "RR", CONFIRM, PLAIN,
	    { LATE(READBACK, 1, 53), LATE(PENDING, 2, 4) }, 0, 0 },
	{ "slow, 5 s are left, the row takes 6", "RR", CONFIRM, SLOW_ROW,
	    { LATE(READBACK, 1, 53) }, 0, 0 },
};

static void
job__stays_careful_when_more_goes_wrong(void **state)
{
	(void)state;
	play_all(WORSE, N(WORSE));
}

#define AWAY(op, nth, kind, ms) { { op, nth, kind, 0, ms, 0 } }, 0, 0
static const struct scene GONE[] = {
	{ "arm, back in time", "RR", CONFIRM, PLAIN, AWAY(ARM, 1, AFTER, 20 * S) },
	{ "arm", "RR", CONFIRM, PLAIN, AWAY(ARM, 1, AFTER, 2 * TIMER) },
	{ "arm, to the last", "RR", CONFIRM, PLAIN, AWAY(ARM, 1, AFTER, PATIENCE - 10 * S) },
	{ "arm, longer", "QQ", CONFIRM, PLAIN, AWAY(ARM, 1, AFTER, PATIENCE + 10 * S) },
	{ "arm, for ever", "QQ", CONFIRM, PLAIN, AWAY(ARM, 1, AFTER, FOREVER) },
	{ "proof", "RR", CONFIRM, PLAIN, AWAY(OPEN, 2, BEFORE, 2 * TIMER) },
	{ "proof, for ever", "QQ", CONFIRM, PLAIN, AWAY(OPEN, 2, BEFORE, FOREVER) },
	{ "confirm, not done", "RR", SAVE, PLAIN, AWAY(CONFIRM, 1, BEFORE, 2 * TIMER) },
	{ "confirm, done", "DD", REVERT, PLAIN, AWAY(CONFIRM, 1, AFTER, 2 * TIMER) },
	{ "confirm, for ever", "QQ", REVERT, PLAIN, AWAY(CONFIRM, 1, AFTER, FOREVER) },
	{ "save, not done", "DD", REVERT, PLAIN, AWAY(SAVE, 1, BEFORE, 2 * TIMER) },
	{ "arm, ahead", "RR", CONFIRM, CLOCK_AHEAD, AWAY(ARM, 1, AFTER, 500 * S) },
	{ "arm, back", "RR", CONFIRM, CLOCK_BACK, AWAY(ARM, 1, AFTER, PATIENCE - 10 * S) },
	{ "arm, back, longer", "QQ", CONFIRM, CLOCK_BACK, AWAY(ARM, 1, AFTER, PATIENCE + 10 * S) },
};

static void
away__is_waited_for_past_its_timer_and_not_for_ever(void **state)
{
	(void)state;
	play_all(GONE, N(GONE));
}

static void
away__is_left_to_the_next_process_when_told_to_stop(void **state)
{
	struct admit *admit = W.c->admit;
	struct job *j;

	(void)state;
	new_device(&VARIANTS[0]);
	F.faults[0] = (struct mishap){ ARM, 1, AFTER, 0, 2 * TIMER, 0 };
	begin("told to stop", W.planned[0]);
	j = new_job();
	W.c->admit = admit_new(1);
	admit_stop(W.c->admit);
	job_run(j);
	admit_free(W.c->admit);
	W.c->admit = admit;
	assert_int_equal(j->rec.end, END_NONE);
	job_free(j);
	assert_int_equal(F.on_disk, JOB_ARMING);
	assert_true(F.count[OPEN] < 5);
	next_process();
	judge('R');
	test_end();
}

static const struct scene FULL[] = {
	{ "full at reading", "FS", OPEN, PLAIN, {}, JOB_READING, 0 },
	{ "full at staging", "FF", STAGE, PLAIN, {}, JOB_STAGING, 0 },
	{ "full at arming", "FF", ARM, PLAIN, {}, JOB_ARMING, 0 },
	{ "full at proving", "RR", CONFIRM, PLAIN, {}, JOB_PROVING, 0 },
	{ "full at confirming", "RR", CONFIRM, PLAIN, {}, JOB_CONFIRMING, 0 },
	{ "full at saving", "DD", REVERT, PLAIN, {}, JOB_SAVING, 0 },
	{ "full at reverting", "RR", CONFIRM, PLAIN, { CUT(READBACK, 1, NO) }, JOB_REVERTING, 0 },
	{ "full at the end", "DD", REVERT, PLAIN, {}, JOB_FINISHED, 0 },
	{ "full at a bad end", "FF", ARM, PLAIN, { CUT(DIFF, 1, NO) }, JOB_FINISHED, 0 },
};

static void
full__has_no_effect_without_its_row_and_loses_no_end(void **state)
{
	struct scene for_long[N(FULL)];

	(void)state;
	memcpy(for_long, FULL, sizeof(FULL));
	for (size_t i = 0; i < N(FULL); i++)
		for_long[i].full_ms = 90 * S;
	play_all(FULL, N(FULL));
	play_all(for_long, N(FULL));
}

static void
results__show_as_running_what_was_deployed(void **state)
{
	static const struct scene lost = { "lost", "DD", 0, 0, { CUT(CONFIRM, 1, AFTER) }, 0, 0 };
	char path[128], *text;
	size_t len;

	(void)state;
	for (int killed = 0; killed < 2; killed++) {
		play(&lost, &VARIANTS[0], killed);
		snprintf(path, sizeof(path), "%s/state/running/%s.cfg", W.dir, W.device);
		assert_int_equal(file_read(path, 4096, &text, &len, NULL), 0);
		expect(strcmp(text, NEW) == 0, "the results show as running not the new one", NULL);
		free(text);
	}
	test_end();
}

/*
 * Whatever another process left behind, whatever the device says, and where
 * the old, the new, or neither configuration runs.
 */
static const struct {
	const char *word, *before, *confirming;
} DECIDED[] = {
	[OUTCOME_UNKNOWN] = { "unknown", "QQQ", "QQQ" },
	[OUTCOME_COMPARE] = { "compare", "RQQ", "RDQ" },
	[OUTCOME_PENDING] = { "pending", "RRR", "RRR" },
	[OUTCOME_CONFIRMED] = { "confirmed", "QQQ", "RDQ" },
	[OUTCOME_REVERTED] = { "reverted", "RQQ", "RDQ" },
	[OUTCOME_RESTARTED] = { "restarted", "RQQ", "RDQ" },
	[OUTCOME_STAGED] = { "staged", "RQQ", "RDQ" },
};
static const char *const RUNS[] = { OLD, NEW, NEITHER };
static const char *const RUNS_WORDS[] = { "old", "new", "neither" };

static void
leave_behind(int state, int say, size_t runs)
{
	struct device_change *c = device_change_new("left0behind");
	struct job_record rec = W.planned[0];
	struct buf json = BUF_INIT;
	char at[32];

	new_device(&VARIANTS[0]);
	change_set(c, "staged", "yes", NULL);
	change_set(c, "armed", "yes", NULL);
	device_change_json(c, &json);
	F.say = say;
	F.running = RUNS[runs];
	F.before = OLD;
	F.armed = say == OUTCOME_PENDING;
	F.confirmed = !F.armed && F.running == NEW;
	F.startup = say == OUTCOME_RESTARTED && F.running == NEW ? NEW : OLD;
	F.until = F.now_ms + 30 * S;
	snprintf(F.ours, sizeof(F.ours), "%s", change_id(c));
	rec.state = state;
	rec.change = buf_str(&json);
	rec.deadline = wall_str((struct wall){ sys_wall(&W.sys).us + 30 * S * 1000 }, at);
	begin(arena_printf(&W.arena, "%s, says %s, %s runs", job_state_word(
	    (enum job_state)state), DECIDED[say].word, RUNS_WORDS[runs]), rec);
	buf_release(&json);
	device_change_free(c);
}

static void
undo__decides_by_state_answer_and_running(void **state)
{
	size_t n = (JOB_REVERTING + 1 - JOB_ARMING) * N(DECIDED) * N(RUNS);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		size_t runs = i % N(RUNS), say = i / N(RUNS) % N(DECIDED);
		int at = JOB_ARMING + (int)(i / N(RUNS) / N(DECIDED));
		bool confirming = at == JOB_CONFIRMING || at == JOB_SAVING;
		struct job *j;

		leave_behind(at, (int)say, runs);
		j = new_job();
		job_undo(j);
		job_free(j);
		judge((confirming ? DECIDED[say].confirming : DECIDED[say].before)[runs]);
	}
	test_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(job__goes_straight_to_deployed),
		cmocka_unit_test(job__ends_right_wherever_one_step_fails),
		cmocka_unit_test(job__stays_careful_when_more_goes_wrong),
		cmocka_unit_test(away__is_waited_for_past_its_timer_and_not_for_ever),
		cmocka_unit_test(away__is_left_to_the_next_process_when_told_to_stop),
		cmocka_unit_test(full__has_no_effect_without_its_row_and_loses_no_end),
		cmocka_unit_test(results__show_as_running_what_was_deployed),
		cmocka_unit_test(undo__decides_by_state_answer_and_running),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
