/* SPDX-License-Identifier: MIT */
/* Directories, searches, moves, copies, whole paths. */
#include "support.h"

static void make_file(const char *name, DWORD size)
{
	REQUIRE(CloseHandle(file_of(name, size, GENERIC_RW)));
}

static BOOL exists(const char *name)
{
	return GetFileAttributesA(path_of(name)) != INVALID_FILE_ATTRIBUTES;
}

static DWORD size_of(const char *name)
{
	WIN32_FILE_ATTRIBUTE_DATA data;

	REQUIRE_WORKS(GetFileAttributesExA(path_of(name), GetFileExInfoStandard, &data));
	return data.nFileSizeLow;
}

TEST(directories_come_and_go)
{
	REQUIRE_WORKS(CreateDirectoryA(path_of("dir"), NULL));
	CHECK_EQ(GetFileAttributesA(path_of("dir")) & FILE_ATTRIBUTE_DIRECTORY, FILE_ATTRIBUTE_DIRECTORY);
	CHECK_FAILS(CreateDirectoryA(path_of("dir"), NULL), ERROR_ALREADY_EXISTS);
	CHECK_FAILS(CreateDirectoryA(path_of("none/dir"), NULL), ERROR_PATH_NOT_FOUND);
	make_file("dir/file", 1);
	CHECK_FAILS(RemoveDirectoryA(path_of("dir")), ERROR_DIR_NOT_EMPTY);
	CHECK_FAILS(RemoveDirectoryA(path_of("dir/file")), ERROR_DIRECTORY);
	CHECK_FAILS(RemoveDirectoryA(path_of("none")), ERROR_FILE_NOT_FOUND);
	REQUIRE_WORKS(DeleteFileA(path_of("dir/file")));
	CHECK_WORKS(RemoveDirectoryA(path_of("dir")));
	CHECK(!exists("dir"));
	check_row("wide");
	REQUIRE_WORKS(CreateDirectoryW(wide(path_of("dir")), NULL));
	CHECK(exists("dir"));
	CHECK_WORKS(RemoveDirectoryW(wide(path_of("dir"))));
	CHECK(!exists("dir"));
}

/* The names a pattern finds, sorted, with a space between; "." and ".." left out. */
static const char *found(const char *pattern)
{
	static char text[1024];
	char names[16][64];
	WIN32_FIND_DATAA data;
	HANDLE find = FindFirstFileA(path_of(pattern), &data);
	int count = 0;

	text[0] = 0;
	if (find == INVALID_HANDLE_VALUE)
		return text;
	do {
		if (strcmp(data.cFileName, ".") != 0 && strcmp(data.cFileName, "..") != 0 && count < 16)
			strcpy(names[count++], data.cFileName);
	} while (FindNextFileA(find, &data));
	CHECK_EQ(GetLastError(), ERROR_NO_MORE_FILES);
	CHECK(FindClose(find));
	qsort(names, (size_t)count, sizeof(names[0]), (int (*)(const void *, const void *))strcmp);
	for (int i = 0; i < count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, names[i]);
	}
	return text;
}

TEST(searches_match_patterns)
{
	static const struct { const char *pattern, *names; } cases[] = {
		{ "d/*", "a.txt ab.txt abc.dat b" },
		{ "d/*.*", "a.txt ab.txt abc.dat b" },
		{ "d/*.txt", "a.txt ab.txt" },
		{ "d/a*", "a.txt ab.txt abc.dat" },
		{ "d/A*.TXT", "a.txt ab.txt" },
		{ "d/ab?.dat", "abc.dat" },
		{ "d/a*c*t", "abc.dat" },
		{ "d/b", "b" },
		{ "d/*z*", "" },
		{ "d/z", "" },
	};

	REQUIRE_WORKS(CreateDirectoryA(path_of("d"), NULL));
	make_file("d/a.txt", 1);
	make_file("d/ab.txt", 1);
	make_file("d/abc.dat", 1);
	make_file("d/b", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *names = found(cases[i].pattern);

		if (strcmp(names, cases[i].names) != 0)
			check_failed(__FILE__, __LINE__, "%s finds \"%s\", expected \"%s\"", cases[i].pattern, names,
				     cases[i].names);
	}
}

