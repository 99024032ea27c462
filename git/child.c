/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own binary as git's GIT_SSH and GIT_ASKPASS. It is the only place that
 * ever holds the token: git gets it through a pipe for the one host of the
 * settings, and it stands in nobody's arguments.
 *
 * The environment (made by transport.c) names files and commands. A line on
 * stderr that begins "fairlead-git:" ends up in the error that the parent
 * makes of git's stderr.
 */
#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include "git/mirror.h"

#define TOKEN_ARGS_MAX 64

/* before text after, to git or to its stderr. */
static int
say(int fd, const char *before, const char *text, const char *after)
{
	struct buf b = BUF_INIT;
	bool ok;

	buf_adds(&b, before);
	buf_adds(&b, text);
	buf_adds(&b, after);
	ok = write(fd, buf_str(&b), b.len) == (ssize_t)b.len;
	buf_wipe(&b);
	return ok ? 0 : 1;
}

/*
 * GIT_SSH: git's arguments behind our own options
 */

static void
push_option(struct arena *a, const char ***argv, size_t *n, const char *option)
{
	ARENA_PUSH(a, *argv, *n) = "-o";
	ARENA_PUSH(a, *argv, *n) = option;
}

static int
ssh_exec(int argc, char **argv)
{
	static const char *const options[] = { "BatchMode=yes", "StrictHostKeyChecking=yes",
		"UpdateHostKeys=no", "ForwardAgent=no", "ForwardX11=no",
		"ClearAllForwardings=yes", "PermitLocalCommand=no" };
	const char *key = getenv("FAIRLEAD_GIT_SSH_KEY");
	const char *known = getenv("FAIRLEAD_GIT_KNOWN_HOSTS");
	const char *connect = getenv("FAIRLEAD_GIT_CONNECT_S");
	struct arena a = ARENA_INIT;
	const char **out = NULL;
	char why[128];
	size_t n = 0;

	ARENA_PUSH(&a, out, n) = "ssh";
	ARENA_PUSH(&a, out, n) = "-F";
	ARENA_PUSH(&a, out, n) = "/dev/null";
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		push_option(&a, &out, &n, options[i]);
	if (connect != NULL)
		push_option(&a, &out, &n, arena_printf(&a, "ConnectTimeout=%s", connect));
	if (known != NULL) {
		push_option(&a, &out, &n, arena_printf(&a, "UserKnownHostsFile=\"%s\"", known));
		push_option(&a, &out, &n, "GlobalKnownHostsFile=/dev/null");
	}
	if (key != NULL) {
		ARENA_PUSH(&a, out, n) = "-i";
		ARENA_PUSH(&a, out, n) = key;
		push_option(&a, &out, &n, "IdentitiesOnly=yes");
		push_option(&a, &out, &n, "IdentityAgent=none");
	}
	for (int i = 1; i < argc; i++)
		ARENA_PUSH(&a, out, n) = argv[i];
	ARENA_PUSH(&a, out, n) = NULL;
	execvp("ssh", (char *const *)(uintptr_t)out);
	say(STDERR_FILENO, "fairlead-git: ssh: ", text_errno(errno, why), "\n");
	arena_release(&a);
	return 127;
}

/*
 * GIT_ASKPASS: one question, answered only for our host
 */

/* Is prompt `<what> for 'https://[user@]HOST': `? */
static bool
asks_for(const char *prompt, const char *what, const char *host)
{
	struct span s = span_trim(span_str(prompt));
	const char *at;

	if (!span_starts(s, what))
		return false;
	s = span_of(s.p + strlen(what), s.len - strlen(what));
	if (!span_starts(s, " for 'https://") || s.len < 16 ||
	    memcmp(s.p + s.len - 2, "':", 2) != 0)
		return false;
	s = span_of(s.p + 14, s.len - 16);
	at = memrchr(s.p, '@', s.len);
	/* A '/' before the '@' would mean that the host came before it. */
	if (at != NULL && memchr(s.p, '/', (size_t)(at - s.p)) != NULL)
		return false;
	if (at != NULL)
		s = span_of(at + 1, s.len - (size_t)(at + 1 - s.p));
	return s.len == strlen(host) && strncasecmp(s.p, host, s.len) == 0;
}

/* Where the token is, copied out of the environment; *argv is NULL-terminated. */
static void
token_source(struct arena *a, struct secret_source *src, const char **argv)
{
	size_t n = 0;

	memset(src, 0, sizeof(*src));
	src->file = arena_strdup(a, getenv("FAIRLEAD_GIT_TOKEN_FILE"));
	src->env = arena_strdup(a, getenv("FAIRLEAD_GIT_TOKEN_ENV"));
	while (n < TOKEN_ARGS_MAX) {
		const char *arg = getenv(arena_printf(a, "FAIRLEAD_GIT_TOKEN_ARG%zu", n));

		if (arg == NULL)
			break;
		argv[n++] = arena_strdup(a, arg);
	}
	argv[n] = NULL;
	if (n > 0)
		src->command = argv;
}

/* What a token command may see is what it would see of our own environment,
 * not git's: it may well call git or fairlead itself. */
static void
environment_restore(struct arena *a, const struct secret_source *src)
{
	const char *home = arena_strdup(a, getenv("FAIRLEAD_GIT_HOME"));
	const char *path = arena_strdup(a, getenv("PATH"));

	if (src->command == NULL)
		return;
	clearenv();
	if (home != NULL)
		setenv("HOME", home, 1);
	if (path != NULL)
		setenv("PATH", path, 1);
}

static int
token_answer(void)
{
	const char *argv[TOKEN_ARGS_MAX + 1], *text;
	struct arena a = ARENA_INIT;
	struct secret_source src;
	struct secret *token = NULL;
	struct err err = ERR_INIT;
	int rc = 1;
	size_t len;

	token_source(&a, &src, argv);
	/* None at all: git goes on to say that a login is required. */
	if (src.file == NULL && src.env == NULL && src.command == NULL)
		goto out;
	environment_restore(&a, &src);
	if (secret_load(&token, &src, sys_real(), &err) != 0) {
		say(STDERR_FILENO, "fairlead-git: token: ", err.text, "\n");
		goto out;
	}
	text = secret_reveal(token, &len);
	/* A line end would begin another field of git's. */
	if (strlen(text) != len || strpbrk(text, "\r\n") != NULL)
		say(STDERR_FILENO, "fairlead-git: token: ", "it has more than one line", "\n");
	else
		rc = say(STDOUT_FILENO, "", text, "\n");
out:
	secret_free(token);
	arena_release(&a);
	return rc;
}

static int
askpass(const char *prompt)
{
	const char *host = getenv("FAIRLEAD_GIT_HOST");
	const char *user = getenv("FAIRLEAD_GIT_USER");

	if (host == NULL || user == NULL)
		return 1;
	if (asks_for(prompt, "Username", host))
		return say(STDOUT_FILENO, "", user, "\n");
	if (asks_for(prompt, "Password", host))
		return token_answer();
	return 1;
}

int
git_child_main(int argc, char **argv)
{
	return argc == 2 ? askpass(argv[1]) : ssh_exec(argc, argv);
}
