/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed values, templates and patterns. The only text that can ever be put
 * into a command passes value_ok() first, whoever it came from.
 */
#include "devices/values.h"

const char *const value_type_words[VALUE_TYPES + 1] = {
	[VALUE_TEXT] = "text", [VALUE_NUMBER] = "number", [VALUE_NAME] = "name",
	[VALUE_PATH] = "path", [VALUE_HEX] = "hex", [VALUE_TIME] = "time",
	[VALUE_WORDS] = "words",
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* All of s from the letters, digits and `extra`. */
static bool
only(struct span s, const char *extra)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.p[i]) && (s.p[i] == '\0' || strchr(extra, s.p[i]) == NULL))
			return false;
	return true;
}

static bool
text_ok(struct span s)
{
	if (!text_utf8_ok(s.p, s.len))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			return false;
		/* C1 controls, in UTF-8: C2 80 to C2 9F. */
		if (c == 0xc2 && i + 1 < s.len && (unsigned char)s.p[i + 1] < 0xa0)
			return false;
	}
	return true;
}

static bool
path_ok(struct span s)
{
	struct span part;

	if (s.p[0] != '/' || !only(s, "/._-+@:,=%"))
		return false;
	for (size_t i = 0, start = 0; i <= s.len; i++) {
		if (i < s.len && s.p[i] != '/')
			continue;
		part = span_of(s.p + start, i - start);
		if (span_is(part, ".."))
			return false;
		start = i + 1;
	}
	return true;
}

static bool
number_ok(struct span s)
{
	size_t i = 0, whole;

	while (i < s.len && is_digit(s.p[i]))
		i++;
	whole = i;
	if (whole == 0 || whole > 15)
		return false;
	if (i == s.len)
		return true;
	if (s.p[i++] != '.' || i == s.len || s.len - i > 9)
		return false;
	while (i < s.len && is_digit(s.p[i]))
		i++;
	return i == s.len;
}

/* "2026-11-21 10:15:12.227", more digits of the fraction allowed. */
static bool
time_ok(struct span s)
{
	static const char shape[] = "0000-00-00 00:00:00.000";
	size_t n = sizeof(shape) - 1;

	if (s.len < n || s.len > n + 6)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char want = i < n ? shape[i] : '0';

		if (want == '0' ? !is_digit(s.p[i]) : s.p[i] != want)
			return false;
	}
	return true;
}

static bool
hex_ok(struct span s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_digit(s.p[i]) && (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return true;
}

static const struct {
	size_t max;
	const char *help;
} limits[VALUE_TYPES] = {
	[VALUE_TEXT] = { 1024, "one line of visible text" },
	[VALUE_NUMBER] = { 25, "a number" },
	[VALUE_NAME] = { 128, "letters, digits, '.', '_' and '-'" },
	[VALUE_PATH] = { 1024, "an absolute path without spaces, quotes or \"..\"" },
	[VALUE_HEX] = { 128, "hexadecimal digits" },
	[VALUE_TIME] = { 32, "a time with milliseconds (YYYY-MM-DD HH:MM:SS.mmm)" },
	[VALUE_WORDS] = { 1024, "one line of visible text" },
};

bool
value_ok(enum value_type type, struct span s)
{
	if (s.len == 0 || s.len > limits[type].max)
		return false;
	switch (type) {
	case VALUE_NUMBER:
		return number_ok(s);
	case VALUE_NAME:
		return only(s, "._-");
	case VALUE_PATH:
		return path_ok(s);
	case VALUE_HEX:
		return hex_ok(s);
	case VALUE_TIME:
		return time_ok(s);
	default:
		return text_ok(s);
	}
}

const char *
value_type_help(enum value_type type)
{
	return limits[type].help;
}

static int64_t
digits(const char *p, size_t n)
{
	int64_t v = 0;

	while (n-- > 0)
		v = v * 10 + (*p++ - '0');
	return v;
}

int64_t
value_time_ms(const char *t)
{
	int64_t year = digits(t, 4), month = digits(t + 5, 2), day = digits(t + 8, 2);
	int64_t days, y = year - (month <= 2), m = (month + 9) % 12;

	/* Days of the civil calendar, counted from a March, so that the leap
	 * day is the last of its year. */
	days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
	return ((days * 24 + digits(t + 11, 2)) * 60 + digits(t + 14, 2)) * 60000 +
	    digits(t + 17, 2) * 1000 + digits(t + 20, 3);
}

bool
template_parse(struct template *out, struct arena *a, const char *source, const char **why)
{
	struct template_part *parts = NULL;
	size_t n = 0;
	const char *p = source, *open, *close;

	while ((open = strstr(p, "${")) != NULL) {
		struct template_part part = { span_of(p, (size_t)(open - p)), NULL };

		if ((close = strchr(open, '}')) == NULL) {
			*why = "`${` without `}`";
			return false;
		}
		part.name = arena_strndup(a, open + 2, (size_t)(close - open - 2));
		if (!text_name_ok(part.name)) {
			*why = "`${...}` must hold the name of a value";
			return false;
		}
		ARENA_PUSH(a, parts, n) = part;
		p = close + 1;
	}
	ARENA_PUSH(a, parts, n) = (struct template_part){ span_str(p), NULL };
	*out = (struct template){ source, parts, n };
	return true;
}

/* With `quote`, values are escaped for use in a pattern. */
static int
fill(const struct template *t, const struct lookup *values, bool quote, struct buf *out,
    struct err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct template_part *part = &t->parts[i];
		const char *value;

		buf_addspan(out, part->literal);
		if (part->name == NULL)
			continue;
		if ((value = values->get(values->ctx, part->name)) == NULL)
			return err_set(err, ERR_NOTFOUND, "the value `%s` is not set",
			    part->name);
		if (quote)
			re_quote(out, span_str(value));
		else
			buf_adds(out, value);
	}
	return 0;
}

