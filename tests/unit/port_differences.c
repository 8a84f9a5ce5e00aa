/* SPDX-License-Identifier: MIT */
/* Rows of docs/windows-differences.md that no other test holds. */
#include <stdlib.h>
#include <sys/stat.h>

#include <windows.h>

#include <psapi.h>

#include "make.h"
#include "names.h"

#define UNTOUCHED 0xdeadbeefu

#define CHECK_ERROR(expression, error)                                                             \
	do {                                                                                        \
		SetLastError(UNTOUCHED);                                                            \
		CHECK(!(expression));                                                               \
		CHECK_EQ(GetLastError(), error);                                                    \
	} while (0)

static const char *in_directory(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", check_directory(), name);
	return path;
}

static HANDLE open_file(const char *path, DWORD access, DWORD flags)
{
	return CreateFileA(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
			   flags, NULL);
}

static HANDLE memory(DWORD protect)
{
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, protect, 0, 0x10000, NULL);

	REQUIRE(section != NULL);
	return section;
}

/* ---- names ---- */

static void remove_entry(const char *name)
{
	char directory[512], path[600];

	REQUIRE_EQ(fm_namespace_directory(FM_LOCAL, directory, sizeof(directory)), FM_OK);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	REQUIRE_EQ(unlink(path), 0);
}

TEST(a_live_name_may_be_removed_from_outside)
{
	const char *name = check_name("removed");
	fm_section_options options = { .name = name, .size = PAGE };
	fm_section *first = make_section(&options), *second;
	char *one = make_view(first, FM_WRITE, 0, 0), *two;

	one[0] = 5;
	remove_entry(name);
	second = make_section(&options);
	two = make_view(second, FM_WRITE, 0, 0);
	CHECK_EQ(two[0], 0);
	CHECK_EQ(one[0], 5);
	fm_section_close(first);
	fm_section_close(second);
}

TEST(a_named_section_of_a_renamed_file_is_not_found)
{
	const char *path = make_file("before", PAGE), *name = check_name("renamed");
	fm_section_options options = { .name = name, .path = path };
	fm_section *section = make_section(&options), *opened;

	REQUIRE_EQ(rename(path, in_directory("after")), 0);
	CHECK_EQ(fm_section_open(name, FM_READ, &opened), FM_E_NAME_NOT_FOUND);
	fm_section_close(section);
}

/* ---- memory ---- */

TEST(a_guard_page_keeps_its_guard)
{
	HANDLE section = memory(PAGE_READWRITE);
	char *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
	MEMORY_BASIC_INFORMATION info;
	DWORD old;

	REQUIRE(VirtualProtect(view, PAGE, PAGE_READWRITE | PAGE_GUARD, &old));
	for (int i = 0; i < 2; i++)
		CHECK_EQ(touch(view, false), SIGSEGV);
	REQUIRE_EQ(VirtualQuery(view, &info, sizeof(info)), sizeof(info));
	CHECK_EQ(info.Protect, PAGE_READWRITE | PAGE_GUARD);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

/* What is not committed is zero where nobody guards it, and is not called committed. */
static void check_unguarded(const char *view)
{
	CHECK_EQ(touch(view, false), 0);
	CHECK_EQ(view[0], 0);
	CHECK(!query_of(view).committed);
}

TEST(a_readers_shared_view_of_reserved_memory_reads_as_zeros)
{
	const char *name = check_name("unguarded");
	fm_section_options options = { .name = name, .size = 4 * PAGE, .flags = FM_SECTION_RESERVE };
	fm_section *section = make_section(&options), *reader;

	REQUIRE_EQ(fm_section_open(name, FM_READ, &reader), FM_OK);
	check_unguarded(make_view(reader, FM_READ, 0, 0));
	fm_section_close(reader);
	fm_section_close(section);
}

TEST(a_forked_childs_view_of_reserved_memory_reads_as_zeros)
{
	fm_section_options options = { .size = 4 * PAGE, .flags = FM_SECTION_RESERVE };
	fm_section *section = make_section(&options);
	const char *view = make_view(section, FM_WRITE, 0, 0);
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (child == 0) {
		check_unguarded(view);
		_exit(check_failures != 0);
	}
	CHECK_EQ(child_result(child), 0);
	fm_section_close(section);
}

TEST(executable_memory_can_be_read)
{
	void *code = VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE);

	REQUIRE(code != NULL);
	CHECK_EQ(touch(code, false), 0);
	CHECK(VirtualFree(code, 0, MEM_RELEASE));
}

