/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include "library.h"

#include "debug.h"

HMODULE WINAPI LoadLibraryExW(LPCWSTR lpLibFileName, HANDLE hFile, DWORD dwFlags)
{
	char *name;
	HMODULE module = NULL;

	if (finish(narrow(lpLibFileName, &name)))
		module = library_load(name, hFile, dwFlags);
	os_free(name);
	return module;
}

HMODULE WINAPI LoadLibraryW(LPCWSTR lpLibFileName)
{
	return LoadLibraryExW(lpLibFileName, NULL, 0);
}

DWORD WINAPI GetModuleFileNameW(HMODULE hModule, LPWSTR lpFilename, DWORD nSize)
{
	char path[PATH_MAX];
	size_t length;

	if (!library_path(hModule, path))
		return 0;
	length = fm_internal_text_widened_length(path, sizeof(WCHAR));
	if (length >= nSize)
		SetLastError(ERROR_INSUFFICIENT_BUFFER);
	if (nSize == 0)
		return 0;
	lpFilename[fm_internal_text_widen(path, lpFilename, nSize - 1, sizeof(WCHAR))] = 0;
	return length < nSize ? (DWORD)length : nSize;
}

VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString)
{
	char *text = NULL;

	if (lpOutputString && debug_wanted() && !status_failed(narrow(lpOutputString, &text)))
		OutputDebugStringA(text);
	os_free(text);
}
