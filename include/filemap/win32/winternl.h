/* SPDX-License-Identifier: MIT */
/* The native calls for sections and virtual memory. They return NTSTATUS and set no last error. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <winternl.h>
#elif !defined(FILEMAP_WIN32_WINTERNL_H)
#define FILEMAP_WIN32_WINTERNL_H

#include "windef.h"

#define NT_SUCCESS(status) (((NTSTATUS)(status)) >= 0)
#define NT_INFORMATION(status) ((((ULONG)(status)) >> 30) == 1)
#define NT_WARNING(status) ((((ULONG)(status)) >> 30) == 2)
#define NT_ERROR(status) ((((ULONG)(status)) >> 30) == 3)

#define OBJ_INHERIT 0x00000002
#define OBJ_PERMANENT 0x00000010
#define OBJ_EXCLUSIVE 0x00000020
#define OBJ_CASE_INSENSITIVE 0x00000040
#define OBJ_OPENIF 0x00000080
#define OBJ_OPENLINK 0x00000100
#define OBJ_KERNEL_HANDLE 0x00000200
#define OBJ_VALID_ATTRIBUTES 0x000003F2

#define InitializeObjectAttributes(target, name, attributes, root, descriptor)                     \
	do {                                                                                        \
		(target)->Length = sizeof(OBJECT_ATTRIBUTES);                                       \
		(target)->RootDirectory = (root);                                                   \
		(target)->Attributes = (attributes);                                                \
		(target)->ObjectName = (name);                                                      \
		(target)->SecurityDescriptor = (descriptor);                                        \
		(target)->SecurityQualityOfService = NULL;                                          \
	} while (0)

/* Allocation type of a mapping; 32-bit Windows only, refused here. */
#define AT_ROUND_TO_PAGE 0x40000000

#define NtCreateSection FM_WIN32_WIDE(NtCreateSection)
#define NtOpenSection FM_WIN32_WIDE(NtOpenSection)
#define NtMapViewOfSection FM_WIN32(NtMapViewOfSection)
#define NtMapViewOfSectionEx FM_WIN32(NtMapViewOfSectionEx)
#define NtUnmapViewOfSection FM_WIN32(NtUnmapViewOfSection)
#define NtUnmapViewOfSectionEx FM_WIN32(NtUnmapViewOfSectionEx)
#define NtExtendSection FM_WIN32(NtExtendSection)
#define NtQuerySection FM_WIN32(NtQuerySection)
#define NtAllocateVirtualMemory FM_WIN32(NtAllocateVirtualMemory)
#define NtFreeVirtualMemory FM_WIN32(NtFreeVirtualMemory)
#define NtProtectVirtualMemory FM_WIN32(NtProtectVirtualMemory)
#define NtQueryVirtualMemory FM_WIN32_WIDE(NtQueryVirtualMemory)
#define NtFlushVirtualMemory FM_WIN32(NtFlushVirtualMemory)
#define NtAreMappedFilesTheSame FM_WIN32(NtAreMappedFilesTheSame)
#define NtClose FM_WIN32(NtClose)
#define RtlNtStatusToDosError FM_WIN32(RtlNtStatusToDosError)
#define RtlInitUnicodeString FM_WIN32_WIDE(RtlInitUnicodeString)

FM_WIN32_BEGIN

typedef LONG NTSTATUS, *PNTSTATUS;

