/* SPDX-License-Identifier: MIT */
/* Text for a debugger. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <debugapi.h>
#elif !defined(FILEMAP_WIN32_DEBUGAPI_H)
#define FILEMAP_WIN32_DEBUGAPI_H

#include "minwindef.h"

#define OutputDebugStringA FM_WIN32(OutputDebugStringA)
#define OutputDebugStringW FM_WIN32_WIDE(OutputDebugStringW)
#define OutputDebugString FM_WIN32_PAIR(OutputDebugString)

FM_WIN32_BEGIN

/* Nobody listens, as on Windows without a debugger; with FILEMAP_TRACE=1 it goes to descriptor 2. */
WINBASEAPI VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString);
WINBASEAPI VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString);

/* Where the debugger stops; SIGTRAP without one. */
static __inline__ void __attribute__((unused)) DebugBreak(VOID)
{
#if defined(__x86_64__)
	__asm__ __volatile__("int3");
#else
	__asm__ __volatile__("brk #0xf000");
#endif
}

FM_WIN32_END

#endif
