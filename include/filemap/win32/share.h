/* SPDX-License-Identifier: MIT */
/* Share modes of the C library. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <share.h>
#elif !defined(FILEMAP_WIN32_SHARE_H)
#define FILEMAP_WIN32_SHARE_H

#define _SH_COMPAT 0x00
#define _SH_DENYRW 0x10
#define _SH_DENYWR 0x20
#define _SH_DENYRD 0x30
#define _SH_DENYNO 0x40
#define SH_DENYRW _SH_DENYRW
#define SH_DENYWR _SH_DENYWR
#define SH_DENYRD _SH_DENYRD
#define SH_DENYNO _SH_DENYNO

#endif
