/* SPDX-License-Identifier: MIT */
/* Results and events of overlapped calls, all of which are complete when they return. */
#include "file.h"

BOOL overlapped_complete(fm_status status, size_t done, LPOVERLAPPED overlapped)
{
	overlapped->Internal = (ULONG_PTR)(uint32_t)status;
	overlapped->InternalHigh = done;
	return finish(status);
}

/* Only what the program itself marked as pending is waited for. */
BOOL WINAPI GetOverlappedResult(HANDLE hFile, LPOVERLAPPED lpOverlapped, LPDWORD lpNumberOfBytesTransferred, BOOL bWait)
{
	DWORD status = (DWORD)__atomic_load_n(&lpOverlapped->Internal, __ATOMIC_ACQUIRE);

	(void)bWait;
	(void)hFile; /* says nothing that the structure does not */
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
