/* SPDX-License-Identifier: MIT */
/* Byte-range locks. A lock that must wait is waited for within the call, or is pending on overlapped handles. */
#include "pending.h"

static uint64_t wide_of(DWORD low, DWORD high)
{
	return (uint64_t)high << 32 | low;
}

/* LockFile's own way to fail when it cannot have the range. */
BOOL WINAPI LockFile(HANDLE hFile, DWORD dwFileOffsetLow, DWORD dwFileOffsetHigh, DWORD nNumberOfBytesToLockLow,
		     DWORD nNumberOfBytesToLockHigh)
{
	return finish(fm_internal_file_lock(number_of(hFile), wide_of(dwFileOffsetLow, dwFileOffsetHigh),
					    wide_of(nNumberOfBytesToLockLow, nNumberOfBytesToLockHigh),
					    FILELOCK_EXCLUSIVE));
}

BOOL WINAPI LockFileEx(HANDLE hFile, DWORD dwFlags, DWORD dwReserved, DWORD nNumberOfBytesToLockLow,
		       DWORD nNumberOfBytesToLockHigh, LPOVERLAPPED lpOverlapped)
{
	struct pending_lock lock = { .length = wide_of(nNumberOfBytesToLockLow, nNumberOfBytesToLockHigh),
				     .flags = (dwFlags & LOCKFILE_EXCLUSIVE_LOCK ? FILELOCK_EXCLUSIVE : 0u) |
					      (dwFlags & LOCKFILE_FAIL_IMMEDIATELY ? 0u : FILELOCK_WAIT) };
	fm_status status;

	if (dwReserved || !lpOverlapped)
		return finish(FM_E_INVALID_PARAMETER);
	lock.offset = wide_of(lpOverlapped->Offset, lpOverlapped->OffsetHigh);
	status = fm_internal_file_lock(number_of(hFile), lock.offset, lock.length, lock.flags);
	if (status != FM_E_LOCK_NOT_GRANTED || !(lock.flags & FILELOCK_WAIT))
		return overlapped_complete(status, 0, lpOverlapped);
	status = pending_add(hFile, &lock, lpOverlapped);
	if (!status_failed(status))
		SetLastError(ERROR_IO_PENDING);
	return status_failed(status) && overlapped_complete(status, 0, lpOverlapped);
}

static fm_status unlock(HANDLE file, uint64_t offset, uint64_t length)
{
	fm_status status = fm_internal_file_unlock(number_of(file), offset, length);

	if (!status_failed(status))
		pending_retry();
	return status;
}

BOOL WINAPI UnlockFile(HANDLE hFile, DWORD dwFileOffsetLow, DWORD dwFileOffsetHigh, DWORD nNumberOfBytesToUnlockLow,
		       DWORD nNumberOfBytesToUnlockHigh)
{
	return finish(unlock(hFile, wide_of(dwFileOffsetLow, dwFileOffsetHigh),
			     wide_of(nNumberOfBytesToUnlockLow, nNumberOfBytesToUnlockHigh)));
}

BOOL WINAPI UnlockFileEx(HANDLE hFile, DWORD dwReserved, DWORD nNumberOfBytesToUnlockLow,
			 DWORD nNumberOfBytesToUnlockHigh, LPOVERLAPPED lpOverlapped)
{
	fm_status status;

	if (dwReserved || !lpOverlapped)
		return finish(FM_E_INVALID_PARAMETER);
	status = unlock(hFile, wide_of(lpOverlapped->Offset, lpOverlapped->OffsetHigh),
			wide_of(nNumberOfBytesToUnlockLow, nNumberOfBytesToUnlockHigh));
	return overlapped_complete(status, 0, lpOverlapped);
}
