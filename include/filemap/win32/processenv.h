/* SPDX-License-Identifier: MIT */
/* What a process is started with: its environment, directory and command line. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <processenv.h>
#elif !defined(FILEMAP_WIN32_PROCESSENV_H)
#define FILEMAP_WIN32_PROCESSENV_H

#include "minwindef.h"

#define GetEnvironmentVariableA FM_WIN32(GetEnvironmentVariableA)
#define GetEnvironmentVariableW FM_WIN32_WIDE(GetEnvironmentVariableW)
#define GetEnvironmentVariable FM_WIN32_PAIR(GetEnvironmentVariable)
#define SetEnvironmentVariableA FM_WIN32(SetEnvironmentVariableA)
#define SetEnvironmentVariableW FM_WIN32_WIDE(SetEnvironmentVariableW)
#define SetEnvironmentVariable FM_WIN32_PAIR(SetEnvironmentVariable)
#define GetEnvironmentStringsA FM_WIN32(GetEnvironmentStringsA)
#define GetEnvironmentStringsW FM_WIN32_WIDE(GetEnvironmentStringsW)
#ifdef UNICODE
#define GetEnvironmentStrings GetEnvironmentStringsW
#else
#define GetEnvironmentStrings GetEnvironmentStringsA
#endif
#define FreeEnvironmentStringsA FM_WIN32(FreeEnvironmentStringsA)
#define FreeEnvironmentStringsW FM_WIN32_WIDE(FreeEnvironmentStringsW)
#define FreeEnvironmentStrings FM_WIN32_PAIR(FreeEnvironmentStrings)
#define GetCurrentDirectoryA FM_WIN32(GetCurrentDirectoryA)
#define GetCurrentDirectoryW FM_WIN32_WIDE(GetCurrentDirectoryW)
#define GetCurrentDirectory FM_WIN32_PAIR(GetCurrentDirectory)
#define SetCurrentDirectoryA FM_WIN32(SetCurrentDirectoryA)
#define SetCurrentDirectoryW FM_WIN32_WIDE(SetCurrentDirectoryW)
#define SetCurrentDirectory FM_WIN32_PAIR(SetCurrentDirectory)
#define GetCommandLineA FM_WIN32(GetCommandLineA)
#define GetCommandLineW FM_WIN32_WIDE(GetCommandLineW)
#define GetCommandLine FM_WIN32_PAIR(GetCommandLine)

FM_WIN32_BEGIN

/*
 * The C library's environment. A name is looked for as it is, then without regard to the case of ASCII.
 *   203 no such variable   87 no name, or one with "="
 * A buffer that is too small gets nothing: the result is the size needed, with the terminator.
 */
WINBASEAPI DWORD WINAPI GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize);
WINBASEAPI DWORD WINAPI GetEnvironmentVariableW(LPCWSTR lpName, LPWSTR lpBuffer, DWORD nSize);
/* @lpValue NULL removes. Not while other threads use getenv(). */
WINBASEAPI BOOL WINAPI SetEnvironmentVariableA(LPCSTR lpName, LPCSTR lpValue);
WINBASEAPI BOOL WINAPI SetEnvironmentVariableW(LPCWSTR lpName, LPCWSTR lpValue);
/* A copy: strings one after the other, an empty one at the end. */
WINBASEAPI LPSTR WINAPI GetEnvironmentStringsA(VOID);
WINBASEAPI LPWSTR WINAPI GetEnvironmentStringsW(VOID);
WINBASEAPI BOOL WINAPI FreeEnvironmentStringsA(LPSTR penv);
WINBASEAPI BOOL WINAPI FreeEnvironmentStringsW(LPWSTR penv);
/* In the system's own spelling. */
WINBASEAPI DWORD WINAPI GetCurrentDirectoryA(DWORD nBufferLength, LPSTR lpBuffer);
WINBASEAPI DWORD WINAPI GetCurrentDirectoryW(DWORD nBufferLength, LPWSTR lpBuffer);
/* 2 no such directory, 3 the one it should be in, 267 no directory, 5. */
WINBASEAPI BOOL WINAPI SetCurrentDirectoryA(LPCSTR lpPathName);
WINBASEAPI BOOL WINAPI SetCurrentDirectoryW(LPCWSTR lpPathName);
/* The arguments, quoted so that Windows' rules take them apart again. NULL: no memory. */
WINBASEAPI LPSTR WINAPI GetCommandLineA(VOID);
WINBASEAPI LPWSTR WINAPI GetCommandLineW(VOID);

FM_WIN32_END

#endif
