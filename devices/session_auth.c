/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Login: key, then password, then keyboard-interactive with its one password
 * question. A server may want more than one of them. Each is tried once: a
 * second try of the same secret only helps to lock the account.
 */
#include "devices/session_private.h"

#define ROUNDS 4	/* answers to keyboard-interactive */

enum { TRIED_KEY = 1, TRIED_PASSWORD = 2, TRIED_KBDINT = 4 };

static int
by_key(struct session *s, const struct credential *c, struct err *err)
{
	const char *passphrase = c->key_passphrase != NULL ?
	    secret_reveal(c->key_passphrase, NULL) : NULL;
	ssh_key key = NULL;
	int rc;

	/* A key we cannot read is the operator's business, not the device's. */
	rc = ssh_pki_import_privkey_file(c->key_file, passphrase, NULL, NULL, &key);
	if (rc != SSH_OK)
		return err_set(err, ERR_SECRET, "credential %s: the private key %s cannot be read "
		    "(missing, or wrong passphrase)", c->name, c->key_file);
	rc = ssh_userauth_publickey(s->ssh, NULL, key);
	ssh_key_free(key);
	return rc;
}

/* Only a single question that hides its answer is given the password. */
static int
by_questions(struct session *s, const struct credential *c)
{
	int rc = ssh_userauth_kbdint(s->ssh, NULL, NULL);

	for (int round = 0; rc == SSH_AUTH_INFO && round < ROUNDS; round++) {
		int n = ssh_userauth_kbdint_getnprompts(s->ssh);
		char echo = 1;

		if (n > 1)
			return SSH_AUTH_DENIED;
		if (n == 1) {
			ssh_userauth_kbdint_getprompt(s->ssh, 0, &echo);
			if (echo != 0 || ssh_userauth_kbdint_setanswer(s->ssh, 0,
			    secret_reveal(c->password, NULL)) != 0)
				return SSH_AUTH_DENIED;
		}
		rc = ssh_userauth_kbdint(s->ssh, NULL, NULL);
	}
	return rc;
}

/* The next method both sides have that was not tried. 0: there is none. The
 * server says what it takes only when it has refused something, so the first
 * is tried without asking: that saves a round trip. */
static int
next_method(struct session *s, const struct credential *c, int tried)
{
	unsigned offered = SSH_AUTH_METHOD_PUBLICKEY | SSH_AUTH_METHOD_PASSWORD;

	if (tried != 0)
		offered = (unsigned)ssh_userauth_list(s->ssh, NULL);
	if (c->key_file != NULL && (offered & SSH_AUTH_METHOD_PUBLICKEY) && !(tried & TRIED_KEY))
		return TRIED_KEY;
	if (c->password == NULL)
		return 0;
	if ((offered & SSH_AUTH_METHOD_PASSWORD) && !(tried & TRIED_PASSWORD))
		return TRIED_PASSWORD;
	if ((offered & SSH_AUTH_METHOD_INTERACTIVE) && !(tried & TRIED_KBDINT))
		return TRIED_KBDINT;
	return 0;
}

static int
refused(struct session *s, const struct credential *c, int tried, struct err *err)
{
	unsigned offered = (unsigned)ssh_userauth_list(s->ssh, NULL);

	err_set(err, ERR_AUTH, "login as %s refused (tried%s%s; it takes%s%s%s)", c->user,
	    tried & TRIED_KEY ? " key" : "",
	    tried & (TRIED_PASSWORD | TRIED_KBDINT) ? " password" : "",
	    offered & SSH_AUTH_METHOD_PUBLICKEY ? " key" : "",
	    offered & SSH_AUTH_METHOD_PASSWORD ? " password" : "",
	    offered & SSH_AUTH_METHOD_INTERACTIVE ? " questions" : "");
	err_next(err, "check the credential %s", c->name);
	return ERR_AUTH;
}

static int
try_method(struct session *s, const struct credential *c, int method, struct err *err)
{
	switch (method) {
	case TRIED_KEY:
		return by_key(s, c, err);
	case TRIED_PASSWORD:
		return ssh_userauth_password(s->ssh, NULL, secret_reveal(c->password, NULL));
	default:
		return by_questions(s, c);
	}
}

int
session_login(struct session *s, const struct credential *c, struct mono deadline,
    struct err *err)
{
	int rc = SSH_AUTH_DENIED, method, tried = 0;

	if (c == NULL || c->user == NULL || (c->key_file == NULL && c->password == NULL))
		return err_set(err, ERR_SECRET, "no user, or neither key nor password for it");
	while (rc == SSH_AUTH_DENIED || rc == SSH_AUTH_PARTIAL) {
		if ((method = next_method(s, c, tried)) == 0)
			return refused(s, c, tried, err);
		tried |= method;
		if ((rc = session_limit(s, deadline, err)) != 0)
			return rc;
		if ((rc = try_method(s, c, method, err)) == ERR_SECRET)
			return rc;
	}
	if (rc == SSH_AUTH_SUCCESS)
		return 0;
	if (rc == SSH_AUTH_AGAIN)
		rc = SSH_AGAIN;
	return session_fail(s, rc, ERR_UNREACHABLE, err, "login");
}
