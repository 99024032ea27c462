/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of numbers as network devices write them: `10-12,20`, `2 to 5 10`.
 */
#include "diffing/config.h"

#define RANGES_MAX 10000

static bool
number(const char **p, const char *end, uint32_t *out)
{
	uint64_t n = 0;
	const char *from = *p;

	for (; *p < end && **p >= '0' && **p <= '9' && n <= UINT32_MAX; (*p)++)
		n = n * 10 + (uint64_t)(**p - '0');
	*out = (uint32_t)n;
	return *p > from && n <= UINT32_MAX;
}

static void
blanks(const char **p, const char *end)
{
	while (*p < end && **p == ' ')
		(*p)++;
}

/* `10`, `10-12` or `10 to 12` at *p. */
static bool
one(const char **p, const char *end, struct range *r)
{
	const char *at;

	if (!number(p, end, &r->from))
		return false;
	r->to = r->from;
	at = *p;
	blanks(&at, end);
	if (at < end && *at == '-')
		at++;
	else if (end - at > 3 && memcmp(at, "to ", 3) == 0)
		at += 3;
	else
		return true;
	blanks(&at, end);
	*p = at;
	return number(p, end, &r->to) && r->from <= r->to;
}

static int
by_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

bool
range_read(struct arena *a, struct span list, struct range **v, size_t *n)
{
	const char *p = list.p, *end = list.p + list.len;
	size_t count = *n;
	struct range r;

	while (p < end) {
		if (count >= RANGES_MAX || !one(&p, end, &r))
			return false;
		ARENA_PUSH(a, *v, count) = r;
		blanks(&p, end);
		if (p < end && *p == ',' && ++p == end)
			return false;
		blanks(&p, end);
	}
	*n = count;
	return count > 0;
}

size_t
range_merge(struct range *v, size_t n)
{
	size_t out = 0;

	qsort(v, n, sizeof(*v), by_start);
	for (size_t i = 1; i < n; i++) {
		if (v[out].to == UINT32_MAX || v[i].from <= v[out].to + 1)
			v[out].to = v[i].to > v[out].to ? v[i].to : v[out].to;
		else
			v[++out] = v[i];
	}
	return out + 1;
}

void
range_print(struct range *v, size_t n, struct buf *out)
{
	n = n > 0 ? range_merge(v, n) : 0;
	for (size_t i = 0; i < n; i++) {
		buf_addf(out, "%s%u", i > 0 ? "," : "", (unsigned)v[i].from);
		if (v[i].to > v[i].from)
			buf_addf(out, "-%u", (unsigned)v[i].to);
	}
}
