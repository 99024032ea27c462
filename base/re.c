/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that knows PCRE2. Patterns come from files people edit and
 * texts from devices that may be hostile, so a search is bounded three ways:
 *
 *  - PCRE2's match limit bounds the work from one starting position;
 *  - that limit starts anew at each position, so a long text is searched in
 *    windows of starting positions and the CPU time is looked at in between;
 *  - heap and JIT stack have a maximum.
 *
 * A compiled pattern is never written to again; what a search needs lives in
 * the call, so threads share patterns without a lock.
 */
#include "base/re.h"

#include <ctype.h>
#include <time.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define RE_GROUPS (sizeof(((struct re_match *)0)->group) / sizeof(struct span))
#define RE_PATTERN_MAX 16384		/* bytes */
#define RE_MATCH_LIMIT 1000000		/* steps from one start */
#define RE_DEPTH_LIMIT 250000		/* nested backtracks, interpreter only */
#define RE_HEAP_LIMIT 65536		/* KiB, interpreter only */
#define RE_JIT_STACK ((size_t)8 << 20)	/* bytes, when 32 KiB did not do */
#define RE_CPU_MS 2000			/* of one search, looked at per window */
/* Starts tried between two looks at the clock: a start costs at most about
 * 2 ms with JIT and 500 ms without. */
#define RE_WINDOW_JIT 1024
#define RE_WINDOW 64

struct re {
	char *source;
	pcre2_code *code;
	pcre2_match_context *context;
	bool jit;
	int groups;		/* with the whole match */
	const char **names;	/* in order of their groups */
};

static pcre2_match_context *
new_context(void)
{
	pcre2_match_context *c = pcre2_match_context_create(NULL);

	if (c == NULL)
		return NULL;
	pcre2_set_match_limit(c, RE_MATCH_LIMIT);
	pcre2_set_depth_limit(c, RE_DEPTH_LIMIT);
	pcre2_set_heap_limit(c, RE_HEAP_LIMIT);
	return c;
}

/* PCRE2 keeps names sorted by name; people expect them as written. */
static void
collect_names(struct re *re)
{
	const char *by_group[RE_GROUPS] = { NULL };
	uint32_t count = 0, size = 0;
	PCRE2_SPTR entry = NULL;
	size_t n = 0;

	pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &entry);
	for (uint32_t i = 0; i < count; i++, entry += size) {
		unsigned group = (unsigned)entry[0] << 8 | entry[1];

		by_group[group] = (const char *)entry + 2;
	}
	re->names = mem_calloc(RE_GROUPS + 1, sizeof(*re->names));
	for (size_t i = 0; i < RE_GROUPS; i++) {
		if (by_group[i] != NULL)
			re->names[n++] = by_group[i];
	}
}

static int
compile_code(struct re *re, const char *pattern, struct err *err)
{
	uint32_t options = PCRE2_MULTILINE | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
	    PCRE2_USE_OFFSET_LIMIT;
	pcre2_compile_context *c = pcre2_compile_context_create(NULL);
	PCRE2_SIZE at = 0;
	int why = 0;
	PCRE2_UCHAR text[160] = "";

	if (c != NULL) {
		pcre2_set_newline(c, PCRE2_NEWLINE_LF);
		pcre2_set_max_pattern_length(c, RE_PATTERN_MAX);
	}
	re->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, options, &why,
	    &at, c);
	pcre2_compile_context_free(c);
	if (re->code == NULL) {
		pcre2_get_error_message(why, text, sizeof(text));
		return err_set(err, ERR_CONTENT, "pattern \"%.80s\" is wrong at character %zu: %s",
		    pattern, (size_t)at + 1, (const char *)text);
	}
	return 0;
}

int
re_compile(struct re **out, const char *pattern, struct err *err)
{
	struct re *re = mem_zalloc(sizeof(*re));
	uint32_t groups = 0;
	size_t jit_size = 0;
	int r;

	*out = NULL;
	if ((r = compile_code(re, pattern, err)) < 0)
		goto out;
	pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups >= RE_GROUPS) {
		r = err_set(err, ERR_CONTENT, "pattern \"%.80s\" has %u groups, at most %zu are "
		    "kept", pattern, (unsigned)groups, RE_GROUPS - 1);
		err_next(err, "write (?:...) where the text of a group is not needed");
		goto out;
	}
	re->context = new_context();
	if (re->context == NULL) {
		r = err_set(err, ERR_LIMIT, "pattern \"%.80s\": no memory", pattern);
		goto out;
	}
	/* Without JIT (not on this machine, or forbidden by the service's
	 * sandbox) the interpreter does the same, slower. */
	pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE);
	pcre2_pattern_info(re->code, PCRE2_INFO_JITSIZE, &jit_size);
	re->jit = jit_size > 0;
	re->groups = (int)groups + 1;
	re->source = mem_strdup(pattern);
	collect_names(re);
	*out = re;
	re = NULL;
