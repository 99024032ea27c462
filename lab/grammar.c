/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Understanding one line: walk the words of a row's syntax and of the line
 * side by side, with backtracking over the optional parts, and write the
 * canonical line and its identity on the way. Of all rows that match, the
 * one with the most literal words wins; two rows that would expand an
 * abbreviation differently make the line ambiguous, as on the device.
 */
#include "lab/grammar.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <strings.h>

enum { WORDS_MAX = 160 };

struct walk {
	struct span word[WORDS_MAX];
	size_t n;
	const char *text;	/* the whole line, for <line> */
	bool partial;		/* may stop early */
	bool stopped;		/* it did */
	struct buf line, key, score;
	/* The best of the rows that wanted more words. */
	bool short_of_words, short_ambiguous;
	struct buf short_line, short_score;
};

void
lab_match_init(struct match *m)
{
	memset(m, 0, sizeof(*m));
}

void
lab_match_release(struct match *m)
{
	buf_release(&m->line);
	buf_release(&m->key);
}

struct span
word_at(const char *line, size_t n)
{
	while (*line != '\0') {
		size_t len;

		line += strspn(line, " ");
		len = strcspn(line, " ");
		if (--n == 0)
			return span_of(line, len);
		line += len;
	}
	return span_of("", 0);
}

/* --- values ----------------------------------------------------------- */

struct interface_name {
	const char *name, *brief;
};
static const struct interface_name interface_names[] = {
	{ "Ethernet", "Et" }, { "Management", "Ma" }, { "Port-Channel", "Po" },
	{ "Vlan", "Vl" }, { "Loopback", "Lo" }, { "Vxlan", "Vx" }, { "Tunnel", "Tu" },
	{ "Dps", "Dps" }, { "Null", "Nu" }, { "Recirc-Channel", "Re" },
};
#define N_INTERFACES (sizeof(interface_names) / sizeof(interface_names[0]))

/* Letters of the name part; a name may hold one '-' (Port-Channel). */
static size_t
name_len(struct span s)
{
	size_t n = 0;

	while (n < s.len && (isalpha((unsigned char)s.p[n]) || s.p[n] == '-'))
		n++;
	return n;
}

static const struct interface_name *
interface_name(struct span s, size_t len)
{
	for (size_t i = 0; i < N_INTERFACES; i++)
		if (len >= 2 && len <= strlen(interface_names[i].name) &&
		    strncasecmp(s.p, interface_names[i].name, len) == 0)
			return &interface_names[i];
	return NULL;
}

bool
interface_short(struct span name, char *out, size_t size)
{
	size_t len = name_len(name);
	const struct interface_name *in = interface_name(name, len);

	if (in == NULL)
		return false;
	snprintf(out, size, "%s%.*s", in->brief, (int)(name.len - len), name.p + len);
	return true;
}

/* digits, then any number of / or . with digits; plain ranges if allowed. */
static bool
interface_number(struct span s, bool range)
{
	bool digit = false;

	range = range && memchr(s.p, '/', s.len) == NULL &&
	    memchr(s.p, '.', s.len) == NULL;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (isdigit((unsigned char)c)) {
			digit = true;
			continue;
		}
		if (!digit || !(c == '/' || c == '.' || (range && (c == ',' || c == '-'))))
			return false;
		digit = false;
	}
	return digit;
}

/* arg: a full name, or NULL for any; "+" in front allows ranges. */
static bool
value_intf(struct span w, const char *arg, struct buf *out)
{
	bool range = arg != NULL && arg[0] == '+';
	const char *want = arg != NULL ? arg + range : NULL;
	size_t len = name_len(w);
	const struct interface_name *in = interface_name(w, len);

	if (in == NULL || (want != NULL && want[0] != '\0' && strcmp(want, in->name) != 0) ||
	    !interface_number(span_of(w.p + len, w.len - len), range))
		return false;
	buf_addf(out, "%s%.*s", in->name, (int)(w.len - len), w.p + len);
	return true;
}

static bool
to_text(struct span w, char *out, size_t size)
{
	if (w.len == 0 || w.len >= size)
		return false;
	memcpy(out, w.p, w.len);
	out[w.len] = '\0';
	return true;
}

