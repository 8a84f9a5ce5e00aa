/* SPDX-License-Identifier: MIT */
/* MapViewOfFile and its family, UnmapViewOfFile, FlushViewOfFile. */
#include "map.h"

#include "protect.h"
#include "vm.h"

/* A section view takes no alignment, and bounds only when the address is free to choose. */
static fm_status check_bounds(const struct map_call *call)
{
	uintptr_t lowest = call->extended.lowest, highest = call->extended.highest;

	if (!call->extended.required)
		return FM_OK;
	if (call->base || call->extended.alignment || (call->type & MEM_REPLACE_PLACEHOLDER) || lowest % GRANULARITY ||
	    lowest > vm_highest() || highest > vm_highest())
		return FM_E_INVALID_PARAMETER;
	return highest && ((highest + 1) % 4096 || lowest >= highest) ? FM_E_INVALID_PARAMETER : FM_OK;
}

static fm_status check_call(const struct map_call *call, const struct section *section)
{
	uintptr_t base = (uintptr_t)call->base;

	if (base > vm_highest() || (base && call->length > vm_highest() - base))
		return FM_E_INVALID_PARAMETER_3;
	if ((call->type & MEM_RESERVE) && section_is_memory(section))
		return FM_E_INVALID_PARAMETER_9;
	return FM_OK;
}

static uint32_t request_flags(const struct map_call *call)
{
	return (call->type & MEM_REPLACE_PLACEHOLDER ? MAP_REQUEST_PLACEHOLDER : MAP_REQUEST_GRANULAR) |
	       (call->type & MEM_RESERVE ? MAP_REQUEST_GROWABLE : 0) |
	       (call->type & MEM_TOP_DOWN ? MAP_REQUEST_TOP_DOWN : 0) |
	       (call->extended.required ? MAP_REQUEST_BOUNDED : 0);
}

fm_status map_section(const struct map_call *call, void **ret_base, size_t *ret_size)
{
	struct map_request request = {
		.protection = call->protection,
		.offset = call->offset,
		.length = call->length,
		.address = (uintptr_t)call->base,
		.lowest = call->extended.lowest,
		.highest = call->extended.highest ? call->extended.highest : vm_highest(),
		.commit = call->commit,
	};
	struct handle *handle;
	fm_status status;

	status = call->type & ~(ULONG)MAP_TYPES ? FM_E_INVALID_PARAMETER_9 : check_bounds(call);
	if (!status_failed(status))
		status = enter(call->section, &section_kind, &handle);
	if (status_failed(status))
		return status;
	request.flags = request_flags(call);
	status = check_call(call, ((struct fm_section *)handle)->section);
	if (!status_failed(status))
		status = view_map((struct fm_section *)handle, &request, ret_base, ret_size);
	handle_leave(handle);
	return status;
}

fm_status unmap_section(const void *address, ULONG flags)
{
	if (flags & ~(ULONG)(MEM_UNMAP_WITH_TRANSIENT_BOOST | MEM_PRESERVE_PLACEHOLDER))
		return FM_E_INVALID_PARAMETER;
	return view_unmap(address, flags & MEM_PRESERVE_PLACEHOLDER);
}

/* ---- with FILE_MAP_* access ---- */

LPVOID WINAPI MapViewOfFileExNuma(HANDLE hFileMappingObject, DWORD dwDesiredAccess, DWORD dwFileOffsetHigh,
				  DWORD dwFileOffsetLow, SIZE_T dwNumberOfBytesToMap, LPVOID lpBaseAddress,
				  DWORD nndPreferred)
{
	const DWORD flags = FILE_MAP_LARGE_PAGES | FILE_MAP_TARGETS_INVALID | FILE_MAP_RESERVE;
	struct map_call call = {
		.section = hFileMappingObject,
		.protection = protection_of_map(dwDesiredAccess & ~flags),
		.offset = (uint64_t)dwFileOffsetHigh << 32 | dwFileOffsetLow,
		.length = dwNumberOfBytesToMap,
		.base = lpBaseAddress,
		.type = dwDesiredAccess & FILE_MAP_RESERVE ? MEM_RESERVE : 0,
	};
	void *base = NULL;
	fm_status status = map_section(&call, &base, NULL);

	(void)nndPreferred; /* a hint */
	return finish_pointer(status, base);
}

LPVOID WINAPI MapViewOfFileEx(HANDLE hFileMappingObject, DWORD dwDesiredAccess, DWORD dwFileOffsetHigh,
			      DWORD dwFileOffsetLow, SIZE_T dwNumberOfBytesToMap, LPVOID lpBaseAddress)
{
	return MapViewOfFileExNuma(hFileMappingObject, dwDesiredAccess, dwFileOffsetHigh, dwFileOffsetLow,
				   dwNumberOfBytesToMap, lpBaseAddress, NUMA_NO_PREFERRED_NODE);
}

