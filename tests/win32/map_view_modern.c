/* SPDX-License-Identifier: MIT */
/* MapViewOfFileFromApp, MapViewOfFileNuma2, MapViewOfFile3 and its parameters (win32-semantics 7.4-7.6). */
#include "support.h"

TEST(from_app_takes_a_whole_offset)
{
	static const struct { ULONG64 offset; SIZE_T size; DWORD error; } cases[] = {
		{ 0, 0, 0 }, { GRANULE, PAGE, 0 }, { PAGE, PAGE, 1132 }, { 0, 3 * GRANULE, 5 }, { 1ull << 40, 0, 5 },
	};
	HANDLE section = memory_section(PAGE_READWRITE, 2 * GRANULE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		void *view;

		check_row("%#llx+%#llx", (unsigned long long)cases[i].offset, (unsigned long long)cases[i].size);
		SetLastError(UNTOUCHED);
		view = CALL(map_app)(section, FILE_MAP_WRITE, cases[i].offset, cases[i].size);
		CHECK_EQ(view ? 0 : GetLastError(), cases[i].error);
		if (view)
			CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

/* PAGE_ values instead of FILE_MAP_ ones. */
static const struct { DWORD protection, error; } protections[] = {
	{ PAGE_NOACCESS, 0 }, { PAGE_READONLY, 0 }, { PAGE_READWRITE, 0 }, { PAGE_WRITECOPY, 0 },
	{ PAGE_EXECUTE_READ, 5 }, { PAGE_EXECUTE_READWRITE, 5 }, { PAGE_EXECUTE_WRITECOPY, 5 },
	{ 0, 87 }, { PAGE_READONLY | PAGE_READWRITE, 87 }, { 0x800, 87 },
};

TEST(numa2_takes_page_protections)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(protections); i++) {
		void *view;

		check_row("%#x", (unsigned)protections[i].protection);
		SetLastError(UNTOUCHED);
		view = CALL(map_numa2)(section, GetCurrentProcess(), 0, NULL, 0, 0, protections[i].protection,
				       NUMA_NO_PREFERRED_NODE);
		CHECK_EQ(view ? 0 : GetLastError(), protections[i].error);
		if (view) {
			CHECK_EQ(query(view).Protect, protections[i].protection);
			CHECK(UnmapViewOfFile(view));
		}
	}
	CHECK(CloseHandle(section));
}

TEST(map3_takes_page_protections)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(protections); i++) {
		void *view;

		check_row("%#x", (unsigned)protections[i].protection);
		SetLastError(UNTOUCHED);
		view = CALL(map3)(section, GetCurrentProcess(), NULL, 0, 0, 0, protections[i].protection, NULL, 0);
		CHECK_EQ(view ? 0 : GetLastError(), protections[i].error);
		if (view)
			CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

TEST(map3_without_process_means_this_one)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	void *view = CALL(map3)(section, NULL, NULL, 0, 0, 0, PAGE_READWRITE, NULL, 0);

	CHECK_WORKS(view != NULL);
	if (view)
		CHECK(UnmapViewOfFile(view));
	CHECK(CloseHandle(section));
}

TEST(map3_refuses_wrong_arguments)
{
	HANDLE section = memory_section(PAGE_READWRITE, 2 * GRANULE), self = GetCurrentProcess();
	const struct { const char *name; HANDLE section, process; ULONG_PTR base; ULONG64 offset;
		       SIZE_T size; ULONG type; DWORD error; } cases[] = {
		{ "section NULL", NULL, self, 0, 0, 0, 0, ERROR_INVALID_HANDLE },
		{ "section garbage", GARBAGE_HANDLE, self, 0, 0, 0, 0, ERROR_INVALID_HANDLE },
		{ "process garbage", section, GARBAGE_HANDLE, 0, 0, 0, 0, ERROR_INVALID_HANDLE },
		{ "base misaligned", section, self, 0x700000001000, 0, 0, 0, ERROR_MAPPED_ALIGNMENT },
		{ "offset misaligned", section, self, 0, PAGE, PAGE, 0, ERROR_MAPPED_ALIGNMENT },
		{ "offset at the end", section, self, 0, 2 * GRANULE, 0, 0, ERROR_ACCESS_DENIED },
		{ "too long", section, self, 0, 0, 2 * GRANULE + PAGE, 0, ERROR_ACCESS_DENIED },
		{ "type COMMIT", section, self, 0, 0, 0, MEM_COMMIT, ERROR_INVALID_PARAMETER },
		{ "type RESERVE of memory", section, self, 0, 0, 0, MEM_RESERVE, ERROR_INVALID_PARAMETER },
		{ "type unknown", section, self, 0, 0, 0, 0x00000400, ERROR_INVALID_PARAMETER },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_FAILS(CALL(map3)(cases[i].section, cases[i].process, (void *)cases[i].base,
				       cases[i].offset, cases[i].size, cases[i].type, PAGE_READWRITE, NULL, 0),
			    cases[i].error);
	}
	CHECK(CloseHandle(section));
}

