/* SPDX-License-Identifier: MIT */
/* The native calls: sections (win32-semantics 21.1-21.3, 21.6). */
#include "support.h"

static NTSTATUS create(HANDLE *ret_section, LONGLONG size, ULONG protection, ULONG attributes, HANDLE file)
{
	LARGE_INTEGER maximum;

	*ret_section = NULL;
	maximum.QuadPart = size;
	return CALL(nt_create)(ret_section, SECTION_ALL_ACCESS, NULL, &maximum, protection, attributes, file);
}

TEST(attributes_of_a_native_section)
{
	static const struct { const char *name; LONGLONG size; ULONG protection, attributes; NTSTATUS status; } cases[] = {
		{ "COMMIT", PAGE, PAGE_READWRITE, SEC_COMMIT, STATUS_SUCCESS },
		{ "RESERVE", PAGE, PAGE_READWRITE, SEC_RESERVE, STATUS_SUCCESS },
		{ "none", PAGE, PAGE_READWRITE, 0, STATUS_INVALID_PARAMETER_6 },
		{ "COMMIT+RESERVE", PAGE, PAGE_READWRITE, SEC_COMMIT | SEC_RESERVE, STATUS_INVALID_PARAMETER_6 },
		{ "IMAGE+COMMIT", PAGE, PAGE_READONLY, SEC_IMAGE | SEC_COMMIT, STATUS_INVALID_PARAMETER_6 },
		{ "all", PAGE, PAGE_READWRITE, 0xffffffff, STATUS_INVALID_PARAMETER_6 },
		{ "LARGE_PAGES", PAGE, PAGE_READWRITE, SEC_LARGE_PAGES, STATUS_INVALID_PARAMETER_6 },
		{ "NOCACHE", PAGE, PAGE_READWRITE, SEC_NOCACHE, STATUS_INVALID_PARAMETER_6 },
		{ "IMAGE", PAGE, PAGE_READONLY, SEC_IMAGE, STATUS_INVALID_FILE_FOR_SECTION },
		{ "size 0", 0, PAGE_READWRITE, SEC_COMMIT, STATUS_INVALID_PARAMETER_4 },
		{ "size -1", -1, PAGE_READWRITE, SEC_COMMIT, STATUS_SECTION_TOO_BIG },
		{ "NOACCESS", PAGE, PAGE_NOACCESS, SEC_COMMIT, STATUS_INVALID_PAGE_PROTECTION },
		{ "protection 0", PAGE, 0, SEC_COMMIT, STATUS_INVALID_PAGE_PROTECTION },
		{ "two protections", PAGE, PAGE_READONLY | PAGE_READWRITE, SEC_COMMIT, STATUS_INVALID_PAGE_PROTECTION },
		{ "GUARD", PAGE, PAGE_READWRITE | PAGE_GUARD, SEC_COMMIT, STATUS_INVALID_PAGE_PROTECTION },
		{ "EXECUTE", PAGE, PAGE_EXECUTE, SEC_COMMIT, STATUS_SUCCESS },
		{ "EXECUTE_READ", PAGE, PAGE_EXECUTE_READ, SEC_COMMIT, STATUS_SUCCESS },
		{ "EXECUTE_READWRITE", PAGE, PAGE_EXECUTE_READWRITE, SEC_COMMIT, STATUS_SUCCESS },
		{ "EXECUTE_WRITECOPY", PAGE, PAGE_EXECUTE_WRITECOPY, SEC_COMMIT, STATUS_SUCCESS },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section;

		check_row("%s", cases[i].name);
		CHECK_STATUS(create(&section, cases[i].size, cases[i].protection, cases[i].attributes, NULL),
			     cases[i].status);
		if (section)
			CHECK_STATUS(CALL(nt_close)(section), STATUS_SUCCESS);
	}
}

