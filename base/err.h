/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors: a value on the caller's stack that says what failed, whose fault
 * it is, and what to do next.
 *
 * Rules of the house:
 *  - A function that can fail takes `struct err *err` last and returns 0 or
 *    a negative `enum err_code`; on failure err is filled, on success it is
 *    not touched. err may be NULL for callers who only need the code.
 *  - Failing is one line: return err_set(err, ERR_X, "what: %s", why).
 *  - err_wrap() prefixes context ("sw1: stage: ...") at room borders only.
 *  - There is no thread-local last error: a result travels from a worker to
 *    a report as a value.
 */
#ifndef FAIRLEAD_BASE_ERR_H
#define FAIRLEAD_BASE_ERR_H

/* Whose fault: reports group by it, and retry policy looks at it. */
enum fault {
	FAULT_NONE,
	FAULT_DEVICE,		/* the device, or the path to it */
	FAULT_OPERATOR,		/* command line, settings, credentials */
	FAULT_REPOSITORY,	/* what people committed */
	FAULT_SYSTEM,		/* this host, the Git remote, the disk */
	FAULT_US,		/* a bug in Fairlead */
};

/* X(name, fault, word): the word is stable, it appears in JSON and logs. */
#define ERR_TABLE(X) \
	X(ERR_BUG, FAULT_US, "bug") \
	X(ERR_USAGE, FAULT_OPERATOR, "usage")		/* bad command line or settings */ \
	X(ERR_NOTFOUND, FAULT_OPERATOR, "not-found")	/* no such device, run, commit, file */ \
	X(ERR_DENIED, FAULT_OPERATOR, "denied")		/* not allowed to this user */ \
	X(ERR_SECRET, FAULT_OPERATOR, "secret")		/* a credential or secret is missing */ \
	X(ERR_GATE, FAULT_OPERATOR, "gate")		/* a gate is closed */ \
	X(ERR_CANCELLED, FAULT_OPERATOR, "cancelled")	/* told to stop */ \
	X(ERR_CONTENT, FAULT_REPOSITORY, "content")	/* a file in the repository is wrong */ \
	X(ERR_HISTORY, FAULT_REPOSITORY, "history")	/* branch missing or rewritten */ \
	X(ERR_IO, FAULT_SYSTEM, "io")			/* a file or socket of this host */ \
	X(ERR_FULL, FAULT_SYSTEM, "full")		/* no space, no descriptors */ \
	X(ERR_LIMIT, FAULT_SYSTEM, "limit")		/* a bound of ours was reached */ \
	X(ERR_REMOTE, FAULT_SYSTEM, "remote")		/* the Git remote: away, refused, timed out */ \
	X(ERR_RACE, FAULT_SYSTEM, "race")		/* somebody else was first: try again */ \
	X(ERR_LOCKED, FAULT_SYSTEM, "locked")		/* another Fairlead holds it */ \
	X(ERR_UNREACHABLE, FAULT_DEVICE, "unreachable")	/* no TCP or SSH session */ \
	X(ERR_TIMEOUT, FAULT_DEVICE, "timeout")		/* it was silent past the deadline */ \
	X(ERR_CLOSED, FAULT_DEVICE, "closed")		/* it closed the session mid-way */ \
	X(ERR_AUTH, FAULT_DEVICE, "auth")		/* login or privilege refused */ \
	X(ERR_HOSTKEY, FAULT_DEVICE, "host-key")	/* host key unknown or changed */ \
	X(ERR_IDENTITY, FAULT_DEVICE, "identity")	/* another device answers there */ \
	X(ERR_PROMPT, FAULT_DEVICE, "prompt")		/* no prompt, or not the expected one */ \
	X(ERR_OUTPUT, FAULT_DEVICE, "output")		/* too long, or not as the platform says */ \
	X(ERR_REJECTED, FAULT_DEVICE, "rejected")	/* it refused the candidate */ \
	X(ERR_BUSY, FAULT_DEVICE, "busy")		/* foreign lock or pending commit */ \
	X(ERR_UNSUPPORTED, FAULT_DEVICE, "unsupported")	/* no safe path on this device */ \
	X(ERR_UNPROVEN, FAULT_DEVICE, "unproven")	/* the effect could not be proven */

enum err_code {
	ERR_OK = 0,
	ERR_FIRST_ = -1000,	/* codes count up from here, all negative */
#define X(name, fault, word) name,
	ERR_TABLE(X)
#undef X
	ERR_LAST_
};

struct err {
	int code;		/* enum err_code */
	char text[768];		/* one line: context: what: why */
	char next[256];		/* what to do next, or "" */
};

#define ERR_INIT { 0, "", "" }

/* Fill err and return code. Control bytes in the text become '?', LF '|'. */
int err_set(struct err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* As err_set, adding the text of errno; ENOSPC, EDQUOT, EMFILE and ENFILE
 * turn code into ERR_FULL. */
int err_errno(struct err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Prefix "context: " to the text; returns err->code (ERR_BUG when unset). */
int err_wrap(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Say what to do next; returns err->code, so it can end a return statement. */
int err_next(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Forget an error that was dealt with. */
void err_clear(struct err *err);

/* The stable word of a code ("timeout"); "ok" for 0, "bug" for others. */
const char *err_word(int code);
/* The code of a word; ERR_BUG when unknown. */
int err_code_of(const char *word);
enum fault err_fault(int code);
/* "device", "operator", "repository", "system", "us", "none". */
const char *fault_word(enum fault fault);

#endif
