/* SPDX-License-Identifier: MIT */
/* VirtualLock, PrefetchVirtualMemory, Offer, Reclaim, Discard (win32-semantics 17). */
#include "support.h"

#define SIZE (8 * PAGE)

static unsigned char *memory_of(DWORD type, DWORD protection)
{
	unsigned char *memory = VirtualAlloc(NULL, SIZE, type, protection);

	REQUIRE_WORKS(memory != NULL);
	return memory;
}

TEST(locked_pages_unlock_once)
{
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);
	unsigned char *view = map_all(section, FILE_MAP_WRITE), *memory = memory_of(MEM_COMMIT, PAGE_READWRITE);

	NEEDS_PLAIN_MEMORY();
	check_row("memory");
	CHECK_WORKS(VirtualLock(memory + 1, PAGE));
	CHECK_WORKS(VirtualLock(memory, 2 * PAGE));
	CHECK_WORKS(VirtualUnlock(memory, 2 * PAGE));
	CHECK_FAILS(VirtualUnlock(memory, PAGE), ERROR_NOT_LOCKED);
	check_row("view");
	CHECK_WORKS(VirtualLock(view, PAGE));
	CHECK_WORKS(VirtualUnlock(view, PAGE));
	CHECK_FAILS(VirtualUnlock(view, PAGE), ERROR_NOT_LOCKED);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(unlock_needs_every_page_locked)
{
	unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE);

	CHECK(VirtualLock(memory, PAGE));
	CHECK_FAILS(VirtualUnlock(memory, 2 * PAGE), ERROR_NOT_LOCKED);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(lock_needs_accessible_pages)
{
	unsigned char *reserved = memory_of(MEM_RESERVE, PAGE_READWRITE);
	unsigned char *noaccess = memory_of(MEM_COMMIT, PAGE_NOACCESS);

	check_row("reserved");
	CHECK_FAILS(VirtualLock(reserved, PAGE), ERROR_INVALID_ADDRESS);
	check_row("noaccess");
	CHECK_FAILS(VirtualLock(noaccess, PAGE), ERROR_NOACCESS);
	CHECK(VirtualFree(reserved, 0, MEM_RELEASE) && VirtualFree(noaccess, 0, MEM_RELEASE));
}

TEST(lock_has_a_limit)
{
	SIZE_T size = 64 << 20;
	unsigned char *memory;

	NEEDS_PLAIN_MEMORY();
	limit_locked_memory();
	memory = VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
	check_row("beyond");
	CHECK_FAILS(VirtualLock(memory, size), ERROR_WORKING_SET_QUOTA);
	check_row("below");
	CHECK_WORKS(VirtualLock(memory, PAGE));
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(lock_of_a_guard_page_fails_once)
{
	unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);

	CHECK_FAILS(VirtualLock(memory, PAGE), 0x80000001);
	CHECK_EQ(query(memory).Protect, PAGE_READWRITE);
	CHECK_WORKS(VirtualLock(memory, PAGE));
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(prefetch_is_a_hint)
{
	HANDLE file = file_of("prefetch", SIZE, GENERIC_READ);
	HANDLE section = CreateFileMappingA(file, NULL, PAGE_READONLY, 0, 0, NULL);
	unsigned char *view = map_all(section, FILE_MAP_READ), *memory = memory_of(MEM_COMMIT, PAGE_READWRITE);
	const struct { const char *name; WIN32_MEMORY_RANGE_ENTRY range; DWORD error; } cases[] = {
		{ "view", { view, SIZE }, 0 }, { "any bytes", { view + 5, 3 }, 0 }, { "memory", { memory, SIZE }, 0 },
		{ "unmapped", { (void *)0x10000, PAGE }, 0 }, { "NULL", { NULL, PAGE }, 0 },
		{ "no bytes", { view, 0 }, ERROR_INVALID_PARAMETER },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		WIN32_MEMORY_RANGE_ENTRY range = cases[i].range;
		BOOL done;

		check_row("%s", cases[i].name);
		SetLastError(UNTOUCHED);
		done = CALL(prefetch)(GetCurrentProcess(), 1, &range, 0);
		CHECK_EQ(done ? 0 : GetLastError(), cases[i].error);
	}
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
	CHECK(UnmapViewOfFile(view) && CloseHandle(section) && CloseHandle(file));
}

TEST(prefetch_refuses_wrong_arguments)
{
	unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE);
	WIN32_MEMORY_RANGE_ENTRY range = { memory, PAGE };

	check_row("no entries");
	CHECK_FAILS(CALL(prefetch)(GetCurrentProcess(), 0, &range, 0), ERROR_INVALID_PARAMETER);
	check_row("flags");
	CHECK_FAILS(CALL(prefetch)(GetCurrentProcess(), 1, &range, 1), ERROR_INVALID_PARAMETER);
	check_row("process");
	CHECK_FAILS(CALL(prefetch)(GARBAGE_HANDLE, 1, &range, 0), ERROR_INVALID_HANDLE);
	check_row("entries NULL");
	CHECK_FAILS(CALL(prefetch)(GetCurrentProcess(), 1, NULL, 0), ERROR_NOACCESS);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

TEST(reclaim_tells_whether_the_contents_survived)
{
	static const OFFER_PRIORITY priorities[] = { VmOfferPriorityVeryLow, VmOfferPriorityLow,
						     VmOfferPriorityBelowNormal, VmOfferPriorityNormal };
	for (size_t i = 0; i < ARRAY_SIZE(priorities); i++) {
		unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE);
		DWORD result;

		check_row("priority %d", (int)priorities[i]);
		memory[0] = 9;
		CHECK_EQ(CALL(offer)(memory, SIZE, priorities[i]), ERROR_SUCCESS);
		result = CALL(reclaim)(memory, SIZE);
		CHECK(result == ERROR_BUSY || (result == ERROR_SUCCESS && memory[0] == 9));
		CHECK_STATUS(touch_write(memory), STATUS_SUCCESS);
		CHECK(VirtualFree(memory, 0, MEM_RELEASE));
	}
}

