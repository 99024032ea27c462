/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything the simulated EOS shows. Forms are those of real boxes; the
 * list of sessions differs by version, as it did in the field: from 4.32 on
 * a session under a timer is called "committed" and the timer stands apart.
 */
#include <inttypes.h>
#include <time.h>

#include "base/re.h"
#include "base/writer.h"
#include "lab/diff.h"
#include "lab/eos.h"

static void
unconverted(struct buf *out)
{
	buf_adds(out, "% This is an unconverted command\n");
}

/* --- identity --------------------------------------------------------- */

static void
mac_dotted(const char *mac, char out[16])
{
	snprintf(out, 16, "%.4s.%.4s.%.4s", mac, mac + 4, mac + 8);
}

static void
mac_colons(const char *mac, char out[20])
{
	snprintf(out, 20, "%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", mac, mac + 2, mac + 4, mac + 6,
	    mac + 8, mac + 10);
}

static void
version_json(struct device *dev, struct buf *out)
{
	char mac[20];
	struct jw w;

	mac_colons(dev->mac, mac);
	jw_init(&w, out, true);
	jw_object(&w, NULL);
	jw_string(&w, "imageFormatVersion", "3.0");
	jw_int(&w, "uptime", device_uptime_ms(dev) / 1000);
	jw_string(&w, "modelName", "vEOS");
	jw_stringf(&w, "internalVersion", "%s-28837868.%s", dev->version, dev->version);
	jw_int(&w, "memTotal", 2006640);
	jw_string(&w, "mfgName", "Arista");
	jw_string(&w, "serialNumber", device_serial(dev));
	jw_string(&w, "systemMacAddress", mac);
	jw_int(&w, "bootupTimestamp", dev->booted_at.us / 1000000);
	jw_int(&w, "memFree", 1193512);
	jw_string(&w, "version", dev->version);
	jw_string(&w, "configMacAddress", "00:00:00:00:00:00");
	jw_bool(&w, "isIntlVersion", false);
	jw_string(&w, "imageOptimization", "Default");
	jw_string(&w, "internalBuildId", "1d0c2cd0-3b4d-4f2a-9b57-60a1b3a4a6c1");
	jw_string(&w, "hardwareRevision", "");
	jw_string(&w, "hwMacAddress", mac);
	jw_string(&w, "architecture", "x86_64");
	jw_end(&w);
	buf_addc(out, '\n');
}

static void
add_uptime(int64_t ms, struct buf *out)
{
	int64_t minutes = ms / 60000;

	buf_adds(out, "Uptime: ");
	if (minutes >= 1440)
		buf_addf(out, "%" PRId64 " days, ", minutes / 1440);
	if (minutes >= 60)
		buf_addf(out, "%" PRId64 " hours and ", minutes / 60 % 24);
	buf_addf(out, "%" PRId64 " minutes\n", minutes % 60);
}

void
eos_show_version(struct eos *e, const char *line, bool json, struct buf *out)
{
	struct device *dev = e->cli.dev;
	char mac[16];

	(void)line;
	if (json) {
		version_json(dev, out);
		return;
	}
	mac_dotted(dev->mac, mac);
	buf_addf(out, "Arista vEOS\n"
	    "Hardware version: \n"
	    "Serial number: %s\n"
	    "Hardware MAC address: %s\n"
	    "System MAC address: %s\n\n"
	    "Software image version: %s\n"
	    "Architecture: x86_64\n"
	    "Internal build version: %s-28837868.%s\n"
	    "Internal build ID: 1d0c2cd0-3b4d-4f2a-9b57-60a1b3a4a6c1\n"
	    "Image format version: 3.0\n"
	    "Image optimization: Default\n\n", device_serial(dev), mac, mac, dev->version,
	    dev->version, dev->version);
	add_uptime(device_uptime_ms(dev), out);
	buf_adds(out, "Total memory: 2006640 kB\nFree memory: 1193512 kB\n\n");
}

void
eos_show_hostname(struct eos *e, const char *line, bool json, struct buf *out)
{
	char name[128];
	struct jw w;

	(void)line;
	device_hostname(e->cli.dev, name, sizeof(name));
	if (!json) {
		buf_addf(out, "Hostname: %s\nFQDN:     %s\n", name, name);
		return;
	}
	jw_init(&w, out, true);
	jw_object(&w, NULL);
	jw_string(&w, "fqdn", name);
	jw_string(&w, "hostname", name);
	jw_end(&w);
	buf_addc(out, '\n');
}

