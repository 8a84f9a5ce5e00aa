/* SPDX-License-Identifier: MIT */
/* GetSystemInfo and what follows from it (win32-semantics 18.3). */
#include "support.h"

TEST(pages_and_granularity)
{
	SYSTEM_INFO info, native;

	GetSystemInfo(&info);
	GetNativeSystemInfo(&native);
	check_row("page");
	CHECK_EQ(info.dwPageSize, 4096);
	check_row("granularity");
	CHECK_EQ(info.dwAllocationGranularity, 65536);
	check_row("lowest address");
	CHECK((ULONG_PTR)info.lpMinimumApplicationAddress == 0x10000);
	check_row("highest address ends a unit");
	CHECK_EQ((ULONG_PTR)info.lpMaximumApplicationAddress & 0xffff, 0xffff);
	check_row("processors");
	CHECK(info.dwNumberOfProcessors >= 1);
	CHECK(info.dwActiveProcessorMask != 0);
	check_row("native is the same");
	CHECK_EQ(native.dwPageSize, info.dwPageSize);
	CHECK_EQ(native.dwAllocationGranularity, info.dwAllocationGranularity);
	CHECK_EQ(native.dwNumberOfProcessors, info.dwNumberOfProcessors);
	CHECK_EQ(native.wProcessorArchitecture, info.wProcessorArchitecture);
}

TEST(own_memory_lies_between_the_addresses)
{
	SYSTEM_INFO info;
	HANDLE section = memory_section(PAGE_READWRITE, PAGE);
	unsigned char *view = map_all(section, FILE_MAP_READ);

	GetSystemInfo(&info);
	CHECK(view >= (unsigned char *)info.lpMinimumApplicationAddress);
	CHECK(view <= (unsigned char *)info.lpMaximumApplicationAddress);
	CHECK(UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(addresses_beyond_the_highest_cannot_be_queried)
{
	SYSTEM_INFO info;
	MEMORY_BASIC_INFORMATION memory;

	GetSystemInfo(&info);
	CHECK_FAILS(VirtualQuery((char *)info.lpMaximumApplicationAddress + 0x10000, &memory, sizeof(memory)),
		    ERROR_INVALID_PARAMETER);
}

TEST(large_pages_are_of_2_mib)
{
	CHECK_EQ(GetLargePageMinimum(), 0x200000);
}

TEST(current_process_is_a_pseudo_handle)
{
	CHECK(GetCurrentProcess() == (HANDLE)(LONG_PTR)-1);
	CHECK(GetCurrentProcessId() != 0);
}
