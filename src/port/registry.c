/* SPDX-License-Identifier: MIT */
#include "registry.h"

static bool is_key(HKEY key)
{
	return key == HKEY_CLASSES_ROOT || key == HKEY_CURRENT_USER || key == HKEY_LOCAL_MACHINE || key == HKEY_USERS ||
	       key == HKEY_CURRENT_CONFIG;
}

LSTATUS registry_open(HKEY key, bool below, PHKEY ret_key)
{
	if (!ret_key)
		return ERROR_INVALID_PARAMETER;
	if (!is_key(key))
		return ERROR_INVALID_HANDLE;
	if (below)
		return ERROR_FILE_NOT_FOUND;
	*ret_key = key;
	return ERROR_SUCCESS;
}

LSTATUS registry_query(HKEY key, const DWORD *reserved, const BYTE *data, const DWORD *size)
{
	if (reserved || (data && !size))
		return ERROR_INVALID_PARAMETER;
	return is_key(key) ? ERROR_FILE_NOT_FOUND : ERROR_INVALID_HANDLE;
}

LSTATUS WINAPI RegOpenKeyExA(HKEY hKey, LPCSTR lpSubKey, DWORD ulOptions, REGSAM samDesired, PHKEY phkResult)
{
	(void)ulOptions; /* how links are followed, of which there are none */
	(void)samDesired;
	return registry_open(hKey, lpSubKey && lpSubKey[0], phkResult);
}

LSTATUS WINAPI RegQueryValueExA(HKEY hKey, LPCSTR lpValueName, LPDWORD lpReserved, LPDWORD lpType, LPBYTE lpData,
				LPDWORD lpcbData)
{
	(void)lpValueName;
	(void)lpType;
	return registry_query(hKey, lpReserved, lpData, lpcbData);
}

LSTATUS WINAPI RegCloseKey(HKEY hKey)
{
	return is_key(hKey) ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
}
