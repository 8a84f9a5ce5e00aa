/* SPDX-License-Identifier: MIT */
/* Files: what a mapping needs, and what ports need beside it (libfilemap-port). */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <fileapi.h>
#elif !defined(FILEMAP_WIN32_FILEAPI_H)
#define FILEMAP_WIN32_FILEAPI_H

#include "minwinbase.h"

#define CREATE_NEW 1
#define CREATE_ALWAYS 2
#define OPEN_EXISTING 3
#define OPEN_ALWAYS 4
#define TRUNCATE_EXISTING 5

#define INVALID_FILE_SIZE ((DWORD)0xFFFFFFFF)
#define INVALID_SET_FILE_POINTER ((DWORD)-1)
#define INVALID_FILE_ATTRIBUTES ((DWORD)-1)

#define CompareFileTime FM_WIN32(CompareFileTime)
#define FileTimeToLocalFileTime FM_WIN32(FileTimeToLocalFileTime)
#define LocalFileTimeToFileTime FM_WIN32(LocalFileTimeToFileTime)
#define CreateFileA FM_WIN32(CreateFileA)
#define CreateFileW FM_WIN32_WIDE(CreateFileW)
#define CreateFile FM_WIN32_PAIR(CreateFile)
#define CreateFile2 FM_WIN32_WIDE(CreateFile2)
#define DeleteFileA FM_WIN32(DeleteFileA)
#define DeleteFileW FM_WIN32_WIDE(DeleteFileW)
#define DeleteFile FM_WIN32_PAIR(DeleteFile)
#define GetTempPathA FM_WIN32(GetTempPathA)
#define GetTempPathW FM_WIN32_WIDE(GetTempPathW)
#define GetTempPath FM_WIN32_PAIR(GetTempPath)
#define GetTempFileNameA FM_WIN32(GetTempFileNameA)
#define GetTempFileNameW FM_WIN32_WIDE(GetTempFileNameW)
#define GetTempFileName FM_WIN32_PAIR(GetTempFileName)
#define ReadFile FM_WIN32(ReadFile)
#define WriteFile FM_WIN32(WriteFile)
#define SetFilePointer FM_WIN32(SetFilePointer)
#define SetFilePointerEx FM_WIN32(SetFilePointerEx)
#define SetEndOfFile FM_WIN32(SetEndOfFile)
#define GetFileSize FM_WIN32(GetFileSize)
#define GetFileSizeEx FM_WIN32(GetFileSizeEx)
#define GetFileType FM_WIN32(GetFileType)
#define FlushFileBuffers FM_WIN32(FlushFileBuffers)

