/* SPDX-License-Identifier: Apache-2.0 */
/*
 * platforms/arista_eos.yaml against fairlead-lab, which was written from the
 * same facts by somebody who had not seen that file. Time runs SCALE times
 * faster on both sides. Skipped when the program is not built; FAIRLEAD_LAB
 * names it when it is elsewhere.
 */
#include "devices_world.h"

#include <pthread.h>

#include "base/doc.h"
#include "devices/change.h"

#define SCALE 20
#define DEVICES 40
#define PASSWORD "s3cret-pass"
#define ENABLE "en4ble-pass"

static const struct device_ops *ops;
static struct credential credential;
static struct secret *password, *enable, *wrong;
static pid_t lab;
static const char *lab_program, *lab_dir;

static struct {
	struct pins pins;
	const char *name, *serial;
	int port;
} boxes[DEVICES];
static int next_box;		/* each test takes a device nobody has used */

/* --- the lab --- */

static const char *
find_lab(void)
{
	static const char *const beside[] = { "../bin/fairlead-lab", "bin/fairlead-lab",
		"../../bin/fairlead-lab" };
	const char *named = getenv("FAIRLEAD_LAB");
	char self[2048];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (named != NULL)
		return access(named, X_OK) == 0 ? named : NULL;
	if (n <= 0)
		return NULL;
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		const char *path = arena_printf(&world, "%s/%s", self, beside[i]);

		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

/* The line of JSON that the lab prints when it is ready. */
static void
read_ready(const char *log)
{
	struct problems ps;
	struct doc_node *node = NULL, *list;
	char *text = NULL, *lf = NULL;
	size_t len;

	for (int i = 0; i < 400 && lf == NULL; i++) {
		usleep(25000);
		free(text);
		text = NULL;
		if (file_read(log, 1000000, &text, &len, NULL) == 0)
			lf = strchr(text, '\n');
	}
	assert_non_null(lf);
	problems_init(&ps, &world);
	assert_int_equal(doc_parse_json(&node, &world, "ready",
	    span_of(text, (size_t)(lf - text)), &DOC_LIMITS, &ps), 0);
	list = doc_get(node, "devices");
	assert_int_equal(list->n, DEVICES);
	for (size_t i = 0; i < DEVICES; i++) {
		boxes[i].name = arena_strdup(&world, doc_text(list->items[i], "name"));
		boxes[i].serial = arena_strdup(&world, doc_text(list->items[i], "serial"));
		boxes[i].port = (int)doc_int(list->items[i], "port", 0);
		snprintf(boxes[i].pins.fingerprint, sizeof(boxes[i].pins.fingerprint), "%s",
		    doc_text(list->items[i], "host_key"));
	}
	free(text);
}

static int
begin(void **state)
{
	const char *log;
	const char *argv[] = { lab_program, "run", "--dir", NULL, "--count", "40", "--ports",
		"--time-scale", "20", "--user", "admin", "--password", PASSWORD,
		"--enable-password", ENABLE, NULL };
	struct problems ps;

	(void)state;
	assert_true(SCALE == 20 && DEVICES == 40);
	snprintf(world_dir, sizeof(world_dir), "/tmp/fairlead-eos-XXXXXX");
	assert_non_null(mkdtemp(world_dir));
	problems_init(&ps, &world);
	assert_int_equal(platforms_load(&world_platforms, NULL, &ps, NULL), 0);
	assert_int_equal(device_init(NULL), 0);
	ops = device_ssh_ops();
	password = secret_new(PASSWORD, strlen(PASSWORD));
	enable = secret_new(ENABLE, strlen(ENABLE));
	wrong = secret_new("wrong", 5);
	credential = (struct credential){ .name = "lab", .user = "admin", .password = password,
		.enable = enable };
	lab_dir = argv[3] = in_world("lab");
	log = in_world("log");
	lab = world_start(argv, log);
	read_ready(log);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	world_stop(&lab);
	secret_free(password);
	secret_free(enable);
	secret_free(wrong);
	platforms_free(world_platforms);
	assert_int_equal(file_rmtree(world_dir, NULL), 0);
	arena_release(&world);
	return 0;
}

/* fairlead-lab ctl DIR DEVICE ... ; the reply. */
static const struct doc_node *
ctl(const char *device, const char *a, const char *b, const char *c)
{
	const char *argv[] = { lab_program, "ctl", lab_dir, device, a, b, c, NULL };
	struct proc p = { .argv = argv, .timeout_ms = 600000, .max_output = 1 << 20 };
	struct proc_result r;
	struct problems ps;
	struct doc_node *node = NULL;

	assert_int_equal(proc_run(sys_real(), &p, &r, NULL), 0);
	if (r.status != 0)
		print_message("ctl %s: %s%s\n", a, buf_str(&r.out), buf_str(&r.err));
	assert_int_equal(r.status, 0);
	problems_init(&ps, &world);
	assert_int_equal(doc_parse_json(&node, &world, "ctl",
	    span_str(arena_strdup(&world, buf_str(&r.out))), &DOC_LIMITS, &ps), 0);
	proc_result_release(&r);
	return node;
}

/* --- devices --- */

static struct device_target
target_of(int box)
{
	return (struct device_target){ .name = boxes[box].name,
		.platform = platforms_find(world_platforms, "arista_eos"),
		.addresses = world_address, .n_addresses = 1, .port = boxes[box].port,
		.credential = &credential, .serial = boxes[box].serial,
		.pins = { pins_check, &boxes[box].pins, NULL }, .instance = "unit",
		.connect_ms = 400000, .silence_ms = 400000, .command_ms = 1200000,
		.max_output = (size_t)1 << 20, .sys = sys_real() };
}

static struct device_target
fresh_target(void)
{
	assert_true(next_box < DEVICES);
	return target_of(next_box++);
}

static struct device *
open_device(const struct device_target *t)
{
	struct device *d = NULL;
	struct err err = ERR_INIT;

	assert_ok(ops->open(&d, t, &err), &err);
	return d;
}

static char *
running(struct device *d)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	char *text;

	assert_ok(ops->running(d, &out, &err), &err);
	text = arena_strdup(&world, buf_str(&out));
	buf_release(&out);
	return text;
}

