/* SPDX-License-Identifier: MIT */
/* Environment variables, the current directory, the command line. */
#include "support.h"

#ifndef ERROR_ENVVAR_NOT_FOUND
#define ERROR_ENVVAR_NOT_FOUND 203
#endif

static char room[4096];
static WCHAR wide_room[4096];

TEST(variable_is_read_as_it_was_set)
{
	CHECK_WORKS(SetEnvironmentVariableA("Filemap_Test", "a value"));
	CHECK_EQ(GetEnvironmentVariableA("Filemap_Test", room, sizeof(room)), 7);
	CHECK_EQ(strcmp(room, "a value"), 0);
	CHECK_EQ(GetEnvironmentVariableW(wide("Filemap_Test"), wide_room, ARRAY_SIZE(wide_room)), 7);
	CHECK_EQ(wide_room[6], 'e');
	CHECK_EQ(wide_room[7], 0);
	CHECK_WORKS(SetEnvironmentVariableW(wide("Filemap_Test"), wide("another")));
	CHECK_EQ(GetEnvironmentVariableA("Filemap_Test", room, sizeof(room)), 7);
	CHECK_EQ(strcmp(room, "another"), 0);
}

TEST(case_of_names_does_not_matter)
{
	CHECK_WORKS(SetEnvironmentVariableA("Filemap_Test", "1"));
	CHECK_EQ(GetEnvironmentVariableA("FILEMAP_TEST", room, sizeof(room)), 1);
	CHECK_WORKS(SetEnvironmentVariableA("filemap_test", "22"));
	CHECK_EQ(GetEnvironmentVariableA("Filemap_Test", room, sizeof(room)), 2);
	CHECK_WORKS(SetEnvironmentVariableA("FILEMAP_test", NULL));
	CHECK_FAILS(GetEnvironmentVariableA("Filemap_Test", room, sizeof(room)), ERROR_ENVVAR_NOT_FOUND);
}

TEST(missing_variables_are_told_from_empty_ones)
{
	CHECK_FAILS(GetEnvironmentVariableA("FILEMAP_MISSING", room, sizeof(room)), ERROR_ENVVAR_NOT_FOUND);
	CHECK_FAILS(GetEnvironmentVariableW(wide("FILEMAP_MISSING"), wide_room, 10), ERROR_ENVVAR_NOT_FOUND);
	CHECK_WORKS(SetEnvironmentVariableA("FILEMAP_EMPTY", ""));
	SetLastError(ERROR_SUCCESS);
	CHECK_EQ(GetEnvironmentVariableA("FILEMAP_EMPTY", room, sizeof(room)), 0);
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	CHECK_EQ(room[0], 0);
}

TEST(short_buffers_get_the_size)
{
	CHECK_WORKS(SetEnvironmentVariableA("FILEMAP_TEST", "12345"));
	CHECK_EQ(GetEnvironmentVariableA("FILEMAP_TEST", NULL, 0), 6);
	CHECK_EQ(GetEnvironmentVariableA("FILEMAP_TEST", room, 5), 6);
	CHECK_EQ(GetEnvironmentVariableA("FILEMAP_TEST", room, 6), 5);
	CHECK_EQ(GetEnvironmentVariableW(wide("FILEMAP_TEST"), wide_room, 5), 6);
	CHECK_EQ(GetEnvironmentVariableW(wide("FILEMAP_TEST"), wide_room, 6), 5);
}

TEST(wrong_names_are_refused)
{
	CHECK_FAILS(SetEnvironmentVariableA("A=B", "1"), ERROR_INVALID_PARAMETER);
	CHECK_FAILS(SetEnvironmentVariableA("", "1"), ERROR_INVALID_PARAMETER);
}

TEST(block_has_all_variables)
{
	LPWSTR block;
	bool found = false;

	CHECK_WORKS(SetEnvironmentVariableA("FILEMAP_TEST", "in the block"));
	block = GetEnvironmentStringsW();
	REQUIRE(block != NULL);
	for (const WCHAR *at = block; *at;) {
		size_t length = 0;

		while (at[length])
			length++;
		found = found || (length == 25 && memcmp(at, wide("FILEMAP_TEST=in the block"), 25 * sizeof(WCHAR)) == 0);
		at += length + 1;
	}
	CHECK(found);
	CHECK(FreeEnvironmentStringsW(block));
}

TEST(directory_can_be_changed)
{
	char before[4096], *inside;
	DWORD length = GetCurrentDirectoryA(sizeof(before), before);

	REQUIRE(length > 0 && length < sizeof(before));
	CHECK_EQ(strlen(before), length);
	CHECK_EQ(GetCurrentDirectoryA(0, NULL), length + 1);
	CHECK_EQ(GetCurrentDirectoryA(length, room), length + 1);
	CHECK_EQ(GetCurrentDirectoryW(ARRAY_SIZE(wide_room), wide_room), length);
	REQUIRE(CreateDirectoryA(path_of("inside"), NULL));
	CHECK_WORKS(SetCurrentDirectoryA(path_of("inside")));
	REQUIRE(GetCurrentDirectoryA(sizeof(room), room) > 0);
	inside = strrchr(room, '/') ? strrchr(room, '/') : strrchr(room, '\\');
	CHECK(inside != NULL && strcmp(inside + 1, "inside") == 0);
	CHECK_WORKS(SetCurrentDirectoryW(wide(before)));
}

TEST(directories_that_cannot_be_entered)
{
	static const struct { const char *path; DWORD error; } cases[] = {
		{ "missing", ERROR_FILE_NOT_FOUND }, { "missing/below", ERROR_PATH_NOT_FOUND }, { "file", ERROR_DIRECTORY },
	};
	CHECK(CloseHandle(file_of("file", 1, GENERIC_READ)));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].path);
		CHECK_FAILS(SetCurrentDirectoryA(path_of(cases[i].path)), cases[i].error);
	}
}

CHILD(tell_line)
{
	const char *line = GetCommandLineA();
	LPWSTR wide_line = GetCommandLineW();

	CHECK(strstr(line, " --child tell_line one two") != NULL);
	CHECK(GetCommandLineA() == line);
	CHECK(GetCommandLineW() == wide_line);
	for (size_t i = 0; i <= strlen(line); i++)
		CHECK_EQ(wide_line[i], line[i]);
}

TEST(command_line_has_the_arguments)
{
	CHECK_EQ(child_end(child_start("tell_line", "one", "two")), 0);
}
