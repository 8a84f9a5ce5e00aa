/* SPDX-License-Identifier: MIT */
/* MapViewOfFile and MapViewOfFileEx: access, offsets, sizes, addresses, handles (win32-semantics 5, 7). */
#include "support.h"

/* '-': NOACCESS, R W C: READONLY READWRITE WRITECOPY, r w c: the same with EXECUTE. */
static DWORD protection_of(char letter)
{
	static const char letters[] = "-RWCrwc";
	static const DWORD protections[] = { PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY,
					     PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE,
					     PAGE_EXECUTE_WRITECOPY };
	return protections[strchr(letters, letter) - letters];
}

TEST(access_bits_make_a_protection)
{
	/* By the bits COPY 1, WRITE 2, READ 4, 8 (SECTION_MAP_EXECUTE, ignored); then with EXECUTE 0x20. */
	static const char plain[] = "-CWWRRWW--WWRRWW", execute[] = "-cwwrrww--wwrrww";
	HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, PAGE);

	for (DWORD bits = 0; bits < 32; bits++) {
		DWORD access = (bits & 15) | (bits & 16 ? FILE_MAP_EXECUTE : 0);
		void *view = MapViewOfFile(section, access, 0, 0, 0);
		MEMORY_BASIC_INFORMATION info;

		check_row("%#x", (unsigned)access);
		CHECK(view != NULL);
		if (!view)
			continue;
		info = query(view);
		CHECK_EQ(info.Protect, protection_of((bits & 16 ? execute : plain)[bits & 15]));
		CHECK_EQ(info.AllocationProtect, info.Protect);
		CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

TEST(all_access_is_write)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_ALL_ACCESS);

	CHECK_EQ(query(view).Protect, PAGE_READWRITE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

static const DWORD views[] = { 0, FILE_MAP_READ, FILE_MAP_COPY, FILE_MAP_WRITE,
			       FILE_MAP_EXECUTE | FILE_MAP_READ, FILE_MAP_EXECUTE | FILE_MAP_COPY,
			       FILE_MAP_EXECUTE | FILE_MAP_WRITE };
static const char *const view_names[] = { "NOACCESS", "READ", "COPY", "WRITE", "EXECUTE+READ", "EXECUTE+COPY",
					  "EXECUTE+WRITE" };
static const struct { const char *name; DWORD protection; const char *errors; } objects[] = {
	{ "READONLY", PAGE_READONLY, "0005555" },
	{ "WRITECOPY", PAGE_WRITECOPY, "0005555" },
	{ "READWRITE", PAGE_READWRITE, "0000555" },
	{ "EXECUTE_READ", PAGE_EXECUTE_READ, "0005005" },
	{ "EXECUTE_WRITECOPY", PAGE_EXECUTE_WRITECOPY, "0005005" },
	{ "EXECUTE_READWRITE", PAGE_EXECUTE_READWRITE, "0000000" },
};

static void object_against_views(HANDLE file, const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++) {
		HANDLE section = CreateFileMappingA(file, NULL, objects[i].protection, 0, PAGE, NULL);

		REQUIRE(section != NULL);
		for (size_t k = 0; k < ARRAY_SIZE(views); k++) {
			check_row("%s %s %s", kind, objects[i].name, view_names[k]);
			CHECK_EQ(map_error(section, views[k]), objects[i].errors[k] - '0');
		}
		CHECK(CloseHandle(section));
	}
}

TEST(protection_of_memory_limits_the_view)
{
	object_against_views(INVALID_HANDLE_VALUE, "memory");
}

TEST(protection_of_a_file_section_limits_the_view)
{
	HANDLE file = file_of("object", PAGE, GENERIC_RWX);

	object_against_views(file, "file");
	CHECK(CloseHandle(file));
}

