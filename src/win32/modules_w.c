/* SPDX-License-Identifier: MIT */
/* Functions by name. In this file because half of them have a symbol for each width of wchar_t. */
#include <winternl.h>

#include <psapi.h>
#include <string.h>

#include "internal_win32.h"
#include "modules.h"
#include "os.h"
#include "win32.h"

#define ANYWHERE (MODULE_BASE | MODULE_MEMORY)

/* X(modules, name): sorted by name, all that the headers declare and a Windows module exports. */
#define FUNCTIONS(X)                                                                               \
	X(MODULE_BASE, AddVectoredContinueHandler)                                                  \
	X(MODULE_BASE, AddVectoredExceptionHandler)                                                 \
	X(MODULE_BASE, CloseHandle)                                                                 \
	X(MODULE_BASE, CompareObjectHandles)                                                        \
	X(MODULE_BASE, CreateFile2)                                                                 \
	X(MODULE_BASE, CreateFileA)                                                                 \
	X(ANYWHERE, CreateFileMapping2)                                                             \
	X(MODULE_BASE, CreateFileMappingA)                                                          \
	X(ANYWHERE, CreateFileMappingFromApp)                                                       \
	X(MODULE_BASE, CreateFileMappingNumaA)                                                      \
	X(ANYWHERE, CreateFileMappingNumaW)                                                         \
	X(ANYWHERE, CreateFileMappingW)                                                             \
	X(MODULE_BASE, CreateFileW)                                                                 \
	X(MODULE_BASE, DeleteFileA)                                                                 \
	X(MODULE_BASE, DeleteFileW)                                                                 \
	X(ANYWHERE, DiscardVirtualMemory)                                                           \
	X(MODULE_BASE, DuplicateHandle)                                                             \
	X(MODULE_PSAPI, EmptyWorkingSet)                                                            \
	X(MODULE_BASE, FlushFileBuffers)                                                            \
	X(ANYWHERE, FlushViewOfFile)                                                                \
	X(MODULE_BASE, FormatMessageA)                                                              \
	X(MODULE_BASE, FormatMessageW)                                                              \
	X(MODULE_BASE, GetCurrentProcess)                                                           \
	X(MODULE_BASE, GetCurrentProcessId)                                                         \
	X(MODULE_BASE, GetFileSize)                                                                 \
	X(MODULE_BASE, GetFileSizeEx)                                                               \
	X(MODULE_BASE, GetFileType)                                                                 \
	X(MODULE_BASE, GetHandleInformation)                                                        \
	X(ANYWHERE, GetLargePageMinimum)                                                            \
	X(MODULE_BASE, GetLastError)                                                                \
	X(MODULE_PSAPI, GetMappedFileNameA)                                                         \
	X(MODULE_PSAPI, GetMappedFileNameW)                                                         \
	X(MODULE_BASE, GetModuleHandleA)                                                            \
	X(MODULE_BASE, GetModuleHandleW)                                                            \
	X(MODULE_BASE, GetNativeSystemInfo)                                                         \
	X(MODULE_BASE, GetProcAddress)                                                              \
	X(MODULE_BASE, GetSystemInfo)                                                               \
	X(MODULE_BASE, GetTempFileNameA)                                                            \
	X(MODULE_BASE, GetTempFileNameW)                                                            \
	X(MODULE_BASE, GetTempPathA)                                                                \
	X(MODULE_BASE, GetTempPathW)                                                                \
	X(ANYWHERE, GetWriteWatch)                                                                  \
	X(MODULE_BASE, IsBadCodePtr)                                                                \
	X(MODULE_BASE, IsBadReadPtr)                                                                \
	X(MODULE_BASE, IsBadStringPtrA)                                                             \
	X(MODULE_BASE, IsBadStringPtrW)                                                             \
	X(MODULE_BASE, IsBadWritePtr)                                                               \
	X(MODULE_BASE, LocalFree)                                                                   \
	X(ANYWHERE, MapViewOfFile)                                                                  \
	X(ANYWHERE, MapViewOfFile2)                                                                 \
	X(ANYWHERE, MapViewOfFile3)                                                                 \
	X(ANYWHERE, MapViewOfFile3FromApp)                                                          \
	X(ANYWHERE, MapViewOfFileEx)                                                                \
	X(MODULE_BASE, MapViewOfFileExNuma)                                                         \
	X(ANYWHERE, MapViewOfFileFromApp)                                                           \
	X(ANYWHERE, MapViewOfFileNuma2)                                                             \
	X(MODULE_NT, NtAllocateVirtualMemory)                                                       \
	X(MODULE_NT, NtAreMappedFilesTheSame)                                                       \
	X(MODULE_NT, NtClose)                                                                       \
	X(MODULE_NT, NtCreateSection)                                                               \
	X(MODULE_NT, NtExtendSection)                                                               \
	X(MODULE_NT, NtFlushVirtualMemory)                                                          \
	X(MODULE_NT, NtFreeVirtualMemory)                                                           \
	X(MODULE_NT, NtMapViewOfSection)                                                            \
	X(MODULE_NT, NtMapViewOfSectionEx)                                                          \
	X(MODULE_NT, NtOpenSection)                                                                 \
	X(MODULE_NT, NtProtectVirtualMemory)                                                        \
	X(MODULE_NT, NtQuerySection)                                                                \
	X(MODULE_NT, NtQueryVirtualMemory)                                                          \
	X(MODULE_NT, NtUnmapViewOfSection)                                                          \
	X(MODULE_NT, NtUnmapViewOfSectionEx)                                                        \
	X(ANYWHERE, OfferVirtualMemory)                                                             \
	X(MODULE_BASE, OpenFileMappingA)                                                            \
	X(ANYWHERE, OpenFileMappingFromApp)                                                         \
	X(ANYWHERE, OpenFileMappingW)                                                               \
	X(MODULE_BASE, OpenProcess)                                                                 \
	X(ANYWHERE, PrefetchVirtualMemory)                                                          \
	X(ANYWHERE, QueryVirtualMemoryInformation)                                                  \
	X(MODULE_PSAPI, QueryWorkingSetEx)                                                          \
	X(MODULE_BASE, ReadFile)                                                                    \
	X(ANYWHERE, ReclaimVirtualMemory)                                                           \
	X(MODULE_BASE, RemoveVectoredContinueHandler)                                               \
	X(MODULE_BASE, RemoveVectoredExceptionHandler)                                              \
	X(ANYWHERE, ResetWriteWatch)                                                                \
	X(MODULE_NT, RtlInitUnicodeString)                                                          \
	X(MODULE_NT, RtlNtStatusToDosError)                                                         \
	X(MODULE_BASE, SetEndOfFile)                                                                \
	X(MODULE_BASE, SetFilePointer)                                                              \
	X(MODULE_BASE, SetFilePointerEx)                                                            \
	X(MODULE_BASE, SetHandleInformation)                                                        \
	X(MODULE_BASE, SetLastError)                                                                \
	X(MODULE_BASE, SetProcessWorkingSetSize)                                                    \
	X(MODULE_BASE, SetUnhandledExceptionFilter)                                                 \
	X(ANYWHERE, UnmapViewOfFile)                                                                \
	X(ANYWHERE, UnmapViewOfFile2)                                                               \
	X(ANYWHERE, UnmapViewOfFileEx)                                                              \
	X(ANYWHERE, VirtualAlloc)                                                                   \
	X(ANYWHERE, VirtualAlloc2)                                                                  \
	X(ANYWHERE, VirtualAlloc2FromApp)                                                           \
	X(ANYWHERE, VirtualAllocEx)                                                                 \
	X(ANYWHERE, VirtualAllocFromApp)                                                            \
	X(ANYWHERE, VirtualFree)                                                                    \
	X(ANYWHERE, VirtualFreeEx)                                                                  \
	X(ANYWHERE, VirtualLock)                                                                    \
	X(ANYWHERE, VirtualProtect)                                                                 \
	X(ANYWHERE, VirtualProtectEx)                                                               \
	X(ANYWHERE, VirtualProtectFromApp)                                                          \
	X(ANYWHERE, VirtualQuery)                                                                   \
	X(ANYWHERE, VirtualQueryEx)                                                                 \
	X(ANYWHERE, VirtualUnlock)                                                                  \
	X(MODULE_BASE, WriteFile)

