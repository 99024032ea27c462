/* SPDX-License-Identifier: Apache-2.0 */
#include "lab/fault.h"

struct kind {
	const char *word;
	enum fault_arg arg;
	int64_t number;
	const char *help;
};
static const struct kind kinds[FAULT_COUNT] = {
#define X(kind, word, arg, number, help) [kind] = { word, arg, number, help },
	FAULT_TABLE(X)
#undef X
};

static const char *const steps[STEP_COUNT] = {
#define X(name, word) [name] = word,
	STEP_TABLE(X)
#undef X
};

enum step
step_of(const char *word)
{
	for (int i = STEP_NONE + 1; i < STEP_COUNT; i++)
		if (strcmp(steps[i], word) == 0)
			return (enum step)i;
	return STEP_NONE;
}

const char *
step_word(enum step step)
{
	return step != STEP_NONE ? steps[step] : "none";
}

static int
parse_arg(struct lab_fault *f, const struct kind *k, const char *arg, struct err *err)
{
	f->number = k->number;
	switch (k->arg) {
	case ARG_NONE:
		return *arg == '\0' ? 0 : err_set(err, ERR_USAGE,
		    "fault %s takes no argument", k->word);
	case ARG_NUMBER:
		return *arg == '\0' || text_int(arg, 0, INT64_MAX, &f->number) ? 0 :
		    err_set(err, ERR_USAGE, "fault %s: not a number: %s", k->word, arg);
	case ARG_TIME:
		return *arg == '\0' || text_duration(arg, &f->number) ? 0 :
		    err_set(err, ERR_USAGE, "fault %s: not a time: %s", k->word, arg);
	case ARG_STEP:
		f->step = step_of(arg);
		return f->step != STEP_NONE ? 0 :
		    err_set(err, ERR_USAGE, "fault %s: no such step: %s", k->word, arg);
	case ARG_TEXT:
		if (*arg == '\0')
			return err_set(err, ERR_USAGE, "fault %s needs a text", k->word);
		break;
	case ARG_MAYBE_TEXT:
		break;
	}
	if (strlen(arg) >= sizeof(f->text))
		return err_set(err, ERR_USAGE, "fault %s: text too long", k->word);
	memcpy(f->text, arg, strlen(arg) + 1);
	return 0;
}

/* Cut "*3" off the end of the text. */
static bool
parse_times(char *text, int *times)
{
	char *star = strrchr(text, '*');
	int64_t n;

	*times = -1;
	if (star == NULL)
		return true;
	if (!text_int(star + 1, 1, 1000000, &n))
		return false;
	*star = '\0';
	*times = (int)n;
	return true;
}

int
fault_parse(struct lab_fault *out, const char *spec, struct err *err)
{
	char text[FAULT_TEXT + 64];
	char *arg;

	memset(out, 0, sizeof(*out));
	snprintf(text, sizeof(text), "%s", spec);
	if (!parse_times(text, &out->times))
		return err_set(err, ERR_USAGE, "fault %s: not a count after *", spec);
	arg = strchr(text, ':');
	if (arg != NULL)
		*arg++ = '\0';
	for (int i = 0; i < FAULT_COUNT; i++)
		if (strcmp(kinds[i].word, text) == 0) {
			out->kind = (enum fault_kind)i;
			return parse_arg(out, &kinds[i], arg != NULL ? arg : "", err);
		}
	return err_set(err, ERR_USAGE, "no such fault: %s", text);
}

void
fault_format(const struct lab_fault *f, struct buf *out)
{
	const struct kind *k = &kinds[f->kind];

	buf_adds(out, k->word);
	if (k->arg == ARG_STEP)
		buf_addf(out, ":%s", step_word(f->step));
	else if (k->arg == ARG_NUMBER)
		buf_addf(out, ":%lld", (long long)f->number);
	else if (k->arg == ARG_TIME)
		buf_addf(out, ":%lldms", (long long)f->number);
	else if (f->text[0] != '\0')
		buf_addf(out, ":%s", f->text);
	if (f->times >= 0)
		buf_addf(out, "*%d", f->times);
}

int
fault_add(struct lab_faults *fs, const struct lab_fault *f, struct err *err)
{
	if (fs->n == FAULTS_MAX)
		return err_set(err, ERR_LIMIT, "more than %d faults on a device", FAULTS_MAX);
	fs->v[fs->n++] = *f;
	return 0;
}

const struct lab_fault *
fault_find(const struct lab_faults *fs, enum fault_kind kind)
{
	return fault_at(fs, kind, STEP_NONE);
}

const struct lab_fault *
fault_at(const struct lab_faults *fs, enum fault_kind kind, enum step step)
{
	for (int i = 0; i < fs->n; i++)
		if (fs->v[i].kind == kind && (step == STEP_NONE || fs->v[i].step == step))
			return &fs->v[i];
	return NULL;
}

void
fault_struck(struct lab_faults *fs, const struct lab_fault *f)
{
	size_t i = (size_t)(f - fs->v);

	if (f->times < 0 || --fs->v[i].times > 0)
		return;
	fs->n--;
	memmove(&fs->v[i], &fs->v[i + 1], ((size_t)fs->n - i) * sizeof(fs->v[0]));
}

void
fault_help(struct buf *out)
{
	static const char *const arg[] = {
		[ARG_NONE] = "", [ARG_NUMBER] = "[:N]", [ARG_TIME] = "[:TIME]",
		[ARG_STEP] = ":STEP", [ARG_TEXT] = ":TEXT", [ARG_MAYBE_TEXT] = "[:TEXT]",
	};

	for (int i = 0; i < FAULT_COUNT; i++) {
		char head[40];

		snprintf(head, sizeof(head), "%s%s", kinds[i].word, arg[kinds[i].arg]);
		buf_addf(out, "  %-24s %s\n", head, kinds[i].help);
	}
	buf_adds(out, "  STEP is one of");
	for (int i = STEP_NONE + 1; i < STEP_COUNT; i++)
		buf_addf(out, " %s", steps[i]);
	buf_adds(out, ".\n");
}
