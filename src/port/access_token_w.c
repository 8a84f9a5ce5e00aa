/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include "access_token.h"

BOOL WINAPI LookupPrivilegeValueW(LPCWSTR lpSystemName, LPCWSTR lpName, PLUID lpLuid)
{
	DWORD error = lpSystemName ? RPC_S_SERVER_UNAVAILABLE : !lpLuid ? ERROR_NOACCESS : ERROR_SUCCESS;
	char *name;

	if (!error) {
		fm_status status = narrow(lpName, &name);

		if (status == FM_E_NO_MEMORY)
			return finish(status);
		error = status_failed(status) ? ERROR_NO_SUCH_PRIVILEGE : privilege_find(name, lpLuid);
		os_free(name);
	}
	if (error)
		SetLastError(error);
	return !error;
}