/* One or two requirements as extended parameters: 0, or the last error. */
static DWORD map_within(HANDLE section, void *base, MEM_ADDRESS_REQUIREMENTS requirements, unsigned count)
{
	MEM_EXTENDED_PARAMETER parameters[2];
	void *view;

	memset(parameters, 0, sizeof(parameters));
	for (unsigned i = 0; i < 2; i++) {
		parameters[i].Type = MemExtendedParameterAddressRequirements;
		parameters[i].Pointer = &requirements;
	}
	SetLastError(UNTOUCHED);
	view = CALL(map3)(section, GetCurrentProcess(), base, 0, 0, 0, PAGE_READWRITE, parameters, count);
	if (!view)
		return GetLastError();
	CHECK((ULONG_PTR)view >= (ULONG_PTR)requirements.LowestStartingAddress);
	if (requirements.HighestEndingAddress)
		CHECK((ULONG_PTR)view + PAGE - 1 <= (ULONG_PTR)requirements.HighestEndingAddress);
	CHECK(UnmapViewOfFile(view));
	return 0;
}

TEST(address_requirements_hold)
{
	static const struct { const char *name; ULONG_PTR lowest, highest; SIZE_T alignment; ULONG_PTR base;
			      unsigned count; DWORD error; } cases[] = {
		{ "all zero", 0, 0, 0, 0, 1, 0 },
		{ "lowest", 0x200000000000, 0, 0, 0, 1, 0 },
		{ "highest", 0, 0x2fffffffffff, 0, 0, 1, 0 },
		{ "both", 0x200000000000, 0x2000ffffffff, 0, 0, 1, 0 },
		{ "highest not at a page's end", 0, 0x2000fffffff0, 0, 0, 1, 87 },
		{ "highest beyond user space", 0, 0xffff8fffffffffff, 0, 0, 1, 87 },
		{ "lowest not granular", 0x200000001000, 0, 0, 0, 1, 87 },
		{ "too tight", 0x200000000000, 0x200000000000 - 1 + 0, 0, 0, 1, 87 },
		{ "alignment 64 KiB", 0, 0, GRANULE, 0, 1, 87 },
		{ "alignment 2 MiB", 0, 0, 0x200000, 0, 1, 87 },
		{ "with a base", 0x200000000000, 0, 0, 0x300000000000, 1, 87 },
		{ "given twice", 0x200000000000, 0, 0, 0, 2, 87 },
	};
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);

	NEEDS_PLAIN_MEMORY();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		MEM_ADDRESS_REQUIREMENTS requirements = { (void *)cases[i].lowest, (void *)cases[i].highest,
							  cases[i].alignment };

		check_row("%s", cases[i].name);
		CHECK_EQ(map_within(section, (void *)cases[i].base, requirements, cases[i].count), cases[i].error);
	}
	CHECK(CloseHandle(section));
}

TEST(extended_parameters_have_known_types)
{
	static const struct { const char *name; unsigned type; ULONG64 value; DWORD error; } cases[] = {
		{ "type 0", 0, 0, 87 },
		{ "NUMA node", MemExtendedParameterNumaNode, 0, 0 },
		{ "type beyond the last", 0x20, 0, 87 },
		{ "type 255", 0xff, 0, 87 },
	};
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		MEM_EXTENDED_PARAMETER parameter;
		void *view;

		check_row("%s", cases[i].name);
		memset(&parameter, 0, sizeof(parameter));
		parameter.Type = cases[i].type & 0xff;
		parameter.ULong64 = cases[i].value;
		SetLastError(UNTOUCHED);
		view = CALL(map3)(section, GetCurrentProcess(), NULL, 0, 0, 0, PAGE_READWRITE, &parameter, 1);
		CHECK_EQ(view ? 0 : GetLastError(), cases[i].error);
		if (view)
			CHECK(UnmapViewOfFile(view));
	}
	CHECK(CloseHandle(section));
}

TEST(map3_from_app_maps_data)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	void *view = CALL(map3_app)(section, GetCurrentProcess(), NULL, 0, 0, 0, PAGE_READWRITE, NULL, 0);

	CHECK_WORKS(view != NULL);
	if (view)
		CHECK(UnmapViewOfFile(view));
	CHECK(CloseHandle(section));
}

TEST(numa2_refuses_wrong_arguments)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);

	check_row("process NULL");
	CHECK_FAILS(CALL(map_numa2)(section, NULL, 0, NULL, 0, 0, PAGE_READWRITE, NUMA_NO_PREFERRED_NODE),
		    ERROR_INVALID_HANDLE);
	check_row("base misaligned");
	CHECK_FAILS(CALL(map_numa2)(section, GetCurrentProcess(), 0, (void *)0x700000001000, 0, 0,
				    PAGE_READWRITE, NUMA_NO_PREFERRED_NODE), ERROR_MAPPED_ALIGNMENT);
	check_row("section");
	CHECK_FAILS(CALL(map_numa2)(GARBAGE_HANDLE, GetCurrentProcess(), 0, NULL, 0, 0, PAGE_READWRITE,
				    NUMA_NO_PREFERRED_NODE), ERROR_INVALID_HANDLE);
	CHECK(CloseHandle(section));
}
