/* SPDX-License-Identifier: MIT */
/* Native calls on virtual memory. */
#include "nt.h"
#include "vm.h"

NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, ULONG_PTR ZeroBits, PSIZE_T RegionSize,
				       ULONG AllocationType, ULONG Protect)
{
	struct vm_request request = { .type = AllocationType };
	struct vm_range range;
	fm_status status = FM_OK;

	if (!BaseAddress || !RegionSize)
		return FM_E_ACCESS_VIOLATION;
	request.address = (uintptr_t)*BaseAddress;
	request.size = *RegionSize;
	if (ZeroBits > 21 && ZeroBits < 32)
		return FM_E_INVALID_PARAMETER_3;
	if (ZeroBits && !request.address)
		request.highest = ZeroBits < 32 ? (((uintptr_t)1 << (32 - ZeroBits)) - 1)
						: UINTPTR_MAX >> __builtin_clzl(ZeroBits);
	if (request.highest > vm_highest())
		request.highest = vm_highest();
	status = own_process(ProcessHandle);
	if (!status_failed(status))
		status = protection_of(Protect, &request.protection);
	if (!status_failed(status))
		status = vm_allocate(&request, &range);
	if (status_failed(status))
		return status;
	*BaseAddress = (PVOID)range.base;
	*RegionSize = range.size;
	return status;
}

NTSTATUS NTAPI NtFreeVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG FreeType)
{
	struct vm_range range;
	fm_status status;

	if (!BaseAddress || !RegionSize)
		return FM_E_ACCESS_VIOLATION;
	status = own_process(ProcessHandle);
	if (!status_failed(status))
		status = vm_free((uintptr_t)*BaseAddress, *RegionSize, FreeType, &range);
	if (status_failed(status))
		return status;
	*BaseAddress = (PVOID)range.base;
	*RegionSize = range.size;
	return status;
}

NTSTATUS NTAPI NtProtectVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG NewProtect,
				      PULONG OldProtect)
{
	uint32_t protection, old;
	struct vm_range range;
	fm_status status;

	if (!BaseAddress || !RegionSize || !OldProtect)
		return FM_E_ACCESS_VIOLATION;
	status = protection_of(NewProtect & ~(ULONG)PAGE_TARGETS_NO_UPDATE, &protection);
	if (!status_failed(status))
		status = own_process(ProcessHandle);
	if (!status_failed(status))
		status = vm_protect((uintptr_t)*BaseAddress, *RegionSize, protection, &range, &old);
	if (status == FM_E_NOT_COMMITTED)
		*OldProtect = PAGE_NOACCESS;
	if (status_failed(status))
		return status;
	*BaseAddress = (PVOID)range.base;
	*RegionSize = range.size;
	*OldProtect = page_of(old);
	return status;
}