static void
add_time(struct wall t, const char *format, struct buf *out)
{
	time_t seconds = (time_t)(t.us / 1000000);
	struct tm tm;
	char text[64];

	gmtime_r(&seconds, &tm);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	strftime(text, sizeof(text), format, &tm);
#pragma GCC diagnostic pop
	buf_adds(out, text);
}

void
eos_last_login(struct device *dev, struct buf *out)
{
	if (dev->last_login.us == 0)
		return;
	buf_adds(out, "Last login: ");
	add_time(dev->last_login, "%a %b %e %H:%M:%S %Y", out);
	buf_addf(out, " from %s\n", dev->last_from);
}

void
eos_show_clock(struct eos *e, const char *line, bool json, struct buf *out)
{
	(void)line;
	(void)json;
	add_time(sys_wall(e->cli.dev->sys), "%a %b %e %H:%M:%S %Y\n", out);
	buf_adds(out, "Timezone: UTC\nClock source: local\n");
}

void
eos_show_privilege(struct eos *e, const char *line, bool json, struct buf *out)
{
	(void)line;
	(void)json;
	buf_addf(out, "Current privilege level is %d\n", e->enabled ? 15 : 1);
}

void
eos_show_inventory(struct eos *e, const char *line, bool json, struct buf *out)
{
	(void)line;
	if (json) {
		unconverted(out);
		return;
	}
	buf_addf(out, "System information\n"
	    "  Model                    Description\n"
	    "  ------------------------ ----------------------------\n"
	    "  vEOS                     Software EOS\n\n"
	    "  HW Version  Serial Number  Mfg Date   Epoch\n"
	    "  ----------- -------------- ---------- -----\n"
	    "              %-14s            01.00\n\n", device_serial(e->cli.dev));
}

/* --- configurations --------------------------------------------------- */

static void
add_header(struct eos *e, const char *command, struct buf *out)
{
	struct device *dev = e->cli.dev;
	char name[128];

	device_hostname(dev, name, sizeof(name));
	buf_addf(out, "! Command: %s\n", command);
	if (words_start(command, "show startup-config") && dev->saved.us != 0) {
		buf_adds(out, "! Startup-config last modified at ");
		add_time(dev->saved, "%a %b %e %H:%M:%S %Y", out);
		buf_addf(out, " by %s\n", dev->saved_by);
	}
	buf_addf(out, "! device: %s (vEOS, EOS-%s)\n!\n! boot system flash:/vEOS-lab.swi\n!\n",
	    name, dev->version);
}

void
eos_show_running(struct eos *e, const char *line, bool json, struct buf *out)
{
	if (json) {
		unconverted(out);
		return;
	}
	add_header(e, line, out);
	eos_render(e->cli.dev->running, out);
}

void
eos_show_startup(struct eos *e, const char *line, bool json, struct buf *out)
{
	if (json) {
		unconverted(out);
		return;
	}
	add_header(e, line, out);
	buf_adds(out, e->cli.dev->startup);
}

/* What follows these words in a line is hidden from the sanitized form. */
static const char *const secret_words[] = {
	" secret sha512 ", " secret 5 ", " password sha512 ", " password 7 ", " key 7 ",
	"snmp-server community ", " localized ", "authentication-key ", "message-digest-key ",
};

static size_t
secret_starts(struct span line)
{
	size_t best = line.len;

	for (size_t i = 0; i < sizeof(secret_words) / sizeof(secret_words[0]); i++) {
		const char *at = memmem(line.p, line.len, secret_words[i],
		    strlen(secret_words[i]));
		size_t end = at != NULL ? (size_t)(at - line.p) + strlen(secret_words[i]) : best;

		best = end < best ? end : best;
	}
	return best;
}

void
eos_show_sanitized(struct eos *e, const char *line, bool json, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct span rest, one;

	eos_show_running(e, line, json, &text);
	rest = buf_span(&text);
	while (span_line(&rest, &one)) {
		size_t keep = secret_starts(one);

		buf_add(out, one.p, keep);
		buf_adds(out, keep < one.len ? "<removed>\n" : "\n");
	}
	buf_release(&text);
}

