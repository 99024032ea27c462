/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of a platform file: keys, types, limits, help. They are its
 * parser, its schema and its reference page.
 */
#include "devices/platform_raw.h"

#define ROW(t, k, ty, ...) { #k, ty, offsetof(struct t, k), __VA_ARGS__ }

static const struct field prompt_rows[] = {
	{ "mode", FIELD_NAME, offsetof(struct raw_prompt, mode), FIELD_KEY,
	    .help = "name of the mode" },
	ROW(raw_prompt, match, FIELD_REGEX, FIELD_REQUIRED,
	    .help = "the whole prompt, from ^ to $, with a group `host`"),
	ROW(raw_prompt, like, FIELD_NODE, FIELD_REQUIRED, .help = "samples that must match"),
	ROW(raw_prompt, unlike, FIELD_NODE, 0, .help = "samples that must not"),
};
static const struct field_table prompt_table =
    FIELD_TABLE("platform.prompts", struct raw_prompt, prompt_rows, "Prompts, one a mode.");

static const struct field terminal_rows[] = {
	ROW(raw_terminal, type, FIELD_STRING, 0, .def = "vt100", .help = "terminal type asked for"),
	ROW(raw_terminal, columns, FIELD_INT, 0, 20, 32767, .def = "511", .help = "its width"),
	ROW(raw_terminal, rows, FIELD_INT, 0, 1, 32767, .def = "100", .help = "its height"),
	ROW(raw_terminal, enter, FIELD_STRING, 0, .help = "what ends a line; default: a line feed"),
	ROW(raw_terminal, echo, FIELD_BOOL, 0, .def = "true",
	    .help = "the device repeats what it is sent"),
};
static const struct field_table terminal_table =
    FIELD_TABLE("platform.terminal", struct raw_terminal, terminal_rows, "The terminal.");

static const struct field pager_rows[] = {
	ROW(raw_pager, match, FIELD_REGEX, FIELD_REQUIRED, .help = "what the pager shows"),
	ROW(raw_pager, answer, FIELD_STRING, 0, .def = " ", .help = "bytes that make it go on"),
	ROW(raw_pager, like, FIELD_NODE, FIELD_REQUIRED, .help = "samples that must match"),
	ROW(raw_pager, unlike, FIELD_NODE, 0, .help = "samples that must not"),
};
static const struct field_table pager_table =
    FIELD_TABLE("platform.pager", struct raw_pager, pager_rows, "The pager.");

static const struct field privilege_rows[] = {
	ROW(raw_privilege, from, FIELD_NAME, FIELD_REQUIRED, .help = "mode in which it is needed"),
	ROW(raw_privilege, to, FIELD_NAME, FIELD_REQUIRED, .help = "mode it leads to"),
	ROW(raw_privilege, send, FIELD_STRING, FIELD_REQUIRED, .help = "the command"),
	ROW(raw_privilege, password, FIELD_REGEX, FIELD_REQUIRED,
	    .help = "the question for the password"),
};
static const struct field_table privilege_table =
    FIELD_TABLE("platform.privilege", struct raw_privilege, privilege_rows,
    "How to gain privilege.");

static const struct field home_rows[] = {
	ROW(raw_home, mode, FIELD_NAME, FIELD_REQUIRED, .help = "mode every verb starts in"),
	ROW(raw_home, send, FIELD_STRING, FIELD_REQUIRED,
	    .help = "the command that leads back to it"),
};
static const struct field_table home_table =
    FIELD_TABLE("platform.home", struct raw_home, home_rows, "Where verbs start.");

static const struct field error_rows[] = {
	ROW(raw_error, match, FIELD_REGEX, FIELD_REQUIRED, .help = "what the device says"),
	ROW(raw_error, class, FIELD_STRING, FIELD_REQUIRED,
	    .help = "what it means: rejected, busy, auth, ..."),
	ROW(raw_error, next, FIELD_STRING, 0, .help = "what a person should do"),
	ROW(raw_error, like, FIELD_NODE, FIELD_REQUIRED, .help = "samples that must match"),
	ROW(raw_error, unlike, FIELD_NODE, 0, .help = "samples that must not"),
};
static const struct field_table error_table =
    FIELD_TABLE("platform.errors", struct raw_error, error_rows, "Errors, the first that matches.");

