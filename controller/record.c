/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables behind the records. Adding a field to a record is adding a row:
 * journal, reports and published schemas follow.
 */
#include "controller/record.h"

#include <assert.h>
#include <stddef.h>

#include "base/secret.h"

static const char *const STATE_WORDS[] = {
#define X(name, word, help) [name] = word,
	JOB_STATES(X)
#undef X
	NULL
};
static const char *const END_WORDS[] = {
#define X(name, word, help) [name] = word,
	OUTCOMES(X)
#undef X
	NULL
};
static const char *const SYNC_WORDS[] = { "unknown", "new", "in-sync", "pending", "drifted",
	"diverged", "unmanaged", NULL };
static const char *const HEALTH_WORDS[] = { "unknown", "healthy", "degraded",
	"unreachable", NULL };

const char *
job_state_word(enum job_state s)
{
	return STATE_WORDS[s];
}

const char *
job_end_word(enum job_end e)
{
	return END_WORDS[e];
}

bool
job_end_bad(enum job_end e)
{
	return e == END_REFUSED || e == END_FAILED || e == END_REVERTED ||
	    e == END_QUARANTINED;
}

const char *
sync_word(enum sync s)
{
	return SYNC_WORDS[s];
}

const char *
health_word(enum health h)
{
	return HEALTH_WORDS[h];
}

#define F(struct_, type_, field_, help_) \
	{ .key = #field_, .type = (type_), .offset = offsetof(struct struct_, field_), \
	    .help = (help_) }
#define S(struct_, field_, help_) F(struct_, FIELD_STRING, field_, help_)
#define E(struct_, field_, words_, help_) \
	{ .key = #field_, .type = FIELD_ENUM, .offset = offsetof(struct struct_, field_), \
	    .words = (words_), .help = (help_) }
#define T(struct_, type_, field_, table_, help_) \
	{ .key = #field_, .type = (type_), .offset = offsetof(struct struct_, field_), \
	    .table = (table_), .help = (help_) }

static const struct field ERROR_ROWS[] = {
	S(error_record, code, "Stable word of the kind of error."),
	S(error_record, fault, "Whose fault: device, operator, repository, system or us."),
	S(error_record, text, "What failed."),
	S(error_record, next, "What to do next."),
};
static const struct field_table ERROR_RECORD =
    FIELD_TABLE("error", struct error_record, ERROR_ROWS, "What went wrong.");

static const struct field GATE_ROWS[] = {
	S(gate_record, gate, "Name of the gate."),
	S(gate_record, sentence, "Why it is closed."),
};
static const struct field_table GATE_RECORD =
    FIELD_TABLE("gate", struct gate_record, GATE_ROWS, "A gate that is closed.");

static const struct field CHECK_ROWS[] = {
	S(check_record, id, "Id in the catalogue."),
	S(check_record, title, "Title in the catalogue."),
	S(check_record, phase, "before or after."),
	S(check_record, severity, "block, warn or info."),
	S(check_record, status, "pass, fail, error or skip."),
	S(check_record, why, "What was expected and what was found."),
	F(check_record, FIELD_INT, attempts, "How often it was asked while settling."),
};
const struct field_table CHECK_RECORD =
    FIELD_TABLE("check", struct check_record, CHECK_ROWS, "Result of one check.");

static const struct field JOB_ROWS[] = {
	S(job_record, run, "Run id."),
	S(job_record, device, "Device name."),
	S(job_record, site, "Site."),
	S(job_record, platform, "Platform."),
	S(job_record, platform_hash, "SHA-256 of the platform definition used."),
	F(job_record, FIELD_INT, wave, "Wave, from 1."),
	E(job_record, state, STATE_WORDS, "Where the job stands."),
	E(job_record, end, END_WORDS, "How it ended."),
	E(job_record, sync, SYNC_WORDS, "How Git and the device stood when planned."),
	S(job_record, why, "The end in one line."),
	S(job_record, commit, "Commit of the intended configuration."),
	S(job_record, blob, "Blob id of the intended configuration."),
	S(job_record, plan, "Plan id."),
	S(job_record, started, "When it started."),
	S(job_record, finished, "When it ended."),
	S(job_record, step, "State in which it failed."),
	T(job_record, FIELD_STRUCT, error, &ERROR_RECORD, "What went wrong."),
	F(job_record, FIELD_INT, added, "Lines the change adds."),
	F(job_record, FIELD_INT, removed, "Lines the change removes."),
	F(job_record, FIELD_INT, changed, "Lines the change gives another value."),
	F(job_record, FIELD_INT, moved, "Lines the change moves."),
	F(job_record, FIELD_INT, ignored, "Differences that a rule ignores."),
	F(job_record, FIELD_INT, carried, "Lines carried over from running."),
	S(job_record, diff, "The change, secrets masked."),
	F(job_record, FIELD_STRINGS, lifelines, "Lifelines the change touches."),
	F(job_record, FIELD_STRINGS, destroys, "What the change destroys, by the platform's rules."),
	T(job_record, FIELD_LIST, gates, &GATE_RECORD, "Gates that are closed."),
	T(job_record, FIELD_LIST, checks, &CHECK_RECORD, "Results of checks."),
	S(job_record, path, "How the change was made safe."),
	S(job_record, old_hash, "Normal hash of what ran before."),
	S(job_record, new_hash, "Normal hash of the candidate."),
	S(job_record, secrets, "Fingerprint of the secrets filled in."),
	S(job_record, change, "What names the change on the device."),
	S(job_record, copy, "Rollback copy in the state directory."),
	S(job_record, deadline, "When the device's rollback timer ends."),
	S(job_record, version, "Software the device reported."),
	F(job_record, FIELD_BOOL, recovered, "Finished by another process than began it."),
};
const struct field_table JOB_RECORD =
    FIELD_TABLE("job", struct job_record, JOB_ROWS, "One device in one run.");

