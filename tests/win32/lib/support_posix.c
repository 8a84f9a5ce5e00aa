/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static sigjmp_buf back;

static void caught(int number)
{
	siglongjmp(back, number);
}

static NTSTATUS touch(volatile unsigned char *address, bool write)
{
	struct sigaction action = { .sa_handler = caught }, old_segv, old_bus;
	int number;

	sigaction(SIGSEGV, &action, &old_segv);
	sigaction(SIGBUS, &action, &old_bus);
	number = sigsetjmp(back, 1);
	if (!number) {
		unsigned char byte = *address;

		if (write)
			*address = byte;
	}
	sigaction(SIGSEGV, &old_segv, NULL);
	sigaction(SIGBUS, &old_bus, NULL);
	if (!number)
		return STATUS_SUCCESS;
	/* SIGBUS is a page that has no storage: never committed, or lost. Only the second is an in-page error. */
	if (number == SIGBUS && query((void *)(ULONG_PTR)address).State == MEM_COMMIT)
		return STATUS_IN_PAGE_ERROR;
	return STATUS_ACCESS_VIOLATION;
}

/* docs/windows-differences.md: a process that is denied userfaultfd reads zeros there. */
bool reserved_pages_fault(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

NTSTATUS touch_read(const volatile void *address)
{
	return touch((volatile unsigned char *)(ULONG_PTR)address, false);
}

NTSTATUS touch_write(volatile void *address)
{
	return touch(address, true);
}

/* Root is above the limit, so it becomes nobody. */
void limit_locked_memory(void)
{
	struct rlimit limit = { 64 << 10, 64 << 10 };

	REQUIRE(setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
	if (geteuid() == 0)
		REQUIRE(setresuid(65534, 65534, 65534) == 0);
}

struct child {
	pid_t pid;
	int to, from;
};

struct child *child_start(const char *name, const char *first, const char *second)
{
	struct child *child = malloc(sizeof(*child));
	int to[2], from[2];

	fflush(NULL);
	REQUIRE(child && pipe(to) == 0 && pipe(from) == 0);
	child->pid = fork();
	REQUIRE(child->pid >= 0);
	if (child->pid == 0) {
		dup2(to[0], STDIN_FILENO);
		dup2(from[1], STDOUT_FILENO);
		for (int i = 0; i < 2; i++) {
			close(to[i]);
			close(from[i]);
		}
		execl(check_program(), "child", "--child", name, first, first ? second : NULL, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	child->to = to[1];
	child->from = from[0];
	return child;
}

char child_hear(struct child *child)
{
	char byte = 0;

	return read(child->from, &byte, 1) == 1 ? byte : 0;
}

void child_tell(struct child *child, char byte)
{
	CHECK(write(child->to, &byte, 1) == 1);
}

DWORD child_id(const struct child *child)
{
	return (DWORD)child->pid;
}

int child_end(struct child *child)
{
	int status = -1;

	close(child->to);
	REQUIRE(waitpid(child->pid, &status, 0) == child->pid);
	close(child->from);
	free(child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void child_kill(struct child *child)
{
	kill(child->pid, SIGKILL);
	(void)child_end(child);
}

char parent_hear(void)
{
	char byte = 0;

	return read(STDIN_FILENO, &byte, 1) == 1 ? byte : 0;
}

void parent_tell(char byte)
{
	CHECK(write(STDOUT_FILENO, &byte, 1) == 1);
}
