/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of platforms whose modes are entered by a line and left by a word: a
 * new line is typed as it stands, an old one is taken back by `no` in front or
 * as the platform's rules say, a changed one is overwritten by the new. What a
 * command takes along with it is typed again behind it.
 */
#include "diffing/config_build.h"
#include "diffing/patch_build.h"

/* Looks at brothers, beside the lines that differ. */
#define STEPS_MAX ((size_t)400000000)

/* --- lines --- */

/* Of a block, the line that names it, without the delimiter of its text. */
static struct span
name_of_block(const struct config *c, uint32_t i, struct span line)
{
	uint32_t node = c->v[i].node;
	const char *delim;

	if (node == NODE_NONE || c->tree.nodes[node].kind != NODE_BLOCK)
		return line;
	delim = memmem(line.p, line.len, "^C", 2);
	if (delim == NULL)
		delim = memchr(line.p, '\x03', line.len);
	return span_rtrim(delim != NULL ? span_of(line.p, (size_t)(delim - line.p)) : line);
}

struct span
indent_undo(struct patcher *p, enum side side, uint32_t item, bool *own)
{
	const struct config *c = order_side(p, side);
	const struct dialect_rule *rule = config_rule(c, RULE_NEGATION, item);
	struct span line = words_first_line(config_exact(c, item)), text;
	const char *negation = p->dialect->negation;
	struct buf out = BUF_INIT;
	enum ends whole;

	whole = side == FROM && rule != NULL && rule->whole != NULL ?
	    order_ends(p, item, rule) : ENDS_NOT;
	*own = whole != ENDS_NOT || (rule != NULL && rule->with != NULL);
	if (!*own && side == FROM)
		line = range_rest(p, item, line);
	if (line.len == 0 || whole == ENDS_ELSEWHERE)
		return span_of("", 0);
	if (*own) {
		patch_expand(rule, whole == ENDS_HERE ? rule->whole : rule->with, line, &out);
	} else if (span_starts(line, negation)) {
		buf_adds(&out, p->dialect->reset != NULL ? p->dialect->reset : "");
		buf_add(&out, line.p + strlen(negation), line.len - strlen(negation));
	} else {
		buf_adds(&out, negation);
		buf_addspan(&out, name_of_block(c, item, line));
	}
	text = patch_keep(p->scratch, &out);
	buf_release(&out);
	return text;
}

/* --- which lines enter a mode --- */

/* The kind of a line: what it says without its last word, below a line of one kind.
 * Kinds have numbers, from 1. */
static uint32_t
kind_of(struct patcher *p, const struct config *c, uint32_t i, uint32_t above)
{
	struct span line = words_first_line(config_word(c, i));
	const char *blank = memrchr(line.p, ' ', line.len);
	struct buf key = BUF_INIT;
	uintptr_t kind;

	buf_addf(&key, "%u ", above);
	buf_addspan(&key, blank != NULL ? span_of(line.p, (size_t)(blank - line.p)) : line);
	buf_adds(&key, blank != NULL ? " *" : "");
	kind = (uintptr_t)map_get(&p->kinds, buf_str(&key));
	if (kind == 0) {
		kind = p->kinds.n + 1;
		map_put(&p->kinds, buf_str(&key), (void *)kind);
	}
	buf_release(&key);
	return (uint32_t)kind;
}

/* Which kinds enter a mode, as lines of them have others below. Items stand behind
 * their parents. */
static void
find_sections(struct patcher *p)
{
	uint32_t *kinds[2];
	size_t n = (size_t)p->match.a.n + p->match.b.n + 1;

	p->entering = arena_calloc(p->scratch, n, sizeof(*p->entering));
	for (int side = FROM; side <= TO; side++) {
		const struct config *c = order_side(p, (enum side)side);

		kinds[side] = arena_calloc(p->scratch, c->n, sizeof(**kinds));
		for (uint32_t i = 1; i < c->n; i++) {
			kinds[side][i] = kind_of(p, c, i, kinds[side][c->v[i].parent]);
			p->entering[kinds[side][i]] |= (c->v[i].flags & ITEM_LINE) != 0 &&
			    (config_first(c, i) != 0 || config_rule(c, RULE_ORDERED, i) != NULL);
		}
	}
	p->kind_of = kinds[TO];
}

/* Whether a line of b enters a mode. */
static bool
enters(const struct patcher *p, uint32_t i)
{
	return p->entering[p->kind_of[i]] || config_rule(&p->match.b, RULE_MODE, i) != NULL;
}

