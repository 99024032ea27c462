/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings as field tables, and the few rules that hold between fields.
 * Adding a setting is adding a row; parser, error messages, JSON Schema and
 * reference page follow from it.
 */
#include "controller/settings.h"
#include "intended/snapshot.h"

#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROW(type_, struct_, key_, field_) \
	.key = (key_), .type = (type_), .offset = offsetof(struct struct_, field_)
#define MINUTE (60 * 1000)

static const char *const MODES[] = { "observe", "manual", "auto", NULL };
static const char *const ON_DRIFT[] = { "stop", "include", NULL };

const char *
mode_word(enum mode m)
{
	return MODES[m];
}

static const struct field SECRET_ROWS[] = {
	{ ROW(FIELD_STRING, secret_setting, "file", file),
	    .help = "Path of a file that holds the secret; one line end at its end is removed." },
	{ ROW(FIELD_STRING, secret_setting, "env", env),
	    .help = "Name of an environment variable of the controller." },
	{ ROW(FIELD_STRINGS, secret_setting, "command", command),
	    .help = "Program and arguments whose standard output is the secret; no shell." },
};
static const struct field_table SECRET_TABLE = FIELD_TABLE("secret", struct secret_setting,
    SECRET_ROWS, "Where a secret comes from: exactly one of the three.");

static const struct field LOGIN_ROWS[] = {
	{ ROW(FIELD_STRING, login_setting, "user", user),
	    .help = "Login name; a username in the inventory wins for its device." },
	{ ROW(FIELD_STRING, login_setting, "key", key),
	    .help = "Private SSH key file, readable by the controller only." },
	{ ROW(FIELD_STRUCT, login_setting, "password", password), .table = &SECRET_TABLE,
	    .help = "Password, tried after the key." },
	{ ROW(FIELD_STRUCT, login_setting, "passphrase", passphrase), .table = &SECRET_TABLE,
	    .help = "Passphrase of the key." },
	{ ROW(FIELD_STRUCT, login_setting, "enable", enable), .table = &SECRET_TABLE,
	    .help = "Password of the privileged mode, where the device asks for one." },
};
static const struct field_table LOGIN_TABLE = FIELD_TABLE("login", struct login_setting,
    LOGIN_ROWS, "How to log in to a device.");

static const struct field CREDENTIAL_ROWS[] = {
	{ ROW(FIELD_NAME, credential_setting, "name", name), .flags = FIELD_KEY,
	    .help = "Name; the inventory names it in data.fairlead.credential." },
	{ ROW(FIELD_STRUCT, credential_setting, "read", read), .table = &LOGIN_TABLE,
	    .help = "For reading: plans, fetches, checks." },
	{ ROW(FIELD_STRUCT, credential_setting, "write", write), .table = &LOGIN_TABLE,
	    .help = "For changing; without it no device that uses this is ever changed." },
};
static const struct field_table CREDENTIAL_TABLE = FIELD_TABLE("credential",
    struct credential_setting, CREDENTIAL_ROWS, "Logins for a set of devices.");

static const struct field MODE_ROWS[] = {
	{ ROW(FIELD_STRING, mode_rule, "select", select), .flags = FIELD_REQUIRED,
	    .help = "Selector of the devices this rule is for." },
	{ ROW(FIELD_ENUM, mode_rule, "mode", mode), .words = MODES, .flags = FIELD_REQUIRED,
	    .help = "What Fairlead does with them." },
};
static const struct field_table MODE_TABLE = FIELD_TABLE("mode rule", struct mode_rule,
    MODE_ROWS, "The first rule whose selector matches a device decides its mode.");

static const struct field NAMED_ROWS[] = {
	{ ROW(FIELD_NAME, named_secret, "name", name), .flags = FIELD_KEY,
	    .help = "The NAME in ${secret:NAME}." },
	{ ROW(FIELD_STRING, named_secret, "file", source.file), .help = "As in a secret." },
	{ ROW(FIELD_STRING, named_secret, "env", source.env), .help = "As in a secret." },
	{ ROW(FIELD_STRINGS, named_secret, "command", source.command),
	    .help = "As in a secret." },
};
static const struct field_table NAMED_TABLE = FIELD_TABLE("named secret",
    struct named_secret, NAMED_ROWS, "Where one ${secret:NAME} comes from.");

