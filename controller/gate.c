/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of gates, in the order in which people should hear of them. A row
 * is a name and a verdict: true is open; a closed gate writes its sentence. All
 * are evaluated, so that one plan says everything.
 */
#include "controller/gate.h"

#include "controller/plan.h"
#include "controller/source.h"

struct gate {
	const char *name;
	bool (*verdict)(const struct gate_input *g, struct buf *sentence);
};

static bool
gate_lint(const struct gate_input *g, struct buf *sentence)
{
	const char *broken = intent_broken(g->intent, g->device->name);

	if (broken != NULL)
		buf_addf(sentence, "lint: %s", broken);
	return broken == NULL;
}

/* History only goes forward: not a repository that was rolled back, and not
 * an old run that comes late. */
static bool
gate_source(const struct gate_input *g, struct buf *sentence)
{
	const struct oid *commit = &g->intent->snapshot->commit;
	const char *applied = g->known->applied_commit;
	struct oid newer;

	if (applied == NULL || (g->allowed->first && g->allowed->person) ||
	    strcmp(applied, commit->hex) == 0 || source_follows(g->c, applied, commit))
		return true;
	if (oid_parse(applied, &newer) && source_follows(g->c, commit->hex, &newer))
		buf_addf(sentence, "commit %.12s is older than %.12s, which was applied since",
		    commit->hex, applied);
	else
		buf_addf(sentence, "commit %.12s does not follow %.12s, which was applied last: "
		    "the branch was rewritten", commit->hex, applied);
	buf_addf(sentence, "; `fairlead apply --first %s` if that is meant", g->device->name);
	return false;
}

static bool
gate_plan(const struct gate_input *g, struct buf *sentence)
{
	const char *plan = g->plan->plan != NULL ? g->plan->plan : "none";
	bool same = g->allowed->plan == NULL || strcmp(g->allowed->plan, plan) == 0;

	if (!same && g->allowed->plan[0] == '\0')
		buf_addf(sentence, "its plan was not among those looked at; look at `fairlead "
		    "plan %s` and apply again", g->device->name);
	else if (!same)
		buf_addf(sentence, "plan %s no longer holds: the device or its inputs changed "
		    "since, the plan is %s now; look at `fairlead plan %s` and apply again",
		    g->allowed->plan, plan, g->device->name);
	return same;
}

static bool
gate_mode_allows(const struct gate_input *g, struct buf *sentence)
{
	if (g->mode == MODE_AUTO || (g->mode == MODE_MANUAL && g->allowed->person))
		return true;
	if (g->mode == MODE_MANUAL)
		buf_addf(sentence, "mode is manual: `fairlead apply %s` deploys it",
		    g->device->name);
	else
		buf_adds(sentence, "mode is observe: Fairlead looks and never writes; set "
		    "`mode: manual` or `auto` in the controller's settings");
	return false;
}

static bool
gate_new(const struct gate_input *g, struct buf *sentence)
{
	if (g->known->applied_hash != NULL || (g->allowed->first && g->allowed->person))
		return true;
	buf_addf(sentence, "new device: nothing was applied to it by Fairlead yet; "
	    "`fairlead adopt %s` takes running into Git, `fairlead apply --first %s` "
	    "replaces it", g->device->name, g->device->name);
	return false;
}

static bool
gate_suspended(const struct gate_input *g, struct buf *sentence)
{
	if (g->suspended != NULL)
		buf_addf(sentence, "suspended: %s; `fairlead resume` ends it", g->suspended);
	return g->suspended == NULL;
}

/* The plan ends a hold whose inputs have changed. */
static bool
gate_held(const struct gate_input *g, struct buf *sentence)
{
	if (g->known->held != NULL)
		buf_addf(sentence, "held since its last try: %s; change its configuration in "
		    "Git, or `fairlead release %s` to try the same again", g->known->held,
		    g->device->name);
	return g->known->held == NULL;
}

static bool
gate_undecided(const struct gate_input *g, struct buf *sentence)
{
	if (g->undecided != NULL)
		buf_addf(sentence, "undecided: %s", g->undecided);
	return g->undecided == NULL;
}

static bool
gate_quarantined(const struct gate_input *g, struct buf *sentence)
{
	if (g->known->quarantined != NULL)
		buf_addf(sentence, "quarantined: %s; look at the device, then `fairlead ack %s`",
		    g->known->quarantined, g->device->name);
	return g->known->quarantined == NULL;
}

static bool
gate_drift(const struct gate_input *g, struct buf *sentence)
{
	if ((g->plan->sync != SYNC_DRIFTED && g->plan->sync != SYNC_DIVERGED) ||
	    g->allowed->drift || g->c->settings.deploy.on_drift == DRIFT_INCLUDE)
		return true;
	buf_addf(sentence, "%s: somebody changed the device since the last deploy; "
	    "`fairlead adopt %s` keeps that, `fairlead apply --undo-drift %s` undoes it",
	    sync_word(g->plan->sync), g->device->name, g->device->name);
	return false;
}

static bool
gate_lifeline(const struct gate_input *g, struct buf *sentence)
{
	size_t i;

	if (g->plan->lifelines.n == 0 || (g->allowed->lifeline && g->allowed->person))
		return true;
	buf_adds(sentence, "touches what keeps the device reachable: ");
	for (i = 0; i < g->plan->lifelines.n && i < 5; i++)
		buf_addf(sentence, "%s%s", i > 0 ? "; " : "", g->plan->lifelines.v[i]);
	buf_addf(sentence, "; `fairlead apply --allow-lifeline %s` if that is meant",
	    g->device->name);
	return false;
}

