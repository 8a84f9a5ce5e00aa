/* SPDX-License-Identifier: MIT */
/*
 * Races made exact. The lock that a call needs is held; when it begins to wait, what it works on goes and the
 * lock comes free, as if another thread had done both. And values change while a call is in the kernel.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "fault.h"
#include "lock.h"
#include "os.h"
#include "region.h"
#include "view.h"
#include "vm_make.h"

enum { PAGES = 4 };

static char *memory;
static unsigned held;
static fm_section *section;

static void end_it(void)
{
	unsigned token = grace_enter();
	struct region *region = region_find((uintptr_t)memory);

	CHECK(region != NULL);
	CHECK_EQ(region_end(region), FM_OK);
	grace_leave(token);
}

/* Instead of sleeping: the other thread has its turn. */
static int others_turn(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout)
{
	(void)word, (void)value, (void)timeout;
	if (operation == FUTEX_WAIT_PRIVATE && held) {
		unsigned name = held;

		held = 0;
		lock_drop(name);
		end_it();
	}
	return 0;
}

static void hold(bool table)
{
	unsigned token = grace_enter();
	struct region *region = region_find((uintptr_t)memory);

	REQUIRE(region != NULL);
	held = table ? (unsigned)LOCK_TABLE : lock_stripe(LOCK_REGION, region);
	grace_leave(token);
	lock_take(held);
	os.futex = others_turn;
}

static void make_memory_block(void)
{
	memory = make_private(PAGES * PAGE, VM_RESERVE | VM_COMMIT, RW);
}

static void make_hole(void)
{
	memory = make_placeholder(PAGES * PAGE);
}

static void make_filled(void)
{
	make_hole();
	REQUIRE_EQ(allocate_at(memory, PAGES * PAGE, VM_RESERVE | VM_COMMIT | VM_REPLACE_PLACEHOLDER, RW), FM_OK);
}

static void make_watched(void)
{
	need_watch();
	memory = make_private(PAGES * PAGE, VM_RESERVE | VM_COMMIT | VM_WRITE_WATCH, RW);
}

static void make_a_view(void)
{
	section = section ? section : make_memory(PAGES * PAGE, 0);
	memory = make_view(section, FM_WRITE, 0, 0);
}

static fm_status commit(void)
{
	return allocate_at(memory, PAGE, VM_COMMIT, RW);
}

static fm_status reset(void)
{
	return allocate_at(memory, PAGE, VM_RESET, RW);
}

static fm_status decommit(void)
{
	return free_at(memory, PAGE, VM_DECOMMIT);
}

static fm_status protect(void)
{
	return protect_at(memory, PAGE, FM_READ);
}

static fm_status release_all(void)
{
	return free_at(memory, 0, VM_RELEASE);
}

static fm_status release_part(void)
{
	return free_at(memory, PAGE, VM_RELEASE);
}

static fm_status offer(void)
{
	return vm_offer((uintptr_t)memory, PAGE);
}

static fm_status see_written(void)
{
	void *pages[1];
	size_t count = 1;

	return vm_written((uintptr_t)memory, PAGE, true, pages, &count);
}

static fm_status unmap(void)
{
	return fm_view_unmap(memory);
}

static fm_status split(void)
{
	return free_at(memory, PAGE, VM_RELEASE | VM_PRESERVE_PLACEHOLDER);
}

static fm_status fill(void)
{
	return allocate_at(memory, PAGES * PAGE, VM_RESERVE | VM_REPLACE_PLACEHOLDER, RW);
}

static fm_status restore(void)
{
	return free_at(memory, PAGES * PAGE, VM_RELEASE | VM_PRESERVE_PLACEHOLDER);
}

static fm_status trim(void)
{
	vm_trim();
	return FM_OK;
}

