/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed copies on disk: magic, nonce, AES-256-GCM ciphertext, tag. Magic and
 * context are bound as associated data. With 96-bit random nonces one key is
 * good for 2^32 copies.
 */
#include "base/secret.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "FLS1"
#define MAGIC_LEN 4
#define NONCE_LEN 12
#define TAG_LEN 16
#define HEAD_LEN (MAGIC_LEN + NONCE_LEN)

/* Opened, not stat'ed by name: the file judged is the file read. */
static int
key_read(const char *path, uint8_t key[SEAL_KEY_LEN], struct err *err)
{
	uint8_t more[SEAL_KEY_LEN + 1];
	struct stat st;
	int rc = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return err_errno(err, ERR_IO, "key file %s: cannot open", path);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		rc = err_set(err, ERR_IO, "key file %s: is not a plain file", path);
	} else if ((st.st_mode & 077) != 0) {
		err_set(err, ERR_DENIED, "key file %s: others may use it (mode %04o)", path,
		    (unsigned)(st.st_mode & 07777));
		rc = err_next(err, "chmod 600 %s, and think about who may have read it", path);
	} else if (read(fd, more, sizeof(more)) != SEAL_KEY_LEN) {
		rc = err_set(err, ERR_IO, "key file %s: is not %d bytes long", path, SEAL_KEY_LEN);
	} else {
		memcpy(key, more, SEAL_KEY_LEN);
	}
	mem_wipe(more, sizeof(more));
	close(fd);
	return rc;
}

int
seal_key_load(struct sys *sys, const char *path, uint8_t key[SEAL_KEY_LEN], struct err *err)
{
	struct stat st;
	int rc;

	if (lstat(path, &st) == 0)
		return key_read(path, key, err);
	/* A new key in place of one we cannot see would lose all copies. */
	if (errno != ENOENT)
		return err_errno(err, ERR_IO, "key file %s", path);
	sys->random(sys, key, SEAL_KEY_LEN);
	rc = file_write_atomic(sys, path, key, SEAL_KEY_LEN, 0600, err);
	if (rc != 0)
		return err_wrap(err, "key file");
	return 0;
}

/* Set up for one message. OpenSSL fails here only without memory. */
static EVP_CIPHER_CTX *
begin(const uint8_t *key, const uint8_t *nonce, const char *context, int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	if (ctx != NULL &&
	    EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1 &&
	    EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)MAGIC, MAGIC_LEN) == 1 &&
	    EVP_CipherUpdate(ctx, NULL, &n, (const uint8_t *)context, (int)strlen(context)) == 1)
		return ctx;
	fputs("fairlead: OpenSSL failed to set up AES-256-GCM\n", stderr);
	_Exit(1);
}

void
seal(struct sys *sys, const uint8_t key[SEAL_KEY_LEN], const char *context, struct span plain,
    struct buf *out)
{
	uint8_t nonce[NONCE_LEN], tag[TAG_LEN];
	EVP_CIPHER_CTX *ctx;
	char *to;
	int n = 0, last = 0;

	assert(plain.len <= BUF_MAX);
	sys->random(sys, nonce, sizeof(nonce));
	buf_add(out, MAGIC, MAGIC_LEN);
	buf_add(out, nonce, NONCE_LEN);
	to = buf_reserve(out, plain.len + TAG_LEN);
	if (to == NULL)
		return;		/* out is marked as truncated */
	ctx = begin(key, nonce, context, 1);
	if ((plain.len > 0 && EVP_CipherUpdate(ctx, (uint8_t *)to, &n, (const uint8_t *)plain.p,
	    (int)plain.len) != 1) || EVP_CipherFinal_ex(ctx, (uint8_t *)to + n, &last) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag) != 1) {
		fputs("fairlead: OpenSSL failed to encrypt\n", stderr);
		_Exit(1);
	}
	EVP_CIPHER_CTX_free(ctx);
	out->len += plain.len;
	buf_add(out, tag, TAG_LEN);
}

int
unseal(const uint8_t key[SEAL_KEY_LEN], const char *context, struct span sealed,
    struct buf *out, struct err *err)
{
	size_t len = sealed.len - HEAD_LEN - TAG_LEN;
	const uint8_t *p = (const uint8_t *)sealed.p;
	uint8_t tag[TAG_LEN];
	EVP_CIPHER_CTX *ctx;
	int n = 0, last = 0;
	bool ok;
	char *to;

	if (sealed.len < HEAD_LEN + TAG_LEN || memcmp(p, MAGIC, MAGIC_LEN) != 0)
		return err_set(err, ERR_IO, "%s: not a sealed copy", context);
	to = len <= BUF_MAX ? buf_reserve(out, len) : NULL;
	if (to == NULL)
		return err_set(err, ERR_LIMIT, "%s: the sealed copy is too long", context);
	memcpy(tag, p + HEAD_LEN + len, TAG_LEN);
	ctx = begin(key, p + MAGIC_LEN, context, 0);
	ok = (len == 0 || EVP_CipherUpdate(ctx, (uint8_t *)to, &n, p + HEAD_LEN, (int)len) == 1) &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1 &&
	    EVP_CipherFinal_ex(ctx, (uint8_t *)to + n, &last) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok) {
		mem_wipe(to, len);
		return err_set(err, ERR_IO, "%s: the sealed copy is damaged, or of another key or"
		    " context", context);
	}
	out->len += len;
	out->data[out->len] = '\0';
	return 0;
}
