/* SPDX-License-Identifier: MIT */
/* Where there is room: searches within bounds, kernels that answer otherwise, spaces that are small. */
#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "fault.h"
#include "image.h"
#include "maps.h"
#include "os.h"
#include "place.h"
#include "vm_make.h"

static uintptr_t window; /* of eight units; a page of the third and of the sixth is taken */

static void make_window(void)
{
	window = free_window(8 * UNIT);
	for (size_t unit = 2; unit < 8; unit += 3)
		REQUIRE(mmap((void *)(window + unit * UNIT + 4 * PAGE), PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != MAP_FAILED);
}

TEST(a_search_finds_the_first_place_that_is_large_enough)
{
	static const struct { const char *name; size_t lowest, highest, size; bool down; long found; } cases[] = {
		{ "from below", 0, 8 * UNIT, UNIT, false, 0 },
		{ "from within a unit", PAGE, 8 * UNIT, UNIT, false, UNIT },
		{ "a small place behind the obstacle", 2 * UNIT + 6 * PAGE, 8 * UNIT, UNIT, false, 3 * UNIT },
		{ "between the obstacles", UNIT, 8 * UNIT, 2 * UNIT, false, 3 * UNIT },
		{ "nowhere between them", UNIT, 6 * UNIT, 3 * UNIT, false, -1 },
		{ "behind them", UNIT, 8 * UNIT, 2 * UNIT + 5 * PAGE, false, -1 },
		{ "a place that ends in front of an obstacle", 3 * UNIT, 8 * UNIT, 2 * UNIT + 4 * PAGE, false, 3 * UNIT },
		{ "from above", 0, 8 * UNIT, UNIT, true, 7 * UNIT },
		{ "from above, between", 0, 7 * UNIT, 2 * UNIT, true, 3 * UNIT },
		{ "from above, at the bottom", 0, 5 * UNIT, 3 * UNIT, true, -1 },
		{ "from above, below them", 0, 3 * UNIT, 2 * UNIT, true, 0 },
		{ "from above, nowhere", 2 * UNIT, 6 * UNIT, 3 * UNIT, true, -1 },
	};

	make_window();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct place_bounds bounds = { window + cases[i].lowest, window + cases[i].highest - 1, 0, cases[i].down };

		check_row("%s", cases[i].name);
		CHECK_EQ(place_search(cases[i].size, &bounds), cases[i].found < 0 ? 0 : window + (size_t)cases[i].found);
	}
}

TEST(bounds_beyond_the_end_are_those_of_the_end)
{
	struct place_bounds bounds = { window, UINTPTR_MAX, 0, true };

	make_window();
	bounds.lowest = window;
	CHECK(place_search(UNIT, &bounds) >= window);
	CHECK(place_search(UNIT, &bounds) <= vm_highest());
}

TEST(bounds_that_hold_nothing_have_no_place)
{
	const uintptr_t highest = vm_highest(), low = (uintptr_t)1 << 33;
	const struct { const char *name; uintptr_t lowest, highest; size_t size; bool down; } cases[] = {
		{ "reversed", low, low - UNIT, PAGE, false },
		{ "smaller than asked for", low, low + PAGE - 1, 2 * PAGE, false },
		{ "beyond the end", highest + 1, 0, PAGE, false },
		{ "no unit begins within", highest - PAGE, highest, PAGE, false },
		{ "no unit begins within, from above", highest - PAGE, highest, PAGE, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct place_bounds bounds = { cases[i].lowest, cases[i].highest, 0, cases[i].down };

		check_row("%s", cases[i].name);
		CHECK_EQ(place_search(cases[i].size, &bounds), 0);
	}
}

/* As far as the stack may grow, and a hundred megabytes at least. */
TEST(the_stack_keeps_the_room_that_its_limit_promises)
{
	static const struct { rlim_t limit; size_t room; } cases[] = {
		{ 8 << 20, (size_t)128 << 20 }, { (rlim_t)1 << 30, (size_t)1 << 30 }, { RLIM_INFINITY, (size_t)128 << 20 },
	};
	struct rlimit limit, former;
	struct os_map stack;
	uintptr_t place;

	REQUIRE_EQ(os_find_map((uintptr_t)&limit, &stack), 0);
	REQUIRE(strcmp(stack.path, "[stack]") == 0);
	struct place_bounds bounds = { 0, stack.start - 1, 0, true };
	REQUIRE_EQ(getrlimit(RLIMIT_STACK, &former), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases) + 1; i++) {
		bool unknown = i == ARRAY_SIZE(cases);
		size_t room = unknown ? (size_t)128 << 20 : cases[i].room;

		check_row("limit %zu", i);
		limit = (struct rlimit){ unknown ? 0 : cases[i].limit, former.rlim_max };
		if (!unknown && limit.rlim_cur > former.rlim_max)
			continue; /* the system allows no such limit */
		if (unknown)
			fault_arm("getrlimit", 1, FAULT_FROM, EPERM);
		else
			REQUIRE_EQ(setrlimit(RLIMIT_STACK, &limit), 0);
		place = place_search(PAGE, &bounds);
		fault_disarm();
		CHECK(place != 0);
		CHECK(stack.end - place >= room);
	}
}

