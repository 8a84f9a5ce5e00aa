/* SPDX-License-Identifier: MIT */
/* Whole wide paths; compiled for either width of wchar_t. */
#include "file.h"

DWORD WINAPI GetFullPathNameW(LPCWSTR lpFileName, DWORD nBufferLength, LPWSTR lpBuffer, LPWSTR *lpFilePart)
{
	char full[PATH_MAX], *text;
	const char *last;
	size_t length;
	fm_status status = narrow(lpFileName, &text);

	if (!status_failed(status))
		status = path_full(text, full);
	os_free(text);
	if (!finish(status))
		return 0;
	length = fm_internal_text_widened_length(full, sizeof(WCHAR));
	if (nBufferLength <= length)
		return (DWORD)length + 1;
	lpBuffer[fm_internal_text_widen(full, lpBuffer, length, sizeof(WCHAR))] = 0;
	last = path_last(full);
	if (lpFilePart)
		*lpFilePart = last ? lpBuffer + (length - fm_internal_text_widened_length(last, sizeof(WCHAR))) : NULL;
	return (DWORD)length;
}