static bool
value_number(struct span w, const char *arg, struct buf *out)
{
	char text[24], lo[24];
	const char *dash = strchr(arg, '-');
	int64_t min, max, v;

	if (!to_text(w, text, sizeof(text)) ||
	    !to_text(span_of(arg, (size_t)(dash - arg)), lo, sizeof(lo)) ||
	    !text_int(lo, 0, INT64_MAX, &min) || !text_int(dash + 1, 0, INT64_MAX, &max) ||
	    !text_int(text, min, max, &v))
		return false;
	buf_addf(out, "%lld", (long long)v);
	return true;
}

static bool
value_ip(struct span w, const char *arg, struct buf *out)
{
	char text[INET6_ADDRSTRLEN], canon[INET6_ADDRSTRLEN];
	uint8_t raw[16];
	int family = arg != NULL && arg[0] == '6' ? AF_INET6 : AF_INET;

	if (!to_text(w, text, sizeof(text)) || inet_pton(family, text, raw) != 1)
		return false;
	inet_ntop(family, raw, canon, sizeof(canon));
	buf_adds(out, canon);
	return true;
}

static bool
value_anyip(struct span w, const char *arg, struct buf *out)
{
	(void)arg;
	return value_ip(w, NULL, out) || value_ip(w, "6", out);
}

/* address/len; arg "6" for IPv6. */
static bool
value_prefix(struct span w, const char *arg, struct buf *out)
{
	const char *slash = memchr(w.p, '/', w.len);
	bool six = arg != NULL && arg[0] == '6';
	char text[8];
	int64_t len;
	size_t mark = out->len;

	if (slash == NULL ||
	    !to_text(span_of(slash + 1, (size_t)(w.p + w.len - slash - 1)), text, sizeof(text)) ||
	    !text_int(text, 0, six ? 128 : 32, &len) ||
	    !value_ip(span_of(w.p, (size_t)(slash - w.p)), arg, out)) {
		buf_cut(out, mark);
		return false;
	}
	buf_addf(out, "/%d", (int)len);
	return true;
}

bool
prefix_parse(const char *s, uint32_t *address, int *len)
{
	char text[INET_ADDRSTRLEN];
	const char *slash = strchr(s, '/');
	struct in_addr in;
	int64_t n;

	if (slash == NULL || !to_text(span_of(s, (size_t)(slash - s)), text, sizeof(text)) ||
	    inet_pton(AF_INET, text, &in) != 1 || !text_int(slash + 1, 0, 32, &n))
		return false;
	*address = ntohl(in.s_addr);
	*len = (int)n;
	return true;
}

static void
add_masked(struct buf *out, uint32_t address, int len)
{
	struct in_addr in;
	char text[INET_ADDRSTRLEN];

	in.s_addr = htonl(len == 0 ? 0 : address & (0xffffffffu << (32 - len)));
	inet_ntop(AF_INET, &in, text, sizeof(text));
	buf_addf(out, "%s/%d", text, len);
}

/* A network: the host bits are cleared, as the device shows it. */
static bool
value_net(struct span w, const char *arg, struct buf *out)
{
	char text[32];
	uint32_t address;
	int len;

	(void)arg;
	if (!to_text(w, text, sizeof(text)) || !prefix_parse(text, &address, &len))
		return false;
	add_masked(out, address, len);
	return true;
}

size_t
number_list(const char *s, int *out, size_t max)
{
	size_t n = 0;

	while (*s != '\0') {
		char *end;
		long from, to;

		if (!isdigit((unsigned char)*s))
			return 0;
		from = to = strtol(s, &end, 10);
		if (*end == '-') {
			if (!isdigit((unsigned char)end[1]))
				return 0;
			to = strtol(end + 1, &end, 10);
		}
		if ((*end != ',' && *end != '\0') || from > to || to > 1 << 20)
			return 0;
		for (long v = from; v <= to && n < max; v++)
			out[n++] = (int)v;
		s = *end == ',' ? end + 1 : end;
		if (*end == ',' && *s == '\0')
			return 0;
	}
	return n;
}

static bool
value_vlans(struct span w, const char *arg, struct buf *out)
{
	char text[2048];
	int v[4095];
	size_t n;

	(void)arg;
	if (!to_text(w, text, sizeof(text)))
		return false;
	n = number_list(text, v, 4095);
	for (size_t i = 0; i < n; i++)
		if (v[i] < 1 || v[i] > 4094)
			return false;
	buf_adds(out, text);
	return n > 0;
}

