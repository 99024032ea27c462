/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verbs: which there are, what each gives, and what must be true of its steps
 * before a device ever sees them. The important one: a verb that changes the
 * device ends in a proof. What the last command did is shown by a pattern that
 * must match, or read back and judged; that no error was seen is not a proof.
 */
#include "devices/platform_raw.h"

static const char *const same_words[] = { "same", "differs", NULL };
static const char *const pending_words[] = { "none", "ours", "foreign", NULL };
static const char *const outcome_words[] = {
	"unknown", "compare", "pending", "confirmed", "reverted", "restarted", "staged", NULL
};
static const char *const identity_sets[] = { "hostname", "serial", "version", "model", NULL };
static const char *const pending_sets[] = { "hours", "minutes", "seconds", NULL };
static const char *const run_builtins[] = { "command", NULL };
static const char *const arm_builtins[] = { "timer_s", "timer_m", "timer_hms", NULL };
static const char *const stage_builtins[] = { "candidate_sha256", "candidate_size", NULL };

const struct verb_info verb_infos[VERBS] = {
	[VERB_IDENTITY] = { .name = "identity", .required = true, .sets = identity_sets },
	[VERB_LOGIN] = { .name = "login" },
	[VERB_RUNNING] = { .name = "running", .gives = GIVES_TEXT, .required = true },
	[VERB_STARTUP_SAME] = { .name = "startup_same", .gives = GIVES_WORD, .words = same_words },
	[VERB_RUN] = { .name = "run", .gives = GIVES_TEXT, .builtins = run_builtins },
	[VERB_PENDING] = { .name = "pending", .gives = GIVES_WORD, .words = pending_words,
	    .sets = pending_sets },
	[VERB_STAGE] = { .name = "stage", .changes = true, .builtins = stage_builtins },
	[VERB_DIFF] = { .name = "diff", .gives = GIVES_TEXT },
	[VERB_CHECK] = { .name = "check", .changes = true },
	[VERB_ARM] = { .name = "arm", .changes = true, .builtins = arm_builtins },
	[VERB_READBACK] = { .name = "readback", .gives = GIVES_TEXT },
	[VERB_CONFIRM] = { .name = "confirm", .changes = true },
	[VERB_REVERT] = { .name = "revert", .changes = true },
	[VERB_DISCARD] = { .name = "discard", .changes = true },
	[VERB_SAVE] = { .name = "save", .changes = true },
	[VERB_OUTCOME] = { .name = "outcome", .gives = GIVES_WORD, .words = outcome_words },
};

/* --- what steps contain --- */

/* The i-th list of steps inside a step; NULL past the last. */
static const struct steps *
inside(const struct step *s, size_t i)
{
	const struct action *actions[] = { &s->otherwise, &s->less, &s->equal, &s->greater,
		&s->differ, &s->unset };
	const size_t n = sizeof(actions) / sizeof(actions[0]);

	if (i == 0)
		return &s->steps;
	if (i <= n)
		return &actions[i - 1]->steps;
	return i - n - 1 < s->n_cases ? &s->cases[i - n - 1].action.steps : NULL;
}

/* Whether fn holds for any step, also for those inside. */
static bool
any_step(const struct steps *steps, bool (*fn)(const struct step *))
{
	const struct steps *list;

	for (size_t i = 0; i < steps->n; i++) {
		if (fn(&steps->v[i]))
			return true;
		for (size_t k = 0; (list = inside(&steps->v[i], k)) != NULL; k++)
			if (any_step(list, fn))
				return true;
	}
	return false;
}

static bool
gives_text(const struct step *s)
{
	return s->result;
}

static bool
answers(const struct action *a)
{
	return a->given && a->answer >= 0;
}

static bool
gives_word(const struct step *s)
{
	for (size_t c = 0; c < s->n_cases; c++)
		if (answers(&s->cases[c].action))
			return true;
	return answers(&s->otherwise) || answers(&s->less) || answers(&s->equal) ||
	    answers(&s->greater) || answers(&s->differ) || answers(&s->unset) ||
	    answers(&s->action);
}

static bool
is_cli(const struct step *s)
{
	return s->kind == STEP_SEND || s->kind == STEP_PASTE || s->kind == STEP_HEREDOC;
}

static bool
is_exec(const struct step *s)
{
	return s->kind == STEP_EXEC;
}

/* --- proof --- */

/* Whether a judging step can refuse what it sees. */
static bool
can_fail(const struct step *s)
{
	const struct action *actions[] = { &s->otherwise, &s->less, &s->equal, &s->greater,
		&s->differ, &s->unset };

	if ((s->kind == STEP_MATCH || s->kind == STEP_REQUIRE) && !s->otherwise.given)
		return true;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (actions[i]->fail != 0)
			return true;
	for (size_t c = 0; c < s->n_cases; c++)
		if (s->cases[c].action.fail != 0)
			return true;
	return s->kind == STEP_FAIL;
}

enum proof { PROOF_NO_ACT, PROOF_MISSING, PROOF_GIVEN };

/* From the end backwards to the last step that acts: proven when it proves
 * itself or something after it judges. What stands inside a case may not be
 * reached, so it must be proven, but proves nothing for what is before. */
