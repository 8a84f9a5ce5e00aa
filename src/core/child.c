/* SPDX-License-Identifier: MIT */
#include "child.h"

#include <signal.h>
#include <sys/wait.h>

#include "lock.h"
#include "os.h"
#include "status.h"

/* LOCK_CHILDREN guards all. The list is whole after each single store: see lock.h. */
struct child {
	struct child *next;
	pid_t pid;
	int fd;             /* pidfd: the child itself, whoever reaps it */
	unsigned handles;
	bool ending;        /* by us, with @code */
	uint32_t code;
};

static struct child *children;

static struct child *find(pid_t pid)
{
	struct child *child = children;

	while (child && child->pid != pid)
		child = child->next;
	return child;
}

/* Take the exit status away, if there is one. True: there is nothing left to be taken. */
static bool reap(const struct child *child)
{
	siginfo_t info = { .si_pid = 0 };
	int error = OS_RETRY(os.waitid(P_PIDFD, child->fd, &info, WEXITED | WNOHANG));

	return error < 0 || info.si_pid; /* an error: it is not, or no longer, a child of this process */
}

static void sweep(void)
{
	struct child **link = &children;

	while (*link) {
		struct child *child = *link;

		if (child->handles == 0 && reap(child)) {
			*link = child->next;
			os_close(child->fd);
			os_free(child);
		} else {
			link = &child->next;
		}
	}
}

fm_status child_add(pid_t pid)
{
	struct child *child = os_allocate(sizeof(*child));

	if (!child)
		return FM_E_NO_MEMORY;
	child->pid = pid;
	child->handles = 1;
	child->fd = os.pidfd_open(pid);
	if (child->fd < 0) {
		fm_status status = status_of(OP_DESCRIPTOR, child->fd);

		os_free(child);
		return status;
	}
	LOCK_SCOPE(LOCK_CHILDREN);
	sweep();
	child->next = children;
	children = child;
	return FM_OK;
}

bool child_open(pid_t pid)
{
	struct child *child;

	if (!children)
		return false;
	LOCK_SCOPE(LOCK_CHILDREN);
	sweep(); /* one that ended without handles is no more */
	child = find(pid);
	if (child)
		child->handles++;
	return child;
}

void child_close(pid_t pid)
{
	struct child *child;

	LOCK_SCOPE(LOCK_CHILDREN);
	child = find(pid);
	if (child && child->handles > 0)
		child->handles--;
	sweep();
}

void child_ending(pid_t pid, uint32_t code)
{
	struct child *child;

	LOCK_SCOPE(LOCK_CHILDREN);
	child = find(pid);
	if (child && !child->ending) {
		child->code = code;
		child->ending = true;
	}
}

/* ---- exit codes ---- */

/* What Windows would have called it; else as a shell tells it. */
static uint32_t code_of_signal(int number)
{
	switch (number) {
	case SIGSEGV:
		return 0xc0000005; /* STATUS_ACCESS_VIOLATION */
	case SIGBUS:
		return 0xc0000006; /* STATUS_IN_PAGE_ERROR */
	case SIGILL:
		return 0xc000001d; /* STATUS_ILLEGAL_INSTRUCTION */
	case SIGFPE:
		return 0xc0000094; /* STATUS_INTEGER_DIVIDE_BY_ZERO */
	case SIGINT:
		return 0xc000013a; /* STATUS_CONTROL_C_EXIT */
	case SIGABRT:
		return 3; /* abort() of the C library */
	default:
		return 128 + (uint32_t)number;
	}
}

static uint32_t code_of(const siginfo_t *info, pid_t pid)
{
	const struct child *child;

	if (info->si_code == CLD_EXITED)
		return (uint32_t)info->si_status;
	if (info->si_status == SIGKILL) {
		LOCK_SCOPE(LOCK_CHILDREN);
		child = find(pid);
		if (child && child->ending)
			return child->code;
	}
	return code_of_signal(info->si_status);
}

fm_status child_exit_code(int pidfd, pid_t pid, uint32_t *ret_code)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	siginfo_t info = { .si_pid = 0 };
	int error = OS_RETRY(os.poll(&end, 1, 0));

	if (error < 0)
		return status_of(OP_DESCRIPTOR, error);
	if (error == 0) {
		*ret_code = CHILD_RUNS;
		return FM_OK;
	}
	error = OS_RETRY(os.waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG | WNOWAIT));
	if (error < 0)
		return FM_E_NOT_SUPPORTED; /* the kernel tells parents only */
	*ret_code = info.si_pid ? code_of(&info, pid) : CHILD_RUNS;
	return FM_OK;
}
