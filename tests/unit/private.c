/* SPDX-License-Identifier: MIT */
/* Contracts of private memory: reserve, commit, protect, free; the model (tests/model/memory.c) mixes them. */
#include <errno.h>
#include <sys/mman.h>

#include "fault.h"
#include "os.h"
#include "vm_make.h"

TEST(reserved_memory_costs_and_gives_nothing)
{
	char *memory = make_private((size_t)1 << 36, VM_RESERVE, RW);

	CHECK_EQ(touch(memory, false), SIGSEGV);
	CHECK_EQ(vm_info_of(memory).size, (size_t)1 << 36);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
}

TEST(large_memory_is_aligned_for_huge_pages)
{
	char *memory = make_private((size_t)4 << 20, VM_RESERVE | VM_COMMIT, RW);

	CHECK_EQ((uintptr_t)memory % ((size_t)2 << 20), 0);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
}

TEST(each_bad_request_has_its_status)
{
	const uintptr_t highest = vm_highest();
	const struct { const char *name; uintptr_t address; size_t size; uint32_t type, protection; fm_status status; }
	cases[] = {
		{ "no type", 0, PAGE, 0, RW, FM_E_INVALID_PARAMETER_5 },
		{ "unknown type", 0, PAGE, 0x10, RW, FM_E_INVALID_PARAMETER_5 },
		{ "physical", 0, PAGE, VM_RESERVE | VM_PHYSICAL, RW, FM_E_INVALID_PARAMETER_5 },
		{ "size 0", 0, 0, VM_RESERVE, RW, FM_E_INVALID_PARAMETER_4 },
		{ "first 64 KiB", PAGE, PAGE, VM_RESERVE, RW, FM_E_INVALID_PARAMETER_2 },
		{ "beyond the end", highest + 1, PAGE, VM_RESERVE, RW, FM_E_INVALID_PARAMETER_2 },
		{ "through the end", highest - 0xffff, 2 * UNIT, VM_RESERVE, RW, FM_E_INVALID_PARAMETER_3 },
		{ "all addresses", 0, SIZE_MAX, VM_RESERVE, RW, FM_E_INVALID_PARAMETER_3 },
		{ "more than there is", 0, highest + 2, VM_RESERVE, RW, FM_E_INVALID_PARAMETER_3 },
		{ "all there is", 0, highest - 0xffff, VM_RESERVE, RW, FM_E_NO_MEMORY },
		{ "copy-on-write", 0, PAGE, VM_COMMIT, FM_READ | FM_COPY, FM_E_INVALID_PAGE_PROTECTION },
		{ "more than memory", 0, (size_t)1 << 45, VM_RESERVE | VM_COMMIT, RW, FM_E_COMMITMENT_LIMIT },
		{ "large pages, reserved", 0, PAGE, VM_LARGE_PAGES | VM_RESERVE, RW, FM_E_INVALID_PARAMETER_5 },
		{ "large pages, odd size", 0, PAGE, VM_LARGE_PAGES | VM_RESERVE | VM_COMMIT, RW,
		  FM_E_INVALID_PARAMETER },
		{ "large pages", 0, VM_LARGE_PAGE, VM_LARGE_PAGES | VM_RESERVE | VM_COMMIT, RW,
		  FM_E_PRIVILEGE_NOT_HELD },
		{ "reset and commit", UNIT, PAGE, VM_RESET | VM_COMMIT, RW, FM_E_INVALID_PARAMETER_5 },
		{ "placeholder of a plain call", 0, PAGE, VM_RESERVE | VM_RESERVE_PLACEHOLDER, 0,
		  FM_E_INVALID_PARAMETER },
		{ "large pages, watched", 0, VM_LARGE_PAGE, VM_LARGE_PAGES | VM_RESERVE | VM_COMMIT | VM_WRITE_WATCH, RW,
		  FM_E_INVALID_PARAMETER_5 },
		{ "reset of nothing", UNIT, PAGE, VM_RESET, RW, FM_E_CONFLICTING_ADDRESSES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vm_request request = { .address = cases[i].address, .size = cases[i].size,
					      .type = cases[i].type, .protection = cases[i].protection };
		struct vm_range range = { 1, 2 };

		check_row("%s", cases[i].name);
		CHECK_EQ(vm_allocate(&request, &range), cases[i].status);
		CHECK(range.base == 1 && range.size == 2);
	}
}

TEST(top_down_is_above_bottom_up)
{
	struct vm_request above = { .size = UNIT, .type = VM_RESERVE | VM_TOP_DOWN };
	struct vm_request below = { .size = UNIT, .type = VM_RESERVE, .lowest = (uintptr_t)1 << 32 };
	struct vm_range high, low, next;

	REQUIRE_EQ(vm_allocate(&above, &high), FM_OK);
	REQUIRE_EQ(vm_allocate(&above, &next), FM_OK);
	REQUIRE_EQ(vm_allocate(&below, &low), FM_OK);
	CHECK(high.base > next.base && next.base > low.base);
	CHECK(low.base >= below.lowest);
	CHECK(free_at((void *)high.base, 0, VM_RELEASE) == FM_OK && free_at((void *)next.base, 0, VM_RELEASE) == FM_OK);
	CHECK_EQ(free_at((void *)low.base, 0, VM_RELEASE), FM_OK);
}

TEST(top_down_leaves_the_stack_room)
{
	struct vm_request request = { .size = UNIT, .type = VM_RESERVE | VM_TOP_DOWN };
	struct vm_range range;
	uintptr_t here = (uintptr_t)&request;

	request.highest = (here & ~(PAGE - 1)) - 1;
	if (request.highest > vm_highest()) /* without randomisation the stack begins at the very end */
		request.highest = vm_highest();
	REQUIRE_EQ(vm_allocate(&request, &range), FM_OK);
	CHECK(here - range.base > (size_t)100 << 20);
	CHECK_EQ(free_at((void *)range.base, 0, VM_RELEASE), FM_OK);
}

TEST(bounds_are_filled_and_then_full)
{
	uintptr_t window = free_window(4 * UNIT), bases[4];
	struct vm_request request = { .size = UNIT, .type = VM_RESERVE, .lowest = window,
				      .highest = window + 4 * UNIT - 1 };
	struct vm_range range;

	for (unsigned i = 0; i < 4; i++) {
		request.type = VM_RESERVE | (i % 2 ? VM_TOP_DOWN : 0);
		REQUIRE_EQ(vm_allocate(&request, &range), FM_OK);
		bases[i] = range.base - request.lowest;
	}
	CHECK(bases[0] == 0 && bases[1] == 3 * UNIT && bases[2] == UNIT && bases[3] == 2 * UNIT);
	CHECK_EQ(vm_allocate(&request, &range), FM_E_NO_MEMORY);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(free_at((char *)request.lowest + i * UNIT, 0, VM_RELEASE), FM_OK);
}

TEST(a_part_may_be_released)
{
	char *memory = make_private(8 * PAGE, VM_RESERVE | VM_COMMIT, RW);

	memory[0] = 1;
	memory[7 * PAGE] = 7;
	CHECK_EQ(protect_at(memory + 6 * PAGE, PAGE, FM_READ), FM_OK);
	CHECK_EQ(free_at(memory + 2 * PAGE, 2 * PAGE, VM_RELEASE), FM_OK);
	CHECK_EQ(state_at(memory + 2 * PAGE), VM_FREE);
	CHECK_EQ(vm_info_of(memory).size, 2 * PAGE);
	CHECK_EQ(vm_info_of(memory + 7 * PAGE).allocation_base, (uintptr_t)memory + 4 * PAGE);
	CHECK_EQ(vm_info_of(memory + 6 * PAGE).protection, FM_READ);
	CHECK(memory[0] == 1 && memory[7 * PAGE] == 7);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
	CHECK_EQ(free_at(memory + 4 * PAGE, 0, VM_RELEASE), FM_OK);
}

TEST(region_information_counts_what_is_committed)
{
	char *memory = make_private(UNIT, VM_RESERVE, FM_READ);
	struct vm_region_info info;

	CHECK_EQ(allocate_at(memory + PAGE, 3 * PAGE, VM_COMMIT, RW), FM_OK);
	REQUIRE_EQ(vm_query_region((uintptr_t)memory + 5 * PAGE, &info), FM_OK);
	CHECK(info.base == (uintptr_t)memory && info.size == UNIT && info.committed == 3 * PAGE);
	CHECK(info.protection == FM_READ && info.kind == VM_PRIVATE && !info.placeholder);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
	CHECK_EQ(vm_query_region((uintptr_t)memory, &info), FM_E_INVALID_ADDRESS);
}

TEST(guard_and_noaccess_fault)
{
	char *memory = make_private(2 * PAGE, VM_COMMIT, RW);

	memory[0] = 5;
	CHECK_EQ(protect_at(memory, PAGE, RW | FM_GUARD), FM_OK);
	CHECK_EQ(touch(memory, false), SIGSEGV);
	CHECK_EQ(protect_at(memory, PAGE, FM_NOACCESS), FM_OK);
	CHECK_EQ(touch(memory, false), SIGSEGV);
	CHECK_EQ(protect_at(memory, PAGE, RW), FM_OK);
	CHECK_EQ(memory[0], 5);
	CHECK_EQ(vm_info_of(memory).size, 2 * PAGE);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
}

/* ---- every call fails cleanly ---- */

static char *block;
static unsigned whole; /* all 8 pages are committed, and nothing is noted by page; else 0-3 only */

static fm_status do_commit(void)
{
	return allocate_at(block + 2 * PAGE, 4 * PAGE, VM_COMMIT, FM_READ);
}

static fm_status do_decommit(void)
{
	return free_at(block + PAGE, 2 * PAGE, VM_DECOMMIT);
}

static fm_status do_protect(void)
{
	return protect_at(block + PAGE, 2 * PAGE, FM_READ);
}

static fm_status do_release_part(void)
{
	return free_at(block + 2 * PAGE, 3 * PAGE, VM_RELEASE);
}

static bool committed(unsigned page)
{
	return whole || page < 4;
}

static void check_block(void)
{
	for (unsigned i = 0; i < 8; i++) {
		struct vm_info info = vm_info_of(block + i * PAGE);

		CHECK_EQ(info.state, committed(i) ? VM_COMMITTED : VM_RESERVED);
		CHECK_EQ(info.allocation_base, (uintptr_t)block);
		CHECK_EQ(touch(block + i * PAGE, true), committed(i) ? 0 : SIGSEGV);
		if (committed(i))
			CHECK_EQ(block[i * PAGE], i + 1);
	}
}

static void make_block(void)
{
	block = make_private(8 * PAGE, VM_RESERVE | (whole ? VM_COMMIT : 0), RW);
	if (!whole)
		REQUIRE_EQ(allocate_at(block, 4 * PAGE, VM_COMMIT, RW), FM_OK);
	for (unsigned i = 0; i < 8; i++)
		if (committed(i))
			block[i * PAGE] = (char)(i + 1);
}

static void free_block(void)
{
	for (char *at = block; at < block + 8 * PAGE; at += vm_info_of(at).size)
		if (state_at(at) != VM_FREE && vm_info_of(at).allocation_base == (uintptr_t)at)
			CHECK_EQ(free_at(at, 0, VM_RELEASE), FM_OK);
}

static void each_failure(const char *name, fm_status (*call)(void), bool allocations)
{
	bool fired = true;

	for (unsigned nth = 1; fired; nth++) {
		fm_status status;

		check_row("%s, %s %u, %s", name, allocations ? "allocation" : "system call", nth,
			  whole ? "whole" : "in part");
		make_block();
		if (allocations)
			fault_arm_allocation(nth, FAULT_ONCE);
		else
			fault_arm("*", nth, FAULT_ONCE, ENOMEM);
		status = call();
		fired = fault_disarm();
		if (status != FM_OK)
			check_block();
		free_block();
	}
}

static int (*real_mprotect)(void *at, size_t size, int prot);
static bool half_failed;

/* As the kernel, when it runs out of mappings midway. */
static int mprotect_half(void *at, size_t size, int prot)
{
	if (half_failed)
		return real_mprotect(at, size, prot);
	half_failed = true;
	(void)real_mprotect(at, size / 2, prot);
	return -ENOMEM;
}

static void half_failure(const char *name, fm_status (*call)(void))
{
	check_row("%s, half, %s", name, whole ? "whole" : "in part");
	make_block();
	real_mprotect = os.mprotect;
	half_failed = false;
	os.mprotect = mprotect_half;
	CHECK(call() != FM_OK);
	os.mprotect = real_mprotect;
	check_block();
	free_block();
}

TEST(a_failed_call_changes_nothing)
{
	static const struct { const char *name; fm_status (*call)(void); } cases[] = {
		{ "commit", do_commit }, { "decommit", do_decommit }, { "protect", do_protect },
		{ "release a part", do_release_part },
	};

	for (whole = 0; whole < 2; whole++) {
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			each_failure(cases[i].name, cases[i].call, false);
			each_failure(cases[i].name, cases[i].call, true);
		}
		half_failure("commit", do_commit);
		half_failure("protect", do_protect);
	}
}