#define LockFile FM_WIN32(LockFile)
#define LockFileEx FM_WIN32(LockFileEx)
#define UnlockFile FM_WIN32(UnlockFile)
#define UnlockFileEx FM_WIN32(UnlockFileEx)
#define GetFileAttributesA FM_WIN32(GetFileAttributesA)
#define GetFileAttributesW FM_WIN32_WIDE(GetFileAttributesW)
#define GetFileAttributes FM_WIN32_PAIR(GetFileAttributes)
#define GetFileAttributesExA FM_WIN32(GetFileAttributesExA)
#define GetFileAttributesExW FM_WIN32_WIDE(GetFileAttributesExW)
#define GetFileAttributesEx FM_WIN32_PAIR(GetFileAttributesEx)
#define SetFileAttributesA FM_WIN32(SetFileAttributesA)
#define SetFileAttributesW FM_WIN32_WIDE(SetFileAttributesW)
#define SetFileAttributes FM_WIN32_PAIR(SetFileAttributes)
#define GetFileInformationByHandle FM_WIN32(GetFileInformationByHandle)
#define GetFileTime FM_WIN32(GetFileTime)
#define SetFileTime FM_WIN32(SetFileTime)
#define GetDiskFreeSpaceA FM_WIN32(GetDiskFreeSpaceA)
#define GetDiskFreeSpaceW FM_WIN32_WIDE(GetDiskFreeSpaceW)
#define GetDiskFreeSpace FM_WIN32_PAIR(GetDiskFreeSpace)
#define GetDiskFreeSpaceExA FM_WIN32(GetDiskFreeSpaceExA)
#define GetDiskFreeSpaceExW FM_WIN32_WIDE(GetDiskFreeSpaceExW)
#define GetDiskFreeSpaceEx FM_WIN32_PAIR(GetDiskFreeSpaceEx)
#define CreateDirectoryA FM_WIN32(CreateDirectoryA)
#define CreateDirectoryW FM_WIN32_WIDE(CreateDirectoryW)
#define CreateDirectory FM_WIN32_PAIR(CreateDirectory)
#define RemoveDirectoryA FM_WIN32(RemoveDirectoryA)
#define RemoveDirectoryW FM_WIN32_WIDE(RemoveDirectoryW)
#define RemoveDirectory FM_WIN32_PAIR(RemoveDirectory)
#define FindFirstFileA FM_WIN32(FindFirstFileA)
#define FindFirstFileW FM_WIN32_WIDE(FindFirstFileW)
#define FindFirstFile FM_WIN32_PAIR(FindFirstFile)
#define FindNextFileA FM_WIN32(FindNextFileA)
#define FindNextFileW FM_WIN32_WIDE(FindNextFileW)
#define FindNextFile FM_WIN32_PAIR(FindNextFile)
#define FindClose FM_WIN32(FindClose)
#define GetFullPathNameA FM_WIN32(GetFullPathNameA)
#define GetFullPathNameW FM_WIN32_WIDE(GetFullPathNameW)
#define GetFullPathName FM_WIN32_PAIR(GetFullPathName)
#define AreFileApisANSI FM_WIN32(AreFileApisANSI)

FM_WIN32_BEGIN

typedef struct _BY_HANDLE_FILE_INFORMATION {
	DWORD dwFileAttributes;
	FILETIME ftCreationTime;
	FILETIME ftLastAccessTime;
	FILETIME ftLastWriteTime;
	DWORD dwVolumeSerialNumber;
	DWORD nFileSizeHigh;
	DWORD nFileSizeLow;
	DWORD nNumberOfLinks;
	DWORD nFileIndexHigh;
	DWORD nFileIndexLow;
} BY_HANDLE_FILE_INFORMATION, *PBY_HANDLE_FILE_INFORMATION, *LPBY_HANDLE_FILE_INFORMATION;

