/* SPDX-License-Identifier: MIT */
/* Handles of every kind, and processes as far as handles need them. */
#include "duplicate.h"
#include "mailbox.h"
#include "os.h"
#include "win32.h"

fm_status enter(HANDLE handle, const struct handle_kind *kind, struct handle **ret_handle)
{
	int number = number_of(handle);

	if (is_pseudo(handle))
		return FM_E_OBJECT_TYPE_MISMATCH;
	return number < 0 ? FM_E_INVALID_HANDLE : handle_enter(number, kind, ret_handle);
}

/* ---- processes ---- */

HANDLE WINAPI GetCurrentProcess(VOID)
{
	return CURRENT_PROCESS;
}

DWORD WINAPI GetCurrentProcessId(VOID)
{
	mailbox_ready(); /* who tells others its number may be given handles */
	return (DWORD)os_pid();
}

HANDLE WINAPI OpenProcess(DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwProcessId)
{
	int number = -1;
	fm_status status = dwProcessId > INT_MAX ? FM_E_INVALID_PARAMETER
						 : peer_open((pid_t)dwProcessId, dwDesiredAccess, bInheritHandle, &number);

	return finish_pointer(status, handle_of(number));
}

/* The process behind a handle: *ret_peer is NULL for this one, else to be left with handle_leave(). */
static fm_status enter_process(HANDLE process, struct peer **ret_peer)
{
	struct handle *handle;
	fm_status status;

	*ret_peer = NULL;
	if (process == CURRENT_PROCESS)
		return FM_OK;
	status = enter(process, &process_kind, &handle);
	if (status_failed(status))
		return status;
	if (((struct peer *)handle)->pid == os_pid())
		handle_leave(handle);
	else
		*ret_peer = (struct peer *)handle;
	return FM_OK;
}

static void leave_process(struct peer *peer)
{
	if (peer)
		handle_leave(&peer->handle);
}

fm_status own_process(HANDLE process)
{
	struct peer *peer;
	fm_status status = enter_process(process, &peer);

	if (status_failed(status))
		return status;
	leave_process(peer);
	return peer ? FM_E_ACCESS_DENIED : FM_OK;
}

/* ---- handles ---- */

BOOL WINAPI CloseHandle(HANDLE hObject)
{
	int number = number_of(hObject);

	if (is_pseudo(hObject))
		return TRUE; /* no effect */
	return finish(number < 0 ? FM_E_INVALID_HANDLE : handle_close(number));
}

BOOL WINAPI GetHandleInformation(HANDLE hObject, LPDWORD lpdwFlags)
{
	struct handle *handle;
	bool inheritable = false;
	DWORD flags;
	fm_status status = lpdwFlags ? FM_OK : FM_E_ACCESS_VIOLATION;

	if (!status_failed(status))
		status = enter(hObject, NULL, &handle);
	if (status_failed(status))
		return finish(status);
	status = handle_inheritable(handle, &inheritable);
	flags = atomic_load_explicit(&handle->flags, memory_order_relaxed) & HANDLE_PROTECTED
			? HANDLE_FLAG_PROTECT_FROM_CLOSE
			: 0;
	handle_leave(handle);
	if (!status_failed(status))
		*lpdwFlags = flags | (inheritable ? HANDLE_FLAG_INHERIT : 0);
	return finish(status);
}

BOOL WINAPI SetHandleInformation(HANDLE hObject, DWORD dwMask, DWORD dwFlags)
{
	struct handle *handle;
	fm_status status = FM_OK;

	if (dwMask & ~(DWORD)(HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE))
		status = FM_E_INVALID_PARAMETER;
	if (!status_failed(status))
		status = enter(hObject, NULL, &handle);
	if (status_failed(status))
		return finish(status);
	if (dwMask & HANDLE_FLAG_INHERIT)
		status = handle_set_inheritable(handle, dwFlags & HANDLE_FLAG_INHERIT);
	if (!status_failed(status) && (dwMask & HANDLE_FLAG_PROTECT_FROM_CLOSE)) {
		if (dwFlags & HANDLE_FLAG_PROTECT_FROM_CLOSE)
			atomic_fetch_or_explicit(&handle->flags, HANDLE_PROTECTED, memory_order_relaxed);
		else
			atomic_fetch_and_explicit(&handle->flags, ~(uint32_t)HANDLE_PROTECTED, memory_order_relaxed);
	}
	handle_leave(handle);
	return finish(status);
}

