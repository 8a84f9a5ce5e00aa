/* SPDX-License-Identifier: MIT */
/* Paths of Windows' programs, and names for temporary files. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "diskpath.h"
#include "fault.h"
#include "make.h"

TEST(paths)
{
	static const struct {
		const char *text, *host;
		fm_status status;
	} cases[] = {
		{ "/tmp/x", "/tmp/x", FM_OK },
		{ "x", "x", FM_OK },
		{ "a\\b/c", "a/b/c", FM_OK },
		{ "..\\x", "../x", FM_OK },
		{ "\\tmp\\x", "/tmp/x", FM_OK },
		{ "C:\\tmp\\x", "/tmp/x", FM_OK },
		{ "c:/tmp/x", "/tmp/x", FM_OK },
		{ "C:x", "x", FM_OK },
		{ "C:\\", "/", FM_OK },
		{ "\\\\?\\C:\\tmp\\x", "/tmp/x", FM_OK },
		{ "\\\\.\\C:\\tmp\\x", "/tmp/x", FM_OK },
		{ "\\??\\C:\\tmp\\x", "/tmp/x", FM_OK },
		{ "D:\\x", "/mnt/disk d/x", FM_OK },
		{ "d:x", "/mnt/disk d/x", FM_OK },
		{ "D:", "/mnt/disk d/", FM_OK },
		{ "NUL", "/dev/null", FM_OK },
		{ "nul", "/dev/null", FM_OK },
		{ "\\\\.\\NUL", "/dev/null", FM_OK },
		{ "a:b", NULL, FM_E_PATH_NOT_FOUND },
		{ "dir/a:b", "dir/a:b", FM_OK },
		{ "/a b.txt", "/a b.txt", FM_OK },
		{ "\xc3\xa4", "\xc3\xa4", FM_OK },
		{ NULL, NULL, FM_E_PATH_NOT_FOUND },
		{ "", NULL, FM_E_PATH_NOT_FOUND },
		{ "C:", NULL, FM_E_PATH_NOT_FOUND },
		{ "E:\\x", NULL, FM_E_PATH_NOT_FOUND },
		{ "F:\\x", NULL, FM_E_PATH_NOT_FOUND }, /* said to begin nowhere */
		{ "\\\\server\\share\\x", NULL, FM_E_BAD_NETWORK_PATH },
		{ "\\\\?\\UNC\\server\\share", NULL, FM_E_BAD_NETWORK_PATH },
		{ "\\\\.\\pipe\\x", NULL, FM_E_NAME_NOT_FOUND },
		{ "a*b", NULL, FM_E_NAME_INVALID },
		{ "a?b", NULL, FM_E_NAME_INVALID },
		{ "a<b", NULL, FM_E_NAME_INVALID },
		{ "a>b", NULL, FM_E_NAME_INVALID },
		{ "a|b", NULL, FM_E_NAME_INVALID },
		{ "a\"b", NULL, FM_E_NAME_INVALID },
		{ "a\nb", NULL, FM_E_NAME_INVALID },
	};

	setenv("FILEMAP_DRIVE_D", "/mnt/disk d", 1);
	setenv("FILEMAP_DRIVE_F", "", 1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char host[PATH_MAX] = "untouched";

		check_row("%s", cases[i].text ? cases[i].text : "NULL");
		CHECK_EQ(diskpath_host(cases[i].text, host), cases[i].status);
		if (cases[i].host)
			CHECK_EQ(strcmp(host, cases[i].host), 0);
	}
}

TEST(the_length_of_a_path)
{
	char text[PATH_MAX + 1], host[PATH_MAX];

	memset(text, 'x', PATH_MAX);
	text[PATH_MAX] = 0;
	CHECK_EQ(diskpath_host(text, host), FM_E_NAME_TOO_LONG);
	text[PATH_MAX - 1] = 0;
	CHECK_EQ(diskpath_host(text, host), FM_OK);
	setenv("FILEMAP_DRIVE_C", "/r", 1);
	memcpy(text, "C:/", 3);
	CHECK_EQ(diskpath_host(text, host), FM_OK); /* two characters gone, two come */
	setenv("FILEMAP_DRIVE_C", "/ro", 1);
	CHECK_EQ(diskpath_host(text, host), FM_E_NAME_TOO_LONG);
}

TEST(what_is_missing)
{
	char path[600];

	snprintf(path, sizeof(path), "%s/x", check_directory());
	CHECK_EQ(diskpath_missing(path), FM_E_NAME_NOT_FOUND);
	snprintf(path, sizeof(path), "%s/x/y", check_directory());
	CHECK_EQ(diskpath_missing(path), FM_E_PATH_NOT_FOUND);
	snprintf(path, sizeof(path), "%s/x//", check_directory());
	CHECK_EQ(diskpath_missing(path), FM_E_NAME_NOT_FOUND);
	CHECK_EQ(diskpath_missing("//"), FM_E_NAME_NOT_FOUND);
	CHECK_EQ(diskpath_missing("x"), FM_E_NAME_NOT_FOUND);
	CHECK_EQ(diskpath_missing("/x"), FM_E_NAME_NOT_FOUND);
}

