/* SPDX-License-Identifier: MIT */
/* MEM_WRITE_WATCH, GetWriteWatch, ResetWriteWatch (win32-semantics 18.4). */
#include "support.h"

#define PAGES 32

static unsigned char *watched(void)
{
	unsigned char *memory = VirtualAlloc(NULL, PAGES * PAGE, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH,
					     PAGE_READWRITE);

	if (!memory && GetLastError() == ERROR_NOT_SUPPORTED)
		check_skip("this kernel cannot watch writes, or not for this user");
	REQUIRE(memory != NULL);
	return memory;
}

/* The numbers of the written pages as bits. */
static unsigned written(unsigned char *memory, DWORD flags)
{
	void *pages[PAGES], *last = NULL;
	ULONG_PTR count = PAGES;
	DWORD granularity = 0;
	unsigned bits = 0;

	CHECK_EQ(GetWriteWatch(flags, memory, PAGES * PAGE, pages, &count, &granularity), 0);
	CHECK_EQ(granularity, PAGE);
	for (ULONG_PTR i = 0; i < count && i < PAGES; i++) {
		CHECK((char *)pages[i] > (char *)last);
		last = pages[i];
		bits |= 1u << (((unsigned char *)pages[i] - memory) / PAGE);
	}
	return bits;
}

