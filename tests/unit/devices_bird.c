/* SPDX-License-Identifier: Apache-2.0 */
/*
 * platforms/bird.yaml against the real thing: BIRD with static routes only,
 * behind OpenSSH's sshd, all on loopback and in a temporary directory. Every
 * operation of a device, and what became of a change in each way it can end.
 */
#include "devices_world.h"

#include "devices/change.h"

static struct pins pins;
static struct credential credential;
static struct device_target target;
static const struct device_ops *ops;
static pid_t bird;
static char conf[128], socket_path[128];
static const char *const var_keys[] = { "config", "socket" };
static const char *var_values[2];

#define CONF(name, prefix) \
	"hostname \"" name "\";\nrouter id 192.0.2.1;\nprotocol device {}\n" \
	"protocol static s4 { ipv4; route " prefix " blackhole; }\n"
#define OLD CONF("r1", "203.0.113.0/24")
#define NEW CONF("r1", "198.51.100.0/24")
#define OTHER CONF("r1", "192.0.2.0/24")
#define BAD "protocol nonsense x;\n"
#define SECRET "hunter2hunter2"

static void
bird_start(void)
{
	const char *argv[] = { "/usr/sbin/bird", "-f", "-c", conf, "-s", socket_path, "-P",
		in_world("bird.pid"), NULL };
	struct stat st;

	bird = world_start(argv, in_world("bird.log"));
	for (int i = 0; i < 200 && stat(socket_path, &st) != 0; i++)
		usleep(25000);
	assert_int_equal(stat(socket_path, &st), 0);
	usleep(50000);
}

static void
bird_stop(void)
{
	world_stop(&bird);
	unlink(socket_path);
}

/* What people do by hand beside us. */
static void
birdc(const char *word, const char *file, const char *more)
{
	const char *argv[] = { "/usr/sbin/birdc", "-s", socket_path, word, file, more, NULL };

	assert_int_equal(world_run(argv), 0);
}

static int
begin(void **state)
{
	(void)state;
	world_begin();
	ops = device_ssh_ops();
	snprintf(conf, sizeof(conf), "%s/bird.conf", world_dir);
	snprintf(socket_path, sizeof(socket_path), "%s/bird.ctl", world_dir);
	var_values[0] = conf;
	var_values[1] = socket_path;
	target = world_target("r1", "bird", &pins, &credential);
	target.var_keys = var_keys;
	target.var_values = var_values;
	target.n_vars = 2;
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

/* Each test has a BIRD of its own that runs OLD. */
static int
setup(void **state)
{
	(void)state;
	world_file(conf, OLD);
	bird_start();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	bird_stop();
	return 0;
}

static struct device *
open_device(void)
{
	struct device *d = NULL;
	struct err err = ERR_INIT;

	assert_ok(ops->open(&d, &target, &err), &err);
	return d;
}

static void
assert_route(struct device *d, const char *prefix)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	assert_ok(ops->run(d, "show route", &out, &err), &err);
	if (strstr(buf_str(&out), prefix) == NULL)
		print_message("%s\n", buf_str(&out));
	assert_non_null(strstr(buf_str(&out), prefix));
	buf_release(&out);
}

static void
assert_file(const char *path, const char *want)
{
	char *text;
	size_t len;

	assert_int_equal(file_read(path, 100000, &text, &len, NULL), 0);
	assert_string_equal(text, want);
	free(text);
}

static void
assert_outcome(struct device *d, struct device_change *c, enum device_outcome want)
{
	enum device_outcome got;
	struct err err = ERR_INIT;

	assert_ok(ops->outcome(d, c, &got, &err), &err);
	assert_int_equal(got, want);
}

static void
assert_pending(struct device *d, const struct device_change *c, enum device_pending want)
{
	struct device_pending_info info;
	struct err err = ERR_INIT;

	assert_ok(ops->pending(d, c, &info, &err), &err);
	assert_int_equal(info.state, want);
	if (want == PENDING_NONE) {
		assert_int_equal(info.left_ms, -1);
	} else {
		assert_true(info.left_ms > 0 && info.left_ms <= 60000);
		assert_non_null(strstr(info.what, "unconfirmed"));
	}
}

