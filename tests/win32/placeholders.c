/* SPDX-License-Identifier: MIT */
/* Placeholders: reserve, split, replace, preserve, coalesce, free (win32-semantics 16). */
#include "support.h"

#define SIZE (4 * GRANULE)
#define PLACEHOLDER (MEM_RESERVE | MEM_RESERVE_PLACEHOLDER)
#define REPLACE (MEM_RESERVE | MEM_REPLACE_PLACEHOLDER)
#define SPLIT (MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER)
#define COALESCE (MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS)

static unsigned char *placeholder(void)
{
	unsigned char *base = CALL(alloc2)(NULL, NULL, SIZE, PLACEHOLDER, PAGE_NOACCESS, NULL, 0);

	REQUIRE_WORKS(base != NULL);
	return base;
}

/* Frees whatever lies in [base, base + SIZE). */
static void clear(unsigned char *base)
{
	for (unsigned char *at = base; at < base + SIZE;) {
		MEMORY_BASIC_INFORMATION info = query(at);

		at = (unsigned char *)info.BaseAddress + info.RegionSize;
		if (info.State == MEM_FREE)
			continue;
		if (info.Type == MEM_MAPPED)
			CHECK(UnmapViewOfFile(info.AllocationBase));
		else
			CHECK(VirtualFree(info.AllocationBase, 0, MEM_RELEASE));
	}
}

TEST(placeholder_is_described)
{
	unsigned char *base = placeholder();
	MEMORY_BASIC_INFORMATION info = query(base);

	CHECK(info.AllocationBase == base);
	CHECK_EQ(info.AllocationProtect, PAGE_NOACCESS);
	CHECK_EQ(info.RegionSize, SIZE);
	CHECK_EQ(info.State, MEM_RESERVE);
	CHECK_EQ(info.Protect, 0);
	CHECK_EQ(info.Type, MEM_PRIVATE);
	clear(base);
}

