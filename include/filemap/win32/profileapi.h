/* SPDX-License-Identifier: MIT */
/* The clock for intervals. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <profileapi.h>
#elif !defined(FILEMAP_WIN32_PROFILEAPI_H)
#define FILEMAP_WIN32_PROFILEAPI_H

#include "minwindef.h"

#define QueryPerformanceCounter FM_WIN32(QueryPerformanceCounter)
#define QueryPerformanceFrequency FM_WIN32(QueryPerformanceFrequency)

FM_WIN32_BEGIN

/* CLOCK_MONOTONIC in steps of 100 ns. */
WINBASEAPI BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount);
WINBASEAPI BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency);

FM_WIN32_END

#endif
