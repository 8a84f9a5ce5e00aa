/* SPDX-License-Identifier: MIT */
/*
 * Functions that import libraries of older kits lack. Programs look them up at run time, so these tests
 * do, on every platform: CALL(map3)(section, ...) ends the test where the function is missing.
 */
#ifndef MODERN_H
#define MODERN_H

#if defined(_WIN32) && !defined(__linux__)
/* What mingw-w64 10 leaves out of its headers. */
#ifndef MEM_REPLACE_PLACEHOLDER
#define MEM_REPLACE_PLACEHOLDER 0x00004000
#define MEM_RESERVE_PLACEHOLDER 0x00040000
#define MEM_COALESCE_PLACEHOLDERS 0x00000001
#define MEM_PRESERVE_PLACEHOLDER 0x00000002
#endif
#ifndef SEC_NO_CHANGE
#define SEC_NO_CHANGE 0x00400000
#endif
#ifndef SEC_BASED
#define SEC_BASED 0x00200000
#endif
#ifndef MEM_64K_PAGES
#define MEM_64K_PAGES 0x20400000
#endif
#ifndef ERROR_NOT_SAME_OBJECT
#define ERROR_NOT_SAME_OBJECT 1656
#endif
#ifndef NUMA_NO_PREFERRED_NODE
#define NUMA_NO_PREFERRED_NODE ((DWORD)-1)
#endif
typedef enum { ViewShare = 1, ViewUnmap = 2 } SECTION_INHERIT;
typedef enum { SectionBasicInformation, SectionImageInformation } SECTION_INFORMATION_CLASS;
typedef struct {
	PVOID BaseAddress;
	ULONG AllocationAttributes;
	LARGE_INTEGER MaximumSize;
} SECTION_BASIC_INFORMATION;
typedef struct {
	PVOID TransferAddress;
	ULONG ZeroBits;
	SIZE_T MaximumStackSize, CommittedStackSize;
	ULONG SubSystem[8];
} SECTION_IMAGE_INFORMATION;
#define MEMORY_INFORMATION_CLASS int
#define MemoryBasicInformation 0
#define MemoryMappedFilenameInformation 2
#endif

