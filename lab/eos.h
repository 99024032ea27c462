/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated EOS from the inside: what eos.c (commands and modes),
 * eos_show.c (what is shown) and eos_config.c (what the configuration means
 * to the box) share.
 */
#ifndef FAIRLEAD_LAB_EOS_H
#define FAIRLEAD_LAB_EOS_H

#include "lab/device.h"
#include "lab/eos_grammar.h"

enum eos_mode { EOS_EXEC, EOS_CONFIG, EOS_SESSION };

struct eos {
	struct cli cli;		/* first: the two are one object */
	bool enabled;
	bool asking;		/* for the enable password */
	enum eos_mode mode;
	char session[SESSION_NAME];
	struct conf conf;
	int script_line;	/* of an exec request, from 1; 0: a terminal */
};

/* eos_config.c */
bool eos_hardware(const struct node *n);
void eos_generate(const struct seed *seed, struct buf *out);
void eos_render(const struct node *root, struct buf *out);
void eos_hostname(const struct node *root, char *out, size_t size);
const char *eos_user_secret(const struct node *root, const char *user);
void eos_management(const struct node *root, struct buf *out);
/* Text of a banner ("login", "motd"), or "". */
const char *eos_banner_text(const struct node *root, const char *which);
/* Whether a login goes straight to privileged mode. */
bool eos_login_enabled(const struct node *root, const char *user);


/* eos_show.c; the device is locked. `line` is the canonical command. */
void eos_show_version(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_hostname(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_clock(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_privilege(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_inventory(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_running(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_sanitized(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_running_diffs(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_startup(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_session(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_session_named(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_session_diffs(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_sessions(struct eos *e, const char *line, bool json, struct buf *out);
void eos_show_sessions_detail(struct eos *e, const char *line, bool json, struct buf *out);
/* "Last login: ..." when there was one. */
void eos_last_login(struct device *dev, struct buf *out);
/* Send text through "| include x | no-more"; *pipes is what follows the first
 * bar. False, with nothing changed, when it is no known pipe. */
bool eos_pipes(const char *pipes, struct buf *text, bool *no_more);
/* Whether the pipes ask for JSON. */
bool eos_wants_json(const char *pipes);

#endif
