/* SPDX-License-Identifier: MIT */
/* The native calls: views and virtual memory (win32-semantics 21.4-21.6). */
#include "support.h"

static const HANDLE self = (HANDLE)(LONG_PTR)-1;

struct mapping {
	HANDLE section, process;
	ULONG_PTR base, zero_bits;
	SIZE_T commit;
	LONGLONG offset;
	SIZE_T size;
	int inherit;
	ULONG type, protection;
};

/* Maps and unmaps again. */
static NTSTATUS map(struct mapping *mapping)
{
	PVOID base = (PVOID)mapping->base;
	LARGE_INTEGER offset;
	NTSTATUS status;

	offset.QuadPart = mapping->offset;
	status = CALL(nt_map)(mapping->section, mapping->process, &base, mapping->zero_bits, mapping->commit, &offset,
			      &mapping->size, (SECTION_INHERIT)mapping->inherit, mapping->type, mapping->protection);
	if (NT_SUCCESS(status))
		CHECK_STATUS(CALL(nt_unmap)(self, base), STATUS_SUCCESS);
	return status;
}

TEST(map_has_its_errors)
{
	HANDLE section = memory_section(PAGE_READWRITE, 4 * GRANULE), file = file_of("map", PAGE, GENERIC_READ);
	const struct { const char *name; struct mapping mapping; NTSTATUS status; } cases[] = {
		{ "plain", { section, self, 0, 0, 0, 0, 0, 2, 0, PAGE_READWRITE }, STATUS_SUCCESS },
		{ "ViewShare", { section, self, 0, 0, 0, 0, 0, 1, 0, PAGE_READWRITE }, STATUS_SUCCESS },
		{ "TOP_DOWN", { section, self, 0, 0, 0, 0, 0, 2, MEM_TOP_DOWN, PAGE_READWRITE }, STATUS_SUCCESS },
		{ "inherit 0", { section, self, 0, 0, 0, 0, 0, 0, 0, PAGE_READWRITE }, STATUS_INVALID_PARAMETER_8 },
		{ "inherit 3", { section, self, 0, 0, 0, 0, 0, 3, 0, PAGE_READWRITE }, STATUS_INVALID_PARAMETER_8 },
		{ "process NULL", { section, NULL, 0, 0, 0, 0, 0, 2, 0, PAGE_READWRITE }, STATUS_INVALID_HANDLE },
		{ "process garbage", { section, GARBAGE_HANDLE, 0, 0, 0, 0, 0, 2, 0, PAGE_READWRITE },
		  STATUS_INVALID_HANDLE },
		{ "section NULL", { NULL, self, 0, 0, 0, 0, 0, 2, 0, PAGE_READWRITE }, STATUS_INVALID_HANDLE },
		{ "section garbage", { GARBAGE_HANDLE, self, 0, 0, 0, 0, 0, 2, 0, PAGE_READWRITE },
		  STATUS_INVALID_HANDLE },
		{ "section NULL and misaligned", { NULL, self, 0, 0, 0, 1, 0, 2, 0, PAGE_READWRITE },
		  STATUS_INVALID_HANDLE },
		{ "section -1", { self, self, 0, 0, 0, 0, 0, 2, 0, PAGE_READWRITE }, STATUS_OBJECT_TYPE_MISMATCH },
		{ "section a file", { file, self, 0, 0, 0, 0, 0, 2, 0, PAGE_READWRITE }, STATUS_OBJECT_TYPE_MISMATCH },
		{ "no right to execute", { section, self, 0, 0, 0, 0, 0, 2, 0, PAGE_EXECUTE_READ },
		  STATUS_ACCESS_DENIED },
		{ "base +0x1000", { section, self, 0x700000001000, 0, 0, 0, 0, 2, 0, PAGE_READWRITE },
		  STATUS_MAPPED_ALIGNMENT },
		{ "base +42", { section, self, 0x70000000002a, 0, 0, 0, 0, 2, 0, PAGE_READWRITE },
		  STATUS_MAPPED_ALIGNMENT },
		{ "offset 1", { section, self, 0, 0, 0, 1, 0, 2, 0, PAGE_READWRITE }, STATUS_MAPPED_ALIGNMENT },
		{ "offset 0x40211", { section, self, 0, 0, 0, 0x40211, 0, 2, 0, PAGE_READWRITE },
		  STATUS_MAPPED_ALIGNMENT },
		{ "offset -1", { section, self, 0, 0, 0, -1, 0, 2, 0, PAGE_READWRITE }, STATUS_MAPPED_ALIGNMENT },
		{ "base beyond", { section, self, 0xffff800000000000, 0, 0, 0, 0, 2, 0, PAGE_READWRITE },
		  STATUS_INVALID_PARAMETER_3 },
		{ "zero bits 22", { section, self, 0, 22, 0, 0, 0, 2, 0, PAGE_READWRITE }, STATUS_INVALID_PARAMETER_4 },
		{ "commit > view", { section, self, 0, 0, 2 * PAGE, 0, PAGE, 2, 0, PAGE_READWRITE },
		  STATUS_INVALID_PARAMETER_5 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mapping mapping = cases[i].mapping;

		check_row("%s", cases[i].name);
		CHECK_STATUS(map(&mapping), cases[i].status);
	}
	CHECK(CloseHandle(section) && CloseHandle(file));
}

TEST(map_refuses_sizes_types_and_protections)
{
	HANDLE section = memory_section(PAGE_READWRITE, 4 * GRANULE);
	const struct { const char *name; struct mapping mapping; NTSTATUS status; } cases[] = {
		{ "size -1", { section, self, 0, 0, 0, 0, (SIZE_T)-1, 2, 0, PAGE_READWRITE }, STATUS_INVALID_PARAMETER_3 },
		{ "offset at the end", { section, self, 0, 0, 0, 4 * GRANULE, 0, 2, 0, PAGE_READWRITE },
		  STATUS_INVALID_VIEW_SIZE },
		{ "too long", { section, self, 0, 0, 0, 0, 4 * GRANULE + 1, 2, 0, PAGE_READWRITE },
		  STATUS_INVALID_VIEW_SIZE },
		{ "COMMIT", { section, self, 0, 0, 0, 0, 0, 2, MEM_COMMIT, PAGE_READWRITE }, STATUS_INVALID_PARAMETER_9 },
		{ "RESERVE of memory", { section, self, 0, 0, 0, 0, 0, 2, MEM_RESERVE, PAGE_READWRITE },
		  STATUS_INVALID_PARAMETER_9 },
		{ "AT_ROUND_TO_PAGE", { section, self, 0, 0, 0, 0, 0, 2, 0x40000000, PAGE_READWRITE },
		  STATUS_INVALID_PARAMETER_9 },
		{ "protection 0", { section, self, 0, 0, 0, 0, 0, 2, 0, 0 }, STATUS_INVALID_PAGE_PROTECTION },
		{ "two protections", { section, self, 0, 0, 0, 0, 0, 2, 0, PAGE_READONLY | PAGE_READWRITE },
		  STATUS_INVALID_PAGE_PROTECTION },
		{ "GUARD", { section, self, 0, 0, 0, 0, 0, 2, 0, PAGE_READWRITE | PAGE_GUARD }, STATUS_SUCCESS },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mapping mapping = cases[i].mapping;

		check_row("%s", cases[i].name);
		CHECK_STATUS(map(&mapping), cases[i].status);
	}
	CHECK(CloseHandle(section));
}

TEST(map_tells_base_offset_and_size)
{
	HANDLE section = memory_section(PAGE_READWRITE, 4 * GRANULE);
	static const struct { LONGLONG offset; SIZE_T given, told; } cases[] = {
		{ 0, 0, 4 * GRANULE }, { GRANULE, 0, 3 * GRANULE }, { 0, 1, PAGE }, { GRANULE, PAGE + 1, 2 * PAGE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mapping mapping = { section, self, 0, 0, 0, cases[i].offset, cases[i].given, 2, 0, PAGE_READWRITE };

		check_row("offset %#llx size %#llx", (unsigned long long)cases[i].offset,
			  (unsigned long long)cases[i].given);
		CHECK_STATUS(map(&mapping), STATUS_SUCCESS);
		CHECK_EQ(mapping.size, cases[i].told);
	}
	CHECK(CloseHandle(section));
}

/* '+': success, 'P': STATUS_SECTION_PROTECTION. */
TEST(section_protection_limits_every_handle)
{
	static const DWORD views[] = { PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, PAGE_EXECUTE,
				       PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY };
	static const struct { const char *name; ULONG protection; const char *works; } cases[] = {
		{ "READONLY", PAGE_READONLY, "++P+PPPP" }, { "WRITECOPY", PAGE_WRITECOPY, "++P+PPPP" },
		{ "READWRITE", PAGE_READWRITE, "++++PPPP" }, { "EXECUTE_READ", PAGE_EXECUTE_READ, "++P+++P+" },
		{ "EXECUTE_WRITECOPY", PAGE_EXECUTE_WRITECOPY, "++P+++P+" },
		{ "EXECUTE_READWRITE", PAGE_EXECUTE_READWRITE, "++++++++" },
		{ "EXECUTE", PAGE_EXECUTE, "+PPP+PPP" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		LARGE_INTEGER size;
		HANDLE section = NULL;

		size.QuadPart = PAGE;
		REQUIRE(CALL(nt_create)(&section, SECTION_ALL_ACCESS, NULL, &size, cases[i].protection, SEC_COMMIT,
					NULL) == STATUS_SUCCESS);
		for (size_t k = 0; k < ARRAY_SIZE(views); k++) {
			struct mapping mapping = { section, self, 0, 0, 0, 0, 0, 2, 0, views[k] };

			check_row("%s view %#x", cases[i].name, (unsigned)views[k]);
			CHECK_STATUS(map(&mapping),
				     cases[i].works[k] == '+' ? STATUS_SUCCESS : STATUS_SECTION_PROTECTION);
		}
		CHECK(CloseHandle(section));
	}
}

TEST(commit_size_commits_the_start)
{
	HANDLE section = memory_section(PAGE_READWRITE | SEC_RESERVE, 4 * PAGE);
	PVOID base = NULL;
	SIZE_T size = 0;

	NEEDS_RESERVED_FAULTS();
	CHECK_STATUS(CALL(nt_map)(section, self, &base, 0, PAGE, NULL, &size, ViewUnmap, 0, PAGE_READWRITE),
		     STATUS_SUCCESS);
	CHECK_STATUS(touch_write(base), STATUS_SUCCESS);
	CHECK_STATUS(touch_read((char *)base + PAGE), STATUS_ACCESS_VIOLATION);
	CHECK_EQ(query(base).RegionSize, PAGE);
	CHECK_STATUS(CALL(nt_unmap)(self, base), STATUS_SUCCESS);
	CHECK(CloseHandle(section));
}

TEST(noaccess_view_of_a_reserved_section_stays_so)
{
	HANDLE section = memory_section(PAGE_READWRITE | SEC_RESERVE, PAGE);
	PVOID base = NULL;
	SIZE_T size = 0;
	ULONG old;

	REQUIRE(CALL(nt_map)(section, self, &base, 0, PAGE, NULL, &size, ViewUnmap, 0, PAGE_NOACCESS) == STATUS_SUCCESS);
	size = PAGE;
	CHECK_STATUS(CALL(nt_protect)(self, &base, &size, PAGE_READWRITE, &old), STATUS_SECTION_PROTECTION);
	CHECK_STATUS(CALL(nt_unmap)(self, base), STATUS_SUCCESS);
	CHECK(CloseHandle(section));
}

/* What LMDB's and libmdbx's current branches do: the view is larger than the file and grows in place. */
TEST(view_beyond_the_file_grows_with_it)
{
	HANDLE file = file_of("grow", PAGE, GENERIC_RW), section = NULL;
	PVOID base = NULL;
	SIZE_T size = 64 * GRANULE;
	LARGE_INTEGER length;
	unsigned char *view;

	REQUIRE_EQ(CALL(nt_create)(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_RESERVE, file),
		   STATUS_SUCCESS);
	check_row("map");
	CHECK_STATUS(CALL(nt_map)(section, self, &base, 0, 0, NULL, &size, ViewUnmap, MEM_RESERVE, PAGE_READWRITE),
		     STATUS_SUCCESS);
	REQUIRE(base != NULL);
	view = base;
	CHECK_EQ(view[1], pattern(1));
	check_row("beyond the end");
	CHECK_EQ(query(view + PAGE).State, MEM_RESERVE);
	CHECK_STATUS(touch_read(view + 4 * PAGE), STATUS_ACCESS_VIOLATION);
	check_row("NtExtendSection");
	length.QuadPart = 4 * PAGE;
	CHECK_STATUS(CALL(nt_extend)(section, &length), STATUS_SUCCESS);
	view[3 * PAGE] = 7;
	CHECK_EQ(file_length(file), 4 * PAGE);
	CHECK_EQ(file_byte(file, 3 * PAGE), 7);
	check_row("VirtualAlloc");
	CHECK_WORKS(VirtualAlloc(view, 8 * PAGE, MEM_COMMIT, PAGE_READWRITE) == view);
	view[8 * PAGE - 1] = 8;
	CHECK_EQ(file_length(file), 8 * PAGE);
	CHECK_STATUS(CALL(nt_unmap)(self, base), STATUS_SUCCESS);
	CHECK(CloseHandle(section) && CloseHandle(file));
}

TEST(readonly_section_has_no_growing_view)
{
	HANDLE file = file_of("nogrow", PAGE, GENERIC_READ), section = NULL;
	struct mapping mapping = { NULL, self, 0, 0, 0, 0, GRANULE, 2, MEM_RESERVE, PAGE_READONLY };

	REQUIRE(CALL(nt_create)(&section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_COMMIT, file) ==
		STATUS_SUCCESS);
	mapping.section = section;
	CHECK_STATUS(map(&mapping), STATUS_SECTION_PROTECTION);
	CHECK(CloseHandle(section) && CloseHandle(file));
}

TEST(native_unmap_takes_any_address_inside)
{
	HANDLE section = memory_section(PAGE_READWRITE, GRANULE);
	unsigned char *view = map_all(section, FILE_MAP_READ);

	check_row("inside");
	CHECK_STATUS(CALL(nt_unmap)(self, view + 0x1234), STATUS_SUCCESS);
	check_row("again");
	CHECK_STATUS(CALL(nt_unmap)(self, view), STATUS_NOT_MAPPED_VIEW);
	check_row("process");
	CHECK_STATUS(CALL(nt_unmap)(NULL, view), STATUS_INVALID_HANDLE);
	check_row("Ex");
	view = map_all(section, FILE_MAP_READ);
	CHECK_STATUS(CALL(nt_unmap_ex)(self, view, 0), STATUS_SUCCESS);
	CHECK(CloseHandle(section));
}

TEST(native_map_ex_has_parameters)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	MEM_ADDRESS_REQUIREMENTS requirements = { NULL, (PVOID)0x1fffffffffff, 0 };
	MEM_EXTENDED_PARAMETER parameter;
	PVOID base = NULL;
	SIZE_T size = 0;

	memset(&parameter, 0, sizeof(parameter));
	parameter.Type = MemExtendedParameterAddressRequirements;
	parameter.Pointer = &requirements;
	check_row("highest address");
	CHECK_STATUS(CALL(nt_map_ex)(section, self, &base, NULL, &size, 0, PAGE_READWRITE, &parameter, 1), STATUS_SUCCESS);
	CHECK((ULONG_PTR)base < 0x200000000000);
	CHECK_EQ(size, PAGE);
	CHECK_STATUS(CALL(nt_unmap)(self, base), STATUS_SUCCESS);
	check_row("alignment");
	requirements.Alignment = GRANULE;
	base = NULL;
	CHECK_STATUS(CALL(nt_map_ex)(section, self, &base, NULL, &size, 0, PAGE_READWRITE, &parameter, 1),
		     STATUS_INVALID_PARAMETER);
	check_row("type 0");
	parameter.Type = 0;
	CHECK_STATUS(CALL(nt_map_ex)(section, self, &base, NULL, &size, 0, PAGE_READWRITE, &parameter, 1),
		     STATUS_INVALID_PARAMETER);
	CHECK(CloseHandle(section));
}

TEST(native_protect_has_its_errors)
{
	HANDLE section = memory_section(PAGE_READWRITE, 2 * PAGE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE);
	unsigned char *reserved = VirtualAlloc(NULL, PAGE, MEM_RESERVE, PAGE_READWRITE);
	ULONG old = 0;
	PVOID base = view + 5;
	SIZE_T size = PAGE;

	check_row("rounding");
	CHECK_STATUS(CALL(nt_protect)(self, &base, &size, PAGE_READONLY, &old), STATUS_SUCCESS);
	CHECK(base == view);
	CHECK_EQ(size, 2 * PAGE);
	CHECK_EQ(old, PAGE_READWRITE);
	check_row("0");
	CHECK_STATUS(CALL(nt_protect)(self, &base, &size, 0, &old), STATUS_INVALID_PAGE_PROTECTION);
	check_row("beyond the ceiling");
	CHECK_STATUS(CALL(nt_protect)(self, &base, &size, PAGE_EXECUTE_READ, &old), STATUS_SECTION_PROTECTION);
	check_row("reserved");
	base = reserved;
	size = PAGE;
	CHECK_STATUS(CALL(nt_protect)(self, &base, &size, PAGE_READONLY, &old), STATUS_NOT_COMMITTED);
	check_row("process");
	CHECK_STATUS(CALL(nt_protect)(NULL, &base, &size, PAGE_READONLY, &old), STATUS_INVALID_HANDLE);
	CHECK(VirtualFree(reserved, 0, MEM_RELEASE) && UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(native_allocation_lives_and_dies)
{
	PVOID base = NULL;
	SIZE_T size = PAGE + 1;

	check_row("allocate");
	CHECK_STATUS(CALL(nt_allocate)(self, &base, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);
	CHECK_EQ(size, 2 * PAGE);
	CHECK_STATUS(touch_write(base), STATUS_SUCCESS);
	check_row("release with a size too long");
	size = 16 * GRANULE;
	CHECK_STATUS(CALL(nt_free)(self, &base, &size, MEM_RELEASE), STATUS_UNABLE_TO_FREE_VM);
	check_row("release");
	size = 0;
	CHECK_STATUS(CALL(nt_free)(self, &base, &size, MEM_RELEASE), STATUS_SUCCESS);
	CHECK_EQ(size, 2 * PAGE);
	check_row("again");
	size = 0;
	CHECK_STATUS(CALL(nt_free)(self, &base, &size, MEM_RELEASE), STATUS_MEMORY_NOT_ALLOCATED);
}

TEST(native_allocation_has_its_errors)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE), file = file_of("alloc", PAGE, GENERIC_RW);
	HANDLE data = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_WRITE), *file_view = map_all(data, FILE_MAP_WRITE);
	const struct { const char *name; PVOID base; ULONG type, protection; NTSTATUS status; } cases[] = {
		{ "protection 0", NULL, MEM_RESERVE, 0, STATUS_INVALID_PAGE_PROTECTION },
		{ "WRITECOPY", NULL, MEM_COMMIT, PAGE_WRITECOPY, STATUS_INVALID_PAGE_PROTECTION },
		{ "placeholder", NULL, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, STATUS_INVALID_PARAMETER },
		{ "over a view", view, MEM_RESERVE, PAGE_READWRITE, STATUS_CONFLICTING_ADDRESSES },
		{ "commit of a file view", file_view, MEM_COMMIT, PAGE_READWRITE, STATUS_ALREADY_COMMITTED },
		{ "view beyond its ceiling", view, MEM_COMMIT, PAGE_EXECUTE_READ, STATUS_SECTION_PROTECTION },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		PVOID base = cases[i].base;
		SIZE_T size = PAGE;

		check_row("%s", cases[i].name);
		CHECK_STATUS(CALL(nt_allocate)(self, &base, 0, &size, cases[i].type, cases[i].protection),
			     cases[i].status);
	}
	CHECK(UnmapViewOfFile(view) && UnmapViewOfFile(file_view));
	CHECK(CloseHandle(section) && CloseHandle(data) && CloseHandle(file));
}

TEST(native_free_of_a_view_has_its_error)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	PVOID base = map_all(section, FILE_MAP_WRITE);
	SIZE_T size = 0;

	check_row("release");
	CHECK_STATUS(CALL(nt_free)(self, &base, &size, MEM_RELEASE), STATUS_UNABLE_TO_DELETE_SECTION);
	check_row("decommit");
	CHECK_STATUS(CALL(nt_free)(self, &base, &size, MEM_DECOMMIT), STATUS_UNABLE_TO_DELETE_SECTION);
	CHECK(UnmapViewOfFile(base) && CloseHandle(section));
}

TEST(decommit_of_the_middle_needs_a_size)
{
	unsigned char *memory = VirtualAlloc(NULL, 4 * PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	PVOID base = memory + PAGE;
	SIZE_T size = 0;

	CHECK_STATUS(CALL(nt_free)(self, &base, &size, MEM_DECOMMIT), STATUS_FREE_VM_NOT_AT_BASE);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(native_query_describes_memory)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_READ);
	MEMORY_BASIC_INFORMATION info;
	SIZE_T length = 0;

	check_row("basic");
	CHECK_STATUS(CALL(nt_query_memory)(self, view + 7, MemoryBasicInformation, &info, sizeof(info), &length),
		     STATUS_SUCCESS);
	CHECK_EQ(length, sizeof(info));
	CHECK(info.BaseAddress == view);
	CHECK_EQ(info.Protect, PAGE_READONLY);
	check_row("short");
	CHECK_STATUS(CALL(nt_query_memory)(self, view, MemoryBasicInformation, &info, sizeof(info) - 1, NULL),
		     STATUS_INFO_LENGTH_MISMATCH);
	check_row("beyond user space");
	CHECK_STATUS(CALL(nt_query_memory)(self, (PVOID)0xffff800000000000, MemoryBasicInformation, &info,
					   sizeof(info), NULL), STATUS_INVALID_PARAMETER);
	check_row("process");
	CHECK_STATUS(CALL(nt_query_memory)(NULL, view, MemoryBasicInformation, &info, sizeof(info), NULL),
		     STATUS_INVALID_HANDLE);
	check_row("class unknown");
	CHECK_STATUS(CALL(nt_query_memory)(self, view, (MEMORY_INFORMATION_CLASS)99, &info, sizeof(info), NULL),
		     STATUS_INVALID_INFO_CLASS);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(native_query_names_the_file)
{
	HANDLE file = file_of("named-by-nt", PAGE, GENERIC_READ);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_READ);
	struct { UNICODE_STRING string; WCHAR text[600]; } name;
	const WCHAR *end = wide("named-by-nt");
	SIZE_T length = 0;

	memset(&name, 0, sizeof(name));
	CHECK_STATUS(CALL(nt_query_memory)(self, view, MemoryMappedFilenameInformation, &name, sizeof(name), &length),
		     STATUS_SUCCESS);
	REQUIRE(name.string.Length / sizeof(WCHAR) > 11);
	CHECK(memcmp(name.string.Buffer + name.string.Length / sizeof(WCHAR) - 11, end, 11 * sizeof(WCHAR)) == 0);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(native_flush_rounds_to_pages)
{
	HANDLE file = file_of("ntflush", 2 * PAGE, GENERIC_RW);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL);
	PVOID base = map_all(section, FILE_MAP_WRITE), inside = (char *)base + 1, wild = (PVOID)0x10000;
	SIZE_T size = 1;
	IO_STATUS_BLOCK io;

	check_row("a byte");
	CHECK_STATUS(CALL(nt_flush)(self, &inside, &size, &io), STATUS_SUCCESS);
	CHECK(inside == base);
	CHECK_EQ(size, PAGE);
	check_row("no view");
	size = PAGE;
	CHECK_STATUS(CALL(nt_flush)(self, &wild, &size, &io), STATUS_NOT_MAPPED_VIEW);
	check_row("process");
	CHECK_STATUS(CALL(nt_flush)(NULL, &base, &size, &io), STATUS_INVALID_HANDLE);
	CHECK(UnmapViewOfFile(base) && CloseHandle(section) && CloseHandle(file));
}

TEST(views_of_one_data_file_are_not_the_same)
{
	HANDLE file = file_of("same", 2 * PAGE, GENERIC_READ);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	unsigned char *first = map_all(section, FILE_MAP_READ), *second = map_all(section, FILE_MAP_READ);
	void *memory = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);

	check_row("itself");
	CHECK_STATUS(CALL(nt_same_files)(first, first), STATUS_SUCCESS);
	check_row("inside");
	CHECK_STATUS(CALL(nt_same_files)(first, first + PAGE + 3), STATUS_SUCCESS);
	check_row("another view");
	CHECK_STATUS(CALL(nt_same_files)(first, second), STATUS_NOT_SAME_DEVICE);
	check_row("private memory");
	CHECK_STATUS(CALL(nt_same_files)(first, memory), STATUS_CONFLICTING_ADDRESSES);
	check_row("nothing");
	CHECK_STATUS(CALL(nt_same_files)(first, NULL), STATUS_INVALID_ADDRESS);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
	CHECK(UnmapViewOfFile(first) && UnmapViewOfFile(second) && CloseHandle(section) && CloseHandle(file));
}
