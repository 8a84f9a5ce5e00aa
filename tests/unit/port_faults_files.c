/* SPDX-License-Identifier: MIT */
/* Every fault of the calls on files: their error and nothing done, or all of it. */
#include <windows.h>

#include <winioctl.h>

#include "fault_files.h"

/* ---- opening ---- */

static void opened(BOOL worked)
{
	CHECK_EQ(file != INVALID_HANDLE_VALUE, worked);
	if (worked)
		CHECK(CloseHandle(file));
	file = INVALID_HANDLE_VALUE;
}

static BOOL create_new(void)
{
	SECURITY_ATTRIBUTES inherited = { .nLength = sizeof(inherited), .bInheritHandle = TRUE };

	file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, &inherited, CREATE_NEW, FILE_FLAG_WRITE_THROUGH, NULL);
	return file != INVALID_HANDLE_VALUE;
}

static void created(BOOL worked)
{
	CHECK_EQ(is_there(name), worked);
	opened(worked);
	names_go(worked);
}

static BOOL open_always(void)
{
	return (file = open_as(name, OPEN_ALWAYS, 0)) != INVALID_HANDLE_VALUE;
}

static void found_it(BOOL worked)
{
	CHECK_EQ(size_of(name), 100);
	opened(worked);
	names_go(worked);
}

static BOOL create_always(void)
{
	return (file = open_as(name, CREATE_ALWAYS, FILE_ATTRIBUTE_READONLY)) != INVALID_HANDLE_VALUE;
}

static void emptied(BOOL worked)
{
	CHECK_EQ(size_of(name), worked ? 0 : 100);
	opened(worked);
	names_go(worked);
}

static BOOL open_to_delete(void)
{
	return (file = open_as(name, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE)) != INVALID_HANDLE_VALUE;
}

static void deleted_by_close(BOOL worked)
{
	CHECK(is_there(name));
	opened(worked);
	CHECK_EQ(!is_there(name), worked);
	names_go(worked);
}

static BOOL open_directory(void)
{
	file = CreateFileA(check_directory(), GENERIC_READ, ALL_SHARED, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS,
			   NULL);
	return file != INVALID_HANDLE_VALUE;
}

static BOOL temporary_name(void)
{
	return GetTempFileNameA(check_directory(), "pre", 0, third) != 0;
}

static void temporary_gone(BOOL worked)
{
	if (worked)
		CHECK_EQ(unlink(third), 0);
	names_go(worked);
}

/* What is written through keeps its name, if the directory may be read. */
#define DURABLE { "readlinkat", EACCES, GOES_ON, 0 }, { "fstatat", EACCES, GOES_ON, 0 }
static const struct fault_error durable[] = { MARKS, DURABLE, { "openat#2", EACCES, GOES_ON, 0 }, { NULL, 0, 0, 0 } };

