/* SPDX-License-Identifier: MIT */
/* The calling thread's last error. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <errhandlingapi.h>
#elif !defined(FILEMAP_WIN32_ERRHANDLINGAPI_H)
#define FILEMAP_WIN32_ERRHANDLINGAPI_H

#include "minwindef.h"

#define GetLastError FM_WIN32(GetLastError)
#define SetLastError FM_WIN32(SetLastError)

FM_WIN32_BEGIN

WINBASEAPI DWORD WINAPI GetLastError(VOID);
WINBASEAPI VOID WINAPI SetLastError(DWORD dwErrCode);

FM_WIN32_END

#endif
