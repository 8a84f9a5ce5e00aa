/* SPDX-License-Identifier: MIT */
/* CreateFileMapping and OpenFileMapping with wide names; compiled for either width of wchar_t. */
#include "mapping.h"
#include "os.h"

HANDLE WINAPI CreateFileMappingNumaW(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes, DWORD flProtect,
				     DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCWSTR lpName, DWORD nndPreferred)
{
	struct mapping_call call = { .file = hFile, .security = lpFileMappingAttributes,
				     .size = (uint64_t)dwMaximumSizeHigh << 32 | dwMaximumSizeLow };
	char *name;
	fm_status status = narrow(lpName, &name);
	HANDLE handle;

	call.name = name;
	handle = status_failed(status) ? mapping_failed(status) : mapping_create_packed(&call, flProtect, nndPreferred);
	os_free(name);
	return handle;
}

HANDLE WINAPI CreateFileMappingW(HANDLE hFile, LPSECURITY_ATTRIBUTES lpFileMappingAttributes, DWORD flProtect,
				 DWORD dwMaximumSizeHigh, DWORD dwMaximumSizeLow, LPCWSTR lpName)
{
	return CreateFileMappingNumaW(hFile, lpFileMappingAttributes, flProtect, dwMaximumSizeHigh, dwMaximumSizeLow,
				      lpName, NUMA_NO_PREFERRED_NODE);
}

HANDLE WINAPI CreateFileMapping2(HANDLE File, SECURITY_ATTRIBUTES *SecurityAttributes, ULONG DesiredAccess,
				 ULONG PageProtection, ULONG AllocationAttributes, ULONG64 MaximumSize, PCWSTR Name,
				 MEM_EXTENDED_PARAMETER *ExtendedParameters, ULONG ParameterCount)
{
	DWORD access = DesiredAccess;
	struct mapping_call call = { .file = File, .security = SecurityAttributes, .page = PageProtection,
				     .attributes = AllocationAttributes, .size = MaximumSize, .access = &access,
				     .extended = ExtendedParameters, .extended_count = ParameterCount };
	char *name;
	fm_status status = narrow(Name, &name);
	HANDLE handle;

	if ((call.attributes & ~(DWORD)SEC_NO_CHANGE) == 0)
		call.attributes |= SEC_COMMIT;
	call.name = name;
	handle = status_failed(status) ? mapping_failed(status) : mapping_create(&call);
	os_free(name);
	return handle;
}

HANDLE WINAPI CreateFileMappingFromApp(HANDLE hFile, PSECURITY_ATTRIBUTES SecurityAttributes, ULONG PageProtection,
				       ULONG64 MaximumSize, PCWSTR Name)
{
	return CreateFileMappingW(hFile, SecurityAttributes, PageProtection, (DWORD)(MaximumSize >> 32),
				  (DWORD)MaximumSize, Name);
}

HANDLE WINAPI OpenFileMappingW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
{
	char *name;
	fm_status status = narrow(lpName, &name);
	HANDLE handle = status_failed(status) ? mapping_failed(status)
					      : mapping_open(dwDesiredAccess, bInheritHandle, name);

	os_free(name);
	return handle;
}

HANDLE WINAPI OpenFileMappingFromApp(ULONG DesiredAccess, BOOL InheritHandle, PCWSTR Name)
{
	return OpenFileMappingW(DesiredAccess, InheritHandle, Name);
}
