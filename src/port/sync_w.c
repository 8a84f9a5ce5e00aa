/* SPDX-License-Identifier: MIT */
/* Making and opening synchronisation objects with wide names; compiled for either width of wchar_t. */
#include "event.h"
#include "mutex.h"
#include "object.h"
#include "semaphore.h"

/* False: the last error. */
static bool name_of(LPCWSTR wide, char **ret_name)
{
	return finish(narrow(wide, ret_name));
}

static HANDLE open_wide(enum name_kind kind, DWORD access, BOOL inherit, LPCWSTR wide)
{
	char *name;
	HANDLE handle = name_of(wide, &name) ? object_open(kind, access, inherit, name) : NULL;

	os_free(name);
	return handle;
}

HANDLE WINAPI CreateMutexW(LPSECURITY_ATTRIBUTES lpMutexAttributes, BOOL bInitialOwner, LPCWSTR lpName)
{
	return CreateMutexExW(lpMutexAttributes, lpName, bInitialOwner ? CREATE_MUTEX_INITIAL_OWNER : 0,
			      MUTEX_ALL_ACCESS);
}

HANDLE WINAPI CreateMutexExW(LPSECURITY_ATTRIBUTES lpMutexAttributes, LPCWSTR lpName, DWORD dwFlags,
			     DWORD dwDesiredAccess)
{
	char *name;
	HANDLE handle = name_of(lpName, &name) ? mutex_create(lpMutexAttributes, name, dwFlags, dwDesiredAccess) : NULL;

	os_free(name);
	return handle;
}

HANDLE WINAPI OpenMutexW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
{
	return open_wide(NAME_MUTEX, dwDesiredAccess, bInheritHandle, lpName);
}

HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState,
			   LPCWSTR lpName)
{
	return CreateEventExW(lpEventAttributes, lpName, event_flags(bManualReset, bInitialState), EVENT_ALL_ACCESS);
}

HANDLE WINAPI CreateEventExW(LPSECURITY_ATTRIBUTES lpEventAttributes, LPCWSTR lpName, DWORD dwFlags,
			     DWORD dwDesiredAccess)
{
	char *name;
	HANDLE handle = name_of(lpName, &name) ? event_create(lpEventAttributes, name, dwFlags, dwDesiredAccess) : NULL;

	os_free(name);
	return handle;
}

HANDLE WINAPI OpenEventW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
{
	return open_wide(NAME_EVENT, dwDesiredAccess, bInheritHandle, lpName);
}

HANDLE WINAPI CreateSemaphoreW(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount, LONG lMaximumCount,
			       LPCWSTR lpName)
{
	return CreateSemaphoreExW(lpSemaphoreAttributes, lInitialCount, lMaximumCount, lpName, 0, SEMAPHORE_ALL_ACCESS);
}

HANDLE WINAPI CreateSemaphoreExW(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount, LONG lMaximumCount,
				 LPCWSTR lpName, DWORD dwFlags, DWORD dwDesiredAccess)
{
	char *name;
	HANDLE handle = name_of(lpName, &name) ? semaphore_create(lpSemaphoreAttributes, lInitialCount, lMaximumCount,
								  name, dwFlags, dwDesiredAccess)
					       : NULL;

	os_free(name);
	return handle;
}

HANDLE WINAPI OpenSemaphoreW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
{
	return open_wide(NAME_SEMAPHORE, dwDesiredAccess, bInheritHandle, lpName);
}