WINBASEAPI HANDLE WINAPI CreateFileA(LPCSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
	LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
	DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
WINBASEAPI HANDLE WINAPI CreateFileW(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
	LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
	DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
typedef struct _CREATEFILE2_EXTENDED_PARAMETERS {
	DWORD dwSize;
	DWORD dwFileAttributes;
	DWORD dwFileFlags;
	DWORD dwSecurityQosFlags;
	LPSECURITY_ATTRIBUTES lpSecurityAttributes;
	HANDLE hTemplateFile;
} CREATEFILE2_EXTENDED_PARAMETERS, *PCREATEFILE2_EXTENDED_PARAMETERS, *LPCREATEFILE2_EXTENDED_PARAMETERS;

/* As CreateFileW(). 87: dwSize is too small. */
WINBASEAPI HANDLE WINAPI CreateFile2(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
	DWORD dwCreationDisposition, LPCREATEFILE2_EXTENDED_PARAMETERS pCreateExParams);
WINBASEAPI BOOL WINAPI DeleteFileA(LPCSTR lpFileName);
WINBASEAPI BOOL WINAPI DeleteFileW(LPCWSTR lpFileName);
WINBASEAPI DWORD WINAPI GetTempPathA(DWORD nBufferLength, LPSTR lpBuffer);
WINBASEAPI DWORD WINAPI GetTempPathW(DWORD nBufferLength, LPWSTR lpBuffer);
WINBASEAPI UINT WINAPI GetTempFileNameA(LPCSTR lpPathName, LPCSTR lpPrefixString, UINT uUnique,
	LPSTR lpTempFileName);
WINBASEAPI UINT WINAPI GetTempFileNameW(LPCWSTR lpPathName, LPCWSTR lpPrefixString, UINT uUnique,
	LPWSTR lpTempFileName);
WINBASEAPI BOOL WINAPI ReadFile(HANDLE hFile, LPVOID lpBuffer, DWORD nNumberOfBytesToRead,
	LPDWORD lpNumberOfBytesRead, LPOVERLAPPED lpOverlapped);
WINBASEAPI BOOL WINAPI WriteFile(HANDLE hFile, LPCVOID lpBuffer, DWORD nNumberOfBytesToWrite,
	LPDWORD lpNumberOfBytesWritten, LPOVERLAPPED lpOverlapped);
WINBASEAPI DWORD WINAPI SetFilePointer(HANDLE hFile, LONG lDistanceToMove, PLONG lpDistanceToMoveHigh,
	DWORD dwMoveMethod);
WINBASEAPI BOOL WINAPI SetFilePointerEx(HANDLE hFile, LARGE_INTEGER liDistanceToMove,
	PLARGE_INTEGER lpNewFilePointer, DWORD dwMoveMethod);
WINBASEAPI BOOL WINAPI SetEndOfFile(HANDLE hFile);
WINBASEAPI DWORD WINAPI GetFileSize(HANDLE hFile, LPDWORD lpFileSizeHigh);
WINBASEAPI BOOL WINAPI GetFileSizeEx(HANDLE hFile, PLARGE_INTEGER lpFileSize);
WINBASEAPI DWORD WINAPI GetFileType(HANDLE hFile);
WINBASEAPI BOOL WINAPI FlushFileBuffers(HANDLE hFile);

/* What follows is in libfilemap-port. */
WINBASEAPI BOOL WINAPI LockFile(HANDLE hFile, DWORD dwFileOffsetLow, DWORD dwFileOffsetHigh,
	DWORD nNumberOfBytesToLockLow, DWORD nNumberOfBytesToLockHigh);
WINBASEAPI BOOL WINAPI LockFileEx(HANDLE hFile, DWORD dwFlags, DWORD dwReserved,
	DWORD nNumberOfBytesToLockLow, DWORD nNumberOfBytesToLockHigh, LPOVERLAPPED lpOverlapped);
WINBASEAPI BOOL WINAPI UnlockFile(HANDLE hFile, DWORD dwFileOffsetLow, DWORD dwFileOffsetHigh,
	DWORD nNumberOfBytesToUnlockLow, DWORD nNumberOfBytesToUnlockHigh);
WINBASEAPI BOOL WINAPI UnlockFileEx(HANDLE hFile, DWORD dwReserved, DWORD nNumberOfBytesToUnlockLow,
	DWORD nNumberOfBytesToUnlockHigh, LPOVERLAPPED lpOverlapped);

/* Of the attributes READONLY and DIRECTORY are kept (the mode's write bits); see windows-differences.md. */
WINBASEAPI DWORD WINAPI GetFileAttributesA(LPCSTR lpFileName);
WINBASEAPI DWORD WINAPI GetFileAttributesW(LPCWSTR lpFileName);
WINBASEAPI BOOL WINAPI GetFileAttributesExA(LPCSTR lpFileName, GET_FILEEX_INFO_LEVELS fInfoLevelId,
	LPVOID lpFileInformation);
WINBASEAPI BOOL WINAPI GetFileAttributesExW(LPCWSTR lpFileName, GET_FILEEX_INFO_LEVELS fInfoLevelId,
	LPVOID lpFileInformation);
WINBASEAPI BOOL WINAPI SetFileAttributesA(LPCSTR lpFileName, DWORD dwFileAttributes);
WINBASEAPI BOOL WINAPI SetFileAttributesW(LPCWSTR lpFileName, DWORD dwFileAttributes);
WINBASEAPI BOOL WINAPI GetFileInformationByHandle(HANDLE hFile, LPBY_HANDLE_FILE_INFORMATION lpFileInformation);
WINBASEAPI BOOL WINAPI GetFileTime(HANDLE hFile, LPFILETIME lpCreationTime, LPFILETIME lpLastAccessTime,
	LPFILETIME lpLastWriteTime);
WINBASEAPI BOOL WINAPI SetFileTime(HANDLE hFile, const FILETIME *lpCreationTime,
	const FILETIME *lpLastAccessTime, const FILETIME *lpLastWriteTime);
WINBASEAPI BOOL WINAPI GetDiskFreeSpaceA(LPCSTR lpRootPathName, LPDWORD lpSectorsPerCluster,
	LPDWORD lpBytesPerSector, LPDWORD lpNumberOfFreeClusters, LPDWORD lpTotalNumberOfClusters);
WINBASEAPI BOOL WINAPI GetDiskFreeSpaceW(LPCWSTR lpRootPathName, LPDWORD lpSectorsPerCluster,
	LPDWORD lpBytesPerSector, LPDWORD lpNumberOfFreeClusters, LPDWORD lpTotalNumberOfClusters);
WINBASEAPI BOOL WINAPI GetDiskFreeSpaceExA(LPCSTR lpDirectoryName, PULARGE_INTEGER lpFreeBytesAvailableToCaller,
	PULARGE_INTEGER lpTotalNumberOfBytes, PULARGE_INTEGER lpTotalNumberOfFreeBytes);
WINBASEAPI BOOL WINAPI GetDiskFreeSpaceExW(LPCWSTR lpDirectoryName, PULARGE_INTEGER lpFreeBytesAvailableToCaller,
	PULARGE_INTEGER lpTotalNumberOfBytes, PULARGE_INTEGER lpTotalNumberOfFreeBytes);
WINBASEAPI BOOL WINAPI CreateDirectoryA(LPCSTR lpPathName, LPSECURITY_ATTRIBUTES lpSecurityAttributes);
WINBASEAPI BOOL WINAPI CreateDirectoryW(LPCWSTR lpPathName, LPSECURITY_ATTRIBUTES lpSecurityAttributes);
WINBASEAPI BOOL WINAPI RemoveDirectoryA(LPCSTR lpPathName);
WINBASEAPI BOOL WINAPI RemoveDirectoryW(LPCWSTR lpPathName);
/* A search is no handle for CloseHandle; * and ? are matched without regard to case in ASCII. */
WINBASEAPI HANDLE WINAPI FindFirstFileA(LPCSTR lpFileName, LPWIN32_FIND_DATAA lpFindFileData);
WINBASEAPI HANDLE WINAPI FindFirstFileW(LPCWSTR lpFileName, LPWIN32_FIND_DATAW lpFindFileData);
WINBASEAPI BOOL WINAPI FindNextFileA(HANDLE hFindFile, LPWIN32_FIND_DATAA lpFindFileData);
WINBASEAPI BOOL WINAPI FindNextFileW(HANDLE hFindFile, LPWIN32_FIND_DATAW lpFindFileData);
WINBASEAPI BOOL WINAPI FindClose(HANDLE hFindFile);
WINBASEAPI DWORD WINAPI GetFullPathNameA(LPCSTR lpFileName, DWORD nBufferLength, LPSTR lpBuffer,
	LPSTR *lpFilePart);
WINBASEAPI DWORD WINAPI GetFullPathNameW(LPCWSTR lpFileName, DWORD nBufferLength, LPWSTR lpBuffer,
	LPWSTR *lpFilePart);
WINBASEAPI BOOL WINAPI AreFileApisANSI(VOID);

/* Local times by the difference that holds now, as on Windows, not by the one of that time. */
WINBASEAPI LONG WINAPI CompareFileTime(const FILETIME *lpFileTime1, const FILETIME *lpFileTime2);
WINBASEAPI BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *lpFileTime, LPFILETIME lpLocalFileTime);
WINBASEAPI BOOL WINAPI LocalFileTimeToFileTime(const FILETIME *lpLocalFileTime, LPFILETIME lpFileTime);

FM_WIN32_END

#endif
