/* SPDX-License-Identifier: MIT */
#include "win32.h"

static _Thread_local DWORD last_error;

DWORD WINAPI GetLastError(VOID)
{
	return last_error;
}

VOID WINAPI SetLastError(DWORD dwErrCode)
{
	last_error = dwErrCode;
}

BOOL finish(fm_status status)
{
	if (!status_failed(status))
		return TRUE;
	last_error = fm_status_win32(status);
	return FALSE;
}

void *finish_pointer(fm_status status, void *result)
{
	return finish(status) ? result : NULL;
}
