/* SPDX-License-Identifier: MIT */
/* Local and global memory: fixed, so that a handle is the address. LocalFree() takes both. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes)
{
	void *memory;

	if (uFlags & ~(UINT)(LMEM_ZEROINIT | LMEM_NOCOMPACT | LMEM_NODISCARD))
		return finish_pointer(FM_E_NOT_SUPPORTED, NULL);
	memory = os_allocate(uBytes ? uBytes : 1);
	return finish_pointer(memory ? FM_OK : FM_E_NO_MEMORY, memory);
}

HLOCAL WINAPI LocalReAlloc(HLOCAL hMem, SIZE_T uBytes, UINT uFlags)
{
	size_t before = hMem ? malloc_usable_size(hMem) : 0;
	void *fresh = hMem;

	if (!hMem)
		return finish_pointer(FM_E_INVALID_HANDLE, NULL);
	if (uFlags & ~(UINT)(LMEM_MOVEABLE | LMEM_ZEROINIT))
		return finish_pointer(FM_E_NOT_SUPPORTED, NULL);
	if (uFlags & LMEM_MOVEABLE)
		fresh = realloc(hMem, uBytes ? uBytes : 1);
	else if (uBytes > before)
		fresh = NULL;
	if (fresh && (uFlags & LMEM_ZEROINIT) && uBytes > before)
		memset((char *)fresh + before, 0, uBytes - before);
	return finish_pointer(fresh ? FM_OK : FM_E_NO_MEMORY, fresh);
}

SIZE_T WINAPI LocalSize(HLOCAL hMem)
{
	if (hMem)
		return malloc_usable_size(hMem);
	SetLastError(ERROR_INVALID_HANDLE);
	return 0;
}

HGLOBAL WINAPI GlobalAlloc(UINT uFlags, SIZE_T dwBytes)
{
	return LocalAlloc(uFlags, dwBytes);
}

HGLOBAL WINAPI GlobalReAlloc(HGLOBAL hMem, SIZE_T dwBytes, UINT uFlags)
{
	return LocalReAlloc(hMem, dwBytes, uFlags);
}

SIZE_T WINAPI GlobalSize(HGLOBAL hMem)
{
	return LocalSize(hMem);
}

HGLOBAL WINAPI GlobalFree(HGLOBAL hMem)
{
	return LocalFree(hMem);
}
