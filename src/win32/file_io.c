/* SPDX-License-Identifier: MIT */
/* Reading, writing, positions and sizes of files. */
#include "diskfile.h"
#include "overlapped.h"
#include "win32.h"

static overlapped_signal *signal_event; /* set before the program begins */

void fm_internal_overlapped_signal(overlapped_signal *signal)
{
	signal_event = signal;
}

/* The lowest bit of an event asks that completion ports are not told: there are none. */
static void tell(const OVERLAPPED *overlapped, BOOL done)
{
	uintptr_t event = (uintptr_t)overlapped->hEvent & ~(uintptr_t)1;

	if (event && signal_event)
		signal_event((HANDLE)event, done);
}

static const uint64_t *offset_of(const OVERLAPPED *overlapped, uint64_t *space)
{
	if (!overlapped)
		return NULL;
	tell(overlapped, FALSE);
	*space = (uint64_t)overlapped->OffsetHigh << 32 | overlapped->Offset;
	return space;
}

/* Every transfer is complete when its call returns. */
static BOOL complete(fm_status status, size_t done, LPDWORD number, LPOVERLAPPED overlapped)
{
	if (number)
		*number = (DWORD)done;
	if (overlapped) {
		overlapped->Internal = (ULONG_PTR)(uint32_t)status;
		overlapped->InternalHigh = done;
		if (!status_failed(status))
			tell(overlapped, TRUE);
	}
	return finish(status);
}

BOOL WINAPI ReadFile(HANDLE hFile, LPVOID lpBuffer, DWORD nNumberOfBytesToRead, LPDWORD lpNumberOfBytesRead,
		     LPOVERLAPPED lpOverlapped)
{
	uint64_t space;
	size_t done = 0;
	fm_status status;

	if (!lpNumberOfBytesRead && !lpOverlapped)
		return finish(FM_E_INVALID_PARAMETER);
	status = diskfile_read(number_of(hFile), lpBuffer, nNumberOfBytesToRead, offset_of(lpOverlapped, &space), &done);
	return complete(status, done, lpNumberOfBytesRead, lpOverlapped);
}

BOOL WINAPI WriteFile(HANDLE hFile, LPCVOID lpBuffer, DWORD nNumberOfBytesToWrite, LPDWORD lpNumberOfBytesWritten,
		      LPOVERLAPPED lpOverlapped)
{
	uint64_t space;
	size_t done = 0;
	fm_status status;

	if (!lpNumberOfBytesWritten && !lpOverlapped)
		return finish(FM_E_INVALID_PARAMETER);
	status = diskfile_write(number_of(hFile), lpBuffer, nNumberOfBytesToWrite, offset_of(lpOverlapped, &space),
				&done);
	return complete(status, done, lpNumberOfBytesWritten, lpOverlapped);
}

/* Without a high half the distance is signed, and the position must fit the result. */
DWORD WINAPI SetFilePointer(HANDLE hFile, LONG lDistanceToMove, PLONG lpDistanceToMoveHigh, DWORD dwMoveMethod)
{
	int64_t distance = lDistanceToMove;
	uint64_t position;

	if (lpDistanceToMoveHigh)
		distance = (int64_t)((uint64_t)(uint32_t)*lpDistanceToMoveHigh << 32 | (uint32_t)lDistanceToMove);
	if (!finish(diskfile_seek(number_of(hFile), distance, dwMoveMethod,
				  lpDistanceToMoveHigh ? INT64_MAX : UINT32_MAX, &position)))
		return INVALID_SET_FILE_POINTER;
	if (lpDistanceToMoveHigh)
		*lpDistanceToMoveHigh = (LONG)(position >> 32);
	if ((DWORD)position == INVALID_SET_FILE_POINTER)
		SetLastError(NO_ERROR); /* tells this position from a failure */
	return (DWORD)position;
}

BOOL WINAPI SetFilePointerEx(HANDLE hFile, LARGE_INTEGER liDistanceToMove, PLARGE_INTEGER lpNewFilePointer,
			     DWORD dwMoveMethod)
{
	uint64_t position;

	if (!finish(diskfile_seek(number_of(hFile), liDistanceToMove.QuadPart, dwMoveMethod, INT64_MAX, &position)))
		return FALSE;
	if (lpNewFilePointer)
		lpNewFilePointer->QuadPart = (LONGLONG)position;
	return TRUE;
}

BOOL WINAPI SetEndOfFile(HANDLE hFile)
{
	return finish(diskfile_set_end(number_of(hFile)));
}

DWORD WINAPI GetFileSize(HANDLE hFile, LPDWORD lpFileSizeHigh)
{
	uint64_t size;

	if (!finish(diskfile_size(number_of(hFile), &size)))
		return INVALID_FILE_SIZE;
	if (lpFileSizeHigh)
		*lpFileSizeHigh = (DWORD)(size >> 32);
	if ((DWORD)size == INVALID_FILE_SIZE)
		SetLastError(NO_ERROR); /* tells this size from a failure */
	return (DWORD)size;
}

BOOL WINAPI GetFileSizeEx(HANDLE hFile, PLARGE_INTEGER lpFileSize)
{
	uint64_t size;
	fm_status status = lpFileSize ? diskfile_size(number_of(hFile), &size) : FM_E_ACCESS_VIOLATION;

	if (!status_failed(status))
		lpFileSize->QuadPart = (LONGLONG)size;
	return finish(status);
}

DWORD WINAPI GetFileType(HANDLE hFile)
{
	unsigned type;

	if (!finish(diskfile_type(number_of(hFile), &type)))
		return FILE_TYPE_UNKNOWN;
	return type;
}

BOOL WINAPI FlushFileBuffers(HANDLE hFile)
{
	return finish(diskfile_flush(number_of(hFile)));
}