static const char *const where_words[] = { "head", "tail", "any", NULL };
static const struct field strip_rows[] = {
	ROW(raw_strip, name, FIELD_STRING, FIELD_REQUIRED, .help = "name of the rule"),
	ROW(raw_strip, where, FIELD_ENUM, FIELD_REQUIRED, .words = where_words,
	    .help = "head: first lines; tail: last lines; any: everywhere but in blocks"),
	ROW(raw_strip, match, FIELD_REGEX, FIELD_REQUIRED, .help = "the line"),
	ROW(raw_strip, like, FIELD_NODE, 0, .help = "samples that must match"),
	ROW(raw_strip, unlike, FIELD_NODE, 0, .help = "samples that must not"),
};
static const struct field_table strip_table =
    FIELD_TABLE("platform.strip", struct raw_strip, strip_rows,
    "Lines that are not configuration.");

#define RULE_ROWS \
	ROW(raw_rule, name, FIELD_STRING, FIELD_REQUIRED, .help = "name of the rule"), \
	ROW(raw_rule, line, FIELD_REGEX, FIELD_REQUIRED, .help = "the line, without its indent"), \
	ROW(raw_rule, within, FIELD_REGEX, 0, .help = "one of its parents, without indent"), \
	ROW(raw_rule, like, FIELD_NODE, 0, .help = "samples that must match"), \
	ROW(raw_rule, unlike, FIELD_NODE, 0, .help = "samples that must not")
#define OTHER(key, ...) { key, FIELD_REGEX, offsetof(struct raw_rule, other), __VA_ARGS__ }
/* Rules of one shape, and those with something more. */
static const struct field rule_rows[] = { RULE_ROWS };
static const struct field_table rule_table =
    FIELD_TABLE("platform.grammar.rule", struct raw_rule, rule_rows, "A rule about lines.");
static const struct field ordered_rows[] = { RULE_ROWS,
	OTHER("numbered", .help = "children that all match have numbers, so no order"),
};
static const struct field_table ordered_table =
    FIELD_TABLE("platform.grammar.ordered", struct raw_rule, ordered_rows,
    "Parents whose children have an order.");
static const struct field separator_rows[] = { RULE_ROWS,
	ROW(raw_rule, ends, FIELD_BOOL, 0, .def = "false",
	    .help = "indent: it ends the sections that are open"),
};
static const struct field_table separator_table =
    FIELD_TABLE("platform.grammar.separators", struct raw_rule, separator_rows,
    "Lines that carry nothing.");
static const struct field range_rows[] = { RULE_ROWS,
	ROW(raw_rule, each, FIELD_BOOL, 0, .def = "false",
	    .help = "indent: the line stands for one line a number"),
	{ "remove", FIELD_STRING, offsetof(struct raw_rule, with), 0,
	    .help = "with a group `add`: what stands in its place to take numbers away" },
};
static const struct field_table range_table =
    FIELD_TABLE("platform.grammar.ranges", struct raw_rule, range_rows,
    "Lines with a set of numbers.");
static const struct field lifeline_rows[] = { RULE_ROWS,
	ROW(raw_rule, added, FIELD_BOOL, 0, .def = "false",
	    .help = "also when it is new: it cuts off"),
};
static const struct field refused_rows[] = { RULE_ROWS,
	ROW(raw_rule, added, FIELD_BOOL, 0, .def = "false", .help = "also when it is new"),
};
static const struct field_table refused_table =
    FIELD_TABLE("platform.grammar.commands.refused", struct raw_rule, refused_rows,
    "What no command changes safely.");
