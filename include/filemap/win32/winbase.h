/* SPDX-License-Identifier: MIT */
/* The older half of the base API: ANSI mapping calls, NUMA, messages, flags of CreateFile. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <winbase.h>
#elif !defined(FILEMAP_WIN32_WINBASE_H)
#define FILEMAP_WIN32_WINBASE_H

#include <stdarg.h>

#include "minwinbase.h"

#include "debugapi.h"
#include "errhandlingapi.h"
#include "fibersapi.h"
#include "fileapi.h"
#include "handleapi.h"
#include "heapapi.h"
#include "interlockedapi.h"
#include "libloaderapi.h"
#include "memoryapi.h"
#include "processenv.h"
#include "processthreadsapi.h"
#include "securitybaseapi.h"
#include "synchapi.h"
#include "sysinfoapi.h"

#define FILE_BEGIN 0
#define FILE_CURRENT 1
#define FILE_END 2

#define FILE_TYPE_UNKNOWN 0x0000
#define FILE_TYPE_DISK 0x0001
#define FILE_TYPE_CHAR 0x0002
#define FILE_TYPE_PIPE 0x0003
#define FILE_TYPE_REMOTE 0x8000

#define FILE_FLAG_WRITE_THROUGH 0x80000000
#define FILE_FLAG_OVERLAPPED 0x40000000
#define FILE_FLAG_NO_BUFFERING 0x20000000
#define FILE_FLAG_RANDOM_ACCESS 0x10000000
#define FILE_FLAG_SEQUENTIAL_SCAN 0x08000000
#define FILE_FLAG_DELETE_ON_CLOSE 0x04000000
#define FILE_FLAG_BACKUP_SEMANTICS 0x02000000
#define FILE_FLAG_POSIX_SEMANTICS 0x01000000
#define FILE_FLAG_OPEN_REPARSE_POINT 0x00200000

#define MOVEFILE_REPLACE_EXISTING 0x00000001
#define MOVEFILE_COPY_ALLOWED 0x00000002
#define MOVEFILE_DELAY_UNTIL_REBOOT 0x00000004
#define MOVEFILE_WRITE_THROUGH 0x00000008
#define REPLACEFILE_WRITE_THROUGH 0x00000001
#define REPLACEFILE_IGNORE_MERGE_ERRORS 0x00000002
#define REPLACEFILE_IGNORE_ACL_ERRORS 0x00000004

#define STD_INPUT_HANDLE ((DWORD)-10)
#define STD_OUTPUT_HANDLE ((DWORD)-11)
#define STD_ERROR_HANDLE ((DWORD)-12)

#define LMEM_FIXED 0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_NOCOMPACT 0x0010
#define LMEM_NODISCARD 0x0020
#define LMEM_ZEROINIT 0x0040
#define LPTR (LMEM_FIXED | LMEM_ZEROINIT)
#define GMEM_FIXED 0x0000
#define GMEM_MOVEABLE 0x0002
#define GMEM_NOCOMPACT 0x0010
#define GMEM_NODISCARD 0x0020
#define GMEM_ZEROINIT 0x0040
#define GPTR (GMEM_FIXED | GMEM_ZEROINIT)

#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200
#define FORMAT_MESSAGE_FROM_STRING 0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE 0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY 0x00002000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK 0x000000FF

#define DEBUG_PROCESS 0x00000001
#define CREATE_SUSPENDED 0x00000004
#define DETACHED_PROCESS 0x00000008
#define CREATE_NEW_CONSOLE 0x00000010
#define NORMAL_PRIORITY_CLASS 0x00000020
#define IDLE_PRIORITY_CLASS 0x00000040
#define CREATE_NEW_PROCESS_GROUP 0x00000200
#define CREATE_UNICODE_ENVIRONMENT 0x00000400
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000
#define CREATE_DEFAULT_ERROR_MODE 0x04000000
#define CREATE_NO_WINDOW 0x08000000
#define STILL_ACTIVE STATUS_PENDING

#define INFINITE 0xFFFFFFFF
#define WAIT_OBJECT_0 ((DWORD)0x00000000)
#define WAIT_ABANDONED ((DWORD)0x00000080)
#define WAIT_ABANDONED_0 ((DWORD)0x00000080)
#define WAIT_FAILED ((DWORD)0xFFFFFFFF)

#define CopyMemory RtlCopyMemory
#define MoveMemory RtlMoveMemory
#define FillMemory RtlFillMemory
#define ZeroMemory RtlZeroMemory

#define CreateFileMappingA FM_WIN32(CreateFileMappingA)
#define CreateFileMappingNumaA FM_WIN32(CreateFileMappingNumaA)
#define OpenFileMappingA FM_WIN32(OpenFileMappingA)
#ifndef UNICODE
#define CreateFileMapping CreateFileMappingA
#define CreateFileMappingNuma CreateFileMappingNumaA
#define OpenFileMapping OpenFileMappingA
#endif
#define MapViewOfFileExNuma FM_WIN32(MapViewOfFileExNuma)
#define FormatMessageA FM_WIN32(FormatMessageA)
#define FormatMessageW FM_WIN32_WIDE(FormatMessageW)
#define FormatMessage FM_WIN32_PAIR(FormatMessage)
#define LocalFree FM_WIN32(LocalFree)
#define LookupPrivilegeValueA FM_WIN32(LookupPrivilegeValueA)
#define LookupPrivilegeValueW FM_WIN32_WIDE(LookupPrivilegeValueW)
#define LookupPrivilegeValue FM_WIN32_PAIR(LookupPrivilegeValue)
#define IsBadReadPtr FM_WIN32(IsBadReadPtr)
#define IsBadWritePtr FM_WIN32(IsBadWritePtr)
#define IsBadCodePtr FM_WIN32(IsBadCodePtr)
#define IsBadStringPtrA FM_WIN32(IsBadStringPtrA)
#define IsBadStringPtrW FM_WIN32_WIDE(IsBadStringPtrW)
#define IsBadStringPtr FM_WIN32_PAIR(IsBadStringPtr)
#define LocalAlloc FM_WIN32(LocalAlloc)
#define LocalReAlloc FM_WIN32(LocalReAlloc)
#define LocalSize FM_WIN32(LocalSize)
#define GlobalAlloc FM_WIN32(GlobalAlloc)
#define GlobalReAlloc FM_WIN32(GlobalReAlloc)
#define GlobalSize FM_WIN32(GlobalSize)
#define GlobalFree FM_WIN32(GlobalFree)

#define GetFileInformationByHandleEx FM_WIN32_WIDE(GetFileInformationByHandleEx)
#define SetFileInformationByHandle FM_WIN32_WIDE(SetFileInformationByHandle)
#define MoveFileA FM_WIN32(MoveFileA)
#define MoveFileW FM_WIN32_WIDE(MoveFileW)
#define MoveFile FM_WIN32_PAIR(MoveFile)
#define MoveFileExA FM_WIN32(MoveFileExA)
#define MoveFileExW FM_WIN32_WIDE(MoveFileExW)
#define MoveFileEx FM_WIN32_PAIR(MoveFileEx)
#define ReplaceFileA FM_WIN32(ReplaceFileA)
#define ReplaceFileW FM_WIN32_WIDE(ReplaceFileW)
#define ReplaceFile FM_WIN32_PAIR(ReplaceFile)
#define CopyFileA FM_WIN32(CopyFileA)
#define CopyFileW FM_WIN32_WIDE(CopyFileW)
#define CopyFile FM_WIN32_PAIR(CopyFile)
#define GetOverlappedResult FM_WIN32(GetOverlappedResult)
#define CancelIo FM_WIN32(CancelIo)
#define CancelIoEx FM_WIN32(CancelIoEx)
#define DeviceIoControl FM_WIN32(DeviceIoControl)
#define lstrlenA FM_WIN32(lstrlenA)
#define lstrlenW FM_WIN32_WIDE(lstrlenW)
#define lstrlen FM_WIN32_PAIR(lstrlen)
#define lstrcpyA FM_WIN32(lstrcpyA)
#define lstrcpyW FM_WIN32_WIDE(lstrcpyW)
#define lstrcpy FM_WIN32_PAIR(lstrcpy)
#define lstrcpynA FM_WIN32(lstrcpynA)
#define lstrcpynW FM_WIN32_WIDE(lstrcpynW)
#define lstrcpyn FM_WIN32_PAIR(lstrcpyn)
#define lstrcatA FM_WIN32(lstrcatA)
#define lstrcatW FM_WIN32_WIDE(lstrcatW)
#define lstrcat FM_WIN32_PAIR(lstrcat)
#define VerifyVersionInfoA FM_WIN32(VerifyVersionInfoA)
#define VerifyVersionInfoW FM_WIN32_WIDE(VerifyVersionInfoW)
#define VerifyVersionInfo FM_WIN32_PAIR(VerifyVersionInfo)
#define GetComputerNameA FM_WIN32(GetComputerNameA)
#define GetComputerNameW FM_WIN32_WIDE(GetComputerNameW)
#define GetComputerName FM_WIN32_PAIR(GetComputerName)
#define GetUserNameA FM_WIN32(GetUserNameA)
#define GetUserNameW FM_WIN32_WIDE(GetUserNameW)
#define GetUserName FM_WIN32_PAIR(GetUserName)
#define GetStdHandle FM_WIN32(GetStdHandle)
#define SetStdHandle FM_WIN32(SetStdHandle)
#define HasOverlappedIoCompleted(overlapped) \
	((DWORD)__atomic_load_n(&(overlapped)->Internal, __ATOMIC_ACQUIRE) != STATUS_PENDING)

FM_WIN32_BEGIN

typedef struct _FILE_BASIC_INFO {
	LARGE_INTEGER CreationTime;
	LARGE_INTEGER LastAccessTime;
	LARGE_INTEGER LastWriteTime;
	LARGE_INTEGER ChangeTime;
	DWORD FileAttributes;
} FILE_BASIC_INFO, *PFILE_BASIC_INFO;

typedef struct _FILE_STANDARD_INFO {
	LARGE_INTEGER AllocationSize;
	LARGE_INTEGER EndOfFile;
	DWORD NumberOfLinks;
	BOOLEAN DeletePending;
	BOOLEAN Directory;
} FILE_STANDARD_INFO, *PFILE_STANDARD_INFO;

typedef struct _FILE_NAME_INFO {
	DWORD FileNameLength;
	WCHAR FileName[1];
} FILE_NAME_INFO, *PFILE_NAME_INFO;

typedef struct _FILE_ALLOCATION_INFO {
	LARGE_INTEGER AllocationSize;
} FILE_ALLOCATION_INFO, *PFILE_ALLOCATION_INFO;

typedef struct _FILE_END_OF_FILE_INFO {
	LARGE_INTEGER EndOfFile;
} FILE_END_OF_FILE_INFO, *PFILE_END_OF_FILE_INFO;

typedef struct _FILE_ATTRIBUTE_TAG_INFO {
	DWORD FileAttributes;
	DWORD ReparseTag;
} FILE_ATTRIBUTE_TAG_INFO, *PFILE_ATTRIBUTE_TAG_INFO;

typedef struct _FILE_ID_128 {
	BYTE Identifier[16];
} FILE_ID_128, *PFILE_ID_128;

typedef struct _FILE_ID_INFO {
	ULONGLONG VolumeSerialNumber;
	FILE_ID_128 FileId;
} FILE_ID_INFO, *PFILE_ID_INFO;

/* The name ends where it says, or at a NUL. */
typedef struct _FILE_RENAME_INFO {
	__extension__ union {
		BOOLEAN ReplaceIfExists; /* FileRenameInfo */
		DWORD Flags;             /* FileRenameInfoEx */
	};
	HANDLE RootDirectory; /* NULL */
	DWORD FileNameLength; /* bytes */
	WCHAR FileName[1];
} FILE_RENAME_INFO, *PFILE_RENAME_INFO;