TEST(offset_must_be_granular) /* 64 KiB granularity, not the 4 KiB page */
{
	static const struct { DWORD offset, error; } cases[] = {
		{ 0x00000, 0 }, { 0x00001, 1132 }, { 0x00200, 1132 }, { 0x01000, 1132 }, { 0x08000, 1132 },
		{ 0x0ffff, 1132 }, { 0x10000, 0 }, { 0x11000, 1132 }, { 0x1f000, 1132 }, { 0x20000, 0 },
	};
	HANDLE section = memory_section(PAGE_READWRITE, 0x30000);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		void *view;

		check_row("%#x", (unsigned)cases[i].offset);
		SetLastError(UNTOUCHED);
		view = MapViewOfFile(section, FILE_MAP_WRITE, 0, cases[i].offset, PAGE);
		CHECK_EQ(view != NULL, cases[i].error == 0);
		if (view)
			CHECK(UnmapViewOfFile(view));
		else
			CHECK_EQ(GetLastError(), cases[i].error);
	}
	CHECK(CloseHandle(section));
}

static void view_sizes(HANDLE section, const char *kind, ULONGLONG size)
{
	/* Relative to the section's size. */
	const struct { DWORD offset; long long length; DWORD error; } cases[] = {
		{ 0, 0, 0 }, { 0, 1, 0 }, { 0, (long long)size, 0 }, { 0, (long long)size + 1, 5 },
		{ 0, (long long)size + GRANULE, 5 }, { GRANULE, 0, 0 }, { GRANULE, (long long)size - GRANULE, 0 },
		{ GRANULE, (long long)size - GRANULE + 1, 5 }, { GRANULE, (long long)size, 5 },
		{ 2 * GRANULE, 0, 5 }, { 2 * GRANULE, 1, 5 }, { 8 * GRANULE, 0, 5 }, { 8 * GRANULE, PAGE, 5 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		void *view;

		check_row("%s offset %#x length %#llx", kind, (unsigned)cases[i].offset,
			  (unsigned long long)cases[i].length);
		SetLastError(UNTOUCHED);
		view = MapViewOfFile(section, FILE_MAP_READ, 0, cases[i].offset, (SIZE_T)cases[i].length);
		CHECK_EQ(view != NULL, cases[i].error == 0);
		if (view)
			CHECK(UnmapViewOfFile(view));
		else
			CHECK_EQ(GetLastError(), cases[i].error);
	}
}

TEST(view_of_memory_ends_with_its_last_page)
{
	HANDLE section = memory_section(PAGE_READWRITE, 0x13452);

	view_sizes(section, "memory", 0x14000);
	CHECK(CloseHandle(section));
}

TEST(view_of_a_file_ends_with_its_last_byte)
{
	HANDLE file = file_of("bytes", 0x13452, GENERIC_READ);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);

	view_sizes(section, "file", 0x13452);
	CHECK(CloseHandle(section) && CloseHandle(file));
}

TEST(size_that_overflows_is_no_view)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);

	check_row("size -1");
	CHECK_FAILS(MapViewOfFile(section, FILE_MAP_READ, 0, 0, (SIZE_T)-1), ERROR_INVALID_PARAMETER);
	check_row("offset 2^63");
	CHECK_FAILS(MapViewOfFile(section, FILE_MAP_READ, 0x80000000, 0, PAGE), ERROR_ACCESS_DENIED);
	check_row("offset 2^32");
	CHECK_FAILS(MapViewOfFile(section, FILE_MAP_READ, 1, 0, PAGE), ERROR_ACCESS_DENIED);
	CHECK(CloseHandle(section));
}

