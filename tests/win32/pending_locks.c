/* SPDX-License-Identifier: MIT */
/* Locks that overlapped calls wait for: pending, granted, cancelled. */
#include "support.h"

static HANDLE holder;

/* Its first byte is locked by @holder, and asked for through the handle that is returned. */
static HANDLE open_waiter(OVERLAPPED *at, HANDLE event)
{
	HANDLE file;

	holder = file_of("file", 8, GENERIC_RW);
	file = CreateFileA(path_of("file"), GENERIC_RW, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	REQUIRE(LockFile(holder, 0, 0, 1, 0));
	memset(at, 0, sizeof(*at));
	at->hEvent = event;
	CHECK_FAILS(LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, at), ERROR_IO_PENDING);
	CHECK(!HasOverlappedIoCompleted(at));
	return file;
}

static void close_both(HANDLE file)
{
	CHECK(CloseHandle(file));
	CHECK(CloseHandle(holder));
}

TEST(a_lock_that_must_wait_is_pending)
{
	HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL), file;
	OVERLAPPED at;
	DWORD count = 0;

	file = open_waiter(&at, event);
	CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
	CHECK_FAILS(GetOverlappedResult(file, &at, &count, FALSE), ERROR_IO_INCOMPLETE);
	CHECK_WORKS(UnlockFile(holder, 0, 0, 1, 0));
	CHECK_EQ(WaitForSingleObject(event, INFINITE), WAIT_OBJECT_0);
	CHECK_WORKS(GetOverlappedResult(file, &at, &count, FALSE));
	CHECK_FAILS(LockFile(holder, 0, 0, 1, 0), ERROR_LOCK_VIOLATION);
	close_both(file);
	CHECK(CloseHandle(event));
}

TEST(a_pending_lock_is_waited_for_without_an_event)
{
	OVERLAPPED at;
	HANDLE file = open_waiter(&at, NULL);
	DWORD count = 0;

	CHECK_WORKS(UnlockFile(holder, 0, 0, 1, 0));
	CHECK_WORKS(GetOverlappedResult(file, &at, &count, TRUE));
	CHECK_FAILS(LockFile(holder, 0, 0, 1, 0), ERROR_LOCK_VIOLATION);
	close_both(file);
}

TEST(a_pending_lock_can_be_cancelled)
{
	HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), file;
	OVERLAPPED at;
	DWORD count = 0;

	for (int all = 0; all < 2; all++) {
		check_row("%s", all ? "CancelIo" : "CancelIoEx");
		file = open_waiter(&at, event);
		if (all)
			CHECK_WORKS(CancelIo(file));
		else
			CHECK_WORKS(CancelIoEx(file, &at));
		CHECK_FAILS(GetOverlappedResult(file, &at, &count, TRUE), ERROR_OPERATION_ABORTED);
		CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
		CHECK_FAILS(CancelIoEx(file, &at), ERROR_NOT_FOUND);
		CHECK_WORKS(UnlockFile(holder, 0, 0, 1, 0));
		CHECK_WORKS(LockFile(holder, 0, 0, 1, 0));
		close_both(file);
	}
	CHECK(CloseHandle(event));
}

TEST(pending_locks_are_cancelled_one_by_one)
{
	OVERLAPPED first, second = { 0 };
	HANDLE file = open_waiter(&first, CreateEventA(NULL, TRUE, FALSE, NULL));
	DWORD count = 0;

	second.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
	CHECK_FAILS(LockFileEx(file, 0, 0, 1, 0, &second), ERROR_IO_PENDING);
	CHECK_WORKS(CancelIoEx(file, &first));
	CHECK_FAILS(GetOverlappedResult(file, &first, &count, TRUE), ERROR_OPERATION_ABORTED);
	CHECK(!HasOverlappedIoCompleted(&second));
	CHECK_WORKS(UnlockFile(holder, 0, 0, 1, 0));
	CHECK_WORKS(GetOverlappedResult(file, &second, &count, TRUE));
	close_both(file);
	CHECK(CloseHandle(first.hEvent) && CloseHandle(second.hEvent));
}
