/* SPDX-License-Identifier: MIT */
/* Overlapped transfers: positions, results, events. */
#include "support.h"

static HANDLE open_overlapped(const char *name)
{
	HANDLE file = CreateFileA(path_of(name), GENERIC_RW, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);

	REQUIRE(file != INVALID_HANDLE_VALUE);
	return file;
}

/* A transfer that may be complete or pending: its bytes, by GetOverlappedResult; -1: it failed. */
static int finish_transfer(HANDLE file, BOOL done, OVERLAPPED *at)
{
	DWORD count = 0;

	if (!done && GetLastError() != ERROR_IO_PENDING)
		return -1;
	return GetOverlappedResult(file, at, &count, TRUE) ? (int)count : -1;
}

TEST(transfers_complete_with_their_result)
{
	HANDLE file, event = CreateEventA(NULL, TRUE, TRUE, NULL);
	OVERLAPPED at = { 0 };
	unsigned char bytes[8];

	REQUIRE(CloseHandle(file_of("file", 100, GENERIC_RW)));
	file = open_overlapped("file");
	at.hEvent = event;
	at.Offset = 40;
	CHECK_EQ(finish_transfer(file, WriteFile(file, "written", 7, NULL, &at), &at), 7);
	CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
	CHECK_EQ(at.InternalHigh, 7);
	CHECK_EQ(at.Internal, 0);
	CHECK(ResetEvent(event));
	at.Offset = 41;
	CHECK_EQ(finish_transfer(file, ReadFile(file, bytes, 3, NULL, &at), &at), 3);
	CHECK_EQ(memcmp(bytes, "rit", 3), 0);
	CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
	CHECK(CloseHandle(event));
	CHECK(CloseHandle(file));
}

TEST(many_transfers_at_once)
{
	OVERLAPPED at[8];
	HANDLE file;
	unsigned char byte;

	REQUIRE(CloseHandle(file_of("file", 8, GENERIC_RW)));
	file = open_overlapped("file");
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		memset(&at[i], 0, sizeof(at[i]));
		at[i].hEvent = CreateEventA(NULL, FALSE, FALSE, NULL);
		at[i].Offset = i * PAGE;
		byte = (unsigned char)('a' + i);
		CHECK(WriteFile(file, &"abcdefgh"[i], 1, NULL, &at[i]) || GetLastError() == ERROR_IO_PENDING);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		DWORD count = 0;

		CHECK_WORKS(GetOverlappedResult(file, &at[i], &count, TRUE));
		CHECK_EQ(count, 1);
		CHECK(CloseHandle(at[i].hEvent));
		at[i].hEvent = NULL;
		CHECK_EQ(finish_transfer(file, ReadFile(file, &byte, 1, NULL, &at[i]), &at[i]), 1);
		CHECK_EQ(byte, 'a' + i);
	}
	CHECK_EQ(file_length(file), 7 * PAGE + 1);
	CHECK(CloseHandle(file));
}

TEST(a_position_is_needed)
{
	HANDLE file;
	char bytes[4];
	DWORD count = 0;

	REQUIRE(CloseHandle(file_of("file", 8, GENERIC_RW)));
	file = open_overlapped("file");
	CHECK_FAILS(ReadFile(file, bytes, 4, &count, NULL), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(WriteFile(file, bytes, 4, &count, NULL), ERROR_INVALID_PARAMETER);
	CHECK(CloseHandle(file));
}

TEST(reading_past_the_end_is_an_error)
{
	HANDLE file;
	OVERLAPPED at = { 0 };
	char bytes[4];
	DWORD count = 77, error;
	BOOL done;

	REQUIRE(CloseHandle(file_of("file", 8, GENERIC_RW)));
	file = open_overlapped("file");
	at.Offset = 8;
	done = ReadFile(file, bytes, 4, NULL, &at);
	error = GetLastError();
	if (!done && error == ERROR_IO_PENDING) {
		done = GetOverlappedResult(file, &at, &count, TRUE);
		error = GetLastError();
	}
	CHECK(!done);
	CHECK_EQ(error, ERROR_HANDLE_EOF);
	at.Offset = 6;
	CHECK_EQ(finish_transfer(file, ReadFile(file, bytes, 4, NULL, &at), &at), 2);
	CHECK(CloseHandle(file));
}

TEST(a_pending_result_is_incomplete)
{
	HANDLE file = file_of("file", 8, GENERIC_RW);
	OVERLAPPED at = { 0 };
	DWORD count = 0;

	at.Internal = STATUS_PENDING;
	CHECK_FAILS(GetOverlappedResult(file, &at, &count, FALSE), ERROR_IO_INCOMPLETE);
	CHECK(!HasOverlappedIoCompleted(&at));
	at.Internal = 0;
	at.InternalHigh = 5;
	CHECK_WORKS(GetOverlappedResult(file, &at, &count, FALSE));
	CHECK_EQ(count, 5);
	CHECK(HasOverlappedIoCompleted(&at));
	CHECK(CloseHandle(file));
}

TEST(nothing_is_left_to_cancel)
{
	HANDLE file = file_of("file", 8, GENERIC_RW);

	CHECK_WORKS(CancelIo(file));
	CHECK_FAILS(CancelIoEx(file, NULL), ERROR_NOT_FOUND);
	CHECK_FAILS(CancelIo(GARBAGE_HANDLE), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(file));
}

TEST(locks_signal_their_event)
{
	HANDLE file = file_of("file", 8, GENERIC_RW), event = CreateEventA(NULL, TRUE, FALSE, NULL);
	OVERLAPPED at = { 0 };

	at.hEvent = event;
	CHECK_WORKS(LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, 8, 0, &at));
	CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
	CHECK_WORKS(UnlockFileEx(file, 0, 8, 0, &at));
	CHECK(CloseHandle(event));
	CHECK(CloseHandle(file));
}