#define FILE_RENAME_FLAG_REPLACE_IF_EXISTS 0x00000001
#define FILE_RENAME_FLAG_POSIX_SEMANTICS 0x00000002
#define FILE_RENAME_IGNORE_READONLY_ATTRIBUTE 0x00000040

typedef struct _FILE_DISPOSITION_INFO {
	BOOLEAN DeleteFile;
} FILE_DISPOSITION_INFO, *PFILE_DISPOSITION_INFO;

typedef struct _FILE_DISPOSITION_INFO_EX {
	DWORD Flags;
} FILE_DISPOSITION_INFO_EX, *PFILE_DISPOSITION_INFO_EX;

#define FILE_DISPOSITION_FLAG_DO_NOT_DELETE 0x00000000
#define FILE_DISPOSITION_FLAG_DELETE 0x00000001
#define FILE_DISPOSITION_FLAG_POSIX_SEMANTICS 0x00000002
#define FILE_DISPOSITION_FLAG_FORCE_IMAGE_SECTION_CHECK 0x00000004
#define FILE_DISPOSITION_FLAG_ON_CLOSE 0x00000008
#define FILE_DISPOSITION_FLAG_IGNORE_READONLY_ATTRIBUTE 0x00000010

/*
 * libfilemap-port; classes that are not declared are refused with ERROR_INVALID_PARAMETER.
 * FileRenameInfo, FileDispositionInfo and their Ex:
 *   5 the handle lacks DELETE; a read-only or mapped file; to replace a directory, a read-only or a mapped file
 *   183 the name is taken and not to be replaced   32 by a file whose handles do not share deleting
 *   145 a directory that is not empty              87 a RootDirectory, unknown flags, a malformed length
 * A name disposed of goes when the handle and its later duplicates are closed.
 */
