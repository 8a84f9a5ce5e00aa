/* SPDX-License-Identifier: MIT */
/*
 * The token of this process, as far as ports adjust privileges. One privilege is held, the one that Windows
 * gives everybody; what the others allow is up to the kernel here, and nothing to be switched on.
 */
#include "access_token.h"

#include <stdatomic.h>
#include <strings.h>
#include <sys/eventfd.h>

#include "peer.h"

struct token_handle {
	struct handle handle; /* first */
	uint32_t access;      /* immutable, as the number */
	int fd;               /* an event counter, for its number alone */
};

enum { CHANGE_NOTIFY = 23 };

/* By LUID. */
static const char *const names[] = {
	[2] = "SeCreateTokenPrivilege", [3] = "SeAssignPrimaryTokenPrivilege", [4] = "SeLockMemoryPrivilege",
	[5] = "SeIncreaseQuotaPrivilege", [6] = "SeMachineAccountPrivilege", [7] = "SeTcbPrivilege",
	[8] = "SeSecurityPrivilege", [9] = "SeTakeOwnershipPrivilege", [10] = "SeLoadDriverPrivilege",
	[11] = "SeSystemProfilePrivilege", [12] = "SeSystemtimePrivilege", [13] = "SeProfileSingleProcessPrivilege",
	[14] = "SeIncreaseBasePriorityPrivilege", [15] = "SeCreatePagefilePrivilege",
	[16] = "SeCreatePermanentPrivilege", [17] = "SeBackupPrivilege", [18] = "SeRestorePrivilege",
	[19] = "SeShutdownPrivilege", [20] = "SeDebugPrivilege", [21] = "SeAuditPrivilege",
	[22] = "SeSystemEnvironmentPrivilege", [CHANGE_NOTIFY] = "SeChangeNotifyPrivilege",
	[24] = "SeRemoteShutdownPrivilege", [25] = "SeUndockPrivilege", [26] = "SeSyncAgentPrivilege",
	[27] = "SeEnableDelegationPrivilege", [28] = "SeManageVolumePrivilege", [29] = "SeImpersonatePrivilege",
	[30] = "SeCreateGlobalPrivilege", [31] = "SeTrustedCredManAccessPrivilege", [32] = "SeRelabelPrivilege",
	[33] = "SeIncreaseWorkingSetPrivilege", [34] = "SeTimeZonePrivilege", [35] = "SeCreateSymbolicLinkPrivilege",
};

/* Attributes of the one privilege in this process; a child by fork has its parent's, as a token is copied. */
static _Atomic DWORD held = SE_PRIVILEGE_ENABLED | SE_PRIVILEGE_ENABLED_BY_DEFAULT;

static void close_token(struct handle *handle)
{
	os_close(((struct token_handle *)handle)->fd);
}

/* A program started by exec has a token of its own, and could not tell what the number was. */
static fm_status set_inheritable(struct handle *handle, bool inheritable)
{
	(void)handle;
	return inheritable ? FM_E_NOT_SUPPORTED : FM_OK;
}

const struct handle_kind token_kind = {
	.name = "token", .close = close_token, .set_inheritable = set_inheritable,
};

static uint32_t rights_of(DWORD access)
{
	uint32_t rights = access & 0x00ffffffu;

	if (access & GENERIC_READ)
		rights |= TOKEN_READ;
	if (access & GENERIC_WRITE)
		rights |= TOKEN_WRITE;
	if (access & GENERIC_EXECUTE)
		rights |= TOKEN_EXECUTE;
	if (access & (GENERIC_ALL | MAXIMUM_ALLOWED))
		rights |= TOKEN_ALL_ACCESS;
	return rights;
}

/* FM_E_ACCESS_DENIED: another process, or a handle that does not let one ask. */
static fm_status own_process(HANDLE process)
{
	struct handle *handle;
	fm_status status;

	if (process == CURRENT_PROCESS)
		return FM_OK;
	status = enter(process, fm_internal_process_kind(), &handle);
	if (status_failed(status))
		return status;
	if (((struct peer *)handle)->pid != os_pid() ||
	    !(((struct peer *)handle)->access & (PROCESS_QUERY_INFORMATION | PROCESS_QUERY_LIMITED_INFORMATION)))
		status = FM_E_ACCESS_DENIED;
	fm_internal_handle_leave(handle);
	return status;
}

static fm_status open_token(DWORD access, HANDLE *ret_token)
{
	fm_status status = fm_internal_lock_ready();
	struct token_handle *token;

	if (status_failed(status))
		return status;
	token = os_allocate(sizeof(*token));
	if (!token)
		return FM_E_NO_MEMORY;
	handle_init(&token->handle, &token_kind);
	token->access = rights_of(access);
	token->fd = os.eventfd(0, EFD_CLOEXEC);
	if (token->fd < 0) {
		status = fm_internal_status_of(OP_DESCRIPTOR, token->fd);
		os_free(token);
		return status;
	}
	status = fm_internal_handle_publish(&token->handle, token->fd);
	if (status_failed(status))
		fm_internal_handle_discard(&token->handle);
	else
		*ret_token = handle_of(token->fd);
	return status;
}