/* Running with a line replaced, or one more section. */
static const char *
changed(const char *text, const char *more)
{
	return arena_printf(&world, "%s!\n%s!\nend\n", text, more);
}

#define INTERFACE "interface Ethernet3\n   description from git\n"

static struct device_change *
stage(struct device *d, const char *id, const char *text)
{
	struct device_change *c = device_change_new(id);
	struct err err = ERR_INIT;

	assert_ok(ops->stage(d, c, span_str(text), &err), &err);
	return c;
}

static void
assert_outcome(struct device *d, struct device_change *c, enum device_outcome want)
{
	enum device_outcome got;
	struct err err = ERR_INIT;

	assert_ok(ops->outcome(d, c, &got, &err), &err);
	assert_int_equal(got, want);
}

static enum device_pending
pending(struct device *d, const struct device_change *c)
{
	struct device_pending_info info;
	struct err err = ERR_INIT;

	assert_ok(ops->pending(d, c, &info, &err), &err);
	if (info.state != PENDING_NONE)
		assert_true(info.left_ms >= 0 && info.left_ms <= 3600000);
	return info.state;
}

/* Device time, as the lab counts it. */
static void
wait_device(int64_t ms)
{
	sys_sleep_ms(sys_real(), ms);
}

/* --- reading --- */

static void
open__logs_in_and_tells_who_answers(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	const struct device_identity *id = ops->identity(d);
	struct err err = ERR_INIT;

	(void)state;
	assert_string_equal(id->hostname, t.name);
	assert_string_equal(id->serial, t.serial);
	assert_true(id->version[0] == '4');
	assert_ok(ops->keepalive(d, &err), &err);
	ops->close(d);
}

