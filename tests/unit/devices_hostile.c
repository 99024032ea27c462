/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts made to cost much, through all that the room makes of two texts, with the
 * grammars that are shipped. What is shown and typed stays in proportion to what
 * was read, or is refused; work and memory that are not end the test, as they would
 * end a controller.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "diffing/diff.h"
#include "diffing/patch.h"
#include "tests/unit/devices_shipped.h"

#define TIMES 80		/* bytes out for each byte in */
#define ROOM (1 << 20)

static const struct mask_key KEY = { { 3 } };

/* A text: a head, n times a part with its number in it, and a tail. */
struct shape {
	const char *head, *part, *tail;
	unsigned n;
};
static const struct {
	const char *what, *platform;
	struct shape from, to;
	const char *refused;	/* of commands: a part of the sentence; NULL: made, or not */
} cases[] = {
	{ "a path of more words than there are levels", "juniper_junos", { "", "", "", 0 },
	    { "", "w%u ", "\"x\\\"y\" z;\n", 99 }, NULL },
	{ "a comment over several lines, cleaned", "juniper_junos", { "", "", "", 0 },
	    { "system {\n    /* note \r\n", " %u \r\n", "*/\n    host-name a;\n}\n", 5000 }, "comment" },
	{ "a comment that does not end, behind a word", "juniper_junos", { "1 /*", "", "", 0 },
	    { "/*", "", "", 0 }, "does not end" },
	{ "a header over many sections", "cisco_ios", { "", "", "", 0 },
	    { "interface x\n", " sub %u\n  y\n", "", 20000 }, NULL },
	{ "a long line that one command could take back", "cisco_ios",
	    { "username gone privilege 15 secret 9 x\naccess-list 10 permit", " a%u", "\n", 20000 },
	    { "access-list 10 permit", " a%u", "\n", 20000 }, NULL },
	{ "a long path before a list", "juniper_junos", { "", "", "", 0 },
	    { "set pppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
	    "ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
	    "ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp"
	    "ppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppppp [",
	    " v%u", " ]\n", 15000 }, NULL },
	{ "a quote without an end, full of quotes", "mikrotik_routeros", { "", "", "", 0 },
	    { "/ip address\nadd x=\"", "\\\"%u", "\n", 40000 }, "does not end" },
	{ "an item of many parameters", "mikrotik_routeros",
	    { "/ip address\nadd name=a", " p%u=1", "\n", 20000 },
	    { "/ip address\nadd name=a", " p%u=2", "\n", 20000 }, "parameters" },
	{ "lines far to the right", "cisco_ios", { "ntp\n", "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tclock-period %u\n", "", 2000 },
	    { "ntp\n", "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tclock-period 1%u\n", "", 2000 }, NULL },
	{ "many lines that make a device forget many others", "cisco_ios",
	    { "interface Gi0/1\n", " ip address 192.0.2.%u 255.255.255.0 secondary\n",
	    " vrf forwarding A\n", 4000 },
	    { "interface Gi0/1\n", " ip address 192.0.2.%u 255.255.255.0 secondary\n",
	    " vrf forwarding B\n", 4000 }, NULL },
	{ "many secrets in one comment", "juniper_junos", { "", "", "", 0 },
	    { "/* ", "authentication-key \"k%u\";  ", "*/ a;\n", 8000 }, NULL },
	{ "many secrets between double blanks", "cisco_ios", { "", "", "", 0 },
	    { "! ", "key  7  0%u  ", "\n", 8000 }, NULL },
	{ "one line of addresses", "cisco_ios", { "interface Gi0/1\n ip address", " 192.0.2.%u 255.0.0.0", "\n", 20000 },
	    { "interface Gi0/2\n ip address", " 192.0.2.%u 255.0.0.0", "\n", 20000 }, NULL },
	{ "entries that all move", "cisco_nxos", { "policy-map P\n", " class c%u\n", "", 3000 },
	    { "policy-map P\n class last\n", " class c%u\n", "", 3000 }, "order" },
};

static const char *
text_of(struct arena *a, const struct shape *s)
{
	struct buf out = BUF_INIT;
	const char *at, *text;

	buf_adds(&out, s->head);
	for (unsigned i = 0; i < s->n; i++) {
		at = strstr(s->part, "%u");
		buf_add(&out, s->part, (size_t)(at - s->part));
		buf_addf(&out, "%u%s", i, at + 2);
	}
	buf_adds(&out, s->tail);
	text = arena_strndup(a, buf_str(&out), out.len);
	buf_release(&out);
	return text;
}

static void
bounded(const struct buf *out, size_t in, const char *what, const char *call)
{
	if (out->len > TIMES * in + ROOM)
		fail_msg("%s: %s gives %zu bytes of %zu", what, call, out->len, in);
}

static void
commands(struct arena *a, const struct dialect *d, struct span from, struct span to,
    const char *what, const char *refused)
{
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	struct patch *p;
	int r = patch_make(a, d, from, to, &p, &err);

	if (refused != NULL && (r == 0 || strstr(err.text, refused) == NULL))
		fail_msg("%s: commands: %s", what, r == 0 ? "made" : err.text);
	if (r == 0) {
		patch_text(p, &KEY, &out);
		bounded(&out, from.len + to.len, what, "patch");
	}
	buf_release(&out);
}

static void
hostile__texts_cost_what_they_are_long(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct dialect *d = shipped_dialect(cases[i].platform);
		struct arena a = ARENA_INIT;
		struct span from = span_str(text_of(&a, &cases[i].from));
		struct span to = span_str(text_of(&a, &cases[i].to));
		size_t in = from.len + to.len, carried;
		struct buf out = BUF_INIT;
		struct judgement judged;

		diff_text(diff_make(&a, d, from, to), &KEY, true, &out);
		bounded(&out, in, cases[i].what, "diff");
		buf_clear(&out);
		diff_splice(&a, d, from, to, &out, &carried);
		bounded(&out, in, cases[i].what, "splice");
		buf_clear(&out);
		mask_text(d, &KEY, to, &out);
		bounded(&out, in, cases[i].what, "mask");
		diff_judge(&a, d, &KEY, from, to, &judged);
		buf_clear(&out);
		diff_text(diff3_make(&a, d, &(struct diff3){ .applied = from, .intended = to,
		    .running = from }), &KEY, true, &out);
		bounded(&out, in, cases[i].what, "diff3");
		commands(&a, d, from, to, cases[i].what, cases[i].refused);
		buf_release(&out);
		arena_release(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile__texts_cost_what_they_are_long),
	};

	return cmocka_run_group_tests(tests, shipped_load, shipped_free);
}