static const struct field_table lifeline_table =
    FIELD_TABLE("platform.grammar.lifelines", struct raw_rule, lifeline_rows,
    "What keeps the device reachable.");
static const struct field destructive_rows[] = { RULE_ROWS,
	OTHER("having", .help = "only when a line below it matches"),
	ROW(raw_rule, last, FIELD_BOOL, 0, .def = "false",
	    .help = "only when no line like it is left"),
};
static const struct field_table destructive_table =
    FIELD_TABLE("platform.grammar.destructive", struct raw_rule, destructive_rows,
    "What is destroyed when it goes.");
static const struct field reference_rows[] = { RULE_ROWS,
	OTHER("uses", .flags = FIELD_REQUIRED, .help = "lines that use the group `name`"),
};
static const struct field_table reference_table =
    FIELD_TABLE("platform.grammar.commands.references", struct raw_rule, reference_rows,
    "What must be there before it is used.");
static const struct field negation_rows[] = { RULE_ROWS,
	ROW(raw_rule, with, FIELD_STRING, 0,
	    .help = "the command, with the groups of `line` as ${name}"),
	ROW(raw_rule, whole, FIELD_STRING, 0,
	    .help = "the command for all about the group `name`, when nothing defines that any more"),
};
static const struct field_table negation_table =
    FIELD_TABLE("platform.grammar.commands.negations", struct raw_rule, negation_rows,
    "Lines that are taken back in another way.");
static const struct field reset_rows[] = { RULE_ROWS,
	OTHER("loses", .flags = FIELD_REQUIRED, .help = "brothers that the device forgets"),
};
static const struct field_table reset_table =
    FIELD_TABLE("platform.grammar.commands.resets", struct raw_rule, reset_rows,
    "Lines that make the device forget others.");

static const struct field block_rows[] = {
	ROW(raw_block, name, FIELD_STRING, FIELD_REQUIRED, .help = "name of the rule"),
	ROW(raw_block, open, FIELD_REGEX, FIELD_REQUIRED,
	    .help = "the line that opens it; a group `delim` is also what ends it"),
	ROW(raw_block, close, FIELD_REGEX, 0, .help = "the line that ends it"),
	ROW(raw_block, within, FIELD_REGEX, 0, .help = "one of its parents, without indent"),
	ROW(raw_block, times, FIELD_INT, 0, 1, 9, .def = "1",
	    .help = "how often `close` must come"),
	ROW(raw_block, indented, FIELD_BOOL, 0, .def = "false",
	    .help = "a language: its indent and blank lines mean nothing"),
	ROW(raw_block, like, FIELD_NODE, 0, .help = "samples that must match `open`"),
	ROW(raw_block, unlike, FIELD_NODE, 0, .help = "samples that must not"),
};
static const struct field_table block_table =
    FIELD_TABLE("platform.grammar.block", struct raw_block, block_rows,
    "Lines that are one value.");

static const char *const syntax_words[] = { "indent", "brace", "set", "section", NULL };
static const struct field form_rows[] = {
	ROW(raw_form, syntax, FIELD_ENUM, FIELD_REQUIRED, .words = syntax_words,
	    .help = "what makes a child"),
	ROW(raw_form, when, FIELD_REGEX, FIELD_REQUIRED,
	    .help = "the first line of such a text, comments apart"),
	ROW(raw_form, like, FIELD_NODE, 0, .help = "samples that must match"),
	ROW(raw_form, unlike, FIELD_NODE, 0, .help = "samples that must not"),
};
static const struct field_table form_table =
    FIELD_TABLE("platform.grammar.forms", struct raw_form, form_rows,
    "Other forms of the same text.");

static const char *const does_words[] = { "add", "delete", "mark", "move", NULL };
static const struct field verb_rows[] = {
	ROW(dialect_verb, prefix, FIELD_STRING, FIELD_REQUIRED,
	    .help = "what a line begins with"),
	ROW(dialect_verb, does, FIELD_ENUM, FIELD_REQUIRED, .words = does_words,
	    .help = "what it does to the path behind it"),
	ROW(dialect_verb, mark, FIELD_STRING, 0,
	    .help = "mark: the word in front of a statement that says the same"),
};
static const struct field_table verb_table =
    FIELD_TABLE("platform.grammar.verbs", struct dialect_verb, verb_rows,
    "What lines begin with that are a path each.");

