/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mirrors: URLs, asking, fetching, and what git says when it goes wrong. The
 * remotes are real: files, an sshd and a TLS server on loopback, and sockets
 * that accept and say nothing. This program is git's GIT_SSH and GIT_ASKPASS,
 * as fairlead is in production.
 */
#include "tests/unit/git_world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void
write_file(const char *name, const char *text, mode_t mode)
{
	struct err err = ERR_INIT;

	assert_code(0, file_write_atomic(sys_real(), in_world(name), text, strlen(text), mode,
	    &err), &err);
}

static const char *
read_file(const char *name)
{
	struct err err = ERR_INIT;
	char *p = NULL;
	size_t len;
	const char *copy;

	if (file_read(in_world(name), 1 << 20, &p, &len, &err) != 0)
		return "";
	copy = arena_strndup(&world, p, len);
	free(p);
	return copy;
}

static size_t
count_words(const char *text, const char *words)
{
	size_t n = 0;

	while ((text = strstr(text, words)) != NULL) {
		n++;
		text += strlen(words);
	}
	return n;
}

static bool
have(const char *program)
{
	const char *argv[] = { program, "-V", NULL };
	struct proc p = { .argv = argv, .timeout_ms = 10000, .max_output = 1000 };
	struct proc_result res;
	struct err err = ERR_INIT;
	int rc = proc_run(sys_real(), &p, &res, &err);

	proc_result_release(&res);
	return rc == 0 && res.status != 127;
}

/*
 * Servers: ended by the teardown of the test
 */

static struct {
	pid_t pid;
	int out;		/* its stdout; open as long as it runs */
} servers[4];
static size_t n_servers;