static enum proof
proof_of(const struct steps *steps, bool *judged)
{
	const struct steps *list;

	for (size_t i = steps->n; i-- > 0;) {
		const struct step *s = &steps->v[i];

		if (s->kind == STEP_UPLOAD)
			return PROOF_GIVEN;	/* its size is read back */
		if (is_cli(s) || is_exec(s))
			return *judged || s->n_success > 0 ? PROOF_GIVEN : PROOF_MISSING;
		for (size_t k = 0; (list = inside(s, k)) != NULL; k++) {
			bool after = *judged;
			enum proof inner = proof_of(list, &after);

			if (inner == PROOF_MISSING ||
			    (inner == PROOF_GIVEN && s->kind == STEP_PART))
				return inner;
		}
		*judged = *judged || can_fail(s);
	}
	return PROOF_NO_ACT;
}

/* --- checks of a verb --- */

static void
check_verb(struct loading *l, enum verb verb, struct doc_pos pos)
{
	const struct verb_info *info = &verb_infos[verb];
	const struct steps *steps = &l->p->verbs[verb];
	bool judged = false;

	if (any_step(steps, gives_text) != (info->gives == GIVES_TEXT))
		loading_problem(l, pos, info->gives == GIVES_TEXT ?
		    "%s: no step has `result: true`" :
		    "%s: has no text as its result, so no step can have `result: true`",
		    info->name);
	if (info->gives == GIVES_WORD && !any_step(steps, gives_word))
		loading_problem(l, pos, "%s: no step gives its answer", info->name);
	if (info->changes && proof_of(steps, &judged) != PROOF_GIVEN)
		loading_problem(l, pos, "%s changes the device, so it must end in a proof: "
		    "`success:` at its last command, or a match, require or compare after it "
		    "that can fail", info->name);
	if (l->p->transport == TRANSPORT_EXEC && any_step(steps, is_cli))
		loading_problem(l, pos, "%s: send, paste and heredoc need transport cli",
		    info->name);
	if (l->p->transport == TRANSPORT_CLI && any_step(steps, is_exec))
		loading_problem(l, pos, "%s: exec needs transport exec", info->name);
}

static void
load_verb(struct loading *l, enum verb verb, const struct doc_node *node)
{
	size_t errors = l->ps->errors;

	if (node == NULL)
		return;
	platform_load_steps(l, verb, node);
	if (l->ps->errors == errors)
		check_verb(l, verb, node->pos);
}

static int
verb_by_name(const char *name)
{
	for (int v = VERB_RUNNING; v < VERBS; v++)
		if (strcmp(verb_infos[v].name, name) == 0)
			return v;
	return -1;
}

/* What the capabilities promise, the verbs must keep. */
static void
check_caps(struct loading *l, struct doc_pos pos)
{
	struct platform_caps *c = &l->p->caps;
	const bool writes = l->p->verbs[VERB_ARM].n > 0;
	const struct {
		bool promised;
		const char *capability;
		enum verb verb;
	} needs[] = {
		{ true, "every platform", VERB_RUNNING },
		{ c->candidate, "candidate", VERB_STAGE },
		{ c->candidate, "candidate", VERB_DISCARD },
		{ c->native_diff, "native_diff", VERB_DIFF }, { c->check, "check", VERB_CHECK },
		{ c->timer, "timer", VERB_ARM }, { c->timer, "timer", VERB_CONFIRM },
		{ c->timer, "timer", VERB_REVERT }, { c->timer, "timer", VERB_PENDING },
		{ writes, "the verb arm", VERB_OUTCOME },
		{ writes, "the verb arm", VERB_STAGE }, { c->startup, "startup", VERB_SAVE },
		{ c->startup, "startup", VERB_STARTUP_SAME },
	};

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if (needs[i].promised && l->p->verbs[needs[i].verb].n == 0)
			loading_problem(l, pos, "%s needs the verb %s", needs[i].capability,
			    verb_infos[needs[i].verb].name);
	c->reads = true;
	c->writes = writes;
	if (c->timer != (c->confirm != CONFIRM_NONE))
		loading_problem(l, pos, "timer and confirm: one without the other");
	if (c->timer_min_ms > c->timer_max_ms)
		loading_problem(l, pos, "timer_min is more than timer_max");
}

void
platform_load_verbs(struct loading *l, const struct raw_platform *raw)
{
	const struct doc_node *verbs = raw->verbs;

	if (verbs == NULL || verbs->kind != DOC_MAP) {
		loading_problem(l, l->p->node->pos, "verbs: expected a map of lists of steps");
		return;
	}
	if (raw->parts != NULL && raw->parts->kind != DOC_MAP)
		loading_problem(l, raw->parts->pos, "parts: expected a map of lists of steps");
	l->parts = raw->parts;
	load_verb(l, VERB_IDENTITY, raw->identity.steps);
	load_verb(l, VERB_LOGIN, raw->login);
	for (size_t i = 0; i < verbs->n; i++) {
		int verb = verb_by_name(verbs->pairs[i].key);

		if (verb < 0)
			loading_problem(l, verbs->pairs[i].pos, "there is no verb \"%s\"",
			    verbs->pairs[i].key);
		else
			load_verb(l, (enum verb)verb, verbs->pairs[i].value);
	}
	for (size_t i = 0; l->parts != NULL && l->parts->kind == DOC_MAP && i < l->parts->n; i++)
		if (!map_has(&l->used_parts, l->parts->pairs[i].key))
			loading_problem(l, l->parts->pairs[i].pos, "the part \"%s\" is not used",
			    l->parts->pairs[i].key);
	check_caps(l, field_pos(l->p->node, "capabilities"));
}
