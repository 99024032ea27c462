/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static char dir[64];	/* of this program alone; removed at the end */

static const char *
in_dir(const char *name)
{
	static char path[2][256];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static int
make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/base_sys-XXXXXX");
	return mkdtemp(dir) != NULL ? 0 : -1;
}

static int
remove_dir(void **state)
{
	(void)state;
	return file_rmtree(dir, NULL);
}

static int
entries(const char *path)
{
	DIR *d = opendir(path);
	int n = -2;	/* "." and ".." */

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/*
 * A disk whose n-th call of a kind fails. It passes everything on to the real
 * one, writing at most a few bytes a call.
 */
enum call { CALL_OPEN, CALL_WRITE, CALL_FSYNC, CALL_RENAME, CALLS };
static struct {
	enum call kind;
	int countdown;
	int left[CALLS];	/* how often each was called */
} disk;

static bool
fails(enum call kind)
{
	disk.left[kind]++;
	if (kind != disk.kind || --disk.countdown != 0)
		return false;
	errno = ENOSPC;
	return true;
}

static int
bad_open(struct sys *sys, const char *path, int flags, mode_t mode)
{
	return fails(CALL_OPEN) ? -1 : sys_real()->open(sys, path, flags, mode);
}

static ssize_t
bad_write(struct sys *sys, int fd, const void *p, size_t n)
{
	return fails(CALL_WRITE) ? -1 : sys_real()->write(sys, fd, p, n < 3 ? n : 3);
}

static int
bad_fsync(struct sys *sys, int fd)
{
	return fails(CALL_FSYNC) ? -1 : sys_real()->fsync(sys, fd);
}

static int
bad_rename(struct sys *sys, const char *from, const char *to)
{
	return fails(CALL_RENAME) ? -1 : sys_real()->rename(sys, from, to);
}

static struct sys
bad_disk(enum call kind, int nth)
{
	struct sys sys = *sys_real();

	memset(&disk, 0, sizeof(disk));
	disk.kind = kind;
	disk.countdown = nth;
	sys.open = bad_open;
	sys.write = bad_write;
	sys.fsync = bad_fsync;
	sys.rename = bad_rename;
	return sys;
}

static void
write_atomic__makes_and_replaces_a_file(void **state)
{
	const char *path = in_dir("made");
	struct err err = ERR_INIT;
	struct stat st;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(file_write_atomic(sys_real(), path, "one", 3, 0600, &err), 0);
	assert_int_equal(file_write_atomic(sys_real(), path, "a\0b", 3, 0600, &err), 0);
	assert_int_equal(file_read(path, 3, &text, &len, &err), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(text, "a\0b", 4);
	free(text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(entries(dir), 0);
}

/* Every call of every kind fails once: the file is the old or the new one. */
static void
write_atomic__any_failure_leaves_old_or_new_and_no_litter(void **state)
{
	const char *path = in_dir("state");
	int failures = 0;

	(void)state;
	for (enum call kind = 0; kind < CALLS; kind++) {
		for (int nth = 1;; nth++) {
			struct sys sys = bad_disk(kind, nth);
			struct err err = ERR_INIT;
			char *text;
			size_t len;
			bool fresh;
			int rc;

			assert_int_equal(file_write_atomic(sys_real(), path, "old text", 8, 0600,
			    NULL), 0);
			rc = file_write_atomic(&sys, path, "fresh text", 10, 0600, &err);
			assert_int_equal(rc, err.code);
			assert_int_equal(file_read(path, 100, &text, &len, NULL), 0);
			fresh = strcmp(text, "fresh text") == 0;
			assert_true(fresh || strcmp(text, "old text") == 0);
			free(text);
			assert_int_equal(entries(dir), 1);
			if (rc == 0) {
				assert_true(fresh);
				break;
			}
			assert_int_equal(rc, ERR_FULL);
			failures++;
		}
	}
	/* open, 4 writes, 2 fsyncs, rename, and open of the directory */
	assert_int_equal(failures, 2 + 4 + 2 + 1);
	assert_int_equal(unlink(path), 0);
}

static void
write_atomic__does_not_follow_a_path_that_is_not_there(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_write_atomic(sys_real(), in_dir("no/such"), "x", 1, 0600, &err),
	    ERR_IO);
	assert_non_null(strstr(err.text, "No such file"));
}

static void
read__bounds_and_tells_what_is_absent(void **state)
{
	const char *path = in_dir("read");
	struct err err = ERR_INIT;
	char *text, big[100000];
	size_t len;

	(void)state;
	assert_int_equal(file_read(path, 10, &text, &len, &err), ERR_NOTFOUND);
	assert_int_equal(file_write_atomic(sys_real(), path, "", 0, 0600, &err), 0);
	assert_int_equal(file_read(path, 0, &text, &len, &err), 0);
	assert_int_equal(len, 0);
	assert_string_equal(text, "");
	free(text);
	memset(big, 'b', sizeof(big));
	assert_int_equal(file_write_atomic(sys_real(), path, big, sizeof(big), 0600, &err), 0);
	assert_int_equal(file_read(path, sizeof(big) - 1, &text, &len, &err), ERR_LIMIT);
	assert_int_equal(file_read(path, sizeof(big), &text, &len, &err), 0);
	assert_int_equal(len, sizeof(big));
	assert_memory_equal(text, big, sizeof(big));
	free(text);
	assert_int_equal(file_read(dir, 10, &text, &len, &err), ERR_IO);
	assert_int_equal(file_read(in_dir("read/below"), 10, &text, &len, &err), ERR_NOTFOUND);
	/* A file without a size of its own, and one without an end. */
	assert_int_equal(file_read("/proc/self/status", 1 << 20, &text, &len, &err), 0);
	assert_true(len > 0);
	free(text);
	assert_int_equal(file_read("/dev/zero", 1000, &text, &len, &err), ERR_LIMIT);
	assert_int_equal(unlink(path), 0);
}

static void
tree__is_made_and_removed_without_following_links(void **state)
{
	struct err err = ERR_INIT;
	char *text;
	size_t len;

	(void)state;
	assert_int_equal(file_mkdirs(in_dir("t/a/b//c/"), 0700, &err), 0);
	assert_int_equal(file_mkdirs(in_dir("t/a/b"), 0700, &err), 0);
	assert_int_equal(file_write_atomic(sys_real(), in_dir("t/a/f"), "x", 1, 0600, &err), 0);
	assert_int_equal(file_write_atomic(sys_real(), in_dir("kept"), "x", 1, 0600, &err), 0);
	assert_int_equal(file_mkdirs(in_dir("t/a/f"), 0700, &err), ERR_IO);
	assert_int_equal(file_mkdirs(in_dir("t/a/f/g"), 0700, &err), ERR_IO);
	assert_int_equal(symlink(in_dir("."), in_dir("t/a/up")), 0);
	assert_int_equal(symlink(in_dir("t"), in_dir("link")), 0);
	assert_int_equal(file_rmtree(in_dir("link"), &err), 0);
	assert_int_equal(access(in_dir("t/a/b/c"), F_OK), 0);
	assert_int_equal(file_rmtree(in_dir("t"), &err), 0);
	assert_int_equal(file_rmtree(in_dir("t"), &err), 0);
	assert_int_equal(access(in_dir("t"), F_OK), -1);
	assert_int_equal(file_read(in_dir("kept"), 1, &text, &len, &err), 0);
	free(text);
	assert_int_equal(unlink(in_dir("kept")), 0);
}

static void
tree__too_deep_is_refused(void **state)
{
	struct buf deep = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	buf_adds(&deep, in_dir("deep"));
	for (int i = 0; i < 80; i++)
		buf_adds(&deep, "/d");
	assert_int_equal(file_mkdirs(deep.data, 0700, &err), 0);
	assert_int_equal(file_rmtree(in_dir("deep"), &err), ERR_IO);
	buf_cut(&deep, strlen(in_dir("deep")) + 60);
	assert_int_equal(file_rmtree(deep.data, &err), 0);
	assert_int_equal(file_rmtree(in_dir("deep"), &err), 0);
	buf_release(&deep);
}

static void
lock__is_held_until_closed(void **state)
{
	const char *path = in_dir("lock");
	struct err err = ERR_INIT;
	int fd, other;

	(void)state;
	assert_int_equal(file_lock(path, &fd, &err), 0);
	assert_int_equal(file_lock(path, &other, &err), ERR_LOCKED);
	close(fd);
	assert_int_equal(file_lock(path, &other, &err), 0);
	assert_int_equal(fcntl(other, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(other);
	assert_int_equal(unlink(path), 0);
}

static void
wall__is_written_and_parsed(void **state)
{
	static const struct {
		int64_t us;
		const char *s;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ 1795256112227000, "2026-11-21T10:15:12.227Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ 951782400000000, "2000-02-29T00:00:00.000Z" },
		{ 253402300799999000, "9999-12-31T23:59:59.999Z" },
	};
	char out[32];
	struct wall t;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(wall_str((struct wall){ rows[i].us }, out), rows[i].s);
		assert_true(wall_parse(out, &t));
		assert_string_equal(wall_str(t, out), rows[i].s);
		assert_true(rows[i].us - t.us >= 0 && rows[i].us - t.us < 1000);
	}
	assert_int_equal(strlen(wall_str((struct wall){ INT64_MAX }, out)), 24);
	assert_int_equal(strlen(wall_str((struct wall){ INT64_MIN }, out)), 24);
}

static void
wall__parses_only_its_own_form(void **state)
{
	static const struct {
		const char *s;
		int64_t us;	/* -1: refused */
	} rows[] = {
		{ "1970-01-01T00:00:01Z", 1000000 },
		{ "1970-01-01T00:00:01.5Z", 1500000 },
		{ "1970-01-01T00:00:01.123456789Z", 1123456 },
		{ "1970-01-01T00:00:01", -1 }, { "1970-01-01T00:00:01.Z", -1 },
		{ "1970-01-01 00:00:01Z", -1 }, { "1970-1-01T00:00:01Z", -1 },
		{ "1970-13-01T00:00:01Z", -1 }, { "1970-00-01T00:00:01Z", -1 },
		{ "1970-02-30T00:00:01Z", -1 }, { "1970-01-00T00:00:01Z", -1 },
		{ "1970-01-01T24:00:00Z", -1 }, { "1970-01-01T00:60:00Z", -1 },
		{ "1970-01-01T00:00:60Z", -1 }, { "1970-01-01T00:00:01Zx", -1 },
		{ "1970-01-01T00:00:01+00:00", -1 }, { "", -1 }, { "-1970", -1 }, { NULL, -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct wall t = { -1 };

		assert_int_equal(wall_parse(rows[i].s, &t), rows[i].us >= 0);
		assert_int_equal(t.us, rows[i].us);
	}
}

static void
mono__saturates_and_rounds_up(void **state)
{
	static struct mono now;
	struct sys *sys = sys_real();

	(void)state;
	now = sys_mono(sys);
	assert_true(mono_add_ms(now, INT64_MAX).ns == INT64_MAX);
	assert_true(mono_add_ms(now, INT64_MIN).ns == INT64_MIN);
	assert_int_equal(mono_diff_ms(mono_add_ms(now, 1500), now), 1500);
	assert_int_equal(mono_diff_ms(now, mono_add_ms(now, 1500)), -1500);
	assert_true(mono_diff_ms((struct mono){ INT64_MAX }, (struct mono){ INT64_MIN }) > 0);
	assert_int_equal(mono_left_ms(sys, now), 0);
	assert_int_equal(mono_left_ms(sys, (struct mono){ INT64_MIN }), 0);
	assert_true(mono_left_ms(sys, (struct mono){ INT64_MAX }) > 0);
	/* Half a millisecond is left: waiting 0 would spin. */
	assert_int_equal(mono_left_ms(sys, (struct mono){ sys_mono(sys).ns + 40000000 - 1 }), 40);
}

static void
real_ms__divides_by_the_scale_and_is_never_nothing(void **state)
{
	static const struct {
		int scale;
		int64_t ms;
		int real;
	} rows[] = {
		{ 1, 1000, 1000 }, { 60, 60000, 1000 }, { 60, 61, 2 }, { 60, 1, 1 }, { 1, 0, 1 },
		{ 1, -5, 1 }, { 0, 7, 7 }, { 1, INT64_MAX, INT_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sys sys = { .scale = rows[i].scale };

		assert_int_equal(sys_real_ms(&sys, rows[i].ms), rows[i].real);
	}
}

static void
random__differs(void **state)
{
	uint8_t one[32] = { 0 }, two[32] = { 0 };

	(void)state;
	sys_real()->random(sys_real(), one, sizeof(one));
	sys_real()->random(sys_real(), two, sizeof(two));
	assert_memory_not_equal(one, two, sizeof(one));
}

/* The last of the tests: it changes the one real clock. Real time is only
 * bounded from below, so a busy machine cannot fail it. */
static void
scale__makes_both_clocks_run_faster(void **state)
{
	struct sys *sys = sys_real();
	struct wall wall_before = sys_wall(sys), wall;
	struct mono start;
	struct timespec a, b;
	int64_t ms, real_ms;

	(void)state;
	sys_set_scale(sys, 100);
	assert_true(sys_wall(sys).us - wall_before.us < 60 * 1000000LL);
	clock_gettime(CLOCK_MONOTONIC, &a);
	start = sys_mono(sys);
	wall = sys_wall(sys);
	sys_sleep_ms(sys, 5000);
	ms = mono_diff_ms(sys_mono(sys), start);
	clock_gettime(CLOCK_MONOTONIC, &b);
	real_ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
	assert_true(ms >= 5000);
	assert_true(real_ms >= 50);
	/* The scaled clock was read inside the real interval. */
	assert_true(ms <= (real_ms + 2) * 100);
	assert_true((sys_wall(sys).us - wall.us) / 1000 >= 4900);
	sys_sleep_ms(sys, -1);
	sys->sleep_until(sys, (struct mono){ INT64_MIN });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_atomic__makes_and_replaces_a_file),
		cmocka_unit_test(write_atomic__any_failure_leaves_old_or_new_and_no_litter),
		cmocka_unit_test(write_atomic__does_not_follow_a_path_that_is_not_there),
		cmocka_unit_test(read__bounds_and_tells_what_is_absent),
		cmocka_unit_test(tree__is_made_and_removed_without_following_links),
		cmocka_unit_test(tree__too_deep_is_refused),
		cmocka_unit_test(lock__is_held_until_closed),
		cmocka_unit_test(wall__is_written_and_parsed),
		cmocka_unit_test(wall__parses_only_its_own_form),
		cmocka_unit_test(mono__saturates_and_rounds_up),
		cmocka_unit_test(real_ms__divides_by_the_scale_and_is_never_nothing),
		cmocka_unit_test(random__differs),
		cmocka_unit_test(scale__makes_both_clocks_run_faster),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