static struct device_change *
stage(struct device *d, const char *id, const char *text)
{
	struct device_change *c = device_change_new(id);
	struct err err = ERR_INIT;

	assert_ok(ops->stage(d, c, span_str(text), &err), &err);
	return c;
}

static void
arm(struct device *d, struct device_change *c, int64_t timer_ms)
{
	struct err err = ERR_INIT;

	assert_ok(ops->check(d, c, &err), &err);
	assert_ok(ops->arm(d, c, timer_ms, &err), &err);
}

/* As another process has it: through the journal. */
static struct device_change *
journaled(const struct device_change *c)
{
	struct device_change *back = NULL;
	struct buf json = BUF_INIT;

	device_change_json(c, &json);
	assert_int_equal(device_change_parse(&back, buf_span(&json), NULL), 0);
	buf_release(&json);
	return back;
}

/* --- reading --- */

static void
open__tells_who_answers(void **state)
{
	struct device *d = open_device();
	const struct device_identity *id = ops->identity(d);
	struct err err = ERR_INIT;

	(void)state;
	assert_string_equal(id->hostname, "r1");
	assert_true(id->version[0] >= '1' && id->version[0] <= '9');
	assert_string_equal(id->serial, "");
	assert_string_equal(id->address, "127.0.0.1");
	assert_ok(ops->keepalive(d, &err), &err);
	ops->close(d);
	ops->close(NULL);
}

static void
open__refuses_another_device(void **state)
{
	const char *const keys[] = { "config", "socket", "hostname" };
	const char *values[] = { conf, socket_path, "r1" };
	struct device_target t = target;
	struct device *d = NULL;
	struct err err = ERR_INIT;

	(void)state;
	t.name = "r2";
	assert_int_equal(ops->open(&d, &t, &err), ERR_IDENTITY);
	assert_null(d);
	assert_non_null(strstr(err.text, "\"r1\""));
	assert_non_null(strstr(err.text, "\"r2\""));
	/* Unless the inventory says what it calls itself. */
	t.var_keys = keys;
	t.var_values = values;
	t.n_vars = 3;
	assert_ok(ops->open(&d, &t, &err), &err);
	ops->close(d);
	values[2] = "*";
	assert_ok(ops->open(&d, &t, &err), &err);
	ops->close(d);
	values[1] = "relative";
	assert_int_equal(ops->open(&d, &t, &err), ERR_USAGE);
}

static void
read__running_is_the_file(void **state)
{
	struct device *d = open_device();
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ops->running(d, &out, &err), &err);
	assert_string_equal(buf_str(&out), OLD);
	buf_clear(&out);
	/* Bytes are kept as they are, also errors look-alikes. */
	world_file(conf, OLD "# Access denied\n# /a:1:2 x\r\n# no end");
	assert_ok(ops->running(d, &out, &err), &err);
	assert_string_equal(buf_str(&out), OLD "# Access denied\n# /a:1:2 x\r\n# no end");
	buf_clear(&out);
	unlink(conf);
	assert_int_equal(ops->running(d, &out, &err), ERR_OUTPUT);
	assert_non_null(strstr(err.text, "No such file"));
	buf_release(&out);
	ops->close(d);
}

static void
read__startup_differs_when_the_file_is_newer(void **state)
{
	struct device *d = open_device();
	struct err err = ERR_INIT;
	bool same = false;

	(void)state;
	assert_ok(ops->startup_same(d, &same, &err), &err);
	assert_true(same);
	usleep(20000);
	world_file(conf, NEW);
	assert_ok(ops->startup_same(d, &same, &err), &err);
	assert_false(same);
	usleep(20000);
	birdc("configure", NULL, NULL);
	assert_ok(ops->startup_same(d, &same, &err), &err);
	assert_true(same);
	ops->close(d);
}

