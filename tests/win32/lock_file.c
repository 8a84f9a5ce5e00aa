/* SPDX-License-Identifier: MIT */
/* Byte-range locks: who excludes whom, exact releases, what transfers mind. */
#include "support.h"

#define EXCLUSIVE LOCKFILE_EXCLUSIVE_LOCK
#define SHARED 0u
#define AT_ONCE LOCKFILE_FAIL_IMMEDIATELY
#ifndef ERROR_INVALID_LOCK_RANGE /* mingw does not know it */
#define ERROR_INVALID_LOCK_RANGE 307
#endif

static BOOL lock(HANDLE file, DWORD flags, ULONGLONG offset, ULONGLONG length)
{
	OVERLAPPED at = { 0 };

	at.Offset = (DWORD)offset;
	at.OffsetHigh = (DWORD)(offset >> 32);
	return LockFileEx(file, flags | AT_ONCE, 0, (DWORD)length, (DWORD)(length >> 32), &at);
}

static BOOL unlock(HANDLE file, ULONGLONG offset, ULONGLONG length)
{
	OVERLAPPED at = { 0 };

	at.Offset = (DWORD)offset;
	at.OffsetHigh = (DWORD)(offset >> 32);
	return UnlockFileEx(file, 0, (DWORD)length, (DWORD)(length >> 32), &at);
}

/* Two handles on one file of 256 bytes. */
static void open_two(HANDLE *first, HANDLE *second)
{
	*first = file_of("file", 256, GENERIC_RW);
	*second = file_open("file", GENERIC_RW, SHARE_ALL);
	REQUIRE(*second != INVALID_HANDLE_VALUE);
}

TEST(handles_exclude_each_other)
{
	static const struct { const char *name; DWORD first, second; BOOL granted; } cases[] = {
		{ "exclusive, exclusive", EXCLUSIVE, EXCLUSIVE, FALSE },
		{ "exclusive, shared", EXCLUSIVE, SHARED, FALSE },
		{ "shared, exclusive", SHARED, EXCLUSIVE, FALSE },
		{ "shared, shared", SHARED, SHARED, TRUE },
	};
	HANDLE first, second;

	open_two(&first, &second);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		REQUIRE_WORKS(lock(first, cases[i].first, 10, 10));
		if (cases[i].granted) {
			CHECK_WORKS(lock(second, cases[i].second, 10, 10));
			CHECK_WORKS(unlock(second, 10, 10));
		} else {
			CHECK_FAILS(lock(second, cases[i].second, 10, 10), ERROR_LOCK_VIOLATION);
		}
		REQUIRE_WORKS(unlock(first, 10, 10));
		CHECK_WORKS(lock(second, cases[i].second, 10, 10));
		CHECK_WORKS(unlock(second, 10, 10));
	}
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

TEST(a_handle_meets_its_own_locks)
{
	static const struct { const char *name; DWORD first, second; BOOL granted; } cases[] = {
		{ "exclusive, exclusive", EXCLUSIVE, EXCLUSIVE, FALSE },
		{ "exclusive, shared", EXCLUSIVE, SHARED, TRUE },
		{ "shared, exclusive", SHARED, EXCLUSIVE, FALSE },
		{ "shared, shared", SHARED, SHARED, TRUE },
	};
	HANDLE file = file_of("file", 256, GENERIC_RW);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		REQUIRE_WORKS(lock(file, cases[i].first, 10, 10));
		if (cases[i].granted) {
			CHECK_WORKS(lock(file, cases[i].second, 15, 10));
			CHECK_WORKS(unlock(file, 15, 10));
		} else {
			CHECK_FAILS(lock(file, cases[i].second, 15, 10), ERROR_LOCK_VIOLATION);
		}
		REQUIRE_WORKS(unlock(file, 10, 10));
	}
	CHECK(CloseHandle(file));
}

TEST(ranges_overlap_by_a_byte)
{
	static const struct { ULONGLONG offset, length; BOOL granted; } cases[] = {
		{ 90, 10, TRUE },   { 90, 11, FALSE },  { 119, 1, FALSE }, { 120, 1, TRUE },
		{ 100, 20, FALSE }, { 105, 1, FALSE },  { 0, 256, FALSE }, { 0, 100, TRUE },
		{ 0, 0xffffffffffffffff, FALSE },       { 120, 0xffffffff00000000, TRUE },
	};
	HANDLE first, second;

	open_two(&first, &second);
	REQUIRE_WORKS(lock(first, EXCLUSIVE, 100, 20));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%llu+%llu", cases[i].offset, cases[i].length);
		if (cases[i].granted) {
			CHECK_WORKS(lock(second, EXCLUSIVE, cases[i].offset, cases[i].length));
			CHECK_WORKS(unlock(second, cases[i].offset, cases[i].length));
		} else {
			CHECK_FAILS(lock(second, EXCLUSIVE, cases[i].offset, cases[i].length), ERROR_LOCK_VIOLATION);
		}
	}
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

