/* SPDX-License-Identifier: MIT */
/* Standard handles: descriptors 0 to 2 until the program sets others. */
#include <stdatomic.h>

#include "port.h"

static _Atomic(HANDLE) replaced[3];

/* 0 to 2; -1: no such. */
static int index_of(DWORD which)
{
	return which <= STD_INPUT_HANDLE && which >= STD_ERROR_HANDLE ? (int)(STD_INPUT_HANDLE - which) : -1;
}

HANDLE WINAPI GetStdHandle(DWORD nStdHandle)
{
	int index = index_of(nStdHandle);
	HANDLE other;

	if (index < 0) {
		SetLastError(ERROR_INVALID_HANDLE);
		return INVALID_HANDLE_VALUE;
	}
	other = atomic_load_explicit(&replaced[index], memory_order_acquire);
	if (other)
		return other;
	return os.getfd(index) < 0 ? NULL : handle_of(index);
}

BOOL WINAPI SetStdHandle(DWORD nStdHandle, HANDLE hHandle)
{
	int index = index_of(nStdHandle);

	if (index < 0)
		return finish(FM_E_INVALID_HANDLE);
	atomic_store_explicit(&replaced[index], hHandle, memory_order_release);
	return TRUE;
}