/* A block between delimiters that can be typed: ^C is a key, not two signs. */
static struct span
typed(struct patcher *p, const struct node *block)
{
	struct span form = p->match.words.v[block->word].text;
	const char *at = memmem(form.p, form.len, "^C", 2), *next;
	const char *d = p->dialect->delimiters;
	struct buf out = BUF_INIT;
	size_t head = at != NULL ? (size_t)(at - form.p) : 0;

	if (at == NULL || head >= block->text.len ||
	    (block->text.p[head] != '^' && block->text.p[head] != '\x03'))
		return block->text;
	while (*d != '\0' && memchr(form.p, *d, form.len) != NULL)
		d++;
	if (*d == '\0')
		return block->text;
	for (; form.len > 0; form = span_of(next, (size_t)(form.p + form.len - next))) {
		at = memmem(form.p, form.len, "^C", 2);
		next = at != NULL ? at + 2 : form.p + form.len;
		buf_add(&out, form.p, (size_t)((at != NULL ? at : next) - form.p));
		if (at != NULL)
			buf_addc(&out, *d);
	}
	form = patch_keep(p->scratch, &out);
	buf_release(&out);
	return form;
}

/* A line as it stands; one of numbers that goes on in others, with those. */
static void
say_line(struct patcher *p, uint32_t op, uint32_t deeper, const struct diff_node *n)
{
	const struct config *b = &p->match.b;
	uint32_t node = b->v[n->b].node;

	if (node != NODE_NONE && b->tree.nodes[node].kind == NODE_BLOCK &&
	    p->dialect->delimiters != NULL) {
		patch_say(p, op, deeper, typed(p, &b->tree.nodes[node]));
		return;
	}
	if (n->n > 0 || b->v[n->b].word == b->v[n->b].exact || node == NODE_NONE) {
		patch_say(p, op, deeper, n->text);
		return;
	}
	for (; node != NODE_NONE; node = b->tree.nodes[node].again)
		patch_say(p, op, deeper, b->tree.nodes[node].text);
}

void
indent_say(struct patcher *p, uint32_t op, uint32_t deeper, const struct diff_node *n)
{
	bool ordered = (p->match.b.v[n->b].flags & ITEM_ORDERED) != 0, inside = false;

	say_line(p, op, deeper, n);
	/* First what would make the device forget the others. */
	for (int resets = !ordered; resets >= 0; resets--)
		for (size_t i = 0; i < n->n; i++) {
			const struct diff_node *k = &n->children[i];

			if (!k->counts || (!ordered && resets !=
			    (config_rule(&p->match.b, RULE_RESET, k->b) != NULL)))
				continue;
			indent_say(p, op, deeper + 1, k);
			inside = true;
		}
	if (inside || enters(p, n->b))
		patch_say(p, op, deeper + 1, p->exit);
}

/* --- operations --- */

static bool
defines(struct patcher *p, enum side side, uint32_t item)
{
	bool bound;

	return order_defines(p, side, item, &bound);
}

/* One new line; or the `run` lines from n on, whose numbers are typed in `line`. */
static int
add_new(struct patcher *p, const struct diff_node *n, size_t run, struct span line,
    const struct place *in)
{
	bool early = in == NULL && defines(p, TO, n->b);
	struct diff_node whole = *n;
	int r = list_fits(p, n);
	uint32_t op;

	if (r != 0)
		return r;
	op = patch_op(p, in, early ? PHASE_DEFINE : PHASE_ADD, patch_at(p, n));
	whole.text = line;
	indent_say(p, op, 0, &whole);
	for (size_t i = 0; i < run; i++) {
		p->op_of[TO][n[i].b] = op;
		order_note(p, op, TO, n[i].b);
	}
	return 0;
}

/* The key under which one place remembers a command. */
static void
add_undo_key(struct buf *key, uint32_t parent, struct span command)
{
	buf_addf(key, "%u ", parent);
	buf_addspan(key, command);
}

/* A line stays as part of another, but what is below it goes. */
static void
say_emptied(struct patcher *p, uint32_t op, const struct diff_node *n)
{
	struct span command;
	bool own;

	if (n->n == 0)
		return;
	patch_say(p, op, 0, n->text);
	for (size_t i = 0; i < n->n; i++) {
		command = n->children[i].counts ?
		    indent_undo(p, FROM, n->children[i].a, &own) : span_of("", 0);
		if (command.len > 0)
			patch_say(p, op, 1, command);
	}
	patch_say(p, op, 1, p->exit);
}