static const struct function functions[] = {
#define ROW(modules, name) { #name, (FARPROC)(void (*)(void))name, modules },
	FUNCTIONS(ROW)
#undef ROW
};

FARPROC WINAPI GetProcAddress(HMODULE hModule, LPCSTR lpProcName)
{
	enum module module = module_of_handle(hModule);
	FARPROC found = NULL;

	if (module == MODULE_NONE) {
		SetLastError(ERROR_MOD_NOT_FOUND);
		return NULL;
	}
	if ((uintptr_t)lpProcName >> 16) { /* smaller values are ordinals, which no module here has */
		for (unsigned i = 0; i < RTL_NUMBER_OF(functions); i++)
			if ((functions[i].modules & module) && strcmp(functions[i].name, lpProcName) == 0)
				return functions[i].function;
		found = more_functions_find(sizeof(WCHAR), lpProcName, module);
	}
	if (!found)
		SetLastError(ERROR_PROC_NOT_FOUND);
	return found;
}

HMODULE WINAPI GetModuleHandleW(LPCWSTR lpModuleName)
{
	char *name;
	fm_status status = narrow(lpModuleName, &name);
	HMODULE handle = module_handle(status_failed(status) ? MODULE_NONE : module_of_name(name));

	os_free(name);
	return handle;
}
