/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes. Between fork and exec the child makes system calls only,
 * because other threads may hold any lock at that moment. The child leads a
 * process group, which is killed before the child is reaped: until then
 * nobody else can have its number, and nothing of the group outlives the call.
 */
#include "base/proc.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_MS 250		/* real; for the rest of the output of a dead child */
#define TICK_MS 20		/* real; how often to look where there is no pidfd */
#define ABANDON_MS 5000		/* after SIGKILL: it hangs in the kernel */

/*
 * RUNNING until the deadline or too much output; TERMINATED until SIGKILL is
 * due; KILLED until we give up on it; LINGERING once the child itself ended,
 * while others hold its pipes open.
 */
enum stage { RUNNING, TERMINATED, KILLED, LINGERING, ENDED };

struct child {
	struct sys *sys;
	const struct proc *p;
	struct proc_result *result;
	pid_t pid;
	int pidfd;		/* readable once it ended; -1: not supported */
	int fd[3];		/* our ends of its stdin, stdout, stderr; -1: closed */
	size_t written;		/* of the input */
	enum stage stage;
	struct mono until;	/* end of the stage */
};

/* pipe[0] and pipe[1] of stdin, stdout, stderr and the report of exec. */
enum { PIPES = 4, REPORT = 3 };

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void
close_pipes(int pipes[PIPES][2])
{
	for (int i = 0; i < PIPES; i++) {
		close_fd(&pipes[i][0]);
		close_fd(&pipes[i][1]);
	}
}

static int
open_pipes(int pipes[PIPES][2], struct err *err)
{
	for (int i = 0; i < PIPES; i++)
		pipes[i][0] = pipes[i][1] = -1;
	for (int i = 0; i < PIPES; i++) {
		if (pipe2(pipes[i], O_CLOEXEC) == 0)
			continue;
		return err_errno(err, ERR_IO, "cannot make a pipe");
	}
	return 0;
}

/* argv[0] as a path, looked up in our PATH here, since the child must not. */
static char *
find_program(const char *name)
{
	const char *path = getenv("PATH");
	struct span rest = span_str(path != NULL ? path : "/usr/bin:/bin");
	struct buf b = BUF_INIT;

	if (strchr(name, '/') != NULL)
		return mem_strdup(name);
	while (rest.len > 0 && *name != '\0') {
		const char *colon = memchr(rest.p, ':', rest.len);
		size_t len = colon != NULL ? (size_t)(colon - rest.p) : rest.len;

		buf_clear(&b);
		buf_addf(&b, "%.*s/%s", len > 0 ? (int)len : 1, len > 0 ? rest.p : ".", name);
		if (access(b.data, X_OK) == 0)
			return buf_detach(&b);
		rest.p += len + (colon != NULL);
		rest.len -= len + (colon != NULL);
	}
	buf_release(&b);
	return NULL;
}

/* In the child, system calls only. False and errno when one failed. */
static bool
child_prepare(const struct proc *p, int pipes[PIPES][2], int *report)
{
	struct sigaction usual = { .sa_handler = SIG_DFL };
	int ends[3] = { pipes[0][0], pipes[1][1], pipes[2][1] };

	/* Out of the way of 0..2 first: our own may have been closed. */
	*report = fcntl(*report, F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < 3; i++)
		ends[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < 3; i++)
		if (dup2(ends[i], i) < 0)
			return false;
	/* Libraries open descriptors of their own without O_CLOEXEC. */
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	for (int i = 1; i < NSIG; i++)
		sigaction(i, &usual, NULL);
	setpgid(0, 0);
	if (p->max_file > 0) {
		struct rlimit limit = { (rlim_t)p->max_file, (rlim_t)p->max_file };

		setrlimit(RLIMIT_FSIZE, &limit);
	}
	return p->dir == NULL || chdir(p->dir) == 0;
}

