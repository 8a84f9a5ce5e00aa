/* SPDX-License-Identifier: MIT */
/* Residency and contents: lock, prefetch, offer, discard, working sets, write watch. */
#include <psapi.h>

#include "os.h"
#include "vm.h"
#include "win32.h"

BOOL WINAPI VirtualLock(LPVOID lpAddress, SIZE_T dwSize)
{
	return finish(vm_lock((uintptr_t)lpAddress, dwSize));
}

BOOL WINAPI VirtualUnlock(LPVOID lpAddress, SIZE_T dwSize)
{
	return finish(vm_unlock((uintptr_t)lpAddress, dwSize));
}

static fm_status check_entries(const WIN32_MEMORY_RANGE_ENTRY *entries, ULONG_PTR count)
{
	if (count == 0)
		return FM_E_INVALID_PARAMETER_3;
	if (!entries)
		return FM_E_ACCESS_VIOLATION;
	for (ULONG_PTR i = 0; i < count; i++)
		if (entries[i].NumberOfBytes == 0)
			return FM_E_INVALID_PARAMETER_4;
	return FM_OK;
}

BOOL WINAPI PrefetchVirtualMemory(HANDLE hProcess, ULONG_PTR NumberOfEntries,
				  PWIN32_MEMORY_RANGE_ENTRY VirtualAddresses, ULONG Flags)
{
	fm_status status = own_process(hProcess);

	if (!status_failed(status) && Flags)
		status = FM_E_INVALID_PARAMETER;
	if (!status_failed(status))
		status = check_entries(VirtualAddresses, NumberOfEntries);
	for (ULONG_PTR i = 0; !status_failed(status) && i < NumberOfEntries; i++)
		vm_prefetch((uintptr_t)VirtualAddresses[i].VirtualAddress, VirtualAddresses[i].NumberOfBytes);
	return finish(status);
}

/* The next three return the error and leave the last error alone. */

DWORD WINAPI OfferVirtualMemory(PVOID VirtualAddress, SIZE_T Size, OFFER_PRIORITY Priority)
{
	if (Priority < VmOfferPriorityVeryLow || Priority > VmOfferPriorityNormal)
		return ERROR_INVALID_PARAMETER;
	return fm_status_win32(vm_offer((uintptr_t)VirtualAddress, Size));
}

DWORD WINAPI ReclaimVirtualMemory(void const *VirtualAddress, SIZE_T Size)
{
	bool lost = false;
	fm_status status = vm_reclaim((uintptr_t)VirtualAddress, Size, &lost);

	return lost ? ERROR_BUSY : fm_status_win32(status);
}

DWORD WINAPI DiscardVirtualMemory(PVOID VirtualAddress, SIZE_T Size)
{
	return fm_status_win32(vm_discard((uintptr_t)VirtualAddress, Size));
}

BOOL WINAPI EmptyWorkingSet(HANDLE hProcess)
{
	fm_status status = own_process(hProcess);

	if (!status_failed(status))
		vm_trim();
	return finish(status);
}

/* What the minimum decides is how much may be locked. Both -1: empty it. */
BOOL WINAPI SetProcessWorkingSetSize(HANDLE hProcess, SIZE_T dwMinimumWorkingSetSize,
				     SIZE_T dwMaximumWorkingSetSize)
{
	fm_status status = own_process(hProcess);

	if (status_failed(status))
		return finish(status);
	if (dwMinimumWorkingSetSize == (SIZE_T)-1 && dwMaximumWorkingSetSize == (SIZE_T)-1)
		vm_trim();
	else if (dwMinimumWorkingSetSize > dwMaximumWorkingSetSize || dwMinimumWorkingSetSize == 0)
		status = FM_E_INVALID_PARAMETER;
	else
		status = vm_allow_lock(dwMinimumWorkingSetSize);
	return finish(status);
}

#define WATCH_FAILED ((UINT)-1)

UINT WINAPI GetWriteWatch(DWORD dwFlags, PVOID lpBaseAddress, SIZE_T dwRegionSize, PVOID *lpAddresses,
			  ULONG_PTR *lpdwCount, LPDWORD lpdwGranularity)
{
	fm_status status = FM_OK;
	size_t count = 0;

	if (!lpAddresses || !lpdwCount || !lpdwGranularity)
		status = FM_E_ACCESS_VIOLATION;
	else if (dwFlags & ~(DWORD)WRITE_WATCH_FLAG_RESET)
		status = FM_E_INVALID_PARAMETER;
	if (!status_failed(status)) {
		count = *lpdwCount;
		status = vm_written((uintptr_t)lpBaseAddress, dwRegionSize, dwFlags & WRITE_WATCH_FLAG_RESET, lpAddresses,
				    &count);
	}
	if (!finish(status))
		return WATCH_FAILED;
	*lpdwCount = count;
	*lpdwGranularity = OS_PAGE;
	return 0;
}

UINT WINAPI ResetWriteWatch(LPVOID lpBaseAddress, SIZE_T dwRegionSize)
{
	return finish(vm_reset_written((uintptr_t)lpBaseAddress, dwRegionSize)) ? 0 : WATCH_FAILED;
}
