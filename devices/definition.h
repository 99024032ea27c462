/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform definition once it is loaded: what platform.c, platform_rules.c
 * and platform_steps.c build and steps.c and device.c read. Internal to this
 * room; everybody else sees devices/platform.h.
 *
 * All memory is in the definition's arena, but regular expressions, which are
 * listed in `res` for their release. Immutable once loaded.
 */
#ifndef FAIRLEAD_DEVICES_DEFINITION_H
#define FAIRLEAD_DEVICES_DEFINITION_H

#include "base/field.h"
#include "devices/expect.h"
#include "devices/platform.h"
#include "devices/values.h"
#include "diffing/rule.h"

enum transport_kind { TRANSPORT_CLI, TRANSPORT_EXEC };

/* What the device says when something is wrong; the first that matches is it. */
struct error_rule {
	struct pattern match;
	int code;		/* enum err_code */
	const char *next;	/* what to do, or NULL */
};

/* Lines that are no part of the configuration. */
enum strip_where { STRIP_HEAD, STRIP_TAIL, STRIP_ANY };
struct strip_rule {
	enum strip_where where;
	const struct re *line;
};

/* A value a device may set in its inventory. */
struct var {
	const char *name;
	int type;		/* enum value_type */
	const char *def;	/* default */
	const char *match;	/* pattern the whole value must match, or NULL */
	const char *help;
	struct re *re;
};
/* A value that verbs set: kept with the change, or for one verb. */
struct local {
	const char *name;
	enum value_type type;
	bool kept;		/* journaled with the change */
};

/* --- steps --- */

enum step_kind {
	STEP_SEND, STEP_EXEC, STEP_UPLOAD, STEP_PASTE, STEP_HEREDOC, STEP_MATCH,
	STEP_REQUIRE, STEP_COMPARE, STEP_EACH, STEP_ELAPSED, STEP_LET, STEP_WAIT, STEP_ANSWER,
	STEP_FAIL, STEP_PART, STEP_KINDS
};
struct step;
struct steps {
	struct step *v;
	size_t n;
};

/* What to do when a case holds. Nothing set: go on. */
struct action {
	bool given;
	int answer;		/* word of the verb's answer, or -1 */
	int fail;		/* enum err_code, or 0 */
	bool stop;		/* the verb is done */
	const struct template *say, *next;	/* with fail; or NULL */
	struct steps steps;
};
struct match_case {
	struct pattern when;
	struct action action;
};
struct question {
	struct pattern match;
	struct template answer;
};
struct assignment {
	const char *name;
	struct template value;
};

enum step_errors { ERRORS_ALWAYS, ERRORS_UNLESS_SUCCESS, ERRORS_NEVER };

struct step {
	enum step_kind kind;
	struct doc_pos pos;
	/* send, paste, heredoc: the line; exec: words; upload: the path */
	struct template *words;
	size_t n_words;
	/* What proves success: all must match; their groups set values. */
	struct pattern *success;
	size_t n_success;
	struct pattern *may;	/* may match; their groups set values */
	size_t n_may;
	int errors;		/* enum step_errors */
	struct action otherwise;/* no success; match: no case */
	bool result;		/* the reply is the verb's result */
	struct pattern drop;	/* cut from the reply; text.source NULL: none */
	struct pattern until;	/* repeat until this matches */
	int64_t every_ms, timeout_ms;
	bool timeout_timer;	/* timeout: the change's timer and margin */
	int mode;		/* send: mode it must end in; -1: the same */
	bool relearn;
	struct question *questions;
	size_t n_questions;
	int status;		/* exec: expected exit status; -1: any */
	int64_t file_mode;	/* upload: -1: as it is */
	const char *end;	/* heredoc: bytes that end it */
	struct pattern ready, without_last;
	const char *value;	/* match, require: what is looked at */
	struct pattern matches;	/* require, each */
	struct match_case *cases;
	size_t n_cases;
	const char *left, *right;	/* compare, elapsed: names */
	int64_t within;
	struct action less, equal, greater, differ, unset;
	struct assignment *lets;/* let; elapsed: the name in lets[0] */
	size_t n_lets;
	int64_t wait_ms;
	struct action action;	/* answer, fail */
	struct steps steps;	/* each, part */
};