TEST(discarded_memory_stays_usable)
{
	unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE);

	memory[0] = 9;
	CHECK_EQ(CALL(discard)(memory, SIZE), ERROR_SUCCESS);
	CHECK_STATUS(touch_write(memory), STATUS_SUCCESS);
	CHECK_EQ(query(memory).State, MEM_COMMIT);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE));
}

/* Offer, Reclaim and Discard return the error itself. */
TEST(these_three_are_for_aligned_private_memory)
{
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);
	unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE), *view = map_all(section, FILE_MAP_WRITE);
	const struct { const char *name; unsigned char *address; SIZE_T size; } cases[] = {
		{ "misaligned start", memory + 1, PAGE }, { "misaligned size", memory, PAGE + 1 },
		{ "size 0", memory, 0 }, { "view", view, PAGE },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("offer %s", cases[i].name);
		CHECK_EQ(CALL(offer)(cases[i].address, cases[i].size, VmOfferPriorityLow), ERROR_INVALID_PARAMETER);
		check_row("reclaim %s", cases[i].name);
		CHECK_EQ(CALL(reclaim)(cases[i].address, cases[i].size), ERROR_INVALID_PARAMETER);
		check_row("discard %s", cases[i].name);
		CHECK_EQ(CALL(discard)(cases[i].address, cases[i].size), ERROR_INVALID_PARAMETER);
	}
	check_row("offer priority 0");
	CHECK_EQ(CALL(offer)(memory, PAGE, (OFFER_PRIORITY)0), ERROR_INVALID_PARAMETER);
	check_row("offer priority 5");
	CHECK_EQ(CALL(offer)(memory, PAGE, (OFFER_PRIORITY)5), ERROR_INVALID_PARAMETER);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && UnmapViewOfFile(view) && CloseHandle(section));
}

TEST(working_set_can_be_emptied)
{
	HANDLE section = memory_section(PAGE_READWRITE, SIZE);
	unsigned char *memory = memory_of(MEM_COMMIT, PAGE_READWRITE), *view = map_all(section, FILE_MAP_COPY);

	memory[0] = 3;
	view[0] = 4;
	check_row("EmptyWorkingSet");
	CHECK_WORKS(EmptyWorkingSet(GetCurrentProcess()));
	CHECK_EQ(memory[0], 3);
	CHECK_EQ(view[0], 4);
	check_row("SetProcessWorkingSetSize");
	CHECK_WORKS(SetProcessWorkingSetSize(GetCurrentProcess(), (SIZE_T)-1, (SIZE_T)-1));
	CHECK_EQ(memory[0], 3);
	CHECK_EQ(view[0], 4);
	check_row("of no process");
	CHECK_FAILS(EmptyWorkingSet(GARBAGE_HANDLE), ERROR_INVALID_HANDLE);
	CHECK(VirtualFree(memory, 0, MEM_RELEASE) && UnmapViewOfFile(view) && CloseHandle(section));
}
