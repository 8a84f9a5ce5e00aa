/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include "port.h"

#include <string.h>

static size_t length_of(LPCWSTR text)
{
	return fm_internal_text_wide_length(text, sizeof(WCHAR));
}

int WINAPI lstrlenW(LPCWSTR lpString)
{
	return lpString ? (int)length_of(lpString) : 0;
}

LPWSTR WINAPI lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2)
{
	if (!lpString1 || !lpString2)
		return NULL;
	return memmove(lpString1, lpString2, (length_of(lpString2) + 1) * sizeof(WCHAR));
}

LPWSTR WINAPI lstrcpynW(LPWSTR lpString1, LPCWSTR lpString2, int iMaxLength)
{
	size_t length = 0;

	if (!lpString1 || !lpString2)
		return NULL;
	if (iMaxLength <= 0)
		return lpString1;
	while (length < (size_t)iMaxLength - 1 && lpString2[length])
		length++;
	memmove(lpString1, lpString2, length * sizeof(WCHAR));
	lpString1[length] = 0;
	return lpString1;
}

LPWSTR WINAPI lstrcatW(LPWSTR lpString1, LPCWSTR lpString2)
{
	if (!lpString1 || !lpString2)
		return NULL;
	(void)lstrcpyW(lpString1 + length_of(lpString1), lpString2); /* neither is NULL */
	return lpString1;
}
