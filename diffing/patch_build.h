/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files that make a patch. Each style turns the difference into
 * operations: commands in one place that belong together. patch_order.c finds
 * out which must come before which, and patch.c writes them down.
 */
#ifndef FAIRLEAD_DIFFING_PATCH_BUILD_H
#define FAIRLEAD_DIFFING_PATCH_BUILD_H

#include "diffing/diff_build.h"
#include "diffing/patch.h"

/* A mode or menu that is the same before and after; NULL: the top level. */
struct place {
	const struct place *up;
	struct span text;	/* what enters it */
	uint32_t depth;		/* of that line */
};

/* The order of what nothing else puts in order. */
enum phase { PHASE_DEFINE, PHASE_REMOVE, PHASE_ADD, PHASE_FORGET };

struct op {
	const struct place *in;
	struct patch_line *lines;
	size_t n;
	bool enters;		/* its place is to be entered, also without commands */
	uint32_t overwrites;	/* the item of a whose line it changes; 0: none */
	enum phase phase;
	int64_t at;		/* within its phase */
	uint32_t *before;	/* what must come first */
	size_t n_before, next;	/* `next`: the first not looked at */
	uint8_t seen;
};

enum side { FROM, TO };

/* A name that lines define and use, by the rules about references. */
struct name {
	const char *text;
	size_t defined[2], used[2];	/* lines of each text; a definition is no use */
	uint32_t home;		/* what the first of those of a stands in */
	uint32_t *define, *forget;	/* operations, one for each such line */
	size_t n_define, n_forget;
	uint32_t exists, unused;	/* events: operations without commands */
};

struct patcher {
	struct arena *arena;	/* of the patch */
	struct arena *scratch;	/* gone when it is made */
	const struct dialect *dialect;
	struct match match;
	const struct diff *diff;
	struct patch *patch;
	struct op *ops;		/* from 1 */
	uint32_t n_ops;
	uint32_t *op_of[2];	/* of an item of each text; 0: none */
	struct map names;
	struct map slots;	/* of removed lines: place and slot to their item of a */
	struct map hosts;	/* of removed lines: addresses to operations */
	struct map undone;	/* place and command that takes back, to its operation */
	struct map kept;	/* numbers that lines of b have, by place and words around them */
	bool modes;		/* places are left by a command */
	struct span exit;	/* that command */
	size_t undone_max;	/* bytes of the longest such command */
	struct map kinds;	/* of lines, to their numbers */
	uint32_t *kind_of;	/* of an item of b */
	bool *entering;		/* whether lines of a kind enter a mode */
	struct map holders;	/* of a menu and a parameter: items that stay */
	size_t steps;		/* looks at brothers */
	struct err *err;
};

/*
 * patch.c
 */
/* ERR_UNSUPPORTED: what is wrong, and in err->next what to do. */
int patch_refuse(struct patcher *p, const char *next, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* An item in quotes, for a sentence, unless it holds a secret. */
const char *patch_quote(struct patcher *p, enum side side, uint32_t item);
/* A new operation; 0 is none. */
uint32_t patch_op(struct patcher *p, const struct place *in, enum phase phase, int64_t at);
/* Add a command to it, `deeper` levels below its place. */
void patch_say(struct patcher *p, uint32_t op, uint32_t deeper, struct span text);
void patch_line(struct patcher *p, uint32_t depth, struct span text);
const struct place *patch_place(struct patcher *p, const struct place *up, struct span text);
/* Where a line stands in the text that has it last. */
int64_t patch_at(const struct patcher *p, const struct diff_node *n);
struct span patch_keep(struct arena *a, const struct buf *b);
/* Add a command of a rule, the groups that the rule has in a line put in for
 * ${name}. */
void patch_expand(const struct dialect_rule *rule, const char *command, struct span line,
    struct buf *out);

/*
 * patch_order.c
 */
void order_before(struct patcher *p, uint32_t first, uint32_t then);
/* Put all operations in order and write them down. */
int order_ops(struct patcher *p);

/*
 * patch_name.c
 */
const struct config *order_side(const struct patcher *p, enum side side);
/* Count who defines and uses what in both texts. */
void order_init(struct patcher *p);
/* What a line of one side defines and uses, and all below it, is added or removed
 * by op. */
void order_note(struct patcher *p, uint32_t op, enum side side, uint32_t item);
/* Whether the line of an item defines a name, and one that is used in both texts. */
bool order_defines(struct patcher *p, enum side side, uint32_t item, bool *bound);
/* Whether the line of an item of a is about a name that nothing in b defines, the
 * one in the group `name` of a rule; and whether what defines it stands beside it. */
enum ends { ENDS_NOT, ENDS_HERE, ENDS_ELSEWHERE };
enum ends order_ends(struct patcher *p, uint32_t item, const struct dialect_rule *rule);
/* What is done to a list that an item of b names is done while nothing uses it,
 * unless it is in use all the time. */
void order_free(struct patcher *p, uint32_t op, uint32_t item);
/* What of a line stands for its place among numbered ones: the sequence number
 * with what is in front of it. False when it has none. */
bool order_slot(struct span line, struct buf *out);
/* What numbers and names say about the order of operations. */
void order_slots(struct patcher *p);
int order_names(struct patcher *p);

/*
 * patch_address.c
 */
void order_note_hosts(struct patcher *p, uint32_t op, enum side side, uint32_t item);
/* After all other order is known, as it gives way to that. */
void order_hosts(struct patcher *p);

/*
 * One style each.
 */
int patch_indent(struct patcher *p);
int patch_section(struct patcher *p);
int patch_set(struct patcher *p);

/*
 * patch_range.c
 */
void range_init(struct patcher *p);
/* Say the numbers that come and those that go, where a new line would take all away
 * until the next adds to it. False: the line is to be typed. */
bool range_edit(struct patcher *p, uint32_t op, const struct diff_node *n);
/* A line of a that goes, with only those numbers that go; empty: none does. */
struct span range_rest(struct patcher *p, uint32_t item, struct span line);

/*
 * Between patch_indent.c and patch_list.c.
 */
/* The command that takes a line of a text back; `own` is set when a rule says
 * it. Empty when none is needed. */
struct span indent_undo(struct patcher *p, enum side side, uint32_t item, bool *own);
/* Add the commands for a new line with all below it. */
void indent_say(struct patcher *p, uint32_t op, uint32_t deeper, const struct diff_node *n);
/* The operations for nodes in a place. */
int indent_walk(struct patcher *p, const struct diff_node *v, size_t n, const struct place *in);
/* Whether a context is a list, and its own operation. */
bool list_is(const struct patcher *p, const struct diff_node *n);
/* Whether lines of an ordered context come to where the device puts them. */
int list_fits(struct patcher *p, const struct diff_node *n);
int list_edit(struct patcher *p, const struct diff_node *n, const struct place *in);

#endif
