/* SPDX-License-Identifier: MIT */
/* Windows' own functions on terminated strings, which take no string for a result. */
#include "port.h"

#include <string.h>

int WINAPI lstrlenA(LPCSTR lpString)
{
	return lpString ? (int)strlen(lpString) : 0;
}

LPSTR WINAPI lstrcpyA(LPSTR lpString1, LPCSTR lpString2)
{
	if (!lpString1 || !lpString2)
		return NULL;
	return memmove(lpString1, lpString2, strlen(lpString2) + 1);
}

LPSTR WINAPI lstrcpynA(LPSTR lpString1, LPCSTR lpString2, int iMaxLength)
{
	size_t length;

	if (!lpString1 || !lpString2)
		return NULL;
	if (iMaxLength <= 0)
		return lpString1;
	length = strnlen(lpString2, (size_t)iMaxLength - 1);
	memmove(lpString1, lpString2, length);
	lpString1[length] = 0;
	return lpString1;
}

LPSTR WINAPI lstrcatA(LPSTR lpString1, LPCSTR lpString2)
{
	if (!lpString1 || !lpString2)
		return NULL;
	(void)lstrcpyA(lpString1 + strlen(lpString1), lpString2); /* neither is NULL */
	return lpString1;
}
