/* SPDX-License-Identifier: MIT */
/* SEC_RESERVE: pages committed by VirtualAlloc, for every view; what views refuse (win32-semantics 12, 15). */
#include "support.h"

#define SIZE (16 * PAGE)

static HANDLE reserved_section(void)
{
	return memory_section(PAGE_READWRITE | SEC_RESERVE, SIZE);
}

TEST(view_is_reserved_until_committed)
{
	HANDLE section = reserved_section();
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	MEMORY_BASIC_INFORMATION info = query(view);

	CHECK_EQ(info.State, MEM_RESERVE);
	CHECK_EQ(info.Protect, 0);
	CHECK_EQ(info.AllocationProtect, PAGE_READWRITE);
	CHECK_EQ(info.Type, MEM_MAPPED);
	CHECK_EQ(info.RegionSize, SIZE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(uncommitted_page_faults)
{
	HANDLE section = reserved_section();
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	NEEDS_RESERVED_FAULTS();
	CHECK_STATUS(touch_read(view), STATUS_ACCESS_VIOLATION);
	CHECK(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE) == view);
	check_row("the committed one");
	CHECK_STATUS(touch_write(view), STATUS_SUCCESS);
	check_row("the next one");
	CHECK_STATUS(touch_read(view + PAGE), STATUS_ACCESS_VIOLATION);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(commit_covers_whole_pages)
{
	static const struct { DWORD offset, length, first, pages; } cases[] = {
		{ 0, 1, 0, 1 }, { 5, 1, 0, 1 }, { PAGE - 1, 2, 0, 2 }, { 3 * PAGE, 2 * PAGE, 3, 2 },
		{ 4 * PAGE + 1, PAGE, 4, 2 }, { 0, SIZE, 0, 16 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section = reserved_section();
		unsigned char *view = map_all(section, FILE_MAP_WRITE), *start;
		MEMORY_BASIC_INFORMATION info;

		check_row("+%#x length %#x", (unsigned)cases[i].offset, (unsigned)cases[i].length);
		start = VirtualAlloc(view + cases[i].offset, cases[i].length, MEM_COMMIT, PAGE_READWRITE);
		CHECK(start == view + cases[i].first * PAGE);
		info = query(view + cases[i].first * PAGE);
		CHECK_EQ(info.State, MEM_COMMIT);
		CHECK_EQ(info.Protect, PAGE_READWRITE);
		CHECK_EQ(info.RegionSize, cases[i].pages * PAGE);
		CHECK(UnmapViewOfFile(view) && CloseHandle(section));
	}
}

TEST(commit_shows_in_every_view_with_its_own_protection)
{
	HANDLE section = reserved_section();
	unsigned char *first = map_all(section, FILE_MAP_WRITE), *second = map_all(section, FILE_MAP_WRITE);

	CHECK(VirtualAlloc(first, PAGE, MEM_COMMIT, PAGE_READONLY) == first);
	CHECK_EQ(query(first).Protect, PAGE_READONLY);
	CHECK_EQ(query(second).State, MEM_COMMIT);
	CHECK_EQ(query(second).Protect, PAGE_READWRITE);
	CHECK_EQ(query(second).RegionSize, PAGE);
	CHECK_STATUS(touch_write(second), STATUS_SUCCESS);
	CHECK(UnmapViewOfFile(first) && UnmapViewOfFile(second) && CloseHandle(section));
}

TEST(commit_shows_in_later_views)
{
	HANDLE section = reserved_section();
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	CHECK(VirtualAlloc(view + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
	view[PAGE] = 5;
	CHECK(UnmapViewOfFile(view));
	view = map_all(section, FILE_MAP_READ);
	CHECK_EQ(query(view).State, MEM_RESERVE);
	CHECK_EQ(query(view + PAGE).State, MEM_COMMIT);
	CHECK_EQ(query(view + PAGE).Protect, PAGE_READONLY);
	CHECK_EQ(view[PAGE], 5);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(committed_pages_are_zero_and_shared)
{
	HANDLE section = reserved_section();
	unsigned char *first = map_all(section, FILE_MAP_WRITE), *second = map_all(section, FILE_MAP_WRITE);

	CHECK(VirtualAlloc(first, SIZE, MEM_COMMIT, PAGE_READWRITE) == first);
	CHECK_EQ(first[SIZE - 1], 0);
	first[3 * PAGE] = 4;
	CHECK_EQ(second[3 * PAGE], 4);
	CHECK(UnmapViewOfFile(first) && UnmapViewOfFile(second) && CloseHandle(section));
}

TEST(recommit_keeps_contents_and_sets_protection)
{
	HANDLE section = reserved_section();
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	CHECK(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE) == view);
	view[0] = 77;
	CHECK(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READONLY) == view);
	CHECK_EQ(view[0], 77);
	CHECK_EQ(query(view).Protect, PAGE_READONLY);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(commit_obeys_the_map_time_protection)
{
	static const struct { const char *name; DWORD access, protection, error; } cases[] = {
		{ "READ to READONLY", FILE_MAP_READ, PAGE_READONLY, 0 },
		{ "READ to READWRITE", FILE_MAP_READ, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "READ to EXECUTE_READ", FILE_MAP_READ, PAGE_EXECUTE_READ, ERROR_INVALID_PARAMETER },
		{ "WRITE to NOACCESS", FILE_MAP_WRITE, PAGE_NOACCESS, 0 },
		{ "WRITE to READWRITE", FILE_MAP_WRITE, PAGE_READWRITE, 0 },
		{ "WRITE to EXECUTE_READWRITE", FILE_MAP_WRITE, PAGE_EXECUTE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "WRITE to 0", FILE_MAP_WRITE, 0, ERROR_INVALID_PARAMETER },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section = reserved_section();
		unsigned char *view = map_all(section, cases[i].access);
		void *start;

		check_row("%s", cases[i].name);
		SetLastError(UNTOUCHED);
		start = VirtualAlloc(view, PAGE, MEM_COMMIT, cases[i].protection);
		CHECK_EQ(start ? 0 : GetLastError(), cases[i].error);
		CHECK(UnmapViewOfFile(view) && CloseHandle(section));
	}
}

TEST(commit_stays_inside_the_view)
{
	HANDLE section = reserved_section();
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	check_row("past the end");
	CHECK_FAILS(VirtualAlloc(view, SIZE + 1, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_ADDRESS);
	check_row("behind");
	CHECK_FAILS(VirtualAlloc(view + SIZE, PAGE, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_ADDRESS);
	CHECK_EQ(query(view).State, MEM_RESERVE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(views_are_never_decommitted_or_freed)
{
	static const struct { const char *name; DWORD type; SIZE_T size; } cases[] = {
		{ "DECOMMIT page", MEM_DECOMMIT, PAGE }, { "DECOMMIT all", MEM_DECOMMIT, 0 },
		{ "RELEASE", MEM_RELEASE, 0 },
	};
	HANDLE file = file_of("freed", SIZE, GENERIC_RW);
	HANDLE sections[] = { reserved_section(), memory_section(PAGE_READWRITE, SIZE),
			      CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL) };
	static const char *const kinds[] = { "reserved", "committed", "file" };

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		unsigned char *view = map_all(sections[i], FILE_MAP_WRITE);

		if (i == 0)
			CHECK(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
		for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
			check_row("%s %s", kinds[i], cases[k].name);
			CHECK_FAILS(VirtualFree(view, cases[k].size, cases[k].type), ERROR_INVALID_PARAMETER);
		}
		CHECK_EQ(query(view).State, MEM_COMMIT);
		CHECK(UnmapViewOfFile(view) && CloseHandle(sections[i]));
	}
	CHECK(CloseHandle(file));
}

TEST(commit_of_a_committed_section_changes_protection)
{
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	check_row("within the ceiling");
	CHECK(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READONLY) == view);
	CHECK_EQ(query(view).Protect, PAGE_READONLY);
	check_row("beyond");
	CHECK_FAILS(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_EXECUTE_READ), ERROR_INVALID_PARAMETER);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(views_of_files_are_committed_already)
{
	static const struct { const char *name; DWORD attributes; } cases[] = {
		{ "plain", 0 }, { "RESERVE", SEC_RESERVE }, { "COMMIT", SEC_COMMIT },
	};
	HANDLE file = file_of("already", SIZE, GENERIC_RW);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE | cases[i].attributes, 0, 0, NULL);
		unsigned char *view = map_all(section, FILE_MAP_WRITE);

		check_row("%s", cases[i].name);
		CHECK_EQ(query(view).State, MEM_COMMIT);
		CHECK_EQ(view[1], pattern(1));
		CHECK_FAILS(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE), ERROR_ACCESS_DENIED);
		CHECK(UnmapViewOfFile(view) && CloseHandle(section));
	}
	CHECK(CloseHandle(file));
}

TEST(reset_of_a_view)
{
	HANDLE file = file_of("reset", PAGE, GENERIC_RW);
	HANDLE sections[] = { memory_section(PAGE_READWRITE, PAGE),
			      CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL) };
	unsigned char *memory = map_all(sections[0], FILE_MAP_WRITE), *data = map_all(sections[1], FILE_MAP_WRITE);

	check_row("memory");
	CHECK_WORKS(VirtualAlloc(memory, PAGE, MEM_RESET, PAGE_READWRITE) == memory);
	check_row("file");
	CHECK(VirtualAlloc(data, PAGE, MEM_RESET, PAGE_READWRITE) == NULL);
	CHECK_EQ(data[1], pattern(1));
	CHECK(UnmapViewOfFile(memory) && UnmapViewOfFile(data));
	CHECK(CloseHandle(sections[0]) && CloseHandle(sections[1]) && CloseHandle(file));
}

TEST(protect_needs_committed_pages)
{
	HANDLE section = reserved_section();
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	DWORD old;

	check_row("none");
	CHECK_FAILS(VirtualProtect(view, PAGE, PAGE_READONLY, &old), ERROR_INVALID_ADDRESS);
	CHECK(VirtualAlloc(view, PAGE, MEM_COMMIT, PAGE_READWRITE) == view);
	check_row("half");
	CHECK_FAILS(VirtualProtect(view, 2 * PAGE, PAGE_READONLY, &old), ERROR_INVALID_ADDRESS);
	CHECK_EQ(query(view).Protect, PAGE_READWRITE);
	check_row("all");
	CHECK_WORKS(VirtualProtect(view, PAGE, PAGE_READONLY, &old));
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}
