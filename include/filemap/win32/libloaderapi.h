/* SPDX-License-Identifier: MIT */
/* Modules by name, as far as programs ask them for newer functions. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <libloaderapi.h>
#elif !defined(FILEMAP_WIN32_LIBLOADERAPI_H)
#define FILEMAP_WIN32_LIBLOADERAPI_H

#include "minwindef.h"

#define GetModuleHandleA FM_WIN32(GetModuleHandleA)
#define GetModuleHandleW FM_WIN32_WIDE(GetModuleHandleW)
#define GetModuleHandle FM_WIN32_PAIR(GetModuleHandle)
#define GetProcAddress FM_WIN32_WIDE(GetProcAddress)

#define LoadLibraryA FM_WIN32(LoadLibraryA)
#define LoadLibraryW FM_WIN32_WIDE(LoadLibraryW)
#define LoadLibrary FM_WIN32_PAIR(LoadLibrary)
#define LoadLibraryExA FM_WIN32(LoadLibraryExA)
#define LoadLibraryExW FM_WIN32_WIDE(LoadLibraryExW)
#define LoadLibraryEx FM_WIN32_PAIR(LoadLibraryEx)
#define FreeLibrary FM_WIN32(FreeLibrary)
#define GetModuleFileNameA FM_WIN32(GetModuleFileNameA)
#define GetModuleFileNameW FM_WIN32_WIDE(GetModuleFileNameW)
#define GetModuleFileName FM_WIN32_PAIR(GetModuleFileName)

#define LOAD_LIBRARY_SEARCH_APPLICATION_DIR 0x00000200
#define LOAD_LIBRARY_SEARCH_USER_DIRS 0x00000400
#define LOAD_LIBRARY_SEARCH_SYSTEM32 0x00000800
#define LOAD_LIBRARY_SEARCH_DEFAULT_DIRS 0x00001000
#define LOAD_WITH_ALTERED_SEARCH_PATH 0x00000008

FM_WIN32_BEGIN

WINBASEAPI HMODULE WINAPI GetModuleHandleA(LPCSTR lpModuleName);
WINBASEAPI HMODULE WINAPI GetModuleHandleW(LPCWSTR lpModuleName);
WINBASEAPI FARPROC WINAPI GetProcAddress(HMODULE hModule, LPCSTR lpProcName);

/* The modules that GetModuleHandle knows, which are always there; any other: 126. No file is loaded. */
WINBASEAPI HMODULE WINAPI LoadLibraryA(LPCSTR lpLibFileName);
WINBASEAPI HMODULE WINAPI LoadLibraryW(LPCWSTR lpLibFileName);
/* @hFile is NULL; flags other than those above: 87. */
WINBASEAPI HMODULE WINAPI LoadLibraryExA(LPCSTR lpLibFileName, HANDLE hFile, DWORD dwFlags);
WINBASEAPI HMODULE WINAPI LoadLibraryExW(LPCWSTR lpLibFileName, HANDLE hFile, DWORD dwFlags);
WINBASEAPI BOOL WINAPI FreeLibrary(HMODULE hLibModule);
/* The program's file in the system's own spelling; other modules have none: 126. Too long: cut, and 122. */
WINBASEAPI DWORD WINAPI GetModuleFileNameA(HMODULE hModule, LPSTR lpFilename, DWORD nSize);
WINBASEAPI DWORD WINAPI GetModuleFileNameW(HMODULE hModule, LPWSTR lpFilename, DWORD nSize);

FM_WIN32_END

#endif
