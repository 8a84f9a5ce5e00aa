/* SPDX-License-Identifier: MIT */
/* The debugging C library: assertions do nothing, as in a release build on Windows. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <crtdbg.h>
#elif !defined(FILEMAP_WIN32_CRTDBG_H)
#define FILEMAP_WIN32_CRTDBG_H

#define _ASSERT(expression) ((void)0)
#define _ASSERTE(expression) ((void)0)
#define _ASSERT_EXPR(expression, message) ((void)0)

#endif
