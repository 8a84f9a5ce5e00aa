/* SPDX-License-Identifier: MIT */
/* Two processes: names, inheritance, duplication, lifetime, rules between them (2.13, 10, 11, 22.2). */
#include "support.h"

#define SIZE (4 * PAGE)

CHILD(opens_by_name) /* writes 2 at 1 through a writable view, 3 at 2 through a copy */
{
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, check_argument(0));
	unsigned char *view, *copy;

	CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
	REQUIRE(section != NULL);
	view = map_all(section, FILE_MAP_WRITE);
	copy = map_all(section, FILE_MAP_COPY);
	CHECK_EQ(view[0], 1);
	view[1] = 2;
	copy[2] = 3;
}

TEST(child_sees_and_is_seen)
{
	static const struct { const char *name; DWORD access; } cases[] = {
		{ "through a writable view", FILE_MAP_WRITE }, { "through a read-only view", FILE_MAP_READ },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *name = check_name("seen");
		HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, name);
		unsigned char *write = map_all(section, FILE_MAP_WRITE), *view = map_all(section, cases[i].access);

		check_row("%s", cases[i].name);
		write[0] = 1;
		CHECK_EQ(child_end(child_start("opens_by_name", name, NULL)), 0);
		CHECK_EQ(view[1], 2);
		CHECK_EQ(view[2], 0);
		CHECK(UnmapViewOfFile(view) && UnmapViewOfFile(write) && CloseHandle(section));
	}
}

CHILD(holds_a_name) /* creates it, says so, and waits to be told to end */
{
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, check_argument(0));

	REQUIRE(section != NULL);
	map_all(section, FILE_MAP_WRITE)[0] = 5;
	parent_tell('h');
	(void)parent_hear();
}

TEST(name_lives_while_another_process_holds_it)
{
	const char *name = check_name("held");
	struct child *child = child_start("holds_a_name", name, NULL);
	HANDLE section;

	REQUIRE(child_hear(child) == 'h');
	section = OpenFileMappingA(FILE_MAP_READ, FALSE, name);
	REQUIRE_WORKS(section != NULL);
	CHECK_EQ(map_all(section, FILE_MAP_READ)[0], 5);
	CHECK(CloseHandle(section));
	child_tell(child, 'e');
	CHECK_EQ(child_end(child), 0);
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_FILE_NOT_FOUND);
}

TEST(name_dies_with_a_killed_process)
{
	const char *name = check_name("killed");
	struct child *child = child_start("holds_a_name", name, NULL);
	HANDLE section;

	REQUIRE(child_hear(child) == 'h');
	child_kill(child);
	check_row("open");
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_FILE_NOT_FOUND);
	check_row("create");
	SetLastError(UNTOUCHED);
	section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, name);
	CHECK_EQ(GetLastError(), ERROR_SUCCESS);
	CHECK_EQ(map_all(section, FILE_MAP_READ)[0], 0);
	CHECK(CloseHandle(section));
}

TEST(section_survives_its_creator)
{
	const char *name = check_name("survives");
	struct child *child = child_start("holds_a_name", name, NULL);
	HANDLE section, again;

	REQUIRE(child_hear(child) == 'h');
	section = OpenFileMappingA(FILE_MAP_READ, FALSE, name);
	REQUIRE(section != NULL);
	child_kill(child);
	CHECK_EQ(map_all(section, FILE_MAP_READ)[0], 5);
	again = OpenFileMappingA(FILE_MAP_READ, FALSE, name);
	CHECK_WORKS(again != NULL);
	CHECK(CloseHandle(section) && CloseHandle(again));
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, name), ERROR_FILE_NOT_FOUND);
}

CHILD(uses_an_inherited_number) /* number, and 'r' if it may only read */
{
	HANDLE section = handle_of(check_argument(0));
	bool read = check_argument(1)[0] == 'r';

	CHECK_EQ(map_error(section, FILE_MAP_WRITE), read ? ERROR_ACCESS_DENIED : 0);
	CHECK_EQ(map_all(section, FILE_MAP_READ)[0], 6);
	if (!read)
		map_all(section, FILE_MAP_WRITE)[1] = 7;
	CHECK(CloseHandle(section));
}

TEST(inherited_handle_keeps_number_and_rights)
{
	SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE, 0, SIZE, NULL), weak;
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	view[0] = 6;
	check_row("full");
	CHECK_EQ(child_end(child_start("uses_an_inherited_number", handle_text(section), "w")), 0);
	CHECK_EQ(view[1], 7);
	check_row("reduced");
	REQUIRE(DuplicateHandle(GetCurrentProcess(), section, GetCurrentProcess(), &weak, FILE_MAP_READ, TRUE, 0));
	CHECK_EQ(child_end(child_start("uses_an_inherited_number", handle_text(weak), "r")), 0);
	CHECK(UnmapViewOfFile(view) && CloseHandle(weak) && CloseHandle(section));
}

