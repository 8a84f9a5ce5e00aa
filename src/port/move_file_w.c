/* SPDX-License-Identifier: MIT */
/* New names, replacements and copies by wide path; compiled for either width of wchar_t. */
#include "file.h"

BOOL WINAPI CopyFileW(LPCWSTR lpExistingFileName, LPCWSTR lpNewFileName, BOOL bFailIfExists)
{
	char *from, *to = NULL;
	BOOL done = finish(narrow(lpExistingFileName, &from)) && finish(narrow(lpNewFileName, &to)) &&
		    file_copy(from, to, bFailIfExists);

	os_free(from);
	os_free(to);
	return done;
}

BOOL WINAPI MoveFileExW(LPCWSTR lpExistingFileName, LPCWSTR lpNewFileName, DWORD dwFlags)
{
	char *from, *to = NULL;
	BOOL done = finish(narrow(lpExistingFileName, &from)) && finish(narrow(lpNewFileName, &to)) &&
		    file_move(from, to, dwFlags);

	os_free(from);
	os_free(to);
	return done;
}

BOOL WINAPI MoveFileW(LPCWSTR lpExistingFileName, LPCWSTR lpNewFileName)
{
	return MoveFileExW(lpExistingFileName, lpNewFileName, MOVEFILE_COPY_ALLOWED);
}

BOOL WINAPI ReplaceFileW(LPCWSTR lpReplacedFileName, LPCWSTR lpReplacementFileName, LPCWSTR lpBackupFileName,
			 DWORD dwReplaceFlags, LPVOID lpExclude, LPVOID lpReserved)
{
	char *replaced, *replacement = NULL, *backup = NULL;
	BOOL done;

	if (!lpReplacedFileName || !lpReplacementFileName || lpExclude || lpReserved)
		return finish(FM_E_INVALID_PARAMETER);
	done = finish(narrow(lpReplacedFileName, &replaced)) && finish(narrow(lpReplacementFileName, &replacement)) &&
	       finish(narrow(lpBackupFileName, &backup)) && file_replace(replaced, replacement, backup, dwReplaceFlags);
	os_free(replaced);
	os_free(replacement);
	os_free(backup);
	return done;
}
