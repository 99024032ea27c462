/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults: what a device does wrong, on purpose. Given on the command line, in
 * a YAML file or through the control socket as KIND[:ARG][*TIMES]; FAULT_HELP
 * lists them. A fault without TIMES stays until it is cleared.
 */
#ifndef FAIRLEAD_LAB_FAULT_H
#define FAIRLEAD_LAB_FAULT_H

#include "base/doc.h"
#include "base/err.h"

/* The steps of a conversation at which a fault can strike. */
#define STEP_TABLE(X) \
	X(STEP_LOGIN, "login")		/* shell opened, before the prompt */ \
	X(STEP_ENABLE, "enable") \
	X(STEP_READ, "read")		/* show running-config, startup-config */ \
	X(STEP_SESSION, "session")	/* a configuration session is entered */ \
	X(STEP_CLEAN, "clean")		/* rollback clean-config */ \
	X(STEP_LOAD, "load")		/* a line of, or a text copied into, a session */ \
	X(STEP_DIFF, "diff")		/* show session-config [diffs] */ \
	X(STEP_ARM, "arm")		/* commit timer */ \
	X(STEP_CONFIRM, "confirm")	/* commit of what runs under a timer */ \
	X(STEP_COMMIT, "commit")	/* commit without a timer */ \
	X(STEP_ABORT, "abort") \
	X(STEP_SAVE, "save")		/* write memory */

enum step {
	STEP_NONE,
#define X(name, word) name,
	STEP_TABLE(X)
#undef X
	STEP_COUNT
};

/* What the argument is: nothing, a number with a default, a step, a text. */
enum fault_arg { ARG_NONE, ARG_NUMBER, ARG_TIME, ARG_STEP, ARG_TEXT, ARG_MAYBE_TEXT };

#define FAULT_TABLE(X) \
	X(FAULT_REFUSE, "refuse", ARG_NONE, 0, "closes every new connection at once") \
	X(FAULT_SILENT, "silent", ARG_NONE, 0, "accepts TCP and says nothing") \
	X(FAULT_DENY, "deny", ARG_NONE, 0, "refuses every password and key") \
	X(FAULT_HOSTKEY, "hostkey", ARG_NONE, 0, "shows another host key") \
	X(FAULT_HOSTNAME, "hostname", ARG_TEXT, 0, "says it is called TEXT, with another serial number") \
	X(FAULT_NO_PROMPT, "no-prompt", ARG_NONE, 0, "opens a shell and never prints a prompt") \
	X(FAULT_DROP_OUT, "drop-out", ARG_NUMBER, 0, "drops the connection after sending N bytes") \
	X(FAULT_DROP_IN, "drop-in", ARG_NUMBER, 0, "drops the connection after receiving N bytes") \
	X(FAULT_STALL, "stall", ARG_NUMBER, 0, "stops reading and answering after receiving N bytes") \
	X(FAULT_ENDLESS, "endless", ARG_MAYBE_TEXT, 0, "answers commands that begin with TEXT (default show running-config) without end") \
	X(FAULT_LATENCY, "latency", ARG_TIME, 100, "waits this long before each answer") \
	X(FAULT_SLOW, "slow", ARG_NUMBER, 1, "sends N bytes a second") \
	X(FAULT_LOOKALIKE, "lookalike", ARG_NONE, 0, "has lines that look like its prompt in its banner, and pauses after them") \
	X(FAULT_CUT, "cut", ARG_MAYBE_TEXT, 0, "loses management while an unconfirmed commit runs; TEXT now: before the answer; silent: new connections hang") \
	X(FAULT_DROP_BEFORE, "drop-before", ARG_STEP, 0, "drops the connection instead of doing STEP") \
	X(FAULT_DROP_AFTER, "drop-after", ARG_STEP, 0, "does STEP, then drops the connection without an answer") \
	X(FAULT_STALL_BEFORE, "stall-before", ARG_STEP, 0, "stops answering instead of doing STEP") \
	X(FAULT_STALL_AFTER, "stall-after", ARG_STEP, 0, "does STEP, then stops answering") \
	X(FAULT_REBOOT, "reboot", ARG_STEP, 0, "does STEP, then reboots") \
	X(FAULT_REJECT, "reject", ARG_TEXT, 0, "refuses configuration lines that contain TEXT") \
	X(FAULT_IGNORE, "ignore", ARG_TEXT, 0, "silently drops configuration lines that contain TEXT") \
	X(FAULT_COMMIT_ERROR, "commit-error", ARG_MAYBE_TEXT, 0, "refuses commits: % Cannot commit: TEXT") \
	X(FAULT_SAVE_ERROR, "save-error", ARG_NONE, 0, "cannot write its startup configuration") \
	X(FAULT_BAD_REVERT, "bad-revert", ARG_NONE, 0, "comes back from an abort or expiry with a line more than before") \
	X(FAULT_FOREIGN_TIMER, "foreign-timer", ARG_TIME, 300000, "has somebody else's commit timer running") \
	X(FAULT_FOREIGN_SESSIONS, "foreign-sessions", ARG_NUMBER, 1, "has N pending sessions of somebody else")

enum fault_kind {
#define X(kind, word, arg, number, help) kind,
	FAULT_TABLE(X)
#undef X
	FAULT_COUNT
};

#define FAULTS_MAX 16
#define FAULT_TEXT 96

struct lab_fault {
	enum fault_kind kind;
	enum step step;
	int64_t number;		/* bytes, sessions, or milliseconds */
	char text[FAULT_TEXT];
	int times;		/* how often it strikes yet; -1: for ever */
};

struct lab_faults {
	struct lab_fault v[FAULTS_MAX];
	int n;
};

/* Read KIND[:ARG][*TIMES]. ERR_USAGE names what is wrong. */
int fault_parse(struct lab_fault *out, const char *spec, struct err *err);
/* KIND[:ARG] again, for listings. */
void fault_format(const struct lab_fault *f, struct buf *out);
/* Add; ERR_LIMIT when there are FAULTS_MAX. */
int fault_add(struct lab_faults *fs, const struct lab_fault *f, struct err *err);
/* The fault of this kind, or NULL. */
const struct lab_fault *fault_find(const struct lab_faults *fs, enum fault_kind kind);
/* The same for kinds with a step. */
const struct lab_fault *fault_at(const struct lab_faults *fs, enum fault_kind kind, enum step step);
/* It struck: count down and drop it when used up. */
void fault_struck(struct lab_faults *fs, const struct lab_fault *f);
/* "arm" -> STEP_ARM; STEP_NONE when unknown. */
enum step step_of(const char *word);
const char *step_word(enum step step);
/* The list of kinds, for --help and the README. */
void fault_help(struct buf *out);

#endif
