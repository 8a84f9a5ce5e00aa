/* SPDX-License-Identifier: MIT */
/* CreateProcess: the program is found, its line taken apart, its descriptors chosen; posix_spawn does the rest. */
#include "create_process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command_line.h"
#include "file.h"
#include "program.h"
#include "thread.h"

/* Consoles and error boxes are none here, so flags about them say nothing. */
#define KNOWN_FLAGS                                                                                \
	(DETACHED_PROCESS | CREATE_NEW_CONSOLE | CREATE_NEW_PROCESS_GROUP | CREATE_UNICODE_ENVIRONMENT | \
	 CREATE_NO_WINDOW | CREATE_DEFAULT_ERROR_MODE | NORMAL_PRIORITY_CLASS)

/* What is made on the way, and undone in the end. */
struct making {
	char path[PATH_MAX], directory[PATH_MAX];
	char **arguments;
	char **environment;  /* NULL: this process's */
	int standard[3];     /* ours to close */
};

/* ---- parts ---- */

static fm_status make_arguments(const struct process_call *call, struct making *making)
{
	size_t length = call->line ? 0 : strlen(call->program) + 1;
	char *line = NULL;
	fm_status status;

	if (!call->line) { /* the program's name is its first argument */
		line = command_line_join(call->program, length);
		if (!line)
			return FM_E_NO_MEMORY;
	}
	status = command_line_split(call->line ? call->line : line, &making->arguments);
	os_free(line);
	return status;
}

/* Of a block, leaving out the directories of drives ("=C:=..."), which Windows keeps there. */
static fm_status make_environment(const char *block, struct making *making)
{
	size_t count = 0, used = 0;

	if (!block)
		return FM_OK;
	for (const char *at = block; *at; at += strlen(at) + 1)
		count++;
	making->environment = os_allocate((count + 1) * sizeof(char *));
	if (!making->environment)
		return FM_E_NO_MEMORY;
	for (const char *at = block; *at; at += strlen(at) + 1)
		if (*at != '=')
			making->environment[used++] = (char *)(uintptr_t)at; /* not written to */
	return FM_OK;
}

static fm_status check_directory(const char *directory, struct making *making)
{
	struct stat st;
	fm_status status;
	int error;

	if (!directory)
		return FM_OK;
	status = fm_internal_path_host(directory, making->directory);
	if (status_failed(status))
		return status;
	error = os.fstatat(AT_FDCWD, making->directory, &st, 0);
	if (error == -ENOENT || error == -ENOTDIR || (error == 0 && !S_ISDIR(st.st_mode)))
		return FM_E_NOT_A_DIRECTORY;
	return error < 0 ? fm_internal_status_of(OP_OPEN_FILE, error) : FM_OK;
}

/* A descriptor above the standard ones for what shall be one in the child. NULL and -1: nothing is there. */
static fm_status choose_standard(HANDLE handle, int *ret_fd)
{
	int number = number_of(handle), fd;

	if (!handle || handle == INVALID_HANDLE_VALUE)
		fd = os_open(AT_FDCWD, "/dev/null", O_RDWR, 0);
	else
		fd = number < 0 ? -EBADF : os.dupfd(number, 3);
	if (fd >= 0 && fd < 3) { /* of our own, a standard one is free */
		int higher = os.dupfd(fd, 3);

		os_close(fd);
		fd = higher;
	}
	if (fd < 0)
		return fd == -EBADF ? FM_E_INVALID_HANDLE : fm_internal_status_of(OP_DESCRIPTOR, fd);
	*ret_fd = fd;
	return FM_OK;
}

static fm_status choose_all_standard(const struct process_call *call, struct making *making)
{
	static const DWORD names[] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };
	bool given = call->startup_flags & STARTF_USESTDHANDLES;
	fm_status status = FM_OK;

	for (unsigned i = 0; i < 3 && !status_failed(status); i++)
		status = choose_standard(given ? call->standard[i] : GetStdHandle(names[i]), &making->standard[i]);
	return status;
}

/* ---- the process ---- */

static fm_status status_of_spawn(int error)
{
	switch (error) {
	case -ENOENT:
		return FM_E_NAME_NOT_FOUND; /* its interpreter, too */
	case -ENOEXEC:
	case -ELIBBAD:
		return FM_E_INVALID_IMAGE_NOT_MZ;
	case -E2BIG:
		return FM_E_NAME_TOO_LONG;
	case -EAGAIN:
		return FM_E_NO_MEMORY;
	case -ETXTBSY:
		return FM_E_SHARING_VIOLATION;
	default:
		return fm_internal_status_of(OP_OPEN_FILE, error);
	}
}