static void
open__refusals_have_their_class(void **state)
{
	static const struct {
		const char *fault;
		int want;
	} rows[] = {
		{ "refuse", ERR_UNREACHABLE }, { "silent", ERR_UNREACHABLE },
		{ "deny", ERR_AUTH }, { "hostkey", ERR_HOSTKEY },
		{ "hostname:another", ERR_IDENTITY }, { "no-prompt", ERR_TIMEOUT },
		{ "drop-out:100", ERR_CLOSED }, { "drop-after:enable", ERR_CLOSED },
		{ "stall-after:enable", ERR_TIMEOUT },
	};
	struct device_target t = fresh_target();
	struct credential c = credential;

	(void)state;
	t.connect_ms = t.silence_ms = 30000;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct device *d = NULL;
		struct err err = ERR_INIT;
		int rc;

		ctl(t.name, "fault", rows[i].fault, NULL);
		rc = ops->open(&d, &t, &err);
		if (rc != rows[i].want)
			print_message("%s: %s: %s\n", rows[i].fault, err_word(rc), err.text);
		assert_int_equal(rc, rows[i].want);
		assert_null(d);
		assert_null(strstr(err.text, PASSWORD));
		assert_null(strstr(err.text, ENABLE));
		ctl(t.name, "fault", "clear", NULL);
	}
	t.credential = &c;
	c.password = wrong;
	assert_int_equal(ops->open(&(struct device *){ NULL }, &t, NULL), ERR_AUTH);
	c.password = password;
	c.enable = wrong;
	assert_int_equal(ops->open(&(struct device *){ NULL }, &t, NULL), ERR_AUTH);
	c.enable = NULL;
	assert_int_equal(ops->open(&(struct device *){ NULL }, &t, NULL), ERR_AUTH);
	c.enable = enable;
	t.serial = "SN-OF-ANOTHER";
	assert_int_equal(ops->open(&(struct device *){ NULL }, &t, NULL), ERR_IDENTITY);
}

static void
running__has_no_header_and_no_end(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	const char *text = running(d);

	(void)state;
	assert_null(strstr(text, "! Command:"));
	assert_null(strstr(text, "! device:"));
	assert_null(strstr(text, "\nend\n"));
	assert_non_null(strstr(text, arena_printf(&world, "hostname %s\n", t.name)));
	assert_non_null(strstr(text, "interface Management1\n"));
	ops->close(d);
}

static void
running__is_whole_whatever_the_device_does(void **state)
{
	static const char *const faults[] = { "lookalike", "latency:2s", "slow:4000" };
	struct device_target t = fresh_target();
	struct device *d;

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const char *text;

		ctl(t.name, "fault", faults[i], NULL);
		d = open_device(&t);
		text = running(d);
		assert_non_null(strstr(text, "interface Management1\n"));
		assert_string_equal(text, running(d));
		ops->close(d);
		ctl(t.name, "fault", "clear", NULL);
	}
}

static void
running__endless_or_cut_is_an_error(void **state)
{
	static const struct {
		const char *fault;
		int want;
	} rows[] = {
		{ "endless", ERR_OUTPUT }, { "drop-before:read", ERR_CLOSED },
		{ "stall-before:read", ERR_TIMEOUT },
	};
	struct device_target t = fresh_target();

	(void)state;
	t.silence_ms = 30000;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct device *d;
		struct buf out = BUF_INIT;
		struct err err = ERR_INIT;

		ctl(t.name, "fault", rows[i].fault, NULL);
		d = open_device(&t);
		assert_int_equal(ops->running(d, &out, &err), rows[i].want);
		assert_int_equal(out.len, 0);
		/* The session is dead and says so. */
		assert_true(ops->running(d, &out, &err) < 0);
		ops->close(d);
		buf_release(&out);
		ctl(t.name, "fault", "clear", NULL);
	}
}

static void
run__shows_and_nothing_else(void **state)
{
	static const char *const refused[] = {
		"configure terminal", "reload now", "write erase",
		    "copy running-config flash:x",
		"show running-config > flash:x", "show version | redirect flash:x",
		"show version | tee flash:x", "bash rm -rf /", "showx", " show version\nreload",
		"enable", "",
	};
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ops->run(d, "show version", &out, &err), &err);
	assert_non_null(strstr(buf_str(&out), "Software image version"));
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		int rc = ops->run(d, refused[i], &out, &err);

		if (rc != ERR_DENIED && rc != ERR_CONTENT)
			print_message("\"%s\": %s\n", refused[i], err_word(rc));
		assert_true(rc == ERR_DENIED || rc == ERR_CONTENT);
	}
	assert_int_equal(ops->run(d, "show nonsense-that-is-none", &out, &err), ERR_REJECTED);
	buf_release(&out);
	ops->close(d);
}

