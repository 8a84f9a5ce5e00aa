/* SPDX-License-Identifier: MIT */
/* Names by handle: what is in the way, the classes of newer Windows, faults. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"
#include "check.h"
#include "port.h"

enum { SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE };

static const char *path_of(const char *name)
{
	static char ring[4][512];
	static unsigned next;
	char *path = ring[next++ % 4];

	snprintf(path, sizeof(ring[0]), "%s/%s", check_directory(), name);
	return path;
}

static bool exists(const char *name)
{
	return access(path_of(name), F_OK) == 0;
}

static HANDLE open_file(const char *name, DWORD access, DWORD share, DWORD disposition, DWORD flags)
{
	HANDLE file = CreateFileA(path_of(name), access, share, NULL, disposition, flags, NULL);

	REQUIRE(file != INVALID_HANDLE_VALUE);
	return file;
}

static HANDLE made(const char *name)
{
	return open_file(name, GENERIC_READ | GENERIC_WRITE | DELETE, SHARE_ALL, CREATE_ALWAYS, 0);
}

/* 0, or the last error. */
static DWORD rename_with(HANDLE file, FILE_INFO_BY_HANDLE_CLASS class, DWORD flags, const char *to)
{
	char room[4096] = { 0 };
	FILE_RENAME_INFO *info = (FILE_RENAME_INFO *)(void *)room;

	info->Flags = flags;
	for (size_t i = 0; to[i]; i++) {
		info->FileName[i] = (WCHAR)to[i];
		info->FileNameLength += (DWORD)sizeof(WCHAR);
	}
	return SetFileInformationByHandle(file, class, info, sizeof(room)) ? 0 : GetLastError();
}

static DWORD rename_to(HANDLE file, const char *to)
{
	return rename_with(file, FileRenameInfo, 1, to);
}

static DWORD dispose(HANDLE file, DWORD flags)
{
	FILE_DISPOSITION_INFO_EX info = { flags };

	return SetFileInformationByHandle(file, FileDispositionInfoEx, &info, sizeof(info)) ? 0 : GetLastError();
}

/* ---- rename ---- */

TEST(replaced_file_is_asked_for_its_share_mode)
{
	HANDLE file = made("file"), holder = open_file("target", GENERIC_READ, FILE_SHARE_READ, CREATE_NEW, 0);

	CHECK_EQ(rename_to(file, path_of("target")), ERROR_SHARING_VIOLATION);
	CHECK(exists("file"));
	CHECK(CloseHandle(holder));
	CHECK_EQ(rename_to(file, path_of("target")), 0);
	CHECK(CloseHandle(file));
}

TEST(mapped_file_is_renamed_and_not_replaced)
{
	HANDLE file = made("file"), target = made("target");
	HANDLE section = CreateFileMappingA(target, NULL, PAGE_READWRITE, 0, 4096, NULL);

	REQUIRE(section != NULL);
	CHECK(CloseHandle(target));
	CHECK_EQ(rename_to(file, path_of("target")), ERROR_ACCESS_DENIED);
	target = open_file("target", DELETE, SHARE_ALL, OPEN_EXISTING, 0);
	CHECK_EQ(rename_to(target, path_of("renamed")), 0);
	CHECK(exists("renamed"));
	CHECK(CloseHandle(target));
	CHECK(CloseHandle(section));
	CHECK(CloseHandle(file));
}

TEST(replacing_as_posix_does)
{
	HANDLE file = made("file"), holder = open_file("target", GENERIC_READ, FILE_SHARE_READ, CREATE_NEW, 0);

	check_row("without");
	CHECK_EQ(rename_with(file, FileRenameInfoEx, FILE_RENAME_FLAG_POSIX_SEMANTICS, path_of("target")),
		 ERROR_ALREADY_EXISTS);
	check_row("with");
	CHECK_EQ(rename_with(file, FileRenameInfoEx, FILE_RENAME_FLAG_REPLACE_IF_EXISTS | FILE_RENAME_FLAG_POSIX_SEMANTICS,
			     path_of("target")), 0);
	CHECK(!exists("file"));
	CHECK_EQ(GetFileSize(holder, NULL), 0);
	CHECK(CloseHandle(holder));
	CHECK(CloseHandle(file));
}

TEST(read_only_file_is_replaced_where_that_is_said)
{
	HANDLE file = made("file");

	CHECK(CloseHandle(open_file("target", GENERIC_WRITE, 0, CREATE_NEW, FILE_ATTRIBUTE_READONLY)));
	CHECK_EQ(rename_with(file, FileRenameInfoEx, FILE_RENAME_FLAG_REPLACE_IF_EXISTS, path_of("target")),
		 ERROR_ACCESS_DENIED);
	CHECK_EQ(rename_with(file, FileRenameInfoEx, FILE_RENAME_FLAG_REPLACE_IF_EXISTS |
			     FILE_RENAME_IGNORE_READONLY_ATTRIBUTE, path_of("target")), 0);
	CHECK(CloseHandle(file));
}