TEST(placeholder_is_made_one_way_only)
{
	static const struct { const char *name; DWORD type, protection; } cases[] = {
		{ "READWRITE", PLACEHOLDER, PAGE_READWRITE }, { "READONLY", PLACEHOLDER, PAGE_READONLY },
		{ "with COMMIT", PLACEHOLDER | MEM_COMMIT, PAGE_NOACCESS },
		{ "without RESERVE", MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(CALL(alloc2)(NULL, NULL, SIZE, cases[i].type, cases[i].protection, NULL, 0),
			    ERROR_INVALID_PARAMETER);
	}
	check_row("by VirtualAlloc");
	CHECK_FAILS(VirtualAlloc(NULL, SIZE, PLACEHOLDER, PAGE_NOACCESS), ERROR_INVALID_PARAMETER);
}

TEST(split_makes_two_or_three)
{
	static const struct { const char *name; DWORD offset, size; } cases[] = {
		{ "front", 0, GRANULE }, { "middle", GRANULE, GRANULE }, { "back", SIZE - GRANULE, GRANULE },
		{ "front page", 0, PAGE }, { "middle pages", 3 * PAGE, 2 * PAGE }, { "last page", SIZE - PAGE, PAGE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *base = placeholder(), *part = base + cases[i].offset;
		DWORD behind = cases[i].offset + cases[i].size;

		check_row("%s", cases[i].name);
		CHECK_WORKS(VirtualFree(part, cases[i].size, SPLIT));
		CHECK(query(part).AllocationBase == part);
		CHECK_EQ(query(part).RegionSize, cases[i].size);
		if (cases[i].offset)
			CHECK_EQ(query(base).RegionSize, cases[i].offset);
		if (behind < SIZE)
			CHECK(query(base + behind).AllocationBase == base + behind);
		clear(base);
	}
}

TEST(split_has_its_errors)
{
	unsigned char *base = placeholder();
	unsigned char *plain = VirtualAlloc(NULL, SIZE, MEM_RESERVE, PAGE_NOACCESS);
	const struct { const char *name; unsigned char *address; SIZE_T size; DWORD error; } cases[] = {
		{ "the whole", base, SIZE, ERROR_INVALID_ADDRESS },
		{ "size 0", base, 0, ERROR_INVALID_PARAMETER },
		{ "plain reservation", plain, GRANULE, ERROR_INVALID_ADDRESS },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(VirtualFree(cases[i].address, cases[i].size, SPLIT), cases[i].error);
	}
	CHECK(VirtualFree(plain, 0, MEM_RELEASE));
	clear(base);
}

TEST(coalesce_covers_whole_neighbours)
{
	static const struct { const char *name; DWORD offset, size, error; } cases[] = {
		{ "two", 0, 2 * GRANULE, 0 }, { "last two", 2 * GRANULE, 2 * GRANULE, 0 }, { "all", 0, SIZE, 0 },
		{ "one", 0, GRANULE, ERROR_INVALID_ADDRESS },
		{ "one and a half", 0, GRANULE + PAGE, ERROR_INVALID_ADDRESS },
		{ "beyond", 2 * GRANULE, 3 * GRANULE, ERROR_INVALID_ADDRESS },
		{ "from the middle of one", PAGE, 2 * GRANULE - PAGE, ERROR_INVALID_ADDRESS },
		{ "size 0", 0, 0, ERROR_INVALID_PARAMETER },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *base = placeholder();
		BOOL done;

		check_row("%s", cases[i].name);
		for (DWORD k = 0; k < 3; k++)
			CHECK(VirtualFree(base + k * GRANULE, GRANULE, SPLIT));
		SetLastError(UNTOUCHED);
		done = VirtualFree(base + cases[i].offset, cases[i].size, COALESCE);
		CHECK_EQ(done ? 0 : GetLastError(), cases[i].error);
		if (done)
			CHECK_EQ(query(base + cases[i].offset).RegionSize, cases[i].size);
		clear(base);
	}
}

TEST(coalesce_needs_release)
{
	unsigned char *base = placeholder();

	CHECK(VirtualFree(base, GRANULE, SPLIT));
	CHECK_FAILS(VirtualFree(base, SIZE, MEM_COALESCE_PLACEHOLDERS), ERROR_INVALID_PARAMETER);
	clear(base);
}

TEST(coalesce_takes_placeholders_only)
{
	unsigned char *base = placeholder();

	CHECK(VirtualFree(base, GRANULE, SPLIT));
	CHECK(CALL(alloc2)(NULL, base, GRANULE, REPLACE, PAGE_READWRITE, NULL, 0) == base);
	check_row("memory");
	CHECK_FAILS(VirtualFree(base, SIZE, COALESCE), ERROR_INVALID_ADDRESS);
	CHECK(VirtualFree(base, 0, MEM_RELEASE));
	check_row("gap");
	CHECK_FAILS(VirtualFree(base, SIZE, COALESCE), ERROR_INVALID_ADDRESS);
	clear(base);
}

TEST(memory_replaces_a_placeholder_exactly)
{
	static const struct { const char *name; DWORD offset; SIZE_T size; DWORD type, error; } cases[] = {
		{ "reserved", 0, GRANULE, REPLACE, 0 }, { "committed", 0, GRANULE, REPLACE | MEM_COMMIT, 0 },
		{ "smaller", 0, PAGE, REPLACE, ERROR_INVALID_ADDRESS },
		{ "larger", 0, 2 * GRANULE, REPLACE, ERROR_INVALID_ADDRESS },
		{ "elsewhere", PAGE, GRANULE - PAGE, REPLACE, ERROR_INVALID_ADDRESS },
		{ "without RESERVE", 0, GRANULE, MEM_REPLACE_PLACEHOLDER, ERROR_INVALID_PARAMETER },
		{ "COMMIT alone", 0, GRANULE, MEM_COMMIT, ERROR_INVALID_ADDRESS },
		{ "RESERVE alone", 0, GRANULE, MEM_RESERVE, ERROR_INVALID_ADDRESS },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *base = placeholder(), *memory;

		check_row("%s", cases[i].name);
		CHECK(VirtualFree(base, GRANULE, SPLIT));
		SetLastError(UNTOUCHED);
		memory = CALL(alloc2)(NULL, base + cases[i].offset, cases[i].size, cases[i].type, PAGE_READWRITE,
				      NULL, 0);
		CHECK_EQ(memory ? 0 : GetLastError(), cases[i].error);
		if (memory)
			CHECK_EQ(query(memory).AllocationProtect, PAGE_READWRITE);
		clear(base);
	}
}

TEST(memory_turns_back_into_a_placeholder)
{
	unsigned char *base = placeholder();

	CHECK(CALL(alloc2)(NULL, base, SIZE, REPLACE | MEM_COMMIT, PAGE_READWRITE, NULL, 0) == base);
	base[5] = 1;
	CHECK_WORKS(VirtualFree(base, SIZE, SPLIT));
	CHECK_EQ(query(base).State, MEM_RESERVE);
	CHECK_EQ(query(base).AllocationProtect, PAGE_NOACCESS);
	CHECK(CALL(alloc2)(NULL, base, SIZE, REPLACE | MEM_COMMIT, PAGE_READWRITE, NULL, 0) == base);
	CHECK_EQ(base[5], 0);
	clear(base);
}

TEST(view_replaces_a_placeholder_exactly)
{
	static const struct { const char *name; DWORD offset; SIZE_T size; DWORD error; } cases[] = {
		{ "exactly", 0, GRANULE, 0 }, { "smaller", 0, PAGE, ERROR_INVALID_ADDRESS },
		{ "larger", 0, 2 * GRANULE, ERROR_INVALID_ADDRESS },
		{ "another's start", GRANULE, GRANULE, ERROR_INVALID_ADDRESS },
	};
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char *base = placeholder(), *view;

		check_row("%s", cases[i].name);
		CHECK(VirtualFree(base, GRANULE, SPLIT));
		SetLastError(UNTOUCHED);
		view = CALL(map3)(section, NULL, base + cases[i].offset, 0, cases[i].size,
				  MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0);
		CHECK_EQ(view ? 0 : GetLastError(), cases[i].error);
		if (view) {
			view[0] = 1;
			CHECK_EQ(query(view).Type, MEM_MAPPED);
		}
		clear(base);
	}
	CHECK(CloseHandle(section));
}

TEST(view_turns_back_into_a_placeholder)
{
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);
	unsigned char *base = placeholder();

	CHECK(CALL(map3)(section, NULL, base, 0, SIZE, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0) == base);
	CHECK_WORKS(CALL(unmap2)(GetCurrentProcess(), base, MEM_PRESERVE_PLACEHOLDER));
	CHECK_EQ(query(base).State, MEM_RESERVE);
	CHECK_EQ(query(base).Type, MEM_PRIVATE);
	CHECK(CALL(map3)(section, NULL, base, 0, SIZE, MEM_REPLACE_PLACEHOLDER, PAGE_READONLY, NULL, 0) == base);
	CHECK(UnmapViewOfFile(base));
	CHECK_EQ(query(base).State, MEM_FREE);
	CHECK(CloseHandle(section));
}

