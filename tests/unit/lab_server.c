/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lab over real SSH: a libssh client logs in, edits, waits for timers on
 * a clock that runs 100 times faster, and meets the faults.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <libssh/libssh.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/workers.h"
#include "lab/lab.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { SCALE = 100, WAIT_MS = 20000 };

static struct lab *lab;
static char dir[] = "/tmp/fairlead-lab-XXXXXX";
static char keyfile[64];

/* --- a client --------------------------------------------------------- */

struct client {
	ssh_session ssh;
	ssh_channel ch;
	struct buf got;		/* since the last send */
};

/* A session that reached the server; NULL when there was none. */
static ssh_session
dial(const char *address, int port, const char *user)
{
	ssh_session ssh = ssh_new();
	int no = 0, one = 1;
	long timeout = WAIT_MS / 1000;

	ssh_options_set(ssh, SSH_OPTIONS_HOST, address);
	ssh_options_set(ssh, SSH_OPTIONS_PORT, &port);
	ssh_options_set(ssh, SSH_OPTIONS_USER, user);
	ssh_options_set(ssh, SSH_OPTIONS_PROCESS_CONFIG, &no);
	ssh_options_set(ssh, SSH_OPTIONS_NODELAY, &one);
	ssh_options_set(ssh, SSH_OPTIONS_TIMEOUT, &timeout);
	ssh_options_set(ssh, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	ssh_options_set(ssh, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	if (ssh_connect(ssh) == SSH_OK)
		return ssh;
	ssh_free(ssh);
	return NULL;
}

static void
hang_up(struct client *c)
{
	if (c->ch != NULL)
		ssh_channel_free(c->ch);
	if (c->ssh != NULL) {
		ssh_disconnect(c->ssh);
		ssh_free(c->ssh);
	}
	buf_release(&c->got);
	memset(c, 0, sizeof(*c));
}

/* A shell on device i; false when there is none to have. */
static bool
call(struct client *c, size_t i)
{
	memset(c, 0, sizeof(*c));
	c->ssh = dial(lab_address(lab, i), lab_port(lab, i), "admin");
	if (c->ssh == NULL)
		return false;
	if (ssh_userauth_password(c->ssh, NULL, "pw") != SSH_AUTH_SUCCESS ||
	    (c->ch = ssh_channel_new(c->ssh)) == NULL ||
	    ssh_channel_open_session(c->ch) != SSH_OK ||
	    ssh_channel_request_pty_size(c->ch, "vt100", 511, 24) != SSH_OK ||
	    ssh_channel_request_shell(c->ch) != SSH_OK) {
		hang_up(c);
		return false;
	}
	return true;
}

/* Read until the text ends with `end`; false at the end of the connection. */
static bool
hear(struct client *c, const char *end)
{
	size_t len = strlen(end);
	char part[4096];

	for (;;) {
		int n;

		if (c->got.len >= len &&
		    strcmp(buf_str(&c->got) + c->got.len - len, end) == 0)
			return true;
		n = ssh_channel_read_timeout(c->ch, part, sizeof(part), 0, WAIT_MS);
		if (n <= 0)
			return false;
		buf_add(&c->got, part, (size_t)n);
	}
}

static bool
tell(struct client *c, const char *line, const char *end)
{
	buf_clear(&c->got);
	return ssh_channel_write(c->ch, line, (uint32_t)strlen(line)) == (int)strlen(line) &&
	    ssh_channel_write(c->ch, "\n", 1) == 1 && hear(c, end);
}

/* A privileged shell without a pager. */
static void
must_enter(struct client *c, size_t i)
{
	assert_true(call(c, i));
	assert_true(hear(c, ">"));
	assert_true(tell(c, "enable", "#"));
	assert_true(tell(c, "terminal length 0", "#"));
}

/* A session with a change, committed with a timer of a device minute. */
static void
arm(struct client *c, const char *name, const char *description)
{
	char line[128];

	snprintf(line, sizeof(line), "configure session %s", name);
	assert_true(tell(c, line, ")#"));
	assert_true(tell(c, "interface Ethernet7", ")#"));
	snprintf(line, sizeof(line), "description %s", description);
	assert_true(tell(c, line, ")#"));
	assert_true(tell(c, "exit", ")#"));
	assert_true(tell(c, "commit timer 00:05:00", "#"));
}

static void
wait_for_revert(size_t i)
{
	struct device *dev = lab_device(lab, i);

	for (int n = 0; n < WAIT_MS / 10; n++) {
		bool armed;

		device_lock(dev);
		armed = dev->armed != NULL;
		device_unlock(dev);
		if (!armed)
			return;
		usleep(10000);
	}
	fail_msg("no revert");
}

/* What ctl answers, in b. */
static const char *
ctl(struct buf *b, const char *device, const char *command, const char *arg)
{
	const char *words[] = { device, command, arg };

	buf_clear(b);
	assert_int_equal(ctl_send(dir, words, arg != NULL ? 3 : 2, b, NULL), 0);
	return buf_str(b);
}

static void
fault(const char *device, const char *spec)
{
	struct buf b = BUF_INIT;

	assert_null(strstr(ctl(&b, device, "fault", spec), "error"));
	buf_release(&b);
}

static char *
file_of(const char *device, const char *name)
{
	char path[256], *text = NULL;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s/%s", dir, device, name);
	assert_int_equal(file_read(path, 1 << 24, &text, &len, NULL), 0);
	return text;
}

/* --- the tests -------------------------------------------------------- */

static void
each_address__is_its_own_device_with_its_own_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		ssh_session ssh = dial(lab_address(lab, i), lab_port(lab, i), "admin");
		ssh_key key = NULL;
		unsigned char *hash = NULL;
		size_t len;
		char *print, want[16];
		struct client c;

		assert_non_null(ssh);
		assert_int_equal(ssh_get_server_publickey(ssh, &key), SSH_OK);
		assert_int_equal(ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash,
		    &len), SSH_OK);
		print = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
		assert_string_equal(print, lab_fingerprint(lab, i));
		ssh_string_free_char(print);
		ssh_clean_pubkey_hash(&hash);
		ssh_key_free(key);
		ssh_disconnect(ssh);
		ssh_free(ssh);
		snprintf(want, sizeof(want), "sw%zu>", i + 1);
		assert_true(call(&c, i));
		assert_true(hear(&c, want));
		hang_up(&c);
	}
	assert_string_not_equal(lab_fingerprint(lab, 0), lab_fingerprint(lab, 1));
}

