/* SPDX-License-Identifier: MIT */
/* Attributes by wide path; compiled for either width of wchar_t. */
#include "file.h"

static BOOL get(LPCWSTR path, WIN32_FILE_ATTRIBUTE_DATA *ret_data)
{
	char *text;
	BOOL done = finish(narrow(path, &text)) && attributes_get(text, ret_data);

	os_free(text);
	return done;
}

DWORD WINAPI GetFileAttributesW(LPCWSTR lpFileName)
{
	WIN32_FILE_ATTRIBUTE_DATA data;

	return get(lpFileName, &data) ? data.dwFileAttributes : INVALID_FILE_ATTRIBUTES;
}

BOOL WINAPI GetFileAttributesExW(LPCWSTR lpFileName, GET_FILEEX_INFO_LEVELS fInfoLevelId, LPVOID lpFileInformation)
{
	if (fInfoLevelId != GetFileExInfoStandard)
		return finish(FM_E_INVALID_PARAMETER);
	return lpFileInformation ? get(lpFileName, lpFileInformation) : finish(FM_E_ACCESS_VIOLATION);
}

BOOL WINAPI SetFileAttributesW(LPCWSTR lpFileName, DWORD dwFileAttributes)
{
	char *text;
	BOOL done = finish(narrow(lpFileName, &text)) && attributes_set(text, dwFileAttributes);

	os_free(text);
	return done;
}
