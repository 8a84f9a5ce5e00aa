/* SPDX-License-Identifier: MIT */
/* Directories. */
#include "file.h"

static int protect_new(const char *host, const struct acl *acl)
{
	OS_CLEANUP_FD int fd = os_open(AT_FDCWD, host, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

	return fd < 0 ? fd : fm_internal_acl_set(fd, acl->mode, acl);
}

BOOL directory_create(const char *path, const SECURITY_ATTRIBUTES *security)
{
	char host[PATH_MAX];
	bool sealed;
	struct acl acl;
	fm_status status = fm_internal_path_host(path, host);
	int error;

	if (!status_failed(status))
		status = fm_internal_security_acl(security ? security->lpSecurityDescriptor : NULL, SECURED_DIRECTORY, true,
						  &acl, &sealed);
	if (status_failed(status))
		return finish(status);
	error = OS_RETRY(os.mkdirat(AT_FDCWD, host, acl.mode ? 0700 : 0777)); /* nobody sees it wider than it shall be */
	if (error == -ENOENT)
		return finish(FM_E_PATH_NOT_FOUND);
	if (error == 0 && acl.mode) {
		error = protect_new(host, &acl);
		if (error < 0)
			(void)os.unlinkat(AT_FDCWD, host, AT_REMOVEDIR); /* the failure that is reported came first */
	}
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