TEST(region_is_the_view_rounded_to_pages)
{
	static const struct { DWORD offset, length, region; } cases[] = {
		{ 0, 0, 0x24000 }, { 0, 1, 0x1000 }, { 0, 4090, 0x1000 }, { 0, 0x1001, 0x2000 },
		{ 0x10000, 0, 0x14000 }, { 0x20000, 0x3452, 0x4000 },
	};
	HANDLE section = memory_section(PAGE_READWRITE, 0x23452);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		void *view = MapViewOfFile(section, FILE_MAP_READ, 0, cases[i].offset, cases[i].length);

		check_row("offset %#x length %#x", (unsigned)cases[i].offset, (unsigned)cases[i].length);
		REQUIRE(view != NULL);
		CHECK_EQ((ULONG_PTR)view % GRANULE, 0);
		CHECK_EQ(query(view).RegionSize, cases[i].region);
		CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

TEST(offset_selects_the_bytes)
{
	HANDLE file = file_of("offset", 3 * GRANULE + 5, GENERIC_READ);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);

	for (DWORD offset = 0; offset <= 3 * GRANULE; offset += GRANULE) {
		unsigned char *view = MapViewOfFile(section, FILE_MAP_READ, 0, offset, 0);

		check_row("%#x", (unsigned)offset);
		REQUIRE(view != NULL);
		CHECK_EQ(view[0], pattern(offset));
		CHECK_EQ(view[4], pattern(offset + 4));
		CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section) && CloseHandle(file));
}

TEST(handle_must_be_a_section)
{
	HANDLE file = file_of("handle", PAGE, GENERIC_RW), closed = memory_section(PAGE_READWRITE, PAGE);
	const struct { const char *name; HANDLE handle; } cases[] = {
		{ "NULL", NULL }, { "INVALID_HANDLE_VALUE", INVALID_HANDLE_VALUE },
		{ "garbage", GARBAGE_HANDLE }, { "file", file }, { "closed", closed },
		{ "-3", (HANDLE)(LONG_PTR)-3 },
	};
	REQUIRE(CloseHandle(closed));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(MapViewOfFile(cases[i].handle, FILE_MAP_READ, 0, 0, 0), ERROR_INVALID_HANDLE);
		check_row("%s, misaligned too", cases[i].name);
		CHECK_FAILS(MapViewOfFile(cases[i].handle, FILE_MAP_READ, 0, 1, 0), ERROR_INVALID_HANDLE);
	}
	CHECK(CloseHandle(file));
}

TEST(base_must_be_granular)
{
	static const struct { DWORD beyond, error; } cases[] = {
		{ 0, 0 }, { 1, 1132 }, { 42, 1132 }, { PAGE, 1132 }, { 0x8000, 1132 }, { GRANULE, 0 },
	};
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	char *hole = VirtualAlloc(NULL, 16 * GRANULE, MEM_RESERVE, PAGE_NOACCESS);

	REQUIRE(hole && VirtualFree(hole, 0, MEM_RELEASE));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		void *view;

		check_row("+%#x", (unsigned)cases[i].beyond);
		SetLastError(UNTOUCHED);
		view = MapViewOfFileEx(section, FILE_MAP_WRITE, 0, 0, 0, hole + cases[i].beyond);
		if (cases[i].error) {
			CHECK(view == NULL);
			CHECK_EQ(GetLastError(), cases[i].error);
		} else {
			CHECK(view == hole + cases[i].beyond);
			CHECK(UnmapViewOfFile(view));
		}
	}
	CHECK(CloseHandle(section));
}

TEST(base_must_be_free)
{
	HANDLE section = memory_section(PAGE_READWRITE, 2 * GRANULE);
	char *view = (char *)map_all(section, FILE_MAP_READ);
	char *reserved = VirtualAlloc(NULL, GRANULE, MEM_RESERVE, PAGE_NOACCESS);
	const struct { const char *name; char *base; DWORD error; } cases[] = {
		{ "a view", view, 487 }, { "its middle", view + GRANULE, 487 }, { "reserved memory", reserved, 487 },
		{ "beyond the highest address", (char *)0xffff800000000000ull, 87 },
		{ "the last unit", (char *)0xffffffffffff0000ull, 87 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, cases[i].base), cases[i].error);
	}
	CHECK(UnmapViewOfFile(view) && VirtualFree(reserved, 0, MEM_RELEASE) && CloseHandle(section));
}