static void
run__shows_and_changes_nothing(void **state)
{
	static const struct {
		const char *command;
		int want;
	} rows[] = {
		{ "show protocols", 0 }, { "show route count", 0 },
		{ "configure", ERR_AUTH }, { "disable s4", ERR_AUTH }, { "down", ERR_AUTH },
		{ "-s /nonexistent show route", ERR_CONTENT }, { "nonsense", ERR_CONTENT },
		{ "show route; touch /tmp/pwned", ERR_CONTENT },
		{ "show $(touch pwned)", ERR_CONTENT }, { "show\nroute", ERR_CONTENT },
	};
	struct device *d = open_device();
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ops->run(d, "show route", &out, &err), &err);
	assert_true(span_starts(buf_span(&out), "Table master4:\n203.0.113.0/24"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc;

		buf_clear(&out);
		err_clear(&err);
		rc = ops->run(d, rows[i].command, &out, &err);
		if (rc != rows[i].want)
			print_message("%s: %s: %s\n%s\n", rows[i].command, err_word(rc), err.text,
			    buf_str(&out));
		assert_int_equal(rc, rows[i].want);
	}
	assert_route(d, "203.0.113.0/24");
	buf_release(&out);
	ops->close(d);
}

/* --- a change that goes well --- */

static void
change__armed_confirmed_saved(void **state)
{
	struct device *d = open_device(), *fresh;
	struct device_change *c = stage(d, "c1", NEW);
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct stat before, after;
	bool same = false;

	(void)state;
	assert_int_equal(chmod(conf, 0640), 0);
	assert_int_equal(stat(conf, &before), 0);
	assert_outcome(d, c, OUTCOME_REVERTED);		/* not armed: the old one runs */
	assert_ok(ops->diff(d, c, &out, &err), &err);
	assert_int_equal(out.len, 0);
	arm(d, c, 30000);
	assert_route(d, "198.51.100.0/24");
	assert_file(conf, OLD);
	assert_outcome(d, c, OUTCOME_PENDING);
	assert_pending(d, c, PENDING_OURS);
	assert_pending(d, NULL, PENDING_FOREIGN);
	ops->close(d);

	fresh = open_device();
	assert_ok(ops->readback(fresh, c, &out, &err), &err);
	assert_string_equal(buf_str(&out), NEW);
	assert_ok(ops->confirm(fresh, c, &err), &err);
	assert_outcome(fresh, c, OUTCOME_CONFIRMED);
	assert_pending(fresh, c, PENDING_NONE);
	assert_file(conf, OLD);
	/* A second time there is nothing to confirm. */
	assert_int_equal(ops->confirm(fresh, c, &err), ERR_UNPROVEN);
	assert_ok(ops->save(fresh, c, &err), &err);
	assert_file(conf, NEW);
	assert_int_equal(stat(conf, &after), 0);
	assert_int_equal(after.st_uid, before.st_uid);
	assert_ok(ops->startup_same(fresh, &same, &err), &err);
	assert_true(same);
	/* A lost answer to save: once more is no harm. */
	assert_ok(ops->save(fresh, c, &err), &err);
	assert_ok(ops->discard(fresh, c, &err), &err);
	assert_file(conf, NEW);
	assert_route(fresh, "198.51.100.0/24");
	device_change_free(c);
	buf_release(&out);
	ops->close(fresh);
}

