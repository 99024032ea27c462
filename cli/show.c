/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/show.h"

#include "controller/record.h"

const char *
text_of(const struct doc_node *n, const char *key)
{
	const char *s = doc_text(n, key);

	return s != NULL ? s : "";
}

struct span
running_text(const struct doc_node *n, struct arena *a)
{
	/* JSON is UTF-8; a text that is not comes in hex as well. */
	const char *hex = text_of(n, "hex");
	size_t len = strlen(hex);
	uint8_t *bytes = arena_alloc(a, len / 2 + 1);

	return len > 0 && text_unhex(hex, len, bytes) ? span_of((char *)bytes, len / 2) :
	    span_str(text_of(n, "text"));
}

void
count_plan(const struct doc_node *plan, struct plan_counts *c)
{
	const char *end = text_of(plan, "end");

	c->devices++;
	if (strcmp(end, "failed") == 0 || strcmp(end, "skipped") == 0)
		c->failed++;
	else if (strcmp(text_of(plan, "sync"), "unmanaged") == 0)
		c->unmanaged++;
	else if (strcmp(end, "blocked") == 0)
		c->failed++;		/* what Git says of it is wrong */
	else if (doc_text(plan, "diff") != NULL)
		c->changes++;
}

static void
add_indented(struct buf *out, const char *text)
{
	struct span rest = span_str(text), line;

	while (span_line(&rest, &line)) {
		buf_adds(out, "  ");
		buf_addspan(out, line);
		buf_addc(out, '\n');
	}
}

static void
add_list(struct buf *out, const struct doc_node *list, const char *label, const char *key)
{
	size_t i;

	for (i = 0; list != NULL && list->kind == DOC_LIST && i < list->n; i++)
		buf_addf(out, "  %s: %s\n", label, key != NULL ?
		    text_of(list->items[i], key) : list->items[i]->text);
}

static void
add_counts(const struct doc_node *p, struct buf *out)
{
	buf_adds(out, ", ");
	counts_add(out, doc_int(p, "added", 0), doc_int(p, "removed", 0),
	    doc_int(p, "changed", 0), doc_int(p, "moved", 0));
	buf_addf(out, " (plan %s)", text_of(p, "plan"));
}

void
show_plan(const struct doc_node *p, struct buf *out)
{
	const char *diff = doc_text(p, "diff");
	const struct doc_node *error = doc_get(p, "error");

	buf_addf(out, "%s: %s", text_of(p, "device"), text_of(p, "sync"));
	if (diff != NULL)
		add_counts(p, out);
	else if (doc_text(p, "why") != NULL)
		buf_addf(out, ": %s", doc_text(p, "why"));
	buf_addc(out, '\n');
	if (doc_text(error, "next") != NULL)
		buf_addf(out, "  next: %s\n", doc_text(error, "next"));
	if (diff != NULL)
		add_indented(out, diff);
	add_list(out, doc_get(p, "lifelines"), "lifeline", NULL);
	add_list(out, doc_get(p, "destroys"), "careful", NULL);
	add_list(out, doc_get(p, "gates"), "closed", "sentence");
	if (diff != NULL)
		buf_addc(out, '\n');
}

void
show_plan_sum(const struct plan_counts *c, struct buf *out)
{
	buf_addf(out, "%zu of %zu devices would change", c->changes, c->devices);
	if (c->unmanaged > 0)
		buf_addf(out, ", %zu unmanaged", c->unmanaged);
	if (c->failed > 0)
		buf_addf(out, ", %zu could not be planned", c->failed);
	buf_addc(out, '\n');
}

void
show_job(const struct doc_node *j, struct buf *out)
{
	const struct doc_node *error = doc_get(j, "error");

	if (strcmp(text_of(j, "end"), "none") == 0)
		buf_addf(out, "%s: undecided: it was %s; the next start asks the device\n",
		    text_of(j, "device"), text_of(j, "state"));
	else
		buf_addf(out, "%s: %s: %s\n", text_of(j, "device"), text_of(j, "end"),
		    text_of(j, "why"));
	if (doc_text(error, "next") != NULL)
		buf_addf(out, "  next: %s\n", doc_text(error, "next"));
}

void
show_run(const struct doc_node *r, struct buf *out)
{
	static const char *const COUNTS[] = { "deployed", "unchanged", "refused", "failed",
		"reverted", "quarantined", "blocked", "skipped" };
	const char *outcome = doc_text(r, "outcome");
	const struct doc_node *error;
	bool some = false;
	size_t i;

	buf_addf(out, "run %s: %s", text_of(r, "id"), outcome != NULL ? outcome : "running");
	for (i = 0; i < sizeof(COUNTS) / sizeof(COUNTS[0]); i++)
		if (doc_int(r, COUNTS[i], 0) > 0) {
			buf_addf(out, "%s%lld %s", some ? ", " : ": ",
			    (long long)doc_int(r, COUNTS[i], 0), COUNTS[i]);
			some = true;
		}
	if ((error = doc_get(r, "error")) != NULL && doc_text(error, "text") != NULL)
		buf_addf(out, ": %s", doc_text(error, "text"));
	buf_addf(out, "\n  commit %.12s %s\n  asked by %s, %s", text_of(r, "commit"),
	    text_of(r, "subject"), text_of(r, "who"), text_of(r, "started"));
	if (doc_text(r, "finished") != NULL)
		buf_addf(out, " to %s", doc_text(r, "finished"));
	buf_addf(out, "\n  %s\n", doc_bool(r, "published") ? "on the results branch" :
	    "waits in the outbox");
}

void
show_other(const char *type, const struct doc_node *node)
{
	if (strcmp(type, "warning") == 0)
		cli_warn("%s", text_of(node, "text"));
}