out:
	re_free(re);
	return r;
}

void
re_free(struct re *re)
{
	if (re == NULL)
		return;
	pcre2_code_free(re->code);
	pcre2_match_context_free(re->context);
	free(re->names);
	free(re->source);
	free(re);
}

const char *
re_source(const struct re *re)
{
	return re->source;
}

static int64_t
cpu_ms(void)
{
	struct timespec t = { 0, 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* JIT code runs on 32 KiB of the thread's own stack; a pattern that needs
 * more gets a stack for this one call. */
static int
match_from(const struct re *re, struct span text, size_t from, pcre2_match_data *data,
    pcre2_match_context *context)
{
	PCRE2_SPTR p = (PCRE2_SPTR)(text.p != NULL ? text.p : "");
	pcre2_match_context *roomy = NULL;
	pcre2_jit_stack *stack = NULL;
	int rc;

	rc = pcre2_match(re->code, p, text.len, from, 0, data, context);
	if (rc != PCRE2_ERROR_JIT_STACKLIMIT)
		return rc;
	roomy = pcre2_match_context_copy(context);
	stack = pcre2_jit_stack_create(32768, RE_JIT_STACK, NULL);
	if (roomy != NULL && stack != NULL) {
		pcre2_jit_stack_assign(roomy, NULL, stack);
		rc = pcre2_match(re->code, p, text.len, from, 0, data, roomy);
	}
	pcre2_jit_stack_free(stack);
	pcre2_match_context_free(roomy);
	return rc;
}

/* As one search over the whole text would, except that `\G` and (*COMMIT)
 * bind to a window. Lookbehind sees the text before it. */
static int
match_windows(const struct re *re, struct span text, size_t window, pcre2_match_data *data)
{
	pcre2_match_context *context = pcre2_match_context_copy(re->context);
	int64_t end = cpu_ms() + RE_CPU_MS;
	int rc = PCRE2_ERROR_NOMATCH;

	if (context == NULL)
		return PCRE2_ERROR_NOMEMORY;
	for (size_t from = 0; from <= text.len; from += window) {
		pcre2_set_offset_limit(context, from + window - 1);
		rc = match_from(re, text, from, data, context);
		if (rc != PCRE2_ERROR_NOMATCH)
			break;
		if (cpu_ms() > end) {
			rc = PCRE2_ERROR_MATCHLIMIT;
			break;
		}
	}
	pcre2_match_context_free(context);
	return rc;
}

static void
take_groups(const struct re *re, struct span text, pcre2_match_data *data, struct re_match *m)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(data);

	memset(m, 0, sizeof(*m));
	m->n = re->groups;
	for (int i = 0; i < m->n; i++) {
		size_t start = at[2 * i], end = at[2 * i + 1];

		if (start == PCRE2_UNSET || end < start || end > text.len)
			continue;
		m->group[i] = span_of(text.p != NULL ? text.p + start : "", end - start);
	}
}

int
re_find(const struct re *re, struct span text, struct re_match *m)
{
	size_t window = re->jit ? RE_WINDOW_JIT : RE_WINDOW;
	pcre2_match_data *data = pcre2_match_data_create(RE_GROUPS, NULL);
	int rc;

	if (data == NULL)
		return ERR_LIMIT;
	if (text.len < window)
		rc = match_from(re, text, 0, data, re->context);
	else
		rc = match_windows(re, text, window, data);
	if (rc >= 0 && m != NULL)
		take_groups(re, text, data, m);
	pcre2_match_data_free(data);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	return rc >= 0 ? 1 : ERR_LIMIT;
}

int
re_group(const struct re *re, const char *name)
{
	int n = pcre2_substring_number_from_name(re->code, (PCRE2_SPTR)name);

	return n > 0 ? n : -1;
}

const char *const *
re_names(const struct re *re)
{
	return re->names;
}

void
re_quote(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		/* 0x85 is white space under (?x), whatever the locale. */
		if (c < 0x20 || c == 0x7f || c == 0x85) {
			buf_addf(out, "\\x%02x", c);
			continue;
		}
		if (c < 0x80 && !isalnum(c) && c != '_')
			buf_addc(out, '\\');
		buf_addc(out, (char)c);
	}
}
