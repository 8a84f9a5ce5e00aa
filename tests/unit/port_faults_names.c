/* SPDX-License-Identifier: MIT */
/* Every fault of the calls on names and directories: their error and nothing done, or all of it. */
#include <windows.h>

#include "fault_files.h"
#include "os.h"

/* ---- names ---- */

static BOOL delete_it(void)
{
	return DeleteFileA(name);
}

static void gone(BOOL worked)
{
	CHECK_EQ(!is_there(name), worked);
	names_go(worked);
}

static BOOL move(void)
{
	return MoveFileExA(name, second, MOVEFILE_REPLACE_EXISTING);
}

static void moved(BOOL worked)
{
	CHECK_EQ(size_of(name), worked ? -1 : 100);
	CHECK_EQ(size_of(second), worked ? 100 : 300);
	names_go(worked);
}

static BOOL move_anew(void)
{
	return MoveFileA(name, second);
}

static void moved_anew(BOOL worked)
{
	CHECK_EQ(size_of(name), worked ? -1 : 100);
	CHECK_EQ(size_of(second), worked ? 100 : -1);
	names_go(worked);
}

static void read_only_source(void)
{
	two_names();
	REQUIRE_EQ(chmod(name, 0444), 0);
}

static BOOL copy(void)
{
	return CopyFileA(name, second, TRUE);
}

static void copied(BOOL worked)
{
	CHECK_EQ(size_of(name), 100);
	CHECK_EQ(size_of(second), worked ? 100 : -1);
	if (worked)
		CHECK(GetFileAttributesA(second) & FILE_ATTRIBUTE_READONLY);
	names_go(worked);
}

static bool half_way; /* Windows' own error says that the file has the backup's name */

static BOOL replace(void)
{
	BOOL worked = ReplaceFileA(name, second, third, 0, NULL, NULL);

	half_way = !worked && GetLastError() == ERROR_UNABLE_TO_MOVE_REPLACEMENT_2;
	return worked;
}

static void replaced(BOOL worked)
{
	CHECK_EQ(size_of(name), worked ? 300 : half_way ? -1 : 100);
	CHECK_EQ(size_of(second), worked ? -1 : 300);
	CHECK_EQ(size_of(third), worked || half_way ? 100 : -1);
	names_go(worked);
}

static BOOL make_directory(void)
{
	return CreateDirectoryA(name, NULL);
}

static void directory_made(BOOL worked)
{
	CHECK_EQ(is_there(name), worked);
	(void)rmdir(name);
}

static void directory(void)
{
	names();
	REQUIRE_EQ(mkdir(name, 0700), 0);
}

static BOOL remove_directory(void)
{
	return RemoveDirectoryA(name);
}

static void directory_removed(BOOL worked)
{
	CHECK_EQ(!is_there(name), worked);
	(void)rmdir(name);
}

