/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets, the mask that hides them, fingerprints and hashes. With seal.c the
 * only room of OpenSSL.
 *
 * The mask knows each live secret by its needles: the bytes themselves and
 * the forms in which they travel (base64 at each of three alignments, since a
 * secret is often the tail of "user:secret"; URL-encoded; JSON-escaped). All
 * needles are found in one pass: a filter of bits says whether any needle
 * starts with the four bytes at hand, a hash table which. Matches that touch
 * become one, so a secret inside or across another leaves no rest. Readers
 * share the lock; with no live secret there is not even that.
 */
#include "base/secret.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/proc.h"

#define NEEDLE_MIN 4		/* bytes; shorter ones would mask half the text */
#define SECRET_MAX ((size_t)64 << 10)
#define COMMAND_MS 10000

struct secret {
	size_t len;
	char bytes[];
};

struct needle {
	struct needle *next;
	uint32_t hash;
	unsigned refs;		/* secrets with this form: one credential is
				 * often loaded for a thousand devices */
	size_t len;
	char bytes[];
};

#define FILTER_BITS 18
#define BUCKET_SHIFT 4		/* needles of one bucket differ in the low bits */

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static atomic_size_t needles;	/* written under the lock */
static uint64_t filter[(1u << FILTER_BITS) / 64];
static struct needle *buckets[1u << (FILTER_BITS - BUCKET_SHIFT)];

/* Of the first four bytes. */
static inline uint32_t
hash4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return (v * 2654435761u) >> (32 - FILTER_BITS);
}

static inline bool
filter_has(uint32_t hash)
{
	return (filter[hash / 64] >> hash % 64 & 1) != 0;
}

static struct needle **
needle_find(uint32_t hash, const char *p, size_t len)
{
	struct needle **at = &buckets[hash >> BUCKET_SHIFT];

	while (*at != NULL && ((*at)->len != len || memcmp((*at)->bytes, p, len) != 0))
		at = &(*at)->next;
	return at;
}

/* Pages are locked and never unlocked: locks do not nest, and the page may
 * hold another secret. Failing is fine, the limit is often small. */
static void *
locked_alloc(size_t size)
{
	void *p = mem_zalloc(size);

	(void)mlock(p, size);
	return p;
}

static void
needle_add(const char *p, size_t len)
{
	uint32_t hash = hash4(p);
	struct needle **at = needle_find(hash, p, len), *n = *at;

	if (n == NULL) {
		n = *at = locked_alloc(sizeof(*n) + len);
		n->hash = hash;
		n->len = len;
		memcpy(n->bytes, p, len);
		filter[hash / 64] |= (uint64_t)1 << hash % 64;
		atomic_fetch_add(&needles, 1);
	}
	n->refs++;
}

static void
needle_drop(const char *p, size_t len)
{
	uint32_t hash = hash4(p);
	struct needle **at = needle_find(hash, p, len), *n = *at;
	bool shared = false;

	if (n == NULL || --n->refs > 0)
		return;
	*at = n->next;
	mem_wipe(n, sizeof(*n) + n->len);
	free(n);
	atomic_fetch_sub(&needles, 1);
	for (n = buckets[hash >> BUCKET_SHIFT]; n != NULL; n = n->next)
		shared |= n->hash == hash;
	if (!shared)
		filter[hash / 64] &= ~((uint64_t)1 << hash % 64);
}

typedef void needle_fn(const char *p, size_t len);

/*
 * The letters of base64 that depend on the secret alone when `before` other
 * bytes (mod 3) precede it: those that mix with a neighbour are left out.
 */
static void
form_base64(const struct secret *s, size_t before, bool url, needle_fn *fn)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t bits = 8 * (s->len + before), first = (8 * before + 5) / 6;
	char *out = mem_zalloc(bits / 6 + 1);
	bool differs = false;

	for (size_t i = first; i < bits / 6; i++) {
		unsigned v = 0;

		for (size_t bit = 6 * i - 8 * before; bit < 6 * i - 8 * before + 6; bit++)
			v = v << 1 | ((unsigned char)s->bytes[bit / 8] >> (7 - bit % 8) & 1);
		out[i] = plain[v];
		if (url && v >= 62) {
			out[i] = v == 62 ? '-' : '_';
			differs = true;
		}
	}
	if (bits / 6 - first >= NEEDLE_MIN && (!url || differs))
		fn(out + first, bits / 6 - first);
	mem_wipe(out, bits / 6);
	free(out);
}

static bool
unreserved(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    strchr("-._~", c) != NULL;
}

static void
form_url(const struct secret *s, const char *digits, needle_fn *fn)
{
	char *out = mem_zalloc(3 * s->len + 1);
	size_t n = 0;
	bool letters = false;

	for (size_t i = 0; i < s->len; i++) {
		unsigned char c = (unsigned char)s->bytes[i];

		if (c != '\0' && unreserved((char)c)) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 15];
		letters |= (c >> 4) > 9 || (c & 15) > 9;
	}
	/* Lower case only where it differs from upper case. */
	if (n != s->len && (digits[10] == 'A' || letters))
		fn(out, n);
	mem_wipe(out, n);
	free(out);
}

