/* SPDX-License-Identifier: MIT */
/* VirtualProtect: the map-time protection is the ceiling, pages, errors (win32-semantics 14). */
#include "support.h"

static const DWORD all[] = { PAGE_NOACCESS, PAGE_READONLY, PAGE_WRITECOPY, PAGE_READWRITE, PAGE_EXECUTE,
			     PAGE_EXECUTE_READ, PAGE_EXECUTE_WRITECOPY, PAGE_EXECUTE_READWRITE };
static const char *const all_names[] = { "NOACCESS", "READONLY", "WRITECOPY", "READWRITE", "EXECUTE",
					 "EXECUTE_READ", "EXECUTE_WRITECOPY", "EXECUTE_READWRITE" };

/* By map-time protection: '+' where VirtualProtect works, in the order of all[]. */
static const struct { const char *name; DWORD access; const char *works; } ceilings[] = {
	{ "NOACCESS", 0, "+-------" },
	{ "READONLY", FILE_MAP_READ, "+++-----" },
	{ "WRITECOPY", FILE_MAP_COPY, "+++-----" },
	{ "READWRITE", FILE_MAP_WRITE, "++++----" },
	{ "EXECUTE_READ", FILE_MAP_EXECUTE | FILE_MAP_READ, "+++-+++-" },
	{ "EXECUTE_WRITECOPY", FILE_MAP_EXECUTE | FILE_MAP_COPY, "+++-+++-" },
	{ "EXECUTE_READWRITE", FILE_MAP_EXECUTE | FILE_MAP_WRITE, "++++++++" },
};

static void against_ceilings(HANDLE section, const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(ceilings); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
			unsigned char *view = map_all(section, ceilings[i].access);
			DWORD before = query(view).Protect, old = UNTOUCHED;
			BOOL done;

			check_row("%s %s to %s", kind, ceilings[i].name, all_names[k]);
			SetLastError(UNTOUCHED);
			done = VirtualProtect(view, PAGE, all[k], &old);
			CHECK_EQ(done ? 0 : GetLastError(),
				 ceilings[i].works[k] == '+' ? 0 : ERROR_INVALID_PARAMETER);
			CHECK_EQ(query(view).Protect, done ? all[k] : before);
			CHECK_EQ(query(view).AllocationProtect, before);
			if (done)
				CHECK_EQ(old, before);
			CHECK(UnmapViewOfFile(view));
		}
	}
}

TEST(map_time_protection_is_the_ceiling_in_memory)
{
	HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, PAGE);

	against_ceilings(section, "memory");
	CHECK(CloseHandle(section));
}

TEST(map_time_protection_is_the_ceiling_in_files)
{
	HANDLE file = file_of("ceiling", PAGE, GENERIC_RWX);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_EXECUTE_READWRITE, 0, 0, NULL);

	against_ceilings(section, "file");
	CHECK(CloseHandle(section) && CloseHandle(file));
}

