/* SPDX-License-Identifier: MIT */
/* Directory searches with wide names; compiled for either width of wchar_t. */
#include <string.h>

#include "file.h"

static BOOL give(const struct found *found, LPWIN32_FIND_DATAW data)
{
	memset(data, 0, sizeof(*data));
	data->dwFileAttributes = attributes_of(&found->st);
	data->ftCreationTime = filetime_of(found->st.stx_btime);
	data->ftLastAccessTime = filetime_of(found->st.stx_atime);
	data->ftLastWriteTime = filetime_of(found->st.stx_mtime);
	if (!S_ISDIR(found->st.stx_mode)) {
		data->nFileSizeHigh = (DWORD)(found->st.stx_size >> 32);
		data->nFileSizeLow = (DWORD)found->st.stx_size;
	}
	(void)fm_internal_text_widen(found->name, data->cFileName, MAX_PATH - 1, sizeof(WCHAR));
	return TRUE;
}

HANDLE WINAPI FindFirstFileW(LPCWSTR lpFileName, LPWIN32_FIND_DATAW lpFindFileData)
{
	struct found found;
	char *text;
	HANDLE find = finish(narrow(lpFileName, &text)) ? find_first(text, &found) : INVALID_HANDLE_VALUE;

	os_free(text);
	if (find != INVALID_HANDLE_VALUE)
		(void)give(&found, lpFindFileData);
	return find;
}

BOOL WINAPI FindNextFileW(HANDLE hFindFile, LPWIN32_FIND_DATAW lpFindFileData)
{
	struct found found;

	return find_next(hFindFile, &found) && give(&found, lpFindFileData);
}
