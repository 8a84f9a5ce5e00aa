/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include "codepage.h"

int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCSTR lpMultiByteStr, int cbMultiByte,
			       LPWSTR lpWideCharStr, int cchWideChar)
{
	return codepage_decode(&(struct decode_call){ .codepage = CodePage, .flags = dwFlags, .text = lpMultiByteStr,
						      .count = cbMultiByte, .wide = lpWideCharStr,
						      .capacity = cchWideChar, .width = sizeof(WCHAR) });
}

int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWSTR lpWideCharStr, int cchWideChar,
			       LPSTR lpMultiByteStr, int cbMultiByte, LPCSTR lpDefaultChar, LPBOOL lpUsedDefaultChar)
{
	return codepage_encode(&(struct encode_call){ .codepage = CodePage, .flags = dwFlags, .wide = lpWideCharStr,
						      .count = cchWideChar, .width = sizeof(WCHAR),
						      .text = lpMultiByteStr, .capacity = cbMultiByte,
						      .fallback = lpDefaultChar, .used_fallback = lpUsedDefaultChar });
}
