/* SPDX-License-Identifier: MIT */
/* UnmapViewOfFile, Ex, 2: interior addresses, what is no view, flags (win32-semantics 8). */
#include "support.h"

TEST(any_address_inside_unmaps_the_whole_view)
{
	static const DWORD inside[] = { 0, 1, 100, 0xfff, 0x1000, 0x1064, 0x10000, 0x1ffff, 0x20fff };
	HANDLE section = memory_section(PAGE_READWRITE, 0x21000);

	for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
		unsigned char *view = map_all(section, FILE_MAP_WRITE);

		check_row("+%#x", (unsigned)inside[i]);
		CHECK_WORKS(UnmapViewOfFile(view + inside[i]));
		CHECK_EQ(query(view).State, MEM_FREE);
		CHECK_EQ(query(view + 0x20000).State, MEM_FREE);
	}
	CHECK(CloseHandle(section));
}

TEST(other_addresses_are_no_view)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_READ), *gone = map_all(section, FILE_MAP_READ);
	void *memory = VirtualAlloc(NULL, GRANULE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	const struct { const char *name; const void *address; } cases[] = {
		{ "NULL", NULL }, { "wild", (void *)0xdeadbeef }, { "private memory", memory },
		{ "inside private memory", (char *)memory + PAGE }, { "unmapped already", gone },
		{ "behind the view", view + PAGE }, { "behind its unit", view + GRANULE },
		{ "beyond user space", (void *)0xffff800000000000ull }, { "-1", (void *)(ULONG_PTR)-1 },
	};
	REQUIRE(UnmapViewOfFile(gone));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(UnmapViewOfFile(cases[i].address), ERROR_INVALID_ADDRESS);
	}
	CHECK_EQ(view[0], 0);
	CHECK(UnmapViewOfFile(view) && VirtualFree(memory, 0, MEM_RELEASE) && CloseHandle(section));
}

TEST(other_views_stay)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *first = map_all(section, FILE_MAP_WRITE), *second = map_all(section, FILE_MAP_WRITE);

	first[1] = 3;
	CHECK(UnmapViewOfFile(first));
	CHECK_EQ(second[1], 3);
	CHECK_EQ(query(second).State, MEM_COMMIT);
	CHECK(UnmapViewOfFile(second) && CloseHandle(section));
}

TEST(unmapped_memory_faults)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	CHECK(UnmapViewOfFile(view));
	CHECK_STATUS(touch_read(view), STATUS_ACCESS_VIOLATION);
	CHECK(CloseHandle(section));
}

TEST(freed_range_can_be_mapped_again)
{
	HANDLE section = memory_section(PAGE_READWRITE, GRANULE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	CHECK(UnmapViewOfFile(view));
	CHECK(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, view) == view);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(flags_of_ex)
{
	static const struct { const char *name; ULONG flags; DWORD error; } cases[] = {
		{ "none", 0, 0 }, { "TRANSIENT_BOOST", MEM_UNMAP_WITH_TRANSIENT_BOOST, 0 },
		{ "PRESERVE_PLACEHOLDER of none", MEM_PRESERVE_PLACEHOLDER, ERROR_INVALID_ADDRESS },
		{ "unknown", 0x10, ERROR_INVALID_PARAMETER }, { "unknown high", 0x80000000, ERROR_INVALID_PARAMETER },
	};
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *view = map_all(section, FILE_MAP_WRITE);
		BOOL done;

		check_row("Ex %s", cases[i].name);
		SetLastError(UNTOUCHED);
		done = CALL(unmap_ex)(view, cases[i].flags);
		CHECK_EQ(done ? 0 : GetLastError(), cases[i].error);
		if (done)
			view = map_all(section, FILE_MAP_WRITE);
		check_row("2 %s", cases[i].name);
		SetLastError(UNTOUCHED);
		done = CALL(unmap2)(GetCurrentProcess(), view, cases[i].flags);
		CHECK_EQ(done ? 0 : GetLastError(), cases[i].error);
		if (!done)
			CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

TEST(process_of_unmap2_must_be_one)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	check_row("garbage");
	CHECK_FAILS(CALL(unmap2)(GARBAGE_HANDLE, view, 0), ERROR_INVALID_HANDLE);
	check_row("section");
	CHECK_FAILS(CALL(unmap2)(section, view, 0), ERROR_INVALID_HANDLE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}