/* X(result, field, module, name, parameters) */
#define MODERN(X)                                                                                  \
	X(PVOID, map3, "kernelbase.dll", "MapViewOfFile3",                                         \
	  (HANDLE, HANDLE, PVOID, ULONG64, SIZE_T, ULONG, ULONG, MEM_EXTENDED_PARAMETER *, ULONG)) \
	X(PVOID, map3_app, "kernelbase.dll", "MapViewOfFile3FromApp",                              \
	  (HANDLE, HANDLE, PVOID, ULONG64, SIZE_T, ULONG, ULONG, MEM_EXTENDED_PARAMETER *, ULONG)) \
	X(PVOID, map_numa2, "kernelbase.dll", "MapViewOfFileNuma2",                                \
	  (HANDLE, HANDLE, ULONG64, PVOID, SIZE_T, ULONG, ULONG, ULONG))                           \
	X(PVOID, map_app, "kernelbase.dll", "MapViewOfFileFromApp", (HANDLE, ULONG, ULONG64, SIZE_T)) \
	X(BOOL, unmap2, "kernelbase.dll", "UnmapViewOfFile2", (HANDLE, PVOID, ULONG))              \
	X(BOOL, unmap_ex, "kernelbase.dll", "UnmapViewOfFileEx", (PVOID, ULONG))                   \
	X(HANDLE, create2, "kernelbase.dll", "CreateFileMapping2",                                 \
	  (HANDLE, SECURITY_ATTRIBUTES *, ULONG, ULONG, ULONG, ULONG64, LPCWSTR,                   \
	   MEM_EXTENDED_PARAMETER *, ULONG))                                                       \
	X(HANDLE, create_app, "kernelbase.dll", "CreateFileMappingFromApp",                        \
	  (HANDLE, SECURITY_ATTRIBUTES *, ULONG, ULONG64, LPCWSTR))                                \
	X(HANDLE, open_app, "kernelbase.dll", "OpenFileMappingFromApp", (ULONG, BOOL, LPCWSTR))    \
	X(PVOID, alloc2, "kernelbase.dll", "VirtualAlloc2",                                        \
	  (HANDLE, PVOID, SIZE_T, ULONG, ULONG, MEM_EXTENDED_PARAMETER *, ULONG))                  \
	X(PVOID, alloc2_app, "kernelbase.dll", "VirtualAlloc2FromApp",                             \
	  (HANDLE, PVOID, SIZE_T, ULONG, ULONG, MEM_EXTENDED_PARAMETER *, ULONG))                  \
	X(BOOL, protect_app, "kernelbase.dll", "VirtualProtectFromApp", (PVOID, SIZE_T, ULONG, PULONG)) \
	X(BOOL, prefetch, "kernel32.dll", "PrefetchVirtualMemory",                                 \
	  (HANDLE, ULONG_PTR, PWIN32_MEMORY_RANGE_ENTRY, ULONG))                                   \
	X(DWORD, offer, "kernel32.dll", "OfferVirtualMemory", (PVOID, SIZE_T, OFFER_PRIORITY))     \
	X(DWORD, reclaim, "kernel32.dll", "ReclaimVirtualMemory", (PVOID, SIZE_T))                 \
	X(DWORD, discard, "kernel32.dll", "DiscardVirtualMemory", (PVOID, SIZE_T))                 \
	X(BOOL, region_info, "kernelbase.dll", "QueryVirtualMemoryInformation",                    \
	  (HANDLE, const void *, WIN32_MEMORY_INFORMATION_CLASS, PVOID, SIZE_T, PSIZE_T))          \
	X(BOOL, same_object, "kernelbase.dll", "CompareObjectHandles", (HANDLE, HANDLE))           \
	X(NTSTATUS, nt_create, "ntdll.dll", "NtCreateSection",                                     \
	  (PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, PLARGE_INTEGER, ULONG, ULONG, HANDLE))        \
	X(NTSTATUS, nt_open, "ntdll.dll", "NtOpenSection", (PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES)) \
	X(NTSTATUS, nt_map, "ntdll.dll", "NtMapViewOfSection",                                     \
	  (HANDLE, HANDLE, PVOID *, ULONG_PTR, SIZE_T, PLARGE_INTEGER, PSIZE_T, SECTION_INHERIT, ULONG, \
	   ULONG))                                                                                 \
	X(NTSTATUS, nt_map_ex, "ntdll.dll", "NtMapViewOfSectionEx",                                \
	  (HANDLE, HANDLE, PVOID *, PLARGE_INTEGER, PSIZE_T, ULONG, ULONG, MEM_EXTENDED_PARAMETER *, \
	   ULONG))                                                                                 \
	X(NTSTATUS, nt_unmap, "ntdll.dll", "NtUnmapViewOfSection", (HANDLE, PVOID))                \
	X(NTSTATUS, nt_unmap_ex, "ntdll.dll", "NtUnmapViewOfSectionEx", (HANDLE, PVOID, ULONG))    \
	X(NTSTATUS, nt_extend, "ntdll.dll", "NtExtendSection", (HANDLE, PLARGE_INTEGER))           \
	X(NTSTATUS, nt_query, "ntdll.dll", "NtQuerySection",                                       \
	  (HANDLE, SECTION_INFORMATION_CLASS, PVOID, SIZE_T, PSIZE_T))                             \
	X(NTSTATUS, nt_allocate, "ntdll.dll", "NtAllocateVirtualMemory",                           \
	  (HANDLE, PVOID *, ULONG_PTR, PSIZE_T, ULONG, ULONG))                                     \
	X(NTSTATUS, nt_free, "ntdll.dll", "NtFreeVirtualMemory", (HANDLE, PVOID *, PSIZE_T, ULONG)) \
	X(NTSTATUS, nt_protect, "ntdll.dll", "NtProtectVirtualMemory",                             \
	  (HANDLE, PVOID *, PSIZE_T, ULONG, PULONG))                                               \
	X(NTSTATUS, nt_query_memory, "ntdll.dll", "NtQueryVirtualMemory",                          \
	  (HANDLE, PVOID, MEMORY_INFORMATION_CLASS, PVOID, SIZE_T, PSIZE_T))                       \
	X(NTSTATUS, nt_flush, "ntdll.dll", "NtFlushVirtualMemory",                                 \
	  (HANDLE, PVOID *, PSIZE_T, PIO_STATUS_BLOCK))                                            \
	X(NTSTATUS, nt_same_files, "ntdll.dll", "NtAreMappedFilesTheSame", (PVOID, PVOID))         \
	X(NTSTATUS, nt_close, "ntdll.dll", "NtClose", (HANDLE))                                    \
	X(ULONG, nt_to_dos, "ntdll.dll", "RtlNtStatusToDosError", (NTSTATUS))

#define MODERN_TYPE(result, field, module, name, parameters) typedef result(NTAPI *modern_##field) parameters;
MODERN(MODERN_TYPE)
#undef MODERN_TYPE

/* The function's address; ends the test if the system has none. */
FARPROC modern_find(const char *module, const char *name);

enum modern_number {
#define MODERN_NUMBER(result, field, module, name, parameters) MODERN_##field,
	MODERN(MODERN_NUMBER)
#undef MODERN_NUMBER
};
FARPROC modern_get(enum modern_number number);

#define CALL(field) ((modern_##field)(void (*)(void))modern_get(MODERN_##field))

#endif
