/* SPDX-License-Identifier: MIT */
/* Names of sections: who made it, what is a name, when it dies, what an opened handle may (4.7, 4.8, 5.1). */
#include "support.h"

#define SIZE 0x3000

static HANDLE named(DWORD protection, DWORD size, const char *name)
{
	return CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, protection, 0, size, name);
}

TEST(creator_gets_0_and_the_second_183)
{
	const char *name = check_name("who");
	HANDLE first, second;

	SetLastError(UNTOUCHED);
	first = named(PAGE_READWRITE, SIZE, name);
	REQUIRE(first != NULL);
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	SetLastError(UNTOUCHED);
	second = named(PAGE_READWRITE, SIZE, name);
	REQUIRE(second != NULL);
	CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
	CHECK(CloseHandle(first) && CloseHandle(second));
}

TEST(existing_section_keeps_its_size)
{
	static const DWORD sizes[] = { 1, SIZE, 0x10000 };
	const char *name = check_name("size");
	HANDLE first = named(PAGE_READWRITE, SIZE, name);

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		HANDLE second = named(PAGE_READWRITE, sizes[i], name);

		check_row("%#x", (unsigned)sizes[i]);
		REQUIRE(second != NULL);
		CHECK_EQ(section_size(second), SIZE);
		CHECK(CloseHandle(second));
	}
	CHECK(CloseHandle(first));
}

TEST(existing_section_ignores_the_file_given)
{
	const char *name = check_name("file");
	HANDLE first = named(PAGE_READWRITE, SIZE, name), file = file_of("other", PAGE, GENERIC_RW);
	HANDLE second = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, name);

	REQUIRE(second != NULL);
	CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
	CHECK_EQ(section_attributes(second), SEC_COMMIT);
	CHECK(CloseHandle(second) && CloseHandle(file) && CloseHandle(first));
}

TEST(bad_arguments_fail_although_the_name_exists)
{
	const char *name = check_name("bad");
	HANDLE first = named(PAGE_READWRITE, SIZE, name);

	check_row("protection");
	CHECK_FAILS(named(PAGE_NOACCESS, SIZE, name), ERROR_INVALID_PARAMETER);
	check_row("size 0");
	CHECK_FAILS(named(PAGE_READWRITE, 0, name), ERROR_INVALID_PARAMETER);
	check_row("file");
	CHECK_FAILS(CreateFileMappingA(GARBAGE_HANDLE, NULL, PAGE_READWRITE, 0, PAGE, name),
		    ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(first));
}

TEST(second_creator_has_the_rights_its_protection_implies)
{
	static const struct { const char *name; DWORD protection, read, write, execute; } cases[] = {
		{ "READONLY", PAGE_READONLY, 0, 5, 5 },
		{ "WRITECOPY", PAGE_WRITECOPY, 0, 5, 5 },
		{ "READWRITE", PAGE_READWRITE, 0, 0, 5 },
		{ "EXECUTE_READ", PAGE_EXECUTE_READ, 0, 5, 0 },
		{ "EXECUTE_READWRITE", PAGE_EXECUTE_READWRITE, 0, 0, 0 },
	};
	const char *name = check_name("rights");
	HANDLE first = named(PAGE_EXECUTE_READWRITE, SIZE, name);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE second = named(cases[i].protection, SIZE, name);

		check_row("%s", cases[i].name);
		REQUIRE(second != NULL);
		CHECK_EQ(map_error(second, FILE_MAP_READ), cases[i].read);
		CHECK_EQ(map_error(second, FILE_MAP_WRITE), cases[i].write);
		CHECK_EQ(map_error(second, FILE_MAP_READ | FILE_MAP_EXECUTE), cases[i].execute);
		CHECK(CloseHandle(second));
	}
	CHECK(CloseHandle(first));
}

TEST(name_dies_with_the_last_handle_though_a_view_lives)
{
	const char *name = check_name("dies");
	HANDLE section = named(PAGE_READWRITE, SIZE, name);
	unsigned char *view = map_all(section, FILE_MAP_WRITE), *fresh;

	view[0] = 7;
	CHECK(CloseHandle(section));
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_FILE_NOT_FOUND);
	SetLastError(UNTOUCHED);
	section = named(PAGE_READWRITE, SIZE, name);
	REQUIRE(section != NULL);
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	fresh = map_all(section, FILE_MAP_READ);
	CHECK_EQ(fresh[0], 0);
	CHECK_EQ(view[0], 7);
	CHECK(UnmapViewOfFile(fresh) && UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(name_of_a_file_section_dies_too)
{
	const char *name = check_name("filedies");
	HANDLE file = file_of("named", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, name);
	unsigned char *view = map_all(section, FILE_MAP_READ);

	CHECK(CloseHandle(section));
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_FILE_NOT_FOUND);
	CHECK_EQ(view[1], pattern(1));
	CHECK(UnmapViewOfFile(view) && CloseHandle(file));
}