TEST(view_takes_whole_units_of_64_kib)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	char *view = (char *)map_all(section, FILE_MAP_READ);

	check_row("free to see");
	CHECK_EQ(query(view + PAGE).State, MEM_FREE);
	check_row("taken for allocations");
	CHECK_FAILS(VirtualAlloc(view + 0x8000, PAGE, MEM_RESERVE, PAGE_READWRITE), ERROR_INVALID_ADDRESS);
	check_row("taken for commits");
	CHECK_FAILS(VirtualAlloc(view + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_ADDRESS);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(views_of_one_section_show_the_same_bytes)
{
	HANDLE section = memory_section(PAGE_READWRITE, 2 * GRANULE);
	unsigned char *whole = map_all(section, FILE_MAP_WRITE), *read = map_all(section, FILE_MAP_READ);
	unsigned char *part = MapViewOfFile(section, FILE_MAP_WRITE, 0, GRANULE, 0);

	CHECK(whole != read && part != NULL);
	whole[GRANULE + 3] = 9;
	CHECK_EQ(part[3], 9);
	part[4] = 8;
	CHECK_EQ(read[GRANULE + 4], 8);
	CHECK(UnmapViewOfFile(whole) && UnmapViewOfFile(read) && UnmapViewOfFile(part) && CloseHandle(section));
}

TEST(view_outlives_every_handle)
{
	HANDLE file = file_of("outlive", PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	CHECK(CloseHandle(file) && CloseHandle(section));
	CHECK_EQ(view[9], pattern(9));
	view[9] = 200;
	CHECK(UnmapViewOfFile(view));
	file = file_open("outlive", GENERIC_READ, SHARE_ALL);
	CHECK_EQ(file_byte(file, 9), 200);
	CHECK(CloseHandle(file));
}

TEST(contents_persist_between_views)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	view[5] = 55;
	CHECK(UnmapViewOfFile(view));
	view = map_all(section, FILE_MAP_READ);
	CHECK_EQ(view[5], 55);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(last_page_reads_zero_past_the_end_and_writes_nothing)
{
	HANDLE file = file_of("tail", 21, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	CHECK_EQ(view[20], pattern(20));
	CHECK_EQ(view[21], 0);
	CHECK_EQ(view[PAGE - 1], 0);
	view[21] = 1;
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
	CHECK_EQ(file_length(file), 21);
	CHECK(CloseHandle(file));
}

TEST(section_smaller_than_the_file_shows_the_rest_of_its_page)
{
	HANDLE file = file_of("rest", PAGE, GENERIC_READ);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 10, NULL);
	unsigned char *view = map_all(section, FILE_MAP_READ);

	CHECK_EQ(view[10], pattern(10));
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(noaccess_view_faults_until_never)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, 0);

	CHECK_STATUS(touch_read(view), STATUS_ACCESS_VIOLATION);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(readonly_view_faults_on_a_write)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_READ);

	CHECK_STATUS(touch_read(view), STATUS_SUCCESS);
	CHECK_STATUS(touch_write(view), STATUS_ACCESS_VIOLATION);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(numa_and_hint_flags_change_nothing)
{
	HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, PAGE);
	void *view = MapViewOfFileExNuma(section, FILE_MAP_WRITE, 0, 0, 0, NULL, NUMA_NO_PREFERRED_NODE);

	check_row("numa");
	CHECK(view != NULL && UnmapViewOfFile(view));
	check_row("numa, misaligned base");
	CHECK_FAILS(MapViewOfFileExNuma(section, FILE_MAP_WRITE, 0, 0, 0, (void *)0x7000001000, 0), 1132);
	check_row("LARGE_PAGES on a section without");
	CHECK_EQ(map_error(section, FILE_MAP_WRITE | FILE_MAP_LARGE_PAGES), 0);
	check_row("TARGETS_INVALID");
	CHECK_EQ(map_error(section, FILE_MAP_READ | FILE_MAP_EXECUTE | FILE_MAP_TARGETS_INVALID), 0);
	CHECK(CloseHandle(section));
}
