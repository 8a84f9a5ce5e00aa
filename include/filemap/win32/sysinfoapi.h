/* SPDX-License-Identifier: MIT */
/* The machine: page size, allocation granularity, address range. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <sysinfoapi.h>
#elif !defined(FILEMAP_WIN32_SYSINFOAPI_H)
#define FILEMAP_WIN32_SYSINFOAPI_H

#include "minwindef.h"

#define PROCESSOR_ARCHITECTURE_INTEL 0
#define PROCESSOR_ARCHITECTURE_AMD64 9
#define PROCESSOR_ARCHITECTURE_ARM64 12
#define PROCESSOR_ARCHITECTURE_UNKNOWN 0xFFFF

#define GetSystemInfo FM_WIN32(GetSystemInfo)
#define GetNativeSystemInfo FM_WIN32(GetNativeSystemInfo)

FM_WIN32_BEGIN

typedef struct _SYSTEM_INFO {
	__extension__ union {
		DWORD dwOemId;
		__extension__ struct {
			WORD wProcessorArchitecture;
			WORD wReserved;
		};
	};
	DWORD dwPageSize;
	LPVOID lpMinimumApplicationAddress;
	LPVOID lpMaximumApplicationAddress;
	DWORD_PTR dwActiveProcessorMask;
	DWORD dwNumberOfProcessors;
	DWORD dwProcessorType;
	DWORD dwAllocationGranularity;
	WORD wProcessorLevel;
	WORD wProcessorRevision;
} SYSTEM_INFO, *LPSYSTEM_INFO;

WINBASEAPI VOID WINAPI GetSystemInfo(LPSYSTEM_INFO lpSystemInfo);
WINBASEAPI VOID WINAPI GetNativeSystemInfo(LPSYSTEM_INFO lpSystemInfo);

FM_WIN32_END

#endif
