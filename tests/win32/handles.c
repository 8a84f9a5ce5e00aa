/* SPDX-License-Identifier: MIT */
/* CloseHandle, DuplicateHandle, handle flags, CompareObjectHandles (win32-semantics 5.7, 19). */
#include "support.h"

static HANDLE duplicate(HANDLE source, DWORD access, DWORD options)
{
	HANDLE copy = NULL;

	REQUIRE_WORKS(DuplicateHandle(GetCurrentProcess(), source, GetCurrentProcess(), &copy, access, FALSE,
				      options));
	return copy;
}

TEST(close_ends_the_handle)
{
	HANDLE file = file_of("close", PAGE, GENERIC_READ);
	const struct { const char *name; HANDLE handle; } cases[] = {
		{ "section", memory_section(PAGE_READWRITE, PAGE) }, { "file", file },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_WORKS(CloseHandle(cases[i].handle));
		CHECK_FAILS(CloseHandle(cases[i].handle), ERROR_INVALID_HANDLE);
	}
	check_row("NULL");
	CHECK_FAILS(CloseHandle(NULL), ERROR_INVALID_HANDLE);
	check_row("garbage");
	CHECK_FAILS(CloseHandle(GARBAGE_HANDLE), ERROR_INVALID_HANDLE);
	check_row("the pseudo handle of the process");
	CHECK_WORKS(CloseHandle(GetCurrentProcess()));
}

/* NONE READ COPY WRITE X+READ: '0' works, '5' denied. */
TEST(duplicate_has_the_access_asked_for)
{
	static const DWORD views[] = { 0, FILE_MAP_READ, FILE_MAP_COPY, FILE_MAP_WRITE,
				       FILE_MAP_EXECUTE | FILE_MAP_READ };
	static const struct { const char *name; DWORD access, options; const char *errors; } cases[] = {
		{ "same", 0, DUPLICATE_SAME_ACCESS, "00000" },
		{ "none", 0, 0, "55555" },
		{ "READ", FILE_MAP_READ, 0, "00055" },
		{ "READ+QUERY", FILE_MAP_READ | SECTION_QUERY, 0, "00055" },
		{ "WRITE", FILE_MAP_WRITE, 0, "55505" },
		{ "READ+WRITE", FILE_MAP_READ | FILE_MAP_WRITE, 0, "00005" },
		{ "READ+MAP_EXECUTE", FILE_MAP_READ | SECTION_MAP_EXECUTE, 0, "00050" },
		{ "GENERIC_READ", GENERIC_READ, 0, "00055" },
		{ "GENERIC_WRITE", GENERIC_WRITE, 0, "55505" },
		{ "GENERIC_ALL", GENERIC_ALL, 0, "00000" },
		{ "ALL_ACCESS", FILE_MAP_ALL_ACCESS, 0, "00000" },
	};
	HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE copy = duplicate(section, cases[i].access, cases[i].options);

		for (size_t k = 0; k < ARRAY_SIZE(views); k++) {
			check_row("%s view %#x", cases[i].name, (unsigned)views[k]);
			CHECK_EQ(map_error(copy, views[k]), cases[i].errors[k] - '0');
		}
		CHECK(CloseHandle(copy));
	}
	CHECK(CloseHandle(section));
}

TEST(duplicate_may_raise_the_rights_of_a_section)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE), weak, strong;

	weak = duplicate(section, FILE_MAP_READ, 0);
	CHECK_EQ(map_error(weak, FILE_MAP_WRITE), ERROR_ACCESS_DENIED);
	strong = duplicate(weak, GENERIC_ALL, 0);
	CHECK_EQ(map_error(strong, FILE_MAP_WRITE), 0);
	CHECK(CloseHandle(weak) && CloseHandle(strong) && CloseHandle(section));
}

TEST(raised_rights_stay_below_the_protection)
{
	HANDLE section = memory_section(PAGE_READONLY, PAGE), strong = duplicate(section, GENERIC_ALL, 0);

	CHECK_EQ(map_error(strong, FILE_MAP_WRITE), ERROR_INVALID_PARAMETER);
	CHECK(CloseHandle(strong) && CloseHandle(section));
}

TEST(duplicate_lives_alone)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE), copy = duplicate(section, 0, DUPLICATE_SAME_ACCESS);

	CHECK(copy != section);
	CHECK(CloseHandle(section));
	CHECK_EQ(map_error(copy, FILE_MAP_WRITE), 0);
	CHECK(CloseHandle(copy));
}

TEST(close_source_closes_always)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE), copy = NULL;

	check_row("success");
	CHECK_WORKS(DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &copy, 0, FALSE,
				    DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
	CHECK_EQ(map_error(copy, FILE_MAP_WRITE), 0);
	check_row("no target");
	CHECK_WORKS(DuplicateHandle(GetCurrentProcess(), copy, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE));
	CHECK_FAILS(CloseHandle(copy), ERROR_INVALID_HANDLE);
}

TEST(duplicate_refuses_wrong_handles)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE), self = GetCurrentProcess(), copy;
	const struct { const char *name; HANDLE from, source, to; } cases[] = {
		{ "source process NULL", NULL, section, self },
		{ "source process garbage", GARBAGE_HANDLE, section, self },
		{ "source process a section", section, section, self },
		{ "source garbage", self, GARBAGE_HANDLE, self },
		{ "source NULL", self, NULL, self },
		{ "target process garbage", self, section, GARBAGE_HANDLE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(DuplicateHandle(cases[i].from, cases[i].source, cases[i].to, &copy, 0, FALSE,
					    DUPLICATE_SAME_ACCESS), ERROR_INVALID_HANDLE);
	}
	CHECK(CloseHandle(section));
}

