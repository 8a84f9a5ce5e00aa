/* SPDX-License-Identifier: MIT */
/* GetSystemInfo, GetNativeSystemInfo, GetLargePageMinimum. */
#include "os.h"
#include "place.h"
#include "vm.h"
#include "win32.h"

#if defined(__x86_64__)
#define ARCHITECTURE PROCESSOR_ARCHITECTURE_AMD64
#elif defined(__aarch64__)
#define ARCHITECTURE PROCESSOR_ARCHITECTURE_ARM64
#else
#define ARCHITECTURE PROCESSOR_ARCHITECTURE_UNKNOWN
#endif

VOID WINAPI GetSystemInfo(LPSYSTEM_INFO lpSystemInfo)
{
	unsigned processors = os_processors();

	if (!lpSystemInfo)
		return;
	*lpSystemInfo = (SYSTEM_INFO){
		.wProcessorArchitecture = ARCHITECTURE,
		.dwPageSize = OS_PAGE,
		.lpMinimumApplicationAddress = (void *)VM_LOWEST,
		.lpMaximumApplicationAddress = (void *)vm_highest(),
		.dwActiveProcessorMask = processors < 64 ? (DWORD_PTR)((1ull << processors) - 1) : ~(DWORD_PTR)0,
		.dwNumberOfProcessors = processors,
		.dwProcessorType = ARCHITECTURE == PROCESSOR_ARCHITECTURE_AMD64 ? 8664 : 0,
		.dwAllocationGranularity = GRANULARITY,
	};
}

VOID WINAPI GetNativeSystemInfo(LPSYSTEM_INFO lpSystemInfo)
{
	GetSystemInfo(lpSystemInfo);
}

SIZE_T WINAPI GetLargePageMinimum(VOID)
{
	return VM_LARGE_PAGE;
}
