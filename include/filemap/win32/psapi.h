/* SPDX-License-Identifier: MIT */
/* What is mapped and resident. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <psapi.h>
#elif !defined(FILEMAP_WIN32_PSAPI_H)
#define FILEMAP_WIN32_PSAPI_H

#include "windows.h"

#define GetMappedFileNameA FM_WIN32(GetMappedFileNameA)
#define GetMappedFileNameW FM_WIN32_WIDE(GetMappedFileNameW)
#define GetMappedFileName FM_WIN32_PAIR(GetMappedFileName)
#define QueryWorkingSetEx FM_WIN32(QueryWorkingSetEx)
#define EmptyWorkingSet FM_WIN32(EmptyWorkingSet)

FM_WIN32_BEGIN

typedef union _PSAPI_WORKING_SET_EX_BLOCK {
	ULONG_PTR Flags;
	__extension__ struct {
		__extension__ ULONG_PTR Valid : 1;
		__extension__ ULONG_PTR ShareCount : 3;
		__extension__ ULONG_PTR Win32Protection : 11;
		__extension__ ULONG_PTR Shared : 1;
		__extension__ ULONG_PTR Node : 6;
		__extension__ ULONG_PTR Locked : 1;
		__extension__ ULONG_PTR LargePage : 1;
		__extension__ ULONG_PTR Reserved : 7;
		__extension__ ULONG_PTR Bad : 1;
		__extension__ ULONG_PTR ReservedUlong : 32;
	};
	struct {
		__extension__ ULONG_PTR Valid : 1;
		__extension__ ULONG_PTR Reserved0 : 14;
		__extension__ ULONG_PTR Shared : 1;
		__extension__ ULONG_PTR Reserved1 : 15;
		__extension__ ULONG_PTR Bad : 1;
		__extension__ ULONG_PTR ReservedUlong : 32;
	} Invalid;
} PSAPI_WORKING_SET_EX_BLOCK, *PPSAPI_WORKING_SET_EX_BLOCK;

typedef struct _PSAPI_WORKING_SET_EX_INFORMATION {
	PVOID VirtualAddress;
	PSAPI_WORKING_SET_EX_BLOCK VirtualAttributes;
} PSAPI_WORKING_SET_EX_INFORMATION, *PPSAPI_WORKING_SET_EX_INFORMATION;

WINBASEAPI DWORD WINAPI GetMappedFileNameA(HANDLE hProcess, LPVOID lpv, LPSTR lpFilename, DWORD nSize);
WINBASEAPI DWORD WINAPI GetMappedFileNameW(HANDLE hProcess, LPVOID lpv, LPWSTR lpFilename, DWORD nSize);
WINBASEAPI BOOL WINAPI QueryWorkingSetEx(HANDLE hProcess, PVOID pv, DWORD cb);
WINBASEAPI BOOL WINAPI EmptyWorkingSet(HANDLE hProcess);

FM_WIN32_END

#endif
