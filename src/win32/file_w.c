/* SPDX-License-Identifier: MIT */
/* Files with wide names; compiled for either width of wchar_t. */
#include "file.h"
#include "os.h"

HANDLE WINAPI CreateFileW(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
			  LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
			  DWORD dwFlagsAndAttributes, HANDLE hTemplateFile)
{
	char *path;
	fm_status status = narrow(lpFileName, &path);
	HANDLE handle;

	(void)hTemplateFile; /* its extended attributes exist nowhere here */
	handle = status_failed(status) ? file_failed(status)
				       : file_open(path, dwDesiredAccess, dwShareMode, lpSecurityAttributes,
						   dwCreationDisposition, dwFlagsAndAttributes);
	os_free(path);
	return handle;
}

HANDLE WINAPI CreateFile2(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode, DWORD dwCreationDisposition,
			  LPCREATEFILE2_EXTENDED_PARAMETERS pCreateExParams)
{
	const CREATEFILE2_EXTENDED_PARAMETERS *more = pCreateExParams;

	if (!more)
		return CreateFileW(lpFileName, dwDesiredAccess, dwShareMode, NULL, dwCreationDisposition, 0, NULL);
	if (more->dwSize < sizeof(*more))
		return file_failed(FM_E_INVALID_PARAMETER);
	return CreateFileW(lpFileName, dwDesiredAccess, dwShareMode, more->lpSecurityAttributes, dwCreationDisposition,
			   more->dwFileAttributes | more->dwFileFlags | more->dwSecurityQosFlags, more->hTemplateFile);
}

BOOL WINAPI DeleteFileW(LPCWSTR lpFileName)
{
	char *path;
	fm_status status = narrow(lpFileName, &path);

	if (!status_failed(status))
		status = diskfile_delete(path);
	os_free(path);
	return finish(status);
}

DWORD WINAPI GetTempPathW(DWORD nBufferLength, LPWSTR lpBuffer)
{
	char path[PATH_MAX];
	size_t length;

	if (!finish(diskpath_temporary(path)))
		return 0;
	length = text_widened_length(path, sizeof(WCHAR));
	if (nBufferLength <= length)
		return (DWORD)length + 1;
	if (!lpBuffer)
		return (DWORD)finish(FM_E_ACCESS_VIOLATION);
	lpBuffer[text_widen(path, lpBuffer, length, sizeof(WCHAR))] = 0;
	return (DWORD)length;
}

UINT WINAPI GetTempFileNameW(LPCWSTR lpPathName, LPCWSTR lpPrefixString, UINT uUnique, LPWSTR lpTempFileName)
{
	char path[PATH_MAX], *directory = NULL, *prefix = NULL;
	fm_status status;
	UINT number = 0;

	if (!lpPathName || !lpTempFileName)
		return (UINT)finish(FM_E_INVALID_PARAMETER);
	if (text_wide_length(lpPathName, sizeof(WCHAR)) > TEMPORARY_LONGEST) {
		SetLastError(ERROR_BUFFER_OVERFLOW);
		return 0;
	}
	status = narrow(lpPathName, &directory);
	if (!status_failed(status))
		status = narrow(lpPrefixString, &prefix);
	if (finish(status))
		number = file_temporary(directory, prefix, uUnique, path);
	if (number)
		lpTempFileName[text_widen(path, lpTempFileName, MAX_PATH - 1, sizeof(WCHAR))] = 0;
	os_free(directory);
	os_free(prefix);
	return number;
}
