/* SPDX-License-Identifier: MIT */
/* New names and the end of names by handle: FileRenameInfo and FileDispositionInfo. */
#include "support.h"

static BOOL rename_to(HANDLE file, const char *to, BOOLEAN replaces)
{
	char room[4096];
	FILE_RENAME_INFO *info = (FILE_RENAME_INFO *)room;
	const WCHAR *name = wide(to);
	DWORD length = 0;

	while (name[length])
		length++;
	memset(room, 0, sizeof(room));
	info->ReplaceIfExists = replaces;
	info->FileNameLength = length * (DWORD)sizeof(WCHAR);
	memcpy(info->FileName, name, (length + 1) * sizeof(WCHAR));
	return SetFileInformationByHandle(file, FileRenameInfo, info, sizeof(room));
}

static BOOL dispose(HANDLE file, BOOLEAN goes)
{
	FILE_DISPOSITION_INFO info = { goes };

	return SetFileInformationByHandle(file, FileDispositionInfo, &info, sizeof(info));
}

static BOOL exists(const char *name)
{
	return GetFileAttributesA(path_of(name)) != INVALID_FILE_ATTRIBUTES;
}

static HANDLE made(const char *name, DWORD size)
{
	HANDLE file;

	CHECK(CloseHandle(file_of(name, size, GENERIC_RW)));
	file = file_open(name, GENERIC_READ | DELETE, SHARE_ALL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	return file;
}

static HANDLE directory_of(const char *name)
{
	HANDLE directory;

	REQUIRE_WORKS(CreateDirectoryA(path_of(name), NULL));
	directory = CreateFileA(path_of(name), GENERIC_READ | DELETE, SHARE_ALL, NULL, OPEN_EXISTING,
				FILE_FLAG_BACKUP_SEMANTICS, NULL);
	REQUIRE(directory != INVALID_HANDLE_VALUE);
	return directory;
}

TEST(file_gets_another_name_by_handle)
{
	HANDLE file = made("old", 100);

	CHECK_WORKS(rename_to(file, path_of("new"), FALSE));
	CHECK(!exists("old"));
	CHECK(exists("new"));
	CHECK_EQ(file_byte(file, 50), pattern(50));
	check_row("and yet another");
	CHECK_WORKS(rename_to(file, path_of("newer"), FALSE));
	CHECK(!exists("new"));
	CHECK(exists("newer"));
	CHECK(CloseHandle(file));
}

TEST(name_that_is_taken_is_replaced_on_request)
{
	HANDLE file = made("old", 100);

	CHECK(CloseHandle(file_of("taken", 7, GENERIC_RW)));
	check_row("kept");
	CHECK_FAILS(rename_to(file, path_of("taken"), FALSE), ERROR_ALREADY_EXISTS);
	CHECK(exists("old"));
	check_row("replaced");
	CHECK_WORKS(rename_to(file, path_of("taken"), TRUE));
	CHECK(!exists("old"));
	CHECK(CloseHandle(file));
	file = file_open("taken", GENERIC_READ, SHARE_ALL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK_EQ(file_length(file), 100);
	CHECK(CloseHandle(file));
}

TEST(directories_and_read_only_files_are_not_replaced)
{
	HANDLE file = made("old", 100);

	check_row("directory");
	REQUIRE_WORKS(CreateDirectoryA(path_of("directory"), NULL));
	CHECK_FAILS(rename_to(file, path_of("directory"), TRUE), ERROR_ACCESS_DENIED);
	check_row("read-only");
	CHECK(CloseHandle(file_of("read-only", 7, GENERIC_RW)));
	REQUIRE_WORKS(SetFileAttributesA(path_of("read-only"), FILE_ATTRIBUTE_READONLY));
	CHECK_FAILS(rename_to(file, path_of("read-only"), TRUE), ERROR_ACCESS_DENIED);
	CHECK(exists("old"));
	CHECK_WORKS(SetFileAttributesA(path_of("read-only"), FILE_ATTRIBUTE_NORMAL));
	CHECK(CloseHandle(file));
}

TEST(directory_gets_another_name_by_handle)
{
	HANDLE directory = directory_of("old");

	CHECK_WORKS(rename_to(directory, path_of("new"), FALSE));
	CHECK(!exists("old"));
	CHECK(exists("new"));
	CHECK(CloseHandle(directory));
	CHECK_WORKS(RemoveDirectoryA(path_of("new")));
}

TEST(other_names_need_the_right_to_delete)
{
	HANDLE file;

	CHECK(CloseHandle(file_of("file", 10, GENERIC_RW)));
	file = file_open("file", GENERIC_RW, SHARE_ALL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	check_row("rename");
	CHECK_FAILS(rename_to(file, path_of("other"), FALSE), ERROR_ACCESS_DENIED);
	check_row("dispose");
	CHECK_FAILS(dispose(file, TRUE), ERROR_ACCESS_DENIED);
	CHECK(CloseHandle(file));
	CHECK(exists("file"));
}

TEST(missing_directory_of_the_new_name)
{
	HANDLE file = made("old", 10);

	CHECK_FAILS(rename_to(file, path_of("missing/new"), FALSE), ERROR_PATH_NOT_FOUND);
	CHECK(exists("old"));
	CHECK(CloseHandle(file));
}

TEST(short_buffers_are_refused)
{
	HANDLE file = made("file", 10);
	FILE_RENAME_INFO info = { 0 };

	check_row("rename");
	CHECK_FAILS(SetFileInformationByHandle(file, FileRenameInfo, &info, sizeof(info) - 1), ERROR_BAD_LENGTH);
	check_row("dispose");
	CHECK_FAILS(SetFileInformationByHandle(file, FileDispositionInfo, &info, 0), ERROR_BAD_LENGTH);
	CHECK(CloseHandle(file));
}

TEST(disposed_file_goes_with_its_handle)
{
	HANDLE file = made("file", 10);
	FILE_STANDARD_INFO standard;

	CHECK_WORKS(dispose(file, TRUE));
	REQUIRE_WORKS(GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof(standard)));
	CHECK_EQ(standard.DeletePending, TRUE);
	CHECK_EQ(file_byte(file, 5), pattern(5));
	CHECK(CloseHandle(file));
	CHECK(!exists("file"));
}

TEST(disposition_can_be_taken_back)
{
	HANDLE file = made("file", 10);

	CHECK_WORKS(dispose(file, FALSE));
	CHECK_WORKS(dispose(file, TRUE));
	CHECK_WORKS(dispose(file, FALSE));
	CHECK(CloseHandle(file));
	CHECK(exists("file"));
}

TEST(delete_on_close_is_no_disposition) /* so that it cannot be taken back as one */
{
	HANDLE file;

	CHECK(CloseHandle(file_of("file", 10, GENERIC_RW)));
	file = CreateFileA(path_of("file"), GENERIC_READ | DELETE, SHARE_ALL, NULL, OPEN_EXISTING,
			   FILE_FLAG_DELETE_ON_CLOSE, NULL);
	REQUIRE(file != INVALID_HANDLE_VALUE);
	CHECK_WORKS(dispose(file, FALSE));
	CHECK(CloseHandle(file));
	CHECK(!exists("file"));
}

TEST(read_only_file_is_not_disposed_of)
{
	HANDLE file = made("file", 10);

	REQUIRE_WORKS(SetFileAttributesA(path_of("file"), FILE_ATTRIBUTE_READONLY));
	CHECK_FAILS(dispose(file, TRUE), ERROR_ACCESS_DENIED);
	CHECK(CloseHandle(file));
	CHECK(exists("file"));
	CHECK_WORKS(SetFileAttributesA(path_of("file"), FILE_ATTRIBUTE_NORMAL));
}

TEST(disposed_directory_must_be_empty)
{
	HANDLE directory = directory_of("directory");

	CHECK(CloseHandle(file_of("directory/file", 10, GENERIC_RW)));
	check_row("a file inside");
	CHECK_FAILS(dispose(directory, TRUE), ERROR_DIR_NOT_EMPTY);
	check_row("empty");
	CHECK_WORKS(DeleteFileA(path_of("directory/file")));
	CHECK_WORKS(dispose(directory, TRUE));
	CHECK(CloseHandle(directory));
	CHECK(!exists("directory"));
}

TEST(renamed_and_disposed_of) /* what goes is the name that it has by then */
{
	HANDLE file = made("old", 10);

	CHECK_WORKS(rename_to(file, path_of("new"), FALSE));
	CHECK(CloseHandle(file_of("old", 20, GENERIC_RW)));
	CHECK_WORKS(dispose(file, TRUE));
	CHECK(CloseHandle(file));
	CHECK(!exists("new"));
	CHECK(exists("old"));
}