TEST(name_lives_as_long_as_any_handle)
{
	const char *name = check_name("lives");
	HANDLE first = named(PAGE_READWRITE, SIZE, name);
	HANDLE second = OpenFileMappingA(FILE_MAP_READ, FALSE, name), third;

	REQUIRE(second != NULL);
	CHECK(CloseHandle(first));
	third = OpenFileMappingA(FILE_MAP_WRITE, FALSE, name);
	CHECK(third != NULL);
	CHECK(CloseHandle(second) && CloseHandle(third));
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_FILE_NOT_FOUND);
}

/* A row's name, with %s replaced by one that nothing else uses. */
static const char *fill(const char *format)
{
	static char filled[4][1024];
	static unsigned next;
	char *to = filled[next++ % 4];
	const char *mark = strstr(format, "%s");

	if (!mark)
		return format;
	snprintf(to, sizeof(filled[0]), "%.*s%s%s", (int)(mark - format), format, check_name("n"), mark + 2);
	return to;
}

TEST(characters_of_a_name)
{
	static const struct { const char *format; DWORD error; } cases[] = {
		{ "%s", 0 }, { "Local\\%s", 0 }, { "Global\\%s", 0 }, { "Global/PostgreSQL:%s", 0 },
		{ "$rFactor2SMMP_%s$", 0 }, { "with space %s", 0 }, { " %s ", 0 }, { "%s.dot", 0 },
		{ ".%s", 0 }, { "..%s", 0 }, { "%s/../x", 0 }, { "*?<>%s\"", 0 }, { "%s:stream", 0 },
		{ "{%s-4a1b}", 0 }, { "\xc3\xa4%s\xc3\xb6", 0 }, { "Local\\a/b/%s", 0 }, { "%%%s%%", 0 },
		{ "a\\%s", ERROR_PATH_NOT_FOUND }, { "Local\\a\\%s", ERROR_PATH_NOT_FOUND },
		{ "Global\\a\\%s", ERROR_PATH_NOT_FOUND }, { "local\\%s", ERROR_PATH_NOT_FOUND },
		{ "GLOBAL\\%s", ERROR_PATH_NOT_FOUND }, { "%s\\", ERROR_PATH_NOT_FOUND },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const WCHAR *name = wide(fill(cases[i].format));
		HANDLE section, opened;

		check_row("%u", (unsigned)i);
		SetLastError(UNTOUCHED);
		section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, name);
		CHECK_EQ(GetLastError(), cases[i].error);
		CHECK_EQ(section != NULL, cases[i].error == 0);
		if (!section)
			continue;
		CHECK((opened = OpenFileMappingW(FILE_MAP_READ, FALSE, name)) != NULL);
		CHECK(CloseHandle(section) && CloseHandle(opened));
	}
}

TEST(local_prefix_is_the_default)
{
	char prefixed[160];
	const char *name = check_name("plain");
	HANDLE section = named(PAGE_READWRITE, PAGE, name), opened;

	snprintf(prefixed, sizeof(prefixed), "Local\\%s", name);
	opened = OpenFileMappingA(FILE_MAP_READ, FALSE, prefixed);
	REQUIRE(opened != NULL);
	CHECK(CALL(same_object)(section, opened));
	CHECK(CloseHandle(section) && CloseHandle(opened));
}

TEST(forward_slash_selects_no_namespace)
{
	char slash[160], backslash[160];
	const char *name = check_name("slash");
	HANDLE section;

	snprintf(slash, sizeof(slash), "Global/%s", name);
	snprintf(backslash, sizeof(backslash), "Global\\%s", name);
	section = named(PAGE_READWRITE, PAGE, slash);
	REQUIRE(section != NULL);
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, backslash), ERROR_FILE_NOT_FOUND);
	CHECK(CloseHandle(section));
}

TEST(names_are_case_sensitive)
{
	char upper[160];
	const char *lower = check_name("case");
	HANDLE first = named(PAGE_READWRITE, PAGE, lower), second;

	snprintf(upper, sizeof(upper), "C%s", lower + 1);
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, upper), ERROR_FILE_NOT_FOUND);
	SetLastError(UNTOUCHED);
	second = named(PAGE_READWRITE, PAGE, upper);
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	CHECK(CloseHandle(first) && CloseHandle(second));
}