WINBASEAPI BOOL WINAPI GetFileInformationByHandleEx(HANDLE hFile, FILE_INFO_BY_HANDLE_CLASS FileInformationClass,
	LPVOID lpFileInformation, DWORD dwBufferSize);
WINBASEAPI BOOL WINAPI SetFileInformationByHandle(HANDLE hFile, FILE_INFO_BY_HANDLE_CLASS FileInformationClass,
	LPVOID lpFileInformation, DWORD dwBufferSize);

/* Terminated strings; the copies return their first argument, or NULL if either is. */
WINBASEAPI int WINAPI lstrlenA(LPCSTR lpString);
WINBASEAPI int WINAPI lstrlenW(LPCWSTR lpString);
WINBASEAPI LPSTR WINAPI lstrcpyA(LPSTR lpString1, LPCSTR lpString2);
WINBASEAPI LPWSTR WINAPI lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2);
/* At most @iMaxLength characters with the NUL, which is always written. */
WINBASEAPI LPSTR WINAPI lstrcpynA(LPSTR lpString1, LPCSTR lpString2, int iMaxLength);
WINBASEAPI LPWSTR WINAPI lstrcpynW(LPWSTR lpString1, LPCWSTR lpString2, int iMaxLength);
WINBASEAPI LPSTR WINAPI lstrcatA(LPSTR lpString1, LPCSTR lpString2);
WINBASEAPI LPWSTR WINAPI lstrcatW(LPWSTR lpString1, LPCWSTR lpString2);