int
template_fill(const struct template *t, const struct lookup *values, struct buf *out,
    struct err *err)
{
	return fill(t, values, false, out, err);
}

static const char *
any_value(const void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return "x";
}

bool
pattern_parse(struct pattern *out, struct arena *a, const char *source, const char **why)
{
	const struct lookup anything = { any_value, NULL };
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	bool ok = false;

	if (!template_parse(&out->text, a, source, why))
		return false;
	if (fill(&out->text, &anything, true, &text, &err) == 0 &&
	    re_compile(&out->re, buf_str(&text), &err) == 0)
		ok = true;
	else
		*why = arena_strdup(a, err.text);
	buf_release(&text);
	return ok;
}

void
pattern_release(struct pattern *p)
{
	if (p->re != NULL)
		re_free(p->re);
	p->re = NULL;
}

bool
pattern_ready(const struct pattern *p, const struct lookup *values)
{
	for (size_t i = 0; i < p->text.n; i++)
		if (p->text.parts[i].name != NULL &&
		    values->get(values->ctx, p->text.parts[i].name) == NULL)
			return false;
	return true;
}

static int
hand_over(const struct re *re, const struct re_match *m, const struct pattern_sink *sink,
    struct err *err)
{
	int rc = 0, group;

	for (const char *const *name = re_names(re); *name != NULL && rc >= 0; name++) {
		group = re_group(re, *name);
		if (group > 0 && group < m->n && m->group[group].p != NULL)
			rc = sink->set(sink->ctx, *name, m->group[group], err);
	}
	return rc;
}

int
pattern_find(const struct pattern *p, const struct lookup *values, struct span text,
    const struct pattern_sink *sink, struct span *whole, struct err *err)
{
	struct buf source = BUF_INIT;
	struct re *own = NULL, *re = p->re;
	struct re_match m;
	int rc = 0;

	if (!pattern_ready(p, values))
		return 0;
	if (p->text.n > 1) {
		if ((rc = fill(&p->text, values, true, &source, err)) != 0 ||
		    (rc = re_compile(&own, buf_str(&source), err)) != 0)
			goto out;
		re = own;
	}
	rc = re_find(re, text, &m);
	if (rc < 0) {
		rc = err_set(err, ERR_LIMIT, "the pattern %s explodes on what the device said",
		    p->text.source);
		goto out;
	}
	if (rc == 0)
		goto out;
	if (whole != NULL)
		*whole = m.group[0];
	if (sink != NULL && (rc = hand_over(re, &m, sink, err)) < 0)
		goto out;
	rc = 1;
out:
	if (own != NULL)
		re_free(own);
	buf_release(&source);
	return rc;
}