/* Every system call and allocation of it fails in turn. */
static void reserve_and_fail(uint32_t type)
{
	struct fault_world before;

	CHECK_EQ(free_at(make_private(PAGE, type, FM_NOACCESS), 0, VM_RELEASE), FM_OK);
	before = fault_world();
	for (int of_memory = 0; of_memory < 2; of_memory++) {
		bool fired = true;

		for (unsigned nth = 1; fired; nth++) {
			struct vm_request request = { .size = PAGE, .type = type, .extended = true };
			struct vm_range range;
			fm_status status;

			check_row("type %#x, failure %u", type, nth);
			if (of_memory)
				fault_arm_allocation(nth, FAULT_ONCE);
			else
				fault_arm("*", nth, FAULT_ONCE, ENOMEM);
			status = vm_allocate(&request, &range);
			fired = fault_disarm();
			if (status == FM_OK)
				CHECK_EQ(free_at((void *)range.base, 0, VM_RELEASE), FM_OK);
			CHECK_SAME_WORLD(before);
		}
	}
}

TEST(a_failed_reservation_leaves_nothing)
{
	static const uint32_t types[] = { VM_RESERVE, VM_RESERVE | VM_COMMIT, VM_RESERVE | VM_RESERVE_PLACEHOLDER,
					  VM_RESERVE | VM_TOP_DOWN };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		reserve_and_fail(types[i]);
}

TEST(a_failed_reservation_with_a_watch_leaves_nothing)
{
	need_watch();
	reserve_and_fail(VM_RESERVE | VM_COMMIT | VM_WRITE_WATCH);
}
