/* SPDX-License-Identifier: MIT */
/* The bridge between the C library's descriptors and handles. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <io.h>
#elif !defined(FILEMAP_WIN32_IO_H)
#define FILEMAP_WIN32_IO_H

#include "_crt.h"

#define _get_osfhandle FM_WIN32(_get_osfhandle)
#define _open_osfhandle FM_WIN32(_open_osfhandle)

FM_WIN32_BEGIN

/*
 * _get_osfhandle - the handle of an open descriptor, whoever opened it; -1 and EBADF if it is not open
 * Borrowed: it is valid while the descriptor is open; closing the descriptor closes it.
 */
WINBASEAPI intptr_t __cdecl _get_osfhandle(int fd);

/*
 * _open_osfhandle - a descriptor for a file handle; -1 and EBADF if it is none
 * The descriptor takes the handle over: close() closes both.
 */
WINBASEAPI int __cdecl _open_osfhandle(intptr_t osfhandle, int flags);

FM_WIN32_END

#endif