/* Start a program that stays; the first line of its output when it says one. */
static const char *
serve(const char *const *argv, bool says)
{
	char line[64] = "";
	size_t len = 0;
	int out[2];
	pid_t pid;

	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(says ? out[1] : open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	assert_true(n_servers < sizeof(servers) / sizeof(servers[0]));
	servers[n_servers].pid = pid;
	servers[n_servers++].out = out[0];
	close(out[1]);
	while (says && len < sizeof(line) - 1 && read(out[0], line + len, 1) == 1 &&
	    line[len] != '\n')
		len++;
	return arena_strndup(&world, line, len);
}

static int
world_end_servers(void **state)
{
	while (n_servers > 0) {
		kill(servers[--n_servers].pid, SIGTERM);
		waitpid(servers[n_servers].pid, NULL, 0);
		close(servers[n_servers].out);
	}
	return world_end(state);
}

static int
dial(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A socket that the kernel accepts connections on and nobody reads. */
static int
silent(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static int
connections(int listener)
{
	int n = 0, fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		n++;
		close(fd);
	}
	return n;
}

static int
free_port(void)
{
	int port;

	close(silent(&port));
	return port;
}

static void
make_key(const char *name)
{
	const char *argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f",
		in_world(name), NULL };

	run_program(NULL, span_of("", 0), argv);
}

static void
known_hosts(const char *name, int port, const char *key)
{
	const char *pub = read_file(arena_printf(&world, "%s.pub", key));

	write_file(name, arena_printf(&world, "[127.0.0.1]:%d %s", port, pub), 0600);
}

/* sshd on loopback, which logs each command and knows one user key. */
static int
sshd_start(void)
{
	int port = free_port();
	const char *argv[] = { "/usr/sbin/sshd", "-D", "-f", in_world("sshd_config"), "-E",
		in_world("sshd.log"), NULL };

	if (getuid() == 0)
		mkdir("/run/sshd", 0755);
	make_key("host");
	make_key("user");
	known_hosts("known_hosts", port, "host");
	write_file("command", arena_printf(&world, "#!/bin/sh\n"
	    "echo \"$SSH_ORIGINAL_COMMAND\" >> %s\nexec sh -c \"$SSH_ORIGINAL_COMMAND\"\n",
	    in_world("commands")), 0700);
	write_file("authorized", arena_printf(&world, "command=\"%s\" %s", in_world("command"),
	    read_file("user.pub")), 0600);
	write_file("sshd_config", arena_printf(&world,
	    "Port %d\nListenAddress 127.0.0.1\nHostKey %s\nPidFile none\nAuthorizedKeysFile %s\n"
	    "StrictModes no\nUsePAM no\nPasswordAuthentication no\n"
	    "KbdInteractiveAuthentication no\nPermitRootLogin yes\nAcceptEnv GIT_PROTOCOL\n",
	    port, in_world("host"), in_world("authorized")), 0600);
	serve(argv, false);
	for (int i = 0; i < 100; i++) {
		int fd = dial(port);

		close(fd);
		if (fd >= 0)
			return port;
		sys_sleep_ms(sys_real(), 50);
	}
	fail_msg("sshd does not start: %s", read_file("sshd.log"));
	return -1;
}

static struct mirror_settings
mirror_over_ssh(int port, const char *repo)
{
	struct mirror_settings s = mirror_to(arena_printf(&world, "ssh://%s@127.0.0.1:%d%s",
	    getpwuid(getuid())->pw_name, port, in_world(repo)));

	s.ssh_key = in_world("user");
	s.ssh_known_hosts = in_world("known_hosts");
	return s;
}

static const char *
local(const char *ref)
{
	const char *argv[] = { "git", "-C", in_world("mirror"), "rev-parse", "-q", "--verify", ref,
		NULL };
	int status;

	return run_program(&status, span_of("", 0), argv);
}

/*
 * URLs
 */

static void
open__urls_are_accepted_or_refused_without_echoing_secrets(void **state)
{
	static const struct {
		const char *url;
		bool ok;
	} cases[] = {
		{ "/srv/net.git", true },
		{ "file:///srv/net.git", true },
		{ "ssh://git@example.com/net.git", true },
		{ "ssh://git@example.com:2222/net.git", true },
		{ "ssh://git@[::1]:2222/net.git", true },
		{ "ssh://example.com/~me/net.git", true },
		{ "git@example.com:group/net.git", true },
		{ "example.com:group/net.git", true },
		{ "https://example.com/group/net.git", true },
		{ "https://example.com:8443/net.git?a=b@c", true },
		{ "https://[fe80::1]:8443/net.git", true },
		{ NULL, false },
		{ "", false },
		{ "net.git", false },
		{ "../net.git", false },
		{ "file://host/net.git", false },
		{ "http://example.com/net.git", false },
		{ "git://example.com/net.git", false },
		{ "ftp://example.com/net.git", false },
		{ "HTTPS://example.com/net.git", false },
		{ "ext::sh -c hunter2", false },
		{ "fd::7", false },
		{ "ext::ssh://example.com/x", false },
		{ "https://hunter2@example.com/net.git", false },
		{ "https://u:hunter2@example.com/net.git", false },
		{ "ssh://git:hunter2@example.com/net.git", false },
		{ "git:hunter2@example.com:net.git", false },
		{ "ssh://-oProxyCommand=hunter2/net.git", false },
		{ "ssh://git@-oProxyCommand=hunter2/net.git", false },
		{ "-oProxyCommand=hunter2:net.git", false },
		{ "--upload-pack=hunter2", false },
		{ "git@example.com:--upload-pack=hunter2", false },
		{ "git@example.com:", false },
		{ "https:///net.git", false },
		{ "https://example.com:port/net.git", false },
		{ "https://example.com\n.evil/net.git", false },
		{ "/srv/net\x1b[2J.git", false },
		{ "https://exa mple.com/hunter2", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mirror_settings s = mirror_to(cases[i].url);
		struct err err = ERR_INIT;
		struct mirror *m = NULL;
		int rc = mirror_open(&m, &s, sys_real(), &err);

		if (rc != (cases[i].ok ? 0 : ERR_USAGE))
			fail_msg("%s: %d %s", cases[i].url, rc, err.text);
		assert_null(strstr(err.text, "hunter2"));
		assert_null(strstr(err.next, "hunter2"));
		assert_true(rc == 0 || err.next[0] != '\0');
		mirror_close(m);
	}
}

static void
open__ssh_paths_that_ssh_would_interpret_are_refused(void **state)
{
	struct mirror_settings s = mirror_to("git@example.com:net.git");
	struct err err = ERR_INIT;
	struct mirror *m = NULL;

	(void)state;
	s.ssh_key = "/keys/%h";
	assert_code(ERR_USAGE, mirror_open(&m, &s, sys_real(), &err), &err);
	s.ssh_key = NULL;
	s.ssh_known_hosts = "/a\" /b";
	assert_code(ERR_USAGE, mirror_open(&m, &s, sys_real(), &err), &err);
}

static void
branches__only_names_that_git_accepts_reach_it(void **state)
{
	static const char *const bad[] = { NULL, "", "-x", "--upload-pack=x", "a..b", "a b", "a:b",
		"+a", "a*", "a.lock", "/a", "a/", "@{x", "a\nb", "a~1", "HEAD", ".a", "a\xff" };
	struct oid was, now;
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct mirror *m;

	(void)state;
	remote_make("r");
	COMMIT("r", "feature/x-1", "f", "1");
	s = mirror_to(in_world("r"));
	m = opened(&s);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (bad[i] != NULL && strcmp(bad[i], "+a") == 0)
			continue;	/* git allows it, and it stands behind refs/heads/ */
		assert_code(ERR_USAGE, mirror_remote_head(m, bad[i], &now, &err), &err);
		assert_code(ERR_USAGE, mirror_fetch(m, bad[i], false, &was, &now, &err), &err);
		assert_code(ERR_USAGE, mirror_accept_rewrite(m, bad[i], &now, &err), &err);
	}
	assert_code(0, mirror_fetch(m, "feature/x-1", false, &was, &now, &err), &err);
	mirror_close(m);
}

/*
 * Asking and fetching
 */

static void
head__is_the_branch_and_nothing_is_fetched(void **state)
{
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct mirror *m;
	struct oid a, got;

	(void)state;
	remote_make("r");
	a = COMMIT("r", "main", "f", "1");
	/* Same end, other name. */
	COMMIT("r", "refs/heads/main", "f", "2");
	s = mirror_to(arena_printf(&world, "file://%s", in_world("r")));
	m = opened(&s);
	assert_code(0, mirror_remote_head(m, "main", &got, &err), &err);
	assert_string_equal(got.hex, a.hex);
	assert_has(GIT("mirror", "count-objects", "-v"), "count: 0\n");
	assert_has(GIT("mirror", "count-objects", "-v"), "in-pack: 0\n");
	mirror_close(m);
}

static void
head__an_empty_repository_and_a_missing_branch_are_told_apart(void **state)
{
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct oid was, now;
	struct mirror *m;

	(void)state;
	remote_make("r");
	s = mirror_to(in_world("r"));
	m = opened(&s);
	assert_code(ERR_HISTORY, mirror_remote_head(m, "main", &now, &err), &err);
	assert_has(err.text, "empty");
	assert_code(ERR_HISTORY, mirror_fetch(m, "main", true, &was, &now, &err), &err);
	assert_true(oid_none(&now));
	for (int i = 0; i < 7; i++)
		COMMIT("r", arena_printf(&world, "b%d", i), "f", "1");
	assert_code(ERR_HISTORY, mirror_remote_head(m, "main", &now, &err), &err);
	assert_has(err.text, "no branch main");
	assert_has(err.next, "b0, b1, b2, b3, b4, ...");
	assert_code(ERR_HISTORY, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_has(err.next, "b0");
	mirror_close(m);
}

static void
remote__a_missing_repository_is_named(void **state)
{
	struct mirror_settings s = mirror_to(in_world("none"));
	struct err err = ERR_INIT;
	struct mirror *m = opened(&s);
	struct oid was, now;

	(void)state;
	assert_code(ERR_REMOTE, mirror_remote_head(m, "main", &now, &err), &err);
	assert_has(err.text, "no such repository");
	assert_code(ERR_REMOTE, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_true(err.next[0] != '\0');
	mirror_close(m);
}

static void
fetch__follows_a_branch_that_grows(void **state)
{
	struct err err = ERR_INIT;
	struct oid a, b, was, now;
	struct mirror_settings s;
	struct repo *r = NULL;
	struct mirror *m;

	(void)state;
	remote_make("r");
	a = COMMIT("r", "main", "f", "1");
	s = mirror_to(in_world("r"));
	m = opened(&s);
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_true(oid_none(&was));
	assert_true(oid_eq(&now, &a));
	b = COMMIT("r", "main", "f", "2");
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_true(oid_eq(&was, &a));
	assert_true(oid_eq(&now, &b));
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_true(oid_eq(&was, &b));
	assert_true(oid_eq(&now, &b));
	assert_string_equal(local("refs/incoming"), "");
	mirror_close(m);
	/* A later process finds it all. */
	m = opened(&s);
	assert_code(0, repo_open(&r, mirror_dir(m), &err), &err);
	assert_code(0, repo_resolve(r, "main", &now, &err), &err);
	assert_true(oid_eq(&now, &b));
	assert_code(0, mirror_maintain(m, 10000, &err), &err);
	assert_int_equal(repo_is_ancestor(r, &a, &b, &err), 1);
	repo_close(r);
	mirror_close(m);
}

static void
fetch__a_rewritten_branch_waits_until_it_is_accepted(void **state)
{
	struct err err = ERR_INIT;
	struct oid a, b, was, now;
	struct mirror_settings s;
	struct mirror *m;

	(void)state;
	remote_make("r");
	a = COMMIT("r", "main", "f", "1");
	s = mirror_to(in_world("r"));
	m = opened(&s);
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_code(ERR_NOTFOUND, mirror_accept_rewrite(m, "main", &a, &err), &err);
	b = COMMIT_ORPHAN("r", "main", "f", "other");
	for (int i = 0; i < 2; i++) {
		assert_code(ERR_HISTORY, mirror_fetch(m, "main", false, &was, &now, &err), &err);
		assert_has(err.text, "rewritten");
		assert_has(err.next, "accept");
		assert_true(oid_eq(&was, &a) && oid_eq(&now, &b));
		assert_string_equal(local("refs/remotes/origin/main"), a.hex);
		assert_string_equal(local("refs/rewritten/main"), b.hex);
	}
	assert_code(ERR_RACE, mirror_accept_rewrite(m, "main", &a, &err), &err);
	assert_code(0, mirror_accept_rewrite(m, "main", &b, &err), &err);
	assert_string_equal(local("refs/remotes/origin/main"), b.hex);
	assert_string_equal(local("refs/rewritten/main"), "");
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	mirror_close(m);
}

static void
fetch__a_remote_that_goes_back_in_time_is_called_that(void **state)
{
	struct err err = ERR_INIT;
	struct oid a, b, was, now;
	struct mirror_settings s;
	struct mirror *m;

	(void)state;
	remote_make("r");
	a = COMMIT("r", "main", "f", "1");
	b = COMMIT("r", "main", "f", "2");
	s = mirror_to(in_world("r"));
	m = opened(&s);
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	GIT("r", "update-ref", "refs/heads/main", a.hex);
	assert_code(ERR_HISTORY, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_has(err.text, "went back");
	assert_string_equal(local("refs/remotes/origin/main"), b.hex);
	/* The replica catches up: nobody has to accept anything. */
	GIT("r", "update-ref", "refs/heads/main", b.hex);
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_string_equal(local("refs/rewritten/main"), "");
	mirror_close(m);
}

static void
fetch__a_branch_of_something_else_than_commits_is_refused(void **state)
{
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct oid was, now;
	struct mirror *m;

	(void)state;
	remote_make("r");
	COMMIT("r", "other", "f", "1");
	write_file("r/refs/heads/main", arena_printf(&world, "%s\n", tip("r", "other:f")), 0600);
	s = mirror_to(in_world("r"));
	m = opened(&s);
	assert_code(ERR_HISTORY, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_has(err.text, "commit");
	mirror_close(m);
}

static void
fetch__notes_come_along_when_there_are_any(void **state)
{
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct oid a, was, now;
	struct mirror *m;

	(void)state;
	remote_make("r");
	a = COMMIT("r", "main", "f", "1");
	s = mirror_to(in_world("r"));
	m = opened(&s);
	assert_code(0, mirror_fetch(m, "main", true, &was, &now, &err), &err);
	assert_string_equal(local("refs/notes/fairlead"), "");
	GIT("r", "notes", "--ref=fairlead", "add", "-m", "deployed", a.hex);
	assert_code(0, mirror_fetch(m, "main", true, &was, &now, &err), &err);
	assert_string_equal(local("refs/notes/fairlead"), tip("r", "refs/notes/fairlead"));
	assert_string_equal(GIT("mirror", "notes", "--ref=fairlead", "show", a.hex), "deployed");
	mirror_close(m);
}

static void
fetch__malformed_objects_do_not_come_in(void **state)
{
	struct buf raw = BUF_INIT;
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct oid was, now;
	const char *blob, *tree;
	struct mirror *m;
	uint8_t id[20];

	(void)state;
	remote_make("r");
	blob = GIT_IN("r", span_str("x"), "hash-object", "-w", "--stdin");
	assert_true(text_unhex(blob, 40, id));
	buf_addf(&raw, "100644 ..%c", 0);
	buf_add(&raw, id, 20);
	tree = GIT_IN("r", buf_span(&raw), "hash-object", "-t", "tree", "--literally", "-w",
	    "--stdin");
	GIT("r", "update-ref", "refs/heads/main", GIT("r", "commit-tree", "-m", "c", tree));
	s = mirror_to(in_world("r"));
	m = opened(&s);
	assert_code(ERR_CONTENT, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_has(err.text, "hasDotdot");
	assert_string_equal(local("refs/remotes/origin/main"), "");
	buf_release(&raw);
	mirror_close(m);
}

static void
fetch__more_than_the_size_limit_is_refused(void **state)
{
	static char noise[3 << 20];
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct oid was, now;
	const char *blob, *tree;
	struct mirror *m;

	(void)state;
	sys_real()->random(sys_real(), noise, sizeof(noise));
	remote_make("r");
	blob = GIT_IN("r", span_of(noise, sizeof(noise)), "hash-object", "-w", "--stdin");
	tree = GIT_IN("r", span_str(arena_printf(&world, "100644 blob %s\tf\n", blob)), "mktree");
	GIT("r", "update-ref", "refs/heads/main", GIT("r", "commit-tree", "-m", "c", tree));
	/* Below and above git's limit for keeping a pack as it is. */
	for (int i = 0; i < 2; i++) {
		s = mirror_to(in_world("r"));
		s.max_bytes = 1 << 20;
		m = opened(&s);
		assert_code(ERR_LIMIT, mirror_fetch(m, "main", false, &was, &now, &err), &err);
		assert_has(err.text, "larger than the limit");
		mirror_close(m);
		for (int n = 0; n < 40 && i == 0; n++)
			COMMIT("r", "main", arena_printf(&world, "f%d", n), "x");
	}
	s.max_bytes = 8 << 20;
	m = opened(&s);
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	mirror_close(m);
}

static void
open__what_a_killed_git_left_is_removed(void **state)
{
	static const char *const left[] = { "mirror/refs/remotes/origin/main.lock",
		"mirror/packed-refs.lock", "mirror/refs/incoming.lock",
		"mirror/objects/pack/tmp_pack_x" };
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct oid was, now;
	struct mirror *m;

	(void)state;
	remote_make("r");
	COMMIT("r", "main", "f", "1");
	COMMIT("r", "tmp_x", "f", "1");
	s = mirror_to(in_world("r"));
	m = opened(&s);
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_code(0, mirror_fetch(m, "tmp_x", false, &was, &now, &err), &err);
	mirror_close(m);
	COMMIT("r", "main", "f", "2");
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		write_file(left[i], "", 0600);
	m = opened(&s);
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		assert_int_not_equal(access(in_world(left[i]), F_OK), 0);
	assert_string_equal(local("refs/remotes/origin/tmp_x"), now.hex);
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	mirror_close(m);
}

/* A git on PATH that writes down what it was given. */
static void
git__gets_no_configuration_but_ours(void **state)
{
	const char *path = arena_strdup(&world, getenv("PATH")), *home = getenv("HOME"), *seen;
	struct mirror_settings s = mirror_to("https://127.0.0.1:1/r.git");
	struct err err = ERR_INIT;
	struct oid now;
	struct mirror *m;

	(void)state;
	assert_int_equal(mkdir(in_world("bin"), 0700), 0);
	write_file("bin/git", arena_printf(&world, "#!/bin/sh\n"
	    "{ printf 'arg %%s\\n' \"$@\"; env; } >> %s\nPATH='%s' exec git \"$@\"\n",
	    in_world("seen"), path), 0700);
	write_file(".gitconfig", "[core]\n\tsshCommand = touch hacked\n", 0600);
	write_file("token", "hunter2\n", 0600);
	setenv("PATH", arena_printf(&world, "%s:%s", in_world("bin"), path), 1);
	setenv("HOME", world_dir, 1);
	setenv("GIT_SSH_COMMAND", "touch hacked", 1);
	setenv("GIT_TRACE", "1", 1);
	setenv("XDG_CONFIG_HOME", world_dir, 1);
	s.https_token.file = in_world("token");
	m = opened(&s);
	assert_code(ERR_REMOTE, mirror_remote_head(m, "main", &now, &err), &err);
	assert_has(err.text, "cannot connect");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("GIT_TRACE");
	unsetenv("GIT_SSH_COMMAND");
	setenv("PATH", path, 1);
	setenv("HOME", home, 1);
	seen = read_file("seen");
	assert_has(seen, "\nGIT_CONFIG_GLOBAL=/dev/null\n");
	assert_has(seen, "\nGIT_CONFIG_NOSYSTEM=1\n");
	assert_has(seen, "\nGIT_TERMINAL_PROMPT=0\n");
	assert_has(seen, arena_printf(&world, "\nHOME=%s/home\n", in_world("mirror")));
	assert_has(seen, "\narg protocol.allow=never\n");
	assert_has(seen, "\narg protocol.https.allow=always\n");
	assert_has(seen, "\narg core.hooksPath=/dev/null\n");
	assert_has(seen, "\narg transfer.fsckObjects=true\n");
	assert_null(strstr(seen, "hunter2"));
	assert_null(strstr(seen, "GIT_SSH_COMMAND"));
	assert_null(strstr(seen, "GIT_TRACE"));
	assert_null(strstr(seen, "XDG_CONFIG_HOME"));
	mirror_close(m);
}

/*
 * Silence
 */

static void
silent_remote__costs_one_deadline(void **state)
{
	static const char *const forms[] = { "ssh://git@127.0.0.1:%d/r.git",
		"https://127.0.0.1:%d/r.git" };

	(void)state;
	write_file("known_hosts", "", 0600);
	for (size_t i = 0; i < 2; i++) {
		int port, listener = silent(&port);
		struct buf url = BUF_INIT;
		struct mono start = sys_mono(sys_real());
		struct err err = ERR_INIT;
		struct mirror_settings s;
		struct mirror *m;
		struct oid now;
		int64_t ms;

		buf_add(&url, forms[i], strcspn(forms[i], "%"));
		buf_addf(&url, "%d/r.git", port);
		s = mirror_to(buf_str(&url));
		s.timeout_ms = 1500;
		s.ssh_known_hosts = in_world("known_hosts");
		m = opened(&s);
		assert_code(ERR_REMOTE, mirror_remote_head(m, "main", &now, &err), &err);
		ms = mono_diff_ms(sys_mono(sys_real()), start);
		assert_has(err.text, "said nothing");
		assert_true(ms >= 900 && ms < 4000);
		assert_int_equal(connections(listener), 1);
		close(listener);
		buf_release(&url);
		mirror_close(m);
	}
}

/*
 * ssh
 */

static void
ssh__fetches_and_a_poll_is_one_advertisement(void **state)
{
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct oid a, was, now;
	struct mirror *m;
	int port;

	(void)state;
	if (!have("/usr/sbin/sshd"))
		skip();
	port = sshd_start();
	remote_make("r");
	a = COMMIT("r", "main", "f", "1");
	s = mirror_over_ssh(port, "r");
	m = opened(&s);
	assert_code(0, mirror_remote_head(m, "main", &now, &err), &err);
	assert_true(oid_eq(&now, &a));
	assert_int_equal(count_words(read_file("commands"), "\n"), 1);
	assert_has(read_file("commands"), "git-upload-pack ");
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_true(oid_eq(&now, &a));
	assert_int_equal(count_words(read_file("commands"), "\n"), 2);
	mirror_close(m);

	s.url = arena_printf(&world, "%s-none", s.url);
	m = opened(&s);
	assert_code(ERR_REMOTE, mirror_remote_head(m, "main", &now, &err), &err);
	assert_has(err.text, "no such repository");
	mirror_close(m);
}

static void
ssh__wrong_keys_are_told_apart(void **state)
{
	struct mirror_settings good;
	int port;

	(void)state;
	if (!have("/usr/sbin/sshd"))
		skip();
	port = sshd_start();
	remote_make("r");
	COMMIT("r", "main", "f", "1");
	good = mirror_over_ssh(port, "r");
	make_key("other");
	known_hosts("wrong_hosts", port, "other");
	write_file("no_hosts", "", 0600);
	write_file("open", read_file("user"), 0644);
	{
		const struct {
			const char *hosts, *key, *text, *next;
		} cases[] = {
			{ "wrong_hosts", "user", "host key has changed", "known_hosts" },
			{ "no_hosts", "user", "host key is not known", "known_hosts" },
			{ "none", "user", "host key is not known", "known_hosts" },
			{ "known_hosts", "other", "login refused", "credentials" },
			{ "known_hosts", "open", "refuses the key file", "chmod" },
			{ "known_hosts", "none", "cannot read the key file", "credentials" },
		};

		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct mirror_settings s = good;
			struct err err = ERR_INIT;
			struct mirror *m;
			struct oid now;

			s.ssh_known_hosts = in_world(cases[i].hosts);
			s.ssh_key = in_world(cases[i].key);
			m = opened(&s);
			assert_code(ERR_REMOTE, mirror_remote_head(m, "main", &now, &err), &err);
			assert_has(err.text, cases[i].text);
			assert_has(err.next, cases[i].next);
			mirror_close(m);
		}
	}
	assert_string_equal(read_file("commands"), "");
}

static void
ssh__without_a_key_file_the_agent_is_asked(void **state)
{
	const char *agent[] = { "ssh-agent", "-D", "-a", in_world("agent"), NULL };
	const char *add[] = { "ssh-add", "-q", in_world("user"), NULL };
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct mirror *m;
	struct oid now;
	int port, status = 1;

	(void)state;
	if (!have("/usr/sbin/sshd"))
		skip();
	port = sshd_start();
	remote_make("r");
	COMMIT("r", "main", "f", "1");
	serve(agent, false);
	for (int i = 0; i < 100 && status != 0; i++) {
		const char *env[] = { arena_printf(&world, "SSH_AUTH_SOCK=%s", in_world("agent")),
			NULL };
		struct proc p = { .argv = add, .env = env, .timeout_ms = 10000,
			.max_output = 9999 };
		struct proc_result res;

		sys_sleep_ms(sys_real(), 20);
		assert_code(0, proc_run(sys_real(), &p, &res, &err), &err);
		status = res.status;
		proc_result_release(&res);
	}
	assert_int_equal(status, 0);
	setenv("SSH_AUTH_SOCK", in_world("agent"), 1);
	s = mirror_over_ssh(port, "r");
	s.ssh_key = NULL;
	m = opened(&s);
	unsetenv("SSH_AUTH_SOCK");
	assert_code(0, mirror_remote_head(m, "main", &now, &err), &err);
	mirror_close(m);
}

/*
 * https
 */

static const char *
https_start(void)
{
	const char *cert[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:P-256", "-nodes", "-keyout", in_world("tls.key"), "-out",
		in_world("tls.crt"), "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
		"subjectAltName=IP:127.0.0.1", NULL };
	const char *argv[] = { "python3", "tests/unit/git_https_server.py", world_dir,
		in_world("tls.crt"), in_world("tls.key"), in_world("requests"), "bot:hunter2",
		NULL };
	int64_t port;

	run_program(NULL, span_of("", 0), cert);
	assert_true(text_int(serve(argv, true), 1, 65535, &port));
	return arena_printf(&world, "https://127.0.0.1:%d", (int)port);
}

static void
https__the_token_is_given_to_the_configured_server(void **state)
{
	const char *const command[] = { "cat", in_world("token"), NULL };
	struct err err = ERR_INIT;
	struct mirror_settings s;
	struct oid a, was, now;
	struct mirror *m;
	const char *base;

	(void)state;
	if (!have("python3") || !have("openssl"))
		skip();
	base = https_start();
	remote_make("r");
	a = COMMIT("r", "main", "f", "1");
	write_file("token", "hunter2\n", 0600);
	s = mirror_to(arena_printf(&world, "%s/r", base));
	s.https_ca = in_world("tls.crt");
	s.https_user = "bot";
	s.https_token.file = in_world("token");
	m = opened(&s);
	assert_code(0, mirror_fetch(m, "main", false, &was, &now, &err), &err);
	assert_true(oid_eq(&now, &a));
	mirror_close(m);

	s.https_token.file = NULL;
	s.https_token.command = command;
	m = opened(&s);
	assert_code(0, mirror_remote_head(m, "main", &now, &err), &err);
	mirror_close(m);

	setenv("TEST_GIT_TOKEN", "hunter2", 1);
	s.https_token.command = NULL;
	s.https_token.env = "TEST_GIT_TOKEN";
	m = opened(&s);
	unsetenv("TEST_GIT_TOKEN");
	assert_code(0, mirror_remote_head(m, "main", &now, &err), &err);
	mirror_close(m);
}

static void
https__failures_say_what_to_do(void **state)
{
	const char *base;

	(void)state;
	if (!have("python3") || !have("openssl"))
		skip();
	base = https_start();
	remote_make("r");
	COMMIT("r", "main", "f", "1");
	write_file("token", "hunter2\n", 0600);
	write_file("wrong", "hunter3\n", 0600);
	{
		const struct {
			const char *path, *token, *ca, *text, *next;
			int code;
		} cases[] = {
			{ "/r", "wrong", "tls.crt", "login refused", "credentials", ERR_REMOTE },
			{ "/r", "none", "tls.crt", "token cannot be had", "credentials",
			    ERR_SECRET },
			{ "/r", NULL, "tls.crt", "login re", "credentials", ERR_REMOTE },
			{ "/r", "token", NULL, "certificate is not trusted", "CA", ERR_REMOTE },
			{ "/moved/r", "token", "tls.crt", "elsewhere", ".git", ERR_REMOTE },
			{ "/forbidden/r", "token", "tls.crt", "not allowed", "right", ERR_REMOTE },
			{ "/none", "token", "tls.crt", "no such repository", "URL", ERR_REMOTE },
		};

		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct mirror_settings s = mirror_to(arena_printf(&world, "%s%s", base,
			    cases[i].path));
			struct err err = ERR_INIT;
			struct mirror *m;
			struct oid now;

			s.https_user = "bot";
			s.https_ca = cases[i].ca != NULL ? in_world(cases[i].ca) : NULL;
			if (cases[i].token != NULL)
				s.https_token.file = in_world(cases[i].token);
			m = opened(&s);
			assert_code(cases[i].code, mirror_remote_head(m, "main", &now, &err), &err);
			assert_has(err.text, cases[i].text);
			assert_has(err.next, cases[i].next);
			assert_null(strstr(err.text, "hunter"));
			mirror_close(m);
		}
	}
}

/*
 * The child
 */

/* This program as git would run it; its exit code, stdout in *out. */
static int
child(const char *const *env, const char *const *args, const char **out, const char **said)
{
	const char *argv[12] = { world_self() };
	struct proc p = { .argv = argv, .env = env, .timeout_ms = 10000, .max_output = 10000 };
	struct proc_result res;
	struct err err = ERR_INIT;
	int status;

	for (size_t i = 0; args[i] != NULL; i++)
		argv[i + 1] = args[i];
	assert_code(0, proc_run(sys_real(), &p, &res, &err), &err);
	status = res.status;
	*out = arena_strdup(&world, buf_str(&res.out));
	*said = arena_strdup(&world, buf_str(&res.err));
	proc_result_release(&res);
	return status;
}

static void
askpass__answers_for_the_configured_host_only(void **state)
{
	static const struct {
		const char *prompt, *answer;	/* NULL: none */
	} cases[] = {
		{ "Username for 'https://git.example.com:8443': ", "bot\n" },
		{ "Password for 'https://bot@git.example.com:8443': ", "hunter2\n" },
		{ "Password for 'https://git.example.com:8443': ", "hunter2\n" },
		{ "Password for 'https://b%40t@GIT.example.com:8443': ", "hunter2\n" },
		{ "Password for 'https://bot@git.example.com': ", NULL },
		{ "Password for 'https://bot@git.example.com:84433': ", NULL },
		{ "Password for 'https://bot@evil.com': ", NULL },
		{ "Password for 'https://git.example.com:8443@evil.com': ", NULL },
		{ "Password for 'https://evil.com/@git.example.com:8443': ", NULL },
		{ "Password for 'https://git.example.com:8443/x': ", NULL },
		{ "Password for 'https://git.example.com:8443\n@evil.com': ", NULL },
		{ "Password for 'http://bot@git.example.com:8443': ", NULL },
		{ "Username for 'http://git.example.com:8443': ", NULL },
		{ "password for 'https://bot@git.example.com:8443': ", NULL },
		{ "Password for 'https://", NULL },
		{ "Password for 'https://':", NULL },
		{ "Password for", NULL },
		{ "Enter passphrase for key '/home/x/.ssh/id': ", NULL },
		{ "Are you sure you want to continue connecting (yes/no)? ", NULL },
		{ "", NULL },
	};
	const char *env[] = { "FAIRLEAD_GIT_CHILD=1", "FAIRLEAD_GIT_HOST=git.example.com:8443",
		"FAIRLEAD_GIT_USER=bot",
		arena_printf(&world, "FAIRLEAD_GIT_TOKEN_FILE=%s", in_world("token")), NULL };
	const char *out, *said;

	(void)state;
	write_file("token", "hunter2\n", 0600);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *args[] = { cases[i].prompt, NULL };
		int status = child(env, args, &out, &said);

		if (status != (cases[i].answer == NULL) ||
		    strcmp(out, cases[i].answer != NULL ? cases[i].answer : "") != 0)
			fail_msg("%s: %d \"%s\"", cases[i].prompt, status, out);
	}
}

static void
askpass__the_token_comes_from_where_the_settings_say(void **state)
{
	const char *args[] = { "Password for 'https://bot@h': ", NULL };
	const char *out, *said;
	const struct {
		const char *a, *b, *c;	/* of the environment */
		const char *out, *said;
	} cases[] = {
		{ "FAIRLEAD_GIT_TOKEN_ENV=TOK", "TOK=hunter2", "X=", "hunter2\n", "" },
		{ "FAIRLEAD_GIT_TOKEN_ENV=TOK", "X=", "X=", "", "fairlead-git: token: " },
		{ "FAIRLEAD_GIT_TOKEN_ARG0=echo", "FAIRLEAD_GIT_TOKEN_ARG1=two  words; $HOME",
		    "X=", "two  words; $HOME\n", "" },
		{ "FAIRLEAD_GIT_TOKEN_ARG0=env", "FAIRLEAD_GIT_HOME=/h", "LEAK=1", "",
		    "more than one line" },
		{ "FAIRLEAD_GIT_TOKEN_ARG0=printenv", "FAIRLEAD_GIT_TOKEN_ARG1=HOME",
		    "FAIRLEAD_GIT_HOME=/h", "/h\n", "" },
		{ "FAIRLEAD_GIT_TOKEN_ARG0=printenv", "FAIRLEAD_GIT_TOKEN_ARG1=FAIRLEAD_GIT_CHILD",
		    "X=", "", "fairlead-git: token: " },
		{ "FAIRLEAD_GIT_TOKEN_ARG0=printf", "FAIRLEAD_GIT_TOKEN_ARG1=a\\rb", "X=", "",
		    "more than one line" },
		{ "X=", "X=", "X=", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *env[] = { "FAIRLEAD_GIT_CHILD=1", "FAIRLEAD_GIT_HOST=h",
			"FAIRLEAD_GIT_USER=bot", arena_printf(&world, "PATH=%s", getenv("PATH")),
			cases[i].a, cases[i].b, cases[i].c, NULL };
		int status = child(env, args, &out, &said);

		assert_string_equal(out, cases[i].out);
		assert_int_equal(status, cases[i].out[0] == '\0');
		assert_has(said, cases[i].said);
		assert_null(strstr(said, "hunter2"));
	}
}

static void
ssh_child__puts_our_options_before_git_s(void **state)
{
	const char *args[] = { "-o", "SendEnv=GIT_PROTOCOL", "-p", "22", "git@h",
		"git-upload-pack '/x y'", NULL };
	const char *env[] = { "FAIRLEAD_GIT_CHILD=1", arena_printf(&world, "PATH=%s", world_dir),
		"FAIRLEAD_GIT_SSH_KEY=/keys/my key", "FAIRLEAD_GIT_KNOWN_HOSTS=/etc/known hosts",
		"FAIRLEAD_GIT_CONNECT_S=9", NULL };
	const char *out, *said;

	(void)state;
	assert_int_equal(child(env, args, &out, &said), 127);
	assert_has(said, "fairlead-git: ssh: ");
	write_file("ssh", "#!/bin/sh\nprintf '[%s]' \"$@\"\n", 0700);
	assert_int_equal(child(env, args, &out, &said), 0);
	assert_has(out, "[-F][/dev/null]");
	assert_has(out, "[StrictHostKeyChecking=yes]");
	assert_has(out, "[BatchMode=yes]");
	assert_has(out, "[UserKnownHostsFile=\"/etc/known hosts\"]");
	assert_has(out, "[-i][/keys/my key]");
	assert_has(out, "[ConnectTimeout=9]");
	assert_has(out, "[-o][SendEnv=GIT_PROTOCOL][-p][22][git@h][git-upload-pack '/x y']");
}

#define T(f) cmocka_unit_test_setup_teardown(f, world_begin, world_end_servers)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(open__urls_are_accepted_or_refused_without_echoing_secrets),
		T(open__ssh_paths_that_ssh_would_interpret_are_refused),
		T(open__what_a_killed_git_left_is_removed),
		T(branches__only_names_that_git_accepts_reach_it),
		T(head__is_the_branch_and_nothing_is_fetched),
		T(head__an_empty_repository_and_a_missing_branch_are_told_apart),
		T(remote__a_missing_repository_is_named),
		T(fetch__follows_a_branch_that_grows),
		T(fetch__a_rewritten_branch_waits_until_it_is_accepted),
		T(fetch__a_remote_that_goes_back_in_time_is_called_that),
		T(fetch__a_branch_of_something_else_than_commits_is_refused),
		T(fetch__notes_come_along_when_there_are_any),
		T(fetch__malformed_objects_do_not_come_in),
		T(fetch__more_than_the_size_limit_is_refused),
		T(git__gets_no_configuration_but_ours),
		T(silent_remote__costs_one_deadline),
		T(ssh__fetches_and_a_poll_is_one_advertisement),
		T(ssh__wrong_keys_are_told_apart),
		T(ssh__without_a_key_file_the_agent_is_asked),
		T(https__the_token_is_given_to_the_configured_server),
		T(https__failures_say_what_to_do),
		T(askpass__answers_for_the_configured_host_only),
		T(askpass__the_token_comes_from_where_the_settings_say),
		T(ssh_child__puts_our_options_before_git_s),
	};

	if (getenv("FAIRLEAD_GIT_CHILD") != NULL)
		return git_child_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
