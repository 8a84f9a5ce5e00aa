/* SPDX-License-Identifier: MIT */
/* Room on file systems by wide path; compiled for either width of wchar_t. */
#include "file.h"

BOOL WINAPI GetDiskFreeSpaceW(LPCWSTR lpRootPathName, LPDWORD lpSectorsPerCluster, LPDWORD lpBytesPerSector,
			      LPDWORD lpNumberOfFreeClusters, LPDWORD lpTotalNumberOfClusters)
{
	char *text;
	BOOL done = finish(narrow(lpRootPathName, &text)) &&
		    disk_clusters(text, lpSectorsPerCluster, lpBytesPerSector, lpNumberOfFreeClusters,
				  lpTotalNumberOfClusters);

	os_free(text);
	return done;
}

BOOL WINAPI GetDiskFreeSpaceExW(LPCWSTR lpDirectoryName, PULARGE_INTEGER lpFreeBytesAvailableToCaller,
				PULARGE_INTEGER lpTotalNumberOfBytes, PULARGE_INTEGER lpTotalNumberOfFreeBytes)
{
	char *text;
	BOOL done = finish(narrow(lpDirectoryName, &text)) &&
		    disk_bytes(text, lpFreeBytesAvailableToCaller, lpTotalNumberOfBytes, lpTotalNumberOfFreeBytes);

	os_free(text);
	return done;
}