TEST(attributes_of_sections_that_are_refused)
{
	static const DWORD attributes[] = { SEC_BASED, SEC_GLOBAL, SEC_64K_PAGES, SEC_HUGE_PAGES };

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++) {
		check_row("%#x", (unsigned)attributes[i]);
		CHECK_ERROR(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_COMMIT | attributes[i],
					       0, 0x10000, NULL), ERROR_INVALID_PARAMETER);
	}
}

TEST(physical_memory_is_refused)
{
	CHECK_ERROR(VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE), ERROR_INVALID_PARAMETER);
}

TEST(a_mapped_file_has_the_path_of_this_system)
{
	const char *path = make_file("mapped", PAGE);
	HANDLE file = open_file(path, GENERIC_READ, 0), section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	void *view = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
	char name[600];

	REQUIRE(view != NULL);
	for (int deleted = 0; deleted < 2; deleted++) {
		check_row("deleted %d", deleted);
		CHECK_EQ(GetMappedFileNameA(GetCurrentProcess(), view, name, sizeof(name)), strlen(path));
		CHECK(strcmp(name, path) == 0);
		(void)unlink(path);
	}
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

/* ---- handles and processes ---- */

TEST(the_low_bits_of_a_handle_count)
{
	HANDLE section = memory(PAGE_READWRITE);
	DWORD flags;

	CHECK_ERROR(GetHandleInformation((HANDLE)((uintptr_t)section | 1), &flags), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(section));
}

TEST(the_pseudo_handle_of_the_thread_is_not_duplicated)
{
	HANDLE self = GetCurrentProcess(), copy;

	CHECK_ERROR(DuplicateHandle(self, (HANDLE)(intptr_t)-2, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS),
		    ERROR_NOT_SUPPORTED);
}

static void check_memory_calls(HANDLE other, HANDLE section, void *at)
{
	MEMORY_BASIC_INFORMATION info;
	PSAPI_WORKING_SET_EX_INFORMATION working = { at, { 0 } };
	char name[64];
	DWORD old;

	CHECK_ERROR(MapViewOfFile2(section, other, 0, NULL, 0, 0, PAGE_READWRITE), ERROR_ACCESS_DENIED);
	CHECK_ERROR(MapViewOfFile3(section, other, NULL, 0, 0, 0, PAGE_READWRITE, NULL, 0), ERROR_ACCESS_DENIED);
	CHECK_ERROR(UnmapViewOfFile2(other, at, 0), ERROR_ACCESS_DENIED);
	CHECK_ERROR(VirtualAllocEx(other, NULL, PAGE, MEM_RESERVE, PAGE_READWRITE), ERROR_ACCESS_DENIED);
	CHECK_ERROR(VirtualFreeEx(other, at, 0, MEM_RELEASE), ERROR_ACCESS_DENIED);
	CHECK_ERROR(VirtualProtectEx(other, at, PAGE, PAGE_READONLY, &old), ERROR_ACCESS_DENIED);
	CHECK_ERROR(VirtualQueryEx(other, at, &info, sizeof(info)), ERROR_ACCESS_DENIED);
	CHECK_ERROR(QueryWorkingSetEx(other, &working, sizeof(working)), ERROR_ACCESS_DENIED);
	CHECK_ERROR(GetMappedFileNameA(other, at, name, sizeof(name)), ERROR_ACCESS_DENIED);
	CHECK_ERROR(SetProcessWorkingSetSize(other, 1, PAGE), ERROR_ACCESS_DENIED);
}

TEST(memory_of_another_process_is_refused)
{
	HANDLE section = memory(PAGE_READWRITE), other;
	void *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
	int ends[2];
	pid_t child;
	char byte;

	REQUIRE_EQ(pipe(ends), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) != 0); /* until the parent closes its end */
	}
	other = OpenProcess(PROCESS_ALL_ACCESS, FALSE, (DWORD)child);
	REQUIRE(other != NULL);
	check_memory_calls(other, section, view);
	close(ends[1]);
	CHECK_EQ(child_result(child), 0);
	CHECK(CloseHandle(other) && UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(a_file_is_nothing_to_wait_for)
{
	HANDLE file = open_file(make_file("waited", 1), GENERIC_READ, 0);

	SetLastError(UNTOUCHED);
	CHECK_EQ(WaitForSingleObject(file, 0), WAIT_FAILED);
	CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(file));
}