/* As our JSON writers put it: out_flush() masks finished JSON. */
static void
form_json(const struct secret *s, needle_fn *fn)
{
	char *out = mem_zalloc(6 * s->len + 1);
	size_t n = 0;

	for (size_t i = 0; i < s->len; i++) {
		unsigned char c = (unsigned char)s->bytes[i];
		const char *at = c != '\0' ? strchr("\"\"\\\\\bb\ff\nn\rr\tt", c) : NULL;

		if (at != NULL) {
			out[n++] = '\\';
			out[n++] = at[1];
		} else if (c < 0x20) {
			n += (size_t)snprintf(out + n, 7, "\\u%04x", c);
		} else {
			out[n++] = (char)c;
		}
	}
	if (n != s->len)
		fn(out, n);
	mem_wipe(out, n);
	free(out);
}

static void
each_form(const struct secret *s, needle_fn *fn)
{
	if (s->len < NEEDLE_MIN)
		return;
	fn(s->bytes, s->len);
	for (size_t before = 0; before < 3; before++) {
		form_base64(s, before, false, fn);
		form_base64(s, before, true, fn);
	}
	form_url(s, "0123456789ABCDEF", fn);
	form_url(s, "0123456789abcdef", fn);
	form_json(s, fn);
}

struct secret *
secret_new(const void *p, size_t len)
{
	struct secret *s = locked_alloc(sizeof(*s) + len + 1);

	s->len = len;
	if (len > 0)
		memcpy(s->bytes, p, len);
	pthread_rwlock_wrlock(&lock);
	each_form(s, needle_add);
	pthread_rwlock_unlock(&lock);
	return s;
}

void
secret_free(struct secret *s)
{
	if (s == NULL)
		return;
	pthread_rwlock_wrlock(&lock);
	each_form(s, needle_drop);
	pthread_rwlock_unlock(&lock);
	mem_wipe(s, sizeof(*s) + s->len);
	free(s);
}

const char *
secret_reveal(const struct secret *s, size_t *len)
{
	if (len != NULL)
		*len = s->len;
	return s->bytes;
}

/* In a time that does not depend on where they differ. */
bool
secret_equal(const struct secret *a, const struct secret *b)
{
	unsigned char differs = 0;

	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		differs |= (unsigned char)(a->bytes[i] ^ b->bytes[i]);
	return differs == 0;
}

/* The longest needle that starts at p, of at most `left` bytes; 0: none. */
static size_t
longest_at(const char *p, size_t left)
{
	uint32_t hash = hash4(p);
	size_t best = 0;

	if (!filter_has(hash))
		return 0;
	for (struct needle *n = buckets[hash >> BUCKET_SHIFT]; n != NULL; n = n->next)
		if (n->len <= left && n->len > best && memcmp(n->bytes, p, n->len) == 0)
			best = n->len;
	return best;
}

/* The next stretch that is covered by needles, from *from on. */
static bool
next_match(struct span text, size_t *from, size_t *to)
{
	size_t start = *from, end = 0;

	for (size_t i = start; i + NEEDLE_MIN <= text.len && (end == 0 || i < end); i++) {
		size_t n = longest_at(text.p + i, text.len - i);

		if (n == 0)
			continue;
		if (end == 0)
			start = i;
		if (i + n > end)
			end = i + n;
	}
	*from = start;
	*to = end;
	return end != 0;
}

void
secret_mask(struct buf *b)
{
	struct buf out = { .max = b->max };
	size_t done = 0, from = 0, to;

	if (atomic_load(&needles) == 0 || b->len < NEEDLE_MIN)
		return;
	pthread_rwlock_rdlock(&lock);
	while (next_match(buf_span(b), &from, &to)) {
		buf_add(&out, b->data + done, from - done);
		buf_adds(&out, "<secret>");
		done = from = to;
	}
	pthread_rwlock_unlock(&lock);
	if (done == 0)
		return;
	buf_add(&out, b->data + done, b->len - done);
	out.truncated |= b->truncated;
	buf_wipe(b);
	*b = out;
}

/* Take over *b, without one trailing line end. */
static int
from_text(struct secret **out, struct buf *b, const char *what, struct err *err)
{
	if (b->len > 0 && b->data[b->len - 1] == '\n')
		buf_cut(b, b->len - 1);
	if (b->len > 0 && b->data[b->len - 1] == '\r')
		buf_cut(b, b->len - 1);
	if (b->len == 0)
		return err_set(err, ERR_SECRET, "secret from %s: is empty", what);
	if (memchr(b->data, '\0', b->len) != NULL)
		return err_set(err, ERR_SECRET, "secret from %s: has a NUL byte", what);
	*out = secret_new(b->data, b->len);
	return 0;
}

