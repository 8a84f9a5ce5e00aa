/* SPDX-License-Identifier: MIT */
/* Requests to files (libfilemap-port). */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <winioctl.h>
#elif !defined(FILEMAP_WIN32_WINIOCTL_H)
#define FILEMAP_WIN32_WINIOCTL_H

#include "winbase.h"

#define FSCTL_SET_SPARSE 0x000900C4
#define FSCTL_SET_ZERO_DATA 0x000980C8

FM_WIN32_BEGIN

typedef struct _FILE_SET_SPARSE_BUFFER {
	BOOLEAN SetSparse;
} FILE_SET_SPARSE_BUFFER, *PFILE_SET_SPARSE_BUFFER;

typedef struct _FILE_ZERO_DATA_INFORMATION {
	LARGE_INTEGER FileOffset;
	LARGE_INTEGER BeyondFinalZero;
} FILE_ZERO_DATA_INFORMATION, *PFILE_ZERO_DATA_INFORMATION;

FM_WIN32_END

#endif