static void
startup__differs_after_a_change_by_hand(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	struct err err = ERR_INIT;
	bool same = false;

	(void)state;
	assert_ok(ops->startup_same(d, &same, &err), &err);
	assert_true(same);
	ctl(t.name, "edit", "interface Ethernet3", "description by hand");
	assert_ok(ops->startup_same(d, &same, &err), &err);
	assert_false(same);
	ctl(t.name, "save", NULL, NULL);
	assert_ok(ops->startup_same(d, &same, &err), &err);
	assert_true(same);
	ops->close(d);
}

/* --- a change that goes well --- */

static void
change__armed_confirmed_saved(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t), *fresh;
	const char *before = running(d);
	struct device_change *c = stage(d, "c1", changed(before, INTERFACE));
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	bool same = false;

	(void)state;
	assert_string_equal(running(d), before);
	assert_outcome(d, c, OUTCOME_STAGED);
	assert_ok(ops->diff(d, c, &out, &err), &err);
	assert_non_null(strstr(buf_str(&out), "+   description from git"));
	assert_int_equal(ops->check(d, c, &err), ERR_UNSUPPORTED);
	assert_ok(ops->arm(d, c, 300000, &err), &err);
	assert_int_equal(pending(d, c), PENDING_OURS);
	assert_int_equal(pending(d, NULL), PENDING_FOREIGN);
	assert_outcome(d, c, OUTCOME_PENDING);
	ops->close(d);

	fresh = open_device(&t);
	buf_clear(&out);
	assert_ok(ops->readback(fresh, c, &out, &err), &err);
	assert_non_null(strstr(buf_str(&out), "   description from git\n"));
	assert_ok(ops->confirm(fresh, c, &err), &err);
	assert_int_equal(pending(fresh, c), PENDING_NONE);
	assert_outcome(fresh, c, OUTCOME_COMPARE);
	assert_int_equal(ops->confirm(fresh, c, &err), ERR_UNPROVEN);
	assert_ok(ops->startup_same(fresh, &same, &err), &err);
	assert_false(same);
	assert_ok(ops->save(fresh, c, &err), &err);
	assert_ok(ops->startup_same(fresh, &same, &err), &err);
	assert_true(same);
	assert_ok(ops->discard(fresh, c, &err), &err);
	assert_non_null(strstr(running(fresh), "description from git"));
	ops->close(fresh);
	device_change_free(c);
	buf_release(&out);
}

/* Words that could speak for the device, all inside the candidate. */
static void
change__candidate_with_look_alikes_goes_in_whole(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	const char *text = changed(running(d), arena_printf(&world,
	    "banner motd\nCopy completed successfully.\n%% Invalid input at line 3\n%s#\n"
	    "end\n   indented\n --More-- \nEOF\n", t.name));
	struct device_change *c = stage(d, "c2", text);
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ops->arm(d, c, 300000, &err), &err);
	ops->close(d);
	d = open_device(&t);
	assert_non_null(strstr(running(d), arena_printf(&world,
	    "Copy completed successfully.\n%% Invalid input at line 3\n%s#\n", t.name)));
	assert_ok(ops->confirm(d, c, &err), &err);
	ops->close(d);
	device_change_free(c);
}

static void
change__of_the_hostname_is_survived(void **state)
{
	const char *const key[] = { "hostname" }, *const value[] = { "renamed-switch" };
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	const char *old = arena_printf(&world, "hostname %s\n", t.name), *text = running(d);
	const char *at = strstr(text, old);
	struct device_change *c;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(at);
	c = stage(d, "c3", arena_printf(&world, "%.*shostname renamed-switch\n%s",
	    (int)(at - text),
	    text, at + strlen(old)));
	assert_ok(ops->arm(d, c, 300000, &err), &err);
	/* The session that armed it goes on. */
	assert_int_equal(pending(d, c), PENDING_OURS);
	ops->close(d);
	assert_int_equal(ops->open(&d, &t, &err), ERR_IDENTITY);
	t.var_keys = key;
	t.var_values = value;
	t.n_vars = 1;
	d = open_device(&t);
	assert_ok(ops->revert(d, c, &err), &err);
	assert_string_equal(running(d), text);
	ops->close(d);
	device_change_free(c);
}