static bool
value_mac(struct span w, const char *arg, struct buf *out)
{
	char hex[13];
	size_t n = 0;

	(void)arg;
	for (size_t i = 0; i < w.len; i++) {
		if (isxdigit((unsigned char)w.p[i]) && n < 12)
			hex[n++] = (char)tolower((unsigned char)w.p[i]);
		else if (w.p[i] != ':' && w.p[i] != '.' && w.p[i] != '-')
			return false;
	}
	if (n != 12)
		return false;
	for (size_t i = 0; i < 12; i += 2)
		buf_addf(out, "%s%c%c", i > 0 ? ":" : "", hex[i], hex[i + 1]);
	return true;
}

/* 65001 or 65001.100 */
static bool
value_asn(struct span w, const char *arg, struct buf *out)
{
	char text[16];
	char *dot;
	int64_t hi = 0, lo;

	(void)arg;
	if (!to_text(w, text, sizeof(text)))
		return false;
	dot = strchr(text, '.');
	if (dot != NULL) {
		*dot = '\0';
		if (!text_int(text, 0, 65535, &hi) || !text_int(dot + 1, 0, 65535, &lo))
			return false;
		buf_addf(out, "%d.%d", (int)hi, (int)lo);
		return true;
	}
	if (!text_int(text, 1, UINT32_MAX, &lo))
		return false;
	buf_addf(out, "%lld", (long long)lo);
	return true;
}

/* A name of a host: letters, digits, '.', '-', '_'; not a broken address. */
static bool
value_host(struct span w, const char *arg, struct buf *out)
{
	bool alpha = false;

	if (value_anyip(w, arg, out))
		return true;
	for (size_t i = 0; i < w.len; i++) {
		unsigned char c = (unsigned char)w.p[i];

		if (!isalnum(c) && c != '.' && c != '-' && c != '_')
			return false;
		alpha |= isalpha(c) != 0;
	}
	if (alpha)
		buf_addspan(out, w);
	return alpha;
}

static bool
value_word(struct span w, const char *arg, struct buf *out)
{
	(void)arg;
	buf_addspan(out, w);
	return w.len > 0;
}

struct value {
	const char *name;
	bool (*read)(struct span w, const char *arg, struct buf *out);
};
static const struct value values[] = {
	{ "n", value_number }, { "word", value_word }, { "intf", value_intf },
	{ "ip", value_ip }, { "anyip", value_anyip }, { "prefix", value_prefix },
	{ "net", value_net }, { "vlans", value_vlans }, { "mac", value_mac },
	{ "asn", value_asn }, { "host", value_host },
};

/* --- the walk --------------------------------------------------------- */

struct mark {
	size_t line, key, score;
};

static struct mark
mark(const struct walk *k)
{
	struct mark m = { k->line.len, k->key.len, k->score.len };

	return m;
}

static void
rewind_to(struct walk *k, struct mark m)
{
	buf_cut(&k->line, m.line);
	buf_cut(&k->key, m.key);
	buf_cut(&k->score, m.score);
}

/* Add what was appended to line since `from` to the key. */
static void
keep_key(struct walk *k, size_t from)
{
	if (k->key.len > 0)
		buf_addc(&k->key, ' ');
	if (k->line.len > from)
		buf_add(&k->key, k->line.data + from, k->line.len - from);
}

static bool
take_value(struct walk *k, struct span type, size_t i, struct buf *out)
{
	char name[40];
	char *arg;

	assert(type.len < sizeof(name));
	memcpy(name, type.p, type.len);
	name[type.len] = '\0';
	arg = strchr(name, ':');
	if (arg != NULL)
		*arg++ = '\0';
	for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
		if (strcmp(values[v].name, name) == 0)
			return values[v].read(k->word[i], arg, out);
	assert(!"a type that is in the table");
	return false;
}

/* One of the keywords in "a|b|c"; its score: '3' whole, '2' abbreviated. */
static char
take_keyword(struct walk *k, struct span words, size_t i, struct buf *out)
{
	struct span w = k->word[i], best = { NULL, 0 };

	while (words.len > 0) {
		const char *bar = memchr(words.p, '|', words.len);
		size_t len = bar != NULL ? (size_t)(bar - words.p) : words.len;

		if (w.len <= len && strncasecmp(words.p, w.p, w.len) == 0) {
			if (w.len == len) {
				buf_add(out, words.p, len);
				return '3';
			}
			best = span_of(words.p, len);
		}
		words.p += len + (bar != NULL);
		words.len -= len + (bar != NULL);
	}
	buf_addspan(out, best);
	return best.p != NULL ? '2' : '\0';
}

