/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real operating system behind struct sys, and the arithmetic of time.
 * Sums saturate: a silly timeout is a long one, never one in the past.
 */
#include "base/sys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/random.h>
#include <unistd.h>

#define NS_MS 1000000
#define NS_S 1000000000

/* With a scale, time has run that much faster since these moments. */
static struct timespec start_mono, start_wall;

static int64_t
elapsed_ns(clockid_t clock, const struct timespec *start)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)(now.tv_sec - start->tv_sec) * NS_S + (now.tv_nsec - start->tv_nsec);
}

static struct mono
real_mono(struct sys *sys)
{
	return (struct mono){ elapsed_ns(CLOCK_MONOTONIC, &start_mono) * sys->scale };
}

static struct wall
real_wall(struct sys *sys)
{
	int64_t start_us = (int64_t)start_wall.tv_sec * 1000000 + start_wall.tv_nsec / 1000;

	return (struct wall){
		start_us + elapsed_ns(CLOCK_REALTIME, &start_wall) / 1000 * sys->scale
	};
}

/* Only a thread that takes signals sees EINTR: main, told to stop. */
static void
real_sleep_until(struct sys *sys, struct mono t)
{
	struct timespec ts;
	int64_t ns;

	if (t.ns <= 0)
		return;
	ns = t.ns / sys->scale + 1;
	ts.tv_sec = start_mono.tv_sec + ns / NS_S;
	ts.tv_nsec = start_mono.tv_nsec + ns % NS_S;
	if (ts.tv_nsec >= NS_S) {
		ts.tv_nsec -= NS_S;
		ts.tv_sec++;
	}
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void
real_random(struct sys *sys, void *p, size_t n)
{
	static const char text[] = "fairlead: the system has no random bytes\n";

	(void)sys;
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
				_exit(1);
			_exit(1);
		}
		p = (char *)p + got;
		n -= (size_t)got;
	}
}

static int
real_open(struct sys *sys, const char *path, int flags, mode_t mode)
{
	(void)sys;
	return open(path, flags | O_CLOEXEC, mode);
}

static ssize_t
real_write(struct sys *sys, int fd, const void *p, size_t n)
{
	(void)sys;
	return write(fd, p, n);
}

static int
real_fsync(struct sys *sys, int fd)
{
	(void)sys;
	return fsync(fd);
}

static int
real_rename(struct sys *sys, const char *from, const char *to)
{
	(void)sys;
	return rename(from, to);
}

static struct sys the_real = {
	.mono = real_mono,
	.wall = real_wall,
	.sleep_until = real_sleep_until,
	.random = real_random,
	.open = real_open,
	.write = real_write,
	.fsync = real_fsync,
	.rename = real_rename,
	.scale = 1,
};

struct sys *
sys_real(void)
{
	return &the_real;
}

void
sys_set_scale(struct sys *sys, int scale)
{
	assert(scale >= 1);
	if (sys == &the_real) {
		clock_gettime(CLOCK_MONOTONIC, &start_mono);
		clock_gettime(CLOCK_REALTIME, &start_wall);
	}
	sys->scale = scale;
}

struct mono
sys_mono(struct sys *sys)
{
	return sys->mono(sys);
}

struct wall
sys_wall(struct sys *sys)
{
	return sys->wall(sys);
}

struct mono
mono_add_ms(struct mono t, int64_t ms)
{
	int64_t ns;

	if (__builtin_mul_overflow(ms, NS_MS, &ns) || __builtin_add_overflow(t.ns, ns, &t.ns))
		t.ns = ms < 0 ? INT64_MIN : INT64_MAX;
	return t;
}

int64_t
mono_diff_ms(struct mono later, struct mono earlier)
{
	int64_t ns;

	if (__builtin_sub_overflow(later.ns, earlier.ns, &ns))
		ns = later.ns < earlier.ns ? INT64_MIN : INT64_MAX;
	return ns / NS_MS;
}

/* Rounded up: who waits that long is past t, and does not spin. */
int64_t
mono_left_ms(struct sys *sys, struct mono t)
{
	int64_t ns;
	struct mono now = sys_mono(sys);

	if (now.ns >= t.ns)
		return 0;
	if (__builtin_sub_overflow(t.ns, now.ns, &ns))
		ns = INT64_MAX;
	return ns / NS_MS + (ns % NS_MS != 0);
}

void
sys_sleep_ms(struct sys *sys, int64_t ms)
{
	sys->sleep_until(sys, mono_add_ms(sys_mono(sys), ms));
}

int
sys_real_ms(const struct sys *sys, int64_t ms)
{
	int64_t scale = sys->scale > 0 ? sys->scale : 1;
	int64_t real = ms / scale + (ms % scale > 0);

	if (real < 1)
		return 1;
	return real < INT_MAX ? (int)real : INT_MAX;
}

/* Years are clamped to 0..9999, so that the form always has 24 letters. */
const char *
wall_str(struct wall t, char out[32])
{
	int64_t us = t.us % 1000000, s64 = t.us / 1000000;
	struct tm tm;
	time_t s;

	if (us < 0) {
		us += 1000000;
		s64--;
	}
	if (s64 < -62167219200 || s64 > 253402300799) {
		s64 = s64 < 0 ? -62167219200 : 253402300799;
		us = 0;
	}
	s = s64;
	gmtime_r(&s, &tm);
	snprintf(out, 32, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
	    (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100,
	    (unsigned)tm.tm_sec % 100, (unsigned)(us / 1000) % 1000);
	return out;
}

/* Exactly n digits, then the letter `end`; moves *s past both. */
static bool
take(const char **s, int n, char end, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*out = *out * 10 + (**s - '0');
	}
	if (end != '\0' && *(*s)++ != end)
		return false;
	return true;
}

/* Digits after the point, to microseconds; more digits are dropped. */
static bool
take_fraction(const char **s, int64_t *us)
{
	int64_t unit = 100000;

	if (**s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
		*us += unit * (**s - '0');
	return true;
}

bool
wall_parse(const char *s, struct wall *out)
{
	int year, mon, day, hour, min, sec;
	int64_t us = 0;
	struct tm tm = { 0 };
	time_t t;

	if (s == NULL || !take(&s, 4, '-', &year) || !take(&s, 2, '-', &mon) ||
	    !take(&s, 2, 'T', &day) || !take(&s, 2, ':', &hour) || !take(&s, 2, ':', &min) ||
	    !take(&s, 2, '\0', &sec))
		return false;
	if (*s == '.' && (s++, !take_fraction(&s, &us)))
		return false;
	if (strcmp(s, "Z") != 0 || hour > 23 || min > 59 || sec > 59)
		return false;
	tm = (struct tm){ .tm_year = year - 1900, .tm_mon = mon - 1, .tm_mday = day,
		.tm_hour = hour, .tm_min = min, .tm_sec = sec };
	t = timegm(&tm);
	/* timegm() turns 30 February into March: such a date is refused. */
	if (tm.tm_mday != day || tm.tm_mon != mon - 1)
		return false;
	out->us = (int64_t)t * 1000000 + us;
	return true;
}
