/* SPDX-License-Identifier: MIT */
#include "faulting.h"
#include "win32.h"

BOOL WINAPI IsBadStringPtrW(LPCWSTR lpsz, UINT_PTR ucchMax)
{
	return status_failed(fault_probe_text(lpsz, ucchMax, sizeof(WCHAR)));
}