TEST(native_section_of_a_file)
{
	static const struct { const char *name; DWORD length; LONGLONG size; ULONG protection, attributes;
			      NTSTATUS status; LONGLONG got; } cases[] = {
		{ "whole", 36, 0, PAGE_READONLY, SEC_COMMIT, STATUS_SUCCESS, 36 },
		{ "part", 36, 10, PAGE_READONLY, SEC_COMMIT, STATUS_SUCCESS, 10 },
		{ "larger, READONLY", 36, 37, PAGE_READONLY, SEC_COMMIT, STATUS_SECTION_TOO_BIG, 0 },
		{ "larger, READWRITE", 36, 0x1001, PAGE_READWRITE, SEC_COMMIT, STATUS_SUCCESS, 0x1001 },
		{ "RESERVE", 36, 0, PAGE_READWRITE, SEC_RESERVE, STATUS_SUCCESS, 36 },
		{ "empty", 0, 0, PAGE_READONLY, SEC_COMMIT, STATUS_MAPPED_FILE_SIZE_ZERO, 0 },
		{ "empty, IMAGE", 0, 0, PAGE_READONLY, SEC_IMAGE, STATUS_INVALID_FILE_FOR_SECTION, 0 },
		{ "IMAGE of none", 36, 0, PAGE_READONLY, SEC_IMAGE, STATUS_INVALID_IMAGE_NOT_MZ, 0 },
		{ "LARGE_PAGES", 36, 0, PAGE_READWRITE, SEC_COMMIT | SEC_LARGE_PAGES, STATUS_INVALID_PARAMETER_6, 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE file = file_of("native", cases[i].length, GENERIC_RW), section;

		check_row("%s", cases[i].name);
		CHECK_STATUS(create(&section, cases[i].size, cases[i].protection, cases[i].attributes, file),
			     cases[i].status);
		if (section) {
			CHECK_EQ(section_size(section), cases[i].got);
			CHECK_STATUS(CALL(nt_close)(section), STATUS_SUCCESS);
		}
		CHECK(CloseHandle(file));
	}
}

TEST(file_of_a_native_section_must_be_one)
{
	HANDLE other = memory_section(PAGE_READWRITE, PAGE), section;

	check_row("garbage");
	CHECK_STATUS(create(&section, PAGE, PAGE_READONLY, SEC_COMMIT, GARBAGE_HANDLE), STATUS_INVALID_HANDLE);
	check_row("section");
	CHECK_STATUS(create(&section, PAGE, PAGE_READONLY, SEC_COMMIT, other), STATUS_OBJECT_TYPE_MISMATCH);
	CHECK(CloseHandle(other));
}

TEST(null_size_is_the_whole_file)
{
	HANDLE file = file_of("nullsize", 36, GENERIC_READ), section = NULL;

	check_row("file");
	CHECK_STATUS(CALL(nt_create)(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_COMMIT, file),
		     STATUS_SUCCESS);
	CHECK_EQ(section_size(section), 36);
	CHECK(CloseHandle(section) && CloseHandle(file));
	check_row("memory");
	CHECK_STATUS(CALL(nt_create)(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_COMMIT, NULL),
		     STATUS_INVALID_PARAMETER_4);
}

TEST(native_handle_has_the_access_asked_for)
{
	static const struct { const char *name; ACCESS_MASK access; DWORD read, write; } cases[] = {
		{ "READ", SECTION_MAP_READ, 0, 5 }, { "WRITE", SECTION_MAP_WRITE, 5, 0 },
		{ "READ+WRITE", SECTION_MAP_READ | SECTION_MAP_WRITE, 0, 0 }, { "QUERY", SECTION_QUERY, 5, 5 },
		{ "ALL", SECTION_ALL_ACCESS, 0, 0 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		LARGE_INTEGER size;
		HANDLE section = NULL;

		check_row("%s", cases[i].name);
		size.QuadPart = PAGE;
		CHECK_STATUS(CALL(nt_create)(&section, cases[i].access, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL),
			     STATUS_SUCCESS);
		CHECK_EQ(map_error(section, FILE_MAP_READ), cases[i].read);
		CHECK_EQ(map_error(section, FILE_MAP_WRITE), cases[i].write);
		CHECK(CloseHandle(section));
	}
}

/* A name below the directory that Win32 names live in; how it is spelled is the system's affair. */
static void attributes_of(OBJECT_ATTRIBUTES *attributes, UNICODE_STRING *string, const char *name, ULONG flags)
{
	static WCHAR buffer[300];
	const WCHAR *text = wide(name);
	USHORT n = 0;

	for (; text[n] && n < 299; n++)
		buffer[n] = text[n];
	string->Buffer = buffer;
	string->Length = (USHORT)(n * sizeof(WCHAR));
	string->MaximumLength = sizeof(buffer) - 1;
	InitializeObjectAttributes(attributes, string, flags, NULL, NULL);
}

static const char *global(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "\\BaseNamedObjects\\%s", name);
	return path;
}

TEST(native_name_is_the_win32_name)
{
	const char *name = check_name("native");
	OBJECT_ATTRIBUTES attributes;
	UNICODE_STRING string;
	LARGE_INTEGER size;
	HANDLE first = NULL, second = NULL, third;
	char prefixed[160];

	size.QuadPart = PAGE;
	attributes_of(&attributes, &string, global(name), 0);
	check_row("create");
	CHECK_STATUS(CALL(nt_create)(&first, SECTION_ALL_ACCESS, &attributes, &size, PAGE_READWRITE, SEC_COMMIT, NULL),
		     STATUS_SUCCESS);
	check_row("again");
	CHECK_STATUS(CALL(nt_create)(&second, SECTION_ALL_ACCESS, &attributes, &size, PAGE_READWRITE, SEC_COMMIT, NULL),
		     STATUS_OBJECT_NAME_COLLISION);
	check_row("again, OPENIF");
	attributes.Attributes = OBJ_OPENIF;
	CHECK_STATUS(CALL(nt_create)(&second, SECTION_ALL_ACCESS, &attributes, &size, PAGE_READWRITE, SEC_COMMIT, NULL),
		     STATUS_OBJECT_NAME_EXISTS);
	CHECK(CloseHandle(second));
	check_row("open");
	CHECK_STATUS(CALL(nt_open)(&second, SECTION_MAP_READ, &attributes), STATUS_SUCCESS);
	CHECK_EQ(map_error(second, FILE_MAP_WRITE), ERROR_ACCESS_DENIED);
	check_row("by Win32");
	snprintf(prefixed, sizeof(prefixed), "Global\\%s", name);
	third = OpenFileMappingA(FILE_MAP_READ, FALSE, prefixed);
	CHECK_WORKS(third != NULL);
	CHECK(CloseHandle(first) && CloseHandle(second) && CloseHandle(third));
	check_row("open after the last close");
	CHECK_STATUS(CALL(nt_open)(&second, SECTION_MAP_READ, &attributes), STATUS_OBJECT_NAME_NOT_FOUND);
}

TEST(native_open_has_its_errors)
{
	OBJECT_ATTRIBUTES attributes;
	UNICODE_STRING string;
	HANDLE section;
	static const struct { const char *name; NTSTATUS status; } cases[] = {
		{ "\\BaseNamedObjects\\there is none such", STATUS_OBJECT_NAME_NOT_FOUND },
		{ "", STATUS_OBJECT_PATH_SYNTAX_BAD },
		{ "relative", STATUS_OBJECT_PATH_SYNTAX_BAD },
		{ "\\BaseNamedObjects\\none\\such", STATUS_OBJECT_PATH_NOT_FOUND },
		{ "\\NoSuchDirectory\\x", STATUS_OBJECT_PATH_NOT_FOUND },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("'%s'", cases[i].name);
		attributes_of(&attributes, &string, cases[i].name, 0);
		CHECK_STATUS(CALL(nt_open)(&section, SECTION_MAP_READ, &attributes), cases[i].status);
	}
	check_row("no attributes");
	CHECK_STATUS(CALL(nt_open)(&section, SECTION_MAP_READ, NULL), STATUS_INVALID_PARAMETER);
}

TEST(query_takes_the_length_or_more)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE), file = file_of("query", 1, GENERIC_READ);
	struct { SECTION_BASIC_INFORMATION basic; char more; } buffer;
	SECTION_IMAGE_INFORMATION image;
	const struct { const char *name; HANDLE section; int class; void *to; SIZE_T length; NTSTATUS status; } cases[] = {
		{ "exact", section, 0, &buffer, sizeof(buffer.basic), STATUS_SUCCESS },
		{ "one more", section, 0, &buffer, sizeof(buffer.basic) + 1, STATUS_SUCCESS },
		{ "one less", section, 0, &buffer, sizeof(buffer.basic) - 1, STATUS_INFO_LENGTH_MISMATCH },
		{ "none", section, 0, &buffer, 0, STATUS_INFO_LENGTH_MISMATCH },
		{ "image", section, 1, &image, sizeof(image), STATUS_SECTION_NOT_IMAGE },
		{ "image, one less", section, 1, &image, sizeof(image) - 1, STATUS_INFO_LENGTH_MISMATCH },
		{ "class unknown", section, 99, &buffer, sizeof(buffer), STATUS_INVALID_INFO_CLASS },
		{ "garbage", GARBAGE_HANDLE, 0, &buffer, sizeof(buffer), STATUS_INVALID_HANDLE },
		{ "file", file, 0, &buffer, sizeof(buffer), STATUS_OBJECT_TYPE_MISMATCH },
		{ "into NULL", section, 0, NULL, sizeof(buffer.basic), STATUS_ACCESS_VIOLATION },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_STATUS(CALL(nt_query)(cases[i].section, (SECTION_INFORMATION_CLASS)cases[i].class, cases[i].to,
					    cases[i].length, NULL), cases[i].status);
	}
	CHECK(CloseHandle(section) && CloseHandle(file));
}