static void
login__by_password_or_key_and_not_otherwise(void **state)
{
	ssh_session ssh = dial(lab_address(lab, 0), lab_port(lab, 0), "admin");
	ssh_key key = NULL;

	(void)state;
	assert_int_equal(ssh_userauth_password(ssh, NULL, "wrong"), SSH_AUTH_DENIED);
	assert_int_equal(ssh_userauth_password(ssh, NULL, "pw"), SSH_AUTH_SUCCESS);
	ssh_disconnect(ssh);
	ssh_free(ssh);
	assert_int_equal(ssh_pki_import_privkey_file(keyfile, NULL, NULL, NULL, &key), SSH_OK);
	ssh = dial(lab_address(lab, 0), lab_port(lab, 0), "admin");
	assert_int_equal(ssh_userauth_publickey(ssh, NULL, key), SSH_AUTH_SUCCESS);
	ssh_disconnect(ssh);
	ssh_free(ssh);
	ssh = dial(lab_address(lab, 0), lab_port(lab, 0), "stranger");
	assert_int_not_equal(ssh_userauth_publickey(ssh, NULL, key), SSH_AUTH_SUCCESS);
	ssh_disconnect(ssh);
	ssh_free(ssh);
	ssh_key_free(key);
}

static void
timer__reverts_while_nobody_is_connected(void **state)
{
	struct client c;
	char *before = file_of("sw1", "running.cfg"), *during, *after, *history;

	(void)state;
	must_enter(&c, 0);
	arm(&c, "unattended", "unconfirmed");
	hang_up(&c);
	during = file_of("sw1", "running.cfg");
	assert_non_null(strstr(during, "description unconfirmed"));
	wait_for_revert(0);
	after = file_of("sw1", "running.cfg");
	assert_string_equal(after, before);
	history = file_of("sw1", "history.jsonl");
	assert_non_null(strstr(history, "\"why\":\"boot\""));
	assert_non_null(strstr(history,
	    "\"why\":\"commit-timer\",\"user\":\"admin\",\"session\":\"unattended\""));
	assert_non_null(strstr(history,
	    "\"why\":\"revert-expired\",\"user\":null,\"session\":\"unattended\""));
	free(before);
	free(during);
	free(after);
	free(history);
}

