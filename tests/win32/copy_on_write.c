/* SPDX-License-Identifier: MIT */
/* Copy-on-write: page by page, private, reported; shared views turned private (win32-semantics 7.1, 13, 14). */
#include "support.h"

#define PAGES 4

static DWORD protect(void *address, SIZE_T size, DWORD protection)
{
	DWORD old = UNTOUCHED;

	REQUIRE_WORKS(VirtualProtect(address, size, protection, &old));
	return old;
}

TEST(written_page_reports_readwrite_and_others_do_not)
{
	for (DWORD page = 0; page < PAGES; page++) {
		HANDLE section = memory_section(PAGE_READWRITE, PAGES * PAGE);
		unsigned char *view = map_all(section, FILE_MAP_COPY);

		check_row("page %u", (unsigned)page);
		view[page * PAGE + 7] = 1;
		for (DWORD i = 0; i < PAGES; i++) {
			MEMORY_BASIC_INFORMATION info = query(view + i * PAGE);

			CHECK_EQ(info.Protect, i == page ? PAGE_READWRITE : PAGE_WRITECOPY);
			CHECK_EQ(info.AllocationProtect, PAGE_WRITECOPY);
			CHECK_EQ(info.State, MEM_COMMIT);
			CHECK_EQ(info.Type, MEM_MAPPED);
		}
		CHECK(UnmapViewOfFile(view) && CloseHandle(section));
	}
}

TEST(written_page_is_a_region_of_its_own)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGES * PAGE);
	unsigned char *view = map_all(section, FILE_MAP_COPY);

	check_row("before");
	CHECK_EQ(query(view).RegionSize, PAGES * PAGE);
	view[PAGE] = 1;
	check_row("in front");
	CHECK_EQ(query(view).RegionSize, PAGE);
	check_row("itself");
	CHECK_EQ(query(view + PAGE).RegionSize, PAGE);
	check_row("behind");
	CHECK_EQ(query(view + 2 * PAGE).RegionSize, 2 * PAGE);
	view[2 * PAGE] = 1;
	check_row("two neighbours");
	CHECK_EQ(query(view + PAGE).RegionSize, 2 * PAGE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(reading_privatises_nothing)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_COPY);

	CHECK_STATUS(touch_read(view), STATUS_SUCCESS);
	CHECK_EQ(query(view).Protect, PAGE_WRITECOPY);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(executable_copy_reports_execute_readwrite)
{
	HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_COPY | FILE_MAP_EXECUTE);

	CHECK_EQ(query(view).Protect, PAGE_EXECUTE_WRITECOPY);
	view[0] = 1;
	CHECK_EQ(query(view).Protect, PAGE_EXECUTE_READWRITE);
	CHECK_EQ(query(view).AllocationProtect, PAGE_EXECUTE_WRITECOPY);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(private_bytes_reach_nobody)
{
	HANDLE file = file_of("private", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *copy = map_all(section, FILE_MAP_COPY), *shared = map_all(section, FILE_MAP_READ);

	copy[3] = 222;
	CHECK_EQ(shared[3], pattern(3));
	CHECK_EQ(file_byte(file, 3), pattern(3));
	CHECK(UnmapViewOfFile(copy));
	copy = map_all(section, FILE_MAP_COPY);
	CHECK_EQ(copy[3], pattern(3));
	CHECK(UnmapViewOfFile(copy) && UnmapViewOfFile(shared) && CloseHandle(section) && CloseHandle(file));
}

TEST(unwritten_pages_follow_the_section)
{
	HANDLE section = memory_section(PAGE_READWRITE, 2 * PAGE);
	unsigned char *copy = map_all(section, FILE_MAP_COPY), *shared = map_all(section, FILE_MAP_WRITE);

	copy[PAGE] = 1;
	shared[0] = 11;
	shared[PAGE + 1] = 12;
	check_row("unwritten");
	CHECK_EQ(copy[0], 11);
	check_row("written");
	CHECK_EQ(copy[PAGE + 1], 0);
	CHECK(UnmapViewOfFile(copy) && UnmapViewOfFile(shared) && CloseHandle(section));
}

TEST(two_copies_are_two)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *first = map_all(section, FILE_MAP_COPY), *second = map_all(section, FILE_MAP_COPY);

	first[0] = 1;
	second[0] = 2;
	CHECK_EQ(first[0], 1);
	CHECK_EQ(second[0], 2);
	CHECK(UnmapViewOfFile(first) && UnmapViewOfFile(second) && CloseHandle(section));
}