TEST(names_of_files)
{
	static const struct fault_error replacing[] = {
		MARKS,
		UNREADABLE,
		{ "renameat2#2", EACCES, ERROR_ACCESS_DENIED, ERROR_UNABLE_TO_MOVE_REPLACEMENT_2 },
		{ "renameat2#2", ENOSPC, ERROR_DISK_FULL, ERROR_UNABLE_TO_MOVE_REPLACEMENT_2 },
		{ "renameat2#2", EROFS, ERROR_WRITE_PROTECT, ERROR_UNABLE_TO_MOVE_REPLACEMENT_2 },
		{ "renameat2#2", ENOMEM, ERROR_NOT_ENOUGH_MEMORY, ERROR_UNABLE_TO_MOVE_REPLACEMENT_2 },
		{ "fgetxattr", 0, GOES_ON, 0 }, { "fchmod", 0, GOES_ON, 0 }, /* not the owner's: it keeps its own */
		{ NULL, 0, 0, 0 },
	};
	static const struct fault_row rows[] = {
		{ "DeleteFile", two_names, delete_it, gone, claimed, false },
		{ "MoveFileEx", three_names, move, moved, claimed, false },
		{ "MoveFile", two_names, move_anew, moved_anew, claimed, false },
		{ "CopyFile", read_only_source, copy, copied, marked, false },
		{ "ReplaceFile", three_names, replace, replaced, replacing, false },
		{ "CreateDirectory", names, make_directory, directory_made, NULL, false },
		{ "RemoveDirectory", directory, remove_directory, directory_removed, NULL, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}

static int no_rename(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	(void)from_dir, (void)from, (void)to_dir, (void)to, (void)flags;
	return -EXDEV;
}

/* The old file may stay, as it was, if the copy is whole. */
static void moved_by_copy(BOOL worked)
{
	CHECK_EQ(size_of(second), worked ? 100 : -1);
	if (is_there(name))
		CHECK(GetFileAttributesA(name) & FILE_ATTRIBUTE_READONLY);
	else
		CHECK(worked);
	names_go(worked);
}

TEST(moving_to_another_file_system)
{
	static const struct fault_error last[] = {
		MARKS,
		{ "openat#1", EACCES, GOES_ON, ERROR_ACCESS_DENIED },
		/* of taking the old one away */
		{ "statx#4", 0, GOES_ON, 0 }, { "fchmodat#2", 0, GOES_ON, 0 }, { "fstatat#4", 0, GOES_ON, 0 },
		{ "openat#4", 0, GOES_ON, 0 }, { "fstat#8", 0, GOES_ON, 0 }, { "unlinkat", 0, GOES_ON, 0 },
		{ NULL, 0, 0, 0 },
	};
	static const struct fault_row rows[] = {
		{ "MoveFile, a copy", read_only_source, move_anew, moved_by_copy, last, false },
	};

	os.renameat2 = no_rename; /* below the faults, which wrap what they find */
	fault_rows_run(rows, ARRAY_SIZE(rows));
}

/* ---- searches and directories ---- */

static HANDLE search = INVALID_HANDLE_VALUE;
static WIN32_FIND_DATAA found;

static BOOL find_first(void)
{
	char pattern[600];

	snprintf(pattern, sizeof(pattern), "%s/t*", check_directory());
	search = FindFirstFileA(pattern, &found);
	return search != INVALID_HANDLE_VALUE;
}

static void search_ends(BOOL worked)
{
	CHECK_EQ(search != INVALID_HANDLE_VALUE, worked);
	if (worked)
		CHECK(FindClose(search));
	names_go(worked);
}

static BOOL find_one(void)
{
	search = FindFirstFileA(second, &found);
	return search != INVALID_HANDLE_VALUE;
}

static void begin_search(void)
{
	char pattern[600];

	three_names();
	snprintf(pattern, sizeof(pattern), "%s/*", check_directory());
	search = FindFirstFileA(pattern, &found);
	REQUIRE(search != INVALID_HANDLE_VALUE);
}

static BOOL find_next(void)
{
	return FindNextFileA(search, &found);
}

static void search_goes_on(BOOL worked)
{
	(void)worked;
	search_ends(TRUE);
}

static char before[600];

static void remember_directory(void)
{
	REQUIRE(getcwd(before, sizeof(before)) != NULL);
}

static BOOL set_directory(void)
{
	return SetCurrentDirectoryA(check_directory());
}

static void directory_set(BOOL worked)
{
	char now[600];

	REQUIRE(getcwd(now, sizeof(now)) != NULL);
	CHECK_EQ(strcmp(now, before) != 0, worked);
	REQUIRE_EQ(chdir(before), 0);
}

static BOOL get_directory(void)
{
	char path[600];

	return GetCurrentDirectoryA(sizeof(path), path) != 0;
}

static BOOL whole_path(void)
{
	char path[600];

	return GetFullPathNameA("x/../y", sizeof(path), path, NULL) != 0;
}

TEST(searches_and_directories)
{
	static const struct fault_error links[] = { { "statx", EACCES, GOES_ON, ERROR_ACCESS_DENIED }, { NULL, 0, 0, 0 } };
	static const struct fault_row rows[] = {
		{ "FindFirstFile", three_names, find_first, search_ends, links, false },
		{ "FindFirstFile, one name", three_names, find_one, search_ends, links, false },
		{ "FindNextFile", begin_search, find_next, search_goes_on, links, false },
		{ "SetCurrentDirectory", remember_directory, set_directory, directory_set, NULL, false },
		{ "GetCurrentDirectory", NULL, get_directory, NULL, NULL, false },
		{ "GetFullPathName", NULL, whole_path, NULL, NULL, false },
	};

	fault_rows_run(rows, ARRAY_SIZE(rows));
}