TEST(ranges_have_sixty_four_bits) /* beyond the end of the file, to the last offset */
{
	static const struct { ULONGLONG offset, length; } cases[] = {
		{ 1000, 1 },
		{ 0x40000000, 512 },
		{ 0x100000000, 0x100000000 },
		{ 0x3fffffffffffffff, 0x10 },
		{ 0x4000000000000000, 0x10 },
		{ 0x7ffffffffffffff0, 0x10 },
		{ 0x8000000000000000, 0x8000000000000000 },
		{ 0xfffffffffffffffe, 1 },
		{ 0, 0xffffffffffffffff },
	};
	HANDLE first, second;

	open_two(&first, &second);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%#llx+%#llx", cases[i].offset, cases[i].length);
		CHECK_WORKS(lock(first, EXCLUSIVE, cases[i].offset, cases[i].length));
		CHECK_FAILS(lock(second, SHARED, cases[i].offset, cases[i].length), ERROR_LOCK_VIOLATION);
		CHECK_FAILS(lock(second, EXCLUSIVE, cases[i].offset + cases[i].length - 1, 1), ERROR_LOCK_VIOLATION);
		CHECK_WORKS(unlock(first, cases[i].offset, cases[i].length));
	}
	CHECK_EQ(file_length(first), 256);
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

TEST(range_past_the_last_offset_is_refused)
{
	HANDLE file = file_of("file", 1, GENERIC_RW);

	CHECK_FAILS(lock(file, EXCLUSIVE, 2, 0xffffffffffffffff), ERROR_INVALID_LOCK_RANGE);
	CHECK_FAILS(lock(file, EXCLUSIVE, 0xffffffffffffffff, 2), ERROR_INVALID_LOCK_RANGE);
	CHECK(CloseHandle(file));
}

TEST(an_empty_range_lies_between_bytes)
{
	HANDLE file = file_of("file", 256, GENERIC_RW);

	REQUIRE_WORKS(lock(file, EXCLUSIVE, 100, 0));
	CHECK_FAILS(lock(file, EXCLUSIVE, 98, 4), ERROR_LOCK_VIOLATION);
	CHECK_WORKS(lock(file, EXCLUSIVE, 90, 10));
	CHECK_WORKS(lock(file, EXCLUSIVE, 100, 10));
	CHECK_WORKS(unlock(file, 90, 10));
	CHECK_WORKS(unlock(file, 100, 10));
	CHECK_WORKS(unlock(file, 100, 0));
	CHECK(CloseHandle(file));
}

TEST(a_release_matches_its_lock)
{
	static const struct { ULONGLONG offset, length; } wrong[] = {
		{ 10, 19 }, { 10, 21 }, { 11, 19 }, { 9, 21 }, { 15, 1 }, { 10, 0 }, { 40, 20 }, { 0, 0xffffffff },
	};
	HANDLE first, second;

	open_two(&first, &second);
	CHECK_FAILS(unlock(first, 10, 20), ERROR_NOT_LOCKED);
	REQUIRE_WORKS(lock(first, EXCLUSIVE, 10, 20));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		check_row("%llu+%llu", wrong[i].offset, wrong[i].length);
		CHECK_FAILS(unlock(first, wrong[i].offset, wrong[i].length), ERROR_NOT_LOCKED);
	}
	check_row("another handle's");
	CHECK_FAILS(unlock(second, 10, 20), ERROR_NOT_LOCKED);
	CHECK_FAILS(lock(second, SHARED, 29, 1), ERROR_LOCK_VIOLATION);
	check_row("its own");
	CHECK_WORKS(unlock(first, 10, 20));
	CHECK_FAILS(unlock(first, 10, 20), ERROR_NOT_LOCKED);
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