/* ---- files ---- */

TEST(a_process_that_ends_leaves_its_delete_on_close_files)
{
	const char *path = make_file("left", 1);
	pid_t child = fork();

	REQUIRE(child >= 0);
	if (child == 0)
		_exit(open_file(path, GENERIC_READ, FILE_FLAG_DELETE_ON_CLOSE) == INVALID_HANDLE_VALUE);
	CHECK_EQ(child_result(child), 0);
	CHECK_EQ(access(path, F_OK), 0);
}

TEST(the_case_of_file_names_counts)
{
	(void)make_file("lower", 1);
	CHECK(open_file(in_directory("LOWER"), GENERIC_READ, 0) == INVALID_HANDLE_VALUE);
	CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
}

TEST(of_attributes_only_reading_alone_is_kept)
{
	const char *path = in_directory("hidden");
	HANDLE file = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_HIDDEN, NULL);

	REQUIRE(file != INVALID_HANDLE_VALUE && CloseHandle(file));
	CHECK_EQ(GetFileAttributesA(path), FILE_ATTRIBUTE_ARCHIVE);
	CHECK_ERROR(SetFileAttributesA(path, FILE_ATTRIBUTE_HIDDEN), ERROR_NOT_SUPPORTED);
}

TEST(the_time_of_making_is_the_file_systems)
{
	HANDLE file = open_file(make_file("made", 1), GENERIC_READ | GENERIC_WRITE, 0);
	FILETIME before, after, wish = { 0, 0x01000000 };

	REQUIRE(GetFileTime(file, &before, NULL, NULL));
	CHECK(SetFileTime(file, &wish, NULL, NULL));
	REQUIRE(GetFileTime(file, &after, NULL, NULL));
	CHECK_EQ(CompareFileTime(&before, &after), 0);
	CHECK(CloseHandle(file));
}

TEST(unbuffered_transfers_need_no_alignment)
{
	HANDLE file = open_file(make_file("plain", PAGE), GENERIC_READ, FILE_FLAG_NO_BUFFERING);
	char bytes[3];
	DWORD done = 0;

	CHECK(ReadFile(file, bytes, sizeof(bytes), &done, NULL));
	CHECK_EQ(done, sizeof(bytes));
	CHECK(CloseHandle(file));
}

TEST(nothing_is_moved_at_the_next_start)
{
	CHECK_ERROR(MoveFileExA(make_file("now", 1), NULL, MOVEFILE_DELAY_UNTIL_REBOOT), ERROR_NOT_SUPPORTED);
}

static BOOL lock_byte(HANDLE file, uint64_t offset)
{
	OVERLAPPED at = { .Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32) };

	return LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at);
}

TEST(sixteen_far_bytes_are_locked_as_one_for_others)
{
	const char *path = make_file("far", 1);
	HANDLE mine = open_file(path, GENERIC_READ | GENERIC_WRITE, 0), other = open_file(path, GENERIC_READ | GENERIC_WRITE, 0);
	const uint64_t far = (uint64_t)1 << 62, near = (uint64_t)1 << 40;

	CHECK(lock_byte(mine, near) && lock_byte(other, near + 1));
	CHECK(lock_byte(mine, far));
	CHECK_ERROR(lock_byte(other, far + 15), ERROR_LOCK_VIOLATION);
	CHECK(lock_byte(other, far + 16));
	CHECK(CloseHandle(mine) && CloseHandle(other));
}

TEST(a_forked_child_has_none_of_the_locks)
{
	HANDLE file = open_file(make_file("forked", 1), GENERIC_READ | GENERIC_WRITE, 0);
	pid_t child;

	REQUIRE(lock_byte(file, 0));
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0)
		_exit(lock_byte(file, 0) || GetLastError() != ERROR_LOCK_VIOLATION);
	CHECK_EQ(child_result(child), 0);
	CHECK(CloseHandle(file));
}

/* ---- text ---- */

TEST(the_ansi_code_page_is_utf8)
{
	CHECK_EQ(GetACP(), CP_UTF8);
	CHECK_EQ(GetOEMCP(), CP_UTF8);
}
