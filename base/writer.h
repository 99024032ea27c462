/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writers: each form of output with the escaping of its sink. Nothing else
 * prints. All of them write into a struct buf; what leaves the process goes
 * through out_flush(), which masks secrets.
 */
#ifndef FAIRLEAD_BASE_WRITER_H
#define FAIRLEAD_BASE_WRITER_H

#include "base/doc.h"
#include "base/text.h"

/*
 * JSON, streaming. Bytes that are not UTF-8 are written as \xNN (a backslash in
 * the value), characters a terminal could act on as \u escapes. With `pretty` two
 * spaces an indent, else one line; no LF at the end. Misuse (a value without a key
 * in an object, unbalanced ends) is an assertion: a bug of ours.
 *
 *	struct jw w;
 *	jw_init(&w, &buf, false);
 *	jw_object(&w, NULL);
 *	jw_string(&w, "device", name);
 *	jw_array(&w, "lines"); ... jw_end(&w);
 *	jw_end(&w);
 *
 * key is NULL inside arrays and for the top value.
 */
#define JW_DEPTH 128	/* our own nesting and DOC_DEPTH below it */
struct jw {
	struct buf *out;
	bool pretty;
	int depth;
	char kind[JW_DEPTH];	/* '{' or '[' */
	bool some[JW_DEPTH];	/* a value was written at this depth */
};
void jw_init(struct jw *w, struct buf *out, bool pretty);
void jw_object(struct jw *w, const char *key);
void jw_array(struct jw *w, const char *key);
void jw_end(struct jw *w);
void jw_string(struct jw *w, const char *key, const char *value);	/* NULL: null */
void jw_span(struct jw *w, const char *key, struct span value);
void jw_stringf(struct jw *w, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void jw_int(struct jw *w, const char *key, int64_t value);
void jw_bool(struct jw *w, const char *key, bool value);
void jw_null(struct jw *w, const char *key);
/* A value that is JSON already (ours, never from outside). */
void jw_raw(struct jw *w, const char *key, struct span json);
/* A document tree as JSON: every scalar a string, but a null is null and what
 * came from JSON as a number or a boolean is one again. NULL: null. */
void jw_node(struct jw *w, const char *key, const struct doc_node *node);
/* code, fault, text, next of an error, as an object; no error: null. */
void jw_err(struct jw *w, const char *key, const struct err *err);

/*
 * Markdown for forges: text is escaped so that no mark-up, HTML, mention
 * (@name) or reference (#123) in device or commit text comes alive; fences
 * are longer than any run of backticks inside.
 */
void md_text(struct buf *out, struct span s);		/* inline, one line */
void md_cell(struct buf *out, struct span s);		/* inside a table: also | and LF */
void md_code(struct buf *out, struct span s);		/* inline code span */
void md_cell_code(struct buf *out, struct span s);	/* the same inside a table */
void md_fence(struct buf *out, const char *lang, struct span s);

/* CSV: RFC 4180 quoting; a cell that starts with = + - @ TAB or CR gets a '
 * in front, against formula injection. Rows end in CRLF. */
void csv_cell(struct buf *out, bool first, struct span s);
void csv_end(struct buf *out);

/*
 * A table for terminals and logs: columns as wide as their widest cell
 * (display width counted in code points), cells made visible.
 */
struct table;
struct table *table_new(const char *const *heads);	/* NULL-terminated */
void table_row(struct table *t, const char *const *cells);	/* as many as heads */
void table_write(struct table *t, struct buf *out);
void table_free(struct table *t);

/* Mask secrets, then write all of b to fd and empty it, also when it fails.
 * ERR_IO or 0; EPIPE is ERR_CLOSED. */
int out_flush(struct buf *b, int fd, struct err *err);

#endif