TEST(each_lock_of_a_range_is_released)
{
	HANDLE first, second;

	open_two(&first, &second);
	REQUIRE_WORKS(lock(first, SHARED, 0, 20));
	REQUIRE_WORKS(lock(first, SHARED, 10, 20));
	REQUIRE_WORKS(lock(first, SHARED, 10, 20));
	CHECK_WORKS(unlock(first, 10, 20));
	CHECK_FAILS(lock(second, EXCLUSIVE, 25, 1), ERROR_LOCK_VIOLATION);
	CHECK_WORKS(unlock(first, 10, 20));
	CHECK_WORKS(lock(second, EXCLUSIVE, 20, 10));
	CHECK_FAILS(lock(second, EXCLUSIVE, 19, 1), ERROR_LOCK_VIOLATION);
	CHECK_WORKS(unlock(first, 0, 20));
	CHECK_WORKS(lock(second, EXCLUSIVE, 19, 1));
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

TEST(the_exclusive_lock_of_two_goes_first)
{
	HANDLE first, second;

	open_two(&first, &second);
	REQUIRE_WORKS(lock(first, EXCLUSIVE, 10, 10));
	REQUIRE_WORKS(lock(first, SHARED, 10, 10));
	CHECK_FAILS(lock(second, SHARED, 10, 10), ERROR_LOCK_VIOLATION);
	CHECK_WORKS(unlock(first, 10, 10));
	CHECK_WORKS(lock(second, SHARED, 10, 10));
	CHECK_FAILS(lock(second, EXCLUSIVE, 10, 10), ERROR_LOCK_VIOLATION);
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

TEST(closing_releases)
{
	HANDLE first, second;

	open_two(&first, &second);
	REQUIRE_WORKS(LockFile(first, 0, 0, 100, 0));
	CHECK_FAILS(LockFile(second, 50, 0, 1, 0), ERROR_LOCK_VIOLATION);
	CHECK(CloseHandle(first));
	CHECK_WORKS(LockFile(second, 50, 0, 1, 0));
	CHECK_WORKS(UnlockFile(second, 50, 0, 1, 0));
	CHECK_FAILS(UnlockFile(second, 50, 0, 1, 0), ERROR_NOT_LOCKED);
	CHECK(CloseHandle(second));
}

TEST(a_duplicate_is_the_same_open_file)
{
	HANDLE first, second, copy;

	open_two(&first, &second);
	REQUIRE_WORKS(DuplicateHandle(GetCurrentProcess(), first, GetCurrentProcess(), &copy, 0, FALSE,
				      DUPLICATE_SAME_ACCESS));
	REQUIRE_WORKS(lock(copy, EXCLUSIVE, 10, 10));
	CHECK_FAILS(lock(first, EXCLUSIVE, 10, 10), ERROR_LOCK_VIOLATION);
	CHECK_WORKS(lock(first, SHARED, 10, 10));
	CHECK(CloseHandle(copy));
	CHECK_FAILS(lock(second, SHARED, 10, 10), ERROR_LOCK_VIOLATION);
	CHECK_WORKS(unlock(first, 10, 10));
	CHECK_WORKS(lock(second, SHARED, 10, 10));
	CHECK(CloseHandle(first));
	CHECK_WORKS(lock(second, EXCLUSIVE, 30, 10));
	CHECK(CloseHandle(second));
}

TEST(any_data_right_may_lock)
{
	static const struct { const char *name; DWORD access, error; } cases[] = {
		{ "read", GENERIC_READ, 0 },
		{ "write", GENERIC_WRITE, 0 },
		{ "attributes", FILE_READ_ATTRIBUTES, ERROR_ACCESS_DENIED },
	};

	REQUIRE(CloseHandle(file_of("file", 10, GENERIC_READ)));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE file = file_open("file", cases[i].access, SHARE_ALL);

		check_row("%s", cases[i].name);
		REQUIRE(file != INVALID_HANDLE_VALUE);
		if (cases[i].error) {
			CHECK_FAILS(lock(file, EXCLUSIVE, 0, 10), cases[i].error);
			CHECK_FAILS(lock(file, SHARED, 0, 10), cases[i].error);
		} else {
			CHECK_WORKS(lock(file, EXCLUSIVE, 0, 10));
			CHECK_WORKS(lock(file, SHARED, 0, 10));
		}
		CHECK(CloseHandle(file));
	}
}

TEST(a_reader_changes_shared_for_exclusive)
{
	HANDLE first, second;

	REQUIRE(CloseHandle(file_of("file", 10, GENERIC_READ)));
	first = file_open("file", GENERIC_READ, SHARE_ALL);
	second = file_open("file", GENERIC_READ, SHARE_ALL);
	REQUIRE_WORKS(lock(first, SHARED, 0, 5));
	REQUIRE_WORKS(lock(first, EXCLUSIVE, 5, 5));
	CHECK_FAILS(lock(second, EXCLUSIVE, 0, 5), ERROR_LOCK_VIOLATION);
	CHECK_FAILS(lock(second, SHARED, 5, 5), ERROR_LOCK_VIOLATION);
	CHECK_WORKS(lock(second, SHARED, 0, 5));
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

/* A transfer of one byte at @offset: the last error, or 0. */
static DWORD transfer(HANDLE file, BOOL writes, DWORD offset)
{
	OVERLAPPED at = { 0 };
	char byte = 'x';
	DWORD done;

	at.Offset = offset;
	SetLastError(UNTOUCHED);
	if (writes ? WriteFile(file, &byte, 1, &done, &at) : ReadFile(file, &byte, 1, &done, &at))
		return 0;
	return GetLastError();
}

TEST(transfers_mind_locks)
{
	static const struct { const char *name; DWORD flags; BOOL own, writes; DWORD error; } cases[] = {
		{ "exclusive, own read", EXCLUSIVE, TRUE, FALSE, 0 },
		{ "exclusive, own write", EXCLUSIVE, TRUE, TRUE, 0 },
		{ "exclusive, other's read", EXCLUSIVE, FALSE, FALSE, ERROR_LOCK_VIOLATION },
		{ "exclusive, other's write", EXCLUSIVE, FALSE, TRUE, ERROR_LOCK_VIOLATION },
		{ "shared, own read", SHARED, TRUE, FALSE, 0 },
		{ "shared, own write", SHARED, TRUE, TRUE, ERROR_LOCK_VIOLATION },
		{ "shared, other's read", SHARED, FALSE, FALSE, 0 },
		{ "shared, other's write", SHARED, FALSE, TRUE, ERROR_LOCK_VIOLATION },
	};
	HANDLE first, second;

	open_two(&first, &second);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE user = cases[i].own ? first : second;

		check_row("%s", cases[i].name);
		REQUIRE_WORKS(lock(first, cases[i].flags, 100, 10));
		CHECK_EQ(transfer(user, cases[i].writes, 99), 0);
		CHECK_EQ(transfer(user, cases[i].writes, 100), cases[i].error);
		CHECK_EQ(transfer(user, cases[i].writes, 109), cases[i].error);
		CHECK_EQ(transfer(user, cases[i].writes, 110), 0);
		REQUIRE_WORKS(unlock(first, 100, 10));
		CHECK_EQ(transfer(user, cases[i].writes, 105), 0);
	}
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

TEST(sequential_transfers_mind_locks)
{
	HANDLE first, second;
	char bytes[20];
	DWORD done = 77;

	open_two(&first, &second);
	REQUIRE_WORKS(lock(first, EXCLUSIVE, 20, 10));
	CHECK_WORKS(ReadFile(second, bytes, 20, &done, NULL));
	CHECK_EQ(done, 20);
	CHECK_FAILS(ReadFile(second, bytes, 20, &done, NULL), ERROR_LOCK_VIOLATION);
	CHECK_EQ(SetFilePointer(second, 0, NULL, FILE_CURRENT), 20);
	CHECK_FAILS(WriteFile(second, bytes, 1, &done, NULL), ERROR_LOCK_VIOLATION);
	CHECK_EQ(SetFilePointer(second, 30, NULL, FILE_BEGIN), 30);
	CHECK_WORKS(WriteFile(second, bytes, 20, &done, NULL));
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

TEST(views_do_not_mind_locks)
{
	HANDLE first, second, section;
	unsigned char *view;

	open_two(&first, &second);
	REQUIRE_WORKS(lock(first, EXCLUSIVE, 0, 256));
	section = CreateFileMappingA(second, NULL, PAGE_READWRITE, 0, 0, NULL);
	REQUIRE(section != NULL);
	view = map_all(section, FILE_MAP_WRITE);
	CHECK_EQ(view[17], pattern(17));
	view[17] = 'v';
	CHECK_EQ(file_byte(first, 17), 'v');
	CHECK(UnmapViewOfFile(view));
	CHECK(CloseHandle(section));
	CHECK(CloseHandle(first));
	CHECK(CloseHandle(second));
}

TEST(a_view_does_not_keep_locks)
{
	HANDLE first, second, section;
	unsigned char *view;

	open_two(&first, &second);
	section = CreateFileMappingA(first, NULL, PAGE_READWRITE, 0, 0, NULL);
	REQUIRE(section != NULL);
	view = map_all(section, FILE_MAP_WRITE);
	REQUIRE_WORKS(lock(first, EXCLUSIVE, 0, 256));
	CHECK(CloseHandle(first));
	CHECK_WORKS(lock(second, EXCLUSIVE, 0, 256));
	CHECK(UnmapViewOfFile(view));
	CHECK(CloseHandle(section));
	CHECK(CloseHandle(second));
}

TEST(wrong_arguments_are_refused)
{
	HANDLE file = file_of("file", 10, GENERIC_RW);
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	OVERLAPPED at = { 0 };

	check_row("reserved");
	CHECK_FAILS(LockFileEx(file, 0, 1, 10, 0, &at), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(UnlockFileEx(file, 1, 10, 0, &at), ERROR_INVALID_PARAMETER);
	check_row("a section");
	CHECK_FAILS(LockFile(section, 0, 0, 1, 0), ERROR_INVALID_HANDLE);
	CHECK_FAILS(UnlockFile(section, 0, 0, 1, 0), ERROR_INVALID_HANDLE);
	check_row("no handle");
	CHECK_FAILS(LockFile(GARBAGE_HANDLE, 0, 0, 1, 0), ERROR_INVALID_HANDLE);
	CHECK_FAILS(LockFile(NULL, 0, 0, 1, 0), ERROR_INVALID_HANDLE);
	CHECK_FAILS(LockFile(INVALID_HANDLE_VALUE, 0, 0, 1, 0), ERROR_INVALID_HANDLE);
	check_row("closed");
	CHECK(CloseHandle(file));
	CHECK_FAILS(LockFile(file, 0, 0, 1, 0), ERROR_INVALID_HANDLE);
	CHECK_FAILS(UnlockFile(file, 0, 0, 1, 0), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(section));
}

/* Opens "file", locks 100+10 as asked, and holds it until told or killed. */
CHILD(holder)
{
	HANDLE file = CreateFileA(check_argument(0), GENERIC_RW, SHARE_ALL, NULL, OPEN_EXISTING, 0, NULL);
	BOOL granted = lock(file, (DWORD)atoi(check_argument(1)), 100, 10);

	parent_tell(granted ? 'y' : 'n');
	(void)parent_hear();
}

TEST(processes_exclude_each_other)
{
	HANDLE file = file_of("file", 256, GENERIC_RW);
	struct child *child = child_start("holder", path_of("file"), "2"); /* exclusive */

	REQUIRE_EQ(child_hear(child), 'y');
	CHECK_FAILS(lock(file, SHARED, 105, 1), ERROR_LOCK_VIOLATION);
	CHECK_EQ(transfer(file, FALSE, 105), ERROR_LOCK_VIOLATION);
	CHECK_EQ(transfer(file, TRUE, 99), 0);
	child_tell(child, 'g');
	CHECK_EQ(child_end(child), 0);
	CHECK_WORKS(lock(file, EXCLUSIVE, 105, 1));
	child = child_start("holder", path_of("file"), "0");
	CHECK_EQ(child_hear(child), 'n');
	child_tell(child, 'g');
	CHECK_EQ(child_end(child), 0);
	CHECK(CloseHandle(file));
}

TEST(a_killed_process_releases)
{
	HANDLE file = file_of("file", 256, GENERIC_RW);
	struct child *child = child_start("holder", path_of("file"), "2");

	REQUIRE_EQ(child_hear(child), 'y');
	CHECK_FAILS(lock(file, SHARED, 100, 10), ERROR_LOCK_VIOLATION);
	child_kill(child);
	CHECK_WORKS(lock(file, EXCLUSIVE, 100, 10));
	CHECK(CloseHandle(file));
}

/* Waits for 100+10, then tells. */
CHILD(waiter)
{
	HANDLE file = CreateFileA(check_argument(0), GENERIC_RW, SHARE_ALL, NULL, OPEN_EXISTING, 0, NULL);
	OVERLAPPED at = { 0 };

	at.Offset = 100;
	parent_tell('w');
	parent_tell(LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, 0, &at) ? 'y' : 'n');
	(void)parent_hear();
}

TEST(a_lock_is_waited_for)
{
	HANDLE file = file_of("file", 256, GENERIC_RW);
	struct child *child;

	REQUIRE_WORKS(lock(file, EXCLUSIVE, 100, 10));
	child = child_start("waiter", path_of("file"), "");
	REQUIRE_EQ(child_hear(child), 'w');
	CHECK_WORKS(unlock(file, 100, 10));
	CHECK_EQ(child_hear(child), 'y');
	CHECK_FAILS(lock(file, SHARED, 100, 10), ERROR_LOCK_VIOLATION);
	child_tell(child, 'g');
	CHECK_EQ(child_end(child), 0);
	CHECK_WORKS(lock(file, SHARED, 100, 10));
	CHECK(CloseHandle(file));
}
