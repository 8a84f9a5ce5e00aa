/* SPDX-License-Identifier: MIT */
/* Queries of memory that the Win32 and the Nt calls share. */
#ifndef FM_WIN32_QUERY_H
#define FM_WIN32_QUERY_H

#include "win32.h"

#include <psapi.h>

/* FM_E_INFO_LENGTH_MISMATCH, FM_E_ACCESS_VIOLATION (no buffer), and the core's. */
fm_status query_basic(const void *address, MEMORY_BASIC_INFORMATION *buffer, SIZE_T length);
fm_status query_region(const void *address, WIN32_MEMORY_REGION_INFORMATION *buffer, SIZE_T length);
fm_status query_pages(PSAPI_WORKING_SET_EX_INFORMATION *entries, SIZE_T length);

#endif
