/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions against OpenSSH's sshd, and against servers that do what servers
 * should not: say nothing, close, stop answering.
 */
#include "devices_world.h"

#include <dirent.h>
#include <pthread.h>

#include "devices/session.h"

static struct pins pins;
static struct credential credential;
static struct device_target target;

static int
begin(void **state)
{
	(void)state;
	world_begin();
	target = world_target("r1", "bird", &pins, &credential);
	world_pin(&target, &pins);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	world_end();
	return 0;
}

static struct session *
open_session(const struct device_target *t)
{
	struct session *s = NULL;
	struct err err = ERR_INIT;

	assert_ok(session_open(&s, t, "127.0.0.1", &err), &err);
	return s;
}

static size_t
descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* --- who answers --- */

static void
host_key__is_shown_as_openssh_shows_it(void **state)
{
	const char *argv[] = { "ssh-keygen", "-lf", in_world("sshd_host_key.pub"), NULL };
	struct proc p = { .argv = argv, .timeout_ms = 10000, .max_output = 4096 };
	struct proc_result r;

	(void)state;
	assert_int_equal(proc_run(sys_real(), &p, &r, NULL), 0);
	assert_non_null(strstr(buf_str(&r.out), pins.fingerprint));
	assert_string_equal(pins.type, "ssh-ed25519");
	proc_result_release(&r);
}