LPVOID WINAPI MapViewOfFile(HANDLE hFileMappingObject, DWORD dwDesiredAccess, DWORD dwFileOffsetHigh,
			    DWORD dwFileOffsetLow, SIZE_T dwNumberOfBytesToMap)
{
	return MapViewOfFileEx(hFileMappingObject, dwDesiredAccess, dwFileOffsetHigh, dwFileOffsetLow,
			       dwNumberOfBytesToMap, NULL);
}

PVOID WINAPI MapViewOfFileFromApp(HANDLE hFileMappingObject, ULONG DesiredAccess, ULONG64 FileOffset,
				  SIZE_T NumberOfBytesToMap)
{
	return MapViewOfFile(hFileMappingObject, DesiredAccess, (DWORD)(FileOffset >> 32), (DWORD)FileOffset,
			     NumberOfBytesToMap);
}

/* ---- with PAGE_* protection ---- */

PVOID WINAPI MapViewOfFileNuma2(HANDLE FileMappingHandle, HANDLE ProcessHandle, ULONG64 Offset, PVOID BaseAddress,
				SIZE_T ViewSize, ULONG AllocationType, ULONG PageProtection, ULONG PreferredNode)
{
	struct map_call call = { .section = FileMappingHandle, .offset = Offset, .length = ViewSize, .base = BaseAddress,
				 .type = AllocationType };
	fm_status status = protection_of(PageProtection, &call.protection);
	void *base = NULL;

	(void)PreferredNode; /* a hint */
	if (AllocationType & (MEM_REPLACE_PLACEHOLDER | MEM_TOP_DOWN))
		status = FM_E_INVALID_PARAMETER_9;
	if (!status_failed(status))
		status = own_process(ProcessHandle);
	if (!status_failed(status))
		status = map_section(&call, &base, NULL);
	return finish_pointer(status, base);
}

PVOID WINAPI MapViewOfFile2(HANDLE FileMappingHandle, HANDLE ProcessHandle, ULONG64 Offset, PVOID BaseAddress,
			    SIZE_T ViewSize, ULONG AllocationType, ULONG PageProtection)
{
	return MapViewOfFileNuma2(FileMappingHandle, ProcessHandle, Offset, BaseAddress, ViewSize, AllocationType,
				  PageProtection, NUMA_NO_PREFERRED_NODE);
}

PVOID WINAPI MapViewOfFile3(HANDLE FileMapping, HANDLE Process, PVOID BaseAddress, ULONG64 Offset, SIZE_T ViewSize,
			    ULONG AllocationType, ULONG PageProtection, MEM_EXTENDED_PARAMETER *ExtendedParameters,
			    ULONG ParameterCount)
{
	struct map_call call = { .section = FileMapping, .offset = Offset, .length = ViewSize, .base = BaseAddress,
				 .type = AllocationType };
	fm_status status = extended_of(ExtendedParameters, ParameterCount, &call.extended);
	void *base = NULL;

	if (!status_failed(status))
		status = protection_of(PageProtection, &call.protection);
	if (!status_failed(status) && Process)
		status = own_process(Process);
	if (!status_failed(status))
		status = map_section(&call, &base, NULL);
	return finish_pointer(status, base);
}

PVOID WINAPI MapViewOfFile3FromApp(HANDLE FileMapping, HANDLE Process, PVOID BaseAddress, ULONG64 Offset,
				   SIZE_T ViewSize, ULONG AllocationType, ULONG PageProtection,
				   MEM_EXTENDED_PARAMETER *ExtendedParameters, ULONG ParameterCount)
{
	return MapViewOfFile3(FileMapping, Process, BaseAddress, Offset, ViewSize, AllocationType, PageProtection,
			      ExtendedParameters, ParameterCount);
}

/* ---- unmapping and flushing ---- */

BOOL WINAPI UnmapViewOfFile(LPCVOID lpBaseAddress)
{
	return finish(view_unmap(lpBaseAddress, false));
}

BOOL WINAPI UnmapViewOfFileEx(PVOID BaseAddress, ULONG UnmapFlags)
{
	return finish(unmap_section(BaseAddress, UnmapFlags));
}

BOOL WINAPI UnmapViewOfFile2(HANDLE Process, PVOID BaseAddress, ULONG UnmapFlags)
{
	fm_status status = own_process(Process);

	return finish(status_failed(status) ? status : unmap_section(BaseAddress, UnmapFlags));
}

BOOL WINAPI FlushViewOfFile(LPCVOID lpBaseAddress, SIZE_T dwNumberOfBytesToFlush)
{
	return finish(view_flush(lpBaseAddress, dwNumberOfBytesToFlush, FM_FLUSH_WRITE));
}
