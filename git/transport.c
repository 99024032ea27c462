/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running git(1): which URLs are allowed, what the child may know, and what
 * its failures mean. Apart from mirror.c because all of it is about one
 * process and none of it about refs.
 *
 * Guarantees: git sees no configuration but the mirror's own and the lines
 * below, no home directory but an empty one, no protocol but that of the
 * URL, no terminal; it asks nobody but our own binary for keys and tokens;
 * and it ends at the deadline.
 */
#include <unistd.h>

#include "git/inside.h"

#define OUTPUT_MAX ((size_t)4 << 20)	/* of one git command */
#define QUOTE_MAX ((size_t)300)		/* of what git said, in an error */

/*
 * The URL
 */

enum scheme { SCHEME_FILE, SCHEME_SSH, SCHEME_HTTPS };

static const char *const SCHEME_NAME[] = {
	[SCHEME_FILE] = "file", [SCHEME_SSH] = "ssh", [SCHEME_HTTPS] = "https",
};

struct place {
	enum scheme scheme;
	struct span authority;	/* user@host:port, empty for files */
};

#define ACCEPTED "use https://host/path, ssh://user@host/path, user@host:path " \
	"or an absolute path"

/* No message of this part shows the URL: it may hold the password that it
 * must not hold. */
static int
url_refuse(struct err *err, const char *why, const char *next)
{
	err_set(err, ERR_USAGE, "repository URL: %s", why);
	return err_next(err, "%s", next);
}

static bool
chars_ok(struct span s, const char *extra)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');

		if (!alnum && (c == '\0' || strchr(extra, c) == NULL))
			return false;
	}
	return s.len > 0 && s.p[0] != '-';
}

/* host, host:port, [v6] or [v6]:port; never what ssh takes for an option. */
static bool
host_ok(struct span host)
{
	const char *colon = memrchr(host.p, ':', host.len);
	const char *close = memrchr(host.p, ']', host.len);
	struct span name = host;

	if (colon != NULL && (close == NULL || colon > close)) {
		struct span port = span_of(colon + 1, host.len - (size_t)(colon + 1 - host.p));

		name.len = (size_t)(colon - host.p);
		if (port.len > 5 || !chars_ok(port, "") || strspn(port.p, "0123456789") < port.len)
			return false;
	}
	if (name.len > 2 && name.p[0] == '[' && name.p[name.len - 1] == ']')
		return chars_ok(span_of(name.p + 1, name.len - 2), ":.%");
	return chars_ok(name, ".-_");
}

static int
authority_check(struct span authority, enum scheme scheme, struct err *err)
{
	const char *at = memrchr(authority.p, '@', authority.len);
	struct span user = span_of(authority.p, at != NULL ? (size_t)(at - authority.p) : 0);
	struct span host = authority;

	if (at != NULL)
		host = span_of(at + 1, authority.len - user.len - 1);
	if (memchr(user.p, ':', user.len) != NULL)
		return url_refuse(err, "it holds a password", scheme == SCHEME_HTTPS ?
		    "name a file, environment variable or command that gives the token instead" :
		    "remove it and use an SSH key");
	/* Forges take a token in place of the user name. */
	if (at != NULL && scheme == SCHEME_HTTPS)
		return url_refuse(err, "https:// with a user name or token before the host",
		    "take it out of the URL: user name and token have settings of their own");
	if (at != NULL && !chars_ok(user, "._+-"))
		return url_refuse(err, "the user name has characters that are not allowed",
		    ACCEPTED);
	if (!host_ok(host))
		return url_refuse(err, "the host name is missing or malformed", ACCEPTED);
	return 0;
}

