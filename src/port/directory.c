/* SPDX-License-Identifier: MIT */
/* Directories. */
#include "file.h"

BOOL directory_create(const char *path, const SECURITY_ATTRIBUTES *security)
{
	char host[PATH_MAX];
	uint32_t mode = 0777;
	bool sealed = false;
	fm_status status = fm_internal_path_host(path, host);
	int error;

	if (!status_failed(status) && security && security->lpSecurityDescriptor) {
		status = fm_internal_security_mode(security->lpSecurityDescriptor, true, &mode, &sealed);
		mode |= (mode & 0444) >> 2; /* who may read may look inside */
	}
	if (status_failed(status))
		return finish(status);
	error = OS_RETRY(os.mkdirat(AT_FDCWD, host, mode));
	if (error == -ENOENT)
		return finish(FM_E_PATH_NOT_FOUND);
	return finish(error < 0 ? fm_internal_status_of(OP_OPEN_FILE, error) : FM_OK);
}

BOOL directory_remove(const char *path)
{
	char host[PATH_MAX];
	fm_status status = fm_internal_path_host(path, host);
	int error;

	if (status_failed(status))
		return finish(status);
	error = OS_RETRY(os.unlinkat(AT_FDCWD, host, AT_REMOVEDIR));
	switch (error) {
	case -ENOENT:
		return finish(fm_internal_path_missing(host));
	case -ENOTEMPTY:
	case -EEXIST:
		SetLastError(ERROR_DIR_NOT_EMPTY);
		return FALSE;
	case -ENOTDIR:
		SetLastError(ERROR_DIRECTORY);
		return FALSE;
	case -EBUSY:
		return finish(FM_E_SHARING_VIOLATION);
	default:
		return finish(error < 0 ? fm_internal_status_of(OP_OPEN_FILE, error) : FM_OK);
	}
}

BOOL WINAPI CreateDirectoryA(LPCSTR lpPathName, LPSECURITY_ATTRIBUTES lpSecurityAttributes)
{
	return directory_create(lpPathName, lpSecurityAttributes);
}

BOOL WINAPI RemoveDirectoryA(LPCSTR lpPathName)
{
	return directory_remove(lpPathName);
}
