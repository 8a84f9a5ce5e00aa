/* SPDX-License-Identifier: MIT */
/* VirtualAlloc, VirtualFree, VirtualProtect: of this process's memory, whoever made it. */
#include "extended.h"
#include "vm.h"

_Static_assert(MEM_COMMIT == VM_COMMIT && MEM_RESERVE == VM_RESERVE && MEM_RESET == VM_RESET &&
		       MEM_REPLACE_PLACEHOLDER == VM_REPLACE_PLACEHOLDER && MEM_TOP_DOWN == VM_TOP_DOWN &&
		       MEM_RESERVE_PLACEHOLDER == VM_RESERVE_PLACEHOLDER && MEM_WRITE_WATCH == VM_WRITE_WATCH &&
		       MEM_RESET_UNDO == VM_RESET_UNDO && MEM_LARGE_PAGES == VM_LARGE_PAGES,
	       "types are passed through");
_Static_assert(MEM_DECOMMIT == VM_DECOMMIT && MEM_RELEASE == VM_RELEASE &&
		       MEM_PRESERVE_PLACEHOLDER == VM_PRESERVE_PLACEHOLDER &&
		       MEM_COALESCE_PLACEHOLDERS == VM_COALESCE_PLACEHOLDERS,
	       "types are passed through");

static void *allocate(struct vm_request *request, fm_status status, DWORD page)
{
	struct vm_range range = { 0, 0 };

	if (!status_failed(status))
		status = protection_of(page, &request->protection);
	if (!status_failed(status))
		status = vm_allocate(request, &range);
	return finish_pointer(status, (void *)range.base);
}

LPVOID WINAPI VirtualAlloc(LPVOID lpAddress, SIZE_T dwSize, DWORD flAllocationType, DWORD flProtect)
{
	struct vm_request request = { .address = (uintptr_t)lpAddress, .size = dwSize, .type = flAllocationType };

	return allocate(&request, FM_OK, flProtect);
}

LPVOID WINAPI VirtualAllocEx(HANDLE hProcess, LPVOID lpAddress, SIZE_T dwSize, DWORD flAllocationType,
			     DWORD flProtect)
{
	struct vm_request request = { .address = (uintptr_t)lpAddress, .size = dwSize, .type = flAllocationType };

	return allocate(&request, own_process(hProcess), flProtect);
}

PVOID WINAPI VirtualAllocFromApp(PVOID BaseAddress, SIZE_T Size, ULONG AllocationType, ULONG Protection)
{
	return VirtualAlloc(BaseAddress, Size, AllocationType, Protection);
}

PVOID WINAPI VirtualAlloc2(HANDLE Process, PVOID BaseAddress, SIZE_T Size, ULONG AllocationType,
			   ULONG PageProtection, MEM_EXTENDED_PARAMETER *ExtendedParameters,
			   ULONG ParameterCount)
{
	struct vm_request request = { .address = (uintptr_t)BaseAddress, .size = Size, .type = AllocationType,
				      .extended = true };
	struct extended extended = { 0 };
	fm_status status = Process ? own_process(Process) : FM_OK;

	if (!status_failed(status))
		status = extended_of(ExtendedParameters, ParameterCount, &extended);
	request.lowest = extended.lowest;
	request.highest = extended.highest;
	request.alignment = extended.alignment;
	return allocate(&request, status, PageProtection);
}

PVOID WINAPI VirtualAlloc2FromApp(HANDLE Process, PVOID BaseAddress, SIZE_T Size, ULONG AllocationType,
				  ULONG PageProtection, MEM_EXTENDED_PARAMETER *ExtendedParameters,
				  ULONG ParameterCount)
{
	return VirtualAlloc2(Process, BaseAddress, Size, AllocationType, PageProtection, ExtendedParameters,
			     ParameterCount);
}

/* Win32, unlike Nt, releases whole allocations only. */
static fm_status check_release(SIZE_T size, DWORD type)
{
	return type == MEM_RELEASE && size ? FM_E_INVALID_PARAMETER : FM_OK;
}

BOOL WINAPI VirtualFree(LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType)
{
	fm_status status = check_release(dwSize, dwFreeType);

	if (!status_failed(status))
		status = vm_free((uintptr_t)lpAddress, dwSize, dwFreeType, NULL);
	return finish(status);
}

BOOL WINAPI VirtualFreeEx(HANDLE hProcess, LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType)
{
	fm_status status = own_process(hProcess);

	return status_failed(status) ? finish(status) : VirtualFree(lpAddress, dwSize, dwFreeType);
}

static fm_status protect(void *address, SIZE_T size, DWORD page, PDWORD old)
{
	uint32_t protection, before;
	fm_status status = protection_of(page & ~(DWORD)PAGE_TARGETS_NO_UPDATE, &protection);

	if (!status_failed(status) && !old)
		status = FM_E_ACCESS_VIOLATION;
	if (!status_failed(status))
		status = vm_protect((uintptr_t)address, size, protection, NULL, &before);
	if (!status_failed(status))
		*old = page_of(before);
	return status;
}

BOOL WINAPI VirtualProtect(LPVOID lpAddress, SIZE_T dwSize, DWORD flNewProtect, PDWORD lpflOldProtect)
{
	return finish(protect(lpAddress, dwSize, flNewProtect, lpflOldProtect));
}

BOOL WINAPI VirtualProtectEx(HANDLE hProcess, LPVOID lpAddress, SIZE_T dwSize, DWORD flNewProtect,
			     PDWORD lpflOldProtect)
{
	fm_status status = own_process(hProcess);

	if (!status_failed(status))
		status = protect(lpAddress, dwSize, flNewProtect, lpflOldProtect);
	return finish(status);
}

BOOL WINAPI VirtualProtectFromApp(PVOID Address, SIZE_T Size, ULONG NewProtection, PULONG OldProtection)
{
	return finish(protect(Address, Size, NewProtection, OldProtection));
}