static void
timer__is_confirmed_on_a_fresh_connection_and_saved(void **state)
{
	struct client a, b;
	char *startup;

	(void)state;
	must_enter(&a, 1);
	arm(&a, "kept", "confirmed");
	must_enter(&b, 1);
	assert_true(tell(&b, "configure session kept commit", "#"));
	assert_true(tell(&b, "write memory", "Copy completed successfully.\r\nsw2#"));
	hang_up(&a);
	hang_up(&b);
	usleep(5 * 60 * 1000000 / SCALE / 2);
	startup = file_of("sw2", "startup.cfg");
	assert_non_null(strstr(startup, "description confirmed"));
	free(startup);
}

static void
big_text__goes_in_and_out(void **state)
{
	struct buf text = BUF_INIT;
	struct client c;

	(void)state;
	must_enter(&c, 2);
	assert_true(tell(&c, "configure session big", ")#"));
	assert_true(tell(&c, "copy terminal: session-config", "control-d\r\n"));
	buf_adds(&text, "ip access-list BIG\n");
	for (int i = 1; i <= 5000; i++)
		buf_addf(&text, "   %d permit ip host 10.9.%d.%d any\n", i, i / 256, i % 256);
	buf_clear(&c.got);
	assert_int_equal(ssh_channel_write(c.ch, text.data, (uint32_t)text.len),
	    (int)text.len);
	assert_int_equal(ssh_channel_write(c.ch, "\004", 1), 1);
	assert_true(hear(&c, "Copy completed successfully.\r\nsw3(config-s-big)#"));
	assert_true(tell(&c, "show session-config", "end\r\nsw3(config-s-big)#"));
	assert_non_null(strstr(buf_str(&c.got), "   5000 permit ip host 10.9.19.136 any\r\n"));
	assert_true(tell(&c, "abort", "sw3#"));
	hang_up(&c);
	buf_release(&text);
}

static void
exec_request__answers_and_exits(void **state)
{
	ssh_session ssh = dial(lab_address(lab, 0), lab_port(lab, 0), "admin");
	ssh_channel ch;
	char out[512];
	int n;

	(void)state;
	assert_int_equal(ssh_userauth_password(ssh, NULL, "pw"), SSH_AUTH_SUCCESS);
	ch = ssh_channel_new(ssh);
	assert_int_equal(ssh_channel_open_session(ch), SSH_OK);
	assert_int_equal(ssh_channel_request_exec(ch, "show hostname\nbogus"), SSH_OK);
	n = ssh_channel_read_timeout(ch, out, sizeof(out) - 1, 0, WAIT_MS);
	assert_true(n > 0);
	out[n] = '\0';
	assert_string_equal(out, "Hostname: sw1\nFQDN:     sw1\n> bogus\n% Invalid input at line 2\n");
	while (ssh_channel_read_timeout(ch, out, sizeof(out), 0, WAIT_MS) > 0)
		;
	assert_int_equal(ssh_channel_get_exit_status(ch), 1);
	ssh_channel_free(ch);
	ssh_disconnect(ssh);
	ssh_free(ssh);
}

/* --- faults ----------------------------------------------------------- */

