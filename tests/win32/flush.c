/* SPDX-License-Identifier: MIT */
/* FlushViewOfFile and FlushFileBuffers (win32-semantics 9). */
#include "support.h"

#define SIZE (4 * PAGE + 5)

TEST(flush_takes_any_range_of_a_view)
{
	static const struct { const char *name; DWORD offset; SIZE_T length; } cases[] = {
		{ "all", 0, 0 }, { "from the middle", 2 * PAGE, 0 }, { "inside a page", 5, 1 },
		{ "one page", PAGE, PAGE }, { "across pages", PAGE - 1, 2 }, { "to the end", 0, SIZE },
		{ "last page", 4 * PAGE, 5 },
	};
	HANDLE file = file_of("flush", SIZE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		view[cases[i].offset] = (unsigned char)(i + 1);
		CHECK_WORKS(FlushViewOfFile(view + cases[i].offset, cases[i].length));
		CHECK_EQ(file_byte(file, cases[i].offset), i + 1);
	}
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(flush_of_other_views_has_nothing_to_do)
{
	HANDLE file = file_of("others", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	HANDLE memory = memory_section(PAGE_READWRITE, PAGE);
	const struct { const char *name; HANDLE section; DWORD access; } cases[] = {
		{ "memory", memory, FILE_MAP_WRITE }, { "read-only", section, FILE_MAP_READ },
		{ "copy-on-write", section, FILE_MAP_COPY },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *view = map_all(cases[i].section, cases[i].access);

		check_row("%s", cases[i].name);
		CHECK_WORKS(FlushViewOfFile(view, 0));
		CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(memory) && CloseHandle(section) && CloseHandle(file));
}

TEST(flushed_copy_stays_private)
{
	HANDLE file = file_of("private", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_WRITECOPY, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_COPY);

	view[0] = 99;
	CHECK_WORKS(FlushViewOfFile(view, 0));
	CHECK_EQ(file_byte(file, 0), pattern(0));
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(flush_works_after_the_handles_are_closed)
{
	HANDLE file = file_of("closed", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	CHECK(CloseHandle(section) && CloseHandle(file));
	view[0] = 1;
	CHECK_WORKS(FlushViewOfFile(view, 0));
	CHECK(UnmapViewOfFile(view));
}

TEST(flush_needs_a_view)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE), *gone = map_all(section, FILE_MAP_WRITE);
	void *memory = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);
	const struct { const char *name; void *address; SIZE_T length; } cases[] = {
		{ "NULL", NULL, 0 }, { "private memory", memory, 0 }, { "unmapped", gone, 0 },
		{ "past the end", view, PAGE + 1 }, { "behind the view", view + PAGE, 0 },
	};
	REQUIRE(UnmapViewOfFile(gone));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(FlushViewOfFile(cases[i].address, cases[i].length), ERROR_INVALID_ADDRESS);
	}
	CHECK(UnmapViewOfFile(view) && VirtualFree(memory, 0, MEM_RELEASE) && CloseHandle(section));
}

TEST(file_buffers_need_write_access)
{
	static const struct { const char *name; DWORD access, error; } cases[] = {
		{ "READ", GENERIC_READ, ERROR_ACCESS_DENIED }, { "WRITE", GENERIC_WRITE, 0 },
		{ "READ+WRITE", GENERIC_RW, 0 }, { "none", 0, ERROR_ACCESS_DENIED },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE file = file_of("buffers", PAGE, cases[i].access);

		check_row("%s", cases[i].name);
		SetLastError(UNTOUCHED);
		CHECK_EQ(FlushFileBuffers(file) ? 0 : GetLastError(), cases[i].error);
		CHECK(CloseHandle(file));
	}
}

TEST(writes_and_views_are_coherent)
{
	HANDLE file = file_of("coherent", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	DWORD done;

	check_row("view to ReadFile");
	view[10] = 210;
	CHECK_EQ(file_byte(file, 10), 210);
	check_row("WriteFile to view");
	CHECK(SetFilePointer(file, 20, NULL, FILE_BEGIN) == 20 && WriteFile(file, "w", 1, &done, NULL));
	CHECK_EQ(view[20], 'w');
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}