/* Pseudo handles are the current process's; of two of them only equal ones are the same. */
static fm_status compare(HANDLE first, HANDLE second)
{
	struct handle *a, *b;
	fm_status status;

	if (is_pseudo(first) || is_pseudo(second)) {
		HANDLE other = is_pseudo(first) ? second : first;

		if (first == second)
			return FM_OK;
		if ((first == CURRENT_PROCESS || second == CURRENT_PROCESS) && !is_pseudo(other))
			status = own_process(other);
		else
			status = FM_E_NOT_SAME_OBJECT;
		return status == FM_OK || status == FM_E_INVALID_HANDLE ? status : FM_E_NOT_SAME_OBJECT;
	}
	status = enter(first, NULL, &a);
	if (status_failed(status))
		return status;
	status = enter(second, NULL, &b);
	if (!status_failed(status)) {
		status = handle_same(a, b) ? FM_OK : FM_E_NOT_SAME_OBJECT;
		handle_leave(b);
	}
	handle_leave(a);
	return status;
}

BOOL WINAPI CompareObjectHandles(HANDLE hFirstObjectHandle, HANDLE hSecondObjectHandle)
{
	return finish(compare(hFirstObjectHandle, hSecondObjectHandle));
}

/* ---- DuplicateHandle ---- */

/* Of the pseudo handles only the process has an object here. */
static fm_status open_pseudo(HANDLE source, const struct peer *from, bool inherit, DWORD access, int *ret_number)
{
	if (source == CURRENT_THREAD)
		return FM_E_NOT_SUPPORTED;
	return peer_open(from ? from->pid : os_pid(), access, inherit, ret_number);
}

static fm_status duplicate(struct peer *from, HANDLE source, const struct peer *to, bool inherit, const DWORD *access,
			   HANDLE *ret_handle)
{
	struct duplicate_request request = { .from = from, .number = number_of(source), .to = to, .access = access,
					     .inheritable = inherit };
	int number = -1, opened = -1;
	fm_status status = FM_OK;

	if (is_pseudo(source)) {
		status = open_pseudo(source, from, inherit, access ? *access : PROCESS_ALL_ACCESS, &opened);
		request.from = NULL;
		request.number = opened;
	} else if (request.number < 0) {
		status = FM_E_INVALID_HANDLE;
	}
	if (!status_failed(status))
		status = duplicate_between(&request, &number);
	if (opened >= 0)
		(void)handle_close(opened); /* ours, and nobody knows it */
	if (!status_failed(status))
		*ret_handle = handle_of(number);
	return status;
}

BOOL WINAPI DuplicateHandle(HANDLE hSourceProcessHandle, HANDLE hSourceHandle, HANDLE hTargetProcessHandle,
			    LPHANDLE lpTargetHandle, DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwOptions)
{
	const DWORD known = DUPLICATE_CLOSE_SOURCE | DUPLICATE_SAME_ACCESS;
	const DWORD *access = dwOptions & DUPLICATE_SAME_ACCESS ? NULL : &dwDesiredAccess;
	struct peer *from, *to = NULL;
	HANDLE made = NULL;
	fm_status status = dwOptions & ~known ? FM_E_INVALID_PARAMETER : enter_process(hSourceProcessHandle, &from);
	bool close = dwOptions & DUPLICATE_CLOSE_SOURCE, only_close = close && !hTargetProcessHandle;

	if (status_failed(status))
		return finish(status);
	if (close && from)
		status = FM_E_NOT_SUPPORTED; /* nobody can close a descriptor of another process */
	if (!status_failed(status) && !only_close)
		status = enter_process(hTargetProcessHandle, &to);
	if (!status_failed(status) && !only_close)
		status = duplicate(from, hSourceHandle, to, bInheritHandle, access, &made);
	if (close && !from && !is_pseudo(hSourceHandle)) {
		fm_status closed = handle_close(number_of(hSourceHandle)); /* whatever came of the duplicate */

		if (only_close)
			status = closed;
	}
	leave_process(to);
	leave_process(from);
	if (!status_failed(status) && made && lpTargetHandle)
		*lpTargetHandle = made;
	return finish(status);
}
