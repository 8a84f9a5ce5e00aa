/* SPDX-License-Identifier: MIT */
/* CreateFileMapping: protections, file rights, attributes, sizes, the last error (win32-semantics 4). */
#include "support.h"

/* 0, or the last error; the section is closed. */
static DWORD create_error(HANDLE file, DWORD protection, DWORD high, DWORD low)
{
	HANDLE section;

	SetLastError(UNTOUCHED);
	section = CreateFileMappingA(file, NULL, protection, high, low, NULL);
	if (!section)
		return GetLastError();
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	CHECK(CloseHandle(section));
	return ERROR_SUCCESS;
}

TEST(exactly_one_of_six_protections)
{
	static const struct { DWORD protection, error; } cases[] = {
		{ PAGE_READONLY, 0 }, { PAGE_READWRITE, 0 }, { PAGE_WRITECOPY, 0 }, { PAGE_EXECUTE_READ, 0 },
		{ PAGE_EXECUTE_READWRITE, 0 }, { PAGE_EXECUTE_WRITECOPY, 0 },
		{ 0, ERROR_INVALID_PARAMETER }, { PAGE_NOACCESS, ERROR_INVALID_PARAMETER },
		{ PAGE_EXECUTE, ERROR_INVALID_PARAMETER },
		{ PAGE_READONLY | PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ PAGE_READONLY | PAGE_WRITECOPY, ERROR_INVALID_PARAMETER },
		{ PAGE_READONLY | PAGE_EXECUTE, ERROR_INVALID_PARAMETER },
		{ PAGE_READWRITE | PAGE_EXECUTE_READ, ERROR_INVALID_PARAMETER },
		{ PAGE_NOACCESS | PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ 0xff, ERROR_INVALID_PARAMETER },
		{ PAGE_READWRITE | PAGE_GUARD, ERROR_INVALID_PARAMETER },
		{ PAGE_READWRITE | PAGE_NOCACHE, ERROR_INVALID_PARAMETER },
		{ PAGE_READWRITE | PAGE_WRITECOMBINE, ERROR_INVALID_PARAMETER },
		{ SEC_COMMIT, ERROR_INVALID_PARAMETER }, { SEC_RESERVE, ERROR_INVALID_PARAMETER },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%#x", (unsigned)cases[i].protection);
		CHECK_EQ(create_error(INVALID_HANDLE_VALUE, cases[i].protection, 0, PAGE), cases[i].error);
	}
}

/* '0': works, '5': ERROR_ACCESS_DENIED; by READONLY READWRITE WRITECOPY EXEC_READ EXEC_RW EXEC_WC. */
static const DWORD six[] = { PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, PAGE_EXECUTE_READ,
			     PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY };
static const char *const six_names[] = { "READONLY", "READWRITE", "WRITECOPY", "EXECUTE_READ",
					 "EXECUTE_READWRITE", "EXECUTE_WRITECOPY" };

TEST(protection_needs_rights_of_the_file_handle)
{
	static const struct { const char *name; DWORD access; const char *errors; } cases[] = {
		{ "none", 0, "555555" },
		{ "READ", GENERIC_READ, "050555" },
		{ "WRITE", GENERIC_WRITE, "555555" },
		{ "EXECUTE", GENERIC_EXECUTE, "555555" },
		{ "READ+WRITE", GENERIC_RW, "000555" },
		{ "READ+EXECUTE", GENERIC_READ | GENERIC_EXECUTE, "050050" },
		{ "WRITE+EXECUTE", GENERIC_WRITE | GENERIC_EXECUTE, "555555" },
		{ "READ+WRITE+EXECUTE", GENERIC_RWX, "000000" },
		{ "ALL", GENERIC_ALL, "000000" },
		{ "READ_DATA", FILE_READ_DATA, "050555" },
		{ "READ_DATA+WRITE_DATA", FILE_READ_DATA | FILE_WRITE_DATA, "000555" },
		{ "READ_ATTRIBUTES", FILE_READ_ATTRIBUTES, "555555" },
	};
	REQUIRE(CloseHandle(file_of("rights", PAGE, GENERIC_READ)));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE file = file_open("rights", cases[i].access, SHARE_ALL);

		REQUIRE(file != INVALID_HANDLE_VALUE);
		for (size_t k = 0; k < ARRAY_SIZE(six); k++) {
			check_row("%s %s", cases[i].name, six_names[k]);
			CHECK_EQ(create_error(file, six[k], 0, 0), cases[i].errors[k] - '0');
		}
		CHECK(CloseHandle(file));
	}
}

