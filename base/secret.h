/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets live in their own type: it cannot be formatted, is zeroed when
 * freed, and its live values are known to the mask that every sink uses.
 */
#ifndef FAIRLEAD_BASE_SECRET_H
#define FAIRLEAD_BASE_SECRET_H

#include <stddef.h>

#include "base/err.h"
#include "base/sys.h"
#include "base/text.h"

struct secret;			/* opaque on purpose */

/* Where a secret comes from: exactly one of the three is set. */
struct secret_source {
	const char *file;	/* path */
	const char *env;	/* name of an environment variable */
	const char *const *command;	/* argv, NULL-terminated; no shell */
};

/* Owns a copy of the bytes; secret_free() zeroes it. NULL is fine to free. */
struct secret *secret_new(const void *p, size_t len);
void secret_free(struct secret *s);
/* Fetch from its source: file and command output lose one trailing CRLF or
 * LF; empty, NUL inside or any failure is ERR_SECRET, not exactly one source
 * ERR_USAGE; caps 64 KiB and 10 s. The error names the source,
 * never the value. */
int secret_load(struct secret **out, const struct secret_source *src, struct sys *sys,
    struct err *err);

/* The only way to the bytes; NUL-terminated. Use at the point of sending and
 * nowhere else. */
const char *secret_reveal(const struct secret *s, size_t *len);
bool secret_equal(const struct secret *a, const struct secret *b);

/* Keyed fingerprint, 16 hex digits of HMAC-SHA256(key, bytes): a changed
 * secret shows, the value does not. */
void secret_fingerprint(const void *key, size_t key_len, const void *p, size_t len,
    char out[17]);

/* Replace every occurrence of a live secret's bytes (4 bytes and longer; also
 * its base64 form at any offset, URL-encoded and JSON-escaped forms) in b by
 * "<secret>"; secrets that overlap become one. Every sink calls it, and before
 * it cuts anything off. */
void secret_mask(struct buf *b);

/*
 * Sealed copies on disk: AES-256-GCM with a random nonce, `context` bound as
 * associated data so that one file cannot stand in for another.
 */
#define SEAL_KEY_LEN 32
/* Read the key file, or create it (0600, fsynced) with random bytes. Refused
 * (ERR_DENIED) when others may read it. */
int seal_key_load(struct sys *sys, const char *path, uint8_t key[SEAL_KEY_LEN],
    struct err *err);
void seal(struct sys *sys, const uint8_t key[SEAL_KEY_LEN], const char *context,
    struct span plain, struct buf *out);
/* ERR_IO when damaged or sealed under another key or context. */
int unseal(const uint8_t key[SEAL_KEY_LEN], const char *context, struct span sealed,
    struct buf *out, struct err *err);

/* SHA-256, lower-case hex. */
void hash_hex(struct span s, char out[65]);
/* A running hash over parts: each part is preceded by its length, so that
 * parts cannot run into each other. */
struct hasher;
struct hasher *hasher_new(void);
void hasher_part(struct hasher *h, struct span part);
void hasher_end(struct hasher *h, char out[65]);	/* frees h */

#endif