TEST(section_has_no_base_of_its_own)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	SECTION_BASIC_INFORMATION info;

	memset(&info, 0xaa, sizeof(info));
	CHECK_STATUS(CALL(nt_query)(section, SectionBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
	CHECK(info.BaseAddress == NULL);
	CHECK(CloseHandle(section));
}

TEST(extend_grows_file_and_section)
{
	HANDLE file = file_of("extend", PAGE, GENERIC_RW), section;
	LARGE_INTEGER size;
	unsigned char *view, *longer;

	REQUIRE(create(&section, 0, PAGE_READWRITE, SEC_COMMIT, file) == STATUS_SUCCESS);
	view = map_all(section, FILE_MAP_WRITE);
	size.QuadPart = 5 * PAGE;
	CHECK_STATUS(CALL(nt_extend)(section, &size), STATUS_SUCCESS);
	CHECK_EQ(size.QuadPart, 5 * PAGE);
	CHECK_EQ(section_size(section), 5 * PAGE);
	CHECK_EQ(file_length(file), 5 * PAGE);
	longer = map_all(section, FILE_MAP_WRITE);
	longer[4 * PAGE] = 1;
	view[0] = 2;
	CHECK_EQ(longer[0], 2);
	CHECK(UnmapViewOfFile(view) && UnmapViewOfFile(longer) && CloseHandle(section) && CloseHandle(file));
}

TEST(extend_has_its_errors)
{
	HANDLE file = file_of("noextend", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	LARGE_INTEGER size;

	size.QuadPart = 2 * PAGE;
	check_row("handle without the right");
	CHECK_STATUS(CALL(nt_extend)(section, &size), STATUS_ACCESS_DENIED);
	check_row("garbage");
	CHECK_STATUS(CALL(nt_extend)(GARBAGE_HANDLE, &size), STATUS_INVALID_HANDLE);
	check_row("file");
	CHECK_STATUS(CALL(nt_extend)(file, &size), STATUS_OBJECT_TYPE_MISMATCH);
	CHECK_EQ(file_length(file), PAGE);
	CHECK(CloseHandle(section) && CloseHandle(file));
}

TEST(native_close_has_its_errors)
{
	check_row("garbage");
	CHECK_STATUS(CALL(nt_close)(GARBAGE_HANDLE), STATUS_INVALID_HANDLE);
	check_row("NULL");
	CHECK_STATUS(CALL(nt_close)(NULL), STATUS_INVALID_HANDLE);
}