static const struct field REPOSITORY_ROWS[] = {
	{ ROW(FIELD_STRING, repository_settings, "url", url), .flags = FIELD_REQUIRED,
	    .help = "https://, ssh://, user@host:path, file:// or an absolute path." },
	{ ROW(FIELD_STRING, repository_settings, "branch", branch), .def = "main",
	    .help = "Branch that holds the intended configurations." },
	{ ROW(FIELD_STRING, repository_settings, "configs", configs),
	    .help = "Path template of configurations, such as sites/{site}/{device}.cfg; "
		    "without it they are discovered." },
	{ ROW(FIELD_DURATION, repository_settings, "poll", poll_ms), .def = "60s", .min = 100,
	    .max = 24 * 60 * MINUTE, .help = "How often the branch is looked at." },
	{ ROW(FIELD_DURATION, repository_settings, "timeout", timeout_ms), .def = "60s", .min = 100,
	    .max = 60 * MINUTE, .help = "Deadline of one Git transport command." },
	{ ROW(FIELD_SIZE, repository_settings, "max_bytes", max_bytes), .def = "1G", .min = 1 << 20,
	    .max = (int64_t)64 << 30, .help = "Largest pack accepted from the remote." },
	{ ROW(FIELD_SIZE, repository_settings, "max_config", max_config), .def = "16M", .min = 1024,
	    .max = 256 << 20, .help = "Largest configuration of one device." },
	{ ROW(FIELD_STRING, repository_settings, "ssh_key", ssh_key),
	    .help = "Private key for ssh; without it the agent is asked." },
	{ ROW(FIELD_STRING, repository_settings, "known_hosts", known_hosts),
	    .help = "Known hosts file for ssh; the host key is always checked." },
	{ ROW(FIELD_STRING, repository_settings, "user", user), .help = "User name for https." },
	{ ROW(FIELD_STRUCT, repository_settings, "token", token), .table = &SECRET_TABLE,
	    .help = "Token for https." },
	{ ROW(FIELD_STRING, repository_settings, "ca", ca), .help = "CA bundle for https." },
};
static const struct field_table REPOSITORY_TABLE = FIELD_TABLE("repository",
    struct repository_settings, REPOSITORY_ROWS, "The repository of intended configurations.");

static const struct field RESULTS_ROWS[] = {
	{ ROW(FIELD_STRING, results_settings, "url", url),
	    .help = "Repository for results; without it, the repository itself." },
	{ ROW(FIELD_STRING, results_settings, "branch", branch), .def = "fairlead-results",
	    .help = "Branch that Fairlead writes." },
	{ ROW(FIELD_STRING, results_settings, "name", name), .def = "Fairlead",
	    .help = "Author of results commits." },
	{ ROW(FIELD_STRING, results_settings, "email", email), .def = "fairlead@localhost",
	    .help = "Mail address of the author." },
	{ ROW(FIELD_STRING, results_settings, "ssh_key", ssh_key),
	    .help = "As in repository; used when url is set." },
	{ ROW(FIELD_STRING, results_settings, "known_hosts", known_hosts), .help = "As in repository." },
	{ ROW(FIELD_STRING, results_settings, "user", user), .help = "As in repository." },
	{ ROW(FIELD_STRUCT, results_settings, "token", token), .table = &SECRET_TABLE,
	    .help = "As in repository." },
	{ ROW(FIELD_STRING, results_settings, "ca", ca), .help = "As in repository." },
};
static const struct field_table RESULTS_TABLE = FIELD_TABLE("results",
    struct results_settings,
    RESULTS_ROWS, "Where reports and audit notes are committed.");