TEST(attributes_go_together_or_not)
{
	static const struct { const char *name; DWORD given, memory, file; } cases[] = {
		{ "COMMIT", SEC_COMMIT, 0, 0 },
		{ "RESERVE", SEC_RESERVE, 0, 0 },
		{ "COMMIT+NOCACHE", SEC_COMMIT | SEC_NOCACHE, 0, 0 },
		{ "RESERVE+NOCACHE", SEC_RESERVE | SEC_NOCACHE, 0, 0 },
		{ "COMMIT+WRITECOMBINE", SEC_COMMIT | SEC_WRITECOMBINE, 0, 0 },
		{ "RESERVE+WRITECOMBINE", SEC_RESERVE | SEC_WRITECOMBINE, 0, 0 },
		{ "RESERVE+COMMIT", SEC_RESERVE | SEC_COMMIT, 87, 87 },
		{ "NOCACHE", SEC_NOCACHE, 87, 87 },
		{ "WRITECOMBINE", SEC_WRITECOMBINE, 87, 87 },
		{ "LARGE_PAGES", SEC_LARGE_PAGES, 87, 87 },
		{ "RESERVE+LARGE_PAGES", SEC_RESERVE | SEC_LARGE_PAGES, 87, 87 },
		{ "FILE", SEC_FILE, 87, 87 },
		{ "FILE+COMMIT", SEC_FILE | SEC_COMMIT, 87, 87 },
		{ "FILE+RESERVE", SEC_FILE | SEC_RESERVE, 87, 87 },
		{ "FILE+IMAGE", SEC_FILE | SEC_IMAGE, 87, 87 },
		{ "IMAGE", SEC_IMAGE, 193, 193 },
		{ "IMAGE+COMMIT", SEC_IMAGE | SEC_COMMIT, 87, 87 },
		{ "IMAGE+RESERVE", SEC_IMAGE | SEC_RESERVE, 87, 87 },
		{ "IMAGE+LARGE_PAGES", SEC_IMAGE | SEC_LARGE_PAGES, 87, 87 },
		{ "IMAGE+WRITECOMBINE", SEC_IMAGE | SEC_WRITECOMBINE, 87, 87 },
	};
	HANDLE file = file_of("attributes", PAGE, GENERIC_RW);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("memory %s", cases[i].name);
		CHECK_EQ(create_error(INVALID_HANDLE_VALUE, PAGE_READWRITE | cases[i].given, 0, PAGE),
			 cases[i].memory);
		check_row("file %s", cases[i].name);
		CHECK_EQ(create_error(file, PAGE_READWRITE | cases[i].given, 0, PAGE), cases[i].file);
	}
	CHECK(CloseHandle(file));
}

TEST(attributes_are_reported_back)
{
	static const struct { const char *name; DWORD given, memory, file; } cases[] = {
		{ "none", 0, SEC_COMMIT, SEC_FILE },
		{ "COMMIT", SEC_COMMIT, SEC_COMMIT, SEC_FILE },
		{ "RESERVE", SEC_RESERVE, SEC_RESERVE, SEC_FILE },
		{ "COMMIT+NOCACHE", SEC_COMMIT | SEC_NOCACHE, SEC_COMMIT | SEC_NOCACHE, SEC_FILE | SEC_NOCACHE },
		{ "RESERVE+NOCACHE", SEC_RESERVE | SEC_NOCACHE, SEC_RESERVE | SEC_NOCACHE,
		  SEC_FILE | SEC_NOCACHE },
		{ "COMMIT+WRITECOMBINE", SEC_COMMIT | SEC_WRITECOMBINE, SEC_COMMIT | SEC_WRITECOMBINE,
		  SEC_FILE | SEC_WRITECOMBINE },
		{ "RESERVE+WRITECOMBINE", SEC_RESERVE | SEC_WRITECOMBINE, SEC_RESERVE | SEC_WRITECOMBINE,
		  SEC_FILE | SEC_WRITECOMBINE },
	};
	HANDLE file = file_of("reported", PAGE, GENERIC_RW);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section = memory_section(PAGE_READWRITE | cases[i].given, PAGE);

		check_row("memory %s", cases[i].name);
		CHECK_EQ(section_attributes(section), cases[i].memory);
		CHECK(CloseHandle(section));
		section = CreateFileMappingA(file, NULL, PAGE_READWRITE | cases[i].given, 0, 0, NULL);
		REQUIRE(section != NULL);
		check_row("file %s", cases[i].name);
		CHECK_EQ(section_attributes(section), cases[i].file);
		CHECK(CloseHandle(section));
	}
	CHECK(CloseHandle(file));
}

