/* SPDX-License-Identifier: MIT */
/* Making and opening synchronisation objects with wide names; compiled for either width of wchar_t. */
#include "object.h"
#include "semaphore.h"

static HANDLE create(struct object_call *call, LPCWSTR wide)
{
	char *name;
	fm_status status = narrow(wide, &name);
	HANDLE handle;

	call->name = name;
	handle = status_failed(status) ? finish_pointer(status, NULL) : object_create(call);
	os_free(name);
	return handle;
}

static HANDLE open_wide(enum name_kind kind, DWORD access, BOOL inherit, LPCWSTR wide)
{
	char *name;
	fm_status status = narrow(wide, &name);
	HANDLE handle = status_failed(status) ? finish_pointer(status, NULL) : object_open(kind, access, inherit, name);

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
	struct object_call call = { .kind = NAME_MUTEX, .security = lpMutexAttributes, .owned = dwFlags,
				    .access = dwDesiredAccess };

	if (dwFlags & ~(DWORD)CREATE_MUTEX_INITIAL_OWNER)
		return finish_pointer(FM_E_INVALID_PARAMETER, NULL);
	return create(&call, lpName);
}

HANDLE WINAPI OpenMutexW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
{
	return open_wide(NAME_MUTEX, dwDesiredAccess, bInheritHandle, lpName);
}

HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset, BOOL bInitialState,
			   LPCWSTR lpName)
{
	return CreateEventExW(lpEventAttributes, lpName,
			      (bManualReset ? CREATE_EVENT_MANUAL_RESET : 0) |
				      (bInitialState ? CREATE_EVENT_INITIAL_SET : 0),
			      EVENT_ALL_ACCESS);
}

HANDLE WINAPI CreateEventExW(LPSECURITY_ATTRIBUTES lpEventAttributes, LPCWSTR lpName, DWORD dwFlags,
			     DWORD dwDesiredAccess)
{
	struct object_call call = { .kind = NAME_EVENT, .security = lpEventAttributes, .limit = 1,
				    .manual = dwFlags & CREATE_EVENT_MANUAL_RESET,
				    .count = dwFlags & CREATE_EVENT_INITIAL_SET ? 1 : 0, .access = dwDesiredAccess };

	if (dwFlags & ~(DWORD)(CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET))
		return finish_pointer(FM_E_INVALID_PARAMETER, NULL);
	return create(&call, lpName);
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
	fm_status status = narrow(lpName, &name);
	HANDLE handle = status_failed(status) ? finish_pointer(status, NULL)
					      : semaphore_create(lpSemaphoreAttributes, lInitialCount, lMaximumCount,
								 name, dwFlags, dwDesiredAccess);

	os_free(name);
	return handle;
}

HANDLE WINAPI OpenSemaphoreW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
{
	return open_wide(NAME_SEMAPHORE, dwDesiredAccess, bInheritHandle, lpName);
}
