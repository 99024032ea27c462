/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of devices/ share: a temporary directory, OpenSSH's own sshd
 * on a loopback port with keys of its own, pins, and a target to open. Ends
 * only what it started, by pid.
 */
#ifndef FAIRLEAD_TESTS_DEVICES_WORLD_H
#define FAIRLEAD_TESTS_DEVICES_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "devices/device.h"

static struct arena world;	/* all texts of a test program */
static char world_dir[64];
static struct platforms *world_platforms;
static pid_t world_sshd;
static int world_port;

static inline const char *
in_world(const char *name)
{
	return arena_printf(&world, "%s/%s", world_dir, name);
}

static inline void
world_file(const char *path, const char *text)
{
	assert_int_equal(file_write_atomic(sys_real(), path, text, strlen(text), 0600, NULL), 0);
}

static inline int
world_run(const char *const *argv)
{
	struct proc p = { .argv = argv, .timeout_ms = 30000, .max_output = 65536 };
	struct proc_result r;
	int status;

	assert_int_equal(proc_run(sys_real(), &p, &r, NULL), 0);
	status = r.status;
	if (status != 0)
		print_message("%s: %d %s%s\n", argv[0], status, buf_str(&r.out), buf_str(&r.err));
	proc_result_release(&r);
	return status;
}

/* A listening socket on a loopback port that was free. */
static inline int
world_listen(int *port, int backlog)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static inline int
world_free_port(void)
{
	int port;

	close(world_listen(&port, 1));
	return port;
}

static inline bool
world_answers(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	rc = connect(fd, (struct sockaddr *)&a, sizeof(a));
	close(fd);
	return rc == 0;
}

/* Start a program that stays; its output goes to the file `log`. */
static inline pid_t
world_start(const char *const *argv, const char *log)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
		union {
			const char *const *in;
			char *const *out;
		} args = { argv };

		dup2(fd, 1);
		dup2(fd, 2);
		execv(argv[0], args.out);
		_exit(127);
	}
	return pid;
}

static inline void
world_stop(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGTERM);
	waitpid(*pid, NULL, 0);
	*pid = 0;
}

static inline void
world_wait_port(int port)
{
	for (int i = 0; i < 200 && !world_answers(port); i++)
		usleep(25000);
	assert_true(world_answers(port));
}

static inline void
world_keygen(const char *path)
{
	const char *argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path, NULL };

	assert_int_equal(world_run(argv), 0);
}

/* One more sshd; `extra` lines of configuration may be "". */
static inline pid_t
world_sshd_start(const char *name, int port, const char *extra)
{
	const char *key = in_world(arena_printf(&world, "%s_host_key", name));
	const char *conf = in_world(arena_printf(&world, "%s_config", name));
	const char *argv[] = { "/usr/sbin/sshd", "-D", "-e", "-f", conf, NULL };
	pid_t pid;

	if (geteuid() == 0)
		mkdir("/run/sshd", 0755);
	world_keygen(key);
	world_file(conf, arena_printf(&world,
	    "Port %d\nListenAddress 127.0.0.1\nHostKey %s\nPidFile none\nUsePAM no\n"
	    "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
	    "PubkeyAuthentication yes\nAuthorizedKeysFile %s\nStrictModes no\n"
	    "PermitRootLogin yes\nMaxStartups 300\nMaxSessions 100\nPrintMotd no\n"
	    "%s%s\n", port, key, in_world("authorized_keys"), extra,
	    strstr(extra, "Subsystem") == NULL ? "Subsystem sftp internal-sftp\n" : ""));
	pid = world_start(argv, in_world(arena_printf(&world, "%s_log", name)));
	world_wait_port(port);
	return pid;
}

/* Keys, platforms and a server. */
static inline void
world_begin(void)
{
	const char *copy[] = { "cp", NULL, NULL, NULL };
	struct problems ps;

	/* Everybody else may look: daemons may drop privileges. */
	snprintf(world_dir, sizeof(world_dir), "/tmp/fairlead-devices-XXXXXX");
	assert_non_null(mkdtemp(world_dir));
	world_keygen(in_world("user_key"));
	world_keygen(in_world("wrong_key"));
	copy[1] = in_world("user_key.pub");
	copy[2] = in_world("authorized_keys");
	assert_int_equal(world_run(copy), 0);
	problems_init(&ps, &world);
	assert_int_equal(platforms_load(&world_platforms, NULL, &ps, NULL), 0);
	assert_int_equal(device_init(NULL), 0);
	world_port = world_free_port();
	world_sshd = world_sshd_start("sshd", world_port, "");
}

static inline void
world_end(void)
{
	world_stop(&world_sshd);
	platforms_free(world_platforms);
	assert_int_equal(file_rmtree(world_dir, NULL), 0);
	arena_release(&world);
}

/* --- pins and targets --- */

/* What is pinned: "" for nothing known. */
struct pins {
	char fingerprint[64], type[64];
	atomic_int asked;
};

static inline enum pin_verdict
pins_check(void *ctx, const char *device, const struct host_key *key)
{
	struct pins *p = ctx;

	assert_non_null(device);
	p->asked++;
	if (p->fingerprint[0] == '\0')
		return PIN_UNKNOWN;
	return strcmp(p->fingerprint, key->fingerprint) == 0 ? PIN_MATCH : PIN_CHANGED;
}

static inline void
pins_types(void *ctx, const char *device, char *out, size_t size)
{
	struct pins *p = ctx;

	(void)device;
	snprintf(out, size, "%s", p->type);
}

static inline const char *
world_user(void)
{
	const struct passwd *pw = getpwuid(geteuid());

	assert_non_null(pw);
	return pw->pw_name;
}

static const char *const world_address[] = { "127.0.0.1" };

static inline struct device_target
world_target(const char *name, const char *platform, struct pins *pins,
    struct credential *credential)
{
	*credential = (struct credential){ .name = "test", .user = world_user(),
		.key_file = in_world("user_key") };
	return (struct device_target){ .name = name,
		.platform = platforms_find(world_platforms, platform),
		.addresses = world_address, .n_addresses = 1, .port = world_port,
		.credential = credential,
		.pins = { pins_check, pins, pins_types }, .instance = "lab",
		.connect_ms = 20000, .silence_ms = 20000, .command_ms = 60000,
		.max_output = (size_t)16 << 20, .sys = sys_real() };
}

/* Pin what the target shows, as `fairlead trust` would. */
static inline void
world_pin(const struct device_target *t, struct pins *pins)
{
	struct host_key key;
	struct err err = ERR_INIT;

	if (device_host_key(t, &key, &err) != 0)
		fail_msg("%s", err.text);
	snprintf(pins->fingerprint, sizeof(pins->fingerprint), "%s", key.fingerprint);
	snprintf(pins->type, sizeof(pins->type), "%s", key.type);
}

static inline void
assert_ok_(int rc, const struct err *err, const char *file, int line)
{
	if (rc != 0)
		print_message("%s:%d: %s: %s (%s)\n", file, line, err_word(rc), err->text,
		    err->next);
	_assert_int_equal((uintmax_t)rc, 0, file, line);
}
#define assert_ok(rc, err) assert_ok_((rc), (err), __FILE__, __LINE__)

#endif