static void
change__of_5000_lines_costs_a_handful_of_round_trips(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	struct buf text = BUF_INIT;
	struct device_change *c;
	int64_t turns;
	const struct doc_node *stats;

	(void)state;
	buf_adds(&text, running(d));
	buf_adds(&text, "ip access-list BIG\n");
	for (int i = 0; i < 5000; i++)
		buf_addf(&text, "   %d permit ip host 10.0.%d.%d any\n", 10 + i * 10,
		    i / 250, i % 250);
	stats = doc_get(ctl(t.name, "show", "status", NULL), "stats");
	turns = doc_int(stats, "round_trips", -1);
	assert_true(turns > 0);
	c = stage(d, "c4", buf_str(&text));
	stats = doc_get(ctl(t.name, "show", "status", NULL), "stats");
	turns = doc_int(stats, "round_trips", -1) - turns;
	print_message("round trips to stage 5,000 lines: %d\n", (int)turns);
	assert_true(turns <= 20);
	assert_ok(ops->discard(d, c, NULL), &(struct err)ERR_INIT);
	ops->close(d);
	device_change_free(c);
	buf_release(&text);
}

/* --- changes that do not --- */

static void
stage__rejected_line_names_it_and_nothing_stays(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	const char *before = running(d);
	struct device_change *c = device_change_new("c5");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ops->stage(d, c, span_str(changed(before, "interfce Ethernet3\n"
	    "username x secret Hunter2Hunter2 bad words\n")), &err), ERR_REJECTED);
	assert_non_null(strstr(err.text, "% Invalid input"));
	assert_null(strstr(err.text, "Hunter2"));
	/* From wherever that left us. */
	assert_ok(ops->discard(d, c, &err), &err);
	assert_string_equal(running(d), before);
	assert_int_equal(doc_get(ctl(t.name, "show", "status", NULL), "sessions")->n <= 1, 1);
	assert_int_equal(pending(d, c), PENDING_NONE);
	ops->close(d);
	device_change_free(c);
}

static void
stage__control_bytes_are_not_sent(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	struct device_change *c = device_change_new("c6");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ops->stage(d, c, span_str("hostname x\nbanner motd\n\x04\nEOF\n"),
	    &err),
	    ERR_CONTENT);
	assert_non_null(strstr(err.text, "line 3"));
	assert_ok(ops->discard(d, c, &err), &err);
	ops->close(d);
	device_change_free(c);
}

static void
stage__our_leftovers_go_and_other_sessions_stay(void **state)
{
	struct device_target t = fresh_target(), other;
	struct device *d = open_device(&t), *theirs;
	const char *text = changed(running(d), INTERFACE);
	struct device_change *a = stage(d, "c7", text), *b, *f;
	const struct doc_node *sessions;
	struct buf names = BUF_INIT;

	(void)state;
	other = t;
	other.instance = "unit-b";
	theirs = open_device(&other);
	f = stage(theirs, "c8", text);
	b = stage(d, "c9", text);
	sessions = doc_get(ctl(t.name, "show", "status", NULL), "sessions");
	for (size_t i = 0; i < sessions->n; i++)
		if (strcmp(doc_text(sessions->items[i], "state"), "pending") == 0)
			buf_addf(&names, "%s ", doc_text(sessions->items[i], "name"));
	assert_string_equal(buf_str(&names), "fl-unit-b-c8 fl-unit-c9 ");
	ops->close(d);
	ops->close(theirs);
	device_change_free(a);
	device_change_free(b);
	device_change_free(f);
	buf_release(&names);
}

static void
stage__too_many_sessions_of_others_is_busy(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	struct device_change *c = device_change_new("c10");
	struct err err = ERR_INIT;

	(void)state;
	ctl(t.name, "fault", "foreign-sessions:5", NULL);
	assert_int_equal(ops->stage(d, c, span_str(running(d)), &err), ERR_BUSY);
	assert_non_null(strstr(err.next, "show configuration sessions"));
	assert_ok(ops->discard(d, c, &err), &err);
	ops->close(d);
	device_change_free(c);
}

