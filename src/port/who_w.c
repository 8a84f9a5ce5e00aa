/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include "who.h"

BOOL WINAPI GetComputerNameW(LPWSTR lpBuffer, LPDWORD nSize)
{
	char name[COMPUTER_LONGEST + 1];
	size_t length;

	if (!nSize)
		return finish(FM_E_INVALID_PARAMETER);
	who_computer(name);
	length = fm_internal_text_widened_length(name, sizeof(WCHAR));
	if (!lpBuffer || *nSize <= length) {
		*nSize = (DWORD)length + 1;
		SetLastError(ERROR_BUFFER_OVERFLOW);
		return FALSE;
	}
	lpBuffer[fm_internal_text_widen(name, lpBuffer, length, sizeof(WCHAR))] = 0;
	*nSize = (DWORD)length;
	return TRUE;
}

BOOL WINAPI GetUserNameW(LPWSTR lpBuffer, LPDWORD pcbBuffer)
{
	char name[USER_LONGEST + 1];
	size_t size;

	if (!pcbBuffer)
		return finish(FM_E_INVALID_PARAMETER);
	who_user(name);
	size = fm_internal_text_widened_length(name, sizeof(WCHAR)) + 1;
	if (!lpBuffer || *pcbBuffer < size) {
		*pcbBuffer = (DWORD)size;
		SetLastError(ERROR_INSUFFICIENT_BUFFER);
		return FALSE;
	}
	lpBuffer[fm_internal_text_widen(name, lpBuffer, size - 1, sizeof(WCHAR))] = 0;
	*pcbBuffer = (DWORD)size;
	return TRUE;
}