static const struct field SECRETS_ROWS[] = {
	{ ROW(FIELD_STRING, secrets_settings, "directory", directory),
	    .help = "Directory in which ${secret:NAME} is the file NAME." },
	{ ROW(FIELD_MAP, secrets_settings, "sources", sources), .table = &NAMED_TABLE,
	    .help = "Secrets that come from elsewhere, by name." },
};
static const struct field_table SECRETS_TABLE = FIELD_TABLE("secrets",
    struct secrets_settings,
    SECRETS_ROWS, "Values for ${secret:NAME} in configurations.");

static const struct field DEPLOY_ROWS[] = {
	{ ROW(FIELD_DURATION, deploy_settings, "timer", timer_ms), .def = "5m", .min = 5000,
	    .max = 24 * 60 * MINUTE,
	    .help = "Rollback timer on the device; longer than all after-checks." },
	{ ROW(FIELD_INT, deploy_settings, "max_parallel", max_parallel), .def = "64", .min = 1,
	    .max = 4000, .help = "Devices in change at once, in one run." },
	{ ROW(FIELD_ENUM, deploy_settings, "on_drift", on_drift), .words = ON_DRIFT, .def = "stop",
	    .help = "Whether a drifted device may be deployed: stop, or include (undo it)." },
	{ ROW(FIELD_BOOL, deploy_settings, "allow_without_timer", allow_without_timer),
	    .def = "false",
	    .help = "Change devices that have no rollback timer. Nothing reverts them "
		    "when the controller is cut off." },
};
static const struct field_table DEPLOY_TABLE = FIELD_TABLE("deploy",
    struct deploy_settings,
    DEPLOY_ROWS, "How devices are changed.");

static const struct field LIMITS_ROWS[] = {
	{ ROW(FIELD_INT, limits_settings, "workers", workers), .def = "256", .min = 1, .max = 4000,
	    .help = "Threads for device work; needs 4 x workers + 256 descriptors." },
	{ ROW(FIELD_DURATION, limits_settings, "connect", connect_ms), .def = "30s", .min = 100,
	    .max = 10 * MINUTE, .help = "TCP, key exchange and login." },
	{ ROW(FIELD_DURATION, limits_settings, "silence", silence_ms), .def = "60s", .min = 100,
	    .max = 60 * MINUTE, .help = "Longest silence while a command runs." },
	{ ROW(FIELD_DURATION, limits_settings, "command", command_ms), .def = "10m", .min = 100,
	    .max = 120 * MINUTE, .help = "Longest time of one command." },
	{ ROW(FIELD_SIZE, limits_settings, "output", max_output), .def = "32M", .min = 1024,
	    .max = (int64_t)1 << 30, .help = "Largest output of one command." },
};
static const struct field_table LIMITS_TABLE = FIELD_TABLE("limits",
    struct limits_settings,
    LIMITS_ROWS, "Bounds on work with devices.");

static const struct field ROLLBACK_ROWS[] = {
	{ ROW(FIELD_INT, rollback_settings, "keep", keep), .def = "10", .min = 1, .max = 10000,
	    .help = "Encrypted copies kept of what ran before a change, a device." },
};
static const struct field_table ROLLBACK_TABLE = FIELD_TABLE("rollback",
    struct rollback_settings,
    ROLLBACK_ROWS, "Copies of running configurations in the state directory.");