TEST(malformed_names_are_refused)
{
	static const struct { const char *row; DWORD length, flags; HANDLE root; DWORD error; } cases[] = {
		{ "no name", 0, 0, NULL, ERROR_INVALID_PARAMETER },
		{ "half a character", sizeof(WCHAR) + 1, 0, NULL, ERROR_INVALID_PARAMETER },
		{ "beyond the buffer", 2 * sizeof(WCHAR), 0, NULL, ERROR_INVALID_PARAMETER },
		{ "a root", sizeof(WCHAR), 0, (HANDLE)8, ERROR_INVALID_PARAMETER },
		{ "flags", sizeof(WCHAR), 0x80, NULL, ERROR_INVALID_PARAMETER },
		{ "a character that no name has", sizeof(WCHAR), 0, NULL, ERROR_INVALID_NAME },
	};
	HANDLE file = made("file");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		FILE_RENAME_INFO info = { .Flags = cases[i].flags, .RootDirectory = cases[i].root,
					  .FileNameLength = cases[i].length, .FileName = { '<' } };
		DWORD size = offsetof(FILE_RENAME_INFO, FileName) + sizeof(WCHAR);

		check_row("%s", cases[i].row);
		SetLastError(0);
		CHECK(!SetFileInformationByHandle(file, FileRenameInfoEx, &info, size < sizeof(info) ? (DWORD)sizeof(info) : size));
		CHECK_EQ(GetLastError(), cases[i].error);
	}
	CHECK(CloseHandle(file));
	CHECK(exists("file"));
}

TEST(file_without_a_name_gets_none)
{
	HANDLE file = made("file");

	REQUIRE_EQ(unlink(path_of("file")), 0);
	CHECK_EQ(rename_to(file, path_of("other")), ERROR_ACCESS_DENIED);
	close(open(path_of("file"), O_CREAT | O_WRONLY, 0600));
	CHECK_EQ(rename_to(file, path_of("other")), ERROR_ACCESS_DENIED);
	CHECK(exists("file"));
	CHECK(CloseHandle(file));
}

/* ---- disposition ---- */

TEST(mapped_file_is_disposed_of_as_posix_does)
{
	HANDLE file = made("file"), section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 4096, NULL);

	REQUIRE(section != NULL);
	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_DELETE), ERROR_ACCESS_DENIED);
	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_DELETE | FILE_DISPOSITION_FLAG_POSIX_SEMANTICS), 0);
	CHECK(CloseHandle(file));
	CHECK(!exists("file"));
	CHECK(CloseHandle(section));
}

TEST(read_only_file_is_disposed_of_where_that_is_said)
{
	HANDLE file = open_file("file", GENERIC_WRITE | DELETE, 0, CREATE_NEW, FILE_ATTRIBUTE_READONLY);

	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_DELETE), ERROR_ACCESS_DENIED);
	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_DELETE | FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE), 0);
	CHECK(CloseHandle(file));
	CHECK(!exists("file"));
}

TEST(delete_on_close_is_set_and_cleared)
{
	HANDLE file = open_file("file", GENERIC_WRITE | DELETE, 0, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE);

	check_row("cleared");
	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_ON_CLOSE), 0);
	CHECK(CloseHandle(file));
	CHECK(exists("file"));
	check_row("set");
	file = open_file("file", GENERIC_WRITE | DELETE, 0, OPEN_EXISTING, 0);
	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_ON_CLOSE | FILE_DISPOSITION_FLAG_DELETE), 0);
	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_DO_NOT_DELETE), 0);
	CHECK(CloseHandle(file));
	CHECK(!exists("file"));
	check_row("unknown flags");
	file = made("file");
	CHECK_EQ(dispose(file, 0x20), ERROR_INVALID_PARAMETER);
	CHECK(CloseHandle(file));
}

TEST(later_duplicates_keep_the_name)
{
	HANDLE file = made("file"), copy = NULL;

	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_DELETE), 0);
	REQUIRE(DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
	CHECK(CloseHandle(file));
	CHECK(exists("file"));
	CHECK(CloseHandle(copy));
	CHECK(!exists("file"));
}

TEST(who_disposes_in_a_forked_child_removes)
{
	HANDLE file = made("file");
	int status;
	pid_t child;

	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_DELETE), 0);
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0)
		_exit(CloseHandle(file) && exists("file") ? 0 : 1);
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0); /* it is its parent's affair */
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0)
		_exit(dispose(file, FILE_DISPOSITION_FLAG_DELETE) == 0 && CloseHandle(file) && !exists("file") ? 0 : 1);
	REQUIRE_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	CHECK(CloseHandle(file));
}

/* ---- faults ---- */

TEST(each_failed_call_leaves_one_name)
{
	static const int errors[] = { EACCES, EINTR, EIO, ENOSPC, ENOMEM };

	CHECK(CloseHandle(made("settle")));
	for (size_t e = 0; e < ARRAY_SIZE(errors); e++) {
		bool fired = true;

		check_row("errno %d", errors[e]);
		for (unsigned nth = 1; fired; nth++) {
			HANDLE file = made("file");
			struct fault_world before = fault_world();
			DWORD error;

			fault_arm("*", nth, FAULT_ONCE, errors[e]);
			error = rename_with(file, FileRenameInfo, 0, path_of("other"));
			fired = fault_disarm();
			CHECK_EQ(exists("file"), error != 0);
			CHECK_EQ(exists("other"), error == 0);
			CHECK_SAME_WORLD(before);
			fault_arm("*", nth, FAULT_ONCE, errors[e]);
			error = dispose(file, FILE_DISPOSITION_FLAG_DELETE);
			fired |= fault_disarm();
			CHECK_SAME_WORLD(before);
			CHECK(CloseHandle(file));
			CHECK_EQ(exists("file") || exists("other"), error != 0);
			unlink(path_of("file"));
			unlink(path_of("other"));
			REQUIRE(nth < 50);
		}
	}
}

TEST(disposition_without_memory)
{
	HANDLE file = made("file");

	fault_arm_allocation(1, FAULT_ONCE);
	CHECK_EQ(dispose(file, FILE_DISPOSITION_FLAG_DELETE), ERROR_NOT_ENOUGH_MEMORY);
	CHECK(fault_disarm());
	CHECK(CloseHandle(file));
	CHECK(exists("file"));
}
