/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps and verbs: from the document to struct step. Which keys a kind of step
 * takes is a table, so an unknown key is an error where it stands; every
 * pattern is compiled, every name looked up, every mode found. A part is read
 * anew for each verb that uses it, because a verb decides which values exist.
 */
#include "devices/step_raw.h"

#define STEPS_DEEP 6		/* parts and `do:` inside each other */

/* --- names --- */

static bool
listed(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static bool
settable(const struct loading *l, const char *name)
{
	return platform_local(l->p, name) != NULL || listed(verb_infos[l->verb].sets, name);
}

static void
check_name(struct loading *l, const char *name, struct doc_pos pos)
{
	static const char *const everywhere[] = { "instance", "id", "device",
		"prompt_host", NULL };

	if (name != NULL && !settable(l, name) && platform_var(l->p, name) == NULL &&
	    !listed(everywhere, name) && !listed(verb_infos[l->verb].builtins, name))
		loading_problem(l, pos, "there is no value `%s` in %s: not in vars, change or "
		    "locals", name, verb_infos[l->verb].name);
}

static void
check_set(struct loading *l, const char *name, struct doc_pos pos)
{
	if (!settable(l, name))
		loading_problem(l, pos, "`%s` cannot be set in %s: not in change or locals", name,
		    verb_infos[l->verb].name);
}

static bool
make_template(struct loading *l, struct template *out, const char *source, struct doc_pos pos)
{
	const char *why = "";

	if (!template_parse(out, l->a, source, &why)) {
		loading_problem(l, pos, "%s", why);
		return false;
	}
	for (size_t i = 0; i < out->n; i++)
		check_name(l, out->parts[i].name, pos);
	return true;
}

static const struct template *
new_template(struct loading *l, const char *source, struct doc_pos pos)
{
	struct template *t = source != NULL ? ARENA_NEW(l->a, struct template) : NULL;

	return t != NULL && make_template(l, t, source, pos) ? t : NULL;
}

static bool
make_pattern(struct loading *l, struct pattern *out, const char *source, struct doc_pos pos)
{
	if (source == NULL || !loading_pattern(l, out, source, pos))
		return false;
	for (size_t i = 0; i < out->text.n; i++)
		check_name(l, out->text.parts[i].name, pos);
	for (const char *const *name = re_names(out->re); *name != NULL; name++)
		check_set(l, *name, pos);
	return true;
}

/* A scalar or a list of scalars as patterns. */
static struct pattern *
make_patterns(struct loading *l, const struct doc_node *node, size_t *n)
{
	struct pattern *v = NULL;
	size_t count = node == NULL ? 0 : node->kind == DOC_LIST ? node->n : 1;

	*n = 0;
	for (size_t i = 0; i < count; i++) {
		const struct doc_node *one = node->kind == DOC_LIST ? node->items[i] : node;
		struct pattern p = { .re = NULL };

		if (one->kind != DOC_SCALAR)
			loading_problem(l, one->pos, "expected a pattern or a list of them");
		else if (make_pattern(l, &p, one->text, one->pos))
			ARENA_PUSH(l->a, v, *n) = p;
	}
	return v;
}

/* --- actions and steps --- */

static void load_steps(struct loading *l, struct steps *out, const struct doc_node *node);

static int
word_index(struct loading *l, const char *word, struct doc_pos pos)
{
	const struct verb_info *info = &verb_infos[l->verb];

	for (int i = 0; info->words != NULL && info->words[i] != NULL; i++)
		if (strcmp(info->words[i], word) == 0)
			return i;
	loading_problem(l, pos, "\"%s\" is no answer of %s", word, info->name);
	return -1;
}

static void
fill_action(struct loading *l, struct action *out, const struct raw_action *raw,
    const struct doc_node *node)
{
	*out = (struct action){ .given = true, .answer = -1, .stop = raw->stop };
	if (raw->answer != NULL)
		out->answer = word_index(l, raw->answer, field_pos(node, "answer"));
	if (raw->fail != NULL)
		out->fail = loading_class(l, raw->fail, field_pos(node, "fail"));
	if ((raw->fail != NULL) != (raw->say != NULL))
		loading_problem(l, node->pos, "`fail` and `say` come together");
	out->say = new_template(l, raw->say, field_pos(node, "say"));
	out->next = new_template(l, raw->next, field_pos(node, "next"));
	if (raw->steps != NULL)
		load_steps(l, &out->steps, raw->steps);
}

static void
make_action(struct loading *l, struct action *out, const struct doc_node *node)
{
	struct raw_action raw;

	*out = (struct action){ .answer = -1 };
	if (node != NULL &&
	    field_read(&raw, &step_action_table, node, l->a, l->file, l->ps) == 0)
		fill_action(l, out, &raw, node);
}

static void
make_cases(struct loading *l, struct step *s, const struct doc_node *node)
{
	if (node != NULL && node->kind != DOC_LIST)
		loading_problem(l, node->pos, "cases: expected a list of {when, ...}");
	for (size_t i = 0; node != NULL && node->kind == DOC_LIST && i < node->n; i++) {
		struct match_case one = { .action = { .answer = -1 } };
		struct raw_action raw;

		if (field_read(&raw, &step_case_table, node->items[i], l->a, l->file,
		    l->ps) != 0 ||
		    !make_pattern(l, &one.when, raw.when, field_pos(node->items[i], "when")))
			continue;
		fill_action(l, &one.action, &raw, node->items[i]);
		ARENA_PUSH(l->a, s->cases, s->n_cases) = one;
	}
}

static void
make_questions(struct loading *l, struct step *s, const struct doc_node *node)
{
	if (node != NULL && node->kind != DOC_LIST)
		loading_problem(l, node->pos, "expect: expected a list of {match, answer}");
	for (size_t i = 0; node != NULL && node->kind == DOC_LIST && i < node->n; i++) {
		const struct doc_node *own = node->items[i];
		struct raw_question raw;
		struct question q = { .match = { .re = NULL } };

		if (field_read(&raw, &step_question_table, own, l->a, l->file, l->ps) == 0 &&
		    make_pattern(l, &q.match, raw.match, field_pos(own, "match")) &&
		    make_template(l, &q.answer, raw.answer, field_pos(own, "answer")))
			ARENA_PUSH(l->a, s->questions, s->n_questions) = q;
		if (q.match.text.n > 1)
			loading_problem(l, own->pos, "a question cannot hold ${...}");
	}
}

/* A value inside a script would be read by the shell: scripts get values as
 * their parameters, sh -c 'cat "$1"' sh ${path}. */
static void
check_script(struct loading *l, const struct step *s)
{
	static const char *const shells[] = { "sh", "bash", "dash", "ash", "ksh", "zsh", "csh",
		"tcsh", "su", "eval", "env", "ssh", NULL };
	bool shell = false;

	for (size_t i = 0; i + 1 < s->n_words; i++) {
		const char *word = s->words[i].source, *base = strrchr(word, '/');

		shell = shell || listed(shells, base != NULL ? base + 1 : word);
		if (shell && strcmp(word, "-c") == 0 && s->words[i + 1].n > 1)
			loading_problem(l, s->pos, "a value inside a script would be read by the "
			    "shell: write \"$1\" and give it as a word of its own");
	}
}

static void
make_words(struct loading *l, struct step *s, const struct doc_node *node)
{
	if (node == NULL)
		return;
	if (node->kind != DOC_LIST || node->n == 0) {
		loading_problem(l, node->pos, "exec: expected a list of words, found a line");
		return;
	}
	s->words = arena_calloc(l->a, node->n, sizeof(*s->words));
	for (size_t i = 0; i < node->n; i++) {
		const struct doc_node *word = node->items[i];

		if (word->kind != DOC_SCALAR || (word->null && !word->quoted))
			loading_problem(l, word->pos, "exec: a word must be a text");
		else if (make_template(l, &s->words[s->n_words], word->text, word->pos))
			s->n_words++;
	}
	check_script(l, s);
}

static void
make_timeout(struct loading *l, struct step *s, const char *text, struct doc_pos pos)
{
	if (text == NULL)
		return;
	s->timeout_timer = strcmp(text, "timer") == 0;
	if (!s->timeout_timer && (!text_duration(text, &s->timeout_ms) || s->timeout_ms <= 0))
		loading_problem(l, pos, "timeout: expected a duration such as 30s, or timer");
}

static void
make_numbers(struct loading *l, struct step *s, const struct raw_step *raw,
    const struct doc_node *node)
{
	int64_t v = -1;

	if (raw->status != NULL && strcmp(raw->status, "any") != 0 &&
	    !text_int(raw->status, 0, 255, &v))
		loading_problem(l, field_pos(node, "status"), "status: expected 0 to 255, or any");
	s->status = (int)v;
	s->file_mode = -1;
	for (const char *p = raw->file_mode; p != NULL && *p != '\0'; p++) {
		s->file_mode = (s->file_mode < 0 ? 0 : s->file_mode) * 8 + (*p - '0');
		if (*p < '0' || *p > '7' || s->file_mode > 07777) {
			loading_problem(l, field_pos(node, "file_mode"),
			    "file_mode: expected octal digits such as 0640");
			break;
		}
	}
	make_timeout(l, s, raw->timeout, field_pos(node, "timeout"));
	s->every_ms = raw->every;
	s->within = raw->within;
	s->wait_ms = raw->wait;
}

/* Names, lines and patterns, whichever the kind has. */
static void
make_texts(struct loading *l, struct step *s, const struct raw_step *raw,
    const struct doc_node *node)
{
	s->mode = platform_mode(l->p, raw->mode);
	if (raw->mode != NULL && s->mode < 0)
		loading_problem(l, field_pos(node, "mode"), "mode: there is no mode \"%s\"",
		    raw->mode);
	if (raw->line != NULL) {
		s->words = ARENA_NEW(l->a, struct template);
		s->n_words = make_template(l, s->words, raw->line, node->pos) ? 1 : 0;
	}
	make_words(l, s, raw->words);
	s->success = make_patterns(l, raw->success, &s->n_success);
	s->may = make_patterns(l, raw->may, &s->n_may);
	make_pattern(l, &s->drop, raw->drop, field_pos(node, "drop"));
	make_pattern(l, &s->until, raw->until, field_pos(node, "until"));
	make_pattern(l, &s->ready, raw->ready, field_pos(node, "ready"));
	make_pattern(l, &s->without_last, raw->without_last, field_pos(node, "without_last"));
	make_pattern(l, &s->matches, raw->matches, node->pos);
	s->end = raw->end;
	if (s->kind == STEP_MATCH || s->kind == STEP_REQUIRE) {
		s->value = raw->name;
		/* The last reply is many lines: it can be looked at, not sent. */
		if (strcmp(raw->name, "reply") != 0)
			check_name(l, raw->name, node->pos);
	}
	if (s->kind == STEP_REQUIRE && raw->matches == NULL && raw->otherwise != NULL)
		loading_problem(l, node->pos, "require: `otherwise` needs `matches`");
}

static void
make_pair(struct loading *l, struct step *s, const struct raw_step *raw,
    const struct doc_node *node)
{
	if (s->kind == STEP_ELAPSED) {
		s->left = raw->from;
		s->right = raw->to;
		s->lets = ARENA_NEW(l->a, struct assignment);
		s->lets->name = raw->name;
		check_set(l, raw->name, node->pos);
	} else if (raw->pair.n == 2) {
		s->left = raw->pair.v[0];
		s->right = raw->pair.v[1];
	} else {
		loading_problem(l, node->pos, "compare: expected a list of two names");
		return;
	}
	check_name(l, s->left, node->pos);
	check_name(l, s->right, node->pos);
	make_action(l, &s->less, raw->less);
	make_action(l, &s->equal, raw->equal);
	make_action(l, &s->greater, raw->greater);
	make_action(l, &s->differ, raw->differ);
	make_action(l, &s->unset, raw->unset);
}

static void
make_lets(struct loading *l, struct step *s, const struct raw_step *raw,
    const struct doc_node *node)
{
	for (size_t i = 0; i < raw->lets.n; i++) {
		struct assignment one = { .name = raw->lets.keys[i] };

		check_set(l, one.name, node->pos);
		if (make_template(l, &one.value, raw->lets.values[i], node->pos))
			ARENA_PUSH(l->a, s->lets, s->n_lets) = one;
	}
}

static void
make_part(struct loading *l, struct step *s, const char *name, struct doc_pos pos)
{
	const struct doc_node *part = doc_get(l->parts, name);

	if (part == NULL) {
		loading_problem(l, pos, "there is no part \"%s\"", name);
		return;
	}
	map_put(&l->used_parts, name, s);
	load_steps(l, &s->steps, part);
}

static void
make_step(struct loading *l, struct step *s, const struct doc_node *node)
{
	struct raw_step raw;

	if (field_read(&raw, step_tables[s->kind].table, node, l->a, l->file, l->ps) != 0)
		return;
	s->errors = raw.errors;
	s->result = raw.result;
	s->relearn = raw.relearn;
	make_texts(l, s, &raw, node);
	make_numbers(l, s, &raw, node);
	make_action(l, &s->otherwise, raw.otherwise);
	make_cases(l, s, raw.cases);
	make_questions(l, s, raw.expect);
	if (s->kind == STEP_COMPARE || s->kind == STEP_ELAPSED)
		make_pair(l, s, &raw, node);
	if (s->kind == STEP_LET)
		make_lets(l, s, &raw, node);
	if (s->kind == STEP_PART)
		make_part(l, s, raw.name, node->pos);
	if (s->kind == STEP_EACH)
		load_steps(l, &s->steps, raw.steps);
	if (s->kind == STEP_ANSWER || s->kind == STEP_FAIL) {
		struct raw_action action = { .answer = raw.answer, .fail = raw.fail,
			.say = raw.say, .next = raw.next };

		fill_action(l, &s->action, &action, node);
	}
}

/* The kind of a step is the one key that names a kind. */
static int
kind_of(struct loading *l, const struct doc_node *node)
{
	int kind = -1;

	for (int k = 0; node->kind == DOC_MAP && k < STEP_KINDS; k++) {
		/* `answer` and `fail` are steps only where nothing else is. */
		if (doc_get(node, step_tables[k].key) == NULL || kind >= 0)
			continue;
		kind = k;
	}
	if (kind < 0)
		loading_problem(l, node->pos, "expected a step: a map with one of send, exec, "
		    "upload, paste, heredoc, match, require, compare, each, elapsed, let, "
		    "wait, answer, fail, part");
	return kind;
}

static bool
ends(const struct step *s)
{
	return s->kind == STEP_FAIL || s->kind == STEP_ANSWER;
}

static void
load_steps(struct loading *l, struct steps *out, const struct doc_node *node)
{
	if (node == NULL || node->kind != DOC_LIST) {
		if (node != NULL)
			loading_problem(l, node->pos, "expected a list of steps");
		return;
	}
	if (l->depth >= STEPS_DEEP) {
		loading_problem(l, node->pos, "steps inside steps more than %d deep", STEPS_DEEP);
		return;
	}
	l->depth++;
	out->v = arena_calloc(l->a, node->n, sizeof(*out->v));
	for (size_t i = 0; i < node->n; i++) {
		int kind = kind_of(l, node->items[i]);
		struct step *s = &out->v[out->n];

		if (kind < 0)
			continue;
		if (out->n > 0 && ends(&s[-1]))
			loading_problem(l, node->items[i]->pos, "this step is never reached");
		*s = (struct step){ .kind = (enum step_kind)kind, .pos = node->items[i]->pos,
			.mode = -1, .status = -1, .otherwise = { .answer = -1 } };
		make_step(l, s, node->items[i]);
		out->n++;
	}
	l->depth--;
}

void
platform_load_steps(struct loading *l, enum verb verb, const struct doc_node *node)
{
	l->verb = verb;
	load_steps(l, &l->p->verbs[verb], node);
}