static const struct field SETTINGS_ROWS[] = {
	{ ROW(FIELD_NAME, settings, "instance", instance), .def = "default",
	    .help = "Name of this controller: in results, and in session and file names "
		    "on devices." },
	{ ROW(FIELD_STRING, settings, "state", state),
	    .help = "State directory; /var/lib/fairlead/INSTANCE when not given." },
	{ ROW(FIELD_STRING, settings, "socket", socket),
	    .help = "Unix socket of the daemon; control.sock in the state directory when "
		    "not given." },
	{ ROW(FIELD_STRING, settings, "platforms", platforms),
	    .help = "Directory of own platform definitions; they win by name." },
	{ ROW(FIELD_STRUCT, settings, "repository", repository),
	    .flags = FIELD_REQUIRED, .table = &REPOSITORY_TABLE,
	    .help = "The repository of intended configurations." },
	{ ROW(FIELD_STRUCT, settings, "results", results), .table = &RESULTS_TABLE,
	    .help = "Where reports and audit notes are committed." },
	{ ROW(FIELD_ENUM, settings, "mode", mode), .words = MODES, .def = "observe",
	    .help = "observe: look only. manual: deploy what a person applies. "
		    "auto: deploy what is merged and passes the gates." },
	{ ROW(FIELD_LIST, settings, "modes", modes), .table = &MODE_TABLE,
	    .help = "Other modes for some devices." },
	{ ROW(FIELD_MAP, settings, "credentials", credentials), .table = &CREDENTIAL_TABLE,
	    .help = "Logins by name; `default` is for devices that name none." },
	{ ROW(FIELD_STRUCT, settings, "secrets", secrets), .table = &SECRETS_TABLE,
	    .help = "Values for ${secret:NAME} in configurations." },
	{ ROW(FIELD_STRUCT, settings, "deploy", deploy), .table = &DEPLOY_TABLE,
	    .help = "How devices are changed." },
	{ ROW(FIELD_STRUCT, settings, "limits", limits), .table = &LIMITS_TABLE,
	    .help = "Bounds on work with devices." },
	{ ROW(FIELD_STRUCT, settings, "rollback", rollback), .table = &ROLLBACK_TABLE,
	    .help = "Copies of what ran before." },
};
static const struct field_table SETTINGS_TABLE = FIELD_TABLE("settings", struct settings,
    SETTINGS_ROWS, "Settings of one controller.");

const struct field_table *
settings_table(void)
{
	return &SETTINGS_TABLE;
}

const struct credential_setting *
settings_credential(const struct settings *s, const char *name)
{
	const struct credential_setting *v = s->credentials.v;
	size_t i;

	for (i = 0; i < s->credentials.n; i++)
		if (strcmp(v[i].name, name != NULL ? name : "default") == 0)
			return &v[i];
	return NULL;
}

bool
secret_setting_source(const struct secret_setting *s, struct secret_source *out)
{
	out->file = s->file;
	out->env = s->env;
	out->command = s->command.n > 0 ? s->command.v : NULL;
	return s->file != NULL || s->env != NULL || s->command.n > 0;
}

/*
 * Rules that hold between fields.
 */

/* Said once a file: the same password often reads and writes. */
static void
check_private(const char *path, struct problems *ps)
{
	struct stat st;
	size_t i;

	if (path == NULL || stat(path, &st) != 0 || (st.st_mode & S_IROTH) == 0)
		return;
	for (i = 0; i < ps->n; i++)
		if (strcmp(ps->v[i].file, path) == 0 && ps->v[i].severity == SEV_WARNING)
			return;
	problem_add(ps, SEV_WARNING, path, (struct doc_pos){ 0, 0 }, "mode %04o lets everybody "
	    "on this host read it; run: chmod o= %s", (unsigned)st.st_mode & 07777, path);
}

static void
check_secret(const struct secret_setting *s, const char *file, const char *what,
    struct problems *ps)
{
	int n = (s->file != NULL) + (s->env != NULL) + (s->command.n > 0);

	if (n > 1)
		problem_add(ps, SEV_ERROR, file, (struct doc_pos){ 0, 0 },
		    "%s: give one of file, env and command, not %d", what, n);
	check_private(s->file, ps);
}

static void
check_login(const struct login_setting *l, const char *file, const char *name,
    const char *kind, struct problems *ps)
{
	struct buf what = BUF_INIT;

	buf_addf(&what, "credentials.%s.%s", name, kind);
	check_secret(&l->password, file, buf_str(&what), ps);
	check_secret(&l->passphrase, file, buf_str(&what), ps);
	check_secret(&l->enable, file, buf_str(&what), ps);
	check_private(l->key, ps);
	buf_release(&what);
}

