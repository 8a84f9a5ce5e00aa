/* SPDX-License-Identifier: MIT */
/* Private memory, placeholders, others' memory: what stands after a call that failed. */
#include <sys/mman.h>
#include <sys/resource.h>

#include "failures.h"
#include "grace.h"
#include "os.h"
#include "view.h"
#include "vm_make.h"

#define WATCHED (VM_RESERVE | VM_COMMIT | VM_WRITE_WATCH)
enum { PAGES = 8 };

static char *block;       /* of PAGES pages, [2, 6) worked on */
static uint32_t type;     /* how it is made */

/* ---- reserving ---- */

static struct vm_request wanted;
static struct vm_range got;

static void want(uint32_t of_type, uintptr_t address, uintptr_t lowest)
{
	wanted = (struct vm_request){ .address = address, .size = PAGES * PAGE, .type = of_type, .protection = RW,
				      .lowest = lowest, .extended = true };
	got = (struct vm_range){ 0, 0 };
}

static void want_anywhere(void)
{
	want(VM_RESERVE | VM_COMMIT, 0, 0);
}

static void want_watched(void)
{
	want(WATCHED, 0, 0);
}

static void want_there(void)
{
	want(VM_RESERVE, free_window(PAGES * PAGE), 0);
}

static void want_from_below(void)
{
	want(VM_RESERVE, 0, free_window(PAGES * PAGE));
}

static void want_from_above(void)
{
	want(VM_RESERVE | VM_TOP_DOWN, 0, 0);
}

static fm_status reserve(void)
{
	return vm_allocate(&wanted, &got);
}

static void check_reserved(bool succeeded)
{
	CHECK_EQ(got.base != 0, succeeded);
	if (succeeded)
		CHECK_EQ(state_at((void *)got.base), wanted.type & VM_COMMIT ? VM_COMMITTED : VM_RESERVED);
}

static void clear_reserved(void)
{
	if (got.base)
		CHECK_EQ(free_at((void *)got.base, 0, VM_RELEASE), FM_OK);
}

