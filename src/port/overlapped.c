/* SPDX-License-Identifier: MIT */
/* Results and events of overlapped calls. Transfers are complete when they return; locks may be pending. */
#include "pending.h"

static void signal_event(HANDLE event, BOOL done)
{
	DWORD error = GetLastError();

	if (done)
		(void)SetEvent(event); /* what is no event is told nothing, as on Windows after the transfer */
	else
		(void)ResetEvent(event);
	SetLastError(error);
}

__attribute__((constructor)) static void load(void)
{
	fm_internal_overlapped_signal(signal_event);
}

BOOL overlapped_complete(fm_status status, size_t done, LPOVERLAPPED overlapped)
{
	uintptr_t event = (uintptr_t)overlapped->hEvent & ~(uintptr_t)1;

	overlapped->Internal = (ULONG_PTR)(uint32_t)status;
	overlapped->InternalHigh = done;
	if (event && !status_failed(status))
		signal_event((HANDLE)event, TRUE);
	return finish(status);
}

/* Without an event, only what is known to be pending is waited for. */
BOOL WINAPI GetOverlappedResult(HANDLE hFile, LPOVERLAPPED lpOverlapped, LPDWORD lpNumberOfBytesTransferred, BOOL bWait)
{
	HANDLE event = (HANDLE)((uintptr_t)lpOverlapped->hEvent & ~(uintptr_t)1);
	DWORD status = (DWORD)__atomic_load_n(&lpOverlapped->Internal, __ATOMIC_ACQUIRE);

	(void)hFile; /* says nothing that the structure does not */
	if (status == STATUS_PENDING && bWait) {
		if (!event)
			pending_wait(lpOverlapped);
		else if (WaitForSingleObject(event, INFINITE) == WAIT_FAILED)
			return FALSE;
		status = (DWORD)__atomic_load_n(&lpOverlapped->Internal, __ATOMIC_ACQUIRE);
	}
	if (status == STATUS_PENDING) {
		SetLastError(ERROR_IO_INCOMPLETE);
		return FALSE;
	}
	*lpNumberOfBytesTransferred = (DWORD)lpOverlapped->InternalHigh;
	return finish((fm_status)status);
}

static BOOL is_file(HANDLE file)
{
	struct handle *handle;
	fm_status status = file_enter(file, 0, &handle);

	if (!status_failed(status))
		fm_internal_handle_leave(handle);
	return finish(status);
}

BOOL WINAPI CancelIo(HANDLE hFile)
{
	if (!is_file(hFile))
		return FALSE;
	(void)pending_cancel(hFile, NULL, true); /* that there is nothing to cancel is no failure here */
	return TRUE;
}

BOOL WINAPI CancelIoEx(HANDLE hFile, LPOVERLAPPED lpOverlapped)
{
	if (!is_file(hFile))
		return FALSE;
	if (pending_cancel(hFile, lpOverlapped, false))
		return TRUE;
	SetLastError(ERROR_NOT_FOUND);
	return FALSE;
}
