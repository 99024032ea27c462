/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What EOS checks when a line is entered, and what it makes of it: clear
 * passwords become hashes, a VRF takes the addresses off an interface,
 * subnets must not overlap, a sequence number is used once.
 */
#include <crypt.h>

#include "base/sys.h"
#include "lab/eos_grammar.h"

/* --- passwords -------------------------------------------------------- */

static const char base64[] =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static bool
hash_with(const char *clear, const char *setting, struct buf *out)
{
	struct crypt_data *data = mem_zalloc(sizeof(*data));
	const char *hash = crypt_r(clear, setting, data);
	bool ok = hash != NULL && hash[0] == '$';

	if (ok)
		buf_adds(out, hash);
	mem_wipe(data, sizeof(*data));
	free(data);
	return ok;
}

void
eos_hash_password(const char *clear, struct buf *out)
{
	struct sys *sys = sys_real();
	uint8_t raw[16];
	char setting[24] = "$6$";

	sys->random(sys, raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		setting[3 + i] = base64[raw[i] % 64];
	buf_adds(out, "sha512 ");
	hash_with(clear, setting, out);
}

bool
eos_password_fits(const char *stored, const char *clear)
{
	const char *hash = strchr(stored, '$');
	struct buf b = BUF_INIT;
	bool fits = hash != NULL && hash_with(clear, hash, &b) && strcmp(buf_str(&b), hash) == 0;

	buf_release(&b);
	return fits;
}

/* "0 clear", "clear", "sha512 $6$...", "5 $1$...", "*": the stored form. */
static const char *
store_secret(const char *kind, const char *value, struct buf *out)
{
	if (strcmp(kind, "*") == 0 && value[0] == '\0') {
		buf_adds(out, "*");
		return NULL;
	}
	if (value[0] == '\0' || strcmp(kind, "0") == 0) {
		eos_hash_password(value[0] != '\0' ? value : kind, out);
		return NULL;
	}
	if ((strcmp(kind, "sha512") == 0 && strncmp(value, "$6$", 3) == 0) ||
	    (strcmp(kind, "5") == 0 && value[0] == '$')) {
		buf_addf(out, "%s %s", kind, value);
		return NULL;
	}
	return "% Invalid input";
}

struct words {
	char text[2048];
	char *w[24];
	size_t n;
};

static bool
words_of(const char *line, struct words *w)
{
	char *save = NULL;

	if (strlen(line) >= sizeof(w->text))
		return false;
	memcpy(w->text, line, strlen(line) + 1);
	w->n = 0;
	for (char *t = strtok_r(w->text, " ", &save); t != NULL && w->n < 24;
	     t = strtok_r(NULL, " ", &save))
		w->w[w->n++] = t;
	return w->n < 24;
}

static const char *
word_or(const struct words *w, size_t i)
{
	return i < w->n ? w->w[i] : "";
}

static bool
is_secret_kind(const char *w)
{
	return strcmp(w, "0") == 0 || strcmp(w, "5") == 0 || strcmp(w, "sha512") == 0;
}

struct user {
	int64_t privilege;	/* -1: not given */
	const char *role, *shell;
	bool nopassword;
	struct buf secret;
};

static const char *
read_user(const struct words *w, struct user *u)
{
	for (size_t i = 2; i < w->n; i++) {
		const char *k = w->w[i], *v = word_or(w, i + 1);
		bool two = is_secret_kind(v);

		if (strcmp(k, "nopassword") == 0) {
			u->nopassword = true;
			continue;
		}
		if (v[0] == '\0')
			return "% Incomplete command";
		if (strcmp(k, "privilege") == 0) {
			if (!text_int(v, 0, 15, &u->privilege))
				return "% Invalid input";
		} else if (strcmp(k, "role") == 0) {
			u->role = v;
		} else if (strcmp(k, "shell") == 0) {
			u->shell = v;
		} else if (strcmp(k, "secret") == 0) {
			if (two && word_or(w, i + 2)[0] == '\0')
				return "% Incomplete command";
			buf_clear(&u->secret);
			if (store_secret(v, two ? w->w[i + 2] : "", &u->secret) != NULL)
				return "% Invalid input";
			i += two;
		} else {
			return "% Invalid input";
		}
		i++;
	}
	return u->nopassword || u->secret.len > 0 ? NULL : "% Incomplete command";
}

const char *
eos_check_user(struct conf *c, struct match *m)
{
	struct user u = { -1, NULL, NULL, false, BUF_INIT };
	struct words w;
	const char *why;

	if (m->negated || m->reset)
		return tree_find(c->root, m->rule, buf_str(&m->key)) != NULL ?
		    NULL : "% User not present";
	if (!words_of(buf_str(&m->line), &w))
		return "% Invalid input";
	why = read_user(&w, &u);
	if (why == NULL) {
		if (u.role == NULL && strcmp(w.w[1], "admin") == 0)
			u.role = "network-admin";
		buf_clear(&m->line);
		buf_addf(&m->line, "username %s", w.w[1]);
		if (u.privilege >= 0 && u.privilege != 1)
			buf_addf(&m->line, " privilege %d", (int)u.privilege);
		if (u.role != NULL)
			buf_addf(&m->line, " role %s", u.role);
		if (u.shell != NULL)
			buf_addf(&m->line, " shell %s", u.shell);
		if (u.nopassword)
			buf_adds(&m->line, " nopassword");
		else
			buf_addf(&m->line, " secret %s", buf_str(&u.secret));
	}
	buf_release(&u.secret);
	return why;
}

const char *
eos_check_enable(struct conf *c, struct match *m)
{
	struct buf stored = BUF_INIT;
	struct words w;
	const char *why;

	(void)c;
	if (m->negated || m->reset)
		return NULL;
	if (!words_of(buf_str(&m->line), &w) || w.n < 3)
		return "% Incomplete command";
	why = store_secret(w.w[2], word_or(&w, 3), &stored);
	if (why == NULL) {
		buf_clear(&m->line);
		buf_addf(&m->line, "enable %s %s", w.w[1], buf_str(&stored));
	}
	buf_release(&stored);
	return why;
}

/* A clear BGP password is stored encrypted under the neighbour's name: the
 * same for the same pair. Here it only has to look so. */
const char *
eos_check_bgp_password(struct conf *c, struct match *m)
{
	struct words w;
	uint64_t h = 1469598103934665603u;
	const char *clear;

	(void)c;
	if (m->negated || m->reset)
		return NULL;
	if (!words_of(buf_str(&m->line), &w) || w.n < 4)
		return "% Incomplete command";
	clear = word_or(&w, 3);
	if ((strcmp(clear, "7") == 0 || strcmp(clear, "8a") == 0) && w.n == 5)
		return NULL;
	if (strcmp(clear, "0") == 0)
		clear = word_or(&w, 4);
	if (clear[0] == '\0' || (w.n == 5) != (clear == w.w[4]))
		return "% Invalid input";
	buf_clear(&m->line);
	buf_addf(&m->line, "neighbor %s password 7 ", w.w[1]);
	for (int i = 0; i < 22; i++) {
		for (const char *p = i % 2 != 0 ? w.w[1] : clear; *p != '\0'; p++)
			h = (h ^ (unsigned char)*p) * 1099511628211u;
		buf_addc(&m->line, base64[2 + (h >> 32) % 62]);
	}
	buf_adds(&m->line, "==");
	return NULL;
}

/* --- interfaces ------------------------------------------------------- */

static const char *
child_word(const struct node *n, const char *words, size_t at, char *out, size_t size)
{
	const struct node *k = tree_starts(n, words);
	struct span w = k != NULL ? word_at(k->line, at) : span_str("");

	snprintf(out, size, "%.*s", (int)w.len, w.p);
	return out;
}

static bool
overlap(const char *a, const char *b)
{
	uint32_t x, y;
	int nx, ny, n;

	if (!prefix_parse(a, &x, &nx) || !prefix_parse(b, &y, &ny))
		return false;
	n = nx < ny ? nx : ny;
	return n == 0 || (x ^ y) >> (32 - n) == 0;
}

/* The other interface of this VRF whose subnet meets `prefix`, or NULL. */
static const struct node *
overlapping(const struct conf *c, const struct node *self, const char *prefix, char found[32])
{
	char vrf[128], other[128], theirs[32];

	child_word(self, "vrf", 2, vrf, sizeof(vrf));
	for (size_t i = 0; i < c->root->n; i++) {
		const struct node *n = c->root->kids[i];

		if (n == self || !words_start(n->line, "interface") ||
		    strcmp(child_word(n, "vrf", 2, other, sizeof(other)), vrf) != 0)
			continue;
		child_word(n, "ip address", 3, theirs, sizeof(theirs));
		if (overlap(prefix, theirs)) {
			snprintf(found, 32, "%s", theirs);
			return n;
		}
	}
	return NULL;
}

/* "ip address A MASK" -> "ip address A/len"; false when MASK is no mask. */
static bool
mask_to_length(struct match *m)
{
	const char *line = buf_str(&m->line);
	struct span address = word_at(line, 3), mask = word_at(line, 4);
	char text[64];
	uint32_t bits;
	int len;

	snprintf(text, sizeof(text), "%.*s/32", (int)mask.len, mask.p);
	if (!prefix_parse(text, &bits, &len))
		return false;
	for (len = 0; len < 32 && (bits & (0x80000000u >> len)); len++)
		;
	if (len < 32 && (bits << len) != 0)
		return false;
	snprintf(text, sizeof(text), "ip address %.*s/%d", (int)address.len, address.p, len);
	buf_clear(&m->line);
	buf_adds(&m->line, text);
	return true;
}

const char *
eos_check_address(struct conf *c, struct match *m)
{
	const struct node *self = conf_here(c), *other;
	struct span fourth = word_at(buf_str(&m->line), 4);
	char prefix[32], theirs[32];
	struct span w;

	if (m->negated || m->reset)
		return NULL;
	if (fourth.len > 0 && strchr("0123456789", fourth.p[0]) != NULL && !mask_to_length(m))
		return "% Invalid input";
	w = word_at(buf_str(&m->line), 3);
	snprintf(prefix, sizeof(prefix), "%.*s", (int)w.len, w.p);
	snprintf(theirs, sizeof(theirs), "%s", prefix);
	/* On a range of ports the second would overlap the first. */
	other = c->n_at > 1 ? self : overlapping(c, self, prefix, theirs);
	if (other == NULL)
		return NULL;
	snprintf(c->error, sizeof(c->error),
	    "%% Subnet %s overlaps with existing subnet %s of %s", prefix, theirs,
	    other->line + strlen("interface "));
	return c->error;
}

static void
drop_starting(struct node *n, const char *words)
{
	struct node *k;

	while ((k = tree_starts(n, words)) != NULL)
		tree_drop(n, k);
}

/* Moving an interface to another VRF takes its addresses off. */
const char *
eos_check_if_vrf(struct conf *c, struct match *m)
{
	char now[128];
	struct span want = m->negated || m->reset ? span_str("") :
	    word_at(buf_str(&m->line), 2);

	for (size_t i = 0; i < c->n_at; i++) {
		struct node *n = c->at[i];

		child_word(n, "vrf", 2, now, sizeof(now));
		if (span_is(want, now) || (tree_starts(n, "ip address") == NULL &&
		    tree_starts(n, "ipv6 address") == NULL))
			continue;
		drop_starting(n, "ip address");
		drop_starting(n, "ipv6 address");
		snprintf(c->warning, sizeof(c->warning),
		    "! Interface %s IPv4 and IPv6 addresses removed due to %s VRF %.*s",
		    n->line + strlen("interface "), want.len > 0 ? "enabling" : "disabling",
		    (int)(want.len > 0 ? want.len : strlen(now)), want.len > 0 ? want.p : now);
	}
	return NULL;
}

const char *
eos_check_channel_group(struct conf *c, struct match *m)
{
	const struct node *self = conf_here(c);
	struct span group = word_at(buf_str(&m->line), 2), mode = word_at(buf_str(&m->line), 4);

	if (m->negated || m->reset)
		return NULL;
	for (size_t i = 0; i < c->root->n; i++) {
		const struct node *n = c->root->kids[i], *k;

		k = n != self && words_start(n->line, "interface") ?
		    tree_starts(n, "channel-group") : NULL;
		if (k != NULL && span_eq(word_at(k->line, 2), group) &&
		    span_is(word_at(k->line, 4), "on") != span_is(mode, "on"))
			return "% Cannot change mode; remove all members and try again.";
	}
	return NULL;
}

const char *
eos_check_portfast(struct conf *c, struct match *m)
{
	if (!m->negated && !m->reset)
		snprintf(c->warning, sizeof(c->warning), "! portfast should only be enabled "
		    "on ports connected to a single host. Connecting hubs, concentrators, "
		    "switches, bridges, etc. to this interface when portfast is enabled can "
		    "cause temporary bridging loops. Use with CAUTION.");
	return NULL;
}

/* --- the rest --------------------------------------------------------- */

/* "ip routing vrf X" is always shown for a VRF, one way or the other. */
const char *
eos_check_vrf_instance(struct conf *c, struct match *m)
{
	struct span name = word_at(buf_str(&m->line), 3);
	struct buf line = BUF_INIT;
	struct match routing;

	lab_match_init(&routing);
	buf_addf(&line, "ip routing vrf %.*s", (int)name.len, name.p);
	if (grammar_match(&c->g->modes[0], buf_str(&line), true, false, &routing) == MATCH_FULL) {
		const char *key = buf_str(&routing.key);
		struct node *n = tree_find(c->root, routing.rule, key);

		if ((m->negated || m->reset) && n != NULL)
			tree_drop(c->root, n);
		else if (!m->negated && !m->reset && n == NULL)
			tree_put(c->root, routing.rule, key, buf_str(&routing.line), true);
	}
	lab_match_release(&routing);
	buf_release(&line);
	return NULL;
}

const char *
eos_check_ospf(struct conf *c, struct match *m)
{
	struct span vrf = word_at(buf_str(&m->line), 5);

	if (m->negated || m->reset)
		return NULL;
	for (size_t i = 0; i < c->root->n; i++) {
		const struct node *n = c->root->kids[i];

		if (n->rule == m->rule && strcmp(n->key, buf_str(&m->key)) != 0 &&
		    span_eq(word_at(n->line, 5), vrf))
			return "% More than 1 OSPF instance is not supported";
	}
	return NULL;
}

const char *
eos_check_bgp(struct conf *c, struct match *m)
{
	const struct node *n = tree_find(c->root, m->rule, buf_str(&m->key));

	if (n == NULL || strcmp(n->line, buf_str(&m->line)) == 0)
		return NULL;
	snprintf(c->error, sizeof(c->error), "%% BGP is already running with AS number %s",
	    n->line + strlen("router bgp "));
	return c->error;
}

const char *
eos_check_model(struct conf *c, struct match *m)
{
	const struct node *n = tree_find(c->root, m->rule, buf_str(&m->key));

	if (!m->negated && !m->reset && n != NULL && strcmp(n->line, buf_str(&m->line)) != 0)
		snprintf(c->warning, sizeof(c->warning),
		    "! Change will take effect only after switch reboot");
	return NULL;
}

const char *
eos_check_sequence(struct conf *c, struct match *m)
{
	const struct node *n = tree_find(conf_here(c), m->rule, buf_str(&m->key));

	if (m->negated || m->reset || n == NULL || strcmp(n->line, buf_str(&m->line)) == 0)
		return NULL;
	return "% Duplicate sequence number";
}