static void
host_key__unknown_or_changed_ends_it_before_any_credential(void **state)
{
	static const struct {
		const char *fingerprint, *text, *next;
	} rows[] = {
		{ "", "no host key is known", "`fairlead trust r1`" },
		{ "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "has changed",
		    "`fairlead trust r1`" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pins other = { .type = "" };
		struct device_target t = target;
		/* With a key that cannot be read, only the order of things keeps
		 * ERR_SECRET away. */
		struct credential unusable = credential;
		struct session *s = NULL;
		struct err err = ERR_INIT;

		snprintf(other.fingerprint, sizeof(other.fingerprint), "%s", rows[i].fingerprint);
		unusable.key_file = "/nonexistent";
		t.pins.ctx = &other;
		t.credential = &unusable;
		assert_int_equal(session_open(&s, &t, "127.0.0.1", &err), ERR_HOSTKEY);
		assert_null(s);
		assert_int_equal(other.asked, 1);
		assert_non_null(strstr(err.text, rows[i].text));
		assert_non_null(strstr(err.text, pins.fingerprint));
		assert_non_null(strstr(err.next, rows[i].next));
	}
}

static void
login__wrong_key_is_refused_and_names_the_credential(void **state)
{
	struct credential wrong = credential;
	struct device_target t = target;
	struct session *s = NULL;
	struct err err = ERR_INIT;

	(void)state;
	wrong.key_file = in_world("wrong_key");
	t.credential = &wrong;
	assert_int_equal(session_open(&s, &t, "127.0.0.1", &err), ERR_AUTH);
	assert_non_null(strstr(err.next, "credential test"));
	err_clear(&err);
	wrong.key_file = "/nonexistent/key";
	assert_int_equal(session_open(&s, &t, "127.0.0.1", &err), ERR_SECRET);
	assert_non_null(strstr(err.text, "/nonexistent/key"));
	wrong.user = "no-such-user";
	wrong.key_file = in_world("user_key");
	assert_int_equal(session_open(&s, &t, "127.0.0.1", &err), ERR_AUTH);
	wrong.key_file = NULL;
	assert_int_equal(session_open(&s, &t, "127.0.0.1", &err), ERR_SECRET);
}

/* --- servers that are none --- */

static void
connect__silent_server_costs_one_deadline(void **state)
{
	struct device_target t = target;
	struct session *s = NULL;
	struct err err = ERR_INIT;
	int fd = world_listen(&t.port, 4);
	struct mono before = sys_mono(t.sys);
	int64_t took;

	(void)state;
	t.connect_ms = 700;
	assert_int_equal(session_open(&s, &t, "127.0.0.1", &err), ERR_UNREACHABLE);
	took = mono_diff_ms(sys_mono(t.sys), before);
	assert_true(took >= 600 && took < 5000);
	assert_non_null(strstr(err.text, "says nothing"));
	close(fd);
	err_clear(&err);
	assert_int_equal(session_open(&s, &t, "127.0.0.1", &err), ERR_UNREACHABLE);
	assert_non_null(strstr(err.text, "refused"));
	err_clear(&err);
	assert_int_equal(session_open(&s, &t, "name.invalid", &err), ERR_UNREACHABLE);
	assert_non_null(strstr(err.text, "name.invalid"));
}

struct rude {
	int fd;
	const char *says;
	bool stays;
};

/* Accept one, say something, and close or stay silent. */
static void *
rude_server(void *arg)
{
	struct rude *r = arg;
	int fd = accept(r->fd, NULL, NULL);
	char byte;

	if (fd >= 0 && write(fd, r->says, strlen(r->says)) >= 0 && r->stays)
		while (read(fd, &byte, 1) > 0)
			;
	close(fd);
	return NULL;
}

static void
connect__rude_servers_are_unreachable(void **state)
{
	static const struct {
		const char *says;
		bool stays;
	} rows[] = {
		{ "", false }, { "HTTP/1.0 400 Bad Request\r\n\r\n", false },
		{ "SSH-2.0-OpenSSH_9.2\r\n", false }, { "SSH-2.0-OpenSSH_9.2\r\n", true },
		{ "SSH-1.5-old\r\n", true }, { "\x16\x03\x01", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct device_target t = target;
		struct session *s = NULL;
		struct err err = ERR_INIT;
		struct rude r = { .says = rows[i].says, .stays = rows[i].stays };
		size_t fds;
		pthread_t thread;
		int rc;

		r.fd = world_listen(&t.port, 4);
		fds = descriptors();
		t.connect_ms = 700;
		assert_int_equal(pthread_create(&thread, NULL, rude_server, &r), 0);
		rc = session_open(&s, &t, "127.0.0.1", &err);
		if (rc != ERR_UNREACHABLE)
			print_message("%zu: %s %s\n", i, err_word(rc), err.text);
		assert_int_equal(rc, ERR_UNREACHABLE);
		assert_null(s);
		pthread_join(thread, NULL);
		assert_int_equal(descriptors(), fds);
		close(r.fd);
	}
}

static void
open__takes_the_first_address_that_answers(void **state)
{
	const char *const addresses[] = { "127.0.0.1", "localhost" };
	struct device_target t = target;
	struct device *d = NULL;
	struct err err = ERR_INIT;

	(void)state;
	/* Nothing listens at the first. */
	t.addresses = (const char *const[]){ "127.1.2.3", "127.0.0.1" };
	t.n_addresses = 2;
	t.first_address_only = true;
	assert_int_equal(device_ssh_ops()->open(&d, &t, &err), ERR_UNREACHABLE);
	t.first_address_only = false;
	/* The second answers; there is no BIRD behind it. */
	err_clear(&err);
	assert_int_equal(device_ssh_ops()->open(&d, &t, &err), ERR_UNREACHABLE);
	assert_non_null(strstr(err.text, "control socket"));
	t.addresses = addresses;
	t.n_addresses = 0;
	assert_int_equal(device_ssh_ops()->open(&d, &t, &err), ERR_USAGE);
}

/* --- exec --- */

static int
exec(struct session *s, const char *command, int64_t timeout_ms, struct exec_reply *reply,
    struct err *err)
{
	struct transport t = session_transport(s);

	reply->status = -1;
	return t.exec(t.ctx, command, timeout_ms, reply, err);
}

static void
exec__gives_both_streams_and_the_status(void **state)
{
	static const struct {
		const char *command, *out, *err;
		int status;
	} rows[] = {
		{ "echo one; echo two >&2", "one\n", "two\n", 0 },
		{ "exit 3", "", "", 3 },
		{ "cat", "", "", 0 },
		{ "printf 'a\\0b'", "a", "", 0 },
		{ "kill -9 $$", "", "", -1 },
		{ "no-such-command-here", "", NULL, 127 },
	};
	struct session *s = open_session(&target);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct exec_reply r = { BUF_LIMIT(65536), BUF_LIMIT(65536), 0 };
		struct err err = ERR_INIT;

		assert_ok(exec(s, rows[i].command, 0, &r, &err), &err);
		assert_string_equal(buf_str(&r.out), rows[i].out);
		if (rows[i].err != NULL)
			assert_string_equal(buf_str(&r.err), rows[i].err);
		assert_int_equal(r.status, rows[i].status);
		buf_release(&r.out);
		buf_release(&r.err);
	}
	session_close(s);
}

static void
exec__is_bounded_in_bytes_and_time(void **state)
{
	static const struct {
		const char *command;
		int64_t timeout, silence;
		int want;
	} rows[] = {
		{ "yes", 0, 20000, ERR_OUTPUT },
		{ "sleep 30", 0, 500, ERR_TIMEOUT },
		{ "while :; do echo x; sleep 0.1; done", 800, 20000, ERR_TIMEOUT },
	};
	struct device_target t = target;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct exec_reply r = { BUF_LIMIT(100000), BUF_LIMIT(65536), 0 };
		struct err err = ERR_INIT;
		struct session *s;

		t.silence_ms = rows[i].silence;
		s = open_session(&t);
		assert_int_equal(exec(s, rows[i].command, rows[i].timeout, &r, &err), rows[i].want);
		assert_true(r.out.len <= 100000);
		buf_release(&r.out);
		buf_release(&r.err);
		session_close(s);
	}
}