/* ---- kernels and spaces that are otherwise ---- */

static intptr_t (*real_mmap)(void *at, size_t size, int prot, int flags, int fd, uint64_t offset);
static unsigned hints_only, refusals, plain_calls, plain_allowed = UINT_MAX;

/* Before Linux 4.17, which knew no MAP_FIXED_NOREPLACE and took the address for a hint. */
static intptr_t mmap_of_old(void *at, size_t size, int prot, int flags, int fd, uint64_t offset)
{
	hints_only += (flags & MAP_FIXED_NOREPLACE) != 0;
	return real_mmap(at, size, prot, flags & ~MAP_FIXED_NOREPLACE, fd, offset);
}

static intptr_t mmap_refusing(void *at, size_t size, int prot, int flags, int fd, uint64_t offset)
{
	if (!(flags & MAP_FIXED_NOREPLACE))
		return plain_calls++ < plain_allowed ? real_mmap(at, size, prot, flags, fd, offset) : -ENOMEM;
	refusals++;
	return -EEXIST;
}

static void hook_mmap(intptr_t (*hook)(void *at, size_t size, int prot, int flags, int fd, uint64_t offset))
{
	real_mmap = os.mmap;
	os.mmap = hook;
}

TEST(a_kernel_that_takes_an_address_for_a_hint_maps_nowhere_else)
{
	char *taken = mmap(NULL, UNIT, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t at = (uintptr_t)taken & ~(UNIT - 1), window_at = free_window(UNIT);
	struct fault_world before;

	CHECK_EQ(free_at(make_private(PAGE, VM_RESERVE, RW), 0, VM_RELEASE), FM_OK);
	hook_mmap(mmap_of_old);
	before = fault_world();
	CHECK_EQ(allocate_at((void *)(at ? at + UNIT : 0), PAGE, VM_RESERVE, RW) == FM_OK, false);
	CHECK_EQ(hints_only, 1);
	CHECK_SAME_WORLD(before);
	CHECK_EQ(allocate_at((void *)window_at, PAGE, VM_RESERVE, RW), FM_OK);
	CHECK_EQ(hints_only, 2);
}

TEST(without_a_place_of_ours_the_kernel_chooses)
{
	static const size_t sizes[] = { PAGE, UNIT, (size_t)4 << 20 };

	hook_mmap(mmap_refusing);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *memory = make_private(sizes[i], VM_RESERVE | VM_COMMIT, RW);

		check_row("%zu bytes", sizes[i]);
		CHECK(refusals > 10);
		CHECK_EQ((uintptr_t)memory % (sizes[i] > UNIT ? (size_t)2 << 20 : UNIT), 0);
		CHECK_EQ(touch(memory + sizes[i] - 1, true), 0);
		CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
		refusals = 0;
	}
}