/* Whether a line that comes, or stays, where an old one was begins with a text. */
static bool
is_begun(struct patcher *p, const struct diff_node *n, struct span line)
{
	const struct config *b = &p->match.b;
	uint32_t parent = p->match.a.v[p->match.a.v[n->a].parent].mate;
	struct span other;

	if (parent == NODE_NONE)
		return false;
	for (uint32_t k = config_first(b, parent); k != 0; k = config_next(b, k)) {
		p->steps++;
		other = config_word(b, k);
		if (config_counts(b, k) && other.len >= line.len &&
		    memcmp(other.p, line.p, line.len) == 0 &&
		    (other.len == line.len || other.p[line.len] == ' '))
			return true;
	}
	return false;
}

/* A new line says what an old one denies: `no ip address` goes with it. What makes
 * the device forget others is said for itself. */
static bool
is_said(struct patcher *p, const struct diff_node *n)
{
	size_t len = strlen(p->dialect->negation);

	return span_starts(n->normal, p->dialect->negation) &&
	    config_rule(&p->match.a, RULE_RESET, n->a) == NULL &&
	    is_begun(p, n, span_of(n->normal.p + len, n->normal.len - len));
}

/* What goes last must not be what another line would be taken back by. */
static bool
is_kept(struct patcher *p, const struct diff_node *n)
{
	return config_rule(&p->match.a, RULE_KEPT, n->a) != NULL && !is_begun(p, n, n->normal);
}

/* A command that takes back, or two: the second is typed in the mode that the first
 * enters. */
static void
say_undo(struct patcher *p, uint32_t op, struct span command)
{
	struct span first = words_first_line(command);

	patch_say(p, op, 0, first);
	if (first.len == command.len)
		return;
	patch_say(p, op, 1, span_of(first.p + first.len + 1, command.len - first.len - 1));
	patch_say(p, op, 1, p->exit);
}

/* Whether each of some lines goes by its own text behind the negation. */
static bool
goes_plainly(struct patcher *p, const struct diff_node *v, size_t n)
{
	size_t before = strlen(p->dialect->negation);
	bool plain = true, own;

	for (size_t i = 0; i < n && plain; i++) {
		struct span command = indent_undo(p, FROM, v[i].a, &own);

		plain = !own && span_starts(command, p->dialect->negation) &&
		    span_eq(span_of(command.p + before, command.len - before), v[i].text);
	}
	return plain;
}

/* Two lines that one command takes back need it once; so do the `run` lines from n
 * on, whose numbers are in `line`. */
static int
add_old(struct patcher *p, const struct diff_node *n, size_t run, struct span line,
    const struct place *in)
{
	bool late = (in == NULL && defines(p, FROM, n->a)) || is_kept(p, n), own = false;
	struct span command = run > 1 ? span_str(arena_printf(p->scratch, "%s%.*s",
	    p->dialect->negation, (int)line.len, line.p)) : indent_undo(p, FROM, n->a, &own);
	struct buf key = BUF_INIT;
	uint32_t op;
	int r = list_fits(p, n);

	if (r != 0)
		return r;
	add_undo_key(&key, p->match.a.v[n->a].parent, command);
	if (!own && is_said(p, n)) {
		op = patch_op(p, in, PHASE_REMOVE, 0);
	} else if (own && command.len > 0 && map_has(&p->undone, buf_str(&key))) {
		op = (uint32_t)(uintptr_t)map_get(&p->undone, buf_str(&key));
	} else {
		op = patch_op(p, in, late ? PHASE_FORGET : PHASE_REMOVE, -(int64_t)n->line);
		if (command.len > 0)
			say_undo(p, op, command);
		else
			say_emptied(p, op, n);
		if (own) {
			map_put(&p->undone, buf_str(&key), (void *)(uintptr_t)op);
			p->undone_max = command.len > p->undone_max ? command.len : p->undone_max;
		}
	}
	buf_release(&key);
	for (size_t i = 0; i < run; i++) {
		p->op_of[FROM][n[i].a] = op;
		order_note(p, op, FROM, n[i].a);
	}
	return 0;
}

static bool
any_counts(const struct diff_node *n)
{
	for (size_t i = 0; i < n->n; i++)
		if (n->children[i].counts)
			return true;
	return false;
}

