/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether bytes may be a device's configuration. Devices take most control
 * bytes for keystrokes, so a configuration that has them would do something
 * else than what was reviewed; a blank one would wipe the device.
 */
#include "intended/snapshot.h"

#define LINE_MAX_BYTES	((size_t)1 << 20)
/* A binary file is not listed byte by byte. */
#define TOLD_MAX	5

enum { ETX = 3, DEL = 127 };	/* ETX ends a banner on many platforms */

static bool
byte_ok(unsigned char c)
{
	return (c >= ' ' && c != DEL) || c == '\t' || c == '\n' || c == '\r' || c == ETX;
}

static bool
is_blank(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr(" \t\r\n", text.p[i]) == NULL || text.p[i] == '\0')
			return false;
	return true;
}

/* Problems of one line; returns how many bytes were bad. */
static size_t
line_check(const char *path, struct span line, int number, size_t told, struct problems *ps)
{
	size_t bad = 0;

	if (line.len > LINE_MAX_BYTES)
		problem_add(ps, SEV_ERROR, path, (struct doc_pos){ number, 1 },
		    "a line of %zu bytes: at most %zu", line.len, LINE_MAX_BYTES);
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (byte_ok(c) || told + bad++ >= TOLD_MAX)
			continue;
		problem_add(ps, SEV_ERROR, path, (struct doc_pos){ number, (int)i + 1 },
		    "control byte 0x%02x%s", c, c == '\0'
		    ? ": not a text file, or saved as UTF-16" : ": remove it");
	}
	return bad;
}

int
intended_text_check(const char *path, struct span text, struct problems *ps)
{
	static const char BOM[] = "\xef\xbb\xbf";
	const size_t before = ps->errors;
	struct span rest = text, line;
	size_t bad = 0;
	int number = 0;

	if (span_starts(text, BOM)) {
		problem_add(ps, SEV_WARNING, path, (struct doc_pos){ 1, 1 }, "starts with a "
		    "UTF-8 byte order mark, which the device would get: save without it");
		rest = span_of(text.p + 3, text.len - 3);
	}
	if (is_blank(rest)) {
		problem_add(ps, SEV_ERROR, path, (struct doc_pos){ 1, 1 },
		    "nothing but blanks: it would wipe the device");
		return ERR_CONTENT;
	}
	rest = text;
	while (span_line(&rest, &line))
		bad += line_check(path, line, ++number, bad, ps);
	if (bad > TOLD_MAX)
		problem_add(ps, SEV_ERROR, path, (struct doc_pos){ 0, 0 },
		    "%zu more control bytes", bad - TOLD_MAX);
	return ps->errors > before ? ERR_CONTENT : 0;
}