/* --- verbs --- */

enum verb {
	VERB_IDENTITY, VERB_LOGIN, VERB_RUNNING, VERB_STARTUP_SAME, VERB_RUN, VERB_PENDING,
	VERB_STAGE, VERB_DIFF, VERB_CHECK, VERB_ARM, VERB_READBACK, VERB_CONFIRM,
	VERB_REVERT, VERB_DISCARD, VERB_SAVE, VERB_OUTCOME, VERBS
};
enum verb_gives { GIVES_NOTHING, GIVES_TEXT, GIVES_WORD };
struct verb_info {
	const char *name;
	enum verb_gives gives;
	bool changes;			/* must end in a proof */
	bool required;
	const char *const *words;	/* GIVES_WORD: the answers, NULL-terminated */
	const char *const *builtins;	/* values only this verb has */
	const char *const *sets;	/* values it sets for its caller */
};
extern const struct verb_info verb_infos[VERBS];

struct platform {
	struct arena arena;
	struct re **res;
	size_t n_res;
	const char *file, *source;
	char hash[65];
	struct doc_node *node;

	const char *name, *title;
	struct field_strings aliases;
	int transport;			/* enum transport_kind */
	struct platform_caps caps;
	struct dialect dialect;
	struct rules rules;	/* of the dialect, quick to ask */

	const char *terminal_type;
	int64_t columns, rows;
	const char *enter;
	bool echo;
	struct expect_mode *modes;
	size_t n_modes;
	struct pattern pager;
	const char *pager_answer;
	int home_mode;			/* -1: none */
	const char *home_send;
	int privilege_from, privilege_to;	/* -1: none */
	const char *privilege_send;
	struct pattern privilege_password;

	struct error_rule *errors;
	size_t n_errors;
	struct strip_rule *strips;
	size_t n_strips;

	struct var *vars;
	size_t n_vars;
	struct local *locals;		/* kept ones and others */
	size_t n_locals;
	bool compare_hostname, compare_serial;

	struct steps verbs[VERBS];
};

/* A variable that every platform has: the name a device calls itself, where it
 * is not its name in the inventory; "*" for any. */
#define PLATFORM_VAR_HOSTNAME "hostname"

/* One definition from its text; NULL after a problem. `file` is copied. */
struct platform *platform_parse(const char *file, struct span text, struct problems *ps);
void platform_free(struct platform *p);

/* Index of a mode by name, or -1. */
int platform_mode(const struct platform *p, const char *name);
const struct var *platform_var(const struct platform *p, const char *name);
const struct local *platform_local(const struct platform *p, const char *name);

/* --- between the files of the loader --- */

/* One load of one file. */
struct loading {
	struct platform *p;
	struct arena *a;
	const char *file;
	struct problems *ps;
	const struct doc_node *parts;
	struct map used_parts;
	enum verb verb;			/* whose steps are read */
	int depth;			/* of steps inside steps */
};
void loading_problem(struct loading *l, struct doc_pos pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Parse a pattern and note its regular expression for release. NULL source:
 * nothing. */
bool loading_pattern(struct loading *l, struct pattern *out, const char *source,
    struct doc_pos pos);
/* `like` samples must match, `unlike` must not; either may be NULL. */
void loading_samples(struct loading *l, const struct re *re, const char *what,
    const struct doc_node *like, const struct doc_node *unlike);
/* enum err_code of a word that a definition may use; problem and 0 if none. */
int loading_class(struct loading *l, const char *word, struct doc_pos pos);

/* terminal, prompts, pager, privilege, home, errors, strip, grammar. */
struct raw_platform;
void platform_load_rules(struct loading *l, const struct raw_platform *raw,
    const struct doc_node *root);
/* identity, login, parts, verbs; needs rules and values. */
void platform_load_verbs(struct loading *l, const struct raw_platform *raw);
/* The steps of one verb. */
void platform_load_steps(struct loading *l, enum verb verb, const struct doc_node *node);

#endif