/* A program that fills one stream while the other is waited for. */
static void
exec__flood_on_stderr_does_not_block(void **state)
{
	struct session *s = open_session(&target);
	struct exec_reply r = { BUF_LIMIT(1000), BUF_LIMIT(65536), 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(exec(s, "head -c 5000000 /dev/zero >&2; echo done", 0, &r, &err), &err);
	assert_string_equal(buf_str(&r.out), "done\n");
	assert_true(r.err.truncated);
	buf_release(&r.out);
	buf_release(&r.err);
	session_close(s);
}

/* --- upload --- */

static int
upload(struct session *s, const char *path, int64_t mode, struct span text, struct err *err)
{
	struct transport t = session_transport(s);

	return t.upload(t.ctx, path, mode, text, 0, err);
}

static void
upload__writes_whole_files(void **state)
{
	static const size_t sizes[] = { 0, 1, 32767, 32768, 32769, 3000000 };
	struct session *s = open_session(&target);
	const char *path = in_world("uploaded");
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *text = mem_zalloc(sizes[i] + 1), *back = NULL;
		struct stat st;
		size_t len;

		for (size_t k = 0; k < sizes[i]; k++)
			text[k] = (char)(k * 31 + i);
		assert_ok(upload(s, path, 0640, span_of(text, sizes[i]), &err), &err);
		assert_int_equal(file_read(path, 4000000, &back, &len, NULL), 0);
		assert_int_equal(len, sizes[i]);
		assert_memory_equal(back, text, len);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0640);
		free(text);
		free(back);
	}
	/* Without a mode a file keeps its own; a new one is for the owner. */
	assert_int_equal(chmod(path, 0604), 0);
	assert_ok(upload(s, path, -1, span_str("x"), &err), &err);
	assert_ok(upload(s, in_world("fresh"), -1, span_str("x"), &err), &err);
	{
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0604);
		assert_int_equal(stat(in_world("fresh"), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	session_close(s);
}

static void
upload__failures_say_why(void **state)
{
	struct session *s = open_session(&target);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(upload(s, "/nonexistent/dir/x", -1, span_str("x"), &err), ERR_OUTPUT);
	assert_non_null(strstr(err.text, "no such file"));
	/* No space is no size: the kernel takes the bytes and forgets them. */
	err_clear(&err);
	assert_true(upload(s, "/dev/full", -1, span_str("x"), &err) < 0);
	session_close(s);
}

static void
upload__server_that_stops_answering_ends_in_time(void **state)
{
	static const char *const subsystems[] = {
		"Subsystem sftp /bin/sleep 60\n", "Subsystem sftp /bin/false\n",
	};
	static const int want[] = { ERR_TIMEOUT, ERR_UNSUPPORTED };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pins own = { .type = "" };
		struct device_target t = target;
		struct err err = ERR_INIT;
		struct session *s;
		struct mono before;
		pid_t pid;

		t.port = world_free_port();
		pid = world_sshd_start(i == 0 ? "stuck" : "nosftp", t.port, subsystems[i]);
		t.pins.ctx = &own;
		world_pin(&t, &own);
		t.command_ms = 1500;
		s = open_session(&t);
		before = sys_mono(t.sys);
		assert_int_equal(upload(s, in_world("never"), -1, span_str("x"), &err), want[i]);
		assert_true(mono_diff_ms(sys_mono(t.sys), before) < 8000);
		session_close(s);
		world_stop(&pid);
	}
}