TEST(large_pages_need_a_privilege)
{
	CHECK_EQ(create_error(INVALID_HANDLE_VALUE, PAGE_READWRITE | SEC_COMMIT | SEC_LARGE_PAGES, 0, 0x200000),
		 ERROR_PRIVILEGE_NOT_HELD);
}

TEST(large_pages_are_for_memory_only)
{
	HANDLE file = file_of("large", PAGE, GENERIC_RW);

	CHECK_EQ(create_error(file, PAGE_READWRITE | SEC_COMMIT | SEC_LARGE_PAGES, 0, 0),
		 ERROR_INVALID_PARAMETER);
	CHECK(CloseHandle(file));
}

TEST(size_of_memory_is_rounded_to_pages)
{
	static const struct { DWORD size, rounded; } cases[] = {
		{ 1, 0x1000 }, { 4090, 0x1000 }, { 0x1000, 0x1000 }, { 0x1001, 0x2000 }, { 0x3452, 0x4000 },
		{ 0xffff, 0x10000 }, { 0x10000, 0x10000 }, { 0x10001, 0x11000 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section = memory_section(PAGE_READWRITE, cases[i].size);

		check_row("%#x", (unsigned)cases[i].size);
		CHECK_EQ(section_size(section), cases[i].rounded);
		CHECK(CloseHandle(section));
	}
}

/* Section sizes against a file of some length: the error, or the sizes of section and file after. */
static const struct {
	DWORD length, size, protection, error, section;
	ULONGLONG after;
} file_sizes[] = {
	{ 36, 0, PAGE_READONLY, 0, 36, 36 },
	{ 36, 1, PAGE_READONLY, 0, 1, 36 },
	{ 36, 36, PAGE_READONLY, 0, 36, 36 },
	{ 36, 37, PAGE_READONLY, ERROR_NOT_ENOUGH_MEMORY, 0, 36 },
	{ 36, 37, PAGE_WRITECOPY, ERROR_NOT_ENOUGH_MEMORY, 0, 36 },
	{ 36, 37, PAGE_EXECUTE_READ, ERROR_NOT_ENOUGH_MEMORY, 0, 36 },
	{ 36, 37, PAGE_EXECUTE_WRITECOPY, ERROR_NOT_ENOUGH_MEMORY, 0, 36 },
	{ 36, 0x1000, PAGE_READONLY, ERROR_NOT_ENOUGH_MEMORY, 0, 36 },
	{ 36, 37, PAGE_READWRITE, 0, 37, 37 },
	{ 36, 37, PAGE_EXECUTE_READWRITE, 0, 37, 37 },
	{ 36, 0x3456, PAGE_READWRITE, 0, 0x3456, 0x3456 },
	{ 0x3456, 0, PAGE_READWRITE, 0, 0x3456, 0x3456 },
	{ 0x3456, 0x1001, PAGE_READWRITE, 0, 0x1001, 0x3456 },
	{ 0, 0, PAGE_READONLY, ERROR_FILE_INVALID, 0, 0 },
	{ 0, 0, PAGE_READWRITE, ERROR_FILE_INVALID, 0, 0 },
	{ 0, 0, PAGE_WRITECOPY, ERROR_FILE_INVALID, 0, 0 },
	{ 0, 0, PAGE_EXECUTE_READWRITE, ERROR_FILE_INVALID, 0, 0 },
	{ 0, 2048, PAGE_READONLY, ERROR_NOT_ENOUGH_MEMORY, 0, 0 },
	{ 0, 2048, PAGE_READWRITE, 0, 2048, 2048 },
};

TEST(size_against_the_length_of_the_file)
{
	for (size_t i = 0; i < ARRAY_SIZE(file_sizes); i++) {
		HANDLE file = file_of("sized", file_sizes[i].length, GENERIC_RWX);
		HANDLE section = CreateFileMappingA(file, NULL, file_sizes[i].protection, 0,
						    file_sizes[i].size, NULL);

		check_row("length %u size %u protection %#x", (unsigned)file_sizes[i].length,
			  (unsigned)file_sizes[i].size, (unsigned)file_sizes[i].protection);
		CHECK_EQ(section ? 0 : GetLastError(), file_sizes[i].error);
		if (section) {
			CHECK_EQ(section_size(section), file_sizes[i].section);
			CHECK(CloseHandle(section));
		}
		CHECK_EQ(file_length(file), file_sizes[i].after);
		CHECK(CloseHandle(file));
	}
}

TEST(extended_file_reads_zero)
{
	HANDLE file = file_of("extended", 3, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0x2001, NULL);

	REQUIRE(section != NULL);
	CHECK_EQ(file_byte(file, 2), pattern(2));
	CHECK_EQ(file_byte(file, 3), 0);
	CHECK_EQ(file_byte(file, 0x2000), 0);
	CHECK(CloseHandle(section));
	CHECK(CloseHandle(file));
}

TEST(size_of_memory_has_limits)
{
	static const struct { const char *name; DWORD attributes, high, low, error; } cases[] = {
		{ "zero", SEC_COMMIT, 0, 0, ERROR_INVALID_PARAMETER },
		{ "zero reserved", SEC_RESERVE, 0, 0, ERROR_INVALID_PARAMETER },
		{ "minus one", SEC_COMMIT, 0xffffffff, 0xffffffff, ERROR_NOT_ENOUGH_MEMORY },
		{ "2^47", SEC_COMMIT, 0x8000, 0, ERROR_NOT_ENOUGH_MEMORY },
		{ "512 GiB committed", SEC_COMMIT, 0x80, 0, ERROR_COMMITMENT_LIMIT },
		{ "8 TiB reserved", SEC_RESERVE, 0x800, 0, ERROR_NO_SYSTEM_RESOURCES },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(create_error(INVALID_HANDLE_VALUE, PAGE_READWRITE | cases[i].attributes,
				      cases[i].high, cases[i].low), cases[i].error);
	}
}

TEST(disk_full_extends_nothing) /* 15 TiB: less than ext4's largest file, more than is free */
{
	HANDLE file = file_of("full", 36, GENERIC_RW);

	CHECK_EQ(create_error(file, PAGE_READWRITE, 15 << 8, 0), ERROR_DISK_FULL);
	CHECK_EQ(file_length(file), 36);
	CHECK(CloseHandle(file));
}

TEST(high_half_of_the_size_counts)
{
	HANDLE file = file_of("high", 36, GENERIC_READ);

	CHECK_EQ(create_error(file, PAGE_READONLY, 1, 0), ERROR_NOT_ENOUGH_MEMORY);
	CHECK(CloseHandle(file));
}

TEST(checks_come_in_order)
{
	HANDLE empty = file_of("empty", 0, GENERIC_READ);

	check_row("rights before length");
	CHECK_EQ(create_error(empty, PAGE_READWRITE, 0, 0), ERROR_ACCESS_DENIED);
	check_row("size against an empty file");
	CHECK_EQ(create_error(empty, PAGE_READONLY, 0, 2048), ERROR_NOT_ENOUGH_MEMORY);
	check_row("protection before size");
	CHECK_EQ(create_error(INVALID_HANDLE_VALUE, PAGE_NOACCESS, 0, 0), ERROR_INVALID_PARAMETER);
	check_row("protection before rights");
	CHECK_EQ(create_error(empty, PAGE_EXECUTE, 0, 0), ERROR_INVALID_PARAMETER);
	check_row("attributes before rights");
	CHECK_EQ(create_error(empty, PAGE_READWRITE | SEC_NOCACHE, 0, 0), ERROR_INVALID_PARAMETER);
	CHECK(CloseHandle(empty));
}

TEST(file_must_be_an_open_file)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	HANDLE closed = file_of("closed", PAGE, GENERIC_RW);
	HANDLE directory = CreateFileA(check_directory(), GENERIC_READ, SHARE_ALL, NULL, OPEN_EXISTING,
				       FILE_FLAG_BACKUP_SEMANTICS, NULL);

	REQUIRE(directory != INVALID_HANDLE_VALUE);
	REQUIRE(CloseHandle(closed));
	check_row("NULL");
	CHECK_EQ(create_error(NULL, PAGE_READONLY, 0, PAGE), ERROR_INVALID_HANDLE);
	check_row("garbage");
	CHECK_EQ(create_error(GARBAGE_HANDLE, PAGE_READONLY, 0, PAGE), ERROR_INVALID_HANDLE);
	check_row("closed");
	CHECK_EQ(create_error(closed, PAGE_READONLY, 0, PAGE), ERROR_INVALID_HANDLE);
	check_row("section");
	CHECK_EQ(create_error(section, PAGE_READONLY, 0, PAGE), ERROR_INVALID_HANDLE);
	check_row("directory");
	CHECK_EQ(create_error(directory, PAGE_READONLY, 0, PAGE), ERROR_BAD_EXE_FORMAT);
	CHECK(CloseHandle(directory));
	CHECK(CloseHandle(section));
}

