/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state machine behind lab/device.h. A commit with a timer moves the
 * running tree aside as the checkpoint and puts the candidate in its place;
 * expiry, abort and confirm are what can happen to that pair. Direct edits
 * made meanwhile are lost when the checkpoint comes back, as on the device.
 */
#include "lab/device.h"

#include "base/log.h"

enum {
	MAX_PENDING = 5,
	KEPT_COMPLETED = 1,
	SEEN_BYTES = 64 << 10,
	BOOT_MS = 5000,		/* how long a reboot that nobody timed takes */
	DAY_MS = 24 * 3600 * 1000,
};

void
device_lock(struct device *dev)
{
	pthread_mutex_lock(&dev->lock);
}

void
device_unlock(struct device *dev)
{
	pthread_mutex_unlock(&dev->lock);
}

/* --- birth and death -------------------------------------------------- */

static void
log_refused(void *ctx, int line, const char *raw, const char *why)
{
	const struct device *dev = ctx;

	if (why[0] == '%')
		log_warn("config", dev->name, "line %d: %s: %s", line, why, raw);
}

/* A tree from a text, over what a clean device shows. */
static struct node *
load(struct device *dev, struct span text)
{
	struct node *root = dev->clean != NULL ? tree_copy(dev->clean) : tree_new();
	struct conf c;

	conf_init(&c, dev->dialect->grammar, dev->clean, dev);
	c.root = root;
	conf_load(&c, text, log_refused, dev);
	conf_release(&c);
	return root;
}

/* What a clean device shows: its defaults, and the ports that the initial
 * configuration has. */
static void
make_clean(struct device *dev, const char *config)
{
	struct node *clean = load(dev, span_str(dev->dialect->defaults));
	struct node *all = load(dev, span_str(config));

	for (size_t i = 0; i < all->n; i++)
		if (dev->dialect->hardware(all->kids[i]))
			tree_put(clean, all->kids[i]->rule, all->kids[i]->key,
			    all->kids[i]->line, false);
	tree_free(all);
	dev->clean = clean;
}

static char *
render(const struct device *dev, const struct node *root)
{
	struct buf b = BUF_INIT;

	dev->dialect->render(root, &b);
	buf_adds(&b, "");
	return b.data != NULL ? buf_detach(&b) : mem_strdup("");
}

static void
begin_life(struct device *dev, int64_t down_ms)
{
	dev->up_at = mono_add_ms(sys_mono(dev->sys), down_ms);
	dev->down = down_ms > 0;
	dev->booted = dev->up_at;
	dev->booted_at = sys_wall(dev->sys);
	dev->booted_at.us += down_ms * 1000;
	dev->stats.boots++;
}

int
device_new(struct device **out, const struct device_options *o, struct err *err)
{
	struct device *dev = mem_zalloc(sizeof(*dev));
	struct buf management = BUF_INIT;

	dev->dialect = o->dialect;
	dev->sys = o->sys;
	dev->name = mem_strdup(o->name);
	dev->dir = o->dir != NULL ? mem_strdup(o->dir) : NULL;
	dev->user = o->user;
	dev->password = o->password;
	dev->enable_password = o->enable_password;
	snprintf(dev->version, sizeof(dev->version), "%s",
	    o->version != NULL ? o->version : o->dialect->version);
	snprintf(dev->serial, sizeof(dev->serial), "FLAB%08d", o->index);
	snprintf(dev->mac, sizeof(dev->mac), "001c73%06x", (unsigned)o->index & 0xffffff);
	pthread_mutex_init(&dev->lock, NULL);
	pthread_cond_init(&dev->wake, NULL);
	dev->seen.max = SEEN_BYTES * 2;
	dev->next_line = 2;
	make_clean(dev, o->config);
	dev->running = load(dev, span_str(o->config));
	dev->birth = tree_copy(dev->running);
	dev->dialect->management(dev->birth, &management);
	dev->birth_management = mem_strdup(buf_str(&management));
	buf_release(&management);
	dev->startup = render(dev, dev->running);
	begin_life(dev, 0);
	if (dev->dir != NULL && history_open(dev, err) != 0) {
		device_free(dev);
		return err_wrap(err, "device %s", o->name);
	}
	history_running(dev, "boot", NULL, NULL);
	history_startup(dev, "boot", NULL);
	*out = dev;
	return 0;
}

