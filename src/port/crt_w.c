/* SPDX-License-Identifier: MIT */
/* What the C library lacks for wide paths; compiled for either width of wchar_t. */
#include <errno.h>

#include <windows.h>

#include <io.h>

static int errno_of(DWORD error)
{
	switch (error) {
	case ERROR_FILE_NOT_FOUND:
	case ERROR_PATH_NOT_FOUND:
		return ENOENT;
	case ERROR_ACCESS_DENIED:
	case ERROR_SHARING_VIOLATION:
		return EACCES;
	default:
		return EINVAL;
	}
}

int __cdecl _wunlink(const wchar_t *path)
{
	if (DeleteFileW(path))
		return 0;
	errno = errno_of(GetLastError());
	return -1;
}