static void
clear(void)
{
	fault("*", "clear");
}

static void
refused_and_denied__are_told_apart(void **state)
{
	struct client c;
	ssh_session ssh;

	(void)state;
	fault("sw1", "refuse*1");
	assert_false(call(&c, 0));
	assert_true(call(&c, 0));	/* it struck once */
	hang_up(&c);
	fault("sw1", "deny");
	ssh = dial(lab_address(lab, 0), lab_port(lab, 0), "admin");
	assert_non_null(ssh);
	assert_int_equal(ssh_userauth_password(ssh, NULL, "pw"), SSH_AUTH_DENIED);
	ssh_disconnect(ssh);
	ssh_free(ssh);
}

static void
changed_host_key__is_another_one(void **state)
{
	ssh_session ssh;
	ssh_key key = NULL;
	unsigned char *hash = NULL;
	size_t len;
	char *print;

	(void)state;
	fault("sw1", "hostkey");
	ssh = dial(lab_address(lab, 0), lab_port(lab, 0), "admin");
	assert_int_equal(ssh_get_server_publickey(ssh, &key), SSH_OK);
	ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len);
	print = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
	assert_string_not_equal(print, lab_fingerprint(lab, 0));
	ssh_string_free_char(print);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	ssh_disconnect(ssh);
	ssh_free(ssh);
}

static void
drops__come_where_they_should(void **state)
{
	struct client c;

	(void)state;
	fault("sw1", "drop-out:400*1");
	must_enter(&c, 0);
	assert_false(tell(&c, "show running-config", "end\r\nsw1#"));
	assert_true(c.got.len > 0 && c.got.len <= 400);
	hang_up(&c);
	fault("sw1", "drop-in:40*1");
	must_enter(&c, 0);
	assert_false(tell(&c, "show configuration sessions detail", "#"));
	hang_up(&c);
	fault("sw1", "drop-after:commit*1");
	must_enter(&c, 0);
	assert_true(tell(&c, "configure session dropped", ")#"));
	assert_true(tell(&c, "snmp-server contact dropped", ")#"));
	assert_false(tell(&c, "commit", "#"));
	hang_up(&c);
	must_enter(&c, 0);
	assert_true(tell(&c, "show running-config | include contact", "#"));
	assert_non_null(strstr(buf_str(&c.got), "contact dropped"));
	hang_up(&c);
}

static void
silence__costs_the_client_its_patience(void **state)
{
	struct client c;
	char part[64];

	(void)state;
	fault("sw2", "no-prompt*1");
	assert_true(call(&c, 1));
	assert_int_equal(ssh_channel_read_timeout(c.ch, part, sizeof(part), 0, 300), 0);
	hang_up(&c);
	fault("sw2", "stall:1*1");
	assert_true(call(&c, 1));
	assert_true(hear(&c, ">"));
	assert_int_equal(ssh_channel_write(c.ch, "enable\n", 7), 7);
	assert_int_equal(ssh_channel_read_timeout(c.ch, part, sizeof(part), 0, 300), 0);
	hang_up(&c);
	fault("sw2", "slow:100");
	assert_true(call(&c, 1));
	assert_true(hear(&c, "sw2>"));
	hang_up(&c);
}

static void
endless_output__does_not_end(void **state)
{
	struct client c;
	char part[65536];
	size_t total = 0;

	(void)state;
	must_enter(&c, 0);
	fault("sw1", "endless");
	assert_int_equal(ssh_channel_write(c.ch, "show running-config\n", 20), 20);
	while (total < 2000000) {
		int n = ssh_channel_read_timeout(c.ch, part, sizeof(part), 0, WAIT_MS);

		assert_true(n > 0);
		total += (size_t)n;
	}
	hang_up(&c);
}