TEST(what_another_thread_ended_meanwhile_is_let_alone)
{
	static const struct {
		const char *name;
		void (*make)(void);
		fm_status (*call)(void);
		bool table; /* the lock that the call waits for */
		fm_status status;
	} cases[] = {
		{ "commit", make_memory_block, commit, false, FM_E_CONFLICTING_ADDRESSES },
		{ "reset", make_memory_block, reset, false, FM_E_CONFLICTING_ADDRESSES },
		{ "decommit", make_memory_block, decommit, false, FM_E_MEMORY_NOT_ALLOCATED },
		{ "protect", make_memory_block, protect, false, FM_E_CONFLICTING_ADDRESSES },
		{ "release", make_memory_block, release_all, false, FM_E_MEMORY_NOT_ALLOCATED },
		{ "release, later", make_memory_block, release_all, true, FM_E_MEMORY_NOT_ALLOCATED },
		{ "release a part, later", make_memory_block, release_part, true, FM_E_MEMORY_NOT_ALLOCATED },
		{ "offer", make_memory_block, offer, false, FM_E_INVALID_PARAMETER },
		{ "trim", make_memory_block, trim, false, FM_OK },
		{ "protect a view", make_a_view, protect, false, FM_E_CONFLICTING_ADDRESSES },
		{ "unmap a view", make_a_view, unmap, false, FM_E_NOT_MAPPED_VIEW },
		{ "split", make_hole, split, true, FM_E_CONFLICTING_ADDRESSES },
		{ "fill", make_hole, fill, false, FM_E_CONFLICTING_ADDRESSES },
		{ "restore", make_filled, restore, false, FM_E_CONFLICTING_ADDRESSES },
		{ "see what was written", make_watched, see_written, false, FM_E_INVALID_PARAMETER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		check_row("%s", cases[i].name);
		cases[i].make();
		hold(cases[i].table);
		CHECK_EQ(cases[i].call(), cases[i].status);
		CHECK_EQ(held, 0); /* it did wait */
		CHECK_EQ(state_at(memory), VM_FREE);
	}
}

/* ---- placeholders joined while others are at them ---- */

static void *(*real_allocate)(size_t size);
static char *to_free;

static void *free_then_allocate(size_t size)
{
	if (to_free) {
		char *at = to_free;

		to_free = NULL;
		CHECK_EQ(free_at(at, 0, VM_RELEASE), FM_OK);
	}
	return real_allocate(size);
}

TEST(placeholders_that_another_thread_frees_meanwhile_are_not_joined)
{
	enum { MANY = 100 }; /* more than are looked at only once */
	char *many = make_placeholder(MANY * PAGE);

	for (size_t i = 0; i < MANY - 1; i++)
		REQUIRE_EQ(free_at(many + i * PAGE, PAGE, VM_RELEASE | VM_PRESERVE_PLACEHOLDER), FM_OK);
	real_allocate = os_allocate_hook;
	os_allocate_hook = free_then_allocate;
	to_free = many + 50 * PAGE;
	CHECK_EQ(free_at(many, MANY * PAGE, VM_RELEASE | VM_COALESCE_PLACEHOLDERS), FM_E_CONFLICTING_ADDRESSES);
	CHECK(to_free == NULL);
	CHECK_EQ(state_at(many + 49 * PAGE), VM_RESERVED);
	CHECK_EQ(state_at(many + 50 * PAGE), VM_FREE);
}

/* ---- sizes that grow in two ways at once ---- */

static int (*real_fstat)(int fd, struct stat *st);
static int (*real_fallocate)(int fd, int mode, uint64_t offset, uint64_t length);
static uint64_t others_size; /* what another thread makes it meanwhile; 0: nothing */

static void others_growth(void)
{
	if (others_size)
		atomic_store(&section->section->size, others_size);
	others_size = 0;
}

static int fstat_meanwhile(int fd, struct stat *st)
{
	others_growth();
	return real_fstat(fd, st);
}

static int fallocate_meanwhile(int fd, int mode, uint64_t offset, uint64_t length)
{
	others_growth();
	return real_fallocate(fd, mode, offset, length);
}

TEST(of_two_sizes_known_at_once_the_larger_stays)
{
	static const uint64_t others[] = { 5 * PAGE, 8 * PAGE, 9 * PAGE };

	section = make_memory(4 * PAGE, FM_EXTEND | FM_WRITE | FM_QUERY);
	REQUIRE_EQ(ftruncate(fm_section_number(section), 8 * PAGE), 0); /* another process extends it */
	real_fstat = os.fstat;
	os.fstat = fstat_meanwhile;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		check_row("%d pages", (int)(others[i] / PAGE));
		atomic_store(&section->section->size, 4 * PAGE);
		others_size = others[i];
		CHECK_EQ(section_size(section), others[i] > 8 * PAGE ? others[i] : 8 * PAGE);
		CHECK_EQ(others_size, 0);
	}
}

TEST(of_two_extensions_at_once_the_longer_stays)
{
	static const uint64_t others[] = { 5 * PAGE, 8 * PAGE, 9 * PAGE };

	real_fallocate = os.fallocate;
	os.fallocate = fallocate_meanwhile;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		check_row("%d pages", (int)(others[i] / PAGE));
		section = make_file_section(make_file("longer", 4 * PAGE), FM_EXTEND | FM_READ | FM_WRITE | FM_QUERY);
		others_size = others[i];
		CHECK_EQ(fm_section_extend(section, 8 * PAGE), FM_OK);
		CHECK_EQ(others_size, 0);
		CHECK_EQ(atomic_load(&section->section->size), others[i] > 8 * PAGE ? others[i] : 8 * PAGE);
		fm_section_close(section);
	}
}

TEST(of_an_extension_and_a_growing_view_the_longer_stays)
{
	static const uint64_t others[] = { 5 * PAGE, 9 * PAGE };
	struct map_request request = { .protection = RW, .flags = MAP_REQUEST_GROWABLE, .length = 16 * PAGE };
	void *view;

	real_fallocate = os.fallocate;
	os.fallocate = fallocate_meanwhile;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		check_row("%d pages", (int)(others[i] / PAGE));
		section = make_file_section(make_file("growing", 4 * PAGE), FM_READ | FM_WRITE);
		REQUIRE_EQ(view_map(section, &request, &view, NULL), FM_OK);
		others_size = others[i];
		CHECK_EQ(view_commit(view, 8 * PAGE, RW), FM_OK);
		CHECK_EQ(others_size, 0);
		CHECK_EQ(atomic_load(&section->section->size), others[i] > 8 * PAGE ? others[i] : 8 * PAGE);
		CHECK_EQ(fm_view_unmap(view), FM_OK);
		fm_section_close(section);
	}
}
