/* SPDX-License-Identifier: MIT */
/* GetModuleHandle and GetProcAddress, as programs look for newer functions (programs.md: run-time lookup). */
#include "support.h"

static const char *const names[] = {
	"ntdll", "ntdll.dll", "NTDLL.DLL", "kernel32", "kernel32.dll", "KERNEL32.DLL", "Kernel32.dll",
	"kernelbase", "kernelbase.dll", "KernelBase.dll",
};

TEST(modules_are_known_by_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_row("%s", names[i]);
		CHECK(GetModuleHandleA(names[i]) != NULL);
		CHECK(GetModuleHandleW(wide(names[i])) == GetModuleHandleA(names[i]));
	}
}

TEST(program_itself_is_a_module)
{
	check_row("narrow");
	CHECK(GetModuleHandleA(NULL) != NULL);
	check_row("wide");
	CHECK(GetModuleHandleW(NULL) == GetModuleHandleA(NULL));
}

TEST(other_modules_are_not)
{
	check_row("narrow");
	CHECK_FAILS(GetModuleHandleA("no-such-module.dll"), ERROR_MOD_NOT_FOUND);
	check_row("wide");
	CHECK_FAILS(GetModuleHandleW(wide("no-such-module.dll")), ERROR_MOD_NOT_FOUND);
	check_row("empty");
	CHECK_FAILS(GetModuleHandleA(""), ERROR_MOD_NOT_FOUND);
}

TEST(functions_are_found_where_programs_look)
{
	static const struct { const char *module, *name; } cases[] = {
		{ "kernel32.dll", "CreateFileMappingA" }, { "kernel32.dll", "CreateFileMappingW" },
		{ "kernel32.dll", "MapViewOfFileEx" }, { "kernel32.dll", "UnmapViewOfFile" },
		{ "kernel32.dll", "MapViewOfFileExNuma" }, { "kernel32.dll", "PrefetchVirtualMemory" },
		{ "kernel32.dll", "VirtualAlloc" }, { "kernel32.dll", "VirtualProtect" },
		{ "kernel32.dll", "GetLargePageMinimum" }, { "kernel32.dll", "CloseHandle" },
		{ "kernel32.dll", "CreateFileMappingFromApp" }, { "kernel32.dll", "MapViewOfFileFromApp" },
		{ "kernelbase.dll", "VirtualAlloc2" }, { "kernelbase.dll", "MapViewOfFile3" },
		{ "kernelbase.dll", "UnmapViewOfFile2" }, { "kernelbase.dll", "MapViewOfFileNuma2" },
		{ "kernelbase.dll", "VirtualAlloc2FromApp" }, { "kernelbase.dll", "MapViewOfFile3FromApp" },
		{ "kernelbase.dll", "CreateFileMapping2" }, { "kernelbase.dll", "VirtualProtectFromApp" },
		{ "kernelbase.dll", "OpenFileMappingFromApp" }, { "kernelbase.dll", "CompareObjectHandles" },
		{ "kernelbase.dll", "QueryVirtualMemoryInformation" },
		{ "ntdll.dll", "NtCreateSection" }, { "ntdll.dll", "NtOpenSection" },
		{ "ntdll.dll", "NtMapViewOfSection" }, { "ntdll.dll", "NtMapViewOfSectionEx" },
		{ "ntdll.dll", "NtUnmapViewOfSection" }, { "ntdll.dll", "NtUnmapViewOfSectionEx" },
		{ "ntdll.dll", "NtExtendSection" }, { "ntdll.dll", "NtQuerySection" },
		{ "ntdll.dll", "NtAllocateVirtualMemory" }, { "ntdll.dll", "NtFreeVirtualMemory" },
		{ "ntdll.dll", "NtProtectVirtualMemory" }, { "ntdll.dll", "NtQueryVirtualMemory" },
		{ "ntdll.dll", "NtFlushVirtualMemory" }, { "ntdll.dll", "NtAreMappedFilesTheSame" },
		{ "ntdll.dll", "NtClose" }, { "ntdll.dll", "RtlNtStatusToDosError" },
		{ "kernel32.dll", "AddVectoredExceptionHandler" }, { "kernel32.dll", "IsBadReadPtr" },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s %s", cases[i].module, cases[i].name);
		CHECK(GetProcAddress(GetModuleHandleA(cases[i].module), cases[i].name) != NULL);
	}
}

TEST(security_has_its_module)
{
	static const char *const functions[] = {
		"InitializeSecurityDescriptor", "SetSecurityDescriptorDacl", "AllocateAndInitializeSid", "OpenProcessToken",
		"ConvertStringSecurityDescriptorToSecurityDescriptorA", "LookupPrivilegeValueW", "RegOpenKeyExA",
		"ConvertStringSecurityDescriptorToSecurityDescriptorW",
	};
	HMODULE module = LoadLibraryA("ADVAPI32.dll");

	REQUIRE(module != NULL);
	CHECK(GetModuleHandleA("advapi32") == module);
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		check_row("%s", functions[i]);
		CHECK(GetProcAddress(module, functions[i]) != NULL);
	}
	check_row("what it has not");
	CHECK_FAILS(GetProcAddress(module, "CreateFileMappingA") != NULL, ERROR_PROC_NOT_FOUND);
	CHECK_WORKS(FreeLibrary(module));
}

TEST(api_sets_are_modules)
{
	static const char *const sets[] = { "api-ms-win-core-memory-l1-1-6.dll", "api-ms-win-core-memory-l1-1-6" };

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		check_row("%s", sets[i]);
		HMODULE set = GetModuleHandleA(sets[i]);

		CHECK(set != NULL);
		CHECK(set != NULL && GetProcAddress(set, "VirtualAlloc2FromApp") != NULL);
	}
}

TEST(other_functions_are_not_found)
{
	HMODULE kernel = GetModuleHandleA("kernel32.dll");

	check_row("unknown");
	CHECK_FAILS(GetProcAddress(kernel, "NoSuchFunctionAnywhere") != NULL, ERROR_PROC_NOT_FOUND);
	check_row("empty");
	CHECK_FAILS(GetProcAddress(kernel, "") != NULL, ERROR_PROC_NOT_FOUND);
	check_row("case matters");
	CHECK_FAILS(GetProcAddress(kernel, "closehandle") != NULL, ERROR_PROC_NOT_FOUND);
}

TEST(found_functions_are_the_functions)
{
	typedef HANDLE(WINAPI *create_type)(HANDLE, LPSECURITY_ATTRIBUTES, DWORD, DWORD, DWORD, LPCWSTR);
	typedef HANDLE(WINAPI *open_type)(DWORD, BOOL, LPCWSTR);
	HMODULE kernel = GetModuleHandleA("kernel32.dll");
	create_type create = (create_type)(void (*)(void))GetProcAddress(kernel, "CreateFileMappingW");
	open_type open = (open_type)(void (*)(void))GetProcAddress(kernel, "OpenFileMappingW");
	const char *name = check_name("found");
	HANDLE section, opened;

	REQUIRE(create != NULL && open != NULL);
	section = create(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, PAGE, wide(name));
	opened = open(FILE_MAP_READ, FALSE, wide(name));
	CHECK(section != NULL && opened != NULL);
	CHECK((opened = OpenFileMappingA(FILE_MAP_READ, FALSE, name)) != NULL);
	CHECK(CloseHandle(section));
}