TEST(opened_and_flagged_handles_are_inherited)
{
	const char *name = check_name("flagged");
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, name);
	HANDLE opened = OpenFileMappingA(FILE_MAP_READ, TRUE, name);

	map_all(section, FILE_MAP_WRITE)[0] = 6;
	check_row("OpenFileMapping");
	CHECK_EQ(child_end(child_start("uses_an_inherited_number", handle_text(opened), "r")), 0);
	check_row("SetHandleInformation");
	CHECK(SetHandleInformation(section, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
	CHECK_EQ(child_end(child_start("uses_an_inherited_number", handle_text(section), "w")), 0);
	CHECK(CloseHandle(section) && CloseHandle(opened));
}

CHILD(finds_no_section)
{
	CHECK_FAILS(MapViewOfFile(handle_of(check_argument(0)), FILE_MAP_READ, 0, 0, 0), ERROR_INVALID_HANDLE);
}

TEST(handle_is_not_inherited_by_default)
{
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);

	CHECK_EQ(child_end(child_start("finds_no_section", handle_text(section), NULL)), 0);
	CHECK(CloseHandle(section));
}

CHILD(inherits_a_file)
{
	HANDLE file = handle_of(check_argument(0));

	CHECK_EQ(file_length(file), 10);
	CHECK_EQ(file_byte(file, 4), pattern(4));
}

TEST(file_handles_are_inherited)
{
	HANDLE file = file_of("inherited", 10, GENERIC_READ);

	CHECK(SetHandleInformation(file, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT));
	CHECK_EQ(child_end(child_start("inherits_a_file", handle_text(file), NULL)), 0);
	CHECK(CloseHandle(file));
}

CHILD(gives_its_section) /* tells the number on the pipe, then waits */
{
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);
	const char *text = handle_text(section);

	map_all(section, FILE_MAP_WRITE)[0] = 8;
	for (; *text; text++)
		parent_tell(*text);
	parent_tell('.');
	(void)parent_hear();
}

static HANDLE hear_handle(struct child *child)
{
	char text[32];
	size_t n = 0;

	while (n < sizeof(text) - 1 && (text[n] = child_hear(child)) != '.' && text[n])
		n++;
	text[n] = 0;
	REQUIRE(n > 0);
	return handle_of(text);
}

TEST(handle_is_taken_from_another_process)
{
	struct child *child = child_start("gives_its_section", NULL, NULL);
	HANDLE theirs = hear_handle(child), process, ours = NULL;

	process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, child_id(child));
	REQUIRE_WORKS(process != NULL);
	CHECK_WORKS(DuplicateHandle(process, theirs, GetCurrentProcess(), &ours, FILE_MAP_READ, FALSE, 0));
	child_kill(child);
	CHECK_EQ(map_all(ours, FILE_MAP_READ)[0], 8);
	CHECK_EQ(map_error(ours, FILE_MAP_WRITE), ERROR_ACCESS_DENIED);
	CHECK(CloseHandle(ours) && CloseHandle(process));
}

CHILD(waits_for_a_number) /* its own process gets a handle; the number comes on the pipe */
{
	char text[32];
	size_t n = 0;

	CHECK(GetCurrentProcessId() != 0); /* Filemap: who has never used handles receives none */
	parent_tell('r');
	while (n < sizeof(text) - 1 && (text[n] = parent_hear()) != '.' && text[n])
		n++;
	text[n] = 0;
	CHECK_EQ(map_all(handle_of(text), FILE_MAP_READ)[0], 9);
	CHECK_EQ(map_error(handle_of(text), FILE_MAP_WRITE), ERROR_ACCESS_DENIED);
}

TEST(handle_is_given_to_another_process)
{
	struct child *child = child_start("waits_for_a_number", NULL, NULL);
	HANDLE section = memory_section(PAGE_READWRITE, SIZE), process, theirs = NULL;

	map_all(section, FILE_MAP_WRITE)[0] = 9;
	REQUIRE(child_hear(child) == 'r');
	process = OpenProcess(PROCESS_DUP_HANDLE, FALSE, child_id(child));
	REQUIRE_WORKS(process != NULL);
	CHECK_WORKS(DuplicateHandle(GetCurrentProcess(), section, process, &theirs, FILE_MAP_READ, FALSE, 0));
	CHECK(CloseHandle(section)); /* the source may go at once */
	for (const char *text = handle_text(theirs); *text; text++)
		child_tell(child, *text);
	child_tell(child, '.');
	CHECK_EQ(child_end(child), 0);
	CHECK(CloseHandle(process));
}

