/* SPDX-License-Identifier: MIT */
/* Native calls on views. */
#include "nt.h"

#include "map.h"
#include "vm.h"

/* How many high bits of a 32-bit address must be 0, or, above 31, the mask of the bits that may be 1. */
static fm_status highest_of(ULONG_PTR zero_bits, uintptr_t *ret_highest)
{
	if (zero_bits == 21)
		return FM_E_NO_MEMORY;
	if (zero_bits > 21 && zero_bits < 32)
		return FM_E_INVALID_PARAMETER_4;
	*ret_highest = 0;
	if (zero_bits && zero_bits < 32)
		*ret_highest = (((uintptr_t)1 << (32 - zero_bits)) - 1);
	else if (zero_bits)
		*ret_highest = UINTPTR_MAX >> __builtin_clzl(zero_bits);
	if (*ret_highest > vm_highest())
		*ret_highest = vm_highest();
	return FM_OK;
}

static fm_status apply_zero_bits(ULONG_PTR zero_bits, struct map_call *call)
{
	uintptr_t highest, base = (uintptr_t)call->base;
	fm_status status = highest_of(zero_bits, &highest);

	if (status_failed(status) || !highest)
		return status;
	if (base)
		return base > highest || call->length > highest - base ? FM_E_INVALID_PARAMETER_4 : FM_OK;
	call->extended = (struct extended){ .required = true, .highest = highest };
	return FM_OK;
}

/* The parameters that both native calls have, in @call. */
static fm_status prepare(HANDLE section, PVOID *base, PLARGE_INTEGER offset, PSIZE_T size, ULONG type, ULONG page,
			 struct map_call *call)
{
	if (!base || !size)
		return FM_E_ACCESS_VIOLATION;
	*call = (struct map_call){ .section = section, .offset = offset ? (uint64_t)offset->QuadPart : 0,
				   .length = *size, .base = *base, .type = type };
	return protection_of(page, &call->protection);
}

static fm_status perform(HANDLE process, const struct map_call *call, PVOID *base, PLARGE_INTEGER offset, PSIZE_T size)
{
	fm_status status = own_process(process);
	void *mapped;
	size_t pages;

	if (!status_failed(status))
		status = map_section(call, &mapped, &pages);
	if (status_failed(status))
		return status;
	*base = mapped;
	*size = pages;
	if (offset)
		offset->QuadPart = (LONGLONG)call->offset;
	return FM_OK;
}

NTSTATUS NTAPI NtMapViewOfSection(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID *BaseAddress, ULONG_PTR ZeroBits,
				  SIZE_T CommitSize, PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize,
				  SECTION_INHERIT InheritDisposition, ULONG AllocationType, ULONG Win32Protect)
{
	struct map_call call;
	fm_status status;

	if (InheritDisposition != ViewShare && InheritDisposition != ViewUnmap)
		return FM_E_INVALID_PARAMETER_8;
	if (AllocationType & ~(ULONG)(MEM_RESERVE | MEM_LARGE_PAGES | MEM_TOP_DOWN))
		return FM_E_INVALID_PARAMETER_9;
	status = prepare(SectionHandle, BaseAddress, SectionOffset, ViewSize, AllocationType, Win32Protect, &call);
	if (!status_failed(status) && call.length && CommitSize > call.length)
		status = FM_E_INVALID_PARAMETER_5;
	if (!status_failed(status))
		status = apply_zero_bits(ZeroBits, &call);
	call.commit = CommitSize;
	return status_failed(status) ? status : perform(ProcessHandle, &call, BaseAddress, SectionOffset, ViewSize);
}

NTSTATUS NTAPI NtMapViewOfSectionEx(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID *BaseAddress,
				    PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize, ULONG AllocationType,
				    ULONG PageProtection, PMEM_EXTENDED_PARAMETER ExtendedParameters,
				    ULONG ExtendedParameterCount)
{
	struct map_call call;
	fm_status status = prepare(SectionHandle, BaseAddress, SectionOffset, ViewSize, AllocationType, PageProtection, &call);

	if (!status_failed(status))
		status = extended_of(ExtendedParameters, ExtendedParameterCount, &call.extended);
	return status_failed(status) ? status : perform(ProcessHandle, &call, BaseAddress, SectionOffset, ViewSize);
}

NTSTATUS NTAPI NtUnmapViewOfSectionEx(HANDLE ProcessHandle, PVOID BaseAddress, ULONG Flags)
{
	fm_status status = own_process(ProcessHandle);

	return status_failed(status) ? status : unmap_section(BaseAddress, Flags);
}

NTSTATUS NTAPI NtUnmapViewOfSection(HANDLE ProcessHandle, PVOID BaseAddress)
{
	return NtUnmapViewOfSectionEx(ProcessHandle, BaseAddress, 0);
}

/* The whole pages that [address, +size) means in its view; size 0: to the view's end. */
static void flushed_range(PVOID *base, PSIZE_T size)
{
	uintptr_t start = (uintptr_t)*base & ~(uintptr_t)4095, end = (uintptr_t)*base + *size;
	fm_view_info view;

	if (*size == 0 && fm_view_query(*base, &view) == FM_OK)
		end = (uintptr_t)view.base + view.size;
	*base = (PVOID)start;
	*size = ((end + 4095) & ~(uintptr_t)4095) - start;
}

NTSTATUS NTAPI NtFlushVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize, PIO_STATUS_BLOCK IoStatus)
{
	fm_status status = own_process(ProcessHandle);

	if (!status_failed(status) && (!BaseAddress || !RegionSize || !IoStatus))
		status = FM_E_ACCESS_VIOLATION;
	if (!status_failed(status))
		status = view_flush(*BaseAddress, *RegionSize, FM_FLUSH_WRITE);
	if (status_failed(status))
		return status;
	flushed_range(BaseAddress, RegionSize);
	IoStatus->Status = status;
	IoStatus->Information = *RegionSize;
	return status;
}

static fm_status allocation_of(const void *address, struct vm_info *ret_info)
{
	fm_status status = vm_query((uintptr_t)address, ret_info);

	if (status_failed(status) || ret_info->state == VM_FREE)
		return FM_E_INVALID_ADDRESS;
	return ret_info->kind == VM_MAPPED || ret_info->kind == VM_IMAGE ? FM_OK : FM_E_CONFLICTING_ADDRESSES;
}

/* As Windows answers: two data views are never the same, even of one section; one view is. */
NTSTATUS NTAPI NtAreMappedFilesTheSame(PVOID File1MappedAsAnImage, PVOID File2MappedAsFile)
{
	struct vm_info first, second;
	fm_status status = allocation_of(File1MappedAsAnImage, &first);

	if (!status_failed(status))
		status = allocation_of(File2MappedAsFile, &second);
	if (status_failed(status))
		return status;
	return first.allocation_base == second.allocation_base ? FM_OK : FM_E_NOT_SAME_DEVICE;
}