TEST(fresh_memory_is_unwritten)
{
	unsigned char *memory = watched();

	CHECK_EQ(written(memory, 0), 0);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(written_pages_are_listed_in_order)
{
	unsigned char *memory = watched();

	memory[9 * PAGE + 5] = 1;
	memory[2 * PAGE] = 1;
	memory[3 * PAGE - 1] = 1;
	memory[31 * PAGE] = 1;
	CHECK_EQ(written(memory, 0), 1u << 2 | 1u << 9 | 1u << 31);
	check_row("again without reset");
	CHECK_EQ(written(memory, 0), 1u << 2 | 1u << 9 | 1u << 31);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(reading_is_not_writing)
{
	unsigned char *memory = watched();

	for (unsigned i = 0; i < PAGES; i++)
		CHECK_STATUS(touch_read(memory + i * PAGE), STATUS_SUCCESS);
	CHECK_EQ(written(memory, 0), 0);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(reset_begins_anew)
{
	unsigned char *memory = watched();

	memory[0] = 1;
	check_row("by the flag");
	CHECK_EQ(written(memory, WRITE_WATCH_FLAG_RESET), 1);
	CHECK_EQ(written(memory, 0), 0);
	memory[PAGE] = 1;
	memory[0] = 2;
	CHECK_EQ(written(memory, 0), 3);
	check_row("by ResetWriteWatch of a part");
	CHECK_EQ(ResetWriteWatch(memory, PAGE), 0);
	CHECK_EQ(written(memory, 0), 2);
	CHECK_EQ(memory[0], 2);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(small_buffer_resets_what_it_reports)
{
	unsigned char *memory = watched();
	void *pages[2];
	ULONG_PTR count = 2;
	DWORD granularity;

	for (unsigned i = 0; i < 4; i++)
		memory[i * PAGE] = 1;
	CHECK_EQ(GetWriteWatch(WRITE_WATCH_FLAG_RESET, memory, PAGES * PAGE, pages, &count, &granularity), 0);
	CHECK_EQ(count, 2);
	CHECK(pages[0] == memory && pages[1] == memory + PAGE);
	CHECK_EQ(written(memory, 0), 1u << 2 | 1u << 3);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(part_of_the_region_may_be_asked)
{
	unsigned char *memory = watched();
	void *pages[PAGES];
	ULONG_PTR count = PAGES;
	DWORD granularity;

	memory[0] = memory[5 * PAGE] = memory[9 * PAGE] = 1;
	CHECK_EQ(GetWriteWatch(0, memory + 4 * PAGE, 3 * PAGE, pages, &count, &granularity), 0);
	CHECK_EQ(count, 1);
	CHECK(pages[0] == memory + 5 * PAGE);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(system_calls_write_too)
{
	HANDLE file = file_of("watched", PAGE + 10, GENERIC_READ);
	unsigned char *memory = watched();
	DWORD done = 0;

	CHECK_WORKS(ReadFile(file, memory + 3 * PAGE, PAGE + 10, &done, NULL));
	CHECK_EQ(memory[3 * PAGE + 1], pattern(1));
	CHECK_EQ(written(memory, 0), 1u << 3 | 1u << 4);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && CloseHandle(file));
}

TEST(protection_changes_leave_the_watch)
{
	unsigned char *memory = watched();
	DWORD old;

	memory[0] = 1;
	CHECK(VirtualProtect(memory, 2 * PAGE, PAGE_READONLY, &old));
	check_row("readonly");
	CHECK_EQ(written(memory, 0), 1);
	CHECK(VirtualProtect(memory, 2 * PAGE, PAGE_READWRITE, &old));
	check_row("readwrite");
	CHECK_EQ(written(memory, 0), 1);
	memory[PAGE] = 1;
	CHECK_EQ(written(memory, 0), 3);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(decommit_forgets)
{
	unsigned char *memory = watched();

	memory[0] = memory[PAGE] = 1;
	CHECK(VirtualFree(memory, PAGE, MEM_DECOMMIT));
	CHECK(VirtualAlloc(memory, PAGE, MEM_COMMIT, PAGE_READWRITE) == memory);
	CHECK_EQ(written(memory, 0), 2);
	memory[0] = 1;
	CHECK_EQ(written(memory, 0), 3);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(get_refuses_wrong_arguments)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *memory = watched(), *view = map_all(section, FILE_MAP_WRITE);
	unsigned char *plain = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);
	void *pages[PAGES];
	ULONG_PTR count = PAGES, zero = 0;
	DWORD gran;
	const struct { const char *name; DWORD flags; void *base; SIZE_T size; void **pages; ULONG_PTR *count;
		       DWORD *gran, error; } cases[] = {
		{ "base NULL", 0, NULL, PAGE, pages, &count, &gran, ERROR_INVALID_PARAMETER },
		{ "unwatched memory", 0, plain, PAGE, pages, &count, &gran, ERROR_INVALID_PARAMETER },
		{ "view", 0, view, PAGE, pages, &count, &gran, ERROR_INVALID_PARAMETER },
		{ "size 0", 0, memory, 0, pages, &count, &gran, ERROR_INVALID_PARAMETER },
		{ "too long", 0, memory, PAGES * PAGE + 1, pages, &count, &gran, ERROR_INVALID_PARAMETER },
		{ "flags", 2, memory, PAGE, pages, &count, &gran, ERROR_INVALID_PARAMETER },
		{ "count 0", 0, memory, PAGE, pages, &zero, &gran, ERROR_INVALID_PARAMETER },
		{ "pages NULL", 0, memory, PAGE, NULL, &count, &gran, ERROR_NOACCESS },
		{ "count NULL", 0, memory, PAGE, pages, NULL, &gran, ERROR_NOACCESS },
		{ "granularity NULL", 0, memory, PAGE, pages, &count, NULL, ERROR_NOACCESS },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		count = PAGES;
		SetLastError(UNTOUCHED);
		CHECK_EQ(GetWriteWatch(cases[i].flags, cases[i].base, cases[i].size, cases[i].pages, cases[i].count,
				       cases[i].gran), 0xffffffffu);
		CHECK_EQ(GetLastError(), cases[i].error);
	}
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && VirtualFree(plain, 0, MEM_RELEASE));
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(reset_refuses_wrong_arguments)
{
	unsigned char *memory = watched(), *plain = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);
	const struct { const char *name; void *base; SIZE_T size; } cases[] = {
		{ "size 0", memory, 0 }, { "NULL", NULL, PAGE }, { "unwatched", plain, PAGE },
		{ "too long", memory, PAGES * PAGE + 1 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		SetLastError(UNTOUCHED);
		CHECK_EQ(ResetWriteWatch(cases[i].base, cases[i].size), 0xffffffffu);
		CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
	}
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && VirtualFree(plain, 0, MEM_RELEASE));
}