static void
stage__keeps_mode_and_follows_links(void **state)
{
	const char *real = in_world("real.conf");
	struct device *d;
	struct device_change *c;
	struct stat st;

	(void)state;
	world_file(real, OLD);
	assert_int_equal(chmod(real, 0640), 0);
	unlink(conf);
	assert_int_equal(symlink(real, conf), 0);
	d = open_device();
	c = stage(d, "c2", NEW);
	assert_string_equal(change_get(c, "target"), real);
	assert_string_equal(change_get(c, "staged"),
	    arena_printf(&world, "%s.fairlead-lab-c2", real));
	assert_int_equal(stat(change_get(c, "staged"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_file(change_get(c, "staged"), NEW);
	assert_ok(ops->discard(d, c, NULL), &(struct err)ERR_INIT);
	assert_int_equal(stat(change_get(c, "staged"), &st), -1);
	assert_ok(ops->discard(d, c, NULL), &(struct err)ERR_INIT);
	device_change_free(c);
	ops->close(d);
	unlink(conf);
	unlink(real);
}

static void
stage__removes_our_own_leftovers_only(void **state)
{
	const char *ours = arena_printf(&world, "%s.fairlead-lab-old1", conf);
	const char *other = arena_printf(&world, "%s.fairlead-lab-b-old1", conf);
	const char *person = arena_printf(&world, "%s.fairlead-lab-MINE", conf);
	struct device *d = open_device();
	struct device_change *c;
	struct err err = ERR_INIT;

	(void)state;
	world_file(ours, OTHER);
	world_file(other, OTHER);
	world_file(person, OTHER);
	c = stage(d, "c3", NEW);
	assert_int_equal(access(ours, F_OK), -1);
	assert_int_equal(access(other, F_OK), 0);
	assert_int_equal(access(person, F_OK), 0);
	assert_ok(ops->discard(d, c, &err), &err);
	unlink(other);
	unlink(person);
	device_change_free(c);
	ops->close(d);
}

/* --- changes that do not --- */

static void
check__bad_candidate_is_rejected_and_nothing_touched(void **state)
{
	struct device *d = open_device();
	struct device_change *c = stage(d, "c4", OLD BAD);
	struct device_change *interrupted = device_change_new("c4");
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ops->check(d, c, &err), ERR_REJECTED);
	assert_non_null(strstr(err.text, "syntax error"));
	err_clear(&err);
	/* Also when somebody arms without asking. */
	assert_int_equal(ops->arm(d, c, 30000, &err), ERR_REJECTED);
	assert_pending(d, c, PENDING_NONE);
	assert_outcome(d, c, OUTCOME_REVERTED);
	assert_route(d, "203.0.113.0/24");
	/* Its id is all that is known of it after a crash in stage(). */
	assert_ok(ops->discard(d, interrupted, &err), &err);
	assert_int_equal(access(arena_printf(&world, "%s.fairlead-lab-c4", conf), F_OK), -1);
	device_change_free(c);
	device_change_free(interrupted);
	ops->close(d);
}

static void
arm__timer_expires_and_the_old_one_runs(void **state)
{
	struct device *d = open_device();
	struct device_change *c = stage(d, "c5", NEW), *back;
	struct err err = ERR_INIT;

	(void)state;
	arm(d, c, 2000);
	assert_route(d, "198.51.100.0/24");
	sleep(3);
	assert_route(d, "203.0.113.0/24");
	back = journaled(c);
	assert_outcome(d, back, OUTCOME_REVERTED);
	assert_pending(d, back, PENDING_NONE);
	assert_int_equal(ops->confirm(d, back, &err), ERR_UNPROVEN);
	assert_int_equal(ops->save(d, back, &err), ERR_UNPROVEN);
	assert_int_equal(ops->readback(d, back, NULL, &err), ERR_UNPROVEN);
	/* Reverting what has reverted is fine. */
	assert_ok(ops->revert(d, back, &err), &err);
	assert_ok(ops->discard(d, back, &err), &err);
	assert_file(conf, OLD);
	device_change_free(c);
	device_change_free(back);
	ops->close(d);
}

static void
revert__is_done_at_once_and_proven(void **state)
{
	struct device *d = open_device();
	struct device_change *c = stage(d, "c6", NEW);
	struct err err = ERR_INIT;

	(void)state;
	arm(d, c, 60000);
	assert_ok(ops->revert(d, c, &err), &err);
	assert_route(d, "203.0.113.0/24");
	assert_outcome(d, c, OUTCOME_REVERTED);
	assert_pending(d, c, PENDING_NONE);
	assert_ok(ops->revert(d, c, &err), &err);
	device_change_free(c);
	ops->close(d);
}

static void
revert__of_a_confirmed_change_is_refused(void **state)
{
	struct device *d = open_device();
	struct device_change *c = stage(d, "c7", NEW);
	struct err err = ERR_INIT;

	(void)state;
	arm(d, c, 60000);
	assert_ok(ops->confirm(d, c, &err), &err);
	assert_int_equal(ops->revert(d, c, &err), ERR_UNSUPPORTED);
	assert_route(d, "198.51.100.0/24");
	device_change_free(c);
	ops->close(d);
}

static void
arm__foreign_pending_change_is_left_alone(void **state)
{
	const char *file = in_world("foreign.conf");
	struct device *d = open_device();
	struct device_change *c = stage(d, "c8", NEW);
	struct err err = ERR_INIT;

	(void)state;
	world_file(file, OTHER);
	birdc("configure", arena_printf(&world, "\"%s\"", file), "timeout 60");
	assert_pending(d, c, PENDING_FOREIGN);
	assert_pending(d, NULL, PENDING_FOREIGN);
	assert_int_equal(ops->arm(d, c, 30000, &err), ERR_BUSY);
	assert_non_null(strstr(err.text, "unconfirmed"));
	assert_int_equal(ops->confirm(d, c, &err), ERR_UNPROVEN);
	assert_ok(ops->discard(d, c, &err), &err);
	assert_route(d, "192.0.2.0/24");
	assert_pending(d, NULL, PENDING_FOREIGN);
	birdc("configure", "undo", NULL);
	device_change_free(c);
	ops->close(d);
}

static void
arm__somebody_elses_load_in_between_is_noticed(void **state)
{
	struct device *d = open_device();
	struct device_change *c = stage(d, "c9", NEW);
	struct err err = ERR_INIT;

	(void)state;
	usleep(20000);
	birdc("configure", NULL, NULL);
	assert_int_equal(ops->arm(d, c, 30000, &err), ERR_BUSY);
	assert_non_null(strstr(err.text, "somebody else"));
	assert_route(d, "203.0.113.0/24");
	device_change_free(c);
	ops->close(d);
}

static void
arm__altered_staged_file_is_noticed(void **state)
{
	struct device *d = open_device();
	struct device_change *c = stage(d, "c10", NEW);
	struct err err = ERR_INIT;

	(void)state;
	world_file(change_get(c, "staged"), OTHER);
	assert_int_equal(ops->arm(d, c, 30000, &err), ERR_UNPROVEN);
	assert_route(d, "203.0.113.0/24");
	device_change_free(c);
	ops->close(d);
}

static void
arm__timer_has_limits(void **state)
{
	struct device *d = open_device();
	struct device_change *c = stage(d, "c11", NEW);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ops->arm(d, c, 100, &err), ERR_UNSUPPORTED);
	assert_int_equal(ops->arm(d, c, INT64_C(90) * 86400000, &err), ERR_UNSUPPORTED);
	assert_pending(d, c, PENDING_NONE);
	device_change_free(c);
	ops->close(d);
}

/* --- what became of it --- */

static void
outcome__foreign_load_after_confirm_is_unknown(void **state)
{
	struct device *d = open_device();
	struct device_change *c = stage(d, "c12", NEW);
	struct err err = ERR_INIT;

	(void)state;
	arm(d, c, 60000);
	assert_ok(ops->confirm(d, c, &err), &err);
	usleep(20000);
	birdc("configure", NULL, NULL);
	assert_outcome(d, c, OUTCOME_UNKNOWN);
	assert_int_equal(ops->save(d, c, &err), ERR_UNPROVEN);
	device_change_free(c);
	ops->close(d);
}

static void
outcome__restart_while_armed_is_told(void **state)
{
	struct device *d = open_device();
	struct device_change *c;
	struct err err = ERR_INIT;

	(void)state;
	/* So that a restart is later by more than what counts as equal. */
	sleep(3);
	c = stage(d, "c13", NEW);
	arm(d, c, 60000);
	bird_stop();
	bird_start();
	assert_outcome(d, c, OUTCOME_RESTARTED);
	assert_route(d, "203.0.113.0/24");
	assert_ok(ops->revert(d, c, &err), &err);
	device_change_free(c);
	ops->close(d);
}

/* The answer to arm was lost: the journal has the change as it was before. */
static void
outcome__lost_answer_is_pending_and_the_timer_is_waited_for(void **state)
{
	struct device *d = open_device();
	struct device_change *c = stage(d, "c14", NEW), *before = journaled(c);
	struct err err = ERR_INIT;

	(void)state;
	arm(d, c, 3000);
	assert_outcome(d, before, OUTCOME_PENDING);
	assert_pending(d, before, PENDING_FOREIGN);
	/* Not proven to be ours: neither confirmed nor undone, but waited for. */
	assert_int_equal(ops->confirm(d, before, &err), ERR_UNPROVEN);
	change_set_timer(before, 3000);
	assert_ok(ops->revert(d, before, &err), &err);
	assert_route(d, "203.0.113.0/24");
	assert_outcome(d, before, OUTCOME_REVERTED);
	device_change_free(c);
	device_change_free(before);
	ops->close(d);
}

static void
outcome__of_a_change_that_never_began(void **state)
{
	struct device *d = open_device();
	struct device_change *c = device_change_new("c15");
	enum device_outcome got;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(ops->outcome(d, c, &got, &err), ERR_NOTFOUND);
	assert_int_equal(ops->arm(d, c, 30000, &err), ERR_NOTFOUND);
	assert_ok(ops->discard(d, c, &err), &err);
	assert_int_equal(ops->stage(d, c, span_str(" \n"), &err), ERR_CONTENT);
	device_change_free(c);
	ops->close(d);
}

static void
daemon__that_is_gone_is_unreachable(void **state)
{
	struct device *d = open_device();
	struct device_pending_info info;
	struct err err = ERR_INIT;

	(void)state;
	bird_stop();
	assert_int_equal(ops->pending(d, NULL, &info, &err), ERR_UNREACHABLE);
	assert_non_null(strstr(err.next, "start BIRD"));
	ops->close(d);
	bird_start();
}

static void
secrets__are_in_no_error(void **state)
{
	struct device *d = open_device();
	struct device_change *c = device_change_new("c16");
	struct buf json = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ops->stage(d, c, span_str(OLD "protocol bgp b { password \"" SECRET "\" oops\n"),
	    &err), &err);
	assert_int_equal(ops->check(d, c, &err), ERR_REJECTED);
	assert_null(strstr(err.text, SECRET));
	device_change_json(c, &json);
	assert_null(strstr(buf_str(&json), SECRET));
	assert_ok(ops->discard(d, c, &err), &err);
	device_change_free(c);
	buf_release(&json);
	ops->close(d);
}

