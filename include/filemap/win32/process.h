/* SPDX-License-Identifier: MIT */
/* Threads and processes of the C library: none is declared yet. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <process.h>
#elif !defined(FILEMAP_WIN32_PROCESS_H)
#define FILEMAP_WIN32_PROCESS_H

#include "_filemap.h"

#endif
