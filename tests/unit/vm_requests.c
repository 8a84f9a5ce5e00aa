/* SPDX-License-Identifier: MIT */
/* Which requests about memory are refused, and as what: the parameter that is wrong, or what lies there. */
#include <sys/mman.h>

#include "grace.h"
#include "image.h"
#include "os.h"
#include "vm_make.h"

static char *block, *hole, *view; /* four pages each */

static void make_all(void)
{
	block = make_private(4 * PAGE, VM_RESERVE, RW);
	REQUIRE_EQ(allocate_at(block, PAGE, VM_COMMIT, RW), FM_OK);
	hole = make_placeholder(4 * PAGE);
	view = make_view(make_memory(4 * PAGE, 0), FM_WRITE, 0, 0);
}

TEST(placeholders_are_asked_for_in_one_way)
{
	const struct { const char *name; uint32_t type, protection; bool extended; fm_status status; } cases[] = {
		{ "of a plain call", VM_RESERVE | VM_RESERVE_PLACEHOLDER, 0, false, FM_E_INVALID_PARAMETER },
		{ "not reserved", VM_COMMIT | VM_REPLACE_PLACEHOLDER, RW, true, FM_E_INVALID_PARAMETER },
		{ "both", VM_RESERVE | VM_RESERVE_PLACEHOLDER | VM_REPLACE_PLACEHOLDER, 0, true, FM_E_INVALID_PARAMETER },
		{ "committed", VM_RESERVE | VM_COMMIT | VM_RESERVE_PLACEHOLDER, 0, true, FM_E_INVALID_PARAMETER },
		{ "watched", VM_RESERVE | VM_WRITE_WATCH | VM_RESERVE_PLACEHOLDER, 0, true, FM_E_INVALID_PARAMETER },
		{ "protected", VM_RESERVE | VM_RESERVE_PLACEHOLDER, RW, true, FM_E_INVALID_PARAMETER },
		{ "filled with copies", VM_RESERVE | VM_REPLACE_PLACEHOLDER, FM_READ | FM_COPY, true,
		  FM_E_INVALID_PAGE_PROTECTION },
		{ "filled beyond all memory", VM_RESERVE | VM_COMMIT | VM_REPLACE_PLACEHOLDER, RW, true,
		  FM_E_COMMITMENT_LIMIT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vm_request request = { .size = (size_t)1 << 45, .type = cases[i].type, .address = UNIT,
					      .protection = cases[i].protection, .extended = cases[i].extended };
		struct vm_range range;

		check_row("%s", cases[i].name);
		CHECK_EQ(vm_allocate(&request, &range), cases[i].status);
	}
}

TEST(address_requirements_are_whole_and_possible)
{
	const uintptr_t highest = vm_highest(), low = (uintptr_t)1 << 32;
	const struct { const char *name; uintptr_t lowest, highest; size_t alignment; uint32_t type; fm_status status; }
	cases[] = {
		{ "lowest within a unit", low + PAGE, 0, 0, VM_RESERVE, FM_E_INVALID_PARAMETER },
		{ "highest within a page", 0, low, 0, VM_RESERVE, FM_E_INVALID_PARAMETER },
		{ "highest beyond the end", 0, highest + UNIT, 0, VM_RESERVE, FM_E_INVALID_PARAMETER },
		{ "lowest beyond the end", highest + 1, 0, 0, VM_RESERVE, FM_E_INVALID_PARAMETER },
		{ "highest below lowest", low, low - 1, 0, VM_RESERVE, FM_E_INVALID_PARAMETER },
		{ "aligned to a page", 0, 0, PAGE, VM_RESERVE, FM_E_INVALID_PARAMETER },
		{ "aligned to no power of two", 0, 0, 3 * UNIT, VM_RESERVE, FM_E_INVALID_PARAMETER },
		{ "of a reset", low, 0, 0, VM_RESET, FM_E_INVALID_PARAMETER },
		{ "too narrow", low, low + UNIT - 1, 0, VM_RESERVE, FM_E_NO_MEMORY },
		{ "possible", low, 0, UNIT, VM_RESERVE, FM_OK },
		{ "committed alone", low, 0, UNIT, VM_COMMIT, FM_OK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vm_request request = { .size = 2 * UNIT, .type = cases[i].type, .protection = RW, .extended = true,
					      .lowest = cases[i].lowest, .highest = cases[i].highest,
					      .alignment = cases[i].alignment };
		struct vm_range range = { 0, 0 };

		check_row("%s", cases[i].name);
		CHECK_EQ(vm_allocate(&request, &range), cases[i].status);
	}
}

TEST(only_what_is_reserved_can_be_committed_or_reset)
{
	make_all();
	const struct { const char *name; char *at; size_t size; uint32_t type, protection; fm_status status; } cases[] = {
		{ "commit nothing", (char *)UNIT, PAGE, VM_COMMIT, RW, FM_E_CONFLICTING_ADDRESSES },
		{ "commit a placeholder", hole, PAGE, VM_COMMIT, RW, FM_E_CONFLICTING_ADDRESSES },
		{ "commit past the end", block, 5 * PAGE, VM_COMMIT, RW, FM_E_CONFLICTING_ADDRESSES },
		{ "commit copies", block, PAGE, VM_COMMIT, FM_READ | FM_COPY, FM_E_INVALID_PAGE_PROTECTION },
		{ "commit beyond the end", block, (size_t)1 << 48, VM_COMMIT, RW, FM_E_INVALID_PARAMETER_3 },
		{ "reset a placeholder", hole, PAGE, VM_RESET, RW, FM_E_CONFLICTING_ADDRESSES },
		{ "reset past the end", block, 5 * PAGE, VM_RESET, RW, FM_E_CONFLICTING_ADDRESSES },
		{ "reset shared memory", view, PAGE, VM_RESET, RW, FM_OK },
		{ "undo what was not reset", block, PAGE, VM_RESET_UNDO, RW, FM_OK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(allocate_at(cases[i].at, cases[i].size, cases[i].type, cases[i].protection), cases[i].status);
	}
}

TEST(no_more_is_committed_than_there_is_memory)
{
	char *memory;

	if (!LOCKS_ARE_REAL)
		check_skip("a sanitizer owns most of the address space");
	memory = make_private((size_t)1 << 45, VM_RESERVE, RW);
	CHECK_EQ(allocate_at(memory, (size_t)1 << 45, VM_COMMIT, RW), FM_E_COMMITMENT_LIMIT);
	CHECK_EQ(state_at(memory), VM_RESERVED);
	CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
}

TEST(freeing_follows_its_rules)
{
	const uint32_t keep = VM_RELEASE | VM_PRESERVE_PLACEHOLDER, join = VM_RELEASE | VM_COALESCE_PLACEHOLDERS;
	char *end = (char *)vm_highest();

	make_all();
	const struct { const char *name; char *at; size_t size; uint32_t type; fm_status status; } cases[] = {
		{ "no type", block, 0, 0, FM_E_INVALID_PARAMETER_4 },
		{ "both types", block, 0, VM_DECOMMIT | VM_RELEASE, FM_E_INVALID_PARAMETER_4 },
		{ "both hints", hole, PAGE, keep | join, FM_E_INVALID_PARAMETER_4 },
		{ "a hint without release", hole, PAGE, VM_DECOMMIT | VM_PRESERVE_PLACEHOLDER, FM_E_INVALID_PARAMETER_4 },
		{ "a hint without size", hole, 0, keep, FM_E_INVALID_PARAMETER_3 },
		{ "no address", NULL, 0, VM_RELEASE, FM_E_INVALID_PARAMETER_2 },
		{ "beyond the end", end + 1, 0, VM_RELEASE, FM_E_INVALID_PARAMETER_2 },
		{ "through the end", end, 2, VM_RELEASE, FM_E_INVALID_PARAMETER_3 },
		{ "nothing there", (char *)UNIT, 0, VM_RELEASE, FM_E_MEMORY_NOT_ALLOCATED },
		{ "a view", view, 0, VM_RELEASE, FM_E_UNABLE_TO_DELETE_SECTION },
		{ "not at the base", block + PAGE, 0, VM_RELEASE, FM_E_FREE_VM_NOT_AT_BASE },
		{ "past the end", block, 5 * PAGE, VM_RELEASE, FM_E_UNABLE_TO_FREE_VM },
		{ "decommit a placeholder", hole, PAGE, VM_DECOMMIT, FM_E_CONFLICTING_ADDRESSES },
		{ "keep past the end", hole, 5 * PAGE, keep, FM_E_CONFLICTING_ADDRESSES },
		{ "keep nothing", (char *)UNIT, PAGE, keep, FM_E_MEMORY_NOT_ALLOCATED },
		{ "keep all", hole, 4 * PAGE, keep, FM_E_CONFLICTING_ADDRESSES },
		{ "keep a part of memory", block, PAGE, keep, FM_E_CONFLICTING_ADDRESSES },
		{ "keep the end of memory", block + PAGE, 3 * PAGE, keep, FM_E_CONFLICTING_ADDRESSES },
		{ "keep what was no placeholder", block, 4 * PAGE, keep, FM_E_CONFLICTING_ADDRESSES },
		{ "join one", hole, 4 * PAGE, join, FM_E_CONFLICTING_ADDRESSES },
		{ "join a part", hole, PAGE, join, FM_E_CONFLICTING_ADDRESSES },
		{ "join memory", block, 4 * PAGE, join, FM_E_CONFLICTING_ADDRESSES },
		{ "decommit all", block, 0, VM_DECOMMIT, FM_OK },
		{ "decommit again", block, 4 * PAGE, VM_DECOMMIT, FM_OK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(free_at(cases[i].at, cases[i].size, cases[i].type), cases[i].status);
	}
}

TEST(protecting_follows_its_rules)
{
	char *end = (char *)vm_highest();

	make_all();
	const struct { const char *name; char *at; size_t size; uint32_t protection; fm_status status; } cases[] = {
		{ "no size", block, 0, FM_READ, FM_E_INVALID_PARAMETER },
		{ "beyond the end", end + 1, 1, FM_READ, FM_E_INVALID_PARAMETER },
		{ "through the end", end, 2, FM_READ, FM_E_INVALID_PARAMETER },
		{ "past the end of the allocation", block, 5 * PAGE, FM_READ, FM_E_CONFLICTING_ADDRESSES },
		{ "not committed", block, 2 * PAGE, FM_READ, FM_E_NOT_COMMITTED },
		{ "copies", block, PAGE, FM_READ | FM_COPY, FM_E_INVALID_PAGE_PROTECTION },
		{ "nothing there", (char *)UNIT, PAGE, FM_READ, FM_E_CONFLICTING_ADDRESSES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(protect_at(cases[i].at, cases[i].size, cases[i].protection), cases[i].status);
	}
}

TEST(locking_follows_its_rules)
{
	uintptr_t end = vm_highest();

	make_all();
	REQUIRE_EQ(allocate_at(block + PAGE, PAGE, VM_COMMIT, FM_NOACCESS), FM_OK);
	const struct { const char *name; uintptr_t at; size_t size; fm_status status; } cases[] = {
		{ "no size", (uintptr_t)block, 0, FM_E_INVALID_PARAMETER_3 },
		{ "beyond the end", end + 1, 1, FM_E_INVALID_PARAMETER_3 },
		{ "through the end", end, 2, FM_E_INVALID_PARAMETER_3 },
		{ "nothing there", UNIT, PAGE, FM_E_ACCESS_VIOLATION },
		{ "inaccessible", (uintptr_t)block + PAGE, PAGE, FM_E_ACCESS_VIOLATION },
		{ "not committed", (uintptr_t)block + 2 * PAGE, PAGE, FM_E_NOT_COMMITTED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(vm_lock(cases[i].at, cases[i].size), cases[i].status);
		CHECK_EQ(vm_unlock(cases[i].at, cases[i].size),
			 cases[i].status == FM_E_INVALID_PARAMETER_3 ? FM_E_INVALID_PARAMETER_3 : FM_E_NOT_LOCKED);
	}
}

TEST(only_committed_private_pages_have_contents_to_give)
{
	bool lost;

	make_all();
	REQUIRE_EQ(protect_at(block, PAGE, FM_READ), FM_OK);
	const struct { const char *name; char *at; size_t size; fm_status offer, discard; } cases[] = {
		{ "no size", block, 0, FM_E_INVALID_PARAMETER, FM_E_INVALID_PARAMETER },
		{ "within a page", block + 1, PAGE, FM_E_INVALID_PARAMETER, FM_E_INVALID_PARAMETER },
		{ "a part of a page", block, 1, FM_E_INVALID_PARAMETER, FM_E_INVALID_PARAMETER },
		{ "nothing there", (char *)UNIT, PAGE, FM_E_INVALID_PARAMETER, FM_E_INVALID_PARAMETER },
		{ "a view", view, PAGE, FM_E_INVALID_PARAMETER, FM_E_INVALID_PARAMETER },
		{ "past the end", block, 5 * PAGE, FM_E_INVALID_PARAMETER, FM_E_INVALID_PARAMETER },
		{ "not committed", block + PAGE, PAGE, FM_E_INVALID_PARAMETER, FM_E_INVALID_PARAMETER },
		{ "read-only", block, PAGE, FM_OK, FM_E_INVALID_PARAMETER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(vm_offer((uintptr_t)cases[i].at, cases[i].size), cases[i].offer);
		CHECK_EQ(vm_reclaim((uintptr_t)cases[i].at, cases[i].size, &lost), cases[i].offer);
		CHECK_EQ(vm_discard((uintptr_t)cases[i].at, cases[i].size), cases[i].discard);
	}
}

/* A page offered twice keeps its first witness; decommitting forgets it. */
TEST(offers_are_forgotten_with_the_pages)
{
	bool lost = true;

	make_all();
	block[0] = 3;
	CHECK_EQ(vm_offer((uintptr_t)block, PAGE), FM_OK);
	CHECK_EQ(vm_offer((uintptr_t)block, PAGE), FM_OK);
	CHECK_EQ(free_at(block, PAGE, VM_DECOMMIT), FM_OK);
	CHECK_EQ(allocate_at(block, PAGE, VM_COMMIT, RW), FM_OK);
	CHECK_EQ(vm_reclaim((uintptr_t)block, PAGE, &lost), FM_OK);
	CHECK(!lost);
	CHECK_EQ(block[0], 0);
}

/* Pages that are guarded, read-only or not there cannot have been dropped. */
TEST(what_cannot_be_dropped_is_never_lost)
{
	static const uint32_t protections[] = { FM_READ, FM_NOACCESS, RW | FM_GUARD };

	for (size_t i = 0; i < ARRAY_SIZE(protections); i++) {
		char *memory = make_private(2 * PAGE, VM_RESERVE, RW);
		bool lost = true;

		check_row("protection %#x", protections[i]);
		REQUIRE_EQ(allocate_at(memory, PAGE, VM_COMMIT, RW), FM_OK);
		memory[0] = 5;
		REQUIRE_EQ(protect_at(memory, PAGE, protections[i]), FM_OK);
		CHECK_EQ(vm_offer((uintptr_t)memory, PAGE), FM_OK);
		CHECK_EQ(vm_reclaim((uintptr_t)memory, PAGE, &lost), FM_OK);
		CHECK(!lost);
		CHECK_EQ(allocate_at(memory, 2 * PAGE, VM_RESET, RW), FM_OK); /* with a page that is not committed */
		CHECK_EQ(allocate_at(memory, 2 * PAGE, VM_RESET_UNDO, RW), FM_OK);
		REQUIRE_EQ(protect_at(memory, PAGE, RW), FM_OK);
		CHECK_EQ(memory[0], 5);
		CHECK_EQ(free_at(memory, 0, VM_RELEASE), FM_OK);
	}
}

/* One mapping of a file by others, of which a part may be written. */
TEST(others_allocations_are_told_whole)
{
	int fd = open(make_file("others", 3 * PAGE), O_RDWR | O_CLOEXEC);
	char *memory = mmap(NULL, 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vm_region_info info;

	REQUIRE(memory != MAP_FAILED);
	REQUIRE_EQ(vm_query_region((uintptr_t)memory, &info), FM_OK); /* so that nothing of ours fills a hole */
	REQUIRE_EQ(munmap(memory, PAGE), 0);
	REQUIRE(mmap(memory + PAGE, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0) != MAP_FAILED);
	REQUIRE_EQ(munmap(memory + 4 * PAGE, PAGE), 0);
	memory[2 * PAGE] = 7; /* a copy in the middle: three runs of one allocation */
	REQUIRE_EQ(vm_query_region((uintptr_t)memory + 3 * PAGE, &info), FM_OK);
	CHECK_EQ(info.base, (uintptr_t)memory + PAGE);
	CHECK_EQ(info.size, 3 * PAGE);
	CHECK_EQ(info.kind, VM_MAPPED);
	CHECK(info.file && !info.placeholder);
	REQUIRE_EQ(vm_query_region((uintptr_t)memory + 5 * PAGE, &info), FM_OK);
	CHECK_EQ(info.kind, VM_PRIVATE);
	CHECK_EQ(info.committed, info.size);
	CHECK_EQ(vm_query_region((uintptr_t)memory, &info), FM_E_INVALID_ADDRESS);
	CHECK_EQ(vm_query_region(os_address_limit(), &info), FM_E_INVALID_PARAMETER);
}