BOOL WINAPI OpenProcessToken(HANDLE ProcessHandle, DWORD DesiredAccess, PHANDLE TokenHandle)
{
	fm_status status = TokenHandle ? own_process(ProcessHandle) : FM_E_ACCESS_VIOLATION;

	if (!status_failed(status))
		status = open_token(DesiredAccess, TokenHandle);
	return finish(status);
}

DWORD privilege_find(const char *name, LUID *ret_luid)
{
	for (unsigned i = 0; name && i < RTL_NUMBER_OF(names); i++) {
		if (!names[i] || strcasecmp(names[i], name) != 0)
			continue;
		*ret_luid = (LUID){ .LowPart = i };
		return ERROR_SUCCESS;
	}
	return ERROR_NO_SUCH_PRIVILEGE;
}

BOOL WINAPI LookupPrivilegeValueA(LPCSTR lpSystemName, LPCSTR lpName, PLUID lpLuid)
{
	DWORD error = lpSystemName ? RPC_S_SERVER_UNAVAILABLE : !lpLuid ? ERROR_NOACCESS : privilege_find(lpName, lpLuid);

	if (error)
		SetLastError(error);
	return !error;
}

/* ---- adjusting ---- */

struct adjustment {
	DWORD attributes; /* that the one privilege shall have */
	bool missing;     /* others were named */
};

/* FM_E_NOT_SUPPORTED: to remove the one for good. */
static fm_status plan(const TOKEN_PRIVILEGES *privileges, DWORD attributes, struct adjustment *ret_plan)
{
	*ret_plan = (struct adjustment){ .attributes = attributes };
	if (!privileges) { /* all off */
		ret_plan->attributes &= ~(DWORD)SE_PRIVILEGE_ENABLED;
		return FM_OK;
	}
	for (DWORD i = 0; i < privileges->PrivilegeCount; i++) {
		const LUID_AND_ATTRIBUTES *one = &privileges->Privileges[i];

		if (one->Luid.LowPart != CHANGE_NOTIFY || one->Luid.HighPart != 0) {
			ret_plan->missing = true;
			continue;
		}
		if (one->Attributes & SE_PRIVILEGE_REMOVED)
			return FM_E_NOT_SUPPORTED;
		ret_plan->attributes &= ~(DWORD)SE_PRIVILEGE_ENABLED;
		ret_plan->attributes |= one->Attributes & SE_PRIVILEGE_ENABLED;
	}
	return FM_OK;
}

/* Tell what @old becomes something else: nothing, or the one privilege. FM_E_BUFFER_TOO_SMALL: nothing is told. */
static fm_status tell(bool changes, DWORD old, TOKEN_PRIVILEGES *previous, DWORD size, DWORD *ret_needed)
{
	DWORD count = changes ? 1 : 0;

	*ret_needed = (DWORD)(offsetof(TOKEN_PRIVILEGES, Privileges) + count * sizeof(LUID_AND_ATTRIBUTES));
	if (size < *ret_needed)
		return FM_E_BUFFER_TOO_SMALL;
	previous->PrivilegeCount = count;
	if (changes)
		previous->Privileges[0] = (LUID_AND_ATTRIBUTES){ .Luid = { .LowPart = CHANGE_NOTIFY }, .Attributes = old };
	return FM_OK;
}

static fm_status adjust(const TOKEN_PRIVILEGES *privileges, DWORD size, TOKEN_PRIVILEGES *previous, DWORD *ret_needed,
			bool *ret_missing)
{
	DWORD old = atomic_load(&held);
	struct adjustment wanted;
	fm_status status;

	do {
		status = plan(privileges, old, &wanted);
		if (!status_failed(status) && previous)
			status = tell(wanted.attributes != old, old, previous, size, ret_needed);
		if (status_failed(status))
			return status;
	} while (!atomic_compare_exchange_weak(&held, &old, wanted.attributes));
	*ret_missing = wanted.missing;
	return FM_OK;
}

BOOL WINAPI AdjustTokenPrivileges(HANDLE TokenHandle, BOOL DisableAllPrivileges, PTOKEN_PRIVILEGES NewState,
				  DWORD BufferLength, PTOKEN_PRIVILEGES PreviousState, PDWORD ReturnLength)
{
	const uint32_t access = TOKEN_ADJUST_PRIVILEGES | (PreviousState ? TOKEN_QUERY : 0);
	struct handle *token;
	bool missing = false;
	fm_status status = FM_OK;

	if (!DisableAllPrivileges && !NewState)
		status = FM_E_INVALID_PARAMETER;
	else if (PreviousState && !ReturnLength)
		status = FM_E_ACCESS_VIOLATION;
	if (!status_failed(status))
		status = enter(TokenHandle, &token_kind, &token);
	if (status_failed(status))
		return finish(status);
	if ((((struct token_handle *)token)->access & access) != access)
		status = FM_E_ACCESS_DENIED;
	else
		status = adjust(DisableAllPrivileges ? NULL : NewState, BufferLength, PreviousState, ReturnLength, &missing);
	fm_internal_handle_leave(token);
	if (status_failed(status))
		return finish(status);
	SetLastError(missing ? ERROR_NOT_ALL_ASSIGNED : ERROR_SUCCESS);
	return TRUE;
}