static void
arm__refused_commit_is_rejected(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	const char *before = running(d);
	struct device_change *c = stage(d, "c11", changed(before, INTERFACE));
	struct device_change *interrupted = device_change_new("c11");
	struct err err = ERR_INIT;

	(void)state;
	ctl(t.name, "fault", "commit-error", NULL);
	assert_int_equal(ops->arm(d, c, 300000, &err), ERR_REJECTED);
	assert_int_equal(pending(d, c), PENDING_NONE);
	assert_outcome(d, c, OUTCOME_STAGED);
	/* Its id is all that is known of it after a crash in stage(). */
	assert_ok(ops->discard(d, interrupted, &err), &err);
	assert_outcome(d, c, OUTCOME_COMPARE);
	assert_string_equal(running(d), before);
	ops->close(d);
	device_change_free(c);
	device_change_free(interrupted);
}

static void
arm__foreign_timer_is_busy_and_left_alone(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	struct device_change *c = stage(d, "c12", changed(running(d), INTERFACE));
	struct err err = ERR_INIT;

	(void)state;
	ctl(t.name, "fault", "foreign-timer:600s", NULL);
	assert_int_equal(pending(d, c), PENDING_FOREIGN);
	assert_int_equal(ops->arm(d, c, 300000, &err), ERR_BUSY);
	assert_int_equal(ops->confirm(d, c, &err), ERR_UNPROVEN);
	assert_int_equal(ops->revert(d, c, &err), ERR_BUSY);
	assert_outcome(d, c, OUTCOME_STAGED);
	assert_ok(ops->discard(d, c, &err), &err);
	assert_int_equal(pending(d, c), PENDING_FOREIGN);
	ops->close(d);
	device_change_free(c);
}

static void
arm__timer_expires_and_the_old_one_runs(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	const char *before = running(d);
	struct device_change *c = stage(d, "c13", changed(before, INTERFACE));
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ops->arm(d, c, 30000, &err), &err);
	assert_string_not_equal(running(d), before);
	wait_device(45000);
	assert_int_equal(pending(d, c), PENDING_NONE);
	assert_outcome(d, c, OUTCOME_COMPARE);
	assert_string_equal(running(d), before);
	assert_int_equal(ops->confirm(d, c, &err), ERR_UNPROVEN);
	assert_ok(ops->revert(d, c, &err), &err);
	assert_ok(ops->discard(d, c, &err), &err);
	assert_string_equal(running(d), before);
	ops->close(d);
	device_change_free(c);
}

static void
revert__is_done_at_once_and_proven(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	const char *before = running(d);
	struct device_change *c = stage(d, "c14", changed(before, INTERFACE));
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ops->arm(d, c, 3600000, &err), &err);
	ops->close(d);
	d = open_device(&t);
	assert_ok(ops->revert(d, c, &err), &err);
	assert_string_equal(running(d), before);
	assert_int_equal(pending(d, c), PENDING_NONE);
	ops->close(d);
	device_change_free(c);
}

static void
save__that_fails_is_said(void **state)
{
	struct device_target t = fresh_target();
	struct device *d = open_device(&t);
	struct device_change *c = stage(d, "c15", changed(running(d), INTERFACE));
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ops->arm(d, c, 300000, &err), &err);
	assert_ok(ops->confirm(d, c, &err), &err);
	ctl(t.name, "fault", "save-error", NULL);
	assert_true(ops->save(d, c, &err) < 0);
	ctl(t.name, "fault", "clear", NULL);
	assert_ok(ops->save(d, c, &err), &err);
	ops->close(d);
	device_change_free(c);
}

/* Cut at each step: before arm nothing is touched, after it the device says
 * what became of it. */
