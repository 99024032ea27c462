/* SPDX-License-Identifier: Apache-2.0 */
/* How a text is understood, for people who write rules and for tools. */
#include "diffing/diff_build.h"
#include "diffing/mask.h"

static const char *const syntax_words[] = {
	[SYNTAX_INDENT] = "indent", [SYNTAX_BRACE] = "brace", [SYNTAX_SET] = "set",
	[SYNTAX_SECTION] = "section",
};

struct parse {
	struct match match;
	struct masker masker;
	struct buf text;	/* of the item at hand, masked */
	bool lossless;		/* printing the tree gave the text back */
};

static void
parse_init(struct parse *p, const struct dialect *d, const struct mask_key *key,
    struct span text)
{
	struct buf back = BUF_INIT;

	*p = (struct parse){ .text = BUF_INIT };
	match_init_one(&p->match, d, text);
	masker_init(&p->masker, &p->match.rules, key);
	tree_print(&p->match.a.tree, &back);
	p->lossless = span_eq(buf_span(&back), text);
	buf_release(&back);
}

static void
parse_release(struct parse *p)
{
	masker_release(&p->masker);
	buf_release(&p->text);
	match_release(&p->match);
}

/* The text of an item; of numbers on several lines, all of them. */
static struct span
said(const struct config *c, uint32_t i)
{
	const struct item *item = &c->v[i];
	bool several = item->node != NODE_NONE && c->tree.nodes[item->node].again != NODE_NONE;

	if (item->node == NODE_NONE)
		return config_title(c, i);
	return c->words->v[several && (item->flags & ITEM_VALUE) == 0 ? item->word :
	    item->exact].text;
}

static struct span
masked(struct parse *p, uint32_t i)
{
	const struct config *c = &p->match.a;
	struct buf word = BUF_INIT;
	struct parents up;

	config_parents(c, i, &up);
	/* Quotes are what tells where a secret with blanks ends. */
	if (c->paths && !config_is_comment(c, i))
		path_add_word(&word, said(c, i));
	else
		buf_addspan(&word, said(c, i));
	buf_clear(&p->text);
	mask_add(&p->masker, buf_span(&word), &up, &p->text);
	buf_release(&word);
	return buf_span(&p->text);
}

static uint32_t
line_of(const struct config *c, uint32_t i)
{
	return c->v[i].node != NODE_NONE ? c->tree.nodes[c->v[i].node].line : 0;
}

static bool
is_block(const struct config *c, uint32_t i)
{
	return c->v[i].node != NODE_NONE && c->tree.nodes[c->v[i].node].kind == NODE_BLOCK;
}

uint32_t
text_unended(const struct dialect *d, struct span text)
{
	struct arena a = ARENA_INIT;
	struct rules rules;
	struct words words;
	struct tree t;
	uint32_t line;

	rules_init(&rules, &a, d);
	words_init(&words, &a, &rules, 0);
	tree_read(&t, &a, &words, text);
	line = tree_unended(&t);
	arena_release(&a);
	return line;
}

void
parse_text(const struct dialect *d, const struct mask_key *key, struct span text,
    struct buf *out)
{
	struct parse p;
	const struct config *c = &p.match.a;

	parse_init(&p, d, key, text);
	for (uint32_t i = config_after(c, 0, 0); i != 0; i = config_after(c, 0, i)) {
		struct span rest = masked(&p, i), line;

		if (line_of(c, i) > 0)
			buf_addf(out, "%6u  ", (unsigned)line_of(c, i));
		else
			buf_adds(out, "     -  ");
		buf_addf(out, "%*s", 2 * (c->v[i].depth - 1), "");
		for (bool first = true; span_line(&rest, &line); first = false) {
			buf_adds(out, first ? "" : "\n        | ");
			text_visible(out, line, false);
		}
		if (c->v[i].rule != NULL)
			buf_addf(out, "  [ignored: %s]", c->v[i].rule->name);
		if ((c->v[i].flags & ITEM_ORDERED) != 0)
			buf_adds(out, "  [ordered]");
		buf_addc(out, '\n');
	}
	parse_release(&p);
}

void
parse_json(const struct dialect *d, const struct mask_key *key, struct span text,
    struct jw *w, const char *jkey)
{
	struct parse p;
	const struct config *c = &p.match.a;

	parse_init(&p, d, key, text);
	jw_object(w, jkey);
	jw_string(w, "syntax", syntax_words[c->tree.syntax]);
	jw_bool(w, "lossless", p.lossless);
	jw_array(w, "items");
	for (uint32_t i = config_after(c, 0, 0); i != 0; i = config_after(c, 0, i)) {
		jw_object(w, NULL);
		jw_int(w, "depth", c->v[i].depth);
		jw_int(w, "line", line_of(c, i));
		jw_span(w, "text", masked(&p, i));
		if (is_block(c, i))
			jw_bool(w, "block", true);
		if ((c->v[i].flags & ITEM_ORDERED) != 0)
			jw_bool(w, "ordered", true);
		if (c->v[i].rule != NULL)
			jw_string(w, "ignored", c->v[i].rule->name);
		jw_end(w);
	}
	jw_end(w);
	jw_end(w);
	parse_release(&p);
}