static const struct field RUN_ROWS[] = {
	S(run_record, id, "Run id."),
	S(run_record, commit, "Commit that was deployed."),
	S(run_record, subject, "Its subject."),
	S(run_record, author, "Its author."),
	S(run_record, branch, "Branch it is on."),
	S(run_record, who, "Who asked for the run."),
	S(run_record, reason, "Why."),
	F(run_record, FIELD_BOOL, first, "First contact with new devices was allowed."),
	S(run_record, started, "When it started."),
	S(run_record, finished, "When it ended."),
	S(run_record, outcome, "succeeded, partly deployed, failed, blocked or nothing to do."),
	T(run_record, FIELD_STRUCT, error, &ERROR_RECORD, "What stopped the run as a whole."),
	F(run_record, FIELD_BOOL, open, "Still running."),
	F(run_record, FIELD_BOOL, published, "On the results branch."),
	F(run_record, FIELD_INT, devices, "Devices in the run."),
	F(run_record, FIELD_INT, deployed, "Deployed."),
	F(run_record, FIELD_INT, unchanged, "Unchanged, baselined or unmanaged."),
	F(run_record, FIELD_INT, refused, "Refused before the change was active."),
	F(run_record, FIELD_INT, failed, "Failed before the change was active."),
	F(run_record, FIELD_INT, reverted, "Taken back after the change was active."),
	F(run_record, FIELD_INT, quarantined, "Undecided: a person is needed."),
	F(run_record, FIELD_INT, blocked, "Behind a closed gate."),
	F(run_record, FIELD_INT, skipped, "Not started because the run stopped."),
};
const struct field_table RUN_RECORD =
    FIELD_TABLE("run", struct run_record, RUN_ROWS, "One run.");

static const struct field DEVICE_ROWS[] = {
	S(device_record, device, "Device name."),
	S(device_record, site, "Site."),
	S(device_record, platform, "Platform."),
	E(device_record, sync, SYNC_WORDS, "Git against the device."),
	E(device_record, health, HEALTH_WORDS, "Whether it can be reached and is well."),
	S(device_record, why, "What a person should know."),
	S(device_record, applied_commit, "Commit last confirmed on the device."),
	S(device_record, applied_blob, "Blob id of that configuration."),
	S(device_record, applied_hash, "Normal hash of running when it was confirmed."),
	S(device_record, applied_secrets, "Fingerprint of the secrets in it."),
	S(device_record, applied_at, "When."),
	S(device_record, applied_run, "By which run."),
	S(device_record, held, "Why it is not tried again."),
	S(device_record, held_inputs, "The inputs on which it is held."),
	S(device_record, quarantined, "Why nothing touches it until `fairlead ack`."),
	S(device_record, last_run, "The last run that worked on it."),
	S(device_record, last_end, "How that ended."),
	S(device_record, seen, "When it was last read."),
	S(device_record, running_hash, "Normal hash of running then."),
	S(device_record, version, "Software it reported."),
	S(device_record, hostname, "Host name it reported."),
	S(device_record, serial, "Serial number it reported."),
};
const struct field_table DEVICE_RECORD =
    FIELD_TABLE("device", struct device_record, DEVICE_ROWS, "One device.");

static const struct field PIN_ROWS[] = {
	S(pin_record, device, "Device name."),
	S(pin_record, type, "Key type."),
	S(pin_record, fingerprint, "SHA-256 fingerprint."),
	S(pin_record, who, "Who trusted it."),
	S(pin_record, at, "When."),
};
const struct field_table PIN_RECORD =
    FIELD_TABLE("pin", struct pin_record, PIN_ROWS, "A trusted host key.");

