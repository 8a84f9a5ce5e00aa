/* SPDX-License-Identifier: MIT */
/* Opening and deleting files, temporary names. */
#include "file.h"

#include <string.h>

#include "security.h"

HANDLE file_failed(fm_status status)
{
	(void)finish(status); /* FALSE */
	return INVALID_HANDLE_VALUE;
}

/* Who opens what exists says nothing about who else may. */
static bool may_create(DWORD disposition)
{
	return disposition != OPEN_EXISTING && disposition != TRUNCATE_EXISTING;
}

HANDLE file_open(const char *path, DWORD access, DWORD share, const SECURITY_ATTRIBUTES *security,
		 DWORD disposition, DWORD flags)
{
	struct diskfile_request request = { .path = path, .access = access, .share = share,
					    .disposition = disposition, .flags = flags,
					    .inheritable = security && security->bInheritHandle };
	const void *descriptor = security && may_create(disposition) ? security->lpSecurityDescriptor : NULL;
	struct acl acl;
	bool sealed;
	int number;
	fm_status status = security_acl(descriptor, SECURED_FILE, true, &acl, &sealed);

	request.acl = &acl;
	if (!status_failed(status))
		status = diskfile_open(&request, &number);
	if (status_failed(status)) {
		/* Where NT knows a collision, CreateFile knows a file that exists. */
		SetLastError(status == FM_E_NAME_COLLISION ? ERROR_FILE_EXISTS : fm_status_win32(status));
		return INVALID_HANDLE_VALUE;
	}
	SetLastError(fm_status_win32(status));
	return handle_of(number);
}

HANDLE WINAPI CreateFileA(LPCSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
			  LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
			  DWORD dwFlagsAndAttributes, HANDLE hTemplateFile)
{
	(void)hTemplateFile; /* its extended attributes exist nowhere here */
	return file_open(lpFileName, dwDesiredAccess, dwShareMode, lpSecurityAttributes, dwCreationDisposition,
			 dwFlagsAndAttributes);
}

BOOL WINAPI DeleteFileA(LPCSTR lpFileName)
{
	return finish(diskfile_delete(lpFileName));
}

DWORD WINAPI GetTempPathA(DWORD nBufferLength, LPSTR lpBuffer)
{
	char path[PATH_MAX];
	size_t length;

	if (!finish(diskpath_temporary(path)))
		return 0;
	length = strlen(path);
	if (nBufferLength <= length)
		return (DWORD)length + 1;
	if (!lpBuffer)
		return (DWORD)finish(FM_E_ACCESS_VIOLATION);
	memcpy(lpBuffer, path, length + 1);
	return (DWORD)length;
}

UINT file_temporary(const char *directory, const char *prefix, UINT unique, char ret_path[PATH_MAX])
{
	uint32_t number = 0;
	fm_status status = diskpath_unique(directory, prefix ? prefix : "", unique, ret_path, &number);

	if (status == FM_E_NAME_COLLISION) {
		SetLastError(ERROR_FILE_EXISTS);
		return 0;
	}
	return finish(status) ? number : 0;
}

UINT WINAPI GetTempFileNameA(LPCSTR lpPathName, LPCSTR lpPrefixString, UINT uUnique, LPSTR lpTempFileName)
{
	char path[PATH_MAX];
	UINT number;

	if (!lpPathName || !lpTempFileName)
		return (UINT)finish(FM_E_INVALID_PARAMETER);
	if (strlen(lpPathName) > TEMPORARY_LONGEST) {
		SetLastError(ERROR_BUFFER_OVERFLOW);
		return 0;
	}
	number = file_temporary(lpPathName, lpPrefixString, uUnique, path);
	if (number)
		memcpy(lpTempFileName, path, strlen(path) + 1); /* shorter than MAX_PATH */
	return number;
}
