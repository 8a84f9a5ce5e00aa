/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include "registry.h"

LSTATUS WINAPI RegOpenKeyExW(HKEY hKey, LPCWSTR lpSubKey, DWORD ulOptions, REGSAM samDesired, PHKEY phkResult)
{
	(void)ulOptions;
	(void)samDesired;
	return registry_open(hKey, lpSubKey && lpSubKey[0], phkResult);
}

LSTATUS WINAPI RegQueryValueExW(HKEY hKey, LPCWSTR lpValueName, LPDWORD lpReserved, LPDWORD lpType, LPBYTE lpData,
				LPDWORD lpcbData)
{
	(void)lpValueName;
	(void)lpType;
	return registry_query(hKey, lpReserved, lpData, lpcbData);
}
