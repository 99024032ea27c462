/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform file as it stands: what the field tables read, before anything is
 * compiled or checked against anything else. Internal to the loader.
 */
#ifndef FAIRLEAD_DEVICES_PLATFORM_RAW_H
#define FAIRLEAD_DEVICES_PLATFORM_RAW_H

#include "devices/definition.h"

struct raw_prompt {
	const char *mode, *match;
	const struct doc_node *like, *unlike;
};
struct raw_terminal {
	const char *type;
	int64_t columns, rows;
	const char *enter;
	bool echo;
};
struct raw_pager {
	const char *match, *answer;
	const struct doc_node *like, *unlike;
};
struct raw_privilege {
	const char *from, *to, *send, *password;
};
struct raw_home {
	const char *mode, *send;
};
struct raw_error {
	const char *match, *class, *next;
	const struct doc_node *like, *unlike;
};
struct raw_strip {
	const char *name, *match;
	int where;
	const struct doc_node *like, *unlike;
};
struct raw_rule {
	const char *name, *line, *within, *other, *with, *whole;
	bool last, added, ends, each;
	const struct doc_node *like, *unlike;
};
struct raw_block {
	const char *name, *open, *close, *within;
	int64_t times;
	bool indented;
	const struct doc_node *like, *unlike;
};
struct raw_form {
	int syntax;
	const char *when;
	const struct doc_node *like, *unlike;
};
struct raw_commands {
	int style;
	const char *negation, *reset, *exit, *quote, *delimiters;
	struct field_list references, negations, resets, modes, exclusive, unique, kept, refused,
	    lists;
};
struct raw_grammar {
	int syntax;
	bool line_ends, paths, repeats;
	struct field_list forms, verbs;
	const char *root;
	struct field_strings comments, skipped, leaves;
	struct field_list separators, blanks, ordered, sequences, ranges, identities, blocks, volatiles,
	    owned, secrets, lifelines, destructive;
	struct raw_commands commands;
};

struct raw_identity {
	bool compare_hostname, compare_serial;
	const struct doc_node *steps;
};
struct raw_platform {
	const char *name, *title;
	struct field_strings aliases;
	int transport;
	struct platform_caps caps;
	struct field_list vars;
	struct field_pairs change, locals;
	struct raw_terminal terminal;
	struct field_list prompts;
	struct raw_pager pager;
	struct raw_privilege privilege;
	struct raw_home home;
	struct field_list errors, strip;
	struct raw_grammar grammar;
	struct raw_identity identity;
	const struct doc_node *login, *parts, *verbs;
};
extern const struct field_table platform_table;

#endif
