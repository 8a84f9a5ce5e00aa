/* SPDX-License-Identifier: MIT */
/* The current directory: the kernel's. */
#include "environment.h"
#include "file.h"

BOOL directory_set(const char *path)
{
	char host[PATH_MAX];
	fm_status status = fm_internal_path_host(path, host);
	int error;

	if (!finish(status))
		return FALSE;
	error = os.chdir(host);
	if (error == -ENOENT)
		status = fm_internal_path_missing(host);
	else if (error == -ENOTDIR)
		status = FM_E_NOT_A_DIRECTORY;
	else if (error < 0)
		status = fm_internal_status_of(OP_OPEN_FILE, error);
	return finish(status);
}

DWORD WINAPI GetCurrentDirectoryA(DWORD nBufferLength, LPSTR lpBuffer)
{
	char path[PATH_MAX];
	int length = os.getcwd(path, sizeof(path));

	return finish(length < 0 ? fm_internal_status_of(OP_OPEN_FILE, length) : FM_OK)
		       ? text_out(path, lpBuffer, nBufferLength)
		       : 0;
}

BOOL WINAPI SetCurrentDirectoryA(LPCSTR lpPathName)
{
	return directory_set(lpPathName);
}
