/* SPDX-License-Identifier: MIT */
#include "version.h"

DWORD WINAPI GetVersion(VOID)
{
	return (DWORD)VERSION_BUILD << 16 | VERSION_MINOR << 8 | VERSION_MAJOR;
}

BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA lpVersionInformation)
{
	DWORD size = lpVersionInformation ? lpVersionInformation->dwOSVersionInfoSize : 0;

	if (size != sizeof(OSVERSIONINFOA) && size != sizeof(OSVERSIONINFOEXA))
		return finish(FM_E_BUFFER_TOO_SMALL);
	*lpVersionInformation = (OSVERSIONINFOA){ .dwOSVersionInfoSize = size, .dwMajorVersion = VERSION_MAJOR,
						  .dwMinorVersion = VERSION_MINOR, .dwBuildNumber = VERSION_BUILD,
						  .dwPlatformId = VER_PLATFORM_WIN32_NT };
	if (size == sizeof(OSVERSIONINFOEXA)) {
		OSVERSIONINFOEXA *extended = (OSVERSIONINFOEXA *)lpVersionInformation;

		extended->wServicePackMajor = extended->wServicePackMinor = extended->wSuiteMask = 0;
		extended->wProductType = VER_NT_WORKSTATION;
		extended->wReserved = 0;
	}
	return TRUE;
}
