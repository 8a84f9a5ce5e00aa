/* SPDX-License-Identifier: MIT */
/* Attributes by path. */
#include "file.h"

BOOL attributes_get(const char *path, WIN32_FILE_ATTRIBUTE_DATA *ret_data)
{
	char host[PATH_MAX];
	struct statx st;
	fm_status status = fm_internal_path_host(path, host);

	if (!status_failed(status))
		status = file_facts(host, &st);
	if (!finish(status))
		return FALSE;
	*ret_data = (WIN32_FILE_ATTRIBUTE_DATA){ .dwFileAttributes = attributes_of(&st),
						 .ftCreationTime = filetime_of(st.stx_btime),
						 .ftLastAccessTime = filetime_of(st.stx_atime),
						 .ftLastWriteTime = filetime_of(st.stx_mtime) };
	if (!S_ISDIR(st.stx_mode)) {
		ret_data->nFileSizeHigh = (DWORD)(st.stx_size >> 32);
		ret_data->nFileSizeLow = (DWORD)st.stx_size;
	}
	return TRUE;
}

BOOL attributes_set(const char *path, DWORD attributes)
{
	char host[PATH_MAX];
	fm_status status = fm_internal_path_host(path, host);

	return finish(status_failed(status) ? status : set_attributes(host, attributes));
}

DWORD WINAPI GetFileAttributesA(LPCSTR lpFileName)
{
	WIN32_FILE_ATTRIBUTE_DATA data;

	return attributes_get(lpFileName, &data) ? data.dwFileAttributes : INVALID_FILE_ATTRIBUTES;
}

BOOL WINAPI GetFileAttributesExA(LPCSTR lpFileName, GET_FILEEX_INFO_LEVELS fInfoLevelId, LPVOID lpFileInformation)
{
	if (fInfoLevelId != GetFileExInfoStandard)
		return finish(FM_E_INVALID_PARAMETER);
	return lpFileInformation ? attributes_get(lpFileName, lpFileInformation) : finish(FM_E_ACCESS_VIOLATION);
}

BOOL WINAPI SetFileAttributesA(LPCSTR lpFileName, DWORD dwFileAttributes)
{
	return attributes_set(lpFileName, dwFileAttributes);
}
