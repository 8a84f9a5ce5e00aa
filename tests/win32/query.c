/* SPDX-License-Identifier: MIT */
/* VirtualQuery(Ex), QueryVirtualMemoryInformation, QueryWorkingSetEx, GetMappedFileName (13, 18). */
#include "support.h"

TEST(view_is_described)
{
	static const struct { const char *name; DWORD access, protection; } cases[] = {
		{ "NOACCESS", 0, PAGE_NOACCESS }, { "READ", FILE_MAP_READ, PAGE_READONLY },
		{ "WRITE", FILE_MAP_WRITE, PAGE_READWRITE }, { "COPY", FILE_MAP_COPY, PAGE_WRITECOPY },
	};
	HANDLE section = memory_section(PAGE_READWRITE, 3 * PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *view = map_all(section, cases[i].access);
		MEMORY_BASIC_INFORMATION info = query(view);

		check_row("%s", cases[i].name);
		CHECK(info.BaseAddress == view && info.AllocationBase == view);
		CHECK_EQ(info.AllocationProtect, cases[i].protection);
		CHECK_EQ(info.RegionSize, 3 * PAGE);
		CHECK_EQ(info.State, MEM_COMMIT);
		CHECK_EQ(info.Protect, cases[i].protection);
		CHECK_EQ(info.Type, MEM_MAPPED);
		CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

TEST(region_counts_from_the_page_asked_about)
{
	static const struct { DWORD offset, page; } cases[] = {
		{ 0, 0 }, { 1, 0 }, { PAGE - 1, 0 }, { PAGE, 1 }, { 2 * PAGE + 5, 2 }, { 3 * PAGE - 1, 2 },
	};
	HANDLE section = memory_section(PAGE_READWRITE, 3 * PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		MEMORY_BASIC_INFORMATION info = query(view + cases[i].offset);

		check_row("+%#x", (unsigned)cases[i].offset);
		CHECK(info.BaseAddress == view + cases[i].page * PAGE);
		CHECK(info.AllocationBase == view);
		CHECK_EQ(info.RegionSize, (3 - cases[i].page) * PAGE);
	}
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(region_ends_where_the_protection_changes)
{
	HANDLE section = memory_section(PAGE_READWRITE, 4 * PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	DWORD old;

	CHECK(VirtualProtect(view + PAGE, 2 * PAGE, PAGE_READONLY, &old));
	check_row("in front");
	CHECK_EQ(query(view).RegionSize, PAGE);
	check_row("changed");
	CHECK_EQ(query(view + PAGE).RegionSize, 2 * PAGE);
	check_row("behind");
	CHECK_EQ(query(view + 3 * PAGE).RegionSize, PAGE);
	CHECK(VirtualProtect(view + PAGE, 2 * PAGE, PAGE_READWRITE, &old));
	check_row("changed back");
	CHECK_EQ(query(view).RegionSize, 4 * PAGE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(free_memory_is_described)
{
	unsigned char *memory = VirtualAlloc(NULL, GRANULE, MEM_RESERVE, PAGE_NOACCESS);
	MEMORY_BASIC_INFORMATION info;

	REQUIRE(VirtualFree(memory, 0, MEM_RELEASE));
	info = query(memory + 5);
	CHECK(info.BaseAddress == memory && info.AllocationBase == NULL);
	CHECK_EQ(info.AllocationProtect, 0);
	CHECK_EQ(info.State, MEM_FREE);
	CHECK_EQ(info.Protect, PAGE_NOACCESS);
	CHECK_EQ(info.Type, 0);
	CHECK(info.RegionSize >= GRANULE);
}

TEST(private_memory_is_described)
{
	unsigned char *memory = VirtualAlloc(NULL, 4 * PAGE, MEM_RESERVE, PAGE_READWRITE);
	MEMORY_BASIC_INFORMATION info;

	CHECK(VirtualAlloc(memory + PAGE, PAGE, MEM_COMMIT, PAGE_READONLY) == memory + PAGE);
	check_row("reserved");
	info = query(memory);
	CHECK_EQ(info.State, MEM_RESERVE);
	CHECK_EQ(info.Protect, 0);
	CHECK_EQ(info.AllocationProtect, PAGE_READWRITE);
	CHECK_EQ(info.Type, MEM_PRIVATE);
	CHECK_EQ(info.RegionSize, PAGE);
	check_row("committed");
	info = query(memory + PAGE);
	CHECK(info.AllocationBase == memory);
	CHECK_EQ(info.State, MEM_COMMIT);
	CHECK_EQ(info.Protect, PAGE_READONLY);
	CHECK_EQ(info.AllocationProtect, PAGE_READWRITE);
	CHECK_EQ(info.RegionSize, PAGE);
	check_row("reserved behind");
	CHECK_EQ(query(memory + 2 * PAGE).RegionSize, 2 * PAGE);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(cache_modifier_is_reported)
{
	HANDLE section = memory_section(PAGE_READWRITE | SEC_COMMIT | SEC_NOCACHE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);

	CHECK_EQ(query(view).Protect, PAGE_READWRITE | PAGE_NOCACHE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(query_refuses_wrong_arguments)
{
	static MEMORY_BASIC_INFORMATION info;

	check_row("short buffer");
	CHECK_FAILS(VirtualQuery(&info, &info, sizeof(info) - 1), ERROR_BAD_LENGTH);
	check_row("no buffer");
	CHECK_FAILS(VirtualQuery(&info, &info, 0), ERROR_BAD_LENGTH);
	check_row("long buffer");
	CHECK_EQ(VirtualQuery(&info, &info, sizeof(info) + 8), sizeof(info));
	check_row("beyond user space");
	CHECK_FAILS(VirtualQuery((void *)0xffff800000000000ull, &info, sizeof(info)), ERROR_INVALID_PARAMETER);
	check_row("buffer NULL");
	CHECK_FAILS(VirtualQuery(&info, NULL, sizeof(info)), ERROR_NOACCESS);
}

TEST(ex_takes_a_process)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	static MEMORY_BASIC_INFORMATION info;

	check_row("itself");
	CHECK_EQ(VirtualQueryEx(GetCurrentProcess(), &info, &info, sizeof(info)), sizeof(info));
	check_row("NULL");
	CHECK_FAILS(VirtualQueryEx(NULL, &info, &info, sizeof(info)), ERROR_INVALID_HANDLE);
	check_row("section");
	CHECK_FAILS(VirtualQueryEx(section, &info, &info, sizeof(info)), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(section));
}

static WIN32_MEMORY_REGION_INFORMATION region_info(const void *address)
{
	WIN32_MEMORY_REGION_INFORMATION info;
	SIZE_T length = 0;

	memset(&info, 0xaa, sizeof(info));
	REQUIRE_WORKS(CALL(region_info)(GetCurrentProcess(), address, MemoryRegionInfo, &info, sizeof(info),
					&length));
	CHECK_EQ(length, sizeof(info));
	return info;
}

TEST(region_information_of_a_view_of_memory)
{
	static const struct { const char *name; DWORD access, protection; SIZE_T commit; } cases[] = {
		{ "READ", FILE_MAP_READ, PAGE_READONLY, 0 }, { "WRITE", FILE_MAP_WRITE, PAGE_READWRITE, 0 },
		{ "COPY", FILE_MAP_COPY, PAGE_WRITECOPY, 2 * PAGE },
	};
	HANDLE section = memory_section(PAGE_READWRITE, 2 * PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *view = map_all(section, cases[i].access);
		WIN32_MEMORY_REGION_INFORMATION info = region_info(view + PAGE + 1);

		check_row("%s", cases[i].name);
		CHECK(info.AllocationBase == view);
		CHECK_EQ(info.AllocationProtect, cases[i].protection);
		CHECK_EQ(info.Flags, 8); /* MappedPageFile */
		CHECK_EQ(info.RegionSize, 2 * PAGE);
		CHECK_EQ(info.CommitSize, cases[i].commit);
		CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

TEST(region_information_of_other_memory)
{
	HANDLE file = file_of("region", PAGE, GENERIC_READ);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_READ);
	unsigned char *memory = VirtualAlloc(NULL, 4 * PAGE, MEM_RESERVE, PAGE_READWRITE);

	CHECK(VirtualAlloc(memory, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
	check_row("file");
	CHECK_EQ(region_info(view).Flags, 2); /* MappedDataFile */
	check_row("private");
	CHECK_EQ(region_info(memory).Flags, 1);
	CHECK_EQ(region_info(memory).RegionSize, 4 * PAGE);
	CHECK_EQ(region_info(memory).CommitSize, PAGE);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(region_information_needs_an_allocation)
{
	WIN32_MEMORY_REGION_INFORMATION info;
	unsigned char *memory = VirtualAlloc(NULL, PAGE, MEM_RESERVE, PAGE_READWRITE);
	SIZE_T length;

	REQUIRE(VirtualFree(memory, 0, MEM_RELEASE));
	CHECK_FAILS(CALL(region_info)(GetCurrentProcess(), memory, MemoryRegionInfo, &info, sizeof(info), &length),
		    ERROR_UNEXP_NET_ERR); /* STATUS_INVALID_ADDRESS */
}

static PSAPI_WORKING_SET_EX_INFORMATION working(void *address)
{
	PSAPI_WORKING_SET_EX_INFORMATION info;

	memset(&info, 0, sizeof(info));
	info.VirtualAddress = address;
	REQUIRE_WORKS(QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof(info)));
	return info;
}

TEST(working_set_tells_private_copies)
{
	HANDLE section = memory_section(PAGE_READWRITE, 2 * PAGE);
	unsigned char *view = map_all(section, FILE_MAP_COPY);
	PSAPI_WORKING_SET_EX_INFORMATION info;

	CHECK_STATUS(touch_read(view + PAGE), STATUS_SUCCESS);
	view[0] = 1;
	check_row("written");
	info = working(view);
	CHECK_EQ(info.VirtualAttributes.Valid, 1);
	CHECK_EQ(info.VirtualAttributes.Shared, 0);
	CHECK_EQ(info.VirtualAttributes.Win32Protection, PAGE_READWRITE);
	check_row("read");
	info = working(view + PAGE);
	CHECK_EQ(info.VirtualAttributes.Valid, 1);
	CHECK_EQ(info.VirtualAttributes.Shared, 1);
	CHECK_EQ(info.VirtualAttributes.Win32Protection, PAGE_WRITECOPY);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(working_set_has_touched_pages_only)
{
	unsigned char *memory = VirtualAlloc(NULL, 64 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

	memory[0] = 1;
	check_row("touched");
	CHECK_EQ(working(memory).VirtualAttributes.Valid, 1);
	CHECK_EQ(working(memory).VirtualAttributes.Shared, 0);
	check_row("untouched");
	CHECK_EQ(working(memory + 63 * PAGE).VirtualAttributes.Valid, 0);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
	check_row("free");
	CHECK_EQ(working(memory).VirtualAttributes.Valid, 0);
}

TEST(working_set_refuses_a_short_buffer)
{
	PSAPI_WORKING_SET_EX_INFORMATION info;

	memset(&info, 0, sizeof(info));
	CHECK_FAILS(QueryWorkingSetEx(GetCurrentProcess(), &info, sizeof(info) - 1), ERROR_BAD_LENGTH);
}

TEST(mapped_file_has_its_name)
{
	HANDLE file = file_of("has-a-name", 2 * PAGE, GENERIC_READ);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_READ);
	char name[600] = "";
	DWORD length = GetMappedFileNameA(GetCurrentProcess(), view + PAGE, name, sizeof(name));

	CHECK_EQ(length, strlen(name));
	CHECK(length > 11 && strcmp(name + length - 10, "has-a-name") == 0);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(other_memory_has_no_file_name)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_READ);
	char name[600];

	check_row("view of memory");
	CHECK_FAILS(GetMappedFileNameA(GetCurrentProcess(), view, name, sizeof(name)), ERROR_FILE_INVALID);
	check_row("stack");
	CHECK(!GetMappedFileNameA(GetCurrentProcess(), name, name, sizeof(name)));
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}
