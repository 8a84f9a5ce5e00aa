/* SPDX-License-Identifier: MIT */
/* The calling thread's last error; handlers of exceptions. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <errhandlingapi.h>
#elif !defined(FILEMAP_WIN32_ERRHANDLINGAPI_H)
#define FILEMAP_WIN32_ERRHANDLINGAPI_H

#include "minwindef.h"

#define GetLastError FM_WIN32(GetLastError)
#define SetLastError FM_WIN32(SetLastError)
#define AddVectoredExceptionHandler FM_WIN32(AddVectoredExceptionHandler)
#define RemoveVectoredExceptionHandler FM_WIN32(RemoveVectoredExceptionHandler)
#define AddVectoredContinueHandler FM_WIN32(AddVectoredContinueHandler)
#define RemoveVectoredContinueHandler FM_WIN32(RemoveVectoredContinueHandler)
#define SetUnhandledExceptionFilter FM_WIN32(SetUnhandledExceptionFilter)

FM_WIN32_BEGIN

WINBASEAPI DWORD WINAPI GetLastError(VOID);
WINBASEAPI VOID WINAPI SetLastError(DWORD dwErrCode);

typedef LONG(WINAPI *PTOP_LEVEL_EXCEPTION_FILTER)(EXCEPTION_POINTERS *ExceptionInfo);
typedef PTOP_LEVEL_EXCEPTION_FILTER LPTOP_LEVEL_EXCEPTION_FILTER;

/* Of faults in memory only. Handlers run in a signal handler, on the faulting thread; an alternate signal stack, where
 * a thread has one, should have 32 KiB. */
WINBASEAPI PVOID WINAPI AddVectoredExceptionHandler(ULONG First, PVECTORED_EXCEPTION_HANDLER Handler);
WINBASEAPI ULONG WINAPI RemoveVectoredExceptionHandler(PVOID Handle);
WINBASEAPI PVOID WINAPI AddVectoredContinueHandler(ULONG First, PVECTORED_EXCEPTION_HANDLER Handler);
WINBASEAPI ULONG WINAPI RemoveVectoredContinueHandler(PVOID Handle);
WINBASEAPI LPTOP_LEVEL_EXCEPTION_FILTER WINAPI SetUnhandledExceptionFilter(
	LPTOP_LEVEL_EXCEPTION_FILTER lpTopLevelExceptionFilter);

FM_WIN32_END

#endif
