/* SPDX-License-Identifier: MIT */
/* The version of the kit these headers follow: Windows 11, build 22621. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <ntverp.h>
#elif !defined(FILEMAP_WIN32_NTVERP_H)
#define FILEMAP_WIN32_NTVERP_H

#define VER_PRODUCTMAJORVERSION 10
#define VER_PRODUCTMINORVERSION 0
#define VER_PRODUCTBUILD 22621
#define VER_PRODUCTBUILD_QFE 1

#endif