static void
everything__is_skipped_without_the_daemons(void **state)
{
	(void)state;
	print_message("skipped: /usr/sbin/bird or /usr/sbin/sshd is missing\n");
	skip();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(open__tells_who_answers),
		TEST(open__refuses_another_device),
		TEST(read__running_is_the_file),
		TEST(read__startup_differs_when_the_file_is_newer),
		TEST(run__shows_and_changes_nothing),
		TEST(change__armed_confirmed_saved),
		TEST(stage__keeps_mode_and_follows_links),
		TEST(stage__removes_our_own_leftovers_only),
		TEST(check__bad_candidate_is_rejected_and_nothing_touched),
		TEST(arm__timer_expires_and_the_old_one_runs),
		TEST(revert__is_done_at_once_and_proven),
		TEST(revert__of_a_confirmed_change_is_refused),
		TEST(arm__foreign_pending_change_is_left_alone),
		TEST(arm__somebody_elses_load_in_between_is_noticed),
		TEST(arm__altered_staged_file_is_noticed),
		TEST(arm__timer_has_limits),
		TEST(outcome__foreign_load_after_confirm_is_unknown),
		TEST(outcome__restart_while_armed_is_told),
		TEST(outcome__lost_answer_is_pending_and_the_timer_is_waited_for),
		TEST(outcome__of_a_change_that_never_began),
		TEST(daemon__that_is_gone_is_unreachable),
		TEST(secrets__are_in_no_error),
	};

	const struct CMUnitTest none[] = {
		cmocka_unit_test(everything__is_skipped_without_the_daemons),
	};

	signal(SIGPIPE, SIG_IGN);
	if (access("/usr/sbin/bird", X_OK) != 0 || access("/usr/sbin/sshd", X_OK) != 0)
		return cmocka_run_group_tests(none, NULL, NULL);
	return cmocka_run_group_tests(tests, begin, end);
}
