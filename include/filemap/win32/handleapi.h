/* SPDX-License-Identifier: MIT */
/* Handles of every kind of object. */
#if defined(_WIN32) && !defined(__linux__)
#pragma GCC system_header
#include_next <handleapi.h>
#elif !defined(FILEMAP_WIN32_HANDLEAPI_H)
#define FILEMAP_WIN32_HANDLEAPI_H

#include "minwinbase.h"

#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)
#define HANDLE_FLAG_INHERIT 0x00000001
#define HANDLE_FLAG_PROTECT_FROM_CLOSE 0x00000002

#define CloseHandle FM_WIN32(CloseHandle)
#define DuplicateHandle FM_WIN32(DuplicateHandle)
#define GetHandleInformation FM_WIN32(GetHandleInformation)
#define SetHandleInformation FM_WIN32(SetHandleInformation)
#define CompareObjectHandles FM_WIN32(CompareObjectHandles)

FM_WIN32_BEGIN

WINBASEAPI BOOL WINAPI CloseHandle(HANDLE hObject);
WINBASEAPI BOOL WINAPI DuplicateHandle(HANDLE hSourceProcessHandle, HANDLE hSourceHandle,
	HANDLE hTargetProcessHandle, LPHANDLE lpTargetHandle, DWORD dwDesiredAccess, BOOL bInheritHandle,
	DWORD dwOptions);
WINBASEAPI BOOL WINAPI GetHandleInformation(HANDLE hObject, LPDWORD lpdwFlags);
WINBASEAPI BOOL WINAPI SetHandleInformation(HANDLE hObject, DWORD dwMask, DWORD dwFlags);
WINBASEAPI BOOL WINAPI CompareObjectHandles(HANDLE hFirstObjectHandle, HANDLE hSecondObjectHandle);

FM_WIN32_END

#endif