/* user@host:path, where no '/' stands before the ':'. */
static int
scp_parse(const char *url, struct place *out, struct err *err)
{
	size_t len = strcspn(url, ":/");

	if (url[len] != ':')
		return url_refuse(err, "a relative path", ACCEPTED);
	if (url[len + 1] == ':')
		return url_refuse(err, "remote helpers (name::address) are not allowed", ACCEPTED);
	if (url[len + 1] == '\0' || url[len + 1] == '-')
		return url_refuse(err, "there is no path after the ':'", ACCEPTED);
	/* user:password@host:path: what looks like the path begins with it. */
	if (memchr(url, '@', len) == NULL && strcspn(url + len, "@") < strcspn(url + len, "/"))
		return url_refuse(err, "it holds a password", "remove it and use an SSH key");
	out->scheme = SCHEME_SSH;
	out->authority = span_of(url, len);
	return authority_check(out->authority, SCHEME_SSH, err);
}

static int
url_parse(const char *url, struct place *out, struct err *err)
{
	const char *rest = url;

	memset(out, 0, sizeof(*out));
	if (url == NULL || *url == '\0')
		return url_refuse(err, "there is none", ACCEPTED);
	for (const char *p = url; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return url_refuse(err, "it holds a control character", ACCEPTED);
	if (url[0] == '/' || strncmp(url, "file:///", 8) == 0)
		return 0;
	if (strncmp(url, "ssh://", 6) == 0) {
		out->scheme = SCHEME_SSH;
		rest += 6;
	} else if (strncmp(url, "https://", 8) == 0) {
		out->scheme = SCHEME_HTTPS;
		rest += 8;
	} else if (strstr(url, "://") != NULL) {
		return url_refuse(err, "its scheme is not one of https, ssh and file", ACCEPTED);
	} else {
		return scp_parse(url, out, err);
	}
	out->authority = span_of(rest, strcspn(rest, "/?#"));
	return authority_check(out->authority, out->scheme, err);
}

/*
 * What git is told
 */

static const char *const CONFIG[] = {
	"protocol.allow=never",		/* one is allowed again, see head_make() */
	"core.hooksPath=/dev/null",
	"credential.helper=",		/* empty: forget all helpers */
	"transfer.fsckObjects=true",
	/* Old tools wrote these; they deceive nobody who reads objects only. */
	"fetch.fsck.zeroPaddedFilemode=ignore",
	"fetch.fsck.badTimezone=ignore",
	"fetch.fsck.missingSpaceBeforeDate=ignore",
	"transfer.bundleURI=false",
	"transfer.credentialsInUrl=die",
	"fetch.recurseSubmodules=no",
	"push.recurseSubmodules=no",
	"push.followTags=false",
	"push.gpgSign=false",
	"http.followRedirects=false",
	"core.fsmonitor=false",
	"core.fsync=committed",		/* objects and refs survive a power cut */
	"core.bigFileThreshold=16m",	/* larger objects are streamed, not held */
	"gc.auto=0",
	"maintenance.auto=false",
	"protocol.version=2",		/* the server sends only the refs asked for */
	"advice.pushUpdateRejected=false",
	"init.defaultBranch=main",
};

static const char *
absolute(struct arena *a, const char *path)
{
	char cwd[PATH_LIMIT];

	if (path == NULL || path[0] == '/' || getcwd(cwd, sizeof(cwd)) == NULL)
		return arena_strdup(a, path);
	return arena_printf(a, "%s/%s", cwd, path);
}

static void
head_add(struct transport *t, const char *config)
{
	ARENA_PUSH(&t->arena, t->head, t->n_head) = "-c";
	ARENA_PUSH(&t->arena, t->head, t->n_head) = config;
}

static void
head_make(struct transport *t, const struct mirror_settings *s, enum scheme scheme)
{
	struct arena *a = &t->arena;

	ARENA_PUSH(a, t->head, t->n_head) = "git";
	ARENA_PUSH(a, t->head, t->n_head) = arena_printf(a, "--git-dir=%s", t->dir);
	for (size_t i = 0; i < sizeof(CONFIG) / sizeof(CONFIG[0]); i++)
		head_add(t, CONFIG[i]);
	head_add(t, arena_printf(a, "protocol.%s.allow=always", SCHEME_NAME[scheme]));
	if (s->https_ca != NULL)
		head_add(t, arena_printf(a, "http.sslCAInfo=%s", absolute(a, s->https_ca)));
}

struct environment {
	struct arena *arena;
	const char **items;
	size_t n;
};

/* Nothing when there is no value. */
static void
env_add(struct environment *e, const char *name, const char *value)
{
	if (value != NULL)
		ARENA_PUSH(e->arena, e->items, e->n) = arena_printf(e->arena, "%s=%s", name, value);
}

static void
env_ssh(struct environment *e, const struct transport *t, const struct mirror_settings *s)
{
	int seconds = (sys_real_ms(t->sys, t->timeout_ms) + 999) / 1000;

	env_add(e, "GIT_SSH", s->self);
	env_add(e, "GIT_SSH_VARIANT", "ssh");
	env_add(e, "FAIRLEAD_GIT_SSH_KEY", absolute(e->arena, s->ssh_key));
	env_add(e, "FAIRLEAD_GIT_KNOWN_HOSTS", absolute(e->arena, s->ssh_known_hosts));
	/* A little before our own deadline: ssh knows what it waited for. */
	env_add(e, "FAIRLEAD_GIT_CONNECT_S",
	    arena_printf(e->arena, "%d", seconds > 2 ? seconds - 1 : 1));
	if (s->ssh_key == NULL)
		env_add(e, "SSH_AUTH_SOCK", getenv("SSH_AUTH_SOCK"));
}

static void
env_https(struct environment *e, const struct mirror_settings *s, struct span host)
{
	static const char *const proxy[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
		"ALL_PROXY", "no_proxy", "NO_PROXY" };
	const struct secret_source *token = &s->https_token;

	env_add(e, "GIT_ASKPASS", s->self);
	env_add(e, "FAIRLEAD_GIT_HOST", arena_strndup(e->arena, host.p, host.len));
	env_add(e, "FAIRLEAD_GIT_USER", s->https_user != NULL ? s->https_user : "oauth2");
	env_add(e, "FAIRLEAD_GIT_HOME", getenv("HOME"));
	env_add(e, "FAIRLEAD_GIT_TOKEN_FILE", absolute(e->arena, token->file));
	env_add(e, "FAIRLEAD_GIT_TOKEN_ENV", token->env);
	/* Whoever keeps the token in our environment has it in git's as well. */
	if (token->env != NULL)
		env_add(e, token->env, getenv(token->env));
	for (size_t i = 0; token->command != NULL && token->command[i] != NULL; i++)
		env_add(e, arena_printf(e->arena, "FAIRLEAD_GIT_TOKEN_ARG%zu", i),
		    token->command[i]);
	for (size_t i = 0; i < sizeof(proxy) / sizeof(proxy[0]); i++)
		env_add(e, proxy[i], getenv(proxy[i]));
}

static void
env_make(struct transport *t, const struct mirror_settings *s, const struct place *place)
{
	struct environment e = { &t->arena, NULL, 0 };
	const char *path = getenv("PATH");

	env_add(&e, "PATH", path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");
	env_add(&e, "HOME", arena_printf(&t->arena, "%s/home", t->dir));
	env_add(&e, "LC_ALL", "C");
	env_add(&e, "GIT_CONFIG_NOSYSTEM", "1");
	env_add(&e, "GIT_CONFIG_GLOBAL", "/dev/null");
	env_add(&e, "GIT_ATTR_NOSYSTEM", "1");
	env_add(&e, "GIT_NO_REPLACE_OBJECTS", "1");
	env_add(&e, "GIT_TERMINAL_PROMPT", "0");
	env_add(&e, "FAIRLEAD_GIT_CHILD", "1");
	if (place->scheme == SCHEME_SSH)
		env_ssh(&e, t, s);
	if (place->scheme == SCHEME_HTTPS)
		env_https(&e, s, place->authority);
	ARENA_PUSH(&t->arena, e.items, e.n) = NULL;
	t->env = e.items;
}

/* ssh reads quotes, '%' and '$' in these as a language of their own. */
static int
ssh_path_check(const char *what, const char *path, struct err *err)
{
	if (path == NULL || strpbrk(path, "\"\\%$\n\r\t") == NULL)
		return 0;
	return err_set(err, ERR_USAGE, "%s %s: the path may not hold any of \" \\ %% $", what,
	    path);
}

int
transport_init(struct transport *t, const struct mirror_settings *s, struct sys *sys,
    struct err *err)
{
	struct place place;
	int rc = url_parse(s->url, &place, err);

	if (rc == 0)
		rc = ssh_path_check("SSH key", s->ssh_key, err);
	if (rc == 0)
		rc = ssh_path_check("known hosts file", s->ssh_known_hosts, err);
	if (rc == 0 && place.scheme != SCHEME_FILE && s->self == NULL)
		rc = err_set(err, ERR_BUG, "no program to answer git's questions");
	if (rc != 0)
		return rc;
	memset(t, 0, sizeof(*t));
	t->sys = sys;
	t->dir = absolute(&t->arena, s->dir);
	t->url = arena_strdup(&t->arena, s->url);
	t->timeout_ms = s->timeout_ms;
	t->max_bytes = s->max_bytes;
	head_make(t, s, place.scheme);
	env_make(t, s, &place);
	return 0;
}

void
transport_release(struct transport *t)
{
	arena_release(&t->arena);
}

int
transport_git(struct transport *t, const struct transport_run *run,
    struct proc_result *res, struct err *err)
{
	struct arena a = ARENA_INIT;
	const char **argv = NULL;
	struct proc p = { .env = t->env, .input = span_str(run->input),
		.max_output = OUTPUT_MAX, .max_file = run->max_file };
	size_t n = 0;
	int rc;

	memset(res, 0, sizeof(*res));
	for (size_t i = 0; i < t->n_head; i++)
		ARENA_PUSH(&a, argv, n) = t->head[i];
	for (size_t i = 0; run->args[i] != NULL; i++)
		ARENA_PUSH(&a, argv, n) = run->args[i];
	ARENA_PUSH(&a, argv, n) = NULL;
	p.argv = argv;
	p.timeout_ms = run->timeout_ms > 0 ? run->timeout_ms : t->timeout_ms;
	rc = proc_run(t->sys, &p, res, err);
	if (rc != 0)
		err_next(err, "is git installed and in PATH?");
	arena_release(&a);
	return rc;
}

/*
 * What its failures mean
 */

enum { REFUSED = 0 };	/* in the table: the caller's code for "not allowed" */

struct verdict {
	const char *words;	/* in a line of stderr */
	int code;
	const char *what, *next;
};

#define NEXT_LOGIN "check the credentials that the settings name for this repository"
#define NEXT_HOSTKEY "ask the remote's owner for its host key and put it into known_hosts"
#define NEXT_RIGHTS "give this account the right, or use another one"
#define NEXT_NAME "check the URL, and that this account may see the repository"
#define NEXT_NET "check the URL and the network; it is tried again later"
#define NEXT_DAMAGED "stop Fairlead and remove the mirror's directory: it is fetched again"
#define NEXT_ROOM "make room on the file system of the state directory"
#define NEXT_TLS "name the CA that signed the server's certificate in the settings"

/* The first row of which git said the words; so the precise come first. */
static const struct verdict VERDICTS[] = {
	{ "fairlead-git: token", ERR_SECRET, "the token cannot be had", NEXT_LOGIN },
	{ "fairlead-git: ssh", ERR_IO, "cannot run ssh", "is the OpenSSH client installed?" },
	{ "IDENTIFICATION HAS CHANGED", ERR_REMOTE,
	    "the host key has changed", NEXT_HOSTKEY },
	{ "host key is known for", ERR_REMOTE, "the host key is not known", NEXT_HOSTKEY },
	{ "Host key verification failed", ERR_REMOTE,
	    "the host key is not the known one", NEXT_HOSTKEY },
	{ "bad permissions", ERR_REMOTE, "ssh refuses the key file",
	    "the key file must be readable by its owner only: chmod 600" },
	{ "Load key ", ERR_REMOTE, "ssh cannot read the key file", NEXT_LOGIN },
	{ "Identity file ", ERR_REMOTE, "ssh cannot read the key file", NEXT_LOGIN },
	{ "Permission denied (", ERR_REMOTE, "login refused", NEXT_LOGIN },
	{ "Too many authentication failures", ERR_REMOTE, "login refused", NEXT_LOGIN },
	{ "Authentication failed", ERR_REMOTE, "login refused", NEXT_LOGIN },
	{ "could not read Username", ERR_REMOTE, "login required", NEXT_LOGIN },
	{ "could not read Password", ERR_REMOTE, "login required", NEXT_LOGIN },
	{ "not allowed to", REFUSED, "not allowed", NEXT_RIGHTS },
	{ " denied to ", REFUSED, "not allowed", NEXT_RIGHTS },
	{ "marked as read only", REFUSED, "not allowed", NEXT_RIGHTS },
	{ "returned error: 403", REFUSED, "not allowed", NEXT_RIGHTS },
	{ "returned error: 401", ERR_REMOTE, "login refused", NEXT_LOGIN },
	{ "returned error: 30", ERR_REMOTE, "the server sends us elsewhere",
	    "give the final URL in the settings; often it ends in .git" },
	{ "dubious ownership", ERR_REMOTE, "the repository belongs to another user",
	    "run as its owner, or reach it over ssh" },
	{ "not appear to be a git repository", ERR_REMOTE, "no such repository", NEXT_NAME },
	{ "epository not found", ERR_REMOTE, "no such repository", NEXT_NAME },
	{ "' not found", ERR_REMOTE, "no such repository", NEXT_NAME },
	{ "could not be found", ERR_REMOTE, "no such repository", NEXT_NAME },
	{ "does not exist", ERR_REMOTE, "no such repository", NEXT_NAME },
	{ "timed out during banner exchange", ERR_REMOTE,
	    "the remote accepted the connection and said nothing", NEXT_NET },
	{ "ould not resolve host", ERR_REMOTE, "the host name is not known", NEXT_NET },
	{ "certificate", ERR_REMOTE, "the server's certificate is not trusted", NEXT_TLS },
	{ "timed out", ERR_REMOTE, "no answer", NEXT_NET },
	{ "Connection refused", ERR_REMOTE, "cannot connect", NEXT_NET },
	{ "Failed to connect", ERR_REMOTE, "cannot connect", NEXT_NET },
	{ "No route to host", ERR_REMOTE, "cannot connect", NEXT_NET },
	{ "unreachable", ERR_REMOTE, "cannot connect", NEXT_NET },
	{ "No space left on device", ERR_FULL, "the disk is full", NEXT_ROOM },
	{ "Out of diskspace", ERR_FULL, "the disk is full", NEXT_ROOM },
	{ "Disk quota exceeded", ERR_FULL, "the disk is full", NEXT_ROOM },
	{ "died of signal 25", ERR_LIMIT, "the repository is larger than the limit",
	    "raise the size limit of the repository in the settings" },
	{ "File too large", ERR_LIMIT, "the repository is larger than the limit",
	    "raise the size limit of the repository in the settings" },
	{ "object file ", ERR_IO, "the mirror is damaged", NEXT_DAMAGED },
	{ "loose object ", ERR_IO, "the mirror is damaged", NEXT_DAMAGED },
	{ "error: object ", ERR_CONTENT, "the repository holds a malformed object",
	    "find it with git fsck and take it out of the history" },
	{ "fsck error", ERR_CONTENT, "the repository holds a malformed object",
	    "find it with git fsck and take it out of the history" },
};

/* The line of text that holds words. What the remote says of itself does not
 * count where this host is meant: its disk is not ours. */
static bool
line_with(struct span text, const char *words, bool here, struct span *line)
{
	while (span_line(&text, line))
		if (memmem(line->p, line->len, words, strlen(words)) != NULL &&
		    !(here && span_starts(*line, "remote:")))
			return true;
	return false;
}

static const struct verdict *
verdict_of(struct span text, struct span *line)
{
	for (size_t i = 0; i < sizeof(VERDICTS) / sizeof(VERDICTS[0]); i++) {
		const struct verdict *v = &VERDICTS[i];

		if (line_with(text, v->words, v->code != REFUSED && v->code != ERR_REMOTE, line))
			return v;
	}
	return NULL;
}

/* Of the lines git said the last that tells something: what follows a
 * "fatal:" is a sermon. */
static struct span
line_last(struct span text)
{
	struct span line, last = { "", 0 };
	bool fatal = false;

	while (span_line(&text, &line)) {
		line = span_rtrim(line);
		if (line.len == 0 || span_starts(line, "hint:") || span_starts(line, "remote: ="))
			continue;
		if (fatal && !span_starts(line, "fatal:") && !span_starts(line, "error:"))
			continue;
		fatal = span_starts(line, "fatal:");
		last = line;
	}
	return last;
}

static const char *
quote(struct buf *b, struct span line)
{
	line = span_rtrim(line);
	if (line.len > QUOTE_MAX)
		line.len = QUOTE_MAX;
	text_visible(b, line, false);
	return buf_str(b);
}

static int
explain_silence(struct transport *t, struct span last, struct err *err)
{
	struct buf said = BUF_INIT;
	char limit[32];

	text_duration_str(t->timeout_ms, limit);
	if (last.len == 0)
		err_set(err, ERR_REMOTE, "%s: the remote said nothing for %s", t->url, limit);
	else
		err_set(err, ERR_REMOTE, "%s: not done within %s; last heard: %s", t->url, limit,
		    quote(&said, last));
	buf_release(&said);
	return err_next(err, "it is tried again later; if the remote is only slow, "
	    "raise the timeout");
}

int
transport_explain(struct transport *t, const struct proc_result *res, int refused,
    struct err *err)
{
	struct span line, text = buf_span(&res->err);
	struct buf said = BUF_INIT;
	const struct verdict *v;
	int code;

	if (res->timed_out)
		return explain_silence(t, line_last(text), err);
	if (res->too_long)
		return err_set(err, ERR_LIMIT, "%s: git said more than %zu bytes", t->url,
		    OUTPUT_MAX);
	v = verdict_of(text, &line);
	if (v != NULL) {
		code = v->code == REFUSED ? refused : v->code;
		err_set(err, code, "%s: %s: %s", t->url, v->what, quote(&said, line));
		err_next(err, "%s", v->next);
	} else {
		line = line_last(text);
		code = err_set(err, ERR_REMOTE, "%s: git failed (exit %d): %s", t->url, res->status,
		    line.len > 0 ? quote(&said, line) : "it did not say why");
	}
	buf_release(&said);
	return code;
}

int
transport_local(struct transport *t, const struct transport_run *run, const char *doing,
    struct err *err)
{
	struct proc_result res;
	struct span line;
	struct buf said = BUF_INIT;
	int rc = transport_git(t, run, &res, err);

	if (rc == 0 && res.status != 0) {
		const struct verdict *v = verdict_of(buf_span(&res.err), &line);
		bool full = v != NULL && v->code == ERR_FULL;

		if (!full)
			line = line_last(buf_span(&res.err));
		rc = err_set(err, full ? ERR_FULL : ERR_IO, "%s: cannot %s: %s", t->dir, doing,
		    res.timed_out ? "git did not end in time" : quote(&said, line));
	}
	buf_release(&said);
	proc_result_release(&res);
	return rc;
}
