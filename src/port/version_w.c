/* SPDX-License-Identifier: MIT */
/* Compiled for either width of wchar_t. */
#include "version.h"

BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW lpVersionInformation)
{
	DWORD size = lpVersionInformation ? lpVersionInformation->dwOSVersionInfoSize : 0;

	if (size != sizeof(OSVERSIONINFOW) && size != sizeof(OSVERSIONINFOEXW))
		return finish(FM_E_BUFFER_TOO_SMALL);
	*lpVersionInformation = (OSVERSIONINFOW){ .dwOSVersionInfoSize = size, .dwMajorVersion = VERSION_MAJOR,
						  .dwMinorVersion = VERSION_MINOR, .dwBuildNumber = VERSION_BUILD,
						  .dwPlatformId = VER_PLATFORM_WIN32_NT };
	if (size == sizeof(OSVERSIONINFOEXW)) {
		OSVERSIONINFOEXW *extended = (OSVERSIONINFOEXW *)lpVersionInformation;

		extended->wServicePackMajor = extended->wServicePackMinor = extended->wSuiteMask = 0;
		extended->wProductType = VER_NT_WORKSTATION;
		extended->wReserved = 0;
	}
	return TRUE;
}

BOOL WINAPI VerifyVersionInfoW(LPOSVERSIONINFOEXW lpVersionInformation, DWORD dwTypeMask, DWORDLONG dwlConditionMask)
{
	const struct version_asked asked = VERSION_ASKED(lpVersionInformation);

	return version_finish(version_verify(&asked, dwTypeMask, dwlConditionMask));
}
