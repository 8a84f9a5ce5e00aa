/* SPDX-License-Identifier: MIT */
/* Files, as far as a mapping needs them. */
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

#define CreateFileA FM_WIN32(CreateFileA)
#define CreateFileW FM_WIN32_WIDE(CreateFileW)
#define CreateFile FM_WIN32_PAIR(CreateFile)
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

FM_WIN32_BEGIN

WINBASEAPI HANDLE WINAPI CreateFileA(LPCSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
	LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
	DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
WINBASEAPI HANDLE WINAPI CreateFileW(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
	LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
	DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
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

FM_WIN32_END

#endif