static void
check_descriptors(const struct settings *s, struct problems *ps)
{
	struct rlimit rl;
	int64_t need = 4 * s->limits.workers + 256;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0 || rl.rlim_cur == RLIM_INFINITY ||
	    (int64_t)rl.rlim_cur >= need)
		return;
	/* The soft limit is ours to raise up to the hard one. */
	rl.rlim_cur = rl.rlim_max < (rlim_t)need ? rl.rlim_max : (rlim_t)need;
	if (setrlimit(RLIMIT_NOFILE, &rl) != 0 || (int64_t)rl.rlim_cur < need)
		problem_add(ps, SEV_ERROR, s->file, (struct doc_pos){ 0, 0 },
		    "limits.workers %lld needs %lld file descriptors, the limit is %lld: "
		    "lower workers, or raise LimitNOFILE (ulimit -n)",
		    (long long)s->limits.workers, (long long)need, (long long)rl.rlim_cur);
}

static void
check_modes(const struct settings *s, struct problems *ps)
{
	const struct mode_rule *rules = s->modes.v;
	struct selector *selector;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < s->modes.n; i++)
		if (selector_parse(&selector, ps->arena, &rules[i].select, 1, &err) != 0)
			problem_add(ps, SEV_ERROR, s->file, (struct doc_pos){ 0, 0 },
			    "modes: select: %s", err.text);
}

static void
check_settings(const struct settings *s, struct problems *ps)
{
	const struct credential_setting *c = s->credentials.v;
	const struct named_secret *n = s->secrets.sources.v;
	size_t i;

	if (s->state[0] != '/')
		problem_add(ps, SEV_ERROR, s->file, (struct doc_pos){ 0, 0 }, "state: \"%s\" "
		    "is relative, so it would be another directory wherever a command is "
		    "typed: write an absolute path", s->state);
	check_private(s->file, ps);
	check_private(s->repository.ssh_key, ps);
	check_private(s->results.ssh_key, ps);
	check_modes(s, ps);
	check_secret(&s->repository.token, s->file, "repository.token", ps);
	check_secret(&s->results.token, s->file, "results.token", ps);
	for (i = 0; i < s->credentials.n; i++) {
		check_login(&c[i].read, s->file, c[i].name, "read", ps);
		check_login(&c[i].write, s->file, c[i].name, "write", ps);
	}
	for (i = 0; i < s->secrets.sources.n; i++)
		check_secret(&n[i].source, s->file, n[i].name, ps);
	if (s->results.url == NULL &&
	    strcmp(s->results.branch, s->repository.branch) == 0)
		problem_add(ps, SEV_ERROR, s->file, (struct doc_pos){ 0, 0 },
		    "results.branch is the branch of intended configurations: "
		    "results need a branch of their own");
	check_descriptors(s, ps);
}

int
settings_read(struct settings *out, const char *file, struct arena *a,
    struct problems *ps, struct err *err)
{
	struct doc_node *node;
	char *text = NULL;
	size_t len;
	int r;

	memset(out, 0, sizeof(*out));
	if ((r = file_read(file, DOC_LIMITS.max_bytes, &text, &len, err)) != 0) {
		err_wrap(err, "settings");
		return err_next(err, "name the settings file with --config FILE or "
		    "$FAIRLEAD_CONFIG (docs/guide.md, step 3, has a first one)");
	}
	r = doc_parse_yaml(&node, a, arena_strdup(a, file), span_of(text, len), &DOC_LIMITS, ps);
	free(text);
	if (r == 0)
		r = field_read(out, &SETTINGS_TABLE, node, a, file, ps);
	out->file = arena_strdup(a, file);
	if (r != 0)
		return err_set(err, ERR_CONTENT, "settings %s: %zu problem%s", file,
		    ps->errors, ps->errors == 1 ? "" : "s");
	if (out->state == NULL)
		out->state = arena_printf(a, "/var/lib/fairlead/%s", out->instance);
	if (out->socket == NULL)
		out->socket = arena_printf(a, "%s/control.sock", out->state);
	check_settings(out, ps);
	if (ps->errors > 0)
		return err_set(err, ERR_CONTENT, "settings %s: %zu problem%s", file,
		    ps->errors, ps->errors == 1 ? "" : "s");
	return 0;
}