TEST(empty_name_is_no_name)
{
	HANDLE first = named(PAGE_READWRITE, PAGE, ""), second;

	REQUIRE(first != NULL);
	SetLastError(UNTOUCHED);
	second = named(PAGE_READWRITE, PAGE, "");
	REQUIRE(second != NULL);
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	CHECK(!CALL(same_object)(first, second));
	CHECK(CloseHandle(first) && CloseHandle(second));
}

TEST(narrow_names_end_at_260_characters)
{
	static const struct { int length; DWORD error; } cases[] = {
		{ 200, 0 }, { 259, 0 }, { 300, ERROR_FILENAME_EXCED_RANGE }, { 1000, ERROR_FILENAME_EXCED_RANGE },
	};
	const char *unique = check_name("long");
	char name[1001];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section;

		check_row("%d", cases[i].length);
		memset(name, 'x', sizeof(name));
		memcpy(name, unique, strlen(unique));
		name[cases[i].length] = 0;
		SetLastError(UNTOUCHED);
		section = named(PAGE_READWRITE, PAGE, name);
		CHECK_EQ(GetLastError(), cases[i].error);
		CHECK_EQ(section != NULL, cases[i].error == 0);
		if (section)
			CHECK(CloseHandle(section));
	}
}

TEST(wide_names_may_be_long)
{
	static const struct { size_t length; DWORD error; } cases[] = {
		{ 300, 0 }, { 5000, 0 }, { 30000, 0 }, { 32767, ERROR_INVALID_NAME },
	};
	static WCHAR name[32768];
	const char *unique = check_name("long");
	const WCHAR *start = wide(unique);

	for (size_t i = 0; i < 32767; i++)
		name[i] = i < strlen(unique) ? start[i] : 'x';
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section;
		WCHAR cut = name[cases[i].length];

		check_row("%u", (unsigned)cases[i].length);
		name[cases[i].length] = 0;
		SetLastError(UNTOUCHED);
		section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, name);
		CHECK_EQ(GetLastError(), cases[i].error);
		name[cases[i].length] = cut;
		if (section)
			CHECK(CloseHandle(section));
	}
}

TEST(narrow_and_wide_spell_one_name)
{
	const char *name = check_name("both");
	HANDLE section = named(PAGE_READWRITE, PAGE, name);
	HANDLE opened = OpenFileMappingW(FILE_MAP_READ, FALSE, wide(name));

	REQUIRE(opened != NULL);
	CHECK(CALL(same_object)(section, opened));
	CHECK(CloseHandle(section) && CloseHandle(opened));
}

TEST(open_tells_why_it_failed)
{
	static const struct { const char *name; DWORD error; } cases[] = {
		{ "there is none such", ERROR_FILE_NOT_FOUND }, { "Local\\none", ERROR_FILE_NOT_FOUND },
		{ "Global\\none", ERROR_FILE_NOT_FOUND }, { "a\\b", ERROR_PATH_NOT_FOUND },
		{ "Local\\a\\b", ERROR_PATH_NOT_FOUND }, { "local\\x", ERROR_PATH_NOT_FOUND },
		{ "", ERROR_INVALID_HANDLE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("narrow %s", cases[i].name);
		CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, cases[i].name), cases[i].error);
		check_row("wide %s", cases[i].name);
		CHECK_FAILS(OpenFileMappingW(FILE_MAP_READ, FALSE, wide(cases[i].name)), cases[i].error);
	}
	check_row("narrow NULL");
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, NULL), ERROR_INVALID_PARAMETER);
	check_row("wide NULL");
	CHECK_FAILS(OpenFileMappingW(FILE_MAP_READ, FALSE, NULL), ERROR_INVALID_PARAMETER);
}

