/* SPDX-License-Identifier: MIT */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <windef.h>
#elif !defined(FILEMAP_WIN32_WINDEF_H)
#define FILEMAP_WIN32_WINDEF_H

#include "minwindef.h"

FM_WIN32_BEGIN
DECLARE_HANDLE(HWND);
FM_WIN32_END

#endif