#define LIST(key, in, member, tab, text) \
	{ key, FIELD_LIST, offsetof(struct in, member), .table = &tab, .help = text }
static const char *const style_words[] = { "none", "indent", "set", "section", NULL };
static const struct field commands_rows[] = {
	ROW(raw_commands, style, FIELD_ENUM, 0, .words = style_words, .def = "none",
	    .help = "how a person types changes"),
	ROW(raw_commands, negation, FIELD_STRING, 0, .def = "",
	    .help = "what stands in front of a line to take it back"),
	ROW(raw_commands, reset, FIELD_STRING, 0, .def = "",
	    .help = "what takes a line back that begins with the negation"),
	ROW(raw_commands, exit, FIELD_STRING, 0, .def = "exit", .help = "leaves one level"),
	ROW(raw_commands, quote, FIELD_STRING, 0, .def = "\"",
	    .help = "set: what stands around a word that needs it"),
	ROW(raw_commands, delimiters, FIELD_STRING, 0, .def = "",
	    .help = "what may be typed around a block whose own delimiter is ^C"),
	LIST("references", raw_commands, references, reference_table,
	    "what must be there before it is used"),
	LIST("negations", raw_commands, negations, negation_table,
	    "lines that are taken back in another way"),
	LIST("resets", raw_commands, resets, reset_table,
	    "lines that make the device forget others"),
	LIST("modes", raw_commands, modes, rule_table,
	    "lines that enter a mode, also when nothing is below them"),
	LIST("exclusive", raw_commands, exclusive, rule_table,
	    "lines that a new value does not overwrite: the old one goes first"),
	LIST("unique", raw_commands, unique, rule_table,
	    "lines of which two with one name are one object: the old one goes first"),
	LIST("make_before_break", raw_commands, kept, rule_table,
	    "lines that go only when all that comes is there"),
	LIST("refused", raw_commands, refused, refused_table,
	    "lines that no command changes safely"),
	LIST("lists", raw_commands, lists, rule_table,
	    "set: paths whose next word is one of several"),
};
static const struct field_table commands_table =
    FIELD_TABLE("platform.grammar.commands", struct raw_commands, commands_rows,
    "How a person types changes.");

#define RULES(key, member, text) LIST(key, raw_grammar, member, rule_table, text)
static const struct field grammar_rows[] = {
	ROW(raw_grammar, syntax, FIELD_ENUM, FIELD_REQUIRED, .words = syntax_words,
	    .help = "what makes a child"),
	LIST("forms", raw_grammar, forms, form_table, "other forms of the same text"),
	ROW(raw_grammar, line_ends, FIELD_BOOL, 0, .def = "false",
	    .help = "brace: a line end ends a statement"),
	ROW(raw_grammar, paths, FIELD_BOOL, 0, .def = "false",
	    .help = "words are steps of a path; rules see the path"),
	ROW(raw_grammar, repeats, FIELD_BOOL, 0, .def = "false",
	    .help = "what stands twice is two, not one"),
	LIST("verbs", raw_grammar, verbs, verb_table,
	    "what lines begin with that are a path each"),
	ROW(raw_grammar, skipped, FIELD_STRINGS, 0,
	    .help = "paths: words in front of a statement that say nothing"),
	ROW(raw_grammar, leaves, FIELD_STRINGS, 0,
	    .help = "paths: last words of those that take one word, with others behind it"),
	ROW(raw_grammar, root, FIELD_REGEX, 0,
	    .help = "paths: the front of a path that rules do not see"),
	ROW(raw_grammar, comments, FIELD_STRINGS, 0, .help = "what a comment starts with"),
	LIST("separators", raw_grammar, separators, separator_table, "lines that carry nothing"),
	RULES("blanks", blanks, "indent: lines in which several blanks are one"),
	LIST("ordered", raw_grammar, ordered, ordered_table,
	    "parents whose children have an order"),
	RULES("sequences", sequences, "brothers with the same matched text are an ordered list"),
	LIST("ranges", raw_grammar, ranges, range_table,
	    "lines with a set of numbers, in a group `list`"),
	RULES("identity", identities, "what a line is about, beside its group `value`"),
	LIST("blocks", raw_grammar, blocks, block_table, "several lines that are one value"),
	RULES("volatile", volatiles, "lines, or groups `value`, that change by themselves"),
	RULES("owned", owned, "lines that are the device's own"),
	RULES("secrets", secrets, "lines with a secret, in a group `secret`"),
	LIST("lifelines", raw_grammar, lifelines, lifeline_table,
	    "what keeps the device reachable"),
	LIST("destructive", raw_grammar, destructive, destructive_table,
	    "what is destroyed when it goes"),
	{ "commands", FIELD_STRUCT, offsetof(struct raw_grammar, commands),
	    .table = &commands_table, .help = "how a person types changes" },
};
static const struct field_table grammar_table =
    FIELD_TABLE("platform.grammar", struct raw_grammar, grammar_rows,
    "The configuration's syntax.");