static void
diff_trees(const char *a, const struct node *b, const char *from, const char *to,
    struct buf *out)
{
	struct buf text = BUF_INIT;
	size_t before = out->len;

	eos_render(b, &text);
	diff_unified(span_str(a), buf_span(&text), from, to, out);
	if (out->len > before)
		buf_addc(out, '\n');
	buf_release(&text);
}

void
eos_show_running_diffs(struct eos *e, const char *line, bool json, struct buf *out)
{
	(void)line;
	(void)json;
	diff_trees(e->cli.dev->startup, e->cli.dev->running, "flash:/startup-config",
	    "system:/running-config", out);
}

/* A session whose candidate can be shown, or NULL with the reason printed. */
static struct session *
shown_session(struct eos *e, struct span name, struct buf *out)
{
	char text[SESSION_NAME];
	struct session *s;

	snprintf(text, sizeof(text), "%.*s", (int)name.len, name.p);
	s = session_find(e->cli.dev, text);
	if (s == NULL || s->tree == NULL) {
		buf_addf(out, "%% Error: session %s is not pending\n", text);
		return NULL;
	}
	return s;
}

static void
show_candidate(struct eos *e, struct span name, bool diffs, struct buf *out)
{
	struct session *s = shown_session(e, name, out);
	struct buf running = BUF_INIT, label = BUF_INIT;

	if (s == NULL)
		return;
	if (diffs) {
		eos_render(e->cli.dev->running, &running);
		buf_addf(&label, "session:/%s-session-config", s->name);
		diff_trees(buf_str(&running), s->tree, "system:/running-config",
		    buf_str(&label), out);
	} else {
		buf_addf(&label, "show session-configuration named %s", s->name);
		add_header(e, buf_str(&label), out);
		eos_render(s->tree, out);
	}
	buf_release(&running);
	buf_release(&label);
}

void
eos_show_session(struct eos *e, const char *line, bool json, struct buf *out)
{
	(void)line;
	(void)json;
	show_candidate(e, span_str(e->session), false, out);
}

void
eos_show_session_diffs(struct eos *e, const char *line, bool json, struct buf *out)
{
	(void)line;
	(void)json;
	show_candidate(e, span_str(e->session), true, out);
}

void
eos_show_session_named(struct eos *e, const char *line, bool json, struct buf *out)
{
	(void)json;
	show_candidate(e, word_at(line, 4), word_at(line, 5).len > 0, out);
}

/* --- the list of sessions --------------------------------------------- */

static bool
new_style(const struct device *dev)
{
	int64_t minor;
	char text[8];

	snprintf(text, sizeof(text), "%.2s", dev->version + 2);
	return strncmp(dev->version, "4.", 2) == 0 && text_int(text, 0, 99, &minor) && minor >= 32;
}

static const char *
state_word(const struct device *dev, const struct session *s)
{
	switch (s->state) {
	case SESSION_PENDING:
		return "pending";
	case SESSION_TIMER:
		return new_style(dev) ? "committed" : "pendingCommitTimer";
	case SESSION_COMMITTED:
		return "committed";
	case SESSION_ABORTED:
		break;
	}
	return "aborted";
}

static void
json_session(struct jw *w, struct eos *e, const struct session *s)
{
	struct device *dev = e->cli.dev;

	jw_object(w, s->name);
	jw_string(w, "state", state_word(dev, s));
	if (s->state != SESSION_PENDING)
		jw_int(w, "completedTime", s->completed.us / 1000000);
	if (s->state == SESSION_TIMER && !new_style(dev))
		jw_int(w, "commitBy", sys_wall(dev->sys).us / 1000000 +
		    session_left_ms(dev) / 1000);
	jw_string(w, "commitUser", s->committed_by);
	jw_string(w, "description", "");
	jw_object(w, "instances");
	if (s->line > 0) {
		char id[16];

		snprintf(id, sizeof(id), "%d", s->line + 1000);
		jw_object(w, id);
		jw_string(w, "user", s->user);
		jw_stringf(w, "terminal", "vty%d", s->line);
		jw_bool(w, "currentTerminal", s->line == e->cli.line);
		jw_end(w);
	}
	jw_end(w);
	jw_end(w);
}