static const struct field SUSPEND_ROWS[] = {
	S(suspend_record, selector, "Devices it is for."),
	S(suspend_record, reason, "Why."),
	S(suspend_record, who, "Who suspended."),
	S(suspend_record, at, "When."),
	S(suspend_record, until, "Until when; absent: until resumed."),
};
const struct field_table SUSPEND_RECORD =
    FIELD_TABLE("suspension", struct suspend_record, SUSPEND_ROWS, "A suspension.");

static const struct field AUDIT_ROWS[] = {
	F(audit_record, FIELD_INT, seq, "Number in the chain, from 1."),
	S(audit_record, at, "When."),
	S(audit_record, run, "Run id."),
	S(audit_record, device, "Device."),
	S(audit_record, who, "Who."),
	S(audit_record, what, "What happened, a stable word."),
	S(audit_record, text, "In words."),
	S(audit_record, previous, "Hash of the record before."),
	S(audit_record, hash, "Hash of this record."),
};
const struct field_table AUDIT_RECORD =
    FIELD_TABLE("audit", struct audit_record, AUDIT_ROWS, "A line of the audit trail.");

/*
 * Writing: the mirror image of field_read(). Absent values are left out, so
 * that records read back as they were.
 */
static void
field_json(struct jw *w, const struct field *f, const char *base)
{
	const void *p = base + f->offset;
	const struct field_list *list = p;
	const struct field_strings *strings = p;
	const char *const *s = p;
	size_t i;

	switch (f->type) {
	case FIELD_STRING:
	case FIELD_NAME:
		if (*s != NULL)
			jw_string(w, f->key, *s);
		break;
	case FIELD_BOOL:
		jw_bool(w, f->key, *(const bool *)p);
		break;
	case FIELD_INT:
		jw_int(w, f->key, *(const int64_t *)p);
		break;
	case FIELD_ENUM:
		jw_string(w, f->key, f->words[*(const int *)p]);
		break;
	case FIELD_STRINGS:
		jw_array(w, f->key);
		for (i = 0; i < strings->n; i++)
			jw_string(w, NULL, strings->v[i]);
		jw_end(w);
		break;
	case FIELD_STRUCT:
		record_json(w, f->key, f->table, p);
		break;
	case FIELD_LIST:
		jw_array(w, f->key);
		for (i = 0; i < list->n; i++)
			record_json(w, NULL, f->table,
			    (const char *)list->v + i * f->table->size);
		jw_end(w);
		break;
	default:
		assert(!"records hold no other kinds of fields");
	}
}

void
record_json(struct jw *w, const char *key, const struct field_table *t, const void *record)
{
	size_t i;

	jw_object(w, key);
	for (i = 0; i < t->n; i++)
		field_json(w, &t->rows[i], record);
	jw_end(w);
}

int
record_read(void *out, const struct field_table *t, struct span json, struct arena *a,
    struct err *err)
{
	struct problems ps;
	struct doc_node *node;

	problems_init(&ps, a);
	if (doc_parse_json(&node, a, t->name, json, &DOC_LIMITS_INVENTORY, &ps) != 0 ||
	    field_read(out, t, node, a, t->name, &ps) != 0)
		return err_set(err, ERR_IO, "damaged %s record: %s", t->name,
		    ps.n > 0 ? ps.v[0].text : "unreadable");
	return 0;
}

const char *
record_text(struct arena *a, const char *s)
{
	struct buf b = BUF_INIT, shown = BUF_INIT;
	const char *text;

	buf_adds(&b, s);
	secret_mask(&b);
	text_visible(&shown, buf_span(&b), false);
	text = arena_strdup(a, buf_str(&shown));
	buf_release(&b);
	buf_release(&shown);
	return text;
}

void
error_record_set(struct error_record *r, struct arena *a, const struct err *err)
{
	r->code = err_word(err->code);
	r->fault = fault_word(err_fault(err->code));
	r->text = record_text(a, err->text);
	r->next = err->next[0] != '\0' ? record_text(a, err->next) : NULL;
}

const char *
record_time(struct arena *a, struct sys *sys)
{
	char s[32];

	return arena_strdup(a, wall_str(sys_wall(sys), s));
}

void
counts_add(struct buf *out, int64_t added, int64_t removed, int64_t changed, int64_t moved)
{
	const struct {
		int64_t n;
		const char *word;
	} v[] = { { added, "added" }, { removed, "removed" }, { changed, "changed" },
		{ moved, "moved" } };
	const char *before = "";

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (v[i].n == 0)
			continue;
		buf_addf(out, "%s%lld %s", before, (long long)v[i].n, v[i].word);
		before = ", ";
	}
	if (*before == '\0')
		buf_adds(out, "nothing");
}

const char *
counts_of(const struct job_record *rec, struct arena *a)
{
	struct buf text = BUF_INIT;
	const char *s;

	counts_add(&text, rec->added, rec->removed, rec->changed, rec->moved);
	s = arena_strdup(a, buf_str(&text));
	buf_release(&text);
	return s;
}
