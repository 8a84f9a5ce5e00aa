/* SPDX-License-Identifier: MIT */
/* The machine: page size, allocation granularity, address range, memory; the system's version; clocks. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <sysinfoapi.h>
#elif !defined(FILEMAP_WIN32_SYSINFOAPI_H)
#define FILEMAP_WIN32_SYSINFOAPI_H

#include "minwinbase.h"

#define PROCESSOR_ARCHITECTURE_INTEL 0
#define PROCESSOR_ARCHITECTURE_AMD64 9
#define PROCESSOR_ARCHITECTURE_ARM64 12
#define PROCESSOR_ARCHITECTURE_UNKNOWN 0xFFFF

#define GetSystemInfo FM_WIN32(GetSystemInfo)
#define GetNativeSystemInfo FM_WIN32(GetNativeSystemInfo)
#define GetVersion FM_WIN32(GetVersion)
#define GetVersionExA FM_WIN32(GetVersionExA)
#define GetVersionExW FM_WIN32_WIDE(GetVersionExW)
#define GetVersionEx FM_WIN32_PAIR(GetVersionEx)
#define GlobalMemoryStatusEx FM_WIN32(GlobalMemoryStatusEx)
#define GetSystemTime FM_WIN32(GetSystemTime)
#define GetLocalTime FM_WIN32(GetLocalTime)
#define GetSystemTimeAsFileTime FM_WIN32(GetSystemTimeAsFileTime)
#define GetSystemTimePreciseAsFileTime FM_WIN32(GetSystemTimePreciseAsFileTime)
#define GetTickCount FM_WIN32(GetTickCount)
#define GetTickCount64 FM_WIN32(GetTickCount64)

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

/* Windows 10.0, build 19045, and no service pack. A size that is neither structure's: 122. */
WINBASEAPI DWORD WINAPI GetVersion(VOID);
WINBASEAPI BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA lpVersionInformation);
WINBASEAPI BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW lpVersionInformation);

typedef struct _MEMORYSTATUSEX {
	DWORD dwLength;
	DWORD dwMemoryLoad;
	DWORDLONG ullTotalPhys;
	DWORDLONG ullAvailPhys;
	DWORDLONG ullTotalPageFile;
	DWORDLONG ullAvailPageFile;
	DWORDLONG ullTotalVirtual;
	DWORDLONG ullAvailVirtual;
	DWORDLONG ullAvailExtendedVirtual;
} MEMORYSTATUSEX, *LPMEMORYSTATUSEX;

/* What the kernel has; limits of a container are not looked at. Another dwLength: 87. */
WINBASEAPI BOOL WINAPI GlobalMemoryStatusEx(LPMEMORYSTATUSEX lpBuffer);

/* Universal time; local time by the TZ of the C library. */
WINBASEAPI VOID WINAPI GetSystemTime(LPSYSTEMTIME lpSystemTime);
WINBASEAPI VOID WINAPI GetLocalTime(LPSYSTEMTIME lpSystemTime);
WINBASEAPI VOID WINAPI GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime);
WINBASEAPI VOID WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME lpSystemTimeAsFileTime);
/* Milliseconds since the machine was started, sleep included. */
WINBASEAPI DWORD WINAPI GetTickCount(VOID);
WINBASEAPI ULONGLONG WINAPI GetTickCount64(VOID);

FM_WIN32_END

#endif
