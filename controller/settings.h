/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The controller's settings (/etc/fairlead/fairlead.yaml or --config): what
 * belongs to this host and must never come from the repository. One field
 * table is parser, schema and reference page (docs/settings.md is generated).
 */
#ifndef FAIRLEAD_CONTROLLER_SETTINGS_H
#define FAIRLEAD_CONTROLLER_SETTINGS_H

#include "base/field.h"
#include "base/secret.h"

enum mode { MODE_OBSERVE, MODE_MANUAL, MODE_AUTO };
const char *mode_word(enum mode m);

/* Exactly one of the three; `command` is an argument vector, no shell. */
struct secret_setting {
	const char *file, *env;
	struct field_strings command;
};

struct login_setting {
	const char *user;
	const char *key;		/* private key file */
	struct secret_setting password, passphrase, enable;
};
struct credential_setting {
	const char *name;
	struct login_setting read, write;
};
struct mode_rule {
	const char *select;
	int mode;
};
struct named_secret {
	const char *name;
	struct secret_setting source;
};

enum on_drift { DRIFT_STOP, DRIFT_INCLUDE };

struct repository_settings {
	const char *url, *branch, *configs;
	const char *ssh_key, *known_hosts, *user, *ca;
	struct secret_setting token;
	int64_t poll_ms, timeout_ms, max_bytes, max_config;
};
struct results_settings {
	const char *url;		/* NULL: the repository's */
	const char *branch, *name, *email;
	const char *ssh_key, *known_hosts, *user, *ca;
	struct secret_setting token;
};
struct secrets_settings {
	const char *directory;		/* ${secret:NAME} is the file NAME in it */
	struct field_list sources;	/* of struct named_secret */
};
struct deploy_settings {
	int64_t timer_ms;		/* device rollback timer */
	int64_t max_parallel;		/* devices in change at once, a run */
	int on_drift;			/* enum on_drift */
	bool allow_without_timer;
};
struct limits_settings {
	int64_t workers;
	int64_t connect_ms, silence_ms, command_ms;
	int64_t max_output;
};
struct rollback_settings {
	int64_t keep;			/* copies a device */
};

struct settings {
	const char *file;		/* where they were read from */
	const char *instance;
	const char *state;		/* directory */
	const char *socket;		/* Unix socket of the daemon */
	const char *platforms;		/* directory of own definitions, or NULL */

	struct repository_settings repository;
	struct results_settings results;
	int mode;			/* enum mode, where no rule selects */
	struct field_list modes;	/* of struct mode_rule; the first that selects wins */
	struct field_list credentials;	/* of struct credential_setting */
	struct secrets_settings secrets;
	struct deploy_settings deploy;
	struct limits_settings limits;
	struct rollback_settings rollback;
};

/* Read the settings. Everything is in `a`. ERR_USAGE when the file cannot be
 * read, ERR_CONTENT with problems listed in ps otherwise. Cross-field rules
 * (timer against its parts, workers against RLIMIT_NOFILE) are checked here. */
int settings_read(struct settings *out, const char *file, struct arena *a,
    struct problems *ps, struct err *err);
const struct field_table *settings_table(void);
const struct credential_setting *settings_credential(const struct settings *s,
    const char *name);
/* The source for secret_load(); false when nothing is set. */
bool secret_setting_source(const struct secret_setting *s, struct secret_source *out);

#endif