TEST(the_directory_for_temporary_files)
{
	static const struct {
		const char *tmp, *temp, *tmpdir, *expected;
	} cases[] = {
		{ "/a", "/b", "/c", "/a/" }, { "", "/b", "/c", "/b/" }, { NULL, NULL, "/c/", "/c/" },
		{ NULL, NULL, NULL, "/tmp/" }, { "C:\\t\\", NULL, NULL, "C:\\t\\" }, { NULL, NULL, "", "/tmp/" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char path[PATH_MAX];

		check_row("%s", cases[i].expected);
		unsetenv("TMP");
		unsetenv("TEMP");
		unsetenv("TMPDIR");
		if (cases[i].tmp)
			setenv("TMP", cases[i].tmp, 1);
		if (cases[i].temp)
			setenv("TEMP", cases[i].temp, 1);
		if (cases[i].tmpdir)
			setenv("TMPDIR", cases[i].tmpdir, 1);
		REQUIRE_EQ(diskpath_temporary(path), FM_OK);
		CHECK_EQ(strcmp(path, cases[i].expected), 0);
	}
}

TEST(a_given_number_makes_a_name_and_no_file)
{
	char path[PATH_MAX], expected[600];
	uint32_t number = 0;

	snprintf(expected, sizeof(expected), "%s/abcff.tmp", check_directory());
	REQUIRE_EQ(diskpath_unique(check_directory(), "abcdef", 0x100ff, path, &number), FM_OK);
	CHECK_EQ(number, 0xff);
	CHECK_EQ(strcmp(path, expected), 0);
	CHECK_EQ(access(path, F_OK), -1);
}

TEST(unique_names_are_new_empty_files)
{
	char first[PATH_MAX], second[PATH_MAX];
	uint32_t number = 0;
	struct stat st;

	REQUIRE_EQ(diskpath_unique(check_directory(), "t", 0, first, &number), FM_OK);
	CHECK(number > 0 && number < 0x10000);
	REQUIRE_EQ(diskpath_unique(check_directory(), "t", 0, second, &number), FM_OK);
	CHECK(strcmp(first, second) != 0);
	REQUIRE_EQ(stat(second, &st), 0);
	CHECK_EQ(st.st_size, 0);
}

TEST(all_numbers_taken)
{
	char path[PATH_MAX];
	uint32_t number = 7;

	fault_arm("openat", 1, FAULT_FROM, EEXIST);
	CHECK_EQ(diskpath_unique(check_directory(), "t", 0, path, &number), FM_E_NAME_COLLISION);
	CHECK_EQ(fault_count("openat"), 0xffff);
	CHECK(fault_disarm());
	CHECK_EQ(number, 7);
}

TEST(temporary_files_need_a_directory)
{
	char path[PATH_MAX], missing[600];
	uint32_t number;

	snprintf(missing, sizeof(missing), "%s/missing", check_directory());
	CHECK_EQ(diskpath_unique(missing, "t", 0, path, &number), FM_E_NOT_A_DIRECTORY);
	CHECK_EQ(diskpath_unique(make_file("file", 1), "t", 0, path, &number), FM_E_NOT_A_DIRECTORY);
}

/* The same directory in @length characters. */
static const char *long_directory(size_t length)
{
	static char path[PATH_MAX + 8];
	size_t end = (size_t)snprintf(path, sizeof(path), "%s", check_directory());

	while (end < length)
		path[end++] = '/'; /* as good as one */
	path[end] = 0;
	return path;
}

TEST(unique_names_end_where_paths_do)
{
	char path[PATH_MAX], text[PATH_MAX + 8];
	uint32_t number;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	setenv("TMP", text, 1);
	CHECK_EQ(diskpath_temporary(path), FM_E_NAME_TOO_LONG);
	CHECK_EQ(diskpath_unique(long_directory(PATH_MAX - 10), "abc", 0xffff, path, &number), FM_E_NAME_TOO_LONG);
	fault_arm("openat", 1, FAULT_FROM, EEXIST); /* room for three digits, and those are taken */
	CHECK_EQ(diskpath_unique(long_directory(PATH_MAX - 9), "t", 0, path, &number), FM_E_NAME_TOO_LONG);
	fault_disarm();
}

TEST(unique_names_follow_the_directorys_spelling)
{
	static const char *const ends[] = { "", "/", "\\", "\\." };
	static const char *const separators[] = { "/", "/", "\\", "\\.\\" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		char directory[600], expected[700], path[PATH_MAX];
		uint32_t number;

		snprintf(directory, sizeof(directory), "%s%s", check_directory(), ends[i]);
		snprintf(expected, sizeof(expected), "%s%sab1.tmp", check_directory(), separators[i]);
		REQUIRE_EQ(diskpath_unique(directory, "ab", 1, path, &number), FM_OK);
		CHECK_EQ(strcmp(path, expected), 0);
	}
}

TEST(what_no_name_can_contain_is_told_of_directory_and_prefix)
{
	char path[PATH_MAX];
	uint32_t number;

	CHECK_EQ(diskpath_unique("a|b", "t", 0, path, &number), FM_E_NAME_INVALID);
	CHECK_EQ(diskpath_unique(check_directory(), "<", 0, path, &number), FM_E_NAME_INVALID);
	fault_arm("fstatat", 1, FAULT_FROM, EACCES);
	CHECK_EQ(diskpath_unique(check_directory(), "t", 0, path, &number), FM_E_ACCESS_DENIED);
	CHECK(fault_disarm());
}
