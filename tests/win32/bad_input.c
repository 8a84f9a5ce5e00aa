/* SPDX-License-Identifier: MIT */
/* Every pointer NULL, every handle wrong: an error, never a crash, and nothing changed. */
#include "support.h"

TEST(wrong_process_handles)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *memory = VirtualAlloc(NULL, PAGE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	const struct { const char *name; HANDLE handle; } cases[] = {
		{ "NULL", NULL }, { "garbage", GARBAGE_HANDLE }, { "section", section },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		HANDLE bad = cases[i].handle;
		MEMORY_BASIC_INFORMATION info;
		PSAPI_WORKING_SET_EX_INFORMATION working = { memory, { 0 } };
		char name[64];
		DWORD old;

		check_row("VirtualAllocEx %s", cases[i].name);
		CHECK_FAILS(VirtualAllocEx(bad, NULL, PAGE, MEM_RESERVE, PAGE_READWRITE), ERROR_INVALID_HANDLE);
		check_row("VirtualFreeEx %s", cases[i].name);
		CHECK_FAILS(VirtualFreeEx(bad, memory, 0, MEM_RELEASE), ERROR_INVALID_HANDLE);
		check_row("VirtualProtectEx %s", cases[i].name);
		CHECK_FAILS(VirtualProtectEx(bad, memory, PAGE, PAGE_READONLY, &old), ERROR_INVALID_HANDLE);
		check_row("VirtualQueryEx %s", cases[i].name);
		CHECK_FAILS(VirtualQueryEx(bad, memory, &info, sizeof(info)), ERROR_INVALID_HANDLE);
		check_row("GetMappedFileName %s", cases[i].name);
		CHECK_FAILS(GetMappedFileNameA(bad, memory, name, sizeof(name)), ERROR_INVALID_HANDLE);
		check_row("QueryWorkingSetEx %s", cases[i].name);
		CHECK_FAILS(QueryWorkingSetEx(bad, &working, sizeof(working)), ERROR_INVALID_HANDLE);
		check_row("SetProcessWorkingSetSize %s", cases[i].name);
		CHECK_FAILS(SetProcessWorkingSetSize(bad, (SIZE_T)-1, (SIZE_T)-1), ERROR_INVALID_HANDLE);
	}
	CHECK_EQ(query(memory).Protect, PAGE_READWRITE);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && CloseHandle(section));
}

/* Windows faults inside some of these; here they fail. */
TEST(null_outputs)
{
	HANDLE file = file_of("null", 10, GENERIC_RW);
	unsigned char *memory = VirtualAlloc(NULL, PAGE, MEM_COMMIT, PAGE_READWRITE);

	check_row("VirtualProtect");
	CHECK_FAILS(VirtualProtect(memory, PAGE, PAGE_READONLY, NULL), ERROR_NOACCESS);
	check_row("VirtualQuery");
	CHECK_FAILS(VirtualQuery(memory, NULL, sizeof(MEMORY_BASIC_INFORMATION)), ERROR_NOACCESS);
	check_row("ReadFile");
	{
		DWORD done;

		CHECK_FAILS(ReadFile(file, NULL, 1, &done, NULL), ERROR_NOACCESS);
	}
	check_row("WriteFile");
	{
		DWORD done;

		CHECK_FAILS(WriteFile(file, NULL, 1, &done, NULL), ERROR_NOACCESS);
	}
	CHECK_EQ(file_length(file), 10);
	check_row("GetFileSizeEx");
	CHECK_FAILS(GetFileSizeEx(file, NULL), ERROR_NOACCESS);
	check_row("SetFilePointerEx needs no result");
	{
		LARGE_INTEGER to;

		to.QuadPart = 3;
		CHECK_WORKS(SetFilePointerEx(file, to, NULL, FILE_BEGIN));
	}
	check_row("OpenFileMapping");
	CHECK_FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, NULL), ERROR_INVALID_PARAMETER);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && CloseHandle(file));
}