static bool wants_inheritance(const SECURITY_ATTRIBUTES *security)
{
	return security && security->bInheritHandle;
}

/* Both handles on a child that is known, or neither. */
static fm_status open_both(const struct process_call *call, pid_t pid, int *ret_process, int *ret_thread)
{
	int process, pidfd;
	fm_status status = fm_internal_peer_open(pid, PROCESS_ALL_ACCESS, wants_inheritance(call->process_security),
						 &process);

	if (status_failed(status))
		return status;
	pidfd = os.dupfd(process, 0);
	status = pidfd < 0 ? fm_internal_status_of(OP_DESCRIPTOR, pidfd)
			   : thread_of_process(pidfd, pid, wants_inheritance(call->thread_security), ret_thread);
	if (status_failed(status))
		(void)fm_internal_handle_close(process); /* nobody knows it */
	else
		*ret_process = process;
	return status;
}

/* Of a child that nobody can be told of. @how: WNOWAIT, to leave the reaping to child.c, which has its descriptor. */
static void end_child(pid_t pid, int how)
{
	siginfo_t info;

	(void)os.kill(pid, SIGKILL); /* our child, not reaped: it is there */
	(void)OS_RETRY(os.waitid(P_PID, pid, &info, WEXITED | how));
}

/* Both handles, or the child is no more. */
static fm_status open_handles(const struct process_call *call, pid_t pid, int *ret_process, int *ret_thread)
{
	fm_status status = fm_internal_child_add(pid);

	if (status_failed(status)) {
		end_child(pid, 0);
		return status;
	}
	status = open_both(call, pid, ret_process, ret_thread);
	if (status_failed(status))
		end_child(pid, WNOWAIT);
	fm_internal_child_close(pid); /* what it was known by until now; reaps it if it has ended */
	return status;
}

static fm_status start(const struct process_call *call, const struct making *making,
		       PROCESS_INFORMATION *ret_information)
{
	const struct os_spawn request = {
		.path = making->path, .arguments = making->arguments,
		.environment = making->environment ? making->environment : environ,
		.directory = making->directory[0] ? making->directory : NULL,
		.standard = { making->standard[0], making->standard[1], making->standard[2] },
		.close_others = !call->inherit, .session = call->flags & DETACHED_PROCESS,
		.group = call->flags & CREATE_NEW_PROCESS_GROUP,
	};
	int process = -1, thread = -1;
	pid_t pid = os.spawn(&request);
	fm_status status;

	if (pid < 0)
		return status_of_spawn(pid);
	status = open_handles(call, pid, &process, &thread);
	if (status_failed(status))
		return status;
	*ret_information = (PROCESS_INFORMATION){ .hProcess = handle_of(process), .hThread = handle_of(thread),
						  .dwProcessId = (DWORD)pid, .dwThreadId = (DWORD)pid };
	return FM_OK;
}

static fm_status check(const struct process_call *call)
{
	if (!call->program && (!call->line || !*call->line))
		return call->line ? FM_E_NAME_NOT_FOUND : FM_E_INVALID_PARAMETER;
	if (call->flags & ~(DWORD)KNOWN_FLAGS)
		return FM_E_NOT_SUPPORTED;
	if ((call->flags & DETACHED_PROCESS) && (call->flags & CREATE_NEW_CONSOLE))
		return FM_E_INVALID_PARAMETER;
	return fm_internal_lock_ready();
}

BOOL process_create(const struct process_call *call, PROCESS_INFORMATION *ret_information)
{
	struct making making = { .standard = { -1, -1, -1 } };
	fm_status status = check(call);

	if (!status_failed(status))
		status = call->program ? program_named(call->program, making.path)
				       : program_of_line(call->line, making.path);
	if (!status_failed(status))
		status = check_directory(call->directory, &making);
	if (!status_failed(status))
		status = make_arguments(call, &making);
	if (!status_failed(status))
		status = make_environment(call->environment, &making);
	if (!status_failed(status))
		status = choose_all_standard(call, &making);
	if (!status_failed(status))
		status = start(call, &making, ret_information);
	for (unsigned i = 0; i < 3; i++)
		os_close(making.standard[i]);
	os_free(making.environment);
	os_free(making.arguments);
	return finish(status);
}