TEST(a_search_tells_the_file)
{
	WIN32_FIND_DATAA data;
	WIN32_FIND_DATAW wide_data;
	HANDLE find;

	make_file("file", 4321);
	find = FindFirstFileA(path_of("file"), &data);
	REQUIRE(find != INVALID_HANDLE_VALUE);
	CHECK_EQ(strcmp(data.cFileName, "file"), 0);
	CHECK_EQ(data.nFileSizeLow, 4321);
	CHECK_EQ(data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY, 0);
	CHECK_FAILS(FindNextFileA(find, &data), ERROR_NO_MORE_FILES);
	CHECK_WORKS(FindClose(find));
	find = FindFirstFileW(wide(path_of("file")), &wide_data);
	REQUIRE(find != INVALID_HANDLE_VALUE);
	CHECK_EQ(memcmp(wide_data.cFileName, wide("file"), 5 * sizeof(WCHAR)), 0);
	CHECK_EQ(wide_data.nFileSizeLow, 4321);
	CHECK_WORKS(FindClose(find));
}

static DWORD find_error(const char *pattern)
{
	WIN32_FIND_DATAA data;

	SetLastError(UNTOUCHED);
	if (FindFirstFileA(path_of(pattern), &data) != INVALID_HANDLE_VALUE)
		return 0;
	return GetLastError();
}

TEST(searches_that_find_nothing)
{
	WIN32_FIND_DATAA data;

	CHECK_EQ(find_error("none"), ERROR_FILE_NOT_FOUND);
	CHECK_EQ(find_error("*none*"), ERROR_FILE_NOT_FOUND);
	CHECK_EQ(find_error("none/*"), ERROR_PATH_NOT_FOUND);
	CHECK_FAILS(FindNextFileA(INVALID_HANDLE_VALUE, &data), ERROR_INVALID_HANDLE);
	CHECK_FAILS(FindClose(INVALID_HANDLE_VALUE), ERROR_INVALID_HANDLE);
}

TEST(moving_gives_a_new_name)
{
	make_file("one", 10);
	REQUIRE_WORKS(MoveFileA(path_of("one"), path_of("two")));
	CHECK(!exists("one"));
	CHECK_EQ(size_of("two"), 10);
	REQUIRE_WORKS(MoveFileExW(wide(path_of("two")), wide(path_of("three")), 0));
	CHECK_EQ(size_of("three"), 10);
	check_row("to itself");
	CHECK_WORKS(MoveFileA(path_of("three"), path_of("three")));
	check_row("a directory");
	REQUIRE_WORKS(CreateDirectoryA(path_of("dir"), NULL));
	make_file("dir/inside", 3);
	CHECK_WORKS(MoveFileA(path_of("dir"), path_of("moved")));
	CHECK_EQ(size_of("moved/inside"), 3);
}

TEST(moving_onto_what_exists)
{
	make_file("one", 10);
	make_file("two", 20);
	REQUIRE_WORKS(CreateDirectoryA(path_of("dir"), NULL));
	CHECK_FAILS(MoveFileA(path_of("one"), path_of("two")), ERROR_ALREADY_EXISTS);
	CHECK_EQ(size_of("two"), 20);
	CHECK_FAILS(MoveFileExA(path_of("one"), path_of("dir"), MOVEFILE_REPLACE_EXISTING), ERROR_ACCESS_DENIED);
	CHECK_WORKS(MoveFileExA(path_of("one"), path_of("two"), MOVEFILE_REPLACE_EXISTING));
	CHECK_EQ(size_of("two"), 10);
	CHECK(!exists("one"));
	check_row("missing");
	CHECK_FAILS(MoveFileA(path_of("none"), path_of("new")), ERROR_FILE_NOT_FOUND);
	CHECK_FAILS(MoveFileA(path_of("two"), path_of("none/new")), ERROR_PATH_NOT_FOUND);
}

TEST(open_files_move_only_if_shared)
{
	HANDLE file;

	make_file("one", 10);
	file = file_open("one", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE);
	CHECK_FAILS(MoveFileA(path_of("one"), path_of("two")), ERROR_SHARING_VIOLATION);
	CHECK(CloseHandle(file));
	file = file_open("one", GENERIC_READ, SHARE_ALL);
	CHECK_WORKS(MoveFileA(path_of("one"), path_of("two")));
	CHECK(CloseHandle(file));
}

