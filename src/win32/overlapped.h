/* SPDX-License-Identifier: MIT */
/* Events of OVERLAPPED structures: this library has none, libfilemap-port has. */
#ifndef FM_WIN32_OVERLAPPED_H
#define FM_WIN32_OVERLAPPED_H

#include <windows.h>

#include <filemap.h>

/* Told of each overlapped transfer: @done FALSE when it begins, TRUE when it has succeeded. */
typedef void overlapped_signal(HANDLE event, BOOL done);
FM_API void fm_internal_overlapped_signal(overlapped_signal *signal);

#endif
