/* SPDX-License-Identifier: MIT */
/* Results and events of overlapped calls, all of which are complete when they return. */
#include "file.h"

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

/* Only what the program itself marked as pending is waited for. */
BOOL WINAPI GetOverlappedResult(HANDLE hFile, LPOVERLAPPED lpOverlapped, LPDWORD lpNumberOfBytesTransferred, BOOL bWait)
{
	HANDLE event = (HANDLE)((uintptr_t)lpOverlapped->hEvent & ~(uintptr_t)1);
	DWORD status = (DWORD)__atomic_load_n(&lpOverlapped->Internal, __ATOMIC_ACQUIRE);

	(void)hFile; /* says nothing that the structure does not */
	if (status == STATUS_PENDING && bWait && event) {
		if (WaitForSingleObject(event, INFINITE) == WAIT_FAILED)
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

BOOL WINAPI CancelIo(HANDLE hFile)
{
	struct handle *handle;
	fm_status status = file_enter(hFile, 0, &handle);

	if (!status_failed(status))
		fm_internal_handle_leave(handle);
	return finish(status); /* there is nothing to cancel, which is no failure here */
}

BOOL WINAPI CancelIoEx(HANDLE hFile, LPOVERLAPPED lpOverlapped)
{
	(void)lpOverlapped;
	if (!CancelIo(hFile))
		return FALSE;
	SetLastError(ERROR_NOT_FOUND);
	return FALSE;
}
