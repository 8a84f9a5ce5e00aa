/* SPDX-License-Identifier: MIT */
/* Storage that tells when its thread ends. There are no fibers but the threads. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <fibersapi.h>
#elif !defined(FILEMAP_WIN32_FIBERSAPI_H)
#define FILEMAP_WIN32_FIBERSAPI_H

#include "minwinbase.h"

#define FLS_OUT_OF_INDEXES ((DWORD)0xFFFFFFFF)

#define FlsAlloc FM_WIN32(FlsAlloc)
#define FlsFree FM_WIN32(FlsFree)
#define FlsGetValue FM_WIN32(FlsGetValue)
#define FlsSetValue FM_WIN32(FlsSetValue)

FM_WIN32_BEGIN

/*
 * @lpCallback (or NULL) gets each value that is not NULL when its thread ends, and all threads' in FlsFree(),
 * in the thread that calls it. When the process ends it gets none.
 *   8 no index or memory is left   87 no such index
 */
WINBASEAPI DWORD WINAPI FlsAlloc(PFLS_CALLBACK_FUNCTION lpCallback);
WINBASEAPI BOOL WINAPI FlsFree(DWORD dwFlsIndex);
/* A success sets the last error to 0, for NULL is a value, too. */
WINBASEAPI PVOID WINAPI FlsGetValue(DWORD dwFlsIndex);
WINBASEAPI BOOL WINAPI FlsSetValue(DWORD dwFlsIndex, PVOID lpFlsData);

FM_WIN32_END

#endif