/* --- many, and the end of them --- */

static void
close__leaves_no_descriptor(void **state)
{
	size_t before = descriptors();

	(void)state;
	for (int i = 0; i < 5; i++) {
		struct session *s = open_session(&target);
		struct exec_reply r = { BUF_LIMIT(1000), BUF_LIMIT(1000), 0 };

		/* The server ends the session under us. */
		if (i % 2 == 1)
			(void)exec(s, "kill $PPID", 2000, &r, NULL);
		session_close(s);
		buf_release(&r.out);
		buf_release(&r.err);
	}
	assert_int_equal(descriptors(), before);
	session_close(NULL);
}

static void
keepalive__notices_a_dead_session(void **state)
{
	struct pins own = { .type = "" };
	struct device_target t = target;
	struct err err = ERR_INIT;
	struct session *s;
	struct exec_reply r = { BUF_LIMIT(1000), BUF_LIMIT(1000), 0 };
	pid_t pid;
	int rc = 0;

	(void)state;
	t.port = world_free_port();
	pid = world_sshd_start("mortal", t.port, "");
	t.pins.ctx = &own;
	world_pin(&t, &own);
	s = open_session(&t);
	assert_ok(session_keepalive(s, &err), &err);
	(void)exec(s, "kill -9 $PPID", 2000, &r, NULL);
	for (int i = 0; i < 20 && rc == 0; i++) {
		rc = session_keepalive(s, &err);
		usleep(20000);
	}
	assert_int_equal(rc, ERR_CLOSED);
	session_close(s);
	buf_release(&r.out);
	buf_release(&r.err);
	world_stop(&pid);
}

static void *
one_of_many(void *arg)
{
	struct exec_reply r = { BUF_LIMIT(1000), BUF_LIMIT(1000), -1 };
	struct session *s = NULL;
	struct transport t;
	int *rc = arg;

	if ((*rc = session_open(&s, &target, "127.0.0.1", NULL)) == 0) {
		t = session_transport(s);
		*rc = t.exec(t.ctx, "echo hello", 0, &r, NULL);
		if (*rc == 0 && strcmp(buf_str(&r.out), "hello\n") != 0)
			*rc = ERR_OUTPUT;
	}
	session_close(s);
	buf_release(&r.out);
	buf_release(&r.err);
	return NULL;
}

static void
sessions__many_threads_at_once(void **state)
{
	enum { MANY = 32 };
	pthread_t threads[MANY];
	int rcs[MANY];
	size_t before = descriptors();

	(void)state;
	for (int i = 0; i < MANY; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, one_of_many, &rcs[i]), 0);
	for (int i = 0; i < MANY; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(rcs[i], 0);
	}
	assert_int_equal(descriptors(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_key__is_shown_as_openssh_shows_it),
		cmocka_unit_test(host_key__unknown_or_changed_ends_it_before_any_credential),
		cmocka_unit_test(login__wrong_key_is_refused_and_names_the_credential),
		cmocka_unit_test(connect__silent_server_costs_one_deadline),
		cmocka_unit_test(connect__rude_servers_are_unreachable),
		cmocka_unit_test(open__takes_the_first_address_that_answers),
		cmocka_unit_test(exec__gives_both_streams_and_the_status),
		cmocka_unit_test(exec__is_bounded_in_bytes_and_time),
		cmocka_unit_test(exec__flood_on_stderr_does_not_block),
		cmocka_unit_test(upload__writes_whole_files),
		cmocka_unit_test(upload__failures_say_why),
		cmocka_unit_test(upload__server_that_stops_answering_ends_in_time),
		cmocka_unit_test(close__leaves_no_descriptor),
		cmocka_unit_test(keepalive__notices_a_dead_session),
		cmocka_unit_test(sessions__many_threads_at_once),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, begin, end);
}
