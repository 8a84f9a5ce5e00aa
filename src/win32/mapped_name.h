/* SPDX-License-Identifier: MIT */
#ifndef FM_WIN32_MAPPED_NAME_H
#define FM_WIN32_MAPPED_NAME_H

#include "view.h"
#include "win32.h"

/* The Linux path of the file mapped at @address in @process, in place of Windows' device path: what a
 * program can open. Errors as view_file_name(), own_process(); FM_E_INVALID_PARAMETER: no buffer. */
fm_status mapped_name(HANDLE process, const void *address, const void *buffer, DWORD size, char path[PATH_MAX]);
/* What GetMappedFileName returns for @copied characters of @needed; ERROR_INSUFFICIENT_BUFFER if cut. */
DWORD mapped_name_end(size_t copied, size_t needed);

#endif