static void
lookalikes__are_real_text_with_a_pause_after_them(void **state)
{
	struct mono start;
	struct client c;

	(void)state;
	fault("sw3", "lookalike");
	start = sys_mono(sys_real());
	assert_true(call(&c, 2));
	assert_true(hear(&c, "sw3#\r\nsw3>\r\nsw3(config)#\r\nsw3>"));
	assert_true(mono_diff_ms(sys_mono(sys_real()), start) >= (int64_t)2 * 150 * SCALE);
	assert_true(tell(&c, "enable", "sw3#"));
	assert_true(tell(&c, "terminal length 0", "sw3#"));
	assert_true(tell(&c, "show running-config",
	    "banner motd\r\nsw3#"));
	assert_true(hear(&c, "management api http-commands\r\n   no shutdown\r\n!\r\nend\r\nsw3#"));
	hang_up(&c);
}

static void
cut_management__comes_back_with_the_revert(void **state)
{
	struct client c, late;

	(void)state;
	must_enter(&c, 0);
	fault("sw1", "cut");
	arm(&c, "cutting", "cut off");
	assert_false(call(&late, 0));
	/* The old connection hangs meanwhile and then goes on. */
	assert_true(tell(&c, "show running-config | include cut off", "sw1#"));
	assert_null(strstr(buf_str(&c.got), "description cut off"));
	hang_up(&c);
	assert_true(call(&late, 0));
	hang_up(&late);
}

static void
lost_address__cuts_management_too(void **state)
{
	struct client c, late;

	(void)state;
	must_enter(&c, 1);
	assert_true(tell(&c, "configure session lost", ")#"));
	assert_true(tell(&c, "interface Management1", ")#"));
	assert_true(tell(&c, "no ip address", ")#"));
	assert_true(tell(&c, "exit", ")#"));
	assert_int_equal(ssh_channel_write(c.ch, "commit timer 00:05:00\n", 22), 22);
	usleep(200000);
	assert_false(call(&late, 1));
	wait_for_revert(1);
	assert_true(call(&late, 1));
	hang_up(&late);
	hang_up(&c);
}

static void
reboot__drops_everybody_and_forgets(void **state)
{
	struct buf b = BUF_INIT;
	struct client c;
	char *running;

	(void)state;
	must_enter(&c, 0);
	arm(&c, "rebooted", "will be gone");
	ctl(&b, "sw1", "reboot", "30s");
	assert_false(tell(&c, "show version", "#"));
	hang_up(&c);
	assert_false(call(&c, 0));	/* it is down */
	for (int i = 0; i < 200 && !call(&c, 0); i++)
		usleep(20000);
	assert_true(hear(&c, ">"));
	hang_up(&c);
	running = file_of("sw1", "running.cfg");
	assert_null(strstr(running, "will be gone"));
	free(running);
	assert_non_null(strstr(ctl(&b, "sw1", "show", NULL), "\"armed\":null"));
	buf_release(&b);
}

/* --- control ---------------------------------------------------------- */

static void
ctl__edits_shows_and_says_what_is_wrong(void **state)
{
	struct buf b = BUF_INIT;
	char *history;

	(void)state;
	assert_string_equal(ctl(&b, "sw3", "edit", "snmp-server contact behind your back"), "{}\n");
	assert_non_null(strstr(ctl(&b, "sw3", "show", "running"), "contact behind your back"));
	history = file_of("sw3", "history.jsonl");
	assert_non_null(strstr(history, "\"why\":\"edit\",\"user\":\"console\""));
	free(history);
	assert_non_null(strstr(ctl(&b, "sw3", "edit", "nonsense"), "% Invalid input"));
	assert_non_null(strstr(ctl(&b, "sw9", "show", NULL), "no such device"));
	assert_non_null(strstr(ctl(&b, "sw3", "dance", NULL), "no such command"));
	assert_non_null(strstr(ctl(&b, "sw3", "fault", "nonsense"), "no such fault"));
	assert_non_null(strstr(ctl(&b, "sw3", "show", "seen"), "show session-config"));
	assert_non_null(strstr(ctl(&b, "*", "show", NULL), "\"sw2\":{"));
	buf_release(&b);
}

/* --- many ------------------------------------------------------------- */