TEST(view_of_a_readonly_file_may_become_writecopy)
{
	HANDLE file = file_of("rofile", PAGE, GENERIC_READ);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_READ);
	DWORD old;

	CHECK_WORKS(VirtualProtect(view, PAGE, PAGE_WRITECOPY, &old));
	CHECK_EQ(old, PAGE_READONLY);
	CHECK_STATUS(touch_write(view), STATUS_SUCCESS);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(ceiling_is_not_the_current_protection)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	DWORD old;

	CHECK(VirtualProtect(view, PAGE, PAGE_NOACCESS, &old));
	CHECK_WORKS(VirtualProtect(view, PAGE, PAGE_READWRITE, &old));
	CHECK_EQ(old, PAGE_NOACCESS);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(no_combination_is_a_protection)
{
	static const DWORD wrong[] = { 0, PAGE_READONLY | PAGE_READWRITE, PAGE_NOACCESS | PAGE_READONLY, 0xff,
				       PAGE_READWRITE | PAGE_EXECUTE, PAGE_NOACCESS | PAGE_GUARD, 0x800,
				       PAGE_GUARD, PAGE_NOCACHE,
				       PAGE_READWRITE | PAGE_NOCACHE | PAGE_WRITECOMBINE };
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	unsigned char *memory = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		DWORD old;

		check_row("view %#x", (unsigned)wrong[i]);
		CHECK_FAILS(VirtualProtect(view, PAGE, wrong[i], &old), ERROR_INVALID_PARAMETER);
		check_row("memory %#x", (unsigned)wrong[i]);
		CHECK_FAILS(VirtualProtect(memory, PAGE, wrong[i], &old), ERROR_INVALID_PARAMETER);
	}
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(private_memory_takes_all_but_writecopy)
{
	unsigned char *memory = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);

	for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
		bool copy = all[k] == PAGE_WRITECOPY || all[k] == PAGE_EXECUTE_WRITECOPY;
		DWORD old;
		BOOL done;

		check_row("%s", all_names[k]);
		SetLastError(UNTOUCHED);
		done = VirtualProtect(memory, PAGE, all[k], &old);
		CHECK_EQ(done ? 0 : GetLastError(), copy ? ERROR_INVALID_PARAMETER : 0);
		if (done)
			CHECK_EQ(query(memory).Protect, all[k]);
	}
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(old_protection_must_have_a_place)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	unsigned char *memory = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);

	check_row("view");
	CHECK_FAILS(VirtualProtect(view, PAGE, PAGE_READONLY, NULL), ERROR_NOACCESS);
	CHECK_EQ(query(view).Protect, PAGE_READWRITE);
	check_row("memory");
	CHECK_FAILS(VirtualProtect(memory, PAGE, PAGE_READONLY, NULL), ERROR_NOACCESS);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(every_page_with_a_byte_in_the_range_changes)
{
	static const struct { DWORD offset, length, first, last; } cases[] = { /* pages changed */
		{ 0, 1, 0, 0 }, { 0xfff, 1, 0, 0 }, { 0xfff, 2, 0, 1 }, { 0x1000, 0x1000, 1, 1 },
		{ 0x1800, 0x1000, 1, 2 }, { 0, 0x4000, 0, 3 }, { 0x3fff, 1, 3, 3 },
	};
	HANDLE section = memory_section(PAGE_READWRITE, 4 * PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *view = map_all(section, FILE_MAP_WRITE);
		DWORD old;

		check_row("+%#x length %#x", (unsigned)cases[i].offset, (unsigned)cases[i].length);
		CHECK(VirtualProtect(view + cases[i].offset, cases[i].length, PAGE_READONLY, &old));
		for (DWORD page = 0; page < 4; page++) {
			bool changed = page >= cases[i].first && page <= cases[i].last;

			CHECK_EQ(query(view + page * PAGE).Protect, changed ? PAGE_READONLY : PAGE_READWRITE);
		}
		CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

TEST(old_protection_is_that_of_the_first_page)
{
	HANDLE section = memory_section(PAGE_READWRITE, 2 * PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	DWORD old;

	CHECK(VirtualProtect(view + PAGE, PAGE, PAGE_READONLY, &old));
	CHECK(VirtualProtect(view, 2 * PAGE, PAGE_NOACCESS, &old));
	CHECK_EQ(old, PAGE_READWRITE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(range_must_lie_in_one_allocation)
{
	HANDLE section = memory_section(PAGE_READWRITE, 2 * PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	unsigned char *gone = VirtualAlloc(NULL, PAGE, MEM_RESERVE, PAGE_READWRITE);
	unsigned char *reserved = VirtualAlloc(NULL, PAGE, MEM_RESERVE, PAGE_READWRITE);
	const struct { const char *name; unsigned char *address; SIZE_T size; DWORD error; } cases[] = {
		{ "past the view", view, 2 * PAGE + 1, ERROR_INVALID_ADDRESS },
		{ "behind the view", view + 2 * PAGE, PAGE, ERROR_INVALID_ADDRESS },
		{ "free", gone, PAGE, ERROR_INVALID_ADDRESS },
		{ "reserved", reserved, PAGE, ERROR_INVALID_ADDRESS },
		{ "NULL", NULL, PAGE, ERROR_INVALID_ADDRESS },
		{ "size 0", view, 0, ERROR_INVALID_PARAMETER },
		{ "overflow", view, (SIZE_T)-1, ERROR_INVALID_PARAMETER },
	};
	REQUIRE(VirtualFree(gone, 0, MEM_RELEASE));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		DWORD old;

		check_row("%s", cases[i].name);
		CHECK_FAILS(VirtualProtect(cases[i].address, cases[i].size, PAGE_READONLY, &old), cases[i].error);
	}
	CHECK_EQ(query(view).Protect, PAGE_READWRITE);
	CHECK(VirtualFree(reserved, 0, MEM_RELEASE) && UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(other_views_keep_their_protection)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *first = map_all(section, FILE_MAP_WRITE), *second = map_all(section, FILE_MAP_WRITE);
	DWORD old;

	CHECK(VirtualProtect(first, PAGE, PAGE_NOACCESS, &old));
	CHECK_EQ(query(second).Protect, PAGE_READWRITE);
	CHECK_STATUS(touch_write(second), STATUS_SUCCESS);
	CHECK_STATUS(touch_read(first), STATUS_ACCESS_VIOLATION);
	CHECK(UnmapViewOfFile(first) && UnmapViewOfFile(second) && CloseHandle(section));
}

TEST(protection_is_enforced)
{
	static const struct { const char *name; DWORD protection; NTSTATUS read, write; } cases[] = {
		{ "NOACCESS", PAGE_NOACCESS, STATUS_ACCESS_VIOLATION, STATUS_ACCESS_VIOLATION },
		{ "READONLY", PAGE_READONLY, STATUS_SUCCESS, STATUS_ACCESS_VIOLATION },
		{ "READWRITE", PAGE_READWRITE, STATUS_SUCCESS, STATUS_SUCCESS },
		{ "EXECUTE_READ", PAGE_EXECUTE_READ, STATUS_SUCCESS, STATUS_ACCESS_VIOLATION },
		{ "EXECUTE_READWRITE", PAGE_EXECUTE_READWRITE, STATUS_SUCCESS, STATUS_SUCCESS },
	};
	HANDLE section = memory_section(PAGE_EXECUTE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE | FILE_MAP_EXECUTE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		DWORD old;

		check_row("%s", cases[i].name);
		CHECK(VirtualProtect(view, PAGE, cases[i].protection, &old));
		CHECK_STATUS(touch_read(view), cases[i].read);
		CHECK_STATUS(touch_write(view), cases[i].write);
	}
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(guard_is_seen_in_the_query)
{
	HANDLE section = memory_section(PAGE_READWRITE, 2 * PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	DWORD old;

	CHECK(VirtualProtect(view, PAGE, PAGE_READWRITE | PAGE_GUARD, &old));
	CHECK_EQ(query(view).Protect, PAGE_READWRITE | PAGE_GUARD);
	CHECK_EQ(query(view).RegionSize, PAGE);
	CHECK(VirtualProtect(view, PAGE, PAGE_READWRITE, &old));
	CHECK_EQ(old, PAGE_READWRITE | PAGE_GUARD);
	CHECK_STATUS(touch_write(view), STATUS_SUCCESS);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(ex_takes_a_process)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	DWORD old = 0;

	check_row("itself");
	CHECK_WORKS(VirtualProtectEx(GetCurrentProcess(), view, PAGE, PAGE_READONLY, &old));
	CHECK_EQ(old, PAGE_READWRITE);
	check_row("NULL");
	CHECK_FAILS(VirtualProtectEx(NULL, view, PAGE, PAGE_READONLY, &old), ERROR_INVALID_HANDLE);
	check_row("garbage");
	CHECK_FAILS(VirtualProtectEx(GARBAGE_HANDLE, view, PAGE, PAGE_READONLY, &old), ERROR_INVALID_HANDLE);
	check_row("section");
	CHECK_FAILS(VirtualProtectEx(section, view, PAGE, PAGE_READONLY, &old), ERROR_INVALID_HANDLE);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(from_app_changes_data_pages)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	ULONG old = 0;

	CHECK_WORKS(CALL(protect_app)(view, PAGE, PAGE_READONLY, &old));
	CHECK_EQ(old, PAGE_READWRITE);
	CHECK_EQ(query(view).Protect, PAGE_READONLY);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}
