/* SPDX-License-Identifier: MIT */
/* This process, and others by their number: as far as handles and memory need them. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <processthreadsapi.h>
#elif !defined(FILEMAP_WIN32_PROCESSTHREADSAPI_H)
#define FILEMAP_WIN32_PROCESSTHREADSAPI_H

#include "minwinbase.h"

#define GetCurrentProcess FM_WIN32(GetCurrentProcess)
#define GetCurrentProcessId FM_WIN32(GetCurrentProcessId)
#define OpenProcess FM_WIN32(OpenProcess)

FM_WIN32_BEGIN

/* The pseudo handle -1. */
WINBASEAPI HANDLE WINAPI GetCurrentProcess(VOID);
WINBASEAPI DWORD WINAPI GetCurrentProcessId(VOID);
WINBASEAPI HANDLE WINAPI OpenProcess(DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwProcessId);

FM_WIN32_END

#endif