static const char *const confirm_words[] = { "none", "any-session", "arming-session", NULL };
static const char *const drop_words[] = { "timer-runs", "reverts-at-once", NULL };
#define DAYS(n) ((n) * INT64_C(86400000))
static const struct field caps_rows[] = {
	ROW(platform_caps, candidate, FIELD_BOOL, FIELD_REQUIRED,
	    .help = "staged beside running, invisible until armed"),
	ROW(platform_caps, native_diff, FIELD_BOOL, FIELD_REQUIRED,
	    .help = "the device itself says what would change"),
	ROW(platform_caps, check, FIELD_BOOL, FIELD_REQUIRED, .help = "commit-check before arm"),
	ROW(platform_caps, timer, FIELD_BOOL, FIELD_REQUIRED,
	    .help = "the device reverts by itself"),
	ROW(platform_caps, confirm, FIELD_ENUM, FIELD_REQUIRED, .words = confirm_words,
	    .help = "who may confirm"),
	ROW(platform_caps, on_disconnect, FIELD_ENUM, FIELD_REQUIRED, .words = drop_words,
	    .help = "what happens when the arming session drops"),
	ROW(platform_caps, reboot_reverts, FIELD_BOOL, FIELD_REQUIRED,
	    .help = "a reboot while armed brings the old one back"),
	ROW(platform_caps, startup, FIELD_BOOL, FIELD_REQUIRED,
	    .help = "running and startup differ until saved"),
	{ "timer_min", FIELD_DURATION, offsetof(struct platform_caps, timer_min_ms), 0,
	    1000, DAYS(30),
	    .def = "30s", .help = "shortest timer" },
	{ "timer_max", FIELD_DURATION, offsetof(struct platform_caps, timer_max_ms), 0,
	    1000, DAYS(30),
	    .def = "1h", .help = "longest timer" },
	{ "timer_margin", FIELD_DURATION, offsetof(struct platform_caps, timer_margin_ms),
	    0, 0, DAYS(1),
	    .def = "10s", .help = "how late an expiry may be" },
	{ "settle", FIELD_DURATION, offsetof(struct platform_caps, settle_ms), 0, 0, DAYS(1),
	    .def = "2s", .help = "wait after arm before the new session" },
	ROW(platform_caps, proof, FIELD_STRING, FIELD_REQUIRED,
	    .help = "how this is proven: real, transcript, simulator"),
};
static const struct field_table caps_table = FIELD_TABLE("platform.capabilities",
    struct platform_caps,
    caps_rows, "What the platform can do.");

