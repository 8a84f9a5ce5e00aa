/* SPDX-License-Identifier: MIT */
#include "semaphore.h"

#include "object.h"
#include "tokens.h"

BOOL WINAPI ReleaseSemaphore(HANDLE hSemaphore, LONG lReleaseCount, LPLONG lpPreviousCount)
{
	struct object_handle *handle;
	uint32_t before = 0;
	fm_status status = lReleaseCount <= 0 ? FM_E_INVALID_PARAMETER
					      : object_enter(hSemaphore, &semaphore_kind, SEMAPHORE_MODIFY_STATE, &handle);

	if (status_failed(status))
		return finish(status);
	status = tokens_add(handle->object, (uint32_t)lReleaseCount, &before);
	object_leave(handle);
	if (!status_failed(status) && lpPreviousCount)
		*lpPreviousCount = (LONG)before;
	return finish(status);
}

HANDLE semaphore_create(LPSECURITY_ATTRIBUTES security, LONG count, LONG limit, const char *name, DWORD flags,
			DWORD access)
{
	const struct object_call call = { .kind = NAME_SEMAPHORE, .security = security, .name = name,
					  .count = (uint32_t)count, .limit = (uint32_t)limit, .access = access };

	if (count < 0 || limit <= 0 || count > limit || flags)
		return finish_pointer(FM_E_INVALID_PARAMETER, NULL);
	return object_create(&call);
}

HANDLE WINAPI CreateSemaphoreA(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount, LONG lMaximumCount,
			       LPCSTR lpName)
{
	return CreateSemaphoreExA(lpSemaphoreAttributes, lInitialCount, lMaximumCount, lpName, 0, SEMAPHORE_ALL_ACCESS);
}

HANDLE WINAPI CreateSemaphoreExA(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes, LONG lInitialCount, LONG lMaximumCount,
				 LPCSTR lpName, DWORD dwFlags, DWORD dwDesiredAccess)
{
	if (!object_name_fits(lpName))
		return NULL;
	return semaphore_create(lpSemaphoreAttributes, lInitialCount, lMaximumCount, lpName, dwFlags, dwDesiredAccess);
}

HANDLE WINAPI OpenSemaphoreA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName)
{
	return object_name_fits(lpName) ? object_open(NAME_SEMAPHORE, dwDesiredAccess, bInheritHandle, lpName) : NULL;
}
