/* SPDX-License-Identifier: MIT */
/* VirtualAlloc, VirtualFree, VirtualAlloc2's address requirements (win32-semantics 15). */
#include "support.h"

#define SIZE (16 * PAGE)

TEST(allocation_refuses_wrong_arguments)
{
	static const struct { const char *name; SIZE_T size; DWORD type, protection, error; } cases[] = {
		{ "size 0", 0, MEM_RESERVE, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "protection 0", PAGE, MEM_RESERVE, 0, ERROR_INVALID_PARAMETER },
		{ "two protections", PAGE, MEM_COMMIT, PAGE_READONLY | PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "WRITECOPY", PAGE, MEM_COMMIT, PAGE_WRITECOPY, ERROR_INVALID_PARAMETER },
		{ "EXECUTE_WRITECOPY", PAGE, MEM_COMMIT, PAGE_EXECUTE_WRITECOPY, ERROR_INVALID_PARAMETER },
		{ "NOACCESS and GUARD", PAGE, MEM_COMMIT, PAGE_NOACCESS | PAGE_GUARD, ERROR_INVALID_PARAMETER },
		{ "type 0", PAGE, 0, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "type unknown", PAGE, MEM_RESERVE | 0x1, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "WRITE_WATCH alone", PAGE, MEM_WRITE_WATCH, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "WRITE_WATCH with COMMIT", PAGE, MEM_WRITE_WATCH | MEM_COMMIT, PAGE_READWRITE,
		  ERROR_INVALID_PARAMETER },
		{ "RESET with COMMIT", PAGE, MEM_RESET | MEM_COMMIT, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "RELEASE", PAGE, MEM_RELEASE, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
#if !defined(__aarch64__) /* has 2^48 bytes */
		{ "2^47", 1ull << 47, MEM_RESERVE, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "more than is free", 0x7ffe00000000, MEM_RESERVE, PAGE_READWRITE, ERROR_NOT_ENOUGH_MEMORY },
#endif
		{ "2^48", 1ull << 48, MEM_RESERVE, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
		{ "-1", (SIZE_T)-1, MEM_RESERVE, PAGE_READWRITE, ERROR_INVALID_PARAMETER },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(VirtualAlloc(NULL, cases[i].size, cases[i].type, cases[i].protection), cases[i].error);
	}
}

TEST(every_private_protection_is_given)
{
	static const DWORD protections[] = { PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_EXECUTE,
					     PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE,
					     PAGE_READWRITE | PAGE_GUARD, PAGE_READWRITE | PAGE_NOCACHE,
					     PAGE_READWRITE | PAGE_WRITECOMBINE };
	for (size_t i = 0; i < ARRAY_SIZE(protections); i++) {
		unsigned char *memory = VirtualAlloc(NULL, SIZE, MEM_RESERVE | MEM_COMMIT, protections[i]);

		check_row("%#x", (unsigned)protections[i]);
		REQUIRE_WORKS(memory != NULL);
		CHECK_EQ(query(memory).Protect, protections[i]);
		CHECK_EQ(query(memory).AllocationProtect, protections[i]);
		CHECK(VirtualFree(memory, 0, MEM_RELEASE));
	}
}

TEST(reservation_is_granular_and_commit_is_not)
{
	unsigned char *memory = VirtualAlloc(NULL, 4 * GRANULE, MEM_RESERVE, PAGE_READWRITE);

	REQUIRE(memory != NULL);
	check_row("base");
	CHECK_EQ((ULONG_PTR)memory % GRANULE, 0);
	REQUIRE(VirtualFree(memory, 0, MEM_RELEASE));
	check_row("address rounded down, size to what is covered");
	CHECK(VirtualAlloc(memory + PAGE + 1, PAGE, MEM_RESERVE, PAGE_READWRITE) == memory);
	CHECK_EQ(query(memory).RegionSize, 3 * PAGE);
	check_row("commit rounded to pages");
	CHECK(VirtualAlloc(memory + PAGE + 5, 1, MEM_COMMIT, PAGE_READWRITE) == memory + PAGE);
	CHECK_EQ(query(memory + PAGE).RegionSize, PAGE);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(commit_without_address_reserves)
{
	unsigned char *memory = VirtualAlloc(NULL, PAGE + 1, MEM_COMMIT, PAGE_READWRITE);

	REQUIRE(memory != NULL);
	CHECK_EQ(query(memory).State, MEM_COMMIT);
	CHECK_EQ(query(memory).RegionSize, 2 * PAGE);
	CHECK_EQ(memory[PAGE], 0);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(commit_needs_a_reservation)
{
	unsigned char *memory = VirtualAlloc(NULL, SIZE, MEM_RESERVE, PAGE_READWRITE);

	check_row("past it");
	CHECK_FAILS(VirtualAlloc(memory, SIZE + 1, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_ADDRESS);
	REQUIRE(VirtualFree(memory, 0, MEM_RELEASE));
	check_row("none");
	CHECK_FAILS(VirtualAlloc(memory, PAGE, MEM_COMMIT, PAGE_READWRITE), ERROR_INVALID_ADDRESS);
}

TEST(reserved_memory_faults)
{
	unsigned char *memory = VirtualAlloc(NULL, SIZE, MEM_RESERVE, PAGE_READWRITE);

	CHECK_STATUS(touch_read(memory), STATUS_ACCESS_VIOLATION);
	CHECK(VirtualAlloc(memory, PAGE, MEM_COMMIT, PAGE_READWRITE) == memory);
	CHECK_STATUS(touch_write(memory), STATUS_SUCCESS);
	CHECK_STATUS(touch_read(memory + PAGE), STATUS_ACCESS_VIOLATION);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(reserving_what_is_taken_fails)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *memory = VirtualAlloc(NULL, PAGE, MEM_RESERVE, PAGE_READWRITE);
	unsigned char *view = map_all(section, FILE_MAP_READ);
	const struct { const char *name; unsigned char *address; SIZE_T size; } cases[] = {
		{ "reserved", memory, PAGE }, { "rest of its unit", memory + 0x8000, PAGE },
		{ "view", view, PAGE }, { "rest of the view's unit", view + 0xf000, PAGE },
		{ "running into it", memory - GRANULE, 2 * GRANULE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(VirtualAlloc(cases[i].address, cases[i].size, MEM_RESERVE, PAGE_READWRITE),
			    ERROR_INVALID_ADDRESS);
	}
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(recommit_keeps_contents)
{
	unsigned char *memory = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);

	memory[1] = 5;
	CHECK(VirtualAlloc(memory, PAGE, MEM_COMMIT, PAGE_READONLY) == memory);
	CHECK_EQ(memory[1], 5);
	CHECK_EQ(query(memory).Protect, PAGE_READONLY);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(decommit_forgets_contents)
{
	unsigned char *memory = VirtualAlloc(NULL, SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

	memory[PAGE] = 5;
	CHECK_WORKS(VirtualFree(memory + PAGE, PAGE, MEM_DECOMMIT));
	CHECK_EQ(query(memory + PAGE).State, MEM_RESERVE);
	CHECK_EQ(query(memory + PAGE).RegionSize, PAGE);
	CHECK_STATUS(touch_read(memory + PAGE), STATUS_ACCESS_VIOLATION);
	CHECK(VirtualAlloc(memory + PAGE, PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
	CHECK_EQ(memory[PAGE], 0);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(free_follows_its_rules)
{
	static const struct { const char *name; DWORD offset; SIZE_T size; DWORD type, error; } cases[] = {
		{ "DECOMMIT of reserved pages", 4 * PAGE, PAGE, MEM_DECOMMIT, 0 },
		{ "DECOMMIT all from the base", 0, 0, MEM_DECOMMIT, 0 },
		{ "DECOMMIT size 0 inside", PAGE, 0, MEM_DECOMMIT, ERROR_INVALID_ADDRESS },
		{ "DECOMMIT past the end", 0, SIZE + 1, MEM_DECOMMIT, ERROR_INVALID_PARAMETER },
		{ "RELEASE inside", PAGE, 0, MEM_RELEASE, ERROR_INVALID_ADDRESS },
		{ "RELEASE past the end", 0, SIZE + 1, MEM_RELEASE, ERROR_INVALID_PARAMETER },
		{ "both", 0, 0, MEM_DECOMMIT | MEM_RELEASE, ERROR_INVALID_PARAMETER },
		{ "type 0", 0, 0, 0, ERROR_INVALID_PARAMETER },
		{ "type unknown", 0, 0, 0x10000, ERROR_INVALID_PARAMETER },
	};
	unsigned char *memory = VirtualAlloc(NULL, SIZE, MEM_RESERVE, PAGE_READWRITE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		BOOL done;

		check_row("%s", cases[i].name);
		CHECK(VirtualAlloc(memory, 2 * PAGE, MEM_COMMIT, PAGE_READWRITE) != NULL);
		SetLastError(UNTOUCHED);
		done = VirtualFree(memory + cases[i].offset, cases[i].size, cases[i].type);
		CHECK_EQ(done ? 0 : GetLastError(), cases[i].error);
		CHECK(query(memory).AllocationBase == memory);
	}
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
	check_row("again");
	CHECK_FAILS(VirtualFree(memory, 0, MEM_RELEASE), ERROR_INVALID_ADDRESS);
	check_row("NULL");
	CHECK_FAILS(VirtualFree(NULL, 0, MEM_RELEASE), ERROR_INVALID_PARAMETER);
}

TEST(fixed_address_is_kept)
{
	unsigned char *memory = VirtualAlloc(NULL, SIZE, MEM_RESERVE, PAGE_READWRITE);

	REQUIRE(VirtualFree(memory, 0, MEM_RELEASE));
	CHECK(VirtualAlloc(memory, SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE) == memory);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(top_down_works)
{
	unsigned char *memory = VirtualAlloc(NULL, SIZE, MEM_RESERVE | MEM_COMMIT | MEM_TOP_DOWN, PAGE_READWRITE);

	REQUIRE_WORKS(memory != NULL);
	memory[0] = 1;
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(reset_keeps_the_pages_usable)
{
	unsigned char *memory = VirtualAlloc(NULL, SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

	check_row("RESET");
	CHECK_WORKS(VirtualAlloc(memory, SIZE, MEM_RESET, PAGE_READWRITE) == memory);
	memory[0] = 1;
	CHECK_EQ(query(memory).State, MEM_COMMIT);
	check_row("protection 0");
	CHECK_FAILS(VirtualAlloc(memory, SIZE, MEM_RESET, 0), ERROR_INVALID_PARAMETER);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(ex_calls_take_this_process)
{
	unsigned char *memory = VirtualAllocEx(GetCurrentProcess(), NULL, SIZE, MEM_RESERVE | MEM_COMMIT,
					       PAGE_READWRITE);

	check_row("allocate");
	REQUIRE_WORKS(memory != NULL);
	check_row("free");
	CHECK_WORKS(VirtualFreeEx(GetCurrentProcess(), memory, 0, MEM_RELEASE));
	check_row("process NULL");
	CHECK_FAILS(VirtualAllocEx(NULL, NULL, SIZE, MEM_RESERVE, PAGE_READWRITE), ERROR_INVALID_HANDLE);
	check_row("process garbage");
	CHECK_FAILS(VirtualFreeEx(GARBAGE_HANDLE, memory, 0, MEM_RELEASE), ERROR_INVALID_HANDLE);
}

/* 0 or the last error of VirtualAlloc2 with these requirements; checks where the memory lies. */
static DWORD allocate_within(void *base, ULONG_PTR lowest, ULONG_PTR highest, SIZE_T alignment)
{
	MEM_ADDRESS_REQUIREMENTS requirements = { (void *)lowest, (void *)highest, alignment };
	MEM_EXTENDED_PARAMETER parameter;
	unsigned char *memory;

	memset(&parameter, 0, sizeof(parameter));
	parameter.Type = MemExtendedParameterAddressRequirements;
	parameter.Pointer = &requirements;
	SetLastError(UNTOUCHED);
	memory = CALL(alloc2)(NULL, base, SIZE, MEM_RESERVE, PAGE_NOACCESS, &parameter, 1);
	if (!memory)
		return GetLastError();
	CHECK((ULONG_PTR)memory >= lowest);
	CHECK(!highest || (ULONG_PTR)memory + SIZE - 1 <= highest);
	CHECK_EQ((ULONG_PTR)memory % (alignment ? alignment : GRANULE), 0);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
	return 0;
}

TEST(alloc2_meets_address_requirements)
{
	static const struct { const char *name; ULONG_PTR base, lowest, highest; SIZE_T alignment;
			      DWORD error; } cases[] = {
		{ "none", 0, 0, 0, 0, 0 },
		{ "alignment 64 KiB", 0, 0, 0, 0x10000, 0 },
		{ "alignment 1 MiB", 0, 0, 0, 0x100000, 0 },
		{ "alignment 1 GiB", 0, 0, 0, 0x40000000, 0 },
		{ "alignment 32 KiB", 0, 0, 0, 0x8000, 87 },
		{ "alignment no power of two", 0, 0, 0, 0x30000, 87 },
		{ "lowest", 0, 0x200000000000, 0, 0, 0 },
		{ "highest", 0, 0, 0x1fffffffffff, 0, 0 },
		{ "a window", 0, 0x200000000000, 0x20000fffffff, 0x100000, 0 },
		{ "highest not at a page's end", 0, 0, 0x1ffffffffff0, 0, 87 },
		{ "lowest not granular", 0, 0x200000001000, 0, 0, 87 },
		{ "highest beyond user space", 0, 0, 0xffff8fffffffffff, 0, 87 },
		{ "too tight", 0, 0x200000000000, 0x200000007fff, 0, 8 },
		{ "too tight for the alignment", 0, 0x200000010000, 0x20000fffffff, 0x10000000000, 8 },
		{ "with a base", 0x210000000000, 0x200000000000, 0, 0, 87 },
	};
	NEEDS_PLAIN_MEMORY();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(allocate_within((void *)cases[i].base, cases[i].lowest, cases[i].highest,
					 cases[i].alignment), cases[i].error);
	}
}

TEST(alloc2_from_app_allocates_data)
{
	unsigned char *memory = CALL(alloc2_app)(NULL, NULL, SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, 0);

	REQUIRE_WORKS(memory != NULL);
	memory[0] = 1;
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}