static void
session_free(struct session *s)
{
	tree_free(s->tree);
	free(s);
}

static void
drop_sessions(struct device *dev)
{
	while (dev->sessions != NULL) {
		struct session *next = dev->sessions->next;

		session_free(dev->sessions);
		dev->sessions = next;
	}
	dev->armed = NULL;
	tree_free(dev->checkpoint);
	dev->checkpoint = NULL;
	for (size_t i = 0; i < dev->n_used; i++)
		free(dev->used[i]);
	free(dev->used);
	dev->used = NULL;
	dev->n_used = 0;
}

void
device_free(struct device *dev)
{
	if (dev == NULL)
		return;
	drop_sessions(dev);
	tree_free(dev->running);
	tree_free(dev->clean);
	tree_free(dev->birth);
	free(dev->birth_management);
	free(dev->startup);
	free(dev->name);
	free(dev->dir);
	buf_release(&dev->seen);
	pthread_mutex_destroy(&dev->lock);
	pthread_cond_destroy(&dev->wake);
	free(dev);
}

/* Whoever waits for this device looks again. */
static void
announce(struct device *dev)
{
	pthread_cond_broadcast(&dev->wake);
}

/* Something is due sooner than the timer thread knows. */
static void
kick_timer(struct device *dev)
{
	if (dev->timer_changed != NULL)
		dev->timer_changed(dev->server);
}

int64_t
device_uptime_ms(struct device *dev)
{
	int64_t ms = mono_diff_ms(sys_mono(dev->sys), dev->booted);

	return ms > 0 ? ms : 0;
}

/* --- what runs -------------------------------------------------------- */

/* What runs has changed: does its management address still answer? */
static void
note_management(struct device *dev)
{
	struct buf now = BUF_INIT;

	dev->dialect->management(dev->running, &now);
	dev->unmanaged = strcmp(buf_str(&now), dev->birth_management) != 0;
	buf_release(&now);
}

/* Put a tree in place of the running one, which is freed. */
static void
run_tree(struct device *dev, struct node *tree, const char *why, const char *user,
    const char *session)
{
	if (dev->running != tree)
		tree_free(dev->running);
	dev->running = tree;
	note_management(dev);
	history_running(dev, why, user, session);
	announce(dev);
}

void
device_edited(struct device *dev, const char *why, const char *user)
{
	note_management(dev);
	history_running(dev, why, user, NULL);
	announce(dev);
}

struct edit_errors {
	struct device *dev;
	struct buf *out;
};

static void
note_refused(void *ctx, int line, const char *raw, const char *why)
{
	struct edit_errors *e = ctx;

	if (why[0] == '%')
		buf_addf(e->out, "line %d: %s: %s\n", line, raw, why);
}

void
device_edit(struct device *dev, struct span lines, const char *user, struct buf *errors)
{
	struct edit_errors e = { dev, errors };
	struct conf c;

	device_tick(dev);
	conf_init(&c, dev->dialect->grammar, dev->clean, dev);
	c.root = dev->running;
	conf_load(&c, lines, note_refused, &e);
	if (c.changed)
		device_edited(dev, "edit", user);
	conf_release(&c);
}

const char *
device_save(struct device *dev, const char *user)
{
	if (fault_find(&dev->faults, FAULT_SAVE_ERROR) != NULL) {
		fault_struck(&dev->faults, fault_find(&dev->faults, FAULT_SAVE_ERROR));
		return "% Error copying system:/running-config to flash:/startup-config "
		    "(No space left on device)";
	}
	free(dev->startup);
	dev->startup = render(dev, dev->running);
	dev->saved = sys_wall(dev->sys);
	snprintf(dev->saved_by, sizeof(dev->saved_by), "%s", user);
	history_startup(dev, "save", user);
	return NULL;
}