static _Noreturn void
child_exec(const struct proc *p, const char *path, int pipes[PIPES][2])
{
	int report = pipes[REPORT][1], e;
	char *const *argv, *const *env;
	sigset_t none;

	/* exec takes pointers to what it does not change. */
	memcpy(&argv, &p->argv, sizeof(argv));
	memcpy(&env, p->env != NULL ? (const void *)&p->env : (const void *)&environ,
	    sizeof(env));
	if (child_prepare(p, pipes, &report)) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execve(path, argv, env);
	}
	e = errno;
	if (write(report, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(127);
}

/* Its errno when the child could not get as far as exec, or 0. */
static int
read_report(int fd)
{
	int e = 0;
	ssize_t n;

	do
		n = read(fd, &e, sizeof(e));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(e) ? e : 0;
}

/* Signals are blocked around fork, so that no handler of ours runs in the
 * child. */
static pid_t
child_fork(const struct proc *p, const char *path, int pipes[PIPES][2])
{
	sigset_t all, old;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		child_exec(p, path, pipes);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return pid;
}

static void
take_pipes(struct child *c, int pipes[PIPES][2])
{
	for (int i = 0; i < 3; i++) {
		int *ours = &pipes[i][i == 0];

		c->fd[i] = *ours;
		*ours = -1;
		fcntl(c->fd[i], F_SETFL, O_NONBLOCK);
	}
	if (c->p->input.len == 0)
		close_fd(&c->fd[0]);
}

static int
child_start(struct child *c, struct err *err)
{
	char *path = find_program(c->p->argv[0]);
	int pipes[PIPES][2], rc;

	if (path == NULL)
		return err_set(err, ERR_IO, "%s: no such program in PATH", c->p->argv[0]);
	rc = open_pipes(pipes, err);
	if (rc != 0)
		goto out;
	c->pid = child_fork(c->p, path, pipes);
	if (c->pid < 0) {
		rc = err_errno(err, ERR_IO, "%s: cannot start", path);
		goto out;
	}
	setpgid(c->pid, c->pid);	/* as the child does: whoever is first */
	close_fd(&pipes[REPORT][1]);
	errno = read_report(pipes[REPORT][0]);
	if (errno != 0) {
		rc = err_errno(err, ERR_IO, "%s: cannot start", path);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
		goto out;
	}
	take_pipes(c, pipes);
	c->pidfd = pidfd_open(c->pid, 0);
out:
	close_pipes(pipes);
	free(path);
	return rc;
}

static void
feed(struct child *c)
{
	struct span input = c->p->input;
	ssize_t n = write(c->fd[0], input.p + c->written, input.len - c->written);

	if (n > 0)
		c->written += (size_t)n;
	if (c->written == input.len || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&c->fd[0]);
}

/* All that is there now, but no more than a pipe holds: a child that writes
 * without end must not keep us from looking at the clock. */
static void
drain(int *fd, struct buf *to)
{
	char chunk[16384];

	for (int i = 0; i < 4 && *fd >= 0; i++) {
		ssize_t n = read(*fd, chunk, sizeof(chunk));

		if (n > 0)
			buf_add(to, chunk, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			close_fd(fd);
		else
			break;
	}
	mem_wipe(chunk, sizeof(chunk));		/* secret_load() reads secrets so */
}

static void
signal_group(const struct child *c, int sig)
{
	kill(-c->pid, sig);
	kill(c->pid, sig);
}

/* Without reaping it, so that its number and its group's stay its own. */
static bool
child_gone(const struct child *c)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		return errno == ECHILD;
	return info.si_pid == c->pid;
}

static void
enter(struct child *c, enum stage stage, int64_t ms)
{
	c->stage = stage;
	c->until = mono_add_ms(sys_mono(c->sys), ms);
}

static void
next_stage(struct child *c)
{
	int scale = c->sys->scale > 0 ? c->sys->scale : 1;
	bool due = mono_left_ms(c->sys, c->until) == 0;
	bool closed = c->fd[1] < 0 && c->fd[2] < 0;

	if (c->stage < LINGERING && child_gone(c)) {
		if (c->stage != RUNNING)
			signal_group(c, SIGKILL);
		enter(c, LINGERING, (int64_t)GRACE_MS * scale);
	}
	if (c->stage == RUNNING && (due || c->result->too_long)) {
		c->result->timed_out = !c->result->too_long;
		signal_group(c, SIGTERM);
		enter(c, TERMINATED, 1000);
	} else if (c->stage == TERMINATED && due) {
		signal_group(c, SIGKILL);
		enter(c, KILLED, (int64_t)ABANDON_MS * scale);
	} else if ((c->stage == KILLED && due) || (c->stage == LINGERING && (due || closed))) {
		c->stage = ENDED;
	}
}

static void
wait_for_something(struct child *c)
{
	int ms = sys_real_ms(c->sys, mono_left_ms(c->sys, c->until));
	struct pollfd fds[] = {
		{ .fd = c->fd[0], .events = POLLOUT },
		{ .fd = c->fd[1], .events = POLLIN },
		{ .fd = c->fd[2], .events = POLLIN },
		{ .fd = c->stage < LINGERING ? c->pidfd : -1, .events = POLLIN },
	};

	if (c->pidfd < 0 && ms > TICK_MS)
		ms = TICK_MS;
	if (poll(fds, 4, ms) <= 0)
		return;
	if (fds[0].revents != 0)
		feed(c);
	if (fds[1].revents != 0)
		drain(&c->fd[1], &c->result->out);
	if (fds[2].revents != 0)
		drain(&c->fd[2], &c->result->err);
	c->result->too_long = c->result->out.truncated || c->result->err.truncated;
}

static int
child_reap(struct child *c)
{
	int status;
	pid_t got;

	signal_group(c, SIGKILL);
	do
		got = waitpid(c->pid, &status, WNOHANG);
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return 128 + SIGKILL;	/* abandoned */
	if (got < 0)
		return 127;		/* somebody ignores SIGCHLD */
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Our SIGPIPE must not kill the process: it is blocked in this thread, and
 * taken off the queue before it is let through again. */
struct pipe_guard {
	sigset_t sigpipe, old;
	bool pending;
};

static void
guard(struct pipe_guard *g)
{
	sigset_t pending;

	sigemptyset(&g->sigpipe);
	sigaddset(&g->sigpipe, SIGPIPE);
	sigpending(&pending);
	g->pending = sigismember(&pending, SIGPIPE) == 1;
	pthread_sigmask(SIG_BLOCK, &g->sigpipe, &g->old);
}

static void
unguard(const struct pipe_guard *g)
{
	static const struct timespec now = { 0, 0 };

	if (!g->pending)
		while (sigtimedwait(&g->sigpipe, NULL, &now) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &g->old, NULL);
}

int
proc_run(struct sys *sys, const struct proc *p, struct proc_result *result, struct err *err)
{
	struct child c = { .sys = sys, .p = p, .result = result, .pidfd = -1,
		.fd = { -1, -1, -1 } };
	struct pipe_guard g;
	int rc;

	assert(p->argv != NULL && p->argv[0] != NULL);
	*result = (struct proc_result){ .out = BUF_LIMIT(p->max_output),
		.err = BUF_LIMIT(p->max_output) };
	enter(&c, RUNNING, p->timeout_ms);
	rc = child_start(&c, err);
	if (rc != 0)
		return rc;
	guard(&g);
	while (c.stage != ENDED) {
		wait_for_something(&c);
		next_stage(&c);
	}
	result->status = child_reap(&c);
	unguard(&g);
	close_fd(&c.pidfd);
	for (int i = 0; i < 3; i++)
		close_fd(&c.fd[i]);
	return 0;
}

void
proc_result_release(struct proc_result *result)
{
	buf_release(&result->out);
	buf_release(&result->err);
}