static void
faults__at_each_step_leave_old_or_new(void **state)
{
	static const struct {
		const char *fault;
		bool armed;	/* the new one runs until the timer ends */
	} rows[] = {
		{ "drop-before:session*1", false }, { "drop-after:session*1", false },
		{ "drop-after:clean*1", false }, { "drop-before:load*1", false },
		{ "drop-after:load*1", false }, { "drop-before:arm*1", false },
		{ "drop-after:arm*1", true }, { "stall-after:arm*1", true },
		{ "cut*1", true }, { "reboot:arm*1", false },
	};
	struct device_target t = fresh_target();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct device *d = open_device(&t);
		const char *before = running(d), *text = changed(before, INTERFACE);
		struct device_change *c = device_change_new(arena_printf(&world, "f%zu", i));
		struct err err = ERR_INIT;
		int rc;

		t.silence_ms = 30000;
		ctl(t.name, "fault", rows[i].fault, NULL);
		ops->close(d);
		d = open_device(&t);
		if ((rc = ops->stage(d, c, span_str(text), &err)) == 0)
			rc = ops->arm(d, c, 60000, &err);
		ops->close(d);
		if (rc == 0)
			print_message("%s: no error\n", rows[i].fault);
		/* Another process, another session, as soon as it lets us in. */
		for (int k = 0; k < 100 && ops->open(&d, &t, &err) != 0; k++)
			wait_device(2000);
		assert_non_null(d);
		if (rows[i].armed && pending(d, c) != PENDING_NONE) {
			assert_outcome(d, c, OUTCOME_PENDING);
			assert_ok(ops->revert(d, c, &err), &err);
		}
		assert_string_equal(running(d), before);
		assert_ok(ops->discard(d, c, &err), &err);
		assert_int_equal(pending(d, NULL), PENDING_NONE);
		ops->close(d);
		ctl(t.name, "fault", "clear", NULL);
		device_change_free(c);
	}
}

/* --- many --- */

static void *
read_one(void *arg)
{
	int box = *(int *)arg;
	struct device_target t = target_of(box);
	struct device *d = NULL;
	struct buf out = BUF_INIT;
	int rc;

	if ((rc = ops->open(&d, &t, NULL)) == 0)
		rc = ops->running(d, &out, NULL);
	if (rc == 0 && strstr(buf_str(&out), t.name) == NULL)
		rc = ERR_IDENTITY;
	ops->close(d);
	buf_release(&out);
	*(int *)arg = rc;
	return NULL;
}

static void
sessions__32_devices_in_32_threads(void **state)
{
	enum { MANY = 32 };
	pthread_t threads[MANY];
	int boxes_or_rc[MANY];

	(void)state;
	/* Those that no other test has put a fault into come last. */
	for (int i = 0; i < MANY; i++)
		boxes_or_rc[i] = DEVICES - 1 - i % (DEVICES - next_box);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_one,
		    &boxes_or_rc[i]), 0);
	for (int i = 0; i < MANY; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(boxes_or_rc[i], 0);
	}
}

static void
everything__is_skipped_without_the_lab(void **state)
{
	(void)state;
	print_message("skipped: fairlead-lab is not built (FAIRLEAD_LAB names it)\n");
	skip();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open__logs_in_and_tells_who_answers),
		cmocka_unit_test(open__refusals_have_their_class),
		cmocka_unit_test(running__has_no_header_and_no_end),
		cmocka_unit_test(running__is_whole_whatever_the_device_does),
		cmocka_unit_test(running__endless_or_cut_is_an_error),
		cmocka_unit_test(run__shows_and_nothing_else),
		cmocka_unit_test(startup__differs_after_a_change_by_hand),
		cmocka_unit_test(change__armed_confirmed_saved),
		cmocka_unit_test(change__candidate_with_look_alikes_goes_in_whole),
		cmocka_unit_test(change__of_the_hostname_is_survived),
		cmocka_unit_test(change__of_5000_lines_costs_a_handful_of_round_trips),
		cmocka_unit_test(stage__rejected_line_names_it_and_nothing_stays),
		cmocka_unit_test(stage__control_bytes_are_not_sent),
		cmocka_unit_test(stage__our_leftovers_go_and_other_sessions_stay),
		cmocka_unit_test(stage__too_many_sessions_of_others_is_busy),
		cmocka_unit_test(arm__refused_commit_is_rejected),
		cmocka_unit_test(arm__foreign_timer_is_busy_and_left_alone),
		cmocka_unit_test(arm__timer_expires_and_the_old_one_runs),
		cmocka_unit_test(revert__is_done_at_once_and_proven),
		cmocka_unit_test(save__that_fails_is_said),
		cmocka_unit_test(faults__at_each_step_leave_old_or_new),
		cmocka_unit_test(sessions__32_devices_in_32_threads),
	};
	const struct CMUnitTest none[] = {
		cmocka_unit_test(everything__is_skipped_without_the_lab),
	};

	signal(SIGPIPE, SIG_IGN);
	if ((lab_program = find_lab()) == NULL)
		return cmocka_run_group_tests(none, NULL, NULL);
	sys_set_scale(sys_real(), SCALE);
	return cmocka_run_group_tests(tests, begin, end);
}
