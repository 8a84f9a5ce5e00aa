/* SPDX-License-Identifier: MIT */
/*
 * windows.h - the Windows file-mapping API on Linux
 *
 * What is here answers as Windows does, to the error number; what Windows has and is not here is not
 * declared, so a program that needs it fails when it is compiled. docs/windows-differences.md lists
 * where an answer differs. Link with -lfilemap (pkg-config filemap-win32).
 */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <windows.h>
#elif !defined(FILEMAP_WIN32_WINDOWS_H)
#define FILEMAP_WIN32_WINDOWS_H

#include "excpt.h"
#include <stdarg.h>
#include "windef.h"
#include "winbase.h"
#include "wincon.h"
#include "winerror.h"
#include "winnls.h"
#include "winreg.h"
#include "profileapi.h"
#include "timezoneapi.h"

#endif