TEST(process_must_exist_to_be_opened)
{
	check_row("number 0");
	CHECK_FAILS(OpenProcess(PROCESS_DUP_HANDLE, FALSE, 0), ERROR_INVALID_PARAMETER);
	check_row("no such");
	CHECK_FAILS(OpenProcess(PROCESS_DUP_HANDLE, FALSE, 0x7ffffff0), ERROR_INVALID_PARAMETER);
}

CHILD(maps_the_file) /* path; writes 1 at 0, waits, then ends */
{
	HANDLE file = CreateFileA(check_argument(0), GENERIC_RW, SHARE_ALL, NULL, OPEN_EXISTING, 0, NULL);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);

	REQUIRE(section != NULL);
	map_all(section, FILE_MAP_WRITE)[0] = 111;
	parent_tell('m');
	(void)parent_hear();
}

TEST(two_sections_of_one_file_are_coherent)
{
	HANDLE file = file_of("coherent", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_READ);
	struct child *child = child_start("maps_the_file", path_of("coherent"), NULL);

	REQUIRE(child_hear(child) == 'm');
	check_row("view");
	CHECK_EQ(view[0], 111);
	check_row("ReadFile");
	CHECK_EQ(file_byte(file, 0), 111);
	child_tell(child, 'e');
	CHECK_EQ(child_end(child), 0);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(file_mapped_elsewhere_is_not_cut)
{
	HANDLE file = file_of("cut", 2 * PAGE, GENERIC_RW);
	struct child *child = child_start("maps_the_file", path_of("cut"), NULL);

	REQUIRE(child_hear(child) == 'm');
	check_row("mapped");
	CHECK_EQ(SetFilePointer(file, PAGE, NULL, FILE_BEGIN), PAGE);
	CHECK_FAILS(SetEndOfFile(file), ERROR_USER_MAPPED_FILE);
	CHECK_EQ(file_length(file), 2 * PAGE);
	child_kill(child);
	check_row("the mapper killed");
	CHECK_WORKS(SetEndOfFile(file));
	CHECK_EQ(file_length(file), PAGE);
	CHECK(CloseHandle(file));
}

CHILD(opens_alone) /* path; shares nothing */
{
	HANDLE file = CreateFileA(check_argument(0), GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);

	REQUIRE(file != INVALID_HANDLE_VALUE);
	parent_tell('o');
	(void)parent_hear();
}

TEST(share_modes_hold_between_processes)
{
	HANDLE file = file_of("alone", 10, GENERIC_READ);
	struct child *child;

	REQUIRE(CloseHandle(file));
	child = child_start("opens_alone", path_of("alone"), NULL);
	REQUIRE(child_hear(child) == 'o');
	check_row("open elsewhere");
	SetLastError(UNTOUCHED);
	CHECK(file_open("alone", GENERIC_READ, SHARE_ALL) == INVALID_HANDLE_VALUE);
	CHECK_EQ(GetLastError(), ERROR_SHARING_VIOLATION);
	child_kill(child);
	check_row("the opener killed");
	file = file_open("alone", GENERIC_READ, 0);
	CHECK_WORKS(file != INVALID_HANDLE_VALUE);
	CHECK(CloseHandle(file));
}

CHILD(commits_a_page) /* name */
{
	HANDLE section = OpenFileMappingA(FILE_MAP_READ | FILE_MAP_WRITE, FALSE, check_argument(0));
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	REQUIRE_WORKS(VirtualAlloc(view + PAGE, PAGE, MEM_COMMIT, PAGE_READONLY) != NULL);
	CHECK_EQ(query(view + PAGE).Protect, PAGE_READONLY);
}

TEST(commit_shows_in_other_processes)
{
	const char *name = check_name("commit");
	HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE | SEC_RESERVE, 0, SIZE, name);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	CHECK_EQ(query(view + PAGE).State, MEM_RESERVE);
	CHECK_EQ(child_end(child_start("commits_a_page", name, NULL)), 0);
	CHECK_EQ(query(view + PAGE).State, MEM_COMMIT);
	CHECK_EQ(query(view + PAGE).Protect, PAGE_READWRITE);
	CHECK_STATUS(touch_write(view + PAGE), STATUS_SUCCESS);
	CHECK_EQ(query(view).State, MEM_RESERVE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}