TEST(null_outputs_of_native_calls)
{
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	LARGE_INTEGER size;
	PVOID base = NULL;
	SIZE_T length = PAGE;

	size.QuadPart = PAGE;
	check_row("NtCreateSection");
	CHECK_STATUS(CALL(nt_create)(NULL, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL),
		     STATUS_ACCESS_VIOLATION);
	check_row("NtMapViewOfSection base");
	CHECK_STATUS(CALL(nt_map)(section, GetCurrentProcess(), NULL, 0, 0, NULL, &length, ViewUnmap, 0, PAGE_READWRITE),
		     STATUS_ACCESS_VIOLATION);
	check_row("NtMapViewOfSection size");
	CHECK_STATUS(CALL(nt_map)(section, GetCurrentProcess(), &base, 0, 0, NULL, NULL, ViewUnmap, 0, PAGE_READWRITE),
		     STATUS_ACCESS_VIOLATION);
	check_row("NtAllocateVirtualMemory base");
	CHECK_STATUS(CALL(nt_allocate)(GetCurrentProcess(), NULL, 0, &length, MEM_RESERVE, PAGE_READWRITE),
		     STATUS_ACCESS_VIOLATION);
	check_row("NtAllocateVirtualMemory size");
	CHECK_STATUS(CALL(nt_allocate)(GetCurrentProcess(), &base, 0, NULL, MEM_RESERVE, PAGE_READWRITE),
		     STATUS_ACCESS_VIOLATION);
	check_row("NtExtendSection");
	CHECK_STATUS(CALL(nt_extend)(section, NULL), STATUS_ACCESS_VIOLATION);
	CHECK(CloseHandle(section));
}

TEST(buffers_that_fault)
{
	HANDLE file = file_of("fault", 2 * PAGE, GENERIC_RW);
	unsigned char *memory = VirtualAlloc(NULL, 2 * PAGE, MEM_RESERVE, PAGE_READWRITE);
	DWORD done;

	check_row("ReadFile into reserved memory");
	CHECK_FAILS(ReadFile(file, memory, PAGE, &done, NULL), ERROR_NOACCESS);
	check_row("WriteFile from reserved memory");
	CHECK_FAILS(WriteFile(file, memory, PAGE, &done, NULL), ERROR_NOACCESS);
	CHECK_EQ(file_length(file), 2 * PAGE);
	check_row("ReadFile into read-only memory");
	CHECK(VirtualAlloc(memory, PAGE, MEM_COMMIT, PAGE_READONLY) == memory);
	CHECK_FAILS(ReadFile(file, memory, PAGE, &done, NULL), ERROR_NOACCESS);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && CloseHandle(file));
}

TEST(bytes_that_are_no_handle)
{
	static const ULONG_PTR numbers[] = { 0, 1, 2, 3, 5, 0x7fff, 0xbad8, 0x7fffffff, 0x80000000, 0xffffffff,
					     0x100000004, 0x7fffffffffffffff, 0x8000000000000000, (ULONG_PTR)-7 };
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		HANDLE handle = (HANDLE)numbers[i];

		check_row("MapViewOfFile %#llx", (unsigned long long)numbers[i]);
		CHECK_FAILS(MapViewOfFile(handle, FILE_MAP_READ, 0, 0, 0), ERROR_INVALID_HANDLE);
		check_row("CreateFileMapping %#llx", (unsigned long long)numbers[i]);
		CHECK_FAILS(CreateFileMappingA(handle, NULL, PAGE_READONLY, 0, PAGE, NULL), ERROR_INVALID_HANDLE);
		check_row("GetFileSizeEx %#llx", (unsigned long long)numbers[i]);
		{
			LARGE_INTEGER size;

			CHECK_FAILS(GetFileSizeEx(handle, &size), ERROR_INVALID_HANDLE);
		}
	}
}
