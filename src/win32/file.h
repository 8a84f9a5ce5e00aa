/* SPDX-License-Identifier: MIT */
/* What the ANSI and the wide calls on files share. */
#ifndef FM_WIN32_FILE_H
#define FM_WIN32_FILE_H

#include "diskfile.h"
#include "diskpath.h"
#include "win32.h"

/* CreateFile*: the handle and last error 0 or 183, or INVALID_HANDLE_VALUE and the last error. */
HANDLE file_open(const char *path, DWORD access, DWORD share, const SECURITY_ATTRIBUTES *security,
		 DWORD disposition, DWORD flags);
/* INVALID_HANDLE_VALUE and the last error of a path that could not be converted. */
HANDLE file_failed(fm_status status);
/* GetTempFileName*: the number and the path in @ret_path, or 0 and the last error. */
UINT file_temporary(const char *directory, const char *prefix, UINT unique, char ret_path[PATH_MAX]);

enum { TEMPORARY_LONGEST = MAX_PATH - 14 }; /* of a directory given to GetTempFileName */

#endif