static void
json_sessions(struct eos *e, struct buf *out)
{
	struct device *dev = e->cli.dev;
	struct jw w;

	jw_init(&w, out, true);
	jw_object(&w, NULL);
	jw_object(&w, "sessions");
	for (const struct session *s = dev->sessions; s != NULL; s = s->next)
		json_session(&w, e, s);
	jw_end(&w);
	jw_int(&w, "maxSavedSessions", 1);
	jw_int(&w, "maxOpenSessions", session_limit(dev));
	jw_bool(&w, "mergeOnCommit", false);
	jw_bool(&w, "saveToStartupConfigOnCommit", false);
	if (dev->armed != NULL && new_style(dev)) {
		jw_string(&w, "commitTimerSessionName", dev->armed->name);
		jw_int(&w, "commitTimerExpireTime",
		    (device_uptime_ms(dev) + session_left_ms(dev)) / 1000);
	}
	jw_end(&w);
	buf_addc(out, '\n');
}

enum { COLUMNS = 6 };
static const char *const heads[COLUMNS] = {
	"Name", "State", "User", "Terminal", "Completed Time", "Committed By",
};

static void
session_cells(struct eos *e, const struct session *s, char cell[COLUMNS][SESSION_NAME])
{
	struct buf when = BUF_INIT;

	memset(cell, 0, COLUMNS * sizeof(cell[0]));
	snprintf(cell[0], SESSION_NAME, "%s", s->name);
	snprintf(cell[1], SESSION_NAME, "%s", state_word(e->cli.dev, s));
	if (s->line > 0) {
		snprintf(cell[2], SESSION_NAME, "%s", s->user);
		snprintf(cell[3], SESSION_NAME, "vty%d", s->line);
	}
	if (s->state != SESSION_PENDING) {
		add_time(s->completed, "%Y-%m-%d %H:%M:%S", &when);
		snprintf(cell[4], SESSION_NAME, "%s", buf_str(&when));
		snprintf(cell[5], SESSION_NAME, "%s", s->committed_by);
	}
	buf_release(&when);
}

static void
table_line(struct buf *out, char mark, const char *const cell[COLUMNS], const int width[COLUMNS],
    int columns)
{
	size_t keep;

	buf_addc(out, mark);
	for (int i = 0; i < columns; i++)
		buf_addf(out, " %-*s", width[i], cell[i]);
	for (keep = out->len; keep > 0 && out->data[keep - 1] == ' '; keep--)
		;
	buf_cut(out, keep);
	buf_addc(out, '\n');
}

static void
table_rows(struct eos *e, const int width[COLUMNS], int columns, struct buf *out)
{
	char cell[COLUMNS][SESSION_NAME];
	const char *row[COLUMNS];

	for (const struct session *s = e->cli.dev->sessions; s != NULL; s = s->next) {
		session_cells(e, s, cell);
		for (int i = 0; i < COLUMNS; i++)
			row[i] = cell[i];
		table_line(out, s->line == e->cli.line ? '*' : ' ', row, width, columns);
	}
}

static void
session_table(struct eos *e, int columns, struct buf *out)
{
	char cell[COLUMNS][SESSION_NAME], dashes[SESSION_NAME];
	const char *row[COLUMNS];
	int width[COLUMNS];

	for (int i = 0; i < COLUMNS; i++)
		width[i] = (int)strlen(heads[i]);
	for (const struct session *s = e->cli.dev->sessions; s != NULL; s = s->next) {
		session_cells(e, s, cell);
		for (int i = 0; i < COLUMNS; i++)
			if ((int)strlen(cell[i]) > width[i])
				width[i] = (int)strlen(cell[i]);
	}
	table_line(out, ' ', heads, width, columns);
	memset(dashes, '-', sizeof(dashes));
	for (int i = 0; i < COLUMNS; i++)
		row[i] = dashes + sizeof(dashes) - 1 - width[i];
	dashes[sizeof(dashes) - 1] = '\0';
	table_line(out, '-', row, width, columns);
	table_rows(e, width, columns, out);
}

void
eos_show_sessions(struct eos *e, const char *line, bool json, struct buf *out)
{
	(void)line;
	device_tick(e->cli.dev);
	if (json) {
		json_sessions(e, out);
		return;
	}
	buf_addf(out, "Maximum number of completed sessions: 1\n"
	    "Maximum number of pending sessions: %d\n\n", (int)session_limit(e->cli.dev));
	session_table(e, 4, out);
}

