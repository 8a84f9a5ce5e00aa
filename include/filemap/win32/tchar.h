/* SPDX-License-Identifier: MIT */
/* Text that is wide with _UNICODE. The wide functions are the C library's: not under -fshort-wchar. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <tchar.h>
#elif !defined(FILEMAP_WIN32_TCHAR_H)
#define FILEMAP_WIN32_TCHAR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "_filemap.h"

#ifdef _UNICODE
#define __T(quote) L##quote
typedef wchar_t _TCHAR;
#define _tmain wmain
#if __SIZEOF_WCHAR_T__ == 4
#define _tcslen wcslen
#define _tcscmp wcscmp
#define _tcsncmp wcsncmp
#define _tcscpy wcscpy
#define _tcsncpy wcsncpy
#define _tcscat wcscat
#define _tcschr wcschr
#define _tcsrchr wcsrchr
#define _tcsstr wcsstr
#define _tcstoul wcstoul
#define _tprintf wprintf
#define _ftprintf fwprintf
#define _fputts fputws
#endif
#else
#define __T(quote) quote
typedef char _TCHAR;
#define _tmain main
#define _tcslen strlen
#define _tcscmp strcmp
#define _tcsncmp strncmp
#define _tcscpy strcpy
#define _tcsncpy strncpy
#define _tcscat strcat
#define _tcschr strchr
#define _tcsrchr strrchr
#define _tcsstr strstr
#define _tcstoul strtoul
#define _tprintf printf
#define _ftprintf fprintf
#define _fputts fputs
#endif
#define _T(quote) __T(quote)
#define _TEXT(quote) __T(quote)

#endif