/* What no command changes safely. */
static int
refuse(struct patcher *p, const struct diff_node *n)
{
	bool old = n->kind == DIFF_REMOVED || n->kind == DIFF_CHANGED;
	enum side side = old ? FROM : TO;
	uint32_t item = old ? n->a : n->b;
	const struct dialect_rule *rule = config_rule(order_side(p, side), RULE_REFUSED, item);

	if (rule == NULL || (!old && !rule->added))
		return 0;
	return patch_refuse(p, "change it by hand, or push: replace",
	    "no command changes %s safely (%s)", patch_quote(p, side, item), rule->name);
}

/* A header is typed on the way to what changed below it. */
static int
add_changed(struct patcher *p, const struct diff_node *n, const struct place *in)
{
	bool section = any_counts(n);
	const struct place *inside = section ? patch_place(p, in, n->text) : in;
	uint32_t op = patch_op(p, inside, PHASE_ADD, patch_at(p, n)), first;
	bool own;
	int r;

	p->op_of[TO][n->b] = p->op_of[FROM][n->a] = op;
	p->ops[op].enters = section;
	order_note(p, op, FROM, n->a);
	order_note(p, op, TO, n->b);
	if (!section) {
		p->ops[op].overwrites = n->a;
		if (config_rule(&p->match.a, RULE_EXCLUSIVE, n->a) != NULL)
			say_undo(p, op, indent_undo(p, FROM, n->a, &own));
		if (!range_edit(p, op, n))
			say_line(p, op, 0, n);
		if (enters(p, n->b))
			patch_say(p, op, 1, p->exit);
		return 0;
	}
	first = p->n_ops;
	r = indent_walk(p, n->children, n->n, inside);
	for (uint32_t i = first; i < p->n_ops; i++)
		if (p->ops[i].n > 0)
			order_before(p, op, i);
	return r;
}

/* A line again that the device forgot, behind the command that made it. */
static void
add_again(struct patcher *p, uint32_t item, uint32_t after, const struct place *in)
{
	const struct config *b = &p->match.b;
	const struct node *n = &b->tree.nodes[b->v[item].node];
	uint32_t op = p->op_of[TO][item];

	if (op == 0) {
		op = p->op_of[TO][item] = patch_op(p, in, PHASE_ADD, n->line);
		patch_say(p, op, 0, n->again == NODE_NONE && (b->v[item].flags & ITEM_EACH) == 0 ?
		    n->text : config_word(b, item));
	}
	order_before(p, after, op);
}

/* Whether a line, as it was or will be, makes the device forget brothers. */
static const struct dialect_rule *
reset_by(const struct patcher *p, const struct diff_node *n)
{
	const struct dialect_rule *rule = NULL;

	if (n->kind == DIFF_ADDED || n->kind == DIFF_CHANGED)
		rule = config_rule(&p->match.b, RULE_RESET, n->b);
	if (rule == NULL && (n->kind == DIFF_REMOVED || n->kind == DIFF_CHANGED))
		rule = config_rule(&p->match.a, RULE_RESET, n->a);
	return rule;
}

/* Two events of a place and a rule about resets: all that is taken back is gone,
 * and all resets are done. */
struct events {
	uint32_t gone, done;
};

static void
make_events(struct patcher *p, const struct diff_node *parent, const struct dialect_rule *rule,
    const struct place *in, struct events *e)
{
	const struct config *a = &p->match.a, *b = &p->match.b;

	e->gone = patch_op(p, in, PHASE_FORGET, INT64_MAX);
	e->done = patch_op(p, in, PHASE_FORGET, INT64_MAX);
	for (uint32_t k = config_first(b, parent->b); k != 0; k = config_next(b, k))
		if (config_counts(b, k) && config_rule(b, RULE_RESET, k) != rule &&
		    re_find(rule->other, words_first_line(config_word(b, k)), NULL) > 0)
			add_again(p, k, e->done, in);
	for (uint32_t k = config_first(a, parent->a); k != 0; k = config_next(a, k))
		if (config_rule(a, RULE_RESET, k) != rule && a->v[k].mate == NODE_NONE &&
		    p->op_of[FROM][k] != 0 &&
		    re_find(rule->other, words_first_line(config_word(a, k)), NULL) > 0)
			order_before(p, p->op_of[FROM][k], e->gone);
}

/* What the device forgets goes first for itself, and what stays comes again. */
static void
reset(struct patcher *p, const struct diff_node *n, const struct events *e)
{
	uint32_t op = n->kind == DIFF_REMOVED ? p->op_of[FROM][n->a] : p->op_of[TO][n->b];

	order_before(p, e->gone, op);
	order_before(p, op, e->done);
}

/* Whether both texts have a line for what they have in common: one may have a list
 * of brothers that begin so. */