void
eos_show_sessions_detail(struct eos *e, const char *line, bool json, struct buf *out)
{
	struct device *dev = e->cli.dev;
	int64_t left;

	(void)line;
	device_tick(dev);
	if (json) {
		json_sessions(e, out);
		return;
	}
	buf_addf(out, "Maximum number of completed sessions: 1\n"
	    "Maximum number of pending sessions: %d\n"
	    "Merge on commit is disabled\n"
	    "Autosave to startup-config on commit is disabled\n\n", (int)session_limit(dev));
	if (dev->armed != NULL) {
		left = session_left_ms(dev) / 1000;
		buf_addf(out, "Session with pending commit timer: %s\n"
		    "Time left until commit timer expiry: in %d:%02d:%02d\n\n",
		    dev->armed->name, (int)(left / 3600), (int)(left / 60 % 60),
		    (int)(left % 60));
	}
	session_table(e, COLUMNS, out);
}

/* --- pipes ------------------------------------------------------------ */

enum filter { FILTER_INCLUDE, FILTER_EXCLUDE, FILTER_BEGIN, FILTER_SECTION, FILTER_NO_MORE,
	FILTER_JSON, FILTER_NONE };
static const char *const filters[] = {
	[FILTER_INCLUDE] = "include", [FILTER_EXCLUDE] = "exclude", [FILTER_BEGIN] = "begin",
	[FILTER_SECTION] = "section", [FILTER_NO_MORE] = "no-more", [FILTER_JSON] = "json",
};

static enum filter
filter_of(struct span word)
{
	for (int i = 0; i < FILTER_NONE; i++)
		if (word.len > 0 && word.len <= strlen(filters[i]) &&
		    strncmp(filters[i], word.p, word.len) == 0)
			return (enum filter)i;
	return FILTER_NONE;
}

static bool
keep_line(enum filter f, bool hit, bool indented, bool *on)
{
	switch (f) {
	case FILTER_INCLUDE:
		return hit;
	case FILTER_EXCLUDE:
		return !hit;
	case FILTER_BEGIN:
		*on |= hit;
		return *on;
	case FILTER_SECTION:
		*on = hit || (*on && indented);
		return *on;
	default:
		return true;
	}
}

static bool
filter_text(enum filter f, const char *pattern, struct buf *text)
{
	struct buf kept = BUF_INIT;
	struct span rest = buf_span(text), line;
	struct re *re = NULL;
	bool on = false;

	if (re_compile(&re, pattern, NULL) != 0)
		return false;
	while (span_line(&rest, &line)) {
		bool hit = re_find(re, line, NULL) == 1;

		if (!keep_line(f, hit, line.len > 0 && line.p[0] == ' ', &on))
			continue;
		buf_addspan(&kept, line);
		buf_addc(&kept, '\n');
	}
	re_free(re);
	buf_clear(text);
	buf_addspan(text, buf_span(&kept));
	buf_release(&kept);
	return true;
}

/* Cut the next pipe off: its word and the rest up to the next bar. */
static bool
next_pipe(const char **s, struct span *word, char *arg, size_t size)
{
	const char *bar;
	struct span rest;

	if (**s == '\0')
		return false;
	bar = strstr(*s, " | ");
	rest = span_trim(span_of(*s, bar != NULL ? (size_t)(bar - *s) : strlen(*s)));
	*s += bar != NULL ? (size_t)(bar - *s) + 3 : strlen(*s);
	word->p = rest.p;
	word->len = strcspn(rest.p, " ");
	if (word->len > rest.len)
		word->len = rest.len;
	rest = span_trim(span_of(rest.p + word->len, rest.len - word->len));
	snprintf(arg, size, "%.*s", (int)rest.len, rest.p);
	return true;
}

bool
eos_wants_json(const char *pipes)
{
	struct span word;
	char arg[512];

	while (next_pipe(&pipes, &word, arg, sizeof(arg)))
		if (filter_of(word) == FILTER_JSON)
			return true;
	return false;
}

bool
eos_pipes(const char *pipes, struct buf *text, bool *no_more)
{
	struct span word;
	char arg[512];

	while (next_pipe(&pipes, &word, arg, sizeof(arg))) {
		enum filter f = filter_of(word);

		if (f == FILTER_NONE)
			return false;
		*no_more |= f == FILTER_NO_MORE;
		if (f < FILTER_NO_MORE && (arg[0] == '\0' || !filter_text(f, arg, text)))
			return false;
	}
	return true;
}
