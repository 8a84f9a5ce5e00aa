/* SPDX-License-Identifier: MIT */
#include "mapped_name.h"

#include <psapi.h>
#include <string.h>

fm_status mapped_name(HANDLE process, const void *address, const void *buffer, DWORD size, char path[PATH_MAX])
{
	fm_status status = own_process(process);

	if (!status_failed(status) && (!buffer || !size))
		status = FM_E_INVALID_PARAMETER;
	return status_failed(status) ? status : view_file_name(address, path);
}

DWORD mapped_name_end(size_t copied, size_t needed)
{
	if (copied < needed)
		SetLastError(ERROR_INSUFFICIENT_BUFFER);
	return (DWORD)copied;
}

DWORD WINAPI GetMappedFileNameA(HANDLE hProcess, LPVOID lpv, LPSTR lpFilename, DWORD nSize)
{
	char path[PATH_MAX];
	size_t length, copied;

	if (!finish(mapped_name(hProcess, lpv, lpFilename, nSize, path)))
		return 0;
	length = strlen(path);
	copied = length < nSize ? length : nSize;
	memcpy(lpFilename, path, copied);
	if (copied < nSize)
		lpFilename[copied] = 0;
	return mapped_name_end(copied, length);
}