TEST(new_memory_is_zero)
{
	HANDLE section = memory_section(PAGE_READWRITE, 3 * PAGE);
	unsigned char *view = map_all(section, FILE_MAP_READ);

	for (DWORD i = 0; i < 3 * PAGE; i++)
		REQUIRE_EQ(view[i], 0);
	CHECK(UnmapViewOfFile(view));
	CHECK(CloseHandle(section));
}

TEST(numa_node_changes_nothing_else)
{
	static const struct { DWORD node, protection, error; } cases[] = {
		{ 0xffffffff, PAGE_READWRITE, 0 }, { 0, PAGE_READWRITE, 0 },
		{ 0xffffffff, PAGE_NOACCESS, ERROR_INVALID_PARAMETER },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE a, w;

		check_row("node %u protection %#x", (unsigned)cases[i].node, (unsigned)cases[i].protection);
		SetLastError(UNTOUCHED);
		a = CreateFileMappingNumaA(INVALID_HANDLE_VALUE, NULL, cases[i].protection, 0, PAGE, NULL,
					   cases[i].node);
		CHECK_EQ(GetLastError(), cases[i].error);
		SetLastError(UNTOUCHED);
		w = CreateFileMappingNumaW(INVALID_HANDLE_VALUE, NULL, cases[i].protection, 0, PAGE, NULL,
					   cases[i].node);
		CHECK_EQ(GetLastError(), cases[i].error);
		CHECK_EQ(a != NULL, cases[i].error == 0);
		CHECK_EQ(w != NULL, cases[i].error == 0);
		if (a && w)
			CHECK(CloseHandle(a) && CloseHandle(w));
	}
}