/* Against the version that GetVersionEx() tells. 1150: it does not hold; 160: a fact without a condition. */
NTSYSAPI ULONGLONG NTAPI VerSetConditionMask(ULONGLONG ConditionMask, DWORD TypeMask, BYTE Condition);
WINBASEAPI BOOL WINAPI VerifyVersionInfoA(LPOSVERSIONINFOEXA lpVersionInformation, DWORD dwTypeMask,
	DWORDLONG dwlConditionMask);
WINBASEAPI BOOL WINAPI VerifyVersionInfoW(LPOSVERSIONINFOEXW lpVersionInformation, DWORD dwTypeMask,
	DWORDLONG dwlConditionMask);

#define MAX_COMPUTERNAME_LENGTH 15
/* Characters without the NUL. 111: no room, and *nSize is what would be needed, the NUL included. */
WINBASEAPI BOOL WINAPI GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize);
WINBASEAPI BOOL WINAPI GetComputerNameW(LPWSTR lpBuffer, LPDWORD nSize);
/* Characters with the NUL. 122: no room, and *pcbBuffer is what would be needed. */
WINBASEAPI BOOL WINAPI GetUserNameA(LPSTR lpBuffer, LPDWORD pcbBuffer);
WINBASEAPI BOOL WINAPI GetUserNameW(LPWSTR lpBuffer, LPDWORD pcbBuffer);

WINBASEAPI BOOL WINAPI MoveFileA(LPCSTR lpExistingFileName, LPCSTR lpNewFileName);
WINBASEAPI BOOL WINAPI MoveFileW(LPCWSTR lpExistingFileName, LPCWSTR lpNewFileName);
WINBASEAPI BOOL WINAPI MoveFileExA(LPCSTR lpExistingFileName, LPCSTR lpNewFileName, DWORD dwFlags);
WINBASEAPI BOOL WINAPI MoveFileExW(LPCWSTR lpExistingFileName, LPCWSTR lpNewFileName, DWORD dwFlags);
WINBASEAPI BOOL WINAPI ReplaceFileA(LPCSTR lpReplacedFileName, LPCSTR lpReplacementFileName,
	LPCSTR lpBackupFileName, DWORD dwReplaceFlags, LPVOID lpExclude, LPVOID lpReserved);
WINBASEAPI BOOL WINAPI ReplaceFileW(LPCWSTR lpReplacedFileName, LPCWSTR lpReplacementFileName,
	LPCWSTR lpBackupFileName, DWORD dwReplaceFlags, LPVOID lpExclude, LPVOID lpReserved);
