/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: what Fairlead knows of runs, jobs and devices, as plain values with
 * a JSON form. The same table writes them into the journal and the results
 * branch, reads them back, and is their published schema.
 */
#ifndef FAIRLEAD_CONTROLLER_RECORD_H
#define FAIRLEAD_CONTROLLER_RECORD_H

#include "base/field.h"
#include "base/sys.h"

/*
 * The life of a device job. Each state is journaled before what it names
 * begins, so the last one on disk says what may have happened. ARMING and
 * CONFIRMING are the ambiguous ones: after them the device is asked.
 */
#define JOB_STATES(X) \
	X(JOB_PLANNED, "planned", "waits for its turn") \
	X(JOB_READING, "reading", "connects, proves identity, reads and copies running") \
	X(JOB_STAGING, "staging", "puts the candidate on the device, inactive") \
	X(JOB_ARMING, "arming", "activates under the rollback timer") \
	X(JOB_PROVING, "proving", "armed: new session, read back, checks") \
	X(JOB_CONFIRMING, "confirming", "stops the rollback timer") \
	X(JOB_SAVING, "saving", "confirmed: makes it survive a restart") \
	X(JOB_REVERTING, "reverting", "goes back to the copy, and proves it") \
	X(JOB_FINISHED, "finished", "has its outcome")
enum job_state {
#define X(name, word, help) name,
	JOB_STATES(X)
#undef X
	JOB_STATES_N
};
const char *job_state_word(enum job_state s);

/* How a device ended in a run. Exactly one. */
#define OUTCOMES(X) \
	X(END_NONE, "none", "not finished") \
	X(END_DEPLOYED, "deployed", "the intended configuration runs, proven and saved") \
	X(END_UNCHANGED, "unchanged", "nothing to change") \
	X(END_BASELINED, "baselined", "new, and running equal to intended already") \
	X(END_UNMANAGED, "unmanaged", "no configuration in Git; left as it is") \
	X(END_BLOCKED, "blocked", "a gate is closed; nothing was touched") \
	X(END_REFUSED, "refused", "refused before it was active; nothing changed") \
	X(END_FAILED, "failed", "failed before it was active; nothing changed") \
	X(END_REVERTED, "reverted", "was active and was taken back, proven") \
	X(END_SKIPPED, "skipped", "not started, because the run stopped") \
	X(END_QUARANTINED, "quarantined", "neither old nor new can be proven: needs a person")
enum job_end {
#define X(name, word, help) name,
	OUTCOMES(X)
#undef X
	END_N
};
const char *job_end_word(enum job_end e);
/* True for ends that make a run fail. */
bool job_end_bad(enum job_end e);

enum sync { SYNC_UNKNOWN, SYNC_NEW, SYNC_IN_SYNC, SYNC_PENDING, SYNC_DRIFTED,
	SYNC_DIVERGED, SYNC_UNMANAGED };
const char *sync_word(enum sync s);
enum health { HEALTH_UNKNOWN, HEALTH_HEALTHY, HEALTH_DEGRADED, HEALTH_UNREACHABLE };
const char *health_word(enum health h);

/* struct err as a record; code NULL: no error. */
struct error_record {
	const char *code, *fault, *text, *next;
};
struct gate_record {
	const char *gate;
	const char *sentence;		/* why closed, for people */
};
struct check_record {
	const char *id, *title, *phase, *severity, *status, *why;
	int64_t attempts;
};

/* One device in one plan or run. */
struct job_record {
	const char *run, *device, *site, *platform, *platform_hash;
	int64_t wave;
	int state;			/* enum job_state */
	int end;			/* enum job_end */
	int sync;			/* enum sync, as the plan saw it */
	const char *why;		/* one line, always there when end is */
	const char *commit, *blob;
	const char *plan;		/* plan id */
	const char *started, *finished;	/* RFC 3339 UTC */
	const char *step;		/* where it failed: word of a job_state */
	struct error_record error;
	int64_t added, removed, changed, moved, ignored, carried;
	const char *diff;		/* masked, unified */
	struct field_strings lifelines, destroys;
	struct field_list gates;	/* of struct gate_record */
	struct field_list checks;	/* of struct check_record */
	const char *path;		/* how it was made safe: "commit timer 300 s, ..." */
	const char *old_hash, *new_hash;/* normal hashes of rollback copy and candidate */
	const char *secrets;		/* fingerprint of the secrets filled in */
	const char *change;		/* JSON of the struct device_change */
	const char *copy;		/* file name of the rollback copy in the state directory */
	const char *deadline;		/* when the device's timer ends, RFC 3339 */
	const char *version;		/* software the device reported */
	bool recovered;			/* finished by another process than began it */
};

/* One run. */
struct run_record {
	const char *id;			/* yyyymmddThhmmssZ-xxxxxx */
	const char *commit, *subject, *author, *branch;
	const char *who;		/* who asked: "poll", "alice (uid 1000)" */
	const char *reason;
	bool first;			/* new devices allowed (apply --first) */
	const char *started, *finished;
	const char *outcome;		/* "succeeded", "failed", "nothing to do", ... */
	struct error_record error;	/* of the run as a whole */
	bool open;			/* still running */
	bool published;			/* acknowledged by the results remote */
	int64_t devices, deployed, unchanged, refused, failed, reverted, quarantined, blocked,
	    skipped;
};

/* What is known of one device between runs. */
struct device_record {
	const char *device, *site, *platform;
	int sync;			/* enum sync */
	int health;			/* enum health */
	const char *why;		/* what a person should know, one line */
	const char *applied_commit, *applied_blob, *applied_hash, *applied_secrets;
	const char *applied_at, *applied_run;
	const char *held, *held_inputs;	/* why; the inputs it is held on */
	const char *quarantined;	/* why */
	const char *last_run, *last_end;
	const char *seen;		/* last successful read */
	const char *running_hash;	/* normal hash then */
	const char *version, *hostname, *serial;
};

struct pin_record {
	const char *device, *type, *fingerprint, *who, *at;
};
struct suspend_record {
	const char *selector, *reason, *who, *at, *until;	/* until NULL: for good */
};
/* A line of the audit trail: hash = SHA-256 over previous hash and body. */
struct audit_record {
	int64_t seq;
	const char *at, *run, *device, *who, *what, *text;
	const char *previous, *hash;
};

extern const struct field_table JOB_RECORD, RUN_RECORD, DEVICE_RECORD, PIN_RECORD,
    SUSPEND_RECORD, AUDIT_RECORD, CHECK_RECORD;

/* Write a record as a JSON object. */
void record_json(struct jw *w, const char *key, const struct field_table *t,
    const void *record);
/* Read one back; strings live in `a`. ERR_IO when it is damaged. */
int record_read(void *out, const struct field_table *t, struct span json,
    struct arena *a, struct err *err);
/* Copy an error into a record, masked, in the arena. */
void error_record_set(struct error_record *r, struct arena *a, const struct err *err);
/* A copy in the arena with live secrets masked, on one line, and with nothing
 * that a terminal acts on: for every text that comes from elsewhere and goes
 * into a record. Mask before escaping, never after. */
const char *record_text(struct arena *a, const char *s);
/* wall_str() in an arena. */
const char *record_time(struct arena *a, struct sys *sys);
/* A change in numbers, as people read it: "2 added, 1 changed". */
void counts_add(struct buf *out, int64_t added, int64_t removed, int64_t changed,
    int64_t moved);
const char *counts_of(const struct job_record *rec, struct arena *a);

#endif
