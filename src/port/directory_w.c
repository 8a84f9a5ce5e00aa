/* SPDX-License-Identifier: MIT */
/* Directories by wide path; compiled for either width of wchar_t. */
#include "file.h"

BOOL WINAPI CreateDirectoryW(LPCWSTR lpPathName, LPSECURITY_ATTRIBUTES lpSecurityAttributes)
{
	char *text;
	BOOL done = finish(narrow(lpPathName, &text)) && directory_create(text, lpSecurityAttributes);

	os_free(text);
	return done;
}

BOOL WINAPI RemoveDirectoryW(LPCWSTR lpPathName)
{
	char *text;
	BOOL done = finish(narrow(lpPathName, &text)) && directory_remove(text);

	os_free(text);
	return done;
}