TEST(file_handles_are_duplicated)
{
	HANDLE file = file_of("dupfile", 10, GENERIC_RW), copy = duplicate(file, 0, DUPLICATE_SAME_ACCESS);

	REQUIRE(CloseHandle(file));
	CHECK_EQ(file_length(copy), 10);
	CHECK_EQ(file_byte(copy, 3), pattern(3));
	CHECK(CloseHandle(copy));
}

TEST(duplicates_of_a_file_share_its_pointer)
{
	HANDLE file = file_of("pointer", 10, GENERIC_READ), copy = duplicate(file, 0, DUPLICATE_SAME_ACCESS);

	CHECK_EQ(SetFilePointer(file, 7, NULL, FILE_BEGIN), 7);
	CHECK_EQ(SetFilePointer(copy, 0, NULL, FILE_CURRENT), 7);
	CHECK(CloseHandle(file) && CloseHandle(copy));
}

TEST(inherit_flag_is_set_and_told)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE }, keep = { sizeof(keep), NULL, FALSE };
	HANDLE handles[4];
	static const DWORD expected[] = { 0, 0, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT };
	DWORD flags;

	handles[0] = memory_section(PAGE_READWRITE, PAGE);
	handles[1] = CreateFileMappingA(INVALID_HANDLE_VALUE, &keep, PAGE_READWRITE, 0, PAGE, NULL);
	handles[2] = CreateFileMappingA(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE, 0, PAGE, NULL);
	REQUIRE(DuplicateHandle(GetCurrentProcess(), handles[0], GetCurrentProcess(), &handles[3], 0, TRUE,
				DUPLICATE_SAME_ACCESS));
	for (size_t i = 0; i < ARRAY_SIZE(handles); i++) {
		check_row("%u", (unsigned)i);
		flags = UNTOUCHED;
		CHECK_WORKS(GetHandleInformation(handles[i], &flags));
		CHECK_EQ(flags, expected[i]);
		CHECK_WORKS(SetHandleInformation(handles[i], HANDLE_FLAG_INHERIT, expected[i] ^ HANDLE_FLAG_INHERIT));
		CHECK_WORKS(GetHandleInformation(handles[i], &flags));
		CHECK_EQ(flags, expected[i] ^ HANDLE_FLAG_INHERIT);
		CHECK(CloseHandle(handles[i]));
	}
}

TEST(protected_handle_does_not_close)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	DWORD flags = 0;

	CHECK_WORKS(SetHandleInformation(section, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
	CHECK_WORKS(GetHandleInformation(section, &flags));
	CHECK_EQ(flags, HANDLE_FLAG_PROTECT_FROM_CLOSE);
	CHECK_FAILS(CloseHandle(section), ERROR_INVALID_HANDLE);
	CHECK_EQ(map_error(section, FILE_MAP_READ), 0);
	CHECK_WORKS(SetHandleInformation(section, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
	CHECK_WORKS(CloseHandle(section));
}

TEST(handle_information_refuses_wrong_arguments)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	DWORD flags;

	check_row("get garbage");
	CHECK_FAILS(GetHandleInformation(GARBAGE_HANDLE, &flags), ERROR_INVALID_HANDLE);
	check_row("get NULL");
	CHECK_FAILS(GetHandleInformation(NULL, &flags), ERROR_INVALID_HANDLE);
	check_row("set garbage");
	CHECK_FAILS(SetHandleInformation(GARBAGE_HANDLE, HANDLE_FLAG_INHERIT, 0), ERROR_INVALID_HANDLE);
	check_row("set unknown flags");
	CHECK_FAILS(SetHandleInformation(section, 0x10, 0x10), ERROR_INVALID_PARAMETER);
	check_row("get into NULL");
	CHECK_FAILS(GetHandleInformation(section, NULL), ERROR_NOACCESS);
	CHECK(CloseHandle(section));
}

TEST(compare_knows_the_object)
{
	const char *name = check_name("same");
	HANDLE first = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, name);
	HANDLE second = OpenFileMappingA(FILE_MAP_READ, FALSE, name), other = memory_section(PAGE_READWRITE, PAGE);
	HANDLE copy = duplicate(other, FILE_MAP_READ, 0), file = file_of("compare", 1, GENERIC_READ);
	HANDLE file_copy = duplicate(file, 0, DUPLICATE_SAME_ACCESS), reopened = file_open("compare", GENERIC_READ, SHARE_ALL);
	const struct { const char *name; HANDLE a, b; DWORD error; } cases[] = {
		{ "itself", first, first, 0 }, { "by name", first, second, 0 }, { "duplicate", other, copy, 0 },
		{ "file duplicate", file, file_copy, 0 },
		{ "two sections", first, other, ERROR_NOT_SAME_OBJECT },
		{ "section and file", first, file, ERROR_NOT_SAME_OBJECT },
		{ "file opened twice", file, reopened, ERROR_NOT_SAME_OBJECT },
		{ "garbage", first, GARBAGE_HANDLE, ERROR_INVALID_HANDLE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		BOOL same;

		check_row("%s", cases[i].name);
		SetLastError(UNTOUCHED);
		same = CALL(same_object)(cases[i].a, cases[i].b);
		CHECK_EQ(same ? 0 : GetLastError(), cases[i].error);
	}
	CHECK(CloseHandle(first) && CloseHandle(second) && CloseHandle(other) && CloseHandle(copy));
	CHECK(CloseHandle(file) && CloseHandle(file_copy) && CloseHandle(reopened));
}

TEST(last_error_is_the_threads_own)
{
	SetLastError(12345);
	CHECK_EQ(GetLastError(), 12345);
	SetLastError(0xffffffff);
	CHECK_EQ(GetLastError(), 0xffffffffu);
}
