/* SPDX-License-Identifier: MIT */
/* Code pages: text of the ANSI functions is UTF-8. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <winnls.h>
#elif !defined(FILEMAP_WIN32_WINNLS_H)
#define FILEMAP_WIN32_WINNLS_H

#include "stringapiset.h"

#define CP_ACP 0
#define CP_OEMCP 1
#define CP_THREAD_ACP 3
#define CP_UTF8 65001

#define MB_PRECOMPOSED 0x00000001
#define MB_COMPOSITE 0x00000002
#define MB_USEGLYPHCHARS 0x00000004
#define MB_ERR_INVALID_CHARS 0x00000008
#define WC_ERR_INVALID_CHARS 0x00000080
#define WC_NO_BEST_FIT_CHARS 0x00000400

#define GetACP FM_WIN32(GetACP)
#define GetOEMCP FM_WIN32(GetOEMCP)
#define IsValidCodePage FM_WIN32(IsValidCodePage)
#define IsDBCSLeadByte FM_WIN32(IsDBCSLeadByte)
#define IsDBCSLeadByteEx FM_WIN32(IsDBCSLeadByteEx)

FM_WIN32_BEGIN

WINBASEAPI UINT WINAPI GetACP(VOID);
WINBASEAPI UINT WINAPI GetOEMCP(VOID);
WINBASEAPI BOOL WINAPI IsValidCodePage(UINT CodePage);
/* FALSE: no code page here has pairs of bytes. */
WINBASEAPI BOOL WINAPI IsDBCSLeadByte(BYTE TestChar);
WINBASEAPI BOOL WINAPI IsDBCSLeadByteEx(UINT CodePage, BYTE TestChar);

FM_WIN32_END

#endif
