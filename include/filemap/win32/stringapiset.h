/* SPDX-License-Identifier: MIT */
/* Text between code pages and wide characters. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <stringapiset.h>
#elif !defined(FILEMAP_WIN32_STRINGAPISET_H)
#define FILEMAP_WIN32_STRINGAPISET_H

#include "minwindef.h"

#define MultiByteToWideChar FM_WIN32_WIDE(MultiByteToWideChar)
#define WideCharToMultiByte FM_WIN32_WIDE(WideCharToMultiByte)

FM_WIN32_BEGIN

/*
 * Code pages: CP_ACP, CP_OEMCP and CP_THREAD_ACP are UTF-8 (65001); 1252 and 28591 besides. Others: 87.
 * Lengths are in units of the caller's wchar_t: where it has 32 bits, one for each character.
 *   87    no text, no or a negative length, one buffer for both
 *   122   the buffer is too small     1004  unknown flags     1113  MB_ and WC_ERR_INVALID_CHARS
 */
WINBASEAPI int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCSTR lpMultiByteStr, int cbMultiByte,
	LPWSTR lpWideCharStr, int cchWideChar);
WINBASEAPI int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWSTR lpWideCharStr, int cchWideChar,
	LPSTR lpMultiByteStr, int cbMultiByte, LPCSTR lpDefaultChar, LPBOOL lpUsedDefaultChar);

FM_WIN32_END

#endif