TEST(readonly_sections_give_copies)
{
	static const struct { const char *name; DWORD protection; } cases[] = {
		{ "READONLY", PAGE_READONLY }, { "WRITECOPY", PAGE_WRITECOPY },
	};
	HANDLE file = file_of("readonly", PAGE, GENERIC_READ);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE section = CreateFileMappingA(file, NULL, cases[i].protection, 0, 0, NULL);
		unsigned char *view = map_all(section, FILE_MAP_COPY);

		check_row("%s", cases[i].name);
		view[0] = 99;
		CHECK_EQ(view[0], 99);
		CHECK_EQ(view[1], pattern(1));
		CHECK_EQ(file_byte(file, 0), pattern(0));
		CHECK(UnmapViewOfFile(view) && CloseHandle(section));
	}
	CHECK(CloseHandle(file));
}

TEST(shared_view_turned_writecopy_writes_privately)
{
	HANDLE file = file_of("turned", 2 * PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_WRITE), *other = map_all(section, FILE_MAP_READ);

	view[0] = 100;
	CHECK_EQ(protect(view, 2 * PAGE, PAGE_WRITECOPY), PAGE_READWRITE);
	CHECK_EQ(query(view).Protect, PAGE_WRITECOPY);
	view[1] = 101;
	check_row("the view sees both writes");
	CHECK_EQ(view[0], 100);
	CHECK_EQ(view[1], 101);
	check_row("the file sees the shared one");
	CHECK_EQ(file_byte(file, 0), 100);
	CHECK_EQ(file_byte(file, 1), pattern(1));
	check_row("another view too");
	CHECK_EQ(other[0], 100);
	CHECK_EQ(other[1], pattern(1));
	check_row("the query");
	CHECK_EQ(query(view).Protect, PAGE_READWRITE);
	CHECK_EQ(query(view + PAGE).Protect, PAGE_WRITECOPY);
	CHECK(UnmapViewOfFile(view) && UnmapViewOfFile(other) && CloseHandle(section) && CloseHandle(file));
}

TEST(private_page_asked_for_writecopy_reports_readwrite)
{
	static const struct { const char *name; DWORD access, asked, reported; } cases[] = {
		{ "WRITECOPY", FILE_MAP_COPY, PAGE_WRITECOPY, PAGE_READWRITE },
		{ "EXECUTE_WRITECOPY", FILE_MAP_COPY | FILE_MAP_EXECUTE, PAGE_EXECUTE_WRITECOPY,
		  PAGE_EXECUTE_READWRITE },
	};
	HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, 2 * PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *view = map_all(section, cases[i].access);

		check_row("%s", cases[i].name);
		view[0] = 1;
		protect(view, 2 * PAGE, PAGE_READONLY);
		CHECK_EQ(query(view).Protect, PAGE_READONLY);
		protect(view, 2 * PAGE, cases[i].asked);
		CHECK_EQ(query(view).Protect, cases[i].reported);
		CHECK_EQ(query(view + PAGE).Protect, cases[i].asked);
		CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

TEST(private_page_survives_a_change_of_protection)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_COPY);

	view[0] = 42;
	protect(view, PAGE, PAGE_NOACCESS);
	protect(view, PAGE, PAGE_READONLY);
	CHECK_EQ(view[0], 42);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(old_protection_of_a_written_page_is_readwrite)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_COPY);

	view[0] = 1;
	CHECK_EQ(protect(view, PAGE, PAGE_READONLY), PAGE_READWRITE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}