TEST(opening_and_making)
{
	static const struct fault_row rows[] = {
		{ "CREATE_NEW", names, create_new, created, durable, false },
		{ "OPEN_ALWAYS, new", names, open_always, created, marked, false },
		{ "OPEN_ALWAYS", two_names, open_always, found_it, marked, false },
		{ "CREATE_ALWAYS", two_names, create_always, emptied, marked, false },
		{ "FILE_FLAG_DELETE_ON_CLOSE", two_names, open_to_delete, deleted_by_close, marked, false },
		{ "a directory", names, open_directory, opened, marked, false },
		{ "GetTempFileName", names, temporary_name, temporary_gone, marked, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- with an open file ---- */

static LARGE_INTEGER wide(LONGLONG number)
{
	return (LARGE_INTEGER){ .QuadPart = number };
}

static LONGLONG position(void)
{
	LARGE_INTEGER now = wide(-1);

	REQUIRE(SetFilePointerEx(file, wide(0), &now, FILE_CURRENT));
	return now.QuadPart;
}

static void seek(LONGLONG to)
{
	REQUIRE(SetFilePointerEx(file, wide(to), NULL, FILE_BEGIN));
}

static void open_file(void)
{
	two_names();
	REQUIRE((file = open_as(name, OPEN_EXISTING, 0)) != INVALID_HANDLE_VALUE);
	seek(10);
}

static void open_for_overlapped(void)
{
	two_names();
	REQUIRE((file = open_as(name, OPEN_EXISTING, FILE_FLAG_OVERLAPPED)) != INVALID_HANDLE_VALUE);
}

static void open_reader(void)
{
	two_names();
	file = CreateFileA(name, GENERIC_READ, ALL_SHARED, NULL, OPEN_EXISTING, 0, NULL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
}

static void close_it(BOOL worked)
{
	CHECK(CloseHandle(file));
	file = INVALID_HANDLE_VALUE;
	names_go(worked);
}

static char bytes[200];
static DWORD done;

static BOOL read_some(void)
{
	return ReadFile(file, bytes, sizeof(bytes), &done, NULL);
}

static void read_to_end(BOOL worked)
{
	CHECK_EQ(done, worked ? 90 : 0);
	CHECK_EQ(position(), worked ? 100 : 10);
	close_it(worked);
}

static BOOL read_overlapped(void)
{
	OVERLAPPED at = { .Offset = 50 };

	return ReadFile(file, bytes, 20, &done, &at);
}

static BOOL write_some(void)
{
	return WriteFile(file, bytes, sizeof(bytes), &done, NULL);
}

static void written(BOOL worked)
{
	CHECK_EQ(done, worked ? sizeof(bytes) : 0);
	CHECK_EQ(size_of(name), worked ? 210 : 100);
	CHECK_EQ(position(), worked ? 210 : 10);
	close_it(worked);
}

static BOOL write_at_end(void)
{
	OVERLAPPED at = { .Offset = 0xffffffff, .OffsetHigh = 0xffffffff };

	return WriteFile(file, bytes, 20, &done, &at);
}

static void appended(BOOL worked)
{
	CHECK_EQ(size_of(name), worked ? 120 : 100);
	close_it(worked);
}

static BOOL seek_from_end(void)
{
	return SetFilePointerEx(file, wide(-30), NULL, FILE_END);
}

static void seen_from_end(BOOL worked)
{
	CHECK_EQ(position(), worked ? 70 : 10);
	close_it(worked);
}

static BOOL set_end(void)
{
	return SetEndOfFile(file);
}

static void cut(BOOL worked)
{
	CHECK_EQ(size_of(name), worked ? 10 : 100);
	close_it(worked);
}

static void open_beyond(void)
{
	open_file();
	seek(5000);
}

static void grown(BOOL worked)
{
	CHECK_EQ(size_of(name), worked ? 5000 : 100);
	close_it(worked);
}

/* Who grows a file guards what a failure takes back; unguarded it stays. */
static const struct fault_error growing[] = { MARKS, { "openat", 0, GOES_ON, 0 }, { NULL, 0, 0, 0 } };

static BOOL get_size(void)
{
	LARGE_INTEGER size;

	return GetFileSizeEx(file, &size);
}

static BOOL get_type(void)
{
	return GetFileType(file) == FILE_TYPE_DISK;
}

static void make_file_to_flush(void)
{
	names();
	REQUIRE((file = open_as(name, CREATE_NEW, 0)) != INVALID_HANDLE_VALUE);
}

static BOOL flush(void)
{
	return FlushFileBuffers(file);
}

/* Whether it is a regular file decides about locks and limits, so who cannot say does nothing. */
TEST(transfers_and_sizes)
{
	static const struct fault_error kept[] = { DURABLE, { "openat", EACCES, GOES_ON, 0 }, { NULL, 0, 0, 0 } };
	static const struct fault_row rows[] = {
		{ "ReadFile", open_file, read_some, read_to_end, NULL, false },
		{ "ReadFile, overlapped", open_for_overlapped, read_overlapped, close_it, NULL, false },
		{ "WriteFile", open_file, write_some, written, NULL, false },
		{ "WriteFile, at the end", open_file, write_at_end, appended, NULL, false },
		{ "SetFilePointerEx", open_file, seek_from_end, seen_from_end, NULL, false },
		{ "SetEndOfFile, less", open_file, set_end, cut, marked, false },
		{ "SetEndOfFile, more", open_beyond, set_end, grown, growing, false },
		{ "GetFileSizeEx", open_file, get_size, close_it, NULL, false },
		{ "GetFileType", open_file, get_type, close_it, NULL, false },
		{ "FlushFileBuffers", open_file, flush, close_it, NULL, false },
		{ "FlushFileBuffers, a new file", make_file_to_flush, flush, close_it, kept, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- facts ---- */

static BOOL get_information(void)
{
	BY_HANDLE_FILE_INFORMATION information;

	return GetFileInformationByHandle(file, &information);
}

static BOOL get_times(void)
{
	FILETIME time;

	return GetFileTime(file, NULL, NULL, &time);
}

static const FILETIME some_time = { 0, 0x01d00000 };

static BOOL set_times(void)
{
	return SetFileTime(file, NULL, NULL, &some_time);
}

static void timed(BOOL worked)
{
	FILETIME time;

	CHECK(GetFileTime(file, NULL, NULL, &time));
	CHECK_EQ(CompareFileTime(&time, &some_time) == 0, worked);
	close_it(worked);
}

static BOOL set_basic(void)
{
	FILE_BASIC_INFO info = { .FileAttributes = FILE_ATTRIBUTE_READONLY };

	return SetFileInformationByHandle(file, FileBasicInfo, &info, sizeof(info));
}

static void read_only(BOOL worked)
{
	CHECK_EQ((GetFileAttributesA(name) & FILE_ATTRIBUTE_READONLY) != 0, worked);
	if (file != INVALID_HANDLE_VALUE)
		close_it(worked);
	names_go(worked);
}

static BOOL set_size(void)
{
	FILE_END_OF_FILE_INFO info = { .EndOfFile = { .QuadPart = 5000 } };

	return SetFileInformationByHandle(file, FileEndOfFileInfo, &info, sizeof(info));
}

static BOOL set_allocation(void)
{
	FILE_ALLOCATION_INFO info = { .AllocationSize = { .QuadPart = 5000 } };

	return SetFileInformationByHandle(file, FileAllocationInfo, &info, sizeof(info));
}

static void allocated(BOOL worked)
{
	CHECK_EQ(size_of(name), 100);
	close_it(worked);
}

static BOOL get_attributes(void)
{
	return GetFileAttributesA(name) != INVALID_FILE_ATTRIBUTES;
}

static BOOL set_attributes(void)
{
	return SetFileAttributesA(name, FILE_ATTRIBUTE_READONLY);
}

static BOOL make_hole(void)
{
	FILE_ZERO_DATA_INFORMATION range = { .FileOffset = { .QuadPart = 0 }, .BeyondFinalZero = { .QuadPart = 50 } };

	return DeviceIoControl(file, FSCTL_SET_ZERO_DATA, &range, sizeof(range), NULL, 0, &done, NULL);
}

static BOOL get_name(void)
{
	char info[2000];

	return GetFileInformationByHandleEx(file, FileNameInfo, info, sizeof(info));
}

static BOOL get_free_space(void)
{
	ULARGE_INTEGER available;

	return GetDiskFreeSpaceExA(check_directory(), &available, NULL, NULL);
}

TEST(facts_of_files)
{
	static const struct fault_row rows[] = {
		{ "GetFileInformationByHandle", open_file, get_information, close_it, NULL, false },
		{ "GetFileTime", open_file, get_times, close_it, NULL, false },
		{ "SetFileTime", open_file, set_times, timed, NULL, false },
		{ "FileBasicInfo", open_file, set_basic, read_only, NULL, false },
		{ "FileEndOfFileInfo", open_file, set_size, grown, growing, false },
		{ "FileAllocationInfo", open_file, set_allocation, allocated, NULL, false },
		{ "GetFileAttributes", two_names, get_attributes, names_go, NULL, false },
		{ "SetFileAttributes", two_names, set_attributes, read_only, NULL, false },
		{ "FSCTL_SET_ZERO_DATA", open_file, make_hole, close_it, NULL, false },
		{ "FileNameInfo", open_file, get_name, close_it, NULL, false },
		{ "GetDiskFreeSpaceEx", NULL, get_free_space, NULL, NULL, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- locks and handles ---- */

static OVERLAPPED at_20 = { .Offset = 20 };

static void others_may(BOOL may)
{
	HANDLE other = open_as(name, OPEN_EXISTING, 0);
	OVERLAPPED at = { .Offset = 20 };

	REQUIRE(other != INVALID_HANDLE_VALUE);
	CHECK_EQ(LockFileEx(other, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 10, 0, &at), may);
	CHECK(CloseHandle(other));
}

static BOOL lock(void)
{
	return LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, 0, &at_20);
}

static void locked(BOOL worked)
{
	others_may(!worked);
	close_it(worked);
}

static void open_locked(void)
{
	open_file();
	REQUIRE(lock());
}

static BOOL lock_shared_beside(void)
{
	OVERLAPPED at = { .Offset = 28 };

	return LockFileEx(file, 0, 0, 10, 0, &at);
}

/* Three of the kernel's locks, the second of which there is. */
static void open_for_pieces(void)
{
	OVERLAPPED at = { .Offset = 25 };

	open_file();
	REQUIRE(LockFileEx(file, 0, 0, 2, 0, &at));
}

static BOOL lock_pieces(void)
{
	return LockFileEx(file, 0, 0, 10, 0, &at_20);
}

/* What could not be taken back at once is with the next call. */
static void pieces(BOOL worked)
{
	OVERLAPPED at = { .Offset = 80 };

	CHECK(LockFileEx(file, 0, 0, 1, 0, &at));
	at.Offset = 25;
	CHECK(UnlockFileEx(file, 0, 2, 0, &at));
	others_may(!worked);
	close_it(worked);
}

static BOOL unlock(void)
{
	return UnlockFileEx(file, 0, 10, 0, &at_20);
}

static void unlocked(BOOL worked)
{
	others_may(worked);
	if (!worked)
		CHECK(unlock());
	others_may(TRUE);
	close_it(worked);
}

static BOOL write_locked(void)
{
	OVERLAPPED at = { .Offset = 20 };

	return WriteFile(file, bytes, 10, &done, &at);
}

static HANDLE twin;

static BOOL duplicate(void)
{
	return DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &twin, 0, TRUE, DUPLICATE_SAME_ACCESS);
}

static void duplicated(BOOL worked)
{
	if (worked)
		CHECK(CloseHandle(twin));
	close_it(worked);
}

static BOOL make_inheritable(void)
{
	return SetHandleInformation(file, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
}

TEST(locks_and_handles)
{
	/* What cannot be opened anew is locked through the handle's own description. */
	static const struct fault_error own[] = { { "openat", EACCES, GOES_ON, 0 }, { NULL, 0, 0, 0 } };
	static const struct fault_row rows[] = {
		{ "LockFileEx", open_file, lock, locked, own, false },
		{ "LockFileEx, a reader", open_reader, lock, locked, NULL, false },
		{ "LockFileEx, beside", open_locked, lock_shared_beside, close_it, NULL, false },
		{ "LockFileEx, in pieces", open_for_pieces, lock_pieces, pieces, NULL, false },
		{ "UnlockFileEx", open_locked, unlock, unlocked, NULL, false },
		{ "WriteFile, locked", open_locked, write_locked, close_it, NULL, false },
		{ "DuplicateHandle", open_locked, duplicate, duplicated, NULL, false },
		{ "SetHandleInformation", open_locked, make_inheritable, close_it, NULL, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}