struct visitor {
	size_t i;
	bool ok;
};

static void
visit(void *arg)
{
	struct visitor *v = arg;
	struct client c;
	char end[32];

	snprintf(end, sizeof(end), "end\r\nsw%zu#", v->i % lab_count(lab) + 1);
	v->ok = call(&c, v->i % lab_count(lab)) && hear(&c, ">") && tell(&c, "enable", "#") &&
	    tell(&c, "terminal length 0", "#") && tell(&c, "show running-config", end);
	hang_up(&c);
}

static void
a_hundred_sessions__are_served_at_once(void **state)
{
	struct visitor v[100];
	struct workers *w;

	(void)state;
	assert_int_equal(workers_new(&w, COUNT(v), NULL), 0);
	for (size_t i = 0; i < COUNT(v); i++) {
		v[i] = (struct visitor){ i, false };
		workers_submit(w, visit, &v[i]);
	}
	workers_free(w);
	for (size_t i = 0; i < COUNT(v); i++)
		assert_true(v[i].ok);
}

/* --- the lab itself --------------------------------------------------- */

static void
options__are_checked(void **state)
{
	struct lab_options o = { .sys = sys_real(), .dir = dir, .count = 1 };
	const char *faults[] = { "nobody:silent", NULL };
	struct lab *other = NULL;
	struct err err = ERR_INIT;

	(void)state;
	o.base_address = "10.0.0.1";
	assert_int_equal(lab_start(&other, &o, &err), ERR_USAGE);
	o.base_address = NULL;
	o.dialect = "nonsense";
	assert_int_equal(lab_start(&other, &o, &err), ERR_USAGE);
	o.dialect = NULL;
	o.faults = faults;
	assert_int_equal(lab_start(&other, &o, &err), ERR_USAGE);
	o.faults = NULL;
	o.count = 0;
	assert_int_equal(lab_start(&other, &o, &err), ERR_USAGE);
}

static void
ports__and_files_and_yaml_faults_work_too(void **state)
{
	char sub[128], path[160], text[256];
	struct lab *first = lab, *other = NULL;
	struct lab_options o = { .sys = sys_real(), .count = 3, .ports = true, .user = "admin",
		.password = "pw", .one_host_key = true };
	struct client c;
	struct err err = ERR_INIT;

	(void)state;
	snprintf(sub, sizeof(sub), "%s/other", dir);
	snprintf(path, sizeof(path), "%s/configs", sub);
	assert_int_equal(file_mkdirs(path, 0755, NULL), 0);
	snprintf(path, sizeof(path), "%s/configs/edge1.cfg", sub);
	snprintf(text, sizeof(text), "hostname edge1\nbanner motd\nHello\nEOF\n");
	assert_int_equal(file_write_atomic(sys_real(), path, text, strlen(text), 0644, NULL), 0);
	snprintf(path, sizeof(path), "%s/faults.yaml", sub);
	snprintf(text, sizeof(text), "edge1: [latency:1ms, foreign-timer:1h]\nsw2: hostname:x\n");
	assert_int_equal(file_write_atomic(sys_real(), path, text, strlen(text), 0644, NULL), 0);
	o.dir = sub;
	o.fault_file = path;
	snprintf(text, sizeof(text), "%s/configs", sub);
	o.config = text;
	assert_int_equal(lab_start(&other, &o, &err), 0);
	lab = other;
	assert_string_equal(lab_address(lab, 1), "127.0.0.1");
	assert_int_not_equal(lab_port(lab, 0), lab_port(lab, 1));
	assert_string_equal(lab_fingerprint(lab, 0), lab_fingerprint(lab, 1));
	assert_true(call(&c, 0));
	assert_true(hear(&c, "Hello\r\nedge1>"));
	assert_true(tell(&c, "enable", "#"));
	assert_true(tell(&c, "terminal length 0", "#"));
	assert_true(tell(&c, "show configuration sessions detail", "#"));
	assert_non_null(strstr(buf_str(&c.got), "pending commit timer: ops-change"));
	hang_up(&c);
	assert_true(call(&c, 1));
	assert_true(hear(&c, "x>"));
	hang_up(&c);
	lab_stop(other);
	lab = first;
}

