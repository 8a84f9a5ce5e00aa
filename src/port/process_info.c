/* SPDX-License-Identifier: MIT */
/* What processes are asked and told. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#include "filetime.h"
#include "peer.h"

#define QUERY (PROCESS_QUERY_INFORMATION | PROCESS_QUERY_LIMITED_INFORMATION)

/* Use a handle that grants one of @any; *ret_peer is NULL for the pseudo handle. */
static fm_status enter_process(HANDLE process, uint32_t any, struct peer **ret_peer)
{
	struct handle *handle;
	fm_status status;

	*ret_peer = NULL;
	if (process == CURRENT_PROCESS)
		return FM_OK;
	status = enter(process, fm_internal_process_kind(), &handle);
	if (status_failed(status))
		return status;
	*ret_peer = (struct peer *)handle;
	if ((*ret_peer)->access & any)
		return FM_OK;
	fm_internal_handle_leave(handle);
	return FM_E_ACCESS_DENIED;
}

static void leave_process(struct peer *peer)
{
	if (peer)
		fm_internal_handle_leave(&peer->handle);
}

BOOL WINAPI GetExitCodeProcess(HANDLE hProcess, LPDWORD lpExitCode)
{
	struct peer *peer;
	fm_status status = lpExitCode ? enter_process(hProcess, QUERY, &peer) : FM_E_ACCESS_VIOLATION;

	if (status_failed(status))
		return finish(status);
	if (peer)
		status = fm_internal_child_exit_code(peer->fd, peer->pid, lpExitCode);
	else
		*lpExitCode = STILL_ACTIVE;
	leave_process(peer);
	return finish(status);
}

DWORD WINAPI GetProcessId(HANDLE Process)
{
	struct peer *peer;
	DWORD id;

	if (!finish(enter_process(Process, QUERY, &peer)))
		return 0;
	id = (DWORD)(peer ? peer->pid : os_pid());
	leave_process(peer);
	return id;
}

VOID WINAPI ExitProcess(UINT uExitCode)
{
	exit((int)uExitCode);
}

static fm_status terminate(const struct peer *peer, UINT code)
{
	struct pollfd end = { .fd = peer->fd, .events = POLLIN };
	int error = OS_RETRY(os.poll(&end, 1, 0));

	if (error < 0)
		return fm_internal_status_of(OP_DESCRIPTOR, error);
	if (error > 0)
		return FM_E_PROCESS_IS_TERMINATING;
	fm_internal_child_ending(peer->pid, code);
	error = os.pidfd_send_signal(peer->fd, SIGKILL);
	return error == -ESRCH ? FM_E_PROCESS_IS_TERMINATING : error < 0 ? FM_E_ACCESS_DENIED : FM_OK;
}

BOOL WINAPI TerminateProcess(HANDLE hProcess, UINT uExitCode)
{
	struct peer *peer;
	fm_status status = enter_process(hProcess, PROCESS_TERMINATE, &peer);

	if (status_failed(status))
		return finish(status);
	if (!peer || peer->pid == os_pid())
		_Exit((int)uExitCode);
	status = terminate(peer, uExitCode);
	leave_process(peer);
	return finish(status);
}

/* ---- times ---- */

enum { CLOCK_TICKS = 100 /* a second, in what the kernel tells, on all that this is built for */ };

/* What /proc/PID/stat says, in clock ticks: time in user mode, in the kernel, and of the start since boot. */
static fm_status read_stat(pid_t pid, uint64_t *ret_user, uint64_t *ret_kernel, uint64_t *ret_start)
{
	char path[32], text[1024];
	unsigned long long user, kernel, since;
	const char *at;
	ssize_t length;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid); /* always fits */
	fd = os_open(AT_FDCWD, path, O_RDONLY, 0);
	length = fd < 0 ? fd : OS_RETRY(os.read(fd, text, sizeof(text) - 1));
	os_close(fd);
	if (length == -ENOENT || length == -ESRCH)
		return FM_E_PROCESS_IS_TERMINATING;
	if (length < 0)
		return fm_internal_status_of(OP_TRANSFER, (int)length);
	text[length] = 0;
	at = strrchr(text, ')'); /* the name before may hold anything */
	if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %llu",
			  &user, &kernel, &since) != 3)
		return FM_E_INTERNAL_ERROR;
	*ret_user = user;
	*ret_kernel = kernel;
	*ret_start = since;
	return FM_OK;
}

static uint64_t ticks_of_time(struct timeval time)
{
	return (uint64_t)time.tv_sec * TICKS_PER_SECOND + (uint64_t)time.tv_usec * 10;
}

static fm_status times_of(pid_t pid, FILETIME *ret_start, FILETIME *ret_kernel, FILETIME *ret_user)
{
	const uint64_t unit = TICKS_PER_SECOND / CLOCK_TICKS;
	uint64_t user = 0, kernel = 0, since = 0;
	struct rusage usage;
	fm_status status = read_stat(pid, &user, &kernel, &since);

	if (status_failed(status))
		return status;
	user *= unit;
	kernel *= unit;
	if (pid == os_pid() && os.getrusage(RUSAGE_SELF, &usage) >= 0) { /* to the microsecond */
		user = ticks_of_time(usage.ru_utime);
		kernel = ticks_of_time(usage.ru_stime);
	}
	*ret_start = filetime_of_ticks(ticks_now() - os_boot_ns() / 100 + since * unit);
	*ret_kernel = filetime_of_ticks(kernel);
	*ret_user = filetime_of_ticks(user);
	return FM_OK;
}

BOOL WINAPI GetProcessTimes(HANDLE hProcess, LPFILETIME lpCreationTime, LPFILETIME lpExitTime, LPFILETIME lpKernelTime,
			    LPFILETIME lpUserTime)
{
	struct peer *peer;
	fm_status status = lpCreationTime && lpExitTime && lpKernelTime && lpUserTime
				   ? enter_process(hProcess, QUERY, &peer)
				   : FM_E_ACCESS_VIOLATION;

	if (status_failed(status))
		return finish(status);
	status = times_of(peer ? peer->pid : os_pid(), lpCreationTime, lpKernelTime, lpUserTime);
	if (!status_failed(status))
		*lpExitTime = filetime_of_ticks(0);
	leave_process(peer);
	return finish(status);
}