static int
from_file(struct secret **out, const char *path, struct err *err)
{
	struct err why = ERR_INIT;
	struct buf b = BUF_INIT;
	int rc;

	if (file_read(path, SECRET_MAX, &b.data, &b.len, &why) != 0)
		return err_set(err, ERR_SECRET, "secret from file: %s", why.text);
	b.cap = b.len + 1;
	rc = from_text(out, &b, path, err);
	buf_wipe(&b);
	return rc;
}

static int
from_env(struct secret **out, const char *name, struct err *err)
{
	const char *value = getenv(name);

	if (value == NULL || *value == '\0')
		return err_set(err, ERR_SECRET, "secret from environment: %s is not set", name);
	if (strlen(value) > SECRET_MAX)
		return err_set(err, ERR_SECRET, "secret from environment: %s is longer than %zu"
		    " bytes", name, SECRET_MAX);
	*out = secret_new(value, strlen(value));
	return 0;
}

/* What it wrote stays untold, even of stderr: it may be the value. */
static int
from_command(struct secret **out, const char *const *argv, struct sys *sys, struct err *err)
{
	struct proc p = { .argv = argv, .timeout_ms = COMMAND_MS, .max_output = SECRET_MAX };
	struct proc_result r;
	struct err why = ERR_INIT;
	int rc;

	if (proc_run(sys, &p, &r, &why) != 0)
		return err_set(err, ERR_SECRET, "secret from command: %s", why.text);
	if (r.timed_out)
		rc = err_set(err, ERR_SECRET, "secret from command: %s: no end after %d s",
		    argv[0], COMMAND_MS / 1000);
	else if (r.too_long)
		rc = err_set(err, ERR_SECRET, "secret from command: %s: wrote more than %zu bytes",
		    argv[0], SECRET_MAX);
	else if (r.status != 0)
		rc = err_set(err, ERR_SECRET, "secret from command: %s: exit status %d", argv[0],
		    r.status);
	else
		rc = from_text(out, &r.out, argv[0], err);
	buf_wipe(&r.out);
	buf_wipe(&r.err);
	proc_result_release(&r);
	return rc;
}

int
secret_load(struct secret **out, const struct secret_source *src, struct sys *sys,
    struct err *err)
{
	if ((src->file != NULL) + (src->env != NULL) + (src->command != NULL) != 1)
		return err_set(err, ERR_USAGE, "a secret has one source: file, env or command");
	if (src->file != NULL)
		return from_file(out, src->file, err);
	if (src->env != NULL)
		return from_env(out, src->env, err);
	if (src->command[0] == NULL)
		return err_set(err, ERR_USAGE, "the command of a secret is empty");
	return from_command(out, src->command, sys, err);
}

/* OpenSSL looks a digest up by name at each use unless it is kept. Its only
 * other failure here is lack of memory, which ends the process. */
static const EVP_MD *sha256;

static void
fetch_sha256(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (sha256 == NULL) {
		fputs("fairlead: OpenSSL has no SHA-256\n", stderr);
		_Exit(1);
	}
}

static const EVP_MD *
digest(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch_sha256);
	return sha256;
}

static void
must(bool ok)
{
	if (!ok) {
		fputs("fairlead: OpenSSL failed to hash\n", stderr);
		_Exit(1);
	}
}

void
secret_fingerprint(const void *key, size_t key_len, const void *p, size_t len, char out[17])
{
	unsigned char mac[EVP_MAX_MD_SIZE];

	must(HMAC(digest(), key, (int)key_len, p, len, mac, NULL) != NULL);
	text_hex(mac, 8, out);
}

void
hash_hex(struct span s, char out[65])
{
	unsigned char md[EVP_MAX_MD_SIZE];

	must(EVP_Digest(s.p, s.len, md, NULL, digest(), NULL) == 1);
	text_hex(md, 32, out);
}

struct hasher {
	EVP_MD_CTX *ctx;
};

struct hasher *
hasher_new(void)
{
	struct hasher *h = mem_zalloc(sizeof(*h));

	h->ctx = EVP_MD_CTX_new();
	must(h->ctx != NULL && EVP_DigestInit_ex(h->ctx, digest(), NULL) == 1);
	return h;
}

void
hasher_part(struct hasher *h, struct span part)
{
	unsigned char len[8];

	for (size_t i = 0; i < sizeof(len); i++)
		len[i] = (unsigned char)((uint64_t)part.len >> (56 - 8 * i));
	must(EVP_DigestUpdate(h->ctx, len, sizeof(len)) == 1 &&
	    EVP_DigestUpdate(h->ctx, part.p, part.len) == 1);
}

void
hasher_end(struct hasher *h, char out[65])
{
	unsigned char md[EVP_MAX_MD_SIZE];

	must(EVP_DigestFinal_ex(h->ctx, md, NULL) == 1);
	text_hex(md, 32, out);
	EVP_MD_CTX_free(h->ctx);
	free(h);
}