/* Lengths are bytes; a character has the width of this program's wchar_t. */
typedef struct _UNICODE_STRING {
	USHORT Length;
	USHORT MaximumLength;
	PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

typedef struct _OBJECT_ATTRIBUTES {
	ULONG Length;
	HANDLE RootDirectory;
	PUNICODE_STRING ObjectName;
	ULONG Attributes;
	PVOID SecurityDescriptor;
	PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;

typedef struct _IO_STATUS_BLOCK {
	__extension__ union {
		NTSTATUS Status;
		PVOID Pointer;
	};
	ULONG_PTR Information;
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

typedef enum _SECTION_INHERIT {
	ViewShare = 1,
	ViewUnmap = 2
} SECTION_INHERIT;

typedef enum _SECTION_INFORMATION_CLASS {
	SectionBasicInformation = 0,
	SectionImageInformation = 1,
	SectionRelocationInformation = 2,
	SectionOriginalBaseInformation = 3,
	SectionInternalImageInformation = 4
} SECTION_INFORMATION_CLASS;

typedef struct _SECTION_BASIC_INFORMATION {
	PVOID BaseAddress;
	ULONG AllocationAttributes;
	LARGE_INTEGER MaximumSize;
} SECTION_BASIC_INFORMATION, *PSECTION_BASIC_INFORMATION;

typedef struct _SECTION_IMAGE_INFORMATION {
	PVOID TransferAddress;
	ULONG ZeroBits;
	SIZE_T MaximumStackSize;
	SIZE_T CommittedStackSize;
	ULONG SubSystemType;
	USHORT SubSystemMinorVersion;
	USHORT SubSystemMajorVersion;
	USHORT MajorOperatingSystemVersion;
	USHORT MinorOperatingSystemVersion;
	USHORT ImageCharacteristics;
	USHORT DllCharacteristics;
	USHORT Machine;
	BOOLEAN ImageContainsCode;
	UCHAR ImageFlags;
	ULONG LoaderFlags;
	ULONG ImageFileSize;
	ULONG CheckSum;
} SECTION_IMAGE_INFORMATION, *PSECTION_IMAGE_INFORMATION;

typedef enum _MEMORY_INFORMATION_CLASS {
	MemoryBasicInformation = 0,
	MemoryWorkingSetInformation = 1,
	MemoryMappedFilenameInformation = 2,
	MemoryRegionInformation = 3,
	MemoryWorkingSetExInformation = 4
} MEMORY_INFORMATION_CLASS;

typedef struct _MEMORY_REGION_INFORMATION {
	PVOID AllocationBase;
	ULONG AllocationProtect;
	__extension__ union {
		ULONG RegionType;
		__extension__ struct {
			ULONG Private : 1;
			ULONG MappedDataFile : 1;
			ULONG MappedImage : 1;
			ULONG MappedPageFile : 1;
			ULONG MappedPhysical : 1;
			ULONG DirectMapped : 1;
			ULONG SoftwareEnclave : 1;
			ULONG PageSize64K : 1;
			ULONG PlaceholderReservation : 1;
			ULONG MappedAwe : 1;
			ULONG MappedWriteWatch : 1;
			ULONG PageSizeLarge : 1;
			ULONG PageSizeHuge : 1;
			ULONG Reserved : 19;
		};
	};
	SIZE_T RegionSize;
	SIZE_T CommitSize;
} MEMORY_REGION_INFORMATION, *PMEMORY_REGION_INFORMATION;

NTSYSAPI NTSTATUS NTAPI NtCreateSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
	POBJECT_ATTRIBUTES ObjectAttributes, PLARGE_INTEGER MaximumSize, ULONG SectionPageProtection,
	ULONG AllocationAttributes, HANDLE FileHandle);
NTSYSAPI NTSTATUS NTAPI NtOpenSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
	POBJECT_ATTRIBUTES ObjectAttributes);
NTSYSAPI NTSTATUS NTAPI NtMapViewOfSection(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID *BaseAddress,
	ULONG_PTR ZeroBits, SIZE_T CommitSize, PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize,
	SECTION_INHERIT InheritDisposition, ULONG AllocationType, ULONG Win32Protect);
NTSYSAPI NTSTATUS NTAPI NtMapViewOfSectionEx(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID *BaseAddress,
	PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize, ULONG AllocationType, ULONG PageProtection,
	PMEM_EXTENDED_PARAMETER ExtendedParameters, ULONG ExtendedParameterCount);
NTSYSAPI NTSTATUS NTAPI NtUnmapViewOfSection(HANDLE ProcessHandle, PVOID BaseAddress);
NTSYSAPI NTSTATUS NTAPI NtUnmapViewOfSectionEx(HANDLE ProcessHandle, PVOID BaseAddress, ULONG Flags);
NTSYSAPI NTSTATUS NTAPI NtExtendSection(HANDLE SectionHandle, PLARGE_INTEGER NewSectionSize);
NTSYSAPI NTSTATUS NTAPI NtQuerySection(HANDLE SectionHandle, SECTION_INFORMATION_CLASS InformationClass,
	PVOID SectionInformation, SIZE_T SectionInformationLength, PSIZE_T ReturnLength);
NTSYSAPI NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress,
	ULONG_PTR ZeroBits, PSIZE_T RegionSize, ULONG AllocationType, ULONG Protect);
NTSYSAPI NTSTATUS NTAPI NtFreeVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize,
	ULONG FreeType);
NTSYSAPI NTSTATUS NTAPI NtProtectVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize,
	ULONG NewProtect, PULONG OldProtect);
NTSYSAPI NTSTATUS NTAPI NtQueryVirtualMemory(HANDLE ProcessHandle, PVOID BaseAddress,
	MEMORY_INFORMATION_CLASS MemoryInformationClass, PVOID MemoryInformation,
	SIZE_T MemoryInformationLength, PSIZE_T ReturnLength);
NTSYSAPI NTSTATUS NTAPI NtFlushVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize,
	PIO_STATUS_BLOCK IoStatus);
NTSYSAPI NTSTATUS NTAPI NtAreMappedFilesTheSame(PVOID File1MappedAsAnImage, PVOID File2MappedAsFile);
NTSYSAPI NTSTATUS NTAPI NtClose(HANDLE Handle);
NTSYSAPI ULONG NTAPI RtlNtStatusToDosError(NTSTATUS Status);
NTSYSAPI VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);

FM_WIN32_END

#endif