static bool
is_line(const struct patcher *p, const struct diff_node *n)
{
	return (p->match.a.v[n->a].flags & p->match.b.v[n->b].flags & ITEM_LINE) != 0;
}

static int
enter(struct patcher *p, const struct diff_node *n, const struct place *in)
{
	const struct place *inside = patch_place(p, in, n->old.p != NULL ? n->old : n->text);
	const struct dialect_rule *rule;
	struct events *events = NULL, *e;
	int r = list_is(p, n) ? list_edit(p, n, inside) : indent_walk(p, n->children, n->n, inside);

	for (size_t i = 0; i < n->n && r == 0; i++) {
		if ((rule = reset_by(p, &n->children[i])) == NULL || rule->other == NULL)
			continue;
		if (events == NULL)
			events = arena_calloc(p->scratch, p->dialect->n_resets, sizeof(*events));
		e = &events[rule - p->dialect->resets];
		if (e->done == 0)
			make_events(p, n, rule, inside, e);
		reset(p, &n->children[i], e);
	}
	return r;
}

int
indent_walk(struct patcher *p, const struct diff_node *v, size_t n, const struct place *in)
{
	struct buf text = BUF_INIT;
	struct span line;
	size_t run, single = 0;	/* up to here each line goes for itself */
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i += run) {
		buf_clear(&text);
		run = i < single ? 1 : diff_run(&v[i], n - i, &text);
		if (run > 1 && v[i].kind == DIFF_REMOVED && !goes_plainly(p, &v[i], run)) {
			single = i + run;
			run = 1;
		}
		line = run > 1 ? patch_keep(p->scratch, &text) : v[i].text;
		if (!v[i].counts)
			continue;
		if (p->steps > STEPS_MAX) {
			r = patch_refuse(p, "push: replace", "too many lines stand side by side");
			break;
		}
		if ((r = refuse(p, &v[i])) != 0)
			break;
		if (v[i].kind == DIFF_ADDED)
			r = add_new(p, &v[i], run, line, in);
		else if (v[i].kind == DIFF_REMOVED)
			r = add_old(p, &v[i], run, line, in);
		else if (v[i].kind == DIFF_CHANGED)
			r = add_changed(p, &v[i], in);
		else if (v[i].kind == DIFF_MOVED)
			r = list_fits(p, &v[i]);
		else if (!is_line(p, &v[i]))
			r = patch_refuse(p, "push: replace", "%s is a line in one text and the "
			    "beginning of lines in the other", patch_quote(p, FROM, v[i].a));
		else
			r = enter(p, &v[i], in);
	}
	buf_release(&text);
	return r;
}

/* --- what commands take along --- */

/* Lines that stay and would be taken back by a command that was given, or by one
 * that says more: they come behind it. */
static void
add_taken(struct patcher *p, uint32_t item)
{
	uint32_t parent = p->match.b.v[p->match.b.v[item].parent].mate, op;
	bool own;
	struct span command = indent_undo(p, TO, item, &own);
	size_t len = command.len < p->undone_max ? command.len : p->undone_max;
	struct buf key = BUF_INIT;

	for (; own && len > 0; len--) {
		if (len < command.len && command.p[len] != ' ')
			continue;
		buf_clear(&key);
		add_undo_key(&key, parent, span_of(command.p, len));
		if (!map_has(&p->undone, buf_str(&key)))
			continue;
		op = (uint32_t)(uintptr_t)map_get(&p->undone, buf_str(&key));
		if (p->op_of[TO][item] != op)
			add_again(p, item, op, p->ops[op].in);
	}
	buf_release(&key);
}

static void
find_taken(struct patcher *p)
{
	const struct config *b = &p->match.b;

	if (p->undone.n == 0)
		return;
	for (uint32_t i = 1; i < b->n; i++)
		if ((b->v[i].flags & (ITEM_LINE | ITEM_GONE | ITEM_INSIDE)) == ITEM_LINE &&
		    config_counts(b, i) && config_first(b, i) == 0 &&
		    b->v[b->v[i].parent].mate != NODE_NONE)
			add_taken(p, i);
}

int
patch_indent(struct patcher *p)
{
	int r;

	if (p->dialect->negation == NULL || *p->dialect->negation == '\0')
		return patch_refuse(p, "add grammar.commands.negation to the platform",
		    "its definition does not say how a line is taken back");
	find_sections(p);
	order_init(p);
	range_init(p);
	if ((r = indent_walk(p, p->diff->nodes, p->diff->n, NULL)) != 0)
		return r;
	find_taken(p);
	return order_ops(p);
}
