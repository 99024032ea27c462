/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must hold for any bytes: a document parses, or there is a problem;
 * never both, never neither. What parsed and is printed as JSON parses again
 * to the same tree.
 */
#ifndef FAIRLEAD_FUZZ_BASE_DOC_H
#define FAIRLEAD_FUZZ_BASE_DOC_H

#include "base/writer.h"

typedef int parse_fn(struct doc_node **, struct arena *, const char *, struct span,
    const struct doc_limits *, struct problems *);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
same_scalar(const struct doc_node *a, const struct doc_node *b)
{
	must(a->null == b->null && a->bare == b->bare);
	must(a->null || strcmp(a->text, b->text) == 0);
	must(a->null || a->bare || b->quoted);
}

static void
same_tree(const struct doc_node *a, const struct doc_node *b)
{
	must(a->kind == b->kind && a->n == b->n);
	must(a->pos.line > 0 && a->pos.column > 0);
	if (a->kind == DOC_SCALAR)
		same_scalar(a, b);
	for (size_t i = 0; a->kind == DOC_LIST && i < a->n; i++)
		same_tree(a->items[i], b->items[i]);
	for (size_t i = 0; a->kind == DOC_MAP && i < a->n; i++) {
		must(strcmp(a->pairs[i].key, b->pairs[i].key) == 0);
		must(doc_get(a, a->pairs[i].key) == a->pairs[i].value);
		same_tree(a->pairs[i].value, b->pairs[i].value);
	}
}

static void
same_after_printing(const struct doc_node *node)
{
	/* Escapes and quotes make JSON longer than what it came from. */
	struct doc_limits limits = { BUF_MAX, SIZE_MAX, DOC_DEPTH, false };
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct problems ps;
	struct doc_node *again = NULL;
	struct jw w;

	jw_init(&w, &out, true);
	jw_node(&w, NULL, node);
	problems_init(&ps, &a);
	must(doc_parse_json(&again, &a, "again", buf_span(&out), &limits, &ps) == 0);
	same_tree(node, again);
	buf_release(&out);
	arena_release(&a);
}

static void
parse_one(parse_fn *parse, struct span text, const struct doc_limits *limits)
{
	struct arena a = ARENA_INIT;
	struct buf out = BUF_INIT;
	struct doc_node *node = NULL;
	struct problems ps;
	int r;

	problems_init(&ps, &a);
	r = parse(&node, &a, "fuzz", text, limits, &ps);
	must(r == 0 || r == ERR_CONTENT);
	must((r == 0) == (node != NULL));
	must((r == 0) == (ps.errors == 0));
	must(ps.errors == ps.n + ps.more);
	for (size_t i = 0; i < ps.n; i++)
		problem_format(&ps.v[i], &out);
	must(text_utf8_ok(buf_str(&out), out.len) && memchr(buf_str(&out), '\n', out.len) == NULL);
	if (node != NULL)
		same_after_printing(node);
	buf_release(&out);
	arena_release(&a);
}

static void
parse_with_both_limits(parse_fn *parse, const uint8_t *data, size_t size)
{
	/* Small, so that the limits are met by small inputs. */
	static const struct doc_limits small = { 4096, 200, 8, false };
	static const struct doc_limits small_inventory = { 4096, 500, 8, true };
	struct span text = span_of((const char *)data, size);

	parse_one(parse, text, &DOC_LIMITS);
	parse_one(parse, text, &DOC_LIMITS_INVENTORY);
	parse_one(parse, text, &small);
	parse_one(parse, text, &small_inventory);
}

#endif
