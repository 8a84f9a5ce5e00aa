/* SPDX-License-Identifier: MIT */
/* Directories by the C library. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <direct.h>
#elif !defined(FILEMAP_WIN32_DIRECT_H)
#define FILEMAP_WIN32_DIRECT_H

#include "_crt.h"

#endif