TEST(from_app_takes_a_whole_size)
{
	HANDLE section = CALL(create_app)(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0x3452, NULL);

	REQUIRE(section != NULL);
	CHECK_EQ(section_size(section), 0x4000);
	CHECK(CloseHandle(section));
	CHECK_FAILS(CALL(create_app)(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, NULL),
		    ERROR_INVALID_PARAMETER);
}

TEST(create2_grants_the_access_asked_for)
{
	HANDLE section = CALL(create2)(INVALID_HANDLE_VALUE, NULL, FILE_MAP_READ, PAGE_READWRITE, SEC_COMMIT,
				       PAGE, NULL, NULL, 0);

	REQUIRE(section != NULL);
	CHECK_EQ(map_error(section, FILE_MAP_READ), 0);
	CHECK_EQ(map_error(section, FILE_MAP_WRITE), ERROR_ACCESS_DENIED);
	CHECK(CloseHandle(section));
}

TEST(create2_refuses_attributes_in_the_protection)
{
	CHECK_FAILS(CALL(create2)(INVALID_HANDLE_VALUE, NULL, FILE_MAP_READ, PAGE_READWRITE | SEC_RESERVE, 0,
				  PAGE, NULL, NULL, 0), ERROR_INVALID_PARAMETER);
}

TEST(no_change_views_keep_their_protection_and_place)
{
	HANDLE section = CALL(create2)(INVALID_HANDLE_VALUE, NULL, FILE_MAP_READ | FILE_MAP_WRITE,
				       PAGE_READWRITE, SEC_COMMIT | SEC_NO_CHANGE, PAGE, NULL, NULL, 0);
	DWORD old;
	unsigned char *view;

	REQUIRE(section != NULL);
	view = map_all(section, FILE_MAP_WRITE);
	CHECK(!VirtualProtect(view, PAGE, PAGE_READONLY, &old));
	CHECK(!UnmapViewOfFile(view));
	view[0] = 1;
	CHECK(CloseHandle(section));
}
