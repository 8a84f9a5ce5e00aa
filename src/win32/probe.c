/* SPDX-License-Identifier: MIT */
/* IsBadReadPtr and its sisters: TRUE is bad. */
#include "faulting.h"
#include "win32.h"

BOOL WINAPI IsBadReadPtr(const VOID *lp, UINT_PTR ucb)
{
	return status_failed(fault_probe(lp, ucb, false));
}

BOOL WINAPI IsBadWritePtr(LPVOID lp, UINT_PTR ucb)
{
	return status_failed(fault_probe(lp, ucb, true));
}

BOOL WINAPI IsBadCodePtr(FARPROC lpfn)
{
	return status_failed(fault_probe((const void *)(uintptr_t)lpfn, 1, false));
}

BOOL WINAPI IsBadStringPtrA(LPCSTR lpsz, UINT_PTR ucchMax)
{
	return status_failed(fault_probe_text(lpsz, ucchMax, sizeof(CHAR)));
}
