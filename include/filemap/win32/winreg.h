/* SPDX-License-Identifier: MIT */
/* The registry, as far as programs read settings: nobody has written any. Link with -lfilemap-port too. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <winreg.h>
#elif !defined(FILEMAP_WIN32_WINREG_H)
#define FILEMAP_WIN32_WINREG_H

#include "minwinbase.h"

#define RegOpenKeyExA FM_WIN32(RegOpenKeyExA)
#define RegOpenKeyExW FM_WIN32_WIDE(RegOpenKeyExW)
#define RegOpenKeyEx FM_WIN32_PAIR(RegOpenKeyEx)
#define RegQueryValueExA FM_WIN32(RegQueryValueExA)
#define RegQueryValueExW FM_WIN32_WIDE(RegQueryValueExW)
#define RegQueryValueEx FM_WIN32_PAIR(RegQueryValueEx)
#define RegCloseKey FM_WIN32(RegCloseKey)

#define HKEY_CLASSES_ROOT ((HKEY)(ULONG_PTR)((LONG)0x80000000))
#define HKEY_CURRENT_USER ((HKEY)(ULONG_PTR)((LONG)0x80000001))
#define HKEY_LOCAL_MACHINE ((HKEY)(ULONG_PTR)((LONG)0x80000002))
#define HKEY_USERS ((HKEY)(ULONG_PTR)((LONG)0x80000003))
#define HKEY_CURRENT_CONFIG ((HKEY)(ULONG_PTR)((LONG)0x80000005))

FM_WIN32_BEGIN

typedef LONG LSTATUS;
typedef ACCESS_MASK REGSAM;
typedef HKEY *PHKEY;

/*
 * These return the error, and leave the last error alone. The predefined keys exist and are empty.
 *   2 any key or value below them   6 no key   87 no place for the result, or @lpReserved not NULL
 */
WINBASEAPI LSTATUS WINAPI RegOpenKeyExA(HKEY hKey, LPCSTR lpSubKey, DWORD ulOptions, REGSAM samDesired,
	PHKEY phkResult);
WINBASEAPI LSTATUS WINAPI RegOpenKeyExW(HKEY hKey, LPCWSTR lpSubKey, DWORD ulOptions, REGSAM samDesired,
	PHKEY phkResult);
WINBASEAPI LSTATUS WINAPI RegQueryValueExA(HKEY hKey, LPCSTR lpValueName, LPDWORD lpReserved, LPDWORD lpType,
	LPBYTE lpData, LPDWORD lpcbData);
WINBASEAPI LSTATUS WINAPI RegQueryValueExW(HKEY hKey, LPCWSTR lpValueName, LPDWORD lpReserved, LPDWORD lpType,
	LPBYTE lpData, LPDWORD lpcbData);
WINBASEAPI LSTATUS WINAPI RegCloseKey(HKEY hKey);

FM_WIN32_END

#endif
