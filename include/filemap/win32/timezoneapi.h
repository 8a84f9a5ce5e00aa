/* SPDX-License-Identifier: MIT */
/* Dates and file times. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <timezoneapi.h>
#elif !defined(FILEMAP_WIN32_TIMEZONEAPI_H)
#define FILEMAP_WIN32_TIMEZONEAPI_H

#include "minwinbase.h"

#define SystemTimeToFileTime FM_WIN32(SystemTimeToFileTime)
#define FileTimeToSystemTime FM_WIN32(FileTimeToSystemTime)

FM_WIN32_BEGIN

/* 87: no such date, or not within 1601 to 30827. The day of the week is not read. */
WINBASEAPI BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *lpSystemTime, LPFILETIME lpFileTime);
WINBASEAPI BOOL WINAPI FileTimeToSystemTime(const FILETIME *lpFileTime, LPSYSTEMTIME lpSystemTime);

FM_WIN32_END

#endif