static const struct field var_rows[] = {
	{ "name", FIELD_NAME, offsetof(struct var, name), FIELD_KEY,
	    .help = "name of the variable" },
	ROW(var, type, FIELD_ENUM, FIELD_REQUIRED, .words = value_type_words,
	    .help = "type of the value"),
	{ "default", FIELD_STRING, offsetof(struct var, def), 0,
	    .help = "value where the inventory has none" },
	ROW(var, match, FIELD_REGEX, 0, .help = "what a value must match"),
	ROW(var, help, FIELD_STRING, FIELD_REQUIRED, .help = "what it is for"),
};
static const struct field_table var_table =
    FIELD_TABLE("platform.vars", struct var, var_rows, "Variables that a device may set.");

static const struct field identity_rows[] = {
	ROW(raw_identity, compare_hostname, FIELD_BOOL, FIELD_REQUIRED,
	    .help = "the device's name is its name in the inventory"),
	ROW(raw_identity, compare_serial, FIELD_BOOL, FIELD_REQUIRED,
	    .help = "the serial number is compared when the inventory knows one"),
	ROW(raw_identity, steps, FIELD_NODE, FIELD_REQUIRED,
	    .help = "steps that set hostname, serial, version, model"),
};
static const struct field_table identity_table =
    FIELD_TABLE("platform.identity", struct raw_identity, identity_rows, "Who answers.");

static const char *const transport_words[] = { "cli", "exec", NULL };
#define TABLE(k, ty, tab, ...) \
	{ #k, ty, offsetof(struct raw_platform, k), .table = &tab, __VA_ARGS__ }
static const struct field platform_rows[] = {
	ROW(raw_platform, name, FIELD_NAME, FIELD_REQUIRED, .help = "our name for it"),
	ROW(raw_platform, title, FIELD_STRING, FIELD_REQUIRED, .help = "its name for people"),
	ROW(raw_platform, aliases, FIELD_STRINGS, 0, .help = "other tools' names for it"),
	ROW(raw_platform, transport, FIELD_ENUM, 0, .words = transport_words, .def = "cli",
	    .help = "cli: a shell with prompts; exec: one channel a command"),
	{ "capabilities", FIELD_STRUCT, offsetof(struct raw_platform, caps),
	    .table = &caps_table,
	    .help = "what the platform can do" },
	TABLE(vars, FIELD_MAP, var_table, .help = "variables that a device may set"),
	ROW(raw_platform, change, FIELD_PAIRS, 0,
	    .help = "values that name a change, with their types; journaled"),
	ROW(raw_platform, locals, FIELD_PAIRS, 0,
	    .help = "other values that verbs set, with their types"),
	TABLE(terminal, FIELD_STRUCT, terminal_table, .help = "the terminal"),
	TABLE(prompts, FIELD_MAP, prompt_table, .help = "prompts, one a mode"),
	TABLE(pager, FIELD_STRUCT, pager_table, .help = "the pager"),
	TABLE(privilege, FIELD_STRUCT, privilege_table, .help = "how to gain privilege"),
	TABLE(home, FIELD_STRUCT, home_table, .help = "where verbs start"),
	TABLE(errors, FIELD_LIST, error_table,
	    .help = "what the device says when something is wrong"),
	TABLE(strip, FIELD_LIST, strip_table,
	    .help = "lines of running that are not configuration"),
	TABLE(grammar, FIELD_STRUCT, grammar_table, .flags = FIELD_REQUIRED,
	    .help = "the configuration's syntax"),
	TABLE(identity, FIELD_STRUCT, identity_table, .help = "who answers"),
	ROW(raw_platform, login, FIELD_NODE, 0, .help = "steps after login"),
	ROW(raw_platform, parts, FIELD_NODE, 0, .help = "lists of steps that verbs share"),
	ROW(raw_platform, verbs, FIELD_NODE, 0,
	    .help = "what can be done, each a list of steps; none: only the grammar is known"),
};
const struct field_table platform_table =
    FIELD_TABLE("platform", struct raw_platform, platform_rows, "A network operating system.");