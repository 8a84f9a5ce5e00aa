/* SPDX-License-Identifier: MIT */
#include "mapped_name.h"

#include <psapi.h>

DWORD WINAPI GetMappedFileNameW(HANDLE hProcess, LPVOID lpv, LPWSTR lpFilename, DWORD nSize)
{
	char path[PATH_MAX];
	size_t copied;

	if (!finish(mapped_name(hProcess, lpv, lpFilename, nSize, path)))
		return 0;
	copied = text_widen(path, lpFilename, nSize, sizeof(WCHAR));
	if (copied < nSize)
		lpFilename[copied] = 0;
	return mapped_name_end(copied, text_widened_length(path, sizeof(WCHAR)));
}
