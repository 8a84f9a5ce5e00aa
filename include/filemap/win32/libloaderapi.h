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

FM_WIN32_BEGIN

WINBASEAPI HMODULE WINAPI GetModuleHandleA(LPCSTR lpModuleName);
WINBASEAPI HMODULE WINAPI GetModuleHandleW(LPCWSTR lpModuleName);
WINBASEAPI FARPROC WINAPI GetProcAddress(HMODULE hModule, LPCSTR lpProcName);

FM_WIN32_END

#endif