TEST(a_copy_is_another_file)
{
	HANDLE file;

	make_file("one", 0x30001);
	REQUIRE_WORKS(CopyFileA(path_of("one"), path_of("two"), TRUE));
	CHECK_EQ(size_of("two"), 0x30001);
	file = file_open("two", GENERIC_READ, SHARE_ALL);
	CHECK_EQ(file_byte(file, 0x30000), pattern(0x30000));
	CHECK(CloseHandle(file));
	CHECK_FAILS(CopyFileA(path_of("one"), path_of("two"), TRUE), ERROR_FILE_EXISTS);
	make_file("three", 5);
	CHECK_WORKS(CopyFileW(wide(path_of("three")), wide(path_of("two")), FALSE));
	CHECK_EQ(size_of("two"), 5);
	CHECK_FAILS(CopyFileA(path_of("none"), path_of("four"), FALSE), ERROR_FILE_NOT_FOUND);
	CHECK(!exists("four"));
}

TEST(replacing_keeps_a_backup)
{
	make_file("old", 10);
	make_file("new", 20);
	REQUIRE_WORKS(ReplaceFileA(path_of("old"), path_of("new"), path_of("backup"), 0, NULL, NULL));
	CHECK_EQ(size_of("old"), 20);
	CHECK_EQ(size_of("backup"), 10);
	CHECK(!exists("new"));
	make_file("new", 30);
	REQUIRE_WORKS(ReplaceFileW(wide(path_of("old")), wide(path_of("new")), NULL, 0, NULL, NULL));
	CHECK_EQ(size_of("old"), 30);
	CHECK_FAILS(ReplaceFileA(path_of("none"), path_of("old"), NULL, 0, NULL, NULL), ERROR_FILE_NOT_FOUND);
	CHECK_EQ(size_of("old"), 30);
}

/* The whole path of @path opens the same file, and its last part is @last. */
static void check_whole(const char *path, const char *last)
{
	char whole[MAX_PATH], *part = NULL;
	DWORD length = GetFullPathNameA(path, sizeof(whole), whole, &part);

	check_row("%s", path);
	CHECK_EQ(length, strlen(whole));
	CHECK(GetFileAttributesA(whole) != INVALID_FILE_ATTRIBUTES);
	CHECK(part != NULL && strcmp(part, last) == 0);
	CHECK(strstr(whole, "..") == NULL);
}

TEST(whole_paths)
{
	char deep[MAX_PATH], small[4];
	WCHAR space[MAX_PATH], *part;
	DWORD needed;

	REQUIRE_WORKS(CreateDirectoryA(path_of("dir"), NULL));
	make_file("file", 1);
	check_whole(path_of("file"), "file");
	strcpy(deep, path_of("dir/../file"));
	check_whole(deep, "file");
	strcpy(deep, path_of("./dir/.././file"));
	check_whole(deep, "file");
	check_row("no room");
	needed = GetFullPathNameA(path_of("file"), 0, NULL, NULL);
	CHECK_EQ(GetFullPathNameA(path_of("file"), sizeof(small), small, NULL), needed);
	CHECK_EQ(GetFullPathNameA(path_of("file"), needed, deep, NULL), needed - 1);
	check_row("wide");
	CHECK_EQ(GetFullPathNameW(wide(path_of("file")), MAX_PATH, space, &part), needed - 1);
	CHECK_EQ(memcmp(part, wide("file"), 5 * sizeof(WCHAR)), 0);
	check_row("empty");
	CHECK_FAILS(GetFullPathNameA("", sizeof(deep), deep, NULL), ERROR_INVALID_NAME);
}

TEST(a_whole_path_of_a_drive)
{
	char whole[MAX_PATH], *part = NULL;

	CHECK_EQ(GetFullPathNameA("C:\\one\\.\\two\\..\\three.txt", sizeof(whole), whole, &part), 16);
	CHECK_EQ(strcmp(whole, "C:\\one\\three.txt"), 0);
	CHECK_EQ(strcmp(part, "three.txt"), 0);
	CHECK_EQ(GetFullPathNameA("C:\\..\\..\\x\\", sizeof(whole), whole, &part), 5);
	CHECK_EQ(strcmp(whole, "C:\\x\\"), 0);
	CHECK(part == NULL);
}
