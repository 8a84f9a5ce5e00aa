/* SPDX-License-Identifier: MIT */
/* VirtualQuery, QueryVirtualMemoryInformation, QueryWorkingSetEx. */
#include <string.h>

#include <psapi.h>

#include "query.h"
#include "vm.h"

static DWORD type_of(enum vm_kind kind)
{
	static const DWORD types[] = { [VM_NOTHING] = 0, [VM_PRIVATE] = MEM_PRIVATE, [VM_MAPPED] = MEM_MAPPED,
				       [VM_IMAGE] = MEM_IMAGE };

	return types[kind];
}

static void fill(const struct vm_info *info, MEMORY_BASIC_INFORMATION *basic)
{
	*basic = (MEMORY_BASIC_INFORMATION){
		.BaseAddress = (void *)info->base,
		.AllocationBase = (void *)info->allocation_base,
		.AllocationProtect = info->state == VM_FREE ? 0 : page_of(info->allocation_protection),
		.RegionSize = info->size,
		.Type = type_of(info->kind),
	};
	switch (info->state) {
	case VM_FREE:
		basic->State = MEM_FREE;
		basic->Protect = PAGE_NOACCESS;
		break;
	case VM_RESERVED:
		basic->State = MEM_RESERVE;
		break;
	case VM_COMMITTED:
		basic->State = MEM_COMMIT;
		basic->Protect = page_of(info->protection);
		break;
	}
}

fm_status query_basic(const void *address, MEMORY_BASIC_INFORMATION *buffer, SIZE_T length)
{
	struct vm_info info;
	fm_status status = FM_OK;

	if (length < sizeof(*buffer))
		return FM_E_INFO_LENGTH_MISMATCH;
	if (!buffer)
		return FM_E_ACCESS_VIOLATION;
	status = vm_query((uintptr_t)address, &info);
	if (!status_failed(status))
		fill(&info, buffer);
	return status;
}

SIZE_T WINAPI VirtualQuery(LPCVOID lpAddress, PMEMORY_BASIC_INFORMATION lpBuffer, SIZE_T dwLength)
{
	return finish(query_basic(lpAddress, lpBuffer, dwLength)) ? sizeof(*lpBuffer) : 0;
}

SIZE_T WINAPI VirtualQueryEx(HANDLE hProcess, LPCVOID lpAddress, PMEMORY_BASIC_INFORMATION lpBuffer,
			     SIZE_T dwLength)
{
	fm_status status = own_process(hProcess);

	if (!status_failed(status))
		status = query_basic(lpAddress, lpBuffer, dwLength);
	return finish(status) ? sizeof(*lpBuffer) : 0;
}

fm_status query_region(const void *address, WIN32_MEMORY_REGION_INFORMATION *buffer, SIZE_T length)
{
	struct vm_region_info info;
	fm_status status = FM_OK;

	if (length < sizeof(*buffer))
		return FM_E_INFO_LENGTH_MISMATCH;
	if (!buffer)
		return FM_E_ACCESS_VIOLATION;
	status = vm_query_region((uintptr_t)address, &info);
	if (status_failed(status))
		return status;
	memset(buffer, 0, sizeof(*buffer));
	buffer->AllocationBase = (void *)info.base;
	buffer->AllocationProtect = page_of(info.protection);
	buffer->Private = info.kind == VM_PRIVATE;
	buffer->MappedDataFile = info.kind == VM_MAPPED && info.file;
	buffer->MappedImage = info.kind == VM_IMAGE;
	buffer->MappedPageFile = info.kind == VM_MAPPED && !info.file;
	buffer->RegionSize = info.size;
	buffer->CommitSize = info.committed;
	return FM_OK;
}

BOOL WINAPI QueryVirtualMemoryInformation(HANDLE Process, const VOID *VirtualAddress,
					  WIN32_MEMORY_INFORMATION_CLASS MemoryInformationClass,
					  PVOID MemoryInformation, SIZE_T MemoryInformationSize, PSIZE_T ReturnSize)
{
	fm_status status = own_process(Process);

	if (!status_failed(status) && MemoryInformationClass != MemoryRegionInfo)
		status = FM_E_INVALID_PARAMETER;
	if (!status_failed(status))
		status = query_region(VirtualAddress, MemoryInformation, MemoryInformationSize);
	if (!status_failed(status) && ReturnSize)
		*ReturnSize = sizeof(WIN32_MEMORY_REGION_INFORMATION);
	return finish(status);
}

static void fill_page(PSAPI_WORKING_SET_EX_INFORMATION *entry)
{
	struct vm_page page;

	vm_query_page((uintptr_t)entry->VirtualAddress, &page);
	entry->VirtualAttributes.Flags = 0;
	entry->VirtualAttributes.Valid = page.resident;
	entry->VirtualAttributes.Shared = page.shared;
	if (!page.resident)
		return;
	entry->VirtualAttributes.ShareCount = page.exclusive ? 1 : 2; /* at least */
	entry->VirtualAttributes.Win32Protection = page_of(page.protection) & 0x7ff;
	entry->VirtualAttributes.Locked = page.locked;
}

fm_status query_pages(PSAPI_WORKING_SET_EX_INFORMATION *entries, SIZE_T length)
{
	if (length < sizeof(*entries) || length % sizeof(*entries))
		return FM_E_INFO_LENGTH_MISMATCH;
	if (!entries)
		return FM_E_ACCESS_VIOLATION;
	for (SIZE_T i = 0; i < length / sizeof(*entries); i++)
		fill_page(&entries[i]);
	return FM_OK;
}

BOOL WINAPI QueryWorkingSetEx(HANDLE hProcess, PVOID pv, DWORD cb)
{
	fm_status status = own_process(hProcess);

	return finish(status_failed(status) ? status : query_pages(pv, cb));
}