TEST(memory_is_reserved_or_nothing_is)
{
	static const struct failing scenes[] = {
		{ "anywhere", want_anywhere, reserve, check_reserved, clear_reserved },
		{ "at an address", want_there, reserve, check_reserved, clear_reserved },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(watched_memory_is_reserved_or_nothing_is)
{
	static const struct failing scene = { "watched", want_watched, reserve, check_reserved, clear_reserved };

	need_watch();
	each_failure(&scene);
}

TEST(a_place_is_searched_from_below_or_nothing_is_reserved)
{
	static const struct failing scenes[] = {
		{ "from below", want_from_below, reserve, check_reserved, clear_reserved },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(a_place_is_searched_from_above_or_nothing_is_reserved)
{
	static const struct failing scenes[] = {
		{ "from above", want_from_above, reserve, check_reserved, clear_reserved },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

/* ---- changing ---- */

static void make_block(void)
{
	block = make_private(PAGES * PAGE, type, RW);
	REQUIRE_EQ(allocate_at(block, PAGES * PAGE, VM_COMMIT, RW), FM_OK);
	for (unsigned i = 0; i < PAGES; i++)
		block[i * PAGE] = (char)(i + 1);
}

static void make_half(void)
{
	make_block();
	REQUIRE_EQ(free_at(block + 4 * PAGE, 4 * PAGE, VM_DECOMMIT), FM_OK);
}

/* Offered and taken back: there are witnesses. */
static void make_offered(void)
{
	make_block();
	REQUIRE_EQ(vm_offer((uintptr_t)block + 5 * PAGE, 2 * PAGE), FM_OK);
}

static void make_guarded(void)
{
	make_block();
	REQUIRE_EQ(protect_at(block + 2 * PAGE, PAGE, RW | FM_GUARD), FM_OK);
}

static void clear_block(void)
{
	for (char *at = block; at < block + PAGES * PAGE; at += vm_info_of(at).size)
		if (state_at(at) != VM_FREE && vm_info_of(at).allocation_base == (uintptr_t)at)
			CHECK_EQ(free_at(at, 0, VM_RELEASE), FM_OK);
}

/* Pages [@first, @end) as the call leaves them, the others as they were; what can be read has its bytes. */
static void check_pages(size_t first, size_t end, enum vm_state state, uint32_t protection)
{
	for (size_t i = 0; i < PAGES; i++) {
		struct vm_info info = vm_info_of(block + i * PAGE);
		bool inside = i >= first && i < end;

		CHECK_EQ(info.state, inside ? state : VM_COMMITTED);
		if (info.state != VM_COMMITTED)
			continue;
		CHECK_EQ(info.protection, inside ? protection : RW);
		CHECK_EQ(touch(block + i * PAGE, info.protection & FM_WRITE), info.protection & FM_READ ? 0 : SIGSEGV);
		if (info.protection & FM_READ)
			CHECK_EQ(block[i * PAGE], i + 1);
	}
}

static fm_status commit_rest(void)
{
	return allocate_at(block + 2 * PAGE, 6 * PAGE, VM_COMMIT, RW);
}

static void check_rest(bool succeeded)
{
	for (size_t i = 0; i < PAGES; i++) {
		CHECK_EQ(state_at(block + i * PAGE), i < 4 || succeeded ? VM_COMMITTED : VM_RESERVED);
		CHECK_EQ(touch(block + i * PAGE, true), i < 4 || succeeded ? 0 : SIGSEGV);
	}
}

static void make_two_holes(void)
{
	make_half();
	REQUIRE_EQ(free_at(block + PAGE, PAGE, VM_DECOMMIT), FM_OK);
}

static fm_status commit_all(void)
{
	return allocate_at(block, PAGES * PAGE, VM_COMMIT, RW);
}

static void check_all(bool succeeded)
{
	for (size_t i = 0; i < PAGES; i++)
		CHECK_EQ(state_at(block + i * PAGE), (i < 4 && i != 1) || succeeded ? VM_COMMITTED : VM_RESERVED);
	CHECK_EQ(block[2 * PAGE], 3);
}

static fm_status decommit(void)
{
	return free_at(block + 2 * PAGE, 4 * PAGE, VM_DECOMMIT);
}

static void check_decommitted(bool succeeded)
{
	check_pages(2, succeeded ? 6 : 2, VM_RESERVED, 0);
}

static fm_status protect(void)
{
	return protect_at(block + 2 * PAGE, 4 * PAGE, FM_READ);
}

static void check_protected(bool succeeded)
{
	check_pages(2, succeeded ? 6 : 2, VM_COMMITTED, FM_READ);
}

static fm_status release_middle(void)
{
	return free_at(block + 2 * PAGE, 4 * PAGE, VM_RELEASE);
}

static void check_released(bool succeeded)
{
	check_pages(2, succeeded ? 6 : 2, VM_FREE, 0);
}

static fm_status release_all(void)
{
	return free_at(block, 0, VM_RELEASE);
}

static void check_all_released(bool succeeded)
{
	check_pages(0, succeeded ? PAGES : 0, VM_FREE, 0);
}

static void check_same(bool succeeded)
{
	(void)succeeded;
	check_pages(0, 0, VM_COMMITTED, RW);
}

static fm_status offer(void)
{
	return vm_offer((uintptr_t)block + 2 * PAGE, 4 * PAGE);
}

static fm_status reclaim(void)
{
	bool lost = true;
	fm_status status = vm_reclaim((uintptr_t)block + 5 * PAGE, 2 * PAGE, &lost);

	CHECK(status < 0 || !lost);
	return status;
}

static fm_status reset(void)
{
	return allocate_at(block + 2 * PAGE, 4 * PAGE, VM_RESET, RW);
}

static fm_status undo_reset(void)
{
	return allocate_at(block + 5 * PAGE, 2 * PAGE, VM_RESET_UNDO, RW);
}

static fm_status discard(void)
{
	return vm_discard((uintptr_t)block + 2 * PAGE, 4 * PAGE);
}

static fm_status lock(void)
{
	return vm_lock((uintptr_t)block + 2 * PAGE, 4 * PAGE);
}

static void unlock_and_clear(void)
{
	(void)munlock(block, PAGES * PAGE);
	clear_block();
}

static void make_locked(void)
{
	make_block();
	REQUIRE_EQ(vm_lock((uintptr_t)block, PAGES * PAGE), FM_OK);
}

static fm_status unlock(void)
{
	fm_status status = vm_unlock((uintptr_t)block + 2 * PAGE, 4 * PAGE);

	return LOCKS_ARE_REAL ? status : FM_OK;
}

static fm_status see_written(void)
{
	void *pages[PAGES];
	size_t count = PAGES;
	fm_status status = vm_written((uintptr_t)block, PAGES * PAGE, true, pages, &count);

	if (status >= 0)
		CHECK_EQ(count, PAGES);
	return status;
}

static fm_status forget_written(void)
{
	return vm_reset_written((uintptr_t)block, PAGES * PAGE);
}

static const struct failing changes[] = {
	{ "commit", make_half, commit_rest, check_rest, clear_block },
	{ "commit two holes", make_two_holes, commit_all, check_all, clear_block },
	{ "decommit", make_block, decommit, check_decommitted, clear_block },
	{ "protect", make_block, protect, check_protected, clear_block },
	{ "release a part", make_block, release_middle, check_released, clear_block },
	{ "release an offered part", make_offered, release_middle, check_released, clear_block },
	{ "release", make_block, release_all, check_all_released, clear_block },
	{ "offer", make_block, offer, check_same, clear_block },
	{ "reclaim", make_offered, reclaim, check_same, clear_block },
	{ "reset", make_block, reset, check_same, clear_block },
	{ "undo a reset", make_offered, undo_reset, check_same, clear_block },
	{ "discard", make_block, discard, NULL, clear_block },
	{ "lock", make_block, lock, check_same, unlock_and_clear },
	{ "unlock", make_locked, unlock, check_same, unlock_and_clear },
};

TEST(a_change_of_private_memory_is_made_or_nothing_changes)
{
	type = VM_RESERVE;
	each_failure_of_all(changes, ARRAY_SIZE(changes));
}

TEST(a_change_of_memory_committed_as_a_whole_is_made_or_nothing_changes)
{
	type = VM_RESERVE | VM_COMMIT;
	each_failure_of_all(changes, ARRAY_SIZE(changes));
}

/* So large that the states of its pages are made when the first differs. */
static void make_large(void)
{
	block = make_private((size_t)256 << 20, type, RW);
	if (!(type & VM_COMMIT))
		REQUIRE_EQ(allocate_at(block, PAGES / 2 * PAGE, VM_COMMIT, RW), FM_OK);
}

/* Nothing committed, so that there are no states yet. */
static void make_large_and_empty(void)
{
	block = make_private((size_t)256 << 20, VM_RESERVE, RW);
}

static void check_large(bool succeeded)
{
	CHECK_EQ(state_at(block + 2 * PAGE), VM_COMMITTED);
	CHECK_EQ(vm_info_of(block + 2 * PAGE).protection, succeeded ? FM_READ : RW);
	CHECK_EQ(touch(block + 2 * PAGE, true), succeeded ? SIGSEGV : 0);
}

static void check_large_hole(bool succeeded)
{
	CHECK_EQ(state_at(block + 2 * PAGE), succeeded ? VM_RESERVED : VM_COMMITTED);
	CHECK_EQ(touch(block + 2 * PAGE, true), succeeded ? SIGSEGV : 0);
}

static void check_large_part(bool succeeded)
{
	CHECK_EQ(state_at(block + 2 * PAGE), succeeded ? VM_COMMITTED : VM_RESERVED);
	CHECK_EQ(touch(block + 2 * PAGE, true), succeeded ? 0 : SIGSEGV);
}

static fm_status protect_page(void)
{
	return protect_at(block + 2 * PAGE, PAGE, FM_READ);
}

static fm_status decommit_page(void)
{
	return free_at(block + 2 * PAGE, PAGE, VM_DECOMMIT);
}

static fm_status commit_page(void)
{
	return allocate_at(block + 2 * PAGE, PAGE, VM_COMMIT, RW);
}

/* The rest begins so far on that the table needs another node. */
static fm_status release_beginning(void)
{
	return free_at(block, 128 * PAGE, VM_RELEASE);
}

static void check_beginning_released(bool succeeded)
{
	CHECK_EQ(state_at(block) == VM_FREE, succeeded);
	CHECK_EQ(vm_info_of(block + 128 * PAGE).allocation_base == (uintptr_t)block, !succeeded);
}

static void clear_beginning(void)
{
	if (state_at(block) != VM_FREE)
		CHECK_EQ(free_at(block, 0, VM_RELEASE), FM_OK);
	else
		CHECK_EQ(free_at(block + 128 * PAGE, 0, VM_RELEASE), FM_OK);
	grace_settle();
}

static fm_status release_rest(void)
{
	return free_at(block + PAGES * PAGE, ((size_t)256 << 20) - PAGES * PAGE, VM_RELEASE);
}

static void check_rest_released(bool succeeded)
{
	CHECK_EQ(state_at(block + PAGES * PAGE) == VM_FREE, succeeded);
	CHECK_EQ(touch(block + 2 * PAGE, true), 0);
}

static void clear_large(void)
{
	CHECK_EQ(free_at(block, 0, VM_RELEASE), FM_OK);
	grace_settle(); /* the states are a mapping */
}

TEST(a_change_of_large_memory_is_made_or_nothing_changes)
{
	static const struct failing scenes[] = {
		{ "protect", make_large, protect_page, check_large, clear_large },
		{ "decommit", make_large, decommit_page, check_large_hole, clear_large },
		{ "release the rest", make_large, release_rest, check_rest_released, clear_large },
		{ "release the beginning", make_large, release_beginning, check_beginning_released, clear_beginning },
		{ "commit", make_large_and_empty, commit_page, check_large_part, clear_large },
	};

	for (int whole = 0; whole < 2; whole++) {
		type = VM_RESERVE | (whole ? VM_COMMIT : 0);
		each_failure_of_all(scenes, ARRAY_SIZE(scenes));
	}
}

TEST(a_change_of_watched_memory_is_made_or_nothing_changes)
{
	static const struct failing scenes[] = {
		{ "see what was written", make_block, see_written, check_same, clear_block },
		{ "forget what was written", make_block, forget_written, check_same, clear_block },
	};

	need_watch();
	type = WATCHED;
	each_failure_of_all(changes, ARRAY_SIZE(changes));
	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(a_guard_on_the_way_of_a_lock_goes_or_the_lock_tells)
{
	static const struct failing scene = { "guarded", make_guarded, NULL, NULL, clear_block };

	type = VM_RESERVE;
	for (int fails = 0; fails < 2; fails++) {
		scene.prepare();
		if (fails)
			fault_arm("mprotect", 1, FAULT_FROM, ENOMEM);
		CHECK_EQ(lock(), fails ? FM_E_ACCESS_VIOLATION : FM_E_GUARD_PAGE);
		CHECK_EQ(fault_disarm(), fails);
		CHECK_EQ(vm_info_of(block + 2 * PAGE).protection, fails ? RW | FM_GUARD : RW);
		scene.clear();
	}
}

/* ---- placeholders ---- */

static void make_whole(void)
{
	block = make_placeholder(PAGES * PAGE);
}

static void make_pieces(void)
{
	make_whole();
	for (size_t i = 0; i < PAGES - 1; i++)
		REQUIRE_EQ(free_at(block + i * PAGE, PAGE, VM_RELEASE | VM_PRESERVE_PLACEHOLDER), FM_OK);
}

static void make_filled(void)
{
	make_whole();
	REQUIRE_EQ(allocate_at(block, PAGES * PAGE, VM_RESERVE | VM_COMMIT | VM_REPLACE_PLACEHOLDER, RW), FM_OK);
	block[0] = 1;
}

/* All of the block consists of placeholders of @size each. */
static void check_placeholders(size_t size)
{
	for (char *at = block; at < block + PAGES * PAGE; at += size) {
		struct vm_region_info info;

		REQUIRE_EQ(vm_query_region((uintptr_t)at, &info), FM_OK);
		CHECK(info.placeholder);
		CHECK_EQ(info.base, (uintptr_t)at);
		CHECK_EQ(info.size, size);
		CHECK_EQ(touch(at, false), SIGSEGV);
	}
}

static fm_status split(void)
{
	return free_at(block, PAGES / 2 * PAGE, VM_RELEASE | VM_PRESERVE_PLACEHOLDER);
}

static void check_split(bool succeeded)
{
	check_placeholders(succeeded ? PAGES / 2 * PAGE : PAGES * PAGE);
}

static fm_status coalesce(void)
{
	return free_at(block, PAGES * PAGE, VM_RELEASE | VM_COALESCE_PLACEHOLDERS);
}

static void check_coalesced(bool succeeded)
{
	check_placeholders(succeeded ? PAGES * PAGE : PAGE);
}

static fm_status fill(void)
{
	return allocate_at(block, PAGES * PAGE, VM_RESERVE | VM_COMMIT | VM_REPLACE_PLACEHOLDER, RW);
}

static fm_status fill_watched(void)
{
	return allocate_at(block, PAGES * PAGE, WATCHED | VM_REPLACE_PLACEHOLDER, RW);
}

static void check_filled(bool succeeded)
{
	if (!succeeded)
		check_placeholders(PAGES * PAGE);
	else
		CHECK_EQ(touch(block, true), 0);
}

static fm_status restore(void)
{
	return free_at(block, PAGES * PAGE, VM_RELEASE | VM_PRESERVE_PLACEHOLDER);
}

static void check_restored(bool succeeded)
{
	if (succeeded)
		check_placeholders(PAGES * PAGE);
	else
		CHECK_EQ(block[0], 1);
}

TEST(a_placeholder_is_changed_or_stays)
{
	static const struct failing scenes[] = {
		{ "split", make_whole, split, check_split, clear_block },
		{ "coalesce", make_pieces, coalesce, check_coalesced, clear_block },
		{ "fill", make_whole, fill, check_filled, clear_block },
		{ "restore", make_filled, restore, check_restored, clear_block },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(a_placeholder_is_filled_with_watched_memory_or_stays)
{
	static const struct failing scene = { "fill, watched", make_whole, fill_watched, check_filled, clear_block };

	need_watch();
	each_failure(&scene);
}

/* More than fit into a small array. */
TEST(a_hundred_placeholders_become_one_or_stay)
{
	enum { MANY = 100 };
	bool fired = true;

	for (unsigned nth = 1; fired; nth++) {
		char *many = make_placeholder(MANY * PAGE);
		struct vm_region_info info;
		fm_status status;

		check_row("allocation %u", nth);
		for (size_t i = 0; i < MANY - 1; i++)
			REQUIRE_EQ(free_at(many + i * PAGE, PAGE, VM_RELEASE | VM_PRESERVE_PLACEHOLDER), FM_OK);
		fault_arm_allocation(nth, FAULT_ONCE);
		status = free_at(many, MANY * PAGE, VM_RELEASE | VM_COALESCE_PLACEHOLDERS);
		fired = fault_disarm();
		CHECK_EQ(status, fired ? FM_E_NO_MEMORY : FM_OK);
		REQUIRE_EQ(vm_query_region((uintptr_t)many, &info), FM_OK);
		CHECK_EQ(info.size, fired ? PAGE : MANY * PAGE);
	}
}

/* ---- memory of others ---- */

static char *others;

/* Three mappings side by side, as the kernel sees them. */
static void make_others(void)
{
	others = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(others != MAP_FAILED);
	REQUIRE_EQ(mprotect(others + PAGE, PAGE, PROT_READ | PROT_WRITE), 0);
}

static fm_status protect_others(void)
{
	return protect_at(others, 3 * PAGE, FM_NOACCESS);
}

static void check_others(bool succeeded)
{
	for (size_t i = 0; i < 3; i++) {
		CHECK_EQ(touch(others + i * PAGE, i == 1), succeeded ? SIGSEGV : 0);
		CHECK_EQ(vm_info_of(others + i * PAGE).protection, succeeded ? FM_NOACCESS : i == 1 ? RW : FM_READ);
	}
}

static void clear_others(void)
{
	CHECK_EQ(munmap(others, 3 * PAGE), 0);
}

static void make_file_mapping(void)
{
	int fd = open(make_file("others", 3 * PAGE), O_RDONLY | O_CLOEXEC);

	others = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	REQUIRE(others != MAP_FAILED);
	close(fd);
	others[PAGE] = 9; /* a copy now */
}

static uint32_t seen[3];

/* Never fails; what it does not learn it leaves out. */
static fm_status look_at_others(void)
{
	for (size_t i = 0; i < 3; i++)
		seen[i] = vm_info_of(others + i * PAGE).protection;
	return FM_OK;
}

TEST(a_change_of_others_memory_is_made_or_nothing_changes)
{
	static const struct failing scenes[] = {
		{ "protect", make_others, protect_others, check_others, clear_others },
		{ "look", make_file_mapping, look_at_others, NULL, clear_others },
	};

	each_failure_of_all(scenes, ARRAY_SIZE(scenes));
}

TEST(copies_of_others_pages_are_told_where_the_kernel_tells_of_them)
{
	make_file_mapping();
	look_at_others();
	CHECK_EQ(seen[0], FM_READ | FM_COPY);
	CHECK_EQ(seen[1], RW);
	CHECK_EQ(seen[2], FM_READ | FM_COPY);
	fault_arm("openat", 1, FAULT_FROM, ENOENT); /* no /proc: as it was mapped, or nothing at all */
	look_at_others();
	CHECK(fault_disarm());
	CHECK_EQ(seen[1], 0);
}

TEST(others_memory_is_protected_only_as_one_kind)
{
	char *memory = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *shared = mmap(memory + 2 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	int fd = open(make_file("kinds", 3 * PAGE), O_RDONLY | O_CLOEXEC);
	int second = open(make_file("kinds2", 3 * PAGE), O_RDONLY | O_CLOEXEC);
	const struct { const char *name; size_t first, count; uint32_t protection; fm_status status; } cases[] = {
		{ "one kind", 0, 2, FM_READ, FM_OK },
		{ "private and shared", 1, 2, FM_READ, FM_E_CONFLICTING_ADDRESSES },
		{ "two files", 4, 2, FM_READ, FM_E_CONFLICTING_ADDRESSES },
		{ "a file and none", 5, 2, FM_READ, FM_E_CONFLICTING_ADDRESSES },
		{ "with a hole", 7, 3, FM_READ, FM_E_CONFLICTING_ADDRESSES },
		{ "copy of shared memory", 2, 1, FM_READ | FM_COPY, FM_E_SECTION_PROTECTION },
		{ "copy of private memory", 0, 1, FM_READ | FM_COPY, FM_E_INVALID_PAGE_PROTECTION },
		{ "copy of a file", 4, 1, FM_READ | FM_COPY, FM_OK },
		{ "writing to a file opened to be read", 6, 1, RW, FM_E_SECTION_PROTECTION },
		{ "a guard", 0, 1, FM_READ | FM_GUARD, FM_E_NOT_SUPPORTED },
		{ "more pieces than are looked at", 10, 50, FM_READ, FM_E_CONFLICTING_ADDRESSES },
	};

	REQUIRE(memory != MAP_FAILED && shared != MAP_FAILED);
	REQUIRE(mmap(memory + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) != MAP_FAILED);
	REQUIRE(mmap(memory + 5 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, second, 0) != MAP_FAILED);
	REQUIRE(mmap(memory + 6 * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED);
	REQUIRE_EQ(protect_at(memory, PAGE, RW), FM_OK); /* what the library maps for itself shall not fill the hole */
	REQUIRE_EQ(munmap(memory + 8 * PAGE, PAGE), 0);
	for (size_t i = 10; i < 60; i += 2)
		REQUIRE_EQ(mprotect(memory + i * PAGE, PAGE, PROT_READ), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		CHECK_EQ(protect_at(memory + cases[i].first * PAGE, cases[i].count * PAGE, cases[i].protection),
			 cases[i].status);
	}
}

/* ---- the rest of vm.h ---- */

TEST(the_limit_of_locked_memory_is_raised_as_far_as_the_system_lets)
{
	static const struct { const char *call; int error; size_t size; fm_status status; } cases[] = {
		{ "getrlimit", EPERM, 1 << 20, FM_E_ACCESS_DENIED },
		{ "setrlimit", EPERM, 1 << 20, FM_E_PRIVILEGE_NOT_HELD },
		{ "setrlimit", EPERM, (size_t)1 << 50, FM_E_PRIVILEGE_NOT_HELD },
		{ "setrlimit", EPERM, PAGE, FM_OK }, /* enough already */
	};
	struct rlimit limit = { 16 * PAGE, 64 << 20 }, now;

	if (setrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		limit.rlim_max = 0;
	getrlimit(RLIMIT_MEMLOCK, &limit);
	limit.rlim_cur = 16 * PAGE;
	REQUIRE_EQ(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s, %zu", cases[i].call, cases[i].size);
		fault_arm(cases[i].call, 1, FAULT_FROM, cases[i].error);
		CHECK_EQ(vm_allow_lock(cases[i].size), cases[i].status);
		fault_disarm();
	}
	CHECK_EQ(vm_allow_lock(17 * PAGE), FM_OK);
	REQUIRE_EQ(getrlimit(RLIMIT_MEMLOCK, &now), 0);
	CHECK_EQ(now.rlim_cur, 17 * PAGE);
	CHECK_EQ(now.rlim_max, limit.rlim_max);
}

TEST(errors_of_locking_are_told_as_windows_does)
{
	static const struct { int error; fm_status status; } cases[] = {
		{ ENOMEM, FM_E_WORKING_SET_QUOTA }, { EPERM, FM_E_WORKING_SET_QUOTA }, { EAGAIN, FM_E_WORKING_SET_QUOTA },
		{ EFAULT, FM_E_IN_PAGE_ERROR }, { EINVAL, FM_E_CONFLICTING_ADDRESSES },
	};

	type = VM_RESERVE;
	make_block();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("error %d", cases[i].error);
		fault_arm("mlock", 1, FAULT_FROM, cases[i].error);
		CHECK_EQ(lock(), cases[i].status);
		CHECK(fault_disarm());
	}
	clear_block();
}

/* What cannot be learnt of a page is not told. */
TEST(a_page_is_described_as_far_as_the_kernel_tells)
{
	struct vm_page page;

	type = VM_RESERVE;
	make_block();
	vm_query_page((uintptr_t)block, &page);
	CHECK(page.resident && !page.shared && !page.locked);
	fault_arm("pread", 1, FAULT_FROM, EIO);
	vm_query_page((uintptr_t)block, &page);
	CHECK(fault_disarm());
	CHECK_EQ(page.protection, RW);
	CHECK(!page.resident);
	fault_arm("openat", 1, FAULT_FROM, EMFILE);
	vm_query_page((uintptr_t)block, &page);
	CHECK(fault_disarm());
	CHECK(!page.resident);
	vm_query_page(UINTPTR_MAX - PAGE, &page);
	CHECK_EQ(page.protection, 0);
	clear_block();
}