/* A word that can only be meant as an IPv4 address, and is not one. */
static bool
broken_address(struct span w)
{
	struct buf b = BUF_INIT;
	int dots = 0;
	bool ok;

	for (size_t i = 0; i < w.len; i++) {
		dots += w.p[i] == '.';
		if (!isdigit((unsigned char)w.p[i]) && w.p[i] != '.' && w.p[i] != '/')
			return false;
	}
	ok = dots != 3 || value_ip(w, NULL, &b) || value_prefix(w, NULL, &b);
	buf_release(&b);
	return !ok;
}

static bool
rest_ok(const struct walk *k, size_t i)
{
	for (; i < k->n; i++)
		if (broken_address(k->word[i]))
			return false;
	return true;
}

static void
take_rest(struct walk *k, size_t i, bool key)
{
	const char *rest = i < k->n ? k->word[i].p : "";
	size_t from;

	if (i >= k->n)
		return;
	if (k->line.len > 0)
		buf_addc(&k->line, ' ');
	from = k->line.len;
	buf_addspan(&k->line, span_rtrim(span_str(rest)));
	buf_addc(&k->score, '0');
	if (key)
		keep_key(k, from);
}

static bool walk(struct walk *k, const char *syntax, size_t i, bool key);

/* The end of a "[...]" group: the bracket that closes it. */
static const char *
group_end(const char *s)
{
	int depth = 0;

	for (; *s != '\0'; s++) {
		depth += *s == '[' ? 1 : *s == ']' ? -1 : 0;
		if (depth == 0)
			return s;
	}
	assert(!"balanced brackets");
	return s;
}

static bool
walk_group(struct walk *k, const char *syntax, size_t i, bool key)
{
	struct mark m = mark(k);

	if (i < k->n && walk(k, syntax + 1, i, key))
		return true;
	rewind_to(k, m);
	return walk(k, group_end(syntax) + 1, i, key);
}

/* One word of syntax against one word of the line. */
static bool
walk_word(struct walk *k, struct span item, size_t i, bool key)
{
	bool loose = item.len > 0 && item.p[0] == '~';
	size_t from;
	char score = '1';
	bool ok;

	if (loose) {
		item.p++;
		item.len--;
	}
	if (k->line.len > 0)
		buf_addc(&k->line, ' ');
	from = k->line.len;
	if (item.p[0] == '<') {
		ok = take_value(k, span_of(item.p + 1, item.len - 2), i, &k->line);
	} else {
		score = take_keyword(k, item, i, &k->line);
		ok = score != '\0';
	}
	if (!ok)
		return false;
	buf_addc(&k->score, score);
	if (key && !loose)
		keep_key(k, from);
	return true;
}

/* The line stops before this row does. */
static void
note_short(struct walk *k)
{
	int r = k->short_of_words ?
	    strcmp(buf_str(&k->score), buf_str(&k->short_score)) : 1;

	if (r == 0 && strcmp(buf_str(&k->line), buf_str(&k->short_line)) != 0)
		k->short_ambiguous = true;
	if (r <= 0)
		return;
	k->short_of_words = true;
	k->short_ambiguous = false;
	buf_clear(&k->short_line);
	buf_addspan(&k->short_line, buf_span(&k->line));
	buf_clear(&k->short_score);
	buf_addspan(&k->short_score, buf_span(&k->score));
}

static bool
walk(struct walk *k, const char *syntax, size_t i, bool key)
{
	struct span item;

	while (*syntax == ' ' || *syntax == ']' || *syntax == '=') {
		key = key && *syntax != '=';
		syntax++;
	}
	if (*syntax == '\0')
		return i == k->n;
	if (*syntax == '[')
		return walk_group(k, syntax, i, key);
	item = span_of(syntax, strcspn(syntax, " ]"));
	if (span_is(item, "...")) {
		take_rest(k, i, key);
		return rest_ok(k, i);
	}
	if (i >= k->n) {
		note_short(k);
		k->stopped = k->partial && i > 0;
		return k->stopped;
	}
	if (span_is(item, "<line>")) {
		take_rest(k, i, key);
		return true;
	}
	return walk_word(k, item, i, key) && walk(k, syntax + item.len, i + 1, key);
}