static bool
gate_timer(const struct gate_input *g, struct buf *sentence)
{
	const struct platform_caps *caps =
	    platform_caps(platforms_find(g->c->platforms, g->device->platform));
	char min[32], max[32];
	int64_t ms = g->c->settings.deploy.timer_ms;

	if (!caps->writes) {
		buf_adds(sentence, "the platform's definition can read it and not change it");
		return false;
	}
	if (!caps->timer && !g->c->settings.deploy.allow_without_timer) {
		buf_adds(sentence, "the platform has no rollback timer; "
		    "`deploy.allow_without_timer: true` in the settings accepts that risk");
		return false;
	}
	if (caps->timer && (ms < caps->timer_min_ms || ms > caps->timer_max_ms)) {
		buf_addf(sentence, "deploy.timer must be within %s and %s on this platform",
		    text_duration_str(caps->timer_min_ms, min),
		    text_duration_str(caps->timer_max_ms, max));
		return false;
	}
	return true;
}

static const struct gate GATES[] = {
	{ "lint", gate_lint },			/* no error in what Git says about it */
	{ "source", gate_source },		/* history only goes forward */
	{ "plan", gate_plan },			/* it is the one that was looked at */
	{ "undecided", gate_undecided },	/* no other run left a change behind */
	{ "quarantined", gate_quarantined },	/* what runs is old or new, not else */
	{ "suspended", gate_suspended },	/* nobody suspended it */
	{ "mode", gate_mode_allows },		/* the settings let Fairlead write */
	{ "new", gate_new },			/* first contact is a person's word */
	{ "held", gate_held },			/* something changed since a failed try */
	{ "drift", gate_drift },		/* running is what Fairlead left there */
	{ "lifeline", gate_lifeline },		/* management access stays as it is */
	{ "timer", gate_timer },		/* the device reverts when we are cut off */
};

enum mode
gate_mode(const struct settings *s, const struct intended_device *d)
{
	const struct mode_rule *rules = s->modes.v;
	enum mode mode = s->mode;
	struct arena a = ARENA_INIT;
	struct selector *selector;
	size_t i;

	for (i = 0; i < s->modes.n; i++) {
		if (selector_parse(&selector, &a, &rules[i].select, 1, NULL) != 0) {
			mode = MODE_OBSERVE;	/* unreadable, so the careful one */
			break;
		}
		if (selector_match(selector, d)) {
			mode = rules[i].mode;
			break;
		}
	}
	arena_release(&a);
	return mode;
}

struct suspension_search {
	const struct intended_device *device;
	struct wall now;
	struct arena *arena;
	const char *reason;
};

static int
match_suspension(void *ctx, const void *record, struct arena *a)
{
	const struct suspend_record *s = record;
	struct suspension_search *search = ctx;
	struct selector *selector;
	struct wall until;

	if (s->until != NULL && wall_parse(s->until, &until) && until.us <= search->now.us)
		return 0;
	/* One that cannot be read keeps off everything: the careful way. */
	if (selector_parse(&selector, a, &s->selector, 1, NULL) != 0 ||
	    selector_match(selector, search->device))
		search->reason = arena_printf(search->arena, "%s (by %s, %s%s%s)", s->reason,
		    s->who, s->at, s->until != NULL ? " until " : "",
		    s->until != NULL ? s->until : "");
	return 0;
}

int
gates_evaluate(const struct controller *c, const struct intent *in,
    const struct intended_device *d, const struct permission *allowed,
    struct job_record *rec, bool *open, struct arena *a, struct err *err)
{
	struct suspension_search search = { .device = d, .now = sys_wall(c->sys), .arena = a };
	struct gate_input g = { .c = c, .intent = in, .device = d, .plan = rec,
		.allowed = allowed, .mode = gate_mode(&c->settings, d) };
	struct gate_record *closed = NULL;
	struct device_record known;
	struct buf sentence = BUF_INIT;
	size_t i, n = 0;
	int r;

	if ((r = known_device(c, d, &known, a, err)) != 0 ||
	    (r = undecided_change(c, d->name, rec->run, &g.undecided, a, err)) != 0 ||
	    (r = c->journal.ops->suspensions(c->journal.self, match_suspension, &search,
	    err)) != 0)
		return r;
	g.known = &known;
	if (g.undecided == NULL && rec->sync == SYNC_UNKNOWN)
		g.undecided = rec->why;
	g.suspended = search.reason;
	for (i = 0; i < sizeof(GATES) / sizeof(GATES[0]); i++) {
		buf_clear(&sentence);
		if (GATES[i].verdict(&g, &sentence))
			continue;
		secret_mask(&sentence);
		ARENA_PUSH(a, closed, n) = (struct gate_record){ .gate = GATES[i].name,
			.sentence = arena_strdup(a, buf_str(&sentence)) };
	}
	rec->gates.v = closed;
	rec->gates.n = n;
	*open = n == 0;
	buf_release(&sentence);
	return 0;
}

bool
gate_readable(const struct intent *in, const struct intended_device *d,
    struct job_record *rec, struct device_record *known)
{
	const char *broken = intent_broken(in, d->name);

	if (d->config_path == NULL && broken == NULL) {
		rec->sync = known->sync = SYNC_UNMANAGED;
		rec->end = END_UNMANAGED;
		rec->why = "the repository has no configuration for it, so it is "
		    "left as it is";
	} else if (broken != NULL) {
		rec->end = END_BLOCKED;
		rec->why = broken;
		known->why = broken;
	} else {
		return true;
	}
	return false;
}
