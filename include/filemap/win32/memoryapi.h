/* SPDX-License-Identifier: MIT */
/* File mapping objects, views and virtual memory. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <memoryapi.h>
#elif !defined(FILEMAP_WIN32_MEMORYAPI_H)
#define FILEMAP_WIN32_MEMORYAPI_H

#include "minwinbase.h"

#define FILE_MAP_COPY SECTION_QUERY
#define FILE_MAP_WRITE SECTION_MAP_WRITE
#define FILE_MAP_READ SECTION_MAP_READ
#define FILE_MAP_ALL_ACCESS SECTION_ALL_ACCESS
#define FILE_MAP_EXECUTE SECTION_MAP_EXECUTE_EXPLICIT
#define FILE_MAP_LARGE_PAGES 0x20000000
#define FILE_MAP_TARGETS_INVALID 0x40000000
#define FILE_MAP_RESERVE 0x80000000

#ifndef NUMA_NO_PREFERRED_NODE
#define NUMA_NO_PREFERRED_NODE ((DWORD)-1)
#endif

#define CreateFileMappingW FM_WIN32_WIDE(CreateFileMappingW)
#define CreateFileMappingNumaW FM_WIN32_WIDE(CreateFileMappingNumaW)
#define CreateFileMapping2 FM_WIN32_WIDE(CreateFileMapping2)
#define CreateFileMappingFromApp FM_WIN32_WIDE(CreateFileMappingFromApp)
#define OpenFileMappingW FM_WIN32_WIDE(OpenFileMappingW)
#define OpenFileMappingFromApp FM_WIN32_WIDE(OpenFileMappingFromApp)
#define MapViewOfFile FM_WIN32(MapViewOfFile)
#define MapViewOfFileEx FM_WIN32(MapViewOfFileEx)
#define MapViewOfFileFromApp FM_WIN32(MapViewOfFileFromApp)
#define MapViewOfFileNuma2 FM_WIN32(MapViewOfFileNuma2)
#define MapViewOfFile2 FM_WIN32(MapViewOfFile2)
#define MapViewOfFile3 FM_WIN32(MapViewOfFile3)
#define MapViewOfFile3FromApp FM_WIN32(MapViewOfFile3FromApp)
#define UnmapViewOfFile FM_WIN32(UnmapViewOfFile)
#define UnmapViewOfFileEx FM_WIN32(UnmapViewOfFileEx)
#define UnmapViewOfFile2 FM_WIN32(UnmapViewOfFile2)
#define FlushViewOfFile FM_WIN32(FlushViewOfFile)
#define VirtualAlloc FM_WIN32(VirtualAlloc)
#define VirtualAllocEx FM_WIN32(VirtualAllocEx)
#define VirtualAlloc2 FM_WIN32(VirtualAlloc2)
#define VirtualAllocFromApp FM_WIN32(VirtualAllocFromApp)
#define VirtualAlloc2FromApp FM_WIN32(VirtualAlloc2FromApp)
#define VirtualFree FM_WIN32(VirtualFree)
#define VirtualFreeEx FM_WIN32(VirtualFreeEx)
#define VirtualProtect FM_WIN32(VirtualProtect)
#define VirtualProtectEx FM_WIN32(VirtualProtectEx)
#define VirtualProtectFromApp FM_WIN32(VirtualProtectFromApp)
#define VirtualQuery FM_WIN32(VirtualQuery)
#define VirtualQueryEx FM_WIN32(VirtualQueryEx)
#define VirtualLock FM_WIN32(VirtualLock)
#define VirtualUnlock FM_WIN32(VirtualUnlock)
#define PrefetchVirtualMemory FM_WIN32(PrefetchVirtualMemory)
#define OfferVirtualMemory FM_WIN32(OfferVirtualMemory)
#define ReclaimVirtualMemory FM_WIN32(ReclaimVirtualMemory)
#define DiscardVirtualMemory FM_WIN32(DiscardVirtualMemory)
#define QueryVirtualMemoryInformation FM_WIN32(QueryVirtualMemoryInformation)
#define GetWriteWatch FM_WIN32(GetWriteWatch)
#define ResetWriteWatch FM_WIN32(ResetWriteWatch)
#define GetLargePageMinimum FM_WIN32(GetLargePageMinimum)
#define SetProcessWorkingSetSize FM_WIN32(SetProcessWorkingSetSize)

#ifdef UNICODE
#define CreateFileMapping CreateFileMappingW
#define CreateFileMappingNuma CreateFileMappingNumaW
#define OpenFileMapping OpenFileMappingW
#endif

FM_WIN32_BEGIN

typedef struct _WIN32_MEMORY_RANGE_ENTRY {
	PVOID VirtualAddress;
	SIZE_T NumberOfBytes;
} WIN32_MEMORY_RANGE_ENTRY, *PWIN32_MEMORY_RANGE_ENTRY;

typedef enum WIN32_MEMORY_INFORMATION_CLASS {
	MemoryRegionInfo
} WIN32_MEMORY_INFORMATION_CLASS;

typedef struct WIN32_MEMORY_REGION_INFORMATION {
	PVOID AllocationBase;
	ULONG AllocationProtect;
	__extension__ union {
		ULONG Flags;
		__extension__ struct {
			ULONG Private : 1;
			ULONG MappedDataFile : 1;
			ULONG MappedImage : 1;
			ULONG MappedPageFile : 1;
			ULONG MappedPhysical : 1;
			ULONG DirectMapped : 1;
			ULONG Reserved : 26;
		};
	};
	SIZE_T RegionSize;
	SIZE_T CommitSize;
} WIN32_MEMORY_REGION_INFORMATION, *PWIN32_MEMORY_REGION_INFORMATION;

typedef enum OFFER_PRIORITY {
	VmOfferPriorityVeryLow = 1,
	VmOfferPriorityLow,
	VmOfferPriorityBelowNormal,
	VmOfferPriorityNormal
} OFFER_PRIORITY;

WINBASEAPI HANDLE WINAPI CreateFileMappingW(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes,
	DWORD flProtect, DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCWSTR lpName);
WINBASEAPI HANDLE WINAPI CreateFileMappingNumaW(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes,
	DWORD flProtect, DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCWSTR lpName,
	DWORD nndPreferred);
WINBASEAPI HANDLE WINAPI CreateFileMapping2(HANDLE File, SECURITY_ATTRIBUTES *SecurityAttributes,
	ULONG DesiredAccess, ULONG PageProtection, ULONG AllocationAttributes, ULONG64 MaximumSize,
	PCWSTR Name, MEM_EXTENDED_PARAMETER *ExtendedParameters, ULONG ParameterCount);
WINBASEAPI HANDLE WINAPI CreateFileMappingFromApp(HANDLE hFile, PSECURITY_ATTRIBUTES SecurityAttributes,
	ULONG PageProtection, ULONG64 MaximumSize, PCWSTR Name);
WINBASEAPI HANDLE WINAPI OpenFileMappingW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName);
WINBASEAPI HANDLE WINAPI OpenFileMappingFromApp(ULONG DesiredAccess, BOOL InheritHandle, PCWSTR Name);

WINBASEAPI LPVOID WINAPI MapViewOfFile(HANDLE hFileMappingObject, DWORD dwDesiredAccess,
	DWORD dwFileOffsetHigh, DWORD dwFileOffsetLow, SIZE_T dwNumberOfBytesToMap);
WINBASEAPI LPVOID WINAPI MapViewOfFileEx(HANDLE hFileMappingObject, DWORD dwDesiredAccess,
	DWORD dwFileOffsetHigh, DWORD dwFileOffsetLow, SIZE_T dwNumberOfBytesToMap, LPVOID lpBaseAddress);
WINBASEAPI PVOID WINAPI MapViewOfFileFromApp(HANDLE hFileMappingObject, ULONG DesiredAccess,
	ULONG64 FileOffset, SIZE_T NumberOfBytesToMap);
WINBASEAPI PVOID WINAPI MapViewOfFileNuma2(HANDLE FileMappingHandle, HANDLE ProcessHandle, ULONG64 Offset,
	PVOID BaseAddress, SIZE_T ViewSize, ULONG AllocationType, ULONG PageProtection, ULONG PreferredNode);
WINBASEAPI PVOID WINAPI MapViewOfFile2(HANDLE FileMappingHandle, HANDLE ProcessHandle, ULONG64 Offset,
	PVOID BaseAddress, SIZE_T ViewSize, ULONG AllocationType, ULONG PageProtection);
WINBASEAPI PVOID WINAPI MapViewOfFile3(HANDLE FileMapping, HANDLE Process, PVOID BaseAddress,
	ULONG64 Offset, SIZE_T ViewSize, ULONG AllocationType, ULONG PageProtection,
	MEM_EXTENDED_PARAMETER *ExtendedParameters, ULONG ParameterCount);
WINBASEAPI PVOID WINAPI MapViewOfFile3FromApp(HANDLE FileMapping, HANDLE Process, PVOID BaseAddress,
	ULONG64 Offset, SIZE_T ViewSize, ULONG AllocationType, ULONG PageProtection,
	MEM_EXTENDED_PARAMETER *ExtendedParameters, ULONG ParameterCount);
WINBASEAPI BOOL WINAPI UnmapViewOfFile(LPCVOID lpBaseAddress);
WINBASEAPI BOOL WINAPI UnmapViewOfFileEx(PVOID BaseAddress, ULONG UnmapFlags);
WINBASEAPI BOOL WINAPI UnmapViewOfFile2(HANDLE Process, PVOID BaseAddress, ULONG UnmapFlags);
WINBASEAPI BOOL WINAPI FlushViewOfFile(LPCVOID lpBaseAddress, SIZE_T dwNumberOfBytesToFlush);

WINBASEAPI LPVOID WINAPI VirtualAlloc(LPVOID lpAddress, SIZE_T dwSize, DWORD flAllocationType,
	DWORD flProtect);
WINBASEAPI LPVOID WINAPI VirtualAllocEx(HANDLE hProcess, LPVOID lpAddress, SIZE_T dwSize,
	DWORD flAllocationType, DWORD flProtect);
WINBASEAPI PVOID WINAPI VirtualAlloc2(HANDLE Process, PVOID BaseAddress, SIZE_T Size, ULONG AllocationType,
	ULONG PageProtection, MEM_EXTENDED_PARAMETER *ExtendedParameters, ULONG ParameterCount);
WINBASEAPI PVOID WINAPI VirtualAllocFromApp(PVOID BaseAddress, SIZE_T Size, ULONG AllocationType,
	ULONG Protection);
WINBASEAPI PVOID WINAPI VirtualAlloc2FromApp(HANDLE Process, PVOID BaseAddress, SIZE_T Size,
	ULONG AllocationType, ULONG PageProtection, MEM_EXTENDED_PARAMETER *ExtendedParameters,
	ULONG ParameterCount);
WINBASEAPI BOOL WINAPI VirtualFree(LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType);
WINBASEAPI BOOL WINAPI VirtualFreeEx(HANDLE hProcess, LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType);
WINBASEAPI BOOL WINAPI VirtualProtect(LPVOID lpAddress, SIZE_T dwSize, DWORD flNewProtect,
	PDWORD lpflOldProtect);
WINBASEAPI BOOL WINAPI VirtualProtectEx(HANDLE hProcess, LPVOID lpAddress, SIZE_T dwSize,
	DWORD flNewProtect, PDWORD lpflOldProtect);
WINBASEAPI BOOL WINAPI VirtualProtectFromApp(PVOID Address, SIZE_T Size, ULONG NewProtection,
	PULONG OldProtection);
WINBASEAPI SIZE_T WINAPI VirtualQuery(LPCVOID lpAddress, PMEMORY_BASIC_INFORMATION lpBuffer,
	SIZE_T dwLength);
WINBASEAPI SIZE_T WINAPI VirtualQueryEx(HANDLE hProcess, LPCVOID lpAddress,
	PMEMORY_BASIC_INFORMATION lpBuffer, SIZE_T dwLength);
WINBASEAPI BOOL WINAPI VirtualLock(LPVOID lpAddress, SIZE_T dwSize);
WINBASEAPI BOOL WINAPI VirtualUnlock(LPVOID lpAddress, SIZE_T dwSize);
WINBASEAPI BOOL WINAPI PrefetchVirtualMemory(HANDLE hProcess, ULONG_PTR NumberOfEntries,
	PWIN32_MEMORY_RANGE_ENTRY VirtualAddresses, ULONG Flags);
WINBASEAPI DWORD WINAPI OfferVirtualMemory(PVOID VirtualAddress, SIZE_T Size, OFFER_PRIORITY Priority);
WINBASEAPI DWORD WINAPI ReclaimVirtualMemory(void const *VirtualAddress, SIZE_T Size);
WINBASEAPI DWORD WINAPI DiscardVirtualMemory(PVOID VirtualAddress, SIZE_T Size);
WINBASEAPI BOOL WINAPI QueryVirtualMemoryInformation(HANDLE Process, const VOID *VirtualAddress,
	WIN32_MEMORY_INFORMATION_CLASS MemoryInformationClass, PVOID MemoryInformation,
	SIZE_T MemoryInformationSize, PSIZE_T ReturnSize);
WINBASEAPI UINT WINAPI GetWriteWatch(DWORD dwFlags, PVOID lpBaseAddress, SIZE_T dwRegionSize,
	PVOID *lpAddresses, ULONG_PTR *lpdwCount, LPDWORD lpdwGranularity);
WINBASEAPI UINT WINAPI ResetWriteWatch(LPVOID lpBaseAddress, SIZE_T dwRegionSize);
WINBASEAPI SIZE_T WINAPI GetLargePageMinimum(VOID);
WINBASEAPI BOOL WINAPI SetProcessWorkingSetSize(HANDLE hProcess, SIZE_T dwMinimumWorkingSetSize,
	SIZE_T dwMaximumWorkingSetSize);

FM_WIN32_END

#endif