static bool
split_words(struct walk *k, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " \t");

		if (len > 0) {
			if (k->n == WORDS_MAX - 1)
				return true;	/* the rest is only for <line> and ... */
			k->word[k->n++] = span_of(text, len);
		}
		text += len + (text[len] != '\0');
	}
	return k->n > 0;
}

struct best {
	const struct rule *rule;
	struct buf line, key, score;
	bool partial, ambiguous;
};

/* Take the walk's result when it is better than what we have. */
static void
weigh(struct best *b, struct walk *k, const struct rule *rule)
{
	int r = b->rule == NULL || b->partial ? 1 :
	    strcmp(buf_str(&k->score), buf_str(&b->score));

	if (k->stopped && b->rule != NULL) {
		if (b->partial && strcmp(buf_str(&k->line), buf_str(&b->line)) != 0)
			b->ambiguous |= strcmp(buf_str(&k->score), buf_str(&b->score)) == 0;
		if (!b->partial || strcmp(buf_str(&k->score), buf_str(&b->score)) <= 0)
			return;
		r = 1;
	}
	if (r == 0 && strcmp(buf_str(&k->line), buf_str(&b->line)) != 0)
		b->ambiguous = true;
	if (r <= 0)
		return;
	b->rule = rule;
	b->ambiguous = false;
	b->partial = k->stopped;
	buf_clear(&b->line);
	buf_addspan(&b->line, buf_span(&k->line));
	buf_clear(&b->key);
	buf_addspan(&b->key, buf_span(&k->key));
	buf_clear(&b->score);
	buf_addspan(&b->score, buf_span(&k->score));
}

static enum match_code
give(struct best *b, struct match *m, const struct walk *k)
{
	if (b->rule == NULL && k->short_ambiguous)
		return MATCH_AMBIGUOUS;
	if (b->rule == NULL)
		return k->short_of_words ? MATCH_INCOMPLETE : MATCH_NONE;
	/* An abbreviation that is also the beginning of something longer. */
	if (!k->partial && k->short_of_words &&
	    strcmp(buf_str(&k->short_score), buf_str(&b->score)) == 0 &&
	    (k->short_ambiguous || strcmp(buf_str(&k->short_line), buf_str(&b->line)) != 0))
		b->ambiguous = true;
	if (b->ambiguous && strchr(buf_str(&b->score), '2') != NULL)
		return MATCH_AMBIGUOUS;
	m->rule = b->rule;
	while (m->rule->flags & R_SAME)
		m->rule--;
	buf_clear(&m->line);
	buf_addspan(&m->line, buf_span(&b->line));
	buf_clear(&m->key);
	buf_addspan(&m->key, buf_span(&b->key));
	return b->partial ? MATCH_PARTIAL : MATCH_FULL;
}

/* The first keyword of a row: a cheap refusal before the walk. */
static bool
may_match(const struct rule *r, struct span first, bool exact)
{
	const char *s = r->syntax;

	if (*s == '<' || *s == '[' || *s == '~' || *s == '.')
		return !exact || *s != '.';
	for (;;) {
		size_t len = strcspn(s, "| ");

		if (first.len <= len && (!exact || first.len == len) &&
		    strncasecmp(s, first.p, first.len) == 0)
			return true;
		if (s[len] != '|')
			return false;
		s += len + 1;
	}
}

enum match_code
grammar_match(const struct mode *mode, const char *text, bool exact, bool partial,
    struct match *m)
{
	struct walk k = { .text = text, .partial = partial };
	struct best b = { NULL, BUF_INIT, BUF_INIT, BUF_INIT, false, false };
	enum match_code code = MATCH_NONE;

	if (split_words(&k, text)) {
		for (size_t i = 0; i < mode->n; i++) {
			if (!may_match(&mode->rules[i], k.word[0], exact))
				continue;
			rewind_to(&k, (struct mark){ 0, 0, 0 });
			k.stopped = false;
			if (walk(&k, mode->rules[i].syntax, 0, true))
				weigh(&b, &k, &mode->rules[i]);
		}
		code = give(&b, m, &k);
	}
	buf_release(&k.line);
	buf_release(&k.key);
	buf_release(&k.score);
	buf_release(&k.short_line);
	buf_release(&k.short_score);
	buf_release(&b.line);
	buf_release(&b.key);
	buf_release(&b.score);
	return code;
}
