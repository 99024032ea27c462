/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/writer.h"

/* A line is cut after masking, so that no half of a secret slips through. */
#define RAW_MAX ((size_t)1 << 20)
#define LINE_MAX_ ((size_t)16 << 10)

static int log_fd = STDERR_FILENO;
static enum log_level log_level = LOG_INFO_;
static bool log_json;

void
log_init(int fd, enum log_level level, enum log_form form)
{
	tzset();	/* localtime_r() may leave it out */
	log_fd = fd;
	log_level = level;
	log_json = form == LOG_FORM_JSON || (form == LOG_FORM_AUTO && !isatty(fd));
}

static const char *
level_word(enum log_level level)
{
	static const char *const words[] = { "error", "warn", "info", "debug" };

	return words[level];
}

static void
write_json(struct buf *line, enum log_level level, const char *token, const char *device,
    struct span text)
{
	char at[32];
	struct jw w;

	jw_init(&w, line, false);
	jw_object(&w, NULL);
	jw_string(&w, "at", wall_str(sys_wall(sys_real()), at));
	jw_string(&w, "level", level_word(level));
	jw_string(&w, "token", token);
	if (device != NULL)
		jw_string(&w, "device", device);
	jw_span(&w, "text", text);
	jw_end(&w);
}

static void
write_text(struct buf *line, enum log_level level, const char *token, const char *device,
    struct span text)
{
	time_t now = (time_t)(sys_wall(sys_real()).us / 1000000);
	struct tm tm;

	localtime_r(&now, &tm);
	buf_addf(line, "%02d:%02d:%02d %-5s %s", tm.tm_hour, tm.tm_min, tm.tm_sec,
	    level_word(level), token);
	if (device != NULL) {
		buf_addc(line, ' ');
		text_visible(line, span_str(device), false);
	}
	buf_adds(line, ": ");
	buf_addspan(line, text);
}

/* One write(2), so that lines of threads and processes do not mix; the loop
 * is for a write that was cut short. Nobody could be told of a failure. */
static void
put(const char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(log_fd, p, len);

		if (n < 0 && errno != EINTR)
			return;
		p += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
}

void
log_line(enum log_level level, const char *token, const char *device, const char *fmt, ...)
{
	struct buf raw = BUF_LIMIT(RAW_MAX), text = BUF_LIMIT(LINE_MAX_), line = BUF_INIT;
	int saved = errno;
	va_list ap;

	if (level > log_level)
		return;
	va_start(ap, fmt);
	buf_vaddf(&raw, fmt, ap);
	va_end(ap);
	secret_mask(&raw);
	text_visible(&text, span_rtrim(buf_span(&raw)), false);
	if (log_json)
		write_json(&line, level, token, device, buf_span(&text));
	else
		write_text(&line, level, token, device, buf_span(&text));
	secret_mask(&line);	/* token and device come from outside, too */
	buf_addc(&line, '\n');
	put(line.data, line.len);
	buf_wipe(&raw);
	buf_release(&text);
	buf_release(&line);
	errno = saved;
}