TEST(plain_view_leaves_no_placeholder)
{
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);
	unsigned char *view = map_all(section, FILE_MAP_READ);

	CHECK_FAILS(CALL(unmap2)(GetCurrentProcess(), view, MEM_PRESERVE_PLACEHOLDER), ERROR_INVALID_ADDRESS);
	CHECK_EQ(query(view).State, MEM_COMMIT);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(ring_buffer_shows_its_start_behind_its_end)
{
	HANDLE section = memory_section(PAGE_READWRITE, GRANULE);
	unsigned char *ring = CALL(alloc2)(NULL, NULL, 2 * GRANULE, PLACEHOLDER, PAGE_NOACCESS, NULL, 0);
	volatile unsigned char *bytes = ring; /* the compiler knows no two addresses of one byte */

	REQUIRE_WORKS(ring != NULL);
	REQUIRE_WORKS(VirtualFree(ring, GRANULE, SPLIT));
	REQUIRE(CALL(map3)(section, NULL, ring, 0, GRANULE, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0) == ring);
	REQUIRE(CALL(map3)(section, NULL, ring + GRANULE, 0, GRANULE, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE,
			   NULL, 0) == ring + GRANULE);
	for (size_t i = 0; i < 4; i++)
		bytes[GRANULE - 2 + i] = (unsigned char)"ring"[i];
	CHECK_EQ(bytes[0], 'n');
	CHECK_EQ(bytes[1], 'g');
	bytes[0] = 'N';
	CHECK_EQ(bytes[GRANULE], 'N');
	CHECK(UnmapViewOfFile(ring) && UnmapViewOfFile(ring + GRANULE) && CloseHandle(section));
}

TEST(placeholders_are_freed_one_by_one)
{
	unsigned char *base = placeholder();

	CHECK(VirtualFree(base, GRANULE, SPLIT));
	check_row("across two");
	CHECK_FAILS(VirtualFree(base, SIZE, MEM_RELEASE), ERROR_INVALID_PARAMETER);
	check_row("each");
	CHECK_WORKS(VirtualFree(base, 0, MEM_RELEASE));
	CHECK_EQ(query(base).State, MEM_FREE);
	CHECK_EQ(query(base + GRANULE).State, MEM_RESERVE);
	CHECK_WORKS(VirtualFree(base + GRANULE, 0, MEM_RELEASE));
}

TEST(requirements_and_a_placeholder_exclude_one_another)
{
	MEM_ADDRESS_REQUIREMENTS requirements = { (void *)0x200000000000, NULL, 0 };
	MEM_EXTENDED_PARAMETER parameter;
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);
	unsigned char *base = placeholder();

	memset(&parameter, 0, sizeof(parameter));
	parameter.Type = MemExtendedParameterAddressRequirements;
	parameter.Pointer = &requirements;
	CHECK_FAILS(CALL(map3)(section, NULL, base, 0, SIZE, MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, &parameter, 1),
		    ERROR_INVALID_PARAMETER);
	clear(base);
	CHECK(CloseHandle(section));
}