WINBASEAPI BOOL WINAPI CopyFileA(LPCSTR lpExistingFileName, LPCSTR lpNewFileName, BOOL bFailIfExists);
WINBASEAPI BOOL WINAPI CopyFileW(LPCWSTR lpExistingFileName, LPCWSTR lpNewFileName, BOOL bFailIfExists);
/* Transfers and locks are complete when their call returns: nothing is ever pending or to be cancelled. */
WINBASEAPI BOOL WINAPI GetOverlappedResult(HANDLE hFile, LPOVERLAPPED lpOverlapped,
	LPDWORD lpNumberOfBytesTransferred, BOOL bWait);
WINBASEAPI BOOL WINAPI CancelIo(HANDLE hFile);
WINBASEAPI BOOL WINAPI CancelIoEx(HANDLE hFile, LPOVERLAPPED lpOverlapped);
/* FSCTL_SET_SPARSE, FSCTL_SET_ZERO_DATA (winioctl.h). */
WINBASEAPI BOOL WINAPI DeviceIoControl(HANDLE hDevice, DWORD dwIoControlCode, LPVOID lpInBuffer,
	DWORD nInBufferSize, LPVOID lpOutBuffer, DWORD nOutBufferSize, LPDWORD lpBytesReturned,
	LPOVERLAPPED lpOverlapped);
WINBASEAPI HANDLE WINAPI GetStdHandle(DWORD nStdHandle);
WINBASEAPI BOOL WINAPI SetStdHandle(DWORD nStdHandle, HANDLE hHandle);

WINBASEAPI HANDLE WINAPI CreateFileMappingA(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes,
	DWORD flProtect, DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCSTR lpName);
WINBASEAPI HANDLE WINAPI CreateFileMappingNumaA(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes,
	DWORD flProtect, DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCSTR lpName,
	DWORD nndPreferred);
WINBASEAPI HANDLE WINAPI OpenFileMappingA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName);
WINBASEAPI LPVOID WINAPI MapViewOfFileExNuma(HANDLE hFileMappingObject, DWORD dwDesiredAccess,
	DWORD dwFileOffsetHigh, DWORD dwFileOffsetLow, SIZE_T dwNumberOfBytesToMap, LPVOID lpBaseAddress,
	DWORD nndPreferred);

/* With ARGUMENT_ARRAY the last argument is an array of DWORD_PTR, cast. */
WINBASEAPI DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
	DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize, va_list *Arguments);
WINBASEAPI DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
	DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize, va_list *Arguments);
WINBASEAPI HLOCAL WINAPI LocalFree(HLOCAL hMem);

/* By guarded probing: no exception is raised, nothing is written. A guard page is TRUE once. */
WINBASEAPI BOOL WINAPI IsBadReadPtr(const VOID *lp, UINT_PTR ucb);
WINBASEAPI BOOL WINAPI IsBadWritePtr(LPVOID lp, UINT_PTR ucb);
WINBASEAPI BOOL WINAPI IsBadCodePtr(FARPROC lpfn);
WINBASEAPI BOOL WINAPI IsBadStringPtrA(LPCSTR lpsz, UINT_PTR ucchMax);
WINBASEAPI BOOL WINAPI IsBadStringPtrW(LPCWSTR lpsz, UINT_PTR ucchMax);

/* Fixed memory only: 50 for LMEM_MOVEABLE, which LocalReAlloc takes as the leave to move. A size may be larger
 * than was asked for. */
WINBASEAPI HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes);
WINBASEAPI HLOCAL WINAPI LocalReAlloc(HLOCAL hMem, SIZE_T uBytes, UINT uFlags);
WINBASEAPI SIZE_T WINAPI LocalSize(HLOCAL hMem);
WINBASEAPI HGLOBAL WINAPI GlobalAlloc(UINT uFlags, SIZE_T dwBytes);
WINBASEAPI HGLOBAL WINAPI GlobalReAlloc(HGLOBAL hMem, SIZE_T dwBytes, UINT uFlags);
WINBASEAPI SIZE_T WINAPI GlobalSize(HGLOBAL hMem);
WINBASEAPI HGLOBAL WINAPI GlobalFree(HGLOBAL hMem);

/* 1313 no such privilege; 1722 of another system. */
WINBASEAPI BOOL WINAPI LookupPrivilegeValueA(LPCSTR lpSystemName, LPCSTR lpName, PLUID lpLuid);
WINBASEAPI BOOL WINAPI LookupPrivilegeValueW(LPCWSTR lpSystemName, LPCWSTR lpName, PLUID lpLuid);

FM_WIN32_END

#endif