/* Which views a handle opened so maps: '0' works, '5' denied. NONE READ COPY WRITE X+READ X+COPY X+WRITE */
TEST(opened_handle_maps_what_it_asked_for)
{
	static const DWORD views[] = { 0, FILE_MAP_READ, FILE_MAP_COPY, FILE_MAP_WRITE,
				       FILE_MAP_EXECUTE | FILE_MAP_READ, FILE_MAP_EXECUTE | FILE_MAP_COPY,
				       FILE_MAP_EXECUTE | FILE_MAP_WRITE };
	static const struct { const char *name; DWORD access; const char *errors; } cases[] = {
		{ "COPY", FILE_MAP_COPY, "0005555" },
		{ "READ", FILE_MAP_READ, "0005555" },
		{ "WRITE", FILE_MAP_WRITE, "5550555" },
		{ "READ+WRITE", FILE_MAP_READ | FILE_MAP_WRITE, "0000555" },
		{ "QUERY+READ", SECTION_QUERY | FILE_MAP_READ, "0005555" },
		{ "READ+EXECUTE", FILE_MAP_READ | FILE_MAP_EXECUTE, "0005005" },
		{ "WRITE+EXECUTE", FILE_MAP_WRITE | FILE_MAP_EXECUTE, "5550550" },
		{ "READ+WRITE+EXECUTE", FILE_MAP_READ | FILE_MAP_WRITE | FILE_MAP_EXECUTE, "0000000" },
		{ "ALL_ACCESS", FILE_MAP_ALL_ACCESS, "0000000" },
		{ "GENERIC_READ", GENERIC_READ, "0005555" },
		{ "GENERIC_WRITE", GENERIC_WRITE, "5550555" },
		{ "GENERIC_READ+WRITE", GENERIC_RW, "0000555" },
		{ "GENERIC_READ+EXECUTE", GENERIC_READ | GENERIC_EXECUTE, "0005005" },
		{ "GENERIC_ALL", GENERIC_ALL, "0000000" },
	};
	const char *name = check_name("opened");
	HANDLE section = named(PAGE_EXECUTE_READWRITE, PAGE, name);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE opened = OpenFileMappingA(cases[i].access, FALSE, name);

		REQUIRE(opened != NULL);
		for (size_t k = 0; k < ARRAY_SIZE(views); k++) {
			check_row("%s view %#x", cases[i].name, (unsigned)views[k]);
			CHECK_EQ(map_error(opened, views[k]), cases[i].errors[k] - '0');
		}
		CHECK(CloseHandle(opened));
	}
	CHECK(CloseHandle(section));
}

TEST(query_needs_the_query_right)
{
	static const struct { DWORD access; NTSTATUS status; } cases[] = {
		{ FILE_MAP_READ, STATUS_ACCESS_DENIED }, { FILE_MAP_WRITE, STATUS_ACCESS_DENIED },
		{ SECTION_QUERY | FILE_MAP_READ, STATUS_SUCCESS }, { FILE_MAP_ALL_ACCESS, STATUS_SUCCESS },
		{ GENERIC_READ, STATUS_SUCCESS },
	};
	const char *name = check_name("query");
	HANDLE section = named(PAGE_READWRITE, PAGE, name);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		SECTION_BASIC_INFORMATION info;
		HANDLE opened = OpenFileMappingA(cases[i].access, FALSE, name);

		check_row("%#x", (unsigned)cases[i].access);
		REQUIRE(opened != NULL);
		CHECK_STATUS(CALL(nt_query)(opened, SectionBasicInformation, &info, sizeof(info), NULL),
			     cases[i].status);
		CHECK(CloseHandle(opened));
	}
	CHECK(CloseHandle(section));
}

TEST(open_leaves_no_183)
{
	const char *name = check_name("no183");
	HANDLE section = named(PAGE_READWRITE, PAGE, name), opened;

	SetLastError(UNTOUCHED);
	opened = OpenFileMappingA(FILE_MAP_READ, FALSE, name);
	CHECK(opened != NULL);
	CHECK(GetLastError() != ERROR_ALREADY_EXISTS);
	CHECK(CloseHandle(opened) && CloseHandle(section));
}

TEST(from_app_opens_by_name)
{
	const char *name = check_name("app");
	HANDLE section = CALL(create_app)(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, PAGE, wide(name)), opened;

	REQUIRE(section != NULL);
	opened = CALL(open_app)(FILE_MAP_READ, FALSE, wide(name));
	REQUIRE(opened != NULL);
	CHECK_EQ(map_error(opened, FILE_MAP_READ), 0);
	CHECK_EQ(map_error(opened, FILE_MAP_WRITE), ERROR_ACCESS_DENIED);
	CHECK(CloseHandle(opened) && CloseHandle(section));
}

TEST(create2_by_name)
{
	const char *name = check_name("two");
	HANDLE section = CALL(create2)(INVALID_HANDLE_VALUE, NULL, FILE_MAP_ALL_ACCESS, PAGE_READWRITE,
				       SEC_COMMIT, PAGE, wide(name), NULL, 0), opened;

	REQUIRE(section != NULL);
	opened = OpenFileMappingA(FILE_MAP_READ, FALSE, name);
	CHECK(opened != NULL);
	CHECK(CloseHandle(opened) && CloseHandle(section));
}