static void
saved_configuration_and_keys__outlive_the_lab(void **state)
{
	struct lab *first = lab, *other = NULL;
	struct lab_options o = { .sys = sys_real(), .count = 1, .ports = true, .user = "admin",
		.password = "pw" };
	char sub[128], print[128];
	struct buf b = BUF_INIT;
	const char *edit[] = { "sw1", "edit", "snmp-server contact lasting" };
	const char *save[] = { "sw1", "save" };
	const char *show[] = { "sw1", "show", "running" };

	(void)state;
	snprintf(sub, sizeof(sub), "%s/again", dir);
	o.dir = sub;
	assert_int_equal(lab_start(&other, &o, NULL), 0);
	snprintf(print, sizeof(print), "%s", lab_fingerprint(other, 0));
	ctl_do(other, edit, 3, &b);
	ctl_do(other, save, 2, &b);
	lab_stop(other);
	assert_int_equal(lab_start(&other, &o, NULL), 0);
	assert_string_equal(lab_fingerprint(other, 0), print);
	buf_clear(&b);
	ctl_do(other, show, 3, &b);
	assert_non_null(strstr(buf_str(&b), "contact lasting"));
	lab_stop(other);
	buf_release(&b);
	lab = first;
}

static int
start(void **state)
{
	struct lab_options o = { .sys = sys_real(), .dir = dir, .count = 3, .user = "admin",
		.password = "pw", .base_address = "127.1.0.1" };
	const char *keys[2] = { NULL, NULL };
	char public[80];
	ssh_key key = NULL;
	struct err err = ERR_INIT;

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	sys_set_scale(sys_real(), SCALE);
	snprintf(keyfile, sizeof(keyfile), "%s/user", dir);
	snprintf(public, sizeof(public), "%s/user.pub", dir);
	if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) != SSH_OK ||
	    ssh_pki_export_privkey_file(key, NULL, NULL, NULL, keyfile) != SSH_OK ||
	    ssh_pki_export_pubkey_file(key, public) != SSH_OK)
		return -1;
	ssh_key_free(key);
	keys[0] = public;
	o.keys = keys;
	if (lab_start(&lab, &o, &err) != 0) {
		print_message("%s\n", err.text);
		return -1;
	}
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	lab_stop(lab);
	return file_rmtree(dir, NULL);
}

static int
after_fault(void **state)
{
	(void)state;
	clear();
	return 0;
}

#define FAULTY(f) cmocka_unit_test_teardown(f, after_fault)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address__is_its_own_device_with_its_own_key),
		cmocka_unit_test(login__by_password_or_key_and_not_otherwise),
		cmocka_unit_test(timer__reverts_while_nobody_is_connected),
		cmocka_unit_test(timer__is_confirmed_on_a_fresh_connection_and_saved),
		cmocka_unit_test(big_text__goes_in_and_out),
		cmocka_unit_test(exec_request__answers_and_exits),
		FAULTY(refused_and_denied__are_told_apart),
		FAULTY(changed_host_key__is_another_one),
		FAULTY(drops__come_where_they_should),
		FAULTY(silence__costs_the_client_its_patience),
		FAULTY(endless_output__does_not_end),
		FAULTY(lookalikes__are_real_text_with_a_pause_after_them),
		FAULTY(cut_management__comes_back_with_the_revert),
		FAULTY(lost_address__cuts_management_too),
		FAULTY(reboot__drops_everybody_and_forgets),
		cmocka_unit_test(ctl__edits_shows_and_says_what_is_wrong),
		cmocka_unit_test(a_hundred_sessions__are_served_at_once),
		cmocka_unit_test(options__are_checked),
		cmocka_unit_test(ports__and_files_and_yaml_faults_work_too),
		cmocka_unit_test(saved_configuration_and_keys__outlive_the_lab),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
