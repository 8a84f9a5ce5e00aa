/* SPDX-License-Identifier: MIT */
/* Threads of the C library. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <process.h>
#elif !defined(FILEMAP_WIN32_PROCESS_H)
#define FILEMAP_WIN32_PROCESS_H

#include <unistd.h>

#include "_filemap.h"

#define _getpid getpid

#define _beginthreadex FM_WIN32(_beginthreadex)
#define _endthreadex FM_WIN32(_endthreadex)

FM_WIN32_BEGIN

typedef unsigned(__stdcall *_beginthreadex_proc_type)(void *);

/* As CreateThread() and ExitThread(). The handle, to be closed; or 0 and errno: EINVAL, EAGAIN. */
WINBASEAPI uintptr_t __cdecl _beginthreadex(void *security, unsigned stack_size, _beginthreadex_proc_type start,
	void *argument, unsigned flags, unsigned *ret_id);
WINBASEAPI __attribute__((noreturn)) void __cdecl _endthreadex(unsigned exit_code);

FM_WIN32_END

#endif