void
device_reboot(struct device *dev, int64_t down_ms, const char *why)
{
	drop_sessions(dev);
	if (dev->kill != NULL)
		dev->kill(dev);
	begin_life(dev, down_ms >= 0 ? down_ms : BOOT_MS);
	kick_timer(dev);
	run_tree(dev, load(dev, span_str(dev->startup)), why, NULL, NULL);
}

/* --- sessions --------------------------------------------------------- */

struct session *
session_find(struct device *dev, const char *name)
{
	struct session *s = dev->sessions;

	device_tick(dev);
	for (s = dev->sessions; s != NULL; s = s->next)
		if (strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

static int
count_state(const struct device *dev, enum session_state state)
{
	int n = 0;

	for (const struct session *s = dev->sessions; s != NULL; s = s->next)
		n += s->state == state;
	return n;
}

static void
session_remove(struct device *dev, struct session *gone)
{
	for (struct session **p = &dev->sessions; *p != NULL; p = &(*p)->next)
		if (*p == gone) {
			*p = gone->next;
			session_free(gone);
			return;
		}
}

/* Only the last completed session is remembered. */
static void
trim_completed(struct device *dev)
{
	for (;;) {
		struct session *oldest = NULL;
		int n = 0;

		for (struct session *s = dev->sessions; s != NULL; s = s->next) {
			if (s->state != SESSION_COMMITTED && s->state != SESSION_ABORTED)
				continue;
			n++;
			if (oldest == NULL || s->completed.us < oldest->completed.us)
				oldest = s;
		}
		if (n <= KEPT_COMPLETED)
			return;
		session_remove(dev, oldest);
	}
}

int64_t
session_limit(const struct device *dev)
{
	static const char words[] = "service configuration session max pending";
	const struct node *n = tree_starts(dev->running, words);
	int64_t max;

	return n != NULL && strlen(n->line) > sizeof(words) &&
	    text_int(n->line + sizeof(words), 1, 1000, &max) ? max : MAX_PENDING;
}

static struct session *
session_new(struct device *dev, const char *name, const char *user)
{
	struct session *s = mem_zalloc(sizeof(*s)), **end = &dev->sessions;

	snprintf(s->name, sizeof(s->name), "%s", name);
	snprintf(s->user, sizeof(s->user), "%s", user);
	s->tree = tree_copy(dev->running);
	s->touched = sys_mono(dev->sys);
	while (*end != NULL)
		end = &(*end)->next;
	*end = s;
	return s;
}

static bool
name_used(const struct device *dev, const char *name)
{
	for (size_t i = 0; i < dev->n_used; i++)
		if (strcmp(dev->used[i], name) == 0)
			return true;
	return false;
}

const char *
session_enter(struct device *dev, const char *name, const char *user, int line,
    struct session **out)
{
	struct session *s = session_find(dev, name);

	if (s != NULL && s->state == SESSION_ABORTED) {
		session_remove(dev, s);
		s = NULL;
	}
	if ((s != NULL && s->state == SESSION_COMMITTED) || (s == NULL && name_used(dev, name)))
		return "% Error: the session was already committed";
	if (s == NULL && count_state(dev, SESSION_PENDING) >= session_limit(dev))
		return "Maximum number of pending sessions has been reached";
	if (s == NULL)
		s = session_new(dev, name, user);
	snprintf(s->user, sizeof(s->user), "%s", user);
	s->line = line;
	s->touched = sys_mono(dev->sys);
	announce(dev);
	*out = s;
	return NULL;
}

void
session_leave(struct device *dev, const char *name, int line)
{
	struct session *s = session_find(dev, name);

	if (s != NULL && s->line == line)
		s->line = 0;
}

static void
complete(struct device *dev, struct session *s, enum session_state state, const char *user)
{
	s->state = state;
	s->completed = sys_wall(dev->sys);
	if (state != SESSION_ABORTED)
		snprintf(s->committed_by, sizeof(s->committed_by), "%s", user);
	trim_completed(dev);
}

static void
remember_name(struct device *dev, const char *name)
{
	dev->used = mem_realloc(dev->used, dev->n_used + 1, sizeof(*dev->used));
	dev->used[dev->n_used++] = mem_strdup(name);
}

static void
disarm(struct device *dev)
{
	tree_free(dev->checkpoint);
	dev->checkpoint = NULL;
	dev->armed = NULL;
}

/* The checkpoint runs again. */
static void
revert(struct device *dev, const char *why, const char *user)
{
	struct session *s = dev->armed;
	struct node *back = dev->checkpoint;
	char name[SESSION_NAME];

	snprintf(name, sizeof(name), "%s", s->name);
	dev->checkpoint = NULL;
	disarm(dev);
	dev->stats.reverts++;
	if (fault_find(&dev->faults, FAULT_BAD_REVERT) != NULL) {
		struct conf c;

		fault_struck(&dev->faults, fault_find(&dev->faults, FAULT_BAD_REVERT));
		conf_init(&c, dev->dialect->grammar, dev->clean, dev);
		c.root = back;
		conf_line(&c, "ip host left-behind 192.0.2.254");
		conf_release(&c);
	}
	complete(dev, s, SESSION_ABORTED, user);
	run_tree(dev, back, why, user, name);
}

static void
arm(struct device *dev, struct session *s, int64_t timer_ms, const char *user)
{
	dev->checkpoint = dev->running;
	dev->running = NULL;
	dev->armed = s;
	dev->expires = mono_add_ms(sys_mono(dev->sys), timer_ms);
	kick_timer(dev);
	complete(dev, s, SESSION_TIMER, user);
	remember_name(dev, s->name);
	dev->stats.commits++;
	run_tree(dev, s->tree, "commit-timer", user, s->name);
	s->tree = NULL;
}

static const char *
commit_fault(struct device *dev)
{
	const struct lab_fault *f = fault_find(&dev->faults, FAULT_COMMIT_ERROR);

	if (f == NULL)
		return NULL;
	snprintf(dev->refusal, sizeof(dev->refusal), "%% Cannot commit: %s",
	    f->text[0] != '\0' ? f->text : "internal error");
	fault_struck(&dev->faults, f);
	return dev->refusal;
}

static const char *
commit_pending(struct device *dev, struct session *s, int64_t timer_ms, const char *user)
{
	const char *why = commit_fault(dev);
	char name[SESSION_NAME];

	if (why != NULL)
		return why;
	if (dev->armed != NULL)
		return "% Cannot commit while the commit timer of another session is pending";
	if (timer_ms > 0) {
		arm(dev, s, timer_ms, user);
		return NULL;
	}
	snprintf(name, sizeof(name), "%s", s->name);
	dev->stats.commits++;
	remember_name(dev, name);
	run_tree(dev, s->tree, "commit", user, name);
	s->tree = NULL;
	complete(dev, s, SESSION_COMMITTED, user);
	return NULL;
}

static void
confirm(struct device *dev, struct session *s, const char *user)
{
	char name[SESSION_NAME];

	snprintf(name, sizeof(name), "%s", s->name);
	disarm(dev);
	complete(dev, s, SESSION_COMMITTED, user);
	history_running(dev, "confirm", user, name);
	announce(dev);
}

const char *
session_commit(struct device *dev, struct session *s, int64_t timer_ms, const char *user)
{
	switch (s->state) {
	case SESSION_PENDING:
		return commit_pending(dev, s, timer_ms, user);
	case SESSION_TIMER:
		if (timer_ms > 0) {
			dev->expires = mono_add_ms(sys_mono(dev->sys), timer_ms);
			kick_timer(dev);
		} else {
			confirm(dev, s, user);
		}
		return NULL;
	case SESSION_COMMITTED:
	case SESSION_ABORTED:
		break;
	}
	return "% Cannot commit: the session is completed";
}

const char *
session_abort(struct device *dev, struct session *s, const char *user)
{
	switch (s->state) {
	case SESSION_PENDING:
		tree_free(s->tree);
		s->tree = NULL;
		s->line = 0;
		complete(dev, s, SESSION_ABORTED, user);
		return NULL;
	case SESSION_TIMER:
		revert(dev, "abort", user);
		return NULL;
	case SESSION_COMMITTED:
	case SESSION_ABORTED:
		break;
	}
	return "% Error: the session is completed";
}

int64_t
session_left_ms(struct device *dev)
{
	return dev->armed != NULL ? mono_left_ms(dev->sys, dev->expires) : 0;
}

/* --- time ------------------------------------------------------------- */

static void
drop_old(struct device *dev)
{
	struct session *s = dev->sessions, *next;

	for (; s != NULL; s = next) {
		next = s->next;
		if (s->state == SESSION_PENDING && s->line == 0 &&
		    mono_diff_ms(sys_mono(dev->sys), s->touched) >= DAY_MS)
			session_remove(dev, s);
	}
}

void
device_tick(struct device *dev)
{
	if (dev->down && mono_left_ms(dev->sys, dev->up_at) == 0) {
		dev->down = false;
		pthread_cond_broadcast(&dev->wake);
	}
	if (dev->armed != NULL && mono_left_ms(dev->sys, dev->expires) == 0)
		revert(dev, "revert-expired", NULL);
	drop_old(dev);
}

static void
sooner(struct mono *when, bool *any, struct mono t)
{
	if (!*any || t.ns < when->ns)
		*when = t;
	*any = true;
}

bool
device_next(struct device *dev, struct mono *when)
{
	bool any = false;

	if (dev->down)
		sooner(when, &any, dev->up_at);
	if (dev->armed != NULL)
		sooner(when, &any, dev->expires);
	return any;
}

/* --- faults and reachability ------------------------------------------ */

static bool
strikes(struct device *dev, enum fault_kind kind, enum step step)
{
	const struct lab_fault *f = fault_at(&dev->faults, kind, step);

	if (f == NULL)
		return false;
	log_info("fault", dev->name, "strikes at %s", step_word(step));
	fault_struck(&dev->faults, f);
	return true;
}

enum act
device_step(struct device *dev, enum step step, bool after)
{
	if (step == STEP_NONE)
		return ACT_NONE;
	if (strikes(dev, after ? FAULT_DROP_AFTER : FAULT_DROP_BEFORE, step))
		return ACT_DROP;
	if (strikes(dev, after ? FAULT_STALL_AFTER : FAULT_STALL_BEFORE, step))
		return ACT_STALL;
	if (after && strikes(dev, FAULT_REBOOT, step)) {
		device_reboot(dev, -1, "boot");
		return ACT_DROP;
	}
	return ACT_NONE;
}

static void
foreign_timer(struct device *dev, int64_t ms)
{
	struct session *s;

	if (dev->armed == NULL && session_enter(dev, "ops-change", "other", 0, &s) == NULL)
		session_commit(dev, s, ms, "other");
}

static void
foreign_sessions(struct device *dev, int64_t n)
{
	for (int64_t i = 1; i <= n; i++) {
		char name[32];
		struct session *s;

		snprintf(name, sizeof(name), "ops-%d", (int)i);
		if (session_enter(dev, name, "other", 0, &s) != NULL)
			return;
	}
}

/* The banner is real configuration; the pause after each line that looks like
 * a prompt is the server's (lab/server.c). */
static void
lookalike_banner(struct device *dev)
{
	struct buf text = BUF_INIT, errors = BUF_INIT;
	char host[128];

	device_hostname(dev, host, sizeof(host));
	buf_addf(&text, "banner motd\n%s#\n%s>\n%s(config)#\nEOF\n", host, host, host);
	device_edit(dev, buf_span(&text), "other", &errors);
	device_save(dev, "other");
	buf_release(&text);
	buf_release(&errors);
}

int
device_fault(struct device *dev, const struct lab_fault *f, struct err *err)
{
	if (f->kind == FAULT_FOREIGN_TIMER)
		foreign_timer(dev, f->number);
	else if (f->kind == FAULT_FOREIGN_SESSIONS)
		foreign_sessions(dev, f->number);
	else if (fault_add(&dev->faults, f, err) != 0)
		return err_wrap(err, "device %s", dev->name);
	if (f->kind == FAULT_LOOKALIKE)
		lookalike_banner(dev);
	announce(dev);
	return 0;
}

void
device_fault_clear(struct device *dev)
{
	dev->faults.n = 0;
	announce(dev);
}

bool
device_reachable(struct device *dev, bool *hard)
{
	const struct lab_fault *cut = fault_find(&dev->faults, FAULT_CUT);

	device_tick(dev);
	*hard = dev->down || dev->unmanaged ||
	    (cut != NULL && dev->armed != NULL && strcmp(cut->text, "now") == 0);
	return !*hard && (cut == NULL || dev->armed == NULL);
}

/* --- identity --------------------------------------------------------- */

void
device_hostname(struct device *dev, char *out, size_t size)
{
	const struct lab_fault *f = fault_find(&dev->faults, FAULT_HOSTNAME);

	if (f != NULL)
		snprintf(out, size, "%s", f->text);
	else
		dev->dialect->hostname(dev->running, out, size);
}

const char *
device_serial(const struct device *dev)
{
	return fault_find(&dev->faults, FAULT_HOSTNAME) != NULL ? "FLAB99999999" : dev->serial;
}

/* Whether the user may log in at all: a device that was born with this user
 * in its configuration wants to find it there. */
static bool
user_known(struct device *dev, const char *user, const char **stored)
{
	*stored = dev->dialect->user_secret(dev->running, user);
	return *stored != NULL || dev->dialect->user_secret(dev->birth, user) == NULL;
}

bool
device_user_ok(struct device *dev, const char *user)
{
	const char *stored;

	return fault_find(&dev->faults, FAULT_DENY) == NULL && strcmp(user, dev->user) == 0 &&
	    user_known(dev, user, &stored);
}

/* While the stored secret is the one of birth (or the user is not in the
 * configuration), the lab's password is the right one: a configuration from
 * elsewhere has a hash that nobody knows the password of. Once it was
 * changed, the new secret counts. */
bool
device_password_ok(struct device *dev, const char *user, const char *password)
{
	const char *stored, *born = dev->dialect->user_secret(dev->birth, user);

	if (fault_find(&dev->faults, FAULT_DENY) != NULL || !user_known(dev, user, &stored))
		return false;
	if (stored == NULL || (born != NULL && strcmp(stored, born) == 0))
		return strcmp(user, dev->user) == 0 && strcmp(password, dev->password) == 0;
	return stored[0] != '\0' && dev->dialect->secret_fits(stored, password);
}

void
device_saw(struct device *dev, const char *user, int line, const char *text)
{
	char stamp[32];

	dev->stats.commands++;
	buf_addf(&dev->seen, "%s %s vty%d %s\n", wall_str(sys_wall(dev->sys), stamp), user,
	    line, text);
	if (dev->seen.len > SEEN_BYTES) {
		const char *lf = memchr(dev->seen.data + SEEN_BYTES / 2, '\n',
		    dev->seen.len - SEEN_BYTES / 2);

		buf_drop(&dev->seen, lf != NULL ? (size_t)(lf - dev->seen.data) + 1 :
		    dev->seen.len);
	}
}