TEST(room_of_the_kernels_choice_is_given_back_when_it_cannot_be_used)
{
	struct fault_world before;

	CHECK_EQ(free_at(make_private(UNIT, VM_RESERVE, RW), 0, VM_RELEASE), FM_OK);
	hook_mmap(mmap_refusing);
	before = fault_world();
	for (plain_allowed = 0; plain_allowed < 2; plain_allowed++) { /* the room; the mapping in it */
		struct vm_request request = { .size = UNIT, .type = VM_RESERVE };
		struct vm_range range;

		check_row("mapping %u fails", plain_allowed + 1);
		plain_calls = 0;
		CHECK_EQ(vm_allocate(&request, &range), FM_E_NO_MEMORY);
		CHECK_EQ(plain_calls, plain_allowed + 1);
		CHECK_SAME_WORLD(before);
	}
}

TEST(a_freed_place_that_others_took_is_passed_by)
{
	char *first = make_private(UNIT, VM_RESERVE, RW), *second = make_private(UNIT, VM_RESERVE, RW), *third;

	REQUIRE_EQ(free_at(first, 0, VM_RELEASE), FM_OK);
	REQUIRE(mmap(first, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == first);
	third = make_private(UNIT, VM_RESERVE, RW);
	CHECK(third != first && third != second);
	CHECK_EQ((uintptr_t)third % UNIT, 0);
}

TEST(within_bounds_that_others_keep_filling_there_is_no_place)
{
	struct vm_request request = { .size = PAGE, .type = VM_RESERVE, .lowest = (uintptr_t)1 << 33 };
	struct vm_range range;

	hook_mmap(mmap_refusing);
	CHECK_EQ(vm_allocate(&request, &range), FM_E_NO_MEMORY);
	CHECK(refusals > 10);
}

TEST(without_room_for_a_range_of_ours_the_kernel_chooses)
{
	char *memory;

	fault_arm("mmap", 2, FAULT_ONCE, ENOMEM); /* the first one is the page of locks */
	memory = make_private(PAGE, VM_RESERVE | VM_COMMIT, RW);
	CHECK(fault_disarm());
	CHECK_EQ((uintptr_t)memory % UNIT, 0);
	CHECK_EQ(touch(memory, true), 0);
}

enum { SMALL_TOP = 36 }; /* 64 GiB of addresses: where a kernel of 39 bits puts its first mapping, or less */
static bool probed;

static intptr_t mmap_of_small_space(void *at, size_t size, int prot, int flags, int fd, uint64_t offset)
{
	if (at || size != PAGE || probed || prot != PROT_NONE)
		return real_mmap(at, size, prot, flags, fd, offset);
	probed = true;
	return real_mmap((void *)((uintptr_t)1 << SMALL_TOP), size, prot, flags | MAP_FIXED_NOREPLACE, fd, offset);
}

TEST(a_small_address_space_is_used_to_its_end_and_again)
{
	const size_t piece = (size_t)5 << 30;
	char *pieces[4], *again, *beyond;
	void *low = (void *)((uintptr_t)1 << (SMALL_TOP - 1)), *taken;

	taken = mmap(low, (size_t)1 << SMALL_TOP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
		     MAP_FIXED_NOREPLACE, -1, 0);
	if (taken != low)
		check_skip("others lie at low addresses (a sanitizer's shadow)");
	REQUIRE_EQ(munmap(taken, (size_t)1 << SMALL_TOP), 0);
	hook_mmap(mmap_of_small_space);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) { /* of the 24 GiB between 32 and 56 GiB */
		pieces[i] = make_private(piece, VM_RESERVE, RW);
		CHECK(probed);
		CHECK((uintptr_t)pieces[i] >= (uintptr_t)1 << (SMALL_TOP - 1));
		CHECK((uintptr_t)pieces[i] + piece <= (uintptr_t)7 << (SMALL_TOP - 3));
	}
	beyond = make_private(piece, VM_RESERVE, RW); /* full: the kernel finds a place elsewhere */
	CHECK((uintptr_t)beyond > (uintptr_t)1 << SMALL_TOP);
	beyond = make_private((size_t)30 << 30, VM_RESERVE, RW); /* never fits */
	CHECK((uintptr_t)beyond > (uintptr_t)1 << SMALL_TOP);
	CHECK_EQ(free_at(pieces[0], 0, VM_RELEASE), FM_OK);
	again = make_private(piece, VM_RESERVE, RW);
	CHECK(again == pieces[0]);
}
