/* SPDX-License-Identifier: MIT */
/* What threads are asked. */
#include "local.h"
#include "object.h"
#include "self.h"
#include "thread.h"

/* Use a handle that grants one of @any. */
static fm_status enter_thread(HANDLE handle, uint32_t any, struct thread_handle **ret_handle)
{
	struct handle *base;
	fm_status status = enter(handle, &thread_kind, &base);

	if (status_failed(status))
		return status;
	*ret_handle = (struct thread_handle *)base;
	if ((*ret_handle)->access & any)
		return FM_OK;
	fm_internal_handle_leave(base);
	return FM_E_ACCESS_DENIED;
}

DWORD WINAPI ResumeThread(HANDLE hThread)
{
	struct thread_handle *handle;
	uint32_t before = 0;

	if (!finish(enter_thread(hThread, THREAD_SUSPEND_RESUME, &handle)))
		return (DWORD)-1;
	if (handle->thread) {
		before = atomic_exchange(&handle->thread->suspended, 0);
		local_wake(&handle->thread->suspended, 1);
	}
	fm_internal_handle_leave(&handle->handle);
	return before;
}

BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode)
{
	struct thread_handle *handle;
	fm_status status;

	if (!lpExitCode)
		return finish(FM_E_ACCESS_VIOLATION);
	if (hThread == CURRENT_THREAD) {
		*lpExitCode = STILL_ACTIVE;
		return TRUE;
	}
	status = enter_thread(hThread, THREAD_QUERY_INFORMATION | THREAD_QUERY_LIMITED_INFORMATION, &handle);
	if (status_failed(status))
		return finish(status);
	if (!handle->thread)
		status = fm_internal_child_exit_code(handle->fd, handle->pid, lpExitCode);
	else
		*lpExitCode = thread_is_dead(handle->thread) ? atomic_load(&handle->thread->exit_code) : STILL_ACTIVE;
	fm_internal_handle_leave(&handle->handle);
	return finish(status);
}

DWORD WINAPI GetThreadId(HANDLE Thread)
{
	struct thread_handle *handle;
	DWORD id;

	if (Thread == CURRENT_THREAD)
		return GetCurrentThreadId();
	if (!finish(enter_thread(Thread, THREAD_QUERY_INFORMATION | THREAD_QUERY_LIMITED_INFORMATION, &handle)))
		return 0;
	id = handle->thread ? atomic_load(&handle->thread->id) : (DWORD)handle->pid;
	fm_internal_handle_leave(&handle->handle);
	return id;
}

HANDLE WINAPI GetCurrentThread(VOID)
{
	return CURRENT_THREAD;
}

DWORD WINAPI GetCurrentThreadId(VOID)
{
	return status_failed(fm_internal_lock_ready()) ? (DWORD)os_tid() : self()->id;
}
